//! A unified diff as lines for the screen: removed and added lines that belong together know what differs in them, and
//! can be folded around that. A row of a board is thousands of characters long, and one word of it changes.

use std::fmt::Write;
use std::ops::Range;

use similar::{ChangeTag, TextDiff};

use crate::tui::text;

/// Characters kept on each side of a difference when a line is folded.
const AROUND: usize = 40;

/// Characters kept at the start of a folded line: they tell which row it is.
const START: usize = 24;

/// Characters of a folded line in which nothing in particular differs.
const PLAIN: usize = 240;

/// Room for the remark that there is more.
const MORE: usize = 26;

/// Pairs longer than this are compared by their ends only.
const FINE: usize = 200_000;

/// A line of the diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// A document begins: its path, and a word when it comes or goes.
    File(String),
    /// `@@ -12,3 +12,3 @@`
    Hunk(String),
    /// Unchanged.
    Context(String),
    /// Only before.
    Removed(Vec<Part>),
    /// Only after.
    Added(Vec<Part>),
    /// `\ No newline at end of file`
    Remark(String),
}

/// A part of a removed or added line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    text: String,
    /// Not in the other line of the pair.
    differs: bool,
}

/// Reads a unified diff.
pub(super) fn read(diff: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut before = String::new();
    let (mut old, mut new) = (0, 0);
    let (mut removed, mut added) = (Vec::new(), Vec::new());
    let mut remark = None;
    for line in split(diff) {
        let (sign, rest) = line.split_at_checked(1).unwrap_or(("", ""));
        let inside = old > 0 || new > 0;
        match sign {
            "-" if inside => {
                if !added.is_empty() {
                    pair(&mut removed, &mut added, &mut lines);
                    lines.extend(remark.take());
                }
                old -= old.min(1);
                removed.push(rest.to_owned());
                continue;
            }
            "+" if inside => {
                new -= new.min(1);
                added.push(rest.to_owned());
                continue;
            }
            _ => {}
        }
        // It stands between the two halves of a pair: it is said behind them.
        if sign == "\\" {
            remark = Some(Line::Remark(rest.trim().to_owned()));
            continue;
        }
        pair(&mut removed, &mut added, &mut lines);
        lines.extend(remark.take());
        if let Some(counts) = line.strip_prefix("@@ ").filter(|_| !inside) {
            (old, new) = counted(counts);
            lines.push(Line::Hunk(bare(line).to_owned()));
        } else if let Some(path) = line.strip_prefix("--- ").filter(|_| !inside) {
            path.clone_into(&mut before);
        } else if let Some(path) = line.strip_prefix("+++ ").filter(|_| !inside) {
            lines.push(Line::File(named(&before, path)));
        } else {
            old -= old.min(1);
            new -= new.min(1);
            lines.push(Line::Context(bare(rest).to_owned()));
        }
    }
    pair(&mut removed, &mut added, &mut lines);
    lines.extend(remark);
    lines
}

/// Lines as the diff means them: a carriage return alone ends one too. That of a pair (CR LF) stays: it may differ.
fn split(diff: &str) -> impl Iterator<Item = &str> {
    diff.split_terminator('\n').flat_map(|line| {
        let last = line.trim_end_matches('\r').rfind('\r').map_or(0, |at| at + 1);
        line[..last].split_terminator('\r').chain(std::iter::once(&line[last..]))
    })
}

/// A line without the carriage return of its end.
fn bare(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

/// Numbers of lines in `-12,3 +12,3 @@`.
fn counted(range: &str) -> (usize, usize) {
    let count = |part: &str| part.split_once(',').map_or(1, |(_, count)| count.parse().unwrap_or(0));
    let mut parts = range.split(' ');
    (parts.next().map_or(0, count), parts.next().map_or(0, count))
}

fn named(before: &str, after: &str) -> String {
    let path = |side: &str| side.get(2..).unwrap_or(side).trim_end().to_owned();
    match (before.trim_end(), after.trim_end()) {
        ("/dev/null", after) => format!("{} (new)", path(after)),
        (before, "/dev/null") => format!("{} (removed)", path(before)),
        (_, after) => path(after),
    }
}

/// Puts lines together that were one before and after, and finds what differs in them.
fn pair(removed: &mut Vec<String>, added: &mut Vec<String>, lines: &mut Vec<Line>) {
    let (removed, added) = (std::mem::take(removed), std::mem::take(added));
    let same_count = removed.len() == added.len();
    let mut rest = added.into_iter();
    let whole = |text: &str| vec![Part { text: bare(text).to_owned(), differs: false }];
    for old in removed {
        // Where rows came or went, the other half of a line is the next one that is like it.
        let ahead = if same_count { Some(0) } else { rest.as_slice().iter().position(|new| alike(&old, new)) };
        let Some(ahead) = ahead else {
            lines.push(Line::Removed(whole(&old)));
            continue;
        };
        lines.extend(rest.by_ref().take(ahead).map(|new| Line::Added(whole(&new))));
        let Some(new) = rest.next() else { continue };
        let same_end = old.ends_with('\r') == new.ends_with('\r');
        let end = |line: &str| if same_end { bare(line).len() } else { line.len() };
        let (old, new) = compare(&old[..end(&old)], &new[..end(&new)]);
        lines.push(Line::Removed(old));
        lines.push(Line::Added(new));
    }
    lines.extend(rest.map(|new| Line::Added(whole(&new))));
}

/// Whether two lines have more than half in common at their ends.
fn alike(old: &str, new: &str) -> bool {
    let (front, back) = common(old, new);
    (front + back) * 2 > old.len().max(new.len())
}

/// Bytes that both have in common at the front and at the back.
fn common(old: &str, new: &str) -> (usize, usize) {
    let front: usize = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let (old, new) = (&old[front..], &new[front..]);
    let back = old.chars().rev().zip(new.chars().rev()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    (front, back)
}

/// The parts of both lines; what they have in common is in both the same parts.
fn compare(old: &str, new: &str) -> (Vec<Part>, Vec<Part>) {
    let mut sides = (Vec::new(), Vec::new());
    if old.len() + new.len() > FINE {
        let (front, back) = common(old, new);
        for (side, text) in [(&mut sides.0, old), (&mut sides.1, new)] {
            push(side, &text[..front], false);
            push(side, &text[front..text.len() - back], true);
            differs_here(side);
            push(side, &text[text.len() - back..], false);
        }
        return sides;
    }
    let diff = TextDiff::from_unicode_words(old, new);
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => {
                push(&mut sides.0, change.value(), false);
                push(&mut sides.1, change.value(), false);
            }
            ChangeTag::Delete => {
                push(&mut sides.0, change.value(), true);
                differs_here(&mut sides.1);
            }
            ChangeTag::Insert => {
                push(&mut sides.1, change.value(), true);
                differs_here(&mut sides.0);
            }
        }
    }
    sides
}

/// The other side has something here: a long line is folded around this place too.
fn differs_here(parts: &mut Vec<Part>) {
    if parts.last().is_none_or(|last| !last.differs) {
        parts.push(Part { text: String::new(), differs: true });
    }
}

fn push(parts: &mut Vec<Part>, text: &str, differs: bool) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.differs == differs => last.text.push_str(text),
        _ => parts.push(Part { text: text.to_owned(), differs }),
    }
}

/// A line as clean text without its sign, and the byte ranges in it that differ. Folded for a screen of so many columns,
/// if for one.
pub(super) fn shown(line: &Line, columns: Option<usize>, dot: &str) -> (String, Vec<Range<usize>>) {
    let plain = |text: &str, most: usize| {
        if columns.is_none() { text::clean(text).into_owned() } else { beginning(text, most) }
    };
    // What stands around a change is there to recognise the place by: one line of the screen is enough.
    let around = columns.map_or(PLAIN, |columns| columns.saturating_sub(MORE).max(START));
    let fold = columns.map(|columns| (START.min(columns / 3), AROUND.min(columns / 3)));
    let parts = match line {
        Line::File(text) | Line::Hunk(text) | Line::Remark(text) => {
            return (text::clean(text).into_owned(), Vec::new());
        }
        Line::Context(text) => return (plain(text, around), Vec::new()),
        Line::Removed(parts) | Line::Added(parts) => parts,
    };
    if let [Part { text, differs: false }] = parts.as_slice() {
        return (plain(text, PLAIN), Vec::new());
    }
    let mut out = String::new();
    let mut marked = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let from = out.len();
        if part.differs {
            let clean = text::clean(&part.text);
            // A blank that differs must be seen.
            let blank = clean.chars().all(|c| c == ' ');
            out.push_str(&if blank { clean.replace(' ', dot) } else { clean.into_owned() });
            marked.push(from..out.len());
        } else if let Some((start, around)) = fold {
            let keep_front = if at == 0 { start } else { around };
            let keep_back = if at + 1 == parts.len() { 0 } else { around };
            out.push_str(&text::clean(&folded(&part.text, keep_front, keep_back)));
        } else {
            out.push_str(&text::clean(&part.text));
        }
    }
    (out, marked)
}

/// The start of a text, and how much more there is.
fn beginning(text: &str, most: usize) -> String {
    let Some((at, _)) = text.char_indices().nth(most) else { return text::clean(text).into_owned() };
    let mut out = text::clean(&text[..at]).into_owned();
    let _ = write!(out, "… ({} more characters)", text[at..].chars().count());
    out
}

/// A text without its middle.
fn folded(text: &str, front: usize, back: usize) -> String {
    let count = text.chars().count();
    if count <= front + back + 3 {
        return text.to_owned();
    }
    let at = |chars: usize| text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    format!("{}…{}", &text[..at(front)], &text[at(count - back)..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(line: &Line, columns: Option<usize>) -> String {
        let (text, marked) = shown(line, columns, "·");
        marked.into_iter().rev().fold(text, |mut text, range| {
            text.insert(range.end, ']');
            text.insert(range.start, '[');
            text
        })
    }

    fn unified(old: &str, new: &str) -> Vec<Line> {
        read(
            &TextDiff::from_lines(old, new)
                .unified_diff()
                .context_radius(2)
                .header("a/docs/x.csv", "b/docs/x.csv")
                .to_string(),
        )
    }

    #[test]
    fn a_changed_word_in_a_long_row_is_seen_at_once() {
        let long = "some words of a long note, ".repeat(300);
        let old = format!("\"HB-B-001\",\"{long}\",\"In Progress\",\"{long}\"\n");
        let lines = unified(&old, &old.replace("In Progress", "Done"));
        let [Line::File(file), Line::Hunk(_), removed, added] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!(file, "docs/x.csv");
        let folded = text(removed, Some(160));
        assert!(
            folded.starts_with("\"HB-B-001\",\"some words") && folded.contains("\"[In Progress]\",\"some"),
            "{folded}"
        );
        assert!(folded.len() < 200 && folded.matches('…').count() == 2, "{folded}");
        assert!(text(added, Some(160)).contains("\"[Done]\",\""), "{}", text(added, Some(160)));
        assert_eq!(shown(removed, None, "·").0, old.trim_end());
    }

    #[test]
    fn rows_that_came_or_went_have_no_partner() {
        let lines = unified("a,1\nb,2\nc,3\n", "a,1\nb,4\nnew,5\nc,3\n");
        let shown: Vec<String> = lines[2..].iter().map(|line| text(line, Some(160))).collect();
        assert_eq!(shown, ["a,1", "b,[2]", "b,[4]", "new,5", "c,3"], "{lines:?}");
        let before = unified("the row two\nz\n", "new,5\nthe row 2\nz\n");
        let shown: Vec<String> = before[2..].iter().map(|line| text(line, Some(160))).collect();
        assert_eq!(shown, ["new,5", "the row [two]", "the row [2]", "z"], "{before:?}");
        let gone = unified("a\nb\nc\n", "c\n");
        assert!(matches!(gone[2], Line::Removed(_)) && matches!(gone[3], Line::Removed(_)), "{gone:?}");
    }

    #[test]
    fn content_that_looks_like_a_header_is_content() {
        let lines = unified("-- a/x\n@@ -1 +1 @@\n", "++ b/y\n@@ -1 +1 @@\n");
        assert_eq!(lines.iter().filter(|line| matches!(line, Line::File(_))).count(), 1, "{lines:?}");
        assert!(matches!(lines.last(), Some(Line::Context(_))));
        let blank = unified("a b\n", "a b \n");
        assert!(text(&blank[3], Some(160)).ends_with("[·]"), "{blank:?}");
    }

    #[test]
    fn ends_of_lines_are_seen_when_they_differ() {
        let shown = |lines: &[Line]| lines[2..].iter().map(|line| text(line, Some(160))).collect::<Vec<_>>();
        assert_eq!(shown(&unified("a\r\nb\r\n", "a\r\nc\r\n")), ["a", "[b]", "[c]"]);
        assert_eq!(shown(&unified("a\r\n", "a\n")), ["a[␍]", "a[]"]);
        assert_eq!(shown(&unified("a", "a\n")), ["a", "a", "No newline at end of file"]);
    }

    proptest! {
        #[test]
        fn no_text_is_lost(old in "[ab,日\u{202e}+\t -]{0,40}", new in "[ab,日+ -]{0,40}") {
            for (columns, dot) in [(None, " "), (Some(9), "·")] {
                let mut sides = (String::new(), String::new());
                for line in unified(&format!("{old}\n"), &format!("{new}\n")) {
                    let text = shown(&line, columns, dot).0;
                    match line {
                        Line::Removed(_) => sides.0 += &text,
                        Line::Added(_) => sides.1 += &text,
                        Line::File(_) | Line::Hunk(_) | Line::Context(_) | Line::Remark(_) => {}
                    }
                }
                if old != new && columns.is_none() {
                    prop_assert_eq!((sides.0, sides.1), (text::clean(&old).into_owned(), text::clean(&new).into_owned()));
                }
            }
        }
    }
}
