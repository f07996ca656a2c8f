//! Damaged records and rows that are rewritten as a whole.

use super::{REFUSED, document};
use crate::doc::FindError;

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
