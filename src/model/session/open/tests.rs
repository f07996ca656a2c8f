//! Open things of small logs.

use super::*;
use crate::model::checklist::Ledger;

fn document(path: &str, text: &str) -> Document {
    Document::parse(DocId::new(path).expect("a path"), text.as_bytes().to_vec())
}

/// Kind, line and verb of what is open in a log.
#[track_caller]
fn check(text: &str, want: &[(OpenKind, usize, Option<&str>)]) {
    let doc = document("docs/agents/sessions/2026-01-02_session-0003.md", text);
    let log = SessionLog::project(&doc);
    let list = document("docs/List.md", "# L\n- [x] one\n- [ ] two\n");
    let list = Checklist::project(&list, &Ledger::default(), Some(&log.name));
    let plan_doc = document("docs/plans/PlanB_X.md", "# Plan B\n## Timeline\n- 2026-01-02: HB-B-004 and not ours\n");
    let plan = Plan::project(&plan_doc);
    let input = Input {
        log: &log,
        doc: &doc,
        list: Some(&list),
        sync: &Sync::default(),
        gates: &[],
        gates_doc: None,
        sign_offs: &[],
        plan: Some((&plan, &plan_doc)),
        running: None,
    };
    let items = open(input);
    let got: Vec<_> =
        items.iter().map(|item| (item.kind, item.line.unwrap_or(0), item.settle.verb.as_deref())).collect();
    let mut all = vec![(OpenKind::Step, 3, Some("checklist tick 2"))];
    all.extend(want);
    all.push((OpenKind::Timeline, 3, Some("session finish")));
    assert_eq!(got, all, "{items:#?}");
}

const PLAN: &str = "## Plan\n- a\n- b\n- c\n";

#[test]
fn what_the_template_wants_is_open_until_it_is_there() {
    use OpenKind::Placeholder;
    let head = "# Log\n- **Role:** <Ingestion | Docs>\n- **Task board card:** HB-B-005 x\n";
    let rest = "## Changes\n- Files touched:\n  - <path1>\n## Validation\n- Unit tests: <paste `All tests passed`>\n- Smoke run (if \
                applicable): <key lines>\n## Outcome\n- Status: <Done | Blocked>\n";
    check(
        &format!("{head}{PLAN}{rest}"),
        &[
            (Placeholder, 2, None),
            (Placeholder, 10, Some("session finish")),
            (Placeholder, 12, Some("session finish --tests TEXT")),
            (Placeholder, 13, Some("session finish --smoke TEXT")),
            (Placeholder, 15, Some("session finish")),
        ],
    );
    // Tags, addresses, code, comments, records and comparisons are none.
    check(
        &format!(
            "{head}{PLAN}a<br>b, <b>x</b>, <https://x.y>, `<x>`, a < b > c, \\<no>\n<!-- <c> -->\n```\n<d>\n```\n- 2026-01-02 10:00 – \
             <e>\n## Hand-off\n- <f>\n"
        )
        .replace("<Ingestion | Docs>", "Docs"),
        &[],
    );
}

#[test]
fn a_plan_has_three_to_six_bullets() {
    let plan =
        |bullets: &str| format!("# Log\n- **Task board card:** HB-B-005\n## Plan (3-6 bullets)\n{bullets}## Changes\n");
    let open = (OpenKind::Plan, 3, Some("session plan --bullet TEXT"));
    check(&plan("- a\n- b\n"), &[open]);
    check(&plan("- a\n- b\n  - nested\n- <c>\n"), &[open, (OpenKind::Placeholder, 7, open.2)]);
    check(&plan("- a\n- b\n- c\n"), &[]);
    check(&plan(&"- a\n".repeat(7)), &[open]);
    check("# Log\n", &[(OpenKind::Plan, 1, open.2)]);
}

#[test]
fn an_override_is_open() {
    let log = format!("# Log\n{PLAN}- 2026-01-02 10:20 – ran `sim --x 4`: exit 1 in 1 s (L2, overrides `--x`)\n");
    let verb = "session note --reset --x HOW";
    check(&log, &[(OpenKind::Override, 6, Some(verb))]);
}
