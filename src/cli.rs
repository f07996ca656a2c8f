//! The verbs: arguments in, words or JSON out, an exit code. Data on stdout, messages on stderr.

mod args;
mod cell;
mod check;
mod checklist;
mod demo;
mod doctor;
mod gates;
mod history;
mod init;
mod manual;
mod next;
mod output;
mod personal;
mod prompt;
mod runbook;
mod session;
mod task;
mod timeline;
mod track;
mod work;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::tui;
use crate::workbench::command::{KEEPER, keep};
use crate::workbench::{Actor, Outcome, Request, StoreError, Workbench};
use args::{Args, DryRun, Verb};
use output::{Failure, Output};

/// Runs the program and returns its exit code: 0 done, 1 a check found problems, 2 usage, 3 conflict, 4 I/O or document
/// error, 5 refused.
pub fn main(args: Vec<OsString>) -> ExitCode {
    if let Some(argv) = args.get(1).filter(|arg| *arg == KEEPER).and_then(|_| args.get(2..)) {
        keep(argv);
        return ExitCode::SUCCESS;
    }
    let args = args::with_terms(args);
    let json = args.iter().any(|arg| arg == "--json");
    let parsed = match Args::try_parse_from(&args) {
        Ok(parsed) => parsed.of_demo(),
        Err(error) if error.use_stderr() && json => {
            let text = error.to_string();
            let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            return Output::new(true).fail(&Failure::usage(message));
        }
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            // Nothing can be said when the place to say it is closed.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    install_reports();
    let mut out = Output::new(parsed.json);
    match run(&parsed, &mut out) {
        Ok(code) => out.finish(code),
        Err(failure) => out.fail(&failure),
    }
}

/// Reports of panics: readable, in colour only on a terminal that wants it.
fn install_reports() {
    let plain = !std::io::stderr().is_terminal() || std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    let mut hook = color_eyre::config::HookBuilder::default().display_env_section(false);
    if plain {
        hook = hook.theme(color_eyre::config::Theme::new());
    }
    // A second installation (tests call `main` more than once) keeps the first.
    let _ = hook.install();
}

fn run(args: &Args, out: &mut Output) -> Result<u8, Failure> {
    match &args.verb {
        None => cockpit(args.root.clone(), args),
        Some(Verb::Demo(demo)) => demo::run(demo, args, out),
        Some(Verb::Init(verb)) => init::run(verb, &mut opened(args)?, out),
        Some(Verb::Check(verb)) => check::run(verb, &mut opened(args)?, out),
        Some(Verb::Doctor(verb)) => doctor::run(verb, &mut opened(args)?, out),
        Some(Verb::Task(verb)) => {
            let mut bench = bare(args)?;
            task::load(verb, &mut bench);
            task::run(verb, &mut bench, out)
        }
        Some(Verb::Checklist(verb)) => checklist::run(verb, &mut opened(args)?, out),
        Some(Verb::Session(verb)) => {
            let mut bench = bare(args)?;
            session::load(verb, &mut bench);
            session::run(verb, &mut bench, out)
        }
        Some(Verb::Work(verb)) => work::run(verb, &mut bare(args)?, out),
        Some(Verb::Timeline(verb)) => timeline::run(verb, &opened(args)?, out),
        Some(Verb::Gates(verb)) => gates::run(verb, &mut opened(args)?, out),
        Some(Verb::Runbook(verb)) => runbook::run(verb, &opened(args)?, out),
        Some(Verb::Prompt(verb)) => prompt::run(verb, &mut opened(args)?, out),
        Some(Verb::Track(verb)) => track::run(verb, args, out),
        Some(Verb::History) => history::list(&opened(args)?, out),
        Some(Verb::Undo(verb)) => history::undo(verb, &mut opened(args)?, out),
        Some(Verb::Redo(verb)) => history::redo(verb, &mut opened(args)?, out),
        Some(Verb::Recover) => history::recover(&opened(args)?, out),
        Some(Verb::Cell(verb)) => cell::run(verb, &mut bare(args)?, out),
        Some(Verb::Completions(verb)) => {
            manual::completions(verb, out);
            Ok(0)
        }
        Some(Verb::Man(verb)) => manual::man(verb, out).map(|()| 0),
    }
}

/// Opens the cockpit on a workspace.
fn cockpit(root: PathBuf, args: &Args) -> Result<u8, Failure> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Failure::usage(
            "the cockpit needs a terminal on standard input and output; `codex-tui --help` lists the verbs for scripts"
                .to_owned(),
        ));
    }
    let bench = Workbench::open_for(&root, personal::personal(args))?;
    let options = tui::Options { agent: args.cockpit.agent.clone(), actor: actor("cockpit") };
    match tui::run(bench, options) {
        Ok(()) => Ok(0),
        // Asked to end from outside: the code that a shell expects, and no complaint.
        Err(tui::Error::Signal(number)) => Ok(u8::try_from(128 + number).unwrap_or(u8::MAX)),
        Err(error @ tui::Error::Terminal(_)) => Err(Failure::io(error.to_string())),
    }
}

/// The workspace with everything loaded.
fn opened(args: &Args) -> Result<Workbench, Failure> {
    let mut bench = bare(args)?;
    bench.load_all();
    Ok(bench)
}

/// The workspace with nothing loaded. What a crash interrupted is finished or taken back first.
fn bare(args: &Args) -> Result<Workbench, Failure> {
    let bench = Workbench::open_for(&args.root, personal::personal(args))?;
    // `recover` reports it on standard output itself.
    if !matches!(args.verb, Some(Verb::Recover)) {
        for said in bench.recover_at_start(&actor("cli")) {
            output::note(&said);
        }
    }
    Ok(bench)
}

/// Who acts, for the history.
fn actor(via: &str) -> Actor {
    let name = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|key| std::env::var(key).ok().filter(|v| !v.is_empty()));
    Actor { name: name.unwrap_or_else(|| "operator".to_owned()), via: via.to_owned() }
}

/// Does what is asked, or with `--dry-run` shows what it would write; `notes` are said with what came of it.
fn carry_out(
    request: &Request,
    notes: &[String],
    dry: &DryRun,
    bench: &mut Workbench,
    out: &mut Output,
) -> Result<u8, Failure> {
    if dry.dry_run {
        notes.iter().for_each(|note| out.note(note));
        return history::dry_run(request, bench, out);
    }
    let mut outcome = bench.run(request, &actor("cli"));
    if let Outcome::Done { notes: said, .. } = &mut outcome {
        said.extend_from_slice(notes);
    }
    report(outcome, out)
}

/// Says what came of a request and gives the exit code.
fn report(outcome: Outcome, out: &mut Output) -> Result<u8, Failure> {
    match outcome {
        Outcome::Done { op, message, files, notes } => {
            for note in &notes {
                out.note(note);
            }
            out.json(|| {
                serde_json::json!({
                    "schema": "codex-tui/result@1", "op": op, "message": message, "files": files, "notes": notes,
                })
            });
            out.text(&format!("{message} (operation {op})"));
            Ok(0)
        }
        Outcome::Unchanged { message } => {
            out.json(|| {
                serde_json::json!({
                    "schema": "codex-tui/result@1", "op": null, "message": message, "files": [], "notes": [],
                })
            });
            out.text(&message);
            Ok(0)
        }
        Outcome::Conflict { conflicts, .. } => Err(Failure::conflict(&conflicts)),
        Outcome::Refused { message } => Err(Failure::usage(message)),
        Outcome::Forbidden { message, log } => Err(Failure::refused(message).about(log.as_str())),
        Outcome::Damaged { message } => Err(Failure::document(message)),
        Outcome::Failed { message } => Err(Failure::io(message)),
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::io(error.to_string())
    }
}
