//! The verb `gates` as scripts see it: exit codes, JSON, reports, bindings, watching.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::workspace;

const DOC: &str = "docs/telemetry/Automation_Gates.md";

fn command(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codex-tui"));
    command.arg("--root").arg(root).args(args);
    command
}

/// Exit code, standard output, standard error.
fn run(root: &Path, args: &[&str]) -> (i32, String, String) {
    let out = command(root, args).output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (out.status.code().expect("an exit code"), text(out.stdout), text(out.stderr))
}

fn harbor() -> tempfile::TempDir {
    let doc = "## Plan A\n- `Poll.WaitMs` p95 ≤80 ms.\n\n## Plan B\n- `Door.OpenMs` max ≤10 ms\n- Somebody looks.\n";
    let events = "{\"EventName\":\"Poll\",\"Timestamp\":\"2026-11-20T02:00:00-07:00\",\"Site\":\"ALDR\",\"WaitMs\":10}\n{\"EventName\":\"Poll\",\"Timestamp\":\"2026-11-20T02:01:00-07:00\",\"Site\":\"BRCH\",\"WaitMs\":20}\n";
    workspace(&[
        (DOC, doc.as_bytes()),
        ("Logs/IngestionMetrics/2026-11-20.json", events.as_bytes()),
        ("codex-tui.toml", b"[gates]\nstale_after = \"never\"\n"),
    ])
}

#[test]
fn exit_codes_and_json_tell_what_holds() {
    let dir = harbor();
    let (code, out, _) = run(dir.path(), &["gates", "--json"]);
    assert_eq!(code, 1, "a blocking gate has no telemetry");
    let json: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(json["schema"], "codex-tui/gates@1");
    let first = &json["gates"][0];
    for (key, value) in [
        ("id", "A1"),
        ("plan", "A"),
        ("file", DOC),
        ("event", "Poll"),
        ("field", "WaitMs"),
        ("verdict", "pass"),
        ("severity", "blocking"),
        ("comparator", "<="),
        ("unit", "ms"),
        ("statistic", "p95"),
    ] {
        assert_eq!(first[key], value, "{key}");
    }
    assert_eq!((&first["value"], &first["samples"], &first["line"]), (&19.5.into(), &2.into(), &2.into()));
    assert_eq!(first["sources"][0]["lines"], "1-2");
    assert_eq!(first["sources"][0]["from"], "2026-11-20T09:00:00.000Z");
    assert_eq!(json["totals"]["pass"], 1);
    assert_eq!(json["read"]["records"], 2);
    assert_eq!(run(dir.path(), &["gates", "--allow-missing"]).0, 0);
    assert_eq!(run(dir.path(), &["gates", "--plan", "a"]).0, 0);
    assert_eq!(run(dir.path(), &["gates", "--at", "2026-11-19"]).0, 1);
    assert_eq!(run(dir.path(), &["gates", "--source", "Logs/none.json"]).0, 2);
    assert_eq!(run(dir.path(), &["gates", "explain", "Z9"]).0, 2);
    let (code, out, _) = run(dir.path(), &["gates", "explain", "a1"]);
    assert!(code == 0 && out.contains("closest ranks") && out.contains("BRCH"), "{out}");
    let empty = workspace(&[("docs/x.md", b"")]);
    assert_eq!(run(empty.path(), &["gates"]).0, 4);
}

#[test]
fn reports_for_other_programs_escape_what_they_must() {
    let dir = harbor();
    let (_, out, _) = run(dir.path(), &["gates", "--github"]);
    assert!(out.contains("::error file=docs/telemetry/Automation_Gates.md,line=5,title=B1 missing::"), "{out}");
    let (_, out, _) = run(dir.path(), &["gates", "--junit"]);
    assert!(out.contains("tests=\"3\" failures=\"1\" skipped=\"1\"") && !out.contains("<10"), "{out}");
}

#[test]
fn bindings_are_written_once() {
    let dir = harbor();
    let config = dir.path().join("codex-tui.toml");
    let before = std::fs::read_to_string(&config).expect("the configuration");
    let (_, out, _) = run(dir.path(), &["gates", "bind"]);
    assert!(out.contains("# quote = \"Somebody looks\""), "{out}");
    assert_eq!(
        std::fs::read_to_string(&config).expect("the configuration"),
        before,
        "nothing is written without --write"
    );
    let dry = run(dir.path(), &["gates", "bind", "--write", "--dry-run"]);
    assert!(dry.0 == 0 && std::fs::read_to_string(&config).expect("the configuration") == before);
    assert_eq!(run(dir.path(), &["gates", "bind", "--write"]).0, 0);
    let after = std::fs::read_to_string(&config).expect("the configuration");
    assert!(after.starts_with(&before) && after.matches("[[gate]]").count() == 2, "{after}");
    assert_eq!(run(dir.path(), &["gates", "bind", "--write"]).0, 0);
    assert_eq!(std::fs::read_to_string(&config).expect("the configuration"), after, "what is bound is not bound again");
    let (_, out, _) = run(dir.path(), &["gates", "--json"]);
    let json: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((&json["gates"][0]["value"], &json["gates"][0]["bound"]), (&19.5.into(), &true.into()));
    // The clause changes: its binding is out of date, and the old number is not shown.
    let doc = dir.path().join(DOC);
    let text = std::fs::read_to_string(&doc).expect("the document").replace("≤80 ms", "≤90 ms");
    std::fs::write(&doc, text).expect("the document");
    let (code, _, err) = run(dir.path(), &["gates", "--allow-missing"]);
    assert!(code == 1 && err.contains("codex-tui.toml:5"), "{err}");
}

#[test]
fn watching_prints_what_changes() {
    let dir = harbor();
    let mut child = command(dir.path(), &["gates", "watch", "--plan", "A"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("1 pass")), "the verdicts at first");
    let file = dir.path().join("Logs/IngestionMetrics/2026-11-20.json");
    let mut open = std::fs::OpenOptions::new().append(true).open(file).expect("the file");
    writeln!(open, "{{\"EventName\":\"Poll\",\"Timestamp\":\"2026-11-20T02:02:00-07:00\",\"WaitMs\":900}}")
        .expect("a line");
    let change = lines.find(|line| line.contains("A1")).expect("the change");
    assert!(change.contains("fail") && change.contains("was pass"), "{change}");
    child.kill().expect("it ends");
    child.wait().expect("it ended");
}
