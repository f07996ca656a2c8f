//! The workbench on its own thread: what others save is in the view without being asked for, whole, and once.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use codex_tui::doc::DocId;
use codex_tui::model::gate::evaluate::Verdict;
use codex_tui::workbench::{Actor, Live, LogChange, LogUpdate, Order, Personal, Report, Stage, View, Workbench, demo};

const BOARD: &str = "docs/taskboard/TaskBoard.csv";

fn start(root: &Path) -> (Live, Receiver<Report>) {
    begin(Workbench::open(root).expect("a workspace"))
}

fn begin(bench: Workbench) -> (Live, Receiver<Report>) {
    let (to, reports) = channel();
    let actor = Actor { name: "tester".to_owned(), via: "test".to_owned() };
    let live = Live::start(bench, actor, move |report| {
        let _ = to.send(report);
    });
    (live, reports)
}

/// The first report that `pick` takes, within a deadline.
fn wait<T>(reports: &Receiver<Report>, what: &str, mut pick: impl FnMut(Report) -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let report = reports.recv_timeout(left).unwrap_or_else(|_| panic!("waited in vain: {what}"));
        if let Some(found) = pick(report) {
            return found;
        }
    }
}

fn view_that(reports: &Receiver<Report>, what: &str, is: impl Fn(&View) -> bool) -> Arc<View> {
    wait(reports, what, |report| {
        let Report::View(view) = report else { return None };
        is(&view).then_some(view)
    })
}

fn title(view: &View, id: &str) -> String {
    view.tasks.find(id).map_or_else(String::new, |at| view.tasks.task(at).title().into_owned())
}

#[test]
fn saves_of_others_appear() {
    let dir = demo::temporary().expect("the demo");
    let (_live, reports) = start(dir.path());
    view_that(&reports, "the full view", |view| view.stage == Stage::Full);
    let path = dir.path().join(BOARD);
    let original = std::fs::read_to_string(&path).expect("the board");
    let mut latencies = Vec::new();
    for round in 0..30 {
        let title_now = format!("Title of round {round}");
        let id = "HB-B-003";
        let line = original.lines().find(|line| line.starts_with(&format!("\"{id}\""))).expect("a row");
        let old = line.split("\",\"").nth(1).expect("a title");
        let text = original.replacen(old, &title_now, 1);
        let begun;
        if round % 2 == 0 {
            let tmp = dir.path().join("docs/taskboard/.save");
            std::fs::write(&tmp, &text).expect("their save");
            begun = Instant::now();
            std::fs::rename(&tmp, &path).expect("their save");
        } else {
            begun = Instant::now();
            std::fs::write(&path, &text).expect("their save");
        }
        view_that(&reports, "the new title", |view| {
            assert!(view.tasks.len() >= 26, "never half a board: {}", view.tasks.len());
            title(view, id) == title_now
        });
        latencies.push(begun.elapsed());
    }
    latencies.sort();
    println!("save -> view: median {:?}, worst {:?}", latencies[latencies.len() / 2], latencies[latencies.len() - 1]);
}

#[test]
fn the_user_file_counts_as_soon_as_it_is_saved() {
    let (dir, own) = (demo::temporary().expect("the demo"), tempfile::tempdir().expect("a folder"));
    let path = own.path().join("config/own.toml");
    let personal = Personal { file: Some(path.clone()), ..Personal::default() };
    let bench = Workbench::open_for(dir.path(), personal).expect("a workspace");
    let (live, reports) = begin(bench);
    view_that(&reports, "the full view", |view| view.stage == Stage::Full);
    // A folder that comes later is seen when all is read again.
    std::fs::create_dir(path.parent().expect("a folder")).expect("made");
    live.order(Order::Reload);
    let says = |what: &str, text: &str| {
        view_that(&reports, what, |view| view.config.views.get("own").is_some_and(|view| view == text));
    };
    std::fs::write(&path, "[views]\nown = \"state:done\"\n").expect("their save");
    says("the new file", "state:done");
    let other = path.with_extension("new");
    std::fs::write(&other, "[views]\nown = \"plan:b\"\n").expect("their save");
    std::fs::rename(&other, &path).expect("their save");
    says("the file that took its place", "plan:b");
    std::fs::write(&path, "[views]\nown = \"plan:c\"\n").expect("their save");
    says("the file written in place", "plan:c");
    std::fs::remove_file(&path).expect("removed");
    view_that(&reports, "no user file", |view| !view.config.views.contains_key("own"));
}

#[test]
fn half_a_save_is_never_shown() {
    use std::io::Write;
    let dir = demo::temporary().expect("the demo");
    let (_live, reports) = start(dir.path());
    let full = view_that(&reports, "the full view", |view| view.stage == Stage::Full);
    let path = dir.path().join(BOARD);
    let text = std::fs::read_to_string(&path).expect("the board");
    let rows = full.tasks.len();
    let mut file = std::fs::OpenOptions::new().write(true).truncate(true).open(&path).expect("their save");
    for chunk in text.as_bytes().chunks(text.len() / 20 + 1) {
        file.write_all(chunk).expect("their save");
        std::thread::sleep(Duration::from_millis(5));
    }
    file.write_all(b"\"HB-E-099\",\"The last row\",\"Ready\",\"\",\"\",\"\",\"\"\n").expect("their save");
    drop(file);
    view_that(&reports, "the last row", |view| {
        assert!(view.tasks.len() >= rows, "half a board was shown: {} tasks", view.tasks.len());
        view.tasks.find("HB-E-099").is_some()
    });
}

#[test]
fn documents_that_come_later_are_recognised() {
    let dir = tempfile::tempdir().expect("a folder");
    let (_live, reports) = start(dir.path());
    view_that(&reports, "the full view", |view| view.stage == Stage::Full);
    std::fs::create_dir_all(dir.path().join("docs/taskboard")).expect("folders");
    std::fs::write(dir.path().join(BOARD), "ID,Title,Column\nHB-A-001,First,Ready\n").expect("a board");
    view_that(&reports, "the new board", |view| view.tasks.find("HB-A-001").is_some());
    std::fs::remove_file(dir.path().join(BOARD)).expect("gone");
    view_that(&reports, "the board gone", |view| view.tasks.is_empty());
}

#[test]
fn a_followed_log_grows_is_truncated_and_replaced() {
    use std::io::Write;
    let dir = demo::temporary().expect("the demo");
    let (live, reports) = start(dir.path());
    let full = view_that(&reports, "the full view", |view| view.stage == Stage::Full);
    let doc = full.sessions.last().expect("a session").doc.clone();
    live.order(Order::Follow(Some(doc.clone())));
    let log = |what: &str, is: &dyn Fn(&LogChange) -> bool| {
        wait(&reports, what, |report| {
            let Report::Log(update) = report else { return None };
            (update.doc == doc && is(&update.change)).then_some(())
        });
    };
    log("the log", &|change| matches!(change, LogChange::Reset { why, .. } if why.is_empty()));
    let path = dir.path().join(doc.as_str());
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).expect("the log");
    writeln!(file, "one more line").expect("a line");
    log(
        "a line",
        &|change| matches!(change, LogChange::Appended { lines, .. } if lines.iter().any(|line| line == "one more line")),
    );
    // What follows from a line is worked out with it, or a while later when the last one came a moment ago.
    for line in ["- 10:00 first", "- 10:01 second", "- 10:02 third"] {
        writeln!(file, "{line}").expect("a line");
        view_that(&reports, line, |view| {
            view.snapshot.get(&doc).is_some_and(|log| log.bytes().ends_with(format!("{line}\n").as_bytes()))
        });
    }
    std::fs::write(&path, "short\n").expect("truncated");
    // Read between the truncation and the writing, it is empty first and grows then.
    log("the truncation", &|change| match change {
        LogChange::Reset { why, lines } => !why.is_empty() && lines.iter().any(|line| line == "short"),
        LogChange::Appended { lines, .. } => lines.iter().any(|line| line == "short"),
        _ => false,
    });
    std::fs::write(dir.path().join("new"), "other\n").expect("a file");
    std::fs::rename(dir.path().join("new"), &path).expect("replaced");
    log(
        "the replacement",
        &|change| matches!(change, LogChange::Reset { lines, .. } if lines.iter().any(|line| line == "other")),
    );
    live.order(Order::Look(vec![doc.as_str().to_owned(), "Logs/absent.json".to_owned(), "../x".to_owned()]));
    wait(&reports, "the look", |report| {
        let Report::Looked(found) = report else { return None };
        assert!(found[doc.as_str()] && !found["Logs/absent.json"] && !found["../x"]);
        Some(())
    });
    live.order(Order::Look(vec!["docs/later.json".to_owned()]));
    let looked = |there: bool| {
        wait(&reports, "the path that comes and goes", |report| {
            let Report::Looked(found) = report else { return None };
            (found.get("docs/later.json") == Some(&there)).then_some(())
        });
    };
    looked(false);
    std::fs::write(dir.path().join("docs/later.json"), "{}").expect("a file");
    looked(true);
    std::fs::remove_file(dir.path().join("docs/later.json")).expect("gone");
    looked(false);
    live.order(Order::Open(DocId::new("docs/absent.md").expect("a path")));
    wait(&reports, "the answer", |report| {
        let Report::Opened { result, .. } = report else { return None };
        assert!(result.is_err());
        Some(())
    });
}

#[test]
fn of_a_huge_log_only_the_beginning_is_held() {
    let dir = demo::temporary().expect("the demo");
    let log = dir.path().join("docs/agents/sessions/2026-12-01_session-0001.md");
    let mut text = "# Agent Session Log\n- **Task board card:** HB-C-003\n".to_owned();
    text.push_str(&"a line of the log\n".repeat(4_000_000));
    std::fs::write(&log, &text).expect("a log");
    let mut bench = Workbench::open(dir.path()).expect("a workspace");
    bench.load_all();
    let session = bench.view().sessions.last().expect("a session");
    assert_eq!(session.tasks, ["HB-C-003"]);
    let held = bench.view().snapshot.get(&session.doc).expect("the log").bytes().len();
    assert!(text.len() > 64 << 20 && held <= 1 << 20, "{held} of {} bytes are held", text.len());
}

#[test]
fn whoever_paged_far_up_finds_the_end_again() {
    use std::io::Write;
    let dir = demo::temporary().expect("the demo");
    let doc = DocId::new("Logs/long.log").expect("a path");
    let path = dir.path().join(doc.as_str());
    // More than is ever held at once.
    let text: String = (0..1_200_000).map(|number| format!("line {number}\n")).collect();
    std::fs::write(&path, text).expect("a log");
    let (live, reports) = start(dir.path());
    live.order(Order::Follow(Some(doc.clone())));
    let log = |what: &str, is: &dyn Fn(&LogUpdate) -> bool| {
        wait(&reports, what, |report| {
            let Report::Log(update) = report else { return None };
            is(&update).then_some(())
        });
    };
    log("the end", &|update| matches!(&update.change, LogChange::Reset { lines, .. } if !lines.is_empty()));
    let mut from_start = false;
    while !from_start {
        live.order(Order::Earlier);
        from_start = wait(&reports, "earlier lines", |report| match report {
            Report::Log(update) if matches!(update.change, LogChange::Earlier { .. }) => Some(update.from_start),
            _ => None,
        });
    }
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).expect("the log");
    writeln!(file, "the newest line").expect("appended");
    live.order(Order::Latest);
    log("the newest line", &|update| {
        let newest = |lines: &[String]| lines.last().is_some_and(|line| line == "the newest line");
        match &update.change {
            LogChange::Reset { lines, .. } | LogChange::Appended { lines, .. } => newest(lines),
            LogChange::Earlier { .. } | LogChange::Unreadable { .. } => false,
        }
    });
}

#[test]
fn the_documents_are_compared_beside_the_rest() {
    let dir = demo::temporary().expect("the demo");
    let (_live, reports) = start(dir.path());
    let full = view_that(&reports, "the full view", |view| view.stage == Stage::Full);
    assert!(full.sync.matrix.is_empty(), "the full view waits for no comparison");
    let has = |view: &View, rule: &str, id: &str| {
        view.sync.findings.iter().any(|finding| finding.rule == rule && finding.id.as_deref() == Some(id))
    };
    let first = view_that(&reports, "the comparison", |view| !view.sync.matrix.is_empty());
    assert!(has(&first, "sync-title", "HB-D-002") && !has(&first, "sync-title", "HB-B-003"));
    let path = dir.path().join(BOARD);
    let text = std::fs::read_to_string(&path).expect("the board");
    std::fs::write(&path, text.replace("Bring warm write latency under", "Bring cold write latency under"))
        .expect("a save");
    view_that(&reports, "the new difference", |view| has(view, "sync-title", "HB-B-003"));
    std::fs::write(&path, text).expect("a save");
    view_that(&reports, "no difference", |view| !has(view, "sync-title", "HB-B-003"));
    // No task's document changes, but a file that one cites is there now.
    assert!(has(&first, "sync-cited-missing", "HB-A-006"));
    std::fs::write(dir.path().join("docs/adr/0002-sealed-credential-file.md"), "# 0002\n").expect("a file");
    view_that(&reports, "the cited file", |view| !has(view, "sync-cited-missing", "HB-A-006"));
    // The gates are judged beside it, once; then nothing more is compared or reported.
    let more = std::iter::from_fn(|| reports.recv_timeout(Duration::from_millis(300)).ok()).count();
    assert!(more <= 2, "{more} reports although nothing changes");
}

#[test]
fn telemetry_that_grows_is_judged_again_by_its_new_bytes_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let day = chrono::Local::now().date_naive();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    let event = |latency: u32| {
        format!("{{\"EventName\":\"StoreWrite\",\"Timestamp\":\"{day}T01:00:00Z\",\"LatencyMs\":{latency}}}\n")
    };
    write(
        "docs/telemetry/Automation_Gates.md",
        "# Gates\n\n## Plan B - Store\n- `StoreWrite.LatencyMs` max <= 40 ms.\n",
    );
    let events = format!("Logs/IngestionMetrics/{day}.json");
    write(&events, &(0..2000).map(|_| event(10)).collect::<String>());
    let (live, reports) = start(dir.path());
    let verdict = |view: &View| view.gates.judged.first().map(|one| (one.verdict, one.samples));
    view_that(&reports, "the verdicts", |view| verdict(view) == Some((Verdict::Pass, 2000)));
    let more = event(99);
    let mut file = std::fs::OpenOptions::new().append(true).open(dir.path().join(&events)).expect("the events");
    std::io::Write::write_all(&mut file, more.as_bytes()).expect("one more");
    let view = view_that(&reports, "the new event", |view| verdict(view) == Some((Verdict::Fail, 2001)));
    // The new bytes, and the ends of what is known, by which the file is recognised.
    let read = view.gates.telemetry.read.bytes;
    assert!(read >= more.len() as u64 && read <= more.len() as u64 + (20 << 10), "{read} bytes were read");
    // A clause that says something else is judged without being asked for.
    write(
        "docs/telemetry/Automation_Gates.md",
        "# Gates\n\n## Plan B - Store\n- `StoreWrite.LatencyMs` max <= 400 ms.\n",
    );
    view_that(&reports, "the new clause", |view| verdict(view) == Some((Verdict::Pass, 2001)));
    live.order(Order::Judge);
    view_that(&reports, "the same again", |view| verdict(view) == Some((Verdict::Pass, 2001)));
}

#[test]
fn telemetry_of_the_pipeline_appears_with_the_file() {
    let dir = tempfile::tempdir().expect("a folder");
    let at = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%SZ");
    let record = |component: &str| format!("{{\"component\":\"{component}\",\"timestamp\":\"{at}\"}}");
    let other = dir.path().join("gh-pages/telemetry/repos/harbor__crane");
    std::fs::create_dir_all(&other).expect("a folder");
    std::fs::write(dir.path().join("gh-pages/telemetry/sync-1.json"), record("sync")).expect("a record");
    std::fs::write(other.join("sync-1.json"), record("sync")).expect("a record");
    let (_live, reports) = start(dir.path());
    let newest = |view: &View, repo: Option<&str>, component: &str| {
        let pipeline = view.tracks.as_ref()?;
        let repo = repo.map_or(Some(&pipeline.home), |name| pipeline.others.get(name))?;
        let part = repo.components.iter().find(|part| part.component.name() == component)?;
        part.head.as_ref().map(|head| head.file.clone())
    };
    view_that(&reports, "the telemetry", |view| newest(view, None, "sync").as_deref() == Some("telemetry/sync-1.json"));
    std::fs::write(dir.path().join("gh-pages/telemetry/sync-2.json"), record("sync")).expect("a record");
    view_that(&reports, "the new record", |view| {
        newest(view, None, "sync").as_deref() == Some("telemetry/sync-2.json")
    });
    std::fs::write(other.join("cleaner-1.json"), record("cleaner")).expect("a record");
    view_that(&reports, "the other repository's record", |view| {
        newest(view, Some("harbor/crane"), "cleaner").is_some()
    });
}
