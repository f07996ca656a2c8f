//! Runs a program as a child and leaves nothing of it behind.
//!
//! Between us and the program stands a keeper: our own binary, started again with [`KEEPER`]. It has a session of its own, so
//! that the program can neither reach the terminal nor get its signals; it is the one to whom the system hands over the
//! program's orphans, also those that made themselves a session of their own; and its standard input is a life line. When we
//! ask for it, or when the life line breaks because we were killed, it ends all of them. What it has to say comes through its
//! standard error. `sys::process` says which of this a system can do.
//!
//! What the program prints on standard output and standard error comes through one pipe, in order. What it reads is empty.

mod find;
mod keeper;
mod output;

use std::ffi::OsString;
use std::io::{self, PipeWriter, Write};
use std::path::PathBuf;
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::sys::Came;
pub use crate::sys::process::own_binary;
use crate::sys::process::{self, TwoPipes};
pub use find::find;
pub use keeper::keep;
pub use output::Output;

/// The argument that makes our binary a keeper; the program and its arguments follow.
pub const KEEPER: &str = "__run";

/// What is to be run.
#[derive(Debug, Clone)]
pub struct Job {
    /// Our own binary.
    pub keeper: PathBuf,
    /// The program and its arguments.
    pub argv: Vec<OsString>,
    /// The folder in which it runs.
    pub folder: PathBuf,
    /// Names of variables that it does not get.
    pub without: Vec<OsString>,
    /// After this time it is ended.
    pub limit: Duration,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// By itself, with this exit code.
    Exit(i32),
    /// By a signal that did not come from us.
    Signal(i32),
    /// It was cancelled.
    Cancelled,
    /// Its time was up.
    TimeLimit,
    /// It never ran: why.
    NotStarted(String),
    /// How it ended is not known: why.
    Lost(String),
}

/// What is known of a program that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub how: How,
    /// How long it ran.
    pub took: Duration,
    /// How many processes it had left behind, which were ended.
    pub left: usize,
}

/// A program that runs. Dropping it ends the program and everything that it started.
#[derive(Debug)]
pub struct Running {
    keeper: Child,
    /// What the program prints, and what the keeper says.
    pipes: Option<TwoPipes>,
    cancel: Canceller,
    limit: Duration,
    started: Instant,
}

/// Ends a program from another thread.
#[derive(Debug, Clone)]
pub struct Canceller {
    asked: Arc<AtomicBool>,
    line: Arc<Mutex<Option<PipeWriter>>>,
}

impl Canceller {
    /// Asks the program to end; two seconds later it is killed with everything that it started. Does not wait.
    pub fn cancel(&self) {
        self.asked.store(true, Ordering::Relaxed);
        self.say_stop();
    }

    fn say_stop(&self) {
        if let Some(line) = self.line.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            // Nobody is there to be told when the program has ended already.
            let _ = line.write_all(&[keeper::STOP]);
        }
    }

    /// Breaks the life line.
    fn hang_up(&self) {
        self.line.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Running {
    /// Starts a program. An error: the keeper could not be started, and nothing runs.
    pub fn start(job: &Job) -> io::Result<Running> {
        let (printed, writer) = io::pipe()?;
        let (said, reports) = io::pipe()?;
        let (orders, line) = io::pipe()?;
        let pipes = TwoPipes::new(printed, said)?;
        let mut command = process::leader(&job.keeper, "codex-tui");
        command.arg(KEEPER).args(&job.argv).current_dir(&job.folder);
        for name in &job.without {
            command.env_remove(name);
        }
        command.stdin(orders).stdout(writer).stderr(reports);
        let keeper = command.spawn()?;
        // Our ends for the child are closed with it: the pipe ends when the last process of the program has.
        drop(command);
        let cancel = Canceller { asked: Arc::default(), line: Arc::new(Mutex::new(Some(line))) };
        Ok(Running { keeper, pipes: Some(pipes), cancel, limit: job.limit, started: Instant::now() })
    }

    /// What ends it from another thread.
    pub fn canceller(&self) -> Canceller {
        self.cancel.clone()
    }

    /// Hands over what the program prints, as it comes, until it and everything that it started has ended.
    pub fn drive(mut self, mut take: impl FnMut(&[u8])) -> Ended {
        let mut told = Told::default();
        let mut said = Vec::new();
        let mut deadline = self.started.checked_add(self.limit);
        let Some(mut pipes) = self.pipes.take() else { return told.ended(self.started) };
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                deadline = None;
                told.is_late = told.how.is_none() && !self.cancel.asked.load(Ordering::Relaxed);
                self.cancel.say_stop();
                continue;
            }
            match pipes.next(left) {
                Ok(Came::Bytes(0, bytes)) => take(bytes),
                Ok(Came::Bytes(_, bytes)) => {
                    said.extend_from_slice(bytes);
                    told.hear(&mut said, self.started, self.cancel.asked.load(Ordering::Relaxed));
                }
                Ok(Came::End(0) | Came::Nothing) => {}
                // The keeper has ended, and nothing of the program is left.
                Ok(Came::End(_)) => break,
                Err(error) => {
                    told.problem = Some(format!("it could not be waited for: {error}"));
                    break;
                }
            }
        }
        pipes.rest(take);
        told.ended(self.started)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The keeper takes this for our death, and goes when everything has ended.
        self.cancel.hang_up();
        let _ = self.keeper.wait();
    }
}

/// What the keeper told.
#[derive(Debug, Default)]
struct Told {
    how: Option<How>,
    took: Option<Duration>,
    left: usize,
    /// Whether it was told to stop because its time was up.
    is_late: bool,
    problem: Option<String>,
}

impl Told {
    fn ended(self, started: Instant) -> Ended {
        let took = self.took.unwrap_or_else(|| started.elapsed());
        let why = || self.problem.unwrap_or_else(|| "the process that watched over it was killed".to_owned());
        Ended { how: self.how.unwrap_or_else(|| How::Lost(why())), took, left: self.left }
    }

    /// Takes whole lines off the front.
    fn hear(&mut self, said: &mut Vec<u8>, started: Instant, is_cancelled: bool) {
        while let Some(end) = memchr::memchr(b'\n', said) {
            let line: Vec<u8> = said.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            let (word, rest) = line.trim_end().split_once(' ').unwrap_or_default();
            let number = rest.parse::<i32>().unwrap_or(-1);
            let how = match word {
                "left" => {
                    self.left = usize::try_from(number).unwrap_or(0);
                    continue;
                }
                "failed" => How::NotStarted(rest.to_owned()),
                "exit" | "signal" if is_cancelled => How::Cancelled,
                "exit" | "signal" if self.is_late => How::TimeLimit,
                "exit" => How::Exit(number),
                "signal" => How::Signal(number),
                _ => continue,
            };
            self.how = Some(how);
            self.took = Some(started.elapsed());
        }
    }
}
