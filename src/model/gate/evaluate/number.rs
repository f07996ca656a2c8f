//! The number of a heap of samples, where the samples stand, and what each site and host adds to it.

use std::collections::{BTreeMap, HashSet};

use super::measure::{Measured, Sample};
use super::value::{self, Worst};
use super::{Share, Source};
use crate::model::gate::telemetry::Telemetry;
use crate::model::gate::{Clause, Statistic};

/// The number of one heap of samples.
pub(super) struct Number {
    pub value: Option<f64>,
    pub samples: usize,
}

/// The number of heaps of samples taken together.
pub(super) fn number(clause: &Clause, statistic: Statistic, units: &[&Measured<'_>]) -> Number {
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

pub(super) fn sources(units: &[&Measured<'_>], telemetry: &Telemetry) -> Vec<Source> {
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
pub(super) fn breakdown(clause: &Clause, statistic: Statistic, units: &[&Measured<'_>], worst: Worst) -> Vec<Share> {
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
