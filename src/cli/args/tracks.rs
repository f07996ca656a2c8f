//! The arguments of the verbs of `track` that ask a server.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use crate::workbench::track::ask;

/// `track …`, the part that asks a server. The token comes from `GH_CI_PAT` alone.
#[derive(Debug, Subcommand)]
pub enum TrackOnline {
    /// All workflows in their order: diagnose, self-test, clean, sync, supervise, activity, merge.
    Run(TrackAsk),
    /// Whether variables, labels, milestones, project, rights and gh-pages are there. Reads only.
    Diagnose(TrackAsk),
    /// Create one issue, read it back, and say what came of it.
    SelfTest(TrackAsk),
    /// Close old self-test issues, remove old telemetry.
    Clean(TrackAsk),
    /// Repair labels, milestones and project cards of open issues.
    Sync(TrackAsk),
    /// How both tracks are. Reads only.
    Supervise(TrackAsk),
    /// How old the issues are. Reads only.
    Activity(TrackAsk),
    /// Issues that are malformed. Reads only.
    Integrity {
        #[command(flatten)]
        ask: TrackAsk,
        /// Compare with GraphQL's list of issues, too.
        #[arg(long)]
        deep: bool,
    },
    /// What `run` would change, issue by issue, with the rule that asks for it. Changes nothing.
    Plan(TrackPlan),
    /// Carry out a saved plan; issues that are not as it expects are left alone.
    Apply(TrackApply),
}

/// What all of them take.
#[derive(Debug, Args)]
pub struct TrackAsk {
    /// A repository; may be given more than once, the first one is home. GITHUB_REPOSITORY, codex-tui.toml or the git remote when left out.
    #[arg(long = "repo", value_name = "OWNER/NAME")]
    pub repos: Vec<String>,
    /// The folder for telemetry and state, such as a checkout of gh-pages; that of the workspace when left out.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Say what would be changed, and write nothing anywhere.
    #[arg(long)]
    pub dry_run: bool,
    /// Requests that change something, at most.
    #[arg(long, value_name = "N", default_value_t = ask::MAX_WRITES)]
    pub max_writes: u64,
    /// After this time nothing more is sent; the next run goes on.
    #[arg(long, value_name = "SECONDS", default_value_t = ask::MAX_SECONDS)]
    pub max_seconds: u64,
    /// Least time between two writes; also the unit of patience between attempts.
    #[arg(long, value_name = "MS", default_value_t = ask::WRITE_INTERVAL_MS)]
    pub write_interval_ms: u64,
    /// The run, part of file names; GITHUB_RUN_ID or time and process when left out.
    #[arg(long, value_name = "ID")]
    pub run_id: Option<String>,
    /// Count ages from this moment (RFC 3339), not from the clock.
    #[arg(long, value_name = "TIME")]
    pub now: Option<DateTime<Utc>>,
    /// Exit with 1 when a record says `error`.
    #[arg(long)]
    pub strict: bool,
}

/// `track plan`.
#[derive(Debug, Args)]
pub struct TrackPlan {
    #[command(flatten)]
    pub ask: TrackAsk,
    /// Save the plan here, for `track apply`.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
}

/// `track apply`.
#[derive(Debug, Args)]
pub struct TrackApply {
    /// The plan.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub ask: TrackAsk,
}
