//! What the clauses need of telemetry: which events, which of their fields. Everything else is passed over unread.

use std::collections::BTreeMap;

use crate::model::gate::{Clause, ClauseKind, GateList, Statistic};
use crate::workspace::config::GateSources;

/// The fields of one event that are kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventNeeds {
    /// Name of the event.
    pub event: String,
    /// Fields with numbers.
    pub numbers: Vec<String>,
    /// Fields with words: of filters and of what is counted distinct.
    pub words: Vec<String>,
}

/// What is kept of telemetry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// The events, sorted by name.
    pub events: Vec<EventNeeds>,
    /// Fields that name the pass.
    pub pass: Vec<String>,
    /// Fields that name the site.
    pub site: Vec<String>,
    /// Fields that name the host.
    pub host: Vec<String>,
}

impl Needs {
    /// What the clauses of a document need.
    pub fn of(list: &GateList, sources: &GateSources) -> Needs {
        let mut events: BTreeMap<String, EventNeeds> = BTreeMap::new();
        // What nobody computes is not read.
        let computed = |clause: &&Clause| {
            matches!(clause.kind, ClauseKind::Machine | ClauseKind::Partial) && clause.statistic.is_some()
        };
        for clause in list.clauses.iter().filter(computed) {
            let Some(event) = &clause.metric.event else { continue };
            let needs = events.entry(event.clone()).or_default();
            let put = |list: &mut Vec<String>, name: &String| {
                if !list.contains(name) {
                    list.push(name.clone());
                }
            };
            let metric = &clause.metric;
            if let Some(filter) = &metric.filter {
                let list = if filter.comparison().is_some() { &mut needs.numbers } else { &mut needs.words };
                filter.fields.iter().for_each(|field| put(list, field));
            }
            if !metric.required.is_empty() {
                crate::model::gate::required::fields(event).iter().for_each(|field| put(&mut needs.words, field));
            }
            match (&metric.field, clause.statistic) {
                (Some(field), Some(Statistic::Distinct)) => put(&mut needs.words, field),
                (Some(field), _) => field.split('/').for_each(|part| put(&mut needs.numbers, &part.to_owned())),
                (None, _) => metric.candidates.iter().for_each(|field| put(&mut needs.numbers, field)),
            }
            if clause.statistic == Some(Statistic::Ratio) {
                for part in ["UsageNumerator", "UsageDenominator", "Numerator", "Denominator"] {
                    put(&mut needs.numbers, &part.to_owned());
                }
            }
            if metric.field.as_deref().is_some_and(is_streak) {
                // A run of one site counts only while another one waits.
                put(&mut needs.numbers, &QUEUED.to_owned());
            }
        }
        let events = events.into_iter().map(|(event, needs)| EventNeeds { event, ..needs }).collect();
        Needs {
            events,
            pass: sources.pass_fields.clone(),
            site: sources.site_fields.clone(),
            host: sources.host_fields.clone(),
        }
    }

    /// Position of an event.
    pub fn position(&self, event: &str) -> Option<usize> {
        self.events.binary_search_by(|needs| needs.event.as_str().cmp(event)).ok()
    }
}

/// How many sites wait when one is served.
pub const QUEUED: &str = "QueuedSites";

/// Whether a field is the length of a run, which can be computed from the records of its event.
pub fn is_streak(field: &str) -> bool {
    crate::model::gate::unit::camel(field).iter().any(|word| word == "streak")
}
