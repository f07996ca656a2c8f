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

use self::detail::Place;
use self::rows::Row;
use super::detail::Detail;
use super::split::{Areas, ListDetail, Shape, Split};
use super::{Clip, Context, Cx, Flow, Goto, Pane, PaneId};
use crate::doc::DocId;
use crate::model::query::{FieldKind, FieldName, Query};
use crate::model::track::explain::{age, ago};
use crate::model::track::status::Repo;
use crate::tui::action::{Action, Move};
use crate::tui::effect::Effect;
use crate::tui::text;
use crate::workbench::Report;
use crate::workbench::track::job::Progress;
use crate::workbench::track::read::Pipeline;
use crate::workspace::config::Tracks;

/// The Tracks pane.
pub struct TracksPane {
    /// What was looked at last; none before the first look.
    pipeline: Option<Arc<Pipeline>>,
    /// The job that is at work, or was done last from here.
    job: Option<Arc<Progress>>,
    /// The repository that is shown; none for the home repository.
    repo: Option<String>,
    rows: Vec<Row>,
    split: Split,
    /// The selected thing, by what names it.
    selected: Option<Row>,
    filter: String,
    query: Query,
    detail: Detail<Place>,
    /// What the detail is about.
    laid: Option<Row>,
}

impl Default for TracksPane {
    fn default() -> TracksPane {
        TracksPane {
            pipeline: None,
            job: None,
            repo: None,
            rows: Vec::new(),
            split: Split::new(SHAPE),
            selected: None,
            filter: String::new(),
            query: Query::default(),
            detail: Detail::default(),
            laid: None,
        }
    }
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

/// Where list and explanation stand.
const SHAPE: Shape = Shape { beside: (116, 11), below: (14, 11), header: 0 };

/// Whether the pane may have no border, and no title in it: then its first line says how old it is what it shows.
fn is_bare(area: Rect) -> bool {
    (area.width < 58 || area.height < 14) && area.height > 3
}

/// What is left below that line.
fn body(area: Rect) -> Rect {
    let pinned = u16::from(is_bare(area));
    Rect { y: area.y + pinned, height: area.height - pinned, ..area }
}

/// The clock of the screen as a moment.
fn moment_of(cx: &Cx<'_>) -> DateTime<Utc> {
    cx.now.and_local_timezone(Local).earliest().map_or_else(|| cx.now.and_utc(), |now| now.to_utc())
}

impl TracksPane {
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
        let same = self.selected.as_ref().and_then(|selected| self.rows.iter().position(|row| row.is(selected)));
        let at = same.or_else(|| self.rows.iter().position(Row::is_thing));
        self.split.set_rows(self.rows.len(), at, &self.areas(cx));
        self.take_selection(cx);
    }

    fn lay(&mut self, cx: &Cx<'_>) {
        let lines = match (self.shown(), &self.selected) {
            (Some(repo), Some(row)) => {
                let known = (self.pipeline.as_deref(), self.job.as_deref());
                detail::lines(repo, known, row, moment_of(cx), (cx.theme, cx.keymap))
            }
            (Some(_), None) | (None, _) => Vec::new(),
        };
        self.detail = Detail::lay(lines, self.split.detail_columns(body(cx.area)));
        let same = self.selected.as_ref().zip(self.laid.as_ref()).is_some_and(|(new, old)| new.is(old));
        self.split.set_lines(self.detail.len(), same, &self.areas(cx));
        self.laid.clone_from(&self.selected);
    }

    /// Where the line under the cursor of the explanation leads.
    fn cited(&self) -> Place {
        self.detail.about(self.split.line())?.clone()
    }

    /// The home repository, then the others by name, and around.
    fn next_repo(&mut self, forward: bool, cx: &Cx<'_>) -> Flow {
        let Some(pipeline) = &self.pipeline else { return Flow::done() };
        let all: Vec<Option<String>> = std::iter::once(None).chain(pipeline.others.keys().cloned().map(Some)).collect();
        let at = all.iter().position(|name| *name == self.repo).unwrap_or(0);
        let to = if forward { at + 1 } else { at + all.len() - 1 } % all.len();
        self.repo.clone_from(&all[to]);
        self.selected = None;
        self.split.leave();
        self.arrange(cx);
        Flow::done()
    }
}

impl ListDetail for TracksPane {
    fn split(&mut self) -> &mut Split {
        &mut self.split
    }

    fn areas(&self, cx: &Cx<'_>) -> Areas {
        self.split.areas(body(cx.area))
    }

    fn has_detail(&self) -> bool {
        self.selected.is_some()
    }

    fn take_selection(&mut self, cx: &Cx<'_>) {
        self.selected = self.rows.get(self.split.row()).filter(|row| row.is_thing()).cloned();
        self.lay(cx);
    }

    fn open_line(&mut self, _cx: &Cx<'_>) -> Flow {
        self.cited().map_or_else(Flow::done, |(doc, line)| Flow::Go(Goto::Document { doc, line }))
    }

    /// Into the explanation, or to the other repository.
    fn open_row(&mut self, cx: &Cx<'_>) -> Flow {
        if let Some(Row::Other { name, .. }) = &self.selected {
            self.repo = Some(name.clone());
            self.selected = None;
            self.arrange(cx);
        } else {
            self.go_inside();
        }
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
                self.split.leave();
            }
            self.arrange(cx);
        }
        Vec::new()
    }

    fn fit(&mut self, cx: &Cx<'_>) {
        self.split.fit(&self.areas(cx));
        self.lay(cx);
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Flow {
        match action {
            Action::Back if !self.split.is_inside() && self.repo.is_some() && self.filter.is_empty() => {
                self.repo = None;
                self.selected = None;
                self.arrange(cx);
                Flow::done()
            }
            Action::TabNext => self.next_repo(true, cx),
            Action::TabPrevious => self.next_repo(false, cx),
            Action::MatchNext => self.go(Move::Down, cx),
            Action::MatchPrevious => self.go(Move::Up, cx),
            other => self.navigate(other, cx),
        }
    }

    fn click(&mut self, column: u16, row: u16, double: bool, cx: &Cx<'_>) -> Flow {
        self.hit(Position::new(column, row), double, cx)
    }

    fn wheel(&mut self, lines: i32, cx: &Cx<'_>) -> Vec<Effect> {
        self.roll(lines, cx);
        Vec::new()
    }

    fn goes_back(&self) -> bool {
        self.split.is_inside()
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
        if let Some(place) = self.cited().filter(|_| self.split.is_inside()) {
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
        let areas = self.areas(cx);
        let Some(repo) = self.shown().filter(|_| !self.rows.is_empty()) else {
            let folders: Vec<String> =
                cx.view.config.tracks.folders.iter().map(|folder| Tracks::path(folder, "telemetry")).collect();
            let why = match (&self.pipeline, self.filter.is_empty()) {
                (None, _) => "Reading telemetry".to_owned(),
                (Some(_), false) => "Nothing fits the filter; Esc clears it".to_owned(),
                (Some(_), true) => format!(
                    "No telemetry of the pipeline in {}. {} has the pipeline run; `codex-tui init --layout tracks` writes the \
                     workflow that does",
                    folders.join(", "),
                    cx.keymap.hint(Context::Tracks, Action::RunTracks)
                ),
            };
            text::put_wrapped(buf, cx.area, &why, cx.theme.quiet);
            return;
        };
        if is_bare(cx.area) {
            let title = self.title(cx).replace('·', cx.theme.symbols.dot);
            text::put(buf, cx.area.x, cx.area.y, cx.area.width, &title, cx.theme.heading);
        }
        paint::draw(areas.rows, buf, cx, (repo, &self.rows, moment_of(cx)), self.split.visible_rows(&areas));
        self.detail.draw(areas.detail, buf, cx, self.split.visible_lines(&areas));
        self.split.draw(body(cx.area), buf, cx, &areas);
    }
}

#[cfg(test)]
mod tests;
