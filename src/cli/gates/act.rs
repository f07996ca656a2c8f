//! `gates sign-off` and `gates block`: what the operator does about a clause.

use chrono::Local;

use super::super::args::{DryRun, GatesAsk};
use super::super::output::{Failure, Output};
use crate::cli::carry_out;
use crate::doc::DocId;
use crate::model::gate::act::{self, Book};
use crate::model::gate::evaluate::{Judged, Verdict};
use crate::op::Operation;
use crate::workbench::{Request, Workbench};
use crate::workspace::Role;

/// Signs a clause off.
pub fn sign_off(
    id: &str,
    evidence: &str,
    dry: &DryRun,
    bench: &mut Workbench,
    out: &mut Output,
) -> Result<u8, Failure> {
    let one = clause(id, bench)?;
    if one.verdict != Verdict::Manual {
        return Err(Failure::usage(format!(
            "{} is judged by telemetry ({}); only manual clauses are signed off",
            one.clause.id,
            one.verdict.name()
        )));
    }
    let view = bench.view();
    let there = view.workspace.with_role(Role::SignOffs).next().cloned();
    let ledger: DocId =
        there.or_else(|| view.config.documents.sign_offs.iter().find_map(|pattern| pattern.literal())).ok_or_else(
            || Failure::usage("codex-tui.toml: [documents] sign_offs must name a path without `*`".to_owned()),
        )?;
    let document = view.snapshot.get(&ledger).map(|doc| &**doc);
    let book = Book { ledger: &ledger, document, session: view.sessions.last() };
    let by = super::super::actor("cli").name;
    let operation = act::sign_off(&one.clause, evidence, &by, book, Local::now().naive_local());
    write(operation.map_err(|why| Failure::usage(why.to_string()))?, dry, bench, out)
}

/// Blocks a task because of a clause.
pub fn block(id: &str, task: &str, dry: &DryRun, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    let one = clause(id, bench)?;
    if one.verdict == Verdict::Pass {
        return Err(Failure::usage(format!("{} passes: it blocks nothing", one.clause.id)));
    }
    let view = bench.view();
    let Some(index) = view.tasks.find(task) else {
        return Err(Failure::usage(format!("there is no task {task:?}; `task list` names them all")));
    };
    let states = &view.config.states;
    let now = Local::now().naive_local();
    let operation = act::block(view.tasks.task(index), &one, &view.plans, view.active_log().ok(), states, now);
    write(operation.map_err(|why| Failure::usage(why.to_string()))?, dry, bench, out)
}

fn clause(id: &str, bench: &Workbench) -> Result<Judged, Failure> {
    let gates = super::judged(&GatesAsk::default(), bench)?;
    let found = gates.judged.into_iter().find(|one| one.clause.id.eq_ignore_ascii_case(id));
    found.ok_or_else(|| Failure::usage(format!("{id}: there is no such clause; `codex-tui gates` lists them")))
}

fn write(operation: Operation, dry: &DryRun, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    carry_out(&Request::Commit(operation), &[], dry, bench, out)
}
