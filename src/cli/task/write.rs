//! `task set|move|done|block|add|clone|delete`: each builds one operation from what stands in the documents, and commits it.

use std::path::Path;

use chrono::{Local, NaiveDate};

use super::named;
use crate::cli::args::{DraftArgs, DryRun, SetArgs, TaskWrite, TextArgs};
use crate::cli::output::{Failure, Output};
use crate::cli::{actor, cell, history, report};
use crate::doc::DocId;
use crate::model::task::draft::Draft;
use crate::model::task::edit::{self, Refused, Target};
use crate::model::task::{CARRIERS, Damage, FieldKey, Kind, Task, TaskList, lines};
use crate::op::{Change, Conflict, Operation};
use crate::workbench::{Outcome, Request, Workbench};
use crate::workspace::config::{Field, States};

pub fn run(verb: &TaskWrite, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    if let Some(why) = bench.blind_to(&CARRIERS) {
        return Err(Failure::io(why));
    }
    let tasks = std::sync::Arc::clone(&bench.view().tasks);
    let states = &bench.config().states.clone();
    let today = Local::now().date_naive();
    match verb {
        TaskWrite::Set(args) => {
            let operation = set(args, &tasks)?;
            commit(operation, &args.dry, bench, out)
        }
        TaskWrite::Move { ids, to, new_state, dry } => {
            let found = all_named(&tasks, ids)?;
            let to = state_named(&tasks, states, to, *new_state)?;
            let operation = edit::move_to(&found, &to, states, today).map_err(|why| refused(&found, why))?;
            commit(operation, dry, bench, out)
        }
        TaskWrite::Done { ids, note, dry } => {
            let found = all_named(&tasks, ids)?;
            let note = note.as_deref().unwrap_or_default();
            let operation = edit::done(&found, note, states, today).map_err(|why| refused(&found, why))?;
            commit(operation, dry, bench, out)
        }
        TaskWrite::Block { ids, reason, by, dry } => {
            let found = all_named(&tasks, ids)?;
            let operation = block(&found, reason, by.as_deref(), &tasks, (states, today))?;
            commit(operation, dry, bench, out)
        }
        TaskWrite::Add { plan, draft } => {
            let new = Draft::new(&tasks, &bench.view().plans, &plan_named(plan, draft, bench)?, states);
            let operation = drafted(new, draft, &tasks, (states, today))?;
            commit(operation, &draft.dry, bench, out)
        }
        TaskWrite::Clone { from, draft } => {
            let new = Draft::clone_of(named(&tasks, from)?, &tasks, &bench.view().plans, states);
            let operation = drafted(new, draft, &tasks, (states, today))?;
            commit(operation, &draft.dry, bench, out)
        }
        TaskWrite::Delete { ids, confirm, dry } => delete(&all_named(&tasks, ids)?, *confirm, dry, bench, out),
        TaskWrite::Repair { place, values, dry } => super::repair::run(place.as_deref(), values, dry, bench, out),
    }
}

/// Commits an operation, or shows what it would write.
pub(super) fn commit(
    operation: Operation,
    dry: &DryRun,
    bench: &mut Workbench,
    out: &mut Output,
) -> Result<u8, Failure> {
    let request = Request::Commit(operation);
    if dry.dry_run {
        return history::dry_run(&request, bench, out);
    }
    said(bench.run(&request, &actor("cli")), None, out)
}

/// Says what came of it: what was done and in which documents, and how to take it back.
fn said(outcome: Outcome, places: Option<&str>, out: &mut Output) -> Result<u8, Failure> {
    match outcome {
        Outcome::Done { op, message, files, notes } if !out.is_json() => {
            for note in &notes {
                out.note(note);
            }
            let files: Vec<&str> = files.iter().map(DocId::as_str).collect();
            let files = files.join(", ");
            let places = places.unwrap_or(&files);
            out.text(&format!("{message} in {places} (operation {op}; `codex-tui undo {op}` takes it back)"));
            Ok(0)
        }
        Outcome::Done { .. } | Outcome::Unchanged { .. } | Outcome::Conflict { .. } => report(outcome, out),
        Outcome::Refused { .. } | Outcome::Forbidden { .. } | Outcome::Damaged { .. } | Outcome::Failed { .. } => {
            report(outcome, out)
        }
    }
}

/// Why a change of these tasks is not made: a damaged row is the document's fault, anything else that of the request.
fn refused(tasks: &[Task<'_>], Refused(why): Refused) -> Failure {
    let is_damaged = tasks.iter().any(|task| task.rows().any(|row| row.damage() == Some(Damage::Malformed)));
    if is_damaged { Failure::document(why) } else { Failure::usage(why) }
}

/// The tasks with these ids, each once.
fn all_named<'a>(tasks: &'a TaskList, ids: &[String]) -> Result<Vec<Task<'a>>, Failure> {
    let mut found: Vec<Task<'a>> = Vec::new();
    for id in ids {
        let task = named(tasks, id)?;
        if found.iter().all(|known| known.index() != task.index()) {
            found.push(task);
        }
    }
    Ok(found)
}

/// The state that a word means: one of the vocabulary, or one in which a task stands already.
fn state_named(tasks: &TaskList, states: &States, word: &str, new: bool) -> Result<String, Failure> {
    let wanted = states.canonical(word.trim());
    let known = || tasks.states().iter().filter(|state| !state.is_empty());
    if let Some(state) = known().find(|state| state.eq_ignore_ascii_case(wanted)) {
        return Ok(state.clone());
    }
    if new && !wanted.is_empty() {
        return Ok(wanted.to_owned());
    }
    let known: Vec<&str> = known().map(String::as_str).collect();
    Err(Failure::usage(format!(
        "there is no state {word:?}; the states are {}; `--new-state` allows another word",
        known.join(", ")
    )))
}

fn set(args: &SetArgs, tasks: &TaskList) -> Result<Operation, Failure> {
    let task = named(tasks, &args.id)?;
    let text = read(&args.value)?;
    let doc = args.doc.as_deref().map(doc_id).transpose()?;
    let why = |why| refused(&[task], why);
    let field = edit::field_named(task, &args.field, doc.as_ref()).map_err(why)?;
    let targets = Target::all_of(&field).map_err(why)?;
    let label = match &field.key {
        FieldKey::Shared(Field::Id) => {
            if args.append || doc.is_some() {
                let why = "an id is replaced in all documents together: `--append` and `--in` make no sense with it";
                return Err(Failure::usage(why.to_owned()));
            }
            let operation = edit::rename(tasks, task, &text).map_err(why)?;
            return expected(operation, &targets, args.expect.as_deref(), &text);
        }
        FieldKey::Shared(known) => known.name().replace('_', " "),
        FieldKey::Own { column, .. } => column.clone(),
    };
    let build = if args.append { edit::append } else { edit::set };
    expected(build(&task.id(), &label, &targets, &text), &targets, args.expect.as_deref(), &text)
}

/// The operation, provided that every cell that it changes says what the operator expects.
fn expected(operation: Operation, targets: &[Target], expect: Option<&str>, mine: &str) -> Result<Operation, Failure> {
    let Some(expect) = expect else { return Ok(operation) };
    let changes = |target: &&Target| {
        let is_cell = |change: &Change| matches!(change, Change::Set { cell, .. } if *cell == target.cell);
        operation.edits.iter().any(|edit| edit.doc == target.doc && is_cell(&edit.change))
    };
    let differs = |target: &&Target| target.text().trim() != lines(expect).trim();
    let conflict = |target: &Target| Conflict {
        doc: target.doc.clone(),
        cell: Some(target.cell.clone()),
        line: Some(target.line),
        base: expect.to_owned(),
        theirs: Some(target.text()),
        mine: mine.to_owned(),
    };
    let conflicts: Vec<Conflict> = targets.iter().filter(changes).filter(differs).map(conflict).collect();
    if conflicts.is_empty() { Ok(operation) } else { Err(Failure::conflict(&conflicts)) }
}

fn read(text: &TextArgs) -> Result<String, Failure> {
    if let Some(text) = text.text.as_ref().or(text.value.as_ref()) {
        return Ok(text.clone());
    }
    let mut read = cell::read_file(text.value_file.as_deref().unwrap_or(Path::new("-")))?;
    // The line end at the end of a file ends the file's last line; it is none of the field's.
    if read.ends_with('\n') {
        read.pop();
        if read.ends_with('\r') {
            read.pop();
        }
    }
    Ok(read)
}

pub(super) fn doc_id(file: &str) -> Result<DocId, Failure> {
    DocId::new(file).map_err(|error| Failure::usage(error.to_string()))
}

fn block(
    found: &[Task<'_>],
    reason: &str,
    by: Option<&str>,
    tasks: &TaskList,
    (states, today): (&States, NaiveDate),
) -> Result<Operation, Failure> {
    if reason.trim().is_empty() {
        return Err(Failure::usage("`--reason` is empty: say why, for whoever reads the board".to_owned()));
    }
    let by = by.map(|by| named(tasks, by)).transpose()?;
    if let Some(by) = by.filter(|by| found.iter().any(|task| task.index() == by.index())) {
        return Err(Failure::usage(format!("{} cannot be blocked by itself", by.id())));
    }
    let by = by.map(|by| by.id().into_owned());
    edit::block(found, by.as_deref(), reason, states, today).map_err(|why| refused(found, why))
}

/// The letters of the plan that a word means.
fn plan_named(word: &str, draft: &DraftArgs, bench: &Workbench) -> Result<String, Failure> {
    let view = bench.view();
    let word = word.trim();
    if word.is_empty() {
        let has_todo = view.tasks.tables().any(|table| table.kind() == Kind::Todo);
        let needed = || Failure::usage("give the letters of the task's plan: --plan A".to_owned());
        return if has_todo { Ok(String::new()) } else { Err(needed()) };
    }
    let mut known: Vec<String> = view.plans.iter().map(|plan| plan.letters.clone()).collect();
    known.extend(view.tasks.iter().filter_map(|task| task.plan()));
    known.retain(|letters| !letters.is_empty());
    known.sort();
    known.dedup();
    match known.iter().find(|letters| letters.eq_ignore_ascii_case(word.trim())) {
        Some(letters) => Ok(letters.clone()),
        None if draft.id.is_some() => Ok(word.trim().to_owned()),
        None => Err(Failure::usage(format!(
            "there is no plan {word:?}; the plans are {}; with `--id` a task of another plan can be added",
            known.join(", ")
        ))),
    }
}

/// The operation that adds the task as the arguments want it.
fn drafted(
    mut draft: Draft,
    args: &DraftArgs,
    tasks: &TaskList,
    (states, today): (&States, NaiveDate),
) -> Result<Operation, Failure> {
    if let Some(id) = &args.id {
        id.trim().clone_into(&mut draft.id);
    }
    if let Some(state) = &args.state {
        draft.set(Field::State, &state_named(tasks, states, state, args.new_state)?);
    }
    for (field, text) in [
        (Field::Title, &args.title),
        (Field::Owner, &args.owner),
        (Field::Deliverable, &args.deliverable),
        (Field::Preconditions, &args.preconditions),
        (Field::Definition, &args.definition),
        (Field::Priority, &args.priority),
        (Field::Area, &args.area),
        (Field::Notes, &args.notes),
    ] {
        if let Some(text) = text {
            draft.set(field, text);
        }
    }
    for file in args.only.iter().chain(&args.not_in) {
        let doc = doc_id(file)?;
        if draft.rows.iter().all(|row| row.doc != doc) {
            let docs: Vec<&str> = draft.rows.iter().map(|row| row.doc.as_str()).collect();
            return Err(Failure::usage(format!("the task cannot go into {file}; it can go into {}", docs.join(", "))));
        }
    }
    for row in &mut draft.rows {
        let is_named = |files: &[String]| files.iter().any(|file| doc_id(file).is_ok_and(|doc| doc == row.doc));
        let into = if args.only.is_empty() { row.into } else { is_named(&args.only) };
        row.into = into && !is_named(&args.not_in);
    }
    draft.operation(tasks, states, today).map_err(|Refused(why)| Failure::usage(why))
}

fn delete(
    found: &[Task<'_>],
    confirm: Option<usize>,
    dry: &DryRun,
    bench: &mut Workbench,
    out: &mut Output,
) -> Result<u8, Failure> {
    let operation = edit::delete(found).map_err(|why| refused(found, why))?;
    if dry.dry_run {
        return history::dry_run(&Request::Commit(operation), bench, out);
    }
    let rows = operation.removes();
    let needs = found.len() > 1 || operation.removes_many();
    if confirm != Some(rows) && (needs || confirm.is_some()) {
        let mut docs: Vec<(&DocId, usize)> = Vec::new();
        for edit in &operation.edits {
            match docs.iter_mut().find(|(doc, _)| *doc == &edit.doc) {
                Some((_, count)) => *count += 1,
                None => docs.push((&edit.doc, 1)),
            }
        }
        let docs: Vec<String> = docs.iter().map(|(doc, count)| format!("{count} of {doc}")).collect();
        let typed = confirm.map_or_else(String::new, |typed| format!(", not {typed}"));
        return Err(Failure::usage(format!(
            "would remove {rows} rows{typed}: {}; nothing was changed; `--confirm {rows}` removes them, `--dry-run` shows them",
            docs.join(", ")
        )));
    }
    let places = found.iter().flat_map(|task| task.rows()).map(|row| format!("{}:{}", row.doc(), row.line()));
    let places = places.collect::<Vec<_>>().join(", ");
    said(bench.run(&Request::Confirmed { operation, rows }, &actor("cli")), Some(&places), out)
}
