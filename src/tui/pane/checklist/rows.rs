//! The rows of a checklist that show: its sections, and of those that are not folded the steps.

use crate::model::checklist::{Checklist, StepId, StepState};
use crate::model::query::Query;

/// A visible row: position in the shown checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Row {
    Section(usize),
    Step(usize, usize),
}

/// What a row stands for, whatever its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Section(String),
    Step(StepId),
}

/// What fits the filter, with the headings of the sections. A filter shows what fits, folded or not.
pub(super) fn rows(list: &Checklist, query: &Query, is_folded: impl Fn(&str) -> bool) -> Vec<Row> {
    let mut rows = Vec::new();
    for (at, section) in list.sections.iter().enumerate() {
        let fitting = (0..section.steps.len()).filter(|&step| section.steps[step].fits(query));
        let steps: Vec<Row> = fitting.map(|step| Row::Step(at, step)).collect();
        if steps.is_empty() {
            continue;
        }
        rows.push(Row::Section(at));
        if !query.is_empty() || !is_folded(&section.title) {
            rows.extend(steps);
        }
    }
    rows
}

impl Row {
    /// What it stands for.
    pub fn target(self, list: &Checklist) -> Target {
        match self {
            Row::Section(section) => Target::Section(list.sections[section].title.clone()),
            Row::Step(section, step) => Target::Step(list.sections[section].steps[step].id.clone()),
        }
    }

    /// Whether it is a step that is open.
    pub fn is_open(self, list: &Checklist) -> bool {
        match self {
            Row::Section(_) => false,
            Row::Step(section, step) => list.sections[section].steps[step].state == StepState::Open,
        }
    }
}
