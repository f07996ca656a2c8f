//! What a step asks for, in words, and the way there. The one place where an action of a step meets panes and dialogs.

use crate::doc::DocId;
use crate::model::checklist::act::{Rows, StepAction};
use crate::model::cite;
use crate::tui::action::Action;
use crate::tui::pane::{Context, Cx, Flow, Goto, PaneId, board};
use crate::workbench::View;

/// The action as the operator reads it behind `enter:`.
pub(super) fn words(action: &StepAction, view: &View) -> String {
    match action {
        StepAction::PickTask => "pick a task".to_owned(),
        StepAction::StartSession => "session log".to_owned(),
        StepAction::EditPlan => "session plan".to_owned(),
        StepAction::OpenTimeline => "plan's timeline".to_owned(),
        StepAction::RunCommand(numbers) => {
            match numbers.first().and_then(|number| view.runbook.commands.get(number - 1)) {
                Some(command) => format!("run {}", command.task),
                None => "a command".to_owned(),
            }
        }
        StepAction::CompareGates => "gates".to_owned(),
        StepAction::EditRows(Rows::Board | Rows::Csv) => "board".to_owned(),
        StepAction::EditRows(Rows::Backlog) => "backlog".to_owned(),
        StepAction::EditRows(Rows::Plan) => "plan file".to_owned(),
        StepAction::DocSync => "doc-sync".to_owned(),
        StepAction::WalkList(doc) => format!("walk {}", doc.file_name()),
        StepAction::Record => "note in the log".to_owned(),
        StepAction::Finish => "finish".to_owned(),
        StepAction::OpenDocument(path) => format!("open {}", path.rsplit('/').next().unwrap_or(path)),
    }
}

/// Goes where the action is done. Walking another list is the pane's own.
pub(super) fn perform(action: &StepAction, cx: &Cx<'_>) -> Flow {
    let view = cx.view;
    let task = view.active_session().and_then(|log| log.tasks.first()).filter(|id| view.tasks.find(id).is_some());
    let plan = task.and_then(|id| cite::plan_of_id(id));
    let filtered = |pane, text: Option<String>| match text {
        Some(text) => Flow::Go(Goto::Filter { pane, text }),
        None => Flow::Go(Goto::Pane(pane)),
    };
    match action {
        StepAction::PickTask => match next_task(view) {
            Some(id) => Flow::Go(Goto::Task(id)),
            None => Flow::Go(Goto::Pane(PaneId::Board)),
        },
        StepAction::StartSession => start_session(cx),
        StepAction::EditPlan | StepAction::Record => to_log(cx),
        StepAction::Finish => Flow::Act(Action::FinishSession),
        StepAction::OpenTimeline => filtered(PaneId::Timeline, plan.map(|plan| format!("plan:{plan}"))),
        StepAction::RunCommand(numbers) => Flow::Run(numbers.clone()),
        StepAction::CompareGates => {
            let has = |plan: &&str| view.gates.list.clauses.iter().any(|clause| clause.plan.as_deref() == Some(*plan));
            filtered(PaneId::Gates, plan.filter(has).map(|plan| format!("plan:{plan}")))
        }
        StepAction::EditRows(Rows::Board | Rows::Csv) => match task {
            Some(id) => Flow::Go(Goto::Task(id.clone())),
            None => Flow::Go(Goto::Pane(PaneId::Board)),
        },
        StepAction::EditRows(Rows::Backlog) => filtered(PaneId::Backlog, task.cloned()),
        StepAction::EditRows(Rows::Plan) => {
            let doc = view.plans.iter().find(|own| Some(own.letters.as_str()) == plan).map(|plan| plan.doc.clone());
            match doc {
                Some(doc) => Flow::Go(Goto::Document { doc, line: 1 }),
                None => Flow::Go(Goto::Pane(PaneId::Timeline)),
            }
        }
        StepAction::DocSync => filtered(PaneId::Sync, task.map(|id| format!("id:{id}"))),
        StepAction::WalkList(_) => Flow::Passed,
        StepAction::OpenDocument(path) => match DocId::new(path) {
            Ok(doc) => Flow::Go(Goto::Document { doc, line: 1 }),
            Err(bad) => Flow::Say(bad.to_string()),
        },
    }
}

/// The task that is to be taken next.
fn next_task(view: &View) -> Option<String> {
    let next = view.next();
    next.task.map(|at| view.tasks.task(at).id().into_owned())
}

/// The active log while it is of today; else the form that starts a session on the next task.
fn start_session(cx: &Cx<'_>) -> Flow {
    let view = cx.view;
    if view.active_session().is_some_and(|log| log.date == Some(cx.now.date())) {
        return to_log(cx);
    }
    match next_task(view).and_then(|id| view.tasks.find(&id)) {
        Some(at) => board::start_session(view.tasks.task(at), cx),
        None => Flow::Go(Goto::Pane(PaneId::Board)),
    }
}

fn to_log(cx: &Cx<'_>) -> Flow {
    match cx.view.active_session() {
        Some(log) => Flow::Go(Goto::Log(log.doc.clone())),
        None if cx.view.works_by_toolbox() => Flow::Go(Goto::Pane(PaneId::Log)),
        None => {
            let key = cx.keymap.hint(Context::Board, Action::StartSession);
            Flow::Say(format!("there is no session log; {key} on the board starts a session"))
        }
    }
}
