//! Board: all tasks, as a table or as a kanban, and the detail of one.
//!
//! ```text
//! ┌ Board · 12 of 94 · by state ───────────────┐   ┌ Board ─────────────────────────────────────┐
//! │Id      State     Title              Date   │   │Ready 2         In progress 1   Done 80     │
//! │D-001   Doing     Make the switch…   2026-…│   │D-002           D-001 2026-01-02 D-003 2025-…│
//! │D-002 ! Ready     Sort the cables           │   │  Sort the        Make the         Ship it  │
//! │D-003   Done      Ship it            2025-…│   │  cables          switch work               │
//! └────────────────────────────────────────────┘   └────────────────────────────────────────────┘
//! ```
//! `!` marks a task whose documents disagree. `Enter` opens the detail to the right, below or over the list, as the
//! room allows; then `h`/`l` move between list and detail, and `Esc` closes it. The selection is a task id: it stays on
//! its task when files change underneath.

mod detail;
mod edit;
mod empty;
mod kanban;
mod select;
mod session;
mod shown;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::atomic::AtomicBool;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use self::detail::{Detail, Target};
use self::select::{Matches, Sort};
use self::shown::{Layout, Shown};
use super::{About, Clip, Context, Current, Cx, FieldValue, Flow, Goto, Pane, PaneId};
use crate::doc::DocId;
use crate::model::query::{FieldName, Query};
use crate::model::task::query::BOARD_FIELDS;
use crate::model::task::{Kind, Task};
use crate::tui::action::{Action, Move};
use crate::tui::effect::Effect;
use crate::tui::text;
use crate::tui::widget::found;
use crate::workbench::{Order, Report};

/// The Board pane.
#[derive(Debug)]
pub struct Board {
    id: PaneId,
    sort: Sort,
    /// Only tasks of this plan.
    plan: Option<String>,
    filter: String,
    query: Query,
    /// Tasks with the words of the filter.
    matches: Matches,
    /// The tasks that show. Valid for `generation`.
    shown: Shown,
    /// Generation of the view that `shown` was made from.
    generation: Option<u64>,
    /// The selected task, and where it was in the list when it was selected.
    selected: Option<(String, u32)>,
    open: Open,
    detail: Detail,
    /// Tasks that are marked, to act on several at once.
    marks: BTreeSet<String>,
    /// How many tasks stand in the backlog.
    in_backlog: usize,
    /// What a dialog is open on.
    dialog: edit::Open,
    /// Which cited paths exist, as far as the workbench has said.
    looked: BTreeMap<String, bool>,
}

/// Whether the detail is open, and who gets the movements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Open {
    #[default]
    Closed,
    /// Open, the list has the movements.
    Beside,
    /// Open, the detail has the movements.
    Inside,
}

/// From this width on the detail stands to the right of the list.
const WIDE: u16 = 100;
/// From this height on the detail stands below the list.
const TALL: u16 = 16;

impl Board {
    /// The board of all tasks, as a table.
    pub fn tasks() -> Board {
        Board::of(PaneId::Board)
    }

    /// The tasks of the backlog, in its order.
    pub fn backlog() -> Board {
        Board::of(PaneId::Backlog)
    }

    fn of(id: PaneId) -> Board {
        Board {
            id,
            sort: Sort::default(),
            plan: None,
            filter: String::new(),
            query: Query::default(),
            matches: Matches::default(),
            shown: Shown::default(),
            generation: None,
            selected: None,
            open: Open::default(),
            detail: Detail::default(),
            marks: BTreeSet::new(),
            in_backlog: 0,
            dialog: edit::Open::default(),
            looked: BTreeMap::new(),
        }
    }

    /// Areas of list and detail.
    fn areas(&self, area: Rect) -> (Rect, Rect) {
        let none = Rect { width: 0, height: 0, ..area };
        match self.open {
            Open::Closed => (area, none),
            Open::Beside | Open::Inside if area.width >= WIDE => {
                let list = area.width - area.width * 9 / 20;
                (Rect { width: list - 1, ..area }, Rect { x: area.x + list, width: area.width - list, ..area })
            }
            Open::Beside | Open::Inside if area.height >= TALL => {
                let list = area.height * 2 / 5;
                let below = Rect { y: area.y + list, height: area.height - list, ..area };
                (Rect { height: list, ..area }, below)
            }
            Open::Beside | Open::Inside => (none, area),
        }
    }

    /// The part of the detail's area that holds text: a line or a column of it is the border to the list.
    fn text_area(&self, area: Rect) -> Rect {
        let (list, detail) = self.areas(area);
        if list.height == 0 || detail.height == 0 || detail.x > list.x {
            return detail;
        }
        Rect { y: detail.y + 1, height: detail.height.saturating_sub(1), ..detail }
    }

    fn task<'a>(&self, cx: &Cx<'a>) -> Option<Task<'a>> {
        let (id, hint) = self.selected.as_ref()?;
        let tasks = &cx.view.tasks;
        if let Some(task) = ((*hint as usize) < tasks.len()).then(|| tasks.task(*hint as usize))
            && task.id() == *id
        {
            return Some(task);
        }
        tasks.find(id).map(|index| tasks.task(index))
    }

    /// Chooses and orders the tasks anew, and puts the cursor back on the selected one.
    fn arrange(&mut self, cx: &Cx<'_>) {
        let tasks = &cx.view.tasks;
        // Matches of another view say nothing about this one.
        let before = std::mem::take(&mut self.matches);
        let before = if self.generation == Some(cx.view.generation) { before } else { Matches::default() };
        self.matches = before.search(tasks, self.query.words(), &AtomicBool::new(false));
        let mut shown = select::select(tasks, &self.query, &self.matches, self.plan.as_deref(), self.sort);
        if self.id == PaneId::Backlog {
            self.only_backlog(&mut shown, cx);
        }
        self.shown.set(tasks, shown);
        self.marks.retain(|id| tasks.find(id).is_some());
        self.generation = Some(cx.view.generation);
        let chosen = self.added(cx).or_else(|| self.task(cx).map(|task| task.index() as u32));
        self.put_cursor(chosen, cx);
    }

    /// Puts the cursors on that task; where it is not shown they stay at their rows, and the selection follows.
    fn put_cursor(&mut self, task: Option<u32>, cx: &Cx<'_>) {
        let in_board_order = self.id == PaneId::Board && self.sort == Sort::Board && self.query.sort().is_none();
        self.shown.select(task, in_board_order, self.areas(cx.area).0);
        self.take_selection(cx);
    }

    /// The task under the cursor of the current layout becomes the selected one.
    fn take_selection(&mut self, cx: &Cx<'_>) {
        self.selected =
            self.shown.selected().map(|index| (cx.view.tasks.task(index as usize).id().into_owned(), index));
    }

    /// Lays the detail out for the selected task, if it is open; asks about cited paths that are not known yet.
    fn lay_detail(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        if self.open == Open::Closed {
            return Vec::new();
        }
        let area = self.text_area(cx.area);
        match self.task(cx) {
            Some(task) => self.detail.lay(task, area.width, area.height),
            None => self.detail = Detail::default(),
        }
        let ask: Vec<String> = self.detail.cites.iter().filter(|p| !self.looked.contains_key(*p)).cloned().collect();
        if ask.is_empty() { Vec::new() } else { vec![Effect::Order(Order::Look(ask))] }
    }

    fn moved(&mut self, cx: &Cx<'_>) -> Flow {
        self.take_selection(cx);
        Flow::Done(self.lay_detail(cx))
    }

    fn go(&mut self, to: Move, cx: &Cx<'_>) -> Flow {
        let area = self.areas(cx.area).0;
        match (self.open, to) {
            (Open::Inside, Move::Left) if area.height > 0 => {
                self.open = Open::Beside;
                Flow::done()
            }
            (Open::Beside, Move::Right) if self.shown.layout == Layout::Table => {
                self.open = Open::Inside;
                Flow::done()
            }
            (Open::Inside, to) => {
                let height = self.text_area(cx.area).height;
                if self.detail.act(to, height) { Flow::done() } else { Flow::Passed }
            }
            (Open::Closed | Open::Beside, to) => {
                if self.shown.act(to, area) {
                    self.moved(cx)
                } else {
                    Flow::Passed
                }
            }
        }
    }

    /// `Enter`: the detail; inside it, what the line is about.
    fn enter(&mut self, cx: &Cx<'_>) -> Flow {
        if self.selected.is_none() {
            return Flow::done();
        }
        if self.open != Open::Inside {
            self.open = Open::Inside;
            return Flow::Done(self.settle(cx));
        }
        match self.detail.target() {
            Some(Target::Row(doc, line) | Target::Cell { doc, line, .. }) => {
                Flow::Go(Goto::Document { doc: doc.clone(), line: *line })
            }
            Some(Target::Cited(path)) => match (self.looked.get(path), DocId::new(path)) {
                (Some(false), _) => Flow::Say(format!("{path} is not in the workspace")),
                (_, Ok(doc)) => Flow::Go(Goto::Document { doc, line: 1 }),
                (_, Err(why)) => Flow::Say(why.to_string()),
            },
            None => Flow::done(),
        }
    }

    /// The areas changed: cursors stay visible, the detail is laid out for its new width.
    fn settle(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let (list, _) = self.areas(cx.area);
        self.shown.fit(&cx.view.tasks, self.id == PaneId::Backlog, list);
        self.lay_detail(cx)
    }

    fn next_plan(&mut self, cx: &Cx<'_>) -> Flow {
        let plans = select::plans(&cx.view.tasks);
        let next = match &self.plan {
            None => plans.first(),
            Some(plan) => plans.iter().skip_while(|other| *other != plan).nth(1),
        };
        self.plan = next.cloned();
        self.arrange(cx);
        Flow::Done(self.lay_detail(cx))
    }

    /// The next or previous task while the detail is read, else the other layout.
    fn tab(&mut self, forward: bool, cx: &Cx<'_>) -> Flow {
        if self.open == Open::Inside {
            return self.go_in_list(if forward { Move::Down } else { Move::Up }, cx);
        }
        self.switch(cx)
    }

    fn switch(&mut self, cx: &Cx<'_>) -> Flow {
        self.shown.switch();
        let chosen = self.task(cx).map(|task| task.index() as u32);
        self.put_cursor(chosen, cx);
        Flow::Done(self.settle(cx))
    }
}

/// The form that starts a session on a task; the board takes its answer, whichever pane asks for it.
pub(super) fn start_session(task: Task<'_>, cx: &Cx<'_>) -> Flow {
    session::ask(Some(task), PaneId::Board, cx)
}

impl Pane for Board {
    fn id(&self) -> PaneId {
        self.id
    }

    fn context(&self) -> Context {
        Context::Board
    }

    fn title(&self, cx: &Cx<'_>) -> String {
        let all = if self.id == PaneId::Backlog { self.in_backlog } else { cx.view.tasks.len() };
        let shown = self.shown.tasks.len();
        let count = if shown == all { format!("{all}") } else { format!("{shown} of {all}") };
        let mut words = vec![if cx.view.tasks.is_complete() { count } else { format!("{count}+") }];
        if !self.marks.is_empty() {
            words.push(format!("{} marked", self.marks.len()));
        }
        words.extend(self.plan.iter().map(|plan| format!("plan {plan}")));
        // A filter's own order stands in the filter, which the title has too.
        if self.shown.layout == Layout::Table && self.sort != Sort::Board && self.query.sort().is_none() {
            words.push(self.sort.name().to_owned());
        }
        words.join(" · ")
    }

    fn refresh(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        if self.generation == Some(cx.view.generation) {
            return Vec::new();
        }
        self.arrange(cx);
        let asked = self.settle(cx);
        // Files may have come or gone: ask about all again, and show the old answers until the new ones are there.
        match (self.open, self.detail.cites.is_empty()) {
            (Open::Beside | Open::Inside, false) => vec![Effect::Order(Order::Look(self.detail.cites.clone()))],
            (Open::Closed, _) | (_, true) => asked,
        }
    }

    fn fit(&mut self, cx: &Cx<'_>) {
        // The answers to what may be unknown are asked for with the next view or key: a new width cites nothing new.
        let _ = self.settle(cx);
    }

    fn listens_to(&self, report: &Report) -> bool {
        matches!(report, Report::Looked(_))
    }

    fn hear(&mut self, report: &Report, _cx: &Cx<'_>) -> Vec<Effect> {
        if let Report::Looked(found) = report {
            self.looked.extend(found.iter().map(|(path, there)| (path.clone(), *there)));
        }
        Vec::new()
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Flow {
        // Only what the board knows is named; every other action goes outward.
        match action {
            Action::Move(to) => self.go(to, cx),
            Action::Open => self.enter(cx),
            action if edit::needs_task(action) && self.chosen(cx).is_empty() => {
                Flow::Say("no task is selected".to_owned())
            }
            Action::EditField => self.edit(true, cx),
            Action::EditCell => self.edit(false, cx),
            Action::EditCard => self.edit_card(cx),
            Action::AddTask => self.add(cx),
            Action::CloneTask => self.clone_task(cx),
            Action::DeleteTask => self.delete(cx),
            Action::MoveTask => self.choose_state(cx),
            Action::MoveLeft => self.shift(-1, cx),
            Action::MoveRight => self.shift(1, cx),
            Action::BlockTask => self.ask_block(cx),
            Action::FinishTask => self.ask_finish(cx),
            Action::StartSession => session::ask(self.task(cx), self.id, cx),
            Action::Mark => self.mark(cx),
            Action::Mend => self.mend(cx),
            Action::NextTask => self.next_task(cx),
            Action::Back if self.open == Open::Closed && !self.marks.is_empty() => {
                self.marks.clear();
                Flow::done()
            }
            Action::Back if self.open != Open::Closed => {
                self.open = Open::Closed;
                Flow::Done(self.settle(cx))
            }
            Action::TabNext => self.tab(true, cx),
            Action::TabPrevious => self.tab(false, cx),
            Action::SwitchView => self.switch(cx),
            Action::Sort => {
                self.sort = self.sort.next();
                self.arrange(cx);
                Flow::done()
            }
            Action::Plan => self.next_plan(cx),
            Action::MatchNext => self.go_in_list(Move::Down, cx),
            Action::MatchPrevious => self.go_in_list(Move::Up, cx),
            _ => Flow::Passed,
        }
    }

    fn click(&mut self, column: u16, row: u16, double: bool, cx: &Cx<'_>) -> Flow {
        let (list, detail) = self.areas(cx.area);
        let at = Position::new(column, row);
        if detail.contains(at) {
            let area = self.text_area(cx.area);
            self.open = Open::Inside;
            self.detail.click(usize::from(row.saturating_sub(area.y)), area.height);
            return if double { self.enter(cx) } else { Flow::done() };
        }
        if self.open == Open::Inside {
            self.open = Open::Beside;
        }
        if !self.shown.click(at, list) {
            return Flow::done();
        }
        self.take_selection(cx);
        if double { self.enter(cx) } else { Flow::Done(self.lay_detail(cx)) }
    }

    fn drag(&mut self, from: Position, to: Position, cx: &Cx<'_>) -> Flow {
        let (list, _) = self.areas(cx.area);
        if !list.contains(from) || !list.contains(to) {
            return Flow::done();
        }
        // Pressing selected the card; letting go elsewhere says where it belongs.
        let state = self.shown.lane_at(to, list).and_then(|at| cx.view.tasks.states().get(at));
        match (self.task(cx), state) {
            (Some(task), Some(state)) if task.state() != state => self.move_to(&[task], state, cx),
            (_, _) => Flow::done(),
        }
    }

    fn answer(&mut self, about: &About, text: &str, cx: &Cx<'_>) -> Flow {
        self.answered(about, text, cx)
    }

    fn filled(&mut self, about: &About, values: &[(String, FieldValue)], cx: &Cx<'_>) -> Flow {
        self.filled_in(about, values, cx)
    }

    fn current(&self, about: &About, cx: &Cx<'_>) -> Current {
        self.now(about, cx)
    }

    fn wheel(&mut self, lines: i32, cx: &Cx<'_>) -> Vec<Effect> {
        if self.open == Open::Inside {
            self.detail.step(i64::from(lines), self.text_area(cx.area).height);
            return Vec::new();
        }
        self.shown.step(lines, self.areas(cx.area).0);
        self.take_selection(cx);
        self.lay_detail(cx)
    }

    fn show(&mut self, goto: &Goto, cx: &Cx<'_>) -> Vec<Effect> {
        let Goto::Task(id) = goto else { return Vec::new() };
        let Some(index) = cx.view.tasks.find(id) else { return Vec::new() };
        if !self.shown.tasks.contains(&(index as u32)) {
            self.plan = None;
            self.filter.clear();
            self.query = Query::default();
        }
        self.selected = Some((id.clone(), index as u32));
        self.arrange(cx);
        self.lay_detail(cx)
    }

    fn goes_back(&self) -> bool {
        self.open != Open::Closed
    }

    fn filter(&self) -> &str {
        &self.filter
    }

    fn set_filter(&mut self, text: &str, cx: &Cx<'_>) {
        self.filter = text.to_owned();
        let query = Query::parse(text, BOARD_FIELDS);
        if query != self.query {
            self.query = query;
            self.arrange(cx);
        }
        // What the detail cites is asked about when it is next moved or opened.
        let _ = self.lay_detail(cx);
    }

    fn fields(&self) -> Option<&'static [FieldName]> {
        Some(BOARD_FIELDS)
    }

    fn query(&self) -> Option<&Query> {
        Some(&self.query)
    }

    fn place(&self, cx: &Cx<'_>) -> Option<(DocId, usize)> {
        if self.open == Open::Inside {
            match self.detail.target() {
                Some(Target::Row(doc, line) | Target::Cell { doc, line, .. }) => return Some((doc.clone(), *line)),
                Some(Target::Cited(path)) if self.looked.get(path) == Some(&true) => {
                    return Some((DocId::new(path).ok()?, 1));
                }
                Some(Target::Cited(_)) | None => {}
            }
        }
        let row = self.task(cx)?.rows().next()?;
        Some((row.doc().clone(), row.line()))
    }

    fn selected_lines(&self, cx: &Cx<'_>) -> Vec<(DocId, Range<usize>)> {
        let task = self.task(cx);
        task.iter().flat_map(|task| task.rows()).map(|row| (row.doc().clone(), row.lines())).collect()
    }

    fn clip(&self, what: Clip, cx: &Cx<'_>) -> Option<String> {
        let task = self.task(cx)?;
        match what {
            Clip::Id => Some(task.id().into_owned()),
            Clip::Row => {
                let cell = |text: &str| text.replace('\n', "<br>").replace('|', "\\|");
                let fields = task.rows().next()?.fields();
                let cells: Vec<String> = fields.iter().map(|(_, value)| cell(value)).collect();
                Some(format!("| {} |", cells.join(" | ")))
            }
        }
    }

    fn draw(&self, buf: &mut Buffer, cx: &Cx<'_>) {
        let (list, detail) = self.areas(cx.area);
        let list_cx = Cx { focused: cx.focused && self.open != Open::Inside, ..*cx };
        // Between a new view and its refresh the indexes belong to another list.
        let current = self.generation == Some(cx.view.generation);
        if current && self.shown.tasks.is_empty() {
            text::put_wrapped(buf, list, self.why_empty(cx), cx.theme.quiet);
        } else if current {
            self.shown.draw(list, buf, &list_cx, &self.marks);
            found::mark(buf, list, self.query.words(), cx.theme.found);
        }
        if detail.height == 0 {
            return;
        }
        let text_area = self.text_area(cx.area);
        let symbols = &cx.theme.symbols;
        if text_area.y > detail.y {
            let line = symbols.line.repeat(usize::from(detail.width));
            text::put(buf, detail.x, detail.y, detail.width, &line, cx.theme.border);
        } else if list.height > 0 {
            for y in detail.top()..detail.bottom() {
                text::put(buf, detail.x - 1, y, 1, symbols.bar, cx.theme.border);
            }
        }
        let focused = cx.focused && self.open == Open::Inside;
        self.detail.draw(text_area, buf, cx, &self.looked, focused);
    }
}

impl Board {
    /// `.`: the task that should be worked on next becomes the selected one, with the reasons.
    fn next_task(&mut self, cx: &Cx<'_>) -> Flow {
        let next = cx.view.next();
        let Some(index) = next.task else {
            if cx.view.tasks.is_empty() {
                return Flow::Say("there is no task here".to_owned());
            }
            return Flow::Say(format!("no task is free: {} are in work, in review or blocked", next.passed_over.len()));
        };
        let id = cx.view.tasks.task(index).id().into_owned();
        self.show(&Goto::Task(id.clone()), cx);
        Flow::Say(format!("next: {id}. {}", next.reasons.join(" ")))
    }

    /// Keeps what stands in the backlog; in its order, unless another one is asked for.
    fn only_backlog(&mut self, shown: &mut Vec<u32>, cx: &Cx<'_>) {
        let tasks = &cx.view.tasks;
        let line = |index: u32| {
            let row = tasks.task(index as usize).rows().find(|row| matches!(row.kind(), Kind::Backlog | Kind::Todo));
            row.map(|row| row.line())
        };
        self.in_backlog = (0..tasks.len() as u32).filter(|&index| line(index).is_some()).count();
        shown.retain(|&index| line(index).is_some());
        if self.sort == Sort::Board && self.query.sort().is_none() {
            shown.sort_by_key(|&index| line(index));
        }
    }

    fn go_in_list(&mut self, to: Move, cx: &Cx<'_>) -> Flow {
        self.shown.act(to, self.areas(cx.area).0);
        self.moved(cx)
    }
}

#[cfg(test)]
mod tests;
