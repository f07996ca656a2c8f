//! The numbered rules of YAML scalars, one `check` each; a test `r5_3…` is for rule 5.3.

use crate::doc::{CellId, DocId, Document, FindError};

/// Expectation for an edit that must be refused and leave the document alone.
const REFUSED: &str = "\0refused";

fn document(text: impl AsRef<[u8]>) -> Document {
    Document::parse(DocId::new("a.yaml").unwrap(), text.as_ref().to_vec())
}

fn at(address: &str) -> CellId {
    serde_json::from_str(address).unwrap()
}

#[track_caller]
fn check_at(before: &str, address: &str, value: &str, after: &str) {
    let (document, cell) = (document(before), at(address));
    match document.set(&cell, value) {
        Ok(patch) => {
            let new = patch.apply(before.as_bytes());
            assert_eq!(String::from_utf8_lossy(&new), after);
            let new = document.apply_checked(&patch, &[(&cell, value)]).unwrap();
            assert_eq!(patch.invert(before.as_bytes()).apply(new.bytes()), before.as_bytes());
        }
        Err(error) => assert_eq!(after, REFUSED, "{error}"),
    }
}

/// Sets the value behind the key `a`.
#[track_caller]
fn check(before: &str, value: &str, after: &str) {
    check_at(before, r#"["a"]"#, value, after);
}

#[track_caller]
fn refused(text: &str, address: &str, words: &str) {
    let error = document(text).set(&at(address), "new").unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
}

fn values(document: &Document) -> Vec<String> {
    document.cells().map(|(_, found)| found.value).collect()
}

#[test]
fn r0_1_every_other_byte_stays() {
    check_at(
        "\u{feff}# top\r\n\r\nx:   'y'  # c\r\nlist:\n- {id: 1,  a: old } \n\n-   id: \"2\"\r\n    a:  old # why\n",
        r#"["list",{"id":"2"},"a"]"#,
        "new",
        "\u{feff}# top\r\n\r\nx:   'y'  # c\r\nlist:\n- {id: 1,  a: old } \n\n-   id: \"2\"\r\n    a:  new # why\n",
    );
    check("b: 1\na: old", "new", "b: 1\na: new");
    check("---\na: old\n...\n", "new", "---\na: new\n...\n");
}

#[test]
fn r0_2_invalid_utf8_is_read_only() {
    let document = document(b"a: x\nb: \xff\n");
    assert!(matches!(document.set(&at(r#"["a"]"#), "y"), Err(FindError::NotEditable(_))));
    assert_eq!((document.problems()[0].rule, document.problems()[0].line), ("invalid-utf8", 2));
}

#[test]
fn r0_3_an_equal_value_writes_nothing() {
    for (text, value) in [("a: 'x'\n", "x"), ("a: \"x\\u0041\"\n", "xA"), ("a: x\n  y\n", "x y"), ("a: ~\n", "~")] {
        check(text, value, text);
    }
    // What can only be read can be confirmed too.
    check("a: |\n  x\n", "x\n", "a: |\n  x\n");
    check("a:\n", "", "a:\n");
}

#[test]
fn r0_4_control_characters_are_escaped() {
    check("a: x\n", "\0\u{1b}[31m\u{7f}", "a: \"\\x00\\x1B[31m\\x7F\"\n");
}

#[test]
fn r5_1_addresses() {
    let text = "list:\n- id: x\n  a: 1\n- name: x\n  a: 2\n- id: x\n  a: 3\n- [p, q]\n1: one\n";
    let get = |address: &str| document(text).find(&at(address)).map(|found| (found.value, found.line));
    for (address, found) in [
        (r#"["list",0,"a"]"#, ("1", 3)),
        (r#"["list",{"id":"x"},"a"]"#, ("1", 3)),
        (r#"["list",{"id":"x","occurrence":1},"a"]"#, ("3", 7)),
        (r#"["list",{"name":"x"},"a"]"#, ("2", 5)),
        (r#"["list",{"key":"a","is":"3"},"id"]"#, ("x", 6)),
        (r#"["list",3,1]"#, ("q", 8)),
        (r#""/list/3/0""#, ("p", 8)),
        (r#"["1"]"#, ("one", 9)),
        (r#"[1]"#, ("one", 9)),
    ] {
        assert_eq!(get(address), Ok((found.0.to_owned(), found.1)), "{address}");
    }
    for (address, words) in [
        (r#"["lists"]"#, "no key `lists`; nearest: `list` (line 1)"),
        (r#"["list",{"id":"y"},"a"]"#, "no element with `id` = `y` in the sequence at line 2; nearest: `x` (line 2)"),
        (r#"["list",{"id":"x","occurrence":2},"a"]"#, "there are only 2"),
        (r#"["list",4]"#, "has 4, counted from 0"),
        (r#"["list","a"]"#, "not a mapping"),
        (r#"["list",0,"a",0]"#, "not a sequence"),
        (r#"["list",{"id":"x"},"A"]"#, "nearest: `a` (line 3)"),
    ] {
        let error = get(address).unwrap_err();
        assert!(matches!(&error, FindError::NoMatch(said) if said.contains(words)), "{address}: {error}");
    }
    // Every listed address finds its cell again.
    let document = document(text);
    for (cell, found) in document.cells() {
        assert_eq!(document.find(&cell).unwrap(), found, "{cell:?}");
        let written = serde_json::to_string(&cell).unwrap();
        assert_eq!(at(&written), cell);
    }
    let listed: Vec<String> = document.cells().map(|(cell, _)| serde_json::to_string(&cell).unwrap()).collect();
    assert_eq!(listed[1], r#"["list",{"id":"x"},"a"]"#);
    assert_eq!(listed[5], r#"["list",{"id":"x","occurrence":1},"a"]"#);
    assert_eq!(listed[2], r#"["list",{"name":"x"},"name"]"#);
}

#[test]
fn r5_2_places_that_are_only_read() {
    refused("b: 1\n", r#"["a"]"#, "no key `a`");
    refused("a: 1\na: 2\n", r#"["a"]"#, "more than once");
    refused("a: {b: 1}\na: 2\n", r#"["a","b"]"#, "more than once");
    refused("a: {b: 1}\n", r#"["a"]"#, "holds keys of its own");
    refused("a: []\n", r#"["a"]"#, "holds elements");
    refused("a: |\n  x\n", r#"["a"]"#, "block of lines");
    refused("a: >-\n  x\n", r#"["a"]"#, "block of lines");
    refused("a: &x y\nb: *x\n", r#"["a"]"#, "anchor or a tag");
    refused("a: &x y\nb: *x\n", r#"["b"]"#, "alias");
    refused("a: !!str y\n", r#"["a"]"#, "anchor or a tag");
    refused("a:\n", r#"["a"]"#, "no value behind it");
    refused("a:\n- x\n-\n", r#"["a",1]"#, "no value behind it");
    // Beside them, edits go on.
    check_at(
        "a: &x y\nm: {<<: *x, c: 1}\nd: e\nd: f\n",
        r#"["m","c"]"#,
        "2",
        "a: &x y\nm: {<<: *x, c: 2}\nd: e\nd: f\n",
    );
}

#[test]
fn r5_3_plain_stays_plain_where_it_reads_as_text() {
    for value in
        ["new", "two words", "a:b", "http://x/y#z", "it's", "é–≤😀", "x,y", "a]b", "1.2.3", "=1", "\\", "a\\", "/x"]
    {
        check("a: old # c\n", value, &format!("a: {value} # c\n"));
    }
    for value in [
        "",
        " x",
        "x ",
        "- x",
        "-1",
        "?",
        ": x",
        ",",
        "[x]",
        "{x}",
        "#x",
        "&x",
        "*x",
        "!x",
        "|",
        ">",
        "'x'",
        "%x",
        "@x",
        "`x`",
        "a: b",
        "a #b",
        "a:",
        "...",
        "... x",
        "~",
        "null",
        "Yes",
        "off",
        "n",
        "12",
        "+1",
        "0x1F",
        "1_0",
        "1e3",
        ".5",
        ".inf",
        "12:30",
        "2025-09-22",
        "2025-09-22T10:00:00Z",
        "<<",
        "=",
    ] {
        check("a: old # c\n", value, &format!("a: \"{value}\" # c\n"));
    }
    // A type may be replaced by itself.
    for (old, new) in [("2025-09-21", "2025-09-22"), ("1", "2.5"), ("no", "true"), ("~", "null"), ("12:30", "12:45")] {
        check(&format!("a: {old}\n"), new, &format!("a: {new}\n"));
    }
    for (old, new) in [("2025-09-21", "12"), ("1", "true"), ("no", "~"), ("1", "12:45")] {
        check(&format!("a: {old}\n"), new, &format!("a: \"{new}\"\n"));
    }
    // Between brackets more signs end a text.
    for value in ["x,y", "a]b", "{", "a}"] {
        check_at("l: [old, {b: 1}]\n", r#"["l",0]"#, value, &format!("l: [\"{value}\", {{b: 1}}]\n"));
    }
}

#[test]
fn r5_3_quotes_stay() {
    check("a: 'old'\n", "it's: #", "a: 'it''s: #'\n");
    check("a: 'old'\n", "", "a: ''\n");
    check("a: 'old'\n", "x\ty", "a: \"x\\ty\"\n");
    check("a: \"old\"\n", "12", "a: \"12\"\n");
    check("a: \"old\"\n", "it's", "a: \"it's\"\n");
}

#[test]
fn r5_3_lines_become_one() {
    check("a: one\n  two\n\n  three # c\nb: 1\n", "new", "a: new # c\nb: 1\n");
    check("a: 'one\n\n  two'\nb: 1\n", "new", "a: 'new'\nb: 1\n");
    check("a: \"one\\\n  two\"\nb: 1\n", "x\ny", "a: \"x\\ny\"\nb: 1\n");
}

#[test]
fn r5_4_escapes() {
    check(
        "a: \"old\"\n",
        "\\ \" \n \r \t \u{1} \u{7f} \u{85} \u{2028} \u{2029} \u{feff} \u{a0}é/",
        "a: \"\\\\ \\\" \\n \\r \\t \\x01 \\x7F \\N \\L \\P \\uFEFF \u{a0}é/\"\n",
    );
    let long = "x ".repeat(2000);
    check("a: \"old\"\n", &long, &format!("a: \"{long}\"\n"));
}

#[test]
fn what_is_read() {
    let text = "%: 1\n";
    assert!(document(text).locked().is_some());
    for (text, all) in [
        ("a: [x, 'y', {z: 1}]\nb:\n- p\n-\n  - q\n", vec!["x", "y", "1", "p", "q"]),
        ("- - a\n  - b\n- c: d\n  e:\n    f\n", vec!["a", "b", "d", "f"]),
        ("a: >\n  b\n  c\n\n  d\n'k: 1': \"v\"\n", vec!["b c\nd\n", "v"]),
        ("a:\nb: # c\n  # d\n  e\n", vec!["", "e"]),
        ("plain text\nover lines\n", vec!["plain text over lines"]),
        ("{a: [\n1,\n2, # c\n],\n\"b\":c}\n", vec!["1", "2", "\"b\":c"]),
        ("# only a comment\n", vec![]),
        ("", vec![]),
    ] {
        let document = document(text);
        if text.contains("\"b\":c") {
            assert_eq!(values(&document), ["1", "2", "c"]);
            continue;
        }
        assert_eq!(
            (values(&document), document.locked()),
            (all.iter().map(ToString::to_string).collect(), None),
            "{text:?}"
        );
    }
}

#[test]
fn what_is_not_read_is_named_and_stays() {
    for (text, rule, line) in [
        ("a: 1\n\tb: 2\n", "yaml-tab", 2),
        ("a: b: c\n", "invalid-yaml", 1),
        ("a: 1\n   b: 2\n", "invalid-yaml", 2),
        ("a: [1, 2\n", "invalid-yaml", 2),
        ("a: 'x\n", "invalid-yaml", 1),
        ("a: \"\\q\"\n", "invalid-yaml", 1),
        ("a: x\u{1}\n", "invalid-yaml", 1),
        ("a: 1\n---\nb: 2\n", "yaml-unsupported", 2),
        ("? a\n: b\n", "yaml-unsupported", 1),
        ("%YAML 1.2\n---\na: 1\n", "yaml-unsupported", 1),
        ("a: [b: c]\n", "yaml-unsupported", 1),
        ("a: 1\na: 2\n", "repeated-key", 2),
    ] {
        let document = document(text);
        let problem = &document.problems()[0];
        assert_eq!((problem.rule, problem.line), (rule, line), "{text:?}: {}", problem.message);
        assert_eq!(document.locked().is_some(), rule != "repeated-key", "{text:?}");
    }
}
