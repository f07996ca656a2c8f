//! The terminal as a device.

use std::fmt;
use std::io::{self, IsTerminal, PipeReader, PipeWriter, Write};
use std::os::fd::OwnedFd;

use rustix::event::{PollFd, PollFlags};
use rustix::io::Errno;

use crate::sys::Woken;

/// The editor that every such system has.
pub const EDITOR: &str = "vi";

/// Whether the kitty keyboard protocol can be asked for.
pub const KITTY_KEYS: bool = true;

/// Takes or leaves buttons and wheel, with SGR coordinates. Not crossterm's command: that one also asks for every movement
/// of the mouse, and each would wake us.
pub struct Mouse(pub bool);

impl crossterm::Command for Mouse {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str(if self.0 { "\x1b[?1000h\x1b[?1006h" } else { "\x1b[?1006l\x1b[?1000l" })
    }
}

/// What the operator types, to be waited for. Sleeps until something comes.
pub struct Input {
    tty: OwnedFd,
    asked: PipeReader,
}

/// Ends the waiting from another thread.
pub struct Stopper(PipeWriter);

impl Input {
    /// The input that crossterm reads: standard input, or the controlling terminal. macOS cannot wait for the latter by its
    /// name `/dev/tty`: there standard input must be the terminal.
    pub fn open() -> io::Result<(Input, Stopper)> {
        let (asked, stop) = io::pipe()?;
        Ok((Input { tty: tty()?, asked }, Stopper(stop)))
    }

    /// Waits until there is something to read. A terminal that hung up is told before crossterm is asked: it would read the
    /// end of file again and again.
    pub fn wait(&self) -> Woken {
        loop {
            let mut fds = [PollFd::new(&self.tty, PollFlags::IN), PollFd::new(&self.asked, PollFlags::IN)];
            match rustix::event::poll(&mut fds, None) {
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(_) => return Woken::HungUp,
            }
            if !fds[1].revents().is_empty() {
                return Woken::Stopped;
            }
            if fds[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
                return Woken::HungUp;
            }
            return Woken::Ready;
        }
    }
}

impl Input {
    /// Makes the system tell once more that there is something to read. crossterm is told only once for each thing that comes,
    /// and forgets it when a new size comes with it: the key would wait for the next one. Setting the modes that are set wakes
    /// everybody who waits for the terminal.
    pub fn remind(&self) {
        // Where this fails the next key brings the lost one along.
        if let Ok(modes) = rustix::termios::tcgetattr(&self.tty) {
            let _ = rustix::termios::tcsetattr(&self.tty, rustix::termios::OptionalActions::Now, &modes);
        }
    }
}

impl Stopper {
    /// Ends the waiting.
    pub fn stop(&mut self) {
        // The thread that waited has ended.
        let _ = self.0.write_all(b"x");
    }
}

/// Drops what was typed and not read yet.
pub fn drop_input() {
    if let Ok(tty) = tty() {
        let _ = rustix::termios::tcflush(&tty, rustix::termios::QueueSelector::IFlush);
    }
}

fn tty() -> io::Result<OwnedFd> {
    if io::stdin().is_terminal() {
        return Ok(rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 3)?);
    }
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::CLOEXEC | rustix::fs::OFlags::NOCTTY;
    Ok(rustix::fs::open("/dev/tty", flags, rustix::fs::Mode::empty())?)
}
