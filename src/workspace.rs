//! Which document is where: recognises the layout from what is there and from `codex-tui.toml`. Pure.

pub mod config;
pub mod pattern;

use crate::doc::DocId;

pub use config::{Commands, Config};
pub use pattern::Pattern;

/// What a document is to the workspace (layouts *plans* and *toolbox*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Task board in CSV, `docs/taskboard/TaskBoard.csv`.
    TaskCsv,
    /// Task boards in Markdown, `docs/*TaskBoard.md`.
    Board,
    /// Backlog, `docs/CODEX_BACKLOG.md`.
    Backlog,
    /// Plan index, `docs/plans/PlanIndex.md`.
    PlanIndex,
    /// Plan files, `docs/plans/Plan*.md`.
    Plan,
    /// Session checklist, smoke checklists, operations guide.
    Checklist,
    /// Checklist ledger, `docs/agents/sessions/SessionChecklist.csv`.
    Ledger,
    /// Session logs, `docs/agents/sessions/*.md`.
    SessionLog,
    /// Template of a session log, `docs/agents/Agent_Session_Template.md`.
    SessionTemplate,
    /// Runbook, `docs/CODEX_RUNBOOK.md`.
    Runbook,
    /// Autonomy plan, `docs/CODEX_AUTONOMY_PLAN.md`.
    Autonomy,
    /// Gates, `docs/telemetry/Automation_Gates.md`.
    Gates,
    /// Ledger of gates that people signed off.
    SignOffs,
    /// Decision records, `docs/adr/*.md`.
    Adr,
    /// Playbook for prompts: personas, principles, prompt checklist, task library; `ai/ops/codex.md`.
    Playbook,
    /// Backlog in YAML, `docs/TODO.yaml` (layout *toolbox*, as the next two).
    Todo,
    /// What is being worked on and was done last, `ai/state/progress.json`.
    Progress,
    /// The journal of the work, `ai/state/journal.md`.
    Journal,
}

/// Every role, in the order in which documents are claimed: a document has the first role whose pattern it matches.
pub const ROLES: [Role; 18] = [
    Role::TaskCsv,
    Role::Board,
    Role::Backlog,
    Role::PlanIndex,
    Role::Plan,
    Role::Checklist,
    Role::Ledger,
    Role::SessionLog,
    Role::SessionTemplate,
    Role::Runbook,
    Role::Autonomy,
    Role::Gates,
    Role::SignOffs,
    Role::Adr,
    Role::Playbook,
    Role::Todo,
    Role::Progress,
    Role::Journal,
];

impl Role {
    /// The patterns that the configuration gives for this role.
    pub fn patterns(self, config: &Config) -> &[Pattern] {
        let documents = &config.documents;
        match self {
            Role::TaskCsv => &documents.tasks_csv,
            Role::Board => &documents.boards,
            Role::Backlog => &documents.backlog,
            Role::PlanIndex => &documents.plan_index,
            Role::Plan => &documents.plans,
            Role::Checklist => &documents.checklists,
            Role::Ledger => &documents.ledger,
            Role::SessionLog => &documents.session_logs,
            Role::SessionTemplate => &documents.session_template,
            Role::Runbook => &documents.runbook,
            Role::Autonomy => &documents.autonomy,
            Role::Gates => &documents.gates,
            Role::SignOffs => &documents.sign_offs,
            Role::Adr => &documents.adr,
            Role::Playbook => &documents.playbook,
            Role::Todo => &documents.todo,
            Role::Progress => &documents.progress,
            Role::Journal => &documents.journal,
        }
    }

    /// What the role is called in messages, for example `task board (CSV)`.
    pub fn name(self) -> &'static str {
        match self {
            Role::TaskCsv => "task board (CSV)",
            Role::Board => "task board (Markdown)",
            Role::Backlog => "backlog",
            Role::PlanIndex => "plan index",
            Role::Plan => "plans",
            Role::Checklist => "checklists",
            Role::Ledger => "checklist ledger",
            Role::SessionLog => "session logs",
            Role::SessionTemplate => "session template",
            Role::Runbook => "runbook",
            Role::Autonomy => "autonomy plan",
            Role::Gates => "gates",
            Role::SignOffs => "gate sign-offs",
            Role::Adr => "decision records",
            Role::Playbook => "playbook",
            Role::Todo => "backlog (YAML)",
            Role::Progress => "progress",
            Role::Journal => "journal",
        }
    }
}

/// The recognised documents of a workspace, each with its role, in the order of roles, patterns and paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workspace {
    docs: Vec<(Role, DocId)>,
}

impl Workspace {
    /// Gives each of `docs` (sorted by path) the first role that claims it; those that none claims are left out.
    pub fn recognise(docs: &[DocId], config: &Config) -> Workspace {
        let mut claimed = vec![false; docs.len()];
        let mut found = Vec::new();
        for role in ROLES {
            for pattern in role.patterns(config) {
                for (doc, claimed) in docs.iter().zip(&mut claimed) {
                    if !*claimed && pattern.matches(doc) {
                        *claimed = true;
                        found.push((role, doc.clone()));
                    }
                }
            }
        }
        Workspace { docs: found }
    }

    /// All patterns whose documents are of interest.
    pub fn patterns(config: &Config) -> Vec<Pattern> {
        ROLES.iter().flat_map(|role| role.patterns(config)).cloned().collect()
    }

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
