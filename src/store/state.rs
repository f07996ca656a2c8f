//! The state folder `.codex-tui/`: lock, journal, pending operation, temporary and displaced files.
//!
//! Mode 0700, ignored by git, on the file system of the documents; can be deleted at any time, losing only undo and
//! history. Its content is untrusted: links are never followed, damaged files are set aside and reported.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Actor;
use super::error::{At, ErrorKind, StoreError};
use super::replace::check_folder;
use crate::op::Record;
use crate::sys;

/// Name of the folder in the root.
pub const FOLDER: &str = ".codex-tui";
/// How long a held lock is waited for.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// The state folder of a workspace.
#[derive(Debug, Clone)]
pub struct State {
    dir: PathBuf,
}

/// Held while an operation is under way; released when dropped, also by the death of the process.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// All that the journal holds.
#[derive(Debug, Default)]
pub struct Journal {
    /// Finished operations, oldest first.
    pub records: Vec<Record>,
    /// Damaged places, for people.
    pub problems: Vec<String>,
}

impl State {
    /// The folder of that workspace, whether it is there or not.
    pub fn of(root: &Path) -> State {
        State { dir: root.join(FOLDER) }
    }

    /// Makes the folder, or checks that the one which is there can be trusted so far.
    pub fn prepare(&self) -> Result<(), StoreError> {
        for dir in [self.dir.clone(), self.tmp(), self.displaced()] {
            match fs::symlink_metadata(&dir) {
                Ok(meta) if meta.is_dir() => {}
                Ok(_) => {
                    let why = "is not a folder, though the state of codex-tui belongs there".to_owned();
                    return Err(StoreError::new(ErrorKind::State, dir, why, "move it away"));
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    // A read-only workspace stays as it is, even where its permissions do not bind us (root).
                    check_folder(dir.parent().unwrap_or(&dir))?;
                    match sys::file::create_private_folder(&dir) {
                        Ok(()) => sync_dir(dir.parent().unwrap_or(&dir))?,
                        // Another process was quicker.
                        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                        Err(error) => return Err(StoreError::io(dir, &error)),
                    }
                }
                Err(error) => return Err(StoreError::io(dir, &error)),
            }
        }
        let ignore = self.dir.join(".gitignore");
        if fs::symlink_metadata(&ignore).is_err() {
            let file = sys::file::open_private(&ignore, OpenOptions::new().write(true).create_new(true));
            match file.and_then(|mut file| file.write_all(b"*\n")) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(StoreError::io(ignore, &error)),
            }
        }
        Ok(())
    }

    /// Whether there is a state folder at all. An error when that cannot be told.
    pub fn exists(&self) -> Result<bool, StoreError> {
        match fs::symlink_metadata(&self.dir) {
            Ok(meta) => Ok(meta.is_dir()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(StoreError::io(&self.dir, &error)),
        }
    }

    /// The folder itself.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// New contents that are not in place yet.
    pub fn tmp(&self) -> PathBuf {
        self.dir.join("tmp")
    }

    /// What was exchanged out and could not be looked at for good.
    pub fn displaced(&self) -> PathBuf {
        self.dir.join("displaced")
    }

    fn journal_path(&self) -> PathBuf {
        self.dir.join("journal.jsonl")
    }

    fn pending_path(&self) -> PathBuf {
        self.dir.join("pending.json")
    }

    /// Takes the lock; waits a bounded time for another holder, then names it.
    pub fn lock(&self, actor: &Actor) -> Result<Lock, StoreError> {
        self.lock_within(actor, LOCK_WAIT)
    }

    /// Takes the lock; waits at most `limit` for another holder, then names it.
    pub fn lock_within(&self, actor: &Actor, limit: Duration) -> Result<Lock, StoreError> {
        let path = self.dir.join("lock");
        let open = || -> Result<File, StoreError> {
            let file = open_at(&path, OpenOptions::new().read(true).write(true).create(true).truncate(false))?;
            own(&file, &path)?;
            Ok(file)
        };
        let mut file = open()?;
        let start = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            match file.try_lock() {
                Ok(()) if is_at(&file, &path) => break,
                // The state folder was deleted meanwhile: who holds the old file locks nobody out.
                Ok(()) => {
                    self.prepare()?;
                    file = open()?;
                }
                Err(TryLockError::WouldBlock) if start.elapsed() < limit => {
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(Duration::from_millis(50));
                }
                Err(TryLockError::WouldBlock) => {
                    let mut holder = String::new();
                    let _ = (&file).take(200).read_to_string(&mut holder);
                    // On Windows the lock also keeps us from reading.
                    let holder = Some(holder.trim()).filter(|holder| !holder.is_empty()).unwrap_or("another process");
                    let why = format!("the workspace is locked by {holder}");
                    let mend = "wait until it has finished, or end that process; nothing was changed";
                    return Err(StoreError::new(ErrorKind::Locked, path, why, mend));
                }
                Err(TryLockError::Error(error)) => return Err(StoreError::io(path, &error)),
            }
        }
        // Who holds the lock is only for the message above: an error here does no harm.
        let _ = file.set_len(0);
        let _ = write!(file, "process {} ({} through {})", std::process::id(), actor.name, actor.via);
        Ok(Lock { _file: file })
    }

    /// Reads the finished operations. A damaged line is left out and reported; reading changes nothing.
    pub fn journal(&self) -> Result<Journal, StoreError> {
        let path = self.journal_path();
        let mut journal = Journal::default();
        let Some(text) = read_private(&path)? else { return Ok(journal) };
        for (at, line) in text.split(|&b| b == b'\n').enumerate() {
            if line.is_empty() {
                continue;
            }
            match serde_json::from_slice::<Record>(line) {
                Ok(record) => journal.records.push(record),
                Err(error) => journal.problems.push(format!(
                    "{}:{}: a damaged record is left out of the history ({error})",
                    path.display(),
                    at + 1
                )),
            }
        }
        Ok(journal)
    }

    /// Number of the newest readable record; reads no more of the journal than its end.
    pub fn last_op(&self) -> Result<u64, StoreError> {
        let path = self.journal_path();
        let mut file = match sys::file::open_private(&path, OpenOptions::new().read(true)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(StoreError::io(path, &error)),
        };
        let size = file.metadata().at(&path)?.len();
        let mut window = 64 << 10;
        loop {
            let from = size.saturating_sub(window);
            let mut text = vec![0; usize::try_from(size - from).unwrap_or(0)];
            file.seek(SeekFrom::Start(from)).and_then(|_| file.read_exact(&mut text)).at(&path)?;
            // The first line of the window is cut, unless the window is the whole file.
            let lines = text.split(|&b| b == b'\n').skip(usize::from(from > 0));
            let ops = lines.filter_map(|line| serde_json::from_slice::<Record>(line).ok()).map(|record| record.op.0);
            match ops.max() {
                Some(op) => return Ok(op),
                None if from == 0 => return Ok(0),
                None => window *= 8,
            }
        }
    }

    /// Sets room aside for the record, where the file system can, so that a full disk shows before anything is touched.
    pub fn reserve(&self, record: &Record) -> Result<(), StoreError> {
        let path = self.journal_path();
        let file = open_at(&path, OpenOptions::new().read(true).append(true).create(true))?;
        own(&file, &path)?;
        let size = file.metadata().at(&path)?.len();
        let line = serde_json::to_vec(record).map_or(0, |line| line.len() as u64 + 1);
        sys::file::reserve(&file, size, line).at(&path)
    }

    /// Appends a finished operation, durably. What a torn append left behind is put aside first.
    pub fn append(&self, record: &Record) -> Result<(), StoreError> {
        let path = self.journal_path();
        let new = fs::symlink_metadata(&path).is_err();
        let mut file = open_at(&path, OpenOptions::new().read(true).append(true).create(true))?;
        own(&file, &path)?;
        let mut size = file.metadata().at(&path)?.len();
        let mut last = [b'\n'];
        if size > 0 {
            file.seek(SeekFrom::Start(size - 1)).and_then(|_| file.read_exact(&mut last)).at(&path)?;
        }
        if last != *b"\n" {
            let mut text = Vec::new();
            file.rewind().and_then(|()| file.read_to_end(&mut text)).at(&path)?;
            let keep = memchr::memrchr(b'\n', &text).map_or(0, |at| at + 1);
            self.set_aside(&path, &text[keep..])?;
            size = keep as u64;
            cut(&path, size).at(&path)?;
        }
        let mut line = serde_json::to_vec(record).map_err(|error| {
            StoreError::new(ErrorKind::State, &path, error.to_string(), "this is a mistake of codex-tui; report it")
        })?;
        line.push(b'\n');
        let written = file.write_all(&line).and_then(|()| sys::file::sync(&file)).at(&path);
        let written = written.and_then(|()| if new { sync_dir(&self.dir) } else { Ok(()) });
        if written.is_err() {
            // Nothing of it counts. Should this fail too, the line itself tells at the next start.
            let _ = cut(&path, size);
        }
        written
    }

    fn set_aside(&self, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        for number in 1.. {
            let aside = path.with_extension(format!("damaged-{number}"));
            match sys::file::open_private(&aside, OpenOptions::new().write(true).create_new(true)) {
                Ok(mut file) => return file.write_all(bytes).at(&aside),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(StoreError::io(aside, &error)),
            }
        }
        Ok(())
    }

    /// The operation that was begun and not finished. A damaged file is set aside: an intent is complete before the
    /// first document is touched, so nothing was done yet or all of it is in the journal.
    pub fn pending(&self) -> Result<Option<Record>, StoreError> {
        let path = self.pending_path();
        let Some(text) = read_private(&path)? else { return Ok(None) };
        match serde_json::from_slice(&text) {
            Ok(record) => Ok(Some(record)),
            Err(_) => {
                self.set_aside(&path, &text)?;
                self.clear_pending()?;
                Ok(None)
            }
        }
    }

    /// Whether an operation was begun and not finished.
    pub fn is_pending(&self) -> bool {
        fs::symlink_metadata(self.pending_path()).is_ok()
    }

    /// Whether a dead process may have left something: a pending operation or temporary files.
    pub fn is_littered(&self) -> bool {
        self.is_pending() || fs::read_dir(self.tmp()).is_ok_and(|mut entries| entries.next().is_some())
    }

    /// Writes down what is about to be done, durably.
    pub fn begin(&self, record: &Record) -> Result<(), StoreError> {
        let path = self.pending_path();
        let text = serde_json::to_vec(record).map_err(|error| {
            StoreError::new(ErrorKind::State, &path, error.to_string(), "this is a mistake of codex-tui; report it")
        })?;
        let tmp = self.tmp().join(format!("pending-{}", record.op));
        // Left by a process that died; the lock is ours, so nobody uses it.
        let _ = fs::remove_file(&tmp);
        let written = sys::file::open_private(&tmp, OpenOptions::new().write(true).create_new(true));
        let written = written.and_then(|mut file| {
            file.write_all(&text)?;
            sys::file::sync(&file)
        });
        if let Err(error) = written.and_then(|()| sys::file::replace(&tmp, &path)) {
            let _ = fs::remove_file(&tmp);
            return Err(StoreError::io(path, &error));
        }
        sync_dir(&self.dir).map_err(|error| match fs::remove_file(&path) {
            Ok(()) => error.and("nothing was changed"),
            Err(_) => error.and("what was begun is finished or taken back at the next start"),
        })
    }

    /// Forgets the pending operation once it stands in the journal. Should it come back after a power cut, the journal
    /// tells that it is done: nothing needs to be durable here.
    pub fn forget_pending(&self) {
        // What stays is forgotten before the next operation.
        let _ = fs::remove_file(self.pending_path());
    }

    /// Forgets the pending operation, durably.
    pub fn clear_pending(&self) -> Result<(), StoreError> {
        let path = self.pending_path();
        match fs::remove_file(&path) {
            Ok(()) => sync_dir(&self.dir),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(StoreError::io(path, &error)),
        }
    }
}

/// Makes a file as short as it was. A descriptor that only appends may not on every system.
fn cut(path: &Path, size: u64) -> io::Result<()> {
    let file = sys::file::open_private(path, OpenOptions::new().write(true))?;
    file.set_len(size)?;
    sys::file::sync(&file)
}

fn open_at(path: &Path, options: &mut OpenOptions) -> Result<File, StoreError> {
    sys::file::open_private(path, options).at(path)
}

/// Checks that a file of the state folder is ours to write: regular, and under no other name, which could be a document.
fn own(file: &File, path: &Path) -> Result<(), StoreError> {
    let meta = file.metadata().at(path)?;
    if meta.is_file() && !sys::file::has_other_names(path, &meta) {
        return Ok(());
    }
    let why = "is not a regular file of its own, though the state of codex-tui belongs there".to_owned();
    Err(StoreError::new(ErrorKind::State, path, why, "move it away"))
}

/// Whether the file is the one that the path names.
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(own), Ok(named)) = (file.metadata(), fs::metadata(path)) else { return false };
    sys::file::identity_open(file, path, &own) == sys::file::identity(path, &named)
}

/// Reads a file of the state folder; none when it is absent, an error when it is no regular file.
fn read_private(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    let mut file = match sys::file::open_private(path, OpenOptions::new().read(true)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::io(path, &error).and("links in the state folder are not followed")),
    };
    if !file.metadata().at(path)?.is_file() {
        let why = "is not a regular file".to_owned();
        return Err(StoreError::new(ErrorKind::State, path, why, "move it away"));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).at(path)?;
    Ok(Some(bytes))
}

/// Makes names in a folder durable.
pub(super) fn sync_dir(dir: &Path) -> Result<(), StoreError> {
    sys::file::sync_folder(dir).at(dir)
}
