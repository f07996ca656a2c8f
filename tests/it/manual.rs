//! Completions and manual pages: all verbs are in them, and the programs that read them understand them.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::verbs::{code, run};

fn printed(args: &[&str]) -> String {
    let output = run(Path::new("."), args);
    assert_eq!(code(&output), 0, "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The verbs that `--help` lists.
fn verbs(of: &[&str]) -> Vec<String> {
    let help = printed(&[of, &["--help"]].concat());
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let name = |line: &str| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')).map(str::to_owned);
    let verbs: Vec<String> =
        lines.filter_map(name).filter_map(|rest| rest.split(' ').next().map(str::to_owned)).collect();
    verbs.into_iter().filter(|verb| verb != "help").collect()
}

/// What a program says of a text on its standard input. None where there is no such program.
fn judged(program: &str, args: &[&str], text: &str) -> Option<(bool, String)> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|_| eprintln!("skipped: there is no {program}"))
        .ok()?;
    // A program that ends early does not read all of it.
    let _ = child.stdin.take().expect("an input").write_all(text.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Some((output.status.success(), said))
}

#[test]
fn every_verb_is_completed_and_the_shells_read_their_scripts() {
    let verbs = verbs(&[]);
    assert!(verbs.len() > 15, "{verbs:?}");
    for shell in ["bash", "zsh", "fish"] {
        let script = printed(&["completions", shell]);
        for verb in &verbs {
            assert!(script.contains(verb.as_str()), "{shell} knows nothing of {verb}");
        }
        assert!(script.contains("dry-run") && script.contains("tracks"), "{shell}: options and their values");
        let flags: &[&str] = if shell == "fish" { &["--no-execute"] } else { &["-n"] };
        if let Some((is_good, said)) = judged(shell, flags, &script) {
            assert!(is_good && said.is_empty(), "{shell}: {said}");
        }
    }
    assert_eq!(code(&run(Path::new("."), &["completions", "nosuch"])), 2);
}

#[test]
fn bash_completes_a_verb() {
    let script = printed(&["completions", "bash"]);
    let ask =
        "\nCOMP_WORDS=(codex-tui chec); COMP_CWORD=1; _codex__tui codex-tui chec codex-tui; echo \"${COMPREPLY[*]}\"\n";
    let Some((_, said)) = judged("bash", &["--norc"], &(script + ask)) else { return };
    assert_eq!(said.trim(), "check checklist");
}

#[test]
fn every_verb_has_its_page_and_man_reads_it() {
    let page = printed(&["man"]);
    for part in ["EXIT STATUS", "ENVIRONMENT", "FILES", "GH_CI_PAT", env!("CARGO_PKG_VERSION")] {
        assert!(page.contains(part), "{part}");
    }
    for verb in verbs(&[]) {
        assert!(page.contains(&format!("codex\\-tui\\-{}", verb.replace('-', "\\-"))), "{verb}");
        let own = printed(&["man", &verb]);
        assert!(own.starts_with(".ie"), "{verb}: {own}");
        for inner in verbs(&[&verb]) {
            assert!(printed(&["man", &verb, &inner]).contains(&format!("codex\\-tui {verb} ")), "{verb} {inner}");
        }
    }
    if let Some((is_good, said)) = judged("man", &["--warnings", "-l", "-"], &page) {
        assert!(is_good && said.contains("EXIT STATUS") && !said.contains("warning"), "{said}");
    }
    let unknown = run(Path::new("."), &["man", "task", "nosuch"]);
    assert_eq!(code(&unknown), 2);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("there are list, next, show"));
}

#[test]
fn what_all_verbs_share_stands_behind_what_is_the_verbs_own() {
    for verb in [&["check"][..], &["demo"], &["gates"], &["task", "set"], &["track", "merge"], &[]] {
        let help = printed(&[verb, &["--help"]].concat());
        let names =
            help.lines().filter_map(|line| line.trim_start().split([' ', ',']).find(|word| word.starts_with("--")));
        let names: Vec<&str> = names.skip_while(|name| *name == "--help").collect();
        let last: Vec<&str> =
            names.iter().rev().filter(|name| !["--help", "--version"].contains(*name)).take(2).copied().collect();
        assert_eq!(last, ["--json", "--root"], "{verb:?}: {names:?}");
    }
}

#[test]
fn arguments_are_shown_in_the_order_in_which_they_are_given() {
    let between = |text: &str, from: &str, to: &str| {
        let rest = text.split_once(from).expect("a beginning").1;
        rest.split_once(to).map_or(rest, |(part, _)| part).to_owned()
    };
    let check = |verb: &[&str]| {
        let help = printed(&[verb, &["--help"]].concat());
        let listed = help.lines().skip_while(|line| *line != "Arguments:").skip(1);
        let listed = listed.take_while(|line| line.is_empty() || line.starts_with(' '));
        let name =
            |line: &str| line.strip_prefix("  ")?.strip_prefix(['<', '['])?.split(['>', ']']).next().map(str::to_owned);
        let names: Vec<String> = listed.filter_map(name).collect();
        let page = printed(&[&["man"], verb].concat());
        for text in [between(&help, "Usage: ", "\n\n"), between(&page, ".SH SYNOPSIS", ".SH DESCRIPTION")] {
            let mut rest = text.as_str();
            for name in &names {
                rest = rest
                    .split_once(name.as_str())
                    .unwrap_or_else(|| panic!("{verb:?}: no {name} in its place: {text}"))
                    .1;
            }
        }
        names.len()
    };
    let mut seen = 0;
    for verb in verbs(&[]) {
        seen += check(&[&verb]);
        seen += verbs(&[&verb]).iter().map(|inner| check(&[&verb, inner])).sum::<usize>();
    }
    assert!(seen > 20, "{seen}");
}
