//! The project over REST, where GraphQL is refused; and the small lists, which are read on condition.

use serde_json::{Value, json};

use super::server::{Fault, Server};
use super::world::World;
use super::{claims, command, record, repairs, track};

const NO: &str = "{\"message\":\"Resource not accessible by personal access token\"}";
const NO_GRAPH: &str = "{\"data\":{\"repositoryOwner\":{\"projectsV2\":{\"nodes\":[]}}},\
                        \"errors\":[{\"type\":\"FORBIDDEN\",\"message\":\"Resource not accessible by personal access token\"}]}";

/// Issues 1 to 6 lack everything; 7 has its card, 8 an archived one, 9 none.
fn small() -> World {
    let mut world = World::new("acme/widgets");
    for _ in 0..6 {
        world.add("Plain", &[], None, 3);
    }
    for _ in 7..=9 {
        world.add("Ready", &["codex", "codex-trackmain"], Some(1), 3);
    }
    world.cards.extend([7, 8]);
    world.archived.insert(8);
    world
}

#[test]
fn cards_are_added_over_rest_where_graphql_is_refused() {
    for (of_user, refusal) in [
        (false, Fault::Status(403, Vec::new(), NO)),
        (true, Fault::Status(404, Vec::new(), "{\"message\":\"Not Found\"}")),
        (false, Fault::Body(NO_GRAPH)),
    ] {
        let server = Server::new(vec![World { of_user, ..small() }]);
        let out = tempfile::tempdir().expect("a folder");
        server.fail("POST", "/graphql", 0, 999, refusal);
        let (code, said) = track(&server, out.path(), &["sync", "--repo", "acme/widgets", "--run-id", "1"]);
        let sync = record(out.path(), "sync-1.json");
        assert_eq!((code, &sync["failed"], &sync["deferred"]), (0, &json!([]), &json!([])), "{said}");
        assert_eq!(claims(&sync), repairs(&server.world().effects), "{said}");
        // 8 has an archived card, which counts.
        assert_eq!(sync["corrections"]["project_adjustments"], 7, "{said}");
        let codes: Vec<&str> =
            sync["warnings"].as_array().expect("a list").iter().filter_map(|one| one["code"].as_str()).collect();
        assert_eq!(codes, ["project_over_rest"], "{said}");
        // The board is listed by pages once, and the next run finds nothing to do.
        let before = server.world().effects.len();
        track(&server, out.path(), &["sync", "--repo", "acme/widgets", "--run-id", "2"]);
        assert_eq!(server.world().effects.len(), before);
    }
}

#[test]
fn a_refusal_in_the_midst_goes_over_to_rest() {
    // The project is found over GraphQL; who is in it, or the cards, are refused.
    for skip in [1, 2] {
        let server = Server::new(vec![small()]);
        let out = tempfile::tempdir().expect("a folder");
        server.fail("POST", "/graphql", skip, 999, Fault::Status(403, Vec::new(), NO));
        let (code, said) = track(&server, out.path(), &["sync", "--repo", "acme/widgets", "--run-id", "1"]);
        let sync = record(out.path(), "sync-1.json");
        assert_eq!((code, &sync["corrections"]["project_adjustments"]), (0, &json!(7)), "{skip} {said}");
        assert_eq!(claims(&sync), repairs(&server.world().effects), "{skip} {said}");
    }
}

#[test]
fn a_card_counts_once_it_is_read_back() {
    let server = Server::new(vec![World { loses_cards: true, ..small() }]);
    let out = tempfile::tempdir().expect("a folder");
    server.fail("POST", "/graphql", 0, 999, Fault::Status(403, Vec::new(), NO));
    let (code, said) = track(&server, out.path(), &["sync", "--repo", "acme/widgets", "--run-id", "1"]);
    let sync = record(out.path(), "sync-1.json");
    assert_eq!((code, &sync["corrections"]["project_adjustments"]), (0, &json!(0)), "{said}");
    assert_eq!(sync["failed"].as_array().map(Vec::len), Some(7), "{said}");
    assert_eq!(claims(&sync), repairs(&server.world().effects), "{said}");
}

#[test]
fn a_broken_board_is_asked_again() {
    for fault in [Fault::CutAfter, Fault::CutBefore, Fault::Truncated, Fault::Status(502, Vec::new(), "")] {
        let server = Server::new(vec![small()]);
        let out = tempfile::tempdir().expect("a folder");
        server.fail("POST", "/graphql", 0, 999, Fault::Status(403, Vec::new(), NO));
        server.fail("POST", "/items", 1, 1, fault.clone());
        let mut all = Vec::new();
        for run in ["1", "2"] {
            let (code, said) = track(&server, out.path(), &["sync", "--repo", "acme/widgets", "--run-id", run]);
            assert_eq!(code, 0, "{fault:?} {said}");
            all.extend(claims(&record(out.path(), &format!("sync-{run}.json"))));
        }
        all.sort();
        assert_eq!(all, repairs(&server.world().effects), "{fault:?}");
        assert_eq!(server.world().cards.len(), 9, "{fault:?}");
    }
}

#[test]
fn diagnostics_say_what_a_fine_grained_token_cannot_reach() {
    let server = Server::new(vec![World { of_user: true, ..small() }]);
    let out = tempfile::tempdir().expect("a folder");
    server.fail("POST", "/graphql", 0, 999, Fault::Body(NO_GRAPH));
    server.fail("GET", "/projectsV2", 0, 999, Fault::Status(403, Vec::new(), NO));
    let said = |token: &str, run: &str| {
        let mut ask = command(&server, out.path(), &["diagnose", "--repo", "acme/widgets", "--run-id", run]);
        ask.env("GH_CI_PAT", token).output().expect("the binary runs");
        let found = record(out.path(), &format!("diagnostics-{run}.json"));
        let check = found["checks"].as_array().expect("checks").iter().find(|one| one["name"] == "project").cloned();
        check.expect("the check")["message"].as_str().expect("a message").to_owned()
    };
    let fine = said(super::world::FINE, "1");
    assert!(fine.contains("a fine-grained token cannot reach a user's project"), "{fine}");
    let classic = said(super::world::TOKEN, "2");
    assert!(classic.contains("not accessible") && classic.contains("needs the scope project"), "{classic}");
}

#[test]
fn small_lists_are_read_on_condition() {
    let mut world = small();
    world.labels.extend((0..230).map(|at| format!("area-{at:03}")));
    world.variables.insert("A_SECRET_PLAN".to_owned(), "of somebody else".to_owned());
    let server = Server::new(vec![world]);
    let out = tempfile::tempdir().expect("a folder");
    let run = |id: &str| {
        let before = server.world().not_modified;
        let (code, said) = track(&server, out.path(), &["sync", "--repo", "acme/widgets", "--run-id", id]);
        assert_eq!(code, 0, "{said}");
        (server.world().not_modified - before, record(out.path(), &format!("sync-{id}.json")))
    };
    assert_eq!(run("1").0, 0);
    let state = out.path().join("telemetry/state/acme__widgets.json");
    let text = std::fs::read_to_string(&state).expect("a state");
    assert!(!text.contains("A_SECRET_PLAN") && !text.contains("area-001"), "only what is used is kept");
    // Three pages of labels, one of milestones, one of variables.
    let (same, sync) = run("2");
    assert_eq!((same, &sync["status"]), (5, &json!("ok")), "{sync}");
    // What changed is read anew: the milestone's title, and a label on the second page.
    server.world().milestones[0].1 = "Sprint 10".to_owned();
    server.world().labels[120] = "CODEX-failing".to_owned();
    let (same, sync) = run("3");
    let codes: Vec<&str> =
        sync["warnings"].as_array().expect("a list").iter().filter_map(|one| one["code"].as_str()).collect();
    assert_eq!((same, codes), (3, vec!["milestone_unresolved"]), "{sync}");
    // A state that has lost the rows of a list is no answer to "not modified": a damaged one is begun anew.
    let mut damaged: Value = serde_json::from_str(&text).expect("JSON");
    damaged["lists"] = json!([{"list": "labels"}]);
    std::fs::write(&state, damaged.to_string()).expect("written");
    assert_eq!(run("4").0, 0);
}
