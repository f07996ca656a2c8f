//! Plan files: `docs/plans/Plan<letters>_<Name>.md` (`formats.md` §5).

use crate::doc::DocId;
use crate::model::timeline::TimelineEvent;

/// One row of a plan's "Active work" table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveRow {
    /// Task id as written.
    pub id: String,
    /// Title or description.
    pub title: String,
    /// Owner, empty where the table has no such column.
    pub owner: String,
    /// Status as written.
    pub status: String,
    /// 1-based line.
    pub line: usize,
}

/// A plan file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The file.
    pub doc: DocId,
    /// Plan letters from the file name, for example `AF`.
    pub letters: String,
    /// Title without the leading `Plan X` and separator.
    pub title: String,
    /// Rows of the "Active work" tables.
    pub active: Vec<ActiveRow>,
    /// Rows and bullets of the timeline sections, in document order.
    pub events: Vec<TimelineEvent>,
    /// Timeline rows without a readable date: line and text.
    pub undated: Vec<(usize, String)>,
}
