//! What the operator does about a gate: signs off what only a person can judge, and blocks the task that a missed gate
//! stops. Each is one operation; the evidence stands in every document that has to say so.

use chrono::NaiveDateTime;

use super::Clause;
use super::evaluate::Judged;
use crate::doc::{Addition, DocId, Document};
use crate::model::plan::Plan;
use crate::model::session::SessionLog;
use crate::model::session::block::{self, Place};
use crate::model::session::note::Under;
use crate::model::task::Task;
use crate::model::task::edit::Refused;
use crate::op::{Change, Edit, Intent, Operation};
use crate::workspace::config::States;

/// Columns of the ledger of sign-offs.
pub const COLUMNS: [&str; 6] = ["Gate", "Quote", "At", "By", "Evidence", "Session"];

/// Heading of the section that session logs get for gates.
pub const LOG_SECTION: &str = "Gates";

/// A clause that a person judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    /// The clause's id at that time.
    pub gate: String,
    /// The clause's text at that time: a clause that says something else now was not signed off.
    pub quote: String,
    /// When, as written.
    pub at: String,
    /// Who.
    pub by: String,
    /// What shows it.
    pub evidence: String,
    /// The session in which it was done.
    pub session: String,
}

/// Where a sign-off is written.
#[derive(Clone, Copy)]
pub struct Book<'a> {
    /// The ledger's document.
    pub ledger: &'a DocId,
    /// The ledger as it stands; none when it is to be created.
    pub document: Option<&'a Document>,
    /// The active session, if there is one.
    pub session: Option<&'a SessionLog>,
}

/// The sign-offs of a ledger, in its order.
pub fn sign_offs(ledger: &Document) -> Vec<SignOff> {
    let Some(csv) = ledger.csv() else { return Vec::new() };
    let columns = COLUMNS.map(|name| csv.column(name));
    let rows = csv.iter().map(|record| {
        let [gate, quote, at, by, evidence, session] =
            columns.map(|column| column.and_then(|column| record.field(column)).unwrap_or_default().into_owned());
        SignOff { gate, quote, at, by, evidence, session }
    });
    rows.filter(|row| !row.quote.is_empty()).collect()
}

/// The newest sign-off of a clause as it stands.
pub fn signed<'a>(clause: &Clause, sign_offs: &'a [SignOff]) -> Option<&'a SignOff> {
    let words = clause.words();
    sign_offs.iter().rev().find(|one| one.quote == words)
}

/// Signs a clause off: a row in the ledger and a line in the session log.
pub fn sign_off(
    clause: &Clause,
    evidence: &str,
    by: &str,
    book: Book<'_>,
    now: NaiveDateTime,
) -> Result<Operation, Refused> {
    let evidence = evidence.trim();
    if evidence.is_empty() {
        return Err(Refused(format!(
            "{}: a sign-off needs its evidence: a file, a measurement, who saw what",
            clause.id
        )));
    }
    if evidence.chars().any(char::is_control) {
        return Err(Refused(format!("{}: the evidence must be one line without control characters", clause.id)));
    }
    let at = now.format("%Y-%m-%d %H:%M").to_string();
    let session = book.session.map_or("", |log| log.name.as_str());
    let said = [clause.id.as_str(), &clause.words(), &at, by, evidence, session];
    let mut header: Vec<String> = COLUMNS.map(str::to_owned).into();
    let mut fields: Vec<String> = said.map(str::to_owned).into();
    if let Some(csv) = book.document.and_then(Document::csv).filter(|csv| csv.header_record().is_some()) {
        // People add columns and put them in another order.
        header = csv.header().into_iter().map(|name| name.into_owned()).collect();
        let value = |name: &String| COLUMNS.iter().position(|own| own == name).map_or("", |at| said[at]).to_owned();
        if let Some(missing) = COLUMNS.iter().find(|own| header.iter().all(|name| name != *own)) {
            return Err(Refused(format!("{}: the ledger of sign-offs has no column {missing}; add it", book.ledger)));
        }
        fields = header.iter().map(value).collect();
    }
    let mut edits = vec![Edit {
        doc: book.ledger.clone(),
        change: Change::Add { addition: Addition::Record { header, fields }, gap: None },
    }];
    let line = format!("- {at}: signed off {} ({}): {evidence}", clause.id, shortened(&clause.words()));
    edits.extend(book.session.map(|log| log_line(&log.doc, line)));
    let intent = Intent { verb: "gates sign-off".to_owned(), summary: format!("sign off {}", clause.id) };
    Ok(Operation { intent, edits, undoes: None })
}

/// Blocks a task because of a gate: its state and notes in every document, and a line in the session log. A plan whose
/// table does not carry the task gets a line of its own.
pub fn block(
    task: Task<'_>,
    judged: &Judged,
    plans: &[Plan],
    log: Option<(&SessionLog, &Document)>,
    states: &States,
    now: NaiveDateTime,
) -> Result<Operation, Refused> {
    let place = Place { plans, log, under: Under::Named(LOG_SECTION), states };
    let mut operation = block::block(task, &cause(judged), place, now)?;
    let summary = format!("block {}: gate {} {}", task.id(), judged.clause.id, judged.verdict.name());
    operation.intent = Intent { verb: "gates block".to_owned(), summary };
    Ok(operation)
}

/// Gate, value, threshold and evidence in one sentence.
pub fn cause(judged: &Judged) -> String {
    let clause = &judged.clause;
    let value = judged.value.map_or_else(|| "no value".to_owned(), |value| judged.number(value));
    let evidence = judged.sources.first().map_or_else(
        || clause.artifacts.first().map_or_else(String::new, |artifact| format!("; missing is {artifact}")),
        |source| format!("; {}", source.file),
    );
    let asked = shortened(&clause.asked());
    let (id, verdict) = (&clause.id, judged.verdict.name());
    let of = match judged.samples {
        0 => String::new(),
        1 => " of 1 sample".to_owned(),
        samples => format!(" of {samples} samples"),
    };
    format!("gate {id} {verdict}: {value}{of}, asked for is {asked}{evidence}")
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(80) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

fn log_line(doc: &DocId, text: String) -> Edit {
    let addition = Addition::Line { heading: LOG_SECTION.to_owned(), level: 2, text };
    Edit { doc: doc.clone(), change: Change::Add { addition, gap: None } }
}
