//! Tasks as YAML text of their own: new ones, and those that are moved while something else of them changes.

use crate::doc::cell::{CellId, PathCell, Step};
use crate::doc::tree::Shape;
use crate::doc::{Addition, DocId, Document, yaml};
use crate::op::{Change, Edit};

/// A value in the quotes of its neighbours, where they are legal.
pub(super) fn quoted_like(value: &str, like: Shape) -> String {
    match like {
        Shape::Double => yaml::double_quoted(value),
        Shape::Single if !value.contains(|c: char| c.is_control()) => format!("'{}'", value.replace('\'', "''")),
        _ => yaml::written(value, false),
    }
}

/// The text of a task, read as a document.
fn document(text: &str) -> Option<Document> {
    let id = DocId::new("task.yaml").ok()?;
    Some(Document::parse(id, text.as_bytes().to_vec()))
}

fn text_of(doc: &Document) -> String {
    String::from_utf8_lossy(doc.bytes()).into_owned()
}

/// The text of a task with another value behind a key.
pub(super) fn with_key(text: &str, key: &str, value: &str) -> String {
    let cell = CellId::Path(PathCell::Steps(vec![Step::Key(key.to_owned())]));
    let changed = document(text).and_then(|doc| Some(doc.apply(&doc.set(&cell, value).ok()?)));
    changed.map_or_else(|| text.to_owned(), |doc| text_of(&doc))
}

/// The text of a task that says this under a key: a value or lines, in these quotes. A text that says so already stays.
pub(in crate::model::task) fn drafted(text: &str, key: &str, value: &str, is_list: bool, like: Shape) -> String {
    let lines: Vec<&str> = value.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect();
    let doc = document(text);
    let there = doc.as_ref().and_then(|doc| doc.tree()?.root()?.get(key));
    if let (Some(doc), Some(there)) = (&doc, there) {
        let is_same = |tree| super::said(tree, there).split('\n').map(str::trim).eq(lines.iter().copied());
        if doc.tree().is_some_and(is_same) {
            return text.to_owned();
        }
        if !is_list && there.read_only().is_none() {
            return with_key(text, key, &lines.join(" "));
        }
    }
    let text = without(text, key);
    let value = match (is_list, &lines[..]) {
        (_, []) => return text,
        (true, _) => lines.iter().map(|line| format!("\n  - {}", quoted_like(line, like))).collect::<Vec<_>>().concat(),
        (false, _) => format!(" {}", quoted_like(&lines.join(" "), like)),
    };
    let gap = if text.is_empty() { "" } else { "\n" };
    format!("{text}{gap}{key}:{value}")
}

/// The text of a task without a key.
fn without(text: &str, key: &str) -> String {
    let taken = document(text).and_then(|doc| {
        let value = doc.tree()?.root()?.get(key)?;
        let line = |at: usize| doc.bytes()[..at].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        let from = line(value.entry().start);
        let end = value.span().end;
        let to = doc.bytes()[end..].iter().position(|b| *b == b'\n').map_or(doc.bytes().len(), |at| end + at + 1);
        String::from_utf8([&doc.bytes()[..from], &doc.bytes()[to..]].concat()).ok()
    });
    taken.unwrap_or_else(|| text.to_owned()).trim_end_matches('\n').to_owned()
}

/// Edits in which what changes inside of a task that moves is part of the move: a block is taken out as it was, and put into
/// its new list as it shall be.
pub fn arranged(mut edits: Vec<Edit>) -> Vec<Edit> {
    for at in 0..edits.len() {
        let Some((doc, prefix)) = moved_from(&edits, at) else { continue };
        let Some(to) = (at + 1..edits.len()).find(|&next| {
            edits[next].doc == doc
                && matches!(&edits[next].change, Change::Add { addition: Addition::Item { .. }, .. })
                && within(&edits[next].change, &prefix).is_none()
        }) else {
            continue;
        };
        let Change::Add { addition: Addition::Item { text, .. }, .. } = &edits[to].change else { continue };
        let Some(mut task) = document(text) else { continue };
        let inner: Vec<usize> = (0..edits.len())
            .filter(|&other| other != at && other != to && edits[other].doc == doc)
            .filter(|&other| within(&edits[other].change, &prefix).is_some())
            .collect();
        let changed = inner.iter().try_for_each(|&other| {
            task = within(&edits[other].change, &prefix).and_then(|change| applied(&task, &change))?;
            Some(())
        });
        if changed.is_none() || inner.is_empty() {
            continue;
        }
        if let Change::Add { addition: Addition::Item { text, .. }, .. } = &mut edits[to].change {
            *text = text_of(&task);
        }
        let mut index = 0;
        edits.retain(|_| {
            index += 1;
            !inner.contains(&(index - 1))
        });
        return arranged(edits);
    }
    edits
}

/// The address of the element that this edit takes out of its list, if it is a task.
fn moved_from(edits: &[Edit], at: usize) -> Option<(DocId, Vec<Step>)> {
    let Change::TakeOut { addition: Addition::Item { at: PathCell::Steps(list), text, .. }, .. } = &edits[at].change
    else {
        return None;
    };
    let task = document(text)?;
    let id = task.tree()?.root()?.get("id")?.text()?.into_owned();
    let mut prefix = list.clone();
    prefix.push(Step::Element(crate::doc::cell::Element { key: "id".to_owned(), is: id, occurrence: 0 }));
    Some((edits[at].doc.clone(), prefix))
}

/// The change as one of the element alone, if it is below that address.
fn within(change: &Change, prefix: &[Step]) -> Option<Change> {
    let rest = |path: &PathCell| match path {
        PathCell::Steps(steps) => steps.strip_prefix(prefix).map(|rest| PathCell::Steps(rest.to_vec())),
        PathCell::Pointer(_) => None,
    };
    let mut change = change.clone();
    match &mut change {
        Change::Set { cell: CellId::Path(path), .. } => *path = rest(path)?,
        Change::Add { addition: Addition::Item { at, .. } | Addition::Entry { at, .. }, .. }
        | Change::TakeOut { addition: Addition::Item { at, .. } | Addition::Entry { at, .. }, .. } => *at = rest(at)?,
        Change::Set { .. } | Change::Add { .. } | Change::TakeOut { .. } | Change::Rewrite { .. } => return None,
    }
    Some(change)
}

fn applied(task: &Document, change: &Change) -> Option<Document> {
    let patch = match change {
        Change::Set { cell, expect, write, .. } => {
            (task.find(cell).ok()?.value == *expect).then_some(())?;
            task.set(cell, write).ok()?
        }
        Change::Add { addition, .. } => task.add(addition).ok()?,
        Change::TakeOut { addition, .. } => task.take_out(addition, None).ok()?,
        Change::Rewrite { .. } => return None,
    };
    Some(task.apply(&patch))
}
