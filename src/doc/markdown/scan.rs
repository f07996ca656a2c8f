//! The pass over the lines that builds the index: what is code, what is comment, what belongs to which table.

use std::collections::HashMap;
use std::sync::Arc;

use crate::doc::Span;
use crate::doc::line::{Line, Lines, text_start, trim};

use super::line::{self, Fence};
use super::{Heading, Item, KeyBullet, Markdown, Open, Row, Table};

/// What the current line is inside of.
enum Inside {
    Text,
    Fence { start: usize, line: usize, opener: Fence },
    Comment { start: usize, line: usize },
}

struct Scan<'b> {
    bytes: &'b [u8],
    headings: Vec<Heading>,
    tables: Vec<Table>,
    items: Vec<Item>,
    keys: Vec<KeyBullet>,
    fences: Vec<Span>,
    comments: Vec<Span>,
    misfits: Vec<(usize, usize, usize)>,
    inside: Inside,
    /// Whether the last table may still get rows.
    table_open: bool,
    /// Whether blank or comment lines lie between the table's last row and here.
    gap: bool,
    /// The coming line is the delimiter row of the table that was just begun.
    skip_delimiter: bool,
}

pub(super) fn scan(bytes: Arc<Vec<u8>>) -> Markdown {
    let mut scan = Scan {
        bytes: &bytes,
        headings: Vec::new(),
        tables: Vec::new(),
        items: Vec::new(),
        keys: Vec::new(),
        fences: Vec::new(),
        comments: Vec::new(),
        misfits: Vec::new(),
        inside: Inside::Text,
        table_open: false,
        gap: false,
        skip_delimiter: false,
    };
    let mut lines = Lines::from(&bytes, text_start(&bytes)).peekable();
    let mut number = 0;
    while let Some(line) = lines.next() {
        number += 1;
        scan.line(number, line, lines.peek());
    }
    let open = scan.finish();
    let Scan { headings, tables, items, keys, fences, comments, misfits, .. } = scan;
    Markdown { bytes, headings, tables, items, keys, fences, comments, open, misfits }
}

impl Scan<'_> {
    fn line(&mut self, number: usize, line: Line, next: Option<&Line>) {
        let span = line.content();
        match self.inside {
            Inside::Text => self.text(number, line, next),
            Inside::Fence { start, opener, .. } => {
                let closes = |f: Fence| f.mark == opener.mark && f.len >= opener.len && !f.info;
                if line::fence(self.bytes, &span).is_some_and(closes) {
                    self.fences.push(start..line.next);
                    self.inside = Inside::Text;
                }
            }
            Inside::Comment { start, .. } => {
                if line::closes_comment(self.bytes, &span) {
                    self.comments.push(start..line.next);
                    self.inside = Inside::Text;
                }
            }
        }
    }

    /// A line that is neither in a fence nor in a comment.
    fn text(&mut self, number: usize, line: Line, next: Option<&Line>) {
        let span = line.content();
        if std::mem::take(&mut self.skip_delimiter) {
            return;
        }
        if line.is_blank(self.bytes) {
            self.gap = true;
        } else if line::opens_comment(self.bytes, &span) {
            self.gap = true;
            if line::closes_comment(self.bytes, &span) {
                self.comments.push(line.start..line.next);
            } else {
                self.inside = Inside::Comment { start: line.start, line: number };
            }
        } else if let Some(opener) = line::fence(self.bytes, &span) {
            self.table_open = false;
            self.inside = Inside::Fence { start: line.start, line: number, opener };
        } else if let Some((level, text)) = line::heading(self.bytes, &span) {
            self.table_open = false;
            let end = self.bytes.len();
            if let Some(last) = self.headings.last_mut() {
                last.body.end = line.start;
            }
            self.headings.push(Heading { level, text, line: number, start: line.start, body: line.next..end });
        } else {
            self.row_or_item(number, line, next);
        }
    }

    fn row_or_item(&mut self, number: usize, line: Line, next: Option<&Line>) {
        let span = line.content();
        let has_bar = line::has_bar(self.bytes, &span);
        let continues = self.table_open && has_bar && !self.gap;
        let header = if has_bar && !continues { self.header_cells(number, &span, next) } else { None };
        let resumes = self.table_open
            && has_bar
            && self.gap
            && header.is_none()
            && self.bytes[trim(self.bytes, span.clone()).start] == b'|';
        self.gap = false;
        if let Some(header) = header {
            let heading = self.headings.len().checked_sub(1);
            self.tables.push(Table { heading, ordinal: 0, line: number, header, rows: Vec::new() });
            self.table_open = true;
            self.skip_delimiter = true;
        } else if continues || resumes {
            let (cells, bar) = line::cells(self.bytes, &span);
            if let Some(table) = self.tables.last_mut() {
                table.rows.push(Row { line: number, span, cells: cells.into_boxed_slice(), bar });
            }
        } else {
            self.table_open = false;
            self.item(number, &span);
        }
    }

    /// The cells of a line that is directly followed by a delimiter row of as many cells.
    fn header_cells(&mut self, number: usize, span: &Span, next: Option<&Line>) -> Option<Vec<Span>> {
        let next = next?.content();
        let delimiters = line::delimiter(self.bytes, &next)?;
        let cells = line::count_cells(self.bytes, span);
        if cells == delimiters {
            return Some(line::cells(self.bytes, span).0);
        }
        if line::has_bar(self.bytes, &next) {
            self.misfits.push((number + 1, cells, delimiters));
        }
        None
    }

    fn item(&mut self, number: usize, span: &Span) {
        let Some(item) = line::list_item(self.bytes, span) else { return };
        let heading = self.headings.len().checked_sub(1);
        if let Some((key, value)) = key_and_value(self.bytes, &item.text) {
            self.keys.push(KeyBullet { heading, line: number, key, value });
        }
        let line::ListLine { indent, marker, checked, text } = item;
        self.items.push(Item { heading, line: number, indent, marker, checked, text });
    }

    /// Ends what is still open and numbers the tables.
    fn finish(&mut self) -> Option<Open> {
        let end = self.bytes.len();
        let mut counts: HashMap<&[u8], usize> = HashMap::new();
        for table in &mut self.tables {
            let name = table.heading.map_or(&b""[..], |index| &self.bytes[self.headings[index].text.clone()]);
            let count = counts.entry(name).or_default();
            table.ordinal = *count;
            *count += 1;
        }
        match self.inside {
            Inside::Text => None,
            Inside::Fence { start, line, .. } => {
                self.fences.push(start..end);
                Some(Open::Fence { line })
            }
            Inside::Comment { start, line } => {
                self.comments.push(start..end);
                Some(Open::Comment { line })
            }
        }
    }
}

/// Reads `**Key:** value` and `**Key**: value`.
fn key_and_value(bytes: &[u8], text: &Span) -> Option<(Span, Span)> {
    let inner = bytes[text.clone()].strip_prefix(b"**")?;
    let len = memchr::memmem::find(inner, b"**")?;
    let start = text.start + 2;
    let (key, value) = match (&inner[..len], &inner[len + 2..]) {
        ([.., b':'], _) => (start..start + len - 1, start + len + 2),
        (_, [b':', ..]) => (start..start + len, start + len + 3),
        _ => return None,
    };
    let key = trim(bytes, key);
    (!key.is_empty()).then(|| (key, trim(bytes, value..text.end)))
}
