//! All dated things on one time axis: plans' timeline tables and bullets, session logs, dated board moves.

use chrono::{NaiveDate, NaiveTime};
use serde::Serialize;

use crate::doc::DocId;

/// A date, with a time where the document gives one (`formats.md` §4: `2025-12-22`, `2025-12-10 11:52`,
/// `2025-12-22 18:50 MT`). Wall-clock time of the document's own zone; never converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// The day.
    pub date: NaiveDate,
    /// The time of day, if given. A stamp without a time sorts before those with one on its day.
    pub time: Option<NaiveTime>,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// A row or bullet of a plan's timeline.
    Timeline,
    /// A session log.
    Session,
    /// A dated state on the board.
    Board,
}

/// One event of the time axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineEvent {
    /// When.
    pub at: Stamp,
    /// Plan letters (`A`, `AF`), where the event belongs to one.
    pub plan: Option<String>,
    /// What kind.
    pub kind: EventKind,
    /// One line.
    pub summary: String,
    /// Source document.
    pub doc: DocId,
    /// 1-based source line.
    pub line: usize,
}

/// All events, newest first, and the rows that carry no readable date.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// Newest first; equal stamps keep the order of plan, document and line.
    pub events: Vec<TimelineEvent>,
    /// Timeline rows whose date could not be read: document, line, text.
    pub undated: Vec<(DocId, usize, String)>,
}
