//! Documents as pages: Markdown rendered, anything else as text with line numbers.

use std::borrow::Cow;
use std::sync::Arc;

use crate::doc::{Document, Markdown};
use crate::model::cite;
use crate::tui::text;
use crate::tui::widget::found;
use crate::tui::widget::markdown::{self, Options, Page, TableBlock};

/// Plain text beyond this size is not laid out; the Log pane shows files of any size.
const MOST: usize = 8 << 20;

/// The document as a page of that width. `wrap` matters for plain text only.
pub fn render(document: &Arc<Document>, width: u16, ascii: bool, wrap: bool) -> Page {
    let cites = |code: &str| cited(code).is_some();
    let clean = |text: &str| text::clean(text).into_owned();
    let options = Options { width: usize::from(width.max(1)), ascii, cites: &cites, clean: &clean };
    let bytes = document.bytes();
    match (document.markdown(), std::str::from_utf8(bytes)) {
        (Some(index), Ok(all)) if bytes.len() <= MOST => {
            let marked = if all.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
            markdown::render(&all[marked..], &tables(index, all, marked), options)
        }
        _ => {
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(MOST)]);
            let rest =
                (bytes.len() > MOST).then(|| format!("{} more bytes: F shows the file in the Log", bytes.len() - MOST));
            markdown::plain(&shown, rest.as_deref(), wrap, options)
        }
    }
}

/// The document's own tables: rows behind comment and blank lines belong to them.
fn tables<'a>(index: &'a Markdown, text: &str, marked: usize) -> Vec<TableBlock<'a>> {
    let line_start = |at: usize| text[..at].rfind('\n').map_or(0, |at| at + 1);
    let line_end = |at: usize| text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
    let cells = |spans: &[crate::doc::Span]| -> Vec<Cow<'a, str>> {
        spans
            .iter()
            .map(|span| match index.cell(span) {
                value if value.contains("<br") => Cow::Owned(value.replace("<br>", "\n").replace("<br/>", "\n")),
                value => value,
            })
            .collect()
    };
    index
        .tables()
        .iter()
        .filter_map(|table| {
            let first = table.header.first()?.start;
            let start = line_start(first);
            // Under the header stands the delimiter row, then the rows.
            let end = table.rows.last().map_or_else(|| line_end(line_end(first)), |row| line_end(row.span.end));
            Some(TableBlock {
                span: start.saturating_sub(marked)..end - marked,
                line: table.line,
                header: cells(&table.header),
                rows: table.rows.iter().map(|row| (row.line, cells(&row.cells))).collect(),
            })
        })
        .collect()
}

/// Page lines where `needle` stands; also those whose document line has it, broken over several page lines.
pub fn hits(page: &Page, document: &Document, needle: &str) -> Vec<usize> {
    if needle.is_empty() {
        return Vec::new();
    }
    let mut hits: Vec<usize> = (0..page.len()).filter(|&at| found::contains(page.line(at), needle)).collect();
    let seen: std::collections::HashSet<usize> = hits.iter().map(|&at| page.source(at)).collect();
    let text = String::from_utf8_lossy(document.bytes());
    let broken: Vec<usize> = text
        .lines()
        .enumerate()
        .filter(|(at, line)| !seen.contains(&(at + 1)) && found::contains(line, needle))
        .map(|(at, _)| at + 1)
        .collect();
    for source in broken {
        let at = page.at_source(source);
        // What is not shown at all (a comment) is no hit.
        if page.source(at) == source {
            hits.push(at);
        }
    }
    hits.sort_unstable();
    hits.dedup();
    hits
}

/// The path that a code span names, with the line behind it: `docs/a.md:12`, `Tools\Run.ps1 -Fast`, `README.md`.
pub fn cited(code: &str) -> Option<(String, Option<usize>)> {
    let word = code.trim();
    let path = match cite::paths(word).into_iter().next() {
        Some(path) => path,
        None => {
            let name = word.split([':', '#']).next().unwrap_or(word);
            let (stem, ext) = name.rsplit_once('.')?;
            let known = ["md", "markdown", "csv", "json", "yaml", "yml", "toml", "txt", "log"];
            let plain = |c: char| c.is_alphanumeric() || "._-".contains(c);
            if stem.is_empty() || !name.chars().all(plain) || !known.contains(&ext.to_ascii_lowercase().as_str()) {
                return None;
            }
            name.to_owned()
        }
    };
    let line = word.replace('\\', "/").split_once(&format!("{path}:")).and_then(|(_, rest)| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    Some((path, line))
}
