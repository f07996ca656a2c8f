//! Something to read.
//!
//! ```text
//! ┌─ Notices ─────────────────────────┐
//! │ docs/TaskBoard.md: 2 damaged …    │
//! └───────────────────────────────────┘
//! ```

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Reply, inside, note_lines, place, put_lines, scrolled, scrolled_by, window};
use crate::tui::keymap::Keymap;
use crate::tui::text;
use crate::tui::theme::Theme;

/// A titled text.
#[derive(Debug)]
pub struct Message {
    title: String,
    paragraphs: Vec<String>,
    top: usize,
}

impl Message {
    /// A message of these paragraphs.
    pub fn new(title: &str, paragraphs: Vec<String>) -> Message {
        Message { title: title.to_owned(), paragraphs, top: 0 }
    }

    fn size(&self, screen: Rect) -> (u16, u16) {
        let width = screen.width.min(100);
        let lines = self.lines(width.saturating_sub(4)).len();
        (width, u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2))
    }

    fn lines(&self, columns: u16) -> Vec<String> {
        self.paragraphs.iter().flat_map(|paragraph| text::wrap(paragraph, usize::from(columns))).collect()
    }

    fn inner(&self, screen: Rect) -> Rect {
        let (width, height) = self.size(screen);
        inside(place(screen, width, height))
    }

    pub(super) fn key(&mut self, key: KeyEvent, keymap: &Keymap, screen: Rect) -> Reply {
        let inner = self.inner(screen);
        let lines = self.lines(inner.width).len();
        match (scrolled(self.top, key, keymap, lines, inner.height), key.code) {
            (Some(top), _) => {
                self.top = top;
                Reply::Stay
            }
            (None, KeyCode::Esc | KeyCode::Enter | KeyCode::Char('q' | '!' | ' ')) => Reply::Close,
            (None, _) => Reply::Stay,
        }
    }

    pub(super) fn scroll(&mut self, lines: i64, screen: Rect) {
        let inner = self.inner(screen);
        self.top = scrolled_by(self.top, lines, self.lines(inner.width).len(), inner.height);
    }

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme) {
        let (width, height) = self.size(screen);
        let inner = window(screen, width, height, &self.title, buf, theme);
        let lines = self.lines(inner.width);
        put_lines(buf, inner, self.top, &lines, theme);
        let outer = place(screen, width, height);
        note_lines(buf, outer, self.top, usize::from(inner.height), lines.len(), theme);
    }
}
