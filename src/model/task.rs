//! Tasks from the CSV board, the Markdown boards, the backlog and the plans, merged by id. Holds positions, decodes on
//! demand: a board of 100,000 rows costs a few bytes a row beyond its documents.

pub mod draft;
pub mod edit;
mod field;
mod meaning;
pub mod query;
pub mod repair;
mod row;
mod search;
mod source;
mod state;
pub mod todo;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;

pub use field::{FieldKey, TaskCell, TaskField, lines};
pub use meaning::{people, plain};
pub use row::{TaskRow, TaskTable};
pub use source::{Damage, Kind};
pub use state::{bare_state, done_in_notes, split_state};

use super::cite;
use crate::doc::{Body, DocId, Document, Snapshot};
use crate::workspace::config::{Field, States};
use crate::workspace::{Config, Role, Workspace};
use source::Source;

/// All tasks of a workspace.
#[derive(Default)]
pub struct TaskList {
    /// The documents that were looked at, with or without tasks.
    docs: Vec<Arc<Document>>,
    sources: Vec<Source>,
    /// Rows, grouped by task; within a task in the order of the sources (CSV, boards, backlog, plans).
    rows: Vec<RowPos>,
    /// Rows of tables that list what was delivered.
    delivered: Vec<RowPos>,
    tasks: Vec<TaskPos>,
    /// Kanban columns: the vocabulary's order first, then as they appear.
    states: Vec<String>,
    /// The words for states.
    vocabulary: States,
    /// Fields that say the same in all documents.
    shared: Vec<Field>,
    /// Whether the sources were indexed to their end.
    complete: bool,
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

/// A field whose documents disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// `title`, `state` or `owner`.
    pub field: &'static str,
    /// Each document's value as written.
    pub values: BTreeMap<DocId, String>,
}

impl TaskList {
    /// The tasks of all documents that carry some, merged by id.
    pub fn project(snapshot: &Snapshot, workspace: &Workspace, config: &Config) -> TaskList {
        TaskList::from_documents(carriers(snapshot, workspace).map(|(role, doc)| (role, Arc::clone(doc))), config)
    }

    /// Whether the list was made from these very documents.
    pub fn is_of(&self, snapshot: &Snapshot, workspace: &Workspace) -> bool {
        !self.docs.is_empty()
            && self.docs.len() == carriers(snapshot, workspace).count()
            && carriers(snapshot, workspace).zip(&self.docs).all(|((_, now), then)| Arc::ptr_eq(now, then))
    }

    /// The tasks of these documents, each in its role, in this order.
    pub fn from_documents(docs: impl IntoIterator<Item = (Role, Arc<Document>)>, config: &Config) -> TaskList {
        let mut list = TaskList {
            complete: true,
            shared: config.columns.shared.clone(),
            vocabulary: config.states.clone(),
            ..TaskList::default()
        };
        for (role, doc) in docs {
            if let Body::Csv(csv) = doc.body() {
                list.complete &= csv.is_complete();
            }
            list.sources.extend(source::sources(&doc, role, config));
            list.docs.push(doc);
        }
        list.merge(&config.states);
        list
    }

    /// Groups the rows of all sources by id and reads their states.
    fn merge(&mut self, vocabulary: &States) {
        let rows = self.sources.iter().map(Source::rows).sum();
        // One allocation each: what is freed while a huge board is read stays with the process.
        let mut order: Vec<(u32, RowPos)> = Vec::with_capacity(rows);
        let mut known = Ids::with_capacity(rows);
        for (at, source) in self.sources.iter().enumerate() {
            for row in 0..source.rows() {
                let pos = RowPos { source: at as u16, row: row as u32 };
                let Some(id) = source.id(row) else { continue };
                if source.kind == Kind::Delivered {
                    self.delivered.push(pos);
                    continue;
                }
                order.push((known.index(&id, pos, &self.sources), pos));
            }
        }
        self.tasks.reserve_exact(known.first.len());
        drop(known);
        order.sort_unstable_by_key(|&(task, pos)| (task, pos.source, pos.row));
        self.states = vocabulary.order.clone();
        let mut known: HashMap<String, u16> = HashMap::new();
        self.rows = order.iter().map(|&(_, pos)| pos).collect();
        let mut first = 0;
        for group in order.chunk_by(|(a, _), (b, _)| a == b) {
            let (word, date) = self.written_state(group, vocabulary);
            let state = match known.get(&word) {
                Some(&state) => state,
                None => {
                    let state = self.state_named(&word, vocabulary);
                    known.insert(word, state);
                    state
                }
            };
            self.tasks.push(TaskPos {
                first_row: first,
                rows: group.len().min(usize::from(u16::MAX)) as u16,
                state,
                date,
            });
            first += group.len() as u32;
        }
    }

    /// The state as the leading row with a state writes it, taken apart. A task that stands in the backlog alone is in the
    /// first state, unless its notes say that it is done.
    fn written_state(&self, group: &[(u32, RowPos)], vocabulary: &States) -> (String, Option<NaiveDate>) {
        let row = |pos: &RowPos| (&self.sources[pos.source as usize], pos.row as usize);
        let has_column = |(_, pos): &&(u32, RowPos)| row(pos).0.columns.at(Field::State).is_some();
        let says = |(_, pos): &&(u32, RowPos)| {
            row(pos).0.field(row(pos).1, Field::State).is_some_and(|s| !s.trim().is_empty())
        };
        if let Some((_, pos)) = group.iter().find(says).or_else(|| group.iter().find(has_column)) {
            let (source, at) = row(pos);
            let written = source.field(at, Field::State).unwrap_or_default();
            let (word, date) = split_state(&written);
            let is_done = || vocabulary.is_done(vocabulary.canonical(bare_state(word)));
            let date = date.or_else(|| source.dated(at).filter(|_| is_done()));
            return (word.to_owned(), date);
        }
        let done = group.iter().find_map(|(_, pos)| {
            let (source, at) = row(pos);
            done_in_notes(&source.field(at, Field::Notes)?, &vocabulary.done).map(|(date, _)| date)
        });
        match done {
            Some(date) => (vocabulary.done.clone(), date),
            None => (vocabulary.order.first().cloned().unwrap_or_default(), None),
        }
    }

    /// Index of the kanban column that a word means; a new one for a word that is in no vocabulary.
    fn state_named(&mut self, word: &str, vocabulary: &States) -> u16 {
        let name = vocabulary.canonical(bare_state(word));
        let known = self.states.iter().position(|state| state == name);
        let at = known.unwrap_or_else(|| {
            self.states.push(name.to_owned());
            self.states.len() - 1
        });
        at as u16
    }

    /// Whether two states as written mean the same column, and no other date.
    fn same_state(&self, a: &str, b: &str) -> bool {
        let ((a, since_a), (b, since_b)) = (split_state(a), split_state(b));
        let name = |word| self.vocabulary.canonical(bare_state(word));
        name(a) == name(b) && (since_a == since_b || since_a.is_none() || since_b.is_none())
    }

    fn shared(&self) -> &[Field] {
        &self.shared
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

    /// The task whose rows include this one.
    fn task_of(&self, pos: RowPos) -> Option<Task<'_>> {
        let row = self.rows.iter().position(|own| (own.source, own.row) == (pos.source, pos.row))?;
        let after = self.tasks.partition_point(|task| task.first_row as usize <= row);
        after.checked_sub(1).map(|index| self.task(index))
    }

    /// Index of the task with that id.
    pub fn find(&self, id: &str) -> Option<usize> {
        (0..self.len()).find(|&index| self.task(index).id() == id)
    }

    /// Index of the task with that id, or of the only one whose id is that in its area.
    pub fn known_as(&self, id: &str) -> Option<usize> {
        let short = |index: &usize| self.task(*index).id().rsplit_once('/').is_some_and(|(_, short)| short == id);
        let mut found = (0..self.len()).filter(short);
        self.find(id).or_else(|| found.next().filter(|_| found.next().is_none()))
    }

    /// Kanban columns: names of states, in the vocabulary's order, then as they appear.
    pub fn states(&self) -> &[String] {
        &self.states
    }

    /// Documents that carry tasks, one for each table.
    pub fn documents(&self) -> impl Iterator<Item = &DocId> {
        self.sources.iter().map(|source| source.doc.id())
    }

    /// How many rows of that document carry tasks.
    pub fn rows_in(&self, doc: &DocId) -> usize {
        self.rows.iter().filter(|pos| self.sources[pos.source as usize].doc.id() == doc).count()
    }

    /// The tables in which tasks stand, the leading ones first.
    pub fn tables(&self) -> impl Iterator<Item = TaskTable<'_>> {
        self.sources.iter().map(|source| TaskTable { source })
    }

    /// Rows of tables that list what was delivered, in document order.
    pub fn delivered(&self) -> impl Iterator<Item = TaskRow<'_>> {
        self.delivered.iter().map(|&pos| TaskRow { list: self, pos })
    }
}

/// The ids met so far: their hashes, and where each stands first. Holding the ids themselves would cost as much as all
/// positions of the list.
struct Ids {
    by_hash: HashMap<u64, u32>,
    first: Vec<RowPos>,
}

impl Ids {
    fn with_capacity(ids: usize) -> Ids {
        Ids { by_hash: HashMap::with_capacity(ids), first: Vec::with_capacity(ids) }
    }

    /// The index of an id; a new one gets the next.
    fn index(&mut self, id: &str, pos: RowPos, sources: &[Source]) -> u32 {
        let mut hash = xxhash_rust::xxh3::xxh3_64(id.as_bytes());
        while let Some(&index) = self.by_hash.get(&hash) {
            let first = self.first[index as usize];
            if sources[first.source as usize].id(first.row as usize).as_deref() == Some(id) {
                return index;
            }
            // Another id of the same hash.
            hash = hash.wrapping_add(1);
        }
        let index = self.first.len() as u32;
        self.by_hash.insert(hash, index);
        self.first.push(pos);
        index
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

    /// The rows that carry this task; the first is the leading one (CSV, then boards, backlog, plans).
    pub fn rows(self) -> impl ExactSizeIterator<Item = TaskRow<'a>> {
        let pos = self.pos();
        let start = pos.first_row as usize;
        let list = self.list;
        list.rows[start..start + pos.rows as usize].iter().map(move |&pos| TaskRow { list, pos })
    }

    /// Task id.
    pub fn id(self) -> Cow<'a, str> {
        self.rows().next().and_then(TaskRow::id).unwrap_or_default()
    }

    /// Title of the leading row.
    pub fn title(self) -> Cow<'a, str> {
        self.lead(Field::Title)
    }

    /// Owner of the leading row.
    pub fn owner(self) -> Cow<'a, str> {
        self.lead(Field::Owner)
    }

    /// Plan letters: of the id, else of the plan link, else of the plan's name or file.
    pub fn plan(self) -> Option<String> {
        if let Some(letters) = cite::plan_of_id(&self.id()) {
            return Some(letters.to_owned());
        }
        let of_path = |path: &str| {
            Some(super::plan::letters_of(DocId::new(path).ok()?.stem())).filter(|letters| !letters.is_empty())
        };
        let link = cite::paths(&self.lead(Field::PlanLink)).iter().find_map(|path| of_path(path));
        let name = || self.lead(Field::Plan).trim().strip_prefix("Plan ").map(str::to_owned);
        let own = || self.rows().find(|row| row.kind() == Kind::Plan).and_then(|row| of_path(row.doc().as_str()));
        link.or_else(name).or_else(own)
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

    /// The ids of [`Task::blocked_by`], each with the state of its task, if there is one, and whether it is still waited for.
    pub fn waits_for(self) -> Vec<(String, Option<&'a str>, bool)> {
        let state = |id: &str| self.list.find(id).map(|at| self.list.task(at).state());
        let each = self.blocked_by().into_iter().map(|id| (state(&id), id));
        each.map(|(state, id)| (id, state, !state.is_some_and(|state| self.list.vocabulary.is_done(state)))).collect()
    }

    /// Ids that the task's rows name as blocking it (`blocked by …`, `depends on …`, `waiting for …`).
    pub fn blocked_by(self) -> Vec<String> {
        let mut ids: Vec<String> = Vec::new();
        for row in self.rows() {
            for id in row.named_by_keys() {
                if !ids.contains(&id) && id != self.id() {
                    ids.push(id);
                }
            }
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

    /// Fields whose documents disagree: title, state and owner. Spelling, markup and the order of owners are no
    /// disagreement; nor is a date that one of them leaves out.
    pub fn drift(self) -> Vec<Drift> {
        [Field::Title, Field::State, Field::Owner]
            .into_iter()
            .filter(|field| self.differs(*field))
            .map(|field| Drift {
                field: field.name(),
                values: self.said(field).map(|(row, text)| (row.doc().clone(), text.into_owned())).collect(),
            })
            .collect()
    }

    /// Whether documents disagree about title, state or owner.
    pub fn drifts(self) -> bool {
        self.pos().rows > 1 && [Field::Title, Field::State, Field::Owner].into_iter().any(|field| self.differs(field))
    }

    fn differs(self, field: Field) -> bool {
        let mut said = self.said(field).map(|(_, text)| text);
        let Some(first) = said.next() else { return false };
        said.any(|text| {
            text != first
                && match field {
                    Field::Title => plain(&text) != plain(&first),
                    Field::Owner => people(&text) != people(&first),
                    Field::State => !self.list.same_state(&text, &first),
                    Field::Id
                    | Field::Deliverable
                    | Field::PlanLink
                    | Field::Plan
                    | Field::Preconditions
                    | Field::Definition
                    | Field::Priority
                    | Field::Area
                    | Field::Notes => true,
                }
        })
    }

    /// What each row says of a field; rows without such a column, or with nothing in it, say nothing.
    pub fn said(self, field: Field) -> impl Iterator<Item = (TaskRow<'a>, Cow<'a, str>)> {
        self.rows().filter_map(move |row| Some((row, row.field(field)?))).filter(|(_, text)| !text.trim().is_empty())
    }

    /// The first row's value that has such a column.
    fn lead(self, field: Field) -> Cow<'a, str> {
        self.rows().find_map(|row| row.field(field)).unwrap_or_default()
    }
}

/// The words before the ids of tasks that block another one.
const BLOCKING: [&str; 4] = ["blocked by", "depends on", "waiting for", "waits for"];

/// The roles of documents that carry tasks, the leading ones first.
pub const CARRIERS: [Role; 5] = [Role::TaskCsv, Role::Board, Role::Backlog, Role::Plan, Role::Todo];

/// The documents that may carry tasks, the leading ones first.
fn carriers<'a>(snapshot: &'a Snapshot, workspace: &'a Workspace) -> impl Iterator<Item = (Role, &'a Arc<Document>)> {
    let docs = CARRIERS.into_iter().flat_map(|role| workspace.with_role(role).map(move |id| (role, id)));
    docs.filter_map(|(role, id)| Some((role, snapshot.get(id)?)))
}

/// Ids behind words that say so, up to the end of the sentence or of what is listed there: ids in the reason that follows
/// a colon block nothing.
fn blockers(text: &str) -> Vec<String> {
    let text = &lines(text);
    let lower = text.to_ascii_lowercase();
    let mut ids = Vec::new();
    for phrase in BLOCKING {
        for (at, _) in lower.match_indices(phrase) {
            let rest = text[at + phrase.len()..].trim_start_matches([' ', ':']);
            let end = rest.find(['.', ';', ':', '\n']).unwrap_or(rest.len());
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
    fn what_blocks_a_task_is_named_in_its_sentence() {
        for (text, ids) in [
            ("Blocked by HB-A-001 and HB-A-002. See HB-A-003.", &["HB-A-001", "HB-A-002"][..]),
            ("Blocked by HB-A-001 (2026-01-02): as HB-A-003 shows", &["HB-A-001"]),
            ("depends on: HB-A-001<br>HB-A-003 follows", &["HB-A-001"]),
            ("Blocked (2026-01-02): waiting for HB-A-001", &["HB-A-001"]),
        ] {
            assert_eq!(blockers(text), ids, "{text}");
        }
    }

    #[test]
    fn rows_of_one_id_are_one_task() {
        let csv = "ID,Title,Column,OwnerRole,Deliverable,PlanLink,Notes\nHB-A-001,Probe,Done - 2026-01-02,Ops,\"Logs/a.json, \
                   x\",docs/plans/PlanA_X.md,\nHB-B-002,Cut,in progress,Dev,,,Blocked by HB-A-001.\n\n\n";
        let board = "## Board\n| ID | Title | Column | Owner/Role | Links |\n|-|-|-|-|-|\n<!-- c -->\n| HB-A-001 | Probe it | \
                     Done - 2026-01-02 | Ops | x |\n\n| HB-C-003 | New | In Progress (WIP 1/2) | Ops | y | surplus |\n";
        let config = Config::default();
        let list = TaskList::from_documents(
            [(Role::TaskCsv, document("docs/t.csv", csv)), (Role::Board, document("docs/b.md", board))],
            &config,
        );
        let ids: Vec<String> = list.iter().map(|task| task.id().into_owned()).collect();
        assert_eq!(ids, ["HB-A-001", "HB-B-002", "HB-C-003"]);
        let first = list.task(0);
        assert_eq!((first.state(), first.date().map(|d| d.to_string())), ("Done", Some("2026-01-02".to_owned())));
        assert_eq!(first.rows().map(|row| row.line()).collect::<Vec<_>>(), [2, 5]);
        assert_eq!(first.drift().iter().map(|drift| drift.field).collect::<Vec<_>>(), ["title"]);
        assert_eq!(first.cites(), ["Logs/a.json", "docs/plans/PlanA_X.md"]);
        assert_eq!((list.task(1).state(), list.task(2).state()), ("In Progress", "In Progress"));
        assert_eq!(list.task(1).blocked_by(), ["HB-A-001"]);
        assert_eq!(list.task(1).waits_for(), [("HB-A-001".to_owned(), Some("Done"), false)]);
        assert_eq!(list.task(2).rows().next().map(|row| row.fields().len()), Some(6));
        let cancel = AtomicBool::new(false);
        assert_eq!(list.search("probe", &cancel), [0]);
        assert_eq!(list.search("PROBE", &cancel), [0u32; 0]);
        assert_eq!(list.search("hb-", &cancel), [0, 1, 2]);
    }
}
