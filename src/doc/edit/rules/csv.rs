//! Rule 4: fields and records of CSV.

use super::{REFUSED, adds, csv, document, field};
use crate::doc::{Addition, FindError, Inserted, create};

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
    let back = grown.apply(&grown.take_out(&record(["2", "y"]), Some(&Inserted::Text("\n2,y\n".into()))).unwrap());
    assert_eq!(back.bytes(), b"ID,a\n1,x\n3,z\n");
    assert!(matches!(back.take_out(&record(["2", "y"]), None), Err(FindError::NoMatch(_))));
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
