//! Folders as a whole: copied, and read to be compared.

use std::collections::BTreeMap;
use std::path::Path;

pub use super::folder::copy;

/// The bytes of every file by its path below the root.
pub type Files = BTreeMap<String, Vec<u8>>;

/// All files below the root but the cockpit's own.
pub fn read_all(root: &Path) -> Files {
    fn walk(dir: &Path, root: &Path, files: &mut Files) {
        for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
            let path = entry.path();
            if entry.file_name() == ".codex-tui" {
                continue;
            }
            if path.is_dir() {
                walk(&path, root, files);
            } else {
                let name = path.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
                files.insert(name, std::fs::read(&path).expect("a file"));
            }
        }
    }
    let mut files = Files::new();
    walk(root, root, &mut files);
    files
}
