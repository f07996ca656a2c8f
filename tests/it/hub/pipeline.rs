//! The whole pipeline on a repository of a thousand mixed issues; the token; plans; several repositories; crashes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::server::{Fault, Server};
use super::world::{TOKEN, World};
use super::{claims, command, counted, record, repairs, track};
use crate::files;

/// A thousand issues of every kind, and what each must look like afterwards: labels to be there, labels not to be there, milestone.
fn mixed() -> World {
    let mut world = World::new("acme/widgets");
    for at in 0..1000u64 {
        let age = i64::try_from(at % 40).expect("small");
        match at % 20 {
            0 => drop(world.add("Dashboard flickers", &[], None, age)),
            1 => drop(world.add("Plain and unlabelled", &[], None, age)),
            2 => drop(world.add("Ready", &["Codex", "codex-trackmain", "bug"], Some(1), age)),
            3 => drop(world.add("The dashboard is ready", &["codex", "codex-trackdashboard"], Some(2), age)),
            4 => drop(world.add("Dashboard on the wrong track", &["codex", "codex-trackmain"], Some(1), age)),
            5 => drop(world.add("Both tracks", &["codex", "codex-trackmain", "codex-trackdashboard"], Some(1), age)),
            6 => drop(world.add("Foreign milestone", &["codex", "codex-trackmain", "blocked"], Some(3), age)),
            7 => drop(world.add("Deleted milestone", &["codex", "codex-trackmain"], Some(44), age)),
            8 => drop(world.add("Codex Self-Test: 2026-01-01 02:00 UTC", &["bug"], None, age)),
            9 => drop(world.add("Codex Self-Test: old", &["codex", "codex-selftest"], Some(6), age)),
            10 => drop(world.add("Internal", &[], Some(6), age)),
            11 => {
                let number = world.add("A pull request", &[], None, age);
                world.set(number, "pull_request", json!({"url": "…"}));
            }
            12 | 13 => {
                let number = world.add("Closed long ago", &[], None, age);
                world.set(number, "state", json!("closed"));
            }
            14 => {
                // The list has lost its labels; on its own it shows them.
                let number = world.add("Labels lost in the list", &["codex", "codex-selftest"], Some(6), 0);
                world
                    .mangled
                    .insert(number, (|issue| drop(issue.as_object_mut().map(|all| all.remove("labels"))), false));
            }
            15 => {
                let number = world.add("Milestone is nonsense", &["codex", "codex-trackmain"], None, age);
                world.mangled.insert(number, (|issue| issue["milestone"] = json!("6"), true));
            }
            16 => drop(world.add("Only the track is missing", &["codex"], Some(1), age)),
            17 => drop(world.add("Named codex-trackmain-old", &["codex-trackmain-old"], Some(1), age)),
            18 => {
                let number = world.add("No updated_at", &["codex", "codex-trackmain"], Some(1), age);
                world.mangled.insert(number, (|issue| issue["updated_at"] = Value::Null, true));
            }
            _ => {
                let number = world.add("In the project already", &["codex", "codex-trackmain"], Some(1), age);
                world.cards.insert(number);
            }
        }
    }
    world
}

/// Every managed issue that is not as the rules of the specification want it. Written from the specification, not from the code.
fn wrong(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    for (number, issue) in &world.issues {
        let labels: BTreeSet<String> = world.labels_of(*number).iter().map(|label| label.to_lowercase()).collect();
        let milestone = issue["milestone"]["number"].as_u64();
        if issue["state"] != "open"
            || !issue["pull_request"].is_null()
            || labels.contains("codex-selftest")
            || milestone == Some(6)
        {
            continue;
        }
        let is_dashboard = issue["title"].as_str().is_some_and(|title| title.to_lowercase().contains("dashboard"));
        let (own, other, number_of) = match is_dashboard {
            true => ("codex-trackdashboard", "codex-trackmain", 2),
            false => ("codex-trackmain", "codex-trackdashboard", 1),
        };
        let placed = milestone == Some(number_of) || milestone == Some(3);
        let is_right = labels.contains("codex")
            && labels.contains(own)
            && !labels.contains(other)
            && placed
            && world.cards.contains(number);
        if !is_right {
            wrong.push(format!("{number} {} {labels:?} {milestone:?}", issue["title"]));
        }
    }
    wrong
}

#[test]
fn a_thousand_issues_are_repaired_once() {
    let world = mixed();
    let untouched: BTreeMap<u64, Value> = world
        .issues
        .iter()
        .filter(|(number, issue)| {
            issue["state"] == "closed"
                || !issue["pull_request"].is_null()
                || world.issues[number]["milestone"]["number"] == 6
        })
        .filter(|(_, issue)| !issue["labels"].to_string().contains("codex-selftest"))
        .map(|(number, issue)| (*number, issue.clone()))
        .collect();
    let foreign_labels = |world: &World| {
        let kept =
            |number: &u64| world.labels_of(*number).into_iter().filter(|label| label == "bug" || label == "blocked");
        world.issues.keys().map(|number| kept(number).collect::<Vec<_>>()).take(1000).collect::<Vec<_>>()
    };
    let before = foreign_labels(&world);
    let server = Server::new(vec![world]);
    let out = tempfile::tempdir().expect("a folder");
    let args = ["run", "--repo", "acme/widgets", "--run-id", "1", "--max-writes", "5000"];
    let (code, said) = track(&server, out.path(), &args);
    assert_eq!(code, 0, "{said}");
    assert_eq!(wrong(&server.world()), Vec::<String>::new(), "{said}");
    assert_eq!(foreign_labels(&server.world()), before, "labels of people stay");
    for (number, issue) in &untouched {
        assert_eq!(server.world().issues[number], *issue, "left alone");
    }
    let sync = record(out.path(), "sync-1.json");
    assert_eq!(claims(&sync), repairs(&server.world().effects), "claims are effects");
    let corrections = sync["corrections"].as_object().expect("corrections").iter();
    let said: BTreeMap<&str, u64> = corrections
        .map(|(key, value)| (key.as_str(), value.as_u64().expect("a count")))
        .filter(|(_, n)| *n > 0)
        .collect();
    assert_eq!(said, counted(&claims(&sync)));
    assert_eq!((sync["complete"].as_bool(), sync["scanned"].as_u64()), (Some(true), Some(1001)));
    let malformed = sync["integrity"]["malformed"].as_array().expect("malformed");
    let codes = |code: &str| malformed.iter().filter(|one| one["code"] == code).count();
    assert_eq!((codes("labels_missing"), codes("milestone_malformed"), codes("updated_at_missing")), (50, 50, 50));

    let cleaner = record(out.path(), "cleaner-1.json");
    let closed: Vec<u64> =
        cleaner["issues_closed"].as_array().expect("closed").iter().filter_map(Value::as_u64).collect();
    let done: Vec<u64> =
        server.world().effects.iter().filter_map(|one| one.strip_suffix(" closed")?.parse().ok()).collect();
    assert_eq!(closed, done);
    assert!(!closed.is_empty());
    let selftest = record(out.path(), "self-test-1.json");
    assert_eq!(selftest["issue"], 1001, "{selftest}");
    assert_eq!(selftest["status"], "ok");

    // The second run of the same id finds nothing to do, another one makes its own self-test and nothing else.
    let effects = server.world().effects.len();
    let writes = |server: &Server| {
        server.world().asked.iter().filter(|one| !one.starts_with("GET") && !one.contains("/graphql")).count()
    };
    let before = writes(&server);
    let (code, said) = track(&server, out.path(), &args);
    assert_eq!((code, writes(&server) - before), (0, 0), "{said}");
    let (code, _) = track(&server, out.path(), &["run", "--repo", "acme/widgets", "--run-id", "2"]);
    let new: Vec<String> = server.world().effects[effects..].to_vec();
    assert_eq!((code, new), (0, vec!["1002 created".to_owned()]));
    assert_eq!(record(out.path(), "sync-2.json")["details"], json!([]));

    // Repairs make nothing fresh: ages are those of people.
    let activity = record(out.path(), "activity-2.json");
    let stale = activity["main"].as_array().expect("main").iter().filter(|one| one["status"] == "stale").count();
    assert!(stale > 50, "{stale}");
    let dashboard: Value =
        serde_json::from_slice(&std::fs::read(out.path().join("dashboard/dashboard.json")).expect("a dashboard"))
            .expect("JSON");
    let (code, status) = track(&server, out.path(), &["status"]);
    assert!(code == 0 && status.contains("sync"), "{status}");
    for key in ["supervisor", "cleaner", "selftest", "sync", "activity", "diagnostics"] {
        assert!(dashboard[key].is_object(), "{key}");
    }
}

#[test]
fn without_a_token_nothing_is_sent() {
    let server = Server::new(vec![World::new("acme/widgets")]);
    for blank in [None, Some(""), Some("  ")] {
        let out = tempfile::tempdir().expect("a folder");
        let mut command = command(&server, out.path(), &["run", "--repo", "acme/widgets", "--run-id", "1"]);
        match blank {
            Some(blank) => command.env("GH_CI_PAT", blank),
            None => command.env_remove("GH_CI_PAT"),
        };
        let output = command.output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(5));
        assert_eq!(server.world().asked, Vec::<String>::new());
        for name in ["diagnostics-1", "self-test-1", "cleaner-1", "sync-1", "supervisor-1", "activity-1"] {
            assert_eq!(record(out.path(), &format!("{name}.json"))["status"], "aborted");
        }
    }
    let out = tempfile::tempdir().expect("a folder");
    let mut wrong = command(&server, out.path(), &["run", "--repo", "acme/widgets", "--run-id", "1"]);
    let output = wrong.env("GH_CI_PAT", "ghp_another").output().expect("the binary runs");
    assert_eq!((output.status.code(), server.world().effects.len()), (Some(0), 0));
    assert_eq!(record(out.path(), "sync-1.json")["status"], "error");
    let mut far = command(&server, out.path(), &["sync", "--repo", "acme/widgets"]);
    let output = far.env("GITHUB_API_URL", "http://api.example.com").output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(2), "no token over plain http");
}

#[test]
fn the_token_is_nowhere() {
    let server = Server::new(vec![mixed()]);
    // A server that repeats the token in what it says.
    let echo =
        format!("{{\"message\":\"Bad token {TOKEN}\",\"data\":null,\"errors\":[{{\"message\":\"{TOKEN}\"}}]}}").leak();
    server.fail("GET", "/labels", 0, 1, Fault::Status(422, Vec::new(), echo));
    server.fail("POST", "/graphql", 0, 1, Fault::Body(echo));
    server.fail("POST", "/labels", 1, 1, Fault::Status(422, vec![("Location", TOKEN.to_owned())], echo));
    server.fail("GET", "/pages", 0, 9, Fault::Status(500, Vec::new(), echo));
    let out = tempfile::tempdir().expect("a folder");
    let child = command(&server, out.path(), &["run", "--repo", "acme/widgets", "--run-id", "1", "--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary runs");
    #[cfg(target_os = "linux")]
    {
        let line = std::fs::read(format!("/proc/{}/cmdline", child.id())).expect("a command line");
        assert!(!String::from_utf8_lossy(&line).contains(TOKEN));
    }
    let output = child.wait_with_output().expect("an end");
    let all = [output.stdout, output.stderr].concat();
    assert!(!String::from_utf8_lossy(&all).contains(TOKEN));
    let written = files::read_all(out.path());
    assert!(written.len() > 8, "{:?}", written.keys());
    for (name, bytes) in written {
        assert!(!String::from_utf8_lossy(&bytes).contains(TOKEN), "{name}");
    }
    let sync = record(out.path(), "sync-1.json");
    assert_eq!(claims(&sync), repairs(&server.world().effects));
}

#[test]
fn a_dry_run_is_the_plan_and_apply_carries_it_out() {
    let server = Server::new(vec![mixed()]);
    let out = tempfile::tempdir().expect("a folder");
    let place = tempfile::tempdir().expect("a folder");
    let file = place.path().join("plan.json");
    let name = file.to_str().expect("UTF-8");
    let (code, said) = track(&server, out.path(), &["plan", "--repo", "acme/widgets", "--plan", name]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(server.world().effects, Vec::<String>::new());
    assert_eq!(files::read_all(out.path()).len(), 0, "a plan writes nothing but itself");
    let plan: Value = serde_json::from_slice(&std::fs::read(&file).expect("a plan")).expect("JSON");
    let planned = plan["repos"][0]["issues"].as_array().expect("issues").clone();
    let close = plan["repos"][0]["close"].clone();

    // Two issues change after the plan was made.
    let moved = planned[0]["number"].as_u64().expect("a number");
    let closed = planned[1]["number"].as_u64().expect("a number");
    server.world().add_labels(moved, &["codex".to_owned()]);
    server.world().set(closed, "state", json!("closed"));
    server.world().effects.clear();
    let (code, said) = track(&server, out.path(), &["apply", name, "--run-id", "a", "--max-writes", "5000"]);
    assert_eq!(code, 0, "{said}");
    let sync = record(out.path(), "sync-a.json");
    let failed: Vec<u64> =
        sync["failed"].as_array().expect("failed").iter().filter_map(|one| one["number"].as_u64()).collect();
    assert_eq!(failed, [moved, closed], "{said}");
    assert_eq!(claims(&sync), repairs(&server.world().effects));
    let details = sync["details"].as_array().expect("details").len();
    assert_eq!(details, planned.len() - 2);
    assert_eq!(record(out.path(), "cleaner-a.json")["issues_closed"], close);
}

#[test]
fn a_budget_defers_the_least_and_the_next_run_goes_on() {
    let server = Server::new(vec![mixed()]);
    let out = tempfile::tempdir().expect("a folder");
    let mut all = Vec::new();
    for run in 0..40 {
        let id = format!("r{run}");
        let (code, said) =
            track(&server, out.path(), &["sync", "--repo", "acme/widgets", "--run-id", &id, "--max-writes", "60"]);
        assert_eq!(code, 0, "{said}");
        let sync = record(out.path(), &format!("sync-{id}.json"));
        assert!(sync["api"]["writes"].as_u64().is_some_and(|writes| writes <= 60), "{}", sync["api"]);
        all.extend(claims(&sync));
        let left = sync["deferred"].as_array().expect("deferred").len();
        assert_eq!(sync["status"], if left > 0 { "warning" } else { sync["status"].as_str().expect("a status") });
        if left == 0 {
            break;
        }
    }
    all.sort();
    assert_eq!(all, repairs(&server.world().effects));
    assert_eq!(wrong(&server.world()), Vec::<String>::new());
}

#[test]
fn several_repositories_share_a_run() {
    let mut gadgets = World::new("acme/gadgets");
    gadgets.id = 70002;
    // In another repository number 6 is somebody else's milestone.
    gadgets.milestones = vec![
        (1, "Other".to_owned()),
        (6, "Sprint 9".to_owned()),
        (8, "2".to_owned()),
        (9, "Codex Internal".to_owned()),
    ];
    for at in 0..30 {
        gadgets.add(if at % 2 == 0 { "Dashboard" } else { "Plain" }, &[], None, at);
    }
    let mut widgets = World::new("acme/widgets");
    for at in 0..30 {
        widgets.add("Plain", &[], None, at);
    }
    let server = Server::new(vec![widgets, gadgets]);
    let out = tempfile::tempdir().expect("a folder");
    let args = ["run", "--repo", "acme/widgets", "--repo", "acme/gadgets", "--run-id", "1", "--max-writes", "40"];
    let (code, said) = track(&server, out.path(), &args);
    assert_eq!(code, 0, "{said}");
    let done = |at: usize| repairs(&server.other(at).effects).len();
    assert!(done(0) > 10 && done(1) > 10, "fair: {} and {}", done(0), done(1));
    assert!(server.other(1).effects.iter().any(|one| one.contains("milestone 6")), "by title, not by number");
    let sync = record(out.path(), "repos/acme__gadgets/sync-1.json");
    assert_eq!(claims(&sync), repairs(&server.other(1).effects));
    let one_bad = ["sync", "--repo", "acme/nosuch", "--repo", "acme/widgets", "--run-id", "2"];
    let (code, _) = track(&server, out.path(), &one_bad);
    assert_eq!((code, record(out.path(), "sync-2.json")["status"].as_str()), (0, Some("error")));
    let widgets = record(out.path(), "repos/acme__widgets/sync-2.json");
    assert_eq!(widgets["deferred"], json!([]));
}

#[test]
fn a_repair_is_no_activity() {
    let mut world = World::new("acme/widgets");
    let number = world.add("Plain", &[], None, 30);
    let server = Server::new(vec![world]);
    let out = tempfile::tempdir().expect("a folder");
    for (run, age, status) in [("1", 30, "escalation"), ("2", 30, "escalation")] {
        let (code, said) = track(&server, out.path(), &["run", "--repo", "acme/widgets", "--run-id", run]);
        assert_eq!(code, 0, "{said}");
        let activity = record(out.path(), &format!("activity-{run}.json"));
        assert_eq!(
            (&activity["main"][0]["age_days"], &activity["main"][0]["status"]),
            (&json!(age), &json!(status)),
            "{run}"
        );
    }
    // A person does something, a minute later by the server's clock.
    server.world().ahead = 60;
    server.world().add_labels(number, &["bug".to_owned()]);
    let (_, said) = track(&server, out.path(), &["activity", "--repo", "acme/widgets", "--run-id", "3"]);
    let activity = record(out.path(), "activity-3.json");
    assert_eq!(activity["main"][0]["status"], "active", "{said}");
}

#[test]
fn a_change_by_a_person_beside_an_unanswered_write_is_told_from_it() {
    // What happens after the write that had no answer, the fault of the timeline, and the age that comes out.
    type Then = fn(&mut World);
    let nothing: Then = |_| {};
    let person: Then = |world| world.add_labels(1, &["bug".to_owned()]);
    let edit: Then = |world| world.patch(1, &json!({}));
    let many: Then = |world| {
        let old = json!({"event": "commented", "created_at": super::world::ago(40)});
        world.events.entry(1).or_default().extend(vec![old; 100]);
        world.add_labels(1, &["bug".to_owned()]);
    };
    for (what, then, refused, age) in [
        ("nothing", nothing, false, 30),
        ("a label", person, false, 0),
        ("an edit, which leaves no event", edit, false, 0),
        ("the timeline is refused", person, true, 30),
        ("the timeline is too long", many, false, 30),
    ] {
        let mut world = World::new("acme/widgets");
        world.add("Plain", &["codex"], Some(1), 30);
        let server = Server::new(vec![world]);
        let out = tempfile::tempdir().expect("a folder");
        server.fail("POST", "/labels", 0, 1, Fault::CutAfter);
        let (code, said) = track(&server, out.path(), &["sync", "--repo", "acme/widgets", "--run-id", "1"]);
        assert_eq!((code, claims(&record(out.path(), "sync-1.json"))), (0, repairs(&server.world().effects)), "{said}");
        server.world().ahead = 20;
        then(&mut server.world());
        if refused {
            server.fail("GET", "/timeline", 0, 9, Fault::Status(404, Vec::new(), "{}"));
        }
        for run in ["2", "3"] {
            let (_, said) = track(&server, out.path(), &["activity", "--repo", "acme/widgets", "--run-id", run]);
            let activity = record(out.path(), &format!("activity-{run}.json"));
            assert_eq!(activity["main"][0]["age_days"], age, "{what}, {run}: {said}");
        }
        let asked = server.world().asked.iter().filter(|one| one.contains("/timeline")).count();
        // Where nothing else happened, the answered write of the card explains the time as well.
        assert_eq!(asked, usize::from(what != "nothing"), "{what}: one request for the issue");
    }
}

#[test]
fn how_much_is_ours_is_counted() {
    let mut world = World::new("acme/widgets");
    for _ in 0..10 {
        world.add("Plain", &[], None, 30);
    }
    let server = Server::new(vec![world]);
    let out = tempfile::tempdir().expect("a folder");
    server.fail("POST", "/labels", 2, 1, Fault::CutAfter);
    let run = |id: &str| {
        let (code, said) = track(&server, out.path(), &["run", "--repo", "acme/widgets", "--run-id", id]);
        assert_eq!(code, 0, "{said}");
        record(out.path(), &format!("sync-{id}.json"))["noise"].clone()
    };
    let shares = |noise: &Value| (noise["ours"].as_u64(), noise["others_at_least"].as_u64());
    // One request adds both labels: the effects of labels are twice as many as its writes.
    let writes = |server: &Server| {
        let labels = server.world().effects.iter().filter(|one| one.contains(" +codex")).count();
        (server.world().effects.len() - labels / 2) as u64
    };
    let first = run("1");
    assert_eq!(shares(&first), (Some(writes(&server)), Some(0)), "{first}");
    server.world().ahead = 90;
    server.world().add_labels(3, &["bug".to_owned()]);
    server.world().add_labels(4, &["bug".to_owned()]);
    server.world().patch(5, &json!({"state": "closed"}));
    let by_people = 3;
    let second = run("2");
    assert_eq!(shares(&second), (Some(writes(&server) - by_people), Some(by_people)), "{second}");
    assert_eq!(second["since"], first["since"]);
    let (_, said) = track(&server, out.path(), &["status"]);
    assert!(said.contains("by the pipeline, at least 3 by others"), "{said}");
}

/// Killed after so many requests: the next runs bring everything to the same end, and nothing is made twice.
#[test]
fn a_killed_run_is_taken_up() {
    for kill_after in [0, 2, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 20, 26, 35, 50, 70, 90] {
        let mut world = World::new("acme/widgets");
        for at in 0..40 {
            world.add(
                if at % 3 == 0 { "Dashboard" } else { "Plain" },
                if at % 2 == 0 { &["codex-trackmain"] } else { &[] },
                None,
                30,
            );
        }
        let server = Server::new(vec![world]);
        let out = tempfile::tempdir().expect("a folder");
        let args = ["run", "--repo", "acme/widgets", "--run-id", "k"];
        let mut child = command(&server, out.path(), &args)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the binary runs");
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while server.world().asked.len() < kill_after && child.try_wait().expect("a child").is_none() {
            assert!(std::time::Instant::now() < deadline, "no progress");
            std::thread::yield_now();
        }
        child.kill().expect("killed");
        child.wait().expect("gone");
        let (code, said) = track(&server, out.path(), &args);
        assert_eq!(code, 0, "{said}");
        let world = server.world();
        assert_eq!(wrong(&world), Vec::<String>::new(), "{kill_after}");
        let created = world.effects.iter().filter(|one| one.ends_with("created")).count();
        assert_eq!(created, 1, "{kill_after}: {:?}", world.effects);
        let unique: BTreeSet<&String> = world.effects.iter().collect();
        assert_eq!(unique.len(), world.effects.len(), "{kill_after}: nothing is done twice");
        drop(world);
        let activity = record(out.path(), "activity-k.json");
        let ages: BTreeSet<i64> = ["main", "dashboard"]
            .iter()
            .flat_map(|track| activity[track].as_array().expect("a track").clone())
            .filter_map(|one| one["age_days"].as_i64())
            .collect();
        assert_eq!(ages, BTreeSet::from([30]), "{kill_after}: ages are those of people");
    }
}
