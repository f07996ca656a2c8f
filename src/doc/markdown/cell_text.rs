//! What the text of a table cell means and how a value is written as one (edit-rules §2.2, §2.3).

use std::borrow::Cow;

use crate::doc::line::trim;

/// Reads a cell: blanks at both ends go, `\|` is a bar, `<br>` in its three spellings is a line feed. Nothing else is
/// interpreted. Bytes that are not UTF-8 are shown as U+FFFD.
pub fn decode_cell(raw: &[u8]) -> Cow<'_, str> {
    let raw = &raw[trim(raw, 0..raw.len())];
    if memchr::memchr2(b'|', b'<', raw).is_none() {
        return String::from_utf8_lossy(raw);
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'\\', b'<', &raw[at..]) {
        out.extend_from_slice(&raw[at..at + found]);
        at += found;
        match line_break(&raw[at..]) {
            Some(width) => {
                out.push(b'\n');
                at += width;
            }
            None if raw[at] == b'\\' && raw.get(at + 1) == Some(&b'|') => {
                out.push(b'|');
                at += 2;
            }
            None => {
                out.push(raw[at]);
                at += 1;
            }
        }
    }
    out.extend_from_slice(&raw[at..]);
    match String::from_utf8(out) {
        Ok(text) => Cow::Owned(text),
        Err(bad) => Cow::Owned(String::from_utf8_lossy(bad.as_bytes()).into_owned()),
    }
}

/// The value that reading back gives: line ends and `<br>`s are line feeds, no blanks or line feeds at the ends.
pub fn canonical_cell(value: &str) -> String {
    let bytes = value.as_bytes();
    let mut out = String::with_capacity(value.len());
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'\r', b'<', &bytes[at..]) {
        out.push_str(&value[at..at + found]);
        at += found;
        if bytes[at] == b'\r' {
            out.push('\n');
            at += if bytes.get(at + 1) == Some(&b'\n') { 2 } else { 1 };
        } else if let Some(width) = line_break(&bytes[at..]) {
            out.push('\n');
            at += width;
        } else {
            out.push('<');
            at += 1;
        }
    }
    out.push_str(&value[at..]);
    out.trim_matches([' ', '\t', '\n']).to_owned()
}

/// Writes a canonical value as cell text: bars escaped, line feeds as `<br>`, nothing else.
pub fn encode_cell(canonical: &str) -> String {
    canonical.replace('|', "\\|").replace('\n', "<br>")
}

/// Width of the `<br>`, `<br/>` or `<br />` (any case) that `raw` starts with.
fn line_break(raw: &[u8]) -> Option<usize> {
    let tail = match raw {
        [b'<', b'b' | b'B', b'r' | b'R', tail @ ..] => tail,
        _ => return None,
    };
    match tail {
        [b'>', ..] => Some(4),
        [b'/', b'>', ..] => Some(5),
        [b' ', b'/', b'>', ..] => Some(6),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading() {
        for (raw, value) in [
            (" a ", "a"),
            ("a\\|b", "a|b"),
            ("a\\\\|b", "a\\|b"),
            ("a<br>b<BR/>c<Br />d<br  />e<brx>", "a\nb\nc\nd<br  />e<brx>"),
            ("`a<br>b`", "`a\nb`"),
            ("&amp; [x](y) \\* \\", "&amp; [x](y) \\* \\"),
            ("\u{a0}x\u{a0}", "\u{a0}x\u{a0}"),
        ] {
            assert_eq!(decode_cell(raw.as_bytes()), value, "{raw:?}");
        }
        assert_eq!(decode_cell(b"a\xff<br>"), "a\u{fffd}\n");
    }

    #[test]
    fn writing_then_reading() {
        for (value, canonical, written) in [
            ("a|b", "a|b", "a\\|b"),
            ("a\\|b", "a\\|b", "a\\\\|b"),
            ("a\r\nb\rc\nd", "a\nb\nc\nd", "a<br>b<br>c<br>d"),
            (" \n a \t\r\n", "a", "a"),
            ("<br/>a<BR>b<br />", "a\nb", "a<br>b"),
            ("<<br>br>", "<\nbr>", "<<br>br>"),
            ("\u{a0}\u{200b}\u{202e}", "\u{a0}\u{200b}\u{202e}", "\u{a0}\u{200b}\u{202e}"),
            ("---", "---", "---"),
            ("\\", "\\", "\\"),
        ] {
            assert_eq!(canonical_cell(value), canonical, "{value:?}");
            assert_eq!(encode_cell(canonical), written, "{value:?}");
            assert_eq!(decode_cell(written.as_bytes()), canonical, "{value:?}");
        }
    }
}
