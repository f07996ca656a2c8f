//! Elements and keys of JSON and YAML that come and go, and blocks that move: whole documents before and after.

use crate::doc::cell::{End, PathCell};
use crate::doc::{Addition, DocId, Document, FindError, Inserted, Patch};

fn document(name: &str, text: &str) -> Document {
    Document::parse(DocId::new(name).unwrap(), text.as_bytes().to_vec())
}

fn path(address: &str) -> PathCell {
    serde_json::from_str(address).unwrap()
}

fn item(at: &str, text: &str, end: End) -> Addition {
    Addition::Item { at: path(at), text: text.to_owned(), end }
}

fn entry(at: &str, key: &str, text: &str, after: Option<&str>) -> Addition {
    Addition::Entry { at: path(at), key: key.to_owned(), text: text.to_owned(), after: after.map(str::to_owned) }
}

fn written(before: &str, patch: &Patch) -> Inserted {
    let [splice] = patch.splices() else { panic!("one place") };
    let text = String::from_utf8(splice.new.clone()).unwrap();
    Inserted::Instead { text, back: before[splice.span.clone()].to_owned() }
}

#[track_caller]
fn adds(name: &str, before: &str, addition: &Addition, after: &str) {
    let document = document(name, before);
    assert_eq!(document.locked(), None);
    let patch = document.add(addition).unwrap_or_else(|error| panic!("{error}"));
    let new = document.apply_checked(&patch, &[]).unwrap();
    assert_eq!(String::from_utf8_lossy(new.bytes()), after);
    assert_eq!(new.holds(addition), document.holds(addition) + 1);
    let back = new.apply(&new.take_out(addition, Some(&written(before, &patch))).unwrap());
    assert_eq!(String::from_utf8_lossy(back.bytes()), before, "taken back");
}

#[track_caller]
fn takes(name: &str, before: &str, addition: &Addition, after: &str) {
    let document = document(name, before);
    let patch = document.take_out(addition, None).unwrap_or_else(|error| panic!("{error}"));
    let new = document.apply(&patch);
    assert_eq!(String::from_utf8_lossy(new.bytes()), after);
    assert_eq!(new.holds(addition) + 1, document.holds(addition));
}

#[track_caller]
fn refused(name: &str, before: &str, addition: &Addition, words: &str) {
    let error = document(name, before).add(addition).unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
}

const TASK: &str = "# about t\nid: t\nnotes:\n  - \"x: y\"\ntext: |\n  l1\n\n  l2";

#[test]
fn yaml_elements_are_lines_like_their_neighbours() {
    let list = "l:\n  - a\n  -   b # c\n\n# end\nz: 1\n";
    adds("a.yaml", list, &item(r#"["l"]"#, "n", End::End), "l:\n  - a\n  -   b # c\n  -   n\n\n# end\nz: 1\n");
    adds("a.yaml", list, &item(r#"["l"]"#, "n", End::Start), "l:\n  - n\n  - a\n  -   b # c\n\n# end\nz: 1\n");
    // A mapping with comments and a block of lines, under dashes in the column of their key; line ends as they are.
    adds(
        "a.yaml",
        "l:\r\n- id: s\r\nz: 1\r\n",
        &item(r#"["l"]"#, TASK, End::End),
        "l:\r\n- id: s\r\n# about t\r\n- id: t\r\n  notes:\r\n    - \"x: y\"\r\n  text: |\r\n    l1\r\n\r\n    l2\r\nz: 1\r\n",
    );
    // No last line end, none afterwards.
    adds("a.yaml", "l:\n  - a", &item(r#"["l"]"#, "n", End::End), "l:\n  - a\n  - n");
    adds("a.yaml", "- a\n", &item("[]", "id: n\nb: 1", End::Start), "- id: n\n  b: 1\n- a\n");
    // A comment in the column of the dashes belongs to the list, one further left does not.
    adds(
        "a.yaml",
        "l:\n  - a\n  # - old\n# next\nz: 1\n",
        &item(r#"["l"]"#, "n", End::End),
        "l:\n  - a\n  # - old\n  - n\n# next\nz: 1\n",
    );
    // Behind a block of lines, and behind nested ones.
    adds(
        "a.yaml",
        "l:\n  - |\n    x\n\n  - - p\n    - q\nz: 1\n",
        &item(r#"["l"]"#, "n", End::End),
        "l:\n  - |\n    x\n\n  - - p\n    - q\n  - n\nz: 1\n",
    );
}

#[test]
fn yaml_lists_that_are_empty() {
    adds("a.yaml", "m:\n- x\nl:\nz: 1\n", &item(r#"["l"]"#, "n", End::End), "m:\n- x\nl:\n- n\nz: 1\n");
    adds("a.yaml", "l: # none\nz: 1\n", &item(r#"["l"]"#, "n", End::End), "l: # none\n  - n\nz: 1\n");
    adds("a.yaml", "l: []\nz: 1\n", &item(r#"["l"]"#, "n", End::End), "l: [n]\nz: 1\n");
    adds(
        "a.yaml",
        "l: []  # none yet\nz: 1\n",
        &item(r#"["l"]"#, "id: n\nb: 1", End::End),
        "l:  # none yet\n  - id: n\n    b: 1\nz: 1\n",
    );
    adds("a.yaml", "l: []", &item(r#"["l"]"#, "id: n", End::Start), "l:\n  - id: n");
    refused("a.yaml", "{l: []}\n", &item(r#"["l"]"#, "id: n", End::End), "needs lines of its own");
    // The last one that goes leaves an empty list, not nothing.
    takes("a.yaml", "l: # c\n  # d\n  - n\nz: 1\n", &item(r#"["l"]"#, "n", End::End), "l: [] # c\n  # d\nz: 1\n");
    takes("a.yaml", "l:\n  - |\n    n\nz: 1\n", &item(r#"["l"]"#, "|\n  n\n", End::End), "l: []\nz: 1\n");
    takes("a.yaml", "l: [n]\n", &item(r#"["l"]"#, "n", End::End), "l: []\n");
}

#[test]
fn yaml_between_brackets() {
    adds("a.yaml", "l: [a, b] # c\n", &item(r#"["l"]"#, "n", End::End), "l: [a, b, n] # c\n");
    adds("a.yaml", "l: [a,b]\n", &item(r#"["l"]"#, "n", End::Start), "l: [n,a,b]\n");
    adds("a.yaml", "l: [a]\n", &item(r#"["l"]"#, "x, y", End::End), "l: [a, \"x, y\"]\n");
    adds("a.yaml", "l: [\n  a, # c\n  b,\n]\n", &item(r#"["l"]"#, "n", End::End), "l: [\n  a, # c\n  b,\n  n,\n]\n");
    adds("a.yaml", "l: [{id: a}]\n", &item(r#"["l"]"#, "{id: n, b: [1]}", End::End), "l: [{id: a}, {id: n, b: [1]}]\n");
    takes("a.yaml", "l: [a, b, c]\n", &item(r#"["l"]"#, "a", End::End), "l: [b, c]\n");
    takes("a.yaml", "l: [a, b, c]\n", &item(r#"["l"]"#, "b", End::End), "l: [a, c]\n");
    takes("a.yaml", "l: [a, b, c]\n", &item(r#"["l"]"#, "c", End::End), "l: [a, b]\n");
    let error = document("a.yaml", "l: [a, # c\n b]\n").take_out(&item(r#"["l"]"#, "a", End::End), None);
    assert!(matches!(error, Err(FindError::NotEditable(why)) if why.contains("a comment stands beside")));
}

#[test]
fn yaml_elements_go_with_the_comments_above_them() {
    let list = "l:\n  # all\n  - a\n  # about b\n  - b: 1 # c\n    # in b\n    d: 2\n\n  - e\n";
    let text = "b: 1\nd: 2";
    takes("a.yaml", list, &item(r#"["l"]"#, text, End::End), "l:\n  # all\n  - a\n\n  - e\n");
    takes(
        "a.yaml",
        list,
        &item(r#"["l"]"#, "a", End::End),
        "l:\n  # all\n  # about b\n  - b: 1 # c\n    # in b\n    d: 2\n\n  - e\n",
    );
    takes("a.yaml", "l:\n  - a\n  - b", &item(r#"["l"]"#, "b", End::End), "l:\n  - a");
    // Of equal ones the one at the end that was added to.
    takes("a.yaml", "l:\n- a # 1\n- a # 2\n", &item(r#"["l"]"#, "a", End::Start), "l:\n- a # 2\n");
    takes("a.yaml", "l:\n- a # 1\n- a # 2\n", &item(r#"["l"]"#, "a", End::End), "l:\n- a # 1\n");
    let error = document("a.yaml", "l:\n- a\n").take_out(&item(r#"["l"]"#, "\"b\"", End::End), None);
    assert!(matches!(error, Err(FindError::NoMatch(_))));
    // Text and what only looks like it are not the same.
    assert_eq!(document("a.yaml", "l: [1, \"1\"]\n").holds(&item(r#"["l"]"#, "1", End::End)), 1);
}

#[test]
fn yaml_blocks_move_between_lists() {
    let before = "backlog:\n  - id: a\n  # about b\n  - id: b\n    status: todo   # c\n    text: |\n      l1\n       l2\n  - id: d\ndone: []\nother:\n- x\n";
    let document = document("a.yaml", before);
    let text = document.item_text(&path(r#"["backlog",{"id":"b"}]"#)).unwrap();
    assert_eq!(text, "# about b\nid: b\nstatus: todo   # c\ntext: |\n  l1\n   l2");
    let out = document.apply(&document.take_out(&item(r#"["backlog"]"#, &text, End::End), None).unwrap());
    let moved = out.apply(&out.add(&item(r#"["done"]"#, &text, End::End)).unwrap());
    let after = "backlog:\n  - id: a\n  - id: d\ndone:\n  # about b\n  - id: b\n    status: todo   # c\n    text: |\n      l1\n       l2\nother:\n- x\n";
    assert_eq!(String::from_utf8_lossy(moved.bytes()), after);
    let again = moved.apply(&moved.add(&item(r#"["other"]"#, &text, End::Start)).unwrap());
    assert!(
        String::from_utf8_lossy(again.bytes())
            .ends_with("other:\n# about b\n- id: b\n  status: todo   # c\n  text: |\n    l1\n     l2\n- x\n")
    );
    for (text, words) in [("- ---\n", "by itself"), ("-\n", "nothing behind the dash"), ("- - a\n", "shares its line")]
    {
        let at = if words == "shares its line" { "[0,0]" } else { "[0]" };
        let error = self::document("a.yaml", text).item_text(&path(at)).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    // Its status changes on the way: the text is a document of its own.
    let mut part = self::document("part.yaml", &text);
    part = part.apply(&part.set(&serde_json::from_str(r#"["status"]"#).unwrap(), "done").unwrap());
    assert_eq!(part.bytes(), text.replace("todo", "done").as_bytes());
}

#[test]
fn yaml_keys() {
    let map = "m:\n  a: 1 # c\n  b:\n    - x\n\nz: 1\n";
    adds("a.yaml", map, &entry(r#"["m"]"#, "k", "new", None), "m:\n  a: 1 # c\n  b:\n    - x\n  k: new\n\nz: 1\n");
    adds(
        "a.yaml",
        map,
        &entry(r#"["m"]"#, "k", "\"q\"", Some("a")),
        "m:\n  a: 1 # c\n  k: \"q\"\n  b:\n    - x\n\nz: 1\n",
    );
    adds(
        "a.yaml",
        map,
        &entry(r#"["m"]"#, "k: 1", "- p\n- q: 1\n  r: 2", None),
        "m:\n  a: 1 # c\n  b:\n    - x\n  \"k: 1\":\n    - p\n    - q: 1\n      r: 2\n\nz: 1\n",
    );
    adds(
        "a.yaml",
        map,
        &entry("[]", "k", "o: 1\np: 2", None),
        "m:\n  a: 1 # c\n  b:\n    - x\n\nz: 1\nk:\n  o: 1\n  p: 2\n",
    );
    adds(
        "a.yaml",
        map,
        &entry("[]", "k", "|\n  l1\n  l2\n", Some("m")),
        "m:\n  a: 1 # c\n  b:\n    - x\nk: |\n  l1\n  l2\n\nz: 1\n",
    );
    adds(
        "a.yaml",
        "l:\n- id: t\n  s: 1\n",
        &entry(r#"["l",{"id":"t"}]"#, "k", "2", Some("id")),
        "l:\n- id: t\n  k: 2\n  s: 1\n",
    );
    adds("a.yaml", "{a: 1, b: 2}\n", &entry("[]", "k", "[x]", Some("a")), "{a: 1, k: [x], b: 2}\n");
    adds("a.yaml", "m: {}\n", &entry(r#"["m"]"#, "k", "x", None), "m: {k: x}\n");
    refused("a.yaml", map, &entry(r#"["m"]"#, "a", "2", None), "has the key `a` already");
    refused("a.yaml", map, &entry(r#"["m"]"#, "k", "2", Some("q")), "no key `q`");
    refused("a.yaml", map, &entry(r#"["z"]"#, "k", "2", None), "not a mapping");
    refused("a.yaml", map, &entry(r#"["m"]"#, "k", "a: b: c", None), "not valid YAML");
    takes("a.yaml", "m:\n  a: 1\n  k: new # c\nz: 1\n", &entry(r#"["m"]"#, "k", "new", None), "m:\n  a: 1\nz: 1\n");
    takes("a.yaml", "- id: t\n  s: 1\n", &entry("[0]", "id", "t", None), "- s: 1\n");
    let only = document("a.yaml", "m:\n  k: 1\n").take_out(&entry(r#"["m"]"#, "k", "1", None), None);
    assert!(matches!(only, Err(FindError::Refused(why)) if why.contains("the only one")));
}

#[test]
fn json_elements_stand_like_their_neighbours() {
    let spread = "{\n  \"l\": [\n    {\n      \"a\": 1\n    }\n  ]\n}";
    adds(
        "a.json",
        spread,
        &item("\"/l\"", r#"{"id":"n","t":["x",{}]}"#, End::Start),
        "{\n  \"l\": [\n    {\n      \"id\": \"n\",\n      \"t\": [\n        \"x\",\n        {}\n      ]\n    },\n    {\n      \"a\": 1\n    }\n  ]\n}",
    );
    adds(
        "a.json",
        "{\r\n\t\"l\":  [\r\n\t\t\"a\"\r\n\t]\r\n}\r\n",
        &item("\"/l\"", "\"n\"", End::End),
        "{\r\n\t\"l\":  [\r\n\t\t\"a\",\r\n\t\t\"n\"\r\n\t]\r\n}\r\n",
    );
    adds(
        "a.json",
        "{\n  \"l\": []\n}\n",
        &item("\"/l\"", r#"{"a": 1}"#, End::End),
        "{\n  \"l\": [\n    {\n      \"a\": 1\n    }\n  ]\n}\n",
    );
    adds("a.json", "[]\n", &item("\"\"", r#"{"a":1}"#, End::End), "[\n  {\n    \"a\": 1\n  }\n]\n");
    adds("a.json", "[\n]", &item("\"\"", "1", End::End), "[\n  1\n]");
    adds("a.json", "{\"l\":[1,2]}", &item("\"/l\"", "3", End::End), "{\"l\":[1,2,3]}");
    adds("a.json", "{\"l\": [1]}", &item("\"/l\"", "0", End::Start), "{\"l\": [0, 1]}");
    // One element a line stays one a line.
    adds(
        "a.json",
        "[\n  {\"a\": 1},\n  {\"a\": 2}\n]\n",
        &item("\"\"", r#"{"a": 3}"#, End::End),
        "[\n  {\"a\": 1},\n  {\"a\": 2},\n  {\"a\": 3}\n]\n",
    );
    refused("a.json", "{\"l\":{}}", &item("\"/l\"", "1", End::End), "not an array");
    refused("a.json", "[]", &item("\"\"", "x", End::End), "not valid JSON");
    takes("a.json", "[1, 2, 3]", &item("\"\"", "2", End::End), "[1, 3]");
    takes("a.json", "[\n  1,\n  2\n]", &item("\"\"", "2", End::End), "[\n  1\n]");
    takes("a.json", "[\n  1\n]", &item("\"\"", "1", End::End), "[]");
}

#[test]
fn json_keys() {
    let text = "{\n    \"a\":  1,\n    \"b\":  null\n}\n";
    adds(
        "a.json",
        text,
        &entry("\"\"", "n", "\"x\"", None),
        "{\n    \"a\":  1,\n    \"b\":  null,\n    \"n\":  \"x\"\n}\n",
    );
    adds(
        "a.json",
        text,
        &entry("\"\"", "n", "[1]", Some("a")),
        "{\n    \"a\":  1,\n    \"n\":  [\n        1\n    ],\n    \"b\":  null\n}\n",
    );
    adds("a.json", "{\"a\":1}", &entry("\"\"", "q\"", "{\"b\": 1}", None), "{\"a\":1,\"q\\\"\":{\"b\": 1}}");
    adds("a.json", "{}\n", &entry("\"\"", "n", "1", None), "{\n  \"n\": 1\n}\n");
    refused("a.json", text, &entry("\"\"", "b", "1", None), "already");
    takes("a.json", text, &entry("\"\"", "a", "1", None), "{\n    \"b\":  null\n}\n");
    takes("a.json", text, &entry("\"\"", "b", "null", None), "{\n    \"a\":  1\n}\n");
}
