//! Damaged rows: what a repair writes reads back, nothing else changes, it can be taken back; what cannot be mended says why.

use codex_tui::doc::markdown::canonical_cell;
use codex_tui::doc::{DocId, Document};
use codex_tui::model::task::repair;
use codex_tui::workspace::Config;

use super::world::{BOARD, CSV, Dice, World, document, rounds, worlds};

/// Damaged documents: path, text, the damaged line, and what stands there after the repair.
const DAMAGED: &[(&str, &str, usize, &str)] = &[
    (CSV, "ID,T,N\r\n1,a,\"n\"2,b,m\r\n3,c,\r\n", 2, "1,a,\"n\"\r\n2,b,m"),
    (CSV, "ID,T,N\n\"1\",\"a\",\"n\"\"x\"\"\"\"2\",\"b\",\"m\"", 2, "\"1\",\"a\",\"n\"\"x\"\"\"\n\"2\",\"b\",\"m\""),
    (CSV, "ID,T,N\n1,a,\"n\"2,b\n", 2, "1,a,\"n\"\n2,b,"),
    (CSV, "ID,T,N\n1,a\n2,b,c\n", 2, "1,a,"),
    (CSV, "ID,T,N\n\"1\",\"a\"\n\n", 2, "\"1\",\"a\",\"\""),
    (CSV, "ID,T,N\n1,a,b,c\n", 2, "1,a,\"b,c\""),
    (CSV, "ID,T,N\n1,\"a\"x,\"b\nc\"\n2,y,z", 2, "1,\"ax\",\"b\nc\""),
    (CSV, "ID,T,N\n1,a,\"open\n2,b,c\n3,d,\"e\nf\"\n", 2, "1,a,\"open\"\n2,b,c\n3,d,\"e\nf\""),
    (BOARD, "| ID | T | N |\n|-|-|-|\n| 1 | `a|b` | c |\n| 2 | x | y |\n", 3, "| 1 | `a\\|b` | c |"),
    (BOARD, "| ID | T | N |\r\n|-|-|-|\r\n| 1 | ``a|`|b`` |c|\r\n", 3, "| 1 | ``a\\|`\\|b`` |c|"),
    (BOARD, "| ID | Notes | N |\n|-|-|-|\n| 1 | a | b | c | d |\n", 3, "| 1 | a<br>c<br>d | b |"),
    (BOARD, "| ID | T | N |\n|-|-|-|\n| 1 | a |  | c |  \n", 3, "| 1 | a | c |  "),
    (BOARD, "| ID | T | N |\n|-|-|-|\n1 | a\n", 3, "1 | a |  |"),
    (BOARD, "| ID | T | N |\n|-|-|-|\n  | 1 |\t\n| 2 | b | c |", 3, "  | 1 |  |  |\t"),
    (BOARD, "| ID | T |\n|-|-|\n|1|a\\\\||b||\n", 3, "|1|a\\\\|<br>b|"),
];

fn is_shape(rule: &str) -> bool {
    ["csv-glued-record", "csv-malformed-field", "csv-field-count", "md-ragged-row"].contains(&rule)
}

#[test]
fn a_repaired_row_reads_back_and_nothing_else_changes() {
    let config = Config::default();
    for (path, text, line, wanted) in DAMAGED {
        let world = World::of_files("damaged", &[(path, text)]);
        let doc = world.snapshot.get(&DocId::new(path).expect("a path")).expect("the document");
        let repair = repair::at(doc, *line, &config).unwrap_or_else(|why| panic!("{text:?}: {why}"));
        assert_eq!(repair.text().as_deref(), Ok(*wanted), "{text:?}");
        mends(&world, doc, &repair);
    }
}

/// Writes a repair; one problem less is there, the row has its values, all others are as they were, and it can be taken back.
fn mends(world: &World, doc: &Document, repair: &repair::Repair) {
    let what = format!("{}:{}", repair.doc, repair.line);
    let files = world.plan(&repair.operation().expect("an operation"));
    let files = files.unwrap_or_else(|why| panic!("{}: {what}: {why}", world.name));
    let after = world.after(&files);
    let now = after.snapshot.get(doc.id()).expect("the document");
    // A quote that is closed mends more than its own record.
    let (left, were) = (repair::lines(now).len(), repair::lines(doc).len());
    let exactly = left + 1 == were || (repair.rule == "csv-malformed-field" && left < were);
    assert!(exactly, "{}: {what}: {left} of {were}", world.name);
    let problems = |doc: &Document| doc.problems().iter().filter(|problem| is_shape(problem.rule)).count();
    assert!(problems(now) < problems(doc) || problems(doc) >= 100, "{}: {what}", world.name);
    // All bytes around the row are the same, so that it is enough to see that nothing moved in or out of it.
    let (old, new) = (String::from_utf8_lossy(doc.bytes()), String::from_utf8_lossy(now.bytes()));
    let text = repair.text().expect("a text");
    let at = old.match_indices(&repair.expect).find(|(at, _)| new.get(*at..).is_some_and(|new| new.starts_with(&text)));
    let (at, _) = at.expect("the place");
    assert_eq!(old[..at], new[..at]);
    assert_eq!(old[at + repair.expect.len()..], new[at + text.len()..], "{}: {what}", world.name);
    let rows: Vec<&Vec<String>> = [Some(&repair.values), repair.second.as_ref()].into_iter().flatten().collect();
    for values in rows {
        let said: Vec<Vec<String>> = match (now.csv(), now.markdown()) {
            (Some(csv), _) => csv
                .iter()
                .map(|r| (0..r.len()).map(|c| r.field(c).unwrap_or_default().into_owned()).collect())
                .collect(),
            (None, Some(markdown)) => {
                let rows = markdown.tables().iter().flat_map(|table| &table.rows);
                rows.map(|row| row.cells.iter().map(|span| markdown.cell(span).into_owned()).collect()).collect()
            }
            (None, None) => Vec::new(),
        };
        assert!(said.contains(values), "{}: {what}: {values:?}", world.name);
    }
    world.takes_back(&after, &files, &what);
}

#[test]
fn every_damaged_row_of_real_documents_is_mended_or_refused_with_its_reason() {
    let (mut mended, mut refused) = (0, 0);
    for world in worlds() {
        for doc in world.snapshot.iter().filter(|doc| doc.locked().is_none()) {
            let lines = repair::lines(doc);
            for line in lines.iter().step_by((lines.len() / (15 * rounds())).max(1)) {
                match repair::at(doc, *line, &world.config) {
                    Ok(repair) => {
                        mends(&world, doc, &repair);
                        mended += 1;
                    }
                    Err(why) => {
                        assert!(why.to_string().contains(&format!("{}:{line}: ", doc.id())), "{why}");
                        refused += 1;
                    }
                }
            }
        }
    }
    println!("{mended} rows mended, {refused} refused");
    assert!(mended > 5);
}

#[test]
fn the_operators_values_go_into_the_repaired_row_or_are_refused() {
    let config = Config::default();
    let mut dice = Dice(7);
    let (mut written, mut refused) = (0, 0);
    for (path, text, line, _) in DAMAGED.iter().cycle().take(DAMAGED.len() * 20 * rounds()) {
        let world = World::of_files("damaged", &[(path, text)]);
        let doc = world.snapshot.get(&DocId::new(path).expect("a path")).expect("the document");
        let mut repair = repair::at(doc, *line, &config).expect("a repair");
        for _ in 0..2 {
            let column = dice.below(repair.values.len());
            repair.values[column] = dice.value();
        }
        if repair.text().is_err() {
            refused += 1;
            continue;
        }
        if path.ends_with(".md") {
            repair.values.iter_mut().for_each(|value| *value = canonical_cell(value));
        }
        written += 1;
        mends(&world, doc, &repair);
    }
    println!("{written} written, {refused} refused");
    assert!(written > refused * 5);
}

#[test]
fn what_cannot_be_mended_says_why() {
    let config = Config::default();
    for (path, text, line, why) in [
        (CSV, "ID,T,N\n1,\"a,b\n2,c,d\n", 2, "close it in an editor"),
        (CSV, "ID,T,N\n1,a,b\n", 2, "not damaged"),
        (CSV, "ID,T,N\n1,a,b\n\n\n", 4, "no record"),
        (CSV, "ID,T,N\n1,a,b\n", 1, "no record"),
        (BOARD, "| ID |\n|-|\n| 1 |\n", 3, "not damaged"),
        (BOARD, "text\n", 1, "no row"),
        ("docs/x.txt", "text\n", 1, "only rows"),
    ] {
        let doc = document(path, text.as_bytes());
        let said = repair::at(&doc, line, &config).expect_err("nothing to mend").to_string();
        assert!(said.contains(why) && said.starts_with(&format!("{path}:{line}: ")), "{text:?}: {said}");
    }
    let csv = "ID,Title,Column,OwnerRole,Deliverable,Notes\nHB-A-001,a,UI,Done,2026-01-04\nHB-A-002,b,Ready,,,\n";
    let doc = document(CSV, csv.as_bytes());
    let repair = repair::at(&doc, 2, &config).expect("a repair");
    assert!(repair.shifted && !repair.certain && repair.note.contains("shifted"), "{}", repair.note);
}
