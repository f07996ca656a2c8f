//! The agent's session file, outside of the workspace: followed while it grows by halves of lines, is cut, replaced, and gives
//! way to a newer one; shown without what a terminal would obey; never written, never a document.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use codex_tui::model::agent::{News, Piece, What};
use codex_tui::tui::event::Event;
use codex_tui::workbench::{Actor, AgentChange, AgentUpdate, Live, Order, Report, Workbench, demo};

use crate::editing::stage_of;

struct Followed {
    _workspace: demo::Temporary,
    folder: tempfile::TempDir,
    live: Live,
    reports: Receiver<AgentUpdate>,
}

/// A workbench thread on the demo, and a folder elsewhere for session files.
fn start() -> Followed {
    let workspace = demo::temporary().expect("the demo");
    let bench = Workbench::open(workspace.path()).expect("a workspace");
    let actor = Actor { name: "tester".to_owned(), via: "test".to_owned() };
    let (to, reports) = channel();
    let live = Live::start(bench, actor, move |report| {
        if let Report::Agent(update) = report {
            let _ = to.send(update);
        }
    });
    live.order(Order::Painted);
    Followed { _workspace: workspace, folder: tempfile::tempdir().expect("a folder"), live, reports }
}

impl Followed {
    fn path(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        path
    }

    fn follow(&self, path: &Path) {
        self.live.order(Order::FollowAgent(Some(path.to_owned())));
    }

    /// The texts of the messages that come until one is `last`; and the reasons for which the file was opened anew.
    fn told(&self, last: &str) -> (Vec<String>, Vec<String>) {
        let deadline = Instant::now() + Duration::from_secs(20);
        let (mut told, mut reasons) = (Vec::new(), Vec::new());
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let update = self.reports.recv_timeout(left).unwrap_or_else(|_| panic!("waited for {last:?}: {told:?}"));
            let pieces = match update.change {
                AgentChange::Opened { why, pieces } => {
                    told.clear();
                    reasons.push(why);
                    pieces
                }
                AgentChange::Appended { pieces } => pieces,
                AgentChange::Unreadable { why } => {
                    told.push(why);
                    Vec::new()
                }
                AgentChange::Stopped => Vec::new(),
            };
            told.extend(pieces.iter().map(text));
            if told.last().is_some_and(|text| text.contains(last)) {
                return (told, reasons);
            }
        }
    }
}

fn text(piece: &Piece) -> String {
    match &piece.news {
        News::Event(What::Message { text, .. } | What::Broken(text)) => text.clone(),
        News::Event(What::Unknown { kind, .. }) => format!("unknown {kind}"),
        News::Event(What::Meta { version, .. }) => format!("version {version}"),
        other => format!("{other:?}"),
    }
}

fn said(text: &str) -> String {
    format!(
        "{{\"timestamp\":\"2026-01-31T10:00:00Z\",\"type\":\"event_msg\",\"payload\":{{\"type\":\"agent_message\",\"message\":\"{text}\"}}}}\n"
    )
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(path).expect("a file");
    file.write_all(text.as_bytes()).expect("written");
}

#[test]
fn a_file_that_grows_by_halves_is_cut_and_replaced() {
    let followed = start();
    let path = followed.path("rollout-1.jsonl");
    append(&path, &said("one"));
    followed.follow(&path);
    assert_eq!(followed.told("one"), (vec!["one".to_owned()], vec![String::new()]));
    let two = said("two");
    let (head, tail) = two.split_at(two.len() / 2);
    append(&path, head);
    append(&path, tail);
    append(&path, "no json\n{\"type\":\"comet\",\"payload\":{}}\n");
    append(&path, &said("three"));
    assert_eq!(followed.told("three").0, ["two", "no json", "unknown comet", "three"]);
    fs::write(&path, said("anew")).expect("cut");
    let (told, reasons) = followed.told("anew");
    assert_eq!(told, ["anew"]);
    assert!(reasons.iter().all(|why| why.contains("rewritten")), "{reasons:?}");
    let other = followed.path("other");
    fs::write(&other, said("replaced")).expect("written");
    fs::rename(&other, &path).expect("replaced");
    assert_eq!(followed.told("replaced"), (vec!["replaced".to_owned()], vec!["the file was replaced".to_owned()]));
    followed.live.order(Order::FollowAgent(None));
    let stopped = followed.reports.recv_timeout(Duration::from_secs(20)).expect("an answer");
    assert_eq!(stopped.change, AgentChange::Stopped);
    // Nobody listens: the next news are those of the file opened again.
    append(&path, &said("unheard"));
    followed.follow(&path);
    assert_eq!(followed.told("unheard"), (vec!["replaced".to_owned(), "unheard".to_owned()], vec![String::new()]));
}

#[test]
fn a_folder_stands_for_its_newest_file_also_for_one_that_comes_later() {
    let followed = start();
    followed.follow(followed.folder.path());
    followed.told("no session file below it yet");
    let first = followed.path("2026/01/31/rollout-2026-01-31T10-00-00-a.jsonl");
    append(&first, &said("first"));
    assert_eq!(followed.told("first").0.last().map(String::as_str), Some("first"));
    let older = followed.path("2026/01/30/rollout-2026-01-30T10-00-00-z.jsonl");
    append(&older, &said("older"));
    append(&first, &said("still first"));
    assert_eq!(followed.told("still first").0, ["still first"]);
    let second = followed.path("2026/02/01/rollout-2026-02-01T10-00-00-a.jsonl");
    append(&second, &said("second"));
    let (told, reasons) = followed.told("second");
    assert_eq!(
        (told.as_slice(), reasons.as_slice()),
        (&["second".to_owned()][..], &["a newer session file".to_owned()][..])
    );
    append(&second, &said("goes on"));
    assert_eq!(followed.told("goes on").0, ["goes on"]);
}

#[test]
fn a_folder_that_is_not_there_yet_is_waited_for() {
    let followed = start();
    followed.follow(&followed.folder.path().join("sessions"));
    followed.told("No such file");
    let first = followed.path("sessions/2026/rollout-1.jsonl");
    append(&first, &said("first"));
    followed.told("first");
    append(&first, &said("goes on"));
    followed.told("goes on");
}

#[test]
fn a_huge_file_opens_at_once_and_its_head_is_known() {
    let followed = start();
    let path = followed.path("rollout-1.jsonl");
    let meta = format!(
        "{{\"type\":\"session_meta\",\"payload\":{{\"cwd\":\"/w\",\"cli_version\":\"1.2\",\"instructions\":\"{}\"}}}}\n",
        "x".repeat(300_000)
    );
    let long = format!(
        "{{\"type\":\"event_msg\",\"payload\":{{\"type\":\"agent_message\",\"message\":\"{}\"}}}}\n",
        "y".repeat(1_000_000)
    );
    append(&path, &meta);
    let block: String = (0..10_000).map(|number| said(&format!("message {number}"))).collect();
    for _ in 0..(100 << 20) / block.len() {
        append(&path, &block);
    }
    append(&path, &long);
    append(&path, &said("the end"));
    followed.follow(&path);
    let (told, _) = followed.told("the end");
    assert_eq!(told[0], "version 1.2");
    let cut = &told[told.len() - 2];
    assert!(cut.starts_with("yyyy") && cut.len() < 20_000, "{} bytes of a long line", cut.len());
    assert!(told.len() > 1000 && told.len() < 100_000, "{}", told.len());
}

#[test]
fn what_an_agent_writes_never_reaches_the_terminal_as_it_is() {
    let mut stage =
        stage_of(&[("docs/agents/sessions/2026-01-31_session-0001.md", "# Log\n\n## Plan\n- one\n")], 80, 24);
    let bad = r"\u001b[2J\u009b31m\u202e\u0007 evil";
    let plan = format!(
        r#"{{"type":"response_item","payload":{{"type":"function_call","name":"update_plan","arguments":"{{\"plan\":[{{\"step\":\"{}\",\"status\":\"pending\"}}]}}"}}}}"#,
        bad.replace('\\', "\\\\")
    );
    let call = format!(
        r#"{{"type":"response_item","payload":{{"type":"local_shell_call","call_id":"c","action":{{"command":["x","{bad}"]}}}}}}"#
    );
    let unknown = format!(r#"{{"type":"{bad}","payload":{{}}}}"#);
    let lines = [said(bad), plan, call, unknown, format!("raw \u{1b}]0;x\u{7} {}", bad)];
    let pieces = lines.iter().flat_map(|line| codex_tui::model::agent::read(line)).collect();
    let update = AgentUpdate {
        path: PathBuf::from("/tmp/\u{1b}[2Jrollout.jsonl"),
        change: AgentChange::Opened { why: String::new(), pieces },
        half: true,
        from_start: false,
    };
    stage.app.handle(Event::Report(Report::Agent(update)));
    stage.press("5 v z");
    for _ in 0..2 {
        let screen = stage.screen(80, 24);
        assert!(screen.matches("evil").count() >= 4, "{screen}");
        assert!(!screen.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')), "{screen:?}");
        stage.press("w");
    }
}
