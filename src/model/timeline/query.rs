//! What a filter can ask of the events of the time axis.

use std::borrow::Cow;

use super::{EventKind, TimelineEvent};
use crate::doc::DocId;
use crate::model::query::{FieldKind, FieldName, Query, text};

/// The fields of an event.
pub const TIMELINE_FIELDS: &[FieldName] = &[
    FieldName { name: "kind", help: "timeline, session or board", kind: FieldKind::Word },
    FieldName { name: "date", help: "day of the event", kind: FieldKind::Date },
    FieldName { name: "plan", help: "letters of the plan", kind: FieldKind::Exact },
    FieldName { name: "file", help: "path of the source", kind: FieldKind::Text },
];

impl EventKind {
    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            EventKind::Timeline => "timeline",
            EventKind::Session => "session",
            EventKind::Board => "board",
            EventKind::Journal => "journal",
        }
    }
}

impl TimelineEvent {
    /// The values of one of [`TIMELINE_FIELDS`].
    pub fn query_field(&self, name: &str) -> Vec<Cow<'_, str>> {
        match name {
            "kind" => vec![Cow::Borrowed(self.kind.word())],
            "date" => vec![Cow::Owned(self.at.date.to_string())],
            "plan" => self.plan.iter().map(|plan| Cow::Borrowed(&**plan)).collect(),
            "file" => vec![Cow::Borrowed(self.doc.as_str())],
            _ => Vec::new(),
        }
    }

    /// Whether the event fits; words are looked for in its summary, document, stamp and kind.
    pub fn fits(&self, query: &Query) -> bool {
        // Fields first: the summary of a task is put together anew each time.
        let said = std::cell::OnceCell::new();
        let has = |word: &str| {
            let (summary, at) = said.get_or_init(|| (self.summary(), self.at.to_string()));
            [summary, self.doc.as_str(), at, self.kind.word()].iter().any(|text| text::contains(text, word))
        };
        query.fits_fields(|name| self.query_field(name), has) && query.words().iter().all(|word| has(word))
    }
}

/// Whether a row of a timeline that has no readable date fits. It has no plan of its own either.
pub fn undated_fits(doc: &DocId, said: &str, query: &Query) -> bool {
    let field = |name: &str| match name {
        "kind" => vec![Cow::Borrowed(EventKind::Timeline.word())],
        "file" => vec![Cow::Borrowed(doc.as_str())],
        _ => Vec::new(),
    };
    query.fits(field, |word| text::contains(said, word) || text::contains(doc.as_str(), word))
}
