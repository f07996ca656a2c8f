//! After a crash: an operation that was begun is finished, or taken back. Goes cell by cell like the edit itself, so that
//! what people wrote meanwhile stays.

use std::fmt;
use std::time::Duration;

use super::error::{ErrorKind, StoreError};
use super::replace;
use super::{Actor, Store};
use crate::doc::Rev;
use crate::op::{Intent, OpId, Operation, Record};

/// What became of an interrupted operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// Its number.
    pub op: OpId,
    /// What it meant.
    pub intent: Intent,
    /// Whether all of it is there now, or nothing.
    pub end: End,
    /// What the operator should know besides.
    pub notes: Vec<String>,
}

/// How an interrupted operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It was finished.
    Finished,
    /// Somebody else had changed the same cells: it was taken back.
    TakenBack,
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match self.end {
            End::Finished => "was interrupted and is finished now",
            End::TakenBack => "was interrupted, met somebody else's change, and was taken back",
        };
        write!(f, "operation {} ({}) {end}", self.op, self.intent.summary)?;
        for note in &self.notes {
            write!(f, "; {note}")?;
        }
        Ok(())
    }
}

impl Store {
    /// At the start of the program: finishes or takes back what a crash interrupted, unless somebody who is alive holds
    /// the lock (then nothing was interrupted). Costs two looks at the state folder when there is nothing to do.
    pub fn recover_at_start(&self, actor: &Actor) -> Result<Vec<Recovered>, StoreError> {
        if !self.state.is_littered() {
            return Ok(Vec::new());
        }
        self.state.prepare()?;
        match self.state.lock_within(actor, Duration::ZERO) {
            Ok(_lock) => self.recover_locked(),
            Err(error) if error.kind() == ErrorKind::Locked => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Finishes or takes back what a crash interrupted.
    pub fn recover(&self, actor: &Actor) -> Result<Vec<Recovered>, StoreError> {
        if !self.state.exists() {
            return Ok(Vec::new());
        }
        self.state.prepare()?;
        let _lock = self.state.lock(actor)?;
        self.recover_locked()
    }

    pub(super) fn recover_locked(&self) -> Result<Vec<Recovered>, StoreError> {
        let Some(record) = self.state.pending()? else {
            replace::clear(&self.state, &[], |_| None)?;
            return Ok(Vec::new());
        };
        let known: Vec<Rev> = record.files.iter().flat_map(|file| [file.before, file.after]).flatten().collect();
        let place = |number: usize| record.files.get(number).and_then(|file| self.place_of(&file.file).ok());
        let notes = replace::clear(&self.state, &known, place)?;
        // The journal is written before the intent is forgotten: a crash between the two leaves both.
        if self.state.last_op()? >= record.op.0 {
            self.state.clear_pending()?;
            return Ok(Vec::new());
        }
        let end = if self.finish(&record)? {
            self.state.append(&record)?;
            End::Finished
        } else {
            self.take_back_record(&record)?;
            End::TakenBack
        };
        self.state.clear_pending()?;
        Ok(vec![Recovered { op: record.op, intent: record.operation.intent, end, notes }])
    }

    /// Goes forward. False when a document cannot take its edits any more; nothing of it was written then.
    fn finish(&self, record: &Record) -> Result<bool, StoreError> {
        for (number, file) in record.files.iter().enumerate() {
            let now = self.load_for_edit(&file.file)?.map(|doc| doc.rev());
            if now == file.after {
                continue;
            }
            let held = file.held.clone();
            let placed = self.place_resumed(&record.operation, &file.file, number, |_| Some(held.clone()))?;
            if placed.is_err() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Goes back, as far as each document still holds what was written.
    fn take_back_record(&self, record: &Record) -> Result<(), StoreError> {
        for (number, file) in record.files.iter().enumerate().rev() {
            let now = self.load_for_edit(&file.file)?.map(|doc| doc.rev());
            if now == file.before {
                continue;
            }
            let edits = record.inverse.iter().filter(|edit| edit.doc == file.file).cloned().collect();
            let back = Operation { intent: record.operation.intent.clone(), edits, undoes: None };
            // A document that refuses holds somebody else's change of the same cell, or nothing of ours: it stays.
            let _refused = self.place_resumed(&back, &file.file, number, |_| None)?;
        }
        Ok(())
    }
}
