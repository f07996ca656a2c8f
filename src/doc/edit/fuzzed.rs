//! The smallest documents of what the fuzz targets have found. `fuzz/` holds the targets.

use super::super::{Addition, DocId, Document, Inserted};

fn document(name: &str, text: &str) -> Document {
    Document::parse(DocId::new(name).expect("a name"), text.as_bytes().to_vec())
}

/// `md_task`: the bar in the last line would have become the header of a table.
#[test]
fn a_line_makes_no_header_of_the_line_above() {
    let document = document("a.md", "## H\n|");
    let line = |text: &str| Addition::Line { heading: "H".to_owned(), level: 2, text: text.to_owned() };
    assert!(document.add(&line("|-|")).is_err());
    let plain = document.add(&line("- x")).expect("a plain line is taken");
    assert!(document.apply(&plain).bytes().starts_with(b"## H\n|\n"));
}

/// `csv_span`: the line break of the header was taken for the first byte of the record, which overlaps with it.
#[test]
fn a_record_that_reads_like_the_header_goes_without_a_trace() {
    let before = document("a.csv", "\nt");
    let record = Addition::Record { header: vec!["t".to_owned()], fields: vec!["t".to_owned()] };
    let patch = before.add(&record).expect("a record");
    let written = String::from_utf8(patch.splices()[0].new.clone()).expect("text");
    let after = before.apply(&patch);
    let out = after.take_out(&record, Some(&Inserted::Text(written))).expect("it is there");
    assert_eq!(after.apply(&out).bytes(), before.bytes());
}

/// `yaml_set`: an id that is absent was counted when an element was looked up, not when it was named.
#[test]
fn elements_without_an_id_are_not_counted() {
    let document = document("a.yaml", "l:\n  - id: ''\n    v: 1\n  - id:\n    v: 2\n  - id: \"\"\n    v: 3\n");
    for (cell, found) in document.cells() {
        assert_eq!(document.find(&cell), Ok(found), "{cell:?}");
    }
}
