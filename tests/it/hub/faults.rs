//! Every fault: no wrong write, no false claim; what passes is overcome, at the latest by the next run.

use std::collections::BTreeSet;

use serde_json::json;

use super::server::{Fault, Server};
use super::world::World;
use super::{claims, record, repairs, track};

const RUN: [&str; 5] = ["run", "--repo", "acme/widgets", "--max-seconds", "60"];

/// A small repository: issues 1 to 30 lack everything, 31 to 150 are as they should be.
fn small() -> World {
    let mut world = World::new("acme/widgets");
    for at in 0..30 {
        world.add(if at % 3 == 0 { "Dashboard" } else { "Plain" }, &[], None, 30);
    }
    for _ in 0..120 {
        let number = world.add("Ready", &["codex", "codex-trackmain"], Some(1), 3);
        world.cards.insert(number);
    }
    world
}

/// Whether issues 1 to 30 have what they lacked.
fn is_repaired(world: &World) -> bool {
    (1..=30).all(|number| {
        let track = if number % 3 == 1 { "codex-trackdashboard" } else { "codex-trackmain" };
        let labels: BTreeSet<String> = world.labels_of(number).iter().map(|label| label.to_lowercase()).collect();
        labels == BTreeSet::from(["codex".to_owned(), track.to_owned()])
            && world.issues[&number]["milestone"]["number"].is_u64()
            && world.cards.contains(&number)
    })
}

/// Runs with the fault, then without it. `at_once`: whether the first run overcomes it.
fn check(what: &str, at_once: bool, plan: impl Fn(&Server)) {
    let server = Server::new(vec![small()]);
    let out = tempfile::tempdir().expect("a folder");
    plan(&server);
    let (code, said) = track(&server, out.path(), &[&RUN[..], &["--run-id", "1"]].concat());
    assert_eq!(code, 0, "{what}: {said}");
    let sync = record(out.path(), "sync-1.json");
    assert_eq!(claims(&sync), repairs(&server.world().effects), "{what}: claims are effects\n{said}");
    assert_eq!(is_repaired(&server.world()), at_once, "{what}: {said}");
    assert!(at_once || sync["status"] != "ok", "{what}: never green when something was left\n{sync}");
    let first = claims(&sync);
    server.heal();
    let (code, said) = track(&server, out.path(), &[&RUN[..], &["--run-id", "2"]].concat());
    assert_eq!(code, 0, "{what}: {said}");
    assert!(is_repaired(&server.world()), "{what}: the next run converges\n{said}");
    let both = [first, claims(&record(out.path(), "sync-2.json"))].concat();
    let mut both: Vec<String> = both;
    both.sort();
    assert_eq!(both, repairs(&server.world().effects), "{what}: together they claim all that was done\n{said}");
    let effects = server.world().effects.clone();
    let once: BTreeSet<&String> = effects.iter().collect();
    assert_eq!(once.len(), effects.len(), "{what}: nothing twice");
    let made = effects.iter().filter(|one| one.ends_with("created")).count();
    assert!(made <= 2, "{what}: at most one self-test a run");
}

#[test]
fn limits_are_waited_out() {
    let primary = || {
        let reset = (chrono::Utc::now().timestamp() + 1).to_string();
        Fault::Status(403, vec![("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", reset)], "{}")
    };
    let after = |seconds: u32| vec![("Retry-After", seconds.to_string())];
    check("primary", true, |server| server.fail("POST", "/labels", 3, 1, primary()));
    check("primary on a page", true, |server| server.fail("GET", "/issues?", 1, 1, primary()));
    check("retry-after", true, |server| server.fail("PATCH", "/issues/", 3, 2, Fault::Status(429, after(1), "{}")));
    let body = "{\"message\":\"You have exceeded a secondary rate limit\"}";
    check("secondary", true, |server| server.fail("POST", "/labels", 5, 2, Fault::Status(403, Vec::new(), body)));
    check("too long", false, |server| server.fail("POST", "/labels", 5, 1, Fault::Status(429, after(3600), "{}")));
    for body in [
        "{\"errors\":[{\"type\":\"RATE_LIMITED\",\"message\":\"API rate limit exceeded for user ID 7.\"}]}",
        "{\"data\":null,\"errors\":[{\"type\":\"RATE_LIMIT\",\"message\":\"too many points\"}]}",
        "{\"data\":{\"a0\":null},\"errors\":[{\"path\":[\"a0\"],\"message\":\"You have exceeded a secondary rate limit\"}]}",
        "{\"errors\":[{\"message\":\"The request was submitted too quickly\"}]}",
    ] {
        check(body, true, |server| server.fail("POST", "/graphql", 3, 1, Fault::Body(body)));
    }
    let body = "{\"errors\":[{\"type\":\"RATE_LIMITED\"}]}";
    // The look-up of the project, and who is in it.
    for skip in [0, 1] {
        check("graphql", true, |server| server.fail("POST", "/graphql", skip, 1, Fault::Body(body)));
    }
    let reset = || vec![("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", "4000000000".to_owned())];
    check("graphql, too long", false, |server| {
        server.fail("POST", "/graphql", 3, 1, Fault::Status(200, reset(), body))
    });
    let one = "{\"data\":{\"a0\":{\"item\":{\"id\":\"PVTI_1\"}},\"a1\":null},\"errors\":[{\"path\":[\"a1\"],\"type\":\"RATE_LIMITED\"}]}";
    let server = Server::new(vec![small()]);
    let out = tempfile::tempdir().expect("a folder");
    server.fail("POST", "/graphql", 3, 1, Fault::Body(one));
    let (code, said) = track(&server, out.path(), &[&RUN[..], &["--run-id", "1"]].concat());
    let failed = record(out.path(), "sync-1.json")["failed"].as_array().map(Vec::len);
    // A limit in the midst of a batch: the part that met it is asked for again, another that says nothing is not.
    assert_eq!((code, failed), (0, Some(18)), "{said}");
    assert!(server.world().cards.contains(&2), "{said}");
    check("limit where a list was expected", true, |server| server.fail("GET", "/issues?", 0, 1, Fault::Body(body)));
}

#[test]
fn broken_answers_are_asked_again() {
    for (what, fault) in [
        ("502", Fault::Status(502, Vec::new(), "<html>")),
        ("500", Fault::Status(500, Vec::new(), "")),
        ("cut", Fault::CutBefore),
        ("cut after", Fault::CutAfter),
        ("truncated", Fault::Truncated),
        ("no JSON", Fault::Body("<!DOCTYPE html>")),
        ("another shape", Fault::Body("{\"message\":\"ok\"}")),
    ] {
        check(&format!("{what}, pages"), true, |server| server.fail("GET", "/issues?", 0, 3, fault.clone()));
        check(&format!("{what}, labels"), true, |server| server.fail("GET", "/labels", 0, 2, fault.clone()));
        check(&format!("{what}, adding"), true, |server| server.fail("POST", "/labels", 2, 1, fault.clone()));
        check(&format!("{what}, milestone"), true, |server| server.fail("PATCH", "/issues/", 2, 1, fault.clone()));
        // What was done is seen when it is looked up; what was not is not.
        let is_done = matches!(fault, Fault::CutAfter | Fault::Truncated);
        check(&format!("{what}, always"), is_done, |server| server.fail("POST", "/labels", 2, 99, fault.clone()));
        check(&format!("{what}, no list"), false, |server| {
            server.fail("GET", "sort=created&direction=asc", 0, 99, fault.clone())
        });
    }
}

#[test]
fn cards_are_read_back() {
    for fault in [Fault::CutAfter, Fault::Truncated] {
        check("cards", true, |server| server.fail("POST", "/graphql", 3, 1, fault.clone()));
    }
    check("cards not done", false, |server| server.fail("POST", "/graphql", 3, 1, Fault::CutBefore));
    let refused =
        Fault::Body("{\"data\":null,\"errors\":[{\"message\":\"Resource not accessible by personal access token\"}]}");
    check("no project", false, |server| {
        server.fail("POST", "/graphql", 0, 99, refused.clone());
        let body = "{\"message\":\"Resource not accessible by personal access token\"}";
        server.fail("GET", "/projectsV2", 0, 99, Fault::Status(403, Vec::new(), body));
    });
}

#[test]
fn a_self_test_is_made_at_most_once() {
    for (fault, known) in [
        (Fault::CutAfter, true),
        (Fault::Truncated, true),
        (Fault::Status(502, Vec::new(), ""), false),
        (Fault::CutBefore, false),
        (Fault::Body("[]"), false),
    ] {
        let server = Server::new(vec![small()]);
        let out = tempfile::tempdir().expect("a folder");
        server.fail("POST", "/issues", 0, 1, fault.clone());
        let args = ["self-test", "--repo", "acme/widgets", "--run-id", "1"];
        let (code, said) = track(&server, out.path(), &args);
        let made = || server.world().effects.iter().filter(|one| one.ends_with("created")).count();
        let selftest = record(out.path(), "self-test-1.json");
        assert_eq!((code, made()), (0, usize::from(known)), "{fault:?} {said}");
        assert_eq!(
            (selftest["issue"].is_u64(), &selftest["status"]),
            (known, &json!(if known { "ok" } else { "error" }))
        );
        // The same run again: now it is certain.
        track(&server, out.path(), &args);
        assert_eq!((made(), &record(out.path(), "self-test-1.json")["issue"]), (1, &json!(151)), "{fault:?}");
    }
}

#[test]
fn pages_that_drift_are_noticed() {
    check("empty page", true, |server| server.fail("GET", "/issues?", 1, 1, Fault::EmptyPage));
    let elsewhere = "http://127.0.0.1:9/issues?page=2".to_owned();
    // What was seen is repaired; that it was not all is said.
    check("next page elsewhere", true, |server| server.fail("GET", "asc", 0, 99, Fault::NextAt(elsewhere.clone())));
    let server = Server::new(vec![small()]);
    let out = tempfile::tempdir().expect("a folder");
    // Issues that the list does not show yet: the view is not complete, and nothing is closed on it.
    for _ in 0..9 {
        server.world().add("Codex Self-Test", &["codex", "codex-selftest"], Some(6), 90);
    }
    server.world().lag.insert(150);
    let (_, said) = track(&server, out.path(), &[&RUN[..], &["--run-id", "1"]].concat());
    let cleaner = record(out.path(), "cleaner-1.json");
    assert_eq!((&cleaner["complete"], &cleaner["issues_closed"]), (&json!(false), &json!([])), "{said}");
    server.world().lag.clear();
    track(&server, out.path(), &[&RUN[..], &["--run-id", "2"]].concat());
    let cleaner = record(out.path(), "cleaner-2.json");
    assert_eq!(cleaner["complete"], true);
    assert_eq!(cleaner["issues_closed"].as_array().map(Vec::len), Some(6), "11 tests, the newest 5 stay");
}

#[test]
fn transferred_renamed_and_redirected() {
    let server = Server::new(vec![small()]);
    let out = tempfile::tempdir().expect("a folder");
    // Moved away after the list was read: its write meets the redirect.
    let far = Server::new(vec![World::new("acme/far")]);
    server.fail(
        "POST",
        "/issues/2/labels",
        0,
        99,
        Fault::Status(301, vec![("Location", far.address.clone() + "/x")], "{}"),
    );
    server.fail("GET", "/issues/2", 0, 99, Fault::Status(301, vec![("Location", far.address.clone() + "/x")], "{}"));
    let (code, said) = track(&server, out.path(), &[&RUN[..], &["--run-id", "1"]].concat());
    assert_eq!(code, 0, "{said}");
    let sync = record(out.path(), "sync-1.json");
    let codes: Vec<_> =
        sync["integrity"]["malformed"].as_array().expect("a list").iter().filter(|one| one["number"] == 2).collect();
    assert_eq!((codes.len(), &codes[0]["code"]), (1, &json!("transferred")), "{said}");
    assert_eq!(claims(&sync), repairs(&server.world().effects));
    assert_eq!(server.world().labels_of(2).len(), 0);
    assert_eq!(*far.tokens.lock().expect("tokens"), Vec::<String>::new(), "no request, no token");
    server.heal();

    // A repository that redirects elsewhere gets nothing; one that was renamed is followed.
    server.fail(
        "GET",
        "/repos/acme/widgets",
        0,
        1,
        Fault::Status(301, vec![("Location", far.address.clone() + "/x")], "{}"),
    );
    let (code, _) = track(&server, out.path(), &[&RUN[..], &["--run-id", "2"]].concat());
    assert_eq!((code, &record(out.path(), "sync-2.json")["status"]), (0, &json!("error")));
    assert_eq!(*far.tokens.lock().expect("tokens"), Vec::<String>::new());
    server.rename("acme/widgets", "acme/work-assistant");
    let effects = server.world().effects.len();
    let (code, said) = track(&server, out.path(), &["sync", "--repo", "acme/widgets", "--run-id", "3"]);
    let sync = record(out.path(), "sync-3.json");
    assert_eq!((code, &sync["repository"]), (0, &json!("acme/work-assistant")), "{said}");
    assert_eq!(claims(&sync), repairs(&server.world().effects[effects..]));
    assert!(out.path().join("telemetry/state/acme__work-assistant.json").exists());
}

#[test]
fn a_damaged_state_is_read_anew() {
    let server = Server::new(vec![small()]);
    let out = tempfile::tempdir().expect("a folder");
    let run = |id: &str| track(&server, out.path(), &["sync", "--repo", "acme/widgets", "--run-id", id]);
    run("1");
    let effects = server.world().effects.len();
    let state = out.path().join("telemetry/state/acme__widgets.json");
    let text = std::fs::read_to_string(&state).expect("a state");
    for damaged in ["", "{", &text[..text.len() / 2], "[1,2]"] {
        std::fs::write(&state, damaged).expect("damaged");
        let (code, said) = run("2");
        assert_eq!((code, server.world().effects.len()), (0, effects), "{said}");
        assert!(said.contains("are read anew"), "{said}");
        assert_eq!(record(out.path(), "sync-2.json")["complete"], true);
    }
}

#[test]
fn what_others_do_meanwhile_is_not_undone() {
    // A person closes an issue while others are repaired: the write meets it, and the label stays the only thing done.
    let server = Server::new(vec![small()]);
    let out = tempfile::tempdir().expect("a folder");
    server.world().issues.remove(&30);
    let (code, _) = track(&server, out.path(), &["sync", "--repo", "acme/widgets", "--run-id", "1"]);
    assert_eq!(code, 0);
    let before = server.world().effects.len();
    server.world().issues.remove(&29);
    let number = server.world().add("Plain", &[], None, 0);
    let (code, said) = track(&server, out.path(), &["sync", "--repo", "acme/widgets", "--run-id", "2"]);
    let sync = record(out.path(), "sync-2.json");
    assert_eq!((code, &sync["complete"]), (0, &json!(true)), "{said}");
    assert!(server.world().effects[before..].iter().all(|one| one.starts_with(&format!("{number} "))), "{said}");
    let gone = sync["integrity"]["malformed"].as_array().expect("a list").iter().any(|one| one["code"] == "gone");
    assert!(gone, "{said}");
}
