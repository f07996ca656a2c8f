//! `cell list|get|set` on JSON and YAML documents, through the binary.

use std::fs;

use super::verbs::said as run;

const YAML: &str = "# B\nareas:\n  - id: login\n    tasks:\n      - id: throttling\n        status: backlog  # c\n        notes: |\n          x\n";
const JSON: &str = "{\n  \"active_task\": null,\n  \"n\": 1.50,\n  \"s\": \"null\"\n}";

/// Runs `cell set FILE --at ADDRESS …` on fresh documents; gives the code and the document afterwards.
#[track_caller]
fn set(file: &str, args: &[&str], code: i32, after: Option<&str>) -> String {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("a.yaml"), YAML).expect("YAML");
    fs::write(dir.path().join("a.json"), JSON).expect("JSON");
    let (found, said) = run(dir.path(), &[&["cell", "set", file, "--at"], args].concat());
    assert_eq!(found, code, "{said}");
    let now = fs::read_to_string(dir.path().join(file)).expect("a document");
    let before = if file == "a.yaml" { YAML } else { JSON };
    assert_eq!(now, after.unwrap_or(before));
    if after.is_some() {
        assert_eq!(run(dir.path(), &["undo"]).0, 0);
        assert_eq!(fs::read_to_string(dir.path().join(file)).expect("a document"), before, "undone");
    }
    said
}

const STATUS: &str = r#"["areas",{"id":"login"},"tasks",{"id":"throttling"},"status"]"#;

#[test]
fn values_are_set() {
    let done = YAML.replace("backlog", "done");
    set("a.yaml", &[STATUS, "--value", "done"], 0, Some(&done));
    set("a.yaml", &[STATUS, "--value-json", "\"done\"", "--expect", "backlog"], 0, Some(&done));
    set("a.yaml", &["/areas/0/tasks/0/status", "--value", "done"], 0, Some(&done));
    set("a.yaml", &[STATUS, "--value", "no"], 0, Some(&YAML.replace("backlog", "\"no\"")));
    set("a.yaml", &[STATUS, "--value", "backlog"], 0, None);
    let id = r#"["areas",{"id":"login"},"id"]"#;
    set("a.yaml", &[id, "--value", "log-in"], 0, Some(&YAML.replace("login", "log-in")));
    let with = |value: &str| JSON.replacen("null", value, 1);
    set("a.json", &["/active_task", "--value", "throttling", "--expect", "null"], 0, Some(&with("\"throttling\"")));
    set("a.json", &["\"/active_task\"", "--value", "null"], 0, Some(&with("\"null\"")));
    set("a.json", &["/active_task", "--value-json", "null"], 0, None);
    set("a.json", &["/active_task", "--value-json", " 3.10 "], 0, Some(&with("3.10")));
    set("a.json", &[r#"["active_task"]"#, "--value-json", "true"], 0, Some(&with("true")));
    set("a.json", &["/s", "--value-json", "null", "--expect", "null"], 0, Some(&JSON.replace("\"null\"", "null")));
}

#[test]
fn what_cannot_be_set_says_why() {
    for (file, args, code, words) in [
        ("a.yaml", &[r#"["areas",{"id":"log"},"id"]"#, "--value", "x"][..], 2, "nearest: `login` (line 3)"),
        ("a.yaml", &[r#"["areas",0,"tasks",0,"notes"]"#, "--value", "x"], 4, "line 7) is a block of lines"),
        ("a.yaml", &[r#"["areas"]"#, "--value", "x"], 4, "holds elements"),
        ("a.yaml", &[STATUS, "--value-json", "null"], 2, "hold text"),
        ("a.yaml", &[STATUS, "--value", "x", "--expect", "done"], 3, "backlog"),
        ("a.json", &["/active", "--value", "x"], 2, "nearest: `active_task` (line 2)"),
        ("a.json", &["/n", "--value-json", "[1]"], 2, "a single value"),
        ("a.json", &["/n", "--value", "x", "--expect", "1.5"], 3, "1.50"),
        ("a.json", &["/n", "--value-json", "nul"], 2, "not JSON"),
    ] {
        let said = set(file, args, code, None);
        assert!(said.contains(words), "{args:?}: {said}");
    }
}

#[test]
fn values_are_listed_with_addresses_that_find_them() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("a.yaml"), YAML).expect("YAML");
    fs::write(dir.path().join("a.json"), JSON).expect("JSON");
    let parsed = |args: &[&str]| -> serde_json::Value {
        let (code, said) = run(dir.path(), args);
        assert_eq!(code, 0, "{said}");
        serde_json::from_str(&said).expect("JSON")
    };
    for (file, values) in [
        ("a.yaml", &[("login", None), ("throttling", None), ("backlog", None), ("x\n", None)][..]),
        ("a.json", &[("null", Some("null")), ("1.50", Some("number")), ("null", Some("string"))]),
    ] {
        let list = parsed(&["cell", "list", file, "--json"]);
        let cells = list["cells"].as_array().expect("cells").clone();
        let said: Vec<_> = cells.iter().map(|cell| (cell["value"].as_str().unwrap(), cell["type"].as_str())).collect();
        assert_eq!(said, values);
        for cell in cells {
            let got = parsed(&["cell", "get", file, "--at", &cell["at"].to_string(), "--json"]);
            assert_eq!((&got["value"], &got["line"], &got["span"]), (&cell["value"], &cell["line"], &cell["span"]));
        }
    }
    let (_, text) = run(dir.path(), &["cell", "list", "a.json"]);
    assert_eq!(text, "2: \"/active_task\" = null\n3: \"/n\" = 1.50\n4: \"/s\" = \"null\"\n");
    assert_eq!(run(dir.path(), &["cell", "get", "a.json", "--at", "/s"]).1, "null\n");
}
