//! The terminal as a device.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossterm::event::{DisableMouseCapture, EnableMouseCapture};

use crate::sys::Woken;

/// How often it is looked at whether the waiting is to end.
const STEP: Duration = Duration::from_millis(100);

/// The editor that such a system has.
pub const EDITOR: &str = if cfg!(windows) { "notepad" } else { "vi" };

/// Whether the kitty keyboard protocol can be asked for: on Windows asking is an error.
pub const KITTY_KEYS: bool = !cfg!(windows);

/// Takes or leaves the mouse.
pub struct Mouse(pub bool);

impl crossterm::Command for Mouse {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        if self.0 { EnableMouseCapture.write_ansi(f) } else { DisableMouseCapture.write_ansi(f) }
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> io::Result<()> {
        if self.0 { EnableMouseCapture.execute_winapi() } else { DisableMouseCapture.execute_winapi() }
    }

    #[cfg(windows)]
    fn is_ansi_code_supported(&self) -> bool {
        false
    }
}

/// What the operator types, to be waited for. Wakes ten times a second to see whether the waiting is to end.
pub struct Input {
    asked: Arc<AtomicBool>,
}

/// Ends the waiting from another thread.
pub struct Stopper(Arc<AtomicBool>);

impl Input {
    /// The input that crossterm reads.
    pub fn open() -> io::Result<(Input, Stopper)> {
        let asked = Arc::new(AtomicBool::new(false));
        Ok((Input { asked: Arc::clone(&asked) }, Stopper(asked)))
    }

    /// Waits until there is something to read.
    pub fn wait(&self) -> Woken {
        loop {
            if self.asked.load(Ordering::Relaxed) {
                return Woken::Stopped;
            }
            match crossterm::event::poll(STEP) {
                Ok(true) => return Woken::Ready,
                Ok(false) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Woken::HungUp,
            }
        }
    }
}

impl Input {
    /// What is there to read is told again by itself here.
    pub fn remind(&self) {}
}

impl Stopper {
    /// Ends the waiting.
    pub fn stop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Drops what was typed and not read yet: what crossterm does not know of cannot be.
pub fn drop_input() {}
