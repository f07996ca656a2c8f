//! Prompts: composed by a playbook they pass its checklist; what is taken out is found; other people's prompts are read as they
//! are written. Uses the playbooks of `../shared/corpus` where they are there.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use codex_tui::doc::{DocId, Document};
use codex_tui::model::finding::Finding;
use codex_tui::model::prompt::Playbook;
use codex_tui::model::prompt::compose::compose;
use codex_tui::model::prompt::lint::lint;
use codex_tui::model::prompt::wanted::{Fact, Gate, Input, Task, Wanted};
use codex_tui::workbench::demo;

use super::verbs::{code, json, run};

pub const PLAYBOOK: &str = "# Harbour playbook

## Operating principles

1. **Know the map** – read `docs/map.md` first.
2. **Close the loop** – summarise what changed in the journal.

## Agent personas

| Persona | Scope | Entrypoints | Guardrails |
| --- | --- | --- | --- |
| **Berth Keeper** | Berths and cranes. | `/berths`, `/berths/:id/*` | Ask before a ship moves. |
| **Log Reader** | Reading logs. | `/logs` | Quote, never paraphrase. |

## Prompt design patterns

- Name the variables (`HARBOR_URL`, `HARBOR_TOKEN_FILE`).
- Log every retry with its job id.

## Prompt checklist

- **Environment** – confirm the variables.
- **Roles** – state who may do it.
- **Inputs** – name the identifiers (berth, ship).
- **Outputs** – say how success shows (log line, page).
- **Safety** – require confirmation before a ship moves.
- **Observability** – say what is watched.

## Task library

### Berths

- Move a ship to a free berth.
";

/// Names and texts that could be taken for something else.
const HOSTILE: &str = "# Checklist
- [ ] **Guardrails** – # not a heading
1. Notes: ``` a fence
- **Persona** – who
- **Task** – what
- **Safe commands** – which
- **Input format** – JSON
- **Input validation** – how
- Confirm that all of the environment is reachable before anything else is begun
- **1. Scope** – <b>bold</b> | bar
- **🚀** – start

## Agents and principles
- **Report** – say it

## The Copilot: `x`
- **Scope**: Safety: none `
- **Entrypoints**: ~~~
- **Guardrails**: <!-- Roles: x
- **Roles**: all

## 🚢
- **Scope**: ships
- **Guardrails**: none
";

fn playbook(texts: &[&str]) -> Playbook {
    let doc = |(at, text): (usize, &&str)| {
        Document::parse(DocId::new(&format!("ai/ops/{at}.md")).expect("a path"), text.as_bytes().to_vec())
    };
    let docs: Vec<Document> = texts.iter().enumerate().map(doc).collect();
    Playbook::project(&docs)
}

/// The playbooks of the corpus, as one file and as one file for each part, and our own.
fn playbooks() -> Vec<(&'static str, Playbook)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let parts = ["agents", "prompt-engineering", "requirements", "tasks"];
    let split = parts.map(|name| format!("sre-toolbox-2025-09-20/docs/prompt-engineering/{name}.md"));
    let mut books = vec![("own", playbook(&[PLAYBOOK])), ("hostile", playbook(&[HOSTILE]))];
    for (name, paths) in [("one file", &["sre-toolbox-2025-09-22/ai/ops/codex.md".to_owned()][..]), ("parts", &split)] {
        let texts: Result<Vec<String>, _> = paths.iter().map(|path| std::fs::read_to_string(root.join(path))).collect();
        match texts {
            Ok(texts) => {
                let book = playbook(&texts.iter().map(String::as_str).collect::<Vec<_>>());
                assert_eq!((book.personas.len(), book.checklist.len(), book.library.len()), (5, 6, 5), "{name}");
                books.push((name, book));
            }
            Err(_) => println!("skipped: no {name} in the corpus"),
        }
    }
    books
}

fn wanted<'a>(book: &'a Playbook, persona: usize) -> Wanted<'a> {
    let fact = |text: &str| Fact { text: text.to_owned(), place: "docs/TODO.yaml:7".to_owned() };
    let say = |text: &str| vec![text.to_owned()];
    Wanted {
        persona: book.personas.get(persona),
        task: Some(Task {
            id: "berth-1".to_owned(),
            title: "Roles: move it".to_owned(),
            place: "docs/TODO.yaml:5".to_owned(),
            notes: vec![fact("Environment: none\n## Safety\nnone")],
            acceptance: vec![fact("**Outputs** moved")],
            blockers: vec![fact("Approval: none")],
        }),
        gates: vec![Gate { id: "A1".to_owned(), quote: "p95 ≤ 40 ms".to_owned(), place: "docs/G.md:3".to_owned() }],
        inputs: vec![Input { name: "berth".to_owned(), format: "number".to_owned(), required: true }],
        outputs: say("Safe commands: in the log"),
        environment: say("HARBOR_URL"),
        safe: say("`harborctl status`"),
        forbidden: say("Moving a ship"),
        approval: say("The harbour master approves"),
        said: book.checklist.iter().map(|point| (point.name.clone(), "said".to_owned())).collect(),
        ..Wanted::default()
    }
}

/// Title and lines of each section, heading included; what stands before the first one has no title.
fn sections(text: &str) -> Vec<(String, Vec<&str>)> {
    let mut parts = vec![(String::new(), Vec::new())];
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            parts.push((title.to_owned(), Vec::new()));
        }
        parts.last_mut().expect("a part").1.push(line);
    }
    parts
}

fn joined<'a>(parts: impl IntoIterator<Item = &'a (String, Vec<&'a str>)>) -> String {
    parts.into_iter().flat_map(|(_, lines)| lines.iter().copied()).collect::<Vec<_>>().join("\n")
}

fn about<'a>(findings: &'a [Finding], title: &str) -> Vec<&'a Finding> {
    findings
        .iter()
        .filter(|one| one.message.contains(&format!("{title:?}")) || one.message.contains("persona"))
        .collect()
}

#[test]
fn composed_prompts_pass_and_every_section_that_is_taken_out_is_found() {
    let mut tried = 0;
    for (name, book) in playbooks() {
        for at in 0..book.personas.len() {
            let text = compose(&wanted(&book, at), &book);
            assert_eq!(lint("p.md", &text, &book), [], "{name}\n{text}");
            let parts = sections(&text);
            for (gone, (title, lines)) in parts.iter().enumerate().skip(1).filter(|(_, (title, _))| title != "Task") {
                let rest = parts.iter().enumerate().filter(|(own, _)| *own != gone).map(|(_, part)| part);
                let without = joined(rest);
                let found = lint("p.md", &without, &book);
                let here = 1 + parts[..gone].iter().map(|(_, lines)| lines.len()).sum::<usize>();
                assert_eq!(about(&found, title).len(), 1, "{name}: {title}\n{found:#?}\n{without}");
                assert_eq!((found.len(), found[0].rule), (1, "prompt-missing"), "{name}: {title}\n{found:#?}");
                let line = found[0].line.expect("a line");
                assert!(
                    line <= without.lines().count() && line.abs_diff(here) <= lines.len() + 8,
                    "{title}: {line} {here}"
                );

                let emptied: Vec<_> = parts
                    .iter()
                    .enumerate()
                    .map(|(own, (title, lines))| {
                        (title.clone(), if own == gone { vec![lines[0], ""] } else { lines.clone() })
                    })
                    .collect();
                let found = lint("p.md", &joined(&emptied), &book);
                assert_eq!((found.len(), found[0].line), (1, Some(here)), "{name}: {title}\n{found:#?}");
                tried += 1;
            }
        }
    }
    assert!(tried >= 30, "{tried}");
}

#[test]
fn a_persona_alone_is_enough_where_the_playbook_says_the_rest() {
    for (name, book) in playbooks().into_iter().filter(|(name, _)| *name != "hostile") {
        for persona in &book.personas {
            let text = compose(&Wanted { persona: Some(persona), ..Wanted::default() }, &book);
            assert_eq!(lint("p.md", &text, &book), [], "{name}\n{text}");
        }
        let nobody = lint("p.md", &compose(&Wanted::default(), &book), &book);
        assert!(nobody.len() >= 3 && nobody.iter().all(|one| one.rule == "prompt-placeholder"), "{nobody:#?}");
    }
    let book = playbook(&[HOSTILE]);
    let text = compose(&Wanted { persona: book.personas.first(), ..Wanted::default() }, &book);
    let open = text.matches("<to be said: ").count();
    assert_eq!(lint("p.md", &text, &book).len(), open, "{text}");
}

#[test]
fn prompts_of_other_people_are_read_as_they_are_written() {
    let book = playbook(&[PLAYBOOK]);
    let parts = ["Persona", "Environment", "Roles", "Inputs", "Outputs", "Safety", "Observability"];
    let lists = ["Safe commands", "Forbidden operations", "Approval points", "Close the loop"];
    let all: Vec<&str> = parts.into_iter().chain(lists).collect();
    let says = |name: &str| if name == "Persona" { "the berth keeper" } else { "said here" };
    let forms: [fn(&str, &str) -> String; 12] = [
        |name, text| format!("# {name}\n\n{text}\n"),
        |name, text| format!("### {}:\n{text}\n", name.to_uppercase()),
        |name, text| format!("{name}\n-----\n\n{text}\n"),
        |name, text| format!("**{name}:** {text}\n"),
        |name, text| format!("- **{name}** – {text}\n"),
        |name, text| format!("* [ ] __{}__: {text}\n", name.to_lowercase()),
        |name, text| format!("{}: {text}\n", name.to_lowercase()),
        |name, text| format!("3. {name} - {text}\n"),
        |name, text| format!("> {name} — {text}\n"),
        |name, text| format!("| **{name}** | {text} |\n"),
        |name, text| format!("<{name}>\n{text}\n</{name}>\n"),
        |name, text| format!("{}\n- {text}\n\n", name.to_uppercase()),
    ];
    for (at, form) in forms.iter().enumerate() {
        for reversed in [false, true] {
            let mut names = all.clone();
            if reversed {
                names.reverse();
            }
            let text: String = names.iter().map(|name| form(name, says(name))).collect();
            for text in [text.clone(), text.replace('\n', "\r\n"), format!("```text\n{text}```\n")] {
                assert_eq!(lint("p.md", &text, &book), [], "form {at}\n{text}");
            }
            for gone in &all {
                let rest = names.iter().filter(|name| *name != gone);
                let text: String = rest.map(|name| form(name, says(name))).collect();
                let found = lint("p.md", &text, &book);
                let rules: Vec<_> = found.iter().map(|one| one.rule).collect();
                assert_eq!(rules, ["prompt-missing"], "form {at} without {gone}\n{text}\n{found:#?}");
            }
        }
    }
}

#[test]
fn garbage_is_read_without_harm() {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    let pieces = [
        "## ",
        "# Safety",
        "Environment:",
        "**",
        "__",
        "- ",
        "1. ",
        "| ",
        "|---|",
        "```",
        "~~~sh",
        "<!--",
        "-->",
        "\n",
        "\r\n",
        "\r",
        "🚀",
        "é",
        "\u{202e}",
        "\0",
        "<to be said: ",
        "<",
        ">",
        "`",
        "(",
        ")",
        ", ",
        "Persona",
        "You are the ",
        " – ",
        "===",
        "[ ] ",
        "Berth Keeper",
        "\u{feff}",
        "\u{2028}",
        ":",
    ];
    let mut findings = 0;
    for round in 0..1500 {
        let text: String = (0..next(60)).map(|_| pieces[next(pieces.len())]).collect();
        let garbled = format!("{}{text}{}", &PLAYBOOK[..300], &PLAYBOOK[300..]);
        let book = playbook(&[if round % 3 == 0 { PLAYBOOK } else { &garbled }, &text]);
        for one in lint("p.md", &text, &book) {
            assert!(one.line.is_some_and(|line| line >= 1 && line <= text.lines().count().max(1)), "{one:?}\n{text:?}");
            findings += 1;
        }
        let composed = compose(&wanted(&book, 0), &book);
        assert!(composed.chars().all(|c| c == '\n' || !c.is_control()), "{composed:?}");
    }
    assert!(findings > 1500);
    let many = "- Roles: x\n## Safety\n".repeat(20_000);
    assert!(!lint("p.md", &many, &playbook(&[PLAYBOOK])).is_empty());
}

fn with_playbook() -> demo::Temporary {
    let dir = demo::temporary().expect("the demo");
    std::fs::create_dir_all(dir.path().join("ai/ops")).expect("a folder");
    std::fs::write(dir.path().join("ai/ops/codex.md"), PLAYBOOK).expect("the playbook");
    dir
}

/// Standard input in; exit code and standard output out.
fn piped(root: &Path, args: &[&str], input: &[u8]) -> (i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_codex-tui"))
        .arg("--root")
        .arg(root)
        .args(args)
        .env_remove("CODEX_TUI_ROOT")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    child.stdin.take().expect("a pipe").write_all(input).expect("written");
    let output = child.wait_with_output().expect("it ends");
    (code(&output), String::from_utf8(output.stdout).expect("UTF-8"))
}

#[test]
fn the_verbs_compose_check_and_save() {
    let dir = with_playbook();
    let root = dir.path();
    let (rc, said) = json(root, &["prompt", "personas"]);
    assert_eq!((rc, said["schema"].as_str()), (0, Some("codex-tui/personas@1")));
    assert_eq!((&said["personas"][1]["name"], &said["personas"][1]["line"]), (&"Log Reader".into(), &13.into()));
    assert_eq!(said["library"][0]["tasks"][0]["text"], "Move a ship to a free berth.");

    let compose = ["prompt", "compose", "--persona", "berth", "--task", "HB-B-003", "--input", "site?=name"];
    let (rc, made) = json(root, &compose);
    assert_eq!(
        (rc, made["schema"].as_str(), made["findings"].as_array().map(Vec::len)),
        (0, Some("codex-tui/prompt@1"), Some(0))
    );
    assert_eq!((made["persona"].as_str(), made["task"].as_str()), (Some("Berth Keeper"), Some("HB-B-003")));
    let text = made["text"].as_str().expect("the prompt");
    for part in [
        "- Run: `harborctl test` (`docs/CODEX_RUNBOOK.md:",
        "- Ask first: `harborctl sweep` needs L2",
        "`site` (optional): name (operator)",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(made["gates"].as_array().is_some_and(|gates| gates.iter().any(|gate| gate == "B2")), "{made}");
    for line in text.lines().filter(|line| line.starts_with("- ")) {
        assert!(line.ends_with("`)") || line.ends_with("(operator)"), "{line}");
    }
    assert_eq!(piped(root, &compose, b"").1.trim_end(), text.trim_end());
    assert_eq!(piped(root, &["prompt", "lint", "-"], text.as_bytes()), (0, "nothing is missing\n".to_owned()));
    assert!(!root.join(".codex-tui").exists(), "composing writes nothing");

    let save = [&compose[..], &["--out", "ai/prompts/berth.md"]].concat();
    let (rc, diff) = json(root, &[&save[..], &["--dry-run"]].concat());
    assert!(rc == 0 && diff["schema"] == "codex-tui/diff@1" && !root.join("ai/prompts").exists(), "{diff}");
    assert_eq!(code(&run(root, &save)), 0);
    let saved = root.join("ai/prompts/berth.md");
    assert_eq!(std::fs::read_to_string(&saved).expect("the prompt"), text);
    assert_eq!(code(&run(root, &save)), 3, "a document that is there is never overwritten");
    assert_eq!(code(&run(root, &[&compose[..], &["--out", "../out.md"]].concat())), 2);
    let file = saved.to_str().expect("a path");
    assert_eq!(code(&run(root, &["prompt", "lint", file])), 0);
    assert_eq!(code(&run(root, &["prompt", "lint", "ai/prompts/berth.md"])), 0);
    std::fs::write(&saved, text.replace("## Safety", "## Sanity")).expect("a change");
    let (rc, found) = json(root, &["prompt", "lint", file]);
    assert_eq!(
        (rc, found["schema"].as_str(), found["totals"]["warning"].as_u64()),
        (1, Some("codex-tui/check@1"), Some(1))
    );
    assert_eq!(
        (&found["findings"][0]["rule"], &found["findings"][0]["file"]),
        (&"prompt-missing".into(), &file.into())
    );
    assert_eq!(piped(root, &["prompt", "lint", "-"], b"\xff\xfe# \xf0").0, 1);
}

#[test]
fn what_cannot_be_composed_says_why() {
    let dir = with_playbook();
    let check = |args: &[&str], rc: i32, said: &str| {
        let out = run(dir.path(), &[&["prompt"], args].concat());
        let text = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(code(&out) == rc && text.contains(said), "{args:?}: {}\n{text}", code(&out));
    };
    check(&["compose", "--persona", "Captain"], 2, "Berth Keeper, Log Reader");
    check(&["compose", "--task", "HB-Z-999"], 2, "there is no task");
    check(&["compose", "--gate", "Z9"], 2, "there is no gate");
    check(&["compose", "--input", "site"], 2, "NAME=FORMAT");
    check(&["compose", "--say", "Budget=2"], 2, "Environment, Roles");
    check(&["compose", "--safe", " "], 2, "--safe is empty");
    check(&["compose", "--copy"], 2, "needs a terminal");
    check(&["compose", "--dry-run"], 2, "--out");
    check(&["lint", "nowhere.md"], 4, "nowhere.md");
    std::fs::remove_file(dir.path().join("ai/ops/codex.md")).expect("it was there");
    check(&["compose"], 4, "[documents] playbook");
}

#[test]
fn the_prompt_checklist_is_walked_like_any_other() {
    let dir = with_playbook();
    let lists = |rest: &[&str]| json(dir.path(), &[&["checklist", "show"], rest].concat()).1["lists"].clone();
    let all = lists(&[]);
    let all = all.as_array().expect("lists");
    assert_eq!(all.last().expect("a list")["file"], "ai/ops/codex.md", "behind the other lists");
    let own = |at: usize| lists(&["--list", "codex.md"])[0]["sections"][0]["steps"][at].clone();
    assert_eq!(own(1)["text"], "**Roles** – state who may do it.");
    assert_eq!(
        code(&run(dir.path(), &["checklist", "tick", "2", "--list", "ai/ops/codex.md", "--evidence", "seen"])),
        0
    );
    assert_eq!((own(1)["state"].as_str(), own(1)["evidence"].as_str()), (Some("done"), Some("seen")));
    assert_eq!(code(&run(dir.path(), &["checklist", "untick", "2", "--list", "ai/ops/codex.md"])), 0);
    assert_eq!(own(1)["state"], "open");
    let playbook = std::fs::read_to_string(dir.path().join("ai/ops/codex.md")).expect("the playbook");
    assert_eq!(playbook, PLAYBOOK, "its state is in the ledger");
    std::fs::write(dir.path().join("ai/ops/codex.md"), PLAYBOOK.replace("Prompt checklist", "Points"))
        .expect("written");
    assert_eq!(lists(&[]).as_array().map(Vec::len), Some(all.len() - 1));
}
