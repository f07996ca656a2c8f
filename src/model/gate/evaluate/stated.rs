//! Numbers that others have computed: summaries and roll-ups, used where the events themselves are not there.

use std::collections::HashSet;

use chrono::NaiveTime;

use super::Source;
use super::measure::{Measured, Rank, is_named};
use crate::model::gate::telemetry::{Content, Stated, TelemetryFile, nested};
use crate::model::gate::{Clause, Statistic};

/// What a file states about the metric of a clause.
pub(super) fn read<'a>(clause: &Clause, file: &TelemetryFile) -> Vec<Measured<'a>> {
    let named = is_named(&clause.artifacts, &file.id);
    let source = |line: u32| Some(Source { file: file.id.clone(), lines: (line, line), times: None });
    match &*file.content {
        Content::RollUp(stated) => {
            let mut out: Vec<Measured<'a>> = Vec::new();
            let mut days: Vec<_> = stated.iter().filter_map(|one| one.day).collect();
            days.sort_unstable();
            days.dedup();
            for day in days {
                let of_day: Vec<&Stated> = stated.iter().filter(|one| one.day == Some(day)).collect();
                if let Some((value, samples, line, field)) = find(clause, &of_day, true) {
                    let mut unit = Measured::new(day.and_time(NaiveTime::MIN), Rank::RollUp);
                    unit.stated = Some((value, samples));
                    unit.field = Some(field);
                    unit.stated_in = source(line);
                    out.push(unit);
                }
            }
            out
        }
        Content::Summary { records, stated } => {
            let Some(stamp) = file.stamp else { return Vec::new() };
            let mut unit = Measured::new(stamp, Rank::Summary);
            let all: Vec<&Stated> = stated.iter().collect();
            if clause.metric.event.is_some() && named {
                let Some((value, samples, line, field)) = find(clause, &all, false) else { return Vec::new() };
                unit.stated = Some((value, samples));
                unit.field = Some(field);
                unit.stated_in = source(line);
                return vec![unit];
            }
            if clause.metric.event.is_some() || !named {
                return Vec::new();
            }
            let fields = clause.metric.field.iter().chain(&clause.metric.candidates);
            for field in fields {
                let values: Vec<_> = records.iter().filter_map(|record| nested(record, field)).collect();
                let numbers: Vec<f64> = values.iter().filter_map(|value| value.as_f64()).collect();
                let words: HashSet<String> =
                    values.iter().filter_map(|value| Some(value.as_str()?.to_lowercase())).collect();
                let value = match (numbers.is_empty(), words.is_empty()) {
                    (false, _) => {
                        let worst = super::value::worst(clause.comparator, clause.polarity);
                        super::value::of(clause.statistic.unwrap_or(Statistic::Sum), &numbers, worst)
                    }
                    // "site count" of records with a `Site` each.
                    (true, false) => Some(words.len() as f64),
                    (true, true) => continue,
                };
                let Some(value) = value else { continue };
                unit.stated = Some((value, values.len()));
                unit.field = Some(field.clone());
                unit.stated_in = source(1);
                return vec![unit];
            }
            Vec::new()
        }
        Content::Events(_) | Content::Runs(_) | Content::Nothing => Vec::new(),
    }
}

/// The number of a metric's statistic among stated ones, with its count of samples, line and field.
fn find(clause: &Clause, stated: &[&Stated], is_roll_up: bool) -> Option<(f64, usize, u32, String)> {
    if clause.pass.is_some() || clause.metric.filter.is_some() {
        return None;
    }
    let event = clause.metric.event.as_deref().unwrap_or("");
    let own = clause.metric.candidates.iter().filter(|name| name.starts_with(event)).cloned();
    // A roll-up has one name for event and field: `StoreWriteLatencyMs`.
    let joined = clause.metric.candidates.iter().map(|name| format!("{event}{name}"));
    let names: Vec<String> = match &clause.metric.field {
        Some(field) if is_roll_up => vec![format!("{event}{field}")],
        Some(field) => vec![field.clone()],
        None => own.chain(joined).collect(),
    };
    let rank;
    let statistics: &[&str] = match clause.statistic? {
        Statistic::Average => &["Average", "Avg", "Mean"],
        Statistic::Percentile(percent) => {
            rank = format!("P{percent}");
            &[rank.as_str()]
        }
        Statistic::Minimum => &["Min", "Minimum"],
        Statistic::Maximum => &["Max", "Maximum"],
        Statistic::Count => &["SampleCount", "Count"],
        Statistic::Sum => &["Total", "Sum"],
        Statistic::Value => &[""],
        Statistic::Distinct
        | Statistic::Ratio
        | Statistic::Coverage
        | Statistic::Streak
        | Statistic::Exists
        | Statistic::Age => {
            return None;
        }
    };
    let ends =
        |path: &str, end: &str| path.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    for name in &names {
        for statistic in statistics {
            let wanted = if statistic.is_empty() { name.clone() } else { format!("{name}.{statistic}") };
            let Some(found) = stated.iter().find(|one| ends(&one.path, &wanted)) else { continue };
            let counted = ["SampleCount", "Count"]
                .iter()
                .find_map(|count| stated.iter().find(|one| ends(&one.path, &format!("{name}.{count}"))))
                .or_else(|| stated.iter().find(|one| ends(&one.path, "SampleCount")));
            let samples = counted.map_or(1.0, |count| count.value).max(0.0);
            // A summary of nothing states zeros.
            if samples == 0.0 && clause.statistic != Some(Statistic::Count) {
                return None;
            }
            return Some((found.value, samples as usize, found.line, name.clone()));
        }
    }
    None
}
