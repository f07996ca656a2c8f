//! The gap that a line or record left behind when it was taken out: what stood there and what stands around it, so that
//! taking the removal back puts the very bytes back where they were, and not merely an equal line at the end.

use memchr::memmem;
use serde::{Deserialize, Serialize};

use crate::doc::{Document, Patch};

/// How many bytes on either side are remembered, at most: enough to be unique in lists, little enough for the journal.
const AROUND: usize = 240;

/// What was taken out of a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// What stood in front of it; empty at the beginning of the document.
    pub before: String,
    /// What was taken out.
    pub bytes: String,
    /// What stood behind it; empty at the end of the document.
    pub after: String,
    /// What stands there instead; nothing but where a list became `[]`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub there: String,
}

impl Gap {
    /// The gap that the patch leaves in `doc`; none when it changes more than one place.
    pub(super) fn left_by(doc: &Document, patch: &Patch) -> Option<Gap> {
        let [splice] = patch.splices() else { return None };
        let text = std::str::from_utf8(doc.bytes()).ok().filter(|_| !splice.span.is_empty())?;
        let there = String::from_utf8(splice.new.clone()).ok()?;
        let start =
            (splice.span.start.saturating_sub(AROUND)..=splice.span.start).find(|&at| text.is_char_boundary(at))?;
        let limit = (splice.span.end + AROUND).min(text.len());
        let end = (splice.span.end..=limit).rev().find(|&at| text.is_char_boundary(at))?;
        Some(Gap {
            before: text.get(start..splice.span.start)?.to_owned(),
            bytes: text.get(splice.span.clone())?.to_owned(),
            after: text.get(splice.span.end..end)?.to_owned(),
            there,
        })
    }

    /// The patch that puts the piece back. None when the place cannot be told any more: neither what stood on both sides
    /// of it, nor in front of it, nor behind it, is there exactly once.
    pub(super) fn fill(&self, doc: &Document) -> Option<Patch> {
        let at = self.place(doc.bytes())?;
        Some(Patch::one(at..at + self.there.len(), self.bytes.clone().into_bytes()))
    }

    fn place(&self, bytes: &[u8]) -> Option<usize> {
        let (before, there, after) = (self.before.as_bytes(), self.there.as_bytes(), self.after.as_bytes());
        let front = [before, there].concat();
        let behind = [there, after].concat();
        let both = match (before, after) {
            ([], []) => return (bytes == there).then_some(0),
            ([], _) => bytes.starts_with(&behind).then_some(0),
            (_, []) => bytes.ends_with(&front).then(|| bytes.len() - there.len()),
            (before, _) => only(bytes, &[before, &behind].concat()).map(|at| at + before.len()),
        };
        both.or_else(|| only(bytes, &front).map(|at| at + before.len())).or_else(|| only(bytes, &behind))
    }
}

/// Where `what` is, if it is there exactly once.
fn only(bytes: &[u8], what: &[u8]) -> Option<usize> {
    let mut places = memmem::find_iter(bytes, what);
    let first = places.next().filter(|_| !what.is_empty())?;
    places.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::DocId;

    fn document(text: &str) -> Document {
        Document::parse(DocId::new("a.md").expect("a path"), text.as_bytes().to_vec())
    }

    #[track_caller]
    fn check(whole: &str, taken: &str, now: &str, back: Option<&str>) {
        let start = whole.find(taken).expect("a part of it");
        let gap = Gap::left_by(&document(whole), &Patch::one(start..start + taken.len(), Vec::new())).expect("a gap");
        let filled = gap.fill(&document(now)).map(|patch| patch.apply(now.as_bytes()));
        assert_eq!(filled.as_deref().map(String::from_utf8_lossy).as_deref(), back);
    }

    #[test]
    fn a_gap_is_filled_where_it_was() {
        check("a\nb\nc\n", "b\n", "a\nc\n", Some("a\nb\nc\n"));
        check("a\nb\n", "a\n", "b\n", Some("a\nb\n"));
        check("a\nb", "\nb", "a", Some("a\nb"));
        check("a\n", "a\n", "", Some("a\n"));
        // Somebody added lines around it, or changed what stood on one side.
        check("a\nb\nc\n", "b\n", "x\na\nc\ny\n", Some("x\na\nb\nc\ny\n"));
        check("aé\nb\nc\n", "b\n", "aé\nchanged\n", Some("aé\nb\nchanged\n"));
        check("a\nb\nc\n", "b\n", "changed\nc\n", Some("changed\nb\nc\n"));
        // Nobody knows where.
        check("a\nb\nc\n", "b\n", "a\nc\na\nc\n", None);
        check("a\nb\nc\n", "b\n", "x\ny\n", None);
        check("a\n", "a\n", "x\n", None);
    }

    #[test]
    fn only_so_much_is_remembered() {
        let long = "é".repeat(1000);
        let text = format!("{long}\nb\n{long}\n");
        let at = text.find("b\n").expect("there");
        let gap = Gap::left_by(&document(&text), &Patch::one(at..at + 2, Vec::new())).expect("a gap");
        assert!(gap.before.len() <= AROUND && gap.after.len() <= AROUND && gap.bytes == "b\n");
        assert!(gap.before.len() > AROUND - 4 && gap.after.len() > AROUND - 4);
    }
}
