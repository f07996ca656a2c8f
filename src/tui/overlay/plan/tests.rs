//! The plan at every size: what is said of an issue, what is marked, and what Enter would have carried out.

use super::*;
use crate::model::track::plan::{Expect, Planned, RepoPlan};
use crate::tui::overlay::Overlay;
use crate::tui::overlay::sketch::{press, screen};

fn issue(number: u64, title: &str) -> Planned {
    let why = [
        "every managed issue has the label codex",
        "its title does not name the dashboard, so codex-trackdashboard is wrong",
    ];
    Planned {
        number,
        title: title.to_owned(),
        add: vec!["codex".to_owned()],
        remove: Some("codex-trackdashboard".to_owned()),
        milestone: Some(1),
        project: true,
        why: why
            .into_iter()
            .chain(["its milestone is the dashboard track's", "every managed issue is in the project"])
            .map(str::to_owned)
            .collect(),
        expect: Expect { milestone: Some(2), ..Expect::default() },
        ..Planned::default()
    }
}

fn review(count: u64) -> Overlay {
    let repo = RepoPlan {
        repository: "acme/widgets".to_owned(),
        selftest: true,
        close: vec![101],
        milestones: [(1, "Sprint 9".to_owned()), (2, "Dash\u{1b}[2Jboard".to_owned())].into(),
        issues: (1..=count).map(|number| issue(number, &format!("Crane {number} \u{202e}forgets its load"))).collect(),
        ..RepoPlan::default()
    };
    let plan = Plan { repos: vec![repo], ..Plan::default() };
    Overlay::Plan(Box::new(PlanReview::new(Arc::new(plan), vec!["the token may not push here".to_owned()])))
}

fn chosen(reply: Reply) -> Vec<u64> {
    let Reply::Apply(plan) = reply else { panic!("{reply:?}") };
    let of = |repo: &RepoPlan| repo.issues.iter().map(|one| one.number).chain(repo.close.clone()).collect::<Vec<_>>();
    plan.repos.iter().flat_map(of).collect()
}

#[test]
fn every_change_stands_with_its_rule() {
    let shown = screen(&review(3), 120, 40);
    let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for line in [
        "4 issues, 11 writes: 1 min, 1 % of the hour's requests",
        "left to a whole run (W): 1 new self-test, 0 old files removed",
        "the token may not push here",
        "+ codex every managed issue has the label codex",
        "- codex-trackdashboard its title does not name the dashboard, so codex-trackdashboard is wrong",
        "-> #1 Sprint 9",
        "+ card in the project every managed issue is in the project",
        "- closed it is not among the newest few, and older than the limit",
        "enter: apply all 4 esc closes space marks",
    ] {
        assert!(words.contains(line), "{line}\n{shown}");
    }
    assert!(!shown.contains('\u{202e}') && !shown.contains('\u{1b}'), "{shown}");
    // The way out has room on a narrow screen, too.
    let (dialog, narrow) = (review(3), Rect::new(0, 0, 40, 12));
    assert!(screen(&dialog, narrow.width, narrow.height).contains("esc closes"));
    let Overlay::Plan(plan) = &dialog else { panic!("{dialog:?}") };
    let keys = plan.footer();
    let lines = crate::tui::chrome::footer_lines(&keys, narrow.width);
    assert!(lines.iter().flatten().any(|(key, _)| key == "esc"), "{keys:?}");
}

#[test]
fn all_or_the_marked_ones() {
    let mut dialog = review(3);
    assert_eq!(chosen(press(&mut dialog, "enter")), [1, 2, 3, 101]);
    press(&mut dialog, "j space G space");
    let shown = screen(&dialog, 80, 24);
    assert!(shown.contains("2 issues, 5 writes") && shown.contains("enter: apply 2 marked"), "{shown}");
    assert_eq!(chosen(press(&mut dialog, "enter")), [2, 101]);
    // Marked again is no mark any more.
    press(&mut dialog, "G space g j space");
    assert_eq!(chosen(press(&mut dialog, "enter")), [1, 2, 3, 101]);
    assert!(matches!(press(&mut dialog, "P"), Reply::PlanAnew));
    assert!(matches!(press(&mut dialog, "esc"), Reply::Close));
}

/// Down through everything: each issue comes by, and what is selected stays on the screen.
#[test]
fn it_scrolls_at_every_size() {
    for (width, height) in [(40, 12), (60, 20), (80, 24), (200, 60)] {
        let Overlay::Plan(mut dialog) = review(12) else { panic!("a plan") };
        let area = Rect::new(0, 0, width, height);
        let down = |dialog: &mut PlanReview, lines| {
            dialog.step(lines, area);
            let mut buf = Buffer::empty(area);
            dialog.draw(area, &mut buf, &Theme::default());
            let row = |y| (0..width).map(|x| buf[(x, y)].symbol()).collect::<String>();
            (0..height).map(row).collect::<Vec<_>>().join("\n")
        };
        let mut seen = BTreeSet::new();
        for step in 0..400 {
            let shown = down(&mut dialog, i64::from(step > 0));
            seen.extend((1..=12).filter(|number| shown.contains(&format!("] #{number} "))));
            if dialog.skip == 0 {
                let (_, number) = dialog.name(dialog.items[dialog.at]).expect("an issue");
                assert!(shown.contains(&format!("] #{number} ")), "{width}x{height}\n{shown}");
            }
        }
        assert_eq!((seen.len(), dialog.at), (12, 12), "{width}x{height}: {seen:?}");
        down(&mut dialog, -3);
        down(&mut dialog, i64::from(i16::MIN));
        assert_eq!((dialog.at, dialog.top), (0, 0));
    }
    for (width, height) in (1..9).flat_map(|width| (1..9).map(move |height| (width, height))) {
        screen(&review(3), width, height);
    }
}
