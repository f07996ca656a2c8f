//! How commands end, and that nothing is left of them.

use std::process::Stdio;

use codex_tui::model::session::record::{End, RunRecord};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::*;

/// Runs a line at L2, and compares the exit code of the verb, the end, and the decisive lines; the record in the log and the
/// output file have to say the same.
#[track_caller]
fn check(line: &str, code: i32, end: Value, decisive: &[&str]) -> (TempDir, String) {
    let dir = workspace("L2");
    let (got, value) = run_json(dir.path(), &["--line", line]);
    let ran = &value["ran"];
    assert_eq!((got, json!([ran["end"], ran["code"]]), &ran["decisive"]), (code, end, &json!(decisive)), "{line}");
    let all = records(dir.path());
    let [record] = &all[..] else { panic!("one record, not {all:?}") };
    assert_eq!(
        (&record.line[..], &record.decisive[..]),
        (line, &decisive.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>()[..])
    );
    let path = dir.path().join(record.output.as_ref().expect("an output").as_str());
    let output = text(&std::fs::read(&path).expect("the output"));
    let last = output.lines().last().unwrap_or_default();
    assert!(last.starts_with("# codex-tui: ") && last.contains(&record.end.said(record.duration)[..6]), "{last}");
    assert!(
        output.starts_with("# codex-tui: started ") && output.lines().next().is_some_and(|first| first.ends_with(line))
    );
    (dir, output)
}

#[test]
fn every_end_is_told() {
    check("echo one; echo two >&2", 0, json!(["exit", 0]), &["two"]);
    check("echo 'test result: ok. 3 passed'; echo; exit 3", 1, json!(["exit", 3]), &["test result: ok. 3 passed"]);
    check("kill -9 $$", 1, json!(["signal", 9]), &[]);
    check("cat", 0, json!(["exit", 0]), &[]);
}

#[test]
fn a_program_that_is_not_there() {
    let dir = workspace("L2");
    let (code, value) = run_json(dir.path(), &["--line", "nosuchprogram --at all"]);
    assert_eq!((code, &value["ran"]["code"]), (1, &json!(127)));
    let decisive = value["ran"]["decisive"][0].as_str().unwrap_or_default();
    assert!(decisive.contains("nosuchprogram") && decisive.contains("not found"), "{decisive}");
}

#[test]
fn the_terminal_is_out_of_reach() {
    let dir = workspace("L2");
    let (code, _) = run_json(dir.path(), &["--line", "echo seen >/dev/tty"]);
    assert_eq!(code, 1);
}

#[test]
fn control_sequences_and_bytes_that_are_no_text() {
    let line = r"printf 'a\033]0;title\007\033[2J\377\376b\n'; printf 'no end\033[31m'";
    let dir = workspace("L2");
    let output = run_as(dir.path(), &["--line", line], &[], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for bytes in [&output.stdout, &output.stderr] {
        assert!(bytes.iter().all(|byte| *byte == b'\n' || *byte >= b' '), "{}", text(bytes));
    }
    assert!(text(&output.stdout).contains("no end"));
    let [file] = &outputs(dir.path())[..] else { panic!("one output") };
    let kept = std::fs::read(file).expect("the output");
    assert!(
        memchr::memmem::find(&kept, b"\x1b]0;title\x07\x1b[2J\xff\xfeb\n").is_some(),
        "the file keeps what was printed"
    );
    let log = std::fs::read(dir.path().join(LOG)).expect("the log");
    assert!(log.iter().all(|byte| *byte == b'\n' || *byte >= b' '));
    assert_eq!(records(dir.path())[0].decisive, ["no end"]);
}

#[test]
fn a_hundred_megabytes_leave_a_bounded_file() {
    let line = "yes 0123456789012345678901234567890123456789012345678901234567890123456789012345678 | head -c 104857600; echo; \
                echo 'test result: ok. 1 passed'";
    let dir = workspace("L2");
    let (code, value) = run_json(dir.path(), &["--line", line]);
    assert_eq!((code, &value["ran"]["decisive"]), (0, &json!(["test result: ok. 1 passed"])));
    let [file] = &outputs(dir.path())[..] else { panic!("one output") };
    let size = file.metadata().expect("a file").len();
    assert!((64 << 20..(64 << 20) + (66 << 10)).contains(&size), "{size} bytes");
    let kept = std::fs::read(file).expect("the output");
    let end = text(&kept[kept.len() - (70 << 10)..]);
    // What was printed, less what is kept of its beginning and its end.
    let printed = 104_857_600 + 1 + "test result: ok. 1 passed\n".len();
    let left_out = printed - (64 << 20) - (64 << 10);
    assert!(end.contains(&format!("# codex-tui: {left_out} bytes are left out here\n")), "{left_out}");
    assert!(end.contains("\ntest result: ok. 1 passed\n# codex-tui: exit 0 in "));
}

#[test]
fn what_a_command_leaves_behind_is_killed() {
    let (one, two, three) = (marker(), marker(), marker());
    let line = format!("sleep {one} & (setsid sleep {two} &) ; (setsid ./endless {three} &) ; echo started");
    let dir = workspace("L2");
    let (code, value) = run_json(dir.path(), &["--line", &line]);
    assert_eq!((code, &value["ran"]["end"]), (0, &json!("exit")));
    let note = value["ran"]["notes"][0].as_str().unwrap_or_default();
    assert!(note.ends_with(" processes that it had left behind were killed"), "{note}");
    for marker in [one, two, three] {
        assert_eq!(alive(&marker), 0, "{marker}");
    }
}

#[test]
fn the_last_of_a_pipeline_may_still_write() {
    let dir = workspace("L2");
    let (_, value) = run_json(dir.path(), &["--line", "echo first > >(read x; echo last: $x)"]);
    assert_eq!((&value["ran"]["decisive"], &value["ran"]["notes"]), (&json!(["last: first"]), &json!([])));
}

/// A command that never ends, started by a process of ours; it sleeps for `marker` seconds.
fn endless(dir: &TempDir, marker: &str) -> std::process::Child {
    let line = format!("./endless {marker}");
    let args = ["session", "run", "--line", &line];
    let shown = command(dir.path(), &[&args[..], &["--dry-run", "--json"]].concat()).output().expect("the binary runs");
    let value: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    let confirm = ["--confirm", value["digest"].as_str().expect("a digest")];
    let child = command(dir.path(), &[&args[..], &confirm].concat())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let begun = || {
        outputs(dir.path())
            .first()
            .is_some_and(|file| std::fs::read(file).is_ok_and(|all| text(&all).contains("\nbegun\n")))
    };
    wait_until("the command runs", || begun() && alive(&format!("sleep {marker}")) >= 2);
    child
}

#[test]
fn an_interrupt_ends_the_command_and_records_it() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let (dir, marker) = (workspace("L2"), marker());
        let mut child = endless(&dir, &marker);
        kill_process(Pid::from_child(&child), signal).expect("it runs");
        assert_eq!(child.wait().expect("it ends").code(), Some(1));
        assert_eq!(alive(&marker), 0);
        let ends: Vec<End> = records(dir.path()).into_iter().map(|record| record.end).collect();
        assert_eq!(ends, [End::Cancelled]);
    }
}

#[test]
fn our_own_death_ends_the_command() {
    let (dir, marker) = (workspace("L2"), marker());
    let mut child = endless(&dir, &marker);
    kill_process(Pid::from_child(&child), Signal::KILL).expect("it runs");
    child.wait().expect("it ends");
    wait_until("nothing is left running", || alive(&marker) == 0);
    // What was begun is on disk: the output says it, and has no end.
    let [file] = &outputs(dir.path())[..] else { panic!("one output") };
    let kept = std::fs::read_to_string(file).expect("the output");
    assert!(kept.starts_with("# codex-tui: started ") && kept.ends_with("begun\n"), "{kept}");
    assert_eq!(records(dir.path()), []);
    // And the workspace can be worked with.
    let (code, _) = run_json(dir.path(), &["--line", "echo again"]);
    assert_eq!(code, 0);
}

#[test]
fn the_death_of_the_keeper_is_told() {
    let (dir, marker) = (workspace("L2"), marker());
    let mut child = endless(&dir, &marker);
    // The keeper is the child of the process that we started.
    let keeper = std::fs::read_dir("/proc").expect("/proc").flatten().find_map(|entry| {
        let arguments = std::fs::read(entry.path().join("cmdline")).ok()?;
        let is_keeper = text(&arguments).contains("\0__run\0") && text(&arguments).contains(&marker);
        Pid::from_raw(entry.file_name().to_str()?.parse().ok()?).filter(|_| is_keeper)
    });
    kill_process(keeper.expect("a keeper"), Signal::KILL).expect("it runs");
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    let ends: Vec<End> = records(dir.path()).into_iter().map(|record| record.end).collect();
    assert!(matches!(&ends[..], [End::Lost(_)]), "{ends:?}");
    // Nobody watches over what the command started any more; here it is ended by hand.
    for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
        let arguments = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let pid = entry.file_name().to_str().and_then(|name| Pid::from_raw(name.parse().ok()?));
        if let Some(pid) = pid.filter(|_| text(&arguments).contains(&marker)) {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

#[test]
fn the_last_command_can_be_attached() {
    let dir = workspace("L2");
    let none = command(dir.path(), &["session", "attach", "--last"]).output().expect("the binary runs");
    assert_eq!(none.status.code(), Some(2), "{}", text(&none.stderr));
    run_json(dir.path(), &["--line", "echo one"]);
    run_json(dir.path(), &["--line", "echo 'test result: ok. 2 passed'"]);
    let done = command(dir.path(), &["session", "attach", "--last"]).output().expect("the binary runs");
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let log = std::fs::read_to_string(dir.path().join(LOG)).expect("the log");
    let last: &RunRecord = &records(dir.path())[1];
    let output = last.output.as_ref().expect("an output");
    let line = log.lines().rfind(|line| line.contains("output of")).expect("a line");
    let want = format!(
        "`{output}`: output of `echo 'test result: ok. 2 passed'`, {}; \"test result: ok. 2 passed\"",
        last.end.said(last.duration)
    );
    assert!(line.ends_with(&want), "{line}");
    assert_eq!(records(dir.path()).len(), 2, "the attachment is no command");
}
