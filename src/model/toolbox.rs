//! The state of the layout *toolbox*: what is being worked on and was done last (`ai/state/progress.json`), and the journal of
//! the work (`ai/state/journal.md`). Documents of other shapes are read as far as they have the keys.

pub mod check;
pub mod work;
mod write;

use chrono::NaiveDate;

use super::next::Hints;
use super::task::TaskList;
use super::timeline::{EventKind, Stamp, TimelineEvent, Told};
use crate::doc::tree::NodeRef;
use crate::doc::{DocId, Document};

/// What is being worked on, what was done last, and what was written about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Toolbox {
    /// The state, where there is such a document.
    pub progress: Option<Progress>,
    /// The journal, where there is one.
    pub journal: Option<Journal>,
}

/// The state of the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The document.
    pub doc: DocId,
    /// The task that is being worked on, with its 1-based line.
    pub active: Option<(String, usize)>,
    /// What was done, in document order.
    pub updates: Vec<Update>,
    /// The tasks that were named to be next, with their lines.
    pub candidates: Vec<(String, usize)>,
    /// When it was written last, as it says, with its line.
    pub last_updated: Option<(String, usize)>,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The task; empty where the update is a text.
    pub task: String,
    /// How the task stands; may be empty.
    pub status: String,
    /// What was done.
    pub text: String,
    /// 1-based line.
    pub line: usize,
}

/// The journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    /// The document.
    pub doc: DocId,
    /// Its dated entries, in document order.
    pub entries: Vec<Entry>,
}

/// One entry of the journal: a heading that begins with a day, and what stands below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The day.
    pub date: NaiveDate,
    /// What the heading says behind the day; may be empty.
    pub title: String,
    /// The heading's text as it stands.
    pub heading: String,
    /// 1-based line of the heading.
    pub line: usize,
    /// What stands below it.
    pub text: String,
}

impl Entry {
    /// Whether it speaks of a task: names it in a code span.
    pub fn names(&self, id: &str) -> bool {
        let bare = id.rsplit('/').next().unwrap_or(id);
        [id, bare].iter().any(|id| self.text.contains(&format!("`{id}`")))
    }

    /// Whether it says that the task is closed.
    pub fn closes(&self, id: &str) -> bool {
        let bare = id.rsplit('/').next().unwrap_or(id);
        self.text.lines().any(|line| line.contains("Closed") && line.contains(&format!("`{bare}`")))
    }
}

impl Toolbox {
    /// Reads the two documents.
    pub fn project(progress: Option<&Document>, journal: Option<&Document>) -> Toolbox {
        Toolbox { progress: progress.and_then(Progress::read), journal: journal.and_then(Journal::read) }
    }

    /// What it says about which task is next.
    pub fn hints(&self, tasks: &TaskList) -> Hints {
        let Some(progress) = &self.progress else { return Hints::default() };
        let place = |(id, line): &(String, usize)| {
            let id = tasks.known_as(id).map_or_else(|| id.clone(), |at| tasks.task(at).id().into_owned());
            (id, format!("{}:{line}", progress.doc))
        };
        Hints {
            active: progress.active.as_ref().map(place),
            candidates: progress.candidates.iter().map(place).collect(),
        }
    }

    /// The entries of the journal, and the updates whose day is known from it, as events.
    pub fn events(&self) -> Vec<TimelineEvent> {
        let event = |date, text: String, doc: &DocId, line| TimelineEvent {
            at: Stamp { date, time: None },
            plan: None,
            kind: EventKind::Journal,
            told: Told::Text(text.into()),
            doc: doc.clone(),
            line,
        };
        let entries = self.journal.iter().flat_map(|journal| {
            journal.entries.iter().map(|entry| event(entry.date, entry.said(), &journal.doc, entry.line))
        });
        let day = |update: &Update| {
            let own = Stamp::read(&update.text).map(|stamp| stamp.date);
            let entry = || {
                let named = |entry: &&Entry| !update.task.is_empty() && entry.names(&update.task);
                self.journal.as_ref()?.entries.iter().rev().find(named).map(|entry| entry.date)
            };
            own.or_else(entry)
        };
        let updates = self.progress.iter().flat_map(|progress| {
            progress.updates.iter().filter_map(|update| {
                let said = [update.task.as_str(), update.status.as_str()];
                let front = said.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
                let text = if front.is_empty() { update.text.clone() } else { format!("{front}: {}", update.text) };
                Some(event(day(update)?, text, &progress.doc, update.line))
            })
        });
        entries.chain(updates).collect()
    }
}

impl Entry {
    /// Its title, else its first line.
    fn said(&self) -> String {
        let first = || self.text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        if self.title.is_empty() { first().trim_start_matches("- ").to_owned() } else { self.title.clone() }
    }
}

impl Progress {
    fn read(doc: &Document) -> Option<Progress> {
        let root = doc.tree()?.root()?;
        let told = |key: &str| {
            let node = root.get(key)?;
            Some((string(node)?, node.line()))
        };
        let list = |key: &str| root.get(key).into_iter().flat_map(|node| node.children());
        let update = |node: NodeRef<'_>| Update {
            task: keyed(node, TASK_KEYS).unwrap_or_default(),
            status: keyed(node, &["status", "state"]).unwrap_or_default(),
            text: node.text().map(std::borrow::Cow::into_owned).or_else(|| keyed(node, TEXT_KEYS)).unwrap_or_default(),
            line: node.line(),
        };
        let candidate = |node: NodeRef<'_>| Some((string(node).or_else(|| keyed(node, TASK_KEYS))?, node.line()));
        Some(Progress {
            doc: doc.id().clone(),
            active: told("active_task"),
            updates: list("recent_updates").map(update).collect(),
            candidates: list("candidate_next_tasks").filter_map(candidate).collect(),
            last_updated: told("last_updated"),
        })
    }
}

/// Keys under which an update names its task, and says what was done.
const TASK_KEYS: &[&str] = &["task_id", "task", "id"];
const TEXT_KEYS: &[&str] = &["summary", "note", "notes", "description", "text", "message"];

fn keyed(node: NodeRef<'_>, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| string(node.get(key)?))
}

/// A text that is there: no `null`, nothing empty.
fn string(node: NodeRef<'_>) -> Option<String> {
    let text = node.text()?;
    let is_null = node.shape() == crate::doc::tree::Shape::Literal && text == "null";
    (!is_null && !text.trim().is_empty()).then(|| text.into_owned())
}

impl Journal {
    fn read(doc: &Document) -> Option<Journal> {
        let markdown = doc.markdown()?;
        let headings = markdown.headings();
        let entries = headings.iter().enumerate().filter_map(|(at, heading)| {
            let text = doc.text(&heading.text).into_owned();
            let stamp = Stamp::read(&text)?;
            let end = headings[at + 1..].iter().find(|next| next.level <= heading.level);
            let end = end.map_or(doc.bytes().len(), |next| next.start);
            let title = text.trim_start().get(10..).unwrap_or_default();
            Some(Entry {
                date: stamp.date,
                title: title
                    .trim_start_matches(|c: char| c.is_whitespace() || "-–—:".contains(c))
                    .trim_end()
                    .to_owned(),
                line: doc.line_of(heading.start),
                text: doc.text(&(heading.body.start..end)).into_owned(),
                heading: text,
            })
        });
        Some(Journal { doc: doc.id().clone(), entries: entries.collect() })
    }
}
