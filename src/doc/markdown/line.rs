//! What a single line of Markdown is, judged from its own bytes alone: fence, comment, heading, list item, table row.

use crate::doc::Span;
use crate::doc::line::{is_blank, trim};

use super::{Bar, Marker};

/// A line that opens or closes fenced code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fence {
    /// Backtick or tilde.
    pub mark: u8,
    /// How many of them.
    pub len: usize,
    /// Whether anything but blanks follows the marks.
    pub info: bool,
}

/// Offset of the first byte that is neither blank nor part of a `>` prefix.
fn skip_quotes(bytes: &[u8], span: &Span) -> usize {
    let mut at = span.start;
    while at < span.end && (is_blank(bytes[at]) || bytes[at] == b'>') {
        at += 1;
    }
    at
}

/// Reads a fence line: any indentation, optional `>` prefixes, three or more backticks or tildes. A backtick fence whose
/// info string has a backtick is none.
pub(super) fn fence(bytes: &[u8], span: &Span) -> Option<Fence> {
    let start = skip_quotes(bytes, span);
    let line = &bytes[start..span.end];
    let mark = *line.first()?;
    if mark != b'`' && mark != b'~' {
        return None;
    }
    let len = line.iter().take_while(|b| **b == mark).count();
    let rest = &line[len..];
    if len < 3 || (mark == b'`' && memchr::memchr(b'`', rest).is_some()) {
        return None;
    }
    Some(Fence { mark, len, info: !rest.iter().copied().all(is_blank) })
}

/// Whether the line starts a comment: `<!--` after blanks.
pub(super) fn opens_comment(bytes: &[u8], span: &Span) -> bool {
    let start = trim(bytes, span.clone()).start;
    bytes[start..span.end].starts_with(b"<!--")
}

/// Whether a comment ends on the line.
pub(super) fn closes_comment(bytes: &[u8], span: &Span) -> bool {
    memchr::memmem::find(&bytes[span.clone()], b"-->").is_some()
}

/// Reads an ATX heading: level and text without closing `#`s, trimmed.
pub(super) fn heading(bytes: &[u8], span: &Span) -> Option<(u8, Span)> {
    let line = &bytes[span.clone()];
    let indent = line.iter().take_while(|b| **b == b' ').count();
    let level = line.iter().skip(indent).take(7).take_while(|b| **b == b'#').count();
    if indent > 3 || !(1..=6).contains(&level) {
        return None;
    }
    let after = indent + level;
    if line.get(after).is_some_and(|b| !is_blank(*b)) {
        return None;
    }
    let text = trim(bytes, span.start + after..span.end);
    let mut end = text.end;
    while end > text.start && bytes[end - 1] == b'#' {
        end -= 1;
    }
    // Closing `#`s count only when a blank stands before them, or when there is nothing else: `# C#` keeps its sharp.
    let text = match end {
        end if end == text.start => text.start..text.start,
        end if is_blank(bytes[end - 1]) => trim(bytes, text.start..end),
        _ => text,
    };
    Some((level as u8, text))
}

/// What stands on a list item's line.
pub(super) struct ListLine {
    pub indent: usize,
    pub marker: Marker,
    pub checked: Option<(bool, usize)>,
    pub text: Span,
}

/// Reads a list item: indentation and `>` prefixes, a marker, blanks, perhaps a box, text.
pub(super) fn list_item(bytes: &[u8], span: &Span) -> Option<ListLine> {
    let start = skip_quotes(bytes, span);
    let line = &bytes[start..span.end];
    let (marker, width) = match *line.first()? {
        b @ (b'-' | b'*' | b'+') => (Marker::Bullet, if thematic_break(line, b) { return None } else { 1 }),
        b'0'..=b'9' => {
            let digits = line.iter().take_while(|b| b.is_ascii_digit()).count();
            if digits > 9 || !matches!(line.get(digits), Some(b'.' | b')')) {
                return None;
            }
            let number = line[..digits].iter().fold(0u64, |n, d| n * 10 + u64::from(d - b'0'));
            (Marker::Ordered(number), digits + 1)
        }
        _ => return None,
    };
    let after = start + width;
    if after < span.end && !is_blank(bytes[after]) {
        return None;
    }
    let rest = trim(bytes, after..span.end);
    let checked = match &bytes[rest.clone()] {
        [b'[', mark, b']', tail @ ..] if tail.first().is_none_or(|b| is_blank(*b)) => match mark {
            b' ' => Some((false, rest.start + 1)),
            b'x' | b'X' => Some((true, rest.start + 1)),
            _ => None,
        },
        _ => None,
    };
    let text = if checked.is_some() { trim(bytes, rest.start + 3..rest.end) } else { rest };
    Some(ListLine { indent: columns(&bytes[span.start..start]), marker, checked, text })
}

/// `- - -`, `***`: a rule across the page, not a list item.
fn thematic_break(line: &[u8], mark: u8) -> bool {
    mark != b'+'
        && line.iter().all(|b| *b == mark || is_blank(*b))
        && line.iter().filter(|b| **b == mark).take(3).count() == 3
}

/// Width of an indentation; tabs go to the next multiple of four, `>` counts as one column.
fn columns(indent: &[u8]) -> usize {
    indent.iter().fold(0, |at, b| if *b == b'\t' { at / 4 * 4 + 4 } else { at + 1 })
}

/// The bars of a line: outer bars left out, escaped ones are none. `None` when there is no bar at all.
fn inner(bytes: &[u8], span: &Span) -> Option<(Span, Bar)> {
    let line = trim(bytes, span.clone());
    bars(bytes, &line).next()?;
    let opening = bytes[line.start] == b'|';
    let start = line.start + usize::from(opening);
    let closing = line.end > start && bytes[line.end - 1] == b'|' && !escaped(bytes, line.start, line.end - 1);
    Some((start..line.end - usize::from(closing), if closing { Bar::Closing } else { Bar::None }))
}

/// Whether the line has an unescaped bar.
pub(super) fn has_bar(bytes: &[u8], span: &Span) -> bool {
    bars(bytes, span).next().is_some()
}

/// A bar is escaped if and only if the byte before it is a backslash, whatever stands before that.
fn escaped(bytes: &[u8], line_start: usize, bar: usize) -> bool {
    bar > line_start && bytes[bar - 1] == b'\\'
}

/// Offsets of the unescaped bars in `span`.
fn bars<'b>(bytes: &'b [u8], span: &Span) -> impl Iterator<Item = usize> + 'b {
    let start = span.start;
    memchr::memchr_iter(b'|', &bytes[span.clone()])
        .map(move |at| start + at)
        .filter(move |bar| !escaped(bytes, start, *bar))
}

/// The cells of a row, trimmed, and whether the row has a closing bar. A line without a bar is one cell.
pub(super) fn cells(bytes: &[u8], span: &Span) -> (Vec<Span>, Bar) {
    let (inner, bar) = inner(bytes, span).unwrap_or_else(|| (trim(bytes, span.clone()), Bar::None));
    let mut cells = Vec::new();
    let mut start = inner.start;
    for at in bars(bytes, &inner) {
        cells.push(trim(bytes, start..at));
        start = at + 1;
    }
    cells.push(trim(bytes, start..inner.end));
    cells.shrink_to_fit();
    (cells, bar)
}

/// How many cells the row has.
pub(super) fn count_cells(bytes: &[u8], span: &Span) -> usize {
    inner(bytes, span).map_or(1, |(inner, _)| bars(bytes, &inner).count() + 1)
}

/// How many cells a delimiter row has: every cell is `:?-+:?`. `None` for any other line.
pub(super) fn delimiter(bytes: &[u8], span: &Span) -> Option<usize> {
    let line = trim(bytes, span.clone());
    let first = *bytes.get(line.start)?;
    if line.is_empty() || !matches!(first, b'|' | b':' | b'-') {
        return None;
    }
    let inner = inner(bytes, &line).map_or(line, |(inner, _)| inner);
    let mut count = 0;
    for cell in bytes[inner].split(|b| *b == b'|') {
        let cell = &cell[trim(cell, 0..cell.len())];
        let cell = cell.strip_prefix(b":").unwrap_or(cell);
        let cell = cell.strip_suffix(b":").unwrap_or(cell);
        if cell.is_empty() || !cell.iter().all(|b| *b == b'-') {
            return None;
        }
        count += 1;
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Span {
        0..text.len()
    }

    fn split(text: &str) -> Vec<&str> {
        cells(text.as_bytes(), &all(text)).0.into_iter().map(|c| &text[c]).collect()
    }

    #[test]
    fn fences() {
        for yes in ["```", "~~~", "   ````rust x", "> > ```", "\t```", "~~~ `x`"] {
            assert!(fence(yes.as_bytes(), &all(yes)).is_some(), "{yes:?}");
        }
        for no in ["``", "``` a`b", "a ```", "", ">", "- ```"] {
            assert!(fence(no.as_bytes(), &all(no)).is_none(), "{no:?}");
        }
    }

    #[test]
    fn headings() {
        for (line, expect) in [
            ("# a", Some((1, "a"))),
            ("   ###### a b ## ", Some((6, "a b"))),
            ("#", Some((1, ""))),
            ("## ##", Some((2, ""))),
            ("# C#", Some((1, "C#"))),
            ("#\ta `b` **c**", Some((1, "a `b` **c**"))),
            ("####### a", None),
            ("#a", None),
            ("    # a", None),
            ("\t# a", None),
            ("> # a", None),
        ] {
            let found = heading(line.as_bytes(), &all(line)).map(|(level, text)| (level, &line[text]));
            assert_eq!(found, expect, "{line:?}");
        }
    }

    #[test]
    fn boxes() {
        for (line, expect) in [
            ("- [ ] a", Some((false, "a"))),
            ("  * [x]  a b ", Some((true, "a b"))),
            ("> 12) [X]", Some((true, ""))),
            ("\t+ [ ]\ta", Some((false, "a"))),
            ("1. [x] T001 [P]", Some((true, "T001 [P]"))),
        ] {
            let item = list_item(line.as_bytes(), &all(line)).expect(line);
            assert_eq!(item.checked.map(|(on, _)| (on, &line[item.text.clone()])), expect, "{line:?}");
        }
        for line in ["- [~] a", "- [P] a", "- []", "- [-] a", "- [ ]a", "- [  ] a", "- a"] {
            assert!(list_item(line.as_bytes(), &all(line)).expect(line).checked.is_none(), "{line:?}");
        }
        for line in ["-[ ] a", "[ ] a", "- - -", "* * *", "1.[ ] a", "a - [ ] b", ""] {
            assert!(list_item(line.as_bytes(), &all(line)).is_none(), "{line:?}");
        }
    }

    #[test]
    fn rows() {
        assert_eq!(split("| a | b |"), ["a", "b"]);
        assert_eq!(split("a | b"), ["a", "b"]);
        assert_eq!(split("| a | b"), ["a", "b"]);
        assert_eq!(split("| a\\|b | `c\\|d` |"), ["a\\|b", "`c\\|d`"]);
        assert_eq!(split("| a\\\\| b |"), ["a\\\\| b"]);
        assert_eq!(split("| a \\|"), ["a \\|"]);
        assert_eq!(split("||"), [""]);
        assert_eq!(split("|"), [""]);
        assert_eq!(split("| | |"), ["", ""]);
        assert_eq!(split("a ||"), ["a", ""]);
    }

    #[test]
    fn delimiters() {
        for (line, expect) in [
            ("|---|:-:|", Some(2)),
            (" :--- | ---: ", Some(2)),
            ("|-|", Some(1)),
            ("---", Some(1)),
            ("|---|  |", None),
            ("|--a|", None),
            ("|:|", None),
            ("||", None),
            ("|", None),
            ("", None),
            ("- a", None),
        ] {
            assert_eq!(delimiter(line.as_bytes(), &all(line)), expect, "{line:?}");
        }
    }
}
