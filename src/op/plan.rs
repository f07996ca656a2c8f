//! Checks an operation against documents and makes the new contents, together with the operation that would take them
//! back. Nothing is written here.

mod file;

use std::fmt;
use std::sync::Arc;

use similar::TextDiff;

use super::{Change, Conflict, Edit, EditRecord, Operation};
use crate::doc::{DocId, Document, FindError, Rev};
use file::FilePlanner;

/// How strictly what is found is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A new operation. A cell that holds the wanted value although another was expected is a conflict, unless the
    /// operation does nothing but set cells (then nothing is left to do there).
    Fresh,
    /// The operation was begun before: what already stands as wanted is done.
    Resumed,
}

/// What an operation makes of its documents.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Documents that change, in the order in which the operation names them first.
    pub files: Vec<FilePlan>,
}

/// What an operation makes of one document.
#[derive(Debug, Clone)]
pub struct FilePlan {
    /// The document.
    pub doc: DocId,
    /// What it was planned from; none when it is absent.
    pub before: Option<Arc<Document>>,
    /// What it becomes; none when it is to go.
    pub after: Option<Arc<Document>>,
    /// For the history: where, old and new text.
    pub edits: Vec<EditRecord>,
    /// What takes it back, in the order in which it has to be done.
    pub inverse: Vec<Edit>,
    /// How many equal lines or records stood there before each addition or removal that is still to be done, in their
    /// order; for each rewritten text four numbers: how many places had the old and the new text before, and how many
    /// have them after. Tells after a crash what was done. Backwards it is the same for `inverse`.
    pub held: Vec<usize>,
    /// How many parent folders, made when the document was, go with it.
    pub folders: usize,
}

/// Why an operation cannot be done as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Somebody else changed the same cells.
    Conflicts(Vec<Conflict>),
    /// The place is there, but cannot be edited so.
    Find {
        /// The document.
        doc: DocId,
        /// What, why, how to mend it.
        error: FindError,
    },
    /// The document is absent.
    Missing {
        /// The document.
        doc: DocId,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Conflicts(conflicts) => {
                let said: Vec<String> = conflicts.iter().map(Conflict::to_string).collect();
                f.write_str(&said.join("; "))
            }
            Refusal::Find { doc, error } => write!(f, "{doc}: {error}"),
            Refusal::Missing { doc } => write!(f, "{doc}: there is no such document"),
        }
    }
}

impl FilePlan {
    /// Hash of the content before, if the document was there.
    pub fn before_rev(&self) -> Option<Rev> {
        self.before.as_ref().map(|doc| doc.rev())
    }

    /// Hash of the content after, if the document stays.
    pub fn after_rev(&self) -> Option<Rev> {
        self.after.as_ref().map(|doc| doc.rev())
    }
}

impl Plan {
    /// Unified diff of all documents.
    pub fn diff(&self) -> String {
        let mut text = String::new();
        for file in &self.files {
            let side = |doc: &Option<Arc<Document>>| {
                doc.as_ref().map_or_else(String::new, |doc| String::from_utf8_lossy(doc.bytes()).into_owned())
            };
            let name = |doc: &Option<Arc<Document>>, front: &str| match doc {
                Some(_) => format!("{front}/{}", file.doc),
                None => "/dev/null".to_owned(),
            };
            let (old, new) = (side(&file.before), side(&file.after));
            let diff = TextDiff::from_lines(&old, &new);
            let mut unified = diff.unified_diff();
            unified.context_radius(2).header(&name(&file.before, "a"), &name(&file.after, "b"));
            text.push_str(&unified.to_string());
        }
        text
    }
}

/// Plans an operation on the documents that `lookup` gives; none means that the document is absent. `held` gives, for a
/// resumed operation, what [`FilePlan::held`] said when it was begun.
pub fn plan(
    operation: &Operation,
    mode: Mode,
    mut lookup: impl FnMut(&DocId) -> Option<Arc<Document>>,
    held: impl Fn(&DocId) -> Option<Vec<usize>>,
) -> Result<Plan, Refusal> {
    let mut docs: Vec<&DocId> = Vec::new();
    for edit in &operation.edits {
        if !docs.contains(&&edit.doc) {
            docs.push(&edit.doc);
        }
    }
    let only_sets = operation.edits.iter().all(|edit| matches!(edit.change, Change::Set { .. }));
    let lenient = mode == Mode::Resumed || (only_sets && operation.undoes.is_none());
    let mut files = Vec::new();
    let mut conflicts = Vec::new();
    for doc in docs {
        let edits: Vec<&Change> = operation.edits.iter().filter(|e| &e.doc == doc).map(|e| &e.change).collect();
        let begun = if mode == Mode::Resumed { held(doc) } else { None };
        let before = lookup(doc);
        let back = mode == Mode::Resumed || operation.undoes.is_some();
        let mut planner = FilePlanner::new(doc, before, mode, lenient, back, begun);
        match planner.plan(&edits) {
            Ok(()) => files.extend(planner.finish()),
            Err(Refusal::Conflicts(met)) => conflicts.extend(met),
            Err(other) => return Err(other),
        }
    }
    if conflicts.is_empty() { Ok(Plan { files }) } else { Err(Refusal::Conflicts(conflicts)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::Addition;
    use crate::op::Intent;

    fn document(name: &str, text: &str) -> Arc<Document> {
        Arc::new(Document::parse(DocId::new(name).expect("a path"), text.as_bytes().to_vec()))
    }

    fn operation(edits: Vec<Edit>) -> Operation {
        Operation { intent: Intent { verb: String::new(), summary: String::new() }, edits, undoes: None }
    }

    /// The document after the operation, and what takes it back.
    fn done(doc: Option<Arc<Document>>, edits: Vec<Edit>) -> (Option<Arc<Document>>, Vec<Edit>) {
        let mut plan = plan(&operation(edits), Mode::Fresh, |_| doc.clone(), |_| None).expect("a plan");
        let file = plan.files.pop().expect("a change");
        (file.after, file.inverse)
    }

    fn text(doc: &Option<Arc<Document>>) -> Option<String> {
        doc.as_ref().map(|doc| String::from_utf8_lossy(doc.bytes()).into_owned())
    }

    fn record(id: &str) -> Addition {
        Addition::Record { header: vec!["ID".into(), "a".into()], fields: vec![id.into(), "x".into()] }
    }

    fn line(text: &str) -> Addition {
        Addition::Line { heading: "H".into(), level: 1, text: text.into() }
    }

    fn take_out(name: &str, addition: Addition, created: bool) -> Vec<Edit> {
        let change = Change::TakeOut { addition, inserted: None, created, folders: 0 };
        vec![Edit { doc: DocId::new(name).expect("a path"), change }]
    }

    #[test]
    fn a_removal_taken_back_is_where_it_was() {
        for (name, whole, addition) in [
            ("a.csv", "ID,a\r\n1,x\r\n2,x\n3,x\r\n\r\n", record("2")),
            ("a.csv", "\u{feff}ID,a\n\"1\",\"x\"\n2,x", record("1")),
            ("a.csv", "ID,a\n1,x\n2,x", record("2")),
            ("a.md", "# H\n\n- a\n- b\r\n- c\n\n# G\n- b\n", line("- b")),
            ("a.md", "# H\n- a\n- b", line("- b")),
            ("a.md", "# H\n- a\n", line("- a")),
        ] {
            let before = Some(document(name, whole));
            let (after, undo) = done(before, take_out(name, addition.clone(), false));
            assert_ne!(text(&after).as_deref(), Some(whole));
            let (back, redo) = done(after.clone(), undo);
            assert_eq!(text(&back).as_deref(), Some(whole), "undone");
            let (again, undo) = done(back, redo);
            assert_eq!(text(&again), text(&after), "done again");
            assert_eq!(text(&done(again, undo).0).as_deref(), Some(whole), "undone again");
        }
    }

    #[test]
    fn a_removal_is_taken_back_beside_what_others_wrote_meanwhile() {
        let (after, undo) = done(Some(document("a.md", "# H\n- a\n- b\n- c\n")), take_out("a.md", line("- b"), false));
        assert_eq!(text(&after).as_deref(), Some("# H\n- a\n- c\n"));
        let theirs = document("a.md", "# G\n\n# H\n- a\n- c\n- d\n");
        assert_eq!(text(&done(Some(theirs), undo.clone()).0).as_deref(), Some("# G\n\n# H\n- a\n- b\n- c\n- d\n"));
        let rewritten = document("a.md", "# H\n- other\n");
        assert_eq!(text(&done(Some(rewritten), undo).0).as_deref(), Some("# H\n- other\n- b\n"));
    }

    #[test]
    fn a_created_document_goes_only_when_nothing_foreign_is_in_it() {
        let add = Edit {
            doc: DocId::new("a.csv").expect("a path"),
            change: Change::Add { addition: record("1"), gap: None },
        };
        let (created, undo) = done(None, vec![add]);
        assert_eq!(text(&created).as_deref(), Some("ID,a\n1,x\n"));
        let (gone, redo) = done(created, undo.clone());
        assert!(gone.is_none());
        assert_eq!(text(&done(None, redo).0).as_deref(), Some("ID,a\n1,x\n"));
        for (theirs, left) in [
            ("ID,a\n1,x\n2,y\n", "ID,a\n2,y\n"),
            ("ID,a,b\n1,x\n", "ID,a,b\n"),
            ("\u{feff}ID,a\r\n1,x\n", "\u{feff}ID,a\r\n"),
        ] {
            let (after, _) = done(Some(document("a.csv", theirs)), undo.clone());
            assert_eq!(text(&after).as_deref(), Some(left));
        }
    }
}
