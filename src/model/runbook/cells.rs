//! The cells of a row whose code spans were cut at their pipes.

use crate::doc::markdown::{Row, decode_cell};
use crate::doc::{Document, Markdown};
use crate::model::cite;

/// The decoded cells of a row; cells that share one code span are one cell again.
pub fn of_row(doc: &Document, markdown: &Markdown, row: &Row) -> Vec<String> {
    let raw = |from: usize, to: usize| &doc.bytes()[row.cells[from].start..row.cells[to].end];
    let mut cells = Vec::new();
    let mut from = 0;
    while from < row.cells.len() {
        let open = |to: usize| is_open(&String::from_utf8_lossy(raw(from, to)));
        // A backtick that no later cell closes is text, and cuts nothing.
        let to = if open(from) { (from + 1..row.cells.len()).find(|to| !open(*to)).unwrap_or(from) } else { from };
        match to == from {
            true => cells.push(markdown.value(row, from).unwrap_or_default().replace('\n', " ")),
            false => cells.push(decode_cell(raw(from, to)).replace('\n', " ")),
        }
        from = to + 1;
    }
    cells
}

/// Whether a backtick stands outside of the code spans: a span began here and ends elsewhere.
fn is_open(text: &str) -> bool {
    let spans = cite::code_spans(text);
    let ticks = |span: &std::ops::Range<usize>| text[..span.start].bytes().rev().take_while(|b| *b == b'`').count();
    let inside: usize = spans.iter().map(|span| text[span.clone()].matches('`').count() + 2 * ticks(span)).sum();
    text.matches('`').count() > inside
}
