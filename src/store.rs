//! The only code that writes workspace files: load, commit, recover, watch, follow.
//!
//! One operation: take the lock; finish or take back what a crash left; plan on freshly read documents; write the intent
//! durably; replace the documents; append to the journal; forget the intent. Only then it is done.

mod error;
mod lease;
pub mod read;
mod recover;
mod replace;
pub mod scan;
mod state;
pub mod tail;
pub mod watch;

use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Local;

pub use crate::op::{Plan, Record, Refusal};
pub use error::{ErrorKind, StoreError};
pub use recover::Recovered;
pub use state::Journal;

use crate::doc::{DocId, Document};
use crate::op::{self, FilePlan, FileRecord, Intent, Mode, OpId, Operation, history};
use error::At;
use replace::{Replaced, Target};
use state::State;

/// How often an operation is planned anew because a document changed under it.
const ATTEMPTS: usize = 50;

/// The files of one workspace.
#[derive(Debug)]
pub struct Store {
    root: PathBuf,
    state: State,
}

/// Who does something, for the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Name of the operator.
    pub name: String,
    /// Front end: `cockpit` or `cli`.
    pub via: String,
}

/// What came of an operation.
#[derive(Debug)]
pub enum Commit {
    /// It is durable.
    Done {
        /// Its number.
        op: OpId,
        /// What it meant.
        intent: Intent,
        /// The documents that changed.
        files: Vec<DocId>,
        /// What the operator should know besides.
        notes: Vec<String>,
    },
    /// Everything stood as asked.
    Unchanged,
    /// It cannot be done as it stands; nothing was changed.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The operation.
        operation: Operation,
    },
}

impl Store {
    /// Opens the workspace at `root`. Writes nothing: the state folder comes with the first operation.
    pub fn open(root: &Path) -> Result<Store, StoreError> {
        let real = fs::canonicalize(root).at(root)?;
        if !real.is_dir() {
            let why = "is not a folder".to_owned();
            return Err(StoreError::new(
                ErrorKind::Io,
                root,
                why,
                "give the folder that holds the documents (--root DIR)",
            ));
        }
        Ok(Store { state: State::of(&real), root: real })
    }

    /// The root, absolute, without links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Plans an operation on the documents as they are now; writes nothing.
    pub fn plan(&self, operation: &Operation) -> Result<Result<Plan, Refusal>, StoreError> {
        self.plan_as(operation, Mode::Fresh, |_| None)
    }

    /// Does an operation, durably and entirely, or not at all.
    pub fn commit(&self, operation: &Operation, actor: &Actor) -> Result<Commit, StoreError> {
        self.state.prepare()?;
        let _lock = self.state.lock(actor)?;
        let mut notes = self.settle()?;
        self.commit_locked(operation, actor, &mut notes)
    }

    /// Takes back an operation: that one, or the newest that can be.
    pub fn undo(&self, op: Option<OpId>, actor: &Actor) -> Result<Commit, StoreError> {
        self.commit_chosen(|store| store.undo_operation(op), actor)
    }

    /// Takes back an undo: that one, or the newest that can be.
    pub fn redo(&self, op: Option<OpId>, actor: &Actor) -> Result<Commit, StoreError> {
        self.commit_chosen(|store| store.redo_operation(op), actor)
    }

    /// The operation that undo would commit; none when there is nothing to undo.
    pub fn undo_operation(&self, op: Option<OpId>) -> Result<Option<Operation>, StoreError> {
        self.chosen(op, history::to_undo)
    }

    /// The operation that redo would commit; none when there is nothing to redo.
    pub fn redo_operation(&self, op: Option<OpId>) -> Result<Option<Operation>, StoreError> {
        self.chosen(op, history::to_redo)
    }

    /// The finished operations, oldest first, and what is damaged in the journal. Needs no lock and no writable folder.
    pub fn history(&self) -> Journal {
        self.state.journal()
    }

    /// What restricts writing here, as sentences for the operator.
    pub fn restrictions(&self) -> Vec<String> {
        let mut said = Vec::new();
        if let Err(error) = replace::check_folder(&self.root) {
            said.push(format!("{error}; reading works, ticking and editing do not"));
        }
        if !cfg!(target_os = "linux") {
            said.push("this system cannot exchange two files: a write at the very same instant may be lost".to_owned());
        }
        if self.state.is_pending() {
            said.push("an operation was interrupted; `codex-tui recover` or the next edit finishes it".to_owned());
        }
        if let Ok(kept) = fs::read_dir(self.state.displaced()) {
            let kept = kept.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("kept-")).count();
            if kept > 0 {
                said.push(format!(
                    "{kept} versions that others wrote at the very same instant are kept in {}; compare and remove them",
                    self.state.displaced().display()
                ));
            }
        }
        said
    }

    fn chosen(
        &self,
        op: Option<OpId>,
        newest: impl Fn(&[Record]) -> Option<&Record>,
    ) -> Result<Option<Operation>, StoreError> {
        let records = self.state.journal().records;
        let Some(op) = op else { return Ok(newest(&records).map(Record::undo)) };
        let Some(at) = records.iter().position(|record| record.op == op) else {
            let why = format!("there is no operation {op}");
            return Err(StoreError::new(ErrorKind::State, self.state.dir(), why, "`codex-tui history` lists them"));
        };
        if history::undone(&records)[at] {
            return Ok(None);
        }
        Ok(Some(records[at].undo()))
    }

    fn commit_chosen(
        &self,
        choose: impl Fn(&Store) -> Result<Option<Operation>, StoreError>,
        actor: &Actor,
    ) -> Result<Commit, StoreError> {
        if !self.state.exists() {
            return Ok(Commit::Unchanged);
        }
        self.state.prepare()?;
        let _lock = self.state.lock(actor)?;
        let mut notes = self.settle()?;
        match choose(self)? {
            Some(operation) => self.commit_locked(&operation, actor, &mut notes),
            None => Ok(Commit::Unchanged),
        }
    }

    /// Finishes or takes back what a crash left, and looks again at displaced files. Under the lock.
    fn settle(&self) -> Result<Vec<String>, StoreError> {
        let recovered = self.recover_locked()?;
        replace::sweep(&self.state);
        Ok(recovered.iter().map(Recovered::to_string).collect())
    }

    fn commit_locked(
        &self,
        operation: &Operation,
        actor: &Actor,
        notes: &mut Vec<String>,
    ) -> Result<Commit, StoreError> {
        for _ in 0..ATTEMPTS {
            let plan = match self.plan_as(operation, Mode::Fresh, |_| None)? {
                Ok(plan) => plan,
                Err(refusal) => return Ok(Commit::Refused { refusal, operation: operation.clone() }),
            };
            if plan.files.is_empty() {
                return Ok(Commit::Unchanged);
            }
            for file in &plan.files {
                self.check(file)?;
            }
            let op = OpId(self.state.last_op()? + 1);
            let mut record = self.record(op, operation, &plan, actor);
            self.state.begin(&record)?;
            match self.place(&plan.files, notes) {
                Ok(true) => {
                    record.inverse = inverse(&plan.files);
                    self.state.append(&record)?;
                    self.state.clear_pending()?;
                    let files = plan.files.iter().map(|file| file.doc.clone()).collect();
                    let notes = std::mem::take(notes);
                    return Ok(Commit::Done { op, intent: operation.intent.clone(), files, notes });
                }
                // Somebody wrote to one of the documents: what was placed is taken back, and all is planned anew.
                Ok(false) => self.state.clear_pending()?,
                Err(error) => {
                    return Err(match self.recover_locked() {
                        Ok(_) => error.and("what was begun was taken back or finished"),
                        Err(_) => error.and("what was begun is finished or taken back at the next start"),
                    });
                }
            }
        }
        let why = "other writers kept changing the documents".to_owned();
        Err(StoreError::new(ErrorKind::Busy, &self.root, why, "try again when they have finished; nothing was changed"))
    }

    /// Puts all files in place. False when a document had moved: then those already placed are as they were before.
    fn place(&self, files: &[FilePlan], notes: &mut Vec<String>) -> Result<bool, StoreError> {
        for (number, file) in files.iter().enumerate() {
            let bytes = |doc: &Option<Arc<Document>>| doc.as_ref().map(|doc| doc.shared_bytes());
            let (old, new) = (bytes(&file.before), bytes(&file.after));
            let path = self.place_of(&file.doc)?;
            if old.is_none() {
                self.make_folders(&path)?;
            }
            let target = Target { state: &self.state, path: &path, number };
            match replace::replace(target, old.as_deref().map(Vec::as_slice), new.as_deref().map(Vec::as_slice))? {
                Replaced::Done(said) => notes.extend(said),
                Replaced::Moved => {
                    self.take_back(&files[..number])?;
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Takes back files that were placed, cell by cell.
    fn take_back(&self, files: &[FilePlan]) -> Result<(), StoreError> {
        for (number, file) in files.iter().enumerate().rev() {
            let edits = file.inverse.clone();
            let intent = Intent { verb: String::new(), summary: String::new() };
            let back = Operation { intent, edits, undoes: None };
            // A cell that refuses has been written by somebody else since: theirs stays.
            let _refused = self.place_resumed(&back, &file.doc, number, |_| None)?;
        }
        Ok(())
    }

    /// Places one document of an operation that was begun before; again when somebody writes to it meanwhile.
    fn place_resumed(
        &self,
        operation: &Operation,
        doc: &DocId,
        number: usize,
        held: impl Fn(&DocId) -> Option<Vec<usize>>,
    ) -> Result<Result<Option<FilePlan>, Refusal>, StoreError> {
        let edits = operation.edits.iter().filter(|edit| &edit.doc == doc).cloned().collect();
        let one = Operation { intent: operation.intent.clone(), edits, undoes: operation.undoes };
        for _ in 0..ATTEMPTS {
            let plan = match self.plan_as(&one, Mode::Resumed, &held)? {
                Ok(plan) => plan,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let Some(file) = plan.files.into_iter().next() else { return Ok(Ok(None)) };
            self.check(&file)?;
            let bytes = |doc: &Option<Arc<Document>>| doc.as_ref().map(|doc| doc.shared_bytes());
            let (old, new) = (bytes(&file.before), bytes(&file.after));
            let path = self.place_of(doc)?;
            if old.is_none() {
                self.make_folders(&path)?;
            }
            let target = Target { state: &self.state, path: &path, number };
            match replace::replace(target, old.as_deref().map(Vec::as_slice), new.as_deref().map(Vec::as_slice))? {
                Replaced::Done(_) => return Ok(Ok(Some(file))),
                Replaced::Moved => {}
            }
        }
        let why = "other writers kept changing it".to_owned();
        Err(StoreError::new(ErrorKind::Busy, self.root.join(doc.as_str()), why, "try again when they have finished"))
    }

    fn plan_as(
        &self,
        operation: &Operation,
        mode: Mode,
        held: impl Fn(&DocId) -> Option<Vec<usize>>,
    ) -> Result<Result<Plan, Refusal>, StoreError> {
        let mut failed = None;
        let planned = op::plan(
            operation,
            mode,
            |id| match self.load_for_edit(id) {
                Ok(doc) => doc,
                Err(error) => {
                    failed.get_or_insert(error);
                    None
                }
            },
            held,
        );
        match failed {
            Some(error) => Err(error),
            None => Ok(planned),
        }
    }

    fn record(&self, op: OpId, operation: &Operation, plan: &Plan, actor: &Actor) -> Record {
        let files = plan.files.iter().map(|file| FileRecord {
            file: file.doc.clone(),
            before: file.before_rev(),
            after: file.after_rev(),
            edits: file.edits.clone(),
            held: file.held.clone(),
        });
        Record {
            op,
            at: Local::now().fixed_offset(),
            actor: actor.name.clone(),
            via: actor.via.clone(),
            operation: operation.clone(),
            inverse: inverse(&plan.files),
            files: files.collect(),
        }
    }

    /// Checks that a file of a plan may be written.
    fn check(&self, file: &FilePlan) -> Result<(), StoreError> {
        let path = self.place_of(&file.doc)?;
        if file.before.is_some() {
            return replace::check_editable(&path);
        }
        let mut folder = path.parent();
        while let Some(dir) = folder {
            if dir.exists() {
                return replace::check_folder(dir);
            }
            folder = dir.parent();
        }
        Ok(())
    }

    /// The real path of a document, or where an absent one would be created: never outside the root.
    fn place_of(&self, id: &DocId) -> Result<PathBuf, StoreError> {
        if let Some(path) = self.resolve(id)? {
            return Ok(path);
        }
        let path = self.root.join(id.as_str());
        if fs::symlink_metadata(&path).is_ok() {
            let why = "is a link to nothing".to_owned();
            return Err(StoreError::new(ErrorKind::Io, path, why, "repair or remove the link"));
        }
        let mut folder = path.parent();
        while let Some(dir) = folder {
            match fs::canonicalize(dir) {
                Ok(real) if real.starts_with(&self.root) => return Ok(path),
                Ok(real) => return Err(StoreError::outside(path, &real)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => folder = dir.parent(),
                Err(error) => return Err(StoreError::io(dir, &error)),
            }
        }
        Ok(path)
    }

    fn make_folders(&self, path: &Path) -> Result<(), StoreError> {
        let Some(dir) = path.parent().filter(|dir| !dir.exists()) else { return Ok(()) };
        DirBuilder::new().recursive(true).create(dir).at(dir)?;
        let mut made = dir;
        while let Some(above) = made.parent().filter(|above| above.starts_with(&self.root)) {
            state::sync_dir(above)?;
            made = above;
        }
        Ok(())
    }
}

/// What takes all files of a plan back, the last first.
fn inverse(files: &[FilePlan]) -> Vec<op::Edit> {
    files.iter().rev().flat_map(|file| file.inverse.clone()).collect()
}
