//! Changes of tasks: each becomes one operation over all documents that carry what is changed. Pure: what stands in the
//! documents now is what the operation expects to find; whoever wrote something else meanwhile causes a conflict.

use chrono::NaiveDate;

use super::field::lines;
use super::{Damage, FieldKey, Kind, Task, TaskCell, TaskField, TaskRow, split_state, state};
use crate::doc::DocId;
use crate::doc::cell::CellId;
use crate::op::{Change, Edit, Intent, Operation};
use crate::workspace::config::{Field, States};

/// Why a change cannot be made: what, where, and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// A cell that a change is going to write, with what the operator saw there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The document.
    pub doc: DocId,
    /// 1-based line, for people.
    pub line: usize,
    /// Its address.
    pub cell: CellId,
    /// Decoded value.
    pub seen: String,
}

impl Target {
    /// The cell as the target of a change.
    pub fn of(cell: TaskCell<'_>) -> Result<Target, Refused> {
        let row = cell.row;
        if row.damage() == Some(Damage::Malformed) {
            return Err(Refused(format!(
                "{}:{}: the row is damaged, so that nobody can tell which value stands where; repair it first",
                row.doc(),
                row.line()
            )));
        }
        let id = row.cell_id(cell.column).ok_or_else(|| {
            Refused(format!(
                "{}:{}: this column cannot be addressed: its header is empty, or stands there twice; rename it",
                row.doc(),
                row.line()
            ))
        })?;
        Ok(Target { doc: row.doc().clone(), line: row.line(), cell: id, seen: cell.value().into_owned() })
    }

    /// The cells that carry a field.
    pub fn all_of(field: &TaskField<'_>) -> Result<Vec<Target>, Refused> {
        field.cells.iter().map(|cell| Target::of(*cell)).collect()
    }

    /// `file:line`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.doc, self.line)
    }

    /// The edit that makes the cell say `text`, whose lines are lines of the cell. None when it says so already.
    fn write(&self, text: &str) -> Option<Edit> {
        if lines(&self.seen) == text {
            return None;
        }
        let write = encoded(&self.cell, &self.seen, text);
        let change = Change::Set { cell: self.cell.clone(), expect: self.seen.clone(), write, exact: None };
        Some(Edit { doc: self.doc.clone(), change })
    }
}

/// A text as a cell's value. Boards in CSV keep each row on one line, with `<br>` for a line break, because line-based
/// scripts read them; a field that has real line breaks already keeps to them.
pub(super) fn encoded(cell: &CellId, seen: &str, text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    match cell {
        CellId::Field(_) if !seen.contains('\n') => text.replace('\n', "<br>"),
        CellId::Field(_) | CellId::Table(_) | CellId::Box(_) => text,
    }
}

pub(super) fn operation(verb: &str, summary: String, edits: Vec<Edit>) -> Operation {
    Operation { intent: Intent { verb: verb.to_owned(), summary }, edits, undoes: None }
}

/// Makes all these cells of the field `label` say `text`.
pub fn set(id: &str, label: &str, targets: &[Target], text: &str) -> Operation {
    // What a terminal or a file ends its lines with is no difference.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let edits = targets.iter().filter_map(|target| target.write(&text)).collect();
    operation("task set", format!("set {label} of {id}"), edits)
}

/// Moves tasks to a state. A document that says so already keeps its words; a state with a date gets today's, unless
/// one of the task's documents dates it already.
pub fn move_to(tasks: &[Task<'_>], state: &str, vocabulary: &States, today: NaiveDate) -> Result<Operation, Refused> {
    let edits = collected(tasks, |task| moved(task, state, vocabulary, today))?;
    Ok(operation("task move", format!("move {} to {state}", names(tasks)), edits))
}

/// Declares tasks done; the note goes where the documents keep notes.
pub fn done(tasks: &[Task<'_>], note: &str, vocabulary: &States, today: NaiveDate) -> Result<Operation, Refused> {
    let line = format!("{} {today}: {note}", vocabulary.done);
    let edits = collected(tasks, |task| {
        let mut edits = moved(task, &vocabulary.done, vocabulary, today)?;
        if !note.is_empty() {
            // The backlog's own words for it are replaced by the ones with the note.
            edits.retain(|edit| notes_cells(task).all(|cell| !is_cell(edit, cell)));
            edits.extend(noted(task, &line)?);
        }
        Ok(edits)
    })?;
    Ok(operation("task done", format!("finish {}", names(tasks)), edits))
}

/// Declares tasks blocked, for a reason that goes where the documents keep notes; `by` is the task that blocks them.
pub fn block(
    tasks: &[Task<'_>],
    by: Option<&str>,
    reason: &str,
    vocabulary: &States,
    today: NaiveDate,
) -> Result<Operation, Refused> {
    let by = by.map_or_else(String::new, |by| format!(" by {by}"));
    let line = format!("{}{by} ({today}): {reason}", vocabulary.blocked);
    let edits = collected(tasks, |task| {
        let mut edits = moved(task, &vocabulary.blocked, vocabulary, today)?;
        edits.retain(|edit| notes_cells(task).all(|cell| !is_cell(edit, cell)));
        edits.extend(noted(task, &line)?);
        Ok(edits)
    })?;
    Ok(operation("task block", format!("block {}", names(tasks)), edits))
}

/// Takes tasks out of every document that carries them. Tables of delivered work and session logs keep what they say.
pub fn delete(tasks: &[Task<'_>]) -> Result<Operation, Refused> {
    let edits = collected(tasks, |task| {
        task.rows()
            .map(|row| {
                let broken = row.damage() == Some(Damage::Malformed);
                let addition = row.addition().filter(|_| !broken).ok_or_else(|| {
                    let place = format!("{}:{}", row.doc(), row.line());
                    Refused(format!("{place}: the damaged row cannot be taken out; repair it first"))
                })?;
                let change = Change::TakeOut { addition, inserted: None, created: false, folders: 0 };
                Ok(Edit { doc: row.doc().clone(), change })
            })
            .collect()
    })?;
    Ok(operation("task delete", format!("delete {}", names(tasks)), edits))
}

fn collected<'a>(
    tasks: &[Task<'a>],
    change: impl Fn(Task<'a>) -> Result<Vec<Edit>, Refused>,
) -> Result<Vec<Edit>, Refused> {
    let mut edits = Vec::new();
    for task in tasks {
        edits.extend(change(*task)?);
    }
    Ok(edits)
}

/// `HB-A-001`, or `HB-A-001 and 3 more`.
fn names(tasks: &[Task<'_>]) -> String {
    match tasks {
        [] => "nothing".to_owned(),
        [one] => one.id().into_owned(),
        [first, rest @ ..] => format!("{} and {} more", first.id(), rest.len()),
    }
}

fn moved(task: Task<'_>, state: &str, vocabulary: &States, today: NaiveDate) -> Result<Vec<Edit>, Refused> {
    let means = |written: &str| {
        let (word, _) = split_state(written);
        vocabulary.canonical(state::bare_state(word)).eq_ignore_ascii_case(state)
    };
    // Where one document says it already, the others say the same, with the same date.
    let said = task.said(Field::State).map(|(_, text)| text).find(|text| means(text));
    let written = said.map_or_else(|| vocabulary.written(state, today), |text| text.into_owned());
    let mut edits = Vec::new();
    for cell in cells_of(task, Field::State) {
        if !means(&cell.value()) {
            edits.extend(Target::of(cell)?.write(&written));
        }
    }
    // The backlog has no column for the state: that a task is done stands at the start of its notes.
    let date = split_state(&written).1.unwrap_or(today);
    for cell in notes_cells(task).filter(|cell| cell.row.kind() == Kind::Backlog) {
        if cell.row.column(Field::State).is_some() {
            continue;
        }
        let text = cell.text();
        let rest = after_done(&text, &vocabulary.done);
        let new = match (vocabulary.is_done(state), rest) {
            (true, None) if text.is_empty() => format!("{} {date}.", vocabulary.done),
            (true, None) => format!("{} {date}: {text}", vocabulary.done),
            (false, Some(rest)) => rest.to_owned(),
            (true, Some(_)) | (false, None) => continue,
        };
        edits.extend(Target::of(cell)?.write(&new));
    }
    if edits.is_empty() && cells_of(task, Field::State).next().is_none() && !vocabulary.is_done(state) {
        let place = task.rows().next().map_or_else(String::new, |row| format!("{}:{}: ", row.doc(), row.line()));
        return Err(Refused(format!(
            "{place}no document that carries {} has a column for its state; add it to the board first",
            task.id()
        )));
    }
    Ok(edits)
}

/// What stands behind `Done 2025-12-22: ` at the start of notes.
fn after_done<'t>(notes: &'t str, done: &str) -> Option<&'t str> {
    state::done_in_notes(notes, done)?;
    let rest = notes.trim_start().get(done.len()..)?.trim_start();
    let rest = rest.get(..10).filter(|date| date.parse::<NaiveDate>().is_ok()).map_or(rest, |_| &rest[10..]);
    Some(rest.trim_start_matches([':', '.']).trim_start())
}

/// The edits that add a line to the notes of every document that keeps some; to the deliverable where none does, which is
/// where boards without notes keep their dated remarks.
fn noted(task: Task<'_>, line: &str) -> Result<Vec<Edit>, Refused> {
    let mut cells: Vec<TaskCell<'_>> = notes_cells(task).collect();
    if cells.is_empty() {
        cells = cells_of(task, Field::Deliverable).collect();
    }
    if cells.is_empty() {
        return Err(Refused(format!(
            "no document that carries {} has a column for notes, so the reason would be lost; add one first",
            task.id()
        )));
    }
    let mut edits = Vec::new();
    for cell in cells {
        let target = Target::of(cell)?;
        let text = lines(&target.seen);
        let new = if text.trim().is_empty() { line.to_owned() } else { format!("{text}\n{line}") };
        edits.extend(target.write(&new));
    }
    Ok(edits)
}

/// The first cell of a field in each table of the task.
fn cells_of(task: Task<'_>, field: Field) -> impl Iterator<Item = TaskCell<'_>> {
    let mut tables: Vec<TaskRow<'_>> = Vec::new();
    task.rows().filter_map(move |row| {
        let column = row.column(field)?;
        if tables.iter().any(|other| other.is_in_table_of(row)) {
            return None;
        }
        tables.push(row);
        Some(TaskCell { row, column })
    })
}

fn notes_cells(task: Task<'_>) -> impl Iterator<Item = TaskCell<'_>> {
    cells_of(task, Field::Notes)
}

fn is_cell(edit: &Edit, cell: TaskCell<'_>) -> bool {
    let Change::Set { cell: address, .. } = &edit.change else { return false };
    edit.doc == *cell.row.doc() && cell.row.cell_id(cell.column).as_ref() == Some(address)
}

/// The field that a word of the operator means: the name of a known field, or a column's header; of several documents'
/// own columns the one in `doc`.
pub fn field_named<'a>(task: Task<'a>, name: &str, doc: Option<&DocId>) -> Result<TaskField<'a>, Refused> {
    let mut found: Vec<TaskField<'a>> = Vec::new();
    let known = Field::named(name);
    for mut field in task.fields() {
        if let Some(doc) = doc {
            field.cells.retain(|cell| cell.row.doc() == doc);
        }
        let Some(first) = field.cells.first() else { continue };
        let is_known = known.is_some() && first.row.known(first.column) == known;
        let has_header = field
            .cells
            .iter()
            .any(|cell| cell.row.header().get(cell.column).is_some_and(|header| header.eq_ignore_ascii_case(name)));
        if is_known || has_header {
            found.push(field);
        }
    }
    let id = task.id();
    match found.len() {
        1 => found.pop().ok_or_else(|| Refused(String::new())),
        0 => {
            let place = doc.map_or_else(String::new, |doc| format!(" in {doc}"));
            let known: Vec<String> = task.fields().iter().map(|field| said_name(field)).collect();
            Err(Refused(format!("{id} has no field {name:?}{place}; it has {}", known.join(", "))))
        }
        _ => {
            let docs: Vec<String> =
                found.iter().flat_map(|field| &field.cells).map(|cell| cell.row.doc().to_string()).collect();
            Err(Refused(format!(
                "{name:?} of {id} stands in several documents, each with its own: {}; say in which",
                docs.join(", ")
            )))
        }
    }
}

fn said_name(field: &TaskField<'_>) -> String {
    match &field.key {
        FieldKey::Shared(known) => known.name().to_owned(),
        FieldKey::Own { doc, column } => format!("{column:?} ({doc})"),
    }
}
