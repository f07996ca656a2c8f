//! What the last telemetry says, for people: components, tracks, integrity, what is left over, what was changed.
//!
//! Everything is read field by field and item by item: a damaged item costs itself.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::explain::counted;
use super::merge::Shelf;
use super::read::{Fault, Head, Telemetry};
use super::telemetry::{
    ActivityIssue, Api, Component, Corrections, Detail, Failed, Freshness, Health, Limits, Malformed, Note, Shares,
    Status, Track,
};

/// One repository, as its telemetry shows it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Repo {
    /// `owner/name`, where a record says it.
    pub name: Option<String>,
    /// When the newest record was made.
    pub as_of: Option<DateTime<Utc>>,
    /// All six, in the order of the dashboard.
    pub components: Vec<Part>,
    /// The main track, then the dashboard track.
    pub tracks: Vec<TrackState>,
    /// Open issues without a track label.
    pub untracked: Vec<u64>,
    /// Issues that the scanner looked at; none if it never ran.
    pub scanned: Option<u64>,
    /// Issues that are malformed.
    pub malformed: Vec<Malformed>,
    /// Issues that the next run takes up.
    pub deferred: Vec<u64>,
    /// Issues that could not be repaired.
    pub failed: Vec<Failed>,
    /// What the last sync repaired.
    pub corrections: Option<Corrections>,
    /// How much of what happened to issues is the pipeline's.
    pub noise: Option<Shares>,
    /// What recent runs changed, by issue, the newest first.
    pub changes: BTreeMap<u64, Vec<Change>>,
    /// All runs, the newest first.
    pub runs: Vec<Head>,
    /// Files that were not read.
    pub skipped: Vec<Fault>,
}

/// One component.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Which.
    pub component: Component,
    /// Its newest file; none if there is none.
    pub head: Option<Head>,
    /// Hours between its runs.
    pub cadence_hours: f64,
    /// Whether everything was seen that had to be seen; none where the record does not say.
    pub complete: Option<bool>,
    /// Whether nothing was to be changed.
    pub dry_run: bool,
    /// What it asked of the server.
    pub api: Option<Api>,
    /// What did not stop it.
    pub warnings: Vec<Note>,
    /// What did.
    pub errors: Vec<Note>,
    /// What it did, in a few words.
    pub summary: String,
}

/// One track.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrackState {
    /// `main` or `dashboard`.
    pub name: &'static str,
    /// What the supervisor says; none if it never ran.
    pub track: Option<Track>,
    /// Its open issues, the longest untouched first.
    pub issues: Vec<ActivityIssue>,
    /// From when on they count as old.
    pub limits: Limits,
    /// Problems in all, run by run, the oldest first.
    pub history: Vec<(DateTime<Utc>, u64)>,
}

/// What a run asked of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// All its workflows together; what is left is as the last of them was told.
    pub api: Api,
    /// The run.
    pub run_id: String,
    /// When its last record was made.
    pub time: Option<DateTime<Utc>>,
    /// The file of that record.
    pub file: String,
}

/// What one run did to one issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The change, as the record says it: `milestone`, `remove:codex-trackmain`, `closed`.
    pub what: String,
    /// When.
    pub time: Option<DateTime<Utc>>,
    /// In which run.
    pub run_id: String,
    /// Where that stands.
    pub file: String,
}

impl Repo {
    /// What these files say. `recent` are records of recent runs, the newest first: of the supervisor for the trend, of sync
    /// and cleaner for what was changed.
    pub fn of<'a>(shelf: &Shelf, recent: impl IntoIterator<Item = &'a Telemetry>) -> Repo {
        let newest = |component: Component| shelf.newest.get(&component).map(|part| &part.record);
        let sync = newest(Component::Sync);
        let supervisor = newest(Component::Supervisor);
        let activity = newest(Component::Activity);
        let mut repo = Repo {
            name: shelf.newest.values().rev().find_map(|part| field(&part.record, "repository")),
            as_of: shelf.newest_time(),
            components: Component::ALL.into_iter().map(|component| part(shelf, component)).collect(),
            tracks: ["main", "dashboard"].into_iter().map(|name| track(name, supervisor, activity)).collect(),
            untracked: items(supervisor, "untracked"),
            deferred: items(sync, "deferred"),
            failed: items(sync, "failed"),
            corrections: sync.and_then(|record| field(record, "corrections")),
            noise: sync.and_then(|record| field(record, "noise")),
            runs: shelf.heads.clone(),
            skipped: shelf.faults.clone(),
            ..Repo::default()
        };
        if let Some(Value::Object(integrity)) = sync.and_then(|record| record.get("integrity")) {
            repo.scanned = field(integrity, "scanned");
            repo.malformed = items(Some(integrity), "malformed");
        }
        for part in recent {
            repo.add(part);
        }
        for changes in repo.changes.values_mut() {
            // Those of one run stay in the order in which they were made.
            changes.sort_by_key(|change| std::cmp::Reverse(change.time));
        }
        for track in &mut repo.tracks {
            track.history.sort();
            track.history.dedup_by_key(|(time, _)| *time);
        }
        repo
    }

    fn add(&mut self, part: &Telemetry) {
        let head = &part.head;
        let mut changed = |number: u64, what: String| {
            let change = Change { what, time: head.time, run_id: head.run_id.clone(), file: head.file.clone() };
            self.changes.entry(number).or_default().push(change);
        };
        match head.component {
            Component::Sync if field(&part.record, "dry_run") != Some(true) => {
                for detail in items::<Detail>(Some(&part.record), "details") {
                    detail.changes.into_iter().for_each(|what| changed(detail.number, what));
                }
            }
            Component::Cleaner if field(&part.record, "dry_run") != Some(true) => {
                for number in items::<u64>(Some(&part.record), "issues_closed") {
                    changed(number, "closed".to_owned());
                }
            }
            Component::Supervisor => {
                for state in &mut self.tracks {
                    let problems = tracked(Some(&part.record), state.name).map(|track| total(&track));
                    state.history.extend(head.time.zip(problems));
                }
            }
            Component::Sync
            | Component::Cleaner
            | Component::Selftest
            | Component::Activity
            | Component::Diagnostics => {}
        }
    }

    /// Whether a component should have said something by `now`.
    pub fn is_silent(&self, component: Component, now: DateTime<Utc>) -> bool {
        let part = self.components.iter().find(|part| part.component == component);
        part.is_none_or(|part| part.is_silent(now))
    }

    /// What the newest run asked of the server; none where no record says it.
    pub fn budget(&self) -> Option<Budget> {
        let told = self.components.iter().filter_map(|part| Some((part.head.as_ref()?, part.api?)));
        let told: Vec<(&Head, Api)> = told.collect();
        let (last, newest) = told.iter().max_by_key(|(head, api)| (head.time, std::cmp::Reverse(api.remaining)))?;
        let same = told.iter().filter(|(head, _)| head.run_id == last.run_id).map(|(_, api)| api);
        let add = |sum: Api, api: &Api| Api {
            requests: sum.requests + api.requests,
            not_modified: sum.not_modified + api.not_modified,
            writes: sum.writes + api.writes,
            graphql_points: sum.graphql_points + api.graphql_points,
            retries: sum.retries + api.retries,
            waited_ms: sum.waited_ms + api.waited_ms,
            remaining: newest.remaining,
        };
        let api = same.fold(Api::default(), add);
        Some(Budget { api, run_id: last.run_id.clone(), time: last.time, file: last.file.clone() })
    }

    /// The issues of which there is something to tell, in the order of their numbers.
    pub fn issues(&self) -> Vec<u64> {
        let of_tracks = self.tracks.iter().flat_map(|state| {
            let problems = state.track.iter().flat_map(|track| &track.issues).map(|issue| issue.number);
            state.issues.iter().map(|issue| issue.number).chain(problems)
        });
        let rest = self.malformed.iter().filter_map(|issue| issue.number).chain(self.deferred.iter().copied());
        let failed = self.failed.iter().map(|issue| issue.number);
        let mut all: Vec<u64> = of_tracks
            .chain(rest)
            .chain(failed)
            .chain(self.untracked.iter().copied())
            .chain(self.changes.keys().copied())
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Part {
    /// Hours since it last said something.
    pub fn age_hours(&self, now: DateTime<Utc>) -> Option<f64> {
        self.head.as_ref()?.time.map(|time| (now - time).num_minutes() as f64 / 60.0)
    }

    /// Whether it should have said something since.
    pub fn is_silent(&self, now: DateTime<Utc>) -> bool {
        self.age_hours(now).is_none_or(|age| age > super::merge::allowed(self.cadence_hours))
    }
}

impl TrackState {
    /// How many of its issues are in that state.
    pub fn count(&self, freshness: Freshness) -> usize {
        self.issues.iter().filter(|issue| issue.status == freshness).count()
    }

    /// The verdict on the track.
    pub fn health(&self) -> Health {
        self.track.as_ref().map_or(Health::Unknown, |track| track.health)
    }
}

/// Problems in all.
pub fn total(track: &Track) -> u64 {
    let p = &track.problems;
    p.missing_codex + p.missing_milestone + p.wrong_track + p.foreign_milestone + p.stale + p.escalation + p.failing
}

fn part(shelf: &Shelf, component: Component) -> Part {
    let newest = shelf.newest.get(&component);
    let record = newest.map(|part| &part.record);
    Part {
        component,
        head: newest.map(|part| part.head.clone()),
        cadence_hours: shelf.pulse(component, None).cadence_hours,
        complete: record.and_then(|record| field(record, "complete")),
        dry_run: record.and_then(|record| field(record, "dry_run")).unwrap_or_default(),
        api: record.and_then(|record| field(record, "api")),
        warnings: items(record, "warnings"),
        errors: items(record, "errors"),
        summary: record.map_or_else(|| "has never said anything".to_owned(), |record| summary(component, record)),
    }
}

fn summary(component: Component, record: &Map<String, Value>) -> String {
    let len = |key: &str| record.get(key).and_then(Value::as_array).map(Vec::len);
    let number = |key: &str| field::<u64>(record, key);
    let said = match component {
        Component::Supervisor => {
            let problems = |name: &str| tracked(Some(record), name).map(|track| total(&track));
            problems("main")
                .zip(problems("dashboard"))
                .map(|(main, dashboard)| format!("problems: main {main}, dashboard {dashboard}"))
        }
        Component::Cleaner => {
            let closed = len("issues_closed").map(|len| len as u64).or_else(|| number("deleted_count"));
            closed.map(|closed| {
                let pruned = counted(number("telemetry_pruned_count").unwrap_or_default(), "file");
                format!("{closed} closed, {pruned} pruned")
            })
        }
        Component::Selftest => Some(match number("issue") {
            Some(issue) => format!("created #{issue} and read it back"),
            None => "records no issue: nothing proves that it ran".to_owned(),
        }),
        Component::Sync => len("details").map(|details| {
            let deferred = len("deferred").unwrap_or_default();
            let repaired = counted(details as u64, "issue");
            format!("{repaired} repaired, {deferred} deferred, {} failed", len("failed").unwrap_or_default())
        }),
        Component::Activity => record.contains_key("main").then(|| {
            let count = |name: &str| items::<ActivityIssue>(Some(record), name).len();
            format!("{} main, {} dashboard", count("main"), count("dashboard"))
        }),
        Component::Diagnostics => {
            let missing = items::<String>(Some(record), "missing_labels").len()
                + items::<String>(Some(record), "missing_variables").len();
            let checks = items::<super::telemetry::Check>(Some(record), "checks");
            let failed = checks.iter().filter(|check| !check.ok).count();
            Some(match checks.len() {
                0 => format!("missing: {missing}"),
                all => format!("{failed} of {all} checks failed, missing: {missing}"),
            })
        }
    };
    let listed =
        || len("items").or_else(|| len("issues")).map(|listed| format!("{listed} issues listed by an older tool"));
    said.or_else(listed).unwrap_or_else(|| "a record of an older tool".to_owned())
}

fn track(
    name: &'static str,
    supervisor: Option<&Map<String, Value>>,
    activity: Option<&Map<String, Value>>,
) -> TrackState {
    let mut issues: Vec<ActivityIssue> = items(activity, name);
    issues.sort_by_key(|issue| (std::cmp::Reverse((issue.status, issue.age_days)), issue.number));
    let limits = activity.and_then(|record| record.get("thresholds")).and_then(|all| all.get(name));
    TrackState {
        name,
        track: tracked(supervisor, name),
        issues,
        limits: limits.and_then(|limits| serde_json::from_value(limits.clone()).ok()).unwrap_or_default(),
        history: Vec::new(),
    }
}

/// A track of a supervisor's record; what is damaged in it counts as absent.
fn tracked(record: Option<&Map<String, Value>>, name: &str) -> Option<Track> {
    let Value::Object(fields) = record?.get("tracks")?.get(name)? else { return None };
    Some(Track {
        milestone: field(fields, "milestone"),
        open: field(fields, "open")?,
        healthy: field(fields, "healthy").unwrap_or_default(),
        problems: field(fields, "problems").unwrap_or_default(),
        health: field(fields, "health").unwrap_or(Health::Unknown),
        trend: field(fields, "trend"),
        issues: items(Some(fields), "issues"),
    })
}

/// A field, if it is there and of its type.
fn field<T: DeserializeOwned>(record: &Map<String, Value>, key: &str) -> Option<T> {
    record.get(key).and_then(|value| T::deserialize(value).ok())
}

/// The items of a list that are of their type.
fn items<T: DeserializeOwned>(record: Option<&Map<String, Value>>, key: &str) -> Vec<T> {
    let list = record.and_then(|record| record.get(key)).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|item| T::deserialize(item).ok()).collect()
}

/// How a run ended, in a word.
pub fn word(status: Option<Status>) -> &'static str {
    status.map_or("–", Status::name)
}

#[cfg(test)]
mod tests;
