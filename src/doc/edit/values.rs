//! Elements and keys of JSON and YAML documents: adding them, taking them out, counting them.

use std::sync::Arc;

use crate::doc::candidates::shorten;
use crate::doc::cell::{End, PathCell};
use crate::doc::line::occurrences;
use crate::doc::tree::compare::{changes, same};
use crate::doc::tree::{NodeRef, Notation, Shape, Spot, Tree};
use crate::doc::{Addition, Document, FindError, Inserted, Patch, Splice, json, yaml};

use super::not_kept;

/// An element or key that comes or goes.
#[derive(Debug, Clone, Copy)]
struct Piece<'a> {
    /// What holds it.
    at: &'a PathCell,
    /// Of a key, the key.
    key: Option<&'a str>,
    text: &'a str,
    end: End,
    after: Option<&'a str>,
}

impl Document {
    /// The patch that adds an element or a key.
    pub(super) fn add_value(&self, tree: &Tree, addition: &Addition) -> Result<Patch, FindError> {
        let Some(piece) = Piece::of(addition) else { return Err(self.wrong_kind_to_add(addition)) };
        let parent = tree.locate(piece.at)?;
        let fragment = piece.fragment(tree);
        let patch = match piece.key {
            None => add_item(tree, parent, piece, &fragment)?,
            Some(key) => {
                if parent.children().any(|child| child.key().is_some_and(|own| own == key)) {
                    let line = parent.value_line();
                    return Err(FindError::Refused(format!(
                        "the mapping at line {line} has the key `{}` already",
                        shorten(key)
                    )));
                }
                let after = piece.after.map(|after| {
                    parent.get(after).ok_or_else(|| {
                        FindError::NoMatch(format!(
                            "no key `{}` in the mapping at line {}",
                            shorten(after),
                            parent.value_line()
                        ))
                    })
                });
                add_entry(tree, parent, key, piece, &fragment, after.transpose()?)?
            }
        };
        self.adds_one(tree, &patch, piece).map(|()| patch)
    }

    /// The patch that takes an element or key out: with the very bytes that its addition inserted and replaced, where they
    /// can be told; else by itself.
    pub(super) fn take_value(
        &self,
        tree: &Tree,
        addition: &Addition,
        inserted: Option<&Inserted>,
    ) -> Result<Patch, FindError> {
        let Some(piece) = Piece::of(addition) else { return Err(self.wrong_kind_to_add(addition)) };
        let found = piece.find(tree)?;
        let Some(node) = found else {
            return Err(FindError::NoMatch(format!("`{}` is no longer there as it was added", shorten(piece.text))));
        };
        if let Some(inserted) = inserted {
            for patch in exact(tree, node, inserted) {
                if self.takes_only(tree, &patch, node).is_ok() {
                    return Ok(patch);
                }
            }
        }
        let patch = match (tree.notation(), piece.key) {
            (Notation::Json, _) => tree.take_between(node)?,
            (Notation::Yaml, None) => yaml::take_item(tree, node)?,
            (Notation::Yaml, Some(_)) => yaml::take_entry(tree, node)?,
        };
        self.takes_only(tree, &patch, node).map(|()| patch)
    }

    /// How many times the element or key is there.
    pub(super) fn holds_value(&self, tree: &Tree, addition: &Addition) -> usize {
        let Some(piece) = Piece::of(addition) else { return 0 };
        let Ok(parent) = tree.locate(piece.at) else { return 0 };
        let fragment = piece.fragment(tree);
        piece.like(parent, &fragment).count()
    }

    /// An element as the text of an [`Addition::Item`] that would add it elsewhere: with its comments, not indented.
    pub fn item_text(&self, element: &PathCell) -> Result<String, FindError> {
        let Some(tree) = self.tree() else {
            return Err(FindError::NotEditable(format!("{}: only JSON and YAML documents have elements", self.id)));
        };
        let node = tree.locate(element)?;
        let text = match tree.notation() {
            Notation::Yaml => yaml::text_of(tree, node)?,
            Notation::Json => {
                // Less the indentation of its first line.
                let text = String::from_utf8_lossy(tree.raw(&node.span())).replace("\r\n", "\n");
                text.replace(&format!("\n{}", tree.indentation(node.entry().start)), "\n")
            }
        };
        let fragment = parsed(tree, &text);
        if fragment.closed().is_none() && fragment.root().is_some_and(|root| same(root, node)) {
            return Ok(text);
        }
        let line = node.line();
        Err(FindError::NotEditable(format!(
            "the element at line {line} would read differently by itself: move it in an editor"
        )))
    }

    /// The address that a value of this document has in `after`, in which only the texts of values differ: an element may
    /// have got another id.
    pub fn renamed_path(&self, after: &Document, path: &PathCell) -> Option<PathCell> {
        let (old, new) = (self.tree()?, after.tree()?);
        let node = old.locate(path).ok()?;
        match path {
            PathCell::Pointer(_) => Some(path.clone()),
            PathCell::Steps(_) => (node.id() < new.len()).then(|| new.address(new.node(node.id()))),
        }
    }

    fn adds_one(&self, tree: &Tree, patch: &Patch, piece: Piece<'_>) -> Result<(), FindError> {
        let what = || format!("with `{}`, the document", shorten(piece.text));
        let after = self.apply(patch);
        let Some(new) = after.tree().filter(|_| after.locked().is_none()) else {
            return Err(not_kept(&what(), "how all of it is read"));
        };
        let changed =
            changes(tree, new, patch).map_err(|at| not_kept(&what(), &format!("what stands at line {}", at.0)))?;
        let fragment = piece.fragment(tree);
        let own = match changed.added[..] {
            [added] if changed.set.is_empty() && changed.removed.is_empty() => new.node(added),
            _ => return Err(not_kept(&what(), "what stands around it")),
        };
        let stands = new.locate(piece.at).is_ok_and(|parent| own.parent().is_some_and(|its| its.id() == parent.id()));
        let key = own.key();
        if stands && key.as_deref() == piece.key && fragment.root().is_some_and(|root| same(own, root)) {
            return Ok(());
        }
        Err(FindError::Refused(format!("`{}` would not read back as it is given", shorten(piece.text))))
    }

    fn takes_only(&self, tree: &Tree, patch: &Patch, node: NodeRef<'_>) -> Result<(), FindError> {
        let what = format!("without what stands at line {}, the document", node.line());
        let after = self.apply(patch);
        let Some(new) = after.tree().filter(|_| after.locked().is_none()) else {
            return Err(not_kept(&what, "how all of it is read"));
        };
        let changed =
            changes(tree, new, patch).map_err(|at| not_kept(&what, &format!("what stands at line {}", at.0)))?;
        if changed.removed == [node.id()] && changed.added.is_empty() && changed.set.is_empty() {
            return Ok(());
        }
        Err(not_kept(&what, "what stands around it"))
    }
}

impl<'a> Piece<'a> {
    fn of(addition: &'a Addition) -> Option<Piece<'a>> {
        match addition {
            Addition::Item { at, text, end } => Some(Piece { at, key: None, text, end: *end, after: None }),
            Addition::Entry { at, key, text, after } => {
                Some(Piece { at, key: Some(key), text, end: End::End, after: after.as_deref() })
            }
            Addition::Line { .. } | Addition::Record { .. } | Addition::Row { .. } | Addition::Document { .. } => None,
        }
    }

    fn fragment(&self, tree: &Tree) -> Tree {
        parsed(tree, self.text)
    }

    /// The values below `parent` that are this one.
    fn like<'t>(self, parent: NodeRef<'t>, fragment: &'t Tree) -> impl Iterator<Item = NodeRef<'t>> + use<'t, 'a> {
        let root = fragment.root();
        let fits = parent.shape().is_seq() || (self.key.is_some() && parent.shape().is_map());
        parent.children().filter(move |child| {
            fits && child.key().as_deref() == self.key && root.is_some_and(|root| same(*child, root))
        })
    }

    /// The one that was added last.
    fn find<'t>(&self, tree: &'t Tree) -> Result<Option<NodeRef<'t>>, FindError> {
        let parent = tree.locate(self.at)?;
        let fragment = self.fragment(tree);
        let mut ids = self.like(parent, &fragment).map(|node| node.id());
        let id = if self.end == End::Start { ids.next() } else { ids.last() };
        Ok(id.map(|id| tree.node(id)))
    }
}

/// A text of an addition to this document. In its place its last line has an end.
fn parsed(tree: &Tree, text: &str) -> Tree {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    Tree::parse(Arc::new(format!("{text}{end}").into_bytes()), tree.notation())
}

fn add_item(tree: &Tree, sequence: NodeRef<'_>, piece: Piece<'_>, fragment: &Tree) -> Result<Patch, FindError> {
    if tree.notation() == Notation::Yaml {
        return yaml::add_item(tree, sequence, piece.text, fragment, piece.end);
    }
    if !sequence.shape().is_seq() {
        let line = sequence.value_line();
        return Err(FindError::NotEditable(format!(
            "what stands at line {line} is not an array, so no element can be added to it"
        )));
    }
    let spot = Spot::of(sequence, piece.end);
    let manner = tree.manner(spot);
    // Among values that stand on one line each, a new one does too.
    let spread = match spot {
        Spot::Only(_) => true,
        Spot::Before(like) | Spot::Behind(like) => like.shape().is_scalar() || is_spread(tree, like),
    };
    let text = json::rendered(piece.text, fragment, &manner, spread, &tree.colon(sequence))?;
    Ok(tree.add_between(spot, &manner, &text))
}

fn is_spread(tree: &Tree, node: NodeRef<'_>) -> bool {
    node.children().next().is_none() || tree.raw(&node.span()).contains(&b'\n')
}

fn add_entry(
    tree: &Tree,
    mapping: NodeRef<'_>,
    key: &str,
    piece: Piece<'_>,
    fragment: &Tree,
    after: Option<NodeRef<'_>>,
) -> Result<Patch, FindError> {
    if tree.notation() == Notation::Yaml {
        return yaml::add_entry(tree, mapping, key, piece.text, fragment, after);
    }
    if mapping.shape() != Shape::FlowMap {
        let line = mapping.value_line();
        return Err(FindError::NotEditable(format!(
            "what stands at line {line} is not an object, so no key can be added to it"
        )));
    }
    let spot = after.or_else(|| mapping.children().last()).map_or(Spot::Only(mapping), Spot::Behind);
    let manner = tree.manner(spot);
    let colon = tree.colon(mapping);
    let text = json::rendered(piece.text, fragment, &manner, true, &colon)?;
    Ok(tree.add_between(spot, &manner, &format!("{}{colon}{text}", json::encode(key))))
}

/// The patches that put back what an addition replaced, wherever what it wrote stands around `node`.
fn exact(tree: &Tree, node: NodeRef<'_>, inserted: &Inserted) -> Vec<Patch> {
    let (there, back) = (inserted.text().as_bytes(), inserted.back().as_bytes());
    let entry = node.entry();
    let from = entry.end.saturating_sub(there.len());
    let to = (entry.start + there.len()).min(tree.bytes().len());
    let Some(window) = tree.bytes().get(from..to).filter(|_| !there.is_empty()) else { return Vec::new() };
    let places = occurrences(window, there).map(|place| from + place.start..from + place.end);
    let around = places.filter(|place| place.start <= entry.start && place.end >= entry.end);
    around.map(|span| Splice { span, new: back.to_vec() }).map(|splice| Patch::one(splice.span, splice.new)).collect()
}
