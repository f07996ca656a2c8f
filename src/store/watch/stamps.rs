//! What is remembered of files between two looks, to see which have changed when nobody tells.
//!
//! Limits: time stamps may be too coarse to tell, so the contents of files up to 1 MiB that were written less than ten
//! seconds ago are compared too; a larger file that is rewritten within one tick at the same size passes for unchanged.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::{Duration, SystemTime};

use super::folders::Folders;
use crate::doc::{DocId, Rev};
use crate::sys::{Identity, file};

/// A poll compares the contents of files up to this size …
const SMALL: u64 = 1024 * 1024;

/// … that were written less than this ago.
const LATELY: Duration = Duration::from_secs(10);

/// The files of the folders as they were at one look.
pub struct Stamps(BTreeMap<DocId, Stamp>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    identity: Identity,
    size: u64,
    written: Option<SystemTime>,
    changed: Option<SystemTime>,
    /// Hash of a small file that was written lately.
    content: Option<Rev>,
}

impl Stamps {
    /// Looks at all files.
    pub fn of(folders: &Folders) -> Stamps {
        let now = SystemTime::now();
        let mut stamps = BTreeMap::new();
        for folder in folders.names() {
            for (id, meta) in folders.files(folder) {
                let age = meta.modified().map(|written| now.duration_since(written).unwrap_or_default());
                let compare = meta.len() <= SMALL && age.is_ok_and(|age| age < LATELY);
                let content = compare.then(|| fs::read(folders.root().join(id.as_str())).ok());
                let stamp = Stamp {
                    identity: file::identity(&folders.root().join(id.as_str()), &meta),
                    size: meta.len(),
                    written: meta.modified().ok(),
                    changed: file::changed(&meta),
                    content: content.flatten().map(|bytes| Rev::of(&bytes)),
                };
                stamps.insert(id, stamp);
            }
        }
        Stamps(stamps)
    }

    /// Looks again: the files that came, went or changed since the last look.
    pub fn renew(&mut self, folders: &Folders) -> BTreeSet<DocId> {
        let now = Stamps::of(folders);
        let changed = self.differences(&now);
        *self = now;
        changed
    }

    fn differences(&self, now: &Stamps) -> BTreeSet<DocId> {
        let gone = self.0.keys().filter(|id| !now.0.contains_key(*id));
        let other = now.0.iter().filter(|(id, stamp)| self.0.get(*id).is_none_or(|old| old.differs(stamp)));
        gone.chain(other.map(|(id, _)| id)).cloned().collect()
    }
}

impl Stamp {
    fn differs(&self, later: &Stamp) -> bool {
        let contents_differ = matches!((self.content, later.content), (Some(a), Some(b)) if a != b);
        let rest = |stamp: &Stamp| (stamp.identity, stamp.size, stamp.written, stamp.changed);
        contents_differ || rest(self) != rest(later)
    }
}

/// What the time stamps of files say about the time since a moment.
pub struct Since {
    /// Files came or went in some folder.
    pub folder_changed: bool,
    /// Files whose content or properties changed.
    pub changed: BTreeSet<DocId>,
}

impl Since {
    /// Looks at all folders and files.
    pub fn of(folders: &Folders, since: SystemTime) -> Since {
        let later = |stamp: Option<SystemTime>| stamp.is_some_and(|stamp| stamp >= since);
        let mut changed = BTreeSet::new();
        let mut folder_changed = false;
        for folder in folders.names() {
            folder_changed |= fs::metadata(folders.path(folder)).is_ok_and(|meta| later(meta.modified().ok()));
            for (id, meta) in folders.files(folder) {
                if later(file::changed(&meta)) {
                    changed.insert(id);
                }
            }
        }
        Since { folder_changed, changed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_size_and_time_differ_by_content() {
        let stamp = |content: &[u8]| Stamp {
            identity: Identity::default(),
            size: 3,
            written: Some(SystemTime::UNIX_EPOCH),
            changed: Some(SystemTime::UNIX_EPOCH),
            content: Some(Rev::of(content)),
        };
        assert!(stamp(b"abc").differs(&stamp(b"abd")));
        assert!(!stamp(b"abc").differs(&stamp(b"abc")));
        assert!(!stamp(b"abc").differs(&Stamp { content: None, ..stamp(b"abc") }));
    }
}
