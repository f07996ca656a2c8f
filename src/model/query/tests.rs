//! Tests of the filter language: what each term means, and that no text is too odd for it.

use proptest::prelude::*;

use super::*;

const fn field(name: &'static str, kind: FieldKind) -> FieldName {
    FieldName { name, help: "", kind }
}

const FIELDS: &[FieldName] = &[
    field("state", FieldKind::Word),
    field("plan", FieldKind::Exact),
    field("owner", FieldKind::Text),
    field("date", FieldKind::Date),
    field("blocked", FieldKind::Flag),
    field("drift", FieldKind::FlagOr(&["title", "state"])),
    field("sort", FieldKind::Sort(&["id", "date", "owner"])),
];

/// Items by number; the fields are state, plan, owner, date, blocked, drift.
const ITEMS: [([&str; 6], &str); 4] = [
    (["In Progress", "A", "Ann", "", "", "title"], "Make the Switch work"),
    (["Ready", "B", "Bob / Ann", "2025-12-01", "X-1", ""], "Sort the cables, see docs/a.md:3"),
    (["Ready for Review", "AB", "", "2026-01-02", "", "title state"], "Ship it: http://example.org/x"),
    (["Done", "", "none", "2025-12-24", "X-1 X-2", ""], "-dash \"quoted\" 5\""),
];

fn fitting(text: &str) -> Vec<usize> {
    let query = Query::parse(text, FIELDS);
    let fits = |(values, text): &([&'static str; 6], &str)| {
        let value = |name: &str| -> Vec<Cow<'static, str>> {
            let at = FIELDS.iter().position(|field| field.name == name).expect("an offered field");
            match at {
                4 | 5 => values[at].split_whitespace().map(Cow::Borrowed).collect(),
                _ => vec![Cow::Borrowed(values[at])],
            }
        };
        query.fits(value, |word| text::contains(text, word))
    };
    (0..ITEMS.len()).filter(|&at| fits(&ITEMS[at])).collect()
}

#[test]
fn every_kind_of_term() {
    const ALL: &[usize] = &[0, 1, 2, 3];
    for (text, want) in [
        ("", ALL),
        ("the", &[0, 1][..]),
        ("the switch", &[0]),
        ("\"the switch\"", &[0]),
        ("\"switch the\"", &[]),
        ("SWITCH", &[]),
        ("Switch", &[0]),
        ("-the", &[2, 3]),
        ("!\"sort the\" the", &[0]),
        ("docs/a.md:3", &[1]),
        ("http://example", &[2]),
        ("\"-dash", &[3]),
        ("5\"", &[3]),
        ("state:in", &[0]),
        ("state:InProgress", &[0]),
        ("state:\"in progress\"", &[0]),
        ("state:ready", &[1, 2]),
        ("state:\"ready\"", &[1]),
        ("state:\"ready", &[1, 2]),
        ("state:done,in", &[0, 3]),
        ("state:done state:in", &[0, 3]),
        ("state:done owner:ann", &[]),
        ("-state:done", &[0, 1, 2]),
        ("-state:done,in", &[1, 2]),
        ("-state:done -state:in", &[1, 2]),
        ("state:ready -state:\"ready\"", &[2]),
        ("plan:a", &[0]),
        ("plan:none", &[3]),
        ("plan:*", &[0, 1, 2]),
        ("-plan:*", &[3]),
        ("plan:a,none", &[0, 3]),
        ("owner:ann", &[0, 1]),
        ("owner:Ann owner:none", &[0, 1, 2]),
        ("owner:\"none\"", &[3]),
        ("owner:\"\"", &[2]),
        ("owner:\"b / a\"", &[1]),
        ("date:2025-12", &[1, 3]),
        ("date:>2025-12-01", &[2, 3]),
        ("date:2025-12-02..2026", &[2, 3]),
        ("date:none", &[0]),
        ("-date:2025", &[0, 2]),
        ("blocked:yes", &[1, 3]),
        ("blocked:n", &[0, 2]),
        ("-blocked:yes", &[0, 2]),
        ("drift:yes", &[0, 2]),
        ("drift:state", &[2]),
        ("drift:no state:done", &[3]),
        // What is still being typed restricts nothing.
        ("state:", ALL),
        ("-", ALL),
        ("-state:", ALL),
        ("owner:\"", ALL),
        ("\"", ALL),
        ("date:>", ALL),
        ("state:-", ALL),
        // What means nothing restricts nothing.
        ("date:soon", ALL),
        ("blocked:perhaps", ALL),
        ("blocked:perhaps,yes", &[1, 3]),
        ("state:done date:soon", &[3]),
    ] {
        assert_eq!(fitting(text), want, "{text}");
    }
}

#[test]
fn words_sort_and_problems() {
    let query = Query::parse("a -b state:done \"c d\" sort:-date", FIELDS);
    assert_eq!(query.words(), ["a", "c d"]);
    assert_eq!(query.unwanted(), ["b"]);
    assert_eq!(query.sort(), Some(&SortKey { name: "date", descending: true }));
    assert!(!query.is_empty());
    let sort = |text: &str| Query::parse(text, FIELDS).sort().map(|key| (key.name, key.descending));
    assert_eq!(sort("sort:id sort:owner"), Some(("owner", false)));
    assert_eq!(sort("sort:o sort:-"), Some(("owner", false)));
    assert_eq!(sort("-sort:id"), Some(("id", true)));
    assert_eq!(sort("sort:"), None);
    for (text, want) in [
        ("date:soon", "date:soon is no date such as 2025-12-24"),
        ("date:2025-02-30", "date:2025-02-30 is no date such as 2025-12-24"),
        ("-blocked:perhaps", "blocked:perhaps is neither yes nor no"),
        ("drift:x", "drift:x is none of yes, no, title, state"),
        ("sort:-colour", "sort:-colour is none of id, date, owner"),
        ("blocked:aaaaaaaaaaaaaaaaaaaaaaaa", "blocked:aaaaaaaaaaaaaaa… is neither yes nor no"),
    ] {
        let query = Query::parse(text, FIELDS);
        assert_eq!(query.problems(), [want]);
        assert!(query.is_empty(), "{text}");
    }
    assert!(Query::parse("state: date: -\" \"", FIELDS).problems().is_empty());
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text in r#"(.|[-!":,<>=.* ]|state|owner|date:|blocked:|drift:|sort:|20[0-9-]*|none|yes){0,24}"#) {
        let query = Query::parse(&text, FIELDS);
        prop_assert!(query.words().iter().chain(query.unwanted()).all(|word| !word.is_empty()));
        fitting(&text);
    }

    #[test]
    fn plain_words_are_the_words(text in r"[a-zA-Z0-9é/., \t]{0,40}") {
        let query = Query::parse(&text, FIELDS);
        prop_assert_eq!(query.words(), text.split_whitespace().collect::<Vec<_>>());
        prop_assert!(!query.names_fields());
    }

    #[test]
    fn a_negated_term_is_the_rest(term in r#"(state|owner|plan|date|blocked|drift):(in|"ready"|ann|a,b|2025|yes|no|none|\*)"#) {
        let (with, without) = (fitting(&term), fitting(&format!("-{term}")));
        if Query::parse(&term, FIELDS).problems().is_empty() {
            let rest: Vec<usize> = (0..ITEMS.len()).filter(|at| !with.contains(at)).collect();
            prop_assert_eq!(without, rest);
        }
    }
}

#[test]
fn a_field_that_is_nearly_one_is_said() {
    let said = |text: &str| Query::parse(text, FIELDS).problems().join("; ");
    assert!(said("stat:done").contains("did you mean state:?"), "{}", said("stat:done"));
    assert!(said("-onwer:ann").contains("did you mean owner:?"));
    assert_eq!(fitting("stat:done"), fitting(""), "it restricts nothing");
    // Words that only look like a field, and what is still being typed.
    for text in
        ["stat:", "http://example.org", "error:disk", "\"stat:done\"", "Stat:done", "docs/state:3", "x:1", "stat: done"]
    {
        assert_eq!(said(text), "", "{text}");
    }
}
