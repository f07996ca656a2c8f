//! What the store keeps, what it refuses, and what it makes of a state folder that somebody else prepared.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use codex_tui::workbench::demo;

use super::verbs::{done, json, said as run};

const BOARD: &str = "docs/taskboard/TaskBoard.csv";
const LIST: &str = "docs/CODEX_SESSION_CHECKLIST.md";
const CELL: &str = r#"{"id_column":"ID","id":"HB-B-003","column":"Notes"}"#;

fn set(root: &Path, doc: &str, at: &str, value: &str) -> (i32, String) {
    run(root, &["cell", "set", doc, "--at", at, "--value", value])
}

/// Refused with that code and these words, and the document is as it was.
#[track_caller]
fn refused(root: &Path, doc: &str, code: i32, words: &str) {
    let path = root.join(doc);
    let before = fs::read(&path).ok();
    let (found, said) = set(root, doc, CELL, "new");
    assert_eq!(found, code, "{said}");
    assert!(said.contains(words), "{said:?} does not say {words:?}");
    assert_eq!(fs::read(&path).ok(), before, "{doc} was changed");
    let tmp = fs::read_dir(root.join(".codex-tui/tmp")).map(|entries| entries.count()).unwrap_or(0);
    assert_eq!(tmp, 0, "temporary files are left");
}

fn demo_board() -> (demo::Temporary, PathBuf) {
    let dir = demo::temporary().expect("the demo");
    let board = dir.path().join(BOARD);
    (dir, board)
}

#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn mode_owner_and_attributes_are_kept() {
    let (dir, board) = demo_board();
    fs::set_permissions(&board, Permissions::from_mode(0o640)).expect("a mode");
    let owned = std::os::unix::fs::chown(&board, Some(1234), Some(2345)).is_ok();
    let flags = rustix::fs::XattrFlags::empty();
    let marked = rustix::fs::setxattr(&board, "user.codex-tui-test", b"kept", flags).is_ok();
    let before = fs::metadata(&board).expect("metadata");
    let (code, said) = set(dir.path(), BOARD, CELL, "new");
    assert_eq!(code, 0, "{said}");
    let after = fs::metadata(&board).expect("metadata");
    assert_ne!(before.ino(), after.ino(), "it was replaced");
    assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
    let mut value = [0; 16];
    let read = rustix::fs::getxattr(&board, "user.codex-tui-test", &mut value[..]);
    assert!(!marked || read.is_ok_and(|length| &value[..length] == b"kept"));
    println!("owner changed: {owned}, attribute set: {marked}");
}

#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn links_stay_or_are_refused() {
    let (dir, board) = demo_board();
    let real = board.with_file_name("Real.csv");
    fs::rename(&board, &real).expect("renamed");
    symlink("Real.csv", &board).expect("a link");
    let (code, said) = set(dir.path(), BOARD, CELL, "through the link");
    assert_eq!(code, 0, "{said}");
    assert_eq!(fs::read_link(&board).expect("still a link"), Path::new("Real.csv"));
    assert!(fs::read_to_string(&real).expect("the board").contains("through the link"));

    let outside = tempfile::tempdir().expect("a folder");
    fs::rename(&real, outside.path().join("Board.csv")).expect("renamed");
    fs::remove_file(&board).expect("removed");
    symlink(outside.path().join("Board.csv"), &board).expect("a link");
    refused(dir.path(), BOARD, 4, "leads out of the workspace");

    let (dir, board) = demo_board();
    fs::hard_link(&board, board.with_file_name("Second.csv")).expect("a hard link");
    refused(dir.path(), BOARD, 4, "more than one name");
}

#[test]
fn read_only_files_and_folders_are_refused() {
    let (dir, board) = demo_board();
    fs::set_permissions(&board, Permissions::from_mode(0o444)).expect("a mode");
    refused(dir.path(), BOARD, 4, "is read-only");
    fs::set_permissions(&board, Permissions::from_mode(0o644)).expect("a mode");
    let folder = board.parent().expect("a folder");
    fs::set_permissions(folder, Permissions::from_mode(0o555)).expect("a mode");
    refused(dir.path(), BOARD, 4, "the folder is read-only");
    fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("a mode");
    done(dir.path(), &["cell", "set", BOARD, "--at", CELL, "--value", "new"]);
    // One document of three is read-only: nothing of the operation is done.
    let log = dir.path().join("docs/agents/sessions/2026-11-20_session-0006.md");
    fs::set_permissions(&log, Permissions::from_mode(0o444)).expect("a mode");
    let before = fs::read(dir.path().join(LIST)).expect("the list");
    let (code, said) = run(dir.path(), &["checklist", "tick", "5"]);
    assert!(code == 4 && said.contains("session-0006.md: is read-only"), "{code} {said}");
    assert_eq!(fs::read(dir.path().join(LIST)).expect("the list"), before);
    assert!(!dir.path().join(".codex-tui/pending.json").exists());
}

#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn doctor_says_beforehand_what_an_edit_is_refused_for() {
    let (dir, board) = demo_board();
    let root = dir.path();
    let found = |file: &str| {
        let findings = json(root, &["doctor"]).1["findings"].as_array().cloned().expect("findings");
        let is_meant = |rule: &serde_json::Value| rule == "writing" || rule == "too-large";
        let mut own = findings.into_iter().filter(|one| is_meant(&one["rule"]) && one["file"] == file);
        let first = own.next();
        assert!(own.next().is_none(), "{file} is named twice");
        first.map(|one| ["severity", "message", "fix"].map(|key| one[key].as_str().expect("text").to_owned()))
    };
    let the_same = |file: &str| {
        let [severity, message, fix] = found(file).expect("a finding");
        assert_eq!(severity, "warning");
        refused(root, BOARD, 4, &format!("{file}: {message}; {fix}"));
    };
    assert_eq!(found(BOARD), None);
    fs::set_permissions(&board, Permissions::from_mode(0o444)).expect("a mode");
    the_same(BOARD);
    fs::set_permissions(&board, Permissions::from_mode(0o644)).expect("a mode");
    fs::hard_link(&board, root.join("Second.csv")).expect("a hard link");
    the_same(BOARD);
    fs::remove_file(root.join("Second.csv")).expect("removed");
    let folder = board.parent().expect("a folder");
    fs::set_permissions(folder, Permissions::from_mode(0o555)).expect("a mode");
    the_same("docs/taskboard");
    fs::set_permissions(folder, Permissions::from_mode(0o755)).expect("a mode");
    // What nobody writes to every day is only worth knowing.
    fs::set_permissions(root.join("docs/CODEX_RUNBOOK.md"), Permissions::from_mode(0o444)).expect("a mode");
    assert_eq!(found("docs/CODEX_RUNBOOK.md").map(|[severity, ..]| severity).as_deref(), Some("note"));
    let backlog = fs::OpenOptions::new().write(true).open(root.join("docs/CODEX_BACKLOG.md")).expect("the backlog");
    backlog.set_len((64 << 20) + 1).expect("a large file");
    let [severity, message, _] = found("docs/CODEX_BACKLOG.md").expect("a finding");
    assert!(severity == "warning" && message.contains("over 64 MiB are shown, not edited"), "{severity}: {message}");
    // Where nothing can be written that is said once.
    fs::set_permissions(root, Permissions::from_mode(0o555)).expect("a mode");
    assert_eq!(found("docs/CODEX_RUNBOOK.md"), None);
    let (_, said) = run(root, &["doctor"]);
    fs::set_permissions(root, Permissions::from_mode(0o755)).expect("a mode");
    assert_eq!(said.matches("the folder is read-only").count(), 1, "{said}");
}

#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn what_is_no_document_is_refused() {
    let (dir, board) = demo_board();
    fs::remove_file(&board).expect("removed");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &board, rustix::fs::FileType::Fifo, mode, 0).expect("a FIFO");
    // Opening it would wait for whoever writes into it, which is nobody.
    let (code, said) = set(dir.path(), BOARD, CELL, "new");
    assert!(code == 4 && said.contains("not a regular file"), "{said}");
    fs::remove_file(&board).expect("removed");
    fs::write(&board, b"ID,Notes\nHB-B-003,\xff\xfe\n").expect("a board");
    refused(dir.path(), BOARD, 4, "UTF-8");
    let notes = "n".repeat(128 << 20);
    fs::write(&board, format!("ID,Notes\nHB-B-003,a\nHB-B-004,{notes}\n")).expect("a large board");
    let (code, said) = set(dir.path(), BOARD, CELL, "new");
    assert!(code != 0 && said.contains("128 MiB"), "{said}");
    refused(dir.path(), ".codex-tui/planted.csv", 4, "there is no such document");
    fs::create_dir_all(dir.path().join(".git")).expect("a folder");
    fs::write(dir.path().join(".git/x.csv"), "ID,Notes\nHB-B-003,a\n").expect("a file");
    refused(dir.path(), ".git/x.csv", 4, "belongs to git");
}

#[test]
fn only_the_bytes_of_the_cell_change() {
    for text in [
        "\u{feff}ID,Notes\r\nHB-B-003,OLD\r\nHB-B-004,\"x\"\"y\"",
        "ID,Notes\nHB-B-003,OLD",
        "\"ID\" ,Notes\r\nHB-B-003,OLD\nHB-B-004,z\r\n\r\n",
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("a.csv"), text).expect("a document");
        let at = if text.contains("\"ID\" ") { CELL.replace("\"ID\"", r#""\"ID\" ""#) } else { CELL.to_owned() };
        let (code, said) = set(dir.path(), "a.csv", &at, "new");
        if code != 0 {
            // A damaged header may be refused, but not changed.
            assert_eq!(fs::read_to_string(dir.path().join("a.csv")).expect("it"), text, "{said}");
            continue;
        }
        assert_eq!(fs::read_to_string(dir.path().join("a.csv")).expect("it"), text.replace("OLD", "new"));
        done(dir.path(), &["undo"]);
        assert_eq!(fs::read_to_string(dir.path().join("a.csv")).expect("it"), text);
    }
}

/// YAML and JSON come under the same laws as the other documents.
#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn the_laws_hold_for_values_too() {
    const STATUS: &str = r#"["areas",{"id":"a"},"status"]"#;
    let yaml = "# B\r\nareas:\r\n- {id: a, status:  todo } # c\n";
    let json = "\u{feff}{ \"active\":null,\r\n\t\"n\": 0.10 }";
    for (name, text, at, after) in [
        ("docs/TODO.yaml", yaml, STATUS, yaml.replace("todo", "done")),
        ("docs/TODO.yml", yaml, STATUS, yaml.replace("todo", "done")),
        ("ai/state/progress.json", json, "/active", json.replace("null", "\"done\"")),
    ] {
        let (dir, _) = demo_board();
        let root = dir.path();
        let path = root.join(name);
        let read = || fs::read_to_string(&path).expect("a document");
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(&path, text).expect("a document");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("a mode");
        assert_eq!(set(root, name, at, "done").0, 0);
        assert_eq!(read(), after);
        assert_eq!(fs::metadata(&path).expect("metadata").mode() & 0o777, 0o640);
        done(root, &["undo"]);
        assert_eq!(read(), text, "undone");
        done(root, &["redo"]);
        assert_eq!(read(), after, "done again");
        // Somebody changed the very value, or what stands beside it.
        fs::write(&path, after.replace("done", "theirs")).expect("a foreign save");
        let (code, said) = run(root, &["undo"]);
        assert_eq!((code, read()), (3, after.replace("done", "theirs")), "{said}");
        let beside = format!("{}\n", after.replace("0.10", "0.20").replace("# c", "# d"));
        fs::write(&path, &beside).expect("a foreign save");
        done(root, &["undo"]);
        assert_eq!(read(), format!("{}\n", text.replace("0.10", "0.20").replace("# c", "# d")), "beside theirs");
        fs::write(&path, text).expect("a document");
        let refuses = |words: &str| {
            let before = fs::read(&path).expect("a document");
            let (code, said) = set(root, name, at, "done");
            assert!(code == 4 && said.contains(words), "{code} {said}");
            assert_eq!(fs::read(&path).expect("a document"), before);
        };
        fs::set_permissions(&path, Permissions::from_mode(0o444)).expect("a mode");
        refuses("is read-only");
        fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("a mode");
        fs::hard_link(&path, root.join("second")).expect("a hard link");
        refuses("more than one name");
        fs::remove_file(root.join("second")).expect("removed");
        fs::write(&path, [text.as_bytes(), b"\xff"].concat()).expect("a document");
        refuses("not valid UTF-8");
        fs::write(&path, format!("{text}]")).expect("a document");
        refuses("it is not valid");
    }
}

#[test]
fn undo_brings_back_the_very_bytes_or_refuses() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    let csv = "ID,Notes\r\nHB-B-003,\"needs \"\"no\"\" quotes\"\r\n\"HB-B-004\",\"plain\"\r\n";
    let md = "# Work\n\n| ID | Notes |\n|---|---|\n| HB-B-003 |  a<br/>b &amp; c   |\n";
    fs::write(root.join("a.csv"), csv).expect("a document");
    fs::write(root.join("a.md"), md).expect("a document");
    let key = r#"{"id_column":"ID","id":"HB-B-004","column":"ID"}"#;
    let row = r#"{"heading":"Work","row":"HB-B-003","column":"Notes"}"#;
    for (doc, at, before) in [("a.csv", CELL, csv), ("a.csv", key, csv), ("a.md", row, md)] {
        let (code, said) = set(root, doc, at, "HB-X-1");
        assert_eq!(code, 0, "{said}");
        assert_ne!(fs::read_to_string(root.join(doc)).expect("it"), before);
        done(root, &["undo"]);
        assert_eq!(fs::read_to_string(root.join(doc)).expect("it"), before, "{doc} {at}");
    }
    // Somebody changes the same cell: undo leaves it and says so. Another cell: undo works.
    let (code, said) = set(root, "a.csv", CELL, "mine");
    assert_eq!(code, 0, "{said}");
    let mine = fs::read_to_string(root.join("a.csv")).expect("it");
    fs::write(root.join("a.csv"), mine.replace("mine", "theirs")).expect("their save");
    let (code, said) = run(root, &["undo"]);
    assert!(code == 3 && said.contains("theirs"), "{code} {said}");
    assert_eq!(fs::read_to_string(root.join("a.csv")).expect("it"), mine.replace("mine", "theirs"));
    fs::write(root.join("a.csv"), mine.replace("plain", "changed")).expect("their save");
    done(root, &["undo"]);
    assert_eq!(fs::read_to_string(root.join("a.csv")).expect("it"), csv.replace("plain", "changed"));
}

#[test]
fn folders_that_were_made_go_again() {
    let dir = demo::temporary().expect("the demo");
    let root = dir.path();
    fs::write(root.join("codex-tui.toml"), "[documents]\nledger = [\"notes/deep/down/Ledger.csv\"]\n")
        .expect("written");
    done(root, &["checklist", "tick", "5"]);
    assert!(root.join("notes/deep/down/Ledger.csv").exists());
    done(root, &["undo"]);
    assert!(!root.join("notes").exists(), "the folders went with the ledger");
    done(root, &["redo"]);
    assert!(root.join("notes/deep/down/Ledger.csv").exists());
    fs::write(root.join("notes/theirs.md"), "theirs\n").expect("written");
    done(root, &["undo"]);
    assert!(root.join("notes/theirs.md").exists() && !root.join("notes/deep").exists());
}

#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn a_planted_state_folder_reaches_nothing_else() {
    let tick = ["checklist", "tick", "5"];
    // The folder, or one in it, is a link to somewhere else.
    for name in [".codex-tui", ".codex-tui/tmp", ".codex-tui/displaced"] {
        let (dir, _) = demo_board();
        let outside = tempfile::tempdir().expect("a folder");
        if name != ".codex-tui" {
            fs::create_dir(dir.path().join(".codex-tui")).expect("a folder");
        }
        symlink(outside.path(), dir.path().join(name)).expect("a link");
        let (code, said) = run(dir.path(), &tick);
        assert!(code == 4 && said.contains("is not a folder"), "{name}: {code} {said}");
        assert_eq!(fs::read_dir(outside.path()).expect("a folder").count(), 0, "{name}");
    }
    // A file of it is a link to a document, a second name of one, a folder or a FIFO.
    for name in ["lock", "journal.jsonl", "pending.json"] {
        for kind in ["symbolic", "hard", "folder", "fifo"] {
            let (dir, board) = demo_board();
            let before = fs::read(&board).expect("the board");
            fs::create_dir(dir.path().join(".codex-tui")).expect("a folder");
            let path = dir.path().join(".codex-tui").join(name);
            match kind {
                "symbolic" => symlink(&board, &path).expect("a link"),
                "hard" => fs::hard_link(&board, &path).expect("a link"),
                "folder" => fs::create_dir(&path).expect("a folder"),
                _ => {
                    let mode = rustix::fs::Mode::from_raw_mode(0o600);
                    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).expect("a FIFO");
                }
            }
            let (code, said) = run(dir.path(), &tick);
            assert!(code == 0 || code == 4, "{name} as {kind}: {code} {said}");
            assert!(code == 0 || said.contains(name), "{name} as {kind}: {said}");
            assert_eq!(fs::read(&board).expect("the board"), before, "{name} as {kind}: {said}");
        }
    }
}

#[test]
fn planted_operations_and_leftovers() {
    let (dir, board) = demo_board();
    let root = dir.path();
    done(root, &["checklist", "tick", "5"]);
    let journal = fs::read_to_string(root.join(".codex-tui/journal.jsonl")).expect("the journal");
    let state = root.join(".codex-tui");
    let outside = tempfile::tempdir().expect("a folder");
    let victim = outside.path().join("x.csv");
    fs::write(&victim, fs::read(&board).expect("the board")).expect("a file");
    symlink(&victim, root.join("docs/out.csv")).expect("a link");
    let planted = |doc: &str| {
        let mut record: serde_json::Value = serde_json::from_str(journal.trim()).expect("JSON");
        record["op"] = 7.into();
        let cell: serde_json::Value = serde_json::from_str(CELL).expect("JSON");
        let set = serde_json::json!({"change": "set", "cell": cell, "expect": "", "write": "planted"});
        record["operation"]["edits"] = serde_json::json!([{"doc": doc, "change": set}]);
        record["inverse"] = serde_json::json!([]);
        record["files"] = serde_json::json!([{"file": doc, "before": null, "after": null, "edits": [], "held": []}]);
        record.to_string()
    };
    for (what, text) in [
        ("garbage", "{\"op\":".to_owned()),
        ("a path out of the root", planted("../x.csv")),
        ("an absolute path", planted("/etc/x.csv")),
        ("a link out of the root", planted("docs/out.csv")),
        ("an absent document", planted("docs/absent.csv")),
        ("the state itself", planted(".codex-tui/x.csv")),
    ] {
        fs::write(state.join("pending.json"), text).expect("planted");
        let victim_before = fs::read(&victim).expect("a file");
        done(root, &["recover"]);
        done(root, &["cell", "set", BOARD, "--at", CELL, "--value", what]);
        assert!(!state.join("pending.json").exists(), "{what}");
        assert_eq!(fs::read(&victim).expect("a file"), victim_before, "{what}");
    }
    // Files, links and FIFOs where only our own are expected.
    let rev = "0".repeat(32);
    fs::create_dir(state.join("tmp/folder")).expect("a folder");
    symlink(&victim, state.join("tmp/stray")).expect("a link");
    symlink(&victim, state.join(format!("tmp/full-0-{rev}-{rev}-1-1"))).expect("a link");
    symlink("/dev/zero", state.join(format!("displaced/quiet-{rev}-1-1-x"))).expect("a link");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    let fifo = state.join(format!("displaced/quiet-{rev}-1-2-x"));
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).expect("a FIFO");
    std::thread::sleep(Duration::from_secs(6));
    done(root, &["cell", "set", BOARD, "--at", CELL, "--value", "still works"]);
    assert!(victim.exists());
}

#[test]
fn a_number_that_cannot_grow_is_refused() {
    let (dir, _) = demo_board();
    done(dir.path(), &["checklist", "tick", "5"]);
    let path = dir.path().join(".codex-tui/journal.jsonl");
    let journal = fs::read_to_string(&path).expect("the journal");
    fs::write(&path, journal.replace("\"op\":1,", &format!("\"op\":{},", u64::MAX))).expect("planted");
    let (code, said) = run(dir.path(), &["checklist", "tick", "7"]);
    assert!(code == 4 && said.contains("largest possible number"), "{code} {said}");
}

#[test]
fn a_torn_journal_a_deleted_folder_and_a_jumping_clock() {
    let (dir, board) = demo_board();
    let root = dir.path();
    let start = fs::read(&board).expect("the board");
    for value in ["one", "two"] {
        done(root, &["cell", "set", BOARD, "--at", CELL, "--value", value]);
    }
    let path = root.join(".codex-tui/journal.jsonl");
    let mut journal = fs::read_to_string(&path).expect("the journal");
    // The first operation was done in the future, the second long ago.
    for (line, year) in [(0, "2099"), (1, "1999")] {
        let lines: Vec<&str> = journal.lines().collect();
        let at = lines[line].find("\"at\":\"").expect("a time") + 6;
        let old = &lines[line][at..at + 4];
        let new = lines[line].replacen(&format!("\"at\":\"{old}"), &format!("\"at\":\"{year}"), 1);
        journal = journal.replace(lines[line], &new);
    }
    let half = &journal[..journal.len() / 3];
    fs::write(&path, format!("{journal}{}", half.lines().next().unwrap_or_default().get(..40).unwrap_or("{\"op\":3")))
        .expect("a torn journal");
    done(root, &["undo"]);
    assert!(fs::read_to_string(&board).expect("the board").contains("\"one\""), "the newer operation was undone");
    done(root, &["undo"]);
    assert_eq!(fs::read(&board).expect("the board"), start);
    let (_, history) = run(root, &["history", "--json"]);
    let history: serde_json::Value = serde_json::from_str(&history).expect("JSON");
    assert_eq!(history["operations"].as_array().map(Vec::len), Some(4), "{history}");
    assert_eq!(history["problems"].as_array().map(Vec::len), Some(0), "{history}");
    fs::remove_dir_all(root.join(".codex-tui")).expect("removed");
    let (code, said) = run(root, &["undo"]);
    assert!(code == 0 && said.contains("nothing to undo"), "{code} {said}");
    assert!(!root.join(".codex-tui").exists());
    done(root, &["cell", "set", BOARD, "--at", CELL, "--value", "again"]);
    done(root, &["undo"]);
    assert_eq!(fs::read(&board).expect("the board"), start);
}

#[test]
fn a_held_lock_is_named_and_a_dead_one_does_not_count() {
    let (dir, board) = demo_board();
    done(dir.path(), &["cell", "set", BOARD, "--at", CELL, "--value", "one"]);
    let before = fs::read(&board).expect("the board");
    let path = dir.path().join(".codex-tui/lock");
    assert!(fs::read_to_string(&path).expect("the lock").starts_with("process "), "left by a process that ended");
    let file = fs::OpenOptions::new().read(true).write(true).open(&path).expect("the lock");
    file.lock().expect("locked");
    fs::write(&path, "process 1 (somebody through cockpit)").expect("named");
    // The lock is held until we let it go: the wait for it ends by itself.
    let (code, said) = run(dir.path(), &["cell", "set", BOARD, "--at", CELL, "--value", "two"]);
    assert!(code == 4 && said.contains("locked by process 1 (somebody through cockpit)"), "{code} {said}");
    assert_eq!(fs::read(&board).expect("the board"), before);
    drop(file);
    done(dir.path(), &["cell", "set", BOARD, "--at", CELL, "--value", "two"]);
}

#[test]
fn eight_writers_of_one_cell() {
    let (dir, _) = demo_board();
    let root = dir.path();
    let get = || run(root, &["cell", "get", BOARD, "--at", CELL]).1.trim_end().to_owned();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            scope.spawn(move || {
                for turn in 0..2 {
                    for _ in 0..500 {
                        let now = get();
                        let new = format!("{now} w{writer}t{turn}.");
                        let args = ["cell", "set", BOARD, "--at", CELL, "--value", &new, "--expect", &now];
                        let (code, said) = run(root, &args);
                        assert!(code == 0 || code == 3, "{code} {said}");
                        if code == 0 {
                            break;
                        }
                    }
                }
            });
        }
    });
    let value = get();
    for writer in 0..8 {
        for turn in 0..2 {
            assert_eq!(value.matches(&format!(" w{writer}t{turn}.")).count(), 1, "{value}");
        }
    }
}

const LOG: &str = "docs/agents/sessions/2026-11-20_session-0006.md";

/// The demo with a session log whose last section takes the lines of the cockpit; an agent holds it open.
fn log_held_open(append: bool) -> (demo::Temporary, PathBuf, fs::File) {
    let dir = demo::temporary().expect("the demo");
    let log = dir.path().join(LOG);
    let text = fs::read_to_string(&log).expect("the log");
    let end = text.find("\n## Validation").expect("a section");
    fs::write(&log, &text[..end]).expect("a log that ends with its changes");
    let agent = fs::OpenOptions::new().append(append).write(true).open(&log).expect("the log");
    (dir, log, agent)
}

/// Ends the agent, also when the test fails: who waits for the agent would wait for ever.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn a_log_that_an_agent_holds_open_is_appended_to() {
    use std::io::Write;
    let (dir, log, mut agent) = log_held_open(true);
    let inode = fs::metadata(&log).expect("metadata").ino();
    let stop = AtomicBool::new(false);
    let steps = ["3", "4", "5", "6", "7"];
    let lines = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut lines = 0;
            while !stop.load(Ordering::Relaxed) {
                agent.write_all(format!("- 11:00 – agent line {lines}.\n").as_bytes()).expect("written");
                lines += 1;
                std::thread::sleep(Duration::from_millis(60));
            }
            lines
        });
        let end = Stop(&stop);
        for step in steps {
            done(dir.path(), &["checklist", "tick", step]);
        }
        drop(end);
        writer.join().expect("the agent")
    });
    let text = fs::read_to_string(&log).expect("the log");
    assert_eq!(fs::metadata(&log).expect("metadata").ino(), inode, "the agent's descriptor is still the log");
    for line in 0..lines {
        assert_eq!(text.matches(&format!("- 11:00 – agent line {line}.\n")).count(), 1, "{text}");
    }
    let ticked = text.lines().filter(|line| line.contains("ticked") || line.contains("Checklist")).count();
    assert!(ticked >= steps.len(), "{text}");
    assert!(text.ends_with('\n'));
    let records = fs::read_to_string(dir.path().join("docs/agents/sessions/SessionChecklist.csv")).expect("the ledger");
    assert_eq!(records.lines().count(), 1 + steps.len());
    // Somebody who writes at an offset of his own would write over it.
    let (dir, log, _agent) = log_held_open(false);
    let before = fs::read(&log).expect("the log");
    let (code, said) = run(dir.path(), &["checklist", "tick", "5"]);
    assert!(code == 4 && said.contains("open for writing"), "{code} {said}");
    assert_eq!(fs::read(&log).expect("the log"), before);
}

#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn an_append_in_place_that_was_cut_off_is_completed() {
    let (dir, log, agent) = log_held_open(true);
    let root = dir.path();
    let before = fs::read(&log).expect("the log");
    done(root, &["checklist", "tick", "7"]);
    let after = fs::read(&log).expect("the log");
    assert!(after.starts_with(&before) && after.len() > before.len() + 40);
    let journal = root.join(".codex-tui/journal.jsonl");
    let record = fs::read(&journal).expect("the journal");
    assert!(record.windows(10).any(|w| w == b"\"appended\""), "the log was exchanged");
    // As if the power had gone while it was appended: part of the text, none, or all of it; and then the agent went on.
    for (cut, more) in [(0, ""), (1, ""), (25, ""), (after.len() - before.len(), ""), (0, "- agent\n")] {
        fs::write(&journal, "").expect("an empty journal");
        fs::write(root.join(".codex-tui/pending.json"), &record).expect("pending");
        agent.set_len((before.len() + cut) as u64).expect("cut off");
        std::io::Write::write_all(&mut &agent, more.as_bytes()).expect("the agent");
        done(root, &["recover"]);
        let now = fs::read(&log).expect("the log");
        if more.is_empty() {
            assert_eq!(now, after, "cut after {cut}");
        } else {
            let text = String::from_utf8_lossy(&now).into_owned();
            assert!(text.contains(more) && text.matches("ticked - ").count() == 1, "{text}");
        }
        assert!(!root.join(".codex-tui/pending.json").exists());
    }
}
