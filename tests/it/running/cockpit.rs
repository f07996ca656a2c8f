//! Commands of the cockpit's thread: beside its other work, one at a time, ended by hand, by time, or when it closes.

use std::sync::mpsc::{Receiver, channel};

use codex_tui::model::session::record::End;
use codex_tui::workbench::command::{Prepared, Wanted};
use codex_tui::workbench::{Actor, Live, LogChange, Order, Outcome, Report, Stage, View, Workbench};

use super::*;

fn start(root: &Path) -> (Live, Receiver<Report>) {
    let (to, reports) = channel();
    let mut bench = Workbench::open(root).expect("a workspace");
    bench.set_keeper(Path::new(env!("CARGO_BIN_EXE_codex-tui")));
    let actor = Actor { name: "tester".to_owned(), via: "test".to_owned() };
    let live = Live::start(bench, actor, move |report| {
        // Nobody listens any more.
        let _ = to.send(report);
    });
    (live, reports)
}

#[track_caller]
fn wait<T>(reports: &Receiver<Report>, what: &str, mut pick: impl FnMut(Report) -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let report = reports.recv_timeout(left).unwrap_or_else(|_| panic!("waited in vain: {what}"));
        if let Some(found) = pick(report) {
            return found;
        }
    }
}

#[track_caller]
fn view_that(reports: &Receiver<Report>, what: &str, is: impl Fn(&View) -> bool) -> View {
    wait(
        reports,
        what,
        |report| if let Report::View(view) = report { is(&view).then(|| (*view).clone()) } else { None },
    )
}

#[track_caller]
fn outcome(reports: &Receiver<Report>, wanted: u64) -> Outcome {
    wait(reports, "an answer", |report| match report {
        Report::Done { ticket, outcome } if ticket == wanted => Some(outcome),
        _ => None,
    })
}

fn prepared(view: &View, line: &str, limit: Option<Duration>) -> Box<Prepared> {
    let now = chrono::Local::now().naive_local();
    Box::new(view.prepare(Wanted::Typed(line.to_owned()), limit, now).expect("it can run"))
}

#[test]
fn one_command_at_a_time_beside_the_rest() {
    let (dir, marker) = (workspace("L2"), marker());
    let (live, reports) = start(dir.path());
    let view = view_that(&reports, "the full view", |view| view.stage == Stage::Full);
    let line = format!("for i in 1 2 3; do echo line $i; done; sleep {marker}");
    live.order(Order::Run { ticket: 1, prepared: prepared(&view, &line, None) });
    let running =
        view_that(&reports, "a command that runs", |view| view.run.as_ref().is_some_and(|run| run.end.is_none()));
    let run = running.run.expect("a command");
    assert_eq!((&run.line, run.is_cancelled), (&line, false));
    // Its output can be followed.
    live.order(Order::Follow(Some(run.output.clone())));
    let mut lines = Vec::new();
    wait(&reports, "its lines", |report| {
        if let Report::Log(update) = report {
            match update.change {
                LogChange::Reset { lines: all, .. } => lines = all,
                LogChange::Appended { extends_last, lines: more } => {
                    lines.truncate(lines.len() - usize::from(extends_last));
                    lines.extend(more);
                }
                LogChange::Earlier { .. } | LogChange::Unreadable { .. } => {}
            }
        }
        lines.iter().any(|line| line == "line 3").then_some(())
    });
    // The cockpit answers meanwhile, and takes no second one.
    live.order(Order::Run { ticket: 2, prepared: prepared(&view, "touch canary", None) });
    let second = outcome(&reports, 2);
    assert!(matches!(&second, Outcome::Refused { message } if message.contains("is still running")), "{second:?}");
    live.order(Order::CancelRun);
    let done = outcome(&reports, 1);
    let Outcome::Done { message, .. } = &done else { panic!("{done:?}") };
    assert!(message.starts_with("ran for i in") && message.contains(": cancelled after "), "{message}");
    assert_eq!(alive(&marker), 0);
    let [record] = &records(dir.path())[..] else { panic!("one record") };
    assert_eq!((&record.end, &record.decisive[..]), (&End::Cancelled, &["line 3".to_owned()][..]));
    assert!(!dir.path().join("canary").exists());
    // And then another.
    live.order(Order::Run { ticket: 3, prepared: prepared(&view, "echo done", None) });
    assert!(matches!(outcome(&reports, 3), Outcome::Done { .. }));
    assert_eq!(records(dir.path()).len(), 2);
}

#[test]
fn time_is_up() {
    let (dir, marker) = (workspace("L2"), marker());
    let (live, reports) = start(dir.path());
    let view = view_that(&reports, "the full view", |view| view.stage == Stage::Full);
    let line = format!("./endless {marker}");
    live.order(Order::Run { ticket: 1, prepared: prepared(&view, &line, Some(Duration::from_millis(300))) });
    let view = view_that(&reports, "its end", |view| view.run.as_ref().is_some_and(|run| run.end.is_some()));
    let end = view.run.and_then(|run| run.end.clone());
    assert!(matches!(&end, Some((End::TimeLimit, _))), "{end:?}");
    assert!(matches!(outcome(&reports, 1), Outcome::Done { .. }));
    assert_eq!((alive(&marker), records(dir.path())[0].end.clone()), (0, End::TimeLimit));
}

#[test]
fn closing_ends_and_records() {
    let (dir, marker) = (workspace("L2"), marker());
    let (live, reports) = start(dir.path());
    let view = view_that(&reports, "the full view", |view| view.stage == Stage::Full);
    live.order(Order::Run {
        ticket: 1,
        prepared: prepared(&view, &format!("(setsid sleep {marker} &); sleep {marker}"), None),
    });
    wait_until("it runs", || alive(&format!("sleep {marker}")) >= 2);
    drop(live);
    assert_eq!((alive(&marker), records(dir.path())[0].end.clone()), (0, End::Cancelled));
}

#[test]
fn documents_that_changed_are_shown_again() {
    let dir = workspace("L2");
    let (live, reports) = start(dir.path());
    let view = view_that(&reports, "the full view", |view| view.stage == Stage::Full);
    let shown = prepared(&view, "touch canary", None);
    let log = dir.path().join(LOG);
    let text = std::fs::read_to_string(&log).expect("the log");
    std::fs::write(&log, text.replace("L2", "L0")).expect("their save");
    live.order(Order::Run { ticket: 1, prepared: shown });
    let refused = outcome(&reports, 1);
    assert!(matches!(&refused, Outcome::Refused { message } if message.contains("L0")), "{refused:?}");
    assert!(!dir.path().join("canary").exists() && outputs(dir.path()).is_empty());
}
