//! Workspaces in memory: fixtures that hold what real documents get wrong, the demo, and the corpus; dice that repeat themselves.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use codex_tui::doc::{DocId, Document, Snapshot};
use codex_tui::model::plan::Plan;
use codex_tui::model::task::{CARRIERS, Task, TaskList};
use codex_tui::op::{self, FilePlan, Intent, Mode, OpId, Operation, Refusal};
use codex_tui::workbench::demo;
use codex_tui::workspace::{Config, Role, Workspace};

use crate::corpus;
use crate::given::{self, NASTY};

/// A workspace in memory.
pub struct World {
    pub name: String,
    pub snapshot: Snapshot,
    pub config: Config,
    pub tasks: TaskList,
    pub plans: Vec<Plan>,
}

impl World {
    pub fn new(name: &str, docs: impl IntoIterator<Item = Arc<Document>>) -> World {
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

    pub fn of_files(name: &str, files: &[(&str, &str)]) -> World {
        World::new(name, files.iter().map(|(path, text)| document(path, text.as_bytes())))
    }

    pub fn of_folder(name: &str, root: &Path) -> World {
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
    pub fn after(&self, files: &[FilePlan]) -> World {
        let docs: BTreeMap<DocId, Arc<Document>> =
            self.snapshot.iter().map(|doc| (doc.id().clone(), Arc::clone(doc))).collect();
        let mut docs = docs;
        for file in files {
            docs.insert(file.doc.clone(), file.after.clone().expect("no document goes"));
        }
        World::new(&self.name, docs.into_values())
    }

    pub fn plan(&self, operation: &Operation) -> Result<Vec<FilePlan>, Refusal> {
        op::plan(operation, Mode::Fresh, |id| self.snapshot.get(id).cloned(), |_| None).map(|plan| plan.files)
    }

    /// Plans what takes an operation back, and demands the first bytes.
    pub fn takes_back(&self, after: &World, files: &[FilePlan], what: &str) {
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

    pub fn task(&self, id: &str) -> Task<'_> {
        self.tasks.task(self.tasks.find(id).unwrap_or_else(|| panic!("{}: {id} is there", self.name)))
    }
}

pub fn document(path: &str, bytes: &[u8]) -> Arc<Document> {
    Arc::new(given::document(path, bytes))
}

pub const CSV: &str = "docs/taskboard/TaskBoard.csv";
pub const BOARD: &str = "docs/Harbor_TaskBoard.md";
pub const BACKLOG: &str = "docs/CODEX_BACKLOG.md";
pub const PLAN_A: &str = "docs/plans/PlanA_Collector.md";
pub const PLAN_C: &str = "docs/plans/PlanC_Reports.md";

/// What documents of this kind get wrong, all at once: marks and mixed line ends, short and long rows, repeated ids, ids in
/// markup, id columns that are not the first, headings and headers that are there twice, tables without titles.
pub fn hostile() -> World {
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
pub fn bare_ends() -> World {
    let csv = "\"ID\",\"Title\",\"Column\",\"Notes\"\n\"HB-A-001\",\"one\",\"Backlog\",\"\"\n\"HB-A-002\",\"two\",\"Backlog\",\"n\"";
    let board = "| ID | Title | Column |\n|-|-|-|\n|HB-A-001|one|Backlog|\nHB-A-002 | two | Backlog";
    let backlog = "| ID | Title | Notes |\n|-|-|-|\n| HB-A-001 | one |";
    World::of_files("bare ends", &[(CSV, csv), (BOARD, board), (BACKLOG, backlog)])
}

pub fn worlds() -> Vec<World> {
    let dir = demo::temporary().expect("the demo");
    let mut worlds = vec![hostile(), bare_ends(), World::of_folder("demo", dir.path())];
    for date in ["2025-11-12", "2026-01-02"] {
        worlds.extend(corpus::revision(date).map(|(root, _)| World::of_folder(date, &root)));
    }
    worlds
}

/// A generator that repeats itself.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % limit
    }

    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    pub fn value(&mut self) -> String {
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

/// How often each test is run.
pub fn rounds() -> usize {
    std::env::var("CODEX_TUI_TASKS").ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}
