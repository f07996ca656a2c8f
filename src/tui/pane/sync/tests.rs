//! Tests of the Sync pane: the worst first, what is wrong with an id, and what mends it.

use std::sync::atomic::AtomicBool;

use super::*;
use crate::tui::pane::stage::{Stage, id, view};
use crate::workbench::View;

const CSV: &str = "ID,Title,Column,OwnerRole,PlanLink,Notes\n\
    HB-A-001,Retry the polls,Ready,Ann,docs/plans/PlanA_X.md,\n\
    HB-A-002,Fair queue,Done - 2026-01-02,Bob,docs/plans/PlanA_X.md,\n";
const BOARD: &str = "# Board\n\n| ID | Title | Column |\n|--|--|--|\n| HB-A-001 | Retry the polls | Ready |\n\
    | HB-A-002 | Fair queue | In Progress |\n";
const PLAN: &str = "# Plan A - X\n\n## Active work\n| ID | Title | Owner | Status |\n|--|--|--|--|\n\
    | HB-A-001 | Retry the polls | Ann | Ready |\n| HB-A-002 | Fair queue | Bob | Done - 2026-01-02 |\n";

fn stage(width: u16, height: u16) -> Stage {
    stage_of(BOARD, width, height)
}

fn stage_of(board: &str, width: u16, height: u16) -> Stage {
    let docs =
        [("docs/taskboard/TaskBoard.csv", CSV), ("docs/Demo_TaskBoard.md", board), ("docs/plans/PlanA_X.md", PLAN)];
    let mut stage = Stage::new(&docs, width, height);
    let view = view(&docs, 1);
    let sync = Sync::project(view.compared(), &|_| true, &AtomicBool::new(false));
    stage.view = Arc::new(View { sync: Arc::new(sync), ..(*view).clone() });
    stage
}

fn pane(stage: &Stage) -> SyncPane {
    let mut pane = SyncPane::default();
    stage.enter(&mut pane);
    pane
}

#[test]
fn the_worst_comes_first_with_what_each_document_says() {
    for (width, height) in [(60, 20), (80, 24), (160, 30)] {
        let stage = stage(width, height);
        let screen = stage.screen(&pane(&stage));
        assert!(screen[1].starts_with("HB-A-002") && screen[1].contains('!'), "{screen:#?}");
        assert!(screen[2].starts_with("HB-A-001"), "{screen:#?}");
        assert!(screen.iter().any(|line| line.contains("Demo_TaskBoard.md: In Progress")), "{screen:#?}");
    }
}

#[test]
fn a_finding_is_mended_by_the_operation_that_it_offers() {
    let stage = stage(80, 24);
    let mut pane = pane(&stage);
    match stage.act(&mut pane, &[Action::Mend]) {
        Flow::Preview(operation) => {
            assert!(operation.edits.iter().all(|edit| edit.doc == id("docs/Demo_TaskBoard.md")), "{operation:?}");
        }
        other => panic!("{other:?}"),
    }
    stage.act(&mut pane, &[Action::Move(Move::Down)]);
    assert!(matches!(stage.act(&mut pane, &[Action::Mend]), Flow::Say(_)));
    assert_eq!(stage.act(&mut pane, &[Action::ToTask]), Flow::Go(Goto::Task("HB-A-001".to_owned())));
}

/// The next id takes the place of the one that was mended here; one that somebody else mends stays selected.
#[test]
fn mending_leads_on_to_the_next_id() {
    for (actions, next) in [(&[Action::Mend][..], "HB-A-001"), (&[], "HB-A-002")] {
        let before = stage(80, 24);
        let mut pane = pane(&before);
        before.act(&mut pane, actions);
        let after = stage_of(&BOARD.replace("In Progress", "Done - 2026-01-02"), 80, 24);
        pane.refresh(&after.cx());
        assert_eq!(pane.clip(Clip::Id, &after.cx()).as_deref(), Some(next));
    }
}

#[test]
fn marked_ids_are_mended_together() {
    let stage = stage(80, 24);
    let mut pane = pane(&stage);
    let Flow::Preview(alone) = stage.act(&mut pane, &[Action::Mend]) else { panic!("one fix") };
    stage.act(&mut pane, &[Action::Mark, Action::Mark]);
    assert!(pane.title(&stage.cx()).ends_with("2 marked"), "{}", pane.title(&stage.cx()));
    assert!(stage.screen(&pane)[1].starts_with("HB-A-002✓"), "{:#?}", stage.screen(&pane));
    // The cursor has moved on to an id that has nothing to mend: what is marked counts.
    match stage.act(&mut pane, &[Action::Mend]) {
        Flow::Preview(operation) => assert_eq!(operation.edits, alone.edits),
        other => panic!("{other:?}"),
    }
    stage.act(&mut pane, &[Action::Back]);
    assert!(!pane.title(&stage.cx()).contains("marked"));
}

#[test]
fn the_filter_knows_places_and_rules() {
    let stage = stage(80, 24);
    let mut pane = pane(&stage);
    for (filter, ids) in
        [("missing:backlog", 2), ("missing:board", 0), ("rule:state", 1), ("severity:warning", 1), ("polls", 1)]
    {
        pane.set_filter(filter, &stage.cx());
        assert_eq!(pane.shown.len(), ids, "{filter}");
    }
    pane.set_filter("", &stage.cx());
    stage.act(&mut pane, &[Action::SwitchView]);
    assert_eq!(pane.shown.len(), 1);
}

#[test]
fn every_size_is_survived() {
    for width in 1..=130 {
        for height in [1, 2, 3, 5, 12, 13, 30] {
            let stage = stage(width, height);
            let mut pane = pane(&stage);
            stage.act(&mut pane, &[Action::Open, Action::Move(Move::Down)]);
            stage.screen(&pane);
        }
    }
}
