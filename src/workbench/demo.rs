//! The embedded demo workspace.

use std::io;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

static DEMO: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/assets/demo");

/// Writes the demo workspace into `dir`, which must be empty or absent: nothing of the reader's is overwritten.
pub fn write(dir: &Path) -> io::Result<()> {
    std::fs::create_dir_all(dir)?;
    if std::fs::read_dir(dir)?.next().is_some() {
        return Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            format!("{} is not empty: give an empty or new folder for the demo", dir.display()),
        ));
    }
    DEMO.extract(dir)
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

/// Writes the demo workspace into a temporary folder. The root has a name of its own: it stands in the header.
pub fn temporary() -> io::Result<Temporary> {
    let dir = tempfile::Builder::new().prefix("codex-tui-").tempdir()?;
    let root = dir.path().join("harbor-demo");
    write(&root)?;
    Ok(Temporary { dir, root })
}
