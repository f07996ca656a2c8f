//! Judges clauses by telemetry. What was not measured is never passed: no data, too few samples, too old, a pass that nobody
//! recorded, each has a verdict of its own.

mod measure;
mod number;
mod said;
mod stated;
mod value;
mod verdict;

use chrono::{NaiveDate, NaiveDateTime};

use super::telemetry::Telemetry;
use super::{Clause, GateList, GateSeverity, Unit};
use crate::doc::DocId;

pub use verdict::{Totals, Verdict};

/// As of when, and by which files.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The moment of the question.
    pub now: NaiveDateTime,
    /// Only telemetry up to this day; it is also the day against which age is told.
    pub at: Option<NaiveDate>,
    /// Only this file, or the files of this folder; age does not matter then: who names the evidence knows how old it is.
    pub source: Option<String>,
    /// Days after which telemetry is no evidence any more.
    pub stale_after: Option<f64>,
}

/// A clause and its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The clause.
    pub clause: Clause,
    /// The verdict.
    pub verdict: Verdict,
    /// The number, in the unit of the field.
    pub value: Option<f64>,
    /// The threshold in the unit of the field.
    pub threshold: Option<f64>,
    /// The field that was read, where the clause names none.
    pub field: Option<String>,
    /// Its unit, where its name says one.
    pub field_unit: Option<Unit>,
    /// How far the number is from its threshold; below 0 on the wrong side.
    pub distance: Option<f64>,
    /// How many samples became the number.
    pub samples: usize,
    /// Where they stand.
    pub sources: Vec<Source>,
    /// The days they are of.
    pub window: Option<(NaiveDate, NaiveDate)>,
    /// How the number came about, and what it means, in one sentence.
    pub reason: String,
    /// The number of each day, oldest first.
    pub trend: Vec<TrendPoint>,
    /// The number by site and by host, the worst first.
    pub breakdown: Vec<Share>,
}

/// A stretch of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file.
    pub file: DocId,
    /// First and last line of samples.
    pub lines: (u32, u32),
    /// Time of the first and the last sample, milliseconds since 1970.
    pub times: Option<(i64, i64)>,
}

/// The number of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct TrendPoint {
    /// The day.
    pub day: NaiveDate,
    /// The number.
    pub value: f64,
    /// Of how many samples.
    pub samples: usize,
    /// Whether it keeps the threshold.
    pub holds: Option<bool>,
}

/// The number of one site or host.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// `site` or `host`.
    pub by: &'static str,
    /// Which.
    pub name: String,
    /// The number.
    pub value: f64,
    /// Of how many samples.
    pub samples: usize,
}

/// Judges all clauses.
pub fn evaluate(list: &GateList, telemetry: &Telemetry, ask: &Ask) -> Vec<Judged> {
    list.clauses.iter().map(|clause| verdict::judge(clause, telemetry, ask)).collect()
}

/// Whether work may not land because of these: a blocking clause fails or cannot be judged. `allow_missing` lets pass what
/// has no telemetry at all, nothing else. Clauses for a person are that person's.
pub fn blocks(judged: &[Judged], allow_missing: bool) -> bool {
    judged.iter().filter(|one| one.clause.severity == GateSeverity::Blocking).any(|one| match one.verdict {
        Verdict::Fail | Verdict::Insufficient | Verdict::Stale | Verdict::Unreadable => true,
        Verdict::Missing => !allow_missing,
        Verdict::Pass | Verdict::Warn | Verdict::Manual => false,
    })
}
