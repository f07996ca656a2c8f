//! The lines of a followed log that are held: a ring with a limit, and marks where the log broke off.

use std::collections::VecDeque;

use super::scroll::{Lines, Tone};
use crate::workbench::LogChange;

/// Lines that are held. A log of 10,000 lines a second is held for ten seconds; who scrolls further back pauses first.
const MOST: usize = 100_000;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Of the log.
    Text(String),
    /// Of the cockpit: the log was truncated, replaced, cannot be read.
    Mark(String),
}

/// How bad a line sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sound {
    /// Nothing in particular.
    Plain,
    /// It warns.
    Warning,
    /// It tells of an error.
    Error,
}

/// The held lines.
#[derive(Debug, Default)]
pub struct Held {
    lines: VecDeque<Line>,
    /// Whether the lines reach back to the start of the log.
    from_start: bool,
    /// Lines at the front that were let go since the log was opened.
    dropped: usize,
    /// Whether earlier lines were asked for and have not come.
    asked: bool,
    /// Whether earlier lines came, for which whoever reads may have let the newest go.
    paged: bool,
}

impl Held {
    /// A line.
    pub fn get(&self, at: usize) -> Option<&Line> {
        self.lines.get(at)
    }

    /// Whether earlier lines can be asked for; they are then counted as asked.
    pub fn ask_earlier(&mut self) -> bool {
        let ask = !self.from_start && self.dropped == 0 && !self.asked && !self.lines.is_empty();
        self.asked |= ask;
        ask
    }

    /// Whether the end has to be asked for again before it is followed; it is then counted as asked.
    pub fn ask_latest(&mut self) -> bool {
        std::mem::take(&mut self.paged)
    }

    /// Takes news in. Returns by how many rows the held lines moved down (negative: up).
    pub fn take(&mut self, change: &LogChange, from_start: bool) -> isize {
        match change {
            LogChange::Reset { why, lines } => {
                self.lines.clear();
                self.dropped = 0;
                (self.asked, self.paged) = (false, false);
                self.from_start = from_start;
                if !why.is_empty() {
                    self.lines.push_back(Line::Mark(why.clone()));
                }
                self.append(lines)
            }
            LogChange::Appended { extends_last, lines } => {
                let mut lines = lines.as_slice();
                if let (true, Some((first, rest))) = (*extends_last, lines.split_first()) {
                    match self.lines.iter_mut().rfind(|line| matches!(line, Line::Text(_))) {
                        Some(last) => *last = Line::Text(first.clone()),
                        None => self.lines.push_back(Line::Text(first.clone())),
                    }
                    lines = rest;
                }
                self.append(lines)
            }
            LogChange::Earlier { lines } => {
                (self.asked, self.paged) = (false, true);
                self.from_start = from_start;
                for line in lines.iter().rev() {
                    self.lines.push_front(Line::Text(line.clone()));
                }
                lines.len() as isize
            }
            LogChange::Unreadable { why } => {
                let mark = Line::Mark(why.clone());
                if self.lines.back() != Some(&mark) {
                    self.lines.push_back(mark);
                }
                0
            }
        }
    }

    fn append(&mut self, lines: &[String]) -> isize {
        self.lines.extend(lines.iter().cloned().map(Line::Text));
        let surplus = self.lines.len().saturating_sub(MOST);
        self.lines.drain(..surplus);
        self.dropped += surplus;
        -(surplus as isize)
    }
}

impl Lines for Held {
    fn number(&self, at: usize) -> Option<usize> {
        if !self.from_start {
            return None;
        }
        let marks = self.lines.iter().take(at).filter(|line| matches!(line, Line::Mark(_))).count();
        Some(self.dropped + at + 1 - marks)
    }

    fn len(&self) -> usize {
        self.lines.len()
    }

    fn shown(&self, at: usize) -> Option<(&str, Tone)> {
        Some(match self.lines.get(at)? {
            Line::Mark(why) => (why, Tone::Mark),
            Line::Text(text) => match sound(&text[..head(text)]) {
                Sound::Plain => (text, Tone::Text),
                Sound::Warning => (text, Tone::Warn),
                Sound::Error => (text, Tone::Bad),
            },
        })
    }

    fn sound(&self, at: usize) -> Sound {
        self.lines.get(at).map_or(Sound::Plain, |line| match line {
            Line::Text(text) | Line::Mark(text) => sound(text),
        })
    }
}

/// Bytes of a line that are looked at to judge how it looks.
fn head(text: &str) -> usize {
    (0..=512.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Judges a line by its words. `0 errors` and `no warnings` are good news.
pub fn sound(line: &str) -> Sound {
    let any = |words: &[&str]| words.iter().any(|word| says(line, word));
    if any(&["error", "fail", "fatal", "exception", "panic"]) {
        Sound::Error
    } else if any(&["warn"]) {
        Sound::Warning
    } else {
        Sound::Plain
    }
}

/// Whether a word of the line begins with `word`, and no zero stands before it.
fn says(line: &str, word: &str) -> bool {
    let bytes = line.as_bytes();
    let Some(last) = bytes.len().checked_sub(word.len()) else { return false };
    (0..=last).any(|at| {
        bytes[at..at + word.len()].eq_ignore_ascii_case(word.as_bytes()) && {
            let before = &bytes[..at];
            let starts = before.last().is_none_or(|b| !b.is_ascii_alphabetic() || bytes[at].is_ascii_uppercase());
            let none = before.ends_with(b"0 ") && !before.ends_with(b"00 ") || before.ends_with(b"no ");
            starts && !none
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn a_partial_line_is_completed_and_a_truncation_marked() {
        let mut held = Held::default();
        held.take(&LogChange::Reset { why: String::new(), lines: lines(&["a", "b"]) }, true);
        held.take(&LogChange::Appended { extends_last: true, lines: lines(&["bc", "d"]) }, true);
        assert_eq!((held.len(), held.get(1)), (3, Some(&Line::Text("bc".into()))));
        assert_eq!(held.number(2), Some(3));
        held.take(&LogChange::Reset { why: "truncated".into(), lines: lines(&["x"]) }, true);
        assert_eq!((held.len(), held.get(0)), (2, Some(&Line::Mark("truncated".into()))));
        assert_eq!(held.number(1), Some(1));
    }

    #[test]
    fn earlier_lines_come_once_and_the_ring_has_a_limit() {
        let mut held = Held::default();
        held.take(&LogChange::Reset { why: String::new(), lines: lines(&["k"]) }, false);
        assert!(held.ask_earlier() && !held.ask_earlier());
        assert_eq!(held.take(&LogChange::Earlier { lines: lines(&["i", "j"]) }, true), 2);
        assert_eq!((held.get(0), held.number(2)), (Some(&Line::Text("i".into())), Some(3)));
        assert!(!held.ask_earlier());
        let many = vec!["m".to_owned(); MOST];
        assert_eq!(held.take(&LogChange::Appended { extends_last: false, lines: many }, true), -3);
        assert_eq!((held.len(), held.number(0)), (MOST, Some(4)));
    }

    #[test]
    fn errors_and_warnings_are_heard() {
        for (line, want) in [
            ("Error: no such file", Sound::Error),
            ("3 tests FAILED", Sound::Error),
            ("NullReferenceException thrown", Sound::Error),
            ("0 errors, 2 warnings", Sound::Warning),
            ("no errors", Sound::Plain),
            ("terror", Sound::Plain),
            ("", Sound::Plain),
        ] {
            assert_eq!(sound(line), want, "{line}");
        }
    }
}
