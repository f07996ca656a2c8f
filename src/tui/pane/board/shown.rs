//! The tasks that show, as a table or as a kanban: the same tasks in both, each with its own cursor.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::kanban::Kanban;
use super::table::{self, Columns};
use crate::model::task::TaskList;
use crate::tui::action::Move;
use crate::tui::pane::Cx;
use crate::tui::widget::cursor::Cursor;

/// How the tasks are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// A line a task.
    #[default]
    Table,
    /// A column a state.
    Kanban,
}

/// The tasks that show. The areas are those of the whole list, with header.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// Which of the two shows.
    pub layout: Layout,
    /// Indexes of the tasks, in the order of the table.
    pub tasks: Vec<u32>,
    /// The row of the table.
    pub cursor: Cursor,
    columns: Columns,
    kanban: Kanban,
}

fn rows(area: Rect) -> u16 {
    table::below_header(area).map_or(0, |body| body.height)
}

impl Shown {
    /// These tasks show from now on, in that order.
    pub fn set(&mut self, tasks: &TaskList, shown: Vec<u32>) {
        self.tasks = shown;
        self.kanban.arrange(tasks, &self.tasks);
    }

    /// Puts both cursors on that task; where it does not show they stay at their rows. `in_order` says that the tasks are
    /// in the order of their indexes.
    pub fn select(&mut self, task: Option<u32>, in_order: bool, area: Rect) {
        let row = task.and_then(|task| match in_order {
            true => self.tasks.binary_search(&task).ok(),
            false => self.tasks.iter().position(|&index| index == task),
        });
        match row {
            Some(row) => self.cursor.select(row, self.tasks.len(), rows(area)),
            None => self.cursor.fit(self.tasks.len(), rows(area)),
        }
        let in_kanban = task.is_some_and(|task| self.kanban.select(task, area));
        if !in_kanban {
            self.kanban.fit(area);
        }
    }

    /// The task under the cursor of the current layout.
    pub fn selected(&self) -> Option<u32> {
        match self.layout {
            Layout::Table => self.tasks.get(self.cursor.at()).copied(),
            Layout::Kanban => self.kanban.selected(),
        }
    }

    /// The other layout.
    pub fn switch(&mut self) {
        self.layout = match self.layout {
            Layout::Table => Layout::Kanban,
            Layout::Kanban => Layout::Table,
        };
    }

    /// The area has changed. `is_backlog` decides on the columns of the table.
    pub fn fit(&mut self, tasks: &TaskList, is_backlog: bool, area: Rect) {
        self.columns = Columns::of(tasks, area.width, is_backlog);
        self.cursor.fit(self.tasks.len(), rows(area));
        self.kanban.fit(area);
    }

    /// Moves the cursor; false where that move means nothing.
    pub fn act(&mut self, to: Move, area: Rect) -> bool {
        match self.layout {
            Layout::Table => self.cursor.act(to, self.tasks.len(), rows(area)),
            Layout::Kanban => {
                self.kanban.act(to, area);
                true
            }
        }
    }

    /// The wheel: moves the cursor down (positive) or up.
    pub fn step(&mut self, lines: i32, area: Rect) {
        match self.layout {
            Layout::Table => self.cursor.step(i64::from(lines), self.tasks.len(), rows(area)),
            Layout::Kanban => self.kanban.act(if lines > 0 { Move::Down } else { Move::Up }, area),
        }
    }

    /// Puts the cursor on the task at that place of the screen; false when none is there.
    pub fn click(&mut self, at: Position, area: Rect) -> bool {
        match self.layout {
            Layout::Table => {
                let Some(body) = table::below_header(area).filter(|body| body.contains(at)) else { return false };
                let to = self.cursor.top() + usize::from(at.y - body.y);
                if to < self.tasks.len() {
                    self.cursor.select(to, self.tasks.len(), body.height);
                }
                to < self.tasks.len()
            }
            Layout::Kanban => self.kanban.click(at.x, at.y, area),
        }
    }

    /// The column of the kanban at that place of the screen, by the number of its state.
    pub fn lane_at(&self, at: Position, area: Rect) -> Option<usize> {
        match self.layout {
            Layout::Table => None,
            Layout::Kanban => self.kanban.lane_at(at.x, area),
        }
    }

    /// Paints the current layout.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, cx: &Cx<'_>, marks: &BTreeSet<String>) {
        match self.layout {
            Layout::Table => table::draw(area, buf, cx, (&self.tasks, marks), self.cursor, self.columns),
            Layout::Kanban => self.kanban.draw(area, buf, cx, marks),
        }
    }
}
