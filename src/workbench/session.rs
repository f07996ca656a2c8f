//! Sessions: what has to be gathered to start one, to write into its log, and to reset its checklist. The operations
//! themselves are the model's; they are run like any other.

use chrono::{Local, NaiveDate, NaiveDateTime};

use super::{View, Workbench};
use crate::doc::{DocId, Document};
use crate::model::adr;
use crate::model::autonomy::Level;
use crate::model::checklist::Ledger;
use crate::model::checklist::reset::{Shelf, reset};
use crate::model::gate::Clause;
use crate::model::gate::act;
use crate::model::gate::evaluate::Judged;
use crate::model::session::SessionLog;
use crate::model::session::block::{self, Place, Stop};
use crate::model::session::level::{self, Asked, Denied};
use crate::model::session::note::{self, Under};
use crate::model::session::overrides::{self, Override, overrides};
use crate::model::session::plan::{self, Present};
use crate::model::session::record::RunRecord;
use crate::model::session::start::{Ground, Started, Wanted, start};
use crate::model::task::edit::Refused;
use crate::model::task::{Task, lines};
use crate::op::Operation;
use crate::workspace::Role;

/// What the operator says about a session that is to be started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewSession {
    /// The day that the log is of; today when left out.
    pub day: Option<NaiveDate>,
    /// Who works; the task's owner when empty.
    pub role: String,
    /// The autonomy level; the default when left out.
    pub level: Option<Level>,
    /// Who says so and why, when it is above the default.
    pub grant: Grant,
    /// The plan.
    pub bullets: Vec<String>,
    /// Although the task is done or blocked.
    pub anyway: bool,
    /// What was ticked before stays ticked.
    pub keep_ticks: bool,
}

/// What the operator says when a level is raised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grant {
    /// Why.
    pub reason: String,
    /// The plan, the task or the line (`file:line`) that says so.
    pub entry: String,
    /// Who confirmed it; empty when nobody did.
    pub confirmed_by: String,
}

/// A task as documents name it: id and title.
fn task_card(task: Task<'_>) -> String {
    let title = lines(&task.title()).replace('\n', " ");
    if title.trim().is_empty() { task.id().into_owned() } else { format!("{} – {}", task.id(), title.trim()) }
}

impl View {
    /// The active session's log, if there is one.
    pub fn active_session(&self) -> Option<&SessionLog> {
        self.sessions.last()
    }

    /// What starts a session on a task; `gates` are the workspace's clauses.
    pub fn start_session(&self, task: Task<'_>, new: &NewSession, gates: &[Clause]) -> Result<Started, Denied> {
        let level = new.level.unwrap_or(Level::DEFAULT);
        let granted = if level > Level::DEFAULT || new.grant != Grant::default() {
            let said = level::words(self.asked(Level::DEFAULT, level, &new.grant)?, &self.guard())?;
            format!("- {} – level {level}{said}", Local::now().format("%Y-%m-%d %H:%M"))
        } else {
            String::new()
        };
        let template = self.workspace.with_role(Role::SessionTemplate).next().and_then(|id| self.snapshot.get(id));
        let wanted = Wanted {
            task,
            day: new.day.unwrap_or_else(|| Local::now().date_naive()),
            role: &new.role,
            level,
            granted: &granted,
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
        let Some(list) = self.checklists.first() else { return Ok(started) };
        match self.reset_checklist(&list.doc) {
            Ok(Some(_)) if new.keep_ticks => {
                started.warnings.push(format!("{}: what was ticked before this session stays ticked", list.doc));
            }
            Ok(Some(archive)) => started.operation.edits.extend(archive.edits),
            Ok(None) => {}
            Err(_) => started.warnings.push(format!(
                "{}: what is ticked stays so: no log of an earlier session is there to keep it",
                list.doc
            )),
        }
        Ok(started)
    }

    /// What archives a checklist in the log of the session that ticked it, and opens its boxes; none when all are open.
    pub fn reset_checklist(&self, list: &DocId) -> Result<Option<Operation>, Refused> {
        let Some(doc) = self.snapshot.get(list) else {
            return Err(Refused(format!("{list}: there is no such checklist")));
        };
        let ledger = self.workspace.with_role(Role::Ledger).find_map(|id| self.snapshot.get(id));
        let ledger = Ledger::project(ledger.map(|doc| &**doc));
        let shelf = Shelf { list: doc, ledger: &ledger, sessions: &self.sessions };
        reset(shelf, Local::now().fixed_offset()).map_err(|error| Refused(error.to_string()))
    }

    /// What gives the active session another level; none when it has it already.
    pub fn session_level(&self, to: Level, grant: &Grant, now: NaiveDateTime) -> Result<Option<Operation>, Denied> {
        let (log, doc) = self.active_log()?;
        level::change(log, doc, self.asked(self.level(), to, grant)?, &self.guard(), now)
    }

    /// The level as it is asked for, once its entry has been found.
    fn asked<'a>(&self, from: Level, to: Level, grant: &'a Grant) -> Result<Asked<'a>, Refused> {
        let entry = grant.entry.trim();
        if !entry.is_empty() {
            self.find_entry(entry)?;
        }
        Ok(Asked { from, to, reason: &grant.reason, entry, confirmed_by: &grant.confirmed_by })
    }

    /// Whether an entry is there: a task, a plan, or a line of a document that is recognised.
    fn find_entry(&self, entry: &str) -> Result<(), Refused> {
        if self.tasks.find(entry).is_some() || self.plans.iter().any(|plan| plan.doc.as_str() == entry) {
            return Ok(());
        }
        let none = "name a task, the path of a plan, or a line as file:line";
        let Some((path, line)) = entry.rsplit_once(':') else {
            return Err(Refused(format!("{entry:?} is no task and no plan here; {none}")));
        };
        let doc = DocId::new(path).ok().and_then(|id| self.snapshot.get(&id));
        let Some(doc) = doc else {
            return Err(Refused(format!("{path:?} is no document of a known role here; {none}")));
        };
        let text = String::from_utf8_lossy(doc.bytes());
        let found = line.parse::<usize>().ok().and_then(|line| text.lines().nth(line.checked_sub(1)?));
        match found {
            Some(text) if !text.trim().is_empty() => Ok(()),
            Some(_) | None => Err(Refused(format!("{entry}: nothing stands on this line; {none}"))),
        }
    }

    /// The overrides of the active session that were not reset yet.
    pub fn overrides(&self) -> Vec<Override> {
        self.active_log().map_or_else(|_| Vec::new(), |(_, doc)| overrides(doc))
    }

    /// What says in the active log that an override was reset.
    pub fn session_reset(&self, name: &str, evidence: &str, now: NaiveDateTime) -> Result<Operation, Refused> {
        let (log, doc) = self.active_log()?;
        overrides::reset(log, doc, name, evidence, now)
    }

    /// The plan of the active session: its bullets, and what they lack. `gates` are the workspace's clauses.
    pub fn session_plan(&self, gates: &[Clause]) -> Result<(Vec<String>, Vec<String>), Refused> {
        let (log, doc) = self.active_log()?;
        let bullets = plan::bullets(doc);
        let warnings = self.check_plan(log, &bullets, gates);
        Ok((bullets, warnings))
    }

    /// What writes bullets into the plan of the active session, and what it lacks then.
    pub fn write_session_plan(
        &self,
        bullets: &[String],
        present: Present,
        gates: &[Clause],
    ) -> Result<(Option<Operation>, Vec<String>), Refused> {
        let (log, doc) = self.active_log()?;
        let operation = plan::write(log, doc, bullets, present)?;
        let mut all = if present == Present::Replaced { Vec::new() } else { plan::bullets(doc) };
        all.extend(bullets.iter().map(|bullet| bullet.trim().to_owned()));
        Ok((operation, self.check_plan(log, &all, gates)))
    }

    fn check_plan(&self, log: &SessionLog, bullets: &[String], gates: &[Clause]) -> Vec<String> {
        let task = log.tasks.first().and_then(|id| self.tasks.find(id)).map(|at| self.tasks.task(at));
        let letters = task.and_then(|task| task.plan());
        let plan = self.plans.iter().find(|plan| letters.as_ref() == Some(&plan.letters));
        let of_plan = gates.iter().filter(|gate| letters.is_some() && gate.plan == letters);
        let gates: Vec<&str> = of_plan.map(|gate| gate.id.as_str()).collect();
        plan::check(bullets, plan, &gates)
    }

    /// What adds a note to the active log.
    pub fn session_note(&self, under: Under<'_>, text: &str, now: NaiveDateTime) -> Result<Operation, Refused> {
        let (log, doc) = self.active_log()?;
        note::note(log, doc, under, text, now)
    }

    /// What says in the active log how these gates are judged.
    pub fn attach_gates(&self, judged: &[&Judged], now: NaiveDateTime) -> Result<Operation, Refused> {
        let (log, doc) = self.active_log()?;
        let said: Vec<String> = judged.iter().map(|one| act::cause(one)).collect();
        note::attach_gates(log, doc, &said, now)
    }

    /// What stops the work on a task. A decision record is opened when the condition asks for one; `title` is its title.
    pub fn session_block(
        &self,
        task: Task<'_>,
        stop: Stop<'_>,
        title: &str,
        now: NaiveDateTime,
    ) -> Result<Operation, Refused> {
        let log = self.active_log().ok();
        let card = task_card(task);
        let session = log.map_or_else(String::new, |(log, _)| format!("`{}`", log.doc));
        let wanted = adr::Wanted { title, context: stop.reason, day: now.date(), task: &card, session: &session };
        let records: Vec<&Document> =
            self.workspace.with_role(Role::Adr).filter_map(|id| self.snapshot.get(id)).map(|doc| &**doc).collect();
        let record = if stop.because.needs_record() && !title.trim().is_empty() {
            Some(adr::open(wanted, &records, &self.config.documents.adr)?)
        } else {
            None
        };
        let place = Place { plans: &self.plans, log, under: Under::Work, states: &self.config.states };
        block::stop(task, Stop { record: record.as_ref(), ..stop }, place, now)
    }

    /// Why there is none, and what to do about it.
    pub fn no_session(&self) -> Refused {
        Refused(match self.works_by_toolbox() {
            true => "there are no session logs here: work is kept in ai/state/progress.json; `work status` shows it"
                .to_owned(),
            false => "there is no session log; `session start TASK` makes one".to_owned(),
        })
    }

    /// The active session's log and its document.
    ///
    /// # Errors
    /// There is none.
    pub fn active_log(&self) -> Result<(&SessionLog, &Document), Refused> {
        let log = self.active_session();
        let found = log.and_then(|log| Some((log, &**self.snapshot.get(&log.doc)?)));
        found.ok_or_else(|| self.no_session())
    }
}

impl Workbench {
    /// What starts a session on a task.
    pub fn start_session(&self, task: Task<'_>, new: &NewSession) -> Result<Started, Denied> {
        self.view.start_session(task, new, &self.gates().list().clauses)
    }

    /// What adds evidence to the active log: a path of the workspace under which something is there.
    pub fn session_attach(&self, path: &DocId, text: &str) -> Result<Operation, Refused> {
        let (log, doc) = self.view.active_log()?;
        self.has_evidence(path)?;
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

    /// Whether something is there under this path, inside of the workspace also where links are followed.
    pub fn has_evidence(&self, path: &DocId) -> Result<(), Refused> {
        if self.exists(path.as_str()) {
            return Ok(());
        }
        Err(Refused(format!(
            "{path}: there is nothing under this path in the workspace; evidence has to be there, so that others find it"
        )))
    }

    /// What archives a checklist in the log of the session that ticked it, and opens its boxes; none when all are open.
    pub fn reset_checklist(&self, list: &DocId) -> Result<Option<Operation>, Refused> {
        self.view.reset_checklist(list)
    }
}
