//! Three kinds of writers on one CSV and one board: the program's changes of tasks (several at once, as verbs make them), an
//! editor that saves in place, and one that saves by renaming; they change other cells, and sometimes the same ones. At the end
//! every acknowledged change is there, or was overwritten by somebody who had seen it; none has vanished, none is there
//! twice, and both documents say what the verbs wrote. `CODEX_TUI_WRITERS=<edits>` runs longer, `CODEX_TUI_SEED=<n>` repeats a seed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use chrono::NaiveDate;
use codex_tui::doc::{CellId, DocId, Document};
use codex_tui::model::task::CARRIERS;
use codex_tui::model::task::edit::{self, Target};
use codex_tui::op::Operation;
use codex_tui::workbench::{Outcome, Request, Workbench};

use super::writers::{
    Dice, Shared, Writer, actor, as_asked, files_below, judged, markers, save_by_rename, save_in_place,
};

const CSV: &str = "docs/taskboard/TaskBoard.csv";
const BOARD: &str = "docs/Harbor_TaskBoard.md";
const DOCS: [&str; 2] = [CSV, BOARD];
const ROWS: usize = 6;

/// Document, row, field.
type Cell = (String, String, String);

#[derive(Default)]
struct Model {
    /// Markers of acknowledged additions: in the title of both documents, for good.
    added: BTreeMap<String, String>,
    /// Values that acknowledged changes and saves wrote, with what each of them replaced: by cell, new to old.
    wrote: BTreeMap<Cell, BTreeMap<String, String>>,
    /// Values that somebody replaced: by cell. What a renaming editor replaced unseen is here too.
    replaced: BTreeMap<Cell, BTreeSet<String>>,
    /// The state that the newest operation gave a task: id, number, state.
    moved: BTreeMap<String, (u64, String)>,
    /// Markers of what was not done.
    refused: BTreeMap<String, String>,
    /// What operations replaced that were given up when somebody had already changed what they wrote, so that it stayed:
    /// by cell, the marker and what it replaced.
    stayed: BTreeMap<Cell, Vec<(String, String)>>,
    /// Markers of finished saves of others with their document.
    saved: BTreeSet<(String, String)>,
    /// What a renaming editor replaced unseen, or brought back, by document: it is the editor's own doing.
    destroyed: BTreeSet<(String, String)>,
    /// Rows whose state a renaming editor replaced unseen.
    unsure: BTreeSet<String>,
    operations: BTreeSet<u64>,
}

fn write_workspace(root: &Path) {
    std::fs::create_dir_all(root.join("docs/taskboard")).expect("folders");
    let mut csv = "\"ID\",\"Title\",\"Column\",\"OwnerRole\",\"Theirs\"\r\n".to_owned();
    let mut board = "# Board\n\n| ID | Title | Column | Owner/Role | Theirs |\n|----|--|--|--|--|\n".to_owned();
    for row in 0..ROWS {
        csv.push_str(&format!("\"{0}\",\"Title {row}\",\"Ready\",\"o{row}\",\"t\"\r\n", id(row)));
        board.push_str(&format!("| {} | Title {row} | Ready | o{row} | t |\n", id(row)));
        if row % 2 == 0 {
            board.push_str("<!-- LANDMARK -->\n");
        }
    }
    std::fs::write(root.join(CSV), csv).expect("the CSV");
    std::fs::write(root.join(BOARD), board).expect("the board");
}

fn id(row: usize) -> String {
    format!("HB-A-{row:03}")
}

fn address(doc: &str, id: &str, column: &str) -> CellId {
    let column = if column == "Owner" { if doc == CSV { "OwnerRole" } else { "Owner/Role" } } else { column };
    let at = if doc == CSV {
        format!(r#"{{"id_column":"ID","id":"{id}","column":"{column}"}}"#)
    } else {
        format!(r#"{{"heading":"Board","row":"{id}","column":"{column}"}}"#)
    };
    serde_json::from_str(&at).expect("an address")
}

fn value(document: &Document, id: &str, column: &str) -> Option<String> {
    document.find(&address(document.id().as_str(), id, column)).ok().map(|found| found.value)
}

fn parsed(doc: &str, bytes: &[u8]) -> Document {
    Document::parse(DocId::new(doc).expect("a path"), bytes.to_vec())
}

/// What a verb is about to do.
enum Act {
    Append,
    Own,
    Move(&'static str),
}

/// The operation that a verb would build from what it has read; none when a task could not be read.
fn operation(bench: &Workbench, act: &Act, id: &str, marker: &str) -> Option<(Operation, Vec<Target>)> {
    let tasks = &bench.view().tasks;
    let task = tasks.task(tasks.find(id)?);
    let targets = |name: &str| Target::all_of(&edit::field_named(task, name, None).ok()?).ok();
    match act {
        Act::Append => {
            let targets = targets("title")?;
            Some((edit::append(id, "title", &targets, marker), targets))
        }
        Act::Own => {
            let targets = targets("owner")?;
            Some((edit::set(id, "owner", &targets, marker), targets))
        }
        Act::Move(state) => {
            let today = NaiveDate::from_ymd_opt(2026, 11, 21)?;
            let moved = edit::move_to(&[task], state, &bench.config().states, today).ok()?;
            Some((moved, Vec::new()))
        }
    }
}

/// The program: each change begins with reading the documents, as a verb does.
fn verbs(shared: &Shared<Model>, name: &str, mut dice: Dice) {
    while shared.goes_on() {
        let marker = shared.marker("zm");
        let id = id(dice.below(ROWS));
        let act = match dice.below(4) {
            0 => Act::Append,
            1 | 2 => Act::Own,
            _ => Act::Move(["Ready", "In Progress", "Blocked", "Done"][dice.below(4)]),
        };
        let mut bench = Workbench::open(&shared.root).expect("the workspace");
        bench.load_for_change(&CARRIERS);
        if bench.blind_to(&CARRIERS).is_some() {
            continue;
        }
        let Some((operation, targets)) = operation(&bench, &act, &id, &marker) else { continue };
        dice.pause(500);
        let outcome = bench.run(&Request::Commit(operation), &actor(name));
        shared.edited();
        let mut model = shared.model();
        let Outcome::Done { op, .. } = outcome else {
            let outcome = format!("{outcome:?}");
            let stays =
                |target: &&Target| outcome.contains(&format!("{}: ", target.doc)) && outcome.contains("so it stays");
            for target in targets.iter().filter(stays).filter(|_| matches!(act, Act::Own)) {
                let cell = (target.doc.to_string(), id.clone(), "Owner".to_owned());
                model.stayed.entry(cell).or_default().push((marker.clone(), target.seen.clone()));
            }
            model.refused.insert(marker, outcome);
            continue;
        };
        assert!(model.operations.insert(op.0), "operation {op} twice");
        match act {
            Act::Append => {
                model.added.insert(marker, id);
            }
            Act::Own => {
                assert_eq!(targets.len(), 2, "the owner stands in both documents");
                for target in targets {
                    let cell = (target.doc.to_string(), id.clone(), "Owner".to_owned());
                    model.replaced.entry(cell.clone()).or_default().insert(target.seen.clone());
                    model.wrote.entry(cell).or_default().insert(marker.clone(), target.seen);
                }
            }
            Act::Move(state) => {
                let newest = model.moved.entry(id).or_default();
                if op.0 > newest.0 {
                    *newest = (op.0, state.to_owned());
                }
            }
        }
        drop(model);
        dice.pause(2000);
    }
}

/// What an editor types: into its own column mostly, sometimes into a cell that the verbs write.
struct Typing {
    id: String,
    column: &'static str,
    marker: String,
    old: String,
}

fn typed(doc: &str, read: &[u8], typing: &mut Typing) -> Option<Vec<u8>> {
    let document = parsed(doc, read);
    // Read in the middle of something: an editor would show it, and nobody would type.
    (0..ROWS).try_for_each(|row| value(&document, &id(row), "Theirs").map(|_| ()))?;
    typing.old = value(&document, &typing.id, typing.column)?;
    let new =
        if typing.column == "Owner" { typing.marker.clone() } else { format!("{} {}", typing.old, typing.marker) };
    let patch = document.set(&address(doc, &typing.id, typing.column), &new).ok()?;
    Some(patch.apply(read))
}

fn editor(shared: &Shared<Model>, by_rename: bool, mut dice: Dice) {
    while shared.goes_on() {
        let longest = if dice.below(5) == 0 { 500 } else { 60_000 };
        dice.pause(longest);
        let doc = DOCS[dice.below(2)];
        let marker = shared.marker("zf");
        let column = ["Theirs", "Theirs", "Theirs", "Title", "Owner"][dice.below(5)];
        let mut typing = Typing { id: id(dice.below(ROWS)), column, marker: marker.clone(), old: String::new() };
        let guard = shared.editors.lock().expect("one editor at a time");
        let path = shared.root.join(doc);
        let saved = if by_rename {
            let saved = save_by_rename(&path, &mut dice, |read, _| typed(doc, read, &mut typing));
            if let Some(saved) = saved.as_ref().filter(|saved| saved.came != saved.read) {
                overwritten(shared, doc, &marker, &saved.came, &saved.written);
            }
            saved.is_some()
        } else {
            save_in_place(&path, &mut dice, |read, _| typed(doc, read, &mut typing))
        };
        if saved {
            shared.edited();
            let mut model = shared.model();
            if column == "Owner" {
                let cell = (doc.to_owned(), typing.id, "Owner".to_owned());
                model.replaced.entry(cell.clone()).or_default().insert(typing.old.clone());
                model.wrote.entry(cell).or_default().insert(marker, typing.old);
            } else {
                model.saved.insert((doc.to_owned(), marker));
            }
        }
        drop(guard);
    }
}

/// Notes what a renaming editor replaced without having seen it.
fn overwritten(shared: &Shared<Model>, doc: &str, own: &str, came: &[u8], written: &[u8]) {
    let mut model = shared.model();
    let (came_markers, new_markers): (BTreeSet<String>, BTreeSet<String>) =
        (markers(came).into_iter().collect(), markers(written).into_iter().collect());
    let differing = came_markers.symmetric_difference(&new_markers).filter(|marker| *marker != own);
    model.destroyed.extend(differing.map(|marker| (doc.to_owned(), marker.clone())));
    let (came, written) = (parsed(doc, came), parsed(doc, written));
    for row in 0..ROWS {
        let both = |column: &str| (value(&came, &id(row), column), value(&written, &id(row), column));
        if let (Some(was), Some(is)) = both("Owner")
            && was != is
        {
            model.replaced.entry((doc.to_owned(), id(row), "Owner".to_owned())).or_default().insert(was);
        }
        let (was, is) = both("Column");
        if was != is {
            model.unsure.insert(id(row));
        }
    }
}

fn judge(root: &Path, model: &Model) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut kept: BTreeSet<String> = BTreeSet::new();
    for path in files_below(&root.join(".codex-tui/displaced")) {
        kept.extend(markers(&std::fs::read(&path).expect("a kept file")));
    }
    wrong.extend(files_below(&root.join(".codex-tui/tmp")).iter().map(|path| format!("litter: {}", path.display())));
    if root.join(".codex-tui/pending.json").exists() {
        wrong.push("an operation is still pending".to_owned());
    }
    for doc in DOCS {
        let bytes = std::fs::read(root.join(doc)).expect("a document");
        let document = parsed(doc, &bytes);
        let text = markers(&bytes);
        let count = |marker: &str| text.iter().filter(|other| *other == marker).count();
        let excused =
            |marker: &str| model.destroyed.contains(&(doc.to_owned(), marker.to_owned())) || kept.contains(marker);
        for (marker, id) in &model.added {
            let there = value(&document, id, "Title").is_some_and(|title| markers(title.as_bytes()).contains(marker));
            if (count(marker) != 1 || !there) && !excused(marker) {
                wrong.push(format!("{doc}: {marker} was added to {id} and is there {} times", count(marker)));
            }
        }
        for (_, marker) in model.saved.iter().filter(|(of, _)| of == doc) {
            if count(marker) != 1 && !excused(marker) {
                wrong.push(format!("{doc}: {marker} of an editor is there {} times", count(marker)));
            }
        }
        for (marker, outcome) in &model.refused {
            if count(marker) != 0 && !excused(marker) && !outcome.contains("so it stays") {
                wrong.push(format!("{doc}: {marker} is there after {outcome}"));
            }
        }
        for row in 0..ROWS {
            let cell = (doc.to_owned(), id(row), "Owner".to_owned());
            let last = value(&document, &id(row), "Owner").unwrap_or_default();
            let none = BTreeSet::new();
            let replaced = model.replaced.get(&cell).unwrap_or(&none);
            // What was given up but stayed is replaced by somebody who saw it; and so is what stood there before it.
            let under_another = |marker: &String| {
                let stayed = model.stayed.get(&cell).into_iter().flatten();
                stayed.filter(|(stayed, _)| replaced.contains(stayed)).any(|(_, seen)| seen == marker)
            };
            for marker in model.wrote.get(&cell).into_iter().flat_map(BTreeMap::keys) {
                if *marker != last && !replaced.contains(marker) && !kept.contains(marker) && !under_another(marker) {
                    wrong.push(format!("{doc}: the owner {marker} of {} has vanished; it is {last}", id(row)));
                }
            }
            let known =
                last == format!("o{row}") || model.wrote.get(&cell).is_some_and(|wrote| wrote.contains_key(&last));
            if !known {
                wrong.push(format!("{doc}: nobody wrote the owner {last:?} of {}", id(row)));
            }
            if let Some((op, state)) = model.moved.get(&id(row)).filter(|_| !model.unsure.contains(&id(row))) {
                let column = value(&document, &id(row), "Column").unwrap_or_default();
                if !column.starts_with(state.as_str()) {
                    wrong.push(format!("{doc}: operation {op} moved {} to {state}, and it says {column}", id(row)));
                }
            }
        }
    }
    wrong
}

fn run(seed: u64, edits: usize, limit: Duration) -> usize {
    let dir = tempfile::tempdir().expect("a folder");
    write_workspace(dir.path());
    let shared = Shared::new(dir.path());
    let mut writers: Vec<Writer<'_>> = Vec::new();
    for number in 0..3 {
        let (shared, dice) = (&shared, Dice(seed * 100 + number));
        writers.push(Box::new(move || verbs(shared, &format!("verb {number}"), dice)));
    }
    for (number, by_rename) in [(50, true), (51, false)] {
        let (shared, dice) = (&shared, Dice(seed * 100 + number));
        writers.push(Box::new(move || editor(shared, by_rename, dice)));
    }
    let took = shared.write(edits, limit, writers);
    let mut bench = Workbench::open(dir.path()).expect("the workspace");
    let recovered = bench.recover(&actor("the end")).expect("recovered");
    bench.load_all();
    let model = shared.model();
    let mut wrong = judge(dir.path(), &model);
    let history: Vec<u64> = bench.view().history.iter().map(|operated| operated.op.0).collect();
    if !model.operations.iter().all(|op| history.iter().filter(|other| *other == op).count() == 1) {
        wrong.push("an acknowledged operation is not in the history once".to_owned());
    }
    let kinds = |word: &str| model.refused.values().filter(|outcome| outcome.starts_with(word)).count();
    println!(
        "seed {seed}: {} edits in {took:?}: {} operations done, {} nothing to do, {} conflicts, {} refused, {} failed; {} saves of editors, {} of their markers lost by a renaming one; recovered {recovered:?}",
        shared.edits(),
        model.operations.len(),
        kinds("Unchanged"),
        kinds("Conflict"),
        kinds("Refused") + kinds("Damaged"),
        kinds("Failed"),
        shared.edits() - model.operations.len() - model.refused.len(),
        model.destroyed.len(),
    );
    let is_unwanted = |outcome: &&String| outcome.starts_with("Failed") || outcome.starts_with("Refused");
    judged(seed, dir, &wrong, model.refused.values().filter(is_unwanted));
    shared.edits()
}

#[test]
fn no_change_of_a_task_vanishes_beside_editors() {
    as_asked(1..=1, 6, run);
}
