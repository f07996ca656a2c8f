//! `task next`.

use clap::Args as ClapArgs;
use serde_json::json;

use super::output::{Failure, Output};
use crate::model::next::propose_of;
use crate::model::task::Task;
use crate::workbench::Workbench;

/// `task next`.
#[derive(Debug, ClapArgs)]
pub struct NextArgs {
    /// Only tasks of this plan.
    #[arg(long)]
    pub plan: Option<String>,
    /// Only tasks whose owner has this text in it.
    #[arg(long)]
    pub owner: Option<String>,
}

/// How many passed-over tasks are printed.
const SHOWN: usize = 5;

pub fn run(verb: &NextArgs, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let view = bench.view();
    let owner = verb.owner.as_ref().map(|owner| owner.to_lowercase());
    let wanted = |task: Task<'_>| {
        let of_plan = |plan: &String| task.plan().is_some_and(|own| own.eq_ignore_ascii_case(plan));
        verb.plan.as_ref().is_none_or(of_plan)
            && owner.as_ref().is_none_or(|owner| task.owner().to_lowercase().contains(owner))
    };
    let list = &view.tasks;
    let next = propose_of(list, &view.plans, &view.plan_order(), &view.config, &view.hints(), wanted);
    out.json(|| {
        let passed = next.passed_over.iter();
        json!({
            "schema": "codex-tui/next@1",
            "root": view.root,
            "task": next.task.map(|at| super::task::task_json(list.task(at))),
            "reasons": next.reasons,
            "passed_over": passed
                .map(|passed| json!({"id": list.task(passed.task).id(), "reason": passed.reason(list)}))
                .collect::<Vec<_>>(),
            "problems": super::doctor::problems_json(bench),
        })
    });
    super::task::note_none(bench, out);
    match next.task.map(|at| list.task(at)) {
        Some(task) => {
            out.text(&format!("{}  {}  {}", task.id(), task.state(), task.title().replace('\n', " ")));
            next.reasons.iter().for_each(|reason| out.text(&format!("  {reason}")));
        }
        None => out.text("no task is free"),
    }
    if !next.passed_over.is_empty() {
        out.text("\nPassed over:");
    }
    for passed in next.passed_over.iter().take(SHOWN) {
        out.text(&format!("  {}: {}", list.task(passed.task).id(), passed.reason(list)));
    }
    if next.passed_over.len() > SHOWN {
        out.text(&format!("  and {} more; --json names them all", next.passed_over.len() - SHOWN));
    }
    Ok(0)
}
