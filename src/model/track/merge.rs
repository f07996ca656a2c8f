//! One dashboard from the newest readable record of each component.
//!
//! The same files give the same bytes: without a `now`, ages count from the newest record, not from the clock. A component that
//! has said nothing for longer than its own rhythm allows is silent, which is the one thing that telemetry cannot say of itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use serde_json::{Map, Value, json};

use super::read::{Fault, Head, Telemetry};
use super::telemetry::{Component, SCHEMA, moment};

/// Hours between two runs where too few runs are known to tell: the pipeline runs every four to six hours.
const CADENCE_HOURS: f64 = 6.0;

/// Runs from which a component's rhythm is told.
const RHYTHM: usize = 20;

/// Faults that the dashboard lists; the rest is counted.
const MOST_SKIPPED: usize = 200;

/// What lies in the folder of one repository, by its heads.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shelf {
    /// All runs, the newest first.
    pub heads: Vec<Head>,
    /// Files, and parts of files, that were not read.
    pub faults: Vec<Fault>,
    /// The newest readable record of each component.
    pub newest: BTreeMap<Component, Telemetry>,
}

/// How one component is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulse {
    /// Hours since it last said something; none if it never did, or nobody knows when.
    pub age_hours: Option<f64>,
    /// Hours between its runs.
    pub cadence_hours: f64,
    /// Whether it should have said something since.
    pub silent: bool,
}

impl Shelf {
    /// Sorts the heads and has the newest file of each component read whole; if that fails, the next one. With `now`, what
    /// claims to be of the future is left out: it would hide every later run.
    pub fn fill(
        heads: Vec<Head>,
        faults: Vec<Fault>,
        now: Option<DateTime<Utc>>,
        mut load: impl FnMut(&str) -> Result<Arc<Vec<Telemetry>>, Fault>,
    ) -> Shelf {
        let mut shelf = Shelf { heads, faults, newest: BTreeMap::new() };
        let horizon = now.map(|now| now + Duration::days(1));
        let (future, heads) = std::mem::take(&mut shelf.heads)
            .into_iter()
            .partition(|head| head.time.zip(horizon).is_some_and(|(time, horizon)| time > horizon));
        shelf.heads = heads;
        shelf.heads.sort_by(|a, b| b.age_order(a));
        shelf.faults.extend(Vec::into_iter(future).map(|head: Head| Fault {
            why: format!("is dated {}, which lies in the future; remove it", head.time.map(moment).unwrap_or_default()),
            file: head.file,
            line: None,
        }));
        for component in Component::ALL {
            let mut broken: Vec<&str> = Vec::new();
            for head in shelf.heads.iter().filter(|head| head.component == component) {
                match load(&head.file) {
                    Ok(parts) => {
                        let own = parts.iter().filter(|part| part.head.component == component);
                        if let Some(newest) = own.max_by(|a, b| a.head.age_order(&b.head)) {
                            shelf.newest.insert(component, newest.clone());
                            break;
                        }
                    }
                    Err(fault) => {
                        shelf.faults.push(fault);
                        broken.push(&head.file);
                    }
                }
            }
            let broken: Vec<String> = broken.into_iter().map(str::to_owned).collect();
            shelf.heads.retain(|head| head.component != component || !broken.contains(&head.file));
        }
        shelf.faults.sort();
        shelf.faults.dedup();
        shelf
    }

    /// When the newest record was made.
    pub fn newest_time(&self) -> Option<DateTime<Utc>> {
        self.newest.values().filter_map(|part| part.head.time).max()
    }

    /// How a component is doing at `at`.
    pub fn pulse(&self, component: Component, at: Option<DateTime<Utc>>) -> Pulse {
        let cadence_hours = self.cadence(component);
        let time = self.newest.get(&component).and_then(|part| part.head.time);
        let age_hours = time.zip(at).map(|(time, at)| tenths((at - time).num_minutes() as f64 / 60.0));
        let silent = age_hours.is_none_or(|age| age > allowed(cadence_hours));
        Pulse { age_hours, cadence_hours, silent }
    }

    /// Hours between runs: what three of four gaps stay below, so that runs by hand in between count little, and neither does
    /// one long pause. Of few gaps the longest counts.
    fn cadence(&self, component: Component) -> f64 {
        let own = self.heads.iter().filter(|head| head.component == component);
        let mut times: Vec<DateTime<Utc>> = own.filter_map(|head| head.time).take(RHYTHM).collect();
        times.dedup();
        let mut gaps: Vec<f64> = times.windows(2).map(|two| (two[0] - two[1]).num_minutes() as f64 / 60.0).collect();
        gaps.sort_by(f64::total_cmp);
        match gaps.len() {
            0 | 1 => CADENCE_HOURS,
            few @ 2..4 => tenths(gaps[few - 1].clamp(1.0, 168.0)),
            len => tenths(gaps[(len - 1) * 3 / 4].clamp(1.0, 168.0)),
        }
    }

    fn six(&self) -> Map<String, Value> {
        let record = |component: Component| match self.newest.get(&component) {
            Some(part) => Value::Object(part.record.clone()),
            None => Value::Null,
        };
        Component::ALL.into_iter().map(|component| (component.name().to_owned(), record(component))).collect()
    }

    fn meta(&self, at: Option<DateTime<Utc>>) -> Value {
        let (mut sources, mut times, mut ages, mut cadences) = (Map::new(), Map::new(), Map::new(), Map::new());
        let mut silent = Vec::new();
        for component in Component::ALL {
            let name = component.name();
            let pulse = self.pulse(component, at);
            cadences.insert(name.to_owned(), json!(pulse.cadence_hours));
            if pulse.silent {
                silent.push(name);
            }
            let Some(part) = self.newest.get(&component) else { continue };
            sources.insert(name.to_owned(), part.head.file.clone().into());
            times.insert(name.to_owned(), part.head.time.map(moment).into());
            ages.insert(name.to_owned(), json!(pulse.age_hours));
        }
        let skipped: Vec<Value> = self.faults.iter().take(MOST_SKIPPED).map(skipped).collect();
        json!({
            "schema": SCHEMA,
            "generated_at": self.newest_time().map(moment),
            "sources": sources,
            "times": times,
            "age_hours": ages,
            "cadence_hours": cadences,
            "silent": silent,
            "files": self.heads.len(),
            "skipped": skipped,
            "skipped_count": self.faults.len(),
        })
    }
}

/// Hours of silence that mean nothing yet: one run may be missed, and a scheduled one comes late.
pub fn allowed(cadence_hours: f64) -> f64 {
    2.0 * cadence_hours + 1.0
}

fn tenths(hours: f64) -> f64 {
    (hours * 10.0).round() / 10.0
}

fn skipped(fault: &Fault) -> Value {
    match fault.line {
        Some(line) => json!({"file": fault.file, "line": line, "why": fault.why}),
        None => json!({"file": fault.file, "why": fault.why}),
    }
}

/// The content of `dashboard.json`: the six components of the home repository, `meta`, and the other repositories by name.
pub fn dashboard(home: &Shelf, others: &BTreeMap<String, Shelf>, now: Option<DateTime<Utc>>) -> Value {
    let at = now.or_else(|| others.values().chain([home]).filter_map(Shelf::newest_time).max());
    let mut all = home.six();
    all.insert("meta".to_owned(), home.meta(at));
    let repos = others.iter().map(|(name, shelf)| {
        let mut six = shelf.six();
        six.insert("meta".to_owned(), shelf.meta(at));
        (name.clone(), Value::Object(six))
    });
    all.insert("repos".to_owned(), Value::Object(repos.collect()));
    Value::Object(all)
}

/// The repository whose telemetry lies in a folder below `telemetry/repos`: owners have no `_` in their names.
pub fn repository_of(folder: &str) -> Option<String> {
    let (owner, name) = folder.split_once("__")?;
    (!owner.is_empty() && !name.is_empty()).then(|| format!("{owner}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::track::read::{instant, read, read_head};

    /// A shelf of files given as path and text.
    fn shelf(files: &[(&str, &str)], now: Option<&str>) -> Shelf {
        let (mut heads, mut faults) = (Vec::new(), Vec::new());
        for (file, text) in files {
            match read_head(file, text.as_bytes(), text.len() < 40) {
                Ok(head) => heads.push(head),
                Err(fault) => faults.push(fault),
            }
        }
        let text =
            |wanted: &str| files.iter().find(|(file, _)| *file == wanted).map(|(_, text)| text.as_bytes().to_vec());
        Shelf::fill(heads, faults, now.and_then(instant), |file| {
            read(file, &text(file).expect("a listed file")).map(Arc::new)
        })
    }

    #[test]
    fn the_newest_readable_record_of_each_component() {
        let files = [
            ("telemetry/sync-1.json", r#"{"component":"sync","timestamp":"2026-03-01T00:00:00Z","scanned":1}"#),
            ("telemetry/sync-2.json", r#"{"component":"sync","timestamp":"2026-03-01T06:00:00Z","scanned":2}"#),
            ("telemetry/sync-3.json", r#"{"component":"sync","timestamp":"2026-03-01T12:00:00Z","scanned": ,}"#),
            ("telemetry/cleaner-1.json", r#"{"deleted_count":0}"#),
            ("telemetry/else.json", "{}"),
        ];
        let shelf = shelf(&files, None);
        let all = dashboard(&shelf, &BTreeMap::new(), None);
        let want = r#"{"supervisor":null,"cleaner":{"component":"cleaner","deleted_count":0},"selftest":null,"sync":{"component":"sync","timestamp":"2026-03-01T06:00:00Z","scanned":2},"activity":null,"diagnostics":null,"meta":{"schema":1,"generated_at":"2026-03-01T06:00:00Z","sources":{"cleaner":"telemetry/cleaner-1.json","sync":"telemetry/sync-2.json"},"times":{"cleaner":null,"sync":"2026-03-01T06:00:00Z"},"age_hours":{"cleaner":null,"sync":0.0},"cadence_hours":{"supervisor":6.0,"cleaner":6.0,"selftest":6.0,"sync":6.0,"activity":6.0,"diagnostics":6.0},"silent":["supervisor","cleaner","selftest","activity","diagnostics"],"files":3,"skipped":[{"file":"telemetry/else.json","why":"neither a field `component` nor the file's name says whose it is"},{"file":"telemetry/sync-3.json","line":1,"why":"is not JSON: expected value"}],"skipped_count":2},"repos":{}}"#;
        assert_eq!(all.to_string(), want);
    }

    #[test]
    fn silence_is_measured_by_the_component_s_own_rhythm() {
        let stamp = |hour: i64| moment(instant("2026-03-10T00:00:00Z").expect("a time") + Duration::hours(hour));
        let check = |hours: &[i64], now: i64, want: (Option<f64>, f64, bool)| {
            let files: Vec<(String, String)> = hours
                .iter()
                .map(|hour| {
                    let name = format!("telemetry/sync-{}.json", hour + 1000);
                    (name, format!("{{\"component\":\"sync\",\"timestamp\":\"{}\"}}", stamp(*hour)))
                })
                .collect();
            let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            let pulse = shelf(&files, None).pulse(Component::Sync, instant(&stamp(now)));
            assert_eq!((pulse.age_hours, pulse.cadence_hours, pulse.silent), want, "{hours:?} at {now}");
        };
        check(&[], 5, (None, 6.0, true));
        check(&[0], 5, (Some(5.0), 6.0, false));
        check(&[0], 14, (Some(14.0), 6.0, true));
        check(&[0, 4, 8, 12], 20, (Some(8.0), 4.0, false));
        check(&[0, 4, 8, 12], 22, (Some(10.0), 4.0, true));
        check(&[0, 24, 48], 96, (Some(48.0), 24.0, false));
        check(&[0, 24, 48], 98, (Some(50.0), 24.0, true));
        // One long pause does not make a component seem slow.
        check(&[-70, 0, 4, 8, 12], 22, (Some(10.0), 4.0, true));
        // Runs by hand in between do not make a daily component look late.
        check(&[-48, -24, 0, 1, 24], 60, (Some(36.0), 24.0, false));
    }

    #[test]
    fn a_file_of_the_future_hides_nothing_once_now_is_known() {
        let files = [
            ("telemetry/sync-1.json", r#"{"component":"sync","timestamp":"2026-03-01T00:00:00Z"}"#),
            ("telemetry/sync-2.json", r#"{"component":"sync","timestamp":"2099-01-01T00:00:00Z"}"#),
        ];
        let source = |shelf: &Shelf| shelf.newest[&Component::Sync].head.file.clone();
        assert_eq!(source(&shelf(&files, None)), "telemetry/sync-2.json");
        let told = shelf(&files, Some("2026-03-01T01:00:00Z"));
        assert_eq!(source(&told), "telemetry/sync-1.json");
        assert_eq!(told.faults[0].why, "is dated 2099-01-01T00:00:00Z, which lies in the future; remove it");
    }

    #[test]
    fn folders_of_other_repositories() {
        assert_eq!(repository_of("acme__widgets"), Some("acme/widgets".to_owned()));
        assert_eq!(repository_of("acme__my__thing"), Some("acme/my__thing".to_owned()));
        assert_eq!(repository_of("acme"), None);
        assert_eq!(repository_of("__x"), None);
    }
}
