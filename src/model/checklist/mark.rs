//! Marking a step: one operation over the box, the session log and the ledger.

use chrono::{DateTime, FixedOffset, SecondsFormat};

use super::{Entry, Ledger, Mark, Step, StepKind, StepState};
use crate::doc::{Addition, CellId, DocId, Snapshot};
use crate::model::session::SessionLog;
use crate::op::{Change, Edit, Intent, Operation};

/// Heading of the section that the session log gets for marked steps.
pub const LOG_SECTION: &str = "Session checklist";

/// Where a mark is written besides the checklist itself.
#[derive(Clone, Copy)]
pub struct Book<'a> {
    /// The active session; without one the ledger alone records the mark.
    pub session: Option<&'a SessionLog>,
    /// The ledger as it stands.
    pub ledger: &'a Ledger,
    /// The ledger's document.
    pub ledger_doc: &'a DocId,
    /// The documents: what a mark once wrote is only taken back where it still stands.
    pub snapshot: &'a Snapshot,
}

/// Why a step cannot be marked so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkError {
    /// A not-applicable mark needs its reason.
    #[error("a step that does not apply needs a reason: say why (--na REASON)")]
    NoReason,
    /// A step that failed needs what was seen.
    #[error("a step that failed needs a note: say what was seen")]
    NothingSeen,
    /// The note has line breaks or control characters.
    #[error("the note must be one line without control characters: {0:?} stands in it")]
    BadNote(char),
    /// The ledger has other columns.
    #[error(
        "{0}: the ledger needs the columns Session,TaskId,Section,Step,State,At,Evidence; add the missing ones or move the file away"
    )]
    Ledger(DocId),
}

/// The operation that makes `mark` true of a step that the operator saw in the state `seen`; `now` is the time that the
/// records carry. None when nothing would change.
pub fn mark(
    step: &Step,
    seen: StepState,
    mark: &Mark,
    book: Book<'_>,
    now: DateTime<FixedOffset>,
) -> Result<Option<Operation>, MarkError> {
    let (state, note) = match mark {
        Mark::Done { evidence } => (StepState::Done, evidence.trim()),
        Mark::NotApplicable { reason } if reason.trim().is_empty() => return Err(MarkError::NoReason),
        Mark::NotApplicable { reason } => (StepState::NotApplicable, reason.trim()),
        Mark::Failed { seen } if seen.trim().is_empty() => return Err(MarkError::NothingSeen),
        Mark::Failed { seen } => (StepState::Failed, seen.trim()),
        Mark::Open => (StepState::Open, ""),
    };
    if let Some(bad) = note.chars().find(|c| c.is_control()) {
        return Err(MarkError::BadNote(bad));
    }
    let same_note = match mark {
        Mark::Open => true,
        Mark::Done { .. } | Mark::NotApplicable { .. } | Mark::Failed { .. } => {
            note.is_empty() || note == step.evidence
        }
    };
    if seen == state && same_note {
        return Ok(None);
    }
    let mut edits = Vec::new();
    if let StepKind::Box(cell) = &step.kind {
        let word = |state: StepState| (state == StepState::Done).to_string();
        edits.push(Edit {
            doc: step.id.doc.clone(),
            change: Change::Set {
                cell: CellId::Box(cell.clone()),
                expect: word(seen),
                write: word(state),
                exact: None,
            },
        });
    }
    edits.extend(take_back(step, book));
    if state != StepState::Open {
        edits.extend(record(step, state, note, book, now)?);
    }
    let summary = match state {
        StepState::Open => format!("open again: {}", step.id.text),
        StepState::Failed => format!("failed: {}", step.id.text),
        StepState::Done => format!("tick: {}", step.id.text),
        StepState::NotApplicable => format!("not applicable: {}", step.id.text),
    };
    let verb = match state {
        StepState::Open => "checklist untick",
        StepState::Failed => "checklist fail",
        StepState::Done | StepState::NotApplicable => "checklist tick",
    };
    Ok(Some(Operation { intent: Intent { verb: verb.to_owned(), summary }, edits, undoes: None }))
}

/// Takes the log line and the ledger record of the step's last mark in this session back, where they are.
fn take_back(step: &Step, book: Book<'_>) -> Vec<Edit> {
    let name = book.session.map_or("", |session| session.name.as_str());
    let Some(entry) = book.ledger.latest(name, &step.id.section, &step.id.text) else { return Vec::new() };
    let mut written = vec![(book.ledger_doc, book.ledger.existing(entry))];
    if let Some(session) = book.session {
        written.push((&session.doc, log_line(entry)));
    }
    let stands = |doc: &DocId, addition: &Addition| book.snapshot.get(doc).is_some_and(|d| d.holds(addition) > 0);
    let standing = written.into_iter().filter(|(doc, addition)| stands(doc, addition));
    let take_out = |(doc, addition): (&DocId, Addition)| Edit {
        doc: doc.clone(),
        change: Change::TakeOut { addition, inserted: None, created: false, folders: 0 },
    };
    standing.map(take_out).collect()
}

fn record(
    step: &Step,
    state: StepState,
    note: &str,
    book: Book<'_>,
    now: DateTime<FixedOffset>,
) -> Result<Vec<Edit>, MarkError> {
    let entry = Entry {
        session: book.session.map_or_else(String::new, |session| session.name.clone()),
        task: book.session.and_then(|session| session.tasks.first()).cloned().unwrap_or_default(),
        section: step.id.section.clone(),
        step: step.id.text.clone(),
        state,
        at: now.to_rfc3339_opts(SecondsFormat::Secs, false),
        evidence: note.to_owned(),
        fields: Vec::new(),
    };
    let ledger = book.ledger.record(&entry).ok_or_else(|| MarkError::Ledger(book.ledger_doc.clone()))?;
    let add = |doc: &DocId, addition: Addition| Edit { doc: doc.clone(), change: Change::Add { addition, gap: None } };
    let mut edits = Vec::new();
    if let Some(session) = book.session {
        edits.push(add(&session.doc, log_line(&entry)));
    }
    edits.push(add(book.ledger_doc, ledger));
    Ok(edits)
}

/// The line of the session log that stands for a ledger record; the same record always gives the same line, so that
/// it is found again.
fn log_line(entry: &Entry) -> Addition {
    let at = entry.at.get(..19).unwrap_or(&entry.at).replace('T', " ");
    let (word, label) = match entry.state {
        StepState::Done | StepState::Open => ("ticked", "evidence"),
        StepState::Failed => ("failed", "seen"),
        StepState::NotApplicable => ("not applicable", "reason"),
    };
    let section = if entry.section.is_empty() { String::new() } else { format!("{}: ", entry.section) };
    let note = if entry.evidence.is_empty() { String::new() } else { format!(" ({label}: {})", entry.evidence) };
    Addition::Line {
        heading: LOG_SECTION.to_owned(),
        level: 2,
        text: format!("- {at} {word} - {section}{}{note}", entry.step).replace(['\n', '\r'], " "),
    }
}
