//! The one edge between documents and the terminal: every text that comes from outside passes [`clean`].
//!
//! Nothing is dropped without a mark: a control character, a bidi override, an invisible or filler character is shown
//! as text (`␛`, `⟨202E⟩`). ratatui by itself drops some of these silently and lets others through.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns between tab stops.
const TAB: usize = 4;

/// The text as one line that is safe to show. A line break becomes `␊`, a tab spaces up to the next stop.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| (b' '..=b'~').contains(&b)) || !text.chars().any(is_bad) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\t' => {
                let to = TAB - out.width() % TAB;
                out.extend(std::iter::repeat_n(' ', to));
            }
            // A CRLF is one line break.
            '\r' if chars.peek() == Some(&'\n') => {}
            '\u{0}'..='\u{1f}' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('␦')),
            '\u{7f}' => out.push('␡'),
            c if is_bad(c) => {
                use std::fmt::Write as _;
                // Writing to a string cannot fail.
                let _ = write!(out, "⟨{:04X}⟩", c as u32);
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a character must not reach the terminal: controls, and everything that is invisible, changes the direction
/// or joins, selects or fills (general category Cf and its kin, variation selectors, tags, fillers, private use).
pub fn is_bad(c: char) -> bool {
    if (' '..='~').contains(&c) {
        return false;
    }
    c.is_control()
        || matches!(c,
            '\u{ad}'                        // soft hyphen
            | '\u{34f}'                     // combining grapheme joiner
            | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
            | '\u{115f}'..='\u{1160}'       // Hangul fillers
            | '\u{17b4}'..='\u{17b5}'       // Khmer inherent vowels
            | '\u{180b}'..='\u{180f}'       // Mongolian selectors
            | '\u{200b}'..='\u{200f}'       // zero width, direction marks
            | '\u{2028}'..='\u{202e}'       // line and paragraph separator, bidi
            | '\u{2060}'..='\u{206f}'       // joiners, isolates, shaping
            | '\u{2800}'                    // blank Braille pattern
            | '\u{3164}' | '\u{ffa0}'       // Hangul fillers
            | '\u{fe00}'..='\u{fe0f}'       // variation selectors
            | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}'       // annotations
            | '\u{e000}'..='\u{f8ff}'       // private use
            | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{10ffff}'    // tags, more selectors, private planes
        )
}

/// Columns that a (clean) text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text cut to `columns`, with `…` where something is missing.
pub fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if text.len() <= columns || text.width() <= columns {
        return Cow::Borrowed(text);
    }
    if columns == 0 {
        return Cow::Borrowed("");
    }
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let wide = grapheme.width();
        if used + wide > columns - 1 {
            break;
        }
        used += wide;
        out.push_str(grapheme);
    }
    out.push('…');
    Cow::Owned(out)
}

/// The text cut or filled up with spaces to exactly `columns`.
pub fn fill(text: &str, columns: usize) -> String {
    let mut out = cut(text, columns).into_owned();
    let missing = columns.saturating_sub(out.width());
    out.extend(std::iter::repeat_n(' ', missing));
    out
}

/// The text, cleaned and wrapped at words to lines of at most `columns`. Line breaks in the text stay line breaks.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let line = clean(line.strip_suffix('\r').unwrap_or(line)).into_owned();
        lines.extend(textwrap::wrap(&line, columns.max(1)).into_iter().map(Cow::into_owned));
    }
    lines
}

/// Cleans, cuts and paints one line of text; returns the columns used. Nothing happens outside the buffer.
pub fn put(buf: &mut Buffer, x: u16, y: u16, columns: u16, text: &str, style: Style) -> u16 {
    let area = *buf.area();
    if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
        return 0;
    }
    let columns = columns.min(area.right() - x);
    // A line of a document may be very long: only its start can be seen.
    let start = head(text, usize::from(columns) * 4 + 64);
    let clean = clean(start);
    let cut = cut(&clean, usize::from(columns));
    let (end, _) = buf.set_stringn(x, y, &cut, usize::from(columns), style);
    end - x
}

/// At most `chars` characters from the start of the text.
fn head(text: &str, chars: usize) -> &str {
    if text.len() <= chars {
        return text;
    }
    text.char_indices().nth(chars).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_is_dropped_without_a_mark() {
        for (text, want) in [
            ("plain", "plain"),
            ("a\tb", "a   b"),
            ("\u{1b}[31mred", "␛[31mred"),
            ("a\r\nb\rc", "a␊b␍c"),
            ("x\u{202e}y", "x⟨202E⟩y"),
            ("\u{7f}\u{9b}", "␡⟨009B⟩"),
            ("\u{e0041}", "⟨E0041⟩"),
            ("日本 → é", "日本 → é"),
        ] {
            assert_eq!(clean(text), want);
        }
    }

    #[test]
    fn cuts_by_columns() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abc", 0), "");
        assert_eq!(fill("日本語", 4), "日… ");
    }

    proptest! {
        #[test]
        fn clean_text_is_clean(text in any::<String>(), more in proptest::collection::vec(0u32..0x110000, 0..40)) {
            let more: String = more.into_iter().filter_map(char::from_u32).collect();
            let text = text + &more;
            let out = clean(&text);
            prop_assert!(!out.chars().any(is_bad), "{out:?}");
            prop_assert_eq!(clean(&out), out.clone());
            for columns in 0..12 {
                prop_assert!(cut(&out, columns).width() <= columns);
                prop_assert_eq!(fill(&out, columns).width(), columns);
            }
            for line in wrap(&text, 7) {
                prop_assert!(!line.chars().any(is_bad));
            }
        }
    }
}
