//! Sync: which document carries which task, what they disagree about, and one key to make them agree.
//!
//! ```text
//! ┌ Sync · 3 errors · 12 warnings · 94 ids ──────────┐
//! │Id       CSV Brd Bkl Pln Dlv Log  What is wrong    │
//! │B-004     ✓   ✓   -   ✓   -   2   ! state differs  │
//! │A-005     ✓   ✓   -   ✓   -   -   ~ owner differs  │
//! │───────────────────────────────────────────────────│
//! │B-004  Bring the write latency down                │
//! │! state differs: …                      x mends it │
//! │  docs/taskboard/TaskBoard.csv  Done - 2026-01-02  │
//! │  docs/plans/PlanB_X.md         In Progress        │
//! └───────────────────────────────────────────────────┘
//! ```
//! The ids with the worst findings come first. `Enter` goes into the findings of an id, there it opens the document at
//! the line; `x` shows what would be written to mend the chosen finding, or all those of the ids that `Space` marked.

mod matrix;
mod mend;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use super::detail::{Detail, Said, Tone};
use super::split::{Areas, ListDetail, Shape, Split};
use super::{About, Clip, Context, Cx, FieldValue, Flow, Goto, Pane, PaneId, repair};
use crate::doc::{DocId, Severity};
use crate::model::cite;
use crate::model::finding::Finding;
use crate::model::query::{FieldKind, FieldName, Query};
use crate::model::sync::{Place, Sync, SyncRow};
use crate::model::task::repair::Repair;
use crate::tui::action::{Action, Move};
use crate::tui::effect::Effect;
use crate::tui::text;
use crate::tui::widget::found;
pub use mend::{chosen as mend_chosen, mend};

/// The Sync pane.
pub struct SyncPane {
    sync: Arc<Sync>,
    generation: Option<u64>,
    /// Findings of each id, worst first.
    of_id: HashMap<String, Vec<u32>>,
    /// Indexes of the rows that show, worst first.
    shown: Vec<u32>,
    filter: String,
    query: Query,
    /// Only ids with findings.
    only_findings: bool,
    split: Split,
    /// The selected id, and where its row is in the matrix.
    selected: Option<(String, usize)>,
    detail: Detail<Cited>,
    /// The id that the detail is about.
    laid: Option<String>,
    /// What the choice of `x` is about.
    choices: Vec<u32>,
    /// The row whose repair is being filled in.
    repair: Option<Box<Repair>>,
    /// Ids that were marked, to mend them together.
    marks: BTreeSet<String>,
}

/// What a line of the findings is about.
#[derive(Clone)]
struct Cited {
    finding: Option<u32>,
    /// Where it leads.
    place: Option<(DocId, usize)>,
}

impl Default for SyncPane {
    fn default() -> SyncPane {
        SyncPane {
            sync: Arc::default(),
            generation: None,
            of_id: HashMap::new(),
            shown: Vec::new(),
            filter: String::new(),
            query: Query::default(),
            only_findings: false,
            split: Split::new(SHAPE),
            selected: None,
            detail: Detail::default(),
            laid: None,
            choices: Vec::new(),
            repair: None,
            marks: BTreeSet::new(),
        }
    }
}

/// What the filter knows.
const FIELDS: &[FieldName] = &[
    FieldName { name: "id", help: "the id contains it", kind: FieldKind::Text },
    FieldName { name: "plan", help: "the plan's letters", kind: FieldKind::Exact },
    FieldName { name: "in", help: "stands in csv, board, backlog, plan, delivered or session", kind: FieldKind::Word },
    FieldName { name: "missing", help: "stands not in such a document", kind: FieldKind::Word },
    FieldName { name: "rule", help: "a finding of that rule", kind: FieldKind::Text },
    FieldName { name: "severity", help: "error, warning or note", kind: FieldKind::Word },
    FieldName { name: "field", help: "documents differ in that field", kind: FieldKind::Word },
];

/// Where the matrix and the findings stand.
const SHAPE: Shape = Shape { beside: (110, 10), below: (12, 11), header: 1 };

impl SyncPane {
    fn findings(&self, id: &str) -> &[u32] {
        self.of_id.get(id).map_or(&[], Vec::as_slice)
    }

    fn worst(&self, id: &str) -> Option<Severity> {
        self.findings(id).first().map(|&at| self.sync.findings[at as usize].severity)
    }

    /// Chooses and orders the ids anew, and keeps the cursor on the selected one.
    fn arrange(&mut self, cx: &Cx<'_>) {
        let sync = &self.sync;
        let mut shown: Vec<u32> = (0..sync.matrix.len() as u32).filter(|&at| self.fits(at as usize)).collect();
        shown.sort_by_cached_key(|&at| {
            self.worst(sync.matrix.row(at as usize).id()).map_or(u8::MAX, |worst| worst as u8)
        });
        self.shown = shown;
        let is_selected =
            |&at: &u32| self.selected.as_ref().is_some_and(|(id, _)| self.sync.matrix.row(at as usize).id() == id);
        let at = self.shown.iter().position(is_selected);
        self.split.set_rows(self.shown.len(), at, &self.areas(cx));
        self.take_selection(cx);
    }

    fn fits(&self, at: usize) -> bool {
        let row = self.sync.matrix.row(at);
        let findings = self.findings(row.id());
        if self.only_findings && findings.is_empty() {
            return false;
        }
        let own = || findings.iter().map(|&at| &self.sync.findings[at as usize]);
        let places = |there: bool| Place::ALL.into_iter().filter(move |place| row.stands(*place) == there);
        self.query.fits(
            |field| match field {
                "id" => vec![row.id().into()],
                "plan" => cite::plan_of_id(row.id()).map(Into::into).into_iter().collect(),
                "in" => places(true).map(|place| place.name().into()).collect(),
                "missing" => places(false).map(|place| place.name().into()).collect(),
                "rule" => own().map(|finding| finding.rule.into()).collect(),
                "severity" => own().map(|finding| matrix::word(finding.severity).into()).collect(),
                "field" => own().filter_map(|finding| finding.field).map(Into::into).collect(),
                _ => Vec::new(),
            },
            |word| {
                found::contains(row.id(), word)
                    || found::contains(row.title(), word)
                    || own().any(|finding| found::contains(&finding.message, word))
            },
        )
    }

    /// The selected row of the matrix.
    fn row(&self) -> Option<SyncRow<'_>> {
        let (_, at) = self.selected.as_ref()?;
        (*at < self.sync.matrix.len()).then(|| self.sync.matrix.row(*at))
    }

    /// Lays out the findings of the selected id.
    fn lay(&mut self, cx: &Cx<'_>) {
        let areas = self.areas(cx);
        let said = self.row().map(|row| self.said(row, cx)).unwrap_or_default();
        self.detail = Detail::lay(said, areas.detail.width);
        let id = self.selected.as_ref().map(|(id, _)| id.clone());
        self.split.set_lines(self.detail.len(), self.laid == id, &areas);
        self.laid = id;
    }

    fn said(&self, row: SyncRow<'_>, cx: &Cx<'_>) -> Vec<Said<Cited>> {
        let key = cx.keymap.hint(Context::Sync, Action::Mend);
        let id = row.id();
        let mut said = Vec::new();
        let mut add = |text: &str, indent: u16, tone, finding, place: Option<(DocId, usize)>| {
            said.push(Said { tone, indent, text: text.to_owned(), about: Cited { finding, place } });
        };
        add(&format!("{id}  {}", row.title()), 0, Tone::Heading, None, places(row).next());
        for &at in self.findings(id) {
            let finding = &self.sync.findings[at as usize];
            let doc = finding.file.as_ref().and_then(|file| DocId::new(file).ok());
            let place = doc.map(|doc| (doc, finding.line.unwrap_or(1)));
            let mark = matrix::mark(finding.severity);
            let mends = if finding.fix.is_some() { format!(" ({key} mends it)") } else { String::new() };
            add(&format!("{mark} {}{mends}", finding.message), 0, tone(finding.severity), Some(at), place.clone());
            if finding.values.is_empty() {
                let shown = place.as_ref().map(|(doc, line)| format!("{doc}:{line}"));
                add(&shown.unwrap_or_default(), 2, Tone::Quiet, Some(at), place.clone());
            }
            for (doc, value) in &finding.values {
                let place = places(row).find(|(own, _)| own == doc).or_else(|| Some((doc.clone(), 1)));
                add(&format!("{}: {value}", doc.file_name()), 2, Tone::Text, Some(at), place);
            }
            if let Some(advice) = finding.advice.as_ref().filter(|_| finding.fix.is_none()) {
                add(advice, 2, Tone::Quiet, Some(at), place);
            }
        }
        if self.findings(id).is_empty() {
            add("Nothing is wrong with it.", 0, Tone::Quiet, None, None);
        }
        add("", 0, Tone::Text, None, None);
        for (doc, line) in places(row) {
            add(&format!("{doc}:{line}"), 0, Tone::Quiet, None, Some((doc, line)));
        }
        said
    }

    /// What the line under the cursor of the findings is about.
    fn cited(&self) -> Option<&Cited> {
        self.detail.about(self.split.line())
    }

    /// `x`: what is marked, or the finding under the cursor, or those of the selected id.
    fn mend(&mut self, cx: &Cx<'_>) -> Flow {
        if !self.marks.is_empty() && !self.split.is_inside() {
            let marked = self.marks.iter().flat_map(|id| self.findings(id));
            return mend::together(marked.map(|&at| &self.sync.findings[at as usize]));
        }
        let Some((id, _)) = &self.selected else { return Flow::done() };
        let own = self.cited().and_then(|cited| cited.finding).filter(|_| self.split.is_inside());
        let findings = own.map_or_else(|| self.findings(id).to_vec(), |at| vec![at]);
        // A damaged row comes first: what stands in it cannot be told for certain.
        let damaged = findings.iter().map(|&at| &self.sync.findings[at as usize]).find(|finding| is_damage(finding));
        if let Some((doc, line)) = damaged.and_then(place_of) {
            let (flow, repair) = repair::open(&doc, line, PaneId::Sync, cx);
            self.repair = repair;
            return flow;
        }
        let (flow, choices) = mend(&self.sync, id, &findings, PaneId::Sync);
        self.choices = choices;
        flow
    }
}

impl ListDetail for SyncPane {
    fn split(&mut self) -> &mut Split {
        &mut self.split
    }

    fn areas(&self, cx: &Cx<'_>) -> Areas {
        self.split.areas(cx.area)
    }

    fn has_detail(&self) -> bool {
        self.selected.is_some()
    }

    fn take_selection(&mut self, cx: &Cx<'_>) {
        let row = self.shown.get(self.split.row()).map(|&at| self.sync.matrix.row(at as usize));
        self.selected = row.map(|row| (row.id().to_owned(), row.index()));
        self.lay(cx);
    }

    fn open_line(&mut self, _cx: &Cx<'_>) -> Flow {
        let place = self.cited().and_then(|cited| cited.place.clone());
        place.map_or_else(Flow::done, |(doc, line)| Flow::Go(Goto::Document { doc, line }))
    }
}

impl Pane for SyncPane {
    fn id(&self) -> PaneId {
        PaneId::Sync
    }

    fn context(&self) -> Context {
        Context::Sync
    }

    fn title(&self, cx: &Cx<'_>) -> String {
        if cx.view.sync.matrix.is_empty() {
            return String::new();
        }
        let count = |severity| self.sync.findings.iter().filter(|finding| finding.severity == severity).count();
        let word = |count: usize, one: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {one}s")),
        };
        let counts = [
            word(count(Severity::Error), "error"),
            word(count(Severity::Warning), "warning"),
            word(count(Severity::Note), "note"),
        ];
        let ids = if self.shown.len() == self.sync.matrix.len() {
            format!("{} ids", self.shown.len())
        } else {
            format!("{} of {} ids", self.shown.len(), self.sync.matrix.len())
        };
        let marked = (!self.marks.is_empty()).then(|| format!("{} marked", self.marks.len()));
        counts.into_iter().flatten().chain([ids]).chain(marked).collect::<Vec<_>>().join(" · ")
    }

    fn refresh(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        if self.generation.is_some() && Arc::ptr_eq(&self.sync, &cx.view.sync) {
            return Vec::new();
        }
        self.generation = Some(cx.view.generation);
        self.sync = Arc::clone(&cx.view.sync);
        self.of_id.clear();
        for (at, finding) in self.sync.findings.iter().enumerate() {
            let id = finding.id.clone().unwrap_or_default();
            self.of_id.entry(id).or_default().push(at as u32);
        }
        for findings in self.of_id.values_mut() {
            findings.sort_by_key(|&at| self.sync.findings[at as usize].severity);
        }
        // What is right by now needs no mark.
        self.marks.retain(|id| self.of_id.contains_key(id));
        self.arrange(cx);
        Vec::new()
    }

    fn fit(&mut self, cx: &Cx<'_>) {
        self.split.fit(&self.areas(cx));
        self.lay(cx);
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Flow {
        match action {
            Action::SwitchView => {
                self.only_findings = !self.only_findings;
                self.arrange(cx);
                Flow::done()
            }
            Action::Mend => self.mend(cx),
            Action::Mark => {
                let Some((id, _)) = self.selected.clone() else { return Flow::done() };
                if !self.marks.remove(&id) {
                    self.marks.insert(id);
                }
                self.go_row(Move::Down, cx)
            }
            Action::Back if !self.marks.is_empty() && !self.split.is_inside() => {
                self.marks.clear();
                Flow::done()
            }
            Action::ToTask => match &self.selected {
                Some((id, _)) if cx.view.tasks.find(id).is_some() => Flow::Go(Goto::Task(id.clone())),
                Some((id, _)) => Flow::Say(format!("{id} is on no board")),
                None => Flow::done(),
            },
            Action::TabNext => self.go_row(Move::Down, cx),
            Action::TabPrevious => self.go_row(Move::Up, cx),
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

    fn answer(&mut self, about: &About, text: &str, _cx: &Cx<'_>) -> Flow {
        match about {
            About::Pick(_) => mend::chosen(&self.sync, &self.choices, text),
            _ => Flow::Passed,
        }
    }

    fn filled(&mut self, about: &About, values: &[(String, FieldValue)], _cx: &Cx<'_>) -> Flow {
        match (about, &self.repair) {
            (About::Repair { .. }, Some(repair)) => repair::filled(repair, values),
            (_, _) => Flow::Passed,
        }
    }

    fn filter(&self) -> &str {
        &self.filter
    }

    fn set_filter(&mut self, text: &str, cx: &Cx<'_>) {
        self.filter = text.to_owned();
        self.query = Query::parse(text, FIELDS);
        self.arrange(cx);
    }

    fn fields(&self) -> Option<&'static [FieldName]> {
        Some(FIELDS)
    }

    fn query(&self) -> Option<&Query> {
        Some(&self.query)
    }

    fn place(&self, _cx: &Cx<'_>) -> Option<(DocId, usize)> {
        let own = self.cited().and_then(|cited| cited.place.clone()).filter(|_| self.split.is_inside());
        let row = self.row()?;
        let finding = self.findings(row.id()).first().map(|&at| &self.sync.findings[at as usize]);
        let worst = || {
            let finding = finding?;
            Some((DocId::new(finding.file.as_ref()?).ok()?, finding.line?))
        };
        own.or_else(worst).or_else(|| places(row).next())
    }

    fn clip(&self, what: Clip, _cx: &Cx<'_>) -> Option<String> {
        let (id, _) = self.selected.clone()?;
        match what {
            Clip::Id => Some(id),
            Clip::Row => Some(self.detail.text()),
        }
    }

    fn draw(&self, buf: &mut Buffer, cx: &Cx<'_>) {
        let areas = self.areas(cx);
        if self.shown.is_empty() {
            let why = if cx.view.sync.matrix.is_empty() {
                "Comparing the documents"
            } else if self.filter.is_empty() {
                "Nothing is wrong; v shows all ids"
            } else {
                "No id fits the filter; Esc clears it"
            };
            text::put(buf, cx.area.x, cx.area.y, cx.area.width, why, cx.theme.quiet);
            return;
        }
        let row = |at: usize| {
            let row = self.sync.matrix.row(self.shown[at] as usize);
            let findings = self.findings(row.id());
            (row, findings.first().map(|&at| &self.sync.findings[at as usize]), findings.len())
        };
        matrix::draw(&areas, buf, cx, (self.split.visible_rows(&areas), &self.marks), row);
        self.detail.draw(areas.detail, buf, cx, self.split.visible_lines(&areas));
        self.split.draw(cx.area, buf, cx, &areas);
    }
}

/// Whether a finding is about the shape of a row: what can be repaired.
fn is_damage(finding: &Finding) -> bool {
    finding.fix.is_none()
        && ["csv-glued-record", "csv-field-count", "csv-malformed-field", "md-ragged-row"].contains(&finding.rule)
}

fn place_of(finding: &Finding) -> Option<(DocId, usize)> {
    Some((DocId::new(finding.file.as_ref()?).ok()?, finding.line?))
}

/// Where an id stands, in the order of the matrix's columns.
fn places(row: SyncRow<'_>) -> impl Iterator<Item = (DocId, usize)> {
    Place::ALL.into_iter().flat_map(move |place| row.at(place)).map(|(doc, line)| (doc.clone(), line))
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Warn,
        Severity::Note => Tone::Text,
    }
}

#[cfg(test)]
mod tests;
