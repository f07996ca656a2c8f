//! The job that is at work, or was done last from here: its row, and all that there is to say of it.

use super::detail::Teller;
use super::rows::{JobState, Row, asked};
use crate::model::track::explain::{counted, said};
use crate::tui::action::Action;
use crate::tui::pane::Context;
use crate::tui::pane::detail::Tone;
use crate::tui::text;
use crate::workbench::track::job::{End, Progress};

/// The job as a row of the list.
pub fn row(job: &Progress) -> Row {
    let state = match &job.end {
        None => JobState::AtWork,
        Some(End::Nothing(_)) => JobState::Failed,
        Some(End::Done(said)) if said.iter().any(|(is_bad, _)| *is_bad) => JobState::Failed,
        Some(End::Done(_)) if job.deferred > 0 || job.is_cancelled => JobState::Left,
        Some(End::Planned(..) | End::Done(_)) => JobState::Done,
    };
    let share = job.share().filter(|_| job.end.is_none());
    Row::Job { words: words(job), state, share }
}

fn words(job: &Progress) -> String {
    let name = job.job.name();
    let Progress { changed, failed, deferred, .. } = job;
    match &job.end {
        Some(End::Nothing(why)) => format!("{name}: {why}"),
        Some(End::Planned(plan, _)) => {
            format!("{name}: {} to be changed", text::counted(plan.forecast.issues, "issue"))
        }
        Some(End::Done(_)) => format!("{name}: {changed} changed, {failed} failed, {deferred} deferred"),
        None if job.is_cancelled => format!("{name} is ending"),
        None => {
            let done = job.share().map_or_else(String::new, |(done, all)| format!(" {done}/{all}"));
            let waits = job.waits.map_or_else(String::new, |seconds| format!(", waits {}", clock(seconds)));
            format!("{name} {}{done}, {}{waits}", job.phase, clock(job.seconds))
        }
    }
}

/// Says everything about the job.
pub fn tell(job: &Progress, to: &mut Teller<'_>) {
    to.say(Tone::Heading, 0, format!("{} {}", job.job.name(), job.repository));
    let end = match (&job.end, job.is_cancelled) {
        (None, false) => "at work for",
        (None, true) => "ending, after",
        (Some(_), false) => "done after",
        (Some(_), true) => "ended by hand after",
    };
    to.say(Tone::Text, 0, format!("{end} {}", clock(job.seconds)));
    if job.end.is_none() {
        let done = job.share().map_or_else(String::new, |(done, all)| format!(": {done} of {all} issues"));
        if !job.phase.is_empty() {
            to.say(Tone::Text, 0, format!("{}{done}", job.phase));
        }
        if let Some(seconds) = job.waits {
            to.say(Tone::Bad, 0, format!("waits {} for a limit, or after a failure", clock(seconds)));
        }
    }
    if let Some(End::Nothing(why)) = &job.end {
        to.say(Tone::Bad, 0, why.clone());
    }
    if job.job.writes() {
        let tone = if job.failed > 0 { Tone::Bad } else { Tone::Text };
        to.say(tone, 0, format!("issues: {} changed, {} failed, {} deferred", job.changed, job.failed, job.deferred));
        if let Some((repository, number, changes)) = &job.last {
            let changes: Vec<String> = changes.iter().map(|change| said(change)).collect();
            to.say(Tone::Text, 0, format!("last: {repository}#{number} {}", changes.join(", ")));
        }
    }
    let counts = job.counts;
    let left =
        counts.remaining.map_or_else(|| "limit not known yet".to_owned(), |left| format!("{left} left in the hour"));
    to.say(Tone::Text, 0, format!("budget: {}, {left}", asked(counts.requests, counts.writes)));
    let more = format!(
        "{} not modified, {}, {} sent again, {} waited",
        counts.not_modified,
        counted(counts.graphql_points, "GraphQL point"),
        counts.retries,
        clock(counts.waited_ms / 1000)
    );
    to.say(Tone::Quiet, 2, more);
    match &job.end {
        None => {
            let key = to.keymap.hint(Context::Everywhere, Action::EndCommand);
            to.say(Tone::Quiet, 0, format!("{key} ends it; what is done stays, the rest is left for the next run"));
        }
        Some(End::Nothing(_)) => {}
        Some(End::Planned(plan, notes)) => {
            let issues = text::counted(plan.forecast.issues, "issue");
            let key = to.keymap.hint(Context::Tracks, Action::PlanTracks);
            to.say(Tone::Text, 0, format!("not as the rules want it: {issues}; {key} shows what, to be applied"));
            notes.iter().for_each(|note| to.say(Tone::Bad, 0, note.clone()));
        }
        Some(End::Done(lines)) => {
            for (is_bad, line) in lines {
                to.say(if *is_bad { Tone::Bad } else { Tone::Text }, 0, line.clone());
            }
        }
    }
}

/// Minutes and seconds.
fn clock(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
