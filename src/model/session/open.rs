//! What is still open in a session, each with what settles it. Reads documents and judgements; decides nothing.

use std::ops::Range;

use chrono::NaiveDateTime;
use serde::Serialize;

use super::SessionLog;
use super::facts::HANDOFF;
use super::finish::named_at;
use super::overrides::overrides;
use super::plan::{self, BULLETS};
use crate::doc::{DocId, Document, Markdown, Severity};
use crate::model::checklist::mark::LOG_SECTION as TICKS;
use crate::model::checklist::reset::LOG_SECTION as ARCHIVE;
use crate::model::checklist::{Checklist, StepId};
use crate::model::cite;
use crate::model::finding::Finding;
use crate::model::gate::Clause;
use crate::model::gate::act::{SignOff, signed};
use crate::model::gate::evaluate::{Judged, Verdict};
use crate::model::plan::Plan;
use crate::model::sync::Sync;

/// What kind of thing is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OpenKind {
    /// A command that has not ended.
    Running,
    /// A step of the session's checklist.
    Step,
    /// The plan in the log has too few or too many bullets.
    Plan,
    /// A place of the log that still has the template's words.
    Placeholder,
    /// A gate of the task's plan that is not kept.
    Gate,
    /// A setting that a command overrode and nothing put back.
    Override,
    /// Documents that do not agree about the task.
    Docsync,
    /// The timeline of the task's plan does not name the session.
    Timeline,
}

/// One open thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenItem {
    /// What kind.
    pub kind: OpenKind,
    /// What is open, as a sentence without its end.
    pub what: String,
    /// The document in which it is.
    pub doc: Option<DocId>,
    /// 1-based line there.
    pub line: Option<usize>,
    /// What settles it.
    pub settle: Settle,
}

/// What settles an open thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settle {
    /// The verb line, as it is typed behind `codex-tui`; none where only an editor does.
    pub verb: Option<String>,
    /// Where the cockpit goes.
    pub go: Go,
}

/// A place of the cockpit: a pane and the thing in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Go {
    /// The step of the checklist.
    Step(StepId),
    /// The gate with this id.
    Gate(String),
    /// The findings of doc-sync about this task.
    Sync {
        /// The task.
        task: String,
    },
    /// The line of the session's log.
    Log {
        /// 1-based.
        line: usize,
    },
    /// The plan in the session's log.
    Plan,
    /// How the override with this name was put back.
    Override(String),
    /// The output of the running command.
    Output,
    /// The dialog that finishes the session.
    Finish,
}

/// What is looked at.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The session.
    pub log: &'a SessionLog,
    /// Its log.
    pub doc: &'a Document,
    /// The session's checklist.
    pub list: Option<&'a Checklist>,
    /// Whether the documents agree.
    pub sync: &'a Sync,
    /// The gates with their verdicts.
    pub gates: &'a [Judged],
    /// The document of the gates.
    pub gates_doc: Option<&'a DocId>,
    /// What people signed off.
    pub sign_offs: &'a [SignOff],
    /// The plan of the session's task, with its document.
    pub plan: Option<(&'a Plan, &'a Document)>,
    /// The command that is running, if one is.
    pub running: Option<&'a str>,
}

impl OpenItem {
    /// `file:line`, as far as it has one.
    pub fn place(&self) -> String {
        match (&self.doc, self.line) {
            (Some(doc), Some(line)) => format!("{doc}:{line}"),
            (Some(doc), None) => doc.to_string(),
            (None, _) => String::new(),
        }
    }
}

/// Everything that is open, in the order of [`OpenKind`] and of the documents.
pub fn open(input: Input<'_>) -> Vec<OpenItem> {
    let mut items: Vec<OpenItem> = input.running.map(running).into_iter().collect();
    items.extend(input.list.into_iter().flat_map(steps));
    items.extend(plan_bullets(input));
    items.extend(placeholders(input.doc));
    items.extend(gates(input));
    items.extend(not_put_back(input.doc));
    items.extend(findings(input));
    items.extend(timeline(input));
    items
}

fn running(line: &str) -> OpenItem {
    let settle = Settle { verb: None, go: Go::Output };
    let what = format!("the command `{line}` is still running; wait for its end, or cancel it");
    OpenItem { kind: OpenKind::Running, what, doc: None, line: None, settle }
}

fn steps(list: &Checklist) -> impl Iterator<Item = OpenItem> {
    list.steps().filter(|step| !step.state.is_settled()).map(|step| OpenItem {
        kind: OpenKind::Step,
        what: step.id.text.replace('\n', " "),
        doc: Some(step.id.doc.clone()),
        line: Some(step.line),
        settle: Settle { verb: Some(format!("checklist tick {}", step.index)), go: Go::Step(step.id.clone()) },
    })
}

/// The bullets of the plan in the log, if their number is none that a plan has. Those that are still the template's do not
/// count.
fn plan_bullets(input: Input<'_>) -> Option<OpenItem> {
    let count = plan::bullets(input.doc).len();
    if BULLETS.contains(&count) {
        return None;
    }
    let markdown = input.doc.markdown()?;
    let says_plan = |text: &str| text.to_lowercase().starts_with("plan");
    let heading = markdown.headings().iter().find(|heading| says_plan(&markdown.text(&heading.text)));
    let line = heading.map_or(1, |heading| heading.line);
    Some(OpenItem {
        kind: OpenKind::Plan,
        what: format!("bullets in the plan: {count}; a plan has {} to {}", BULLETS.start(), BULLETS.end()),
        doc: Some(input.doc.id().clone()),
        line: Some(line),
        settle: Settle { verb: Some("session plan --bullet TEXT".to_owned()), go: Go::Plan },
    })
}

/// Whether a text is nothing but what a template has to be filled in.
pub(super) fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    text.len() > 2 && text.starts_with('<') && text.ends_with('>')
}

/// Places of the log that still have the template's words: `<…>` outside of code, comments, records and the hand-off.
fn placeholders(doc: &Document) -> Vec<OpenItem> {
    let (Some(markdown), Ok(text)) = (doc.markdown(), std::str::from_utf8(doc.bytes())) else { return Vec::new() };
    let written = [HANDOFF, TICKS, ARCHIVE].map(|heading| markdown.section(heading).unwrap_or_default());
    let mut items = Vec::new();
    let mut start = 0;
    for (at, line) in text.split_inclusive('\n').enumerate() {
        let offset = start;
        start += line.len();
        let is_ours = written.iter().any(|section| section.contains(&offset)) || is_record(line);
        if is_ours || markdown.is_code(offset) || markdown.is_comment(offset) {
            continue;
        }
        items.extend(brackets(line).into_iter().map(|text| OpenItem {
            kind: OpenKind::Placeholder,
            what: format!("{} is not filled in", &line[text]),
            doc: Some(doc.id().clone()),
            line: Some(at + 1),
            settle: Settle { verb: filling(markdown, offset, line), go: Go::Log { line: at + 1 } },
        }));
    }
    items
}

fn is_record(line: &str) -> bool {
    let said = line.trim_start().trim_start_matches("- ");
    said.get(..16).is_some_and(|time| NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M").is_ok())
}

/// What stands in angle brackets, outside of code spans, and is no tag and no address.
fn brackets(line: &str) -> Vec<Range<usize>> {
    let spans = cite::code_spans(line);
    let is_text = |at: usize| spans.iter().all(|span| !span.contains(&at));
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = line[from..].find('<').map(|at| from + at) {
        from = open + 1;
        if !is_text(open) || line[..open].ends_with('\\') {
            continue;
        }
        let Some(close) = line[from..].match_indices('>').map(|(at, _)| from + at).find(|at| is_text(*at)) else {
            break;
        };
        let inner = &line[from..close];
        let word: String = inner.chars().take_while(char::is_ascii_alphanumeric).collect();
        let is_tag = TAGS.contains(&word.to_ascii_lowercase().as_str());
        let is_address = inner.contains("://") || (inner.contains('@') && !inner.contains(' '));
        if inner.starts_with(char::is_alphanumeric) && !inner.contains('<') && !is_tag && !is_address {
            found.push(open..close + 1);
            from = close + 1;
        }
    }
    found
}

/// Tags that people write in Markdown.
const TAGS: [&str; 20] = [
    "a", "b", "i", "u", "p", "br", "hr", "em", "img", "sub", "sup", "kbd", "pre", "code", "span", "div", "strong",
    "details", "summary", "table",
];

/// The verb that fills the line in, if one does.
fn filling(markdown: &Markdown, offset: usize, line: &str) -> Option<String> {
    let heading = markdown.headings().iter().rev().find(|heading| heading.start <= offset);
    let heading = heading.map_or(String::new(), |heading| markdown.text(&heading.text).to_lowercase());
    let said = line.trim_start().trim_start_matches("- ").to_lowercase();
    let verb = if heading.starts_with("plan") {
        "session plan --bullet TEXT"
    } else if said.starts_with("unit tests") {
        "session finish --tests TEXT"
    } else if said.starts_with("smoke run") {
        "session finish --smoke TEXT"
    } else if heading.starts_with("changes") || heading.starts_with("outcome") {
        "session finish"
    } else {
        return None;
    };
    Some(verb.to_owned())
}

/// The gates of the task's plan that are not kept; one that a person signed off is.
fn gates(input: Input<'_>) -> impl Iterator<Item = OpenItem> {
    let letters = input.log.tasks.first().and_then(|id| cite::plan_of_id(id));
    let is_kept = move |one: &Judged| match one.verdict {
        Verdict::Pass => true,
        Verdict::Manual => signed(&one.clause, input.sign_offs).is_some(),
        Verdict::Fail
        | Verdict::Unreadable
        | Verdict::Missing
        | Verdict::Insufficient
        | Verdict::Stale
        | Verdict::Warn => false,
    };
    let own = move |clause: &Clause| letters.is_some() && clause.plan.as_deref() == letters;
    input.gates.iter().filter(move |one| own(&one.clause) && !is_kept(one)).map(move |one| {
        let id = &one.clause.id;
        let verb = match one.verdict {
            Verdict::Manual => format!("gates sign-off {id} --evidence TEXT"),
            Verdict::Pass
            | Verdict::Fail
            | Verdict::Unreadable
            | Verdict::Missing
            | Verdict::Insufficient
            | Verdict::Stale
            | Verdict::Warn => format!("gates explain {id}"),
        };
        OpenItem {
            kind: OpenKind::Gate,
            what: format!("gate {id} {}: {}", one.verdict.name(), one.reason.trim_end_matches('.')),
            doc: input.gates_doc.cloned(),
            line: Some(one.clause.line),
            settle: Settle { verb: Some(verb), go: Go::Gate(id.clone()) },
        }
    })
}

fn not_put_back(doc: &Document) -> impl Iterator<Item = OpenItem> {
    overrides(doc).into_iter().map(|one| OpenItem {
        kind: OpenKind::Override,
        what: format!("the override `{}` is not put back", one.name),
        doc: Some(doc.id().clone()),
        line: Some(one.line),
        settle: Settle { verb: Some(format!("session note --reset {} HOW", one.name)), go: Go::Override(one.name) },
    })
}

/// What doc-sync says of the session's tasks and of its log. What is merely worth knowing is not open.
fn findings(input: Input<'_>) -> impl Iterator<Item = OpenItem> {
    let concerns = move |finding: &&Finding| {
        let of_task = finding.id.as_ref().is_some_and(|id| input.log.tasks.contains(id));
        let of_log = finding.file.as_deref() == Some(input.log.doc.as_str());
        finding.severity != Severity::Note && (of_task || of_log)
    };
    input.sync.findings.iter().filter(concerns).map(move |finding| {
        let task = finding.id.clone().or_else(|| input.log.tasks.first().cloned()).unwrap_or_default();
        let fix = if finding.fix.is_some() { "--fix " } else { "" };
        OpenItem {
            kind: OpenKind::Docsync,
            what: finding.message.trim_end_matches('.').to_owned(),
            doc: finding.file.as_deref().and_then(|path| DocId::new(path).ok()),
            line: finding.line,
            settle: Settle { verb: Some(format!("check {fix}--id {task}")), go: Go::Sync { task } },
        }
    })
}

/// That the timeline of the task's plan names neither the session, nor its task on its day.
fn timeline(input: Input<'_>) -> Option<OpenItem> {
    let (plan, doc) = input.plan?;
    let named = named_at(input.log, plan, doc).is_some();
    (!named).then(|| OpenItem {
        kind: OpenKind::Timeline,
        what: format!("the plan's timeline does not name {}", input.log.name),
        doc: Some(plan.doc.clone()),
        line: plan.events.first().map(|event| event.line),
        settle: Settle { verb: Some("session finish".to_owned()), go: Go::Finish },
    })
}

#[cfg(test)]
mod tests;
