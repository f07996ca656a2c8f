//! Changing tasks from the board: each action becomes one operation over all documents that carry what is changed, shown
//! as a diff before it is written. What the operator saw when a dialog opened is what the documents must still hold.

use super::{Board, Target, session};
use crate::doc::DocId;
use crate::model::task::draft::{DRAFTED, Draft};
use crate::model::task::edit::{self, Target as Cell};
use crate::model::task::repair::Repair;
use crate::model::task::{FieldKey, Task, TaskField};
use crate::model::toolbox::work::Landing;
use crate::op::{Intent, Operation};
use crate::tui::action::Action;
use crate::tui::pane::{
    About, Ask, Choice, ChooseSpec, Current, Cx, EditorSpec, FieldValue, Flow, FormField, FormSpec, repair, sync,
};
use crate::workspace::config::Field;

/// What a dialog is open on.
#[derive(Debug, Clone, Default)]
pub(super) enum Open {
    /// Nothing.
    #[default]
    Nothing,
    /// A field is to be chosen; whether it is then edited everywhere.
    Choosing { everywhere: bool },
    /// A field, with its cells as they were.
    Field { label: String, cells: Vec<Cell> },
    /// All fields, with their cells and texts as they were.
    Card(Vec<(String, String, Vec<Cell>, String)>),
    /// A task that is not there yet; its id, once it was handed in.
    Draft(Box<Draft>, Option<String>),
    /// A damaged row.
    Repair(Box<Repair>),
    /// What may be mended, by index among the findings.
    Mending(Vec<u32>),
}

/// Longer texts are edited in a text area.
const LINE: usize = 60;

impl Board {
    /// The tasks that an action is about: the marked ones, else the selected one.
    pub(super) fn chosen<'a>(&self, cx: &Cx<'a>) -> Vec<Task<'a>> {
        let tasks = &cx.view.tasks;
        let marked: Vec<Task<'a>> =
            self.marks.iter().filter_map(|id| tasks.find(id)).map(|index| tasks.task(index)).collect();
        if marked.is_empty() { self.task(cx).into_iter().collect() } else { marked }
    }

    /// `e`: the field under the cursor of the detail, else one that is chosen.
    pub(super) fn edit(&mut self, everywhere: bool, cx: &Cx<'_>) -> Flow {
        let Some(task) = self.task(cx) else { return Flow::done() };
        if self.open == super::Open::Inside
            && let Some(Target::Cell { doc, column, .. }) = self.detail.target()
        {
            let (doc, column) = (doc.clone(), *column);
            let fields = task.fields();
            let holds =
                |field: &&TaskField<'_>| field.cells.iter().any(|cell| *cell.row.doc() == doc && cell.column == column);
            return match fields.iter().find(holds) {
                Some(field) => self.open_field(task, field, if everywhere { None } else { Some(&doc) }),
                None => Flow::Say("this cell has no column of its own; x repairs the row".to_owned()),
            };
        }
        let fields = task.fields();
        let fields = fields.iter().filter(|field| field.key != FieldKey::Shared(Field::Id));
        let options = if everywhere { fields.map(choice).collect() } else { fields.flat_map(choices).collect() };
        self.dialog = Open::Choosing { everywhere };
        let alone = if everywhere { "" } else { " in one document" };
        let (title, about) = (format!("Edit {}{alone}", task.id()), About::Pick(task.id().into_owned()));
        Flow::Choose(Box::new(ChooseSpec { title, options, at: 0, about, pane: self.id }))
    }

    fn open_field(&mut self, task: Task<'_>, field: &TaskField<'_>, only: Option<&DocId>) -> Flow {
        let mut field = field.clone();
        if let Some(doc) = only {
            field.cells.retain(|cell| cell.row.doc() == doc);
        }
        let cells = match Cell::all_of(&field) {
            Ok(cells) => cells,
            Err(why) => return Flow::Say(why.to_string()),
        };
        let spec = EditorSpec {
            title: format!("{} of {}", field.label, task.id()),
            places: cells.iter().map(Cell::place).collect(),
            text: field.text(),
            hint: if field.differs() { "the documents differ; this is what the first one says" } else { "" }.to_owned(),
            about: About::Field { id: task.id().into_owned(), field: key_text(&field.key) },
            pane: self.id,
        };
        self.dialog = Open::Field { label: field.label.to_owned(), cells };
        Flow::Edit(Box::new(spec))
    }

    /// `i`: all fields in one form.
    pub(super) fn edit_card(&mut self, cx: &Cx<'_>) -> Flow {
        let Some(task) = self.task(cx) else { return Flow::done() };
        let (mut fields, mut card) = (Vec::new(), Vec::new());
        for field in task.fields() {
            let cells = match Cell::all_of(&field) {
                Ok(cells) => cells,
                Err(why) => return Flow::Say(why.to_string()),
            };
            let (key, text) = (key_text(&field.key), field.text());
            fields.push(FormField {
                key: key.clone(),
                label: named_field(&field),
                value: text_value(&text),
                note: cells.iter().map(Cell::place).collect::<Vec<_>>().join(", "),
            });
            card.push((key, field.label.to_owned(), cells, text));
        }
        self.dialog = Open::Card(card);
        let id = task.id().into_owned();
        Flow::Form(Box::new(FormSpec { title: id.clone(), fields, about: About::Card(id), pane: self.id }))
    }

    /// `a`: a new task; where there are plans, first its plan is chosen.
    pub(super) fn add(&mut self, cx: &Cx<'_>) -> Flow {
        let mut options: Vec<Choice> = Vec::new();
        for plan in cx.view.plans.iter().filter(|plan| !plan.letters.is_empty()) {
            if options.iter().all(|option| option.key != plan.letters) {
                let label = format!("Plan {}", plan.letters);
                options.push(Choice { key: plan.letters.clone(), label, note: plan.title.clone() });
            }
        }
        if options.is_empty() {
            return self.answered(&About::NewTask, "", cx);
        }
        options.push(Choice { key: String::new(), label: "No plan".to_owned(), note: String::new() });
        let own = self.task(cx).and_then(|task| task.plan());
        let at = options.iter().position(|option| Some(&option.key) == own.as_ref()).unwrap_or(0);
        self.dialog = Open::Nothing;
        let title = "New task: its plan".to_owned();
        Flow::Choose(Box::new(ChooseSpec { title, options, at, about: About::NewTask, pane: self.id }))
    }

    /// `c`: a task like this one.
    pub(super) fn clone_task(&mut self, cx: &Cx<'_>) -> Flow {
        let Some(task) = self.task(cx) else { return Flow::done() };
        let draft = Draft::clone_of(task, &cx.view.tasks, &cx.view.plans, &cx.view.config.states);
        let id = task.id().into_owned();
        self.open_draft(draft, format!("New task like {id}"), About::Clone(id), cx)
    }

    fn open_draft(&mut self, draft: Draft, title: String, about: About, cx: &Cx<'_>) -> Flow {
        let line = |key: &str, label: &str, value, note: &str| FormField {
            key: key.to_owned(),
            label: label.to_owned(),
            value,
            note: note.to_owned(),
        };
        let mut fields = vec![line("id", "Id", FieldValue::Line(draft.id.clone()), "a free one is proposed")];
        for (field, text) in draft.fields() {
            let value = match field {
                Field::State => states(&cx.view.config.states.order, text),
                Field::Deliverable | Field::Definition | Field::Notes => FieldValue::Text(text.to_owned()),
                Field::Area => areas(cx, text),
                Field::Id
                | Field::Title
                | Field::Owner
                | Field::PlanLink
                | Field::Plan
                | Field::Preconditions
                | Field::Priority => text_value(text),
            };
            fields.push(line(field.name(), label(field), value, ""));
        }
        for (at, row) in draft.rows.iter().enumerate() {
            let label = if at == 0 { "Into" } else { "" };
            fields.push(line(row.doc.as_str(), label, FieldValue::Check(row.into), row.doc.as_str()));
        }
        self.dialog = Open::Draft(Box::new(draft), None);
        Flow::Form(Box::new(FormSpec { title, fields, about, pane: self.id }))
    }

    /// `d`: out of every document.
    pub(super) fn delete(&mut self, cx: &Cx<'_>) -> Flow {
        written(edit::delete(&self.chosen(cx)))
    }

    /// `m`: to a state that is chosen.
    pub(super) fn choose_state(&mut self, cx: &Cx<'_>) -> Flow {
        let chosen = self.chosen(cx);
        let Some(first) = chosen.first() else { return Flow::done() };
        let options: Vec<Choice> = cx
            .view
            .tasks
            .states()
            .iter()
            .filter(|state| !state.is_empty())
            .map(|state| Choice { key: state.clone(), label: state.clone(), note: String::new() })
            .collect();
        let at = options.iter().position(|option| option.key == first.state()).unwrap_or(0);
        let title = format!("Move {} to", named(&chosen));
        let about = About::State(ids(&chosen));
        Flow::Choose(Box::new(ChooseSpec { title, options, at, about, pane: self.id }))
    }

    /// `H`, `L`: one state on.
    pub(super) fn shift(&mut self, steps: isize, cx: &Cx<'_>) -> Flow {
        let chosen = self.chosen(cx);
        let Some(first) = chosen.first() else { return Flow::done() };
        let states = cx.view.tasks.states();
        let to = first.state_index().checked_add_signed(steps).and_then(|at| states.get(at));
        match to {
            Some(state) => self.move_to(&chosen, state, cx),
            None => Flow::Say(format!("there is no column beyond {}", first.state())),
        }
    }

    /// The tasks are moved to the state.
    pub(super) fn move_to(&self, tasks: &[Task<'_>], state: &str, cx: &Cx<'_>) -> Flow {
        written(edit::move_to(tasks, state, &cx.view.config.states, cx.now.date()))
    }

    /// `b`: blocked, and why.
    pub(super) fn ask_block(&mut self, cx: &Cx<'_>) -> Flow {
        let chosen = self.chosen(cx);
        let ids = ids(&chosen);
        let hint = match is_active(&ids, cx) {
            true => "What blocks it? It goes onto the task and into the journal",
            false => "What blocks it? It goes onto the task, in every document",
        };
        ask(&chosen, About::BlockReason(ids), "Block", hint, false)
    }

    /// `D`: done, with a note.
    pub(super) fn ask_finish(&mut self, cx: &Cx<'_>) -> Flow {
        let chosen = self.chosen(cx);
        let ids = ids(&chosen);
        if is_active(&ids, cx) {
            let hint = "What was done? It goes onto the task, into progress and journal";
            return ask(&chosen, About::Finish(ids), "Land", hint, false);
        }
        let hint = "What shows it? It goes into the notes; may stay empty";
        ask(&chosen, About::Finish(ids), "Finish", hint, true)
    }

    /// `x`: a damaged row of the task is repaired, else its documents are made to agree.
    pub(super) fn mend(&mut self, cx: &Cx<'_>) -> Flow {
        let Some(task) = self.task(cx) else { return Flow::done() };
        let here = match self.detail.target().filter(|_| self.open == super::Open::Inside) {
            Some(Target::Row(doc, line) | Target::Cell { doc, line, .. }) => Some((doc.clone(), *line)),
            Some(Target::Cited(_)) | None => None,
        };
        let damaged = task.rows().filter(|row| row.damage().is_some()).map(|row| (row.doc().clone(), row.line()));
        let damaged: Vec<(DocId, usize)> = damaged.collect();
        let first = damaged.iter().find(|place| Some(*place) == here.as_ref()).or_else(|| damaged.first());
        if let Some((doc, line)) = first {
            let (flow, repair) = repair::open(doc, *line, self.id, cx);
            self.dialog = repair.map_or(Open::Nothing, Open::Repair);
            return flow;
        }
        let (sync, id) = (&cx.view.sync, task.id());
        let of_task = |at: &u32| sync.findings[*at as usize].id.as_deref() == Some(&*id);
        let findings: Vec<u32> = (0..sync.findings.len() as u32).filter(of_task).collect();
        let (flow, choices) = sync::mend(sync, &id, &findings, self.id);
        self.dialog = Open::Mending(choices);
        flow
    }

    /// `Space`: marks the task, or takes the mark away, and goes on.
    pub(super) fn mark(&mut self, cx: &Cx<'_>) -> Flow {
        let Some(task) = self.task(cx) else { return Flow::done() };
        let id = task.id().into_owned();
        if !self.marks.remove(&id) {
            self.marks.insert(id);
        }
        self.go_in_list(crate::tui::action::Move::Down, cx)
    }

    /// The answer of a dialog that this pane opened.
    pub(super) fn answered(&mut self, about: &About, text: &str, cx: &Cx<'_>) -> Flow {
        let tasks = &cx.view.tasks;
        let these = |ids: &[String]| -> Vec<Task<'_>> {
            ids.iter().filter_map(|id| tasks.find(id)).map(|index| tasks.task(index)).collect()
        };
        match about {
            About::Finish(ids) if is_active(ids, cx) => {
                let landing = Landing { summary: text.to_owned(), lessons: Vec::new() };
                written(cx.view.land_work(&landing, cx.now))
            }
            About::Finish(ids) => written(edit::done(&these(ids), text, &cx.view.config.states, cx.now.date())),
            About::Pick(_) if matches!(self.dialog, Open::Mending(_)) => match &self.dialog {
                Open::Mending(choices) => sync::mend_chosen(&cx.view.sync, choices, text),
                Open::Nothing
                | Open::Choosing { .. }
                | Open::Field { .. }
                | Open::Card(_)
                | Open::Draft(..)
                | Open::Repair(_) => Flow::done(),
            },
            About::Pick(id) => {
                let Open::Choosing { everywhere } = self.dialog else { return Flow::done() };
                let Some(task) = tasks.find(id).map(|index| tasks.task(index)) else { return gone(id) };
                let fields = task.fields();
                let of_all = |field: &&TaskField<'_>| everywhere && key_text(&field.key) == text;
                // In one document: what was chosen is one of the field's cells.
                let only = fields.iter().find_map(|field| {
                    let at = choices(field).position(|choice| !everywhere && choice.key == text)?;
                    Some((field, field.cells[at].row.doc().clone()))
                });
                match (fields.iter().find(of_all), only) {
                    (Some(field), _) => self.open_field(task, field, None),
                    (None, Some((field, doc))) => self.open_field(task, field, Some(&doc)),
                    (None, None) => gone(text),
                }
            }
            // The other cells of the rows are found by the id: it has a way of its own.
            About::Field { id, field } if field == Field::Id.name() => match tasks.find(id) {
                Some(index) => written(edit::rename(tasks, tasks.task(index), text)),
                None => gone(id),
            },
            About::Field { id, .. } => match &self.dialog {
                Open::Field { label, cells } => written(Ok(edit::set(id, label, cells, text))),
                Open::Nothing
                | Open::Choosing { .. }
                | Open::Card(_)
                | Open::Draft(..)
                | Open::Repair(_)
                | Open::Mending(_) => Flow::done(),
            },
            About::State(ids) => self.move_to(&these(ids), text, cx),
            About::BlockReason(ids) if is_active(ids, cx) => written(cx.view.block_work(text, cx.now)),
            About::BlockReason(ids) => {
                written(edit::block(&these(ids), None, text, &cx.view.config.states, cx.now.date()))
            }
            About::NewTask => {
                let draft = Draft::new(tasks, &cx.view.plans, text, &cx.view.config.states);
                let title = if text.is_empty() { "New task".to_owned() } else { format!("New task of plan {text}") };
                self.open_draft(draft, title, About::NewTask, cx)
            }
            _ => Flow::Passed,
        }
    }

    /// The answer of a form that this pane opened.
    /// The task that was added here, once it is there: it is what the operator wants to see next.
    pub(super) fn added(&mut self, cx: &Cx<'_>) -> Option<u32> {
        let Open::Draft(_, handed_in) = &mut self.dialog else { return None };
        let index = cx.view.tasks.find(handed_in.as_deref()?)?;
        *handed_in = None;
        Some(index as u32)
    }

    pub(super) fn filled_in(&mut self, about: &About, values: &[(String, FieldValue)], cx: &Cx<'_>) -> Flow {
        match (about, &self.dialog) {
            (About::NewTask | About::Clone(_), Open::Draft(draft, _)) => {
                let mut draft = draft.clone();
                for (key, value) in values {
                    if key == "id" {
                        draft.id = value.text().to_owned();
                    } else if let Some(field) = DRAFTED.into_iter().find(|field| field.name() == key) {
                        draft.set(field, value.text());
                    } else if let Some(row) = draft.rows.iter_mut().find(|row| row.doc.as_str() == key) {
                        row.into = *value == FieldValue::Check(true);
                    }
                }
                if let Open::Draft(_, handed_in) = &mut self.dialog {
                    *handed_in = Some(draft.id.clone());
                }
                written(draft.operation(&cx.view.tasks, &cx.view.config.states, cx.now.date()))
            }
            (About::Repair { .. }, Open::Repair(repair)) => repair::filled(repair, values),
            (About::Card(id), Open::Card(card)) => {
                let mut edits = Vec::new();
                let (mut labels, mut renamed) = (Vec::new(), None);
                for (key, label, cells, text) in card {
                    let new = values.iter().find(|(own, _)| own == key).map(|(_, value)| value.text());
                    let Some(new) = new.filter(|new| new != text) else { continue };
                    if key == Field::Id.name() {
                        renamed = Some(new.to_owned());
                    } else {
                        edits.extend(edit::set(id, label, cells, new).edits);
                        labels.push(label.as_str());
                    }
                }
                if let Some(new) = renamed {
                    let task = cx.view.tasks.find(id).map(|index| cx.view.tasks.task(index));
                    return match task {
                        // The other cells are found by the id.
                        Some(_) if !edits.is_empty() => Flow::Say("change the id alone, then the rest".to_owned()),
                        Some(task) => written(edit::rename(&cx.view.tasks, task, &new)),
                        None => gone(id),
                    };
                }
                let summary = format!("set {} of {id}", labels.join(", "));
                let intent = Intent { verb: "task set".to_owned(), summary };
                written(Ok(Operation { intent, edits, undoes: None }))
            }
            (About::Session(id), _) => session::filled(id, values, cx),
            (_, _) => Flow::Passed,
        }
    }

    /// What stands in the documents now for a field that is being edited, alone or in the form of all.
    pub(super) fn now(&self, about: &About, cx: &Cx<'_>) -> Current {
        let About::Field { id, field } = about else { return Current::Unknown };
        let cells = match &self.dialog {
            Open::Field { cells, .. } => cells,
            Open::Card(card) => match card.iter().find(|(key, ..)| key == field) {
                Some((_, _, cells, _)) => cells,
                None => return Current::Unknown,
            },
            Open::Nothing | Open::Choosing { .. } | Open::Draft(..) | Open::Repair(_) | Open::Mending(_) => {
                return Current::Unknown;
            }
        };
        let Some(task) = cx.view.tasks.find(id).map(|index| cx.view.tasks.task(index)) else { return Current::Gone };
        let fields = task.fields();
        let Some(field) = fields.iter().find(|other| key_text(&other.key) == *field) else { return Current::Gone };
        // The one that somebody changed is the one to be told of.
        let seen = |doc: &DocId| cells.iter().find(|cell| cell.doc == *doc).map(|cell| cell.seen.as_str());
        let changed = field.cells.iter().find(|cell| seen(cell.row.doc()).is_some_and(|seen| cell.value() != seen));
        let lead = || field.cells.iter().find(|cell| seen(cell.row.doc()).is_some());
        changed.or_else(lead).map_or(Current::Gone, |cell| Current::Text(cell.text()))
    }
}

/// The operation is shown before it is written; one that changes nothing is said.
fn written(operation: Result<Operation, edit::Refused>) -> Flow {
    match operation {
        Ok(operation) if operation.edits.is_empty() => Flow::Say("nothing to change: it stands so already".to_owned()),
        Ok(operation) => Flow::Preview(Box::new(operation)),
        Err(why) => Flow::Say(why.to_string()),
    }
}

/// Whether these are the one task that is being worked on where a journal is kept: its end is written there, too.
fn is_active(ids: &[String], cx: &Cx<'_>) -> bool {
    let active = || cx.view.active_task().is_ok_and(|task| ids == [task.id()]);
    cx.view.works_by_toolbox() && active()
}

/// Whether an action is about a task that is there.
pub(super) fn needs_task(action: Action) -> bool {
    matches!(
        action,
        Action::EditField
            | Action::EditCell
            | Action::EditCard
            | Action::CloneTask
            | Action::DeleteTask
            | Action::MoveTask
            | Action::MoveLeft
            | Action::MoveRight
            | Action::BlockTask
            | Action::FinishTask
            | Action::StartSession
            | Action::Mark
            | Action::Mend
    )
}

fn gone(what: &str) -> Flow {
    Flow::Say(format!("{what} is no longer there"))
}

fn ask(tasks: &[Task<'_>], about: About, verb: &str, hint: &str, may_be_empty: bool) -> Flow {
    let context = match tasks {
        [] => return Flow::done(),
        [one] => one.title().into_owned(),
        // Which ones: the title says only how many.
        many => ids(many).join(", "),
    };
    Flow::Ask(Ask { about, title: format!("{verb} {}", named(tasks)), context, hint: hint.to_owned(), may_be_empty })
}

fn ids(tasks: &[Task<'_>]) -> Vec<String> {
    tasks.iter().map(|task| task.id().into_owned()).collect()
}

fn named(tasks: &[Task<'_>]) -> String {
    match tasks {
        [one] => one.id().into_owned(),
        many => format!("{} tasks", many.len()),
    }
}

/// A field's name as text, for dialogs.
fn key_text(key: &FieldKey) -> String {
    match key {
        FieldKey::Shared(field) => field.name().to_owned(),
        FieldKey::Own { doc, column } => format!("{doc}#{column}"),
    }
}

fn choice(field: &TaskField<'_>) -> Choice {
    let place = match field.cells.as_slice() {
        [one] => format!("{}: ", one.row.doc().file_name()),
        many => format!("{} documents: ", many.len()),
    };
    let text = field.text().replace('\n', " ");
    let note = format!("{place}{}", if text.is_empty() { "(empty)" } else { &text });
    Choice { key: key_text(&field.key), label: named_field(field), note }
}

/// A field as it stands in each of its documents, in the order of its cells.
fn choices<'a>(field: &'a TaskField<'_>) -> impl Iterator<Item = Choice> + 'a {
    field.cells.iter().map(|cell| {
        let one = TaskField { cells: vec![*cell], ..field.clone() };
        Choice { key: format!("{} {}", cell.row.doc(), key_text(&field.key)), ..choice(&one) }
    })
}

/// A field's label; with the kind of its document where the field is that document's own.
fn named_field(field: &TaskField<'_>) -> String {
    match (&field.key, field.cells.first()) {
        (FieldKey::Own { .. }, Some(cell)) => format!("{} ({})", field.label, cell.row.kind().name()),
        (FieldKey::Own { .. } | FieldKey::Shared(_), _) => field.label.to_owned(),
    }
}

fn text_value(text: &str) -> FieldValue {
    if text.contains('\n') || text.chars().count() > LINE {
        FieldValue::Text(text.to_owned())
    } else {
        FieldValue::Line(text.to_owned())
    }
}

/// The areas of the YAML backlog, one chosen.
fn areas(cx: &Cx<'_>, text: &str) -> FieldValue {
    let areas: Vec<String> = cx.view.tasks.tables().flat_map(|table| table.areas()).map(str::to_owned).collect();
    if areas.is_empty() {
        return text_value(text);
    }
    let at = areas.iter().position(|area| area == text).unwrap_or(0);
    FieldValue::Choice { options: areas, at }
}

/// The vocabulary with the state chosen; a state that is not in it is offered first.
fn states(order: &[String], text: &str) -> FieldValue {
    let mut options = order.to_vec();
    let at = options.iter().position(|state| state == text).unwrap_or_else(|| {
        options.insert(0, text.to_owned());
        0
    });
    FieldValue::Choice { options, at }
}

fn label(field: Field) -> &'static str {
    match field {
        Field::Id => "Id",
        Field::Title => "Title",
        Field::State => "State",
        Field::Owner => "Owner",
        Field::Deliverable => "Deliverable",
        Field::PlanLink => "Plan link",
        Field::Plan => "Plan",
        Field::Preconditions => "Preconditions",
        Field::Definition => "Definition of done",
        Field::Priority => "Priority",
        Field::Area => "Area",
        Field::Notes => "Notes",
    }
}
