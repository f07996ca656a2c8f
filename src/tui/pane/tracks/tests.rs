//! What the pane shows of the demo, and that every kind of row explains itself at every size.

use chrono::TimeZone;

use super::*;
use crate::tui::pane::stage::Stage;
use crate::tui::theme::{Environment, Glyphs, Palette, Theme};
use crate::workbench::demo::{Layout, temporary_of};
use crate::workbench::track::job::End;
use crate::workbench::track::online::Job;
use crate::workbench::track::read::Reader;
use crate::workbench::{View, Workbench};

struct Demo {
    stage: Stage,
    pane: TracksPane,
}

impl Demo {
    fn new(width: u16, height: u16) -> Demo {
        let root = temporary_of(Layout::Tracks).expect("the demo");
        let bench = Workbench::open(root.path()).expect("a workspace");
        let now = Utc.with_ymd_and_hms(2026, 11, 20, 18, 0, 0).single().expect("a time");
        let pipeline = bench.tracks().read(&mut Reader::default(), now);
        let mut stage = Stage::new(&[], width, height);
        stage.view = Arc::new(View { tracks: Some(Arc::new(pipeline)), ..(*stage.view).clone() });
        let mut demo = Demo { stage, pane: TracksPane::default() };
        demo.with(|pane, cx| {
            pane.fit(cx);
            pane.refresh(cx);
        });
        demo
    }

    /// The pane with a clock at 2026-11-20 18:00 UTC.
    fn with<T>(&mut self, call: impl FnOnce(&mut TracksPane, &Cx<'_>) -> T) -> T {
        let now = Utc.with_ymd_and_hms(2026, 11, 20, 18, 0, 0).single().expect("a time");
        let cx = Cx { now: now.with_timezone(&Local).naive_local(), ..self.stage.cx() };
        call(&mut self.pane, &cx)
    }

    fn act(&mut self, actions: &[Action]) -> Flow {
        self.with(|pane, cx| actions.iter().fold(Flow::Passed, |_, action| pane.act(*action, cx)))
    }

    fn filter(&mut self, text: &str) {
        self.with(|pane, cx| pane.set_filter(text, cx));
    }

    fn screen(&mut self) -> String {
        let area = self.stage.area;
        let buf = self.with(|pane, cx| {
            let mut buf = Buffer::empty(area);
            pane.draw(&mut buf, cx);
            buf
        });
        let row = |y| (0..area.width).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
        (0..area.height).map(row).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn the_first_look_says_health_ages_and_silence() {
    let mut demo = Demo::new(80, 40);
    assert_eq!(demo.with(|pane, cx| pane.title(cx)), "harbor/quay · 1.9 h old · 1 silent");
    let screen = demo.screen();
    for line in [
        "✗ main      degraded 10 open  6 problems  worse than before",
        "  ███████████████▒▒▒▒▒▒▒## 6 active, 3 stale, 1 escalation",
        "! selftest    ok      34.0 h   SILENT created #63 and read it back",
        "~ sync        warning 1.9 h    2 issues repaired, 2 deferred, 1 failed",
        "Integrity: 2 malformed, of 66 looked at",
        "  #18 waits for the next run",
        "  ▆▆▆▆▆▆▆▇▇▇▇█ 6 problems, 1 more than the run before",
        "  budget      36 requests, 3 writes, 4980 left in the hour at 2026-11-20 16:04",
    ] {
        assert!(screen.contains(line), "{line}\n{screen}");
    }
    let mut ascii = Demo::new(80, 40);
    ascii.stage.theme = Theme::new(Palette::Mono, Glyphs::Ascii, &Environment::default());
    ascii.with(|pane, cx| pane.fit(cx));
    let screen = ascii.screen();
    assert!(screen.contains("===============~~~~~~~##"), "{screen}");
    assert!(screen.contains("  +++++++****# 6 problems"), "{screen}");
    assert!(!screen.contains(['█', '▒', '▮', '─', '✗', '▆']), "{screen}");
}

#[test]
fn an_issue_explains_itself_and_leads_to_its_record() {
    let mut demo = Demo::new(130, 30);
    demo.filter("number:18 kind:issue");
    let screen = demo.screen();
    for line in [
        "#18  Keep a port label longer than 32 characters",
        "escalated on the main track: nobody has done anything",
        "CODEX_MAIN_ESCALATION_DAYS, 21",
        "its repair waits for the next run",
        "2026-11-18T20:03:00Z, run 19700100400: added the label",
        "a title with \"dashboard\" in it is on the dashboard track,",
    ] {
        assert!(screen.contains(line), "{line}\n{screen}");
    }
    demo.act(&[Action::Open, Action::Move(Move::Last)]);
    let doc = DocId::new("telemetry/sync-19700100400.json").expect("a path");
    assert_eq!(demo.act(&[Action::Open]), Flow::Go(Goto::Document { doc: doc.clone(), line: 1 }));
    assert_eq!(demo.with(|pane, cx| pane.place(cx)), Some((doc, 1)));
    assert_eq!(demo.with(|pane, cx| pane.clip(Clip::Id, cx)).as_deref(), Some("#18"));
    demo.act(&[Action::Back]);
    demo.filter("kind:skipped");
    let damaged = DocId::new("telemetry/activity-20261117T081500Z.json").expect("a path");
    assert_eq!(demo.with(|pane, cx| pane.place(cx)), Some((damaged, 4)));
    demo.filter("status:silent");
    assert!(demo.screen().contains("so it should have said something"), "{}", demo.screen());
}

#[test]
fn another_repository_is_one_key_away() {
    let mut demo = Demo::new(80, 40);
    demo.act(&[Action::TabNext]);
    assert_eq!(demo.with(|pane, cx| pane.title(cx)), "harbor/crane · 1.9 h old · 4 silent");
    assert!(demo.screen().contains("✓ main      ok       10 open  0 problems"), "{}", demo.screen());
    demo.act(&[Action::Back]);
    assert!(demo.with(|pane, cx| pane.title(cx)).starts_with("harbor/quay"));
    demo.filter("kind:repository");
    demo.act(&[Action::Open]);
    assert!(demo.with(|pane, cx| pane.title(cx)).starts_with("harbor/crane"));
}

#[test]
fn every_row_has_an_explanation_at_every_size() {
    for (width, height) in [(1, 1), (12, 4), (40, 12), (60, 20), (120, 30), (200, 60)] {
        let mut demo = Demo::new(width, height);
        let rows = demo.pane.rows.len();
        assert!(rows > 100, "{rows}");
        let mut kinds = std::collections::BTreeSet::new();
        for _ in 0..rows {
            demo.screen();
            if let Some(row) = demo.pane.selected.clone() {
                let repo = demo.pane.shown().expect("a repository").clone();
                let of = Utc.with_ymd_and_hms(2026, 11, 20, 18, 0, 0).single().expect("a time");
                let lines = detail::lines(
                    &repo,
                    (demo.pane.pipeline.as_deref(), None),
                    &row,
                    of,
                    (&demo.stage.theme, &demo.stage.keymap),
                );
                assert!(lines.len() > 1, "{row:?} says nothing");
                assert!(!row.words(&repo, of).is_empty() && !row.name(&repo).is_empty(), "{row:?}");
                kinds.insert(format!("{row:?}").split(['(', ' ']).next().map(str::to_owned));
            }
            demo.act(&[Action::Move(Move::Down)]);
        }
        assert_eq!(kinds.len(), 12, "{kinds:?}");
    }
}

#[test]
fn a_job_stands_above_the_rest_until_the_next_one() {
    for (width, height) in [(40, 12), (80, 40), (130, 30)] {
        let mut demo = Demo::new(width, height);
        let mut job = Progress::new(Job::Run);
        (job.repository, job.phase) = ("harbor/quay".to_owned(), "sync");
        (job.total, job.left, job.changed, job.waits, job.seconds) = (40, 30, 9, Some(65), 125);
        job.last = Some(("harbor/quay".to_owned(), 18, vec!["codex-trackmain".to_owned()]));
        (job.counts.requests, job.counts.remaining) = (57, Some(4943));
        let hear = |demo: &mut Demo, job: &Progress| {
            let report = Report::Job(Arc::new(job.clone()));
            demo.with(|pane, cx| {
                assert!(pane.listens_to(&report));
                pane.hear(&report, cx)
            });
            demo.act(&[Action::Open, Action::Move(Move::First)]);
            let first = demo.screen();
            demo.act(&[Action::Move(Move::Last)]);
            format!("{first}\n{}", demo.screen())
        };
        let screen = hear(&mut demo, &job);
        for line in ["sync: 10 of 40 issues", "waits 1:05", "#18 added the label", "57 requests", "ctrl-x ends it"] {
            assert!(screen.contains(line), "{width}x{height} {line}\n{screen}");
        }
        demo.act(&[Action::Back]);
        let row = if width > 60 {
            "• ███░░░░░░░░░ track run sync 10/40, 2:05"
        } else {
            "• track run sync 10/40, 2:05, waits 1:05"
        };
        assert!(demo.screen().contains(row), "{width}x{height}\n{}", demo.screen());
        // What came of it says what went wrong, and what is left is never green.
        (job.deferred, job.waits) = (2, None);
        job.end = Some(End::Done(vec![(false, "harbor/quay sync: warning".to_owned())]));
        hear(&mut demo, &job);
        demo.act(&[Action::Back]);
        assert!(demo.screen().contains("~ track run: 9 changed, 0 failed"), "{}", demo.screen());
        job.end = Some(End::Done(vec![(true, "#23: 422 no".to_owned())]));
        let screen = hear(&mut demo, &job);
        assert!(screen.contains("#23: 422 no"), "{screen}");
        demo.act(&[Action::Back]);
        assert!(demo.screen().contains("✗ track run: 9 changed"), "{}", demo.screen());
    }
}

#[test]
fn a_screen_without_borders_says_the_age_all_the_same() {
    let mut demo = Demo::new(44, 17);
    demo.act(&[Action::Move(Move::Last)]);
    assert_eq!(demo.screen().lines().next(), Some("harbor/quay · 1.9 h old · 1 silent"));
    assert!(!Demo::new(80, 40).screen().contains("1.9 h old"), "the border says it");
}

#[test]
fn without_telemetry_it_says_where_it_looked() {
    let stage = Stage::new(&[], 60, 5);
    let mut pane = TracksPane::default();
    stage.enter(&mut pane);
    assert_eq!(stage.screen(&pane)[0], "Reading telemetry");
    let view = View { tracks: Some(Arc::default()), ..(*stage.view).clone() };
    let stage = Stage { view: Arc::new(view), ..stage };
    stage.enter(&mut pane);
    let said = stage.screen(&pane).join(" ");
    for part in
        ["No telemetry of the pipeline in telemetry,", "telemetry. W has the pipeline run", "init --layout tracks"]
    {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert_eq!(pane.title(&stage.cx()), "no telemetry");
}
