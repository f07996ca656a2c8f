//! Holds the picture of `docs/ARCHITECTURE.md`: who may import whom, and a few house rules that a reader relies on.

use std::path::{Path, PathBuf};

/// Module, and the modules of ours that it may name.
const MAY_IMPORT: [(&str, &[&str]); 12] = [
    ("doc", &["doc"]),
    ("sanitise", &[]),
    ("sys", &["sys"]),
    ("workspace", &["workspace", "doc"]),
    ("op", &["op", "doc"]),
    ("model", &["model", "doc", "workspace", "op"]),
    ("store", &["store", "doc", "workspace", "op", "sys"]),
    ("exec", &["exec", "sys"]),
    ("hub", &["hub"]),
    ("workbench", &["workbench", "doc", "workspace", "op", "model", "store", "exec", "hub", "sys"]),
    ("cli", &["cli", "tui", "workbench", "model", "op", "doc", "workspace", "sanitise", "sys"]),
    ("tui", &["tui", "workbench", "model", "op", "doc", "workspace", "sanitise", "sys"]),
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&src, &mut paths);
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&src).expect("below src").to_string_lossy().replace('\\', "/");
        (name, std::fs::read_to_string(&path).expect("a source file"))
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (name, text) in all_sources() {
        let module = name.split(['/', '.']).next().unwrap_or_default().to_owned();
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(own, _)| *own == module) else {
            assert!(["lib", "main"].contains(&module.as_str()), "{name}: a module that is not in the picture");
            continue;
        };
        seen += 1;
        for (at, line) in code(&text).lines().enumerate() {
            for rest in line.split("crate::").skip(1) {
                let used: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                if !used.is_empty() && !allowed.contains(&used.as_str()) {
                    wrong.push(format!("src/{name}:{}: {module} must not import {used}", at + 1));
                }
            }
        }
    }
    assert!(seen > 30, "only {seen} files were looked at");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_front_ends_do_not_touch_files_of_the_workspace() {
    let mut wrong = Vec::new();
    for (name, text) in all_sources() {
        if !name.starts_with("tui") {
            continue;
        }
        for (at, line) in code(&text).lines().enumerate() {
            if line.contains("std::fs") || line.contains("fs::write") || line.contains("File::create") {
                wrong.push(format!("src/{name}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn only_sys_names_an_operating_system() {
    const NAMES: [&str; 11] = [
        "std::os::",
        "rustix",
        "libc::",
        "winapi",
        "signal::unix",
        "\"/proc",
        "cfg(unix",
        "cfg(windows",
        "cfg!(",
        "target_os",
        // It has a form of its own on Windows: `sys::file::canonical`.
        "canonicalize(",
    ];
    let mut wrong = Vec::new();
    for (name, text) in all_sources().into_iter().filter(|(name, _)| !name.starts_with("sys") && !is_test(name)) {
        for (at, line) in code(&text).lines().enumerate() {
            if NAMES.iter().any(|system| line.contains(system)) {
                wrong.push(format!("src/{name}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn is_test(name: &str) -> bool {
    name.ends_with("tests.rs")
}

/// Tests at the end of a file may do what they need.
fn code(text: &str) -> &str {
    let tests = ["#[cfg(test)]", "#[cfg(all(test"].iter().filter_map(|start| text.find(start)).min();
    &text[..tests.unwrap_or(text.len())]
}

#[test]
fn nothing_is_left_unfinished() {
    let mut wrong = Vec::new();
    for (name, text) in all_sources() {
        for (at, line) in code(&text).lines().enumerate() {
            let unfinished = ["todo!(", "unimplemented!(", "FIXME", "XXX", "dbg!("];
            if unfinished.iter().any(|word| line.contains(word)) {
                wrong.push(format!("src/{name}:{}: {}", at + 1, line.trim()));
            }
        }
        assert!(text.starts_with("//!"), "src/{name} does not say what it is for");
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_key_documentation_is_the_key_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/KEYS.md");
    let keys = std::fs::read_to_string(path).expect("docs/KEYS.md");
    let table = codex_tui::tui::keymap::markdown();
    assert!(keys.contains(table.trim()), "docs/KEYS.md differs from the key table; it should read:\n{table}");
}
