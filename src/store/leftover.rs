//! What a dead process left in the folder of temporary files, and displaced files that are kept.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::{At, ErrorKind, StoreError};
use super::look::{look, next_name};
use super::read::open_regular;
use super::state::{State, sync_dir};
use crate::doc::Rev;
use crate::sys::{Writers, file};

/// How long after the exchange a late write through an old descriptor is reckoned with, where the system does not tell.
const LATE: Duration = Duration::from_secs(5);

/// What the name of a temporary file says about it: `full-<number>-<old>-<new>-<process>-<count>`, where `none` stands
/// for a document that is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// Which document of the operation it belongs to.
    pub number: usize,
    /// What the change was planned from: this comes out of the exchange.
    pub old: Option<Rev>,
    /// What is to be put in place.
    pub new: Option<Rev>,
}

impl Label {
    /// A name that no other file has.
    pub fn name(self) -> String {
        let rev = |rev: Option<Rev>| rev.map_or_else(|| "none".to_owned(), |rev| rev.to_string());
        format!("full-{}-{}-{}-{}", self.number, rev(self.old), rev(self.new), next_name())
    }

    fn parse(name: &str) -> Option<Label> {
        let mut parts = name.strip_prefix("full-")?.split('-');
        let number = parts.next()?.parse().ok()?;
        let mut rev = || match parts.next()? {
            "none" => Some(None),
            text => text.parse().ok().map(Some),
        };
        Some(Label { number, old: rev()?, new: rev()? })
    }
}

/// Looks at what a dead process left of its temporary files. Half-written ones go. A whole one is either new content that
/// was not put in place, or what came out of an exchange: if that is neither what the change was planned from nor what it
/// wrote, somebody's write slipped in just then, and it is put back.
pub fn clear(state: &State, path_of: impl Fn(usize) -> Option<PathBuf>) -> Result<Vec<String>, StoreError> {
    let mut notes = Vec::new();
    let entries = match fs::read_dir(state.tmp()) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(notes),
        Err(error) => return Err(StoreError::io(state.tmp(), &error)),
    };
    for entry in entries.flatten() {
        let (tmp, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        match Label::parse(&name) {
            Some(label) => notes.extend(settle(state, &tmp, label, path_of(label.number))?),
            // A folder is none of ours: it harms nobody.
            None if entry.file_type().is_ok_and(|kind| kind.is_dir()) => {}
            None => fs::remove_file(&tmp).at(&tmp)?,
        }
    }
    Ok(notes)
}

fn settle(state: &State, tmp: &Path, label: Label, path: Option<PathBuf>) -> Result<Option<String>, StoreError> {
    if is_spare(tmp, label)? {
        fs::remove_file(tmp).at(tmp)?;
        return Ok(None);
    }
    if let Some(path) = &path {
        let there = read_regular(path).map(|bytes| Rev::of(&bytes));
        let back = match label.new {
            Some(new) if there == Some(new) => file::exchange(tmp, path).is_ok(),
            None => file::rename_new(tmp, path).is_ok(),
            Some(_) => false,
        };
        if back {
            sync_dir(path.parent().unwrap_or(path))?;
            if fs::symlink_metadata(tmp).is_err() {
                return Ok(None);
            }
            if is_spare(tmp, label)? {
                fs::remove_file(tmp).at(tmp)?;
                return Ok(None);
            }
        }
    }
    let name = path.as_deref().unwrap_or(tmp);
    let kept = park(state, tmp, name)?;
    Ok(Some(format!("{}: a version that somebody wrote during a crash is kept in {}", name.display(), kept.display())))
}

/// Whether the file holds nothing but what stands in the document, or stood there and was replaced on purpose.
fn is_spare(tmp: &Path, label: Label) -> Result<bool, StoreError> {
    match look(tmp) {
        Ok(came) => {
            let rev = Some(Rev::of(&came.bytes));
            Ok(came.writers != Writers::Some && (rev == label.old || rev == label.new))
        }
        // A link or device that somebody had put in the place of the document.
        Err(error) if error.kind() == ErrorKind::Special || fs::symlink_metadata(tmp).is_ok_and(|m| !m.is_file()) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

fn read_regular(path: &Path) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut open_regular(path).ok()?, &mut bytes).ok()?;
    Some(bytes)
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
        if settled && look(&entry.path()).is_ok_and(|came| Rev::of(&came.bytes) == rev) {
            // What cannot be removed now is removed the next time.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Keeps a displaced file that is as it should be, but to which a late write may still come.
pub fn park_quiet(state: &State, tmp: &Path, path: &Path, old: &[u8]) -> Result<PathBuf, StoreError> {
    park_as(state, tmp, path, &format!("quiet-{}", Rev::of(old)))
}

/// Keeps a displaced file under a name that says what it was.
pub fn park(state: &State, tmp: &Path, path: &Path) -> Result<PathBuf, StoreError> {
    park_as(state, tmp, path, "kept")
}

fn park_as(state: &State, tmp: &Path, path: &Path, front: &str) -> Result<PathBuf, StoreError> {
    let name = path.file_name().map_or_else(|| "document".into(), |name| name.to_string_lossy().into_owned());
    for _ in 0..10_000 {
        let kept = state.displaced().join(format!("{front}-{}-{name}", next_name()));
        match file::rename_new(tmp, &kept) {
            Ok(()) => return Ok(kept),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).at(&kept),
        }
    }
    Err(StoreError::new(ErrorKind::State, state.displaced(), "has no free name".to_owned(), "empty it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_survive_their_names() {
        for (old, new) in [(None, Some(Rev::of(b"a"))), (Some(Rev::of(b"b")), None)] {
            let label = Label { number: 3, old, new };
            assert_eq!(Label::parse(&label.name()), Some(label));
        }
        assert_eq!(Label::parse("part-3-none-none-1-2"), None);
        assert_eq!(Label::parse("full-x-none-none-1-2"), None);
        assert_eq!(Label::parse("full-1-none"), None);
    }
}
