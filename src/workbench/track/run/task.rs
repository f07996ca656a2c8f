//! What is asked of a run, what it tells on the way, and what came of it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::desk::Variables;
use crate::hub::origin::Base;
use crate::hub::token::{Token, VARIABLE};
use crate::hub::{Counts, Settings};
use crate::model::track::plan::{Forecast, Plan};
use crate::model::track::telemetry::{Component, Integrity};
use crate::store::StoreError;

/// What is to be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Everything, in the order of the specification.
    Run,
    /// Whether what the others need is there.
    Diagnose,
    /// One issue, created and read back.
    Selftest,
    /// Old self-test issues and telemetry.
    Clean,
    /// Labels, milestones and cards.
    Sync,
    /// How the tracks are.
    Supervise,
    /// How old the issues are.
    Activity,
    /// Malformed issues.
    Integrity,
}

impl Task {
    /// The components whose records it writes, in order.
    pub fn components(self) -> &'static [Component] {
        match self {
            Task::Run => &[
                Component::Diagnostics,
                Component::Selftest,
                Component::Cleaner,
                Component::Sync,
                Component::Supervisor,
                Component::Activity,
            ],
            Task::Diagnose => &[Component::Diagnostics],
            Task::Selftest => &[Component::Selftest],
            Task::Clean => &[Component::Cleaner],
            Task::Sync => &[Component::Sync],
            Task::Supervise => &[Component::Supervisor],
            Task::Activity => &[Component::Activity],
            Task::Integrity => &[],
        }
    }

    /// The verb that runs it.
    pub fn name(self) -> &'static str {
        match self {
            Task::Run => "run",
            Task::Diagnose => "diagnose",
            Task::Selftest => "self-test",
            Task::Clean => "clean",
            Task::Sync => "sync",
            Task::Supervise => "supervise",
            Task::Activity => "activity",
            Task::Integrity => "integrity",
        }
    }

    pub(super) fn has(self, component: Component) -> bool {
        self.components().contains(&component)
    }
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Repositories as `owner/name`; the first one is home.
    pub repos: Vec<String>,
    /// The folder for telemetry and state.
    pub out: PathBuf,
    /// The run; part of file names.
    pub run_id: String,
    /// The run's number for people.
    pub run_number: Option<String>,
    /// Ages count from here; from the clock when none.
    pub now: Option<DateTime<Utc>>,
    /// Plan, and write nothing anywhere.
    pub dry_run: bool,
    /// Requests that change something, at most.
    pub max_writes: u64,
    /// Compare with the GraphQL list, too.
    pub deep: bool,
    /// Where the API is, how fast and how long.
    pub api: Settings,
    /// The variables of the environment.
    pub variables: Variables,
}

/// What happens, for whoever watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A workflow begins.
    Phase {
        /// The repository.
        repository: String,
        /// The workflow.
        name: &'static str,
    },
    /// What the run will take; said before the first write.
    Forecast(Forecast),
    /// What is left of the work on a repository's issues, said before the first one and after each.
    Left {
        /// The repository.
        repository: String,
        /// Issues that are still to come.
        left: usize,
        /// Issues that could not be changed so far.
        failed: usize,
        /// Issues that are left for the next run.
        deferred: usize,
    },
    /// An issue was changed, and the change read back.
    Wrote {
        /// The repository.
        repository: String,
        /// The issue.
        number: u64,
        /// What.
        changes: Vec<String>,
    },
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The records, as they were written (or would have been): repository, component, record.
    pub records: Vec<(String, Component, Value)>,
    /// The plan, for a dry run.
    pub plan: Option<Plan>,
    /// Malformed issues by repository.
    pub integrity: Vec<(String, Integrity)>,
    /// What the merge wrote; none when there was no merge.
    pub merged: Option<Vec<String>>,
    /// Files that could not be written, and other things outside of records.
    pub problems: Vec<String>,
    /// What was asked of the server.
    pub counts: Counts,
}

/// Why nothing was begun.
#[derive(Debug)]
pub enum Refused {
    /// There is no token; records say `aborted`.
    NoToken,
    /// The folder cannot be written.
    Store(StoreError),
    /// What was asked makes no sense.
    Usage(String),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::NoToken => write!(f, "{VARIABLE} is not set (or blank): nothing was asked of any server"),
            Refused::Store(error) => error.fmt(f),
            Refused::Usage(why) => f.write_str(why),
        }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Refused {
        Refused::Store(error)
    }
}

/// The addresses of the API from the environment, with the usual defaults.
///
/// # Errors
/// What is wrong with them.
pub fn endpoints(get: impl Fn(&str) -> Option<String>) -> Result<(Base, Base), String> {
    let filled = |name: &str| get(name).filter(|value| !value.trim().is_empty());
    let rest = filled("GITHUB_API_URL").unwrap_or_else(|| "https://api.github.com".to_owned());
    let graphql =
        filled("GITHUB_GRAPHQL_URL").unwrap_or_else(|| match rest.trim_end_matches('/').strip_suffix("/api/v3") {
            Some(host) => format!("{host}/api/graphql"),
            None => format!("{}/graphql", rest.trim_end_matches('/')),
        });
    let base = |name: &str, text: &str| Base::parse(text).map_err(|why| format!("{name}: {why}"));
    let (rest, graphql) = (base("GITHUB_API_URL", &rest)?, base("GITHUB_GRAPHQL_URL", &graphql)?);
    if rest.same_origin(&graphql.address()).is_none() {
        return Err(
            "GITHUB_API_URL and GITHUB_GRAPHQL_URL are of different origins; one token goes to one of them".to_owned()
        );
    }
    Ok((rest, graphql))
}

/// The settings of the client; `cancel` and `gauge` in them are new, for whoever starts it.
pub fn client(rest: Base, graphql: Base, write_interval: Duration, max_time: Duration) -> Settings {
    Settings { rest, graphql, write_interval, max_time, cancel: Arc::default(), gauge: Arc::default() }
}

/// The token of the environment.
pub fn token() -> Option<Token> {
    Token::from_environment()
}
