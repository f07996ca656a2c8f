//! What the operator sees at a glance: which panes there are, what changed since he looked and when, and where the cockpit
//! opens.

use std::sync::Arc;

use chrono::Local;
use codex_tui::tui::event::Event;
use codex_tui::tui::pane::PaneId;
use codex_tui::workbench::Request;
use codex_tui::workbench::track::read::Reader;
use codex_tui::workbench::{Report, View};
use crossterm::event::{Event as Input, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::cockpit::{Stage, stage, stage_of, write};
use crate::verbs::{code, run};

const BOARD: &str = "docs/taskboard/TaskBoard.csv";

/// Somebody else replaces a text in a document, and the cockpit learns of it.
fn change(stage: &mut Stage, path: &str, from: &str, to: &str) {
    let text = std::fs::read_to_string(stage.folder.path().join(path)).expect("read");
    assert!(text.contains(from), "{text}");
    write(stage.folder.path(), path, &text.replace(from, to));
    stage.reload();
}

fn click(stage: &mut Stage, column: usize, row: usize) {
    let kind = MouseEventKind::Down(MouseButton::Left);
    let mouse = MouseEvent { kind, column: column as u16, row: row as u16, modifiers: KeyModifiers::NONE };
    stage.app.handle(Event::Input(Input::Mouse(mouse)));
}

/// Whether the sign of a pane stands on the tab bar or a border, and a click there goes to the pane.
fn goes_to(stage: &mut Stage, from: &str, pane: PaneId, (width, height): (u16, u16)) -> bool {
    stage.press(from);
    let screen = stage.screen(width, height);
    let names = screen.lines().enumerate().filter(|(row, line)| *row == 1 || line.contains('┌') || line.contains('└'));
    let signs = names.flat_map(|(row, line)| {
        let signs = line.chars().enumerate().filter(|(_, c)| pane.sign().starts_with(*c));
        signs.map(move |(column, _)| (column, row)).collect::<Vec<_>>()
    });
    signs.collect::<Vec<_>>().into_iter().any(|(column, row)| {
        stage.press(from);
        click(stage, column, row);
        stage.app.focus() == pane
    })
}

#[test]
fn every_pane_is_named_and_can_be_clicked_at_every_size() {
    for size in [(36, 12), (40, 12), (60, 20), (80, 24), (100, 30), (120, 40), (200, 60)] {
        let mut stage = stage(size.0, size.1);
        for from in ["1", "2", "3", "5", "9", "T"] {
            for pane in PaneId::ALL {
                assert!(
                    goes_to(&mut stage, from, pane, size),
                    "{pane:?} at {size:?}\n{}",
                    stage.screen(size.0, size.1)
                );
            }
        }
    }
}

#[test]
fn what_others_change_is_marked_until_it_was_seen() {
    let mut stage = stage(80, 24);
    stage.press("1");
    change(&mut stage, BOARD, "Mend", "Repair");
    let bar = |stage: &Stage| stage.screen(80, 24).lines().nth(1).unwrap_or_default().to_owned();
    assert!(bar(&stage).contains("1Check 2Board•3Time•4Gates"), "{}", bar(&stage));
    stage.press("2");
    assert!(bar(&stage).contains("2Board 3Time•"), "{}", bar(&stage));
    let screen = stage.screen(80, 24);
    assert!(screen.contains("ST-A-002•") && !screen.contains("ST-A-001•"), "{screen}");
    // Going there is seeing it.
    stage.press("j");
    assert!(!stage.screen(80, 24).contains("ST-A-002•"));
    // Esc, and leaving the pane, are seeing all of it.
    change(&mut stage, BOARD, "Ship", "Send");
    assert!(stage.screen(80, 24).contains("ST-A-003•") && !bar(&stage).contains("2Board•"));
    stage.press("esc");
    assert!(!stage.screen(80, 24).contains("ST-A-003•"));
    change(&mut stage, BOARD, "Send", "Ship");
    stage.press("1 2");
    assert!(!stage.screen(80, 24).contains("ST-A-003•"));
    // The checklist, by the line of the step.
    change(&mut stage, "docs/CODEX_SESSION_CHECKLIST.md", "- [ ] Update the board", "- [x] Update the board");
    stage.press("1");
    assert!(stage.screen(80, 24).contains("•[x] Update the board"), "{}", stage.screen(80, 24));
}

#[test]
fn what_is_written_here_is_not_marked() {
    let mut stage = stage(80, 24);
    let effects = stage.press("1 space");
    let request = effects.into_iter().find_map(|effect| match effect {
        codex_tui::tui::effect::Effect::Do(request) => Some(request),
        _ => None,
    });
    let request: Request = request.expect("a write");
    stage.press("2");
    stage.run(&request);
    let screen = stage.screen(80, 24);
    assert!(!screen.contains('•'), "{screen}");
    stage.press("5 1");
    assert!(!stage.screen(80, 24).contains("•["));
}

#[test]
fn a_pane_says_when_it_was_changed() {
    let mut stage = stage(80, 24);
    let now = Local::now().naive_local();
    stage.app.set_now(now);
    assert!(stage.screen(80, 24).contains("changed just now"));
    stage.app.set_now(now + chrono::Duration::minutes(90));
    assert!(stage.screen(80, 24).contains("changed 1 h ago"), "{}", stage.screen(80, 24));
}

#[test]
fn opens_on_what_is_there() {
    let record = r#"{"schema_version":1,"component":"sync","generated_at":"2026-01-02T10:00:00Z","status":"ok"}"#;
    let telemetry = ("telemetry/sync-1.json", record.to_owned());
    let list = ("docs/CODEX_SESSION_CHECKLIST.md", "# List\n\n- [ ] Step\n".to_owned());
    let opened = |documents: &[(&str, String)], keys: &str| {
        let mut stage = stage_of(documents, 120, 40);
        let tracks = Arc::default();
        if !keys.is_empty() {
            stage.press(keys);
        }
        let view = View { tracks: Some(tracks), ..stage.bench.view().clone() };
        stage.app.handle(Event::Report(Report::View(Arc::new(view))));
        stage.app.focus()
    };
    assert_eq!(opened(&[list.clone(), telemetry.clone()], ""), PaneId::Checklist);
    assert_eq!(opened(&[list.clone(), telemetry.clone()], "4"), PaneId::Gates);
    assert_eq!(opened(&[(BOARD, "ID,Title,Column\nA-1,One,Ready\n".to_owned()), list], ""), PaneId::Board);
    assert_eq!(opened(&[telemetry], ""), PaneId::Board, "nothing is known of the telemetry yet");
    // What was written once is no reason to open on the history.
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(code(&run(folder.path(), &["init", "--layout", "tracks"])), 0);
    let root = folder.path().to_owned();
    let mut stage = super::editing::stage_in(folder, &root, 80, 24);
    let view = View { tracks: Some(Arc::default()), ..stage.bench.view().clone() };
    assert!(!view.history.is_empty());
    stage.app.handle(Event::Report(Report::View(Arc::new(view))));
    assert_eq!(stage.app.focus(), PaneId::Board);
    // A pipeline that has a workflow and has left nothing yet is something all the same.
    let mut stage = super::editing::stage_of(&[(".github/workflows/codex-tracks.yml", "on: push\n")], 80, 24);
    let tracks = Arc::new(stage.bench.tracks().read(&mut Reader::default(), chrono::Utc::now()));
    let view = View { tracks: Some(tracks), ..stage.bench.view().clone() };
    stage.app.handle(Event::Report(Report::View(Arc::new(view))));
    assert_eq!(stage.app.focus(), PaneId::Tracks);
    assert_eq!(code(&run(stage.folder.path(), &["doctor"])), 0);
}

#[test]
fn every_saved_view_of_the_defaults_is_offered_in_its_pane_and_means_something() {
    let config = codex_tui::workspace::Config::default();
    for (name, filter) in &config.views {
        let list = name.split_once('/').map_or("board", |(list, _)| list);
        let pane = PaneId::ALL.into_iter().find(|pane| pane.name().to_lowercase() == list).expect(name);
        let mut stage = stage(120, 40);
        stage.press(pane.sign());
        stage.press("f");
        let own = name.rsplit('/').next().unwrap_or(name);
        assert!(stage.screen(120, 40).contains(own), "{name}\n{}", stage.screen(120, 40));
        stage.type_in(own);
        stage.press("enter");
        let screen = stage.screen(120, 40);
        assert!(screen.contains(&format!("/{filter} ")) && !screen.contains("✗"), "{name}\n{screen}");
        // And back to everything.
        stage.press("f");
        stage.type_in("everything");
        stage.press("enter");
        assert!(!stage.screen(120, 40).contains(filter.as_str()), "{name}");
    }
}
