//! Operations: what one action of the operator wants to be true afterwards, over one or more documents.
//!
//! Pure: `plan` checks every expectation against documents and makes the new contents; nothing here touches files.

mod gap;
pub mod history;
pub mod plan;

pub use gap::Gap;
pub use history::{Appended, EditRecord, FileRecord, Record};
pub use plan::{FilePlan, Mode, Plan, Refusal, plan};

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::doc::{Addition, CellId, DocId, Inserted};

/// Number of an operation in the history of a workspace; later operations have larger numbers, whatever the clock says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OpId(pub u64);

impl fmt::Display for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What the operator meant, for people and for the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The verb that wrote it, for example `checklist tick`; the cockpit uses the same names.
    pub verb: String,
    /// One line in the imperative, for example `tick "Confirm the same task exists …"`.
    pub summary: String,
}

/// One durable unit that happens entirely or not at all, and can be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// What was meant.
    pub intent: Intent,
    /// The changes, in any order; changes to one document are located on the same bytes.
    pub edits: Vec<Edit>,
    /// The operation that this one takes back (an undo), if any. Undoing an undo is a redo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<OpId>,
}

impl Operation {
    /// How many rows, records and elements it takes out of documents. A taken-back line (of a session log, say) is none.
    pub fn removes(&self) -> usize {
        self.edits.iter().filter(|edit| self.removes_row(edit)).count()
    }

    /// Whether the edit takes a row out that the operation puts nowhere else.
    fn removes_row(&self, edit: &Edit) -> bool {
        let name = |text: &str| text.lines().find(|line| !line.starts_with('#')).map(str::to_owned);
        let moved = |text: &str| {
            self.edits.iter().any(|other| match &other.change {
                Change::Add { addition: Addition::Item { text: added, .. }, .. } => {
                    other.doc == edit.doc && name(added) == name(text)
                }
                _ => false,
            })
        };
        match &edit.change {
            Change::TakeOut { addition: Addition::Item { text, .. }, .. } => edit.removes_row() && !moved(text),
            _ => edit.removes_row(),
        }
    }

    /// Whether it takes more than one row or record out of some document: nothing that happens by one key.
    pub fn removes_many(&self) -> bool {
        let rows = || self.edits.iter().filter(|edit| self.removes_row(edit));
        rows().any(|edit| rows().filter(|other| other.doc == edit.doc).count() > 1)
    }
}

impl Edit {
    /// Whether it takes out a table row, a record or an element with an id; a line of a list is none.
    pub fn removes_row(&self) -> bool {
        match &self.change {
            Change::TakeOut { addition, .. } => match addition {
                Addition::Row { .. } | Addition::Record { .. } => true,
                Addition::Item { text, .. } => text.lines().any(|line| line.starts_with("id:")),
                Addition::Line { .. } | Addition::Entry { .. } | Addition::Document { .. } => false,
            },
            Change::Set { .. } | Change::Add { .. } | Change::Rewrite { .. } => false,
        }
    }
}

/// One change to one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The document.
    pub doc: DocId,
    /// What becomes of it.
    pub change: Change,
}

/// The change of an [`Edit`]; each is a compare-and-swap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "change")]
pub enum Change {
    /// The cell holds `expect` and is to hold `write`. No conflict when it holds `write` already.
    Set {
        /// Where.
        cell: CellId,
        /// Decoded value that the operator saw.
        expect: String,
        /// Decoded value that is to be there.
        write: String,
        /// The bytes that an earlier operation replaced here: an undo puts exactly these back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        exact: Option<Exact>,
    },
    /// A line, table row, record, element or key is to be added, or a document to be created.
    Add {
        /// What, and where.
        addition: Addition,
        /// The gap that it left when an earlier operation took it out: an undo puts exactly these bytes back there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        gap: Option<Gap>,
    },
    /// An addition is to be taken back.
    TakeOut {
        /// What was added.
        addition: Addition,
        /// The exact bytes that were inserted then, so that undo restores the file byte for byte where nobody
        /// touched them; without it (or when they changed) the line or record alone is removed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        inserted: Option<Inserted>,
        /// The addition created the document: when nothing else is left in it, the document goes too.
        #[serde(default)]
        created: bool,
        /// How many parent folders were made for the document; they go with it when they are empty.
        #[serde(default, skip_serializing_if = "is_zero")]
        folders: usize,
    },
    /// The exact text of whole lines of a Markdown document or of whole records is to be replaced: the repair of what is
    /// damaged, and the change of a line that has no address of its own.
    Rewrite {
        /// The exact bytes of the lines or records as the operator saw them, without the terminator behind it.
        expect: String,
        /// What is to stand there; may hold line breaks, when one line becomes several rows.
        write: String,
        /// 0-based among the places with that text.
        #[serde(default, skip_serializing_if = "is_zero")]
        occurrence: usize,
    },
}

#[allow(clippy::trivially_copy_pass_by_ref)] // The shape that serde asks for.
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// What an operation once replaced around a cell, so that taking it back restores the very bytes (quoting, padding, `<br/>`
/// and all) and not only their meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exact {
    /// How many bytes of `there` lie before the cell's text.
    pub lead: usize,
    /// The bytes that the operation wrote.
    pub there: String,
    /// The bytes that stood there before.
    pub back: String,
}

/// Expected and found differ; a value, never an error string. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// The document.
    pub doc: DocId,
    /// The cell; none when the line or record that was to be taken back or rewritten is gone, and when it is about a whole
    /// document: one that is there already (`base` is empty), or one that is to go and was changed (`mine` is empty).
    pub cell: Option<CellId>,
    /// 1-based line where the cell stands now.
    pub line: Option<usize>,
    /// What the operator saw.
    pub base: String,
    /// What stands there now; none when the cell is gone.
    pub theirs: Option<String>,
    /// What the operator wanted to write.
    pub mine: String,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.doc)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        match &self.theirs {
            Some(_) if self.cell.is_none() && self.base.is_empty() => {
                write!(f, ": it is there already, and a document is only created where none is")
            }
            Some(_) if self.cell.is_none() && self.mine.is_empty() => {
                write!(f, ": somebody has changed it since it was created, so it is not removed")
            }
            Some(theirs) => write!(f, ": expected {:?}, found {theirs:?}, wanted {:?}", self.base, self.mine),
            None => write!(f, ": expected {:?}, but it is no longer there; wanted {:?}", self.base, self.mine),
        }
    }
}
