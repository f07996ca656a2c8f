//! What real workspaces hold, against independently computed truth: every task row, plan row, timeline row, session log.
//! Uses `../shared/corpus` and `../shared/truth` when they are there.

use std::path::{Path, PathBuf};

use codex_tui::doc::{DocId, Document, Snapshot};
use codex_tui::model::checklist::{Checklist, Ledger};
use codex_tui::model::plan::Plan;
use codex_tui::model::session::SessionLog;
use codex_tui::model::task::TaskList;
use codex_tui::workspace::{Config, Role, Workspace};
use serde_json::Value;

/// The folder of a revision and its truth; none, with a message, when they are not there.
pub fn revision(date: &str) -> Option<(PathBuf, Value)> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let root = shared.join("corpus").join(format!("statetrace-{date}"));
    let truth = std::fs::read_to_string(shared.join("truth").join(format!("docsync-{date}.json")));
    match (root.is_dir(), truth) {
        (true, Ok(truth)) => Some((root, serde_json::from_str(&truth).expect("the truth is JSON"))),
        (_, _) => {
            println!("skipped: no corpus for {date}");
            None
        }
    }
}

pub fn load(root: &Path) -> Snapshot {
    fn walk(dir: &Path, root: &Path, docs: &mut Vec<std::sync::Arc<Document>>) {
        for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, root, docs);
            } else if let Some(id) =
                path.strip_prefix(root).ok().and_then(|p| p.to_str()).and_then(|p| DocId::new(p).ok())
            {
                docs.push(std::sync::Arc::new(Document::parse(id, std::fs::read(&path).expect("a file"))));
            }
        }
    }
    let mut docs = Vec::new();
    walk(root, root, &mut docs);
    let mut snapshot = Snapshot::default();
    snapshot.extend(docs);
    snapshot
}

fn check(date: &str) {
    let Some((root, truth)) = revision(date) else { return };
    let snapshot = load(&root);
    let config = Config::default();
    let ids: Vec<DocId> = snapshot.iter().map(|doc| doc.id().clone()).collect();
    let workspace = Workspace::recognise(&ids, &config);

    let tasks = TaskList::project(&snapshot, &workspace, &config);
    for (role, key) in [(Role::TaskCsv, "csv"), (Role::Board, "board")] {
        let doc = workspace.with_role(role).next().expect("the document is recognised");
        assert_eq!(tasks.rows_in(doc) as u64, truth["sets"][key]["rows"].as_u64().expect("a count"), "{date} {key}");
        for id in truth["sets"][key]["ids"].as_array().expect("ids") {
            let at = tasks.find(id.as_str().expect("an id")).unwrap_or_else(|| panic!("{date}: {id} is missing"));
            assert!(tasks.task(at).rows().any(|row| row.doc() == doc), "{date}: {id} has no row in {doc}");
        }
    }

    let logs: Vec<SessionLog> = workspace
        .with_role(Role::SessionLog)
        .filter_map(|id| snapshot.get(id))
        .map(|doc| SessionLog::project(doc))
        .collect();
    assert_eq!(logs.len() as u64, truth["session_logs"]["files"].as_u64().expect("a count"), "{date} session logs");
    assert!(logs.iter().all(|log| log.date.is_some() && log.number.is_some()), "{date}: a log without date or number");

    let plans: Vec<Plan> =
        workspace.with_role(Role::Plan).filter_map(|id| snapshot.get(id)).map(|doc| Plan::project(doc)).collect();
    let mut active = 0;
    for (file, tables) in truth["plans"].as_object().expect("plans") {
        let plan = plans.iter().find(|plan| plan.doc.as_str() == file).unwrap_or_else(|| panic!("{date}: no {file}"));
        let count = |word: &str, first: &str| -> u64 {
            let of = |table: &&Value| {
                table["heading"].as_str().is_some_and(|h| h.to_lowercase().contains(word))
                    && table["header"][0].as_str().is_some_and(|h| h.to_lowercase().starts_with(first))
            };
            tables.as_array().expect("tables").iter().filter(of).filter_map(|table| table["rows"].as_u64()).sum()
        };
        let rows = tasks.rows_in(&plan.doc) as u64;
        active += rows;
        // A row that names no task (`_None_`) is no task.
        assert!(count("active work", "") - rows <= 1, "{date} {file}: active work, {rows} rows");
        let rows = count("timeline", "date");
        let found = (plan.events.len() + plan.undated.len()) as u64;
        assert!(found >= rows, "{date} {file}: {found} timeline entries, {rows} table rows");
        println!("{date} {file}: {rows} timeline rows, {found} entries, {} undated", plan.undated.len());
    }
    let (all, none) = (&truth["sets"]["plan_active"]["rows"], &truth["sets"]["plan_active"]["non_id_keys"]);
    let named = all.as_u64().expect("a count") - none.as_array().expect("keys").len() as u64;
    assert_eq!(active, named, "{date} active work");

    let lists: Vec<Checklist> = workspace
        .with_role(Role::Checklist)
        .filter_map(|id| snapshot.get(id))
        .map(|doc| Checklist::project(doc, &Ledger::default(), None))
        .collect();
    for list in &lists {
        println!("{date} {}: {} steps in {} sections", list.doc, list.steps().count(), list.sections.len());
    }
    let session = lists.iter().find(|list| list.doc.as_str().ends_with("CODEX_SESSION_CHECKLIST.md"));
    let session = session.expect("the session checklist");
    let text = String::from_utf8_lossy(snapshot.get(&session.doc).expect("its document").bytes()).into_owned();
    assert_eq!(session.steps().count(), text.lines().filter(|line| line.starts_with("- [ ]")).count(), "{date}");
}

#[test]
fn revision_2025_11_12() {
    check("2025-11-12");
}

#[test]
fn revision_2025_12_24() {
    check("2025-12-24");
}

#[test]
fn revision_2026_01_02() {
    check("2026-01-02");
}

/// All files of the corpus with one of these extensions, in order. None without a corpus, which is said.
pub fn files(extensions: &[&str]) -> Option<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !root.is_dir() {
        println!("skipped: no corpus");
        return None;
    }
    let mut folders = vec![root];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let is_wanted = path.extension().and_then(|ext| ext.to_str()).is_some_and(|ext| extensions.contains(&ext));
            if path.is_dir() {
                folders.push(path);
            } else if is_wanted && path.is_file() {
                files.push(path);
            }
        }
    }
    files.sort();
    Some(files)
}
