//! Where the fields of a form are on the screen, and how they are painted: labels on the left, or above the values where
//! it is narrow. Higher than the screen, it scrolls.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Field, Form};
use crate::tui::overlay::{inside, note_on, place, put_line, scrolled_by, stage, window};
use crate::tui::pane::FieldValue;
use crate::tui::text;
use crate::tui::theme::Theme;

/// Below this many columns labels stand above the values.
const NARROW: u16 = 50;

/// Columns of labels at most.
const LABELS: usize = 24;

/// Rows of a line that is edited, at most.
const LINE: usize = 4;

/// Rows of an open text area, at least and at most.
const AREA: (usize, usize) = (3, 10);

/// The layout of a form on a screen.
pub(super) struct Laid {
    /// With border.
    outer: Rect,
    /// The rows of the fields.
    body: Rect,
    /// Columns of the labels; none when they stand above.
    labels: Option<u16>,
    /// First row and number of rows of each field, in the body before it is scrolled.
    fields: Vec<(usize, usize)>,
    /// What is said below the fields.
    told: Vec<(String, Tell)>,
}

#[derive(Debug, Clone, Copy)]
enum Tell {
    Note,
    Warn,
    Bad,
    Keys,
}

impl Laid {
    /// Columns of the values.
    pub(super) fn columns(&self) -> u16 {
        self.body.width.saturating_sub(self.labels.unwrap_or(0))
    }

    fn rows(&self) -> usize {
        self.fields.last().map_or(0, |(start, rows)| start + rows)
    }

    /// Where a field's value is on the screen, and where its label is.
    fn place(&self, field: &Field, at: usize, top: usize) -> (Rect, Rect) {
        let (start, rows) = self.fields[at];
        let above = usize::from(self.labels.is_none() && !field.spec.label.is_empty());
        let part = |from: usize, rows: usize, x: u16, width: u16| {
            let first = from.max(top);
            let shown = (from + rows).saturating_sub(first);
            let y = first - top;
            let height = shown.min(usize::from(self.body.height).saturating_sub(y));
            Rect { x: self.body.x + x, y: self.body.y + (y as u16).min(self.body.height), width, height: height as u16 }
        };
        let x = self.labels.unwrap_or(0).min(self.body.width);
        let value = part(start + above, rows - above, x, self.body.width - x);
        let label = part(start, 1, 0, self.labels.unwrap_or(self.body.width).min(self.body.width));
        (value, if above == 0 && self.labels.is_none() { Rect::ZERO } else { label })
    }
}

impl Form {
    pub(super) fn lay_out(&self, screen: Rect) -> Laid {
        let screen = stage(screen);
        let width = screen.width.min(100);
        let columns = width.saturating_sub(4);
        let longest = self.fields.iter().map(|field| text::width(&text::clean(&field.spec.label))).max().unwrap_or(0);
        let labels = (columns >= NARROW).then_some(longest.min(LABELS) as u16 + 3);
        // A note takes a second line where two fields with their labels have room beside it.
        let fields = self.fields.len() * (1 + usize::from(labels.is_none()));
        let spare = usize::from(screen.height) >= fields.min(4) + 5;
        let told = self.told(usize::from(columns).max(1), 1 + usize::from(spare));
        let room = usize::from(screen.height).saturating_sub(told.len() + 2);
        let values = columns.saturating_sub(labels.unwrap_or(0));
        let mut fields = Vec::new();
        let mut from = 0;
        for (at, field) in self.fields.iter().enumerate() {
            let rows = match &field.spec.value {
                FieldValue::Text(_) if at == self.at && self.open => {
                    field.draft.height(values).clamp(AREA.0, AREA.1).min(room.saturating_sub(1).max(1))
                }
                FieldValue::Line(_) if at == self.at => field.draft.height(values).clamp(1, LINE),
                FieldValue::Line(_)
                | FieldValue::Text(_)
                | FieldValue::Choice { .. }
                | FieldValue::Check(_)
                | FieldValue::Fixed(_) => 1,
            };
            let rows = rows + usize::from(labels.is_none() && !field.spec.label.is_empty());
            fields.push((from, rows));
            from += rows;
        }
        let height = u16::try_from(from + told.len() + 2).unwrap_or(u16::MAX);
        let outer = place(screen, width, height);
        let inner = inside(outer);
        let below = u16::try_from(told.len()).unwrap_or(u16::MAX).min(inner.height);
        Laid { outer, body: Rect { height: inner.height - below, ..inner }, labels, fields, told }
    }

    /// What is said below the fields; a note has so many lines at most.
    fn told(&self, columns: usize, notes: usize) -> Vec<(String, Tell)> {
        let mut told = Vec::new();
        let field = self.fields.get(self.at);
        let foreign = match (self.gone, self.foreign.is_empty()) {
            (true, _) => Some("! no longer there on disk; your draft is kept; saving asks".to_owned()),
            (false, false) => {
                Some(format!("! changed on disk: {}; your draft is kept; saving asks", self.foreign.join(", ")))
            }
            (false, true) => None,
        };
        told.extend(foreign.map(|line| (text::cut(&text::clean(&line), columns).into_owned(), Tell::Warn)));
        // The lines are kept where any field has a note: the form must not jump with the cursor.
        let wrapped = |note: &str| text::wrap(note, columns);
        let has_note = |field: &&Field| !matches!(field.spec.value, FieldValue::Check(_) | FieldValue::Fixed(_));
        let all = self.fields.iter().filter(has_note).map(|field| &field.spec.note).filter(|note| !note.is_empty());
        let rows = all.map(|note| wrapped(note).len()).max().unwrap_or(0).min(notes);
        if !self.said.is_empty() {
            let mut lines = wrapped(&self.said);
            lines.resize(lines.len().max(rows), String::new());
            told.extend(lines.into_iter().map(|line| (line, Tell::Bad)));
        } else {
            let note = field.filter(|field| !matches!(field.spec.value, FieldValue::Check(_)));
            let note = note.map_or("", |field| field.spec.note.as_str());
            let mut lines = if note.is_empty() { Vec::new() } else { wrapped(note) };
            if lines.len() > rows {
                let rest = lines.drain(rows.saturating_sub(1)..).collect::<Vec<_>>().join(" ");
                lines.push(text::cut(&rest, columns).into_owned());
            }
            lines.resize(rows, String::new());
            told.extend(lines.into_iter().map(|line| (line, Tell::Note)));
        }
        let keys = match field.map(|field| &field.spec.value) {
            Some(FieldValue::Text(_)) if self.open => "esc closes the text   enter new line",
            Some(FieldValue::Text(_)) => "esc cancels   enter edits the text",
            Some(FieldValue::Choice { .. }) => "esc cancels   h/l chooses",
            Some(FieldValue::Check(_)) => "esc cancels   space ticks",
            Some(FieldValue::Line(_) | FieldValue::Fixed(_)) | None => "esc cancels   tab next",
        };
        let keys = format!("ctrl-s shows {}   {keys}", self.about.goal());
        told.push((text::cut(&keys, columns).into_owned(), Tell::Keys));
        told
    }

    /// The first row that is shown.
    fn top(&self, laid: &Laid) -> usize {
        let height = usize::from(laid.body.height.max(1));
        let last = laid.rows().saturating_sub(height);
        if self.scrolled {
            return self.top.min(last);
        }
        let (start, rows) = laid.fields.get(self.at).copied().unwrap_or((0, 1));
        self.top.clamp((start + rows).saturating_sub(height).min(start), start).min(last)
    }

    /// Keeps in mind what is shown, so that nothing moves that need not.
    pub(super) fn settle(&mut self, screen: Rect) {
        self.scrolled = false;
        let laid = self.lay_out(screen);
        self.top = self.top(&laid);
        if let Some(field) = self.fields.get(self.at) {
            let (value, _) = laid.place(field, self.at, self.top);
            self.fields[self.at].draft.settle(value.width, value.height);
        }
    }

    /// The wheel: the open text, else the form.
    pub(in crate::tui::overlay) fn scroll(&mut self, by: i64, screen: Rect) {
        let laid = self.lay_out(screen);
        let top = self.top(&laid);
        if self.open
            && let Some(field) = self.fields.get(self.at)
        {
            let (value, _) = laid.place(field, self.at, top);
            self.fields[self.at].draft.scroll(by, value);
            return;
        }
        self.top = scrolled_by(top, by, laid.rows(), laid.body.height);
        self.scrolled = true;
    }

    /// A click: into a field; again on a choice or a check changes it.
    pub(in crate::tui::overlay) fn click(&mut self, column: u16, row: u16, screen: Rect) {
        let laid = self.lay_out(screen);
        let top = self.top(&laid);
        let position = ratatui::layout::Position::new(column, row);
        let hit = self.fields.iter().enumerate().find_map(|(at, field)| {
            let (value, label) = laid.place(field, at, top);
            (value.contains(position) || label.contains(position)).then_some((at, value))
        });
        let Some((at, value)) = hit.filter(|(at, _)| !self.fields[*at].is_fixed()) else { return };
        let again = self.at == at;
        if !again {
            self.open = false;
        }
        self.at = at;
        let field = &mut self.fields[at];
        match &mut field.spec.value {
            FieldValue::Line(_) if again && value.contains(position) => field.draft.click(column, row, value),
            FieldValue::Text(_) if self.open && value.contains(position) => field.draft.click(column, row, value),
            FieldValue::Text(_) if again => self.open = true,
            FieldValue::Check(yes) if value.contains(position) => *yes = !*yes,
            FieldValue::Choice { options, at } if again => *at = (*at + 1) % options.len().max(1),
            FieldValue::Line(_)
            | FieldValue::Text(_)
            | FieldValue::Check(_)
            | FieldValue::Choice { .. }
            | FieldValue::Fixed(_) => {}
        }
        // What was clicked stays under the mouse.
        self.top = top;
    }

    pub(in crate::tui::overlay) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme) {
        let laid = self.lay_out(screen);
        let inner = window(stage(screen), laid.outer.width, laid.outer.height, &self.title, buf, theme);
        if inner.is_empty() {
            return;
        }
        let top = self.top(&laid);
        for (at, field) in self.fields.iter().enumerate() {
            let (value, label) = laid.place(field, at, top);
            let focused = at == self.at;
            if !label.is_empty() && laid.fields[at].0 >= top {
                let mark = if field.is_changed() { " *" } else { "" };
                let room = usize::from(label.width).saturating_sub(1 + mark.len());
                let words = text::clean(&field.spec.label);
                let style = if focused { theme.selected } else { theme.heading };
                let used = text::put(buf, label.x, label.y, label.width, &text::cut(&words, room), style);
                text::put(buf, label.x + used, label.y, label.width - used, mark, theme.warn);
            }
            if !value.is_empty() {
                self.draw_value(field, focused, value, buf, theme);
            }
        }
        for (y, (line, tell)) in (laid.body.bottom()..inner.bottom()).zip(&laid.told) {
            let style = match tell {
                Tell::Note => theme.quiet,
                Tell::Warn => theme.warn,
                Tell::Bad => theme.bad,
                Tell::Keys => theme.key,
            };
            put_line(buf, inner, y, line, style);
        }
        if laid.rows() > usize::from(laid.body.height) {
            let at = format!("field {} of {}", self.at + 1, self.fields.len());
            note_on(buf, laid.outer, laid.outer.bottom().saturating_sub(1), "", &at, theme);
        }
    }

    fn draw_value(&self, field: &Field, focused: bool, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let (shown, style): (String, Style) = match &field.spec.value {
            FieldValue::Line(_) if focused => return field.draft.draw(area, buf, theme.text, true),
            FieldValue::Text(_) if focused && self.open => return field.draft.draw(area, buf, theme.text, true),
            FieldValue::Line(_) | FieldValue::Text(_) => (one_line(&field.draft.text(), theme), theme.text),
            FieldValue::Fixed(text) => (one_line(text, theme), theme.quiet),
            FieldValue::Choice { options, at } => {
                (format!("< {} >", options.get(*at).map_or("", String::as_str)), theme.text)
            }
            FieldValue::Check(yes) => (format!("[{}] {}", if *yes { "x" } else { " " }, field.spec.note), theme.text),
        };
        let shown = if shown.is_empty() && focused { "(empty)".to_owned() } else { shown };
        put_line(buf, area, area.y, &shown, if focused { theme.selected } else { style });
    }
}

/// A text of several lines as one.
fn one_line(text: &str, theme: &Theme) -> String {
    let break_ = if theme.symbols.arrow.is_ascii() { " / " } else { " ⏎ " };
    text.replace("\r\n", "\n").replace('\n', break_)
}
