//! New YAML lines: how they are indented, and where lines begin and end.

use crate::doc::Patch;
use crate::doc::line::{Line, text_start};
use crate::doc::tree::{NodeRef, Shape, Tree};

/// The lines of an element behind a dash in `column`.
pub(super) fn element_lines(text: &str, root: NodeRef<'_>, column: usize, gap: &str) -> Vec<String> {
    let (comments, body) = parted(text, root);
    let indent = " ".repeat(column);
    let deeper = format!("{indent} {}", " ".repeat(gap.len()));
    let mut lines: Vec<String> = comments.iter().map(|line| format!("{indent}{line}")).collect();
    for (at, line) in body.iter().enumerate() {
        lines.push(match (at, line.is_empty()) {
            (0, _) => format!("{indent}-{gap}{line}"),
            (_, true) => String::new(),
            (_, false) => format!("{deeper}{line}"),
        });
    }
    lines
}

/// The lines of a key in `column` with its value.
pub(super) fn entry_lines(tree: &Tree, name: &str, text: &str, root: NodeRef<'_>, column: usize) -> Vec<String> {
    let (comments, body) = parted(text, root);
    let indent = " ".repeat(column);
    let mut lines: Vec<String> = comments.iter().map(|line| format!("{indent}{line}")).collect();
    let deeper = match root.shape() {
        Shape::BlockMap => " ".repeat(unit(tree)),
        Shape::BlockSeq => " ".repeat(dash_offset(tree)),
        _ => String::new(),
    };
    let block = matches!(root.shape(), Shape::BlockMap | Shape::BlockSeq);
    if block {
        lines.push(format!("{indent}{name}:"));
    }
    for (at, line) in body.iter().enumerate() {
        lines.push(match (at, line.is_empty()) {
            (0, _) if !block => format!("{indent}{name}: {line}"),
            (_, true) => String::new(),
            // The further lines of a text only have to be indented more than the key.
            (_, false) if !block && !line.starts_with(' ') => format!("{indent}  {line}"),
            (_, false) => format!("{indent}{deeper}{line}"),
        });
    }
    lines
}

/// The comment lines in front of a value, and the lines of the value.
fn parted<'x>(text: &'x str, root: NodeRef<'_>) -> (Vec<&'x str>, Vec<&'x str>) {
    let start = Line::around(text.as_bytes(), root.entry().start).start;
    let comments = text[..start].lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    (comments, text[start..].trim_end_matches('\n').lines().collect())
}

/// Inserts whole lines at the beginning of a line, or behind a last line without line end.
pub(super) fn lines_at(tree: &Tree, at: usize, lines: &[String]) -> Patch {
    let bytes = tree.bytes();
    let line_end = tree.line_end(at.saturating_sub(1));
    let ended = at <= text_start(bytes) || matches!(bytes[at - 1], b'\r' | b'\n');
    let new = lines.join(line_end);
    let new = if ended { format!("{new}{line_end}") } else { format!("{line_end}{new}") };
    Patch::one(at..at, new.into_bytes())
}

/// Removes whole lines; at the end of a file without last line end, the one in front of them.
pub(super) fn without_lines(tree: &Tree, from: usize, to: usize) -> Patch {
    let bytes = tree.bytes();
    let ended = matches!(bytes.get(to.wrapping_sub(1)), Some(b'\r' | b'\n'));
    if ended || from <= text_start(bytes) {
        return Patch::one(from..to, Vec::new());
    }
    Patch::one(Line::around(bytes, from - 1).end..to, Vec::new())
}

/// Where the line behind a value's last line begins.
pub(super) fn line_behind(tree: &Tree, end: usize) -> usize {
    let bytes = tree.bytes();
    if end > text_start(bytes) && matches!(bytes[end - 1], b'\r' | b'\n') { end } else { Line::around(bytes, end).next }
}

/// Behind the comments at `at` that stand in the column of the dashes, deeper than what holds the sequence.
pub(super) fn behind_comments(tree: &Tree, mut at: usize, column: usize, sequence: NodeRef<'_>) -> usize {
    let bytes = tree.bytes();
    let outer = sequence.key_span().map(|_| sequence.column());
    while at < bytes.len() {
        let line = Line::around(bytes, at);
        let text = &bytes[line.content()];
        let blanks = text.iter().take_while(|b| **b == b' ').count();
        if text.get(blanks) != Some(&b'#') || blanks != column || outer.is_none_or(|outer| outer >= column) {
            break;
        }
        at = line.next;
    }
    at
}

/// Where an element begins, with the comment lines directly above it; those above a first element belong to the sequence.
pub(super) fn above(tree: &Tree, element: NodeRef<'_>) -> usize {
    let bytes = tree.bytes();
    let mut from = Line::around(bytes, element.entry().start).start.max(text_start(bytes));
    let column = element.column();
    while element.index() > 0 && from > text_start(bytes) {
        let line = Line::around(bytes, from - 1);
        let text = &bytes[line.content()];
        let blanks = text.iter().take_while(|b| **b == b' ').count();
        let before = line.start > element.parent().map_or(0, |parent| parent.span().start);
        if text.get(blanks) != Some(&b'#') || blanks != column || !before {
            break;
        }
        from = line.start;
    }
    from
}

/// The blanks behind a dash, where its value stands on the same line.
pub(super) fn blank_behind_dash(tree: &Tree, element: NodeRef<'_>) -> String {
    let behind = &tree.bytes()[element.entry().start + 1..];
    let blanks = behind.iter().take_while(|b| **b == b' ').count();
    let same_line = behind.get(blanks).is_some_and(|b| !b"\r\n#".contains(b));
    " ".repeat(if same_line { blanks.max(1) } else { 1 })
}

/// Column and gap of the dashes of a sequence that has none yet.
pub(super) fn dash_of(tree: &Tree, sequence: NodeRef<'_>) -> (usize, String) {
    (sequence.column() + dash_offset(tree), " ".to_owned())
}

/// How much further than its key a dash is indented in this document.
fn dash_offset(tree: &Tree) -> usize {
    let sequences = (0..tree.len().min(10_000)).map(|id| tree.node(id)).filter(|node| node.shape() == Shape::BlockSeq);
    let mut dashes = sequences.filter_map(|node| {
        node.key_span()?;
        node.children().next()?.column().checked_sub(node.column())
    });
    dashes.next().unwrap_or(2)
}

/// How much further than its key a mapping is indented in this document.
pub(super) fn unit(tree: &Tree) -> usize {
    let mappings = (0..tree.len().min(10_000)).map(|id| tree.node(id)).filter(|node| node.shape() == Shape::BlockMap);
    let mut units = mappings.filter_map(|node| {
        node.key_span()?;
        node.children().next()?.column().checked_sub(node.column()).filter(|unit| *unit > 0)
    });
    units.next().unwrap_or(2)
}
