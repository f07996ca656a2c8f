//! Starting a session: its log, named and filled in, and its task in work everywhere, as one operation.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::form::{self, Key};
use super::note::{Under, heading};
use super::{SessionLog, level, plan};
use crate::doc::{Addition, DocId, Document};
use crate::model::autonomy::Level;
use crate::model::gate::Clause;
use crate::model::plan::Plan;
use crate::model::task::edit::{Refused, move_to};
use crate::model::task::{Task, lines};
use crate::op::{self, Change, Edit, Intent, Mode, Operation};
use crate::workspace::Pattern;
use crate::workspace::config::States;

/// The template of a workspace that has none of its own.
const TEMPLATE: &str = include_str!("../../../assets/session-template.md");

/// What the operator wants to begin.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The task.
    pub task: Task<'a>,
    /// The day that the log is of.
    pub day: NaiveDate,
    /// Who works; the task's owner when empty.
    pub role: &'a str,
    /// The autonomy level.
    pub level: Level,
    /// The line that says how it came to that level; empty when it is not above the default.
    pub granted: &'a str,
    /// The plan; empty to write it later.
    pub bullets: &'a [String],
    /// Although the task is done or blocked.
    pub anyway: bool,
}

/// What a session is started from.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The session logs that are there, oldest first.
    pub sessions: &'a [SessionLog],
    /// Where session logs lie.
    pub patterns: &'a [Pattern],
    /// The workspace's own template.
    pub template: Option<&'a Document>,
    /// Its plans.
    pub plans: &'a [Plan],
    /// Its gates.
    pub gates: &'a [Clause],
    /// Its states.
    pub states: &'a States,
}

/// A session that can be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// Creates the log and moves the task.
    pub operation: Operation,
    /// The log.
    pub log: DocId,
    /// What the plan still lacks, in sentences.
    pub warnings: Vec<String>,
}

/// Starts a session.
pub fn start(wanted: Wanted<'_>, ground: Ground<'_>) -> Result<Started, Refused> {
    let task = wanted.task;
    can_be_worked_on(task, wanted.anyway, ground.states)?;
    let log = log_of(wanted.day, ground)?;
    for text in wanted.bullets.iter().map(String::as_str).chain([wanted.role, wanted.granted]) {
        if text.chars().any(char::is_control) {
            return Err(Refused(format!(
                "{text:?}: role, reason and bullets are one line each, without control characters"
            )));
        }
    }
    let bullets: Vec<String> = wanted.bullets.iter().map(|text| text.trim().to_owned()).collect();
    if bullets.iter().any(String::is_empty) {
        return Err(Refused("a bullet of the plan is empty: say in each what will be done".to_owned()));
    }
    let letters = task.plan();
    let plan = ground.plans.iter().find(|plan| letters.as_ref() == Some(&plan.letters));
    let gates: Vec<&str> = ground
        .gates
        .iter()
        .filter(|gate| letters.is_some() && gate.plan == letters)
        .map(|gate| gate.id.as_str())
        .collect();
    let mut text = text(wanted, ground.template, plan, &gates, &bullets)?;
    if !wanted.granted.is_empty() {
        text = with_line(&log, text, level::LOG_SECTION, wanted.granted)?;
    }
    let state = in_work(ground.states)?;
    let moved = move_to(&[task], state, ground.states, wanted.day)?;
    let created = Change::Add { addition: Addition::Document { text }, gap: None };
    let mut edits = vec![Edit { doc: log.clone(), change: created }];
    edits.extend(moved.edits);
    let intent = Intent { verb: "session start".to_owned(), summary: format!("start {} on {}", log.stem(), task.id()) };
    let warnings = plan::check(&bullets, plan, &gates);
    Ok(Started { operation: Operation { intent, edits, undoes: None }, log, warnings })
}

/// Whether the task can be worked on as it stands.
fn can_be_worked_on(task: Task<'_>, anyway: bool, states: &States) -> Result<(), Refused> {
    let state = task.state();
    let mend = if states.is_done(state) {
        "a session is for work that is still to be done"
    } else if states.is_blocked(state) {
        "settle first what blocks it and move it out of that state"
    } else {
        return Ok(());
    };
    if anyway {
        return Ok(());
    }
    let place = task.rows().next().map_or_else(String::new, |row| format!("{}:{}: ", row.doc(), row.line()));
    let id = task.id();
    Err(Refused(format!("{place}{id} is {state}; {mend}, or start it all the same with `session start {id} --anyway`")))
}

/// The state of tasks in work: the first one of the vocabulary whose name says so.
pub(super) fn in_work(states: &States) -> Result<&str, Refused> {
    let words = ["progress", "doing", "wip", "work", "active"];
    let says = |state: &&String| words.iter().any(|word| state.to_lowercase().contains(word));
    states.order.iter().find(says).map(String::as_str).ok_or_else(|| {
        let known = states.order.join(", ");
        Refused(format!(
            "codex-tui.toml: none of the states {known} is one of work in progress; name one `In Progress`"
        ))
    })
}

/// The path of the new log, beside the newest one.
fn log_of(day: NaiveDate, ground: Ground<'_>) -> Result<DocId, Refused> {
    let dated = || ground.sessions.iter().filter(|log| log.date.is_some());
    if let Some(later) = dated().find(|log| log.date > Some(day)) {
        return Err(Refused(format!(
            "{}: this log is of a later day than {day}, so that a new one would not be the active session; set the clock, \
             or give the day with `--date`",
            later.doc
        )));
    }
    let folder = dated().next_back().map(|log| log.doc.folder().to_owned());
    let folder = folder.or_else(|| ground.patterns.first().map(Pattern::folder)).unwrap_or_default();
    let name = format!("{day}_session-{:04}.md", next_number(ground.sessions, day));
    let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
    let log = DocId::new(&path).map_err(|error| Refused(error.to_string()))?;
    if ground.patterns.iter().any(|pattern| pattern.matches(&log)) {
        return Ok(log);
    }
    let patterns: Vec<&str> = ground.patterns.iter().map(Pattern::as_str).collect();
    Err(Refused(format!(
        "codex-tui.toml: [documents] session_logs ({}) does not take in {log}, so that nobody would find it; add its folder",
        patterns.join(", ")
    )))
}

/// The next free number of that day. Workspaces number differently, so the one at hand is followed: where at most changes
/// of day the numbers went on rising, they go on from the largest of all; otherwise each day begins with 1. Gaps are left
/// as they are, and a day that has logs already goes on from its largest number.
pub fn next_number(sessions: &[SessionLog], day: NaiveDate) -> u32 {
    let mut days: BTreeMap<NaiveDate, (u32, u32)> = BTreeMap::new();
    for log in sessions {
        if let (Some(date), Some(number)) = (log.date, log.number) {
            let (first, last) = days.entry(date).or_insert((number, number));
            *first = number.min(*first);
            *last = number.max(*last);
        }
    }
    if let Some((_, last)) = days.get(&day) {
        return last.saturating_add(1);
    }
    let spans: Vec<(u32, u32)> = days.into_values().collect();
    let rising = spans.windows(2).filter(|pair| pair[1].0 > pair[0].1).count();
    let goes_on = spans.len() > 1 && rising * 2 > spans.len() - 1;
    let largest = spans.iter().map(|(_, last)| *last).max().filter(|_| goes_on);
    largest.unwrap_or(0).saturating_add(1)
}

fn text(
    wanted: Wanted<'_>,
    template: Option<&Document>,
    plan: Option<&Plan>,
    gates: &[&str],
    bullets: &[String],
) -> Result<String, Refused> {
    let task = wanted.task;
    let flat = |text: &str| lines(text).replace('\n', " ").trim().to_owned();
    let title = flat(&task.title());
    let card = if title.is_empty() { task.id().into_owned() } else { format!("{} – {title}", task.id()) };
    let role = if wanted.role.trim().is_empty() { flat(&task.owner()) } else { wanted.role.trim().to_owned() };
    let or_none = |text: String| if text.is_empty() { "none".to_owned() } else { text };
    let keys = [
        Key { names: &["date"], label: "Date", value: wanted.day.to_string() },
        Key { names: &["role"], label: "Role", value: role },
        Key { names: &["task board card", "task board cards", "plans / tasks"], label: "Task board card", value: card },
        Key { names: &form::LEVEL, label: form::LEVEL_LABEL, value: wanted.level.to_string() },
        Key {
            names: &["plan file", "plan"],
            label: "Plan file",
            value: or_none(plan.map_or_else(String::new, |plan| format!("`{}`", plan.doc))),
        },
        Key { names: &["gates", "gates that apply"], label: "Gates", value: or_none(gates.join(", ")) },
    ];
    let own = || DocId::new("session-template.md").ok().map(|id| Document::parse(id, TEMPLATE.as_bytes().to_vec()));
    let filled = match template {
        Some(template) => form::filled(template, &keys, bullets),
        None => own().and_then(|template| form::filled(&template, &keys, bullets)),
    };
    filled.ok_or_else(|| {
        let place = template.map_or_else(String::new, |doc| format!("{}: ", doc.id()));
        Refused(format!("{place}the session template cannot be read as Markdown in UTF-8; save it so"))
    })
}

/// The text of a new document with a line more under one of its headings.
fn with_line(id: &DocId, text: String, section: &str, line: &str) -> Result<String, Refused> {
    let doc = std::sync::Arc::new(Document::parse(id.clone(), text.into_bytes()));
    let addition = Addition::Line { heading: heading(&doc, Under::Named(section))?, level: 2, text: line.to_owned() };
    let edits = vec![Edit { doc: id.clone(), change: Change::Add { addition, gap: None } }];
    let operation = Operation { intent: Intent { verb: String::new(), summary: String::new() }, edits, undoes: None };
    let planned = op::plan(&operation, Mode::Fresh, |_| Some(std::sync::Arc::clone(&doc)), |_| None);
    let planned = planned.map_err(|why| Refused(format!("the session template: {why}")))?;
    let after = planned.files.first().and_then(|file| file.after.as_ref()).unwrap_or(&doc);
    Ok(String::from_utf8_lossy(after.bytes()).into_owned())
}

#[cfg(test)]
mod tests;
