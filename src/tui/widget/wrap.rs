//! Breaks text into screen lines at blanks, measured in terminal cells; a word that is longer than a line (a path) breaks
//! behind one of its separators. Knows nothing of styles: callers lay their
//! styles over the byte ranges. Text must be clean (see the sanitiser); `\n` is a hard break.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Byte ranges of `text`, each at most `width` cells wide (a character wider than `width` stands alone). Blanks at a
/// break belong to no line. An empty text has one empty line.
pub fn wrap(text: &str, width: usize) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        wrap_line(line, start, width.max(1), &mut lines);
        start += line.len() + 1;
    }
    lines
}

/// Width of `text` in terminal cells.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// The longest prefix of `text` that is at most `cells` wide.
pub fn prefix(text: &str, cells: usize) -> &str {
    if text.is_ascii() {
        return &text[..text.len().min(cells)];
    }
    let mut used = 0;
    for (at, cluster) in text.grapheme_indices(true) {
        used += cluster.width();
        if used > cells {
            return &text[..at];
        }
    }
    text
}

fn wrap_line(line: &str, start: usize, width: usize, out: &mut Vec<Range<usize>>) {
    let mut breaker = Breaker { start, width, used: 0, seen_word: false, at_blank: None, at_joint: None };
    if line.is_ascii() {
        if line.len() <= width {
            out.push(start..start + line.trim_end_matches(' ').len());
            return;
        }
        for (at, byte) in line.bytes().enumerate() {
            breaker.step(start + at, 1, 1, byte, out);
        }
    } else {
        for (at, cluster) in line.grapheme_indices(true) {
            breaker.step(start + at, cluster.len(), cluster.width(), cluster.as_bytes()[0], out);
        }
    }
    let rest = &line[breaker.start - start..];
    out.push(breaker.start..breaker.start + rest.trim_end_matches(' ').len());
}

struct Breaker {
    /// Where the current line starts.
    start: usize,
    width: usize,
    /// Cells used in the current line.
    used: usize,
    /// Whether the line has more than leading blanks: those are an indentation, never a place to break.
    seen_word: bool,
    /// The last place to break: end of the line there, start of the next, cells used up to that start.
    at_blank: Option<(usize, usize, usize)>,
    /// The last separator inside the current word: start of the next line there, cells used up to it.
    at_joint: Option<(usize, usize)>,
}

impl Breaker {
    fn step(&mut self, at: usize, len: usize, cells: usize, byte: u8, out: &mut Vec<Range<usize>>) {
        let blank = byte == b' ';
        if blank && self.used + cells > self.width && self.seen_word {
            // A blank that does not fit ends the line and disappears, as do the blanks behind it.
            let end = self.at_blank.filter(|&(_, next, _)| next == at).map_or(at, |(end, _, _)| end);
            self.at_blank = Some((end, at + len, self.used));
            return;
        }
        while self.used + cells > self.width && self.start < at {
            match self.at_blank.take() {
                Some((end, next, used)) => {
                    out.push(self.start..end);
                    self.start = next;
                    self.used -= used;
                    self.at_joint =
                        self.at_joint.filter(|&(joint, _)| joint > next).map(|(joint, to)| (joint, to - used));
                }
                None => {
                    let joint = self.at_joint.take().filter(|&(_, used)| used * 2 > self.width);
                    let (next, used) = joint.unwrap_or((at, self.used));
                    out.push(self.start..next);
                    self.start = next;
                    self.used -= used;
                }
            }
        }
        if blank {
            if self.seen_word {
                let end = self.at_blank.filter(|&(_, next, _)| next == at).map_or(at, |(end, _, _)| end);
                self.at_blank = Some((end, at + len, self.used + cells));
            }
        } else {
            self.seen_word = true;
        }
        self.used += cells;
        if matches!(byte, b'/' | b'\\' | b'-' | b'_') {
            self.at_joint = Some((at + len, self.used));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str, width: usize) -> Vec<&str> {
        wrap(text, width).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn breaks_at_blanks_and_cuts_long_words() {
        assert_eq!(lines("alpha beta gamma", 10), ["alpha beta", "gamma"]);
        assert_eq!(lines("alpha beta   gamma", 10), ["alpha beta", "gamma"]);
        assert_eq!(lines("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(lines("a abcdefghij", 4), ["a", "abcd", "efgh", "ij"]);
        assert_eq!(lines("see docs/plans/PlanA.md", 12), ["see", "docs/plans/", "PlanA.md"]);
        assert_eq!(lines("  - nested item here", 10), ["  - nested", "item here"]);
        assert_eq!(lines("one\n\ntwo", 10), ["one", "", "two"]);
        assert_eq!(lines("", 10), [""]);
        assert_eq!(lines("日本語 テキスト", 7), ["日本語", "テキス", "ト"]);
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_no_word_is_lost(text in "[a-zé日 /\n-]{0,80}", cells in 1usize..20) {
            let ranges = wrap(&text, cells);
            let mut kept = String::new();
            for range in &ranges {
                let line = &text[range.clone()];
                prop_assert!(width(line) <= cells || line.chars().count() == 1, "{line:?}");
                kept.push_str(line);
            }
            let words = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(words(&kept), words(&text));
        }
    }
}
