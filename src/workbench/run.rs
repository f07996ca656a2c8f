//! Runs a request, or shows what it would write: from request to operation, and from the store's answer to an outcome.

use std::sync::Arc;

use chrono::{Local, SecondsFormat};

use super::view::{Operated, OperatedEdit, OperatedFile};
use super::{Look, Outcome, Request, Workbench};
use crate::doc::{CellId, DocId, FindError};
use crate::model::checklist::mark::{Book, mark};
use crate::model::session::level;
use crate::op::{Change, Conflict, Edit, EditRecord, Intent, Operation, Record};
use crate::store::{Actor, Commit, Refusal, StoreError};
use crate::workspace::Role;

impl Workbench {
    /// Does what is asked for, durably, or nothing.
    pub fn run(&mut self, request: &Request, actor: &Actor) -> Outcome {
        if let Some(outcome) = self.unseeing(request) {
            return outcome;
        }
        if let Some(message) = unconfirmed(request) {
            return Outcome::Refused { message };
        }
        if let Some(outcome) = self.forbidden(request) {
            return outcome;
        }
        let done = match request {
            Request::Undo(op) => self.store.undo(*op, actor),
            Request::Redo(op) => self.store.redo(*op, actor),
            Request::Mark { .. } | Request::Commit(_) | Request::Confirmed { .. } => match self.operation(request) {
                Ok(Some(operation)) => self.store.commit(&operation, actor),
                Ok(None) => return Outcome::Unchanged { message: "nothing to do: it stands so already".to_owned() },
                Err(message) => return Outcome::Refused { message },
            },
        };
        let outcome = self.outcome(request, done);
        match &outcome {
            Outcome::Done { files, .. } => {
                self.refresh_ours(&files.iter().cloned().collect());
                self.read_history();
            }
            // The view was behind: what others wrote is shown with the conflict.
            Outcome::Conflict { conflicts, .. } => {
                self.refresh(&conflicts.iter().map(|conflict| conflict.doc.clone()).collect(), Look::Final);
            }
            Outcome::Unchanged { .. }
            | Outcome::Refused { .. }
            | Outcome::Forbidden { .. }
            | Outcome::Damaged { .. }
            | Outcome::Failed { .. } => {}
        }
        outcome
    }

    /// The unified diff that a request would make; the outcome that it would have when it would write nothing.
    pub fn preview(&self, request: &Request) -> Result<String, Outcome> {
        if let Some(outcome) = self.unseeing(request) {
            return Err(outcome);
        }
        let operation = match request {
            Request::Undo(op) => self.store.undo_operation(*op),
            Request::Redo(op) => self.store.redo_operation(*op),
            Request::Mark { .. } | Request::Commit(_) | Request::Confirmed { .. } => match self.operation(request) {
                Ok(operation) => Ok(operation),
                Err(message) => return Err(Outcome::Refused { message }),
            },
        };
        let nothing = || Outcome::Unchanged { message: "nothing to do".to_owned() };
        let operation = match operation {
            Ok(operation) => operation.ok_or_else(nothing)?,
            Err(error) => return Err(Outcome::Failed { message: error.to_string() }),
        };
        match self.store.plan(&operation) {
            Ok(Ok(plan)) => Ok(plan.diff()),
            Ok(Err(refusal)) => Err(refused(refusal, operation)),
            Err(error) => Err(Outcome::Failed { message: error.to_string() }),
        }
    }

    /// Why a step cannot be marked, if it cannot be told which documents it stands in.
    fn unseeing(&self, request: &Request) -> Option<Outcome> {
        match request {
            Request::Mark { .. } => self.blind().map(|message| Outcome::Failed { message }),
            Request::Commit(_) | Request::Confirmed { .. } | Request::Undo(_) | Request::Redo(_) => None,
        }
    }

    /// The operation of a request that makes one; none when everything stands as asked.
    fn operation(&self, request: &Request) -> Result<Option<Operation>, String> {
        let (step, seen, wanted) = match request {
            Request::Commit(operation) | Request::Confirmed { operation, .. } => return Ok(Some(operation.clone())),
            Request::Mark { step, seen, mark } => (step, *seen, mark),
            Request::Undo(_) | Request::Redo(_) => return Ok(None),
        };
        let list = self.view.checklists.iter().find(|list| list.doc == step.doc);
        let found = list.and_then(|list| list.step(step));
        let Some(found) = found else {
            return Err(format!(
                "{}: the step {:?} is no longer there; somebody changed the list",
                step.doc, step.text
            ));
        };
        let ledger_doc = self.ledger_doc().ok_or("codex-tui.toml: [documents] ledger must name a path without `*`")?;
        let book = Book {
            session: self.view.sessions.last(),
            ledger: &self.cache.ledger,
            ledger_doc: &ledger_doc,
            snapshot: &self.view.snapshot,
        };
        let now = Local::now().fixed_offset();
        mark(found, seen, wanted, book, now).map_err(|error| error.to_string())
    }

    /// The ledger: the one that is there, else the path at which it is created.
    fn ledger_doc(&self) -> Option<DocId> {
        let there = self.view.workspace.with_role(Role::Ledger).next().cloned();
        there.or_else(|| self.config().documents.ledger.iter().find_map(|pattern| pattern.literal()))
    }

    /// A request that writes one cell: what stands there now is expected, unless `expect` says otherwise.
    pub fn cell_request(
        &self,
        doc: &DocId,
        cell: &CellId,
        value: &str,
        expect: Option<&str>,
    ) -> Result<Request, Outcome> {
        let failed = |error: StoreError| Outcome::Failed { message: error.to_string() };
        let refuse = |error: FindError| refused_place(doc, &error);
        let Some(document) = self.store.load(doc).map_err(failed)? else {
            return Err(Outcome::Failed { message: format!("{doc}: there is no such document in the workspace") });
        };
        let found = document.find(cell).map_err(refuse)?;
        let write = document.canonical(cell, value);
        // A value that already stands there is no conflict, whatever was expected.
        let expect = if found.value == write { found.value } else { expect.map_or(found.value, str::to_owned) };
        let change = Change::Set { cell: cell.clone(), expect, write: value.to_owned(), exact: None };
        let at = serde_json::to_string(cell).unwrap_or_default();
        Ok(Request::Commit(Operation {
            intent: Intent { verb: "cell set".to_owned(), summary: format!("set {at} in {doc}") },
            edits: vec![Edit { doc: doc.clone(), change }],
            undoes: None,
        }))
    }

    /// Whether a cited path is there.
    pub fn exists(&self, path: &str) -> bool {
        DocId::new(path).is_ok_and(|id| self.store.exists(&id))
    }

    fn outcome(&self, request: &Request, done: Result<Commit, StoreError>) -> Outcome {
        match done {
            Ok(Commit::Done { op, files, notes, intent }) => {
                Outcome::Done { op, message: intent.summary, files, notes }
            }
            Ok(Commit::Unchanged) => Outcome::Unchanged {
                message: match request {
                    Request::Undo(_) => "nothing to undo".to_owned(),
                    Request::Redo(_) => "nothing to redo".to_owned(),
                    Request::Mark { .. } | Request::Commit(_) | Request::Confirmed { .. } => {
                        "nothing to do: it stands so already".to_owned()
                    }
                },
            },
            Ok(Commit::Refused { refusal, operation }) => refused(refusal, operation),
            Err(error) => Outcome::Failed { message: error.to_string() },
        }
    }

    /// Finishes or takes back what a crash interrupted; a sentence for each operation.
    pub fn recover(&self, actor: &Actor) -> Result<Vec<String>, StoreError> {
        let (recovered, notes) = self.store.recover(actor)?;
        Ok(recovered.iter().map(ToString::to_string).chain(notes).collect())
    }

    /// Finishes or takes back what a crash interrupted, at the start of the program; sentences for the operator. That it
    /// cannot be done (a read-only folder, say) is one of them.
    pub fn recover_at_start(&self, actor: &Actor) -> Vec<String> {
        match self.store.recover_at_start(actor) {
            Ok((recovered, notes)) => recovered.iter().map(ToString::to_string).chain(notes).collect(),
            Err(error) => vec![format!("an interrupted operation could not be finished: {error}")],
        }
    }

    /// Reads the history again.
    pub(super) fn read_history(&mut self) {
        let records = self.store.history().records;
        let undone = crate::op::history::undone(&records);
        let operated = records.iter().zip(undone).map(|(record, undone)| Operated { undone, ..operated(record) });
        self.view.history = Arc::new(operated.collect());
        self.view.grants = Arc::new(level::grants(&records));
    }

    /// What is damaged in the history.
    pub fn history_problems(&self) -> Vec<String> {
        self.store.history().problems
    }
}

/// Why a request that takes out rows has to be confirmed first, if so. Taking back what was done never has to be.
fn unconfirmed(request: &Request) -> Option<String> {
    let (operation, typed) = match request {
        Request::Commit(operation) => (operation, None),
        Request::Confirmed { operation, rows } => (operation, Some(*rows)),
        Request::Mark { .. } | Request::Undo(_) | Request::Redo(_) => return None,
    };
    let rows = operation.removes();
    if operation.undoes.is_some() || !operation.removes_many() || typed == Some(rows) {
        return None;
    }
    let mut docs: Vec<&str> = Vec::new();
    for edit in operation.edits.iter().filter(|edit| edit.removes_row()) {
        if !docs.contains(&edit.doc.as_str()) {
            docs.push(edit.doc.as_str());
        }
    }
    let docs = docs.join(" and ");
    let typed = typed.map_or_else(String::new, |typed| format!(", not {typed}"));
    Some(format!(
        "would remove {rows} rows of {docs}{typed}; nothing was changed; type the number to confirm, or `--confirm {rows}`"
    ))
}

fn refused(refusal: Refusal, operation: Operation) -> Outcome {
    match refusal {
        Refusal::Conflicts(conflicts) => {
            let mine = rebased(operation, &conflicts);
            Outcome::Conflict { conflicts, mine }
        }
        Refusal::Find { doc, error } => refused_place(&doc, &error),
        Refusal::Missing { .. } => Outcome::Failed { message: refusal.to_string() },
    }
}

fn refused_place(doc: &DocId, error: &FindError) -> Outcome {
    let message = format!("{doc}: {error}");
    match error {
        FindError::NoMatch(_) | FindError::Refused(_) => Outcome::Refused { message },
        FindError::NotEditable(_) => Outcome::Damaged { message },
    }
}

/// The operation with what stands there now as its expectation, and without the cells and lines that are gone.
fn rebased(mut operation: Operation, conflicts: &[Conflict]) -> Operation {
    operation.edits.retain_mut(|edit| {
        let (cell, expect) = match &mut edit.change {
            Change::Set { cell, expect, .. } => (cell, expect),
            Change::Add { .. } => return true,
            // What somebody else has taken out already is gone: nothing is left to take out. A document that somebody
            // has changed since it was created stays.
            Change::TakeOut { .. } => {
                return !conflicts.iter().any(|c| c.doc == edit.doc && c.cell.is_none() && c.mine.is_empty());
            }
            // The damaged text that somebody else has changed is not the one that this repair was made for.
            Change::Rewrite { expect, write, .. } => {
                let met = |c: &Conflict| c.doc == edit.doc && c.cell.is_none() && c.base == *expect && c.mine == *write;
                return !conflicts.iter().any(met);
            }
        };
        let met = conflicts.iter().find(|c| c.doc == edit.doc && c.cell.as_ref() == Some(&*cell));
        match met.map(|conflict| &conflict.theirs) {
            None => true,
            Some(Some(theirs)) => {
                *expect = theirs.clone();
                true
            }
            Some(None) => false,
        }
    });
    operation
}

fn operated(record: &Record) -> Operated {
    let edit = |edit: &EditRecord| OperatedEdit { at: edit.at.clone(), old: edit.old.clone(), new: edit.new.clone() };
    let files = record
        .files
        .iter()
        .map(|file| OperatedFile { doc: file.file.clone(), edits: file.edits.iter().map(edit).collect() });
    Operated {
        op: record.op,
        at: record.at.to_rfc3339_opts(SecondsFormat::Secs, false),
        actor: record.actor.clone(),
        via: record.via.clone(),
        verb: record.operation.intent.verb.clone(),
        intent: record.operation.intent.summary.clone(),
        undoes: record.operation.undoes,
        undone: false,
        files: files.collect(),
    }
}
