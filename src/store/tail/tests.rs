//! Tests of following a log: kinds of lines, growth, truncation and rotation, paging, bounds, cost.
//!
//! Limits: real files in temporary folders; nothing is said about file systems that behave otherwise.

use std::fs::{self, OpenOptions};
use std::io::Write;

use super::*;

fn texts(tail: &Tail) -> Vec<String> {
    tail.lines().map(|line| line.text.into_owned()).collect()
}

fn file(content: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.log");
    fs::write(&path, content).unwrap();
    (dir, path)
}

fn append(path: &Path, bytes: impl AsRef<[u8]>) {
    OpenOptions::new().append(true).open(path).unwrap().write_all(bytes.as_ref()).unwrap();
}

fn numbered(count: usize) -> String {
    (1..=count).map(|n| format!("line {n}\n")).collect()
}

#[test]
fn lines_of_all_kinds() {
    let check = |content: &[u8], expect: &[&str]| {
        let (_dir, path) = file(content);
        let tail = Tail::open(&path, WINDOW).unwrap();
        assert_eq!(texts(&tail), expect, "{content:?}");
        assert_eq!(tail.len(), expect.len());
        assert!(tail.from_start() && tail.is_at_end());
    };
    check(b"", &[]);
    check(b"\n", &[""]);
    check(b"a\nb", &["a", "b"]);
    check(b"a\r\n\r\nb\r", &["a", "", "b"]);
    check(b"\xef\xbb\xbfa\n\0b\n", &["a", "\0b"]);
    check(b"a\xffb\n\xc3", &["a\u{fffd}b", "\u{fffd}"]);
}

#[test]
fn the_whole_file_is_that_of_the_last_look() {
    let (_dir, path) = file("one\ntw");
    let mut tail = Tail::open(&path, WINDOW).unwrap();
    append(&path, b"o\n");
    assert_eq!(tail.whole(100).unwrap().unwrap(), b"one\ntw");
    assert_eq!(tail.grew().unwrap(), Growth::Appended { lines: 1, extends_last: true });
    assert_eq!(tail.whole(100).unwrap().unwrap(), b"one\ntwo\n");
    assert_eq!(tail.whole(7).unwrap(), None);
    fs::write(&path, "less").unwrap();
    assert_eq!(tail.whole(100).unwrap(), None);
}

#[test]
fn growth_is_read_once_and_completes_the_last_line() {
    let (_dir, path) = file("one\ntw");
    let mut tail = Tail::open(&path, WINDOW).unwrap();
    assert!(!tail.lines().last().unwrap().complete);
    assert_eq!(tail.grew().unwrap(), Growth::Nothing);
    append(&path, b"o\nthr\xc3");
    assert_eq!(tail.grew().unwrap(), Growth::Appended { lines: 2, extends_last: true });
    assert_eq!(tail.last_lines(2).next().unwrap().text, "two");
    append(&path, b"more");
    assert_eq!(tail.grew().unwrap(), Growth::Appended { lines: 1, extends_last: true });
    append(&path, b"\nfour\nfive\n");
    assert_eq!(tail.grew().unwrap(), Growth::Appended { lines: 3, extends_last: true });
    append(&path, b"six\n");
    assert_eq!(tail.grew().unwrap(), Growth::Appended { lines: 1, extends_last: false });
    let numbers: Vec<_> = tail.lines().map(|line| line.number).collect();
    assert_eq!(numbers, (1..=6).map(Some).collect::<Vec<_>>());
    let bytes = fs::read(&path).unwrap();
    for line in tail.lines().skip(3) {
        assert!(bytes[line.offset as usize..].starts_with(line.text.as_bytes()));
    }
}

#[test]
fn a_character_may_come_in_two_writes() {
    let (_dir, path) = file(b"a\xc3");
    let mut tail = Tail::open(&path, WINDOW).unwrap();
    append(&path, b"\xa9\n");
    tail.grew().unwrap();
    assert_eq!(texts(&tail), ["aé"]);
}

#[test]
fn truncation_rewriting_and_rotation_are_told_apart() {
    let (dir, path) = file(numbered(10));
    let mut tail = Tail::open(&path, WINDOW).unwrap();
    fs::write(&path, "new\n").unwrap();
    assert_eq!(tail.grew().unwrap(), Growth::Truncated);
    assert_eq!(texts(&tail), ["new"]);
    fs::write(&path, "").unwrap();
    assert_eq!(tail.grew().unwrap(), Growth::Truncated);
    append(&path, "x\n");
    assert_eq!(tail.grew().unwrap(), Growth::Appended { lines: 1, extends_last: false });
    fs::write(&path, "other and longer\n").unwrap();
    assert_eq!(tail.grew().unwrap(), Growth::Truncated);
    assert_eq!(texts(&tail), ["other and longer"]);
    fs::rename(&path, dir.path().join("x.log.1")).unwrap();
    assert_eq!(tail.grew().unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(texts(&tail), ["other and longer"]);
    fs::write(&path, "rotated\n").unwrap();
    assert_eq!(tail.grew().unwrap(), Growth::Replaced);
    assert_eq!(texts(&tail), ["rotated"]);
}

#[test]
fn windows_page_back_to_the_start() {
    let content = numbered(5000);
    let (_dir, path) = file(&content);
    let mut tail = Tail::open(&path, 4096).unwrap();
    assert_eq!(tail.lines().last().unwrap().text, "line 5000");
    assert_eq!(tail.lines().next().unwrap().number, None);
    let mut held = tail.len();
    while let Paged::Lines(count) = tail.load_before().unwrap() {
        held += count;
    }
    assert_eq!(held, 5000);
    assert!(tail.from_start());
    let expect: Vec<_> = content.lines().collect();
    assert_eq!(texts(&tail), expect);
    assert_eq!(tail.lines().map(|line| line.number).collect::<Vec<_>>(), (1..=5000).map(Some).collect::<Vec<_>>());
}

#[test]
fn memory_stays_bounded_and_the_end_can_be_reached_again() {
    let line = format!("{}\n", "x".repeat(99));
    let count = 3 * MAX_HELD as usize / line.len();
    let (_dir, path) = file(line.repeat(count));
    let mut tail = Tail::open(&path, 1 << 20).unwrap();
    while tail.load_before().unwrap() != Paged::Edge {
        assert!(tail.held.span() <= MAX_HELD);
    }
    assert!(tail.from_start() && !tail.is_at_end());
    assert_eq!(tail.lines().next().unwrap().number, Some(1));
    append(&path, "last\n");
    assert_eq!(tail.grew().unwrap(), Growth::Nothing);
    tail.to_end().unwrap();
    assert!(tail.held.span() <= MAX_HELD);
    assert_eq!(tail.lines().last().unwrap().text, "last");
    append(&path, "again\n");
    assert_eq!(tail.grew().unwrap(), Growth::Appended { lines: 1, extends_last: false });
    while tail.load_before().unwrap() != Paged::Edge {}
    tail.to_end().unwrap();
    assert_eq!(tail.lines().last().unwrap().text, "again");
    append(&path, line.repeat(count / 2));
    assert_eq!(tail.grew().unwrap(), Growth::Jumped);
    assert_eq!(tail.lines().last().unwrap().text.len(), 99);
}

#[test]
fn lines_without_end_are_cut() {
    let mut content = b"first\n".to_vec();
    content.extend(vec![b'y'; 3_000_000]);
    let (_dir, path) = file(&content);
    let mut tail = Tail::open(&path, 4096).unwrap();
    assert_eq!(tail.lines().next().unwrap().cut, Cut::Front);
    append(&path, "\nend\n");
    assert_eq!(tail.grew().unwrap(), Growth::Appended { lines: 2, extends_last: true });
    assert_eq!(tail.lines().next().unwrap().cut, Cut::Front);
    while tail.load_before().unwrap() != Paged::Edge {}
    assert_eq!(tail.lines().next().unwrap().text, "first");
    assert_eq!(tail.lines().next().unwrap().number, None);
    assert!(tail.lines().all(|line| line.text.len() <= MAX_LINE));
    let tail = Tail::open(&path, 4_000_000).unwrap();
    let line = tail.lines().nth(1).unwrap();
    assert_eq!((line.text.len(), line.cut), (MAX_LINE, Cut::End((3_000_000 - MAX_LINE) as u64)));
    assert_eq!(line.number, Some(2));
}

#[cfg(unix)]
#[test]
fn special_files_are_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [&pipe, dir.path(), Path::new("/dev/zero")] {
        assert_eq!(Tail::open(path, WINDOW).err().unwrap().kind(), io::ErrorKind::InvalidInput);
    }
    assert_eq!(Tail::open(&dir.path().join("none"), WINDOW).err().unwrap().kind(), io::ErrorKind::NotFound);
}

#[test]
fn any_split_of_writes_and_any_window_show_the_same_lines() {
    use proptest::prelude::*;
    let piece = prop_oneof!["[a-c\r]{0,5}", Just("\n".to_owned()), Just("é\r\n".to_owned())];
    proptest!(ProptestConfig::with_cases(64), |(pieces in proptest::collection::vec(piece, 0..40), window in 0usize..9000, big in any::<bool>())| {
        let (_dir, path) = file(if big { "long line\n".repeat(900) } else { String::new() });
        let mut tail = Tail::open(&path, window).unwrap();
        for piece in &pieces {
            append(&path, piece);
            tail.grew().unwrap();
        }
        while tail.load_before().unwrap() != Paged::Edge {}
        let content = fs::read_to_string(&path).unwrap();
        let mut expect: Vec<&str> = content.split('\n').map(|l| l.strip_suffix('\r').unwrap_or(l)).collect();
        if content.is_empty() || content.ends_with('\n') {
            expect.pop();
        }
        prop_assert_eq!(texts(&tail), expect);
    });
}

/// Prints what following costs: a sparse gigabyte, and 10,000 lines in steps.
#[test]
fn cost() {
    let (_dir, path) = file("");
    OpenOptions::new().write(true).open(&path).unwrap().set_len(1 << 30).unwrap();
    append(&path, numbered(10_000));
    let start = std::time::Instant::now();
    let mut tail = Tail::open(&path, WINDOW).unwrap();
    println!("open 1 GB: {:?}", start.elapsed());
    let mut out = OpenOptions::new().append(true).open(&path).unwrap();
    let mut spent = std::time::Duration::ZERO;
    for n in 0..10_000 {
        out.write_all(format!("2026-01-01T00:00:00 INFO a usual line of a log, number {n}\n").as_bytes()).unwrap();
        let start = std::time::Instant::now();
        tail.grew().unwrap();
        spent += start.elapsed();
    }
    println!("10,000 lines, one look per line: {spent:?}");
}
