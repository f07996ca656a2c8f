//! What documents say differently of one task. One finding an id and field.

use chrono::NaiveDate;

use super::check::{Check, copy, firsts, place, told, values, write};
use super::text::{are_strangers, people, plain, short, short_pair};
use crate::doc::Severity;
use crate::model::finding::Finding;
use crate::model::task::draft::next_id;
use crate::model::task::{Kind, Task, TaskRow, bare_state, done_in_notes, lines, split_state};
use crate::workspace::config::{Field, States};

/// Why a field differs where one id means two tasks.
const TWO_TASKS: &str = "; the id means two tasks";

/// What the rows of a task say of a field, the leading one first.
type Said<'a> = Vec<(TaskRow<'a>, String)>;

impl<'a> Check<'a> {
    /// Compares title, state, date, owner and deliverable of a task with several rows.
    pub(super) fn fields(&mut self, task: Task<'a>) {
        let rows = firsts(task);
        let strangers = self.two_tasks(task);
        if !strangers {
            self.differing(task, said(&rows, Field::Title), Field::Title, |a, b| plain(a) == plain(b));
        }
        self.states(task, &rows, strangers);
        let owners = said(&rows, Field::Owner);
        let owner = |a: &str, b: &str| people(a) == people(b);
        self.differing_of(task, owners, Field::Owner, owner, strangers);
        self.deliverables(task, said(&rows, Field::Deliverable));
        self.done_in_backlog(task, &rows);
    }

    /// One id that means two different tasks.
    fn two_tasks(&mut self, task: Task<'a>) -> bool {
        let all: Said<'a> = task.said(Field::Title).map(|(row, text)| (row, trimmed(&text))).collect();
        let Some((lead, title)) = all.first() else { return false };
        let Some((row, other)) = all.iter().skip(1).find(|(_, other)| are_strangers(title, other)) else {
            return false;
        };
        self.add("sync-two-tasks", Severity::Error, |check| {
            let id = task.id();
            let message = format!(
                "{id} means two different tasks: {} here, {} at {}; what is written of one is taken for the other",
                short(other),
                short(title),
                place(*lead)
            );
            let free = task.plan().and_then(|letters| next_id(check.input.tasks, &letters));
            let free = free.map_or_else(String::new, |free| format!(", such as {free}"));
            told(&id, *row, message)
                .says(Field::Title.name(), values(&all))
                .advise(format!("give one of them an id of its own{free}, in every document that means it"))
        });
        true
    }

    fn differing(&mut self, task: Task<'a>, said: Said<'a>, field: Field, alike: impl Fn(&str, &str) -> bool) {
        self.differing_of(task, said, field, alike, false);
    }

    /// A field whose values differ: a note when they only look different. Where the id means two tasks, the difference
    /// follows from that, and nothing is overwritten.
    fn differing_of(
        &mut self,
        task: Task<'a>,
        said: Said<'a>,
        field: Field,
        alike: impl Fn(&str, &str) -> bool,
        strangers: bool,
    ) {
        let Some((rule, why)) = rule_of(field) else { return };
        let Some(others) = others(&said) else { return };
        let looks = others.iter().all(|(_, text)| alike(text, &said[0].1));
        let severity = if looks || strangers { Severity::Note } else { Severity::Warning };
        self.add(rule, severity, |_| {
            let why = if strangers {
                TWO_TASKS
            } else if looks {
                "; only the spelling differs"
            } else {
                why
            };
            let finding = difference(task, &said, &others, field.name(), why);
            if strangers {
                return finding.advise("give the two tasks an id each first");
            }
            leading(task, finding, &said, &others, field)
        });
    }

    /// State and date. They stand in one cell, so that the state's fix mends the date too.
    fn states(&mut self, task: Task<'a>, rows: &[TaskRow<'a>], strangers: bool) {
        let said = said(rows, Field::State);
        let vocabulary = &self.input.config.states;
        let same = all_equal(said.iter().map(|(_, text)| canonical(text, vocabulary)));
        // A backlog in YAML has its own words for states, and dates its notes.
        let said: Said<'a> = said.into_iter().filter(|(row, _)| !same || row.kind() != Kind::Todo).collect();
        let dates = dates(&said);
        let dates_differ = !all_equal(dates.iter().map(|(_, date)| *date));
        if let Some(others) = others(&said).filter(|_| !same || !dates_differ) {
            let severity = if same || strangers { Severity::Note } else { Severity::Warning };
            self.add("sync-state", severity, |_| {
                let why = if strangers {
                    TWO_TASKS
                } else if same {
                    "; it is the same column of the board"
                } else {
                    "; whoever reads only one of them takes the wrong work, or does it twice"
                };
                let finding = difference(task, &said, &others, Field::State.name(), why);
                match (strangers, same) {
                    (true, _) => finding.advise("give the two tasks an id each first"),
                    (false, true) => {
                        finding.advise("nothing, or one word everywhere when the remark is no longer needed")
                    }
                    (false, false) => leading(task, finding, &said, &others, Field::State),
                }
            });
        }
        if dates_differ {
            self.dates(task, &said, &dates, same);
        }
    }

    fn dates(&mut self, task: Task<'a>, said: &Said<'a>, dates: &[(TaskRow<'a>, Option<NaiveDate>)], same: bool) {
        let Some((lead, date)) = dates.iter().find(|(_, date)| date.is_some()).or(dates.first()) else { return };
        let others: Vec<TaskRow<'a>> = dates.iter().filter(|(_, own)| own != date).map(|(row, _)| *row).collect();
        let contradict = dates.iter().any(|(_, own)| own.is_some() && own != date);
        let severity = if contradict && same { Severity::Warning } else { Severity::Note };
        self.add("sync-date", severity, |_| {
            let written = |date: &Option<NaiveDate>| date.map_or_else(|| "none".to_owned(), |date| date.to_string());
            let (row, own) = dates.iter().find(|(_, own)| own != date).unwrap_or(&dates[0]);
            let id = task.id();
            let message = format!(
                "the date of the state of {id} is {} here, but {} at {}",
                written(own),
                written(date),
                place(*lead)
            );
            let shown: Said<'a> = dates
                .iter()
                .map(|(row, date)| (*row, date.map_or_else(String::new, |date| date.to_string())))
                .collect();
            let finding = told(&id, *row, message).says("date", values(&shown));
            if !same {
                return finding.advise("mend the state; its date stands in the same cell");
            }
            let text = said.iter().find(|(row, _)| place(*row) == place(*lead)).map_or("", |(_, text)| text);
            finding.advise(format!("write {} there too", short(text))).mended_by(copy(
                &id,
                Field::State,
                *lead,
                &others,
                text,
            ))
        });
    }

    /// Deliverables grow by dated remarks; a fix may only bring remarks, never take some away.
    fn deliverables(&mut self, task: Task<'a>, said: Said<'a>) {
        let Some(others) =
            others(&said).filter(|others| others.iter().any(|(_, text)| plain(text) != plain(&said[0].1)))
        else {
            return;
        };
        self.add("sync-deliverable", Severity::Note, |_| {
            let finding = difference(task, &said, &others, Field::Deliverable.name(), "");
            let lead = plain(&said[0].1);
            let nothing_lost = others.iter().all(|(_, text)| lead.contains(&plain(text)));
            if nothing_lost {
                leading(task, finding, &said, &others, Field::Deliverable)
            } else {
                finding.advise("bring what is missing in each of them into both")
            }
        });
    }

    /// The backlog has no column for the state: that a task is done stands at the start of its notes.
    fn done_in_backlog(&mut self, task: Task<'a>, rows: &[TaskRow<'a>]) {
        let vocabulary = &self.input.config.states;
        let is_backlog = |row: &&TaskRow<'a>| row.kind() == Kind::Backlog && row.column(Field::State).is_none();
        let Some(row) = rows.iter().find(is_backlog) else { return };
        let Some((lead, state)) = said(rows, Field::State).into_iter().next() else { return };
        let notes = row.field(Field::Notes).unwrap_or_default();
        let done = done_in_notes(&notes, &vocabulary.done);
        let is_done = vocabulary.is_done(task.state());
        let id = task.id();
        let shown = || values(&[(lead, state.clone()), (*row, trimmed(&notes))]);
        match done {
            Some(_) if !is_done => self.add("sync-done-backlog", Severity::Warning, |_| {
                let message = format!(
                    "the backlog's notes call {id} done, but its state is {} at {}; somebody may do it again",
                    short(&state),
                    place(lead)
                );
                told(&id, *row, message)
                    .says(Field::State.name(), shown())
                    .advise("move the task to done on the boards, or take the word out of the notes")
            }),
            None if is_done => self.add("sync-done-backlog", Severity::Note, |_| {
                let message = format!(
                    "{id} is done at {}, but the backlog still offers it: its notes do not begin with \"{}\"",
                    place(lead),
                    vocabulary.done
                );
                let date = task.date().map_or_else(String::new, |date| format!(" {date}"));
                let notes = lines(&notes);
                let text = match notes.trim() {
                    "" => format!("{}{date}.", vocabulary.done),
                    _ => format!("{}{date}: {notes}", vocabulary.done),
                };
                told(&id, *row, message)
                    .says(Field::State.name(), shown())
                    .advise(format!("begin its notes with \"{}{date}\", or take the row out", vocabulary.done))
                    .mended_by(write(&id, Field::Notes, &[*row], &text))
            }),
            Some(_) | None => {}
        }
    }
}

/// Rule and reason of a field.
fn rule_of(field: Field) -> Option<(&'static str, &'static str)> {
    match field {
        Field::Title => Some(("sync-title", "; people take them for different tasks")),
        Field::Owner => Some(("sync-owner", "; nobody knows who does it")),
        Field::Id
        | Field::State
        | Field::Deliverable
        | Field::PlanLink
        | Field::Plan
        | Field::Preconditions
        | Field::Definition
        | Field::Priority
        | Field::Area
        | Field::Notes => None,
    }
}

/// What rows say of a field, without blanks around it; rows that say nothing are left out.
pub(super) fn said<'a>(rows: &[TaskRow<'a>], field: Field) -> Said<'a> {
    let own = rows.iter().filter_map(|row| Some((*row, trimmed(&row.field(field)?))));
    own.filter(|(_, text)| !text.is_empty()).collect()
}

fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}

/// The rows that say something else than the leading one; none when all say the same.
fn others<'s, 'a>(said: &'s Said<'a>) -> Option<Vec<&'s (TaskRow<'a>, String)>> {
    let (_, lead) = said.first()?;
    let lead = lines(lead);
    let others: Vec<_> = said.iter().filter(|(_, text)| lines(text) != lead).collect();
    (!others.is_empty()).then_some(others)
}

/// The finding that a field differs, at the first row that differs from the leading one.
fn difference(
    task: Task<'_>,
    said: &Said<'_>,
    others: &[&(TaskRow<'_>, String)],
    field: &'static str,
    why: &str,
) -> Finding {
    let id = task.id();
    let (lead, text) = &said[0];
    let (row, own) = others[0];
    let more: Vec<String> = others[1..].iter().map(|(row, _)| place(*row)).collect();
    let more = if more.is_empty() { String::new() } else { format!("; it differs at {} too", more.join(", ")) };
    let name = field.replace('_', " ");
    let (own, text) = short_pair(own, text);
    let message = format!("the {name} of {id} is {own} here, but {text} at {}{more}{why}", place(*lead));
    told(&id, *row, message).says(field, values(said))
}

/// The finding with the leading document's value as its fix.
fn leading(
    task: Task<'_>,
    finding: Finding,
    said: &Said<'_>,
    others: &[&(TaskRow<'_>, String)],
    field: Field,
) -> Finding {
    let (lead, text) = &said[0];
    let rows: Vec<TaskRow<'_>> = others.iter().map(|(row, _)| *row).collect();
    if lead.damage().is_some() {
        return finding.advise(format!("repair the damaged row at {} first", place(*lead)));
    }
    finding.advise(format!("write what {} says, or correct it there", lead.doc())).mended_by(copy(
        &task.id(),
        field,
        *lead,
        &rows,
        &lines(text),
    ))
}

/// The kanban column that a state as written means, in lower case.
fn canonical(written: &str, vocabulary: &States) -> String {
    vocabulary.canonical(bare_state(split_state(written).0)).to_lowercase()
}

fn dates<'a>(said: &Said<'a>) -> Vec<(TaskRow<'a>, Option<NaiveDate>)> {
    said.iter().map(|(row, text)| (*row, split_state(text).1)).collect()
}

fn all_equal<T: PartialEq>(mut values: impl Iterator<Item = T>) -> bool {
    let first = values.next();
    values.all(|value| Some(value) == first)
}
