//! Telemetry as the pipeline writes it: one envelope and a body for each of the six components.
//!
//! Strict in what is written: every field of the envelope is always there, in one order, and the bytes of a record depend on
//! nothing but its content. What older tools wrote is read elsewhere; this module knows only our own form.

mod lines;
pub mod record;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

pub use record::{
    Activity, ActivityIssue, Body, Check, Cleaner, Corrections, Detail, Diagnostics, Failed, Freshness, GhPages,
    Health, Integrity, Limits, Malformed, Milestones, Problems, Project, Record, Selftest, Shares, Supervisor, Sync,
    Thresholds, Track, TrackIssue, Tracks, Trend,
};

/// Version of the form, in the field `schema`.
pub const SCHEMA: u32 = 1;

/// Who wrote a record. The order is that of the keys of `dashboard.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Component {
    /// Judges the health of both tracks.
    Supervisor,
    /// Closes old self-test issues, prunes old telemetry.
    Cleaner,
    /// Creates an issue and reads it back.
    Selftest,
    /// Repairs labels, milestones and project cards.
    Sync,
    /// Tells active, stale and escalated issues apart.
    Activity,
    /// Checks that what the others need is there.
    Diagnostics,
}

impl Component {
    /// All, in the order of the keys of `dashboard.json`.
    pub const ALL: [Component; 6] = [
        Component::Supervisor,
        Component::Cleaner,
        Component::Selftest,
        Component::Sync,
        Component::Activity,
        Component::Diagnostics,
    ];

    /// The word in the field `component` and the key in `dashboard.json`.
    pub fn name(self) -> &'static str {
        match self {
            Component::Supervisor => "supervisor",
            Component::Cleaner => "cleaner",
            Component::Selftest => "selftest",
            Component::Sync => "sync",
            Component::Activity => "activity",
            Component::Diagnostics => "diagnostics",
        }
    }

    /// What its file names begin with, up to the `-` before the run.
    pub fn prefix(self) -> &'static str {
        match self {
            Component::Selftest => "self-test",
            other => other.name(),
        }
    }

    /// The component that a word names: its own name, its prefix, or a name that an earlier tool gave it. Case and `_` for `-`
    /// do not matter.
    pub fn of_alias(word: &str) -> Option<Component> {
        let word = word.trim().to_ascii_lowercase().replace('_', "-");
        Component::ALL.into_iter().find(|component| component.aliases().contains(&word.as_str()))
    }

    /// Every word for it that was ever in use, the longest first.
    pub fn aliases(self) -> &'static [&'static str] {
        match self {
            Component::Supervisor => &["dual-track-supervisor", "supervisor"],
            Component::Cleaner => &["cleaner-selftest", "cleaner"],
            Component::Selftest => &["codex-selftest", "self-test", "selftest"],
            Component::Sync => &["project-sync", "projectsync", "sync"],
            Component::Activity => &["activity-engine", "activity"],
            Component::Diagnostics => &["diagnostics"],
        }
    }

    /// The name of its telemetry file for a run: `sync-2079.json`. The run's characters other than `[A-Za-z0-9._-]` become
    /// `-`, because a name with a colon cannot be checked out everywhere.
    pub fn file_name(self, run_id: &str) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let run: String = run_id.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
        format!("{}-{run}.json", self.prefix())
    }
}

/// How a run of a component ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Everything was done, and read back.
    #[default]
    Ok,
    /// Done, with something left over or worth a look.
    Warning,
    /// Something that should have happened did not.
    Error,
    /// Nothing was to be done here, for a reason that stands in the warnings.
    Skipped,
    /// Ended before it began.
    Aborted,
}

impl Status {
    /// The word in the field `status`.
    pub fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Error => "error",
            Status::Skipped => "skipped",
            Status::Aborted => "aborted",
        }
    }
}

/// What a run asked of the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Api {
    /// Requests sent, all kinds.
    pub requests: u64,
    /// Answers that said "not modified".
    pub not_modified: u64,
    /// Requests that changed something.
    pub writes: u64,
    /// Points that GraphQL queries took.
    pub graphql_points: u64,
    /// Requests that were sent again.
    pub retries: u64,
    /// Milliseconds spent waiting for limits.
    pub waited_ms: u64,
    /// Requests left in the hour, as the server said last; none if it did not say.
    pub remaining: Option<u64>,
}

/// Something worth telling.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Note {
    /// Stable word, such as `threshold_missing`.
    pub code: String,
    /// One sentence for people.
    pub message: String,
}

impl Note {
    /// A note.
    pub fn new(code: &str, message: impl Into<String>) -> Note {
        Note { code: code.to_owned(), message: message.into() }
    }
}

/// What every record begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// [`SCHEMA`].
    pub schema: u32,
    /// Who wrote it.
    pub component: Component,
    /// How the run ended.
    pub status: Status,
    /// When the run ended, in whole seconds.
    #[serde(with = "seconds")]
    pub timestamp: DateTime<Utc>,
    /// The run; also part of the file name.
    pub run_id: String,
    /// The run's number for people, where there is one.
    pub run_number: Option<String>,
    /// `owner/name`, as the server spells it.
    pub repository: String,
    /// The repository's id, once the server has said it.
    pub repository_id: Option<u64>,
    /// Whether everything was seen that had to be seen.
    pub complete: bool,
    /// Whether nothing was to be changed.
    pub dry_run: bool,
    /// How long the run took.
    pub duration_ms: u64,
    /// What it asked of the server.
    pub api: Api,
    /// What did not stop it.
    pub warnings: Vec<Note>,
    /// What did.
    pub errors: Vec<Note>,
}

impl Envelope {
    /// The envelope of a run that went well and asked nothing.
    pub fn new(component: Component, timestamp: DateTime<Utc>, run_id: &str, repository: &str) -> Envelope {
        Envelope {
            schema: SCHEMA,
            component,
            status: Status::Ok,
            timestamp,
            run_id: run_id.to_owned(),
            run_number: None,
            repository: repository.to_owned(),
            repository_id: None,
            complete: true,
            dry_run: false,
            duration_ms: 0,
            api: Api::default(),
            warnings: Vec::new(),
            errors: Vec::new(),
        }
    }
}

/// The bytes of a file that holds this value: the outer two levels on lines of their own, so that a person can read it and a
/// difference is short, everything deeper on one line each; a line end at the end.
pub fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    lines::to_json(value)
}

/// A moment as it is written everywhere: `2026-11-21T02:40:00Z`.
pub fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Whole seconds, UTC, with `Z`.
mod seconds {
    use super::{DateTime, Utc, moment};
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&moment(*at))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
        DateTime::deserialize(from)
    }
}

#[cfg(test)]
mod tests;
