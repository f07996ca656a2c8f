//! Looks at what came out of an exchange: what it holds, and who still has it open for writing.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::error::{At, ErrorKind, StoreError};
use super::lease::wait_for_writers;
use super::leftover::park;
use super::state::State;
use crate::doc::Rev;
use crate::sys::{self, Writers};

/// How long a writer that has the document open is waited for.
const WRITER_WAIT: Duration = Duration::from_secs(2);
/// Names within a process never repeat.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A part of a name that no other file has: `<process>-<count>`.
pub fn next_name() -> String {
    format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A displaced file: its content, and who still has it open.
#[derive(Debug)]
pub struct Came {
    /// Its content.
    pub bytes: Vec<u8>,
    /// Who has it open for writing.
    pub writers: Writers,
}

/// Waits (bounded) until nobody has the file open for writing, then reads it, on one descriptor.
pub fn look(path: &Path) -> Result<Came, StoreError> {
    look_within(path, WRITER_WAIT)
}

/// Reads what is there now: somebody who has just opened it for writing shows.
pub fn look_now(path: &Path) -> Result<Came, StoreError> {
    look_within(path, Duration::ZERO)
}

fn look_within(path: &Path, limit: Duration) -> Result<Came, StoreError> {
    let mut file = sys::file::open_private(path, OpenOptions::new().read(true)).at(path)?;
    if !file.metadata().at(path)?.is_file() {
        let why = "is not a regular file".to_owned();
        return Err(StoreError::new(ErrorKind::Special, path, why, "only regular files are edited"));
    }
    let writers = wait_for_writers(&file, limit);
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).at(path)?;
    Ok(Came { bytes, writers })
}

/// What came out of an exchange and was removed: somebody may have opened it just before, and write only now.
#[derive(Debug)]
pub struct Late {
    file: File,
    path: PathBuf,
    rev: Rev,
}

impl Late {
    /// The file at `path`, which held `old`.
    pub fn new(file: File, path: &Path, old: &[u8]) -> Late {
        Late { file, path: path.to_owned(), rev: Rev::of(old) }
    }

    /// Looks once more, at the end of the operation. What was written to it meanwhile is kept; the sentence says where.
    pub fn look(mut self, state: &State) -> Option<String> {
        let writers = wait_for_writers(&self.file, WRITER_WAIT);
        let mut bytes = Vec::new();
        let read = self.file.seek(io::SeekFrom::Start(0)).and_then(|_| self.file.read_to_end(&mut bytes));
        if read.is_err() || (writers != Writers::Some && Rev::of(&bytes) == self.rev) {
            return None;
        }
        let tmp = state.tmp().join(format!("part-late-{}", next_name()));
        let kept = sys::file::open_private(&tmp, OpenOptions::new().write(true).create_new(true))
            .and_then(|mut file| file.write_all(&bytes).and_then(|()| sys::file::sync(&file)))
            .at(&tmp)
            .and_then(|()| park(state, &tmp, &self.path));
        let path = self.path.display();
        Some(match kept {
            Ok(kept) => format!(
                "{path}: somebody wrote to the version that was just replaced; theirs is kept in {}",
                kept.display()
            ),
            Err(error) => format!("{path}: somebody wrote to the version that was just replaced; keeping it: {error}"),
        })
    }
}
