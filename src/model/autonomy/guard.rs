//! The guard: what a level allows, and what a refusal tells the operator.

use std::collections::BTreeMap;
use std::fmt;

use super::{Autonomy, Level, Need, OptIn};

/// What the cockpit can be asked to do. The list is closed: what has no place in it cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Reading documents and files.
    Read,
    /// Writing documents of the workspace: boxes, rows, logs.
    WriteDocuments,
    /// Running tests.
    RunTests,
    /// Running a command of the runbook.
    RunCommand,
    /// Running with parameters or settings that are not the defaults.
    Override,
    /// Changing or deleting data so that it does not come back by itself.
    Destroy,
    /// Reaching beyond this machine.
    Network,
    /// Installing or updating what the repository depends on.
    Dependency,
}

impl Doing {
    /// Every kind.
    pub const ALL: [Doing; 8] = [
        Doing::Read,
        Doing::WriteDocuments,
        Doing::RunTests,
        Doing::RunCommand,
        Doing::Override,
        Doing::Destroy,
        Doing::Network,
        Doing::Dependency,
    ];

    /// The least level that allows it.
    pub fn level(self) -> Level {
        match self {
            Doing::Read => Level::L0,
            Doing::WriteDocuments | Doing::RunTests | Doing::RunCommand => Level::L1,
            Doing::Override | Doing::Destroy => Level::L2,
            Doing::Network | Doing::Dependency => Level::L3,
        }
    }

    /// What it is, as part of a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Doing::Read => "reading",
            Doing::WriteDocuments => "writing documents",
            Doing::RunTests => "running tests",
            Doing::RunCommand => "running a command",
            Doing::Override => "overriding parameters or settings",
            Doing::Destroy => "changing or deleting data for good",
            Doing::Network => "network access",
            Doing::Dependency => "installing or updating dependencies",
        }
    }
}

/// Something that is to be done: a kind, or a command line whose need was worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// One of the kinds.
    Kind(Doing),
    /// A command line with what it needs ([`Autonomy::need_of`]).
    Command {
        /// The line, for the message.
        line: String,
        /// What it needs.
        need: Need,
    },
}

/// Holds a session to its level.
#[derive(Debug, Clone)]
pub struct Guard<'a> {
    plan: &'a Autonomy,
    environment: BTreeMap<String, String>,
}

/// Why something is not done, and what would allow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What was asked for.
    pub doing: String,
    /// The level in force.
    pub level: Level,
    /// What it needs.
    pub need: Need,
    /// What going up to that level takes.
    pub escalation: Box<Escalation>,
}

/// What the operator has to give before a session may go up to a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// The level to go up to.
    pub to: Level,
    /// What is asked for, one part of a sentence each.
    pub requires: Vec<String>,
    /// Variables that still have to be set.
    pub unset: Vec<OptIn>,
    /// What the plan's row asks for besides, as written.
    pub besides: String,
    /// `file:line` of the sentence about going up.
    pub place: Option<String>,
}

impl Autonomy {
    /// What a kind of action needs, with the line that says so.
    fn need_of_kind(&self, doing: Doing) -> Need {
        self.need(doing.level(), doing.name().to_owned())
    }
}

impl<'a> Guard<'a> {
    /// A guard for that plan. The environment is the one in which commands would run.
    pub fn new(plan: &'a Autonomy, environment: impl IntoIterator<Item = (String, String)>) -> Guard<'a> {
        Guard { plan, environment: environment.into_iter().collect() }
    }

    /// Whether a session at that level may do it. At L3 the variables by which the operator opts in must be set too.
    pub fn allows(&self, level: Level, action: &Action) -> Result<(), Refusal> {
        let (doing, need) = match action {
            Action::Kind(kind) => (kind.name().to_owned(), self.plan.need_of_kind(*kind)),
            Action::Command { line, need } => (format!("running `{line}`"), need.clone()),
        };
        let installs = match action {
            Action::Kind(kind) => *kind == Doing::Dependency,
            // What a command installs cannot be seen from here for sure, so every variable counts.
            Action::Command { .. } => true,
        };
        let escalation = Box::new(self.escalation(need.level, installs));
        if level >= need.level && escalation.unset.is_empty() {
            return Ok(());
        }
        Err(Refusal { doing, level, need, escalation })
    }

    /// What going up to a level takes; `installs`: also to install something there.
    pub fn escalation(&self, to: Level, installs: bool) -> Escalation {
        let mut requires = Vec::new();
        if to > Level::DEFAULT {
            requires.push("a reason".to_owned());
            requires.push("the plan or task entry that says so".to_owned());
            requires.push("the operator's confirmation".to_owned());
        } else if to > Level::L0 {
            requires.push("the operator's confirmation".to_owned());
        }
        let is_set = |one: &OptIn| self.environment.get(&one.name).is_some_and(|value| *value == one.value);
        let counts = |one: &&OptIn| to == Level::L3 && (installs || !one.is_for_installs());
        let unset: Vec<OptIn> = self.plan.opt_ins.iter().filter(counts).filter(|one| !is_set(one)).cloned().collect();
        let place = self.plan.escalation_line.zip(self.plan.doc.as_ref());
        Escalation {
            to,
            requires,
            unset,
            besides: self.plan.rule(to).map_or_else(String::new, |rule| rule.requires.clone()),
            place: place.map(|(line, doc)| format!("{doc}:{line}")),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal { doing, level, need, escalation } = self;
        write!(f, "{doing} needs {}", need.level)?;
        if need.why != *doing {
            write!(f, ": {}", need.why)?;
        }
        write!(f, " ({}); the session is at {level}", need.place())?;
        if *level < need.level {
            write!(f, ". {escalation}")
        } else {
            let set: Vec<String> = escalation.unset.iter().map(|one| format!("{}={}", one.name, one.value)).collect();
            write!(f, ", but these variables are not set: {}. Set them and start again", set.join(", "))
        }
    }
}

impl fmt::Display for Escalation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Going up to {} takes {}", self.to, self.requires.join(", "))?;
        for one in &self.unset {
            write!(f, ", {}={} in the environment", one.name, one.value)?;
        }
        if let Some(place) = &self.place {
            write!(f, " ({place})")?;
        }
        if !self.besides.is_empty() && !self.besides.eq_ignore_ascii_case("none") {
            write!(f, "; the plan asks for: {}", self.besides.trim_end_matches('.'))?;
        }
        Ok(())
    }
}
