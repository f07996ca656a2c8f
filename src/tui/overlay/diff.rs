//! The exact unified diff of an operation, before it is written.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Reply, put_lines, window};
use crate::op::{Conflict, Operation};
use crate::tui::keymap::Keymap;
use crate::tui::theme::Theme;
use crate::workbench::{Outcome, Request};

/// The dialog.
#[derive(Debug)]
pub struct Diff {
    operation: Operation,
    /// The preview that is shown or waited for.
    ticket: u64,
    over_draft: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Waiting,
    Ready(String),
    Refused(String),
    Writing(u64),
}

impl Diff {
    /// A dialog that waits for its diff.
    pub fn new(operation: Operation, ticket: u64, over_draft: bool) -> Diff {
        Diff { operation, ticket, over_draft, state: State::Waiting }
    }

    /// Whether this preview is waited for.
    pub fn expects(&self, ticket: u64) -> bool {
        self.ticket == ticket && self.waits().is_none()
    }

    /// The write whose answer is waited for.
    pub fn waits(&self) -> Option<u64> {
        match self.state {
            State::Writing(ticket) => Some(ticket),
            State::Waiting | State::Ready(_) | State::Refused(_) => None,
        }
    }

    /// It is being written.
    pub fn write(&mut self, ticket: u64) {
        self.state = State::Writing(ticket);
    }

    /// The operation, to be previewed again under this ticket.
    pub fn again(&mut self, ticket: u64) -> Operation {
        self.ticket = ticket;
        self.operation.clone()
    }

    /// The preview; gives back a conflict.
    pub fn learn(&mut self, result: &Result<String, Outcome>) -> Option<(Vec<Conflict>, Operation)> {
        self.state = match result {
            Ok(diff) => State::Ready(diff.clone()),
            Err(Outcome::Conflict { conflicts, mine }) => return Some((conflicts.clone(), mine.clone())),
            Err(
                Outcome::Refused { message }
                | Outcome::Damaged { message }
                | Outcome::Failed { message }
                | Outcome::Unchanged { message }
                | Outcome::Done { message, .. },
            ) => State::Refused(message.clone()),
        };
        None
    }

    pub(super) fn footer(&self) -> &'static [(&'static str, &'static str)] {
        &[("enter", "write it"), ("esc", "back")]
    }

    pub(super) fn key(&mut self, key: KeyEvent, _keymap: &Keymap, _screen: Rect) -> Reply {
        match (key.code, &self.state) {
            (KeyCode::Esc, _) => Reply::Close,
            (KeyCode::Enter, State::Ready(_)) => Reply::Commit(Request::Commit(self.operation.clone())),
            _ => Reply::Stay,
        }
    }

    pub(super) fn scroll(&mut self, _lines: i64, _screen: Rect) {}

    pub(super) fn paste(&mut self, _pasted: &str) {}

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme) {
        let inner = window(screen, 100, screen.height, &self.operation.intent.summary, buf, theme);
        let text = match &self.state {
            State::Ready(text) | State::Refused(text) => text,
            State::Waiting | State::Writing(_) => "comparing with the documents",
        };
        let _ = self.over_draft;
        put_lines(buf, inner, 0, &text.lines().collect::<Vec<_>>(), theme);
    }
}
