//! Composes a prompt: the persona, the task, a section for each point of the playbook's checklist, the three lists of what is
//! safe, forbidden and to be approved, and how to report. Every fact is followed by the place that says it; what nobody has
//! said stands there as `<to be said: …>`, which `lint` finds. The same input gives the same text.

use super::lint::PLACEHOLDER;
use super::wanted::{Fact, Task, Wanted};
use super::{Kind, Persona, Playbook, Point, code, key, one_line, words};
use crate::model::cite::code_spans;

/// Heading of the section about who acts.
pub const PERSONA: &str = "Persona";
/// Heading of the section about what is reported.
pub const REPORTING: &str = "Close the loop";
/// The place of what the operator said.
const OPERATOR: &str = "operator";

/// The prompt, as Markdown.
pub fn compose(wanted: &Wanted<'_>, book: &Playbook) -> String {
    let mut page = Page { text: String::new() };
    let title = [wanted.persona.map(|persona| one_line(&persona.name)), wanted.task.as_ref().map(Task::title)];
    let title: Vec<String> = title.into_iter().flatten().collect();
    page.text =
        format!("# Prompt{}\n", if title.is_empty() { String::new() } else { format!(": {}", title.join(" – ")) });
    page.text += "\nBehind each fact stands where it is said, as `path:line`.\n";
    if !book.personas.is_empty() || wanted.persona.is_some() {
        page.persona(wanted.persona);
    }
    if let Some(task) = &wanted.task {
        page.task(task);
    }
    for point in book.points().filter(|point| wanted.task.is_none() || key(&point.name) != "task") {
        page.point(point, wanted, book);
    }
    for kind in book.lists() {
        page.heading(list_name(kind));
        page.list(kind, wanted, book);
    }
    if let Some(principle) = book.reporting() {
        page.heading(REPORTING);
        page.fact("Principle", &principle.said(), &principle.place());
    }
    page.text
}

/// How the heading of one of the three lists reads.
pub(super) fn list_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Forbidden => "Forbidden operations",
        Kind::Approval => "Approval points",
        _ => "Safe commands",
    }
}

/// What one of the three lists answers.
pub(super) fn list_question(kind: Kind) -> &'static str {
    match kind {
        Kind::Forbidden => "what must not be done",
        Kind::Approval => "what has to be approved first, and by whom",
        _ => "which commands need no question",
    }
}

/// The text as it grows. All facts are list items with a label of their own, so that none of them can be taken for a section.
struct Page {
    text: String,
}

impl Page {
    fn heading(&mut self, name: &str) {
        self.text += &format!("\n## {}\n\n", one_line(name));
    }

    fn fact(&mut self, label: &str, text: &str, place: &str) {
        let place = if place == OPERATOR { OPERATOR.to_owned() } else { code(place) };
        self.text += &format!("- {label}: {} ({place})\n", one_line(text));
    }

    fn facts<'f>(&mut self, label: &str, facts: impl IntoIterator<Item = &'f Fact>) {
        facts.into_iter().for_each(|fact| self.fact(label, &fact.text, &fact.place));
    }

    fn operator<'f>(&mut self, label: &str, texts: impl IntoIterator<Item = &'f String>) {
        texts.into_iter().for_each(|text| self.fact(label, text, OPERATOR));
    }

    fn open(&mut self, what: &str) {
        let what = one_line(what).replace(['<', '>'], "");
        self.text += &format!("- {PLACEHOLDER}: {what}>\n");
    }

    fn persona(&mut self, persona: Option<&Persona>) {
        self.heading(PERSONA);
        let Some(persona) = persona else { return self.open("who acts; the playbook has the personas") };
        let place = &persona.place();
        self.fact(PERSONA, &persona.name, place);
        let known =
            [("Scope", &persona.scope), ("Entry points", &persona.entrypoints), ("Guardrails", &persona.guardrails)];
        for (label, text) in known.into_iter().filter(|(_, text)| !text.is_empty()) {
            self.fact(label, text, place);
        }
        for (label, text) in &persona.more {
            self.fact(&one_line(label), text, place);
        }
    }

    fn task(&mut self, task: &Task) {
        self.heading("Task");
        self.fact("Task to be done", &task.title(), &task.place);
        self.facts("Task notes", &task.notes);
        self.facts("Task done when", &task.acceptance);
        self.facts("Task blocked by", &task.blockers);
    }

    /// The section for a point of the checklist: what the playbook asks for, and all that is known of it.
    fn point(&mut self, point: &Point, wanted: &Wanted<'_>, book: &Playbook) {
        self.heading(&point.name);
        let place = &point.place();
        if !point.text.is_empty() {
            self.fact("The playbook asks", &point.text, place);
        }
        let kind = Kind::of(&point.name);
        let before = self.text.len();
        match kind {
            Kind::Environment => {
                self.operator("Given", wanted.environment.iter().map(|text| named(text)).collect::<Vec<_>>().iter());
                for (name, place) in variables(book) {
                    self.fact("Variable", &code(&name), &place);
                }
            }
            Kind::Roles => {
                let rails = wanted.persona.filter(|persona| !persona.guardrails.is_empty());
                rails.inspect(|persona| self.fact("Guardrails", &persona.guardrails, &persona.place()));
                self.enumerated(point);
            }
            Kind::Inputs if wanted.inputs.is_empty() => self.enumerated(point),
            Kind::Inputs => {
                for input in &wanted.inputs {
                    let must = if input.required { "required" } else { "optional" };
                    self.fact("Given", &format!("{} ({must}): {}", code(&input.name), input.format), OPERATOR);
                }
            }
            Kind::Outputs => {
                self.operator("Expected", &wanted.outputs);
                self.facts("Done when", wanted.task.iter().flat_map(|task| &task.acceptance));
                for gate in &wanted.gates {
                    self.fact(&format!("Gate {}", one_line(&gate.id)), &gate.quote, &gate.place);
                }
                self.enumerated(point);
            }
            Kind::Safe | Kind::Forbidden | Kind::Approval => self.list(kind, wanted, book),
            Kind::Safety => {
                let rails = wanted.persona.filter(|persona| !persona.guardrails.is_empty());
                rails.inspect(|persona| self.fact("Guardrails", &persona.guardrails, &persona.place()));
                self.facts("Autonomy level", &wanted.commands.level);
                let starts = ["destruct", "confirm", "guardrail", "cancel", "placeholder", "risk"];
                self.sayings(&starts, book.principles.iter().chain(&book.patterns));
            }
            Kind::Observability => {
                let starts = ["observab", "log", "metric", "monitor", "telemetry", "dashboard", "trace"];
                self.sayings(&starts, book.principles.iter().chain(&book.patterns));
            }
            Kind::Other => {}
        }
        let same = |name: &str| key(name) == key(&point.name);
        self.operator("Said", wanted.said.iter().filter(|(name, _)| same(name)).map(|(_, text)| text));
        let routes = wanted.persona.filter(|persona| kind == Kind::Outputs && !persona.entrypoints.is_empty());
        if self.text.len() == before {
            let what = if point.text.is_empty() { &point.name } else { &point.text };
            self.open(what);
        }
        routes.inspect(|persona| self.fact("Seen at", &persona.entrypoints, &persona.place()));
    }

    /// One of the three lists: what was given, else the runbook's commands, else what the playbook says of it.
    fn list(&mut self, kind: Kind, wanted: &Wanted<'_>, book: &Playbook) {
        let (label, given, known) = match kind {
            Kind::Forbidden => ("Never", &wanted.forbidden, &wanted.commands.forbidden),
            Kind::Approval => ("Ask first", &wanted.approval, &wanted.commands.approval),
            _ => ("Run", &wanted.safe, &wanted.commands.safe),
        };
        let before = self.text.len();
        self.operator(label, given);
        if given.is_empty() {
            self.facts(label, known);
        }
        let persona = wanted.persona.filter(|_| self.text.len() == before);
        match (kind, persona) {
            (Kind::Safe, Some(persona)) if !persona.entrypoints.is_empty() => {
                self.fact("Look at", &persona.entrypoints, &persona.place());
            }
            (Kind::Forbidden, Some(persona)) if !persona.guardrails.is_empty() => {
                self.fact("Whatever breaks the guardrails", &persona.guardrails, &persona.place());
            }
            (Kind::Approval, _) if self.text.len() == before => {
                let safety = book.checklist.iter().filter(|point| Kind::of(&point.name) == Kind::Safety);
                let sayings = safety.chain(&book.principles).chain(&book.patterns);
                self.sayings(&["approv", "confirm"], sayings);
            }
            _ => {}
        }
        if self.text.len() == before {
            self.open(list_question(kind));
        }
    }

    /// What the point's own text enumerates.
    fn enumerated(&mut self, point: &Point) {
        for list in enumerations(&point.text) {
            self.fact("The playbook names", list, &point.place());
        }
    }

    /// What the playbook says of one of these things.
    fn sayings<'p>(&mut self, starts: &[&str], of: impl Iterator<Item = &'p Point>) {
        let speaks = |point: &&Point| {
            let said = words(&point.said());
            said.iter().any(|word| starts.iter().any(|start| word.starts_with(start)))
        };
        for saying in of.filter(speaks) {
            self.fact("The playbook says", &saying.said(), &saying.place());
        }
    }
}

/// Environment variables that the playbook names in code spans, each once, with the place that names it first.
fn variables(book: &Playbook) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for saying in book.sayings() {
        for span in code_spans(&saying.text) {
            let name = saying.text[span].trim().trim_start_matches("$env:").trim_start_matches('$');
            let name = name.split('=').next().unwrap_or_default();
            if is_variable(name) && found.iter().all(|(known, _)| known != name) {
                found.push((name.to_owned(), saying.place()));
            }
        }
    }
    found
}

fn is_variable(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name.contains('_') && name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(plain)
}

/// What the operator gave for the environment: a variable as code.
fn named(text: &str) -> String {
    let name = text.split('=').next().unwrap_or_default().trim();
    if is_variable(name) { code(text) } else { text.to_owned() }
}

/// What a text enumerates in parentheses: `berth, ship`.
fn enumerations(text: &str) -> Vec<&str> {
    let inner = text.split('(').skip(1).filter_map(|rest| rest.split_once(')'));
    inner.map(|(inner, _)| inner.trim()).filter(|inner| inner.contains(", ")).collect()
}

#[cfg(test)]
mod tests;
