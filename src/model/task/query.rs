//! What a filter can ask of tasks, and the orders that they may have.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use super::search::each_part;
use super::{Task, TaskList};
use crate::model::query::{FieldKind, FieldName, Query, SortKey};
use crate::workspace::config::Field;

/// The fields of a task. What has only to be looked up stands first; then what is decoded from one cell, then what needs
/// all cells of a task.
pub const BOARD_FIELDS: &[FieldName] = &[
    FieldName { name: "state", help: "kanban column", kind: FieldKind::Word },
    FieldName { name: "date", help: "date of the state", kind: FieldKind::Date },
    FieldName { name: "in", help: "path of a document that carries the task", kind: FieldKind::Text },
    FieldName { name: "plan", help: "letters of the plan", kind: FieldKind::Exact },
    FieldName { name: "id", help: "task id", kind: FieldKind::Text },
    FieldName { name: "owner", help: "who does it", kind: FieldKind::Text },
    FieldName { name: "title", help: "what it is called", kind: FieldKind::Text },
    FieldName { name: "priority", help: "how much it matters", kind: FieldKind::Text },
    FieldName { name: "area", help: "the part of the work that it belongs to", kind: FieldKind::Text },
    FieldName { name: "link", help: "plan or links column", kind: FieldKind::Text },
    FieldName {
        name: "drift",
        help: "whether documents disagree, or about what",
        kind: FieldKind::FlagOr(&["title", "state", "owner"]),
    },
    FieldName { name: "cites", help: "path that the task cites", kind: FieldKind::Text },
    FieldName { name: "blocked", help: "whether it names a task that is not done", kind: FieldKind::Flag },
    FieldName { name: "sort", help: "order; - before it turns it round", kind: FieldKind::Sort(BOARD_ORDERS) },
];

/// The orders of a board; `board` is that of the documents.
const BOARD_ORDERS: &[&str] = &["board", "id", "state", "date", "title", "owner", "plan", "priority", "area"];

/// The word for tasks that hold nobody up any more.
const DONE: &str = "done";

/// Answers a filter's questions about the tasks of one list. What only makes sense for all of them together is put
/// together when it is first asked for.
struct Fields<'a> {
    tasks: &'a TaskList,
    cancel: &'a AtomicBool,
    /// The tasks that wait for others, by index, with the ids of those that are not done.
    waiting: OnceLock<HashMap<u32, Vec<String>>>,
}

impl<'a> Fields<'a> {
    fn of(&self, task: Task<'a>, name: &str) -> Vec<Cow<'a, str>> {
        match name {
            "blocked" => {
                let open = self.waiting.get_or_init(|| self.waiting()).get(&(task.index() as u32));
                open.into_iter().flatten().cloned().map(Cow::Owned).collect()
            }
            _ => task.query_field(name),
        }
    }

    /// A task that no board has is still to be done: nothing says otherwise.
    fn waiting(&self) -> HashMap<u32, Vec<String>> {
        let mut waiting: HashMap<u32, Vec<String>> = self.tasks.blocked(self.cancel).into_iter().collect();
        // Few ids are named, and most of a large board is done: only the named ones are kept.
        let named: HashSet<String> = waiting.values().flatten().cloned().collect();
        if named.is_empty() {
            return waiting;
        }
        let done: Vec<bool> = self.tasks.states().iter().map(|state| state.eq_ignore_ascii_case(DONE)).collect();
        let is_done = |task: &Task<'_>| done.get(task.state_index()) == Some(&true);
        let ids = self.tasks.iter().filter(is_done).map(Task::id);
        let done: HashSet<Cow<'_, str>> = ids.filter(|id| named.contains(id.as_ref())).collect();
        waiting.values_mut().for_each(|ids| ids.retain(|id| !done.contains(id.as_str())));
        waiting
    }
}

impl<'a> Task<'a> {
    /// The values of one of [`BOARD_FIELDS`]; none where it is empty. `blocked` has all ids that the task names as
    /// blocking it, done or not.
    pub fn query_field(self, name: &str) -> Vec<Cow<'a, str>> {
        let owned = |texts: Vec<String>| texts.into_iter().map(Cow::Owned).collect();
        match name {
            "state" => vec![Cow::Borrowed(self.state())],
            "date" => self.date().map(|date| Cow::Owned(date.to_string())).into_iter().collect(),
            "in" => self.rows().map(|row| Cow::Borrowed(row.doc().as_str())).collect(),
            "plan" => owned(self.plan().into_iter().collect()),
            "id" => vec![self.id()],
            "owner" => vec![self.owner()],
            "title" => vec![self.title()],
            "priority" => vec![self.lead(Field::Priority)],
            "area" => vec![self.lead(Field::Area)],
            "link" => self.rows().filter_map(|row| row.field(Field::PlanLink)).collect(),
            "drift" => self.drift().into_iter().map(|drift| Cow::Borrowed(drift.field)).collect(),
            "cites" => owned(self.cites()),
            "blocked" => owned(self.blocked_by()),
            _ => Vec::new(),
        }
    }
}

impl TaskList {
    /// Of the tasks in `shown`, those that fit the fields and negated words of `query`; plain words were searched before.
    pub fn narrow(&self, shown: &mut Vec<u32>, query: &Query, cancel: &AtomicBool) {
        if !query.names_fields() {
            return;
        }
        // One search for all tasks shares the processors; asking task by task would not.
        let with: Vec<(&str, Vec<u32>)> =
            query.unwanted().iter().map(|word| (word.as_str(), self.search(word, cancel))).collect();
        let fields = Fields { tasks: self, cancel, waiting: OnceLock::new() };
        *shown = each_part(shown.len(), cancel, |at| {
            let index = shown[at];
            let task = self.task(index as usize);
            let has =
                |word: &str| with.iter().any(|(other, found)| *other == word && found.binary_search(&index).is_ok());
            query.fits_fields(|name| fields.of(task, name), has).then_some(index)
        });
    }

    /// Indexes of the tasks that fit the query, in the order that it asks for.
    pub fn select(&self, query: &Query, cancel: &AtomicBool) -> Vec<u32> {
        let mut shown: Vec<u32> = match query.words().split_first() {
            None => (0..self.len() as u32).collect(),
            Some((first, rest)) => rest.iter().fold(self.search(first, cancel), |found, word| {
                let also = self.search(word, cancel);
                found.into_iter().filter(|index| also.binary_search(index).is_ok()).collect()
            }),
        };
        self.narrow(&mut shown, query, cancel);
        if let Some(key) = query.sort() {
            self.order(&mut shown, key);
        }
        shown
    }

    /// Puts tasks, which stand in board order, into another one. Where it leaves a choice, board order stays; what has
    /// no value comes last, whichever way round.
    pub fn order(&self, shown: &mut Vec<u32>, key: &SortKey) {
        let filled = |text: Cow<'_, str>| (!text.trim().is_empty()).then(|| text.to_lowercase());
        let down = key.descending;
        match key.name {
            "id" => by(shown, down, |index| Some(natural(&self.at(index).id()))),
            "state" => by(shown, down, |index| Some(self.at(index).state_index())),
            "date" => by(shown, down, |index| self.at(index).date()),
            "title" => by(shown, down, |index| filled(self.at(index).title())),
            "owner" => by(shown, down, |index| filled(self.at(index).owner())),
            // `A` … `Z`, then `AA` ….
            "plan" => by(shown, down, |index| self.at(index).plan().map(|plan| (plan.len(), plan))),
            "priority" => by(shown, down, |index| rank(&self.at(index).lead(Field::Priority))),
            "area" => by(shown, down, |index| filled(self.at(index).lead(Field::Area))),
            _ if down => shown.reverse(),
            _ => {}
        }
    }

    fn at(&self, index: u32) -> Task<'_> {
        self.task(index as usize)
    }
}

/// Sorts by a key that is made once for each, those without one last.
fn by<K: Ord>(shown: &mut Vec<u32>, descending: bool, key: impl Fn(u32) -> Option<K>) {
    let mut keyed: Vec<(Option<K>, u32)> = shown.iter().map(|&index| (key(index), index)).collect();
    keyed.sort_by(|(a, _), (b, _)| match (a, b) {
        (Some(a), Some(b)) if descending => b.cmp(a),
        (Some(a), Some(b)) => a.cmp(b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    });
    *shown = keyed.into_iter().map(|(_, index)| index).collect();
}

/// How much a priority matters, the most first: `P0` to `P9`, or `critical` to `low`. None for other words.
pub fn rank(priority: &str) -> Option<u8> {
    let word = priority.trim().to_lowercase();
    let number = word.strip_prefix('p').and_then(|number| number.parse::<u8>().ok());
    number.or(match word.as_str() {
        "critical" | "urgent" | "highest" => Some(0),
        "high" => Some(1),
        "medium" | "normal" => Some(2),
        "low" => Some(3),
        "lowest" => Some(4),
        _ => None,
    })
}

/// Sort key in which `X-9` stands before `X-10`.
fn natural(id: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let mut rest = id;
    while !rest.is_empty() {
        let word_end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(word_end);
        let number_end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
        let (number, tail) = tail.split_at(number_end);
        parts.push((word.to_lowercase(), number.parse().unwrap_or(0)));
        rest = tail;
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::doc::{DocId, Document};
    use crate::workspace::{Config, Role};

    const CSV: &str = "ID,Title,Column,OwnerRole,PlanLink,Notes\n\
        X-A-010,Zeta,In Progress,Ann,docs/plans/PlanA_X.md,blocked by X-B-001. See Logs/a.json\n\
        X-A-009,alpha,Backlog,,,depends on X-Z-099\n\
        X-B-001,Ship it,Done - 2025-12-22,Bob,docs/plans/PlanB_Y.md,\n\
        note,Loose,Done - 2026-01-02,bea,,blocked by X-A-010\n";
    const BOARD: &str = "| ID | Title | Column |\n|--|--|--|\n| X-A-010 | Zeta | Blocked |\n| X-B-001 | Shipped | Done - 2025-12-22 |\n";

    #[test]
    fn fields_and_orders_of_tasks() {
        let document = |path: &str, text: &str| {
            Arc::new(Document::parse(DocId::new(path).expect("a path"), text.as_bytes().to_vec()))
        };
        let docs = [
            (Role::TaskCsv, document("docs/taskboard/TaskBoard.csv", CSV)),
            (Role::Board, document("docs/Demo_TaskBoard.md", BOARD)),
        ];
        let tasks = TaskList::from_documents(docs, &Config::default());
        for (text, want) in [
            ("", &[0, 1, 2, 3][..]),
            ("state:in", &[0]),
            ("plan:a", &[0, 1]),
            ("plan:none", &[3]),
            ("owner:b", &[2, 3]),
            ("owner:none", &[1]),
            ("title:SHIP", &[]),
            ("title:ship", &[2]),
            ("id:-00", &[1, 2]),
            ("date:2025", &[2]),
            ("date:none", &[0, 1]),
            ("in:demo", &[0, 2]),
            ("in:csv -in:demo", &[1, 3]),
            ("link:plana", &[0]),
            ("link:*", &[0, 2]),
            ("drift:yes", &[0, 2]),
            ("drift:state", &[0]),
            ("drift:title", &[2]),
            ("drift:no", &[1, 3]),
            // X-B-001 is done, X-Z-099 is on no board, X-A-010 is in progress.
            ("blocked:yes", &[1, 3]),
            ("cites:logs", &[0]),
            ("-alpha x-a", &[0, 3]),
            ("-ship -zeta", &[1, 3]),
            ("ship state:done", &[2]),
            ("sort:id", &[3, 1, 0, 2]),
            ("sort:-id", &[2, 0, 1, 3]),
            ("sort:state", &[1, 0, 2, 3]),
            ("sort:date", &[2, 3, 0, 1]),
            ("sort:-date", &[3, 2, 0, 1]),
            ("sort:title", &[1, 3, 2, 0]),
            ("sort:owner", &[0, 3, 2, 1]),
            ("sort:-owner", &[2, 3, 0, 1]),
            ("sort:plan", &[0, 1, 2, 3]),
            ("sort:-plan", &[2, 0, 1, 3]),
            ("sort:-board", &[3, 2, 1, 0]),
        ] {
            let query = Query::parse(text, BOARD_FIELDS);
            assert!(query.problems().is_empty(), "{text}");
            assert_eq!(tasks.select(&query, &AtomicBool::new(false)), want, "{text}");
        }
    }

    #[test]
    fn the_views_of_the_defaults_mean_something() {
        let config = Config::default();
        for (name, text) in config.views_of(Config::BOARD) {
            let query = Query::parse(text, BOARD_FIELDS);
            assert!(query.problems().is_empty() && !query.is_empty() && query.words().is_empty(), "{name}: {text}");
        }
    }
}
