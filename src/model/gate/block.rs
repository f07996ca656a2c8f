//! The document as blocks of prose: bullets and paragraphs with the lines that belong to them, and rows of tables, each with
//! the plan and the section that it stands in.

use crate::doc::markdown::{Markdown, Table};
use crate::doc::{Document, Span};

/// A block of the document.
pub(super) struct Block<'a> {
    /// What it is.
    pub what: What<'a>,
    /// The plan it stands under: `A` under `## Plan A - Name`.
    pub plan: Option<String>,
    /// Text of the nearest heading above.
    pub heading: String,
    /// Counts headings: blocks with the same number stand in the same section.
    pub section: usize,
}

/// What a block is.
pub(super) enum What<'a> {
    /// A list item, without marker.
    Item(Span),
    /// A paragraph.
    Paragraph(Span),
    /// A table.
    Table(&'a Table),
}

/// The blocks of a document, in its order. What stands before the first heading of a second level is about the document.
pub(super) fn blocks<'a>(doc: &Document, markdown: &'a Markdown) -> Vec<Block<'a>> {
    let bytes = doc.bytes();
    let mut blocks: Vec<Block<'a>> = Vec::new();
    let mut plan: Option<(u8, String)> = None;
    let mut heading = None;
    // The block of prose that the next line may continue, and whether a blank line has come since.
    let mut open: Option<(bool, Span)> = None;
    let mut start = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let (mut items, mut tables, mut headings) = (
        markdown.items().iter().peekable(),
        markdown.tables().iter().peekable(),
        markdown.headings().iter().enumerate(),
    );
    let mut next_heading = headings.next();
    let place = |heading: Option<usize>, plan: &Option<(u8, String)>, what: What<'a>| Block {
        what,
        plan: plan.as_ref().map(|(_, name)| name.clone()),
        heading: markdown.heading_text(heading).into_owned(),
        section: heading.map_or(0, |at| at + 1),
    };
    let mut number = 0;
    let mut table_lines = std::collections::BTreeSet::new();
    for table in markdown.tables() {
        table_lines.extend([table.line, table.line + 1]);
        table_lines.extend(table.rows.iter().map(|row| row.line));
    }
    while start < bytes.len() {
        number += 1;
        let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
        let next = (end + 1).min(bytes.len()).max(end);
        let content = trimmed(bytes, start..end);
        let indented = bytes.get(start).is_some_and(|b| matches!(b, b' ' | b'\t'));
        let line = start;
        start = if next > line { next } else { bytes.len() };
        let flush = |open: &mut Option<(bool, Span)>, blocks: &mut Vec<Block<'a>>| {
            if let Some((is_item, span)) = open.take() {
                let what = if is_item { What::Item(span) } else { What::Paragraph(span) };
                blocks.push(place(heading, &plan, what));
            }
        };
        if let Some((at, found)) = next_heading.filter(|(_, found)| found.line == number) {
            flush(&mut open, &mut blocks);
            next_heading = headings.next();
            heading = Some(at);
            let text = markdown.text(&found.text);
            match plan_of(&text) {
                Some(name) => plan = Some((found.level, name)),
                None if plan.as_ref().is_some_and(|(level, _)| found.level <= *level) => plan = None,
                None => {}
            }
            continue;
        }
        if markdown.is_code(line) || markdown.is_comment(line) || content.is_empty() {
            flush(&mut open, &mut blocks);
            continue;
        }
        if table_lines.contains(&number) {
            flush(&mut open, &mut blocks);
            if let Some(table) = tables.next_if(|table| table.line == number) {
                blocks.push(place(heading, &plan, What::Table(table)));
            }
            continue;
        }
        if let Some(item) = items.next_if(|item| item.line == number) {
            flush(&mut open, &mut blocks);
            open = Some((true, item.text.clone()));
            continue;
        }
        match &mut open {
            // A line that is not indented goes on with a bullet only in the middle of a sentence: closing lines of a
            // document often stand directly below the last bullet.
            Some((is_item, span)) if indented || !*is_item || !ends_sentence(&bytes[span.clone()]) => {
                span.end = content.end;
            }
            Some(_) | None => {
                flush(&mut open, &mut blocks);
                open = Some((false, content));
            }
        }
    }
    if let Some((is_item, span)) = open.take() {
        let what = if is_item { What::Item(span) } else { What::Paragraph(span) };
        blocks.push(place(heading, &plan, what));
    }
    blocks
}

/// The letters behind the word `Plan` at the start of a heading.
fn plan_of(heading: &str) -> Option<String> {
    let rest = heading.trim_start_matches(['*', '_', ' ']);
    let rest = rest.get(..5).filter(|start| start.eq_ignore_ascii_case("plan ")).map(|_| &rest[5..])?;
    let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
    (!name.is_empty() && name.len() <= 3).then(|| name.to_uppercase())
}

fn trimmed(bytes: &[u8], mut span: Span) -> Span {
    while span.start < span.end && bytes[span.start].is_ascii_whitespace() {
        span.start += 1;
    }
    while span.end > span.start && bytes[span.end - 1].is_ascii_whitespace() {
        span.end -= 1;
    }
    span
}

fn ends_sentence(text: &[u8]) -> bool {
    matches!(text.last(), Some(b'.' | b'!' | b'?' | b':'))
}
