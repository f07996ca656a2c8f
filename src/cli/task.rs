//! `task list`, `task show`, and the verbs that write tasks.

mod repair;
mod write;

use std::sync::atomic::AtomicBool;

use serde_json::{Map, Value, json};

use super::args::{Task as TaskVerb, TaskList as ListArgs};
use super::output::{Failure, Output};
use crate::model::query::Query;
use crate::model::task::query::BOARD_FIELDS;
use crate::model::task::{CARRIERS, Task, TaskList};
use crate::workbench::Workbench;
use crate::workspace::Config;

/// Reads what the verb needs.
pub fn load(verb: &TaskVerb, bench: &mut Workbench) {
    match verb {
        TaskVerb::Write(_) => bench.load_for_change(&CARRIERS),
        TaskVerb::List(_) | TaskVerb::Show { .. } | TaskVerb::Next(_) => bench.load_all(),
    }
}

pub fn run(verb: &TaskVerb, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    match verb {
        TaskVerb::List(wanted) => list(wanted, bench, out),
        TaskVerb::Next(verb) => super::next::run(verb, bench, out),
        TaskVerb::Show { id } => show(id, bench, out),
        TaskVerb::Write(verb) => write::run(verb, bench, out),
    }
}

fn list(wanted: &ListArgs, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let query = query(wanted, bench.config())?;
    let tasks = &bench.view().tasks;
    let fits = |task: &Task<'_>| {
        wanted.state.as_ref().is_none_or(|state| task.state().eq_ignore_ascii_case(state))
            && wanted.plan.as_ref().is_none_or(|plan| task.plan().is_some_and(|own| own.eq_ignore_ascii_case(plan)))
    };
    let found = tasks.select(&query, &AtomicBool::new(false));
    let tasks: Vec<Task<'_>> = found.into_iter().map(|at| tasks.task(at as usize)).filter(fits).collect();
    out.json(|| {
        json!({
            "schema": "codex-tui/tasks@1",
            "root": bench.view().root,
            "tasks": tasks.iter().map(|task| task_json(*task)).collect::<Vec<_>>(),
            "problems": super::doctor::problems_json(bench),
        })
    });
    note_none(bench, out);
    if tasks.is_empty() && !bench.view().tasks.is_empty() {
        out.note("no task fits; `task list` alone names them all");
    }
    for task in &tasks {
        let date = task.date().map_or_else(String::new, |date| format!(" {date}"));
        out.text(&format!("{}  {}{date}  {}", task.id(), task.state(), task.title().replace('\n', " ")));
    }
    Ok(0)
}

/// Says on standard error that there are no tasks at all: nothing printed would look like a filter that nothing fits.
pub(super) fn note_none(bench: &Workbench, out: &mut Output) {
    if bench.view().tasks.is_empty() {
        out.note(
            "no document here carries a task; `doctor` says what was looked for, `init` makes the documents that a workspace \
             begins with",
        );
    }
}

/// The filter that was asked for: of the view, then of the arguments, then the order; the last order counts.
fn query(wanted: &ListArgs, config: &Config) -> Result<Query, Failure> {
    let view = match &wanted.view {
        None => "",
        Some(name) => {
            config.views_of(Config::BOARD).find(|(own, _)| own == name).map(|(_, text)| text).ok_or_else(|| {
                let known: Vec<&str> = config.views_of(Config::BOARD).map(|(name, _)| name).collect();
                Failure::usage(format!("there is no view {name:?}; there are: {}", known.join(", ")))
            })?
        }
    };
    let parse = |text: &str| {
        let query = Query::parse(text, BOARD_FIELDS);
        if query.problems().is_empty() { Ok(query) } else { Err(Failure::usage(query.problems().join("; "))) }
    };
    let query = parse(&format!("{view} {}", wanted.filter.join(" ")))?;
    match &wanted.sort {
        None => Ok(query),
        Some(key) => Ok(query.sorted(parse(&format!("sort:\"{key}\""))?.sort().copied())),
    }
}

fn show(id: &str, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let task = named(&bench.view().tasks, id)?;
    out.json(|| {
        let cites = task.cites().into_iter().map(|path| json!({"path": path, "exists": bench.exists(&path)}));
        let mut shape = task_json(task);
        shape["cites"] = cites.collect();
        json!({
            "schema": "codex-tui/tasks@1", "root": bench.view().root, "tasks": [shape],
            "problems": super::doctor::problems_json(bench),
        })
    });
    out.text(&format!("{}  {}", task.id(), task.title()));
    for row in task.rows() {
        out.text(&format!("\n{}:{}", row.doc(), row.line()));
        for (name, text) in row.fields() {
            let name = if name.is_empty() { "(no column)" } else { name };
            out.text(&format!("  {name}: {}", text.replace("<br>", "\n").replace('\n', "\n    ")));
        }
    }
    let cites = task.cites();
    if !cites.is_empty() {
        out.text("\nCited:");
        for path in cites {
            out.text(&format!("  {} {path}", if bench.exists(&path) { "✓" } else { "✗ missing" }));
        }
    }
    Ok(0)
}

/// The task with that id, or a failure that names the ids near it.
pub(super) fn named<'a>(tasks: &'a TaskList, id: &str) -> Result<Task<'a>, Failure> {
    if let Some(at) = tasks.find(id) {
        return Ok(tasks.task(at));
    }
    let wanted = id.to_ascii_uppercase();
    let is_near = |own: &String| {
        let own = own.to_ascii_uppercase();
        own.contains(&wanted) || (!own.is_empty() && wanted.contains(&own)) || differs_little(&own, &wanted)
    };
    let near: Vec<String> = tasks.iter().map(|task| task.id().into_owned()).filter(is_near).take(5).collect();
    let near =
        if near.is_empty() { "`task list` names them all".to_owned() } else { format!("near: {}", near.join(", ")) };
    Err(Failure::usage(format!("there is no task {id:?}; {near}")))
}

/// Whether two ids differ in no more than their last two characters.
fn differs_little(one: &str, other: &str) -> bool {
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    same >= 3 && one.len().max(other.len()) - same <= 2
}

/// A task in the shape of `codex-tui/tasks@1`.
pub(super) fn task_json(task: Task<'_>) -> Value {
    let rows = task.rows().map(|row| {
        let mut fields = Map::new();
        for (at, (name, text)) in row.fields().into_iter().enumerate() {
            let name = if name.is_empty() { format!("#{}", at + 1) } else { name.to_owned() };
            fields.insert(name, Value::String(text.into_owned()));
        }
        json!({"file": row.doc(), "line": row.line(), "fields": fields})
    });
    let drift = task.drift().into_iter().map(|drift| json!({"field": drift.field, "values": drift.values}));
    json!({
        "id": task.id(), "title": task.title(), "state": task.state(), "date": task.date(), "owner": task.owner(),
        "plan": task.plan(), "blocked_by": task.blocked_by(), "rows": rows.collect::<Vec<_>>(),
        "drift": drift.collect::<Vec<_>>(),
    })
}
