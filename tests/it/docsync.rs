//! Doc-sync of real workspaces, against independently computed truth: which id stands where, what is missing, what differs.
//! Uses `../shared/corpus` and `../shared/truth` when they are there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use codex_tui::doc::{DocId, Severity, Snapshot};
use codex_tui::model::finding::Finding;
use codex_tui::model::plan::Plan;
use codex_tui::model::session::SessionLog;
use codex_tui::model::sync::{Input, Place, Sync, mend};
use codex_tui::model::task::{TaskList, split_state};
use codex_tui::workbench::check::RULES;
use codex_tui::workbench::{Actor, Outcome, Request, Workbench};
use codex_tui::workspace::{Config, Role, Workspace};
use serde_json::Value;

use super::corpus::{load, revision};

const REVISIONS: [&str; 3] = ["2025-11-12", "2025-12-24", "2026-01-02"];

/// A workspace, read.
struct Scene {
    date: &'static str,
    root: PathBuf,
    truth: Value,
    snapshot: Snapshot,
    workspace: Workspace,
    config: Config,
    tasks: TaskList,
    plans: Vec<Plan>,
    sessions: Vec<SessionLog>,
}

impl Scene {
    fn open(date: &'static str) -> Option<Scene> {
        let (root, truth) = revision(date)?;
        let snapshot = load(&root);
        let config = Config::default();
        let ids: Vec<DocId> = snapshot.iter().map(|doc| doc.id().clone()).collect();
        let workspace = Workspace::recognise(&ids, &config);
        let tasks = TaskList::project(&snapshot, &workspace, &config);
        let docs = |role| workspace.with_role(role).filter_map(|id| snapshot.get(id));
        let plans = docs(Role::Plan).map(|doc| Plan::project(doc)).collect();
        let sessions = docs(Role::SessionLog).map(|doc| SessionLog::project(doc)).collect();
        Some(Scene { date, root, truth, snapshot, workspace, config, tasks, plans, sessions })
    }

    fn sync(&self) -> Sync {
        let input = Input {
            tasks: &self.tasks,
            snapshot: &self.snapshot,
            workspace: &self.workspace,
            plans: &self.plans,
            sessions: &self.sessions,
            config: &self.config,
        };
        Sync::project(input, &|path| self.root.join(path).exists(), &AtomicBool::new(false))
    }
}

fn scenes() -> impl Iterator<Item = Scene> {
    REVISIONS.into_iter().filter_map(Scene::open)
}

#[test]
fn every_id_stands_where_it_stands() {
    for scene in scenes() {
        let sync = scene.sync();
        let truth = scene.truth["presence"].as_object().expect("presence");
        for (id, presence) in truth {
            let row = sync.matrix.find(id).unwrap_or_else(|| panic!("{}: {id} is missing", scene.date));
            assert_eq!(presence.as_str(), Some(row.presence().as_str()), "{} {id}", scene.date);
        }
        let more: Vec<&str> = sync.matrix.iter().map(|row| row.id()).filter(|id| !truth.contains_key(*id)).collect();
        assert!(more.is_empty(), "{}: {more:?}", scene.date);
    }
}

/// The word of the truth for a document's kind.
fn kind(scene: &Scene, doc: &DocId) -> Option<&'static str> {
    match scene.workspace.role(doc)? {
        Role::TaskCsv => Some("csv"),
        Role::Board => Some("board"),
        Role::Backlog => Some("backlog"),
        Role::Plan => Some("plan_active"),
        _ => None,
    }
}

/// A finding's values by the truth's words.
fn values(scene: &Scene, finding: &Finding) -> BTreeMap<&'static str, String> {
    let mut said = BTreeMap::new();
    for (doc, text) in &finding.values {
        // Of two plans that carry an id, the truth has the first.
        if let Some(kind) = kind(scene, doc) {
            said.entry(kind).or_insert_with(|| text.clone());
        }
    }
    said
}

fn strings(value: &Value) -> BTreeSet<String> {
    value.as_array().expect("a list").iter().map(|id| id.as_str().expect("an id").to_owned()).collect()
}

#[test]
fn every_missing_row_is_found() {
    for scene in scenes() {
        let sync = scene.sync();
        let with = |has: Place, lacks: Place| -> BTreeSet<String> {
            let rows = sync.matrix.iter().filter(|row| row.stands(has) && !row.stands(lacks));
            rows.map(|row| row.id().to_owned()).collect()
        };
        let found = |rule: &str| -> BTreeSet<String> {
            sync.findings
                .iter()
                .filter(|finding| finding.rule == rule)
                .filter_map(|finding| finding.id.clone())
                .collect()
        };
        let (plan_only, no_plan) = (found("sync-plan-only"), found("sync-missing-plan"));
        let (no_csv, no_board) = (found("sync-missing-csv"), found("sync-missing-board"));
        let lists = scene.truth["missing"].as_object().expect("lists");
        assert_eq!(lists.len(), 10, "{}", scene.date);
        for (name, ids) in lists {
            let ids = strings(ids);
            let (from_matrix, named) = match name.as_str() {
                "in csv, not on board" => (with(Place::Csv, Place::Board), &no_board),
                "on board, not in csv" => (with(Place::Board, Place::Csv), &no_csv),
                "in csv, not in any plan active-work table" => (with(Place::Csv, Place::Plan), &no_plan),
                "on board, not in plan active-work" => (with(Place::Board, Place::Plan), &no_plan),
                "in plan active-work, not in csv" => (with(Place::Plan, Place::Csv), &plan_only),
                "in plan active-work, not on board" => (with(Place::Plan, Place::Board), &plan_only),
                "in backlog, not in csv" => (with(Place::Backlog, Place::Csv), &no_csv),
                "in backlog, not on board" => (with(Place::Backlog, Place::Board), &no_board),
                "in backlog, not in plan active-work" => (with(Place::Backlog, Place::Plan), &no_plan),
                "mentioned in sessions only" => {
                    let only = sync.matrix.iter().filter(|row| row.presence() == "-----S");
                    (only.map(|row| row.id().to_owned()).collect(), &no_plan)
                }
                other => panic!("{}: a list that is not known: {other}", scene.date),
            };
            assert_eq!(from_matrix, ids, "{}: {name}", scene.date);
            assert!(ids.is_subset(named), "{}: {name}: {ids:?} without a finding", scene.date);
        }
    }
}

/// What the truth leaves out, and why it is a difference: revision, id and key.
const OURS: [(&str, &str, &str); 1] = [
    // "Ready" and "Ready for Review" are two columns of the board; the truth takes the second for the first with a remark.
    ("2025-11-12", "ST-B-002", "state_differs"),
];

#[test]
fn every_disagreement_is_found_and_no_other() {
    for scene in scenes() {
        let sync = scene.sync();
        let mut found: BTreeMap<(&str, String), BTreeMap<&'static str, String>> = BTreeMap::new();
        let two_tasks: Vec<&String> =
            sync.findings.iter().filter(|f| f.rule == "sync-two-tasks").filter_map(|f| f.id.as_ref()).collect();
        for finding in &sync.findings {
            let Some(id) = finding.id.clone() else { continue };
            let said = values(&scene, finding);
            match finding.rule {
                "sync-title" | "sync-two-tasks" => {
                    if finding.severity != Severity::Note {
                        found.insert(("title_differs_beyond_case_markup", id.clone()), BTreeMap::new());
                    }
                    found.insert(("title_text_differs", id), said);
                }
                "sync-state" => {
                    if finding.severity != Severity::Note || two_tasks.contains(&&id) {
                        let word = |text: String| split_state(&text).0.to_lowercase();
                        let words = said.clone().into_iter().map(|(kind, text)| (kind, word(text))).collect();
                        found.insert(("state_differs", id.clone()), words);
                    }
                    found.insert(("status_text_differs", id), said);
                }
                "sync-date" => drop(found.insert(("date_differs", id), said)),
                "sync-owner" => drop(found.insert(("owner_differs", id), said)),
                "sync-plan-link-other" => drop(found.insert(("plan_letter_vs_link", id), said)),
                "sync-plan-link-none" if !said.is_empty() => {
                    found.insert(("plan_link_is_not_a_plan", id), said);
                }
                _ => {}
            }
        }
        for (date, id, key) in OURS.into_iter().filter(|(date, _, _)| *date == scene.date) {
            assert!(found.remove(&(key, id.to_owned())).is_some(), "{date} {id}: {key} is no exception any more");
        }
        for (key, count) in scene.truth["disagreement_counts"].as_object().expect("counts") {
            let own = found.keys().filter(|(own, _)| own == key).count() as u64;
            assert_eq!(Some(own), count.as_u64(), "{}: {key}", scene.date);
        }
        for entry in scene.truth["disagreements"].as_array().expect("entries") {
            let id = entry["id"].as_str().expect("an id");
            for (key, truth) in entry.as_object().expect("an entry").iter().filter(|(key, _)| *key != "id") {
                let name = ["title_text_differs", "title_differs_beyond_case_markup", "status_text_differs"]
                    .into_iter()
                    .chain(["state_differs", "date_differs", "owner_differs", "plan_letter_vs_link"])
                    .chain(["plan_link_is_not_a_plan"])
                    .find(|known| known == key);
                let name = name.unwrap_or_else(|| panic!("{}: a key that is not known: {key}", scene.date));
                let said = found.remove(&(name, id.to_owned()));
                let said = said.unwrap_or_else(|| panic!("{} {id}: no finding for {key}", scene.date));
                match truth {
                    Value::Bool(_) => {}
                    Value::String(text) => assert_eq!(said.get("csv"), Some(text), "{} {id}: {key}", scene.date),
                    truth => {
                        let truth = truth.as_object().expect("values").iter();
                        let truth: BTreeMap<&str, &str> =
                            truth.map(|(kind, text)| (kind.as_str(), text.as_str().unwrap_or_default())).collect();
                        let said: BTreeMap<&str, &str> =
                            said.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
                        assert_eq!(said, truth, "{} {id}: {key}", scene.date);
                    }
                }
            }
        }
        assert!(found.is_empty(), "{}: not in the truth: {found:?}", scene.date);
    }
}

#[test]
fn every_damaged_row_is_found() {
    for scene in scenes() {
        let sync = scene.sync();
        let mut truth: BTreeSet<(String, String, u64)> = BTreeSet::new();
        for rows in scene.truth["ragged_rows"].as_object().expect("kinds").values() {
            for row in rows.as_array().expect("rows") {
                let text = |key: &str| row[key].as_str().expect("a text").to_owned();
                truth.insert((text("id"), text("file"), row["line"].as_u64().expect("a line")));
            }
        }
        let place = |finding: &Finding| {
            Some((finding.id.clone()?, finding.file.clone()?, finding.line.map(|line| line as u64)?))
        };
        let ragged: BTreeSet<_> =
            sync.findings.iter().filter(|finding| finding.rule == "md-ragged-row").filter_map(place).collect();
        assert_eq!(ragged, truth, "{}", scene.date);
        let malformed = sync.findings.iter().filter(|finding| finding.rule.starts_with("csv-")).count();
        assert_eq!(malformed, scene.truth["csv"]["malformed_rows"].as_array().expect("rows").len(), "{}", scene.date);
        let repeated = |rule: &str| sync.findings.iter().filter(|finding| finding.rule == rule).count();
        let sets = scene.truth["sets"].as_object().expect("sets").values();
        let twice: usize = sets.map(|set| set["duplicate_ids"].as_object().map_or(0, serde_json::Map::len)).sum();
        assert_eq!(repeated("sync-repeated-id"), twice, "{}", scene.date);
    }
}

#[test]
fn every_finding_says_where_and_what_to_do() {
    for scene in scenes() {
        for finding in scene.sync().findings {
            assert!(RULES.iter().any(|(name, _)| *name == finding.rule), "{finding:?}");
            assert!(finding.file.is_some() && finding.line.is_some_and(|line| line > 0), "{finding:?}");
            assert!(finding.advice.is_some() && !finding.message.is_empty(), "{finding:?}");
            assert!(!finding.rule.starts_with("sync-") || finding.id.is_some(), "{finding:?}");
        }
    }
}

#[test]
fn all_fixes_are_one_operation_and_one_undo_takes_them_back() {
    for scene in scenes() {
        let dir = tempfile::tempdir().expect("a folder");
        for doc in scene.snapshot.iter().filter(|doc| scene.workspace.role(doc.id()).is_some()) {
            let path = dir.path().join(doc.id().as_str());
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            std::fs::write(path, doc.bytes()).expect("a file");
        }
        let mut bench = Workbench::open(dir.path()).expect("a workspace");
        bench.load_all();
        let before = bench.sync();
        let fixed = before.findings.iter().filter(|finding| finding.fix.is_some()).count();
        let operation = mend(&before.findings).expect("no clash").expect("fixes");
        let actor = Actor { name: "tester".to_owned(), via: "test".to_owned() };
        let done = bench.run(&Request::Commit(operation), &actor);
        assert!(matches!(done, Outcome::Done { .. }), "{}: {done:?}", scene.date);
        let left: Vec<Finding> = bench.sync().findings.into_iter().filter(|finding| finding.fix.is_some()).collect();
        assert!(fixed > 5 && left.is_empty(), "{}: {fixed} fixes, left: {left:#?}", scene.date);
        let undone = bench.run(&Request::Undo(None), &actor);
        assert!(matches!(undone, Outcome::Done { .. }), "{}: {undone:?}", scene.date);
        for doc in scene.snapshot.iter().filter(|doc| scene.workspace.role(doc.id()).is_some()) {
            let now = std::fs::read(dir.path().join(doc.id().as_str())).expect("a file");
            assert!(now == doc.bytes(), "{}: {} is not as it was", scene.date, doc.id());
        }
    }
}
