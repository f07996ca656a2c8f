//! Damaged rows of Markdown tables.

use crate::doc::markdown::{Bar, Markdown, Row, Table, canonical_cell, decode_cell, encode_cell};
use crate::doc::{DocId, Document, Span};

use super::Proposal;

/// The line of a row from which the mended one is made: cells that say so already stay as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    line: String,
}

/// The lines of damaged rows.
pub(super) fn damaged(markdown: &Markdown) -> Vec<usize> {
    let rows = |table: &Table| {
        let width = table.header.len();
        table.rows.iter().filter(|row| row.cells.len() != width).map(|row| row.line).collect::<Vec<_>>()
    };
    markdown.tables().iter().flat_map(rows).collect()
}

/// The row that stands at a line.
pub(super) fn row_at(markdown: &Markdown, line: usize) -> Option<(&Table, &Row)> {
    let rows = markdown.tables().iter().flat_map(|table| table.rows.iter().map(move |row| (table, row)));
    rows.into_iter().find(|(_, row)| row.line == line)
}

/// What is proposed for a row of a table with so many columns; `notes` is the column of the notes.
pub(super) fn propose(markdown: &Markdown, row: &Row, width: usize, notes: Option<usize>) -> Result<Proposal, String> {
    let text = String::from_utf8_lossy(markdown.raw(&row.span)).into_owned();
    let cells = row.cells.len();
    if cells == width {
        return Err("the row is not damaged".to_owned());
    }
    let mut values: Vec<String> = row.cells.iter().map(|span| markdown.cell(span).into_owned()).collect();
    let (mut line, mut certain) = (text.clone(), false);
    let note = if cells < width {
        values.resize(width, String::new());
        super::counted(width - cells, "missing cell is", "missing cells are") + " added at the end, empty"
    } else if let Some((escaped, read)) = in_code(&text, width) {
        (line, values, certain) = (escaped, read, true);
        "the bars inside the code are written as `\\|`".to_owned()
    } else {
        let surplus = values.split_off(width);
        let into = notes.unwrap_or(width - 1);
        let said = [vec![values[into].clone()], surplus].concat();
        let said: Vec<String> = said.into_iter().filter(|text| !text.is_empty()).collect();
        values[into] = said.join("\n");
        super::counted(cells - width, "surplus cell is", "surplus cells are")
            + &format!(" joined to column {}, on a line of its own", into + 1)
    };
    Ok(Proposal {
        line: row.line,
        start: row.span.start,
        rule: "md-ragged-row",
        note,
        certain,
        expect: text,
        values,
        second: None,
        draft: super::Draft::Row(Draft { line }),
    })
}

/// The line with the bars inside code spans escaped, if that makes it fit, and what it says then.
fn in_code(line: &str, width: usize) -> Option<(String, Vec<String>)> {
    let escaped = escaped(line);
    let (cells, _) = read(&escaped, width)?;
    if cells.len() != width {
        return None;
    }
    let values = cells.iter().map(|span| decode_cell(&escaped.as_bytes()[span.clone()]).into_owned()).collect();
    Some((escaped, values))
}

/// The line with the bars inside code spans escaped. A run of backticks is closed by the next run of as many.
fn escaped(line: &str) -> String {
    let bytes = line.as_bytes();
    let run = |at: usize| bytes[at..].iter().take_while(|byte| **byte == b'`').count();
    let mut out = String::with_capacity(line.len() + 4);
    let mut at = 0;
    while let Some(open) = line[at..].find('`').map(|found| at + found) {
        let len = run(open);
        let inside = open + len;
        let mut close = inside;
        while let Some(found) = line[close..].find('`') {
            close += found;
            let other = run(close);
            if other == len {
                break;
            }
            close += other;
        }
        let is_closed = line[close..].starts_with('`') && close > inside;
        out.push_str(&line[at..inside]);
        at = inside;
        if is_closed {
            let mut before = b'`';
            for c in line[inside..close].chars() {
                if c == '|' && before != b'\\' {
                    out.push('\\');
                }
                out.push(c);
                before = if c.is_ascii() { c as u8 } else { 0 };
            }
            out.push_str(&line[close..close + len]);
            at = close + len;
        }
    }
    out.push_str(&line[at..]);
    out
}

/// The cells of a line that is read as the one row of a table with so many columns, and how it ends.
fn read(line: &str, width: usize) -> Option<(Vec<Span>, Bar)> {
    let head = format!("|{}\n|{}\n", "h|".repeat(width), "-|".repeat(width));
    let from = head.len();
    let document = Document::parse(DocId::new("row.md").ok()?, (head + line).into_bytes());
    let [table] = document.markdown()?.tables() else { return None };
    let [row] = table.rows.as_slice() else { return None };
    if row.span != (from..from + line.len()) {
        return None;
    }
    Some((row.cells.iter().map(|span| span.start - from..span.end - from).collect(), row.bar))
}

impl Draft {
    /// The line with these values; it has to read back.
    pub(super) fn text(&self, values: &[String]) -> Result<String, String> {
        let width = values.len();
        let values: Vec<String> = values.iter().map(|value| canonical_cell(value)).collect();
        let text = self.written(&values);
        let reads = text.as_deref().is_some_and(|text| {
            read(text, width).is_some_and(|(cells, _)| {
                let said = cells.iter().map(|span| decode_cell(&text.as_bytes()[span.clone()]));
                said.map(|said| canonical_cell(&said)).eq(values.iter().cloned())
            })
        });
        text.filter(|_| reads)
            .ok_or_else(|| "with these values the row would not read back with one cell a column".to_owned())
    }

    fn written(&self, values: &[String]) -> Option<String> {
        let line = self.line.as_str();
        let (cells, bar) = read(line, values.len())?;
        let blanks = |at: usize| line[at..].len() - line[at..].trim_start_matches([' ', '\t']).len();
        let end = line.trim_end_matches([' ', '\t']).len();
        let mut out = line[..cells.first()?.start].to_owned();
        for (column, wanted) in values.iter().enumerate() {
            let Some(span) = cells.get(column) else {
                out.push_str(&if wanted.is_empty() { "  |".to_owned() } else { format!(" {} |", encode_cell(wanted)) });
                continue;
            };
            let mut behind = span.end;
            let said = decode_cell(&line.as_bytes()[span.clone()]);
            if canonical_cell(&said) == *wanted {
                out.push_str(&line[span.clone()]);
            } else if span.is_empty() {
                out.push_str(&format!(" {} ", encode_cell(wanted)));
                behind += blanks(behind);
            } else {
                out.push_str(&encode_cell(wanted));
                // A bar behind a backslash would be text.
                if wanted.ends_with('\\') && blanks(behind) == 0 {
                    out.push(' ');
                }
            }
            match cells.get(column + 1) {
                Some(next) if column + 1 < values.len() => out.push_str(&line[behind..next.start]),
                Some(_) => {
                    let tail = &line[cells.last()?.end..];
                    out.push_str(if out.ends_with(' ') { tail.trim_start_matches(' ') } else { tail });
                }
                None if column + 1 == values.len() => out.push_str(&line[behind..]),
                None if bar == Bar::Closing => out.push_str(&line[behind..end]),
                None => out.push_str(" |"),
            }
        }
        if cells.len() < values.len() {
            out.push_str(&line[end..]);
        }
        Some(out)
    }
}
