//! A task that is to be added, new or as a clone of another one: what it says, and into which documents it goes. The
//! backlog asks for both: "add new items by cloning the row, linking to the plan, and updating the CSV/task board".

use chrono::NaiveDate;

use super::edit::{Refused, free_id, operation};
use super::field::lines;
use super::{Kind, Task, TaskList, TaskTable, state, todo};
use crate::doc::cell::{End, PathCell};
use crate::doc::{Addition, DocId};
use crate::model::cite;
use crate::model::plan::Plan;
use crate::op::{Change, Edit, Operation};
use crate::workspace::config::{Field, States};

/// The fields of a draft; the plan follows from its letters.
pub const DRAFTED: [Field; 9] = [
    Field::Title,
    Field::State,
    Field::Owner,
    Field::Deliverable,
    Field::Preconditions,
    Field::Definition,
    Field::Priority,
    Field::Area,
    Field::Notes,
];

/// A task that is not there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Its id; a free one is proposed.
    pub id: String,
    /// The task that it is a clone of.
    pub from: Option<String>,
    /// Letters of its plan; empty for none.
    pub plan: String,
    /// Where it goes.
    pub rows: Vec<DraftRow>,
    plan_doc: Option<DocId>,
    values: Vec<Value>,
}

/// One row of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRow {
    /// The document.
    pub doc: DocId,
    /// What kind of table it goes into.
    pub kind: Kind,
    /// Whether it is to be added there.
    pub into: bool,
    /// The row as it is cloned, or blank.
    base: Addition,
    /// The known field of each column.
    columns: Vec<Option<Field>>,
    /// Whether `base` is a copy: what the form leaves alone stays as this document says it.
    cloned: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Value {
    field: Field,
    text: String,
    /// As the draft began.
    initial: String,
}

impl Draft {
    /// A new task of the plan with these letters, which may be empty.
    pub fn new(list: &TaskList, plans: &[Plan], letters: &str, vocabulary: &States) -> Draft {
        let mut draft = Draft::blank(list, plans, letters, None, vocabulary);
        draft.rows = draft.places(list, None);
        draft
    }

    /// A copy of a task under the next free id of its plan. It begins in the first state; what else it says is copied.
    pub fn clone_of(task: Task<'_>, list: &TaskList, plans: &[Plan], vocabulary: &States) -> Draft {
        let letters = task.plan().unwrap_or_default();
        let mut draft = Draft::blank(list, plans, &letters, Some(task), vocabulary);
        draft.rows = draft.places(list, Some(task));
        draft
    }

    fn blank(list: &TaskList, plans: &[Plan], letters: &str, from: Option<Task<'_>>, vocabulary: &States) -> Draft {
        let begin = vocabulary.order.first().cloned().unwrap_or_default();
        let values = DRAFTED.map(|field| {
            let said = from.and_then(|task| task.said(field).next()).map(|(_, text)| lines(&text));
            let text = if field == Field::State { begin.clone() } else { said.unwrap_or_default() };
            Value { field, initial: text.clone(), text }
        });
        // Few documents have a place for these.
        let has = |field| list.tables().any(|table| (0..table.header().len()).any(|at| table.known(at) == Some(field)));
        let only_todo = list.tables().all(|table| table.kind() == Kind::Todo);
        let values = values.into_iter().filter(|value| match value.field {
            Field::Title | Field::State => true,
            Field::Priority | Field::Area => has(value.field),
            _ => !only_todo || list.tables().next().is_none() || has(value.field),
        });
        let of_plan = |plan: &&Plan| !letters.is_empty() && plan.letters == letters;
        let carries = |plan: &&Plan| list.tables().any(|table| table.doc() == &plan.doc);
        let plan = plans.iter().filter(of_plan).find(carries).or_else(|| plans.iter().find(of_plan));
        Draft {
            id: next_id(list, letters).unwrap_or_default(),
            from: from.map(|task| task.id().into_owned()),
            plan: letters.to_owned(),
            plan_doc: plan.map(|plan| plan.doc.clone()),
            rows: Vec::new(),
            values: values.collect(),
        }
    }

    /// One table of each document that carries tasks (CSV, boards, backlog, and the plan's own): the one in which the
    /// original stands, else the first.
    fn places(&self, list: &TaskList, from: Option<Task<'_>>) -> Vec<DraftRow> {
        let mut rows: Vec<DraftRow> = Vec::new();
        let has_todo = list.tables().any(|table| table.kind() == Kind::Todo);
        for table in list.tables() {
            let copied = from.and_then(|task| task.rows().find(|row| table.holds(*row)));
            let stands_here = from.is_some_and(|task| task.rows().any(|row| row.doc() == table.doc()));
            let wanted = match table.kind() {
                // What YAML alone carries stays there, and the reverse.
                Kind::Todo => from.is_none() || copied.is_some(),
                Kind::Csv | Kind::Board | Kind::Backlog => {
                    from.is_none_or(|task| task.rows().any(|row| row.kind() != Kind::Todo))
                }
                Kind::Plan => copied.is_some() || self.plan_doc.as_ref() == Some(table.doc()),
                Kind::Delivered => false,
            };
            if !wanted || (stands_here && copied.is_none()) || rows.iter().any(|row| row.doc == *table.doc()) {
                continue;
            }
            let cells = (0..table.header().len()).map(|column| copied.and_then(|row| row.cell(column)));
            let cells = cells.map(|cell| cell.unwrap_or_default().into_owned()).collect();
            let item = || match copied {
                Some(row) => row.addition(),
                None => Some(Addition::Item { at: PathCell::Steps(Vec::new()), text: String::new(), end: End::End }),
            };
            let base = if table.kind() == Kind::Todo { item() } else { table.new_row(cells) };
            let Some(base) = base else { continue };
            rows.push(DraftRow {
                doc: table.doc().clone(),
                kind: table.kind(),
                // A clone goes where its original stands, and onto the boards in any case.
                into: match (table.kind(), from) {
                    (Kind::Todo, None) => self.plan.is_empty(),
                    (Kind::Todo, Some(_)) => copied.is_some(),
                    (_, None) => !(self.plan.is_empty() && has_todo),
                    (kind, Some(_)) => copied.is_some() || kind != Kind::Backlog,
                },
                base,
                columns: (0..table.header().len()).map(|column| table.known(column)).collect(),
                cloned: copied.is_some(),
            });
        }
        rows
    }

    /// The fields with what they say.
    pub fn fields(&self) -> impl Iterator<Item = (Field, &str)> {
        self.values.iter().map(|value| (value.field, value.text.as_str()))
    }

    /// Gives a field its text; fields that no draft has are left alone.
    pub fn set(&mut self, field: Field, text: &str) {
        if let Some(value) = self.values.iter_mut().find(|value| value.field == field) {
            value.text = text.replace("\r\n", "\n").replace('\r', "\n");
        }
    }

    fn value(&self, field: Field) -> Option<&Value> {
        self.values.iter().find(|value| value.field == field)
    }

    /// The operation that adds the task.
    pub fn operation(&self, list: &TaskList, vocabulary: &States, today: NaiveDate) -> Result<Operation, Refused> {
        let id = self.id.trim();
        free_id(list, id)?;
        if self.value(Field::Title).is_none_or(|title| title.text.trim().is_empty()) {
            return Err(Refused(format!("{id} needs a title")));
        }
        let mut edits: Vec<Edit> = Vec::new();
        for row in self.rows.iter().filter(|row| row.into) {
            if row.kind == Kind::Todo {
                edits.push(self.item(row, list, vocabulary)?);
                continue;
            }
            edits.push(self.edit(row, vocabulary, today));
            let table = list.tables().find(|table| *table.doc() == row.doc && table.takes(&row.base));
            if let Some(addition) = table.and_then(TaskTable::placeholder) {
                let change = Change::TakeOut { addition, inserted: None, created: false, folders: 0 };
                edits.push(Edit { doc: row.doc.clone(), change });
            }
        }
        if edits.is_empty() {
            return Err(Refused(format!("{id} goes into no document; choose at least one")));
        }
        let (verb, how) = match &self.from {
            Some(from) => ("task clone", format!("add {id} as a clone of {from}")),
            None => ("task add", format!("add {id}")),
        };
        Ok(operation(verb, how, edits))
    }

    /// The task of a YAML backlog, in the list of its area and state.
    fn item(&self, row: &DraftRow, list: &TaskList, vocabulary: &States) -> Result<Edit, Refused> {
        let table = list.tables().find(|table| *table.doc() == row.doc && table.kind() == Kind::Todo);
        let said = |field| self.value(field).map_or("", |value| value.text.trim());
        let (area, state) = (said(Field::Area), said(Field::State));
        let home = table.and_then(|table| Some((table, table.home(area, state, vocabulary)?)));
        let (Some((table, at)), Addition::Item { text, .. }) = (home, &row.base) else {
            let areas = table.map_or_else(Vec::new, TaskTable::areas).join(", ");
            return Err(Refused(format!("{}: there is no area {area:?}; the areas are {areas}", row.doc)));
        };
        let mut text = text.clone();
        for (key, field) in table.header().iter().zip(&row.columns) {
            let value = match field {
                Some(Field::Id) => self.id.trim().to_owned(),
                Some(Field::State) => table.word(state),
                Some(Field::Area) | None => continue,
                Some(field) => match self.value(*field) {
                    Some(value) if row.cloned && value.text == value.initial => continue,
                    Some(value) => value.text.clone(),
                    None => continue,
                },
            };
            text = todo::drafted(&text, key, &value, table.is_list(key), table.like(key));
        }
        let change = Change::Add { addition: Addition::Item { at, text, end: End::End }, gap: None };
        Ok(Edit { doc: row.doc.clone(), change })
    }

    fn edit(&self, row: &DraftRow, vocabulary: &States, today: NaiveDate) -> Edit {
        let mut addition = row.base.clone();
        let is_csv = matches!(addition, Addition::Record { .. });
        let cells = match &mut addition {
            Addition::Record { fields, .. } => fields,
            Addition::Row { cells, .. } => cells,
            // No table's row is a line, a value or a document.
            Addition::Line { .. } | Addition::Item { .. } | Addition::Entry { .. } | Addition::Document { .. } => {
                return Edit { doc: row.doc.clone(), change: Change::Add { addition, gap: None } };
            }
        };
        let state = self.value(Field::State).map_or("", |value| value.text.as_str());
        // Where no column has the state, the notes say whether the task is done.
        let in_notes = row.kind == Kind::Backlog && !row.columns.contains(&Some(Field::State));
        for (cell, field) in cells.iter_mut().zip(&row.columns) {
            let text = match field {
                None => continue,
                Some(Field::Id) => self.id.trim().to_owned(),
                Some(Field::State) => vocabulary.written(state, today),
                Some(Field::Notes) if in_notes => {
                    let own = self.value(Field::Notes).filter(|value| !row.cloned || value.text != value.initial);
                    let text = own.map_or_else(|| lines(cell), |value| value.text.clone());
                    said_in_notes(&text, state, vocabulary, today)
                }
                Some(Field::PlanLink | Field::Plan) if row.cloned => continue,
                Some(Field::PlanLink) => self.plan_doc.as_ref().map_or_else(String::new, |doc| doc.to_string()),
                Some(Field::Plan) if self.plan.is_empty() => String::new(),
                Some(Field::Plan) => format!("Plan {}", self.plan),
                Some(field) => match self.value(*field) {
                    Some(value) if row.cloned && value.text == value.initial => continue,
                    Some(value) => value.text.clone(),
                    None => continue,
                },
            };
            *cell = if is_csv { text.replace('\n', "<br>") } else { text };
        }
        Edit { doc: row.doc.clone(), change: Change::Add { addition, gap: None } }
    }
}

/// Notes of a table without a column for the state, as they are for a task that begins in `state`.
fn said_in_notes(text: &str, state: &str, vocabulary: &States, today: NaiveDate) -> String {
    let text = state::done_in_notes(text, &vocabulary.done).map_or(text, |(_, rest)| rest);
    match (vocabulary.is_done(state), text.is_empty()) {
        (true, true) => format!("{} {today}.", vocabulary.done),
        (true, false) => format!("{} {today}: {text}", vocabulary.done),
        (false, _) => text.to_owned(),
    }
}

/// The row that a task lacks in a table, with what its leading document says.
pub fn missing_row(task: Task<'_>, table: TaskTable<'_>, plan_doc: Option<&DocId>) -> Option<Edit> {
    let is_csv = table.kind() == Kind::Csv;
    let cells = (0..table.header().len()).map(|column| {
        let text = match table.known(column) {
            None | Some(Field::Notes) => String::new(),
            Some(Field::Id) => task.id().into_owned(),
            Some(Field::Plan) => task.plan().map_or_else(String::new, |letters| format!("Plan {letters}")),
            Some(Field::PlanLink) => match task.said(Field::PlanLink).next() {
                Some((_, link)) => link.into_owned(),
                None => plan_doc.map_or_else(String::new, |doc| doc.to_string()),
            },
            Some(field) => task.said(field).next().map(|(_, text)| lines(&text)).unwrap_or_default(),
        };
        if is_csv { text.replace('\n', "<br>") } else { text }
    });
    let addition = table.new_row(cells.collect())?;
    Some(Edit { doc: table.doc().clone(), change: Change::Add { addition, gap: None } })
}

/// The next free id of a plan, in the form that the other ids have. None where nothing tells the form.
pub fn next_id(list: &TaskList, letters: &str) -> Option<String> {
    let (mut project, mut width, mut highest) = (None::<String>, 3, 0);
    let ids = list.iter().map(|task| task.id().into_owned());
    let delivered = list.delivered().filter_map(|row| row.id().map(|id| id.into_owned()));
    for id in ids.chain(delivered) {
        let Some(plan) = cite::plan_of_id(&id) else { continue };
        let Some((front, number)) = id.rsplit_once('-') else { continue };
        if project.is_none() {
            project = front.strip_suffix(plan).map(str::to_owned);
            width = number.len();
        }
        if plan == letters {
            project = front.strip_suffix(plan).map(str::to_owned);
            width = number.len();
            highest = highest.max(number.parse::<u64>().unwrap_or(0));
        }
    }
    if letters.is_empty() {
        return None;
    }
    project.map(|project| format!("{project}{letters}-{:0width$}", highest + 1))
}
