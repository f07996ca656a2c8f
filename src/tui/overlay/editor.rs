//! The editor of one field.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Reply, put_line, window};
use crate::tui::pane::{About, Current, EditorSpec, PaneId};
use crate::tui::theme::Theme;

/// The dialog.
#[derive(Debug)]
pub struct FieldEditor {
    spec: EditorSpec,
}

impl FieldEditor {
    /// An editor for a pane's text.
    pub fn new(spec: EditorSpec) -> FieldEditor {
        FieldEditor { spec }
    }

    /// Who asked.
    pub fn pane(&self) -> PaneId {
        self.spec.pane
    }

    /// What is edited.
    pub fn about(&self) -> &About {
        &self.spec.about
    }

    /// What stands in the documents now.
    pub fn refresh(&mut self, _now: &Current) {}

    pub(super) fn has_draft(&self) -> bool {
        false
    }

    pub(super) fn refuse(&mut self, _why: &str) {}

    pub(super) fn footer(&self) -> &'static [(&'static str, &'static str)] {
        &[("enter", "show the diff"), ("esc", "cancel")]
    }

    pub(super) fn key(&mut self, key: KeyEvent, _screen: Rect) -> Reply {
        match key.code {
            KeyCode::Esc => Reply::Close,
            KeyCode::Enter => {
                Reply::Edited { pane: self.spec.pane, about: self.spec.about.clone(), text: self.spec.text.clone() }
            }
            _ => Reply::Stay,
        }
    }

    pub(super) fn scroll(&mut self, _lines: i64, _screen: Rect) {}

    pub(super) fn click(&mut self, _column: u16, _row: u16, _screen: Rect) {}

    pub(super) fn paste(&mut self, _pasted: &str, _screen: Rect) {}

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme) {
        let inner = window(screen, 60, 10, &self.spec.title, buf, theme);
        put_line(buf, inner, inner.y, &self.spec.text, theme.text);
    }
}
