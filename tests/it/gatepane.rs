//! The Gates pane: what it shows first, how it explains, and what is written when a task is blocked or a clause signed off.

use codex_tui::tui::overlay::Overlay;

use super::editing::{Stage, stage_of, write};

const CSV: &str = "docs/taskboard/TaskBoard.csv";
const PLAN: &str = "docs/plans/PlanB_Store.md";
const LOG: &str = "docs/agents/sessions/2026-01-30_session-0001.md";
const LEDGER: &str = "docs/telemetry/GateSignOffs.csv";

fn documents() -> Vec<(&'static str, String)> {
    let day = chrono::Local::now().date_naive();
    let event = |latency: f64| {
        format!(
            "{{\"EventName\":\"StoreWrite\",\"Timestamp\":\"{day}T01:00:00Z\",\"LatencyMs\":{latency},\"Site\":\"ALDR\"}}\n"
        )
    };
    let events: String = (1..=20).map(|n| event(f64::from(n) * 4.0)).collect();
    vec![
        (CSV, "ID,Title,Column,OwnerRole,PlanLink,Notes\nHB-B-001,Speed up the store,In Progress,Ops,docs/plans/PlanB_Store.md,\n\
               HB-B-002,Other work,Ready,Ops,docs/plans/PlanB_Store.md,\n".to_owned()),
        (PLAN, "# Plan B - Store\n\n## Active work\n| ID | Title | Owner | Status | Notes |\n|--|--|--|--|--|\n\
                | HB-B-001 | Speed up the store | Ops | In Progress | |\n\n## References\n- none\n".to_owned()),
        (LOG, "# Agent Session Log\n- **Task board card:** HB-B-001\n\n## Outcome\n- Status:\n".to_owned()),
        ("docs/telemetry/Automation_Gates.md", "# Gates\n\n## Plan B - Store\n- `StoreWrite.LatencyMs` p95 <= 40 ms.\n\
                - `StoreWrite.LatencyMs` max <= 500 ms.\n- Restore drill seen by the operator once a quarter.\n".to_owned()),
        ("Logs/IngestionMetrics/DAY.json", events),
    ]
}

fn stage(width: u16, height: u16) -> Stage {
    let day = chrono::Local::now().date_naive();
    let events = format!("Logs/IngestionMetrics/{day}.json");
    let documents = documents();
    let documents: Vec<(&str, &str)> = documents
        .iter()
        .map(|(path, text)| (if path.ends_with("DAY.json") { events.as_str() } else { *path }, text.as_str()))
        .collect();
    let mut stage = stage_of(&documents, width, height).with_gates();
    stage.press("4");
    stage
}

#[test]
fn failing_gates_come_first_and_say_why() {
    let mut stage = stage(100, 30);
    stage.press("z");
    let screen = stage.screen(100, 30);
    let at =
        |what: &str| screen.lines().position(|line| line.contains(what)).unwrap_or_else(|| panic!("{what}: {screen}"));
    assert!(at("B1    fail") < at("B3    manual") && at("B3    manual") < at("B2    pass"), "{screen}");
    assert!(screen.contains("76.2 ms") && screen.contains("1 fail") && screen.contains("20 samples"), "{screen}");
    assert!(screen.contains("site ALDR"), "{screen}");
    for (width, height) in [(40, 12), (60, 15), (80, 24), (160, 40), (1, 1), (12, 4)] {
        let stage = self::stage(width, height);
        stage.screen(width, height);
    }
}

#[test]
fn a_task_is_blocked_with_gate_value_threshold_and_evidence() {
    let mut stage = stage(100, 30);
    stage.press("b enter");
    assert!(matches!(stage.app.dialog(), Some(Overlay::Diff(_))), "{}", stage.screen(100, 30));
    stage.press("enter");
    let why = "gate B1 fail: 76.2 ms of 20 samples, asked for is StoreWrite.LatencyMs p95 <= 40 ms";
    let csv = stage.text(CSV);
    assert!(csv.contains("HB-B-001,Speed up the store,Blocked,") && csv.contains(why), "{csv}");
    let plan = stage.text(PLAN);
    assert!(plan.contains("| Ops | Blocked | Blocked (2026-01-31): gate B1 fail") && plan.contains(why), "{plan}");
    let log = stage.text(LOG);
    assert!(log.contains("## Gates\n\n- 2026-01-31 10:12 – blocked HB-B-001: gate B1 fail"), "{log}");
    assert!(log.contains("Logs/IngestionMetrics/"), "{log}");
    stage.press("u");
    assert!(!stage.text(CSV).contains("Blocked") && !stage.text(LOG).contains("Gates"));
    // A task that its plan's table does not carry gets a line in the plan.
    stage.press("b");
    stage.type_in("HB-B-002");
    stage.press("enter enter");
    let plan = stage.text(PLAN);
    assert!(plan.contains("## Blockers\n\n- 2026-01-31: HB-B-002 blocked: gate B1 fail"), "{plan}");
}

#[test]
fn what_only_a_person_can_judge_is_signed_off_with_evidence() {
    let mut stage = stage(100, 30);
    stage.press("s");
    assert!(stage.screen(100, 30).contains("judged by telemetry"), "{}", stage.screen(100, 30));
    stage.press("j s");
    stage.type_in("drill of 2026-01-29, 11 minutes");
    stage.press("enter enter");
    let ledger = stage.text(LEDGER);
    assert!(ledger.starts_with("Gate,Quote,At,By,Evidence,Session\n"), "{ledger}");
    assert!(
        ledger.contains("2026-01-31 10:12,tester,\"drill of 2026-01-29, 11 minutes\",2026-01-30_session-0001"),
        "{ledger}"
    );
    assert!(stage.text(LOG).contains("signed off B3"), "{}", stage.text(LOG));
    let screen = stage.screen(100, 30);
    assert!(screen.contains("signed off by tester on 2026-01-31 10:12"), "{screen}");
    // The clause says something else now: nobody has signed that.
    let gates = stage.text("docs/telemetry/Automation_Gates.md").replace("once a quarter", "once a month");
    write(stage.folder.path(), "docs/telemetry/Automation_Gates.md", &gates);
    stage.bench.load_all();
    stage.show();
    assert!(stage.screen(100, 30).contains("nobody has signed it off"), "{}", stage.screen(100, 30));
}
