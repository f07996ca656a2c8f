//! What an operation did, durably recorded; which operation an undo or redo means.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};

use super::{Edit, Intent, OpId, Operation};
use crate::doc::{DocId, Rev};

/// One finished operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its number; orders the history.
    pub op: OpId,
    /// When it was done, for people; the clock orders nothing.
    pub at: DateTime<FixedOffset>,
    /// Who did it.
    pub actor: String,
    /// Through which front end.
    pub via: String,
    /// What was asked for.
    pub operation: Operation,
    /// What takes it back.
    pub inverse: Vec<Edit>,
    /// What became of each document.
    pub files: Vec<FileRecord>,
}

/// What became of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// The document.
    pub file: DocId,
    /// Content before; none when it was created.
    pub before: Option<Rev>,
    /// Content after; none when it was removed.
    pub after: Option<Rev>,
    /// Its edits.
    pub edits: Vec<EditRecord>,
    /// What [`FilePlan::held`](super::FilePlan::held) said.
    pub held: Vec<usize>,
    /// What is appended in place, because somebody holds the document open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appended: Option<Appended>,
}

/// Text that is appended to a document in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appended {
    /// Size of the document before.
    pub from: u64,
    /// The text.
    pub text: String,
}

/// One edit, for people and scripts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditRecord {
    /// Address.
    pub at: serde_json::Value,
    /// Text before, none for an addition.
    pub old: Option<String>,
    /// Text after, none for a removal.
    pub new: Option<String>,
}

impl Record {
    /// The operation that takes this one back.
    pub fn undo(&self) -> Operation {
        // Taking an undo back is doing the first one again, and taking that back is an undo once more: named after what it
        // does, not after what it takes back.
        let intent = &self.operation.intent;
        let word = if self.operation.undoes.is_some() && intent.verb != "redo" { "redo" } else { "undo" };
        let summary = match self.operation.undoes {
            // The number is that of the first operation, however often it was taken back and done again.
            Some(_) => format!("{word} {}", intent.summary.split_once(' ').map_or("", |(_, rest)| rest)),
            None => format!("undo {}: {}", self.op, intent.summary),
        };
        Operation {
            intent: Intent { verb: word.to_owned(), summary },
            edits: self.inverse.clone(),
            undoes: Some(self.op),
        }
    }
}

/// For each record, whether a later one that still holds took it back.
pub fn undone(records: &[Record]) -> Vec<bool> {
    let mut undone = vec![false; records.len()];
    for at in (0..records.len()).rev() {
        if undone[at] {
            continue;
        }
        if let Some(target) = records[at].operation.undoes
            && let Some(first) = records[..at].iter().position(|record| record.op == target)
        {
            undone[first] = true;
        }
    }
    undone
}

/// The record that undo means: the newest one that holds and takes nothing back, or is a redo.
pub fn to_undo(records: &[Record]) -> Option<&Record> {
    let undone = undone(records);
    (0..records.len()).rev().find(|&at| !undone[at] && !is_undo(records, at)).map(|at| &records[at])
}

/// The record that redo means: the newest undo that holds, unless something new was done after it.
pub fn to_redo(records: &[Record]) -> Option<&Record> {
    let undone = undone(records);
    for at in (0..records.len()).rev() {
        if is_undo(records, at) {
            if !undone[at] {
                return Some(&records[at]);
            }
        } else if records[at].operation.undoes.is_none() && !undone[at] {
            return None;
        }
    }
    None
}

/// Whether the record takes back an operation that was not an undo itself.
fn is_undo(records: &[Record], at: usize) -> bool {
    let Some(target) = records[at].operation.undoes else { return false };
    match records[..at].iter().position(|record| record.op == target) {
        Some(first) => !is_undo(records, first),
        // The target is not in the history any more: it was an ordinary operation as far as can be told.
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(undoes: &[Option<u64>]) -> Vec<Record> {
        let record = |(at, undoes): (usize, &Option<u64>)| Record {
            op: OpId(at as u64 + 1),
            at: DateTime::UNIX_EPOCH.fixed_offset(),
            actor: String::new(),
            via: String::new(),
            operation: Operation {
                intent: Intent { verb: String::new(), summary: String::new() },
                edits: Vec::new(),
                undoes: undoes.map(OpId),
            },
            inverse: Vec::new(),
            files: Vec::new(),
        };
        undoes.iter().enumerate().map(record).collect()
    }

    #[test]
    fn undo_and_redo_are_named_after_what_they_do() {
        let mut record = records(&[None]).remove(0);
        record.operation.intent = Intent { verb: "task set".to_owned(), summary: "set Title of A-1".to_owned() };
        for (op, word) in [(2, "undo"), (3, "redo"), (4, "undo"), (5, "redo"), (6, "undo")] {
            let operation = record.undo();
            assert_eq!(operation.intent.verb, word);
            assert_eq!(operation.intent.summary, format!("{word} 1: set Title of A-1"));
            record = Record { op: OpId(op), operation, ..record };
        }
    }

    #[test]
    fn undo_and_redo_walk_the_history() {
        let check = |undoes: &[Option<u64>], undo: Option<u64>, redo: Option<u64>| {
            let records = records(undoes);
            let op = |record: Option<&Record>| record.map(|record| record.op.0);
            assert_eq!((op(to_undo(&records)), op(to_redo(&records))), (undo, redo), "{undoes:?}");
        };
        check(&[], None, None);
        check(&[None, None], Some(2), None);
        check(&[None, None, Some(2)], Some(1), Some(3));
        check(&[None, None, Some(2), Some(1)], None, Some(4));
        // A redo is undone like what it does again.
        check(&[None, None, Some(2), Some(3)], Some(4), None);
        check(&[None, None, Some(2), Some(1), Some(4)], Some(5), Some(3));
        check(&[None, None, Some(2), Some(3), Some(4)], Some(1), Some(5));
        // Something new after an undo ends redo.
        check(&[None, Some(1), None], Some(3), None);
    }
}
