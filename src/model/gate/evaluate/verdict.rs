//! From what was measured to a verdict and the sentence that explains it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::measure::{self, Measured};
use super::number::{Number, breakdown, number, sources};
use super::said::{said, shown};
use super::value::{self, Worst};
use super::{Ask, Judged, Source, TrendPoint};
use crate::model::gate::telemetry::{Telemetry, is_streak};
use crate::model::gate::{Clause, ClauseKind, Days, GateSeverity, Polarity, Statistic, Unit};

/// What came of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Missed, and work may not land.
    Fail,
    /// Not understood, damaged, or the binding is out of date.
    Unreadable,
    /// There is no telemetry for it.
    Missing,
    /// There are fewer samples than required.
    Insufficient,
    /// The telemetry is older than allowed.
    Stale,
    /// Missed, and it does not block.
    Warn,
    /// Only a person can judge it.
    Manual,
    /// Kept.
    Pass,
}

impl Verdict {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Verdict; 8] = [
        Verdict::Fail,
        Verdict::Unreadable,
        Verdict::Missing,
        Verdict::Insufficient,
        Verdict::Stale,
        Verdict::Warn,
        Verdict::Manual,
        Verdict::Pass,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Fail => "fail",
            Verdict::Unreadable => "unreadable",
            Verdict::Missing => "missing",
            Verdict::Insufficient => "insufficient",
            Verdict::Stale => "stale",
            Verdict::Warn => "warn",
            Verdict::Manual => "manual",
            Verdict::Pass => "pass",
        }
    }
}

/// How many clauses have each verdict. Only `pass` is passed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals(BTreeMap<Verdict, usize>);

impl Totals {
    /// Counts.
    pub fn of(judged: &[Judged]) -> Totals {
        let mut totals = Totals::default();
        for one in judged {
            *totals.0.entry(one.verdict).or_default() += 1;
        }
        totals
    }

    /// How many have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.0.get(&verdict).copied().unwrap_or(0)
    }
}

pub(super) fn judge(clause: &Clause, telemetry: &Telemetry, ask: &Ask) -> Judged {
    let mut out = Judged {
        clause: clause.clone(),
        verdict: Verdict::Manual,
        value: None,
        threshold: clause.threshold,
        field: clause.metric.field.clone(),
        field_unit: None,
        distance: None,
        samples: 0,
        sources: Vec::new(),
        window: None,
        reason: clause.why.clone(),
        trend: Vec::new(),
        breakdown: Vec::new(),
    };
    match clause.kind {
        ClauseKind::Unreadable => out.verdict = Verdict::Unreadable,
        ClauseKind::Manual => {}
        ClauseKind::Machine | ClauseKind::Partial => {
            let files = measure::pool(clause, telemetry, ask);
            match clause.statistic {
                Some(Statistic::Exists | Statistic::Age) => of_files(clause, &files, ask, &mut out),
                Some(statistic) => {
                    let units = measure::measure(clause, &files, ask);
                    of_samples(clause, statistic, &units, telemetry, ask, &mut out);
                }
                None => {}
            }
            if clause.kind == ClauseKind::Partial {
                out.verdict = Verdict::Manual;
                if out.value.is_some() || !out.reason.is_empty() && out.reason != clause.why {
                    out.reason = format!("{}; {}", clause.why, out.reason);
                }
            }
        }
    }
    out
}

/// Clauses about files: whether they are there, and how old they are by their names.
fn of_files(
    clause: &Clause,
    files: &[(usize, &crate::model::gate::telemetry::TelemetryFile)],
    ask: &Ask,
    out: &mut Judged,
) {
    let missing: Vec<&String> = clause
        .artifacts
        .iter()
        .filter(|pattern| !files.iter().any(|(_, file)| measure::matches(std::slice::from_ref(*pattern), &file.id)))
        .collect();
    let found = files.iter().filter(|(_, file)| measure::matches(&clause.artifacts, &file.id));
    out.sources = found.clone().map(|(_, file)| Source { file: file.id.clone(), lines: (1, 1), times: None }).collect();
    out.samples = out.sources.len();
    if let Some(missing) = missing.first() {
        out.verdict = Verdict::Missing;
        out.reason = format!("no file matches {missing}");
        return;
    }
    if clause.artifacts.is_empty() {
        out.verdict = Verdict::Missing;
        out.reason = "no file is named that could be looked for; bind the clause to one".to_owned();
        return;
    }
    if clause.statistic != Some(Statistic::Age) {
        out.verdict = Verdict::Pass;
        out.value = Some(out.samples as f64);
        out.reason = format!("{} files match {}", out.samples, clause.artifacts.join(", "));
        return;
    }
    let Some(newest) = found.filter_map(|(_, file)| file.stamp).max() else {
        out.verdict = Verdict::Missing;
        out.reason = format!("none of the {} files has a date in its name, so their age cannot be told", out.samples);
        return;
    };
    let now = ask.at.and_then(|at| at.and_hms_opt(23, 59, 59)).unwrap_or(ask.now);
    let hours = (now - newest).num_seconds() as f64 / 3600.0;
    let unit = clause.unit.clone().unwrap_or(Unit::Hours);
    let age = Unit::Hours.convert(hours, &unit).unwrap_or(hours);
    out.value = Some(age);
    out.window = Some((newest.date(), newest.date()));
    compare(clause, age, clause.threshold, out);
    out.reason = format!("the newest of {} files is of {newest}, {age:.1} {unit} ago", out.samples);
}

fn of_samples(
    clause: &Clause,
    statistic: Statistic,
    units: &[Measured<'_>],
    telemetry: &Telemetry,
    ask: &Ask,
    out: &mut Judged,
) {
    let streak = clause.metric.field.as_deref().is_some_and(is_streak) && statistic == Statistic::Value;
    let statistic = if streak { Statistic::Streak } else { statistic };
    let counts = matches!(statistic, Statistic::Count | Statistic::Distinct | Statistic::Coverage);
    let days = best_of_days(units);
    let field = days.iter().rev().find_map(|unit| unit.field.clone());
    if out.field.is_none() {
        out.field = field.clone();
    }
    let name = field.as_deref().or(clause.metric.field.as_deref()).unwrap_or("");
    let measures = !counts && statistic != Statistic::Streak;
    out.field_unit = if measures { Unit::of_field(name) } else { None };
    if statistic == Statistic::Ratio && out.field_unit.is_none() {
        out.field_unit = Some(Unit::Percent);
    }
    if let (true, Some(threshold), Some(unit), Some(own)) = (measures, clause.threshold, &clause.unit, &out.field_unit)
    {
        match unit.convert(threshold, own) {
            Some(converted) => out.threshold = Some(converted),
            None if matches!(unit, Unit::Things(_)) => {}
            None => {
                out.verdict = Verdict::Unreadable;
                out.reason =
                    format!("the threshold is in {unit}, the field {name} in {own}: one cannot become the other");
                return;
            }
        }
    }
    let holds = |value: f64| {
        let holds = clause.comparator?.holds(value, out.threshold?);
        Some(holds == (clause.polarity == Polarity::Good))
    };
    out.trend = days
        .iter()
        .filter(|unit| unit.has_data())
        .filter_map(|unit| {
            let number = number(clause, statistic, &[*unit]);
            let value = number.value?;
            Some(TrendPoint { day: unit.day, value, samples: number.samples, holds: holds(value) })
        })
        .collect();
    let Some(newest) = newest(&days, counts) else { return nothing(clause, &days, telemetry, ask, out) };
    let last = days[newest];
    let chosen = chosen(clause.days, &days[..=newest], last);
    out.window = chosen.first().map(|first| (first.day, last.day));
    let mut each: Vec<Number> = match clause.days {
        Days::InRow(_) => chosen.iter().map(|unit| number(clause, statistic, &[*unit])).collect(),
        Days::Newest | Days::Last(_) => vec![number(clause, statistic, &chosen)],
    };
    out.samples = each.iter().map(|number| number.samples).sum();
    let worst = value::worst(clause.comparator, clause.polarity);
    let fewest = each.iter().map(|number| number.samples).min().unwrap_or(0);
    each.retain(|number| number.value.is_some());
    let values = each.iter().filter_map(|number| number.value);
    out.value = match worst {
        Worst::Largest => values.max_by(f64::total_cmp),
        Worst::Smallest => values.min_by(f64::total_cmp),
    };
    out.sources = sources(&chosen, telemetry);
    out.breakdown = breakdown(clause, statistic, &chosen, worst);
    let Some(value) = out.value else { return nothing(clause, &days, telemetry, ask, out) };
    let stated = chosen.iter().any(|unit| unit.stated.is_some() && unit.samples.is_empty());
    let said = said(clause, statistic, value, stated, out);
    compare(clause, value, out.threshold, out);
    // "How many" of something that never came, with an upper limit: nobody knows whether it was looked for.
    let upper = clause.comparator.is_some_and(|comparator| comparator.holds(0.0, out.threshold.unwrap_or(0.0)));
    if counts && out.samples == 0 && last.records == 0 && upper {
        return nothing(clause, &days, telemetry, ask, out);
    }
    out.reason = said;
    if let Days::InRow(count) = clause.days
        && chosen.len() < count as usize
    {
        out.verdict = Verdict::Insufficient;
        out.reason.push_str(&format!("; only {} of {count} days have data", chosen.len()));
    }
    if let Some(needed) = clause.min_samples.filter(|needed| fewest < *needed) {
        out.verdict = Verdict::Insufficient;
        out.reason.push_str(&format!("; {needed} samples are needed, so this is no result"));
    }
    stale(clause, last.day, ask, out);
}

/// The best evidence of each day, oldest first. A day of which a file tells only that nothing happened stays, last in line.
fn best_of_days<'u, 'm>(units: &'u [Measured<'m>]) -> Vec<&'u Measured<'m>> {
    let mut days: Vec<&Measured<'_>> = Vec::new();
    for unit in units {
        match days.last_mut() {
            Some(last) if last.day == unit.day && (unit.has_data() || !last.has_data()) => *last = unit,
            Some(last) if last.day == unit.day => {}
            Some(_) | None => days.push(unit),
        }
    }
    days
}

/// The day that is judged, by its place. `counts` says that the clause asks how many there are.
fn newest(days: &[&Measured<'_>], counts: bool) -> Option<usize> {
    let with_data = days.iter().rposition(|unit| unit.has_data());
    if !counts {
        return with_data;
    }
    let with_event = days.iter().rposition(|unit| unit.records > 0);
    // The event is there, the value that is looked for is not: that is an answer to "how many". With several filters of one
    // event the newest day that has the event counts for all of them.
    with_data.max(with_event).or(days.len().checked_sub(1))
}

/// The days that the clause is about, of those up to the last one that counts.
fn chosen<'u, 'm>(wanted: Days, days: &[&'u Measured<'m>], last: &'u Measured<'m>) -> Vec<&'u Measured<'m>> {
    match wanted {
        Days::Newest => vec![last],
        Days::Last(count) => {
            let from = last.day - chrono::Days::new(u64::from(count.max(1)) - 1);
            days.iter().filter(|unit| unit.day >= from).copied().collect()
        }
        Days::InRow(count) => {
            let with: Vec<_> = days.iter().filter(|unit| unit.has_data()).copied().collect();
            with[with.len().saturating_sub(count as usize)..].to_vec()
        }
    }
}

fn stale(clause: &Clause, day: NaiveDate, ask: &Ask, out: &mut Judged) {
    let limit = clause.max_age.or(ask.stale_after);
    let now = ask.at.unwrap_or(ask.now.date());
    let age = (now - day).num_days() as f64;
    if let Some(limit) = limit.filter(|limit| ask.source.is_none() && age > *limit) {
        out.verdict = Verdict::Stale;
        out.reason.push_str(&format!("; that is {age} days ago, and evidence may be {limit} days old"));
    }
}

fn compare(clause: &Clause, value: f64, threshold: Option<f64>, out: &mut Judged) {
    let (Some(comparator), Some(threshold)) = (clause.comparator, threshold) else { return };
    let good = comparator.holds(value, threshold) == (clause.polarity == Polarity::Good);
    let wants_more = comparator.wants_more() == (clause.polarity == Polarity::Good);
    let equal = comparator == crate::model::gate::Comparator::Equal;
    out.distance = Some(match (equal, wants_more) {
        (true, _) => -(value - threshold).abs(),
        (false, true) => value - threshold,
        (false, false) => threshold - value,
    });
    out.verdict = match (good, clause.severity) {
        (true, _) => Verdict::Pass,
        (false, GateSeverity::Blocking) => Verdict::Fail,
        (false, GateSeverity::Warning | GateSeverity::Tracked) => Verdict::Warn,
    };
}

/// Nothing to judge by: says what should be there.
fn nothing(clause: &Clause, days: &[&Measured<'_>], telemetry: &Telemetry, ask: &Ask, out: &mut Judged) {
    out.value = None;
    out.distance = None;
    let where_ = ask.source.as_ref().map_or_else(String::new, |source| format!(" in {source}"));
    let event = clause.metric.event.as_deref().unwrap_or("");
    if let (Some(pass), Some(unit)) = (&clause.pass, days.iter().rev().find(|unit| !unit.unqualified.is_empty())) {
        let worst = value::worst(clause.comparator, clause.polarity);
        let value = value::of(clause.statistic.unwrap_or(Statistic::Value), &unit.unqualified, worst);
        out.value = value;
        out.samples = unit.unqualified.len();
        out.window = Some((unit.day, unit.day));
        out.verdict = Verdict::Missing;
        out.reason = format!(
            "no record of `{event}`{where_} says to which pass it belongs, so none counts as {pass}; over all {} samples of {} the number is {}",
            unit.unqualified.len(),
            unit.day,
            value.map_or_else(|| "unknown".to_owned(), shown)
        );
        return;
    }
    if let (Some(needed), Some(last)) = (clause.min_samples, days.last()) {
        out.verdict = Verdict::Insufficient;
        out.window = Some((last.day, last.day));
        out.reason = format!("no sample of {} on {}{where_}; {needed} are needed", clause.metric_name(), last.day);
        return;
    }
    out.verdict = Verdict::Missing;
    let seen = days.iter().map(|unit| unit.records).sum::<usize>();
    out.reason = if clause.metric.event.is_none() {
        let files = if clause.artifacts.is_empty() { "the telemetry" } else { clause.artifacts[0].as_str() };
        format!("{files}{where_} states no {}", clause.metric_name())
    } else if seen > 0 {
        let field =
            clause.metric.field.as_deref().or(clause.metric.candidates.first().map(String::as_str)).unwrap_or("");
        format!(
            "{seen} records of `{event}`{where_}, none with a number in `{field}`; the field may stand on another event"
        )
    } else if telemetry.files.is_empty() {
        "there is no telemetry; [gates] in codex-tui.toml says where it is looked for".to_owned()
    } else {
        format!("no record of `{event}`{where_}; it should be in the event files, or bind the clause to another source")
    };
}
