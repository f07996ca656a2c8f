//! Index of one Markdown file: headings, tables, list items, key bullets, fences and comments with their byte spans.
//!
//! Not a CommonMark parser. It reads what the boards, plans and checklists of these repositories mean (edit-rules §1-3):
//! rows behind comment lines belong to the table, an unclosed fence runs to the end of the file, nothing in a fence or
//! comment counts. One pass over the bytes, no recursion, linear for every input.

mod cell_text;
mod damage;
mod edit;
mod line;
mod row;
mod scan;
mod section;

use std::borrow::Cow;
use std::sync::Arc;

use super::{Problem, Span};

pub use cell_text::{canonical_cell, decode_cell, encode_cell};
pub(crate) use edit::Place;
pub(crate) use row::NewRow;
pub(crate) use section::NewLine;

/// The index of a Markdown document. All spans are byte spans in the file, a byte-order mark included.
#[derive(Debug)]
pub struct Markdown {
    bytes: Arc<Vec<u8>>,
    headings: Vec<Heading>,
    tables: Vec<Table>,
    items: Vec<Item>,
    keys: Vec<KeyBullet>,
    /// Sorted, disjoint; each from its first line's start to after its last line's terminator.
    fences: Vec<Span>,
    /// As `fences`.
    comments: Vec<Span>,
    open: Option<Open>,
    /// Delimiter rows that make no table, because the line above has another number of cells: line, cells there, cells here.
    misfits: Vec<(usize, usize, usize)>,
}

/// What the end of the file is inside of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// Fenced code that begins on this line and is never closed.
    Fence {
        /// 1-based line.
        line: usize,
    },
    /// A comment that begins on this line and is never closed.
    Comment {
        /// 1-based line.
        line: usize,
    },
}

/// An ATX heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Text without closing `#`s, trimmed; markup is kept.
    pub text: Span,
    /// 1-based line.
    pub line: usize,
    /// Start of the heading's line.
    pub start: usize,
    /// From after the heading's line to the next heading of any level, or the end of the file.
    pub body: Span,
}

/// A table and its rows, also those behind blank and comment lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Index of the nearest heading above; `None` before the first.
    pub heading: Option<usize>,
    /// 0-based among the tables under headings of the same text: the address's `table`.
    pub ordinal: usize,
    /// 1-based line of the header.
    pub line: usize,
    /// Header cells, trimmed.
    pub header: Vec<Span>,
    /// Rows, without header and delimiter row.
    pub rows: Vec<Row>,
}

/// A row of a table. It may have fewer or more cells than the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// 1-based line.
    pub line: usize,
    /// The line without its terminator.
    pub span: Span,
    /// Cells, trimmed, counted from the left.
    pub cells: Box<[Span]>,
    /// Whether a bar stands behind the last cell.
    pub bar: Bar,
}

/// How a row ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bar {
    /// With a bar behind the last cell.
    Closing,
    /// With the last cell's text.
    None,
}

/// How a list item is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// `-`, `*` or `+`.
    Bullet,
    /// `1.` or `1)`.
    Ordered(u64),
}

/// A list item; with `checked` it is a check box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Index of the nearest heading above; `None` before the first.
    pub heading: Option<usize>,
    /// 1-based line.
    pub line: usize,
    /// Columns before the marker.
    pub indent: usize,
    /// Bullet or number.
    pub marker: Marker,
    /// Whether the box is checked, and the offset of its mark byte; `None` for an item without box.
    pub checked: Option<(bool, usize)>,
    /// Rest of the line after marker and box, trimmed.
    pub text: Span,
}

/// `- **Key:** value` or `- **Key**: value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyBullet {
    /// Index of the nearest heading above; `None` before the first.
    pub heading: Option<usize>,
    /// 1-based line.
    pub line: usize,
    /// The key without stars and colon, trimmed.
    pub key: Span,
    /// Rest of the line, trimmed; empty when nothing follows.
    pub value: Span,
}

impl Markdown {
    /// Indexes `bytes`; never fails.
    pub fn parse(bytes: Arc<Vec<u8>>) -> Markdown {
        scan::scan(bytes)
    }

    /// Headings in document order.
    pub fn headings(&self) -> &[Heading] {
        &self.headings
    }

    /// Tables in document order.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// List items outside fences, comments and tables, in document order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The list items that are check boxes.
    pub fn boxes(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.checked.is_some())
    }

    /// All `- **Key:** value` bullets in document order.
    pub fn key_bullets(&self) -> &[KeyBullet] {
        &self.keys
    }

    /// Fenced blocks, fence lines included.
    pub fn fences(&self) -> &[Span] {
        &self.fences
    }

    /// Comments that begin at a line's start, whole lines.
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// Whether the ends of both documents are inside of the same kind of thing, on whatever line that begins.
    pub(crate) fn ends_like(&self, other: &Markdown) -> bool {
        let kind = |document: &Markdown| document.open.as_ref().map(std::mem::discriminant);
        kind(self) == kind(other)
    }

    /// Whether `offset` lies in a fenced block (its fence lines included).
    pub fn is_code(&self, offset: usize) -> bool {
        holds(&self.fences, offset)
    }

    /// Whether `offset` lies in a comment's lines.
    pub fn is_comment(&self, offset: usize) -> bool {
        holds(&self.comments, offset)
    }

    /// The bytes of a span.
    pub fn raw(&self, span: &Span) -> &[u8] {
        &self.bytes[span.clone()]
    }

    /// The text of a span as it stands in the file.
    pub fn text(&self, span: &Span) -> Cow<'_, str> {
        String::from_utf8_lossy(self.raw(span))
    }

    /// The decoded value of a table cell.
    pub fn cell(&self, span: &Span) -> Cow<'_, str> {
        decode_cell(self.raw(span))
    }

    /// The text of the heading with this index; `""` for `None`, the place before the first heading.
    pub fn heading_text(&self, heading: Option<usize>) -> Cow<'_, str> {
        heading.map_or(Cow::Borrowed(""), |index| self.text(&self.headings[index].text))
    }

    /// The first column of the table whose decoded header is `name`.
    pub fn column(&self, table: &Table, name: &str) -> Option<usize> {
        table.header.iter().position(|span| self.cell(span) == name)
    }

    /// The decoded value of a row's cell; `None` when the row is too short.
    pub fn value(&self, row: &Row, column: usize) -> Option<Cow<'_, str>> {
        row.cells.get(column).map(|span| self.cell(span))
    }

    /// What is damaged or suspicious.
    pub fn problems(&self) -> Vec<Problem> {
        damage::problems(self)
    }

    fn heading_bytes(&self, heading: Option<usize>) -> &[u8] {
        heading.map_or(b"", |index| self.raw(&self.headings[index].text))
    }
}

/// Whether one of the sorted, disjoint spans holds `offset`.
fn holds(spans: &[Span], offset: usize) -> bool {
    let after = spans.partition_point(|span| span.start <= offset);
    after > 0 && offset < spans[after - 1].end
}
