//! Rules 1 to 3: which parts of a Markdown file count, table cells, boxes; and lines that are added to a section.

use super::{REFUSED, adds, boxes, cell, checkbox, document, table, values};
use crate::doc::cell::TableCell;
use crate::doc::{Addition, CellId, FindError, Inserted, create};

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
    let back = grown.apply(&grown.take_out(&addition, Some(&Inserted::Text(written))).unwrap());
    assert_eq!(back.bytes(), b"# H\n- a\n\n## New\n\n- theirs\n");
    let open = document("a.md", "# H\n- b");
    let patch = open.add(&line("H", "- c")).unwrap();
    let grown = document("a.md", [&patch.apply(open.bytes())[..], b"- theirs\n"].concat());
    let back = grown.apply(&grown.take_out(&line("H", "- c"), Some(&Inserted::Text("\n- c\n".into()))).unwrap());
    assert_eq!(back.bytes(), b"# H\n- b\n- theirs\n");
}
