//! The verbs of the built binary: arguments in; standard output, standard error and exit code out.

use std::path::Path;
use std::process::{Command, Output};

use codex_tui::workbench::demo;
use serde_json::Value;

fn run(root: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_codex-tui"))
        .arg("--root")
        .arg(root)
        .args(args)
        .env_remove("CODEX_TUI_ROOT")
        .output()
        .expect("the binary runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit code")
}

fn json(root: &Path, args: &[&str]) -> (i32, Value) {
    let mut all = args.to_vec();
    all.push("--json");
    let output = run(root, &all);
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    let value = serde_json::from_str(&text).unwrap_or_else(|error| {
        panic!("{args:?}: {error}: {text}\n{}", String::from_utf8_lossy(&output.stderr));
    });
    (code(&output), value)
}

#[test]
fn reading_verbs_have_their_schema() {
    let dir = demo::temporary().expect("the demo");
    for (args, schema) in [
        (&["doctor"][..], "codex-tui/check@1"),
        (&["task", "list"], "codex-tui/tasks@1"),
        (&["task", "show", "HB-B-003"], "codex-tui/tasks@1"),
        (&["checklist", "show"], "codex-tui/checklist@1"),
        (&["timeline"], "codex-tui/timeline@1"),
        (&["history"], "codex-tui/history@1"),
        (&["cell", "list", "docs/CODEX_BACKLOG.md"], "codex-tui/cells@1"),
    ] {
        let (_, value) = json(dir.path(), args);
        assert_eq!(value["schema"], schema, "{args:?}");
        assert!(value["root"].is_string(), "{args:?}");
    }
    let (rc, tasks) = json(dir.path(), &["task", "list"]);
    assert_eq!((rc, tasks["tasks"].as_array().map(Vec::len)), (0, Some(26)));
    assert!(!dir.path().join(".codex-tui").exists(), "reading writes nothing");
}

#[test]
fn the_task_list_takes_a_filter() {
    let dir = demo::temporary().expect("the demo");
    let own = "[views]\nlast = \"state:done sort:-date\"\nbroken = \"date:soon\"\n";
    std::fs::write(dir.path().join("codex-tui.toml"), own).expect("a configuration");
    for (args, want) in [
        (&["state:blocked"][..], &["HB-A-006", "HB-E-003"][..]),
        (&["state:blocked", "plan:e"], &["HB-E-003"]),
        (&["state:blocked plan:e"], &["HB-E-003"]),
        (&["--state", "blocked", "--plan", "e", "bundle"], &["HB-E-003"]),
        (&["--view", "blocked", "plan:a"], &["HB-A-006"]),
        (&["plan:c", "-state:done", "--sort", "-id"], &["HB-C-005", "HB-C-004", "HB-C-003"]),
        (&["-state:done", "plan:c"], &["HB-C-003", "HB-C-004", "HB-C-005"]),
        (&["--view", "last", "plan:a"], &["HB-A-003", "HB-A-002", "HB-A-001"]),
        (&["--view", "last", "plan:a", "--sort", "id"], &["HB-A-001", "HB-A-002", "HB-A-003"]),
        (&["\"fair queue\"", "state:done"], &["HB-A-003"]),
    ] {
        let (rc, value) = json(dir.path(), &[&["task", "list"], args].concat());
        let ids: Vec<&str> =
            value["tasks"].as_array().expect("tasks").iter().filter_map(|task| task["id"].as_str()).collect();
        assert_eq!((rc, ids.as_slice()), (0, want), "{args:?}");
    }
    for (args, said) in [
        (&["date:soon"][..], "date:soon is no date"),
        (&["--sort", "colour"], "board, id"),
        (&["--view", "broken"], "date:soon"),
        (&["--view", "nosuch"], "blocked, broken, drift, last, open, ready, recent"),
    ] {
        let (rc, error) = json(dir.path(), &[&["task", "list"], args].concat());
        assert_eq!((rc, error["kind"].as_str()), (2, Some("usage")), "{args:?}");
        assert!(error["message"].as_str().is_some_and(|message| message.contains(said)), "{args:?}: {error}");
    }
}

#[test]
fn doctor_names_the_damage_of_the_demo() {
    let dir = demo::temporary().expect("the demo");
    let output = run(dir.path(), &["doctor"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("docs/Harbor_TaskBoard.md:16"), "{text}");
    assert!(text.contains("2026-11-17_stack-polling.md"), "{text}");
}

#[test]
fn tick_untick_undo_and_history() {
    let dir = demo::temporary().expect("the demo");
    let list = dir.path().join("docs/CODEX_SESSION_CHECKLIST.md");
    let start = std::fs::read(&list).expect("the checklist");
    let (_, shown) = json(dir.path(), &["checklist", "show"]);
    let steps: Vec<Value> = shown["lists"][0]["sections"]
        .as_array()
        .expect("sections")
        .iter()
        .flat_map(|s| s["steps"].as_array().cloned().unwrap_or_default())
        .collect();
    let open = steps.iter().find(|step| step["state"] == "open").expect("an open step");
    let index = open["index"].to_string();

    let dry = run(dir.path(), &["checklist", "tick", &index, "--dry-run"]);
    assert_eq!(code(&dry), 0);
    let diff = String::from_utf8_lossy(&dry.stdout).into_owned();
    assert!(diff.contains("+- [x] ") && diff.contains("SessionChecklist.csv"), "{diff}");
    assert_eq!(std::fs::read(&list).expect("the checklist"), start);

    let (rc, done) = json(dir.path(), &["checklist", "tick", &index, "--evidence", "see Logs/x.json"]);
    assert_eq!(rc, 0, "{done}");
    assert_eq!(done["files"].as_array().map(Vec::len), Some(3));
    let (_, shown) = json(dir.path(), &["checklist", "show"]);
    assert!(shown.to_string().contains("see Logs/x.json"));
    let (rc, again) = json(dir.path(), &["checklist", "tick", &index]);
    assert_eq!((rc, &again["op"]), (0, &Value::Null), "ticking twice changes nothing: {again}");

    let text = open["text"].as_str().expect("a text");
    assert_eq!(code(&run(dir.path(), &["checklist", "untick", text])), 0);
    assert_eq!(std::fs::read(&list).expect("the checklist"), start);
    assert_eq!(code(&run(dir.path(), &["undo"])), 0);
    assert_ne!(std::fs::read(&list).expect("the checklist"), start);
    assert_eq!(code(&run(dir.path(), &["redo"])), 0);
    assert_eq!(std::fs::read(&list).expect("the checklist"), start);
    let (_, history) = json(dir.path(), &["history"]);
    let operations = history["operations"].as_array().expect("operations");
    assert_eq!(operations.len(), 4);
    assert_eq!(operations[2]["undoes"], operations[1]["op"]);
    assert!(operations[0]["files"][0]["edits"][0]["new"].is_string(), "{history}");
    let (rc, nothing) = json(dir.path(), &["recover"]);
    assert_eq!((rc, nothing["recovered"].as_array().map(Vec::len)), (0, Some(0)));
}

#[test]
fn cells_are_read_and_written() {
    let dir = demo::temporary().expect("the demo");
    let csv = "docs/taskboard/TaskBoard.csv";
    let at = r#"{"id_column":"ID","id":"HB-B-003","column":"Notes"}"#;
    let path = dir.path().join(csv);
    let before = std::fs::read_to_string(&path).expect("the board");
    let (rc, cell) = json(dir.path(), &["cell", "get", csv, "--at", at]);
    assert_eq!(rc, 0, "{cell}");
    let (start, end) =
        (cell["span"][0].as_u64().expect("a start") as usize, cell["span"][1].as_u64().expect("an end") as usize);
    let output = run(dir.path(), &["cell", "set", csv, "--at", at, "--value", "a \"b\", c\nd"]);
    assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
    let after = std::fs::read_to_string(&path).expect("the board");
    assert!(after.starts_with(&before[..start.saturating_sub(1)]) && after.ends_with(&before[end + 1..]));
    let (_, cell) = json(dir.path(), &["cell", "get", csv, "--at", at]);
    assert_eq!(cell["value"], "a \"b\", c\nd");
    // The value that already stands there is no conflict, whatever was expected; another one is.
    assert_eq!(
        code(&run(dir.path(), &["cell", "set", csv, "--at", at, "--value", "a \"b\", c\nd", "--expect", "x"])),
        0
    );
    let (rc, conflict) = json(dir.path(), &["cell", "set", csv, "--at", at, "--value", "new", "--expect", "x"]);
    assert_eq!((rc, &conflict["kind"]), (3, &Value::from("conflict")), "{conflict}");
    assert_eq!(std::fs::read_to_string(&path).expect("the board"), after);
}

#[test]
fn errors_have_their_codes_and_shapes() {
    let dir = demo::temporary().expect("the demo");
    let backlog = "docs/CODEX_BACKLOG.md";
    let nowhere = r#"{"heading":"Nowhere","row":"HB-B-003","column":"Notes"}"#;
    for (args, rc, kind) in [
        (&["cell", "get", backlog, "--at", nowhere][..], 2, "usage"),
        (&["cell", "get", backlog, "--at", "{"], 2, "usage"),
        (&["cell", "get", "docs/absent.md", "--at", nowhere], 4, "io"),
        (&["cell", "get", "../outside.md", "--at", nowhere], 2, "usage"),
        (&["checklist", "tick", "no step has this text"], 2, "usage"),
        (&["checklist", "tick", "999"], 2, "usage"),
        (&["task", "show", "HB-Z-999"], 2, "usage"),
        (&["no-such-verb"], 2, "usage"),
    ] {
        let (code, error) = json(dir.path(), args);
        assert_eq!((code, error["kind"].as_str()), (rc, Some(kind)), "{args:?}: {error}");
        assert_eq!(error["schema"], "codex-tui/error@1");
    }
    let output = run(&dir.path().join("absent"), &["doctor"]);
    assert_eq!(code(&output), 4);
}

#[test]
#[cfg(unix)]
fn a_read_only_workspace_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let dir = demo::temporary().expect("the demo");
    let mode = |mode: u32| {
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(mode)).expect("a mode");
    };
    mode(0o555);
    let output = run(dir.path(), &["checklist", "tick", "4"]);
    let shown = run(dir.path(), &["checklist", "show"]);
    mode(0o755);
    assert_eq!((code(&output), code(&shown)), (4, 0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!dir.path().join(".codex-tui").exists(), "nothing was created");
}

#[test]
fn control_sequences_of_documents_reach_no_terminal() {
    let dir = tempfile::tempdir().expect("a folder");
    let docs = dir.path().join("docs/taskboard");
    std::fs::create_dir_all(&docs).expect("folders");
    let nasty = "ID,Title,Column\nHB-A-001,\u{1b}]0;evil\u{7}\u{1b}[31mred\u{202e}\u{9b}2J\u{e0041},Ready\n";
    std::fs::write(docs.join("TaskBoard.csv"), nasty).expect("a board");
    for args in [&["task", "list"][..], &["task", "show", "HB-A-001"], &["task", "list", "--json"], &["doctor"]] {
        let output = run(dir.path(), args);
        for text in [output.stdout, output.stderr] {
            let text = String::from_utf8(text).expect("UTF-8");
            let bad: Vec<char> = text.chars().filter(|&c| c != '\n' && !codex_tui::sanitise::is_plain(c)).collect();
            assert!(bad.is_empty(), "{args:?}: {bad:?} in {text}");
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let dir = demo::temporary().expect("the demo");
    let mut child = Command::new(env!("CARGO_BIN_EXE_codex-tui"))
        .args(["--root", &dir.path().to_string_lossy(), "cell", "list", "docs/taskboard/TaskBoard.csv"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

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
