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
use super::split::{Areas, ListDetail, Shape, Split};
use super::{About, Clip, Context, Cx, FieldValue, Flow, Goto, Pane, PaneId};
use crate::doc::{DocId, Document};
use crate::model::prompt::Playbook;
use crate::model::query::{FieldName, Query};
use crate::model::task::TaskList;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::text;
use crate::tui::widget::markdown::Page;
use crate::workbench::prompt::{Composed, NewPrompt};

/// The Prompt pane.
pub struct PromptPane {
    book: Arc<Playbook>,
    tasks: Arc<TaskList>,
    rows: Vec<Row>,
    filter: String,
    split: Split,
    /// What has been chosen and filled in.
    new: NewPrompt,
    composed: Option<Composed>,
    /// Why nothing could be composed.
    refused: String,
    page: Page,
    /// Width that the page is laid out for.
    width: u16,
}

impl Default for PromptPane {
    fn default() -> PromptPane {
        PromptPane {
            book: Arc::default(),
            tasks: Arc::default(),
            rows: Vec::new(),
            filter: String::new(),
            split: Split::new(SHAPE),
            new: NewPrompt::default(),
            composed: None,
            refused: String::new(),
            page: Page::default(),
            width: 0,
        }
    }
}

/// What the composed prompt is called in findings and while it is shown.
const NAME: &str = "prompt.md";
/// Where list and prompt stand.
const SHAPE: Shape = Shape { beside: (90, 8), below: (12, 8), header: 0 };

impl PromptPane {
    /// Lines below the prompt: a rule and the findings, at most a third of its place.
    fn below(&self, rest: Rect) -> u16 {
        let findings = self.composed.as_ref().map_or(0, |composed| composed.findings.len());
        let wanted = if findings == 0 { 0 } else { findings.saturating_add(1) };
        u16::try_from(wanted).unwrap_or(u16::MAX).min(rest.height / 3)
    }

    /// Lists anew what fits the filter, and keeps the cursor on the same thing.
    fn arrange(&mut self, cx: &Cx<'_>) {
        let at = self.rows.get(self.split.row()).copied();
        let is_done = |state: &str| cx.view.config.states.is_done(state);
        self.rows = list::rows(&self.book, &self.tasks, &self.filter, is_done);
        let same = self.rows.iter().position(|row| Some(*row) == at && !row.is_heading());
        let first = || self.rows.iter().position(|row| !row.is_heading());
        self.split.set_rows(self.rows.len(), Some(same.or_else(first).unwrap_or(0)), &self.areas(cx));
    }

    /// Composes anew from what is chosen, and from the documents as they are now.
    fn compose(&mut self, cx: &Cx<'_>) {
        if self.book.docs.is_empty() {
            (self.composed, self.page) = (None, Page::default());
            return;
        }
        match cx.view.compose_prompt(&self.new, &cx.view.gates.list, NAME) {
            Ok(composed) => (self.composed, self.refused) = (Some(composed), String::new()),
            Err(why) => (self.composed, self.page, self.refused) = (None, Page::default(), why.to_string()),
        }
        self.lay(cx, true);
    }

    /// Lays the prompt out where text or width have changed.
    fn lay(&mut self, cx: &Cx<'_>, changed: bool) {
        let areas = self.areas(cx);
        let area = areas.detail;
        if (changed || self.width != area.width)
            && let (Some(composed), Ok(id)) = (&self.composed, DocId::new(NAME))
        {
            let document = Arc::new(Document::parse(id, composed.text.clone().into_bytes()));
            self.page = page::render(&document, area.width, cx.theme.symbols.line == "-", true);
            self.width = area.width;
        }
        self.split.set_lines(self.page.len(), true, &areas);
    }

    /// `Space`: chooses what is under the cursor, or no longer.
    fn choose(&mut self, cx: &Cx<'_>) -> Flow {
        let Some(row) = self.rows.get(self.split.row()) else { return Flow::done() };
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

    /// What the fact under the cursor cites.
    fn cited(&self) -> Option<(DocId, usize)> {
        let line = self.composed.as_ref()?.text.lines().nth(self.page.source(self.split.line()).checked_sub(1)?)?;
        let place = line.rsplit_once("(`")?.1.strip_suffix("`)")?;
        let (path, line) = place.rsplit_once(':')?;
        Some((DocId::new(path).ok()?, line.parse().ok()?))
    }
}

impl ListDetail for PromptPane {
    fn split(&mut self) -> &mut Split {
        &mut self.split
    }

    fn areas(&self, cx: &Cx<'_>) -> Areas {
        let areas = self.split.areas(cx.area);
        let height = areas.detail.height - self.below(areas.detail);
        Areas { detail: Rect { height, ..areas.detail }, ..areas }
    }

    fn has_detail(&self) -> bool {
        self.composed.is_some()
    }

    fn take_selection(&mut self, _cx: &Cx<'_>) {}

    fn open_line(&mut self, _cx: &Cx<'_>) -> Flow {
        self.cited().map_or_else(Flow::done, |(doc, line)| Flow::Go(Goto::Document { doc, line }))
    }

    fn double_click(&mut self, cx: &Cx<'_>) -> Flow {
        self.choose(cx)
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
        self.split.fit(&self.areas(cx));
        self.lay(cx, false);
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Flow {
        match action {
            Action::Mark => self.choose(cx),
            Action::FillIn => self.ask_facts(cx),
            Action::Save => self.ask_path(),
            other => self.navigate(other, cx),
        }
    }

    fn click(&mut self, column: u16, row: u16, double: bool, cx: &Cx<'_>) -> Flow {
        self.hit(Position::new(column, row), double, cx)
    }

    fn wheel(&mut self, lines: i32, cx: &Cx<'_>) -> Vec<Effect> {
        self.roll(lines, cx);
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

    fn fields(&self) -> Option<&'static [FieldName]> {
        None
    }

    fn query(&self) -> Option<&Query> {
        None
    }

    fn place(&self, _cx: &Cx<'_>) -> Option<(DocId, usize)> {
        if self.split.is_inside() {
            return self.cited();
        }
        self.rows.get(self.split.row())?.place(&self.book, &self.tasks)
    }

    fn clip(&self, what: Clip, _cx: &Cx<'_>) -> Option<String> {
        match what {
            Clip::Id => Some(self.composed.as_ref()?.text.clone()),
            Clip::Row => {
                let row = self.rows.get(self.split.row()).filter(|row| !row.is_heading())?;
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
        let areas = self.areas(cx);
        self.draw_list(&areas, buf, cx);
        if let Some(composed) = &self.composed {
            self.page.draw(areas.detail, buf, self.split.visible_lines(&areas).start, None, |ink| style(ink, theme));
            let rest = self.split.areas(area).detail;
            let below = Rect { y: areas.detail.bottom(), height: rest.height - areas.detail.height, ..rest };
            if below.height > 0 {
                let rule = theme.symbols.line.repeat(usize::from(below.width));
                text::put(buf, below.x, below.y, below.width, &rule, theme.border);
            }
            for (y, finding) in (below.top()..below.bottom()).skip(1).zip(&composed.findings) {
                let said = format!("! {}", text::clean(&finding.message));
                text::put(buf, below.x, y, below.width, &said, theme.warn);
            }
        } else {
            let why = text::wrap(&text::clean(&self.refused), usize::from(areas.detail.width.max(1)));
            for (y, line) in (areas.detail.top()..areas.detail.bottom()).zip(why) {
                text::put(buf, areas.detail.x, y, areas.detail.width, &line, theme.bad);
            }
        }
        self.split.draw(area, buf, cx, &areas);
    }
}
