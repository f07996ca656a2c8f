//! What the program needs of the operating system beyond the standard library, each thing behind one function. No other
//! module names a system.
//!
//! Two implementations have the same functions: `unix` for Linux and macOS, with every promise that the documentation makes;
//! `portable` for any other system, Windows among them, from the standard library and crates that run everywhere. What the
//! portable one cannot promise stands at its functions. It can be built and tested on Linux too:
//! `RUSTFLAGS='--cfg codex_tui_portable' cargo test`.

#[cfg(not(all(any(target_os = "linux", target_os = "macos"), not(codex_tui_portable))))]
mod portable;
#[cfg(all(any(target_os = "linux", target_os = "macos"), not(codex_tui_portable)))]
mod unix;

#[cfg(not(all(any(target_os = "linux", target_os = "macos"), not(codex_tui_portable))))]
pub use portable::{file, process, signal, terminal};
#[cfg(all(any(target_os = "linux", target_os = "macos"), not(codex_tui_portable)))]
pub use unix::{file, process, signal, terminal};

/// What tells a file or folder from another one that had or has the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Identity(u64, u64);

/// Who has a file open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writers {
    /// Nobody has it open for writing.
    None,
    /// Somebody has.
    Some,
    /// The system does not tell.
    Unknown,
}

/// What was waited for of a program and those that it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// The program itself has ended.
    Ended(End),
    /// Nothing that it started is left.
    AllGone,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// By itself, with this exit code.
    Exit(i32),
    /// By this signal.
    Signal(i32),
}

/// What came from one of two pipes.
#[derive(Debug, PartialEq, Eq)]
pub enum Came<'a> {
    /// These bytes, from the first (0) or the second (1).
    Bytes(usize, &'a [u8]),
    /// That pipe has ended.
    End(usize),
    /// Nothing in the given time, or for no reason.
    Nothing,
}

/// The signals that are listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Somebody wants the program to end.
    Term,
    /// The terminal is gone.
    Hup,
    /// Ctrl-C.
    Int,
    /// Ctrl-\.
    Quit,
    /// Ctrl-Z.
    Stop,
    /// The program goes on after it was stopped.
    Continue,
    /// The terminal has another size.
    Resize,
}

impl Signal {
    /// All of them.
    pub const ALL: [Signal; 7] =
        [Signal::Term, Signal::Hup, Signal::Int, Signal::Quit, Signal::Stop, Signal::Continue, Signal::Resize];
}

/// Why the waiting for the terminal's input ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// There is something to read.
    Ready,
    /// It was asked to end.
    Stopped,
    /// The terminal is gone.
    HungUp,
}
