//! JSON and YAML documents are edited losslessly: any bytes are read, an edit changes one value and nothing else, what is added
//! goes without a trace, an undo brings the first bytes back. Over generated documents, hostile ones, and the real ones in
//! `../shared/corpus` where it is there.

use std::cell::Cell as Count;
use std::collections::BTreeSet;
use std::sync::Arc;

use codex_tui::doc::cell::{End, Found, PathCell, Step};
use codex_tui::doc::tree::NodeRef;
use codex_tui::doc::{Addition, CellId, Document, FindError, json};
use codex_tui::op::{Change, Edit, Intent, Mode, OpId, Operation, plan};
use proptest::prelude::*;
use proptest::sample::Index;

use super::bounded::ends;
use super::corpus;
use super::given::{cases, cells, document};

/// Values that the two formats tend to get wrong.
const NASTY: &[&str] = &[
    "",
    " ",
    "a",
    " lead",
    "trail ",
    "null",
    "~",
    "true",
    "No",
    "y",
    "12",
    "-1",
    "+1",
    "0x1F",
    "1_000",
    "1e3",
    ".5",
    ".inf",
    "12:30",
    "2025-09-22",
    "2025-09-22T10:00:00Z",
    "<<",
    "=",
    "a: b",
    "a #b",
    "#x",
    "- x",
    "-",
    "? x",
    "x:",
    "[a]",
    "{a}",
    "a, b",
    "'q'",
    "\"q\"",
    "it's",
    "say \"x\"",
    "%x",
    "@x",
    "`x`",
    "|",
    "> x",
    "!t",
    "&a",
    "*a",
    "...",
    "---",
    "a\nb",
    "\n",
    "a\r\nb",
    "\ttab",
    "\0",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "é–≤😀",
    "\u{202e}bidi",
    "\u{a0}",
    "\\",
    "a\\",
    "\\n",
    "=1+1",
    "http://x/y#z",
    "\u{200b}",
    "\"",
    "01",
    "{}",
];

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(NASTY).prop_map(String::from),
        2 => "[:#,\\[\\]{}\"'\\\\|>&*!%@ \n\tax1.~-]{0,8}",
    ]
}

/// A scalar as it may stand in YAML.
fn yaml_scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-c1]{1,4}",
        1 => Just("two words".to_owned()),
        3 => prop::sample::select(&[
            "'it''s'", "\"q\\n\"", "\"\"", "~", "12", "2025-09-22", "true", "x:y", "a, b", "é", "[a, 'b']", "{k: v, l: [1]}",
            "[]", "{}", "&m x", "*m", "!t x", "", "a # c", "\"u\\u0041\" # c", "|\n%  l1\n%\n%   l2", ">-\n%  f1\n%  f2",
            "p1\n%  p2", "'s1\n\n%  s2'", "[\n%  a,\n%  b # c\n% ]",
        ]).prop_map(String::from),
    ]
}

/// A YAML value in the column of its key or dash; `%` in a scalar stands for that column.
#[derive(Debug, Clone)]
enum Node {
    Scalar(String),
    Map(Vec<(String, Node)>, bool),
    Seq(Vec<Node>, bool),
}

fn node() -> impl Strategy<Value = Node> {
    yaml_scalar().prop_map(Node::Scalar).prop_recursive(4, 24, 4, |inner| {
        let key = prop::sample::select(&["id", "name", "k", "'q'", "\"d\"", "x y", "z"]).prop_map(String::from);
        prop_oneof![
            (prop::collection::vec((key, inner.clone()), 1..4), any::<bool>()).prop_map(|(all, c)| Node::Map(all, c)),
            (prop::collection::vec(inner, 1..4), any::<bool>()).prop_map(|(all, c)| Node::Seq(all, c)),
        ]
    })
}

fn print(node: &Node, column: usize, out: &mut String) {
    let indent = " ".repeat(column);
    match node {
        Node::Scalar(text) => out.push_str(&format!(" {}\n", text.replace('%', &indent))),
        Node::Map(all, comment) => {
            for (at, (key, value)) in all.iter().enumerate() {
                out.push_str(&format!("{indent}{key}:"));
                below(value, column, *comment && at == 0, out);
            }
        }
        Node::Seq(all, comment) => {
            for (at, value) in all.iter().enumerate() {
                out.push_str(&format!("{indent}-"));
                below(value, column, *comment && at == 1, out);
            }
        }
    }
}

fn below(value: &Node, column: usize, comment: bool, out: &mut String) {
    match value {
        Node::Scalar(_) => print(value, column, out),
        Node::Map(..) | Node::Seq(..) => {
            out.push_str(if comment { " # c\n" } else { "\n" });
            if comment {
                out.push_str(&format!("{}# about\n\n", " ".repeat(column + 2)));
            }
            print(value, column + 2, out);
        }
    }
}

fn yaml() -> impl Strategy<Value = String> {
    (node(), any::<bool>(), 0..3u8, any::<bool>()).prop_map(|(node, mark, end, last)| {
        let mut text = String::new();
        match &node {
            Node::Scalar(_) => print(&Node::Map(vec![("k".to_owned(), node)], false), 0, &mut text),
            Node::Map(..) | Node::Seq(..) => print(&node, 0, &mut text),
        }
        if !last {
            text.truncate(text.trim_end_matches('\n').len());
        }
        if end == 0 {
            text = text.replace('\n', "\r\n");
        }
        if mark { format!("\u{feff}{text}") } else { text }
    })
}

fn json_text() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(&[
        "null",
        "true",
        "12",
        "-0.0",
        "1E+5",
        "\"a\"",
        "\"\\u0041\\n\"",
        "\"\"",
        "{}",
        "[ ]",
        "[]",
    ]);
    let value = leaf.prop_map(String::from).prop_recursive(4, 24, 4, |inner| {
        let key = prop::sample::select(&["id", "k", "a/b", "m~n", "", "\\u0041"]);
        let blank = prop::sample::select(&["", " ", "\n", "\r\n\t"]);
        prop_oneof![
            (prop::collection::vec((key, inner.clone()), 0..4), blank.clone()).prop_map(|(all, blank)| {
                let all: Vec<String> =
                    all.iter().map(|(key, value)| format!("{blank}\"{key}\":{blank}{value}")).collect();
                format!("{{{}{blank}}}", all.join(","))
            }),
            (prop::collection::vec(inner, 0..4), blank).prop_map(|(all, blank)| {
                let all: Vec<String> = all.iter().map(|value| format!("{blank}{value}")).collect();
                format!("[{}{blank}]", all.join(","))
            }),
        ]
    });
    (value, any::<bool>(), "[ \n]{0,2}")
        .prop_map(|(text, mark, end)| if mark { format!("\u{feff}{text}{end}") } else { format!("{text}{end}") })
}

/// Everything that is read: paths by number, keys and values.
fn all(document: &Document) -> Vec<String> {
    fn walk(node: NodeRef<'_>, path: &str, out: &mut Vec<String>) {
        let own = match node.key() {
            Some(key) => format!("{path}/{key}"),
            None => format!("{path}/{}", node.index()),
        };
        let kind = if node.shape().is_map() { "{}" } else { "[]" };
        out.push(format!("{own} = {}", node.text().map_or(kind.into(), |text| format!("{text:?}"))));
        node.children().for_each(|child| walk(child, &own, out));
    }
    let mut out = Vec::new();
    if let Some(root) = document.tree().and_then(|tree| tree.root()) {
        walk(root, "", &mut out);
    }
    out
}

/// What a cell of this document would be given to hold `text`.
fn fitting(name: &str, text: &str) -> String {
    if name.ends_with(".json") { json::string_value(text).into_owned() } else { text.to_owned() }
}

/// Edits one value and judges the result by reading all of both documents. Returns whether the edit was accepted.
fn edit_changes_only_its_value(document: &Document, before: &[(CellId, Found)], at: usize, text: &str) -> bool {
    let (cell, was) = &before[at];
    let value = fitting(document.id().as_str(), text);
    let patch = match document.set(cell, &value) {
        Ok(patch) => patch,
        Err(FindError::NotEditable(_)) => return false,
        Err(other) => panic!("{cell:?} takes {text:?}: {other}"),
    };
    assert_eq!(patch.is_empty(), was.value == value, "no-op exactly for an equal value");
    for splice in patch.splices() {
        assert_eq!(splice.span, was.span);
    }
    let after = document.apply_checked(&patch, &[(cell, &value)]).expect("an accepted edit reads back");
    let now = cells(&after);
    assert_eq!(before.len(), now.len());
    for (index, ((_, was), (_, is))) in before.iter().zip(&now).enumerate() {
        let expected = if index == at { &value } else { &was.value };
        assert_eq!(&is.value, expected, "value {index} after editing value {at}");
    }
    assert_eq!(patch.invert(document.bytes()).apply(after.bytes()), document.bytes(), "apply∘invert");
    undone(document, vec![Change::Set { cell: cell.clone(), expect: was.value.clone(), write: value, exact: None }]);
    true
}

fn operation(document: &Document, changes: Vec<Change>) -> Operation {
    let edit = |change| Edit { doc: document.id().clone(), change };
    let intent = Intent { verb: String::new(), summary: String::new() };
    Operation { intent, edits: changes.into_iter().map(edit).collect(), undoes: None }
}

/// Does the changes as one operation, takes it back from what the journal would hold, does it again and takes that back.
fn undone(document: &Document, changes: Vec<Change>) {
    let first = Arc::new(Document::parse(document.id().clone(), document.bytes().to_vec()));
    let step = |operation: &Operation, on: &Arc<Document>| {
        let text = serde_json::to_string(operation).expect("it can be written down");
        let operation: Operation = serde_json::from_str(&text).expect("and read");
        plan(&operation, Mode::Fresh, |_| Some(on.clone()), |_| None)
    };
    let done = step(&operation(document, changes), &first).unwrap_or_else(|refusal| panic!("{refusal}"));
    let Some(done) = done.files.into_iter().next() else { return };
    let (mut now, mut inverse) = (done.after.expect("it stays"), done.inverse);
    let there = now.bytes().to_vec();
    for (at, expected) in [first.bytes(), &there[..], first.bytes()].into_iter().enumerate() {
        let back = Operation { edits: inverse, undoes: Some(OpId(1)), ..operation(document, Vec::new()) };
        let back = step(&back, &now).unwrap_or_else(|refusal| panic!("{refusal}"));
        let file = back.files.into_iter().next().expect("a change");
        (now, inverse) = (file.after.expect("it stays"), file.inverse);
        assert_eq!(String::from_utf8_lossy(now.bytes()), String::from_utf8_lossy(expected), "turn {at}");
    }
}

#[test]
fn edits_change_only_their_value() {
    let (tried, accepted) = (Count::new(0), Count::new(0));
    let edit = |name: &str, text: &str, at: Index, value: &str| {
        let document = document(name, text);
        let before = cells(&document);
        if !before.is_empty() && document.locked().is_none() {
            tried.set(tried.get() + 1);
            let done = edit_changes_only_its_value(&document, &before, at.index(before.len()), value);
            accepted.set(accepted.get() + usize::from(done));
        }
    };
    proptest!(cases(3000), |(text in yaml(), at: Index, value in value())| { edit("a.yaml", &text, at, &value); });
    let (of_yaml, yaml_accepted) = (tried.get(), accepted.get());
    proptest!(cases(2000), |(text in json_text(), at: Index, value in value())| { edit("a.json", &text, at, &value); });
    let (tried, accepted) = (tried.get(), accepted.get());
    println!(
        "{yaml_accepted} of {of_yaml} edits of YAML and {} of {} of JSON accepted",
        accepted - yaml_accepted,
        tried - of_yaml
    );
    assert!(
        of_yaml > 2000 && yaml_accepted * 10 >= of_yaml * 6,
        "the test has become empty: {yaml_accepted} of {of_yaml}"
    );
    assert!(tried - of_yaml > 1000 && accepted * 10 >= tried * 6, "the test has become empty: {accepted} of {tried}");
}

/// Adds an element or a key and judges by reading all of both documents; takes it back in every way. Returns whether it was
/// accepted.
fn an_addition_is_the_only_change(document: &Document, addition: &Addition) -> bool {
    let Ok(patch) = document.add(addition) else { return false };
    let after = document.apply_checked(&patch, &[]).expect("an addition disturbs nothing");
    assert_eq!(after.holds(addition), document.holds(addition) + 1);
    let alone = after.take_out(addition, None).map(|patch| after.apply(&patch));
    let read = |document: &Document| -> Vec<String> {
        all(document).into_iter().map(|line| line.split_once(" = ").unwrap().1.replace("\"\"", "[]")).collect()
    };
    if let Ok(alone) = alone {
        // What was nothing may be an empty list now.
        assert_eq!(read(&alone), read(document), "{addition:?}");
    }
    undone(document, vec![Change::Add { addition: addition.clone(), gap: None }]);
    true
}

/// All that holds others, with its address.
fn holders(document: &Document) -> Vec<(PathCell, bool, Vec<String>)> {
    let Some(tree) = document.tree() else { return Vec::new() };
    let mut found = Vec::new();
    let mut open: Vec<NodeRef<'_>> = tree.root().into_iter().collect();
    while let Some(node) = open.pop() {
        if node.shape().is_map() || node.shape().is_seq() {
            let keys = node.children().filter_map(|child| child.key()).map(|key| key.into_owned()).collect();
            found.push((tree.address(node), node.shape().is_seq(), keys));
            open.extend(node.children());
        }
    }
    found
}

const PARTS: &[&str] = &[
    "new",
    "\"new: x\"",
    "id: n\nk: \"v\"",
    "# why\nid: n\nl:\n  - a\n  # b\n  - b",
    "[x, y]",
    "{id: n}",
    "|\n  l1\n\n  l2",
    "- p\n- q",
];
const JSON_PARTS: &[&str] = &["null", "\"new\"", "{\"id\":\"n\",\"l\":[1,{}]}", "{\n  \"id\": \"n\"\n}", "[]"];

fn addition(document: &Document, at: Index, part: Index, start: bool, named: bool) -> Option<Addition> {
    let holders = holders(document);
    let (at, sequence, keys) = holders.get(at.index(holders.len().max(1)))?.clone();
    let parts = if document.id().as_str().ends_with(".json") { JSON_PARTS } else { PARTS };
    let text = parts[part.index(parts.len())].to_owned();
    let after = keys.get(part.index(keys.len().max(1))).filter(|_| named).cloned();
    Some(match sequence {
        true => Addition::Item { at, text, end: if start { End::Start } else { End::End } },
        false => Addition::Entry { at, key: "brand new".to_owned(), text, after },
    })
}

#[test]
fn what_is_added_is_the_only_change_and_goes_without_a_trace() {
    let (tried, accepted) = (Count::new(0), Count::new(0));
    let add = |document: Document, at, part, start, named| {
        if document.locked().is_none()
            && let Some(addition) = addition(&document, at, part, start, named)
        {
            tried.set(tried.get() + 1);
            accepted.set(accepted.get() + usize::from(an_addition_is_the_only_change(&document, &addition)));
        }
    };
    proptest!(cases(3000), |(text in yaml(), at: Index, part: Index, start: bool, named: bool)| {
        add(document("a.yaml", &text), at, part, start, named);
    });
    proptest!(cases(2000), |(text in json_text(), at: Index, part: Index, start: bool, named: bool)| {
        add(document("a.json", &text), at, part, start, named);
    });
    let (tried, accepted) = (tried.get(), accepted.get());
    println!("{accepted} of {tried} additions accepted, the others refused");
    assert!(tried > 2000 && accepted * 10 >= tried * 6, "the test has become empty: {accepted} of {tried}");
}

#[test]
fn what_is_taken_out_comes_back_where_it_was() {
    let (tried, done) = (Count::new(0), Count::new(0));
    let take = |document: Document, at: Index| {
        let sequences: Vec<(PathCell, bool, Vec<String>)> =
            holders(&document).into_iter().filter(|(_, sequence, _)| *sequence).collect();
        if document.locked().is_some() || sequences.is_empty() {
            return;
        }
        let (PathCell::Steps(steps), ..) = sequences[at.index(sequences.len())].clone() else { panic!("steps") };
        let element = PathCell::Steps([&steps[..], &[Step::Index(0)]].concat());
        let Ok(text) = document.item_text(&element) else { return };
        let addition = Addition::Item { at: PathCell::Steps(steps), text, end: End::Start };
        tried.set(tried.get() + 1);
        if document.take_out(&addition, None).is_ok() {
            done.set(done.get() + 1);
            undone(&document, vec![Change::TakeOut { addition, inserted: None, created: false, folders: 0 }]);
        }
    };
    proptest!(cases(3000), |(text in yaml(), at: Index)| { take(document("a.yaml", &text), at); });
    proptest!(cases(1000), |(text in json_text(), at: Index)| { take(document("a.json", &text), at); });
    println!("{} of {} elements taken out", done.get(), tried.get());
    assert!(tried.get() > 500 && done.get() * 10 >= tried.get() * 6, "{} of {}", done.get(), tried.get());
}

#[test]
fn a_block_moves_in_one_operation_and_back() {
    let lists = [
        "backlog:\n  - id: a\n  # about b\n  - id: b # c\n    n: |\n      l\n  - id: d\ndone: []  # none\nz: 1\n",
        "backlog:\n- id: b\n  n: [x]\ndone:\n- id: e\n",
        "backlog:\r\n  -   id: b\r\n      n: 1\r\ndone:\r\nz: 1\r\n",
        "done:\n  - id: e\nbacklog:\n  - id: b",
    ];
    for text in lists {
        let document = document("a.yaml", text);
        let path = |address: &str| -> PathCell { serde_json::from_str(address).expect("an address") };
        let text = document.item_text(&path(r#"["backlog",{"id":"b"}]"#)).expect("an element");
        let item = |list: &str, end| Addition::Item { at: path(list), text: text.clone(), end };
        for end in [End::Start, End::End] {
            let out = Change::TakeOut {
                addition: item(r#"["backlog"]"#, End::End),
                inserted: None,
                created: false,
                folders: 0,
            };
            undone(&document, vec![out, Change::Add { addition: item(r#"["done"]"#, end), gap: None }]);
        }
    }
}

/// Reading and asking anything never changes a byte and never panics.
fn stays_as_it_is(name: &str, bytes: &[u8]) {
    let document = document(name, bytes);
    assert_eq!(document.bytes(), bytes);
    for (cell, found) in document.cells().take(300) {
        assert!(found.span.end <= bytes.len() && found.line >= 1);
        if std::str::from_utf8(bytes).is_ok() {
            assert_eq!(document.find(&cell).expect("a listed value is found"), found, "{cell:?}");
        }
    }
    assert!(document.problems().is_sorted_by_key(|problem| problem.line) || document.locked().is_some());
}

#[test]
fn any_bytes_are_read() {
    let soup =
        || prop::collection::vec(prop::sample::select(&b"-:?,[]{}#&*!|>'\"%@ \n\n\r\ta1\\.\xff\xc3"[..]), 0..120);
    proptest!(cases(4000), |(bytes in soup())| {
        stays_as_it_is("a.yaml", &bytes);
        stays_as_it_is("a.json", &bytes);
    });
    proptest!(cases(2000), |(text in yaml(), at: Index, byte: u8)| {
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len().max(1));
        if at < bytes.len() {
            bytes[at] = byte;
        }
        stays_as_it_is("a.yaml", &bytes);
    });
}

/// `serde_json` is an independent reader of JSON.
#[test]
fn json_is_what_another_reader_reads() {
    let soup = "[\\[\\]{}:,\"\\\\ntrufalse0-9.eE+\\- \n]{0,12}";
    proptest!(cases(6000), |(text in prop_oneof![1 => soup.prop_map(String::from), 1 => json_text()])| {
        let document = document("a.json", &text);
        let theirs: Result<serde_json::Value, _> = serde_json::from_str(text.trim_start_matches('\u{feff}'));
        // Numbers beyond all bounds are valid, but not for that reader.
        let huge = theirs.as_ref().is_err_and(|error| error.to_string().contains("out of range"));
        prop_assert!(huge || document.locked().is_none() == theirs.is_ok(), "{:?} {:?}", document.locked(), theirs);
        let (Ok(theirs), None) = (theirs, document.locked()) else { return Ok(()) };
        for (cell, found) in document.cells() {
            let CellId::Path(PathCell::Pointer(pointer)) = &cell else { panic!("a pointer") };
            let value = theirs.pointer(pointer).expect("a value at the pointer");
            match value {
                serde_json::Value::String(text) => prop_assert_eq!(&*json::string_value(text), &*found.value),
                other => prop_assert_eq!(other, &serde_json::from_str::<serde_json::Value>(&found.value).unwrap()),
            }
        }
    });
}

/// Hostile documents cost time and memory in proportion to their size, and their limits are told.
#[test]
fn hostile_documents_are_bounded() {
    let deep = 100_000;
    let bomb = (0..30).map(|n| format!("a{n}: &a{n} [{}]\n", format!("*a{}, ", n - 1).repeat(9))).collect::<String>();
    let bomb = bomb.replace("*a-1", "x");
    for (name, text, rule) in [
        ("a.json", "[".repeat(deep), Some("too-deep")),
        ("a.json", "{\"a\":".repeat(deep), Some("too-deep")),
        ("a.json", format!("[{}0]", "0,".repeat(1_200_000)), Some("too-many-values")),
        ("a.json", format!("{{{}\"b\":0}}", "\"a\":0,".repeat(200_000)), Some("repeated-key")),
        ("a.yaml", "[".repeat(deep), Some("too-deep")),
        ("a.yaml", "- ".repeat(deep), Some("too-deep")),
        ("a.yaml", (0..1000).map(|n| format!("{}a:\n", " ".repeat(n))).collect(), Some("too-deep")),
        ("a.yaml", bomb, None),
        ("a.yaml", "a: x\n".repeat(200_000), Some("repeated-key")),
        ("a.yaml", format!("a: {}\n", "x".repeat(2_000_000)), None),
        ("a.yaml", format!("a: \"{}\"\n", "x \n".repeat(500_000)), None),
        ("a.yaml", format!("a: |\n{}", "  x\n".repeat(500_000)), None),
        ("a.yaml", format!("a:{}", "\n".repeat(2_000_000)), None),
        ("a.yaml", "# c\n".repeat(500_000), None),
        ("a.yaml", "- a\n".repeat(400_000), None),
        ("a.yaml", format!("[{}0]", "0,".repeat(300_000)), None),
        ("a.yaml", format!("{{{}z: 0}}", "'a': x,".repeat(100_000)), Some("repeated-key")),
        ("a.json", format!("[{}0]", "0,".repeat(300_000)), None),
        ("a.yaml", format!("a:\n{}b: 1\n", "  x\n".repeat(400_000)), None),
        ("a.yaml", "'".repeat(400_001), Some("invalid-yaml")),
        ("a.yaml", "\t".repeat(400_000), None),
        ("a.yaml", "a: &".repeat(100_000), Some("invalid-yaml")),
    ] {
        let start: String = text.chars().take(20).collect();
        ends(&format!("{name} {start:?}"), move || is_bounded(name, &text, rule));
    }
}

/// Reads a document and demands that this is the first that is said of it, and that little is said.
fn is_bounded(name: &str, text: &str, rule: Option<&str>) {
    let document = document(name, text);
    assert_eq!(document.bytes(), text.as_bytes());
    let first = document.problems().first().map(|problem| problem.rule);
    assert_eq!(first, rule, "{:?}: {:?}", &text[..20.min(text.len())], document.problems().first());
    assert!(document.problems().len() < 200);
    if text.starts_with("[0") && rule.is_none() {
        let addition = Addition::Item { at: PathCell::Steps(Vec::new()), text: "1".to_owned(), end: End::End };
        let patch = document.add(&addition).expect("room for one more");
        assert!(document.apply(&patch).bytes().ends_with(b",0,1]"));
    }
    assert_eq!(document.cells().take(50).count(), document.cells().take(50).filter(|(_, f)| f.line > 0).count());
}

#[test]
fn real_documents_survive_every_edit() {
    let Some(files) = corpus::files(&["json", "yaml", "yml"]) else { return };
    let (mut editable, mut edits, mut accepted, mut additions, mut added) = (0, 0, 0, 0, 0);
    let mut large = BTreeSet::new();
    for path in &files {
        let bytes = std::fs::read(path).unwrap();
        let ext = path.extension().and_then(|ext| ext.to_str()).unwrap();
        let document = document(&format!("a.{ext}"), &bytes);
        assert_eq!(document.bytes(), bytes, "{}", path.display());
        if document.locked().is_some() {
            assert!(!document.problems().is_empty(), "{}: it is not said why", path.display());
            continue;
        }
        editable += 1;
        // Of large telemetry that is there many times over, one file.
        if bytes.len() >= 20_000 && !large.insert(bytes.len()) {
            continue;
        }
        let before = cells(&document);
        // All values of what people and agents edit; of telemetry some.
        let small = bytes.len() < 20_000;
        let step = if small { 1 } else { (before.len() / 2).max(1) };
        for at in (0..before.len()).step_by(step) {
            edits += 1;
            let value = NASTY[(edits * 7 + at) % NASTY.len()];
            accepted += usize::from(edit_changes_only_its_value(&document, &before, at, value));
        }
        let parts = if ext == "json" { JSON_PARTS } else { PARTS };
        let holders = holders(&document);
        for (nth, (at, sequence, _)) in
            holders.iter().step_by((holders.len() / if small { 6 } else { 1 }).max(1)).enumerate()
        {
            let text = parts[nth % parts.len()].to_owned();
            let addition = match sequence {
                true => Addition::Item { at: at.clone(), text, end: if nth % 2 == 0 { End::Start } else { End::End } },
                false => Addition::Entry { at: at.clone(), key: "brand new".to_owned(), text, after: None },
            };
            additions += 1;
            added += usize::from(an_addition_is_the_only_change(&document, &addition));
        }
    }
    println!(
        "{editable} of {} files editable, {accepted} of {edits} edits accepted, {added} of {additions} additions",
        files.len()
    );
    assert_eq!(accepted, edits);
}
