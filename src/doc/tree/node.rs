//! Reading an index: values, their keys, texts and places.

use std::borrow::Cow;

use super::{NO_PARENT, Node, Notation, Shape, Tree};
use crate::doc::{Span, json, line, yaml};

/// A value of a [`Tree`].
#[derive(Debug, Clone, Copy)]
pub struct NodeRef<'t> {
    tree: &'t Tree,
    id: usize,
}

/// The values directly below one.
#[derive(Debug, Clone)]
pub struct Children<'t> {
    tree: &'t Tree,
    at: usize,
    end: usize,
}

impl<'t> Iterator for Children<'t> {
    type Item = NodeRef<'t>;

    fn next(&mut self) -> Option<NodeRef<'t>> {
        if self.at >= self.end {
            return None;
        }
        let node = self.tree.node(self.at);
        self.at = node.data().next as usize;
        Some(node)
    }
}

impl<'t> NodeRef<'t> {
    pub(super) fn new(tree: &'t Tree, id: usize) -> NodeRef<'t> {
        NodeRef { tree, id }
    }

    fn data(&self) -> &'t Node {
        &self.tree.nodes[self.id]
    }

    /// Its number in document order.
    pub fn id(&self) -> usize {
        self.id
    }

    /// What it is.
    pub fn shape(&self) -> Shape {
        self.data().shape
    }

    /// Its bytes: of text with its quotes, of what holds others from the first to the last.
    pub fn span(&self) -> Span {
        self.data().start as usize..self.data().end as usize
    }

    /// Its bytes with its key or dash.
    pub fn entry(&self) -> Span {
        self.data().entry as usize..self.data().end as usize
    }

    /// The bytes of its key, quotes included.
    pub fn key_span(&self) -> Option<Span> {
        let data = self.data();
        (data.key_end > data.entry).then_some(data.entry as usize..data.key_end as usize)
    }

    /// Its key, decoded; none for an element and for the root.
    pub fn key(&self) -> Option<Cow<'t, str>> {
        let raw = &self.tree.bytes[self.key_span()?];
        Some(match self.tree.notation {
            Notation::Json => json::decode(raw),
            Notation::Yaml => yaml::decode_inline(raw),
        })
    }

    /// The 1-based line on which its entry begins.
    pub fn line(&self) -> usize {
        self.data().line as usize
    }

    /// The 1-based line on which it begins itself.
    pub fn value_line(&self) -> usize {
        let data = self.data();
        self.line() + line::breaks(&self.tree.bytes[data.entry as usize..(data.start.max(data.entry)) as usize])
    }

    /// 0-based among its siblings.
    pub fn index(&self) -> usize {
        self.data().index as usize
    }

    /// What holds it; none for the root.
    pub fn parent(&self) -> Option<NodeRef<'t>> {
        let parent = self.data().parent;
        (parent != NO_PARENT).then(|| self.tree.node(parent as usize))
    }

    /// What it holds, in document order.
    pub fn children(&self) -> Children<'t> {
        Children { tree: self.tree, at: self.id + 1, end: self.data().next as usize }
    }

    /// The value behind a key; none where it is missing or not the only one.
    pub fn get(&self, key: &str) -> Option<NodeRef<'t>> {
        let mut found = self.children().filter(|child| child.key().is_some_and(|own| own == key));
        found.next().filter(|_| self.shape().is_map() && found.next().is_none())
    }

    /// The text of a single value: of JSON literals as they stand there, of strings decoded, of what is absent nothing, of an
    /// alias its name. None for what holds others.
    pub fn text(&self) -> Option<Cow<'t, str>> {
        let raw = &self.tree.bytes[self.span()];
        match self.shape() {
            Shape::Plain | Shape::Single => Some(yaml::decode_inline(raw)),
            Shape::Double if self.tree.notation == Notation::Json => Some(json::decode(raw)),
            Shape::Double => Some(yaml::decode_inline(raw)),
            Shape::Block => Some(Cow::Owned(yaml::decode_block(raw, self.indent()))),
            Shape::Literal | Shape::Alias => Some(String::from_utf8_lossy(raw)),
            Shape::Absent => Some(Cow::Borrowed("")),
            Shape::BlockMap | Shape::BlockSeq | Shape::FlowMap | Shape::FlowSeq => None,
        }
    }

    /// Its value as a cell has it: in JSON, a string that could be taken for something else stands in quotes.
    pub(crate) fn value(&self) -> Cow<'t, str> {
        let text = self.text().unwrap_or_default();
        match (self.tree.notation, self.shape()) {
            (Notation::Json, Shape::Double) => match json::string_value(&text) {
                Cow::Borrowed(_) => text,
                Cow::Owned(quoted) => Cow::Owned(quoted),
            },
            _ => text,
        }
    }

    /// Column of its entry, in bytes: what a block below it has to be indented more than. -1 for the whole document.
    pub(crate) fn indent(&self) -> isize {
        if self.data().parent == NO_PARENT { -1 } else { self.column() as isize }
    }

    /// Column in which its entry begins, in bytes.
    pub(crate) fn column(&self) -> usize {
        let entry = self.data().entry as usize;
        let start = line::Line::around(&self.tree.bytes, entry).start;
        entry - start.max(line::text_start(&self.tree.bytes)).min(entry)
    }

    /// Whether it stands between brackets.
    pub(crate) fn is_in_flow(&self) -> bool {
        self.parent().is_some_and(|parent| parent.shape().is_flow())
    }

    /// Why it cannot be set, if so.
    pub fn read_only(&self) -> Option<String> {
        let line = self.value_line();
        let own = match self.shape() {
            Shape::BlockMap | Shape::FlowMap => Some("holds keys of its own: name one of them"),
            Shape::BlockSeq | Shape::FlowSeq => Some("holds elements: name one of them"),
            Shape::Block => Some("is a block of lines behind `|` or `>`: change it in an editor"),
            Shape::Alias => Some("is an alias of another place: change that one"),
            Shape::Absent => Some("has no value behind it: write one in an editor first"),
            Shape::Plain | Shape::Single | Shape::Double | Shape::Literal if self.data().marked => {
                Some("has an anchor or a tag, on which other places may depend: change it in an editor")
            }
            Shape::Plain | Shape::Single | Shape::Double | Shape::Literal => None,
        };
        own.map(|why| format!("the place (line {line}) {why}")).or_else(|| self.repeated())
    }

    /// Why nothing at or below it can be addressed, if so.
    pub(crate) fn repeated(&self) -> Option<String> {
        let mut at = Some(*self);
        while let Some(node) = at {
            if node.data().repeated {
                let key = node.key().unwrap_or_default().into_owned();
                let line = node.line();
                return Some(format!(
                    "the key `{}` (line {line}) stands in its mapping more than once: remove one of them first",
                    crate::doc::candidates::shorten(&key)
                ));
            }
            at = node.parent();
        }
        None
    }

    /// Whether it has an anchor or a tag.
    pub fn is_marked(&self) -> bool {
        self.data().marked
    }
}
