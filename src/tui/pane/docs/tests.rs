//! Tests of the Docs pane: rendering, links, the list, search.

use super::*;
use crate::tui::action::Move;
use crate::tui::pane::stage::{Stage, document, id, view};

const PLAN: &str = "# Plan A\n\nSee [the runbook](../CODEX_RUNBOOK.md#second-part) and `docs/missing.md:3`.\n\n\
    ## Timeline\n| Date | Summary |\n|--|--|\n<!-- mark -->\n| 2026-01-02 | Ran it <br> twice |\n\n[up](#plan-a)\n";
const RUNBOOK: &str = "# Runbook\n\ntext\n\n## Second part\n\nmore\n";

fn stage(width: u16, height: u16) -> Stage {
    Stage::new(&[("docs/plans/PlanA_X.md", PLAN), ("docs/CODEX_RUNBOOK.md", RUNBOOK)], width, height)
}

fn open(stage: &Stage, path: &str) -> Docs {
    let mut docs = Docs::default();
    stage.enter(&mut docs);
    let effects = docs.show(&Goto::Document { doc: id(path), line: 1 }, &stage.cx());
    assert_eq!(effects, []);
    docs
}

#[test]
fn a_plan_is_rendered_with_the_rows_behind_comments() {
    let stage = stage(50, 20);
    let docs = open(&stage, "docs/plans/PlanA_X.md");
    let screen = stage.screen(&docs);
    assert_eq!(screen[0], "▸ Plan A", "{screen:#?}");
    assert!(screen.iter().any(|row| row.contains("2026-01-02 │ Ran it")), "{screen:#?}");
    assert!(screen.iter().any(|row| row.contains("│ twice")), "{screen:#?}");
    assert!(!screen.concat().contains("mark"), "{screen:#?}");
}

#[test]
fn links_are_followed_and_back_again() {
    let stage = stage(60, 20);
    let mut docs = open(&stage, "docs/plans/PlanA_X.md");
    stage.act(&mut docs, &[Action::LinkNext]);
    assert_eq!(docs.clip(Clip::Id, &stage.cx()).as_deref(), Some("../CODEX_RUNBOOK.md#second-part"));
    assert_eq!(stage.act(&mut docs, &[Action::Open]), Flow::done());
    assert_eq!(docs.place(&stage.cx()), Some((id("docs/CODEX_RUNBOOK.md"), 5)));
    assert_eq!(stage.act(&mut docs, &[Action::Back]), Flow::done());
    assert_eq!(docs.place(&stage.cx()), Some((id("docs/plans/PlanA_X.md"), 3)));
    stage.act(&mut docs, &[Action::TabNext]);
    assert_eq!(docs.title(&stage.cx()), "docs/CODEX_RUNBOOK.md");
    stage.act(&mut docs, &[Action::TabPrevious, Action::Move(Move::Last), Action::Open]);
    assert_eq!(docs.place(&stage.cx()), Some((id("docs/plans/PlanA_X.md"), 1)), "an anchor in the same document");
}

#[test]
fn a_missing_document_is_asked_for_everywhere_then_told() {
    let stage = stage(60, 20);
    let mut docs = open(&stage, "docs/plans/PlanA_X.md");
    stage.act(&mut docs, &[Action::LinkNext]);
    let Flow::Done(effects) = stage.act(&mut docs, &[Action::LinkNext, Action::Open]) else { panic!() };
    assert_eq!(effects, [Effect::Order(Order::Open(id("docs/plans/docs/missing.md")))]);
    let missing = |path: &str| Report::Opened { doc: id(path), result: Err("there is no such document".to_owned()) };
    let effects = docs.hear(&missing("docs/plans/docs/missing.md"), &stage.cx());
    assert_eq!(effects, [Effect::Order(Order::Open(id("docs/missing.md")))]);
    assert_eq!(docs.hear(&missing("docs/missing.md"), &stage.cx()), []);
    assert!(stage.screen(&docs)[19].contains("there is no such document"));
    assert_eq!(docs.title(&stage.cx()), "docs/plans/PlanA_X.md");
    stage.act(&mut docs, &[Action::Open]);
    docs.hear(&missing("docs/plans/docs/missing.md"), &stage.cx());
    let found = Report::Opened { doc: id("docs/missing.md"), result: Ok(document("docs/missing.md", "a\n\nb\n")) };
    docs.hear(&found, &stage.cx());
    assert_eq!(docs.place(&stage.cx()), Some((id("docs/missing.md"), 3)));
}

#[test]
fn finds_and_keeps_the_line_when_the_document_changes() {
    let mut stage = stage(60, 6);
    let mut docs = open(&stage, "docs/CODEX_RUNBOOK.md");
    docs.set_filter("MORE", &stage.cx());
    assert_eq!(docs.title(&stage.cx()), "docs/CODEX_RUNBOOK.md · 0 lines match");
    docs.set_filter("more", &stage.cx());
    assert_eq!(docs.place(&stage.cx()).map(|(_, line)| line), Some(7));
    stage.view = view(&[("docs/CODEX_RUNBOOK.md", &RUNBOOK.replace("text", "text\n\nand some"))], 2);
    docs.refresh(&stage.cx());
    assert_eq!(docs.place(&stage.cx()).map(|(_, line)| line), Some(7), "the line stays where the eye was");
    assert!(stage.screen(&docs).concat().contains("Second part"));
}

#[test]
fn the_list_has_headings_and_documents() {
    let stage = stage(60, 20);
    let mut docs = open(&stage, "docs/plans/PlanA_X.md");
    assert_eq!(stage.act(&mut docs, &[Action::Library]), Flow::Done(vec![Effect::Order(Order::Library)]));
    let screen = stage.screen(&docs).join("\n");
    for want in ["Headings", "Timeline", "docs/CODEX_RUNBOOK.md", "runbook"] {
        assert!(screen.contains(want), "{want} in {screen}");
    }
    docs.set_filter("folder:plans plan", &stage.cx());
    assert_eq!(stage.screen(&docs).iter().filter(|row| !row.is_empty()).count(), 1);
    docs.set_filter("-folder:* time", &stage.cx());
    assert!(stage.screen(&docs)[0].contains("Timeline"));
    docs.set_filter("runb", &stage.cx());
    stage.act(&mut docs, &[Action::Open]);
    assert_eq!(docs.title(&stage.cx()).split(' ').next(), Some("docs/CODEX_RUNBOOK.md"));
}

#[test]
fn plain_text_has_line_numbers() {
    let stage = Stage::new(&[("docs/taskboard/TaskBoard.csv", "ID,Title\nA,a\u{1b}[2Jb\n")], 40, 5);
    let mut docs = open(&stage, "docs/taskboard/TaskBoard.csv");
    assert_eq!(stage.screen(&docs)[1], "  2 A,a␛[2Jb");
    stage.act(&mut docs, &[Action::Wrap, Action::Move(Move::Down)]);
    assert_eq!(docs.place(&stage.cx()), Some((id("docs/taskboard/TaskBoard.csv"), 2)));
    let log = Flow::Go(Goto::Log(id("docs/taskboard/TaskBoard.csv")));
    assert_eq!(stage.act(&mut docs, &[Action::Follow]), log);
}

#[test]
fn a_moved_cursor_repaints_the_margin_only() {
    let stage = stage(60, 20);
    let mut docs = open(&stage, "docs/plans/PlanA_X.md");
    assert!(stage.repainted(&mut docs, &[Action::Move(Move::Down)]) <= 4);
}

#[test]
fn hostile_text_and_every_size_are_survived() {
    let hostile = format!(
        "# A\u{202e}b\n\n`do\u{1b}cs/x.md` \u{7}\n\n| a\u{200b} | b |\n|--|--|\n| [x](y\u{1b}) | {} |\n",
        "長".repeat(90)
    );
    let mut stage = Stage::new(&[("docs/plans/PlanA_X.md", &hostile)], 40, 10);
    let mut docs = open(&stage, "docs/plans/PlanA_X.md");
    for (width, height) in [(1, 1), (2, 2), (3, 9), (12, 4), (40, 12), (80, 24), (200, 60)] {
        stage.area = Rect::new(0, 0, width, height);
        stage.enter(&mut docs);
        for action in
            [Action::Library, Action::Move(Move::Down), Action::Back, Action::LinkNext, Action::Move(Move::Last)]
        {
            stage.act(&mut docs, &[action]);
            let text = stage.screen(&docs).concat();
            assert!(!text.chars().any(text::is_bad), "{text:?}");
            docs.click(0, height / 2, false, &stage.cx());
            docs.wheel(-2, &stage.cx());
        }
    }
}
