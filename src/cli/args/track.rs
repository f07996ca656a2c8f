//! `track …`: the dual-track pipeline.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::DryRun;

/// `track …`.
#[derive(Debug, Subcommand)]
pub enum Track {
    /// Make one dashboard of the newest telemetry; the same files give the same bytes.
    Merge(Merge),
    /// What the last telemetry says: tracks, ages, silent components, what is left over.
    Status(TrackStatus),
    /// Commit `telemetry/` and `dashboard/` of a checkout and push them.
    Publish(Publish),
}

/// Where telemetry lies.
#[derive(Debug, Args)]
pub struct TrackFolder {
    /// The folder that holds `telemetry/` and `dashboard/`, such as a checkout of gh-pages; that of the workspace when left out.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Read what older tools left in other places, too.
    #[arg(long)]
    pub legacy: bool,
}

/// `track merge`.
#[derive(Debug, Args)]
pub struct Merge {
    #[command(flatten)]
    pub folder: TrackFolder,
    /// Count ages from this moment (RFC 3339), not from the newest record.
    #[arg(long, value_name = "TIME")]
    pub now: Option<DateTime<Utc>>,
    #[command(flatten)]
    pub dry: DryRun,
}

/// `track status`.
#[derive(Debug, Args)]
pub struct TrackStatus {
    #[command(flatten)]
    pub folder: TrackFolder,
    /// Count ages from this moment (RFC 3339), not from the clock.
    #[arg(long, value_name = "TIME")]
    pub now: Option<DateTime<Utc>>,
    /// Only this issue: why it is as it is, and what was changed.
    #[arg(long, value_name = "NUMBER")]
    pub issue: Option<u64>,
    /// Exit with 1 when a track is degraded or a component silent.
    #[arg(long)]
    pub strict: bool,
}

/// `track publish`.
#[derive(Debug, Args)]
pub struct Publish {
    #[command(flatten)]
    pub folder: TrackFolder,
    /// The commit's message.
    #[arg(long, value_name = "TEXT", default_value = "Telemetry and dashboard")]
    pub message: String,
    /// Exit with 1 when it could not be pushed.
    #[arg(long)]
    pub strict: bool,
}
