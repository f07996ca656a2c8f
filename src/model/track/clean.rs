//! What the cleaner takes away: self-test issues beyond the newest few and older than a limit, and old telemetry, never the newest of
//! a component and never what cannot be dated.

use std::collections::BTreeMap;

use super::activity::{DAY, days};
use super::issue::Issue;
use super::rules::Rules;
use super::settings::Retention;
use super::telemetry::Component;

/// Which self-test issues are closed and which stay, both newest first.
pub fn selftests<'a>(
    issues: impl Iterator<Item = &'a Issue>,
    rules: &Rules,
    retention: &Retention,
    now: i64,
) -> (Vec<u64>, Vec<u64>) {
    let mut found: Vec<&Issue> = issues.filter(|issue| rules.is_selftest(issue)).collect();
    found.sort_by_key(|issue| std::cmp::Reverse((issue.created, issue.number)));
    let mut close = Vec::new();
    let mut retain = Vec::new();
    for (at, issue) in found.into_iter().enumerate() {
        // One that does not say when it was created is of no known age: it stays.
        let is_old = issue.created.is_some_and(|created| days(created, now) >= retention.issue_days);
        if at >= retention.retain && is_old { close.push(issue.number) } else { retain.push(issue.number) }
    }
    (close, retain)
}

/// A telemetry file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// Its path below `--out`.
    pub path: String,
    /// Whose it is; none if that cannot be told.
    pub component: Option<Component>,
    /// When it was written, by its content or its name, seconds.
    pub at: Option<i64>,
}

/// Which files go, and which stay because nothing says how old they are.
pub fn telemetry(files: &[Dated], days: i64, now: i64) -> (Vec<String>, Vec<String>) {
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let mut newest: BTreeMap<(String, Component), (i64, &str)> = BTreeMap::new();
    for file in files {
        if let (Some(component), Some(at)) = (file.component, file.at) {
            let place = newest.entry((folder(&file.path), component)).or_insert((at, &file.path));
            *place = (*place).max((at, &file.path));
        }
    }
    let mut gone = Vec::new();
    let mut undated = Vec::new();
    for file in files {
        match (file.component, file.at) {
            (Some(component), Some(at)) => {
                let is_newest =
                    newest.get(&(folder(&file.path), component)).is_some_and(|(_, path)| *path == file.path);
                if !is_newest && now.saturating_sub(at) >= days * DAY {
                    gone.push(file.path.clone());
                }
            }
            _ => undated.push(file.path.clone()),
        }
    }
    (gone, undated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::track::issue::Milestone;
    use crate::model::track::label::Label;
    use crate::model::track::rules::{Milestones, Named};

    #[test]
    fn both_rules_of_retention_hold() {
        let selftest = Named { number: 6, title: "Codex Internal".to_owned() };
        let rules =
            Rules { milestones: Milestones { selftest: Some(selftest), ..Default::default() }, ..Rules::default() };
        let now = 100 * DAY;
        let issue = |number: u64, age: i64, labels: &[Label], milestone: u64| Issue {
            number,
            open: true,
            labels: labels.iter().copied().collect(),
            milestone: Milestone::Number(milestone),
            created: Some(now - age * DAY),
            ..Issue::default()
        };
        let test = [Label::Codex, Label::Selftest];
        let issues = [
            issue(1, 30, &test, 6),
            issue(2, 20, &test, 6),
            issue(3, 20, &test, 6),
            issue(4, 1, &test, 6),
            issue(5, 7, &test, 6),
            // Not the cleaner's: another milestone, no label, a pull request.
            issue(6, 90, &test, 3),
            issue(7, 90, &[Label::Codex], 6),
            Issue { pull: true, ..issue(8, 90, &test, 6) },
            Issue { created: None, ..issue(9, 0, &test, 6) },
        ];
        let check = |retain: usize, issue_days: i64, close: &[u64], kept: &[u64]| {
            let retention = Retention { retain, issue_days, telemetry_days: 30 };
            assert_eq!(selftests(issues.iter(), &rules, &retention, now), (close.to_vec(), kept.to_vec()));
        };
        check(2, 7, &[3, 2, 1], &[4, 5, 9]);
        check(1, 8, &[3, 2, 1], &[4, 5, 9]);
        check(0, 0, &[4, 5, 3, 2, 1], &[9]);
        check(9, 0, &[], &[4, 5, 3, 2, 1, 9]);
    }

    #[test]
    fn the_newest_of_a_component_stays() {
        let file = |path: &str, component: Option<Component>, age: Option<i64>| Dated {
            path: path.to_owned(),
            component,
            at: age.map(|age| (100 - age) * DAY),
        };
        let sync = Some(Component::Sync);
        let files = [
            file("telemetry/sync-1.json", sync, Some(90)),
            file("telemetry/sync-2.json", sync, Some(40)),
            file("telemetry/cleaner-1.json", Some(Component::Cleaner), Some(30)),
            file("telemetry/cleaner-2.json", Some(Component::Cleaner), Some(29)),
            file("telemetry/repos/a__b/sync-1.json", sync, Some(99)),
            file("telemetry/notes.json", None, Some(99)),
            file("telemetry/sync-x.json", sync, None),
        ];
        let (gone, undated) = telemetry(&files, 30, 100 * DAY);
        assert_eq!(gone, ["telemetry/sync-1.json", "telemetry/cleaner-1.json"]);
        assert_eq!(undated, ["telemetry/notes.json", "telemetry/sync-x.json"]);
    }
}
