//! The verbs of the built binary: arguments in; standard output, standard error and exit code out.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use codex_tui::workbench::demo;
use serde_json::Value;

use super::bounded;

pub fn run(root: &Path, args: &[&str]) -> Output {
    let child = Command::new(env!("CARGO_BIN_EXE_codex-tui"))
        .env("CODEX_TUI_CONFIG", "")
        .arg("--root")
        .arg(root)
        .args(args)
        .env_remove("CODEX_TUI_ROOT")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    bounded::output(&args.join(" "), child)
}

pub fn code(output: &Output) -> i32 {
    output.status.code().expect("an exit code")
}

/// Exit code, and everything that was said.
pub fn said(root: &Path, args: &[&str]) -> (i32, String) {
    let output = run(root, args);
    (code(&output), String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned())
}

/// Demands that the verb does it, and gives what it said.
#[track_caller]
pub fn done(root: &Path, args: &[&str]) -> String {
    let (code, said) = said(root, args);
    assert_eq!(code, 0, "{args:?}: {said}");
    said
}

pub fn json(root: &Path, args: &[&str]) -> (i32, Value) {
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
        (&["task", "next"], "codex-tui/next@1"),
        (&["check"], "codex-tui/check@1"),
        (&["checklist", "show"], "codex-tui/checklist@1"),
        (&["timeline"], "codex-tui/timeline@1"),
        (&["runbook", "list"], "codex-tui/runbook@1"),
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
        (&["check", "--rule", "no-such-rule"], 2, "usage"),
        (&["check", "--only", "no-such-group"], 2, "usage"),
        (&["check", "--sarif"], 2, "usage"),
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
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn check_finds_the_differences_of_the_demo_and_mends_them() {
    let dir = demo::temporary().expect("the demo");
    let (rc, checked) = json(dir.path(), &["check", "--only", "docsync", "--diff"]);
    assert_eq!((rc, &checked["groups"]), (1, &serde_json::json!(["docsync"])));
    let findings = checked["findings"].as_array().expect("findings");
    let of =
        |rule: &str| findings.iter().find(|finding| finding["rule"] == rule).unwrap_or_else(|| panic!("no {rule}"));
    let title = of("sync-title");
    assert_eq!((&title["id"], &title["field"]), (&Value::from("HB-D-002"), &Value::from("title")));
    assert_eq!(title["values"].as_object().map(|values| values.len()), Some(4), "{title}");
    assert!(title["diff"].as_str().is_some_and(|diff| diff.contains("+| HB-D-002 | Search by MAC address")), "{title}");
    let row = checked["matrix"].as_array().and_then(|rows| rows.iter().find(|row| row["id"] == "HB-B-003"));
    let row = row.expect("a row of the matrix");
    assert_eq!((&row["presence"], row["session"].as_array().map(Vec::len)), (&Value::from("CBLP-S"), Some(3)), "{row}");
    assert_eq!(row["csv"], serde_json::json!([{"file": "docs/taskboard/TaskBoard.csv", "line": 10}]));

    let board = dir.path().join("docs/Harbor_TaskBoard.md");
    let before = std::fs::read_to_string(&board).expect("the board");
    let dry = run(dir.path(), &["check", "--fix", "--dry-run"]);
    let diff = String::from_utf8_lossy(&dry.stdout).into_owned();
    assert!(code(&dry) == 0 && diff.contains("+| HB-B-004 |") && diff.contains("+| HB-D-002 |"), "{diff}");
    assert_eq!(std::fs::read_to_string(&board).expect("the board"), before);
    let (rc, done) = json(dir.path(), &["check", "--fix"]);
    assert_eq!((rc, &done["schema"]), (0, &Value::from("codex-tui/result@1")), "{done}");
    let (rc, checked) = json(dir.path(), &["check", "--only", "docsync", "--id", "HB-D-002", "--id", "HB-B-004"]);
    assert_eq!((rc, &checked["findings"]), (0, &serde_json::json!([])), "{checked}");
    let (rc, again) = json(dir.path(), &["check", "--fix"]);
    assert_eq!((rc, &again["op"]), (0, &Value::Null), "{again}");
    // A note is mended when it is chosen.
    let (rc, done) = json(dir.path(), &["check", "--fix", "--rule", "sync-date"]);
    assert!(rc == 0 && done["op"].is_number(), "{done}");
    assert_eq!(code(&run(dir.path(), &["undo"])), 0);
    assert_eq!(code(&run(dir.path(), &["undo"])), 0);
    assert_eq!(std::fs::read_to_string(&board).expect("the board"), before);
}

#[test]
fn rows_that_are_missing_are_added_in_one_operation() {
    let dir = demo::temporary().expect("the demo");
    let path = |name: &str| dir.path().join(name);
    let csv = path("docs/taskboard/TaskBoard.csv");
    let text = std::fs::read_to_string(&csv).expect("the board");
    let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("\"HB-C-00")).collect();
    std::fs::write(&csv, format!("{}\n", kept.join("\n"))).expect("a board");
    let missing = |root: &Path| {
        let (_, checked) = json(root, &["check", "--rule", "sync-missing-csv"]);
        checked["findings"].as_array().map(Vec::len)
    };
    assert_eq!(missing(dir.path()), Some(5));
    let (rc, done) = json(dir.path(), &["check", "--fix", "--rule", "sync-missing-csv"]);
    assert_eq!(rc, 0, "{done}");
    assert_eq!(missing(dir.path()), Some(0));
    let (_, history) = json(dir.path(), &["history"]);
    assert_eq!(history["operations"].as_array().map(Vec::len), Some(1));
    let (_, shown) = json(dir.path(), &["task", "show", "HB-C-003"]);
    let rows = shown["tasks"][0]["rows"].as_array().expect("rows");
    assert!(
        rows[0]["file"] == "docs/taskboard/TaskBoard.csv" && rows[0]["fields"]["Column"] == "Ready for Review",
        "{shown}"
    );
    assert_eq!(code(&run(dir.path(), &["undo"])), 0);
    assert_eq!(missing(dir.path()), Some(5));
}

#[test]
fn check_speaks_to_workflows() {
    let dir = demo::temporary().expect("the demo");
    let github = run(dir.path(), &["check", "--github"]);
    let text = String::from_utf8_lossy(&github.stdout).into_owned();
    assert_eq!(code(&github), 1);
    let known = |line: &str| ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start));
    assert!(text.lines().all(known), "{text}");
    assert!(text.contains("::error file=docs/telemetry/Automation_Gates.md,line="), "{text}");
    assert!(text.contains("::warning file=docs/Harbor_TaskBoard.md,line=30,title=sync-title HB-D-002::"), "{text}");
    let sarif = run(dir.path(), &["check", "--sarif"]);
    let document: Value = serde_json::from_slice(&sarif.stdout).expect("JSON");
    assert_eq!((code(&sarif), &document["version"]), (1, &Value::from("2.1.0")));
    let results = document["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), text.lines().count());
    let rules = document["runs"][0]["tool"]["driver"]["rules"].as_array().expect("rules");
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
}

#[test]
fn the_next_task_comes_from_the_queue() {
    let dir = demo::temporary().expect("the demo");
    let (rc, next) = json(dir.path(), &["task", "next"]);
    assert_eq!((rc, &next["task"]["id"]), (0, &Value::from("HB-A-005")), "{next}");
    assert!(next["reasons"].as_array().is_some_and(|reasons| reasons.len() > 3), "{next}");
    assert_eq!(next["passed_over"][0]["id"], "HB-B-003", "{next}");
    let (_, next) = json(dir.path(), &["task", "next", "--plan", "d"]);
    assert_eq!(next["task"]["id"], "HB-D-003", "{next}");
    let (_, next) = json(dir.path(), &["task", "next", "--owner", "nobody"]);
    assert_eq!((&next["task"], &next["passed_over"]), (&Value::Null, &serde_json::json!([])), "{next}");
}
