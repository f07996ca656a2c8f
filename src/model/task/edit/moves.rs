//! Moving tasks from state to state, with the words that go with it.

use chrono::NaiveDate;

use super::{Refused, Target, cells_of, names, operation};
use crate::model::task::{Kind, Task, TaskCell, split_state, state};
use crate::op::{Edit, Operation};
use crate::workspace::config::{Field, States};

/// A cell and what it is going to say.
pub(super) struct Write {
    pub(super) target: Target,
    pub(super) text: String,
    /// The operator's note is in the text already.
    pub(super) noted: bool,
}

/// Moves tasks to a state. A document that says so already keeps its words; a state with a date gets today's, unless
/// one of the task's documents dates it already.
pub fn move_to(tasks: &[Task<'_>], state: &str, vocabulary: &States, today: NaiveDate) -> Result<Operation, Refused> {
    let edits = collected(tasks, today, |task| moved(task, state, None, vocabulary, today))?;
    Ok(operation("task move", format!("move {} to {state}", names(tasks)), edits))
}

/// Declares tasks done; the note goes where the documents keep notes.
pub fn done(tasks: &[Task<'_>], note: &str, vocabulary: &States, today: NaiveDate) -> Result<Operation, Refused> {
    let note = Some(note.trim()).filter(|note| !note.is_empty());
    let edits = collected(tasks, today, |task| {
        let mut writes = moved(task, &vocabulary.done, note, vocabulary, today)?;
        if let Some(note) = note {
            let line = format!("{} {today}: {note}", vocabulary.done);
            noted(task, Said { line: &line, key: "notes", todo: &format!("{today}: {note}") }, &mut writes)?;
        }
        Ok(writes)
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
    let todo = match by {
        Some(by) => format!("{today}: blocked by {by}: {}", reason.trim()),
        None => format!("{today}: {}", reason.trim()),
    };
    let by = by.map_or_else(String::new, |by| format!(" by {by}"));
    let line = format!("{}{by} ({today}): {}", vocabulary.blocked, reason.trim());
    let edits = collected(tasks, today, |task| {
        let mut writes = moved(task, &vocabulary.blocked, None, vocabulary, today)?;
        noted(task, Said { line: &line, key: "blockers", todo: &todo }, &mut writes)?;
        Ok(writes)
    })?;
    Ok(operation("task block", format!("block {}", names(tasks)), edits))
}

fn collected<'a>(
    tasks: &[Task<'a>],
    today: NaiveDate,
    change: impl Fn(Task<'a>) -> Result<Vec<Write>, Refused>,
) -> Result<Vec<Edit>, Refused> {
    let mut edits = Vec::new();
    for task in tasks {
        edits.extend(change(*task)?.iter().flat_map(|write| write.target.write(&write.text)));
    }
    let dated = tasks.iter().flat_map(|task| task.rows()).filter_map(|row| row.stamped(today));
    let dated: Vec<Edit> = dated.filter(|stamp| edits.iter().any(|edit| edit.doc == stamp.doc)).collect();
    for stamp in dated {
        if !edits.contains(&stamp) {
            edits.push(stamp);
        }
    }
    Ok(edits)
}

/// What a move writes. `note` is said where a document says in its notes that the task is done.
pub(super) fn moved(
    task: Task<'_>,
    state: &str,
    note: Option<&str>,
    vocabulary: &States,
    today: NaiveDate,
) -> Result<Vec<Write>, Refused> {
    let means = |written: &str| {
        let (word, _) = split_state(written);
        vocabulary.canonical(state::bare_state(word)).eq_ignore_ascii_case(state)
    };
    // Where one document dates it already, the others say the same day.
    let dated = task.said(Field::State).filter(|(_, text)| means(text)).find_map(|(_, text)| split_state(&text).1);
    let written = dated.map_or_else(|| vocabulary.written(state, today), |date| format!("{state} - {date}"));
    let mut writes = Vec::new();
    let mut has_column = false;
    for cell in cells_of(task, Field::State) {
        has_column = true;
        if !means(&cell.value()) {
            writes.push(Write { target: Target::of(cell)?, text: written.clone(), noted: false });
        }
    }
    let is_done = vocabulary.is_done(state);
    let mut says_in_notes = false;
    for cell in stateless_notes(task, has_column) {
        says_in_notes = true;
        if let Some(text) = in_notes(&cell.text(), is_done, note, dated.unwrap_or(today), vocabulary) {
            writes.push(Write { target: Target::of(cell)?, text, noted: note.is_some() });
        }
    }
    // Notes alone can say that a task is done; in any other case it counts as one of the first state.
    let is_first = vocabulary.order.first().is_some_and(|first| first.eq_ignore_ascii_case(state));
    if !(has_column || is_first || is_done && says_in_notes) {
        let place = task.rows().next().map_or_else(String::new, |row| format!("{}:{}: ", row.doc(), row.line()));
        return Err(Refused(format!(
            "{place}no document that carries {} has a column for its state; add the task to a board first",
            task.id()
        )));
    }
    Ok(writes)
}

/// Notes in which it stands that a task is done: those of the backlog, which has no column for the state; of a task that
/// has no such column anywhere, all of them.
fn stateless_notes(task: Task<'_>, has_column: bool) -> impl Iterator<Item = TaskCell<'_>> {
    cells_of(task, Field::Notes)
        .filter(|cell| cell.row.column(Field::State).is_none())
        .filter(move |cell| cell.row.kind() == Kind::Backlog || !has_column)
}

/// What such notes have to say; none when they may stay as they are.
fn in_notes(text: &str, is_done: bool, note: Option<&str>, date: NaiveDate, vocabulary: &States) -> Option<String> {
    let done = &vocabulary.done;
    match (is_done, state::done_in_notes(text, done), note) {
        (true, None, Some(note)) if text.trim().is_empty() => Some(format!("{done} {date}: {note}")),
        (true, None, Some(note)) => Some(format!("{done} {date}: {note}\n{text}")),
        (true, None, None) if text.trim().is_empty() => Some(format!("{done} {date}.")),
        (true, None, None) => Some(format!("{done} {date}: {text}")),
        (false, Some((_, rest)), _) => Some(rest.to_owned()),
        (true, Some(_), _) | (false, None, _) => None,
    }
}

/// What is noted, in the words of each kind of document.
#[derive(Clone, Copy)]
struct Said<'a> {
    /// In tables.
    line: &'a str,
    /// The list of a YAML backlog that takes it.
    key: &'a str,
    /// There: the day in front, as such lists have it.
    todo: &'a str,
}

/// Adds a line to the notes of every document that keeps some; to the deliverable where none does, which is where boards
/// without notes keep their dated remarks. Notes that are going to say it anyway are left at that.
fn noted(task: Task<'_>, said: Said<'_>, writes: &mut Vec<Write>) -> Result<(), Refused> {
    let is_todo = |cell: &TaskCell<'_>| cell.row.kind() == Kind::Todo;
    let mut cells: Vec<TaskCell<'_>> = cells_of(task, Field::Notes).filter(|cell| !is_todo(cell)).collect();
    let todo = task.rows().find(|row| row.kind() == Kind::Todo);
    cells.extend(todo.and_then(|row| {
        let column = row.header().iter().position(|key| key == said.key)?;
        Some(TaskCell { row, column })
    }));
    if cells.is_empty() {
        cells = cells_of(task, Field::Deliverable).collect();
    }
    if cells.is_empty() {
        return Err(Refused(format!(
            "no document that carries {} has a column for notes, so what you say of it would be lost; add one first",
            task.id()
        )));
    }
    for cell in cells {
        let line = super::unbroken(if is_todo(&cell) { said.todo } else { said.line });
        let line = if is_todo(&cell) { line.replace('\n', " ") } else { line };
        let target = Target::of(cell)?;
        let at = writes.iter().position(|write| write.target == target);
        let text = at.map_or_else(|| target.text(), |at| writes[at].text.clone());
        let is_noted = at.is_some_and(|at| writes[at].noted);
        if is_noted || text == line || text.starts_with(&format!("{line}\n")) || text.ends_with(&format!("\n{line}")) {
            continue;
        }
        let text = if text.trim().is_empty() { line.clone() } else { format!("{text}\n{line}") };
        match at {
            Some(at) => writes[at].text = text,
            None => writes.push(Write { target, text, noted: true }),
        }
    }
    Ok(())
}
