//! What the operator does about a gate: the task is blocked, the clause signed off. Shown as a diff before it is written.

use super::Gates;
use crate::doc::DocId;
use crate::model::gate::act::{self, Book};
use crate::model::gate::evaluate::Verdict;
use crate::model::task::Task;
use crate::model::task::edit::Refused;
use crate::op::Operation;
use crate::tui::pane::{About, Ask, Choice, ChooseSpec, Cx, Flow, PaneId};
use crate::workspace::Role;

impl Gates {
    /// `b`: which task cannot go on because of this gate?
    pub(super) fn choose_task(&mut self, cx: &Cx<'_>) -> Flow {
        let Some(one) = self.judged() else { return none_chosen() };
        if matches!(one.verdict, Verdict::Pass) {
            return Flow::Say(format!("{} passes: it blocks nothing", one.clause.id));
        }
        let active: Vec<&String> = cx.view.sessions.last().map(|log| log.tasks.iter().collect()).unwrap_or_default();
        let states = &cx.view.config.states;
        let open = |task: &Task<'_>| !states.is_done(task.state()) && !states.is_blocked(task.state());
        let rank = |task: &Task<'_>| {
            let of_plan = one.clause.plan.is_some() && task.plan() == one.clause.plan;
            (!active.iter().any(|id| **id == task.id()), !of_plan)
        };
        let mut tasks: Vec<Task<'_>> = cx.view.tasks.iter().filter(open).collect();
        tasks.sort_by_key(rank);
        let options: Vec<Choice> = tasks
            .iter()
            .map(|task| Choice {
                key: task.id().into_owned(),
                label: format!("{}  {}", task.id(), task.state()),
                note: task.title().into_owned(),
            })
            .collect();
        if options.is_empty() {
            return Flow::Say("no task is open".to_owned());
        }
        let title = format!("Block because of {}", one.clause.id);
        let about = About::GateBlock(one.clause.id.clone());
        Flow::Choose(Box::new(ChooseSpec { title, options, at: 0, about, pane: PaneId::Gates }))
    }

    /// `a`: what the gate is at goes into the log.
    pub(super) fn attach(&mut self, cx: &Cx<'_>) -> Flow {
        let Some(one) = self.judged() else { return none_chosen() };
        shown(cx.view.attach_gates(&[one], cx.now))
    }

    /// `s`: what shows that it holds?
    pub(super) fn ask_evidence(&mut self) -> Flow {
        let Some(one) = self.judged() else { return none_chosen() };
        match one.verdict {
            Verdict::Manual => {}
            Verdict::Fail
            | Verdict::Unreadable
            | Verdict::Missing
            | Verdict::Insufficient
            | Verdict::Stale
            | Verdict::Warn
            | Verdict::Pass => {
                return Flow::Say(format!(
                    "{} is judged by telemetry; only manual clauses are signed off",
                    one.clause.id
                ));
            }
        }
        Flow::Ask(Ask {
            about: About::GateEvidence(one.clause.id.clone()),
            title: format!("Sign off {}", one.clause.id),
            context: one.clause.words(),
            hint: "What shows it: a file, a measurement, who saw what?".to_owned(),
            may_be_empty: false,
        })
    }

    pub(super) fn answered(&mut self, about: &About, text: &str, cx: &Cx<'_>) -> Flow {
        let of = |id: &String| self.gates.judged.iter().find(|one| one.clause.id == *id);
        let session = cx.view.sessions.last();
        match about {
            About::GateBlock(id) => {
                let task = cx.view.tasks.find(text).map(|index| cx.view.tasks.task(index));
                let (Some(one), Some(task)) = (of(id), task) else {
                    return Flow::Say("it is no longer there".to_owned());
                };
                let log = cx.view.active_log().ok();
                shown(act::block(task, one, &cx.view.plans, log, &cx.view.config.states, cx.now))
            }
            About::GateEvidence(id) => {
                let Some(one) = of(id) else { return Flow::Say("the clause is no longer there".to_owned()) };
                let Some(ledger) = ledger(cx) else {
                    return Flow::Say("codex-tui.toml: [documents] sign_offs must name a path without `*`".to_owned());
                };
                let document = cx.view.snapshot.get(&ledger).map(|doc| &**doc);
                shown(act::sign_off(&one.clause, text, cx.who, Book { ledger: &ledger, document, session }, cx.now))
            }
            _ => Flow::Passed,
        }
    }
}

fn none_chosen() -> Flow {
    Flow::Say("choose a gate first".to_owned())
}

fn shown(operation: Result<Operation, Refused>) -> Flow {
    match operation {
        Ok(operation) => Flow::Preview(Box::new(operation)),
        Err(why) => Flow::Say(why.to_string()),
    }
}

/// The ledger of sign-offs: the one that is there, else where it is created.
fn ledger(cx: &Cx<'_>) -> Option<DocId> {
    let there = cx.view.workspace.with_role(Role::SignOffs).next().cloned();
    there.or_else(|| cx.view.config.documents.sign_offs.iter().find_map(|pattern| pattern.literal()))
}
