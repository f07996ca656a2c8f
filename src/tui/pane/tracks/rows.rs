//! The list: tracks, components, issues by age, what is malformed or left over, other repositories, changes, runs, and files
//! that were not read.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use ratatui::style::Style;

use super::job;
use crate::model::query::Query;
use crate::model::track::explain::{age, ago, said};
use crate::model::track::status::{Budget, Part, Repo, TrackState, total, word};
use crate::model::track::telemetry::{ActivityIssue, Component, Freshness, Health, Status, moment};
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::widget::found;
use crate::workbench::track::job::Progress;
use crate::workbench::track::read::Pipeline;

/// Runs that are listed; the folder has them all.
const RUNS: usize = 200;

/// How a job goes, or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// It works.
    AtWork,
    /// All of it is done.
    Done,
    /// It is done as far as it came; something is left for the next run.
    Left,
    /// Something went wrong.
    Failed,
}

/// A row of the list. Positions are those in the repository that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A heading.
    Heading(String),
    /// The job that is at work, or was done last from here.
    Job {
        /// How it is.
        words: String,
        /// How it goes, or went.
        state: JobState,
        /// Issues done, and all.
        share: Option<(usize, usize)>,
    },
    /// What the last run asked of the server, and what was left of the hour.
    Budget,
    /// A track.
    Track(usize),
    /// The bar of a track's ages, below its line.
    Ages(usize),
    /// The problems of a track, run by run.
    Trend(usize),
    /// A component.
    Part(usize),
    /// An open issue of a track: track, place in its list, number.
    Issue(usize, usize, u64),
    /// A malformed issue.
    Malformed(usize),
    /// An issue that waits, failed or is on no track: number, why.
    Left(u64, &'static str),
    /// An issue that recent runs changed.
    Changed(u64),
    /// A repository beside this one.
    Other {
        /// Its name.
        name: String,
        /// How it is.
        words: String,
    },
    /// A run.
    Run(usize),
    /// A file that was not read.
    Skipped(usize),
}

impl Row {
    /// Whether it can be selected to be explained.
    pub fn is_thing(&self) -> bool {
        !matches!(self, Row::Heading(_))
    }

    /// Whether it is the same thing, wherever it stands in its list now.
    pub fn is(&self, other: &Row) -> bool {
        match (self, other) {
            (Row::Issue(track, _, number), Row::Issue(other, _, same)) => (track, number) == (other, same),
            (Row::Other { name, .. }, Row::Other { name: other, .. }) => name == other,
            (Row::Job { .. }, Row::Job { .. }) => true,
            (one, other) => one == other,
        }
    }

    /// The issue that it is about.
    pub fn number(&self, repo: &Repo) -> Option<u64> {
        match self {
            Row::Issue(_, _, number) | Row::Left(number, _) | Row::Changed(number) => Some(*number),
            Row::Malformed(at) => repo.malformed.get(*at)?.number,
            Row::Heading(_)
            | Row::Job { .. }
            | Row::Budget
            | Row::Track(_)
            | Row::Ages(_)
            | Row::Trend(_)
            | Row::Part(_)
            | Row::Other { .. }
            | Row::Run(_)
            | Row::Skipped(_) => None,
        }
    }

    /// What names it, for the clipboard.
    pub fn name(&self, repo: &Repo) -> String {
        if let Some(number) = self.number(repo) {
            return format!("#{number}");
        }
        match self {
            Row::Other { name, .. } | Row::Heading(name) => name.clone(),
            Row::Job { words, .. } => words.clone(),
            Row::Budget => "budget".to_owned(),
            Row::Track(at) | Row::Ages(at) | Row::Trend(at) => {
                repo.tracks.get(*at).map_or_else(String::new, |state| state.name.to_owned())
            }
            Row::Part(at) => repo.components.get(*at).map_or_else(String::new, |part| part.component.name().to_owned()),
            Row::Run(_) | Row::Skipped(_) => self.file(repo).map_or_else(String::new, |(file, _)| file),
            Row::Issue(..) | Row::Malformed(_) | Row::Left(..) | Row::Changed(_) => String::new(),
        }
    }

    /// The file that says it, with the line.
    pub fn file(&self, repo: &Repo) -> Option<(String, usize)> {
        let of = |component: Component| {
            let part = repo.components.iter().find(|part| part.component == component)?;
            part.head.as_ref().map(|head| (head.file.clone(), 1))
        };
        match self {
            Row::Track(_) | Row::Ages(_) | Row::Trend(_) => of(Component::Supervisor),
            Row::Issue(..) => of(Component::Activity),
            Row::Malformed(_) | Row::Left(..) => of(Component::Sync),
            Row::Changed(number) => repo.changes.get(number)?.first().map(|change| (change.file.clone(), 1)),
            Row::Part(at) => repo.components.get(*at)?.head.as_ref().map(|head| (head.file.clone(), 1)),
            Row::Run(at) => repo.runs.get(*at).map(|head| (head.file.clone(), 1)),
            Row::Skipped(at) => repo.skipped.get(*at).map(|fault| (fault.file.clone(), fault.line.unwrap_or(1))),
            Row::Budget => repo.budget().map(|budget| (budget.file, 1)),
            Row::Heading(_) | Row::Job { .. } | Row::Other { .. } => None,
        }
    }

    /// The row as one line of text.
    pub fn words(&self, repo: &Repo, now: DateTime<Utc>) -> String {
        match self {
            Row::Heading(text) => text.clone(),
            Row::Track(at) => repo.tracks.get(*at).map_or_else(String::new, track_words),
            Row::Ages(at) => repo.tracks.get(*at).map_or_else(String::new, counts),
            Row::Trend(at) => repo.tracks.get(*at).map_or_else(String::new, trend_words),
            Row::Job { words, .. } => words.clone(),
            Row::Budget => repo.budget().map_or_else(String::new, |budget| budget_words(&budget)),
            Row::Part(at) => repo.components.get(*at).map_or_else(String::new, |part| {
                let cells = part_cells(part, now);
                format!("{} {} {} {} {}", part.component.name(), cells.0, cells.1, cells.2, part.summary)
            }),
            Row::Issue(track, at, _) => issue_of(repo, *track, *at).map_or_else(String::new, |issue| {
                let days = issue.age_days.map_or_else(|| "? d".to_owned(), |days| format!("{days} d"));
                format!(
                    "#{} {days} {} {}",
                    issue.number,
                    freshness(issue.status),
                    issue.title.as_deref().unwrap_or_default()
                )
            }),
            Row::Malformed(at) => repo.malformed.get(*at).map_or_else(String::new, |issue| {
                let number = issue.number.map_or_else(|| "without number".to_owned(), |number| format!("#{number}"));
                format!("{number} {} ({})", issue.reason, issue.code)
            }),
            Row::Left(number, why) => format!("#{number} {why}"),
            Row::Changed(number) => {
                let changes = repo.changes.get(number).map(Vec::as_slice).unwrap_or_default();
                let newest = changes.first().and_then(|change| change.time).map(minute).unwrap_or_default();
                let run = changes.first().map(|change| change.run_id.as_str());
                let what: Vec<String> = changes
                    .iter()
                    .filter(|change| Some(change.run_id.as_str()) == run)
                    .map(|change| said(&change.what))
                    .collect();
                format!("#{number} {newest} {}", what.join(", "))
            }
            Row::Other { name, words } => format!("{name} {words}"),
            Row::Run(at) => repo.runs.get(*at).map_or_else(String::new, |head| {
                let time = head.time.map_or_else(|| "undated".to_owned(), minute);
                let run = if head.run_id.is_empty() { String::new() } else { format!(" run {}", head.run_id) };
                format!("{time} {} {}{run}", head.component.name(), word(head.status))
            }),
            Row::Skipped(at) => {
                repo.skipped.get(*at).map_or_else(String::new, |fault| format!("{} {}", fault.place(), fault.why))
            }
        }
    }

    fn fields(&self, name: &str, repo: &Repo, now: DateTime<Utc>) -> Vec<Cow<'static, str>> {
        let kind = match self {
            Row::Track(_) | Row::Ages(_) | Row::Trend(_) => "track",
            Row::Job { .. } => "job",
            Row::Budget => "budget",
            Row::Part(_) => "component",
            Row::Issue(..) => "issue",
            Row::Malformed(_) => "malformed",
            Row::Left(..) => "left",
            Row::Changed(_) => "changed",
            Row::Run(_) => "run",
            Row::Skipped(_) => "skipped",
            Row::Heading(_) | Row::Other { .. } => "repository",
        };
        match (name, self) {
            ("kind", _) => vec![kind.into()],
            ("number", _) => self.number(repo).map(|number| number.to_string().into()).into_iter().collect(),
            ("track", Row::Issue(track, ..) | Row::Track(track) | Row::Ages(track) | Row::Trend(track)) => {
                repo.tracks.get(*track).map(|state| state.name.into()).into_iter().collect()
            }
            ("status", Row::Part(at)) => repo.components.get(*at).map_or_else(Vec::new, |part| {
                let silent = part.is_silent(now).then_some("silent");
                let status = part.head.as_ref().and_then(|head| head.status).map(Status::name);
                silent.into_iter().chain(status).map(Cow::from).collect()
            }),
            ("status", Row::Issue(track, at, _)) => {
                issue_of(repo, *track, *at).map(|issue| freshness(issue.status).into()).into_iter().collect()
            }
            ("status", Row::Run(at)) => {
                repo.runs.get(*at).and_then(|head| head.status).map(|status| status.name().into()).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }
}

/// All rows that fit the filter, with headings above those that have any.
pub fn rows(
    repo: &Repo,
    pipeline: Option<&Pipeline>,
    job: Option<&Progress>,
    now: DateTime<Utc>,
    query: &Query,
) -> Vec<Row> {
    let mut all = Vec::new();
    let mut section = |heading: String, rows: Vec<Row>| {
        let fits = |row: &Row| {
            query.is_empty()
                || query.fits(|field| row.fields(field, repo, now), |word| found::contains(&row.words(repo, now), word))
        };
        let rows: Vec<Row> = rows.into_iter().filter(fits).collect();
        if !rows.is_empty() {
            all.push(Row::Heading(heading));
            all.extend(rows);
        }
    };
    if let Some(job) = job {
        let heading = if job.end.is_none() { "At work" } else { "Done from here" };
        section(heading.to_owned(), vec![job::row(job)]);
    }
    if repo.as_of.is_none() && repo.runs.is_empty() && repo.skipped.is_empty() {
        return all;
    }
    let has_trend = |at: usize| repo.tracks.get(at).is_some_and(|state| state.history.len() > 1);
    let track = |at: usize| [Row::Track(at), Row::Ages(at)].into_iter().chain(has_trend(at).then_some(Row::Trend(at)));
    section("Tracks".to_owned(), (0..repo.tracks.len()).flat_map(track).collect());
    let budget = repo.budget().map(|_| Row::Budget);
    section("Components".to_owned(), (0..repo.components.len()).map(Row::Part).chain(budget).collect());
    if !repo.malformed.is_empty() {
        let scanned = repo.scanned.map_or_else(String::new, |scanned| format!(", of {scanned} looked at"));
        let heading = format!("Integrity: {} malformed{scanned}", repo.malformed.len());
        section(heading, (0..repo.malformed.len()).map(Row::Malformed).collect());
    }
    let deferred = repo.deferred.iter().map(|number| Row::Left(*number, "waits for the next run"));
    let failed = repo.failed.iter().map(|issue| Row::Left(issue.number, "could not be repaired"));
    let untracked = repo.untracked.iter().map(|number| Row::Left(*number, "is on no track"));
    section("Left over".to_owned(), deferred.chain(failed).chain(untracked).collect());
    for (track, state) in repo.tracks.iter().enumerate() {
        let heading = format!("{} track, the longest untouched first", if track == 0 { "Main" } else { "Dashboard" });
        let issues = state.issues.iter().enumerate().map(|(at, issue)| Row::Issue(track, at, issue.number));
        section(heading, issues.collect());
    }
    if let Some(pipeline) = pipeline.filter(|pipeline| std::ptr::eq(&pipeline.home, repo)) {
        let others = pipeline
            .others
            .iter()
            .map(|(name, other)| Row::Other { name: name.clone(), words: other_words(other, now) });
        section("Other repositories".to_owned(), others.collect());
    }
    let mut changed: Vec<&u64> = repo.changes.keys().collect();
    changed.sort_by_key(|number| std::cmp::Reverse(repo.changes[number].first().and_then(|change| change.time)));
    section("Changed by recent runs".to_owned(), changed.into_iter().map(|number| Row::Changed(*number)).collect());
    let more = if repo.runs.len() > RUNS { format!(", the last {RUNS}") } else { String::new() };
    section(format!("Runs: {}{more}", repo.runs.len()), (0..repo.runs.len().min(RUNS)).map(Row::Run).collect());
    section("Files that were not read".to_owned(), (0..repo.skipped.len()).map(Row::Skipped).collect());
    all
}

fn other_words(repo: &Repo, now: DateTime<Utc>) -> String {
    let silent = repo.components.iter().filter(|part| part.is_silent(now)).count();
    let old = age(repo, now).map_or_else(|| "never".to_owned(), ago);
    let tracks: Vec<String> =
        repo.tracks.iter().map(|state| format!("{} {}", state.name, health(state.health()).0)).collect();
    format!("{old}  {}  {silent} silent", tracks.join(", "))
}

/// An issue of a track.
pub(super) fn issue_of(repo: &Repo, track: usize, at: usize) -> Option<&ActivityIssue> {
    repo.tracks.get(track)?.issues.get(at)
}

/// Day and minute, UTC.
pub fn minute(at: DateTime<Utc>) -> String {
    moment(at).get(..16).unwrap_or_default().replace('T', " ")
}

/// The word for a state of freshness.
pub fn freshness(status: Freshness) -> &'static str {
    match status {
        Freshness::Active => "active",
        Freshness::Stale => "stale",
        Freshness::Escalation => "escalation",
        Freshness::Unknown => "unknown",
    }
}

/// The word for a verdict, and its tone.
pub fn health(health: Health) -> (&'static str, fn(&Theme) -> Style) {
    match health {
        Health::Ok => ("ok", |theme| theme.good),
        Health::Degraded => ("degraded", |theme| theme.bad),
        Health::Unknown => ("unknown", |theme| theme.warn),
    }
}

fn track_words(state: &TrackState) -> String {
    match &state.track {
        Some(track) => {
            let trend = match &track.trend {
                Some(trend) if trend.deteriorated => "  worse than before",
                Some(_) | None => "",
            };
            let problems = text::counted(total(track) as usize, "problem");
            format!("{} {}  {} open  {problems}{trend}", state.name, health(track.health).0, track.open)
        }
        None => format!("{} not judged: the supervisor has said nothing", state.name),
    }
}

/// How many of a track's issues are in which state.
pub(super) fn counts(state: &TrackState) -> String {
    let all = [Freshness::Active, Freshness::Stale, Freshness::Escalation, Freshness::Unknown];
    let some = all.into_iter().map(|status| (state.count(status), freshness(status))).filter(|(count, _)| *count > 0);
    let words: Vec<String> = some.map(|(count, name)| format!("{count} {name}")).collect();
    if words.is_empty() { "no issues listed".to_owned() } else { words.join(", ") }
}

/// The problems of a track at its last run, and what became of them since the run before.
pub(super) fn trend_words(state: &TrackState) -> String {
    let mut runs = state.history.iter().rev().map(|(_, total)| *total);
    let (Some(last), Some(before)) = (runs.next(), runs.next()) else { return String::new() };
    let moved = match last.cmp(&before) {
        std::cmp::Ordering::Less => format!("{} fewer than the run before", before - last),
        std::cmp::Ordering::Equal => "as many as the run before".to_owned(),
        std::cmp::Ordering::Greater => format!("{} more than the run before", last - before),
    };
    format!("{}, {moved}", text::counted(last as usize, "problem"))
}

/// What a run asked of the server, in words.
pub(super) fn budget_words(budget: &Budget) -> String {
    let left =
        budget.api.remaining.map_or_else(|| "limit unknown".to_owned(), |left| format!("{left} left in the hour"));
    let at = budget.time.map_or_else(String::new, |at| format!(" at {}", minute(at)));
    format!("{}, {left}{at}", asked(budget.api.requests, budget.api.writes))
}

/// What was asked of the server, in words.
pub(super) fn asked(requests: u64, writes: u64) -> String {
    format!("{}, {}", text::counted(requests as usize, "request"), text::counted(writes as usize, "write"))
}

/// Status, age and silence of a component.
pub(super) fn part_cells(part: &Part, now: DateTime<Utc>) -> (&'static str, String, &'static str) {
    let age = part.age_hours(now).map_or_else(|| "never".to_owned(), ago);
    (word(part.head.as_ref().and_then(|head| head.status)), age, if part.is_silent(now) { "SILENT" } else { "" })
}
