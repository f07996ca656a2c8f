//! The diff dialog: what differs is seen, and nothing unseen is written.

use super::*;
use crate::doc::{Addition, DocId};
use crate::op::{Change, Edit, Intent};
use crate::tui::overlay::Overlay;
use crate::tui::overlay::sketch::{painted, press, screen, type_in};

fn operation(removed: usize) -> Operation {
    let doc = DocId::new("docs/x.csv").unwrap();
    let record = |n: usize| Addition::Record { header: vec!["ID".to_owned()], fields: vec![n.to_string()] };
    let out = |n| Change::TakeOut { addition: record(n), inserted: None, created: false, folders: 0 };
    Operation {
        intent: Intent { verb: "task move".to_owned(), summary: "Move ST-B-001 to Done".to_owned() },
        edits: (0..removed).map(|n| Edit { doc: doc.clone(), change: out(n) }).collect(),
        undoes: None,
    }
}

fn long(state: &str) -> String {
    let words = "some words of a long note that nobody reads to its end, ".repeat(80);
    format!("\"ST-B-001\",\"Find the leak\",\"{words}\",\"{state}\",\"{words}\"")
}

fn diff() -> String {
    format!(
        "--- a/docs/taskboard/TaskBoard.csv\n+++ b/docs/taskboard/TaskBoard.csv\n@@ -11,3 +11,3 @@\n \"ST-B-000\",\"Before\"\n-{}\n+{}\n \
         \"ST-B-002\",\"After\"\n--- a/docs/plans/PlanB.md\n+++ b/docs/plans/PlanB.md\n@@ -7 +7 @@\n-| ST-B-001 | In Progress |\n\
         +| ST-B-001 | Done |\n",
        long("In Progress"),
        long("Done")
    )
}

fn ready(operation: Operation, over_draft: bool) -> Overlay {
    let mut dialog = Diff::new(operation, 1, over_draft);
    assert!(dialog.learn(&Ok(diff())).is_none());
    Overlay::Diff(Box::new(dialog))
}

#[test]
fn what_differs_is_in_reverse_and_seen_at_every_size() {
    let mut dialog = ready(operation(0), false);
    for (width, height) in [(40, 12), (60, 20), (80, 24), (160, 50)] {
        let shown = screen(&dialog, width, height);
        assert!(shown.contains("docs/taskboard/TaskBoard.csv") && shown.contains("enter writes it"), "{shown}");
        let buf = painted(&dialog, width, height);
        let marked: String = buf
            .content()
            .iter()
            .filter(|cell| cell.modifier.contains(Modifier::REVERSED))
            .map(ratatui::buffer::Cell::symbol)
            .collect();
        // A blank at the end of a screen row is not painted.
        assert!(marked.starts_with("In") && marked.contains("Progress"), "{marked}");
    }
    assert!(screen(&dialog, 80, 24).contains("2 files"));
    press(&mut dialog, "w");
    let whole = screen(&dialog, 80, 24);
    assert!(whole.contains("lines 1-") && whole.contains("w fold lines"), "{whole}");
    press(&mut dialog, "G");
    assert!(screen(&dialog, 80, 24).contains("| ST-B-001 | Done |"));
}

#[test]
fn nothing_is_written_before_the_diff_is_there() {
    let mut dialog = Overlay::Diff(Box::new(Diff::new(operation(1), 1, false)));
    assert!(matches!(press(&mut dialog, "enter"), Reply::Stay));
    assert!(matches!(press(&mut dialog, "y"), Reply::Stay));
    assert!(screen(&dialog, 80, 24).contains("comparing with the documents"));
    let mut dialog = ready(operation(1), true);
    assert!(matches!(press(&mut dialog, "y"), Reply::Commit(Request::Commit(_))));
    assert!(matches!(press(&mut dialog, "enter"), Reply::Commit(Request::Commit(_))));
    assert!(matches!(press(&mut dialog, "e"), Reply::Close));
}

#[test]
fn many_rows_are_removed_only_after_their_number_was_typed() {
    let mut dialog = ready(operation(12), false);
    assert!(screen(&dialog, 80, 24).contains("This removes 12 rows. Type 12 and press Enter:"));
    assert!(matches!(press(&mut dialog, "enter"), Reply::Stay));
    assert!(matches!(press(&mut dialog, "y"), Reply::Stay));
    type_in(&mut dialog, "1");
    assert!(matches!(press(&mut dialog, "enter"), Reply::Stay));
    assert!(screen(&dialog, 80, 24).contains("not written: type 12 first"));
    type_in(&mut dialog, "2");
    match press(&mut dialog, "enter") {
        Reply::Commit(Request::Confirmed { rows: 12, .. }) => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refusal_is_read_and_left() {
    let mut dialog = Diff::new(operation(0), 1, true);
    dialog.learn(&Err(Outcome::Refused { message: "docs/x.csv: no such row".to_owned() }));
    let mut dialog = Overlay::Diff(Box::new(dialog));
    let shown = screen(&dialog, 80, 24);
    assert!(shown.contains("no such row") && shown.contains("back to your draft"), "{shown}");
    assert!(matches!(press(&mut dialog, "y"), Reply::Stay));
    assert!(matches!(press(&mut dialog, "enter"), Reply::Close));
}

#[test]
fn a_diff_that_changed_says_so() {
    let mut dialog = Diff::new(operation(0), 1, false);
    dialog.learn(&Ok(diff()));
    dialog.again(2);
    assert!(!dialog.expects(1) && dialog.expects(2));
    dialog.learn(&Ok(diff().replace("Before", "Earlier")));
    let dialog = Overlay::Diff(Box::new(dialog));
    assert!(screen(&dialog, 80, 24).contains("the documents changed meanwhile"));
}

#[test]
fn no_size_panics() {
    for mut dialog in [ready(operation(0), false), ready(operation(12), true)] {
        for (width, height) in (1..12).flat_map(|width| (1..9).map(move |height| (width, height))) {
            let at = Rect::new(0, 0, width, height);
            dialog.wheel(3, &Keymap::default(), at);
            dialog.key(KeyEvent::from(KeyCode::Down), &Keymap::default(), at);
            screen(&dialog, width, height);
        }
    }
}
