//! Finds documents: which files of the workspace match a few patterns, reading only the folders that can match.
//!
//! Limits: lists names, reads no content. Symbolic links to files count when their target stays inside the root;
//! linked folders are entered only where a pattern names them (never by `**`, so loops cannot happen) and only when
//! they stay inside the root. `.git` and `.codex-tui` are never entered; `target` and `node_modules` only when a
//! pattern spells them out. Not more than [`MAX_ENTRIES`] entries and [`MAX_DEPTH`] levels are looked at; what was
//! left out is said in the notes.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::fs::{self, FileType};
use std::path::{Path, PathBuf};

use crate::doc::DocId;
use crate::sys::file;
use crate::workspace::pattern::{Part, Pattern, glob_matches};

/// How many directory entries one scan looks at.
const MAX_ENTRIES: usize = 200_000;

/// How many levels below the root a scan goes.
pub const MAX_DEPTH: usize = 32;

/// How many levels below the root the document browser shows.
const BROWSER_DEPTH: usize = 12;

/// Folders of tools: no document lives there, whatever a pattern says.
const NEVER: [&str; 2] = [".git", ".codex-tui"];

/// Folders that wildcards do not enter.
const BULKY: [&str; 2] = ["target", "node_modules"];

/// What a scan found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// The documents, sorted by path, each once.
    pub docs: Vec<DocId>,
    /// What was left out and why, for people: unreadable folders, names that are not UTF-8, links out of the root.
    pub notes: Vec<String>,
    /// Why documents may be missing that are there: errors of the system, not of the workspace.
    pub failed: Option<String>,
}

impl Scan {}

/// Lists the regular files below `root` that match one of the patterns.
pub fn scan(root: &Path, patterns: &[Pattern]) -> Scan {
    let states = (0..patterns.len()).filter(|&i| !patterns[i].parts().is_empty()).map(|i| (i, 0)).collect();
    let mut walk = Walk::new(root);
    walk.folder(patterns, "", states, 0);
    walk.finish()
}

/// Lists up to `limit` Markdown files anywhere below `root`, those near the root first in line, for browsing.
pub fn list_markdown(root: &Path, limit: usize) -> Scan {
    let mut walk = Walk::new(root);
    let mut queue = VecDeque::from([(String::new(), 0)]);
    while let Some((folder, depth)) = queue.pop_front() {
        let mut entries = walk.entries(&folder, false);
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, kind) in entries {
            let path = join(&folder, &name);
            if kind.is_dir() {
                let skipped = NEVER.contains(&&*name) || BULKY.contains(&&*name) || name == ".venv";
                if !skipped && depth < BROWSER_DEPTH {
                    queue.push_back((path, depth + 1));
                }
            } else if is_markdown(&name) && walk.is_document(&path, kind) {
                if walk.docs.len() == limit {
                    walk.notes.push(format!("only the first {limit} Markdown files are listed"));
                    return walk.finish();
                }
                walk.add(&path);
            }
        }
    }
    walk.finish()
}

fn is_markdown(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ext)| ext.eq_ignore_ascii_case("md") || ext.eq_ignore_ascii_case("markdown"))
}

/// A scan under way.
struct Walk<'a> {
    root: &'a Path,
    /// The root without links, resolved when the first link is met.
    real_root: Option<PathBuf>,
    docs: BTreeSet<DocId>,
    notes: Vec<String>,
    failed: Option<String>,
    entries_left: usize,
}

impl<'a> Walk<'a> {
    fn new(root: &'a Path) -> Walk<'a> {
        Walk {
            root,
            real_root: None,
            docs: BTreeSet::new(),
            notes: Vec::new(),
            failed: None,
            entries_left: MAX_ENTRIES,
        }
    }

    fn finish(self) -> Scan {
        Scan { docs: self.docs.into_iter().collect(), notes: self.notes, failed: self.failed }
    }

    /// Looks at one folder for all patterns at once. A state is a pattern and how many of its parts the path of the
    /// folder has used up.
    fn folder(&mut self, patterns: &[Pattern], folder: &str, mut states: Vec<(usize, usize)>, depth: usize) {
        if depth > MAX_DEPTH {
            self.notes.push(format!("{folder}: deeper than {MAX_DEPTH} levels, not searched"));
            return;
        }
        for i in 0..states.len() {
            let (pattern, at) = states[i];
            if patterns[pattern].parts()[at] == Part::AnyDepth {
                states.push((pattern, at + 1));
            }
        }
        let wild = states.iter().any(|&(pattern, at)| !matches!(patterns[pattern].parts()[at], Part::Literal(_)));
        let is_literal = |part: &Part| matches!(part, Part::Literal(_));
        let is_named = states.iter().any(|&(pattern, at)| patterns[pattern].parts()[..at].iter().all(is_literal));
        let entries = if wild {
            self.entries(folder, is_named)
        } else {
            self.literal_entries(patterns, folder, &states, is_named)
        };
        for (name, kind) in entries {
            let mut is_doc = false;
            let mut below = Vec::new();
            let mut named = false;
            for &(pattern, at) in &states {
                let parts = patterns[pattern].parts();
                let last = at + 1 == parts.len();
                match &parts[at] {
                    Part::AnyDepth if !name.starts_with('.') => below.push((pattern, at)),
                    Part::AnyDepth => {}
                    Part::Literal(literal) if *literal == name => {
                        is_doc |= last;
                        if !last {
                            named = true;
                            below.push((pattern, at + 1));
                        }
                    }
                    Part::Literal(_) => {}
                    Part::Glob(glob) if glob_matches(glob, &name) => {
                        is_doc |= last;
                        if !last {
                            below.push((pattern, at + 1));
                        }
                    }
                    Part::Glob(_) => {}
                }
            }
            if !is_doc && below.is_empty() {
                continue;
            }
            let path = join(folder, &name);
            let by_depth = |&(pattern, at): &(usize, usize)| patterns[pattern].parts()[at] == Part::AnyDepth;
            if kind.is_dir() {
                let skipped = NEVER.contains(&&*name) || (BULKY.contains(&&*name) && !named);
                if !below.is_empty() && !skipped {
                    below.sort_unstable();
                    below.dedup();
                    self.folder(patterns, &path, below, depth + 1);
                }
            } else if is_doc && self.is_document(&path, kind) {
                self.add(&path);
            } else if kind.is_symlink() && !NEVER.contains(&&*name) {
                // `**` does not go through links: only the states that a named or `*` component led to remain.
                let came_by_depth: Vec<_> = states.iter().copied().filter(by_depth).collect();
                below.retain(|state| !came_by_depth.contains(state));
                if !below.is_empty() && self.link_target(&path).is_some_and(|target| target.is_dir()) {
                    self.folder(patterns, &path, below, depth + 1);
                }
            }
        }
    }

    /// The entries with UTF-8 names of a folder, in no order. A folder that is not there has none. `is_named`: a pattern names
    /// the folder itself, not only what may be one.
    fn entries(&mut self, folder: &str, is_named: bool) -> Vec<(String, FileType)> {
        let listing = match fs::read_dir(self.root.join(folder)) {
            Ok(listing) => listing,
            Err(error) => {
                self.missed(folder, &error, is_named);
                return Vec::new();
            }
        };
        let mut entries = Vec::new();
        for entry in listing {
            if self.entries_left == 0 {
                self.notes
                    .push(format!("{}: more than {MAX_ENTRIES} entries, the rest is not searched", shown(folder)));
                break;
            }
            self.entries_left -= 1;
            let kind = entry.and_then(|entry| Ok((entry.file_type()?, entry)));
            let (kind, entry) = match kind {
                Ok(found) => found,
                Err(error) => {
                    self.missed(folder, &error, is_named);
                    break;
                }
            };
            match entry.file_name().into_string() {
                Ok(name) => entries.push((name, kind)),
                Err(name) => self.notes.push(format!("{}: the name {name:?} is not UTF-8", shown(folder))),
            }
        }
        entries
    }

    /// The entries that literal components name: cheaper than listing the folder.
    fn literal_entries(
        &mut self,
        patterns: &[Pattern],
        folder: &str,
        states: &[(usize, usize)],
        is_named: bool,
    ) -> Vec<(String, FileType)> {
        let mut names = BTreeSet::new();
        for &(pattern, at) in states {
            if let Part::Literal(name) = &patterns[pattern].parts()[at] {
                names.insert(name);
            }
        }
        let dir = self.root.join(folder);
        let mut entries = Vec::new();
        for name in names {
            match fs::symlink_metadata(dir.join(name)) {
                Ok(meta) => entries.push((name.clone(), meta.file_type())),
                Err(error) => self.missed(&join(folder, name), &error, is_named),
            }
        }
        entries
    }

    /// Something that may be there was not seen. A folder that was only come across and is closed to us is somebody else's.
    fn missed(&mut self, path: &str, error: &std::io::Error, is_named: bool) {
        use std::io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
        if matches!(error.kind(), NotFound | NotADirectory) {
            return;
        }
        let note = format!("{}: {error}", shown(path));
        if is_named || error.kind() != PermissionDenied {
            self.failed.get_or_insert(note.clone());
        }
        self.notes.push(note);
    }

    /// Whether this is a regular file or a link to one inside the root.
    fn is_document(&mut self, path: &str, kind: FileType) -> bool {
        kind.is_file() || (kind.is_symlink() && self.link_target(path).is_some_and(|target| target.is_file()))
    }

    /// Where a link leads, when that is inside the root; dangling links are passed over in silence (editors lock so).
    fn link_target(&mut self, path: &str) -> Option<fs::Metadata> {
        let target = file::canonical(&self.root.join(path)).ok()?;
        let real_root = match &self.real_root {
            Some(real_root) => real_root,
            None => self.real_root.insert(file::canonical(self.root).ok()?),
        };
        let Ok(inside) = target.strip_prefix(real_root) else {
            self.notes.push(format!("{path}: links out of the workspace, left out"));
            return None;
        };
        if inside.components().any(|part| NEVER.iter().any(|never| part.as_os_str() == OsStr::new(never))) {
            return None;
        }
        fs::metadata(target).ok()
    }

    fn add(&mut self, path: &str) {
        match document(path) {
            Some(id) => drop(self.docs.insert(id)),
            None => self.notes.push(format!("{path:?} cannot name a document")),
        }
    }
}

/// The document at a root-relative path as the file system spells it; none when a [`DocId`] would spell it otherwise
/// (a backslash in a file name).
pub(super) fn document(path: &str) -> Option<DocId> {
    DocId::new(path).ok().filter(|id| id.as_str() == path)
}

/// Joins a folder and a name; the root is `""`.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn shown(folder: &str) -> &str {
    if folder.is_empty() { "the workspace root" } else { folder }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    fn names(scan: &Scan) -> Vec<&str> {
        scan.docs.iter().map(DocId::as_str).collect()
    }

    fn put(root: &Path, path: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }

    fn scan_all(root: &Path, patterns: &[&str]) -> Scan {
        let patterns: Vec<_> = patterns.iter().map(|p| Pattern::new(p)).collect();
        scan(root, &patterns)
    }

    #[test]
    fn scan_lists_what_matches_once_and_sorted() {
        let dir = tempfile::tempdir().unwrap();
        for path in [
            "README.md",
            "docs/B_TaskBoard.md",
            "docs/plans/PlanA.md",
            "docs/plans/PlanB.md",
            "docs/plans/Note.md",
            "docs/a/b/deep.md",
            "docs/node_modules/x.md",
            "docs/.git/x.md",
            "target/x.md",
            ".codex-tui/x.md",
            "src/x.md",
        ] {
            put(dir.path(), path);
        }
        let found = scan_all(dir.path(), &["docs/plans/Plan*.md", "docs/*TaskBoard.md", "*.md", "gone/*.md"]);
        assert_eq!(names(&found), ["README.md", "docs/B_TaskBoard.md", "docs/plans/PlanA.md", "docs/plans/PlanB.md"]);
        assert!(found.notes.is_empty());
        let found = scan_all(dir.path(), &["docs/**/*.md", "docs/plans/PlanA.md", "target/x.md", ".codex-tui/*.md"]);
        assert_eq!(
            names(&found),
            [
                "docs/B_TaskBoard.md",
                "docs/a/b/deep.md",
                "docs/plans/Note.md",
                "docs/plans/PlanA.md",
                "docs/plans/PlanB.md",
                "target/x.md"
            ]
        );
        let listed = list_markdown(dir.path(), 3);
        assert_eq!(names(&listed), ["README.md", "docs/B_TaskBoard.md", "src/x.md"]);
        assert_eq!(listed.notes.len(), 1);
    }

    #[test]
    fn links_stay_inside_and_loops_end() {
        let outside = tempfile::tempdir().unwrap();
        put(outside.path(), "secret.md");
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        put(root, "docs/real/a.md");
        put(root, ".git/config.md");
        symlink("real/a.md", root.join("docs/link.md")).unwrap();
        symlink(outside.path().join("secret.md"), root.join("docs/out.md")).unwrap();
        symlink(outside.path(), root.join("docs/outdir")).unwrap();
        symlink("../.git/config.md", root.join("docs/git.md")).unwrap();
        symlink("nowhere", root.join("docs/dangling.md")).unwrap();
        symlink("..", root.join("docs/loop")).unwrap();
        symlink("real", root.join("docs/alias")).unwrap();
        let found = scan_all(root, &["docs/**/*.md"]);
        assert_eq!(names(&found), ["docs/link.md", "docs/real/a.md"]);
        assert_eq!(found.notes.len(), 1, "{:?}", found.notes);
        let found = scan_all(root, &["docs/alias/*.md", "docs/outdir/*.md", "docs/loop/docs/loop/docs/real/*.md"]);
        assert_eq!(names(&found), ["docs/alias/a.md", "docs/loop/docs/loop/docs/real/a.md"]);
        assert_eq!(names(&list_markdown(root, 100)), ["docs/link.md", "docs/real/a.md"]);
    }

    #[test]
    fn odd_names_and_special_files_are_no_obstacle() {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), "ok.md");
        put(dir.path(), "back\\slash.md");
        fs::write(dir.path().join(OsStr::from_bytes(b"bad\xff.md")), "x").unwrap();
        let made = std::process::Command::new("mkfifo").arg(dir.path().join("pipe.md")).status();
        assert!(made.unwrap().success());
        let found = scan_all(dir.path(), &["*.md"]);
        assert_eq!(names(&found), ["ok.md"]);
        assert_eq!(found.notes.len(), 2, "{:?}", found.notes);
    }

    /// Prints what a scan of a workspace of the usual size costs.
    #[test]
    fn cost() {
        let dir = tempfile::tempdir().unwrap();
        for n in 0..110 {
            put(dir.path(), &format!("docs/agents/sessions/2025-01-01_session-{n:04}.md"));
        }
        for n in 0..40 {
            put(dir.path(), &format!("docs/plans/Plan{n}.md"));
        }
        let patterns: Vec<_> = [
            "docs/plans/Plan*.md",
            "docs/*TaskBoard.md",
            "docs/agents/sessions/*.md",
            "docs/taskboard/TaskBoard.csv",
            "docs/CODEX_BACKLOG.md",
            "docs/CODEX_RUNBOOK.md",
            "docs/telemetry/Automation_Gates.md",
            "docs/agents/*.md",
            "docs/CODEX_*.md",
            "*.md",
        ]
        .map(Pattern::new)
        .into();
        let mut times: Vec<_> = (0..50)
            .map(|_| {
                let start = std::time::Instant::now();
                assert_eq!(scan(dir.path(), &patterns).docs.len(), 150);
                start.elapsed()
            })
            .collect();
        times.sort();
        println!("scan of 150 files with 10 patterns: median {:?}", times[25]);
    }
}
