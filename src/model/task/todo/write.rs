//! How a field of a task in YAML is written: a value set, lines of a list added, changed and taken out, a key that is not there
//! yet, a task moved between lists.

use std::collections::BTreeMap;

use super::text::{quoted_like, with_key};
use super::{LISTS, List, Todo, below, line_of};
use crate::doc::cell::{CellId, End, PathCell, Step};
use crate::doc::tree::Shape;
use crate::doc::{Addition, Document};
use crate::model::task::state::split_state;
use crate::op::Change;

/// What has to be done to make a field say something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// The cell is set.
    Cell,
    /// A state, by the document's own words; where the document has a list for each state, the task moves too.
    State {
        /// Own words by state.
        words: BTreeMap<String, String>,
        /// The task as it stands in its list.
        block: Option<Block>,
        /// Whether there is a key to be set.
        is_set: bool,
    },
    /// The area: the task moves to the list of another one.
    Area(Block),
    /// A list, one line an element.
    List {
        /// The list.
        at: PathCell,
        /// Its elements: what they say, and their text in the document.
        items: Vec<(String, String)>,
        /// How a new element is quoted.
        like: Shape,
        /// Taken out and written anew as lines when it gets its first element: key and mapping.
        empty: Option<(PathCell, String, Option<String>)>,
    },
    /// The key is not there yet.
    New {
        /// The task.
        mapping: PathCell,
        /// The key.
        key: String,
        /// Whether its value is a list.
        is_list: bool,
        /// How an element is quoted.
        like: Shape,
    },
}

/// A task as a block that can be moved from one list to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    from: PathCell,
    text: String,
    /// Lists by what they are called, in lower case.
    to: BTreeMap<String, PathCell>,
    status: String,
}

impl Todo {
    /// How the value behind `key` is written.
    pub(in crate::model::task) fn form(&self, doc: &Document, row: usize, key: &str, is_state: bool) -> Form {
        let (Some(tree), Some(list)) = (doc.tree(), self.list(row)) else { return Form::Cell };
        let Some(task) = self.node(tree, row) else { return Form::Cell };
        let value = task.get(key);
        if is_state {
            let block = list.state.is_some().then(|| self.block(doc, row, key, |to| to.state.as_deref()));
            return Form::State { words: self.words.clone(), block: block.flatten(), is_set: value.is_some() };
        }
        if key == super::AREA && value.is_none() {
            return self.block(doc, row, key, |to| Some(&to.area)).map_or(Form::Cell, Form::Area);
        }
        // A list is quoted like its own last element, else like others under this key.
        let others =
            || self.rows.iter().rev().filter_map(|row| tree.node(row.node).get(key)).filter(|v| v.shape().is_seq());
        let last_of = |node: crate::doc::tree::NodeRef<'_>| node.children().last().map(|last| last.shape());
        let like = || self.like(doc, key);
        match value {
            Some(value) if value.shape().is_seq() => {
                let at = tree.address(value);
                let items = value.children().map(|element| {
                    let steps = at_index(&at, element.index());
                    (line_of(tree, element), doc.item_text(&steps).unwrap_or_default())
                });
                let in_lines =
                    || others().all(|other| other.shape() == Shape::BlockSeq || other.children().next().is_none());
                let before = task.children().take_while(|child| child.id() != value.id()).last();
                let empty = value.shape() == Shape::FlowSeq && value.children().next().is_none() && in_lines();
                let empty = before.and_then(|before| before.key()).filter(|_| empty).map(|before| {
                    let text = String::from_utf8_lossy(tree.raw(&value.span())).into_owned();
                    (tree.address(task), text, Some(before.into_owned()))
                });
                let like = last_of(value).unwrap_or_else(like);
                let items = items.collect();
                Form::List { at, items, like, empty }
            }
            Some(value) if value.shape() == Shape::Absent && self.is_list(doc, key) => {
                Form::List { at: tree.address(value), items: Vec::new(), like: like(), empty: None }
            }
            Some(_) => Form::Cell,
            None => Form::New {
                mapping: tree.address(task),
                key: key.to_owned(),
                is_list: self.is_list(doc, key),
                like: like(),
            },
        }
    }

    /// How values behind a key, or the elements of lists there, are quoted: like the last one.
    pub(in crate::model::task) fn like(&self, doc: &Document, key: &str) -> Shape {
        let values = self.rows.iter().rev().filter_map(|row| doc.tree()?.node(row.node).get(key));
        let shapes = values.filter_map(|value| match value.shape() {
            shape if shape.is_seq() => value.children().last().map(|last| last.shape()),
            shape => Some(shape).filter(|shape| shape.is_scalar() && *shape != Shape::Absent),
        });
        let otherwise = if LISTS.contains(&key) { Shape::Double } else { Shape::Plain };
        shapes.into_iter().next().unwrap_or(otherwise)
    }

    /// Whether the values behind a key are lists: those that are there, else by the key's name.
    pub(in crate::model::task) fn is_list(&self, doc: &Document, key: &str) -> bool {
        let Some(tree) = doc.tree() else { return false };
        let mut there = self.rows.iter().filter_map(|row| tree.node(row.node).get(key)).map(|value| value.shape());
        let first = there.find(|shape| *shape != Shape::Absent);
        first.map_or_else(|| LISTS.contains(&key), Shape::is_seq)
    }

    fn block<'l>(
        &'l self,
        doc: &Document,
        row: usize,
        key: &str,
        name: impl Fn(&'l List) -> Option<&'l str>,
    ) -> Option<Block> {
        let tree = doc.tree()?;
        let task = self.node(tree, row)?;
        let mut to = BTreeMap::new();
        for list in &self.lists {
            let Some(name) = name(list) else { continue };
            to.entry(name.to_lowercase()).or_insert_with(|| tree.address(tree.node(list.node)));
        }
        let from = tree.address(task.parent()?);
        Some(Block { from, text: doc.item_text(&tree.address(task)).ok()?, to, status: key.to_owned() })
    }
}

impl Form {
    /// The changes that make the field, which says `seen`, say `text`.
    pub(in crate::model::task) fn changes(&self, cell: &CellId, seen: &str, text: &str) -> Vec<Change> {
        let set = |cell: CellId, expect: &str, write: &str| Change::Set {
            cell,
            expect: expect.to_owned(),
            write: write.to_owned(),
            exact: None,
        };
        let lines = || text.split('\n').map(str::trim).filter(|line| !line.is_empty());
        match self {
            Form::Cell => vec![set(cell.clone(), seen, text)],
            Form::State { words, block, is_set } => {
                let said = split_state(text).0;
                let word = words.get(&said.to_lowercase()).map_or(said, String::as_str);
                let same = words.get(&seen.to_lowercase()).is_some_and(|own| own == word) && seen != word;
                let to = block.as_ref().and_then(|block| {
                    let state = words.iter().find(|(state, own)| *own == word && block.to.contains_key(*state));
                    let to = block.to.get(&state?.0.to_lowercase())?;
                    (*to != block.from).then(|| block.moved(to, is_set.then_some(word)))
                });
                match to {
                    Some(moved) => moved,
                    None if *is_set && !same => vec![set(cell.clone(), seen, word)],
                    None if !*is_set => new_key(cell, word),
                    None => Vec::new(),
                }
            }
            Form::Area(block) => match block.to.get(&text.trim().to_lowercase()) {
                Some(to) if *to != block.from => block.moved(to, None),
                Some(_) => Vec::new(),
                // No such area: refused where it is looked for, with the keys that are there.
                None => vec![set(cell.clone(), seen, text)],
            },
            Form::New { mapping, key, is_list, like } => {
                let text = if *is_list {
                    lines().map(|line| format!("- {}", quoted_like(line, *like))).collect::<Vec<_>>().join("\n")
                } else {
                    quoted_like(text, *like)
                };
                if text.is_empty() {
                    return Vec::new();
                }
                let addition = Addition::Entry { at: mapping.clone(), key: key.clone(), text, after: None };
                vec![Change::Add { addition, gap: None }]
            }
            Form::List { at, items, like, empty: Some((mapping, there, after)) } if items.is_empty() => {
                let lines: Vec<String> = lines().map(|line| format!("- {}", quoted_like(line, *like))).collect();
                let Some(Step::Key(key)) = last_step(at) else { return Vec::new() };
                let entry = |text: String| Addition::Entry {
                    at: mapping.clone(),
                    key: key.clone(),
                    text,
                    after: after.clone(),
                };
                vec![
                    Change::TakeOut { addition: entry(there.clone()), inserted: None, created: false, folders: 0 },
                    Change::Add { addition: entry(lines.join("\n")), gap: None },
                ]
            }
            Form::List { at, items, like, .. } => listed(at, items, *like, &lines().collect::<Vec<_>>()),
        }
    }
}

impl Block {
    fn moved(&self, to: &PathCell, status: Option<&str>) -> Vec<Change> {
        let text = status.map_or_else(|| self.text.clone(), |word| with_key(&self.text, &self.status, word));
        let item = |at: &PathCell, text: String| Addition::Item { at: at.clone(), text, end: End::End };
        vec![
            Change::TakeOut {
                addition: item(&self.from, self.text.clone()),
                inserted: None,
                created: false,
                folders: 0,
            },
            Change::Add { addition: item(to, text), gap: None },
        ]
    }
}

fn new_key(cell: &CellId, text: &str) -> Vec<Change> {
    let CellId::Path(PathCell::Steps(steps)) = cell else { return Vec::new() };
    let Some((Step::Key(key), mapping)) = steps.split_last() else { return Vec::new() };
    let at = PathCell::Steps(mapping.to_vec());
    let addition = Addition::Entry { at, key: key.clone(), text: quoted_like(text, Shape::Plain), after: None };
    vec![Change::Add { addition, gap: None }]
}

/// Lines of a list, where they were one for one what `items` say: elements that stay are not touched.
fn listed(at: &PathCell, items: &[(String, String)], like: Shape, lines: &[&str]) -> Vec<Change> {
    let old: Vec<&str> = items.iter().map(|(line, _)| line.as_str()).collect();
    let front = old.iter().zip(lines).take_while(|(old, new)| old == new).count();
    let rest = old.len().min(lines.len()) - front;
    let behind = old.iter().rev().zip(lines.iter().rev()).take(rest).take_while(|(old, new)| old == new).count();
    let gone = &items[front..old.len() - behind];
    let new = &lines[front..lines.len() - behind];
    let add = |line: &str, end| Change::Add {
        addition: Addition::Item { at: at.clone(), text: quoted_like(line, like), end },
        gap: None,
    };
    let take = |text: &str| Change::TakeOut {
        addition: Addition::Item { at: at.clone(), text: text.to_owned(), end: End::End },
        inserted: None,
        created: false,
        folders: 0,
    };
    if new.is_empty() {
        return gone.iter().map(|(_, text)| take(text)).collect();
    }
    if gone.is_empty() && front == 0 && behind > 0 {
        return new.iter().rev().map(|line| add(line, End::Start)).collect();
    }
    // Element by element, then what is left of the longer one.
    let set = |index: usize| Change::Set {
        cell: CellId::Path(at_index(at, index)),
        expect: old[index].to_owned(),
        write: lines[index].to_owned(),
        exact: None,
    };
    let both = old.len().min(lines.len());
    let mut changes: Vec<Change> = (front..both).filter(|&index| old[index] != lines[index]).map(set).collect();
    changes.extend(lines[both..].iter().map(|line| add(line, End::End)));
    changes.extend(items[both..].iter().map(|(_, text)| take(text)));
    changes
}

fn at_index(at: &PathCell, index: usize) -> PathCell {
    match at {
        PathCell::Steps(steps) => {
            let mut steps = steps.clone();
            steps.push(Step::Index(index));
            PathCell::Steps(steps)
        }
        PathCell::Pointer(_) => below(at.clone(), &index.to_string()),
    }
}

fn last_step(at: &PathCell) -> Option<&Step> {
    match at {
        PathCell::Steps(steps) => steps.last(),
        PathCell::Pointer(_) => None,
    }
}
