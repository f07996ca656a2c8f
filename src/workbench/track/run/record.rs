//! From what came of a workflow to its record on disk.

use std::time::Instant;

use chrono::Utc;

use super::desk::Desk;
use super::selftest::Outcome;
use super::shelf::folder_of;
use super::{Ask, Engine, stop_note};
use crate::doc::DocId;
use crate::hub::Counts;
use crate::hub::token::VARIABLE;
use crate::model::track::telemetry::{Api, Body, Component, Envelope, Note, Record, Status, to_json};
use crate::store::{Store, StoreError};

/// The folder of a repository's telemetry.
pub fn folder(desk: &Desk) -> String {
    if desk.is_home { "telemetry".to_owned() } else { format!("telemetry/repos/{}", folder_of(&desk.name)) }
}

/// Records that a run ended before it began.
pub fn aborted(ask: &Ask, store: &Store, desks: &[Desk], components: &[Component]) -> Result<(), StoreError> {
    for desk in desks {
        for component in components {
            let mut envelope = envelope(ask, *component, &desk.name);
            envelope.status = Status::Aborted;
            envelope.complete = false;
            let why = format!("{VARIABLE} is not set (or blank): nothing was asked of any server");
            envelope.errors.push(Note::new("token_missing", why));
            let path = format!("{}/{}", folder(desk), component.file_name(&ask.run_id));
            if let Ok(id) = DocId::new(&path) {
                store.put(&id, &to_json(&envelope))?;
            }
        }
    }
    Ok(())
}

fn envelope(ask: &Ask, component: Component, repository: &str) -> Envelope {
    let mut envelope = Envelope::new(component, ask.now.unwrap_or_else(Utc::now), &ask.run_id, repository);
    envelope.run_number.clone_from(&ask.run_number);
    envelope.dry_run = ask.dry_run;
    envelope
}

/// What a workflow asked of the server.
fn api(before: Counts, after: Counts) -> Api {
    Api {
        requests: after.requests - before.requests,
        not_modified: after.not_modified - before.not_modified,
        writes: after.writes - before.writes,
        graphql_points: after.graphql_points - before.graphql_points,
        retries: after.retries - before.retries,
        waited_ms: after.waited_ms - before.waited_ms,
        remaining: after.remaining,
    }
}

/// Whether what was said of a repository matters to a component; diagnostics tell all of it.
fn concerns(code: &str, component: Component) -> bool {
    use Component::{Activity, Cleaner, Diagnostics, Selftest, Supervisor, Sync};
    let whom: &[Component] = match code {
        "threshold_missing" | "threshold_invalid" | "threshold_alias" => &[Supervisor, Activity],
        "retention_invalid" => &[Cleaner],
        "milestone_unresolved" | "milestone_clash" | "milestones_unreadable" => &[Selftest, Cleaner, Sync, Supervisor],
        "count_mismatch" | "list_incomplete" | "many_malformed" | "state" => &[Cleaner, Sync, Supervisor, Activity],
        "repository_renamed" | "no_push_right" | "clock_skew" => &[Sync],
        _ => &[Sync],
    };
    component == Diagnostics || whom.contains(&component)
}

impl Engine<'_> {
    /// Writes the record of a workflow, unless the run is dry.
    pub fn write<B: Body>(&mut self, at: usize, outcome: Outcome<B>, began: (Instant, Counts)) {
        let desk = &self.desks[at];
        let mut envelope = envelope(self.ask, B::COMPONENT, &desk.name);
        envelope.repository_id = desk.id;
        envelope.complete = match B::COMPONENT {
            Component::Diagnostics | Component::Selftest => desk.is_known() && self.hub.stopped().is_none(),
            Component::Cleaner | Component::Sync | Component::Supervisor | Component::Activity => desk.complete,
        };
        envelope.duration_ms = u64::try_from(began.0.elapsed().as_millis()).unwrap_or(u64::MAX);
        envelope.api = api(began.1, self.hub.counts());
        let said = desk.warnings.iter().filter(|note| concerns(&note.code, B::COMPONENT)).cloned();
        envelope.warnings = outcome.warnings.into_iter().chain(said).collect();
        envelope.errors = outcome.errors.into_iter().chain(desk.errors.iter().cloned()).collect();
        match stop_note(&self.hub) {
            Some(note) if self.hub.stopped() == Some(crate::hub::Stop::Unauthorised) => envelope.errors.push(note),
            Some(note) => envelope.warnings.push(note),
            None => {}
        }
        envelope.status = if !envelope.errors.is_empty() {
            Status::Error
        } else if outcome.status != Status::Ok {
            outcome.status
        } else if !envelope.warnings.is_empty() || !envelope.complete {
            Status::Warning
        } else {
            Status::Ok
        };
        let path = format!("{}/{}", folder(desk), B::COMPONENT.file_name(&self.ask.run_id));
        let name = desk.name.clone();
        let record = Record::new(envelope, outcome.body);
        if !self.ask.dry_run {
            let put = DocId::new(&path).map_err(|error| error.to_string());
            let put = put.and_then(|id| self.store.put(&id, &record.to_json()).map_err(|error| error.to_string()));
            if let Err(why) = put {
                self.report.problems.push(format!("{path}: {why}"));
            }
        }
        let value = serde_json::to_value(&record).unwrap_or_default();
        self.report.records.push((name, B::COMPONENT, value));
    }
}
