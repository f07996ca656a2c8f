//! The keeper: a process of ours that runs the program and stays until everything that the program started has ended.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::sys::process::{Family, lead};
use crate::sys::{End, Happened};

/// Sent over the life line: end the program.
pub const STOP: u8 = b's';

/// How long a program has to end by itself once it was asked to.
const ASKED: Duration = Duration::from_secs(2);
/// How long what it left behind has to end by itself: the last of a pipeline may still be writing.
const LEFT: Duration = Duration::from_secs(1);
/// After this time what was killed is looked for again: a process may have been started in between.
const AGAIN: Duration = Duration::from_millis(50);

enum News {
    /// Something of the program has ended.
    Happened(Happened),
    /// Somebody wants it to end.
    Stop,
    /// The life line is broken: whoever started us is dead.
    Alone,
}

/// Runs the program of these arguments until it and everything that it started has ended. The life line is standard input.
pub fn keep(argv: &[OsString]) {
    lead();
    let Some((program, arguments)) = argv.split_first() else { return };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stderr(io::stdout());
    let family = match Family::start(&mut command) {
        Ok(family) => family,
        Err(error) => return say(&format!("failed {}: {error}", program.display())),
    };
    drop(command);
    let (sender, news) = mpsc::channel();
    let from_line = sender.clone();
    std::thread::spawn(move || {
        let mut byte = [0];
        loop {
            let one = match io::stdin().read(&mut byte) {
                Ok(0) => News::Alone,
                Ok(_) => News::Stop,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => News::Alone,
            };
            let is_last = matches!(one, News::Alone);
            if from_line.send(one).is_err() || is_last {
                return;
            }
        }
    });
    let waited_for = family.clone();
    std::thread::spawn(move || {
        loop {
            let happened = waited_for.wait();
            if sender.send(News::Happened(happened)).is_err() || happened == Happened::AllGone {
                return;
            }
        }
    });
    let left = watch(&family, &news);
    say(&format!("left {left}"));
}

/// Stays until nothing is left; how many processes had to be killed after the program itself had ended.
fn watch(family: &Family, news: &mpsc::Receiver<News>) -> usize {
    let mut has_ended = false;
    let mut deadline: Option<Instant> = None;
    let mut left = None;
    loop {
        let next = match deadline {
            None => news.recv().unwrap_or(News::Happened(Happened::AllGone)),
            Some(at) => match news.recv_timeout(at.saturating_duration_since(Instant::now())) {
                Ok(next) => next,
                Err(mpsc::RecvTimeoutError::Disconnected) => News::Happened(Happened::AllGone),
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    let count = family.kill(has_ended);
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
            News::Happened(Happened::AllGone) => return left.unwrap_or(0),
            News::Happened(Happened::Ended(end)) => {
                has_ended = true;
                say(&match end {
                    End::Exit(code) => format!("exit {code}"),
                    End::Signal(signal) => format!("signal {signal}"),
                });
                deadline = Some(deadline.map_or(now + LEFT, |already| already.min(now + LEFT)));
            }
            // Whoever is in a hurry asks twice.
            News::Stop if has_ended || deadline.is_some() => deadline = Some(now),
            News::Stop => {
                family.ask_to_end();
                deadline = Some(now + ASKED);
            }
            News::Alone => deadline = Some(now),
        }
    }
}

fn say(text: &str) {
    // Whoever started us is dead: nobody is left to be told.
    let _ = writeln!(io::stderr(), "{}", text.replace('\n', " "));
}
