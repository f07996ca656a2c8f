//! The table: one line a task. Only visible rows are decoded.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::model::task::{Task, TaskList};
use crate::tui::pane::Cx;
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::widget::cursor::Cursor;
use crate::workspace::config::Field;

/// Widths of the columns for one width of the table. A column of width 0 is not shown. They depend on the whole list,
/// never on the rows that happen to be visible: scrolling must not shift them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Columns {
    id: u16,
    state: u16,
    title: u16,
    owner: u16,
    date: u16,
    fourth: Fourth,
}

/// What the fourth column shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Fourth {
    #[default]
    Owner,
    /// What the backlog is read for.
    Preconditions,
    /// Where nobody owns a task, but tasks differ in weight.
    Priority,
}

impl Fourth {
    fn name(self) -> &'static str {
        match self {
            Fourth::Owner => "Owner",
            Fourth::Preconditions => "Preconditions",
            Fourth::Priority => "Priority",
        }
    }

    fn text(self, task: Task<'_>, width: u16) -> String {
        let said = |field| task.said(field).next().map(|(_, text)| text.into_owned());
        match self {
            Fourth::Owner => task.owner().into_owned(),
            Fourth::Preconditions => said(Field::Preconditions).unwrap_or_default(),
            Fourth::Priority => {
                let area = said(Field::Area).filter(|_| width >= 20);
                let both = said(Field::Priority).into_iter().chain(area);
                both.collect::<Vec<_>>().join(", ")
            }
        }
    }
}

/// Ids that are looked at to size the id column.
const SAMPLE: usize = 200;

impl Columns {
    /// Sizes the columns.
    pub fn of(tasks: &TaskList, width: u16, preconditions: bool) -> Columns {
        let id = tasks
            .iter()
            .take(SAMPLE)
            .map(|task| text::width(&task.id()))
            .max()
            .unwrap_or(2)
            .clamp(2, usize::from(width / 4).clamp(16, 28)) as u16;
        let weighed = || tasks.iter().take(SAMPLE).any(|task| task.said(Field::Priority).next().is_some());
        let owned = || tasks.iter().take(SAMPLE).any(|task| !task.owner().is_empty());
        let fourth = match preconditions {
            true => Fourth::Preconditions,
            false if !owned() && weighed() => Fourth::Priority,
            false => Fourth::Owner,
        };
        let used = tasks.states().iter().map(|state| text::width(state)).max().unwrap_or(5).clamp(5, 14) as u16;
        let mut columns = Columns { id: id.min(width), fourth, ..Columns::default() };
        let mut left = width.saturating_sub(columns.id + 3);
        let wide = left / 3;
        let mut take = |wanted: u16, keep: u16| {
            if left >= wanted + 1 + keep {
                left -= wanted + 1;
                wanted
            } else {
                0
            }
        };
        columns.state = take(used, 16);
        let weight = if width >= 110 { 28 } else { 8 };
        let priority = if fourth == Fourth::Priority { take(weight, 24) } else { 0 };
        columns.date = take(10, 30);
        columns.owner = match fourth {
            Fourth::Priority => priority,
            Fourth::Preconditions => take(wide, 30),
            Fourth::Owner => take(20, 40),
        };
        columns.title = left;
        columns
    }
}

/// Paints header and visible rows. `shown` are indexes into the tasks.
pub fn draw(
    area: Rect,
    buf: &mut Buffer,
    cx: &Cx<'_>,
    (shown, marks): (&[u32], &BTreeSet<String>),
    cursor: Cursor,
    columns: Columns,
) {
    let theme = cx.theme;
    let Some(body) = below_header(area) else { return };
    let header = theme.heading;
    let fourth = columns.fourth.name();
    line(buf, area, area.y, columns, ["Id", "State", "Title", fourth, "Date"], [header; 5], (" ", header));
    for (row, at) in cursor.visible(shown.len(), body.height).enumerate() {
        let task = cx.view.tasks.task(shown[at] as usize);
        let y = body.y + row as u16;
        draw_row(buf, body, y, (cx, marks), task, columns);
        if at == cursor.at() {
            let style = if cx.focused { theme.selected } else { theme.marked };
            buf.set_style(Rect { y, height: 1, ..body }, style);
        }
    }
}

/// The area of the rows.
pub fn below_header(area: Rect) -> Option<Rect> {
    match area.height {
        0 => None,
        // One row: no header.
        1 => Some(area),
        height => Some(Rect { y: area.y + 1, height: height - 1, ..area }),
    }
}

/// What stands behind an id: that the task is marked, that one of its rows is damaged, that its documents disagree.
pub fn mark(task: Task<'_>, marks: &BTreeSet<String>, theme: &Theme) -> (&'static str, Style) {
    if !marks.is_empty() && marks.contains(&*task.id()) {
        (theme.symbols.yes, theme.good)
    } else if task.rows().any(|row| row.damage().is_some()) {
        ("#", theme.bad)
    } else if task.drifts() {
        ("!", theme.warn)
    } else {
        (" ", theme.text)
    }
}

/// What stands directly behind an id: whether others changed one of the task's rows since the operator looked.
pub fn new_mark(task: Task<'_>, cx: &Cx<'_>) -> &'static str {
    let is_new = !cx.unread.is_empty() && task.rows().any(|row| cx.unread.any(row.doc(), row.lines()));
    if is_new { cx.theme.symbols.bullet } else { " " }
}

/// A colour for what has an end or cannot go on; every other state is text.
pub fn state_style(state: &str, cx: &Cx<'_>) -> Style {
    let states = &cx.view.config.states;
    match () {
        () if states.is_done(state) => cx.theme.good,
        () if states.is_blocked(state) => cx.theme.bad,
        () => cx.theme.text,
    }
}

fn draw_row(
    buf: &mut Buffer,
    area: Rect,
    y: u16,
    (cx, marks): (&Cx<'_>, &BTreeSet<String>),
    task: Task<'_>,
    columns: Columns,
) {
    let theme = cx.theme;
    let date = task.date().map(|date| date.to_string()).unwrap_or_default();
    let fourth = columns.fourth.text(task, columns.owner);
    let state = state_style(task.state(), cx);
    line(
        buf,
        area,
        y,
        columns,
        [&task.id(), task.state(), &task.title(), &fourth, &date],
        [theme.accent, state, theme.text, theme.quiet, theme.quiet],
        mark(task, marks, theme),
    );
    if columns.id < area.width {
        text::put(buf, area.x + columns.id, y, 1, new_mark(task, cx), theme.accent);
    }
}

fn line(
    buf: &mut Buffer,
    area: Rect,
    y: u16,
    columns: Columns,
    texts: [&str; 5],
    styles: [Style; 5],
    mark: (&str, Style),
) {
    let mut x = area.x;
    let [id, state, title, owner, date] = texts;
    let [id_style, state_style, title_style, owner_style, date_style] = styles;
    let mut put = |columns: u16, text: &str, style: Style| {
        if columns > 0 && x < area.right() {
            text::put(buf, x, y, columns.min(area.right() - x), text, style);
            x += columns + 1;
        }
    };
    put(columns.id, id, id_style);
    // One column right behind the id: the documents disagree about the task.
    put(1, mark.0, mark.1);
    put(columns.state, state, state_style);
    put(columns.title, title, title_style);
    put(columns.owner, owner, owner_style);
    put(columns.date, date, date_style);
}
