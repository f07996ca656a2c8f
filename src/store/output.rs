//! New files that somebody else fills: the output of commands. No operation: nothing is there before, and nobody's bytes change.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;

use super::Store;
use super::error::{At, ErrorKind, StoreError};
use super::replace::check_folder;
use super::state::sync_dir;
use crate::doc::DocId;
use crate::sys::file;

/// So many files of one name are tried; more than this is a mistake.
const MOST: usize = 1000;

impl Store {
    /// Creates a file of this name, or with a number behind it where there is one already; with the folders that it needs.
    /// No file that is there is ever opened. Only the owner can read it.
    pub fn create_output(&self, wanted: &DocId) -> Result<(DocId, File), StoreError> {
        for number in 1..=MOST {
            let id = numbered(wanted, number);
            let path = self.place_of(&id)?;
            let folder = path.parent().unwrap_or(self.root());
            make_folders(folder)?;
            // A folder may have become a link since its name was looked at.
            let real = file::canonical(folder).at(folder)?;
            if !real.starts_with(self.root()) {
                return Err(StoreError::outside(path, &real));
            }
            match file::open_private(&path, OpenOptions::new().write(true).create_new(true)) {
                Ok(file) => {
                    sync_dir(folder)?;
                    return Ok((id, file));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(StoreError::io(path, &error)),
            }
        }
        let why = format!("there are {MOST} files of this name");
        Err(StoreError::new(ErrorKind::Io, self.root().join(wanted.as_str()), why, "move some of them away"))
    }
}

fn numbered(wanted: &DocId, number: usize) -> DocId {
    if number == 1 {
        return wanted.clone();
    }
    let path = wanted.as_str();
    let name = wanted.file_name();
    let extension = &name[wanted.stem().len()..];
    let front = &path[..path.len() - extension.len()];
    // A number in front of the extension makes no other path of it.
    DocId::new(&format!("{front}-{number}{extension}")).unwrap_or_else(|_| wanted.clone())
}

fn make_folders(folder: &Path) -> Result<(), StoreError> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|dir| !dir.exists()).collect();
    for dir in missing.into_iter().rev() {
        let parent = dir.parent().unwrap_or(dir);
        check_folder(parent)?;
        match fs::create_dir(dir) {
            Ok(()) => sync_dir(parent)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(StoreError::io(dir, &error)),
        }
    }
    check_folder(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_never_reused() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Store::open(dir.path()).expect("a workspace");
        let wanted = DocId::new("Logs/Commands/one/101403.log").expect("a path");
        let names: Vec<String> = (0..3).map(|_| store.create_output(&wanted).expect("a file").0.to_string()).collect();
        let want = ["101403.log", "101403-2.log", "101403-3.log"].map(|name| format!("Logs/Commands/one/{name}"));
        assert_eq!(names, want);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_created_outside() {
        let (dir, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let store = Store::open(dir.path()).expect("a workspace");
        std::os::unix::fs::symlink(other.path(), dir.path().join("Logs")).expect("a link");
        for path in ["Logs/Commands/a.log", "Logs/a.log", ".git/hooks/a.log", ".codex-tui/a.log"] {
            let error = store.create_output(&DocId::new(path).expect("a path")).expect_err(path);
            assert_eq!(error.kind(), ErrorKind::Outside, "{error}");
        }
        assert_eq!(fs::read_dir(other.path()).expect("the folder").count(), 0);
        assert!(!dir.path().join(".git").exists());
    }

    #[cfg(unix)]
    #[test]
    fn no_other_name_leads_into_the_folder_of_git() {
        let dir = tempfile::tempdir().expect("a folder");
        let store = Store::open(dir.path()).expect("a workspace");
        fs::create_dir(dir.path().join(".git")).expect("a folder");
        std::os::unix::fs::symlink(".git", dir.path().join("alias")).expect("a link");
        for path in ["alias/hooks/new.log", "alias/a.log", ".GIT/a.log"] {
            let error = store.create_output(&DocId::new(path).expect("a path")).expect_err(path);
            assert_eq!(error.kind(), ErrorKind::Outside, "{error}");
        }
        assert_eq!(fs::read_dir(dir.path().join(".git")).expect("the folder").count(), 0);
    }
}
