//! What the tests of editing have in common: values that formats tend to get wrong, generated Markdown and CSV.

use codex_tui::doc::cell::Found;
use codex_tui::doc::{CellId, DocId, Document};
use proptest::prelude::*;

/// So many cases, and no file that remembers failures.
pub fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A document of that name.
pub fn document(name: &str, bytes: impl AsRef<[u8]>) -> Document {
    Document::parse(DocId::new(name).unwrap(), bytes.as_ref().to_vec())
}

/// All cells of a document.
pub fn cells(document: &Document) -> Vec<(CellId, Found)> {
    document.cells().collect()
}

/// Values that Markdown and CSV tend to get wrong.
pub const NASTY: &[&str] = &[
    "",
    " ",
    "|",
    "a|b",
    "a\\|b",
    "a\\",
    "\\",
    "\\\\",
    "a<br>b",
    "<BR/>",
    "x<br />",
    "<<br>br>",
    "a\nb",
    "a\r\nb",
    "a\rb",
    "\n",
    "\na\n",
    " outer ",
    "\ttab\t",
    "---",
    ":---:",
    "# x",
    "- [ ] x",
    "```",
    "~~~",
    "<!-- c",
    "-->",
    "`",
    "\"",
    "\"\"",
    "a\"b",
    "\"quoted\"",
    "a,b",
    ",",
    "=1+1",
    "+1",
    "-1",
    "@x",
    "\u{a0}nbsp\u{a0}",
    "\u{202e}bidi",
    "\u{200b}",
    "\u{feff}",
    "é–≤😀",
    "e\u{301}",
    "\u{2028}",
    "\u{85}",
    "ST-B-001",
    "Done - 2026-01-02",
    "true",
    "`a|b`",
    "007",
    "0",
    "1e5",
    "HB-A-001",
    "_None_",
    "Done 2026-01-02: x",
    "[x](y)",
    "plain words",
    "ID",
];

/// A value to be written: nasty, or made of what is special in either format.
pub fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(NASTY).prop_map(String::from),
        2 => "[|\\\\<br>/ \",\r\n\tax:#`=\u{a0}é-]{0,8}",
        1 => prop::collection::vec(prop::sample::select(NASTY), 1..4).prop_map(|parts| parts.concat()),
    ]
}

pub fn line_end() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => Just("\n"), 3 => Just("\r\n"), 1 => Just("\r")]
}

/// Text of a table cell as it may stand in a file.
pub fn raw_cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ab1]{1,3}",
        1 => Just(String::new()),
        1 => prop::sample::select(&["  ", "\t", "a\\|b", "x<br>y", "x<BR/>", "<br>z", "`c\\|d`", "---", "\u{a0}", "a\\", "<!-- c -->"])
            .prop_map(String::from),
    ]
}

/// A row with or without outer bars and padding; perhaps with too few or too many cells.
pub fn row(cells: usize) -> impl Strategy<Value = String> {
    let width = prop_oneof![8 => Just(cells), 1 => 1..=cells, 1 => cells..=cells + 2];
    (width.prop_flat_map(|width| prop::collection::vec(raw_cell(), width)), any::<bool>(), 0..4u8, "[ \t]{0,2}")
        .prop_map(|(cells, padded, bars, indent)| {
            let pad = if padded { " " } else { "" };
            let inner: Vec<String> = cells.iter().map(|cell| format!("{pad}{cell}{pad}")).collect();
            let (open, close) = match bars {
                0 => ("", ""),
                1 => ("|", ""),
                _ => ("|", "|"),
            };
            format!("{indent}{open}{}{close}", inner.join("|"))
        })
}

pub fn table() -> impl Strategy<Value = Vec<String>> {
    (1usize..5).prop_flat_map(|columns| {
        let header: Vec<String> = ["ID", "Title", "Status", "ID"][..columns].iter().map(|s| s.to_string()).collect();
        let body = prop_oneof![6 => row(columns), 1 => Just("<!-- L -->".to_owned()), 1 => Just(String::new())];
        prop::collection::vec(body, 0..5).prop_map(move |rows| {
            let mut lines = vec![format!("| {} |", header.join(" | ")), format!("|{}", "---|".repeat(header.len()))];
            lines.extend(rows);
            lines
        })
    })
}

pub fn block() -> impl Strategy<Value = Vec<String>> {
    let one = |lines: &'static [&'static str]| prop::sample::select(lines).prop_map(|line| vec![line.to_owned()]);
    prop_oneof![
        4 => table(),
        2 => one(&["# H", "## H ##", "### G", "# ", "   # Indented"]),
        4 => one(&["- [ ] a", "- [x] a", "  * [X] b", "1. [ ] c", "> - [ ] q", "- [ ]", "- [~] n", "+ [x] a | b"]),
        2 => one(&["- a", "- **Key:** v", "text", "a | b", "", "  ", "---", "- - -"]),
        1 => one(&["<!-- c -->", "<!--", "-->"]),
        1 => one(&["```", "~~~~", "> ```"]),
    ]
}

pub fn markdown() -> impl Strategy<Value = String> {
    (prop::collection::vec(block(), 0..7), any::<bool>(), line_end(), any::<bool>()).prop_flat_map(
        |(blocks, mark, usual, last)| {
            let lines: Vec<String> = blocks.concat();
            let ends = prop::collection::vec(prop_oneof![9 => Just(usual), 1 => line_end()], lines.len());
            ends.prop_map(move |ends| {
                let mut text = if mark { "\u{feff}".to_owned() } else { String::new() };
                for (index, (line, end)) in lines.iter().zip(&ends).enumerate() {
                    text.push_str(line);
                    if last || index + 1 < lines.len() {
                        text.push_str(end);
                    }
                }
                text
            })
        },
    )
}

pub fn raw_field() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ab1]{1,3}",
        3 => "[ab1]{0,3}".prop_map(|text| format!("\"{text}\"")),
        2 => prop::sample::select(&["", " a ", "\"a,b\"", "\"a\"\"b\"", "\"x\r\ny\"", "a\"b", "\"a\"b", "=1", "\"\"\"\""])
            .prop_map(String::from),
    ]
}

pub fn csv_text() -> impl Strategy<Value = String> {
    let record = prop_oneof![8 => Just(3usize), 1 => 1..3usize, 1 => 4..6usize]
        .prop_flat_map(|width| prop::collection::vec(raw_field(), width));
    let header = prop::sample::select(&["ID,Title,Column", "\"ID\",\"Title\",\"Column\"", "ID", "ID,ID,\"a,b\""]);
    (header, prop::collection::vec((record, 0..3u8), 0..7), line_end(), any::<bool>(), any::<bool>()).prop_map(
        |(header, records, end, mark, last)| {
            let mut lines = vec![header.to_owned()];
            for (fields, blank) in records {
                lines.push(fields.join(","));
                if blank == 2 {
                    lines.push(String::new());
                }
            }
            let text = lines.join(end) + if last { end } else { "" };
            if mark { format!("\u{feff}{text}") } else { text }
        },
    )
}
