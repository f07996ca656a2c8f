//! Rows of Markdown tables that come and go.

use super::{adds, document, values};
use crate::doc::{Addition, FindError, Inserted, create};

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
    let patch = document.take_out(addition, inserted.map(|text| Inserted::Text(text.into())).as_ref()).unwrap();
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
