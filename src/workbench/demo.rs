//! The embedded demo workspaces, one for each layout, and the documents that a new workspace begins with.

use std::io;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use crate::doc::DocId;

static DEMOS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets/demo");
static BEGINNINGS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets/init");

/// A kind of workspace, by the documents that it keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Layout {
    /// Boards, plans, checklist, runbook and gates.
    Plans,
    /// YAML backlog, JSON state, journal and playbook.
    Toolbox,
    /// Telemetry of the dual-track pipeline, and its workflows.
    Tracks,
}

impl Layout {
    /// The name, as the verbs take it.
    pub fn name(self) -> &'static str {
        match self {
            Layout::Plans => "plans",
            Layout::Toolbox => "toolbox",
            Layout::Tracks => "tracks",
        }
    }

    /// What the demo of this layout is called: it stands in the header.
    fn title(self) -> &'static str {
        match self {
            Layout::Plans => "harbor-demo",
            Layout::Toolbox => "quay-demo",
            Layout::Tracks => "tracks-demo",
        }
    }

    /// The documents that a new workspace of this layout begins with: path and text, by path.
    pub fn beginnings(self) -> Vec<(DocId, &'static str)> {
        let mut found = Vec::new();
        let Some(top) = BEGINNINGS.get_dir(self.name()) else { return found };
        let mut folders = vec![top];
        while let Some(folder) = folders.pop() {
            folders.extend(folder.dirs());
            let files = folder.files().filter_map(|file| {
                let path = file.path().strip_prefix(self.name()).ok()?.to_str()?;
                Some((DocId::new(path).ok()?, file.contents_utf8()?))
            });
            found.extend(files);
        }
        found.sort();
        found
    }
}

/// Writes the demo of a layout into `dir`, which must be empty or absent: nothing of the reader's is overwritten.
pub fn write(layout: Layout, dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir)?;
    if std::fs::read_dir(dir)?.next().is_some() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("{} is not empty: give an empty or new folder for the demo", dir.display()),
        ));
    }
    let demo = DEMOS.get_dir(layout.name()).ok_or_else(|| io::Error::other("the demo is missing from this program"))?;
    extract(demo, demo.path(), dir)
}

/// Writes the files of an embedded folder, by their paths below `top`.
fn extract(folder: &Dir<'_>, top: &Path, to: &Path) -> io::Result<()> {
    for file in folder.files() {
        let path = to.join(file.path().strip_prefix(top).map_err(io::Error::other)?);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, file.contents())?;
    }
    folder.dirs().try_for_each(|inner| extract(inner, top, to))
}

/// A demo workspace in a temporary folder, which goes when this is dropped.
pub struct Temporary {
    dir: tempfile::TempDir,
    root: PathBuf,
}

impl Temporary {
    /// The root of the workspace.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Keeps the folder, and gives its root.
    pub fn keep(self) -> PathBuf {
        let _kept = self.dir.keep();
        self.root
    }
}

/// The demo of the plans layout in a temporary folder.
pub fn temporary() -> io::Result<Temporary> {
    temporary_of(Layout::Plans)
}

/// Writes the demo of a layout into a temporary folder. The root has a name of its own: it stands in the header.
pub fn temporary_of(layout: Layout) -> io::Result<Temporary> {
    let dir = tempfile::Builder::new().prefix("codex-tui-").tempdir()?;
    let root = dir.path().join(layout.title());
    write(layout, &root)?;
    Ok(Temporary { dir, root })
}
