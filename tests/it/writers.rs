//! Several cockpits beside editors and agents that write the same documents: every acknowledged edit is there exactly once,
//! nothing that somebody else saved is lost by the store, and what failed changed nothing.
//!
//! Every edit carries a marker of its own, so that each can be looked for at the end. What an editor destroys itself
//! (it read, somebody wrote, it saved) is told apart: the rename-saver exchanges and looks at what came out; the one that
//! saves in place reads again once it has the file open; editors exclude each other. `CODEX_TUI_WRITERS=<edits>` runs
//! longer, `CODEX_TUI_SEED=<n>` repeats one seed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::RangeInclusive;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use codex_tui::doc::cell::{End, PathCell};
use codex_tui::doc::{Addition, CellId, DocId, Document};
use codex_tui::op::{Change, Edit, Intent, Operation};
use codex_tui::workbench::{Actor, Outcome, Request, Workbench};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use tempfile::TempDir;

const BOARD: &str = "docs/taskboard/TaskBoard.csv";
const LOG: &str = "docs/agents/sessions/2026-11-20_session-0001.md";
const LEDGER: &str = "docs/agents/sessions/SessionChecklist.csv";
const TODO: &str = "docs/TODO.yaml";
const PROGRESS: &str = "ai/state/progress.json";
const DOCS: [&str; 5] = [BOARD, LOG, LEDGER, TODO, PROGRESS];
const ROWS: usize = 6;
const HEADER: [&str; 2] = ["Step", "Evidence"];

/// What is known about all edits.
#[derive(Default)]
struct Model {
    /// Markers of acknowledged operations, each in all documents.
    done: BTreeSet<String>,
    /// Markers of operations that were reported as not done.
    refused: BTreeMap<String, String>,
    /// Markers of finished saves of others, with their document.
    saved: BTreeSet<(String, String)>,
    /// What a rename-saver replaced unseen, by document.
    destroyed: BTreeSet<(String, String)>,
    /// What a rename-saver brought back that had gone meanwhile, by document.
    revived: BTreeSet<(String, String)>,
}

/// What all writers on one workspace share, and the books `M` that they keep.
pub struct Shared<M> {
    pub root: PathBuf,
    pub model: Mutex<M>,
    /// Editors exclude each other.
    pub editors: Mutex<()>,
    stop: AtomicBool,
    next: AtomicUsize,
    edits: AtomicUsize,
}

/// One of the writers.
pub type Writer<'s> = Box<dyn FnOnce() + Send + 's>;

impl<M: Default> Shared<M> {
    pub fn new(root: &Path) -> Shared<M> {
        Shared {
            root: root.to_owned(),
            model: Mutex::default(),
            editors: Mutex::default(),
            stop: AtomicBool::new(false),
            next: AtomicUsize::new(0),
            edits: AtomicUsize::new(0),
        }
    }
}

impl<M> Shared<M> {
    pub fn model(&self) -> MutexGuard<'_, M> {
        self.model.lock().expect("the model")
    }

    /// Whether the writers are to go on.
    pub fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    /// A marker that nobody has used.
    pub fn marker(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// One more edit was made, or tried.
    pub fn edited(&self) {
        self.edits.fetch_add(1, Ordering::Relaxed);
    }

    pub fn edits(&self) -> usize {
        self.edits.load(Ordering::Relaxed)
    }

    /// Lets the writers write until they made so many edits, or the time is over. How long they did.
    pub fn write(&self, edits: usize, limit: Duration, writers: Vec<Writer<'_>>) -> Duration {
        let start = Instant::now();
        std::thread::scope(|scope| {
            for writer in writers {
                scope.spawn(writer);
            }
            while self.edits() < edits && start.elapsed() < limit {
                std::thread::sleep(Duration::from_millis(10));
            }
            self.stop.store(true, Ordering::Relaxed);
        });
        start.elapsed()
    }
}

/// Says some of the outcomes that nobody wants, and fails with what is wrong; then the workspace is kept.
pub fn judged<'o>(seed: u64, dir: TempDir, wrong: &[String], unwanted: impl Iterator<Item = &'o String>) {
    unwanted.take(5).for_each(|outcome| println!("  {outcome}"));
    if !wrong.is_empty() {
        panic!("seed {seed}, workspace {}:\n{}", dir.keep().display(), wrong.join("\n"));
    }
}

/// Runs these seeds for some seconds, or what the environment asks for. `run` takes a seed, edits and a limit, and gives the
/// edits that were made.
pub fn as_asked(seeds: RangeInclusive<u64>, seconds: u64, run: impl Fn(u64, usize, Duration) -> usize) {
    let asked = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let long = Duration::from_secs(600);
    match (asked("CODEX_TUI_WRITERS"), asked("CODEX_TUI_SEED")) {
        (None, None) => seeds.for_each(|seed| assert!(run(seed, 300, Duration::from_secs(seconds)) > 0)),
        (wanted, Some(seed)) => assert!(run(seed, wanted.unwrap_or(2000) as usize, long) > 0),
        (Some(wanted), None) => {
            let (mut made, mut seed) = (0, 1);
            while made < wanted as usize {
                made += run(seed, 2000.min(wanted as usize - made), long);
                seed += 1;
            }
            println!("{made} edits, {} seeds", seed - 1);
        }
    }
}

/// A generator that repeats itself for a seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % limit
    }

    pub fn pause(&mut self, micros: usize) {
        std::thread::sleep(Duration::from_micros(self.below(micros + 1) as u64));
    }
}

pub fn actor(name: &str) -> Actor {
    Actor { name: name.to_owned(), via: "test".to_owned() }
}

pub fn markers(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text).into_owned();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words
        .filter(|word| word.len() > 2 && (word.starts_with("zm") || word.starts_with("zf")))
        .map(str::to_owned)
        .collect()
}

fn write_workspace(root: &Path) {
    std::fs::create_dir_all(root.join("docs/taskboard")).expect("folders");
    std::fs::create_dir_all(root.join("docs/agents/sessions")).expect("folders");
    let mut board = "ID,Title,Notes,Theirs\r\n".to_owned();
    for row in 0..ROWS {
        board.push_str(&format!("HB-A-{row:03},Title {row},n{row},t{row}\r\n"));
    }
    std::fs::write(root.join(BOARD), board).expect("the board");
    let log = "# Agent Session Log\n\n- **Date:** 2026-11-20\n\n## Changes\n- begun\n\n## Outcome\n- open\n";
    std::fs::write(root.join(LOG), log).expect("the log");
    std::fs::write(root.join(LEDGER), "Step,Evidence\n").expect("the ledger");
    std::fs::create_dir_all(root.join("ai/state")).expect("folders");
    let todo = "# Backlog\nareas:\n  - id: one\n    tasks:\n      - id: t\n        notes: # newest last\n          - begun\n  - id: two\n";
    std::fs::write(root.join(TODO), todo).expect("the backlog");
    let progress = "{\n  \"version\": 1,\n  \"recent_updates\": [\n    {\"task_id\": \"t\"}\n  ]\n}\n";
    std::fs::write(root.join(PROGRESS), progress).expect("the state");
}

/// One operation over all documents, planned on what stands there just now.
fn operation(root: &Path, marker: &str, row: usize) -> Option<Operation> {
    let bytes = std::fs::read(root.join(BOARD)).ok()?;
    let id = DocId::new(BOARD).expect("a path");
    let at = format!(r#"{{"id_column":"ID","id":"HB-A-{row:03}","column":"Notes"}}"#);
    let cell: CellId = serde_json::from_str(&at).expect("an address");
    let value = Document::parse(id.clone(), bytes).find(&cell).ok()?.value;
    let line = Addition::Line { heading: "Changes".to_owned(), level: 2, text: format!("10:00 – {marker}") };
    let header = HEADER.map(str::to_owned).to_vec();
    let record = Addition::Record { header, fields: vec![marker.to_owned(), "seen".to_owned()] };
    let add = |doc: &str, addition| Edit {
        doc: DocId::new(doc).expect("a path"),
        change: Change::Add { addition, gap: None },
    };
    let path = |address: &str| -> PathCell { serde_json::from_str(address).expect("an address") };
    let note = Addition::Item {
        at: path(r#"["areas",{"id":"one"},"tasks",{"id":"t"},"notes"]"#),
        text: format!("\"10:00: {marker}\""),
        end: End::End,
    };
    let update = Addition::Item {
        at: path(r#""/recent_updates""#),
        text: format!(r#"{{"task_id": "{marker}"}}"#),
        end: End::Start,
    };
    let set = Change::Set { cell, write: format!("{value} {marker}"), expect: value, exact: None };
    Some(Operation {
        intent: Intent { verb: "test".to_owned(), summary: format!("write {marker}") },
        edits: vec![
            Edit { doc: id, change: set },
            add(LOG, line),
            add(LEDGER, record),
            add(TODO, note),
            add(PROGRESS, update),
        ],
        undoes: None,
    })
}

fn cockpit(shared: &Shared<Model>, name: &str, mut dice: Dice) {
    let mut bench = Workbench::open(&shared.root).expect("the workspace");
    while shared.goes_on() {
        let marker = shared.marker("zm");
        let Some(operation) = operation(&shared.root, &marker, dice.below(ROWS)) else { continue };
        let outcome = bench.run(&Request::Commit(operation), &actor(name));
        shared.edited();
        let mut model = shared.model();
        match outcome {
            Outcome::Done { .. } => {
                model.done.insert(marker);
            }
            other => {
                model.refused.insert(marker, format!("{other:?}"));
            }
        }
        drop(model);
        dice.pause(2000);
    }
}

/// The text with the marker in it, as somebody would type it; none when it was read in the middle of something.
fn typed(doc: &str, text: &str, marker: &str, dice: &mut Dice) -> Option<String> {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    if doc == BOARD {
        let row = 1 + dice.below(ROWS);
        let line = lines.get(row)?.trim_end().to_owned();
        let mut fields: Vec<String> = line.split(',').map(str::to_owned).collect();
        // Mostly their own column, sometimes the very cell that the cockpits write.
        let column = if dice.below(4) == 0 { 2 } else { 3 };
        fields.get_mut(column)?.push_str(&format!(" {marker}"));
        lines[row] = fields.join(",") + "\r\n";
    } else if doc == LOG {
        let at = lines.iter().position(|line| line.starts_with("## Outcome"))?;
        lines.insert(at + 1, format!("- {marker}\n"));
    } else if doc == TODO {
        let at = lines.iter().position(|line| line.contains("notes:"))?;
        lines.insert(at + 1, format!("          - theirs {marker}\n"));
    } else if doc == PROGRESS {
        let at = lines.iter().position(|line| line.contains("recent_updates"))?;
        lines.insert(at + 1, format!("    {{\"task_id\": \"{marker}\"}},\n"));
    } else {
        lines.push(format!("{marker},theirs\n"));
    }
    Some(lines.concat())
}

fn editor(shared: &Shared<Model>, mut dice: Dice) {
    while shared.goes_on() {
        // Mostly with pauses, sometimes several saves in a row.
        let longest = if dice.below(5) == 0 { 500 } else { 60_000 };
        dice.pause(longest);
        let doc = DOCS[dice.below(DOCS.len())];
        let marker = shared.marker("zf");
        let guard = shared.editors.lock().expect("one editor at a time");
        let saved = match dice.below(3) {
            0 => rename_saver(shared, doc, &marker, &mut dice),
            1 => in_place_saver(shared, doc, &marker, &mut dice),
            _ => appender(shared, doc, &marker, &mut dice),
        };
        if saved {
            shared.edited();
            shared.model().saved.insert((doc.to_owned(), marker));
        }
        drop(guard);
    }
}

/// What an editor that saves by renaming read, wrote, and took out of the way.
pub struct Renamed {
    pub read: Vec<u8>,
    pub written: Vec<u8>,
    pub came: Vec<u8>,
}

/// Saves as an editor that renames: reads, types, looks once more, exchanges. None when nothing was typed or saved.
pub fn save_by_rename(
    path: &Path,
    dice: &mut Dice,
    typed: impl FnOnce(&[u8], &mut Dice) -> Option<Vec<u8>>,
) -> Option<Renamed> {
    let read = std::fs::read(path).ok()?;
    let written = typed(&read, dice)?;
    let tmp = path.with_extension("swp");
    std::fs::write(&tmp, &written).expect("a temporary file");
    dice.pause(300);
    if std::fs::read(path).ok().as_deref() != Some(&read[..]) {
        std::fs::remove_file(&tmp).expect("removed");
        return None;
    }
    renameat_with(CWD, &tmp, CWD, path, RenameFlags::EXCHANGE).expect("the document is there");
    let came = std::fs::read(&tmp).expect("what came out");
    std::fs::remove_file(&tmp).expect("removed");
    Some(Renamed { read, written, came })
}

fn rename_saver(shared: &Shared<Model>, doc: &str, marker: &str, dice: &mut Dice) -> bool {
    let typing =
        |read: &[u8], dice: &mut Dice| typed(doc, &String::from_utf8_lossy(read), marker, dice).map(String::into_bytes);
    let Some(saved) = save_by_rename(&shared.root.join(doc), dice, typing) else { return false };
    if saved.came != saved.read {
        let (old, new): (BTreeSet<String>, BTreeSet<String>) =
            (markers(&saved.came).into_iter().collect(), markers(&saved.written).into_iter().collect());
        let mut model = shared.model();
        model.destroyed.extend(old.difference(&new).map(|marker| (doc.to_owned(), marker.clone())));
        let revived = new.difference(&old).filter(|other| *other != marker);
        model.revived.extend(revived.map(|marker| (doc.to_owned(), marker.clone())));
    }
    true
}

fn is_at(file: &File, path: &Path) -> bool {
    let (own, named) = (file.metadata().expect("metadata"), std::fs::metadata(path).expect("metadata"));
    (own.dev(), own.ino()) == (named.dev(), named.ino())
}

/// Saves as an editor that writes into the file itself, in some pieces. Whether it did.
pub fn save_in_place(path: &Path, dice: &mut Dice, typed: impl FnOnce(&[u8], &mut Dice) -> Option<Vec<u8>>) -> bool {
    let mut file = OpenOptions::new().read(true).write(true).open(path).expect("the document");
    let mut read = Vec::new();
    file.read_to_end(&mut read).expect("read");
    // Once it is open, the store waits for it; what stands at the path may be a newer file by now.
    if !is_at(&file, path) {
        return false;
    }
    let Some(text) = typed(&read, dice) else { return false };
    file.set_len(0).expect("truncated");
    file.seek(SeekFrom::Start(0)).expect("at the start");
    let size = text.len().div_ceil(1 + dice.below(4));
    for chunk in text.chunks(size) {
        file.write_all(chunk).expect("written");
        dice.pause(6000);
    }
    if dice.below(200) == 0 {
        // Held open for longer than anybody waits.
        std::thread::sleep(Duration::from_millis(2300));
    }
    true
}

fn in_place_saver(shared: &Shared<Model>, doc: &str, marker: &str, dice: &mut Dice) -> bool {
    let typing =
        |read: &[u8], dice: &mut Dice| typed(doc, &String::from_utf8_lossy(read), marker, dice).map(String::into_bytes);
    save_in_place(&shared.root.join(doc), dice, typing)
}

fn appender(shared: &Shared<Model>, doc: &str, marker: &str, dice: &mut Dice) -> bool {
    // At the end of the board a line would be a record of its own; it may be.
    let line = match doc {
        BOARD => format!("HB-Z-999,{marker},n,t\r\n"),
        LOG => format!("- {marker}\n"),
        TODO => format!("# {marker}\n"),
        // Behind its end it would be no JSON any more.
        PROGRESS => return false,
        _ => format!("{marker},theirs\n"),
    };
    let mut file = OpenOptions::new().append(true).open(shared.root.join(doc)).expect("the document");
    dice.pause(500);
    file.write_all(line.as_bytes()).expect("written");
    true
}

fn count(bytes: &[u8]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for marker in markers(bytes) {
        *counts.entry(marker).or_default() += 1;
    }
    counts
}

pub fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
    found.sort();
    found
}

fn run(seed: u64, edits: usize, limit: Duration) -> usize {
    let dir = tempfile::tempdir().expect("a folder");
    write_workspace(dir.path());
    let shared = Shared::new(dir.path());
    let mut writers: Vec<Writer<'_>> = Vec::new();
    for number in 0..3 {
        let (shared, dice) = (&shared, Dice(seed * 100 + number));
        writers.push(Box::new(move || cockpit(shared, &format!("cockpit {number}"), dice)));
    }
    for number in 50..52 {
        let (shared, dice) = (&shared, Dice(seed * 100 + number));
        writers.push(Box::new(move || editor(shared, dice)));
    }
    let took = shared.write(edits, limit, writers);
    let bench = Workbench::open(dir.path()).expect("the workspace");
    let recovered = bench.recover(&actor("the end")).expect("recovered");
    let model = shared.model();
    let wrong = judge(dir.path(), &model);
    let kinds = |word: &str| model.refused.values().filter(|outcome| outcome.starts_with(word)).count();
    println!(
        "seed {seed}: {} edits in {took:?}: {} done, {} conflicts, {} refused, {} failed; {} saves of others; editors destroyed {} and revived {}; kept {}; recovered {recovered:?}",
        shared.edits(),
        model.done.len(),
        kinds("Conflict"),
        kinds("Refused"),
        kinds("Failed"),
        model.saved.len(),
        model.destroyed.len(),
        model.revived.len(),
        files_below(&dir.path().join(".codex-tui/displaced")).len(),
    );
    judged(seed, dir, &wrong, model.refused.values().filter(|outcome| outcome.starts_with("Failed")));
    shared.edits()
}

fn judge(root: &Path, model: &Model) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut kept = BTreeSet::new();
    for path in files_below(&root.join(".codex-tui/displaced")) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with("kept-") {
            wrong.push(format!("displaced/{name} is left"));
        }
        let doc = DOCS.iter().find(|doc| name.ends_with(doc.rsplit('/').next().unwrap_or(doc)));
        let Some(doc) = doc else {
            wrong.push(format!("displaced/{name} is of no document"));
            continue;
        };
        kept.extend(markers(&std::fs::read(&path).expect("a kept file")).into_iter().map(|m| ((*doc).to_owned(), m)));
    }
    for path in files_below(&root.join(".codex-tui/tmp")) {
        wrong.push(format!("litter: {}", path.display()));
    }
    if root.join(".codex-tui/pending.json").exists() {
        wrong.push("an operation is still pending".to_owned());
    }
    for doc in DOCS {
        let bytes = std::fs::read(root.join(doc)).expect("a document");
        let counts = count(&bytes);
        let holds = |marker: &String| counts.get(marker).copied().unwrap_or(0);
        let key = |marker: &String| (doc.to_owned(), marker.clone());
        for marker in &model.done {
            let excused = model.destroyed.contains(&key(marker)) || model.revived.contains(&key(marker));
            // A version of somebody else that lies in displaced/ was told to the operator.
            if holds(marker) != 1 && !excused && !kept.contains(&key(marker)) {
                wrong.push(format!("{doc}: {marker} was acknowledged and is there {} times", holds(marker)));
            }
        }
        for (marker, outcome) in &model.refused {
            if holds(marker) != 0 && !model.revived.contains(&key(marker)) && !outcome.contains("so it stays") {
                wrong.push(format!("{doc}: {marker} is there {} times after {outcome}", holds(marker)));
            }
        }
        for (_, marker) in model.saved.iter().filter(|(of, _)| of == doc) {
            let excused = model.destroyed.contains(&key(marker)) || kept.contains(&key(marker));
            if holds(marker) != 1 && !excused {
                wrong.push(format!("{doc}: {marker} of somebody else is there {} times", holds(marker)));
            }
        }
    }
    wrong
}

#[test]
fn nothing_is_lost_beside_other_writers() {
    as_asked(1..=3, 5, run);
}
