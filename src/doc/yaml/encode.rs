//! Values as YAML scalars: which style a value can have, and its bytes (rules 5.3, 5.4).

use std::fmt::Write;

use crate::doc::tree::{NodeRef, Shape};

/// What a plain text would be taken for instead of text, by YAML 1.1 or 1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Null,
    Bool,
    Number,
    /// `12:30`, a number of base 60.
    Sexagesimal,
    Date,
    /// `<<` and `=`.
    Special,
}

/// A value for a new place: plain where it reads as text, else in double quotes. `flow` is for places between brackets.
pub fn written(value: &str, flow: bool) -> String {
    if is_plain(value, flow) && type_of(value).is_none() { value.to_owned() } else { double_quoted(value) }
}

/// A value in the place of `node`, in its style where that is legal.
pub(in crate::doc) fn rewritten(node: &NodeRef<'_>, value: &str) -> String {
    let stays = |shape: Shape| node.shape() == shape;
    if stays(Shape::Plain) {
        let same_type = type_of(value).is_none_or(|own| {
            let old = node.text().unwrap_or_default();
            type_of(&old) == Some(own)
        });
        if is_plain(value, node.is_in_flow()) && same_type {
            return value.to_owned();
        }
    }
    if stays(Shape::Single) && !value.contains(is_special) {
        return format!("'{}'", value.replace('\'', "''"));
    }
    double_quoted(value)
}

/// A value in double quotes, on one line.
pub fn double_quoted(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{85}' => out.push_str("\\N"),
            '\u{2028}' => out.push_str("\\L"),
            '\u{2029}' => out.push_str("\\P"),
            '\u{feff}' => out.push_str("\\uFEFF"),
            c if c < ' ' || c == '\u{7f}' => {
                // Writing to a string does not fail.
                let _ = write!(out, "\\x{:02X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Characters that only double quotes can carry.
fn is_special(c: char) -> bool {
    c < ' ' || matches!(c, '\u{7f}' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Whether a text can stand without quotes, whatever it would be taken for.
fn is_plain(value: &str, flow: bool) -> bool {
    !value.is_empty()
        && !value.starts_with(' ')
        && !value.ends_with(' ')
        && !value.contains(is_special)
        && !value.starts_with([
            '-', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`',
        ])
        && !value.contains(": ")
        && !value.contains(" #")
        && !value.ends_with(':')
        && !value.starts_with("...")
        && !(flow && value.contains([',', '[', ']', '{', '}']))
}

/// Whether a text without quotes reads as text, and not as a number, a date or the like.
pub(in crate::doc) fn reads_as_text(text: &str) -> bool {
    type_of(text).is_none()
}

fn type_of(text: &str) -> Option<Type> {
    let lower = text.to_ascii_lowercase();
    match text {
        "~" | "null" | "Null" | "NULL" => return Some(Type::Null),
        "<<" | "=" => return Some(Type::Special),
        _ => {}
    }
    if ["y", "yes", "n", "no", "true", "false", "on", "off"].contains(&lower.as_str()) {
        return Some(Type::Bool);
    }
    if is_date(text) {
        return Some(Type::Date);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if is_sexagesimal(unsigned) {
        return Some(Type::Sexagesimal);
    }
    is_number(unsigned).then_some(Type::Number)
}

fn is_number(text: &str) -> bool {
    if [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"].contains(&text) {
        return true;
    }
    let all = |digits: &str, of: &str| !digits.is_empty() && digits.chars().all(|c| of.contains(c) || c == '_');
    for (prefix, digits) in [("0b", "01"), ("0o", "01234567"), ("0x", "0123456789abcdefABCDEF")] {
        if let Some(rest) = text.strip_prefix(prefix) {
            return all(rest, digits);
        }
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    });
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let begins = mantissa.starts_with(|c: char| c.is_ascii_digit())
        || (whole.is_empty() && fraction.starts_with(|c: char| c.is_ascii_digit()));
    let digits = |text: &str| text.is_empty() || all(text, "0123456789");
    begins && digits(whole) && digits(fraction) && exponent_fits
}

fn is_sexagesimal(text: &str) -> bool {
    let (text, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = text.split(':');
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let place = |part: &&str| match part.as_bytes() {
        [ones] => ones.is_ascii_digit(),
        [b'0'..=b'5', ones] => ones.is_ascii_digit(),
        _ => false,
    };
    !rest.is_empty()
        && first.starts_with(|c: char| c.is_ascii_digit())
        && digits(first)
        && digits(fraction)
        && rest.iter().all(place)
}

/// `YYYY-MM-DD`, whatever follows; with one digit for month or day only before a time of day.
fn is_date(text: &str) -> bool {
    let digits = |at: usize| text.as_bytes()[at.min(text.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    let byte = |at: usize| text.as_bytes().get(at).copied();
    let year = digits(0);
    let month = digits(5);
    if year != 4 || byte(4) != Some(b'-') || !(1..=2).contains(&month) || byte(5 + month) != Some(b'-') {
        return false;
    }
    let day = digits(6 + month);
    let behind = 6 + month + day;
    let time = matches!(byte(behind), Some(b'T' | b't' | b' ' | b'\t')) && digits(behind + 1) > 0;
    (month == 2 && day >= 2) || ((1..=2).contains(&day) && time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_look_like_something_else() {
        let check = |texts: &str, of: Option<Type>| {
            for text in texts.split(' ') {
                assert_eq!(type_of(text), of, "{text}");
            }
        };
        check("~ null Null NULL", Some(Type::Null));
        check("y Yes NO on OFF tRue n", Some(Type::Bool));
        check("0 12 +7 -3 1_000 0b10 0o17 017 0x1F 1.0 .5 1e3 1.5E-7 5. +.inf .nan -.INF 1_0.5", Some(Type::Number));
        check("12:30 1:2:3 190:20:30.15", Some(Type::Sexagesimal));
        check("2025-09-22 2025-09-22T10:00:00Z 2025-9-2t1:2:3", Some(Type::Date));
        check("<< =", Some(Type::Special));
        check("nul ok F6.12 1.2.3 0b12 0xg 1e e3 .e5 . 12:60 a:30 2025-9-2 _1 1-2 v1 12: yess .i", None);
    }
}
