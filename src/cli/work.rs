//! `work`: start, note, block, land and status of the work that `ai/state/progress.json` keeps.

use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;

use super::args::DryRun;
use super::output::{Failure, Output};
use crate::model::task::CARRIERS;
use crate::model::task::edit::Refused;
use crate::model::toolbox::work::Landing;
use crate::op::Operation;
use crate::workbench::{Request, Workbench};
use crate::workspace::Role;

/// `work …`.
#[derive(Debug, Subcommand)]
pub enum Work {
    /// Start work on a task: it becomes the active one, in progress, with an entry in the journal.
    Start {
        /// The task; the proposed one when left out.
        #[arg(value_name = "ID")]
        task: Option<String>,
        /// Why this one.
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true, default_value = "", hide_default_value = true)]
        why: String,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Add a line to the journal entry of the active task.
    Note {
        /// The line.
        #[arg(value_name = "TEXT", allow_hyphen_values = true)]
        text: String,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Write on the active task what blocks it, and work on it no longer.
    Block {
        /// What blocks it.
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        reason: String,
        #[command(flatten)]
        dry: DryRun,
    },
    /// The active task is done: note, update, journal.
    Land(LandArgs),
    /// What is being worked on, and what was done last.
    Status,
}

/// `work land`.
#[derive(Debug, ClapArgs)]
pub struct LandArgs {
    /// What was done, in one line.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub summary: String,
    /// What was learned; may be given more than once.
    #[arg(long = "lesson", value_name = "TEXT", allow_hyphen_values = true)]
    pub lessons: Vec<String>,
    #[command(flatten)]
    pub dry: DryRun,
}

/// How many updates `status` shows.
const SHOWN: usize = 5;

pub fn run(verb: &Work, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    if let Work::Status = verb {
        bench.load_all();
        return Ok(status(bench, out));
    }
    let needed = [&CARRIERS[..], &[Role::Progress, Role::Journal]].concat();
    bench.load_for_change(&needed);
    if let Some(why) = bench.blind_to(&needed) {
        return Err(Failure::io(why));
    }
    let (view, now) = (bench.view(), chrono::Local::now().naive_local());
    let (operation, dry) = match verb {
        Work::Start { task, why, dry } => {
            let tasks = &view.tasks;
            let next = view.next();
            let task = match task {
                Some(id) => super::task::named(tasks, id)?,
                None => match next.task {
                    Some(at) => tasks.task(at),
                    None => return Err(Failure::usage("no task is free; `task next` says why".to_owned())),
                },
            };
            let chosen = why.is_empty() && next.task == Some(task.index());
            let why = if chosen { next.because(tasks) } else { why.clone() };
            (view.start_work(task, &why, now), dry)
        }
        Work::Note { text, dry } => (view.note_work(text, now), dry),
        Work::Block { reason, dry } => (view.block_work(reason, now), dry),
        Work::Land(args) => {
            let landing = Landing { summary: args.summary.clone(), lessons: args.lessons.clone() };
            (view.land_work(&landing, now), &args.dry)
        }
        Work::Status => return Ok(0),
    };
    commit(operation, dry, bench, out)
}

fn commit(
    operation: Result<Operation, Refused>,
    dry: &DryRun,
    bench: &mut Workbench,
    out: &mut Output,
) -> Result<u8, Failure> {
    let request = Request::Commit(operation.map_err(|Refused(why)| Failure::usage(why))?);
    super::carry_out(&request, &[], dry, bench, out)
}

fn status(bench: &Workbench, out: &mut Output) -> u8 {
    let view = bench.view();
    let toolbox = &view.toolbox;
    let entry = toolbox.journal.as_ref().and_then(|journal| journal.entries.last());
    out.json(|| {
        let progress = toolbox.progress.as_ref();
        let update = |update: &crate::model::toolbox::Update| json!({"task": update.task, "status": update.status, "text": update.text, "line": update.line});
        json!({
            "schema": "codex-tui/work@1", "root": view.root,
            "file": progress.map(|progress| &progress.doc),
            "active": progress.and_then(|progress| progress.active.as_ref()).map(|(id, line)| json!({"id": id, "line": line})),
            "last_updated": progress.and_then(|progress| progress.last_updated.as_ref()).map(|(text, _)| text),
            "updates": progress.map_or_else(Vec::new, |progress| progress.updates.iter().map(update).collect()),
            "candidates": progress.map_or_else(Vec::new, |progress| progress.candidates.iter().map(|(id, _)| id.clone()).collect()),
            "journal": toolbox.journal.as_ref().map(|journal| json!({
                "file": journal.doc,
                "entries": journal.entries.iter().map(|entry| json!({"date": entry.date.to_string(), "title": entry.title, "line": entry.line})).collect::<Vec<_>>(),
            })),
            "problems": super::doctor::problems_json(bench),
        })
    });
    match view.active_task() {
        Ok(task) => out.text(&format!("{}  {}  {}", task.id(), task.state(), task.title().replace('\n', " "))),
        Err(Refused(why)) => out.text(&why),
    }
    let updates = toolbox.progress.iter().flat_map(|progress| progress.updates.iter());
    for update in updates.take(SHOWN) {
        let front = [update.task.as_str(), update.status.as_str()].join(" ");
        out.text(&format!("  {}: {}", front.trim(), update.text));
    }
    if let (Some(entry), Some(journal)) = (entry, &toolbox.journal) {
        out.text(&format!("  journal: {} ({}:{})", entry.heading, journal.doc, entry.line));
    }
    0
}
