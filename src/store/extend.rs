//! The pipeline's own state beside its telemetry: a journal that grows line by line, files that are removed again. As in
//! `output`: made by the program, outside of undo, never outside the root.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::error::{At, StoreError};
use super::state::is_at;
use super::{Store, replace};
use crate::doc::DocId;

impl Store {
    /// Opens a folder that the program writes for others; makes it when it is not there.
    pub fn open_output(dir: &Path) -> Result<Store, StoreError> {
        fs::create_dir_all(dir).at(dir)?;
        Store::open(dir)
    }

    /// Adds text to the end of a file, in one write; makes it when it is not there. Survives the end of the process, not of the
    /// machine.
    pub fn extend(&self, id: &DocId, text: &str) -> Result<(), StoreError> {
        let path = self.place_of(id)?;
        if path.exists() {
            replace::check_editable(&path)?;
        }
        let folder = path.parent().unwrap_or(self.root());
        fs::create_dir_all(folder).at(folder)?;
        let mut file = OpenOptions::new().append(true).create(true).open(&path).at(&path)?;
        file.write_all(text.as_bytes()).at(&path)
    }

    /// The text of a file; none when it is not there.
    pub fn text_of(&self, id: &DocId) -> Result<Option<String>, StoreError> {
        let path = self.place_of(id)?;
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).at(&path),
        }
    }

    /// Removes a file that the program made. That it is not there is no error.
    pub fn discard(&self, id: &DocId) -> Result<(), StoreError> {
        let path = self.place_of(id)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).at(&path),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The configuration of the git repository here, if there is one.
    pub fn git_config(&self) -> Option<String> {
        fs::read_to_string(self.root().join(".git/config")).ok()
    }

    /// The error that a path names no file that could be written.
    pub fn no_file(&self, path: &Path) -> StoreError {
        let why = "names no file".to_owned();
        StoreError::new(super::ErrorKind::Special, path, why, "give the name of a file")
    }

    /// Takes a lock on a file beside what is written, until the result is dropped or the process ends.
    ///
    /// # Errors
    /// When another run holds it, or the file cannot be made.
    pub fn lock_output(&self, id: &DocId) -> Result<OutputLock, StoreError> {
        let path = self.place_of(id)?;
        let folder = path.parent().unwrap_or(self.root());
        fs::create_dir_all(folder).at(folder)?;
        loop {
            let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).at(&path)?;
            match file.try_lock() {
                // Whoever held it may have removed the file between the two steps: then the lock is on nothing.
                Ok(()) if is_at(&file, &path) => return Ok(OutputLock { path, _file: file }),
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let why = "is held by another run".to_owned();
                    return Err(StoreError::new(super::ErrorKind::Locked, path, why, "wait until that run has ended"));
                }
                Err(TryLockError::Error(error)) => return Err(error).at(&path),
            }
        }
    }
}

/// A lock on a file that is there only as long as somebody holds it.
#[derive(Debug)]
pub struct OutputLock {
    path: PathBuf,
    _file: File,
}

impl Drop for OutputLock {
    fn drop(&mut self) {
        // A file that cannot be removed is locked by nobody afterwards, and the next one takes it.
        let _ = fs::remove_file(&self.path);
    }
}
