//! Gates: clauses of a document that say in prose which numbers must hold, judged against telemetry.
//!
//! [`compile`] reads the clauses; nothing of a clause is guessed, and what was not understood is kept with it.
//! [`telemetry`] turns the bytes of event files and summaries into samples; [`evaluate`](evaluate::evaluate) brings both
//! together. All of it is pure: files are read by `store`, and the front ends get everything from `workbench::gates`.
//! What operators have to know stands in `docs/GATES.md`.

pub mod act;
mod bind;
mod block;
mod code;
mod compile;
pub mod evaluate;
mod prose;
mod required;
mod scan;
mod table;
pub mod telemetry;
mod token;
pub mod unit;
mod words;

use std::fmt;

use crate::doc::{DocId, Span};
use crate::model::finding::Finding;

pub use bind::{Proposal, proposals};
pub use compile::compile;
pub use unit::Unit;

/// The gates of a document, in its order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GateList {
    /// The document.
    pub doc: Option<DocId>,
    /// Its clauses.
    pub clauses: Vec<Clause>,
    /// What is wrong with document and bindings.
    pub findings: Vec<Finding>,
}

/// One clause.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// The plan's letters and the clause's number in the plan, `A1`; the entries of a list of required values share a number and
    /// have a letter each, `H1a`. Clauses under no plan have `g` for the plan. A clause that is put in front of others
    /// moves their numbers; bindings therefore go by the quote.
    pub id: String,
    /// The plan.
    pub plan: Option<String>,
    /// The text as it stands in the document.
    pub quote: String,
    /// Where it stands.
    pub span: Span,
    /// 1-based line.
    pub line: usize,
    /// Who can judge it.
    pub kind: ClauseKind,
    /// Why it is of this kind, in one sentence.
    pub why: String,
    /// What is measured.
    pub metric: Metric,
    /// How many samples become one number.
    pub statistic: Option<Statistic>,
    /// How number and threshold are compared.
    pub comparator: Option<Comparator>,
    /// The threshold, as the clause writes it.
    pub threshold: Option<f64>,
    /// Its unit.
    pub unit: Option<Unit>,
    /// What restricts or explains it: `cold`, `per site`, `±1%`, `once the feature is live`.
    pub qualifiers: Vec<String>,
    /// The pass of which the samples must be, `cold` or `warm`.
    pub pass: Option<String>,
    /// Days that are looked at together, the newest last; 1 unless the clause says more.
    pub days: Days,
    /// Whether the clause is about bundles of telemetry and not about a day.
    pub per_bundle: bool,
    /// Fewer samples than this are no result.
    pub min_samples: Option<usize>,
    /// Telemetry that is older than this many days is no evidence.
    pub max_age: Option<f64>,
    /// Whether the comparison says what is good or what is bad.
    pub polarity: Polarity,
    /// What a miss means.
    pub severity: GateSeverity,
    /// The only files that may speak for it, as its binding says.
    pub source: Option<String>,
    /// Names of files that hold the evidence, with `*` for what differs from run to run.
    pub artifacts: Vec<String>,
    /// Parts of the text and what they were understood as.
    pub understood: Vec<(Span, String)>,
    /// Parts of the text that were not understood.
    pub not_understood: Vec<Span>,
    /// Whether `codex-tui.toml` says what it means; the words above are then those of the binding.
    pub bound: bool,
}

/// Who can judge a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClauseKind {
    /// Telemetry alone.
    Machine,
    /// Telemetry says something, a person decides.
    Partial,
    /// A person.
    Manual,
    /// Nobody: the text is damaged, or the binding is out of date.
    Unreadable,
}

/// What is measured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metric {
    /// Name of the event; none for a field of a summary.
    pub event: Option<String>,
    /// Whether the event was named earlier in the same bullet.
    pub inherited: bool,
    /// The field, where the clause names it.
    pub field: Option<String>,
    /// Fields that are meant where the clause names none, the likelier first: `LatencyMs` for `StoreWriteLatency`.
    pub candidates: Vec<String>,
    /// Only records with this value in one of these fields.
    pub filter: Option<Filter>,
    /// Values that have to occur, for a coverage.
    pub required: Vec<String>,
    /// Words that the clause has for it.
    pub words: Vec<String>,
}

/// Which records count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The field, or the fields of which the first counts that a record has.
    pub fields: Vec<String>,
    /// Its value.
    pub value: String,
}

/// How samples become one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    /// Arithmetic mean.
    Average,
    /// A percentile, 0 to 100: linear between the closest ranks.
    Percentile(f64),
    /// The smallest.
    Minimum,
    /// The largest.
    Maximum,
    /// How many samples, or records where no field is named.
    Count,
    /// How many different values.
    Distinct,
    /// The sum.
    Sum,
    /// A sum by another, or the share of records.
    Ratio,
    /// How many of the required values occur, in percent.
    Coverage,
    /// The longest run of records of one site while another one waited.
    Streak,
    /// The number that a summary states.
    Value,
    /// Whether a file is there.
    Exists,
    /// The age of a file, by the date in its name.
    Age,
}

/// How a number and its threshold are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `=`
    Equal,
}

/// Whether the comparison says what is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Polarity {
    /// It holds when all is well.
    #[default]
    Good,
    /// "Alert if": it holds when something is wrong.
    Alert,
}

/// What a miss means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum GateSeverity {
    /// Work may not land.
    #[default]
    Blocking,
    /// Somebody should look.
    Warning,
    /// It is written down, no more.
    Tracked,
}

/// Which days are looked at together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// The newest with data.
    Newest,
    /// So many calendar days, the newest with data last, as one heap of samples.
    Last(u32),
    /// So many days with data, each by itself; the worst one counts.
    InRow(u32),
}

impl ClauseKind {
    /// The word for it in JSON.
    pub fn name(self) -> &'static str {
        match self {
            ClauseKind::Machine => "machine",
            ClauseKind::Partial => "partial",
            ClauseKind::Manual => "manual",
            ClauseKind::Unreadable => "unreadable",
        }
    }
}

impl Filter {
    /// The comparison that the value is, where it is one: `> 0`.
    pub fn comparison(&self) -> Option<(Comparator, f64)> {
        let (len, comparator) = token::comparator(self.value.trim())?;
        Some((comparator, self.value.trim()[len..].trim().parse().ok()?))
    }
}

impl GateSeverity {
    /// The word for it in JSON and in bindings.
    pub fn name(self) -> &'static str {
        match self {
            GateSeverity::Blocking => "blocking",
            GateSeverity::Warning => "warning",
            GateSeverity::Tracked => "tracked",
        }
    }

    /// What a text says of it: `Release blocking`, `Warning (not blocking)`, `Soft gate (tracked)`.
    pub fn said(text: &str) -> Option<GateSeverity> {
        let text = text.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if has(&["track", "soft", "informational", "info ", "optional"]) || text == "info" {
            Some(GateSeverity::Tracked)
        } else if has(&["warn", "not blocking", "non-blocking", "advisory"]) {
            Some(GateSeverity::Warning)
        } else {
            has(&["block", "required", "hard", "must"]).then_some(GateSeverity::Blocking)
        }
    }
}

impl Comparator {
    /// Whether `value` and `threshold` stand so.
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Comparator::Less => value < threshold,
            Comparator::AtMost => value <= threshold,
            Comparator::Greater => value > threshold,
            Comparator::AtLeast => value >= threshold,
            Comparator::Equal => value == threshold,
        }
    }

    /// The sign, in ASCII.
    pub fn sign(self) -> &'static str {
        match self {
            Comparator::Less => "<",
            Comparator::AtMost => "<=",
            Comparator::Greater => ">",
            Comparator::AtLeast => ">=",
            Comparator::Equal => "=",
        }
    }

    /// The comparator of a sign or word.
    pub fn named(text: &str) -> Option<Comparator> {
        match text.trim() {
            "at least" | "minimum" => Some(Comparator::AtLeast),
            "at most" | "maximum" => Some(Comparator::AtMost),
            sign => token::comparator(sign).filter(|(len, _)| *len == sign.len()).map(|(_, comparator)| comparator),
        }
    }

    /// Whether larger values are better.
    pub fn wants_more(self) -> bool {
        matches!(self, Comparator::Greater | Comparator::AtLeast)
    }
}

impl Statistic {
    /// The statistic of a word: `avg`, `p95`, `max`, `count`, …
    pub fn named(word: &str) -> Option<Statistic> {
        let word = word.to_ascii_lowercase();
        Some(match word.as_str() {
            "avg" | "average" | "mean" => Statistic::Average,
            "median" => Statistic::Percentile(50.0),
            "min" | "minimum" => Statistic::Minimum,
            "max" | "maximum" => Statistic::Maximum,
            "count" => Statistic::Count,
            "distinct" => Statistic::Distinct,
            "sum" | "sums" | "total" | "totals" => Statistic::Sum,
            "ratio" | "rate" => Statistic::Ratio,
            "coverage" => Statistic::Coverage,
            "streak" => Statistic::Streak,
            "value" => Statistic::Value,
            "exists" => Statistic::Exists,
            "age" => Statistic::Age,
            _ => {
                let rank = word
                    .strip_prefix('p')
                    .or_else(|| word.strip_suffix("th").or(word.strip_suffix("st")).or(word.strip_suffix("nd")))?;
                let rank = rank.trim_start_matches('-').parse::<f64>().ok()?;
                // `p999` is the usual way to write 99.9.
                let rank = if rank >= 100.0 && !word.contains('.') { rank / 10.0 } else { rank };
                (0.0..=100.0).contains(&rank).then_some(Statistic::Percentile(rank))?
            }
        })
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Statistic::Average => "avg",
            Statistic::Percentile(rank) => return write!(f, "p{rank}"),
            Statistic::Minimum => "min",
            Statistic::Maximum => "max",
            Statistic::Count => "count",
            Statistic::Distinct => "distinct",
            Statistic::Sum => "sum",
            Statistic::Ratio => "ratio",
            Statistic::Coverage => "coverage",
            Statistic::Streak => "streak",
            Statistic::Value => "value",
            Statistic::Exists => "exists",
            Statistic::Age => "age",
        };
        f.write_str(word)
    }
}

impl Clause {
    /// A clause with nothing but its place.
    pub(super) fn at(span: Span, kind: ClauseKind, why: impl Into<String>) -> Clause {
        Clause {
            id: String::new(),
            plan: None,
            quote: String::new(),
            span,
            line: 1,
            kind,
            why: why.into(),
            metric: Metric::default(),
            statistic: None,
            comparator: None,
            threshold: None,
            unit: None,
            qualifiers: Vec::new(),
            pass: None,
            days: Days::Newest,
            per_bundle: false,
            min_samples: None,
            max_age: None,
            polarity: Polarity::Good,
            severity: GateSeverity::Blocking,
            source: None,
            artifacts: Vec::new(),
            understood: Vec::new(),
            not_understood: Vec::new(),
            bound: false,
        }
    }

    /// `Event.Field`, as far as the clause names them.
    pub fn metric_name(&self) -> String {
        match (&self.metric.event, &self.metric.field) {
            (Some(event), Some(field)) => format!("{event}.{field}"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => self.artifacts.first().cloned().unwrap_or_else(|| self.metric.words.join(" ")),
        }
    }
}
