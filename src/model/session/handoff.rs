//! The hand-off of a session: what changed, what was run, what the boards say, what comes next. Made of what documents say;
//! every line names the document that says it.

use std::borrow::Cow;

use serde::Serialize;

use super::SessionLog;
use super::changed::{Changed, How};
use super::facts::{Facts, Ran, saved_handoff};
use super::open::is_placeholder;
use crate::doc::{DocId, Document};
use crate::model::task::{Task, TaskList};

/// A hand-off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Handoff {
    /// Its parts, in their order.
    pub sections: Vec<Section>,
}

/// One part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// `PATCH SUMMARY`, for example.
    pub title: String,
    /// What it says: one line of Markdown each.
    pub lines: Vec<String>,
}

/// What a hand-off is made from, as the documents stand then.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The session.
    pub log: &'a SessionLog,
    /// Its log.
    pub doc: &'a Document,
    /// The files that changed.
    pub changed: &'a Changed,
    /// The tasks.
    pub tasks: &'a TaskList,
    /// The timeline's entry of the session: the plan, and its 1-based line.
    pub timeline: Option<(&'a DocId, usize)>,
    /// The state of the task before the session was finished; none while it is open.
    pub before: Option<&'a str>,
    /// What was done, in the operator's words; empty while the session is open.
    pub summary: &'a str,
    /// The next step, in the operator's words.
    pub next: &'a str,
    /// The task that is proposed where nobody says what comes next: index in the tasks.
    pub proposed: Option<usize>,
}

impl Handoff {
    /// Makes it.
    pub fn of(known: Known<'_>) -> Handoff {
        let section = |title: &str, lines| Section { title: title.to_owned(), lines };
        Handoff {
            sections: vec![
                section("PATCH SUMMARY", patch(known)),
                section("TEST RESULTS", results(known)),
                section("TASKBOARD UPDATE", board(known)),
                section("NEXT STEP", next(known)),
            ],
        }
    }

    /// The one that a finished log has; none while the session is open.
    pub fn saved(log: &Document) -> Option<Handoff> {
        let (_, lines) = saved_handoff(log)?;
        let mut handoff = Handoff::default();
        for line in lines.iter().filter(|line| !line.trim().is_empty()) {
            let title = line.strip_prefix("- **").and_then(|rest| rest.strip_suffix("**"));
            match (title, handoff.sections.last_mut()) {
                (Some(title), _) => handoff.sections.push(Section { title: title.to_owned(), lines: Vec::new() }),
                (None, Some(section)) => section.lines.push(line.trim_start().trim_start_matches("- ").to_owned()),
                // People write above it.
                (None, None) => handoff.sections.push(Section { title: String::new(), lines: vec![line.clone()] }),
            }
        }
        Some(handoff)
    }

    /// The lines as they stand in the log.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for section in &self.sections {
            match section.title.as_str() {
                "" => lines.extend(section.lines.iter().cloned()),
                title => {
                    lines.push(format!("- **{title}**"));
                    lines.extend(section.lines.iter().map(|line| format!("  - {line}")));
                }
            }
        }
        lines
    }

    /// The lines as one text.
    pub fn text(&self) -> String {
        self.lines().join("\n")
    }
}

fn patch(known: Known<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    if !known.summary.is_empty() {
        lines.push(format!("{} ({})", known.summary.trim_end_matches('.'), cited(known.doc, known.summary)));
    }
    let count = known.changed.files.len() + known.changed.left_out;
    let files = match count {
        1 => "1 file changed".to_owned(),
        count => format!("{count} files changed"),
    };
    lines.push(format!("{files} {} ({})", known.changed.since.said(), cited(known.doc, "Files touched:")));
    lines.extend(known.changed.files.iter().map(|file| match file.how {
        How::Changed => format!("`{}`", file.path),
        How::Added | How::Deleted => format!("`{}` – {}", file.path, file.how.word()),
    }));
    if known.changed.left_out > 0 {
        lines.push(format!("and {} more, which are not listed ({})", known.changed.left_out, place(known.doc, None)));
    }
    lines
}

fn results(known: Known<'_>) -> Vec<String> {
    let facts = Facts::project(known.doc);
    let mut lines = Vec::new();
    for label in ["Unit tests", "Smoke run"] {
        if let Some((line, said)) = labelled(known.doc, label)
            && !facts.runs.iter().any(|ran| ran_text(ran) == said)
        {
            lines.push(format!("{label}: {said} ({})", place(known.doc, Some(line))));
        }
    }
    let runs = facts.tests().chain(facts.other_runs());
    lines.extend(runs.map(|ran| format!("{} ({})", ran_text(ran), place(known.doc, Some(ran.line)))));
    lines.extend(facts.attached.iter().map(|one| match one.text.as_str() {
        "" => format!("Evidence: `{}` ({})", one.path, place(known.doc, Some(one.line))),
        text => format!("Evidence: `{}`: {text} ({})", one.path, place(known.doc, Some(one.line))),
    }));
    lines
        .extend(facts.gates.iter().map(|said| format!("Gates: {} ({})", said.text, place(known.doc, Some(said.line)))));
    if lines.is_empty() {
        lines.push(format!("Nothing was run ({})", place(known.doc, None)));
    }
    lines
}

/// A command with its result, for logs and hand-offs: `cargo test`: exit 0 in 3.2 s, "ok"; its output file.
pub(super) fn ran_text(ran: &Ran) -> String {
    let record = &ran.record;
    let decisive: String = record.decisive.iter().map(|line| format!("; {line}")).collect();
    let output = record.output.as_ref().map_or_else(String::new, |path| format!("; output `{path}`"));
    let line = if record.line.contains('`') { format!("`` {} ``", record.line) } else { format!("`{}`", record.line) };
    format!("{line}: {}{decisive}{output}", record.end.said(record.duration))
}

fn board(known: Known<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let found = known.log.tasks.first().and_then(|id| known.tasks.find(id));
    match found.map(|at| known.tasks.task(at)) {
        Some(task) => {
            let now = written_state(task);
            let state = match known.before {
                None => now.into_owned(),
                Some(before) if before == now => format!("stays {now}"),
                Some(before) => format!("{before} → {now}"),
            };
            let rows: Vec<String> = task.rows().map(|row| format!("`{}:{}`", row.doc(), row.line())).collect();
            lines.push(format!("{}: {state} ({})", task.id(), rows.join(", ")));
        }
        None => lines
            .push(format!("No board carries a task that the card names ({})", place(known.doc, known.log.card_line))),
    }
    lines.extend(known.timeline.map(|(plan, line)| format!("Timeline: `{plan}:{line}`")));
    lines
}

/// The state as the leading document writes it.
pub(super) fn written_state(task: Task<'_>) -> Cow<'_, str> {
    let said = task.said(crate::workspace::config::Field::State).next();
    said.map_or(Cow::Borrowed(task.state()), |(_, text)| Cow::Owned(text.trim().to_owned()))
}

fn next(known: Known<'_>) -> Vec<String> {
    if !known.next.is_empty() {
        return vec![format!("{} ({})", known.next.trim_end_matches('.'), cited(known.doc, known.next))];
    }
    let is_none = |said: &str| matches!(said.trim_end_matches('.').to_lowercase().as_str(), "none" | "n/a" | "-" | "–");
    if let Some((line, said)) = labelled(known.doc, "Follow-ups").filter(|(_, said)| !is_none(said)) {
        return vec![format!("{} ({})", said.trim_end_matches('.'), place(known.doc, Some(line)))];
    }
    let task = known.proposed.map(|at| known.tasks.task(at));
    vec![match task.and_then(|task| Some((task, task.rows().next()?))) {
        Some((task, row)) => {
            let title = task.title().replace('\n', " ");
            format!("`task next` proposes {} – {title} (`{}:{}`)", task.id(), row.doc(), row.line())
        }
        None => format!("Nobody said, and no task is free ({})", place(known.doc, None)),
    }]
}

/// What stands behind a label of the log, and its line; none while it is the template's.
fn labelled(doc: &Document, label: &str) -> Option<(usize, String)> {
    doc.markdown()?.items().iter().find_map(|item| {
        let text = doc.text(&item.text);
        let (front, said) = text.split_once(':')?;
        let front = front.trim_start_matches('*');
        let said = said.trim_start_matches('*').trim();
        let is_meant = front.to_lowercase().starts_with(&label.to_lowercase()) && front.len() < label.len() + 20;
        (is_meant && !said.is_empty() && !is_placeholder(said)).then(|| (item.line, said.to_owned()))
    })
}

/// The first line of the document with this text; the document where there is none.
fn cited(doc: &Document, text: &str) -> String {
    let all = String::from_utf8_lossy(doc.bytes());
    place(doc, all.lines().position(|line| line.contains(text)).map(|at| at + 1))
}

fn place(doc: &Document, line: Option<usize>) -> String {
    match line {
        Some(line) => format!("`{}:{line}`", doc.id()),
        None => format!("`{}`", doc.id()),
    }
}
