//! Have something done that is shown exactly: a command line, with what it needs and where it runs. One key of its own says
//! yes, so that neither a key that repeats itself nor a paste does.
//!
//! ```text
//! ┌─ Run this command? ───────────────────────────────┐
//! │ harborctl metrics --day 2026-01-02                │
//! │                                                   │
//! │ level   L1: it is in the runbook                  │
//! │ shell   bash -c                                   │
//! │ y runs it   esc closes                            │
//! └───────────────────────────────────────────────────┘
//! ```

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Reply, inside, note_lines, place, put_line, put_wrapped, scrolled, scrolled_by, stage, window};
use crate::tui::keymap::Keymap;
use crate::tui::pane::{About, ConfirmSpec};
use crate::tui::text;
use crate::tui::theme::Theme;

/// The dialog.
#[derive(Debug)]
pub struct Confirm {
    spec: ConfirmSpec,
    top: usize,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    /// What is done.
    What,
    /// What should be known about it.
    Note,
}

impl Confirm {
    /// A dialog for a pane's question.
    pub fn new(spec: ConfirmSpec) -> Confirm {
        Confirm { spec, top: 0 }
    }

    /// What is asked.
    pub fn about(&self) -> &About {
        &self.spec.about
    }

    fn lines(&self, columns: u16) -> Vec<(String, Kind)> {
        let columns = usize::from(columns.max(1));
        let cleaned = |text: &str| text.lines().map(|line| text::clean(line).into_owned()).collect::<Vec<_>>();
        let what = cleaned(&self.spec.what).into_iter().flat_map(|line| text::wrap(&line, columns));
        let mut lines: Vec<(String, Kind)> = what.map(|line| (line, Kind::What)).collect();
        lines.push((String::new(), Kind::Note));
        let widest = self.spec.notes.iter().map(|(label, _)| text::width(label)).max().unwrap_or(0) + 2;
        for (label, said) in &self.spec.notes {
            let room = columns.saturating_sub(widest).max(8);
            for (at, line) in text::wrap(&text::clean(said), room).into_iter().enumerate() {
                let label = if at == 0 { label.as_str() } else { "" };
                lines.push((format!("{}{line}", text::fill(label, widest)), Kind::Note));
            }
        }
        lines
    }

    fn size(&self, screen: Rect) -> (u16, u16) {
        let width = stage(screen).width.min(100);
        let lines = u16::try_from(self.lines(width.saturating_sub(4)).len()).unwrap_or(u16::MAX);
        (width, lines.saturating_add(3))
    }

    /// Where the lines are: everything but the keys.
    fn body(&self, screen: Rect) -> Rect {
        let (width, height) = self.size(screen);
        let inner = inside(place(stage(screen), width, height));
        Rect { height: inner.height.saturating_sub(1), ..inner }
    }

    /// Whether everything that is shown has been on the screen: nobody confirms what he could not see.
    fn is_seen(&self, body: Rect) -> bool {
        self.top + usize::from(body.height) >= self.lines(body.width).len()
    }

    pub(super) fn key(&mut self, key: KeyEvent, keymap: &Keymap, screen: Rect) -> Reply {
        let body = self.body(screen);
        let plain = !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        match key.code {
            KeyCode::Char('y') if plain && self.is_seen(body) => {
                let (pane, about, text) = (self.spec.pane, self.spec.about.clone(), self.spec.answer.clone());
                return Reply::Answer { pane, about, text };
            }
            KeyCode::Char('y') if plain => self.scroll(i64::from(body.height.max(1)), screen),
            KeyCode::Esc => return Reply::Close,
            KeyCode::Char('n' | 'q') if plain => return Reply::Close,
            _ => {
                if let Some(top) = scrolled(self.top, key, keymap, self.lines(body.width).len(), body.height) {
                    self.top = top;
                }
            }
        }
        Reply::Stay
    }

    pub(super) fn scroll(&mut self, lines: i64, screen: Rect) {
        let body = self.body(screen);
        self.top = scrolled_by(self.top, lines, self.lines(body.width).len(), body.height);
    }

    pub(super) fn footer(&self, screen: Rect) -> Vec<(String, String)> {
        let yes = if self.is_seen(self.body(screen)) { self.spec.yes.clone() } else { "shows the rest".to_owned() };
        vec![("y".to_owned(), yes), ("esc".to_owned(), "close".to_owned())]
    }

    pub(super) fn draw(&self, screen: Rect, buf: &mut Buffer, theme: &Theme) {
        let (width, height) = self.size(screen);
        let inner = window(stage(screen), width, height, &self.spec.title, buf, theme);
        let body = self.body(screen);
        let lines = self.lines(body.width);
        let outer = place(stage(screen), width, height);
        note_lines(buf, outer, self.top, usize::from(body.height), lines.len(), theme);
        let shown: Vec<(String, Kind)> = lines.into_iter().skip(self.top).take(usize::from(body.height)).collect();
        put_wrapped(buf, body, &shown, |kind| match kind {
            Kind::What => theme.accent,
            Kind::Note => theme.text,
        });
        if body.bottom() < inner.bottom() {
            let keys = if self.is_seen(body) {
                format!("y {}   esc closes", self.spec.yes)
            } else {
                "y shows the rest   esc closes".to_owned()
            };
            put_line(buf, inner, inner.bottom() - 1, &keys, theme.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::overlay::Overlay;
    use crate::tui::overlay::sketch::{press, screen};
    use crate::tui::pane::{About, PaneId};

    fn confirm(what: &str) -> Overlay {
        Overlay::Confirm(Box::new(Confirm::new(ConfirmSpec {
            title: "Run this command?".to_owned(),
            what: what.to_owned(),
            notes: vec![
                ("level".to_owned(), "L1: it is in the runbook".to_owned()),
                ("shell".to_owned(), "bash -c".to_owned()),
            ],
            yes: "runs it".to_owned(),
            answer: "4f2a".to_owned(),
            about: About::Pick("run".to_owned()),
            pane: PaneId::Log,
        })))
    }

    #[test]
    fn one_key_says_yes_and_no_other() {
        let mut dialog = confirm("harborctl metrics");
        for key in ["enter", "space", "Y", "ctrl-y", "alt-y", "x"] {
            assert!(matches!(press(&mut dialog, key), Reply::Stay), "{key}");
        }
        dialog.paste("y", Rect::new(0, 0, 80, 24));
        assert!(matches!(press(&mut dialog, "esc"), Reply::Close));
        assert!(matches!(press(&mut dialog, "n"), Reply::Close));
        assert!(matches!(press(&mut dialog, "y"), Reply::Answer { text, .. } if text == "4f2a"));
    }

    #[test]
    fn nothing_is_confirmed_unseen() {
        let long: Vec<String> = (0..60).map(|line| format!("step {line}")).collect();
        let mut dialog = confirm(&long.join("\n"));
        let shown = screen(&dialog, 80, 24);
        assert!(shown.contains("step 0") && shown.contains("y shows the rest") && shown.contains(" of 63"), "{shown}");
        // The footer says what the key does now.
        let footer = |dialog: &Overlay| dialog.footer(&Keymap::default(), Rect::new(0, 0, 80, 24))[0].1.clone();
        assert_eq!(footer(&dialog), "shows the rest");
        assert!(matches!(press(&mut dialog, "y"), Reply::Stay));
        press(&mut dialog, "G");
        assert_eq!(footer(&dialog), "runs it");
        assert!(matches!(press(&mut dialog, "y"), Reply::Answer { .. }));
    }

    #[test]
    fn what_would_be_obeyed_or_hidden_is_shown() {
        let shown = screen(&confirm("echo \u{202e}a\u{1b}[2J"), 80, 24);
        assert!(!shown.contains('\u{202e}') && !shown.contains('\u{1b}') && shown.contains("echo"), "{shown}");
        for (width, height) in (1..9).flat_map(|width| (1..9).map(move |height| (width, height))) {
            screen(&confirm("a b c"), width, height);
        }
    }
}
