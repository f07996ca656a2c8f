//! The kanban: one column a state, cards of three lines. On narrow screens one column at a time.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::table;
use crate::model::task::TaskList;
use crate::tui::action::Move;
use crate::tui::pane::Cx;
use crate::tui::text;
use crate::tui::widget::cursor::Cursor;
use crate::tui::widget::wrap;

/// Lines of a card: id and date, then two of the title.
const CARD: u16 = 3;
/// A column narrower than this is not worth having beside another.
const NARROWEST: u16 = 24;

/// Width of a column without cards.
const EMPTY: u16 = 12;

/// A column on the screen.
struct Column {
    at: usize,
    x: u16,
    width: u16,
    grows: bool,
}

/// The columns with their cards.
#[derive(Debug, Clone, Default)]
pub struct Kanban {
    lanes: Vec<Lane>,
    /// Which lane has the cursor.
    at: usize,
    /// The first lane that is visible.
    left: usize,
}

#[derive(Debug, Clone, Default)]
struct Lane {
    tasks: Vec<u32>,
    cursor: Cursor,
}

impl Kanban {
    /// Deals the shown tasks out to the columns.
    pub fn arrange(&mut self, tasks: &TaskList, shown: &[u32]) {
        self.lanes.resize_with(tasks.states().len(), Lane::default);
        for lane in &mut self.lanes {
            lane.tasks.clear();
        }
        for &index in shown {
            if let Some(lane) = self.lanes.get_mut(tasks.task(index as usize).state_index()) {
                lane.tasks.push(index);
            }
        }
        self.at = self.at.min(self.lanes.len().saturating_sub(1));
    }

    /// The task under the cursor.
    pub fn selected(&self) -> Option<u32> {
        let lane = self.lanes.get(self.at)?;
        lane.tasks.get(lane.cursor.at()).copied()
    }

    /// Puts the cursor on a task; false when it is not shown.
    pub fn select(&mut self, task: u32, area: Rect) -> bool {
        for (at, lane) in self.lanes.iter_mut().enumerate() {
            if let Some(row) = lane.tasks.iter().position(|&index| index == task) {
                lane.cursor.select(row, lane.tasks.len(), cards(area));
                self.at = at;
                self.fit(area);
                return true;
            }
        }
        false
    }

    /// Keeps the cursor on a card and visible; goes to the nearest column with cards when its own has none.
    pub fn fit(&mut self, area: Rect) {
        for lane in &mut self.lanes {
            lane.cursor.fit(lane.tasks.len(), cards(area));
        }
        if self.lanes.get(self.at).is_some_and(|lane| lane.tasks.is_empty()) {
            let filled = (0..self.lanes.len()).filter(|&at| !self.lanes[at].tasks.is_empty());
            self.at = filled.min_by_key(|&at| at.abs_diff(self.at)).unwrap_or(self.at);
        }
        self.left = self.left.min(self.at);
        while self.left < self.at && self.columns(area).iter().all(|column| column.at != self.at) {
            self.left += 1;
        }
        // No blank space on the right while columns are hidden on the left.
        while self.left > 0 {
            self.left -= 1;
            if self.columns(area).last().is_none_or(|last| last.at + 1 < self.lanes.len()) {
                self.left += 1;
                break;
            }
        }
    }

    /// The visible columns from the left one on. One without cards is as narrow as its name; the others share the rest.
    fn columns(&self, area: Rect) -> Vec<Column> {
        let single = area.width < 2 * NARROWEST;
        let mut columns: Vec<Column> = Vec::new();
        let mut left = area.width;
        for at in self.left..self.lanes.len() {
            let empty = self.lanes[at].tasks.is_empty();
            let wanted = if empty { EMPTY } else { NARROWEST };
            if !columns.is_empty() && (wanted > left || single) {
                break;
            }
            let width = if single { area.width } else { wanted.min(left) };
            left -= width;
            columns.push(Column { at, x: 0, width, grows: !empty });
        }
        let growing = columns.iter().filter(|column| column.grows).count() as u16;
        let mut x = area.x;
        for column in &mut columns {
            column.x = x;
            column.width += if column.grows { left / growing.max(1) } else { 0 };
            x += column.width;
        }
        columns
    }

    /// Moves; between columns it keeps to those that have cards.
    pub fn act(&mut self, to: Move, area: Rect) {
        match to {
            Move::Left => {
                self.at = (0..self.at).rev().find(|&at| !self.lanes[at].tasks.is_empty()).unwrap_or(self.at);
            }
            Move::Right => {
                let next = (self.at + 1..self.lanes.len()).find(|&at| !self.lanes[at].tasks.is_empty());
                self.at = next.unwrap_or(self.at);
            }
            Move::Up
            | Move::Down
            | Move::PageUp
            | Move::PageDown
            | Move::HalfUp
            | Move::HalfDown
            | Move::First
            | Move::Last => {
                if let Some(lane) = self.lanes.get_mut(self.at) {
                    lane.cursor.act(to, lane.tasks.len(), cards(area));
                }
            }
        }
        self.fit(area);
    }

    /// The lane at a screen column.
    pub fn lane_at(&self, column: u16, area: Rect) -> Option<usize> {
        self.columns(area).iter().rev().find(|at| at.x <= column).map(|column| column.at)
    }

    /// Puts the cursor on the card at a screen position; false when there is none.
    pub fn click(&mut self, column: u16, row: u16, area: Rect) -> bool {
        let Some(at) = self.lane_at(column, area) else { return false };
        let Some(lane) = self.lanes.get_mut(at).filter(|_| row > area.y) else { return false };
        let card = lane.cursor.top() + usize::from((row - area.y - 1) / CARD);
        if card >= lane.tasks.len() {
            return false;
        }
        lane.cursor.select(card, lane.tasks.len(), cards(area));
        self.at = at;
        self.fit(area);
        true
    }

    /// Paints the visible columns.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, cx: &Cx<'_>, marks: &BTreeSet<String>) {
        let columns = self.columns(area);
        let single = area.width < 2 * NARROWEST;
        if single && self.lanes.len() > 1 {
            self.draw_neighbours(area, buf, cx);
        }
        for column in columns {
            let gap = u16::from(!single);
            let lane = Rect { x: column.x, width: column.width.saturating_sub(gap), ..area }.intersection(area);
            self.draw_lane(lane, buf, (cx, marks), column.at, !single);
        }
    }

    /// `‹ Ready 3   In progress 2   Done 80 ›`: the column shown, between its neighbours.
    fn draw_neighbours(&self, area: Rect, buf: &mut Buffer, cx: &Cx<'_>) {
        if area.height == 0 {
            return;
        }
        let name = |at: usize| self.name(cx.view.tasks.as_ref(), at);
        let own = name(self.at);
        let side = area.width.saturating_sub(text::width(&own) as u16 + 2) / 2;
        if let Some(before) = self.at.checked_sub(1) {
            text::put(buf, area.x, area.y, side, &format!("< {}", name(before)), cx.theme.quiet);
        }
        text::put(buf, area.x + side + 1, area.y, area.width - side.min(area.width), &own, cx.theme.heading);
        if self.at + 1 < self.lanes.len() {
            let after = format!("{} >", name(self.at + 1));
            let after = text::cut(&after, usize::from(side)).into_owned();
            let x = area.right().saturating_sub(text::width(&after) as u16);
            text::put(buf, x, area.y, side, &after, cx.theme.quiet);
        }
    }

    fn name(&self, tasks: &TaskList, at: usize) -> String {
        let state = tasks.states().get(at).map_or("", String::as_str);
        format!("{} {}", if state.is_empty() { "(none)" } else { state }, self.lanes[at].tasks.len())
    }

    fn draw_lane(
        &self,
        area: Rect,
        buf: &mut Buffer,
        (cx, marks): (&Cx<'_>, &BTreeSet<String>),
        at: usize,
        header: bool,
    ) {
        if area.height == 0 || area.width == 0 {
            return;
        }
        let theme = cx.theme;
        if header {
            let state = cx.view.tasks.states().get(at).map_or("", String::as_str);
            let style = theme.heading.patch(table::state_style(state, cx));
            text::put(buf, area.x, area.y, area.width, &self.name(&cx.view.tasks, at), style);
        }
        let lane = &self.lanes[at];
        for (slot, row) in lane.cursor.visible(lane.tasks.len(), cards(area)).enumerate() {
            let task = cx.view.tasks.task(lane.tasks[row] as usize);
            let y = area.y + 1 + slot as u16 * CARD;
            let mut used = text::put(buf, area.x, y, area.width, &task.id(), theme.accent);
            let (mark, style) = table::mark(task, marks, theme);
            for (mark, style) in [(table::new_mark(task, cx), theme.accent), (mark, style)] {
                used += text::put(buf, area.x + used, y, area.width.saturating_sub(used).min(1), mark, style);
            }
            if let Some(date) = task.date().map(|date| date.to_string()).filter(|_| area.width >= used + 12) {
                text::put(buf, area.right() - 10, y, 10, &date, theme.quiet);
            }
            let title = text::clean(&task.title()).into_owned();
            let lines = wrap::wrap(&title, usize::from(area.width.max(3)) - 2);
            for (row, range) in lines.iter().take(2).enumerate() {
                // The second line takes the rest, so that its cut shows.
                let piece = if row == 1 { &title[range.start..] } else { &title[range.clone()] };
                if y + 1 + (row as u16) < area.bottom() {
                    text::put(buf, area.x + 2, y + 1 + row as u16, area.width.saturating_sub(2), piece, theme.text);
                }
            }
            if at == self.at && row == lane.cursor.at() {
                let style = if cx.focused { theme.selected } else { theme.marked };
                let card = Rect { y, height: CARD, ..area }.intersection(area);
                buf.set_style(card, style);
            }
        }
    }
}

/// Cards that fit into a column, at least one.
fn cards(area: Rect) -> u16 {
    (area.height.saturating_sub(1) / CARD).max(1)
}
