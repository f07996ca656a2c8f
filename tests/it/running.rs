//! Commands really run: how they end, what is left of them (nothing), what may not run at all, and that no secret is written.

mod cockpit;
mod ends;
mod guard;
mod secrets;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use codex_tui::model::session::record::RunRecord;
use serde_json::Value;
use tempfile::TempDir;

pub const LOG: &str = "docs/agents/sessions/2026-01-02_session-0001.md";

const AUTONOMY: &str = "# Plan\n\n| Level | Description | Allowed actions | Requires |\n|---|---|---|---|\n\
    | L0 | Look | Reading | None |\n| L1 | Change | Tests | None |\n| L2 | Try | Overrides | A reason |\n\
    | L3 | Fetch | Network access with `RUNTEST_NET=1` in the environment | Both |\n";

const RUNBOOK: &str = "# Runbook\n\n## Say\n```bash\nprintf '[%s]\\n' <word> [--slots <n>]\n\
    bash -e -c 'true' \"<word>\"\n```\n\n\
    ## Matrix\n| Task | Command | Notes |\n|---|---|---|\n\
    | Test | `pwsh Tools/Test.ps1 -Name <name>` | |\n\
    | Make | `touch canary` | L2 |\n\n\
    ## Overrides\n\n| Override | Meaning |\n|---|---|\n| `--slots` | How many |\n";

/// A program of the workspace that heeds no request to end, and has a child in a session of its own. Its argument: how long it
/// sleeps.
const ENDLESS: &str = "#!/usr/bin/env bash\ntrap '' TERM\necho begun\n(setsid sleep $1 &)\nsleep $1\nsleep $1\n";

/// A workspace whose session is at that level, granted where that has to be.
pub fn workspace(level: &str) -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    let said = if level > "L1" { "L1" } else { level };
    for (path, text) in [
        ("docs/CODEX_AUTONOMY_PLAN.md", AUTONOMY.to_owned()),
        ("docs/CODEX_RUNBOOK.md", RUNBOOK.to_owned()),
        (
            LOG,
            format!(
                "# Log\n\n- **Date:** 2026-01-02\n- **Autonomy level:** {said}\n\n## Validation\n\n## Outcome\n- Status: <s>\n"
            ),
        ),
    ] {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, text).expect("a document");
    }
    let endless = dir.path().join("endless");
    std::fs::write(&endless, ENDLESS).expect("a program");
    std::fs::set_permissions(&endless, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    if level > "L1" {
        let grant = ["--reason", "a test", "--entry", "docs/CODEX_RUNBOOK.md:1", "--confirm"];
        let args = [&["session", "level", level][..], &grant].concat();
        let output = command(dir.path(), &args).env("RUNTEST_NET", "1").output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    dir
}

/// Our binary on that workspace, with nothing of the tester's environment that could matter.
pub fn command(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codex-tui"));
    command.arg("--root").arg(root).args(args);
    for (name, _) in std::env::vars_os() {
        let keep = ["PATH", "HOME", "TMPDIR", "LANG"].iter().any(|kept| name == *kept);
        if !keep {
            command.env_remove(name);
        }
    }
    command
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What `session run` with these arguments says, after it was shown and confirmed.
#[track_caller]
pub fn run_as(root: &Path, args: &[&str], set: &[(&str, &str)], more: &[&str]) -> Output {
    let shown = command(root, &[&["session", "run"], args, &["--dry-run", "--json"]].concat())
        .envs(set.iter().copied())
        .output()
        .expect("the binary runs");
    let value: Value = serde_json::from_slice(&shown.stdout).unwrap_or_else(|_| panic!("{}", text(&shown.stderr)));
    assert_eq!(shown.status.code(), Some(0), "{value}");
    let digest = value["digest"].as_str().expect("a digest");
    command(root, &[&["session", "run"], args, &["--confirm", digest], more].concat())
        .envs(set.iter().copied())
        .output()
        .expect("the binary runs")
}

/// Exit code, and the document with the result.
#[track_caller]
pub fn run_json(root: &Path, args: &[&str]) -> (i32, Value) {
    let output = run_as(root, args, &[], &["--json"]);
    let value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    (output.status.code().expect("an exit code"), value)
}

/// The records of the session's log.
pub fn records(root: &Path) -> Vec<RunRecord> {
    let log = std::fs::read_to_string(root.join(LOG)).expect("the log");
    log.lines().filter_map(RunRecord::read).collect()
}

/// The files with outputs.
pub fn outputs(root: &Path) -> Vec<PathBuf> {
    let folder = root.join("Logs/Commands/2026-01-02_session-0001");
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().map(|entry| entry.path()).collect()
}

/// Seconds to sleep that no other process of this machine has in its arguments.
pub fn marker() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    format!("77{}.{}", NEXT.fetch_add(1, Ordering::Relaxed), std::process::id())
}

/// How many processes have these words in their arguments.
pub fn alive(words: &str) -> usize {
    let Ok(entries) = std::fs::read_dir("/proc") else { return 0 };
    let says = |path: PathBuf| {
        let arguments = std::fs::read(path.join("cmdline")).unwrap_or_default();
        text(&arguments).replace('\0', " ").contains(words)
    };
    entries.flatten().filter(|entry| says(entry.path())).count()
}

/// Waits until it is so; a failure says what was waited for.
#[track_caller]
pub fn wait_until(what: &str, is: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
