//! Doc-sync of real workspaces, against independently computed truth: which id stands where, what is missing, what differs.
//! Uses `../shared/corpus` and `../shared/truth` when they are there.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use codex_tui::doc::{DocId, Snapshot};
use codex_tui::model::plan::Plan;
use codex_tui::model::session::SessionLog;
use codex_tui::model::sync::{Input, Sync};
use codex_tui::model::task::TaskList;
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
