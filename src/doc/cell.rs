//! `CellId`: how a cell is found again, by meaning, after others edited the file.
//!
//! The JSON form is the one address form of the whole program: journal, `--json` output, `cell` verbs.

use serde::{Deserialize, Serialize};

use super::Span;

/// Address of a cell (`editing.md`, "The address, written down"; matching is exact and case-sensitive on decoded text).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CellId {
    /// A Markdown table cell.
    Table(TableCell),
    /// A check box; its value is `true` or `false`.
    Box(BoxCell),
    /// A CSV field.
    Field(FieldCell),
}

/// `{"heading":"Active work","table":0,"key_column":"ID","row":"ST-B-001","column":"Status","occurrence":0}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableCell {
    /// Text of the nearest heading above, markup kept; `""` before the first heading.
    pub heading: String,
    /// 0-based among the tables under headings of that text.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub table: usize,
    /// Header of the column that names the row; the first header when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_column: Option<String>,
    /// Decoded text of the row's cell in the key column.
    pub row: String,
    /// Decoded header of the cell's column.
    pub column: String,
    /// 0-based among the rows with that key.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub occurrence: usize,
}

/// `{"heading":"Pre-flight","text":"Skim …","occurrence":0}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoxCell {
    /// Text of the nearest heading above.
    pub heading: String,
    /// Rest of the box's line, trimmed, markup kept.
    pub text: String,
    /// 0-based among the boxes with that heading and text.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub occurrence: usize,
}

/// `{"id_column":"ID","id":"ST-B-001","column":"Notes","occurrence":0}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldCell {
    /// Header of the column that names the record.
    pub id_column: String,
    /// Decoded value in that column.
    pub id: String,
    /// Header of the field's column.
    pub column: String,
    /// 0-based among the records with that id.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub occurrence: usize,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// Something to be added to a document at a place found by meaning.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "add")]
pub enum Addition {
    /// One Markdown line at the end of the section under `heading` (the first heading with that text); where there is no
    /// such heading, a new section `#`×`level` + heading is appended to the document first.
    Line {
        /// Heading text of the section.
        heading: String,
        /// Level of the heading that is written when there is none (1 to 6).
        level: u8,
        /// The line, without terminator; must not contain one.
        text: String,
    },
    /// One CSV record at the end of the records (before trailing blank lines); the file is created with `header` when
    /// it is absent or empty. `header` must equal the file's header.
    Record {
        /// Column names.
        header: Vec<String>,
        /// Decoded values, one a column.
        fields: Vec<String>,
    },
    /// One Markdown table row, at the end of a table's rows or above one of them. `header` must equal the table's decoded
    /// header.
    Row {
        /// Text of the nearest heading above the table, markup kept; `""` before the first heading.
        heading: String,
        /// 0-based among the tables under headings of that text.
        #[serde(default, skip_serializing_if = "is_zero")]
        table: usize,
        /// Decoded header of the table.
        header: Vec<String>,
        /// Decoded values, one a column; only a row that is taken out may have surplus cells or lack some.
        cells: Vec<String>,
        /// Decoded values of the row above which it goes (the first one with these), and above the comment lines that belong
        /// to that row; without one, or where that row is gone, it goes to the end.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        above: Option<Vec<String>>,
    },
    /// A whole document, where there is none. It is the only change of its document in an operation, and is only taken back
    /// while nobody has changed a byte of it.
    Document {
        /// Its exact text, byte-order mark and line ends included.
        text: String,
    },
}

/// A cell that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Decoded value.
    pub value: String,
    /// 1-based line.
    pub line: usize,
    /// Bytes of the encoded value in the document.
    pub span: Span,
}

/// Why a cell was not found, or cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FindError {
    /// Nothing matches; the message says which part did not, and names the candidates with their lines.
    #[error("{0}")]
    NoMatch(String),
    /// The place is there, but cannot be edited (malformed field, invalid UTF-8, wrong kind of document).
    #[error("{0}")]
    NotEditable(String),
    /// The format cannot hold the value.
    #[error("{0}")]
    Refused(String),
}
