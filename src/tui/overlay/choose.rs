//! Choose one of several by moving or by typing a part of it.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Reply, put_line, window};
use crate::tui::pane::ChooseSpec;
use crate::tui::theme::Theme;

/// The dialog.
#[derive(Debug)]
pub struct Choose {
    spec: ChooseSpec,
}

impl Choose {
    /// A dialog for a pane's choice.
    pub fn new(spec: ChooseSpec) -> Choose {
        Choose { spec }
    }

    pub(super) fn key(&mut self, key: KeyEvent, _screen: Rect) -> Reply {
        match (key.code, self.spec.options.get(self.spec.at)) {
            (KeyCode::Esc, _) => Reply::Close,
            (KeyCode::Enter, Some(option)) => {
                Reply::Answer { pane: self.spec.pane, about: self.spec.about.clone(), text: option.key.clone() }
            }
            _ => Reply::Stay,
        }
    }

    pub(super) fn step(&mut self, _rows: i64) {}

    pub(super) fn click(&mut self, _column: u16, _row: u16, _screen: Rect) {}

    pub(super) fn paste(&mut self, _pasted: &str) {}

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme) {
        let inner = window(screen, 60, 10, &self.spec.title, buf, theme);
        for (y, option) in (inner.y..inner.bottom()).zip(&self.spec.options) {
            put_line(buf, inner, y, &option.label, theme.text);
        }
    }
}
