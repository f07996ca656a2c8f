//! Work in the layout *toolbox*: what has to be gathered to start, note, block and land it. The rules are the model's.

use chrono::{DateTime, FixedOffset, Local, NaiveDateTime, TimeZone};

use super::View;
use crate::model::task::Task;
use crate::model::task::edit::Refused;
use crate::model::toolbox::work::{self, Ground, Landing};
use crate::op::Operation;
use crate::workspace::Role;

impl View {
    /// Whether the state of the work is kept in `ai/state/progress.json` and not in session logs: then the cockpit's keys for
    /// sessions are about that.
    pub fn works_by_toolbox(&self) -> bool {
        let has = |role| self.workspace.with_role(role).next().is_some();
        self.toolbox.progress.is_some() && !has(Role::SessionTemplate) && !has(Role::SessionLog)
    }

    fn work(&self, now: NaiveDateTime) -> Ground<'_> {
        Ground {
            toolbox: &self.toolbox,
            snapshot: &self.snapshot,
            tasks: &self.tasks,
            states: &self.config.states,
            now: zoned(now),
        }
    }

    /// The task that is being worked on.
    ///
    /// # Errors
    /// There is none, or it stands in no backlog.
    pub fn active_task(&self) -> Result<Task<'_>, Refused> {
        self.work(NaiveDateTime::default()).active()
    }

    /// What starts work on a task.
    pub fn start_work(&self, task: Task<'_>, why: &str, now: NaiveDateTime) -> Result<Operation, Refused> {
        work::start(task, why, self.work(now))
    }

    /// What adds a line to the journal.
    pub fn note_work(&self, text: &str, now: NaiveDateTime) -> Result<Operation, Refused> {
        work::note(text, self.work(now))
    }

    /// What blocks the active task.
    pub fn block_work(&self, reason: &str, now: NaiveDateTime) -> Result<Operation, Refused> {
        work::block(reason, self.work(now))
    }

    /// What lands the active task.
    pub fn land_work(&self, landing: &Landing, now: NaiveDateTime) -> Result<Operation, Refused> {
        work::land(landing, self.work(now))
    }
}

/// The operator's clock with its zone.
fn zoned(now: NaiveDateTime) -> DateTime<FixedOffset> {
    let local = Local.from_local_datetime(&now).earliest();
    local.map_or_else(|| now.and_utc().fixed_offset(), |local| local.fixed_offset())
}
