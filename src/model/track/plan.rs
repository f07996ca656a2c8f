//! The difference between what issues have and what they should have, as data: shown by `track plan`, saved, carried out by
//! `track apply`, and worked off by `track sync`. A dry run is this plan.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::book::{Book, milestone_to};
use super::issue::{Issue, Milestone};
use super::label::Label;
use super::rules::{Changes, Rules, Which};

/// The form of the file.
pub const SCHEMA: &str = "codex-tui/track-plan@1";
/// Cards that one request adds.
pub const CARDS: usize = 20;

/// A plan for one or several repositories.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// [`SCHEMA`].
    pub schema: String,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// The run that made it.
    pub run_id: String,
    /// One a repository.
    pub repos: Vec<RepoPlan>,
    /// What carrying it out takes.
    pub forecast: Forecast,
}

/// The plan for a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepoPlan {
    /// `owner/name`.
    pub repository: String,
    /// Whether all issues were seen.
    pub complete: bool,
    /// Whether a self-test issue would be created.
    pub selftest: bool,
    /// Self-test issues that the cleaner would close.
    pub close: Vec<u64>,
    /// Telemetry files that the cleaner would remove.
    pub prune: Vec<String>,
    /// Labels that the repository lacks and that would be made.
    pub create_labels: Vec<String>,
    /// Titles of the milestones that the issues have or are to get, by number, for people.
    #[serde(default)]
    pub milestones: BTreeMap<u64, String>,
    /// Issues with what they lack, the worst first.
    pub issues: Vec<Planned>,
}

/// What one issue lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Planned {
    /// The issue.
    pub number: u64,
    /// Its title: anybody's text.
    pub title: String,
    /// 0 no or wrong track, 1 no milestone, 2 no `codex`, 3 no card.
    pub severity: u8,
    /// Labels to add.
    pub add: Vec<String>,
    /// The label to remove.
    pub remove: Option<String>,
    /// The milestone to set.
    pub milestone: Option<u64>,
    /// Whether a card is to be added.
    pub project: bool,
    /// Which rule asks for each of them.
    pub why: Vec<String>,
    /// What must still hold for it to be carried out.
    pub expect: Expect,
}

/// What a plan for an issue rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expect {
    /// Its labels, as far as they matter.
    pub labels: Vec<String>,
    /// Its milestone; −1 for one that is malformed.
    pub milestone: Option<i64>,
    /// Whether its title names the dashboard.
    pub names_dashboard: bool,
    /// Whether it is open.
    pub open: bool,
}

/// What carrying out a plan takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forecast {
    /// Issues to be changed.
    pub issues: usize,
    /// Requests that change something.
    pub writes: usize,
    /// Seconds at the pace in force.
    pub seconds: u64,
    /// Share of the hour's 5,000 requests, per cent.
    pub percent_of_hour: u64,
}

impl Plan {
    /// The part of the plan that `apply` carries out, of the issues that are kept: repairs and closed self-tests, with the
    /// labels that a repository lacks. A new self-test and removed telemetry are for a whole run. `interval_ms` between writes.
    #[must_use]
    pub fn chosen(&self, keep: impl Fn(&str, u64) -> bool, interval_ms: u64) -> Plan {
        let mut plan = self.clone();
        let (mut issues, mut all) = (0, 0);
        for repo in &mut plan.repos {
            let name = repo.repository.clone();
            repo.selftest = false;
            repo.prune.clear();
            repo.issues.retain(|one| keep(&name, one.number));
            repo.close.retain(|number| keep(&name, *number));
            let queue: Vec<(u64, Changes)> =
                repo.issues.iter().filter_map(|one| Some((one.number, one.changes()?))).collect();
            issues += repo.issues.len() + repo.close.len();
            all += writes(&queue, CARDS) + repo.close.len();
        }
        plan.repos.retain(|repo| !repo.issues.is_empty() || !repo.close.is_empty());
        all += plan.repos.iter().map(|repo| repo.create_labels.len()).sum::<usize>();
        plan.forecast = Forecast::new(issues, all, interval_ms.into());
        plan
    }
}

/// One change that is planned for an issue, for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown<'a> {
    /// `+` for what is added, `-` for what goes, `~` for what becomes something else.
    pub sign: char,
    /// What.
    pub what: String,
    /// Which rule asks for it; empty where the plan does not say.
    pub why: &'a str,
}

impl Planned {
    /// The changes as the rules know them; none when a label is not one of ours.
    pub fn changes(&self) -> Option<Changes> {
        let label = |name: &String| Label::REQUIRED.into_iter().find(|label| label.name() == *name);
        Some(Changes {
            add: self.add.iter().map(label).collect::<Option<Vec<Label>>>()?,
            remove: match &self.remove {
                Some(name) => Some(label(name)?),
                None => None,
            },
            milestone: self.milestone,
            project: self.project,
        })
    }

    /// The changes one by one, with the rule for each. `titles` are those of milestones.
    pub fn shown(&self, titles: &BTreeMap<u64, String>) -> Vec<Shown<'_>> {
        let named = |number: u64| match titles.get(&number) {
            Some(title) => format!("#{number} {title}"),
            None => format!("#{number}"),
        };
        let before = match self.expect.milestone {
            None => "none".to_owned(),
            Some(number) => u64::try_from(number).map_or_else(|_| "not understood".to_owned(), named),
        };
        let add = self.add.iter().map(|label| ('+', label.clone()));
        let remove = self.remove.iter().map(|label| ('-', label.clone()));
        let milestone = self.milestone.map(|number| ('~', format!("milestone {before} -> {}", named(number))));
        let card = self.project.then(|| ('+', "card in the project".to_owned()));
        // The reasons stand in the same order, one for each.
        let mut why = self.why.iter().map(String::as_str);
        let all = add.chain(remove).chain(milestone).chain(card);
        all.map(|(sign, what)| Shown { sign, what, why: why.next().unwrap_or_default() }).collect()
    }
}

impl Expect {
    /// What is so now.
    pub fn of(issue: &Issue) -> Expect {
        Expect {
            labels: issue.labels.names().into_iter().map(str::to_owned).collect(),
            milestone: milestone_to(issue.milestone),
            names_dashboard: issue.names_dashboard,
            open: issue.open,
        }
    }
}

impl Forecast {
    /// The forecast for so many issues and writes with that many milliseconds between them.
    pub fn new(issues: usize, writes: usize, interval_ms: u128) -> Forecast {
        let seconds = (writes as u128 * interval_ms).div_ceil(1000);
        Forecast {
            issues,
            writes,
            seconds: u64::try_from(seconds).unwrap_or(u64::MAX),
            percent_of_hour: (writes as u64 * 100).div_ceil(5000),
        }
    }
}

/// The open issues that lack something: those that the last run did not come to first, then the worst, then by number.
pub fn queue(book: &Book, rules: &Rules) -> Vec<(u64, Changes)> {
    let mut queue: Vec<(bool, u8, u64, Changes)> = book
        .seen
        .values()
        .map(|seen| (seen.issue.number, rules.changes(&seen.issue, seen.member)))
        .filter(|(_, changes)| !changes.is_empty())
        .map(|(number, changes)| (!book.deferred.contains(&number), changes.severity(), number, changes))
        .collect();
    queue.sort_by_key(|(late, severity, number, _)| (*late, *severity, *number));
    queue.into_iter().map(|(_, _, number, changes)| (number, changes)).collect()
}

/// Requests that a queue takes, when one of them adds so many cards.
pub fn writes(queue: &[(u64, Changes)], batch: usize) -> usize {
    let cards = queue.iter().filter(|(_, changes)| changes.project).count();
    queue.iter().map(|(_, changes)| changes.writes()).sum::<usize>() + cards.div_ceil(batch.max(1))
}

/// An issue of the queue, for people and for `apply`.
pub fn planned(issue: &Issue, changes: &Changes, rules: &Rules) -> Planned {
    Planned {
        number: issue.number,
        title: issue.title.to_string(),
        severity: changes.severity(),
        add: changes.add.iter().map(|label| label.name().to_owned()).collect(),
        remove: changes.remove.map(|label| label.name().to_owned()),
        milestone: changes.milestone,
        project: changes.project,
        why: why(issue, changes, rules),
        expect: Expect::of(issue),
    }
}

/// Which rule asks for each change.
fn why(issue: &Issue, changes: &Changes, rules: &Rules) -> Vec<String> {
    let mut why = Vec::new();
    let title =
        if issue.names_dashboard { "its title names the dashboard" } else { "its title does not name the dashboard" };
    for label in &changes.add {
        why.push(match label {
            Label::Codex => "every managed issue has the label codex".to_owned(),
            other => format!("{title}, so it belongs on {}", other.name()),
        });
    }
    if let Some(label) = changes.remove {
        why.push(format!("{title}, so {} is wrong", label.name()));
    }
    if changes.milestone.is_some() {
        let wanted = rules.wanted(issue);
        let reason = match issue.milestone {
            Milestone::None => "it has no milestone".to_owned(),
            Milestone::Malformed => "its milestone cannot be understood".to_owned(),
            Milestone::Number(number) if rules.is_deleted(issue.milestone) => {
                format!("its milestone #{number} does not exist any more")
            }
            Milestone::Number(_) if wanted == Which::Main => "its milestone is the dashboard track's".to_owned(),
            Milestone::Number(_) => "its milestone is the main track's".to_owned(),
        };
        why.push(reason);
    }
    if changes.project {
        why.push("every managed issue is in the project".to_owned());
    }
    why
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::track::book::Seen;

    #[test]
    fn a_part_of_a_plan_says_what_that_part_takes() {
        let one = |number| Planned {
            number,
            add: vec!["codex".to_owned(), "codex-trackmain".to_owned()],
            remove: Some("codex-trackdashboard".to_owned()),
            milestone: Some(1),
            project: true,
            why: ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec(),
            expect: Expect { milestone: Some(3), ..Expect::default() },
            ..Planned::default()
        };
        let repo = RepoPlan {
            repository: "acme/widgets".to_owned(),
            selftest: true,
            close: vec![7, 8],
            prune: vec!["telemetry/sync-1.json".to_owned()],
            create_labels: vec!["codex".to_owned()],
            issues: vec![one(1), one(2)],
            ..RepoPlan::default()
        };
        let other = RepoPlan { repository: "acme/gadgets".to_owned(), issues: vec![one(1)], ..RepoPlan::default() };
        let plan = Plan { repos: vec![repo, other], ..Plan::default() };
        let all = plan.chosen(|_, _| true, 1000);
        // Three writes an issue, a batch of cards a repository, two closed, one label; no self-test, no file.
        assert_eq!((all.forecast.issues, all.forecast.writes, all.forecast.seconds), (5, 14, 14));
        assert!(!all.repos[0].selftest && all.repos[0].prune.is_empty());
        let some = plan.chosen(|name, number| name == "acme/widgets" && [2, 8].contains(&number), 500);
        assert_eq!((some.repos.len(), some.forecast.issues, some.forecast.writes), (1, 2, 6));
        assert_eq!((some.repos[0].issues[0].number, &some.repos[0].close[..]), (2, &[8][..]));
        let titles = BTreeMap::from([(1, "Sprint 9".to_owned())]);
        let issue = one(1);
        let shown = issue.shown(&titles).into_iter().map(|one| format!("{} {}: {}", one.sign, one.what, one.why));
        let want = [
            "+ codex: a",
            "+ codex-trackmain: b",
            "- codex-trackdashboard: c",
            "~ milestone #3 -> #1 Sprint 9: d",
            "+ card in the project: e",
        ];
        assert_eq!(shown.collect::<Vec<_>>(), want);
    }

    #[test]
    fn what_was_left_over_comes_first_then_the_worst() {
        let rules = Rules::default();
        let mut book = Book::default();
        let codex: crate::model::track::label::Labels = [Label::Codex].into_iter().collect();
        for (number, labels) in
            [(1, codex.with(Label::Main)), (2, codex), (3, codex.without(Label::Codex).with(Label::Main)), (4, codex)]
        {
            let issue = Issue { number, open: true, labels, milestone: Milestone::Number(1), ..Issue::default() };
            book.seen.insert(number, Seen { issue, ..Seen::default() });
        }
        book.deferred = vec![3];
        let order: Vec<u64> = queue(&book, &rules).iter().map(|(number, _)| *number).collect();
        assert_eq!(order, [3, 2, 4]);
        assert_eq!(writes(&queue(&book, &rules), CARDS), 3);
        assert_eq!(Forecast::new(3, 901, 1000), Forecast { issues: 3, writes: 901, seconds: 901, percent_of_hour: 19 });
    }
}
