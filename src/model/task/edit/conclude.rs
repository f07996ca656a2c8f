//! What the documents say of a task when a session on it ends: its state, and a dated note where the row keeps such.

use chrono::NaiveDate;

use super::moves::{Write, moved};
use super::{Refused, Target, cells_of, operation};
use crate::model::task::{Kind, Task, TaskCell};
use crate::model::timeline::Stamp;
use crate::op::Operation;
use crate::workspace::config::{Field, States};

/// How work on a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conclusion {
    /// The task is done.
    Done,
    /// It cannot go on.
    Blocked,
    /// It goes on another time: its state stays.
    Open,
}

/// Gives a task the state of a conclusion, and each of its rows a dated note: in the deliverable, where the task keeps dated
/// remarks there, else in the row's notes. A row that has neither keeps its words but for the state.
pub fn conclude(
    task: Task<'_>,
    conclusion: Conclusion,
    note: &str,
    vocabulary: &States,
    today: NaiveDate,
) -> Result<Operation, Refused> {
    let note = note.trim();
    let (mut writes, line) = match conclusion {
        Conclusion::Done => (moved(task, &vocabulary.done, Some(note), vocabulary, today)?, format!("{today}: {note}")),
        Conclusion::Blocked => (
            moved(task, &vocabulary.blocked, None, vocabulary, today)?,
            format!("{} ({today}): {note}", vocabulary.blocked),
        ),
        Conclusion::Open => (Vec::new(), format!("{today}: {note}")),
    };
    for cell in noted_cells(task) {
        let target = Target::of(cell)?;
        let at = writes.iter().position(|write| write.target == target);
        if at.is_some_and(|at| writes[at].noted) {
            continue;
        }
        let text = at.map_or_else(|| target.text(), |at| writes[at].text.clone());
        let text = placed(&text, &line);
        match at {
            Some(at) => writes[at].text = text,
            None => writes.push(Write { target, text, noted: true }),
        }
    }
    let edits = writes.iter().flat_map(|write| write.target.write(&write.text)).collect();
    Ok(operation("session finish", format!("conclude {}", task.id()), edits))
}

/// Where each of the task's tables takes a note.
fn noted_cells(task: Task<'_>) -> Vec<TaskCell<'_>> {
    let remarks = || cells_of(task, Field::Deliverable);
    let keeps_remarks = |cell: TaskCell<'_>| cell.text().lines().any(|line| day(line).is_some());
    let mut cells: Vec<TaskCell<'_>> = Vec::new();
    if remarks().any(keeps_remarks) {
        // Every document says the same of the deliverable.
        cells.extend(remarks().filter(|cell| matches!(cell.row.kind(), Kind::Csv | Kind::Board)));
    }
    let notes = cells_of(task, Field::Notes);
    let elsewhere: Vec<TaskCell<'_>> =
        notes.filter(|cell| cells.iter().all(|noted| !noted.row.is_in_table_of(cell.row))).collect();
    cells.extend(elsewhere);
    cells
}

/// A text with one more dated line, where its dated lines have the newest: in front, or behind, which is the rule.
fn placed(text: &str, line: &str) -> String {
    if text.trim().is_empty() {
        return line.to_owned();
    }
    let lines: Vec<&str> = text.lines().collect();
    let days: Vec<NaiveDate> = lines.iter().filter_map(|line| day(line)).collect();
    let dated_first = lines.first().is_some_and(|first| day(first).is_some());
    let newest_first = match (days.first(), days.last()) {
        (Some(first), Some(last)) if days.len() > 1 && first != last => first > last,
        (Some(_), Some(_)) => dated_first && lines.len() > 1,
        (_, _) => false,
    };
    // As the line breaks around them are written: `<br>` with blanks at its sides, or without.
    let gap = if text.contains(" \n ") { " \n " } else { "\n" };
    if newest_first {
        return format!("{line}{gap}{text}");
    }
    let is_marked = |line: &&str| day(line).is_some() && line.trim_start().starts_with("- ");
    let mark = if lines.iter().rev().find(|line| day(line).is_some()).is_some_and(is_marked) { "- " } else { "" };
    format!("{text}{gap}{mark}{line}")
}

/// The day with which a line of notes begins, if it does.
fn day(line: &str) -> Option<NaiveDate> {
    Stamp::read(line.trim_start().trim_start_matches("- ")).map(|stamp| stamp.date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_stands_where_the_newest_one_does() {
        let line = "2026-01-03: new";
        for (text, want) in [
            ("", "2026-01-03: new"),
            ("Needs a stack", "Needs a stack\n2026-01-03: new"),
            ("2026-01-01: a", "2026-01-01: a\n2026-01-03: new"),
            ("2026-01-01: a \n 2026-01-02: b", "2026-01-01: a \n 2026-01-02: b \n 2026-01-03: new"),
            ("2026-01-02: b\n2026-01-01: a", "2026-01-03: new\n2026-01-02: b\n2026-01-01: a"),
            // The newest one stands before what is not dated.
            ("2026-01-02: b\nundated", "2026-01-03: new\n2026-01-02: b\nundated"),
            ("What.\n- 2026-01-01: a\n- 2026-01-02: b", "What.\n- 2026-01-01: a\n- 2026-01-02: b\n- 2026-01-03: new"),
        ] {
            assert_eq!(placed(text, line), want, "{text}");
        }
    }
}
