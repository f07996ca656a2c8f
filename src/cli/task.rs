//! `task list`, `task show`.

use std::sync::atomic::AtomicBool;

use serde_json::{Map, Value, json};

use super::args::Task as TaskVerb;
use super::output::{Failure, Output};
use crate::model::task::Task;
use crate::workbench::Workbench;

pub fn run(verb: &TaskVerb, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    match verb {
        TaskVerb::List { state, plan, text } => list(state.as_deref(), plan.as_deref(), text.as_deref(), bench, out),
        TaskVerb::Next(verb) => super::next::run(verb, bench, out),
        TaskVerb::Show { id } => show(id, bench, out),
    }
}

fn list(
    state: Option<&str>,
    plan: Option<&str>,
    text: Option<&str>,
    bench: &Workbench,
    out: &mut Output,
) -> Result<u8, Failure> {
    let tasks = &bench.view().tasks;
    let found = match text {
        Some(text) => tasks.search(text, &AtomicBool::new(false)),
        None => (0..tasks.len() as u32).collect(),
    };
    let wanted = |task: &Task<'_>| {
        state.is_none_or(|state| task.state().eq_ignore_ascii_case(state))
            && plan.is_none_or(|plan| task.plan().is_some_and(|own| own.eq_ignore_ascii_case(plan)))
    };
    let tasks: Vec<Task<'_>> = found.into_iter().map(|at| tasks.task(at as usize)).filter(wanted).collect();
    out.json(|| {
        json!({
            "schema": "codex-tui/tasks@1",
            "root": bench.view().root,
            "tasks": tasks.iter().map(|task| task_json(*task)).collect::<Vec<_>>(),
            "problems": super::doctor::problems_json(bench),
        })
    });
    for task in &tasks {
        let date = task.date().map_or_else(String::new, |date| format!(" {date}"));
        out.text(&format!("{}  {}{date}  {}", task.id(), task.state(), task.title().replace('\n', " ")));
    }
    Ok(0)
}

fn show(id: &str, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let tasks = &bench.view().tasks;
    let Some(at) = tasks.find(id) else {
        let near: Vec<String> = tasks
            .iter()
            .map(|t| t.id().into_owned())
            .filter(|own| own.contains(id) || own.eq_ignore_ascii_case(id))
            .take(5)
            .collect();
        let near = if near.is_empty() {
            "`task list` names them all".to_owned()
        } else {
            format!("near: {}", near.join(", "))
        };
        return Err(Failure::usage(format!("there is no task {id:?}; {near}")));
    };
    let task = tasks.task(at);
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
