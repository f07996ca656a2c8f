//! Work on a task of the layout *toolbox*: started, noted, blocked, landed. Each is one operation over the backlog, the state and
//! the journal, in the shapes that these have; a key that is not there does not come, but for the active task.

use chrono::{DateTime, FixedOffset, NaiveDate};

use super::write::{self, Progressing};
use super::{Journal, Toolbox};
use crate::doc::{Addition, DocId, Document, Snapshot};
use crate::model::task::edit::{self, Refused};
use crate::model::task::{Kind, Task, TaskList};
use crate::op::{Change, Edit, Intent, Operation};
use crate::workspace::config::States;

/// What the work is done on.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The state and the journal.
    pub toolbox: &'a Toolbox,
    /// The documents.
    pub snapshot: &'a Snapshot,
    /// The tasks.
    pub tasks: &'a TaskList,
    /// The states.
    pub states: &'a States,
    /// Now, in the operator's zone.
    pub now: DateTime<FixedOffset>,
}

/// How work on a task ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Landing {
    /// What was done: the note on the task, the update and the line of the journal.
    pub summary: String,
    /// What was learned, one line each.
    pub lessons: Vec<String>,
}

impl<'a> Ground<'a> {
    fn today(&self) -> NaiveDate {
        self.now.date_naive()
    }

    fn progress(&self) -> Result<&'a Document, Refused> {
        let progress = self.toolbox.progress.as_ref().and_then(|progress| self.snapshot.get(&progress.doc));
        let none = "there is no ai/state/progress.json that could say what is being worked on; `init --layout toolbox` makes one";
        progress.map(|doc| &**doc).ok_or_else(|| Refused(none.to_owned()))
    }

    /// The task that is being worked on.
    ///
    /// # Errors
    /// There is none, or it stands in no backlog.
    pub fn active(&self) -> Result<Task<'a>, Refused> {
        let doc = self.progress()?;
        let progress = self.toolbox.progress.as_ref();
        let Some((id, line)) = progress.and_then(|progress| progress.active.as_ref()) else {
            return Err(Refused(format!("{}: no task is being worked on; `work start TASK` starts one", doc.id())));
        };
        match self.tasks.known_as(id) {
            Some(at) => Ok(self.tasks.task(at)),
            None => Err(Refused(format!(
                "{}:{line}: the active task {id:?} stands in no backlog; set `active_task` to a task that is there, or to null",
                doc.id()
            ))),
        }
    }

    /// The days and times of the documents that say when they were changed last.
    fn stamps(&self, task: Option<Task<'_>>, into: &mut Vec<Edit>) {
        let docs = task.into_iter().flat_map(Task::rows).filter(|row| row.kind() == Kind::Todo).map(|row| row.doc());
        for doc in docs.filter_map(|doc| self.snapshot.get(doc)) {
            let root = doc.tree().and_then(|tree| tree.root());
            for key in ["updated", "updated_at", "last_updated"] {
                let node = root.and_then(|root| root.get(key));
                let stamp = node.and_then(|node| write::stamped(doc, node, self.now));
                into.extend(stamp.filter(|stamp| !into.contains(stamp)));
            }
        }
    }

    fn journal(&self) -> Option<&'a Journal> {
        self.toolbox.journal.as_ref()
    }
}

/// Starts work on a task: it is the active one, in progress, and has its entry in the journal. `why` says why it was chosen.
pub fn start(task: Task<'_>, why: &str, ground: Ground<'_>) -> Result<Operation, Refused> {
    let (id, why) = (task.id(), one_line(why, "the reason")?);
    // A task that was blocked or finished elsewhere, on the board or in an editor, is not worked on any more.
    let goes_on =
        |active: &Task<'_>| !ground.states.is_done(active.state()) && !ground.states.is_blocked(active.state());
    if let Some(active) = ground.active().ok().filter(goes_on) {
        let why = if active.id() == id { " already" } else { "; land it or block it first" };
        return Err(Refused(format!("{} is being worked on{why}", active.id())));
    }
    if ground.states.is_done(task.state()) {
        let place = task.rows().next().map_or_else(String::new, |row| format!("{}:{}: ", row.doc(), row.line()));
        return Err(Refused(format!("{place}{id} is done; move it back before you work on it")));
    }
    let doc = ground.progress()?;
    let begun = edit::move_to(&[task], working(ground.states), ground.states, ground.today())?;
    let mut edits = begun.edits;
    ground.stamps(Some(task), &mut edits);
    let mut progress = Progressing::new(doc);
    progress.activate(&id);
    progress.chosen(&id, why);
    progress.stamp(ground.now);
    edits.extend(progress.edits);
    if let Some(journal) = ground.journal() {
        let because = if why.is_empty() { ".".to_owned() } else { format!(": {why}") };
        let open = journal.entries.iter().rev().find(|entry| entry.names(&id) && !entry.closes(&id));
        let title = task.title();
        let (heading, verb) = match open {
            Some(entry) => (entry.heading.clone(), format!("{}: Resumed", ground.today())),
            None => (write::heading(journal, ground.today(), &title), "Started".to_owned()),
        };
        edits.push(line(&journal.doc, heading, format!("- {verb} TODO `{id}`{because}")));
    }
    Ok(operation("work start", format!("start work on {id}"), edits))
}

/// Adds a line to the journal entry of the active task; to one of today where no task is active.
pub fn note(text: &str, ground: Ground<'_>) -> Result<Operation, Refused> {
    let text = one_line(text, "the note")?;
    if text.is_empty() {
        return Err(Refused("the note is empty: say what is to be remembered".to_owned()));
    }
    let task = ground.active().ok();
    let edits = vec![journal_line(task, text, ground)?];
    let of = task.map_or_else(String::new, |task| format!(" on {}", task.id()));
    Ok(operation("work note", format!("note in the journal{of}"), edits))
}

/// Writes on the active task what blocks it, and says so in the journal. Nothing is active then.
pub fn block(reason: &str, ground: Ground<'_>) -> Result<Operation, Refused> {
    let reason = one_line(reason, "the reason")?;
    if reason.is_empty() {
        return Err(Refused("the reason is empty: say what blocks the task".to_owned()));
    }
    let task = ground.active()?;
    let id = task.id();
    let mut edits = edit::block(&[task], None, reason, ground.states, ground.today())?.edits;
    ground.stamps(Some(task), &mut edits);
    let mut progress = Progressing::new(ground.progress()?);
    progress.release();
    progress.stamp(ground.now);
    edits.extend(progress.edits);
    if ground.journal().is_some() {
        edits.push(journal_line(Some(task), &format!("Blocked TODO `{id}`: {reason}"), ground)?);
    }
    Ok(operation("work block", format!("block {id}: {reason}"), edits))
}

/// Lands the active task: done, with a dated note; an update that says so, where the newest one stands; nothing is active any
/// more; the journal has what was learned.
pub fn land(landing: &Landing, ground: Ground<'_>) -> Result<Operation, Refused> {
    let summary = one_line(&landing.summary, "the summary")?;
    if summary.is_empty() {
        return Err(Refused("the summary is empty: say what was done".to_owned()));
    }
    let task = ground.active()?;
    let id = task.id();
    let mut edits = edit::done(&[task], summary, ground.states, ground.today())?.edits;
    ground.stamps(Some(task), &mut edits);
    let mut progress = Progressing::new(ground.progress()?);
    progress.update(&id, ground.states, summary, ground.now);
    progress.release();
    progress.landed(&id);
    progress.stamp(ground.now);
    edits.extend(progress.edits);
    if ground.journal().is_some() {
        edits.push(journal_line(Some(task), &format!("Closed TODO `{id}`: {summary}"), ground)?);
        for lesson in &landing.lessons {
            let lesson = one_line(lesson, "the lesson")?;
            if !lesson.is_empty() {
                edits.push(journal_line(Some(task), &format!("Lesson: {lesson}"), ground)?);
            }
        }
    }
    Ok(operation("work land", format!("land {id}"), edits))
}

/// The state of tasks that are being worked on.
fn working(states: &States) -> &str {
    let is_work = |state: &&String| state.to_lowercase().contains("progress");
    states.order.iter().find(is_work).map_or("In Progress", String::as_str)
}

/// A line of the journal about a task: in its entry that is open, the last one that names it; else in one of today.
fn journal_line(task: Option<Task<'_>>, text: &str, ground: Ground<'_>) -> Result<Edit, Refused> {
    let Some(journal) = ground.journal() else {
        return Err(Refused("there is no journal (ai/state/journal.md); `init --layout toolbox` makes one".to_owned()));
    };
    let today = ground.today();
    let named = task.and_then(|task| journal.entries.iter().rev().find(|entry| entry.names(&task.id())));
    let last = || journal.entries.last().filter(|entry| task.is_none() && entry.date == today);
    let (heading, day) = match named.or_else(last) {
        Some(entry) => (entry.heading.clone(), entry.date),
        None => {
            let title = task.map_or_else(|| "Notes".to_owned(), |task| task.title().into_owned());
            (write::heading(journal, today, &title), today)
        }
    };
    // Of another day than its heading says.
    let day = if day == today { String::new() } else { format!("{today}: ") };
    Ok(line(&journal.doc, heading, format!("- {day}{text}")))
}

fn line(doc: &DocId, heading: String, text: String) -> Edit {
    let addition = Addition::Line { heading, level: 2, text };
    Edit { doc: doc.clone(), change: Change::Add { addition, gap: None } }
}

fn operation(verb: &str, summary: String, edits: Vec<Edit>) -> Operation {
    let edits = crate::model::task::todo::arranged(edits);
    Operation { intent: Intent { verb: verb.to_owned(), summary }, edits, undoes: None }
}

/// The text without blanks around it.
fn one_line<'t>(text: &'t str, what: &str) -> Result<&'t str, Refused> {
    let text = text.trim();
    match text.chars().find(|c| c.is_control()) {
        Some('\n' | '\r') => Err(Refused(format!("{what} has several lines; give one line at a time"))),
        Some(_) => Err(Refused(format!("{what} has a control character in it; take it out"))),
        None => Ok(text),
    }
}
