//! Changes of tasks: each becomes one operation over all documents that carry what is changed. Pure: what stands in the
//! documents now is what the operation expects to find; whoever wrote something else meanwhile causes a conflict.

mod conclude;
mod moves;

pub use conclude::{Conclusion, conclude};
pub use moves::{block, done, move_to};

use super::field::{lines, unbroken};
use super::source::bare_id;
use super::todo::{Form, arranged};
use super::{Damage, FieldKey, Kind, Task, TaskCell, TaskField, TaskList, TaskRow};
use crate::doc::DocId;
use crate::doc::cell::CellId;
use crate::doc::markdown::canonical_cell;
use crate::op::{Change, Edit, Intent, Operation};
use crate::workspace::config::Field;

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
    /// How it is written.
    form: Form,
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
        Ok(Target {
            doc: row.doc().clone(),
            line: row.line(),
            cell: id,
            seen: cell.value().into_owned(),
            form: row.form(cell.column),
        })
    }

    /// The cells that carry a field.
    pub fn all_of(field: &TaskField<'_>) -> Result<Vec<Target>, Refused> {
        field.cells.iter().map(|cell| Target::of(*cell)).collect()
    }

    /// `file:line`.
    pub fn place(&self) -> String {
        format!("{}:{}", self.doc, self.line)
    }

    /// The cell's text as people read it.
    pub fn text(&self) -> String {
        lines(&self.seen)
    }

    /// The edits that make the cell say `text`, whose lines are lines of the cell. None when it says so already.
    fn write(&self, text: &str) -> Vec<Edit> {
        if self.text() == text {
            return Vec::new();
        }
        let write = encoded(&self.cell, &self.seen, text);
        let edit = |change| Edit { doc: self.doc.clone(), change };
        self.form.changes(&self.cell, &self.seen, &write).into_iter().map(edit).collect()
    }
}

/// A text as a cell's value. Boards in CSV keep each row on one line, with `<br>` for a line break, because line-based
/// scripts read them; a field that has real line breaks already keeps to them, and to their kind.
fn encoded(cell: &CellId, seen: &str, text: &str) -> String {
    let line_end = match cell {
        CellId::Table(_) | CellId::Box(_) | CellId::Path(_) => return text.to_owned(),
        CellId::Field(_) if seen.contains("\r\n") => "\r\n",
        CellId::Field(_) if seen.contains('\n') => "\n",
        CellId::Field(_) if seen.contains('\r') => "\r",
        CellId::Field(_) => "<br>",
    };
    text.replace('\n', line_end)
}

/// The text as every one of these cells can say it: what a terminal or a file ends its lines with is no difference, nor how
/// `<br>` is spelled; and a table cell has no blanks around its text, so that the others shall have none either.
fn agreed(targets: &[Target], text: &str) -> String {
    let text = unbroken(text);
    if targets.iter().any(|target| matches!(target.cell, CellId::Table(_))) { canonical_cell(&text) } else { text }
}

pub(super) fn operation(verb: &str, summary: String, edits: Vec<Edit>) -> Operation {
    Operation { intent: Intent { verb: verb.to_owned(), summary }, edits: arranged(edits), undoes: None }
}

/// Makes all these cells of the field `label` say `text`.
pub fn set(id: &str, label: &str, targets: &[Target], text: &str) -> Operation {
    let agreed = agreed(targets, text);
    let said = lines(text);
    // A text that was shown and is confirmed as it was shown changes nothing.
    let edits = targets.iter().filter(|target| target.text() != said).flat_map(|target| target.write(&agreed));
    operation("task set", format!("set {label} of {id}"), edits.collect())
}

/// Adds lines to what each of these cells of the field `label` says.
pub fn append(id: &str, label: &str, targets: &[Target], text: &str) -> Operation {
    let agreed = agreed(targets, text);
    let edits = targets.iter().filter(|_| !agreed.is_empty()).flat_map(|target| target.write(&added(target, &agreed)));
    operation("task set", format!("add to {label} of {id}"), edits.collect())
}

/// A cell's text with further lines.
fn added(target: &Target, more: &str) -> String {
    let text = target.text();
    if text.trim().is_empty() { more.to_owned() } else { format!("{text}\n{more}") }
}

/// Gives a task another id in every document that carries it; what other tasks say of it stays. Markup around the id stays too.
pub fn rename(list: &TaskList, task: Task<'_>, new: &str) -> Result<Operation, Refused> {
    let id = task.id();
    let new = new.trim();
    free_id(list, new)?;
    let mut edits = Vec::new();
    for cell in cells_of(task, Field::Id) {
        let target = Target::of(cell)?;
        let bare = if cell.row.kind() == Kind::Todo { target.seen.clone() } else { id.to_string() };
        edits.extend(target.write(&target.seen.replacen(&bare, new, 1)));
    }
    Ok(operation("task set", format!("rename {id} to {new}"), edits))
}

/// Whether a task can have this id: one word that reads back as it is, and is nobody's yet.
pub(super) fn free_id(list: &TaskList, id: &str) -> Result<(), Refused> {
    let refused = |why: String| Err(Refused(why));
    if id.is_empty() {
        return refused("the task needs an id, such as HB-A-001".to_owned());
    }
    if id.contains(char::is_whitespace) {
        return refused(format!("the id {id:?} has a blank in it; ids are one word, such as HB-A-001"));
    }
    if bare_id(id.into()) != id || ["None", "_None_"].contains(&id) || lines(id) != id {
        return refused(format!(
            "the id {id:?} would not read back as it is; ids are one plain word, such as HB-A-001"
        ));
    }
    let known = list.find(id).and_then(|at| list.task(at).rows().next());
    match known.or_else(|| list.delivered().find(|row| row.id().as_deref() == Some(id))) {
        Some(row) => refused(format!("{id} is taken: {}:{}", row.doc(), row.line())),
        None => Ok(()),
    }
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
