//! Why an issue is as it is: which rule says so, which run did it, and where that stands.

use chrono::{DateTime, Utc};

use super::status::{Repo, TrackState};
use super::telemetry::{ActivityIssue, Component, Freshness, moment};

/// One thing to tell of an issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What is so, in a sentence.
    pub what: String,
    /// The rule that makes it so.
    pub rule: String,
    /// The telemetry file that says it.
    pub file: Option<String>,
}

/// Everything that the telemetry tells of an issue: how fresh it is, its problems, what was changed, what is left to do.
pub fn explain(repo: &Repo, number: u64) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let file = |component: Component| {
        repo.components.iter().find(|part| part.component == component)?.head.as_ref().map(|head| head.file.clone())
    };
    for state in &repo.tracks {
        if let Some(issue) = state.issues.iter().find(|issue| issue.number == number) {
            reasons.push(Reason { file: file(Component::Activity), ..freshness(state, issue) });
        }
        let problems = state.track.iter().flat_map(|track| &track.issues).find(|issue| issue.number == number);
        for problem in problems.iter().flat_map(|issue| &issue.problems) {
            let what = format!("the supervisor counts it on the {} track as {problem}", state.name);
            reasons.push(Reason { what, rule: rule_of_problem(problem).to_owned(), file: file(Component::Supervisor) });
        }
    }
    let sync = |what: String, rule: &str| Reason { what, rule: rule.to_owned(), file: file(Component::Sync) };
    if repo.untracked.contains(&number) {
        let what = "it has the label of no track".to_owned();
        reasons.push(Reason {
            what,
            rule: rule_of_change("codex-trackmain").to_owned(),
            file: file(Component::Supervisor),
        });
    }
    for issue in repo.malformed.iter().filter(|issue| issue.number == Some(number)) {
        reasons.push(sync(
            format!("it is malformed: {} ({})", issue.reason, issue.code),
            "what is malformed is reported, and repaired only by adding",
        ));
    }
    for issue in repo.failed.iter().filter(|issue| issue.number == number) {
        reasons.push(sync(
            format!("the last sync could not repair it: {}", issue.error),
            "an error on one issue stops that issue only",
        ));
    }
    if repo.deferred.contains(&number) {
        reasons.push(sync(
            "its repair waits for the next run".to_owned(),
            "a run has a budget of writes and seconds; what is left over comes first in the next one",
        ));
    }
    for change in repo.changes.get(&number).into_iter().flatten() {
        let at = change.time.map_or_else(|| "at an unknown time".to_owned(), moment);
        let what = format!("{at}, run {}: {}", change.run_id, said(&change.what));
        reasons.push(Reason { what, rule: rule_of_change(&change.what).to_owned(), file: Some(change.file.clone()) });
    }
    reasons
}

/// A number with its noun.
pub fn counted(count: impl Into<i128>, noun: &str) -> String {
    let count = count.into();
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn freshness(state: &TrackState, issue: &ActivityIssue) -> Reason {
    let days = |age: i64| counted(age, "day");
    let age = issue.age_days.map_or_else(|| "for an unknown time".to_owned(), |age| format!("for {}", days(age)));
    let limit = |name: &str, limit: Option<i64>| {
        let upper = state.name.to_ascii_uppercase();
        let value = limit.map_or_else(|| "which this record does not say".to_owned(), |limit| limit.to_string());
        format!("CODEX_{upper}_{name}_DAYS, {value}")
    };
    let (word, rule) = match issue.status {
        Freshness::Active => ("active", format!("below {}", limit("STALE", state.limits.stale_days))),
        Freshness::Stale => ("stale", format!("at or above {}", limit("STALE", state.limits.stale_days))),
        Freshness::Escalation => {
            ("escalated", format!("at or above {}", limit("ESCALATION", state.limits.escalation_days)))
        }
        Freshness::Unknown => {
            ("not judged", "it has no usable time stamp, or the track's limits are not set".to_owned())
        }
    };
    let basis = match issue.basis.as_deref() {
        Some("human") | None => "only what people do counts, repairs by the pipeline do not".to_owned(),
        Some(basis) => format!("counted from: {basis}"),
    };
    let what = format!("{word} on the {} track: nobody has done anything about it {age}", state.name);
    Reason { what, rule: format!("{rule}; {basis}"), file: None }
}

/// A change in words: `added the label codex`.
pub fn said(change: &str) -> String {
    match change {
        "add_codex_label" | "codex" => "added the label codex".to_owned(),
        "milestone" => "set the milestone".to_owned(),
        "project" => "added it to the project".to_owned(),
        "closed" => "closed it".to_owned(),
        other => match other.strip_prefix("remove:") {
            Some(label) => format!("removed the label {label}"),
            None => format!("added the label {other}"),
        },
    }
}

/// The rule behind a change that a record names.
fn rule_of_change(change: &str) -> &'static str {
    match change {
        "add_codex_label" | "codex" => "every managed issue carries the label codex",
        "milestone" => "an issue without a milestone, or with the other track's, gets its own track's",
        "project" => "every managed issue has a card on the project",
        "closed" => "a self-test issue is closed when it is neither among the newest nor young enough to be kept",
        other if other.starts_with("remove:") => "an issue is on one track only, and its title decides on which",
        other if other.starts_with("codex-track") => {
            "a title with \"dashboard\" in it is on the dashboard track, any other on the main track"
        }
        _ => "this record does not say which rule",
    }
}

/// The rule behind a problem that the supervisor names.
fn rule_of_problem(problem: &str) -> &'static str {
    match problem {
        "missing_codex" => rule_of_change("codex"),
        "missing_milestone" => rule_of_change("milestone"),
        "wrong_track" => rule_of_change("remove:"),
        "foreign_milestone" => "a milestone of neither track is left as it is, and reported",
        "stale" => "nobody has done anything for as long as the track's STALE limit, or longer",
        "escalation" => "nobody has done anything for as long as the track's ESCALATION limit, or longer",
        "failing" => "it carries one of the labels failing, ci-failure, blocked",
        _ => rule_of_change(""),
    }
}

/// Hours as people say them: `40 min`, `3.9 h`, `12 days`.
pub fn ago(hours: f64) -> String {
    match hours {
        hours if hours < 0.0 => "in the future".to_owned(),
        hours if hours < 1.0 => format!("{:.0} min", hours * 60.0),
        hours if hours < 48.0 => format!("{hours:.1} h"),
        hours => format!("{:.0} days", hours / 24.0),
    }
}

/// How old the newest record is.
pub fn age(repo: &Repo, now: DateTime<Utc>) -> Option<f64> {
    repo.as_of.map(|time| (now - time).num_minutes() as f64 / 60.0)
}
