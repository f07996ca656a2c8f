//! The thread behind a watcher: sleeps on the watches while they work, polls while they do not.
//!
//! Limits: one worker per watcher. After a refusal everything is polled, also what could be watched, until all of it can
//! be watched again.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::SystemTime;

use super::folders::Folders;
use super::route::Sorter;
use super::stamps::{Since, Stamps};
use super::watches::{Refusal, Watches};
use super::{Limits, Post, WatchEvent};

/// After so many polls watching is tried again.
const RETRY: u32 = 15;

/// What the worker is told.
pub enum Message {
    /// Something happened to a folder that is watched or waited for.
    Structure(PathBuf),
    /// A link appeared among the documents.
    Link,
    /// The kernel dropped events.
    Overflow,
    /// Watching failed while it ran.
    Failed(notify::Error),
    /// These folders are of interest too.
    More(Vec<String>),
    /// Nobody listens any more.
    Stop,
}

/// One watching: what for, within which limits, for whom. Either watches are in place or a poll remembers the files.
pub struct Worker {
    /// The folders of documents.
    pub folders: Folders,
    /// How much is watched, how often is polled.
    pub limits: Limits,
    /// Whether to watch at all, or only to poll.
    pub auto: bool,
    /// Receives the events of the operating system.
    pub sorter: Sorter,
    /// Where the news go.
    pub post: Post,
}

/// What made the worker wake up.
#[derive(Default)]
struct Batch {
    structure: BTreeSet<PathBuf>,
    overflow: bool,
    failed: Option<String>,
    more: bool,
    stop: bool,
}

impl Worker {
    /// Works until it is to stop. Changes later than `since` are reported.
    pub fn run(&mut self, inbox: &Receiver<Message>, since: SystemTime) {
        if self.auto {
            match self.attach() {
                Ok(watches) => {
                    self.report_changes_since(since);
                    match self.watch(watches, inbox) {
                        Some(refusal) => self.degrade(&refusal),
                        None => return,
                    }
                }
                Err(refusal) => self.degrade(&refusal),
            }
        }
        let mut seen = Stamps::of(&self.folders);
        if self.auto {
            self.post.rescan("polling begins");
        } else {
            self.report_changes_since(since);
        }
        loop {
            let Some(watches) = self.poll(&mut seen, inbox) else { return };
            self.post.send(WatchEvent::Recovered);
            self.post.rescan("watching works again");
            match self.watch(watches, inbox) {
                Some(refusal) => self.degrade(&refusal),
                None => return,
            }
            seen = Stamps::of(&self.folders);
            self.post.rescan("polling begins");
        }
    }

    fn degrade(&self, refusal: &Refusal) {
        self.sorter.clear();
        let seconds = self.limits.poll.as_secs().max(1);
        self.post.send(WatchEvent::Degraded {
            notice: format!("{}; looking for changes every {seconds} s instead", refusal.0),
        });
    }

    /// Tries to watch everything.
    fn attach(&self) -> Result<Watches, Refusal> {
        Watches::start(&self.folders, self.limits.folders, &self.sorter)
    }

    /// Sleeps until a message comes; returns when watching fails, or with none when it is to stop.
    fn watch(&mut self, mut watches: Watches, inbox: &Receiver<Message>) -> Option<Refusal> {
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
                suspects.insert(self.folders.root().to_owned());
            }
            let fresh = match watches.sync(&self.folders, &suspects) {
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
                // Every batch looks at the links anew; the message is only there to wake.
                Message::Link => {}
                Message::Overflow => batch.overflow = true,
                Message::Failed(error) => batch.failed = Some(Refusal::of(&error).0),
                Message::More(folders) => batch.more |= self.folders.add(folders),
                Message::Stop => batch.stop = true,
            }
        }
        batch
    }

    /// Closes the gap between the start of the watcher and its first watch.
    fn report_changes_since(&self, since: SystemTime) {
        let Since { folder_changed, changed } = Since::of(&self.folders, since);
        if folder_changed {
            self.post.rescan("files came or went while watching began");
        } else {
            self.post.changed(changed);
        }
    }

    /// Polls until it is to stop (none), or until watching works again.
    fn poll(&mut self, seen: &mut Stamps, inbox: &Receiver<Message>) -> Option<Watches> {
        let mut polls = 0;
        loop {
            match inbox.recv_timeout(self.limits.poll) {
                Ok(message) => {
                    let batch = self.drain(message, inbox);
                    if batch.stop {
                        return None;
                    }
                    if batch.more {
                        *seen = Stamps::of(&self.folders);
                        self.post.rescan("more folders are watched");
                    }
                    // Else a straggler of the watching that failed.
                }
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    self.post.changed(seen.renew(&self.folders));
                    polls += 1;
                    if self.auto
                        && polls % RETRY == 0
                        && let Ok(watches) = self.attach()
                    {
                        return Some(watches);
                    }
                }
            }
        }
    }
}
