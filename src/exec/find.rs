//! Where a program lies.

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::sys::file::is_program;

/// The program of that name in the folders of `path` (as `PATH` has them), or the one at that absolute path. None: it is not
/// there, or cannot be run.
pub fn find(name: &str, path: &OsStr) -> Option<PathBuf> {
    let named = Path::new(name);
    if named.is_absolute() {
        return Some(named.to_owned()).filter(|program| is_program(program));
    }
    // Anything else than a bare name would be looked for in the folder where we are.
    if named.file_name() != Some(OsStr::new(name)) {
        return None;
    }
    // A folder that is not absolute would be another one in each workspace: one where somebody else may write programs.
    let folders = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    let file = format!("{}{EXE_SUFFIX}", name.strip_suffix(EXE_SUFFIX).unwrap_or(name));
    folders.map(|folder| folder.join(&file)).find(|program| is_program(program))
}

#[cfg(all(test, unix, not(codex_tui_portable)))]
mod tests {
    use super::*;

    #[test]
    fn only_programs_are_found() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a folder");
        let program = dir.path().join("tool");
        std::fs::write(&program, "").expect("a file");
        let path = std::env::join_paths([Path::new("."), dir.path()]).expect("a path");
        assert_eq!(find("tool", &path), None);
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("a mode");
        assert_eq!(find("tool", &path), Some(program.clone()));
        assert_eq!(find(program.to_str().expect("UTF-8"), OsStr::new("")), Some(program));
        for name in ["", "other", "./tool", "../tool", "/no/such/tool"] {
            assert_eq!(find(name, &path), None, "{name}");
        }
    }
}
