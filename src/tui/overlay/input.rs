//! One line of text for a question. The draft lives here and nowhere else: reloads do not touch it.
//!
//! ```text
//! ┌─ Tick with a note ────────────────────────────────┐
//! │ Confirm the same task exists in …                 │
//! │ seen in TaskBoard.csv line 42▏                    │
//! │ What shows that it is done? May stay empty.       │
//! └───────────────────────────────────────────────────┘
//! ```

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use tui_textarea::{CursorMove, TextArea};

use super::{Reply, put_line, window};
use crate::tui::pane::{Ask, PaneId};
use crate::tui::text;
use crate::tui::theme::Theme;

/// The dialog.
#[derive(Debug)]
pub struct Input {
    pane: PaneId,
    ask: Ask,
    area: TextArea<'static>,
    /// Enter was pressed although nothing was typed.
    refused: bool,
}

impl Input {
    /// A dialog for a pane's question.
    pub fn new(pane: PaneId, ask: Ask) -> Input {
        let mut area = TextArea::default();
        area.set_cursor_line_style(Style::new());
        Input { pane, ask, area, refused: false }
    }

    /// What is typed.
    pub fn text(&self) -> &str {
        self.area.lines().first().map_or("", String::as_str)
    }

    pub(super) fn paste(&mut self, pasted: &str) {
        self.area.insert_str(text::pasted_line(pasted));
    }

    pub(super) fn key(&mut self, key: KeyEvent) -> Reply {
        self.refused = false;
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let word = control || key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Esc => return Reply::Close,
            KeyCode::Enter => {
                let text = self.text().trim().to_owned();
                if !text.is_empty() || self.ask.may_be_empty {
                    return Reply::Answer { pane: self.pane, about: self.ask.about.clone(), text };
                }
                self.refused = true;
            }
            KeyCode::Left if word => self.area.move_cursor(CursorMove::WordBack),
            KeyCode::Left => self.area.move_cursor(CursorMove::Back),
            KeyCode::Right if word => self.area.move_cursor(CursorMove::WordForward),
            KeyCode::Right => self.area.move_cursor(CursorMove::Forward),
            KeyCode::Home => self.area.move_cursor(CursorMove::Head),
            KeyCode::End => self.area.move_cursor(CursorMove::End),
            KeyCode::Char('a') if control => self.area.move_cursor(CursorMove::Head),
            KeyCode::Char('e') if control => self.area.move_cursor(CursorMove::End),
            KeyCode::Char('u') if control => {
                self.area.delete_line_by_head();
            }
            KeyCode::Char('w') if control => {
                self.area.delete_word();
            }
            KeyCode::Backspace => {
                self.area.delete_char();
            }
            KeyCode::Delete => {
                self.area.delete_next_char();
            }
            // Everything that cannot be seen is left out.
            KeyCode::Char(c) if !word && !text::is_bad(c) => self.area.insert_char(c),
            _ => {}
        }
        Reply::Stay
    }

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme) {
        let width = screen.width.min(90);
        let mut lines = match self.ask.context.as_str() {
            "" => Vec::new(),
            context => text::wrap(context, usize::from(width.saturating_sub(4))),
        };
        lines.truncate(usize::from(screen.height.saturating_sub(6)).clamp(1, 4));
        let inner = window(screen, width, lines.len() as u16 + 4, &self.ask.title, buf, theme);
        if inner.is_empty() {
            return;
        }
        let rows = usize::from(inner.height);
        lines.truncate(rows.saturating_sub(2));
        for (y, line) in (inner.y..).zip(&lines) {
            put_line(buf, inner, y, line, theme.quiet);
        }
        let y = inner.y + lines.len() as u16;
        Widget::render(&self.area, Rect { y, height: 1, ..inner }.intersection(*buf.area()), buf);
        if y + 1 < inner.bottom() {
            let style = if self.refused { theme.bad } else { theme.quiet };
            put_line(buf, inner, y + 1, &self.ask.hint, style);
        }
    }
}
