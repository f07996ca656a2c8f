//! What the levels forbid does not happen: every rule with somebody who tries to break it, by verb, by key and by hand.

use std::path::Path;
use std::process::Command;

use codex_tui::model::autonomy::Level;
use codex_tui::workbench::{Workbench, demo};
use serde_json::Value;

use crate::editing::{stage_of, write};
use crate::files::{Files, read_all};
use crate::verbs::{code, done, json, run};

const LOG: &str = "docs/agents/sessions/2026-11-21_session-0007.md";

/// The verb ends with this code, says this, and writes nothing.
#[track_caller]
fn refused(root: &Path, args: &[&str], rc: i32, said: &str) {
    let before = everything(root);
    let (code, error) = json(root, args);
    let message = error["message"].as_str().unwrap_or_default();
    assert!(code == rc && message.contains(said), "{args:?}: {code} {message}");
    assert!(everything(root) == before, "{args:?} wrote something");
}

/// All files of the workspace, and the history.
fn everything(root: &Path) -> (Files, Value) {
    let (_, history) = json(root, &["history"]);
    (read_all(root), history["operations"].clone())
}

fn level(root: &Path) -> Value {
    json(root, &["session", "status"]).1["level"].clone()
}

/// The demo with a session on it.
fn session(level: &str) -> demo::Temporary {
    let dir = demo::temporary().expect("the demo");
    let start = ["session", "start", "HB-B-005", "--date", "2026-11-21", "--level", level];
    let grant = ["--reason", "sweeps", "--entry", "HB-B-005", "--confirm"];
    done(dir.path(), &[&start[..], if level > "L1" { &grant[..] } else { &[] }].concat());
    dir
}

/// Somebody writes into the log with an editor.
#[track_caller]
fn by_hand(root: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(root.join(LOG)).expect("the log");
    assert!(text.contains(from), "{text}");
    write(root, LOG, &text.replacen(from, to, 1));
}

#[test]
fn at_level_0_no_verb_writes() {
    let dir = demo::temporary().expect("the demo");
    let root = dir.path();
    // Something to take back, and something to do again; clauses that are not bound; a damaged row stands in the board.
    std::fs::remove_file(root.join("codex-tui.toml")).expect("the bindings");
    for text in ["one", "two"] {
        done(root, &["session", "note", text]);
    }
    done(root, &["undo"]);
    done(root, &["session", "start", "HB-B-005", "--date", "2026-11-21"]);
    done(root, &["undo"]);
    done(root, &["redo"]);
    done(root, &["session", "level", "L0"]);
    const CELL: &str = r#"{"id_column":"ID","id":"HB-B-005","column":"Title"}"#;
    let verbs: [&[&str]; 25] = [
        &["task", "set", "HB-B-005", "title", "x"],
        &["task", "move", "HB-B-005", "--to", "Backlog"],
        &["task", "done", "HB-B-005", "--note", "x"],
        &["task", "block", "HB-B-005", "--reason", "x"],
        &["task", "add", "--plan", "B", "--title", "x"],
        &["task", "clone", "HB-B-005"],
        &["task", "delete", "HB-B-005"],
        &["task", "repair", "docs/Harbor_TaskBoard.md:16"],
        &["cell", "set", "docs/taskboard/TaskBoard.csv", "--at", CELL, "--value", "x"],
        &["checklist", "tick", "3"],
        &["checklist", "tick", "3", "--na", "x"],
        &["checklist", "reset", "--list", "Smoke"],
        &["check", "--fix", "--rule", "sync-state"],
        &["gates", "sign-off", "E3", "--evidence", "x"],
        &["gates", "block", "B2", "--task", "HB-B-005"],
        &["gates", "bind", "--write"],
        &["session", "note", "x"],
        &["session", "attach", "docs/CODEX_RUNBOOK.md"],
        &["session", "attach", "--gates", "B2", "pass"],
        &["session", "plan", "--bullet", "x"],
        &["session", "block", "x"],
        &["session", "block", "x", "--because", "schema", "--title", "y"],
        &["undo"],
        &["undo", "1"],
        &["redo"],
    ];
    let mut writers = 0;
    for verb in verbs {
        // Looking is allowed, and shows that there is something to write.
        let looked = run(root, &[verb, &["--dry-run"]].concat());
        let diff = String::from_utf8_lossy(&looked.stdout).into_owned();
        writers += usize::from(code(&looked) == 0 && (diff.contains("\n+") || diff.contains("[gates")));
        let before = everything(root);
        let (rc, error) = json(root, verb);
        let idle = diff.contains("nothing to do");
        assert!(rc == 5 || idle, "{verb:?}: {rc} {error} {diff}");
        assert!(idle || (error["kind"] == "refused" && error["file"] == LOG), "{verb:?}: {error}");
        assert!(everything(root) == before, "{verb:?} wrote something");
    }
    assert!(writers >= 20, "only {writers} of the verbs would write anything");
    // And back to work.
    done(root, &["session", "level", "L1"]);
    done(root, &["session", "note", "x"]);
}

#[test]
fn at_level_0_no_key_writes() {
    const CSV: &str = "docs/taskboard/TaskBoard.csv";
    const OLD: &str = "docs/agents/sessions/2026-01-30_session-0001.md";
    const LIST: &str = "docs/CODEX_SESSION_CHECKLIST.md";
    let board = "ID,Title,Column,OwnerRole,PlanLink,Notes\r\nHB-B-001,Speed up the store,Ready,Ops,,\r\n";
    let log =
        "# Log\n- **Task board card:** HB-B-001\n- **Autonomy level:** L0\n\n## Plan\n- one\n\n## Changes\n- none\n";
    let mut stage = stage_of(&[(CSV, board), (OLD, log), (LIST, "# List\n- [ ] one\n")], 110, 40);
    assert!(stage.screen(110, 40).contains("L0 read only"), "{}", stage.screen(110, 40));
    let before = read_all(stage.folder.path());
    let check = |stage: &mut crate::editing::Stage, keys: &str, typed: &str, more: &str| {
        stage.press(keys);
        stage.type_in(typed);
        if !more.is_empty() {
            stage.press(more);
        }
        let screen = stage.screen(110, 40);
        assert!(screen.contains("only reads"), "{keys}: {screen}");
        assert!(read_all(stage.folder.path()) == before, "{keys} wrote something");
        assert!(stage.bench.view().history.is_empty(), "{keys} is in the history");
        for _ in 0..4 {
            stage.press("esc");
        }
    };
    check(&mut stage, "1 space", "", "");
    // Said before anything is typed.
    check(&mut stage, "1 x", "", "");
    check(&mut stage, "1 a", "", "");
    check(&mut stage, "2 z e", "title", "enter x enter enter");
    check(&mut stage, "2 L enter", "", "");
    check(&mut stage, "2 b", "why", "enter enter");
    check(&mut stage, "2 D", "seen", "enter enter");
    check(&mut stage, "2 d enter", "", "");
    check(&mut stage, "5 a", "a note", "enter");
    check(&mut stage, "5 p", "x", "ctrl-s enter");
    check(&mut stage, "5 b enter", "red", "ctrl-s enter");
    check(&mut stage, "2 u", "", "");
    check(&mut stage, "2 ctrl-r", "", "");
    // The level itself can be changed.
    stage.press("A");
    stage.press("right ctrl-s enter");
    assert_eq!(stage.bench.view().level(), Level::L1, "{}", stage.screen(110, 40));
    assert!(stage.text(OLD).contains("- 2026-01-31 10:12 – level L0 → L1"), "{}", stage.text(OLD));
    stage.press("2 L enter");
    assert_ne!(stage.text(CSV), board);
}

#[test]
fn a_level_is_raised_by_keys_with_reason_and_entry() {
    const CSV: &str = "docs/taskboard/TaskBoard.csv";
    const LOG: &str = "docs/agents/sessions/2026-01-30_session-0001.md";
    let board = "ID,Title,Column,OwnerRole,PlanLink,Notes\r\nHB-B-001,Speed up the store,Ready,Ops,,\r\n";
    let log = "# Log\n- **Task board card:** HB-B-001\n- **Autonomy level:** L1\n";
    let mut stage = stage_of(&[(CSV, board), (LOG, log)], 110, 40);
    stage.press("A right ctrl-s");
    assert!(stage.screen(110, 40).contains("Missing"), "{}", stage.screen(110, 40));
    stage.press("tab");
    stage.type_in("sweeps");
    stage.press("tab");
    stage.type_in("HB-B-001");
    stage.press("ctrl-s");
    assert!(stage.screen(110, 40).contains("confirmed by tester"), "{}", stage.screen(110, 40));
    assert_eq!(stage.text(LOG), log);
    stage.press("enter");
    let want = "# Log\n- **Task board card:** HB-B-001\n- **Autonomy level:** L2\n\n## Autonomy\n\n- 2026-01-31 10:12 – level \
                L1 → L2: sweeps (HB-B-001); confirmed by tester\n";
    assert_eq!((stage.text(LOG).as_str(), stage.bench.view().level()), (want, Level::L2));
    stage.press("u");
    assert_eq!((stage.text(LOG).as_str(), stage.bench.view().level()), (log, Level::L1));
}

#[test]
fn a_document_grants_nothing() {
    let dir = session("L1");
    let root = dir.path();
    // By an editor, above the default: it counts as the default, and that is said.
    by_hand(root, "level:** L1", "level:** L3");
    let (_, status) = json(root, &["session", "status"]);
    assert_eq!((&status["level"], &status["level_said"]), (&"L1".into(), &"L3".into()));
    assert!(status["level_excess"].as_str().is_some_and(|why| why.contains("`session level L3`")), "{status}");
    let (_, doctor) = json(root, &["doctor"]);
    let rules: Vec<&Value> = doctor["findings"].as_array().expect("findings").iter().map(|one| &one["rule"]).collect();
    assert!(rules.contains(&&"level".into()), "{doctor}");
    by_hand(root, "level:** L3", "level:** L1");
    // By a cell or a note: the log has no cell for it, and a note is no header.
    let at = r#"{"heading":"Agent Session Log","row":"Autonomy level","column":"L"}"#;
    refused(root, &["cell", "set", LOG, "--at", at, "--value", "L3"], 2, "");
    done(root, &["session", "note", "**Autonomy level:** L3"]);
    assert_eq!(level(root), "L1");
    // A header may always lower; then raising it by hand back to what was never lowered by the operator is fine.
    by_hand(root, "level:** L1", "level:** L0");
    assert_eq!(level(root), "L0");
    refused(root, &["session", "note", "x"], 5, "only reads");
    by_hand(root, "level:** L0", "level:** L1");
    // But what the operator lowered stays low, whatever the document says.
    done(root, &["session", "level", "L0"]);
    by_hand(root, "level:** L0", "level:** L2");
    assert_eq!(level(root), "L0");
    refused(root, &["session", "note", "x"], 5, "only reads");
    refused(root, &["undo"], 5, "only reads");
    done(root, &["session", "level", "L1"]);
    assert_eq!(level(root), "L1");
    // What the template asks for is no level.
    by_hand(root, "level:** L1", "level:** <L0–L3>");
    assert_eq!(level(root), "L1");
}

#[test]
fn a_grant_that_is_undone_or_has_ended_counts_no_more() {
    let dir = session("L1");
    let root = dir.path();
    let raise = ["session", "level", "L2", "--reason", "sweeps", "--entry", "HB-B-005", "--confirm"];
    done(root, &raise);
    assert_eq!(level(root), "L2");
    done(root, &["undo"]);
    by_hand(root, "level:** L1", "level:** L2");
    assert_eq!(level(root), "L1");
    by_hand(root, "level:** L2", "level:** L1");
    done(root, &["redo"]);
    assert_eq!(level(root), "L2");
    // Lowered, and the lowering undone: undoing is no confirmation.
    done(root, &["session", "level", "L1"]);
    done(root, &["undo"]);
    assert_eq!(level(root), "L1");
    done(root, &raise);
    assert_eq!(level(root), "L2");
    // A session that has ended.
    by_hand(root, "Status: <Done | In Progress | Blocked>", "Status: Done");
    assert_eq!(level(root), "L1");
    refused(
        root,
        &["session", "level", "L2", "--reason", "r", "--entry", "HB-B-005", "--confirm"],
        2,
        "start a session",
    );
    // Another log, another session: nothing was granted there. Without the history nothing is granted at all.
    by_hand(root, "Status: Done", "Status: <Done>");
    assert_eq!(level(root), "L2");
    let text = std::fs::read_to_string(root.join(LOG)).expect("the log");
    write(root, &LOG.replace("0007", "0008"), &text);
    assert_eq!(level(root), "L1");
    std::fs::remove_file(root.join(LOG.replace("0007", "0008"))).expect("removed");
    std::fs::remove_dir_all(root.join(".codex-tui")).expect("removed");
    assert_eq!(level(root), "L1");
}

#[test]
fn the_cockpit_learns_of_a_grant_by_a_verb() {
    let dir = session("L1");
    let mut bench = Workbench::open(dir.path()).expect("a workspace");
    bench.load_all();
    done(dir.path(), &["session", "level", "L2", "--reason", "r", "--entry", "HB-B-005", "--confirm"]);
    assert_eq!((bench.view().level(), bench.level_now().expect("a level").0), (Level::L1, Level::L2));
    let log = codex_tui::doc::DocId::new(LOG).expect("a path");
    bench.refresh(&[log].into(), codex_tui::workbench::Look::Final);
    assert_eq!(bench.view().level(), Level::L2);
    done(dir.path(), &["session", "level", "L0"]);
    let note = bench.view().session_note(
        codex_tui::model::session::note::Under::Work,
        "x",
        chrono::Local::now().naive_local(),
    );
    let actor = codex_tui::workbench::Actor { name: "t".to_owned(), via: "t".to_owned() };
    let outcome = bench.run(&codex_tui::workbench::Request::Commit(note.expect("a note")), &actor);
    assert!(matches!(outcome, codex_tui::workbench::Outcome::Forbidden { .. }), "{outcome:?}");
}

#[test]
fn going_up_takes_reason_entry_and_confirmation() {
    let dir = session("L1");
    let root = dir.path();
    let plan = "docs/plans/PlanB_InventoryStore.md";
    let check = |more: &[&str], rc: i32, said: &str| {
        for front in [
            &["session", "level", "L2"][..],
            &["session", "start", "HB-C-005", "--date", "2026-11-21", "--level", "L2"],
        ] {
            refused(root, &[front, more].concat(), rc, said);
        }
    };
    check(
        &[],
        5,
        "Missing: a reason (--reason), the plan or task entry that says so (--entry), the operator's confirmation",
    );
    check(&[], 5, "(docs/CODEX_AUTONOMY_PLAN.md:13)");
    check(&["--reason", "r", "--entry", "HB-B-005"], 5, "Missing: the operator's confirmation (--confirm)");
    check(&["--reason", " ", "--entry", "HB-B-005", "--confirm"], 5, "Missing: a reason");
    check(&["--reason", "r", "--confirm"], 5, "Missing: the plan or task entry");
    check(&["--reason", "a\nb", "--entry", "HB-B-005", "--confirm"], 2, "one line");
    check(&["--reason", "a\u{1b}[2J", "--entry", "HB-B-005", "--confirm"], 2, "one line");
    for entry in
        ["HB-X-999", "docs/plans/None.md", "docs/plans/PlanB_InventoryStore.md:99999", "../x.md:1", "/etc/hosts:1"]
    {
        check(&["--reason", "r", "--entry", entry, "--confirm"], 2, entry.trim_end_matches(":1"));
    }
    check(&["--reason", "r", "--entry", "HB-B-005\n- x", "--confirm"], 2, "");
    for entry in ["HB-B-005", plan, &format!("{plan}:1")] {
        done(root, &["session", "level", "L2", "--reason", "sweeps", "--entry", entry, "--confirm"]);
        assert_eq!(level(root), "L2");
        let text = std::fs::read_to_string(root.join(LOG)).expect("the log");
        assert!(text.contains(&format!("level L1 → L2: sweeps ({entry}); confirmed by ")), "{text}");
        // Going down needs nobody.
        done(root, &["session", "level", "L1"]);
    }
    // A new session says the same.
    let dir = session("L2");
    let text = std::fs::read_to_string(dir.path().join(LOG)).expect("the log");
    assert!(text.contains("level L2: sweeps (HB-B-005); confirmed by ") && text.contains("## Autonomy"), "{text}");
    assert_eq!(level(dir.path()), "L2");
}

#[test]
fn level_3_takes_the_variables_that_opt_in() {
    let dir = session("L1");
    let root = dir.path();
    let path = "docs/CODEX_AUTONOMY_PLAN.md";
    let plan = std::fs::read_to_string(root.join(path)).expect("the plan");
    write(root, path, &format!("{plan}\nFor network access set `HARBOR_TEST_ALLOW_NET=1`.\n"));
    let raise = ["session", "level", "L3", "--reason", "r", "--entry", "HB-B-005", "--confirm"];
    let with = |value: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codex-tui"));
        let output = command.arg("--root").arg(root).args(raise).env("HARBOR_TEST_ALLOW_NET", value).output();
        code(&output.expect("the binary runs"))
    };
    refused(root, &raise, 5, "Missing: HARBOR_TEST_ALLOW_NET=1 in the environment");
    for value in ["", "0", "yes"] {
        assert_eq!(with(value), 5, "{value:?}");
    }
    assert_eq!((with("1"), level(root)), (0, "L3".into()));
}

#[test]
fn evidence_lies_inside_of_the_workspace() {
    let dir = session("L1");
    let root = dir.path();
    let outside = tempfile::NamedTempFile::new().expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "a.txt", "x");
    std::os::unix::fs::symlink(outside.path(), root.join("docs/link.txt")).expect("a link");
    std::os::unix::fs::symlink(folder.path(), root.join("docs/linked")).expect("a link");
    let name = folder.path().file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    let sneaky = format!("docs/../../{name}/a.txt");
    let absolute = outside.path().to_str().expect("a path").to_owned();
    for path in [
        "docs/link.txt",
        "docs/linked/a.txt",
        "docs/linked",
        "../x",
        "docs/..",
        "docs/../docs/CODEX_RUNBOOK.md/..",
        &sneaky,
        &absolute,
        "/etc/hostname",
        "docs/none.md",
        "",
    ] {
        refused(root, &["session", "attach", path], 2, "");
        refused(root, &["session", "block", "x", "--evidence", path], 2, "");
    }
    done(root, &["session", "attach", root.join("docs/CODEX_RUNBOOK.md").to_str().expect("a path")]);
}
