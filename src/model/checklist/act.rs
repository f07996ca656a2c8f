//! What a step asks for, so that the front ends can bring the operator there: from its words and what it cites.
//!
//! Steps are prose. Each rule below names the words that make it; a step may ask for several things, the one that it is
//! about first. Limits: words are English; a step that no rule knows asks for nothing but to be ticked.

use super::{Checklist, Step, StepKind};
use crate::doc::DocId;
use crate::model::cite;
use crate::model::runbook::Runbook;

/// Something that a step asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum StepAction {
    /// Choose the task.
    PickTask,
    /// Draft the session log from the template, or save it.
    StartSession,
    /// Write down the session's plan.
    EditPlan,
    /// Read what happened in the plan so far.
    OpenTimeline,
    /// Run one of these commands of the runbook, by their numbers, the best first; any when there are none.
    RunCommand(Vec<usize>),
    /// Compare the gates with the telemetry.
    CompareGates,
    /// Bring the rows of a document of tasks up to date.
    EditRows(Rows),
    /// Look whether the documents agree.
    DocSync,
    /// Go through another checklist.
    WalkList(DocId),
    /// Record what was done in the session log.
    Record,
    /// Write the summary, or finish the log.
    Finish,
    /// Open this document; a path as the step cites it.
    OpenDocument(String),
}

/// Documents with rows of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rows {
    /// The Markdown board, with the CSV or alone.
    Board,
    /// The CSV alone.
    Csv,
    /// The backlog.
    Backlog,
    /// The plan's own table.
    Plan,
}

/// What the steps are judged against.
#[derive(Debug, Clone, Copy)]
pub struct Ground<'a> {
    /// The commands.
    pub runbook: &'a Runbook,
    /// The checklists, for those that a step sends to.
    pub lists: &'a [Checklist],
}

/// What the step asks for, the best first; nothing when it is for the operator alone.
pub fn actions(step: &Step, ground: Ground<'_>) -> Vec<StepAction> {
    let said = Said::of(step);
    let mut found = match step.kind {
        // A row says what to try in a program; its words are not about the session.
        StepKind::Row => commands(&said, ground.runbook).into_iter().collect(),
        StepKind::Box(_) | StepKind::Numbered => by_words(step, &said, ground),
    };
    found.extend(step.cites.first().map(|path| StepAction::OpenDocument(path.clone())));
    let mut once: Vec<StepAction> = Vec::new();
    for action in found {
        if !once.contains(&action) {
            once.push(action);
        }
    }
    once
}

/// The words of a step, without what stands in code and quotes of paths.
struct Said {
    /// In lower case.
    text: String,
    words: Vec<String>,
    /// The contents of its code spans, as written.
    spans: Vec<String>,
}

impl Said {
    fn of(step: &Step) -> Said {
        let texts = std::iter::once(&step.id.text).chain(step.notes.iter().map(|(_, note)| note));
        let spans =
            texts.flat_map(|text| cite::code_spans(text).into_iter().map(|span| text[span].to_owned())).collect();
        let text = step.id.text.to_lowercase().replace('’', "'");
        let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
        Said { words: words.map(str::to_owned).collect(), spans, text }
    }

    /// Whether a word begins with one of these.
    fn any(&self, starts: &[&str]) -> bool {
        self.words.iter().any(|word| starts.iter().any(|start| word.starts_with(start)))
    }

    /// Whether one of these stands there as it is.
    fn phrase(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.text.contains(phrase))
    }

    /// Whether one of these words comes first: what a step begins with is what it is about.
    fn begins(&self, starts: &[&str]) -> bool {
        self.words.first().is_some_and(|word| starts.iter().any(|start| word.starts_with(start)))
    }
}

fn by_words(step: &Step, said: &Said, ground: Ground<'_>) -> Vec<StepAction> {
    let mut found = Vec::new();
    let log = said.phrase(&["session log", "the log"]);
    let cites = |name: &str| step.cites.iter().any(|path| path.to_lowercase().contains(name));
    let sync = said.phrase(&["doc-sync", "doc sync", "docsync"])
        || said.any(&["agree"]) && said.any(&["board", "taskboard", "backlog", "document"])
        || said.any(&["evidence"]) && said.any(&["exist"]);
    let finish = said.any(&["summary"]) && !said.begins(&["skim", "read"])
        || log && said.any(&["finish", "close"])
        || said.any(&["handoff"]);
    let pick = said.any(&["task", "item"]) && said.any(&["pick", "identif", "choos", "select", "claim"]);
    let list = ground.lists.iter().find(|list| list.doc != step.id.doc && sends_to(list, step, said));
    let plan = said.phrase(&["update_plan", "plan bullets", "multi-step plan"])
        || said.any(&["plan"]) && said.begins(&["record", "plan"]) && said.any(&["record", "bullet"]);
    let start = log && said.any(&["draft", "start", "save", "creat", "open", "template"]) && !finish;
    let read = said.any(&["review", "read", "skim", "look", "studi"]);
    let timeline = said.any(&["timeline"]) && read && !said.begins(&["update", "plan_page"]);
    let writes =
        said.any(&["updat", "clos", "move", "add", "say", "said", "edit", "row", "confirm", "agree", "becomes"]);
    let gates = said.any(&["gate", "threshold"]) && said.any(&["compar", "check", "met", "meet"]);

    if finish {
        found.push(StepAction::Finish);
    }
    if pick {
        found.push(StepAction::PickTask);
    }
    found.extend(list.map(|list| StepAction::WalkList(list.doc.clone())));
    if plan {
        found.push(StepAction::EditPlan);
    }
    if start {
        found.push(StepAction::StartSession);
    }
    if timeline {
        found.push(StepAction::OpenTimeline);
    }
    if sync {
        found.push(StepAction::DocSync);
    }
    if gates {
        found.push(StepAction::CompareGates);
    }
    found.extend(commands(said, ground.runbook));
    if writes && !pick {
        if said.any(&["board", "taskboard"]) || said.phrase(&["task board"]) {
            let csv_alone = cites(".csv") && !said.text.contains("taskboard.md") && !said.phrase(&["task board"]);
            found.push(StepAction::EditRows(if csv_alone { Rows::Csv } else { Rows::Board }));
        }
        if said.any(&["backlog", "codex_backlog"]) {
            found.push(StepAction::EditRows(Rows::Backlog));
        }
        if said.phrase(&["plan file", "plan page", "active work"]) && !plan && !timeline && !finish {
            found.push(StepAction::EditRows(Rows::Plan));
        }
    }
    if log && !start && !finish && !plan {
        found.push(StepAction::Record);
    }
    found
}

/// Whether a step sends to another list: it cites its document, or calls it by its title.
fn sends_to(list: &Checklist, step: &Step, said: &Said) -> bool {
    // Names of things that everything is called after are no titles.
    let cited = step.cites.iter().any(|path| path == list.doc.as_str());
    let titles = [list.title.to_lowercase(), list.doc.stem().to_lowercase().replace(['_', '-'], " ")];
    let walks = said.any(&["row", "complet", "walk", "go", "pass"]);
    walks && (cited || titles.iter().any(|title| title.split(' ').count() > 1 && said.text.contains(title.as_str())))
}

/// The commands that a step names, or all of them when it asks for some and names none that the runbook has.
fn commands(said: &Said, runbook: &Runbook) -> Option<StepAction> {
    let mut numbers: Vec<usize> = Vec::new();
    let mut is_command = false;
    for span in &said.spans {
        let words: Vec<String> = span.split_whitespace().map(name).collect();
        let Some(program) = words.first() else { continue };
        let is_script = [".ps1", ".sh", ".py", ".cmd", ".bat", ".exe"].iter().any(|end| program.ends_with(end));
        is_command |= is_script || words.len() > 1;
        // The one that shares most words with the step's own.
        let mut ranked: Vec<(usize, usize)> = Vec::new();
        for command in &runbook.commands {
            let has: Vec<String> = command.text.split_whitespace().map(name).collect();
            // A single word may be anything: only a script is a command for sure.
            if !has.contains(program) || words.len() == 1 && !is_script {
                continue;
            }
            // A program with verbs is meant with this verb.
            let verb = words.get(1).filter(|word| !word.starts_with(['-', '<', '$']));
            if verb.is_some_and(|verb| !has.contains(verb)) {
                continue;
            }
            let shared = words.iter().filter(|word| has.contains(word)).count();
            ranked.push((has.len() - shared.min(has.len()), command.number));
        }
        ranked.sort_unstable();
        numbers.extend(ranked.into_iter().map(|(_, number)| number));
    }
    let asks = said.any(&["command"]) && said.text.contains("runbook");
    if asks {
        // `(pipeline, warm regression, …)`: tasks by their names.
        let named = said.text.split(['(', ')']).skip(1).step_by(2).flat_map(|inside| inside.split(','));
        for phrase in named.map(str::trim).filter(|phrase| !phrase.is_empty()) {
            let says = |task: &str| phrase.split_whitespace().all(|word| task.contains(word));
            numbers
                .extend(runbook.commands.iter().filter(|command| says(&command.task.to_lowercase())).map(|c| c.number));
        }
    }
    let mut once = Vec::new();
    numbers.retain(|number| {
        !once.contains(number) && {
            once.push(*number);
            true
        }
    });
    let runs = said.any(&["run", "execut", "invoke"]) && is_command;
    (asks || runs || !numbers.is_empty()).then_some(StepAction::RunCommand(numbers))
}

/// A word of a command line for comparing: a program by its name alone, whatever its folder.
fn name(word: &str) -> String {
    let word = word.trim_matches(['"', '\'', '`', ',', ';']);
    let is_path = word.contains(['/', '\\']) && !word.starts_with('-');
    let name = if is_path { word.rsplit(['/', '\\']).next().unwrap_or(word) } else { word };
    name.to_lowercase()
}

#[cfg(test)]
mod tests;
