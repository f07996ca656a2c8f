//! The agent's view: what the agent did, beside its plan and the session's.
//!
//! ```text
//! ┌ Log · agent · rollout-2026-01-02T10-00-00.jsonl · following ───────────────┐
//! │ last event 10:14:03, 2 min ago          │ plan 1/3; drift: 1 not taken up  │
//! │   10:14:00 $ command: harborctl test    │ Plan of 2026-01-02_session-0003  │
//! │              exit 1 after 1.5 s         │ · Bound the queue                │
//! │              | 2 tests failed           │ ! Measure gate A2                │
//! │   10:14:03 < agent: Two tests fail.     │ Plan of the agent, 1 of 3 done   │
//! │                                         │ ✓ Bound the queue                │
//! │                                         │ ▸ Repair the tests               │
//! └────────────────────────────────────────────────────────────────────────────┘
//! ```
//! On a narrow screen the plans stand above the events. An event begins with its time and a sign with a word; what fails
//! counts as an error. A plan's line with `!` is drift: no step takes the bullet up, or no bullet names the step.

use std::path::PathBuf;

use chrono::NaiveDateTime;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::events::{self, Row};
use super::held::Sound;
use super::plans::Plans;
use super::scroll::{Lines, Scroll, Tone};
use crate::model::agent::drift::bullets;
use crate::model::agent::{Changed, Trail, What};
use crate::tui::behind::age;
use crate::tui::pane::Cx;
use crate::tui::text;
use crate::workbench::{AgentChange, AgentUpdate};

/// From this width on the plans stand beside the events.
const WIDE: u16 = 90;

/// The agent's view.
#[derive(Debug, Default)]
pub struct AgentView {
    /// The followed file; empty until it was answered; none while nothing is followed.
    pub path: Option<PathBuf>,
    trail: Trail,
    pub lines: Rows,
    pub scroll: Scroll,
    plans: Plans,
    half: bool,
    from_start: bool,
    /// Why there is nothing new.
    refused: Option<String>,
    /// The time when the pane was touched last: a screen does not change by itself.
    now: NaiveDateTime,
}

/// The rows of the held events, each with the number of its event, which counts all since the file was opened.
#[derive(Debug, Default)]
pub struct Rows(Vec<(usize, Row)>);

impl Rows {
    /// The row with which an event begins.
    fn first_of(&self, event: usize) -> usize {
        self.0.partition_point(|(other, _)| *other < event)
    }
}

impl Lines for Rows {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn shown(&self, at: usize) -> Option<(&str, Tone)> {
        self.0.get(at).map(|(_, row)| (row.text.as_str(), row.tone))
    }

    fn sound(&self, at: usize) -> Sound {
        let bad = self.0.get(at).is_some_and(|(_, row)| row.is_bad);
        if bad { Sound::Error } else { Sound::Plain }
    }
}

impl AgentView {
    /// The name of the followed file.
    pub fn name(&self) -> String {
        let name = self.path.as_ref().and_then(|path| path.file_name());
        name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// The place of the events on the screen, their rows, and their part of the pane.
    pub fn shown(&mut self, area: Rect) -> (&mut Scroll, &dyn Lines, Rect) {
        let body = self.parts(area).events;
        (&mut self.scroll, &self.lines, body)
    }

    /// The row that is meant.
    pub fn row(&self) -> Option<String> {
        self.lines.shown(self.scroll.meant(&self.lines)).map(|(text, _)| text.trim_start().to_owned())
    }

    /// The documents or the clock may have moved on.
    pub fn tell(&mut self, cx: &Cx<'_>) {
        self.now = cx.now;
        if self.path.is_none() {
            return;
        }
        let log = cx.view.active_session();
        let doc = log.and_then(|log| cx.view.snapshot.get(&log.doc));
        let bullets = doc.map_or_else(Vec::new, |doc| bullets(doc));
        let name = log.map_or("", |log| log.name.as_str());
        self.plans.set(name, bullets, self.trail.plan());
    }

    /// News.
    pub fn take(&mut self, update: &AgentUpdate, cx: &Cx<'_>) {
        (self.half, self.from_start) = (update.half, update.from_start);
        self.path = Some(update.path.clone());
        match &update.change {
            AgentChange::Opened { why, pieces } => {
                *self = AgentView {
                    path: self.path.take(),
                    half: self.half,
                    from_start: self.from_start,
                    scroll: std::mem::take(&mut self.scroll),
                    ..AgentView::default()
                };
                self.scroll.restart();
                for said in [(!self.from_start).then_some("older events are not shown"), Some(why.as_str())] {
                    if let Some(said) = said.filter(|said| !said.is_empty()) {
                        self.lines.0.push((0, Row { text: said.to_owned(), tone: Tone::Mark, is_bad: false }));
                    }
                }
                for piece in pieces {
                    self.trail.take(piece.clone());
                }
                self.paint_from(self.trail.dropped(), cx);
            }
            AgentChange::Appended { pieces } => {
                self.refused = None;
                let mut first = self.trail.dropped() + self.trail.events().len();
                for piece in pieces {
                    if let Changed::Updated(at) = self.trail.take(piece.clone()) {
                        first = first.min(self.trail.dropped() + at);
                    }
                }
                let at = self.scroll.at;
                let place = self.lines.0.get(at).map(|(event, _)| (*event, at - self.lines.first_of(*event)));
                let gone = self.lines.0.partition_point(|(event, _)| *event < self.trail.dropped());
                self.lines.0.drain(..gone);
                self.paint_from(first.max(self.trail.dropped()), cx);
                self.tell(cx);
                // Who reads stays on the row, whatever came above it.
                let now = place.map_or(at, |(event, row)| self.lines.first_of(event) + row);
                let body = self.parts(cx.area).events;
                self.scroll.moved(now as isize - at as isize, &self.lines, body);
            }
            AgentChange::Unreadable { why } => self.refused = Some(why.clone()),
            AgentChange::Stopped => *self = AgentView::default(),
        }
        self.tell(cx);
    }

    /// Makes the rows anew from an event on.
    fn paint_from(&mut self, first: usize, cx: &Cx<'_>) {
        let dropped = self.trail.dropped();
        if first > dropped {
            let keep = self.lines.0.partition_point(|(event, _)| *event < first);
            self.lines.0.truncate(keep);
        } else {
            self.lines.0.retain(|(_, row)| row.tone == Tone::Mark);
        }
        for (at, event) in self.trail.events().enumerate().skip(first - dropped) {
            let rows = events::rows(event, &cx.theme.symbols);
            self.lines.0.extend(rows.into_iter().map(|row| (dropped + at, row)));
        }
    }

    /// One line about the whole.
    fn state(&self) -> (String, Tone) {
        if let Some(why) = &self.refused {
            return (format!("nothing new: {why}"), Tone::Warn);
        }
        let mut said = match self.trail.last() {
            Some(at) => {
                let at = at.naive_local();
                format!("last event {}, {}", at.format("%H:%M:%S"), age(self.now, at))
            }
            None => "no event has a time".to_owned(),
        };
        let unknown: usize =
            self.trail.events().map(|event| if let What::Unknown { times, .. } = event.what { times } else { 0 }).sum();
        if self.half {
            said += "; the last line is not complete";
        }
        if unknown > 0 {
            said += &format!("; events of unknown kinds: {unknown}");
        }
        (said, Tone::Quiet)
    }

    fn parts(&self, area: Rect) -> Parts {
        let head = Rect { height: area.height.min(1), ..area };
        let rest = Rect { y: head.bottom(), height: area.height - head.height, ..area };
        if area.width >= WIDE {
            let columns = (area.width * 2 / 5).clamp(36, 64);
            let events = Rect { width: area.width - columns - 1, ..rest };
            return Parts { head, plans: Rect { x: events.right() + 1, width: columns, ..rest }, events };
        }
        let rows = u16::try_from(self.plans.len()).unwrap_or(u16::MAX).min(rest.height / 3);
        let plans = Rect { height: rows, ..rest };
        Parts { head, plans, events: Rect { y: plans.bottom(), height: rest.height - rows, ..rest } }
    }

    /// Paints state, plans and events.
    pub fn draw(&self, buf: &mut Buffer, cx: &Cx<'_>) {
        let parts = self.parts(cx.area);
        let (said, tone) = self.state();
        text::put(buf, parts.head.x, parts.head.y, parts.head.width, &said, tone.style(cx.theme));
        let is_beside = parts.plans.x > parts.events.x;
        if is_beside {
            for y in parts.events.top()..parts.events.bottom() {
                text::put(buf, parts.events.right(), y, 1, cx.theme.symbols.bar, cx.theme.border);
            }
        }
        self.plans.draw(is_beside, parts.plans, buf, cx.theme);
        if self.lines.len() == 0 {
            let say = "Nothing was done yet";
            text::put(buf, parts.events.x, parts.events.y, parts.events.width, say, cx.theme.quiet);
            return;
        }
        self.scroll.draw(&self.lines, None, parts.events, buf, cx);
    }
}

/// State, plans, events.
struct Parts {
    head: Rect,
    plans: Rect,
    events: Rect,
}
