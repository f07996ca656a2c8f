//! Signals: the system's way to say Ctrl-C, and on Windows that the window is being closed. A program cannot be stopped, and
//! that the terminal has another size comes with its input.

use std::io;

use crate::sys::Signal;

/// Whether a program can be stopped and go on later (Ctrl-Z and `fg`).
pub const CAN_STOP: bool = false;

/// The number of a signal, as other systems have it: exit codes are made of it.
pub fn number(signal: Signal) -> i32 {
    match signal {
        Signal::Hup => 1,
        Signal::Int => 2,
        Signal::Quit => 3,
        Signal::Term => 15,
        Signal::Continue => 18,
        Signal::Stop => 20,
        Signal::Resize => 28,
    }
}

/// Calls `hear` for each of the signals that there are here, from now on, until it answers false. Within a tokio runtime.
pub fn listen(signals: &[Signal], hear: impl Fn(Signal) -> bool + Clone + Send + 'static) -> io::Result<()> {
    #[cfg(windows)]
    if signals.contains(&Signal::Hup) {
        let mut closing = tokio::signal::windows::ctrl_close()?;
        let hear = hear.clone();
        tokio::spawn(async move { while closing.recv().await.is_some() && hear(Signal::Hup) {} });
    }
    if signals.contains(&Signal::Int) {
        tokio::spawn(async move { while tokio::signal::ctrl_c().await.is_ok() && hear(Signal::Int) {} });
    }
    Ok(())
}

/// Whether this process is not alone in its job: there are none.
pub fn is_in_job() -> bool {
    false
}

/// Asks the whole job to stop: there is none.
pub fn stop_job() {}

/// Stops this process: it cannot be.
pub fn stop() {}
