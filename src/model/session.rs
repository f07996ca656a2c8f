//! Session logs: `docs/agents/sessions/YYYY-MM-DD_session-NNNN.md` (`formats.md` §7).

use chrono::NaiveDate;

use crate::doc::DocId;

/// What a session log says of itself. Keys that are missing stay empty: early logs have none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionLog {
    /// The log.
    pub doc: DocId,
    /// Name of the session: the file's stem, for example `2025-12-22_session-0015`.
    pub name: String,
    /// Date from the file name.
    pub date: Option<NaiveDate>,
    /// Number from the file name.
    pub number: Option<u32>,
    /// `**Role:**`.
    pub role: String,
    /// `**Task board card:**` (or `cards`, or `Plans / Tasks`), as written.
    pub card: String,
    /// Task ids on the card line, in order.
    pub tasks: Vec<String>,
    /// `Status:` of the outcome, as written.
    pub status: String,
}
