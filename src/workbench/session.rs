//! Sessions: what has to be gathered to start one, to write into its log, and to reset its checklist. The operations
//! themselves are the model's; they are run like any other.

use chrono::{Local, NaiveDate, NaiveDateTime};

use super::{View, Workbench};
use crate::doc::{DocId, Document};
use crate::model::checklist::reset::{Shelf, reset};
use crate::model::gate::Clause;
use crate::model::session::SessionLog;
use crate::model::session::note::{self, Under};
use crate::model::session::record::RunRecord;
use crate::model::session::start::{Ground, Started, Wanted, start};
use crate::model::task::Task;
use crate::model::task::edit::Refused;
use crate::op::Operation;
use crate::workspace::Role;

/// What the operator says about a session that is to be started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewSession {
    /// The day that the log is of; today when left out.
    pub day: Option<NaiveDate>,
    /// Who works; the task's owner when empty.
    pub role: String,
    /// The autonomy level.
    pub level: String,
    /// The plan.
    pub bullets: Vec<String>,
    /// Although the task is done or blocked.
    pub anyway: bool,
}

impl View {
    /// The active session's log, if there is one.
    pub fn active_session(&self) -> Option<&SessionLog> {
        self.sessions.last()
    }

    /// What starts a session on a task; `gates` are the workspace's clauses.
    pub fn start_session(&self, task: Task<'_>, new: &NewSession, gates: &[Clause]) -> Result<Started, Refused> {
        let template = self.workspace.with_role(Role::SessionTemplate).next().and_then(|id| self.snapshot.get(id));
        let wanted = Wanted {
            task,
            day: new.day.unwrap_or_else(|| Local::now().date_naive()),
            role: &new.role,
            level: &new.level,
            bullets: &new.bullets,
            anyway: new.anyway,
        };
        let ground = Ground {
            sessions: &self.sessions,
            patterns: &self.config.documents.session_logs,
            template: template.map(|doc| &**doc),
            plans: &self.plans,
            gates,
            states: &self.config.states,
        };
        let mut started = start(wanted, ground)?;
        // The list belongs to the session that is started now; what stands in it is of the one before.
        if let Some(list) = self.checklists.first().filter(|list| list.progress().done > 0) {
            let done = list.progress().done;
            started.warnings.push(format!(
                "{}: ticked before this session: {done}; `checklist reset` keeps that in the log of its session and opens \
                 the list",
                list.doc
            ));
        }
        Ok(started)
    }

    /// What adds a note to the active log.
    pub fn session_note(&self, under: Under<'_>, text: &str, now: NaiveDateTime) -> Result<Operation, Refused> {
        let (log, doc) = self.active_log()?;
        note::note(log, doc, under, text, now)
    }

    fn active_log(&self) -> Result<(&SessionLog, &Document), Refused> {
        let log = self.active_session();
        let found = log.and_then(|log| Some((log, &**self.snapshot.get(&log.doc)?)));
        found.ok_or_else(|| Refused("there is no session log; `session start TASK` makes one".to_owned()))
    }
}

impl Workbench {
    /// What starts a session on a task.
    pub fn start_session(&self, task: Task<'_>, new: &NewSession) -> Result<Started, Refused> {
        self.view.start_session(task, new, &self.gates().list().clauses)
    }

    /// What adds evidence to the active log: a path of the workspace under which something is there.
    pub fn session_attach(&self, path: &DocId, text: &str) -> Result<Operation, Refused> {
        let (log, doc) = self.view.active_log()?;
        if !self.exists(path.as_str()) {
            return Err(Refused(format!(
                "{path}: there is nothing under this path in the workspace; evidence has to be there, so that others find it"
            )));
        }
        note::attach(log, doc, path, text, Local::now().naive_local())
    }

    /// What adds the command that was run last to the active log once more, as evidence.
    pub fn session_attach_last(&self) -> Result<Operation, Refused> {
        let (log, doc) = self.view.active_log()?;
        let Some(record) = RunRecord::all(doc).pop() else {
            return Err(Refused(format!("{}: it records no command; `session run` runs one", log.doc)));
        };
        if let Some(output) = record.output.as_ref().filter(|output| !self.exists(output.as_str())) {
            return Err(Refused(format!("{output}: the output of the last command is gone; evidence has to be there")));
        }
        record.attached(log, doc, Local::now().naive_local())
    }

    /// What archives a checklist in the log of the session that ticked it, and opens its boxes; none when all are open.
    pub fn reset_checklist(&self, list: &DocId) -> Result<Option<Operation>, Refused> {
        let Some(doc) = self.view.snapshot.get(list) else {
            return Err(Refused(format!("{list}: there is no such checklist")));
        };
        let shelf = Shelf { list: doc, ledger: &self.cache.ledger, sessions: &self.view.sessions };
        reset(shelf, Local::now().fixed_offset()).map_err(|error| Refused(error.to_string()))
    }
}
