//! Which task to take next: the most valuable one that nothing stands in the way of, and why. The backlog is the queue of
//! work that may be taken; a task in work, blocked or waiting for another one is passed over.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashSet;

use super::cite;
use super::plan::Plan;
use super::task::query::rank;
use super::task::{Kind, Task, TaskList, TaskRow};
use crate::workspace::Config;
use crate::workspace::config::{Field, States};

/// What is proposed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Next {
    /// Index of the task in its list; none when no task is free.
    pub task: Option<usize>,
    /// Why this one: short sentences with `file:line`.
    pub reasons: Vec<String>,
    /// The tasks that would have come before it, the first one first; without a proposal, all that are not done.
    pub passed_over: Vec<Passed>,
}

/// A task that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Index of the task in its list.
    pub task: usize,
    /// Why.
    pub why: Why,
}

/// Why a task was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Somebody works on it or looks at it.
    InWork,
    /// Its state says that it cannot go on.
    Blocked,
    /// A document says that it is put off.
    Deferred,
    /// Its state is none that the vocabulary knows.
    UnknownState,
    /// It waits for this task, which is not done.
    WaitsFor(String),
    /// A blocker stands on it or on its area: what it says, and where.
    Blocker {
        /// `task` or `area`.
        of: &'static str,
        /// The blocker.
        says: String,
        /// `file:line`.
        at: String,
    },
}

/// What the state of the work says about tasks, beside the tasks themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// The task that is being worked on, and where that stands.
    pub active: Option<(String, String)>,
    /// The tasks that were named to be next, the first one first, and where that stands.
    pub candidates: Vec<(String, String)>,
}

/// Proposes a task of all. `order` has the letters of plans as the plan index lists them; the others come behind these.
pub fn propose(list: &TaskList, plans: &[Plan], order: &[String], config: &Config) -> Next {
    propose_of(list, plans, order, config, &Hints::default(), |_| true)
}

/// Proposes one of the tasks that are `wanted`.
pub fn propose_of(
    list: &TaskList,
    plans: &[Plan],
    order: &[String],
    config: &Config,
    hints: &Hints,
    wanted: impl Fn(Task<'_>) -> bool,
) -> Next {
    let active = hints.active.as_ref().and_then(|(id, at)| Some((list.find(id)?, at)));
    if let Some((task, at)) = active
        && !config.states.is_done(list.task(task).state())
        && !config.states.is_blocked(list.task(task).state())
        && wanted(list.task(task))
    {
        return Next {
            task: Some(task),
            reasons: vec![format!("It is being worked on ({at}).")],
            passed_over: Vec::new(),
        };
    }
    let standing: Vec<Standing> = list.states().iter().map(|state| Standing::of(state, &config.states)).collect();
    let mut ranked: Vec<Ranked> = Vec::new();
    for task in list.iter() {
        let standing = standing[task.state_index()];
        if standing != Standing::Done && wanted(task) {
            ranked.push(Ranked::of(task, standing));
        }
    }
    // Tasks in work keep their place in the queue, so that those before the proposed one are named.
    ranked.sort_unstable_by_key(|ranked| (ranked.group(), ranked.task));
    let mut done = Done { list, vocabulary: &config.states, ids: None };
    let mut next = Next::default();
    for group in ranked.chunk_by(|a, b| a.group() == b.group()) {
        let mut group: Vec<(Ranked, Order)> =
            group.iter().map(|ranked| (*ranked, Order::of(list.task(ranked.task), *ranked, order, hints))).collect();
        group.sort_by(|(_, a), (_, b)| a.cmp(b));
        for (ranked, _) in group {
            let task = list.task(ranked.task);
            match obstacle(task, ranked.standing, &mut done) {
                Some(why) => next.passed_over.push(Passed { task: ranked.task, why }),
                None => {
                    next.task = Some(ranked.task);
                    next.reasons = reasons(task, list, plans);
                    let named = hints.candidates.iter().find(|(id, _)| *id == task.id());
                    next.reasons.extend(named.map(|(_, at)| format!("It was named to be next ({at}).")));
                    return next;
                }
            }
        }
    }
    next
}

impl Next {
    /// Why the proposed task was chosen, in few words: for whoever reads the journal.
    pub fn because(&self, list: &TaskList) -> String {
        let Some(task) = self.task.map(|at| list.task(at)) else { return String::new() };
        let priority = task.said(Field::Priority).next().map(|(_, text)| format!("priority {}", text.trim()));
        let named = self.reasons.iter().any(|reason| reason.contains("named to be next"));
        let named = named.then(|| "named to be next".to_owned());
        let words: Vec<String> = priority.into_iter().chain(named).chain(["nothing blocks it".to_owned()]).collect();
        words.join(", ")
    }
}

impl Passed {
    /// The reason as a sentence with `file:line`.
    pub fn reason(&self, list: &TaskList) -> String {
        let task = list.task(self.task);
        let at = task.rows().next().map(place).unwrap_or_default();
        match &self.why {
            Why::InWork => format!("It is {} already ({at}).", task.state()),
            Why::Blocked => format!("It is {} ({at}).", task.state()),
            Why::Deferred => {
                let row = task.said(Field::State).find(|(_, text)| is_deferred(text));
                format!("It is put off ({}).", row.map_or(at, |(row, _)| place(row)))
            }
            Why::UnknownState => format!("Its state {:?} is no column of the board ({at}).", task.state()),
            Why::Blocker { of, says, at } => {
                format!("Its {of} is blocked: {says} ({at}).").replace("Its task is", "It is")
            }
            Why::WaitsFor(id) => {
                let row = naming(task, id).map_or(at, place);
                match list.find(id).map(|index| list.task(index)) {
                    Some(other) => format!("It waits for {id}, which is {} ({row}).", other.state()),
                    None => format!("It waits for {id}, which stands nowhere ({row})."),
                }
            }
        }
    }
}

/// What a state means for whoever looks for work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    /// May be taken; the further right its column, the nearer to work.
    Open(Reverse<usize>),
    /// Somebody has it.
    InWork,
    Blocked,
    Unknown,
    Done,
}

impl Standing {
    fn of(state: &str, vocabulary: &States) -> Standing {
        let lower = state.to_lowercase();
        let Some(at) = vocabulary.order.iter().position(|known| known == state) else { return Standing::Unknown };
        // The vocabulary names the states that end and stop work; those between waiting and done are told by their words.
        let words = ["progress", "review", "doing", "flight", "work", "wip", "active", "test", "verif"];
        if vocabulary.is_done(state) {
            Standing::Done
        } else if vocabulary.is_blocked(state) {
            Standing::Blocked
        } else if words.iter().any(|word| lower.contains(word)) {
            Standing::InWork
        } else {
            Standing::Open(Reverse(at))
        }
    }
}

/// A task with what is known of its rank without reading its rows.
#[derive(Clone, Copy)]
struct Ranked {
    task: usize,
    standing: Standing,
    /// Whether it stands in its plan alone: the boards are what work is taken from.
    plan_only: bool,
    /// Its line in the backlog.
    queue: usize,
}

impl Ranked {
    fn of(task: Task<'_>, standing: Standing) -> Ranked {
        let plan_only = task.rows().all(|row| row.kind() == Kind::Plan);
        let queue = task.rows().find(|row| row.kind() == Kind::Backlog).map_or(usize::MAX, TaskRow::line);
        Ranked { task: task.index(), standing, plan_only, queue }
    }

    /// What counts before plan, age and board order. Tasks that cannot be taken stand where they were if they were ready.
    fn group(self) -> (bool, Reverse<usize>, usize) {
        let state = match self.standing {
            Standing::Open(at) => at,
            Standing::InWork | Standing::Blocked | Standing::Unknown | Standing::Done => Reverse(usize::MAX),
        };
        (self.plan_only, state, self.queue)
    }
}

/// What decides among tasks of equal state and place in the queue: the plan, then age, then the order of the board.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Order {
    /// Of the task, then of its area.
    priority: (u8, u8),
    /// Its place among those that were named to be next.
    named: usize,
    /// As the plan index lists them; then plans `A` to `Z` before `AA`.
    plan: (usize, usize, String),
    dated: bool,
    oldest: [u8; 10],
    index: usize,
}

impl Order {
    fn of(task: Task<'_>, ranked: Ranked, listed: &[String], hints: &Hints) -> Order {
        let free = matches!(ranked.standing, Standing::Open(_));
        // The order among those that cannot be taken matters to nobody: they are not read.
        let plan = if free { task.plan().unwrap_or_else(|| "~".repeat(9)) } else { String::new() };
        let oldest = if free { oldest(task).map(|(date, _)| date) } else { None };
        let place = listed.iter().position(|letters| *letters == plan).unwrap_or(listed.len());
        let plan = (place, plan.len(), plan);
        let said = |field| task.said(field).next().and_then(|(_, text)| rank(&text)).unwrap_or(u8::MAX);
        let area = || task.rows().find_map(TaskRow::area)?.get("priority")?.text().and_then(|text| rank(&text));
        let priority = if free { (said(Field::Priority), area().unwrap_or(u8::MAX)) } else { (u8::MAX, u8::MAX) };
        let named = hints.candidates.iter().position(|(id, _)| free && *id == task.id()).unwrap_or(usize::MAX);
        Order {
            priority,
            named,
            plan,
            dated: oldest.is_none(),
            oldest: oldest.unwrap_or_default(),
            index: task.index(),
        }
    }
}

/// The oldest date in the rows of a task, and the row that names it. Dates of this form sort as text.
fn oldest(task: Task<'_>) -> Option<([u8; 10], TaskRow<'_>)> {
    let dates = task.rows().flat_map(|row| dates(row.raw()).map(move |date| (date, row)));
    dates.min_by_key(|(date, _)| *date)
}

fn dates(raw: &[u8]) -> impl Iterator<Item = [u8; 10]> {
    let shape = |date: &[u8; 10]| {
        let digit = |at: usize| date[at].is_ascii_digit();
        date[4] == b'-'
            && date[7] == b'-'
            && [2, 3, 5, 6, 8, 9].into_iter().all(digit)
            && (b"01"..=b"12").contains(&&[date[5], date[6]])
            && (b"01"..=b"31").contains(&&[date[8], date[9]])
    };
    let found = memchr::memmem::find_iter(raw, b"20").map(move |at| {
        let outside = at == 0 || !raw[at - 1].is_ascii_digit();
        let date: Option<[u8; 10]> = raw.get(at..at + 10).and_then(|date| date.try_into().ok());
        date.filter(|date| outside && shape(date))
    });
    found.flatten()
}

/// What stands in the way of a task.
fn obstacle(task: Task<'_>, standing: Standing, done: &mut Done<'_>) -> Option<Why> {
    match standing {
        Standing::InWork | Standing::Done => return Some(Why::InWork),
        Standing::Blocked => return Some(Why::Blocked),
        Standing::Unknown => return Some(Why::UnknownState),
        Standing::Open(_) => {}
    }
    if task.said(Field::State).any(|(_, text)| is_deferred(&text)) {
        return Some(Why::Deferred);
    }
    let waits = waits_for(task);
    if let Some(id) = waits.iter().find(|id| !done.has(id)) {
        return Some(Why::WaitsFor(id.clone()));
    }
    task.rows().find_map(|row| blocker(row, &waits, done.vocabulary))
}

/// The first blocker of a task in a YAML backlog, or of its area. One that names tasks holds nobody up once those are done.
fn blocker(row: TaskRow<'_>, done: &[String], vocabulary: &States) -> Option<Why> {
    let area = row.area();
    for (of, node) in [("task", row.node()), ("area", area)] {
        let Some(blockers) = node.and_then(|node| node.get("blockers")) else { continue };
        for line in blockers.children() {
            let Some(says) = line.text().filter(|says| !says.trim().is_empty()) else { continue };
            let settled = done.iter().any(|id| says.contains(id.rsplit('/').next().unwrap_or(id)));
            if !settled {
                let says = says.trim().trim_end_matches('.').to_owned();
                return Some(Why::Blocker { of, says, at: format!("{}:{}", row.doc(), line.line()) });
            }
        }
    }
    let state = area.and_then(|area| area.get("status"));
    let word = state.and_then(|state| state.text())?;
    vocabulary.is_blocked(vocabulary.canonical(&word)).then(|| Why::Blocker {
        of: "area",
        says: format!("its status is {word}"),
        at: format!("{}:{}", row.doc(), state.map_or(0, |state| state.line())),
    })
}

/// The ids that are done; collected when the first one is asked for.
struct Done<'a> {
    list: &'a TaskList,
    vocabulary: &'a States,
    ids: Option<HashSet<Cow<'a, str>>>,
}

impl Done<'_> {
    fn has(&mut self, id: &str) -> bool {
        let (list, vocabulary) = (self.list, self.vocabulary);
        let done = || list.iter().filter(|task| vocabulary.is_done(task.state())).map(Task::id).collect();
        self.ids.get_or_insert_with(done).contains(id)
    }
}

fn is_deferred(state: &str) -> bool {
    let state = state.to_lowercase();
    ["deferred", "postponed", "on hold", "out-of-scope", "out of scope"].iter().any(|word| state.contains(word))
}

/// The ids that a task's rows name as blocking it, and those of its preconditions.
fn waits_for(task: Task<'_>) -> Vec<String> {
    let mut ids = task.blocked_by();
    for (_, text) in task.said(Field::Preconditions) {
        for id in cite::task_ids(&text) {
            if id != task.id() && !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    ids
}

/// The row that names another task as what it waits for.
fn naming<'a>(task: Task<'a>, id: &str) -> Option<TaskRow<'a>> {
    let own = task.id();
    let names = |row: &TaskRow<'a>| {
        let fields = row.fields().into_iter().skip_while(|(_, text)| *text == own);
        fields.into_iter().any(|(_, text)| text.contains(id))
    };
    task.rows().find(names)
}

fn reasons(task: Task<'_>, list: &TaskList, plans: &[Plan]) -> Vec<String> {
    let mut reasons = Vec::new();
    let stated = task.said(Field::State).next().map(|(row, _)| row).or_else(|| task.rows().next());
    reasons.extend(stated.map(|row| format!("Its state is {} ({}).", task.state(), place(row))));
    if let Some((row, text)) = task.said(Field::Priority).next() {
        reasons.push(format!("Its priority is {} ({}).", text.trim(), place(row)));
    }
    if let Some((row, area)) = task.rows().find_map(|row| Some((row, row.area()?))) {
        let name = row.field(Field::Area).unwrap_or_default();
        let priority = area.get("priority").and_then(|node| node.text());
        let priority = priority.map_or_else(String::new, |text| format!(", of priority {text}"));
        reasons.push(format!("Its area is {name}{priority} ({}:{}); nothing there blocks it.", row.doc(), area.line()));
    }
    let queued = task.rows().find(|row| row.kind() == Kind::Backlog);
    let has_backlog = list.tables().any(|table| table.kind() == Kind::Backlog);
    match queued {
        Some(row) => {
            let before = list.iter().flat_map(Task::rows).filter(|other| is_before(*other, row)).count();
            reasons.push(format!("It stands at place {} of the backlog ({}).", before + 1, place(row)));
        }
        None if has_backlog => {
            reasons.push("It is not in the backlog; add it there before you begin.".to_owned());
        }
        None => {}
    }
    let waited = waits_for(task);
    if waited.is_empty() {
        reasons.push("Its rows name nothing that it waits for.".to_owned());
    }
    for id in waited {
        let row = list.find(&id).and_then(|at| list.task(at).rows().next());
        reasons.push(format!("What it waits for, {id}, is done ({}).", row.map(place).unwrap_or_default()));
    }
    if let Some(letters) = task.plan() {
        let plan = plans.iter().find(|plan| plan.letters == letters);
        let doc = plan.map_or_else(String::new, |plan| format!(" ({})", plan.doc));
        reasons.push(format!("It is of plan {letters}{doc}."));
    }
    if let Some((date, row)) = oldest(task) {
        let date = String::from_utf8_lossy(&date);
        reasons.push(format!("The oldest date that its rows name is {date} ({}).", place(row)));
    }
    reasons
}

fn is_before(other: TaskRow<'_>, row: TaskRow<'_>) -> bool {
    other.is_in_table_of(row) && other.line() < row.line()
}

fn place(row: TaskRow<'_>) -> String {
    format!("{}:{}", row.doc(), row.line())
}

#[cfg(test)]
mod tests;
