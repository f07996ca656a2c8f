//! Reading documents: resolved inside the root, regular files only, never blocking, settled before they are believed.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::Store;
use super::error::{At, ErrorKind, StoreError};
use super::lease::wait_for_writers;
use super::replace::max_edit;
use super::scan::{self, Scan};
use super::tail::Tail;
use crate::doc::{DocId, Document, Kind};
use crate::sys::Writers;
use crate::sys::file::{self, only_appenders, writers};
use crate::workspace::Pattern;

/// How long a writer that has a document open is waited for before it is changed.
const WRITER_WAIT: Duration = Duration::from_secs(2);
/// How long a writer that only appends is waited for: it may keep the document open for good.
const APPENDER_WAIT: Duration = Duration::from_millis(200);
/// How many documents the browser lists at most.
const LIBRARY: usize = 5000;
/// Size from which of a CSV file only the beginning is read at first.
const HUGE: u64 = 4 << 20;
/// How much of it.
const FIRST_BYTES: u64 = 1 << 20;
/// And how many records of that.
const FIRST_RECORDS: usize = 500;
/// How much of a followed log is read at first.
const WINDOW: usize = 256 << 10;

impl Store {
    /// The documents that match one of the patterns.
    pub fn scan(&self, patterns: &[Pattern]) -> Scan {
        scan::scan(self.root(), patterns)
    }

    /// Markdown documents anywhere in the workspace, for browsing.
    pub fn list_markdown(&self) -> Vec<DocId> {
        scan::list_markdown(self.root(), LIBRARY).docs
    }

    /// Whether the path is there, inside the workspace.
    pub fn exists(&self, id: &DocId) -> bool {
        self.resolve(id).is_ok_and(|path| path.is_some())
    }

    /// When the file was last changed, as the file system says; for display only.
    pub fn changed_at(&self, id: &DocId) -> Option<SystemTime> {
        std::fs::metadata(self.root().join(id.as_str())).and_then(|meta| meta.modified()).ok()
    }

    /// Opens a log for following.
    pub fn tail(&self, id: &DocId) -> Result<Tail, StoreError> {
        let Some(path) = self.resolve(id)? else {
            return Err(StoreError::io(self.root().join(id.as_str()), &io::Error::from(io::ErrorKind::NotFound)));
        };
        Tail::open(&path, WINDOW).map_err(|error| StoreError::io(path, &error))
    }

    /// Reads a document; none when it is absent.
    pub fn load(&self, id: &DocId) -> Result<Option<Arc<Document>>, StoreError> {
        Ok(self.read_bytes(id)?.map(|bytes| Arc::new(Document::parse(id.clone(), bytes))))
    }

    /// Reads a document, of a huge CSV file only the first records: what a first screen needs. Such a document says that
    /// it is not complete and refuses every edit.
    pub fn load_first(&self, id: &DocId) -> Result<Option<Arc<Document>>, StoreError> {
        let Some(path) = self.resolve(id)? else { return Ok(None) };
        let file = open_regular(&path).at(&path)?;
        if Kind::of(id) != Kind::Csv || file.metadata().at(&path)?.len() < HUGE {
            return self.load(id);
        }
        let mut bytes = Vec::new();
        file.take(FIRST_BYTES).read_to_end(&mut bytes).at(&path)?;
        let bytes = Arc::new(bytes);
        let mut first = Document::parse_prefix(id.clone(), Arc::clone(&bytes), FIRST_RECORDS);
        if let Some(csv) = first.csv().filter(|csv| csv.is_complete()) {
            // The last record may be cut.
            let whole = csv.records().saturating_sub(1);
            first = Document::parse_prefix(id.clone(), bytes, whole);
        }
        Ok(Some(Arc::new(first)))
    }

    /// Reads a document for projection; gives back `known` when the file has the same bytes and `known` is complete. Of
    /// text that is too large to be edited (a log of a gigabyte) only the beginning is read, where its keys stand.
    pub fn load_unless(&self, id: &DocId, known: Option<&Arc<Document>>) -> Result<Option<Arc<Document>>, StoreError> {
        let bytes = match self.read_beginning(id)? {
            Some(beginning) => Some(beginning),
            None => self.read_bytes(id)?,
        };
        let Some(bytes) = bytes else { return Ok(None) };
        match known {
            Some(known) if known.bytes() == bytes && known.csv().is_none_or(|csv| csv.is_complete()) => {
                Ok(Some(Arc::clone(known)))
            }
            Some(known) if known.bytes() == bytes => {
                Ok(Some(Arc::new(Document::parse(id.clone(), known.shared_bytes()))))
            }
            Some(_) | None => Ok(Some(Arc::new(Document::parse(id.clone(), bytes)))),
        }
    }

    /// Where the document really is; none when it is absent, an error when it leads out of the root.
    pub(super) fn resolve(&self, id: &DocId) -> Result<Option<PathBuf>, StoreError> {
        let path = self.root().join(id.as_str());
        match file::canonical(&path) {
            Ok(real) if real.starts_with(self.root()) => Ok(Some(real)),
            Ok(real) => Err(StoreError::outside(path, &real)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(StoreError::io(path, &error)),
        }
    }

    /// Whether somebody has the document open for writing right now, as far as the system tells.
    pub fn is_being_written(&self, id: &DocId) -> bool {
        let path = self.resolve(id).ok().flatten();
        path.and_then(|path| open_regular(&path).ok()).is_some_and(|file| writers(&file) == Writers::Some)
    }

    /// Reads a document that is about to be changed, on one descriptor: waits (bounded) for a writer that has it open, and
    /// reads again when one came meanwhile, so that half a save is not taken for the whole.
    pub fn load_for_edit(&self, id: &DocId) -> Result<Option<Arc<Document>>, StoreError> {
        let Some(path) = self.resolve(id)? else { return Ok(None) };
        let start = Instant::now();
        loop {
            let mut file = match open_regular(&path) {
                Ok(file) => file,
                Err(error) if is_absent(&error) => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                    let why = "is not a regular file".to_owned();
                    return Err(StoreError::new(ErrorKind::Special, path, why, "only regular files are documents"));
                }
                Err(error) => return Err(StoreError::io(path, &error)),
            };
            let mut quiet = wait_for_writers(&file, APPENDER_WAIT) != Writers::Some;
            // Who only appends, and is at the end of a line, is in the middle of nothing.
            let appended = !quiet && only_appenders(&file);
            if !quiet && !appended {
                quiet = wait_for_writers(&file, WRITER_WAIT.saturating_sub(start.elapsed())) != Writers::Some;
            }
            let before = file.metadata().at(&path)?;
            if before.len() > max_edit(&path) {
                let limit = max_edit(&path);
                return Err(StoreError::too_large(path, before.len(), limit));
            }
            let mut bytes = Vec::with_capacity(usize::try_from(before.len()).unwrap_or(0) + 1);
            file.read_to_end(&mut bytes).at(&path)?;
            let after = file.metadata().at(&path)?;
            let still = bytes.len() as u64 == after.len() && stamp(&before) == stamp(&after);
            let settled = match appended {
                true => bytes.last().is_none_or(|last| *last == b'\n') && only_appenders(&file),
                false => quiet && writers(&file) != Writers::Some,
            };
            if still && settled {
                return Ok(Some(Arc::new(Document::parse(id.clone(), bytes))));
            }
            if start.elapsed() >= WRITER_WAIT {
                return Err(held_open(&path));
            }
        }
    }

    /// Waits (bounded) until nobody has the document open for writing: it is about to be exchanged.
    pub(super) fn wait_until_closed(&self, path: &Path) -> Result<(), StoreError> {
        match open_regular(path) {
            Ok(file) if wait_for_writers(&file, WRITER_WAIT) == Writers::Some => Err(held_open(path)),
            // What is wrong with it shows when it is exchanged.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// The first whole lines of text that is too large to be edited; none for any other document.
    fn read_beginning(&self, id: &DocId) -> Result<Option<Vec<u8>>, StoreError> {
        if Kind::of(id) == Kind::Csv {
            return Ok(None);
        }
        let Some(path) = self.resolve(id)? else { return Ok(None) };
        match std::fs::metadata(&path) {
            Ok(meta) if meta.is_file() && meta.len() > max_edit(&path) => {}
            Ok(_) | Err(_) => return Ok(None),
        }
        let mut bytes = Vec::new();
        open_regular(&path).at(&path)?.take(FIRST_BYTES).read_to_end(&mut bytes).at(&path)?;
        bytes.truncate(memchr::memrchr(b'\n', &bytes).map_or(bytes.len(), |at| at + 1));
        Ok(Some(bytes))
    }

    fn read_bytes(&self, id: &DocId) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(path) = self.resolve(id)? else { return Ok(None) };
        match read_settled(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(StoreError::io(path, &error)),
        }
    }
}

fn held_open(path: &Path) -> StoreError {
    let why = "somebody has had it open for writing all the time".to_owned();
    StoreError::new(ErrorKind::Busy, path, why, "try again when that writer has finished")
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// What moves when a file is written.
fn stamp(meta: &Metadata) -> (u64, Option<SystemTime>) {
    (meta.len(), meta.modified().ok())
}

/// Reads a regular file; again when its size or time moved while it was read (somebody is saving in place).
fn read_settled(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for _ in 0..8 {
        let mut file = open_regular(path)?;
        let before = file.metadata()?;
        bytes.clear();
        // A sparse file can claim any size.
        bytes.try_reserve_exact(usize::try_from(before.len()).unwrap_or(usize::MAX).saturating_add(1))?;
        file.read_to_end(&mut bytes)?;
        let after = file.metadata()?;
        if stamp(&before) == stamp(&after) && bytes.len() as u64 == after.len() {
            break;
        }
    }
    Ok(bytes)
}

pub(super) fn open_regular(path: &Path) -> io::Result<File> {
    let file = file::open_unblocked(path)?;
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file; only regular files are documents"))
    }
}
