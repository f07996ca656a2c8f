//! The fields of one task as the operator edits them: shared ones, which every document with such a column carries, and
//! those that belong to one document.

use std::borrow::Cow;

use super::{Task, TaskRow};
use crate::doc::DocId;
use crate::workspace::config::Field;

/// Names a field of a task.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldKey {
    /// Says the same in every document that has a column for it.
    Shared(Field),
    /// The column of one document.
    Own {
        /// The document.
        doc: DocId,
        /// Header of the column.
        column: String,
    },
}

/// A field of a task, with the cells that carry it. There is at least one.
#[derive(Clone)]
pub struct TaskField<'a> {
    /// Its name.
    pub key: FieldKey,
    /// Header of the leading document's column.
    pub label: &'a str,
    /// The cells, the leading document's first.
    pub cells: Vec<TaskCell<'a>>,
}

/// One cell of a task's row.
#[derive(Clone, Copy)]
pub struct TaskCell<'a> {
    /// The row.
    pub row: TaskRow<'a>,
    /// Position of the column in the row's table.
    pub column: usize,
}

impl<'a> TaskCell<'a> {
    /// The decoded value; empty where the row is too short.
    pub fn value(self) -> Cow<'a, str> {
        self.row.cell(self.column).unwrap_or_default()
    }

    /// The value as people read and type it: `<br>` is a line break, also where the format keeps it as it stands.
    pub fn text(self) -> String {
        lines(&self.value())
    }
}

impl<'a> TaskField<'a> {
    /// The leading document's value as people read it.
    pub fn text(&self) -> String {
        self.cells.first().map(|cell| cell.text()).unwrap_or_default()
    }

    /// Whether the documents say different things.
    pub fn differs(&self) -> bool {
        let mut texts = self.cells.iter().map(|cell| cell.text());
        let first = texts.next();
        // A table cell has no blanks around its text, whatever the others have.
        texts.any(|text| Some(text.trim()) != first.as_deref().map(str::trim))
    }
}

impl<'a> Task<'a> {
    /// All fields: the shared ones in their usual order, then what is particular to each document.
    pub fn fields(self) -> Vec<TaskField<'a>> {
        let mut fields: Vec<TaskField<'a>> = Vec::new();
        let shared = self.list.shared();
        for field in Field::ALL.into_iter().filter(|field| *field == Field::Id || shared.contains(field)) {
            let mut cells: Vec<TaskCell<'a>> = Vec::new();
            for row in self.rows() {
                let Some(column) = row.column(field) else { continue };
                // A second row of the same id in one table is not reached by an edit; `check` names it.
                if cells.iter().all(|cell| !cell.row.is_in_table_of(row)) {
                    cells.push(TaskCell { row, column });
                }
            }
            if let Some(first) = cells.first() {
                let label = first.row.header().get(first.column).map_or("", String::as_str);
                fields.push(TaskField { key: FieldKey::Shared(field), label, cells });
            }
        }
        for row in self.rows() {
            for (column, label) in row.header().iter().enumerate() {
                let is_shared = row.known(column).is_some_and(|field| field == Field::Id || shared.contains(&field));
                let key = FieldKey::Own { doc: row.doc().clone(), column: label.clone() };
                if !is_shared && !label.is_empty() && fields.iter().all(|field| field.key != key) {
                    fields.push(TaskField { key, label, cells: vec![TaskCell { row, column }] });
                }
            }
        }
        fields
    }

    /// The field with that name.
    pub fn field(self, key: &FieldKey) -> Option<TaskField<'a>> {
        self.fields().into_iter().find(|field| field.key == *key)
    }
}

/// Line breaks instead of `<br>` in any spelling, unless the text has line breaks of its own, which are line feeds then.
pub fn lines(value: &str) -> String {
    if value.contains(['\n', '\r']) { value.replace("\r\n", "\n").replace('\r', "\n") } else { unbroken(value) }
}

/// Line feeds for every kind of line break, those that the text has of its own and `<br>` in any spelling.
pub(super) fn unbroken(value: &str) -> String {
    let value = value.replace("\r\n", "\n").replace('\r', "\n");
    let mut text = String::with_capacity(value.len());
    let mut rest = value.as_str();
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        match break_len(rest) {
            Some(len) => {
                text.push('\n');
                rest = &rest[len..];
            }
            None => {
                text.push('<');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    text
}

/// Length of the `<br>` at the start of a text, if there is one (edit-rules §2.2: `<br>`, `<br/>`, `<br />`, any case).
fn break_len(text: &str) -> Option<usize> {
    let starts = |tag: &str| text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag));
    ["<br>", "<br/>", "<br />"].into_iter().find(|tag| starts(tag)).map(str::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_are_lines() {
        for (value, text) in [
            ("a <br> - b<BR/>c<br />d", "a \n - b\nc\nd"),
            ("a<br\u{e9}>b < c", "a<br\u{e9}>b < c"),
            ("a<br>b\nc", "a<br>b\nc"),
            ("a\r\nb\rc", "a\nb\nc"),
            ("<", "<"),
            ("", ""),
        ] {
            assert_eq!(lines(value), text);
        }
    }
}
