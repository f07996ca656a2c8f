//! Plain text as a page: line numbers, wrapped or cut.

use super::{Ink, Options, Page, Tone};
use crate::tui::widget::wrap;

/// A line longer than this is cut, with a mark.
const LONGEST: usize = 16 << 10;

/// Lays plain text out; `rest` is a last line about what is missing.
pub fn plain(text: &str, rest: Option<&str>, wrapped: bool, options: Options<'_>) -> Page {
    let mut page = Page::default();
    page.text.reserve(text.len() + text.len() / 8);
    let gutter = text.lines().count().to_string().len();
    let frame = Ink::of(Tone::Frame);
    let room = options.width.saturating_sub(gutter + 1).max(1);
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let head = (0..=LONGEST.min(line.len())).rev().find(|&at| line.is_char_boundary(at)).unwrap_or(0);
        let mut clean = (options.clean)(&line[..head]);
        if head < line.len() {
            clean.push_str(&format!(" [{} more bytes]", line.len() - head));
        }
        let whole = 0..clean.len();
        let ranges = if wrapped { wrap::wrap(&clean, room) } else { vec![whole] };
        for (row, range) in ranges.into_iter().enumerate() {
            page.begin(number);
            let label = if row == 0 { format!("{number:gutter$} ") } else { " ".repeat(gutter + 1) };
            page.push(&label, frame, None);
            page.push(&clean[range], Ink::default(), None);
        }
    }
    if let Some(rest) = rest {
        page.begin(text.lines().count().max(1));
        page.push(rest, frame, None);
    }
    page
}
