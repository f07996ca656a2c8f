//! Checks an operation against documents and makes the new contents, together with the operation that would take them
//! back. Nothing is written here.

use std::fmt;
use std::sync::Arc;

use similar::TextDiff;

use super::{Change, Conflict, Edit, EditRecord, Exact, Operation};
use crate::doc::{Addition, CellId, DocId, Document, FindError, Patch, Rev, create};

/// How strictly what is found is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A new operation. A cell that holds the wanted value although another was expected is a conflict, unless the
    /// operation does nothing but set cells (then nothing is left to do there).
    Fresh,
    /// The operation was begun before: what already stands as wanted is done.
    Resumed,
}

/// What an operation makes of its documents.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Documents that change, in the order in which the operation names them first.
    pub files: Vec<FilePlan>,
}

/// What an operation makes of one document.
#[derive(Debug, Clone)]
pub struct FilePlan {
    /// The document.
    pub doc: DocId,
    /// What it was planned from; none when it is absent.
    pub before: Option<Arc<Document>>,
    /// What it becomes; none when it is to go.
    pub after: Option<Arc<Document>>,
    /// For the history: where, old and new text.
    pub edits: Vec<EditRecord>,
    /// What takes it back, in the order in which it has to be done.
    pub inverse: Vec<Edit>,
    /// How many equal lines or records stood there before each addition or removal, by edit of this document: tells
    /// after a crash whether it was done.
    pub held: Vec<usize>,
    /// How many parent folders, made when the document was, go with it.
    pub folders: usize,
}

/// Why an operation cannot be done as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Somebody else changed the same cells.
    Conflicts(Vec<Conflict>),
    /// The place is there, but cannot be edited so.
    Find {
        /// The document.
        doc: DocId,
        /// What, why, how to mend it.
        error: FindError,
    },
    /// The document is absent.
    Missing {
        /// The document.
        doc: DocId,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Conflicts(conflicts) => {
                let said: Vec<String> = conflicts.iter().map(Conflict::to_string).collect();
                f.write_str(&said.join("; "))
            }
            Refusal::Find { doc, error } => write!(f, "{doc}: {error}"),
            Refusal::Missing { doc } => write!(f, "{doc}: there is no such document"),
        }
    }
}

impl FilePlan {
    /// Hash of the content before, if the document was there.
    pub fn before_rev(&self) -> Option<Rev> {
        self.before.as_ref().map(|doc| doc.rev())
    }

    /// Hash of the content after, if the document stays.
    pub fn after_rev(&self) -> Option<Rev> {
        self.after.as_ref().map(|doc| doc.rev())
    }
}

impl Plan {
    /// Unified diff of all documents.
    pub fn diff(&self) -> String {
        let mut text = String::new();
        for file in &self.files {
            let side = |doc: &Option<Arc<Document>>| {
                doc.as_ref().map_or_else(String::new, |doc| String::from_utf8_lossy(doc.bytes()).into_owned())
            };
            let name = |doc: &Option<Arc<Document>>, front: &str| match doc {
                Some(_) => format!("{front}/{}", file.doc),
                None => "/dev/null".to_owned(),
            };
            let (old, new) = (side(&file.before), side(&file.after));
            let diff = TextDiff::from_lines(&old, &new);
            let mut unified = diff.unified_diff();
            unified.context_radius(2).header(&name(&file.before, "a"), &name(&file.after, "b"));
            text.push_str(&unified.to_string());
        }
        text
    }
}

/// Plans an operation on the documents that `lookup` gives; none means that the document is absent. `held` gives, for a
/// resumed operation, what [`FilePlan::held`] said when it was begun.
pub fn plan(
    operation: &Operation,
    mode: Mode,
    mut lookup: impl FnMut(&DocId) -> Option<Arc<Document>>,
    held: impl Fn(&DocId) -> Option<Vec<usize>>,
) -> Result<Plan, Refusal> {
    let mut docs: Vec<&DocId> = Vec::new();
    for edit in &operation.edits {
        if !docs.contains(&&edit.doc) {
            docs.push(&edit.doc);
        }
    }
    let only_sets = operation.edits.iter().all(|edit| matches!(edit.change, Change::Set { .. }));
    let lenient = mode == Mode::Resumed || (only_sets && operation.undoes.is_none());
    let mut files = Vec::new();
    let mut conflicts = Vec::new();
    for doc in docs {
        let edits: Vec<&Change> = operation.edits.iter().filter(|e| &e.doc == doc).map(|e| &e.change).collect();
        let begun = if mode == Mode::Resumed { held(doc) } else { None };
        let before = lookup(doc);
        let mut planner = FilePlanner::new(doc, before, lenient, begun);
        match planner.plan(&edits) {
            Ok(()) => files.extend(planner.finish()),
            Err(Refusal::Conflicts(met)) => conflicts.extend(met),
            Err(other) => return Err(other),
        }
    }
    if conflicts.is_empty() { Ok(Plan { files }) } else { Err(Refusal::Conflicts(conflicts)) }
}

/// Plans the edits of one document: cells first, all on the same bytes, then additions and removals one by one.
struct FilePlanner<'a> {
    doc: &'a DocId,
    before: Option<Arc<Document>>,
    now: Option<Arc<Document>>,
    lenient: bool,
    begun: Option<Vec<usize>>,
    records: Vec<EditRecord>,
    inverse: Vec<Edit>,
    held: Vec<usize>,
    folders: usize,
}

impl<'a> FilePlanner<'a> {
    fn new(doc: &'a DocId, before: Option<Arc<Document>>, lenient: bool, begun: Option<Vec<usize>>) -> FilePlanner<'a> {
        let now = before.clone();
        let (records, inverse, held) = (Vec::new(), Vec::new(), Vec::new());
        FilePlanner { doc, before, now, lenient, begun, records, inverse, held, folders: 0 }
    }

    fn plan(&mut self, changes: &[&Change]) -> Result<(), Refusal> {
        self.cells(changes)?;
        let mut at = 0;
        for change in changes {
            match change {
                Change::Set { .. } => {}
                Change::Add { addition } => {
                    self.add(addition, at)?;
                    at += 1;
                }
                Change::TakeOut { addition, inserted, created, folders } => {
                    self.take_out(addition, inserted.as_deref(), *created, at)?;
                    self.folders = *folders;
                    at += 1;
                }
            }
        }
        Ok(())
    }

    fn find_error(&self, error: FindError) -> Refusal {
        Refusal::Find { doc: self.doc.clone(), error }
    }

    fn cells(&mut self, changes: &[&Change]) -> Result<(), Refusal> {
        let mut conflicts = Vec::new();
        let mut sets: Vec<(&CellId, &str, Option<&Exact>)> = Vec::new();
        for change in changes {
            let Change::Set { cell, expect, write, exact } = change else { continue };
            let Some(doc) = &self.now else { return Err(Refusal::Missing { doc: self.doc.clone() }) };
            let conflict = |line, theirs| Conflict {
                doc: self.doc.clone(),
                cell: Some(cell.clone()),
                line,
                base: expect.clone(),
                theirs,
                mine: write.clone(),
            };
            let found = match doc.find(cell) {
                Ok(found) => found,
                Err(FindError::NoMatch(_)) => {
                    conflicts.push(conflict(None, None));
                    continue;
                }
                Err(error) => return Err(self.find_error(error)),
            };
            let wanted = doc.canonical(cell, write);
            if found.value == wanted && (self.lenient || found.value == *expect) {
                continue;
            }
            if found.value != *expect && found.value != doc.canonical(cell, expect) {
                conflicts.push(conflict(Some(found.line), Some(found.value)));
                continue;
            }
            sets.push((cell, write, exact.as_ref()));
        }
        if !conflicts.is_empty() {
            return Err(Refusal::Conflicts(conflicts));
        }
        let Some(doc) = self.now.clone().filter(|_| !sets.is_empty()) else { return Ok(()) };
        let (patch, after) = self.write_cells(&doc, &sets)?;
        for (cell, write, _) in &sets {
            let old = doc.find(cell).map_err(|error| self.find_error(error))?;
            let inverse = self.cell_inverse(&doc, &after, &patch, cell, write, &old.value)?;
            self.inverse.push(Edit { doc: self.doc.clone(), change: inverse });
            self.record(cell, Some(old.value), Some(after.canonical(cell, write)));
        }
        self.now = Some(Arc::new(after));
        Ok(())
    }

    /// Writes the cells; with the exact bytes of an earlier time where those still fit, else newly encoded.
    fn write_cells(
        &self,
        doc: &Document,
        sets: &[(&CellId, &str, Option<&Exact>)],
    ) -> Result<(Patch, Document), Refusal> {
        let values: Vec<(&CellId, &str)> = sets.iter().map(|(cell, write, _)| (*cell, *write)).collect();
        let exact: Option<Vec<Patch>> = sets.iter().map(|(cell, _, exact)| put_back(doc, cell, (*exact)?)).collect();
        let exact = exact.and_then(|patches| Patch::join(patches).ok());
        if let Some(patch) = exact
            && let Ok(after) = doc.apply_checked(&patch, &[])
            && values.iter().all(|(cell, write)| renamed(cell, write, |cell| after.find(cell).ok()).is_some())
        {
            return Ok((patch, after));
        }
        let patch = doc.set_all(&values).map_err(|error| self.find_error(error))?;
        let after = doc.apply_checked(&patch, &values).map_err(|error| self.find_error(error))?;
        Ok((patch, after))
    }

    /// The change that takes a cell back: by value, and by exact bytes where they can be told.
    fn cell_inverse(
        &self,
        before: &Document,
        after: &Document,
        patch: &Patch,
        cell: &CellId,
        write: &str,
        old: &str,
    ) -> Result<Change, Refusal> {
        let found = renamed(cell, write, |cell| after.find(cell).ok());
        let Some((cell, found)) = found else {
            let why = "the new value could not be found again".to_owned();
            return Err(self.find_error(FindError::Refused(why)));
        };
        let undo = patch.invert(before.bytes());
        let around = undo.splices().iter().find(|s| s.span.start <= found.span.start && found.span.end <= s.span.end);
        let exact = around.and_then(|splice| {
            Some(Exact {
                lead: found.span.start - splice.span.start,
                there: std::str::from_utf8(&after.bytes()[splice.span.clone()]).ok()?.to_owned(),
                back: std::str::from_utf8(&splice.new).ok()?.to_owned(),
            })
        });
        Ok(Change::Set { cell, expect: found.value, write: old.to_owned(), exact })
    }

    /// Whether the addition or removal at `at` was done when the operation was begun.
    fn was_done(&self, at: usize, holds: usize, adds: bool) -> bool {
        let before = self.begun.as_ref().and_then(|held| held.get(at));
        before.is_some_and(|&before| if adds { holds > before } else { holds < before })
    }

    fn add(&mut self, addition: &Addition, at: usize) -> Result<(), Refusal> {
        let holds = self.now.as_ref().map_or(0, |doc| doc.holds(addition));
        self.held.push(holds);
        if self.was_done(at, holds, true) {
            return Ok(());
        }
        let (inserted, created, after) = match &self.now {
            Some(doc) => {
                let patch = doc.add(addition).map_err(|error| self.find_error(error))?;
                let inserted: Vec<u8> = patch.splices().iter().flat_map(|splice| splice.new.clone()).collect();
                let after = doc.apply_checked(&patch, &[]).map_err(|error| self.find_error(error))?;
                (inserted, false, after)
            }
            None => {
                let bytes = match create(addition) {
                    Ok(bytes) => bytes,
                    Err(_) if matches!(addition, Addition::Line { .. }) => {
                        return Err(Refusal::Missing { doc: self.doc.clone() });
                    }
                    Err(error) => return Err(self.find_error(error)),
                };
                (bytes.clone(), true, Document::parse(self.doc.clone(), bytes))
            }
        };
        if after.holds(addition) != holds + 1 {
            let why = "the added text does not read back as one line or record".to_owned();
            return Err(self.find_error(FindError::Refused(why)));
        }
        let inserted = String::from_utf8(inserted).ok();
        // Taken back first what was added last.
        self.inverse.insert(
            0,
            Edit {
                doc: self.doc.clone(),
                change: Change::TakeOut { addition: addition.clone(), inserted, created, folders: 0 },
            },
        );
        self.records.push(EditRecord { at: addition_address(addition), old: None, new: Some(addition_text(addition)) });
        self.now = Some(Arc::new(after));
        Ok(())
    }

    fn take_out(
        &mut self,
        addition: &Addition,
        inserted: Option<&str>,
        created: bool,
        at: usize,
    ) -> Result<(), Refusal> {
        let holds = self.now.as_ref().map_or(0, |doc| doc.holds(addition));
        self.held.push(holds);
        if self.was_done(at, holds, false) {
            return Ok(());
        }
        let Some(doc) = &self.now else {
            return Err(Refusal::Conflicts(vec![self.gone(addition)]));
        };
        let patch = match doc.take_out(addition, inserted) {
            Ok(patch) => patch,
            Err(FindError::NoMatch(_)) => return Err(Refusal::Conflicts(vec![self.gone(addition)])),
            Err(error) => return Err(self.find_error(error)),
        };
        let after = doc.apply(&patch);
        let goes = created && is_bare(&after, addition);
        self.inverse.insert(0, Edit { doc: self.doc.clone(), change: Change::Add { addition: addition.clone() } });
        self.records.push(EditRecord { at: addition_address(addition), old: Some(addition_text(addition)), new: None });
        self.now = if goes { None } else { Some(Arc::new(after)) };
        Ok(())
    }

    fn gone(&self, addition: &Addition) -> Conflict {
        Conflict {
            doc: self.doc.clone(),
            cell: None,
            line: None,
            base: addition_text(addition),
            theirs: None,
            mine: String::new(),
        }
    }

    fn record(&mut self, cell: &CellId, old: Option<String>, new: Option<String>) {
        let at = serde_json::to_value(cell).unwrap_or_default();
        self.records.push(EditRecord { at, old, new });
    }

    fn finish(self) -> Option<FilePlan> {
        let same = match (&self.before, &self.now) {
            (Some(before), Some(after)) => before.bytes() == after.bytes(),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        (!same).then(|| FilePlan {
            doc: self.doc.clone(),
            before: self.before,
            after: self.now,
            edits: self.records,
            inverse: self.inverse,
            held: self.held,
            folders: self.folders,
        })
    }
}

/// Where the cell is found after `write` was put into it: a cell that names its own row or record has a new address.
fn renamed<T>(cell: &CellId, write: &str, find: impl Fn(&CellId) -> Option<T>) -> Option<(CellId, T)> {
    let mut cell = cell.clone();
    let (key, occurrence) = match &mut cell {
        CellId::Table(table) if table.key_column.as_ref().is_none_or(|key| *key == table.column) => {
            // Without a key column the first header names the rows; whether this column is it, finding tells.
            if let Some(found) = find(&CellId::Table(table.clone())) {
                return Some((CellId::Table(table.clone()), found));
            }
            (&mut table.row, &mut table.occurrence)
        }
        CellId::Field(field) if field.id_column == field.column => (&mut field.id, &mut field.occurrence),
        CellId::Table(_) | CellId::Field(_) | CellId::Box(_) => {
            let found = find(&cell)?;
            return Some((cell, found));
        }
    };
    write.clone_into(key);
    *occurrence = 0;
    let found = find(&cell)?;
    Some((cell, found))
}

/// The patch that puts an earlier time's bytes back, where what replaced them still stands.
fn put_back(doc: &Document, cell: &CellId, exact: &Exact) -> Option<Patch> {
    let found = doc.find(cell).ok()?;
    let start = found.span.start.checked_sub(exact.lead)?;
    let span = start..start + exact.there.len();
    (doc.bytes().get(span.clone())? == exact.there.as_bytes())
        .then(|| Patch::one(span, exact.back.clone().into_bytes()))
}

/// Whether nothing but what creation wrote besides the addition is left.
fn is_bare(doc: &Document, addition: &Addition) -> bool {
    match addition {
        Addition::Line { .. } => doc.bytes().is_empty(),
        Addition::Record { .. } => doc.csv().is_none_or(|csv| csv.records() == 0),
    }
}

fn addition_address(addition: &Addition) -> serde_json::Value {
    match addition {
        Addition::Line { heading, .. } => serde_json::json!({"heading": heading, "append": "line"}),
        Addition::Record { .. } => serde_json::json!({"append": "record"}),
    }
}

fn addition_text(addition: &Addition) -> String {
    match addition {
        Addition::Line { text, .. } => text.clone(),
        Addition::Record { fields, .. } => fields.join(","),
    }
}
