//! The one sanitiser at the edge: what comes from a document, a file name or an error message is shown as text and never
//! obeyed. Nothing is dropped without a visible mark.

use std::borrow::Cow;
use std::fmt::Write;

/// Text that is safe to print: control characters become control pictures (`␛`), tabs become spaces, and characters
/// that are invisible, reorder their line or fill it become `⟨202E⟩`. Line feeds are kept only by [`lines()`].
pub fn line(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        push_visible(&mut out, c);
    }
    Cow::Owned(out)
}

/// Like [`line()`], with line feeds kept and a carriage return before one dropped: for text of several lines.
pub fn lines(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| c == '\n' || is_plain(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => out.push('\n'),
            '\r' if chars.peek() == Some(&'\n') => {}
            c => push_visible(&mut out, c),
        }
    }
    Cow::Owned(out)
}

/// JSON text in which every character that a terminal might obey or hide is written as an escape; means the same.
pub fn json(text: &str) -> Cow<'_, str> {
    if text.chars().all(|c| c == '\n' || is_plain(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if c == '\n' || is_plain(c) {
            out.push(c);
        } else {
            let mut units = [0u16; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    Cow::Owned(out)
}

/// Appends `c` as something that is seen.
fn push_visible(out: &mut String, c: char) {
    match c {
        '\t' => out.push_str("    "),
        '\u{0}'..='\u{1f}' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('?')),
        '\u{7f}' => out.push('\u{2421}'),
        c if is_plain(c) => out.push(c),
        c => {
            let _ = write!(out, "⟨{:04X}⟩", c as u32);
        }
    }
}

/// Whether a terminal shows the character as what it is: neither control, nor format (bidi, zero width, tags), nor one
/// of the blank-looking fillers and line separators.
pub fn is_plain(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    !matches!(c,
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{34f}'
        | '\u{600}'..='\u{605}'
        | '\u{61c}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{890}'..='\u{891}'
        | '\u{8e2}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{fe00}'..='\u{fe0d}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{fffe}'..='\u{ffff}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{110bd}'
        | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d159}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_shown() {
        assert_eq!(line("plain – ✓ 漢字"), "plain – ✓ 漢字");
        assert_eq!(line("a\u{1b}[31mb\u{7}\tc\u{7f}"), "a␛[31mb␇    c␡");
        assert_eq!(line("x\u{202e}y\u{e0041}z\u{9b}"), "x⟨202E⟩y⟨E0041⟩z⟨009B⟩");
        assert_eq!(lines("a\r\nb\rc\n"), "a\nb␍c\n");
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({"a": "x\u{202e}\u{7f}\u{e0041}\u{1b}é"});
        let text = json(&value.to_string()).into_owned();
        assert!(text.chars().all(is_plain), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).ok(), Some(value));
    }
}
