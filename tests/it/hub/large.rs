//! What a large repository costs: requests of the first repair and of a steady run.

use serde_json::{Value, json};

use super::server::{Fault, Server};
use super::world::{World, ago};
use super::{claims, record, repairs, track};

/// Issues, every second of which lacks something: 0.25 need labels, all of those a milestone.
fn drifted(issues: u64) -> World {
    let mut world = World::new("acme/widgets");
    for at in 0..issues {
        let number = match at % 4 {
            0 => world.add("Plain", &[], None, 3),
            1 => world.add("Wrong", &["codex", "codex-trackdashboard"], Some(1), 3),
            _ => world.add("Ready", &["codex", "codex-trackmain"], Some(1), 3),
        };
        if at % 4 > 1 {
            world.cards.insert(number);
        }
    }
    world
}

fn api(out: &std::path::Path, run: &str, names: &[&str]) -> u64 {
    let of = |name: &&str| record(out, &format!("{name}-{run}.json"))["api"]["requests"].as_u64().expect("requests");
    names.iter().map(of).sum()
}

/// Requests of a run, by the server's count.
fn asked(server: &Server) -> usize {
    server.world().asked.len()
}

fn costs(issues: u64) {
    let server = Server::new(vec![drifted(issues)]);
    let out = tempfile::tempdir().expect("a folder");
    let args = |run: &'static str| ["run", "--repo", "acme/widgets", "--max-writes", "50000", "--run-id", run];
    let (code, said) = track(&server, out.path(), &args("1"));
    assert_eq!(code, 0, "{said}");
    let repair = asked(&server);
    let sync = record(out.path(), "sync-1.json");
    assert_eq!(claims(&sync), repairs(&server.world().effects));
    // A quarter takes one request for labels and one for the milestone, a quarter two for labels; cards in twenties.
    let frugal = issues / 100 + 1 + issues / 4 * 4 + issues / 100 + (issues / 2).div_ceil(20);
    assert!(repair as u64 <= frugal * 11 / 10, "{repair} requests, frugal were {frugal}");
    assert!(api(out.path(), "1", &["sync"]) > 0);

    // The next run takes in what the first one wrote. Four hours later 0.2 per cent are new.
    let (code, said) = track(&server, out.path(), &args("1b"));
    assert_eq!(code, 0, "{said}");
    let first = asked(&server);
    let numbers: Vec<u64> = server.world().issues.keys().copied().collect();
    numbers.iter().for_each(|number| server.world().set(*number, "updated_at", json!(ago(1))));
    for _ in 0..issues / 500 {
        server.world().add("New", &[], None, 0);
    }
    let (code, said) = track(&server, out.path(), &args("2"));
    let steady = asked(&server) - first;
    assert_eq!(code, 0, "{said}");
    let new = (issues / 500) as usize;
    assert!(steady <= 40 + 2 * new, "{steady} requests for a steady run with {new} new issues");

    // Nothing new, and a day later: every page is looked at, and nearly all are as they were.
    let (_, said) = track(&server, out.path(), &args("3"));
    let quiet = asked(&server) - first - steady;
    assert!(quiet < 40, "{quiet}: {said}");
    let state = out.path().join("telemetry/state/acme__widgets.json");
    let size = std::fs::metadata(&state).expect("a state").len();
    let a_day_later = |run: &'static str| {
        age(out.path(), 90_000);
        let before = (asked(&server), server.world().not_modified);
        track(&server, out.path(), &args(run));
        (asked(&server) - before.0, server.world().not_modified - before.1)
    };
    // All pages are different once, because the test moved the times; then they are as they were.
    a_day_later("4");
    let (daily, same) = a_day_later("5");
    assert!(same as u64 >= issues / 100 - 2, "{same} of the pages are not sent again");
    println!(
        "{issues} issues: first repair {repair} requests (frugal {frugal}), taken in with {}, steady {steady} with {new} new, quiet {quiet}, \
         daily {daily} ({same} not modified), state {size} bytes",
        first - repair,
    );
    assert!(daily as u64 <= issues / 100 * 2 + 40, "{daily}");
}

#[test]
fn a_repository_of_two_thousand() {
    costs(2000);
}

/// Makes what a state remembers older.
fn age(out: &std::path::Path, seconds: i64) {
    let state = out.join("telemetry/state/acme__widgets.json");
    let mut text: Value = serde_json::from_slice(&std::fs::read(&state).expect("a state")).expect("JSON");
    for page in text["pages"].as_array_mut().expect("pages") {
        page["at"] = (page["at"].as_i64().expect("a time") - seconds).into();
    }
    std::fs::write(&state, text.to_string()).expect("an older state");
}

fn ready(issues: u64) -> World {
    let mut world = World::new("acme/widgets");
    for _ in 0..issues {
        let number = world.add("Ready", &["codex", "codex-trackmain"], Some(1), 3);
        world.cards.insert(number);
    }
    world
}

/// Pages of the sweep that were asked for since.
fn pages(server: &Server, since: usize) -> Vec<String> {
    let is_page = |one: &&String| one.contains("direction=asc") && one.contains("sort=created");
    server.world().asked.iter().skip(since).filter(is_page).cloned().collect()
}

#[test]
fn a_sweep_is_spread_over_the_runs_of_a_day() {
    let server = Server::new(vec![ready(1200)]);
    let out = tempfile::tempdir().expect("a folder");
    let sync = |run: &str| {
        let before = asked(&server);
        let (code, said) = track(&server, out.path(), &["sync", "--repo", "acme/widgets", "--run-id", run]);
        assert_eq!(code, 0, "{said}");
        (pages(&server, before), record(out.path(), &format!("sync-{run}.json")))
    };
    let (first, record) = sync("0");
    assert_eq!((first.len(), &record["complete"], &record["scanned"]), (12, &json!(true), &json!(1200)));
    let mut all = std::collections::BTreeSet::new();
    for run in ["1", "2", "3", "4", "5", "6"] {
        age(out.path(), 4 * 3600);
        let (some, record) = sync(run);
        assert_eq!((some.len(), &record["complete"], &record["scanned"]), (2, &json!(true), &json!(1200)), "{run}");
        all.extend(some);
    }
    assert_eq!(all.len(), 12, "after a day every page was looked at: {all:?}");
    assert_eq!(sync("7").0, Vec::<String>::new());
    // An issue that was deleted is missed at once, because the server counts one less.
    server.world().issues.remove(&350);
    let (_, record) = sync("8");
    let gone = &record["integrity"]["malformed"];
    assert_eq!(
        (&record["complete"], &gone[0]["number"], &gone[0]["code"]),
        (&json!(true), &json!(350), &json!("gone"))
    );
}

#[test]
fn a_sweep_that_breaks_off_is_taken_up_where_it_stood() {
    let server = Server::new(vec![ready(1200)]);
    let out = tempfile::tempdir().expect("a folder");
    let clean = |run: &str| {
        let before = asked(&server);
        let (code, said) = track(&server, out.path(), &["clean", "--repo", "acme/widgets", "--run-id", run]);
        assert_eq!(code, 0, "{said}");
        (pages(&server, before), record(out.path(), &format!("cleaner-{run}.json")))
    };
    for _ in 0..9 {
        server.world().add("Codex Self-Test", &["codex", "codex-selftest"], Some(6), 90);
    }
    server.fail("GET", "direction=asc", 7, 999, Fault::Status(502, Vec::new(), ""));
    let (_, record) = clean("1");
    assert_eq!((&record["complete"], &record["issues_closed"]), (&json!(false), &json!([])), "{record}");
    server.heal();
    // Meanwhile somebody changes an issue of a page that was read, and one of a page that was not.
    server.world().set(3, "state", json!("closed"));
    server.world().set(3, "updated_at", json!(ago(0)));
    server.world().set(1100, "state", json!("closed"));
    server.world().set(1100, "updated_at", json!(ago(0)));
    let (rest, record) = clean("2");
    assert_eq!(rest.len(), 13 - 7, "the other pages, and no other: {rest:?}");
    let closed = record["issues_closed"].as_array().map(Vec::len);
    assert_eq!((&record["complete"], closed), (&json!(true), Some(4)), "{record}");
    // A sweep of a later day that breaks off: nothing is closed until it is done.
    for _ in 0..9 {
        server.world().add("Codex Self-Test", &["codex", "codex-selftest"], Some(6), 80);
    }
    age(out.path(), 90_000);
    server.fail("GET", "direction=asc&per_page=100&sort=created", 3, 999, Fault::Status(502, Vec::new(), ""));
    let (_, record) = clean("3");
    assert_eq!((&record["complete"], &record["issues_closed"]), (&json!(false), &json!([])), "{record}");
    server.heal();
    let (_, record) = clean("4");
    assert_eq!(
        (&record["complete"], record["issues_closed"].as_array().map(Vec::len)),
        (&json!(true), Some(9)),
        "{record}"
    );
}

/// The figures of the specification; takes minutes in a debug build.
#[test]
#[ignore = "takes minutes: run it for the figures"]
fn a_repository_of_ten_thousand() {
    costs(10_000);
}

/// Memory at a hundred thousand issues: what the process held at most, by the system's account.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "takes minutes: run it for the figures"]
fn a_repository_of_a_hundred_thousand() {
    let mut world = World::new("acme/widgets");
    for _ in 0..100_000 {
        let number = world.add(
            "An issue with a title of the usual length, more or less",
            &["codex", "codex-trackmain"],
            Some(1),
            3,
        );
        world.cards.insert(number);
    }
    let server = Server::new(vec![world]);
    let out = tempfile::tempdir().expect("a folder");
    let began = std::time::Instant::now();
    let mut child = super::command(&server, out.path(), &["sync", "--repo", "acme/widgets", "--run-id", "1"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the binary runs");
    let mut most = 0;
    while child.try_wait().expect("a child").is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let held = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        most = most.max(held.unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let sync = record(out.path(), "sync-1.json");
    println!("{most} kB at most, {} requests, {:?}", asked(&server), began.elapsed());
    assert_eq!((sync["scanned"].as_u64(), sync["complete"].as_bool()), (Some(100_000), Some(true)));
    assert!(most < 400_000, "{most} kB");
}
