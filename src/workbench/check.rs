//! `check`: groups of findings, which the verb selects from.

use super::Workbench;
use super::doctor::Finding;
use crate::model::sync::Sync;

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// What `doctor` says about the recognised documents.
    Documents,
    /// Whether the documents agree about the tasks.
    Docsync,
}

impl Group {
    /// All of them.
    pub const ALL: [Group; 2] = [Group::Documents, Group::Docsync];

    /// The word for it on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Group::Documents => "documents",
            Group::Docsync => "docsync",
        }
    }
}

/// What was found.
pub struct Checked {
    /// By document and line.
    pub findings: Vec<Finding>,
    /// The comparison, when it was asked for.
    pub sync: Option<Sync>,
}

/// Every rule with what it is about; `--rule` takes these names.
pub const RULES: [(&str, &str); 35] = [
    ("config", "codex-tui.toml cannot be read"),
    ("csv-duplicate-column", "Two columns of a CSV document have the same name"),
    ("csv-field-count", "A row has too few or too many fields"),
    ("csv-glued-record", "A row was appended to another one without a line break"),
    ("csv-lost-characters", "Characters were lost before the text got here"),
    ("csv-malformed-field", "A field has text behind its closing quote, or is never closed"),
    ("invalid-utf8", "The document is not UTF-8"),
    ("md-lost-characters", "Characters were lost before the text got here"),
    ("md-no-table", "A delimiter row does not fit the line above it"),
    ("md-ragged-row", "A table row has too few or too many cells"),
    ("md-unclosed-comment", "A comment is never closed"),
    ("md-unclosed-fence", "A code fence is never closed"),
    ("missing-document", "No document of this kind was found"),
    ("sync-cited-missing", "A task cites a file that does not exist"),
    ("sync-date", "Documents date the state of a task differently"),
    ("sync-deliverable", "Documents differ in the deliverable of a task"),
    ("sync-done-backlog", "The backlog's notes and the board disagree whether a task is done"),
    ("sync-missing-board", "A task is not on the Markdown board"),
    ("sync-missing-csv", "A task is not in the CSV board"),
    ("sync-missing-plan", "A task is in no plan's table of active work"),
    ("sync-owner", "Documents name different owners of a task"),
    ("sync-plan-link", "Documents link different plans for a task"),
    ("sync-plan-link-dead", "A plan link leads nowhere"),
    ("sync-plan-link-none", "A plan link names no plan file"),
    ("sync-plan-link-other", "A task links another plan than the one of its id"),
    ("sync-plan-only", "A task stands in a plan alone"),
    ("sync-repeated-id", "An id stands twice"),
    ("sync-session-unknown", "A session's card names an id that stands in no document"),
    ("sync-state", "Documents give a task different states"),
    ("sync-title", "Documents give a task different titles"),
    ("sync-two-tasks", "One id means two different tasks"),
    ("too-large", "The document is too large to be edited"),
    ("undated-event", "A timeline entry has no readable date"),
    ("unreadable", "The document cannot be read"),
    ("writing", "Something restricts writing in this workspace"),
];

impl Workbench {
    /// Everything that these groups say, each thing once. Needs [`Workbench::load_all`].
    pub fn check(&self, groups: &[Group]) -> Checked {
        let sync = groups.contains(&Group::Docsync).then(|| self.sync());
        let mut findings = sync.as_ref().map(|sync| sync.findings.clone()).unwrap_or_default();
        if groups.contains(&Group::Documents) {
            let known: std::collections::HashSet<_> = findings.iter().map(same).collect();
            let more: Vec<Finding> = self.doctor().into_iter().filter(|own| !known.contains(&same(own))).collect();
            findings.extend(more);
        }
        findings.sort_by(|a, b| a.order().cmp(&b.order()));
        Checked { findings, sync }
    }
}

/// By what a finding of two groups is known to be one.
fn same(finding: &Finding) -> (&'static str, Option<String>, Option<usize>, String) {
    (finding.rule, finding.file.clone(), finding.line, finding.message.clone())
}
