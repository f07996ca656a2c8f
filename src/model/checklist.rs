//! Checklists: task-list documents, smoke checklists whose steps are table rows, numbered checklists. The state of a
//! box is the box; the state of other steps, notes and reasons come from the ledger, for the active session.
//!
//! Writing is in `checklist/mark.rs` and, for a whole list, in `checklist/reset.rs`; what a step asks for, in
//! `checklist/act.rs`.

pub mod act;
pub mod ledger;
pub mod mark;
pub mod query;
pub mod reset;

use std::collections::HashMap;

use super::cite;
use crate::doc::{DocId, Document, Markdown, cell::BoxCell, markdown};

pub use ledger::{Entry, Ledger};

/// One checklist document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checklist {
    /// The document.
    pub doc: DocId,
    /// Its first heading, or the file name.
    pub title: String,
    /// Sections with at least one step, in document order.
    pub sections: Vec<Section>,
}

/// Steps under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Heading text, markup kept; `""` before the first heading.
    pub title: String,
    /// Heading level, 0 before the first heading.
    pub level: u8,
    /// 1-based line of the heading.
    pub line: usize,
    /// The steps.
    pub steps: Vec<Step>,
}

/// Which step: found again by meaning, never by position.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StepId {
    /// The checklist document.
    pub doc: DocId,
    /// Heading text.
    pub section: String,
    /// Step text, markup kept.
    pub text: String,
    /// 0-based among steps with equal section and text.
    pub occurrence: usize,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which step.
    pub id: StepId,
    /// 1-based number within the checklist document.
    pub index: usize,
    /// 1-based line.
    pub line: usize,
    /// Indentation in columns (nested boxes).
    pub indent: usize,
    /// Where the tick is kept.
    pub kind: StepKind,
    /// Open, failed, done or not applicable.
    pub state: StepState,
    /// Evidence note, reason, or what was seen, from the ledger, for the active session.
    pub evidence: String,
    /// When it was ticked (ledger, as written).
    pub at: String,
    /// Further cells of a table-row step (`Expected result / notes`), as header and text.
    pub notes: Vec<(String, String)>,
    /// Paths that the text cites in code spans or links, in order, as written.
    pub cites: Vec<String>,
}

/// Where the tick of a step is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepKind {
    /// A check box in the document.
    Box(BoxCell),
    /// A table row: ledger only.
    Row,
    /// An item of a numbered checklist: ledger only.
    Numbered,
}

/// State of a step in the active session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepState {
    /// Not done.
    Open,
    /// Tried, and what was seen is not what it should be; it still has to be done.
    Failed,
    /// Ticked.
    Done,
    /// Declared not applicable, with a reason.
    NotApplicable,
}

/// What the operator says of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// Done, with an evidence note (may be empty).
    Done {
        /// The note.
        evidence: String,
    },
    /// Not applicable, with the reason (must not be empty).
    NotApplicable {
        /// The reason.
        reason: String,
    },
    /// Tried, and it failed: it stays open, with what was seen.
    Failed {
        /// What was seen (must not be empty).
        seen: String,
    },
    /// Open again: box, log line and ledger row are taken back.
    Open,
}

/// Done, open and not-applicable steps of a list; those that failed are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Done steps.
    pub done: usize,
    /// Open steps.
    pub open: usize,
    /// Steps that do not apply.
    pub na: usize,
}

impl StepState {
    /// The word used in JSON and in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            StepState::Open => "open",
            StepState::Failed => "failed",
            StepState::Done => "done",
            StepState::NotApplicable => "na",
        }
    }

    /// Whether nothing is left to do: done, or it does not apply.
    pub fn is_settled(self) -> bool {
        match self {
            StepState::Open | StepState::Failed => false,
            StepState::Done | StepState::NotApplicable => true,
        }
    }
}

impl Section {
    /// Progress of this section.
    pub fn progress(&self) -> Progress {
        let mut progress = Progress::default();
        for step in &self.steps {
            match step.state {
                StepState::Open | StepState::Failed => progress.open += 1,
                StepState::Done => progress.done += 1,
                StepState::NotApplicable => progress.na += 1,
            }
        }
        progress
    }
}

impl Checklist {
    /// All steps in document order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.sections.iter().flat_map(|section| &section.steps)
    }

    /// Progress of the whole list.
    pub fn progress(&self) -> Progress {
        self.sections.iter().map(Section::progress).fold(Progress::default(), |a, b| Progress {
            done: a.done + b.done,
            open: a.open + b.open,
            na: a.na + b.na,
        })
    }

    /// The step with that id.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps().find(|step| &step.id == id)
    }
}

impl Checklist {
    /// Reads a checklist document: its boxes; rows of tables whose first header is `Step`; items of numbered lists under
    /// a heading that says `checklist`. `ledger` gives states and notes of `session`.
    pub fn project(doc: &Document, ledger: &Ledger, session: Option<&str>) -> Checklist {
        let mut list =
            Checklist { doc: doc.id().clone(), title: doc.id().file_name().to_owned(), sections: Vec::new() };
        let Some(markdown) = doc.markdown() else { return list };
        if let Some(heading) = markdown.headings().first() {
            list.title = doc.text(&heading.text).into_owned();
        }
        let mut found = boxes_and_numbers(doc, markdown);
        found.extend(table_rows(doc, markdown));
        found.sort_by_key(|step| step.line);

        let mut seen: HashMap<(String, String), usize> = HashMap::new();
        let mut section_of: Option<usize> = None;
        for (at, raw) in found.into_iter().enumerate() {
            let heading = raw.heading.and_then(|at| markdown.headings().get(at));
            let title = heading.map_or_else(String::new, |h| doc.text(&h.text).into_owned());
            if list.sections.is_empty() || section_of != raw.heading {
                section_of = raw.heading;
                let (level, line) = heading.map_or((0, 1), |h| (h.level, h.line));
                list.sections.push(Section { title: title.clone(), level, line, steps: Vec::new() });
            }
            let times = seen.entry((title.clone(), raw.text.clone())).or_default();
            let occurrence = *times;
            *times += 1;
            let id = StepId { doc: doc.id().clone(), section: title, text: raw.text, occurrence };
            let step = raw.kind.step(id, at + 1, raw.line, raw.indent, raw.notes, ledger, session);
            if let Some(section) = list.sections.last_mut() {
                section.steps.push(step);
            }
        }
        list
    }
}

/// A step before its section and state are known.
struct RawStep {
    heading: Option<usize>,
    text: String,
    line: usize,
    indent: usize,
    kind: RawKind,
    notes: Vec<(String, String)>,
}

#[derive(Clone, Copy)]
enum RawKind {
    Box { checked: bool },
    Row,
    Numbered,
}

impl RawKind {
    #[allow(clippy::too_many_arguments)]
    fn step(
        self,
        id: StepId,
        index: usize,
        line: usize,
        indent: usize,
        notes: Vec<(String, String)>,
        ledger: &Ledger,
        session: Option<&str>,
    ) -> Step {
        let entry = session.and_then(|session| ledger.latest(session, &id.section, &id.text));
        let noted = entry.map_or(StepState::Open, |entry| entry.state);
        let (kind, state) = match self {
            RawKind::Box { checked } => {
                let cell = BoxCell { heading: id.section.clone(), text: id.text.clone(), occurrence: id.occurrence };
                // A box says done or not; that a step does not apply or failed is in the ledger alone.
                let state = match (checked, noted) {
                    (true, _) => StepState::Done,
                    (false, StepState::NotApplicable | StepState::Failed) => noted,
                    (false, StepState::Open | StepState::Done) => StepState::Open,
                };
                (StepKind::Box(cell), state)
            }
            RawKind::Row => (StepKind::Row, noted),
            RawKind::Numbered => (StepKind::Numbered, noted),
        };
        let shown = entry.filter(|entry| entry.state == state && state != StepState::Open);
        let mut cites = cite::paths(&id.text);
        for (_, text) in &notes {
            cites.extend(cite::paths(text).into_iter().filter(|path| !id.text.contains(path.as_str())));
        }
        Step {
            index,
            line,
            indent,
            kind,
            state,
            evidence: shown.map_or_else(String::new, |entry| entry.evidence.clone()),
            at: shown.map_or_else(String::new, |entry| entry.at.clone()),
            notes,
            cites,
            id,
        }
    }
}

fn boxes_and_numbers(doc: &Document, markdown: &Markdown) -> Vec<RawStep> {
    let says_checklist = |heading: Option<usize>| {
        let heading = heading.and_then(|at| markdown.headings().get(at));
        heading.is_some_and(|h| doc.text(&h.text).to_ascii_lowercase().contains("checklist"))
    };
    let mut steps = Vec::new();
    for item in markdown.items() {
        let kind = match (item.checked, item.marker) {
            (Some((checked, _)), _) => RawKind::Box { checked },
            (None, markdown::Marker::Ordered(_)) if item.indent == 0 && says_checklist(item.heading) => {
                RawKind::Numbered
            }
            (None, markdown::Marker::Ordered(_) | markdown::Marker::Bullet) => continue,
        };
        steps.push(RawStep {
            heading: item.heading,
            text: doc.text(&item.text).into_owned(),
            line: item.line,
            indent: item.indent,
            kind,
            notes: Vec::new(),
        });
    }
    steps
}

fn table_rows(doc: &Document, markdown: &Markdown) -> Vec<RawStep> {
    let decode = |span: &crate::doc::Span| markdown::decode_cell(&doc.bytes()[span.clone()]).into_owned();
    let mut steps = Vec::new();
    for table in markdown.tables() {
        let header: Vec<String> = table.header.iter().map(decode).collect();
        if !header.first().is_some_and(|first| first.eq_ignore_ascii_case("step")) {
            continue;
        }
        for row in &table.rows {
            let mut cells = row.cells.iter().map(decode);
            let Some(text) = cells.next().filter(|text| !text.is_empty()) else { continue };
            let names = header.iter().skip(1).cloned().chain(std::iter::repeat(String::new()));
            steps.push(RawStep {
                heading: table.heading,
                text,
                line: row.line,
                indent: 0,
                kind: RawKind::Row,
                notes: names.zip(cells).collect(),
            });
        }
    }
    steps
}
