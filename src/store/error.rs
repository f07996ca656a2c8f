//! What can go wrong with files: what, where, why, and how to mend it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// An error of the store. Unless it says otherwise, nothing was changed.
#[derive(Debug)]
pub struct StoreError {
    kind: ErrorKind,
    path: PathBuf,
    why: String,
    mend: String,
}

/// Kinds of errors that callers tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The system refused to read or write.
    Io,
    /// Somebody else holds the lock.
    Locked,
    /// The document, its folder or the workspace must not be written.
    ReadOnly,
    /// The path leads out of the workspace.
    Outside,
    /// It is no regular file.
    Special,
    /// The document is too large to be edited.
    TooLarge,
    /// The state folder is damaged or not what it should be.
    State,
    /// Another writer kept changing the document.
    Busy,
}

impl StoreError {
    pub(super) fn new(kind: ErrorKind, path: impl Into<PathBuf>, why: String, mend: &str) -> StoreError {
        StoreError { kind, path: path.into(), why, mend: mend.to_owned() }
    }

    pub(super) fn io(path: impl Into<PathBuf>, error: &io::Error) -> StoreError {
        let mend = match error.kind() {
            io::ErrorKind::PermissionDenied => "check the permissions of the file and its folders",
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "make room and try again",
            io::ErrorKind::ReadOnlyFilesystem => "mount the file system writable",
            io::ErrorKind::NotFound => "check the path",
            _ => "try again; if it stays, look at the file system",
        };
        let kind = match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => ErrorKind::ReadOnly,
            _ => ErrorKind::Io,
        };
        StoreError::new(kind, path, error.to_string(), mend)
    }

    pub(super) fn outside(path: impl Into<PathBuf>, real: &Path) -> StoreError {
        let why = format!("leads out of the workspace, to {}", real.display());
        StoreError::new(ErrorKind::Outside, path, why, "documents must lie inside the root; replace the link by a file")
    }

    pub(super) fn too_large(path: impl Into<PathBuf>, size: u64, limit: u64) -> StoreError {
        let why = format!("has {size} bytes; such documents over {} MiB are shown, not edited", limit >> 20);
        StoreError::new(ErrorKind::TooLarge, path, why, "split it")
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The file or folder that it is about.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong, for where `known` is named already; another path stands before it.
    pub fn why_of(&self, known: &Path) -> String {
        if self.path == known { self.why.clone() } else { format!("{}: {}", self.path.display(), self.why) }
    }

    /// How to mend it.
    pub fn mend(&self) -> &str {
        &self.mend
    }

    /// The same error, with more to say.
    pub(super) fn and(mut self, more: &str) -> StoreError {
        self.why.push_str("; ");
        self.why.push_str(more);
        self
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.path.display(), self.why, self.mend)
    }
}

impl std::error::Error for StoreError {}

/// Gives an I/O error the path that it is about.
pub(super) trait At<T> {
    /// The error is about `path`.
    fn at(self, path: &Path) -> Result<T, StoreError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Result<T, StoreError> {
        self.map_err(|error| StoreError::io(path, &error))
    }
}
