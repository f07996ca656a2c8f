//! Says when documents may have changed, so that nobody has to look: sleeps in the kernel until something happens.
//!
//! Watches *folders*, never files (a watched file is lost with the first save by rename), and also the folders above
//! them, so that folders which come later, go away or are replaced are noticed. The first event is passed on at once,
//! from the thread that received it: no debounce, no tick. An event is a hint, never a fact: consumers read the file
//! and compare contents, and unite the hints that have queued up meanwhile. Events of reading are dropped, or every
//! look would cause the next one; so is all that happens in `.codex-tui` and `.git`.
//!
//! Limits: a chain of links from one document to the next is watched at its two ends only; a link that leads out of
//! the root is not watched. When watching fails (limit of watches, no descriptors, root gone), polling takes over and
//! says so; every now and then a poll tries to watch again. Polling reads the contents of small files that changed
//! lately, since their time stamps may be too coarse to tell.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use notify::event::{CreateKind, EventKind, ModifyKind, RemoveKind, RenameMode};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use super::scan::{document, join};
use crate::doc::{DocId, Rev};
use crate::workspace::config::WatchMode;

/// Time between two polls.
pub const POLL: Duration = Duration::from_secs(2);

/// After so many polls watching is tried again.
const RETRY: u32 = 15;

/// More folders than this are polled: it cannot be what the operator looks at.
const MAX_FOLDERS: usize = 4096;

/// Time stamps of files lag behind the clock by a kernel tick (4 to 10 ms).
const STAMP_LAG: Duration = Duration::from_millis(20);

/// A poll compares the contents of files up to this size …
const SMALL: u64 = 1024 * 1024;

/// … that were written less than this ago.
const LATELY: Duration = Duration::from_secs(10);

/// What the watcher says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchEvent {
    /// These files may have been created, changed or removed. Any file of a watched folder can be named, also
    /// temporary ones.
    Changed(BTreeSet<DocId>),
    /// Anything may have changed, also which documents there are: scan and read again.
    Rescan {
        /// What happened, for people.
        why: String,
    },
    /// Watching failed and polling has taken over: show this until [`WatchEvent::Recovered`]. A `Rescan` follows.
    Degraded {
        /// A sentence for the operator.
        notice: String,
    },
    /// Watching works again. A `Rescan` follows.
    Recovered,
}

/// A running watcher; dropping it ends it.
pub struct Watcher {
    worker: Option<Sender<Message>>,
}

impl Watcher {
    /// Starts to watch folders of the workspace (`""` is the root; they need not exist yet; nothing below them is
    /// watched unless named itself). Returns at once.
    ///
    /// Start watching *before* reading documents: changes between the call and the moment when the watches are in
    /// place are reported as well. `notify` is called on threads of the watcher, one call at a time; it must not
    /// block (send to a channel).
    pub fn start(
        root: &Path,
        folders: Vec<String>,
        mode: WatchMode,
        notify: impl Fn(WatchEvent) + Send + 'static,
    ) -> Watcher {
        Watcher::start_with(root, folders, mode, Limits { folders: MAX_FOLDERS, poll: POLL }, notify)
    }

    /// Watches these folders too. Those that are newly watched and exist cause a `Rescan`; the others nothing.
    pub fn watch_more(&self, folders: Vec<String>) {
        if let Some(worker) = &self.worker {
            // The worker ends only with this handle, or when its thread could not be started.
            let _ = worker.send(Message::More(folders));
        }
    }

    fn start_with(
        root: &Path,
        folders: Vec<String>,
        mode: WatchMode,
        limits: Limits,
        notify: impl Fn(WatchEvent) + Send + 'static,
    ) -> Watcher {
        if mode == WatchMode::Off {
            return Watcher { worker: None };
        }
        let since = SystemTime::now().checked_sub(STAMP_LAG).unwrap_or(SystemTime::UNIX_EPOCH);
        let (sender, inbox) = mpsc::channel();
        let post = Post { to: Arc::new(Mutex::new(Box::new(notify))) };
        let mut worker = Worker {
            root: std::path::absolute(root).unwrap_or_else(|_| root.to_owned()),
            real_root: PathBuf::new(),
            interest: folders.into_iter().filter(|folder| is_folder_name(folder)).collect(),
            limits,
            auto: mode == WatchMode::Auto,
            routes: Arc::default(),
            post: post.clone(),
            sender: sender.clone(),
        };
        let thread = std::thread::Builder::new().name("watch".to_owned());
        if let Err(error) = thread.spawn(move || worker.run(&inbox, since)) {
            post.send(WatchEvent::Degraded { notice: format!("files are not watched: no thread ({error})") });
        }
        Watcher { worker: Some(sender) }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if let Some(worker) = &self.worker {
            let _ = worker.send(Message::Stop);
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    folders: usize,
    poll: Duration,
}

enum Message {
    /// Something happened to a folder that is watched or waited for.
    Structure(PathBuf),
    /// A link appeared among the documents.
    Link,
    /// The kernel dropped events.
    Overflow,
    /// Watching failed while it ran.
    Failed(notify::Error),
    More(Vec<String>),
    Stop,
}

/// The consumer's callback, shared by the thread of the operating system's events and the worker.
#[derive(Clone)]
struct Post {
    to: Arc<Mutex<Callback>>,
}

type Callback = Box<dyn Fn(WatchEvent) + Send>;

impl Post {
    fn send(&self, event: WatchEvent) {
        lock(&self.to)(event);
    }

    fn changed(&self, docs: BTreeSet<DocId>) {
        if !docs.is_empty() {
            self.send(WatchEvent::Changed(docs));
        }
    }

    fn rescan(&self, why: impl Into<String>) {
        self.send(WatchEvent::Rescan { why: why.into() });
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A watched directory, and what its events mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Route {
    /// Folders of documents that this directory is; several when links lead to it, none when it only lies above one.
    folders: BTreeSet<String>,
    /// Names in it that are, or lead to, folders of interest.
    steps: HashSet<OsString>,
    /// Names in it that links elsewhere lead to, with the linking documents.
    links: HashMap<OsString, BTreeSet<DocId>>,
}

impl Route {
    fn merge(&mut self, other: &Route) {
        self.folders.extend(other.folders.iter().cloned());
        self.steps.extend(other.steps.iter().cloned());
        for (name, docs) in &other.links {
            self.links.entry(name.clone()).or_default().extend(docs.iter().cloned());
        }
    }

    /// The documents that a file name in this directory means.
    fn docs(&self, name: &OsStr, into: &mut BTreeSet<DocId>) {
        if let Some(name) = name.to_str() {
            into.extend(self.folders.iter().filter(|_| !is_own(name)).filter_map(|f| document(&join(f, name))));
        }
        if let Some(docs) = self.links.get(name) {
            into.extend(docs.iter().cloned());
        }
    }
}

/// Watched directories by the path under which they are watched.
type Routes = HashMap<PathBuf, Route>;

/// Sorts one event of the operating system: plain changes go to the consumer from here, the rest to the worker.
fn sort(event: notify::Result<notify::Event>, routes: &Mutex<Routes>, post: &Post, worker: &Sender<Message>) {
    let tell = |message| drop(worker.send(message));
    let event = match event {
        Ok(event) => event,
        Err(error) => return tell(Message::Failed(error)),
    };
    if event.need_rescan() {
        return tell(Message::Overflow);
    }
    // A rename within a folder comes as From, To and Both: the third says nothing new.
    if event.kind.is_access() || event.kind == EventKind::Modify(ModifyKind::Name(RenameMode::Both)) {
        return;
    }
    let appeared = matches!(event.kind, EventKind::Create(_) | EventKind::Modify(ModifyKind::Name(RenameMode::To)));
    let of_folder = matches!(event.kind, EventKind::Create(CreateKind::Folder) | EventKind::Remove(RemoveKind::Folder));
    let moved = appeared || event.kind.is_remove() || matches!(event.kind, EventKind::Modify(ModifyKind::Name(_)));
    let mut docs = BTreeSet::new();
    let mut folder = None;
    for path in &event.paths {
        let routes = lock(routes);
        if routes.contains_key(path) {
            if moved {
                tell(Message::Structure(path.clone()));
            }
            continue;
        }
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { continue };
        let Some(route) = routes.get(parent) else { continue };
        if route.steps.contains(name) {
            tell(Message::Structure(path.clone()));
            continue;
        }
        let before = docs.len();
        route.docs(name, &mut docs);
        if docs.len() == before || !appeared && !of_folder {
            continue;
        }
        drop(routes);
        let kind = fs::symlink_metadata(path).map(|meta| meta.file_type());
        if of_folder || kind.as_ref().is_ok_and(|kind| kind.is_dir()) {
            folder = Some(format!("the folder {} has come or gone", path.display()));
        } else if kind.is_ok_and(|kind| kind.is_symlink()) {
            tell(Message::Link);
        }
    }
    match folder {
        Some(why) => post.rescan(why),
        None => post.changed(docs),
    }
}

/// Why watching is not possible.
#[derive(Debug)]
struct Refusal(String);

/// Device and inode of a directory.
type Identity = (u64, u64);

struct Worker {
    root: PathBuf,
    /// The root without links; links must not lead out of it.
    real_root: PathBuf,
    /// The folders of documents, relative to the root.
    interest: BTreeSet<String>,
    limits: Limits,
    auto: bool,
    routes: Arc<Mutex<Routes>>,
    post: Post,
    sender: Sender<Message>,
}

/// The watches that are in place.
struct Attached {
    watcher: RecommendedWatcher,
    places: HashMap<PathBuf, Identity>,
}

/// What made the worker wake up.
#[derive(Default)]
struct Batch {
    structure: BTreeSet<PathBuf>,
    link: bool,
    overflow: bool,
    failed: Option<String>,
    more: bool,
    stop: bool,
}

impl Worker {
    fn run(&mut self, inbox: &Receiver<Message>, since: SystemTime) {
        if self.auto {
            match self.attach() {
                Ok(attached) => {
                    self.report_changes_since(since);
                    match self.watch(attached, inbox) {
                        Some(refusal) => self.degrade(&refusal),
                        None => return,
                    }
                }
                Err(refusal) => self.degrade(&refusal),
            }
        }
        let mut seen = self.stamps();
        if self.auto {
            self.post.rescan("polling begins");
        } else {
            self.report_changes_since(since);
        }
        loop {
            let Some(attached) = self.poll(&mut seen, inbox) else { return };
            self.post.send(WatchEvent::Recovered);
            self.post.rescan("watching works again");
            match self.watch(attached, inbox) {
                Some(refusal) => self.degrade(&refusal),
                None => return,
            }
            seen = self.stamps();
            self.post.rescan("polling begins");
        }
    }

    fn degrade(&self, refusal: &Refusal) {
        lock(&self.routes).clear();
        let seconds = self.limits.poll.as_secs().max(1);
        self.post.send(WatchEvent::Degraded {
            notice: format!("{}; looking for changes every {seconds} s instead", refusal.0),
        });
    }

    /// Starts the operating system's events for all folders.
    fn attach(&mut self) -> Result<Attached, Refusal> {
        let (routes, post, sender) = (self.routes.clone(), self.post.clone(), self.sender.clone());
        let handler = move |event| sort(event, &routes, &post, &sender);
        let watcher = notify::recommended_watcher(handler).map_err(|error| refusal(&error))?;
        let mut attached = Attached { watcher, places: HashMap::new() };
        self.sync(&mut attached, &BTreeSet::new())?;
        Ok(attached)
    }

    /// Sleeps until a message comes; returns when watching fails, or with none when it is to stop.
    fn watch(&mut self, mut attached: Attached, inbox: &Receiver<Message>) -> Option<Refusal> {
        loop {
            let batch = self.drain(inbox.recv().ok()?, inbox);
            if batch.stop {
                return None;
            }
            if let Some(failed) = batch.failed {
                return Some(Refusal(failed));
            }
            let mut suspects = batch.structure;
            if batch.overflow {
                // Changes of folders may be among what was lost.
                suspects.insert(self.root.clone());
            }
            let fresh = match self.sync(&mut attached, &suspects) {
                Ok(fresh) => fresh,
                Err(refusal) => return Some(refusal),
            };
            if batch.overflow {
                self.post.rescan("too many changes at once, events were lost");
            } else if let Some(first) = suspects.first() {
                self.post.rescan(format!("the folder {} has come, gone or been replaced", first.display()));
            } else if batch.more && fresh {
                self.post.rescan("more folders are watched");
            }
        }
    }

    /// Takes the message and all that are queued behind it.
    fn drain(&mut self, first: Message, inbox: &Receiver<Message>) -> Batch {
        let mut batch = Batch::default();
        for message in std::iter::once(first).chain(inbox.try_iter()) {
            match message {
                Message::Structure(path) => drop(batch.structure.insert(path)),
                Message::Link => batch.link = true,
                Message::Overflow => batch.overflow = true,
                Message::Failed(error) => batch.failed = Some(refusal(&error).0),
                Message::More(folders) => {
                    let before = self.interest.len();
                    self.interest.extend(folders.into_iter().filter(|folder| is_folder_name(folder)));
                    batch.more |= self.interest.len() > before;
                }
                Message::Stop => batch.stop = true,
            }
        }
        batch
    }

    /// Puts the watches where the folders are now, from the root down: a parent is watched before its child is looked
    /// up, so a child that comes later causes an event. Watches at or below a suspect path are renewed even when the
    /// folder looks the same, since a removal drops the watch on whatever has taken the path meanwhile. Says whether
    /// anything that was not watched before is watched now.
    fn sync(&mut self, attached: &mut Attached, suspects: &BTreeSet<PathBuf>) -> Result<bool, Refusal> {
        self.real_root = fs::canonicalize(&self.root).map_err(|error| self.root_gone(&error))?;
        let mut build = Build { routes: Routes::new(), places: HashMap::new(), paths: HashMap::new(), fresh: false };
        let mut steps: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::from([("", BTreeSet::new())]);
        for folder in &self.interest {
            let mut rest = folder.as_str();
            while !rest.is_empty() {
                let (parent, name) = rest.rsplit_once('/').unwrap_or(("", rest));
                steps.entry(rest).or_default();
                steps.entry(parent).or_default().insert(name);
                rest = parent;
            }
        }
        let mut missing: Vec<&str> = Vec::new();
        for (&folder, steps) in &steps {
            if missing.iter().any(|gone| folder.strip_prefix(gone).is_some_and(|rest| rest.starts_with('/'))) {
                continue;
            }
            let route = Route {
                folders: self.interest.get(folder).cloned().into_iter().collect(),
                steps: steps.iter().map(OsString::from).collect(),
                links: HashMap::new(),
            };
            let path = if folder.is_empty() { self.root.clone() } else { self.root.join(folder) };
            if !self.place(attached, &mut build, path, route, suspects)? {
                missing.push(folder);
            }
        }
        if missing.contains(&"") {
            return Err(self.root_gone(&std::io::ErrorKind::NotFound.into()));
        }
        for (link, target) in self.links(&missing) {
            let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else { continue };
            let links = HashMap::from([(name.to_owned(), BTreeSet::from([link]))]);
            let route = Route { links, ..Route::default() };
            self.place(attached, &mut build, parent.to_owned(), route, suspects)?;
        }
        for path in attached.places.keys() {
            if !build.places.contains_key(path) {
                // It may have gone with its folder.
                let _ = attached.watcher.unwatch(path);
            }
        }
        attached.places = build.places;
        *lock(&self.routes) = build.routes;
        Ok(build.fresh)
    }

    /// Watches one directory; false when it is not there (or not ours to watch).
    fn place(
        &self,
        attached: &mut Attached,
        build: &mut Build,
        path: PathBuf,
        route: Route,
        suspects: &BTreeSet<PathBuf>,
    ) -> Result<bool, Refusal> {
        let Ok(meta) = fs::metadata(&path) else { return Ok(false) };
        let inside = || fs::canonicalize(&path).is_ok_and(|real| real.starts_with(&self.real_root));
        if !meta.is_dir() || !inside() {
            return Ok(false);
        }
        let identity = (meta.dev(), meta.ino());
        // The operating system knows one watch per directory, whatever path leads to it.
        let known = build.paths.entry(identity).or_insert_with(|| path.clone()).clone();
        // The route must be there before the first event.
        lock(&self.routes).entry(known.clone()).or_default().merge(&route);
        build.routes.entry(known.clone()).or_default().merge(&route);
        if build.places.contains_key(&known) {
            return Ok(true);
        }
        if build.places.len() == self.limits.folders {
            return Err(refusal(&notify::Error::new(notify::ErrorKind::MaxFilesWatch)));
        }
        let before = attached.places.get(&known);
        let suspect = suspects.iter().any(|suspect| known.starts_with(suspect));
        if before != Some(&identity) || suspect {
            if before.is_some() {
                // It may have gone with its folder.
                let _ = attached.watcher.unwatch(&known);
            }
            match attached.watcher.watch(&known, RecursiveMode::NonRecursive) {
                Ok(()) => {}
                Err(error) if is_absence(&error) => {
                    build.routes.remove(&known);
                    build.paths.remove(&identity);
                    return Ok(false);
                }
                Err(error) => return Err(refusal(&error)),
            }
            build.fresh |= before != Some(&identity);
        }
        build.places.insert(known, identity);
        Ok(true)
    }

    /// The links among the documents, with the files inside the root that they lead to.
    fn links(&self, missing: &[&str]) -> Vec<(DocId, PathBuf)> {
        let mut links = Vec::new();
        for folder in self.interest.iter().filter(|folder| !missing.contains(&folder.as_str())) {
            let Ok(entries) = fs::read_dir(self.root.join(folder)) else { continue };
            for entry in entries.flatten() {
                if !entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                    continue;
                }
                let Some(id) = entry.file_name().to_str().and_then(|name| document(&join(folder, name))) else {
                    continue;
                };
                let Ok(target) = fs::canonicalize(entry.path()) else { continue };
                let Ok(inside) = target.strip_prefix(&self.real_root) else { continue };
                let own = inside.iter().any(|part| part.to_str().is_some_and(is_own));
                if !own && target.is_file() {
                    // Spelled below the root as given, so that the directory has one path whoever names it.
                    links.push((id, self.root.join(inside)));
                }
            }
        }
        links
    }

    fn root_gone(&self, error: &std::io::Error) -> Refusal {
        Refusal(format!("the workspace {} cannot be watched ({error})", self.root.display()))
    }

    /// Closes the gap between the start of the watcher and its first watch.
    fn report_changes_since(&self, since: SystemTime) {
        let later = |seconds: i64, nanos: i64| {
            let nanos = Duration::from_nanos(nanos.unsigned_abs());
            let stamp = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds.unsigned_abs()) + nanos;
            seconds >= 0 && stamp >= since
        };
        let mut changed = BTreeSet::new();
        let mut folder_changed = false;
        for folder in &self.interest {
            let path = self.root.join(folder);
            folder_changed |= fs::metadata(&path).is_ok_and(|meta| later(meta.mtime(), meta.mtime_nsec()));
            for (id, meta) in files(&self.root, folder) {
                if later(meta.ctime(), meta.ctime_nsec()) {
                    changed.insert(id);
                }
            }
        }
        if folder_changed {
            self.post.rescan("files came or went while watching began");
        } else {
            self.post.changed(changed);
        }
    }

    /// Polls until it is to stop (none), or until watching works again.
    fn poll(&mut self, seen: &mut Stamps, inbox: &Receiver<Message>) -> Option<Attached> {
        let mut polls = 0;
        loop {
            match inbox.recv_timeout(self.limits.poll) {
                Ok(message) => {
                    let batch = self.drain(message, inbox);
                    if batch.stop {
                        return None;
                    }
                    if batch.more {
                        *seen = self.stamps();
                        self.post.rescan("more folders are watched");
                    }
                    // Else a straggler of the watching that failed.
                }
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    let now = self.stamps();
                    self.post.changed(differences(seen, &now));
                    *seen = now;
                    polls += 1;
                    if self.auto
                        && polls % RETRY == 0
                        && let Ok(attached) = self.attach()
                    {
                        return Some(attached);
                    }
                }
            }
        }
    }

    fn stamps(&self) -> Stamps {
        let now = SystemTime::now();
        let mut stamps = Stamps::new();
        for folder in &self.interest {
            for (id, meta) in files(&self.root, folder) {
                let age = meta.modified().map(|written| now.duration_since(written).unwrap_or_default());
                let compare = meta.len() <= SMALL && age.is_ok_and(|age| age < LATELY);
                let content = compare.then(|| fs::read(self.root.join(id.as_str())).ok());
                let stamp = Stamp {
                    identity: (meta.dev(), meta.ino()),
                    size: meta.len(),
                    written: (meta.mtime(), meta.mtime_nsec()),
                    changed: (meta.ctime(), meta.ctime_nsec()),
                    content: content.flatten().map(|bytes| Rev::of(&bytes)),
                };
                stamps.insert(id, stamp);
            }
        }
        stamps
    }
}

/// The watches of one `sync` as they come about.
struct Build {
    routes: Routes,
    places: HashMap<PathBuf, Identity>,
    /// Under which path each directory is watched.
    paths: HashMap<Identity, PathBuf>,
    fresh: bool,
}

/// What a poll remembers of the files.
type Stamps = BTreeMap<DocId, Stamp>;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    identity: Identity,
    size: u64,
    written: (i64, i64),
    changed: (i64, i64),
    /// Hash of a small file that was written lately.
    content: Option<Rev>,
}

impl Stamp {
    fn differs(&self, later: &Stamp) -> bool {
        let contents_differ = matches!((self.content, later.content), (Some(a), Some(b)) if a != b);
        let rest = |stamp: &Stamp| (stamp.identity, stamp.size, stamp.written, stamp.changed);
        contents_differ || rest(self) != rest(later)
    }
}

fn differences(before: &Stamps, now: &Stamps) -> BTreeSet<DocId> {
    let gone = before.keys().filter(|id| !now.contains_key(*id));
    let other = now.iter().filter(|(id, stamp)| before.get(*id).is_none_or(|old| old.differs(stamp)));
    gone.chain(other.map(|(id, _)| id)).cloned().collect()
}

/// The regular files of a folder, links followed; nothing when the folder is not there.
fn files(root: &Path, folder: &str) -> Vec<(DocId, Metadata)> {
    let Ok(entries) = fs::read_dir(root.join(folder)) else { return Vec::new() };
    let files = entries.flatten().filter_map(|entry| {
        let id = document(&join(folder, entry.file_name().to_str()?))?;
        let meta = fs::metadata(entry.path()).ok()?;
        meta.is_file().then_some((id, meta))
    });
    files.collect()
}

/// Whether the name is that of our own state folder or the repository's: nothing in there is news.
fn is_own(name: &str) -> bool {
    name == ".codex-tui" || name == ".git"
}

/// Whether the text can name a folder inside the root.
fn is_folder_name(folder: &str) -> bool {
    folder.is_empty() || document(folder).is_some_and(|id| !id.as_str().split('/').any(is_own))
}

/// Whether the error only says that the folder is not there (any more) or closed to us: its parent will tell.
fn is_absence(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound | notify::ErrorKind::WatchNotFound => true,
        notify::ErrorKind::Io(error) => matches!(
            error.kind(),
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory | std::io::ErrorKind::PermissionDenied
        ),
        notify::ErrorKind::Generic(_) | notify::ErrorKind::InvalidConfig(_) | notify::ErrorKind::MaxFilesWatch => false,
    }
}

fn refusal(error: &notify::Error) -> Refusal {
    Refusal(match &error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "the limit of watched folders is reached (fs.inotify.max_user_watches)".to_owned()
        }
        notify::ErrorKind::Io(error) if error.raw_os_error() == Some(rustix::io::Errno::MFILE.raw_os_error()) => {
            "no more watchers can be made (fs.inotify.max_user_instances, or open files)".to_owned()
        }
        notify::ErrorKind::Io(_)
        | notify::ErrorKind::Generic(_)
        | notify::ErrorKind::PathNotFound
        | notify::ErrorKind::WatchNotFound
        | notify::ErrorKind::InvalidConfig(_) => format!("watching failed ({error})"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEADLINE: Duration = Duration::from_secs(10);

    #[test]
    fn beyond_the_limit_polling_takes_over_with_a_notice_and_watching_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("docs")).unwrap();
        let (sender, events) = mpsc::channel();
        let limits = Limits { folders: 2, poll: Duration::from_millis(20) };
        let watcher = Watcher::start_with(dir.path(), vec!["docs".to_owned()], WatchMode::Auto, limits, move |event| {
            let _ = sender.send(event);
        });
        let until = |wanted: &dyn Fn(&WatchEvent) -> bool| {
            let end = std::time::Instant::now() + DEADLINE;
            loop {
                let left = end.saturating_duration_since(std::time::Instant::now());
                if wanted(&events.recv_timeout(left).unwrap()) {
                    return;
                }
            }
        };
        let is_rescan = |event: &WatchEvent| matches!(event, WatchEvent::Rescan { .. });
        fs::create_dir(dir.path().join("more")).unwrap();
        watcher.watch_more(vec!["more".to_owned()]);
        until(&|event| matches!(event, WatchEvent::Degraded { notice } if notice.contains("limit")));
        until(&is_rescan);
        fs::write(dir.path().join("more/m.md"), "m").unwrap();
        until(&|event| matches!(event, WatchEvent::Changed(docs) if docs.iter().any(|id| id.as_str() == "more/m.md")));
        fs::remove_dir_all(dir.path().join("more")).unwrap();
        until(&|event| *event == WatchEvent::Recovered);
        until(&is_rescan);
        fs::write(dir.path().join("docs/d.md"), "d").unwrap();
        until(&|event| matches!(event, WatchEvent::Changed(docs) if docs.iter().any(|id| id.as_str() == "docs/d.md")));
    }

    #[test]
    fn same_size_and_time_differ_by_content() {
        let stamp = |content: &[u8]| Stamp {
            identity: (1, 2),
            size: 3,
            written: (4, 5),
            changed: (4, 5),
            content: Some(Rev::of(content)),
        };
        assert!(stamp(b"abc").differs(&stamp(b"abd")));
        assert!(!stamp(b"abc").differs(&stamp(b"abc")));
        assert!(!stamp(b"abc").differs(&Stamp { content: None, ..stamp(b"abc") }));
    }

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
