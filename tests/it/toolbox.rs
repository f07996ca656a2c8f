//! The layout *toolbox*: tasks of YAML backlogs in each of their designs are picked, started, noted and landed by verbs and by
//! keys; each step leaves the documents that a careful person would have written, and undo leaves none of it.

use std::path::Path;

use super::editing::{Stage, stage_of, write};
use super::files::read_all;
use super::verbs::{code, json, run};

const TODO: &str = "docs/TODO.yaml";
const LISTS: &str = "docs/TODO.yml";
const PROGRESS: &str = "ai/state/progress.json";
const JOURNAL: &str = "ai/state/journal.md";

/// Areas, notes in double quotes, comments, an id that stands twice.
const AREAS: &str = r#"# What is to be done.
version: 1
updated: 2026-01-02  # by hand
areas:
  - id: berths
    title: Berths
    priority: high
    tasks:
      - id: berth-map
        title: Draw the berths, `to scale`
        status: done
        priority: high
        notes:
          - "2026-01-02: Drawn."
      # the next one
      - id: berth-undo
        title: 'Take back the last move'
        status: backlog   # not yet
        priority: medium
        depends_on: [berth-map]
      - id: add-tips
        title: Explain the colours
        status: backlog
        priority: low
  - id: weather
    title: Weather
    blockers:
      - "The feed needs an account."
    tasks:
      - id: wind-now
        title: Show the wind
        status: backlog
        priority: high
        notes: []
      - id: add-tips
        title: Explain the gusts
        status: backlog
        priority: low
"#;

/// A list for each status.
const BY_STATUS: &str = r#"version: 1
updated_at: "2026-01-02T10:00:00Z"
priority_scale: [P0, P1, P2, P3]
backlog:
  # first
  - id: M2-WEB
    title: "Show the queue"
    status: todo
    priority: P1
    depends_on: [M2-API]
    acceptance: ["It is shown"]
  - id: M2-DOC
    title: "Write it down"
    status: todo
    priority: P0
    depends_on: [M2-WEB]
    acceptance: ["It reads"]
in_progress: []
done:
  - id: M2-API
    title: "Serve the queue"
    status: done
    priority: P0
    depends_on: []
    acceptance: ["It serves"]
notes: "x"
"#;

/// Stages and steps, without notes, with CRLF.
const STAGES: &str = "# Ébauche\r\nstages:\r\n  - id: one\r\n    steps:\r\n      - name: first\r\n        tasks:\r\n          - id: A1\r\n            title: Begin\r\n            status: completed\r\n          - id: F6.12\r\n            title: Go on\r\n            status: pending\r\n";

const OBJECTS: &str = r#"{
  "version": 1,
  "last_updated": "2026-01-02T10:00:00+00:00",
  "session_counter": 7,
  "active_task": null,
  "last_task_id": "berth-map",
  "recent_updates": [
    {
      "task_id": "berth-map",
      "status": "done",
      "summary": "Drawn."
    }
  ],
  "candidate_next_tasks": ["wind-now", "berth-undo"],
  "notes": ""
}
"#;

const STRINGS: &str = "{\n  \"last_updated\": \"2026-01-02\",\n  \"recent_updates\": [\n    \"M2-API: It serves.\"\n  ],\n  \"branch\": null\n}";

const TITLED: &str = "# Journal\n\nOne entry a day.\n\n## 2026-01-02 Berth map\n- Closed TODO `berth-map`: drawn.\n";
const UNTITLED: &str = "# Work Journal\n\n## 2026-01-02\n- Served\n  - the queue\n";

/// A workspace of these three documents.
fn workspace(todo: (&str, &str), progress: &str, journal: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (path, text) in [todo, (PROGRESS, progress), (JOURNAL, journal)] {
        write(dir.path(), path, text);
    }
    dir
}

/// A document, with `{today}` for the day and `{now}` for the time.
fn text(root: &Path, path: &str) -> String {
    let text = std::fs::read_to_string(root.join(path)).expect("a document");
    timeless(&text)
}

fn timeless(text: &str) -> String {
    let today = chrono::Local::now().date_naive().to_string();
    let utc = chrono::Utc::now().date_naive().to_string();
    let mut rest = text.to_owned();
    for day in [utc, today] {
        while let Some(at) = rest.find(&format!("{day}T")) {
            let end = rest[at..].find('"').map_or(rest.len(), |end| at + end);
            rest.replace_range(at..end, "{now}");
        }
        rest = rest.replace(&day, "{today}");
    }
    rest
}

fn ok(root: &Path, args: &[&str]) {
    let output = run(root, args);
    assert_eq!(code(&output), 0, "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// `base` with each `from` once replaced by `to`.
fn with(base: &str, changes: &[(&str, &str)]) -> String {
    changes.iter().fold(base.to_owned(), |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {text}");
        text.replace(from, to)
    })
}

#[track_caller]
fn refused(root: &Path, args: &[&str], says: &str) {
    let before = read_all(root);
    let (rc, error) = json(root, args);
    assert_eq!(rc, 2, "{error}");
    assert!(error.to_string().contains(says), "{error}");
    assert_eq!(read_all(root), before);
}

#[test]
fn a_task_in_areas_is_picked_started_noted_and_landed() {
    let dir = workspace((TODO, AREAS), OBJECTS, TITLED);
    let root = dir.path();
    let before = read_all(root);
    let (_, next) = json(root, &["task", "next"]);
    assert_eq!(next["task"]["id"], "berth-undo", "{next}");
    assert!(next.to_string().contains("Its area is blocked: The feed needs an account (docs/TODO.yaml:28)"), "{next}");
    ok(root, &["work", "start"]);
    let started = with(
        AREAS,
        &[
            ("updated: 2026-01-02  #", "updated: {today}  #"),
            ("status: backlog   # not yet", "status: in_progress   # not yet"),
        ],
    );
    assert_eq!(text(root, TODO), started);
    assert_eq!(
        text(root, PROGRESS),
        with(
            OBJECTS,
            &[
                ("2026-01-02T10:00:00+00:00", "{now}"),
                ("\"active_task\": null", "\"active_task\": \"berth-undo\""),
                (
                    "\"notes\": \"\"",
                    "\"notes\": \"berth-undo was chosen because priority medium, named to be next, nothing blocks it\""
                ),
            ]
        )
    );
    let entry = "\n## {today} Take back the last move\n- Started TODO `berth-undo`: priority medium, named to be next, nothing blocks it\n";
    assert_eq!(text(root, JOURNAL), format!("{TITLED}{entry}"));
    refused(root, &["work", "start", "wind-now"], "berth-undo is being worked on; land it or block it first");
    let (_, next) = json(root, &["task", "next"]);
    assert_eq!(next["reasons"][0], "It is being worked on (ai/state/progress.json:5).");

    ok(root, &["work", "note", "The stack: is \"deep\""]);
    ok(root, &["work", "land", "--summary", "Takes back: one move", "--lesson", "Keep it small", "--lesson", "Ask"]);
    assert_eq!(
        text(root, TODO),
        with(
            &started,
            &[
                ("status: in_progress ", "status: done "),
                (
                    "        depends_on: [berth-map]\n",
                    "        depends_on: [berth-map]\n        notes:\n          - \"{today}: Takes back: one move\"\n",
                ),
            ]
        )
    );
    assert_eq!(
        text(root, PROGRESS),
        with(
            OBJECTS,
            &[
                ("2026-01-02T10:00:00+00:00", "{now}"),
                ("\"session_counter\": 7", "\"session_counter\": 8"),
                ("\"last_task_id\": \"berth-map\"", "\"last_task_id\": \"berth-undo\""),
                (
                    "updates\": [\n",
                    "updates\": [\n    {\n      \"task_id\": \"berth-undo\",\n      \"status\": \"done\",\n      \"summary\": \"Takes back: one move\"\n    },\n",
                ),
                ("[\"wind-now\", \"berth-undo\"]", "[\"wind-now\"]"),
                (
                    "\"notes\": \"\"",
                    "\"notes\": \"berth-undo was chosen because priority medium, named to be next, nothing blocks it\""
                ),
            ]
        )
    );
    assert_eq!(
        text(root, JOURNAL),
        format!(
            "{TITLED}{entry}- The stack: is \"deep\"\n- Closed TODO `berth-undo`: Takes back: one move\n- Lesson: Keep it small\n- Lesson: Ask\n"
        )
    );
    for _ in 0..3 {
        ok(root, &["undo"]);
    }
    assert_eq!(read_all(root), before, "undone to the byte");
}

#[test]
fn a_task_moves_through_lists_by_status() {
    let dir = workspace((LISTS, BY_STATUS), STRINGS, UNTITLED);
    let root = dir.path();
    let before = read_all(root);
    ok(root, &["work", "start", "M2-WEB", "--why", "it is next"]);
    let task = "  - id: M2-WEB\n    title: \"Show the queue\"\n    status: todo\n    priority: P1\n    depends_on: [M2-API]\n    acceptance: [\"It is shown\"]\n";
    let begun = task.replace("todo", "in_progress");
    let time = ("2026-01-02T10:00:00Z", "{now}");
    assert_eq!(
        text(root, LISTS),
        with(BY_STATUS, &[time, (task, ""), ("in_progress: []\n", &format!("in_progress:\n{begun}"))])
    );
    assert_eq!(
        text(root, PROGRESS),
        with(
            STRINGS,
            &[("2026-01-02", "{today}"), ("\"branch\": null\n", "\"branch\": null,\n  \"active_task\": \"M2-WEB\"\n")]
        )
    );
    assert_eq!(text(root, JOURNAL), format!("{UNTITLED}\n## {{today}}\n- Started TODO `M2-WEB`: it is next\n"));
    ok(root, &["work", "land", "--summary", "Shown"]);
    let done = format!("{}    notes:\n      - \"{{today}}: Shown\"\n", task.replace("todo", "done"));
    assert_eq!(
        text(root, LISTS),
        with(BY_STATUS, &[time, (task, ""), ("notes: \"x\"", &format!("{done}notes: \"x\""))])
    );
    assert_eq!(
        text(root, PROGRESS),
        with(
            STRINGS,
            &[
                ("2026-01-02", "{today}"),
                ("It serves.\"\n", "It serves.\",\n    \"M2-WEB: Shown\"\n"),
                ("\"branch\": null\n", "\"branch\": null,\n  \"active_task\": null\n"),
            ]
        )
    );
    for _ in 0..2 {
        ok(root, &["undo"]);
    }
    assert_eq!(read_all(root), before);
}

#[test]
fn a_blocked_task_says_why_and_an_entry_goes_on() {
    let dir = workspace((TODO, AREAS), OBJECTS, &TITLED.replace("Closed", "Began"));
    let root = dir.path();
    ok(
        root,
        &["work", "start", "add-tips", "--dry-run"].map(|arg| if arg == "add-tips" { "weather/add-tips" } else { arg }),
    );
    refused(root, &["work", "start", "berth-map"], "berth-map is done; move it back before you work on it");
    refused(root, &["work", "land", "--summary", "x"], "no task is being worked on");
    refused(root, &["work", "start", "add-tips"], "berths/add-tips, weather/add-tips");
    ok(root, &["task", "move", "berth-map", "--to", "Backlog"]);
    ok(root, &["work", "start", "berth-map", "--why", "again"]);
    ok(root, &["work", "block", "--reason", "no survey"]);
    let told = "- Began TODO `berth-map`: drawn.\n- {today}: Resumed TODO `berth-map`: again\n- {today}: Blocked TODO `berth-map`: no survey\n";
    assert!(text(root, JOURNAL).ends_with(told), "{}", text(root, JOURNAL));
    let blocked = "        status: blocked\n        priority: high\n        notes:\n          - \"2026-01-02: Drawn.\"\n        blockers:\n          - \"{today}: no survey\"\n";
    assert!(text(root, TODO).contains(blocked), "{}", text(root, TODO));
    assert!(text(root, PROGRESS).contains("\"active_task\": null"));
}

#[test]
fn a_task_that_was_blocked_or_finished_by_hand_holds_nobody_up() {
    let dir = workspace((TODO, AREAS), OBJECTS, TITLED);
    let root = dir.path();
    ok(root, &["work", "start", "berth-undo"]);
    refused(root, &["work", "start", "berths/add-tips"], "berth-undo is being worked on; land it or block it first");
    ok(root, &["task", "block", "berth-undo", "--reason", "no survey"]);
    let (_, next) = json(root, &["task", "next"]);
    assert_eq!(next["task"]["id"], "berths/add-tips", "{next}");
    ok(root, &["work", "start", "berths/add-tips"]);
    assert!(text(root, PROGRESS).contains("\"active_task\": \"berths/add-tips\""), "{}", text(root, PROGRESS));
    ok(root, &["task", "done", "berths/add-tips", "--note", "read"]);
    // And the same one goes on.
    ok(root, &["work", "start", "berth-undo"]);
    ok(root, &["task", "block", "berth-undo", "--reason", "again"]);
    ok(root, &["work", "start", "berth-undo"]);
    assert!(text(root, TODO).contains("status: in_progress") || text(root, TODO).contains("status: in progress"));
}

#[test]
fn fields_of_yaml_tasks_are_edited_in_place() {
    let dir = workspace((TODO, AREAS), OBJECTS, TITLED);
    let root = dir.path();
    let before = read_all(root);
    let notes = "        notes:\n          - \"2026-01-02: Drawn.\"\n";
    let tip =
        "      - id: add-tips\n        title: Explain the colours\n        status: backlog\n        priority: low\n";
    for (args, changes) in [
        (
            &["task", "set", "berth-map", "notes", "a\nb: c\n2026-01-02: Drawn."][..],
            &[(notes, "        notes:\n          - \"a\"\n          - \"b: c\"\n          - \"2026-01-02: Drawn.\"\n")]
                [..],
        ),
        (&["task", "set", "berth-map", "notes", "x"], &[("\"2026-01-02: Drawn.\"", "\"x\"")]),
        (&["task", "set", "wind-now", "notes", "x"], &[("        notes: []\n", "        notes:\n          - \"x\"\n")]),
        (&["task", "set", "berth-undo", "title", "It's: one"], &[("'Take back the last move'", "'It''s: one'")]),
        (
            &["task", "set", "berths/add-tips", "priority", "high"],
            &[(
                tip,
                "      - id: add-tips\n        title: Explain the colours\n        status: backlog\n        priority: high\n",
            )],
        ),
        (
            &["task", "set", "berths/add-tips", "id", "tips"],
            &[("- id: add-tips\n        title: Explain the colours", "- id: tips\n        title: Explain the colours")],
        ),
        (&["task", "delete", "berths/add-tips"], &[(tip, "")]),
        (
            &["task", "set", "wind-now", "area", "berths"],
            &[
                (
                    "      - id: wind-now\n        title: Show the wind\n        status: backlog\n        priority: high\n        notes: []\n",
                    "",
                ),
                (
                    tip,
                    "      - id: add-tips\n        title: Explain the colours\n        status: backlog\n        priority: low\n      - id: wind-now\n        title: Show the wind\n        status: backlog\n        priority: high\n        notes: []\n",
                ),
            ],
        ),
        (
            &[
                "task",
                "add",
                "--id",
                "tide",
                "--title",
                "Tide: now",
                "--area",
                "berths",
                "--priority",
                "low",
                "--notes",
                "a",
            ],
            &[(
                tip,
                "      - id: add-tips\n        title: Explain the colours\n        status: backlog\n        priority: low\n      - id: tide\n        title: \"Tide: now\"\n        status: backlog\n        priority: low\n        notes:\n          - \"a\"\n",
            )],
        ),
        (
            &["task", "clone", "berths/add-tips", "--id", "more-tips"],
            &[(
                tip,
                "      - id: add-tips\n        title: Explain the colours\n        status: backlog\n        priority: low\n      - id: more-tips\n        title: Explain the colours\n        status: backlog\n        priority: low\n",
            )],
        ),
    ] {
        ok(root, args);
        assert_eq!(text(root, TODO), with(AREAS, changes), "{args:?}");
        ok(root, &["undo"]);
        assert_eq!(read_all(root), before, "{args:?}");
    }
    refused(root, &["task", "add", "--id", "x", "--title", "X", "--area", "nowhere"], "the areas are berths, weather");
}

#[test]
fn a_session_log_is_not_begun_where_the_journal_is_kept() {
    let dir = workspace((TODO, AREAS), OBJECTS, TITLED);
    let before = read_all(dir.path());
    let (_, next) = json(dir.path(), &["task", "next"]);
    let id = next["task"]["id"].as_str().expect("a task");
    let (rc, error) = json(dir.path(), &["session", "start", id]);
    assert!(rc == 2 && error["message"].as_str().is_some_and(|why| why.contains("work start")), "{rc} {error}");
    assert!(read_all(dir.path()) == before);
}

#[test]
fn stages_with_other_line_ends_keep_them() {
    let dir = workspace((TODO, STAGES), "{\"step\": 3}", UNTITLED);
    let root = dir.path();
    ok(root, &["task", "done", "F6.12", "--note", "went on"]);
    let want = with(
        STAGES,
        &[(
            "status: pending\r\n",
            "status: completed\r\n            notes:\r\n              - \"{today}: went on\"\r\n",
        )],
    );
    assert_eq!(text(root, TODO), want);
    let (_, list) = json(root, &["task", "list", "area:first"]);
    assert_eq!(list["tasks"].as_array().map(Vec::len), Some(2), "{list}");
}

#[test]
#[cfg_attr(codex_tui_portable, ignore = "one finding more: files cannot be exchanged")]
fn filters_and_findings_know_the_layout() {
    let todo = with(
        AREAS,
        &[("depends_on: [berth-map]", "depends_on: [gone]"), ("status: backlog   #", "status: someday   #")],
    );
    let dir = workspace((TODO, &todo), &OBJECTS.replace("null", "\"nobody\""), TITLED);
    let root = dir.path();
    let (_, list) = json(root, &["task", "list", "priority:high", "area:weather", "blocked:no"]);
    assert_eq!(list["tasks"][0]["id"], "wind-now", "{list}");
    let (_, list) = json(root, &["task", "list", "sort:priority"]);
    let ids: Vec<&str> =
        list["tasks"].as_array().expect("tasks").iter().filter_map(|task| task["id"].as_str()).collect();
    assert_eq!(ids, ["berth-map", "wind-now", "berth-undo", "berths/add-tips", "weather/add-tips"]);
    let (rc, check) = json(root, &["check"]);
    let rules: Vec<&str> =
        check["findings"].as_array().expect("findings").iter().filter_map(|one| one["rule"].as_str()).collect();
    assert_eq!((rc, &rules[..]), (1, &["toolbox-active", "toolbox-dependency", "toolbox-status"][..]), "{check}");
    ok(root, &["check", "--fix", "--rule", "toolbox-active"]);
    assert!(text(root, PROGRESS).contains("\"active_task\": null"));
}

#[test]
fn both_layouts_stand_side_by_side() {
    let dir = workspace((TODO, AREAS), OBJECTS, TITLED);
    let root = dir.path();
    let csv = "docs/taskboard/TaskBoard.csv";
    write(root, csv, "ID,Title,Column,Notes\nHB-A-001,Probe,Ready,\nwind-now,Show the wind,Backlog,\n");
    ok(root, &["task", "done", "wind-now", "--note", "shown"]);
    assert!(
        text(root, csv).ends_with("wind-now,Show the wind,Done - {today},Done {today}: shown\n"),
        "{}",
        text(root, csv)
    );
    assert!(
        text(root, TODO)
            .contains("status: done\n        priority: high\n        notes:\n          - \"{today}: shown\"\n")
    );
    let (_, check) = json(root, &["check"]);
    let rules = check["findings"].as_array().expect("findings").iter().filter_map(|one| one["rule"].as_str());
    assert_eq!(rules.filter(|rule| rule.starts_with("sync-")).count(), 0, "{check}");
}

fn stage() -> Stage {
    stage_of(&[(TODO, AREAS), (PROGRESS, OBJECTS), (JOURNAL, TITLED)], 100, 30)
}

#[test]
fn work_by_keys() {
    let mut stage = stage();
    stage.press("2 .");
    stage.press("S");
    assert!(stage.screen(100, 30).contains("Start work on berth-undo"), "{}", stage.screen(100, 30));
    stage.press("ctrl-s enter");
    assert!(stage.text(PROGRESS).contains("\"active_task\": \"berth-undo\""), "{}", stage.text(PROGRESS));
    stage.press("5 a");
    stage.type_in("It is deep");
    stage.press("enter");
    assert!(stage.text(JOURNAL).ends_with("- It is deep\n"), "{}", stage.text(JOURNAL));
    stage.press("C");
    stage.type_in("Takes back one move");
    stage.press("tab");
    stage.type_in("Keep it small");
    stage.press("ctrl-s enter");
    let journal = stage.text(JOURNAL);
    assert!(
        journal.ends_with("- It is deep\n- Closed TODO `berth-undo`: Takes back one move\n- Lesson: Keep it small\n"),
        "{journal}"
    );
    assert!(stage.text(PROGRESS).contains("\"active_task\": null,\n  \"last_task_id\": \"berth-undo\""));
    stage.press("C");
    assert!(stage.screen(100, 30).contains("S on the board starts one"), "{}", stage.screen(100, 30));
}

#[test]
fn the_active_task_ends_on_the_board_as_it_does_in_the_log() {
    let mut stage = stage();
    stage.press("2 . S ctrl-s enter j S");
    assert!(stage.screen(140, 30).contains("C lands it, b on it blocks it"), "{}", stage.screen(140, 30));
    stage.press("k b");
    stage.type_in("no survey");
    stage.press("enter enter");
    assert!(stage.text(PROGRESS).contains("\"active_task\": null"), "{}", stage.text(PROGRESS));
    assert!(stage.text(JOURNAL).ends_with("- Blocked TODO `berth-undo`: no survey\n"), "{}", stage.text(JOURNAL));
    stage.press("S ctrl-s enter D");
    assert!(stage.screen(100, 30).contains("Land berth-undo"), "{}", stage.screen(100, 30));
    stage.type_in("Takes back one move");
    stage.press("enter enter");
    assert!(stage.text(PROGRESS).contains("\"last_task_id\": \"berth-undo\""), "{}", stage.text(PROGRESS));
    assert!(
        stage.text(JOURNAL).ends_with("- Closed TODO `berth-undo`: Takes back one move\n"),
        "{}",
        stage.text(JOURNAL)
    );
    // What only sessions have is said to be absent, and nobody is sent after it.
    for keys in ["5 p", "A", "X"] {
        stage.press(keys);
        let screen = stage.screen(140, 30);
        assert!(!screen.contains("S on the board") && !screen.contains("start a session"), "{keys}\n{screen}");
    }
}

#[test]
fn everything_of_the_real_workspace_is_shown() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/sre-toolbox-2025-09-22");
    if !corpus.is_dir() {
        println!("skipped: no corpus");
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    for path in [TODO, PROGRESS, JOURNAL] {
        write(dir.path(), path, &std::fs::read_to_string(corpus.join(path)).expect("a document"));
    }
    let root = dir.path().to_owned();
    let (_, list) = json(&root, &["task", "list"]);
    let raw = std::fs::read_to_string(root.join(TODO)).expect("the backlog");
    let tasks = list["tasks"].as_array().expect("tasks");
    assert_eq!(tasks.len(), raw.matches("\n      - id: ").count());
    let fields = |key: &str| -> usize {
        let said = tasks.iter().flat_map(|task| task["rows"].as_array().expect("rows"));
        said.filter_map(|row| row["fields"][key].as_str()).flat_map(str::lines).count()
    };
    assert_eq!(fields("notes"), raw.matches("\n          - \"").count() - fields("blockers"));
    let (_, work) = json(&root, &["work", "status"]);
    let progress = std::fs::read_to_string(root.join(PROGRESS)).expect("the state");
    assert_eq!(work["updates"].as_array().map(Vec::len), Some(progress.matches("\"task_id\"").count()));
    let journal = std::fs::read_to_string(root.join(JOURNAL)).expect("the journal");
    assert_eq!(work["journal"]["entries"].as_array().map(Vec::len), Some(journal.matches("\n## 20").count()));
}
