//! The keeper: a process of ours that runs the program and stays until everything that the program started has ended.

use std::ffi::OsString;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process, kill_process_group};

use super::tree;

/// Sent over the life line: end the program.
pub const STOP: u8 = b's';

/// How long a program has to end by itself once it was asked to.
const ASKED: Duration = Duration::from_secs(2);
/// How long what it left behind has to end by itself: the last of a pipeline may still be writing.
const LEFT: Duration = Duration::from_secs(1);
/// After this time what was killed is looked for again: a process may have been started in between.
const AGAIN: Duration = Duration::from_millis(50);

enum News {
    /// The program itself has ended.
    Ended(WaitStatus),
    /// Nothing that it started is left.
    AllGone,
    /// Somebody wants it to end.
    Stop,
    /// The life line is broken: whoever started us is dead.
    Alone,
}

/// Runs the program of these arguments until it and everything that it started has ended. The life line is standard input.
pub fn keep(argv: &[OsString]) {
    // It fails where we lead a session already, which does as well.
    let _ = rustix::process::setsid();
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    let Ok(line) = std::io::stdin().as_fd().try_clone_to_owned() else { return };
    let mut line = UnixStream::from(line);
    let Ok(mut listener) = line.try_clone() else { return };
    let Some((program, arguments)) = argv.split_first() else { return };
    let child = Command::new(program).args(arguments).stdin(Stdio::null()).process_group(0).spawn();
    let main = match child {
        Ok(child) => Pid::from_child(&child),
        Err(error) => return say(&mut line, &format!("failed {}: {error}", program.display())),
    };
    let (sender, news) = mpsc::channel();
    let from_line = sender.clone();
    std::thread::spawn(move || {
        let mut byte = [0];
        loop {
            let one = match listener.read(&mut byte) {
                Ok(0) => News::Alone,
                Ok(_) => News::Stop,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(_) => News::Alone,
            };
            let is_last = matches!(one, News::Alone);
            if from_line.send(one).is_err() || is_last {
                return;
            }
        }
    });
    std::thread::spawn(move || {
        loop {
            let one = match rustix::process::wait(WaitOptions::empty()) {
                Ok(Some((pid, status))) if pid == main => News::Ended(status),
                // An orphan, of which nobody wants to know how it ended.
                Ok(_) | Err(rustix::io::Errno::INTR) => continue,
                Err(_) => News::AllGone,
            };
            let is_last = matches!(one, News::AllGone);
            if sender.send(one).is_err() || is_last {
                return;
            }
        }
    });
    let left = watch(main, &news, &mut line);
    say(&mut line, &format!("left {left}"));
}

/// Stays until nothing is left; how many processes had to be killed after the program itself had ended.
fn watch(main: Pid, news: &mpsc::Receiver<News>, line: &mut UnixStream) -> usize {
    let mut has_ended = false;
    let mut deadline: Option<Instant> = None;
    let mut left = None;
    loop {
        let next = match deadline {
            None => news.recv().unwrap_or(News::AllGone),
            Some(at) => match news.recv_timeout(at.saturating_duration_since(Instant::now())) {
                Ok(next) => next,
                Err(mpsc::RecvTimeoutError::Disconnected) => News::AllGone,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let count = kill_all(main, has_ended);
                    if has_ended {
                        left.get_or_insert(count);
                    }
                    deadline = Some(Instant::now() + AGAIN);
                    continue;
                }
            },
        };
        let now = Instant::now();
        match next {
            News::AllGone => return left.unwrap_or(0),
            News::Ended(status) => {
                has_ended = true;
                say(line, &ended(status));
                deadline = Some(deadline.map_or(now + LEFT, |already| already.min(now + LEFT)));
            }
            // Whoever is in a hurry asks twice.
            News::Stop if has_ended || deadline.is_some() => deadline = Some(now),
            News::Stop => {
                // It has ended this moment: then that is told next.
                let _ = kill_process_group(main, Signal::TERM);
                deadline = Some(now + ASKED);
            }
            News::Alone => deadline = Some(now),
        }
    }
}

/// Kills everything that the program started, and itself; how many processes that were.
fn kill_all(main: Pid, has_ended: bool) -> usize {
    // First they are all held still: one that is killed could have started another a moment before.
    let mut held: Vec<Pid> = Vec::new();
    loop {
        let more: Vec<Pid> =
            tree::descendants(rustix::process::getpid()).into_iter().filter(|pid| !held.contains(pid)).collect();
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
        let _ = kill_process_group(main, Signal::KILL);
    }
    held.len()
}

fn ended(status: WaitStatus) -> String {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => format!("exit {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "exit -1".to_owned(),
    }
}

fn say(line: &mut UnixStream, text: &str) {
    // Whoever started us is dead: nobody is left to be told.
    let _ = writeln!(line, "{}", text.replace('\n', " "));
}
