//! From what was measured to a verdict and the sentence that explains it.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use serde::Serialize;

use super::measure::{self, Measured, Sample};
use super::value::{self, Worst};
use super::{Ask, Judged, Share, Source, TrendPoint};
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

/// The number of one heap of samples.
struct Number {
    value: Option<f64>,
    samples: usize,
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
    let newest = found.filter_map(|(_, file)| file.stamp).max();
    let (Some(Statistic::Age), Some(newest)) = (clause.statistic, newest) else {
        out.verdict = Verdict::Pass;
        out.value = Some(out.samples as f64);
        out.reason = format!("{} files match {}", out.samples, clause.artifacts.join(", "));
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
    // The best evidence of each day, oldest first. A day of which a file tells only that nothing happened stays, last in line.
    let mut days: Vec<&Measured<'_>> = Vec::new();
    for unit in units {
        match days.last_mut() {
            Some(last) if last.day == unit.day && !(last.has_data() && !unit.has_data()) => *last = unit,
            Some(last) if last.day == unit.day => {}
            Some(_) | None => days.push(unit),
        }
    }
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
    let newest = days.iter().rposition(|unit| unit.has_data());
    let newest = match newest {
        Some(newest) => newest,
        // The event is there, the value that is looked for is not: that is an answer to "how many".
        None if counts => match days.iter().rposition(|unit| unit.records > 0).or(days.len().checked_sub(1)) {
            Some(newest) => newest,
            None => return nothing(clause, &days, telemetry, ask, out),
        },
        None => return nothing(clause, &days, telemetry, ask, out),
    };
    // With several filters of one event the newest day that has the event counts for all of them.
    let newest = match days.iter().rposition(|unit| unit.records > 0) {
        Some(with_event) if counts && with_event > newest => with_event,
        Some(_) | None => newest,
    };
    let last = days[newest];
    let chosen: Vec<&Measured<'_>> = match clause.days {
        Days::Newest => vec![last],
        Days::Last(count) => {
            let from = last.day - chrono::Days::new(u64::from(count.max(1)) - 1);
            days[..=newest].iter().filter(|unit| unit.day >= from).copied().collect()
        }
        Days::InRow(count) => {
            let with: Vec<_> = days[..=newest].iter().filter(|unit| unit.has_data()).copied().collect();
            with[with.len().saturating_sub(count as usize)..].to_vec()
        }
    };
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

/// The number of heaps of samples taken together.
fn number(clause: &Clause, statistic: Statistic, units: &[&Measured<'_>]) -> Number {
    if let [unit] = units
        && let (Some((value, samples)), true) = (unit.stated, unit.samples.is_empty())
    {
        return Number { value: Some(value), samples };
    }
    let samples: Vec<&Sample<'_>> = units.iter().flat_map(|unit| &unit.samples).collect();
    let records = units.iter().map(|unit| unit.records).sum::<usize>();
    let filtered = clause.metric.filter.is_some() && statistic == Statistic::Count;
    Number {
        value: of(clause, statistic, &samples),
        // Of a filter it matters how many records were looked at.
        samples: if filtered || statistic == Statistic::Coverage { records } else { samples.len() },
    }
}

fn of(clause: &Clause, statistic: Statistic, samples: &[&Sample<'_>]) -> Option<f64> {
    let worst = value::worst(clause.comparator, clause.polarity);
    let by = clause.qualifiers.iter().find_map(|said| match said.as_str() {
        "per site" => Some(0),
        "per host" | "per device" | "per hostname" => Some(1),
        _ => None,
    });
    if let Some(by) = by.filter(|_| statistic != Statistic::Distinct) {
        let mut groups: BTreeMap<&str, Vec<&Sample<'_>>> = BTreeMap::new();
        samples.iter().for_each(|sample| groups.entry(sample.group[by]).or_default().push(sample));
        let values = groups.values().filter_map(|samples| plain(clause, statistic, samples, worst));
        return match worst {
            Worst::Largest => values.max_by(f64::total_cmp),
            Worst::Smallest => values.min_by(f64::total_cmp),
        };
    }
    plain(clause, statistic, samples, worst)
}

fn plain(clause: &Clause, statistic: Statistic, samples: &[&Sample<'_>], worst: Worst) -> Option<f64> {
    let words = || samples.iter().map(|sample| sample.word.to_lowercase()).filter(|word| !word.is_empty());
    match statistic {
        Statistic::Distinct => Some(words().collect::<HashSet<_>>().len() as f64),
        Statistic::Coverage => {
            let there: HashSet<String> = words().collect();
            let required = &clause.metric.required;
            let found = required.iter().filter(|value| there.contains(&value.to_lowercase())).count();
            (!required.is_empty()).then(|| 100.0 * found as f64 / required.len() as f64)
        }
        Statistic::Ratio => {
            let under: f64 = samples.iter().map(|sample| sample.second).filter(|n| !n.is_nan()).sum();
            let over: f64 = samples.iter().filter(|sample| !sample.second.is_nan()).map(|sample| sample.value).sum();
            if samples.iter().all(|sample| sample.second.is_nan()) {
                let values: Vec<f64> = samples.iter().map(|sample| sample.value).collect();
                return value::of(Statistic::Average, &values, worst);
            }
            (under > 0.0).then(|| 100.0 * over / under)
        }
        Statistic::Streak => streak(samples),
        Statistic::Count => Some(samples.len() as f64),
        Statistic::Average | Statistic::Percentile(_) | Statistic::Minimum | Statistic::Maximum | Statistic::Sum => {
            let values: Vec<f64> = samples.iter().map(|sample| sample.value).collect();
            value::of(statistic, &values, worst)
        }
        Statistic::Value => {
            let values: Vec<f64> = samples.iter().map(|sample| sample.value).collect();
            value::of(statistic, &values, worst)
        }
        Statistic::Exists | Statistic::Age => None,
    }
}

/// The longest run of records of one site. Where a record says that at most one site waits, there was no choice: it begins
/// a new run.
fn streak(samples: &[&Sample<'_>]) -> Option<f64> {
    let (mut longest, mut run, mut site) = (0u32, 0u32, "");
    for sample in samples {
        let no_choice = sample.second <= 1.0;
        run = if sample.group[0] == site && !no_choice { run + 1 } else { 1 };
        site = if no_choice { "" } else { sample.group[0] };
        longest = longest.max(run);
    }
    (!samples.is_empty()).then_some(f64::from(longest))
}

fn sources(units: &[&Measured<'_>], telemetry: &Telemetry) -> Vec<Source> {
    let mut files: BTreeMap<usize, (u32, u32, i64, i64)> = BTreeMap::new();
    for sample in units.iter().flat_map(|unit| &unit.samples) {
        let entry = files.entry(sample.file).or_insert((u32::MAX, 0, i64::MAX, i64::MIN));
        entry.0 = entry.0.min(sample.line);
        entry.1 = entry.1.max(sample.line);
        if sample.time != i64::MIN {
            entry.2 = entry.2.min(sample.time);
            entry.3 = entry.3.max(sample.time);
        }
    }
    let of_samples = files.into_iter().map(|(file, (first, last, from, to))| Source {
        file: telemetry.files[file].id.clone(),
        lines: (first, last),
        times: (from <= to).then_some((from, to)),
    });
    of_samples
        .chain(units.iter().filter(|unit| unit.samples.is_empty()).filter_map(|unit| unit.stated_in.clone()))
        .collect()
}

/// The number by site and by host, the worst first.
fn breakdown(clause: &Clause, statistic: Statistic, units: &[&Measured<'_>], worst: Worst) -> Vec<Share> {
    const MOST: usize = 20;
    let samples: Vec<&Sample<'_>> = units.iter().flat_map(|unit| &unit.samples).collect();
    let mut out = Vec::new();
    for (at, by) in ["site", "host"].into_iter().enumerate() {
        let mut groups: BTreeMap<&str, Vec<&Sample<'_>>> = BTreeMap::new();
        for sample in samples.iter().filter(|sample| !sample.group[at].is_empty()) {
            groups.entry(sample.group[at]).or_default().push(sample);
        }
        let mut shares: Vec<Share> = groups
            .iter()
            .filter_map(|(name, samples)| {
                let value = plain(clause, statistic, samples, worst)?;
                Some(Share { by, name: (*name).to_owned(), value, samples: samples.len() })
            })
            .collect();
        shares.sort_by(|a, b| match worst {
            Worst::Largest => b.value.total_cmp(&a.value),
            Worst::Smallest => a.value.total_cmp(&b.value),
        });
        shares.truncate(MOST);
        out.extend(shares);
    }
    out
}

/// A number with at most six digits behind the point.
fn shown(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn said(clause: &Clause, statistic: Statistic, value: f64, stated: bool, out: &Judged) -> String {
    let unit = out.field_unit.as_ref().map_or_else(String::new, |unit| format!(" {unit}"));
    let metric = match (&clause.metric.event, &out.field) {
        (Some(event), Some(field)) => format!("{event}.{field}"),
        (_, _) => clause.metric_name(),
    };
    let metric = match &clause.metric.filter {
        Some(filter) => format!("{metric} with {} = {}", filter.fields[0], filter.value),
        None => metric,
    };
    let pass = clause.pass.as_ref().map_or_else(String::new, |pass| format!("{pass} "));
    let days = match out.window {
        Some((from, to)) if from == to => format!("on {from}"),
        Some((from, to)) => format!("from {from} to {to}"),
        None => String::new(),
    };
    let how = match statistic {
        Statistic::Average => "mean".to_owned(),
        Statistic::Percentile(rank) => {
            format!(
                "p{rank} (linear between the closest ranks, position {})",
                shown(rank / 100.0 * out.samples.saturating_sub(1) as f64)
            )
        }
        Statistic::Minimum => "smallest".to_owned(),
        Statistic::Maximum => "largest".to_owned(),
        Statistic::Count => "count".to_owned(),
        Statistic::Distinct => "number of different values, without regard to case,".to_owned(),
        Statistic::Sum => "sum".to_owned(),
        Statistic::Ratio => "ratio of the sums".to_owned(),
        Statistic::Coverage => "share of the required values".to_owned(),
        Statistic::Streak => "longest run of one site while others waited".to_owned(),
        Statistic::Value if out.samples > 1 => "worst value".to_owned(),
        Statistic::Value => "value".to_owned(),
        Statistic::Exists | Statistic::Age => String::new(),
    };
    let asked = match (clause.comparator, out.threshold) {
        (Some(comparator), Some(threshold)) => {
            let verb = if clause.polarity == Polarity::Alert { "the alert is for" } else { "asked for is" };
            format!("; {verb} {} {}{unit}", comparator.sign(), shown(threshold))
        }
        (_, _) => String::new(),
    };
    let rank = if stated { ", as a summary states it" } else { "" };
    format!("the {how} of {} {pass}samples of {metric} {days} is {}{unit}{rank}{asked}", out.samples, shown(value))
}
