//! Choose one of several by moving, or by typing a part of it.
//!
//! ```text
//! ┌─ Move HB-B-001 to ────────────────────────────────┐
//! │ > prog▏                                           │
//! │ In Progress                             12 tasks  │
//! │ enter takes it   esc closes                       │
//! └───────────────────────────────────────────────────┘
//! ```

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::palette::score;
use super::{Reply, inside, note_choice, place, put_line, stage, window};
use crate::tui::pane::{Choice, ChooseSpec};
use crate::tui::text;
use crate::tui::theme::Theme;

/// Rows that a page is.
const PAGE: i64 = 8;

/// The dialog.
#[derive(Debug)]
pub struct Choose {
    spec: ChooseSpec,
    typed: String,
    /// Among the matching ones.
    at: usize,
}

impl Choose {
    /// A dialog for a pane's choice.
    pub fn new(spec: ChooseSpec) -> Choose {
        let at = spec.at.min(spec.options.len().saturating_sub(1));
        Choose { spec, typed: String::new(), at }
    }

    /// Matching options: in their order while nothing is typed, else best first.
    fn matches(&self) -> Vec<&Choice> {
        if self.typed.trim().is_empty() {
            return self.spec.options.iter().collect();
        }
        let scored = self.spec.options.iter().filter_map(|option| {
            let texts = [&option.label, &option.key];
            Some((texts.iter().filter_map(|text| score(&self.typed, text)).min()?, option))
        });
        let mut found: Vec<(usize, &Choice)> = scored.collect();
        found.sort_by_key(|(score, _)| *score);
        found.into_iter().map(|(_, option)| option).collect()
    }

    /// What is typed has changed.
    fn retyped(&mut self) {
        self.at = if self.typed.trim().is_empty() { self.spec.at } else { 0 };
    }

    pub(super) fn step(&mut self, rows: i64) {
        let last = self.matches().len().saturating_sub(1);
        let at = i64::try_from(self.at).unwrap_or(0).saturating_add(rows).max(0);
        self.at = usize::try_from(at).unwrap_or(0).min(last);
    }

    pub(super) fn paste(&mut self, pasted: &str) {
        self.typed.push_str(&text::pasted_line(pasted));
        self.retyped();
    }

    pub(super) fn key(&mut self, key: KeyEvent) -> Reply {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::Esc => return Reply::Close,
            KeyCode::Enter => {
                let chosen = self.matches().get(self.at).map(|option| option.key.clone());
                return chosen.map_or(Reply::Stay, |text| Reply::Answer {
                    pane: self.spec.pane,
                    about: self.spec.about.clone(),
                    text,
                });
            }
            KeyCode::Up => self.step(-1),
            KeyCode::Char('p' | 'k') if control => self.step(-1),
            KeyCode::Down => self.step(1),
            KeyCode::Char('n' | 'j') if control => self.step(1),
            KeyCode::PageUp => self.step(-PAGE),
            KeyCode::PageDown => self.step(PAGE),
            KeyCode::Home => self.step(i64::MIN),
            KeyCode::End => self.step(i64::MAX),
            KeyCode::Char('u' | 'w') if control => {
                self.typed.clear();
                self.retyped();
            }
            KeyCode::Backspace => {
                self.typed.pop();
                self.retyped();
            }
            KeyCode::Char(c) if !control && !alt && !text::is_bad(c) => {
                self.typed.push(c);
                self.retyped();
            }
            _ => {}
        }
        Reply::Stay
    }

    /// Size with border, and the rows of the options inside.
    fn list(&self, screen: Rect) -> (u16, u16, Rect) {
        let screen = stage(screen);
        // It keeps its size while a part is typed.
        let rows = u16::try_from(self.spec.options.len()).unwrap_or(u16::MAX).max(1);
        let (width, height) = (screen.width.min(72), rows.saturating_add(4).min(screen.height));
        let inner = inside(place(screen, width, height));
        let keys = u16::from(inner.height > 3);
        let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1 + keys), ..inner };
        (width, height, list)
    }

    fn top(&self, height: u16) -> usize {
        (self.at + 1).saturating_sub(usize::from(height.max(1)))
    }

    /// Selects what was clicked; false when that is none of them.
    pub(super) fn click(&mut self, column: u16, row: u16, screen: Rect) -> bool {
        let (_, _, list) = self.list(screen);
        let at = self.top(list.height) + usize::from(row.saturating_sub(list.y));
        let hit = list.contains((column, row).into()) && at < self.matches().len();
        if hit {
            self.at = at;
        }
        hit
    }

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme) {
        let (width, height, list) = self.list(screen);
        let inner = window(stage(screen), width, height, &self.spec.title, buf, theme);
        if inner.is_empty() {
            return;
        }
        if self.typed.is_empty() {
            put_line(buf, inner, inner.y, &format!("> {}", theme.symbols.bar), theme.accent);
            let hint = Rect { x: inner.x + 4, width: inner.width.saturating_sub(4), ..inner };
            put_line(buf, hint, inner.y, "type a part of it", theme.quiet);
        } else {
            put_line(buf, inner, inner.y, &format!("> {}{}", self.typed, theme.symbols.bar), theme.accent);
        }
        let matches = self.matches();
        if matches.is_empty() {
            put_line(buf, list, list.y, "nothing matches", theme.quiet);
        }
        let columns = usize::from(list.width);
        let widest = matches.iter().map(|option| text::width(&text::clean(&option.label))).max().unwrap_or(0);
        // Short labels leave their notes a column of its own; beside long ones each note stands at the end of its line.
        let column = (widest <= columns / 2).then_some(widest);
        for (y, (at, option)) in (list.y..list.bottom()).zip(matches.iter().enumerate().skip(self.top(list.height))) {
            let note = text::clean(&option.note);
            let note = text::cut(&note, column.map_or(columns / 2, |column| columns.saturating_sub(column + 1)));
            let beside = columns.saturating_sub(if note.is_empty() { 0 } else { text::width(&note) + 1 });
            let room = column.map_or(beside, |column| column.min(beside));
            let label = text::fill(&text::clean(&option.label), room);
            let (style, quiet) =
                if at == self.at { (theme.selected, theme.selected) } else { (theme.text, theme.quiet) };
            let used = text::put(buf, list.x, y, list.width, &label, style);
            let rest = list.width - used;
            text::put(buf, list.x + used, y, rest, &text::fill(&format!(" {note}"), usize::from(rest)), quiet);
        }
        let outer = place(stage(screen), width, height);
        note_choice(buf, outer, self.at, usize::from(list.height), matches.len(), theme);
        if list.bottom() < inner.bottom() {
            put_line(buf, inner, inner.bottom() - 1, "enter takes it   esc closes", theme.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keymap::Keymap;
    use crate::tui::overlay::Overlay;
    use crate::tui::overlay::sketch::{press, screen, type_in};
    use crate::tui::pane::{About, PaneId};

    fn choose() -> Overlay {
        let options = ["Backlog", "Ready", "In Progress", "Blocked", "Done"];
        let option = |label: &&str| Choice {
            key: label.to_lowercase(),
            label: (*label).to_owned(),
            note: format!("{} tasks", label.len()),
        };
        Overlay::Choose(Box::new(Choose::new(ChooseSpec {
            title: "Move HB-B-001 to".to_owned(),
            options: options.iter().map(option).collect(),
            at: 2,
            about: About::State(vec!["HB-B-001".to_owned()]),
            pane: PaneId::Board,
        })))
    }

    fn chosen(reply: Reply) -> String {
        match reply {
            Reply::Answer { pane: PaneId::Board, text, .. } => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn moves_or_types() {
        let mut dialog = choose();
        assert_eq!(chosen(press(&mut dialog, "enter")), "in progress");
        assert_eq!(chosen(press(&mut dialog, "down down down enter")), "done");
        assert_eq!(chosen(press(&mut dialog, "home enter")), "backlog");
        type_in(&mut dialog, "blo");
        assert_eq!(chosen(press(&mut dialog, "enter")), "blocked");
        type_in(&mut dialog, "4");
        assert!(matches!(press(&mut dialog, "enter"), Reply::Stay));
        assert!(screen(&dialog, 60, 20).contains("nothing matches"));
        assert_eq!(chosen(press(&mut dialog, "ctrl-u enter")), "in progress");
        assert!(matches!(press(&mut dialog, "esc"), Reply::Close));
    }

    #[test]
    fn fits_every_size() {
        let mut dialog = choose();
        for (width, height) in [(40, 12), (60, 20), (80, 24), (160, 50)] {
            let shown = screen(&dialog, width, height);
            assert!(shown.contains("In Progress") && shown.contains("11 tasks"), "{shown}");
        }
        for (width, height) in (1..9).flat_map(|width| (1..9).map(move |height| (width, height))) {
            dialog.click((2, 3), false, &Keymap::default(), Rect::new(0, 0, width, height));
            screen(&dialog, width, height);
        }
        // More than fit: which of them is selected, and of how many.
        press(&mut dialog, "end");
        assert!(screen(&dialog, 40, 8).contains(" 5 of 5 "), "{}", screen(&dialog, 40, 8));
        assert!(!screen(&dialog, 40, 12).contains(" of 5 "));
    }

    #[test]
    fn a_click_selects_and_a_double_click_takes() {
        let (mut dialog, area, keymap) = (choose(), Rect::new(0, 0, 80, 24), Keymap::default());
        let shown = screen(&dialog, 80, 24);
        let row = shown.lines().position(|line| line.contains("Blocked")).expect("the option") as u16;
        assert!(matches!(dialog.click((10, row), false, &keymap, area), Reply::Stay));
        assert_eq!(chosen(dialog.click((10, row), true, &keymap, area)), "blocked");
        assert!(matches!(dialog.click((10, 1), true, &keymap, area), Reply::Stay));
    }
}
