//! Tests of the Timeline pane: lanes, list, selection.

use super::*;
use crate::tui::pane::stage::{Stage, id, view};

const PLAN_A: &str = "# Plan A - One\n\n## Timeline\n| Date (MT) | Summary | Source |\n|--|--|--|\n<!-- x -->\n\
    | 2026-01-02 10:00 | Ran the pipeline | a |\n| 2026-01-02 | Wrote it down | b |\n| soon | Later work | c |\n\
    | 2025-12-20 | Began | d |\n";
const PLAN_B: &str =
    "# Plan B - Two\n\n## Timeline\n| Date (MT) | Summary | Source |\n|--|--|--|\n| 2026-01-05 | Other work | e |\n";
const DOC_A: &str = "docs/plans/PlanA_One.md";

fn stage(width: u16, height: u16) -> Stage {
    Stage::new(&[(DOC_A, PLAN_A), ("docs/plans/PlanB_Two.md", PLAN_B)], width, height)
}

fn timeline(stage: &Stage) -> Timeline {
    let mut timeline = Timeline::default();
    stage.enter(&mut timeline);
    timeline
}

const LEFT: Action = Action::Move(Move::Left);
const DOWN: Action = Action::Move(Move::Down);

#[test]
fn lanes_by_plan_with_density_and_the_events_below() {
    let stage = stage(70, 16);
    let mut timeline = timeline(&stage);
    assert_eq!(timeline.title(&stage.cx()), "4 events · 1 undated");
    let screen = stage.screen(&timeline);
    assert!(screen[1].starts_with("2026-01-05"), "{screen:#?}");
    assert!(screen[2].starts_with("All      4 ·            ▪  ·"), "{screen:#?}");
    assert!(screen[3].starts_with("A        3 ·            ▪"), "{screen:#?}");
    assert!(screen[5].contains("1 undated"), "{screen:#?}");
    assert!(screen[6].contains("Other work"), "{screen:#?}");
    stage.act(&mut timeline, &[Action::MatchPrevious, Action::Open, DOWN]);
    assert_eq!(timeline.place(&stage.cx()), Some((id(DOC_A), 8)));
    let source = Flow::Go(Goto::Document { doc: id(DOC_A), line: 8 });
    assert_eq!(stage.act(&mut timeline, &[Action::Open]), source);
    assert_eq!(stage.act(&mut timeline, &[Action::Back]), Flow::done());
    stage.act(&mut timeline, &[LEFT, DOWN]);
    assert_eq!(timeline.axis.at(), (1, chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()));
    assert_eq!(timeline.place(&stage.cx()), None);
    let said = stage.screen(&timeline).join(" ");
    assert!(said.contains("Nothing on this day; N goes to the day before that has something"), "{said}");
}

#[test]
fn the_list_is_newest_first_and_has_the_undated_rows() {
    let stage = stage(80, 10);
    let mut timeline = timeline(&stage);
    stage.act(&mut timeline, &[Action::SwitchView]);
    let screen = stage.screen(&timeline);
    assert!(screen[0].starts_with("2026-01-05       B   • timeline Other work"), "{screen:#?}");
    assert!(screen[1].starts_with("2026-01-02 10:00 A"), "{screen:#?}");
    assert!(screen[4].starts_with("no date") && screen[4].contains("PlanA_One.md:9"), "{screen:#?}");
    timeline.set_filter("pipeline", &stage.cx());
    assert_eq!(timeline.title(&stage.cx()), "1 of 4 events · 1 undated");
    assert_eq!(timeline.place(&stage.cx()), Some((id(DOC_A), 7)));
    for (filter, want) in [
        ("plan:b", 1),
        ("date:2026-01-02", 2),
        ("date:2026 -plan:b \"the pipe\"", 1),
        ("kind:session", 0),
        ("file:plana kind:time", 3),
        ("2026-01-02 10", 1),
    ] {
        timeline.set_filter(filter, &stage.cx());
        assert_eq!(timeline.shown.len(), want, "{filter}");
    }
    timeline.set_filter("date:none", &stage.cx());
    assert!(stage.screen(&timeline)[0].starts_with("no date"));
    timeline.set_filter("date:never", &stage.cx());
    assert!(timeline.problem().is_some() && timeline.shown.len() == 4);
    timeline.set_filter("", &stage.cx());
    stage.act(&mut timeline, &[Action::Plan, Action::Plan]);
    assert_eq!(stage.screen(&timeline)[1], "");
    stage.act(&mut timeline, &[Action::Plan]);
    assert_eq!(timeline.title(&stage.cx()), "4 events · 1 undated");
}

#[test]
fn the_selection_stays_on_its_event() {
    let mut stage = stage(80, 10);
    let mut timeline = timeline(&stage);
    stage.act(&mut timeline, &[Action::SwitchView, DOWN, DOWN]);
    let before = timeline.clip(Clip::Row, &stage.cx());
    let more = PLAN_A.replace("| 2026-01-02 10:00", "| 2026-01-03 | New | x |\n| 2026-01-02 10:00");
    stage.view = view(&[(DOC_A, &more), ("docs/plans/PlanB_Two.md", PLAN_B)], 2);
    timeline.refresh(&stage.cx());
    assert_eq!(timeline.clip(Clip::Row, &stage.cx()), before);
    assert_eq!(timeline.list.at(), 3);
}

#[test]
fn every_size_and_hostile_text_are_survived() {
    let hostile = PLAN_A.replace("Began", "\u{1b}[2J\u{202e}日本語");
    let mut stage = Stage::new(&[(DOC_A, &hostile)], 40, 10);
    let mut timeline = Timeline::default();
    for (width, height) in [(1, 1), (2, 2), (11, 3), (12, 5), (40, 12), (80, 24), (200, 60)] {
        stage.area = Rect::new(0, 0, width, height);
        stage.enter(&mut timeline);
        for action in [LEFT, Action::Move(Move::First), DOWN, Action::Open, DOWN, Action::SwitchView, Action::MatchNext]
        {
            stage.act(&mut timeline, &[action]);
            let text = stage.screen(&timeline).concat();
            assert!(!text.chars().any(text::is_bad), "{text:?}");
            timeline.click(width - 1, height - 1, false, &stage.cx());
            timeline.wheel(1, &stage.cx());
        }
    }
    let empty = Stage::new(&[], 40, 10);
    let mut timeline = Timeline::default();
    empty.enter(&mut timeline);
    empty.act(&mut timeline, &[LEFT, DOWN, Action::Open, Action::SwitchView, DOWN, Action::Plan]);
    assert!(empty.screen(&timeline)[0].starts_with("Nothing with a date"));
}

#[test]
fn without_plans_there_is_one_lane() {
    let log = ("docs/agents/sessions/2026-01-02_session-0001.md", "# Log\n");
    let stage = Stage::new(&[log], 50, 12);
    let timeline = timeline(&stage);
    assert_eq!(timeline.axis.names, [("All".to_owned(), 1)]);
    // The kind of an event is its sign where there is no room for its word.
    let screen = stage.screen(&timeline);
    assert!(screen.iter().any(|line| line.starts_with("2026-01-02 -   ▸ ")), "{screen:#?}");
}
