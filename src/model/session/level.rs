//! The level of a session: what its log says, what the operator granted, and how it is changed.
//!
//! A log is a document, and a document grants nothing: above [`Level::DEFAULT`] counts only what the history of operations
//! has a record of. A log may always lower its level.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use super::note::{Under, heading, one_line};
use super::{SessionLog, form};
use crate::doc::{Addition, DocId, Document};
use crate::model::autonomy::{Guard, Level};
use crate::model::task::edit::Refused;
use crate::op::{Change, Edit, Intent, Operation, Record, history};

/// Verbs that give a session its level. They are all that writes at [`Level::L0`].
pub const VERBS: [&str; 2] = ["session start", "session level"];

/// Heading of the section of a log that says how its level changed.
pub const LOG_SECTION: &str = "Autonomy";

/// A level that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The level in force.
    pub from: Level,
    /// The level that is wanted.
    pub to: Level,
    /// Why; one line.
    pub reason: &'a str,
    /// The plan or task entry that says so, known to be there; empty when none was given.
    pub entry: &'a str,
    /// Who confirmed it; empty when nobody did.
    pub confirmed_by: &'a str,
}

/// Why a level is not given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// What was said makes no sense.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// What going up takes was not all given: what is missing, and which line asks for it.
    #[error("{0}")]
    Forbidden(String),
}

/// The level that each log was given last, by the records of the history. What was undone gave nothing; a lowered level
/// stays lowered, because undoing is no confirmation.
pub fn grants(records: &[Record]) -> BTreeMap<DocId, Level> {
    let mut given: BTreeMap<DocId, Level> = BTreeMap::new();
    for (record, undone) in records.iter().zip(history::undone(records)) {
        let intent = &record.operation.intent;
        if record.operation.undoes.is_some() || !VERBS.contains(&intent.verb.as_str()) {
            continue;
        }
        for edit in &record.operation.edits {
            let text = match &edit.change {
                Change::Add { addition: Addition::Document { text }, .. } if intent.verb == VERBS[0] => text,
                Change::Rewrite { write, .. } if intent.verb == VERBS[1] => write,
                Change::Add { .. } | Change::Rewrite { .. } | Change::Set { .. } | Change::TakeOut { .. } => continue,
            };
            let to = SessionLog::project(&Document::parse(edit.doc.clone(), text.clone().into_bytes())).level();
            let is_lower = given.get(&edit.doc).is_some_and(|now| to < *now) || to < Level::DEFAULT;
            if !undone || (is_lower && intent.verb == VERBS[1]) {
                given.insert(edit.doc.clone(), to);
            }
        }
    }
    given
}

/// The level in force: what the log says, and at most what was granted. A session that has ended has at most the default.
pub fn in_force(log: &SessionLog, granted: Option<Level>) -> Level {
    let granted = granted.unwrap_or(Level::DEFAULT);
    let most = if log.said_status().is_empty() { granted } else { granted.min(Level::DEFAULT) };
    log.level().min(most)
}

/// Why the level in force is lower than what the log says, and what would mend it; none when it is not.
pub fn excess(log: &SessionLog, granted: Option<Level>) -> Option<String> {
    let (said, counts) = (log.level(), in_force(log, granted));
    if said <= counts {
        return None;
    }
    let status = log.said_status();
    let why = match granted {
        Some(granted) if granted >= said => {
            format!("its outcome says {status}, and a session that has ended has at most {}", Level::DEFAULT)
        }
        Some(_) | None => format!("no record grants it; `session level {said}` (`A` in the cockpit) does"),
    };
    let place = log.level_line.map_or_else(|| log.doc.to_string(), |line| format!("{}:{line}", log.doc));
    Some(format!("{place}: the header says {said}, in force is {counts}: {why}"))
}

/// Why nothing is written at [`Level::L0`], and what ends that.
pub fn refusal(log: &SessionLog) -> String {
    let place = log.level_line.map_or_else(|| log.doc.to_string(), |line| format!("{}:{line}", log.doc));
    format!(
        "level {} only reads: nothing was written; `session level {}` (`A` in the cockpit) or a new session permits it ({place})",
        Level::L0,
        Level::DEFAULT
    )
}

/// What the log is to say of a level: part of a line, without time. Refused when something is missing that going up takes.
pub fn words(asked: Asked<'_>, guard: &Guard<'_>) -> Result<String, Denied> {
    let Asked { from, to, .. } = asked;
    let reason = one_line(asked.reason, "the reason")?;
    let entry = one_line(asked.entry, "the entry")?;
    let confirmed_by = one_line(asked.confirmed_by, "the name")?;
    let goes_up = to > Level::DEFAULT && to > from;
    if goes_up {
        let escalation = guard.escalation(to, false);
        let mut missing = Vec::new();
        for (given, what) in [
            (reason, "a reason (--reason)"),
            (entry, "the plan or task entry that says so (--entry)"),
            (confirmed_by, "the operator's confirmation (--confirm)"),
        ] {
            if given.is_empty() {
                missing.push(what.to_owned());
            }
        }
        missing.extend(escalation.unset.iter().map(|one| format!("{}={} in the environment", one.name, one.value)));
        if !missing.is_empty() {
            return Err(Denied::Forbidden(format!("{escalation}. Missing: {}", missing.join(", "))));
        }
    }
    let why = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    let entry = if entry.is_empty() { String::new() } else { format!(" ({entry})") };
    let by = if goes_up { format!("; confirmed by {confirmed_by}") } else { String::new() };
    Ok(format!("{why}{entry}{by}"))
}

/// Changes the level of a session: the header of its log, and a line that says why. None when it stands so already.
pub fn change(
    log: &SessionLog,
    doc: &Document,
    asked: Asked<'_>,
    guard: &Guard<'_>,
    now: NaiveDateTime,
) -> Result<Option<Operation>, Denied> {
    let Asked { from, to, .. } = asked;
    let said = words(asked, guard)?;
    if from == to && log.level() == to {
        return Ok(None);
    }
    if to > Level::DEFAULT && !log.said_status().is_empty() {
        let status = log.said_status();
        return Err(Refused(format!(
            "{}: its outcome says {status}, and a session that has ended goes no higher than {}; start a session",
            log.doc,
            Level::DEFAULT
        ))
        .into());
    }
    let before = if from == to { format!("{} (not granted)", log.level()) } else { from.to_string() };
    let text = format!("- {} – level {before} → {to}{said}", now.format("%Y-%m-%d %H:%M"));
    let mut edits: Vec<Edit> = Vec::new();
    // A header that was changed without a grant may say it already; the record needs its line all the same.
    edits.push(Edit { doc: log.doc.clone(), change: form::level_line(doc, to)? });
    let addition = Addition::Line { heading: heading(doc, Under::Named(LOG_SECTION))?, level: 2, text };
    edits.push(Edit { doc: log.doc.clone(), change: Change::Add { addition, gap: None } });
    let intent = Intent { verb: VERBS[1].to_owned(), summary: format!("level {before} → {to} in {}", log.name) };
    Ok(Some(Operation { intent, edits, undoes: None }))
}
