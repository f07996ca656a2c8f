//! What the text of a scalar means: quotes, escapes, folded lines, blocks.

use std::borrow::Cow;

use crate::doc::line::{Line, Lines};

/// The text of a scalar that is no block: plain, or in single or double quotes.
pub(in crate::doc) fn decode_inline(raw: &[u8]) -> Cow<'_, str> {
    let (inner, quote) = match raw {
        [b'"', inner @ .., b'"'] => (inner, Some(b'"')),
        [b'\'', inner @ .., b'\''] => (inner, Some(b'\'')),
        _ => (raw, None),
    };
    let special = |b: &u8| match b {
        b'\r' | b'\n' => true,
        b'\\' => quote == Some(b'"'),
        b'\'' => quote == Some(b'\''),
        _ => false,
    };
    if !inner.iter().any(special) {
        return String::from_utf8_lossy(inner);
    }
    let text = String::from_utf8_lossy(inner);
    Cow::Owned(folded(&text, quote))
}

/// Lines joined: one line end is a space, further ones are line feeds; blanks around line ends do not count.
fn folded(text: &str, quote: Option<u8>) -> String {
    let mut out = String::with_capacity(text.len());
    // So much of `out` came from escapes, and is not blank.
    let mut fixed = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match c {
            '\r' | '\n' => {
                let kept = out[fixed..].trim_end_matches([' ', '\t']).len() + fixed;
                out.truncate(kept);
                let breaks = skip_breaks(&mut rest);
                if breaks == 1 {
                    out.push(' ');
                } else {
                    out.extend(std::iter::repeat_n('\n', breaks - 1));
                }
                fixed = out.len();
                continue;
            }
            '\\' if quote == Some(b'"') => {
                rest = &rest[1..];
                if rest.starts_with(['\r', '\n']) {
                    // The line goes on without a space.
                    let breaks = skip_breaks(&mut rest);
                    out.extend(std::iter::repeat_n('\n', breaks - 1));
                } else {
                    out.extend(escape(&mut rest));
                }
                fixed = out.len();
                continue;
            }
            '\'' if quote == Some(b'\'') && rest[1..].starts_with('\'') => rest = &rest[1..],
            _ => {}
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Goes over line ends and the blanks around them; how many there were.
fn skip_breaks(rest: &mut &str) -> usize {
    let mut breaks = 0;
    loop {
        let line = rest.trim_start_matches([' ', '\t']);
        let Some(behind) = line.strip_prefix("\r\n").or_else(|| line.strip_prefix(['\r', '\n'])) else {
            *rest = line;
            return breaks.max(1);
        };
        breaks += 1;
        *rest = behind;
    }
}

/// The character that an escape stands for; `rest` begins behind its backslash.
fn escape(rest: &mut &str) -> Option<char> {
    let sign = rest.chars().next()?;
    let digits = match sign {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    let behind = (sign.len_utf8() + digits).min(rest.len());
    let hex = rest.get(sign.len_utf8()..behind).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    *rest = rest.get(behind..).unwrap_or_default();
    Some(match sign {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' | 'u' | 'U' => hex.and_then(char::from_u32).unwrap_or('\u{fffd}'),
        other => other,
    })
}

/// What stands behind `|` or `>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    folds: bool,
    /// `+` or `-`.
    chomping: Option<u8>,
    /// Explicit indentation.
    indent: Option<usize>,
}

impl Header {
    /// Reads the line from the sign on; none when something else stands there.
    pub(super) fn read(line: &[u8]) -> Option<Header> {
        let mut header = Header { folds: line.first() == Some(&b'>'), chomping: None, indent: None };
        let mut at = 1;
        while let Some(byte) = line.get(at) {
            match byte {
                b'+' | b'-' if header.chomping.is_none() => header.chomping = Some(*byte),
                b'1'..=b'9' if header.indent.is_none() => header.indent = Some(usize::from(byte - b'0')),
                _ => break,
            }
            at += 1;
        }
        let rest = &line[at..];
        let blanks = rest.iter().take_while(|b| b" \t".contains(b)).count();
        let ends = blanks == rest.len() || (blanks > 0 && rest[blanks] == b'#');
        ends.then_some(header)
    }

    pub(super) fn keeps(&self) -> bool {
        self.chomping == Some(b'+')
    }

    pub(super) fn strips(&self) -> bool {
        self.chomping == Some(b'-')
    }

    /// How far the lines below are indented, when their parent is indented by `parent`; none when blank lines before the
    /// first line are indented more than that one.
    pub(super) fn width(&self, body: &[u8], parent: isize) -> Option<usize> {
        let least = usize::try_from(parent + 1).unwrap_or(0).max(1);
        if let Some(indent) = self.indent {
            return Some(usize::try_from(parent).unwrap_or(0) + indent);
        }
        let mut widest = 0;
        for line in Lines::from(body, 0) {
            let text = &body[line.content()];
            let spaces = text.iter().take_while(|b| **b == b' ').count();
            if spaces < text.len() {
                return match spaces {
                    spaces if spaces < least => Some(widest.max(least)),
                    spaces => (widest <= spaces).then_some(spaces),
                };
            }
            widest = widest.max(spaces);
        }
        Some(widest.max(least))
    }
}

/// The text of a block; `raw` begins at its sign, `parent` is how far what holds it is indented.
pub(in crate::doc) fn decode_block(raw: &[u8], parent: isize) -> String {
    let first = Line::at(raw, 0);
    let Some(header) = Header::read(&raw[first.content()]) else { return String::new() };
    let width = header.width(&raw[first.next..], parent).unwrap_or(0);
    let mut lines: Vec<Cow<'_, str>> = Vec::new();
    let mut ended = true;
    for line in Lines::from(raw, first.next) {
        let text = &raw[line.content()];
        let from = text.iter().take_while(|b| **b == b' ').count().min(width);
        lines.push(String::from_utf8_lossy(&text[from..]));
        ended = line.next > line.end;
    }
    let trailing = lines.iter().rev().take_while(|line| line.is_empty()).count();
    let content = &lines[..lines.len() - trailing];
    let mut out = if header.folds { fold_block(content) } else { content.join("\n") };
    match header.chomping {
        Some(b'-') => {}
        Some(_) => out
            .extend(std::iter::repeat_n('\n', trailing + usize::from(!content.is_empty() && (ended || trailing > 0)))),
        None if !content.is_empty() && ended => out.push('\n'),
        None => {}
    }
    out
}

/// Joins the lines of a `>` block: text lines by spaces, but not those that are indented further.
fn fold_block(lines: &[Cow<'_, str>]) -> String {
    let mut out = String::new();
    let mut blank = 0;
    let mut before: Option<bool> = None;
    for line in lines {
        if line.is_empty() {
            blank += 1;
            continue;
        }
        let indented = line.starts_with([' ', '\t']);
        match before {
            None => out.extend(std::iter::repeat_n('\n', blank)),
            Some(was) if was || indented => out.extend(std::iter::repeat_n('\n', blank + 1)),
            Some(_) if blank > 0 => out.extend(std::iter::repeat_n('\n', blank)),
            Some(_) => out.push(' '),
        }
        out.push_str(line);
        blank = 0;
        before = Some(indented);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded() {
        for (raw, text) in [
            ("a\n  b\n\n  c", "a b\nc"),
            ("'it''s\n\n  a'", "it's\na"),
            ("\"a  \n  b\\n\\\n  c\\x41\\u00e9\\N\"", "a b\ncAé\u{85}"),
            ("\"a\\ \n b\"", "a  b"),
            ("\"\"", ""),
            ("''", ""),
            ("\"a\\\n\n  b\"", "a\nb"),
        ] {
            assert_eq!(decode_inline(raw.as_bytes()), text, "{raw:?}");
        }
    }

    #[test]
    fn blocks_are_read() {
        for (raw, parent, text) in [
            ("|\n  a\n   b\n\n  c\n", 0, "a\n b\n\nc\n"),
            ("|-\n  a", 0, "a"),
            ("|+\n  a\n\n", 0, "a\n\n"),
            (">\n  a\n  b\n\n  c\n    d\n  e\n", 0, "a b\nc\n  d\ne\n"),
            ("|2\n    a\n", 0, "  a\n"),
            (">-\n\n  a\n", 0, "\na"),
            ("|\n", 0, ""),
            ("|\n a\n", -1, "a\n"),
        ] {
            assert_eq!(decode_block(raw.as_bytes(), parent), text, "{raw:?}");
        }
    }
}
