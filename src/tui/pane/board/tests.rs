//! Tests of the Board pane: what is shown, selected, filtered and opened.

use std::collections::BTreeMap;

use super::*;
use crate::tui::pane::stage::{Stage, id, view};

const CSV: &str = "ID,Title,Column,OwnerRole,Deliverable,PlanLink,Notes\n\
    ST-A-001,Make the switch work,In Progress,Ann,first <br> - second line,docs/plans/PlanA_X.md,see Logs/a/b.json\n\
    ST-A-002,Sort the cables,Backlog,Bob,,docs/plans/PlanA_X.md,\n\
    ST-B-001,Ship it,Done - 2025-12-22,Ann,,docs/plans/PlanB_Y.md,\n";
const BOARD: &str =
    "# Board\n\n## Now\n| ID | Title | Column |\n|--|--|--|\n| ST-A-001 | Make the switch work | Done - 2025-12-01 |\n";

fn stage(width: u16, height: u16) -> Stage {
    Stage::new(&[("docs/taskboard/TaskBoard.csv", CSV), ("docs/Demo_TaskBoard.md", BOARD)], width, height)
}

fn board(stage: &Stage) -> Board {
    let mut board = Board::tasks();
    stage.enter(&mut board);
    board
}

const DOWN: Action = Action::Move(Move::Down);

#[test]
fn the_table_shows_what_fits() {
    let stage = stage(70, 6);
    let board = board(&stage);
    let screen = stage.screen(&board);
    assert!(screen[1].starts_with("ST-A-001 ! In "), "{screen:#?}");
    assert!(screen[3].contains("Ship it") && screen[3].contains("2025-12-22"), "{screen:#?}");
    assert_eq!(board.title(&stage.cx()), "3");
    assert_eq!(board.place(&stage.cx()), Some((id("docs/taskboard/TaskBoard.csv"), 2)));
}

#[test]
fn the_selection_is_a_task_not_a_row() {
    let mut stage = stage(70, 6);
    let mut board = board(&stage);
    stage.act(&mut board, &[DOWN]);
    assert_eq!(board.clip(Clip::Id, &stage.cx()).as_deref(), Some("ST-A-002"));
    let more = CSV.replacen("ST-A-001", "ST-A-000,New,Backlog,,,,\nST-A-001", 1);
    stage.view = view(&[("docs/taskboard/TaskBoard.csv", &more)], 2);
    board.refresh(&stage.cx());
    assert_eq!(board.clip(Clip::Id, &stage.cx()).as_deref(), Some("ST-A-002"));
    assert_eq!(board.shown.cursor.at(), 2);
    let row = board.clip(Clip::Row, &stage.cx()).unwrap_or_default();
    assert!(row.starts_with("| ST-A-002 | Sort the cables | Backlog |"), "{row}");
}

#[test]
fn filters_by_text_and_by_field() {
    let stage = stage(70, 6);
    let mut board = board(&stage);
    for (filter, want) in [
        ("ship", "ST-B-001"),
        ("owner:bob", "ST-A-002"),
        ("state:in", "ST-A-001"),
        ("plan:b", "ST-B-001"),
        ("plan:a cables", "ST-A-002"),
        ("Logs/a", "ST-A-001"),
        ("-state:done,backlog", "ST-A-001"),
        ("\"sort the\"", "ST-A-002"),
        ("date:2025-12 -cables", "ST-B-001"),
        ("drift:state", "ST-A-001"),
        ("in:demo", "ST-A-001"),
        ("cites:logs/ owner:ann", "ST-A-001"),
    ] {
        board.set_filter(filter, &stage.cx());
        assert_eq!(board.title(&stage.cx()), "1 of 3", "{filter}");
        assert_eq!(board.clip(Clip::Id, &stage.cx()).as_deref(), Some(want), "{filter}");
    }
    board.set_filter("Ship it nowhere", &stage.cx());
    assert!(stage.screen(&board)[0].contains("No task fits"));
    assert_eq!(stage.act(&mut board, &[DOWN, Action::Open]), Flow::done());
    board.set_filter("", &stage.cx());
    assert_eq!(board.title(&stage.cx()), "3");
}

#[test]
fn typing_on_finds_what_a_new_search_finds() {
    let rows: String = (0..60).map(|n| format!("ST-A-{n:03},Row {n} of É{n},Ready\n")).collect();
    let stage = Stage::new(&[("docs/taskboard/TaskBoard.csv", &format!("ID,Title,Column\n{rows}"))], 70, 6);
    let mut typed = board(&stage);
    for text in ["r", "ro", "row", "row ", "row 1", "row 12", "row 12 O", "row 1", "É", "É5", "É55", ""] {
        typed.set_filter(text, &stage.cx());
        let mut fresh = board(&stage);
        fresh.set_filter(text, &stage.cx());
        assert_eq!(typed.shown.tasks, fresh.shown.tasks, "{text:?}");
    }
}

#[test]
fn sorts_and_filters_by_plan() {
    let stage = stage(70, 6);
    let mut board = board(&stage);
    stage.act(&mut board, &[Action::Sort, Action::Sort, Action::Sort]);
    assert_eq!(board.shown.tasks, [2, 0, 1]);
    assert_eq!(board.clip(Clip::Id, &stage.cx()).as_deref(), Some("ST-A-001"), "the selection stays");
    stage.act(&mut board, &[Action::Sort, Action::Plan, Action::Plan]);
    assert_eq!((board.shown.tasks.as_slice(), board.plan.as_deref()), (&[2][..], Some("B")));
    stage.act(&mut board, &[Action::Plan]);
    assert_eq!((board.shown.tasks.len(), board.plan.as_deref()), (3, None));
    // The filter's own order goes before that of the key.
    stage.act(&mut board, &[Action::Sort]);
    assert_eq!(board.title(&stage.cx()), "3 · by id");
    board.set_filter("sort:-id", &stage.cx());
    assert_eq!((board.shown.tasks.as_slice(), board.title(&stage.cx()).as_str()), (&[2, 1, 0][..], "3"));
    assert_eq!(board.clip(Clip::Id, &stage.cx()).as_deref(), Some("ST-B-001"), "the selection stays");
    board.set_filter("date:soon state:done", &stage.cx());
    assert_eq!(
        (board.shown.tasks.as_slice(), board.problem()),
        (&[2][..], Some("date:soon is no date such as 2025-12-24"))
    );
}

#[test]
fn the_kanban_has_a_column_a_state() {
    let stage = stage(150, 12);
    let mut board = board(&stage);
    stage.act(&mut board, &[Action::SwitchView]);
    let screen = stage.screen(&board);
    assert!(screen[0].contains("Done 1"), "{screen:#?}");
    assert!(screen.iter().any(|row| row.contains("Ship it")), "{screen:#?}");
    assert_eq!(board.clip(Clip::Id, &stage.cx()).as_deref(), Some("ST-A-001"));
    stage.act(&mut board, &[Action::Move(Move::Right)]);
    assert_eq!(board.clip(Clip::Id, &stage.cx()).as_deref(), Some("ST-B-001"));
    let narrow = self::stage(30, 12);
    narrow.enter(&mut board);
    let screen = narrow.screen(&board);
    assert!(screen[0].contains("Done 1") && screen[0].starts_with('<'), "{screen:#?}");
    assert!(screen[1].starts_with("ST-B-001"), "{screen:#?}");
}

#[test]
fn the_detail_shows_every_row_and_what_is_cited() {
    let stage = stage(120, 40);
    let mut board = board(&stage);
    let flow = stage.act(&mut board, &[Action::Open]);
    let Flow::Done(effects) = flow else { panic!("{flow:?}") };
    let paths = vec!["docs/plans/PlanA_X.md".to_owned(), "Logs/a/b.json".to_owned()];
    assert_eq!(effects, [Effect::Order(Order::Look(paths.clone()))]);
    let found = BTreeMap::from([(paths[0].clone(), true), (paths[1].clone(), false)]);
    board.hear(&Report::Looked(found), &stage.cx());
    let screen = stage.screen(&board).join("\n");
    for want in [
        "docs/taskboard/TaskBoard.csv:2",
        "docs/Demo_TaskBoard.md:6",
        "state differs",
        "  - second line",
        "✓ docs/plans/PlanA_X.md",
        "✗ Logs/a/b.json",
    ] {
        assert!(screen.contains(want), "{want:?} in\n{screen}");
    }
    stage.act(&mut board, &[Action::Move(Move::Last)]);
    assert_eq!(stage.act(&mut board, &[Action::Open]), Flow::Say("Logs/a/b.json is not in the workspace".to_owned()));
    let plan = Goto::Document { doc: id("docs/plans/PlanA_X.md"), line: 1 };
    assert_eq!(stage.act(&mut board, &[Action::Move(Move::Up), Action::Open]), Flow::Go(plan));
    stage.act(&mut board, &[Action::TabNext]);
    assert_eq!(board.clip(Clip::Id, &stage.cx()).as_deref(), Some("ST-A-002"));
    assert_eq!(stage.act(&mut board, &[Action::Back]), Flow::done());
    assert_eq!(stage.act(&mut board, &[Action::Back]), Flow::Passed);
}

#[test]
fn a_moved_cursor_repaints_two_rows() {
    let stage = stage(80, 20);
    let mut board = board(&stage);
    let cells = stage.repainted(&mut board, &[DOWN]);
    assert!(cells <= 160, "{cells}");
}

#[test]
fn hostile_text_and_every_size_are_survived() {
    let hostile = "ID,Title,Column\n\u{1b}[31mX,\u{202e}evil\u{200b} 日本語 `Logs/\u{7}x.json`,Do\u{1b}ne\nST-A-009,\"a\nb\",\n,,\n";
    let mut stage = Stage::new(&[("docs/taskboard/TaskBoard.csv", hostile)], 40, 10);
    let mut board = Board::tasks();
    for (width, height) in [(1, 1), (2, 2), (5, 3), (24, 4), (40, 12), (80, 20), (120, 40), (200, 60)] {
        stage.area = Rect::new(0, 0, width, height);
        stage.enter(&mut board);
        for action in [Action::Open, Action::Move(Move::Left), Action::SwitchView, Action::Move(Move::Right), DOWN] {
            stage.act(&mut board, &[action]);
            let text = stage.screen(&board).concat();
            assert!(!text.chars().any(text::is_bad), "{text:?}");
            board.click(width / 2, height / 2, true, &stage.cx());
            board.wheel(3, &stage.cx());
            stage.buffer(&board);
        }
        stage.act(&mut board, &[Action::Back]);
    }
}

#[test]
fn an_action_without_a_task_says_so() {
    let stage = Stage::new(&[], 60, 8);
    let mut board = board(&stage);
    for action in [Action::EditField, Action::DeleteTask, Action::StartSession, Action::BlockTask, Action::Mend] {
        assert_eq!(stage.act(&mut board, &[action]), Flow::Say("no task is selected".to_owned()), "{action:?}");
    }
    assert_eq!(stage.act(&mut board, &[Action::NextTask]), Flow::Say("there is no task here".to_owned()));
    // Where there are no plans, none is asked for.
    assert!(matches!(stage.act(&mut board, &[Action::AddTask]), Flow::Form(_)));
}
