//! The detail of one task: every field of every row that carries it, and what it cites.
//!
//! ```text
//!  D-001  Make the switch work
//!  Doing · 2026-01-02 · Ann · plan D
//!  ! state differs: Doing (docs/taskboard/TaskBoard.csv), Done (docs/Demo_TaskBoard.md)
//!
//!  docs/taskboard/TaskBoard.csv:12            Enter opens the document there
//!  Deliverable
//!    first line
//!    - second line
//!
//!  Cited
//!  ✓ docs/plans/PlanD_Console.md              Enter opens it
//!  ✗ Logs/Reports/missing.json
//! ```

use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::doc::DocId;
use crate::model::task::Task;
use crate::tui::action::Move;
use crate::tui::pane::Cx;
use crate::tui::text;
use crate::tui::widget::cursor::Cursor;

/// The detail, laid out for one width.
#[derive(Debug, Clone, Default)]
pub struct Detail {
    lines: Vec<Line>,
    cursor: Cursor,
    /// Paths that the task cites, as the workbench is asked about them.
    pub cites: Vec<String>,
    /// Task id and width that the lines are for; laid out again when they differ.
    pub key: (String, u16),
}

#[derive(Debug, Clone)]
struct Line {
    text: String,
    tone: Tone,
    /// What this line is about, for opening and for the editor.
    target: Target,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Text,
    Heading,
    Label,
    Quiet,
    Warning,
    Place,
    Cited,
}

/// A cell's `<br>` are line breaks, whatever the format of its document keeps them as.
fn breaks(value: &str) -> String {
    if !value.contains('<') {
        return value.to_owned();
    }
    ["<br>", "<br/>", "<br />", "<BR>"].iter().fold(value.to_owned(), |text, tag| text.replace(tag, "\n"))
}

/// What a line of the detail is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A row of a document.
    Row(DocId, usize),
    /// A cell of a row.
    Cell {
        /// The document.
        doc: DocId,
        /// 1-based line of the row.
        line: usize,
        /// Position of the column in its table.
        column: usize,
    },
    /// A cited path.
    Cited(String),
}

impl Detail {
    /// Lays the task out. Keeps the cursor when the task is the same.
    pub fn lay(&mut self, task: Task<'_>, width: u16, height: u16) {
        let same = self.key.0 == task.id();
        let columns = usize::from(width.max(8));
        let first = task.rows().next().map(|row| (row.doc().clone(), row.line()));
        let mut place = first.map_or(Target::Cited(String::new()), |(doc, line)| Target::Row(doc, line));
        let mut lines = Vec::new();
        let mut add = |tone: Tone, indent: &str, value: &str, target: &Target| {
            for line in text::wrap(value, columns - indent.len()) {
                lines.push(Line { text: format!("{indent}{line}"), tone, target: target.clone() });
            }
        };
        add(Tone::Heading, "", &format!("{}  {}", task.id(), task.title()), &place);
        let date = task.date().map(|date| date.to_string());
        let plan = task.plan().map(|plan| format!("plan {plan}"));
        let owner = task.owner();
        let facts = [Some(task.state()), date.as_deref(), Some(&*owner), plan.as_deref()];
        let facts: Vec<&str> = facts.into_iter().flatten().filter(|fact| !fact.is_empty()).collect();
        add(Tone::Text, "", &facts.join(", "), &place);
        for drift in task.drift() {
            let values: Vec<String> = drift.values.iter().map(|(doc, value)| format!("{value:?} in {doc}")).collect();
            add(Tone::Warning, "", &format!("! {} differs: {}", drift.field, values.join(", ")), &place);
        }
        let (open, over): (Vec<_>, Vec<_>) = task.waits_for().into_iter().partition(|(_, _, open)| *open);
        for (tone, words, ids) in [(Tone::Warning, "blocked by", open), (Tone::Text, "was blocked by", over)] {
            let named = |(id, state, _): &(String, Option<&str>, bool)| match state {
                Some(state) => format!("{id} ({state})"),
                None => format!("{id} (no such task)"),
            };
            let ids: Vec<String> = ids.iter().map(named).collect();
            if !ids.is_empty() {
                add(tone, "", &format!("{words} {}", ids.join(", ")), &place);
            }
        }
        for row in task.rows() {
            place = Target::Row(row.doc().clone(), row.line());
            add(Tone::Text, "", "", &place);
            add(Tone::Place, "", &format!("{}:{}", row.doc(), row.line()), &place);
            if row.damage().is_some() {
                let (cells, columns) = (row.fields().len(), row.header().len());
                let what = format!("# damaged: {cells} cells under {columns} headers; x repairs it");
                add(Tone::Warning, "", &what, &place);
            }
            for (column, (name, value)) in row.fields().into_iter().enumerate() {
                let place = Target::Cell { doc: row.doc().clone(), line: row.line(), column };
                let name = if name.is_empty() { "(no column)" } else { name };
                let value = breaks(value.trim());
                if value.is_empty() {
                    add(Tone::Quiet, "", &format!("{name}: -"), &place);
                } else if !value.contains('\n') && text::width(name) + text::width(&value) + 2 <= columns {
                    add(Tone::Text, "", &format!("{name}: {value}"), &place);
                } else {
                    add(Tone::Label, "", name, &place);
                    for piece in value.split('\n') {
                        add(Tone::Text, "  ", piece.trim(), &place);
                    }
                }
            }
        }
        let cites = task.cites();
        if !cites.is_empty() {
            add(Tone::Text, "", "", &place);
            add(Tone::Label, "", "Cited", &place);
            for path in &cites {
                let target = Target::Cited(path.clone());
                lines.push(Line { text: path.clone(), tone: Tone::Cited, target });
            }
        }
        self.lines = lines;
        self.cites = cites;
        self.key = (task.id().into_owned(), width);
        if !same {
            self.cursor = Cursor::default();
        }
        self.fit(height);
    }

    /// Keeps the cursor visible.
    pub fn fit(&mut self, height: u16) {
        self.cursor.fit(self.lines.len(), height);
    }

    /// Moves the cursor.
    pub fn act(&mut self, to: Move, height: u16) -> bool {
        self.cursor.act(to, self.lines.len(), height)
    }

    /// Puts the cursor on the line at that row of the area.
    pub fn click(&mut self, row: usize, height: u16) {
        self.cursor.select(self.cursor.top() + row, self.lines.len(), height);
    }

    /// Moves the cursor by lines.
    pub fn step(&mut self, lines: i64, height: u16) {
        self.cursor.step(lines, self.lines.len(), height);
    }

    /// What the line under the cursor is about.
    pub fn target(&self) -> Option<&Target> {
        self.lines.get(self.cursor.at()).map(|line| &line.target)
    }

    /// Paints the visible lines. `looked` says which cited paths exist.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, cx: &Cx<'_>, looked: &BTreeMap<String, bool>, focused: bool) {
        let theme = cx.theme;
        for (row, at) in self.cursor.visible(self.lines.len(), area.height).enumerate() {
            let line = &self.lines[at];
            let y = area.y + row as u16;
            let style = match line.tone {
                Tone::Text => theme.text,
                Tone::Heading => theme.heading,
                Tone::Label => theme.accent,
                Tone::Quiet => theme.quiet,
                Tone::Warning => theme.warn,
                Tone::Place | Tone::Cited => theme.link,
            };
            if line.tone == Tone::Cited {
                let (mark, style_of_mark) = match looked.get(&line.text) {
                    Some(true) => (theme.symbols.yes, theme.good),
                    Some(false) => (theme.symbols.no, theme.bad),
                    None => (theme.symbols.unknown, theme.quiet),
                };
                text::put(buf, area.x, y, 1.min(area.width), mark, style_of_mark);
                let room = area.width.saturating_sub(2);
                let start = line.text.char_indices().rev().nth(usize::from(room.max(1)) - 1).map_or(0, |(at, _)| at);
                text::put(buf, area.x + 2, y, room, &line.text[start..], style);
            } else {
                text::put(buf, area.x, y, area.width, &line.text, style);
            }
            if focused && at == self.cursor.at() {
                buf.set_style(Rect { y, height: 1, ..area }, theme.selected);
            }
        }
    }
}
