//! What was recognised, what is missing, what is malformed: file:line, why, and how to mend it.

use super::{StoreError, Workbench};
use crate::doc::{DocId, Document, Severity};
pub use crate::model::finding::{Finding, Totals};
use crate::model::sync::{name_tasks, repeated_ids};
use crate::model::toolbox::check;
use crate::store::ErrorKind;
use crate::workspace::{ROLES, Role};

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

    /// Everything that is missing, malformed or restricted, by document and line.
    pub fn doctor(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        findings.extend(self.config_findings());
        let unreadable = self.unreadable.iter();
        findings.extend(unreadable.map(|(id, why)| self.about_file("unreadable", Severity::Error, id, why)));
        findings.extend(self.damaged());
        let tracks = self.recognised_tracks(chrono::Utc::now());
        findings.extend(self.missing(tracks.is_some() || self.has_track_workflow()));
        findings.extend(tracks.into_iter().flat_map(|tracks| tracks.findings));
        findings.extend(repeated_ids(&self.view().tasks));
        findings.extend(self.undated());
        let view = self.view();
        findings.extend(check::findings(&view.toolbox, &view.tasks, &view.snapshot, &view.config.states));
        if let (Some(why), Some(log)) = (self.view().level_excess(), self.view().active_session()) {
            let finding = Finding::new("level", Severity::Warning, why);
            findings.push(match log.level_line {
                Some(line) => finding.at(log.doc.as_str(), line),
                None => finding.file(log.doc.as_str()),
            });
        }
        if !crate::sys::file::CAN_EXCHANGE {
            let message = "this system cannot exchange two files: a write at the very same instant may be lost";
            findings.push(Finding::new("system", Severity::Note, message.to_owned()));
        }
        let restrictions = self.store().restrictions().into_iter();
        findings.extend(restrictions.map(|message| Finding::new("writing", Severity::Warning, message)));
        findings.extend(self.not_editable());
        findings
    }

    /// Documents that an edit would be refused in, as the store would say it; what stands in the way of several is one finding.
    fn not_editable(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = Vec::new();
        if self.store().check_root().is_err() {
            // Nothing can be written, which is said already.
            return findings;
        }
        let view = self.view();
        for (role, id) in view.workspace.iter().filter(|(_, id)| view.snapshot.get(id).is_some()) {
            let Err(error) = self.store().check_editable(id) else { continue };
            let rule = if error.kind() == ErrorKind::TooLarge { "too-large" } else { "writing" };
            let severity = if self.is_written(role, id) { Severity::Warning } else { Severity::Note };
            let finding = self.about_file(rule, severity, id, &error);
            let known =
                findings.iter_mut().find(|known| known.file == finding.file && known.message == finding.message);
            match known {
                Some(known) => known.severity = known.severity.min(severity),
                None => findings.push(finding),
            }
        }
        findings
    }

    /// Whether the actions of a day write to the document: of session logs only to the active one, to others as they are
    /// archived.
    fn is_written(&self, role: Role, id: &DocId) -> bool {
        match role {
            Role::TaskCsv | Role::Board | Role::Backlog | Role::Plan | Role::Todo => true,
            Role::Checklist | Role::Ledger | Role::SignOffs | Role::Progress | Role::Journal => true,
            Role::SessionLog => self.view().active_session().is_some_and(|log| log.doc == *id),
            Role::PlanIndex | Role::SessionTemplate | Role::Runbook | Role::Autonomy => false,
            Role::Gates | Role::Adr | Role::Playbook => false,
        }
    }

    /// Damaged places of the recognised documents.
    pub fn damaged(&self) -> Vec<Finding> {
        let mut damaged = self.view().snapshot.iter().flat_map(|doc| problems_of(doc)).collect::<Vec<_>>();
        name_tasks(&mut damaged, &self.view().tasks);
        damaged
    }

    /// Damaged places of the Markdown documents that have no role (notes, reports): read now, kept nowhere.
    pub fn damaged_elsewhere(&self) -> Vec<Finding> {
        let library = self.store().list_markdown();
        let others = library.iter().filter(|id| self.view().snapshot.get(id).is_none());
        let read = |id: &DocId| match self.store().load(id) {
            Ok(doc) => doc.map(|doc| problems_of(&doc)).unwrap_or_default(),
            Err(error) => vec![self.about_file("unreadable", Severity::Warning, id, &error)],
        };
        others.flat_map(read).collect()
    }

    /// What the store says of a document: the place that it names stands before the message and not in it.
    fn about_file(&self, rule: &'static str, severity: Severity, id: &DocId, error: &StoreError) -> Finding {
        let root = &self.view().root;
        let named = error.path().strip_prefix(root).ok().and_then(|path| DocId::new(&path.to_string_lossy()).ok());
        let place = named.as_ref().unwrap_or(id);
        let message = error.why_of(&root.join(place.as_str()));
        Finding::new(rule, severity, message).file(place.as_str()).advise(error.mend())
    }

    fn missing(&self, has_tracks: bool) -> Vec<Finding> {
        let recognised = self.recognised();
        let has = |role: Role| recognised.iter().any(|found| found.role == role && !found.docs.is_empty());
        let toolbox = [Role::Todo, Role::Progress, Role::Journal].into_iter().any(has);
        let other_layout = toolbox || has_tracks || has(Role::Playbook);
        // Ledgers come with what is ticked and signed off, in every layout.
        let plans = ROLES
            .into_iter()
            .filter(|role| !matches!(role, Role::Todo | Role::Progress | Role::Journal | Role::Playbook))
            .filter(|role| !matches!(role, Role::Ledger | Role::SignOffs))
            .any(has);
        let nothing = !has_tracks && recognised.iter().all(|found| found.docs.is_empty());
        let absent = recognised.into_iter().filter(|found| found.docs.is_empty());
        absent
            .filter_map(|found| {
                let severity = match found.role {
                    // The ledger comes with the first tick.
                    Role::Ledger | Role::SignOffs => return None,
                    // Prompts are composed only where there is one.
                    Role::Playbook => return None,
                    // Each layout is complete without the other.
                    Role::Todo | Role::Progress | Role::Journal if !toolbox => return None,
                    Role::Todo | Role::Progress | Role::Journal => Severity::Note,
                    _ if other_layout && !plans => return None,
                    Role::TaskCsv | Role::Checklist | Role::SessionLog if nothing => Severity::Error,
                    // A workspace need not have all of them.
                    Role::TaskCsv | Role::Board | Role::Checklist | Role::Plan | Role::SessionLog => Severity::Note,
                    Role::Backlog | Role::PlanIndex | Role::SessionTemplate | Role::Runbook => Severity::Note,
                    Role::Autonomy | Role::Gates | Role::Adr => Severity::Note,
                };
                let patterns: Vec<String> = found.role.patterns(self.config()).iter().map(|p| p.to_string()).collect();
                let message = format!("no {} found: nothing matches {}", found.role.name(), patterns.join(", "));
                // Where there is nothing at all, one command makes the documents that a workspace begins with.
                let advice = match severity {
                    Severity::Error => {
                        "begin with `codex-tui init`, or name its path in codex-tui.toml under [documents]"
                    }
                    Severity::Warning | Severity::Note => {
                        "add the document, or name its path in codex-tui.toml under [documents]"
                    }
                };
                Some(Finding::new("missing-document", severity, message).advise(advice))
            })
            .collect()
    }

    fn undated(&self) -> Vec<Finding> {
        let undated = self.view().timeline.undated.iter();
        undated
            .map(|(doc, line, text)| {
                let text: String = text.chars().take(60).collect();
                let message = format!("this timeline entry has no readable date: {text:?}");
                Finding::new("undated-event", Severity::Note, message)
                    .at(doc.as_str(), *line)
                    .advise("begin it with a date such as 2026-01-31 or 2026-01-31 14:05")
            })
            .collect()
    }
}

fn problems_of(doc: &Document) -> Vec<Finding> {
    doc.problems().iter().map(|problem| Finding::damage(doc, problem)).collect()
}
