//! The bodies of the six records, field by field in the order in which they are written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Component, Envelope};

/// A record: the envelope, then the fields of the component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record<B> {
    /// What every record begins with.
    #[serde(flatten)]
    pub envelope: Envelope,
    /// What this component says.
    #[serde(flatten)]
    pub body: B,
}

/// What a component says.
pub trait Body: Serialize + Default {
    /// Whose body it is.
    const COMPONENT: Component;
}

impl<B: Body> Record<B> {
    /// The record with this body; the envelope's component is the body's, whatever it said.
    pub fn new(mut envelope: Envelope, body: B) -> Record<B> {
        envelope.component = B::COMPONENT;
        Record { envelope, body }
    }

    /// Its file's name.
    pub fn file_name(&self) -> String {
        self.envelope.component.file_name(&self.envelope.run_id)
    }

    /// The bytes of its file.
    pub fn to_json(&self) -> Vec<u8> {
        super::to_json(self)
    }
}

/// One thing that was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Check {
    /// Stable name, such as `create` or `label:codex`.
    pub name: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// Why not, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What the self-test found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Selftest {
    /// The issue that was created and read back; none if there is none.
    pub issue: Option<u64>,
    /// The number of its milestone.
    pub milestone: Option<String>,
    /// The milestone's title.
    pub milestone_title: Option<String>,
    /// What was checked, in order.
    pub checks: Vec<Check>,
}

/// What the cleaner did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cleaner {
    /// Issues that are closed now because of this run.
    pub issues_closed: Vec<u64>,
    /// Issues that retention keeps open.
    pub retained: Vec<u64>,
    /// Telemetry files that were removed.
    pub telemetry_pruned_count: u64,
    /// Telemetry files that stay because nothing says how old they are.
    pub undated: Vec<String>,
}

/// Effects of a sync, counted after they were read back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Corrections {
    /// Label `codex` added.
    pub codex_label: u64,
    /// Label of the main track added.
    pub track_main: u64,
    /// Label of the dashboard track added.
    pub track_dashboard: u64,
    /// Cards added to the project.
    pub project_adjustments: u64,
    /// Milestones set.
    pub milestone: u64,
    /// Label of the other track removed.
    pub track_removed: u64,
}

/// What was changed on one issue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// The issue.
    pub number: u64,
    /// Changes: `add_codex_label`, the label that was added, `remove:LABEL`, `milestone`, `project`.
    pub changes: Vec<String>,
}

/// An issue that could not be repaired.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Failed {
    /// The issue.
    pub number: u64,
    /// Why, as the server said it.
    pub error: String,
}

/// An issue that is not as the interface promises.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Malformed {
    /// The issue; none if it is the number that is missing.
    pub number: Option<u64>,
    /// What is wrong, for people.
    pub reason: String,
    /// Stable word, such as `labels_missing`.
    pub code: String,
}

/// What the integrity scanner found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Integrity {
    /// Issues looked at.
    pub scanned: u64,
    /// Issues that are malformed.
    pub malformed: Vec<Malformed>,
}

/// What a sync did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sync {
    /// Issues looked at.
    pub scanned: u64,
    /// Issues left alone: self-tests, internal ones.
    pub excluded: u64,
    /// Effects, counted.
    pub corrections: Corrections,
    /// Effects, issue by issue.
    pub details: Vec<Detail>,
    /// Issues that the next run takes up.
    pub deferred: Vec<u64>,
    /// Issues that could not be repaired.
    pub failed: Vec<Failed>,
    /// What the scanner found on the way.
    pub integrity: Integrity,
    /// How much of what happens is ours; none before all issues were seen once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<Shares>,
}

/// How much of what happened to issues in the last hundred days is this pipeline's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shares {
    /// From when on it was counted, RFC 3339: at most a hundred days ago.
    pub since: String,
    /// Writes of ours that were read back.
    pub ours: u64,
    /// Changes by others, at least: several of one issue between two runs count as one.
    pub others_at_least: u64,
}

/// How a track is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Nothing needs attention.
    #[default]
    Ok,
    /// Something does.
    Degraded,
    /// It cannot be told: issues were not seen, or thresholds are missing.
    Unknown,
}

/// Problems of a track, counted by kind; one issue may have several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Problems {
    /// Without the label `codex`.
    pub missing_codex: u64,
    /// Without a milestone.
    pub missing_milestone: u64,
    /// With the label of the other track.
    pub wrong_track: u64,
    /// With a milestone of neither track.
    pub foreign_milestone: u64,
    /// Without human activity for longer than the first threshold.
    pub stale: u64,
    /// Without human activity for longer than the second one.
    pub escalation: u64,
    /// With a label that says that something fails.
    pub failing: u64,
}

/// How a track has moved since the supervisor looked before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trend {
    /// When that was, RFC 3339.
    pub since: String,
    /// Differences of the counts in [`Problems`]; those that did not move are left out.
    pub delta: BTreeMap<String, i64>,
    /// Whether the track is worse than it was.
    pub deteriorated: bool,
}

/// An issue with its problems.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrackIssue {
    /// The issue.
    pub number: u64,
    /// Names of fields of [`Problems`].
    pub problems: Vec<String>,
}

/// One track.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Track {
    /// Title of its milestone, if it could be resolved.
    pub milestone: Option<String>,
    /// Open issues.
    pub open: u64,
    /// Open issues without a problem.
    pub healthy: u64,
    /// Problems, counted.
    pub problems: Problems,
    /// The verdict.
    pub health: Health,
    /// Against the supervisor's record before; none if there is none.
    pub trend: Option<Trend>,
    /// Issues with problems.
    pub issues: Vec<TrackIssue>,
}

/// Both tracks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tracks {
    /// The main track.
    pub main: Track,
    /// The dashboard track.
    pub dashboard: Track,
}

/// What the supervisor says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Supervisor {
    /// Both tracks.
    pub tracks: Tracks,
    /// Open issues without a track label.
    pub untracked: Vec<u64>,
}

/// How long ago somebody did something about an issue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Freshness {
    /// Not long.
    Active,
    /// Longer than the first threshold.
    Stale,
    /// Longer than the second one.
    Escalation,
    /// It cannot be told.
    #[default]
    Unknown,
}

/// How old one issue is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActivityIssue {
    /// The issue.
    pub number: u64,
    /// The verdict.
    pub status: Freshness,
    /// Whole days since the last human activity; none if unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_days: Option<i64>,
    /// What the age rests on: `human`, or `created` and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// The issue's title as the server said it: anybody's text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// Days after which an issue of a track counts as old.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Stale from this age on.
    pub stale_days: Option<i64>,
    /// Escalated from this age on.
    pub escalation_days: Option<i64>,
}

/// The limits of both tracks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Thresholds {
    /// The main track's.
    pub main: Limits,
    /// The dashboard track's.
    pub dashboard: Limits,
}

/// What the activity engine says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Activity {
    /// Open issues of the main track.
    pub main: Vec<ActivityIssue>,
    /// Open issues of the dashboard track.
    pub dashboard: Vec<ActivityIssue>,
    /// The limits in force, so that a reader can tell why an issue is stale.
    pub thresholds: Thresholds,
}

/// Titles of the milestones that the variables name; none where they name nothing that exists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Milestones {
    /// The main track's.
    pub main: Option<String>,
    /// The dashboard track's.
    pub dashboard: Option<String>,
    /// The self-tests'.
    pub selftest: Option<String>,
}

/// The project board.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    /// Whether it was found.
    pub exists: bool,
    /// Its number.
    pub number: Option<u64>,
}

/// What can be published from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GhPages {
    /// `dashboard/`
    pub dashboard_exists: bool,
    /// `telemetry/`
    pub telemetry_exists: bool,
}

/// What the diagnostics found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Diagnostics {
    /// What was checked, in order.
    pub checks: Vec<Check>,
    /// Labels that the repository does not have.
    pub missing_labels: Vec<String>,
    /// Variables that are not set.
    pub missing_variables: Vec<String>,
    /// The milestones.
    pub milestones: Milestones,
    /// The project.
    pub project: Project,
    /// The published folders.
    pub gh_pages: GhPages,
    /// Whether something is missing without which the others cannot work.
    pub config_error: bool,
}

impl Body for Supervisor {
    const COMPONENT: Component = Component::Supervisor;
}

impl Body for Cleaner {
    const COMPONENT: Component = Component::Cleaner;
}

impl Body for Selftest {
    const COMPONENT: Component = Component::Selftest;
}

impl Body for Sync {
    const COMPONENT: Component = Component::Sync;
}

impl Body for Activity {
    const COMPONENT: Component = Component::Activity;
}

impl Body for Diagnostics {
    const COMPONENT: Component = Component::Diagnostics;
}
