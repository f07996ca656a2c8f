//! The numbered rules of editing, one `check(before, edit, after)` each; a test `r2_3_4…` is for rule 2.3.4. Here stands what holds
//! for Markdown and CSV alike, and what the tests of each begin with.

mod csv;
mod json;
mod markdown;
mod rewrite;
mod rows;
mod values;
mod yaml;

use crate::doc::cell::{BoxCell, FieldCell, TableCell};
use crate::doc::{Addition, CellId, DocId, Document, FindError, Inserted};

/// Expectation for an edit that must be refused and leave the document alone.
const REFUSED: &str = "\0refused";

fn document(name: &str, text: impl AsRef<[u8]>) -> Document {
    Document::parse(DocId::new(name).unwrap(), text.as_ref().to_vec())
}

fn table(heading: &str, row: &str, column: &str) -> CellId {
    CellId::Table(TableCell {
        heading: heading.into(),
        table: 0,
        key_column: None,
        row: row.into(),
        column: column.into(),
        occurrence: 0,
    })
}

fn checkbox(heading: &str, text: &str, occurrence: usize) -> CellId {
    CellId::Box(BoxCell { heading: heading.into(), text: text.into(), occurrence })
}

fn field(id: &str, column: &str) -> CellId {
    CellId::Field(FieldCell { id_column: "ID".into(), id: id.into(), column: column.into(), occurrence: 0 })
}

#[track_caller]
fn check_in(name: &str, before: &str, cell: &CellId, value: &str, after: &str) {
    let document = document(name, before);
    match document.set(cell, value) {
        Ok(patch) => {
            let new = patch.apply(before.as_bytes());
            assert_eq!(String::from_utf8_lossy(&new), after);
            let new = document.apply_checked(&patch, &[(cell, value)]).unwrap();
            assert_eq!(patch.invert(before.as_bytes()).apply(new.bytes()), before.as_bytes());
        }
        Err(error) => assert_eq!(after, REFUSED, "{error}"),
    }
}

/// Sets a cell of the table under the heading `H`.
#[track_caller]
fn cell(before: &str, (row, column): (&str, &str), value: &str, after: &str) {
    check_in("a.md", before, &table("H", row, column), value, after);
}

#[track_caller]
fn csv(before: &str, (id, column): (&str, &str), value: &str, after: &str) {
    check_in("a.csv", before, &field(id, column), value, after);
}

#[track_caller]
fn boxes(before: &str, (text, occurrence): (&str, usize), value: &str, after: &str) {
    check_in("a.md", before, &checkbox("H", text, occurrence), value, after);
}

/// Adds, takes that back by what was written, and takes it out by what it says.
#[track_caller]
fn adds(name: &str, before: &str, addition: &Addition, after: &str) {
    let old = document(name, before);
    let patch = old.add(addition).unwrap();
    let new = old.apply_checked(&patch, &[]).unwrap();
    assert_eq!(String::from_utf8_lossy(new.bytes()), after);
    assert_eq!(new.holds(addition), old.holds(addition) + 1);
    let written = String::from_utf8(patch.splices()[0].new.clone()).unwrap();
    let back = new.apply(&new.take_out(addition, Some(&Inserted::Text(written))).unwrap());
    assert_eq!(String::from_utf8_lossy(back.bytes()), before);
    let without = new.apply(&new.take_out(addition, None).unwrap());
    assert_eq!(without.holds(addition), old.holds(addition));
}

fn values(document: &Document) -> Vec<String> {
    document.cells().map(|(_, found)| found.value).collect()
}

// §0 Common

#[test]
fn r0_1_every_other_byte_stays() {
    cell(
        "\u{feff}x  \r\n# H\n\n|  ID|a |\r\n|---|:--|\n|1 |  old\t|\r\n\r\n\ntail ",
        ("1", "a"),
        "new",
        "\u{feff}x  \r\n# H\n\n|  ID|a |\r\n|---|:--|\n|1 |  new\t|\r\n\r\n\ntail ",
    );
    csv("\u{feff}ID,a\r\n1,old\n\n\r\n2,x", ("1", "a"), "new", "\u{feff}ID,a\r\n1,new\n\n\r\n2,x");
}

#[test]
fn r0_2_invalid_utf8_is_read_only() {
    let document = document("a.md", b"# H\n\n| ID | a |\n|--|--|\n| 1 | \xff |\n");
    assert_eq!(document.find(&table("H", "1", "a")).unwrap().value, "\u{fffd}");
    assert!(matches!(document.set(&table("H", "1", "a"), "x"), Err(FindError::NotEditable(_))));
    assert_eq!(document.problems()[0].rule, "invalid-utf8");
    assert_eq!(document.problems()[0].line, 5);
}

#[test]
fn r0_3_an_equal_value_writes_nothing() {
    let before = "# H\n\n| ID | a |\n|--|--|\n| 1 | x<BR/>y |\n\n- [X] t\n";
    cell(before, ("1", "a"), "x\ny", before);
    cell(before, ("1", "a"), " x\r\ny ", before);
    boxes(before, ("t", 0), "true", before);
    let outer = "# H\n\n| ID | a |\n|--|--|\n| 1 | <br>x |\n";
    cell(outer, ("1", "a"), "\nx", outer);
    csv("ID,a\n1,\"x\"\n", ("1", "a"), "x", "ID,a\n1,\"x\"\n");
}

#[test]
fn r0_4_control_characters_are_refused_and_nothing_else() {
    for bad in ["a\0", "\u{1b}[31m", "\u{7f}", "\u{c}"] {
        cell("# H\n|ID|a|\n|-|-|\n|1|x|\n", ("1", "a"), bad, REFUSED);
        csv("ID,a\n1,x\n", ("1", "a"), bad, REFUSED);
    }
    cell(
        "# H\n|ID|a|\n|-|-|\n|1|x|\n",
        ("1", "a"),
        "a\tb\u{a0}\u{202e}é",
        "# H\n|ID|a|\n|-|-|\n|1|a\tb\u{a0}\u{202e}é|\n",
    );
}

#[test]
fn r0_5_formulas_are_written_as_they_are() {
    for formula in ["=1+1", "+1", "-1", "@x"] {
        csv("ID,a\n1,x\n", ("1", "a"), formula, &format!("ID,a\n1,{formula}\n"));
    }
}

#[test]
fn r0_6_addresses_match_exactly_and_name_candidates() {
    let document = document("a.md", "# H\n\n| ID | a |\n|--|--|\n| ST-1 | x |\n| ST-2 | y |\n");
    let message = |cell| document.find(&cell).unwrap_err().to_string();
    assert!(message(table("H", "st-1", "a")).contains("`ST-1` (line 5)"));
    assert!(message(table("H", "ST-1", "A")).contains("`a` (line 3)"));
    assert!(message(table("h", "ST-1", "a")).contains("`H` (line 3)"));
    let csv = self::document("a.csv", "ID,a\n1,x\n1,y\n");
    let second = CellId::Field(FieldCell { id_column: "ID".into(), id: "1".into(), column: "a".into(), occurrence: 1 });
    assert_eq!(csv.find(&second).unwrap().value, "y");
    assert!(csv.find(&field("2", "a")).unwrap_err().to_string().contains("`1` (line 2)"));
    assert!(csv.find(&field("1", "A")).unwrap_err().to_string().contains("`a` (line 1)"));
}

#[test]
fn a_prefix_and_other_kinds_refuse_edits() {
    let id = DocId::new("a.csv").unwrap();
    let part = Document::parse_prefix(id, b"ID,a\n1,x\n2,y\n".to_vec(), 1);
    assert_eq!(values(&part), ["1", "x"]);
    assert!(matches!(part.set(&field("1", "a"), "v"), Err(FindError::NotEditable(_))));
    let text = document("a.txt", "ID,a\n1,x\n");
    assert!(matches!(text.find(&field("1", "a")), Err(FindError::NotEditable(_))));
    assert!(matches!(document("a.md", "").find(&field("1", "a")), Err(FindError::NoMatch(_))));
}

#[test]
fn a_patch_that_touches_more_than_it_says_is_refused() {
    let document = document("a.md", "# H\n|ID|a|\n|-|-|\n|1|x|\n|2|y|\n");
    let (one, two) = (table("H", "1", "a"), table("H", "2", "a"));
    let patch = document.set(&two, "z").unwrap();
    assert!(matches!(document.apply_checked(&patch, &[(&one, "x")]), Err(FindError::Refused(_))));
    assert!(matches!(document.apply_checked(&patch, &[(&two, "q")]), Err(FindError::Refused(_))));
    assert!(matches!(document.set_all(&[(&one, "a"), (&one, "b")]), Err(FindError::Refused(_))));
}
