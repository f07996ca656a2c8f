//! The configuration: layers and what they may say, mistakes that cost only themselves, and what `doctor` tells about it.

use std::path::Path;
use std::process::Command;

use codex_tui::model::checklist::Mark;
use codex_tui::workbench::{Actor, Outcome, Request, Workbench, demo};
use codex_tui::workspace::config::{Config, Layer, Palette, Problem, Reading, Source};
use serde_json::Value;

fn user(text: &str) -> Layer {
    Layer { source: Source::User("u.toml".to_owned()), text: text.to_owned() }
}

fn said(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn place(reading: &Reading, key: &str) -> String {
    reading.place(key).expect(key).to_string()
}

#[test]
fn a_later_layer_wins_key_by_key() {
    let users = user("[ui]\ntheme = \"dark\"\nascii = true\n\n[views]\nmine = \"owner:ann\"\nopen = \"x\"\n");
    let own = Layer::workspace("ui.theme = \"light\"\n[documents]\nboards = \"BOARD.md\"\n[views]\nopen = \"\"\n");
    let reading = Config::read(&[users, own]);
    assert_eq!(said(&reading.problems), [""; 0]);
    let Reading { config, .. } = &reading;
    assert_eq!((config.ui.theme, config.ui.ascii, config.ui.mouse), (Palette::Light, true, true));
    assert_eq!(config.documents.boards[0].to_string(), "BOARD.md");
    assert_eq!(config.documents.plans, Config::default().documents.plans);
    let views: Vec<&str> = config.views_of(Config::BOARD).map(|(name, _)| name).collect();
    assert_eq!(views, ["blocked", "drift", "mine", "ready", "recent"]);
    assert_eq!(place(&reading, "ui.theme"), "codex-tui.toml:1");
    assert_eq!(place(&reading, "ui.ascii"), "u.toml:3");
    assert_eq!(place(&reading, "views.mine"), "u.toml:6");
    assert_eq!(place(&reading, "ui.mouse"), "default");
}

#[test]
fn a_mistake_is_named_with_its_line_and_costs_only_itself() {
    let check = |text: &str, line: usize, blinds: bool, words: &[&str]| {
        // What stands around it counts.
        let whole = format!("{text}\n[states]\ndone = \"Fertig\"\n");
        let reading = Config::read(&[Layer::workspace(&whole)]);
        assert_eq!(reading.config.states.done, "Fertig", "{text}");
        let [problem] = &reading.problems[..] else { panic!("{text}: {:?}", said(&reading.problems)) };
        assert_eq!((problem.place.line, problem.blinds), (line, blinds), "{text}: {problem}");
        for word in words {
            assert!(problem.to_string().contains(word), "{text}: {problem}");
        }
    };
    check("[documents]\n\nbords = \"x.md\"", 3, true, &["`documents.bords`", "did you mean `boards`?"]);
    check("[documnets]\nboards = \"x.md\"", 1, true, &["no such section", "did you mean [documents]?"]);
    check("[ui]\ntheme = \"drak\"", 2, false, &["unknown variant `drak`", "did you mean `dark`?"]);
    check("[ui]\nascii = \"yes\"", 2, false, &["`ui.ascii`", "boolean"]);
    check("[uii]\nascii = true", 1, false, &["did you mean [ui]?"]);
    check("[commands]\ntheme = \"dark\"", 2, false, &["did you mean `theme` under [ui]?"]);
    check("theme = \"dark\"", 1, true, &["write it below [ui]"]);
    check("[watch]\nmode = \"pol\"", 2, false, &["did you mean `poll`?"]);
    check("[columns]\nshared = [\"titel\"]", 2, true, &["did you mean `title`?"]);
    check("[columns]\nid = 3", 2, true, &["a text or a list of texts"]);
    check("[gates]\nstale_after = -1", 2, false, &["above 0"]);
    check("[tracks]\ntrack_conflict = \"tittle\"", 2, false, &["did you mean `title`?"]);
    check("[keys]\nquit = 1", 2, false, &["`keys.quit`"]);
    check("[[gate]]\nquote = \"a\"\nevnt = \"x\"", 3, false, &["did you mean `event`?"]);
    check("[ui]\neditor = [\"evil\"]", 2, false, &["only the user file"]);
    check("[ui]\nclipboard = \"evil\"", 2, false, &["only the user file"]);
}

#[test]
fn what_stands_before_a_mistake_of_form_counts() {
    let reading =
        Config::read(&[Layer::workspace("[ui]\nascii = true\n[documents]\nboards = [\"a\"\nplans = [\"b\"]\n")]);
    let problem = reading.problems.first().expect("a problem");
    assert!(reading.config.ui.ascii && problem.blinds, "{problem}");
    assert!((4..=5).contains(&problem.place.line), "{problem}");
}

#[test]
fn the_user_file_says_what_is_the_operators() {
    let reading = Config::read(&[user(
        "[ui]\neditor = [\"hx\"]\nclipboard = \"wl-copy\"\n[watch]\nmode = \"poll\"\n[keys]\nzoom = []\n[documents]\nboards = \"x\"\n[states]\ndone = \"x\"\n",
    )]);
    let Reading { config, problems, .. } = reading;
    assert_eq!(
        (&config.ui.editor[..], &config.ui.clipboard[..]),
        (&["hx".to_owned()][..], &["wl-copy".to_owned()][..])
    );
    assert_eq!(config.keys["zoom"], [""; 0]);
    assert_eq!((&config.documents, &config.states), (&Config::default().documents, &Config::default().states));
    let said = said(&problems);
    assert!(said.len() == 2 && said.iter().all(|text| text.contains("belongs to the workspace")), "{said:?}");
    assert!(problems.iter().all(|problem| !problem.blinds));
}

#[test]
fn broken_files_of_any_kind_are_read_without_end() {
    for text in [
        "",
        "[",
        "[ui",
        "=",
        "\u{feff}[ui]\nascii = true\n",
        "[[gate]",
        "ui = 1",
        "gate = 1",
        "[states]\nsynonyms = 3\n",
        "a.b.c = 1",
        "[keys]\nx = [1]",
    ] {
        let reading = Config::read(&[Layer::workspace(text), user(text)]);
        assert!(reading.config.documents == Config::default().documents, "{text}");
    }
    let marked = Config::read(&[Layer::workspace("\u{feff}[ui]\nascii = true\n")]);
    assert!(marked.config.ui.ascii && marked.problems.is_empty());
}

/// `doctor` in a demo workspace with these two files.
fn doctor(users: &str, own: &str, args: &[&str], variables: &[(&str, &str)]) -> (i32, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().join("demo");
    demo::write(demo::Layout::Plans, &root).expect("the demo");
    let path = folder.path().join("user.toml");
    std::fs::write(&path, users).expect("written");
    if !own.is_empty() {
        std::fs::write(root.join("codex-tui.toml"), own).expect("written");
    }
    run(&root, &path, args, variables)
}

fn run(root: &Path, users: &Path, args: &[&str], variables: &[(&str, &str)]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codex-tui"));
    command.args(["--root", &root.to_string_lossy()]).args(args);
    command.env_remove("NO_COLOR").env_remove("CODEX_TUI_THEME").env("CODEX_TUI_CONFIG", users);
    let output = command.envs(variables.iter().copied()).output().expect("started");
    (output.status.code().expect("a code"), String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn doctor_says_what_is_in_force_and_where_from() {
    let users = "[ui]\ntheme = \"light\"\n[keys]\ntick = [\"a\"]\ntock = [\"b\"]\n[views]\nodd = \"sttae:x\"\n";
    let (code, text) =
        doctor(users, "[states]\norder = [\n  \"Backlog\",\n  \"Done\",\n]\n", &["doctor", "--config"], &[]);
    assert_eq!(code, 1, "{text}");
    let line = |start: &str| {
        text.lines().find(|line| line.trim_start().starts_with(start)).unwrap_or_else(|| panic!("{start}: {text}"))
    };
    assert!(line("ui.theme ").contains("\"light\"") && line("ui.theme ").ends_with("user.toml:2"), "{text}");
    assert!(
        line("states.order ").contains("[ \"Backlog\", \"Done\", ]")
            && line("states.order ").ends_with("codex-tui.toml:2"),
        "{text}"
    );
    assert!(line("ui.ascii ").ends_with("default"), "{text}");
    assert!(text.contains("user.toml:5") && text.contains("did you mean `tick`?"), "{text}");
    assert!(text.contains("user.toml:4") && text.contains("`note`"), "{text}");
    assert!(text.contains("user.toml:7"), "{text}");
    let (_, text) = doctor(users, "", &["doctor"], &[("NO_COLOR", "1")]);
    assert!(text.lines().any(|line| line.contains("ui.theme") && line.ends_with("NO_COLOR")), "{text}");
    assert!(!text.contains("ui.ascii"), "{text}");
}

#[test]
fn doctor_reads_the_saved_views_of_every_pane() {
    let own = "[views]\n\"sync/bad\" = \"severty:error\"\n\"gates/good\" = \"verdict:fail\"\n\"board/odd\" = \"stat:x\"\n\
        \"backlog/odd\" = \"date:soon\"\n\"log/text\" = \"severty:error\"\n\"snyc/lost\" = \"severity:error\"\n";
    let (code, text) = doctor("", own, &["doctor", "--config"], &[]);
    assert_eq!(code, 1, "{text}");
    let found: Vec<&str> = text.lines().filter(|line| line.ends_with("[config]")).collect();
    let begins = [
        "codex-tui.toml:4: note: `views.board/odd`: stat: is no field; did you mean state:?",
        "codex-tui.toml:5: note: `views.backlog/odd`: date:soon is no date",
        "codex-tui.toml:2: note: `views.sync/bad`: severty: is no field; did you mean severity:?",
        "codex-tui.toml:7: warning: `views.snyc/lost`: there is no pane \"snyc\"",
    ];
    assert_eq!(found.len(), begins.len(), "{text}");
    assert!(found.iter().zip(begins).all(|(line, begin)| line.starts_with(begin)), "{text}");
    assert!(text.contains("did you mean `sync`?"), "{text}");
}

#[test]
fn doctor_tells_programs_the_same() {
    let (_, text) = doctor("[ui]\nascii = true\n", "", &["--theme", "dark", "--json", "doctor"], &[]);
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let settings = document["config"]["settings"].as_array().expect("settings");
    let find = |key: &str| settings.iter().find(|setting| setting["key"] == key).unwrap_or_else(|| panic!("{key}"));
    assert_eq!((&find("ui.ascii")["source"], &find("ui.ascii")["line"]), (&"user".into(), &2.into()));
    assert_eq!((&find("ui.theme")["source"], &find("ui.theme")["by"]), (&"flag".into(), &"--theme".into()));
    assert_eq!((&find("ui.mouse")["source"], &find("ui.mouse")["file"]), (&"default".into(), &Value::Null));
    assert_eq!(document["config"]["files"][0]["exists"], true);
}

#[test]
fn a_named_user_file_that_is_missing_is_said_and_stops_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("docs")).expect("made");
    let missing = folder.path().join("no.toml");
    let (code, text) = run(folder.path(), &missing, &["doctor", "--config"], &[]);
    assert!(code == 1 && text.contains("CODEX_TUI_CONFIG"), "{text}");
    let (code, text) = run(folder.path(), Path::new(""), &["doctor", "--config"], &[]);
    assert!(code == 0 && !text.contains("user file"), "{text}");
}

#[test]
fn a_file_that_cannot_be_read_is_named_once() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("codex-tui.toml")).expect("made");
    let (code, text) = run(folder.path(), Path::new(""), &["doctor", "--config"], &[]);
    assert_eq!(code, 1, "{text}");
    let said = text.lines().find_map(|line| line.strip_prefix("codex-tui.toml:1: error: "));
    let said = said.unwrap_or_else(|| panic!("{text}"));
    assert!(said.starts_with("not a regular file") && !said.contains("codex-tui.toml"), "{said}");
}

#[test]
fn views_of_the_user_file_hold_for_the_verbs() {
    let (code, text) =
        doctor("[views]\nmine = \"-state:done\"\n", "", &["task", "list", "--view", "mine", "--json"], &[]);
    assert_eq!(code, 0, "{text}");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert!(document["tasks"].as_array().is_some_and(|tasks| !tasks.is_empty()));
}

#[test]
fn a_mistake_about_looks_does_not_stop_a_write_and_one_about_documents_does() {
    let (code, text) = doctor("", "[ui]\nthme = \"dark\"\n", &["checklist", "tick", "1"], &[]);
    assert_eq!(code, 0, "{text}");
    let (code, _) = doctor("", "[documents]\nchecklist = \"x.md\"\n", &["checklist", "tick", "1"], &[]);
    assert_eq!(code, 4);
}

#[test]
fn what_a_step_would_write_is_not_shown_either_where_documents_are_left_open() {
    let dir = demo::temporary().expect("the demo");
    let own = dir.path().join("codex-tui.toml");
    std::fs::write(&own, "[documents]\nchecklist = \"x.md\"\n").expect("written");
    for args in [&["checklist", "tick", "1"][..], &["checklist", "untick", "1"], &["checklist", "reset"]] {
        let answers = [&[][..], &["--dry-run"]].map(|more| super::verbs::said(dir.path(), &[args, more].concat()));
        assert_eq!(answers[0], answers[1], "{args:?}");
        assert_eq!(answers[0].0, 4, "{args:?}: {}", answers[0].1);
    }
    // The core says it too, whoever asks.
    let mut bench = Workbench::open(dir.path()).expect("a workspace");
    bench.load_all();
    let step = bench.view().checklists[0].steps().next().expect("a step");
    let mark = Mark::Done { evidence: String::new() };
    let request = Request::Mark { step: step.id.clone(), seen: step.state, mark };
    let actor = Actor { name: "tester".to_owned(), via: "test".to_owned() };
    let (shown, done) = (bench.preview(&request), bench.run(&request, &actor));
    assert!(matches!(&done, Outcome::Failed { message } if message.contains("cannot be told")), "{done:?}");
    assert_eq!(shown, Err(done));
}
