//! Files that are read in pieces: telemetry of any size, from where the last reading ended. Knows nothing of what is in them.

use std::fs::{File, Metadata};
use std::path::PathBuf;
use std::time::SystemTime;

use super::Store;
use super::error::{At, StoreError};
use super::read::open_regular;
use crate::doc::DocId;
use crate::sys::{Identity, file};

/// What tells whether a file is still the same: it moves when the file is written or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileState {
    /// Size in bytes.
    pub len: u64,
    identity: Identity,
    modified: Option<SystemTime>,
}

/// A file, open for reading at any place.
#[derive(Debug)]
pub struct Stream {
    file: File,
    path: PathBuf,
    state: FileState,
}

impl Store {
    /// Opens a file of the workspace for reading in pieces; none when it is absent. Never blocks on a special file.
    pub fn stream(&self, id: &DocId) -> Result<Option<Stream>, StoreError> {
        let Some(path) = self.resolve(id)? else { return Ok(None) };
        let file = match open_regular(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.at(&path)?,
        };
        let meta = file.metadata().at(&path)?;
        let named = self.root().join(id.as_str());
        let state = state_of(file::identity_open(&file, &named, &meta), &meta);
        Ok(Some(Stream { file, path, state }))
    }

    /// The state of a file without opening it, to compare with that of one which was opened; none when it is absent.
    pub fn state(&self, id: &DocId) -> Option<FileState> {
        let path = self.root().join(id.as_str());
        let meta = std::fs::metadata(&path).ok().filter(Metadata::is_file)?;
        Some(state_of(file::identity(&path, &meta), &meta))
    }
}

fn state_of(identity: Identity, meta: &Metadata) -> FileState {
    FileState { len: meta.len(), identity, modified: meta.modified().ok() }
}

impl Stream {
    /// The state when it was opened.
    pub fn state(&self) -> FileState {
        self.state
    }

    /// Reads as much as fits into `to` from `offset` on; less only at the end of the file.
    pub fn read_at(&self, to: &mut [u8], offset: u64) -> Result<usize, StoreError> {
        let mut done = 0;
        while done < to.len() {
            match file::read_at(&self.file, &mut to[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(len) => done += len,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(StoreError::io(&self.path, &error)),
            }
        }
        Ok(done)
    }
}
