//! Tasks from the CSV board and the Markdown boards, merged by id. Holds positions, decodes on demand: a board of
//! 100,000 rows costs a few bytes a row beyond its documents.

pub mod query;
mod search;
mod state;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;

pub use state::split_state;

use super::cite;
use crate::doc::{Body, DocId, Document, Snapshot, markdown};
use crate::workspace::config::{ColumnNames, States};
use crate::workspace::{Config, Role, Workspace};

/// All tasks of a workspace.
#[derive(Default)]
pub struct TaskList {
    /// The documents that were looked at, with or without tasks.
    docs: Vec<Arc<Document>>,
    sources: Vec<Source>,
    /// Rows, grouped by task; within a task in the order of the sources (CSV before Markdown).
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

/// A field whose documents disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// `title`, `state` or `owner`.
    pub field: &'static str,
    /// Each document's value as written.
    pub values: BTreeMap<DocId, String>,
}

impl TaskList {
    /// The tasks of the CSV boards, then of the Markdown boards, merged by id.
    pub fn project(snapshot: &Snapshot, workspace: &Workspace, config: &Config) -> TaskList {
        TaskList::from_documents(boards(snapshot, workspace).cloned(), config)
    }

    /// Whether the list was made from these very documents.
    pub fn is_of(&self, snapshot: &Snapshot, workspace: &Workspace) -> bool {
        !self.docs.is_empty()
            && self.docs.len() == boards(snapshot, workspace).count()
            && boards(snapshot, workspace).zip(&self.docs).all(|(now, then)| Arc::ptr_eq(now, then))
    }

    /// The tasks of these documents in this order.
    pub fn from_documents(docs: impl IntoIterator<Item = Arc<Document>>, config: &Config) -> TaskList {
        let mut list = TaskList { complete: true, ..TaskList::default() };
        for doc in docs {
            list.docs.push(Arc::clone(&doc));
            list.add_sources(doc, &config.columns);
        }
        list.merge(&config.states);
        list
    }

    fn add_sources(&mut self, doc: Arc<Document>, names: &ColumnNames) {
        match doc.body() {
            Body::Csv(csv) => {
                let header: Vec<String> = csv.header().into_iter().map(Cow::into_owned).collect();
                self.complete &= csv.is_complete();
                if let Some(columns) = Columns::of(&header, names) {
                    self.sources.push(Source { doc, table: None, header, columns });
                }
            }
            Body::Markdown(markdown) => {
                for (at, table) in markdown.tables().iter().enumerate() {
                    let decode =
                        |span: &crate::doc::Span| markdown::decode_cell(&doc.bytes()[span.clone()]).into_owned();
                    let header: Vec<String> = table.header.iter().map(decode).collect();
                    if let Some(columns) = Columns::of(&header, names) {
                        self.sources.push(Source { doc: Arc::clone(&doc), table: Some(at), header, columns });
                    }
                }
            }
            Body::Opaque => {}
        }
    }

    /// Groups the rows of all sources by id and reads their states.
    fn merge(&mut self, vocabulary: &States) {
        let mut order: Vec<(u32, RowPos)> = Vec::new();
        {
            let mut by_id: HashMap<Cow<'_, str>, u32> = HashMap::new();
            for (at, source) in self.sources.iter().enumerate() {
                for row in 0..source.rows() {
                    let pos = RowPos { source: at as u16, row: row as u32 };
                    let Some(id) = source.cell(row, source.columns.id) else { continue };
                    if id.trim().is_empty() || id == "_None_" {
                        continue;
                    }
                    let next = by_id.len() as u32;
                    order.push((*by_id.entry(id).or_insert(next), pos));
                }
            }
        }
        order.sort_by_key(|&(task, pos)| (task, pos.source, pos.row));
        self.states = vocabulary.order.clone();
        let mut known: HashMap<String, u16> = HashMap::new();
        let mut last = None;
        for (task, pos) in order {
            if last == Some(task) {
                if let Some(group) = self.tasks.last_mut() {
                    group.rows = group.rows.saturating_add(1);
                }
            } else {
                last = Some(task);
                let source = &self.sources[pos.source as usize];
                let written = source.cell(pos.row as usize, source.columns.state).unwrap_or_default();
                let (word, date) = split_state(&written);
                let state = match known.get(word) {
                    Some(&state) => state,
                    None => {
                        let name = vocabulary.canonical(state::bare_state(word));
                        let state = self.states.iter().position(|s| s == name).unwrap_or_else(|| {
                            self.states.push(name.to_owned());
                            self.states.len() - 1
                        });
                        known.insert(word.to_owned(), state as u16);
                        state as u16
                    }
                };
                self.tasks.push(TaskPos { first_row: self.rows.len() as u32, rows: 1, state, date });
            }
            self.rows.push(pos);
        }
    }

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

    /// How many rows of that document carry tasks.
    pub fn rows_in(&self, doc: &DocId) -> usize {
        self.rows.iter().filter(|pos| self.sources[pos.source as usize].doc.id() == doc).count()
    }
}

impl Columns {
    /// The columns of a header that carries tasks: it needs an id and a state.
    fn of(header: &[String], names: &ColumnNames) -> Option<Columns> {
        let at = |names: &[String]| ColumnNames::position(names, header);
        let columns = Columns {
            id: at(&names.id),
            title: at(&names.title),
            state: at(&names.state),
            owner: at(&names.owner),
            plan: at(&names.plan),
        };
        (columns.id.is_some() && columns.state.is_some()).then_some(columns)
    }
}

impl Source {
    fn rows(&self) -> usize {
        match (self.doc.body(), self.table) {
            (Body::Csv(csv), _) => csv.records(),
            (Body::Markdown(markdown), Some(table)) => markdown.tables().get(table).map_or(0, |table| table.rows.len()),
            (Body::Markdown(_), None) | (Body::Opaque, _) => 0,
        }
    }

    fn cell(&self, row: usize, column: Option<usize>) -> Option<Cow<'_, str>> {
        let column = column?;
        match (self.doc.body(), self.table) {
            (Body::Csv(csv), _) => csv.record(row).field(column),
            (Body::Markdown(markdown), Some(table)) => {
                let span = markdown.tables().get(table)?.rows.get(row)?.cells.get(column)?;
                Some(markdown::decode_cell(&self.doc.bytes()[span.clone()]))
            }
            (Body::Markdown(_), None) | (Body::Opaque, _) => None,
        }
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

    /// Plan letters: of the id, else of the plan link.
    pub fn plan(self) -> Option<String> {
        if let Some(letters) = cite::plan_of_id(&self.id()) {
            return Some(letters.to_owned());
        }
        let link = self.lead(|columns| columns.plan);
        let path = cite::paths(&link).into_iter().next()?;
        let letters = super::plan::letters_of(DocId::new(&path).ok()?.stem());
        Some(letters).filter(|letters| !letters.is_empty())
    }

    /// State: the column without its date (`Done - 2025-12-22` is `Done`), in the vocabulary's spelling.
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

    /// Ids that the task's rows name as blocking it (`blocked by …`, `depends on …`, `waiting for …`).
    pub fn blocked_by(self) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for row in self.rows() {
            for (_, text) in row.fields() {
                for id in blockers(&text) {
                    if !ids.contains(&id) && id != self.id() {
                        ids.push(id);
                    }
                }
            }
        }
        ids
    }

    /// Paths that the task's rows cite, each once.
    pub fn cites(self) -> Vec<String> {
        let mut paths: Vec<String> = Vec::new();
        for row in self.rows() {
            for (_, text) in row.fields() {
                for path in cite::paths(&text) {
                    if !paths.contains(&path) {
                        paths.push(path);
                    }
                }
            }
        }
        paths
    }

    /// Fields whose documents disagree. Titles and owners are compared as written, states by their meaning.
    pub fn drift(self) -> Vec<Drift> {
        if self.pos().rows < 2 {
            return Vec::new();
        }
        let field = |field: &'static str, column: fn(&Columns) -> Option<usize>| {
            let values: BTreeMap<DocId, String> = self
                .rows()
                .filter_map(|row| {
                    let text = row.cell(column(&row.source().columns)?)?;
                    Some((row.doc().clone(), text.into_owned()))
                })
                .collect();
            let differs = values.values().any(|value| Some(value) != values.values().next());
            differs.then_some(Drift { field, values })
        };
        [field("title", |c| c.title), field("state", |c| c.state), field("owner", |c| c.owner)]
            .into_iter()
            .flatten()
            .collect()
    }

    fn lead(self, column: impl Fn(&Columns) -> Option<usize>) -> Cow<'a, str> {
        for row in self.rows() {
            if let Some(text) = column(&row.source().columns).and_then(|at| row.cell(at)) {
                return text;
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
        self.source().cell(self.pos.row as usize, Some(at))
    }

    /// 1-based line.
    pub fn line(self) -> usize {
        let source = self.source();
        match (source.doc.body(), source.table) {
            (Body::Csv(csv), _) => csv.record(self.pos.row as usize).line(),
            (Body::Markdown(markdown), Some(table)) => {
                markdown.tables().get(table).and_then(|t| t.rows.get(self.pos.row as usize)).map_or(0, |row| row.line)
            }
            (Body::Markdown(_), None) | (Body::Opaque, _) => 0,
        }
    }

    /// The row's bytes as they stand in the document, without terminator.
    pub fn raw(self) -> &'a [u8] {
        let source = self.source();
        let span = match (source.doc.body(), source.table) {
            (Body::Csv(csv), _) => csv.record(self.pos.row as usize).span(),
            (Body::Markdown(markdown), Some(table)) => markdown
                .tables()
                .get(table)
                .and_then(|t| t.rows.get(self.pos.row as usize))
                .map_or(0..0, |row| row.span.clone()),
            (Body::Markdown(_), None) | (Body::Opaque, _) => 0..0,
        };
        source.doc.bytes().get(span).unwrap_or_default()
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

/// The documents that may carry tasks, the leading ones first.
fn boards<'a>(snapshot: &'a Snapshot, workspace: &'a Workspace) -> impl Iterator<Item = &'a Arc<Document>> {
    let docs = workspace.with_role(Role::TaskCsv).chain(workspace.with_role(Role::Board));
    docs.filter_map(|id| snapshot.get(id))
}

/// Ids behind words that say so, up to the end of the sentence.
fn blockers(text: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let mut ids = Vec::new();
    for phrase in ["blocked by", "depends on", "waiting for", "waits for"] {
        for (at, _) in lower.match_indices(phrase) {
            let rest = &text[at + phrase.len()..];
            let end = rest.find(['.', ';', '\n']).unwrap_or(rest.len());
            ids.extend(cite::task_ids(&rest[..end]));
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;

    fn document(path: &str, text: &str) -> Arc<Document> {
        Arc::new(Document::parse(DocId::new(path).expect("a path"), text.as_bytes().to_vec()))
    }

    #[test]
    fn rows_of_one_id_are_one_task() {
        let csv = "ID,Title,Column,OwnerRole,Deliverable,PlanLink,Notes\nHB-A-001,Probe,Done - 2026-01-02,Ops,\"Logs/a.json, \
                   x\",docs/plans/PlanA_X.md,\nHB-B-002,Cut,in progress,Dev,,,Blocked by HB-A-001.\n\n\n";
        let board = "## Board\n| ID | Title | Column | Owner/Role | Links |\n|-|-|-|-|-|\n<!-- c -->\n| HB-A-001 | Probe it | \
                     Done - 2026-01-02 | Ops | x |\n\n| HB-C-003 | New | In Progress (WIP 1/2) | Ops | y | surplus |\n";
        let config = Config::default();
        let list = TaskList::from_documents([document("docs/t.csv", csv), document("docs/b.md", board)], &config);
        let ids: Vec<String> = list.iter().map(|task| task.id().into_owned()).collect();
        assert_eq!(ids, ["HB-A-001", "HB-B-002", "HB-C-003"]);
        let first = list.task(0);
        assert_eq!((first.state(), first.date().map(|d| d.to_string())), ("Done", Some("2026-01-02".to_owned())));
        assert_eq!(first.rows().map(|row| row.line()).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(first.drift().iter().map(|drift| drift.field).collect::<Vec<_>>(), ["title"]);
        assert_eq!(first.cites(), ["Logs/a.json", "docs/plans/PlanA_X.md"]);
        assert_eq!((list.task(1).state(), list.task(2).state()), ("In Progress", "In Progress"));
        assert_eq!(list.task(1).blocked_by(), ["HB-A-001"]);
        assert_eq!(list.task(2).rows().next().map(|row| row.fields().len()), Some(6));
        let cancel = AtomicBool::new(false);
        assert_eq!(list.search("probe", &cancel), [0]);
        assert_eq!(list.search("PROBE", &cancel), [0u32; 0]);
        assert_eq!(list.search("hb-", &cancel), [0, 1, 2]);
    }
}
