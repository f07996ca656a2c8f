//! The cockpit beside editors and agents that write the same documents at the same time: everything acknowledged is there
//! exactly once, and nothing foreign is lost.
//!
//! The writers here keep books of their own. Each change of a cell (or of the number of equal lines) is an edge from the
//! old to the new value; a saver that overwrites a whole file exchanges it and books what it really displaced, so what
//! *it* destroys is on its account. At the end the edges of each cell, those of the journal included, must form a path
//! from its first to its last value that uses every edge once: a lost, doubled or half-done edit breaks it, also one that
//! was overwritten later.
//!
//! `CODEX_TUI_BOOKS=<edits>` asks for longer runs, `CODEX_TUI_BOOKS_SEED=<n>` for another first seed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use codex_tui::doc::{Addition, CellId, DocId, Document};
use codex_tui::op::{Change, Edit, Intent, Operation};
use codex_tui::store::{Actor, Commit, ErrorKind, Refusal, Store};
use rustix::fs::{CWD, RenameFlags, renameat_with};

const DOCS: [&str; 3] = ["board.csv", "list.md", "ledger.csv"];
const ROWS: usize = 8;
const LEDGER: [&str; 2] = ["ID", "Text"];

/// A change of one cell: document and address, old and new value.
type Edge = (String, String, String);
/// The value of every cell, and how often each marked line is there.
type Values = BTreeMap<String, String>;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn pause(&mut self, micros: usize) {
        std::thread::sleep(Duration::from_micros(self.below(micros) as u64));
    }
}

/// What everybody knows.
struct World {
    root: PathBuf,
    /// Where the savers write their temporary files.
    aside: PathBuf,
    /// One foreign writer at a time on a document: what they do to each other is not ours to prove.
    turns: BTreeMap<String, Mutex<()>>,
    foreign: Mutex<Vec<Edge>>,
    /// Edges of operations over several documents: what was placed is taken back when a later document has moved, and
    /// a saver may have overwritten it in between.
    attempted: Mutex<BTreeSet<Edge>>,
    acknowledged: Mutex<BTreeSet<u64>>,
    stop: AtomicBool,
    edits: AtomicUsize,
    counts: Mutex<BTreeMap<&'static str, usize>>,
    times: Mutex<Vec<Duration>>,
}

impl World {
    fn path(&self, doc: &str) -> PathBuf {
        self.root.join(doc)
    }

    fn count(&self, what: &'static str) {
        *self.counts.lock().unwrap().entry(what).or_default() += 1;
    }

    fn took(&self, time: Duration) {
        self.times.lock().unwrap().push(time);
    }

    fn book(&self, doc: &str, old: &[u8], new: &[u8]) {
        let (old, new) = (values(doc, old), values(doc, new));
        let mut edges = self.foreign.lock().unwrap();
        for key in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
            let (from, to) = (value(&old, key), value(&new, key));
            if from != to {
                edges.push((key.clone(), from, to));
            }
        }
    }
}

fn id(doc: &str) -> DocId {
    DocId::new(doc).unwrap()
}

fn value(values: &Values, key: &str) -> String {
    values.get(key).cloned().unwrap_or_else(|| "0".to_owned())
}

fn values(doc: &str, bytes: &[u8]) -> Values {
    let mut values = Values::new();
    if doc != "ledger.csv" {
        for (cell, found) in Document::parse(id(doc), bytes.to_vec()).cells() {
            values.insert(cell_key(doc, &serde_json::to_value(&cell).unwrap()), found.value);
        }
    }
    for line in String::from_utf8_lossy(bytes).lines().filter(|line| doc == "ledger.csv" || line.starts_with("- by ")) {
        let count = values.entry(line_key(doc, line)).or_insert_with(|| "0".to_owned());
        *count = (count.parse::<usize>().unwrap() + 1).to_string();
    }
    values
}

fn cell_key(doc: &str, at: &serde_json::Value) -> String {
    format!("{doc} {at}")
}

fn line_key(doc: &str, line: &str) -> String {
    format!("{doc} line {line}")
}

fn workspace(root: &Path) {
    let mut board = "\u{feff}\"ID\",\"Cockpit\",\"Editor\",\"Shared\"\r\n".to_owned();
    let mut list = "# Steps\n\n| ID | Cockpit | Editor |\n|:---|---|:-:|\n".to_owned();
    for row in 0..ROWS {
        board.push_str(&format!("\"T-{row}\",\"c{row}\",\"e{row}\",\"s{row}\"\r\n"));
        list.push_str(&format!("| T-{row} |  c{row} | e{row}  |\n"));
    }
    board.push_str("\r\n\r\n");
    list.push_str("\n## Boxes\r\n\r\n");
    for row in 0..ROWS {
        list.push_str(&format!("- [ ] box {row}\r\n"));
    }
    list.push_str("\n## Log\n\n- by nobody\n");
    std::fs::write(root.join("board.csv"), board).unwrap();
    std::fs::write(root.join("list.md"), list).unwrap();
    std::fs::write(root.join("ledger.csv"), "ID,Text\n0,first\n").unwrap();
}

fn cells_in(doc: &Document, column: &str) -> Vec<CellId> {
    let fits = |cell: &CellId| match cell {
        CellId::Table(cell) => cell.column == column,
        CellId::Field(cell) => cell.column == column,
        CellId::Box(_) => column == "box",
        CellId::Path(_) => false,
    };
    doc.cells().map(|(cell, _)| cell).filter(fits).collect()
}

/// One of ours: commits, undoes, redoes.
fn cockpit(world: &World, name: &str, goal: usize, mut random: Random) {
    let store = Store::open(&world.root).unwrap();
    let actor = Actor { name: name.to_owned(), via: "test".to_owned() };
    let mut number = 0;
    while world.edits.load(Ordering::Relaxed) < goal {
        number += 1;
        random.pause(1500);
        let what = random.below(10);
        let began = Instant::now();
        let committed = match what {
            0 => store.undo(None, &actor),
            1 => store.redo(None, &actor),
            _ => {
                let Some(operation) = operation(&store, what, &format!("{name}-{number}"), &mut random) else {
                    world.count("met half a save while looking");
                    continue;
                };
                attempt(world, &operation);
                store.commit(&operation, &actor)
            }
        };
        world.took(began.elapsed());
        match committed {
            Ok(Commit::Done { op, notes, .. }) => {
                world.edits.fetch_add(1, Ordering::Relaxed);
                world.count("done");
                if !notes.is_empty() {
                    world.count("done with notes");
                }
                assert!(world.acknowledged.lock().unwrap().insert(op.0), "operation {op} was acknowledged twice");
            }
            Ok(Commit::Unchanged) => world.count("unchanged"),
            Ok(Commit::Refused { refusal: Refusal::Conflicts(conflicts), .. }) => {
                let gone = conflicts.iter().any(|conflict| conflict.theirs.is_none());
                world.count(if gone { "conflict, cell gone" } else { "conflict" });
            }
            Ok(Commit::Refused { refusal, .. }) => panic!("refused: {refusal}"),
            Err(error) if error.kind() == ErrorKind::Busy => {
                world.count("error: busy");
            }
            Err(error) if error.kind() == ErrorKind::Locked => world.count("error: locked"),
            Err(error) => panic!("{error}"),
        }
    }
}

fn operation(store: &Store, what: usize, mark: &str, random: &mut Random) -> Option<Operation> {
    let set = |name: &str, column: &str, write: Option<&str>, random: &mut Random| {
        let doc = store.load(&id(name)).unwrap()?;
        let cells = cells_in(&doc, column);
        let cell = cells.get(random.below(ROWS))?.clone();
        let expect = doc.find(&cell).ok()?.value;
        let write = write.map_or_else(|| (expect != "true").to_string(), str::to_owned);
        Some(Edit { doc: id(name), change: Change::Set { cell, expect, write, exact: None } })
    };
    let add = |name: &str, addition: Addition| Edit { doc: id(name), change: Change::Add { addition, gap: None } };
    let edits = match what {
        2..=4 => vec![set("board.csv", "Cockpit", Some(mark), random)?],
        5 => vec![set("board.csv", "Shared", Some(mark), random)?],
        6 => vec![set("list.md", "Cockpit", Some(mark), random)?, set("board.csv", "Cockpit", Some(mark), random)?],
        _ => vec![
            set("list.md", "box", None, random)?,
            add(
                "list.md",
                Addition::Line { heading: "Log".to_owned(), level: 2, text: format!("- by cockpit {mark}") },
            ),
            add(
                "ledger.csv",
                Addition::Record {
                    header: LEDGER.map(str::to_owned).to_vec(),
                    fields: vec![mark.to_owned(), "cockpit".to_owned()],
                },
            ),
            set("board.csv", "Shared", Some(mark), random)?,
        ],
    };
    let intent = Intent { verb: "test".to_owned(), summary: mark.to_owned() };
    Some(Operation { intent, edits, undoes: None })
}

fn attempt(world: &World, operation: &Operation) {
    let mut attempted = world.attempted.lock().unwrap();
    for edit in &operation.edits {
        attempted.extend(match &edit.change {
            Change::Set { cell, expect, write, .. } => {
                let key = cell_key(edit.doc.as_str(), &serde_json::to_value(cell).unwrap());
                Some((key, expect.clone(), write.clone()))
            }
            Change::Add { addition: Addition::Line { text, .. }, .. } => {
                Some((line_key(edit.doc.as_str(), text), "0".to_owned(), "1".to_owned()))
            }
            Change::Add { addition: Addition::Record { fields, .. }, .. } => {
                Some((line_key(edit.doc.as_str(), &fields.join(",")), "0".to_owned(), "1".to_owned()))
            }
            Change::Add {
                addition:
                    Addition::Row { .. } | Addition::Item { .. } | Addition::Entry { .. } | Addition::Document { .. },
                ..
            }
            | Change::TakeOut { .. }
            | Change::Rewrite { .. } => None,
        });
    }
}

/// New content with a mark of the writer in it.
fn marked(doc: &str, bytes: &[u8], mark: &str, random: &mut Random) -> Vec<u8> {
    if doc == "ledger.csv" {
        return [bytes, format!("{mark},editor\n").as_bytes()].concat();
    }
    let parsed = Document::parse(id(doc), bytes.to_vec());
    let shared = doc == "board.csv" && random.below(4) == 0;
    let cells = cells_in(&parsed, if shared { "Shared" } else { "Editor" });
    let patch = parsed.set(&cells[random.below(ROWS)], mark).unwrap();
    patch.apply(bytes)
}

/// Saves like most editors: looks whether the file is still as it was read, writes a new file, renames it over.
fn renaming(world: &World, mut random: Random) {
    let mut number = 0;
    while !world.stop.load(Ordering::Relaxed) {
        random.pause(4000);
        let doc = DOCS[random.below(DOCS.len())];
        let _turn = world.turns[doc].lock().unwrap();
        let read = std::fs::read(world.path(doc)).unwrap();
        number += 1;
        let new = marked(doc, &read, &format!("r{number}"), &mut random);
        random.pause(300);
        if std::fs::read(world.path(doc)).unwrap() != read {
            continue;
        }
        let tmp = world.aside.join("saved");
        std::fs::write(&tmp, &new).unwrap();
        renameat_with(CWD, &tmp, CWD, world.path(doc), RenameFlags::EXCHANGE).unwrap();
        world.book(doc, &std::fs::read(&tmp).unwrap(), &new);
        std::fs::remove_file(&tmp).unwrap();
        world.count("saved by renaming");
    }
}

/// Saves like an agent or a shell: truncates and writes piece by piece.
fn in_place(world: &World, mut random: Random) {
    let mut number = 0;
    while !world.stop.load(Ordering::Relaxed) {
        random.pause(5000);
        let doc = DOCS[random.below(DOCS.len())];
        let _turn = world.turns[doc].lock().unwrap();
        let mut file = OpenOptions::new().read(true).write(true).open(world.path(doc)).unwrap();
        let mut old = Vec::new();
        file.read_to_end(&mut old).unwrap();
        number += 1;
        let new = marked(doc, &old, &format!("i{number}"), &mut random);
        random.pause(200);
        file.set_len(0).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        for piece in new.chunks(new.len() / (1 + random.below(4)) + 1) {
            random.pause(1000);
            file.write_all(piece).unwrap();
        }
        drop(file);
        world.book(doc, &old, &new);
        world.count("saved in place");
    }
}

/// Appends lines, now and then two through one descriptor.
fn appending(world: &World, mut random: Random) {
    let mut number = 0;
    while !world.stop.load(Ordering::Relaxed) {
        random.pause(6000);
        let doc = ["list.md", "ledger.csv"][random.below(2)];
        let _turn = world.turns[doc].lock().unwrap();
        let mut file: File = OpenOptions::new().append(true).open(world.path(doc)).unwrap();
        for _ in 0..=random.below(2) {
            number += 1;
            let line = if doc == "list.md" { format!("- by appender {number}") } else { format!("a{number},appender") };
            random.pause(1500);
            file.write_all(format!("{line}\n").as_bytes()).unwrap();
            world.foreign.lock().unwrap().push((line_key(doc, &line), "0".to_owned(), "1".to_owned()));
        }
        world.count("appended");
    }
}

/// Runs everybody until ours have made `goal` edits; what does not add up.
fn run(seed: u64, goal: usize) -> Vec<String> {
    let (folder, aside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let root = folder.path().canonicalize().unwrap();
    workspace(&root);
    let read = |doc: &str| values(doc, &std::fs::read(root.join(doc)).unwrap());
    let first: Vec<Values> = DOCS.map(read).into();
    let world = World {
        root: root.clone(),
        aside: aside.path().to_owned(),
        turns: DOCS.map(|doc| (doc.to_owned(), Mutex::new(()))).into(),
        foreign: Mutex::default(),
        attempted: Mutex::default(),
        acknowledged: Mutex::default(),
        stop: AtomicBool::new(false),
        edits: AtomicUsize::new(0),
        counts: Mutex::default(),
        times: Mutex::default(),
    };
    std::thread::scope(|scope| {
        let world = &world;
        let random = |n: u64| Random(seed.wrapping_mul(1000).wrapping_add(n));
        scope.spawn(move || renaming(world, random(1)));
        scope.spawn(move || in_place(world, random(2)));
        scope.spawn(move || appending(world, random(3)));
        let ours = [("a", 4), ("b", 5)];
        let ours = ours.map(|(name, n)| scope.spawn(move || cockpit(world, name, goal, random(n))));
        let ended: Vec<_> = ours.into_iter().map(|thread| thread.join()).collect();
        world.stop.store(true, Ordering::Relaxed);
        ended.into_iter().for_each(|ended| ended.unwrap());
    });
    let last: Vec<Values> = DOCS.map(read).into();
    let mut times = world.times.lock().unwrap().clone();
    times.sort();
    let (median, longest) = (times.get(times.len() / 2), times.last());
    println!("seed {seed}: {:?}, median {median:?}, longest {longest:?}", world.counts.lock().unwrap());
    check(&world, &first, &last)
}

fn check(world: &World, first: &[Values], last: &[Values]) -> Vec<String> {
    let mut wrong = Vec::new();
    let history = Store::open(&world.root).unwrap().history();
    wrong.extend(history.problems.iter().map(|problem| format!("history: {problem}")));
    let journal: BTreeSet<u64> = history.records.iter().map(|record| record.op.0).collect();
    if journal != *world.acknowledged.lock().unwrap() || journal.len() != history.records.len() {
        let acknowledged = world.acknowledged.lock().unwrap();
        let differing: Vec<_> = journal.symmetric_difference(&acknowledged).collect();
        wrong.push(format!("the journal holds other operations than were acknowledged: {differing:?}"));
    }
    let foreign = world.foreign.lock().unwrap();
    let mut allowed = world.attempted.lock().unwrap().clone();
    let mut edges = foreign.clone();
    for record in &history.records {
        for file in &record.files {
            for edit in &file.edits {
                let edge = edge(file.file.as_str(), &edit.at, edit.old.as_deref(), edit.new.as_deref());
                allowed.insert((edge.0.clone(), edge.1.clone(), edge.2.clone()));
                edges.push(edge);
            }
        }
    }
    for (old, new) in first.iter().zip(last) {
        for key in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
            // The way back closes the path: then every value is left as often as it is reached.
            edges.push((key.clone(), value(new, key), value(old, key)));
        }
    }
    let mut surplus: BTreeMap<(&str, &str), isize> = BTreeMap::new();
    for (key, from, to) in &edges {
        *surplus.entry((key, to)).or_default() += 1;
        *surplus.entry((key, from)).or_default() -= 1;
    }
    // Placed, overwritten by a saver (which booked that), found gone when it was to be taken back.
    for (key, from, to) in &allowed {
        let overwritten = foreign.iter().filter(|(k, f, _)| k == key && f == to).count();
        for _ in 0..overwritten {
            if surplus.get(&(key, to)).is_some_and(|&n| n < 0) && surplus.get(&(key, from)).is_some_and(|&n| n > 0) {
                *surplus.entry((key, to)).or_default() += 1;
                *surplus.entry((key, from)).or_default() -= 1;
            }
        }
    }
    // Two surprises within one replacement: what was set aside counts as given back, and was reported.
    let kept = kept(&world.root);
    for (doc, kept) in &kept {
        for (key, value) in kept.iter().filter(|(key, _)| key.starts_with(doc.as_str())) {
            let mut value = value.as_str();
            while surplus.get(&(key.as_str(), value)).is_some_and(|&n| n > 0) {
                let Some((_, from, to)) = foreign.iter().find(|(k, _, to)| k == key && to == value) else { break };
                *surplus.entry((key, to)).or_default() -= 1;
                *surplus.entry((key, from)).or_default() += 1;
                value = from;
            }
        }
    }
    println!("{} versions kept aside", kept.len());
    for ((key, value), surplus) in surplus.into_iter().filter(|(_, surplus)| *surplus != 0) {
        let mut story: Vec<String> = Vec::new();
        for (k, from, to) in edges.iter().filter(|(k, from, to)| k == key && (from == value || to == value)) {
            let who = if foreign.contains(&(k.clone(), from.clone(), to.clone())) { "foreign" } else { "ours" };
            story.push(format!("{who} {from}->{to}"));
        }
        wrong.push(format!("{key}: {value:?} {surplus:+} ({})", story.join(", ")));
    }
    let tmp: Vec<_> =
        std::fs::read_dir(world.root.join(".codex-tui/tmp")).unwrap().flatten().map(|e| e.path()).collect();
    if !tmp.is_empty() {
        wrong.push(format!("left behind: {tmp:?}"));
    }
    let mut names: Vec<_> =
        std::fs::read_dir(&world.root).unwrap().flatten().map(|e| e.file_name().into_string().unwrap()).collect();
    names.sort();
    if names != [".codex-tui", "board.csv", "ledger.csv", "list.md"] {
        wrong.push(format!("litter: {names:?}"));
    }
    wrong
}

fn edge(doc: &str, at: &serde_json::Value, old: Option<&str>, new: Option<&str>) -> Edge {
    match (old, new) {
        (Some(old), Some(new)) => (cell_key(doc, at), old.to_owned(), new.to_owned()),
        (None, text) => (line_key(doc, text.unwrap_or_default()), "0".to_owned(), "1".to_owned()),
        (Some(text), None) => (line_key(doc, text), "1".to_owned(), "0".to_owned()),
    }
}

fn kept(root: &Path) -> Vec<(String, Values)> {
    let Ok(entries) = std::fs::read_dir(root.join(".codex-tui/displaced")) else { return Vec::new() };
    let entry = |path: PathBuf| {
        let name = path.file_name()?.to_str()?;
        let doc = DOCS.into_iter().find(|doc| name.ends_with(doc))?;
        Some((doc.to_owned(), values(doc, &std::fs::read(&path).unwrap())))
    };
    entries.flatten().filter_map(|kept| entry(kept.path())).collect()
}

#[test]
fn the_books_balance_beside_other_writers() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let goal = number("CODEX_TUI_BOOKS").unwrap_or(30) as usize;
    let seed = number("CODEX_TUI_BOOKS_SEED").unwrap_or(1);
    for seed in seed..seed + 2 {
        let wrong = run(seed, goal);
        assert!(wrong.is_empty(), "seed {seed}:\n{}", wrong.join("\n"));
    }
}
