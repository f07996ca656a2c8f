//! One row of a task in one document, and the tables in which such rows stand.

use std::borrow::Cow;
use std::ops::Range;

use chrono::NaiveDate;

use super::source::{Damage, Kind, Source};
use super::todo::Form;
use super::{RowPos, TaskList};
use crate::doc::cell::{CellId, PathCell};
use crate::doc::tree::{NodeRef, Shape};
use crate::doc::{Addition, Body, DocId};
use crate::op::{Change, Edit};
use crate::workspace::config::{Field, States};

/// One document row of a task.
#[derive(Clone, Copy)]
pub struct TaskRow<'a> {
    pub(super) list: &'a TaskList,
    pub(super) pos: RowPos,
}

/// One table that carries tasks, or is there to carry some.
#[derive(Clone, Copy)]
pub struct TaskTable<'a> {
    pub(super) source: &'a Source,
}

impl<'a> TaskRow<'a> {
    pub(super) fn source(self) -> &'a Source {
        &self.list.sources[self.pos.source as usize]
    }

    pub(super) fn at(self) -> usize {
        self.pos.row as usize
    }

    /// The document.
    pub fn doc(self) -> &'a DocId {
        self.source().doc.id()
    }

    /// What kind of table it stands in.
    pub fn kind(self) -> Kind {
        self.source().kind
    }

    /// Header names of the row's table.
    pub fn header(self) -> &'a [String] {
        &self.source().header
    }

    /// Task id, without markup.
    pub fn id(self) -> Option<Cow<'a, str>> {
        self.source().id(self.at())
    }

    /// Decoded value of the column at `at` (surplus cells of a ragged row have positions past the header).
    pub fn cell(self, at: usize) -> Option<Cow<'a, str>> {
        self.source().cell(self.at(), at)
    }

    /// Decoded value of a known field; none where the table has no such column or the row is too short.
    pub fn field(self, field: Field) -> Option<Cow<'a, str>> {
        self.source().field(self.at(), field)
    }

    /// The column of a known field.
    pub fn column(self, field: Field) -> Option<usize> {
        self.source().columns.at(field)
    }

    /// The known field of a column.
    pub fn known(self, column: usize) -> Option<Field> {
        self.source().columns.field(column)
    }

    /// 1-based line.
    pub fn line(self) -> usize {
        self.source().line(self.at())
    }

    /// The 1-based lines that it stands on: several where a field has line breaks, or in YAML.
    pub fn lines(self) -> Range<usize> {
        let first = self.line();
        first..first + 1 + memchr::memchr_iter(b'\n', self.raw()).count()
    }

    /// The row's bytes as they stand in the document, without terminator.
    pub fn raw(self) -> &'a [u8] {
        self.source().doc.bytes().get(self.source().span(self.at())).unwrap_or_default()
    }

    /// What is wrong with its shape.
    pub fn damage(self) -> Option<Damage> {
        self.source().damage(self.at())
    }

    /// Whether one of its fields has text behind its closing quote, or is never closed.
    pub(super) fn is_malformed(self) -> bool {
        match self.source().doc.body() {
            Body::Csv(csv) => csv.record(self.at()).is_malformed(),
            Body::Markdown(_) | Body::Json(_) | Body::Yaml(_) | Body::Opaque => false,
        }
    }

    /// Whether both rows stand in the same table.
    pub fn is_in_table_of(self, other: TaskRow<'_>) -> bool {
        self.pos.source == other.pos.source
    }

    /// The address of a cell of this row. None for columns that cannot be addressed.
    pub fn cell_id(self, column: usize) -> Option<CellId> {
        let key = self.column(Field::Id)?;
        let own = self.cell(key)?;
        // Rows of equal ids are rows of one task, so only those need to be counted.
        let task = self.list.task_of(self.pos)?;
        let earlier = task.rows().filter(|row| row.is_in_table_of(self) && row.at() < self.at());
        let occurrence = earlier.filter(|row| row.cell(key).as_ref() == Some(&own)).count();
        self.source().cell_id(self.at(), column, occurrence)
    }

    /// The row as something that can be taken out of its document.
    pub fn addition(self) -> Option<Addition> {
        if self.kind() == Kind::Todo {
            return self.source().item(self.at());
        }
        let cells =
            (0..self.source().cells(self.at())).map(|column| self.cell(column).unwrap_or_default().into_owned());
        self.source().addition(cells.collect())
    }

    /// How a cell of this row is written.
    pub fn form(self, column: usize) -> Form {
        self.source().form(self.at(), column)
    }

    /// The area of a task in a YAML backlog: its keys are facts about the task too.
    pub fn area(self) -> Option<NodeRef<'a>> {
        let source = self.source();
        source.todo.as_ref()?.area(source.doc.tree()?, self.at())
    }

    /// The ids that keys of a YAML backlog name as what has to be done first.
    pub fn named_by_keys(self) -> Vec<String> {
        let source = self.source();
        let named = source.todo.as_ref().zip(source.doc.tree());
        named.map_or_else(Vec::new, |(todo, tree)| todo.waits_for(tree, self.at()))
    }

    /// What makes a YAML backlog say that it was changed on this day, where it says on which day it was.
    pub(super) fn stamped(self, today: NaiveDate) -> Option<Edit> {
        let source = self.source();
        let (_, tree) = source.todo.as_ref().zip(source.doc.tree())?;
        let node = tree.root()?.get("updated")?;
        let text =
            node.text().filter(|text| NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok_and(|day| day != today))?;
        let (cell, write) = (CellId::Path(tree.address(node)), today.to_string());
        let change = Change::Set { cell, expect: text.into_owned(), write, exact: None };
        Some(Edit { doc: source.doc.id().clone(), change })
    }

    /// The last day with which one of its notes begins.
    pub fn dated(self) -> Option<NaiveDate> {
        self.source().dated(self.at())
    }

    /// The task of a YAML backlog as it stands there.
    pub fn node(self) -> Option<NodeRef<'a>> {
        self.source().node(self.at())
    }

    /// Header and decoded value of each cell; surplus cells have an empty header.
    pub fn fields(self) -> Vec<(&'a str, Cow<'a, str>)> {
        let header = self.header();
        let mut fields = Vec::with_capacity(header.len());
        while let Some(text) = self.cell(fields.len()) {
            fields.push((header.get(fields.len()).map_or("", String::as_str), text));
        }
        fields
    }
}

impl<'a> TaskTable<'a> {
    /// The document.
    pub fn doc(self) -> &'a DocId {
        self.source.doc.id()
    }

    /// What kind of table it is.
    pub fn kind(self) -> Kind {
        self.source.kind
    }

    /// Header names.
    pub fn header(self) -> &'a [String] {
        &self.source.header
    }

    /// The known field of a column.
    pub fn known(self, column: usize) -> Option<Field> {
        self.source.columns.field(column)
    }

    /// A new row at its end: one value a column.
    pub fn new_row(self, cells: Vec<String>) -> Option<Addition> {
        self.source.addition(cells)
    }

    /// Whether such a row is a row of this table.
    pub(super) fn takes(self, row: &Addition) -> bool {
        match (row, self.new_row(Vec::new())) {
            (
                Addition::Row { heading, table, header, .. },
                Some(Addition::Row { heading: own, table: at, header: names, .. }),
            ) => (heading, table, header) == (&own, &at, &names),
            (_, _) => false,
        }
    }

    /// The row that says that the Markdown table has none (`| _None_ | … |`), where it is the only one.
    pub(super) fn placeholder(self) -> Option<Addition> {
        let says_none = |id: &str| matches!(id.trim(), "_None_" | "_none_" | "None");
        let only = self.source.table.is_some() && self.source.rows() == 1 && self.source.damage(0).is_none();
        self.source.field(0, Field::Id).filter(|id| only && says_none(id))?;
        let cells =
            (0..self.source.cells(0)).map(|column| self.source.cell(0, column).unwrap_or_default().into_owned());
        self.source.addition(cells.collect())
    }

    /// The areas of a YAML backlog, in their order; empty for tables.
    pub fn areas(self) -> Vec<&'a str> {
        self.source.todo.as_ref().map_or_else(Vec::new, |todo| todo.areas())
    }

    /// The list of a YAML backlog into which a task of this area and state goes; an empty area is any.
    pub(super) fn home(self, area: &str, state: &str, states: &States) -> Option<PathCell> {
        self.source.todo.as_ref()?.home(self.source.doc.tree()?, area, state, states)
    }

    /// How values under a key of a YAML backlog are quoted: like the last one.
    pub(super) fn like(self, key: &str) -> Shape {
        self.source.todo.as_ref().map_or(Shape::Plain, |todo| todo.like(&self.source.doc, key))
    }

    /// Whether a key of a YAML backlog holds a list.
    pub(super) fn is_list(self, key: &str) -> bool {
        self.source.todo.as_ref().is_some_and(|todo| todo.is_list(&self.source.doc, key))
    }

    /// The word of a YAML backlog for a state.
    pub(super) fn word(self, state: &str) -> String {
        self.source.todo.as_ref().map_or_else(|| state.to_owned(), |todo| todo.word(state))
    }

    /// Whether the row stands in this table.
    pub fn holds(self, row: TaskRow<'_>) -> bool {
        std::ptr::eq(self.source, row.source())
    }
}
