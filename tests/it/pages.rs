//! The pages for people are true: their examples run, the verbs, options, shapes and files that they name are there, and
//! their links lead somewhere. docs/STYLE.md says how an example is written.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use codex_tui::model::checklist::query::CHECKLIST_FIELDS;
use codex_tui::model::query::Query;
use codex_tui::model::task::query::BOARD_FIELDS;
use codex_tui::model::timeline::query::TIMELINE_FIELDS;
use codex_tui::workbench::demo::{self, Layout};
use codex_tui::workbench::view::HISTORY_FIELDS;
use codex_tui::workspace::Config;
use codex_tui::workspace::config::{Layer, Source};

/// A page, with the lines of its fenced blocks told apart from the rest.
struct Page {
    name: String,
    text: String,
    blocks: Vec<Block>,
}

struct Block {
    /// What stands behind the fence: `sh`, `sh by-hand`, `console`, `toml`, ….
    kind: String,
    /// 1-based line of the fence.
    line: usize,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<Page> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(root().join("docs")).expect("docs").flatten().map(|e| e.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "md"));
    paths.push(root().join("README.md"));
    paths.sort();
    assert!(paths.len() >= 15, "{paths:?}");
    paths.iter().map(|path| page(path)).collect()
}

fn page(path: &Path) -> Page {
    let text = std::fs::read_to_string(path).expect("a page");
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    for (at, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), inside) {
            (Some(_), true) => inside = false,
            (Some(kind), false) => {
                inside = true;
                blocks.push(Block { kind: kind.trim().to_owned(), line: at + 1, text: String::new() });
            }
            (None, true) => {
                let block = blocks.last_mut().expect("a block");
                block.text += line;
                block.text.push('\n');
            }
            (None, false) => {}
        }
    }
    assert!(!inside, "{}: a fence that is never closed", path.display());
    let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
    Page { name, text, blocks }
}

/// A workspace of a page, and a folder that is the operator's home.
struct Bench {
    demo: demo::Temporary,
    home: tempfile::TempDir,
}

impl Bench {
    fn of(page: &Page) -> Bench {
        let layouts = [Layout::Plans, Layout::Toolbox, Layout::Tracks];
        let named = layouts.iter().find(|layout| page.text.contains(&format!("<!-- examples: {} -->", layout.name())));
        Bench {
            demo: demo::temporary_of(named.copied().unwrap_or(Layout::Plans)).expect("the demo"),
            home: tempfile::tempdir().expect("a folder"),
        }
    }

    /// Runs a script in the workspace, with nothing of this machine but its programs and our binary.
    fn run(&self, script: &str) -> Output {
        let binary = Path::new(env!("CARGO_BIN_EXE_codex-tui")).parent().expect("a folder");
        let path = std::env::var("PATH").unwrap_or_default();
        Command::new("sh")
            .args(["-eu", "-c", script])
            .current_dir(self.demo.path())
            .env_clear()
            .env("PATH", format!("{}:{path}", binary.display()))
            .env("HOME", self.home.path())
            .env("USER", "ana")
            .stdin(Stdio::null())
            .output()
            .expect("a shell")
    }
}

/// Command lines of a block; a line that ends in `\` goes on in the next one.
fn commands(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    joined.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// The exit code that a line says it has: `… # exits 1`.
fn exits(line: &str) -> i32 {
    line.split_once("# exits ").and_then(|(_, rest)| rest.split([' ', ',', ';', ':']).next()?.parse().ok()).unwrap_or(0)
}

/// The block as one script: every line has to end with the code that it says.
fn script(text: &str) -> String {
    let checked = |line: String| match exits(&line) {
        0 => format!("{line}\n"),
        code => format!(
            "said=0; {{ {line}\n}} || said=$?; [ \"$said\" = {code} ] || {{ echo \"exit code $said\" >&2; exit 99; }}\n"
        ),
    };
    commands(text).into_iter().map(checked).collect()
}

/// Whether a printed text is the shown one, in which `…` stands for anything: a line of it alone for any lines.
fn fits(shown: &str, printed: &str) -> bool {
    fn line(shown: &str, printed: &str) -> bool {
        let mut parts = shown.split('…');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = printed.strip_prefix(first) else { return false };
        let parts: Vec<&str> = parts.collect();
        let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
        for part in middle {
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last)
    }
    fn lines(shown: &[&str], printed: &[&str]) -> bool {
        match (shown.split_first(), printed.split_first()) {
            (None, None) => true,
            (Some((&"…", more)), _) if lines(more, printed) => true,
            (Some((&"…", _)), Some((_, below))) => lines(shown, below),
            (Some((first, more)), Some((top, below))) => line(first, top) && lines(more, below),
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
    let split = |text: &'_ str| text.lines().map(str::trim_end).map(str::to_owned).collect::<Vec<_>>();
    let (shown, printed) = (split(shown), split(printed));
    lines(
        &shown.iter().map(String::as_str).collect::<Vec<_>>(),
        &printed.iter().map(String::as_str).collect::<Vec<_>>(),
    )
}

/// What is wrong with a `console` block: lines that begin with `$ ` are run, what stands below them has to be printed.
fn compared(bench: &Bench, text: &str) -> Option<String> {
    for part in format!("\n{text}").split("\n$ ").skip(1) {
        let (command, shown) = part.split_once('\n').unwrap_or((part, ""));
        let output = bench.run(&format!("{{ {command}\n}} 2>&1"));
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let code = output.status.code();
        if code != Some(exits(command)) || !fits(shown.trim_end(), printed.trim_end()) {
            return Some(format!("$ {command}\nexit code {code:?}, printed:\n{printed}"));
        }
    }
    None
}

/// What is wrong with filters of a list, one a line; behind two blanks stands what each finds.
fn misunderstood(list: &str, text: &str) -> Option<String> {
    let fields = match list {
        "board" => BOARD_FIELDS,
        "timeline" => TIMELINE_FIELDS,
        "history" => HISTORY_FIELDS,
        "checklist" => CHECKLIST_FIELDS,
        other => return Some(format!("no list {other:?}")),
    };
    let problem = |line: &str| {
        let filter = line.split("  ").next().unwrap_or_default();
        let query = Query::parse(filter, fields);
        let is_good = query.problems().is_empty() && (query.names_fields() || query.sort().is_some());
        (!is_good).then(|| format!("{filter}: {:?}", query.problems()))
    };
    text.lines().find_map(problem)
}

#[test]
fn every_example_runs() {
    let mut wrong = Vec::new();
    let mut run = 0;
    for page in pages() {
        let bench = Bench::of(&page);
        for block in &page.blocks {
            let place = format!("{}:{}", page.name, block.line);
            run += 1;
            match block.kind.as_str() {
                "sh" => {
                    let output = bench.run(&script(&block.text));
                    if !output.status.success() {
                        let said = String::from_utf8_lossy(&output.stderr).into_owned();
                        wrong.push(format!("{place}: {}: {said}", output.status));
                    }
                }
                "console" => wrong.extend(compared(&bench, &block.text).map(|why| format!("{place}: {why}"))),
                // Not run, but understood: `--help` behind everything else asks for help on just that.
                "sh by-hand" => {
                    for line in commands(&block.text).iter().filter(|line| line.starts_with("codex-tui ")) {
                        let line = line.split(['#', '|', '>']).next().unwrap_or_default();
                        let output = bench.run(&format!("{line} --help"));
                        if !output.status.success() {
                            wrong.push(format!("{place}: {line}: {}", String::from_utf8_lossy(&output.stderr)));
                        }
                    }
                }
                "toml" => {
                    let problems = Config::read(&[Layer::workspace(&block.text)]).problems;
                    wrong.extend(problems.iter().map(|problem| format!("{place}: {problem}")));
                }
                "toml user" => {
                    let layer = Layer { source: Source::User("config.toml".to_owned()), text: block.text.clone() };
                    wrong.extend(Config::read(&[layer]).problems.iter().map(|problem| format!("{place}: {problem}")));
                }
                kind if kind.starts_with("text filter:") => {
                    let list = &kind["text filter:".len()..];
                    wrong.extend(misunderstood(list, &block.text).map(|why| format!("{place}: {why}")));
                }
                kind => {
                    run -= 1;
                    assert!(["text", "markdown", "json", "yaml"].contains(&kind), "{place}: what is {kind:?}?");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(run > 20, "only {run} examples");
}

/// Code spans of a page, outside of its fenced blocks, with their lines.
fn spans(page: &Page) -> Vec<(usize, String)> {
    let mut spans = Vec::new();
    let mut fenced = false;
    for (at, line) in page.text.lines().enumerate() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            spans.extend(line.split('`').skip(1).step_by(2).map(|span| (at + 1, span.to_owned())));
        }
    }
    spans
}

#[test]
fn every_verb_and_option_that_is_named_is_there() {
    let bench = Bench { demo: demo::temporary().expect("the demo"), home: tempfile::tempdir().expect("a folder") };
    let mut wrong = Vec::new();
    let mut seen = std::collections::BTreeMap::new();
    for page in pages() {
        for (line, span) in spans(&page) {
            let Some(rest) = span.strip_prefix("codex-tui ") else { continue };
            let is_verb =
                |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-');
            let verbs: Vec<&str> = rest.split(' ').take_while(is_verb).take(2).collect();
            let help = seen.entry(verbs.join(" ")).or_insert_with(|| {
                let output = bench.run(&format!("codex-tui {} --help", verbs.join(" ")));
                output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
            });
            match help {
                None => wrong.push(format!("{}:{line}: no verb `{span}`", page.name)),
                Some(help) => {
                    for option in rest.split(' ').filter(|word| word.starts_with("--") && word.len() > 2) {
                        if !help.contains(option) {
                            wrong.push(format!("{}:{line}: no option {option} in `{span}`", page.name));
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(seen.len() > 15, "only {} verbs", seen.len());
}

#[test]
fn every_field_of_a_filter_is_documented() {
    let page = std::fs::read_to_string(root().join("docs/FILTER.md")).expect("docs/FILTER.md");
    let rows: String =
        page.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1)).collect();
    let mut sources = Vec::new();
    files(&root().join("src"), "rs", &mut sources);
    let code: String = sources.iter().map(|path| std::fs::read_to_string(path).expect("a source file")).collect();
    let fields: Vec<&str> = code.split("FieldName {").skip(1).filter_map(name_of).collect();
    assert!(fields.len() > 25, "{fields:?}");
    for field in fields {
        assert!(rows.contains(&format!("`{field}`")), "docs/FILTER.md has no row for {field}");
    }
}

/// The name in `name: "…", help: …`.
fn name_of(rest: &str) -> Option<&str> {
    rest.trim_start().strip_prefix("name: \"")?.split('"').next()
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    for page in pages() {
        let folder = root().join(&page.name);
        let folder = folder.parent().expect("a folder");
        for target in page.text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let is_elsewhere = target.is_empty() || target.contains("://");
            if !is_elsewhere && !folder.join(target).exists() {
                wrong.push(format!("{}: {target}", page.name));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Files below a folder of the repository, with this ending.
fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|ext| ext == ending) {
            found.push(path);
        }
    }
}

/// Names such as `codex-tui/tasks@1` that a text has.
fn shapes(text: &str) -> std::collections::BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-@".contains(c);
    let found =
        text.split("codex-tui/").skip(1).map(|rest| rest.chars().take_while(|c| is_part(*c)).collect::<String>());
    found.filter(|name| name.contains('@')).collect()
}

#[test]
fn every_shape_is_documented_and_every_documented_shape_is_there() {
    let mut sources = Vec::new();
    files(&root().join("src"), "rs", &mut sources);
    let code: String = sources.iter().map(|path| std::fs::read_to_string(path).expect("a source file")).collect();
    let documented = shapes(&std::fs::read_to_string(root().join("docs/JSON.md")).expect("docs/JSON.md"));
    assert!(documented.len() > 20, "{documented:?}");
    assert_eq!(shapes(&code), documented);
}
