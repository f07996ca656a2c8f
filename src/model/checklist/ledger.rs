//! The checklist ledger `SessionChecklist.csv`: one record for each marked step of each session.

use super::StepState;
use crate::doc::{Addition, Document};

/// Header of the ledger; a file with these columns in another order, or with more of them, is read as well.
pub const HEADER: [&str; 7] = ["Session", "TaskId", "Section", "Step", "State", "At", "Evidence"];

/// One record of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Session name (stem of the session log), empty when there was none.
    pub session: String,
    /// Task of the session, empty when the log names none.
    pub task: String,
    /// Heading text of the step's section.
    pub section: String,
    /// Step text, markup kept.
    pub step: String,
    /// Done, failed or not applicable.
    pub state: StepState,
    /// When, RFC 3339 with offset.
    pub at: String,
    /// Evidence note, what was seen, or the reason why the step does not apply.
    pub evidence: String,
    /// The record's fields as they stand in the file, for taking it out again.
    pub fields: Vec<String>,
}

/// All readable records, in file order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Column names of the file, [`HEADER`] when there is no file yet.
    header: Vec<String>,
    entries: Vec<Entry>,
}

impl Ledger {
    /// Reads the ledger; an absent one is empty. Records without the needed columns are left out.
    pub fn project(doc: Option<&Document>) -> Ledger {
        let own: Vec<String> = HEADER.iter().map(|&name| name.to_owned()).collect();
        let Some(csv) = doc.and_then(Document::csv) else { return Ledger { header: own, entries: Vec::new() } };
        let header: Vec<String> = csv.header().iter().map(|name| name.to_string()).collect();
        if header.is_empty() {
            return Ledger { header: own, entries: Vec::new() };
        }
        let columns = HEADER.map(|name| header.iter().position(|h| h == name));
        let entries = (0..csv.records()).filter_map(|at| {
            let record = csv.record(at);
            let fields: Vec<String> =
                (0..record.len()).map(|col| record.field(col).unwrap_or_default().into_owned()).collect();
            let field = |name: usize| columns[name].and_then(|col| fields.get(col)).cloned().unwrap_or_default();
            let state = match field(4).as_str() {
                "done" => StepState::Done,
                "failed" => StepState::Failed,
                "na" => StepState::NotApplicable,
                _ => return None,
            };
            Some(Entry {
                session: field(0),
                task: field(1),
                section: field(2),
                step: field(3),
                state,
                at: field(5),
                evidence: field(6),
                fields,
            })
        });
        Ledger { entries: entries.collect(), header }
    }

    /// The last record of that step in that session.
    pub fn latest(&self, session: &str, section: &str, step: &str) -> Option<&Entry> {
        self.entries.iter().rev().find(|e| e.session == session && e.section == section && e.step == step)
    }

    /// All records, in file order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The record that a mark adds, in the column order of the file. None when the file lacks one of the columns.
    pub fn record(&self, entry: &Entry) -> Option<Addition> {
        let values = [
            &entry.session,
            &entry.task,
            &entry.section,
            &entry.step,
            &entry.state.word().to_owned(),
            &entry.at,
            &entry.evidence,
        ];
        if !HEADER.iter().all(|name| self.header.iter().any(|h| h == name)) {
            return None;
        }
        let fields = self.header.iter().map(|column| {
            HEADER.iter().position(|name| name == column).map_or_else(String::new, |at| values[at].clone())
        });
        Some(Addition::Record { fields: fields.collect(), header: self.header.clone() })
    }

    /// What takes a record out again.
    pub fn existing(&self, entry: &Entry) -> Addition {
        Addition::Record { header: self.header.clone(), fields: entry.fields.clone() }
    }
}
