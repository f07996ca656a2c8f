//! The one façade of both front ends: open, project, preview, commit, undo, doctor.

mod agent;
pub mod check;
pub mod command;
pub(crate) mod configure;
pub mod demo;
pub(crate) mod doctor;
mod finish;
pub mod gates;
mod git;
mod init;
mod level;
mod live;
mod project;
pub(crate) mod prompt;
mod request;
mod run;
pub(crate) mod session;
mod sync;
mod toolbox;
pub mod track;
pub mod view;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Local};

use crate::doc::{DocId, Document, Severity};
use crate::store::Store;
use crate::workspace::{Config, Pattern, Role, Workspace, config};

pub use crate::store::{Actor, StoreError};
pub use agent::{AgentChange, AgentUpdate};
pub use configure::Personal;
pub use live::{Live, LogChange, LogUpdate, Order, Report};
pub use request::{Outcome, Request};
pub use view::{LastWrite, Notice, Operated, OperatedEdit, OperatedFile, Stage, View};

/// A workspace, opened.
pub struct Workbench {
    store: Store,
    configured: configure::Configured,
    view: View,
    cache: project::Cache,
    /// Documents that are there but could not be read, with the reason.
    unreadable: Vec<(DocId, StoreError)>,
    /// Why documents may be there that were not seen.
    unseen: Option<String>,
    /// Huge boards that were read a moment ago, while files were watched already: not read again by the next full load.
    just_read: BTreeSet<DocId>,
    /// Roles of documents whose writers are waited for before they are read.
    awaited: Vec<Role>,
    /// What restricts writing here, as it was when everything was read last.
    restrictions: Vec<String>,
    /// Counts up whenever something is projected again that doc-sync compares.
    facts: u64,
    /// Our own binary, which watches over commands.
    keeper: PathBuf,
}

/// How a changed document is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Directly after the change: what seems to be half a save is left for later.
    Early,
    /// For the last time: what is there counts.
    Final,
}

impl Workbench {
    /// Opens the workspace at `root` as it is for everybody: without user file, environment and flags.
    pub fn open(root: &Path) -> Result<Workbench, StoreError> {
        Workbench::open_for(root, Personal::default())
    }

    /// Opens the workspace at `root` for an operator. Reads the configuration, nothing else; writes nothing.
    pub fn open_for(root: &Path, personal: Personal) -> Result<Workbench, StoreError> {
        let store = Store::open(root)?;
        let mut bench = Workbench {
            view: View { root: store.root().to_owned(), ..View::default() },
            store,
            configured: configure::Configured::new(personal),
            cache: project::Cache::default(),
            unreadable: Vec::new(),
            unseen: None,
            just_read: BTreeSet::new(),
            awaited: Vec::new(),
            restrictions: Vec::new(),
            facts: 0,
            keeper: crate::exec::own_binary(),
        };
        bench.read_config();
        Ok(bench)
    }

    /// The configuration in force.
    pub fn config(&self) -> &Config {
        &self.view.config
    }

    /// The view as it stands.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Names the binary that watches over commands: one whose `main` is ours. The running one unless this is called.
    pub fn set_keeper(&mut self, binary: &Path) {
        self.keeper = binary.to_owned();
    }

    /// The store, for what only needs files.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Reads the task boards only: what the first screen needs. Of a huge board only the first rows.
    pub fn load_boards(&mut self) {
        let documents = &self.view.config.documents;
        let patterns: Vec<Pattern> = documents.tasks_csv.iter().chain(&documents.boards).cloned().collect();
        let ids = self.store.scan(&patterns).docs;
        for id in &ids {
            match self.store.load_first(id) {
                Ok(Some(doc)) => {
                    self.view.snapshot.extend([doc]);
                    self.note_write(id, false);
                }
                Ok(None) => {}
                Err(error) => self.unreadable.push((id.clone(), error)),
            }
        }
        self.view.workspace = Arc::new(Workspace::recognise(&ids, self.config()));
        self.view.stage = Stage::Board;
        self.project_tasks();
        self.view.generation += 1;
    }

    /// Whether the boards were read to their end.
    pub fn has_whole_boards(&self) -> bool {
        self.view.tasks.is_complete()
    }

    /// Reads the rest of boards of which only the beginning was read.
    pub fn complete_boards(&mut self) {
        let boards: Vec<DocId> = self.view.tasks.documents().cloned().collect();
        let loaded: Vec<Arc<Document>> = boards.iter().filter_map(|id| self.read(id)).collect();
        self.view.snapshot.extend(loaded);
        self.project_tasks();
        self.just_read = boards.into_iter().collect();
        self.view.generation += 1;
    }

    /// As [`Workbench::load_all`], before documents of these roles are changed: waits (bounded) for whoever has one of them
    /// open for writing, because half a save would hide rows that have to be changed with the others.
    pub fn load_for_change(&mut self, roles: &[Role]) {
        roles.clone_into(&mut self.awaited);
        self.load_all();
        self.awaited.clear();
    }

    /// Reads everything that is recognised.
    pub fn load_all(&mut self) {
        self.read_config();
        let scan = self.store.scan(&Workspace::patterns(self.config()));
        let ids = scan.docs;
        self.unseen = scan.failed;
        self.unreadable.clear();
        let known: BTreeSet<&DocId> = ids.iter().collect();
        let gone: Vec<DocId> =
            self.view.snapshot.iter().map(|doc| doc.id()).filter(|id| !known.contains(id)).cloned().collect();
        for id in &gone {
            self.view.snapshot.remove(id);
        }
        let just_read = std::mem::take(&mut self.just_read);
        let unread = ids.iter().filter(|id| !just_read.contains(id));
        let loaded: Vec<Arc<Document>> = unread.filter_map(|id| self.read(id)).collect();
        for doc in &loaded {
            if self.view.snapshot.get(doc.id()).is_none_or(|known| !Arc::ptr_eq(known, doc)) {
                self.note_write(doc.id(), false);
            }
        }
        self.view.snapshot.extend(loaded);
        self.view.workspace = Arc::new(Workspace::recognise(&ids, self.config()));
        self.cache = project::Cache::default();
        self.view.stage = Stage::Full;
        self.project_all();
        self.read_history();
        self.restrictions = self.store.restrictions();
        self.view.generation += 1;
    }

    /// Reads a document, unless it stands in the snapshot with the same bytes. None when it is absent or unreadable
    /// (the reason is kept for `doctor` and the notices).
    fn read(&mut self, id: &DocId) -> Option<Arc<Document>> {
        let known = self.view.snapshot.get(id);
        let is_of = |role: &Role| role.patterns(self.config()).iter().any(|pattern| pattern.matches(id));
        let read = if self.awaited.iter().any(is_of) {
            self.store.load_for_edit(id)
        } else {
            self.store.load_unless(id, known)
        };
        match read {
            Ok(doc) => doc,
            Err(error) => {
                self.unreadable.push((id.clone(), error));
                None
            }
        }
    }

    /// Reads these documents again, because somebody may have changed them, and projects what depends on those that did.
    /// Returns the documents that are in the middle of a save: look at them again in a moment.
    pub fn refresh(&mut self, changed: &BTreeSet<DocId>, look: Look) -> BTreeSet<DocId> {
        self.renew(changed, look, |bench, id| bench.read(id))
    }

    /// As [`Workbench::refresh`], of one document that has only grown and whose bytes are known.
    fn refresh_grown(&mut self, id: &DocId, mut bytes: Vec<u8>) {
        let grown = |bench: &mut Workbench, id: &DocId| match bench.view.snapshot.get(id) {
            Some(known) if known.bytes() == bytes => Some(Arc::clone(known)),
            Some(_) | None => Some(Arc::new(Document::parse(id.clone(), std::mem::take(&mut bytes)))),
        };
        self.renew(&BTreeSet::from([id.clone()]), Look::Final, grown);
    }

    fn renew(
        &mut self,
        changed: &BTreeSet<DocId>,
        look: Look,
        mut read: impl FnMut(&mut Workbench, &DocId) -> Option<Arc<Document>>,
    ) -> BTreeSet<DocId> {
        let mut unsettled = BTreeSet::new();
        if changed.iter().any(|id| id.as_str() == config::FILE_NAME) {
            self.load_all();
            return unsettled;
        }
        let patterns = Workspace::patterns(self.config());
        let mut moved: BTreeSet<DocId> = BTreeSet::new();
        let (mut came_or_went, mut only_talk) = (false, true);
        for id in changed.iter().filter(|id| patterns.iter().any(|pattern| pattern.matches(id))) {
            self.unreadable.retain(|(doc, _)| doc != id);
            let before = self.view.snapshot.get(id).cloned();
            match (before, read(self, id)) {
                (Some(before), Some(after)) if Arc::ptr_eq(&before, &after) => continue,
                (Some(before), Some(after)) => {
                    if look == Look::Early && self.is_half_written(&before, &after) {
                        unsettled.insert(id.clone());
                        continue;
                    }
                    only_talk &= crate::model::sync::is_only_talk(&before, &after, &self.view.tasks);
                    self.view.snapshot.extend([after]);
                }
                (None, Some(after)) => {
                    self.view.snapshot.extend([after]);
                    came_or_went = true;
                }
                (Some(_), None) if look == Look::Early => {
                    unsettled.insert(id.clone());
                    continue;
                }
                (Some(_), None) => {
                    self.view.snapshot.remove(id);
                    came_or_went = true;
                }
                (None, None) => continue,
            }
            self.note_write(id, false);
            moved.insert(id.clone());
        }
        if moved.is_empty() {
            return unsettled;
        }
        if came_or_went {
            let ids: Vec<DocId> = self.view.snapshot.iter().map(|doc| doc.id().clone()).collect();
            self.view.workspace = Arc::new(Workspace::recognise(&ids, self.config()));
        }
        let said = |view: &View| view.active_session().map(|log| (log.doc.clone(), log.level()));
        let before = said(&self.view);
        self.project(&moved, only_talk && !came_or_went);
        if said(&self.view) != before {
            // Another program may have granted what the log says now.
            self.read_history();
        }
        self.view.generation += 1;
        unsettled
    }

    /// As [`Workbench::refresh`], of documents that an operation of ours changed.
    fn refresh_ours(&mut self, changed: &BTreeSet<DocId>) {
        self.refresh(changed, Look::Final);
        for id in changed.iter().filter(|id| self.view.snapshot.get(id).is_some()).cloned().collect::<Vec<_>>() {
            self.note_write(&id, true);
        }
    }

    /// Notes that a document was changed just now, by us or by others.
    fn note_write(&mut self, id: &DocId, ours: bool) {
        let at = self.store.changed_at(id).map(|at| DateTime::<Local>::from(at).naive_local());
        Arc::make_mut(&mut self.view.last_writes).insert(id.clone(), LastWrite { at, ours });
    }

    /// Whether somebody has the file open and it is not simply longer than before: an in-place save under way.
    fn is_half_written(&self, before: &Document, after: &Document) -> bool {
        !after.bytes().starts_with(before.bytes()) && self.store.is_being_written(after.id())
    }

    /// Folders in which documents of interest lie or may come to lie.
    pub fn folders(&self) -> Vec<String> {
        let mut folders: Vec<String> = Workspace::patterns(self.config()).iter().map(Pattern::folder).collect();
        folders.push(String::new());
        folders.sort();
        folders.dedup();
        folders
    }

    /// Lists the documents that the browser offers.
    pub fn list_library(&mut self) {
        self.view.library = Arc::new(self.store.list_markdown());
        self.view.generation += 1;
    }

    /// Reads one document for display.
    pub fn open_document(&self, id: &DocId) -> Result<Arc<Document>, String> {
        match self.store.load(id) {
            Ok(Some(doc)) => Ok(doc),
            Ok(None) => Err(format!("{id}: there is no such document in the workspace")),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Sets or clears a standing notice; one notice a `text` start up to the first colon.
    pub(crate) fn set_notices(&mut self, notices: Vec<Notice>) {
        if *self.view.notices != notices {
            self.view.notices = Arc::new(notices);
            self.view.generation += 1;
        }
    }

    /// Why it cannot be told which documents a checklist step belongs to, if so: marking it would leave one out.
    pub(crate) fn blind(&self) -> Option<String> {
        self.blind_to(&[Role::Checklist, Role::Playbook, Role::SessionLog, Role::Ledger])
    }

    /// Why it cannot be told which documents of these roles there are and what they say, if so: a change that goes to all of
    /// them would leave one out.
    pub fn blind_to(&self, needed: &[Role]) -> Option<String> {
        let is_needed =
            |id: &DocId| needed.iter().any(|role| self.view.workspace.with_role(*role).any(|doc| doc == id));
        let unreadable = self.unreadable.iter().find(|(id, _)| is_needed(id)).map(|(_, why)| why.to_string());
        let misread = self.config_problems().iter().find(|problem| problem.blinds).map(ToString::to_string);
        let why = misread.or(self.unseen.clone()).or(unreadable);
        why.map(|why| format!("{why}; nothing was changed, because it cannot be told which documents are meant"))
    }

    /// The notices that follow from configuration and reading.
    pub(crate) fn own_notices(&self) -> Vec<Notice> {
        let config = self.config_problems().iter().map(ToString::to_string);
        let unreadable = self.unreadable.iter().map(|(_, why)| why.to_string());
        let errors = config.chain(unreadable).map(|text| Notice { severity: Severity::Error, text });
        let restrictions = self.restrictions.iter().cloned().chain(self.view.level_excess());
        errors.chain(restrictions.map(|text| Notice { severity: Severity::Warning, text })).collect()
    }
}
