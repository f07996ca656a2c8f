//! What a prompt is composed of: what the operator chose and said, each with the place that says it, and the runbook's commands
//! by the level that they need.

use super::{Persona, code, one_line};
use crate::model::autonomy::{Autonomy, Level};
use crate::model::runbook::Runbook;

/// What a prompt is composed of, besides the playbook.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// Who acts.
    pub persona: Option<&'a Persona>,
    /// What is to be done.
    pub task: Option<Task>,
    /// The gates that decide whether it is done.
    pub gates: Vec<Gate>,
    /// What is handed in.
    pub inputs: Vec<Input>,
    /// What has to come out.
    pub outputs: Vec<String>,
    /// Environment variables, and other assumptions.
    pub environment: Vec<String>,
    /// Commands that need no question.
    pub safe: Vec<String>,
    /// What must not be done.
    pub forbidden: Vec<String>,
    /// What has to be approved first.
    pub approval: Vec<String>,
    /// More to be said: the name of a point of the checklist, and the text.
    pub said: Vec<(String, String)>,
    /// Commands by level, where the workspace has an autonomy plan.
    pub commands: Commands,
}

/// A text and the place that says it, as `path:line`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What is said.
    pub text: String,
    /// Where.
    pub place: String,
}

/// A task, in the words of the documents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Task {
    /// Its id; empty for a task of the library.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Where it stands, as `path:line`.
    pub place: String,
    /// Notes.
    pub notes: Vec<Fact>,
    /// When it is done.
    pub acceptance: Vec<Fact>,
    /// What stands in its way.
    pub blockers: Vec<Fact>,
}

/// A gate, in the words of its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// Its id.
    pub id: String,
    /// The clause, as written.
    pub quote: String,
    /// Where it stands, as `path:line`.
    pub place: String,
}

/// Something that is handed in with the prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// Its format.
    pub format: String,
    /// Whether the work cannot begin without it.
    pub required: bool,
}

impl Input {
    /// Reads `NAME=FORMAT`; `NAME?=FORMAT` is an optional one. None where there is no name or no format.
    pub fn parse(text: &str) -> Option<Input> {
        let (name, format) = text.split_once('=')?;
        let (name, required) = name.trim().strip_suffix('?').map_or((name.trim(), true), |name| (name.trim(), false));
        let (name, format) = (one_line(name), one_line(format));
        (!name.is_empty() && !format.is_empty()).then_some(Input { name, format, required })
    }
}

/// What the autonomy plan says of the runbook's commands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Commands {
    /// Commands that the level in force allows, none above L1.
    pub safe: Vec<Fact>,
    /// Commands above that.
    pub approval: Vec<Fact>,
    /// What the level in force rules out.
    pub forbidden: Vec<Fact>,
    /// The level in force.
    pub level: Option<Fact>,
}

impl Commands {
    /// Sorts the runbook's commands by the level that they need; empty without an autonomy plan.
    pub fn by_level(runbook: &Runbook, autonomy: &Autonomy, level: Level) -> Commands {
        let Some(doc) = &autonomy.doc else { return Commands::default() };
        let at = |line: Option<usize>| line.map_or_else(|| doc.to_string(), |line| format!("{doc}:{line}"));
        let mut commands = Commands::default();
        for one in &runbook.commands {
            let need = runbook.need(one, autonomy);
            let place = format!("{}:{}", one.doc, one.line);
            if need.level <= level.min(Level::L1) {
                commands.safe.push(Fact { text: code(&one.text), place });
            } else {
                let text = format!("{} needs {}: {}", code(&one.text), need.level, need.why);
                commands.approval.push(Fact { text, place });
            }
        }
        let line = |level: Level| autonomy.rule(level).map(|rule| rule.line);
        let above: Vec<&str> = Level::ALL.into_iter().filter(|other| *other > level).map(Level::name).collect();
        if !above.is_empty() {
            let text = format!("What needs {}: the operator alone raises the level", above.join(" or "));
            commands.forbidden.push(Fact { text, place: at(autonomy.escalation_line.or(line(level))) });
        }
        let text = format!("{level}: {}", autonomy.meaning(level));
        commands.level = Some(Fact { text, place: at(line(level)) });
        commands
    }
}

impl Task {
    /// Id and title on one line.
    pub(super) fn title(&self) -> String {
        let parts = [self.id.as_str(), self.title.as_str()].into_iter().filter(|part| !part.is_empty());
        one_line(&parts.collect::<Vec<_>>().join(" "))
    }
}
