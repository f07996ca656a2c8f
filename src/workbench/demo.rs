//! The embedded demo workspace.

use std::io;
use std::path::Path;

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

/// Writes the demo workspace into a temporary folder, which goes when the handle is dropped.
pub fn temporary() -> io::Result<tempfile::TempDir> {
    let dir = tempfile::Builder::new().prefix("codex-tui-demo-").tempdir()?;
    DEMO.extract(dir.path())?;
    Ok(dir)
}
