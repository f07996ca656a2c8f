//! Unified diff of one document's two contents. What both have in common at their beginning and end is skipped before
//! lines are compared: an edit of one row of a huge board costs looking at its bytes once.

use std::fmt::Write;

use similar::{Algorithm, ChangeTag, TextDiff};

/// Lines of context around a change.
const CONTEXT: usize = 2;

/// Appends the diff of two texts; nothing when they are the same.
pub(super) fn unified(out: &mut String, from: &str, to: &str, old: &str, new: &str) {
    if old == new {
        return;
    }
    let start = common_start(old, new);
    let end = common_end(&old[start..], &new[start..]);
    let (old_part, new_part) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    let skipped = memchr::memchr_iter(b'\n', &old.as_bytes()[..start]).count();
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).diff_lines(old_part, new_part);
    let _ = writeln!(out, "--- {from}\n+++ {to}");
    for group in diff.grouped_ops(CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let lines = |start: usize, end: usize| {
            let (count, at) = (end - start, skipped + start);
            // An empty side is named by the line before it, as other tools do.
            match count {
                0 => format!("{at},0"),
                1 => format!("{}", at + 1),
                count => format!("{},{count}", at + 1),
            }
        };
        let (a, b) = (first.old_range().start, last.old_range().end);
        let (c, d) = (first.new_range().start, last.new_range().end);
        let _ = writeln!(out, "@@ -{} +{} @@", lines(a, b), lines(c, d));
        for op in &group {
            for change in diff.iter_changes(op) {
                let sign = match change.tag() {
                    ChangeTag::Equal => ' ',
                    ChangeTag::Delete => '-',
                    ChangeTag::Insert => '+',
                };
                let _ = write!(out, "{sign}{}", change.value());
                if change.missing_newline() {
                    out.push_str("\n\\ No newline at end of file\n");
                }
            }
        }
    }
}

/// How many bytes both texts have in common at their beginning, whole lines, less the lines of context.
fn common_start(old: &str, new: &str) -> usize {
    let same = first_difference(old.as_bytes(), new.as_bytes());
    let mut at = same;
    for _ in 0..=CONTEXT {
        match memchr::memrchr(b'\n', &old.as_bytes()[..at.saturating_sub(1)]) {
            Some(before) => at = before + 1,
            None => return 0,
        }
    }
    at
}

/// How many bytes both texts have in common at their end, whole lines, less the lines of context.
fn common_end(old: &str, new: &str) -> usize {
    let longest = old.len().min(new.len());
    let (a, b) = (&old.as_bytes()[old.len() - longest..], &new.as_bytes()[new.len() - longest..]);
    let same = last_difference(a, b);
    // From the end of the line in which they differ, some lines further.
    let mut at = same;
    for _ in 0..=CONTEXT {
        match memchr::memchr(b'\n', &a[at..]) {
            Some(next) => at += next + 1,
            None => return 0,
        }
    }
    longest - at
}

/// Blocks that are compared at once: the processor does that faster than byte by byte.
const BLOCK: usize = 4096;

fn first_difference(a: &[u8], b: &[u8]) -> usize {
    let same = a.chunks(BLOCK).zip(b.chunks(BLOCK)).take_while(|(a, b)| a == b).count() * BLOCK;
    let same = same.min(a.len()).min(b.len());
    same + a[same..].iter().zip(&b[same..]).take_while(|(a, b)| a == b).count()
}

/// Length of the part of two equally long texts behind which they are the same.
fn last_difference(a: &[u8], b: &[u8]) -> usize {
    let blocks = a.rchunks(BLOCK).zip(b.rchunks(BLOCK)).take_while(|(a, b)| a == b).count();
    let rest = a.len().saturating_sub(blocks * BLOCK);
    rest - a[..rest].iter().rev().zip(b[..rest].iter().rev()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn diff(old: &str, new: &str) -> String {
        let mut out = String::new();
        unified(&mut out, "a/x", "b/x", old, new);
        out
    }

    #[test]
    fn lines_count_from_the_beginning_of_the_document() {
        let old: String = (1..=20).map(|n| format!("line {n}\n")).collect();
        let new = old.replace("line 12\n", "line twelve\n");
        assert_eq!(
            diff(&old, &new),
            "--- a/x\n+++ b/x\n@@ -10,5 +10,5 @@\n line 10\n line 11\n-line 12\n+line twelve\n line 13\n line 14\n"
        );
        assert_eq!(diff("", "a\n"), "--- a/x\n+++ b/x\n@@ -0,0 +1 @@\n+a\n");
        assert_eq!(
            diff("a", "a\nb"),
            "--- a/x\n+++ b/x\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n"
        );
        assert_eq!(diff("same", "same"), "");
    }

    proptest! {
        #[test]
        fn it_is_what_a_diff_of_the_whole_texts_is(old in "([ab\u{e9}]{0,2}\n){0,30}[ab]?", new in "([ab\u{e9}]{0,2}\n){0,30}[ab]?") {
            let own = diff(&old, &new);
            // Applying it gives the new text.
            let mut result = String::new();
            let mut rest: Vec<&str> = old.split_inclusive('\n').collect();
            rest.reverse();
            let mut at = 0;
            let lines: Vec<&str> = own.split_inclusive('\n').skip(2).collect();
            for (index, line) in lines.iter().enumerate() {
                let body = |line: &str| {
                    let bare = lines.get(index + 1).is_some_and(|next| next.starts_with('\\'));
                    if bare { line[1..line.len() - 1].to_owned() } else { line[1..].to_owned() }
                };
                match &line[..1] {
                    "@" => {
                        let from = line[4..].split([',', ' ']).next().unwrap_or("0").parse::<usize>().unwrap_or(0);
                        let empty = line[4..].split(' ').next().is_some_and(|old| old.ends_with(",0"));
                        let begin = if empty { from } else { from - 1 };
                        while at < begin {
                            result.push_str(rest.pop().unwrap_or_default());
                            at += 1;
                        }
                    }
                    "-" | " " => {
                        let gone = rest.pop().unwrap_or_default();
                        prop_assert_eq!(gone, body(line));
                        at += 1;
                        if line.starts_with(' ') {
                            result.push_str(gone);
                        }
                    }
                    "+" => result.push_str(&body(line)),
                    _ => {}
                }
            }
            rest.reverse();
            result.push_str(&rest.concat());
            prop_assert_eq!(result, new);
        }
    }
}
