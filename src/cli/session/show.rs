//! `session status`, `session list` and `session plan` without bullets.

use serde_json::{Value, json};

use crate::cli::output::{Failure, Output};
use crate::model::autonomy::Level;
use crate::model::checklist::{Checklist, Progress, Step, StepState};
use crate::model::session::SessionLog;
use crate::workbench::Workbench;

pub fn status(line: bool, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let list = bench.view().checklists.first();
    let progress = list.map(Checklist::progress).unwrap_or_default();
    let log = bench.view().active_session();
    if line {
        out.text(&log.map_or_else(|| "no session".to_owned(), |log| in_a_line(log, bench.view().level(), progress)));
        return Ok(0);
    }
    let open = || list.into_iter().flat_map(Checklist::steps).filter(|step| step.state == StepState::Open);
    let open_json = |step: &Step| json!({"file": step.id.doc, "index": step.index, "section": step.id.section, "text": step.id.text, "line": step.line});
    out.json(|| {
        json!({
            "schema": "codex-tui/session@1", "root": bench.view().root,
            "session": log.map(|log| &log.name), "task": log.and_then(|log| log.tasks.first()),
            "level": log.map(|_| bench.view().level()), "level_said": log.map(SessionLog::level),
            "level_excess": bench.view().level_excess(), "log": log.map(|log| &log.doc), "status": log.map(SessionLog::said_status),
            "checklist": list.map(|list| &list.doc),
            "steps": {"done": progress.done, "open": progress.open, "na": progress.na},
            "overrides": bench.view().overrides().iter().map(|one| json!({"name": one.name, "line": one.line})).collect::<Vec<_>>(),
            "open": open().map(open_json).collect::<Vec<_>>(),
            "problems": crate::cli::doctor::problems_json(bench),
        })
    });
    let Some(log) = log else {
        out.text("no session; `session start TASK` begins one");
        return Ok(0);
    };
    out.text(&in_a_line(log, bench.view().level(), progress));
    out.text(&format!("log: {}", log.doc));
    if let Some(why) = bench.view().level_excess() {
        out.text(&format!("level: {why}"));
    }
    for one in bench.view().overrides() {
        out.text(&format!(
            "override: {} ({}:{}) waits; `session note --reset {} TEXT` says that it is reset",
            one.name, log.doc, one.line, one.name
        ));
    }
    if !log.said_status().is_empty() {
        out.text(&format!("status: {}", log.said_status()));
    }
    if let Some(list) = list {
        out.text(&format!("open on {}:", list.doc));
    }
    for step in open() {
        out.text(&format!("  {:>3} {}", step.index, step.id.text.replace('\n', " ")));
    }
    Ok(0)
}

/// Name, task, level, and how many of the steps that apply are done.
fn in_a_line(log: &SessionLog, level: Level, progress: Progress) -> String {
    let task = log.tasks.first().map_or("no task", String::as_str);
    format!("{} · {task} · {level} · checklist {}/{}", log.name, progress.done, progress.done + progress.open)
}

/// The plan of the active session, and what it lacks.
pub fn plan(bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let gates = bench.gates();
    let (bullets, warnings) = bench.view().session_plan(&gates.list().clauses).map_err(super::usage)?;
    let log = bench.view().active_session();
    out.json(|| {
        json!({
            "schema": "codex-tui/session-plan@1", "root": bench.view().root, "session": log.map(|log| &log.name),
            "log": log.map(|log| &log.doc), "bullets": bullets, "warnings": warnings,
            "problems": crate::cli::doctor::problems_json(bench),
        })
    });
    for bullet in &bullets {
        out.text(&format!("- {bullet}"));
    }
    for warning in &warnings {
        out.note(warning);
    }
    Ok(0)
}

pub fn list(bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let logs = &bench.view().sessions;
    out.json(|| {
        json!({
            "schema": "codex-tui/sessions@1", "root": bench.view().root,
            "sessions": logs.iter().map(log_json).collect::<Vec<_>>(),
            "problems": crate::cli::doctor::problems_json(bench),
        })
    });
    for log in logs.iter() {
        let date = log.date.map_or_else(|| "-".to_owned(), |date| date.to_string());
        let number = log.number.map_or_else(|| "-".to_owned(), |number| format!("{number:04}"));
        // Early logs name no id; then what the card says is what is known of the task.
        let task = if log.tasks.is_empty() { log.card.clone() } else { log.tasks.join(", ") };
        let task = if task.is_empty() { "-".to_owned() } else { task };
        let status = if log.said_status().is_empty() { "-" } else { log.said_status() };
        out.text(&format!("{date:<10}  {number:<4}  {task}  {status}"));
    }
    Ok(0)
}

fn log_json(log: &SessionLog) -> Value {
    json!({
        "session": log.name, "log": log.doc, "date": log.date.map(|date| date.to_string()), "number": log.number,
        "task": log.tasks.first(), "tasks": log.tasks, "card": log.card, "role": log.role, "level": log.level(),
        "status": log.said_status(),
    })
}
