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

mod folders;
mod route;
mod stamps;
mod watches;
mod worker;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::doc::DocId;
use crate::workspace::config::WatchMode;
use folders::Folders;
use route::Sorter;
use worker::{Message, Worker};

/// Time between two polls.
const POLL: Duration = Duration::from_secs(2);

/// More folders than this are polled: it cannot be what the operator looks at.
const MAX_FOLDERS: usize = 4096;

/// Time stamps of files lag behind the clock by a kernel tick (4 to 10 ms).
const STAMP_LAG: Duration = Duration::from_millis(20);

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
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
        let mut worker = Worker {
            folders: Folders::new(root, folders),
            limits,
            auto: mode == WatchMode::Auto,
            sorter: Sorter::new(post.clone(), sender.clone()),
            post: post.clone(),
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

#[cfg(test)]
mod tests {
    use std::fs;

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
}
