//! How both tracks are: problems counted, and whether it became worse since the last time.

use std::collections::BTreeMap;

use super::activity::{freshness, limits};
use super::book::Seen;
use super::issue::Milestone;
use super::label::Label;
use super::rules::{Rules, Which};
use super::telemetry::{self, Freshness, Health, Problems, Supervisor, Thresholds, TrackIssue, Tracks, Trend};

/// The counts of a run, to compare the next one with.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Counted {
    /// When, RFC 3339.
    pub since: String,
    /// The main track.
    pub main: Problems,
    /// The dashboard track.
    pub dashboard: Problems,
}

/// The verdict about all managed issues. `complete`: whether all of them were seen.
pub fn supervise<'a>(
    seen: impl Iterator<Item = &'a Seen>,
    rules: &Rules,
    thresholds: &Thresholds,
    now: i64,
    complete: bool,
    before: Option<&Counted>,
) -> Supervisor {
    let mut supervisor = Supervisor::default();
    for one in seen.filter(|one| rules.is_managed(&one.issue)) {
        let Some(which) = rules.labelled(&one.issue) else {
            supervisor.untracked.push(one.issue.number);
            continue;
        };
        let found = problems(one, which, rules, thresholds, now);
        let track = track_of(&mut supervisor.tracks, which);
        track.open += 1;
        if found.is_empty() {
            track.healthy += 1;
            continue;
        }
        for problem in &found {
            *count(&mut track.problems, problem) += 1;
        }
        track.issues.push(TrackIssue { number: one.issue.number, problems: found });
    }
    for which in [Which::Main, Which::Dashboard] {
        let limits = limits(thresholds, which);
        let tells = complete && limits.stale_days.is_some() && limits.escalation_days.is_some();
        let track = track_of(&mut supervisor.tracks, which);
        track.milestone = rules.milestone(which).map(|named| named.title.clone());
        track.health = match (track.issues.is_empty(), tells) {
            (false, _) => Health::Degraded,
            (true, true) => Health::Ok,
            (true, false) => Health::Unknown,
        };
        track.trend = before.map(|before| {
            let old = match which {
                Which::Main => &before.main,
                Which::Dashboard => &before.dashboard,
            };
            trend(&before.since, old, &track.problems)
        });
    }
    supervisor
}

/// The counts of a verdict.
pub fn counted(supervisor: &Supervisor, at: &str) -> Counted {
    let Tracks { main, dashboard } = &supervisor.tracks;
    Counted { since: at.to_owned(), main: main.problems, dashboard: dashboard.problems }
}

fn track_of(tracks: &mut Tracks, which: Which) -> &mut telemetry::Track {
    match which {
        Which::Main => &mut tracks.main,
        Which::Dashboard => &mut tracks.dashboard,
    }
}

fn problems(seen: &Seen, which: Which, rules: &Rules, thresholds: &Thresholds, now: i64) -> Vec<String> {
    let issue = &seen.issue;
    let has = |label| issue.labels.has(label);
    let no_milestone =
        matches!(issue.milestone, Milestone::None | Milestone::Malformed) || rules.is_deleted(issue.milestone);
    let both = has(Label::Main) && has(Label::Dashboard);
    let other = rules.milestone(which.other()).map(|named| Milestone::Number(named.number));
    let own = rules.milestone(which).map(|named| Milestone::Number(named.number));
    let misplaced = rules.is_foreign(issue.milestone) || (Some(issue.milestone) == other && other != own);
    let (age, _) = freshness(seen, limits(thresholds, which), now);
    [
        ("missing_codex", !has(Label::Codex)),
        ("missing_milestone", no_milestone),
        ("wrong_track", both || rules.wanted(issue) != which),
        ("foreign_milestone", misplaced),
        ("stale", age == Freshness::Stale),
        ("escalation", age == Freshness::Escalation),
        ("failing", has(Label::Failing) || has(Label::CiFailure) || has(Label::Blocked)),
    ]
    .into_iter()
    .filter(|(_, is)| *is)
    .map(|(name, _)| name.to_owned())
    .collect()
}

/// The counts with their names.
fn counts(problems: &Problems) -> [(&'static str, u64); 7] {
    [
        ("missing_codex", problems.missing_codex),
        ("missing_milestone", problems.missing_milestone),
        ("wrong_track", problems.wrong_track),
        ("foreign_milestone", problems.foreign_milestone),
        ("stale", problems.stale),
        ("escalation", problems.escalation),
        ("failing", problems.failing),
    ]
}

fn count<'a>(problems: &'a mut Problems, name: &str) -> &'a mut u64 {
    match name {
        "missing_codex" => &mut problems.missing_codex,
        "missing_milestone" => &mut problems.missing_milestone,
        "wrong_track" => &mut problems.wrong_track,
        "foreign_milestone" => &mut problems.foreign_milestone,
        "stale" => &mut problems.stale,
        "escalation" => &mut problems.escalation,
        _ => &mut problems.failing,
    }
}

/// Worse: more of what needs a person (stale, escalated, failing) than before, or more problems in all.
fn trend(since: &str, before: &Problems, now: &Problems) -> Trend {
    let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let pairs = counts(before).into_iter().zip(counts(now));
    let delta: BTreeMap<String, i64> = pairs
        .map(|((name, old), (_, new))| (name.to_owned(), signed(new) - signed(old)))
        .filter(|(_, moved)| *moved != 0)
        .collect();
    let of_people =
        ["stale", "escalation", "failing"].iter().any(|name| delta.get(*name).is_some_and(|moved| *moved > 0));
    // What turned from stale to escalated is worse, too, although the sum stays.
    let deteriorated = of_people || delta.values().sum::<i64>() > 0;
    Trend { since: since.to_owned(), delta, deteriorated }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worse_is_more_of_what_needs_a_person() {
        let check = |old: Problems, new: Problems, delta: &[(&str, i64)], worse: bool| {
            let want: BTreeMap<String, i64> = delta.iter().map(|(name, by)| ((*name).to_owned(), *by)).collect();
            let trend = trend("x", &old, &new);
            assert_eq!((trend.delta, trend.deteriorated), (want, worse));
        };
        let some = Problems { stale: 3, missing_codex: 2, ..Problems::default() };
        check(some, some, &[], false);
        check(some, Problems { stale: 2, escalation: 1, ..some }, &[("stale", -1), ("escalation", 1)], true);
        check(some, Problems { missing_codex: 3, ..some }, &[("missing_codex", 1)], true);
        check(some, Problems { missing_codex: 0, ..some }, &[("missing_codex", -2)], false);
    }
}
