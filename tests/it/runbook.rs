//! The runbook as scripts see it, filled-in lines as bash reads them, and the real command matrix and autonomy plan in
//! `../shared/corpus` where it is there.

use std::collections::BTreeMap;
use std::process::Command as Process;

use codex_tui::doc::{DocId, Document};
use codex_tui::model::autonomy::{Autonomy, Level};
use codex_tui::model::runbook::fill::fill;
use codex_tui::model::runbook::{Runbook, Shell};
use codex_tui::workbench::demo;

use super::corpus::revision;
use super::verbs::{code, json, run};

#[test]
fn the_demo_lists_its_commands_with_their_levels() {
    let dir = demo::temporary().expect("the demo");
    let (rc, value) = json(dir.path(), &["runbook", "list"]);
    assert_eq!((rc, value["schema"].as_str()), (0, Some("codex-tui/runbook@1")));
    let commands = value["commands"].as_array().expect("commands");
    let level = |text: &str| {
        let one = commands.iter().find(|one| one["text"] == text).unwrap_or_else(|| panic!("{text} is missing"));
        one["needs"]["level"].as_str().expect("a level").to_owned()
    };
    for (text, want) in [
        ("harborctl test", "L1"),
        ("harborctl sweep --dry-run", "L1"),
        ("harborctl sweep", "L2"),
        ("harborctl sweep --site <site>", "L2"),
        ("harborctl metrics --day <date>", "L1"),
        ("harborctl store restore --from <copy> --to <path>", "L2"),
    ] {
        assert_eq!(level(text), want, "{text}");
    }
    assert_eq!(value["without"].as_array().map(Vec::len), Some(0));
    assert_eq!(value["levels"].as_array().map(Vec::len), Some(4));
    assert!(!dir.path().join(".codex-tui").exists(), "reading writes nothing");
}

#[test]
fn the_list_takes_a_filter_and_show_takes_a_name() {
    let dir = demo::temporary().expect("the demo");
    let texts = |args: &[&str]| -> Vec<String> {
        let (rc, value) = json(dir.path(), args);
        assert_eq!(rc, 0, "{args:?}: {value}");
        value["commands"].as_array().expect("commands").iter().map(|one| one["text"].to_string()).collect()
    };
    assert_eq!(texts(&["runbook", "list", "task:restore"]), ["\"harborctl store restore --from <copy> --to <path>\""]);
    assert_eq!(texts(&["runbook", "list", "sweep", "-level:l2"]), ["\"harborctl sweep --dry-run\""]);
    assert!(texts(&["runbook", "list", "shell:powershell"]).is_empty());
    assert_eq!(texts(&["runbook", "show", "1"]), ["\"harborctl test\""]);
    assert_eq!(texts(&["runbook", "show", "Sweep all"]), ["\"harborctl sweep\""]);
    let shown = run(dir.path(), &["runbook", "show", "restore"]);
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(text.contains("Needs L2") && text.contains("copy  <copy>  (has to be given)"), "{text}");
    for (args, said) in [
        (&["runbook", "show", "sweep"][..], "give the number"),
        (&["runbook", "show", "99"], "no command 99"),
        (&["runbook", "show", "nothing of that"], "no command has"),
    ] {
        let out = run(dir.path(), args);
        assert_eq!(code(&out), 2, "{args:?}");
        assert!(String::from_utf8_lossy(&out.stderr).contains(said), "{args:?}");
    }
    std::fs::remove_file(dir.path().join("docs/CODEX_RUNBOOK.md")).expect("the runbook was there");
    assert_eq!(code(&run(dir.path(), &["runbook", "list"])), 4);
}

#[test]
fn bash_reads_a_value_as_one_word() {
    if Process::new("bash").arg("--version").output().is_err() {
        println!("skipped: no bash");
        return;
    }
    let book = "# A\n```bash\nprintf '%s|' --to <v> \"L/<v>.json\" 'x <v>' end\n```\n";
    let doc = Document::parse(DocId::new("docs/CODEX_RUNBOOK.md").expect("a path"), book.as_bytes().to_vec());
    let book = Runbook::project([&doc]);
    for value in [
        "; echo a",
        "$(echo a)",
        "`echo a`",
        "a'b",
        "a\"b",
        "a\\",
        "* ? [a]",
        "&& false",
        "| cat",
        "!x",
        "~",
        "{a,b}",
        "$HOME",
        "#",
    ] {
        let values = BTreeMap::from([("v".to_owned(), value.to_owned())]);
        let line = fill(&book.commands[0], &values).unwrap_or_else(|refused| panic!("{value}: {refused}"));
        let out = Process::new("bash").args(["-c", &line.text]).output().expect("bash runs");
        let want = format!("--to|{value}|L/{value}.json|x {value}|end|");
        assert_eq!(String::from_utf8_lossy(&out.stdout), want, "{}", line.text);
    }
}

fn real(name: &str) -> Option<Document> {
    let (root, _) = revision("2026-01-02")?;
    let bytes = std::fs::read(root.join(name)).expect("the document is there");
    Some(Document::parse(DocId::new(name).expect("a path"), bytes))
}

#[test]
fn every_row_of_the_real_matrix_is_told_of() {
    let Some(doc) = real("docs/CODEX_RUNBOOK.md") else { return };
    let book = Runbook::project([&doc]);
    let markdown = doc.markdown().expect("Markdown");
    let matrix = markdown.tables().iter().find(|table| table.header.len() == 4).expect("the matrix");
    assert_eq!(matrix.rows.len(), 60);
    for row in &matrix.rows {
        let commands: Vec<_> = book.commands.iter().filter(|one| one.line == row.line).collect();
        let bare = book.without.iter().any(|one| one.line == row.line);
        assert!(commands.is_empty() == bare, "line {}: {} commands", row.line, commands.len());
        let task = markdown.value(row, 0).expect("a task");
        assert!(commands.iter().all(|one| one.task == task), "line {}", row.line);
    }
    assert!(book.without.len() <= 1, "{:?}", book.without);
    let wide: Vec<_> = matrix.rows.iter().filter(|row| row.cells.len() > 4).collect();
    let widths: Vec<(usize, usize)> = wide.iter().map(|row| (row.line, row.cells.len())).collect();
    assert_eq!(widths, [(58, 6), (60, 10), (61, 6), (67, 5)]);
    for row in wide {
        let last = markdown.value(row, row.cells.len() - 1).expect("a cell");
        for one in book.commands.iter().filter(|one| one.line == row.line) {
            assert_eq!(one.evidence, last, "line {}", row.line);
            assert!(!one.notes.contains('`') || one.notes.matches('`').count() % 2 == 0, "line {}", row.line);
        }
    }
    assert!(book.commands.iter().filter(|one| one.shell == Shell::PowerShell).count() >= 60);
    assert!(book.overrides.iter().any(|one| one.name.ends_with("Override")));
}

#[test]
fn every_level_of_the_real_plan_has_its_line() {
    let Some(doc) = real("docs/CODEX_AUTONOMY_PLAN.md") else { return };
    let plan = Autonomy::project(&doc);
    assert_eq!(plan.rules.iter().map(|rule| rule.level).collect::<Vec<_>>(), Level::ALL);
    let text = String::from_utf8_lossy(doc.bytes()).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    for rule in &plan.rules {
        assert!(lines[rule.line - 1].starts_with(&format!("| {}", rule.level)), "{rule:?}");
        assert!(!rule.allowed.is_empty() && !rule.title.is_empty(), "{rule:?}");
    }
    assert!(plan.escalation_line.is_some_and(|line| lines[line - 1].contains("Escalate")));
    assert_eq!(plan.opt_ins.len(), 2);
    assert!(plan.opt_ins.iter().all(|one| lines[one.line - 1].contains("=1")));
    let Some(doc) = real("docs/CODEX_RUNBOOK.md") else { return };
    let book = Runbook::project([&doc]);
    let mut counts: BTreeMap<Level, usize> = BTreeMap::new();
    for one in &book.commands {
        let need = book.need(one, &plan);
        assert!(need.line.is_some(), "{}: {need:?}", one.text);
        *counts.entry(need.level).or_default() += 1;
    }
    println!("commands by level: {counts:?}");
    let of = |part: &str| {
        let all = book.commands.iter().filter(move |one| one.text.contains(part));
        all.map(|one| book.need(one, &plan).level).collect::<Vec<_>>()
    };
    assert!(of("Pipeline.ps1").iter().all(|level| *level == Level::L2), "the plan names it at L2");
    assert_eq!(of("Invoke-Pester"), [Level::L1]);
}
