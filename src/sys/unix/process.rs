//! Programs that are started, and everything that they start themselves.

use std::io::{self, PipeReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, kill_process_group};

use crate::sys::{Came, End, Happened};

/// The path by which our own binary is started again; on Linux it leads there although the file was replaced meanwhile.
pub fn own_binary() -> PathBuf {
    let running = Path::new("/proc/self/exe");
    if running.exists() { running.to_owned() } else { std::env::current_exe().unwrap_or_else(|_| "codex-tui".into()) }
}

/// A command that [`lead`]s, under this name in lists of processes, whatever the path of its program.
pub fn leader(program: &Path, name: &str) -> Command {
    let mut command = Command::new(program);
    command.arg0(name);
    command
}

/// Makes this process the one that the programs which it starts cannot get away from: it leads a session of its own, so that
/// they cannot reach the terminal, and on Linux it is handed the orphans among what they start.
pub fn lead() {
    // It fails where we lead a session already, which does as well.
    let _ = rustix::process::setsid();
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// A program that this process has started, with everything that it starts.
#[derive(Debug, Clone)]
pub struct Family {
    main: Pid,
}

impl Family {
    /// Starts a program as the first of a group of processes.
    pub fn start(command: &mut Command) -> io::Result<Family> {
        let child = command.process_group(0).spawn()?;
        Ok(Family { main: Pid::from_child(&child) })
    }

    /// Waits until something ends.
    pub fn wait(&self) -> Happened {
        loop {
            match rustix::process::wait(WaitOptions::empty()) {
                Ok(Some((pid, status))) if pid == self.main => return Happened::Ended(end(status)),
                // An orphan, of which nobody wants to know how it ended.
                Ok(_) | Err(Errno::INTR) => {}
                Err(_) => return Happened::AllGone,
            }
        }
    }

    /// Asks the program and what it started to end (`SIGTERM`).
    pub fn ask_to_end(&self) {
        // It has ended this moment: then that is told next.
        let _ = kill_process_group(self.main, Signal::TERM);
    }

    /// Kills everything that the program started, and itself unless it `has_ended`; how many processes that were.
    pub fn kill(&self, has_ended: bool) -> usize {
        // First they are all held still: one that is killed could have started another a moment before.
        let mut held: Vec<Pid> = Vec::new();
        loop {
            let more: Vec<Pid> =
                descendants(rustix::process::getpid()).into_iter().filter(|pid| !held.contains(pid)).collect();
            if more.is_empty() || held.len() > 100_000 {
                break;
            }
            for pid in more {
                // It has ended this moment, or belongs to somebody else by now and cannot be killed.
                let _ = kill_process(pid, Signal::STOP);
                held.push(pid);
            }
        }
        for pid in &held {
            let _ = kill_process(*pid, Signal::KILL);
        }
        // Where the system does not tell who started whom, its group is what is known.
        if !has_ended || held.is_empty() {
            let _ = kill_process_group(self.main, Signal::KILL);
        }
        held.len()
    }
}

fn end(status: WaitStatus) -> End {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => End::Exit(code),
        (None, Some(signal)) => End::Signal(signal),
        (None, None) => End::Exit(-1),
    }
}

/// Every process that this one started, and those that they started, as far as they have not ended and `/proc` tells.
fn descendants(of: Pid) -> Vec<Pid> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let all: Vec<(i32, i32)> = pids.filter_map(|pid| Some((pid, parent(pid)?))).collect();
    let mut found: Vec<i32> = vec![of.as_raw_nonzero().get()];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        found.extend(all.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    found.into_iter().skip(1).filter_map(Pid::from_raw).collect()
}

/// Who started a process; none when it has ended.
fn parent(pid: i32) -> Option<i32> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold anything, brackets too.
    let behind = &stat[memchr::memrchr(b')', &stat)? + 1..];
    let mut words = std::str::from_utf8(behind).ok()?.split_ascii_whitespace();
    let state = words.next()?;
    let parent = words.next()?.parse().ok()?;
    (state != "Z" && state != "X").then_some(parent)
}

/// Two pipes that are read together; what comes from one of them never waits long for the other.
#[derive(Debug)]
pub struct TwoPipes {
    pipes: [Option<PipeReader>; 2],
    /// Which of them is asked first.
    turn: usize,
    buffer: Vec<u8>,
}

impl TwoPipes {
    /// Takes the two.
    pub fn new(first: PipeReader, second: PipeReader) -> io::Result<TwoPipes> {
        Ok(TwoPipes { pipes: [Some(first), Some(second)], turn: 0, buffer: vec![0; 64 << 10] })
    }

    /// Waits until one of them has something, at most so long.
    pub fn next(&mut self, limit: Option<Duration>) -> io::Result<Came<'_>> {
        let open = [self.turn, 1 - self.turn].into_iter().filter(|which| self.pipes[*which].is_some());
        let open: Vec<usize> = open.collect();
        let mut polled: Vec<PollFd<'_>> =
            open.iter().filter_map(|which| Some(PollFd::new(self.pipes[*which].as_ref()?, PollFlags::IN))).collect();
        let timeout = limit.and_then(|limit| Timespec::try_from(limit).ok());
        match poll(&mut polled, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let ready = polled.iter().position(|fd| !fd.revents().is_empty());
        let Some(which) = ready.map(|at| open[at]) else { return Ok(Came::Nothing) };
        self.turn = 1 - which;
        let Some(pipe) = self.pipes[which].as_mut() else { return Ok(Came::Nothing) };
        match pipe.read(&mut self.buffer) {
            Ok(len) if len > 0 => Ok(Came::Bytes(which, &self.buffer[..len])),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(Came::Nothing),
            Ok(_) | Err(_) => {
                self.pipes[which] = None;
                Ok(Came::End(which))
            }
        }
    }

    /// What still lies in the first pipe. It is not waited for more: whoever holds it open now does so for good.
    pub fn rest(mut self, mut take: impl FnMut(&[u8])) {
        let Some(mut pipe) = self.pipes[0].take() else { return };
        if rustix::io::ioctl_fionbio(&pipe, true).is_err() {
            return;
        }
        loop {
            match pipe.read(&mut self.buffer) {
                Ok(len) if len > 0 => take(&self.buffer[..len]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(_) | Err(_) => return,
            }
        }
    }
}

/// Makes all threads share the heap of the first one; to be called before there are others. glibc gives each thread a heap of its
/// own, and what a thread frees there stays with the process: with the threads that load, watch, judge and listen that is a
/// fifth of the cockpit's memory. Allocation is no bottleneck there. Does nothing with another C library.
#[allow(unsafe_code)]
pub fn share_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: sets one number of the allocator; no memory of ours is touched, and no other thread runs yet.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_child_and_its_child() {
        let mut child = Command::new("sh")
            .args(["-c", "sleep 60 & echo $!; wait"])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        io::BufRead::read_line(&mut io::BufReader::new(stdout), &mut line).expect("a line");
        let grandchild = Pid::from_raw(line.trim().parse().expect("a number")).expect("a process");
        let found = descendants(rustix::process::getpid());
        assert!(found.contains(&grandchild) && found.contains(&Pid::from_child(&child)), "{found:?}");
        assert_eq!(descendants(grandchild), []);
        for pid in [grandchild, Pid::from_child(&child)] {
            kill_process(pid, Signal::KILL).expect("it runs");
        }
        child.wait().expect("it ends");
        assert!(!descendants(rustix::process::getpid()).contains(&Pid::from_child(&child)));
    }
}
