//! The Prompt pane: what is chosen is composed at once, what is still to be said stands below it, and it is saved and copied.

use codex_tui::tui::effect::Effect;
use codex_tui::tui::event::Event;
use codex_tui::tui::overlay::Overlay;
use codex_tui::tui::pane::PaneId;
use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};

use super::editing::{Stage, stage_of};
use super::prompts::PLAYBOOK;

const CSV: &str = "docs/taskboard/TaskBoard.csv";
const BOOK: &str = "ai/ops/codex.md";
const LOG: &str = "docs/agents/sessions/2026-01-30_session-0001.md";
const SAVED: &str = "ai/prompts/berth.md";

fn stage(level: &str, width: u16, height: u16) -> Stage {
    let log = format!("# Agent Session Log\n- **Task board card:** HB-B-001\n- **Autonomy level:** {level}\n");
    let documents = [
        (
            CSV,
            "ID,Title,Column,OwnerRole,Notes\nHB-B-001,Speed up the store,In Progress,Ops,mind the cold pass\nHB-B-002,Old,Done,Ops,\n",
        ),
        (BOOK, PLAYBOOK),
        (LOG, log.as_str()),
        (
            "docs/telemetry/Automation_Gates.md",
            "# Gates\n\n## Plan B - Store\n- `StoreWrite.LatencyMs` p95 <= 40 ms.\n",
        ),
    ];
    let mut stage = stage_of(&documents, width, height).with_gates();
    stage.press("0 z");
    stage
}

fn shows(stage: &Stage, width: u16, height: u16, parts: &[&str]) {
    let screen = stage.screen(width, height);
    for part in parts {
        assert!(screen.contains(part), "{part}\n{screen}");
    }
}

/// The prompt as it is copied.
fn prompt(stage: &mut Stage) -> String {
    let copy = KeyEvent::new(KeyCode::Char('y'), KeyModifiers::NONE);
    match stage.app.handle(Event::Input(Input::Key(copy))).as_slice() {
        [Effect::Copy(text)] => text.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_chosen_is_composed_at_once() {
    let mut stage = stage("L1", 120, 40);
    shows(
        &stage,
        120,
        40,
        &["0 Prompt", "Berth Keeper  Berths and cranes.", "HB-B-001  Speed up the store", "Move a ship"],
    );
    assert!(!stage.screen(120, 40).contains("HB-B-002"), "done tasks are not offered");
    shows(&stage, 120, 40, &["to be said", "! section \"Persona\" is still open: <to be said: who acts"]);
    stage.press("space");
    shows(&stage, 120, 40, &["✓ Berth Keeper", "Berth Keeper · nothing is missing", "Persona: Berth Keeper"]);
    stage.press("down down down space");
    let text = prompt(&mut stage);
    assert!(text.starts_with("# Prompt: Berth Keeper – HB-B-001 Speed up the store\n"), "{text}");
    assert!(text.contains("- Task notes: mind the cold pass (`docs/taskboard/TaskBoard.csv:2`)"), "{text}");
    assert!(text.contains("- Gate B1: `StoreWrite.LatencyMs` p95 <= 40 ms"), "{text}");
    stage.press("space");
    assert!(!prompt(&mut stage).contains("HB-B-001"), "chosen again is no longer chosen");
    stage.press("/");
    stage.type_in("free berth");
    stage.press("enter space");
    assert!(prompt(&mut stage).contains("- Task to be done: Move a ship to a free berth."));
    for (width, height) in [(40, 12), (60, 15), (80, 24), (200, 60), (1, 1)] {
        stage.app.handle(Event::Input(Input::Resize(width, height)));
        stage.press("right down end");
        stage.screen(width, height);
        stage.press("esc esc");
    }
}

#[test]
fn facts_are_filled_in_and_the_prompt_is_saved() {
    let mut stage = stage("L1", 120, 40);
    stage.press("space i");
    assert!(matches!(stage.app.dialog(), Some(Overlay::Form(_))), "{}", stage.screen(120, 40));
    stage.type_in("Z9");
    stage.press("ctrl-s");
    shows(&stage, 120, 40, &["there is no gate \"Z9\""]);
    stage.press("backspace backspace");
    stage.type_in("b1");
    stage.press("tab enter");
    stage.type_in("site?=name");
    stage.press("ctrl-s");
    assert!(stage.app.dialog().is_none(), "{}", stage.screen(120, 40));
    let text = prompt(&mut stage);
    assert!(text.contains("- Given: `site` (optional): name (operator)") && text.contains("- Gate B1: "), "{text}");
    stage.press("w");
    stage.type_in(SAVED);
    stage.press("enter");
    assert!(matches!(stage.app.dialog(), Some(Overlay::Diff(_))), "{}", stage.screen(120, 40));
    stage.press("enter");
    assert_eq!(stage.text(SAVED), text);
    stage.press("u");
    assert!(!stage.folder.path().join(SAVED).exists(), "taken back");
}

#[test]
fn a_fact_leads_to_the_document_that_says_it() {
    let mut stage = stage("L1", 120, 40);
    stage.press("space right g enter");
    assert!(stage.screen(120, 40).contains("0 Prompt"), "the title cites nothing");
    stage.press("down down down down down down down down enter");
    assert_eq!(stage.app.focus(), PaneId::Docs, "{}", stage.screen(120, 40));
    shows(&stage, 120, 40, &["8 Docs", "codex.md"]);
}

#[test]
fn a_session_that_only_reads_saves_nothing() {
    let mut stage = stage("L0", 120, 40);
    stage.press("space w");
    stage.type_in(SAVED);
    stage.press("enter");
    assert!(matches!(stage.app.dialog(), Some(Overlay::Diff(_))), "looking is permitted");
    stage.press("enter");
    shows(&stage, 120, 40, &["L0 only reads"]);
    assert!(!stage.folder.path().join(SAVED).exists());
}

#[test]
fn without_a_playbook_the_pane_says_where_one_is_looked_for() {
    let mut stage = stage_of(&[(CSV, "ID,Title,Column\nHB-B-001,x,Ready\n")], 80, 24);
    stage.press("0");
    shows(&stage, 80, 24, &["0 Prompt", "No playbook here: ai/ops/codex.md"]);
    stage.press("space i w y enter down right");
    shows(&stage, 80, 24, &["No playbook here"]);
}
