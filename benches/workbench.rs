//! How long the workbench takes: first boards, everything, a foreign save, a tick. `cargo bench --bench workbench [-- DIR]`
//! measures on a copy of DIR, or on the demo workspace.

#[path = "shared/rounds.rs"]
mod rounds;
#[path = "shared/workspace.rs"]
mod workspace;

use std::collections::BTreeSet;
use std::hint::black_box;
use std::sync::atomic::AtomicBool;

use codex_tui::doc::DocId;
use codex_tui::model::checklist::{Mark, StepState};
use codex_tui::model::query::Query;
use codex_tui::model::task::query::BOARD_FIELDS;
use codex_tui::workbench::{Actor, Look, Outcome, Request, Workbench};
use rounds::time;
use workspace::workspace;

fn main() {
    let dir = workspace(std::env::args().skip(1).find(|arg| !arg.starts_with('-')).as_deref());
    time("open + boards", 50, || {
        let mut bench = Workbench::open(dir.path()).expect("a workspace");
        bench.load_boards();
        black_box(bench.view().tasks.len());
    });
    time("open + everything", 20, || {
        let mut bench = Workbench::open(dir.path()).expect("a workspace");
        bench.load_all();
        black_box(bench.view().tasks.len());
    });
    let mut bench = Workbench::open(dir.path()).expect("a workspace");
    bench.load_all();
    time("doc-sync", 10, || {
        black_box(bench.sync().findings.len());
    });
    time("next task", 20, || {
        let view = bench.view();
        black_box(codex_tui::model::next::propose(&view.tasks, &view.plans, &view.plan_order(), &view.config).task);
    });
    for text in ["cache", "state:done", "owner:ops", "cites:logs", "drift:yes", "blocked:yes"] {
        let (tasks, query) = (&bench.view().tasks, Query::parse(text, BOARD_FIELDS));
        time(&format!("filter {text}"), 10, || {
            black_box(tasks.select(&query, &AtomicBool::new(false)).len());
        });
    }
    let board: DocId = bench.view().tasks.documents().next().expect("a board").clone();
    let path = dir.path().join(board.as_str());
    let text = std::fs::read_to_string(&path).expect("the board");
    let changed: BTreeSet<DocId> = [board].into();
    let mut round = 0;
    time("foreign save of the board", 200, || {
        round += 1;
        std::fs::write(&path, text.replacen("Done", &format!("Done{}", round % 10), 1)).expect("a save");
        bench.refresh(&changed, Look::Final);
    });
    let actor = Actor { name: "bench".to_owned(), via: "bench".to_owned() };
    time("tick, durable, and untick", 50, || {
        for mark in [Mark::Done { evidence: String::new() }, Mark::Open] {
            let step = bench.view().checklists[0].steps().last().expect("a step").clone();
            assert!(matches!(step.state, StepState::Open | StepState::Done));
            let outcome = bench.run(&Request::Mark { step: step.id, seen: step.state, mark }, &actor);
            assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
        }
    });
}
