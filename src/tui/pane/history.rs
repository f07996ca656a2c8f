//! Pane **History**: operations, newest first; what each changed; taking one back.
//!
//! ```text
//! ┌ 6 History · 12 operations ──────────────────────────────────┐
//! │ ▾ 12 2026-01-02 10:11  operator  tick "Skim the runbook"    │
//! │      docs/CODEX_SESSION_CHECKLIST.md                        │
//! │        {"heading":"Pre-flight",…}                           │
//! │        - false                                              │
//! │        + true                                               │
//! │ ▸ 11 2026-01-02 10:09  operator  tick … (undone)            │
//! └─────────────────────────────────────────────────────────────┘
//! ```

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{Clip, Context, Cx, Flow, Goto, Pane, PaneId};
use crate::doc::DocId;
use crate::model::query::{FieldName, Query};
use crate::op::OpId;
use crate::tui::action::{Action, Move};
use crate::tui::effect::Effect;
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::widget::cursor::Cursor;
use crate::workbench::view::{HISTORY_FIELDS, Operated};
use crate::workbench::{Request, View};

/// Lines that a value of an edit takes at most; the editor shows the rest.
const VALUE_LINES: usize = 6;

/// The pane.
#[derive(Debug, Default)]
pub struct HistoryPane {
    /// Always the rows of the last view under `unfolded` and `filter`.
    rows: Vec<Row>,
    cursor: Cursor,
    selected: Option<OpId>,
    unfolded: BTreeSet<OpId>,
    filter: String,
    query: Query,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Row {
    /// An operation: index in the history.
    Op(usize),
    /// A document of an operation.
    File(usize, DocId),
    /// Where an edit is.
    At(usize, String),
    /// A line of the old text.
    Old(usize, String),
    /// A line of the new text.
    New(usize, String),
}

impl Row {
    fn operation(&self) -> usize {
        match self {
            Row::Op(at) | Row::File(at, _) | Row::At(at, _) | Row::Old(at, _) | Row::New(at, _) => *at,
        }
    }
}

impl HistoryPane {
    fn rebuild(&mut self, cx: &Cx<'_>) {
        self.rows.clear();
        for (at, op) in cx.view.history.iter().enumerate().rev().filter(|(_, op)| op.fits(&self.query)) {
            self.rows.push(Row::Op(at));
            if self.unfolded.contains(&op.op) {
                unfold(at, op, usize::from(cx.area.width), &mut self.rows);
            }
        }
        let same = self
            .rows
            .iter()
            .position(|row| matches!(row, Row::Op(at) if Some(cx.view.history[*at].op) == self.selected));
        // The newest stays selected until the operator moves away from it.
        let at = if self.cursor.at() == 0 { 0 } else { same.unwrap_or(self.cursor.at()) };
        self.cursor.select(at, self.rows.len(), cx.area.height);
        self.note_selected(cx.view);
    }

    fn note_selected(&mut self, view: &View) {
        self.selected = self.chosen(view).map(|op| op.op);
    }

    fn chosen<'a>(&self, view: &'a View) -> Option<&'a Operated> {
        view.history.get(self.rows.get(self.cursor.at())?.operation())
    }

    /// Folds or unfolds the chosen operation; true when that changed something.
    fn fold(&mut self, unfold: bool, cx: &Cx<'_>) -> bool {
        let Some(op) = self.chosen(cx.view).map(|op| op.op) else { return false };
        let changed = if unfold { self.unfolded.insert(op) } else { self.unfolded.remove(&op) };
        if changed {
            // Onto the operation itself, whatever line of it was selected.
            let here = self.rows[self.cursor.at()].operation();
            let at = self.rows.iter().position(|row| *row == Row::Op(here)).unwrap_or(0);
            self.cursor.select(at, self.rows.len(), cx.area.height);
            self.note_selected(cx.view);
            self.rebuild(cx);
        }
        changed
    }
}

fn unfold(at: usize, op: &Operated, width: usize, rows: &mut Vec<Row>) {
    for file in &op.files {
        rows.push(Row::File(at, file.doc.clone()));
        for edit in &file.edits {
            rows.push(Row::At(at, edit.at.to_string()));
            let columns = width.saturating_sub(10).max(10);
            for (value, row) in [(&edit.old, Row::Old as fn(usize, String) -> Row), (&edit.new, Row::New)] {
                let Some(value) = value else { continue };
                let lines = text::wrap(value, columns);
                let more = lines.len().saturating_sub(VALUE_LINES);
                rows.extend(lines.into_iter().take(VALUE_LINES).map(|line| row(at, line)));
                if more > 0 {
                    rows.push(row(at, format!("… {more} more lines")));
                }
            }
        }
    }
}

impl Pane for HistoryPane {
    fn id(&self) -> PaneId {
        PaneId::History
    }

    fn context(&self) -> Context {
        Context::History
    }

    fn title(&self, cx: &Cx<'_>) -> String {
        match cx.view.history.len() {
            1 => "1 operation".to_owned(),
            count => format!("{count} operations"),
        }
    }

    fn refresh(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        self.rebuild(cx);
        Vec::new()
    }

    fn fit(&mut self, cx: &Cx<'_>) {
        self.rebuild(cx);
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Flow {
        match action {
            Action::Move(Move::Right) => {
                self.fold(true, cx);
            }
            Action::Move(Move::Left) => {
                self.fold(false, cx);
            }
            Action::Move(to) => {
                self.cursor.act(to, self.rows.len(), cx.area.height);
                self.note_selected(cx.view);
            }
            Action::Open => {
                if let Some(Row::File(_, doc)) = self.rows.get(self.cursor.at()) {
                    return Flow::Go(Goto::Document { doc: doc.clone(), line: 1 });
                }
                if !self.fold(true, cx) {
                    self.fold(false, cx);
                }
            }
            Action::MatchNext => self.cursor.step(1, self.rows.len(), cx.area.height),
            Action::MatchPrevious => self.cursor.step(-1, self.rows.len(), cx.area.height),
            Action::Undo => {
                return match self.chosen(cx.view) {
                    Some(op) if op.undone => Flow::Say(format!("operation {} is taken back already", op.op)),
                    Some(op) => Flow::Done(vec![Effect::Do(Request::Undo(Some(op.op)))]),
                    None => Flow::Say("nothing to take back".to_owned()),
                };
            }
            // What this pane does not know goes outward.
            _ => return Flow::Passed,
        }
        Flow::done()
    }

    fn click(&mut self, _column: u16, row: u16, double: bool, cx: &Cx<'_>) -> Flow {
        let at = self.cursor.top() + usize::from(row.saturating_sub(cx.area.y));
        if at < self.rows.len() {
            self.cursor.select(at, self.rows.len(), cx.area.height);
            self.note_selected(cx.view);
            if double {
                return self.act(Action::Open, cx);
            }
        }
        Flow::done()
    }

    fn wheel(&mut self, lines: i32, cx: &Cx<'_>) -> Vec<Effect> {
        self.cursor.step(i64::from(lines), self.rows.len(), cx.area.height);
        self.note_selected(cx.view);
        Vec::new()
    }

    fn filter(&self) -> &str {
        &self.filter
    }

    fn set_filter(&mut self, text: &str, cx: &Cx<'_>) {
        self.filter = text.to_owned();
        self.query = Query::parse(text, HISTORY_FIELDS);
        self.rebuild(cx);
    }

    fn fields(&self) -> Option<&'static [FieldName]> {
        Some(HISTORY_FIELDS)
    }

    fn query(&self) -> Option<&Query> {
        Some(&self.query)
    }

    fn place(&self, cx: &Cx<'_>) -> Option<(DocId, usize)> {
        let doc = match self.rows.get(self.cursor.at())? {
            Row::File(_, doc) => doc.clone(),
            Row::Op(_) | Row::At(..) | Row::Old(..) | Row::New(..) => self.chosen(cx.view)?.files.first()?.doc.clone(),
        };
        Some((doc, 1))
    }

    fn clip(&self, what: Clip, cx: &Cx<'_>) -> Option<String> {
        let op = self.chosen(cx.view)?;
        Some(match what {
            Clip::Id => op.op.to_string(),
            Clip::Row => format!("| {} | {} | {} | {} |", op.op, op.at, op.actor, op.intent.replace('|', "\\|")),
        })
    }

    fn draw(&self, buf: &mut Buffer, cx: &Cx<'_>) {
        let area = cx.area;
        if self.rows.is_empty() {
            let words = if self.query.is_empty() { "nothing was written yet" } else { "no operation matches" };
            text::put(buf, area.x, area.y, area.width, words, cx.theme.quiet);
            return;
        }
        for (y, at) in (area.y..).zip(self.cursor.visible(self.rows.len(), area.height)) {
            let line = Rect { y, height: 1, ..area };
            self.draw_row(&self.rows[at], line, buf, cx);
            let over = match (at == self.cursor.at(), cx.focused) {
                (true, true) => cx.theme.selected,
                (true, false) => cx.theme.marked,
                (false, _) => Style::new(),
            };
            buf.set_style(line.intersection(*buf.area()), over);
        }
    }
}

impl HistoryPane {
    fn draw_row(&self, row: &Row, line: Rect, buf: &mut Buffer, cx: &Cx<'_>) {
        let theme = cx.theme;
        let (inset, text, style) = match row {
            Row::Op(at) => {
                let Some(op) = cx.view.history.get(*at) else { return };
                let mark = if self.unfolded.contains(&op.op) { theme.symbols.open } else { theme.symbols.closed };
                (0, format!("{mark} {}", summary(op, line.width, theme)), theme.text)
            }
            Row::File(_, doc) => (4, doc.to_string(), theme.link),
            Row::At(_, address) => (6, address.clone(), theme.quiet),
            Row::Old(_, old) => (6, format!("- {old}"), theme.bad),
            Row::New(_, new) => (6, format!("+ {new}"), theme.good),
        };
        let inset = inset.min(line.width);
        text::put(buf, line.x + inset, line.y, line.width - inset, &text, style);
    }
}

fn summary(op: &Operated, width: u16, _theme: &Theme) -> String {
    // `2026-01-02T10:11:12.123-07:00`: day and minute are enough beside the number.
    let at: String = op.at.chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect();
    let undone = if op.undone { " (undone)" } else { "" };
    let undoes = op.undoes.map_or_else(String::new, |other| format!(" (takes back {other})"));
    if width < 60 {
        return format!("{}{undone} {}{undoes}", op.op, op.intent);
    }
    format!("{:>4}  {at}  {}  {}{undoes}{undone}", op.op, op.actor, op.intent)
}
