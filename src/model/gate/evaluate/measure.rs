//! Gathers the samples of a clause, day by day.

use std::collections::{BTreeMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

use super::{Ask, Source};
use crate::doc::DocId;
use crate::model::gate::telemetry::{Content, EventFile, QUEUED, Telemetry, TelemetryFile, is_streak, stamp_of_name};
use crate::model::gate::{Clause, Filter, Statistic};
use crate::workspace::Pattern;

/// One sample, or one record where no field is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample<'a> {
    pub value: f64,
    /// Site, host, pass.
    pub group: [&'a str; 3],
    /// The word that is counted or looked for.
    pub word: &'a str,
    /// A second number: how many sites waited, or the denominator of a ratio.
    pub second: f64,
    pub line: u32,
    pub time: i64,
    pub file: usize,
}

/// What speaks for a day; what comes later in the list is taken rather than what comes before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    RollUp,
    Summary,
    Run,
    Events,
}

/// The samples of one day, or of one recorded run.
#[derive(Debug, Clone)]
pub(super) struct Measured<'a> {
    pub day: NaiveDate,
    pub stamp: NaiveDateTime,
    pub rank: Rank,
    pub samples: Vec<Sample<'a>>,
    /// Samples that would count if it were known to which pass they belong.
    pub unqualified: Vec<f64>,
    /// Records of the event.
    pub records: usize,
    /// Number and count that a summary states.
    pub stated: Option<(f64, usize)>,
    /// The field that was read.
    pub field: Option<String>,
    /// Where a stated number stands.
    pub stated_in: Option<Source>,
}

impl<'a> Measured<'a> {
    pub(super) fn new(stamp: NaiveDateTime, rank: Rank) -> Measured<'a> {
        Measured {
            day: stamp.date(),
            stamp,
            rank,
            samples: Vec::new(),
            unqualified: Vec::new(),
            records: 0,
            stated: None,
            field: None,
            stated_in: None,
        }
    }

    /// Whether it holds anything to judge by.
    pub(super) fn has_data(&self) -> bool {
        !self.samples.is_empty() || self.stated.is_some()
    }
}

/// The files that may speak for a clause.
pub(super) fn pool<'a>(clause: &Clause, telemetry: &'a Telemetry, ask: &Ask) -> Vec<(usize, &'a TelemetryFile)> {
    let in_source = |file: &TelemetryFile| match &ask.source {
        None => true,
        Some(source) => {
            let source = source.trim_start_matches("./").trim_end_matches('/').replace('\\', "/");
            let id = file.id.as_str();
            id == source
                || id.strip_prefix(&source).is_some_and(|rest| rest.starts_with('/'))
                || (!source.contains('/') && file.id.file_name() == source && file.bundle.is_none())
        }
    };
    let in_time = |file: &TelemetryFile| match (ask.at, file.stamp) {
        (Some(at), Some(stamp)) if file.dated => stamp.date() <= at,
        (_, _) => true,
    };
    let bound = clause.source.as_slice();
    let named = |file: &TelemetryFile| bound.is_empty() || matches(bound, &file.id);
    let files: Vec<(usize, &TelemetryFile)> = telemetry
        .files
        .iter()
        .enumerate()
        .filter(|(_, file)| in_source(file) && in_time(file) && named(file))
        .collect();
    if ask.source.is_some() || !bound.is_empty() {
        return files;
    }
    // Bundles are copies: they speak only for clauses about bundles, the newest one alone.
    let newest = files.iter().filter_map(|(_, file)| Some((bundle_stamp(file)?, file.bundle.clone()?))).max();
    match newest.filter(|_| clause.per_bundle) {
        Some((_, newest)) => {
            files.into_iter().filter(|(_, file)| file.bundle.as_deref() == Some(newest.as_str())).collect()
        }
        None => files.into_iter().filter(|(_, file)| file.bundle.is_none()).collect(),
    }
}

fn bundle_stamp(file: &TelemetryFile) -> Option<NaiveDateTime> {
    let bundle = file.bundle.as_deref()?;
    stamp_of_name(bundle).or(file.stamp)
}

/// Whether one of the patterns of a clause names the file; a pattern without folder means the name alone.
pub(super) fn matches(patterns: &[String], id: &DocId) -> bool {
    patterns.iter().any(|pattern| {
        if pattern.contains('/') {
            Pattern::new(pattern).matches(id)
        } else {
            DocId::new(id.file_name()).is_ok_and(|name| Pattern::new(pattern).matches(&name))
        }
    })
}

/// Whether the name of a file is one of those that a clause names, in whatever folder it lies.
pub(super) fn is_named(patterns: &[String], id: &DocId) -> bool {
    let names: Vec<String> =
        patterns.iter().map(|pattern| pattern.rsplit('/').next().unwrap_or(pattern).to_owned()).collect();
    matches(&names, id)
}

/// The samples of all days, oldest first.
pub(super) fn measure<'a>(clause: &Clause, files: &[(usize, &'a TelemetryFile)], ask: &Ask) -> Vec<Measured<'a>> {
    let mut units: BTreeMap<(NaiveDate, Rank, NaiveDateTime), Measured<'a>> = BTreeMap::new();
    for (index, file) in files {
        match &*file.content {
            Content::Events(events) => by_event(clause, *index, file, events, Rank::Events, &mut units),
            Content::Runs(runs) => by_event(clause, *index, file, runs, Rank::Run, &mut units),
            Content::Summary { .. } | Content::RollUp(_) => {
                for unit in super::stated::read(clause, file) {
                    units.entry((unit.day, unit.rank, unit.stamp)).or_insert(unit);
                }
            }
            Content::Nothing => {}
        }
    }
    units.into_values().filter(|unit| ask.at.is_none_or(|at| unit.day <= at)).collect()
}

/// By what two copies of one record are known: time, number, word, site and host and pass.
type Told<'a> = (i64, u64, &'a str, [&'a str; 3]);

fn by_event<'a>(
    clause: &Clause,
    index: usize,
    file: &'a TelemetryFile,
    events: &'a EventFile,
    rank: Rank,
    units: &mut BTreeMap<(NaiveDate, Rank, NaiveDateTime), Measured<'a>>,
) {
    let Some(event) = &clause.metric.event else { return };
    let Some(rows) = events.rows(event) else { return };
    let columns = Columns::of(clause, event, events);
    let own_stamp = file.stamp.filter(|_| file.dated || rank == Rank::Run);
    // The file was there on that day, whether or not it has the event.
    let key_of = |stamp: NaiveDateTime| {
        let stamp = if rank == Rank::Run { stamp } else { stamp.date().and_time(NaiveTime::MIN) };
        (stamp.date(), rank, stamp)
    };
    if let Some(stamp) = own_stamp {
        let key = key_of(stamp);
        units.entry(key).or_insert_with(|| Measured::new(key.2, rank));
    }
    let mut seen: BTreeMap<NaiveDate, HashSet<Told<'_>>> = BTreeMap::new();
    if rank == Rank::Events {
        // What another copy of the same day has already told.
        for unit in units.values().filter(|unit| unit.rank == Rank::Events) {
            let told = unit.samples.iter().filter(|sample| sample.file != index && sample.time != i64::MIN);
            seen.entry(unit.day)
                .or_default()
                .extend(told.map(|sample| (sample.time, sample.value.to_bits(), sample.word, sample.group)));
        }
    }
    for row in events.each(event) {
        let stamp = own_stamp.or_else(|| {
            let day = NaiveDate::from_num_days_from_ce_opt(row.day.checked_add(719_163)?)?;
            Some(day.and_time(NaiveTime::MIN))
        });
        let Some(stamp) = stamp else { continue };
        let key = key_of(stamp);
        let unit = units.entry(key).or_insert_with(|| Measured::new(key.2, rank));
        unit.records += 1;
        if let Some(filter) = &clause.metric.filter
            && !passes(filter, event, events, row.at)
        {
            continue;
        }
        let numbers = columns.numbers.iter().find_map(|(name, column)| Some((name, rows.number(*column, row.at)?)));
        let value = match (columns.wants_number, numbers) {
            (true, None) => continue,
            (true, Some((name, value))) => {
                if unit.field.is_none() {
                    unit.field = Some(name.clone());
                }
                value
            }
            (false, _) => 1.0,
        };
        let word = columns.word.iter().map(|field| events.word(event, field, row.at)).find(|word| !word.is_empty());
        let sample = Sample {
            value,
            group: row.group,
            word: word.unwrap_or(""),
            second: columns.second.and_then(|column| rows.number(column, row.at)).unwrap_or(f64::NAN),
            line: row.line,
            time: row.time,
            file: index,
        };
        if seen
            .get(&unit.day)
            .is_some_and(|seen| seen.contains(&(sample.time, value.to_bits(), sample.word, sample.group)))
        {
            continue;
        }
        match &clause.pass {
            Some(pass) if !is_pass(row.group[2], pass) => {
                if row.group[2].is_empty() {
                    unit.unqualified.push(value);
                }
            }
            Some(_) | None => unit.samples.push(sample),
        }
    }
}

/// Whether a record has what a filter asks for.
fn passes(filter: &Filter, event: &str, events: &EventFile, at: usize) -> bool {
    if let Some((comparator, number)) = filter.comparison() {
        let column = filter.fields.iter().find_map(|field| events.column(event, field));
        let value = column.zip(events.rows(event)).and_then(|(column, rows)| rows.number(column, at));
        return value.is_some_and(|value| comparator.holds(value, number));
    }
    let has = filter.fields.iter().map(|field| events.word(event, field, at)).find(|word| !word.is_empty());
    has.is_some_and(|word| word.eq_ignore_ascii_case(&filter.value))
}

/// Whether a label names the pass: `ColdPass`, `cold`, `Cold-Run`.
fn is_pass(label: &str, pass: &str) -> bool {
    let words = crate::model::gate::unit::camel(label);
    match &words[..] {
        [one] => one == pass,
        [one, kind] => one == pass && ["pass", "run"].contains(&kind.as_str()),
        _ => false,
    }
}

/// The columns in which a clause's numbers stand.
struct Columns {
    wants_number: bool,
    numbers: Vec<(String, usize)>,
    second: Option<usize>,
    word: Vec<String>,
}

impl Columns {
    fn of(clause: &Clause, event: &str, events: &EventFile) -> Columns {
        let metric = &clause.metric;
        let find = |field: &String| events.column(event, field).map(|column| (field.clone(), column));
        let streak = metric.field.as_deref().is_some_and(is_streak);
        let mut columns = Columns { wants_number: true, numbers: Vec::new(), second: None, word: Vec::new() };
        let is = |statistic: Statistic| clause.statistic == Some(statistic);
        if is(Statistic::Ratio) && metric.field.as_ref().is_none_or(|field| field.contains('/')) {
            let pairs = match metric.field.as_ref().and_then(|field| field.split_once('/')) {
                Some((over, under)) => vec![(over.to_owned(), under.to_owned())],
                None => ["Usage", ""].map(|stem| (format!("{stem}Numerator"), format!("{stem}Denominator"))).to_vec(),
            };
            for (over, under) in pairs {
                columns.numbers.extend(find(&over));
                columns.second = columns.second.or(find(&under).map(|(_, column)| column));
            }
        } else if is(Statistic::Distinct) {
            columns.wants_number = false;
            columns.word.extend(metric.field.clone());
        } else if is(Statistic::Coverage) {
            columns.wants_number = false;
            columns.word = crate::model::gate::required::fields(event);
        } else if streak {
            columns.wants_number = false;
            columns.second = find(&QUEUED.to_owned()).map(|(_, column)| column);
            columns.numbers.extend(metric.field.iter().filter_map(find));
        } else {
            columns.numbers.extend(metric.field.iter().filter_map(find));
            if metric.field.is_none() {
                columns.numbers.extend(metric.candidates.iter().filter_map(find));
            }
            columns.wants_number = !(is(Statistic::Count) && metric.field.is_none());
        }
        columns
    }
}
