//! Pane **Tracks**: the dual-track pipeline as its last telemetry shows it, with the age of what is shown.
//!
//! ```text
//! ┌ T Tracks · harbor/quay · 19.4 h old · 2 silent ───────────────┐
//! │Tracks                                                         │
//! │✗ main       degraded  10 open  6 problems  worse              │
//! │    ████████████▒▒▒▒▒▒##  6 active · 3 stale · 1 escalated     │
//! │Components                                                     │
//! │! selftest   ok        2 days   SILENT  created #63 and …      │
//! │Main track, the longest untouched first                        │
//! │  #18     26 d  ██████████  escalation  Keep a port label …    │
//! │───────────────────────────────────────────────────────────────│
//! │#18  Keep a port label longer than 32 characters               │
//! │escalated on the main track: nobody has done anything …        │
//! │  at or above CODEX_MAIN_ESCALATION_DAYS, 21; only what …      │
//! │  gh-pages/telemetry/activity-2079.json                        │
//! └───────────────────────────────────────────────────────────────┘
//! ```
//! What stands in the workspace is shown, offline as well as online; a server is asked only by `P` and `W`, once that is confirmed,
//! and how far that has come stands above the rest. `Enter` goes into the explanation, there it opens the record; `[` and `]` go
//! through the repositories.

mod detail;
mod job;
mod paint;
mod rows;

use std::sync::Arc;

use chrono::{DateTime, Local, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use self::detail::Detail;
use self::rows::Row;
use super::{Clip, Context, Cx, Flow, Goto, Pane, PaneId};
use crate::doc::DocId;
use crate::model::query::{FieldKind, FieldName, Query};
use crate::model::track::explain::{age, ago};
use crate::model::track::status::Repo;
use crate::tui::action::{Action, Move};
use crate::tui::effect::Effect;
use crate::tui::text;
use crate::tui::widget::cursor::Cursor;
use crate::workbench::Report;
use crate::workbench::track::job::Progress;
use crate::workbench::track::read::Pipeline;
use crate::workspace::config::Tracks;

/// The Tracks pane.
#[derive(Default)]
pub struct TracksPane {
    /// What was looked at last; none before the first look.
    pipeline: Option<Arc<Pipeline>>,
    /// The job that is at work, or was done last from here.
    job: Option<Arc<Progress>>,
    /// The repository that is shown; none for the home repository.
    repo: Option<String>,
    rows: Vec<Row>,
    cursor: Cursor,
    /// The selected thing, by what names it.
    selected: Option<Row>,
    filter: String,
    query: Query,
    inside: bool,
    detail: Detail,
}

/// What the filter knows.
const FIELDS: &[FieldName] = &[
    FieldName {
        name: "kind",
        help: "track, component, budget, issue, malformed, left, repository, changed, run, skipped, job",
        kind: FieldKind::Word,
    },
    FieldName { name: "track", help: "main, dashboard", kind: FieldKind::Word },
    FieldName { name: "status", help: "ok, warning, error, silent, active, stale, escalation", kind: FieldKind::Word },
    FieldName { name: "number", help: "an issue's number", kind: FieldKind::Exact },
];

/// From this width on the explanation stands to the right.
const WIDE: u16 = 116;
/// From this height on it stands below.
const TALL: u16 = 14;

/// Whether the pane may have no border, and no title in it: then its first line says how old it is what it shows.
fn is_bare(area: Rect) -> bool {
    (area.width < 58 || area.height < 14) && area.height > 3
}

/// The clock of the screen as a moment.
fn moment_of(cx: &Cx<'_>) -> DateTime<Utc> {
    cx.now.and_local_timezone(Local).earliest().map_or_else(|| cx.now.and_utc(), |now| now.to_utc())
}

impl TracksPane {
    fn areas(&self, area: Rect) -> (Rect, Rect) {
        let pinned = u16::from(is_bare(area));
        let area = Rect { y: area.y + pinned, height: area.height - pinned, ..area };
        let none = Rect { width: 0, height: 0, ..area };
        if area.width >= WIDE {
            let list = area.width * 11 / 20;
            return (Rect { width: list - 1, ..area }, Rect { x: area.x + list, width: area.width - list, ..area });
        }
        if area.height >= TALL {
            let list = area.height * 11 / 20;
            let below = Rect { y: area.y + list + 1, height: area.height - list - 1, ..area };
            return (Rect { height: list, ..area }, below);
        }
        if self.inside { (none, area) } else { (area, none) }
    }

    fn shown(&self) -> Option<&Repo> {
        let pipeline = self.pipeline.as_deref()?;
        match &self.repo {
            Some(name) => pipeline.others.get(name).or(Some(&pipeline.home)),
            None => Some(&pipeline.home),
        }
    }

    /// Makes the rows anew, and keeps the cursor on the selected thing.
    fn arrange(&mut self, cx: &Cx<'_>) {
        let now = moment_of(cx);
        self.rows = match self.shown() {
            Some(repo) => rows::rows(repo, self.pipeline.as_deref(), self.job.as_deref(), now, &self.query),
            None => Vec::new(),
        };
        let height = self.areas(cx.area).0.height;
        let same = self.selected.as_ref().and_then(|selected| self.rows.iter().position(|row| row.is(selected)));
        match same.or_else(|| self.rows.iter().position(Row::is_thing)) {
            Some(at) => self.cursor.select(at, self.rows.len(), height),
            None => self.cursor.fit(self.rows.len(), height),
        }
        self.take_selection(cx);
    }

    fn take_selection(&mut self, cx: &Cx<'_>) {
        self.selected = self.rows.get(self.cursor.at()).filter(|row| row.is_thing()).cloned();
        self.lay(cx);
    }

    fn lay(&mut self, cx: &Cx<'_>) {
        let area = self.areas(cx.area).1;
        let folder = self.pipeline.as_ref().map_or_else(String::new, |pipeline| pipeline.folder.clone());
        let lines = match (self.shown(), &self.selected) {
            (Some(repo), Some(row)) => {
                let known = (self.pipeline.as_deref(), self.job.as_deref());
                detail::lines(repo, known, row, moment_of(cx), cx.theme)
            }
            (Some(_), None) | (None, _) => Vec::new(),
        };
        self.detail.lay(lines, &folder, self.selected.as_ref(), area);
    }

    fn go(&mut self, to: Move, cx: &Cx<'_>) -> Flow {
        let (list, detail) = self.areas(cx.area);
        match to {
            Move::Left if self.inside => self.inside = false,
            Move::Right if !self.inside => self.go_inside(cx),
            Move::Left | Move::Right => return Flow::Passed,
            to if self.inside => self.detail.act(to, detail.height),
            to => {
                self.cursor.act(to, self.rows.len(), list.height);
                self.take_selection(cx);
            }
        }
        Flow::done()
    }

    /// Into the explanation, which takes the list's place on a small screen: then it has another width.
    fn go_inside(&mut self, cx: &Cx<'_>) {
        self.inside = self.selected.is_some();
        self.lay(cx);
    }

    /// `Enter`: to the other repository, into the explanation, from there to the record.
    fn enter(&mut self, cx: &Cx<'_>) -> Flow {
        if let Some(Row::Other { name, .. }) = &self.selected
            && !self.inside
        {
            self.repo = Some(name.clone());
            self.selected = None;
            self.arrange(cx);
            return Flow::done();
        }
        if !self.inside {
            self.go_inside(cx);
            return Flow::done();
        }
        match self.detail.place() {
            Some((doc, line)) => Flow::Go(Goto::Document { doc, line }),
            None => Flow::done(),
        }
    }

    /// The home repository, then the others by name, and around.
    fn next_repo(&mut self, forward: bool, cx: &Cx<'_>) -> Flow {
        let Some(pipeline) = &self.pipeline else { return Flow::done() };
        let all: Vec<Option<String>> = std::iter::once(None).chain(pipeline.others.keys().cloned().map(Some)).collect();
        let at = all.iter().position(|name| *name == self.repo).unwrap_or(0);
        let to = if forward { at + 1 } else { at + all.len() - 1 } % all.len();
        self.repo.clone_from(&all[to]);
        self.selected = None;
        self.inside = false;
        self.arrange(cx);
        Flow::done()
    }
}

impl Pane for TracksPane {
    fn id(&self) -> PaneId {
        PaneId::Tracks
    }

    fn context(&self) -> Context {
        Context::Tracks
    }

    fn title(&self, cx: &Cx<'_>) -> String {
        let Some(repo) = self.shown() else { return String::new() };
        let now = moment_of(cx);
        let Some(hours) = age(repo, now) else { return "no telemetry".to_owned() };
        let name = self.repo.clone().or_else(|| repo.name.clone());
        let silent = repo.components.iter().filter(|part| part.is_silent(now)).count();
        let mut words: Vec<String> = name.into_iter().collect();
        words.push(format!("{} old", ago(hours)));
        words.extend((silent > 0).then(|| format!("{silent} silent")));
        words.join(" · ")
    }

    fn refresh(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let same = match (&self.pipeline, &cx.view.tracks) {
            (Some(held), Some(new)) => Arc::ptr_eq(held, new),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        if !same {
            self.pipeline.clone_from(&cx.view.tracks);
            self.arrange(cx);
        }
        Vec::new()
    }

    fn listens_to(&self, report: &Report) -> bool {
        matches!(report, Report::Job(_))
    }

    fn hear(&mut self, report: &Report, cx: &Cx<'_>) -> Vec<Effect> {
        if let Report::Job(progress) = report {
            let is_new = self.job.as_ref().is_none_or(|job| job.end.is_some());
            self.job = Some(Arc::clone(progress));
            if is_new {
                // It was begun by hand a moment ago: that is what is looked at.
                self.selected = Some(job::row(progress));
                self.inside = false;
            }
            self.arrange(cx);
        }
        Vec::new()
    }

    fn fit(&mut self, cx: &Cx<'_>) {
        self.cursor.fit(self.rows.len(), self.areas(cx.area).0.height);
        self.lay(cx);
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Flow {
        match action {
            Action::Move(to) => self.go(to, cx),
            Action::Open => self.enter(cx),
            Action::Back if self.inside => {
                self.inside = false;
                Flow::done()
            }
            Action::Back if self.repo.is_some() && self.filter.is_empty() => {
                self.repo = None;
                self.selected = None;
                self.arrange(cx);
                Flow::done()
            }
            Action::TabNext => self.next_repo(true, cx),
            Action::TabPrevious => self.next_repo(false, cx),
            Action::MatchNext => self.go(Move::Down, cx),
            Action::MatchPrevious => self.go(Move::Up, cx),
            // What this pane does not know goes outward.
            _ => Flow::Passed,
        }
    }

    fn click(&mut self, column: u16, row: u16, double: bool, cx: &Cx<'_>) -> Flow {
        let (list, detail) = self.areas(cx.area);
        let at = Position::new(column, row);
        if detail.contains(at) {
            self.inside = true;
            self.detail.click(usize::from(row - detail.y), detail.height);
            return if double { self.enter(cx) } else { Flow::done() };
        }
        if list.contains(at) {
            self.inside = false;
            let to = self.cursor.top() + usize::from(row - list.y);
            if to < self.rows.len() {
                self.cursor.select(to, self.rows.len(), list.height);
                self.take_selection(cx);
                return if double { self.enter(cx) } else { Flow::done() };
            }
        }
        Flow::done()
    }

    fn wheel(&mut self, lines: i32, cx: &Cx<'_>) -> Vec<Effect> {
        let (list, detail) = self.areas(cx.area);
        if self.inside {
            self.detail.step(i64::from(lines), detail.height);
        } else {
            self.cursor.step(i64::from(lines), self.rows.len(), list.height);
            self.take_selection(cx);
        }
        Vec::new()
    }

    fn goes_back(&self) -> bool {
        self.inside
    }

    fn filter(&self) -> &str {
        &self.filter
    }

    fn fields(&self) -> Option<&'static [FieldName]> {
        Some(FIELDS)
    }

    fn query(&self) -> Option<&Query> {
        Some(&self.query)
    }

    fn set_filter(&mut self, text: &str, cx: &Cx<'_>) {
        self.filter = text.to_owned();
        self.query = Query::parse(text, FIELDS);
        self.arrange(cx);
    }

    fn place(&self, _cx: &Cx<'_>) -> Option<(DocId, usize)> {
        if self.inside
            && let Some(place) = self.detail.place()
        {
            return Some(place);
        }
        let file = self.selected.as_ref()?.file(self.shown()?)?;
        let path = Tracks::path(&self.pipeline.as_ref()?.folder, &file.0);
        DocId::new(&path).ok().map(|doc| (doc, file.1))
    }

    fn clip(&self, what: Clip, cx: &Cx<'_>) -> Option<String> {
        let (row, repo) = (self.selected.as_ref()?, self.shown()?);
        match what {
            Clip::Id => Some(row.name(repo)),
            Clip::Row => Some(row.words(repo, moment_of(cx))),
        }
    }

    fn draw(&self, buf: &mut Buffer, cx: &Cx<'_>) {
        let (list, detail) = self.areas(cx.area);
        let Some(repo) = self.shown().filter(|_| !self.rows.is_empty()) else {
            let folders: Vec<String> =
                cx.view.config.tracks.folders.iter().map(|folder| Tracks::path(folder, "telemetry")).collect();
            let why = match (&self.pipeline, self.filter.is_empty()) {
                (None, _) => "Reading telemetry".to_owned(),
                (Some(_), false) => "Nothing fits the filter; Esc clears it".to_owned(),
                (Some(_), true) => format!("No telemetry of the pipeline in {}", folders.join(", ")),
            };
            text::put_wrapped(buf, cx.area, &why, cx.theme.quiet);
            return;
        };
        if is_bare(cx.area) {
            let title = self.title(cx).replace('·', cx.theme.symbols.dot);
            text::put(buf, cx.area.x, cx.area.y, cx.area.width, &title, cx.theme.heading);
        }
        if list.height > 0 {
            let focused = cx.focused && !self.inside;
            paint::draw(list, buf, cx, (repo, &self.rows, moment_of(cx)), self.cursor, focused);
        }
        if detail.height == 0 {
            return;
        }
        if detail.x > cx.area.x {
            for y in detail.top()..detail.bottom() {
                text::put(buf, detail.x - 1, y, 1, cx.theme.symbols.bar, cx.theme.border);
            }
        } else if detail.y > list.y && list.height > 0 {
            let line = cx.theme.symbols.line.repeat(usize::from(detail.width));
            text::put(buf, detail.x, detail.y - 1, detail.width, &line, cx.theme.border);
        }
        self.detail.draw(detail, buf, cx, cx.focused && self.inside);
    }
}

#[cfg(test)]
mod tests;
