//! `init`: a workspace begins; nothing that is there is touched.

use std::path::Path;

use super::files::read_all;
use super::verbs::{code, json, run};

fn names(root: &Path) -> Vec<String> {
    read_all(root).into_keys().collect()
}

#[test]
fn a_workspace_begins_without_a_finding() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    assert_eq!(code(&run(root, &["init", "--layout", "plans", "--layout", "toolbox", "--dry-run"])), 0);
    assert!(names(root).is_empty(), "a dry run writes nothing");
    assert_eq!(code(&run(root, &["init", "--layout", "plans", "--layout", "toolbox"])), 0);
    let created = names(root);
    for path in ["docs/taskboard/TaskBoard.csv", "docs/plans/PlanA_FirstSteps.md", "docs/TODO.yaml", "ai/ops/codex.md"]
    {
        assert!(created.iter().any(|name| name == path), "{path}: {created:?}");
    }
    for (name, bytes) in read_all(root) {
        assert!(!String::from_utf8_lossy(&bytes).contains("{today}"), "{name}");
        assert!(!String::from_utf8_lossy(&bytes).contains("{now}"), "{name}");
    }
    let (rc, check) = json(root, &["check"]);
    assert_eq!((rc, &check["totals"]["error"], &check["totals"]["warning"]), (0, &0.into(), &0.into()), "{check}");
    let (_, next) = json(root, &["task", "next"]);
    assert_eq!(next["task"]["id"], "WK-A-001");
    assert_eq!(code(&run(root, &["undo"])), 0);
    assert!(names(root).is_empty(), "undo takes every document and folder back: {:?}", names(root));
}

#[test]
fn what_is_there_stays() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    let own = ["docs/Own_TaskBoard.md", "docs/plans/PlanZ_Own.md", "docs/CODEX_BACKLOG.md"];
    std::fs::create_dir_all(root.join("docs/plans")).expect("a folder");
    for path in own {
        std::fs::write(root.join(path), "mine\n").expect("a file");
    }
    let output = run(root, &["init"]);
    assert_eq!(code(&output), 0);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("docs/Own_TaskBoard.md is there, so docs/TaskBoard.md is not created"), "{said}");
    let all = read_all(root);
    assert!(own.iter().all(|path| all[*path] == b"mine\n"));
    for path in ["docs/TaskBoard.md", "docs/plans/PlanA_FirstSteps.md"] {
        assert!(!all.contains_key(path), "{path}");
    }
    let before = read_all(root);
    assert_eq!(code(&run(root, &["init"])), 0);
    assert_eq!(read_all(root), before, "once more changes nothing");
}
