//! The verbs that write tasks: set, move, done, block, add, clone, delete, repair; of the built binary, as in `verbs.rs`.

use std::path::Path;

use codex_tui::workbench::demo;
use serde_json::Value;

use super::verbs::{code, json, run};

const BOARDS: [&str; 4] = [
    "docs/taskboard/TaskBoard.csv",
    "docs/Harbor_TaskBoard.md",
    "docs/CODEX_BACKLOG.md",
    "docs/plans/PlanA_CollectorReliability.md",
];

fn boards(root: &Path) -> Vec<Vec<u8>> {
    BOARDS.iter().map(|path| std::fs::read(root.join(path)).expect("a board")).collect()
}

fn fields(root: &Path, id: &str) -> Vec<Value> {
    let (rc, shown) = json(root, &["task", "show", id]);
    assert_eq!(rc, 0, "{shown}");
    shown["tasks"][0]["rows"].as_array().expect("rows").clone()
}

#[test]
fn a_field_is_set_in_all_its_documents_and_taken_back() {
    let dir = demo::temporary().expect("the demo");
    let root = dir.path();
    let start = boards(root);
    let dry = run(root, &["task", "set", "HB-A-004", "title", "A | new, \"one\"", "--dry-run"]);
    let diff = String::from_utf8_lossy(&dry.stdout).into_owned();
    assert!(BOARDS.iter().all(|path| diff.contains(path)) && diff.contains("A \\| new"), "{diff}");
    assert_eq!(boards(root), start);

    let (rc, done) = json(root, &["task", "set", "HB-A-004", "title", "A | new, \"one\""]);
    assert_eq!((rc, done["files"].as_array().map(Vec::len)), (0, Some(4)), "{done}");
    assert!(fields(root, "HB-A-004").iter().all(|row| row["fields"]["Title"] == "A | new, \"one\""));
    let (rc, again) = json(root, &["task", "set", "HB-A-004", "title", "--value", "A | new, \"one\""]);
    assert_eq!((rc, &again["op"]), (0, &Value::Null), "{again}");
    assert_eq!(code(&run(root, &["undo"])), 0);
    assert_eq!(boards(root), start, "undone to the byte");

    // What the operator expects has to stand in every document, unless the new value stands there already.
    let (rc, conflict) = json(root, &["task", "set", "HB-A-004", "owner", "me", "--expect", "somebody"]);
    assert_eq!((rc, conflict["conflicts"].as_array().map(Vec::len)), (3, Some(3)), "{conflict}");
    assert_eq!(code(&run(root, &["task", "set", "HB-A-004", "owner", "me", "--expect", "Collector"])), 0);
    assert_eq!(code(&run(root, &["task", "set", "HB-A-004", "owner", "me", "--expect", "Collector"])), 0);

    // A field of which each document has its own needs the document.
    let (rc, error) = json(root, &["task", "set", "HB-A-004", "Notes", "x"]);
    assert_eq!((rc, &error["kind"]), (2, &Value::from("usage")), "{error}");
    let before = boards(root);
    assert_eq!(
        code(&run(root, &["task", "set", "HB-A-004", "notes", "--append", "--value", "-x", "--in", BOARDS[2]])),
        0
    );
    let after = boards(root);
    let changed: Vec<usize> = (0..4).filter(|at| before[*at] != after[*at]).collect();
    assert_eq!(changed, [2]);
    assert!(String::from_utf8_lossy(&after[2]).contains("stack-polling.md`.<br>-x |"));
    assert_eq!(code(&run(root, &["task", "set", "HB-A-004", "id", "HB-A-077"])), 0);
    assert_eq!(fields(root, "HB-A-077").len(), 4);
}

#[test]
fn tasks_are_moved_finished_and_blocked_together() {
    let dir = demo::temporary().expect("the demo");
    let root = dir.path();
    let start = boards(root);
    let output = run(root, &["task", "move", "HB-A-004", "HB-A-005", "HB-A-004", "--to", "in REVIEW"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(code(&output) == 2 && said.contains("Ready for Review"), "{said}");
    let output = run(root, &["task", "move", "HB-A-004", "HB-A-005", "--to", "ready for review"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.starts_with("move HB-A-004 and 1 more to Ready for Review in docs/taskboard/TaskBoard.csv, "),
        "{said}"
    );
    assert!(said.contains("operation 1") && said.lines().count() == 1, "{said}");
    assert_eq!(code(&run(root, &["undo"])), 0);
    assert_eq!(boards(root), start);
    assert_eq!(code(&run(root, &["task", "move", "HB-A-004", "--to", "Parked", "--new-state"])), 0);

    let (rc, error) = json(root, &["task", "block", "HB-A-005", "--reason", "x", "--by", "HB-A-999"]);
    assert_eq!((rc, &error["kind"]), (2, &Value::from("usage")), "{error}");
    assert_eq!(code(&run(root, &["task", "block", "HB-A-005", "--reason", "waits", "--by", "HB-A-004"])), 0);
    let (_, shown) = json(root, &["task", "show", "HB-A-005"]);
    let blocked = &shown["tasks"][0];
    assert!(blocked["state"] == "Blocked" && blocked["blocked_by"].to_string().contains("HB-A-004"), "{blocked}");
    assert_eq!(code(&run(root, &["task", "done", "HB-A-005", "--note", "it holds"])), 0);
    let rows = fields(root, "HB-A-005");
    let backlog = rows.iter().find(|row| row["file"] == BOARDS[2]).expect("the backlog's row");
    assert!(backlog["fields"]["Notes"].as_str().is_some_and(|notes| notes.starts_with("Done ")), "{backlog}");
}

#[test]
fn tasks_are_added_cloned_and_deleted() {
    let dir = demo::temporary().expect("the demo");
    let root = dir.path();
    let start = boards(root);
    let (rc, error) = json(root, &["task", "add", "--plan", "Z", "--title", "x"]);
    assert_eq!((rc, &error["kind"]), (2, &Value::from("usage")), "{error}");
    assert_eq!(code(&run(root, &["task", "add", "--plan", "a", "--title", "New | one", "--owner", "me"])), 0);
    let rows = fields(root, "HB-A-007");
    assert!(rows.len() == 4 && rows.iter().all(|row| row["fields"]["Title"] == "New | one"), "{rows:?}");
    assert_eq!(code(&run(root, &["undo"])), 0);
    assert_eq!(boards(root), start);

    assert_eq!(code(&run(root, &["task", "clone", "HB-A-004", "--id", "HB-A-050", "--not-in", BOARDS[2]])), 0);
    assert_eq!(fields(root, "HB-A-050").len(), 3);
    assert_eq!(code(&run(root, &["task", "clone", "HB-A-004", "--id", "HB-A-050"])), 2, "the id is taken");
    assert_eq!(code(&run(root, &["task", "clone", "HB-A-004", "--only", "docs/absent.md"])), 2);
    assert_eq!(code(&run(root, &["undo"])), 0);

    let (rc, done) = json(root, &["task", "delete", "HB-A-005"]);
    assert_eq!((rc, done["files"].as_array().map(Vec::len)), (0, Some(4)), "{done}");
    assert_eq!(code(&run(root, &["task", "show", "HB-A-005"])), 2);
    assert_eq!(code(&run(root, &["undo"])), 0);
    assert_eq!(boards(root), start);
}

#[test]
fn the_first_task_of_a_table_takes_the_place_of_its_placeholder() {
    let dir = demo::temporary().expect("the demo");
    let path = dir.path().join(BOARDS[3]);
    let text = std::fs::read_to_string(&path).expect("the plan");
    let at = text.find("| HB-A-").expect("a row");
    let behind = at + text[at..].find("\n\n").expect("the end of the table") + 1;
    let cells = text[at..].split('\n').next().expect("a row").matches(" |").count();
    for (id, goes) in [("_None_", true), ("None", true), ("_none_", true), ("n/a", false)] {
        let row = format!("| {id} |{}\n", " – |".repeat(cells - 1));
        let start = format!("{}{row}{}", &text[..at], &text[behind..]);
        std::fs::write(&path, &start).expect("written");
        assert_eq!(code(&run(dir.path(), &["task", "add", "--plan", "A", "--title", "First"])), 0);
        let now = std::fs::read_to_string(&path).expect("the plan");
        assert!(now.contains("| First |") && now.contains(&row) != goes, "{now}");
        assert_eq!(code(&run(dir.path(), &["task", "add", "--plan", "A", "--title", "Second"])), 0);
        assert_eq!(code(&run(dir.path(), &["undo"])), 0);
        assert_eq!(std::fs::read_to_string(&path).expect("the plan"), now);
        assert_eq!(code(&run(dir.path(), &["undo"])), 0);
        assert_eq!(std::fs::read_to_string(&path).expect("the plan"), start, "undone to the byte");
    }
}

#[test]
fn several_tasks_go_only_with_their_number_of_rows() {
    let dir = demo::temporary().expect("the demo");
    let root = dir.path();
    let start = boards(root);
    for args in [
        &["task", "delete", "HB-A-004", "HB-A-005"][..],
        &["task", "delete", "HB-A-004", "HB-A-005", "--confirm", "2"],
        &["task", "delete", "HB-A-004", "--confirm", "9"],
    ] {
        let (rc, error) = json(root, args);
        assert_eq!((rc, &error["kind"]), (2, &Value::from("usage")), "{error}");
        let message = error["message"].as_str().expect("a message");
        assert!(
            message.contains(" of docs/Harbor_TaskBoard.md") && message.contains("nothing was changed"),
            "{message}"
        );
        assert_eq!(boards(root), start);
    }
    let dry = run(root, &["task", "delete", "HB-A-004", "HB-A-005", "--dry-run"]);
    assert_eq!((code(&dry), boards(root)), (0, start.clone()));
    assert_eq!(code(&run(root, &["task", "delete", "HB-A-004", "HB-A-005", "--confirm", "8"])), 0);
    assert_ne!(boards(root), start);
    assert_eq!(code(&run(root, &["undo"])), 0);
    assert_eq!(boards(root), start);
}

#[test]
fn damaged_rows_are_listed_and_mended_one_at_a_time() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    std::fs::create_dir_all(root.join("docs/taskboard")).expect("folders");
    let csv = "ID,Title,Column,OwnerRole,Notes\nHB-A-001,a,Done,Ops,\"n\"HB-A-002,b,UI,Done\nHB-A-003,c,Ready\n";
    std::fs::write(root.join(BOARDS[0]), csv).expect("a board");
    let (rc, listed) = json(root, &["task", "repair"]);
    let repairs = listed["repairs"].as_array().expect("repairs");
    assert_eq!((rc, repairs.len(), &repairs[0]["rule"]), (0, 2, &Value::from("csv-glued-record")), "{listed}");
    assert_eq!((&repairs[0]["shifted"], &repairs[1]["shifted"]), (&Value::from(true), &Value::from(false)));
    let place = format!("{}:2", BOARDS[0]);
    // Values that seem to stand under the wrong columns are not written as they are.
    assert_eq!(code(&run(root, &["task", "repair", &place])), 2);
    assert_eq!(code(&run(root, &["task", "repair", &place, "--set", "Nothing=x"])), 2);
    let (rc, done) = json(root, &["task", "repair", &place, "--set", "2:Column=Done", "--set", "2:OwnerRole=UI"]);
    assert_eq!(rc, 0, "{done}");
    let now = std::fs::read_to_string(root.join(BOARDS[0])).expect("the board");
    assert_eq!(
        now,
        "ID,Title,Column,OwnerRole,Notes\nHB-A-001,a,Done,Ops,\"n\"\nHB-A-002,b,Done,UI,\nHB-A-003,c,Ready\n"
    );
    assert_eq!(code(&run(root, &["task", "repair", &format!("{}:4", BOARDS[0])])), 0);
    let (_, listed) = json(root, &["task", "repair"]);
    assert_eq!(listed["repairs"].as_array().map(Vec::len), Some(0), "{listed}");
    assert_eq!(code(&run(root, &["task", "repair", &place])), 2, "nothing is damaged there");
    assert_eq!((code(&run(root, &["undo"])), code(&run(root, &["undo"]))), (0, 0));
    assert_eq!(std::fs::read_to_string(root.join(BOARDS[0])).expect("the board"), csv);
}
