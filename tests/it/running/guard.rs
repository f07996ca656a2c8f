//! What may not run, and that nothing is started or written then.

use codex_tui::workbench::Workbench;
use codex_tui::workbench::command::{Wanted, Why};

use super::*;
use crate::files::read_all;

/// A verb that is refused: exit code, words of its message, nothing written, nothing started.
#[track_caller]
fn refused(root: &Path, args: &[&str], set: &[(&str, &str)], code: i32, words: &[&str]) -> String {
    let before = read_all(root);
    let output = command(root, args).envs(set.iter().copied()).output().expect("the binary runs");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{args:?}: {said}");
    }
    assert!(read_all(root) == before, "{args:?}: something was written");
    assert!(!root.join("canary").exists());
    said
}

#[test]
fn the_level_decides() {
    for (level, line, set, needs) in [
        ("L0", "ls", &[][..], "L1"),
        ("L0", "touch canary", &[], "L1"),
        ("L1", "nosuchtool; touch canary", &[], "L2"),
        ("L1", "touch canary; rm -rf docs", &[], "L2"),
        ("L2", "touch canary; curl http://localhost:1/", &[], "L3"),
        ("L3", "touch canary; curl http://localhost:1/", &[], "RUNTEST_NET=1"),
        ("L3", "touch canary; curl http://localhost:1/", &[("RUNTEST_NET", "0")], "RUNTEST_NET=1"),
        // Opting in is no level.
        ("L2", "touch canary; curl http://localhost:1/", &[("RUNTEST_NET", "1")], "L3"),
    ] {
        let dir = workspace(level);
        for more in [&["--dry-run"][..], &["--confirm", "00000000"], &[]] {
            let args = [&["session", "run", "--line", line], more].concat();
            refused(dir.path(), &args, set, 5, &[needs, "CODEX_AUTONOMY_PLAN.md"]);
        }
    }
    // The notes of the runbook's row raise its level.
    let dir = workspace("L1");
    refused(dir.path(), &["session", "run", "Make", "--dry-run"], &[], 5, &["L2", "the runbook's notes"]);
    refused(dir.path(), &["session", "run", "1", "--set", "word=x", "--set", "n=2", "--dry-run"], &[], 5, &["--slots"]);
}

#[test]
fn variables_go_with_the_level() {
    for (level, said) in [("L2", "none"), ("L3", "RUNTEST_NET=1\nRUNTEST_TOKEN=[masked]")] {
        let dir = workspace(level);
        let set = [("RUNTEST_NET", "1"), ("RUNTEST_TOKEN", "correct-horse")];
        let output = run_as(dir.path(), &["--line", "env | grep ^RUNTEST | sort | grep . || echo none"], &set, &[]);
        let printed = text(&output.stdout);
        let (printed, _) = printed.split_once("\nexit 0 in ").unwrap_or_default();
        assert_eq!(printed, said, "{level}: {}", text(&output.stderr));
    }
}

#[test]
fn the_record_names_level_and_overrides() {
    let dir = workspace("L2");
    let (code, value) = run_json(dir.path(), &["1", "--set", "word=x", "--set", "n=2"]);
    assert_eq!((code, &value["overrides"][0]), (0, &Value::from("--slots")));
    let [record] = &records(dir.path())[..] else { panic!("one record") };
    assert_eq!((record.level.name(), &record.overrides[..]), ("L2", &["--slots".to_owned()][..]));
}

#[test]
fn a_value_stays_a_value() {
    let values = [
        "$(touch canary)",
        "`touch canary`",
        "; touch canary",
        "'; touch canary; '",
        "\"; touch canary; \"",
        "x' && touch canary || '",
        "> canary",
        "${x:-$(touch canary)}",
        "'; touch canary #",
        "!touch canary",
        "*",
    ];
    for value in values {
        let dir = workspace("L2");
        let output = run_as(dir.path(), &["1", "--set", &format!("word={value}")], &[], &[]);
        assert_eq!(output.status.code(), Some(0), "{value}: {}", text(&output.stderr));
        assert_eq!(text(&output.stdout).lines().next(), Some(&format!("[{value}]")[..]));
        assert!(!dir.path().join("canary").exists(), "{value}");
        // Where the text is read twice, such a value is not taken.
        let set = format!("word={value}");
        let twice =
            command(dir.path(), &["session", "run", "2", "--set", &set, "--dry-run"]).output().expect("it runs");
        assert_eq!(twice.status.code(), Some(2), "{value}: {}", text(&twice.stdout));
    }
    let dir = workspace("L2");
    for value in ["a\ntouch canary", "a\rb", "-x", "\u{1b}[2J", "a\u{202e}b"] {
        refused(
            dir.path(),
            &["session", "run", "1", "--set", &format!("word={value}"), "--dry-run"],
            &[],
            2,
            &["word"],
        );
    }
    refused(
        dir.path(),
        &["session", "run", "1", "--set", "other=x", "--dry-run"],
        &[],
        2,
        &["no placeholder \"other\""],
    );
    refused(dir.path(), &["session", "run", "1", "--dry-run"], &[], 2, &["not filled in: <word>"]);
    refused(dir.path(), &["session", "run", "--line", "-c 'touch canary'", "--dry-run"], &[], 2, &["no command line"]);
}

#[test]
fn only_what_was_shown_runs() {
    let dir = workspace("L2");
    let digest = |args: &[&str]| {
        let shown = command(dir.path(), &[&["session", "run"], args, &["--dry-run", "--json"]].concat()).output();
        let value: Value = serde_json::from_slice(&shown.expect("it runs").stdout).expect("JSON");
        value["digest"].as_str().expect("a digest").to_owned()
    };
    let say = digest(&["1", "--set", "word=a"]);
    refused(
        dir.path(),
        &["session", "run", "1", "--set", "word=b", "--confirm", &say],
        &[],
        2,
        &["stands for something else", "'b'"],
    );
    refused(dir.path(), &["session", "run", "1", "--set", "word=a"], &[], 2, &["has to be confirmed", &say]);
    let make = digest(&["Make"]);
    let runbook = dir.path().join("docs/CODEX_RUNBOOK.md");
    for (old, new) in [("`touch canary`", "`touch canary; touch more`"), ("# Runbook", "# Runbook\n")] {
        let text = std::fs::read_to_string(&runbook).expect("the runbook");
        std::fs::write(&runbook, text.replace(old, new)).expect("their save");
        refused(dir.path(), &["session", "run", "Make", "--confirm", &make], &[], 2, &["stands for something else"]);
        std::fs::write(&runbook, text).expect("back again");
    }
    let log = dir.path().join(LOG);
    let text = std::fs::read_to_string(&log).expect("the log");
    std::fs::write(&log, text.replace("L2", "L1")).expect("their save");
    refused(dir.path(), &["session", "run", "Make", "--confirm", &make], &[], 5, &["the session is at L1"]);
}

#[test]
fn a_change_between_showing_and_starting_is_seen() {
    let dir = workspace("L2");
    let mut bench = Workbench::open(dir.path()).expect("a workspace");
    bench.set_keeper(Path::new(env!("CARGO_BIN_EXE_codex-tui")));
    bench.load_all();
    let now = chrono::Local::now().naive_local();
    let wanted = Wanted::Listed { number: 4, values: Default::default() };
    let prepared = bench.view().prepare(wanted, None, now).expect("it can run");
    let runbook = dir.path().join("docs/CODEX_RUNBOOK.md");
    let text = std::fs::read_to_string(&runbook).expect("the runbook");
    std::fs::write(&runbook, text.replace("touch canary", "touch canary other")).expect("their save");
    let why = bench.begin(&prepared, |_| {}).expect_err("something else stands there now");
    assert!(matches!(&why, Why::Asked(said) if said.contains("`touch canary other`")), "{why}");
    assert!(!dir.path().join("canary").exists() && outputs(dir.path()).is_empty());
}

#[test]
fn a_shell_that_is_not_there() {
    let dir = workspace("L2");
    for (args, words) in [
        (
            &["Test", "--set", "name=x"][..],
            &["for PowerShell", "no `pwsh`", "PATH is empty", "install PowerShell", "powershell"][..],
        ),
        (&["--line", "touch canary"], &["no `bash`", "PATH is empty", "[commands] shell"]),
    ] {
        let args = [&["session", "run"], args, &["--dry-run"]].concat();
        refused(dir.path(), &args, &[("PATH", "")], 4, words);
    }
}

#[test]
fn powershell_gets_the_line_as_it_is() {
    let (dir, tools) = (workspace("L2"), tempfile::tempdir().expect("a folder"));
    let pwsh = tools.path().join("pwsh");
    std::fs::write(&pwsh, "#!/bin/sh\nprintf '[%s]' \"$@\"\necho\n").expect("a program");
    std::fs::set_permissions(&pwsh, PermissionsExt::from_mode(0o755)).expect("a mode");
    let path = format!("{}:{}", tools.path().display(), std::env::var("PATH").unwrap_or_default());
    let output = run_as(dir.path(), &["Test", "--set", "name=a 'b'"], &[("PATH", &path)], &[]);
    let want = "[-NoProfile][-NonInteractive][-Command][pwsh Tools/Test.ps1 -Name 'a ''b''']";
    assert_eq!(text(&output.stdout).lines().next(), Some(want), "{}", text(&output.stderr));
}

#[test]
fn the_configuration_chooses_no_program() {
    for (config, words) in [
        ("shell = [\"./tools/bash\", \"-c\"]", "is no shell that is known"),
        ("shell = [\"bash\", \"-c\", \"touch canary\"]", "only options"),
        ("shell = [\"env\", \"-S\"]", "is no shell that is known"),
        ("output = \"../elsewhere\"", "output"),
        ("output = \".git/hooks\"", "output"),
    ] {
        let dir = workspace("L2");
        std::fs::write(dir.path().join("codex-tui.toml"), format!("[commands]\n{config}\n")).expect("a configuration");
        refused(dir.path(), &["session", "run", "--line", "echo x", "--dry-run"], &[], 2, &["codex-tui.toml", words]);
    }
    // A shell of the workspace's own making, by its absolute path.
    let dir = workspace("L2");
    let own = dir.path().canonicalize().expect("a path").join("bash");
    std::fs::write(&own, "#!/bin/sh\ntouch canary\n").expect("a file");
    std::fs::set_permissions(&own, PermissionsExt::from_mode(0o755)).expect("a mode");
    let config = format!("[commands]\nshell = [\"{}\", \"-c\"]\n", own.display());
    std::fs::write(dir.path().join("codex-tui.toml"), config).expect("a configuration");
    refused(dir.path(), &["session", "run", "--line", "ls", "--dry-run"], &[], 4, &["there is no"]);
}

#[test]
fn without_a_session_nothing_runs() {
    let dir = workspace("L2");
    std::fs::remove_file(dir.path().join(LOG)).expect("the log");
    refused(dir.path(), &["session", "run", "--line", "touch canary", "--dry-run"], &[], 2, &["session start"]);
    refused(dir.path(), &["session", "run"], &[], 2, &["which command"]);
}

#[test]
fn what_needs_the_network_stands_in_its_log() {
    let dir = workspace("L3");
    let net = &[("RUNTEST_NET", "1")];
    for word in ["one", "two"] {
        let line = format!("curl --version > /dev/null; echo {word}");
        let output = run_as(dir.path(), &["--line", &line], net, &[]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    // What needs less is not one of them.
    run_as(dir.path(), &["--line", "echo three"], net, &[]);
    let logs: Vec<_> = std::fs::read_dir(dir.path().join("Logs/NetOps")).expect("the logs").flatten().collect();
    let bytes = std::fs::read(logs[0].path()).expect("a log");
    let log: Value = serde_json::from_slice(&bytes).expect("JSON");
    let entries = log.as_array().expect("an array");
    assert_eq!((logs.len(), entries.len()), (1, 2), "{log}");
    let second = &entries[1];
    assert_eq!(second["SessionId"], "2026-01-02_session-0001");
    assert_eq!(second["Arguments"]["Command"], "curl --version > /dev/null; echo two");
    assert_eq!(second["Environment"], serde_json::json!({"RUNTEST_NET": "1"}));
    assert_eq!((&second["Result"]["Status"], &second["Result"]["ExitCode"]), (&"Success".into(), &0.into()));
    // One operation: undo takes record and entry back together.
    let undo = || command(dir.path(), &["undo"]).output().expect("the binary runs").status.code();
    assert_eq!((undo(), undo()), (Some(0), Some(0)));
    assert_eq!(records(dir.path()).len(), 1);
    let log: Value = serde_json::from_slice(&std::fs::read(logs[0].path()).expect("a log")).expect("JSON");
    assert_eq!(log.as_array().map(Vec::len), Some(1));
    // A log that cannot take it: nothing is run.
    std::fs::write(logs[0].path(), "{\"mine\": 1}\n").expect("their save");
    let args = ["session", "run", "--line", "touch canary; curl --version"];
    let shown = command(dir.path(), &[&args[..], &["--dry-run", "--json"]].concat()).env("RUNTEST_NET", "1").output();
    let shown: Value = serde_json::from_slice(&shown.expect("the binary runs").stdout).expect("JSON");
    let digest = shown["digest"].as_str().expect("a digest");
    let output = command(dir.path(), &[&args[..], &["--confirm", digest]].concat()).env("RUNTEST_NET", "1").output();
    let output = output.expect("the binary runs");
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("has to be an array"), "{}", text(&output.stderr));
    assert!(!dir.path().join("canary").exists());
}
