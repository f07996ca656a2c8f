//! The tasks of a YAML backlog, wherever they stand: in areas (`areas[].tasks[]`), in lists by status (`backlog`, `in_progress`,
//! `done`), in stages and steps. They are read as one table whose columns are the keys in use; a list is a cell of several lines.

mod text;
mod write;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::state::{bare_state, split_state};
use crate::doc::cell::{PathCell, Step};
use crate::doc::tree::NodeRef;
use crate::doc::{Document, Tree};
use crate::model::timeline::Stamp;
use crate::workspace::config::{ColumnNames, Field, States};

pub use text::arranged;
pub(super) use text::drafted;
pub use write::Form;

/// The column that says in which area a task stands; no key has to be there for it.
const AREA: &str = "area";

/// Keys that name the tasks that have to be done first.
const DEPENDS: [&str; 3] = ["depends_on", "dependencies", "blocked_by"];

/// Keys whose values are lists of lines, also where a task has none yet.
const LISTS: [&str; 5] = ["notes", "blockers", "depends_on", "acceptance", "tags"];

/// Where the tasks of one document stand.
pub(super) struct Todo {
    lists: Vec<List>,
    rows: Vec<Row>,
    /// The document's word for each state, by the state's name and synonyms in lower case.
    words: BTreeMap<String, String>,
}

/// One list of tasks.
struct List {
    /// The sequence, or the place behind its key where nothing stands.
    node: usize,
    /// The area, stage or step that holds it; empty for none.
    area: String,
    area_node: Option<usize>,
    /// The state that its key means, where its key is a word for one.
    state: Option<String>,
}

struct Row {
    node: usize,
    list: usize,
    /// `area/id` where other areas have the id too.
    id: String,
}

impl Todo {
    /// Finds the tasks of a document, and the columns that they have together.
    pub fn read(doc: &Document, names: &ColumnNames, states: &States) -> Option<(Todo, Vec<String>)> {
        let tree = doc.tree()?;
        let mut todo = Todo { lists: Vec::new(), rows: Vec::new(), words: BTreeMap::new() };
        todo.find_lists(tree.root()?, "", None, states);
        if todo.lists.is_empty() {
            return None;
        }
        let mut header: Vec<String> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for at in 0..todo.lists.len() {
            let list = tree.node(todo.lists[at].node);
            for task in list.children().filter(|task| task.shape().is_map()) {
                for key in task.children().filter_map(|child| child.key()) {
                    let next = known.len();
                    known.entry(key.into_owned()).or_insert(next);
                }
                let Some(id) = task.get("id").and_then(|id| id.text()) else { continue };
                todo.rows.push(Row { node: task.id(), list: at, id: id.trim().to_owned() });
            }
        }
        let mut keys: Vec<(String, usize)> = known.into_iter().collect();
        keys.sort_by_key(|(_, at)| *at);
        let keys: Vec<String> = keys.into_iter().map(|(key, _)| key).collect();
        let named = |field: Field| ColumnNames::position(names.of(field), &keys).map(|at| keys[at].clone());
        for (field, otherwise) in
            [(Field::Id, "id"), (Field::Title, "title"), (Field::State, "status"), (Field::Priority, "priority")]
        {
            header.push(named(field).unwrap_or_else(|| otherwise.to_owned()));
        }
        if todo.lists.iter().any(|list| !list.area.is_empty()) {
            header.push(AREA.to_owned());
        }
        let more = keys.into_iter().chain(["notes".to_owned(), "blockers".to_owned()]);
        for key in more {
            if !header.contains(&key) {
                header.push(key);
            }
        }
        todo.tell_apart();
        todo.words = todo.words_in(tree, &header[2], states);
        Some((todo, header))
    }

    fn find_lists(&mut self, node: NodeRef<'_>, area: &str, area_node: Option<usize>, states: &States) {
        for child in node.children() {
            let key = child.key();
            let is_list = child.shape().is_seq() || (child.shape() == crate::doc::tree::Shape::Absent && key.is_some());
            let state = key.as_deref().filter(|_| node.parent().is_none()).map(|key| states.canonical(key));
            let state = state.filter(|state| states.order.iter().any(|known| known == state));
            let holds_tasks = || child.children().all(|task| task.shape().is_map() && task.get("id").is_some());
            if is_list && (key.as_deref() == Some("tasks") || state.is_some() && holds_tasks()) {
                let (area, state) = (area.to_owned(), state.map(str::to_owned));
                self.lists.push(List { node: child.id(), area, area_node, state });
            } else if child.shape().is_map() {
                let named = ["id", "name", "title"].iter().find_map(|key| child.get(key)?.text());
                match named {
                    Some(name) => self.find_lists(child, &name, Some(child.id()), states),
                    None => self.find_lists(child, area, area_node, states),
                }
            } else if child.shape().is_seq() {
                self.find_lists(child, area, area_node, states);
            }
        }
    }

    /// Ids that stand in several areas get the area's name in front.
    fn tell_apart(&mut self) {
        let mut areas: HashMap<&str, (usize, bool)> = HashMap::new();
        for row in &self.rows {
            let first = areas.entry(&row.id).or_insert((row.list, false));
            first.1 |= self.lists[first.0].area != self.lists[row.list].area;
        }
        let repeated: Vec<bool> = self.rows.iter().map(|row| areas[row.id.as_str()].1).collect();
        for (row, repeated) in self.rows.iter_mut().zip(repeated) {
            let area = &self.lists[row.list].area;
            if repeated && !area.is_empty() {
                row.id = format!("{area}/{}", row.id);
            }
        }
    }

    /// What this document calls the states: the words that it uses, else the word of its kind (`in_progress`).
    fn words_in(&self, tree: &Tree, status: &str, states: &States) -> BTreeMap<String, String> {
        let mut used: BTreeMap<String, String> = BTreeMap::new();
        for row in &self.rows {
            let Some(word) = tree.node(row.node).get(status).and_then(|node| node.text()) else { continue };
            let state = states.canonical(bare_state(split_state(&word).0)).to_lowercase();
            used.entry(state).or_insert_with(|| word.into_owned());
        }
        let spelled = used.values().any(|word| word.contains(' ') || word.starts_with(char::is_uppercase));
        let mut words = BTreeMap::new();
        for state in &states.order {
            let own = used.get(&state.to_lowercase()).cloned();
            let usual = if spelled { state.clone() } else { state.to_lowercase().replace(' ', "_") };
            words.insert(state.to_lowercase(), own.unwrap_or(usual));
        }
        for (from, to) in &states.synonyms {
            if let Some(word) = words.get(&to.to_lowercase()).cloned() {
                words.entry(from.to_lowercase()).or_insert(word);
            }
        }
        // A word that the document uses is its own word.
        for row in &self.rows {
            let said = tree.node(row.node).get(status).and_then(|node| node.text());
            if let Some(said) = said {
                words.insert(said.to_lowercase(), said.into_owned());
            }
        }
        words
    }

    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    pub fn id(&self, row: usize) -> Option<&str> {
        self.rows.get(row).map(|row| row.id.as_str()).filter(|id| !id.is_empty())
    }

    pub fn node<'t>(&self, tree: &'t Tree, row: usize) -> Option<NodeRef<'t>> {
        self.rows.get(row).map(|row| tree.node(row.node))
    }

    fn list(&self, row: usize) -> Option<&List> {
        self.lists.get(self.rows.get(row)?.list)
    }

    /// What the task says under a key; empty where it has none.
    pub fn cell<'t>(&'t self, tree: &'t Tree, row: usize, key: &str, is_state: bool) -> Cow<'t, str> {
        let (Some(task), Some(list)) = (self.node(tree, row), self.list(row)) else { return Cow::Borrowed("") };
        match task.get(key) {
            Some(value) => said(tree, value),
            None if key == AREA => Cow::Borrowed(list.area.as_str()),
            None if is_state => Cow::Borrowed(list.state.as_deref().unwrap_or_default()),
            None => Cow::Borrowed(""),
        }
    }

    /// The address of a value, also of one that is not there yet.
    pub fn address(&self, tree: &Tree, row: usize, key: &str) -> Option<PathCell> {
        let task = self.node(tree, row)?;
        if let Some(value) = task.get(key) {
            return Some(tree.address(value));
        }
        Some(below(tree.address(task), key))
    }

    /// The last day with which one of the task's notes begins.
    pub fn dated(&self, tree: &Tree, row: usize) -> Option<NaiveDate> {
        let notes = self.node(tree, row)?.get("notes")?;
        notes.children().filter_map(|note| Some(Stamp::read(&note.text()?)?.date)).max()
    }

    /// The ids that a task depends on, in the form that tasks are listed in, and the known ids that its blockers name.
    pub fn waits_for(&self, tree: &Tree, row: usize) -> Vec<String> {
        let (Some(task), Some(own)) = (self.node(tree, row), self.rows.get(row)) else { return Vec::new() };
        let lines = |key: &str| match task.get(key) {
            Some(list) if list.shape().is_seq() => list.children().filter_map(|line| line.text()).collect(),
            Some(one) => one.text().into_iter().collect(),
            None => Vec::new(),
        };
        let known = |word: &str| {
            let is = |row: &&Row| row.id == word || row.id.rsplit('/').next() == Some(word);
            let mut found = self.rows.iter().filter(is);
            let first = found.clone().find(|row| row.list == own.list).or_else(|| found.next())?;
            Some(first.id.clone())
        };
        let mut ids: Vec<String> = Vec::new();
        for id in DEPENDS.iter().flat_map(|key| lines(key)).filter(|id| !id.trim().is_empty()) {
            ids.push(known(id.trim()).unwrap_or_else(|| id.trim().to_owned()));
        }
        for line in lines("blockers") {
            let words = line.split(|c: char| !(c.is_alphanumeric() || "-_/.".contains(c)));
            // A word of the language is no id, although a task may be called so.
            let coded = words.map(|word| word.trim_matches('.')).filter(|word| word.contains(['-', '_', '/', '.']));
            ids.extend(coded.filter_map(known).filter(|id| *id != own.id));
        }
        ids
    }

    /// The area of a task: its own blockers, state and title, each with its line.
    pub fn area<'t>(&self, tree: &'t Tree, row: usize) -> Option<NodeRef<'t>> {
        self.list(row)?.area_node.map(|node| tree.node(node))
    }

    /// This document's word for a state.
    pub fn word(&self, state: &str) -> String {
        self.words.get(&state.to_lowercase()).cloned().unwrap_or_else(|| state.to_owned())
    }

    /// The names of the areas, each once, in their order.
    pub fn areas(&self) -> Vec<&str> {
        let mut areas: Vec<&str> = Vec::new();
        for list in self.lists.iter().filter(|list| !list.area.is_empty()) {
            if !areas.contains(&list.area.as_str()) {
                areas.push(&list.area);
            }
        }
        areas
    }

    /// The list into which a task of this area and state goes: the first one where neither is told.
    pub fn home(&self, tree: &Tree, area: &str, state: &str, states: &States) -> Option<PathCell> {
        let state = states.canonical(state);
        let of_area = |list: &&List| area.is_empty() || list.area.eq_ignore_ascii_case(area);
        let of_state = |list: &&List| list.state.as_deref().is_none_or(|own| own == state);
        let mut fitting = self.lists.iter().filter(of_area);
        let list = fitting.clone().find(of_state).or_else(|| fitting.next())?;
        Some(tree.address(tree.node(list.node)))
    }
}

/// The address of a key below another address.
fn below(at: PathCell, key: &str) -> PathCell {
    match at {
        PathCell::Steps(mut steps) => {
            steps.push(Step::Key(key.to_owned()));
            PathCell::Steps(steps)
        }
        PathCell::Pointer(pointer) => {
            PathCell::Pointer(format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")))
        }
    }
}

/// A value as text: each element of a list is a line.
fn said<'t>(tree: &'t Tree, value: NodeRef<'t>) -> Cow<'t, str> {
    if let Some(text) = value.text() {
        return text;
    }
    if !value.shape().is_seq() {
        return Cow::Owned(String::from_utf8_lossy(tree.raw(&value.span())).into_owned());
    }
    let lines = value.children().map(|line| line_of(tree, line));
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

fn line_of(tree: &Tree, element: NodeRef<'_>) -> String {
    let text = element.text().unwrap_or_else(|| String::from_utf8_lossy(tree.raw(&element.span())));
    text.split(['\r', '\n']).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
