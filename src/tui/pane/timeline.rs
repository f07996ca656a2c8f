//! Timeline: everything that carries a date, on lanes over the days or as a list.
//!
//! ```text
//! ┌ Timeline · 412 events · 3 undated ──────────────────────┐
//! │            2025-12       2026-01                        │  ruler: months, Mondays
//! │2026-01-02  22     29     01  05                         │  the cursor's day
//! │All    412  ··▪ ▮█▪·      ▪·                             │  a lane a plan, a column a day
//! │A       98  ·  ▪▮ ·       ·                              │
//! │· 1  ▪ 2-3  ▮ 4-7  █ 8+   3 undated: v lists them        │
//! │2026-01-02 10:12 A  • timeline  Ran the pipeline again   │  the events under the cursor
//! │2026-01-02       A  → board     ST-A-001 Done: Make it…  │
//! └─────────────────────────────────────────────────────────┘
//! ```
//! `h`/`l` day, `j`/`k` lane, `n`/`N` to the next busy day; `Enter` goes down to the events, there it opens the source.
//! `v` shows the list alone, newest first, rows without a readable date at its end.

mod axis;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use self::axis::Axis;
use super::{Clip, Context, Cx, Flow, Goto, Pane, PaneId};
use crate::doc::DocId;
use crate::model::query::{FieldName, Query};
use crate::model::timeline::EventKind;
use crate::model::timeline::query::{TIMELINE_FIELDS, undated_fits};
use crate::tui::action::{Action, Move};
use crate::tui::effect::Effect;
use crate::tui::text;
use crate::tui::widget::cursor::Cursor;
use crate::tui::widget::{found, lanes};

/// Days of a page on the axis.
const WEEK: i64 = 7;

/// The Timeline pane.
#[derive(Debug, Default)]
pub struct Timeline {
    layout: Layout,
    /// Only events of this plan.
    plan: Option<String>,
    filter: String,
    query: Query,
    /// Indexes of the events that show, newest first.
    shown: Vec<u32>,
    /// Indexes of the undated rows that show.
    undated: Vec<u32>,
    generation: Option<u64>,
    axis: Axis,
    list: Cursor,
    /// The selected row, to find it again.
    selected: Option<Key>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Layout {
    /// Lanes, and they have the movements.
    #[default]
    Lanes,
    /// Lanes, and the events below them have the movements.
    Below,
    /// The list alone.
    List,
}

/// What tells a row from all others: its source and its text.
type Key = (DocId, usize, String);

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Item {
    Event(u32),
    Undated(u32),
}

impl Timeline {
    /// Areas of lanes (ruler included), legend and list.
    fn areas(&self, area: Rect) -> (Rect, Rect, Rect) {
        let none = Rect { height: 0, ..area };
        if self.layout == Layout::List {
            return (none, none, area);
        }
        let most = (area.height / 2).max(lanes::RULER + 1);
        let wanted = lanes::RULER + u16::try_from(self.axis.names.len()).unwrap_or(u16::MAX);
        let upper = wanted.min(most).min(area.height);
        let legend = u16::from(area.height > upper);
        let lower = Rect { y: area.y + upper + legend, height: area.height - upper - legend, ..area };
        (Rect { height: upper, ..area }, Rect { y: area.y + upper, height: legend, ..area }, lower)
    }

    fn lane_rows(&self, area: Rect) -> u16 {
        self.areas(area).0.height.saturating_sub(lanes::RULER)
    }

    fn list_len(&self) -> usize {
        match self.layout {
            Layout::Lanes | Layout::Below => self.axis.under().len(),
            Layout::List => self.shown.len() + self.undated.len(),
        }
    }

    fn item(&self, at: usize) -> Option<Item> {
        match self.layout {
            Layout::Lanes | Layout::Below => self.axis.under().get(at).copied().map(Item::Event),
            Layout::List => match self.shown.get(at) {
                Some(&index) => Some(Item::Event(index)),
                None => self.undated.get(at - self.shown.len()).copied().map(Item::Undated),
            },
        }
    }

    fn key(&self, item: Item, cx: &Cx<'_>) -> Option<Key> {
        let timeline = &cx.view.timeline;
        match item {
            Item::Event(index) => {
                let event = timeline.events.get(index as usize)?;
                Some((event.doc.clone(), event.line, event.summary().into_owned()))
            }
            Item::Undated(index) => timeline.undated.get(index as usize).cloned(),
        }
    }

    fn arrange(&mut self, cx: &Cx<'_>) {
        let timeline = &cx.view.timeline;
        let index = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.shown = timeline
            .events
            .iter()
            .enumerate()
            .filter(|(_, event)| self.plan.is_none() || event.plan.as_deref() == self.plan.as_deref())
            .filter(|(_, event)| event.fits(&self.query))
            .map(|(at, _)| index(at))
            .collect();
        self.undated = timeline
            .undated
            .iter()
            .enumerate()
            .filter(|(_, (doc, _, text))| self.plan.is_none() && undated_fits(doc, text, &self.query))
            .map(|(at, _)| index(at))
            .collect();
        self.generation = Some(cx.view.generation);
        self.axis.arrange(&timeline.events, &self.shown);
        self.settle(cx);
        self.find_again(cx);
    }

    /// Keeps all cursors visible.
    fn settle(&mut self, cx: &Cx<'_>) {
        self.axis.fit(lanes::days(cx.area.width));
        self.axis.fit_lanes(self.lane_rows(cx.area));
        self.list.fit(self.list_len(), self.areas(cx.area).2.height);
    }

    /// Puts the list's cursor back on the selected row: by all of it, else by its document and text.
    fn find_again(&mut self, cx: &Cx<'_>) {
        let Some(wanted) = &self.selected else { return };
        let len = self.list_len();
        let keys = || (0..len).filter_map(|at| Some((at, self.key(self.item(at)?, cx)?)));
        let same = keys().find(|(_, key)| key == wanted);
        let found = same.or_else(|| keys().find(|(_, key)| key.0 == wanted.0 && key.2 == wanted.2));
        if let Some((at, _)) = found {
            self.list.select(at, len, self.areas(cx.area).2.height);
        }
    }

    fn take_selection(&mut self, cx: &Cx<'_>) {
        self.selected = self.item(self.list.at()).and_then(|item| self.key(item, cx));
    }

    fn go(&mut self, to: Move, cx: &Cx<'_>) -> Flow {
        let days = lanes::days(cx.area.width);
        let rows = self.lane_rows(cx.area);
        match (self.layout, to) {
            (Layout::Below | Layout::List, to) => {
                let height = self.areas(cx.area).2.height;
                if !self.list.act(to, self.list_len(), height) {
                    return Flow::Passed;
                }
            }
            (Layout::Lanes, to) => {
                match to {
                    Move::Left => self.axis.step_day(-1, days),
                    Move::Right => self.axis.step_day(1, days),
                    Move::Up => self.axis.step_lane(-1, rows),
                    Move::Down => self.axis.step_lane(1, rows),
                    Move::HalfUp => self.axis.step_day(-WEEK, days),
                    Move::HalfDown => self.axis.step_day(WEEK, days),
                    Move::PageUp => self.axis.step_day(-4 * WEEK, days),
                    Move::PageDown => self.axis.step_day(4 * WEEK, days),
                    Move::First => self.axis.go_end(false, days),
                    Move::Last => self.axis.go_end(true, days),
                }
                self.list = Cursor::default();
                self.settle(cx);
            }
        }
        self.take_selection(cx);
        Flow::done()
    }

    fn open(&mut self, cx: &Cx<'_>) -> Flow {
        if self.layout == Layout::Lanes && self.axis.under().len() > 1 {
            self.layout = Layout::Below;
            return Flow::done();
        }
        match self.place(cx) {
            Some((doc, line)) => Flow::Go(Goto::Document { doc, line }),
            None => Flow::done(),
        }
    }

    fn switch(&mut self, cx: &Cx<'_>) -> Flow {
        self.take_selection(cx);
        self.layout = match self.layout {
            Layout::Lanes | Layout::Below => Layout::List,
            Layout::List => {
                // The lanes show the day that was read.
                if let Some(Item::Event(index)) = self.item(self.list.at())
                    && let Some(event) = cx.view.timeline.events.get(index as usize)
                {
                    self.axis.go_day(event.at.date, lanes::days(cx.area.width));
                }
                Layout::Lanes
            }
        };
        self.list = Cursor::default();
        self.settle(cx);
        self.find_again(cx);
        Flow::done()
    }

    fn next_plan(&mut self, cx: &Cx<'_>) -> Flow {
        let mut plans: Vec<&str> = cx.view.timeline.events.iter().filter_map(|event| event.plan.as_deref()).collect();
        plans.sort_unstable_by_key(|plan| (plan.len(), *plan));
        plans.dedup();
        self.plan = match &self.plan {
            None => plans.first().map(|plan| (*plan).to_owned()),
            Some(plan) => plans.iter().skip_while(|other| **other != *plan).nth(1).map(|plan| (*plan).to_owned()),
        };
        self.arrange(cx);
        Flow::done()
    }

    fn draw_row(&self, buf: &mut Buffer, area: Rect, y: u16, item: Item, cx: &Cx<'_>) {
        let theme = cx.theme;
        let mut x = area.x;
        let mut put = |wanted: u16, text: &str, style| {
            if x < area.right() {
                let room = wanted.min(area.right() - x);
                text::put(buf, x, y, room, text, style);
                x += room + 1;
            }
        };
        match item {
            Item::Event(index) => {
                let Some(event) = cx.view.timeline.events.get(index as usize) else { return };
                let symbol = match event.kind {
                    EventKind::Timeline => theme.symbols.bullet,
                    EventKind::Session => theme.symbols.closed,
                    EventKind::Board => theme.symbols.arrow,
                    EventKind::Journal => theme.symbols.open,
                };
                let wide = area.width >= 60;
                let kind = if wide { format!("{symbol} {}", event.kind.word()) } else { symbol.to_owned() };
                let date = if wide { event.at.to_string() } else { event.at.date.to_string() };
                let columns = if wide { 16 } else { 10 };
                put(columns, &date, theme.quiet);
                let is_new = cx.unread.any(&event.doc, event.line..event.line + 1);
                put(3, event.plan.as_deref().unwrap_or(axis::NONE), theme.accent);
                put(if wide { 10 } else { 1 }, &kind, theme.text);
                put(area.width, &event.summary(), theme.text);
                if is_new && columns < area.width {
                    text::put(buf, area.x + columns, y, 1, theme.symbols.bullet, theme.accent);
                }
            }
            Item::Undated(index) => {
                let Some((doc, line, summary)) = cx.view.timeline.undated.get(index as usize) else { return };
                put(10, "no date", theme.warn);
                put(area.width, &format!("{summary} ({doc}:{line})"), theme.text);
            }
        }
    }
}

impl Pane for Timeline {
    fn id(&self) -> PaneId {
        PaneId::Timeline
    }

    fn context(&self) -> Context {
        Context::Timeline
    }

    fn title(&self, cx: &Cx<'_>) -> String {
        let all = cx.view.timeline.events.len();
        let mut words = vec![if self.shown.len() == all {
            text::counted(all, "event")
        } else {
            format!("{} of {all} events", self.shown.len())
        }];
        words.extend(self.plan.iter().map(|plan| format!("plan {plan}")));
        let undated = cx.view.timeline.undated.len();
        if undated > 0 {
            words.push(format!("{undated} undated"));
        }
        words.join(" · ")
    }

    fn refresh(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        // While it is not shown, a timeline need not keep up: `fit` catches up.
        if self.generation != Some(cx.view.generation) && !cx.area.is_empty() {
            self.arrange(cx);
        }
        Vec::new()
    }

    fn fit(&mut self, cx: &Cx<'_>) {
        if self.generation != Some(cx.view.generation) && !cx.area.is_empty() {
            self.arrange(cx);
        } else if self.generation == Some(cx.view.generation) {
            self.settle(cx);
        }
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Flow {
        if self.generation != Some(cx.view.generation) {
            self.arrange(cx);
        }
        // Only what the timeline knows is named; every other action goes outward.
        match action {
            Action::Move(to) => self.go(to, cx),
            Action::Open => self.open(cx),
            Action::Back if self.layout == Layout::Below => {
                self.layout = Layout::Lanes;
                Flow::done()
            }
            Action::SwitchView => self.switch(cx),
            Action::Plan => self.next_plan(cx),
            Action::MatchNext | Action::MatchPrevious => {
                let forward = action == Action::MatchNext;
                if self.layout == Layout::Lanes {
                    self.axis.next_busy(forward, lanes::days(cx.area.width));
                    self.list = Cursor::default();
                    self.settle(cx);
                    self.take_selection(cx);
                    Flow::done()
                } else {
                    self.go(if forward { Move::Down } else { Move::Up }, cx)
                }
            }
            _ => Flow::Passed,
        }
    }

    fn click(&mut self, column: u16, row: u16, double: bool, cx: &Cx<'_>) -> Flow {
        let (upper, _, lower) = self.areas(cx.area);
        let at = Position::new(column, row);
        if upper.contains(at) && row >= upper.y + lanes::RULER {
            let (top, left) = self.axis.corner();
            self.layout = Layout::Lanes;
            self.axis.go_lane(top + usize::from(row - upper.y - lanes::RULER), self.lane_rows(cx.area));
            if let Some(offset) = column.checked_sub(upper.x + lanes::LABEL) {
                let day = left.checked_add_days(chrono::Days::new(offset.into())).unwrap_or(left);
                self.axis.go_day(day, lanes::days(cx.area.width));
            }
            self.list = Cursor::default();
        } else if lower.contains(at) {
            let to = self.list.top() + usize::from(row - lower.y);
            if to >= self.list_len() {
                return Flow::done();
            }
            if self.layout == Layout::Lanes {
                self.layout = Layout::Below;
            }
            self.list.select(to, self.list_len(), lower.height);
        }
        self.settle(cx);
        self.take_selection(cx);
        if double { self.open(cx) } else { Flow::done() }
    }

    fn wheel(&mut self, lines: i32, cx: &Cx<'_>) -> Vec<Effect> {
        self.list.step(i64::from(lines), self.list_len(), self.areas(cx.area).2.height);
        self.take_selection(cx);
        Vec::new()
    }

    fn goes_back(&self) -> bool {
        self.layout == Layout::Below
    }

    fn filter(&self) -> &str {
        &self.filter
    }

    fn set_filter(&mut self, text: &str, cx: &Cx<'_>) {
        self.filter = text.to_owned();
        self.query = Query::parse(text, TIMELINE_FIELDS);
        self.arrange(cx);
    }

    fn fields(&self) -> Option<&'static [FieldName]> {
        Some(TIMELINE_FIELDS)
    }

    fn query(&self) -> Option<&Query> {
        Some(&self.query)
    }

    fn place(&self, cx: &Cx<'_>) -> Option<(DocId, usize)> {
        self.key(self.item(self.list.at())?, cx).map(|(doc, line, _)| (doc, line))
    }

    fn clip(&self, what: Clip, cx: &Cx<'_>) -> Option<String> {
        let item = self.item(self.list.at())?;
        let (doc, line, summary) = self.key(item, cx)?;
        match (what, item) {
            (Clip::Id, _) => Some(format!("{doc}:{line}")),
            (Clip::Row, Item::Event(index)) => {
                let event = cx.view.timeline.events.get(index as usize)?;
                Some(format!("| {} | {} | `{doc}` |", event.at, summary.replace('|', "\\|")))
            }
            (Clip::Row, Item::Undated(_)) => Some(summary),
        }
    }

    fn draw(&self, buf: &mut Buffer, cx: &Cx<'_>) {
        // Between a new view and its refresh the indexes belong to other events.
        if self.generation != Some(cx.view.generation) {
            return;
        }
        let theme = cx.theme;
        let (upper, legend, lower) = self.areas(cx.area);
        if self.shown.is_empty() && self.undated.is_empty() {
            let say = match cx.view.timeline.events.is_empty() {
                true => "Nothing with a date: no plan timelines, session logs or dated tasks here",
                false => "No event fits the filter; Esc clears it",
            };
            text::put_wrapped(buf, cx.area, say, theme.quiet);
            return;
        }
        let selected = if cx.focused { theme.selected } else { theme.marked };
        if upper.height > 0 {
            let (top, left) = self.axis.corner();
            let count = |lane, day| self.axis.events(lane, day).len();
            let selected = if self.layout == Layout::Lanes { selected } else { theme.marked };
            let names = &self.axis.names;
            lanes::Lanes { names, top, left, cursor: self.axis.at(), count: &count, selected }.draw(upper, buf, theme);
        }
        if legend.height > 0 {
            let mut say = lanes::legend(theme);
            if !self.undated.is_empty() {
                say.push_str(&format!("   {} undated: v lists them", self.undated.len()));
            }
            text::put(buf, legend.x, legend.y, legend.width, &say, theme.quiet);
        }
        if self.list_len() == 0 && upper.height > 0 {
            let [before, after] =
                [Action::MatchPrevious, Action::MatchNext].map(|action| cx.keymap.hint(Context::Timeline, action));
            let say = format!(
                "Nothing on this day; {before} goes to the day before that has something, {after} to the next one"
            );
            text::put_wrapped(buf, lower, &say, theme.quiet);
        }
        for (row, at) in self.list.visible(self.list_len(), lower.height).enumerate() {
            let y = lower.y + row as u16;
            let Some(item) = self.item(at) else { break };
            self.draw_row(buf, lower, y, item, cx);
            if at == self.list.at() && self.layout != Layout::Lanes {
                buf.set_style(Rect { y, height: 1, ..lower }, selected);
            }
        }
        found::mark(buf, lower, self.query.words(), theme.found);
    }
}

#[cfg(test)]
mod tests;
