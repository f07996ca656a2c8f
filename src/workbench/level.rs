//! The level that is in force at this moment, and the one place where nothing passes that it does not permit to write.

use super::{Outcome, Request, Stage, Workbench};
use crate::doc::DocId;
use crate::model::autonomy::Level;
use crate::model::session::{SessionLog, level};
use crate::workspace::Role;

impl Workbench {
    /// The level in force at this moment, with the log that says it: the log is looked at again, and the history when the log
    /// has changed. Before documents and commands are touched this counts, not what the view showed.
    ///
    /// # Errors
    /// A sentence when a session log cannot be read, so that the level cannot be told.
    pub fn level_now(&self) -> Result<(Level, Option<SessionLog>), String> {
        let view = self.view();
        let patterns = Role::SessionLog.patterns(self.config());
        let is_log = |id: &DocId| patterns.iter().any(|pattern| pattern.matches(id));
        if let Some((_, why)) = self.unreadable.iter().find(|(id, _)| is_log(id)) {
            return Err(format!("{why}; the session's level cannot be told"));
        }
        let newest = if view.stage == Stage::Full {
            view.sessions.last().map(|log| log.doc.clone())
        } else {
            let logs = self.store.scan(patterns).docs;
            logs.into_iter().max_by(|a, b| SessionLog::named(a).order().cmp(&SessionLog::named(b).order()))
        };
        let Some(newest) = newest else { return Ok((Level::DEFAULT, None)) };
        let known = view.snapshot.get(&newest);
        let doc = self
            .store
            .load_unless(&newest, known)
            .map_err(|why| format!("{why}; the session's level cannot be told"))?;
        let Some(doc) = doc else { return Ok((Level::DEFAULT, None)) };
        let log = SessionLog::project(&doc);
        let is_known = view.stage == Stage::Full && known.is_some_and(|known| known.rev() == doc.rev());
        let granted = if is_known {
            view.grants.get(&newest).copied()
        } else {
            level::grants(&self.store.history().records).get(&newest).copied()
        };
        Ok((level::in_force(&log, granted), Some(log)))
    }

    /// What a request comes to that the level does not permit; none when it may go on.
    pub(super) fn forbidden(&self, request: &Request) -> Option<Outcome> {
        let operation = match request {
            Request::Commit(operation) | Request::Confirmed { operation, .. } => Some(operation),
            Request::Mark { .. } | Request::Undo(_) | Request::Redo(_) => None,
        };
        if operation.is_some_and(|operation| level::VERBS.contains(&operation.intent.verb.as_str())) {
            return None;
        }
        self.only_reads()
    }

    /// What everything that writes comes to while the session only reads.
    pub(super) fn only_reads(&self) -> Option<Outcome> {
        match self.level_now() {
            Ok((Level::L0, Some(log))) => Some(Outcome::Forbidden { message: level::refusal(&log), log: log.doc }),
            Ok((_, _)) => None,
            Err(message) => Some(Outcome::Failed { message }),
        }
    }
}
