//! A form of several fields. The drafts live here: what changes on disk meanwhile is told and does not touch them.
//!
//! ```text
//! ┌─ New task ────────────────────────────────────────┐
//! │ Id           HB-B-007                             │
//! │ Title *      Find the leak▏                       │
//! │ State        < Backlog >                          │
//! │ Notes        first line ⏎ second line             │
//! │ Into         [x] docs/taskboard/TaskBoard.csv     │
//! │              [x] docs/plans/PlanB.md              │
//! │ A short sentence.                                 │
//! │ ctrl-s shows the diff   esc cancels   tab next    │
//! └───────────────────────────────────────────────────┘
//! ```

mod layout;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;

use super::Reply;
use super::draft::Draft;
use crate::tui::pane::{About, Current, FieldValue, FormField, FormSpec, PaneId};
use crate::tui::text;

/// Fields that a page is.
const PAGE: usize = 5;

/// The dialog.
#[derive(Debug)]
pub struct Form {
    title: String,
    about: About,
    pane: PaneId,
    fields: Vec<Field>,
    /// The field with the cursor.
    at: usize,
    /// The text area of that field is open.
    open: bool,
    /// First row that is shown, when the operator scrolled; else the cursor decides.
    top: usize,
    scrolled: bool,
    /// Labels of the fields that others changed since the form was opened.
    foreign: Vec<String>,
    /// Nothing of it stands in the documents any more.
    gone: bool,
    /// Said until the next key.
    said: String,
    /// Esc was pressed once although something would be lost.
    leaving: bool,
}

#[derive(Debug)]
struct Field {
    spec: FormField,
    /// What it started with.
    start: FieldValue,
    /// What is typed, for lines and texts.
    draft: Draft,
}

impl Field {
    fn new(spec: FormField) -> Field {
        Field { start: spec.value.clone(), draft: Draft::new(spec.value.text()), spec }
    }

    fn value(&self) -> FieldValue {
        match &self.spec.value {
            FieldValue::Line(_) => FieldValue::Line(self.draft.text()),
            FieldValue::Text(_) => FieldValue::Text(self.draft.text()),
            FieldValue::Choice { .. } | FieldValue::Check(_) | FieldValue::Fixed(_) => self.spec.value.clone(),
        }
    }

    fn is_changed(&self) -> bool {
        match &self.spec.value {
            FieldValue::Line(_) | FieldValue::Text(_) => self.draft.is_changed(),
            FieldValue::Choice { .. } | FieldValue::Check(_) | FieldValue::Fixed(_) => self.spec.value != self.start,
        }
    }

    fn is_fixed(&self) -> bool {
        matches!(self.spec.value, FieldValue::Fixed(_))
    }
}

impl Form {
    /// A form of a pane.
    pub fn new(spec: FormSpec) -> Form {
        let FormSpec { title, fields, about, pane } = spec;
        let fields: Vec<Field> = fields.into_iter().map(Field::new).collect();
        let at = fields.iter().position(|field| !field.is_fixed()).unwrap_or(0);
        let (said, open, top, scrolled, leaving) = (String::new(), false, 0, false, false);
        Form { title, about, pane, fields, at, open, top, scrolled, foreign: Vec::new(), gone: false, said, leaving }
    }

    /// What is filled in.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Who asked.
    pub fn pane(&self) -> PaneId {
        self.pane
    }

    /// What each field is about, where that stands in the documents.
    pub fn parts(&self) -> Vec<Option<About>> {
        self.fields.iter().map(|field| self.about.part(&field.spec.key)).collect()
    }

    /// What stands in the documents now, for each of [`Form::parts`]: told in a line, the drafts stay as they are.
    pub fn refresh(&mut self, now: &[Current]) {
        let changed = |(field, now): &(&Field, &Current)| match now {
            Current::Unknown => false,
            Current::Gone => true,
            Current::Text(text) => text != field.start.text(),
        };
        let foreign = self.fields.iter().zip(now).filter(changed).map(|(field, _)| field.spec.label.clone());
        self.foreign = foreign.collect();
        self.gone = !now.is_empty() && now.iter().all(|now| *now == Current::Gone);
    }

    pub(super) fn has_draft(&self) -> bool {
        self.fields.iter().any(Field::is_changed)
    }

    pub(super) fn refuse(&mut self, why: &str) {
        why.clone_into(&mut self.said);
    }

    pub(super) fn footer(&self) -> Vec<(String, String)> {
        let is_text = self.fields.get(self.at).is_some_and(|field| matches!(field.spec.value, FieldValue::Text(_)));
        let goal = format!("show {}", self.about.goal());
        let rest: [(&str, &str); 3] = match (self.open, is_text) {
            (true, _) => [("enter", "new line"), ("tab", "next"), ("esc", "close the text")],
            (false, true) => [("enter", "edit the text"), ("tab", "next"), ("esc", "cancel")],
            (false, false) => [("tab", "next"), ("shift-tab", "previous"), ("esc", "cancel")],
        };
        let rest = rest.map(|(key, word)| (key.to_owned(), word.to_owned()));
        std::iter::once(("ctrl-s".to_owned(), goal)).chain(rest).collect()
    }

    pub(super) fn key(&mut self, key: KeyEvent, screen: Rect) -> Reply {
        self.said.clear();
        let leaving = std::mem::take(&mut self.leaving);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let shift = key.modifiers.contains(KeyModifiers::SHIFT);
        match key.code {
            KeyCode::Char('s') if control => {
                let values = self.fields.iter().map(|field| (field.spec.key.clone(), field.value())).collect();
                return Reply::Filled { pane: self.pane, about: self.about.clone(), values };
            }
            KeyCode::Esc if self.open => self.open = false,
            KeyCode::Esc if leaving || !self.has_draft() => return Reply::Close,
            KeyCode::Esc => {
                self.leaving = true;
                "esc again drops what you typed".clone_into(&mut self.said);
            }
            KeyCode::BackTab => self.step(false),
            KeyCode::Tab if shift => self.step(false),
            KeyCode::Tab => self.step(true),
            KeyCode::Up if !self.open => self.step(false),
            KeyCode::Down if !self.open => self.step(true),
            KeyCode::PageUp if !self.open => (0..PAGE).for_each(|_| self.step(false)),
            KeyCode::PageDown if !self.open => (0..PAGE).for_each(|_| self.step(true)),
            _ => self.field_key(key, screen),
        }
        self.settle(screen);
        Reply::Stay
    }

    /// To the next or previous field that can be changed; stays at the ends.
    fn step(&mut self, down: bool) {
        self.open = false;
        let can = |at: &usize| !self.fields[*at].is_fixed();
        let to = if down { (self.at + 1..self.fields.len()).find(can) } else { (0..self.at).rev().find(can) };
        match to {
            Some(to) => self.at = to,
            None if down => self.said = format!("the last field; ctrl-s shows {}", self.about.goal()),
            None => {}
        }
    }

    /// A key for the field with the cursor.
    fn field_key(&mut self, key: KeyEvent, screen: Rect) {
        let columns = self.lay_out(screen).columns();
        let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        let Some(field) = self.fields.get_mut(self.at) else { return };
        match (&mut field.spec.value, key.code) {
            (FieldValue::Text(_), KeyCode::Enter) if self.open => field.draft.break_line(),
            (FieldValue::Text(_), KeyCode::Char('j')) if !plain => {
                self.open = true;
                field.draft.break_line();
            }
            (FieldValue::Text(_), KeyCode::Enter) => self.open = true,
            (FieldValue::Text(_), KeyCode::Char(_) | KeyCode::Backspace) => {
                self.open = true;
                field.draft.key(key, columns);
            }
            (FieldValue::Text(_), _) if !self.open => {}
            (_, KeyCode::Enter) => self.step(true),
            (FieldValue::Line(_) | FieldValue::Text(_), _) => {
                field.draft.key(key, columns);
            }
            (FieldValue::Choice { options, at }, code) => {
                let count = options.len().max(1);
                match code {
                    KeyCode::Left => *at = (*at + count - 1) % count,
                    KeyCode::Right => *at = (*at + 1) % count,
                    KeyCode::Char('h') if plain => *at = (*at + count - 1) % count,
                    KeyCode::Char('l' | ' ') if plain => *at = (*at + 1) % count,
                    KeyCode::Char(c) if plain => {
                        let starts = |option: &String| {
                            option.chars().next().is_some_and(|first| first.to_lowercase().eq(c.to_lowercase()))
                        };
                        let next = (1..=count).map(|step| (*at + step) % count);
                        *at = next.into_iter().find(|&next| options.get(next).is_some_and(starts)).unwrap_or(*at);
                    }
                    _ => {}
                }
            }
            (FieldValue::Check(yes), KeyCode::Char(' ' | 'x')) if plain => *yes = !*yes,
            (FieldValue::Check(_) | FieldValue::Fixed(_), _) => {}
        }
    }

    pub(super) fn paste(&mut self, pasted: &str, screen: Rect) {
        let Some(field) = self.fields.get_mut(self.at) else { return };
        match &field.spec.value {
            FieldValue::Line(_) => field.draft.insert(&text::pasted_line(pasted)),
            FieldValue::Text(_) => {
                self.open = true;
                field.draft.insert(&text::pasted_lines(pasted));
            }
            FieldValue::Choice { .. } | FieldValue::Check(_) | FieldValue::Fixed(_) => {
                "text goes into a field of text".clone_into(&mut self.said);
            }
        }
        self.settle(screen);
    }
}

#[cfg(test)]
mod tests;
