//! Index of one JSON or YAML file: where each key and value is, decoded on demand. The file is never printed from it.
//!
//! Some fifty bytes a value, at most [`Tree::MAX_VALUES`] of them, nested at most [`Tree::MAX_DEPTH`] deep: a document beyond
//! that is shown as far as it was read, and not edited. Aliases are places of their own and are never followed.

mod address;
pub(super) mod compare;
pub(super) mod flow;
mod node;

use std::collections::HashMap;
use std::sync::Arc;

use super::damage::{LineCounter, Problems};
use super::{Problem, Severity, Span};

pub(super) use flow::{Manner, Spot};
pub use node::{Children, NodeRef};

/// Which of the two notations a [`Tree`] was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// JSON (RFC 8259).
    Json,
    /// YAML (1.2, read like 1.1 where texts look like other types).
    Yaml,
}

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// YAML text without quotes; may run over several lines.
    Plain,
    /// YAML text in single quotes.
    Single,
    /// Text in double quotes, in YAML or JSON.
    Double,
    /// YAML text behind `|` or `>`.
    Block,
    /// JSON `null`, `true`, `false` or a number.
    Literal,
    /// Nothing behind a YAML key or dash.
    Absent,
    /// YAML `*name`.
    Alias,
    /// Keys and values, one below the other.
    BlockMap,
    /// Elements behind dashes.
    BlockSeq,
    /// Keys and values in `{}`.
    FlowMap,
    /// Elements in `[]`.
    FlowSeq,
}

impl Shape {
    /// Whether it holds keys and values.
    pub fn is_map(self) -> bool {
        matches!(self, Shape::BlockMap | Shape::FlowMap)
    }

    /// Whether it holds elements.
    pub fn is_seq(self) -> bool {
        matches!(self, Shape::BlockSeq | Shape::FlowSeq)
    }

    /// Whether it is a single value.
    pub fn is_scalar(self) -> bool {
        !self.is_map() && !self.is_seq()
    }

    /// Whether it holds keys or elements between brackets.
    pub fn is_flow(self) -> bool {
        matches!(self, Shape::FlowMap | Shape::FlowSeq)
    }
}

/// The index of a JSON or YAML document. All spans are byte spans in the file, a byte-order mark included.
#[derive(Debug)]
pub struct Tree {
    bytes: Arc<Vec<u8>>,
    notation: Notation,
    /// In document order, a parent before its children: those of node `n` begin at `n + 1`.
    nodes: Vec<Node>,
    problems: Vec<Problem>,
    closed: Option<String>,
}

/// One value.
#[derive(Debug, Clone, Copy)]
struct Node {
    start: u32,
    end: u32,
    /// Where its entry begins: its dash, its key, or itself.
    entry: u32,
    /// The key's token, quotes included; empty at `entry` when it has none.
    key_end: u32,
    line: u32,
    /// [`NO_PARENT`] for the root.
    parent: u32,
    /// The node behind all that is below this one.
    next: u32,
    /// 0-based among its siblings.
    index: u32,
    shape: Shape,
    /// It has an anchor or a tag.
    marked: bool,
    /// A mapping has its key more than once.
    repeated: bool,
}

const NO_PARENT: u32 = u32::MAX;

/// Why reading stopped.
#[derive(Debug)]
pub(super) struct Fault {
    /// Offset of the place.
    pub at: usize,
    /// Rule name of the problem.
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub advice: &'static str,
}

/// Where a value hangs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    parent: u32,
    entry: usize,
    key_end: usize,
}

/// The nodes of a document that is being read.
#[derive(Debug, Default)]
pub(super) struct Growing {
    nodes: Vec<Node>,
    /// The last child of each node of `nodes` that is still open, and how many it has: pairs of node and count.
    open: Vec<(u32, u32)>,
}

impl Slot {
    /// The place of the whole document.
    pub fn root(at: usize) -> Slot {
        Slot { parent: NO_PARENT, entry: at, key_end: at }
    }

    /// The place of a value behind a key.
    pub fn keyed(parent: usize, key: &Span) -> Slot {
        Slot { parent: parent as u32, entry: key.start, key_end: key.end }
    }

    /// The place of an element that begins at `entry`.
    pub fn element(parent: usize, entry: usize) -> Slot {
        Slot { parent: parent as u32, entry, key_end: entry }
    }

    /// Where its entry begins.
    pub fn entry(&self) -> usize {
        self.entry
    }
}

impl Growing {
    /// Adds a value that holds others; it must be closed.
    pub fn open(&mut self, slot: Slot, shape: Shape, marked: bool, start: usize) -> Result<usize, Fault> {
        if self.open.len() >= Tree::MAX_DEPTH {
            return Err(Fault {
                at: start,
                rule: "too-deep",
                message: format!(
                    "values are nested deeper than {} here, and what follows is not read",
                    Tree::MAX_DEPTH
                ),
                advice: "make the document flatter",
            });
        }
        let id = self.scalar(slot, shape, marked, &(start..start))?;
        self.open.push((id as u32, 0));
        Ok(id)
    }

    /// Ends the innermost open value.
    pub fn close(&mut self, end: usize) {
        if let Some((id, _)) = self.open.pop() {
            let next = self.nodes.len() as u32;
            let node = &mut self.nodes[id as usize];
            node.end = end as u32;
            node.next = next;
        }
    }

    /// Where the last value that was added ends.
    pub fn last_end(&self, id: usize) -> usize {
        let mut last = id + 1;
        while self.nodes.get(last).is_some_and(|node| (node.next as usize) < self.nodes.len()) {
            last = self.nodes[last].next as usize;
        }
        self.nodes.get(last).map_or(0, |node| node.end as usize)
    }

    /// Adds a single value.
    pub fn scalar(&mut self, slot: Slot, shape: Shape, marked: bool, span: &Span) -> Result<usize, Fault> {
        if self.nodes.len() >= Tree::MAX_VALUES {
            return Err(Fault {
                at: span.start,
                rule: "too-many-values",
                message: format!(
                    "the document has more than {} values, and what follows is not read",
                    Tree::MAX_VALUES
                ),
                advice: "split it",
            });
        }
        let mut index = 0;
        if let Some((_, count)) = self.open.last_mut() {
            index = *count;
            *count += 1;
        }
        let id = self.nodes.len();
        self.nodes.push(Node {
            start: span.start as u32,
            end: span.end as u32,
            entry: slot.entry as u32,
            key_end: slot.key_end as u32,
            line: 0,
            parent: slot.parent,
            next: id as u32 + 1,
            index,
            shape,
            marked,
            repeated: false,
        });
        Ok(id)
    }

    /// The index, of as much as was read when `fault` ended the reading.
    pub fn finish(mut self, bytes: Arc<Vec<u8>>, notation: Notation, fault: Option<Fault>) -> Tree {
        while let Some((id, _)) = self.open.last().copied() {
            self.close(self.last_end(id as usize).max(self.nodes[id as usize].start as usize));
        }
        let mut counter = LineCounter::new(&bytes, 0, 1);
        for node in &mut self.nodes {
            node.line = counter.line(node.entry as usize) as u32;
        }
        let mut tree = Tree { bytes, notation, nodes: self.nodes, problems: Vec::new(), closed: None };
        let mut problems = Problems::default();
        tree.find_repeated(&mut problems);
        if let Some(fault) = fault {
            let line = super::line::breaks(&tree.bytes[..fault.at.min(tree.bytes.len())]) + 1;
            tree.closed = Some(format!("{} (line {line}): {}", fault.message, fault.advice));
            let severity = if fault.rule == super::json::LINES { Severity::Note } else { Severity::Error };
            problems.add(fault.rule, severity, line, || (fault.message, fault.advice.to_owned()));
        }
        tree.problems = problems.finish();
        tree
    }
}

impl Tree {
    /// How many values are read at most.
    pub const MAX_VALUES: usize = 1_000_000;
    /// How deep values may be nested.
    pub const MAX_DEPTH: usize = 128;

    /// Reads `bytes`; never fails.
    pub fn parse(bytes: Arc<Vec<u8>>, notation: Notation) -> Tree {
        match notation {
            Notation::Json => super::json::scan(bytes),
            Notation::Yaml => super::yaml::scan(bytes),
        }
    }

    /// Which notation it is.
    pub fn notation(&self) -> Notation {
        self.notation
    }

    /// The value that is the whole document; none where nothing could be read.
    pub fn root(&self) -> Option<NodeRef<'_>> {
        (!self.nodes.is_empty()).then(|| self.node(0))
    }

    /// How many values it has.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether it has no value at all.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What is damaged or suspicious.
    pub fn problems(&self) -> Vec<Problem> {
        self.problems.clone()
    }

    /// Why nothing in it may be edited, if so: it is not valid as a whole, or too large.
    pub fn closed(&self) -> Option<&str> {
        self.closed.as_deref()
    }

    /// The bytes of a span.
    pub fn raw(&self, span: &Span) -> &[u8] {
        &self.bytes[span.clone()]
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The value with this number in document order, below [`Tree::len`].
    pub fn node(&self, id: usize) -> NodeRef<'_> {
        NodeRef::new(self, id)
    }

    /// Marks the keys that stand in a mapping more than once: which of them counts, readers do not agree on.
    fn find_repeated(&mut self, problems: &mut Problems) {
        let mut repeated = Vec::new();
        for id in (0..self.nodes.len()).filter(|&id| self.nodes[id].shape.is_map()) {
            let mut known: HashMap<String, usize> = HashMap::new();
            for child in self.node(id).children() {
                let key = child.key().unwrap_or_default().into_owned();
                match known.get(&key) {
                    None => {
                        known.insert(key, child.id());
                    }
                    Some(first) => {
                        let line = self.nodes[*first].line;
                        problems.add("repeated-key", Severity::Warning, child.line(), || {
                            let key = super::candidates::shorten(&key);
                            let message = format!("the key `{key}` stands in this mapping already (line {line}), and programs differ in which of the two they take");
                            (message, "remove one of them; until then neither can be edited".to_owned())
                        });
                        repeated.extend([*first, child.id()]);
                    }
                }
            }
        }
        for id in repeated {
            self.nodes[id].repeated = true;
        }
    }
}
