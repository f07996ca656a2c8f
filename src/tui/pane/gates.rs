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
use ratatui::layout::Position;

use self::list::Row;
use super::detail::Detail;
use super::split::{Areas, ListDetail, Shape, Split};
use super::{About, Clip, Context, Cx, Flow, Goto, Pane, PaneId};
use crate::doc::DocId;
use crate::model::gate::evaluate::{Judged, Verdict};
use crate::model::query::{FieldKind, FieldName, Query};
use crate::tui::action::{Action, Move};
use crate::tui::effect::Effect;
use crate::tui::text;
use crate::tui::widget::found;
use crate::workbench::Order;
use crate::workbench::gates::Gates as Judgement;

/// The Gates pane.
pub struct Gates {
    gates: Arc<Judgement>,
    /// Headings and clauses in the order in which they show.
    rows: Vec<Row>,
    filter: String,
    query: Query,
    /// Only gates of this plan.
    plan: Option<String>,
    split: Split,
    /// The selected clause, by its id.
    selected: Option<String>,
    detail: Detail<detail::Place>,
    /// The clause that the detail is about.
    laid: Option<String>,
}

impl Default for Gates {
    fn default() -> Gates {
        Gates {
            gates: Arc::default(),
            rows: Vec::new(),
            filter: String::new(),
            query: Query::default(),
            plan: None,
            split: Split::new(SHAPE),
            selected: None,
            detail: Detail::default(),
            laid: None,
        }
    }
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

/// Where list and explanation stand.
const SHAPE: Shape = Shape { beside: (116, 11), below: (12, 10), header: 0 };

impl Gates {
    fn judged(&self) -> Option<&Judged> {
        let id = self.selected.as_ref()?;
        self.gates.judged.iter().find(|one| one.clause.id == *id)
    }

    /// Chooses and orders the clauses anew, and keeps the cursor on the selected one.
    fn arrange(&mut self, cx: &Cx<'_>) {
        let fits = |one: &Judged| self.fits(one);
        self.rows = list::rows(&self.gates.judged, &cx.view.plans, fits);
        let is_selected = |row: &Row| match row {
            Row::Clause(at) => Some(&self.gates.judged[*at].clause.id) == self.selected.as_ref(),
            Row::Plan { .. } => false,
        };
        let first = || self.rows.iter().position(|row| matches!(row, Row::Clause(_)));
        let at = self.rows.iter().position(is_selected).or_else(first);
        self.split.set_rows(self.rows.len(), at, &self.areas(cx));
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

    fn lay(&mut self, cx: &Cx<'_>) {
        let areas = self.areas(cx);
        let width = areas.detail.width;
        self.detail = self
            .judged()
            .map_or_else(Detail::default, |one| Detail::lay(detail::said(one, &self.gates.list, cx, width), width));
        self.split.set_lines(self.detail.len(), self.laid == self.selected, &areas);
        self.laid.clone_from(&self.selected);
    }

    /// Where the line under the cursor of the explanation leads.
    fn cited(&self) -> detail::Place {
        self.detail.about(self.split.line())?.clone()
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

impl ListDetail for Gates {
    fn split(&mut self) -> &mut Split {
        &mut self.split
    }

    fn areas(&self, cx: &Cx<'_>) -> Areas {
        self.split.areas(cx.area)
    }

    fn has_detail(&self) -> bool {
        self.selected.is_some()
    }

    fn take_selection(&mut self, cx: &Cx<'_>) {
        self.selected = match self.rows.get(self.split.row()) {
            Some(Row::Clause(at)) => Some(self.gates.judged[*at].clause.id.clone()),
            Some(Row::Plan { .. }) | None => None,
        };
        self.lay(cx);
    }

    fn open_line(&mut self, _cx: &Cx<'_>) -> Flow {
        self.cited().map_or_else(Flow::done, |(doc, line)| Flow::Go(Goto::Document { doc, line }))
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
        self.split.fit(&self.areas(cx));
        self.lay(cx);
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Flow {
        match action {
            Action::Back if cx.view.reading.is_some() => Flow::Done(vec![Effect::Order(Order::StopJudging)]),
            Action::Plan => self.next_plan(cx),
            Action::JudgeAgain => Flow::Done(vec![Effect::Order(Order::Judge)]),
            Action::BlockTask => self.choose_task(cx),
            Action::SignOff => self.ask_evidence(),
            Action::AttachGate => self.attach(cx),
            Action::TabNext => self.go_row(Move::Down, cx),
            Action::TabPrevious => self.go_row(Move::Up, cx),
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
        let own = self.cited().filter(|_| self.split.is_inside());
        own.or_else(|| Some((self.gates.list.doc.clone()?, self.judged()?.clause.line)))
    }

    fn clip(&self, what: Clip, _cx: &Cx<'_>) -> Option<String> {
        let one = self.judged()?;
        match what {
            Clip::Id => Some(one.clause.id.clone()),
            Clip::Row => Some(format!("{} {}: {}", one.clause.id, one.verdict.name(), one.reason)),
        }
    }

    fn draw(&self, buf: &mut Buffer, cx: &Cx<'_>) {
        let areas = self.areas(cx);
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
        list::draw(areas.rows, buf, cx, &self.gates.judged, &self.rows, self.split.visible_rows(&areas));
        self.detail.draw(areas.detail, buf, cx, self.split.visible_lines(&areas));
        self.split.draw(cx.area, buf, cx, &areas);
    }
}
