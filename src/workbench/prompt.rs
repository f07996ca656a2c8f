//! Prompts: what has to be gathered to compose one by the playbook. Composing, checking and saving are the model's.

use super::View;
use crate::model::finding::Finding;
use crate::model::gate::{Clause, GateList};
use crate::model::prompt::compose::compose;
use crate::model::prompt::lint::lint;
use crate::model::prompt::wanted::{Commands, Fact, Gate, Input, Task, Wanted};
use crate::model::prompt::{Persona, Playbook};
use crate::model::query::text::squeeze;
use crate::model::task::edit::Refused;
use crate::model::task::{self, lines};
use crate::workspace::Role;
use crate::workspace::config::Field;

/// What the operator says about a prompt that is to be composed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewPrompt {
    /// The persona's name.
    pub persona: Option<String>,
    /// The task's id, or a part of a task of the playbook's library.
    pub task: Option<String>,
    /// Ids of gates; those of the task's plan when none is named.
    pub gates: Vec<String>,
    /// What is handed in, each as `NAME=FORMAT`, or `NAME?=FORMAT` where it is optional.
    pub inputs: Vec<String>,
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
    /// More to be said, each as `POINT=TEXT`, by the name of a point of the checklist.
    pub said: Vec<String>,
}

/// A composed prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// The prompt, as Markdown.
    pub text: String,
    /// What is still to be said.
    pub findings: Vec<Finding>,
    /// The persona's name as the playbook writes it.
    pub persona: Option<String>,
    /// The task's id, or its text where it is of the library.
    pub task: Option<String>,
    /// The ids of the gates.
    pub gates: Vec<String>,
}

impl View {
    /// The playbook, if there is one.
    pub fn playbook(&self) -> Result<&Playbook, Refused> {
        if !self.playbook.docs.is_empty() {
            return Ok(&self.playbook);
        }
        let patterns: Vec<&str> = Role::Playbook.patterns(&self.config).iter().map(|one| one.as_str()).collect();
        Err(Refused(format!(
            "there is no playbook: nothing matches {}; add one, or name its path in codex-tui.toml under [documents] playbook",
            patterns.join(", ")
        )))
    }

    /// Composes a prompt; `gates` are the workspace's clauses, `name` is what the findings call it.
    pub fn compose_prompt(&self, new: &NewPrompt, gates: &GateList, name: &str) -> Result<Composed, Refused> {
        let book = self.playbook()?;
        let persona = new.persona.as_ref().map(|name| persona_named(book, name)).transpose()?;
        let task = new.task.as_ref().map(|id| self.task_named(book, id)).transpose()?;
        let clauses = gates_named(new, task.as_ref().and_then(|(_, plan)| plan.as_deref()), gates)?;
        let place =
            |clause: &Clause| gates.doc.as_ref().map_or_else(String::new, |doc| format!("{doc}:{}", clause.line));
        let wanted = Wanted {
            persona,
            task: task.as_ref().map(|(task, _)| task.clone()),
            gates: clauses
                .iter()
                .map(|one| Gate { id: one.id.clone(), quote: one.words(), place: place(one) })
                .collect(),
            inputs: inputs(&new.inputs)?,
            outputs: given("--output", &new.outputs)?,
            environment: given("--env", &new.environment)?,
            safe: given("--safe", &new.safe)?,
            forbidden: given("--forbid", &new.forbidden)?,
            approval: given("--approval", &new.approval)?,
            said: said(book, &new.said)?,
            commands: Commands::by_level(&self.runbook, &self.autonomy, self.level()),
        };
        let text = compose(&wanted, book);
        Ok(Composed {
            findings: lint(name, &text, book),
            text,
            persona: persona.map(|persona| persona.name.clone()),
            task: task.map(|(task, _)| if task.id.is_empty() { task.title } else { task.id }),
            gates: clauses.iter().map(|one| one.id.clone()).collect(),
        })
    }

    /// A task of the documents or of the playbook's library, with the letters of its plan.
    fn task_named(&self, book: &Playbook, id: &str) -> Result<(Task, Option<String>), Refused> {
        if let Some(at) = self.tasks.find(id) {
            let task = self.tasks.task(at);
            return Ok((facts(task), task.plan()));
        }
        let fits = |text: &str| !squeeze(id).is_empty() && squeeze(text).contains(&squeeze(id));
        let exact = book.tasks().find(|one| one.text == id);
        let found: Vec<_> = match exact {
            Some(one) => vec![one],
            None => book.tasks().filter(|one| fits(&one.text)).collect(),
        };
        match found[..] {
            [one] => {
                let task = Task { title: one.text.clone(), place: one.place(), ..Task::default() };
                Ok((task, None))
            }
            [] => Err(Refused(format!(
                "there is no task {id:?}, and no task of the playbook's library that says so; `task list` and `prompt \
                 personas` have them"
            ))),
            _ => {
                let places: Vec<String> = found.iter().map(|one| format!("{} ({})", one.text, one.place())).collect();
                Err(Refused(format!("{id:?} may be any of: {}; write more of it", places.join("; "))))
            }
        }
    }
}

fn persona_named<'a>(book: &'a Playbook, name: &str) -> Result<&'a Persona, Refused> {
    let part = || book.personas.iter().filter(|one| squeeze(&one.name).contains(&squeeze(name)));
    let only = || (!squeeze(name).is_empty() && part().count() == 1).then(|| part().next()).flatten();
    book.persona(name).or_else(only).ok_or_else(|| {
        let names: Vec<&str> = book.personas.iter().map(|one| one.name.as_str()).collect();
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        Refused(format!("{name:?} is not one persona of the playbook; its personas: {known}"))
    })
}

/// The clauses that are named, else those of the plan.
fn gates_named<'a>(new: &NewPrompt, plan: Option<&str>, gates: &'a GateList) -> Result<Vec<&'a Clause>, Refused> {
    if new.gates.is_empty() {
        let of_plan = |clause: &&Clause| plan.is_some() && clause.plan.as_deref() == plan;
        return Ok(gates.clauses.iter().filter(of_plan).collect());
    }
    let named = |id: &String| {
        let found = gates.clauses.iter().find(|clause| clause.id.eq_ignore_ascii_case(id));
        found.ok_or_else(|| Refused(format!("there is no gate {id:?}; `gates` lists them with their ids")))
    };
    new.gates.iter().map(named).collect()
}

fn inputs(texts: &[String]) -> Result<Vec<Input>, Refused> {
    let input = |text: &String| {
        Input::parse(text).ok_or_else(|| {
            Refused(format!("--input {text:?}: write NAME=FORMAT, or NAME?=FORMAT where it is not required"))
        })
    };
    texts.iter().map(input).collect()
}

fn said(book: &Playbook, texts: &[String]) -> Result<Vec<(String, String)>, Refused> {
    let say = |text: &String| {
        let (name, said) = text.split_once('=').unwrap_or((text, ""));
        let point = book.checklist.iter().find(|point| squeeze(&point.name) == squeeze(name));
        match point.filter(|_| !said.trim().is_empty()) {
            Some(point) => Ok((point.name.clone(), said.to_owned())),
            None => {
                let names: Vec<&str> = book.checklist.iter().map(|point| point.name.as_str()).collect();
                Err(Refused(format!("--say {text:?}: write POINT=TEXT; the playbook's points: {}", names.join(", "))))
            }
        }
    };
    texts.iter().map(say).collect()
}

/// The texts, none of them blank.
fn given(option: &str, texts: &[String]) -> Result<Vec<String>, Refused> {
    if texts.iter().any(|text| text.trim().is_empty()) {
        return Err(Refused(format!("{option} is empty: say what is meant, or leave it out")));
    }
    Ok(texts.to_vec())
}

/// What the documents say of a task; what several of them say alike is said once.
fn facts(task: task::Task<'_>) -> Task {
    let of = |field: Field| {
        let mut facts: Vec<Fact> = Vec::new();
        for (row, text) in task.said(field) {
            let text = lines(&text);
            if facts.iter().all(|known| squeeze(&known.text) != squeeze(&text)) {
                facts.push(Fact { text, place: format!("{}:{}", row.doc(), row.line()) });
            }
        }
        facts
    };
    let place = task.rows().next().map_or_else(String::new, |row| format!("{}:{}", row.doc(), row.line()));
    let waits = task.blocked_by().into_iter().map(|id| Fact { text: id, place: place.clone() });
    Task {
        id: task.id().into_owned(),
        title: lines(&task.title()),
        notes: of(Field::Notes),
        acceptance: [of(Field::Deliverable), of(Field::Definition)].concat(),
        blockers: of(Field::Preconditions).into_iter().chain(waits).collect(),
        place,
    }
}
