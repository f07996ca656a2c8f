//! Every byte that is printed or painted, with workspaces whose every text tries to command the terminal: prose, cells, values,
//! telemetry, file names. The terminal gets what this program itself has to say to it and text that hides nothing.

use std::path::Path;
use std::process::Command;

use codex_tui::sanitise;
use codex_tui::workbench::demo::{self, Layout};

use crate::files::read_all;
use crate::terminal::Cockpit;

/// What people have put into text to reach whoever shows it: colours, titles, clipboards, queries that answer as if typed, other
/// character sets, resets, mouse and paste modes; C1 forms of the same; text that runs backwards, hides or fills.
const PAYLOADS: [&str; 12] = [
    "\u{1b}[38;5;201mX",
    "\u{1b}]0;evil\u{7}",
    "\u{1b}]52;c;ZXZpbA==\u{1b}\\",
    "\u{1b}[6n\u{1b}[c\u{5}",
    "\u{1b}(0\u{e}",
    "\u{1b}c\u{1b}[!p",
    "\u{1b}[?1003h\u{1b}[?2004l",
    "\u{9b}31m\u{9d}0;evil\u{9c}",
    "\u{1b}P$q\"p\u{1b}\\\u{1b}_evil\u{1b}\\",
    "\u{8}\u{8}\u{8}\u{7f}\u{b}\u{c}",
    "\u{202e}evil\u{202c}\u{2066}x\u{2069}\u{200b}\u{feff}",
    "\u{e0041}\u{e007f}\u{3164}\u{115f}\u{2028}\u{85}\u{fff9}",
];

/// Puts a payload behind each of the commonest words of a text, the next one each time.
fn poisoned(text: &str, is_json: bool) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut next = 0;
    for word in text.split_inclusive(' ') {
        out.push_str(word);
        if matches!(word.trim_start_matches(['"', '(', '|']), "the " | "a " | "of " | "and " | "in " | "on " | "to ") {
            let payload = PAYLOADS[next % PAYLOADS.len()];
            next += 1;
            if is_json {
                let quoted = serde_json::to_string(payload).expect("text");
                out.push_str(quoted.trim_matches('"'));
            } else {
                out.push_str(payload);
            }
            out.push(' ');
        }
    }
    out
}

fn workspace(layout: Layout) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    demo::write(layout, dir.path()).expect("the demo");
    let mut hits = 0;
    for (name, bytes) in read_all(dir.path()) {
        let Ok(text) = String::from_utf8(bytes) else { continue };
        if name == "codex-tui.toml" {
            continue;
        }
        let bad = poisoned(&text, name.ends_with(".json"));
        hits += bad.len() - text.len();
        std::fs::write(dir.path().join(&name), bad).expect("written");
    }
    assert!(hits > 500, "there is nothing to try here");
    dir
}

fn put(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    std::fs::write(path, text).expect("written");
}

/// Names that do the same as the texts. A `/` cannot be part of one.
fn names(root: &Path) {
    for (number, payload) in PAYLOADS.iter().enumerate().filter(|(_, payload)| !payload.contains('/')) {
        put(
            root,
            &format!("docs/plans/PlanQ{number}_{payload}.md"),
            "# Plan Q\n\n## Active work\n\n| ID | Title |\n|---|---|\n",
        );
        put(root, &format!("docs/agents/sessions/2026-11-2{}_session-{payload}.md", number % 10), "# Log\n");
        put(root, &format!("telemetry/sync-{payload}.json"), "{");
    }
    put(
        root,
        "docs/taskboard/TaskBoard.csv",
        &format!("ID,Title,Column\nHB-A-001,x,Ready\nHB-{}-2,y,{}\n", PAYLOADS[0], PAYLOADS[1]),
    );
}

fn bad(text: &str) -> Vec<char> {
    text.chars().filter(|&c| c != '\n' && !sanitise::is_plain(c)).collect()
}

const VERBS: [&[&str]; 24] = [
    &["task", "list"],
    &["task", "next"],
    &["task", "show", "HB-A-001"],
    &["checklist", "show"],
    &["checklist", "tick", "1", "--dry-run"],
    &["session", "status"],
    &["session", "list"],
    &["session", "start", "HB-A-001", "--dry-run"],
    &["session", "finish", "--dry-run"],
    &["session", "summary"],
    &["work", "status"],
    &["timeline"],
    &["gates"],
    &["gates", "--all"],
    &["runbook", "list"],
    &["runbook", "show", "1"],
    &["prompt", "personas"],
    &["track", "status"],
    &["track", "merge", "--dry-run"],
    &["check", "--diff"],
    &["doctor"],
    &["history"],
    &["cell", "list", "docs/CODEX_BACKLOG.md"],
    &["task", "set", "HB-A-001", "nothing=x"],
];

#[test]
fn what_verbs_print_is_text() {
    for layout in [Layout::Plans, Layout::Toolbox, Layout::Tracks] {
        for with_names in [false, true] {
            let dir = workspace(layout);
            if with_names {
                names(dir.path());
            }
            for args in VERBS {
                for json in [false, true] {
                    let mut command = Command::new(env!("CARGO_BIN_EXE_codex-tui"));
                    command.arg("--root").arg(dir.path()).args(args).env_remove("CODEX_TUI_ROOT");
                    if json {
                        command.arg("--json");
                    }
                    let output = command.output().expect("the binary runs");
                    let code = output.status.code();
                    assert!(code.is_some_and(|code| code <= 5), "{layout:?} {args:?}: {code:?}");
                    for (stream, bytes) in [("output", output.stdout), ("errors", output.stderr)] {
                        let text = String::from_utf8(bytes).expect("UTF-8");
                        let found = bad(&text);
                        assert!(found.is_empty(), "{layout:?} {args:?} (JSON: {json}): {found:?} in {stream}: {text}");
                    }
                }
            }
        }
    }
}

/// The escape key in a form that nothing behind it can change.
const ESCAPE: &str = "\u{1b}[27u";

/// Takes out what the program itself says to the terminal; what stays must be text. Errors name what else there is.
fn judged(written: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(written).map_err(|error| error.to_string())?;
    let mut rest = text;
    let mut out = String::new();
    while let Some(at) = rest.find('\u{1b}') {
        out.push_str(&rest[..at]);
        let sequence = &rest[at + 1..];
        let body = sequence.strip_prefix('[').ok_or_else(|| format!("ESC {:?}", sequence.chars().next()))?;
        let end = body.find(|c: char| ('\u{40}'..='\u{7e}').contains(&c)).ok_or("a sequence without an end")?;
        let (parameters, last) = (&body[..end], &body[end..=end]);
        let modes = ["?1049", "?2004", "?1000", "?1006", "?25", "?2026"];
        let is_ours = match last {
            "H" | "G" | "d" | "A" | "B" | "C" | "D" | "J" | "K" | "X" | "r" | "S" | "T" => {
                parameters.chars().all(|c| c.is_ascii_digit() || c == ';')
            }
            // 16 colours and attributes; `38;5;n` only for those 16.
            "m" => {
                let numbers: Vec<u16> = parameters.split(';').map(|n| n.parse().unwrap_or(0)).collect();
                match numbers.as_slice() {
                    [38 | 48, 5, n] => *n < 16,
                    all => all.iter().all(|n| *n < 108),
                }
            }
            "h" | "l" => modes.contains(&parameters),
            "u" => parameters.starts_with(['>', '<']),
            " " | "q" => true,
            _ => false,
        };
        if !is_ours {
            return Err(format!("ESC [ {parameters} {last}"));
        }
        rest = &body[end + 1..];
    }
    out.push_str(rest);
    let found: Vec<char> = out.chars().filter(|&c| !matches!(c, '\r' | '\n') && !sanitise::is_plain(c)).collect();
    if found.is_empty() { Ok(out) } else { Err(format!("{found:?}")) }
}

#[test]
#[cfg_attr(codex_tui_portable, ignore = "needs what only Linux promises")]
fn what_the_cockpit_paints_is_text() {
    for layout in [Layout::Plans, Layout::Toolbox, Layout::Tracks] {
        for with_names in [false, true] {
            let dir = workspace(layout);
            if with_names {
                names(dir.path());
            }
            let mut cockpit = Cockpit::start_in(dir, &[]);
            cockpit.wait("the first screen", |cockpit| cockpit.text().contains("Board"));
            for pane in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "T"] {
                for keys in [pane, "jjj", "\r", ESCAPE, "kk", "z", "z", "?", ESCAPE, "!", ESCAPE, "v", "v", ESCAPE] {
                    cockpit.press(keys);
                }
                // In the Log the second key is typed into a dialog, which does not drop it at once.
                cockpit.press(ESCAPE);
                cockpit.press(":");
                cockpit.wait("the palette", |cockpit| cockpit.text().contains("enter do it"));
                cockpit.press(ESCAPE);
                cockpit.wait("the pane", |cockpit| !cockpit.text().contains("enter do it"));
            }
            cockpit.press("\u{3}");
            assert_eq!(cockpit.exit_code(), 0);
            let judged = judged(&cockpit.written);
            assert!(judged.is_ok(), "{layout:?}, names {with_names}: {judged:?}");
        }
    }
}

#[test]
fn the_judge_knows_what_is_wrong() {
    for payload in PAYLOADS {
        assert!(judged(format!("a{payload}b").as_bytes()).is_err(), "{payload:?}");
    }
    assert_eq!(judged(b"\x1b[?1049h\x1b[1;1Ha\x1b[38;5;4mb\x1b[0m"), Ok("ab".to_owned()));
}
