//! What is proposed, and what is passed over.

use std::sync::Arc;

use super::*;
use crate::doc::{DocId, Document};
use crate::workspace::Role;

fn list(csv: &str, backlog: &str, plan: &str) -> TaskList {
    let document =
        |path: &str, text: String| Arc::new(Document::parse(DocId::new(path).expect("a path"), text.into_bytes()));
    let csv = format!("ID,Title,Column,Notes\n{csv}");
    let backlog = format!("# B\n| ID | Title | Preconditions | Notes |\n|-|-|-|-|\n{backlog}");
    let plan = format!("# P\n## Active work\n| ID | Title | Status |\n|-|-|-|\n{plan}");
    TaskList::from_documents(
        [
            (Role::TaskCsv, document("docs/t.csv", csv)),
            (Role::Backlog, document("docs/b.md", backlog)),
            (Role::Plan, document("docs/plans/PlanA_X.md", plan)),
        ],
        &Config::default(),
    )
}

/// The proposed id and the ids that were passed over.
fn proposed(list: &TaskList) -> (Option<String>, Vec<String>) {
    let next = propose(list, &[], &[], &Config::default());
    let id = |index: usize| list.task(index).id().into_owned();
    (next.task.map(id), next.passed_over.iter().map(|passed| id(passed.task)).collect())
}

#[test]
fn the_queue_counts_before_plan_age_and_board() {
    let all = list(
        "HB-B-001,a,Ready,2026-01-02\nHB-B-002,b,Ready,2026-01-01\nHB-A-003,c,Ready,\nHB-C-004,d,Ready,\nHB-A-005,e,Backlog,\n",
        "| HB-A-005 | e | – | |\n| HB-C-004 | d | – | |\n",
        "",
    );
    assert_eq!(proposed(&all), (Some("HB-C-004".to_owned()), vec![]), "ready, and in the queue");
    let all = list("HB-B-001,a,Ready,2026-01-02\nHB-B-002,b,Ready,2026-01-01\nHB-A-003,c,Ready,\n", "", "");
    assert_eq!(proposed(&all).0.as_deref(), Some("HB-A-003"), "plan A before B");
    let all = list("HB-B-001,a,Ready,2026-01-02\nHB-B-003,c,Ready,\nHB-B-002,b,Ready,2026-01-01\n", "", "");
    assert_eq!(proposed(&all).0.as_deref(), Some("HB-B-002"), "the oldest");
    let all = list("HB-AA-001,a,Ready,\nHB-Z-001,c,Ready,\n", "", "");
    assert_eq!(proposed(&all).0.as_deref(), Some("HB-Z-001"), "Z before AA");
}

#[test]
fn what_cannot_be_taken_is_passed_over_with_its_reason() {
    let all = list(
        "HB-A-001,a,In Progress,\nHB-A-002,b,Blocked,\nHB-A-003,c,Ready,Depends on HB-A-001.\nHB-A-004,d,Odd,\nHB-A-005,e,Ready,\n\
         HB-A-006,f,Done,\nHB-A-007,g,Backlog,waits for HB-A-006\n",
        "| HB-A-003 | c | – | |\n| HB-A-005 | e | HB-Z-999 at rest | |\n",
        "| HB-A-008 | h | Ready |\n| HB-A-007 | g | Backlog |\n",
    );
    let next = propose(&all, &[], &[], &Config::default());
    let said: Vec<(String, String)> =
        next.passed_over.iter().map(|p| (all.task(p.task).id().into_owned(), p.reason(&all))).collect();
    let said: Vec<(&str, &str)> = said.iter().map(|(id, why)| (id.as_str(), why.as_str())).collect();
    assert_eq!(
        said,
        [
            ("HB-A-001", "It is In Progress already (docs/t.csv:2)."),
            ("HB-A-002", "It is Blocked (docs/t.csv:3)."),
            ("HB-A-004", "Its state \"Odd\" is no column of the board (docs/t.csv:5)."),
            ("HB-A-003", "It waits for HB-A-001, which is In Progress (docs/t.csv:4)."),
            ("HB-A-005", "It waits for HB-Z-999, which stands nowhere (docs/b.md:5)."),
        ]
    );
    assert_eq!(next.task.map(|at| all.task(at).id().into_owned()).as_deref(), Some("HB-A-007"));
    assert_eq!(
        next.reasons,
        [
            "Its state is Backlog (docs/t.csv:8).",
            "It is not in the backlog; add it there before you begin.",
            "What it waits for, HB-A-006, is done (docs/t.csv:7).",
            "It is of plan A.",
        ]
    );
}

#[test]
fn plans_alone_come_last_and_put_off_work_never() {
    let all = list("HB-B-001,a,Backlog,\n", "", "| HB-A-001 | b | Ready |\n");
    assert_eq!(proposed(&all).0.as_deref(), Some("HB-B-001"));
    let all = list("HB-B-001,a,Backlog,\n", "", "| HB-B-001 | a | Backlog (Deferred) |\n");
    assert_eq!(proposed(&all), (None, vec!["HB-B-001".to_owned()]));
    assert_eq!(propose(&TaskList::default(), &[], &[], &Config::default()), Next::default());
}

#[test]
fn the_plan_index_orders_the_plans() {
    let all = list("HB-A-001,a,Ready,\nHB-C-001,c,Ready,\nHB-B-001,b,Ready,\nHB-AA-001,d,Ready,\n", "", "");
    let first = |order: &[&str]| {
        let order: Vec<String> = order.iter().map(|letters| (*letters).to_owned()).collect();
        let next = propose(&all, &[], &order, &Config::default());
        next.task.map(|index| all.task(index).id().into_owned())
    };
    assert_eq!(first(&["C", "B"]).as_deref(), Some("HB-C-001"));
    assert_eq!(first(&["Z", "AA"]).as_deref(), Some("HB-AA-001"));
    assert_eq!(first(&["Z"]).as_deref(), Some("HB-A-001"), "what the index leaves out, by letters");
}
