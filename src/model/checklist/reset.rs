//! Making a list ready for the next session: what was ticked is written into the log of the session that ticked it, then
//! every box is opened. The ledger keeps its records; steps whose state stands there alone are of one session each, and
//! begin open in the next one without anybody's doing.

use chrono::{DateTime, FixedOffset};

use super::ledger::{Entry, Ledger};
use super::{Checklist, Step, StepKind, StepState};
use crate::doc::{Addition, CellId, DocId, Document};
use crate::model::session::SessionLog;
use crate::op::{Change, Edit, Intent, Operation};

/// Heading of the section that a session log gets for a list that was reset.
pub const LOG_SECTION: &str = "Session checklist as it was reset";

/// What a reset looks at.
#[derive(Clone, Copy)]
pub struct Shelf<'a> {
    /// The list's document.
    pub list: &'a Document,
    /// The ledger as it stands.
    pub ledger: &'a Ledger,
    /// The session logs, oldest first; the last one is the active session.
    pub sessions: &'a [SessionLog],
}

/// Why a list cannot be reset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResetError {
    /// There is no log that could keep what was ticked.
    #[error(
        "{0}: its ticks go into the log of their session before the list is reset, and there is no session log; start a session first"
    )]
    NoLog(DocId),
}

/// The operation that archives the list and opens its boxes. None when every box is open.
pub fn reset(shelf: Shelf<'_>, now: DateTime<FixedOffset>) -> Result<Option<Operation>, ResetError> {
    let doc = shelf.list.id();
    let as_boxes = Checklist::project(shelf.list, shelf.ledger, None);
    let ticked: Vec<&Step> = as_boxes.steps().filter(|step| step.state == StepState::Done).collect();
    if ticked.is_empty() {
        return Ok(None);
    }
    let log = owner(&as_boxes, shelf).ok_or_else(|| ResetError::NoLog(doc.clone()))?;
    let list = Checklist::project(shelf.list, shelf.ledger, Some(&log.name));
    let progress = list.progress();
    let head = format!(
        "- {} {doc}: {} done, {} not applicable, {} open",
        now.format("%Y-%m-%d %H:%M:%S"),
        progress.done,
        progress.na,
        progress.open
    );
    let lines = std::iter::once(head).chain(list.steps().map(|step| line(step, log, shelf.ledger)));
    let mut edits: Vec<Edit> = lines
        .map(|text| {
            let addition = Addition::Line { heading: LOG_SECTION.to_owned(), level: 2, text };
            Edit { doc: log.doc.clone(), change: Change::Add { addition, gap: None } }
        })
        .collect();
    for step in ticked {
        let StepKind::Box(cell) = &step.kind else { continue };
        let [expect, write] = ["true", "false"].map(str::to_owned);
        let change = Change::Set { cell: CellId::Box(cell.clone()), expect, write, exact: None };
        edits.push(Edit { doc: doc.clone(), change });
    }
    let summary = format!("reset {doc}; what was ticked is in {}", log.name);
    Ok(Some(Operation { intent: Intent { verb: "checklist reset".to_owned(), summary }, edits, undoes: None }))
}

/// The session whose ticks stand in the list: the active one if the ledger has a step of the list for it, else the newest
/// one for which it has; the active one when nobody recorded any.
fn owner<'a>(list: &Checklist, shelf: Shelf<'a>) -> Option<&'a SessionLog> {
    let is_of = |entry: &Entry| list.steps().any(|step| step.id.section == entry.section && step.id.text == entry.step);
    let names: Vec<&str> =
        shelf.ledger.entries().iter().filter(|entry| is_of(entry)).map(|entry| entry.session.as_str()).collect();
    let recorded = shelf.sessions.iter().rev().find(|log| names.contains(&log.name.as_str()));
    recorded.or(shelf.sessions.last())
}

/// What the archive says of a step: state, text, and from the ledger evidence and time, of whichever session they are.
fn line(step: &Step, log: &SessionLog, ledger: &Ledger) -> String {
    let says =
        |entry: &&Entry| entry.section == step.id.section && entry.step == step.id.text && entry.state == step.state;
    let own = ledger.entries().iter().rev().find(|entry| says(entry) && entry.session == log.name);
    let entry = own.or_else(|| ledger.entries().iter().rev().find(says));
    let (word, label) = match step.state {
        StepState::Open => ("open", "note"),
        StepState::Failed => ("failed", "seen"),
        StepState::Done => ("done", "evidence"),
        StepState::NotApplicable => ("not applicable", "reason"),
    };
    let mut said: Vec<String> = Vec::new();
    if let Some(entry) = entry {
        if !entry.evidence.is_empty() {
            said.push(format!("{label}: {}", entry.evidence));
        }
        said.push(entry.at.get(..19).unwrap_or(&entry.at).replace('T', " "));
        if entry.session != log.name {
            said.push(format!("in {}", entry.session));
        }
    }
    let section = if step.id.section.is_empty() { String::new() } else { format!("{}: ", step.id.section) };
    let said = if said.is_empty() { String::new() } else { format!(" ({})", said.join("; ")) };
    format!("- {word} - {section}{}{said}", step.id.text).replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "# List\n## A\n- [x] one\n- [ ] two\n- [X] one\n";

    fn document(path: &str, text: &str) -> Document {
        Document::parse(DocId::new(path).expect("a path"), text.as_bytes().to_vec())
    }

    fn reset_with(list: &str, records: &str, logs: &[&str]) -> Result<Option<Operation>, ResetError> {
        let list = document("docs/List.md", list);
        let csv = document("docs/Ledger.csv", &format!("Session,TaskId,Section,Step,State,At,Evidence\n{records}"));
        let logs: Vec<SessionLog> =
            logs.iter().map(|name| SessionLog::project(&document(&format!("docs/{name}.md"), ""))).collect();
        let now = DateTime::parse_from_rfc3339("2026-01-02T09:30:00+00:00").expect("a time");
        reset(Shelf { list: &list, ledger: &Ledger::project(Some(&csv)), sessions: &logs }, now)
    }

    fn archived(operation: &Operation) -> (Vec<&str>, Vec<&str>, usize) {
        let mut lines = Vec::new();
        let mut docs = Vec::new();
        let mut opened = 0;
        for edit in &operation.edits {
            match &edit.change {
                Change::Add { addition: Addition::Line { text, .. }, .. } => {
                    lines.push(text.as_str());
                    docs.push(edit.doc.as_str());
                }
                Change::Set { expect, write, .. } => {
                    assert_eq!((expect.as_str(), write.as_str()), ("true", "false"));
                    opened += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        docs.dedup();
        (lines, docs, opened)
    }

    #[test]
    fn what_was_ticked_is_kept_and_boxes_are_opened() {
        let records = "s-0001,T,A,one,done,2026-01-01T08:00:00+00:00,seen\ns-0001,T,A,two,na,2026-01-01T08:10:00+00:00,no need\n\
                       s-0001,T,Other,three,done,2026-01-01T08:20:00+00:00,\n";
        // The next session has begun already: the ticks are those of the one before.
        let operation = reset_with(LIST, records, &["s-0001", "s-0002"]).expect("a reset").expect("something to do");
        let want = [
            "- 2026-01-02 09:30:00 docs/List.md: 2 done, 1 not applicable, 0 open",
            "- done - A: one (evidence: seen; 2026-01-01 08:00:00)",
            "- not applicable - A: two (reason: no need; 2026-01-01 08:10:00)",
            "- done - A: one (evidence: seen; 2026-01-01 08:00:00)",
        ];
        assert_eq!(archived(&operation), (want.to_vec(), vec!["docs/s-0001.md"], 2));
    }

    #[test]
    fn ticks_that_nobody_recorded_are_of_the_active_session() {
        let operation = reset_with(LIST, "", &["s-0001", "s-0002"]).expect("a reset").expect("something to do");
        let want = [
            "- 2026-01-02 09:30:00 docs/List.md: 2 done, 0 not applicable, 1 open",
            "- done - A: one",
            "- open - A: two",
            "- done - A: one",
        ];
        assert_eq!(archived(&operation), (want.to_vec(), vec!["docs/s-0002.md"], 2));
    }

    #[test]
    fn a_list_is_not_reset_for_nothing_nor_without_a_log() {
        assert_eq!(reset_with("# L\n- [ ] one\n", "", &["s-0001"]), Ok(None));
        assert!(matches!(reset_with(LIST, "", &[]), Err(ResetError::NoLog(_))));
    }
}
