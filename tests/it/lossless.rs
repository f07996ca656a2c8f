//! Editing is lossless: parse→bytes is identity, bytes outside edited cells stay, apply∘invert = identity, disjoint edits
//! commute. Over generated documents, arbitrary bytes, and the real documents in `../shared/corpus` where it is there.

use std::cell::Cell as Count;
use std::sync::atomic::{AtomicUsize, Ordering};

use codex_tui::doc::cell::Found;
use codex_tui::doc::markdown::{Item, Row, Table, canonical_cell};
use codex_tui::doc::{Addition, CellId, DocId, Document, FindError, Inserted, create};
use proptest::prelude::*;
use proptest::sample::Index;

use super::bounded::ends;
use super::corpus;
use super::given::{NASTY, cases, cells, csv_text, document, markdown, raw_field, row, value};

/// Edits one cell and judges the result by reading every cell of both documents, without trusting the read-back inside.
/// Returns whether the edit was accepted.
fn edit_changes_only_its_cell(document: &Document, cells_before: &[(CellId, Found)], at: usize, value: &str) -> bool {
    let (cell, before) = &cells_before[at];
    let patch = match document.set(cell, value) {
        Ok(patch) => patch,
        Err(FindError::Refused(_) | FindError::NotEditable(_)) => return false,
        Err(FindError::NoMatch(message)) => panic!("{cell:?} came from the document: {message}"),
    };
    let old = document.bytes();
    let canonical = document.canonical(cell, value);
    assert_eq!(patch.is_empty(), before.value == canonical, "no-op exactly for an equal value");
    assert!(patch.splices().len() <= 1);
    for splice in patch.splices() {
        let line = document.line_of(splice.span.start);
        assert!(line >= before.line && document.line_of(splice.span.end) >= line);
        assert!(splice.span.start <= before.span.start && splice.span.end >= before.span.end);
        assert!(old[splice.span.start..before.span.start].iter().all(|b| *b == b' ' || *b == b'\t'));
        assert!(old[before.span.end..splice.span.end].iter().all(|b| *b == b' ' || *b == b'\t'));
        if matches!(cell, CellId::Box(_)) {
            assert_eq!((splice.span.len(), splice.new.len()), (1, 1));
        }
    }
    let after = document.apply_checked(&patch, &[(cell, value)]).expect("an accepted edit reads back");
    let cells_after = cells(&after);
    assert_eq!(cells_before.len(), cells_after.len());
    for (index, ((_, was), (_, is))) in cells_before.iter().zip(&cells_after).enumerate() {
        let expected = if index == at { &canonical } else { &was.value };
        assert_eq!(&is.value, expected, "cell {index} after editing cell {at}");
    }
    assert_eq!(patch.invert(old).apply(after.bytes()), old, "apply∘invert");
    true
}

/// The value as `cell` can take it: boxes only know two.
fn fitting<'v>(cell: &CellId, value: &'v str) -> &'v str {
    match cell {
        CellId::Box(_) if value.len().is_multiple_of(2) => "true",
        CellId::Box(_) => "false",
        CellId::Table(_) | CellId::Field(_) | CellId::Path(_) => value,
    }
}

static TRIED: AtomicUsize = AtomicUsize::new(0);
static ACCEPTED: AtomicUsize = AtomicUsize::new(0);

fn edit_somewhere(document: &Document, at: Index, value: &str) {
    let before = cells(document);
    if before.is_empty() {
        return;
    }
    let at = at.index(before.len());
    let accepted = edit_changes_only_its_cell(document, &before, at, fitting(&before[at].0, value));
    TRIED.fetch_add(1, Ordering::Relaxed);
    ACCEPTED.fetch_add(usize::from(accepted), Ordering::Relaxed);
}

#[test]
fn edits_change_only_their_cell() {
    proptest!(cases(5000), |(text in markdown(), at: Index, value in value())| {
        edit_somewhere(&document("a.md", &text), at, &value);
    });
    proptest!(cases(5000), |(text in csv_text(), at: Index, value in value())| {
        edit_somewhere(&document("a.csv", &text), at, &value);
    });
    let (tried, accepted) = (TRIED.load(Ordering::Relaxed), ACCEPTED.load(Ordering::Relaxed));
    println!("{accepted} of {tried} edits accepted, the others refused");
    assert!(accepted * 10 >= tried * 8, "only {accepted} of {tried} edits were accepted: the test has become empty");
}

fn is_key(cell: &CellId) -> bool {
    match cell {
        CellId::Table(cell) => cell.key_column.as_ref() == Some(&cell.column),
        CellId::Box(_) | CellId::Path(_) => false,
        CellId::Field(cell) => cell.column == cell.id_column,
    }
}

/// Edits at the end of one row are not disjoint: where the bar of an appended cell goes depends on the blanks that an
/// unclosed last cell leaves (rules 2.3.5, 2.3.6), and the style of an appended field on what is last by then (rule 4.6).
fn share_the_end(document: &Document, one: &CellId, two: &CellId) -> bool {
    let found = |cell: &CellId| document.find(cell).expect("a listed cell is found");
    let (a, b) = (found(one), found(two));
    let (lacks_a, lacks_b) = (a.span.is_empty(), b.span.is_empty());
    match one {
        CellId::Table(_) => a.line == b.line && lacks_a != lacks_b,
        CellId::Box(_) | CellId::Path(_) => false,
        CellId::Field(_) => lacks_a || lacks_b,
    }
}

/// Setting two cells one after the other, the other way round, or together gives the same bytes.
fn edits_commute(document: &Document, (one, two): (Index, Index), (first, second): (&str, &str)) {
    let all: Vec<CellId> = cells(document).into_iter().map(|(cell, _)| cell).filter(|cell| !is_key(cell)).collect();
    if all.is_empty() {
        return;
    }
    let (one, two) = (&all[one.index(all.len())], &all[two.index(all.len())]);
    let (first, second) = (fitting(one, first), fitting(two, second));
    if one == two || share_the_end(document, one, two) {
        return;
    }
    let then = |a: (&CellId, &str), b: (&CellId, &str)| {
        let middle = document.apply(&document.set(a.0, a.1).ok()?);
        Some(middle.apply(&middle.set(b.0, b.1).ok()?).bytes().to_vec())
    };
    let edits = [(one, first), (two, second)];
    let together = document
        .set_all(&edits)
        .ok()
        .map(|patch| document.apply_checked(&patch, &edits).expect("accepted edits read back").bytes().to_vec());
    let (Some(together), Some(forth), Some(back)) = (together, then(edits[0], edits[1]), then(edits[1], edits[0]))
    else {
        return;
    };
    assert_eq!(String::from_utf8_lossy(&forth), String::from_utf8_lossy(&back));
    assert_eq!(String::from_utf8_lossy(&forth), String::from_utf8_lossy(&together));
}

#[test]
fn disjoint_edits_commute() {
    proptest!(cases(1500), |(text in markdown(), at: (Index, Index), values in (value(), value()))| {
        edits_commute(&document("a.md", &text), at, (&values.0, &values.1));
    });
    proptest!(cases(1500), |(text in csv_text(), at: (Index, Index), values in (value(), value()))| {
        edits_commute(&document("a.csv", &text), at, (&values.0, &values.1));
    });
}

/// Parsing and asking anything never changes a byte and never panics.
fn stays_as_it_is(name: &str, bytes: &[u8]) {
    let document = document(name, bytes);
    assert_eq!(document.bytes(), bytes);
    for (cell, found) in document.cells().take(500) {
        assert!(found.span.end <= bytes.len() && found.line >= 1);
        // Where bytes are not UTF-8, several texts may be shown alike.
        if document.locked().is_none() {
            let again = document.find(&cell).expect("a listed cell is found");
            assert_eq!((again.value, again.span), (found.value, found.span));
        }
    }
    assert!(document.problems().is_sorted_by_key(|problem| problem.line) || document.locked().is_some());
    document.line_of(bytes.len() / 2);
}

#[test]
fn parsing_is_identity_for_arbitrary_bytes() {
    let soup =
        || prop::collection::vec(prop::sample::select(&b"|-:\\#`~<!>[]x *\"',\r\n\n?a1.\xff\xc3\t "[..]), 0..200);
    proptest!(cases(1000), |(bytes in prop::collection::vec(any::<u8>(), 0..300))| {
        stays_as_it_is("a.md", &bytes);
        stays_as_it_is("a.csv", &bytes);
        stays_as_it_is("a.txt", &bytes);
    });
    proptest!(cases(2000), |(bytes in soup())| {
        stays_as_it_is("a.md", &bytes);
        stays_as_it_is("a.csv", &bytes);
    });
}

/// The `csv` crate is an independent reader of the same format.
#[test]
fn csv_fields_are_what_another_reader_reads() {
    let soup = "[\"\",\r\nab \u{feff}]{0,40}";
    proptest!(cases(3000), |(text in prop_oneof![soup.prop_map(String::from), csv_text()])| {
        let document = document("a.csv", &text);
        let csv = document.csv().unwrap();
        let ours: Vec<Vec<String>> = csv
            .header_record()
            .into_iter()
            .chain(csv.iter())
            .map(|record| (0..record.len()).map(|column| record.field(column).unwrap().into_owned()).collect())
            .collect();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let theirs: Vec<Vec<String>> =
            reader.records().map(|record| record.unwrap().iter().map(String::from).collect()).collect();
        prop_assert_eq!(ours, theirs);
        for record in csv.iter() {
            let before = &text.as_bytes()[..record.span().start];
            let breaks = String::from_utf8_lossy(before).replace("\r\n", "\n").matches(['\r', '\n']).count();
            prop_assert_eq!(record.line(), breaks + 1);
            prop_assert_eq!(document.line_of(record.span().start), breaks + 1);
        }
        for max in 0..4 {
            let id = DocId::new("a.csv").unwrap();
            let part = Document::parse_prefix(id, text.clone().into_bytes(), max);
            let part = part.csv().unwrap();
            prop_assert_eq!(part.records(), csv.records().min(max));
            prop_assert_eq!(part.is_complete(), csv.records() <= max);
        }
    });
}

fn addition() -> impl Strategy<Value = Addition> {
    let heading = prop::sample::select(&["H", "G", "", "New", "Indented", "New ##"]);
    let line = prop_oneof![
        prop::sample::select(&[
            "- b",
            "- [ ] b",
            "text",
            "  - nested",
            "|1|2|",
            "- a | b",
            "# Heading",
            "```",
            "a|b",
            "---"
        ])
        .prop_map(String::from),
        value(),
    ];
    prop_oneof![(heading, 0..8u8, line).prop_map(|(heading, level, text)| Addition::Line {
        heading: heading.into(),
        level,
        text
    })]
}

fn add_then_take_out(document: &Document, addition: &Addition) {
    let Ok(patch) = document.add(addition) else { return };
    let before = document.bytes();
    let after = document.apply_checked(&patch, &[]).expect("an addition disturbs nothing");
    assert_eq!(after.holds(addition), document.holds(addition) + 1);
    assert_eq!(patch.splices().len(), 1);
    assert!(patch.splices()[0].span.is_empty(), "an addition removes nothing");
    let written = String::from_utf8(patch.splices()[0].new.clone()).unwrap();
    let out = after.take_out(addition, Some(&Inserted::Text(written))).expect("what was added can be taken out");
    let back = after.apply(&out);
    if document.holds(addition) == 0 {
        assert_eq!(String::from_utf8_lossy(back.bytes()), String::from_utf8_lossy(before));
    }
    assert_eq!(back.holds(addition), document.holds(addition));
    let alone = after.apply(&after.take_out(addition, None).expect("what was added can be found"));
    assert_eq!(alone.holds(addition), document.holds(addition));
    let values = |document: &Document| cells(document).into_iter().map(|(_, found)| found.value).collect::<Vec<_>>();
    assert_eq!(values(&back), values(document));
}

#[test]
fn adding_then_taking_out_is_identity() {
    proptest!(cases(1500), |(text in markdown(), addition in addition())| {
        add_then_take_out(&document("a.md", &text), &addition);
    });
    proptest!(cases(1500), |(text in csv_text(), fields in prop::collection::vec(value(), 3))| {
        let document = document("a.csv", &text);
        let header: Vec<String> = document.csv().unwrap().header().into_iter().map(String::from).collect();
        let fields = fields[..header.len().min(3)].to_vec();
        let addition = Addition::Record { header, fields };
        add_then_take_out(&document, &addition);
        if let Ok(bytes) = create(&addition) {
            prop_assert_eq!(self::document("a.csv", bytes).holds(&addition), 1);
        }
    });
}

/// A row for one of the document's tables, with as many of the values as it has columns.
fn row_for(document: &Document, at: Index, values: &[String]) -> Option<Addition> {
    let markdown = document.markdown()?;
    let table = markdown.tables().get(at.index(markdown.tables().len().max(1)))?;
    let header: Vec<String> = table.header.iter().map(|span| markdown.cell(span).into_owned()).collect();
    let cells = values.iter().cycle().take(header.len()).cloned().collect();
    Some(Addition::Row {
        heading: markdown.heading_text(table.heading).into_owned(),
        table: table.ordinal,
        header,
        cells,
        above: None,
    })
}

/// Adds a row, and judges by reading all tables of both documents that it stands where it belongs, and nothing else moved.
/// Returns whether the row was accepted.
fn a_row_is_the_only_change(document: &Document, addition: &Addition) -> bool {
    let Addition::Row { heading, table, cells, .. } = addition else { return false };
    let patch = match document.add(addition) {
        Ok(patch) => patch,
        Err(FindError::Refused(_) | FindError::NotEditable(_)) => return false,
        Err(FindError::NoMatch(message)) => panic!("{addition:?} is for a table of the document: {message}"),
    };
    let after = document.apply(&patch);
    let rows = |document: &Document| {
        let markdown = document.markdown().unwrap();
        let read = |table: &Table| {
            let cells = |row: &Row| row.cells.iter().map(|cell| markdown.cell(cell).into_owned()).collect::<Vec<_>>();
            let name = (markdown.heading_text(table.heading).into_owned(), table.ordinal);
            (name, table.rows.iter().map(cells).collect::<Vec<_>>())
        };
        markdown.tables().iter().map(read).collect::<Vec<_>>()
    };
    let mut expected = rows(document);
    let own = expected.iter_mut().find(|(name, _)| *name == (heading.clone(), *table)).expect("the table");
    own.1.push(cells.iter().map(|cell| canonical_cell(cell)).collect());
    assert_eq!(rows(&after), expected);
    let boxes = |document: &Document| {
        let markdown = document.markdown().unwrap();
        let text = |item: &Item| (markdown.text(&item.text).into_owned(), item.checked.map(|c| c.0));
        markdown.items().iter().map(text).collect::<Vec<_>>()
    };
    assert_eq!(boxes(&after), boxes(document));
    add_then_take_out(document, addition);
    true
}

#[test]
fn a_row_changes_nothing_else_and_goes_without_a_trace() {
    let (tried, accepted) = (Count::new(0), Count::new(0));
    let given = prop::collection::vec(prop_oneof![2 => "[ab1]{1,3}", 1 => value()], 4);
    proptest!(cases(3000), |(text in markdown(), at: Index, values in given)| {
        let document = document("a.md", &text);
        let Some(addition) = row_for(&document, at, &values) else { return Ok(()) };
        tried.set(tried.get() + 1);
        accepted.set(accepted.get() + usize::from(a_row_is_the_only_change(&document, &addition)));
    });
    let (tried, accepted) = (tried.get(), accepted.get());
    println!("{accepted} of {tried} rows accepted, the others refused");
    assert!(accepted * 10 >= tried * 7, "only {accepted} of {tried} rows were accepted: the test has become empty");
}

/// Rewrites whole lines, or what another reader takes for whole records, and takes that back. Returns whether it was done.
fn rewrite_and_back(document: &Document, from: Index, count: usize, write: &str) -> bool {
    let text = String::from_utf8(document.bytes().to_vec()).unwrap();
    let starts: Vec<usize> = match document.csv() {
        Some(csv) => csv.header_record().into_iter().chain(csv.iter()).map(|record| record.span().start).collect(),
        None => text.split_inclusive('\n').map(|line| line.as_ptr() as usize - text.as_ptr() as usize).collect(),
    };
    if starts.is_empty() {
        return false;
    }
    let first = from.index(starts.len());
    let end = starts.get(first + count).copied().unwrap_or(text.len());
    let unclosed = document.problems().iter().any(|problem| problem.rule == "csv-unclosed-quote");
    let whole = if unclosed && end == text.len() {
        &text[starts[first]..]
    } else {
        text[starts[first]..end].trim_end_matches(['\r', '\n'])
    };
    let whole = if document.csv().is_none() { whole.trim_start_matches('\u{feff}') } else { whole };
    let places = document.wholes(whole);
    let Some(occurrence) = places.iter().position(|at| *at >= starts[first]) else { return false };
    let Ok(patch) = document.rewrite(whole, occurrence, write) else { return false };
    let after = document.apply(&patch);
    if patch.is_empty() {
        return false;
    }
    let at = patch.splices()[0].span.start;
    // Every cell of an untouched line and every untouched record is read as before, in the same order.
    let outside = |document: &Document, length: usize| {
        let apart = |span: &std::ops::Range<usize>| span.end < at || span.start > at + length;
        let values = |record: codex_tui::doc::csv::RecordRef<'_>| {
            (0..record.len()).map(|column| record.field(column).unwrap().into_owned()).collect::<Vec<_>>()
        };
        match document.csv() {
            Some(csv) => {
                let all = csv.header_record().into_iter().chain(csv.iter());
                all.filter(|record| apart(&record.span())).map(values).collect::<Vec<_>>()
            }
            None => {
                let cells = document.cells().filter(|(_, found)| apart(&found.span));
                cells.map(|(_, found)| vec![found.value]).collect()
            }
        }
    };
    assert_eq!(outside(document, whole.len()), outside(&after, write.len()));
    assert_eq!(&after.bytes()[..at], &document.bytes()[..at]);
    assert_eq!(&after.bytes()[at + write.len()..], &document.bytes()[at + whole.len()..]);
    let back = after.wholes(write).iter().position(|place| *place == at).expect("what was written is found");
    let back = after.rewrite_back(write, back, whole).expect("what was done can be taken back");
    assert_eq!(after.apply(&back).bytes(), document.bytes());
    true
}

#[test]
fn rewriting_and_its_inverse_is_identity() {
    let (tried, done) = (Count::new(0), Count::new(0));
    let rows = || prop::collection::vec(row(3), 1..3).prop_map(|rows| rows.join("\n"));
    proptest!(cases(2500), |(text in markdown(), from: Index, count in 1..4usize, write in prop_oneof![3 => rows(), 1 => value()])| {
        tried.set(tried.get() + 1);
        done.set(done.get() + usize::from(rewrite_and_back(&document("a.md", &text), from, count, &write)));
    });
    let (tried, done) = (tried.get(), done.get());
    println!("{done} of {tried} lines rewritten, the others refused");
    assert!(done * 5 >= tried, "only {done} of {tried} lines were rewritten: the test has become empty");
    let (tried, done) = (Count::new(0), Count::new(0));
    let records = || {
        prop::collection::vec(prop::collection::vec(raw_field(), 1..5).prop_map(|fields| fields.join(",")), 1..3)
            .prop_map(|records| records.join("\n"))
    };
    proptest!(cases(2500), |(text in csv_text(), from: Index, count in 1..4usize, write in prop_oneof![3 => records(), 1 => value()])| {
        tried.set(tried.get() + 1);
        done.set(done.get() + usize::from(rewrite_and_back(&document("a.csv", &text), from, count, &write)));
    });
    let (tried, done) = (tried.get(), done.get());
    println!("{done} of {tried} records rewritten, the others refused");
    assert!(done * 2 >= tried, "only {done} of {tried} records were rewritten: the test has become empty");
}

/// Hostile sizes are read in linear time: each of these comes to no end, as far as one waits, if anything is quadratic.
#[test]
fn hostile_documents_are_read_in_linear_time() {
    let n = 200_000;
    let huge = [
        format!("|{}\n|{}\n|{}\n", "a|".repeat(n), "-|".repeat(n), "b|".repeat(n)),
        format!("{}- [ ] a\n", ">".repeat(n)),
        "|\\".repeat(n),
        "??1 ".repeat(n),
        "<!--\n".repeat(n / 4),
        "a | b\n-|-|-\n".repeat(n / 20),
        "# H\n|a|\n|-|\n".repeat(n / 40),
        "`".repeat(n),
        "**".repeat(n),
        "- **a\n".repeat(n / 10),
        "\r".repeat(n),
        "#".repeat(n),
    ];
    let tables = [",".repeat(n), "\"\"".repeat(n), "\"a\"b,".repeat(n / 4), "a\n".repeat(n), "\"a\"b\n".repeat(n / 8)];
    let all = huge.map(|text| ("a.md", text)).into_iter().chain(tables.map(|text| ("a.csv", text)));
    for (name, text) in all {
        let start: String = text.chars().take(20).collect();
        ends(&format!("{name} {start:?}"), move || {
            let document = document(name, &text);
            assert_eq!(document.bytes(), text.as_bytes());
            // A hundred of each rule, and how many more there are.
            let of = |rule: &str| document.problems().iter().filter(|problem| problem.rule == rule).count();
            assert!(document.problems().iter().all(|problem| of(problem.rule) <= 101), "{name} {:?}", &text[..20]);
        });
    }
}

#[test]
fn real_documents_survive_every_edit() {
    let Some(files) = corpus::files(&["md", "csv"]) else { return };
    let (mut edits, mut accepted, mut additions) = (0, 0, 0);
    let (mut rows, mut tables_tried) = (0, 0);
    for path in &files {
        let bytes = std::fs::read(path).unwrap();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap().replace(':', "-");
        let document = document(&name, &bytes);
        assert_eq!(document.bytes(), bytes, "{}", path.display());
        let before = cells(&document);
        // Spread over the document; a different value each time.
        let step = (before.len() / 10).max(1);
        for at in (0..before.len()).step_by(step) {
            let value = NASTY[(edits * 7 + at) % NASTY.len()];
            edits += 1;
            accepted += usize::from(edit_changes_only_its_cell(&document, &before, at, fitting(&before[at].0, value)));
        }
        let headings: Vec<String> = document
            .markdown()
            .map(|markdown| markdown.headings().iter().map(|h| markdown.text(&h.text).into_owned()).collect())
            .unwrap_or_default();
        for heading in headings.into_iter().take(3) {
            add_then_take_out(&document, &Addition::Line { heading, level: 2, text: "- added by the test".into() });
            additions += 1;
        }
        let tables = document.markdown().map_or(0, |markdown| markdown.tables().len());
        for at in (0..tables).step_by((tables / 4).max(1)) {
            let markdown = document.markdown().unwrap();
            let table = &markdown.tables()[at];
            let header: Vec<String> = table.header.iter().map(|span| markdown.cell(span).into_owned()).collect();
            let cells = header.iter().map(|name| format!("{name} | new")).collect();
            let heading = markdown.heading_text(table.heading).into_owned();
            let addition = Addition::Row { heading, table: table.ordinal, header, cells, above: None };
            rows += usize::from(a_row_is_the_only_change(&document, &addition));
            tables_tried += 1;
        }
        if let Some(csv) = document.csv() {
            let header: Vec<String> = csv.header().into_iter().map(String::from).collect();
            let fields = header.iter().map(|name| format!("{name}, new")).collect();
            add_then_take_out(&document, &Addition::Record { header, fields });
            additions += 1;
        }
    }
    println!(
        "{} files, {accepted} of {edits} edits accepted, {additions} additions, {rows} of {tables_tried} rows",
        files.len()
    );
}
