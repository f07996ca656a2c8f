//! Prompt: who is to do what, and the prompt that comes of it by the playbook's checklist.
//!
//! ```text
//! ┌ 0 Prompt · Berth Keeper · HB-B-003 · 2 to be said ───────┐
//! │Personas                  │Prompt: Berth Keeper – HB-B-003│
//! │✓ Berth Keeper            │ Persona                       │
//! │  Log Reader              │ • Persona: Berth Keeper (…)   │
//! │Tasks                     │ …                             │
//! │✓ HB-B-003 Bring the …    │───────────────────────────────│
//! │  Move a ship to a …      │!section "Inputs" still has …  │
//! └──────────────────────────────────────────────────────────┘
//! ```
//! `Space` chooses a persona or a task and composes anew; `i` fills in gates, inputs and lists, `w` saves the prompt as a new
//! document, `y` copies it. `Enter` goes into the prompt, there it opens what a fact cites.

mod ask;
mod list;

use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use self::list::Row;
use super::docs::{page, style};
use super::{About, Clip, Context, Cx, FieldValue, Flow, Goto, Pane, PaneId};
use crate::doc::{DocId, Document};
use crate::model::prompt::Playbook;
use crate::model::task::TaskList;
use crate::tui::action::{Action, Move};
use crate::tui::effect::Effect;
use crate::tui::text;
use crate::tui::widget::cursor::Cursor;
use crate::tui::widget::markdown::Page;
use crate::workbench::prompt::{Composed, NewPrompt};

/// The Prompt pane.
#[derive(Default)]
pub struct PromptPane {
    book: Arc<Playbook>,
    tasks: Arc<TaskList>,
    rows: Vec<Row>,
    filter: String,
    cursor: Cursor,
    /// What has been chosen and filled in.
    new: NewPrompt,
    composed: Option<Composed>,
    /// Why nothing could be composed.
    refused: String,
    page: Page,
    /// Width that the page is laid out for.
    width: u16,
    /// The line of the page.
    line: Cursor,
    inside: bool,
}

/// What the composed prompt is called in findings and while it is shown.
const NAME: &str = "prompt.md";
/// From this width on the prompt stands to the right.
const WIDE: u16 = 90;
/// From this height on it stands below.
const TALL: u16 = 12;

/// Where list, prompt and findings stand.
struct Areas {
    list: Rect,
    page: Rect,
    findings: Rect,
}

impl PromptPane {
    fn areas(&self, area: Rect) -> Areas {
        let none = Rect { width: 0, height: 0, ..area };
        let (list, rest) = if area.width >= WIDE {
            let list = area.width * 2 / 5;
            (Rect { width: list - 1, ..area }, Rect { x: area.x + list, width: area.width - list, ..area })
        } else if area.height >= TALL {
            let list = area.height * 2 / 5;
            let below = Rect { y: area.y + list + 1, height: area.height - list - 1, ..area };
            (Rect { height: list, ..area }, below)
        } else if self.inside {
            (none, area)
        } else {
            (area, none)
        };
        let wanted = self.composed.as_ref().map_or(0, |composed| composed.findings.len());
        let low = u16::try_from(wanted).unwrap_or(u16::MAX).saturating_add(1).min(rest.height / 3);
        let low = if wanted == 0 { 0 } else { low };
        let page = Rect { height: rest.height - low, ..rest };
        // The first line below the prompt is the rule above the findings.
        let findings = Rect { y: rest.y + page.height + low.min(1), height: low.saturating_sub(1), ..rest };
        Areas { list, page, findings }
    }

    /// Lists anew what fits the filter, and keeps the cursor on the same thing.
    fn arrange(&mut self, cx: &Cx<'_>) {
        let at = self.rows.get(self.cursor.at()).copied();
        let is_done = |state: &str| cx.view.config.states.is_done(state);
        self.rows = list::rows(&self.book, &self.tasks, &self.filter, is_done);
        let height = self.areas(cx.area).list.height;
        let same = self.rows.iter().position(|row| Some(*row) == at && !row.is_heading());
        let first = || self.rows.iter().position(|row| !row.is_heading());
        self.cursor.select(same.or_else(first).unwrap_or(0), self.rows.len(), height);
    }

    /// Composes anew from what is chosen, and from the documents as they are now.
    fn compose(&mut self, cx: &Cx<'_>) {
        if self.book.docs.is_empty() {
            (self.composed, self.page) = (None, Page::default());
            return;
        }
        match cx.view.compose_prompt(&self.new, &cx.view.gates.list, NAME) {
            Ok(composed) => (self.composed, self.refused) = (Some(composed), String::new()),
            Err(why) => (self.composed, self.refused) = (None, why.to_string()),
        }
        self.lay(cx, true);
    }

    /// Lays the prompt out where text or width have changed.
    fn lay(&mut self, cx: &Cx<'_>, changed: bool) {
        let area = self.areas(cx.area).page;
        if (changed || self.width != area.width)
            && let (Some(composed), Ok(id)) = (&self.composed, DocId::new(NAME))
        {
            let document = Arc::new(Document::parse(id, composed.text.clone().into_bytes()));
            self.page = page::render(&document, area.width, cx.theme.symbols.line == "-", true);
            self.width = area.width;
        }
        self.line.fit(self.page.len(), area.height);
    }

    /// `Space`: chooses what is under the cursor, or no longer.
    fn choose(&mut self, cx: &Cx<'_>) -> Flow {
        let Some(row) = self.rows.get(self.cursor.at()) else { return Flow::done() };
        let key = row.key(&self.book, &self.tasks);
        let chosen = match row {
            Row::Heading(_) => return Flow::done(),
            Row::Persona(_) => &mut self.new.persona,
            Row::Task(_) | Row::Library(..) => &mut self.new.task,
        };
        *chosen = if chosen.as_deref() == Some(key.as_str()) { None } else { Some(key) };
        self.compose(cx);
        Flow::done()
    }

    fn go(&mut self, to: Move, cx: &Cx<'_>) -> Flow {
        let areas = self.areas(cx.area);
        match to {
            Move::Left if self.inside => self.inside = false,
            Move::Right if !self.inside => self.inside = self.composed.is_some(),
            Move::Left | Move::Right => return Flow::Passed,
            to if self.inside => drop(self.line.act(to, self.page.len(), areas.page.height)),
            to => drop(self.cursor.act(to, self.rows.len(), areas.list.height)),
        }
        Flow::done()
    }

    /// `Enter`: into the prompt, there to what the fact cites.
    fn enter(&mut self, cx: &Cx<'_>) -> Flow {
        if !self.inside {
            self.inside = self.composed.is_some();
            return Flow::done();
        }
        self.place(cx).map_or_else(Flow::done, |(doc, line)| Flow::Go(Goto::Document { doc, line }))
    }

    /// What the fact under the cursor cites.
    fn cited(&self) -> Option<(DocId, usize)> {
        let line = self.composed.as_ref()?.text.lines().nth(self.page.source(self.line.at()).checked_sub(1)?)?;
        let place = line.rsplit_once("(`")?.1.strip_suffix("`)")?;
        let (path, line) = place.rsplit_once(':')?;
        Some((DocId::new(path).ok()?, line.parse().ok()?))
    }
}

impl Pane for PromptPane {
    fn id(&self) -> PaneId {
        PaneId::Prompt
    }

    fn context(&self) -> Context {
        Context::Prompt
    }

    fn title(&self, _cx: &Cx<'_>) -> String {
        let Some(composed) = &self.composed else { return String::new() };
        let count = match composed.findings.len() {
            0 => "nothing is missing".to_owned(),
            many => format!("{many} to be said"),
        };
        let chosen = [composed.persona.clone(), composed.task.clone()].into_iter().flatten();
        chosen.chain([count]).collect::<Vec<_>>().join(" · ")
    }

    fn refresh(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let view = cx.view;
        if !Arc::ptr_eq(&self.book, &view.playbook) || !Arc::ptr_eq(&self.tasks, &view.tasks) {
            (self.book, self.tasks) = (Arc::clone(&view.playbook), Arc::clone(&view.tasks));
            self.arrange(cx);
        }
        self.compose(cx);
        Vec::new()
    }

    fn fit(&mut self, cx: &Cx<'_>) {
        self.cursor.fit(self.rows.len(), self.areas(cx.area).list.height);
        self.lay(cx, false);
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Flow {
        match action {
            Action::Move(to) => self.go(to, cx),
            Action::Open => self.enter(cx),
            Action::Back if self.inside => {
                self.inside = false;
                Flow::done()
            }
            Action::Mark => self.choose(cx),
            Action::FillIn => self.ask_facts(cx),
            Action::Save => self.ask_path(),
            _ => Flow::Passed,
        }
    }

    fn click(&mut self, column: u16, row: u16, double: bool, cx: &Cx<'_>) -> Flow {
        let areas = self.areas(cx.area);
        let at = Position::new(column, row);
        if areas.page.contains(at) {
            self.inside = self.composed.is_some();
            let to = self.line.top() + usize::from(row - areas.page.y);
            self.line.select(to.min(self.page.len().saturating_sub(1)), self.page.len(), areas.page.height);
            return if double { self.enter(cx) } else { Flow::done() };
        }
        let to = self.cursor.top() + usize::from(row.saturating_sub(areas.list.y));
        if areas.list.contains(at) && to < self.rows.len() {
            self.inside = false;
            self.cursor.select(to, self.rows.len(), areas.list.height);
            return if double { self.choose(cx) } else { Flow::done() };
        }
        Flow::done()
    }

    fn wheel(&mut self, lines: i32, cx: &Cx<'_>) -> Vec<Effect> {
        let areas = self.areas(cx.area);
        if self.inside {
            self.line.step(i64::from(lines), self.page.len(), areas.page.height);
        } else {
            self.cursor.step(i64::from(lines), self.rows.len(), areas.list.height);
        }
        Vec::new()
    }

    fn answer(&mut self, about: &About, text: &str, cx: &Cx<'_>) -> Flow {
        match about {
            About::Pick(what) if what == ask::SAVE => self.save(text, cx),
            _ => Flow::Passed,
        }
    }

    fn filled(&mut self, about: &About, values: &[(String, FieldValue)], cx: &Cx<'_>) -> Flow {
        match about {
            About::Pick(what) if what == ask::FACTS => self.take_facts(values, cx),
            _ => Flow::Passed,
        }
    }

    fn filter(&self) -> &str {
        &self.filter
    }

    fn set_filter(&mut self, text: &str, cx: &Cx<'_>) {
        self.filter = text.to_owned();
        self.arrange(cx);
    }

    fn place(&self, _cx: &Cx<'_>) -> Option<(DocId, usize)> {
        if self.inside {
            return self.cited();
        }
        self.rows.get(self.cursor.at())?.place(&self.book, &self.tasks)
    }

    fn clip(&self, what: Clip, _cx: &Cx<'_>) -> Option<String> {
        match what {
            Clip::Id => Some(self.composed.as_ref()?.text.clone()),
            Clip::Row => {
                let row = self.rows.get(self.cursor.at()).filter(|row| !row.is_heading())?;
                Some(row.label(&self.book, &self.tasks))
            }
        }
    }

    fn draw(&self, buf: &mut Buffer, cx: &Cx<'_>) {
        let (area, theme) = (cx.area, cx.theme);
        if self.book.docs.is_empty() {
            let why = "No playbook here: ai/ops/codex.md, or another path under [documents] playbook";
            text::put(buf, area.x, area.y, area.width, why, theme.quiet);
            return;
        }
        let areas = self.areas(area);
        self.draw_list(areas.list, buf, cx);
        if areas.page.x > area.x {
            for y in area.top()..area.bottom() {
                text::put(buf, areas.page.x - 1, y, 1, theme.symbols.bar, theme.border);
            }
        } else if areas.page.y > area.y {
            let rule = theme.symbols.line.repeat(usize::from(area.width));
            text::put(buf, area.x, areas.page.y - 1, area.width, &rule, theme.border);
        }
        if areas.page.height == 0 {
            return;
        }
        let Some(composed) = &self.composed else {
            for (y, line) in (areas.page.top()..areas.page.bottom())
                .zip(text::wrap(&text::clean(&self.refused), usize::from(areas.page.width.max(1))))
            {
                text::put(buf, areas.page.x, y, areas.page.width, &line, theme.bad);
            }
            return;
        };
        self.page.draw(areas.page, buf, self.line.top(), None, |ink| style(ink, theme));
        if self.inside && cx.focused {
            let y = areas.page.y + u16::try_from(self.line.at() - self.line.top()).unwrap_or(0);
            buf.set_style(Rect { y, height: 1, ..areas.page }.intersection(areas.page), theme.selected);
        }
        if areas.findings.height == 0 {
            return;
        }
        let rule = theme.symbols.line.repeat(usize::from(areas.findings.width));
        text::put(buf, areas.findings.x, areas.findings.y - 1, areas.findings.width, &rule, theme.border);
        for (y, finding) in (areas.findings.top()..areas.findings.bottom()).zip(&composed.findings) {
            let said = format!("! {}", text::clean(&finding.message));
            text::put(buf, areas.findings.x, y, areas.findings.width, &said, theme.warn);
        }
    }
}
