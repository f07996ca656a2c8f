//! Holds the picture of `docs/ARCHITECTURE.md`: who may import whom, and a few house rules that a reader relies on.

use std::path::{Path, PathBuf};

use codex_tui::workbench::check::RULES;

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
fn every_rule_that_something_is_found_by_can_be_asked_for() {
    let known: Vec<&str> = RULES.iter().map(|(name, _)| *name).collect();
    let all = all_sources();
    let mut used: Vec<String> = Vec::new();
    for (_, text) in &all {
        for begin in ["Finding::new(\"", "rule: \"", ".add(\"", "&mut problems, \"", "about_file(\""] {
            let names = code(text).split(begin).skip(1).filter_map(|rest| rest.split('"').next());
            // Some get their rule later, from whoever adds them.
            used.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
        }
    }
    assert!(used.len() > 50, "{used:?}");
    let unknown: Vec<&String> = used.iter().filter(|name| !known.contains(&name.as_str())).collect();
    assert!(unknown.is_empty(), "no `check --rule` knows {unknown:?}");
    let named =
        |name: &&str| all.iter().map(|(_, text)| code(text).matches(&format!("\"{name}\"")).count()).sum::<usize>();
    let unused: Vec<&str> = known.into_iter().filter(|name| named(name) < 2).collect();
    assert!(unused.is_empty(), "nothing is found by {unused:?}");
}

#[test]
fn the_key_documentation_is_the_key_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/KEYS.md");
    let keys = std::fs::read_to_string(path).expect("docs/KEYS.md");
    let table = codex_tui::tui::keymap::markdown();
    assert!(keys.contains(table.trim()), "docs/KEYS.md differs from the key table; it should read:\n{table}");
}

/// Paths that a code span names: one for each alternative of a brace list.
fn alternatives(span: &str) -> Vec<String> {
    let parts = span.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)));
    match parts {
        Some((before, (list, behind))) => {
            list.split(',').flat_map(|one| alternatives(&format!("{before}{}{behind}", one.trim()))).collect()
        }
        None => vec![span.to_owned()],
    }
}

#[test]
fn paths_that_the_documentation_names_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // `*` stands for any files: then the folder counts.
    let is_there = |path: &str| root.join(path.split('*').next().unwrap_or(path)).exists();
    let mut wrong = Vec::new();
    let mut seen = 0;
    for page in std::fs::read_dir(root.join("docs")).expect("docs").flatten().map(|entry| entry.path()) {
        let text = std::fs::read_to_string(&page).unwrap_or_default();
        for (at, line) in text.lines().enumerate() {
            // A path without its beginning goes on from the one before it on the line, or from a folder above that.
            let mut before: Option<PathBuf> = None;
            for span in line.split('`').skip(1).step_by(2) {
                let is_whole = ["src/", "tests/", "benches/", "assets/"].iter().any(|top| span.starts_with(top));
                let is_part =
                    before.is_some() && !span.contains([' ', ':']) && (span.ends_with(".rs") || span.ends_with("/*"));
                if !is_whole && !is_part {
                    continue;
                }
                seen += 1;
                let folders: Vec<PathBuf> = match &before {
                    Some(before) if !is_whole => before.ancestors().map(Path::to_owned).collect(),
                    _ => vec![PathBuf::new()],
                };
                // What stands behind a blank are its arguments.
                for path in alternatives(span.split(' ').next().unwrap_or(span)) {
                    let found =
                        folders.iter().map(|folder| folder.join(&path)).find(|path| is_there(&path.to_string_lossy()));
                    match found {
                        Some(path) => {
                            before = path.parent().map(|folder| folder.join(path.file_stem().unwrap_or_default()))
                        }
                        None => wrong.push(format!("{}:{}: {path}", page.display(), at + 1)),
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(seen > 50, "only {seen} paths");
}

#[test]
fn types_of_the_glossary_are_there() {
    let page = include_str!("../../docs/GLOSSARY.md");
    let code: String = all_sources().into_iter().map(|(_, text)| text).collect();
    let is_name = |span: &&str| span.starts_with(char::is_uppercase) && span.chars().all(char::is_alphanumeric);
    let names: Vec<&str> = page.split('`').skip(1).step_by(2).filter(is_name).collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        let is_type = ["struct", "enum", "trait"].iter().any(|kind| code.contains(&format!("pub {kind} {name}")));
        assert!(is_type, "docs/GLOSSARY.md names {name}, which is no type");
    }
}
