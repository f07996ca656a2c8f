//! Timelines in the forms in which plans have them, before and after.

use std::sync::Arc;

use super::*;

const AT: &str = "2026-01-03 14:20";

#[track_caller]
fn check(before: &str, artifacts: &[&str], want: &str) {
    let id = DocId::new("docs/plans/PlanB_Speed.md").expect("a path");
    let log = DocId::new("docs/agents/sessions/2026-01-03_session-0001.md").expect("a path");
    let doc = Arc::new(Document::parse(id, before.as_bytes().to_vec()));
    let artifacts: Vec<String> = artifacts.iter().map(|text| (*text).to_owned()).collect();
    let at = Stamp::read(AT).expect("a time");
    let entry = Entry { at, task: "HB-B-005", summary: "Faster | it is.", artifacts: &artifacts, log: &log };
    let edit = add(&doc, entry).expect("an entry");
    crate::model::session::finish::written_and_back(&doc, vec![edit], want);
}

const SAID: &str = "Faster \\| it is (HB-B-005).";
const LOG: &str = "docs/agents/sessions/2026-01-03_session-0001.md";

#[test]
fn rows_stand_where_the_newest_one_does() {
    let head = "# Plan B\r\n## Recent timeline (migrated)\r\n| Date (MT) | Summary | Metrics / Artifacts | Source |\r\n|--|--|--|--|\r\n";
    let row = |date: &str| format!("| {date} | {SAID} | `Logs/a.json`; p95 40 ms | {LOG} |\r\n");
    let artifacts = ["`Logs/a.json`", "p95 40 ms"];
    let both = |rows: &str, before: &str, date: &str, behind: &str| {
        check(&format!("{head}{rows}"), &artifacts, &format!("{head}{before}{}{behind}", row(date)));
    };
    // The newest first, with comments that belong to rows; without times, with times.
    let rows = "<!-- L -->\r\n| 2026-01-01 | a | | x |\r\n| 2025-12-31 08:00 | b | | x |\r\n";
    both(rows, "", "2026-01-03", rows);
    let rows = "| 2026-01-01 10:00 | a | | x |\r\n| 2025-12-31 | b | | x |\r\n";
    both(rows, "", AT, rows);
    // The newest last.
    let rows = "| 2025-12-31 | b | | x |\r\n| 2026-01-01 | a | | x |\r\n";
    both(&format!("{rows}\r\n## Later\r\n"), rows, "2026-01-03", "\r\n## Later\r\n");
    // Days newest first, hours in their order; a later day stands above.
    let (top, rest) = (
        "| 2026-01-04 | z | | x |\r\n| 2026-01-03 08:00 | a | | x |\r\n| 2026-01-03 09:00 | b | | x |\r\n",
        "| 2025-12-01 10:00 | c | | x |\r\n",
    );
    both(&format!("{top}{rest}"), top, "2026-01-03", rest);
    // Nothing tells an order.
    both("", "", "2026-01-03", "");
}

#[test]
fn columns_are_found_by_their_header() {
    check(
        "## Timeline\n| Date | Task | What happened |\n|-|-|-|\n| 2026-01-01 | x | y |",
        &[],
        &format!(
            "## Timeline\n| Date | Task | What happened |\n|-|-|-|\n| 2026-01-01 | x | y |\n| 2026-01-03 | HB-B-005 | Faster \\| it is; `{LOG}` |\n"
        ),
    );
    check(
        "\u{feff}## Timeline\n| Date | Summary | Evidence | Session |\n|-|-|-|-|\n| 2026-01-01 | x | y | `z` |\n| 2025-01-01 | x | y | z |\n",
        &[],
        &format!(
            "\u{feff}## Timeline\n| Date | Summary | Evidence | Session |\n|-|-|-|-|\n| 2026-01-03 | {SAID} | – | `{LOG}` |\n| 2026-01-01 | x | y | `z` |\n| 2025-01-01 | x | y | z |\n"
        ),
    );
}

#[test]
fn bullets_get_a_bullet_like_them() {
    let said = format!("Faster | it is (HB-B-005) – `Logs/a.json`; `{LOG}`");
    let artifacts = ["`Logs/a.json`"];
    // The newest first, under its comment.
    check(
        "# P\n## Timeline\n<!-- L -->\n- **2026-01-01:** a\n- **2025-12-30 (later):** b\n\n## Hooks\n- x\n",
        &artifacts,
        &format!(
            "# P\n## Timeline\n- **2026-01-03:** {said}\n<!-- L -->\n- **2026-01-01:** a\n- **2025-12-30 (later):** b\n\n## Hooks\n- x\n"
        ),
    );
    // The newest last, with a wrapped line; text behind the list; no final line end.
    check(
        "## Timeline\r\n* 2025-12-30 – a\r\n* 2026-01-01 – b\r\n  more\r\n\r\nText.",
        &artifacts,
        &format!("## Timeline\r\n* 2025-12-30 – a\r\n* 2026-01-01 – b\r\n  more\r\n* 2026-01-03 – {said}\r\n\r\nText."),
    );
    check(
        "## Timeline\n- 2025-12-30: a\n- 2026-01-01 10:00: b",
        &artifacts,
        &format!("## Timeline\n- 2025-12-30: a\n- 2026-01-01 10:00: b\n- {AT}: {said}\n"),
    );
}

#[test]
fn a_plan_without_a_timeline_gets_one() {
    let said = format!("- **2026-01-03:** Faster | it is (HB-B-005) – `{LOG}`\n");
    check("# P\n\n## Work\ntext\n", &[], &format!("# P\n\n## Work\ntext\n\n## Recent timeline\n\n{said}"));
    check("# P\n## Timeline\nsee below\n## Work\n", &[], &format!("# P\n## Timeline\nsee below\n{said}## Work\n"));
}
