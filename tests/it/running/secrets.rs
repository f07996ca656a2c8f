//! A secret in output, line or environment is written nowhere: not in the log, not in the output, not in the state folder.

use super::*;

/// Every file below the root, the state folder's too, that holds the text.
fn holding(root: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if memchr::memmem::find(&std::fs::read(&path).expect("a file"), text.as_bytes()).is_some() {
                found.push(path);
            }
        }
    }
    found
}

#[track_caller]
fn check(line: &str, set: &[(&str, &str)], secret: &str) {
    let dir = workspace("L3");
    let set = [&[("RUNTEST_NET", "1")], set].concat();
    let output = run_as(dir.path(), &["--line", line], &set, &[]);
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(!said.contains(secret) && said.contains("[masked]"), "{said}");
    let shown =
        command(dir.path(), &["session", "run", "--line", line, "--dry-run"]).envs(set).output().expect("it runs");
    assert!(!text(&shown.stdout).contains(secret), "{}", text(&shown.stdout));
    assert_eq!(holding(dir.path(), secret), Vec::<PathBuf>::new());
    assert!(holding(dir.path(), "[masked]").len() >= 2, "the log and the output say that something was there");
    let attach = command(dir.path(), &["session", "attach", "--last"]).output().expect("the binary runs");
    assert_eq!(attach.status.code(), Some(0));
    assert_eq!(holding(dir.path(), secret), Vec::<PathBuf>::new());
}

#[test]
fn no_secret_is_written() {
    check(
        "printenv RUNTEST_TOKEN; echo 'test result: correct-horse'",
        &[("RUNTEST_TOKEN", "correct-horse")],
        "correct-horse",
    );
    // In two pieces, with a pause between them.
    check("printf correct-; sleep 0.2; echo horse", &[("RUNTEST_SECRET", "correct-horse")], "correct-horse");
    check("echo --password hunter2hunter2 'error: password=hunter2hunter2'", &[], "hunter2hunter2");
    let token = format!("ghp_{}", "a1B2".repeat(9));
    check(&format!("echo error: {token}"), &[], &token);
    let body = "MIIEabc0123".repeat(4);
    let kind = "PRIVATE KEY";
    check(
        &format!("printf '%s\\n' '-----BEGIN {kind}-----' \"$(printf '{body}')\" '-----END {kind}-----'"),
        &[],
        &body[..20],
    );
}
