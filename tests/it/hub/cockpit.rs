//! The pipeline from the cockpit, by keys in a real terminal: a plan is asked for, reviewed and applied, ended in the middle, refused.

use std::path::Path;

use serde_json::Value;

use super::server::{Fault, Server};
use super::world::{TOKEN, World};
use super::{claims, record, repairs, track};
use crate::files;
use crate::running;
use crate::terminal::Cockpit;

const CTRL_X: &str = "\u{18}";

/// So many issues, each without label, milestone and card.
fn server(issues: usize) -> Server {
    let mut world = World::new("acme/widgets");
    for _ in 0..issues {
        world.add("Crane forgets its \u{1b}[31mload", &[], None, 1);
    }
    Server::new(vec![world])
}

/// A cockpit with the Tracks pane on the whole screen.
fn start(folder: tempfile::TempDir, server: &Server, more: &[(&str, &str)]) -> Cockpit {
    let environment = [("GITHUB_API_URL", server.address.as_str()), ("GITHUB_REPOSITORY", "acme/widgets")];
    let mut cockpit = Cockpit::start_on(folder, &[&environment, more].concat(), (110, 40));
    cockpit.wait("a footer", |cockpit| cockpit.text().contains("palette") || cockpit.text().contains("help"));
    cockpit.press("T");
    cockpit.wait("the Tracks pane", |cockpit| cockpit.text().contains("P plan"));
    cockpit.press("z");
    cockpit
}

fn with_token(server: &Server) -> Cockpit {
    start(tempfile::tempdir().expect("a folder"), server, &[("GH_CI_PAT", TOKEN)])
}

fn shows(cockpit: &mut Cockpit, what: &str) {
    cockpit.wait(what, |cockpit| cockpit.text().contains(what));
}

/// Asks for a plan, says yes, and waits for the review.
fn plan(cockpit: &mut Cockpit) {
    cockpit.press("P");
    shows(cockpit, "Ask GitHub for a plan?");
    cockpit.press("y");
    shows(cockpit, "Plan for acme/widgets");
}

/// Says in the review what is to be applied, and yes to it.
fn apply(cockpit: &mut Cockpit, keys: &str, says: &str) {
    cockpit.press(keys);
    shows(cockpit, "Change these issues on GitHub?");
    shows(cockpit, says);
    cockpit.press("y");
}

/// The records of sync in a workspace, by the time of their runs.
fn syncs(root: &Path) -> Vec<Value> {
    let Ok(entries) = std::fs::read_dir(root.join("telemetry")) else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("sync-")).collect();
    names.sort();
    names.iter().map(|name| record(root, name)).collect()
}

fn no_token_in(cockpit: &Cockpit) {
    assert!(!String::from_utf8_lossy(&cockpit.written).contains(TOKEN), "on the screen");
    for (name, bytes) in files::read_all(cockpit.folder.path()) {
        assert!(!String::from_utf8_lossy(&bytes).contains(TOKEN), "{name}");
    }
}

#[test]
fn a_plan_is_reviewed_and_applied() {
    let server = server(3);
    let mut cockpit = with_token(&server);
    let root = cockpit.folder.path().to_owned();
    cockpit.press("P");
    shows(&mut cockpit, "Ask GitHub for a plan?");
    shows(&mut cockpit, &server.address);
    assert_eq!(server.world().asked, Vec::<String>::new(), "nothing is asked before it is confirmed");
    cockpit.press("y");
    shows(&mut cockpit, "3 issues, 7 writes");
    shows(&mut cockpit, "~ milestone none -> #1 Sprint 9");
    assert_eq!((server.world().effects.len(), syncs(&root).len()), (0, 0), "a plan writes nothing");
    // The second issue alone.
    apply(&mut cockpit, "j \r", "Apply to 1 issue of acme/widgets");
    shows(&mut cockpit, "track apply: 1 changed, 0 failed, 0 deferred");
    let [sync] = &syncs(&root)[..] else { panic!("one record") };
    assert_eq!(claims(sync), repairs(&server.world().effects), "claims are effects");
    assert!(server.world().effects.iter().all(|effect| effect.starts_with("2 ")), "{:?}", server.world().effects);
    // The pane has read the record by itself.
    shows(&mut cockpit, "acme/widgets · 0 min old");
    shows(&mut cockpit, "1 issue repaired, 0 deferred, 0 failed");
    // What is left, all of it. One of them is changed by a person meanwhile, and left alone.
    plan(&mut cockpit);
    shows(&mut cockpit, "2 issues, 5 writes");
    server.world().add_labels(3, &["codex".to_owned()]);
    server.world().effects.clear();
    apply(&mut cockpit, "\r", "Apply to 2 issues of acme/widgets");
    shows(&mut cockpit, "track apply: 1 changed, 1 failed, 0 deferred");
    shows(&mut cockpit, "#3: it was changed since the plan was made");
    let all = syncs(&root);
    assert_eq!((all.len(), claims(&all[1])), (2, repairs(&server.world().effects)));
    cockpit.press("q");
    assert_eq!(cockpit.exit_code(), 0);
    no_token_in(&cockpit);
}

#[test]
fn ended_in_the_middle_the_rest_is_deferred() {
    let server = server(12);
    let mut cockpit = with_token(&server);
    let root = cockpit.folder.path().to_owned();
    plan(&mut cockpit);
    apply(&mut cockpit, "\r", "Apply to 12 issues");
    cockpit.wait("the first effect", |_| !server.world().effects.is_empty());
    // The keys go on meanwhile, and say so in the header of every pane.
    cockpit.press("2");
    cockpit.wait("the board", |cockpit| {
        let text = cockpit.text();
        text.contains("e edit") && text.lines().next().is_some_and(|header| header.contains("track apply"))
    });
    cockpit.press("T");
    cockpit.press(CTRL_X);
    shows(&mut cockpit, "End the pipeline's work?");
    cockpit.press("y");
    shows(&mut cockpit, "ended by hand after");
    let [sync] = &syncs(&root)[..] else { panic!("one record") };
    assert_eq!(claims(sync), repairs(&server.world().effects), "claims are effects");
    let count = |key: &str| sync[key].as_array().expect("a list").len();
    assert!(count("deferred") >= 10 && count("failed") == 0, "{sync}");
    assert_eq!(sync["status"], "warning");
    cockpit.press("q");
    assert_eq!(cockpit.exit_code(), 0);
    // The next run goes on where this one was ended, and does nothing twice.
    let (code, said) = track(&server, &root, &["sync", "--repo", "acme/widgets", "--run-id", "z"]);
    assert_eq!((code, record(&root, "sync-z.json")["deferred"].to_string().as_str()), (0, "[]"), "{said}");
    let effects = server.world().effects.clone();
    let unique: std::collections::BTreeSet<&String> = effects.iter().collect();
    assert_eq!((unique.len(), effects.len()), (effects.len(), 12 * 4), "{effects:?}");
}

#[test]
fn leaving_asks_first_and_records() {
    let server = server(12);
    let mut cockpit = with_token(&server);
    let root = cockpit.folder.path().to_owned();
    cockpit.press("W");
    shows(&mut cockpit, "Have the pipeline run?");
    assert_eq!(server.world().asked, Vec::<String>::new());
    cockpit.press("y");
    cockpit.wait("a repair", |_| !repairs(&server.world().effects).is_empty());
    cockpit.press("q");
    shows(&mut cockpit, "Leave while the pipeline is at work?");
    cockpit.press("n");
    cockpit.wait("the pane again", |cockpit| !cockpit.text().contains("Leave while"));
    cockpit.press("q");
    shows(&mut cockpit, "Leave while the pipeline is at work?");
    cockpit.press("y");
    assert_eq!(cockpit.exit_code(), 0);
    let [sync] = &syncs(&root)[..] else { panic!("one record") };
    assert_eq!(claims(sync), repairs(&server.world().effects), "claims are effects");
    assert!(!sync["deferred"].as_array().expect("deferred").is_empty(), "{sync}");
    assert!(!root.join("telemetry/state/acme__widgets.journal").exists(), "the run came to its end");
    no_token_in(&cockpit);
}

#[test]
fn without_a_token_nothing_is_asked() {
    let server = server(1);
    for blank in [&[][..], &[("GH_CI_PAT", "  ")]] {
        let mut cockpit = start(tempfile::tempdir().expect("a folder"), &server, blank);
        for key in ["P", "W"] {
            cockpit.press(key);
            shows(&mut cockpit, "Nothing was asked");
            shows(&mut cockpit, "GH_CI_PAT is not set (or blank)");
            shows(&mut cockpit, "export it in the shell");
            cockpit.press("\r");
            cockpit.wait("the pane again", |cockpit| !cockpit.text().contains("Nothing was asked"));
        }
        cockpit.press("q");
        assert_eq!(cockpit.exit_code(), 0);
        assert_eq!(files::read_all(cockpit.folder.path()).len(), 0, "nothing is written either");
    }
    assert_eq!(server.world().asked, Vec::<String>::new());
}

#[test]
fn the_guard_decides_and_the_network_log_has_it() {
    let server = server(1);
    let token = [("GH_CI_PAT", TOKEN)];
    for (level, why) in [("L0", "the session is at L0"), ("L1", "the session is at L1"), ("L3", "RUNTEST_NET=1")] {
        let mut cockpit = start(running::workspace(level), &server, &token);
        cockpit.press("P");
        shows(&mut cockpit, "network access needs L3");
        shows(&mut cockpit, why);
        cockpit.press("\rq");
        assert_eq!(cockpit.exit_code(), 0);
    }
    // Without an autonomy plan a session that only reads stands in the way of what writes, and of nothing else.
    let read_only = running::workspace("L0");
    std::fs::remove_file(read_only.path().join("docs/CODEX_AUTONOMY_PLAN.md")).expect("removed");
    let mut cockpit = start(read_only, &server, &token);
    cockpit.press("W");
    shows(&mut cockpit, "Nothing was asked");
    shows(&mut cockpit, "L0");
    cockpit.press("\rP");
    shows(&mut cockpit, "Ask GitHub for a plan?");
    cockpit.press("\u{1b}");
    cockpit.wait("the pane again", |cockpit| !cockpit.text().contains("Ask GitHub"));
    cockpit.press("q");
    assert_eq!((cockpit.exit_code(), server.world().asked.len()), (0, 0));

    let mut cockpit = start(running::workspace("L3"), &server, &[token[0], ("RUNTEST_NET", "1")]);
    plan(&mut cockpit);
    apply(&mut cockpit, "\r", "in the log of network operations");
    shows(&mut cockpit, "track apply: 1 changed");
    cockpit.press("q");
    assert_eq!(cockpit.exit_code(), 0);
    let logs = std::fs::read_dir(cockpit.folder.path().join("Logs/NetOps")).expect("the logs").flatten();
    let logs: Vec<Value> =
        logs.map(|entry| serde_json::from_slice(&std::fs::read(entry.path()).expect("a log")).expect("JSON")).collect();
    let actions: Vec<&str> =
        logs.iter().flat_map(|log| log.as_array().expect("a list")).filter_map(|one| one["Action"].as_str()).collect();
    assert_eq!(actions, ["track plan", "track apply"]);
    no_token_in(&cockpit);
}

#[test]
fn what_a_server_refuses_is_shown() {
    let server = server(2);
    let folder = || tempfile::tempdir().expect("a folder");
    let mut stranger = start(folder(), &server, &[("GH_CI_PAT", "ghp_another")]);
    stranger.press("P");
    shows(&mut stranger, "Ask GitHub for a plan?");
    stranger.press("y");
    shows(&mut stranger, "does not accept the token (401)");
    stranger.press("q");
    assert_eq!(stranger.exit_code(), 0);
    // A write is refused, by a server that repeats the token in what it says.
    let echo = format!("{{\"message\":\"no {TOKEN} here\"}}").leak();
    let mut cockpit = with_token(&server);
    plan(&mut cockpit);
    server.fail("POST", "/issues/1/labels", 0, 1, Fault::Status(422, Vec::new(), echo));
    apply(&mut cockpit, "\r", "Apply to 2 issues");
    shows(&mut cockpit, "track apply: 1 changed, 1 failed, 0 deferred");
    shows(&mut cockpit, "#1: 422 no [token] here");
    cockpit.press("q");
    assert_eq!(cockpit.exit_code(), 0);
    no_token_in(&cockpit);
}
