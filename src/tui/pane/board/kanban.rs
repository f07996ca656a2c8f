//! The kanban: one column a state, cards of three lines. On narrow screens one column at a time.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

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
        let visible = visible(area, self.lanes.len());
        self.left = self.left.min(self.at).max((self.at + 1).saturating_sub(visible));
        self.left = self.left.min(self.lanes.len().saturating_sub(visible));
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

    /// Puts the cursor on the card at a screen position; false when there is none.
    pub fn click(&mut self, column: u16, row: u16, area: Rect) -> bool {
        let width = lane_width(area, self.lanes.len());
        let at = self.left + usize::from(column.saturating_sub(area.x) / width.max(1));
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
    pub fn draw(&self, area: Rect, buf: &mut Buffer, cx: &Cx<'_>) {
        let visible = visible(area, self.lanes.len());
        let width = lane_width(area, self.lanes.len());
        if visible == 1 && self.lanes.len() > 1 {
            self.draw_neighbours(area, buf, cx);
        }
        for (slot, at) in (self.left..self.lanes.len().min(self.left + visible)).enumerate() {
            let x = area.x + slot as u16 * width;
            let lane = Rect { x, width: width.min(area.right() - x), ..area };
            let gap = u16::from(visible > 1);
            self.draw_lane(Rect { width: lane.width.saturating_sub(gap), ..lane }, buf, cx, at, visible > 1);
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

    fn draw_lane(&self, area: Rect, buf: &mut Buffer, cx: &Cx<'_>, at: usize, header: bool) {
        if area.height == 0 || area.width == 0 {
            return;
        }
        let theme = cx.theme;
        if header {
            let style = theme.heading.patch(theme.lanes[at % theme.lanes.len()]);
            text::put(buf, area.x, area.y, area.width, &self.name(&cx.view.tasks, at), style);
        }
        let lane = &self.lanes[at];
        for (slot, row) in lane.cursor.visible(lane.tasks.len(), cards(area)).enumerate() {
            let task = cx.view.tasks.task(lane.tasks[row] as usize);
            let y = area.y + 1 + slot as u16 * CARD;
            let used = text::put(buf, area.x, y, area.width, &task.id(), theme.accent);
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

fn visible(area: Rect, lanes: usize) -> usize {
    usize::from(area.width / NARROWEST).clamp(1, lanes.max(1))
}

fn lane_width(area: Rect, lanes: usize) -> u16 {
    (area.width / visible(area, lanes) as u16).max(1)
}
