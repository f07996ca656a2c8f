//! Pane **Checklist**: one checklist as sections and steps, the selected step in full, and the tick.
//!
//! ```text
//! ┌ 1 Checklist · docs/CODEX_SESSION_CHECKLIST.md ──────────────┐
//! │ Codex Session Checklist          list 1 of 3  ███░░░░  3/17 │
//! │ ▾ Pre-flight                                  ██████░  3/4  │
//! │   [x] Skim docs/CODEX_RUNBOOK.md and …                      │
//! │   [ ] Confirm the same task exists in …                     │  <- selected
//! │ ▸ Wrap-up                                     ░░░░░░░  0/5  │
//! │ ─ step 2, open ─ enter: backlog ──────────────────────────── │
//! │ Confirm the same task exists in `docs/taskboard/…` and …    │
//! │ Evidence: seen in line 42 (2026-01-02 10:11)                │
//! │ f1 ✓ docs/taskboard/TaskBoard.csv                           │
//! └─────────────────────────────────────────────────────────────┘
//! ```
//! The place below the line has a fixed height, so that moving the cursor repaints two rows and this text only; `l`
//! gives it most of the pane, `h` takes it back. `Enter` does what the step asks for, `m` offers what else it asks for.

mod act;
mod paint;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use self::paint::Asks;
use self::rows::{Row, Target};
use super::{About, Ask, Choice, ChooseSpec, Clip, Context, Cx, Flow, Goto, Pane, PaneId};
use crate::doc::DocId;
use crate::model::checklist::act::{Ground, StepAction, actions};
use crate::model::checklist::query::CHECKLIST_FIELDS;
use crate::model::checklist::{Checklist, Mark, Step, StepId, StepKind, StepState};
use crate::model::query::{FieldName, Query};
use crate::tui::action::{Action, Move};
use crate::tui::effect::Effect;
use crate::tui::text;
use crate::tui::widget::cursor::Cursor;
use crate::workbench::{Order, Report, Request, View};

/// What the dialog with a step's actions is about.
const ACTION: &str = "step action";
/// What is said when there is none.
const NOTHING: &str = "the step asks for nothing that is done here; space ticks it";

/// The pane.
#[derive(Debug, Default)]
pub struct ChecklistPane {
    /// The shown checklist; none before the first view.
    list: Option<DocId>,
    /// Always the rows of `list` under `folded` and `filter`, as of the last view.
    rows: Vec<Row>,
    cursor: Cursor,
    /// What the cursor is on, by meaning.
    selected: Option<Target>,
    /// What the cursor was on in the lists that were shown before.
    places: BTreeMap<DocId, Target>,
    folded: BTreeSet<(DocId, String)>,
    filter: String,
    query: Query,
    /// Whether the text of the selected step takes most of the pane.
    unfolded: bool,
    /// What the selected step asks for, in words.
    asks: Vec<String>,
    /// Which cited paths exist, as last told.
    there: BTreeMap<String, bool>,
}

impl ChecklistPane {
    fn list<'a>(&self, view: &'a View) -> Option<&'a Checklist> {
        let doc = self.list.as_ref()?;
        view.checklists.iter().find(|list| &list.doc == doc)
    }

    fn step<'a>(&self, view: &'a View) -> Option<&'a Step> {
        match self.selected.as_ref()? {
            Target::Step(id) => self.list(view)?.step(id),
            Target::Section(_) => None,
        }
    }

    /// Rows again, after the view, the filter or a fold changed; the cursor stays on what it was on.
    fn rebuild(&mut self, cx: &Cx<'_>) {
        self.rows.clear();
        let Some(list) = self.list(cx.view) else {
            self.selected = None;
            return;
        };
        let is_folded = |section: &str| self.folded.contains(&(list.doc.clone(), section.to_owned()));
        let rows = rows::rows(list, &self.query, is_folded);
        let same = rows.iter().position(|row| Some(row.target(list)) == self.selected);
        let start = || rows.iter().position(|row| row.is_open(list));
        let at = match (same, &self.selected) {
            (Some(at), _) => at,
            // Nothing was selected yet: the first open step.
            (None, None) => start().unwrap_or(0),
            // It is gone: what stands in its place now.
            (None, Some(_)) => self.cursor.at(),
        };
        self.rows = rows;
        self.select(at, cx);
    }

    fn select(&mut self, at: usize, cx: &Cx<'_>) {
        self.cursor.select(at, self.rows.len(), self.parts(cx.area).rows.height);
        self.note_selected(cx);
    }

    fn note_selected(&mut self, cx: &Cx<'_>) {
        let row = self.rows.get(self.cursor.at()).copied();
        self.selected = self.list(cx.view).zip(row).map(|(list, row)| row.target(list));
        self.asks = self.actions(cx.view).iter().map(|action| act::words(action, cx.view)).collect();
    }

    /// Asks which of the cited paths exist, of those that were not asked about yet.
    fn look(&self, view: &View) -> Vec<Effect> {
        let Some(list) = self.list(view) else { return Vec::new() };
        let cited = list.steps().flat_map(|step| &step.cites).filter(|path| !self.there.contains_key(*path));
        let cited: BTreeSet<&String> = cited.collect();
        if cited.is_empty() {
            return Vec::new();
        }
        vec![Effect::Order(Order::Look(cited.into_iter().cloned().collect()))]
    }

    fn mark(&mut self, mark: Mark, cx: &Cx<'_>) -> Flow {
        let Some(step) = self.step(cx.view) else { return Flow::Say("choose a step first".to_owned()) };
        let request = Request::Mark { step: step.id.clone(), seen: step.state, mark: mark.clone() };
        if mark != Mark::Open {
            self.next_open(cx);
        }
        Flow::Done(vec![Effect::Do(request)])
    }

    /// On to the next open step; past the end, to the first. Stays where it is when there is none.
    fn next_open(&mut self, cx: &Cx<'_>) -> bool {
        let Some(list) = self.list(cx.view) else { return false };
        let here = self.cursor.at();
        let open = |&at: &usize| self.rows[at].is_open(list);
        let len = self.rows.len();
        let next = (here + 1..len).find(open).or_else(|| (0..here.min(len)).find(open));
        if let Some(at) = next {
            self.select(at, cx);
        }
        next.is_some()
    }

    fn other_list(&mut self, forward: bool, cx: &Cx<'_>) -> Flow {
        let lists = &cx.view.checklists;
        if lists.len() < 2 {
            return Flow::Say("there is one checklist only".to_owned());
        }
        let here = lists.iter().position(|list| Some(&list.doc) == self.list.as_ref()).unwrap_or(0);
        let next = (here + if forward { 1 } else { lists.len() - 1 }) % lists.len();
        self.show_list(lists[next].doc.clone(), cx)
    }

    /// Another list, where the cursor was left in it.
    fn show_list(&mut self, doc: DocId, cx: &Cx<'_>) -> Flow {
        if let Some((list, selected)) = self.list.take().zip(self.selected.take()) {
            self.places.insert(list, selected);
        }
        self.selected = self.places.get(&doc).cloned();
        self.list = Some(doc);
        self.cursor = Cursor::default();
        self.rebuild(cx);
        Flow::Done(self.look(cx.view))
    }

    /// What the selected step asks for.
    fn actions(&self, view: &View) -> Vec<StepAction> {
        let ground = Ground { runbook: &view.runbook, lists: &view.checklists };
        self.step(view).map_or_else(Vec::new, |step| actions(step, ground))
    }

    fn perform(&mut self, action: &StepAction, cx: &Cx<'_>) -> Flow {
        match action {
            StepAction::WalkList(doc) => self.show_list(doc.clone(), cx),
            _ => act::perform(action, cx),
        }
    }

    /// `m`: everything that the step asks for.
    fn choose_action(&self, cx: &Cx<'_>) -> Flow {
        let label = |action: &StepAction| Choice {
            key: act::words(action, cx.view),
            label: act::words(action, cx.view),
            note: String::new(),
        };
        let options: Vec<Choice> = self.actions(cx.view).iter().map(label).collect();
        if options.is_empty() {
            return Flow::Say(NOTHING.to_owned());
        }
        let title = "The step asks for".to_owned();
        let about = About::Pick(ACTION.to_owned());
        Flow::Choose(Box::new(ChooseSpec { title, options, at: 0, about, pane: PaneId::Checklist }))
    }

    fn open_cited(&self, number: usize, cx: &Cx<'_>) -> Flow {
        let Some(step) = self.step(cx.view) else { return Flow::Passed };
        let Some(path) = step.cites.get(number.saturating_sub(1)) else {
            return Flow::Say(if step.cites.is_empty() {
                "this step cites no document".to_owned()
            } else {
                format!("this step cites {} documents", step.cites.len())
            });
        };
        match DocId::new(path.split('#').next().unwrap_or(path)) {
            Ok(doc) => Flow::Go(Goto::Document { doc, line: 1 }),
            Err(bad) => Flow::Say(bad.to_string()),
        }
    }

    fn fold(&mut self, fold: bool, cx: &Cx<'_>) -> bool {
        let Some((list, &Row::Section(at))) = self.list(cx.view).zip(self.rows.get(self.cursor.at())) else {
            return false;
        };
        let key = (list.doc.clone(), list.sections[at].title.clone());
        let changed = if fold { self.folded.insert(key) } else { self.folded.remove(&key) };
        if changed {
            self.rebuild(cx);
        }
        changed
    }

    /// Asks for the words of a mark.
    fn ask(&self, about: fn(StepId) -> About, cx: &Cx<'_>) -> Flow {
        let Some(step) = self.step(cx.view) else { return Flow::Say("choose a step first".to_owned()) };
        let is_row = step.kind == StepKind::Row;
        // What is to be seen is said beside what to try.
        let notes = step.notes.iter().filter(|(_, note)| !note.is_empty());
        let expected: String = notes.map(|(header, note)| format!("\n{header}: {note}")).collect();
        let about = about(step.id.clone());
        let (title, hint) = match &about {
            About::Reason(_) => ("Not applicable", "Why does it not apply? Needed."),
            About::Seen(_) => ("Failed", "What was seen? Needed; the step stays open."),
            _ if is_row => ("Passed", "What was seen? May stay empty."),
            _ => ("Tick with a note", "What shows that it is done? May stay empty."),
        };
        Flow::Ask(Ask {
            may_be_empty: matches!(about, About::Evidence(_)),
            about,
            title: title.to_owned(),
            context: format!("{}{expected}", step.id.text),
            hint: hint.to_owned(),
        })
    }
}

impl Pane for ChecklistPane {
    fn id(&self) -> PaneId {
        PaneId::Checklist
    }

    fn context(&self) -> Context {
        Context::Checklist
    }

    fn title(&self, cx: &Cx<'_>) -> String {
        // Number, name and separators take 17 columns of the border.
        let room = usize::from(cx.area.width).saturating_sub(17);
        self.list.as_ref().map_or_else(String::new, |doc| {
            if text::width(doc.as_str()) <= room { doc.to_string() } else { doc.file_name().to_owned() }
        })
    }

    fn refresh(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        if self.list(cx.view).is_none() {
            self.list = cx.view.checklists.first().map(|list| list.doc.clone());
            self.selected = None;
        }
        self.rebuild(cx);
        self.look(cx.view)
    }

    fn fit(&mut self, cx: &Cx<'_>) {
        self.cursor.fit(self.rows.len(), self.parts(cx.area).rows.height);
    }

    fn listens_to(&self, report: &Report) -> bool {
        matches!(report, Report::Looked(_))
    }

    fn hear(&mut self, report: &Report, _cx: &Cx<'_>) -> Vec<Effect> {
        match report {
            Report::Looked(found) => self.there.extend(found.iter().map(|(path, there)| (path.clone(), *there))),
            Report::View(_)
            | Report::Done { .. }
            | Report::Previewed { .. }
            | Report::Opened { .. }
            | Report::Log(_)
            | Report::Finishing { .. }
            | Report::Handoff { .. }
            | Report::Offered(_)
            | Report::Job(_)
            | Report::Agent(_) => {}
        }
        Vec::new()
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Flow {
        match action {
            Action::Move(Move::Right) => {
                if !self.fold(false, cx) && self.step(cx.view).is_some() {
                    self.unfolded = true;
                    self.fit(cx);
                }
            }
            Action::Move(Move::Left) => {
                if self.unfolded {
                    self.unfolded = false;
                    self.fit(cx);
                } else if !self.fold(true, cx)
                    && let Some(&Row::Step(section, _)) = self.rows.get(self.cursor.at())
                    && let Some(at) = self.rows.iter().position(|row| *row == Row::Section(section))
                {
                    self.select(at, cx);
                }
            }
            Action::Move(to) => {
                self.cursor.act(to, self.rows.len(), self.parts(cx.area).rows.height);
                self.note_selected(cx);
            }
            Action::Open => {
                if !self.fold(false, cx) && !self.fold(true, cx) {
                    return match self.actions(cx.view).first() {
                        Some(action) => self.perform(action, cx),
                        None => Flow::Say(NOTHING.to_owned()),
                    };
                }
            }
            Action::Cited(number) => return self.open_cited(usize::from(number), cx),
            Action::Back if self.unfolded => {
                self.unfolded = false;
                self.fit(cx);
            }
            Action::Tick => {
                return match self.step(cx.view).map(|step| step.state) {
                    Some(StepState::Open | StepState::Failed) => self.mark(Mark::Done { evidence: String::new() }, cx),
                    Some(StepState::Done | StepState::NotApplicable) => self.mark(Mark::Open, cx),
                    None => Flow::Say("choose a step first".to_owned()),
                };
            }
            Action::TickWithNote => return self.ask(About::Evidence, cx),
            Action::NotApplicable => return self.ask(About::Reason, cx),
            Action::StepFailed => return self.ask(About::Seen, cx),
            Action::StepActions => return self.choose_action(cx),
            Action::NextOpen => {
                if !self.next_open(cx) {
                    return Flow::Say("no other step is open".to_owned());
                }
            }
            Action::MatchNext => self.step_match(1, cx),
            Action::MatchPrevious => self.step_match(-1, cx),
            Action::TabNext => return self.other_list(true, cx),
            Action::TabPrevious => return self.other_list(false, cx),
            // What this pane does not know goes outward.
            _ => return Flow::Passed,
        }
        Flow::done()
    }

    fn click(&mut self, column: u16, row: u16, double: bool, cx: &Cx<'_>) -> Flow {
        let parts = self.parts(cx.area);
        if row < parts.rows.y || row >= parts.rows.bottom() {
            return Flow::done();
        }
        let at = self.cursor.top() + usize::from(row - parts.rows.y);
        if at >= self.rows.len() {
            return Flow::done();
        }
        self.select(at, cx);
        let on_box = self.list(cx.view).zip(self.rows.get(at).copied()).is_some_and(|(list, row)| match row {
            Row::Section(_) => false,
            Row::Step(section, step) => {
                let start = cx.area.x + paint::indent(&list.sections[section].steps[step]);
                (start..start + paint::STATE - 1).contains(&column)
            }
        });
        match (on_box, double) {
            // The box needs the second click too: one click only selects, nothing is written by accident.
            (true, true) => self.act(Action::Tick, cx),
            (false, true) => self.act(Action::Open, cx),
            (_, false) => Flow::done(),
        }
    }

    fn wheel(&mut self, lines: i32, cx: &Cx<'_>) -> Vec<Effect> {
        self.cursor.step(i64::from(lines), self.rows.len(), self.parts(cx.area).rows.height);
        self.note_selected(cx);
        Vec::new()
    }

    fn show(&mut self, goto: &Goto, cx: &Cx<'_>) -> Vec<Effect> {
        match goto {
            Goto::Step(id) => {
                self.list = Some(id.doc.clone());
                self.filter.clear();
                self.query = Query::default();
                self.folded.remove(&(id.doc.clone(), id.section.clone()));
                self.selected = Some(Target::Step(id.clone()));
                self.rebuild(cx);
                self.look(cx.view)
            }
            Goto::Document { .. }
            | Goto::Log(_)
            | Goto::Task(_)
            | Goto::Gate(_)
            | Goto::Pane(_)
            | Goto::Filter { .. } => Vec::new(),
        }
    }

    fn answer(&mut self, about: &About, text: &str, cx: &Cx<'_>) -> Flow {
        if *about == About::Pick(ACTION.to_owned()) {
            let chosen = self.actions(cx.view).into_iter().find(|action| act::words(action, cx.view) == text);
            return chosen.map_or(Flow::Passed, |action| self.perform(&action, cx));
        }
        let Some(id) = about.step() else { return Flow::Passed };
        let text = text.to_owned();
        let mark = match about {
            About::Reason(_) => Mark::NotApplicable { reason: text },
            About::Seen(_) => Mark::Failed { seen: text },
            _ => Mark::Done { evidence: text },
        };
        // The question was about this step, whatever is selected by now.
        let Some(step) = cx.view.checklists.iter().find_map(|list| list.step(id)) else {
            return Flow::Say("the step is no longer in the checklist; nothing was written".to_owned());
        };
        let request = Request::Mark { step: step.id.clone(), seen: step.state, mark };
        if self.selected == Some(Target::Step(id.clone())) {
            self.next_open(cx);
        }
        Flow::Done(vec![Effect::Do(request)])
    }

    fn filter(&self) -> &str {
        &self.filter
    }

    fn set_filter(&mut self, text: &str, cx: &Cx<'_>) {
        self.filter = text.to_owned();
        self.query = Query::parse(text, CHECKLIST_FIELDS);
        self.rebuild(cx);
        // A section header alone is no match: on to the first step.
        if !self.query.is_empty() && matches!(self.rows.get(self.cursor.at()), Some(Row::Section(_))) {
            self.select(self.cursor.at() + 1, cx);
        }
    }

    fn fields(&self) -> Option<&'static [FieldName]> {
        Some(CHECKLIST_FIELDS)
    }

    fn query(&self) -> Option<&Query> {
        Some(&self.query)
    }

    fn place(&self, cx: &Cx<'_>) -> Option<(DocId, usize)> {
        let list = self.list(cx.view)?;
        let line = match *self.rows.get(self.cursor.at())? {
            Row::Section(section) => list.sections[section].line,
            Row::Step(section, step) => list.sections[section].steps[step].line,
        };
        Some((list.doc.clone(), line.max(1)))
    }

    fn clip(&self, what: Clip, cx: &Cx<'_>) -> Option<String> {
        let step = self.step(cx.view)?;
        Some(match what {
            Clip::Id => step.id.text.clone(),
            Clip::Row => {
                let tail = if step.evidence.is_empty() { String::new() } else { format!(" ({})", step.evidence) };
                format!("- {} {}{tail}", paint::glyph(step.state), step.id.text)
            }
        })
    }

    fn draw(&self, buf: &mut Buffer, cx: &Cx<'_>) {
        let parts = self.parts(cx.area);
        let Some(list) = self.list(cx.view) else {
            let words = match cx.view.stage {
                crate::workbench::view::Stage::Full => {
                    "no checklist was recognised; `codex-tui doctor` says what was looked for"
                }
                crate::workbench::view::Stage::Empty | crate::workbench::view::Stage::Board => "loading",
            };
            text::put_wrapped(buf, cx.area, words, cx.theme.quiet);
            return;
        };
        self.draw_head(list, parts.head, buf, cx);
        for (y, at) in (parts.rows.y..).zip(self.cursor.visible(self.rows.len(), parts.rows.height)) {
            self.draw_row(list, at, Rect { y, height: 1, ..parts.rows }, buf, cx);
        }
        if self.rows.is_empty() {
            text::put(buf, parts.rows.x, parts.rows.y, parts.rows.width, "no step matches", cx.theme.quiet);
        }
        if let Some(selected) = &self.selected {
            paint::detail(
                list,
                selected,
                Asks { there: &self.there, actions: &self.asks, keymap: cx.keymap },
                parts.detail,
                buf,
                cx.theme,
            );
        }
    }
}

/// Head line, list and text of the selected step.
struct Parts {
    head: Rect,
    rows: Rect,
    detail: Rect,
}

impl ChecklistPane {
    fn parts(&self, area: Rect) -> Parts {
        let head = Rect { height: area.height.min(1), ..area };
        let rest = area.height - head.height;
        let detail = match (rest, self.unfolded) {
            (0..=4, _) => 0,
            (5..=7, false) => 3,
            (_, false) => (rest * 2 / 5).clamp(4, 14),
            (_, true) => rest - 3,
        };
        let rows = Rect { y: area.y + head.height, height: rest - detail, ..area };
        Parts { head, rows, detail: Rect { y: rows.bottom(), height: detail, ..area } }
    }

    fn step_match(&mut self, by: i64, cx: &Cx<'_>) {
        let height = self.parts(cx.area).rows.height;
        self.cursor.step(by, self.rows.len(), height);
        if matches!(self.rows.get(self.cursor.at()), Some(Row::Section(_))) {
            self.cursor.step(by, self.rows.len(), height);
        }
        self.note_selected(cx);
    }

    fn draw_head(&self, list: &Checklist, area: Rect, buf: &mut Buffer, cx: &Cx<'_>) {
        let used = paint::progress(list.progress(), area, cx.theme.text, cx.theme, buf);
        let lists = &cx.view.checklists;
        let at = lists.iter().position(|other| other.doc == list.doc).unwrap_or(0) + 1;
        let mut room = area.width.saturating_sub(used + 1);
        if lists.len() > 1 && room > 40 {
            let which = format!("[ list {at} of {} ]", lists.len());
            let columns = text::width(&which) as u16;
            text::put(buf, area.x + room - columns, area.y, columns, &which, cx.theme.quiet);
            room -= columns + 1;
        }
        text::put(buf, area.x, area.y, room, &list.title, cx.theme.heading);
    }

    fn draw_row(&self, list: &Checklist, at: usize, area: Rect, buf: &mut Buffer, cx: &Cx<'_>) {
        let over = match (at == self.cursor.at(), cx.focused) {
            (true, true) => cx.theme.selected,
            (true, false) => cx.theme.marked,
            (false, _) => Style::new(),
        };
        match self.rows[at] {
            Row::Section(section) => {
                let section = &list.sections[section];
                let folded = self.folded.contains(&(list.doc.clone(), section.title.clone())) && self.query.is_empty();
                let mark = if folded { cx.theme.symbols.closed } else { cx.theme.symbols.open };
                let used = paint::progress(section.progress(), area, cx.theme.text, cx.theme, buf);
                let title = format!("{mark} {}", paint::section_title(section));
                text::put(buf, area.x, area.y, area.width.saturating_sub(used + 1), &title, cx.theme.heading);
            }
            Row::Step(section, step) => {
                let step = &list.sections[section].steps[step];
                let style = paint::state_style(step.state, cx.theme);
                let start = paint::indent(step).min(area.width);
                let x = area.x + start;
                if start > 0 && cx.unread.any(&list.doc, step.line..step.line + 1) {
                    text::put(buf, x - 1, area.y, 1, cx.theme.symbols.bullet, cx.theme.accent);
                }
                text::put(buf, x, area.y, (area.width - start).min(paint::STATE), paint::glyph(step.state), style);
                let left = (area.width - start).saturating_sub(paint::STATE);
                text::put(buf, x + paint::STATE.min(area.width - start), area.y, left, &step.id.text, cx.theme.text);
            }
        }
        buf.set_style(area.intersection(*buf.area()), over);
    }
}
