//! Programs that are started. Only the program itself is known and ended; what it starts goes on, and it is not asked to
//! end first.

use std::io::{self, PipeReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::sys::{Came, End, Happened};

/// How often it is looked at whether a program has ended.
const STEP: Duration = Duration::from_millis(20);
/// How long what a program printed last is waited for.
const REST: Duration = Duration::from_millis(200);

/// The path by which our own binary is started again.
pub fn own_binary() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| "codex-tui".into())
}

/// A command that [`lead`]s; in lists of processes it has the name of its program. On Windows it gets a console of its own
/// that nobody sees, so that what it starts cannot reach ours.
pub fn leader(program: &Path, _name: &str) -> Command {
    #[cfg_attr(not(windows), allow(unused_mut))]
    let mut command = Command::new(program);
    #[cfg(windows)]
    {
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        std::os::windows::process::CommandExt::creation_flags(&mut command, CREATE_NO_WINDOW);
    }
    command
}

/// Makes this process the one that the programs which it starts cannot get away from: there is no such thing here.
pub fn lead() {}

/// A program that this process has started.
#[derive(Debug, Clone)]
pub struct Family {
    child: Arc<Mutex<Option<Child>>>,
}

impl Family {
    /// Starts a program.
    pub fn start(command: &mut Command) -> io::Result<Family> {
        Ok(Family { child: Arc::new(Mutex::new(Some(command.spawn()?))) })
    }

    /// Waits until the program ends; then nothing is known to be left.
    pub fn wait(&self) -> Happened {
        loop {
            {
                let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(running) = child.as_mut() else { return Happened::AllGone };
                match running.try_wait() {
                    Ok(None) => {}
                    Ok(Some(status)) => {
                        *child = None;
                        return Happened::Ended(End::Exit(status.code().unwrap_or(-1)));
                    }
                    Err(_) => {
                        *child = None;
                        return Happened::AllGone;
                    }
                }
            }
            std::thread::sleep(STEP);
        }
    }

    /// Ends the program: asking it is not possible here.
    pub fn ask_to_end(&self) {
        self.kill(false);
    }

    /// Kills the program unless it `has_ended`; how many processes that were.
    pub fn kill(&self, has_ended: bool) -> usize {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let killed = child.as_mut().filter(|_| !has_ended).is_some_and(|running| running.kill().is_ok());
        usize::from(killed)
    }
}

/// Two pipes that are read together, each by a thread.
#[derive(Debug)]
pub struct TwoPipes {
    /// From which pipe, and what; nothing at its end.
    pieces: Receiver<(usize, Vec<u8>)>,
    last: Vec<u8>,
}

impl TwoPipes {
    /// Takes the two.
    pub fn new(first: PipeReader, second: PipeReader) -> io::Result<TwoPipes> {
        // Few, so that a program which prints faster than anybody reads has to wait.
        let (sender, pieces) = sync_channel(4);
        for (which, pipe) in [first, second].into_iter().enumerate() {
            let sender = sender.clone();
            std::thread::Builder::new().name("pipe".to_owned()).spawn(move || forward(which, pipe, &sender))?;
        }
        Ok(TwoPipes { pieces, last: Vec::new() })
    }

    /// Waits until one of them has something, at most so long.
    pub fn next(&mut self, limit: Option<Duration>) -> io::Result<Came<'_>> {
        let came = match limit {
            Some(limit) => self.pieces.recv_timeout(limit),
            None => self.pieces.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match came {
            Ok((which, piece)) if piece.is_empty() => Ok(Came::End(which)),
            Ok((which, piece)) => {
                self.last = piece;
                Ok(Came::Bytes(which, &self.last))
            }
            Err(RecvTimeoutError::Timeout) => Ok(Came::Nothing),
            Err(RecvTimeoutError::Disconnected) => Ok(Came::End(1)),
        }
    }

    /// What still comes from the first pipe within a moment.
    pub fn rest(self, mut take: impl FnMut(&[u8])) {
        let end = Instant::now() + REST;
        while let Ok((which, piece)) = self.pieces.recv_timeout(end.saturating_duration_since(Instant::now())) {
            match (which, piece.is_empty()) {
                (0, true) => return,
                (0, false) => take(&piece),
                (_, _) => {}
            }
        }
    }
}

fn forward(which: usize, mut pipe: PipeReader, to: &SyncSender<(usize, Vec<u8>)>) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let piece = match pipe.read(&mut buffer) {
            Ok(len) => buffer[..len].to_vec(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => Vec::new(),
        };
        let is_last = piece.is_empty();
        // Nobody listens any more.
        if to.send((which, piece)).is_err() || is_last {
            return;
        }
    }
}

/// Would make all threads share one heap; here the allocator is left as it is.
pub fn share_heap() {}
