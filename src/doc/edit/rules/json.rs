//! The numbered rules of JSON scalars, one `check` each; a test `r6_3…` is for rule 6.3.

use crate::doc::{CellId, DocId, Document, FindError, json};

fn document(text: impl AsRef<[u8]>) -> Document {
    Document::parse(DocId::new("a.json").unwrap(), text.as_ref().to_vec())
}

fn at(pointer: &str) -> CellId {
    serde_json::from_value(pointer.into()).unwrap()
}

/// Sets the value of `/a`, given as the text of a cell.
#[track_caller]
fn check(before: &str, value: &str, after: &str) {
    let document = document(before);
    let patch = document.set(&at("/a"), value).unwrap();
    assert_eq!(String::from_utf8_lossy(&patch.apply(before.as_bytes())), after);
    let new = document.apply_checked(&patch, &[(&at("/a"), value)]).unwrap();
    assert_eq!(patch.invert(before.as_bytes()).apply(new.bytes()), before.as_bytes());
}

#[track_caller]
fn refused(text: &str, pointer: &str, words: &str) {
    let error = document(text).set(&at(pointer), "new").unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
}

#[test]
fn r0_3_an_equal_value_writes_nothing() {
    for (text, value) in [(r#"{"a":"\u0041\/"}"#, "A/"), (r#"{"a":1.50}"#, "1.50"), (r#"{"a":null}"#, "null")] {
        check(text, value, text);
    }
    check(r#"{"a":"x"}"#, "\"x\"", r#"{"a":"x"}"#);
}

#[test]
fn r6_1_addresses() {
    let text = r#"{"a":{"x/y":1,"m~n":2,"":3,"l":[{"id":"p","v":4},{"task_id":"q","v":5}]},"0":6}"#;
    let document = document(text);
    for (pointer, value) in
        [("/a/x~1y", "1"), ("/a/m~0n", "2"), ("/a/", "3"), ("/a/l/1/v", "5"), ("/0", "6"), ("/a/l/0/id", "p")]
    {
        assert_eq!(document.find(&at(pointer)).unwrap().value, value, "{pointer}");
    }
    let steps: CellId = serde_json::from_str(r#"["a","l",{"task_id":"q"},"v"]"#).unwrap();
    assert_eq!(document.find(&steps).unwrap().value, "5");
    for pointer in ["/a/l/2/v", "/a/l/01/v", "/a/l/-/v", "/b", "a", "/a/l/0/id/x"] {
        assert!(matches!(document.find(&at(pointer)), Err(FindError::NoMatch(_))), "{pointer}");
    }
    for (cell, found) in document.cells() {
        assert_eq!(document.find(&cell).unwrap(), found, "{cell:?}");
    }
    assert_eq!(self::document("3").find(&at("")).unwrap().value, "3");
}

#[test]
fn r6_1_places_that_are_only_read() {
    refused(r#"{"a":{}}"#, "/a", "holds keys of its own");
    refused(r#"{"a":[1]}"#, "/a", "holds elements");
    refused(r#"{"a":1,"a":2}"#, "/a", "more than once");
    refused(r#"{"a":{"b":1},"a":2}"#, "/a/b", "more than once");
    refused("{\"a\":1}\n{\"a\":2}\n", "/a", "one JSON value a line");
    for (text, words) in [
        ("", "nothing in it"),
        ("{\"a\":1,}", "a key in double quotes"),
        ("{\"a\":1} x", "behind the end"),
        ("{'a':1}", "a key in double quotes"),
        ("{\"a\":01}", "a value is expected"),
        ("{\"a\":nul}", "a value is expected"),
        ("{\"a\":nulls}", "a value is expected"),
        ("{\"a\":1 \"b\":2}", "a comma or `}`"),
        ("[1 2]", "a comma or `]`"),
        ("{\"a\":\"x\ny\"}", "control character"),
        ("{\"a\":\"\\x\"}", "escapes nothing"),
        ("{\"a\": // c\n1}", "a value is expected"),
        ("{\"a\":[1", "not closed"),
        ("{\"updated\": ,\"a\":1}", "a value is expected"),
    ] {
        let document = document(text);
        assert!(document.locked().is_some_and(|why| why.contains(words)), "{text:?}: {:?}", document.locked());
        assert_eq!(document.problems()[0].rule, "invalid-json");
    }
}

#[test]
fn r6_2_every_other_byte_stays() {
    check(
        "\u{feff}{\r\n    \"n\":  0.0,\r\n\t\"a\" :\"old\" ,\"m\":22.102549999999965, \"e\":1E+05}",
        "new",
        "\u{feff}{\r\n    \"n\":  0.0,\r\n\t\"a\" :\"new\" ,\"m\":22.102549999999965, \"e\":1E+05}",
    );
}

#[test]
fn r6_3_strings_and_other_values() {
    check(
        r#"{"a":1}"#,
        "\" \\ / \u{8} \u{c} \n \r \t \u{1} \u{1f} \u{7f} é😀\u{2028}",
        "{\"a\":\"\\\" \\\\ / \\b \\f \\n \\r \\t \\u0001 \\u001f \u{7f} é😀\u{2028}\"}",
    );
    // A value may change its type.
    for (value, token) in [
        ("null", "null"),
        ("true", "true"),
        ("-0.10e5", "-0.10e5"),
        ("text", "\"text\""),
        ("", "\"\""),
        ("01", "\"01\""),
        ("{}", "\"{}\""),
        ("\"null\"", "\"null\""),
        ("\"x\"", "\"x\""),
        ("\"", "\"\\\"\""),
    ] {
        for old in ["{\"a\": \"old\" }", "{\"a\": null }", "{\"a\": 12 }"] {
            if !old.contains(&format!(": {token} ")) {
                check(old, value, &format!("{{\"a\": {token} }}"));
            }
        }
    }
    // Any string can be given, also one that looks like something else.
    for text in ["null", "true", "12", "\"q\"", "\"", "x"] {
        let document = document(r#"{"a":0}"#);
        let patch = document.set(&at("/a"), &json::string_value(text)).unwrap();
        let value: serde_json::Value = serde_json::from_slice(&patch.apply(document.bytes())).unwrap();
        assert_eq!(value["a"], text);
    }
}
