//! After a crash: an operation that was begun is finished, or taken back. Goes cell by cell like the edit itself, so that
//! what people wrote meanwhile stays.

use std::fmt;
use std::time::Duration;

use super::error::{ErrorKind, StoreError};
use super::{Actor, Store, append};
use crate::op::{Intent, OpId, Record};

/// What became of an interrupted operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    /// Its number.
    pub op: OpId,
    /// What it meant.
    pub intent: Intent,
    /// Whether all of it is there now, or nothing.
    pub end: End,
}

/// How an interrupted operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It was finished.
    Finished,
    /// It met somebody else's change, or a document that cannot be written: it was taken back.
    TakenBack,
}

impl fmt::Display for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match self.end {
            End::Finished => "was interrupted and is finished now",
            End::TakenBack => "was interrupted, could not be finished, and was taken back",
        };
        write!(f, "operation {} ({}) {end}", self.op, self.intent.summary)
    }
}

impl Store {
    /// At the start of the program: finishes or takes back what a crash interrupted, unless somebody who is alive holds
    /// the lock (then nothing was interrupted). Costs two looks at the state folder when there is nothing to do.
    pub fn recover_at_start(&self, actor: &Actor) -> Result<(Vec<Recovered>, Vec<String>), StoreError> {
        if !self.state.is_littered() {
            return Ok((Vec::new(), Vec::new()));
        }
        self.state.prepare()?;
        match self.state.lock_within(actor, Duration::ZERO) {
            Ok(_lock) => self.recover_locked(),
            Err(error) if error.kind() == ErrorKind::Locked => Ok((Vec::new(), Vec::new())),
            Err(error) => Err(error),
        }
    }

    /// Finishes or takes back what a crash interrupted; sentences about what was found besides.
    pub fn recover(&self, actor: &Actor) -> Result<(Vec<Recovered>, Vec<String>), StoreError> {
        if !self.state.exists()? {
            return Ok((Vec::new(), Vec::new()));
        }
        self.state.prepare()?;
        let _lock = self.state.lock(actor)?;
        self.recover_locked()
    }

    pub(super) fn recover_locked(&self) -> Result<(Vec<Recovered>, Vec<String>), StoreError> {
        let record = self.state.pending()?;
        let mut notes = self.clear_leftovers(record.as_ref())?;
        let Some(record) = record else { return Ok((Vec::new(), notes)) };
        // The journal is written before the intent is forgotten: a crash between the two leaves both.
        if self.state.last_op()? >= record.op.0 {
            self.state.forget_pending();
            return Ok((Vec::new(), notes));
        }
        let end = if self.finish(&record)? {
            self.state.append(&record)?;
            self.state.forget_pending();
            End::Finished
        } else {
            self.take_back(&record, record.files.len(), &mut notes)?;
            self.state.clear_pending()?;
            End::TakenBack
        };
        Ok((vec![Recovered { op: record.op, intent: record.operation.intent, end }], notes))
    }

    /// Goes forward. False when a document cannot take its edits any more.
    fn finish(&self, record: &Record) -> Result<bool, StoreError> {
        for (number, file) in record.files.iter().enumerate() {
            if let (Some(appended), Ok(path)) = (&file.appended, self.place_of(&file.file)) {
                append::complete(&path, file.before, appended)?;
            }
            let placed = self.load_for_edit(&file.file).and_then(|now| {
                if now.map(|doc| doc.rev()) == file.after {
                    return Ok(true);
                }
                let placed = self.place_resumed(&record.operation, &file.file, number, Some(file.held.clone()))?;
                Ok(placed.is_ok())
            });
            match placed {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) if matches!(error.kind(), ErrorKind::Io | ErrorKind::Busy | ErrorKind::Locked) => {
                    return Err(error);
                }
                // It may not be written any more.
                Err(_) => return Ok(false),
            }
        }
        Ok(true)
    }
}
