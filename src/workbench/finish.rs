//! The end of a session: what is open, which files changed, and the operation that finishes it. What has to be gathered is
//! gathered here; the rules are the model's.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use chrono::Local;

use super::gates::{GateReader, Question};
use super::{View, Workbench, git};
use crate::model::session::changed::{Changed, ChangedFile, How, Since};
use crate::model::session::finish::{Ending, Finish, Ground, NotFinished, finish, plan_of, so_far};
use crate::model::session::handoff::Handoff;
use crate::model::session::open::{Input, OpenItem, open};
use crate::model::session::{SessionLog, facts};
use crate::model::task::edit::Refused;

/// How many changed files are listed.
const FILES: usize = 200;

impl View {
    /// What is still open in the active session; nothing without one. Doc-sync and gates are as far as they have come.
    pub fn session_open(&self) -> Vec<OpenItem> {
        let Some(log) = self.active_session() else { return Vec::new() };
        let Some(doc) = self.snapshot.get(&log.doc) else { return Vec::new() };
        open(Input {
            log,
            doc,
            list: self.checklists.first(),
            sync: &self.sync,
            gates: &self.gates.judged,
            gates_doc: self.gates.list.doc.as_ref(),
            sign_offs: &self.sign_offs,
            plan: plan_of(log, &self.tasks, &self.plans, &self.snapshot),
            running: self.running(),
        })
    }

    /// Whether the active session is finished: its log has a hand-off.
    pub fn session_finished(&self) -> bool {
        let doc = self.active_session().and_then(|log| self.snapshot.get(&log.doc));
        doc.is_some_and(|doc| facts::saved_handoff(doc).is_some())
    }

    /// What finishes the active session, given the files that changed during it.
    pub fn finish(&self, wanted: &Finish, changed: &Changed) -> Result<Ending, NotFinished> {
        let log = self.active_session().ok_or_else(|| self.no_session())?;
        finish(wanted, self.ground(log, changed, &self.plan_order()))
    }

    /// The hand-off of the active session: the one that its log has, else what is recorded so far.
    pub fn handoff(&self, changed: impl FnOnce() -> Changed) -> Result<Handoff, Refused> {
        let log = self.active_session().ok_or_else(|| self.no_session())?;
        match self.snapshot.get(&log.doc).and_then(|doc| Handoff::saved(doc)) {
            Some(saved) => Ok(saved),
            None => so_far(self.ground(log, &changed(), &self.plan_order())),
        }
    }

    fn ground<'a>(&'a self, log: &'a SessionLog, changed: &'a Changed, plan_order: &'a [String]) -> Ground<'a> {
        Ground {
            log,
            snapshot: &self.snapshot,
            workspace: &self.workspace,
            config: &self.config,
            tasks: &self.tasks,
            plans: &self.plans,
            plan_order,
            list: self.checklists.first(),
            sync: &self.sync,
            gates: &self.gates.judged,
            gates_doc: self.gates.list.doc.as_ref(),
            sign_offs: &self.sign_offs,
            running: self.running(),
            changed,
            now: Local::now().naive_local(),
        }
    }

    /// The line of the command that has not ended.
    fn running(&self) -> Option<&str> {
        self.run.as_ref().filter(|run| run.end.is_none()).map(|run| run.line.as_str())
    }

    /// When the active session began, for git: the operation that started it, else the beginning of its day.
    fn began(&self, log: &SessionLog) -> Option<String> {
        let start = self.history.iter().rev().find(|operated| {
            operated.verb == "session start"
                && !operated.undone
                && operated.files.iter().any(|file| file.doc == log.doc)
        });
        let day = || log.date.map(|date| format!("{date}T00:00:00"));
        start.map(|operated| operated.at.clone()).or_else(day)
    }

    /// The documents that were written through this program since the active session began.
    fn written_since(&self, log: &SessionLog) -> Vec<ChangedFile> {
        let is_start = |operated: &super::Operated| operated.files.iter().any(|file| file.doc == log.doc);
        let first = self.history.iter().position(is_start).unwrap_or(self.history.len());
        let done = self.history[first..].iter().filter(|operated| !operated.undone && operated.undoes.is_none());
        let mut paths: Vec<String> =
            done.flat_map(|operated| &operated.files).map(|file| file.doc.to_string()).collect();
        paths.sort();
        paths.dedup();
        paths.into_iter().map(|path| ChangedFile { path, how: How::Changed }).collect()
    }
}

impl Workbench {
    /// What finishes the active session. Asks git, and so takes a moment.
    pub fn finish(&self, wanted: &Finish) -> Result<Ending, NotFinished> {
        self.view().finish(wanted, &self.changed())
    }

    /// The hand-off of the active session. Asks git while the session is open.
    pub fn handoff(&self) -> Result<Handoff, Refused> {
        self.view().handoff(|| self.changed())
    }

    /// The files that changed since the active session began: by git, else by the history.
    pub fn changed(&self) -> Changed {
        let Some(log) = self.view().active_session() else { return Changed::default() };
        let told = match self.view().began(log) {
            Some(since) => git::changed(&self.view().root, &since),
            None => Err("the log has no date to compare with".to_owned()),
        };
        let (mut files, since) = match told {
            Ok(told) => (told.files, told.base.map_or(Since::Beginning, Since::Commit)),
            Err(why) => (self.view().written_since(log), Since::History(why)),
        };
        let left_out = files.len().saturating_sub(FILES);
        files.truncate(FILES);
        Changed { files, since, left_out }
    }

    /// Compares the documents and judges the gates now, so that the view can say what is open.
    pub fn compare_and_judge(&mut self) {
        let gates = GateReader::default().judge(&self.gates(), &Question::default(), &|_| {}, &AtomicBool::new(false));
        self.view.sync = Arc::new(self.sync());
        self.view.gates = Arc::new(gates.unwrap_or_default());
        self.view.generation += 1;
    }
}
