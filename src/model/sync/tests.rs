//! Every rule on small documents.

use std::sync::Arc;

use super::*;
use crate::doc::{Document, Severity};
use crate::op::Change;

/// A workspace in memory.
struct Scene {
    docs: Vec<(&'static str, String)>,
}

const CSV: &str = "docs/taskboard/TaskBoard.csv";
const BOARD: &str = "docs/X_TaskBoard.md";
const BACKLOG: &str = "docs/CODEX_BACKLOG.md";
const PLAN_A: &str = "docs/plans/PlanA_X.md";
const PLAN_B: &str = "docs/plans/PlanB_Y.md";

impl Scene {
    fn new() -> Scene {
        Scene { docs: Vec::new() }
    }

    fn csv(self, rows: &str) -> Scene {
        self.doc(CSV, &format!("ID,Title,Column,OwnerRole,Deliverable,PlanLink,Notes\n{rows}"))
    }

    fn board(self, rows: &str) -> Scene {
        let header = "# B\n| ID | Title | Column | Owner/Role | Deliverable | Links |\n|-|-|-|-|-|-|\n";
        self.doc(BOARD, &format!("{header}{rows}"))
    }

    fn backlog(self, rows: &str) -> Scene {
        self.doc(BACKLOG, &format!("# L\n| ID | Plan | Title | Notes |\n|-|-|-|-|\n{rows}"))
    }

    fn plan(self, path: &'static str, rows: &str) -> Scene {
        let header = "# P\n## Active work\n| ID | Title | Owner | Status |\n|-|-|-|-|\n";
        self.doc(path, &format!("{header}{rows}"))
    }

    fn doc(mut self, path: &'static str, text: &str) -> Scene {
        self.docs.push((path, text.to_owned()));
        self
    }

    fn sync(&self) -> Sync {
        self.sync_until(&AtomicBool::new(false))
    }

    fn sync_until(&self, cancel: &AtomicBool) -> Sync {
        let mut snapshot = Snapshot::default();
        let parsed = self.docs.iter().map(|(path, text)| {
            Arc::new(Document::parse(DocId::new(path).expect("a path"), text.clone().into_bytes()))
        });
        snapshot.extend(parsed);
        let config = Config::default();
        let ids: Vec<DocId> = snapshot.iter().map(|doc| doc.id().clone()).collect();
        let workspace = Workspace::recognise(&ids, &config);
        let of = |role| workspace.with_role(role).filter_map(|id| snapshot.get(id));
        let plans: Vec<Plan> = of(crate::workspace::Role::Plan).map(|doc| Plan::project(doc)).collect();
        let sessions: Vec<SessionLog> =
            of(crate::workspace::Role::SessionLog).map(|doc| SessionLog::project(doc)).collect();
        let tasks = TaskList::project(&snapshot, &workspace, &config);
        let input = Input {
            tasks: &tasks,
            snapshot: &snapshot,
            workspace: &workspace,
            plans: &plans,
            sessions: &sessions,
            config: &config,
        };
        let exists = |path: &str| self.docs.iter().any(|(doc, _)| *doc == path);
        Sync::project(input, &exists, cancel)
    }
}

/// Rule, severity, place and id of each finding.
fn said(sync: &Sync) -> Vec<(&'static str, Severity, String, &str)> {
    let each = sync.findings.iter();
    each.map(|f| (f.rule, f.severity, f.place(), f.id.as_deref().unwrap_or_default())).collect()
}

fn one(sync: &Sync, rule: &str) -> Finding {
    let found: Vec<&Finding> = sync.findings.iter().filter(|finding| finding.rule == rule).collect();
    assert_eq!(found.len(), 1, "{rule}: {:#?}", sync.findings);
    found[0].clone()
}

/// Document and new text of each cell that a fix sets.
fn sets(finding: &Finding) -> Vec<(String, String)> {
    let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
    let set = edits.map(|edit| match &edit.change {
        Change::Set { write, .. } => (edit.doc.to_string(), write.clone()),
        other => panic!("no cell is set: {other:?}"),
    });
    set.collect()
}

/// The documents to which a fix adds a row.
fn adds(finding: &Finding) -> Vec<String> {
    let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
    edits.filter(|edit| matches!(edit.change, Change::Add { .. })).map(|edit| edit.doc.to_string()).collect()
}

#[test]
fn documents_that_agree_have_no_findings() {
    let sync = Scene::new()
        .csv(&format!("HB-A-001,Fair queue,Done - 2026-01-02,Ops,d,{PLAN_A},\n"))
        .board(&format!("| HB-A-001 | Fair queue | Done - 2026-01-02 | Ops | d | {PLAN_A} |\n"))
        .backlog("| HB-A-001 | Plan A | Fair queue | Done 2026-01-02: x |\n")
        .plan(PLAN_A, "| HB-A-001 | Fair queue | Ops | Done - 2026-01-02 |\n")
        .doc(
            "docs/agents/sessions/2026-01-02_session-0001.md",
            "- **Task board card:** HB-A-001\n\nSHA-256, HB-A-001.\n",
        )
        .sync();
    assert_eq!(said(&sync), []);
    let row = sync.matrix.find("HB-A-001").expect("a row");
    assert_eq!((row.presence().as_str(), row.title()), ("CBLP-S", "Fair queue"));
    assert_eq!(row.at(Place::Plan).map(|(doc, line)| (doc.as_str(), line)).collect::<Vec<_>>(), [(PLAN_A, 5)]);
    assert_eq!(sync.matrix.len(), 1);
    assert_eq!(sync.cards.keys().collect::<Vec<_>>(), ["HB-A-001"]);
    assert_eq!(sync.cited.get(PLAN_A), Some(&true));
}

#[test]
fn the_matrix_has_ids_that_are_only_delivered_or_only_mentioned() {
    let sync = Scene::new()
        .csv("HB-A-001,a,Ready,Ops,,,\n")
        .doc(PLAN_A, "# P\n## Recently delivered\n| ID | Date | Title |\n|-|-|-|\n| HB-A-009 | 2026-01-01 | Old |\n")
        .doc(
            "docs/agents/sessions/2026-01-02_session-0001.md",
            "# L\nHB-A-009, HB-A-777 and HB-A-001-x.json; AB-C-12\n",
        )
        .sync();
    let rows: Vec<(&str, String, &str)> =
        sync.matrix.iter().map(|row| (row.id(), row.presence(), row.title())).collect();
    assert_eq!(
        rows,
        [
            ("HB-A-001", "C----S".to_owned(), "a"),
            ("HB-A-009", "----DS".to_owned(), "Old"),
            ("HB-A-777", "-----S".to_owned(), "")
        ]
    );
}

#[test]
fn missing_rows_are_added() {
    let sync = Scene::new()
        .csv(&format!("HB-A-001,One,Ready,Ops,d,{PLAN_A},\n"))
        .board(&format!("| HB-A-002 | Two | Ready | Ops | d | {PLAN_A} |\n"))
        .backlog("| HB-A-003 | Plan A | Three | n |\n")
        .plan(PLAN_A, "| HB-A-002 | Two | Ops | Ready |\n| HB-A-004 | Four | Ops | Ready |\n")
        .sync();
    let found: Vec<(&str, &str)> =
        sync.findings.iter().map(|f| (f.rule, f.id.as_deref().unwrap_or_default())).collect();
    assert_eq!(
        found,
        [
            ("sync-missing-board", "HB-A-003"),
            ("sync-missing-csv", "HB-A-003"),
            ("sync-missing-plan", "HB-A-003"),
            ("sync-missing-csv", "HB-A-002"),
            ("sync-plan-only", "HB-A-004"),
            ("sync-missing-board", "HB-A-001"),
            ("sync-missing-plan", "HB-A-001"),
        ]
    );
    let adds: Vec<Vec<String>> = sync.findings.iter().map(adds).collect();
    assert_eq!(adds, [&[BOARD][..], &[CSV], &[PLAN_A], &[CSV], &[CSV, BOARD], &[BOARD], &[PLAN_A]]);
    let all = mend(&sync.findings).expect("no clash").expect("fixes");
    assert_eq!(all.edits.len(), 8);
    assert_eq!((sync.totals.warnings, sync.totals.notes), (6, 1));
}

#[test]
fn what_is_delivered_need_not_be_active() {
    let sync = Scene::new()
        .csv(&format!("HB-A-001,One,Done,Ops,d,{PLAN_A},\n"))
        .doc(PLAN_A, "# P\n## Recently delivered\n| ID | Date |\n|-|-|\n| HB-A-001 | 2026-01-01 |\n")
        .sync();
    let finding = one(&sync, "sync-missing-plan");
    assert_eq!((finding.severity, finding.fix), (Severity::Note, None));
}

#[test]
fn a_title_differs_or_only_looks_different() {
    let scene = |title: &str| {
        Scene::new()
            .csv("HB-A-001,Fair queue,Ready,,,,\n")
            .board(&format!("| HB-A-001 | {title} | Ready | | | |\n"))
            .sync()
    };
    let finding = one(&scene("Fair queue between sites"), "sync-title");
    assert_eq!(
        (finding.severity, finding.field, finding.place().as_str()),
        (Severity::Warning, Some("title"), "docs/X_TaskBoard.md:4")
    );
    assert_eq!(sets(&finding), [(BOARD.to_owned(), "Fair queue".to_owned())]);
    let values: Vec<(&str, &str)> = finding.values.iter().map(|(doc, text)| (doc.as_str(), text.as_str())).collect();
    assert_eq!(values, [(BOARD, "Fair queue between sites"), (CSV, "Fair queue")]);
    assert_eq!(one(&scene("**Fair** Queue"), "sync-title").severity, Severity::Note);
}

#[test]
fn states_differ_in_meaning_or_in_words() {
    let scene = |csv: &str, board: &str| {
        Scene::new()
            .csv(&format!("HB-A-001,Fair queue,{csv},,,,\n"))
            .board(&format!("| HB-A-001 | Fair queue | {board} | | | |\n"))
            .sync()
    };
    let sync = scene("Ready", "In Progress");
    let finding = one(&sync, "sync-state");
    assert_eq!((finding.severity, sets(&finding)), (Severity::Warning, vec![(BOARD.to_owned(), "Ready".to_owned())]));
    for (csv, board) in [("In Progress", "In Progress (WIP 1/2)"), ("In flight", "In Progress")] {
        let finding = one(&scene(csv, board), "sync-state");
        assert_eq!((finding.severity, finding.fix), (Severity::Note, None), "{csv} {board}");
    }
    // The date follows from the state; one fix writes the cell.
    let sync = scene("Done - 2026-01-02", "Ready");
    assert_eq!(one(&sync, "sync-state").severity, Severity::Warning);
    let date = one(&sync, "sync-date");
    assert_eq!((date.severity, &date.fix), (Severity::Note, &None));
    assert_eq!(date.values.values().collect::<Vec<_>>(), ["", "2026-01-02"]);
    let sync = scene("Done - 2026-01-02", "Done - 2026-01-03");
    let date = one(&sync, "sync-date");
    assert_eq!((date.severity, sync.findings.len()), (Severity::Warning, 1));
    assert_eq!(sets(&date), [(BOARD.to_owned(), "Done - 2026-01-02".to_owned())]);
    // A document without a date contradicts nothing; the one with a date is right, wherever it stands.
    let date = one(&scene("Done", "Done - 2026-01-03"), "sync-date");
    assert_eq!((date.severity, sets(&date)), (Severity::Note, vec![(CSV.to_owned(), "Done - 2026-01-03".to_owned())]));
}

#[test]
fn owners_differ_in_people_or_in_signs() {
    let scene = |owner: &str| {
        Scene::new()
            .csv("HB-A-001,Fair queue,Ready,Ops/Store,,,\n")
            .board(&format!("| HB-A-001 | Fair queue | Ready | {owner} | | |\n"))
            .sync()
    };
    assert_eq!(one(&scene("Ops"), "sync-owner").severity, Severity::Warning);
    assert_eq!(one(&scene("Store + Ops"), "sync-owner").severity, Severity::Note);
    assert_eq!(said(&scene("Ops/Store")), []);
}

#[test]
fn a_deliverable_is_only_completed() {
    let scene = |csv: &str, board: &str| {
        Scene::new()
            .csv(&format!("HB-A-001,Fair queue,Ready,,{csv},,\n"))
            .board(&format!("| HB-A-001 | Fair queue | Ready | | {board} | |\n"))
            .sync()
    };
    assert_eq!(sets(&one(&scene("a<br>- b", "a"), "sync-deliverable")), [(BOARD.to_owned(), "a\n- b".to_owned())]);
    assert_eq!(one(&scene("a", "a<br>- b"), "sync-deliverable").fix, None);
    assert_eq!(said(&scene("a<br>b", "a<br>b")), []);
}

#[test]
fn an_id_that_means_two_tasks_is_never_overwritten() {
    let sync = Scene::new()
        .csv(&format!("HB-A-001,Fair queue,Done - 2026-01-02,Ops,,{PLAN_A},\n"))
        .plan(PLAN_A, "| HB-A-001 | Credential rotation | Docs | Backlog |\n")
        .sync();
    let finding = one(&sync, "sync-two-tasks");
    assert_eq!((finding.severity, finding.place()), (Severity::Error, format!("{PLAN_A}:5")));
    assert!(finding.advice.as_ref().is_some_and(|advice| advice.contains("HB-A-002")), "{finding:?}");
    assert!(sync.findings.iter().all(|finding| finding.fix.is_none()), "{:#?}", sync.findings);
    assert!(sync.findings.iter().all(|finding| finding.rule != "sync-title"));
    assert_eq!(one(&sync, "sync-owner").severity, Severity::Note);
}

#[test]
fn ids_stand_once_in_a_document_and_in_one_plan() {
    let sync = Scene::new()
        .csv(&format!("HB-A-001,Fair queue,Ready,,,{PLAN_A},\nHB-A-001,Fair queue,Ready,,,{PLAN_A},\n"))
        .plan(PLAN_A, "| HB-A-001 | Fair queue | | Ready |\n")
        .plan(PLAN_B, "| HB-A-001 | Fair queue | | Ready |\n")
        .sync();
    let places: Vec<String> =
        sync.findings.iter().filter(|f| f.rule == "sync-repeated-id").map(Finding::place).collect();
    assert_eq!(places, [format!("{PLAN_B}:5"), format!("{CSV}:3")]);
    assert_eq!(sync.findings.len(), 2, "{:#?}", sync.findings);
    let sync = Scene::new().csv("HB-A-001,Fair queue,Ready,,,,\nHB-A-001,Credential rotation,Ready,,,,\n").sync();
    assert_eq!(one(&sync, "sync-two-tasks").place(), format!("{CSV}:3"));
}

#[test]
fn plan_links_lead_to_the_plan_of_the_id() {
    let scene = |csv: &str, board: &str| {
        Scene::new()
            .csv(&format!("HB-A-001,Fair queue,Ready,,,\"{csv}\",\n"))
            .board(&format!("| HB-A-001 | Fair queue | Ready | | | {board} |\n"))
            .plan(PLAN_A, "| HB-A-001 | Fair queue | | Ready |\n")
            .plan(PLAN_B, "| HB-B-001 | Other thing | | Ready |\n")
            .sync()
    };
    let rules = |csv: &str, board: &str| -> Vec<(&'static str, Severity)> {
        let sync = scene(csv, board);
        let found = sync.findings.iter().filter(|f| f.id.as_deref() == Some("HB-A-001"));
        found.map(|f| (f.rule, f.severity)).collect()
    };
    assert_eq!(rules(PLAN_A, &format!("`{PLAN_A}`")), []);
    assert_eq!(
        rules("docs/plans/PlanA_Gone.md", "docs/plans/PlanA_Gone.md"),
        [("sync-plan-link-dead", Severity::Warning)]
    );
    assert_eq!(rules("see the minutes", PLAN_A), [("sync-plan-link-none", Severity::Warning)]);
    assert_eq!(rules("", ""), [("sync-plan-link-none", Severity::Note)]);
    assert_eq!(rules(PLAN_A, ""), []);
    assert_eq!(rules(PLAN_B, PLAN_B), [("sync-plan-link-other", Severity::Note)]);
    let sync = scene(&format!("{PLAN_A}, {PLAN_B}"), PLAN_A);
    assert_eq!(sets(&one(&sync, "sync-plan-link")), [(BOARD.to_owned(), format!("{PLAN_A}, {PLAN_B}"))]);
    assert_eq!(
        rules("docs/gone.md", ""),
        [("sync-plan-link-dead", Severity::Warning), ("sync-plan-link-none", Severity::Note)]
    );
    // What else a board links is an artifact, also when the plan stands in another document alone.
    assert_eq!(rules(PLAN_A, "Logs/x.json"), [("sync-cited-missing", Severity::Note)]);
    assert_eq!(rules(PLAN_A, &format!("{PLAN_A}, Logs/x.json")), [("sync-cited-missing", Severity::Note)]);
}

#[test]
fn each_missing_artifact_is_named_once_a_task() {
    let sync = Scene::new()
        .csv("HB-A-001,Fair queue,Ready,,see Logs/x.json and docs/taskboard/TaskBoard.csv,,Logs/x.json\n")
        .board("| HB-A-001 | Fair queue | Ready | | see Logs/x.json and docs/taskboard/TaskBoard.csv | |\n")
        .sync();
    let finding = one(&sync, "sync-cited-missing");
    assert_eq!((finding.severity, finding.place()), (Severity::Note, format!("{CSV}:2")));
    assert_eq!(
        sync.cited.iter().map(|(path, there)| (path.as_str(), *there)).collect::<Vec<_>>(),
        [("Logs/x.json", false), (CSV, true)]
    );
}

#[test]
fn cards_name_tasks_that_exist() {
    let sync = Scene::new()
        .csv("HB-A-001,Fair queue,Ready,,,,\n")
        .doc("docs/agents/sessions/2026-01-02_session-0001.md", "# L\n- **Task board cards:** HB-A-001, HB-A-009\n")
        .sync();
    let finding = one(&sync, "sync-session-unknown");
    assert_eq!((finding.severity, finding.id.as_deref(), finding.line), (Severity::Warning, Some("HB-A-009"), Some(2)));
}

#[test]
fn talk_that_names_no_task_changes_nothing() {
    const LOG: &str = "docs/agents/sessions/2026-01-02_session-0001.md";
    let scene =
        |log: &str| Scene::new().csv("HB-A-001,Fair queue,Ready,,,,\n7a,Odd id,Ready,,,,\n").doc(LOG, log).sync();
    let board = DocId::new(CSV).expect("a path");
    let mut snapshot = Snapshot::default();
    snapshot.extend([Arc::new(Document::parse(board.clone(), b"ID,Title,Column\n7a,Odd id,Ready\n".to_vec()))]);
    let config = Config::default();
    let tasks = TaskList::project(&snapshot, &Workspace::recognise(&[board], &config), &config);
    let before = "# L\n- **Task board card:** HB-A-001\n\nso far HB-";
    let check = |after: &str, expect: bool| {
        let doc = |text: &str| Document::parse(DocId::new(LOG).expect("a path"), text.as_bytes().to_vec());
        assert_eq!(is_only_talk(&doc(before), &doc(after), &tasks), expect, "{after:?}");
        if expect {
            assert!(scene(before) == scene(after), "{after:?}");
        }
    };
    check(before, true);
    check(&format!("{before}\n- 10:00 3 of 4 hosts, 99.5 %\n"), true);
    check(&format!("{before}\n- HB-A-001 again\n"), false);
    check(&format!("{before}A-002\n"), false);
    check(&format!("{before}\n- see 7a\n"), false);
    check(&format!("{before}\n- HB-A-009-x.json\n"), false);
    check("# L\n- **Task board card:** HB-A-001\n\nother text, longer than before\n", false);
}

#[test]
fn the_backlog_knows_what_is_done() {
    let scene = |state: &str, notes: &str| {
        Scene::new()
            .csv(&format!("HB-A-001,Fair queue,{state},,,,\n"))
            .board(&format!("| HB-A-001 | Fair queue | {state} | | | |\n"))
            .backlog(&format!("| HB-A-001 | Plan A | Fair queue | {notes} |\n"))
            .sync()
    };
    let finding = one(&scene("Ready", "Done 2026-01-02: x"), "sync-done-backlog");
    assert_eq!((finding.severity, finding.fix), (Severity::Warning, None));
    let finding = one(&scene("Done - 2026-01-02", "x"), "sync-done-backlog");
    assert_eq!(finding.severity, Severity::Note);
    assert_eq!(sets(&finding), [(BACKLOG.to_owned(), "Done 2026-01-02: x".to_owned())]);
    assert_eq!(said(&scene("Done - 2026-01-02", "Done 2026-01-02: x")), []);
}

#[test]
fn damaged_rows_name_their_task_and_lead_to_no_fix() {
    let sync = Scene::new()
        .csv("HB-A-001,Fair queue,Ops,Ready\n")
        .board("| HB-A-001 | Fair queue | Ready | Ops | | | x |\n")
        .sync();
    assert_eq!(one(&sync, "csv-field-count").id.as_deref(), Some("HB-A-001"));
    assert_eq!(one(&sync, "md-ragged-row").id.as_deref(), Some("HB-A-001"));
    assert_eq!(one(&sync, "sync-state").fix, None);
    // A row that was glued to another one is not added a second time.
    let sync = Scene::new()
        .doc(
            CSV,
            "\"ID\",\"Title\",\"Column\"\n\"HB-A-001\",\"Fair queue\",\"Ready\"HB-A-002,Credential rotation,Ready\n",
        )
        .board("| HB-A-001 | Fair queue | Ready | | | |\n| HB-A-002 | Credential rotation | Ready | | | |\n")
        .sync();
    assert_eq!(one(&sync, "csv-glued-record").id.as_deref(), Some("HB-A-001"));
    let finding = one(&sync, "sync-missing-csv");
    assert_eq!((finding.id.as_deref(), &finding.fix), (Some("HB-A-002"), &None));
    assert!(finding.advice.as_ref().is_some_and(|advice| advice.contains("TaskBoard.csv:2")), "{finding:?}");
}

#[test]
fn two_fixes_of_one_cell_are_refused_by_name() {
    let sync = Scene::new()
        .csv("HB-A-001,Fair queue,Ready,,,,\n")
        .board("| HB-A-001 | Fair queue between sites | Ready | | | |\n")
        .sync();
    let finding = one(&sync, "sync-title");
    assert_eq!(mend([&finding, &finding]).expect("no clash").map(|fix| fix.edits.len()), Some(1));
    let mut other = finding.clone();
    let edit = &mut other.fix.as_mut().expect("a fix").edits[0];
    let Change::Set { write, .. } = &mut edit.change else { panic!("no cell") };
    write.push('x');
    let clash = mend([&finding, &other]).expect_err("a clash");
    assert!(clash.to_string().contains("sync-title of HB-A-001 (docs/X_TaskBoard.md:4), and sync-title"), "{clash}");
    assert_eq!(mend([]), Ok(None));
}

#[test]
fn a_cancelled_comparison_stops() {
    let scene = Scene::new().csv("HB-A-001,Fair queue,Ready,,,,\n").board("");
    assert_eq!(scene.sync().findings.len(), 1);
    assert_eq!(scene.sync_until(&AtomicBool::new(true)), Sync::default());
}

#[test]
fn what_is_wrong_a_thousand_times_is_counted() {
    let mut rows = String::new();
    for row in 0..1234 {
        rows.push_str(&format!("HB-A-{row:04},Fair queue,Ready,,,,\n"));
    }
    let sync = Scene::new().csv(&rows).board("| HB-A-0000 | Fair queue | Ready | | | |\n").sync();
    assert_eq!(sync.totals.warnings, 1233);
    assert_eq!(sync.findings.len(), 1001);
    assert!(sync.findings.iter().any(|finding| finding.message == "233 more places like this follow"));
}
