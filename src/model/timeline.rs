//! All dated things on one time axis: plans' timeline tables and bullets, session logs, dated board moves.

pub mod query;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime};
use serde::Serialize;

use super::cite;
use super::plan::Plan;
use super::session::SessionLog;
use super::task::{Kind, TaskList};
use crate::doc::DocId;

/// A date, with a time where the document gives one (`formats.md` §4: `2025-12-22`, `2025-12-10 11:52`,
/// `2025-12-22 18:50 MT`). Wall-clock time of the document's own zone; never converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// The day.
    pub date: NaiveDate,
    /// The time of day, if given. A stamp without a time sorts before those with one on its day.
    pub time: Option<NaiveTime>,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    /// A row or bullet of a plan's timeline.
    Timeline,
    /// A session log.
    Session,
    /// A dated state on the board.
    Board,
    /// An entry of the journal.
    Journal,
}

/// One event of the time axis.
#[derive(Clone)]
pub struct TimelineEvent {
    /// When.
    pub at: Stamp,
    /// Plan letters (`A`, `AF`), where the event belongs to one; shared, because a board has many events of few plans.
    pub plan: Option<Arc<str>>,
    /// What kind.
    pub kind: EventKind,
    /// What it says; see [`TimelineEvent::summary`].
    pub told: Told,
    /// Source document.
    pub doc: DocId,
    /// 1-based source line.
    pub line: usize,
}

/// Where an event's summary comes from.
#[derive(Clone)]
pub enum Told {
    /// From the document, as it stands.
    Text(Box<str>),
    /// From a task, put together when it is looked at: a board has many dated rows, and few are ever seen.
    Task(Arc<TaskList>, u32),
}

/// All events, newest first, and the rows that carry no readable date.
#[derive(Clone, Default)]
pub struct Timeline {
    /// Newest first; equal stamps keep the order of plan, document and line.
    pub events: Vec<TimelineEvent>,
    /// Timeline rows whose date could not be read: document, line, text.
    pub undated: Vec<(DocId, usize, String)>,
}

impl Stamp {
    /// Reads the date (and the time right behind it) at the start of `text`; emphasis marks and `~` before it do not
    /// matter, nor does a zone or remark behind it. None when there is no valid date.
    pub fn read(text: &str) -> Option<Stamp> {
        let text = text.trim_start_matches(|c: char| c.is_whitespace() || "*_~`".contains(c));
        let date = NaiveDate::parse_from_str(text.get(..10)?, "%Y-%m-%d").ok()?;
        let rest = &text[10..];
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let rest = rest.trim_start_matches(['T', ' ', '~', ',']);
        let time = rest.get(..5).and_then(|clock| NaiveTime::parse_from_str(clock, "%H:%M").ok());
        Some(Stamp { date, time })
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.time {
            Some(time) => write!(f, "{} {}", self.date, time.format("%H:%M")),
            None => write!(f, "{}", self.date),
        }
    }
}

impl TimelineEvent {
    /// One line that says what happened.
    pub fn summary(&self) -> Cow<'_, str> {
        match &self.told {
            Told::Text(text) => Cow::Borrowed(text),
            Told::Task(list, index) => {
                let task = list.task(*index as usize);
                Cow::Owned(format!("{} {}: {}", task.id(), task.state(), task.title()))
            }
        }
    }
}

impl Timeline {
    /// All events of plans, session logs, the journal and dated tasks.
    pub fn project(
        plans: &[Plan],
        sessions: &[SessionLog],
        tasks: &Arc<TaskList>,
        journal: Vec<TimelineEvent>,
    ) -> Timeline {
        let dated = tasks.iter().filter(|task| task.date().is_some()).count();
        let told: usize = plans.iter().map(|plan| plan.events.len()).sum();
        let mut timeline = Timeline { events: Vec::with_capacity(dated + told + sessions.len()), undated: Vec::new() };
        let mut letters: BTreeSet<Arc<str>> = BTreeSet::new();
        for plan in plans {
            timeline.events.extend(plan.events.iter().cloned());
            timeline.undated.extend(plan.undated.iter().map(|(line, text)| (plan.doc.clone(), *line, text.clone())));
        }
        timeline.events.extend(journal);
        timeline.events.extend(sessions.iter().filter_map(session_event));
        timeline.events.extend(tasks.iter().filter_map(|task| {
            let date = task.date()?;
            // A plan's own timeline says what happened there; its table of tasks would say it twice.
            let row = task.rows().next().filter(|row| matches!(row.kind(), Kind::Csv | Kind::Board))?;
            Some(TimelineEvent {
                at: Stamp { date, time: None },
                plan: task.plan().map(|plan| shared(&mut letters, plan)),
                kind: EventKind::Board,
                told: Told::Task(Arc::clone(tasks), task.index() as u32),
                doc: row.doc().clone(),
                line: row.line(),
            })
        }));
        // No two events are equal in all of these, so that the order does not depend on the one before.
        timeline.events.sort_unstable_by(|a, b| {
            b.at.cmp(&a.at).then_with(|| (&a.plan, &a.doc, a.line).cmp(&(&b.plan, &b.doc, b.line)))
        });
        timeline
    }
}

fn shared(known: &mut BTreeSet<Arc<str>>, letters: String) -> Arc<str> {
    if let Some(known) = known.get(letters.as_str()) {
        return Arc::clone(known);
    }
    let letters: Arc<str> = letters.into();
    known.insert(Arc::clone(&letters));
    letters
}

fn session_event(session: &SessionLog) -> Option<TimelineEvent> {
    let mut summary = session.name.clone();
    if !session.card.is_empty() {
        summary.push_str(": ");
        summary.push_str(&session.card);
    }
    if !session.status.is_empty() {
        summary.push_str(&format!(" [{}]", session.status));
    }
    Some(TimelineEvent {
        at: Stamp { date: session.date?, time: None },
        plan: session.tasks.first().and_then(|id| cite::plan_of_id(id)).map(Arc::from),
        kind: EventKind::Session,
        told: Told::Text(summary.into()),
        doc: session.doc.clone(),
        line: 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_in_all_their_spellings() {
        let check = |text: &str, want: &str| {
            let read = Stamp::read(text).map_or_else(|| "none".to_owned(), |stamp| stamp.to_string());
            assert_eq!(read, want, "{text}");
        };
        check("2025-12-22", "2025-12-22");
        check("2025-12-10 11:52", "2025-12-10 11:52");
        check("2025-12-22 18:50 MT", "2025-12-22 18:50");
        check("**2025-12-22 18:50 MT:** text", "2025-12-22 18:50");
        check("2025-11-12 ~15:14 MT", "2025-11-12 15:14");
        check("2026-01-01T16:24:28.8773598-07:00", "2026-01-01 16:24");
        check("**2025-11-26 (telemetry):** x", "2025-11-26");
        check("2025-13-01", "none");
        check("20251226-130219", "none");
        check("2025-12-223", "none");
        check("", "none");
    }
}
