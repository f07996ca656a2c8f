//! What the front ends see: the documents at one moment and everything projected from them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDateTime;

use super::command::RunState;
use super::gates::{Gates, Progress};
use super::track::read::Pipeline;
use crate::doc::{DocId, Snapshot};
use crate::model::autonomy::{Autonomy, Guard, Level};
use crate::model::checklist::Checklist;
use crate::model::gate::act::SignOff;
use crate::model::next::{self, Hints, Next};
use crate::model::plan::{self, Plan};
use crate::model::prompt::Playbook;
use crate::model::query::{FieldKind, FieldName, Query};
use crate::model::runbook::Runbook;
use crate::model::session::{SessionLog, level};
use crate::model::sync::Sync;
use crate::model::task::TaskList;
use crate::model::timeline::Timeline;
use crate::model::toolbox::Toolbox;
use crate::workspace::{Config, Role, Workspace};

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
    /// The last change of each of them, as far as it is known.
    pub last_writes: Arc<BTreeMap<DocId, LastWrite>>,
    /// Tasks of boards, backlog and plans.
    pub tasks: Arc<TaskList>,
    /// Checklists, with their state in the active session.
    pub checklists: Arc<Vec<Checklist>>,
    /// Plans.
    pub plans: Arc<Vec<Plan>>,
    /// Session logs, oldest first; the last one is the active session.
    pub sessions: Arc<Vec<SessionLog>>,
    /// The commands of the runbooks.
    pub runbook: Arc<Runbook>,
    /// The levels of the autonomy plan; their built-in meaning where there is none.
    pub autonomy: Arc<Autonomy>,
    /// What is being worked on, what was done last, and the journal: the state of the layout *toolbox*.
    pub toolbox: Arc<Toolbox>,
    /// What the playbook says of prompts.
    pub playbook: Arc<Playbook>,
    /// The variables that opt in to network access and installations, as far as they are set. Nothing else of the environment
    /// is kept.
    pub opted: Arc<BTreeMap<String, String>>,
    /// All dated events.
    pub timeline: Arc<Timeline>,
    /// Whether the documents agree; comes a moment after the documents, and may be of the state before.
    pub sync: Arc<Sync>,
    /// Markdown and text documents that the document browser offers, sorted.
    pub library: Arc<Vec<DocId>>,
    /// Operations, newest last.
    pub history: Arc<Vec<Operated>>,
    /// The level that each session was granted last, as far as the history has a record of it.
    pub grants: Arc<BTreeMap<DocId, Level>>,
    /// The gates with their verdicts.
    pub gates: Arc<Gates>,
    /// Clauses that people signed off.
    pub sign_offs: Arc<Vec<SignOff>>,
    /// The command that runs, or the one that ran last.
    pub run: Option<Arc<RunState>>,
    /// How far reading telemetry has come, while it takes a while.
    pub reading: Option<Progress>,
    /// What the pipeline's telemetry says; none until it has been looked at.
    pub tracks: Option<Arc<Pipeline>>,
    /// Things the operator must know until they are mended: polling instead of watching, a failed save, a damaged
    /// journal.
    pub notices: Arc<Vec<Notice>>,
    /// Damaged places in the recognised documents: document and number of problems.
    pub damaged: Arc<Vec<(DocId, usize)>>,
}

impl View {
    /// The autonomy level in force: what may be done now. The header of the active log may lower it; above the default it
    /// counts only as far as the history has a record that the operator granted it.
    pub fn level(&self) -> Level {
        self.sessions.last().map_or(Level::DEFAULT, |log| level::in_force(log, self.granted(log)))
    }

    /// Why less is in force than the header of the active log says, if so, and what would mend it.
    pub fn level_excess(&self) -> Option<String> {
        self.sessions.last().and_then(|log| level::excess(log, self.granted(log)))
    }

    fn granted(&self, log: &SessionLog) -> Option<Level> {
        self.grants.get(&log.doc).copied()
    }

    /// What holds the session to its level.
    pub fn guard(&self) -> Guard<'_> {
        let set = self.opted.iter().map(|(name, value)| (name.clone(), value.clone()));
        Guard::new(&self.autonomy, set)
    }

    /// What the state of the work says about which task is next.
    pub fn hints(&self) -> Hints {
        self.toolbox.hints(&self.tasks)
    }

    /// The task to take next, and why.
    pub fn next(&self) -> Next {
        next::propose_of(&self.tasks, &self.plans, &self.plan_order(), &self.config, &self.hints(), |_| true)
    }

    /// The letters of the plans as the plan index lists them: the order of their weight.
    pub fn plan_order(&self) -> Vec<String> {
        let index = self.workspace.with_role(Role::PlanIndex).find_map(|id| self.snapshot.get(id));
        index.map_or_else(Vec::new, |index| plan::listed(index))
    }
}

/// The last change of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastWrite {
    /// When the file says that it was, in local time.
    pub at: Option<NaiveDateTime>,
    /// Whether an operation of this cockpit made it.
    pub ours: bool,
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
    /// Through which front end: `cockpit` or `cli`.
    pub via: String,
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

/// What a filter can ask of an operation.
pub const HISTORY_FIELDS: &[FieldName] = &[
    FieldName { name: "op", help: "number", kind: FieldKind::Exact },
    FieldName { name: "date", help: "day", kind: FieldKind::Date },
    FieldName { name: "actor", help: "who", kind: FieldKind::Text },
    FieldName { name: "via", help: "cockpit, cli", kind: FieldKind::Word },
    FieldName { name: "verb", help: "through which verb", kind: FieldKind::Text },
    FieldName { name: "file", help: "path of a changed document", kind: FieldKind::Text },
];

impl Operated {
    /// The values of one of [`HISTORY_FIELDS`].
    pub fn query_field(&self, name: &str) -> Vec<Cow<'_, str>> {
        match name {
            "op" => vec![Cow::Owned(self.op.to_string())],
            "date" => vec![Cow::Borrowed(self.at.as_str())],
            "actor" => vec![Cow::Borrowed(self.actor.as_str())],
            "via" => vec![Cow::Borrowed(self.via.as_str())],
            "verb" => vec![Cow::Borrowed(self.verb.as_str())],
            "file" => self.files.iter().map(|file| Cow::Borrowed(file.doc.as_str())).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether the operation fits; words are looked for in its summary, actor and documents, whatever their case.
    pub fn fits(&self, query: &Query) -> bool {
        let has = |word: &str| {
            let word = word.to_lowercase();
            let docs = self.files.iter().map(|file| file.doc.as_str());
            let mut texts = [self.intent.as_str(), self.actor.as_str()].into_iter().chain(docs);
            texts.any(|text| text.to_lowercase().contains(&word))
        };
        query.fits(|name| self.query_field(name), has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_answer_the_filter() {
        let file = OperatedFile { doc: DocId::new("docs/TaskBoard.csv").expect("a path"), edits: Vec::new() };
        let op = Operated {
            op: crate::op::OpId(7),
            at: "2026-01-02T10:11:12-07:00".to_owned(),
            actor: "Ann".to_owned(),
            via: "cli".to_owned(),
            verb: "checklist tick".to_owned(),
            intent: "tick \"Skim the runbook\"".to_owned(),
            undoes: None,
            undone: false,
            files: vec![file],
        };
        let fits = |text: &str| op.fits(&Query::parse(text, HISTORY_FIELDS));
        for text in [
            "SKIM taskboard",
            "\"the runbook\" ann",
            "op:7,8",
            "date:2026-01",
            "actor:ann verb:tick",
            "via:cli",
            "file:csv -undo",
        ] {
            assert!(fits(text), "{text}");
        }
        for text in ["op:70", "-op:7", "date:<2026", "verb:undo", "via:cockpit", "file:none", "-skim"] {
            assert!(!fits(text), "{text}");
        }
    }
}
