//! Changes of tasks over all their documents: what is set stands in exactly the cells that carry it, nothing else changes, and
//! planning what takes it back gives the first bytes again. Over fixtures that hold what real documents get wrong, the demo,
//! and the revisions in `../shared/corpus` where they are there (all in memory). `CODEX_TUI_TASKS=<n>` runs n times as many.

mod repair;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;
use codex_tui::doc::cell::Found;
use codex_tui::doc::markdown::canonical_cell;
use codex_tui::doc::{CellId, DocId, Document};
use codex_tui::model::task::draft::Draft;
use codex_tui::model::task::edit::{self, Target};
use codex_tui::model::task::{FieldKey, Task};
use codex_tui::op::{Change, FilePlan, Operation, Refusal};
use codex_tui::workspace::config::Field;

use self::world::{Dice, World, rounds, worlds};
use super::given::cells;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day")
}

fn column(cell: &CellId) -> &str {
    match cell {
        CellId::Table(cell) => &cell.column,
        CellId::Field(cell) => &cell.column,
        CellId::Box(cell) => &cell.text,
        CellId::Path(_) => "",
    }
}

/// Position of a target among a document's cells.
fn position(document: &Document, all: &[(CellId, Found)], cell: &CellId) -> usize {
    let found = document.find(cell).unwrap_or_else(|why| panic!("{cell:?}: {why}"));
    let same =
        |(other, at): &(CellId, Found)| at.span == found.span && at.line == found.line && column(other) == column(cell);
    all.iter().position(same).unwrap_or_else(|| panic!("{cell:?} is a cell of its document"))
}

/// Demands that the operation's sets, and nothing else, are what differs between the worlds, byte by byte and cell by cell.
fn only_sets_differ(world: &World, operation: &Operation, files: &[FilePlan], what: &str) {
    let named: BTreeSet<&DocId> = operation.edits.iter().map(|edit| &edit.doc).collect();
    for file in files {
        assert!(named.contains(&file.doc), "{}: {what}: {} was not meant", world.name, file.doc);
        let (before, after) = (file.before.as_ref().expect("it was there"), file.after.as_ref().expect("it stays"));
        let (was, is) = (cells(before), cells(after));
        assert_eq!(was.len(), is.len(), "{}: {what}: {}", world.name, file.doc);
        let mut meant = BTreeMap::new();
        let mut touched = (usize::MAX, 0);
        for edit in operation.edits.iter().filter(|edit| edit.doc == file.doc) {
            let Change::Set { cell, write, .. } = &edit.change else { panic!("{what}: only sets") };
            let at = position(before, &was, cell);
            meant.insert(at, before.canonical(cell, write));
            touched = (touched.0.min(was[at].1.span.start), touched.1.max(was[at].1.span.end));
        }
        for (at, ((cell, was), (_, is))) in was.iter().zip(&is).enumerate() {
            let wanted = meant.get(&at).unwrap_or(&was.value);
            assert_eq!(&is.value, wanted, "{}: {what}: {} line {} {}", world.name, file.doc, was.line, column(cell));
        }
        let (old, new) = (before.bytes(), after.bytes());
        let prefix = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        let suffix = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
        let blank = |bytes: &[u8]| bytes.iter().all(|b| *b == b' ' || *b == b'\t');
        let (first, last) = (prefix.min(touched.0), (old.len() - suffix).max(touched.1));
        assert!(
            blank(&old[first..touched.0]) && blank(&old[touched.1..last]),
            "{}: {what}: bytes beside the cell",
            world.name
        );
    }
}

/// The text that every cell of the targets is going to say.
fn agreed(targets: &[Target], value: &str) -> String {
    let text = value.replace("\r\n", "\n").replace('\r', "\n");
    let text = ["<br>", "<br/>", "<br />"].iter().fold(text, |text, tag| without_case(&text, tag));
    if targets.iter().any(|target| matches!(target.cell, CellId::Table(_))) { canonical_cell(&text) } else { text }
}

/// `text` with a line feed for each `tag`, compared without case.
fn without_case(text: &str, tag: &str) -> String {
    let mut out = text.to_owned();
    let mut from = 0;
    while let Some(at) = out[from..].to_ascii_lowercase().find(tag) {
        out.replace_range(from + at..from + at + tag.len(), "\n");
        from += at + 1;
    }
    out
}

#[derive(Default, Debug)]
struct Count {
    tried: usize,
    written: usize,
    nothing: usize,
    refused: usize,
}

fn set_somewhere(world: &World, dice: &mut Dice, count: &mut Count) {
    let task = world.tasks.task(dice.below(world.tasks.len()));
    let fields = task.fields();
    let field = dice.of(&fields);
    if field.key == FieldKey::Shared(Field::Id) {
        return;
    }
    let value = dice.value();
    count.tried += 1;
    let id = task.id().into_owned();
    let what = format!("{id} {:?} = {value:?}", field.key);
    let Ok(targets) = Target::all_of(field) else {
        count.refused += 1;
        return;
    };
    assert_eq!(targets.len(), field.cells.len());
    let operation = edit::set(&id, field.label, &targets, &value);
    let files = match world.plan(&operation) {
        Ok(files) => files,
        Err(why) => {
            assert!(matches!(why, Refusal::Find { .. }), "{}: {what}: {why}", world.name);
            assert!(why.to_string().len() > 20, "a refusal says why");
            count.refused += 1;
            return;
        }
    };
    only_sets_differ(world, &operation, &files, &what);
    let after = world.after(&files);
    if files.is_empty() {
        count.nothing += 1;
    } else {
        count.written += 1;
    }
    let now = after.task(&id);
    let now = now.field(&field.key).unwrap_or_else(|| panic!("{}: {what}: the field is there", world.name));
    let wanted = agreed(&targets, &value);
    for (was, cell) in field.cells.iter().zip(&now.cells) {
        // What was shown and is confirmed stays as it is written.
        let confirmed = was.text() == value.replace("\r\n", "\n") || was.value() == value;
        assert!(
            cell.text() == wanted || confirmed && cell.text() == was.text(),
            "{}: {what}: {:?} reads {:?}, not {wanted:?}",
            world.name,
            cell.row.doc(),
            cell.text()
        );
    }
    world.takes_back(&after, &files, &what);
}

#[test]
fn a_field_is_set_in_exactly_the_cells_that_carry_it() {
    let mut count = Count::default();
    for (at, world) in worlds().iter().enumerate() {
        let mut dice = Dice(at as u64);
        let cases = if at < 2 { 800 } else { 60 };
        for _ in 0..cases * rounds() {
            set_somewhere(world, &mut dice, &mut count);
        }
    }
    println!("{count:?}");
    assert!(count.written * 10 > count.tried * 7, "{count:?}: the test has become empty");
}

/// Plans a change of tasks, demands that it can be taken back and gives the world after it; none when it was refused.
fn changed(world: &World, operation: Result<Operation, edit::Refused>, what: &str, count: &mut Count) -> Option<World> {
    count.tried += 1;
    let operation = match operation {
        Ok(operation) => operation,
        Err(why) => {
            assert!(why.to_string().contains(' '), "a refusal says why");
            count.refused += 1;
            return None;
        }
    };
    let files = world.plan(&operation).unwrap_or_else(|why| panic!("{}: {what}: {why}", world.name));
    if operation.edits.iter().all(|edit| matches!(edit.change, Change::Set { .. })) {
        only_sets_differ(world, &operation, &files, what);
    }
    let after = world.after(&files);
    count.written += usize::from(!files.is_empty());
    count.nothing += usize::from(files.is_empty());
    world.takes_back(&after, &files, what);
    Some(after)
}

/// Tries something with tasks of all worlds: so often with those of the fixtures, and with those of each other world.
fn with_any_task(
    of_fixtures: usize,
    of_others: usize,
    mut attempt: impl FnMut(&World, Task<'_>, &mut Dice, &mut Count),
) -> Count {
    let mut count = Count::default();
    for (at, world) in worlds().iter().enumerate() {
        let mut dice = Dice(at as u64);
        let cases = if at < 2 { of_fixtures } else { of_others };
        for _ in 0..cases * rounds() {
            let task = world.tasks.task(dice.below(world.tasks.len()));
            attempt(world, task, &mut dice, &mut count);
        }
    }
    println!("{count:?}");
    count
}

#[test]
fn a_moved_task_is_there_and_nothing_else_has_moved() {
    let count = with_any_task(250, 20, |world, task, dice, count| {
        let states = &world.config.states;
        let id = task.id().into_owned();
        let state = dice.of(&states.order).clone();
        let what = format!("{id} to {state}");
        let moved = edit::move_to(&[task], &state, states, today());
        let Some(after) = changed(world, moved, &what, count) else { return };
        assert_eq!(after.task(&id).state(), state, "{}: {what}", world.name);
        let again = edit::move_to(&[after.task(&id)], &state, states, today()).expect("it stands there");
        assert!(again.edits.is_empty(), "{}: {what}: moving twice writes {:?}", world.name, again.edits);
        for other in world.tasks.iter().filter(|other| other.id() != id) {
            assert_eq!(after.task(&other.id()).state(), other.state(), "{}: {what}: {}", world.name, other.id());
        }
    });
    assert!(count.refused * 2 < count.tried, "{count:?}");
}

#[test]
fn done_and_blocked_say_so_where_notes_are_kept() {
    let count = with_any_task(200, 25, |world, task, dice, count| {
        let states = &world.config.states;
        let (id, note) = (task.id().into_owned(), *dice.of(&["it holds", "a|b, \"c\"", "two\nlines", ""]));
        let is_done = dice.below(2) == 0;
        let what = format!("{id} done {is_done} {note:?}");
        let operation = if is_done {
            edit::done(&[task], note, states, today())
        } else {
            edit::block(&[task], Some("HB-Z-001"), note, states, today())
        };
        let Some(after) = changed(world, operation, &what, count) else { return };
        let now = after.task(&id);
        assert_eq!(now.state(), if is_done { &states.done } else { &states.blocked }, "{}: {what}", world.name);
        let notes: Vec<String> = now.said(Field::Notes).map(|(_, text)| codex_tui::model::task::lines(&text)).collect();
        if is_done && !note.is_empty() && !notes.is_empty() {
            assert!(notes.iter().any(|text| text.contains(&format!(": {note}"))), "{}: {what}: {notes:?}", world.name);
        }
        if !is_done {
            assert!(now.blocked_by().contains(&"HB-Z-001".to_owned()), "{}: {what}: {notes:?}", world.name);
        }
    });
    assert!(count.refused * 2 < count.tried, "{count:?}");
}

/// The values of all cells by document, without the rows of one task.
fn others(world: &World, id: &str) -> BTreeMap<DocId, Vec<String>> {
    let lines: BTreeSet<(&DocId, usize)> = match world.tasks.find(id) {
        Some(at) => world.tasks.task(at).rows().map(|row| (row.doc(), row.line())).collect(),
        None => BTreeSet::new(),
    };
    let row_of = |doc: &Document, found: &Found| match doc.csv() {
        // A field may begin some lines below its record.
        Some(csv) => csv.record_at(found.span.start).map_or(0, |at| csv.record(at).line()),
        None => found.line,
    };
    let values = |doc: &Arc<Document>| {
        let all = cells(doc).into_iter().filter(|(_, found)| !lines.contains(&(doc.id(), row_of(doc, found))));
        (doc.id().clone(), all.map(|(_, found)| found.value).collect())
    };
    world.snapshot.iter().map(values).collect()
}

#[test]
fn added_cloned_and_deleted_tasks_leave_the_others_alone() {
    let count = with_any_task(250, 20, |world, task, dice, count| {
        let states = &world.config.states;
        let id = task.id().into_owned();
        if dice.below(3) == 0 {
            let what = format!("delete {id}");
            let Some(after) = changed(world, edit::delete(&[task]), &what, count) else { return };
            assert_eq!(after.tasks.find(&id), None, "{}: {what}", world.name);
            assert_eq!(others(&after, &id), others(world, &id), "{}: {what}", world.name);
            return;
        }
        let clone = dice.below(2) == 0;
        let mut draft = if clone {
            Draft::clone_of(task, &world.tasks, &world.plans, states)
        } else {
            let letters = task.plan().unwrap_or_default();
            Draft::new(&world.tasks, &world.plans, &letters, states)
        };
        if draft.id.is_empty() {
            draft.id = "HB-Q-001".to_owned();
        }
        let title = format!("New {}", dice.of(&["one", "a|b", "\"q\", r", "x\ny", "c\\"]));
        draft.set(Field::Title, &title);
        if dice.below(2) == 0 {
            let state = dice.below(states.order.len());
            draft.set(Field::State, &states.order[state]);
        }
        for row in &mut draft.rows {
            row.into = row.into && dice.below(4) > 0;
        }
        let what = format!("add {} (clone of {id}: {clone})", draft.id);
        let Some(after) = changed(world, draft.operation(&world.tasks, states, today()), &what, count) else {
            return;
        };
        assert_eq!(others(&after, &draft.id), others(world, &draft.id), "{}: {what}", world.name);
        let new = after.task(&draft.id);
        assert_eq!(new.rows().len(), draft.rows.iter().filter(|row| row.into).count(), "{}: {what}", world.name);
        let titles = new.said(Field::Title).all(|(_, text)| codex_tui::model::task::lines(&text) == title);
        assert!(titles, "{}: {what}", world.name);
        // A clone says what each document said of the original.
        let drifting = |task: Task<'_>| task.drift().into_iter().map(|drift| drift.field).collect::<BTreeSet<_>>();
        assert!(
            drifting(new).is_empty() || clone && drifting(new).is_subset(&drifting(task)),
            "{}: {what}: {:?}",
            world.name,
            new.drift()
        );
        let boarded = new.rows().any(|row| row.column(Field::State).is_some());
        let state = draft.fields().find(|(field, _)| *field == Field::State).map(|(_, text)| text.to_owned());
        if boarded || state.as_deref() == Some(&*states.done) {
            assert_eq!(Some(new.state().to_owned()), state, "{}: {what}", world.name);
        }
    });
    assert!(count.refused * 2 < count.tried, "{count:?}");
}

#[test]
fn several_tasks_are_deleted_and_brought_back_together() {
    for (at, world) in worlds().iter().enumerate() {
        let mut dice = Dice(at as u64);
        for _ in 0..10 * rounds() {
            let chosen: BTreeSet<usize> = (0..2 + dice.below(5)).map(|_| dice.below(world.tasks.len())).collect();
            let tasks: Vec<Task<'_>> = chosen.iter().map(|at| world.tasks.task(*at)).collect();
            let ids: Vec<String> = tasks.iter().map(|task| task.id().into_owned()).collect();
            let what = format!("delete {ids:?}");
            let mut count = Count::default();
            let Some(after) = changed(world, edit::delete(&tasks), &what, &mut count) else { continue };
            assert!(ids.iter().all(|id| after.tasks.find(id).is_none()), "{}: {what}", world.name);
            assert_eq!(after.tasks.len() + ids.len(), world.tasks.len(), "{}: {what}", world.name);
        }
    }
}

#[test]
fn a_renamed_task_has_its_new_id_everywhere() {
    for world in worlds().iter().take(3) {
        for task in world.tasks.iter() {
            let id = task.id().into_owned();
            let mut count = Count::default();
            let what = format!("rename {id}");
            let renamed = edit::rename(&world.tasks, task, "HB-Q-007");
            let Some(after) = changed(world, renamed, &what, &mut count) else { continue };
            let repeated = task.rows().len() > after.task("HB-Q-007").rows().len();
            assert!(repeated || after.tasks.find(&id).is_none(), "{}: {what}", world.name);
        }
        let first = world.tasks.task(0);
        for bad in ["", "two words", "None", "**HB-Q-001**", &*world.tasks.task(1).id()] {
            assert!(edit::rename(&world.tasks, first, bad).is_err(), "{bad:?}");
        }
    }
}
