//! Telemetry as samples: what the bytes of event files, recorded runs, summaries and roll-ups say about the events that the
//! clauses name. Pure: the bytes come from `store`, chunk by chunk.

mod artifact;
mod events;
mod line;
mod needs;
mod roll;
mod rows;
mod stamp;

use std::sync::Arc;

use chrono::NaiveDateTime;

use crate::doc::DocId;

pub(in crate::model::gate) use artifact::nested;
pub use artifact::{Content, Stated, read_artifact};
pub use events::{EventFile, MAX_LINE};
pub use needs::{Needs, QUEUED, is_streak};
pub use roll::read_roll_up;
pub use rows::{Row, Rows};
pub use stamp::stamp_of_name;

/// How many problems of one file are kept; the rest is counted.
pub const MAX_PROBLEMS: usize = 20;

/// A damaged place of a telemetry file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// 1-based line.
    pub line: u32,
    /// What is wrong with it, and what that means.
    pub message: String,
    /// Whether it is only worth knowing: the file is no event file and does not pretend to be one.
    pub note: bool,
}

/// One file of telemetry, read.
#[derive(Debug, Clone)]
pub struct TelemetryFile {
    /// Where it is.
    pub id: DocId,
    /// When it was made, by its name, else by its records; never by the clock of the file system.
    pub stamp: Option<NaiveDateTime>,
    /// Whether the name gives the day: all of the file then belongs to that day.
    pub dated: bool,
    /// The folder of the bundle that it is a part of.
    pub bundle: Option<String>,
    /// What it says.
    pub content: Arc<Content>,
    /// Damaged places, the first [`MAX_PROBLEMS`].
    pub faults: Arc<Vec<Fault>>,
}

/// All telemetry at one moment.
#[derive(Debug, Clone, Default)]
pub struct Telemetry {
    /// The files, sorted by path.
    pub files: Vec<TelemetryFile>,
    /// What reading cost and found.
    pub read: ReadCounts,
}

/// What reading cost and found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadCounts {
    /// Files that are held.
    pub files: u64,
    /// Bytes that were read for this result; of a file that grew only what is new.
    pub bytes: u64,
    /// Records in the files that are held.
    pub records: u64,
    /// Lines and files that could not be used.
    pub skipped: u64,
    /// Files that were read for this result, in part or as a whole.
    pub files_read: u64,
}
