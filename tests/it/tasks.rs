//! Changes of tasks over all their documents: what is set stands in exactly the cells that carry it, nothing else changes, and
//! planning what takes it back gives the first bytes again. Over fixtures that hold what real documents get wrong, the demo,
//! and the revisions in `../shared/corpus` where they are there (all in memory). `CODEX_TUI_TASKS=<n>` runs n times as many.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use codex_tui::doc::cell::Found;
use codex_tui::doc::markdown::canonical_cell;
use codex_tui::doc::{CellId, DocId, Document, Snapshot};
use codex_tui::model::plan::Plan;
use codex_tui::model::task::draft::Draft;
use codex_tui::model::task::edit::{self, Target};
use codex_tui::model::task::{CARRIERS, FieldKey, Task, TaskList, repair};
use codex_tui::op::{self, Change, FilePlan, Intent, Mode, OpId, Operation, Refusal};
use codex_tui::workbench::demo;
use codex_tui::workspace::config::Field;
use codex_tui::workspace::{Config, Role, Workspace};

/// A workspace in memory.
struct World {
    name: String,
    snapshot: Snapshot,
    config: Config,
    tasks: TaskList,
    plans: Vec<Plan>,
}

impl World {
    fn new(name: &str, docs: impl IntoIterator<Item = Arc<Document>>) -> World {
        let mut snapshot = Snapshot::default();
        snapshot.extend(docs);
        let config = Config::default();
        let ids: Vec<DocId> = snapshot.iter().map(|doc| doc.id().clone()).collect();
        let workspace = Workspace::recognise(&ids, &config);
        // What carries no tasks would only cost time.
        let carries = |doc: &Document| CARRIERS.iter().any(|role| workspace.with_role(*role).any(|id| id == doc.id()));
        let snapshot = {
            let mut kept = Snapshot::default();
            kept.extend(snapshot.iter().filter(|doc| carries(doc)).cloned().collect::<Vec<_>>());
            kept
        };
        let tasks = TaskList::project(&snapshot, &workspace, &config);
        let plans = workspace.with_role(Role::Plan).filter_map(|id| snapshot.get(id)).map(|doc| Plan::project(doc));
        let plans = plans.collect();
        World { name: name.to_owned(), snapshot, config, tasks, plans }
    }

    fn of_files(name: &str, files: &[(&str, &str)]) -> World {
        World::new(name, files.iter().map(|(path, text)| document(path, text.as_bytes())))
    }

    fn of_folder(name: &str, root: &Path) -> World {
        let mut docs = Vec::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                let relative = path.strip_prefix(root).ok().and_then(Path::to_str).map(str::to_owned);
                match relative {
                    _ if path.is_dir() => folders.push(path),
                    Some(relative) if relative.ends_with(".md") || relative.ends_with(".csv") => {
                        docs.push(document(&relative, &std::fs::read(&path).expect("a file")));
                    }
                    Some(_) | None => {}
                }
            }
        }
        World::new(name, docs)
    }

    /// The world after an operation.
    fn after(&self, files: &[FilePlan]) -> World {
        let docs: BTreeMap<DocId, Arc<Document>> =
            self.snapshot.iter().map(|doc| (doc.id().clone(), Arc::clone(doc))).collect();
        let mut docs = docs;
        for file in files {
            docs.insert(file.doc.clone(), file.after.clone().expect("no document goes"));
        }
        World::new(&self.name, docs.into_values())
    }

    fn plan(&self, operation: &Operation) -> Result<Vec<FilePlan>, Refusal> {
        op::plan(operation, Mode::Fresh, |id| self.snapshot.get(id).cloned(), |_| None).map(|plan| plan.files)
    }

    /// Plans what takes an operation back, and demands the first bytes.
    fn takes_back(&self, after: &World, files: &[FilePlan], what: &str) {
        let edits = files.iter().flat_map(|file| file.inverse.clone()).collect();
        let intent = Intent { verb: "undo".to_owned(), summary: String::new() };
        let undo = Operation { intent, edits, undoes: Some(OpId(1)) };
        let back = after.plan(&undo).unwrap_or_else(|why| panic!("{}: {what}: undo: {why}", self.name));
        let back = after.after(&back);
        for doc in self.snapshot.iter() {
            let now = back.snapshot.get(doc.id()).expect("the document");
            assert_eq!(
                String::from_utf8_lossy(now.bytes()),
                String::from_utf8_lossy(doc.bytes()),
                "{}: {what}: {} after the undo",
                self.name,
                doc.id()
            );
        }
    }

    fn task(&self, id: &str) -> Task<'_> {
        self.tasks.task(self.tasks.find(id).unwrap_or_else(|| panic!("{}: {id} is there", self.name)))
    }
}

fn document(path: &str, bytes: &[u8]) -> Arc<Document> {
    Arc::new(Document::parse(DocId::new(path).expect("a path"), bytes.to_vec()))
}

const CSV: &str = "docs/taskboard/TaskBoard.csv";
const BOARD: &str = "docs/Harbor_TaskBoard.md";
const BACKLOG: &str = "docs/CODEX_BACKLOG.md";
const PLAN_A: &str = "docs/plans/PlanA_Collector.md";
const PLAN_C: &str = "docs/plans/PlanC_Reports.md";

/// What documents of this kind get wrong, all at once: marks and mixed line ends, short and long rows, repeated ids, ids in
/// markup, id columns that are not the first, headings and headers that are there twice, tables without titles.
fn hostile() -> World {
    let csv = "\u{feff}ID,\"Title\",Column,OwnerRole,Deliverable,PlanLink,Notes\r\n\
        HB-A-001,\"Say \"\"probe\"\"\",Done - 2026-01-02,\"\",\"a, b<br/>- c\",docs/plans/PlanA_Collector.md,\"real\r\nbreak\"\r\n\
        HB-A-002,Short,Ready\r\n\
        HB-A-003,Twice,Ready,Ops,,,\n\
        HB-A-003,Twice,Ready,Ops,,,\r\n\
        \"**HB-B-001**\",\" outer \",in progress,\"Dev\",=1+1,,007\r\n\
        HB-B-002,Long,In Progress (WIP 1/2),Ops,x,y,z,surplus\r\n\
        ,no id,Ready,,,,\r\n\
        HB-D-001,\"Only\" ,Parked,,,,Blocked by HB-A-002<br>HB-A-003 follows\r\n\
        \"HB-E-001\",\"All in quotes\",\"\",\"\",\"\",\"\",\"\"\r\n\r\n\r\n";
    let board = "# Board\r\n\r\n## Now\r\n\
        | Title | ID | Column | Owner/Role | Deliverable | Links | Links |\r\n|---|:--|---|---|---|---|--:|\r\n\
        | Say \"probe\" | HB-A-001 | Done - 2026-01-02 |  | a, b<br>- c | docs/plans/PlanA_Collector.md | second |\r\n\
        <!-- LANDMARK: between the rows -->\r\n\
        Short | HB-A-002 | Ready\r\n\
        | Bold | [HB-B-001](x.md) | In flight |Dev||  | |\n\r\n\
        | Long \\| one | `HB-B-002` | In Progress | Ops | `a|b` | y | z | more | still |\r\n\
        |Twice|HB-A-003|Ready|Ops\\\\ ||||\r\n\
        text ends it\n\n## Now\n| ID | Column |\n|---|---|\n| HB-A-001 | Completed |\n| HB-C-001 | Backlog |\n";
    let backlog = "# Backlog\n\n\
        | Plan | ID | Title | Preconditions | Definition of done | Notes |\n|---|---|---|---|---|---|\n\
        | Plan A | HB-A-001 | Say \"probe\" | – | it <br /> holds | Done 2026-01-02: it does. |\n\
        | Plan C | HB-C-002 | Only here | | Done when the gate holds | Done when the gate holds |\n\
        | Plan C | HB-C-003 | Only here too | | | Done. |\n\
        | Plan C | HB-C-004 | And here | | | |\n\
        | Plan C | HB-C-005 | Short row |\n\
        | Plan C | _None_ | nothing | | | |\n";
    let plan_a = "# Plan A – Collector\n\n## Active work\n| ID | Title | Owner | Status | Notes |\n|--|--|--|--|--|\n\
        | HB-A-001 | Say \"probe\" | | Complete | |\n| HB-A-002 | Short | | | waits for HB-A-001 |\n\n\
        ## Recently delivered\n| ID | Date | Summary |\n|--|--|--|\n| HB-A-009 | 2026-01-01 | was there |";
    let plan_c =
        "# Plan C – Reports\r\r## Active work\r| Task ID | Description |\r|-|-|\r| HB-C-006 | In no other document |\r";
    World::of_files("hostile", &[(CSV, csv), (BOARD, board), (BACKLOG, backlog), (PLAN_A, plan_a), (PLAN_C, plan_c)])
}

/// All fields in quotes, and no line end at the end of any document.
fn bare_ends() -> World {
    let csv = "\"ID\",\"Title\",\"Column\",\"Notes\"\n\"HB-A-001\",\"one\",\"Backlog\",\"\"\n\"HB-A-002\",\"two\",\"Backlog\",\"n\"";
    let board = "| ID | Title | Column |\n|-|-|-|\n|HB-A-001|one|Backlog|\nHB-A-002 | two | Backlog";
    let backlog = "| ID | Title | Notes |\n|-|-|-|\n| HB-A-001 | one |";
    World::of_files("bare ends", &[(CSV, csv), (BOARD, board), (BACKLOG, backlog)])
}

fn worlds() -> Vec<World> {
    let dir = demo::temporary().expect("the demo");
    let mut worlds = vec![hostile(), bare_ends(), World::of_folder("demo", dir.path())];
    for date in ["2025-11-12", "2026-01-02"] {
        worlds.extend(super::corpus::revision(date).map(|(root, _)| World::of_folder(date, &root)));
    }
    worlds
}

/// A generator that repeats itself.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % limit
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn value(&mut self) -> String {
        match self.below(8) {
            0 => "x|".repeat(4000),
            1 => (0..self.below(6)).map(|_| *self.of(NASTY)).collect(),
            2 => (0..self.below(12))
                .map(|_| *self.of(&['|', '\\', '<', 'b', 'r', '>', '"', ',', '\n', ' ', 'é', '\r', '\t']))
                .collect(),
            _ => (*self.of(NASTY)).to_owned(),
        }
    }
}

/// Values that formats tend to get wrong.
const NASTY: &[&str] = &[
    "",
    " ",
    "|",
    "a|b",
    "a\\|b",
    "a\\",
    "\\",
    "\\\\",
    "a<br>b",
    "<BR/>",
    "x<br />",
    "<<br>br>",
    "a\nb",
    "a\r\nb",
    "a\rb",
    "\n",
    "\na\n",
    " outer ",
    "\ttab\t",
    "---",
    ":---:",
    "# x",
    "- [ ] x",
    "```",
    "~~~",
    "<!-- c",
    "-->",
    "`a|b`",
    "\"",
    "\"\"",
    "a\"b",
    "\"quoted\"",
    "a,b",
    ",",
    "=1+1",
    "+1",
    "-1",
    "@x",
    "007",
    "0",
    "1e5",
    "\u{a0}nbsp\u{a0}",
    "\u{202e}bidi",
    "\u{200b}",
    "é–≤😀",
    "e\u{301}",
    "\u{2028}",
    "HB-A-001",
    "_None_",
    "Done - 2026-01-02",
    "Done 2026-01-02: x",
    "ID",
    "[x](y)",
    "plain words",
];

/// How often each test is run.
fn rounds() -> usize {
    std::env::var("CODEX_TUI_TASKS").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day")
}

type Cells = Vec<(CellId, Found)>;

fn cells(document: &Document) -> Cells {
    document.cells().collect()
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
fn position(document: &Document, all: &Cells, cell: &CellId) -> usize {
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

#[test]
fn a_moved_task_is_there_and_nothing_else_has_moved() {
    let mut count = Count::default();
    for (at, world) in worlds().iter().enumerate() {
        let states = &world.config.states;
        let mut dice = Dice(at as u64);
        let cases = if at < 2 { 250 } else { 20 };
        for _ in 0..cases * rounds() {
            let task = world.tasks.task(dice.below(world.tasks.len()));
            let id = task.id().into_owned();
            let state = dice.of(&states.order).clone();
            let what = format!("{id} to {state}");
            let moved = edit::move_to(&[task], &state, states, today());
            let Some(after) = changed(world, moved, &what, &mut count) else { continue };
            assert_eq!(after.task(&id).state(), state, "{}: {what}", world.name);
            let again = edit::move_to(&[after.task(&id)], &state, states, today()).expect("it stands there");
            assert!(again.edits.is_empty(), "{}: {what}: moving twice writes {:?}", world.name, again.edits);
            for other in world.tasks.iter().filter(|other| other.id() != id) {
                assert_eq!(after.task(&other.id()).state(), other.state(), "{}: {what}: {}", world.name, other.id());
            }
        }
    }
    println!("{count:?}");
    assert!(count.refused * 2 < count.tried, "{count:?}");
}

#[test]
fn done_and_blocked_say_so_where_notes_are_kept() {
    let mut count = Count::default();
    for (at, world) in worlds().iter().enumerate() {
        let states = &world.config.states;
        let mut dice = Dice(at as u64);
        let cases = if at < 2 { 200 } else { 25 };
        for _ in 0..cases * rounds() {
            let task = world.tasks.task(dice.below(world.tasks.len()));
            let (id, note) = (task.id().into_owned(), *dice.of(&["it holds", "a|b, \"c\"", "two\nlines", ""]));
            let is_done = dice.below(2) == 0;
            let what = format!("{id} done {is_done} {note:?}");
            let operation = if is_done {
                edit::done(&[task], note, states, today())
            } else {
                edit::block(&[task], Some("HB-Z-001"), note, states, today())
            };
            let Some(after) = changed(world, operation, &what, &mut count) else { continue };
            let now = after.task(&id);
            assert_eq!(now.state(), if is_done { &states.done } else { &states.blocked }, "{}: {what}", world.name);
            let notes: Vec<String> =
                now.said(Field::Notes).map(|(_, text)| codex_tui::model::task::lines(&text)).collect();
            if is_done && !note.is_empty() && !notes.is_empty() {
                assert!(
                    notes.iter().any(|text| text.contains(&format!(": {note}"))),
                    "{}: {what}: {notes:?}",
                    world.name
                );
            }
            if !is_done {
                assert!(now.blocked_by().contains(&"HB-Z-001".to_owned()), "{}: {what}: {notes:?}", world.name);
            }
        }
    }
    println!("{count:?}");
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
    let mut count = Count::default();
    for (at, world) in worlds().iter().enumerate() {
        let states = &world.config.states;
        let mut dice = Dice(at as u64);
        let cases = if at < 2 { 250 } else { 20 };
        for _ in 0..cases * rounds() {
            let task = world.tasks.task(dice.below(world.tasks.len()));
            let id = task.id().into_owned();
            if dice.below(3) == 0 {
                let what = format!("delete {id}");
                let Some(after) = changed(world, edit::delete(&[task]), &what, &mut count) else { continue };
                assert_eq!(after.tasks.find(&id), None, "{}: {what}", world.name);
                assert_eq!(others(&after, &id), others(world, &id), "{}: {what}", world.name);
                continue;
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
            let Some(after) = changed(world, draft.operation(&world.tasks, states, today()), &what, &mut count) else {
                continue;
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
        }
    }
    println!("{count:?}");
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

/// Damaged documents: path, text, the damaged line, and what stands there after the repair.
const DAMAGED: &[(&str, &str, usize, &str)] = &[
    (CSV, "ID,T,N\r\n1,a,\"n\"2,b,m\r\n3,c,\r\n", 2, "1,a,\"n\"\r\n2,b,m"),
    (CSV, "ID,T,N\n\"1\",\"a\",\"n\"\"x\"\"\"\"2\",\"b\",\"m\"", 2, "\"1\",\"a\",\"n\"\"x\"\"\"\n\"2\",\"b\",\"m\""),
    (CSV, "ID,T,N\n1,a,\"n\"2,b\n", 2, "1,a,\"n\"\n2,b,"),
    (CSV, "ID,T,N\n1,a\n2,b,c\n", 2, "1,a,"),
    (CSV, "ID,T,N\n\"1\",\"a\"\n\n", 2, "\"1\",\"a\",\"\""),
    (CSV, "ID,T,N\n1,a,b,c\n", 2, "1,a,\"b,c\""),
    (CSV, "ID,T,N\n1,\"a\"x,\"b\nc\"\n2,y,z", 2, "1,\"ax\",\"b\nc\""),
    (CSV, "ID,T,N\n1,a,\"open\n2,b,c\n3,d,\"e\nf\"\n", 2, "1,a,\"open\"\n2,b,c\n3,d,\"e\nf\""),
    (BOARD, "| ID | T | N |\n|-|-|-|\n| 1 | `a|b` | c |\n| 2 | x | y |\n", 3, "| 1 | `a\\|b` | c |"),
    (BOARD, "| ID | T | N |\r\n|-|-|-|\r\n| 1 | ``a|`|b`` |c|\r\n", 3, "| 1 | ``a\\|`\\|b`` |c|"),
    (BOARD, "| ID | Notes | N |\n|-|-|-|\n| 1 | a | b | c | d |\n", 3, "| 1 | a<br>c<br>d | b |"),
    (BOARD, "| ID | T | N |\n|-|-|-|\n| 1 | a |  | c |  \n", 3, "| 1 | a | c |  "),
    (BOARD, "| ID | T | N |\n|-|-|-|\n1 | a\n", 3, "1 | a |  |"),
    (BOARD, "| ID | T | N |\n|-|-|-|\n  | 1 |\t\n| 2 | b | c |", 3, "  | 1 |  |  |\t"),
    (BOARD, "| ID | T |\n|-|-|\n|1|a\\\\||b||\n", 3, "|1|a\\\\|<br>b|"),
];

fn is_shape(rule: &str) -> bool {
    ["csv-glued-record", "csv-malformed-field", "csv-field-count", "md-ragged-row"].contains(&rule)
}

#[test]
fn a_repaired_row_reads_back_and_nothing_else_changes() {
    let config = Config::default();
    for (path, text, line, wanted) in DAMAGED {
        let world = World::of_files("damaged", &[(path, text)]);
        let doc = world.snapshot.get(&DocId::new(path).expect("a path")).expect("the document");
        let repair = repair::at(doc, *line, &config).unwrap_or_else(|why| panic!("{text:?}: {why}"));
        assert_eq!(repair.text().as_deref(), Ok(*wanted), "{text:?}");
        mends(&world, doc, &repair);
    }
}

/// Writes a repair; one problem less is there, the row has its values, all others are as they were, and it can be taken back.
fn mends(world: &World, doc: &Document, repair: &repair::Repair) {
    let what = format!("{}:{}", repair.doc, repair.line);
    let files = world.plan(&repair.operation().expect("an operation"));
    let files = files.unwrap_or_else(|why| panic!("{}: {what}: {why}", world.name));
    let after = world.after(&files);
    let now = after.snapshot.get(doc.id()).expect("the document");
    // A quote that is closed mends more than its own record.
    let (left, were) = (repair::lines(now).len(), repair::lines(doc).len());
    let exactly = left + 1 == were || (repair.rule == "csv-malformed-field" && left < were);
    assert!(exactly, "{}: {what}: {left} of {were}", world.name);
    let problems = |doc: &Document| doc.problems().iter().filter(|problem| is_shape(problem.rule)).count();
    assert!(problems(now) < problems(doc) || problems(doc) >= 100, "{}: {what}", world.name);
    // All bytes around the row are the same, so that it is enough to see that nothing moved in or out of it.
    let (old, new) = (String::from_utf8_lossy(doc.bytes()), String::from_utf8_lossy(now.bytes()));
    let text = repair.text().expect("a text");
    let at = old.match_indices(&repair.expect).find(|(at, _)| new.get(*at..).is_some_and(|new| new.starts_with(&text)));
    let (at, _) = at.expect("the place");
    assert_eq!(old[..at], new[..at]);
    assert_eq!(old[at + repair.expect.len()..], new[at + text.len()..], "{}: {what}", world.name);
    let rows: Vec<&Vec<String>> = [Some(&repair.values), repair.second.as_ref()].into_iter().flatten().collect();
    for values in rows {
        let said: Vec<Vec<String>> = match (now.csv(), now.markdown()) {
            (Some(csv), _) => csv
                .iter()
                .map(|r| (0..r.len()).map(|c| r.field(c).unwrap_or_default().into_owned()).collect())
                .collect(),
            (None, Some(markdown)) => {
                let rows = markdown.tables().iter().flat_map(|table| &table.rows);
                rows.map(|row| row.cells.iter().map(|span| markdown.cell(span).into_owned()).collect()).collect()
            }
            (None, None) => Vec::new(),
        };
        assert!(said.contains(values), "{}: {what}: {values:?}", world.name);
    }
    world.takes_back(&after, &files, &what);
}

#[test]
fn every_damaged_row_of_real_documents_is_mended_or_refused_with_its_reason() {
    let (mut mended, mut refused) = (0, 0);
    for world in worlds() {
        for doc in world.snapshot.iter().filter(|doc| doc.locked().is_none()) {
            let lines = repair::lines(doc);
            for line in lines.iter().step_by((lines.len() / (15 * rounds())).max(1)) {
                match repair::at(doc, *line, &world.config) {
                    Ok(repair) => {
                        mends(&world, doc, &repair);
                        mended += 1;
                    }
                    Err(why) => {
                        assert!(why.to_string().contains(&format!("{}:{line}: ", doc.id())), "{why}");
                        refused += 1;
                    }
                }
            }
        }
    }
    println!("{mended} rows mended, {refused} refused");
    assert!(mended > 5);
}

#[test]
fn the_operators_values_go_into_the_repaired_row_or_are_refused() {
    let config = Config::default();
    let mut dice = Dice(7);
    let (mut written, mut refused) = (0, 0);
    for (path, text, line, _) in DAMAGED.iter().cycle().take(DAMAGED.len() * 20 * rounds()) {
        let world = World::of_files("damaged", &[(path, text)]);
        let doc = world.snapshot.get(&DocId::new(path).expect("a path")).expect("the document");
        let mut repair = repair::at(doc, *line, &config).expect("a repair");
        for _ in 0..2 {
            let column = dice.below(repair.values.len());
            repair.values[column] = dice.value();
        }
        if repair.text().is_err() {
            refused += 1;
            continue;
        }
        if path.ends_with(".md") {
            repair.values.iter_mut().for_each(|value| *value = canonical_cell(value));
        }
        written += 1;
        mends(&world, doc, &repair);
    }
    println!("{written} written, {refused} refused");
    assert!(written > refused * 5);
}

#[test]
fn what_cannot_be_mended_says_why() {
    let config = Config::default();
    for (path, text, line, why) in [
        (CSV, "ID,T,N\n1,\"a,b\n2,c,d\n", 2, "close it in an editor"),
        (CSV, "ID,T,N\n1,a,b\n", 2, "not damaged"),
        (CSV, "ID,T,N\n1,a,b\n\n\n", 4, "no record"),
        (CSV, "ID,T,N\n1,a,b\n", 1, "no record"),
        (BOARD, "| ID |\n|-|\n| 1 |\n", 3, "not damaged"),
        (BOARD, "text\n", 1, "no row"),
        ("docs/x.txt", "text\n", 1, "only rows"),
    ] {
        let doc = document(path, text.as_bytes());
        let said = repair::at(&doc, line, &config).expect_err("nothing to mend").to_string();
        assert!(said.contains(why) && said.starts_with(&format!("{path}:{line}: ")), "{text:?}: {said}");
    }
    let csv = "ID,Title,Column,OwnerRole,Deliverable,Notes\nHB-A-001,a,UI,Done,2026-01-04\nHB-A-002,b,Ready,,,\n";
    let doc = document(CSV, csv.as_bytes());
    let repair = repair::at(&doc, 2, &config).expect("a repair");
    assert!(repair.shifted && !repair.certain && repair.note.contains("shifted"), "{}", repair.note);
}
