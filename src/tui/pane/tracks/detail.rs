//! The explanation of one thing: why it is so, which rule says so, which run did it, and the file that tells.

use chrono::{DateTime, Utc};

use super::job;
use super::paint::trend_bar;
use super::rows::{Row, asked, budget_words, freshness, health, minute};
use crate::doc::DocId;
use crate::model::track::explain::{ago, counted, explain, said};
use crate::model::track::status::{Part, Repo, TrackState, word};
use crate::model::track::telemetry::Api;
use crate::tui::keymap::Keymap;
use crate::tui::pane::detail::{Said, Tone};
use crate::tui::theme::Theme;
use crate::workbench::track::job::Progress;
use crate::workbench::track::read::Pipeline;
use crate::workspace::config::Tracks;

/// Where a line leads: a document, and a line in it.
pub type Place = Option<(DocId, usize)>;

/// Collects what is to be said.
pub struct Teller<'a> {
    said: Vec<Said<Place>>,
    /// Where the telemetry lies.
    folder: &'a str,
    /// What keys there are to name.
    pub keymap: &'a Keymap,
}

impl Teller<'_> {
    /// Says something, so far in.
    pub fn say(&mut self, tone: Tone, indent: u16, text: impl Into<String>) {
        self.said.push(Said { tone, indent, text: text.into(), about: None });
    }

    fn link(&mut self, file: Option<&str>, line: Option<usize>) {
        if let Some(file) = file {
            let text = line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"));
            let doc = DocId::new(&Tracks::path(self.folder, file)).ok();
            let about = doc.map(|doc| (doc, line.unwrap_or(1)));
            self.said.push(Said { tone: Tone::Link, indent: 2, text, about });
        }
    }
}

/// Everything there is to say of a row.
pub fn lines(
    repo: &Repo,
    (pipeline, at_work): (Option<&Pipeline>, Option<&Progress>),
    row: &Row,
    now: DateTime<Utc>,
    (theme, keymap): (&Theme, &Keymap),
) -> Vec<Said<Place>> {
    let folder = pipeline.map_or("", |pipeline| pipeline.folder.as_str());
    let mut to = Teller { said: Vec::new(), folder, keymap };
    match row {
        Row::Job { .. } => {
            if let Some(at_work) = at_work {
                job::tell(at_work, &mut to);
            }
        }
        Row::Budget => {
            to.say(Tone::Heading, 0, "Budget of the last run");
            if let Some(budget) = repo.budget() {
                to.say(Tone::Text, 0, budget_words(&budget));
                to.say(Tone::Quiet, 2, spent(&budget.api));
                to.say(Tone::Quiet, 0, format!("run {}, all its workflows together", named(&budget.run_id)));
                to.link(Some(&budget.file), None);
            }
        }
        Row::Track(at) | Row::Ages(at) | Row::Trend(at) => {
            if let Some(state) = repo.tracks.get(*at) {
                track(state, &mut to, theme);
                to.link(row.file(repo).as_ref().map(|(file, _)| file.as_str()), None);
            }
        }
        Row::Part(at) => {
            if let Some(of) = repo.components.get(*at) {
                part(of, now, &mut to);
            }
        }
        Row::Issue(..) | Row::Malformed(_) | Row::Left(..) | Row::Changed(_) => issue(repo, row, now, &mut to),
        Row::Run(at) => {
            if let Some(head) = repo.runs.get(*at) {
                to.say(Tone::Heading, 0, format!("Run {} of {}", named(&head.run_id), head.component.name()));
                let time =
                    head.time.map_or_else(|| "nobody knows when".to_owned(), |time| format!("{} UTC", minute(time)));
                to.say(Tone::Text, 0, format!("{time}, {}", word(head.status)));
                to.link(Some(&head.file), None);
                changed_by(repo, &head.run_id, &mut to);
            }
        }
        Row::Skipped(at) => {
            if let Some(fault) = repo.skipped.get(*at) {
                to.say(Tone::Heading, 0, fault.file.clone());
                to.say(Tone::Bad, 0, fault.why.clone());
                to.say(Tone::Quiet, 0, "the newest record before it counts");
                to.link(Some(&fault.file), fault.line);
            }
        }
        Row::Other { name, words } => {
            to.say(Tone::Heading, 0, name.clone());
            to.say(Tone::Text, 0, words.clone());
            for of in pipeline.and_then(|pipeline| pipeline.others.get(name)).iter().flat_map(|other| &other.components)
            {
                let silent = if of.is_silent(now) { ", silent" } else { "" };
                let age = of.age_hours(now).map_or_else(|| "never".to_owned(), ago);
                to.say(Tone::Text, 2, format!("{}: {age}{silent}: {}", of.component.name(), of.summary));
            }
            to.say(Tone::Quiet, 0, "Enter shows it; Esc comes back");
        }
        Row::Heading(_) => {}
    }
    to.said
}

fn issue(repo: &Repo, row: &Row, now: DateTime<Utc>, to: &mut Teller<'_>) {
    let Some(number) = row.number(repo) else {
        to.say(Tone::Heading, 0, "An issue without number");
        to.say(Tone::Bad, 0, row.words(repo, now));
        return;
    };
    let title = repo.tracks.iter().flat_map(|state| &state.issues).find(|issue| issue.number == number);
    let title = title.and_then(|issue| issue.title.clone()).unwrap_or_default();
    to.say(Tone::Heading, 0, format!("#{number}  {title}"));
    for reason in explain(repo, number) {
        to.say(Tone::Text, 0, reason.what);
        to.say(Tone::Quiet, 2, reason.rule);
        to.link(reason.file.as_deref(), None);
    }
}

fn track(state: &TrackState, to: &mut Teller<'_>, theme: &Theme) {
    to.say(Tone::Heading, 0, format!("{} track", state.name));
    match &state.track {
        Some(track) => {
            let milestone = track.milestone.as_ref().map_or_else(String::new, |title| format!(", milestone {title}"));
            let verdict = health(track.health).0;
            to.say(
                Tone::Text,
                0,
                format!("{verdict}: {} open, {} without a problem{milestone}", track.open, track.healthy),
            );
            let p = &track.problems;
            let kinds = [
                ("without the label codex", p.missing_codex),
                ("without a milestone", p.missing_milestone),
                ("with the other track's label", p.wrong_track),
                ("with a milestone of neither track", p.foreign_milestone),
                ("stale", p.stale),
                ("escalated", p.escalation),
                ("failing", p.failing),
            ];
            for (kind, count) in kinds.into_iter().filter(|(_, count)| *count > 0) {
                to.say(Tone::Text, 2, format!("{count} {kind}"));
            }
            if let Some(trend) = &track.trend {
                let moved: Vec<String> =
                    trend.delta.iter().map(|(name, by)| format!("{by:+} {}", name.replace('_', " "))).collect();
                let words = if moved.is_empty() { "nothing moved".to_owned() } else { moved.join(", ") };
                let tone = if trend.deteriorated { Tone::Bad } else { Tone::Text };
                to.say(tone, 0, format!("since {}: {words}", trend.since));
            }
        }
        None => to.say(Tone::Bad, 0, "not judged: the supervisor has said nothing that can be read"),
    }
    if let (Some((first, _)), Some((last, _)), true) =
        (state.history.first(), state.history.last(), state.history.len() > 1)
    {
        let bars = trend_bar(state, state.history.len(), theme);
        to.say(Tone::Text, 0, format!("problems by run  {bars}  {} to {}", minute(*first), minute(*last)));
    }
    let limits = [("stale", state.limits.stale_days), ("escalated", state.limits.escalation_days)];
    for (name, days) in limits {
        let words =
            days.map_or_else(|| format!("{name}: no limit is recorded"), |days| format!("{name} from {days} days on"));
        to.say(Tone::Quiet, 0, words);
    }
    if let Some(oldest) = state.issues.first() {
        to.say(Tone::Quiet, 0, format!("the oldest is #{}, {}", oldest.number, freshness(oldest.status)));
    }
}

fn part(part: &Part, now: DateTime<Utc>, to: &mut Teller<'_>) {
    to.say(Tone::Heading, 0, part.component.name());
    to.say(Tone::Text, 0, part.summary.clone());
    let Some(head) = &part.head else {
        to.say(Tone::Bad, 0, "silent: there is no file of it");
        return;
    };
    let age =
        part.age_hours(now).map_or_else(|| "at an unknown time".to_owned(), |hours| format!("{} ago", ago(hours)));
    let time = head.time.map_or_else(String::new, |time| format!(" ({} UTC)", minute(time)));
    to.say(Tone::Text, 0, format!("run {}, {}, {age}{time}", named(&head.run_id), word(head.status)));
    let rhythm = format!("it runs every {} h", part.cadence_hours);
    match part.is_silent(now) {
        true => to.say(Tone::Bad, 0, format!("silent: {rhythm}, so it should have said something since")),
        false => to.say(Tone::Quiet, 0, rhythm),
    }
    if part.complete == Some(false) {
        to.say(Tone::Bad, 0, "it did not see everything that it had to see");
    }
    if part.dry_run {
        to.say(Tone::Quiet, 0, "a dry run: nothing was changed");
    }
    for (tone, notes) in [(Tone::Bad, &part.errors), (Tone::Text, &part.warnings)] {
        for note in notes {
            to.say(tone, 0, format!("{}: {}", note.code, note.message));
        }
    }
    if let Some(api) = part.api {
        let left = api.remaining.map_or_else(String::new, |left| format!(", {left} left in the hour"));
        to.say(Tone::Text, 0, format!("budget: {}{left}", asked(api.requests, api.writes)));
        to.say(Tone::Quiet, 2, spent(&api));
    }
    to.link(Some(&head.file), None);
}

/// What else was spent.
fn spent(api: &Api) -> String {
    format!(
        "{} not modified, {}, {} sent again, {} s waited",
        api.not_modified,
        counted(api.graphql_points, "GraphQL point"),
        api.retries,
        api.waited_ms / 1000
    )
}

/// The run's id; older tools gave their runs none.
fn named(run: &str) -> &str {
    if run.is_empty() { "without id" } else { run }
}

fn changed_by(repo: &Repo, run: &str, to: &mut Teller<'_>) {
    for (number, changes) in repo.changes.iter().filter(|_| !run.is_empty()) {
        for change in changes.iter().filter(|change| change.run_id == run) {
            to.say(Tone::Text, 2, format!("#{number}: {}", said(&change.what)));
        }
    }
}
