//! Finds the session file that an agent writes now: the newest below a folder, which usually lies outside of the workspace.
//! Only looks; links to folders are not followed.
//!
//! Limits: at most [`MOST`] entries are looked at, folders with the highest names first (they are named by year, month and
//! day), so that in an endless tree the oldest are left out.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Entries that are looked at.
pub const MOST: usize = 200_000;
/// Levels of folders below the one that is named.
const DEEP: usize = 8;
/// Folders that are to be watched.
const WATCHED: usize = 64;

/// What lies below a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The newest session file: of those named `rollout-<time>…` the one with the highest name, else the one that was
    /// written last.
    pub newest: Option<PathBuf>,
    /// The folders in which a newer one may appear, relative to the one that was named, it first (`""`).
    pub folders: Vec<String>,
}

/// What makes one file newer than another: a name with a time, then the name, then when it was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Age {
    is_named: bool,
    name: String,
    written: Option<SystemTime>,
}

/// Looks for session files (`*.jsonl`) below a folder. An error is about the folder itself; folders below that cannot be
/// read are passed over.
pub fn newest(root: &Path) -> io::Result<Found> {
    let mut found = Found::default();
    let mut best: Option<(Age, PathBuf)> = None;
    let mut left = MOST;
    // The next folder is the last one.
    let mut next = vec![(String::new(), 0)];
    while let Some((folder, depth)) = next.pop() {
        let path = root.join(&folder);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if depth == 0 => return Err(error),
            Err(_) => continue,
        };
        if found.folders.len() < WATCHED {
            found.folders.push(folder.clone());
        }
        let mut below = Vec::new();
        for entry in entries.flatten() {
            left = left.saturating_sub(1);
            let name = entry.file_name().to_string_lossy().into_owned();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < DEEP => {
                    below.push(if folder.is_empty() { name } else { format!("{folder}/{name}") });
                }
                Ok(kind) if kind.is_file() && name.ends_with(".jsonl") => {
                    let is_named = name.starts_with("rollout-");
                    let written = || entry.metadata().and_then(|meta| meta.modified()).ok();
                    // The name of a file that is named otherwise tells nothing about its age.
                    let age = match is_named {
                        true if best.as_ref().is_some_and(|(best, _)| best.is_named && best.name > name) => continue,
                        true => Age { is_named, name, written: written() },
                        false => Age { is_named, name: String::new(), written: written() },
                    };
                    if best.as_ref().is_none_or(|(best, _)| *best < age) {
                        best = Some((age, entry.path()));
                    }
                }
                _ => {}
            }
        }
        if left == 0 {
            break;
        }
        below.sort_unstable();
        next.extend(below.into_iter().map(|folder| (folder, depth + 1)));
    }
    found.newest = best.map(|(_, path)| path);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[&str], want: Option<&str>) {
        let dir = tempfile::tempdir().expect("a folder");
        for file in files {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(&path, "{}\n").expect("written");
        }
        let found = newest(dir.path()).expect("a folder");
        assert_eq!(found.newest, want.map(|want| dir.path().join(want)), "{files:?}");
        assert_eq!(found.folders.first().map(String::as_str), Some(""));
    }

    #[test]
    fn the_highest_name_is_the_newest() {
        let old = "2025/12/31/rollout-2025-12-31T23-59-59-ff.jsonl";
        let new = "2026/01/01/rollout-2026-01-01T00-00-01-aa.jsonl";
        check(&[], None);
        check(&["2026/01/01/notes.txt"], None);
        check(&[old, new], Some(new));
        // Written later, named earlier.
        check(&[new, old, "history.jsonl"], Some(new));
        check(&["a/one.jsonl"], Some("a/one.jsonl"));
    }

    #[cfg(unix)]
    #[test]
    fn links_to_folders_are_not_followed_and_a_missing_folder_is_an_error() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::create_dir(dir.path().join("2026")).expect("made");
        std::os::unix::fs::symlink(dir.path(), dir.path().join("2026/loop")).expect("a link");
        assert_eq!(newest(dir.path()).expect("a folder").folders, ["", "2026"]);
        assert!(newest(&dir.path().join("none")).is_err());
    }
}
