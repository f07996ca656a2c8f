//! Outside changes are noticed, whatever way the file is saved and whatever becomes of its folder.
//!
//! Every test waits for a condition with a deadline. Times and wakeups are printed, never asserted.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use codex_tui::store::watch::{WatchEvent, Watcher};
use codex_tui::workspace::config::WatchMode;

const DEADLINE: Duration = Duration::from_secs(10);

/// A workspace under watch, and what was said about it.
struct Scene {
    dir: tempfile::TempDir,
    watcher: Watcher,
    events: Receiver<(WatchEvent, Instant, PathBuf)>,
}

impl Scene {
    /// Watches folders of a workspace with `docs/a.md`, after the first watches are in place.
    fn new(folders: &[&str], mode: WatchMode) -> Scene {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("docs")).unwrap();
        fs::write(dir.path().join("docs/a.md"), "first").unwrap();
        Scene::on(dir, folders, mode)
    }

    fn on(dir: tempfile::TempDir, folders: &[&str], mode: WatchMode) -> Scene {
        let (sender, events) = mpsc::channel();
        let folders = folders.iter().map(|folder| folder.to_string()).collect();
        let watcher = Watcher::start(dir.path(), folders, mode, move |event| {
            let thread = fs::read_link("/proc/thread-self").unwrap();
            let _ = sender.send((event, Instant::now(), thread));
        });
        let scene = Scene { dir, watcher, events };
        if mode == WatchMode::Auto {
            // Newly watched folders cause a rescan: the watches made before are in place then.
            fs::create_dir_all(scene.path("ready")).unwrap();
            scene.watcher.watch_more(vec!["ready".to_owned()]);
            scene.until("watching", |event| {
                matches!(event, WatchEvent::Rescan { why } if why.contains("more folders") || why.contains("ready"))
            });
            scene.settle();
        }
        scene
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn write(&self, path: &str, content: &str) {
        fs::write(self.path(path), content).unwrap();
    }

    /// Waits for an event.
    fn until(&self, what: &str, wanted: impl Fn(&WatchEvent) -> bool) -> (WatchEvent, Instant, PathBuf) {
        let end = Instant::now() + DEADLINE;
        let mut seen = Vec::new();
        while let Ok(news) = self.events.recv_timeout(end.saturating_duration_since(Instant::now())) {
            if wanted(&news.0) {
                return news;
            }
            seen.push(news.0);
        }
        panic!("no sign of {what}; events: {seen:?}");
    }

    /// Waits until the document is named, or everything is to be read again.
    fn until_changed(&self, doc: &str) -> (WatchEvent, Instant, PathBuf) {
        self.until(doc, |event| names(event, doc))
    }

    /// Behaves like a consumer: looks at the file after each hint until it holds the content.
    fn until_content(&self, doc: &str, content: &str) {
        self.until(doc, |event| {
            let hint = names(event, doc) || matches!(event, WatchEvent::Rescan { .. });
            hint && fs::read_to_string(self.path(doc)).is_ok_and(|found| found == content)
        });
    }

    /// Waits until nothing has been said for a moment.
    fn settle(&self) {
        while self.events.recv_timeout(Duration::from_millis(100)).is_ok() {}
    }
}

fn names(event: &WatchEvent, doc: &str) -> bool {
    matches!(event, WatchEvent::Changed(docs) if docs.iter().any(|id| id.as_str() == doc))
}

fn replace(path: &Path, content: &str) {
    let temporary = path.with_extension("tmp");
    fs::write(&temporary, content).unwrap();
    fs::rename(temporary, path).unwrap();
}

#[test]
fn every_way_to_save_is_noticed_again_and_again() {
    let scene = Scene::new(&["docs"], WatchMode::Auto);
    let doc = scene.path("docs/a.md");
    for round in 0..3 {
        replace(&doc, &format!("renamed {round}"));
        scene.until_content("docs/a.md", &format!("renamed {round}"));
        scene.write("docs/a.md", &format!("in place {round}"));
        scene.until_content("docs/a.md", &format!("in place {round}"));
        OpenOptions::new().append(true).open(&doc).unwrap().write_all(b" more").unwrap();
        scene.until_content("docs/a.md", &format!("in place {round} more"));
        fs::remove_file(&doc).unwrap();
        scene.until_changed("docs/a.md");
        scene.write("docs/a.md", &format!("created {round}"));
        scene.until_content("docs/a.md", &format!("created {round}"));
    }
    scene.write("docs/new.md", "new");
    scene.until_content("docs/new.md", "new");
}

#[test]
fn folders_that_come_later_are_watched() {
    let scene = Scene::new(&["docs", "x/y/z"], WatchMode::Auto);
    fs::create_dir_all(scene.path("x/y/z")).unwrap();
    scene.write("x/y/z/n.md", "at once");
    scene.until_content("x/y/z/n.md", "at once");
    scene.settle();
    scene.write("x/y/z/n.md", "later");
    scene.until_content("x/y/z/n.md", "later");
    // A folder that nobody named: scan again, it may match a pattern.
    fs::create_dir(scene.path("docs/sub")).unwrap();
    scene.until("a rescan", |event| matches!(event, WatchEvent::Rescan { .. }));
    scene.watcher.watch_more(vec!["docs/sub".to_owned()]);
    scene.until("a rescan", |event| matches!(event, WatchEvent::Rescan { .. }));
    scene.write("docs/sub/s.md", "s");
    scene.until_content("docs/sub/s.md", "s");
}

#[test]
fn replaced_folders_are_watched_again() {
    let scene = Scene::new(&["docs", "docs/plans/old"], WatchMode::Auto);
    for round in 0..20 {
        let content = format!("round {round}");
        fs::rename(scene.path("docs"), scene.path(&format!("docs-{round}"))).unwrap();
        fs::create_dir_all(scene.path("docs/plans/old")).unwrap();
        scene.write("docs/plans/old/p.md", &content);
        scene.until_content("docs/plans/old/p.md", &content);
        fs::remove_dir_all(scene.path("docs/plans")).unwrap();
        fs::create_dir_all(scene.path("docs/plans/old")).unwrap();
        scene.write("docs/plans/old/p.md", &format!("{content} again"));
        scene.until_content("docs/plans/old/p.md", &format!("{content} again"));
        scene.settle();
        scene.write("docs/plans/old/p.md", &format!("{content} still"));
        scene.until_content("docs/plans/old/p.md", &format!("{content} still"));
        scene.write("docs/b.md", &content);
        scene.until_content("docs/b.md", &content);
    }
}

#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn links_are_followed_to_their_targets() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("docs")).unwrap();
    fs::create_dir_all(dir.path().join("real/deep")).unwrap();
    fs::write(dir.path().join("real/deep/t.md"), "t").unwrap();
    symlink("../real/deep/t.md", dir.path().join("docs/link.md")).unwrap();
    symlink("real/deep", dir.path().join("alias")).unwrap();
    let scene = Scene::on(dir, &["docs", "alias"], WatchMode::Auto);
    replace(&scene.path("real/deep/t.md"), "two");
    let both: BTreeSet<_> = ["alias/t.md", "docs/link.md"].into();
    scene.until("both names", |event| {
        matches!(event, WatchEvent::Changed(docs) if docs.iter().map(|id| id.as_str()).collect::<BTreeSet<_>>() == both)
    });
    // A link that comes later.
    fs::create_dir(scene.path("far")).unwrap();
    scene.write("far/f.md", "f");
    symlink("../far/f.md", scene.path("docs/late.md")).unwrap();
    scene.until_changed("docs/late.md");
    scene.settle();
    scene.write("far/f.md", "g");
    scene.until_changed("docs/late.md");
}

#[test]
fn our_own_folder_and_reading_cause_nothing() {
    let scene = Scene::new(&["", "docs"], WatchMode::Auto);
    fs::create_dir(scene.path(".codex-tui")).unwrap();
    scene.write(".codex-tui/journal", "x");
    fs::rename(scene.path(".codex-tui"), scene.path(".git")).unwrap();
    fs::read(scene.path("docs/a.md")).unwrap();
    fs::read_dir(scene.path("docs")).unwrap().count();
    scene.write("README.md", "r");
    let (first, ..) = scene.until("anything", |_| true);
    assert!(names(&first, "README.md"), "{first:?}");
}

#[test]
fn the_last_of_many_quick_writes_is_seen() {
    let scene = Scene::new(&["docs"], WatchMode::Auto);
    for n in 0..5000 {
        scene.write("docs/a.md", &format!("write {n}"));
    }
    scene.until_content("docs/a.md", "write 4999");
    for n in 0..5000 {
        replace(&scene.path(&format!("docs/{}.md", n % 50)), &format!("write {n}"));
    }
    scene.until_content("docs/49.md", "write 4999");
}

#[test]
fn overflow_asks_for_a_rescan() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("docs")).unwrap();
    let (sender, events) = mpsc::channel();
    let (gate, closed) = mpsc::channel::<()>();
    // The consumer holds up the thread of the events until the queue of the kernel is full.
    let watcher = Watcher::start(dir.path(), vec!["docs".to_owned()], WatchMode::Auto, move |event| {
        if matches!(event, WatchEvent::Changed(_)) {
            let _ = closed.recv();
        }
        let _ = sender.send(event);
    });
    watcher.watch_more(vec!["".to_owned()]);
    while !matches!(events.recv_timeout(DEADLINE).unwrap(), WatchEvent::Rescan { .. }) {}
    let limit = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let limit: usize = limit.trim().parse().unwrap();
    let paths = [dir.path().join("docs/a.md"), dir.path().join("docs/b.md")];
    let mut files = paths.map(|path| File::create(path).unwrap());
    for n in 0..limit + 2000 {
        files[n % 2].write_all(b"x").unwrap();
    }
    drop(gate);
    let end = Instant::now() + DEADLINE;
    loop {
        let event = events.recv_timeout(end.saturating_duration_since(Instant::now())).expect("a rescan");
        if matches!(&event, WatchEvent::Rescan { why } if why.contains("lost")) {
            break;
        }
    }
    fs::write(dir.path().join("docs/c.md"), "c").unwrap();
    while !names(&events.recv_timeout(DEADLINE).expect("c.md"), "docs/c.md") {}
}

#[test]
fn polling_sees_changes_too() {
    let scene = Scene::new(&["docs", "later"], WatchMode::Poll);
    scene.write("docs/a.md", "FIRST");
    scene.until_content("docs/a.md", "FIRST");
    replace(&scene.path("docs/a.md"), "renamed");
    fs::create_dir(scene.path("later")).unwrap();
    scene.write("later/l.md", "l");
    scene.until("both", |event| names(event, "docs/a.md") && names(event, "later/l.md"));
    fs::remove_file(scene.path("docs/a.md")).unwrap();
    scene.until_changed("docs/a.md");
}

#[test]
fn a_lost_root_is_said_and_polled() {
    let scene = Scene::new(&["docs"], WatchMode::Auto);
    fs::remove_dir_all(scene.dir.path()).unwrap();
    scene.until("a notice", |event| matches!(event, WatchEvent::Degraded { .. }));
    fs::create_dir_all(scene.path("docs")).unwrap();
    scene.write("docs/a.md", "back");
    scene.until_content("docs/a.md", "back");
}

#[test]
fn off_is_silent_and_drop_ends_the_watcher() {
    let scene = Scene::new(&["docs"], WatchMode::Off);
    scene.write("docs/a.md", "x");
    scene.watcher.watch_more(vec!["".to_owned()]);
    assert!(scene.events.recv_timeout(Duration::from_millis(100)).is_err());
    let Scene { dir: _dir, watcher, events } = Scene::new(&["docs"], WatchMode::Auto);
    drop(watcher);
    // All senders go when the threads have ended.
    while !matches!(events.recv_timeout(DEADLINE), Err(mpsc::RecvTimeoutError::Disconnected)) {}
}

/// Prints the time from a save to the callback, and how often the watcher's threads wake up while nothing happens.
#[test]
fn figures() {
    let scene = Scene::new(&["docs"], WatchMode::Auto);
    let mut times = Vec::new();
    for n in 0..100 {
        let mut file = OpenOptions::new().append(true).open(scene.path("docs/a.md")).unwrap();
        scene.settle_briefly();
        let start = Instant::now();
        file.write_all(format!("{n}\n").as_bytes()).unwrap();
        let (_, at, _) = scene.until_changed("docs/a.md");
        times.push(at - start);
    }
    times.sort();
    println!("write -> callback: median {:?}, p95 {:?}, worst {:?}", times[50], times[95], times[99]);
    let (_, _, events_thread) = scene.until_changed_by(|| scene.write("docs/a.md", "x"));
    let (_, _, worker) = scene.until_changed_by(|| fs::create_dir_all(scene.path("docs/w")).unwrap());
    fs::create_dir(scene.path("more")).unwrap();
    scene.watcher.watch_more(vec!["more".to_owned()]);
    let (_, _, worker_thread) = scene.until("a rescan", |event| matches!(event, WatchEvent::Rescan { .. }));
    scene.settle();
    let threads = BTreeSet::from([events_thread, worker, worker_thread]);
    let before: Vec<_> = threads.iter().map(|thread| switches(thread)).collect();
    assert!(scene.events.recv_timeout(Duration::from_secs(3)).is_err(), "an event though nothing happened");
    for (thread, before) in threads.iter().zip(before) {
        let name = fs::read_to_string(Path::new("/proc").join(thread).join("comm")).unwrap();
        println!("idle 3 s, thread {}: {} wakeups", name.trim(), switches(thread) - before);
    }
}

impl Scene {
    fn settle_briefly(&self) {
        while self.events.recv_timeout(Duration::from_millis(3)).is_ok() {}
    }

    fn until_changed_by(&self, act: impl Fn()) -> (WatchEvent, Instant, PathBuf) {
        self.settle();
        act();
        self.until("anything", |_| true)
    }
}

/// Voluntary context switches of a thread: how often it went to sleep, so how often it had woken up.
fn switches(thread: &Path) -> u64 {
    let status = fs::read_to_string(Path::new("/proc").join(thread).join("status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).unwrap();
    line.trim().parse().unwrap()
}
