//! The keys in force, from the table: the focused pane's first. `/` cuts them to those with a word.
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

use super::{Reply, inside, note_on, place, put_line, scrolled, scrolled_by, window};
use crate::tui::action::Action;
use crate::tui::filter::{self, Typed};
use crate::tui::keymap::{Key, Keymap, heading};
use crate::tui::pane::Context;
use crate::tui::text;
use crate::tui::theme::Theme;

/// Columns for the keys.
fn key_columns(columns: u16) -> u16 {
    if columns < 56 { 9.min(columns) } else { 16 }
}

/// The help.
#[derive(Debug)]
pub struct Help {
    context: Context,
    top: usize,
    /// Only keys and phrases with this.
    filter: String,
    typing: bool,
}

enum HelpLine {
    Heading(String),
    Key(String, String),
}

impl Help {
    /// Help for a pane.
    pub fn new(context: Context) -> Help {
        Help { context, top: 0, filter: String::new(), typing: false }
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
            let mut name = Some(heading(context));
            for (row, keys) in keymap.rows().filter(|(row, keys)| row.context == context && !keys.is_empty()) {
                let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
                let mut keys = keys.join(" ");
                let wanted = self.filter.to_lowercase();
                let text = format!("{} {} {keys}", row.title, row.name).to_lowercase();
                if !wanted.split_whitespace().all(|word| text.contains(word)) {
                    continue;
                }
                lines.extend(name.take().map(|name| HelpLine::Heading(name.to_owned())));
                for part in text::wrap(row.title, usize::from(columns - key_columns(columns)).max(8)) {
                    lines.push(HelpLine::Key(std::mem::take(&mut keys), part));
                }
            }
        }
        if lines.is_empty() {
            lines.push(HelpLine::Heading("nothing matches".to_owned()));
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
        if self.typing {
            match filter::typed(self.filter.clone(), key) {
                Typed::Text(text) => (self.filter, self.top) = (text, 0),
                Typed::Clear => (self.filter, self.typing) = (String::new(), false),
                Typed::Keep | Typed::Elsewhere => self.typing = false,
            }
            return Reply::Stay;
        }
        let inner = Help::inner(screen);
        let lines = self.lines(keymap, inner.width).len();
        match (scrolled(self.top, key, keymap, lines, inner.height), key.code) {
            (Some(top), _) => {
                self.top = top;
                Reply::Stay
            }
            (None, KeyCode::Char('/')) => {
                self.typing = true;
                Reply::Stay
            }
            (None, KeyCode::Esc) if !self.filter.is_empty() => {
                self.filter.clear();
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
        let end = if self.typing { theme.symbols.bar } else { "" };
        let title = match self.typing || !self.filter.is_empty() {
            true => format!("Keys {} /{}{end}", theme.symbols.dot, text::clean(&self.filter)),
            false => "Keys".to_owned(),
        };
        let inner = window(screen, width, height, &title, buf, theme);
        let lines = self.lines(keymap, inner.width);
        let last = (self.top + usize::from(inner.height)).min(lines.len());
        if lines.len() > usize::from(inner.height) {
            let outer = place(screen, width, height);
            note_on(buf, outer, outer.bottom().saturating_sub(1), "", &format!("{last} of {}", lines.len()), theme);
        }
        for (y, line) in (inner.y..inner.bottom()).zip(lines.iter().skip(self.top)) {
            match line {
                HelpLine::Heading(name) => {
                    put_line(buf, inner, y, name, theme.heading);
                }
                HelpLine::Key(keys, title) => {
                    let columns = key_columns(inner.width);
                    text::put(buf, inner.x, y, columns.saturating_sub(1), keys, theme.key);
                    text::put(buf, inner.x + columns, y, inner.width - columns, title, theme.text);
                }
            }
        }
    }
}
