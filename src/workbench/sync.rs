//! Doc-sync beside the rest: on demand for the verbs; for the cockpit on a short-lived thread, because looking at every
//! task and every cited path of a large workspace takes longer than a key may wait.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{View, Workbench};
use crate::doc::DocId;
use crate::model::sync::{Input, Sync};
use crate::store::Store;

/// How long the screen has the processors to itself after a change, before the documents are compared.
const HEAD_START: Duration = Duration::from_millis(8);

impl Workbench {
    /// Whether the documents agree, as of now.
    pub fn sync(&self) -> Sync {
        project(&self.view, &self.store, &AtomicBool::new(false))
    }

    /// Compares the documents on a thread of its own and hands the result to `done`; none when it was cancelled.
    pub(super) fn sync_beside(&self, done: impl FnOnce(Option<Arc<Sync>>) + Send + 'static) -> Running {
        let cancel = Arc::new(AtomicBool::new(false));
        let (view, store, cancelled) = (self.view.clone(), self.store.clone(), Arc::clone(&cancel));
        // A system that gives no thread gives no doc-sync; everything else goes on.
        let _ = std::thread::Builder::new().name("sync".to_owned()).spawn(move || {
            std::thread::sleep(HEAD_START);
            let sync = project(&view, &store, &cancelled);
            // The documents of that moment are not held while the result waits to be taken.
            drop(view);
            done((!cancelled.load(Ordering::Relaxed)).then(|| Arc::new(sync)));
        });
        Running { facts: self.facts, cancel }
    }

    /// Shows the result.
    pub(super) fn set_sync(&mut self, sync: Arc<Sync>) {
        if *self.view.sync != *sync {
            self.view.sync = sync;
            self.view.generation += 1;
        }
    }

    /// Whether a cited path came or went since the documents were compared.
    pub(super) fn cited_moved<'a>(&self, docs: impl IntoIterator<Item = &'a DocId>) -> bool {
        let cited: &BTreeMap<String, bool> = &self.view.sync.cited;
        !cited.is_empty()
            && docs.into_iter().any(|doc| cited.get(doc.as_str()).is_some_and(|there| *there != self.store.exists(doc)))
    }
}

/// A comparison under way, or the last one.
pub(super) struct Running {
    /// What it looks at: [`Workbench::facts`] at its start.
    pub facts: u64,
    cancel: Arc<AtomicBool>,
}

impl Running {
    /// Makes it end early.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }

    /// Whether it was told to end: what it brings is of an older state.
    pub fn is_cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }
}

impl View {
    /// What is compared.
    pub(crate) fn compared(&self) -> Input<'_> {
        Input {
            tasks: &self.tasks,
            snapshot: &self.snapshot,
            workspace: &self.workspace,
            plans: &self.plans,
            sessions: &self.sessions,
            config: &self.config,
        }
    }
}

fn project(view: &View, store: &Store, cancel: &AtomicBool) -> Sync {
    let exists = |path: &str| DocId::new(path).is_ok_and(|id| store.exists(&id));
    Sync::project(view.compared(), &exists, cancel)
}
