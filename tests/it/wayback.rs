//! What leads in leads out again, at the smallest size too: `Esc`, the keys of the footer under the mouse, what is said where
//! there is no room for titles, and where a newcomer goes from an empty folder.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use codex_tui::model::checklist::{Mark, StepState};
use codex_tui::tui::app::App;
use codex_tui::tui::effect::Effect;
use codex_tui::tui::event::Event;
use codex_tui::tui::keymap::Keymap;
use codex_tui::tui::overlay::Overlay;
use codex_tui::tui::pane::PaneId;
use codex_tui::tui::theme::Theme;
use codex_tui::workbench::gates::{GateReader, Question};
use codex_tui::workbench::{Order, Outcome, Report, Request, Workbench, demo};
use crossterm::event::{Event as Input, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use crate::cockpit::{Stage, stage, stage_of};
use crate::verbs::{code, json, run, said};

fn click(stage: &mut Stage, column: u16, row: u16) {
    let kind = MouseEventKind::Down(MouseButton::Left);
    stage.app.handle(Event::Input(Input::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })));
}

/// Clicks on the first place where the screen says this.
fn click_on(stage: &mut Stage, (width, height): (u16, u16), words: &str) {
    let screen = stage.screen(width, height);
    let found = screen.lines().enumerate().find_map(|(row, line)| {
        let at = line.find(words)?;
        Some((line[..at].chars().count() as u16, row as u16))
    });
    let (column, row) = found.unwrap_or_else(|| panic!("{words} in\n{screen}"));
    click(stage, column, row);
}

#[test]
fn esc_leads_back_to_the_pane_that_led_here() {
    let mut stage = stage(40, 12);
    stage.press("3 g enter");
    assert_eq!(stage.app.focus(), PaneId::Docs);
    // Which document it is: there is no title that could say it.
    assert!(stage.screen(40, 12).contains("docs/plans/PlanA_Leaks.md"), "{}", stage.screen(40, 12));
    stage.press("up");
    assert!(stage.screen(40, 12).contains("esc back"), "{}", stage.screen(40, 12));
    stage.press("esc");
    assert_eq!(stage.app.focus(), PaneId::Timeline);
    // Looking around changes nothing; the list of documents is closed first.
    stage.press("enter j j b esc esc");
    assert_eq!(stage.app.focus(), PaneId::Timeline);
    // What the operator goes to himself is his place, and so is where he does something.
    stage.press("enter 8 esc");
    assert_eq!(stage.app.focus(), PaneId::Docs);
    stage.press("3 enter w esc");
    assert_eq!(stage.app.focus(), PaneId::Docs);
    // A document that is still to be read is named, not the one that is shown until then.
    stage.press("1 enter");
    let screen = stage.screen(40, 12);
    assert!(screen.contains("docs/RUNBOOK.md") && !screen.contains("PlanA"), "{screen}");
}

#[test]
fn the_way_out_of_a_detail_is_in_the_footer() {
    let mut stage = stage(40, 12);
    assert!(!stage.screen(40, 12).contains("esc back"));
    stage.press("2 enter");
    assert!(stage.screen(40, 12).contains("esc back"), "{}", stage.screen(40, 12));
    stage.press("esc");
    assert!(!stage.screen(40, 12).contains("esc back"));
}

#[test]
fn what_a_title_would_say_is_said_where_there_is_none() {
    let mut stage = stage(40, 12);
    stage.press("2 p");
    assert!(stage.screen(40, 12).contains("plan A"), "{}", stage.screen(40, 12));
    stage.press("p space");
    assert!(stage.screen(40, 12).contains("1 marked"), "{}", stage.screen(40, 12));
    // It is in the title where there is one.
    stage.resize(80, 24);
    stage.press("esc p");
    assert_eq!(stage.screen(80, 24).matches("plan A").count(), 1, "{}", stage.screen(80, 24));
}

#[test]
fn the_keys_of_the_footer_can_be_clicked() {
    let size = (80, 24);
    let mut stage = stage(80, 24);
    click_on(&mut stage, size, "? help");
    assert!(matches!(stage.app.dialog(), Some(Overlay::Help(_))));
    click_on(&mut stage, size, "close");
    assert!(stage.app.dialog().is_none());
    click_on(&mut stage, size, "move");
    assert!(matches!(stage.app.dialog(), Some(Overlay::Choose(_))));
    // Two keys in one word are none, and between two words is nothing.
    click_on(&mut stage, size, "up/down");
    click_on(&mut stage, size, "  esc close");
    assert!(matches!(stage.app.dialog(), Some(Overlay::Choose(_))));
    // A click on a choice selects it, the second one takes it: a diff lies upon it.
    click_on(&mut stage, size, "Done");
    assert!(matches!(stage.app.dialog(), Some(Overlay::Choose(_))));
    stage.press("home");
    click_on(&mut stage, size, "Done");
    click_on(&mut stage, size, "Done");
    assert!(matches!(stage.app.dialog(), Some(Overlay::Diff(_))));
    // A status covers the line that the keys were on.
    stage.press("esc esc .");
    click(&mut stage, 2, 23);
    assert!(stage.app.dialog().is_none());
}

#[test]
fn a_long_message_takes_the_lines_of_the_keys_before_it_is_cut() {
    let mut stage = stage(60, 20);
    stage.press("2 .");
    let screen = stage.screen(60, 20);
    assert!(screen.contains("next: ST-A-002. Its state is Backlog"), "{screen}");
    assert!(screen.contains("TaskBoard.csv:3)"), "{screen}");
    // Of a failed save that is longer than the line, what it is, and how to read all of it.
    let place = stage.bench.view().root.join("docs/taskboard/TaskBoard.csv");
    stage.app.handle(Event::Broken(format!("{}: no space is left on the device; make some", place.display())));
    let screen = stage.screen(60, 20);
    assert!(screen.contains("Not saved: TaskBoard.csv: no space") && screen.contains("(! shows all)"), "{screen}");
}

/// A list that a filter cuts says how much of it shows, in every pane with the same words.
#[test]
fn a_filter_is_counted_in_the_title() {
    let mut stage = stage(80, 24);
    let id = stage.bench.view().checklists[0].sections[0].steps[0].id.clone();
    let mark = Mark::Done { evidence: String::new() };
    stage.run(&Request::Mark { step: id, seen: StepState::Open, mark });
    stage.run(&Request::Undo(None));
    stage.press("9");
    assert!(stage.screen(80, 24).contains("2 operations"), "{}", stage.screen(80, 24));
    stage.press("/");
    stage.type_in("undo");
    assert!(stage.screen(80, 24).contains("1 of 2 operations"), "{}", stage.screen(80, 24));
}

/// Every sentence of a pane that has nothing to show can be read at the smallest size, and the first says where to go.
#[test]
fn an_empty_folder_says_how_to_begin() {
    let mut stage = stage_of(&[], 40, 12);
    let words = |stage: &Stage| stage.screen(40, 12).split_whitespace().collect::<Vec<_>>().join(" ");
    let first = words(&stage);
    assert!(
        first.contains("No task board here")
            && first.contains("`codex-tui init` begins")
            && first.contains("`codex-tui demo`"),
        "{first}"
    );
    for (key, said) in [
        ("1", "No checklist here; `codex-tui doctor` says what was looked for"),
        ("3", "session logs or dated tasks here"),
        ("4", "No gates here: docs/telemetry/Automation_Gates.md"),
        ("7", "Nothing to compare: no document here carries a task"),
        ("8", "None below docs, nor of those that codex-tui knows"),
        ("9", "Nothing was written through codex-tui yet"),
        ("0", "another path under [documents] playbook"),
    ] {
        stage.press(key);
        let shown = words(&stage);
        assert!(shown.contains(said), "{key}: {shown}");
        // The focused pane has its name.
        assert!(["Check", "Time", "Gates", "Sync", "Docs", "Hist", "0Pr"].iter().any(|name| shown.contains(name)));
    }
}

/// The cockpit on the demo, with its gates judged.
fn demo_stage(width: u16, height: u16) -> Stage {
    let folder = tempfile::tempdir().expect("a folder");
    demo::write(demo::Layout::Plans, folder.path()).expect("the demo");
    let mut bench = Workbench::open(folder.path()).expect("a workspace");
    bench.load_all();
    let mut view = bench.view().clone();
    let gates = GateReader::default().judge(&bench.gates(), &Question::default(), &|_| {}, &AtomicBool::new(false));
    view.gates = Arc::new(gates.expect("nobody cancels"));
    let mut app = App::new(Theme::default(), Keymap::default(), width, height);
    app.handle(Event::Report(Report::View(Arc::new(view))));
    Stage { folder, bench, app }
}

/// A refusal that would leave no room for the form is read above it.
#[test]
fn a_long_refusal_can_be_read_on_a_small_screen() {
    let mut stage = demo_stage(40, 12);
    stage.press("A right ctrl-s");
    assert!(stage.screen(40, 12).contains("Not written"), "{}", stage.screen(40, 12));
    stage.press("end");
    assert!(stage.screen(40, 12).contains("Missing:"), "{}", stage.screen(40, 12));
    stage.press("esc");
    let form = stage.screen(40, 12);
    assert!(form.contains("Level *") && form.contains("above L1: with reason and entry"), "{form}");
    // So is one that the workbench gives when all was filled in and shown.
    stage.press("esc esc");
    let why = "level L0 only reads: nothing was written; a level that permits it is given in the log, ".repeat(4);
    stage.press("2 e enter x");
    let effects = stage.press("enter");
    let Some(Effect::Order(Order::Preview { ticket, .. })) = effects.last() else { panic!("{effects:?}") };
    stage.app.handle(Event::Report(Report::Previewed {
        ticket: *ticket,
        result: Ok("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n".to_owned()),
    }));
    stage.press("enter");
    let outcome = Outcome::Refused { message: why };
    stage.app.handle(Event::Report(Report::Done { ticket: 1, outcome }));
    let screen = stage.screen(40, 12);
    assert!(screen.contains("Not written") && screen.contains("level L0 only reads"), "{screen}");
    // The key that shows all of it is not offered where it would be text.
    assert!(!screen.contains("shows all"), "{screen}");
    stage.press("esc");
    assert!(matches!(stage.app.dialog(), Some(Overlay::Editor(_))));
    stage.press("esc esc esc");
    stage.resize(80, 24);
    stage.press("A right ctrl-s");
    let form = stage.screen(80, 24);
    assert!(!form.contains("Not written") && form.contains("Missing:") && form.contains("Entry"), "{form}");
}

/// A refusal for want of a level says which key raises it.
#[test]
fn what_the_level_forbids_says_how_to_raise_it() {
    let mut stage = demo_stage(80, 24);
    stage.app.handle(Event::Report(Report::Offered(Err("network access needs L3".to_owned()))));
    let screen = stage.screen(80, 24);
    assert!(screen.contains("needs L3") && screen.contains("A raises the level of the session"), "{screen}");
}

/// What is said to settle an open gate settles it, and a heading is no gate.
#[test]
fn what_settles_a_gate_is_said_as_it_is() {
    let mut stage = demo_stage(80, 24);
    stage.press("C");
    let screen = stage.screen(80, 24);
    let line = screen.lines().find(|line| line.contains("gate B2 fail")).unwrap_or_default();
    assert!(line.contains("b blocks a task") && !line.contains("signs off"), "{screen}");
    stage.press("esc 4 g");
    for key in ["b", "s", "a"] {
        stage.press(key);
        assert!(stage.screen(80, 24).contains("choose a gate first"), "{key}");
    }
    stage.press("R");
    assert!(stage.screen(80, 24).contains("judging again"));
    // The explanation has the width of the screen, where it takes the list's place too.
    stage.resize(40, 12);
    stage.press("j enter");
    let screen = stage.screen(40, 12);
    assert!(screen.lines().any(|line| line.contains("the p95 (linear between the closest")), "{screen}");
}

/// A verb that finds nothing says why on standard error: nothing printed could mean anything.
#[test]
fn verbs_say_why_they_print_nothing() {
    let empty = tempfile::tempdir().expect("a folder");
    let demo = demo::temporary().expect("the demo");
    for (root, args, said) in [
        (empty.path(), &["task", "list"][..], "`init` makes the documents"),
        (empty.path(), &["task", "next"], "`init` makes the documents"),
        (empty.path(), &["checklist", "show"], "there is no checklist"),
        (empty.path(), &["timeline"], "nothing here has a date"),
        (demo.path(), &["task", "list", "--state", "Dne"], "no task fits"),
        (demo.path(), &["timeline", "--plan", "Q"], "no event fits"),
    ] {
        let output = run(root, args);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(code(&output) == 0 && stderr.contains(said), "{args:?}: {stderr}");
        // Data stays data.
        assert_eq!(json(root, args).0, 0);
    }
    let (code, doctor) = said(empty.path(), &["doctor"]);
    assert!(code == 1 && doctor.contains("begin with `codex-tui init`"), "{doctor}");
}
