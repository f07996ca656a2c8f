//! What was recognised, what is missing, what is malformed: file:line, why, and how to mend it.

use super::Workbench;
use crate::doc::{DocId, Document, Severity};
use crate::workspace::{ROLES, Role};

/// One thing that `doctor` has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable rule name.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The document (or the path where one is missing); none for the workspace as a whole.
    pub file: Option<String>,
    /// 1-based line.
    pub line: Option<usize>,
    /// Task id, where the finding is about one.
    pub id: Option<String>,
    /// What is wrong and why it matters.
    pub message: String,
    /// How to mend it.
    pub advice: Option<String>,
}

/// How many documents of a role were recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// The role.
    pub role: Role,
    /// Its documents.
    pub docs: Vec<DocId>,
}

impl Workbench {
    /// Which documents were recognised, role by role.
    pub fn recognised(&self) -> Vec<Recognised> {
        let workspace = &self.view().workspace;
        ROLES.map(|role| Recognised { role, docs: workspace.with_role(role).cloned().collect() }).into()
    }

    /// Everything that is missing, malformed or restricted, by document and line. Needs [`Workbench::load_all`].
    pub fn doctor(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        findings.extend(self.config_error.iter().map(|error| Finding {
            rule: "config",
            severity: Severity::Error,
            file: Some(crate::workspace::config::FILE_NAME.to_owned()),
            line: Some(error.line),
            id: None,
            message: error.to_string(),
            advice: Some("mend the line; `codex-tui doctor` shows whether it is read".to_owned()),
        }));
        findings.extend(self.unreadable.iter().map(|(doc, why)| Finding {
            rule: "unreadable",
            severity: Severity::Error,
            file: Some(doc.to_string()),
            line: None,
            id: None,
            message: why.clone(),
            advice: None,
        }));
        findings.extend(self.damaged());
        findings.extend(self.missing());
        findings.extend(self.repeated_ids());
        findings.extend(self.undated());
        findings.extend(self.store().restrictions().into_iter().map(|message| Finding {
            rule: "writing",
            severity: Severity::Warning,
            file: None,
            line: None,
            id: None,
            message,
            advice: None,
        }));
        findings
    }

    /// Damaged places of the recognised documents.
    pub fn damaged(&self) -> Vec<Finding> {
        self.view().snapshot.iter().flat_map(|doc| problems_of(doc)).collect()
    }

    /// Damaged places of the Markdown documents that have no role (notes, reports): read now, kept nowhere.
    pub fn damaged_elsewhere(&self) -> Vec<Finding> {
        let library = self.store().list_markdown();
        let others = library.iter().filter(|id| self.view().snapshot.get(id).is_none());
        let read = |id: &DocId| match self.store().load(id) {
            Ok(doc) => doc.map(|doc| problems_of(&doc)).unwrap_or_default(),
            Err(error) => vec![Finding {
                rule: "unreadable",
                severity: Severity::Warning,
                file: Some(id.to_string()),
                line: None,
                id: None,
                message: error.to_string(),
                advice: None,
            }],
        };
        others.flat_map(read).collect()
    }

    fn missing(&self) -> Vec<Finding> {
        let recognised = self.recognised();
        let nothing = recognised.iter().all(|found| found.docs.is_empty());
        let absent = recognised.into_iter().filter(|found| found.docs.is_empty());
        absent
            .filter_map(|found| {
                let severity = match found.role {
                    // The ledger comes with the first tick.
                    Role::Ledger => return None,
                    Role::TaskCsv | Role::Checklist | Role::SessionLog if nothing => Severity::Error,
                    // A workspace need not have all of them.
                    Role::TaskCsv | Role::Board | Role::Checklist | Role::Plan | Role::SessionLog => Severity::Note,
                    Role::Backlog | Role::PlanIndex | Role::SessionTemplate | Role::Runbook => Severity::Note,
                    Role::Autonomy | Role::Gates | Role::Adr => Severity::Note,
                };
                let patterns: Vec<String> = found.role.patterns(self.config()).iter().map(|p| p.to_string()).collect();
                Some(Finding {
                    rule: "missing-document",
                    severity,
                    file: None,
                    line: None,
                    id: None,
                    message: format!("no {} found: nothing matches {}", found.role.name(), patterns.join(", ")),
                    advice: Some("add the document, or name its path in codex-tui.toml under [documents]".to_owned()),
                })
            })
            .collect()
    }

    /// Ids that one document carries more than once: edits reach the first row only by chance.
    fn repeated_ids(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for task in self.view().tasks.iter().filter(|task| task.rows().len() > 1) {
            let rows: Vec<_> = task.rows().collect();
            for (at, row) in rows.iter().enumerate() {
                let Some(first) = rows[..at].iter().find(|earlier| earlier.doc() == row.doc()) else { continue };
                findings.push(Finding {
                    rule: "repeated-id",
                    severity: Severity::Warning,
                    file: Some(row.doc().to_string()),
                    line: Some(row.line()),
                    id: Some(task.id().into_owned()),
                    message: format!("{} stands here again; its first row is line {}", task.id(), first.line()),
                    advice: Some("give one of the rows an id of its own, or remove it".to_owned()),
                });
            }
        }
        findings
    }

    fn undated(&self) -> Vec<Finding> {
        let undated = self.view().timeline.undated.iter();
        undated
            .map(|(doc, line, text)| Finding {
                rule: "undated-event",
                severity: Severity::Note,
                file: Some(doc.to_string()),
                line: Some(*line),
                id: None,
                message: format!(
                    "this timeline entry has no readable date: {:?}",
                    text.chars().take(60).collect::<String>()
                ),
                advice: Some("begin it with a date such as 2026-01-31 or 2026-01-31 14:05".to_owned()),
            })
            .collect()
    }
}

fn problems_of(doc: &Document) -> Vec<Finding> {
    let finding = |problem: &crate::doc::Problem| Finding {
        rule: problem.rule,
        severity: problem.severity,
        file: Some(doc.id().to_string()),
        line: Some(problem.line),
        id: None,
        message: problem.message.clone(),
        advice: Some(problem.advice.clone()),
    };
    doc.problems().iter().map(finding).collect()
}
