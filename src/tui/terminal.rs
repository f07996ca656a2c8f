//! The terminal: takes it, gives it back, reads its input. Asks it nothing, so a mute terminal costs nothing.
//!
//! crossterm's `EventStream` is not used: on a hung-up terminal its reader spins without end, and it cannot be stopped
//! for sure before an editor gets the terminal. A thread of our own waits for the terminal and for the word to stop,
//! and asks crossterm only when there is something to read.

use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, KeyboardEnhancementFlags, PopKeyboardEnhancementFlags,
    PushKeyboardEnhancementFlags,
};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute, queue};
use ratatui::backend::CrosstermBackend;

use crate::sys::Woken;
use crate::sys::terminal::{Input, KITTY_KEYS, Mouse, Stopper, drop_input};

/// Buffer of a frame: a whole screen is one write.
const FRAME: usize = 64 * 1024;

/// What ratatui draws on.
pub type Screen = ratatui::Terminal<CrosstermBackend<io::BufWriter<Stdout>>>;

/// Whether the terminal is ours (raw, alternate screen) now; the panic hook and the guard ask.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Held while the terminal's modes are changed.
static MODES: Mutex<()> = Mutex::new(());

/// Whether clicks and the wheel are to be ours.
static MOUSE: AtomicBool = AtomicBool::new(true);

/// The screen, cleared at the first draw.
pub fn screen() -> io::Result<Screen> {
    let out = io::BufWriter::with_capacity(FRAME, io::stdout());
    ratatui::Terminal::new(CrosstermBackend::new(out))
}

/// Takes the terminal: raw mode, alternate screen, bracketed paste, mouse unless it was left to the terminal, and keys that
/// cannot be mistaken for others where the terminal is known to offer them.
pub fn take() -> io::Result<()> {
    crossterm::terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = io::stdout();
    queue!(out, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
    if MOUSE.load(Ordering::SeqCst) {
        queue!(out, Mouse(true))?;
    }
    if *PLAIN_KEYS {
        // On the alternate screen, which has a stack of its own for this.
        queue!(out, PushKeyboardEnhancementFlags(KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES))?;
    }
    out.flush()
}

/// Gives the terminal back as it was. Does nothing when it is not taken. Goes on after errors: a closed terminal needs
/// nothing any more.
pub fn restore() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    if *PLAIN_KEYS {
        let _ = queue!(out, PopKeyboardEnhancementFlags);
    }
    let _ = execute!(out, Mouse(false), DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    let _modes = MODES.lock();
    let _ = crossterm::terminal::disable_raw_mode();
}

/// Takes clicks and the wheel, or leaves them to the terminal, from now on.
pub fn set_mouse(on: bool) -> io::Result<()> {
    MOUSE.store(on, Ordering::SeqCst);
    if TAKEN.load(Ordering::SeqCst) { execute!(io::stdout(), Mouse(on)) } else { Ok(()) }
}

/// Whether the terminal is known to offer the kitty keyboard protocol.
static PLAIN_KEYS: LazyLock<bool> = LazyLock::new(|| {
    let variable = |name| std::env::var(name).ok();
    let inside = std::env::var_os("TMUX").is_some() || std::env::var_os("STY").is_some();
    KITTY_KEYS && !inside && offers_plain_keys(variable("TERM").as_deref(), variable("TERM_PROGRAM").as_deref())
});

/// Whether a terminal of that name offers the kitty keyboard protocol. A question would block on a mute terminal, and some
/// old ones print the request, so that only those are taken that are known to understand it.
fn offers_plain_keys(term: Option<&str>, program: Option<&str>) -> bool {
    const TERMS: [&str; 7] = ["xterm-kitty", "xterm-ghostty", "foot", "alacritty", "wezterm", "rio", "contour"];
    const PROGRAMS: [&str; 5] = ["kitty", "ghostty", "WezTerm", "iTerm.app", "rio"];
    let is_term = |term: &str| TERMS.iter().any(|known| term == *known || term.starts_with(&format!("{known}-")));
    term.is_some_and(is_term) || program.is_some_and(|program| PROGRAMS.contains(&program))
}

/// Gives the terminal back when dropped.
pub struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Drops input that came while the terminal belonged to somebody else.
pub fn drain() {
    // What an editor left unread was meant for it, and crossterm may hold events from before.
    drop_input();
    while crossterm::event::poll(Duration::ZERO).unwrap_or(false) {
        if crossterm::event::read().is_err() {
            return;
        }
    }
}

/// What the reader says.
#[derive(Debug, Clone)]
pub enum Heard {
    /// Everything that was there to read, in order.
    Input(Vec<crossterm::event::Event>),
    /// The terminal is gone.
    HungUp,
}

/// The thread that reads the terminal.
pub struct Reader {
    stop: Stopper,
    stopped: mpsc::Receiver<()>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    /// Starts reading; `hear` is called on the thread.
    pub fn start(hear: impl Fn(Heard) + Send + 'static) -> io::Result<Reader> {
        let (input, stop) = Input::open()?;
        let (ended, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().name("input".to_owned()).spawn(move || {
            read_until(&input, &hear);
            // Nobody may be waiting.
            let _ = ended.send(());
        })?;
        Ok(Reader { stop, stopped, thread: Some(thread) })
    }

    /// Stops reading; when this returns, no key is taken any more.
    pub fn stop(mut self) {
        self.stop.stop();
        // Only in the middle of an unfinished escape sequence crossterm waits for the rest: then the thread is left.
        if self.stopped.recv_timeout(Duration::from_millis(200)).is_ok()
            && let Some(thread) = self.thread.take()
        {
            // It has said that it ended.
            let _ = thread.join();
        }
    }
}

fn read_until(input: &Input, hear: &impl Fn(Heard)) {
    loop {
        match input.wait() {
            Woken::Ready => {}
            Woken::Stopped => return,
            Woken::HungUp => return hear(Heard::HungUp),
        }
        let mut events = Vec::new();
        while crossterm::event::poll(Duration::ZERO).unwrap_or(false) {
            match crossterm::event::read() {
                Ok(event) => events.push(event),
                Err(_) => return hear(Heard::HungUp),
            }
        }
        if events.is_empty() {
            // Nobody may change the modes between reading and setting them.
            let _modes = MODES.lock();
            if TAKEN.load(Ordering::SeqCst) {
                input.remind();
            }
        } else {
            hear(Heard::Input(events));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_terminals_that_are_known_to_offer_it_are_asked_for_plain_keys() {
        for term in ["xterm-kitty", "foot", "foot-extra", "alacritty", "alacritty-direct", "xterm-ghostty"] {
            assert!(offers_plain_keys(Some(term), None), "{term}");
        }
        for term in ["xterm-256color", "linux", "vt100", "screen-256color", "tmux-256color", "dumb", "footer"] {
            assert!(!offers_plain_keys(Some(term), Some("Apple_Terminal")), "{term}");
        }
        assert!(offers_plain_keys(Some("xterm-256color"), Some("WezTerm")) && !offers_plain_keys(None, None));
    }
}
