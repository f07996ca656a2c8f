//! How old issues are: active, stale, escalated, by whole days since the last human activity.

use super::book::Seen;
use super::rules::{Rules, Which};
use super::telemetry::{Activity, ActivityIssue, Freshness, Limits, Thresholds};

/// Seconds of a day.
pub const DAY: i64 = 86400;

/// Whole days from one moment to another.
pub fn days(from: i64, to: i64) -> i64 {
    to.saturating_sub(from).div_euclid(DAY).max(0)
}

/// How old an issue is, and what that means on its track.
pub fn freshness(seen: &Seen, limits: Limits, now: i64) -> (Freshness, Option<i64>) {
    let Some(age) = seen.human.map(|human| days(human, now)) else { return (Freshness::Unknown, None) };
    let status = match (limits.stale_days, limits.escalation_days) {
        (Some(_), Some(escalation)) if age >= escalation => Freshness::Escalation,
        (Some(stale), Some(_)) if age >= stale => Freshness::Stale,
        (Some(_), Some(_)) => Freshness::Active,
        _ => Freshness::Unknown,
    };
    (status, Some(age))
}

/// The limits of a track.
pub fn limits(thresholds: &Thresholds, which: Which) -> Limits {
    match which {
        Which::Main => thresholds.main,
        Which::Dashboard => thresholds.dashboard,
    }
}

/// The record of all managed issues that are on a track, by number.
pub fn activity<'a>(seen: impl Iterator<Item = &'a Seen>, rules: &Rules, thresholds: Thresholds, now: i64) -> Activity {
    let mut activity = Activity { thresholds, ..Activity::default() };
    for one in seen.filter(|one| rules.is_managed(&one.issue)) {
        let Some(which) = rules.labelled(&one.issue) else { continue };
        let (status, age_days) = freshness(one, limits(&thresholds, which), now);
        let basis = age_days.map(|_| if one.human == one.issue.created { "created" } else { "human" }.to_owned());
        let needs_a_look = matches!(status, Freshness::Stale | Freshness::Escalation);
        let title = needs_a_look.then(|| one.issue.title.to_string());
        let issue = ActivityIssue { number: one.issue.number, status, age_days, basis, title };
        match which {
            Which::Main => activity.main.push(issue),
            Which::Dashboard => activity.dashboard.push(issue),
        }
    }
    activity
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_reached_on_its_day() {
        let check = |age: i64, stale: Option<i64>, escalation: Option<i64>, want: Freshness| {
            let seen = Seen { human: Some(100), ..Seen::default() };
            let limits = Limits { stale_days: stale, escalation_days: escalation };
            assert_eq!(freshness(&seen, limits, 100 + age), (want, Some(age / DAY)), "{age}");
        };
        check(7 * DAY - 1, Some(7), Some(21), Freshness::Active);
        check(7 * DAY, Some(7), Some(21), Freshness::Stale);
        check(21 * DAY - 1, Some(7), Some(21), Freshness::Stale);
        check(21 * DAY, Some(7), Some(21), Freshness::Escalation);
        check(21 * DAY, Some(7), None, Freshness::Unknown);
        check(21 * DAY, None, Some(1), Freshness::Unknown);
        check(0, Some(0), Some(1), Freshness::Stale);
        assert_eq!(freshness(&Seen::default(), Limits::default(), 5), (Freshness::Unknown, None));
    }
}
