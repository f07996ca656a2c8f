//! Gates: every clause with its verdict, the worst first, and how the number came about.
//!
//! ```text
//! ┌ Gates · 2 fail · 1 missing · 9 pass ─────────────────────┐
//! │Plan B  1 fail · 3 pass                                   │
//! │✗ B1  fail       46.1 ms  <= 40 ms     120  Write p95 …   │
//! │✓ B2  pass       12 ms    <= 20 ms      40  Write avg …   │
//! │──────────────────────────────────────────────────────────│
//! │B1  `StoreWrite.LatencyMs` p95 ≤ 40 ms (warm)             │
//! │the p95 of 120 samples … is 46.1 ms; asked for is …       │
//! │▁▂▅█▆▅ 2026-11-14 – 2026-11-20                            │
//! │worst: host a-12 61.2 ms (8 samples)                      │
//! │Logs/…/2026-11-20.json:12-240                             │
//! └──────────────────────────────────────────────────────────┘
//! ```
//! `Enter` goes into the explanation, there it opens the records; `b` blocks a task because of the gate, `s` signs off what
//! only a person can judge, `R` judges again.

mod act;
mod detail;
mod list;

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use self::detail::Detail;
use self::list::Row;
use super::{About, Clip, Context, Cx, Flow, Goto, Pane, PaneId};
use crate::doc::DocId;
use crate::model::gate::evaluate::{Judged, Verdict};
use crate::model::query::{FieldKind, FieldName, Query};
use crate::tui::action::{Action, Move};
use crate::tui::effect::Effect;
use crate::tui::text;
use crate::tui::widget::cursor::Cursor;
use crate::tui::widget::found;
use crate::workbench::Order;
use crate::workbench::gates::Gates as Judgement;

/// The Gates pane.
#[derive(Default)]
pub struct Gates {
    gates: Arc<Judgement>,
    /// Headings and clauses in the order in which they show.
    rows: Vec<Row>,
    filter: String,
    query: Query,
    /// Only gates of this plan.
    plan: Option<String>,
    cursor: Cursor,
    /// The selected clause, by its id.
    selected: Option<String>,
    inside: bool,
    detail: Detail,
}

/// What the filter knows.
const FIELDS: &[FieldName] = &[
    FieldName {
        name: "verdict",
        help: "fail, missing, insufficient, stale, warn, manual, pass",
        kind: FieldKind::Word,
    },
    FieldName { name: "plan", help: "the plan's letters", kind: FieldKind::Exact },
    FieldName { name: "id", help: "the clause's id", kind: FieldKind::Text },
    FieldName { name: "kind", help: "machine, partial, manual, unreadable", kind: FieldKind::Word },
    FieldName { name: "severity", help: "blocking, warning, tracked", kind: FieldKind::Word },
    FieldName { name: "file", help: "a file of its evidence", kind: FieldKind::Text },
];

/// From this width on the explanation stands to the right.
const WIDE: u16 = 116;
/// From this height on it stands below.
const TALL: u16 = 12;

impl Gates {
    fn areas(&self, area: Rect) -> (Rect, Rect) {
        let none = Rect { width: 0, height: 0, ..area };
        if area.width >= WIDE {
            let list = area.width * 11 / 20;
            return (Rect { width: list - 1, ..area }, Rect { x: area.x + list, width: area.width - list, ..area });
        }
        if area.height >= TALL {
            let list = area.height / 2;
            let below = Rect { y: area.y + list + 1, height: area.height - list - 1, ..area };
            return (Rect { height: list, ..area }, below);
        }
        if self.inside { (none, area) } else { (area, none) }
    }

    fn judged(&self) -> Option<&Judged> {
        let id = self.selected.as_ref()?;
        self.gates.judged.iter().find(|one| one.clause.id == *id)
    }

    /// Chooses and orders the clauses anew, and keeps the cursor on the selected one.
    fn arrange(&mut self, cx: &Cx<'_>) {
        let fits = |one: &Judged| self.fits(one);
        self.rows = list::rows(&self.gates.judged, &cx.view.plans, fits);
        let height = self.areas(cx.area).0.height;
        let is_selected = |row: &Row| match row {
            Row::Clause(at) => Some(&self.gates.judged[*at].clause.id) == self.selected.as_ref(),
            Row::Plan { .. } => false,
        };
        let first = || self.rows.iter().position(|row| matches!(row, Row::Clause(_)));
        match self.rows.iter().position(is_selected).or_else(first) {
            Some(at) => self.cursor.select(at, self.rows.len(), height),
            None => self.cursor.fit(self.rows.len(), height),
        }
        self.take_selection(cx);
    }

    fn fits(&self, one: &Judged) -> bool {
        let clause = &one.clause;
        if self.plan.is_some() && self.plan != clause.plan {
            return false;
        }
        self.query.fits(
            |field| match field {
                "verdict" => vec![one.verdict.name().into()],
                "plan" => clause.plan.iter().map(|plan| plan.as_str().into()).collect(),
                "id" => vec![clause.id.as_str().into()],
                "kind" => vec![clause.kind.name().into()],
                "severity" => vec![clause.severity.name().into()],
                "file" => one.sources.iter().map(|source| source.file.as_str().into()).collect(),
                _ => Vec::new(),
            },
            |word| {
                found::contains(&clause.id, word)
                    || found::contains(&clause.quote, word)
                    || found::contains(&one.reason, word)
            },
        )
    }

    fn take_selection(&mut self, cx: &Cx<'_>) {
        self.selected = match self.rows.get(self.cursor.at()) {
            Some(Row::Clause(at)) => Some(self.gates.judged[*at].clause.id.clone()),
            Some(Row::Plan { .. }) | None => None,
        };
        self.lay(cx);
    }

    fn lay(&mut self, cx: &Cx<'_>) {
        let area = self.areas(cx.area).1;
        let gates = Arc::clone(&self.gates);
        match self.judged().map(|one| one.clause.id.clone()) {
            Some(id) => {
                let one = gates.judged.iter().find(|one| one.clause.id == id);
                if let Some(one) = one {
                    self.detail.lay(one, &gates.list, cx, area);
                }
            }
            None => self.detail = Detail::default(),
        }
    }

    fn go(&mut self, to: Move, cx: &Cx<'_>) -> Flow {
        let (list, detail) = self.areas(cx.area);
        match to {
            Move::Left if self.inside => self.inside = false,
            Move::Right if !self.inside => self.inside = self.selected.is_some(),
            Move::Left | Move::Right => return Flow::Passed,
            to if self.inside => self.detail.act(to, detail.height),
            to => {
                self.cursor.act(to, self.rows.len(), list.height);
                self.take_selection(cx);
            }
        }
        Flow::done()
    }

    /// `Enter`: into the explanation, there to the records.
    fn enter(&mut self) -> Flow {
        if !self.inside {
            self.inside = self.selected.is_some();
            return Flow::done();
        }
        match self.detail.place() {
            Some((doc, line)) => Flow::Go(Goto::Document { doc, line }),
            None => Flow::done(),
        }
    }

    /// The plans of the gates, then all again; the active task's plan first.
    fn next_plan(&mut self, cx: &Cx<'_>) -> Flow {
        let mut plans: Vec<&String> = self.gates.judged.iter().filter_map(|one| one.clause.plan.as_ref()).collect();
        plans.dedup();
        let active = cx.view.sessions.last().and_then(|log| log.tasks.first());
        let active = active.and_then(|id| crate::model::cite::plan_of_id(id));
        if let Some(at) = plans.iter().position(|plan| Some(plan.as_str()) == active) {
            plans.rotate_left(at);
        }
        let next = match &self.plan {
            None => plans.first(),
            Some(plan) => plans.iter().skip_while(|other| **other != plan).nth(1),
        };
        self.plan = next.map(|plan| (*plan).clone());
        self.arrange(cx);
        Flow::done()
    }
}

impl Pane for Gates {
    fn id(&self) -> PaneId {
        PaneId::Gates
    }

    fn context(&self) -> Context {
        Context::Gates
    }

    fn title(&self, cx: &Cx<'_>) -> String {
        let mut words: Vec<String> = Vec::new();
        if let Some(progress) = cx.view.reading {
            words.push(format!("reading {} of {} MB", progress.done >> 20, progress.all >> 20));
        }
        let totals = self.gates.totals();
        let counts = Verdict::ALL.into_iter().filter(|verdict| totals.count(*verdict) > 0);
        words.extend(counts.map(|verdict| format!("{} {}", totals.count(verdict), verdict.name())));
        words.extend(self.plan.iter().map(|plan| format!("plan {plan}")));
        words.join(" · ")
    }

    fn refresh(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        self.gates = Arc::clone(&cx.view.gates);
        self.arrange(cx);
        Vec::new()
    }

    fn fit(&mut self, cx: &Cx<'_>) {
        self.cursor.fit(self.rows.len(), self.areas(cx.area).0.height);
        self.lay(cx);
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Flow {
        match action {
            Action::Move(to) => self.go(to, cx),
            Action::Open => self.enter(),
            Action::Back if cx.view.reading.is_some() => Flow::Done(vec![Effect::Order(Order::StopJudging)]),
            Action::Back if self.inside => {
                self.inside = false;
                Flow::done()
            }
            Action::Plan => self.next_plan(cx),
            Action::JudgeAgain => Flow::Done(vec![Effect::Order(Order::Judge)]),
            Action::BlockTask => self.choose_task(cx),
            Action::SignOff => self.ask_evidence(),
            Action::AttachGate => self.attach(cx),
            Action::TabNext | Action::TabPrevious => {
                let to = if action == Action::TabNext { Move::Down } else { Move::Up };
                self.cursor.act(to, self.rows.len(), self.areas(cx.area).0.height);
                self.take_selection(cx);
                Flow::done()
            }
            _ => Flow::Passed,
        }
    }

    fn click(&mut self, column: u16, row: u16, double: bool, cx: &Cx<'_>) -> Flow {
        let (list, detail) = self.areas(cx.area);
        let at = Position::new(column, row);
        if detail.contains(at) {
            self.inside = true;
            self.detail.click(usize::from(row - detail.y), detail.height);
            return if double { self.enter() } else { Flow::done() };
        }
        if list.contains(at) {
            self.inside = false;
            let to = self.cursor.top() + usize::from(row - list.y);
            if to < self.rows.len() {
                self.cursor.select(to, self.rows.len(), list.height);
                self.take_selection(cx);
                return if double { self.enter() } else { Flow::done() };
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

    fn show(&mut self, goto: &Goto, cx: &Cx<'_>) -> Vec<Effect> {
        if let Goto::Gate(id) = goto {
            self.selected = Some(id.clone());
            self.arrange(cx);
        }
        Vec::new()
    }

    fn answer(&mut self, about: &About, text: &str, cx: &Cx<'_>) -> Flow {
        self.answered(about, text, cx)
    }

    fn filter(&self) -> &str {
        &self.filter
    }

    fn problem(&self) -> Option<&str> {
        self.query.problems().first().map(String::as_str)
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
        Some((self.gates.list.doc.clone()?, self.judged()?.clause.line))
    }

    fn clip(&self, what: Clip, _cx: &Cx<'_>) -> Option<String> {
        let one = self.judged()?;
        match what {
            Clip::Id => Some(one.clause.id.clone()),
            Clip::Row => Some(format!("{} {}: {}", one.clause.id, one.verdict.name(), one.reason)),
        }
    }

    fn draw(&self, buf: &mut Buffer, cx: &Cx<'_>) {
        let (list, detail) = self.areas(cx.area);
        if self.rows.is_empty() {
            let why = if self.gates.list.doc.is_none() {
                "No gates here: docs/telemetry/Automation_Gates.md"
            } else if self.filter.is_empty() && self.plan.is_none() {
                "The gates document has no clause that could be read"
            } else {
                "No gate fits the filter; Esc clears it"
            };
            text::put(buf, cx.area.x, cx.area.y, cx.area.width, why, cx.theme.quiet);
            return;
        }
        if list.height > 0 {
            let focused = cx.focused && !self.inside;
            list::draw(list, buf, cx, &self.gates.judged, &self.rows, self.cursor, focused);
        }
        if detail.height == 0 {
            return;
        }
        if detail.x > cx.area.x {
            for y in detail.top()..detail.bottom() {
                text::put(buf, detail.x - 1, y, 1, cx.theme.symbols.bar, cx.theme.border);
            }
        } else if detail.y > cx.area.y {
            let line = cx.theme.symbols.line.repeat(usize::from(detail.width));
            text::put(buf, detail.x, detail.y - 1, detail.width, &line, cx.theme.border);
        }
        self.detail.draw(detail, buf, cx, cx.focused && self.inside);
    }
}
