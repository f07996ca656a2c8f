//! What the operator asks for, and what came of it.

use crate::doc::DocId;
use crate::model::checklist::{Mark, StepId};
use crate::op::{Conflict, OpId, Operation};

/// Something that writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Mark a checklist step: box, session log line and ledger row in one operation.
    Mark {
        /// The step.
        step: StepId,
        /// The state in which the operator saw it; a conflict when it differs by now.
        seen: crate::model::checklist::StepState,
        /// What it becomes.
        mark: Mark,
    },
    /// Commit this operation as it is (for example one that was rebased after a conflict).
    Commit(Operation),
    /// Commit this operation, which takes out rows, after the operator has typed how many.
    Confirmed {
        /// The operation.
        operation: Operation,
        /// The number that was typed; anything but [`Operation::removes`] is refused.
        rows: usize,
    },
    /// Take back an operation, the newest when none is named.
    Undo(Option<OpId>),
    /// Take back an undo.
    Redo(Option<OpId>),
}

/// What came of a [`Request`]. Everything but `Done` left every document as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Durable.
    Done {
        /// Its number in the history.
        op: OpId,
        /// One line for the operator: what was done.
        message: String,
        /// The documents that changed.
        files: Vec<DocId>,
        /// What the operator should know besides (extended attributes that could not be copied, ...).
        notes: Vec<String>,
    },
    /// Everything already stands as asked.
    Unchanged {
        /// One line for the operator.
        message: String,
    },
    /// Somebody changed the same cells meanwhile.
    Conflict {
        /// Each cell with base, theirs and mine.
        conflicts: Vec<Conflict>,
        /// The operation that would overwrite theirs: the refused one, with their values as expectation.
        mine: Operation,
    },
    /// Refused: what, where, why and how to mend it.
    Refused {
        /// The message.
        message: String,
    },
    /// The session's level does not permit to write.
    Forbidden {
        /// Why, and what permits it.
        message: String,
        /// The session's log, which says so.
        log: DocId,
    },
    /// The document cannot be edited there: damaged, not UTF-8, or of a format without cells.
    Damaged {
        /// What, where, why and how to mend it.
        message: String,
    },
    /// An I/O error; nothing was changed.
    Failed {
        /// What, where, why and how to mend it.
        message: String,
    },
}
