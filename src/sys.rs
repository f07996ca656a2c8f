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
pub use portable::file;
#[cfg(all(any(target_os = "linux", target_os = "macos"), not(codex_tui_portable)))]
pub use unix::file;

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
