//! kill -9 before every system call of an operation over several files: afterwards all of it is there, or nothing.
//!
//! By default a sample of the system calls; all of them with `CODEX_TUI_CRASH=all`, another stride with
//! `CODEX_TUI_CRASH=<stride>`.

use std::collections::BTreeMap;
use std::path::Path;

use codex_tui::doc::cell::{End, PathCell};
use codex_tui::doc::{Addition, CellId, DocId};
use codex_tui::model::session::finish::Finish;
use codex_tui::model::task::edit::Conclusion;
use codex_tui::op::{Change, Edit, Intent, Operation};
use codex_tui::store::{Actor, Commit, Store};
use codex_tui::workbench::{Outcome, Request, Workbench, demo};

use crate::files::{Files, copy, read_all};
use crate::trace::{Run, run};

const LIST: &str = "docs/CODEX_SESSION_CHECKLIST.md";
const LOG: &str = "docs/agents/sessions/2026-11-20_session-0006.md";
const BOARD: &str = "docs/taskboard/TaskBoard.csv";
const TABLE: &str = "docs/Rows.md";
const RECORDS: &str = "docs/Rows.csv";
const YAML: &str = "docs/Values.yaml";
const JSON: &str = "docs/Values.json";
const CELL: &str = r#"{"id_column":"ID","id":"HB-B-003","column":"Notes"}"#;

/// One verb on one state of the workspace.
pub struct Case {
    pub name: &'static str,
    /// What brings documents of its own into the workspace, before the verbs.
    pub start: fn(&Path),
    /// Sampled so many times more thinly.
    pub thin: usize,
    /// Verbs that bring the workspace into its first state.
    pub before: &'static [&'static [&'static str]],
    pub verb: &'static [&'static str],
    /// What takes the verb back.
    pub back: &'static [&'static str],
}

const TICK: &[&str] = &["checklist", "tick", "5", "--evidence", "seen | \"so\""];
const UNTICK: &[&str] = &["checklist", "untick", "5"];
const SECOND: &[&str] = &["checklist", "tick", "7"];
const SET: &[&str] = &["cell", "set", BOARD, "--at", CELL, "--value", "a \"b\", c"];

pub const CASES: [Case; 11] = [
    Case { name: "tick that creates the ledger", start: nothing, thin: 1, before: &[], verb: TICK, back: &["undo"] },
    Case { name: "second tick", start: nothing, thin: 1, before: &[TICK], verb: SECOND, back: &["undo"] },
    Case { name: "untick", start: nothing, thin: 1, before: &[SECOND, TICK], verb: UNTICK, back: &["undo"] },
    Case {
        name: "undo that removes the ledger",
        start: nothing,
        thin: 1,
        before: &[TICK],
        verb: &["undo"],
        back: &["redo"],
    },
    Case {
        name: "redo",
        start: nothing,
        thin: 1,
        before: &[SECOND, TICK, &["undo"]],
        verb: &["redo"],
        back: &["undo"],
    },
    Case { name: "cell set", start: nothing, thin: 1, before: &[], verb: SET, back: &["undo"] },
    Case { name: "rows added", start: rows_added, thin: 2, before: &[&["undo"]], verb: &["redo"], back: &["undo"] },
    Case {
        name: "rows rewritten",
        start: rows_rewritten,
        thin: 2,
        before: &[&["undo"]],
        verb: &["redo"],
        back: &["undo"],
    },
    Case {
        name: "values moved, added and set",
        start: values_changed,
        thin: 2,
        before: &[&["undo"]],
        verb: &["redo"],
        back: &["undo"],
    },
    Case {
        name: "document created",
        start: document_created,
        thin: 2,
        before: &[&["undo"]],
        verb: &["redo"],
        back: &["undo"],
    },
    Case {
        name: "session finished",
        start: session_finished,
        thin: 8,
        before: &[&["undo"]],
        verb: &["redo"],
        back: &["undo"],
    },
];

fn nothing(_: &Path) {}

fn rows_added(root: &Path) {
    let texts = |texts: [&str; 2]| texts.map(str::to_owned).to_vec();
    let row = |cells| Addition::Row {
        heading: "Rows".to_owned(),
        table: 0,
        header: texts(["ID", "Text"]),
        cells,
        above: None,
    };
    let record = |fields| Addition::Record { header: texts(["ID", "Text"]), fields };
    let add = |addition| Change::Add { addition, gap: None };
    operate(
        root,
        vec![
            (TABLE, add(row(texts(["7", "a | b"])))),
            (RECORDS, add(record(texts(["7", "a, b"])))),
            (TABLE, add(row(texts(["8", ""])))),
            (RECORDS, add(record(texts(["8", ""])))),
        ],
    );
}

fn rows_rewritten(root: &Path) {
    let rewrite = |expect: &str, write: &str| Change::Rewrite {
        expect: expect.to_owned(),
        write: write.to_owned(),
        occurrence: 0,
    };
    operate(
        root,
        vec![
            (TABLE, rewrite("| 1 | `a|b` |", "| 1 | `a\\|b` |\n| 1 | c |")),
            (RECORDS, rewrite("1,\"x\"2,y", "1,\"x\"\r\n2,y")),
        ],
    );
}

fn values_changed(root: &Path) {
    let path = |address: &str| -> PathCell { serde_json::from_str(address).expect("an address") };
    let task = |list: &str| Addition::Item {
        at: path(list),
        text: "# about b\nid: b\nnotes:\n  - \"x: y\"".to_owned(),
        end: End::End,
    };
    let update = Addition::Item { at: path(r#""/updates""#), text: r#"{"id":"b"}"#.to_owned(), end: End::Start };
    let key = Addition::Entry { at: path("[]"), key: "last".to_owned(), text: "b".to_owned(), after: None };
    let set = |cell: &str, expect: &str, write: &str| Change::Set {
        cell: CellId::Path(path(cell)),
        expect: expect.to_owned(),
        write: write.to_owned(),
        exact: None,
    };
    let add = |addition| Change::Add { addition, gap: None };
    let out = Change::TakeOut { addition: task(r#"["backlog"]"#), inserted: None, created: false, folders: 0 };
    operate(
        root,
        vec![
            (YAML, set(r#"["updated"]"#, "2026-11-19", "2026-11-20")),
            (JSON, set(r#""/active""#, "b", "null")),
            (YAML, out),
            (YAML, add(task(r#"["done"]"#))),
            (YAML, add(key)),
            (JSON, add(update)),
        ],
    );
}

fn document_created(root: &Path) {
    let text = "\u{feff}# Created\r\n\n- at once, without a last line end".to_owned();
    let record =
        Addition::Record { header: ["ID", "Text"].map(str::to_owned).to_vec(), fields: vec!["7".into(), "a".into()] };
    let add = |addition| Change::Add { addition, gap: None };
    operate(root, vec![("docs/new/folder/Log.md", add(Addition::Document { text })), (RECORDS, add(record))]);
}

/// The end of a session over board, backlog, plan and log, so that it is there to be done again: the verb itself asks git,
/// which is none of its writes.
fn session_finished(root: &Path) {
    let full = demo::temporary().expect("the demo");
    for name in ["docs/plans/PlanB_InventoryStore.md", "docs/CODEX_BACKLOG.md", "docs/Harbor_TaskBoard.md"] {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::copy(full.path().join(name), path).expect("a copy");
    }
    let mut bench = Workbench::open(root).expect("a workspace");
    bench.load_all();
    let wanted = Finish {
        outcome: Conclusion::Open,
        summary: "Measured | once more".to_owned(),
        next: String::new(),
        artifacts: Vec::new(),
        tests: String::new(),
        smoke: String::new(),
        day: None,
        anyway: true,
    };
    let ending = bench.finish(&wanted).expect("an end");
    let actor = Actor { name: "test".to_owned(), via: "test".to_owned() };
    let outcome = bench.run(&Request::Commit(ending.operation), &actor);
    let Outcome::Done { files, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(files.len(), 5, "{files:?}");
}

/// Does what no verb does, in documents of their own.
fn operate(root: &Path, changes: Vec<(&str, Change)>) {
    std::fs::write(root.join(TABLE), "# Rows\n\n| ID | Text |\n|---|---|\n| 1 | `a|b` |\n| 9 | stays |")
        .expect("a table");
    std::fs::write(root.join(RECORDS), "ID,Text\r\n1,\"x\"2,y\r\n9,stays\r\n").expect("records");
    let yaml = "# B\nupdated: 2026-11-19\nbacklog:\n  - id: a\n  # about b\n  - id: b\n    notes:\n      - \"x: y\"\ndone: []\nkept: stays\n";
    std::fs::write(root.join(YAML), yaml).expect("YAML");
    let json = "{\n  \"active\": \"b\",\n  \"updates\": [],\n  \"kept\": \"stays\"\n}\n";
    std::fs::write(root.join(JSON), json).expect("JSON");
    let edits = changes.into_iter().map(|(doc, change)| Edit { doc: DocId::new(doc).expect("a path"), change });
    let intent = Intent { verb: "test".to_owned(), summary: "rows".to_owned() };
    let operation = Operation { intent, edits: edits.collect(), undoes: None };
    let actor = Actor { name: "test".to_owned(), via: "test".to_owned() };
    let done = Store::open(root).and_then(|store| store.commit(&operation, &actor));
    assert!(matches!(done, Ok(Commit::Done { .. })), "{done:?}");
}

/// What somebody else does between crash and recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Foreign {
    Nothing,
    /// Other cells and lines of the same documents.
    Beside,
    /// The very cell.
    Same,
}

pub fn stride(default: usize) -> usize {
    match std::env::var("CODEX_TUI_CRASH") {
        Ok(text) if text == "all" => 1,
        Ok(text) => text.parse().unwrap_or(default),
        Err(_) => default,
    }
}

/// The few documents of the demo that the verbs need: fewer files, more kills a second.
fn workspace(root: &Path) {
    let full = demo::temporary().expect("the demo");
    for name in [LIST, LOG, BOARD] {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::copy(full.path().join(name), path).expect("a copy");
    }
}

pub fn verb(root: &Path, args: &[&str]) -> i32 {
    crate::trace::command(root, args).status().expect("the binary runs").code().unwrap_or(-1)
}

pub fn said(root: &Path, args: &[&str]) -> String {
    let output = crate::trace::command(root, args)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .output()
        .expect("the binary runs");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

pub fn operations(root: &Path) -> usize {
    let journal = std::fs::read(root.join(".codex-tui/journal.jsonl")).unwrap_or_default();
    assert!(journal.is_empty() || journal.ends_with(b"\n"), "the journal ends in the middle of a line");
    journal.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).count()
}

/// The time of day is in the ledger and the log: digits are compared as digits.
pub fn masked(files: &Files) -> Files {
    let mask = |bytes: &Vec<u8>| bytes.iter().map(|b| if b.is_ascii_digit() { b'0' } else { *b }).collect();
    files.iter().map(|(name, bytes)| (name.clone(), mask(bytes))).collect()
}

/// The same lines, wherever somebody else's stand between them.
fn sorted(files: &Files) -> BTreeMap<String, Vec<String>> {
    let lines = |bytes: &Vec<u8>| {
        let mut lines: Vec<String> = String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    files.iter().map(|(name, bytes)| (name.clone(), lines(bytes))).collect()
}

const BESIDE: [(&str, &str, &str); 8] = [
    (LIST, "- [ ] Baseline numbers", "- [x] Baseline numbers"),
    (LOG, "- **Role:** Store\n", "- **Role:** Store keeper\n"),
    (LOG, "## Validation\n", "- 10:20 – a line of the agent\n\n## Validation\n"),
    (BOARD, "Release SSH sessions", "Release all SSH sessions"),
    (TABLE, "| 9 | stays |", "| 9 | is changed |"),
    (RECORDS, "9,stays", "9,\"is changed\""),
    (YAML, "kept: stays", "kept: is changed"),
    (JSON, "\"kept\": \"stays\"", "\"kept\": \"is changed\""),
];

/// What somebody else's edits make of the documents; none where they cannot be made.
fn edited(files: &Files, foreign: Foreign) -> Files {
    let mut files = files.clone();
    if foreign == Foreign::Nothing {
        return files;
    }
    for (name, old, new) in BESIDE {
        // The last four are there in their own cases only.
        let Some(bytes) = files.get(name) else { continue };
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        assert!(text.contains(old), "{name}: {old}");
        files.insert(name.to_owned(), text.replacen(old, new, 1).into_bytes());
    }
    if foreign == Foreign::Same {
        let mut rows: Vec<String> = String::from_utf8_lossy(&files[BOARD]).lines().map(str::to_owned).collect();
        let row = rows.iter_mut().find(|row| row.starts_with("\"HB-B-003\"")).expect("the row");
        let at = row.rfind(",\"").expect("the last field");
        // The last field has a comma and quotes of its own after the verb.
        let at = row.find(",\"a \"\"b").unwrap_or(at);
        row.truncate(at);
        row.push_str(",\"theirs\"");
        files.insert(BOARD.to_owned(), (rows.join("\n") + "\n").into_bytes());
    }
    files
}

fn write_changed(root: &Path, from: &Files, to: &Files) {
    for (name, bytes) in to {
        if from.get(name) != Some(bytes) {
            std::fs::write(root.join(name), bytes).expect("a foreign save");
        }
    }
}

pub fn litter(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for dir in ["tmp", "displaced"] {
        let entries = std::fs::read_dir(root.join(".codex-tui").join(dir)).into_iter().flatten().flatten();
        found.extend(entries.map(|entry| format!("{dir}/{}", entry.file_name().to_string_lossy())));
    }
    let entries = std::fs::read_dir(root.join(".codex-tui")).into_iter().flatten().flatten();
    let known = ["tmp", "displaced", "lock", "journal.jsonl", ".gitignore"];
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    found.extend(names.filter(|name| !known.contains(&name.as_str())));
    found
}

pub struct Prepared {
    pub dir: tempfile::TempDir,
    pub old: Files,
    pub new: Files,
    pub operations: usize,
    pub calls: crate::trace::Calls,
}

/// The state before the verb, what it is after an undisturbed run, and how many system calls that took. None when
/// tracing is not permitted.
pub fn prepare(case: &Case) -> Option<Prepared> {
    let dir = tempfile::tempdir().expect("a folder");
    workspace(dir.path());
    (case.start)(dir.path());
    for args in case.before {
        assert_eq!(verb(dir.path(), args), 0, "{}: {}", case.name, said(dir.path(), args));
    }
    let done = tempfile::tempdir().expect("a folder");
    copy(dir.path(), done.path());
    let (ended, calls) = run(done.path(), case.verb, None)?;
    assert_eq!(ended, Run::Ended(0), "{}", case.name);
    let (old, new) = (read_all(dir.path()), read_all(done.path()));
    assert_ne!(old, new);
    let operations = operations(dir.path());
    Some(Prepared { dir, old, new, operations, calls })
}

/// What the kills showed: how many left the old and the new state.
#[derive(Debug, Default)]
struct Seen {
    old: usize,
    new: usize,
    recoveries_killed: usize,
}

/// Kills the verb before system call `at`, lets somebody else edit, kills the recovery before its system call `again` (if
/// any), recovers, and looks.
fn kill(case: &Case, prepared: &Prepared, at: usize, foreign: Foreign, again: Option<usize>, seen: &mut Seen) {
    let what = format!("{}: killed before call {at}, then {foreign:?}, recovery killed before {again:?}", case.name);
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    copy(prepared.dir.path(), root);
    let (ended, _) = run(root, case.verb, Some(at)).expect("tracing worked before");
    let crashed = read_all(root);
    write_changed(root, &crashed, &edited(&crashed, foreign));
    if let Some(again) = again {
        let (ended, _) = run(root, &["recover"], Some(again)).expect("tracing worked before");
        seen.recoveries_killed += usize::from(ended == Run::Killed);
    }
    let recovered = said(root, &["recover"]);
    let now = read_all(root);
    let (old, new) = (edited(&prepared.old, foreign), edited(&prepared.new, foreign));
    let same = |a: &Files, b: &Files| match foreign {
        Foreign::Nothing => masked(a) == masked(b),
        Foreign::Beside | Foreign::Same => sorted(&masked(a)) == sorted(&masked(b)),
    };
    let is_new = match foreign {
        Foreign::Nothing if now == old => false,
        Foreign::Beside if sorted(&now) == sorted(&old) => false,
        Foreign::Same => {
            // Their value stays, whether the operation had been recorded or not.
            assert!(same(&now, &old) || same(&now, &new), "{what}: neither old nor new\n{recovered}");
            assert!(now[BOARD].windows(6).any(|w| w == b"theirs"), "{what}: theirs is lost\n{recovered}");
            operations(root) > prepared.operations
        }
        Foreign::Nothing | Foreign::Beside => {
            let shown: Vec<&String> = now.keys().filter(|name| old.get(*name) != now.get(*name)).collect();
            assert!(same(&now, &new), "{what}: neither old nor new: {shown:?} differ from old\n{recovered}");
            true
        }
    };
    assert!(ended == Run::Killed || is_new, "{what}: success was reported, but nothing is there");
    *(if is_new { &mut seen.new } else { &mut seen.old }) += 1;
    assert_eq!(operations(root), prepared.operations + usize::from(is_new), "{what}: the history disagrees");
    assert_eq!(litter(root), Vec::<String>::new(), "{what}: litter\n{recovered}");
    if foreign == Foreign::Same {
        return;
    }
    // It works afterwards, and going back brings back every byte.
    if !is_new {
        assert_eq!(verb(root, case.verb), 0, "{what}: {}", said(root, case.verb));
        assert!(same(&read_all(root), &new), "{what}: the second try");
    }
    assert_eq!(verb(root, case.back), 0, "{what}: {}", said(root, case.back));
    let back = read_all(root);
    match foreign {
        Foreign::Nothing => assert_eq!(masked(&back), masked(&old), "{what}: taken back"),
        Foreign::Beside | Foreign::Same => {
            assert_eq!(sorted(&masked(&back)), sorted(&masked(&old)), "{what}: taken back");
        }
    }
}

/// Kills at every `stride`-th system call.
fn kill_all(case: &Case, stride: usize, foreign: Foreign, recovery: bool) {
    let Some(prepared) = prepare(case) else {
        println!("skipped: tracing is not permitted here");
        return;
    };
    let mut seen = Seen::default();
    let calls = prepared.calls;
    let mut number = 0;
    for at in (calls.before..=calls.all).step_by(stride) {
        number += 1;
        // Recovery reads the workspace like the verb does, then works: its calls are spread over all that it makes.
        let again = recovery.then(|| calls.before + (number * 37) % (calls.all - calls.before));
        kill(case, &prepared, at, foreign, again, &mut seen);
    }
    println!("{}, {foreign:?}: {number} of {} calls from {}: {seen:?}", case.name, calls.all, calls.before);
    assert!(seen.new > 0 && seen.old > 0, "{seen:?}");
}

#[test]
fn killed_anywhere() {
    for case in &CASES {
        kill_all(case, stride(29 * case.thin), Foreign::Nothing, false);
    }
}

#[test]
fn killed_and_edited_by_somebody_before_the_recovery() {
    for case in &CASES {
        kill_all(case, stride(41 * case.thin), Foreign::Beside, false);
    }
}

#[test]
fn killed_and_the_same_cell_changed_before_the_recovery() {
    kill_all(&CASES[5], stride(13), Foreign::Same, false);
}

#[test]
fn recovery_killed_too() {
    for case in &CASES {
        kill_all(case, stride(43 * case.thin), Foreign::Nothing, true);
        kill_all(case, stride(47 * case.thin), Foreign::Beside, true);
    }
}
