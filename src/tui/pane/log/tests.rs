//! Tests of the Log pane: following, pausing, searching, loading earlier lines.

use std::ops::Range;

use super::scroll::Layout;
use super::*;
use crate::model::agent::{Piece, read};
use crate::tui::action::Move;
use crate::tui::pane::stage::{Stage, id};
use crate::workbench::{AgentChange, AgentUpdate, LogChange, LogUpdate};

const FIRST: &str = "docs/agents/sessions/2026-01-01_session-0001.md";
const SECOND: &str = "docs/agents/sessions/2026-01-02_session-0002.md";

fn stage(width: u16, height: u16) -> Stage {
    Stage::new(&[(FIRST, "# one\n"), (SECOND, "# two\n")], width, height)
}

fn update(doc: &str, change: LogChange, from_start: bool) -> Report {
    Report::Log(LogUpdate { doc: id(doc), change, size: 0, from_start })
}

fn reset(lines: impl IntoIterator<Item = String>) -> LogChange {
    LogChange::Reset { why: String::new(), lines: lines.into_iter().collect() }
}

fn numbered(range: Range<usize>) -> impl Iterator<Item = String> {
    range.map(|number| format!("line {number}"))
}

fn log(stage: &Stage, lines: impl IntoIterator<Item = String>) -> Log {
    let mut log = Log::default();
    log.fit(&stage.cx());
    assert_eq!(log.refresh(&stage.cx()), [Effect::Order(Order::Follow(Some(id(SECOND))))]);
    log.hear(&update(SECOND, reset(lines), false), &stage.cx());
    log
}

const UP: Action = Action::Move(Move::Up);

#[test]
fn follows_the_end_and_pauses_when_scrolled() {
    let stage = stage(40, 4);
    let mut log = log(&stage, numbered(1..11));
    assert_eq!(stage.screen(&log), ["  line 7", "  line 8", "  line 9", "  line 10"]);
    let more = |text: &str| LogChange::Appended { extends_last: false, lines: vec![text.to_owned()] };
    log.hear(&update(SECOND, more("line 11"), false), &stage.cx());
    assert_eq!(stage.screen(&log)[3], "  line 11");
    stage.act(&mut log, &[UP]);
    assert_eq!(stage.screen(&log), ["  line 8", "  line 9", "▸ line 10", "  line 11"]);
    log.hear(&update(SECOND, more("line 12"), false), &stage.cx());
    assert_eq!(stage.screen(&log)[3], "  line 11");
    // Whether it follows is not cut off by a long path.
    assert_eq!(log.title(&stage.cx()), "2026-01-02_session-0002.md · paused");
    stage.act(&mut log, &[Action::Move(Move::Last)]);
    assert_eq!(stage.screen(&log)[3], "  line 12");
}

#[test]
fn a_tall_line_leaves_no_blank_rows_at_the_end() {
    let stage = stage(12, 4);
    let mut log = log(&stage, ["one two three four five six seven".to_owned(), "end".to_owned()]);
    assert_eq!(stage.screen(&log)[3], "  end");
    stage.act(&mut log, &[UP]);
    assert_eq!(stage.screen(&log)[0], "▸ one two");
}

#[test]
fn the_top_loads_what_stands_before_and_keeps_its_place() {
    let stage = stage(40, 4);
    let mut log = log(&stage, numbered(5..11));
    let flow = stage.act(&mut log, &[Action::Move(Move::First)]);
    assert_eq!(flow, Flow::Done(vec![Effect::Order(Order::Earlier)]));
    log.hear(&update(SECOND, LogChange::Earlier { lines: numbered(1..5).collect() }, true), &stage.cx());
    assert_eq!(log.clip(Clip::Row, &stage.cx()).as_deref(), Some("line 5"));
    assert_eq!(log.place(&stage.cx()), Some((id(SECOND), 5)));
    assert_eq!(stage.act(&mut log, &[Action::Move(Move::First)]), Flow::done());
    assert_eq!(stage.screen(&log)[0], "▸ line 1");
    // For earlier lines the newest may have been let go: whoever follows again asks for them, once.
    let flow = stage.act(&mut log, &[Action::Move(Move::Last)]);
    assert_eq!(flow, Flow::Done(vec![Effect::Order(Order::Latest)]));
    assert_eq!(stage.act(&mut log, &[Action::Move(Move::Last)]), Flow::done());
}

#[test]
fn truncation_is_marked_and_control_sequences_are_text() {
    let stage = stage(40, 4);
    let mut log = log(&stage, numbered(1..3));
    let change = LogChange::Reset { why: "truncated: starts again".to_owned(), lines: vec!["a\u{1b}[2J".to_owned()] };
    log.hear(&update(SECOND, change, true), &stage.cx());
    assert_eq!(stage.screen(&log)[..2], ["  [truncated: starts again]", "  a␛[2J"]);
    log.hear(&update(FIRST, reset(numbered(1..9)), true), &stage.cx());
    assert_eq!(stage.screen(&log)[1], "  a␛[2J", "news of another log are not of this one");
}

#[test]
fn searches_errors_and_matches() {
    let stage = stage(40, 4);
    let mut lines: Vec<String> = numbered(1..11).collect();
    lines[2] = "Error: disk".into();
    lines[5] = "warning: slow".into();
    let mut log = log(&stage, lines);
    stage.act(&mut log, &[Action::NextError]);
    assert_eq!(log.clip(Clip::Row, &stage.cx()).as_deref(), Some("Error: disk"));
    stage.act(&mut log, &[Action::NextWarning]);
    assert_eq!(log.clip(Clip::Row, &stage.cx()).as_deref(), Some("warning: slow"));
    assert_eq!(stage.act(&mut log, &[Action::NextError]), Flow::Say("No error below".to_owned()));
    log.set_filter("LINE 8", &stage.cx());
    assert_eq!(log.clip(Clip::Row, &stage.cx()).as_deref(), Some("warning: slow"), "case matters now");
    log.set_filter("line", &stage.cx());
    stage.act(&mut log, &[Action::MatchNext, Action::MatchNext, Action::MatchPrevious]);
    assert_eq!(log.clip(Clip::Row, &stage.cx()).as_deref(), Some("line 8"));
}

#[test]
fn walks_through_the_sessions_and_follows_what_it_is_told() {
    let stage = stage(40, 4);
    let mut log = log(&stage, numbered(1..3));
    let follow = |doc: &str| Flow::Done(vec![Effect::Order(Order::Follow(Some(id(doc))))]);
    assert_eq!(stage.act(&mut log, &[Action::TabPrevious]), follow(FIRST));
    assert_eq!(log.refresh(&stage.cx()), [], "an older log stays chosen");
    assert_eq!(stage.act(&mut log, &[Action::TabNext]), follow(SECOND));
    assert!(matches!(stage.act(&mut log, &[Action::TabNext]), Flow::Say(_)));
    log.show(&Goto::Log(id("Logs/x.json")), &stage.cx());
    assert_eq!(log.title(&stage.cx()), "Logs/x.json · following");
}

/// Whatever the size, keys and mouse do not break it, and nothing that a terminal might obey is shown.
fn survives_every_size(stage: &mut Stage, log: &mut Log) {
    for (width, height) in [(1, 1), (2, 2), (3, 9), (40, 4), (91, 3), (200, 60)] {
        stage.area = Rect::new(0, 0, width, height);
        log.fit(&stage.cx());
        for action in [UP, UP, Action::Wrap, Action::Move(Move::Right), Action::Follow, Action::Move(Move::HalfUp)] {
            stage.act(log, &[action]);
            let text = stage.screen(log).concat();
            assert!(!text.chars().any(text::is_bad), "{text:?}");
            log.click(0, height - 1, false, &stage.cx());
            log.wheel(3, &stage.cx());
        }
    }
}

#[test]
fn huge_lines_are_cut_and_every_size_is_survived() {
    let mut stage = stage(40, 4);
    let mut log = log(&stage, ["日".repeat(1 << 20), "\u{202e}x\t\u{7}".to_owned()]);
    survives_every_size(&mut stage, &mut log);
    stage.area = Rect::new(0, 0, 100, 60);
    stage.act(&mut log, &[Action::Move(Move::Last)]);
    log.scroll.layout = Layout::Wrapped;
    assert!(stage.screen(&log).concat().contains("bytes]"));
}

/// A view with a session plan, and the agent's view of these lines.
fn agent(lines: &[&str], width: u16, height: u16) -> (Stage, Log) {
    let plan = "# two\n\n## Plan\n- Bound the retry queue\n- Measure gate A2\n";
    let stage = Stage::new(&[(SECOND, plan)], width, height);
    let mut log = Log::default();
    stage.enter(&mut log);
    log.hear(&news(AgentChange::Opened { why: String::new(), pieces: pieces(lines) }), &stage.cx());
    stage.act(&mut log, &[Action::SwitchView]);
    (stage, log)
}

fn pieces(lines: &[&str]) -> Vec<Piece> {
    lines.iter().flat_map(|line| read(line)).collect()
}

fn news(change: AgentChange) -> Report {
    let path = PathBuf::from("/elsewhere/rollout-1.jsonl");
    Report::Agent(AgentUpdate { path, change, half: false, from_start: true })
}

const DONE: &str = r#"{"timestamp":"2026-01-31T10:10:05Z","type":"response_item","payload":{"type":"function_call_output","call_id":"c","output":"Exit code: 1\nWall time: 1.5 seconds\nOutput:\n2 \u001b[2Jfailed"}}"#;
const TOLD: &[&str] = &[
    r#"{"timestamp":"2026-01-31T10:10:00Z","type":"event_msg","payload":{"type":"user_message","message":"Go\non"}}"#,
    r#"{"timestamp":"2026-01-31T10:10:01Z","type":"response_item","payload":{"type":"function_call","name":"update_plan","arguments":"{\"plan\":[{\"step\":\"Bound the queue of retries\",\"status\":\"completed\"},{\"step\":\"Paint it green\",\"status\":\"in_progress\"},{\"step\":\"Retry queue notes\",\"status\":\"pending\"}]}"}}"#,
    r#"{"timestamp":"2026-01-31T10:10:02Z","type":"response_item","payload":{"type":"function_call","name":"shell","arguments":"{\"command\":\"harborctl test\"}","call_id":"c"}}"#,
    r#"{"timestamp":"2026-01-31T10:10:03Z","type":"moonrise","payload":{}}"#,
];

#[test]
fn the_agent_beside_the_plans() {
    let (stage, mut log) = agent(TOLD, 100, 12);
    log.hear(&news(AgentChange::Appended { pieces: pieces(&[DONE]) }), &stage.cx());
    assert_eq!(
        stage.screen(&log),
        [
            "last event 10:10:05, 1 min ago; events of unknown kinds: 1",
            "  10:10:00 > operator: Go                                  │plan 1/3; drift: 1 not taken up, 1 not",
            "             on                                            │planned",
            "  10:10:01 * plan                                          │Plan of 2026-01-02_session-0002",
            "             ✓ Bound the queue of retries                  │• Bound the retry queue",
            "             ▸ Paint it green                              │! Measure gate A2",
            "             · Retry queue notes                           │Plan of the agent",
            "  10:10:02 $ command: harborctl test                       │✓ Bound the queue of retries",
            "             exit 1 after 1.5 s                            │▸ ! Paint it green",
            "             | 2 ␛[2Jfailed                                │· Retry queue notes",
            "  10:10:03 ? unknown: moonrise                             │",
            "                                                           │",
        ]
    );
}

#[test]
fn the_agent_below_the_plans_on_a_narrow_screen() {
    let (stage, mut log) = agent(TOLD, 38, 9);
    assert_eq!(
        stage.screen(&log),
        [
            "last event 10:10:03, 1 min ago; event…",
            "plan 1/3; drift: 1 not taken up, 1 no…",
            "▸ ! Paint it green",
            "  retries",
            "             ▸ Paint it green",
            "             · Retry queue notes",
            "  10:10:02 $ command: harborctl test",
            "             running",
            "  10:10:03 ? unknown: moonrise",
        ]
    );
    assert!(matches!(stage.act(&mut log, &[Action::NextError]), Flow::Say(_)));
    log.hear(&news(AgentChange::Appended { pieces: pieces(&[DONE]) }), &stage.cx());
    stage.act(&mut log, &[Action::NextError]);
    assert_eq!(log.clip(Clip::Row, &stage.cx()).as_deref(), Some("10:10:02 $ command: harborctl test"));
    assert_eq!((log.place(&stage.cx()), stage.act(&mut log, &[Action::Open])), (None, Flow::done()));
    log.set_filter("GREEN", &stage.cx());
    log.set_filter("green", &stage.cx());
    assert_eq!(log.clip(Clip::Row, &stage.cx()).as_deref(), Some("▸ Paint it green"));
}

#[test]
fn who_reads_stays_on_the_row_and_news_of_any_kind_are_told() {
    let (stage, mut log) = agent(TOLD, 60, 6);
    stage.act(&mut log, &[UP]);
    let row = log.clip(Clip::Row, &stage.cx());
    assert_eq!(row.as_deref(), Some("running"));
    stage.act(&mut log, &[Action::Move(Move::Down)]);
    let row = log.clip(Clip::Row, &stage.cx());
    log.hear(&news(AgentChange::Appended { pieces: pieces(&[DONE, "no json"]) }), &stage.cx());
    assert_eq!((log.clip(Clip::Row, &stage.cx()), row.as_deref()), (row.clone(), Some("10:10:03 ? unknown: moonrise")));
    log.hear(&news(AgentChange::Unreadable { why: "it is gone".to_owned() }), &stage.cx());
    assert_eq!(stage.screen(&log)[0], "nothing new: it is gone");
    let why = "the file was replaced".to_owned();
    log.hear(&news(AgentChange::Opened { why, pieces: Vec::new() }), &stage.cx());
    let screen = stage.screen(&log);
    assert!(screen.iter().any(|row| row.trim() == "[the file was replaced]"), "{screen:?}");
    assert!(log.title(&stage.cx()).starts_with("agent · rollout-1.jsonl"));
    log.hear(&news(AgentChange::Stopped), &stage.cx());
    assert!(log.title(&stage.cx()).starts_with("2026-01-02_session-0002.md"), "{}", log.title(&stage.cx()));
    assert!(matches!(stage.act(&mut log, &[Action::SwitchView]), Flow::Ask(_)), "nothing is followed: it asks");
    let order = Order::FollowAgent(Some(PathBuf::from("~/x")));
    assert_eq!(
        log.answer(&About::Pick("agent".to_owned()), " ~/x ", &stage.cx()),
        Flow::Done(vec![Effect::Order(order)])
    );
}

#[test]
fn the_agents_view_survives_every_size() {
    let (mut stage, mut log) = agent(TOLD, 40, 4);
    survives_every_size(&mut stage, &mut log);
}
