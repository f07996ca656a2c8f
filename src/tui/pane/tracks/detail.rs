//! The explanation of one thing: why it is so, which rule says so, which run did it, and the file that tells.

use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::job;
use super::paint::trend_bar;
use super::rows::{Row, budget_words, freshness, health, minute};
use crate::doc::DocId;
use crate::model::track::explain::{ago, explain, said};
use crate::model::track::status::{Part, Repo, TrackState, word};
use crate::model::track::telemetry::Api;
use crate::tui::action::Move;
use crate::tui::pane::Cx;
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::widget::cursor::Cursor;
use crate::workbench::track::job::Progress;
use crate::workbench::track::read::Pipeline;
use crate::workspace::config::Tracks;

/// One thing to say: how, how far in, what, and where it stands.
pub struct Said {
    tone: Tone,
    indent: usize,
    text: String,
    file: Option<(String, usize)>,
}

/// How something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// What it is about.
    Heading,
    /// In plain words.
    Text,
    /// What may be missed.
    Quiet,
    /// What needs somebody.
    Bad,
    /// Where it stands.
    Link,
}

/// The explanation, laid out for one width.
#[derive(Debug, Clone, Default)]
pub struct Detail {
    lines: Vec<Line>,
    cursor: Cursor,
    of: Option<Row>,
}

#[derive(Debug, Clone)]
struct Line {
    text: String,
    tone: Tone,
    place: Option<(DocId, usize)>,
}

impl Detail {
    /// Lays out what is to be said. Keeps the cursor when it is of the same thing.
    pub fn lay(&mut self, lines: Vec<Said>, folder: &str, of: Option<&Row>, area: Rect) {
        let columns = usize::from(area.width.max(12));
        self.lines.clear();
        for said in lines {
            let place = said.file.and_then(|(file, line)| Some((DocId::new(&Tracks::path(folder, &file)).ok()?, line)));
            for line in text::wrap(&said.text, columns.saturating_sub(said.indent).max(6)) {
                let text = format!("{}{line}", " ".repeat(said.indent));
                self.lines.push(Line { text, tone: said.tone, place: place.clone() });
            }
        }
        let same = of.zip(self.of.as_ref()).is_some_and(|(new, old)| new.is(old));
        if !same {
            self.cursor = Cursor::default();
            self.of = of.cloned();
        }
        self.cursor.fit(self.lines.len(), area.height);
    }

    /// Where the line under the cursor leads.
    pub fn place(&self) -> Option<(DocId, usize)> {
        self.lines.get(self.cursor.at())?.place.clone()
    }

    /// Moves the cursor.
    pub fn act(&mut self, to: Move, height: u16) {
        self.cursor.act(to, self.lines.len(), height);
    }

    /// Moves the cursor by lines.
    pub fn step(&mut self, lines: i64, height: u16) {
        self.cursor.step(lines, self.lines.len(), height);
    }

    /// Puts the cursor on the line at that row of the area.
    pub fn click(&mut self, row: usize, height: u16) {
        let to = (self.cursor.top() + row).min(self.lines.len().saturating_sub(1));
        self.cursor.select(to, self.lines.len(), height);
    }

    /// Paints the visible lines.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, cx: &Cx<'_>, focused: bool) {
        for (row, at) in self.cursor.visible(self.lines.len(), area.height).enumerate() {
            let (line, y) = (&self.lines[at], area.y + row as u16);
            let style: Style = match line.tone {
                Tone::Heading => cx.theme.heading,
                Tone::Text => cx.theme.text,
                Tone::Quiet => cx.theme.quiet,
                Tone::Bad => cx.theme.bad,
                Tone::Link => cx.theme.link,
            };
            text::put(buf, area.x, y, area.width, &line.text, style);
            if focused && at == self.cursor.at() {
                buf.set_style(Rect { y, height: 1, ..area }.intersection(*buf.area()), cx.theme.selected);
            }
        }
    }
}

/// Collects what is to be said.
pub struct Teller(Vec<Said>);

impl Teller {
    /// Says something, so far in.
    pub fn say(&mut self, tone: Tone, indent: usize, text: impl Into<String>) {
        self.0.push(Said { tone, indent, text: text.into(), file: None });
    }

    fn link(&mut self, file: Option<&str>, line: Option<usize>) {
        if let Some(file) = file {
            let text = line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}"));
            self.0.push(Said { tone: Tone::Link, indent: 2, text, file: Some((file.to_owned(), line.unwrap_or(1))) });
        }
    }
}

/// Everything there is to say of a row.
pub fn lines(
    repo: &Repo,
    (pipeline, at_work): (Option<&Pipeline>, Option<&Progress>),
    row: &Row,
    now: DateTime<Utc>,
    theme: &Theme,
) -> Vec<Said> {
    let mut to = Teller(Vec::new());
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
    to.0
}

fn issue(repo: &Repo, row: &Row, now: DateTime<Utc>, to: &mut Teller) {
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

fn track(state: &TrackState, to: &mut Teller, theme: &Theme) {
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

fn part(part: &Part, now: DateTime<Utc>, to: &mut Teller) {
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
        to.say(Tone::Text, 0, format!("budget: {} requests, {} writes{left}", api.requests, api.writes));
        to.say(Tone::Quiet, 2, spent(&api));
    }
    to.link(Some(&head.file), None);
}

/// What else was spent.
fn spent(api: &Api) -> String {
    format!(
        "{} not modified, {} GraphQL points, {} sent again, {} s waited",
        api.not_modified,
        api.graphql_points,
        api.retries,
        api.waited_ms / 1000
    )
}

/// The run's id; older tools gave their runs none.
fn named(run: &str) -> &str {
    if run.is_empty() { "without id" } else { run }
}

fn changed_by(repo: &Repo, run: &str, to: &mut Teller) {
    for (number, changes) in repo.changes.iter().filter(|_| !run.is_empty()) {
        for change in changes.iter().filter(|change| change.run_id == run) {
            to.say(Tone::Text, 2, format!("#{number}: {}", said(&change.what)));
        }
    }
}
