//! The numbered rules of editing, one `check(before, edit, after)` each; a test `r2_3_4…` is for rule 2.3.4.

use crate::doc::cell::{BoxCell, FieldCell, TableCell};
use crate::doc::{Addition, CellId, DocId, Document, FindError, create};

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

// §1 Which parts of a Markdown file count

#[test]
fn r1_1_lone_carriage_returns_end_lines() {
    cell("# H\r|ID|a|\r|-|-|\r|1|x|\r", ("1", "a"), "y", "# H\r|ID|a|\r|-|-|\r|1|y|\r");
    assert_eq!(values(&document("a.md", "# H\u{2028}- [ ] a\u{85}- [ ] b\u{c}- [ ] c")), Vec::<String>::new());
}

#[test]
fn r1_2_nothing_in_a_fence_counts() {
    for fence in [("```", "```"), ("  ~~~~ x", "~~~~~  "), ("> ```", "> ```")] {
        let text = format!("# H\n{}\n# G\n| ID |\n|--|\n| 1 |\n- [ ] a\n``\n~~\n{}\n- [ ] b\n", fence.0, fence.1);
        let document = document("a.md", &text);
        assert_eq!(document.find(&checkbox("H", "b", 0)).unwrap().line, 11, "{fence:?}");
        assert_eq!(values(&document).len(), 1);
    }
    let document = document("a.md", "# H\n``` a`b\n- [ ] a\n```json\n- [ ] b\n");
    assert_eq!(
        values(&document).len(),
        1,
        "an unclosed fence runs to the end, a backtick in the info string makes none"
    );
    assert_eq!(document.problems()[0].rule, "md-unclosed-fence");
}

#[test]
fn r1_3_nothing_in_a_comment_counts() {
    let document =
        document("a.md", "# H\n  <!-- a\n# G\n- [ ] a\n--> - [ ] b\n<!-- c --> - [ ] c\n- [ ] d <!-- e\n- [ ] f\n");
    let lines: Vec<_> = document.cells().map(|(_, found)| found.line).collect();
    assert_eq!(lines, [7, 8]);
}

#[test]
fn r1_4_headings_with_equal_text_are_counted_together() {
    let text = "- [ ] a\n# S\n- [ ] a\n|ID|\n|-|\n|1|\n## T\n### S ###\n- [ ] a\n|ID|\n|-|\n|1|\n";
    let document = document("a.md", text);
    assert_eq!(document.find(&checkbox("", "a", 0)).unwrap().line, 1);
    assert_eq!(document.find(&checkbox("S", "a", 1)).unwrap().line, 9);
    let second = CellId::Table(TableCell {
        heading: "S".into(),
        table: 1,
        key_column: Some("ID".into()),
        row: "1".into(),
        column: "ID".into(),
        occurrence: 0,
    });
    assert_eq!(document.find(&second).unwrap().line, 12);
}

// §2 Table cells

#[test]
fn r2_1_1_header_and_delimiter_must_fit() {
    let document = document("a.md", "# H\na | b\n---|---|---\nc | d\n---|---\n1 | 2\n");
    assert_eq!(values(&document), ["1", "2"]);
    assert_eq!(document.problems()[0].rule, "md-no-table");
}

#[test]
fn r2_1_2_a_line_without_bar_or_a_heading_ends_the_table() {
    let document = document("a.md", "# H\n|ID|\n|-|\n|1|\ntext\n|2|\n|ID|\n|-|\n|3|\n# G | x\n|4|\n");
    assert_eq!(values(&document), ["1", "3"]);
}

#[test]
fn r2_1_3_blank_and_comment_lines_do_not_end_it() {
    let text = "# H\n|ID|\n|-|\n<!-- L -->\n|1|\n\n<!-- M\n-->\n|2|\n\na | b\n\n|3|\n|-|\n|4|\n";
    let document = document("a.md", text);
    let tables = document.markdown().unwrap().tables();
    assert_eq!(tables.iter().map(|t| t.rows.len()).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn r2_1_4_a_bar_behind_a_backslash_is_escaped() {
    cell("# H\n|ID|a|\n|-|-|\n|1|`x\\|y`|z|\n", ("1", "a"), "n", "# H\n|ID|a|\n|-|-|\n|1|n|z|\n");
    let document = document("a.md", "# H\nID | a\n-|-\n1 | `x|y`\n");
    assert_eq!(document.find(&table("H", "1", "a")).unwrap().value, "`x");
}

#[test]
fn r2_3_1_the_canonical_value_reads_back() {
    cell(
        "# H\n|ID|a|\n|-|-|\n| 1 | x |\n",
        ("1", "a"),
        "\n a\r\nb<BR />c\r ",
        "# H\n|ID|a|\n|-|-|\n| 1 | a<br>b<br>c |\n",
    );
    let document = document("a.md", "# H\n|ID|a|\n|-|-|\n| 1 | x |\n");
    assert_eq!(document.canonical(&table("H", "1", "a"), "\n a\r\nb<BR />c\r "), "a\nb\nc");
}

#[test]
fn r2_3_2_bars_are_escaped_also_behind_a_backslash() {
    cell("# H\n|ID|a|\n|-|-|\n|1|x|\n", ("1", "a"), "a\\|b|c", "# H\n|ID|a|\n|-|-|\n|1|a\\\\|b\\|c|\n");
}

#[test]
fn r2_3_3_padding_is_kept_and_not_aligned() {
    cell("# H\n|ID|a|\n|-|-|\n|1|   x\t |\n", ("1", "a"), "longer", "# H\n|ID|a|\n|-|-|\n|1|   longer\t |\n");
}

#[test]
fn r2_3_4_blank_cells() {
    cell("# H\n|ID|a|b|\n|-|-|-|\n|1||y|\n", ("1", "a"), "v", "# H\n|ID|a|b|\n|-|-|-|\n|1| v |y|\n");
    cell("# H\n|ID|a|b|\n|-|-|-|\n|1|    |y|\n", ("1", "a"), "v", "# H\n|ID|a|b|\n|-|-|-|\n|1| v |y|\n");
    cell("# H\n|ID|a|b|\n|-|-|-|\n|1| x  |y|\n", ("1", "a"), " ", "# H\n|ID|a|b|\n|-|-|-|\n|1|   |y|\n");
}

#[test]
fn r2_3_5_a_backslash_does_not_escape_the_bar() {
    cell("# H\n|ID|a|b|\n|-|-|-|\n|1|x|y|\n", ("1", "a"), "v\\", "# H\n|ID|a|b|\n|-|-|-|\n|1|v\\ |y|\n");
    cell("# H\n|ID|a|b|\n|-|-|-|\n|1|x |y|\n", ("1", "a"), "v\\", "# H\n|ID|a|b|\n|-|-|-|\n|1|v\\ |y|\n");
}

#[test]
fn r2_3_6_missing_cells_are_appended() {
    let header = "# H\n|ID|a|b|c|\n|-|-|-|-|\n";
    for (row, value, after) in [
        ("| 1 |", "v", "| 1 |  |  | v |"),
        ("| 1 | x |  \r\n", "v", "| 1 | x |  | v |  \r\n"),
        ("1 | x", "v", "1 | x |  | v |"),
        ("| 1 | x\\|", "v", "| 1 | x\\| |  | v |"),
        ("| 1 |", "", "| 1 |"),
    ] {
        cell(&format!("{header}{row}"), ("1", "c"), value, &format!("{header}{after}"));
    }
    let text = format!("{header}| 1 |\n");
    let document = document("a.md", &text);
    let (a, c) = (table("H", "1", "a"), table("H", "1", "c"));
    let edits = [(&c, "z"), (&a, "x")];
    let patch = document.set_all(&edits).unwrap();
    assert!(document.apply_checked(&patch, &edits).unwrap().bytes().ends_with(b"\n| 1 | x |  | z |\n"));
}

#[test]
fn r2_3_7_odd_texts_are_legal() {
    for value in ["---", ":---:", "# x", "- [ ] x", "`", "<!-- c", "```"] {
        cell("# H\n|ID|a|\n|-|-|\n|1|x|\n", ("1", "a"), value, &format!("# H\n|ID|a|\n|-|-|\n|1|{value}|\n"));
    }
}

#[test]
fn a_value_that_would_make_the_line_something_else_is_refused() {
    for value in ["# x", "<!-- c", "```"] {
        cell("# H\nID|a\n-|-\n1|x\n", ("1", "ID"), value, REFUSED);
    }
    // The row behind the gap would become the header of a table of its own.
    cell("# H\n|ID|\n|-|\n|1|\n\n|2|\n|3|\n", ("3", "ID"), "---", REFUSED);
    cell("# H\nID|a\n-|-\n1|x\n", ("1", "ID"), "", REFUSED);
}

#[test]
fn the_key_itself_can_be_edited() {
    cell("# H\n|ID|a|\n|-|-|\n|1|x|\n|2|y|\n", ("1", "ID"), "2", "# H\n|ID|a|\n|-|-|\n|2|x|\n|2|y|\n");
}

// §3 Boxes

#[test]
fn r3_exactly_one_byte_changes() {
    boxes("# H\n  > 1)  [ ]  a `b`  \r\n", ("a `b`", 0), "true", "# H\n  > 1)  [x]  a `b`  \r\n");
    boxes("# H\n- [X] a\n- [x] a", ("a", 1), "false", "# H\n- [X] a\n- [ ] a");
    boxes("# H\n- [ ]\n", ("", 0), "true", "# H\n- [x]\n");
    boxes("# H\n- [ ] a\n", ("a", 0), "yes", REFUSED);
    boxes("# H\n- [~] a\n", ("a", 0), "true", REFUSED);
}

// §4 CSV

#[test]
fn r4_3_malformed_fields_are_never_edited_their_neighbours_are() {
    let text = "ID,a,b\n\"1\",\"x\"y,\"z\"\n2,\"q\n";
    csv(text, ("1", "a"), "v", REFUSED);
    csv(text, ("2", "a"), "v", REFUSED);
    csv(text, ("1", "b"), "v", "ID,a,b\n\"1\",\"x\"y,\"v\"\n2,\"q\n");
    csv(text, ("1", "ID"), "9", "ID,a,b\n\"9\",\"x\"y,\"z\"\n2,\"q\n");
}

#[test]
fn r4_3_a_glued_record_names_what_it_hides() {
    let document = document("a.csv", "ID,a\r\n\"ST-1\",\"x\"ST-2,y\r\nST-3\r\n");
    let rules: Vec<_> = document.problems().iter().map(|p| (p.rule, p.line)).collect();
    assert_eq!(rules, [("csv-glued-record", 2), ("csv-field-count", 3)]);
    assert!(document.problems()[0].message.contains("`ST-2` is hidden"));
    assert!(document.find(&field("ST-2", "a")).is_err());
}

#[test]
fn r4_4_a_field_keeps_its_style() {
    csv("ID,a\n1,\"x\"\n", ("1", "a"), "v", "ID,a\n1,\"v\"\n");
    csv("ID,a\n1,\"x\"\n", ("1", "a"), "v\"w", "ID,a\n1,\"v\"\"w\"\n");
    csv("ID,a\n1,\"x\"\n", ("1", "a"), "", "ID,a\n1,\"\"\n");
    csv("ID,a\n1,x\n", ("1", "a"), "v w|x<br>'", "ID,a\n1,v w|x<br>'\n");
    csv("ID,a\n1,x\n", ("1", "a"), "", "ID,a\n1,\n");
    for value in ["a,b", "a\"b", "a\rb", "a\nb", " a", "a\t"] {
        csv("ID,a\n1,x\n", ("1", "a"), value, &format!("ID,a\n1,\"{}\"\n", value.replace('"', "\"\"")));
    }
}

#[test]
fn r4_4_a_record_never_becomes_an_empty_line() {
    csv("ID\nx\n", ("x", "ID"), "", "ID\n\"\"\n");
}

#[test]
fn r4_6_missing_fields_are_appended_in_the_style_of_the_last() {
    csv("ID,a,b,c\n1,x\r\n", ("1", "c"), "v,w", "ID,a,b,c\n1,x,,\"v,w\"\r\n");
    csv("ID,a,b,c\n1,\"x\"", ("1", "c"), "v", "ID,a,b,c\n1,\"x\",\"\",\"v\"");
    csv("ID,a,b,c\n1,x\n", ("1", "c"), "", "ID,a,b,c\n1,x\n");
    csv("ID,a,b\n1,\"x\"y\n", ("1", "b"), "v", REFUSED);
}

#[track_caller]
fn adds(name: &str, before: &str, addition: &Addition, after: &str) {
    let old = document(name, before);
    let patch = old.add(addition).unwrap();
    let new = old.apply_checked(&patch, &[]).unwrap();
    assert_eq!(String::from_utf8_lossy(new.bytes()), after);
    assert_eq!(new.holds(addition), old.holds(addition) + 1);
    let written = String::from_utf8(patch.splices()[0].new.clone()).unwrap();
    let back = new.apply(&new.take_out(addition, Some(&written)).unwrap());
    assert_eq!(String::from_utf8_lossy(back.bytes()), before);
    let without = new.apply(&new.take_out(addition, None).unwrap());
    assert_eq!(without.holds(addition), old.holds(addition));
}

fn record(fields: [&str; 2]) -> Addition {
    Addition::Record { header: vec!["ID".into(), "a".into()], fields: fields.map(String::from).to_vec() }
}

#[test]
fn r4_8_a_record_is_added_on_a_line_of_its_own() {
    adds("a.csv", "ID,a\n1,x\n", &record(["2", "y,z"]), "ID,a\n1,x\n2,\"y,z\"\n");
    adds("a.csv", "ID,a\r\n1,x", &record(["2", "y"]), "ID,a\r\n1,x\r\n2,y\r\n");
    adds(
        "a.csv",
        "\"ID\",\"a\"\r\n\"1\",\"x\"\r\n\r\n\n",
        &record(["2", ""]),
        "\"ID\",\"a\"\r\n\"1\",\"x\"\r\n\"2\",\"\"\r\n\r\n\n",
    );
    adds("a.csv", "ID,a", &record(["2", "y"]), "ID,a\n2,y\n");
    adds("a.csv", "", &record(["2", "y"]), "ID,a\n2,y\n");
    adds("a.csv", "\u{feff}\r\n", &record(["2", "y"]), "\u{feff}ID,a\r\n2,y\r\n\r\n");
    adds("a.csv", "ID,a\n2,y\n", &record(["2", "y"]), "ID,a\n2,y\n2,y\n");
    let refused = |text: &str, addition: &Addition| document("a.csv", text).add(addition).unwrap_err().to_string();
    assert!(refused("ID,b\n", &record(["2", "y"])).contains("the header (line 1) is `ID,b`"));
    assert!(refused("ID,a\n1,\"x\n", &record(["2", "y"])).contains("never closed"));
    assert_eq!(create(&record(["2", "y"])).unwrap(), b"ID,a\n2,y\n");
}

#[test]
fn taking_a_record_out_never_glues_what_came_after() {
    let old = document("a.csv", "ID,a\n1,x");
    let patch = old.add(&record(["2", "y"])).unwrap();
    let grown = document("a.csv", [&patch.apply(old.bytes())[..], b"3,z\n"].concat());
    let back = grown.apply(&grown.take_out(&record(["2", "y"]), Some("\n2,y\n")).unwrap());
    assert_eq!(back.bytes(), b"ID,a\n1,x\n3,z\n");
    assert!(matches!(back.take_out(&record(["2", "y"]), None), Err(FindError::NoMatch(_))));
}

fn line(heading: &str, text: &str) -> Addition {
    Addition::Line { heading: heading.into(), level: 2, text: text.into() }
}

#[test]
fn a_line_is_added_at_the_end_of_its_section() {
    adds("a.md", "# H\r\n\r\n- a\r\n\n# G\n", &line("H", "- b"), "# H\r\n\r\n- a\r\n- b\r\n\n# G\n");
    adds("a.md", "# H\n\n- a", &line("H", "- b"), "# H\n\n- a\n- b\n");
    adds("a.md", "# H\n- a\n## S\n- s\n# G\n", &line("H", "- b"), "# H\n- a\n## S\n- s\n- b\n# G\n");
    adds("a.md", "# H\n\n# G\n", &line("H", "- b"), "# H\n\n- b\n\n# G\n");
    adds("a.md", "# H", &line("H", "- b"), "# H\n\n- b\n");
    adds("a.md", "# H\n|ID|\n|-|\n|1|\n", &line("H", "- b | c"), "# H\n|ID|\n|-|\n|1|\n\n- b | c\n");
    adds("a.md", "# H\n|ID|\n|-|\n|1|\n", &line("H", "|2|"), "# H\n|ID|\n|-|\n|1|\n|2|\n");
    // A list item is no row, whatever bars it has.
    adds("a.md", "# H\n- a | b\n", &line("H", "- c"), "# H\n- a | b\n- c\n");
    adds("a.md", "# H\n```\nx\n```", &line("H", "- b"), "# H\n```\nx\n```\n- b\n");
    adds("a.md", "# H\n- a\n# G\n```\n", &line("H", "- b"), "# H\n- a\n- b\n# G\n```\n");
    adds("a.md", "- x\n# G\n", &line("", "- b"), "- x\n- b\n# G\n");
    adds("a.md", "\u{feff}# G\n", &line("", "- b"), "\u{feff}- b\n\n# G\n");
}

#[test]
fn a_missing_section_is_added_at_the_end() {
    adds("a.md", "# H\r\n- a", &line("New", "- b"), "# H\r\n- a\r\n\r\n## New\r\n\r\n- b\r\n");
    adds("a.md", "# H\n\n", &line("New", "- b"), "# H\n\n## New\n\n- b\n");
    adds("a.md", "", &line("New", "- b"), "## New\n\n- b\n");
    adds("a.md", "\u{feff}", &line("New", "- b"), "\u{feff}## New\n\n- b\n");
}

#[test]
fn a_line_that_would_not_be_read_is_refused() {
    for (text, addition) in [
        ("# H\n```\n- a\n", line("H", "- b")),
        ("# H\n```\n- a\n", line("New", "- b")),
        ("# H\n<!--\n- a\n", line("H", "- b")),
        ("# H\n- a\n", line("H", "- b\n- c")),
        ("# H\n- a\n", line("H", "  ")),
        ("# H\n- a\n", line("H", "```")),
        ("# H\n- a\n", line("H", "<!-- x")),
        ("# H\n- a\n", line("H", "- \u{1b}[0m")),
        ("# H\n- a\n", line("New ##", "- b")),
        ("# H\n- a\n", Addition::Line { heading: "New".into(), level: 7, text: "- b".into() }),
    ] {
        assert!(matches!(document("a.md", text).add(&addition), Err(FindError::Refused(_))), "{text:?} {addition:?}");
    }
    assert!(create(&line("H", "- a")).is_err());
}

#[test]
fn taking_a_line_out_spares_what_others_added() {
    let old = document("a.md", "# H\n- a\n");
    let addition = line("New", "- b");
    let patch = old.add(&addition).unwrap();
    let written = String::from_utf8(patch.splices()[0].new.clone()).unwrap();
    let grown = document("a.md", [&patch.apply(old.bytes())[..], b"- theirs\n"].concat());
    let back = grown.apply(&grown.take_out(&addition, Some(&written)).unwrap());
    assert_eq!(back.bytes(), b"# H\n- a\n\n## New\n\n- theirs\n");
    let open = document("a.md", "# H\n- b");
    let patch = open.add(&line("H", "- c")).unwrap();
    let grown = document("a.md", [&patch.apply(open.bytes())[..], b"- theirs\n"].concat());
    let back = grown.apply(&grown.take_out(&line("H", "- c"), Some("\n- c\n")).unwrap());
    assert_eq!(back.bytes(), b"# H\n- b\n- theirs\n");
}

fn row_of(heading: &str, table: usize, header: &[&str], cells: &[&str]) -> Addition {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Addition::Row { heading: heading.into(), table, header: owned(header), cells: owned(cells), above: None }
}

/// A row of the table with the columns `ID` and `a` under the heading `H`.
fn row(cells: [&str; 2]) -> Addition {
    row_of("H", 0, &["ID", "a"], &cells)
}

#[test]
fn a_row_is_added_behind_the_last_one() {
    let top = "# H\n|ID|a|\n|-|-|\n";
    let two = row(["2", "y"]);
    for (before, after) in [
        ("| 1 | x |\n", "| 1 | x |\n| 2 | y |\n"),
        ("|1|x|\r\n", "|1|x|\r\n| 2 | y |\r\n"),
        ("|1|x|\r\n|1|x|\n\n", "|1|x|\r\n|1|x|\n| 2 | y |\n\n"),
        ("|1|x|\r|1|x|\r", "|1|x|\r|1|x|\r| 2 | y |\r"),
        // At the end of a file without final line end.
        ("|1|x|", "|1|x|\n| 2 | y |\n"),
        ("|1|x|\r\n|1|x|", "|1|x|\r\n|1|x|\r\n| 2 | y |\r\n"),
        // An empty table.
        ("", "| 2 | y |\n"),
        ("\ntext\n", "| 2 | y |\n\ntext\n"),
        // What stands between the rows, and behind the last one.
        (
            "|1|x|\n\n<!-- L -->\n|1|z|\n\n<!-- M -->\ntext\n",
            "|1|x|\n\n<!-- L -->\n|1|z|\n| 2 | y |\n\n<!-- M -->\ntext\n",
        ),
        ("|1|x|\n```\n|3|z|\n```\n", "|1|x|\n| 2 | y |\n```\n|3|z|\n```\n"),
        ("|1|x|\n# G\n", "|1|x|\n| 2 | y |\n# G\n"),
        ("|1|x|\n# G\n<!--\n", "|1|x|\n| 2 | y |\n# G\n<!--\n"),
        ("|1|x|\n- [ ] b\n", "|1|x|\n| 2 | y |\n- [ ] b\n"),
        ("|1|x|\n\n|ID|\n|-|\n|3|\n", "|1|x|\n| 2 | y |\n\n|ID|\n|-|\n|3|\n"),
        // Outer bars and indentation as the neighbour has them, its number of cells not.
        ("1 | x\n", "1 | x\n2 | y\n"),
        ("| 1 | x\n", "| 1 | x\n| 2 | y\n"),
        ("1 | x |\n", "1 | x |\n2 | y |\n"),
        ("  | 1 | x |  \n", "  | 1 | x |  \n  | 2 | y |\n"),
        ("|1|\n", "|1|\n| 2 | y |\n"),
        ("|1|x|z|\n", "|1|x|z|\n| 2 | y |\n"),
        ("| 2 | y |\n", "| 2 | y |\n| 2 | y |\n"),
    ] {
        adds("a.md", &format!("{top}{before}"), &two, &format!("{top}{after}"));
    }
    adds("a.md", "# H\nID | a\n---|---\n", &two, "# H\nID | a\n---|---\n2 | y\n");
    adds("a.md", "# H\r\n|ID|a|\r\n|-|-|", &two, "# H\r\n|ID|a|\r\n|-|-|\r\n| 2 | y |\r\n");
    adds("a.md", "# H\nID|\n---\n", &row_of("H", 0, &["ID"], &["2"]), "# H\nID|\n---\n| 2 |\n");
    let second = row_of("H", 1, &["ID"], &["2"]);
    adds("a.md", "# H\n|ID|\n|-|\n|1|\n# H\n|ID|\n|-|\n", &second, "# H\n|ID|\n|-|\n|1|\n# H\n|ID|\n|-|\n| 2 |\n");
    adds("a.md", "|a<br>b|\n|-|\n", &row_of("", 0, &["a\nb"], &["2"]), "|a<br>b|\n|-|\n| 2 |\n");
}

#[test]
fn a_row_is_added_above_another_one() {
    let top = "# H\n|ID|a|\n|-|-|\n";
    let above = |cells: [&str; 2]| {
        let Addition::Row { heading, table, header, cells: new, .. } = row(["2", "y"]) else { panic!("a row") };
        let above = Some(cells.map(str::to_owned).to_vec());
        Addition::Row { heading, table, header, cells: new, above }
    };
    for (before, cells, after) in [
        ("|1|x|\n|3|z|\n", ["1", "x"], "| 2 | y |\n|1|x|\n|3|z|\n"),
        ("|1|x|\r\n|3|z|", ["3", "z"], "|1|x|\r\n| 2 | y |\r\n|3|z|"),
        ("|1|x|\r\n|3|z|\r\n", ["3", "z"], "|1|x|\r\n| 2 | y |\r\n|3|z|\r\n"),
        // The first one with these cells; a comment line belongs to the row under it.
        ("|1|x|\n|1|x|\n", ["1", "x"], "| 2 | y |\n|1|x|\n|1|x|\n"),
        ("<!-- L\n -->\n|1|x|\n", ["1", "x"], "| 2 | y |\n<!-- L\n -->\n|1|x|\n"),
        ("|3|z|\n\n<!-- L -->\n|1|x|\n", ["1", "x"], "|3|z|\n\n| 2 | y |\n<!-- L -->\n|1|x|\n"),
        // Written like the row under it.
        ("1 | x\n", ["1", "x"], "2 | y\n1 | x\n"),
        ("  |1|x|\n", ["1", "x"], "  | 2 | y |\n  |1|x|\n"),
        // A row with surplus cells is another one.
        ("|1|x|z|\n", ["1", "x"], "|1|x|z|\n| 2 | y |\n"),
        // That row is gone.
        ("|3|z|\n", ["1", "x"], "|3|z|\n| 2 | y |\n"),
        ("", ["1", "x"], "| 2 | y |\n"),
    ] {
        adds("a.md", &format!("{top}{before}"), &above(cells), &format!("{top}{after}"));
    }
}

#[test]
fn the_values_of_an_added_row_read_back() {
    let (top, bare) = ("# H\n|ID|a|\n|-|-|\n", "# H\nID|a\n-|-\n1|x\n");
    for (cells, written) in [
        (["2", ""], "| 2 |  |"),
        (["a|b", "c\\|d"], "| a\\|b | c\\\\|d |"),
        (["2\\", "y\\"], "| 2\\ | y\\ |"),
        ([" 2\r\n", "a\r\nb<BR/>c"], "| 2 | a<br>b<br>c |"),
        (["é–≤😀", "\u{a0}\u{202e}"], "| é–≤😀 | \u{a0}\u{202e} |"),
        (["# x", "<!-- c"], "| # x | <!-- c |"),
        (["---", ":-:"], "| --- | :-: |"),
    ] {
        adds("a.md", top, &row(cells), &format!("{top}{written}\n"));
        let document = document("a.md", top);
        let after = document.apply(&document.add(&row(cells)).unwrap());
        let there: Vec<_> = cells.iter().map(|cell| crate::doc::markdown::canonical_cell(cell)).collect();
        assert_eq!(values(&after), there);
    }
    // Without outer bars, these would be no rows of two cells.
    for (cells, written) in [
        (["# x", "y"], "| # x | y |"),
        (["2", ""], "| 2 |  |"),
        (["<!-- c", "y"], "| <!-- c | y |"),
        (["```", "y"], "| ``` | y |"),
        (["2", "y\\"], "2 | y\\"),
        (["- [ ] x", "y"], "- [ ] x | y"),
    ] {
        adds("a.md", bare, &row(cells), &format!("{bare}{written}\n"));
    }
}

#[test]
fn a_row_that_does_not_fit_is_refused() {
    let text = "# H\n|ID|a|\n|-|-|\n|1|x|\n# G\n- a\n";
    let said = |text: &str, addition: &Addition| document("a.md", text).add(addition).unwrap_err();
    for (addition, words) in [
        (row(["", "y"]), "blank first cell"),
        (row(["<br>", " "]), "blank cells"),
        (row(["2", "\u{1b}[0m"]), "control character"),
        (row_of("H", 0, &["ID", "b"], &["2", "y"]), "the header (line 2) is `ID | a`"),
        (row_of("H", 0, &["ID"], &["2"]), "the header (line 2) is `ID | a`"),
        (row_of("H", 0, &["ID", "a"], &["2"]), "1 cells does not fit a header of 2 columns"),
        (row_of("H", 0, &["ID", "a"], &["2", "y", "z"]), "3 cells does not fit"),
    ] {
        let error = said(text, &addition);
        assert!(matches!(error, FindError::Refused(_)) && error.to_string().contains(words), "{error}");
    }
    for (addition, words) in [
        (row_of("h", 0, &["ID", "a"], &["2", "y"]), "no heading `h`; nearest: `H`"),
        (row_of("G", 0, &["ID", "a"], &["2", "y"]), "no table under the heading `G` (line 5); nearest: `H` (line 2)"),
        (row_of("H", 1, &["ID", "a"], &["2", "y"]), "there are only 1"),
    ] {
        let error = said(text, &addition);
        assert!(matches!(error, FindError::NoMatch(_)) && error.to_string().contains(words), "{error}");
    }
    assert!(matches!(document("a.csv", "ID,a\n").add(&row(["2", "y"])), Err(FindError::NotEditable(_))));
    assert!(matches!(create(&row(["2", "y"])), Err(FindError::Refused(_))));
}

#[track_caller]
fn takes_out(before: &str, addition: &Addition, inserted: Option<&str>, after: &str) {
    let document = document("a.md", before);
    let patch = document.take_out(addition, inserted).unwrap();
    let without = document.apply(&patch);
    assert_eq!(String::from_utf8_lossy(without.bytes()), after);
    assert_eq!(without.holds(addition) + 1, document.holds(addition));
}

#[test]
fn taking_a_row_out_leaves_the_others() {
    let top = "# H\n|ID|a|\n|-|-|\n";
    for (before, after) in [
        ("|1|x|\n|2|y|\n|3|z|\n", "|1|x|\n|3|z|\n"),
        ("| 2 |  y|\r\n|1|x|\n", "|1|x|\n"),
        ("|2|y|\n<!-- L -->\n2 | y\n", "<!-- L -->\n2 | y\n"),
        ("|2|y|\n\n|2|y|\n\n|3|z|\n", "|2|y|\n\n\n|3|z|\n"),
        ("|2|y|", ""),
        ("|1|x|\n|2|y", "|1|x|\n"),
    ] {
        takes_out(&format!("{top}{before}"), &row(["2", " y"]), None, &format!("{top}{after}"));
    }
    // All cells count, also surplus ones and those that lack.
    let ragged = format!("{top}|1|\n|1|x|\n|1|x|s|\n");
    takes_out(&ragged, &row_of("H", 0, &["ID", "a"], &["1", "x", "s"]), None, &format!("{top}|1|\n|1|x|\n"));
    takes_out(&ragged, &row_of("H", 0, &["ID", "a"], &["1"]), None, &format!("{top}|1|x|\n|1|x|s|\n"));
    // What was inserted goes with the line break in front of it, unless that separates others by now.
    let two = row(["2", "y"]);
    takes_out(&format!("{top}|1|x|\n| 2 | y |\n"), &two, Some("\n| 2 | y |\n"), &format!("{top}|1|x|"));
    takes_out(&format!("{top}|1|x|\n| 2 | y |\n|3|z|\n"), &two, Some("\n| 2 | y |\n"), &format!("{top}|1|x|\n|3|z|\n"));
    takes_out(&format!("{top}|1|x|\r\n| 2 | y |\n"), &two, Some("\n| 2 | y |\n"), &format!("{top}|1|x|\r\n"));
    // The last row would be none without the one between it and the gap.
    let document = document("a.md", format!("{top}|1|x|\n\n|2|y|\n3 | z\n"));
    assert!(matches!(document.take_out(&two, None), Err(FindError::Refused(_))));
    assert!(matches!(document.take_out(&row(["2", "Y"]), None), Err(FindError::NoMatch(_))));
}

#[test]
fn a_record_with_a_malformed_field_is_not_taken_out() {
    let old = document("a.csv", "ID,a\n1,\"x\"y\n2,\"x\n");
    for fields in [["1", "xy"], ["2", "x\n"]] {
        assert_eq!(old.holds(&record(fields)), 0);
        assert!(matches!(old.take_out(&record(fields), None), Err(FindError::NotEditable(_))));
    }
    assert!(matches!(old.take_out(&record(["2", "x"]), None), Err(FindError::NoMatch(_))));
    let both = document("a.csv", "ID,a\n1,xy\n1,\"x\"y\n");
    let without = both.apply(&both.take_out(&record(["1", "xy"]), None).unwrap());
    assert_eq!(without.bytes(), b"ID,a\n1,\"x\"y\n");
}

/// Rewrites the place `occurrence` of a text, and takes that back.
#[track_caller]
fn rewrites(name: &str, before: &str, (expect, occurrence, write): (&str, usize, &str), after: &str) {
    let old = document(name, before);
    let patch = match old.rewrite(expect, occurrence, write) {
        Ok(patch) => patch,
        Err(error) => return assert!(after == REFUSED && matches!(error, FindError::Refused(_)), "{error}"),
    };
    let new = old.apply(&patch);
    assert_eq!(String::from_utf8_lossy(new.bytes()), after);
    let at = new.wholes(write).iter().position(|at| *at == patch.splices()[0].span.start).unwrap();
    let back = new.apply(&new.rewrite_back(write, at, expect).unwrap());
    assert_eq!(String::from_utf8_lossy(back.bytes()), before);
}

#[test]
fn a_damaged_record_is_rewritten() {
    let csv = |before, what, after| rewrites("a.csv", before, what, after);
    // Two records that were glued together.
    csv(
        "ID,a\r\n\"1\",\"x\"2,y\r\n3,z\r\n",
        ("\"1\",\"x\"2,y", 0, "\"1\",\"x\"\r\n2,y"),
        "ID,a\r\n\"1\",\"x\"\r\n2,y\r\n3,z\r\n",
    );
    // One that is too short, or too long.
    csv("ID,a\n1\n2,y", ("1", 0, "1,x"), "ID,a\n1,x\n2,y");
    csv("ID,a\n1,x\n2,y,,", ("2,y,,", 0, "2,y"), "ID,a\n1,x\n2,y");
    // A quote that is never closed, up to the end of the file.
    csv("ID,a\n1,\"x\n2,y\n", ("1,\"x\n2,y\n", 0, "1,x\n2,y\n"), "ID,a\n1,x\n2,y\n");
    csv("ID,a\n1,\"x\n2,y\n", ("1,\"x\n2,y\n", 0, "1,\"x\"\n2,y"), "ID,a\n1,\"x\"\n2,y");
    csv("ID,a\n1,\"x\n\n\n", ("1,\"x\n\n\n", 0, "1,\"x\"\n\n\n"), "ID,a\n1,\"x\"\n\n\n");
    // The header, also behind a byte-order mark; a text that is there several times; one with line breaks in it.
    csv("\u{feff}ID,a,\n1,x\n", ("ID,a,", 0, "ID,a"), "\u{feff}ID,a\n1,x\n");
    csv("ID,a\n1\n1\n1\n", ("1", 1, "1,x"), "ID,a\n1\n1,x\n1\n");
    csv("ID,a\n\"1\n1\"\n1\n", ("1", 0, "1,x"), "ID,a\n\"1\n1\"\n1,x\n");
    csv("ID,a\n\"1\n1\"\n1\n", ("\"1\n1\"\n1", 0, "2,y"), "ID,a\n2,y\n");
}

#[test]
fn a_rewritten_record_leaves_the_others_as_they_are() {
    let csv = |before, what| rewrites("a.csv", before, what, REFUSED);
    csv("ID,a\n1,x\n2,y\n", ("1,x", 0, "1,\"x"));
    csv("ID,a\n1,x\n2,y\n", ("2,y", 0, "2,\"y"));
    csv("ID,a\n1,x\n2,y\n", ("1,x", 0, "1,x\r"));
    csv("ID,a\n1,x\n2,y\n", ("1,x", 0, " \n"));
    csv("ID,a\n1,x\n2,y\n", ("1,x", 0, "1,\u{1b}"));
    csv("ID,a\n1,x\n", ("ID,a", 0, "\u{feff}ID,a"));
    let there = document("a.csv", "ID,a\n1,x\n\"2\n3\",y\n");
    for (text, occurrence) in [("1", 0), ("3\",y", 0), ("\"2", 0), ("1,x\n", 0), ("1,x", 1), ("1,x\n\"2", 0)] {
        assert!(matches!(there.rewrite(text, occurrence, "4,z"), Err(FindError::NoMatch(_))), "{text:?}");
    }
    let said = there.rewrite("1,y", 0, "1,x").unwrap_err().to_string();
    assert!(said.contains("no longer there") && said.contains("nearest: `1,x` (line 2)"), "{said}");
    assert!(there.rewrite("1,x", 0, "1,x").unwrap().is_empty());
    assert!(matches!(document("a.txt", "1").rewrite("1", 0, "2"), Err(FindError::NotEditable(_))));
    let locked = document("a.csv", b"ID,a\n1,x\n\xff,y\n");
    assert!(matches!(locked.rewrite("1,x", 0, "2,x"), Err(FindError::NotEditable(_))));
}

#[test]
fn a_damaged_row_is_rewritten() {
    let top = "# H\n|ID|a|\n|-|-|\n";
    for (before, what, after) in [
        // A bar in a code span.
        ("| 1 | `a|b` |\r\n|2|y|\n", ("| 1 | `a|b` |", 0, "| 1 | `a\\|b` |"), "| 1 | `a\\|b` |\r\n|2|y|\n"),
        // Two rows on one line, and the reverse.
        ("|1|x||2|y|\n|3|z|", ("|1|x||2|y|", 0, "|1|x|\n|2|y|"), "|1|x|\n|2|y|\n|3|z|"),
        ("|1|x|\n|2|y|\n", ("|1|x|\n|2|y|", 0, "|1|x<br>y|"), "|1|x<br>y|\n"),
        ("|1|\n|1|\n\n<!-- L -->\n|1|\n", ("|1|", 2, "|1|x|"), "|1|\n|1|\n\n<!-- L -->\n|1|x|\n"),
        ("|1|x|\n2 y\n# G\n- [ ] b\n", ("2 y", 0, "|2|y|"), "|1|x|\n|2|y|\n# G\n- [ ] b\n"),
        ("|1|x|\n", ("|1|x|\n", 0, "|1|y|\n"), "|1|y|\n"),
        ("|1|x|\n- [ ] b\n", ("- [ ] b", 0, "- [ ] c"), "|1|x|\n- [ ] c\n"),
        ("|1|x|\n```\na\n```\n- b\n", ("a", 0, "b"), "|1|x|\n```\nb\n```\n- b\n"),
        // It would be no row any more, or one of another table.
        ("|1|x|\n|2|y|\n", ("|2|y|", 0, "text"), REFUSED),
        ("|1|x|\n|2|y|\n", ("|2|y|", 0, "|2|y|\n\n|ID|\n|-|"), REFUSED),
        ("|1|x|\n", ("|1|x|", 0, "<!-- |1|x| -->"), REFUSED),
        ("|1|x|\n", ("|1|x|", 0, "# G | x"), REFUSED),
        // What stands behind would mean something else.
        ("|1|x|\n|2|y|\n", ("|1|x|", 0, "text"), REFUSED),
        ("|1|x|\n|2|y|\n", ("|1|x|", 0, "|1|x|\n```"), REFUSED),
        ("|1|x|\n- [ ] b\n", ("|1|x|", 0, "|1|x|\n# G"), REFUSED),
        ("|1|x|\n# G\n- [ ] b\n", ("# G", 0, "# K"), REFUSED),
        ("\ntext\n|ID|b|\n|-|-|\n|1|x|\n", ("|ID|b|", 0, "|ID|c|"), REFUSED),
        (
            "\ntext\n|ID|b|\n|-|-|\n|1|x|\n",
            ("|ID|b|\n|-|-|", 0, "| ID|b |\n|--|-|"),
            "\ntext\n| ID|b |\n|--|-|\n|1|x|\n",
        ),
        ("|1|x|\n# G\n- [ ] b\n", ("# G", 0, "## G"), REFUSED),
        ("\n|A|\n|-|\n\n# G\n|ID|\n|-|\n", ("|A|\n|-|", 0, "text"), "\ntext\n\n# G\n|ID|\n|-|\n"),
        ("\n|A|\n|-|\n\ntext\n|ID|\n|-|\n", ("|A|\n|-|", 0, "text"), REFUSED),
        ("|1|x|\n|2|y|\n", ("|1|x|", 0, "|1|x|\r"), REFUSED),
        ("|1|x|\n", ("|1|x|", 0, "\t"), REFUSED),
        ("|1|x|\n", ("|1|x|", 0, "|1|\u{7}|"), REFUSED),
    ] {
        let whole = if after == REFUSED { REFUSED.to_owned() } else { format!("{top}{after}") };
        rewrites("a.md", &format!("{top}{before}"), what, &whole);
    }
    let there = document("a.md", format!("{top}|1|x|\n"));
    for (text, occurrence) in [("|1|x", 0), ("1|x|", 0), ("|1|x|", 1), ("|1|y|", 0), ("-|-|\n|1|x|", 0)] {
        assert!(matches!(there.rewrite(text, occurrence, "|2|x|"), Err(FindError::NoMatch(_))), "{text:?}");
    }
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
