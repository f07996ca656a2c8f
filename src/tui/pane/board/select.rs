//! Which tasks show, and in which order. Pure: tasks and the operator's words in, indexes out.

use std::sync::atomic::AtomicBool;

use crate::model::task::{Task, TaskList};
use crate::tui::widget::found;

/// The operator's filter, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    /// Words that must all stand somewhere in the task's rows.
    pub words: Vec<String>,
    /// `state:x`: the state's name begins with one of these.
    states: Vec<String>,
    /// `plan:x`: the plan letters are one of these.
    plans: Vec<String>,
    /// `owner:x`: the owner contains one of these.
    owners: Vec<String>,
}

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
}

impl Terms {
    /// Takes a filter apart at blanks. A term that is still being typed (`state:`) restricts nothing.
    pub fn parse(text: &str) -> Terms {
        let mut terms = Terms::default();
        for word in text.split_whitespace() {
            let (list, value) = match word.split_once(':') {
                Some(("state", value)) => (&mut terms.states, value),
                Some(("plan", value)) => (&mut terms.plans, value),
                Some(("owner", value)) => (&mut terms.owners, value),
                Some(_) | None => (&mut terms.words, word),
            };
            if !value.is_empty() {
                list.push(value.to_owned());
            }
        }
        terms
    }

    fn names_fields(&self) -> bool {
        !(self.states.is_empty() && self.plans.is_empty() && self.owners.is_empty())
    }

    fn fits_fields(&self, task: Task<'_>) -> bool {
        let any = |wanted: &[String], fits: &dyn Fn(&str) -> bool| wanted.is_empty() || wanted.iter().any(|w| fits(w));
        // `state:inprogress` and `state:in` both mean "In Progress".
        let squeeze = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        any(&self.states, &|wanted| squeeze(task.state()).starts_with(&squeeze(wanted)))
            && any(&self.plans, &|wanted| task.plan().is_some_and(|plan| plan.eq_ignore_ascii_case(wanted)))
            && any(&self.owners, &|wanted| found::contains(&task.owner(), wanted))
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

/// Indexes of the tasks that fit, in the order wanted. `matches` are those of the terms' words.
pub fn select(tasks: &TaskList, terms: &Terms, matches: &Matches, plan: Option<&str>, sort: Sort) -> Vec<u32> {
    let all = terms.words.is_empty();
    let mut shown: Vec<u32> = if all { (0..tasks.len() as u32).collect() } else { matches.found.clone() };
    if plan.is_some() {
        shown.retain(|&index| tasks.task(index as usize).plan().as_deref() == plan);
    }
    if terms.names_fields() {
        shown.retain(|&index| terms.fits_fields(tasks.task(index as usize)));
    }
    let task = |index: &u32| tasks.task(*index as usize);
    match sort {
        Sort::Board => {}
        Sort::Id => shown.sort_by_cached_key(|index| natural(&task(index).id())),
        Sort::State => shown.sort_by_key(|index| task(index).state_index()),
        Sort::Date => shown.sort_by_key(|index| std::cmp::Reverse(task(index).date())),
    }
    shown
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

/// The plans of all tasks, each once, by length and letters (`A` … `Z`, `AA` …).
pub fn plans(tasks: &TaskList) -> Vec<String> {
    let mut plans: Vec<String> = tasks.iter().filter_map(Task::plan).collect();
    plans.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    plans.dedup();
    plans
}
