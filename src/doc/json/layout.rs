//! New JSON values in the layout of those beside them.

use crate::doc::FindError;
use crate::doc::candidates::shorten;
use crate::doc::tree::{Manner, NodeRef, Shape, Tree};

/// The text of a new value, laid out for its place. One that holds others and is given on one line is spread over lines where
/// `spread` says so; all else keeps its own layout and is only indented.
pub(in crate::doc) fn rendered(
    text: &str,
    fragment: &Tree,
    manner: &Manner,
    spread: bool,
    colon: &str,
) -> Result<String, FindError> {
    let Some(root) = fragment.root().filter(|_| fragment.closed().is_none()) else {
        return Err(FindError::Refused(format!(
            "`{}` is not a JSON value: {}",
            shorten(text),
            fragment.closed().unwrap_or("there is nothing in it")
        )));
    };
    let text = String::from_utf8_lossy(fragment.raw(&root.span())).into_owned();
    let Some(indent) = &manner.indent else {
        // Lines of its own would not fit among values that share one.
        return Ok(if text.contains(['\r', '\n']) { on_one_line(fragment, root) } else { text });
    };
    if text.contains('\n') {
        return Ok(text.replace("\r\n", "\n").replace('\n', &format!("{}{indent}", manner.line_end)));
    }
    if !spread || root.shape().is_scalar() {
        return Ok(text);
    }
    let mut out = String::new();
    spread_out(&mut out, fragment, root, manner, indent, colon);
    Ok(out)
}

fn spread_out(out: &mut String, tree: &Tree, node: NodeRef<'_>, manner: &Manner, indent: &str, colon: &str) {
    let raw = |span| String::from_utf8_lossy(tree.raw(&span)).into_owned();
    if node.shape().is_scalar() || node.children().next().is_none() {
        out.push_str(&raw(node.span()));
        return;
    }
    let (open, close) = if node.shape() == Shape::FlowMap { ('{', '}') } else { ('[', ']') };
    let inner = format!("{indent}{}", manner.unit);
    out.push(open);
    for child in node.children() {
        if child.index() > 0 {
            out.push(',');
        }
        out.push_str(manner.line_end);
        out.push_str(&inner);
        if let Some(key) = child.key_span() {
            out.push_str(&raw(key));
            out.push_str(colon);
        }
        spread_out(out, tree, child, manner, &inner, colon);
    }
    out.push_str(manner.line_end);
    out.push_str(indent);
    out.push(close);
}

fn on_one_line(tree: &Tree, node: NodeRef<'_>) -> String {
    let raw = |span| String::from_utf8_lossy(tree.raw(&span)).into_owned();
    let inner = || {
        let child = |child: NodeRef<'_>| match child.key_span() {
            Some(key) => format!("{}: {}", raw(key), on_one_line(tree, child)),
            None => on_one_line(tree, child),
        };
        node.children().map(child).collect::<Vec<_>>().join(", ")
    };
    match node.shape() {
        Shape::FlowMap => format!("{{{}}}", inner()),
        Shape::FlowSeq => format!("[{}]", inner()),
        _ => raw(node.span()),
    }
}
