//! What the front ends see: the documents at one moment and everything projected from them.

use std::path::PathBuf;
use std::sync::Arc;

use crate::doc::{DocId, Snapshot};
use crate::model::checklist::Checklist;
use crate::model::plan::Plan;
use crate::model::session::SessionLog;
use crate::model::sync::Sync;
use crate::model::task::TaskList;
use crate::model::timeline::Timeline;
use crate::workspace::{Config, Workspace};

/// Everything at one moment; immutable, cheap to clone, shared with the drawing side.
#[derive(Clone, Default)]
pub struct View {
    /// Absolute root of the workspace.
    pub root: PathBuf,
    /// Counts up with every change; equal generations are equal views.
    pub generation: u64,
    /// How far loading has come.
    pub stage: Stage,
    /// The configuration in force.
    pub config: Arc<Config>,
    /// Which document is where.
    pub workspace: Arc<Workspace>,
    /// The recognised documents.
    pub snapshot: Snapshot,
    /// Tasks of boards, backlog and plans.
    pub tasks: Arc<TaskList>,
    /// Checklists, with their state in the active session.
    pub checklists: Arc<Vec<Checklist>>,
    /// Plans.
    pub plans: Arc<Vec<Plan>>,
    /// Session logs, oldest first; the last one is the active session.
    pub sessions: Arc<Vec<SessionLog>>,
    /// All dated events.
    pub timeline: Arc<Timeline>,
    /// Whether the documents agree; comes a moment after the documents, and may be of the state before.
    pub sync: Arc<Sync>,
    /// Markdown and text documents that the document browser offers, sorted.
    pub library: Arc<Vec<DocId>>,
    /// Operations, newest last.
    pub history: Arc<Vec<Operated>>,
    /// Things the operator must know until they are mended: polling instead of watching, a failed save, a damaged
    /// journal.
    pub notices: Arc<Vec<Notice>>,
    /// Damaged places in the recognised documents: document and number of problems.
    pub damaged: Arc<Vec<(DocId, usize)>>,
}

/// How far a view has been loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// Nothing yet.
    #[default]
    Empty,
    /// The boards.
    Board,
    /// All recognised documents.
    Full,
}

/// A standing message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whether something is at stake.
    pub severity: crate::doc::Severity,
    /// One sentence: what, why, how to mend it.
    pub text: String,
}

/// One operation of the history, as the front ends show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operated {
    /// Its number.
    pub op: crate::op::OpId,
    /// When, RFC 3339 with offset.
    pub at: String,
    /// Who.
    pub actor: String,
    /// Which verb.
    pub verb: String,
    /// One line: what was meant.
    pub intent: String,
    /// The operation it takes back.
    pub undoes: Option<crate::op::OpId>,
    /// Whether a later operation took it back.
    pub undone: bool,
    /// Documents and their edits.
    pub files: Vec<OperatedFile>,
}

/// What an operation did to one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatedFile {
    /// The document.
    pub doc: DocId,
    /// The edits: where (address as JSON), old and new text.
    pub edits: Vec<OperatedEdit>,
}

/// One edit of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatedEdit {
    /// Address, as JSON text.
    pub at: serde_json::Value,
    /// Text before, none for an addition.
    pub old: Option<String>,
    /// Text after, none for a removal.
    pub new: Option<String>,
}
