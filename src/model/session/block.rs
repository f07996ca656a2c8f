//! Stopping: a task that cannot go on is blocked in every document that carries it, its plan and the session's log say why,
//! and the log's outcome says so. One operation, whatever stopped it.

use chrono::NaiveDateTime;

use super::note::{Under, heading, one_line};
use super::{SessionLog, form};
use crate::doc::{Addition, DocId, Document};
use crate::model::adr;
use crate::model::plan::Plan;
use crate::model::task::edit::{self, Refused};
use crate::model::task::{Kind, Task};
use crate::op::{Change, Edit, Intent, Operation};
use crate::workspace::config::{Field, States};

/// The condition that stops the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// Tests fail.
    Tests,
    /// A gate is missed.
    Gate,
    /// Telemetry is missing.
    Telemetry,
    /// A schema would change: a decision record comes first.
    Schema,
    /// Compiled code would be needed: a decision record comes first.
    Compiled,
    /// Anything else.
    Other,
}

impl Because {
    /// Every condition.
    pub const ALL: [Because; 6] =
        [Because::Tests, Because::Gate, Because::Telemetry, Because::Schema, Because::Compiled, Because::Other];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Because::Tests => "tests",
            Because::Gate => "gate",
            Because::Telemetry => "telemetry",
            Because::Schema => "schema",
            Because::Compiled => "compiled",
            Because::Other => "other",
        }
    }

    /// What documents say of it, in front of the reason; may be empty.
    pub fn words(self) -> &'static str {
        match self {
            Because::Tests => "tests fail",
            Because::Gate => "gate missed",
            Because::Telemetry => "telemetry missing",
            Because::Schema => "schema change",
            Because::Compiled => "compiled code needed",
            Because::Other => "",
        }
    }

    /// Whether a decision record has to be opened first.
    pub fn needs_record(self) -> bool {
        matches!(self, Because::Schema | Because::Compiled)
    }
}

/// Where it is said that a task is blocked, beside the documents that carry the task.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The plans.
    pub plans: &'a [Plan],
    /// The active session's log, if there is one.
    pub log: Option<(&'a SessionLog, &'a Document)>,
    /// Under which of its headings the line goes.
    pub under: Under<'a>,
    /// The states.
    pub states: &'a States,
}

/// Why a session stops.
#[derive(Clone, Copy)]
pub struct Stop<'a> {
    /// The condition.
    pub because: Because,
    /// The operator's words; one line.
    pub reason: &'a str,
    /// What a gate says, in one sentence; may be empty.
    pub gate: &'a str,
    /// A file that shows it, known to be there.
    pub evidence: Option<&'a DocId>,
    /// The decision record that is opened with it.
    pub record: Option<&'a adr::Record>,
}

/// Stops the work on a task.
pub fn stop(task: Task<'_>, stop: Stop<'_>, place: Place<'_>, now: NaiveDateTime) -> Result<Operation, Refused> {
    let reason = one_line(stop.reason, "the reason")?;
    if reason.is_empty() {
        return Err(Refused("the reason is empty: say what blocks the task".to_owned()));
    }
    if stop.because.needs_record() && stop.record.is_none() {
        return Err(Refused(format!(
            "{}: a decision record comes first; give its title (`--title`)",
            stop.because.words()
        )));
    }
    let mut why = match stop.because.words() {
        "" => reason.to_owned(),
        words => format!("{words}: {reason}"),
    };
    if !stop.gate.is_empty() {
        why += &format!("; {}", stop.gate);
    }
    if let Some(evidence) = stop.evidence {
        why += &format!("; evidence `{}`", one_line(evidence.as_str(), "the path")?);
    }
    if let Some(record) = stop.record {
        why += &format!("; decision record `{}`", record.doc);
    }
    let mut operation = block(task, &why, place, now)?;
    if let Some(record) = stop.record {
        let created = Change::Add { addition: Addition::Document { text: record.text.clone() }, gap: None };
        operation.edits.push(Edit { doc: record.doc.clone(), change: created });
    }
    Ok(operation)
}

/// Blocks a task: its state and notes in every document, a line in its plan where no table carries it, a line in the log, and
/// the log's outcome when it is the session's task.
pub fn block(task: Task<'_>, why: &str, place: Place<'_>, now: NaiveDateTime) -> Result<Operation, Refused> {
    let mut operation = edit::block(&[task], None, why, place.states, now.date())?;
    let in_plan = task.rows().any(|row| row.kind() == Kind::Plan && row.column(Field::Notes).is_some());
    let plan = place.plans.iter().find(|plan| task.plan().as_ref() == Some(&plan.letters));
    if let Some(plan) = plan.filter(|_| !in_plan) {
        let line = format!("- {}: {} blocked: {why}", now.date(), task.id());
        operation.edits.push(line_under(&plan.doc, "Blockers".to_owned(), line));
    }
    if let Some((log, doc)) = place.log {
        let line = format!("- {} – blocked {}: {why}", now.format("%Y-%m-%d %H:%M"), task.id());
        operation.edits.push(line_under(&log.doc, heading(doc, place.under)?, line));
        if log.tasks.first().is_some_and(|own| *own == task.id()) {
            let status = form::status(doc, &place.states.blocked);
            operation.edits.extend(status.map(|change| Edit { doc: log.doc.clone(), change }));
        }
    }
    operation.intent = Intent { verb: "session block".to_owned(), summary: format!("block {}: {why}", task.id()) };
    Ok(operation)
}

fn line_under(doc: &DocId, heading: String, text: String) -> Edit {
    let addition = Addition::Line { heading, level: 2, text };
    Edit { doc: doc.clone(), change: Change::Add { addition, gap: None } }
}
