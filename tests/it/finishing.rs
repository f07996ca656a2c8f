//! The end of a session: written by verbs into documents of every form, handed over, taken back; and git, which is asked
//! what changed and must run nothing of a repository.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use codex_tui::model::session::changed::{ChangedFile, How, Since};
use codex_tui::model::session::finish::{Finish, NotFinished};
use codex_tui::model::session::open::{Go, OpenKind};
use codex_tui::model::task::edit::Conclusion;
use codex_tui::workbench::{Actor, Outcome, Request, Workbench};
use serde_json::{Value, json as value};

use crate::corpus::revision;
use crate::files::{Files, copy, read_all};
use crate::verbs::{done, json};

const CSV: &str = "docs/taskboard/TaskBoard.csv";
const BOARD: &str = "docs/Work_TaskBoard.md";
const BACKLOG: &str = "docs/CODEX_BACKLOG.md";
const PLAN: &str = "docs/plans/PlanB_Speed.md";
const LIST: &str = "docs/CODEX_SESSION_CHECKLIST.md";
const LOG: &str = "docs/agents/sessions/2026-01-03_session-0001.md";

/// A small workspace in several forms: byte-order mark, both line ends, comments in tables, no final line end.
const DOCS: [(&str, &str); 6] = [
    (
        CSV,
        "\u{feff}ID,Title,Column,OwnerRole,Deliverable,PlanLink,Notes\r\nHB-B-005,Index the facts,Ready,Store,Lookup \
         under 5 ms,docs/plans/PlanB_Speed.md,\"2026-01-01: first<br>2026-01-02: second\"\r\nHB-B-006,Check at \
         start,Ready,Store,x,docs/plans/PlanB_Speed.md,\r\n",
    ),
    (
        BOARD,
        "# Board\n\n| ID | Title | Column | Owner/Role | Deliverable | Links |\n|-|-|-|-|-|-|\n<!-- L -->\n| HB-B-005 | Index the \
         facts | Ready | Store | Lookup under 5 ms | docs/plans/PlanB_Speed.md |\n",
    ),
    (
        BACKLOG,
        "# Backlog\n| ID | Plan | Title | Preconditions | Definition of done | Notes |\n|-|-|-|-|-|-|\n| HB-B-006 | Plan B | Check at \
         start | – | y | |\n| HB-B-005 | Plan B | Index the facts | – | x | Only after HB-B-003. |",
    ),
    (
        PLAN,
        "# Plan B - Speed\r\n\r\n## Recent timeline\r\n| Date (MT) | Summary | Metrics / Artifacts | Source |\r\n|-|-|-|-|\r\n<!-- N -->\r\n| \
         2026-01-02 | Baseline | 52 ms | bench |\r\n| 2026-01-01 | Start | – | bench |\r\n\r\n## Active work\r\n| ID | Title | Owner | Status | Notes \
         |\r\n|-|-|-|-|-|\r\n| HB-B-005 | Index the facts | Store | Ready | |\r\n",
    ),
    (LIST, "# List\n\n## Work\n- [ ] Do it\n"),
    ("Logs/bench.json", "{}\n"),
];

fn put(root: &Path, docs: &[(&str, &str)]) {
    for (name, text) in docs {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, text).expect("a document");
    }
}

fn workspace() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    put(dir.path(), &DOCS);
    dir
}

const START: [&str; 11] = [
    "session",
    "start",
    "HB-B-005",
    "--date",
    "2026-01-03",
    "--bullet",
    "PlanB_Speed",
    "--bullet",
    "No gates",
    "--bullet",
    "Index",
];

const FINISH: [&str; 8] =
    ["session", "finish", "--outcome", "done", "--summary", "Index a|b built.", "--date", "2026-01-03"];

/// Starts, attaches, ticks.
fn begun(root: &Path) {
    done(root, &START);
    done(root, &["session", "attach", "Logs/bench.json", "--note", "4 ms"]);
    done(root, &["checklist", "tick", "1"]);
}

fn text(root: &Path, name: &str) -> String {
    String::from_utf8(std::fs::read(root.join(name)).expect("a document")).expect("UTF-8")
}

/// The text with the time of day of its records as `00:00`, and its day as `2026-00-00`, because they are of today.
fn masked(text: &str) -> String {
    let mask = |line: &str| {
        let Some(said) =
            line.strip_prefix("- 20").filter(|said| said.as_bytes().get(10) == Some(&b':') || said.len() > 14)
        else {
            return line.to_owned();
        };
        let rest = said.get(14..).unwrap_or_default();
        let is_record = said.get(2..3) == Some("-") && said.get(11..12) == Some(":");
        if is_record {
            format!("- NOW{}", rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':'))
        } else {
            line.to_owned()
        }
    };
    text.split_inclusive('\n').map(mask).collect()
}

#[test]
fn a_session_is_finished_by_verbs_and_taken_back() {
    let dir = workspace();
    let root = dir.path();
    begun(root);
    let before = read_all(root);
    // What is still open stops it, and nothing is written.
    let (rc, open) = json(root, &FINISH);
    let kinds: Vec<(&Value, &Value)> =
        open["items"].as_array().expect("items").iter().map(|item| (&item["kind"], &item["verb"])).collect();
    assert_eq!((rc, &open["schema"]), (1, &value!("codex-tui/open@1")));
    assert_eq!(
        kinds,
        [
            (&value!("placeholder"), &value!("session finish --tests TEXT")),
            (&value!("placeholder"), &value!("session finish --smoke TEXT"))
        ]
    );
    assert!(read_all(root) == before, "nothing was written");
    let whole = [&FINISH[..], &["--tests", "12 passed", "--smoke", "Not applicable (no UI)"]].concat();
    let diff = done(root, &[&whole[..], &["--dry-run"]].concat());
    assert!(diff.contains("+## Hand-off") && read_all(root) == before, "{diff}");
    let said = done(root, &whole);
    let changed: Vec<String> = read_all(root)
        .iter()
        .filter(|(name, bytes)| before.get(*name) != Some(bytes))
        .map(|(name, _)| name.clone())
        .collect();
    assert_eq!(changed, [BACKLOG, BOARD, LOG, PLAN, CSV]);
    assert_eq!(
        text(root, CSV),
        DOCS[0]
            .1
            .replace(",Ready,Store,Lookup", ",Done - 2026-01-03,Store,Lookup")
            .replace("second", "second<br>2026-01-03: Index a|b built.")
    );
    assert_eq!(text(root, BOARD), DOCS[1].1.replace("| Ready |", "| Done - 2026-01-03 |"));
    assert_eq!(
        text(root, BACKLOG),
        DOCS[2].1.replace("| Only after", "| Done 2026-01-03: Index a\\|b built.<br>Only after")
    );
    let row =
        format!("| 2026-01-03 | Index a\\|b built (HB-B-005). | `Logs/bench.json` (4 ms) | {LOG} |\r\n<!-- N -->");
    let notes = "| Store | Done - 2026-01-03 | 2026-01-03: Index a\\|b built. |";
    assert_eq!(text(root, PLAN), DOCS[3].1.replace("<!-- N -->", &row).replace("| Store | Ready | |", notes));
    let handoff = format!(
        "- **PATCH SUMMARY**\n  - Index a|b built (`{LOG}:25`)\n  - 7 files changed by the history of codex-tui alone: there is no git \
         repository (`{LOG}:16`)\n  - `{BACKLOG}`\n  - `{LIST}`\n  - `{BOARD}`\n  - `{LOG}`\n  - \
         `docs/agents/sessions/SessionChecklist.csv`\n  - `{PLAN}`\n  - `{CSV}`\n- **TEST RESULTS**\n  - Unit tests: 12 passed \
         (`{LOG}:28`)\n  - Smoke run: Not applicable (no UI) (`{LOG}:29`)\n  - Evidence: `Logs/bench.json`: 4 ms (`{LOG}:30`)\n- **TASKBOARD \
         UPDATE**\n  - HB-B-005: In Progress → Done - 2026-01-03 (`{CSV}:2`, `{BOARD}:6`, `{BACKLOG}:5`, `{PLAN}:14`)\n  - Timeline: \
         `{PLAN}:6`\n- **NEXT STEP**\n  - `task next` proposes HB-B-006 – Check at start (`{CSV}:3`)\n"
    );
    assert_eq!(
        masked(&text(root, LOG)),
        format!(
            "# Agent Session Log\n\n- **Date:** 2026-01-03\n- **Role:** Store\n- **Task board card:** HB-B-005 – Index the facts\n- **Autonomy \
             level:** L1\n- **Plan file:** `{PLAN}`\n- **Gates:** none\n\n## Plan (3-6 bullets)\n- PlanB_Speed\n- No gates\n- Index\n\n## Changes\n- Files \
             touched:\n  - {BACKLOG}\n  - {LIST}\n  - {BOARD}\n  - {LOG}\n  - docs/agents/sessions/SessionChecklist.csv\n  - {PLAN}\n  - {CSV}\n- \
             Rationale:\n  - Index a|b built.\n\n## Validation\n- Unit tests: 12 passed\n- Smoke run (if applicable): Not applicable (no UI)\n- NOW – \
             `Logs/bench.json`: 4 ms\n\n## Outcome\n- Status: Done\n- Follow-ups: None.\n\n## Session checklist\n\n- NOW ticked - Work: Do it\n\n## \
             Hand-off\n\n{handoff}"
        )
    );
    assert!(said.ends_with(&handoff), "{said}");
    // It is printed again as it was saved, and not written twice.
    assert_eq!(done(root, &["session", "summary"]), handoff);
    let (_, summary) = json(root, &["session", "summary"]);
    assert_eq!((&summary["schema"], &summary["finished"]), (&value!("codex-tui/summary@1"), &value!(true)));
    let titles: Vec<&Value> =
        summary["sections"].as_array().expect("sections").iter().map(|part| &part["title"]).collect();
    assert_eq!(titles, ["PATCH SUMMARY", "TEST RESULTS", "TASKBOARD UPDATE", "NEXT STEP"]);
    assert_eq!(summary["text"], handoff.trim_end());
    let (rc, error) = json(root, &whole);
    assert!(
        rc == 2 && error["message"].as_str().is_some_and(|why| why.contains("this session is finished")),
        "{error}"
    );
    assert_eq!(
        done(root, &["session", "status", "--line"]),
        "2026-01-03_session-0001 · HB-B-005 · L1 · checklist 1/1 · finished\n"
    );
    done(root, &["undo"]);
    assert!(read_all(root) == before, "every byte is back");
}

#[test]
fn what_is_open_can_be_left_open_and_is_listed() {
    let dir = workspace();
    let root = dir.path();
    done(root, &START);
    let line = "2026-01-03_session-0001 · HB-B-005 · L1 · checklist 0/1 · open 8\n";
    assert_eq!(done(root, &["session", "status", "--line"]), line);
    let open = done(root, &["session", "summary"]);
    assert!(open.starts_with("2026-01-03_session-0001 is not finished;") && open.contains("Nothing was run"), "{open}");
    let before = read_all(root);
    done(
        root,
        &["session", "finish", "--outcome", "blocked", "--summary", "No bench", "--date", "2026-01-03", "--anyway"],
    );
    let log = text(root, LOG);
    let outcome = &log[log.find("## Outcome").expect("a heading")..log.find("## Hand-off").expect("a heading")];
    assert_eq!(
        outcome,
        format!(
            "## Outcome\n- Status: Blocked\n- Follow-ups: Close what was open at the finish.\n- Open at the finish:\n  - 1 step of `{LIST}`, line 4\n  - <last line \
             of the test run> is not filled in (`{LOG}:26`)\n  - <numbers, with the file that has them> is not filled in (`{LOG}:27`)\n\n"
        )
    );
    let next = format!("- **NEXT STEP**\n  - Close what was open at the finish (`{LOG}:");
    assert!(log.contains(&next), "{log}");
    assert!(text(root, CSV).contains("second<br>Blocked (2026-01-03): No bench"), "{}", text(root, CSV));
    assert!(text(root, BACKLOG).contains("Only after HB-B-003.<br>Blocked (2026-01-03): No bench |"));
    done(root, &["undo"]);
    assert!(read_all(root) == before);
}

#[test]
fn what_cannot_be_finished_is_said() {
    let dir = workspace();
    let root = dir.path();
    let finish = |more: &[&str]| json(root, &[&["session", "finish", "--outcome", "done"], more].concat());
    let (rc, error) = finish(&["--summary", "x"]);
    assert!(rc == 2 && error["message"].as_str().is_some_and(|why| why.contains("there is no session log")), "{error}");
    begun(root);
    let before = read_all(root);
    for (summary, said) in
        [("", "the summary is empty"), ("a\nb", "the summary must be one line"), ("\u{1b}[2J", "one line")]
    {
        let (rc, error) = finish(&["--summary", summary, "--anyway"]);
        assert!(rc == 2 && error["message"].as_str().is_some_and(|why| why.contains(said)), "{error}");
    }
    let log = text(root, LOG).replace("- Status: <Done | In Progress | Blocked>", "- Status: Blocked");
    assert_ne!(log, text(root, LOG));
    put(root, &[(LOG, &log)]);
    let (rc, error) = finish(&["--summary", "x", "--anyway"]);
    assert!(
        rc == 2 && error["message"].as_str().is_some_and(|why| why.contains("the log says \"Blocked\" already")),
        "{error}"
    );
    let level =
        log.replace("Status: Blocked", "Status: <s>").replace("- **Autonomy level:** L1", "- **Autonomy level:** L0");
    put(root, &[(LOG, &level)]);
    assert_eq!(finish(&["--summary", "x", "--anyway"]).0, 5, "level 0 writes nothing");
    let now: Files = read_all(root).into_iter().filter(|(name, _)| name != LOG).collect();
    assert!(now == before.into_iter().filter(|(name, _)| name != LOG).collect::<Files>());
}

#[test]
fn the_view_says_what_is_open_and_where_to_go() {
    let dir = workspace();
    begun(dir.path());
    done(dir.path(), &["checklist", "untick", "1"]);
    let mut bench = Workbench::open(dir.path()).expect("a workspace");
    bench.load_all();
    let open = bench.view().session_open();
    let kinds: Vec<OpenKind> = open.iter().map(|item| item.kind).collect();
    use OpenKind::{Placeholder, Step, Timeline};
    assert_eq!(kinds, [&[Step][..], &[Placeholder; 6], &[Timeline]].concat());
    assert!(matches!(&open[0].settle.go, Go::Step(step) if step.text == "Do it"), "{:?}", open[0]);
    assert_eq!((open[1].place(), &open[1].settle.go), (format!("{LOG}:17"), &Go::Log { line: 17 }));
    let wanted = Finish {
        outcome: Conclusion::Done,
        summary: "x".to_owned(),
        next: String::new(),
        artifacts: Vec::new(),
        tests: "y".to_owned(),
        smoke: "z".to_owned(),
        day: None,
        anyway: false,
    };
    // Only the step: the rest is written by the end itself.
    let Err(NotFinished::Open(left)) = bench.finish(&wanted) else { panic!("it is open") };
    assert_eq!(left.iter().map(|item| item.kind).collect::<Vec<_>>(), [Step]);
}

fn git(root: &Path, args: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgSign=false"])
        .args(args)
        .current_dir(root)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .expect("git runs");
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Commits what is in the index, at that time.
fn commit(root: &Path, message: &str, at: &str) {
    let done = Command::new("git")
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.org", "commit", "-q", "-m", message])
        .current_dir(root)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_COMMITTER_DATE", at)
        .output();
    assert!(done.expect("git runs").status.success());
}

/// A repository with one commit of long before its session, and one of long after its start.
fn repository() -> tempfile::TempDir {
    let dir = workspace();
    let root = dir.path();
    put(root, &[("src/old name.rs", "a\n"), ("src/gone.rs", "a\n"), ("same.txt", "a\n")]);
    git(root, &["init", "-q"]);
    git(root, &["add", "-A"]);
    commit(root, "base", "2020-01-01T00:00:00Z");
    begun(root);
    put(root, &[("src/old name.rs", "b\n"), ("src/neu é.rs", "x\n"), ("committed.rs", "x\n")]);
    std::fs::remove_file(root.join("src/gone.rs")).expect("it was there");
    git(root, &["add", "committed.rs"]);
    commit(root, "work", "2099-01-01T00:00:00Z");
    dir
}

fn changed(root: &Path) -> (Vec<(String, How)>, Since) {
    let mut bench = Workbench::open(root).expect("a workspace");
    bench.load_all();
    let changed = bench.changed();
    (changed.files.into_iter().map(|ChangedFile { path, how }| (path, how)).collect(), changed.since)
}

/// What changed in [`repository`] beside the documents.
fn beside(files: Vec<(String, How)>) -> Vec<(String, How)> {
    files.into_iter().filter(|(path, _)| !path.starts_with("docs/")).collect()
}

fn want() -> Vec<(String, How)> {
    let file = |path: &str, how| (path.to_owned(), how);
    vec![
        file("committed.rs", How::Added),
        file("src/gone.rs", How::Deleted),
        file("src/neu é.rs", How::Added),
        file("src/old name.rs", How::Changed),
    ]
}

#[test]
fn git_says_what_changed_since_the_session_began() {
    let dir = repository();
    let (files, since) = changed(dir.path());
    assert!(matches!(&since, Since::Commit(id) if id.len() >= 7), "{since:?}");
    assert!(
        files.contains(&(LOG.to_owned(), How::Added)) && files.contains(&(CSV.to_owned(), How::Changed)),
        "{files:?}"
    );
    assert_eq!(beside(files), want());
    // A repository without a commit of before the session; one without any; none at all.
    let dir = workspace();
    git(dir.path(), &["init", "-q"]);
    begun(dir.path());
    let (files, since) = changed(dir.path());
    assert_eq!((since, files.contains(&("Logs/bench.json".to_owned(), How::Added))), (Since::Beginning, true));
    std::fs::remove_dir_all(dir.path().join(".git")).expect("it was there");
    let (files, since) = changed(dir.path());
    let paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        paths,
        [BACKLOG, LIST, BOARD, LOG, "docs/agents/sessions/SessionChecklist.csv", PLAN, CSV]
            .into_iter()
            .filter(|path| *path != BACKLOG)
            .collect::<Vec<_>>()
    );
    assert!(matches!(since, Since::History(_)));
}

/// A workspace below the root of its repository sees its own files alone.
#[test]
fn git_speaks_of_the_workspace_alone() {
    let outer = tempfile::tempdir().expect("a folder");
    let root = outer.path().join("inner");
    std::fs::create_dir(&root).expect("a folder");
    put(&root, &DOCS);
    put(outer.path(), &[("outside.txt", "a\n")]);
    git(outer.path(), &["init", "-q"]);
    begun(&root);
    let (files, _) = changed(&root);
    assert!(files.iter().all(|(path, _)| !path.contains("outside") && !path.starts_with("inner/")), "{files:?}");
    assert!(files.iter().any(|(path, _)| path == CSV));
}

#[test]
fn a_hostile_repository_runs_nothing() {
    let dir = repository();
    let root = dir.path();
    let outside = tempfile::tempdir().expect("a folder");
    let canary = outside.path().join("canary");
    let script = outside.path().join("run");
    std::fs::write(&script, format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\ncat\n", canary.display())).expect("a script");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let script = script.to_str().expect("UTF-8");
    let mut settings: Vec<(String, &str)> = [
        "core.fsmonitor",
        "core.pager",
        "pager.diff",
        "core.askPass",
        "core.sshCommand",
        "core.editor",
        "diff.external",
        "diff.x.command",
        "diff.x.textconv",
        "credential.helper",
        "gpg.program",
        "core.alternateRefsCommand",
        "filter.x.clean",
        "filter.x.smudge",
        "filter.x.process",
        "filter.y=z.clean",
        "remote.evil.uploadpack",
    ]
    .map(|name| (name.to_owned(), script))
    .into();
    settings.extend([
        ("filter.x.required".to_owned(), "true"),
        ("log.showSignature".to_owned(), "true"),
        ("remote.evil.url".to_owned(), "ext::sh -c 'touch canary'"),
        ("remote.evil.promisor".to_owned(), "true"),
        ("extensions.partialClone".to_owned(), "evil"),
        ("protocol.ext.allow".to_owned(), "always"),
    ]);
    let hooks = root.join(".git/hooks");
    std::fs::create_dir_all(&hooks).expect("a folder");
    for hook in ["post-index-change", "pre-commit", "fsmonitor-watchman", "post-checkout", "reference-transaction"] {
        std::fs::copy(script, hooks.join(hook)).expect("a hook");
    }
    for (name, value) in &settings {
        git(root, &["config", name, value]);
    }
    let attributes = "* diff=x filter=x\n*.txt filter=\"y=z\"\n";
    put(root, &[(".gitattributes", attributes), (".git/info/attributes", attributes)]);
    // The traps work: git as people call it runs them.
    let trapped = Command::new("git").args(["diff", "HEAD"]).current_dir(root).env("GIT_PAGER", "cat").output();
    assert!(trapped.is_ok() && canary.exists(), "the canary sings for anybody else");
    std::fs::remove_file(&canary).expect("it was there");
    let (files, since) = changed(root);
    assert!(matches!(since, Since::Commit(_)), "{since:?}");
    assert!(!canary.exists(), "{}", std::fs::read_to_string(&canary).unwrap_or_default());
    assert!(!root.join("canary").exists());
    let mut want = want();
    want.insert(0, (".gitattributes".to_owned(), How::Added));
    assert_eq!(beside(files), want);
    // The environment does not lead elsewhere either; the program has its own.
    let output = Command::new(env!("CARGO_BIN_EXE_codex-tui"))
        .arg("--root")
        .arg(root)
        .args(["session", "summary"])
        .env("GIT_DIR", outside.path())
        .env("GIT_EXTERNAL_DIFF", script)
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "core.fsmonitor")
        .env("GIT_CONFIG_VALUE_0", script)
        .output()
        .expect("the binary runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("`src/gone.rs` – deleted"), "{said}");
    assert!(!canary.exists());
}

#[test]
fn a_repository_that_cannot_be_read_is_no_end() {
    let dir = repository();
    std::fs::write(dir.path().join(".git/HEAD"), "nonsense").expect("a file");
    let (files, since) = changed(dir.path());
    assert!(matches!(&since, Since::History(why) if !why.is_empty()), "{since:?}");
    assert!(files.iter().all(|(path, how)| path.starts_with("docs/") && *how == How::Changed), "{files:?}");
}

#[test]
fn sessions_on_real_tasks_end_and_come_back() {
    let Some((from, _)) = revision("2026-01-02") else {
        println!("skipped: there is no corpus");
        return;
    };
    let dir = tempfile::tempdir().expect("a folder");
    copy(&from, dir.path());
    let root = dir.path();
    let start = read_all(root);
    let (_, tasks) = json(root, &["task", "list", "state:ready,backlog,progress"]);
    let ids: Vec<String> = tasks["tasks"]
        .as_array()
        .expect("tasks")
        .iter()
        .map(|task| task["id"].as_str().expect("an id").to_owned())
        .collect();
    let actor = Actor { name: "tester".to_owned(), via: "test".to_owned() };
    let mut plans = std::collections::BTreeSet::new();
    let mut outcomes = [Conclusion::Done, Conclusion::Blocked, Conclusion::Open].into_iter().cycle();
    for id in ids {
        // One task of each plan.
        if !plans.insert(id.split('-').nth(1).map(str::to_owned)) {
            continue;
        }
        done(root, &["session", "start", &id, "--date", "2026-01-03", "--anyway"]);
        let begun = read_all(root);
        for outcome in outcomes.by_ref().take(1) {
            let mut bench = Workbench::open(root).expect("a workspace");
            bench.load_all();
            let wanted = Finish {
                outcome,
                summary: format!("Worked | on {id}"),
                next: "More".to_owned(),
                artifacts: vec!["`Logs/a.json`".to_owned()],
                tests: "12 passed".to_owned(),
                smoke: "Not applicable".to_owned(),
                day: None,
                anyway: true,
            };
            let ending = bench.finish(&wanted).unwrap_or_else(|why| panic!("{id}: {why:?}"));
            let ended = bench.run(&Request::Commit(ending.operation), &actor);
            assert!(matches!(ended, Outcome::Done { .. }), "{id} {outcome:?}: {ended:?}");
            let now = read_all(root);
            for (name, bytes) in now.iter().filter(|(name, bytes)| begun.get(*name) != Some(bytes)) {
                let (old, new) = (String::from_utf8_lossy(&begun[name]), String::from_utf8_lossy(bytes));
                let kept = |line: &&str| !old.lines().any(|other| other == *line);
                let added: Vec<&str> = new.lines().filter(kept).collect();
                let is_log = name.contains("agents/sessions");
                assert!(
                    is_log || added.iter().all(|line| line.contains(&id) || line.contains("timeline")),
                    "{name}: {added:#?}"
                );
            }
            assert!(matches!(bench.run(&Request::Undo(None), &actor), Outcome::Done { .. }), "{id}");
            assert!(read_all(root) == begun, "{id} {outcome:?}: every byte is back");
        }
        done(root, &["undo"]);
    }
    assert!(plans.len() > 10 && read_all(root) == start, "{plans:?}");
}

#[test]
fn every_real_log_is_finished_and_comes_back() {
    let Some((from, _)) = revision("2026-01-02") else {
        println!("skipped: there is no corpus");
        return;
    };
    let actor = Actor { name: "tester".to_owned(), via: "test".to_owned() };
    let (mut finished, mut refused) = (0, Vec::new());
    for entry in std::fs::read_dir(from.join("docs/agents/sessions")).expect("a folder").flatten() {
        let dir = tempfile::tempdir().expect("a folder");
        let name = format!("docs/agents/sessions/{}", entry.file_name().to_string_lossy());
        let old = String::from_utf8(std::fs::read(entry.path()).expect("a log")).expect("UTF-8");
        put(dir.path(), &[(&name, &old)]);
        let mut bench = Workbench::open(dir.path()).expect("a workspace");
        bench.load_all();
        let wanted = Finish {
            outcome: Conclusion::Done,
            summary: "Done | all".to_owned(),
            next: String::new(),
            artifacts: Vec::new(),
            tests: "12 passed".to_owned(),
            smoke: "none".to_owned(),
            day: None,
            anyway: true,
        };
        let ending = match bench.finish(&wanted) {
            Ok(ending) => ending,
            Err(why) => {
                refused.push(format!("{why:?}"));
                continue;
            }
        };
        let outcome = bench.run(&Request::Commit(ending.operation), &actor);
        assert!(matches!(outcome, Outcome::Done { .. }), "{name}: {outcome:?}");
        assert!(bench.view().session_finished(), "{name}");
        // Nothing that people wrote is gone.
        let new = text(dir.path(), &name);
        let mut rest = new.lines();
        let lost: Vec<&str> = old.lines().filter(|line| !rest.by_ref().any(|other| other == *line)).collect();
        assert_eq!(lost, Vec::<&str>::new(), "{name}");
        assert!(matches!(bench.run(&Request::Undo(None), &actor), Outcome::Done { .. }), "{name}");
        assert!(text(dir.path(), &name) == old, "{name}");
        finished += 1;
    }
    // Those that say another status than the outcome.
    assert!(refused.iter().all(|why| why.contains("the log says")), "{refused:#?}");
    assert_eq!((finished, refused.len()), (105, 6));
}
