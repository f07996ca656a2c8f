//! Checks an operation against documents and makes the new contents, together with the operation that would take them
//! back. Nothing is written here.

mod diff;
mod file;
mod whole;

use std::fmt;
use std::sync::Arc;

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
            fn side(doc: &Option<Arc<Document>>) -> std::borrow::Cow<'_, str> {
                doc.as_ref().map_or("".into(), |doc| String::from_utf8_lossy(doc.bytes()))
            }
            let name = |doc: &Option<Arc<Document>>, front: &str| match doc {
                Some(_) => format!("{front}/{}", file.doc),
                None => "/dev/null".to_owned(),
            };
            let (from, to) = (name(&file.before, "a"), name(&file.after, "b"));
            diff::unified(&mut text, &from, &to, &side(&file.before), &side(&file.after));
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
    fn a_set_cell_taken_back_leaves_the_row_as_it_was() {
        let field = r#"{"id_column":"ID","id":"1","column":"c"}"#;
        let cell = r#"{"heading":"","row":"1","column":"c"}"#;
        let table = "| ID | b | c |\n|-|-|-|\n";
        for (name, whole, at, write) in [
            // The record has fewer fields than the header, and gets them for as long as the value stands.
            ("a.csv", "ID,b,c\r\n1\r\n2,x,y\r\n".to_owned(), field, "new"),
            ("a.csv", "ID,b,c\n\"1\"".to_owned(), field, "a, b"),
            // A row without a closing bar: what is left of a cleared cell is its bar.
            ("a.md", format!("{table}1 | x | y"), cell, ""),
            ("a.md", format!("{table}| 1 | x"), cell, "new"),
            ("a.md", format!("{table}| 1 |\t\n"), cell, "new"),
        ] {
            let before = document(name, &whole);
            let cell: crate::doc::CellId = serde_json::from_str(at).expect("an address");
            let expect = before.find(&cell).expect("the cell").value;
            let set = Change::Set { cell, expect, write: write.to_owned(), exact: None };
            let edits = vec![Edit { doc: before.id().clone(), change: set }];
            let (after, undo) = done(Some(before), edits);
            assert_ne!(text(&after), Some(whole.clone()));
            assert_eq!(text(&done(after, undo).0), Some(whole));
        }
    }

    #[test]
    fn a_record_taken_out_in_front_of_one_without_id_comes_back() {
        let whole = "ID,a\n1,x\n,y\n";
        let (after, undo) = done(Some(document("a.csv", whole)), take_out("a.csv", record("1"), false));
        assert_eq!(text(&done(after, undo).0).as_deref(), Some(whole));
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

    fn row(cells: &[&str]) -> Addition {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Addition::Row { heading: "H".into(), table: 0, header: owned(&["ID", "a"]), cells: owned(cells), above: None }
    }

    fn edit(name: &str, change: Change) -> Edit {
        Edit { doc: DocId::new(name).expect("a path"), change }
    }

    fn rewrite(expect: &str, occurrence: usize, write: &str) -> Change {
        Change::Rewrite { expect: expect.to_owned(), write: write.to_owned(), occurrence }
    }

    #[test]
    fn rows_are_added_and_taken_out_and_all_of_it_is_taken_back() {
        let top = "# H\n|ID|a|\n|-|-|\n";
        for before in ["", "|1|x|\r\n", "|1|x|", "1 | x\n\n<!-- L -->\n|2|y|\n```\n", "|2|y|\n\ntext\n"] {
            let whole = format!("{top}{before}");
            let add = |cells: &[&str]| edit("a.md", Change::Add { addition: row(cells), gap: None });
            let (after, undo) = done(Some(document("a.md", &whole)), vec![add(&["2", "y"]), add(&["2", "y"])]);
            assert_eq!(
                after.as_ref().map(|doc| doc.holds(&row(&["2", "y"]))),
                Some(2 + before.matches("|2|y|").count())
            );
            let (back, redo) = done(after.clone(), undo);
            assert_eq!(text(&back).as_deref(), Some(&*whole), "undone");
            let (again, undo) = done(back, redo);
            assert_eq!(text(&again), text(&after), "done again");
            assert_eq!(text(&done(again, undo).0).as_deref(), Some(&*whole), "undone again");
        }
        for (before, cells) in [
            ("|1|x|\r\n|2|y|\n|3|z|\n", &["2", "y"][..]),
            ("|2|y|", &["2", "y"]),
            ("|1|x|\n| 2 | y |s|\n\n<!-- L -->\n|3|z|\n", &["2", "y", "s"]),
            ("|2|\n|1|x|", &["2"]),
        ] {
            let whole = format!("{top}{before}");
            let (after, undo) = done(Some(document("a.md", &whole)), take_out("a.md", row(cells), false));
            assert_eq!(after.as_ref().map(|doc| doc.holds(&row(cells))), Some(0));
            let (back, redo) = done(after.clone(), undo);
            assert_eq!(text(&back).as_deref(), Some(&*whole), "undone");
            assert_eq!(text(&done(back, redo).0), text(&after), "done again");
        }
    }

    #[test]
    fn the_history_names_rows_and_rewritten_texts() {
        let before = document("a.md", "# H\n|ID|a|\n|-|-|\n|1|`a|b`|\n# H\n|ID|a|\n|-|-|\n");
        let Addition::Row { heading, header, cells, .. } = row(&["2", "y"]) else { panic!("a row") };
        let second = Addition::Row { heading, table: 1, header, cells, above: None };
        let edits = vec![
            edit("a.md", rewrite("|1|`a|b`|", 0, "|1|`a\\|b`|")),
            edit("a.md", Change::Add { addition: row(&["2", "y"]), gap: None }),
            edit("a.md", Change::Add { addition: second, gap: None }),
        ];
        let plan = plan(&operation(edits), Mode::Fresh, |_| Some(before.clone()), |_| None).expect("a plan");
        let said: Vec<_> = plan.files[0]
            .edits
            .iter()
            .map(|edit| (edit.at.to_string(), edit.old.as_deref(), edit.new.as_deref()))
            .collect();
        let said: Vec<_> = said.iter().map(|(at, old, new)| (at.as_str(), *old, *new)).collect();
        assert_eq!(
            said,
            [
                (r#"{"rewrite":"row"}"#, Some("|1|`a|b`|"), Some("|1|`a\\|b`|")),
                (r#"{"heading":"H","append":"row"}"#, None, Some("2 | y")),
                (r#"{"heading":"H","table":1,"append":"row"}"#, None, Some("2 | y")),
            ]
        );
    }

    #[test]
    fn a_rewritten_text_is_put_back_where_it_was() {
        for (name, whole, change) in [
            ("a.csv", "ID,a\r\n1,\"x\"2,y\r\n3\r\n", rewrite("1,\"x\"2,y", 0, "1,\"x\"\r\n2,y")),
            ("a.csv", "ID,a\n1\n1\n1,x\n1\n", rewrite("1", 1, "1,x")),
            ("a.csv", "ID,a\n1\n2,\"y\n", rewrite("2,\"y\n", 0, "2,y\n")),
            ("a.csv", "ID,a\n1,x\n", rewrite("1,x", 0, "1,x\n1,x")),
            // A text that becomes a row was none before.
            ("a.md", "# H\n|ID|a|\n|-|-|\n|1|x|\n2 y", rewrite("2 y", 0, "|2|y|")),
        ] {
            let (after, undo) = done(Some(document(name, whole)), vec![edit(name, change.clone())]);
            assert_ne!(text(&after).as_deref(), Some(whole));
            let undone = Operation { undoes: Some(crate::op::OpId(1)), ..operation(undo) };
            let mut plan = plan(&undone, Mode::Fresh, |_| after.clone(), |_| None).expect("a plan");
            let file = plan.files.pop().expect("a change");
            assert_eq!(text(&file.after).as_deref(), Some(whole), "undone");
            assert_eq!(text(&done(file.after, file.inverse).0), text(&after), "done again");
        }
    }

    #[test]
    fn a_rewrite_of_what_is_gone_is_a_conflict() {
        let planned = |text: &str, change: Change| {
            let doc = document("a.csv", text);
            plan(&operation(vec![edit("a.csv", change)]), Mode::Fresh, |_| Some(doc.clone()), |_| None)
        };
        let Err(Refusal::Conflicts(conflicts)) = planned("ID,a\n1,theirs\n", rewrite("1", 0, "1,x")) else {
            panic!("no conflict")
        };
        let conflict = Conflict {
            doc: DocId::new("a.csv").expect("a path"),
            cell: None,
            line: None,
            base: "1".into(),
            theirs: None,
            mine: "1,x".into(),
        };
        assert_eq!(conflicts, [conflict]);
        // Somebody mended it before: that is for the operator to see. Nothing to do is no conflict.
        assert!(matches!(planned("ID,a\n1,x\n", rewrite("1", 0, "1,x")), Err(Refusal::Conflicts(_))));
        assert!(planned("ID,a\n1,x\n", rewrite("1,x", 0, "1,x")).is_ok_and(|plan| plan.files.is_empty()));
        let refused = planned("ID,a\n1\n2,y\n", rewrite("1", 0, "1,\"x"));
        assert!(matches!(refused, Err(Refusal::Find { error: FindError::Refused(_), .. })));
    }

    /// Begins an operation on `before`; somebody else makes `now` of the document; gives what going on makes of that.
    fn resumed(name: &str, before: &str, edits: &[Change], now: &str) -> Option<String> {
        let edits = edits.iter().map(|change| edit(name, change.clone())).collect();
        let operation = operation(edits);
        let begun = document(name, before);
        let begun = plan(&operation, Mode::Fresh, |_| Some(begun.clone()), |_| None).expect("a plan");
        let held = begun.files[0].held.clone();
        let found = document(name, now);
        match plan(&operation, Mode::Resumed, |_| Some(found.clone()), |_| Some(held.clone())) {
            Ok(mut plan) => match plan.files.pop() {
                Some(file) => text(&file.after),
                None => Some(now.to_owned()),
            },
            Err(Refusal::Conflicts(_)) => None,
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn what_was_done_before_a_crash_is_not_done_again() {
        let top = "# H\n|ID|a|\n|-|-|\n";
        let add = Change::Add { addition: row(&["2", "y"]), gap: None };
        for (before, now, after) in [
            ("", "", "| 2 | y |\n"),
            ("", "| 2 | y |\n", "| 2 | y |\n"),
            ("", "|2|y|\n|3|theirs|\n", "|2|y|\n|3|theirs|\n"),
            ("|2|y|\n", "|2|y|\n", "|2|y|\n| 2 | y |\n"),
            ("|2|y|\n", "|2|y|\n| 2 | y |\n", "|2|y|\n| 2 | y |\n"),
        ] {
            let whole = |text: &str| format!("{top}{text}");
            let found = resumed("a.md", &whole(before), std::slice::from_ref(&add), &whole(now));
            assert_eq!(found, Some(whole(after)), "{before:?} {now:?}");
        }
        let (first, second) = (rewrite("1", 0, "1,x"), rewrite("1", 1, "1,x"));
        let (split, joined) = (rewrite("1,x", 0, "1,x\n1,x"), rewrite("1,x\n2", 0, "1,x"));
        let twice = [first.clone(), rewrite("1", 0, "1,x")];
        let change = |change: &Change| vec![change.clone()];
        for (before, edits, now, after) in [
            ("1\n", change(&first), "1\n", Some("1,x\n")),
            ("1\n", change(&first), "1,x\n", Some("1,x\n")),
            ("1\n", change(&first), "1,x\n3,theirs\n", Some("1,x\n3,theirs\n")),
            ("1\n", change(&first), "0,theirs\n1\n", Some("0,theirs\n1,x\n")),
            ("1\n", change(&first), "1,theirs\n", None),
            // The other place with that text is not ours.
            ("1\n1\n", change(&first), "1,x\n1\n", Some("1,x\n1\n")),
            ("1\n1\n", change(&first), "1,theirs\n1\n", None),
            ("1\n1\n", change(&second), "1\n1,x\n", Some("1\n1,x\n")),
            ("1\n1\n", twice.to_vec(), "1,x\n1,x\n", Some("1,x\n1,x\n")),
            ("1\n1\n", twice.to_vec(), "1\n1\n", Some("1,x\n1,x\n")),
            // The new text holds the old one, or the other way round.
            ("1,x\n", change(&split), "1,x\n1,x\n", Some("1,x\n1,x\n")),
            ("1,x\n", change(&split), "1,x\n", Some("1,x\n1,x\n")),
            ("1,x\n2\n", change(&joined), "1,x\n", Some("1,x\n")),
            ("1,x\n2\n", change(&joined), "1,x\n2\n3,theirs\n", Some("1,x\n3,theirs\n")),
        ] {
            let whole = |text: &str| format!("ID,a\n{text}");
            let found = resumed("a.csv", &whole(before), &edits, &whole(now));
            assert_eq!(found, after.map(whole), "{before:?} {edits:?} {now:?}");
        }
        // Counts of several kinds do not get mixed up.
        let mixed = [first, Change::Add { addition: record("2"), gap: None }, rewrite("3", 0, "3,z")];
        for now in ["1\n3\n", "1,x\n3,z\n2,x\n"] {
            let found = resumed("a.csv", "ID,a\n1\n3\n", &mixed, &format!("ID,a\n{now}"));
            assert_eq!(found.as_deref(), Some("ID,a\n1,x\n3,z\n2,x\n"), "{now:?}");
        }
    }

    #[test]
    fn the_counts_of_rewritten_texts_serve_backwards_too() {
        for (before, change) in [
            ("ID,a\n1\n1\n", rewrite("1", 1, "1,x")),
            ("ID,a\n1,x\n", rewrite("1,x", 0, "1,x\n1,x")),
            ("ID,a\n1,x\n2\n", rewrite("1,x\n2", 0, "1,x")),
        ] {
            let begun = document("a.csv", before);
            let one = operation(vec![edit("a.csv", change.clone())]);
            let file = plan(&one, Mode::Fresh, |_| Some(begun.clone()), |_| None).expect("a plan").files.remove(0);
            let held: Vec<usize> = file.held.iter().rev().copied().collect();
            let back = operation(file.inverse.clone());
            // It is there, or it was not done or taken back already.
            for now in [file.after.clone(), Some(begun.clone())] {
                let taken = plan(&back, Mode::Resumed, |_| now.clone(), |_| Some(held.clone())).expect("a plan");
                let left = taken.files.first().map_or(now, |file| file.after.clone());
                assert_eq!(text(&left).as_deref(), Some(before), "{change:?}");
            }
        }
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
