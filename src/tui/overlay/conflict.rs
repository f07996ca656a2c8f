//! Somebody changed the same cells: base, theirs and mine, and nothing is written until the operator chooses.
//!
//! ```text
//! ┌─ Changed meanwhile by someone else ───────────────┐
//! │ docs/CODEX_SESSION_CHECKLIST.md:14                │
//! │   you saw  [ ] open                               │
//! │   theirs   [x] ticked                             │
//! │   mine     [x] ticked                             │
//! └───────────────────────────────────────────────────┘
//! ```

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Reply, inside, note_lines, place, put_line, scrolled, scrolled_by, window};
use crate::doc::CellId;
use crate::op::{Conflict, Operation};
use crate::tui::action::Action;
use crate::tui::keymap::{Key, Keymap};
use crate::tui::pane::Context;
use crate::tui::text;
use crate::tui::theme::Theme;

/// Columns of the words before the values.
const LABEL: usize = 11;

/// The dialog.
#[derive(Debug)]
pub struct ConflictDialog {
    conflicts: Vec<Conflict>,
    mine: Operation,
    top: usize,
    /// What the operator typed is still open below: going back means going back to it.
    pub(in crate::tui) over_draft: bool,
}

impl ConflictDialog {
    /// A dialog for a refused operation; `mine` would overwrite what others wrote.
    pub fn new(conflicts: Vec<Conflict>, mine: Operation) -> ConflictDialog {
        ConflictDialog { conflicts, mine, top: 0, over_draft: false }
    }

    /// What Esc does.
    pub(super) fn escape(&self) -> &'static str {
        if self.over_draft { "back to your draft" } else { "decide later" }
    }

    fn lines(&self, theme: &Theme, columns: u16) -> Vec<(String, Style)> {
        let mut lines = vec![(format!("{}: nothing was written.", self.mine.intent.summary), theme.text)];
        for conflict in &self.conflicts {
            let line = conflict.line.map_or_else(String::new, |line| format!(":{line}"));
            lines.push((format!("{}{line}", conflict.doc), theme.heading));
            let theirs = conflict.theirs.as_deref().unwrap_or("(no longer there)");
            let values = [
                ("you saw", conflict.base.as_str(), theme.text),
                ("theirs", theirs, theme.warn),
                ("mine", conflict.mine.as_str(), theme.accent),
            ];
            for (label, value, style) in values {
                let mut label = format!("  {label:<9}");
                let value = match (&conflict.cell, value) {
                    (Some(CellId::Box(_)), "true") => "[x] ticked",
                    (Some(CellId::Box(_)), "false") => "[ ] open",
                    (_, "") => "(empty)",
                    (_, value) => value,
                };
                for part in text::wrap(value, usize::from(columns).saturating_sub(LABEL).max(8)) {
                    lines.push((format!("{label}{part}"), style));
                    label = " ".repeat(LABEL);
                }
            }
        }
        lines
    }

    fn size(&self, screen: Rect) -> (u16, u16) {
        let width = screen.width.min(100);
        let lines = self.lines(&Theme::default(), width.saturating_sub(4)).len();
        (width, u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(4).min(screen.height))
    }

    fn room(&self, screen: Rect) -> (usize, u16) {
        let (width, height) = self.size(screen);
        let inner = inside(place(screen, width, height));
        (self.lines(&Theme::default(), inner.width).len(), inner.height.saturating_sub(2).max(1))
    }

    pub(super) fn key(&mut self, key: KeyEvent, keymap: &Keymap, screen: Rect) -> Reply {
        if key.code == KeyCode::Esc {
            return Reply::Later;
        }
        match keymap.own(Context::Conflict, Key::from(key)) {
            Some(Action::TakeMine) => return Reply::Write(self.mine.clone()),
            Some(Action::KeepTheirs) => return Reply::KeepTheirs,
            _ => {}
        }
        let (lines, height) = self.room(screen);
        if let Some(top) = scrolled(self.top, key, keymap, lines, height) {
            self.top = top;
        }
        Reply::Stay
    }

    pub(super) fn scroll(&mut self, by: i64, screen: Rect) {
        let (lines, height) = self.room(screen);
        self.top = scrolled_by(self.top, by, lines, height);
    }

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme) {
        let (width, height) = self.size(screen);
        let inner = window(screen, width, height, "Changed meanwhile by someone else", buf, theme);
        let text_end = inner.bottom().saturating_sub(2).max(inner.y + 1);
        let lines = self.lines(theme, inner.width);
        for (y, (line, style)) in (inner.y..text_end).zip(lines.iter().skip(self.top)) {
            put_line(buf, inner, y, line, *style);
        }
        let outer = place(screen, width, height);
        note_lines(buf, outer, self.top, usize::from(text_end - inner.y), lines.len(), theme);
        if inner.height > 2 {
            let keys = format!("m write mine over theirs   t keep theirs   esc {}", self.escape());
            put_line(buf, inner, inner.bottom() - 1, &keys, theme.key);
        }
    }
}
