//! Which folders of documents are watched, and what lies in them: documents, and links that lead elsewhere.
//!
//! Only names of folders inside the root are taken, never our own state folder or the repository's.
//!
//! Limits: nothing is remembered of the file system; every question reads the folders again. What cannot be read is as
//! good as not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use crate::doc::DocId;
use crate::store::scan::{document, join};
use crate::sys::file;

/// The folders that are of interest; they need not exist.
pub struct Folders {
    root: PathBuf,
    /// Relative to the root, `""` for the root itself.
    names: BTreeSet<String>,
}

impl Folders {
    /// Those of the names that can be folders inside the root.
    pub fn new(root: PathBuf, names: Vec<String>) -> Folders {
        let mut folders = Folders { root, names: BTreeSet::new() };
        folders.add(names);
        folders
    }

    /// Takes more folders; whether any of them is new.
    pub fn add(&mut self, names: Vec<String>) -> bool {
        let before = self.names.len();
        self.names.extend(names.into_iter().filter(|folder| is_folder_name(folder)));
        self.names.len() > before
    }

    /// The root, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folders, relative to the root.
    pub fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// Where a folder is, or would be.
    pub fn path(&self, folder: &str) -> PathBuf {
        if folder.is_empty() { self.root.clone() } else { self.root.join(folder) }
    }

    /// The folders and all that lie above them up to the root, parents first, each with the names in it that are, or
    /// lead to, folders of interest.
    pub fn steps(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut steps: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::from([("", BTreeSet::new())]);
        for folder in &self.names {
            let mut rest = folder.as_str();
            while !rest.is_empty() {
                let (parent, name) = rest.rsplit_once('/').unwrap_or(("", rest));
                steps.entry(rest).or_default();
                steps.entry(parent).or_default().insert(name);
                rest = parent;
            }
        }
        steps
    }

    /// The regular files of a folder, links followed; nothing when the folder is not there.
    pub fn files(&self, folder: &str) -> Vec<(DocId, Metadata)> {
        let Ok(entries) = fs::read_dir(self.root.join(folder)) else { return Vec::new() };
        let files = entries.flatten().filter_map(|entry| {
            let id = document(&join(folder, entry.file_name().to_str()?))?;
            let meta = fs::metadata(entry.path()).ok()?;
            meta.is_file().then_some((id, meta))
        });
        files.collect()
    }

    /// The links among the documents, with the files inside the root that they lead to.
    pub fn links(&self, real_root: &Path, missing: &[&str]) -> Vec<(DocId, PathBuf)> {
        let mut links = Vec::new();
        for folder in self.names.iter().filter(|folder| !missing.contains(&folder.as_str())) {
            let Ok(entries) = fs::read_dir(self.root.join(folder)) else { continue };
            for entry in entries.flatten() {
                if !entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                    continue;
                }
                let Some(id) = entry.file_name().to_str().and_then(|name| document(&join(folder, name))) else {
                    continue;
                };
                let Ok(target) = file::canonical(&entry.path()) else { continue };
                let Ok(inside) = target.strip_prefix(real_root) else { continue };
                let own = inside.iter().any(|part| part.to_str().is_some_and(is_own));
                if !own && target.is_file() {
                    // Spelled below the root as given, so that the directory has one path whoever names it.
                    links.push((id, self.root.join(inside)));
                }
            }
        }
        links
    }
}

/// Whether the name is that of our own state folder or the repository's: nothing in there is news.
pub fn is_own(name: &str) -> bool {
    name == ".codex-tui" || name == ".git"
}

/// Whether the text can name a folder inside the root.
fn is_folder_name(folder: &str) -> bool {
    folder.is_empty() || document(folder).is_some_and(|id| !id.as_str().split('/').any(is_own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_inside_the_root_are_taken() {
        for folder in ["", "docs", "docs/plans"] {
            assert!(is_folder_name(folder), "{folder}");
        }
        for folder in ["..", "/etc", "docs/../..", "a\\b", ".codex-tui", ".git/refs"] {
            assert!(!is_folder_name(folder), "{folder}");
        }
    }
}
