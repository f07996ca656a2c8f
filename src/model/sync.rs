//! Whether the documents agree: which id stands where, and what is missing, contradictory or dead. Pure. The rules are
//! listed in `docs/DOCSYNC.md`.

mod check;
mod cited;
mod damage;
mod fields;
mod fix;
mod matrix;
mod missing;
mod text;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};

pub use damage::name_tasks;
pub use fix::{Clash, mend};
pub use matrix::{Matrix, Place, SyncRow, is_only_talk, same_cards};
pub use missing::repeated_ids;

use check::Check;

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
        let matrix = Matrix::project(&input, cancel);
        let mut check = Check::new(input, exists);
        let delivered: HashSet<Cow<'_, str>> = input.tasks.delivered().filter_map(|row| row.id()).collect();
        for task in input.tasks.iter() {
            if task.index() % 256 == 0 && cancel.load(Ordering::Relaxed) {
                return Sync::default();
            }
            check.missing(task, !delivered.is_empty() && delivered.contains(&task.id()));
            if task.rows().len() > 1 {
                check.repeated(task);
                check.fields(task);
            }
            let judged = check.plan_links(task);
            check.artifacts(task, judged);
        }
        check.damaged_rows();
        check.unknown_cards(&matrix);
        let (findings, totals, cited) = check.finish();
        Sync { matrix, findings, totals, cards: matrix::cards(input.sessions), cited }
    }
}

#[cfg(test)]
mod tests;
