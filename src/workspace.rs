//! Which document is where: recognises the layout from what is there and from `codex-tui.toml`. Pure.

pub mod config;

use crate::doc::DocId;

/// What a document is to the workspace (`product.md` §1, layout *plans*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// `docs/taskboard/TaskBoard.csv`.
    TaskCsv,
    /// `docs/*TaskBoard.md`.
    Board,
    /// `docs/CODEX_BACKLOG.md`.
    Backlog,
    /// `docs/plans/PlanIndex.md`.
    PlanIndex,
    /// `docs/plans/Plan*.md`.
    Plan,
    /// Session checklist, smoke checklists, operations guide.
    Checklist,
    /// `docs/agents/sessions/SessionChecklist.csv`.
    Ledger,
    /// `docs/agents/sessions/*.md`.
    SessionLog,
    /// `docs/agents/Agent_Session_Template.md`.
    SessionTemplate,
    /// `docs/CODEX_RUNBOOK.md`.
    Runbook,
    /// `docs/CODEX_AUTONOMY_PLAN.md`.
    Autonomy,
    /// `docs/telemetry/Automation_Gates.md`.
    Gates,
}

/// The recognised documents of a workspace, each with its role, in the order of roles and paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workspace {
    docs: Vec<(Role, DocId)>,
}

impl Workspace {
    /// The documents with that role, in the order of the configuration, then of their paths.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &DocId> {
        self.docs.iter().filter(move |(r, _)| *r == role).map(|(_, id)| id)
    }

    /// The role of a document, if it has one.
    pub fn role(&self, id: &DocId) -> Option<Role> {
        self.docs.iter().find(|(_, doc)| doc == id).map(|&(role, _)| role)
    }

    /// All recognised documents.
    pub fn iter(&self) -> impl Iterator<Item = (Role, &DocId)> {
        self.docs.iter().map(|(role, id)| (*role, id))
    }
}
