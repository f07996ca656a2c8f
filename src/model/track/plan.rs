//! The difference between what issues have and what they should have, as data: shown by `track plan`, saved, carried out by
//! `track apply`, and worked off by `track sync`. A dry run is this plan.

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
