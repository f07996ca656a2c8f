//! `session start|note|attach|run|finish|summary`, and which session is asked about by `status` and `list`.

mod finish;
mod run;
mod show;

use super::args::{DryRun, Session, StartArgs};
use super::output::{Failure, Output};
use crate::doc::DocId;
use crate::model::session::note::Under;
use crate::model::task::CARRIERS;
use crate::model::task::edit::Refused;
use crate::op::Operation;
use crate::workbench::session::NewSession;
use crate::workbench::{Outcome, Request, Workbench};
use crate::workspace::Role;

/// Reads what the verb needs.
pub fn load(verb: &Session, bench: &mut Workbench) {
    match verb {
        Session::Start(_) | Session::Finish(_) => bench.load_for_change(&CARRIERS),
        Session::Note { .. }
        | Session::Attach { .. }
        | Session::Run(_)
        | Session::Summary
        | Session::Status { .. }
        | Session::List => bench.load_all(),
    }
}

pub fn run(verb: &Session, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    match verb {
        Session::Start(args) => start(args, bench, out),
        Session::Note { text, heading, dry } => {
            may_write(bench)?;
            let under = heading.as_deref().map_or(Under::Work, Under::Named);
            let operation =
                bench.view().session_note(under, text, chrono::Local::now().naive_local()).map_err(usage)?;
            commit(operation, &[], dry, bench, out)
        }
        Session::Run(args) => run::run(args, bench, out),
        Session::Attach { path: None, dry, .. } => {
            may_write(bench)?;
            let operation = bench.session_attach_last().map_err(usage)?;
            commit(operation, &[], dry, bench, out)
        }
        Session::Attach { path: Some(path), note, dry, .. } => {
            may_write(bench)?;
            let path = inside(path, bench)?;
            let operation = bench.session_attach(&path, note.as_deref().unwrap_or_default()).map_err(usage)?;
            commit(operation, &[], dry, bench, out)
        }
        Session::Finish(args) => {
            may_write(bench)?;
            finish::finish(args, bench, out)
        }
        Session::Summary => finish::summary(bench, out),
        Session::Status { line } => show::status(*line, bench, out),
        Session::List => show::list(bench, out),
    }
}

fn start(args: &StartArgs, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    let needed = [&CARRIERS[..], &[Role::SessionLog, Role::SessionTemplate]].concat();
    if let Some(why) = bench.blind_to(&needed) {
        return Err(Failure::io(why));
    }
    let tasks = std::sync::Arc::clone(&bench.view().tasks);
    let task = super::task::named(&tasks, &args.task)?;
    let new = NewSession {
        day: args.date,
        role: args.role.clone().unwrap_or_default(),
        level: args.level.to_uppercase(),
        bullets: args.bullets.clone(),
        anyway: args.anyway,
    };
    let started = bench.start_session(task, &new).map_err(usage)?;
    commit(started.operation, &started.warnings, &args.dry, bench, out)
}

/// Commits the operation, or shows what it would write; `warnings` are said with what came of it.
fn commit(
    operation: Operation,
    warnings: &[String],
    dry: &DryRun,
    bench: &mut Workbench,
    out: &mut Output,
) -> Result<u8, Failure> {
    let request = Request::Commit(operation);
    if dry.dry_run {
        for warning in warnings {
            out.note(warning);
        }
        return super::history::dry_run(&request, bench, out);
    }
    let mut outcome = bench.run(&request, &super::actor("cli"));
    if let Outcome::Done { notes, .. } = &mut outcome {
        notes.extend(warnings.iter().cloned());
    }
    super::report(outcome, out)
}

/// Whether the logs can be told, and the active session's level lets anything be written.
fn may_write(bench: &Workbench) -> Result<(), Failure> {
    if let Some(why) = bench.blind_to(&[Role::SessionLog]) {
        return Err(Failure::io(why));
    }
    match bench.view().active_session().filter(|log| log.only_reads()) {
        None => Ok(()),
        Some(log) => Err(Failure::refused(log.refusal()).about(log.doc.as_str())),
    }
}

/// The path as one of the workspace; people give it from the root of either.
fn inside(path: &str, bench: &Workbench) -> Result<DocId, Failure> {
    let given = std::path::Path::new(path);
    let relative = given.strip_prefix(&bench.view().root).unwrap_or(given);
    let text = relative.to_str().unwrap_or(path).trim_start_matches("./").trim_end_matches('/');
    DocId::new(text).map_err(|error| Failure::usage(format!("{error}; evidence lies inside of the workspace")))
}

fn usage(Refused(why): Refused) -> Failure {
    Failure::usage(why)
}
