//! `session run`: shows what would be run, asks, runs it with its output on the screen, and records it.

use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal, Write};
use std::time::Duration;

use chrono::Local;
use serde_json::{Value, json};

use crate::cli::args::RunArgs;
use crate::cli::output::{Failure, Output};
use crate::cli::runbook;
use crate::model::session::record::End;
use crate::sanitise;
use crate::sys::{Signal, signal};
use crate::workbench::command::{Canceller, Finished, Prepared, Wanted, Why};
use crate::workbench::{Outcome, Workbench};
use crate::workspace::Role;

pub fn run(args: &RunArgs, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    if let Some(why) = bench.blind_to(&[Role::SessionLog, Role::Runbook, Role::Autonomy]) {
        return Err(Failure::io(why));
    }
    let limit = args.limit.map(|minutes| Duration::from_secs(minutes.saturating_mul(60)));
    let wanted = wanted(args, bench)?;
    let prepared = bench.view().prepare(wanted, limit, Local::now().naive_local()).map_err(failure)?;
    if args.dry.dry_run {
        out.json(|| shown_json(bench, &prepared));
        shown(&prepared).iter().for_each(|line| out.text(line));
        out.text(&format!("Not run. To run exactly this: --confirm {}", prepared.digest));
        return Ok(0);
    }
    confirm(args, &prepared)?;
    let is_text = !out.is_json();
    let mut printer = Printer::default();
    let running = bench.begin(&prepared, move |bytes| {
        if is_text {
            printer.print(bytes);
        }
    });
    let running = running.map_err(failure)?;
    cancel_on_signal(running.canceller());
    let finished = running.wait();
    let outcome = bench.record_run(&finished, &crate::cli::actor("cli"));
    report(outcome, &prepared, &finished, bench, out)
}

fn wanted(args: &RunArgs, bench: &Workbench) -> Result<Wanted, Failure> {
    let values: BTreeMap<String, String> = args.set.iter().cloned().collect();
    match (&args.which, &args.line) {
        (Some(which), _) => {
            let (book, autonomy) = (&bench.view().runbook, &bench.view().autonomy);
            let all: Vec<runbook::Needing<'_>> =
                book.commands.iter().map(|one| (one, book.need(one, autonomy))).collect();
            let (command, _) = runbook::named(&all, which)?;
            Ok(Wanted::Listed { number: command.number, values })
        }
        (None, Some(line)) => Ok(Wanted::Typed(line.clone())),
        (None, None) => {
            Err(Failure::usage("say which command: its number or words of it, or --line 'COMMAND'".to_owned()))
        }
    }
}

fn failure(why: Why) -> Failure {
    match why {
        Why::Level(refusal) => Failure::refused(refusal.to_string()),
        Why::Asked(why) => Failure::usage(why),
        Why::Here(why) => Failure::io(why),
    }
}

/// All that the operator has to see before a command runs.
fn shown(prepared: &Prepared) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(place) = &prepared.place {
        lines.push(format!("{}  {place}", prepared.task));
    }
    lines.push(format!("  {}", prepared.line.replace('\n', "\n  ")));
    let need = &prepared.need;
    lines.push(format!("Needs {}: {} ({}); the session is at {}", need.level, need.why, need.place(), prepared.level));
    if !prepared.overrides.is_empty() {
        lines.push(format!("Overrides: {}", prepared.overrides.join(", ")));
    }
    lines.push(format!("Shell: {}", prepared.shell.join(" ")));
    lines.push(format!("Folder: {}", prepared.folder.display()));
    if !prepared.without.is_empty() {
        lines.push(format!("Without the variables {}", prepared.without.join(", ")));
    }
    lines.push(format!("Ends after {} minutes at the latest", prepared.limit.as_secs().div_ceil(60)));
    lines
}

/// Lets the operator decide: by the digest of what was shown before, or by an answer.
fn confirm(args: &RunArgs, prepared: &Prepared) -> Result<(), Failure> {
    let asked = shown(prepared).join("\n");
    if let Some(digest) = &args.confirm {
        if digest.eq_ignore_ascii_case(&prepared.digest) {
            return Ok(());
        }
        return Err(Failure::usage(format!(
            "--confirm {digest} stands for something else; this would be run now:\n{asked}\nNot run. To run exactly this: --confirm {}",
            prepared.digest
        )));
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::usage(format!(
            "a command has to be confirmed; this would be run:\n{asked}\nNot run. To run exactly this: --confirm {}",
            prepared.digest
        )));
    }
    let mut answer = String::new();
    let mut stderr = std::io::stderr();
    let said = write!(stderr, "{}\nRun it? [y/N] ", sanitise::lines(&asked)).and_then(|()| stderr.flush());
    let heard = said.and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    match heard {
        Ok(_) if ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) => Ok(()),
        Ok(_) => Err(Failure::usage("not run".to_owned())),
        Err(error) => Err(Failure::io(format!("the answer could not be read: {error}; nothing was run"))),
    }
}

/// Ctrl-C, and being asked to end, ends the command; what became of it is recorded all the same.
fn cancel_on_signal(canceller: Canceller) {
    let waiting = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let hear = move |_| {
                canceller.cancel();
                true
            };
            if signal::listen(&[Signal::Int, Signal::Term, Signal::Hup], hear).is_ok() {
                std::future::pending::<()>().await;
            }
        });
    };
    // Without it a signal ends us, and the keeper the command.
    let _ = std::thread::Builder::new().name("signals".to_owned()).spawn(waiting);
}

/// Prints output as it comes, whole lines at a time, nothing of it obeyed by the terminal.
#[derive(Default)]
struct Printer {
    held: Vec<u8>,
    is_closed: bool,
}

impl Printer {
    fn print(&mut self, bytes: &[u8]) {
        if self.is_closed {
            return;
        }
        self.held.extend_from_slice(bytes);
        let end = match memchr::memrchr(b'\n', &self.held) {
            Some(end) => end + 1,
            // A line that never ends goes out in parts, between two characters.
            None if self.held.len() > 64 << 10 => {
                std::str::from_utf8(&self.held).map_or_else(|error| error.valid_up_to().max(1), str::len)
            }
            None => return,
        };
        let rest = self.held.split_off(end);
        self.write(&rest);
    }

    fn write(&mut self, rest: &[u8]) {
        let text = String::from_utf8_lossy(&self.held).into_owned();
        let mut stdout = std::io::stdout().lock();
        self.is_closed = stdout.write_all(sanitise::lines(&text).as_bytes()).and_then(|()| stdout.flush()).is_err();
        self.held = rest.to_vec();
    }
}

impl Drop for Printer {
    fn drop(&mut self) {
        if !self.held.is_empty() && !self.is_closed {
            self.held.push(b'\n');
            self.write(&[]);
        }
    }
}

/// Says how it ended and where it is recorded. The exit code is 0 when the command's was, 1 when it ended otherwise.
fn report(
    outcome: Outcome,
    prepared: &Prepared,
    finished: &Finished,
    bench: &Workbench,
    out: &mut Output,
) -> Result<u8, Failure> {
    let record = &finished.record;
    let (op, notes) = match outcome {
        Outcome::Done { op, notes, .. } => (op, notes),
        // The command has run: whatever came of its record, how it ended has to be said.
        other => {
            out.note(&record.to_line());
            return super::super::report(other, out);
        }
    };
    notes.iter().for_each(|note| out.note(note));
    out.json(|| {
        let mut document = shown_json(bench, prepared);
        let (word, code) = match &record.end {
            End::Exit(code) => ("exit", Some(*code)),
            End::Cancelled => ("cancelled", None),
            End::TimeLimit => ("time-limit", None),
            End::Signal(signal) => ("signal", Some(*signal)),
            End::NotStarted(_) => ("not-started", None),
            End::Lost(_) => ("lost", None),
        };
        let ran = json!({
            "end": word, "code": code, "seconds": record.duration.as_millis() as f64 / 1000.0,
            "said": record.end.said(record.duration), "output": record.output, "decisive": record.decisive,
            "log": finished.log, "op": op, "notes": notes,
        });
        document["ran"] = ran;
        document
    });
    out.text(&format!("{}, recorded in {} (operation {op})", record.end.said(record.duration), finished.log));
    if let Some(output) = &record.output {
        out.text(&format!("output: {output}"));
    }
    Ok(u8::from(!record.end.is_good()))
}

fn shown_json(bench: &Workbench, prepared: &Prepared) -> Value {
    let need = &prepared.need;
    let number = match &prepared.wanted {
        Wanted::Listed { number, .. } => Some(*number),
        Wanted::Typed(_) => None,
    };
    json!({
        "schema": "codex-tui/run@1", "root": bench.view().root, "number": number, "task": prepared.task,
        "place": prepared.place, "line": prepared.line, "shell": prepared.shell, "level": prepared.level,
        "needs": { "level": need.level, "why": need.why, "file": need.doc, "line": need.line },
        "overrides": prepared.overrides, "without": prepared.without, "limit_seconds": prepared.limit.as_secs(),
        "digest": prepared.digest, "ran": null,
    })
}
