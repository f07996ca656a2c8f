//! What a filter can ask of the commands of the runbook.

use std::borrow::Cow;

use super::{Command, Shell};
use crate::model::autonomy::Need;
use crate::model::query::{FieldKind, FieldName, Query, text};

/// The fields of a command.
pub const RUNBOOK_FIELDS: &[FieldName] = &[
    FieldName { name: "level", help: "L0 to L3", kind: FieldKind::Exact },
    FieldName { name: "shell", help: "powershell, bash or unknown", kind: FieldKind::Word },
    FieldName { name: "task", help: "what it is for", kind: FieldKind::Text },
    FieldName { name: "text", help: "the command line", kind: FieldKind::Text },
];

impl Command {
    /// The values of one of [`RUNBOOK_FIELDS`]; `need` is what the command needs.
    pub fn query_field(&self, need: &Need, name: &str) -> Vec<Cow<'_, str>> {
        match name {
            "level" => vec![Cow::Borrowed(need.level.name())],
            "shell" => vec![Cow::Borrowed(Shell::word(self.shell))],
            "task" => vec![Cow::Borrowed(self.task.as_str())],
            "text" => vec![Cow::Borrowed(self.text.as_str())],
            _ => Vec::new(),
        }
    }

    /// Whether the command fits; words are looked for in its task, line, notes and evidence.
    pub fn fits(&self, need: &Need, query: &Query) -> bool {
        let texts = [&self.task, &self.text, &self.notes, &self.evidence];
        query.fits(|name| self.query_field(need, name), |word| texts.iter().any(|own| text::contains(own, word)))
    }
}
