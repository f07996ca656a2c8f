//! The one edge between documents and the terminal: every text that comes from outside passes [`clean`].
//!
//! Nothing is dropped without a mark: a control character, a bidi override, an invisible or filler character is shown
//! as text (`␛`, `⟨202E⟩`). ratatui by itself drops some of these silently and lets others through.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::sanitise;

/// The text as one line that is safe to show. A line break becomes `␊`, a tab four spaces.
pub fn clean(text: &str) -> Cow<'_, str> {
    sanitise::line(text)
}

/// Pasted text as one line: what cannot be seen is made visible, line breaks become blanks.
pub fn pasted_line(pasted: &str) -> String {
    clean(pasted.trim_end_matches(['\r', '\n'])).replace("␍␊", " ").replace(['␊', '␍'], " ")
}

/// Pasted text with its line breaks, each of them `\n`: what cannot be seen is made visible.
pub fn pasted_lines(pasted: &str) -> String {
    let pasted = pasted.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<Cow<'_, str>> = pasted.split('\n').map(clean).collect();
    lines.join("\n")
}

/// Whether a character must not reach the terminal: controls, and everything that is invisible, changes the direction
/// or joins, selects or fills.
pub fn is_bad(c: char) -> bool {
    !sanitise::is_plain(c)
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

/// A number with its noun, in the plural where that is asked for: `1 issue`, `2 issues`.
pub fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Paints one of our own symbols, which is one column wide, into one cell. Nothing happens outside the buffer.
pub fn set(buf: &mut Buffer, x: u16, y: u16, symbol: &str, style: Style) {
    if let Some(cell) = buf.cell_mut((x, y)) {
        cell.set_symbol(symbol).set_style(style);
    }
}

/// Cleans, cuts and paints one line of text; returns the columns used. Nothing happens outside the buffer.
pub fn put(buf: &mut Buffer, x: u16, y: u16, columns: u16, text: &str, style: Style) -> u16 {
    let area = *buf.area();
    if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
        return 0;
    }
    let columns = columns.min(area.right() - x);
    if let Some(used) = put_ascii(buf, (x, y), columns, text.as_bytes(), style) {
        return used;
    }
    // A line of a document may be very long: only its start can be seen.
    let start = head(text, usize::from(columns) * 4 + 64);
    let clean = clean(start);
    let cut = cut(&clean, usize::from(columns));
    let (end, _) = buf.set_stringn(x, y, &cut, usize::from(columns), style);
    end - x
}

/// Writes a text into an area, on as many lines as it takes and the area has: what a pane says while it has nothing to show.
pub fn put_wrapped(buf: &mut Buffer, area: Rect, text: &str, style: Style) {
    for (y, line) in (area.y..area.bottom()).zip(wrap(text, usize::from(area.width))) {
        put(buf, area.x, y, area.width, &line, style);
    }
}

/// Most of what is painted is ASCII, where a byte is a column and nothing has to be cleaned; none for other text.
fn put_ascii(buf: &mut Buffer, at: (u16, u16), columns: u16, text: &[u8], style: Style) -> Option<u16> {
    let room = usize::from(columns);
    // One more than there is room for tells whether something is cut; what follows that one is not seen.
    if !text.iter().take(room + 1).all(|b| (b' '..=b'~').contains(b)) {
        return None;
    }
    let shown = if text.len() > room { room.saturating_sub(1) } else { text.len() };
    let start = buf.index_of(at.0, at.1);
    let cells = buf.content.get_mut(start..start + room)?;
    for (cell, &byte) in cells.iter_mut().zip(&text[..shown]) {
        cell.set_char(char::from(byte)).set_style(style);
    }
    if shown == text.len() || room == 0 {
        return Some(shown as u16);
    }
    cells[shown].set_char('…').set_style(style);
    Some(columns)
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
            ("a\tb", "a    b"),
            ("\u{1b}[31mred", "␛[31mred"),
            ("a\r\nb\rc", "a␍␊b␍c"),
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
