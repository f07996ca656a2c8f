//! `track merge`, `status` and `publish`: the real trees give a dashboard, twice the same one; what somebody else pushed meanwhile
//! is neither lost nor missing in the dashboard.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::files::{copy, read_all};
use super::verbs::{code, json, run, said};

const SIX: [&str; 8] = ["supervisor", "cleaner", "selftest", "sync", "activity", "diagnostics", "meta", "repos"];

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

fn dashboard(root: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(root.join("dashboard/dashboard.json")).expect("a dashboard")).expect("JSON")
}

fn sync(run: u64, at: &str) -> (String, String) {
    let text = format!(
        r#"{{"schema":1,"component":"sync","status":"ok","timestamp":"{at}","run_id":"{run}","repository":"harbor/quay","details":[]}}"#
    );
    (format!("telemetry/sync-{run}.json"), text)
}

#[test]
fn real_trees_give_the_same_dashboard_twice() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    for (tree, skipped, present) in [
        ("saas-app-gh-pages-2025-12-05-old-names", 8, vec!["cleaner", "selftest"]),
        ("saas-app-gh-pages-2025-12-06", 0, vec!["cleaner", "selftest", "sync", "activity", "diagnostics"]),
        ("saas-app-dashboard-2025-12-06", 0, vec![]),
        ("saas-app-main-2025-11-30", 0, vec![]),
    ] {
        let from = corpus.join(tree);
        if !from.is_dir() {
            continue;
        }
        for legacy in [false, true] {
            let dir = tempfile::tempdir().expect("a folder");
            copy(&from, dir.path());
            let before = read_all(dir.path());
            let out = dir.path().to_str().expect("a path");
            let mut args = vec!["track", "merge", "--out", out];
            args.extend(legacy.then_some("--legacy"));
            assert_eq!(code(&run(dir.path(), &args)), 0, "{tree}");
            let once = read_all(dir.path());
            let other = |files: &super::files::Files| {
                files
                    .iter()
                    .filter(|(path, _)| !path.starts_with("dashboard/"))
                    .map(|(path, _)| path.clone())
                    .collect::<Vec<_>>()
            };
            assert_eq!(other(&once), other(&before), "{tree}: nothing but the dashboard is written");
            let merged = dashboard(dir.path());
            assert_eq!(merged.as_object().expect("an object").keys().collect::<Vec<_>>(), SIX);
            assert_eq!(merged["meta"]["skipped_count"], skipped, "{tree}");
            if !legacy {
                let there: Vec<&str> = SIX[..6].iter().copied().filter(|key| !merged[*key].is_null()).collect();
                let mut want = present.clone();
                want.sort_by_key(|key| SIX.iter().position(|six| six == key));
                assert_eq!(there, want, "{tree}");
            }
            let (_, again) = json(dir.path(), &args);
            assert_eq!(again["changed"], Value::Array(Vec::new()), "{tree}: the same files give the same bytes");
            assert_eq!(read_all(dir.path()), once);
        }
    }
}

#[test]
fn a_merge_writes_its_own_files_only_and_says_what_it_would_do() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    let (path, text) = sync(7, "2026-11-20T00:00:00Z");
    write(root, &path, &text);
    write(
        root,
        "telemetry/repos/harbor__crane/cleaner-9.json",
        r#"{"component":"cleaner","timestamp":"2026-11-20T06:00:00Z","issues_closed":[1]}"#,
    );
    write(root, "telemetry/state/harbor__quay.json", "{}");
    write(root, "dashboard/styles.css", "/* mine */\n");
    let out = root.to_str().expect("a path");
    let before = read_all(root);
    let (rc, told) = json(root, &["track", "merge", "--out", out, "--dry-run"]);
    assert_eq!((rc, read_all(root)), (0, before), "a dry run writes nothing");
    let files = serde_json::json!(["dashboard/app.js", "dashboard/dashboard.json", "dashboard/index.html"]);
    assert_eq!((&told["changed"], &told["kept"]), (&files, &serde_json::json!(["dashboard/styles.css"])));
    assert_eq!(json(root, &["track", "merge", "--out", out]).1["changed"], files);
    assert_eq!(std::fs::read(root.join("dashboard/styles.css")).expect("a file"), b"/* mine */\n");
    let merged = dashboard(root);
    assert_eq!(merged["sync"]["run_id"], "7");
    assert_eq!(merged["repos"]["harbor/crane"]["cleaner"]["issues_closed"], serde_json::json!([1]));
    assert_eq!(merged["meta"]["age_hours"]["sync"], 6.0, "ages count from the newest record of all repositories");
    let now = ["track", "merge", "--out", out, "--now", "2026-11-20T18:00:00Z"];
    assert_eq!(
        json(root, &now).1["meta"]["silent"].as_array().map(Vec::len),
        Some(6),
        "18 hours are too long for a run every six"
    );
    // A page of ours that another version wrote is written anew; one that was changed stays.
    write(root, "dashboard/app.js", "old\n");
    assert_eq!(json(root, &now).1["kept"], serde_json::json!(["dashboard/app.js", "dashboard/styles.css"]));
}

#[test]
fn nothing_is_written_outside_of_the_folder() {
    let (dir, outside) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let (path, text) = sync(7, "2026-11-20T00:00:00Z");
    write(dir.path(), &path, &text);
    std::os::unix::fs::symlink(outside.path(), dir.path().join("dashboard")).expect("a link");
    let (rc, told) = json(dir.path(), &["track", "merge", "--out", dir.path().to_str().expect("a path")]);
    assert_eq!((rc, told["schema"].as_str()), (4, Some("codex-tui/error@1")), "{told}");
    assert!(read_all(outside.path()).is_empty());
}

#[test]
fn the_status_names_what_is_silent_and_explains_an_issue() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    write(
        root,
        "gh-pages/telemetry/sync-7.json",
        r#"{"component":"sync","timestamp":"2026-11-20T00:00:00Z","run_id":"7","details":[{"number":4,"changes":["milestone"]}],"deferred":[5]}"#,
    );
    write(root, "gh-pages/telemetry/sync-8.json", "{\n\"details\": ,\n}");
    let now = ["track", "status", "--now", "2026-11-20T02:00:00Z"];
    let (rc, told) = json(root, &now);
    let silent: Vec<&str> = told["components"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|part| part["silent"] == true)
        .filter_map(|part| part["component"].as_str())
        .collect();
    assert_eq!((rc, silent), (0, vec!["supervisor", "cleaner", "selftest", "activity", "diagnostics"]));
    let skipped =
        serde_json::json!([{"file": "telemetry/sync-8.json", "line": 2, "why": "is not JSON: expected value"}]);
    assert_eq!((&told["skipped"], &told["deferred"]), (&skipped, &serde_json::json!([5])));
    assert_eq!(code(&run(root, &[&now[..], &["--strict"]].concat())), 1);
    let (_, issue) = json(root, &[&now[..], &["--issue", "4"]].concat());
    assert_eq!(issue["reasons"][0]["what"], "2026-11-20T00:00:00Z, run 7: set the milestone");
}

fn git(dir: &Path, args: &[&str]) -> String {
    let config = ["-c", "user.name=Quay", "-c", "user.email=quay@example.invalid", "-c", "init.defaultBranch=gh-pages"];
    let output = Command::new("git").arg("-C").arg(dir).args(config).args(args).output().expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn script(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, format!("#!/bin/sh\n{text}\n")).expect("a script");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
}

/// A bare repository with one commit, and clones of it.
fn clones(dir: &Path, names: &[&str]) {
    let bare = dir.join("bare.git");
    std::fs::create_dir_all(&bare).expect("a folder");
    git(&bare, &["init", "--quiet", "--bare"]);
    for name in names {
        git(dir, &["clone", "--quiet", "bare.git", name]);
        if *name == names[0] {
            write(&dir.join(name), "README.md", "pages\n");
            git(&dir.join(name), &["checkout", "--quiet", "-B", "gh-pages"]);
            git(&dir.join(name), &["add", "--all"]);
            git(&dir.join(name), &["commit", "--quiet", "--message", "begin"]);
            git(&dir.join(name), &["push", "--quiet", "origin", "gh-pages"]);
        }
    }
}

fn publish(root: &Path, more: &[&str]) -> (i32, Value) {
    let out = root.to_str().expect("a path");
    json(root, &[&["track", "publish", "--out", out], more].concat())
}

#[test]
fn whoever_pushed_first_is_in_the_dashboard_of_the_second() {
    let dir = tempfile::tempdir().expect("a folder");
    clones(dir.path(), &["one", "two"]);
    let (one, two) = (dir.path().join("one"), dir.path().join("two"));
    for (clone, run_id, at) in [(&one, 7, "2026-11-20T00:00:00Z"), (&two, 8, "2026-11-20T04:00:00Z")] {
        let (path, text) = sync(run_id, at);
        write(clone, &path, &text);
        assert_eq!(code(&run(clone, &["track", "merge", "--out", clone.to_str().expect("a path")])), 0);
    }
    write(&two, "telemetry/cleaner-6.json", r#"{"component":"cleaner","timestamp":"2026-11-20T00:00:00Z"}"#);
    // Nothing of the checkout is run, and nothing but the two folders is committed.
    for hook in ["pre-commit", "pre-push", "post-rewrite", "commit-msg"] {
        script(&one.join(".git/hooks").join(hook), "touch \"$(git rev-parse --show-toplevel)/ran\"; exit 1");
    }
    script(&one.join(".git/monitor"), "touch ran");
    git(&one, &["config", "core.fsmonitor", ".git/monitor"]);
    git(&one, &["config", "core.pager", "touch ran"]);
    git(&one, &["config", "filter.evil.clean", "touch ran; cat"]);
    git(&one, &["config", "filter.evil.required", "true"]);
    std::fs::write(one.join(".git/info/attributes"), "*.json filter=evil\n").expect("a file");
    write(&one, "notes.txt", "mine\n");
    let (rc, told) = publish(&two, &[]);
    assert_eq!((rc, &told["pushed"], &told["tries"]), (0, &true.into(), &1.into()), "{told}");
    let (rc, told) = publish(&one, &[]);
    assert_eq!((rc, &told["pushed"], &told["tries"]), (0, &true.into(), &2.into()), "{told}");
    assert!(!one.join("ran").exists(), "a hook or monitor of the checkout was run");
    let merged = dashboard(&one);
    assert_eq!((&merged["sync"]["run_id"], merged["cleaner"].is_null()), (&"8".into(), false), "the newest of both");
    let fresh = dir.path().join("fresh");
    git(dir.path(), &["clone", "--quiet", "--branch", "gh-pages", "bare.git", "fresh"]);
    let files: Vec<String> = read_all(&fresh).into_keys().filter(|path| !path.starts_with(".git/")).collect();
    assert_eq!(
        files,
        [
            "README.md",
            "dashboard/app.js",
            "dashboard/dashboard.json",
            "dashboard/index.html",
            "dashboard/styles.css",
            "telemetry/cleaner-6.json",
            "telemetry/sync-7.json",
            "telemetry/sync-8.json",
        ]
    );
    assert_eq!(dashboard(&fresh), merged);
    assert_eq!(git(&fresh, &["rev-list", "--count", "HEAD"]), "3", "one commit a run");
    let (_, told) = publish(&one, &[]);
    assert_eq!((&told["committed"], &told["pushed"]), (&false.into(), &true.into()), "nothing new, nothing lost");
}

#[test]
fn what_only_a_run_needs_is_not_published() {
    let dir = tempfile::tempdir().expect("a folder");
    clones(dir.path(), &["one"]);
    let one = dir.path().join("one");
    let begin = |epoch: u64| format!("{{\"entry\":\"begin\",\"epoch\":{epoch},\"run\":\"r\"}}\n");
    let sent = "{\"entry\":\"sent\",\"issue\":1,\"at\":1000,\"what\":\"label\"}\n";
    let state = |epoch: u64| {
        format!(
            "{{\"schema\":\"codex-tui/track-state@1\",\"epoch\":{epoch},\"repository\":\"a/b\",\"total\":0,\"newest\":0,\
             \"deferred\":[],\"ours\":[],\"flaws\":[],\"pages\":[],\"issues\":[]}}"
        )
    };
    for (name, epoch, of, more) in [("a__over", 4, 3, sent), ("a__ended", 4, 4, ""), ("a__broken", 4, 4, sent)] {
        write(&one, &format!("telemetry/state/{name}.json"), &state(epoch));
        write(&one, &format!("telemetry/state/{name}.journal"), &(begin(of) + more));
    }
    // A lock that was published once goes from the branch.
    write(&one, "telemetry/state/run.lock", "");
    git(&one, &["add", "--all"]);
    git(&one, &["commit", "--quiet", "--message", "everything"]);
    let held = std::fs::File::open(one.join("telemetry/state/run.lock")).expect("a file");
    held.lock().expect("a lock");
    let output = run(&one, &["track", "publish", "--out", one.to_str().expect("a path")]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("is held by another run"), "{output:?}");
    drop(held);
    let (rc, told) = publish(&one, &[]);
    assert_eq!((rc, &told["pushed"]), (0, &true.into()), "{told}");
    let files = git(&one, &["ls-tree", "-r", "--name-only", "origin/gh-pages", "telemetry/state"]);
    let mut left: Vec<&str> = files.lines().filter(|file| !file.ends_with(".json")).collect();
    left.sort_unstable();
    assert_eq!(left, ["telemetry/state/a__broken.journal"], "the next run takes it up");
}

#[test]
fn a_branch_begins_where_nobody_is_known() {
    let dir = tempfile::tempdir().expect("a folder");
    let (bare, pages) = (dir.path().join("bare.git"), dir.path().join("pages"));
    for (folder, args) in [(&bare, &["init", "--quiet", "--bare"][..]), (&pages, &["init", "--quiet"])] {
        std::fs::create_dir_all(folder).expect("a folder");
        git(folder, args);
    }
    git(&pages, &["remote", "add", "origin", "../bare.git"]);
    let (path, text) = sync(7, "2026-11-20T00:00:00Z");
    write(&pages, &path, &text);
    let output = Command::new(env!("CARGO_BIN_EXE_codex-tui"))
        .args(["track", "publish", "--strict", "--out"])
        .arg(&pages)
        .env("HOME", dir.path())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("the program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(git(&bare, &["log", "--format=%an: %s", "gh-pages"]), "codex-tui: Telemetry and dashboard");
}

#[test]
fn a_push_is_tried_again_and_a_lost_one_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    clones(dir.path(), &["one"]);
    let one = dir.path().join("one");
    let hook = dir.path().join("bare.git/hooks/pre-receive");
    script(&hook, "echo x >> count; test $(wc -l < count) -gt 2");
    let (path, text) = sync(7, "2026-11-20T00:00:00Z");
    write(&one, &path, &text);
    let (rc, told) = publish(&one, &["--strict"]);
    assert_eq!((rc, &told["pushed"], &told["tries"]), (0, &true.into(), &3.into()), "{told}");
    script(&hook, "exit 1");
    let (path, text) = sync(8, "2026-11-20T04:00:00Z");
    write(&one, &path, &text);
    let (rc, told) = publish(&one, &["--strict"]);
    assert_eq!((rc, &told["pushed"], &told["committed"], &told["tries"]), (1, &false.into(), &true.into(), &5.into()));
    assert!(told["why"].as_str().is_some_and(|why| why.contains("git push")), "{told}");
    std::fs::remove_file(&hook).expect("the hook");
    let (_, told) = publish(&one, &[]);
    assert_eq!(
        (&told["committed"], &told["pushed"]),
        (&false.into(), &true.into()),
        "the next run pushes what was left"
    );
    let plain = tempfile::tempdir().expect("a folder");
    let (rc, told) = publish(plain.path(), &[]);
    assert_eq!((rc, told["kind"].as_str()), (4, Some("document")), "{told}");
}

#[test]
fn the_demo_says_what_its_readme_says() {
    let dir = tempfile::tempdir().expect("a folder");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/tracks"), dir.path());
    let (_, told) = json(dir.path(), &["track", "status", "--now", "2026-11-20T18:00:00Z"]);
    let silent: Vec<&Value> =
        told["components"].as_array().expect("a list").iter().filter(|part| part["silent"] == true).collect();
    assert_eq!(silent.len(), 1, "{silent:?}");
    assert_eq!((&silent[0]["component"], &silent[0]["time"]), (&"selftest".into(), &"2026-11-19T08:02:20Z".into()));
    let skipped: Vec<&str> =
        told["skipped"].as_array().expect("a list").iter().filter_map(|one| one["file"].as_str()).collect();
    let broken =
        ["telemetry/activity-20261117T081500Z.json", "telemetry/latest.json", "telemetry/sync-19700144990.json"];
    assert_eq!(skipped, broken);
    let readme = std::fs::read_to_string(dir.path().join("README.md")).expect("a file");
    assert!(broken.iter().all(|file| readme.contains(file)));
}

#[test]
fn doctor_names_what_is_malformed_and_what_is_silent() {
    let dir = tempfile::tempdir().expect("a folder");
    let at =
        |hours: i64| (chrono::Utc::now() - chrono::Duration::hours(hours)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    for (component, hours) in [("supervisor", 1), ("cleaner", 1), ("self-test", 40), ("sync", 1), ("activity", 1)] {
        let text = format!("{{\"component\":\"{component}\",\"timestamp\":\"{}\"}}", at(hours));
        write(dir.path(), &format!("gh-pages/telemetry/{component}-7.json"), &text);
    }
    // Old, larger than a head, and damaged at its end: no merge needs it, `doctor` names it all the same.
    let long = format!("{{\"component\":\"sync\",\"timestamp\":\"{}\",\n\"details\":[{}\n", at(9), "1,".repeat(9000));
    write(dir.path(), "gh-pages/telemetry/sync-6.json", &long);
    write(dir.path(), "gh-pages/telemetry/activity-6.json", "{\n\"events\": ,\n}");
    let (rc, doctor) = json(dir.path(), &["doctor"]);
    let of = |rule: &str| {
        let all = doctor["findings"].as_array().expect("a list").iter().filter(|one| one["rule"] == rule);
        all.map(|one| format!("{}:{}", one["file"].as_str().unwrap_or_default(), one["line"])).collect::<Vec<_>>()
    };
    assert_eq!(of("track-malformed"), ["gh-pages/telemetry/activity-6.json:2", "gh-pages/telemetry/sync-6.json:3"]);
    assert_eq!(of("track-silent"), ["gh-pages/telemetry/self-test-7.json:null", ":null"], "{doctor}");
    assert!(doctor["findings"].as_array().expect("a list").iter().all(|one| one["severity"] != "error"), "{doctor}");
    assert_eq!((rc, &doctor["tracks"]), (1, &serde_json::json!({"folder": "gh-pages/telemetry", "files": 6})));
    let (rc, check) = json(dir.path(), &["check", "--rule", "track-silent"]);
    assert_eq!((rc, &check["totals"]["warning"]), (1, &2.into()));
}

#[test]
fn what_the_demo_holds_of_our_own_form_is_that_form_to_the_byte() {
    use codex_tui::model::track::telemetry::{Activity, Cleaner, Diagnostics, Record, Selftest, Supervisor, Sync};
    use serde::{Serialize, de::DeserializeOwned};
    fn again<B: Serialize + DeserializeOwned>(bytes: &[u8]) -> Vec<u8> {
        codex_tui::model::track::telemetry::to_json(&serde_json::from_slice::<Record<B>>(bytes).expect("a record"))
    }
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/tracks");
    let mut seen = std::collections::BTreeSet::new();
    for (path, bytes) in read_all(&demo) {
        let Ok(value) = serde_json::from_slice::<Value>(&bytes) else { continue };
        if value["schema"] != 1 {
            continue;
        }
        let component = value["component"].as_str().expect("a component").to_owned();
        let written = match component.as_str() {
            "supervisor" => again::<Supervisor>(&bytes),
            "cleaner" => again::<Cleaner>(&bytes),
            "selftest" => again::<Selftest>(&bytes),
            "sync" => again::<Sync>(&bytes),
            "activity" => again::<Activity>(&bytes),
            _ => again::<Diagnostics>(&bytes),
        };
        assert_eq!(String::from_utf8_lossy(&written), String::from_utf8_lossy(&bytes), "{path}");
        seen.insert(component);
    }
    assert_eq!(seen.len(), 6);
}

#[test]
fn the_workflow_is_written_and_pins_what_it_runs() {
    let dir = tempfile::tempdir().expect("a folder");
    assert_eq!(code(&run(dir.path(), &["init", "--layout", "tracks"])), 0);
    let all = read_all(dir.path());
    assert_eq!(all.keys().collect::<Vec<_>>(), [".github/workflows/codex-tracks.yml"]);
    let text = String::from_utf8(all[".github/workflows/codex-tracks.yml"].clone()).expect("text");
    for line in ["  group: codex-gh-pages", "sha256sum --check --strict", "GH_CI_PAT: ${{ secrets.GH_CI_PAT }}"] {
        assert!(text.contains(line), "{line}");
    }
    assert!(!text.contains("uses:"), "an action would have to be pinned by its commit");
    // What comes from outside reaches the shell through the environment only.
    let scripts = text.split("run: ").skip(1).map(|script| script.split("\n      - ").next().unwrap_or_default());
    assert!(scripts.into_iter().all(|script| !script.contains("${{")), "{text}");
}

#[test]
fn the_workflow_installs_the_archive_of_a_release() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let of_release =
        |path: &str| std::fs::read_to_string(top.join(".github").join(path)).expect("a file of the release");
    let (archive, release) = (of_release("archive.sh"), of_release("workflows/release.yml"));
    assert!(archive.contains("name=\"codex-tui-$version-$target\"") && archive.contains("$name.tar.gz\" \"$name\""));
    assert!(release.contains("target: x86_64-unknown-linux-gnu"));
    // Such an archive, and a `gh` that hands it out.
    let dir = tempfile::tempdir().expect("a folder");
    let name = "codex-tui-1.2.3-x86_64-unknown-linux-gnu";
    write(dir.path(), &format!("{name}/codex-tui"), "the program");
    let gh = "#!/bin/sh\nwhile [ $# -gt 0 ]; do case $1 in --pattern) what=$2 ;; --dir) to=$2 ;; esac; shift; done\ncp \"$AT/$what\" \"$to/\"\n";
    write(dir.path(), "tools/gh", gh);
    assert_eq!(code(&run(dir.path(), &["init", "--layout", "tracks"])), 0);
    let text = std::fs::read_to_string(dir.path().join(".github/workflows/codex-tracks.yml")).expect("the workflow");
    let script = text.split("run: |\n").nth(1).and_then(|rest| rest.split("\n      - name:").next()).expect("a script");
    let around = "chmod +x tools/gh && PATH=$PWD/tools:$PATH && AT=$PWD && RUNNER_TEMP=$PWD/temp && GITHUB_PATH=$PWD/path && export AT
        FROM=harbor/tools && VERSION=v1.2.3 && mkdir temp && tar -czf $NAME.tar.gz $NAME
        SHA256=$(sha256sum $NAME.tar.gz | cut -d' ' -f1)\n";
    let done = Command::new("bash")
        .args(["-eu", "-c", &format!("{around}{script}")])
        .env("NAME", name)
        .current_dir(dir.path())
        .output()
        .expect("bash");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(std::fs::read_to_string(dir.path().join("temp/bin/codex-tui")).expect("the program"), "the program");
}

#[test]
fn a_checkout_of_telemetry_is_whole_without_the_documents_of_other_layouts() {
    let dir = tempfile::tempdir().expect("a folder");
    let (path, text) = sync(7, "2026-11-20T00:00:00Z");
    write(dir.path(), &path, &text);
    let (path, other) = sync(8, "2026-11-20T04:00:00Z");
    write(dir.path(), &path.replace("telemetry/", "telemetry/repos/harbor__crane/"), &other.replace("quay", "crane"));
    let (_, doctor) = json(dir.path(), &["doctor"]);
    let rules = doctor["findings"].as_array().expect("findings").iter().map(|one| one["rule"].as_str());
    assert_eq!(rules.filter(|rule| *rule == Some("missing-document")).count(), 0, "{doctor}");
    let (_, told) = said(dir.path(), &["doctor"]);
    assert!(told.contains(" notes") && !told.contains("documents"), "{told}");
    let (rc, told) = said(dir.path(), &["track", "status", "--now", "2026-11-20T06:00:00Z"]);
    assert_eq!((rc, told.matches("harbor/crane").count()), (0, 1), "{told}");
    assert!(told.contains("\n\nharbor/crane: the newest record is 2.0 h old"), "{told}");
    let empty = tempfile::tempdir().expect("a folder");
    let (rc, told) = said(empty.path(), &["track", "status"]);
    assert!(rc == 0 && told.contains("no telemetry of the pipeline in") && !told.contains("SILENT"), "{told}");
}
