//! A command from its start to its record.
//!
//! Before it starts, its output file is there, durable, and its first line says what is run; when it has ended, its last line
//! says how, and one operation adds the record to the log of the session.

use std::fs::File;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use chrono::{Local, NaiveDateTime};

use super::{Prepared, Why, environment};
use crate::doc::{DocId, Document};
use crate::exec::{self, Ended, How, Job, Output};
use crate::model::autonomy::Level;
use crate::model::secret::{Masker, Secrets};
use crate::model::session::SessionLog;
use crate::model::session::netops::{self, Circumstances, Happened};
use crate::model::session::record::{Decisive, End, RunRecord};
use crate::model::task::edit::Refused;
use crate::op::{Edit, Intent, Operation};
use crate::store::Actor;
use crate::workbench::{Outcome, Request, Workbench};
use crate::workspace::Role;

pub use crate::exec::Canceller;

/// So much of a line is looked at for telling whether it decides.
const LINE: usize = 4 << 10;

/// A command that runs.
#[derive(Debug)]
pub struct Running {
    /// What runs, as it was shown; the output is the document that it goes to now.
    pub prepared: Prepared,
    /// When it was started.
    pub started: NaiveDateTime,
    canceller: Canceller,
    driver: JoinHandle<Driven>,
}

/// A command that has ended, not yet recorded in the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// What the log will say.
    pub record: RunRecord,
    /// The log.
    pub log: DocId,
    /// What the operator should know besides: processes that stayed behind, an output that could not be written.
    pub notes: Vec<String>,
}

/// The command that runs or ran last, as the screen shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunState {
    /// The line, secrets masked.
    pub line: String,
    /// When it was started.
    pub started: NaiveDateTime,
    /// The document that its output goes to; [`Order::Follow`](crate::workbench::Order::Follow) shows it.
    pub output: DocId,
    /// The level that it needs.
    pub level: Level,
    /// Whether it was asked to end.
    pub is_cancelled: bool,
    /// How it ended and after how long; none while it runs.
    pub end: Option<(End, Duration)>,
    /// Lines of its output that tell how it went, once it has ended.
    pub decisive: Vec<String>,
}

impl Workbench {
    /// Starts what was shown, unless it would be something else by now. `follow` gets its output, masked, as it comes.
    pub fn begin(&mut self, prepared: &Prepared, follow: impl FnMut(&[u8]) + Send + 'static) -> Result<Running, Why> {
        self.load_all();
        if let Some(why) = self.blind_to(&[Role::SessionLog, Role::Runbook, Role::Autonomy]) {
            return Err(Why::Here(why));
        }
        let started = Local::now().naive_local();
        let mut now = self.view().prepare(prepared.wanted.clone(), Some(prepared.limit), started)?;
        // All of it is compared, not the digest: that is short enough to be made to fit.
        let wanted = std::mem::replace(&mut now.output, prepared.output.clone());
        if now != *prepared {
            return Err(Why::Asked(format!(
                "a document was changed since the command was shown: then {} `{}`, now {} `{}`; nothing was run, look at it again",
                prepared.digest, prepared.line, now.digest, now.line
            )));
        }
        let here = |why: String| Why::Here(format!("{why}; nothing was run"));
        if now.need.level >= Level::L3 {
            self.can_record_network().map_err(|why| here(why.0))?;
        }
        let (output, file) = self.store().create_output(&wanted).map_err(|error| here(error.to_string()))?;
        now.output = output;
        let secrets = Secrets::new(environment());
        let sink = Sink::begin(file, &now, started, &secrets, Box::new(follow));
        let sink = sink.map_err(|error| here(format!("{}: {error}", now.output)))?;
        let job = Job {
            keeper: self.keeper.clone(),
            argv: now.argv(),
            folder: now.folder.clone(),
            without: now.without.iter().map(Into::into).collect(),
            limit: now.limit,
        };
        let running = match exec::Running::start(&job) {
            Ok(running) => running,
            Err(error) => {
                let why = format!("{}: {error}", job.keeper.display());
                // What is told here is what counts; the file says the same.
                let _ = sink.output.end(&format!("# codex-tui: not started: {why}"));
                return Err(here(why));
            }
        };
        let canceller = running.canceller();
        // A system that gives no thread: the program is ended with `running`, which the closure owns.
        let driver = std::thread::Builder::new().name("command".to_owned()).spawn(move || sink.drive(running));
        let driver = driver.map_err(|error| here(format!("no thread for the output: {error}")))?;
        Ok(Running { prepared: now, started, canceller, driver })
    }

    /// Adds the record of a command to the log in which it was begun.
    pub fn record_run(&mut self, finished: &Finished, actor: &Actor) -> Outcome {
        // Somebody may have written to the log while it ran.
        self.refresh_ours(&[finished.log.clone()].into());
        let log = self.view().sessions.iter().find(|log| log.doc == finished.log);
        let found = log.and_then(|log| Some((log, self.view().snapshot.get(&log.doc)?)));
        let Some((log, doc)) = found else {
            let output = finished.record.output.as_ref().map_or("", DocId::as_str);
            return Outcome::Failed {
                message: format!(
                    "{}: the log is gone, so the command is recorded in {output} only: {}",
                    finished.log,
                    finished.record.to_line()
                ),
            };
        };
        let mut operation = match finished.record.added(log, doc) {
            Ok(operation) => operation,
            Err(why) => return Outcome::Refused { message: why.0 },
        };
        let mut more = finished.notes.clone();
        match self.network_log(&finished.record, log) {
            Ok(edit) => operation.edits.extend(edit),
            // The record in the session's log is not lost for it.
            Err(why) => more.push(format!("not in the network log: {why}")),
        }
        let mut outcome = self.run(&Request::Commit(operation), actor);
        if let Outcome::Done { message, notes, .. } = &mut outcome {
            *message = format!("{message}: {}", finished.record.end.said(finished.record.duration));
            notes.extend(more);
        }
        outcome
    }
}

impl Workbench {
    /// What records a command that needed [`Level::L3`] in the log of network operations.
    fn network_log(&self, record: &RunRecord, log: &SessionLog) -> Result<Option<Edit>, Refused> {
        if record.level < Level::L3 {
            return Ok(None);
        }
        self.network_entry(&Happened::command(record), log).map(Some)
    }

    fn network_entry(&self, happened: &Happened, log: &SessionLog) -> Result<Edit, Refused> {
        let view = self.view();
        let around = Circumstances { log, opted: &view.opted, folder: &view.config.commands.net_ops };
        let there = self.network_log_of(happened.at)?;
        netops::recorded(happened, around, there.as_deref())
    }

    /// Records what reached beyond this machine, outside of a command, in the log of network operations. Where there is no
    /// session there is no level either, and nothing to be recorded.
    pub fn record_network(&mut self, happened: &Happened, actor: &Actor) -> Option<Outcome> {
        let edit = self.network_entry(happened, self.view().active_session()?);
        let intent =
            Intent { verb: happened.action.clone(), summary: format!("{} in the network log", happened.action) };
        Some(match edit {
            Ok(edit) => self.run(&Request::Commit(Operation { intent, edits: vec![edit], undoes: None }), actor),
            Err(Refused(message)) => Outcome::Refused { message },
        })
    }

    /// Whether the network log of now can take an operation.
    ///
    /// # Errors
    /// It cannot be read, or is no array of JSON.
    pub fn can_record_network(&self) -> Result<(), Refused> {
        self.network_log_of(Local::now().naive_local())
            .and_then(|there| there.map_or(Ok(()), |log| netops::is_array(&log)))
    }

    /// The log of network operations of that day; none when there is none yet.
    fn network_log_of(&self, at: NaiveDateTime) -> Result<Option<Arc<Document>>, Refused> {
        let doc = netops::document(&self.view().config.commands.net_ops, at)?;
        self.store().load(&doc).map_err(|why| Refused(why.to_string()))
    }
}

impl Running {
    /// Ends it from another thread.
    pub fn canceller(&self) -> Canceller {
        self.canceller.clone()
    }

    /// Asks it to end; two seconds later it is killed with everything that it started. Does not wait.
    pub fn cancel(&self) {
        self.canceller.cancel();
    }

    /// How the screen shows it.
    pub fn state(&self) -> RunState {
        RunState {
            line: self.prepared.line.clone(),
            started: self.started,
            output: self.prepared.output.clone(),
            level: self.prepared.need.level,
            is_cancelled: false,
            end: None,
            decisive: Vec::new(),
        }
    }

    /// Waits until it and everything that it started has ended.
    pub fn wait(self) -> Finished {
        let Running { prepared, started, driver, .. } = self;
        let driven = driver.join().unwrap_or_else(|_| Driven {
            ended: Ended { how: How::Lost("a mistake of codex-tui".to_owned()), took: Duration::ZERO, left: 0 },
            decisive: Vec::new(),
            notes: Vec::new(),
        });
        let mut notes = driven.notes;
        notes.extend(left(driven.ended.left));
        let record = RunRecord {
            at: started,
            line: prepared.line,
            end: end(driven.ended.how),
            duration: driven.ended.took,
            output: Some(prepared.output),
            decisive: driven.decisive,
            level: prepared.need.level.max(Level::L1),
            overrides: prepared.overrides,
        };
        Finished { record, log: prepared.log, notes }
    }

    /// Hands what came of it to `done` on a thread of its own.
    pub fn then(self, done: impl FnOnce(Finished) + Send + 'static) {
        let (sender, receiver) = mpsc::channel();
        let waiting = std::thread::Builder::new().name("command".to_owned()).spawn(move || {
            if let Ok((running, done)) = receiver.recv() {
                let running: Running = running;
                let done: Box<dyn FnOnce(Finished) + Send> = done;
                done(running.wait());
            }
        });
        let done: Box<dyn FnOnce(Finished) + Send> = Box::new(done);
        match waiting {
            Ok(_) => {
                // The thread is there, so it receives.
                let _ = sender.send((self, done));
            }
            // A system that gives no thread: then whoever asks has to wait.
            Err(_) => done(self.wait()),
        }
    }
}

/// What is said of processes that stayed behind.
fn left(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 process that it had left behind was killed".to_owned()),
        many => Some(format!("{many} processes that it had left behind were killed")),
    }
}

fn end(how: How) -> End {
    match how {
        How::Exit(code) => End::Exit(code),
        How::Signal(signal) => End::Signal(signal),
        How::Cancelled => End::Cancelled,
        How::TimeLimit => End::TimeLimit,
        How::NotStarted(why) => End::NotStarted(why),
        How::Lost(why) => End::Lost(why),
    }
}

/// What came of a program.
#[derive(Debug)]
struct Driven {
    ended: Ended,
    decisive: Vec<String>,
    notes: Vec<String>,
}

/// Gets masked output as it comes.
type Follow = Box<dyn FnMut(&[u8]) + Send>;

/// Where the output goes: masked, into the file, to whoever follows it, and past the eye for lines that decide.
struct Sink {
    masker: Masker,
    output: Output,
    name: DocId,
    lines: Lines,
    follow: Follow,
}

impl Sink {
    fn begin(
        file: File,
        prepared: &Prepared,
        started: NaiveDateTime,
        secrets: &Secrets,
        follow: Follow,
    ) -> std::io::Result<Sink> {
        let (time, level) = (started.format("%Y-%m-%d %H:%M:%S"), prepared.need.level.max(Level::L1));
        let line = prepared.line.replace(['\n', '\r'], " ");
        let first = format!("# codex-tui: started {time} at {level}, {}: {line}", prepared.shell.join(" "));
        let output = Output::begin(file, &first)?;
        Ok(Sink { masker: secrets.masker(), output, name: prepared.output.clone(), lines: Lines::default(), follow })
    }

    fn take(&mut self, masked: &[u8]) {
        self.output.take(masked);
        self.lines.take(masked);
        (self.follow)(masked);
    }

    fn drive(mut self, running: exec::Running) -> Driven {
        let mut masked = Vec::new();
        let ended = running.drive(|bytes| {
            masked.clear();
            self.masker.push(bytes, &mut masked);
            if !masked.is_empty() {
                self.take(&masked);
            }
        });
        masked.clear();
        self.masker.finish(&mut masked);
        self.take(&masked);
        let decisive = self.lines.end();
        let said = end(ended.how.clone()).said(ended.took);
        let left = left(ended.left).map_or_else(String::new, |left| format!("; {left}"));
        let written = self.output.end(&format!("# codex-tui: {said}{left}"));
        let notes = written.err().map(|error| format!("{}: the output is not complete: {error}", self.name));
        Driven { ended, decisive, notes: notes.into_iter().collect() }
    }
}

/// Cuts a stream into lines; of a long one only the beginning counts.
#[derive(Default)]
struct Lines {
    decisive: Decisive,
    line: Vec<u8>,
}

impl Lines {
    fn take(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n' || *byte == b'\r') {
            let room = LINE.saturating_sub(self.line.len());
            self.line.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") || piece.ends_with(b"\r") {
                self.decisive.push(&String::from_utf8_lossy(&self.line));
                self.line.clear();
            }
        }
    }

    fn end(mut self) -> Vec<String> {
        self.decisive.push(&String::from_utf8_lossy(&self.line));
        self.decisive.lines()
    }
}
