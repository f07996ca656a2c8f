//! Choose an action by name: every row of the key table; those that mean something elsewhere say where,
//! and go there first.
//!
//! ```text
//! ┌─ Do what? ────────────────────────────────────────┐
//! │ > not app▏                                        │
//! │ Declare the step not applicable, …  in Checklist x│
//! └───────────────────────────────────────────────────┘
//! ```

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Reply, inside, note_choice, place, put_line, window};
use crate::tui::action::Action;
use crate::tui::keymap::{Key, Keymap, heading};
use crate::tui::pane::Context;
use crate::tui::text;
use crate::tui::theme::Theme;

/// Rows shown at once.
const ROWS: u16 = 12;

/// Columns, with the border.
const WIDTH: u16 = 84;

/// A row on offer.
struct Offer {
    action: Action,
    title: &'static str,
    /// Its first key.
    key: Option<Key>,
    /// Where it works, if not here.
    elsewhere: Option<Context>,
}

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

    /// Matching rows, best first: those that work here before those that work elsewhere.
    fn matches(&self, keymap: &Keymap) -> Vec<Offer> {
        let here = |context| context == self.context || context == Context::Everywhere;
        // Nothing is typed: what works here, the pane's own first.
        let all = !self.typed.trim().is_empty();
        let mut found: Vec<_> = keymap
            .rows()
            .filter(|(row, _)| here(row.context) || (all && row.context != Context::Conflict))
            .filter(|(row, _)| !matches!(row.action, Action::Move(_) | Action::Palette))
            .filter_map(|(row, keys)| {
                let score = [row.name, row.title].iter().filter_map(|text| score(&self.typed, text)).min()?;
                let elsewhere = (!here(row.context)).then_some(row.context);
                let offer = Offer { action: row.action, title: row.title, key: keys.first().copied(), elsewhere };
                Some(((elsewhere.is_some(), score, row.context == Context::Everywhere), offer))
            })
            .collect();
        // Scattered letters are a guess, for when no word fits.
        if found.iter().any(|((_, score, _), _)| *score < SCATTERED) {
            found.retain(|((_, score, _), _)| *score < SCATTERED);
        }
        found.sort_by_key(|(rank, _)| *rank);
        let mut rows: Vec<Offer> = Vec::new();
        for (_, offer) in found {
            // The pane's own meaning of an action hides the general one.
            if rows.iter().all(|other| other.action != offer.action || other.elsewhere != offer.elsewhere) {
                rows.push(offer);
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
            KeyCode::Enter => {
                return match matches.get(self.at) {
                    Some(Offer { elsewhere: Some(context), action, .. }) => Reply::Elsewhere(*context, *action),
                    Some(Offer { action, .. }) => Reply::Act(*action),
                    None => Reply::Stay,
                };
            }
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

    /// Where the list is, which of so many rows is selected, and the first that shows.
    fn rows(&self, inner: Rect, matches: usize) -> (Rect, usize, usize) {
        let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
        let at = self.at.min(matches.saturating_sub(1));
        (list, at, (at + 1).saturating_sub(usize::from(list.height).max(1)))
    }

    /// Selects what was clicked; false when that is none of them.
    pub(super) fn click(&mut self, column: u16, row: u16, keymap: &Keymap, screen: Rect) -> bool {
        let matches = self.matches(keymap).len();
        let (list, _, top) = self.rows(inside(place(screen, WIDTH, ROWS + 3)), matches);
        let at = top + usize::from(row.saturating_sub(list.y));
        let hit = list.contains((column, row).into()) && at < matches;
        if hit {
            self.at = at;
        }
        hit
    }

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme, keymap: &Keymap) {
        let inner = window(screen, WIDTH, ROWS + 3, "Do what?", buf, theme);
        if inner.is_empty() {
            return;
        }
        put_line(buf, inner, inner.y, &format!("> {}{}", self.typed, theme.symbols.bar), theme.accent);
        let matches = self.matches(keymap);
        if matches.is_empty() {
            put_line(buf, inner, inner.y + 1, "nothing matches", theme.quiet);
        }
        let (list, at, top) = self.rows(inner, matches.len());
        let outer = place(screen, WIDTH, ROWS + 3);
        note_choice(buf, outer, at, usize::from(list.height), matches.len(), theme);
        for (y, (index, offer)) in (inner.y + 1..inner.bottom()).zip(matches.iter().enumerate().skip(top)) {
            let style = if index == at { theme.selected } else { theme.text };
            let key = offer.key.map_or_else(String::new, |key| key.to_string());
            let place = offer.elsewhere.map_or_else(String::new, |context| format!(" in {}", heading(context)));
            let end = format!("{place} {key}");
            let room = usize::from(inner.width).saturating_sub(text::width(&end));
            put_line(buf, inner, y, &format!("{}{end}", text::fill(offer.title, room)), style);
        }
    }
}

/// How well what is typed matches: 0 is best; none when it does not. Each word of it has to be there as a whole, the start
/// of a word counting more than its middle; else all its characters in their order, with few others between.
pub(super) fn score(typed: &str, title: &str) -> Option<usize> {
    let title: Vec<char> = title.chars().flat_map(char::to_lowercase).collect();
    let typed = typed.to_lowercase();
    let words: Option<usize> = typed.split_whitespace().map(|word| standing(word, &title)).sum();
    words.or_else(|| scattered(&typed, &title).map(|score| SCATTERED + score))
}

/// What scattered characters are worse by than any place of a word.
const SCATTERED: usize = 1000;

/// How well a word stands in the title: at its start, at the start of a word, anywhere.
fn standing(word: &str, title: &[char]) -> Option<usize> {
    let word: Vec<char> = word.chars().collect();
    let at = |&at: &usize| title[at..].starts_with(&word);
    let begins = |at: &usize| *at == 0 || !title[*at - 1].is_alphanumeric();
    let places = 0..title.len();
    match places.clone().filter(at).find(begins) {
        Some(0) => Some(0),
        Some(at) => Some(10 + at.min(80)),
        None => places.clone().find(at).map(|at| 100 + at.min(80)),
    }
}

/// The characters of what is typed, in their order; fewer others between them are better.
fn scattered(typed: &str, title: &[char]) -> Option<usize> {
    let mut at = 0;
    let mut score = 0;
    for c in typed.chars().filter(|c| !c.is_whitespace()) {
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
        assert!(score("na", "not applicable") < score("na", "next pane thing a"));
        assert!(score("tick", "Tick the step") < score("tick", "Go to the ticked step"));
        assert!(score("board", "To the board") < score("board", "The taskboard"));
        assert!(score("board", "The taskboard") < score("board", "b o a r d"));
        assert!(score("step tick", "Tick the step").is_some_and(|score| score < SCATTERED));
        assert_eq!(score("xyz", "Tick"), None);
        let mut palette = PaletteDialog::new(Context::Checklist);
        palette.paste("not app");
        assert_eq!(palette.matches(&Keymap::default())[0].action, Action::NotApplicable);
    }

    #[test]
    fn a_click_selects() {
        let (mut palette, keymap) = (PaletteDialog::new(Context::Board), Keymap::default());
        let screen = Rect::new(0, 0, 80, 24);
        let third = palette.matches(&keymap)[2].action;
        let first = inside(place(screen, WIDTH, ROWS + 3)).y + 1;
        assert!(palette.click(10, first + 2, &keymap, screen) && !palette.click(10, 0, &keymap, screen));
        let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
        assert!(matches!(palette.key(enter, &keymap), Reply::Act(action) if action == third));
        for (width, height) in (1..9).flat_map(|width| (1..9).map(move |height| (width, height))) {
            palette.click(1, 2, &keymap, Rect::new(0, 0, width, height));
        }
    }

    #[test]
    fn what_works_elsewhere_is_offered_with_its_place() {
        let mut palette = PaletteDialog::new(Context::Gates);
        let keymap = Keymap::default();
        assert!(palette.matches(&keymap).iter().all(|offer| offer.elsewhere.is_none()));
        palette.paste("declare not applicable");
        let matches = palette.matches(&keymap);
        assert_eq!((matches[0].action, matches[0].elsewhere), (Action::NotApplicable, Some(Context::Checklist)));
        let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
        assert!(matches!(palette.key(enter, &keymap), Reply::Elsewhere(Context::Checklist, Action::NotApplicable)));
    }
}
