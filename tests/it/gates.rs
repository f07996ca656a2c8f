//! Gates: clauses and verdicts against independently computed truth (where `../shared` is), and against small invented
//! documents and telemetry that hold one trap each.

mod traps;
mod truth;
mod verbs;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use codex_tui::model::gate::evaluate::Judged;
use codex_tui::workbench::Workbench;
use codex_tui::workbench::gates::{GateReader, Gates, Question};

/// A workspace with these files.
pub fn workspace(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (path, bytes) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }
    dir
}

/// Judges a workspace.
pub fn judge(root: &Path, question: &Question) -> Gates {
    judge_with(&mut GateReader::default(), root, question)
}

/// Judges a workspace with a reader that may know parts of it.
pub fn judge_with(reader: &mut GateReader, root: &Path, question: &Question) -> Gates {
    let mut bench = Workbench::open(root).expect("a workspace");
    bench.load_all();
    reader.judge(&bench.gates(), question, &|_| {}, &AtomicBool::new(false)).expect("nobody cancels")
}

/// The clause with this id.
pub fn one<'a>(gates: &'a Gates, id: &str) -> &'a Judged {
    gates.judged.iter().find(|one| one.clause.id == id).unwrap_or_else(|| {
        let ids: Vec<&str> = gates.judged.iter().map(|one| one.clause.id.as_str()).collect();
        panic!("no clause {id} among {ids:?}")
    })
}
