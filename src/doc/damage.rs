//! Collecting problems: at most so many of one rule in full, the rest as a count; and the signs of lost characters.

use super::line;
use super::{Problem, Severity};

/// How many problems of one rule are listed in full. A document that is damaged throughout would otherwise cost more
/// memory for its problems than for itself.
const IN_FULL: usize = 100;

/// The problems of one document.
#[derive(Default)]
pub(super) struct Problems {
    found: Vec<Problem>,
    counts: Vec<(&'static str, usize)>,
}

impl Problems {
    /// Notes a problem. The sentences are only made when they are going to be listed.
    pub fn add(
        &mut self,
        rule: &'static str,
        severity: Severity,
        line: usize,
        sentences: impl FnOnce() -> (String, String),
    ) {
        let count = match self.counts.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                self.counts.push((rule, 1));
                1
            }
        };
        if count <= IN_FULL {
            let (message, advice) = sentences();
            self.found.push(Problem { rule, severity, line, message, advice });
        }
    }

    /// All problems in line order; rules with too many end with a count.
    pub fn finish(mut self) -> Vec<Problem> {
        for (rule, count) in self.counts {
            let Some(last) = self.found.iter().rfind(|p| p.rule == rule) else { continue };
            if count > IN_FULL {
                self.found.push(Problem {
                    rule,
                    severity: last.severity,
                    line: last.line,
                    message: format!("{} more places like this follow", count - IN_FULL),
                    advice: last.advice.clone(),
                });
            }
        }
        self.found.sort_by_key(|p| p.line);
        self.found
    }
}

/// A sign that characters were lost before the text got here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// `???` where a dash or a comparison sign stood.
    QuestionMarks,
    /// U+FFFD, written by a program that could not decode a byte.
    Replacement,
    /// UTF-8 that was once read as Windows-1252 and written again.
    DoubleEncoded,
}

/// Notes the signs of lost characters, one of a kind a line, where `counts` says that the offset counts.
pub(super) fn lost_characters(
    problems: &mut Problems,
    rule: &'static str,
    text: &[u8],
    counts: impl Fn(usize) -> bool,
) {
    let mut counter = LineCounter::new(text, 0, 1);
    let mut last = Vec::new();
    for (offset, kind) in signs(text) {
        if !counts(offset) {
            continue;
        }
        let line = counter.line(offset);
        if last.first().is_some_and(|(known, _)| *known != line) {
            last.clear();
        }
        if !last.contains(&(line, kind)) {
            last.push((line, kind));
            problems.add(rule, Severity::Warning, line, || kind.sentences());
        }
    }
}

/// Where the signs of lost characters are, ascending.
fn signs(text: &[u8]) -> Vec<(usize, Lost)> {
    let mut signs = Vec::new();
    let mut at = 0;
    while let Some(hit) = memchr::memmem::find(&text[at..], b"??") {
        let start = at + hit;
        let len = text[start..].iter().take_while(|b| **b == b'?').count();
        if question_marks_are_damage(text, start, len) {
            signs.push((start, Lost::QuestionMarks));
        }
        at = start + len;
    }
    for (sign, kind) in [("\u{fffd}", Lost::Replacement), ("â€", Lost::DoubleEncoded)] {
        signs.extend(memchr::memmem::find_iter(text, sign.as_bytes()).map(|at| (at, kind)));
    }
    signs.sort_by_key(|(offset, _)| *offset);
    signs
}

/// Somebody may well write `???`. It is damage where a sign must have stood: between two words (`D ??? Name`), inside
/// one (`don???t`), or before a number (`within ??1%`).
fn question_marks_are_damage(text: &[u8], start: usize, len: usize) -> bool {
    let before = start.checked_sub(1).map_or(b'\n', |at| text[at]);
    let after = text.get(start + len).copied().unwrap_or(b'\n');
    let opens = line::is_blank(before) || before == b'(';
    if opens && after.is_ascii_digit() {
        return true;
    }
    let word = |b: u8| b.is_ascii_alphanumeric() || b >= 0x80;
    if len == 3 && word(before) && word(after) {
        return true;
    }
    let neighbour = |b: Option<&u8>| b.is_some_and(|b| !matches!(b, b'|' | b'"' | b',' | b'\r' | b'\n'));
    len == 3
        && line::is_blank(before)
        && line::is_blank(after)
        && neighbour(text[..start].iter().rev().find(|b| !line::is_blank(**b)))
        && neighbour(text[start + len..].iter().find(|b| !line::is_blank(**b)))
}

impl Lost {
    /// What is wrong, and how to mend it.
    fn sentences(self) -> (String, String) {
        let (message, advice) = match self {
            Lost::QuestionMarks => (
                "a character was lost here and stands as `?`: a dash or a sign such as ≤ or ±",
                "restore it from the history of the file or from its author; never guess a comparator",
            ),
            Lost::Replacement => (
                "U+FFFD stands here: a program replaced a byte that it could not read",
                "restore the character from the history of the file",
            ),
            Lost::DoubleEncoded => (
                "`â€` stands here: UTF-8 was read as Windows-1252 and written again",
                "replace the sequence by the dash or quotation mark that was meant",
            ),
        };
        (message.to_owned(), advice.to_owned())
    }
}

/// Line numbers for ascending offsets, counted only once.
pub(super) struct LineCounter<'b> {
    bytes: &'b [u8],
    at: usize,
    line: usize,
}

impl<'b> LineCounter<'b> {
    /// Starts at a line start with a known number.
    pub fn new(bytes: &'b [u8], at: usize, line: usize) -> LineCounter<'b> {
        LineCounter { bytes, at, line }
    }

    /// Goes on from a line start with a known number, so that what lies before need not be counted.
    pub fn skip_to(&mut self, at: usize, line: usize) {
        if at > self.at {
            self.at = at;
            self.line = line;
        }
    }

    /// The 1-based line of `offset`, which must not be smaller than the one before and not lie inside a CRLF.
    pub fn line(&mut self, offset: usize) -> usize {
        if offset > self.at {
            self.line += line::breaks(&self.bytes[self.at..offset]);
            self.at = offset;
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn question_marks() {
        for (text, damaged) in [
            ("# Plan D ??? Name", true),
            ("`Percent ??? 60`", true),
            ("within ??1% of", true),
            ("don???t", true),
            ("really???", false),
            ("what??? no", false),
            ("| ??? | x |", false),
            ("\"???\",\"a\"", false),
            ("a ?? b", false),
            ("a ????? b", false),
            ("???", false),
        ] {
            assert_eq!(!signs(text.as_bytes()).is_empty(), damaged, "{text:?}");
        }
    }
}
