//! What an event of the operating system means: which documents, which folders, or nothing.
//!
//! Limits: judges by names and the kind of the event; only what has appeared under the name of a document is looked up.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};

use notify::event::{CreateKind, EventKind, ModifyKind, RemoveKind, RenameMode};

use super::folders::is_own;
use super::worker::Message;
use super::{Post, lock};
use crate::doc::DocId;
use crate::store::scan::{document, join};

/// A watched directory, and what its events mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Route {
    /// Folders of documents that this directory is; several when links lead to it, none when it only lies above one.
    pub folders: BTreeSet<String>,
    /// Names in it that are, or lead to, folders of interest.
    pub steps: HashSet<OsString>,
    /// Names in it that links elsewhere lead to, with the linking documents.
    pub links: HashMap<OsString, BTreeSet<DocId>>,
}

impl Route {
    /// Takes on what the other means too.
    pub fn merge(&mut self, other: &Route) {
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
pub type Routes = HashMap<PathBuf, Route>;

/// Receives the events of the operating system, on its thread.
#[derive(Clone)]
pub struct Sorter {
    routes: Arc<Mutex<Routes>>,
    post: Post,
    worker: Sender<Message>,
}

impl Sorter {
    /// Nothing has a meaning yet.
    pub fn new(post: Post, worker: Sender<Message>) -> Sorter {
        Sorter { routes: Arc::default(), post, worker }
    }

    /// Adds to what the events of one directory mean.
    pub fn merge(&self, path: PathBuf, route: &Route) {
        lock(&self.routes).entry(path).or_default().merge(route);
    }

    /// From now on events mean this and nothing else.
    pub fn replace(&self, routes: Routes) {
        *lock(&self.routes) = routes;
    }

    /// From now on events mean nothing.
    pub fn clear(&self) {
        lock(&self.routes).clear();
    }

    /// Sorts one event of the operating system: plain changes go to the consumer from here, the rest to the worker.
    pub fn sort(&self, event: notify::Result<notify::Event>) {
        let tell = |message| drop(self.worker.send(message));
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
        let of_folder =
            matches!(event.kind, EventKind::Create(CreateKind::Folder) | EventKind::Remove(RemoveKind::Folder));
        let moved = appeared || event.kind.is_remove() || matches!(event.kind, EventKind::Modify(ModifyKind::Name(_)));
        let mut docs = BTreeSet::new();
        let mut folder = None;
        for path in &event.paths {
            let routes = lock(&self.routes);
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
            Some(why) => self.post.rescan(why),
            None => self.post.changed(docs),
        }
    }
}
