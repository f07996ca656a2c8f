//! `check`: groups of findings, which the verb selects from.

use std::sync::atomic::AtomicBool;

use super::Workbench;
use super::doctor::Finding;
use crate::doc::Severity;
use crate::model::gate::GateSeverity;
use crate::model::gate::act::signed;
use crate::model::gate::evaluate::Verdict;
use crate::model::sync::Sync;

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// What `doctor` says about the recognised documents.
    Documents,
    /// Whether the documents agree about the tasks.
    Docsync,
    /// Whether the gates are kept, and what is wrong with their telemetry.
    Gates,
}

impl Group {
    /// All of them.
    pub const ALL: [Group; 3] = [Group::Documents, Group::Docsync, Group::Gates];

    /// The word for it on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Group::Documents => "documents",
            Group::Docsync => "docsync",
            Group::Gates => "gates",
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
pub const RULES: [(&str, &str); 62] = [
    ("config", "Something in the configuration cannot be used and was left out"),
    ("csv-duplicate-column", "Two columns of a CSV document have the same name"),
    ("csv-field-count", "A row has too few or too many fields"),
    ("csv-glued-record", "A row was appended to another one without a line break"),
    ("csv-lost-characters", "Characters were lost before the text got here"),
    ("csv-malformed-field", "A field has text behind its closing quote, or is never closed"),
    ("gate-binding-outdated", "A binding quotes a clause that no longer stands in the gates document"),
    ("gate-binding-wrong", "A binding has a key or word that cannot be used"),
    ("gate-fail", "A gate is missed"),
    ("gate-insufficient", "A gate has fewer samples than it asks for"),
    ("gate-manual", "A gate that only a person can judge is not signed off"),
    ("gate-missing", "A gate has no telemetry"),
    ("gate-stale", "The telemetry of a gate is too old"),
    ("gate-unreadable", "A gate cannot be read, or its binding is out of date"),
    ("gate-warn", "A gate is missed that does not block"),
    ("gates-format", "The gates document is not Markdown"),
    ("invalid-json", "The document is not valid JSON"),
    ("invalid-utf8", "The document is not UTF-8"),
    ("invalid-yaml", "The document is not valid YAML"),
    ("level", "The session's log says a higher level than was granted"),
    ("md-lost-characters", "Characters were lost before the text got here"),
    ("md-no-table", "A delimiter row does not fit the line above it"),
    ("md-ragged-row", "A table row has too few or too many cells"),
    ("md-unclosed-comment", "A comment is never closed"),
    ("md-unclosed-fence", "A code fence is never closed"),
    ("missing-document", "No document of this kind was found"),
    ("repeated-key", "A mapping has the same key twice"),
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
    ("system", "The operating system cannot do all that safe writing asks for"),
    ("telemetry", "A telemetry file or a line of it cannot be used"),
    ("too-deep", "The document is nested too deeply to be read as a whole"),
    ("too-large", "The document is too large to be edited"),
    ("too-many-values", "The document has too many values to be read as a whole"),
    ("toolbox-active", "The active task stands in no backlog, or is done"),
    ("toolbox-dependency", "A task depends on an id that stands nowhere"),
    ("toolbox-note", "A task is done without a note"),
    ("toolbox-status", "A status is no column of the board"),
    ("toolbox-updated", "A backlog is newer than it says"),
    ("track-malformed", "A telemetry file of the pipeline cannot be read"),
    ("track-silent", "A component of the pipeline has said nothing for longer than its rhythm allows"),
    ("undated-event", "A timeline entry has no readable date"),
    ("unreadable", "The document cannot be read"),
    ("writing", "Something restricts writing in this workspace"),
    ("yaml-tab", "A tab stands in the indentation of a YAML document"),
    ("yaml-unsupported", "The document uses a part of YAML that is shown, not edited"),
];

impl Workbench {
    /// Everything that these groups say, each thing once.
    pub fn check(&self, groups: &[Group]) -> Checked {
        let sync = groups.contains(&Group::Docsync).then(|| self.sync());
        let mut findings = sync.as_ref().map(|sync| sync.findings.clone()).unwrap_or_default();
        if groups.contains(&Group::Documents) {
            let known: std::collections::HashSet<_> = findings.iter().map(same).collect();
            let more: Vec<Finding> = self.doctor().into_iter().filter(|own| !known.contains(&same(own))).collect();
            findings.extend(more);
        }
        if groups.contains(&Group::Gates) {
            findings.extend(self.gate_findings());
        }
        findings.sort_by(|a, b| a.order().cmp(&b.order()));
        Checked { findings, sync }
    }
}

impl Workbench {
    /// Gates that are not kept, as findings. A clause that a person signed off is kept.
    fn gate_findings(&self) -> Vec<Finding> {
        let question = super::gates::Question::default();
        let gates =
            super::gates::GateReader::default().judge(&self.gates(), &question, &|_| {}, &AtomicBool::new(false));
        let Some(gates) = gates else { return Vec::new() };
        let file = gates.list.doc.as_ref().map_or("", |doc| doc.as_str());
        let mut findings = gates.findings();
        for one in &gates.judged {
            let blocking = one.clause.severity == GateSeverity::Blocking;
            let hard = if blocking { Severity::Error } else { Severity::Warning };
            let (rule, severity) = match one.verdict {
                Verdict::Pass => continue,
                Verdict::Manual if signed(&one.clause, &self.view().sign_offs).is_some() => continue,
                Verdict::Manual => ("gate-manual", Severity::Note),
                Verdict::Fail => ("gate-fail", hard),
                Verdict::Unreadable => ("gate-unreadable", hard),
                Verdict::Missing => ("gate-missing", Severity::Warning),
                Verdict::Insufficient => ("gate-insufficient", Severity::Warning),
                Verdict::Stale => ("gate-stale", Severity::Warning),
                Verdict::Warn => ("gate-warn", Severity::Warning),
            };
            let message = format!("gate {} {}: {}", one.clause.id, one.verdict.name(), one.reason);
            let advice = format!("`codex-tui gates explain {}` says how the number came about", one.clause.id);
            findings.push(Finding::new(rule, severity, message).at(file, one.clause.line).advise(advice));
        }
        findings
    }
}

/// By what a finding of two groups is known to be one.
fn same(finding: &Finding) -> (&'static str, Option<String>, Option<usize>, String) {
    (finding.rule, finding.file.clone(), finding.line, finding.message.clone())
}
