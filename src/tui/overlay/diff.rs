//! The exact unified diff of an operation, before it is written. What differs in a changed line is in reverse, and a
//! long line is folded around it.
//!
//! ```text
//! ┌─ Move ST-B-001 to Done ───────────────── 3 files ─┐
//! │ docs/taskboard/TaskBoard.csv                      │
//! │ @@ -12,3 +12,3 @@                                 │
//! │  context                                          │
//! │ -"ST-B-001","…a task, In Progress, and then…      │
//! │ +"ST-B-001","…a task, Done, and then…             │
//! │ enter writes it   w whole lines   esc leaves it   │
//! └─────────────────────────────────── lines 1–5 of 9 ┘
//! ```

mod lines;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use std::ops::Range;

use self::lines::Line;
use super::{Reply, inside, note_lines, note_on, place, put_line, scrolled, scrolled_by, stage, window};
use crate::op::{Conflict, Operation};
use crate::tui::keymap::Keymap;
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::widget::wrap;
use crate::workbench::{Outcome, Request};

/// The dialog.
#[derive(Debug)]
pub struct Diff {
    operation: Operation,
    /// The preview that is shown or waited for.
    ticket: u64,
    /// The dialog that it came from is still open below: going back means going back to it.
    over_draft: bool,
    /// The operator typed something there.
    over_typed: bool,
    state: State,
    /// Long lines are not folded.
    whole: bool,
    top: usize,
    /// The number of rows, as far as it is typed.
    typed: String,
    /// Said until the next key.
    said: String,
    /// What the operator should know besides.
    notes: Vec<String>,
}

#[derive(Debug)]
enum State {
    /// The preview is ordered.
    Waiting,
    /// This is what would be written.
    Ready {
        lines: Vec<Line>,
        /// The diff is not the one that was shown first.
        anew: bool,
    },
    /// Nothing would be written, and why.
    Refused(String),
    /// Ordered under this ticket.
    Writing(u64),
}

/// One screen row: a sign or a blank, then a part of a line.
struct Row {
    line: usize,
    first: bool,
    range: Range<usize>,
}

/// The lines as texts and the screen rows that they take.
struct Laid {
    texts: Vec<(String, Vec<Range<usize>>)>,
    rows: Vec<Row>,
}

impl Diff {
    /// A dialog that waits for its diff. `over_draft` when it came from a dialog that lies below.
    pub fn new(operation: Operation, ticket: u64, over_draft: bool) -> Diff {
        Diff {
            operation,
            ticket,
            over_draft,
            over_typed: over_draft,
            state: State::Waiting,
            whole: false,
            top: 0,
            typed: String::new(),
            said: String::new(),
            notes: Vec::new(),
        }
    }

    /// Whether this preview is waited for.
    pub fn expects(&self, ticket: u64) -> bool {
        self.ticket == ticket && self.waits().is_none()
    }

    /// The write whose answer is waited for.
    pub fn waits(&self) -> Option<u64> {
        match self.state {
            State::Writing(ticket) => Some(ticket),
            State::Waiting | State::Ready { .. } | State::Refused(_) => None,
        }
    }

    /// It is being written.
    pub fn write(&mut self, ticket: u64) {
        self.state = State::Writing(ticket);
    }

    /// The operation, to be previewed again under this ticket: the documents may have changed.
    pub fn again(&mut self, ticket: u64) -> Operation {
        self.ticket = ticket;
        self.operation.clone()
    }

    /// The dialog, knowing whether something was typed in the one that it came from.
    #[must_use]
    pub fn over_typed(mut self, typed: bool) -> Diff {
        self.over_typed = typed;
        self
    }

    /// The dialog with sentences that stand below the diff.
    #[must_use]
    pub fn noted(mut self, notes: Vec<String>) -> Diff {
        self.notes = notes;
        self
    }

    /// The preview has come. Gives back a conflict while nothing was shown yet; later it is only said, because a dialog
    /// must not catch keys that were meant for another.
    pub fn learn(&mut self, result: &Result<String, Outcome>) -> Option<(Vec<Conflict>, Operation)> {
        let said = match result {
            Ok(diff) if diff.is_empty() => "nothing to do: it stands so already".to_owned(),
            Ok(diff) => {
                let new = lines::read(diff);
                let anew = match &self.state {
                    State::Ready { lines, anew } => *anew || *lines != new,
                    State::Waiting | State::Refused(_) | State::Writing(_) => false,
                };
                self.state = State::Ready { lines: new, anew };
                return None;
            }
            Err(Outcome::Conflict { conflicts, mine }) => {
                if matches!(self.state, State::Waiting) {
                    return Some((conflicts.clone(), mine.clone()));
                }
                let at: Vec<String> = conflicts.iter().map(ToString::to_string).collect();
                format!("changed meanwhile by someone else; nothing was written: {}", at.join("; "))
            }
            Err(
                Outcome::Refused { message }
                | Outcome::Forbidden { message, .. }
                | Outcome::Damaged { message }
                | Outcome::Failed { message }
                | Outcome::Unchanged { message }
                | Outcome::Done { message, .. },
            ) => message.clone(),
        };
        self.state = State::Refused(said);
        None
    }

    /// How many rows have to be typed before it is written; none when Enter is enough.
    fn demanded(&self) -> Option<usize> {
        let many = self.operation.removes_many() && self.operation.undoes.is_none();
        many.then(|| self.operation.removes())
    }

    /// What Esc does.
    fn escape(&self) -> &'static str {
        match &self.state {
            State::Writing(_) => "does not wait",
            State::Waiting | State::Ready { .. } | State::Refused(_) if self.over_typed => "back to your draft",
            State::Waiting | State::Ready { .. } | State::Refused(_) if self.over_draft => "goes back",
            State::Waiting | State::Ready { .. } | State::Refused(_) => "leaves it",
        }
    }

    pub(super) fn footer(&self) -> Vec<(String, String)> {
        let mut keys = match (&self.state, self.demanded()) {
            (State::Ready { .. }, Some(rows)) => vec![(rows.to_string(), "and enter writes it")],
            (State::Ready { .. }, None) => vec![("enter".to_owned(), "write it")],
            (State::Waiting | State::Refused(_) | State::Writing(_), _) => Vec::new(),
        };
        if matches!(self.state, State::Ready { .. }) {
            keys.push(("w".to_owned(), if self.whole { "fold lines" } else { "whole lines" }));
            keys.push(("j/k".to_owned(), "scroll"));
        }
        keys.push(("esc".to_owned(), self.escape()));
        keys.into_iter().map(|(key, word)| (key, word.to_owned())).collect()
    }

    pub(super) fn key(&mut self, key: KeyEvent, keymap: &Keymap, screen: Rect) -> Reply {
        self.said.clear();
        let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        if key.code == KeyCode::Esc || (key.code == KeyCode::Char('e') && plain && self.over_draft) {
            return Reply::Close;
        }
        if !matches!(self.state, State::Ready { .. }) {
            // A refusal is read; Enter must not write what the operator has not seen.
            let read = matches!(self.state, State::Refused(_)) && key.code == KeyCode::Enter;
            return if read { Reply::Close } else { Reply::Stay };
        }
        match (key.code, self.demanded()) {
            (KeyCode::Enter, None) => return Reply::Commit(Request::Commit(self.operation.clone())),
            (KeyCode::Char('y'), None) if plain => return Reply::Commit(Request::Commit(self.operation.clone())),
            (KeyCode::Enter, Some(rows)) if self.typed == rows.to_string() => {
                return Reply::Commit(Request::Confirmed { operation: self.operation.clone(), rows });
            }
            (KeyCode::Enter, Some(rows)) => self.said = format!("not written: type {rows} first"),
            (KeyCode::Char(c @ '0'..='9'), Some(_)) if plain && self.typed.len() < 9 => self.typed.push(c),
            (KeyCode::Backspace, Some(_)) => {
                self.typed.pop();
            }
            (KeyCode::Char('w'), _) if plain => (self.whole, self.top) = (!self.whole, 0),
            _ => {
                let (rows, height) = self.room(screen);
                if let Some(top) = scrolled(self.top, key, keymap, rows, height) {
                    self.top = top;
                }
            }
        }
        Reply::Stay
    }

    pub(super) fn scroll(&mut self, by: i64, screen: Rect) {
        let (rows, height) = self.room(screen);
        self.top = scrolled_by(self.top, by, rows, height);
    }

    fn lay_out(&self, columns: u16, dot: &str) -> Laid {
        let State::Ready { lines, .. } = &self.state else { return Laid { texts: Vec::new(), rows: Vec::new() } };
        let fold = (!self.whole).then_some(usize::from(columns));
        let texts: Vec<_> = lines.iter().map(|line| lines::shown(line, fold, dot)).collect();
        let room = usize::from(columns.saturating_sub(1)).max(1);
        let mut rows = Vec::new();
        for (at, (text, _)) in texts.iter().enumerate() {
            let ranges = wrap::wrap(text, room);
            rows.extend(ranges.into_iter().enumerate().map(|(n, range)| Row { line: at, first: n == 0, range }));
        }
        Laid { texts, rows }
    }

    /// What stands below the diff: line, and whether it is a key line.
    fn told(&self, columns: u16, theme: &Theme) -> Vec<(String, Style)> {
        let mut told = Vec::new();
        let keys = match &self.state {
            State::Waiting => {
                told.push(("comparing with the documents".to_owned(), theme.quiet));
                format!("esc {}", self.escape())
            }
            State::Writing(_) => {
                told.push(("writing".to_owned(), theme.quiet));
                format!("esc {}", self.escape())
            }
            State::Refused(why) => {
                let lines = text::wrap(why, usize::from(columns).max(1));
                told.extend(lines.into_iter().map(|line| (line, theme.bad)));
                format!("esc {}", self.escape())
            }
            State::Ready { anew, .. } => {
                for note in &self.notes {
                    let lines = text::wrap(note, usize::from(columns).max(1));
                    told.extend(lines.into_iter().map(|line| (line, theme.warn)));
                }
                if *anew {
                    told.push(("! the documents changed meanwhile: this is the diff now".to_owned(), theme.warn));
                }
                let fold = if self.whole { "w fold lines" } else { "w whole lines" };
                match self.demanded() {
                    None => format!("enter writes it   esc {}   {fold}", self.escape()),
                    Some(rows) => {
                        let ask = format!("This removes {rows} rows. Type {rows} and press Enter: {}", self.typed);
                        let mut lines = text::wrap(&ask, usize::from(columns).max(1));
                        if let Some(last) = lines.last_mut() {
                            last.push_str(theme.symbols.bar);
                        }
                        told.extend(lines.into_iter().map(|line| (line, theme.warn)));
                        format!("esc {}   {fold}", self.escape())
                    }
                }
            }
        };
        if !self.said.is_empty() {
            told.push((self.said.clone(), theme.bad));
        }
        told.push((text::cut(&keys, usize::from(columns)).into_owned(), theme.key));
        told
    }

    fn outer(&self, screen: Rect, rows: usize, told: usize) -> Rect {
        let screen = stage(screen);
        place(screen, screen.width.min(120), u16::try_from(rows + told + 2).unwrap_or(u16::MAX))
    }

    fn columns(screen: Rect) -> u16 {
        inside(place(stage(screen), screen.width.min(120), screen.height)).width
    }

    /// Rows of the diff, and how many of them are shown at once.
    fn room(&self, screen: Rect) -> (usize, u16) {
        let columns = Diff::columns(screen);
        let rows = self.lay_out(columns, ".").rows.len();
        let told = self.told(columns, &Theme::default()).len();
        let inner = inside(self.outer(screen, rows, told));
        (rows, inner.height.saturating_sub(u16::try_from(told).unwrap_or(u16::MAX)).max(1))
    }

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme) {
        let columns = Diff::columns(screen);
        let laid = self.lay_out(columns, theme.symbols.dot);
        let mut told = self.told(columns, theme);
        let outer = self.outer(screen, laid.rows.len(), told.len());
        let title = &self.operation.intent.summary;
        let inner = window(stage(screen), outer.width, outer.height, title, buf, theme);
        if inner.is_empty() {
            return;
        }
        // The keys are said last and stay longest.
        let room = usize::from(inner.height);
        told.drain(..told.len().saturating_sub(room));
        let height = room - told.len();
        if let State::Ready { lines, .. } = &self.state {
            let files = lines.iter().filter(|line| matches!(line, Line::File(_))).count();
            let files = if files == 1 { "1 file".to_owned() } else { format!("{files} files") };
            note_on(buf, outer, outer.y, title, &files, theme);
        }
        let top = self.top.min(laid.rows.len().saturating_sub(height.max(1)));
        for (y, row) in (inner.y..inner.y + height as u16).zip(laid.rows.iter().skip(top)) {
            self.draw_row(Rect { y, height: 1, ..inner }, buf, theme, &laid, row);
        }
        for (y, (line, style)) in (inner.y + height as u16..inner.bottom()).zip(&told) {
            put_line(buf, inner, y, line, *style);
        }
        note_lines(buf, outer, top, height, laid.rows.len(), theme);
    }

    fn draw_row(&self, area: Rect, buf: &mut Buffer, theme: &Theme, laid: &Laid, row: &Row) {
        let State::Ready { lines, .. } = &self.state else { return };
        let (sign, style) = match &lines[row.line] {
            Line::File(_) => ("", theme.heading),
            Line::Hunk(_) | Line::Remark(_) => ("", theme.quiet),
            Line::Context(_) => (" ", theme.text),
            Line::Removed(_) => ("-", theme.bad),
            Line::Added(_) => ("+", theme.good),
        };
        let mut x = area.x;
        if !sign.is_empty() {
            text::put(buf, x, area.y, 1, if row.first { sign } else { " " }, style);
            x += 1;
        }
        let (text, marked) = &laid.texts[row.line];
        // From one edge of a marked part to the next.
        let mut at = row.range.start;
        while at < row.range.end && x < area.right() {
            let inside = marked.iter().find(|range| range.contains(&at));
            let next = marked.iter().map(|range| range.start).find(|start| *start > at).unwrap_or(row.range.end);
            let end = inside.map_or(next, |range| range.end).min(row.range.end);
            let marked = style.add_modifier(Modifier::REVERSED | Modifier::BOLD);
            let ink = if inside.is_some() { marked } else { style };
            x += text::put(buf, x, area.y, area.right() - x, &text[at..end], ink);
            at = end;
        }
    }
}

#[cfg(test)]
mod tests;
