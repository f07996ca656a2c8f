//! Autonomy levels: what a session may do, as the workspace's autonomy plan says it, and the guard that holds to it.
//!
//! The plan explains and cites; it never loosens. What a level means to the guard is fixed here, and words of the plan can
//! only raise what a command needs. The level in force is always handed in: it stands in the header of the active session's
//! log, where the operator wrote it, and no other document has a say in it.

mod command;
mod guard;
mod lex;
mod plan;
mod words;

use std::fmt;

use serde::Serialize;

use crate::doc::{DocId, Document};

pub use command::Origin;
pub use guard::{Action, Doing, Escalation, Guard, Refusal};

/// How much a session may do. The order is the order of what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Level {
    /// Looking: nothing is written.
    L0,
    /// Editing documents, running tests and what the runbook lists.
    L1,
    /// Overrides, and commands that change or delete data.
    L2,
    /// The network, downloads, installations.
    L3,
}

impl Level {
    /// All levels, the lowest first.
    pub const ALL: [Level; 4] = [Level::L0, Level::L1, Level::L2, Level::L3];

    /// The level of a session whose log names none.
    pub const DEFAULT: Level = Level::L1;

    /// `L0` to `L3`.
    pub fn name(self) -> &'static str {
        match self {
            Level::L0 => "L0",
            Level::L1 => "L1",
            Level::L2 => "L2",
            Level::L3 => "L3",
        }
    }

    /// What the level allows where no document says it.
    pub fn meaning(self) -> &'static str {
        match self {
            Level::L0 => "reading; nothing is written",
            Level::L1 => "editing documents, running tests and the commands of the runbook",
            Level::L2 => "overrides, and commands that change or delete data",
            Level::L3 => "network access, downloads and installations",
        }
    }

    /// The level that a log's header names. Without one it is the default; where several are named (`L1, then L2`) it is
    /// the lowest, because nobody granted more than that without doubt. What a template asks for (`<L0–L3>`) names none.
    pub fn in_header(value: &str) -> Level {
        let asks = value.trim_matches(['*', '_', '`', ' ']);
        if asks.starts_with('<') && asks.ends_with('>') {
            return Level::DEFAULT;
        }
        Level::named_in(value).into_iter().min().unwrap_or(Level::DEFAULT)
    }

    /// Every level that a text names as `L0` to `L3`, standing alone, in order of appearance.
    pub fn named_in(text: &str) -> Vec<Level> {
        let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        words.filter_map(|word| Level::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(word))).collect()
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A row of the plan's table of levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The level.
    pub level: Level,
    /// What stands behind the level's number, for example `Observe`.
    pub title: String,
    /// What the level is for.
    pub description: String,
    /// What it allows, as written.
    pub allowed: String,
    /// What it asks for besides, as written.
    pub requires: String,
    /// 1-based line of the row.
    pub line: usize,
}

/// An environment variable with which the operator opts in to [`Level::L3`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptIn {
    /// Its name.
    pub name: String,
    /// The value it must have.
    pub value: String,
    /// 1-based line of the plan that names it.
    pub line: usize,
}

impl OptIn {
    /// Whether only installations need it, as its name says.
    pub fn is_for_installs(&self) -> bool {
        self.name.to_ascii_uppercase().contains("INSTALL")
    }
}

/// What the workspace says about levels; without a document every level has its built-in meaning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Autonomy {
    /// The autonomy plan, if there is one.
    pub doc: Option<DocId>,
    /// The rows of its tables of levels, in document order.
    pub rules: Vec<Rule>,
    /// The variables that opt in to [`Level::L3`].
    pub opt_ins: Vec<OptIn>,
    /// 1-based line of the sentence about going up.
    pub escalation_line: Option<usize>,
}

impl Autonomy {
    /// Reads the autonomy plan.
    pub fn project(doc: &Document) -> Autonomy {
        plan::read(doc)
    }

    /// The first row about a level.
    pub fn rule(&self, level: Level) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.level == level)
    }

    /// What the level allows: in the plan's words, or the built-in ones.
    pub fn meaning(&self, level: Level) -> &str {
        self.rule(level).map(|rule| rule.allowed.as_str()).filter(|text| !text.is_empty()).unwrap_or(level.meaning())
    }

    /// A need for this reason, with the line of the plan about that level.
    fn need(&self, level: Level, why: String) -> Need {
        let line = self.rule(level).map(|rule| rule.line);
        Need { level, why, doc: self.doc.clone().filter(|_| line.is_some()), line }
    }
}

/// Which level something needs, why, and which line says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The least level that allows it.
    pub level: Level,
    /// The reason, part of a sentence.
    pub why: String,
    /// The document that says so; none when only the built-in rules do.
    pub doc: Option<DocId>,
    /// 1-based line in that document.
    pub line: Option<usize>,
}

impl Need {
    /// Where it is said: `file:line`, or that it is built in.
    pub fn place(&self) -> String {
        match (&self.doc, self.line) {
            (Some(doc), Some(line)) => format!("{doc}:{line}"),
            (Some(doc), None) => doc.to_string(),
            (None, _) => "built-in rule".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
