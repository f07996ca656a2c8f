//! Checklists: task-list documents, smoke checklists whose steps are table rows, numbered checklists; and the tick.

use crate::doc::{DocId, cell::BoxCell};

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
    /// Open, done or not applicable.
    pub state: StepState,
    /// Evidence note or reason from the ledger, for the active session.
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
    /// Open again: box, log line and ledger row are taken back.
    Open,
}

/// Done, open and not-applicable steps of a list.
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
            StepState::Done => "done",
            StepState::NotApplicable => "na",
        }
    }
}

impl Section {
    /// Progress of this section.
    pub fn progress(&self) -> Progress {
        let mut progress = Progress::default();
        for step in &self.steps {
            match step.state {
                StepState::Open => progress.open += 1,
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
