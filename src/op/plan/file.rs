//! What an operation makes of one document, and what takes that back.

use std::ops::Range;
use std::sync::Arc;

use super::{FilePlan, Mode, Refusal};
use crate::doc::cell::End;
use crate::doc::{Addition, CellId, DocId, Document, FindError, Found, Inserted, Patch, create};
use crate::op::{Change, Conflict, Edit, EditRecord, Exact, Gap};

/// Plans the edits of one document: cells first, all on the same bytes, then additions and removals one by one.
pub(super) struct FilePlanner<'a> {
    pub(super) doc: &'a DocId,
    before: Option<Arc<Document>>,
    pub(super) now: Option<Arc<Document>>,
    lenient: bool,
    mode: Mode,
    /// It takes an operation back, or may do so: a text that stood there before need not be a good one.
    back: bool,
    begun: Option<Vec<usize>>,
    pub(super) records: Vec<EditRecord>,
    pub(super) inverse: Vec<Edit>,
    pub(super) held: Vec<usize>,
    pub(super) folders: usize,
}

impl<'a> FilePlanner<'a> {
    pub(super) fn new(
        doc: &'a DocId,
        before: Option<Arc<Document>>,
        mode: Mode,
        lenient: bool,
        back: bool,
        begun: Option<Vec<usize>>,
    ) -> FilePlanner<'a> {
        let now = before.clone();
        let (records, inverse, held) = (Vec::new(), Vec::new(), Vec::new());
        FilePlanner { doc, before, now, mode, lenient, back, begun, records, inverse, held, folders: 0 }
    }

    pub(super) fn plan(&mut self, changes: &[&Change]) -> Result<(), Refusal> {
        if let Some(whole) = self.whole(changes)? {
            return self.plan_whole(whole);
        }
        self.cells(changes)?;
        let mut at = 0;
        for change in changes {
            match change {
                Change::Set { .. } => {}
                Change::Add { addition, gap } => {
                    self.add(addition, gap.as_ref(), at)?;
                    at += 1;
                }
                Change::TakeOut { addition, inserted, created, folders } => {
                    self.take_out(addition, inserted.as_ref(), *created, at)?;
                    self.folders = *folders;
                    at += 1;
                }
                // As it is in every planning of the operation, it takes no part in the counts.
                Change::Rewrite { expect, write, .. } if expect == write => {}
                Change::Rewrite { expect, write, occurrence } => {
                    self.rewrite(expect, write, *occurrence, at)?;
                    at += 4;
                }
            }
        }
        Ok(())
    }

    pub(super) fn find_error(&self, error: FindError) -> Refusal {
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
            && let Ok(after) = doc.apply_checked(&patch, &values).or_else(|_| doc.apply_checked(&patch, &[]))
            && values.iter().all(|(cell, write)| renamed(doc, &after, cell, write).is_some())
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
        let found = renamed(before, after, cell, write);
        let Some((cell, found)) = found else {
            let why = "the new value could not be found again".to_owned();
            return Err(self.find_error(FindError::Refused(why)));
        };
        let undo = patch.invert(before.bytes());
        let bytes = after.bytes();
        let blank = |span: Range<usize>| bytes.get(span).is_some_and(|text| text.iter().all(|b| b" \t".contains(b)));
        // A cell that was cleared may be found beside the blanks that are left of it.
        let exact = undo.splices().iter().find_map(|splice| {
            let span = splice.span.start.min(found.span.start)..splice.span.end.max(found.span.end);
            let (front, behind) = (span.start..splice.span.start, splice.span.end..span.end);
            let beside = blank(front.clone()) && blank(behind.clone());
            let back = [&bytes[front], &splice.new, &bytes[behind]].concat();
            Some(Exact {
                lead: found.span.start - span.start,
                there: std::str::from_utf8(&bytes[span]).ok().filter(|_| beside)?.to_owned(),
                back: String::from_utf8(back).ok()?,
            })
        });
        Ok(Change::Set { cell, expect: found.value, write: old.to_owned(), exact })
    }

    /// Whether the addition or removal at `at` was done when the operation was begun.
    pub(super) fn was_done(&self, at: usize, holds: usize, adds: bool) -> bool {
        let before = self.begun.as_ref().and_then(|held| held.get(at));
        before.is_some_and(|&before| if adds { holds > before } else { holds < before })
    }

    fn add(&mut self, addition: &Addition, gap: Option<&Gap>, at: usize) -> Result<(), Refusal> {
        let holds = self.now.as_ref().map_or(0, |doc| doc.holds(addition));
        if self.was_done(at, holds, true) {
            return Ok(());
        }
        self.held.push(holds);
        let (inserted, created, after) = match &self.now {
            Some(doc) => {
                let (patch, after) = match gap.and_then(|gap| filled(doc, addition, gap)) {
                    Some(filled) => filled,
                    None => {
                        let patch = doc.add(addition).map_err(|error| self.find_error(error))?;
                        let after = doc.apply_checked(&patch, &[]).map_err(|error| self.find_error(error))?;
                        (patch, after)
                    }
                };
                (written_by(doc, &patch), false, after)
            }
            None => {
                let bytes = match create(addition) {
                    Ok(bytes) => bytes,
                    Err(_) if !matches!(addition, Addition::Record { .. } | Addition::Document { .. }) => {
                        return Err(Refusal::Missing { doc: self.doc.clone() });
                    }
                    Err(error) => return Err(self.find_error(error)),
                };
                let text = String::from_utf8(bytes.clone()).ok().map(Inserted::Text);
                (text, true, Document::parse(self.doc.clone(), bytes))
            }
        };
        if after.holds(addition) != holds + 1 {
            let why = "the added text does not read back as one line, record or value".to_owned();
            return Err(self.find_error(FindError::Refused(why)));
        }
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
        inserted: Option<&Inserted>,
        created: bool,
        at: usize,
    ) -> Result<(), Refusal> {
        let holds = self.now.as_ref().map_or(0, |doc| doc.holds(addition));
        if self.was_done(at, holds, false) {
            return Ok(());
        }
        self.held.push(holds);
        let Some(doc) = &self.now else {
            return Err(Refusal::Conflicts(vec![self.gone(addition)]));
        };
        let patch = match doc.take_out(addition, inserted) {
            Ok(patch) => patch,
            Err(FindError::NoMatch(_)) => return Err(Refusal::Conflicts(vec![self.gone(addition)])),
            Err(error) => return Err(self.find_error(error)),
        };
        let after = doc.apply(&patch);
        if after.holds(addition) + 1 != holds {
            let why = "it cannot be taken out without changing what stands around it".to_owned();
            return Err(self.find_error(FindError::Refused(why)));
        }
        let goes = created && is_bare(&after, addition);
        let gap = Gap::left_by(doc, &patch);
        let back = Change::Add { addition: addition.clone(), gap };
        self.inverse.insert(0, Edit { doc: self.doc.clone(), change: back });
        self.records.push(EditRecord { at: addition_address(addition), old: Some(addition_text(addition)), new: None });
        self.now = if goes { None } else { Some(Arc::new(after)) };
        Ok(())
    }

    fn rewrite(&mut self, expect: &str, write: &str, occurrence: usize, at: usize) -> Result<(), Refusal> {
        let Some(doc) = self.now.clone() else { return Err(Refusal::Missing { doc: self.doc.clone() }) };
        let there = [doc.wholes(expect).len(), doc.wholes(write).len()];
        let done = || stands_rewritten(&doc, expect, write, occurrence);
        let begun = self.begun.as_ref().and_then(|held| held.get(at..at + 4));
        let begun = begun.map(|held| [[held[0], held[1]], [held[2], held[3]]]);
        if let Some([before, after]) = begun {
            let moved = |which: usize| toward(before[which], there[which], after[which]);
            if (moved(0) || moved(1)) && done() {
                return Ok(());
            }
            if moved(0) {
                return Err(Refusal::Conflicts(vec![self.unfound(expect, write)]));
            }
        }
        let patch = if self.back {
            doc.rewrite_back(expect, occurrence, write)
        } else {
            doc.rewrite(expect, occurrence, write)
        };
        let patch = match patch {
            Ok(patch) => patch,
            Err(FindError::NoMatch(_)) if self.mode == Mode::Resumed && done() => return Ok(()),
            Err(FindError::NoMatch(_)) => return Err(Refusal::Conflicts(vec![self.unfound(expect, write)])),
            Err(error) => return Err(self.find_error(error)),
        };
        let after = doc.apply(&patch);
        let written = after.wholes(write);
        let start = patch.splices().first().map(|splice| splice.span.start);
        let Some(occurrence) = written.iter().position(|place| Some(*place) == start) else {
            let why = "the new text could not be found again".to_owned();
            return Err(self.find_error(FindError::Refused(why)));
        };
        self.held.extend(there.into_iter().chain([after.wholes(expect).len(), written.len()]));
        let back = Change::Rewrite { expect: write.to_owned(), write: expect.to_owned(), occurrence };
        self.inverse.insert(0, Edit { doc: self.doc.clone(), change: back });
        self.records.push(EditRecord {
            at: serde_json::json!({"rewrite": "row"}),
            old: Some(expect.to_owned()),
            new: Some(write.to_owned()),
        });
        self.now = Some(Arc::new(after));
        Ok(())
    }

    fn unfound(&self, expect: &str, write: &str) -> Conflict {
        Conflict {
            doc: self.doc.clone(),
            cell: None,
            line: None,
            base: expect.to_owned(),
            theirs: None,
            mine: write.to_owned(),
        }
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

    pub(super) fn finish(self) -> Option<FilePlan> {
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

/// What the patch of an addition wrote, and what it replaced.
fn written_by(doc: &Document, patch: &Patch) -> Option<Inserted> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
    let new = text(patch.splices().iter().flat_map(|splice| splice.new.clone()).collect())?;
    match patch.splices() {
        [one] if !one.span.is_empty() => {
            let back = text(doc.bytes()[one.span.clone()].to_vec())?;
            Some(Inserted::Instead { text: new, back })
        }
        _ => Some(Inserted::Text(new)),
    }
}

/// Whether `write` stands where the place `occurrence` of `expect` was: behind as many other places of it.
fn stands_rewritten(doc: &Document, expect: &str, write: &str, occurrence: usize) -> bool {
    let left = doc.wholes(expect);
    doc.wholes(write).iter().any(|place| left.partition_point(|other| other < place) == occurrence)
}

/// Whether a count has gone from `before` in the direction of `after`.
fn toward(before: usize, now: usize, after: usize) -> bool {
    (after < before && now < before) || (after > before && now > before)
}

/// Where the cell is found after `write` was put into it: a cell that names its own row or record has a new address.
fn renamed(before: &Document, after: &Document, cell: &CellId, write: &str) -> Option<(CellId, Found)> {
    let mut cell = cell.clone();
    let (key, occurrence) = match &mut cell {
        CellId::Table(table) if table.key_column.as_ref().is_none_or(|key| *key == table.column) => {
            // Without a key column the first header names the rows; whether this column is it, finding tells.
            if let Ok(found) = after.find(&CellId::Table(table.clone())) {
                return Some((CellId::Table(table.clone()), found));
            }
            (&mut table.row, &mut table.occurrence)
        }
        CellId::Field(field) if field.id_column == field.column => (&mut field.id, &mut field.occurrence),
        CellId::Path(path) => {
            let cell = CellId::Path(before.renamed_path(after, path)?);
            let found = after.find(&cell).ok()?;
            return Some((cell, found));
        }
        CellId::Table(_) | CellId::Field(_) | CellId::Box(_) => {
            let found = after.find(&cell).ok()?;
            return Some((cell, found));
        }
    };
    write.clone_into(key);
    *occurrence = 0;
    let found = after.find(&cell).ok()?;
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

/// The document with what was once taken out of it back where it was, if that place can be told and it reads back.
fn filled(doc: &Document, addition: &Addition, gap: &Gap) -> Option<(Patch, Document)> {
    let patch = gap.fill(doc)?;
    let after = doc.apply_checked(&patch, &[]).ok()?;
    (after.holds(addition) == doc.holds(addition) + 1).then_some((patch, after))
}

/// Whether nothing but what creation wrote besides the addition is left. A header that somebody changed is theirs.
fn is_bare(doc: &Document, addition: &Addition) -> bool {
    let without = |bytes: Vec<u8>| {
        let created = Document::parse(doc.id().clone(), bytes);
        created.take_out(addition, None).ok().map(|patch| patch.apply(created.bytes()))
    };
    doc.bytes().is_empty() || create(addition).ok().and_then(without).is_some_and(|left| left == doc.bytes())
}

pub(super) fn addition_address(addition: &Addition) -> serde_json::Value {
    match addition {
        Addition::Line { heading, .. } => serde_json::json!({"heading": heading, "append": "line"}),
        Addition::Record { .. } => serde_json::json!({"append": "record"}),
        Addition::Row { heading, table: 0, .. } => serde_json::json!({"heading": heading, "append": "row"}),
        Addition::Row { heading, table, .. } => {
            serde_json::json!({"heading": heading, "table": table, "append": "row"})
        }
        Addition::Item { at, end: End::End, .. } => serde_json::json!({"at": at, "append": "item"}),
        Addition::Item { at, end: End::Start, .. } => serde_json::json!({"at": at, "insert": "item"}),
        Addition::Entry { at, key, .. } => serde_json::json!({"at": at, "insert": "key", "key": key}),
        Addition::Document { .. } => serde_json::json!({"create": "document"}),
    }
}

pub(super) fn addition_text(addition: &Addition) -> String {
    match addition {
        Addition::Line { text, .. } => text.clone(),
        Addition::Record { fields, .. } => fields.join(","),
        Addition::Row { cells, .. } => cells.join(" | "),
        Addition::Item { text, .. } | Addition::Entry { text, .. } | Addition::Document { text } => text.clone(),
    }
}
