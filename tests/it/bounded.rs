//! Work that has to come to an end: what hangs fails by its name, instead of holding up everything behind it.

use std::process::{Child, Output};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// For work that takes parts of a second: long enough on a busy machine too, and too short for what grows faster than its
/// input.
const WORK: Duration = Duration::from_secs(60);
/// For a program, which may have to wait for others.
const PROGRAM: Duration = Duration::from_secs(300);

/// What the work gives; fails when it does not end.
#[track_caller]
pub fn ends<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    within(WORK, work).unwrap_or_else(|| panic!("{what}: it does not end"))
}

/// What a program says until it ends; one that does not is killed, and the test fails.
#[track_caller]
pub fn output(what: &str, child: Child) -> Output {
    let id = child.id();
    let ended = within(PROGRAM, move || child.wait_with_output());
    if ended.is_none() {
        kill(id);
    }
    ended.unwrap_or_else(|| panic!("{what}: it does not end")).expect("its output")
}

/// None when it has not ended by then. A panic of the work is one here.
fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, end) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        // Nobody waits any more after the limit.
        let _ = done.send(work());
    });
    match end.recv_timeout(limit) {
        Ok(value) => Some(value),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(()) => None,
        },
    }
}

#[cfg(unix)]
fn kill(id: u32) {
    if let Some(id) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
        // It may have ended just now.
        let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
    }
}

/// Where processes cannot be ended by their number the test run ends it.
#[cfg(not(unix))]
fn kill(_id: u32) {}
