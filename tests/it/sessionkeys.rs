//! A session by keys alone: started, planned, noted, a command run, blocked or finished, handed off.

use crate::editing::{Stage, stage_of};

const LOG: &str = "docs/agents/sessions/2026-01-31_session-0001.md";
const CSV: &str = "docs/taskboard/TaskBoard.csv";
const PLAN: &str = "docs/plans/PlanA_Collector.md";

const DOCUMENTS: &[(&str, &str)] = &[
    (
        CSV,
        "ID,Title,Column,OwnerRole,Deliverable,PlanLink,Notes\r\nHB-A-001,Retry the polls,Ready,Collector,,docs/plans/PlanA_Collector.md,\r\n",
    ),
    (
        PLAN,
        "# Plan A - Collector\n\n## Active work\n| ID | Title | Owner | Status | Notes |\n|--|--|--|--|--|\n\
         | HB-A-001 | Retry the polls | Collector | Ready | |\n\n\
         ## Recent timeline\n| Date | Summary | Metrics / Artifacts | Source |\n|--|--|--|--|\n| 2026-01-02 | Opened | – | – |\n",
    ),
    (
        "docs/CODEX_RUNBOOK.md",
        "# Runbook\n\n| Task | Commands | Notes |\n|--|--|--|\n| Tests | `printf 'test result: ok. %s passed' <count>` | |\n\
         | Slots | `printf slots --slots 4` | |\n\n| Override | When to use |\n|--|--|\n| `--slots` | Tries |\n",
    ),
];

fn stage() -> Stage {
    stage_of(DOCUMENTS, 100, 40)
}

/// A session on the only task, with a plan.
fn started() -> Stage {
    let mut stage = stage();
    stage.press("2 S tab tab");
    stage.type_in("Plan A: retry");
    stage.press("enter");
    stage.type_in("measure");
    stage.press("enter");
    stage.type_in("no gates apply");
    stage.press("ctrl-s");
    assert!(stage.screen(100, 40).contains("start 2026-01-31_session-0001"), "{}", stage.screen(100, 40));
    stage.press("enter");
    assert!(stage.text(CSV).contains("HB-A-001,Retry the polls,In Progress"), "{}", stage.text(CSV));
    stage
}

#[track_caller]
fn holds(text: &str, wanted: &[&str]) {
    for part in wanted {
        assert!(text.contains(part), "{part:?} is missing in\n{text}");
    }
}

#[test]
fn a_command_is_filled_in_confirmed_and_recorded() {
    let mut stage = started();
    stage.press("X enter");
    holds(&stage.screen(100, 40), &["count", "has to be given", "ctrl-s shows the command"]);
    stage.press("ctrl-s");
    holds(&stage.screen(100, 40), &["not filled in: <count>"]);
    stage.type_in("7; touch canary");
    stage.press("ctrl-s");
    holds(&stage.screen(100, 40), &["Run this command?", "'7; touch canary'", "docs/CODEX_RUNBOOK.md:5", "y runs it"]);
    stage.press("enter");
    assert!(!stage.text(LOG).contains("ran `"), "enter runs nothing");
    stage.press("y");
    holds(
        &stage.text(LOG),
        &["– ran `printf 'test result: ok. %s passed' '7; touch canary'`: exit 0", "\"test result: ok. 7; touch"],
    );
    holds(&stage.screen(100, 40), &["exit 0"]);
    assert!(!stage.folder.path().join("canary").exists());
    assert!(stage.app.dialog().is_none(), "every dialog on the way has closed");
}

#[test]
fn what_the_level_does_not_allow_is_explained_and_not_run() {
    let mut stage = started();
    let before = stage.text(LOG);
    stage.press("X down enter");
    holds(&stage.screen(100, 40), &["Not run", "--slots is an override", "A raises the level"]);
    stage.press("esc esc");
    assert_eq!(stage.text(LOG), before);
}

#[test]
fn a_session_is_finished_with_what_is_open_before_the_eyes() {
    let mut stage = started();
    let before = [stage.text(LOG), stage.text(CSV), stage.text(PLAN)];
    stage.press("C");
    holds(&stage.screen(100, 40), &["Finish 2026-01-31_session-0001", "although", "is not filled in"]);
    stage.press("home enter tab");
    stage.type_in("Polls are retried");
    stage.press("tab");
    stage.type_in("7 passed");
    stage.press("tab tab tab");
    stage.type_in("Watch a night");
    stage.press("ctrl-s");
    holds(&stage.screen(100, 40), &["still open", "Anyway"]);
    stage.press("tab space ctrl-s");
    let shown = stage.screen(100, 40);
    holds(
        &shown,
        &["PATCH SUMMARY", "TEST RESULTS", "7 passed", "TASKBOARD UPDATE", "HB-A-001", "NEXT STEP", "Watch a night"],
    );
    assert_eq!([stage.text(LOG), stage.text(CSV), stage.text(PLAN)], before, "nothing is written yet");
    stage.press("G y enter");
    holds(&stage.text(CSV), &["Done - 2026-01-31"]);
    holds(&stage.text(PLAN), &["| 2026-01-31 | Polls are retried (HB-A-001) |", "Done - 2026-01-31"]);
    holds(&stage.text(LOG), &["- Status: Done", "- Follow-ups: Watch a night", "## Hand-off", "**NEXT STEP**"]);
    assert!(stage.copied.iter().any(|text| text.contains("**NEXT STEP**")), "{:?}", stage.copied);
    assert!(stage.app.dialog().is_none(), "every dialog on the way has closed: {}", stage.screen(100, 40));
    stage.copied.clear();
    stage.press("C");
    holds(&stage.screen(100, 40), &["is finished"]);
    stage.press("O");
    holds(&stage.screen(100, 40), &["Hand-off", "Polls are retried"]);
    stage.press("G y");
    assert_eq!(stage.copied.len(), 1);
    stage.press("u");
    assert_eq!([stage.text(LOG), stage.text(CSV), stage.text(PLAN)], before, "one undo takes the end back");
}

#[test]
fn an_open_thing_leads_to_where_it_is_settled() {
    let mut stage = started();
    stage.press("C");
    stage.type_in("Plan:");
    assert!(stage.screen(100, 40).contains("nothing matches"), "a plan of three bullets is none of them");
    stage.press("esc 5 p");
    holds(&stage.screen(100, 40), &["Plan A: retry", "no gates apply"]);
    stage.press("esc");
    stage.press("b");
    holds(&stage.screen(100, 40), &["tests", "gate", "telemetry"]);
}

#[test]
fn a_schema_that_has_to_change_blocks_and_opens_a_record() {
    let mut stage = started();
    let before = [stage.text(LOG), stage.text(CSV), stage.text(PLAN)];
    stage.press("5 b");
    stage.type_in("schema");
    stage.press("enter");
    stage.type_in("the table needs a key");
    stage.press("tab");
    stage.type_in("Key of the table");
    stage.press("ctrl-s");
    holds(&stage.screen(100, 40), &["docs/adr/0001-key-of-the-table.md", "Blocked"]);
    assert_eq!([stage.text(LOG), stage.text(CSV), stage.text(PLAN)], before, "nothing is written yet");
    stage.press("enter");
    holds(&stage.text(CSV), &["HB-A-001,Retry the polls,Blocked"]);
    holds(&stage.text(PLAN), &["Blocked", "the table needs a key"]);
    holds(&stage.text(LOG), &["- Status: Blocked", "the table needs a key", "docs/adr/0001-key-of-the-table.md"]);
    holds(&stage.text("docs/adr/0001-key-of-the-table.md"), &["Key of the table", "HB-A-001", "2026-01-31"]);
    stage.press("u");
    assert_eq!([stage.text(LOG), stage.text(CSV), stage.text(PLAN)], before, "one undo takes it all back");
    assert!(!stage.folder.path().join("docs/adr").exists());
}

#[test]
fn the_level_goes_up_with_reason_and_entry_only() {
    let mut stage = started();
    stage.press("A right");
    stage.press("ctrl-s");
    holds(&stage.screen(100, 40), &["reason"]);
    assert!(!stage.text(LOG).contains("L2"), "{}", stage.text(LOG));
    stage.press("tab");
    stage.type_in("slots are tried");
    stage.press("tab");
    stage.type_in("HB-A-001");
    stage.press("ctrl-s enter");
    holds(
        &stage.text(LOG),
        &["- **Autonomy level:** L2", "level L1 → L2: slots are tried (HB-A-001); confirmed by tester"],
    );
    stage.press("X down enter");
    holds(&stage.screen(100, 40), &["Run this command?", "overrides  --slots"]);
    stage.press("y C");
    holds(&stage.screen(100, 40), &["Override: the override `--slots` is not put back"]);
    stage.type_in("Override");
    stage.press("enter");
    stage.type_in("seen at 16 again");
    stage.press("enter enter");
    holds(&stage.text(LOG), &["override `--slots` reset: seen at 16 again"]);
    stage.press("C");
    assert!(!stage.screen(100, 40).contains("Override:"), "{}", stage.screen(100, 40));
}

#[test]
fn without_a_session_nothing_is_run_or_finished() {
    let mut stage = stage();
    for (key, said) in [
        ("X", "start a session first"),
        ("C", "no session to finish"),
        ("O", "no session to hand off"),
        ("ctrl-x", "no command is running"),
    ] {
        stage.press(key);
        assert!(stage.app.dialog().is_none(), "{key}");
        holds(&stage.screen(100, 40), &[said]);
    }
}
