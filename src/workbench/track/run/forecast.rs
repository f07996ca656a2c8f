//! What a run would change, before it changes anything: the plan of a dry run is the one that a real run begins with.

use std::collections::BTreeSet;

use chrono::Utc;

use super::desk::Desk;
use super::task::Task;
use super::{Engine, record};
use crate::model::track::clean::selftests;
use crate::model::track::issue::{Issue, Milestone};
use crate::model::track::label::Label;
use crate::model::track::plan::{Forecast, Plan, Planned, RepoPlan, SCHEMA, planned, writes};
use crate::model::track::telemetry::{Component, moment};

impl Engine<'_> {
    /// What this run would change, before it changes anything.
    pub fn plan(&self, task: Task) -> Plan {
        let now = self.now();
        let mut all = 0;
        let repos: Vec<RepoPlan> = self
            .desks
            .iter()
            .map(|desk| {
                let selftest = task.has(Component::Selftest) && desk.rules.milestones.selftest.is_some();
                let mut close = Vec::new();
                if task.has(Component::Cleaner) && desk.complete {
                    // The issue that this run makes counts among the newest.
                    let new = selftest.then(|| desk.coming_selftest(now));
                    let issues = desk.book.seen.values().map(|seen| &seen.issue).chain(&new);
                    close = selftests(issues, &desk.rules, &desk.settings.retention, now).0;
                    close.retain(|number| *number != u64::MAX);
                }
                let prune = match task.has(Component::Cleaner) {
                    true => desk.prunable(&self.store, &record::folder(desk), now).0,
                    false => Vec::new(),
                };
                let queue = if task.has(Component::Sync) { desk.queue() } else { Vec::new() };
                let labels = if task.has(Component::Sync) { desk.missing_labels() } else { Vec::new() };
                all += usize::from(selftest) + close.len() + writes(&queue, desk.batch()) + labels.len();
                let issue = |number: &u64| desk.book.seen.get(number).map(|seen| &seen.issue);
                let issues: Vec<Planned> = queue
                    .iter()
                    .filter_map(|(number, changes)| Some(planned(issue(number)?, changes, &desk.rules)))
                    .collect();
                let of_issue =
                    |one: &Planned| [one.milestone, one.expect.milestone.and_then(|old| old.try_into().ok())];
                let mentioned: BTreeSet<u64> = issues.iter().flat_map(of_issue).flatten().collect();
                let known = desk.rules.milestones.known.iter().flatten();
                RepoPlan {
                    repository: desk.name.clone(),
                    complete: desk.complete,
                    selftest,
                    close,
                    prune,
                    create_labels: labels.iter().map(|label| label.name().to_owned()).collect(),
                    milestones: known
                        .filter(|(number, _)| mentioned.contains(number))
                        .map(|(number, title)| (*number, title.clone()))
                        .collect(),
                    issues,
                }
            })
            .collect();
        let issues = repos.iter().map(|repo| repo.issues.len()).sum();
        Plan {
            schema: SCHEMA.to_owned(),
            created_at: moment(self.ask.now.unwrap_or_else(Utc::now)),
            run_id: self.ask.run_id.clone(),
            repos,
            forecast: Forecast::new(issues, all, self.hub.interval().as_millis()),
        }
    }
}

impl Desk {
    /// The self-test issue that a run is going to make, as the cleaner will see it.
    fn coming_selftest(&self, now: i64) -> Issue {
        let number = self.rules.milestones.selftest.as_ref().map_or(0, |named| named.number);
        Issue {
            number: u64::MAX,
            open: true,
            labels: [Label::Codex, Label::Selftest].into_iter().collect(),
            milestone: Milestone::Number(number),
            created: Some(now),
            ..Issue::default()
        }
    }
}
