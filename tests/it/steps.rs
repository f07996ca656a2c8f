//! Checklist steps by keys: what a step asks for is one key away, the step stays selected; rows of a smoke list are walked, and
//! what was seen is recorded for each. The lists of a real workspace are judged where the corpus is there.

use codex_tui::model::checklist::act::{Ground, Rows, StepAction, actions};
use codex_tui::tui::pane::PaneId;
use codex_tui::workbench::Workbench;

use crate::corpus::revision;
use crate::editing::{Stage, stage_of};
use crate::verbs::{code, json, run};

const LOG: &str = "docs/agents/sessions/2026-01-31_session-0001.md";
const LEDGER: &str = "docs/agents/sessions/SessionChecklist.csv";
const DOCUMENTS: &[(&str, &str)] = &[
    (
        "docs/CODEX_SESSION_CHECKLIST.md",
        "# Session checklist\n\n## Steps\n- [ ] Pick a task from `docs/taskboard/TaskBoard.csv`.\n\
         - [ ] Draft the session log.\n\
         - [ ] Review the plan's timeline.\n\
         - [ ] Run the commands of `docs/CODEX_RUNBOOK.md` (warm pass).\n\
         - [ ] For UI work, complete every row in `docs/UI_Smoke_Checklist.md`.\n\
         - [ ] Compare metrics to `docs/telemetry/Automation_Gates.md`, gate by gate.\n\
         - [ ] Update `docs/CODEX_BACKLOG.md`.\n\
         - [ ] Do the documents agree with the board? Run doc-sync.\n\
         - [ ] Nobody was harmed.\n",
    ),
    (
        "docs/UI_Smoke_Checklist.md",
        "# UI smoke\n\n| Step | What to exercise | Expected result / notes |\n|--|--|--|\n\
         | Site page | Open it | Age is shown |\n| Help | Press F1 | A page |\n",
    ),
    (
        "docs/taskboard/TaskBoard.csv",
        "ID,Title,Column,OwnerRole,Deliverable,PlanLink,Notes\nHB-A-001,Retry,In Progress,Ops,,docs/plans/PlanA_Collector.md,\n\
         HB-A-002,Next,Ready,Ops,,docs/plans/PlanA_Collector.md,\n\
         HB-B-001,Other,Done,Ops,,,\n",
    ),
    (
        "docs/CODEX_BACKLOG.md",
        "# Backlog\n\n| ID | Plan | Title | Notes |\n|--|--|--|--|\n| HB-A-001 | Plan A | Retry | |\n",
    ),
    (
        "docs/plans/PlanA_Collector.md",
        "# Plan A\n\n## Recent timeline\n| Date | Event |\n|--|--|\n| 2026-01-30 | Begun |\n",
    ),
    (
        "docs/CODEX_RUNBOOK.md",
        "# Runbook\n\n| Task | Commands | Notes |\n|--|--|--|\n| Tests | `harborctl test` | |\n| Warm pass | `harborctl warm` | |\n",
    ),
    (LOG, "# Log\n\n- **Task board card:** HB-A-001\n- **Autonomy level:** L1\n\n## Plan\n- one\n"),
];

fn stage(width: u16, height: u16) -> Stage {
    let mut stage = stage_of(DOCUMENTS, width, height);
    stage.press("1");
    stage
}

/// `Enter` on the step in this row of the list leads to that pane with that filter, and back the step is still selected.
#[track_caller]
fn check(row: usize, words: &str, pane: PaneId, on_screen: &str) {
    let mut stage = stage(120, 40);
    stage.press(&format!("g{}", " j".repeat(row)));
    let before = stage.screen(120, 40);
    assert!(before.contains(&format!("enter: {words}")), "{before}");
    stage.press("enter");
    let screen = stage.screen(120, 40);
    assert_eq!(stage.app.focus(), pane, "{screen}");
    assert!(screen.contains(on_screen), "{on_screen:?} is not on the screen:\n{screen}");
    stage.press("1");
    assert!(stage.screen(120, 40).contains(&format!("step {row}, open")), "{}", stage.screen(120, 40));
}

#[test]
fn what_a_step_asks_for_is_one_key_away() {
    check(1, "pick a task", PaneId::Board, "HB-A-002");
    check(2, "session log", PaneId::Log, "2026-01-31_session-0001.md");
    check(3, "plan's timeline", PaneId::Timeline, "plan:A");
    check(6, "gates", PaneId::Gates, "Gates");
    check(7, "backlog", PaneId::Backlog, "HB-A-001");
    check(8, "doc-sync", PaneId::Sync, "id:HB-A-001");
}

#[test]
fn a_step_that_names_a_command_offers_it() {
    let mut stage = stage(120, 40);
    stage.press("g j j j j");
    let before = stage.screen(120, 40);
    assert!(before.contains("enter: run Warm pass"), "{before}");
    stage.press("enter");
    let screen = stage.screen(120, 40);
    assert!(screen.contains("Run this command?") && screen.contains("harborctl warm"), "{screen}");
}

#[test]
fn a_step_may_ask_for_several_things_or_for_none() {
    let mut stage = stage(100, 30);
    stage.press("g j");
    assert!(stage.screen(100, 30).contains("m: open TaskBoard.csv"), "{}", stage.screen(100, 30));
    stage.press("m");
    assert!(stage.screen(100, 30).contains("The step asks for"), "{}", stage.screen(100, 30));
    stage.press("down enter");
    assert_eq!(stage.app.focus(), PaneId::Docs, "{}", stage.screen(100, 30));
    stage.press("1 G enter");
    assert_eq!(stage.app.focus(), PaneId::Checklist);
    let screen = stage.screen(100, 30);
    assert!(screen.contains("asks for nothing") && !screen.contains("enter:"), "{screen}");
}

#[test]
fn without_a_session_the_log_is_started_on_the_next_task() {
    let documents: Vec<(&str, &str)> = DOCUMENTS.iter().copied().filter(|(path, _)| *path != LOG).collect();
    let mut stage = stage_of(&documents, 100, 30);
    stage.press("1 g j j enter");
    assert!(stage.screen(100, 30).contains("Start a session on HB-A-002"), "{}", stage.screen(100, 30));
    stage.press("esc");
    stage.press("1 g j j j enter");
    assert_eq!(stage.app.focus(), PaneId::Timeline, "no session: the whole timeline");
}

#[test]
fn rows_of_a_smoke_list_are_walked_and_what_was_seen_is_recorded() {
    let mut stage = stage(100, 30);
    stage.press("g j j j j j enter");
    let screen = stage.screen(100, 30);
    assert!(screen.contains("UI smoke") && screen.contains("Expected result / notes: Age is shown"), "{screen}");
    stage.press("a");
    let asked = stage.screen(100, 30);
    assert!(asked.contains("What was seen?") && asked.contains("Age is shown"), "{asked}");
    stage.type_in("26 h");
    stage.press("enter F");
    assert!(stage.screen(100, 30).contains("Press F1"), "on to the next row: {}", stage.screen(100, 30));
    stage.press("enter");
    assert!(stage.screen(100, 30).contains("What was seen?"), "a row that failed needs its note");
    stage.type_in("nothing came");
    stage.press("enter");
    let ledger = stage.text(LEDGER);
    let ends: Vec<&str> = ledger.lines().skip(1).map(|line| line.rsplit(',').next().unwrap_or("")).collect();
    assert_eq!(ends, ["26 h", "nothing came"], "{ledger}");
    assert!(ledger.lines().nth(2).is_some_and(|line| line.contains(",Help,failed,")), "{ledger}");
    let log = stage.text(LOG);
    assert!(log.contains(" ticked - UI smoke: Site page (evidence: 26 h)"), "{log}");
    assert!(log.contains(" failed - UI smoke: Help (seen: nothing came)"), "{log}");
    stage.press("G");
    let screen = stage.screen(100, 30);
    assert!(screen.contains("[!] Help") && screen.contains("1/2") && screen.contains("Seen: nothing came"), "{screen}");
    // Tried again, it passes; the record of the failure goes.
    stage.press("space");
    assert!(stage.screen(100, 30).contains("2/2"), "{}", stage.screen(100, 30));
    assert!(!stage.text(LOG).contains("failed") && !stage.text(LEDGER).contains("failed"));
    // Back where the list was left.
    stage.press("[");
    assert!(stage.screen(100, 30).contains("step 5 "), "{}", stage.screen(100, 30));
}

#[test]
fn a_step_fails_through_the_verb_and_stays_open() {
    let stage = stage_of(DOCUMENTS, 80, 24);
    let root = stage.folder.path();
    let missing = run(root, &["checklist", "fail", "1", "  "]);
    assert_eq!(code(&missing), 2);
    assert!(String::from_utf8_lossy(&missing.stderr).contains("say what was seen"));
    assert_eq!(code(&run(root, &["checklist", "tick", "1"])), 0);
    assert_eq!(code(&run(root, &["checklist", "fail", "1", "the board was empty"])), 0);
    assert!(stage.text("docs/CODEX_SESSION_CHECKLIST.md").contains("- [ ] Pick a task"), "the tick is taken back");
    let (_, shown) = json(root, &["checklist", "show"]);
    let step = &shown["lists"][0]["sections"][0]["steps"][0];
    assert_eq!((step["state"].as_str(), step["evidence"].as_str()), (Some("failed"), Some("the board was empty")));
    assert_eq!(shown["lists"][0]["progress"]["open"], 9);
    let (_, status) = json(root, &["session", "status"]);
    assert_eq!(status["open"].as_array().map(Vec::len), Some(9));
    assert_eq!(code(&run(root, &["undo"])), 0);
    assert!(stage.text("docs/CODEX_SESSION_CHECKLIST.md").contains("- [x] Pick a task"));
}

/// What the first action of each step is, in one word.
fn words(bench: &Workbench, doc: &str) -> Vec<&'static str> {
    let view = bench.view();
    let list = view.checklists.iter().find(|list| list.doc.as_str() == doc).expect("the list");
    let ground = Ground { runbook: &view.runbook, lists: &view.checklists };
    let word = |action: Option<&StepAction>| match action {
        None => "-",
        Some(StepAction::PickTask) => "pick",
        Some(StepAction::StartSession) => "start",
        Some(StepAction::EditPlan) => "plan",
        Some(StepAction::OpenTimeline) => "timeline",
        Some(StepAction::RunCommand(numbers)) if numbers.is_empty() => "run",
        Some(StepAction::RunCommand(_)) => "run-it",
        Some(StepAction::CompareGates) => "gates",
        Some(StepAction::EditRows(Rows::Board)) => "board",
        Some(StepAction::EditRows(Rows::Csv)) => "csv",
        Some(StepAction::EditRows(Rows::Backlog)) => "backlog",
        Some(StepAction::EditRows(Rows::Plan)) => "plan-file",
        Some(StepAction::DocSync) => "sync",
        Some(StepAction::WalkList(_)) => "walk",
        Some(StepAction::Record) => "record",
        Some(StepAction::Finish) => "finish",
        Some(StepAction::OpenDocument(_)) => "open",
    };
    list.steps().map(|step| word(actions(step, ground).first())).collect()
}

#[test]
fn the_steps_of_the_demo_and_of_a_real_workspace() {
    let demo = codex_tui::workbench::demo::temporary().expect("the demo");
    let mut bench = Workbench::open(demo.path()).expect("a workspace");
    bench.load_all();
    assert_eq!(
        words(&bench, "docs/CODEX_SESSION_CHECKLIST.md"),
        [
            "-",
            "open",
            "pick",
            "backlog",
            "open",
            "start",
            "plan",
            "timeline",
            "open",
            "record",
            "plan",
            "run",
            "walk",
            "-",
            "-",
            "run-it",
            "-",
            "gates",
            "sync",
            "plan-file",
            "sync",
            "backlog",
            "finish",
            "finish"
        ]
    );
    assert_eq!(words(&bench, "docs/UI_Smoke_Checklist.md").iter().filter(|word| **word != "-").count(), 1);
    let Some((root, _)) = revision("2026-01-02") else { return };
    let mut bench = Workbench::open(&root).expect("a workspace");
    bench.load_all();
    assert_eq!(
        words(&bench, "docs/CODEX_SESSION_CHECKLIST.md"),
        [
            "open",
            "pick",
            "backlog",
            "start",
            "plan",
            "timeline",
            "-",
            "-",
            "run-it",
            "walk",
            "open",
            "run-it",
            "run-it",
            "record",
            "gates",
            "run-it",
            "run-it",
            "plan-file",
            "board",
            "backlog",
            "start",
            "sync",
            "finish"
        ]
    );
    assert_eq!(
        words(&bench, "docs/CODEX_OPERATIONS_GUIDE.md"),
        ["pick", "plan", "run", "gates", "board", "walk", "finish"]
    );
}
