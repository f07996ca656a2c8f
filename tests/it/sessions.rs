//! Sessions through the verbs: started, noted, ticked, reset, and all of it taken back; only the lines that are meant change.
//! On the demo workspace, and on copies of real ones where the corpus is there.

use std::path::Path;

use codex_tui::doc::{DocId, Document};
use codex_tui::model::session::SessionLog;
use codex_tui::model::session::note::Under;
use codex_tui::tui::overlay::Overlay;
use codex_tui::workbench::{Actor, Outcome, Request, Workbench, demo};
use serde_json::Value;

use crate::corpus::revision;
use crate::editing::stage_of;
use crate::files::{Files, copy, read_all};
use crate::verbs::{done, json};

/// The lines that went and came, with the files in which they did; the digits of times are masked.
fn changed(before: &Files, after: &Files) -> Vec<String> {
    let lines = |files: &Files, name: &String| -> Vec<String> {
        let text = files.get(name).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    };
    let mut said = Vec::new();
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let (old, mut new) = (lines(before, name), lines(after, name));
        for line in old {
            match new.iter().position(|other| *other == line) {
                Some(at) => drop(new.remove(at)),
                None => said.push(format!("{name} - {line}")),
            }
        }
        said.extend(new.into_iter().map(|line| format!("{name} + {line}")));
    }
    said
}

fn active(root: &Path) -> Value {
    let (rc, status) = json(root, &["session", "status"]);
    assert_eq!((rc, &status["schema"]), (0, &Value::from("codex-tui/session@1")));
    status
}

/// Starts a session on `task`, notes, attaches `evidence`, ticks a step, resets the list, and takes all of it back. Gives
/// what each of the verbs changed.
fn whole_session(root: &Path, task: &str, date: &str, evidence: &str) -> Vec<Vec<String>> {
    let start = read_all(root);
    let verbs: [&[&str]; 5] = [
        &["session", "start", task, "--date", date, "--bullet", "one", "--bullet", "two", "--bullet", "three"],
        &["session", "note", "seen | \"so\""],
        &["session", "attach", evidence, "--note", "the numbers"],
        &["checklist", "tick", "3", "--evidence", "looked it up"],
        &["checklist", "reset"],
    ];
    let mut changes = Vec::new();
    let mut states = vec![start.clone()];
    for verb in verbs {
        let would = done(root, &[verb, &["--dry-run"]].concat());
        assert!(would.contains("--- a/") || would.contains("--- /dev/null"), "{would}");
        assert!(states.last() == Some(&read_all(root)), "{verb:?}: looking writes nothing");
        done(root, verb);
        let now = read_all(root);
        changes.push(changed(states.last().expect("a state"), &now));
        states.push(now);
    }
    // Back, one by one, byte for byte.
    while let Some(state) = states.pop() {
        assert!(read_all(root) == state, "after {} operations: {:?}", states.len(), changed(&state, &read_all(root)));
        if !states.is_empty() {
            done(root, &["undo"]);
        }
    }
    changes
}

/// Digits of a time of day and a date differ from run to run.
fn masked(lines: &[String]) -> Vec<String> {
    lines.iter().map(|line| line.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect()).collect()
}

#[test]
fn a_whole_session_on_the_demo() {
    let dir = demo::temporary().expect("the demo");
    let evidence = "Logs/IngestionMetrics/2026-11-20.json";
    let changes = whole_session(dir.path(), "HB-B-005", "2026-11-21", evidence);
    let log = "docs/agents/sessions/2026-11-21_session-0007.md";
    let created: Vec<&str> = changes[0].iter().filter_map(|line| line.strip_prefix(&format!("{log} + "))).collect();
    let template =
        std::fs::read_to_string(dir.path().join("docs/agents/Agent_Session_Template.md")).expect("a template");
    let foreign: Vec<&&str> = created.iter().filter(|line| !template.lines().any(|own| own == **line)).collect();
    assert_eq!(
        foreign,
        [
            &"- **Date:** 2026-11-21",
            &"- **Role:** Store",
            &"- **Task board card:** HB-B-005 – Index neighbour facts by port",
            &"- **Autonomy level:** L1",
            &"- **Plan file:** `docs/plans/PlanB_InventoryStore.md`",
            &"- **Gates:** B1, B2, B3, B4",
            &"- one",
            &"- two",
            &"- three"
        ]
    );
    // What was ticked before goes into the log of its session, in the same operation.
    let (list, old) = ("docs/CODEX_SESSION_CHECKLIST.md", "docs/agents/sessions/2026-11-20_session-0006.md");
    let of = |lines: &[String], name: &str| lines.iter().filter(|line| line.starts_with(name)).count();
    assert_eq!((of(&changes[0], list), of(&changes[0], &format!("{old} + - open - "))), (4, 22), "{:#?}", changes[0]);
    assert!(!changes[0].iter().any(|line| line.starts_with(&format!("{old} - "))), "{:#?}", changes[0]);
    let is_other = |line: &&String| ![log, list, old].iter().any(|name| line.starts_with(name));
    let others: Vec<&String> = changes[0].iter().filter(is_other).collect();
    assert!(others.iter().all(|line| line.contains("HB-B-005")), "{others:?}");
    assert_eq!(others.iter().filter(|line| line.contains(" + ")).count() * 2, others.len(), "{others:?}");
    assert_eq!(masked(&changes[1]), masked(&[format!("{log} + - 2026-11-21 10:00 – seen | \"so\"")]),);
    let heads =
        |lines: &[String]| lines.iter().map(|line| line.split(" – ").last().map(str::to_owned)).collect::<Vec<_>>();
    assert_eq!(heads(&changes[2]), [Some(format!("`{evidence}`: the numbers"))]);
    assert_eq!((of(&changes[3], list), changes[3].len()), (2, 8), "{:#?}", changes[3]);
    // The box opens again, 24 steps in the log with heading, blank lines and a line about the whole.
    assert_eq!(of(&changes[4], list), 2, "{:#?}", changes[4]);
    assert_eq!(of(&changes[4], log), changes[4].len() - 2);
    let archived = changes[4].iter().filter(|line| line.contains(" + - done - ") || line.contains(" + - open - "));
    assert_eq!(archived.count(), 24, "{:#?}", changes[4]);
    assert!(changes[4].iter().any(|line| line.contains("(evidence: looked it up; ")), "{:#?}", changes[4]);
}

#[test]
fn a_whole_session_on_a_real_workspace() {
    let Some((root, _)) = revision("2026-01-02") else { return };
    let dir = tempfile::tempdir().expect("a folder");
    copy(&root, dir.path());
    let (_, tasks) = json(dir.path(), &["task", "list", "state:ready,backlog"]);
    let task = tasks["tasks"][0]["id"].as_str().expect("a task that can be taken").to_owned();
    let changes = whole_session(dir.path(), &task, "2026-01-03", "docs/agents");
    let log = "docs/agents/sessions/2026-01-03_session-0001.md";
    assert!(changes[0].iter().all(|line| line.starts_with(log) || line.contains(&task)), "{:#?}", changes[0]);
    assert_eq!((changes[1].len(), changes[2].len()), (1, 1), "{:#?}", changes);
    assert!(changes[4].iter().filter(|line| line.contains(" + - open - ")).count() == 22, "{:#?}", changes[4]);
}

#[test]
fn a_reset_is_taken_back_byte_for_byte() {
    let check = |root: &Path| {
        let (_, shown) = json(root, &["checklist", "show"]);
        let steps = shown["lists"][0]["sections"].as_array().expect("sections").iter();
        let steps: usize = steps.map(|section| section["steps"].as_array().map_or(0, Vec::len)).sum();
        let file = shown["lists"][0]["file"].as_str().expect("a file").to_owned();
        for step in (1..=steps).step_by(3) {
            done(root, &["checklist", "tick", &step.to_string()]);
        }
        let ticked = read_all(root);
        done(root, &["checklist", "reset"]);
        let text = String::from_utf8_lossy(&read_all(root)[&file]).into_owned();
        assert!(!text.contains("[x]") && !text.contains("[X]"), "{text}");
        assert_eq!(text.len(), ticked[&file].len(), "only marks change");
        assert!(done(root, &["checklist", "reset"]).contains("nothing to do"));
        done(root, &["undo"]);
        assert!(read_all(root) == ticked, "{:?}", changed(&ticked, &read_all(root)));
    };
    check(demo::temporary().expect("the demo").path());
    for date in ["2025-11-12", "2025-12-24", "2026-01-02"] {
        let Some((root, _)) = revision(date) else { continue };
        let dir = tempfile::tempdir().expect("a folder");
        copy(&root, dir.path());
        check(dir.path());
    }
}

#[test]
fn ticks_of_the_session_before_go_into_its_own_log() {
    let dir = demo::temporary().expect("the demo");
    let root = dir.path();
    done(root, &["checklist", "tick", "4"]);
    let before = read_all(root);
    let start = ["session", "start", "HB-B-005", "--date", "2026-11-21"];
    let said = done(root, &[&start[..], &["--keep-ticks"]].concat());
    assert!(
        said.contains("docs/CODEX_SESSION_CHECKLIST.md: what was ticked before this session stays ticked"),
        "{said}"
    );
    let boxes = |files: &Files| files["docs/CODEX_SESSION_CHECKLIST.md"].clone();
    assert!(boxes(&read_all(root)) == boxes(&before));
    done(root, &["undo"]);
    assert!(read_all(root) == before);
    let said = done(root, &start);
    assert!(!said.contains("CHECKLIST"), "{said}");
    let lines = changed(&before, &read_all(root));
    let old = "docs/agents/sessions/2026-11-20_session-0006.md + - done - ";
    assert_eq!(lines.iter().filter(|line| line.starts_with(old)).count(), 3, "{lines:#?}");
    assert!(!String::from_utf8_lossy(&boxes(&read_all(root))).contains("[x]"));
    assert!(!lines.iter().any(|line| line.contains("session-0007.md + - done - ")), "{lines:#?}");
    done(root, &["undo"]);
    assert!(read_all(root) == before, "{:#?}", changed(&before, &read_all(root)));
}

#[test]
fn plan_gates_overrides_and_a_stop_are_written_by_verbs() {
    let dir = demo::temporary().expect("the demo");
    let root = dir.path();
    done(root, &["session", "start", "HB-B-005", "--date", "2026-11-21"]);
    let log = "docs/agents/sessions/2026-11-21_session-0007.md";
    let started = read_all(root);
    let plus = |line: &str| format!("{log} + {line}");
    let check = |args: &[&str], want: &[String]| {
        let before = read_all(root);
        done(root, args);
        let said = changed(&before, &read_all(root));
        assert_eq!(masked(&said), masked(want), "{args:?}");
    };
    let asked = ["- <what will be done, and which plan page says so>", "- <which gates will judge it>"];
    let gone = asked.map(|line| format!("{log} - {line}"));
    check(
        &["session", "plan", "--bullet", "one", "--bullet", "two"],
        &[&gone[..], &[plus("- one"), plus("- two")]].concat(),
    );
    let (rc, plan) = json(root, &["session", "plan"]);
    assert_eq!(
        (rc, &plan["schema"], &plan["bullets"]),
        (0, &"codex-tui/session-plan@1".into(), &serde_json::json!(["one", "two"]))
    );
    assert_eq!(plan["warnings"].as_array().map(Vec::len), Some(3), "{plan}");
    check(
        &["session", "plan", "--replace", "--bullet", "Plan B, gate B1"],
        &[format!("{log} - - one"), format!("{log} - - two"), plus("- Plan B, gate B1")],
    );
    let gate = "- 2026-11-21 10:00 – gate B2 fail: 45.444 ms of 15 samples, asked for is StoreWrite.LatencyMs p95 <= 40 ms [warm]; \
                Logs/IngestionMetrics/2026-11-20.json";
    check(&["session", "attach", "--gates", "b2"], &[plus(gate)]);
    // A command ran with an override; its reset goes below it.
    done(root, &["session", "note", "ran `sweep --slots 4` (L2, overrides `--slots`): exit 0"]);
    let (_, status) = json(root, &["session", "status"]);
    assert_eq!(status["overrides"][0]["name"], "--slots", "{status}");
    check(
        &["session", "note", "--reset", "--slots", "is 2"],
        &[plus("- 2026-11-21 10:00 – override `--slots` reset: is 2")],
    );
    assert_eq!(json(root, &["session", "status"]).1["overrides"], serde_json::json!([]));
    // Stopped: every document of the task, the log and its outcome, and a decision record, in one operation.
    let before = read_all(root);
    done(root, &["session", "block", "a column is missing", "--because", "schema", "--title", "Ports: a column"]);
    let said = changed(&before, &read_all(root));
    let why = "schema change: a column is missing; decision record `docs/adr/0002-ports-a-column.md`";
    assert!(
        said.contains(&plus("- Status: Blocked"))
            && said.contains(&format!("{log} - - Status: <Done | In Progress | Blocked>"))
    );
    assert!(
        said.iter().any(|line| line.starts_with(log) && line.ends_with(&format!("blocked HB-B-005: {why}"))),
        "{said:#?}"
    );
    for file in ["docs/taskboard/TaskBoard.csv", "docs/CODEX_BACKLOG.md", "docs/plans/PlanB_InventoryStore.md"] {
        assert!(
            said.iter().any(|line| line.starts_with(&format!("{file} + ")) && line.contains(why)),
            "{file}: {said:#?}"
        );
    }
    let board = "docs/Harbor_TaskBoard.md + ";
    assert!(said.iter().any(|line| line.starts_with(board) && line.contains("| Blocked |")), "{said:#?}");
    let adr = "docs/adr/0002-ports-a-column.md + ";
    for line in
        ["# ADR 0002: Ports: a column", "- **Task:** HB-B-005 – Index neighbour facts by port", "a column is missing"]
    {
        assert!(said.contains(&format!("{adr}{line}")), "{line}: {said:#?}");
    }
    for _ in 0..6 {
        done(root, &["undo"]);
    }
    assert!(read_all(root) == started, "{:#?}", changed(&started, &read_all(root)));
    for (args, said) in [
        (&["session", "block", "x", "--because", "compiled"][..], "a decision record comes first"),
        (&["session", "block", " "], "the reason is empty"),
        (&["session", "block", "x", "--because", "gate"], "which gate is missed"),
        (&["session", "block", "x", "--because", "gate", "--gate", "A1"], "passes: it blocks nothing"),
        (&["session", "attach", "--gates", "Q9"], "neither a gate"),
        (&["session", "note", "--reset", "--slots", "x"], "waits to be reset"),
    ] {
        let (rc, error) = json(root, args);
        let message = error["message"].as_str().expect("a message");
        assert!(rc == 2 && message.contains(said), "{args:?}: {rc} {message}");
    }
}

#[test]
fn what_cannot_be_done_is_said() {
    let dir = demo::temporary().expect("the demo");
    let root = dir.path();
    let before = read_all(root);
    for (args, said) in [
        (&["session", "start", "HB-A-006", "--date", "2026-11-21"][..], "HB-A-006 is Blocked"),
        (&["session", "start", "HB-A-001", "--date", "2026-11-21"], "HB-A-001 is Done"),
        (&["session", "start", "HB-B-005", "--date", "2026-11-19"], "is of a later day than 2026-11-19"),
        (&["session", "start", "HB-X-001"], "HB-X-001"),
        (&["session", "attach", "Logs/none.json"], "there is nothing under this path"),
        (&["session", "attach", "../outside.json"], "evidence lies inside of the workspace"),
        (&["session", "attach", "/etc/hostname"], "evidence lies inside of the workspace"),
        (&["session", "note", "a\nb"], "must be one line"),
        (&["checklist", "reset", "--list", "no such list"], "no checklist has"),
    ] {
        let (rc, error) = json(root, args);
        let message = error["message"].as_str().expect("a message");
        assert!(rc == 2 && message.contains(said), "{args:?}: {rc} {message}");
    }
    assert!(read_all(root) == before && !root.join(".codex-tui").exists());
    // Somebody has written into the new log: it is theirs now.
    done(root, &["session", "start", "HB-A-006", "--date", "2026-11-21", "--anyway"]);
    let log = root.join("docs/agents/sessions/2026-11-21_session-0007.md");
    let text = std::fs::read_to_string(&log).expect("the log");
    std::fs::write(&log, format!("{text}\n- theirs\n")).expect("a foreign line");
    let (rc, error) = json(root, &["undo"]);
    assert!(rc == 3 && error["message"].as_str().is_some_and(|m| m.contains("somebody has changed it")), "{error}");
    assert!(log.exists());
}

#[test]
fn the_active_session_is_shown() {
    let dir = demo::temporary().expect("the demo");
    let status = active(dir.path());
    assert_eq!(status["session"], "2026-11-20_session-0006");
    assert_eq!((&status["task"], &status["level"]), (&"HB-B-003".into(), &"L1".into()));
    assert_eq!(status["steps"], serde_json::json!({"done": 2, "open": 22, "na": 0}));
    assert_eq!((status["open"].as_array().map(Vec::len), &status["open"][0]["index"]), (Some(22), &3.into()));
    let line = done(dir.path(), &["session", "status", "--line"]);
    assert_eq!(line, "2026-11-20_session-0006 · HB-B-003 · L1 · checklist 2/24 · open 23\n");
    let (_, list) = json(dir.path(), &["session", "list"]);
    assert_eq!((&list["schema"], list["sessions"].as_array().map(Vec::len)), (&"codex-tui/sessions@1".into(), Some(6)));
    assert_eq!(list["sessions"][1]["status"], "Blocked");
    assert!(!dir.path().join(".codex-tui").exists(), "reading writes nothing");
    let empty = tempfile::tempdir().expect("a folder");
    assert_eq!(done(empty.path(), &["session", "status", "--line"]), "no session\n");
}

#[test]
fn every_real_log_takes_lines_and_gives_them_back() {
    let Some((from, _)) = revision("2026-01-02") else { return };
    let list = "docs/CODEX_SESSION_CHECKLIST.md";
    let ticked = String::from_utf8_lossy(&std::fs::read(from.join(list)).expect("the list")).replace("- [ ]", "- [x]");
    let actor = Actor { name: "tester".to_owned(), via: "test".to_owned() };
    let mut seen = 0;
    for entry in std::fs::read_dir(from.join("docs/agents/sessions")).expect("a folder").flatten() {
        let dir = tempfile::tempdir().expect("a folder");
        let sessions = dir.path().join("docs/agents/sessions");
        std::fs::create_dir_all(&sessions).expect("folders");
        let log = sessions.join(entry.file_name());
        std::fs::write(&log, std::fs::read(entry.path()).expect("a log")).expect("a copy");
        std::fs::write(dir.path().join(list), &ticked).expect("the list");
        let start = read_all(dir.path());
        let mut bench = Workbench::open(dir.path()).expect("a workspace");
        bench.load_all();
        let doc = DocId::new(list).expect("a path");
        let mut lines = 0;
        for step in 0..3 {
            let operation = match step {
                0 => bench.view().session_note(Under::Work, "seen", chrono::Local::now().naive_local()),
                1 => bench.session_attach(&doc, "the list"),
                _ => bench.reset_checklist(&doc).map(|operation| operation.expect("boxes are ticked")),
            };
            let outcome = bench.run(&Request::Commit(operation.expect("an operation")), &actor);
            assert!(matches!(outcome, Outcome::Done { .. }), "{}: {outcome:?}", log.display());
            let now = read_all(dir.path());
            let said = changed(&start, &now);
            let foreign = said.iter().filter(|line| !line.contains("CHECKLIST.md ") && line.contains(" - - "));
            assert_eq!(foreign.count(), 0, "{}: only lines are added: {said:#?}", log.display());
            assert!(said.len() > lines, "{}", log.display());
            lines = said.len();
        }
        for _ in 0..3 {
            assert!(matches!(bench.run(&Request::Undo(None), &actor), Outcome::Done { .. }), "{}", log.display());
        }
        assert!(read_all(dir.path()) == start, "{}: {:#?}", log.display(), changed(&start, &read_all(dir.path())));
        seen += 1;
    }
    assert_eq!(seen, 111);
}

#[test]
fn all_real_logs_are_listed() {
    let Some((root, _)) = revision("2026-01-02") else { return };
    let dir = tempfile::tempdir().expect("a folder");
    copy(&root, dir.path());
    let (rc, list) = json(dir.path(), &["session", "list"]);
    let sessions = list["sessions"].as_array().expect("sessions");
    assert_eq!((rc, sessions.len()), (0, 111));
    let (mut boms, mut unended, mut unsaid) = (0, 0, Vec::new());
    for session in sessions {
        let path = session["log"].as_str().expect("a path");
        let bytes = std::fs::read(dir.path().join(path)).expect("the log");
        boms += usize::from(bytes.starts_with(b"\xef\xbb\xbf"));
        unended += usize::from(!bytes.ends_with(b"\n"));
        assert!(session["date"].is_string() && session["number"].is_u64(), "{path}");
        // What the words of the log say of status and card is what is listed.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let says = text.lines().any(|line| line.trim_start().starts_with("- Status:"));
        if says == (session["status"] == "") {
            unsaid.push(path.to_owned());
        }
        let project = SessionLog::project(&Document::parse(DocId::new(path).expect("a path"), bytes));
        assert_eq!(session["tasks"], serde_json::json!(project.tasks), "{path}");
    }
    assert_eq!((boms, unended, unsaid), (2, 6, Vec::<String>::new()));
}

#[test]
fn a_session_is_started_and_noted_by_keys() {
    const CSV: &str = "docs/taskboard/TaskBoard.csv";
    const OLD: &str = "docs/agents/sessions/2026-01-30_session-0001.md";
    const NEW: &str = "docs/agents/sessions/2026-01-31_session-0001.md";
    let board = "ID,Title,Column,OwnerRole,PlanLink,Notes\r\nHB-B-001,Speed up the store,Ready,Ops,,\r\n\
                 HB-B-002,Over,Done,Ops,,\r\n";
    let log = "# Agent Session Log\n- **Autonomy level:** L0\n\n## Changes\n- none\n";
    let mut stage = stage_of(&[(CSV, board), (OLD, log)], 100, 30);
    // What is done is not started.
    stage.press("2 z G S");
    assert!(
        stage.app.dialog().is_none() && stage.screen(100, 30).contains("HB-B-002 is Done"),
        "{}",
        stage.screen(100, 30)
    );
    stage.press("g S");
    assert!(stage.screen(100, 30).contains("Start a session on HB-B-001"), "{}", stage.screen(100, 30));
    stage.type_in("Night shift");
    stage.press("ctrl-s");
    assert!(matches!(stage.app.dialog(), Some(Overlay::Diff(_))), "{}", stage.screen(100, 30));
    stage.press("enter");
    let started = stage.text(NEW);
    assert!(started.contains("Night shift") && started.contains("L1"), "{started}");
    assert_eq!(stage.text(CSV), board.replace(",Ready,", ",In Progress,"));
    stage.press("z 5 a");
    stage.type_in("saw the queue drain");
    stage.press("enter");
    let noted = stage.text(NEW);
    assert!(noted.contains("- 2026-01-31 10:12 \u{2013} saw the queue drain"), "{noted}");
    stage.press("u");
    assert_eq!(stage.text(NEW), started);
    stage.press("u");
    assert_eq!(stage.text(CSV), board);
    assert!(!stage.folder.path().join(NEW).exists());
    assert_eq!(stage.text(OLD), log);
}
