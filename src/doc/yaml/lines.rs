//! Adding elements and keys to YAML blocks, as whole lines, and taking them out again.

use crate::doc::candidates::shorten;
use crate::doc::cell::End;
use crate::doc::line::{Line, text_start};
use crate::doc::tree::{Manner, NodeRef, Shape, Spot, Tree};
use crate::doc::{FindError, Patch};

use super::encode::written;
use super::layout::{
    above, behind_comments, blank_behind_dash, dash_of, element_lines, entry_lines, line_behind, lines_at,
    without_lines,
};

/// The patch that adds an element to a sequence. `text` is the element as a document of its own, read as `fragment`.
pub(in crate::doc) fn add_item(
    tree: &Tree,
    sequence: NodeRef<'_>,
    text: &str,
    fragment: &Tree,
    end: End,
) -> Result<Patch, FindError> {
    let root = root_of(text, fragment)?;
    let first = sequence.children().next();
    match (sequence.shape(), first) {
        (Shape::BlockSeq, Some(first)) => {
            let last = sequence.children().last().unwrap_or(first);
            let like = if end == End::Start { first } else { last };
            let column = like.column();
            let gap = blank_behind_dash(tree, like);
            let lines = element_lines(text, root, column, &gap);
            match end {
                End::Start if !tree.begins_line(first.entry().start) => Err(FindError::NotEditable(format!(
                    "the first element (line {}) shares its line with what holds it, so nothing can be put in front of it: do it in an editor",
                    first.line()
                ))),
                End::Start => {
                    let at = Line::around(tree.bytes(), first.entry().start).start.max(text_start(tree.bytes()));
                    Ok(lines_at(tree, at, &lines))
                }
                End::End => {
                    let at = behind_comments(tree, line_behind(tree, last.span().end), column, sequence);
                    Ok(lines_at(tree, at, &lines))
                }
            }
        }
        // `key:` and nothing behind it.
        (Shape::Absent, _) if !sequence.is_in_flow() && !sequence.is_marked() && sequence.key_span().is_some() => {
            let (column, gap) = dash_of(tree, sequence);
            let lines = element_lines(text, root, column, &gap);
            Ok(lines_at(tree, line_behind(tree, sequence.span().end), &lines))
        }
        // `key: []` becomes a block where the element needs one.
        (Shape::FlowSeq, None)
            if needs_lines(fragment, root) && !sequence.is_in_flow() && sequence.key_span().is_some() =>
        {
            let (column, gap) = dash_of(tree, sequence);
            let lines = element_lines(text, root, column, &gap);
            let from = sequence.key_span().map_or(0, |key| key.end);
            let from = from + tree.bytes()[from..].iter().position(|b| *b == b':').map_or(0, |colon| colon + 1);
            let line = Line::around(tree.bytes(), sequence.span().end);
            if Line::around(tree.bytes(), from).start != line.start {
                return Err(over_lines(sequence));
            }
            let comment = String::from_utf8_lossy(&tree.bytes()[sequence.span().end..line.end]).into_owned();
            let line_end = tree.line_end(from);
            let last = String::from_utf8_lossy(line.terminator(tree.bytes()));
            let new = format!("{}{line_end}{}{last}", comment.trim_end(), lines.join(line_end));
            Ok(Patch::one(from..line.next, new.into_bytes()))
        }
        (Shape::FlowSeq, _) => {
            let spot = Spot::of(sequence, end);
            Ok(tree.add_between(spot, &flow_manner(tree, spot), &one_line(text, fragment, root)?))
        }
        _ => Err(FindError::NotEditable(format!(
            "what stands at line {} is not a sequence, so no element can be added to it",
            sequence.value_line()
        ))),
    }
}

/// The patch that takes an element out.
pub(in crate::doc) fn take_item(tree: &Tree, element: NodeRef<'_>) -> Result<Patch, FindError> {
    let Some(sequence) = element.parent() else { return Err(whole()) };
    if sequence.shape() == Shape::FlowSeq {
        return tree.take_between(element);
    }
    let only = sequence.children().count() == 1;
    let from = element.entry().start;
    if !tree.begins_line(from) {
        return Err(shares_line(element));
    }
    let behind = line_behind(tree, element.span().end);
    if only {
        // Without its last element a block would be nothing, and no sequence any more.
        let Some(key) = sequence.key_span().filter(|_| !sequence.is_marked()) else { return Err(shares_line(element)) };
        let colon = key.end + tree.bytes()[key.end..].iter().position(|b| *b == b':').map_or(0, |colon| colon + 1);
        let above = &tree.bytes()[colon..Line::around(tree.bytes(), from).start];
        let above = String::from_utf8_lossy(above).into_owned();
        let end = Line::around(tree.bytes(), behind - 1).terminator(tree.bytes());
        let end = String::from_utf8_lossy(if tree.bytes()[..behind].ends_with(end) { end } else { b"" });
        let new = format!(" []{}{end}", above.trim_end_matches(['\r', '\n']));
        return Ok(Patch::one(colon..behind, new.into_bytes()));
    }
    Ok(without_lines(tree, above(tree, element), behind))
}

/// The patch that adds a key to a mapping, behind the key `after` or the last one.
pub(in crate::doc) fn add_entry(
    tree: &Tree,
    mapping: NodeRef<'_>,
    key: &str,
    text: &str,
    fragment: &Tree,
    after: Option<NodeRef<'_>>,
) -> Result<Patch, FindError> {
    let root = root_of(text, fragment)?;
    let name = written(key, mapping.shape() == Shape::FlowMap);
    let last = after.or_else(|| mapping.children().last());
    match (mapping.shape(), last) {
        (Shape::BlockMap, Some(last)) => {
            let first = mapping.children().next().unwrap_or(last);
            let column = first.column();
            let lines = entry_lines(tree, &name, text, root, column);
            Ok(lines_at(tree, line_behind(tree, last.span().end), &lines))
        }
        (Shape::FlowMap, last) => {
            let spot = last.map_or(Spot::Only(mapping), Spot::Behind);
            let value = one_line(text, fragment, root)?;
            Ok(tree.add_between(spot, &flow_manner(tree, spot), &format!("{name}: {value}")))
        }
        _ => Err(FindError::NotEditable(format!(
            "what stands at line {} is not a mapping, so no key can be added to it",
            mapping.value_line()
        ))),
    }
}

/// The patch that takes a key out, with its value.
pub(in crate::doc) fn take_entry(tree: &Tree, entry: NodeRef<'_>) -> Result<Patch, FindError> {
    let Some(mapping) = entry.parent() else { return Err(whole()) };
    if mapping.shape() == Shape::FlowMap {
        return tree.take_between(entry);
    }
    if mapping.children().count() == 1 {
        return Err(FindError::Refused(format!(
            "the key at line {} is the only one of its mapping: without it there would be none",
            entry.line()
        )));
    }
    let from = entry.entry().start;
    let behind = line_behind(tree, entry.span().end);
    if tree.begins_line(from) {
        let start = Line::around(tree.bytes(), from).start.max(text_start(tree.bytes()));
        return Ok(without_lines(tree, start, behind));
    }
    // It stands behind the dash of its element: the next key moves up.
    let next = mapping
        .children()
        .nth(1)
        .filter(|next| entry.index() == 0 && Line::around(tree.bytes(), next.entry().start).start == behind);
    match next {
        Some(next) => Ok(Patch::one(from..next.entry().start, Vec::new())),
        None => Err(shares_line(entry)),
    }
}

/// An element of a sequence as a document of its own: not indented, with the comments in it and directly above it.
pub(in crate::doc) fn text_of(tree: &Tree, element: NodeRef<'_>) -> Result<String, FindError> {
    let Some(sequence) = element.parent() else { return Err(whole()) };
    if element.shape() == Shape::Absent {
        let line = element.line();
        return Err(FindError::NotEditable(format!(
            "there is nothing behind the dash at line {line}: take it out in an editor"
        )));
    }
    let text = |from: usize, to: usize| {
        String::from_utf8_lossy(&tree.bytes()[from..to]).replace("\r\n", "\n").replace('\r', "\n")
    };
    if sequence.shape() == Shape::FlowSeq {
        return Ok(text(element.span().start, element.span().end));
    }
    if !tree.begins_line(element.entry().start) {
        return Err(shares_line(element));
    }
    let column = element.column();
    let mut out = String::new();
    let dash = Line::around(tree.bytes(), element.entry().start).start.max(text_start(tree.bytes()));
    for line in text(above(tree, element), dash).lines() {
        out.push_str(line.trim_start_matches(' '));
        out.push('\n');
    }
    let body = text(element.entry().start + 1, line_behind(tree, element.span().end));
    let gap = body.len() - body.trim_start_matches(' ').len();
    let own_line = body[gap..].starts_with('\n');
    let body = if own_line { &body[gap + 1..] } else { &body[gap..] };
    let width = match own_line {
        true => body.len() - body.trim_start_matches(' ').len(),
        false => column + 1 + gap,
    };
    for (at, line) in body.lines().enumerate() {
        let blanks = line.len() - line.trim_start_matches(' ').len();
        let cut = if at == 0 && !own_line { 0 } else { blanks.min(width) };
        out.push_str(&line[cut..]);
        out.push('\n');
    }
    if !out.ends_with("\n\n") || element.shape() != Shape::Block {
        out.truncate(out.trim_end_matches('\n').len());
    }
    Ok(out)
}

fn root_of<'f>(text: &str, fragment: &'f Tree) -> Result<NodeRef<'f>, FindError> {
    let refuse = |why: &str| Err(FindError::Refused(format!("`{}` cannot be added: {why}", shorten(text))));
    let Some(root) = fragment.root().filter(|_| fragment.closed().is_none()) else {
        return refuse(fragment.closed().unwrap_or("there is nothing in it"));
    };
    let odd =
        (0..fragment.len()).map(|id| fragment.node(id)).any(|node| node.is_marked() || node.shape() == Shape::Alias);
    if odd { refuse("it has an anchor, an alias or a tag") } else { Ok(root) }
}

/// Whether a value cannot stand on one line as it is.
fn needs_lines(fragment: &Tree, root: NodeRef<'_>) -> bool {
    let breaks = fragment.raw(&root.span()).iter().any(|b| matches!(b, b'\r' | b'\n'));
    breaks || matches!(root.shape(), Shape::BlockMap | Shape::BlockSeq | Shape::Block)
}

fn one_line(text: &str, fragment: &Tree, root: NodeRef<'_>) -> Result<String, FindError> {
    let raw = String::from_utf8_lossy(fragment.raw(&root.span())).into_owned();
    let only = text.trim() == raw;
    if needs_lines(fragment, root) || !only {
        return Err(FindError::Refused(format!(
            "`{}` needs lines of its own, and between brackets there are none: give it on one line, with braces",
            shorten(text)
        )));
    }
    // What is legal bare in a block need not be so between brackets.
    Ok(match root.shape() {
        Shape::Plain if raw.contains([',', '[', ']', '{', '}']) => written(&raw, true),
        _ => raw,
    })
}

/// Between brackets in YAML, a first element never opens lines.
fn flow_manner(tree: &Tree, spot: Spot<'_>) -> Manner {
    let mut manner = tree.manner(spot);
    if matches!(spot, Spot::Only(_)) {
        manner.indent = None;
    }
    manner
}

fn shares_line(node: NodeRef<'_>) -> FindError {
    FindError::NotEditable(format!(
        "what stands at line {} shares its line with what holds it, so it cannot be taken by itself: do it in an editor",
        node.line()
    ))
}

fn over_lines(node: NodeRef<'_>) -> FindError {
    FindError::NotEditable(format!(
        "the brackets at line {} do not stand behind their key: do it in an editor",
        node.line()
    ))
}

fn whole() -> FindError {
    FindError::Refused("the value is the whole document and cannot be taken out".to_owned())
}
