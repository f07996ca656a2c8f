//! One line of text for a question; a long one wraps. The draft lives here and nowhere else: reloads do not touch it.
//!
//! ```text
//! ┌─ Tick with a note ────────────────────────────────┐
//! │ Confirm the same task exists in …                 │
//! │ seen in TaskBoard.csv line 42▏                    │
//! │ What shows that it is done? May stay empty.       │
//! └───────────────────────────────────────────────────┘
//! ```

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::draft::Draft;
use super::{Reply, inside, place, put_line, window};
use crate::tui::pane::{Ask, PaneId};
use crate::tui::text;
use crate::tui::theme::Theme;

/// Rows of what the question is about, at most.
const CONTEXT: usize = 4;

/// Rows of what is typed, at most.
const TYPED: usize = 4;

/// The dialog.
#[derive(Debug)]
pub struct Input {
    pane: PaneId,
    ask: Ask,
    draft: Draft,
    /// Said in place of the hint until the next key.
    said: String,
    /// Esc was pressed once although something would be lost.
    leaving: bool,
}

/// Where the parts are.
struct Laid {
    width: u16,
    height: u16,
    context: Vec<String>,
    text: Rect,
    told: Vec<String>,
}

impl Input {
    /// A dialog for a pane's question.
    pub fn new(pane: PaneId, ask: Ask) -> Input {
        Input { pane, ask, draft: Draft::new(""), said: String::new(), leaving: false }
    }

    pub(super) fn has_draft(&self) -> bool {
        self.draft.is_changed()
    }

    pub(super) fn refuse(&mut self, why: &str) {
        why.clone_into(&mut self.said);
    }

    pub(super) fn paste(&mut self, pasted: &str, screen: Rect) {
        self.draft.insert(&text::pasted_line(pasted));
        self.settle(screen);
    }

    pub(super) fn key(&mut self, key: KeyEvent, screen: Rect) -> Reply {
        self.said.clear();
        let leaving = std::mem::take(&mut self.leaving);
        match key.code {
            KeyCode::Esc if leaving || !self.has_draft() => return Reply::Close,
            KeyCode::Esc => {
                self.leaving = true;
                "esc again drops what you typed".clone_into(&mut self.said);
            }
            KeyCode::Enter => {
                let text = self.draft.text().trim().to_owned();
                if !text.is_empty() || self.ask.may_be_empty {
                    return Reply::Answer { pane: self.pane, about: self.ask.about.clone(), text };
                }
                self.said = format!("nothing is typed yet. {}", self.ask.hint);
            }
            _ => {
                self.draft.key(key, self.lay_out(screen).text.width);
            }
        }
        self.settle(screen);
        Reply::Stay
    }

    /// A click puts the cursor there.
    pub(super) fn click(&mut self, column: u16, row: u16, screen: Rect) {
        let area = self.lay_out(screen).text;
        if area.contains((column, row).into()) {
            self.draft.click(column, row, area);
        }
    }

    fn settle(&mut self, screen: Rect) {
        let area = self.lay_out(screen).text;
        self.draft.settle(area.width, area.height);
    }

    fn lay_out(&self, screen: Rect) -> Laid {
        let width = screen.width.min(90);
        let columns = width.saturating_sub(4).max(1);
        let wrapped = |text: &str| text::wrap(text, usize::from(columns));
        let room = usize::from(screen.height.saturating_sub(2)).max(1);
        let mut told = wrapped(if self.said.is_empty() { &self.ask.hint } else { &self.said });
        told.truncate(room - 1);
        let typed = self.draft.height(columns).min(TYPED).min(room - told.len());
        let mut context = if self.ask.context.is_empty() { Vec::new() } else { wrapped(&self.ask.context) };
        let most = CONTEXT.min(room - told.len() - typed);
        if context.len() > most {
            context.truncate(most);
            if let Some(last) = context.last_mut() {
                *last = text::cut(&format!("{last} …"), usize::from(columns)).into_owned();
            }
        }
        let height = u16::try_from(context.len() + typed + told.len() + 2).unwrap_or(u16::MAX);
        let inner = inside(place(screen, width, height));
        let above = u16::try_from(context.len()).unwrap_or(0).min(inner.height);
        let rows = u16::try_from(typed).unwrap_or(1).min(inner.height - above);
        let text = Rect { y: inner.y + above, height: rows, ..inner };
        Laid { width, height, context, text, told }
    }

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme) {
        let Laid { width, height, context, text, told } = self.lay_out(screen);
        let inner = window(screen, width, height, &self.ask.title, buf, theme);
        if inner.is_empty() {
            return;
        }
        for (y, line) in (inner.y..text.y).zip(&context) {
            put_line(buf, inner, y, line, theme.quiet);
        }
        self.draft.draw(text, buf, theme.text, true);
        let style = if self.said.is_empty() { theme.quiet } else { theme.bad };
        for (y, line) in (text.bottom()..inner.bottom()).zip(&told) {
            put_line(buf, inner, y, line, style);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::overlay::Overlay;
    use crate::tui::overlay::sketch::{press, screen, type_in};
    use crate::tui::pane::About;

    fn input(may_be_empty: bool) -> Overlay {
        Overlay::Input(Box::new(Input::new(
            PaneId::Board,
            Ask {
                about: About::Pick("why".to_owned()),
                title: "Block HB-B-001".to_owned(),
                context: "Bring warm write latency under its gate, and keep it there for two nights in a row"
                    .to_owned(),
                hint: "Why? It goes into the notes of every document that carries the task".to_owned(),
                may_be_empty,
            },
        )))
    }

    #[test]
    fn what_was_typed_is_not_dropped_by_one_key() {
        let mut dialog = input(true);
        assert!(matches!(press(&mut dialog, "esc"), Reply::Close));
        type_in(&mut dialog, "the bench is taken");
        assert!(dialog.has_draft());
        assert!(matches!(press(&mut dialog, "esc"), Reply::Stay));
        assert!(screen(&dialog, 60, 20).contains("esc again drops what you typed"));
        assert!(matches!(press(&mut dialog, "!"), Reply::Stay));
        assert!(matches!(press(&mut dialog, "esc"), Reply::Stay));
        assert!(matches!(press(&mut dialog, "esc"), Reply::Close));
        assert!(matches!(press(&mut dialog, "enter"), Reply::Answer { text, .. } if text == "the bench is taken!"));
    }

    /// A refusal is words, not a colour.
    #[test]
    fn an_answer_that_is_needed_is_asked_for_in_words() {
        let mut dialog = input(false);
        assert!(matches!(press(&mut dialog, "space enter"), Reply::Stay));
        assert!(screen(&dialog, 60, 20).contains("nothing is typed yet"));
        assert!(matches!(press(&mut dialog, "x enter"), Reply::Answer { text, .. } if text == "x"));
        dialog.refuse("read-only; make it writable first");
        assert!(screen(&dialog, 60, 20).contains("make it writable"));
    }

    /// Question, text and hint are whole on a small screen, and what is typed wraps.
    #[test]
    fn nothing_is_cut_on_a_small_screen() {
        let mut dialog = input(true);
        type_in(&mut dialog, "the bench is taken until Thursday, says the lab");
        let shown = screen(&dialog, 40, 10);
        for part in ["nights in a row", "says the lab", "document that carries"] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        dialog.click((4, 4), false, &crate::tui::keymap::Keymap::default(), Rect::new(0, 0, 40, 10));
        for (width, height) in (1..14).flat_map(|width| (1..12).map(move |height| (width, height))) {
            screen(&dialog, width, height);
        }
    }
}
