//! Strings and literals: as they stand in a file, and as the text of a cell.

use std::borrow::Cow;
use std::fmt::Write;

/// The text of a string with its quotes. Half of a surrogate pair reads as U+FFFD.
pub(in crate::doc) fn decode(raw: &[u8]) -> Cow<'_, str> {
    let inner = raw.strip_prefix(b"\"").unwrap_or(raw);
    let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
    if !inner.contains(&b'\\') {
        return String::from_utf8_lossy(inner);
    }
    let inner = String::from_utf8_lossy(inner);
    let mut out = String::with_capacity(inner.len());
    let mut rest = &*inner;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = rest[at + 1..].chars().next();
        let mut behind = at + 1 + escape.map_or(0, char::len_utf8);
        match escape {
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('u') => {
                let unit = |at: usize| rest.get(at..at + 4).and_then(|hex| u16::from_str_radix(hex, 16).ok());
                let first = unit(behind);
                behind += first.map_or(0, |_| 4);
                let second = if rest[behind..].starts_with("\\u") { unit(behind + 2) } else { None };
                match (first, second) {
                    (Some(high @ 0xd800..0xdc00), Some(low @ 0xdc00..0xe000)) => {
                        behind += 6;
                        let code = 0x10000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(low) - 0xdc00);
                        out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                    }
                    (Some(unit), _) => out.push(char::from_u32(u32::from(unit)).unwrap_or('\u{fffd}')),
                    (None, _) => out.push('\u{fffd}'),
                }
            }
            Some(other) => out.push(other),
            None => {}
        }
        rest = &rest[behind..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A text as a string with its quotes (rule 6.3).
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                // Writing to a string does not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether the text is `null`, `true`, `false` or a number in JSON's own spelling.
pub fn literal(text: &str) -> bool {
    matches!(text, "null" | "true" | "false") || number(text.as_bytes()) == Some(text.len())
}

/// How long the number at the beginning of the bytes is, if there is one.
pub(super) fn number(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(at);
    if whole == 0 || (whole > 1 && bytes[at] == b'0') {
        return None;
    }
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent == 0 {
            return None;
        }
        at += 1 + sign + exponent;
    }
    Some(at)
}

/// The text of a cell that holds this string: the string itself, but in quotes where it could be taken for `null`, `true`,
/// `false`, a number or a string in quotes. So the text of a cell says what kind of value it holds.
pub fn string_value(text: &str) -> Cow<'_, str> {
    if literal(text) || quoted(text) { Cow::Owned(encode(text)) } else { Cow::Borrowed(text) }
}

/// What reading back a cell gives that was given `value`: quotes that say nothing are dropped.
pub(in crate::doc) fn canonical(value: &str) -> String {
    if quoted(value) { string_value(&decode(value.as_bytes())).into_owned() } else { value.to_owned() }
}

/// The value that the text of a cell stands for, as it is written into the file.
pub(in crate::doc) fn token(value: &str) -> String {
    if literal(value) {
        value.to_owned()
    } else if quoted(value) {
        encode(&decode(value.as_bytes()))
    } else {
        encode(value)
    }
}

/// The value of a cell as people read it: a string without the quotes that tell it from other values.
pub fn shown(value: &str) -> Cow<'_, str> {
    if quoted(value) { decode(value.as_bytes()) } else { Cow::Borrowed(value) }
}

/// What kind of value the text of a cell stands for: `null`, `boolean`, `number` or `string`.
pub fn type_name(value: &str) -> &'static str {
    match value {
        "null" => "null",
        "true" | "false" => "boolean",
        _ if literal(value) => "number",
        _ => "string",
    }
}

/// Whether the text is one whole JSON string.
fn quoted(text: &str) -> bool {
    text.starts_with('"') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() && text.ends_with('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_decoded_and_encoded() {
        for (raw, text) in [
            (r#""a""#, "a"),
            (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
            (r#""\u00e9\uD83D\ude00x""#, "é😀x"),
            (r#""\ud800\u0041""#, "\u{fffd}A"),
        ] {
            assert_eq!(decode(raw.as_bytes()), text);
        }
        assert_eq!(
            encode("a/\"\\\u{8}\u{c}\n\r\t\u{1}\u{1f}\u{7f}é"),
            "\"a/\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\u{7f}é\""
        );
    }

    #[test]
    fn the_text_of_a_cell_says_what_it_holds() {
        for (string, value) in [
            ("a", "a"),
            ("null", "\"null\""),
            ("1.5e3", "\"1.5e3\""),
            ("\"q\"", "\"\\\"q\\\"\""),
            ("\"", "\""),
            ("01", "01"),
        ] {
            assert_eq!(string_value(string), value);
            assert_eq!(token(value), encode(string));
        }
        for same in ["null", "true", "-0.0", "22.102549999999965", "1E+5"] {
            assert_eq!(token(same), same);
        }
    }
}
