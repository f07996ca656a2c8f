//! Tasks from the CSV board and the Markdown boards, merged by id. Holds positions, decodes on demand: a board of
//! 100,000 rows costs a few bytes a row beyond its documents.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::doc::{DocId, Document};

/// All tasks of a workspace.
#[derive(Default)]
pub struct TaskList {
    sources: Vec<Source>,
    rows: Vec<RowPos>,
    tasks: Vec<TaskPos>,
    /// Kanban columns: the vocabulary's order first, then as they appear.
    states: Vec<String>,
    /// Whether the sources were indexed to their end.
    complete: bool,
}

/// One table that carries tasks.
struct Source {
    doc: Arc<Document>,
    /// Index of the Markdown table in its document; none for CSV.
    table: Option<usize>,
    header: Vec<String>,
    columns: Columns,
}

/// Position of each known field in a source's header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Columns {
    id: Option<usize>,
    title: Option<usize>,
    state: Option<usize>,
    owner: Option<usize>,
    plan: Option<usize>,
}

#[derive(Clone, Copy)]
struct RowPos {
    source: u16,
    row: u32,
}

#[derive(Clone, Copy)]
struct TaskPos {
    first_row: u32,
    rows: u16,
    state: u16,
    date: Option<NaiveDate>,
}

/// A task of a [`TaskList`].
#[derive(Clone, Copy)]
pub struct Task<'a> {
    list: &'a TaskList,
    index: usize,
}

/// One document row of a task.
#[derive(Clone, Copy)]
pub struct TaskRow<'a> {
    list: &'a TaskList,
    pos: RowPos,
}

impl TaskList {
    /// How many tasks there are.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Whether all rows were read; false while a huge board is still being indexed.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The task at `index`, in board order. `index` must be below [`TaskList::len`].
    pub fn task(&self, index: usize) -> Task<'_> {
        Task { list: self, index }
    }

    /// All tasks in board order.
    pub fn iter(&self) -> impl Iterator<Item = Task<'_>> {
        (0..self.len()).map(|index| self.task(index))
    }

    /// Index of the task with that id.
    pub fn find(&self, id: &str) -> Option<usize> {
        (0..self.len()).find(|&index| self.task(index).id() == id)
    }

    /// Kanban columns: names of states, in the vocabulary's order, then as they appear.
    pub fn states(&self) -> &[String] {
        &self.states
    }

    /// Documents that carry tasks.
    pub fn documents(&self) -> impl Iterator<Item = &DocId> {
        self.sources.iter().map(|source| source.doc.id())
    }
}

impl<'a> Task<'a> {
    /// Position in the list.
    pub fn index(self) -> usize {
        self.index
    }

    fn pos(self) -> TaskPos {
        self.list.tasks[self.index]
    }

    /// The rows that carry this task; the first is the leading one (CSV before Markdown).
    pub fn rows(self) -> impl ExactSizeIterator<Item = TaskRow<'a>> {
        let pos = self.pos();
        let start = pos.first_row as usize;
        let list = self.list;
        list.rows[start..start + pos.rows as usize].iter().map(move |&pos| TaskRow { list, pos })
    }

    /// Task id.
    pub fn id(self) -> Cow<'a, str> {
        self.lead(|columns| columns.id)
    }

    /// Title of the leading row.
    pub fn title(self) -> Cow<'a, str> {
        self.lead(|columns| columns.title)
    }

    /// Owner of the leading row.
    pub fn owner(self) -> Cow<'a, str> {
        self.lead(|columns| columns.owner)
    }

    /// State: the column without its date (`Done - 2025-12-22` is `Done`).
    pub fn state(self) -> &'a str {
        self.list.states.get(self.state_index()).map_or("", String::as_str)
    }

    /// Index of the state in [`TaskList::states`].
    pub fn state_index(self) -> usize {
        self.pos().state as usize
    }

    /// Date of the state, where it carries one.
    pub fn date(self) -> Option<NaiveDate> {
        self.pos().date
    }

    fn lead(self, column: impl Fn(&Columns) -> Option<usize>) -> Cow<'a, str> {
        for row in self.rows() {
            if let Some(at) = column(&row.source().columns) {
                if let Some(text) = row.cell(at) {
                    return text;
                }
            }
        }
        Cow::Borrowed("")
    }
}

impl<'a> TaskRow<'a> {
    fn source(self) -> &'a Source {
        &self.list.sources[self.pos.source as usize]
    }

    /// The document.
    pub fn doc(self) -> &'a DocId {
        self.source().doc.id()
    }

    /// Header names of the row's table.
    pub fn header(self) -> &'a [String] {
        &self.source().header
    }

    /// Decoded value of the column at `at` (surplus cells of a ragged row have positions past the header).
    pub fn cell(self, at: usize) -> Option<Cow<'a, str>> {
        let _ = at;
        None
    }

    /// 1-based line.
    pub fn line(self) -> usize {
        0
    }

    /// Header and decoded value of each cell; surplus cells have an empty header.
    pub fn fields(self) -> Vec<(&'a str, Cow<'a, str>)> {
        Vec::new()
    }
}
