//! The keys in force, from the table: the focused pane's first.
//!
//! ```text
//! ┌─ Keys ────────────────────────────────────────────┐
//! │ Checklist                                         │
//! │ space        Tick the step (or open it again) …   │
//! │ Everywhere                                        │
//! │ enter        Open or unfold                       │
//! └───────────────────────────────────────────────────┘
//! ```

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Reply, inside, place, put_line, scrolled, scrolled_by, window};
use crate::tui::action::Action;
use crate::tui::keymap::{Key, Keymap, heading};
use crate::tui::pane::Context;
use crate::tui::text;
use crate::tui::theme::Theme;

/// Columns for the keys.
const KEYS: usize = 16;

/// The help.
#[derive(Debug)]
pub struct Help {
    context: Context,
    top: usize,
}

enum HelpLine {
    Heading(String),
    Key(String, String),
}

impl Help {
    /// Help for a pane.
    pub fn new(context: Context) -> Help {
        Help { context, top: 0 }
    }

    fn lines(&self, keymap: &Keymap, columns: u16) -> Vec<HelpLine> {
        let mut order = vec![self.context, Context::Everywhere];
        // Every other context, in the order of the table.
        for (row, _) in keymap.rows() {
            if !order.contains(&row.context) {
                order.push(row.context);
            }
        }
        let mut lines = Vec::new();
        for context in order {
            lines.push(HelpLine::Heading(heading(context).to_owned()));
            for (row, keys) in keymap.rows().filter(|(row, keys)| row.context == context && !keys.is_empty()) {
                let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
                let mut keys = keys.join(" ");
                for part in text::wrap(row.title, usize::from(columns).saturating_sub(KEYS).max(8)) {
                    lines.push(HelpLine::Key(std::mem::take(&mut keys), part));
                }
            }
        }
        lines
    }

    fn size(screen: Rect) -> (u16, u16) {
        (screen.width.min(84), screen.height.saturating_sub(2).max(3))
    }

    fn inner(screen: Rect) -> Rect {
        let (width, height) = Help::size(screen);
        inside(place(screen, width, height))
    }

    pub(super) fn key(&mut self, key: KeyEvent, keymap: &Keymap, screen: Rect) -> Reply {
        let inner = Help::inner(screen);
        let lines = self.lines(keymap, inner.width).len();
        match (scrolled(self.top, key, keymap, lines, inner.height), key.code) {
            (Some(top), _) => {
                self.top = top;
                Reply::Stay
            }
            (None, KeyCode::Esc | KeyCode::Enter) => Reply::Close,
            (None, _) => match keymap.own(Context::Everywhere, Key::from(key)) {
                Some(Action::Help | Action::Quit) => Reply::Close,
                _ => Reply::Stay,
            },
        }
    }

    pub(super) fn scroll(&mut self, lines: i64, keymap: &Keymap, screen: Rect) {
        let inner = Help::inner(screen);
        self.top = scrolled_by(self.top, lines, self.lines(keymap, inner.width).len(), inner.height);
    }

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme, keymap: &Keymap) {
        let (width, height) = Help::size(screen);
        let inner = window(screen, width, height, "Keys", buf, theme);
        for (y, line) in (inner.y..inner.bottom()).zip(self.lines(keymap, inner.width).iter().skip(self.top)) {
            match line {
                HelpLine::Heading(name) => {
                    put_line(buf, inner, y, name, theme.heading);
                }
                HelpLine::Key(keys, title) => {
                    let columns = inner.width.min(KEYS as u16);
                    text::put(buf, inner.x, y, columns.saturating_sub(1), keys, theme.key);
                    text::put(buf, inner.x + columns, y, inner.width - columns, title, theme.text);
                }
            }
        }
    }
}
