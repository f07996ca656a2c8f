//! What stands around the workflows: the guard, configuration, two runs at once, the scanner, rights that are missing.

use serde_json::{Value, json};

use super::server::{Fault, Server};
use super::world::{Mangle, World};
use super::{claims, command, record, track};
use codex_tui::workbench::demo;

#[test]
fn the_guard_of_a_workspace_holds() {
    let server = Server::new(vec![World::new("acme/widgets")]);
    let dir = demo::temporary().expect("the demo");
    let before = crate::files::read_all(dir.path());
    for verb in ["run", "diagnose", "sync", "plan"] {
        let (code, said) = track(&server, dir.path(), &[verb, "--repo", "acme/widgets"]);
        assert_eq!(code, 5, "{said}");
        assert!(said.contains("network access needs L3"), "{said}");
    }
    assert_eq!(server.world().asked, Vec::<String>::new());
    assert_eq!(crate::files::read_all(dir.path()), before);
}

#[test]
fn repositories_come_from_where_they_are_named() {
    let server = Server::new(vec![World::new("acme/widgets")]);
    let out = tempfile::tempdir().expect("a folder");
    let (code, said) = track(&server, out.path(), &["diagnose", "--run-id", "0"]);
    assert_eq!((code, said.contains("--repo OWNER/NAME")), (2, true), "{said}");
    let (code, _) = track(&server, out.path(), &["diagnose", "--repo", "../..", "--run-id", "0"]);
    assert_eq!(code, 2);
    std::fs::write(out.path().join("codex-tui.toml"), "[tracks]\nrepos = [\"acme/widgets\"]\n").expect("written");
    let (code, said) = track(&server, out.path(), &["diagnose", "--run-id", "1"]);
    assert_eq!((code, &record(out.path(), "diagnostics-1.json")["repository"]), (0, &json!("acme/widgets")), "{said}");
    let mut of_environment = command(&server, out.path(), &["diagnose", "--run-id", "2"]);
    of_environment.env("GITHUB_REPOSITORY", "acme/other").output().expect("the binary runs");
    let other = record(out.path(), "diagnostics-2.json");
    assert_eq!((&other["repository"], &other["status"]), (&json!("acme/other"), &json!("error")));
}

#[test]
fn diagnostics_name_what_is_missing() {
    let mut world = World::new("acme/widgets");
    world.labels.retain(|label| label != "codex-trackmain");
    world.variables.remove("CODEX_MAIN_STALE_DAYS");
    world.variables.insert("CODEX_MAIN_MILESTONE".to_owned(), "Sprint 10".to_owned());
    world.push = false;
    let server = Server::new(vec![world]);
    let out = tempfile::tempdir().expect("a folder");
    let (code, said) = track(&server, out.path(), &["diagnose", "--repo", "acme/widgets", "--run-id", "1"]);
    let found = record(out.path(), "diagnostics-1.json");
    let failed: Vec<&str> = found["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .filter(|check| check["ok"] == false)
        .filter_map(|check| check["name"].as_str())
        .collect();
    let want = [
        "push_right",
        "label:codex-trackmain",
        "variable:CODEX_MAIN_STALE_DAYS",
        "milestone:main",
        "gh-pages",
        "pages",
    ];
    assert_eq!((code, failed), (0, want.to_vec()), "{said}");
    assert_eq!((&found["config_error"], &found["project"]["number"]), (&json!(true), &json!(7)));
    assert_eq!(server.world().effects, Vec::<String>::new());
}

#[test]
fn two_runs_at_once_refuse_each_other() {
    let server = Server::new(vec![World::new("acme/widgets")]);
    let out = tempfile::tempdir().expect("a folder");
    let lock = out.path().join("telemetry/state/run.lock");
    std::fs::create_dir_all(lock.parent().expect("a folder")).expect("a folder");
    let held = std::fs::File::create(&lock).expect("a file");
    held.lock().expect("a lock");
    let (code, said) = track(&server, out.path(), &["sync", "--repo", "acme/widgets"]);
    assert_eq!((code, said.contains("another run")), (4, true), "{said}");
    assert_eq!(server.world().asked, Vec::<String>::new());
}

#[test]
fn the_scanner_names_every_damage() {
    let mut world = World::new("acme/widgets");
    let damages: [(Mangle, &str); 8] = [
        (|issue| drop(issue.as_object_mut().map(|all| all.remove("labels"))), "labels_missing"),
        (|issue| issue["labels"] = json!("codex"), "labels_malformed"),
        (|issue| issue["labels"] = json!([{"id": 1}]), "label_malformed"),
        (|issue| issue["milestone"] = json!("6"), "milestone_malformed"),
        (|issue| drop(issue.as_object_mut().map(|all| all.remove("created_at"))), "created_at_missing"),
        (|issue| issue["created_at"] = json!("soon"), "created_at_invalid"),
        (|issue| issue["updated_at"] = json!("2999-01-01T00:00:00Z"), "updated_at_future"),
        (|issue| drop(issue.as_object_mut().map(|all| all.remove("number"))), "number_missing"),
    ];
    for (mangle, _) in damages {
        let number = world.add("Plain", &["codex", "codex-trackmain"], Some(1), 1);
        world.mangled.insert(number, (mangle, false));
    }
    world.add("Deleted", &["codex", "codex-trackmain"], Some(44), 1);
    let server = Server::new(vec![world]);
    let out = tempfile::tempdir().expect("a folder");
    let args = ["integrity", "--repo", "acme/widgets", "--strict", "--json"];
    let output = command(&server, out.path(), &args).output().expect("the binary runs");
    let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let found = said["integrity"][0]["malformed"].as_array().expect("a list").clone();
    let mut codes: Vec<&str> = found.iter().filter_map(|one| one["code"].as_str()).collect();
    codes.sort_unstable();
    let mut want: Vec<&str> = damages.iter().map(|(_, code)| *code).chain(["milestone_deleted"]).collect();
    want.sort_unstable();
    assert_eq!((output.status.code(), codes), (Some(1), want), "{said}");
    assert_eq!(server.world().effects, Vec::<String>::new());
}

#[test]
fn the_deep_scan_compares_with_graphql() {
    let mut world = World::new("acme/widgets");
    for _ in 0..20 {
        world.add("Plain", &["codex", "codex-trackmain"], Some(1), 1);
    }
    let server = Server::new(vec![world]);
    let out = tempfile::tempdir().expect("a folder");
    let output = command(&server, out.path(), &["integrity", "--repo", "acme/widgets", "--deep", "--json"]).output();
    let said: Value = serde_json::from_slice(&output.expect("the binary runs").stdout).expect("JSON");
    let found = |one: &Value| (one["number"].as_u64(), one["code"].as_str().map(str::to_owned));
    let found: Vec<_> = said["integrity"][0]["malformed"].as_array().expect("a list").iter().map(found).collect();
    let code = Some("cli_invisible".to_owned());
    assert_eq!(found, [(Some(7), code.clone()), (Some(17), code)]);
}

#[test]
fn a_right_that_is_missing_ends_the_writing() {
    let mut world = World::new("acme/widgets");
    for _ in 0..20 {
        world.add("Plain", &[], None, 1);
    }
    let server = Server::new(vec![world]);
    let out = tempfile::tempdir().expect("a folder");
    let body = "{\"message\":\"Resource not accessible by personal access token\"}";
    server.fail("POST", "/labels", 0, 99, Fault::Status(403, Vec::new(), body));
    let (code, said) = track(&server, out.path(), &["sync", "--repo", "acme/widgets", "--run-id", "1", "--strict"]);
    let sync = record(out.path(), "sync-1.json");
    assert_eq!((code, &sync["status"]), (1, &json!("error")), "{said}");
    assert_eq!(
        (sync["failed"].as_array().map(Vec::len), sync["deferred"].as_array().map(Vec::len)),
        (Some(3), Some(17))
    );
    assert_eq!((claims(&sync), server.world().effects.len()), (Vec::new(), 0));
}

#[test]
fn what_is_dropped_silently_is_not_claimed() {
    let mut world = World::new("acme/widgets");
    for _ in 0..20 {
        world.add("Plain", &[], None, 1);
    }
    world.drops = true;
    let server = Server::new(vec![world]);
    let out = tempfile::tempdir().expect("a folder");
    let (code, said) = track(&server, out.path(), &["run", "--repo", "acme/widgets", "--run-id", "1"]);
    let sync = record(out.path(), "sync-1.json");
    assert_eq!((code, claims(&sync), &sync["status"]), (0, Vec::new(), &json!("error")), "{said}");
    let sent = server.world().asked.iter().filter(|one| one.starts_with("POST") && one.contains("/labels")).count();
    assert_eq!(sent, 3, "it stops after three that were dropped");
    // The self-test says so, and its stray issue is closed again.
    let selftest = record(out.path(), "self-test-1.json");
    assert_eq!((&selftest["status"], &selftest["issue"]), (&json!("error"), &json!(21)));
    assert_eq!(server.world().effects, ["21 created", "21 closed"]);
}

#[test]
fn what_was_asked_at_l3_stands_in_the_network_log() {
    let server = Server::new(vec![World::new("acme/widgets")]);
    let dir = demo::temporary().expect("the demo");
    let grant = ["--reason", "a look at the issues", "--entry", "HB-B-005", "--confirm"];
    for args in [&["session", "start", "HB-B-005"][..], &[&["session", "level", "L3"][..], &grant].concat()] {
        let output = crate::verbs::run(dir.path(), args);
        assert_eq!(crate::verbs::code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
    }
    for run in ["1", "2"] {
        let (code, said) = track(&server, dir.path(), &["diagnose", "--repo", "acme/widgets", "--run-id", run]);
        assert_eq!(code, 0, "{said}");
    }
    let logs: Vec<_> = std::fs::read_dir(dir.path().join("Logs/NetOps")).expect("the logs").flatten().collect();
    let log: Value = serde_json::from_slice(&std::fs::read(logs[0].path()).expect("a log")).expect("JSON");
    let actions: Vec<&str> =
        log.as_array().expect("an array").iter().filter_map(|one| one["Action"].as_str()).collect();
    assert_eq!(actions, ["track diagnose", "track diagnose"]);
    assert_eq!(log[0]["Arguments"]["Command"], "codex-tui track diagnose acme/widgets");
    assert!(log[0]["Notes"].as_str().is_some_and(|said| said.contains("requests")), "{log}");
    let asked = server.world().asked.len();
    std::fs::write(logs[0].path(), "{}\n").expect("their save");
    let (code, said) = track(&server, dir.path(), &["diagnose", "--repo", "acme/widgets", "--run-id", "3"]);
    assert!(code == 4 && said.contains("has to be an array"), "{code} {said}");
    assert_eq!(server.world().asked.len(), asked, "nothing was asked");
}
