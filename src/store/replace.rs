//! Puts one document's new content in place: atomically, durably, and without losing what somebody else wrote meanwhile.
//!
//! New content is written beside the journal, synced, and exchanged with the document; then what came out is looked at.
//! If it is what the change was planned from and nobody has it open for writing, it goes. If it is something else, a
//! foreign write slipped in between: the two are exchanged back and the change is planned anew.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::fs::{AtFlags, CWD, RenameFlags, renameat_with};

use super::error::{At, ErrorKind, StoreError};
use super::lease::{Writers, wait_for_writers};
use super::state::{State, private, sync_dir};
use crate::doc::Rev;

/// How long a writer that has the document open is waited for.
const WRITER_WAIT: Duration = Duration::from_secs(2);
/// How long after the exchange a late write through an old descriptor is reckoned with, where the system does not tell.
const LATE: Duration = Duration::from_secs(5);
/// Largest document that is edited.
pub const MAX_EDIT: u64 = 64 << 20;

/// What became of an attempt.
#[derive(Debug)]
pub enum Replaced {
    /// The new content is in place and durable; notes for the operator, if any.
    Done(Vec<String>),
    /// The document is no longer what the change was planned from; it was left as it is.
    Moved,
}

/// Names within a process never repeat.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Checks that a document may be edited: regular, writable, of one name, in a writable folder, not too large.
pub fn check_editable(path: &Path) -> Result<(), StoreError> {
    let read_only = |why: &str, mend: &str| Err(StoreError::new(ErrorKind::ReadOnly, path, why.to_owned(), mend));
    let meta = fs::metadata(path).at(path)?;
    if !meta.is_file() {
        return read_only("is not a regular file", "only regular files are edited");
    }
    if meta.nlink() > 1 {
        return read_only(
            "has more than one name (hard links), which a replacement would part",
            "replace the links by copies or symbolic links",
        );
    }
    if meta.permissions().mode() & 0o222 == 0 || rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_err() {
        return read_only("is read-only", "make it writable first (chmod u+w)");
    }
    if meta.len() > MAX_EDIT {
        let why = format!("has {} bytes; documents over {MAX_EDIT} bytes (64 MiB) are shown, not edited", meta.len());
        return Err(StoreError::new(ErrorKind::TooLarge, path, why, "split it"));
    }
    check_folder(path.parent().unwrap_or(path))
}

/// Checks that names in a folder may be changed.
pub fn check_folder(dir: &Path) -> Result<(), StoreError> {
    let meta = fs::metadata(dir).at(dir)?;
    let writable = meta.permissions().mode() & 0o222 != 0
        && rustix::fs::access(dir, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_ok();
    if meta.is_dir() && writable {
        return Ok(());
    }
    Err(StoreError::new(ErrorKind::ReadOnly, dir, "the folder is read-only".to_owned(), "make it writable first"))
}

/// One document to be replaced. The caller holds the lock.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// Where new and displaced contents lie meanwhile.
    pub state: &'a State,
    /// The document's real path, no link.
    pub path: &'a Path,
    /// Which file of the operation it is; names its temporary files, so that recovery knows whose they are.
    pub number: usize,
}

/// Replaces the content `old` of a document by `new`; none stands for an absent document.
pub fn replace(target: Target<'_>, old: Option<&[u8]>, new: Option<&[u8]>) -> Result<Replaced, StoreError> {
    match (old, new) {
        (Some(old), Some(new)) => exchange(target, old, new),
        (None, Some(new)) => create(target, new),
        (Some(old), None) => remove(target, old),
        (None, None) => Ok(Replaced::Done(Vec::new())),
    }
}

/// Looks at what a dead process left of its temporary files. Half-written ones go. A whole one is either new content that
/// was not put in place, or what came out of an exchange: if that is neither what the operation was planned from nor
/// what it wrote (`known`), somebody's write slipped in just then, and it is put back.
pub fn clear(
    state: &State,
    known: &[Rev],
    path_of: impl Fn(usize) -> Option<PathBuf>,
) -> Result<Vec<String>, StoreError> {
    let mut notes = Vec::new();
    let entries = match fs::read_dir(state.tmp()) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(notes),
        Err(error) => return Err(StoreError::io(state.tmp(), &error)),
    };
    for entry in entries.flatten() {
        let (tmp, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let regular = fs::symlink_metadata(&tmp).is_ok_and(|meta| meta.is_file());
        let number = name.strip_prefix("full-").and_then(|rest| rest.split('-').next()?.parse::<usize>().ok());
        let Some(path) = number.and_then(&path_of).filter(|_| regular) else {
            fs::remove_file(&tmp).at(&tmp)?;
            continue;
        };
        let came = look(&tmp)?;
        if known.contains(&Rev::of(&came.bytes)) && came.writers != Writers::Some {
            fs::remove_file(&tmp).at(&tmp)?;
            continue;
        }
        let ours = fs::read(&path).is_ok_and(|bytes| known.contains(&Rev::of(&bytes)));
        if ours && renameat_with(CWD, &tmp, CWD, &path, RenameFlags::EXCHANGE).is_ok() {
            sync_dir(path.parent().unwrap_or(&path))?;
            let out = look(&tmp)?;
            if known.contains(&Rev::of(&out.bytes)) && out.writers != Writers::Some {
                fs::remove_file(&tmp).at(&tmp)?;
                continue;
            }
        }
        let kept = park(state, &tmp, &path)?;
        notes.push(format!(
            "{}: a version that somebody wrote during a crash is kept in {}",
            path.display(),
            kept.display()
        ));
    }
    Ok(notes)
}

/// Looks again at displaced files that could not be looked at for good; those that nobody wrote to since go.
pub fn sweep(state: &State) {
    let Ok(entries) = fs::read_dir(state.displaced()) else { return };
    for entry in entries.flatten() {
        // `quiet-<rev>-…` was equal to what the change was planned from when it was put here.
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(rev) = name.strip_prefix("quiet-").and_then(|rest| rest.split('-').next()?.parse::<Rev>().ok()) else {
            continue;
        };
        let settled =
            entry.metadata().and_then(|meta| meta.modified()).is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LATE));
        if settled && fs::read(entry.path()).is_ok_and(|bytes| Rev::of(&bytes) == rev) {
            // What cannot be removed now is removed the next time.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn exchange(target: Target<'_>, old: &[u8], new: &[u8]) -> Result<Replaced, StoreError> {
    let Target { state, path, .. } = target;
    let dir = path.parent().unwrap_or(path);
    let (tmp, notes) = write_like(target, new)?;
    match renameat_with(CWD, &tmp, CWD, path, RenameFlags::EXCHANGE) {
        Ok(()) => {}
        Err(error) => {
            let unsupported = [rustix::io::Errno::INVAL, rustix::io::Errno::NOSYS, rustix::io::Errno::OPNOTSUPP];
            if unsupported.contains(&error) {
                return rename_over(&tmp, path, old, notes);
            }
            let _ = fs::remove_file(&tmp);
            // The document went meanwhile: that is somebody's change, not an error.
            return if error == rustix::io::Errno::NOENT { Ok(Replaced::Moved) } else { Err(error).at(path) };
        }
    }
    let came = look(&tmp)?;
    if came.bytes == old && came.writers == Writers::None {
        sync_dir(dir)?;
        fs::remove_file(&tmp).at(&tmp)?;
        return Ok(Replaced::Done(notes));
    }
    if came.bytes == old && came.writers == Writers::Unknown {
        // Nobody can tell whether a late write will come: kept, and looked at again.
        sync_dir(dir)?;
        park_quiet(state, &tmp, path, old)?;
        return Ok(Replaced::Done(notes));
    }
    // Somebody wrote between reading and exchanging (or has it open and has not finished): theirs goes back.
    renameat_with(CWD, &tmp, CWD, path, RenameFlags::EXCHANGE).at(path)?;
    sync_dir(dir)?;
    let ours = look(&tmp)?;
    if ours.bytes == new && ours.writers != Writers::Some {
        fs::remove_file(&tmp).at(&tmp)?;
        return Ok(Replaced::Moved);
    }
    // A second surprise within the same replacement: both versions stay.
    let kept = park(state, &tmp, path)?;
    let why =
        format!("two others wrote while it was replaced; one version is in place, the other in {}", kept.display());
    Err(StoreError::new(ErrorKind::Busy, path, why, "compare the two and keep what is right"))
}

/// Without exchange: looks once more directly before renaming. A write in between is lost; `capabilities` says so.
fn rename_over(tmp: &Path, path: &Path, old: &[u8], notes: Vec<String>) -> Result<Replaced, StoreError> {
    let now = fs::read(path);
    let same = now.as_ref().is_ok_and(|now| now == old);
    let done = if same { fs::rename(tmp, path) } else { fs::remove_file(tmp) };
    done.at(path)?;
    sync_dir(path.parent().unwrap_or(path))?;
    Ok(if same { Replaced::Done(notes) } else { Replaced::Moved })
}

fn create(target: Target<'_>, new: &[u8]) -> Result<Replaced, StoreError> {
    let path = target.path;
    let dir = path.parent().unwrap_or(path);
    let tmp = tmp_name(target, "part");
    let written = OpenOptions::new().write(true).create_new(true).open(&tmp).and_then(|mut file| {
        file.write_all(new)?;
        file.sync_all()
    });
    let placed = written.and_then(|()| {
        renameat_with(CWD, &tmp, CWD, path, RenameFlags::NOREPLACE).or_else(|error| match error {
            // No such rename here: a link fails as well when the name is taken.
            rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS | rustix::io::Errno::OPNOTSUPP => {
                rustix::fs::linkat(CWD, &tmp, CWD, path, AtFlags::empty()).and_then(|()| rustix::fs::unlink(&tmp))
            }
            error => Err(error),
        })?;
        Ok(())
    });
    match placed {
        Ok(()) => {
            sync_dir(dir)?;
            Ok(Replaced::Done(Vec::new()))
        }
        Err(error) => {
            let _ = fs::remove_file(&tmp);
            if error.kind() == io::ErrorKind::AlreadyExists {
                Ok(Replaced::Moved)
            } else {
                Err(StoreError::io(path, &error))
            }
        }
    }
}

fn remove(target: Target<'_>, old: &[u8]) -> Result<Replaced, StoreError> {
    let Target { state, path, .. } = target;
    let dir = path.parent().unwrap_or(path);
    let tmp = tmp_name(target, "full");
    match fs::rename(path, &tmp) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Replaced::Moved),
        Err(error) => return Err(StoreError::io(path, &error)),
    }
    let came = look(&tmp)?;
    if came.bytes == old && came.writers == Writers::None {
        sync_dir(dir)?;
        fs::remove_file(&tmp).at(&tmp)?;
        return Ok(Replaced::Done(Vec::new()));
    }
    if came.bytes == old && came.writers == Writers::Unknown {
        sync_dir(dir)?;
        park_quiet(state, &tmp, path, old)?;
        return Ok(Replaced::Done(Vec::new()));
    }
    match renameat_with(CWD, &tmp, CWD, path, RenameFlags::NOREPLACE) {
        Ok(()) => {
            sync_dir(dir)?;
            Ok(Replaced::Moved)
        }
        Err(_) => {
            let kept = park(state, &tmp, path)?;
            let why = format!("others wrote while it was removed; an older version is in {}", kept.display());
            Err(StoreError::new(ErrorKind::Busy, path, why, "compare the two and keep what is right"))
        }
    }
}

/// A displaced file: its content, and who still has it open.
struct Came {
    bytes: Vec<u8>,
    writers: Writers,
}

/// Waits (bounded) until nobody has the file open for writing, then reads it, on one descriptor.
fn look(path: &Path) -> Result<Came, StoreError> {
    let mut file = private(OpenOptions::new().read(true)).open(path).at(path)?;
    let writers = wait_for_writers(&file, WRITER_WAIT);
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).at(path)?;
    Ok(Came { bytes, writers })
}

/// `part` is half-written new content at most; `full` may be what came out of an exchange.
fn tmp_name(target: Target<'_>, stage: &str) -> PathBuf {
    let (process, next) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    target.state.tmp().join(format!("{stage}-{}-{process}-{next}", target.number))
}

/// Keeps a displaced file that is as it should be, but to which a late write may still come.
fn park_quiet(state: &State, tmp: &Path, path: &Path, old: &[u8]) -> Result<PathBuf, StoreError> {
    park_as(state, tmp, path, &format!("quiet-{}", Rev::of(old)))
}

/// Keeps a displaced file under a name that says what it was.
fn park(state: &State, tmp: &Path, path: &Path) -> Result<PathBuf, StoreError> {
    park_as(state, tmp, path, "kept")
}

fn park_as(state: &State, tmp: &Path, path: &Path, front: &str) -> Result<PathBuf, StoreError> {
    let name = path.file_name().map_or_else(|| "document".into(), |name| name.to_string_lossy().into_owned());
    for _ in 0..10_000 {
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let kept = state.displaced().join(format!("{front}-{}-{next}-{name}", std::process::id()));
        match renameat_with(CWD, tmp, CWD, &kept, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(kept),
            Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(error).at(&kept),
        }
    }
    Err(StoreError::new(ErrorKind::State, state.displaced(), "has no free name".to_owned(), "empty it"))
}

/// Writes `new` into a temporary file with the mode, owner and extended attributes of the document at `path`, durably.
fn write_like(target: Target<'_>, new: &[u8]) -> Result<(PathBuf, Vec<String>), StoreError> {
    let path = target.path;
    let tmp = tmp_name(target, "part");
    let mut notes = Vec::new();
    let written = (|| {
        let meta = fs::metadata(path)?;
        let mut file = private(OpenOptions::new().write(true).create_new(true)).open(&tmp)?;
        file.write_all(new)?;
        let own = file.metadata()?;
        if (own.uid(), own.gid()) != (meta.uid(), meta.gid())
            && std::os::unix::fs::fchown(&file, Some(meta.uid()), Some(meta.gid())).is_err()
        {
            notes.push(format!("{}: its owner could not be kept", path.display()));
        }
        copy_attributes(path, &file, &mut notes);
        file.set_permissions(Permissions::from_mode(meta.permissions().mode() & 0o7777))?;
        file.sync_all()?;
        let full = tmp_name(target, "full");
        fs::rename(&tmp, &full)?;
        Ok(full)
    })();
    match written {
        Ok(full) => Ok((full, notes)),
        Err(error) => {
            let _ = fs::remove_file(&tmp);
            Err(StoreError::io(path, &error))
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn copy_attributes(from: &Path, to: &File, notes: &mut Vec<String>) {
    use rustix::fs::{XattrFlags, fsetxattr, getxattr, listxattr};
    let mut names = vec![0u8; 64 << 10];
    // No attributes, or a file system without them: nothing to copy.
    let Ok(length) = listxattr(from, &mut names[..]) else { return };
    for name in names[..length].split(|&b| b == 0).filter(|name| !name.is_empty()) {
        let mut value = vec![0u8; 64 << 10];
        let copied = getxattr(from, name, &mut value[..])
            .and_then(|length| fsetxattr(to, name, &value[..length], XattrFlags::empty()));
        if copied.is_err() {
            let name = String::from_utf8_lossy(name);
            notes.push(format!("{}: the extended attribute {name} could not be kept", from.display()));
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn copy_attributes(_from: &Path, _to: &File, _notes: &mut Vec<String>) {}
