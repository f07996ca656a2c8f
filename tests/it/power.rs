//! Power is cut: an operation's calls are written down, and whatever a disk may hold then is made from them, at every moment.
//! What was not synced may be there or not, each write and each name on its own. After the recovery the documents are old or
//! new as a whole, and new once success was reported.
//!
//! By default a sample of the moments; all of them with `CODEX_TUI_CRASH=all`, another stride with `CODEX_TUI_CRASH=<stride>`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use codex_tui::store::{Actor, Store};

use crate::crash::{CASES, Case, litter, masked, operations, prepare, stride};
use crate::files::{copy, read_all};
use crate::trace::{Answer, Call, Run, Watch, watched};

/// What one call does to the disk, once it is there.
#[derive(Debug, Clone)]
enum Deed {
    /// A new, empty file under that name.
    Make {
        path: PathBuf,
        file: u64,
    },
    Folder {
        path: PathBuf,
    },
    /// The file's name moves, and replaces what has the other name.
    Rename {
        from: PathBuf,
        to: PathBuf,
        file: u64,
    },
    /// Two files, with the names that they had.
    Exchange {
        one: (PathBuf, u64),
        other: (PathBuf, u64),
    },
    Link {
        from: PathBuf,
        to: PathBuf,
        file: u64,
    },
    Unlink {
        path: PathBuf,
    },
    Write {
        file: u64,
        at: usize,
        bytes: Vec<u8>,
    },
    Cut {
        file: u64,
        length: usize,
    },
    /// From here on what was written to the file is there.
    SyncFile {
        file: u64,
    },
    /// From here on the names in the folder are as they are.
    SyncFolder {
        path: PathBuf,
    },
}

impl Deed {
    /// The folders whose names it changes.
    fn folders(&self) -> Vec<&Path> {
        match self {
            Deed::Make { path, .. } | Deed::Folder { path } | Deed::Unlink { path } => {
                path.parent().into_iter().collect()
            }
            Deed::Rename { from, to, .. }
            | Deed::Link { from, to, .. }
            | Deed::Exchange { one: (from, _), other: (to, _) } => {
                from.parent().into_iter().chain(to.parent()).collect()
            }
            Deed::Write { .. } | Deed::Cut { .. } | Deed::SyncFile { .. } | Deed::SyncFolder { .. } => Vec::new(),
        }
    }

    /// Whether a sync has made it lasting. A rename is one step: where one of its folders is synced, it is there.
    fn is_lasting_by(&self, sync: &Deed) -> bool {
        match (self, sync) {
            (Deed::Write { file, .. } | Deed::Cut { file, .. }, Deed::SyncFile { file: synced }) => file == synced,
            (_, Deed::SyncFolder { path }) => self.folders().contains(&path.as_path()),
            _ => false,
        }
    }

    fn is_sync(&self) -> bool {
        matches!(self, Deed::SyncFile { .. } | Deed::SyncFolder { .. })
    }
}

/// Writes down what the calls do to files below a folder.
struct Recorder<'a> {
    root: &'a Path,
    deeds: Vec<Deed>,
    /// What is known only once the call has returned.
    begun: HashMap<u32, Deed>,
}

impl Recorder<'_> {
    fn ours(&self, path: Option<PathBuf>) -> Option<PathBuf> {
        Some(path?.strip_prefix(self.root).ok()?.to_owned())
    }

    /// The file or folder that a descriptor is open on: its path, as it is now, and whether it is a folder.
    fn open_on(&self, call: &Call) -> Option<(PathBuf, fs::Metadata)> {
        let link = call.descriptor(0, "fd");
        let path = self.ours(fs::read_link(&link).ok());
        let meta = fs::metadata(&link).ok()?;
        // What was unlinked has no path any more, and does not matter any more.
        path.map(|path| (path, meta))
    }

    fn position(call: &Call) -> usize {
        let info = fs::read_to_string(call.descriptor(0, "fdinfo")).unwrap_or_default();
        let field = |name: &str| info.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let appends =
            field("flags:").and_then(|text| i32::from_str_radix(text, 8).ok()).unwrap_or(0) & libc::O_APPEND != 0;
        let size = fs::metadata(call.descriptor(0, "fd")).map_or(0, |meta| meta.len());
        let at = field("pos:").and_then(|text| text.parse().ok()).unwrap_or(0);
        usize::try_from(if appends { size } else { at }).unwrap_or(0)
    }

    fn deed(&self, call: &Call) -> Option<Deed> {
        let path = |at, folder| self.ours(call.path(at, folder));
        let file = |path: &Path| fs::symlink_metadata(self.root.join(path)).map_or(0, |meta| meta.ino());
        let rename = |from: PathBuf, to| Deed::Rename { file: file(&from), from, to };
        let link = |from: PathBuf, to| Deed::Link { file: file(&from), from, to };
        Some(match call.number {
            libc::SYS_openat => {
                let full = call.path(1, Some(0))?;
                let flags = call.args[2] as i32;
                let there = fs::metadata(&full).ok();
                let path = self.ours(Some(full))?;
                match there {
                    None if flags & libc::O_CREAT != 0 => Deed::Make { path, file: 0 },
                    Some(meta) if flags & libc::O_TRUNC != 0 => Deed::Cut { file: meta.ino(), length: 0 },
                    _ => return None,
                }
            }
            libc::SYS_write => {
                let (_, meta) = self.open_on(call)?;
                let bytes = call.bytes(call.args[1], call.args[2])?;
                Deed::Write { file: meta.ino(), at: Recorder::position(call), bytes }
            }
            libc::SYS_ftruncate => {
                Deed::Cut { file: self.open_on(call)?.1.ino(), length: usize::try_from(call.args[1]).ok()? }
            }
            libc::SYS_fsync | libc::SYS_fdatasync => {
                let (path, meta) = self.open_on(call)?;
                if meta.is_dir() { Deed::SyncFolder { path } } else { Deed::SyncFile { file: meta.ino() } }
            }
            libc::SYS_renameat2 if call.args[4] & u64::from(libc::RENAME_EXCHANGE) != 0 => {
                let (one, other) = (path(1, Some(0))?, path(3, Some(2))?);
                let (a, b) = (file(&one), file(&other));
                Deed::Exchange { one: (one, a), other: (other, b) }
            }
            libc::SYS_renameat2 | libc::SYS_renameat => rename(path(1, Some(0))?, path(3, Some(2))?),
            libc::SYS_linkat => link(path(1, Some(0))?, path(3, Some(2))?),
            libc::SYS_unlinkat => Deed::Unlink { path: path(1, Some(0))? },
            libc::SYS_mkdirat => Deed::Folder { path: path(1, Some(0))? },
            #[cfg(target_arch = "x86_64")]
            libc::SYS_rename => rename(path(0, None)?, path(1, None)?),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_link => link(path(0, None)?, path(1, None)?),
            #[cfg(target_arch = "x86_64")]
            libc::SYS_unlink | libc::SYS_rmdir => Deed::Unlink { path: path(0, None)? },
            #[cfg(target_arch = "x86_64")]
            libc::SYS_mkdir => Deed::Folder { path: path(0, None)? },
            // What this picture of a disk does not have must not be used.
            libc::SYS_writev | libc::SYS_pwrite64 | libc::SYS_pwritev if self.open_on(call).is_some() => {
                panic!("the picture of the disk does not know call {}", call.number)
            }
            _ => return None,
        })
    }
}

impl Watch for Recorder<'_> {
    fn enter(&mut self, call: &Call) -> Answer {
        if let Some(deed) = self.deed(call) {
            self.begun.insert(call.thread(), deed);
        }
        Answer::Go
    }

    fn leave(&mut self, call: &Call, returned: i64) {
        let Some(mut deed) = self.begun.remove(&call.thread()).filter(|_| returned >= 0) else { return };
        match &mut deed {
            Deed::Make { path, file } => *file = fs::metadata(self.root.join(path)).map_or(0, |meta| meta.ino()),
            Deed::Write { bytes, .. } => bytes.truncate(usize::try_from(returned).unwrap_or(0)),
            _ => {}
        }
        self.deeds.push(deed);
    }
}

/// What a disk holds: names, and the content of files.
#[derive(Debug, Clone, Default)]
struct Disk {
    /// A file by its number, or a folder.
    names: BTreeMap<PathBuf, Option<u64>>,
    content: BTreeMap<u64, Vec<u8>>,
}

impl Disk {
    fn of(root: &Path) -> Disk {
        let mut disk = Disk::default();
        disk.read(root, root);
        disk
    }

    fn read(&mut self, root: &Path, folder: &Path) {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            let name = path.strip_prefix(root).expect("below the root").to_owned();
            let meta = entry.metadata().expect("an entry");
            if meta.is_dir() {
                self.names.insert(name, None);
                self.read(root, &path);
            } else {
                self.names.insert(name, Some(meta.ino()));
                self.content.insert(meta.ino(), fs::read(&path).expect("a file"));
            }
        }
    }

    fn apply(&mut self, deed: &Deed) {
        match deed {
            Deed::Make { path, file } => {
                self.names.insert(path.clone(), Some(*file));
                self.content.entry(*file).or_default();
            }
            Deed::Folder { path } => {
                self.names.insert(path.clone(), None);
            }
            // The folder's entry names the file, whatever became of the entry that it had before.
            Deed::Rename { from, to, file } => {
                self.names.remove(from);
                self.names.insert(to.clone(), Some(*file));
            }
            Deed::Exchange { one, other } => {
                self.names.insert(one.0.clone(), Some(other.1));
                self.names.insert(other.0.clone(), Some(one.1));
            }
            Deed::Link { to, file, .. } => {
                self.names.insert(to.clone(), Some(*file));
            }
            Deed::Unlink { path } => {
                self.names.remove(path);
            }
            Deed::Write { file, at, bytes } => {
                let content = self.content.entry(*file).or_default();
                if content.len() < at + bytes.len() {
                    content.resize(at + bytes.len(), 0);
                }
                content[*at..at + bytes.len()].copy_from_slice(bytes);
            }
            Deed::Cut { file, length } => self.content.entry(*file).or_default().resize(*length, 0),
            Deed::SyncFile { .. } | Deed::SyncFolder { .. } => {}
        }
    }

    /// Files by name; a name whose folder never came is not there.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let is_there = |path: &Path| {
            path.ancestors().skip(1).all(|dir| dir.as_os_str().is_empty() || self.names.get(dir) == Some(&None))
        };
        let file = |(path, node): (&PathBuf, &Option<u64>)| {
            let content = self.content.get(&(*node)?).cloned().unwrap_or_default();
            is_there(path).then(|| (path.clone(), content))
        };
        self.names.iter().filter_map(file).collect()
    }

    fn folders(&self) -> Vec<&PathBuf> {
        self.names.iter().filter(|(_, node)| node.is_none()).map(|(path, _)| path).collect()
    }

    /// Makes real files of it.
    fn write(&self, root: &Path) {
        for folder in self.folders() {
            let mode = if folder.starts_with(".codex-tui") { 0o700 } else { 0o755 };
            // One above it may never have come.
            let _ = fs::DirBuilder::new().mode(mode).create(root.join(folder));
        }
        for (path, bytes) in self.files() {
            fs::write(root.join(path), bytes).expect("a file");
        }
    }
}

/// Which of the deeds that need not be there are there.
fn choices(open: &[usize], seed: usize) -> Vec<BTreeSet<usize>> {
    let all: BTreeSet<usize> = open.iter().copied().collect();
    let mut sets = vec![BTreeSet::new(), all.clone()];
    for &one in open {
        sets.push(BTreeSet::from([one]));
        sets.push(all.iter().copied().filter(|&deed| deed != one).collect());
        // In order up to it, as a journal would have them.
        sets.push(all.range(..=one).copied().collect());
    }
    // Some without any order.
    for number in 1..=4_usize {
        let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(number * 97);
        sets.push(
            all.iter()
                .copied()
                .filter(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    state >> 33 & 1 == 1
                })
                .collect(),
        );
    }
    sets
}

/// The disks that were looked at, and what came of them.
#[derive(Debug, Default)]
struct Seen {
    disks: usize,
    old: usize,
    new: usize,
}

fn cut_power(case: &Case) -> Option<Seen> {
    let prepared = prepare(case)?;
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path().canonicalize().expect("a real path");
    copy(prepared.dir.path(), &root);
    let first = Disk::of(&root);
    let mut recorder = Recorder { root: &root, deeds: Vec::new(), begun: HashMap::new() };
    assert_eq!(watched(&root, case.verb, &mut recorder), Some(Run::Ended(0)), "{}", case.name);
    let deeds = recorder.deeds;
    // The picture is true: all deeds together are what is there.
    let mut whole = first.clone();
    deeds.iter().for_each(|deed| whole.apply(deed));
    assert_eq!(whole.files(), Disk::of(&root).files(), "{}: the deeds do not make what is there", case.name);
    let new = masked(&read_all(&root));

    let mut seen = Seen::default();
    let mut known = BTreeSet::new();
    let stride = stride(5 * case.thin.min(2));
    let moments = (0..deeds.len()).step_by(stride).chain([deeds.len()]);
    for moment in moments {
        let (done, is_over) = (&deeds[..moment], moment == deeds.len());
        let is_lasting = |at: usize| done[at..].iter().any(|sync| done[at].is_lasting_by(sync));
        let open: Vec<usize> = (0..moment).filter(|&at| !done[at].is_sync() && !is_lasting(at)).collect();
        for choice in choices(&open, moment) {
            let mut disk = first.clone();
            for (at, deed) in done.iter().enumerate() {
                if choice.contains(&at) || !open.contains(&at) {
                    disk.apply(deed);
                }
            }
            if !known.insert((is_over, disk.files(), disk.folders().into_iter().cloned().collect::<Vec<_>>())) {
                continue;
            }
            seen.disks += 1;
            let what = format!("{}: cut after {moment} of {} deeds, lost {:?}", case.name, deeds.len(), {
                open.iter().filter(|at| !choice.contains(at)).map(|&at| &deeds[at]).collect::<Vec<_>>()
            });
            let dir = tempfile::tempdir().expect("a folder");
            disk.write(dir.path());
            let actor = Actor { name: "test".to_owned(), via: "test".to_owned() };
            let recovered = Store::open(dir.path()).and_then(|store| store.recover(&actor));
            let Ok((_, notes)) = recovered else { panic!("{what}: {recovered:?}") };
            let now = read_all(dir.path());
            let is_new = masked(&now) == new;
            assert!(is_new || (now == prepared.old && !is_over), "{what}: {notes:?}: {:?}", now.keys());
            assert_eq!(operations(dir.path()), prepared.operations + usize::from(is_new), "{what}: {notes:?}");
            assert_eq!(litter(dir.path()), Vec::<String>::new(), "{what}: {notes:?}");
            *(if is_new { &mut seen.new } else { &mut seen.old }) += 1;
        }
    }
    println!("{}: {} deeds, every {stride}th moment: {seen:?}", case.name, deeds.len());
    Some(seen)
}

#[test]
fn power_may_go_at_any_moment() {
    for case in &CASES {
        let Some(seen) = cut_power(case) else {
            println!("skipped: tracing is not permitted here");
            return;
        };
        assert!(seen.old > 0 && seen.new > 0, "{}: {seen:?}", case.name);
    }
}
