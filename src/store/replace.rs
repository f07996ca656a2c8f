//! Puts one document's new content in place: atomically, durably, and without losing what somebody else wrote meanwhile.
//!
//! New content is written beside the journal, synced, and exchanged with the document; then what came out is looked at.
//! If it is what the change was planned from and nobody has it open for writing, it goes. If it is something else, a
//! foreign write slipped in between: the two are exchanged back and the change is planned anew.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::append;
use super::error::{At, ErrorKind, StoreError};
use super::leftover::{Label, park, park_quiet};
use super::look::{Late, look, look_now, next_name};
use super::state::{State, sync_dir};
use crate::doc::Rev;
use crate::op::Appended;
use crate::sys::{self, Writers};

/// Largest document that is edited. A board in CSV may be larger than a text: it is indexed, and rows of a big one are
/// what people edit; a text of that size is a log.
pub fn max_edit(path: &Path) -> u64 {
    let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    if is_csv { 128 << 20 } else { 64 << 20 }
}

/// What became of an attempt.
#[derive(Debug)]
pub enum Replaced {
    /// The new content is in place and durable.
    Done {
        /// For the operator, if any.
        notes: Vec<String>,
        /// What came out, to be looked at once more.
        late: Option<Late>,
    },
    /// The document is no longer what the change was planned from; it was left as it is.
    Moved,
}

/// One document's change. The caller holds the lock.
#[derive(Debug)]
pub struct Swap {
    /// The document's real path, no link.
    pub path: PathBuf,
    /// Which file of the operation it is; names its temporary files, so that recovery knows whose they are.
    pub number: usize,
    /// What the change was planned from; none when the document is absent.
    pub old: Option<Arc<Vec<u8>>>,
    /// What it becomes; none when it is to go.
    pub new: Option<Arc<Vec<u8>>>,
    /// How many parent folders are made for it, or go with it when they are empty.
    pub folders: usize,
    /// Somebody holds it open to append, and the change only adds at the end: appended, not exchanged.
    pub in_place: bool,
}

/// New content, durably written beside the journal; removed when it is dropped before it is put in place.
#[derive(Debug)]
pub struct Staged {
    tmp: Option<PathBuf>,
    notes: Vec<String>,
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(tmp) = self.tmp.take() {
            // What cannot be removed now is removed before the next operation.
            let _ = fs::remove_file(tmp);
        }
    }
}

/// Checks that a document may be edited: regular, writable, of one name, in a writable folder, not too large.
pub fn check_editable(path: &Path) -> Result<(), StoreError> {
    let read_only = |why: &str, mend: &str| Err(StoreError::new(ErrorKind::ReadOnly, path, why.to_owned(), mend));
    let meta = fs::metadata(path).at(path)?;
    if !meta.is_file() {
        let why = "is not a regular file".to_owned();
        return Err(StoreError::new(ErrorKind::Special, path, why, "only regular files are edited"));
    }
    if sys::file::has_other_names(path, &meta) {
        return read_only(
            "has more than one name (hard links), which a replacement would part",
            "replace the links by copies or symbolic links",
        );
    }
    if !sys::file::is_writable(path, &meta) {
        return read_only("is read-only", "make it writable first (chmod u+w)");
    }
    if meta.len() > max_edit(path) {
        return Err(StoreError::too_large(path, meta.len(), max_edit(path)));
    }
    check_folder(path.parent().unwrap_or(path))
}

/// Checks that names in a folder may be changed.
pub fn check_folder(dir: &Path) -> Result<(), StoreError> {
    let meta = fs::metadata(dir).at(dir)?;
    if meta.is_dir() && sys::file::is_folder_writable(dir, &meta) {
        return Ok(());
    }
    Err(StoreError::new(ErrorKind::ReadOnly, dir, "the folder is read-only".to_owned(), "make it writable first"))
}

impl Swap {
    /// What is appended, when it is.
    pub fn appended(&self) -> Option<Appended> {
        let (Some(old), Some(new)) = (&self.old, &self.new) else { return None };
        let text = std::str::from_utf8(new.strip_prefix(&old[..])?).ok()?;
        self.in_place.then(|| Appended { from: old.len() as u64, text: text.to_owned() })
    }

    fn dir(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    fn label(&self) -> Label {
        let rev = |bytes: &Option<Arc<Vec<u8>>>| bytes.as_ref().map(|bytes| Rev::of(bytes));
        Label { number: self.number, old: rev(&self.old), new: rev(&self.new) }
    }

    /// Writes the new content durably, with the mode, owner and extended attributes of the document. Touches nothing else.
    pub fn stage(&self, state: &State) -> Result<Staged, StoreError> {
        let mut staged = Staged { tmp: None, notes: Vec::new() };
        let Some(new) = self.new.as_ref().filter(|_| !self.in_place) else { return Ok(staged) };
        let part = state.tmp().join(format!("part-{}", next_name()));
        staged.tmp = Some(part.clone());
        let written = (|| {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            if self.old.is_none() {
                let mut file = options.open(&part)?;
                file.write_all(new)?;
                return sys::file::sync(&file);
            }
            let meta = fs::metadata(&self.path)?;
            let mut file = sys::file::open_private(&part, &mut options)?;
            file.write_all(new)?;
            let lost = sys::file::keep_properties(&self.path, &meta, &file)?.into_iter();
            staged.notes.extend(lost.map(|what| format!("{}: {what} could not be kept", self.path.display())));
            sys::file::sync(&file)
        })();
        written.at(&self.path)?;
        let full = state.tmp().join(self.label().name());
        sys::file::replace(&part, &full).at(&full)?;
        staged.tmp = Some(full);
        Ok(staged)
    }

    /// Puts the new content in place of the old.
    pub fn put(&self, state: &State, staged: Staged) -> Result<Replaced, StoreError> {
        match (&self.old, &self.new) {
            (Some(old), Some(new)) if self.in_place => append::append(&self.path, old, new),
            (Some(old), Some(new)) => self.exchange(state, staged, old, new),
            (None, Some(_)) => self.create(staged),
            (Some(old), None) => self.remove(state, old),
            (None, None) => Ok(Replaced::Done { notes: Vec::new(), late: None }),
        }
    }

    /// Whether somebody wrote to the document, or has it open for that, since the change was planned. Writing down what is
    /// to be done took milliseconds: looking again here leaves microseconds for surprises, which cost an exchange and
    /// back, and two versions when a third writer meets the middle of it.
    fn has_moved(&self, old: &[u8]) -> bool {
        look_now(&self.path).is_ok_and(|now| now.writers == Writers::Some || now.bytes != old)
    }

    fn exchange(&self, state: &State, mut staged: Staged, old: &[u8], new: &[u8]) -> Result<Replaced, StoreError> {
        let path = &self.path;
        let notes = std::mem::take(&mut staged.notes);
        let Some(tmp) = staged.tmp.clone() else { return Ok(Replaced::Moved) };
        if self.has_moved(old) {
            return Ok(Replaced::Moved);
        }
        match sys::file::exchange(&tmp, path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Unsupported => return self.rename_over(staged, old, notes),
            // The document went meanwhile: that is somebody's change, not an error.
            Err(error) if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(path).is_err() => {
                return Ok(Replaced::Moved);
            }
            Err(error) => return Err(error).at(path),
        }
        // From here on the temporary file is the document that came out.
        staged.tmp = None;
        let came = look_now(&tmp);
        if let Ok(came) = came.as_ref()
            && came.bytes == old
            && came.writers != Writers::Some
        {
            sync_dir(self.dir())?;
            return self.let_go(state, &tmp, old, notes);
        }
        // Somebody wrote between reading and exchanging (or has it open and has not finished): theirs goes back at once, so
        // that nobody builds on what is not done.
        sys::file::exchange(&tmp, path).at(path)?;
        sync_dir(self.dir())?;
        // What cannot be read now is looked at before the next operation.
        let ours = look(&tmp)?;
        if ours.bytes == new && ours.writers != Writers::Some {
            fs::remove_file(&tmp).at(&tmp)?;
            return came.map(|_| Replaced::Moved);
        }
        // A second surprise within the same replacement: both versions stay.
        let kept = park(state, &tmp, path)?;
        let why =
            format!("two others wrote while it was replaced; one version is in place, the other in {}", kept.display());
        Err(StoreError::new(ErrorKind::Busy, path, why, "compare the two and keep what is right"))
    }

    /// Removes what came out and is as it should be; where the system does not tell whether a late write will come, it
    /// is kept and looked at again.
    fn let_go(&self, state: &State, tmp: &Path, old: &[u8], notes: Vec<String>) -> Result<Replaced, StoreError> {
        let file = sys::file::open_private(tmp, OpenOptions::new().read(true)).at(tmp)?;
        if sys::file::writers(&file) == Writers::Unknown {
            drop(file);
            park_quiet(state, tmp, &self.path, old)?;
            return Ok(Replaced::Done { notes, late: None });
        }
        fs::remove_file(tmp).at(tmp)?;
        Ok(Replaced::Done { notes, late: Some(Late::new(file, &self.path, old)) })
    }

    /// Without exchange: looks once more directly before renaming. A write in between is lost; a note says so.
    fn rename_over(&self, mut staged: Staged, old: &[u8], mut notes: Vec<String>) -> Result<Replaced, StoreError> {
        let Some(tmp) = &staged.tmp else { return Ok(Replaced::Moved) };
        if fs::read(&self.path).is_ok_and(|now| now == old) {
            sys::file::replace(tmp, &self.path).at(&self.path)?;
            staged.tmp = None;
            sync_dir(self.dir())?;
            // Where no file system can, `doctor` says so once.
            if sys::file::CAN_EXCHANGE {
                notes.push(format!(
                    "{}: this file system cannot exchange two files; a write at the very same instant would be lost",
                    self.path.display()
                ));
            }
            return Ok(Replaced::Done { notes, late: None });
        }
        Ok(Replaced::Moved)
    }

    fn create(&self, mut staged: Staged) -> Result<Replaced, StoreError> {
        let Some(tmp) = &staged.tmp else { return Ok(Replaced::Moved) };
        self.make_folders()?;
        let path = &self.path;
        match sys::file::rename_new(tmp, path) {
            Ok(()) => {
                staged.tmp = None;
                sync_dir(self.dir())?;
                Ok(Replaced::Done { notes: Vec::new(), late: None })
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Replaced::Moved),
            Err(error) => {
                self.remove_folders();
                Err(error).at(path)
            }
        }
    }

    fn make_folders(&self) -> Result<(), StoreError> {
        let mut absent: Vec<&Path> = self.path.ancestors().skip(1).take_while(|dir| !dir.exists()).collect();
        while let Some(dir) = absent.pop() {
            match fs::create_dir(dir) {
                Ok(()) => sync_dir(dir.parent().unwrap_or(dir))?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    self.remove_folders();
                    return Err(StoreError::io(dir, &error));
                }
            }
        }
        Ok(())
    }

    /// Removes the folders that were made for the document, as far as nothing else lies in them.
    fn remove_folders(&self) {
        for dir in self.path.ancestors().skip(1).take(self.folders) {
            // One that is not empty stays, and those above it.
            if let Err(error) = fs::remove_dir(dir)
                && error.kind() != io::ErrorKind::NotFound
            {
                return;
            }
        }
    }

    fn remove(&self, state: &State, old: &[u8]) -> Result<Replaced, StoreError> {
        let path = &self.path;
        let tmp = state.tmp().join(self.label().name());
        if self.has_moved(old) {
            return Ok(Replaced::Moved);
        }
        match sys::file::replace(path, &tmp) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Replaced::Moved),
            Err(error) => return Err(StoreError::io(path, &error)),
        }
        let came = look_now(&tmp);
        if let Ok(came) = came.as_ref()
            && came.bytes == old
            && came.writers != Writers::Some
        {
            sync_dir(self.dir())?;
            let done = self.let_go(state, &tmp, old, Vec::new())?;
            self.remove_folders();
            return Ok(done);
        }
        match sys::file::rename_new(&tmp, path) {
            Ok(()) => {
                sync_dir(self.dir())?;
                came.map(|_| Replaced::Moved)
            }
            Err(_) => {
                let kept = park(state, &tmp, path)?;
                let why = format!("others wrote while it was removed; an older version is in {}", kept.display());
                Err(StoreError::new(ErrorKind::Busy, path, why, "compare the two and keep what is right"))
            }
        }
    }
}
