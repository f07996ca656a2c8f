//! Starting a session from the board: who works, at which level, by which plan. What comes of it is shown before it is
//! written, like every change.

use crate::model::autonomy::Level;
use crate::model::task::Task;
use crate::tui::action::Action;
use crate::tui::pane::log::session::{grant_fields, level_of, levels};
use crate::tui::pane::{About, Context, Cx, FieldValue, Flow, FormField, FormSpec, PaneId};
use crate::workbench::session::NewSession;

const ROLE: &str = "role";
const LEVEL: &str = "level";
const PLAN: &str = "plan";
const WHY: &str = "why";

/// `S`: the form for a session on the task.
pub(super) fn ask(task: Option<Task<'_>>, pane: PaneId, cx: &Cx<'_>) -> Flow {
    let Some(task) = task else { return Flow::done() };
    let id = task.id().into_owned();
    if cx.view.works_by_toolbox() {
        return work(task, pane, cx);
    }
    // What cannot be started is said before anything is filled in.
    if let Err(why) = cx.view.start_session(task, &NewSession::default(), &cx.view.gates.list.clauses) {
        return Flow::Say(why.to_string());
    }
    let field = |key: &str, label: &str, value, note: String| FormField {
        key: key.to_owned(),
        label: label.to_owned(),
        value,
        note,
    };
    let mut fields = vec![
        field(ROLE, "Role", FieldValue::Line(String::new()), "who works; the task's owner when empty".to_owned()),
        field(
            LEVEL,
            "Level",
            levels(Level::DEFAULT),
            "how much the session may do; above L1: with reason and entry".to_owned(),
        ),
        field(
            PLAN,
            "Plan",
            FieldValue::Text(String::new()),
            "3 to 6 lines, each a step; they name the plan file and the gates".to_owned(),
        ),
    ];
    fields.extend(grant_fields());
    let title = format!("Start a session on {id}");
    Flow::Form(Box::new(FormSpec { title, fields, about: About::Session(id), pane }))
}

/// The form for work on the task, where the state of the work is kept beside a journal.
fn work(task: Task<'_>, pane: PaneId, cx: &Cx<'_>) -> Flow {
    if let Err(why) = cx.view.start_work(task, "", cx.now) {
        let is_done = cx.view.config.states.is_done(task.state());
        let other = cx.view.active_task().is_ok_and(|active| active.id() != task.id());
        let [land, block] = [(Context::Everywhere, Action::FinishSession), (Context::Board, Action::BlockTask)]
            .map(|(context, action)| cx.keymap.hint(context, action));
        return Flow::Say(match other && !is_done {
            true => format!("{why}: {land} lands it, {block} on it blocks it"),
            false => why.to_string(),
        });
    }
    let next = cx.view.next();
    let because = if next.task == Some(task.index()) { next.because(&cx.view.tasks) } else { String::new() };
    let why = FormField {
        key: WHY.to_owned(),
        label: "Why".to_owned(),
        value: FieldValue::Line(because),
        note: "why this task; goes into the journal".to_owned(),
    };
    let id = task.id().into_owned();
    let title = format!("Start work on {id}");
    Flow::Form(Box::new(FormSpec { title, fields: vec![why], about: About::Session(id), pane }))
}

/// The form was filled in.
pub(super) fn filled(id: &str, values: &[(String, FieldValue)], cx: &Cx<'_>) -> Flow {
    let Some(task) = cx.view.tasks.find(id).map(|index| cx.view.tasks.task(index)) else {
        return Flow::Say(format!("{id} is no longer there"));
    };
    let text = |key: &str| values.iter().find(|(own, _)| own == key).map_or("", |(_, value)| value.text());
    if cx.view.works_by_toolbox() {
        return match cx.view.start_work(task, text(WHY), cx.now) {
            Ok(operation) => Flow::Preview(Box::new(operation)),
            Err(why) => Flow::Say(why.to_string()),
        };
    }
    let bullet = |line: &str| line.trim().trim_start_matches(['-', '*']).trim().to_owned();
    let (level, grant) = level_of(values, cx.who);
    let new = NewSession {
        day: Some(cx.now.date()),
        role: text(ROLE).trim().to_owned(),
        level: Some(level),
        grant,
        bullets: text(PLAN).lines().map(bullet).filter(|line| !line.is_empty()).collect(),
        ..NewSession::default()
    };
    match cx.view.start_session(task, &new, &cx.view.gates.list.clauses) {
        Ok(started) => Flow::Warned(Box::new(started.operation), started.warnings),
        Err(why) => Flow::Say(why.to_string()),
    }
}
