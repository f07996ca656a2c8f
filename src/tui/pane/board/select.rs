//! Which tasks show, and in which order. Pure: tasks and the operator's words in, indexes out.

use std::sync::atomic::AtomicBool;

use crate::model::query::{Query, SortKey};
use crate::model::task::{Task, TaskList};
use crate::tui::widget::found;

/// Order of the shown tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// As in the documents.
    #[default]
    Board,
    /// By id.
    Id,
    /// By state, in the order of the columns.
    State,
    /// By date, newest first; tasks without a date last.
    Date,
}

impl Sort {
    /// The next one.
    pub fn next(self) -> Sort {
        match self {
            Sort::Board => Sort::Id,
            Sort::Id => Sort::State,
            Sort::State => Sort::Date,
            Sort::Date => Sort::Board,
        }
    }

    /// For the title; empty for board order.
    pub fn name(self) -> &'static str {
        match self {
            Sort::Board => "",
            Sort::Id => "by id",
            Sort::State => "by state",
            Sort::Date => "by date",
        }
    }

    /// The same as a filter says it; none for board order.
    fn key(self) -> Option<SortKey> {
        match self {
            Sort::Board => None,
            Sort::Id => Some(SortKey { name: "id", descending: false }),
            Sort::State => Some(SortKey { name: "state", descending: false }),
            Sort::Date => Some(SortKey { name: "date", descending: true }),
        }
    }
}

/// What a search for words found; the next, longer search begins with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Matches {
    words: Vec<String>,
    found: Vec<u32>,
}

impl Matches {
    /// Searches for tasks with all words. While the operator types on, words only grow longer or more: then what was
    /// found before is searched, not the whole board. `cancel` makes it stop early, with what it has.
    pub fn search(self, tasks: &TaskList, words: &[String], cancel: &AtomicBool) -> Matches {
        let Some((first, rest)) = words.split_first() else { return Matches::default() };
        let grows = !self.words.is_empty()
            && words.len() >= self.words.len()
            && words.iter().zip(&self.words).all(|(word, before)| word.starts_with(before.as_str()));
        let found = if grows && self.words == words {
            self.found
        } else if grows && self.found.len() < tasks.len() / 4 {
            let has = |index: u32, word: &String| {
                let mut rows = tasks.task(index as usize).rows();
                rows.any(|row| found::contains(&String::from_utf8_lossy(row.raw()), word))
            };
            self.found.into_iter().filter(|&index| words.iter().all(|word| has(index, word))).collect()
        } else {
            rest.iter().fold(tasks.search(first, cancel), |found, word| {
                let also = tasks.search(word, cancel);
                found.into_iter().filter(|index| also.binary_search(index).is_ok()).collect()
            })
        };
        Matches { words: words.to_vec(), found }
    }
}

/// Indexes of the tasks that fit, in the order wanted. `matches` are those of the query's words; its own order goes
/// before `sort`.
pub fn select(tasks: &TaskList, query: &Query, matches: &Matches, plan: Option<&str>, sort: Sort) -> Vec<u32> {
    let all = query.words().is_empty();
    let mut shown: Vec<u32> = if all { (0..tasks.len() as u32).collect() } else { matches.found.clone() };
    if plan.is_some() {
        shown.retain(|&index| tasks.task(index as usize).plan().as_deref() == plan);
    }
    tasks.narrow(&mut shown, query, &AtomicBool::new(false));
    if let Some(key) = query.sort().copied().or(sort.key()) {
        tasks.order(&mut shown, &key);
    }
    shown
}

/// The plans of all tasks, each once, by length and letters (`A` … `Z`, `AA` …).
pub fn plans(tasks: &TaskList) -> Vec<String> {
    let mut plans: Vec<String> = tasks.iter().filter_map(Task::plan).collect();
    plans.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    plans.dedup();
    plans
}
