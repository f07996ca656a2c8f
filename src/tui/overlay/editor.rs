//! The editor of one text. The draft lives here: what changes on disk meanwhile is told and does not touch it.
//!
//! ```text
//! ┌─ Title of HB-B-001 ────────────── in 3 documents ─┐
//! │ Investigate the regression▏                       │
//! │ docs/taskboard/TaskBoard.csv:12, docs/…           │
//! │ ! changed on disk: Investigate the leak; your …   │
//! │ enter shows the diff   esc cancels                │
//! └───────────────────────────── column 27 of 26 ─────┘
//! ```

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::draft::Draft;
use super::{Reply, inside, note_on, place, put_wrapped, stage, window};
use crate::tui::pane::{About, Current, EditorSpec, PaneId};
use crate::tui::text;
use crate::tui::theme::Theme;

/// Columns of a foreign value in the banner.
const FOREIGN: usize = 90;

/// The dialog.
#[derive(Debug)]
pub struct FieldEditor {
    spec: EditorSpec,
    draft: Draft,
    /// Enter breaks lines.
    several: bool,
    /// What stands in the documents now, when it is not what the draft started with.
    foreign: Option<Current>,
    /// Said until the next key.
    said: String,
    /// Esc was pressed once although something would be lost.
    leaving: bool,
}

/// Where the parts are.
struct Parts {
    text: Rect,
    lines: Vec<(String, Part)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Quiet,
    Warn,
    Bad,
    Keys,
}

impl FieldEditor {
    /// An editor for a pane's text.
    pub fn new(spec: EditorSpec) -> FieldEditor {
        let draft = Draft::new(&spec.text);
        let several = draft.is_long();
        FieldEditor { spec, draft, several, foreign: None, said: String::new(), leaving: false }
    }

    /// Who asked.
    pub fn pane(&self) -> PaneId {
        self.spec.pane
    }

    /// What is edited.
    pub fn about(&self) -> &About {
        &self.spec.about
    }

    /// What stands in the documents now: told in a banner, the draft stays as it is.
    pub fn refresh(&mut self, now: &Current) {
        let foreign = match now {
            Current::Unknown => return,
            Current::Text(text) if *text == self.spec.text => None,
            Current::Gone | Current::Text(_) => Some(now.clone()),
        };
        self.foreign = foreign;
    }

    pub(super) fn has_draft(&self) -> bool {
        self.draft.is_changed()
    }

    pub(super) fn refuse(&mut self, why: &str) {
        why.clone_into(&mut self.said);
    }

    pub(super) fn footer(&self) -> &'static [(&'static str, &'static str)] {
        if self.several {
            &[("ctrl-s", "show the diff"), ("enter", "new line"), ("alt-u", "undo typing"), ("esc", "cancel")]
        } else {
            &[("enter", "show the diff"), ("alt-enter", "new line"), ("alt-u", "undo typing"), ("esc", "cancel")]
        }
    }

    pub(super) fn key(&mut self, key: KeyEvent, screen: Rect) -> Reply {
        self.said.clear();
        let leaving = std::mem::take(&mut self.leaving);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Esc if leaving || !self.draft.is_changed() => return Reply::Close,
            KeyCode::Esc => {
                self.leaving = true;
                "esc again drops what you typed".clone_into(&mut self.said);
            }
            KeyCode::Char('s') if control => return self.submit(),
            KeyCode::Enter if !alt && !self.several => return self.submit(),
            KeyCode::Enter => self.break_line(),
            KeyCode::Char('j') if control => self.break_line(),
            _ => {
                self.draft.key(key, self.parts(screen).text.width);
            }
        }
        self.settle(screen);
        Reply::Stay
    }

    fn break_line(&mut self) {
        self.several = true;
        self.draft.break_line();
    }

    fn submit(&mut self) -> Reply {
        Reply::Edited { pane: self.spec.pane, about: self.spec.about.clone(), text: self.draft.text() }
    }

    pub(super) fn paste(&mut self, pasted: &str, screen: Rect) {
        let mut pasted = text::pasted_lines(pasted);
        // One copied line often brings its end along.
        if !self.several && pasted.matches('\n').count() == 1 && pasted.ends_with('\n') {
            pasted.pop();
        }
        self.several |= pasted.contains('\n');
        self.draft.insert(&pasted);
        self.settle(screen);
    }

    pub(super) fn scroll(&mut self, lines: i64, screen: Rect) {
        self.draft.scroll(lines, self.parts(screen).text);
    }

    pub(super) fn click(&mut self, column: u16, row: u16, screen: Rect) {
        let area = self.parts(screen).text;
        if area.contains((column, row).into()) {
            self.draft.click(column, row, area);
        }
    }

    fn settle(&mut self, screen: Rect) {
        let area = self.parts(screen).text;
        self.draft.settle(area.width, area.height);
    }

    /// What is told below the text, the least important first.
    fn told(&self, columns: usize) -> Vec<(String, Part)> {
        let mut lines = Vec::new();
        if !self.spec.places.is_empty() {
            lines.push((text::cut(&text::clean(&self.spec.places.join(", ")), columns).into_owned(), Part::Quiet));
        }
        let mut add = |text: &str, part| lines.extend(text::wrap(text, columns).into_iter().map(|line| (line, part)));
        if !self.spec.hint.is_empty() {
            add(&self.spec.hint, Part::Quiet);
        }
        match &self.foreign {
            Some(Current::Text(now)) => {
                let now = excerpt(&self.spec.text, now);
                add(&format!("! changed on disk: {now}; your draft is kept; saving asks"), Part::Warn);
            }
            Some(Current::Gone) => add("! no longer there on disk; your draft is kept; saving asks", Part::Warn),
            Some(Current::Unknown) | None => {}
        }
        if !self.said.is_empty() {
            add(&self.said, Part::Bad);
        }
        let keys = if self.several {
            "ctrl-s shows the diff   esc cancels   enter new line"
        } else {
            "enter shows the diff   esc cancels   alt-enter new line"
        };
        lines.push((text::cut(keys, columns).into_owned(), Part::Keys));
        lines
    }

    fn size(&self, screen: Rect) -> (Rect, u16, u16, Vec<(String, Part)>) {
        let screen = stage(screen);
        let width = screen.width.min(100);
        let columns = width.saturating_sub(4);
        let mut told = self.told(usize::from(columns).max(1));
        let room = usize::from(screen.height.saturating_sub(2));
        // The text has at least three rows (or a third), whatever there is to tell.
        let wanted = self.draft.height(columns);
        let least = wanted.min(3).min(room.div_ceil(3)).max(1);
        while told.len() + least > room && !told.is_empty() {
            let quiet = told.iter().position(|(_, part)| *part == Part::Quiet).unwrap_or(0);
            told.remove(quiet);
        }
        let height = wanted.min(room.saturating_sub(told.len())).max(1) + told.len() + 2;
        (screen, width, u16::try_from(height).unwrap_or(u16::MAX), told)
    }

    fn parts(&self, screen: Rect) -> Parts {
        let (screen, width, height, lines) = self.size(screen);
        let inner = inside(place(screen, width, height));
        let below = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        Parts { text: Rect { height: inner.height.saturating_sub(below), ..inner }, lines }
    }

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme) {
        let Parts { text: area, lines } = self.parts(screen);
        let (on, width, height, _) = self.size(screen);
        window(on, width, height, &self.spec.title, buf, theme);
        let outer = place(on, width, height);
        if self.spec.places.len() > 1 {
            note_on(buf, outer, outer.y, &self.spec.title, &format!("in {} documents", self.spec.places.len()), theme);
        }
        let (line, column, length, count) = self.draft.position();
        let at = match count {
            1 => format!("column {} of {}", number(column.min(length)), number(length)),
            _ => format!("line {line} of {count}, column {}", number(column)),
        };
        if self.draft.height(area.width) > 1 {
            note_on(buf, outer, outer.bottom().saturating_sub(1), "", &at, theme);
        }
        self.draft.draw(area, buf, theme.text, true);
        put_wrapped(buf, Rect { y: area.bottom(), height: lines.len() as u16, ..area }, &lines, |part| {
            part.style(theme)
        });
    }
}

impl Part {
    fn style(self, theme: &Theme) -> Style {
        match self {
            Part::Quiet => theme.quiet,
            Part::Warn => theme.warn,
            Part::Bad => theme.bad,
            Part::Keys => theme.key,
        }
    }
}

/// The part of `now` in which it differs from `base`, with a little around it: the reader sees what changed.
fn excerpt(base: &str, now: &str) -> String {
    let same = base.chars().zip(now.chars()).take_while(|(one, other)| one == other).count();
    let from = if same > FOREIGN / 2 { same - FOREIGN / 4 } else { 0 };
    let front = if from > 0 { "…" } else { "" };
    let part: String = now.chars().skip(from).take(FOREIGN * 2).collect();
    let part = text::clean(&part);
    match part.as_ref() {
        "" => "(empty)".to_owned(),
        part => format!("{front}{}", text::cut(part, FOREIGN)),
    }
}

/// A number with a comma before every three digits.
fn number(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests;
