//! What a filter can ask of the steps of a checklist.

use std::borrow::Cow;

use super::{Step, StepState};
use crate::model::query::{FieldKind, FieldName, Query};

/// The fields of a step.
pub const CHECKLIST_FIELDS: &[FieldName] = &[
    FieldName { name: "state", help: "open, failed, done or na", kind: FieldKind::Word },
    FieldName { name: "section", help: "heading of the step", kind: FieldKind::Text },
];

impl Step {
    /// The values of one of [`CHECKLIST_FIELDS`].
    pub fn query_field(&self, name: &str) -> Vec<Cow<'_, str>> {
        match (name, self.state) {
            // In full too, as the cockpit shows it.
            ("state", StepState::NotApplicable) => vec![Cow::Borrowed(self.state.word()), "not applicable".into()],
            ("state", StepState::Open | StepState::Failed | StepState::Done) => vec![Cow::Borrowed(self.state.word())],
            ("section", _) => vec![Cow::Borrowed(self.id.section.as_str())],
            _ => Vec::new(),
        }
    }

    /// Whether the step fits; words are looked for in its text, section and notes, whatever their case.
    pub fn fits(&self, query: &Query) -> bool {
        let has = |word: &str| {
            let word = word.to_lowercase();
            let texts = [&self.id.text, &self.id.section].into_iter().chain(self.notes.iter().map(|(_, note)| note));
            texts.into_iter().any(|text| text.to_lowercase().contains(&word))
        };
        query.fits(|name| self.query_field(name), has)
    }
}
