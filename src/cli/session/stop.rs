//! What shows that work goes on or stops: `session attach --gates` and `session block`.

use std::sync::Arc;

use super::{commit, inside, sees_logs, usage};
use crate::cli::args::{BlockArgs, DryRun, GatesAsk};
use crate::cli::output::{Failure, Output};
use crate::model::gate::act::cause;
use crate::model::gate::evaluate::{Judged, Verdict};
use crate::model::session::block::{Because, Stop};
use crate::model::task::CARRIERS;
use crate::workbench::Workbench;
use crate::workspace::Role;

/// A line for each of the gates that the words name.
pub fn attach_gates(words: &[String], dry: &DryRun, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    let gates = crate::cli::gates::judged(&GatesAsk::default(), bench)?;
    let names = |one: &Judged, word: &str| {
        let plan = one.clause.plan.as_deref().unwrap_or_default();
        [one.clause.id.as_str(), plan, one.verdict.name()].iter().any(|name| name.eq_ignore_ascii_case(word))
    };
    for word in words {
        if !gates.judged.iter().any(|one| names(one, word)) {
            let what = "is neither a gate, nor a plan with gates, nor a verdict that one has";
            return Err(Failure::usage(format!("{word:?} {what}; `codex-tui gates` lists them")));
        }
    }
    let meant = |one: &&Judged| words.is_empty() || words.iter().any(|word| names(one, word));
    let meant: Vec<&Judged> = gates.judged.iter().filter(meant).collect();
    let operation = bench.view().attach_gates(&meant, chrono::Local::now().naive_local()).map_err(usage)?;
    commit(operation, &[], dry, bench, out)
}

/// Blocks the session's task, or the one that is named.
pub fn block(args: &BlockArgs, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    sees_logs(bench)?;
    if let Some(why) = bench.blind_to(&[&CARRIERS[..], &[Role::Adr]].concat()) {
        return Err(Failure::io(why));
    }
    let because = Because::ALL.into_iter().find(|one| one.name() == args.because).unwrap_or(Because::Other);
    let own = || bench.view().active_session().and_then(|log| log.tasks.first().cloned());
    let id = args.task.clone().or_else(own).ok_or_else(|| {
        Failure::usage("no session names a task that could be blocked; name one with `--task`".to_owned())
    })?;
    let evidence = args.evidence.as_ref().map(|path| inside(path, bench)).transpose()?;
    if let Some(path) = &evidence {
        bench.has_evidence(path).map_err(usage)?;
    }
    let gate = match &args.gate {
        Some(id) => gate(id, bench)?,
        None if because == Because::Gate => {
            return Err(Failure::usage("which gate is missed? Name it with `--gate`".to_owned()));
        }
        None => String::new(),
    };
    if args.title.is_some() && !because.needs_record() {
        return Err(Failure::usage(
            "only `--because schema` and `--because compiled` open a decision record".to_owned(),
        ));
    }
    let tasks = Arc::clone(&bench.view().tasks);
    let task = crate::cli::task::named(&tasks, &id)?;
    let stop = Stop { because, reason: &args.reason, gate: &gate, evidence: evidence.as_ref(), record: None };
    let title = args.title.as_deref().unwrap_or_default();
    let operation = bench.view().session_block(task, stop, title, chrono::Local::now().naive_local()).map_err(usage)?;
    commit(operation, &[], &args.dry, bench, out)
}

/// What a gate says that does not pass.
fn gate(id: &str, bench: &Workbench) -> Result<String, Failure> {
    let gates = crate::cli::gates::judged(&GatesAsk::default(), bench)?;
    let one = gates.judged.iter().find(|one| one.clause.id.eq_ignore_ascii_case(id));
    let one =
        one.ok_or_else(|| Failure::usage(format!("{id}: there is no such clause; `codex-tui gates` lists them")))?;
    if one.verdict == Verdict::Pass {
        return Err(Failure::usage(format!("{} passes: it blocks nothing", one.clause.id)));
    }
    Ok(cause(one))
}
