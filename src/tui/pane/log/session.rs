//! What is written into the active session's log from the cockpit: notes, the plan, the level, and why it stops. All but
//! notes is shown as a diff first.

use crate::model::autonomy::Level;
use crate::model::gate::act::cause;
use crate::model::gate::evaluate::Verdict;
use crate::model::session::block::{Because, Stop};
use crate::model::session::note::Under;
use crate::model::session::plan::Present;
use crate::model::task::Task;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::pane::{
    About, Ask, Choice, ChooseSpec, Context, Cx, EditorSpec, FieldValue, Flow, FormField, FormSpec, PaneId,
};
use crate::workbench::Request;
use crate::workbench::session::Grant;

const LEVEL: &str = "level";
const REASON: &str = "reason";
const ENTRY: &str = "entry";
const TITLE: &str = "title";
const GATE: &str = "gate";

/// What a form offers where no gate is meant.
const NO_GATE: &str = "none";

/// `a`: a line for the log.
pub(super) fn note(cx: &Cx<'_>) -> Flow {
    let title = match (cx.view.active_session(), cx.view.works_by_toolbox()) {
        (Some(log), _) => format!("Note in {}", log.name),
        (None, true) => "Note in the journal".to_owned(),
        (None, false) => return none(cx),
    };
    Flow::Ask(Ask {
        about: About::LogNote,
        title,
        context: String::new(),
        hint: "One line; it goes where the work is recorded".to_owned(),
        may_be_empty: false,
    })
}

/// `p`: the plan, one line for each bullet.
pub(super) fn plan(cx: &Cx<'_>) -> Flow {
    let Some(log) = cx.view.active_session() else { return none(cx) };
    let (bullets, lacks) = match cx.view.session_plan(&cx.view.gates.list.clauses) {
        Ok(plan) => plan,
        Err(why) => return Flow::Say(why.to_string()),
    };
    let hint = if lacks.is_empty() { "each line is a bullet".to_owned() } else { lacks.join("; ") };
    Flow::Edit(Box::new(EditorSpec {
        title: format!("Plan of {}", log.name),
        places: vec![log.doc.to_string()],
        text: bullets.join("\n"),
        hint,
        about: About::SessionPlan,
        pane: PaneId::Log,
    }))
}

/// `A`: the level, and what going up takes.
pub(super) fn level(cx: &Cx<'_>) -> Flow {
    let Some(log) = cx.view.active_session() else { return none(cx) };
    let now = cx.view.level();
    let fields = vec![field(LEVEL, "Level", levels(now), "above L1: with reason and entry".to_owned())];
    let title = format!("Autonomy level of {}", log.name);
    let fields = fields.into_iter().chain(grant_fields()).collect();
    Flow::Form(Box::new(FormSpec { title, fields, about: About::SessionLevel, pane: PaneId::Log }))
}

/// The levels to choose from.
pub(in crate::tui::pane) fn levels(now: Level) -> FieldValue {
    FieldValue::Choice {
        options: Level::ALL.iter().map(|level| format!("{level} {}", level.meaning())).collect(),
        at: Level::ALL.iter().position(|level| *level == now).unwrap_or(0),
    }
}

/// The fields that ask for what going up takes.
pub(in crate::tui::pane) fn grant_fields() -> [FormField; 2] {
    let empty = || FieldValue::Line(String::new());
    [
        field(REASON, "Reason", empty(), "why a level above L1 is needed".to_owned()),
        field(ENTRY, "Entry", empty(), "the task, plan or file:line that says so".to_owned()),
    ]
}

/// Level and grant as they were filled in; whoever writes it confirms it.
pub(in crate::tui::pane) fn level_of(values: &[(String, FieldValue)], who: &str) -> (Level, Grant) {
    let level = Level::in_header(text(values, LEVEL).split(' ').next().unwrap_or_default());
    let confirmed_by = if level > Level::DEFAULT { who.to_owned() } else { String::new() };
    let grant = Grant { reason: text(values, REASON).to_owned(), entry: text(values, ENTRY).to_owned(), confirmed_by };
    (level, if level > Level::DEFAULT || !grant.reason.trim().is_empty() { grant } else { Grant::default() })
}

/// `b`: which condition stops the work?
pub(super) fn condition(cx: &Cx<'_>) -> Flow {
    if cx.view.works_by_toolbox() {
        return match cx.view.active_task() {
            Ok(task) => Flow::Ask(Ask {
                about: About::StopCondition,
                title: format!("Block {}", task.id()),
                context: String::new(),
                hint: "What blocks it? It goes onto the task and into the journal".to_owned(),
                may_be_empty: false,
            }),
            Err(why) => Flow::Say(why.to_string()),
        };
    }
    let Some(task) = task(cx) else { return Flow::Say("the session's log names no task that is there".to_owned()) };
    let choice = |because: Because| Choice {
        key: because.name().to_owned(),
        label: because.name().to_owned(),
        note: if because.needs_record() {
            format!("{}; opens a decision record", because.words())
        } else {
            because.words().to_owned()
        },
    };
    Flow::Choose(Box::new(ChooseSpec {
        title: format!("Block {} because of", task.id()),
        options: Because::ALL.map(choice).into(),
        at: 0,
        about: About::StopCondition,
        pane: PaneId::Log,
    }))
}

/// The task of the active session.
fn task<'a>(cx: &Cx<'a>) -> Option<Task<'a>> {
    let tasks = &cx.view.tasks;
    let id = cx.view.active_session()?.tasks.first()?;
    tasks.find(id).map(|at| tasks.task(at))
}

/// What else has to be said of the condition.
fn reason(because: Because, cx: &Cx<'_>) -> Flow {
    let mut fields =
        vec![field(REASON, "Reason", FieldValue::Line(String::new()), "what blocks the task, in one line".to_owned())];
    if because.needs_record() {
        let note = "what is to be decided; it names the decision record".to_owned();
        fields.push(field(TITLE, "Title", FieldValue::Line(String::new()), note));
    }
    if matches!(because, Because::Gate | Because::Telemetry) {
        let missed = cx.view.gates.judged.iter().filter(|one| one.verdict != Verdict::Pass);
        let mut options: Vec<String> = missed.map(|one| one.clause.id.clone()).collect();
        if because == Because::Telemetry {
            options.insert(0, NO_GATE.to_owned());
        }
        if options.is_empty() {
            return Flow::Say("no gate is missed".to_owned());
        }
        fields.push(field(
            GATE,
            "Gate",
            FieldValue::Choice { options, at: 0 },
            "what it is at is said with it".to_owned(),
        ));
    }
    let title = task(cx).map_or_else(|| "Block".to_owned(), |task| format!("Block {}: {}", task.id(), because.name()));
    Flow::Form(Box::new(FormSpec { title, fields, about: About::Stop(because.name().to_owned()), pane: PaneId::Log }))
}

/// An answer to one of the questions.
pub(super) fn answered(about: &About, text: &str, cx: &Cx<'_>) -> Flow {
    match about {
        About::LogNote if cx.view.works_by_toolbox() => match cx.view.note_work(text, cx.now) {
            Ok(operation) => Flow::Done(vec![Effect::Do(Request::Commit(operation))]),
            Err(why) => Flow::Say(why.to_string()),
        },
        About::StopCondition if cx.view.works_by_toolbox() => match cx.view.block_work(text, cx.now) {
            Ok(operation) => Flow::Preview(Box::new(operation)),
            Err(why) => Flow::Say(why.to_string()),
        },
        About::LogNote => match cx.view.session_note(Under::Work, text, cx.now) {
            Ok(operation) => Flow::Done(vec![Effect::Do(Request::Commit(operation))]),
            Err(why) => Flow::Say(why.to_string()),
        },
        About::SessionPlan => {
            let bullet = |line: &str| line.trim().trim_start_matches(['-', '*']).trim().to_owned();
            let bullets: Vec<String> = text.lines().map(bullet).filter(|line| !line.is_empty()).collect();
            match cx.view.write_session_plan(&bullets, Present::Replaced, &cx.view.gates.list.clauses) {
                Ok((Some(operation), lacks)) => Flow::Warned(Box::new(operation), lacks),
                Ok((None, _)) => Flow::Say("the plan stands so already".to_owned()),
                Err(why) => Flow::Say(why.to_string()),
            }
        }
        About::StopCondition => match because(text) {
            Some(because) => reason(because, cx),
            None => Flow::Passed,
        },
        _ => Flow::Passed,
    }
}

/// A form was filled in.
pub(super) fn filled(about: &About, values: &[(String, FieldValue)], cx: &Cx<'_>) -> Flow {
    match about {
        About::SessionLevel => {
            let (to, grant) = level_of(values, cx.who);
            match cx.view.session_level(to, &grant, cx.now) {
                Ok(Some(operation)) => Flow::Preview(Box::new(operation)),
                Ok(None) => Flow::Say(format!("the session is at {to} already")),
                Err(why) => Flow::Say(why.to_string()),
            }
        }
        About::Stop(condition) => {
            let (Some(because), Some(task)) = (because(condition), task(cx)) else {
                return Flow::Say("the task is no longer there".to_owned());
            };
            let gate = text(values, GATE);
            let gate = cx.view.gates.judged.iter().find(|one| one.clause.id == gate).map(cause).unwrap_or_default();
            let stop = Stop { because, reason: text(values, REASON), gate: &gate, evidence: None, record: None };
            match cx.view.session_block(task, stop, text(values, TITLE), cx.now) {
                Ok(operation) => Flow::Preview(Box::new(operation)),
                Err(why) => Flow::Say(why.to_string()),
            }
        }
        _ => Flow::Passed,
    }
}

fn because(name: &str) -> Option<Because> {
    Because::ALL.into_iter().find(|one| one.name() == name)
}

fn none(cx: &Cx<'_>) -> Flow {
    Flow::Say(match cx.view.works_by_toolbox() {
        true => {
            "there are no session logs here: work is kept in progress and journal, without plan and level".to_owned()
        }
        false => {
            let key = cx.keymap.hint(Context::Board, Action::StartSession);
            format!("there is no session log; {key} on the board starts a session")
        }
    })
}

fn text<'v>(values: &'v [(String, FieldValue)], key: &str) -> &'v str {
    values.iter().find(|(own, _)| own == key).map_or("", |(_, value)| value.text())
}

fn field(key: &str, label: &str, value: FieldValue, note: String) -> FormField {
    FormField { key: key.to_owned(), label: label.to_owned(), value, note }
}
