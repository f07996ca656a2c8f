//! The verbs of `session` that write; what `status`, `list` and `plan` show is in `session/show.rs`.

mod finish;
mod run;
mod show;
mod stop;

use std::io::{IsTerminal, Write};

use super::args::{DryRun, GrantArgs, Session, StartArgs};
use super::output::{Failure, Output};
use crate::doc::DocId;
use crate::model::autonomy::Level;
use crate::model::session::level::Denied;
use crate::model::session::note::Under;
use crate::model::session::plan::Present;
use crate::model::task::CARRIERS;
use crate::model::task::edit::Refused;
use crate::op::Operation;
use crate::workbench::session::{Grant, NewSession};
use crate::workbench::{Outcome, Request, Workbench};
use crate::workspace::Role;

/// Reads what the verb needs.
pub fn load(verb: &Session, bench: &mut Workbench) {
    match verb {
        Session::Start(_) | Session::Finish(_) | Session::Block(_) => bench.load_for_change(&CARRIERS),
        Session::Note { .. }
        | Session::Attach { .. }
        | Session::Level { .. }
        | Session::Plan { .. }
        | Session::Run(_)
        | Session::Summary
        | Session::Status { .. }
        | Session::List => bench.load_all(),
    }
}

pub fn run(verb: &Session, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    match verb {
        Session::Start(args) => start(args, bench, out),
        Session::Note { text, heading, reset, dry } => {
            sees_logs(bench)?;
            let now = chrono::Local::now().naive_local();
            let operation = match reset {
                Some(name) => bench.view().session_reset(name, text, now),
                None => bench.view().session_note(heading.as_deref().map_or(Under::Work, Under::Named), text, now),
            };
            commit(operation.map_err(usage)?, &[], dry, bench, out)
        }
        Session::Run(args) => run::run(args, bench, out),
        Session::Attach { last: true, dry, .. } => {
            sees_logs(bench)?;
            let operation = bench.session_attach_last().map_err(usage)?;
            commit(operation, &[], dry, bench, out)
        }
        Session::Attach { path: Some(path), note, dry, .. } => {
            sees_logs(bench)?;
            let path = inside(path, bench)?;
            let operation = bench.session_attach(&path, note.as_deref().unwrap_or_default()).map_err(usage)?;
            commit(operation, &[], dry, bench, out)
        }
        Session::Attach { path: None, gates, dry, .. } => {
            sees_logs(bench)?;
            stop::attach_gates(gates.as_deref().unwrap_or_default(), dry, bench, out)
        }
        Session::Level { level, grant, dry } => change_level(level, grant, dry, bench, out),
        Session::Plan { bullets, .. } if bullets.is_empty() => show::plan(bench, out),
        Session::Plan { bullets, replace, dry } => {
            sees_logs(bench)?;
            let present = if *replace { Present::Replaced } else { Present::Kept };
            let gates = bench.gates();
            let (operation, warnings) =
                bench.view().write_session_plan(bullets, present, &gates.list().clauses).map_err(usage)?;
            commit_some(operation, &warnings, dry, bench, out)
        }
        Session::Block(args) => stop::block(args, bench, out),
        Session::Finish(args) => finish::finish(args, bench, out),
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
    if bench.view().works_by_toolbox() {
        return Err(Failure::usage(format!(
            "work is kept in ai/state/progress.json here, and there is no template of a session log; `work start {}` starts it, \
             `init --layout plans` adds what sessions need",
            args.task
        )));
    }
    let tasks = std::sync::Arc::clone(&bench.view().tasks);
    let task = super::task::named(&tasks, &args.task)?;
    let level = Level::in_header(&args.level);
    let new = NewSession {
        day: args.date,
        role: args.role.clone().unwrap_or_default(),
        level: Some(level),
        grant: grant(level, Level::DEFAULT, &args.grant, &args.dry)?,
        bullets: args.bullets.clone(),
        anyway: args.anyway,
        keep_ticks: args.keep_ticks,
    };
    let started = bench.start_session(task, &new).map_err(denied)?;
    commit(started.operation, &started.warnings, &args.dry, bench, out)
}

fn change_level(
    level: &str,
    args: &GrantArgs,
    dry: &DryRun,
    bench: &mut Workbench,
    out: &mut Output,
) -> Result<u8, Failure> {
    sees_logs(bench)?;
    let to = Level::in_header(level);
    let grant = grant(to, bench.view().level(), args, dry)?;
    let operation = bench.view().session_level(to, &grant, chrono::Local::now().naive_local()).map_err(denied)?;
    commit_some(operation, &[], dry, bench, out)
}

/// What was said of a level. The terminal is asked for what confirms it, unless an argument does, or nothing is to be raised.
fn grant(to: Level, from: Level, args: &GrantArgs, dry: &DryRun) -> Result<Grant, Failure> {
    let said = |text: &Option<String>| text.clone().unwrap_or_default();
    let (reason, entry) = (said(&args.reason), said(&args.entry));
    let rises = to > Level::DEFAULT && to > from;
    let is_complete = !reason.trim().is_empty() && !entry.trim().is_empty();
    let may_ask = rises && is_complete && !dry.dry_run && std::io::stdin().is_terminal();
    let confirmed =
        args.confirm || (may_ask && asked(&format!("Raise the level from {from} to {to}: {reason} ({entry})?"))?);
    let confirmed_by = if confirmed { super::actor("cli").name } else { String::new() };
    Ok(Grant { reason, entry, confirmed_by })
}

/// Whether the operator says yes.
fn asked(question: &str) -> Result<bool, Failure> {
    let failed = |error: std::io::Error| Failure::io(format!("the terminal cannot be asked: {error}"));
    let mut terminal = std::io::stderr();
    write!(terminal, "{} [y/N] ", crate::sanitise::lines(question)).and_then(|()| terminal.flush()).map_err(failed)?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(failed)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// As [`commit`], where nothing may be left to do.
fn commit_some(
    operation: Option<Operation>,
    warnings: &[String],
    dry: &DryRun,
    bench: &mut Workbench,
    out: &mut Output,
) -> Result<u8, Failure> {
    match operation {
        Some(operation) => commit(operation, warnings, dry, bench, out),
        None => {
            let message = "nothing to do: it stands so already".to_owned();
            super::report(Outcome::Unchanged { message }, out)
        }
    }
}

/// Commits the operation, or shows what it would write; `warnings` are said with what came of it.
fn commit(
    operation: Operation,
    warnings: &[String],
    dry: &DryRun,
    bench: &mut Workbench,
    out: &mut Output,
) -> Result<u8, Failure> {
    super::carry_out(&Request::Commit(operation), warnings, dry, bench, out)
}

/// Whether it can be told which log is the active one.
fn sees_logs(bench: &Workbench) -> Result<(), Failure> {
    bench.blind_to(&[Role::SessionLog]).map_or(Ok(()), |why| Err(Failure::io(why)))
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

fn denied(why: Denied) -> Failure {
    match why {
        Denied::Refused(Refused(why)) => Failure::usage(why),
        Denied::Forbidden(why) => Failure::refused(why),
    }
}
