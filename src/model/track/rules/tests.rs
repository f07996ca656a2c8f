//! The rules as tables.

use super::*;
use crate::model::track::label::Labels;

fn known() -> BTreeMap<u64, String> {
    let titles =
        [(1, "Sprint 9"), (2, "Dashboard 2"), (3, "Release"), (6, "Codex Internal"), (7, "sprint 9 "), (9, "2")];
    titles.into_iter().map(|(number, title)| (number, title.to_owned())).collect()
}

fn rules() -> Rules {
    let wanted = [Some("Sprint 9".to_owned()), Some("2".to_owned()), None];
    let (milestones, notes) = Milestones::resolve(&known(), true, &wanted, true);
    assert_eq!(notes, []);
    Rules { milestones, keep_track: false, has_project: true }
}

fn issue(title: &str, labels: &[Label], milestone: Milestone) -> Issue {
    Issue {
        number: 5,
        node: "I_5".into(),
        title: title.into(),
        names_dashboard: title.to_ascii_lowercase().contains("dashboard"),
        open: true,
        labels: labels.iter().copied().collect::<Labels>(),
        labels_known: true,
        milestone,
        ..Issue::default()
    }
}

#[test]
fn milestones_are_found_by_number_then_title() {
    let check = |text: &str, numbers: bool, want: Option<u64>| {
        let wanted = [Some(text.to_owned()), None, None];
        let (milestones, notes) = Milestones::resolve(&known(), true, &wanted, numbers);
        assert_eq!(milestones.main.map(|named| named.number), want, "{text}");
        assert_eq!(notes.iter().any(|note| note.code == "milestone_unresolved"), want.is_none(), "{text}");
        assert_eq!(milestones.selftest.map(|named| named.number), Some(6), "{text}");
    };
    check("3", true, Some(3));
    check("2", true, Some(2));
    check("2", false, Some(9));
    check("44", true, None);
    check("Release", true, Some(3));
    check(" RELEASE", true, Some(3));
    check("Sprint 9", true, Some(1));
    check("Sprint 9 ", true, Some(1));
    check("Sprint", true, None);
}

#[test]
fn an_issue_lacks_what_its_title_asks_for() {
    use Label::{Blocked, Codex, Dashboard, Exempt, Main, Selftest};
    let number = Milestone::Number;
    let check = |title: &str, labels: &[Label], milestone: Milestone, member: bool, want: &str| {
        let changes = rules().changes(&issue(title, labels, milestone), Some(member));
        let said = changes.words().join(" ");
        assert_eq!(said, want, "{title} {labels:?} {milestone:?}");
    };
    check("A", &[], Milestone::None, false, "add_codex_label codex-trackmain milestone project");
    check("The DashBoard", &[], Milestone::None, true, "add_codex_label codex-trackdashboard milestone");
    check("A", &[Codex, Main, Blocked], number(1), true, "");
    // A milestone of neither track stays; the other track's, a deleted one and a malformed one do not.
    check("A", &[Codex, Main], number(3), true, "");
    check("A", &[Codex, Main], number(2), true, "milestone");
    check("A", &[Codex, Main], number(44), true, "milestone");
    check("A", &[Codex, Main], Milestone::Malformed, true, "milestone");
    check("A", &[Codex, Dashboard], number(1), true, "codex-trackmain remove:codex-trackdashboard");
    check("dashboards", &[Codex, Main, Dashboard], number(2), true, "remove:codex-trackmain");
    // Left alone.
    check("A", &[Selftest], Milestone::None, false, "");
    check("A", &[], number(6), false, "");
    check("A", &[Exempt], Milestone::None, false, "");
    // A title that only looks like a self-test is a human's.
    let title = "Codex Self-Test: 2026-11-01 10:00 UTC";
    check(title, &[Codex, Main], number(1), false, "project");
}

#[test]
fn what_is_not_an_open_issue_is_left_alone() {
    let whole = issue("A", &[], Milestone::None);
    for other in [Issue { open: false, ..whole.clone() }, Issue { pull: true, ..whole.clone() }] {
        assert_eq!(rules().changes(&other, Some(false)), Changes::default());
    }
    let keep = Rules { keep_track: true, ..rules() };
    let placed = issue("A", &[Label::Codex, Label::Dashboard], Milestone::Number(2));
    assert_eq!(keep.changes(&placed, Some(true)), Changes::default());
    let unlisted = Rules { milestones: Milestones { known: None, ..rules().milestones }, ..rules() };
    let lost = issue("A", &[Label::Codex, Label::Main], Milestone::Number(44));
    assert_eq!(unlisted.changes(&lost, Some(true)), Changes::default());
}
