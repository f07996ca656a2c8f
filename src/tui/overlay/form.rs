//! A form of several fields.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Reply, put_line, window};
use crate::tui::pane::FormSpec;
use crate::tui::theme::Theme;

/// The dialog.
#[derive(Debug)]
pub struct Form {
    spec: FormSpec,
}

impl Form {
    /// A form of a pane.
    pub fn new(spec: FormSpec) -> Form {
        Form { spec }
    }

    pub(super) fn has_draft(&self) -> bool {
        false
    }

    pub(super) fn refuse(&mut self, _why: &str) {}

    pub(super) fn footer(&self) -> &'static [(&'static str, &'static str)] {
        &[("ctrl-s", "show the diff"), ("esc", "cancel")]
    }

    pub(super) fn key(&mut self, key: KeyEvent, _screen: Rect) -> Reply {
        match key.code {
            KeyCode::Esc => Reply::Close,
            KeyCode::Char('s') => {
                let values = self.spec.fields.iter().map(|field| (field.key.clone(), field.value.clone())).collect();
                Reply::Filled { pane: self.spec.pane, about: self.spec.about.clone(), values }
            }
            _ => Reply::Stay,
        }
    }

    pub(super) fn scroll(&mut self, _lines: i64, _screen: Rect) {}

    pub(super) fn click(&mut self, _column: u16, _row: u16, _screen: Rect) {}

    pub(super) fn paste(&mut self, _pasted: &str, _screen: Rect) {}

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme) {
        let inner = window(screen, 60, 10, &self.spec.title, buf, theme);
        for (y, field) in (inner.y..inner.bottom()).zip(&self.spec.fields) {
            put_line(buf, inner, y, &format!("{} {}", field.label, field.value.text()), theme.text);
        }
    }
}
