//! The tick on documents: every box of a checklist ticked and unticked in a random order, undo and redo, conflicts. On the
//! demo workspace, and on the real ones where the corpus is there.

use std::path::Path;

use codex_tui::model::checklist::{Mark, Step, StepKind, StepState};
use codex_tui::workbench::{Actor, Outcome, Request, Workbench, demo};

use crate::corpus::revision;
use crate::files::copy;

fn actor() -> Actor {
    Actor { name: "tester".to_owned(), via: "test".to_owned() }
}

fn open(root: &Path) -> Workbench {
    let mut bench = Workbench::open(root).expect("a workspace");
    bench.load_all();
    bench
}

fn step(bench: &Workbench, list: usize, index: usize) -> Step {
    bench.view().checklists[list].steps().nth(index).expect("a step").clone()
}

fn set(bench: &mut Workbench, list: usize, index: usize, mark: Mark) -> Outcome {
    let step = step(bench, list, index);
    bench.run(&Request::Mark { step: step.id, seen: step.state, mark }, &actor())
}

fn done() -> Mark {
    Mark::Done { evidence: "seen | \"quoted\", with comma".to_owned() }
}

/// A fixed permutation that looks random.
fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut state = seed;
    for at in (1..count).rev() {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        order.swap(at, (state >> 33) as usize % (at + 1));
    }
    order
}

fn differing(before: &[u8], after: &[u8]) -> usize {
    assert_eq!(before.len(), after.len(), "a tick keeps the length of the checklist");
    before.iter().zip(after).filter(|(a, b)| a != b).count()
}

/// Ticks all boxes of the leading checklist in one order, unticks them in another.
fn tick_all(root: &Path) {
    let mut bench = open(root);
    let doc = bench.view().checklists[0].doc.clone();
    let path = root.join(doc.as_str());
    let log = bench.view().sessions.last().map(|log| root.join(log.doc.as_str()));
    let ledger = root.join("docs/agents/sessions/SessionChecklist.csv");
    let start = std::fs::read(&path).expect("the checklist");
    let log_start = log.as_ref().map(|log| std::fs::read(log).expect("the log"));
    let count = bench.view().checklists[0].steps().count();
    let open: Vec<usize> =
        shuffled(count, 7).into_iter().filter(|&at| step(&bench, 0, at).state == StepState::Open).collect();
    for (ticked, &at) in open.iter().enumerate() {
        assert!(matches!(step(&bench, 0, at).kind, StepKind::Box(_)));
        let before = std::fs::read(&path).expect("the checklist");
        let outcome = set(&mut bench, 0, at, done());
        assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
        assert_eq!(differing(&before, &std::fs::read(&path).expect("the checklist")), 1);
        assert_eq!(step(&bench, 0, at).state, StepState::Done);
        let records = codex_tui::doc::Csv::parse(std::fs::read(&ledger).expect("the ledger").into());
        assert_eq!(records.records(), ticked + 1);
    }
    let mut back = open.clone();
    back.reverse();
    back.rotate_left(count / 3);
    for &at in &back {
        let before = std::fs::read(&path).expect("the checklist");
        let outcome = set(&mut bench, 0, at, Mark::Open);
        assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
        assert_eq!(differing(&before, &std::fs::read(&path).expect("the checklist")), 1);
    }
    assert_eq!(std::fs::read(&path).expect("the checklist"), start, "the checklist is as it was");
    let records = codex_tui::doc::Csv::parse(std::fs::read(&ledger).expect("the ledger").into());
    assert_eq!(records.records(), 0, "every record was taken back");
    if let (Some(log), Some(start)) = (log, log_start) {
        let now = std::fs::read(log).expect("the log");
        assert!(now.starts_with(&start), "the log's own text is as it was");
        assert!(!String::from_utf8_lossy(&now).contains("ticked - "), "every line was taken back");
    }
}

#[test]
fn every_box_of_the_demo() {
    let dir = demo::temporary().expect("the demo");
    tick_all(dir.path());
}

#[test]
fn every_box_of_real_checklists() {
    for date in ["2025-11-12", "2025-12-24", "2026-01-02"] {
        let Some((root, _)) = revision(date) else { continue };
        let dir = tempfile::tempdir().expect("a folder");
        copy(&root, dir.path());
        tick_all(dir.path());
    }
}

#[test]
fn undo_restores_every_byte_and_redo_brings_it_back() {
    let dir = demo::temporary().expect("the demo");
    let read_all = || {
        let mut files = std::collections::BTreeMap::new();
        fn walk(dir: &Path, files: &mut std::collections::BTreeMap<std::path::PathBuf, Vec<u8>>) {
            for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
                if entry.path().is_dir() {
                    if entry.file_name() != ".codex-tui" {
                        walk(&entry.path(), files);
                    }
                } else {
                    files.insert(entry.path(), std::fs::read(entry.path()).expect("a file"));
                }
            }
        }
        walk(dir.path(), &mut files);
        files
    };
    let start = read_all();
    let mut bench = open(dir.path());
    let at = bench.view().checklists[0].steps().position(|s| s.state == StepState::Open).expect("an open step");
    assert!(matches!(set(&mut bench, 0, at, done()), Outcome::Done { .. }));
    let ticked = read_all();
    assert_eq!(ticked.len(), start.len() + 1, "the ledger is new");
    // Undo and redo also work in another process.
    let mut bench = open(dir.path());
    assert!(matches!(bench.run(&Request::Undo(None), &actor()), Outcome::Done { .. }));
    assert_eq!(read_all(), start);
    assert_eq!(step(&bench, 0, at).state, StepState::Open);
    let mut bench = open(dir.path());
    assert!(matches!(bench.run(&Request::Redo(None), &actor()), Outcome::Done { .. }));
    assert_eq!(read_all(), ticked);
    assert_eq!(bench.view().history.len(), 3);
    assert!(matches!(bench.run(&Request::Redo(None), &actor()), Outcome::Unchanged { .. }));
}

#[test]
fn a_box_that_somebody_changed_meanwhile_is_a_conflict() {
    let dir = demo::temporary().expect("the demo");
    let mut bench = open(dir.path());
    let at = bench.view().checklists[0].steps().position(|s| s.state == StepState::Open).expect("an open step");
    let seen = step(&bench, 0, at);
    let path = dir.path().join(seen.id.doc.as_str());
    let text = std::fs::read_to_string(&path).expect("the checklist");
    let theirs = text.replacen(&format!("- [ ] {}", seen.id.text), &format!("- [x] {}", seen.id.text), 1);
    assert_ne!(theirs, text);
    std::fs::write(&path, &theirs).expect("their save");
    let outcome = bench.run(&Request::Mark { step: seen.id.clone(), seen: seen.state, mark: done() }, &actor());
    let Outcome::Conflict { conflicts, mine } = outcome else { panic!("{outcome:?}") };
    assert_eq!(conflicts.len(), 1);
    assert_eq!((conflicts[0].base.as_str(), conflicts[0].theirs.as_deref()), ("false", Some("true")));
    assert_eq!(std::fs::read_to_string(&path).expect("the checklist"), theirs, "nothing was written");
    assert!(!dir.path().join("docs/agents/sessions/SessionChecklist.csv").exists(), "nothing was written");
    let outcome = bench.run(&Request::Commit(mine), &actor());
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    assert!(dir.path().join("docs/agents/sessions/SessionChecklist.csv").exists());
}

#[test]
fn not_applicable_needs_a_reason_and_leaves_the_box() {
    let dir = demo::temporary().expect("the demo");
    let mut bench = open(dir.path());
    let at = bench.view().checklists[0].steps().position(|s| s.state == StepState::Open).expect("an open step");
    let path = dir.path().join(bench.view().checklists[0].doc.as_str());
    let before = std::fs::read(&path).expect("the checklist");
    let outcome = set(&mut bench, 0, at, Mark::NotApplicable { reason: "  ".to_owned() });
    assert!(matches!(outcome, Outcome::Refused { .. }), "{outcome:?}");
    let outcome = set(&mut bench, 0, at, Mark::NotApplicable { reason: "no UI work".to_owned() });
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    assert_eq!(std::fs::read(&path).expect("the checklist"), before);
    let now = step(&bench, 0, at);
    assert_eq!((now.state, now.evidence.as_str()), (StepState::NotApplicable, "no UI work"));
    let outcome = set(&mut bench, 0, at, Mark::Open);
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    assert_eq!(step(&bench, 0, at).state, StepState::Open);
}

#[test]
fn steps_without_boxes_are_kept_in_the_ledger() {
    let dir = demo::temporary().expect("the demo");
    let mut bench = open(dir.path());
    for list in 1..bench.view().checklists.len() {
        let path = dir.path().join(bench.view().checklists[list].doc.as_str());
        let before = std::fs::read(&path).expect("the list");
        let outcome = set(&mut bench, list, 0, done());
        assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
        assert_eq!(step(&bench, list, 0).state, StepState::Done);
        assert_eq!(std::fs::read(&path).expect("the list"), before);
    }
    assert!(bench.view().checklists.len() > 2, "the demo has smoke and numbered checklists");
}

#[test]
fn an_undo_whose_line_somebody_removed_can_still_be_taken() {
    let dir = demo::temporary().expect("the demo");
    let mut bench = open(dir.path());
    let at = bench.view().checklists[0].steps().position(|s| s.state == StepState::Open).expect("an open step");
    assert!(matches!(set(&mut bench, 0, at, done()), Outcome::Done { .. }));
    let log = dir.path().join(bench.view().sessions.last().expect("a session").doc.as_str());
    let text = std::fs::read_to_string(&log).expect("the log");
    let theirs: String =
        text.lines().filter(|line| !line.contains("ticked - ")).map(|line| format!("{line}\n")).collect();
    std::fs::write(&log, &theirs).expect("their save");
    let outcome = bench.run(&Request::Undo(None), &actor());
    let Outcome::Conflict { conflicts, mine } = outcome else { panic!("{outcome:?}") };
    assert!(conflicts.iter().all(|conflict| conflict.theirs.is_none()));
    assert_eq!(step(&bench, 0, at).state, StepState::Done, "nothing was written");
    let outcome = bench.run(&Request::Commit(mine), &actor());
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
    assert_eq!(step(&bench, 0, at).state, StepState::Open);
    assert_eq!(std::fs::read_to_string(&log).expect("the log"), theirs);
}
