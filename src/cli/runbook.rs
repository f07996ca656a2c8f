//! `runbook list`, `runbook show`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::output::{Failure, Output};
use crate::model::autonomy::{Autonomy, Need};
use crate::model::query::{Query, text};
use crate::model::runbook::placeholder::{Kind, Placeholder};
use crate::model::runbook::query::RUNBOOK_FIELDS;
use crate::model::runbook::{Command, Runbook};
use crate::workbench::Workbench;

/// `runbook …`.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// All commands, or those that fit a filter.
    List {
        /// A filter: words, field:value, -term; the fields are level, shell, task and text.
        #[arg(value_name = "FILTER")]
        filter: Vec<String>,
    },
    /// One command with its placeholders, and why it needs its level.
    Show {
        /// Its number as `runbook list` prints it, or a part of its task or line that no other command has.
        #[arg(value_name = "N|TEXT")]
        which: String,
    },
}

/// A command and what it needs.
pub(super) type Needing<'a> = (&'a Command, Need);

pub fn run(verb: &Verb, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let (book, autonomy) = (&bench.view().runbook, &bench.view().autonomy);
    if book.commands.is_empty() && book.without.is_empty() {
        let patterns: Vec<String> = bench.config().documents.runbook.iter().map(ToString::to_string).collect();
        return Err(Failure::document(format!(
            "no commands: no table with a column of commands and no code block in {}; add one, or name the runbook's path in \
             codex-tui.toml under [documents]",
            patterns.join(", ")
        )));
    }
    let all: Vec<Needing<'_>> = book.commands.iter().map(|one| (one, book.need(one, autonomy))).collect();
    match verb {
        Verb::List { filter } => {
            let query = Query::parse(&filter.join(" "), RUNBOOK_FIELDS);
            if !query.problems().is_empty() {
                return Err(Failure::usage(query.problems().join("; ")));
            }
            let found: Vec<Needing<'_>> = all.into_iter().filter(|(one, need)| one.fits(need, &query)).collect();
            out.json(|| document(bench, book, autonomy, &found));
            for (one, need) in &found {
                out.text(&format!("{:>3}  {}  {}  {}", one.number, need.level, one.task, short(&one.text)));
            }
            if query.is_empty() {
                for bare in &book.without {
                    out.note(&format!("{}:{}: {} holds no command that can be run", bare.doc, bare.line, bare.task));
                }
            }
        }
        Verb::Show { which } => {
            let one = named(&all, which)?;
            out.json(|| document(bench, book, autonomy, std::slice::from_ref(one)));
            show(one, &all, out);
        }
    }
    Ok(0)
}

/// The one command that is meant: by number, by its whole task or line, or by a part.
pub(super) fn named<'b, 'a>(all: &'b [Needing<'a>], which: &str) -> Result<&'b Needing<'a>, Failure> {
    if let Ok(number) = which.parse::<usize>() {
        let found = all.iter().find(|(one, _)| one.number == number);
        return found.ok_or_else(|| {
            Failure::usage(format!("there is no command {number}; there are {}, `runbook list` has them", all.len()))
        });
    }
    let exact: Vec<&Needing<'a>> = all.iter().filter(|(one, _)| one.task == which || one.text == which).collect();
    let part = || all.iter().filter(|(one, _)| text::contains(&one.task, which) || text::contains(&one.text, which));
    let found = if exact.is_empty() { part().collect() } else { exact };
    match found[..] {
        [one] => Ok(one),
        [] => {
            Err(Failure::usage(format!("no command has {which:?} in its task or line; `runbook list` has all of them")))
        }
        _ => {
            let numbers: Vec<String> =
                found.iter().take(12).map(|(one, _)| format!("{} ({})", one.number, one.task)).collect();
            let more = if found.len() > 12 { ", …" } else { "" };
            Err(Failure::usage(format!("{which:?} may be {}{more}; give the number", numbers.join(", "))))
        }
    }
}

fn show((one, need): &Needing<'_>, all: &[Needing<'_>], out: &mut Output) {
    out.text(&format!("{}  {}  {}:{}", one.number, one.task, one.doc, one.line));
    out.text(&format!("  {}", one.text.replace('\n', "\n  ")));
    out.text(&format!("Shell: {}", one.shell.word()));
    out.text(&format!("Needs {}: {} ({})", need.level, need.why, need.place()));
    for open in &one.placeholders {
        let wanted = if open.optional { "optional" } else { "has to be given" };
        let takes = match &open.kind {
            Kind::Value => String::new(),
            Kind::Switch => ", yes or no".to_owned(),
            Kind::Choice(words) => format!(", one of {}", words.join(", ")),
        };
        out.text(&format!("  {}  {}  ({wanted}{takes})", open.name, open.text));
    }
    let text_of =
        |number: usize| all.iter().find(|(other, _)| other.number == number).map_or("", |(other, _)| &other.text);
    if let Some(before) = one.after {
        out.text(&format!("After {before}: {}", short(text_of(before))));
    }
    for other in &one.alternatives {
        out.text(&format!("Or {other}: {}", short(text_of(*other))));
    }
    for (name, said) in [("Notes", &one.notes), ("Evidence", &one.evidence)] {
        if !said.is_empty() {
            out.text(&format!("{name}: {said}"));
        }
    }
}

/// Enough of a line to know it.
fn short(line: &str) -> String {
    const MOST: usize = 110;
    let one: String = line.split_whitespace().collect::<Vec<_>>().join(" ");
    if one.chars().count() <= MOST { one } else { one.chars().take(MOST - 1).chain(['…']).collect() }
}

fn document(bench: &Workbench, book: &Runbook, autonomy: &Autonomy, found: &[Needing<'_>]) -> Value {
    let levels = autonomy.rules.iter().map(|rule| {
        json!({
            "level": rule.level, "title": rule.title, "description": rule.description, "allowed": rule.allowed,
            "requires": rule.requires, "file": autonomy.doc, "line": rule.line,
        })
    });
    json!({
        "schema": "codex-tui/runbook@1",
        "root": bench.view().root,
        "commands": found.iter().map(command).collect::<Vec<_>>(),
        "without": book.without.iter().map(|bare| json!({"task": bare.task, "file": bare.doc, "line": bare.line})).collect::<Vec<_>>(),
        "levels": levels.collect::<Vec<_>>(),
        "problems": super::doctor::problems_json(bench),
    })
}

fn command((one, need): &Needing<'_>) -> Value {
    json!({
        "number": one.number, "task": one.task, "text": one.text, "shell": one.shell.word(), "notes": one.notes,
        "evidence": one.evidence, "file": one.doc, "line": one.line,
        "placeholders": one.placeholders.iter().map(placeholder).collect::<Vec<_>>(),
        "alternatives": one.alternatives, "after": one.after,
        "needs": { "level": need.level, "why": need.why, "file": need.doc, "line": need.line },
    })
}

fn placeholder(one: &Placeholder) -> Value {
    let (kind, choices) = match &one.kind {
        Kind::Value => ("value", None),
        Kind::Switch => ("switch", None),
        Kind::Choice(words) => ("choice", Some(words)),
    };
    json!({"name": one.name, "text": one.text, "optional": one.optional, "kind": kind, "choices": choices})
}
