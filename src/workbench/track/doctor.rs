//! What is wrong with the pipeline's telemetry, for `doctor` and `check`.

use chrono::{DateTime, Utc};

use crate::doc::{DocId, Severity};
use crate::model::finding::Finding;
use crate::model::track::explain::ago;
use crate::model::track::status::Repo;
use crate::workbench::Workbench;
use crate::workbench::track::read::WORKFLOW;
use crate::workspace::config::Tracks;

/// What was recognised of the pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// The folder of the telemetry, relative to the root.
    pub folder: String,
    /// Files of all repositories that were recognised.
    pub files: usize,
    /// What is wrong with them.
    pub findings: Vec<Finding>,
}

impl Workbench {
    /// Whether the workflow that leaves telemetry is there.
    pub fn has_track_workflow(&self) -> bool {
        DocId::new(WORKFLOW).is_ok_and(|id| self.store().exists(&id))
    }

    /// The pipeline's telemetry, as far as there is any.
    pub fn recognised_tracks(&self, now: DateTime<Utc>) -> Option<Recognised> {
        let mut telemetry = self.telemetry(false);
        let pipeline = telemetry.pipeline(now);
        let repos = || [&pipeline.home].into_iter().chain(pipeline.others.values());
        let files = repos().map(|repo| repo.runs.len()).sum();
        if files == 0 && repos().all(|repo| repo.skipped.is_empty()) {
            return None;
        }
        let mut findings = Vec::new();
        let heads = repos().flat_map(|repo| repo.skipped.clone());
        let mut faults: Vec<_> = telemetry.faults().into_iter().chain(heads).collect();
        faults.sort();
        faults.dedup();
        for fault in faults {
            let file = Tracks::path(telemetry.folder(), &fault.file);
            let finding = Finding::new("track-malformed", Severity::Warning, fault.why)
                .advise("the newest record before it counts; remove the file, or look at what wrote it");
            findings.push(match fault.line {
                Some(line) => finding.at(&file, line),
                None => finding.file(&file),
            });
        }
        findings.extend(silent(&pipeline.home, None, telemetry.folder(), now));
        findings
            .extend(pipeline.others.iter().flat_map(|(name, repo)| silent(repo, Some(name), telemetry.folder(), now)));
        Some(Recognised { folder: Tracks::path(telemetry.folder(), "telemetry"), files, findings })
    }
}

/// Components that should have said something.
fn silent(repo: &Repo, name: Option<&str>, folder: &str, now: DateTime<Utc>) -> Vec<Finding> {
    let late = repo.components.iter().filter(|part| part.is_silent(now));
    late.map(|part| {
        let whose = name.or(repo.name.as_deref()).map_or_else(String::new, |name| format!(" of {name}"));
        let component = part.component.name();
        let message = match part.age_hours(now) {
            Some(hours) => format!(
                "{component}{whose} is silent: its last record is {} old, and it runs every {} h",
                ago(hours),
                part.cadence_hours
            ),
            None => format!("{component}{whose} has never said anything"),
        };
        let finding = Finding::new("track-silent", Severity::Warning, message)
            .advise("look at the workflow's runs; `codex-tui track status` shows the ages of all components");
        match &part.head {
            Some(head) => finding.file(&Tracks::path(folder, &head.file)),
            None => finding,
        }
    })
    .collect()
}
