//! Prompts: what the playbook says of personas, principles and the prompt checklist; a prompt composed by it; and what a
//! prompt lacks by it. Pure. [PROMPTS.md](../../docs/PROMPTS.md) explains the rules.

pub mod compose;
pub mod lint;
mod playbook;
mod section;
pub mod wanted;

use crate::doc::{Addition, DocId};
use crate::model::query::text::squeeze;
use crate::op::{Change, Edit, Intent, Operation};

/// What the documents with the role of a playbook say, read as one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Playbook {
    /// The documents, in order.
    pub docs: Vec<DocId>,
    /// The personas, each name once.
    pub personas: Vec<Persona>,
    /// Operating principles.
    pub principles: Vec<Point>,
    /// Prompt design patterns.
    pub patterns: Vec<Point>,
    /// What every prompt has to say, each name once, in the playbook's order.
    pub checklist: Vec<Point>,
    /// The task library.
    pub library: Vec<Group>,
}

/// Who a prompt is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Persona {
    /// Its name, without markup.
    pub name: String,
    /// What it is for.
    pub scope: String,
    /// Where it begins: routes, commands, documents.
    pub entrypoints: String,
    /// What it must keep to.
    pub guardrails: String,
    /// What else the playbook says of it: label and text.
    pub more: Vec<(String, String)>,
    /// The document.
    pub doc: DocId,
    /// 1-based line.
    pub line: usize,
}

/// An item of a list: `**Name** – text`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Its name, without markup; may be empty for a principle or pattern that has none.
    pub name: String,
    /// What it says; may be empty.
    pub text: String,
    /// The document.
    pub doc: DocId,
    /// 1-based line.
    pub line: usize,
}

/// Tasks of the library under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The heading, without markup.
    pub name: String,
    /// The document.
    pub doc: DocId,
    /// 1-based line of the heading.
    pub line: usize,
    /// The tasks.
    pub tasks: Vec<Point>,
}

impl Playbook {
    /// The persona of that name, whatever its case and punctuation.
    pub fn persona(&self, name: &str) -> Option<&Persona> {
        self.personas.iter().find(|persona| key(&persona.name) == key(name))
    }

    /// All tasks of the library.
    pub fn tasks(&self) -> impl Iterator<Item = &Point> {
        self.library.iter().flat_map(|group| &group.tasks)
    }

    /// The principle that asks to report what was done.
    pub fn reporting(&self) -> Option<&Point> {
        let says = |point: &&Point, words: &[&str]| {
            let text = format!("{} {}", point.name, point.text).to_lowercase();
            words.iter().any(|word| text.contains(word))
        };
        let closes = self.principles.iter().find(|point| says(point, &["close the loop"]));
        closes.or_else(|| self.principles.iter().find(|point| says(point, &["summaris", "summariz", "report what"])))
    }

    /// The points of the checklist without those that the prompt's own sections about persona and report answer.
    fn points(&self) -> impl Iterator<Item = &Point> {
        let answered = |name: &str| {
            let key = key(name);
            (!self.personas.is_empty() && key.trim_end_matches('s') == "persona")
                || (self.reporting().is_some() && key == squeeze(compose::REPORTING))
        };
        self.checklist.iter().filter(move |point| !answered(&point.name))
    }

    /// The three lists of safe commands, forbidden operations and approval points, without those that are a point of the
    /// checklist.
    fn lists(&self) -> impl Iterator<Item = Kind> {
        let is_point = |kind: Kind| self.checklist.iter().any(|point| Kind::of(&point.name) == kind);
        Kind::LISTS.into_iter().filter(move |kind| !is_point(*kind))
    }

    /// Every principle, pattern and point of the checklist, in that order.
    fn sayings(&self) -> impl Iterator<Item = &Point> {
        self.principles.iter().chain(&self.patterns).chain(&self.checklist)
    }
}

impl Persona {
    /// Where the playbook says it, as `path:line`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.doc, self.line)
    }
}

impl Point {
    /// Where the playbook says it, as `path:line`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.doc, self.line)
    }

    /// Name and text as one sentence.
    pub fn said(&self) -> String {
        match (self.name.as_str(), self.text.as_str()) {
            (name, "") => name.to_owned(),
            ("", text) => text.to_owned(),
            (name, text) => format!("{name} – {text}"),
        }
    }
}

/// What a part of a prompt is about, by its name. A name that is none of these is a part of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Environment,
    Roles,
    Inputs,
    Outputs,
    Safe,
    Forbidden,
    Approval,
    Safety,
    Observability,
    Other,
}

impl Kind {
    /// What every prompt lists, whatever the checklist says.
    const LISTS: [Kind; 3] = [Kind::Safe, Kind::Forbidden, Kind::Approval];

    /// The kind of a point of the checklist, by the first word of its name that says it.
    fn of(name: &str) -> Kind {
        let words: Vec<String> = words(name);
        let has = |starts: &[&str]| words.iter().any(|word| starts.iter().any(|start| word.starts_with(start)));
        let begins = |start: &[&str]| words.len() >= start.len() && words.iter().zip(start).all(|(a, b)| a == b);
        if has(&["forbid", "prohibit"]) || begins(&["do", "not"]) || begins(&["must", "not"]) || begins(&["never"]) {
            Kind::Forbidden
        } else if has(&["approv", "checkpoint"]) {
            Kind::Approval
        } else if (begins(&["safe"]) || has(&["allowed"])) && has(&["command", "operation", "action"]) {
            Kind::Safe
        } else if has(&["environment"]) {
            Kind::Environment
        } else if has(&["role", "permission"]) {
            Kind::Roles
        } else if has(&["input"]) {
            Kind::Inputs
        } else if has(&["output"]) {
            Kind::Outputs
        } else if has(&["safety", "security"]) {
            Kind::Safety
        } else if has(&["observab", "monitoring", "telemetry"]) {
            Kind::Observability
        } else {
            Kind::Other
        }
    }
}

/// What creates a document with the prompt; the store refuses it where there is one already.
pub fn save(doc: &DocId, text: &str) -> Operation {
    let change = Change::Add { addition: Addition::Document { text: text.to_owned() }, gap: None };
    Operation {
        intent: Intent { verb: "prompt compose".to_owned(), summary: format!("save the prompt as {doc}") },
        edits: vec![Edit { doc: doc.clone(), change }],
        undoes: None,
    }
}

/// By what two names are the same; never empty for a name that says something.
fn key(name: &str) -> String {
    let key = squeeze(name);
    if key.is_empty() { one_line(name) } else { key }
}

/// The words of a text in lower case.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// A text as one line: whatever separates words or controls a terminal becomes one blank.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A name without the marks of emphasis and code around it.
fn plain(text: &str) -> String {
    let marks = |c: char| c.is_whitespace() || "*_`".contains(c);
    one_line(text.trim_matches(marks)).replace("**", "").replace('`', "")
}

/// A text as a code span, whatever backticks are in it.
fn code(text: &str) -> String {
    let text = one_line(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    if longest == 0 {
        return format!("`{text}`");
    }
    let marks = "`".repeat(longest + 1);
    format!("{marks} {text} {marks}")
}
