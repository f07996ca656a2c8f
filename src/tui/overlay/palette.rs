//! Choose an action by name: every row of the key table that means something here.
//!
//! ```text
//! ┌─ Do what? ────────────────────────────────────────┐
//! │ > not app▏                                        │
//! │ Declare the step not applicable, with a reason  x │
//! └───────────────────────────────────────────────────┘
//! ```

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Reply, put_line, window};
use crate::tui::action::Action;
use crate::tui::keymap::{Key, Keymap};
use crate::tui::pane::Context;
use crate::tui::text;
use crate::tui::theme::Theme;

/// Rows shown at once.
const ROWS: u16 = 12;

/// A row on offer: what it does, how it is called, its first key.
type Offer = (Action, &'static str, Option<Key>);

/// The palette.
#[derive(Debug)]
pub struct PaletteDialog {
    context: Context,
    typed: String,
    at: usize,
}

impl PaletteDialog {
    /// A palette for a pane.
    pub fn new(context: Context) -> PaletteDialog {
        PaletteDialog { context, typed: String::new(), at: 0 }
    }

    /// Matching rows, best first.
    fn matches(&self, keymap: &Keymap) -> Vec<Offer> {
        let mut found: Vec<(usize, Offer)> = keymap
            .rows()
            .filter(|(row, _)| row.context == self.context || row.context == Context::Everywhere)
            .filter(|(row, _)| !matches!(row.action, Action::Move(_) | Action::Palette))
            .filter_map(|(row, keys)| {
                let score = [row.name, row.title].iter().filter_map(|text| score(&self.typed, text)).min()?;
                Some((score, (row.action, row.title, keys.first().copied())))
            })
            .collect();
        found.sort_by_key(|(score, _)| *score);
        let mut rows: Vec<Offer> = Vec::new();
        for (_, row) in found {
            // The pane's own meaning of an action hides the general one.
            if rows.iter().all(|(action, ..)| *action != row.0) {
                rows.push(row);
            }
        }
        rows
    }

    pub(super) fn step(&mut self, rows: i64) {
        let at = i64::try_from(self.at).unwrap_or(0).saturating_add(rows).max(0);
        self.at = usize::try_from(at).unwrap_or(0);
    }

    pub(super) fn paste(&mut self, pasted: &str) {
        self.typed.push_str(&text::pasted_line(pasted));
        self.at = 0;
    }

    pub(super) fn key(&mut self, key: KeyEvent, keymap: &Keymap) -> Reply {
        let matches = self.matches(keymap);
        self.at = self.at.min(matches.len().saturating_sub(1));
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Esc => return Reply::Close,
            KeyCode::Enter => return matches.get(self.at).map_or(Reply::Stay, |(action, ..)| Reply::Act(*action)),
            KeyCode::Up => self.step(-1),
            KeyCode::Char('p' | 'k') if control => self.step(-1),
            KeyCode::Down => self.step(1),
            KeyCode::Char('n' | 'j') if control => self.step(1),
            KeyCode::Char('u' | 'w') if control => self.typed.clear(),
            KeyCode::Backspace if self.typed.pop().is_none() => return Reply::Close,
            KeyCode::Char(c) if !control && !key.modifiers.contains(KeyModifiers::ALT) => {
                self.typed.push(c);
                self.at = 0;
            }
            _ => {}
        }
        self.at = self.at.min(self.matches(keymap).len().saturating_sub(1));
        Reply::Stay
    }

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme, keymap: &Keymap) {
        let inner = window(screen, 84, ROWS + 3, "Do what?", buf, theme);
        if inner.is_empty() {
            return;
        }
        put_line(buf, inner, inner.y, &format!("> {}{}", self.typed, theme.symbols.bar), theme.accent);
        let matches = self.matches(keymap);
        if matches.is_empty() {
            put_line(buf, inner, inner.y + 1, "nothing matches", theme.quiet);
        }
        let height = usize::from(inner.height.saturating_sub(1)).max(1);
        let at = self.at.min(matches.len().saturating_sub(1));
        let top = (at + 1).saturating_sub(height);
        for (y, (index, (_, title, key))) in (inner.y + 1..inner.bottom()).zip(matches.iter().enumerate().skip(top)) {
            let style = if index == at { theme.selected } else { theme.text };
            let key = key.map_or_else(String::new, |key| key.to_string());
            let room = usize::from(inner.width).saturating_sub(text::width(&key) + 1);
            put_line(buf, inner, y, &format!("{} {key}", text::fill(title, room)), style);
        }
    }
}

/// How well the typed characters match as a subsequence: 0 is best; none when they do not.
pub(super) fn score(typed: &str, title: &str) -> Option<usize> {
    let title: Vec<char> = title.chars().flat_map(char::to_lowercase).collect();
    let mut at = 0;
    let mut score = 0;
    for c in typed.chars().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()) {
        let skipped = title[at..].iter().position(|&other| other == c)?;
        // A match at the start of a word is as good as one right behind the last.
        let word = at + skipped == 0 || !title[at + skipped - 1].is_alphanumeric();
        score += if word { skipped.min(1) } else { skipped };
        at += skipped + 1;
    }
    Some(score)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_match_better_than_scattered_letters() {
        assert_eq!(score("", "Tick"), Some(0));
        assert!(score("na", "not applicable") < score("na", "next pane"));
        assert_eq!(score("xyz", "Tick"), None);
        let mut palette = PaletteDialog::new(Context::Checklist);
        palette.paste("not app");
        assert_eq!(palette.matches(&Keymap::default())[0].0, Action::NotApplicable);
    }
}
