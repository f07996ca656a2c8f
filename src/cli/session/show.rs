//! `session status`, `session list` and `session plan` without bullets.

use serde_json::{Value, json};

use crate::cli::output::{Failure, Output};
use crate::model::autonomy::Level;
use crate::model::checklist::{Checklist, Progress, Step};
use crate::model::session::SessionLog;
use crate::workbench::Workbench;

pub fn status(line: bool, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    // A prompt does not wait for telemetry: the line counts what the documents alone say.
    if !line {
        bench.compare_and_judge();
    }
    let bench = &*bench;
    let items = bench.view().session_open();
    let is_finished = bench.view().session_finished();
    let list = bench.view().checklists.first();
    let progress = list.map(Checklist::progress).unwrap_or_default();
    let log = bench.view().active_session();
    if line {
        let level = bench.view().level();
        let said = log.map(|log| in_a_line(log, level, progress, is_finished, items.len()));
        out.text(&said.unwrap_or_else(|| "no session".to_owned()));
        return Ok(0);
    }
    let open = || list.into_iter().flat_map(Checklist::steps).filter(|step| !step.state.is_settled());
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
            "finished": is_finished, "items": items.iter().map(super::finish::item_json).collect::<Vec<_>>(),
            "problems": crate::cli::doctor::problems_json(bench),
        })
    });
    let Some(log) = log else {
        out.text(&bench.view().no_session().to_string());
        return Ok(0);
    };
    out.text(&in_a_line(log, bench.view().level(), progress, is_finished, items.len()));
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
    if !items.is_empty() {
        out.text("open:");
        super::finish::show(&items, out);
    }
    Ok(0)
}

/// Name, task, level, how many of the steps that apply are done, and whether it is finished or how much is open.
fn in_a_line(log: &SessionLog, level: Level, progress: Progress, is_finished: bool, open: usize) -> String {
    let task = log.tasks.first().map_or("no task", String::as_str);
    let end = if is_finished { "finished".to_owned() } else { format!("open {open}") };
    let (done, all) = (progress.done, progress.done + progress.open);
    format!("{} · {task} · {level} · checklist {done}/{all} · {end}", log.name)
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
    if logs.is_empty() {
        out.note(&bench.view().no_session().to_string());
    }
    for log in logs.iter() {
        let date = log.date.map_or_else(|| "-".to_owned(), |date| date.to_string());
        let number = log.number.map_or_else(|| "-".to_owned(), |number| format!("{number:04}"));
        // Early logs name no id; then what the card says is what is known of the task.
        let task = if log.tasks.is_empty() { log.card.clone() } else { log.tasks.join(", ") };
        let task = if task.is_empty() { "-".to_owned() } else { task };
        // Nor do they have a status; then it is what they say of the outcome.
        let said = [log.said_status(), &log.outcome, "-"];
        let status = said.into_iter().find(|said| !said.is_empty()).unwrap_or_default();
        out.text(&format!("{date:<10}  {number:<4}  {task}  {status}"));
    }
    Ok(0)
}

fn log_json(log: &SessionLog) -> Value {
    json!({
        "session": log.name, "log": log.doc, "date": log.date.map(|date| date.to_string()), "number": log.number,
        "task": log.tasks.first(), "tasks": log.tasks, "card": log.card, "role": log.role, "level": log.level(),
        "status": log.said_status(), "outcome": log.outcome,
    })
}
