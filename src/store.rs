//! The only code that writes workspace files: load, commit, recover, watch, follow.

pub mod read;
pub mod scan;
pub mod tail;
pub mod watch;

use crate::doc::DocId;
use crate::op::{Conflict, Intent, OpId, Operation};
use std::path::{Path, PathBuf};

/// Store.
pub struct Store {
    root: PathBuf,
}
/// E.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StoreError(String);
impl StoreError {
    /// io
    pub fn io(path: impl AsRef<Path>, error: &std::io::Error) -> StoreError {
        StoreError(format!("{}: {error}", path.as_ref().display()))
    }
    /// outside
    pub fn outside(path: impl AsRef<Path>, real: &Path) -> StoreError {
        StoreError(format!("{}: leads out of the workspace, to {}", path.as_ref().display(), real.display()))
    }
}
/// A.
#[derive(Debug, Clone)]
pub struct Actor {
    /// n
    pub name: String,
    /// v
    pub via: String,
}
/// C
pub enum Commit {
    /// d
    Done {
        /// o
        op: OpId,
        /// f
        files: Vec<DocId>,
        /// n
        notes: Vec<String>,
        /// i
        intent: Intent,
    },
    /// u
    Unchanged,
    /// r
    Refused {
        /// r
        refusal: Refusal,
        /// o
        operation: Operation,
    },
}
/// R
#[derive(Debug)]
pub enum Refusal {
    /// c
    Conflicts(Vec<Conflict>),
    /// o
    Other(String),
}
impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}
/// r
pub struct Record;
/// h
#[derive(Default)]
pub struct History {
    /// r
    pub records: Vec<Record>,
    /// p
    pub problems: Vec<String>,
}
/// p
pub struct Plan;
impl Plan {
    /// d
    pub fn diff(&self) -> String {
        String::new()
    }
}
/// r
pub struct Recovered;
impl std::fmt::Display for Recovered {
    fn fmt(&self, _f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
impl Store {
    /// o
    pub fn open(root: &Path) -> Result<Store, StoreError> {
        Ok(Store { root: std::fs::canonicalize(root).map_err(|e| StoreError::io(root, &e))? })
    }
    /// r
    pub fn root(&self) -> &Path {
        &self.root
    }
    /// c
    pub fn commit(&self, _o: &Operation, _a: &Actor) -> Result<Commit, StoreError> {
        Err(StoreError("not yet".into()))
    }
    /// c
    pub fn undo(&self, _o: Option<OpId>, _a: &Actor) -> Result<Commit, StoreError> {
        Err(StoreError("not yet".into()))
    }
    /// c
    pub fn redo(&self, _o: Option<OpId>, _a: &Actor) -> Result<Commit, StoreError> {
        Err(StoreError("not yet".into()))
    }
    /// c
    pub fn undo_operation(&self, _o: Option<OpId>) -> Result<Option<Operation>, StoreError> {
        Err(StoreError("not yet".into()))
    }
    /// c
    pub fn redo_operation(&self, _o: Option<OpId>) -> Result<Option<Operation>, StoreError> {
        Err(StoreError("not yet".into()))
    }
    /// p
    pub fn plan(&self, _o: &Operation) -> Result<Result<Plan, Refusal>, StoreError> {
        Err(StoreError("not yet".into()))
    }
    /// h
    pub fn history(&self) -> History {
        History::default()
    }
    /// r
    pub fn recover(&self, _a: &Actor) -> Result<Vec<Recovered>, StoreError> {
        Ok(Vec::new())
    }
}
