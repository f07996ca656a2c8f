//! Logs before and after they are filled in.

use std::sync::Arc;

use super::*;

fn filling() -> Filling {
    Filling {
        status: "Done".into(),
        rationale: "Faster now.".into(),
        tests: "`cargo test`: exit 0".into(),
        smoke: String::new(),
        follow_ups: "None.".into(),
        files: vec!["a.rs".into(), "docs/b.md".into()],
    }
}

#[track_caller]
fn check(before: &str, want: &str) {
    let id = DocId::new("docs/agents/sessions/2026-01-02_session-0003.md").expect("a path");
    let doc = Arc::new(Document::parse(id, before.as_bytes().to_vec()));
    let edits = fill(&doc, &filling()).expect("edits");
    crate::model::session::finish::written_and_back(&doc, edits, want);
}

#[test]
fn the_template_is_filled_in() {
    check(
        "\u{feff}- Status: <Done | Blocked>  \r\n## Changes\r\n- Files touched:\r\n  - <path1>\r\n  - <path2>\r\n- Rationale:\r\n  - <why>\r\n- 2026-01-02 \
         10:00 – seen\r\n## Validation\r\n- Unit tests: <paste `All passed`>\r\n- Smoke run (if applicable): <key>\r\n## Outcome\r\n- Follow-ups: <new>",
        "\u{feff}- Status: Done  \r\n## Changes\r\n- Files touched:\r\n  - a.rs\r\n  - docs/b.md\r\n- Rationale:\r\n  - Faster now.\r\n- 2026-01-02 \
         10:00 – seen\r\n## Validation\r\n- Unit tests: `cargo test`: exit 0\r\n- Smoke run (if applicable): <key>\r\n## Outcome\r\n- Follow-ups: None.",
    );
}

#[test]
fn what_people_wrote_stays() {
    check(
        "## Changes\n- Files touched:\n  - <path>\n  - `docs\\b.md` (table)\n  - <path>\n- Rationale:\n  - Ours.\n## Outcome\n- Status: Done, \
         nearly.\n- Follow-ups: see board\n",
        "## Changes\n- Files touched:\n  - `docs\\b.md` (table)\n  - a.rs\n- Rationale:\n  - Ours.\n## Outcome\n- Status: Done, \
         nearly.\n- Follow-ups: see board\n- Summary: Faster now.\n",
    );
    check(
        "## Changes\n- Files touched:\n  * x/a.rs\n    - why\n  * b.md.bak\n    wrapped\n\n## Later\n- **Status:** \n",
        "## Changes\n- Files touched:\n  * x/a.rs\n    - why\n  * b.md.bak\n    wrapped\n  * a.rs\n  * docs/b.md\n\n## Later\n- **Status:** Done\n\n## \
         Outcome\n\n- Summary: Faster now.\n",
    );
    check(
        "- Files touched: <paths>\n- Files: x\n## Outcome of it\n- text",
        "- Files touched:\n  - a.rs\n  - docs/b.md\n- Files: x\n## Outcome of it\n- text\n- Status: Done\n- Summary: Faster now.\n",
    );
    check(
        "- Files touched: a and b\n",
        "- Files touched: a and b\n\n## Outcome\n\n- Status: Done\n- Summary: Faster now.\n",
    );
}

#[test]
fn a_status_that_only_goes_on_ends() {
    check(
        "## Changes\n- Rationale: ours\n- Files touched: all\n## Outcome\n- **Status:** In-progress.\n",
        "## Changes\n- Rationale: ours\n- Files touched: all\n## Outcome\n- **Status:** Done\n- Summary: Faster now.\n",
    );
}

#[test]
fn what_stands_nested_below_a_label_is_said() {
    check(
        "- Smoke run:\n  - ran it\n- Follow-ups:\n  - more\n## Outcome\n- Status:\n- Rationale: <x>",
        "- Smoke run:\n  - ran it\n- Follow-ups:\n  - more\n## Outcome\n- Status: Done\n- Rationale: Faster now.",
    );
}

#[test]
fn another_status_is_not_overwritten() {
    for said in ["Blocked", "In Progress, but for one", "Donezo"] {
        let id = DocId::new("docs/a.md").expect("a path");
        let doc = Document::parse(id, format!("# L\n- Status: {said}\n").into_bytes());
        let Err(Refused(why)) = fill(&doc, &filling()) else { panic!("{said}") };
        assert!(why.starts_with(&format!("docs/a.md:2: the log says {said:?} already")), "{why}");
    }
}
