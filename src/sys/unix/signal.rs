//! Signals.

use std::io;

use rustix::process::Signal as Raw;
use tokio::signal::unix::{SignalKind, signal};

use crate::sys::Signal;

/// Whether a program can be stopped and go on later (Ctrl-Z and `fg`).
pub const CAN_STOP: bool = true;

/// The system's number of a signal.
pub fn number(signal: Signal) -> i32 {
    let raw = match signal {
        Signal::Term => Raw::TERM,
        Signal::Hup => Raw::HUP,
        Signal::Int => Raw::INT,
        Signal::Quit => Raw::QUIT,
        Signal::Stop => Raw::TSTP,
        Signal::Continue => Raw::CONT,
        Signal::Resize => Raw::WINCH,
    };
    raw.as_raw()
}

/// Calls `hear` for each of the signals from now on, until it answers false. Within a tokio runtime.
pub fn listen(signals: &[Signal], hear: impl Fn(Signal) -> bool + Clone + Send + 'static) -> io::Result<()> {
    for &kind in signals {
        let mut stream = signal(SignalKind::from_raw(number(kind)))?;
        let hear = hear.clone();
        tokio::spawn(async move { while stream.recv().await.is_some() && hear(kind) {} });
    }
    Ok(())
}

/// Whether this process is not alone in its job: others were started with it, such as a script that waits for it.
pub fn is_in_job() -> bool {
    rustix::process::getpgrp() != rustix::process::getpid()
}

/// Asks the whole job to stop, this process included, as Ctrl-Z does.
pub fn stop_job() {
    let _ = rustix::process::kill_current_process_group(Raw::TSTP);
}

/// Stops this process; returns when it goes on.
pub fn stop() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), Raw::STOP);
}
