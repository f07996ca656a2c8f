//! Where the backlog, the state and the journal of the layout *toolbox* contradict each other or themselves.

use super::{Progress, Toolbox};
use crate::doc::cell::CellId;
use crate::doc::{Document, Severity, Snapshot};
use crate::model::finding::Finding;
use crate::model::task::edit::{Target, append};
use crate::model::task::{Kind, Task, TaskCell, TaskList, TaskRow};
use crate::model::timeline::Stamp;
use crate::op::{Change, Edit, Intent, Operation};
use crate::workspace::config::{Field, States};

/// Everything that is wrong, or worth knowing.
pub fn findings(toolbox: &Toolbox, tasks: &TaskList, snapshot: &Snapshot, states: &States) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(progress) = &toolbox.progress {
        found.extend(active(progress, tasks, snapshot, states));
    }
    for task in tasks.iter() {
        for row in task.rows().filter(|row| row.kind() == Kind::Todo) {
            found.extend(status(task, row, states));
            found.extend(dependencies(task, row, tasks));
            if states.is_done(task.state()) {
                found.extend(unnoted(task, row, toolbox));
            }
        }
    }
    let todos = tasks.tables().filter(|table| table.kind() == Kind::Todo);
    found.extend(todos.filter_map(|table| stale(snapshot.get(table.doc())?, tasks)));
    found
}

fn active(progress: &Progress, tasks: &TaskList, snapshot: &Snapshot, states: &States) -> Option<Finding> {
    let (id, line) = progress.active.as_ref()?;
    let task = tasks.known_as(id).map(|at| tasks.task(at));
    let why = match task {
        None => format!("the active task {id} stands in no backlog, so nobody knows what is being worked on"),
        Some(task) if states.is_done(task.state()) => format!("the active task {id} is done already"),
        Some(_) => return None,
    };
    let doc = snapshot.get(&progress.doc)?;
    let fix = set(doc, &["active_task"], "null", &format!("clear the active task {id}"));
    let finding = Finding::new("toolbox-active", Severity::Warning, why).at(progress.doc.as_str(), *line).about(id);
    Some(finding.advise("set `active_task` to null, or to the task that is being worked on").mended_by(fix))
}

fn status(task: Task<'_>, row: TaskRow<'_>, states: &States) -> Option<Finding> {
    let said = row.field(Field::State)?;
    let is_known = states.order.iter().any(|state| state == states.canonical(said.trim()));
    let message = match said.trim() {
        "" => format!("{} has no status, so it counts as one of the first column", task.id()),
        _ if is_known => return None,
        word => format!("{} has the status {word:?}, which is no column of the board", task.id()),
    };
    let finding = Finding::new("toolbox-status", Severity::Warning, message).at(row.doc().as_str(), row.line());
    let advice = "write one of the known words, or name this one in codex-tui.toml under [states.synonyms]";
    Some(finding.about(&task.id()).advise(advice))
}

fn dependencies<'a>(task: Task<'a>, row: TaskRow<'a>, tasks: &'a TaskList) -> impl Iterator<Item = Finding> + 'a {
    let missing = row.named_by_keys().into_iter().filter(|id| tasks.find(id).is_none());
    missing.map(move |id| {
        let message = format!("{} depends on {id}, which stands nowhere, so it is never free", task.id());
        let finding = Finding::new("toolbox-dependency", Severity::Warning, message);
        finding.at(row.doc().as_str(), row.line()).about(&task.id()).advise("correct the id, or take it out")
    })
}

/// A task that is done without a note; where the state of the work says what was done, that is the note.
fn unnoted(task: Task<'_>, row: TaskRow<'_>, toolbox: &Toolbox) -> Option<Finding> {
    if row.field(Field::Notes).is_some_and(|notes| !notes.trim().is_empty()) {
        return None;
    }
    let id = task.id();
    let bare = id.rsplit('/').next().unwrap_or(&id);
    let update = toolbox.progress.iter().flat_map(|progress| &progress.updates).find(|update| update.task == bare);
    let entry = toolbox.journal.iter().flat_map(|journal| &journal.entries).rev().find(|entry| entry.names(bare));
    let fix = update.zip(entry).and_then(|(update, entry)| {
        let column = row.column(Field::Notes)?;
        let target = Target::of(TaskCell { row, column }).ok()?;
        let mut fix = append(&id, "notes", &[target], &format!("{}: {}", entry.date, update.text.replace('\n', " ")));
        fix.intent.verb = "check".to_owned();
        Some(fix)
    });
    let message = format!("{id} is done, but no note says what was done and when");
    let finding = Finding::new("toolbox-note", Severity::Note, message).at(row.doc().as_str(), row.line());
    Some(finding.about(&id).advise("add a dated line to its notes").mended_by(fix))
}

/// A backlog that was changed after the day on which it says it was.
fn stale(doc: &Document, tasks: &TaskList) -> Option<Finding> {
    let node = ["updated", "updated_at"].iter().find_map(|key| doc.tree()?.root()?.get(key))?;
    let said = node.text()?;
    let own = Stamp::read(&said)?.date;
    let rows = tasks.iter().flat_map(Task::rows).filter(|row| row.doc() == doc.id());
    let newest = rows.filter_map(|row| row.dated()).max().filter(|newest| *newest > own)?;
    let key = node.key()?.into_owned();
    let fix =
        (said.len() == 10).then(|| set(doc, &[&key], &newest.to_string(), &format!("date {} {newest}", doc.id())));
    let message = format!("`{key}` says {own}, but a note is of {newest}: whoever relies on it misses what came since");
    let finding = Finding::new("toolbox-updated", Severity::Note, message).at(doc.id().as_str(), node.line());
    Some(finding.advise(format!("set it to {newest}")).mended_by(fix.flatten()))
}

fn set(doc: &Document, keys: &[&str], write: &str, summary: &str) -> Option<Operation> {
    let tree = doc.tree()?;
    let node = keys.iter().try_fold(tree.root()?, |node, key| node.get(key))?;
    let cell = CellId::Path(tree.address(node));
    let expect = doc.find(&cell).ok()?.value;
    let change = Change::Set { cell, expect, write: write.to_owned(), exact: None };
    let edits = vec![Edit { doc: doc.id().clone(), change }];
    Some(Operation { intent: Intent { verb: "check".to_owned(), summary: summary.to_owned() }, edits, undoes: None })
}
