//! One table that carries tasks: which document, which columns, where each row stands.

use std::borrow::Cow;
use std::sync::Arc;

use super::todo::{Form, Todo};
use crate::doc::cell::{CellId, End, FieldCell, TableCell};
use crate::doc::tree::NodeRef;
use crate::doc::{Addition, Body, Document, Span, markdown};
use crate::workspace::config::{ColumnNames, Field, Tables};
use crate::workspace::{Config, Role};

/// What kind of table carries a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The task board as CSV.
    Csv,
    /// A task board as a Markdown table.
    Board,
    /// The backlog; it has no state column: that a task is done stands in its notes.
    Backlog,
    /// A plan's table of active work.
    Plan,
    /// A plan's table of delivered work: says that a task was there, and is no source of its fields.
    Delivered,
    /// A backlog in YAML.
    Todo,
}

impl Kind {
    /// The word for it, in filters, matrix and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Csv => "csv",
            Kind::Board => "board",
            Kind::Backlog => "backlog",
            Kind::Plan => "plan",
            Kind::Delivered => "delivered",
            Kind::Todo => "todo",
        }
    }
}

/// What is wrong with the shape of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// It has fewer cells than the header.
    Short,
    /// It has more cells than the header.
    Long,
    /// A field has text behind its closing quote, or is never closed.
    Malformed,
}

/// One table that carries tasks.
pub(super) struct Source {
    pub doc: Arc<Document>,
    pub kind: Kind,
    /// Index of the Markdown table in its document; none for CSV.
    pub table: Option<usize>,
    pub header: Vec<String>,
    pub columns: Columns,
    /// Where the tasks of a YAML backlog stand; none for tables.
    pub todo: Option<Todo>,
}

/// Position of each known field in a source's header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Columns([Option<u16>; Field::ALL.len()]);

impl Columns {
    fn of(header: &[String], names: &ColumnNames) -> Columns {
        let at = |field: Field| ColumnNames::position(names.of(field), header).and_then(|at| u16::try_from(at).ok());
        Columns(Field::ALL.map(at))
    }

    pub fn at(&self, field: Field) -> Option<usize> {
        self.0[field as usize].map(usize::from)
    }

    /// The field of a column, if it is a known one.
    pub fn field(&self, column: usize) -> Option<Field> {
        Field::ALL.into_iter().find(|field| self.at(*field) == Some(column))
    }
}

/// The tables of a document that carry tasks, given the role that the document plays.
pub(super) fn sources(doc: &Arc<Document>, role: Role, config: &Config) -> Vec<Source> {
    let source = |kind, table, header: Vec<String>| {
        let columns = Columns::of(&header, &config.columns);
        let needed: &[Field] = match kind {
            Kind::Csv | Kind::Board => &[Field::Id, Field::State],
            Kind::Backlog => &[Field::Id, Field::Title],
            Kind::Plan | Kind::Delivered | Kind::Todo => &[Field::Id],
        };
        let fits = needed.iter().all(|field| columns.at(*field).is_some());
        fits.then(|| Source { doc: Arc::clone(doc), kind, table, header, columns, todo: None })
    };
    match doc.body() {
        Body::Csv(csv) => {
            let header = csv.header().into_iter().map(Cow::into_owned).collect();
            source(Kind::Csv, None, header).into_iter().collect()
        }
        Body::Markdown(markdown) => {
            let found = markdown.tables().iter().enumerate().filter_map(|(at, table)| {
                let kind = kind_of(role, &markdown.heading_text(table.heading), &config.tables)?;
                source(kind, Some(at), table.header.iter().map(|span| markdown.cell(span).into_owned()).collect())
            });
            found.collect()
        }
        Body::Yaml(_) if role == Role::Todo => {
            let read = Todo::read(doc, &config.columns, &config.states);
            let found = read.map(|(todo, header)| (source(Kind::Todo, None, header), todo));
            found.and_then(|(source, todo)| Some(Source { todo: Some(todo), ..source? })).into_iter().collect()
        }
        Body::Json(_) | Body::Yaml(_) | Body::Opaque => Vec::new(),
    }
}

fn kind_of(role: Role, heading: &str, tables: &Tables) -> Option<Kind> {
    match role {
        Role::Board => Some(Kind::Board),
        Role::Backlog => Some(Kind::Backlog),
        Role::Plan if Tables::matches(&tables.active, heading) => Some(Kind::Plan),
        Role::Plan if Tables::matches(&tables.delivered, heading) => Some(Kind::Delivered),
        Role::Plan
        | Role::TaskCsv
        | Role::PlanIndex
        | Role::Checklist
        | Role::Ledger
        | Role::SessionLog
        | Role::SessionTemplate
        | Role::Runbook
        | Role::Autonomy
        | Role::Gates
        | Role::SignOffs
        | Role::Adr
        | Role::Playbook
        | Role::Todo
        | Role::Progress
        | Role::Journal => None,
    }
}

impl Source {
    pub fn rows(&self) -> usize {
        match (self.doc.body(), self.table) {
            (Body::Csv(csv), _) => csv.records(),
            (Body::Markdown(_), Some(_)) => self.markdown_table().map_or(0, |(_, table)| table.rows.len()),
            (Body::Markdown(_), None) | (Body::Json(_) | Body::Yaml(_) | Body::Opaque, _) => {
                self.todo.as_ref().map_or(0, Todo::rows)
            }
        }
    }

    fn markdown_table(&self) -> Option<(&markdown::Markdown, &markdown::Table)> {
        let markdown = self.doc.markdown()?;
        Some((markdown, markdown.tables().get(self.table?)?))
    }

    fn markdown_row(&self, row: usize) -> Option<&markdown::Row> {
        self.markdown_table()?.1.rows.get(row)
    }

    /// Decoded value of a cell; none when the row is too short.
    pub fn cell(&self, row: usize, column: usize) -> Option<Cow<'_, str>> {
        match self.doc.body() {
            Body::Csv(csv) => csv.record(row).field(column),
            Body::Markdown(_) => {
                let span = self.markdown_row(row)?.cells.get(column)?;
                Some(markdown::decode_cell(&self.doc.bytes()[span.clone()]))
            }
            Body::Yaml(tree) => {
                let is_state = self.columns.at(Field::State) == Some(column);
                Some(self.todo.as_ref()?.cell(tree, row, self.header.get(column)?, is_state))
            }
            Body::Json(_) | Body::Opaque => None,
        }
    }

    /// Decoded value of a known field; none where the table has no such column or the row is too short.
    pub fn field(&self, row: usize, field: Field) -> Option<Cow<'_, str>> {
        self.cell(row, self.columns.at(field)?)
    }

    /// The task's id, without the markup that some tables put around it. None for rows that name no task.
    pub fn id(&self, row: usize) -> Option<Cow<'_, str>> {
        if let Some(todo) = &self.todo {
            return todo.id(row).map(Cow::Borrowed);
        }
        let id = bare_id(self.field(row, Field::Id)?);
        (!id.is_empty() && id != "_None_" && id != "None").then_some(id)
    }

    pub fn line(&self, row: usize) -> usize {
        match self.doc.body() {
            Body::Csv(csv) => csv.record(row).line(),
            Body::Markdown(_) => self.markdown_row(row).map_or(0, |row| row.line),
            Body::Yaml(_) => self.node(row).map_or(0, |node| node.line()),
            Body::Json(_) | Body::Opaque => 0,
        }
    }

    /// Number of cells of a row.
    pub fn cells(&self, row: usize) -> usize {
        match self.doc.body() {
            Body::Csv(csv) => csv.record(row).len(),
            Body::Markdown(_) => self.markdown_row(row).map_or(0, |row| row.cells.len()),
            Body::Yaml(_) => self.header.len(),
            Body::Json(_) | Body::Opaque => 0,
        }
    }

    /// The row's bytes without terminator.
    pub fn span(&self, row: usize) -> Span {
        match self.doc.body() {
            Body::Csv(csv) => csv.record(row).span(),
            Body::Markdown(_) => self.markdown_row(row).map_or(0..0, |row| row.span.clone()),
            Body::Yaml(_) => self.node(row).map_or(0..0, |node| node.entry()),
            Body::Json(_) | Body::Opaque => 0..0,
        }
    }

    pub fn damage(&self, row: usize) -> Option<Damage> {
        let cells = self.cells(row);
        let malformed = match self.doc.body() {
            Body::Csv(csv) => (0..cells).any(|column| csv.record(row).malformed(column).is_some()),
            Body::Markdown(_) | Body::Json(_) | Body::Yaml(_) | Body::Opaque => false,
        };
        match cells.cmp(&self.header.len()) {
            _ if malformed => Some(Damage::Malformed),
            std::cmp::Ordering::Less => Some(Damage::Short),
            std::cmp::Ordering::Greater => Some(Damage::Long),
            std::cmp::Ordering::Equal => None,
        }
    }

    /// The address of a cell. None for columns that cannot be addressed: without a header, or with one that another
    /// column further left has too.
    pub fn cell_id(&self, row: usize, column: usize, occurrence: usize) -> Option<CellId> {
        let first = |column: usize| {
            let name = self.header.get(column)?;
            (self.header.iter().position(|other| other == name) == Some(column)).then(|| name.clone())
        };
        let key = self.columns.at(Field::Id)?;
        let (id_column, name) = (first(key)?, first(column)?);
        let id = self.cell(row, key)?.into_owned();
        match self.doc.body() {
            Body::Csv(_) => Some(CellId::Field(FieldCell { id_column, id, column: name, occurrence })),
            Body::Markdown(_) => {
                let (markdown, table) = self.markdown_table()?;
                Some(CellId::Table(TableCell {
                    heading: markdown.heading_text(table.heading).into_owned(),
                    table: table.ordinal,
                    key_column: Some(id_column),
                    row: id,
                    column: name,
                    occurrence,
                }))
            }
            Body::Yaml(tree) => Some(CellId::Path(self.todo.as_ref()?.address(tree, row, &name)?)),
            Body::Json(_) | Body::Opaque => None,
        }
    }

    /// The task of a YAML backlog.
    pub fn node(&self, row: usize) -> Option<NodeRef<'_>> {
        self.todo.as_ref()?.node(self.doc.tree()?, row)
    }

    /// How a cell is written.
    pub fn form(&self, row: usize, column: usize) -> Form {
        let is_state = self.columns.at(Field::State) == Some(column);
        match (&self.todo, self.header.get(column)) {
            (Some(todo), Some(key)) => todo.form(&self.doc, row, key, is_state),
            (_, _) => Form::Cell,
        }
    }

    /// The last day that the notes of a YAML task name.
    pub fn dated(&self, row: usize) -> Option<chrono::NaiveDate> {
        self.todo.as_ref()?.dated(self.doc.tree()?, row)
    }

    /// A task of a YAML backlog as something that can be taken out of its list.
    pub fn item(&self, row: usize) -> Option<Addition> {
        let (tree, node) = (self.doc.tree()?, self.node(row)?);
        let text = self.doc.item_text(&tree.address(node)).ok()?;
        Some(Addition::Item { at: tree.address(node.parent()?), text, end: End::End })
    }

    /// The row as something that can be taken out of its document, and added to it.
    pub fn addition(&self, cells: Vec<String>) -> Option<Addition> {
        let header = self.header.clone();
        match self.doc.body() {
            Body::Csv(_) => Some(Addition::Record { header, fields: cells }),
            Body::Markdown(_) => {
                let (markdown, table) = self.markdown_table()?;
                let heading = markdown.heading_text(table.heading).into_owned();
                Some(Addition::Row { heading, table: table.ordinal, header, cells, above: None })
            }
            Body::Json(_) | Body::Yaml(_) | Body::Opaque => None,
        }
    }
}

/// An id without emphasis, code marks or the link around it.
pub(super) fn bare_id(id: Cow<'_, str>) -> Cow<'_, str> {
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if plain(&id) {
        return id;
    }
    let text = id.trim_matches(|c: char| c.is_whitespace() || "*`~".contains(c));
    let linked = text.strip_prefix('[').and_then(|rest| Some(rest.split_once("](")?.0));
    Cow::Owned(linked.unwrap_or(text).trim_matches(|c: char| c.is_whitespace() || "*`~".contains(c)).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_without_their_markup() {
        for (written, id) in [
            ("HB-A-001", "HB-A-001"),
            ("**HB-A-001**", "HB-A-001"),
            ("`HB-A-001`", "HB-A-001"),
            ("[HB-A-001](docs/x.md)", "HB-A-001"),
            ("**[HB-A-001](x)**", "HB-A-001"),
            (" HB-A-001 ", "HB-A-001"),
            ("_None_", "_None_"),
            ("", ""),
        ] {
            assert_eq!(bare_id(Cow::Borrowed(written)), id, "{written}");
        }
    }
}
