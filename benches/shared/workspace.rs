//! What benchmarks measure on.

#[path = "../../tests/it/folder.rs"]
mod folder;

use std::path::Path;

use codex_tui::workbench::demo;

/// A copy of the workspace that is named, or the demo.
pub fn workspace(named: Option<&str>) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    match named {
        Some(from) => folder::copy(Path::new(from), dir.path()),
        None => demo::write(demo::Layout::Plans, dir.path()).expect("the demo"),
    }
    dir
}
