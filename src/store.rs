//! The only code that writes workspace files: load, commit, recover, watch, follow.
//!
//! One operation: take the lock; finish or take back what a crash left; plan on freshly read documents; write the intent
//! durably; replace the documents; append to the journal; forget the intent. Only then it is done.

mod append;
mod commit;
mod error;
mod extend;
mod lease;
mod leftover;
mod look;
mod made;
mod output;
mod read;
mod recover;
mod replace;
pub(crate) mod rollout;
mod scan;
mod settings;
mod state;
pub(crate) mod stream;
pub mod tail;
pub mod watch;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use crate::op::{Plan, Record, Refusal};
pub use error::{ErrorKind, StoreError};
pub use extend::OutputLock;
pub use recover::Recovered;
pub use settings::read_user_file;
pub use state::Journal;

use crate::doc::DocId;
use crate::op::{self, Intent, Mode, OpId, Operation, history};
use crate::sys::file;
use error::At;
use state::State;

/// The files of one workspace.
#[derive(Debug, Clone)]
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
        let real = file::canonical(root).at(root)?;
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
        self.state.journal().unwrap_or_else(|error| Journal { records: Vec::new(), problems: vec![error.to_string()] })
    }

    /// Whether anything can be written here: without the root, in which the state folder lies, nothing can.
    pub fn check_root(&self) -> Result<(), StoreError> {
        replace::check_folder(&self.root)
    }

    /// Whether a document that is there could be replaced now; if not, why, in the words that an edit would be refused with.
    pub fn check_editable(&self, id: &DocId) -> Result<(), StoreError> {
        replace::check_editable(&self.place_of(id)?)
    }

    /// What restricts writing here, as sentences for the operator.
    pub fn restrictions(&self) -> Vec<String> {
        let mut said = Vec::new();
        if let Err(error) = self.check_root() {
            said.push(format!("{error}; reading works, ticking and editing do not"));
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
        // A history that cannot be read is not an empty one.
        let records = self.state.journal()?.records;
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
        if !self.state.exists()? {
            // Nothing was ever done here; an operation that was asked for by its number is named as missing.
            return choose(self).map(|_| Commit::Unchanged);
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
        let (recovered, mut notes) = self.recover_locked()?;
        leftover::sweep(&self.state);
        notes.extend(recovered.iter().map(Recovered::to_string));
        Ok(notes)
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

    /// The real path of a document, or where an absent one would be created: never outside the root, never among the
    /// files of git or of codex-tui itself.
    fn place_of(&self, id: &DocId) -> Result<PathBuf, StoreError> {
        let path = self.place_in_root(id)?;
        // On macOS and Windows `.GIT` is the same folder.
        let own = |part: std::path::Component<'_>| {
            [".git", state::FOLDER].iter().any(|own| part.as_os_str().eq_ignore_ascii_case(own))
        };
        if path.strip_prefix(&self.root).is_ok_and(|inside| inside.components().any(own)) {
            let why = "belongs to git or to codex-tui itself".to_owned();
            return Err(StoreError::new(ErrorKind::Outside, path, why, "only documents of the workspace are edited"));
        }
        Ok(path)
    }

    fn place_in_root(&self, id: &DocId) -> Result<PathBuf, StoreError> {
        if let Some(path) = self.resolve(id)? {
            return Ok(path);
        }
        let path = self.root.join(id.as_str());
        if fs::symlink_metadata(&path).is_ok() {
            let why = "is a link to nothing".to_owned();
            return Err(StoreError::new(ErrorKind::Io, path, why, "repair or remove the link"));
        }
        if let Some(part) = id.as_str().split('/').find(|part| !file::is_name(part)) {
            let why = format!("{part:?} cannot be the name of a file or folder on this system");
            return Err(StoreError::new(ErrorKind::Special, path, why, "choose another name"));
        }
        let mut folder = path.parent();
        while let Some(dir) = folder {
            match file::canonical(dir) {
                Ok(real) if real.starts_with(&self.root) => {
                    return Ok(path.strip_prefix(dir).map(|rest| real.join(rest)).unwrap_or(path));
                }
                Ok(real) => return Err(StoreError::outside(path, &real)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => folder = dir.parent(),
                Err(error) => return Err(StoreError::io(dir, &error)),
            }
        }
        Ok(path)
    }
}
