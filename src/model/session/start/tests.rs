//! Names, texts and refusals of sessions that are started, on small documents.

use std::sync::Arc;

use super::*;
use crate::model::task::TaskList;
use crate::workspace::{Config, Role};

const CSV: &str = "ID,Title,Column,OwnerRole,PlanLink\nXX-A-001,Probe the store,Ready,Store,docs/plans/PlanA_X.md\n\
                   XX-A-002,Gone,Done - 2026-01-01,Store,\nXX-A-003,Stuck,Blocked,Store,\n";
const FORM: &str = "# Log\r\n\r\n- **Date:** <day>\r\n- **Role:** <who>\r\n- **Task board card:** <card>\r\n\r\n\
                    ## Plan (3-6 bullets)\r\n- <what>\r\n- <ideas>\r\n\r\n## Outcome\r\n- Status: <Done | Blocked>";

fn document(path: &str, text: &str) -> Document {
    Document::parse(DocId::new(path).expect("a path"), text.as_bytes().to_vec())
}

fn day(text: &str) -> NaiveDate {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").expect("a date")
}

fn logs(names: &[&str]) -> Vec<SessionLog> {
    let log = |name: &&str| SessionLog::project(&document(&format!("docs/agents/sessions/{name}.md"), ""));
    names.iter().map(log).collect()
}

fn started(
    id: &str,
    bullets: &[&str],
    anyway: bool,
    logs: &[SessionLog],
    form: Option<&str>,
) -> Result<Started, Refused> {
    let config = Config::default();
    let tasks =
        TaskList::from_documents([(Role::TaskCsv, Arc::new(document("docs/taskboard/TaskBoard.csv", CSV)))], &config);
    let task = tasks.task(tasks.find(id).expect("the task"));
    let template = form.map(|text| document("docs/agents/Agent_Session_Template.md", text));
    let plans = [Plan::project(&document("docs/plans/PlanA_X.md", "# Plan A - X\n"))];
    let bullets: Vec<String> = bullets.iter().map(|text| (*text).to_owned()).collect();
    let wanted =
        Wanted { task, day: day("2026-01-02"), role: "", level: Level::L1, granted: "", bullets: &bullets, anyway };
    let ground = Ground {
        sessions: logs,
        patterns: &config.documents.session_logs,
        template: template.as_ref(),
        plans: &plans,
        gates: &[],
        states: &config.states,
    };
    start(wanted, ground)
}

#[test]
fn numbers_follow_the_workspace() {
    let check = |names: &[&str], on: &str, want: u32| assert_eq!(next_number(&logs(names), day(on)), want, "{names:?}");
    check(&[], "2026-01-02", 1);
    check(&["2026-01-01_session-0004"], "2026-01-02", 1);
    check(&["2026-01-02_session-0004", "2026-01-02_session-0002", "README"], "2026-01-02", 5);
    // They begin anew each day, with a gap and one day out of line.
    let anew =
        ["2026-01-01_session-0001", "2026-01-02_session-0001", "2026-01-03_session-0063", "2026-01-04_session-0001"];
    check(&anew, "2026-01-05", 1);
    check(&anew, "2026-01-03", 64);
    // They go on.
    check(&["2026-01-01_session-0001", "2026-01-02_session-0002", "2026-01-04_session-0007"], "2026-01-05", 8);
}

#[test]
fn the_log_is_the_template_filled_in() {
    let bullets = ["Probe it (`docs/plans/PlanA_X.md`).", "No gate applies.", "Stop at noon."];
    let made = started("XX-A-001", &bullets, false, &logs(&["2026-01-01_session-0004"]), Some(FORM)).expect("a start");
    assert_eq!(made.log.as_str(), "docs/agents/sessions/2026-01-02_session-0001.md");
    assert_eq!(made.warnings, Vec::<String>::new());
    let Change::Add { addition: Addition::Document { text }, .. } = &made.operation.edits[0].change else {
        panic!("a document")
    };
    let want = "# Log\r\n\r\n- **Date:** 2026-01-02\r\n- **Role:** Store\r\n\
                - **Task board card:** XX-A-001 – Probe the store\r\n- **Autonomy level:** L1\r\n\
                - **Plan file:** `docs/plans/PlanA_X.md`\r\n- **Gates:** none\r\n\r\n\
                ## Plan (3-6 bullets)\r\n- Probe it (`docs/plans/PlanA_X.md`).\r\n- No gate applies.\r\n- Stop at noon.\r\n\r\n\
                ## Outcome\r\n- Status: <Done | Blocked>";
    assert_eq!(text, want);
    assert_eq!(made.operation.edits.len(), 2, "the log, and the state on the board");
    let own = started("XX-A-001", &[], false, &[], None).expect("our own template");
    let Change::Add { addition: Addition::Document { text }, .. } = &own.operation.edits[0].change else {
        panic!("a document")
    };
    assert!(text.contains("- **Date:** 2026-01-02\n") && text.contains("\n- <which gates will judge it>\n"), "{text}");
}

#[test]
fn what_the_plan_lacks_is_said() {
    let warned = |bullets: &[&str]| started("XX-A-001", bullets, false, &[], None).expect("a start").warnings;
    assert_eq!(
        warned(&["Probe it."]),
        [
            "bullets in the plan: 1; a session's plan has 3 to 6",
            "no bullet names the plan: docs/plans/PlanA_X.md",
            "no bullet names the gates: none applies, and the plan should say so"
        ]
    );
    assert_eq!(warned(&["As Plan A says.", "Judged by its gates.", "c", "d", "e", "f"]), Vec::<String>::new());
}

#[test]
fn a_task_that_cannot_be_worked_on_is_refused() {
    for (id, said) in [("XX-A-002", "is Done"), ("XX-A-003", "is Blocked")] {
        let Err(Refused(why)) = started(id, &[], false, &[], None) else { panic!("{id}") };
        assert!(why.contains(said) && why.contains("TaskBoard.csv:") && why.contains("--anyway"), "{why}");
        assert!(started(id, &[], true, &[], None).is_ok(), "{id}");
    }
    let later = logs(&["2026-01-03_session-0001"]);
    let Err(Refused(why)) = started("XX-A-001", &[], false, &later, None) else { panic!("a later log") };
    assert!(why.contains("2026-01-03_session-0001.md") && why.contains("--date"), "{why}");
    for bullet in ["", "a\nb"] {
        assert!(started("XX-A-001", &[bullet], false, &[], None).is_err(), "{bullet:?}");
    }
}
