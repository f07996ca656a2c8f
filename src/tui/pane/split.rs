//! A list with its detail beside or below it: where the two stand, which of them has the keys, and both cursors.
//!
//! ```text
//! ┌───────────────────────────┐   ┌─────────────┬─────────────┐   ┌─────────────┐
//! │list                       │   │list         │detail       │   │list, or the │
//! │───────────────────────────│   │             │             │   │detail that  │
//! │detail                     │   │             │             │   │Enter opened │
//! └───────────────────────────┘   └─────────────┴─────────────┘   └─────────────┘
//! ```
//! A pane of that kind holds a [`Split`] and implements [`ListDetail`], which knows what keys, clicks and the wheel mean there.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Cx, Flow};
use crate::tui::action::{Action, Move};
use crate::tui::text;
use crate::tui::widget::cursor::Cursor;

/// Where list and detail stand, by the size of the pane.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// From this width on the detail stands to the right, and the list has so many twentieths of the width.
    pub beside: (u16, u16),
    /// Else from this height on it stands below, and the list has so many twentieths of the height.
    pub below: (u16, u16),
    /// Lines of the list's header.
    pub header: u16,
}

/// The parts of a pane. A part that is not shown is empty.
#[derive(Debug, Clone, Copy)]
pub struct Areas {
    /// The list with its header.
    pub list: Rect,
    /// The rows of the list.
    pub rows: Rect,
    /// The detail.
    pub detail: Rect,
}

/// The state of such a pane.
#[derive(Debug, Clone)]
pub struct Split {
    shape: Shape,
    row: Cursor,
    rows: usize,
    line: Cursor,
    lines: usize,
    inside: bool,
}

impl Split {
    /// Empty, with the keys in the list.
    pub fn new(shape: Shape) -> Split {
        Split { shape, row: Cursor::default(), rows: 0, line: Cursor::default(), lines: 0, inside: false }
    }

    /// Where the parts stand in this area.
    pub fn areas(&self, area: Rect) -> Areas {
        self.shaped(area, self.inside)
    }

    /// Columns that the detail has, or will have once it is gone into: it is laid out before.
    pub fn detail_columns(&self, area: Rect) -> u16 {
        self.shaped(area, true).detail.width
    }

    fn shaped(&self, area: Rect, inside: bool) -> Areas {
        let share = |of: u16, twentieths: u16| (u32::from(of) * u32::from(twentieths) / 20) as u16;
        let none = Rect { width: 0, height: 0, ..area };
        let (list, detail) = if area.width >= self.shape.beside.0 {
            let list = share(area.width, self.shape.beside.1);
            // The column between them is the rule's; below it is the line between them.
            (Rect { width: list - 1, ..area }, Rect { x: area.x + list, width: area.width - list, ..area })
        } else if area.height >= self.shape.below.0 {
            let list = share(area.height, self.shape.below.1);
            let below = Rect { y: area.y + list + 1, height: area.height - list - 1, ..area };
            (Rect { height: list, ..area }, below)
        } else if inside {
            (none, area)
        } else {
            (area, none)
        };
        let header = self.shape.header.min(list.height);
        Areas { list, rows: Rect { y: list.y + header, height: list.height - header, ..list }, detail }
    }

    /// The row under the cursor; meaningless without rows.
    pub fn row(&self) -> usize {
        self.row.at()
    }

    /// The line of the detail under its cursor; meaningless without lines.
    pub fn line(&self) -> usize {
        self.line.at()
    }

    /// Whether the detail has the keys.
    pub fn is_inside(&self) -> bool {
        self.inside
    }

    /// Gives the keys back to the list.
    pub fn leave(&mut self) {
        self.inside = false;
    }

    /// Rows that show.
    pub fn visible_rows(&self, areas: &Areas) -> Range<usize> {
        self.row.visible(self.rows, areas.rows.height)
    }

    /// Lines of the detail that show.
    pub fn visible_lines(&self, areas: &Areas) -> Range<usize> {
        self.line.visible(self.lines, areas.detail.height)
    }

    /// The list has these rows now, and this one is to be selected; none keeps the place.
    pub fn set_rows(&mut self, rows: usize, at: Option<usize>, areas: &Areas) {
        self.rows = rows;
        self.row.select(at.unwrap_or(self.row.at()), rows, areas.rows.height);
    }

    /// The detail has these lines now. `is_same` says that they are about the thing that they were about before: then the
    /// cursor stays.
    pub fn set_lines(&mut self, lines: usize, is_same: bool, areas: &Areas) {
        self.lines = lines;
        if !is_same {
            self.line = Cursor::default();
        }
        self.line.fit(lines, areas.detail.height);
    }

    /// The area has changed: keeps the selected row visible.
    pub fn fit(&mut self, areas: &Areas) {
        self.row.fit(self.rows, areas.rows.height);
    }

    /// Paints the rule between the parts and what marks the selected row and line; call it when both are painted.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, cx: &Cx<'_>, areas: &Areas) {
        let theme = cx.theme;
        let Areas { list, detail, .. } = self.areas(area);
        if list.height > 0 && detail.height > 0 && detail.x > list.x {
            for y in detail.top()..detail.bottom() {
                text::put(buf, detail.x - 1, y, 1, theme.symbols.bar, theme.border);
            }
        } else if list.height > 0 && detail.height > 0 {
            let rule = theme.symbols.line.repeat(usize::from(detail.width));
            text::put(buf, detail.x, detail.y - 1, detail.width, &rule, theme.border);
        }
        let mut mark = |part: Rect, cursor: Cursor, count: usize, style| {
            if cursor.visible(count, part.height).contains(&cursor.at()) {
                let y = part.y + (cursor.at() - cursor.top()) as u16;
                buf.set_style(Rect { y, height: 1, ..part }.intersection(*buf.area()), style);
            }
        };
        let has_keys = cx.focused && !self.inside;
        mark(areas.rows, self.row, self.rows, if has_keys { theme.selected } else { theme.marked });
        if cx.focused && self.inside {
            mark(areas.detail, self.line, self.lines, theme.selected);
        }
    }
}

/// A pane that is a list with a detail.
pub trait ListDetail {
    /// Its state.
    fn split(&mut self) -> &mut Split;

    /// Where its parts stand.
    fn areas(&self, cx: &Cx<'_>) -> Areas;

    /// Whether there is a detail to go into.
    fn has_detail(&self) -> bool;

    /// The cursor of the list has moved: another thing is selected.
    fn take_selection(&mut self, cx: &Cx<'_>);

    /// What a line of the detail leads to.
    fn open_line(&mut self, cx: &Cx<'_>) -> Flow;

    /// What `Enter` does in the list.
    fn open_row(&mut self, _cx: &Cx<'_>) -> Flow {
        self.go_inside();
        Flow::done()
    }

    /// What a double click on a row does.
    fn double_click(&mut self, cx: &Cx<'_>) -> Flow {
        self.open_row(cx)
    }

    /// Gives the keys to the detail, where there is one.
    fn go_inside(&mut self) {
        self.split().inside = self.has_detail();
    }

    /// Moves the cursor of the part that has the keys; left and right change the part.
    fn go(&mut self, to: Move, cx: &Cx<'_>) -> Flow {
        let areas = self.areas(cx);
        let split = self.split();
        match to {
            Move::Left if split.inside => split.inside = false,
            Move::Right if !split.inside => self.go_inside(),
            Move::Left | Move::Right => return Flow::Passed,
            to if split.inside => drop(split.line.act(to, split.lines, areas.detail.height)),
            to => return self.go_row(to, cx),
        }
        Flow::done()
    }

    /// Moves the cursor of the list, whichever part has the keys.
    fn go_row(&mut self, to: Move, cx: &Cx<'_>) -> Flow {
        let areas = self.areas(cx);
        let split = self.split();
        split.row.act(to, split.rows, areas.rows.height);
        self.take_selection(cx);
        Flow::done()
    }

    /// What moving, opening and going back mean; everything else goes outward.
    fn navigate(&mut self, action: Action, cx: &Cx<'_>) -> Flow {
        let is_inside = self.split().inside;
        match action {
            Action::Move(to) => self.go(to, cx),
            Action::Open if is_inside => self.open_line(cx),
            Action::Open => self.open_row(cx),
            Action::Back if is_inside => {
                self.split().leave();
                Flow::done()
            }
            _ => Flow::Passed,
        }
    }

    /// A click, on a row or on a line.
    fn hit(&mut self, at: Position, double: bool, cx: &Cx<'_>) -> Flow {
        let areas = self.areas(cx);
        if areas.detail.contains(at) {
            self.go_inside();
            let split = self.split();
            let to = split.line.top() + usize::from(at.y - areas.detail.y);
            split.line.select(to, split.lines, areas.detail.height);
            return if double { self.open_line(cx) } else { Flow::done() };
        }
        if areas.rows.contains(at) {
            let split = self.split();
            split.inside = false;
            let to = split.row.top() + usize::from(at.y - areas.rows.y);
            if to < split.rows {
                split.row.select(to, split.rows, areas.rows.height);
                self.take_selection(cx);
                return if double { self.double_click(cx) } else { Flow::done() };
            }
        }
        Flow::done()
    }

    /// The wheel: moves the cursor of the part that has the keys.
    fn roll(&mut self, lines: i32, cx: &Cx<'_>) {
        let areas = self.areas(cx);
        let split = self.split();
        if split.inside {
            split.line.step(i64::from(lines), split.lines, areas.detail.height);
        } else {
            split.row.step(i64::from(lines), split.rows, areas.rows.height);
            self.take_selection(cx);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At every size the parts stand inside the pane and apart from each other, and something is shown.
    #[test]
    fn the_parts_stand_inside_and_apart() {
        let mut split = Split::new(Shape { beside: (110, 10), below: (12, 11), header: 1 });
        for (width, height) in (0..140).flat_map(|width| (0..30).map(move |height| (width, height))) {
            let area = Rect { x: 3, y: 2, width, height };
            for inside in [false, true] {
                split.inside = inside;
                let Areas { list, rows, detail } = split.areas(area);
                for part in [list, rows, detail] {
                    assert_eq!(part.intersection(area), part, "{part} in {area}");
                }
                assert!(list.intersection(detail).is_empty(), "{list} and {detail} in {area}");
                assert_eq!(list.is_empty() && detail.is_empty(), area.is_empty(), "{area}");
                assert_eq!(rows.bottom(), list.bottom(), "{rows} in {list}");
                if inside || detail.width > 0 {
                    assert_eq!(split.detail_columns(area), detail.width, "{area}");
                }
            }
        }
    }
}
