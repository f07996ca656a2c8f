//! Runs a program as a child and leaves nothing of it behind.
//!
//! Between us and the program stands a keeper: our own binary, started again with [`KEEPER`]. It has a session of its own, so
//! that the program can neither reach the terminal nor get its signals; it is the one to whom the system hands over the
//! program's orphans, also those that made themselves a session of their own; and it holds one end of a life line. When we
//! ask for it, or when the life line breaks because we were killed, it ends all of them.
//!
//! What the program prints on standard output and standard error comes through one pipe, in order. What it reads is empty.

mod find;
mod keeper;
mod output;
mod tree;

use std::ffi::OsString;
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

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
    line: UnixStream,
    pipe: PipeReader,
    cancel: Canceller,
    limit: Duration,
    started: Instant,
}

/// Ends a program from another thread.
#[derive(Debug, Clone)]
pub struct Canceller {
    asked: Arc<AtomicBool>,
    line: Arc<UnixStream>,
}

impl Canceller {
    /// Asks the program to end; two seconds later it is killed with everything that it started. Does not wait.
    pub fn cancel(&self) {
        self.asked.store(true, Ordering::Relaxed);
        // Nobody is there to be told when the program has ended already.
        let _ = (&*self.line).write_all(&[keeper::STOP]);
    }
}

/// The path by which our own binary is started again; it leads there although the file was replaced meanwhile.
pub fn own_binary() -> PathBuf {
    let running = Path::new("/proc/self/exe");
    if running.exists() { running.to_owned() } else { std::env::current_exe().unwrap_or_else(|_| "codex-tui".into()) }
}

impl Running {
    /// Starts a program. An error: the keeper could not be started, and nothing runs.
    pub fn start(job: &Job) -> io::Result<Running> {
        let (pipe, writer) = io::pipe()?;
        let (line, far) = UnixStream::pair()?;
        let mut command = Command::new(&job.keeper);
        command.arg0("codex-tui").arg(KEEPER).args(&job.argv).current_dir(&job.folder);
        for name in &job.without {
            command.env_remove(name);
        }
        command.stdin(Stdio::from(OwnedFd::from(far))).stdout(writer.try_clone()?).stderr(writer);
        let keeper = command.spawn()?;
        // Our ends for the child are closed with it: the pipe ends when the last process of the program has.
        drop(command);
        let cancel = Canceller { asked: Arc::default(), line: Arc::new(line.try_clone()?) };
        Ok(Running { keeper, line, pipe, cancel, limit: job.limit, started: Instant::now() })
    }

    /// What ends it from another thread.
    pub fn canceller(&self) -> Canceller {
        self.cancel.clone()
    }

    /// Hands over what the program prints, as it comes, until it and everything that it started has ended.
    pub fn drive(mut self, mut take: impl FnMut(&[u8])) -> Ended {
        let mut told = Told::default();
        let mut buffer = vec![0; 64 << 10];
        let mut said = Vec::new();
        let mut deadline = self.started.checked_add(self.limit);
        let mut is_open = true;
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                deadline = None;
                told.is_late = told.how.is_none() && !self.cancel.asked.load(Ordering::Relaxed);
                // As above: it has ended already.
                let _ = self.line.write_all(&[keeper::STOP]);
                continue;
            }
            let (from_program, from_keeper) = match self.wait(is_open, left) {
                Ok(ready) => ready,
                Err(error) => {
                    told.problem = Some(format!("it could not be waited for: {error}"));
                    break;
                }
            };
            if from_program {
                match self.pipe.read(&mut buffer) {
                    Ok(0) => is_open = false,
                    Ok(len) => take(&buffer[..len]),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => is_open = false,
                }
            }
            if from_keeper {
                match self.line.read(&mut buffer) {
                    Ok(len) if len > 0 => {
                        said.extend_from_slice(&buffer[..len]);
                        told.hear(&mut said, self.started, self.cancel.asked.load(Ordering::Relaxed));
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    // The keeper has ended, and nothing of the program is left.
                    Ok(_) | Err(_) => break,
                }
            }
        }
        self.drain(is_open, &mut buffer, &mut take);
        let took = told.took.unwrap_or_else(|| self.started.elapsed());
        let why = || told.problem.clone().unwrap_or_else(|| "the process that watched over it was killed".to_owned());
        Ended { how: told.how.unwrap_or_else(|| How::Lost(why())), took, left: told.left }
    }

    /// Waits until the program printed something or the keeper said something; for at most so long.
    fn wait(&self, is_open: bool, left: Option<Duration>) -> io::Result<(bool, bool)> {
        let timeout = left.and_then(|left| Timespec::try_from(left).ok());
        let mut both = [PollFd::new(&self.line, PollFlags::IN), PollFd::new(&self.pipe, PollFlags::IN)];
        let used = if is_open { &mut both[..] } else { &mut both[..1] };
        match poll(used, timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let ready = |fd: &PollFd<'_>| !fd.revents().is_empty();
        Ok((is_open && ready(&both[1]), ready(&both[0])))
    }

    /// What is still in the pipe. It is not waited for more: whoever holds it open is none of the program's processes.
    fn drain(&mut self, is_open: bool, buffer: &mut [u8], take: &mut impl FnMut(&[u8])) {
        if !is_open || rustix::io::ioctl_fionbio(self.pipe.as_fd(), true).is_err() {
            return;
        }
        loop {
            match self.pipe.read(buffer) {
                Ok(0) => return,
                Ok(len) => take(&buffer[..len]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The keeper takes this for our death, and goes when everything has ended.
        let _ = self.line.shutdown(std::net::Shutdown::Both);
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
                _ if is_cancelled => How::Cancelled,
                _ if self.is_late => How::TimeLimit,
                "exit" => How::Exit(number),
                "signal" => How::Signal(number),
                _ => continue,
            };
            self.how = Some(how);
            self.took = Some(started.elapsed());
        }
    }
}
