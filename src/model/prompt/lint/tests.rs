//! What is found in a prompt, rule by rule.

use super::*;
use crate::doc::{DocId, Document};

const BOOK: &str = "## Principles\n1. **Close the loop** – summarise\n## Personas\n| Persona | Scope |\n|---|---|\n| **Pilot** | ships |\n\
                    | Harbour Master | berths |\n## Prompt checklist\n- **Environment** – name it\n- **Roles** – who\n- **Safety** – ask\n";

const GOOD: &str = "Persona: Pilot\nEnvironment: `A_B`\nRoles: none\nSafety: ask\nSafe commands: ls\nForbidden: rm\nApproval: deploys\nSummary: journal\n";

fn book() -> Playbook {
    Playbook::project([&Document::parse(DocId::new("ai/ops/codex.md").expect("a path"), BOOK.as_bytes().to_vec())])
}

/// Rule, line and first quoted name of each finding.
fn findings(text: &str) -> Vec<(&'static str, usize, String)> {
    let found = lint("p.md", text, &book()).into_iter();
    found
        .map(|one| {
            let name = one.message.split('"').nth(1).unwrap_or_default().to_owned();
            assert!(one.advice.is_some() && one.file.as_deref() == Some("p.md"), "{one:?}");
            (one.rule, one.line.expect("a line"), name)
        })
        .collect()
}

fn check(text: &str, want: &[(&'static str, usize, &str)]) {
    let want: Vec<_> = want.iter().map(|(rule, line, name)| (*rule, *line, (*name).to_owned())).collect();
    assert_eq!(findings(text), want, "{text}");
}

#[test]
fn what_is_missing_is_told_where_it_would_stand() {
    check(GOOD, &[]);
    for (at, name) in [
        "Persona",
        "Environment",
        "Roles",
        "Safety",
        "Safe commands",
        "Forbidden operations",
        "Approval points",
        "Close the loop",
    ]
    .into_iter()
    .enumerate()
    {
        let without: Vec<&str> = GOOD.lines().enumerate().filter(|(own, _)| *own != at).map(|(_, line)| line).collect();
        check(&without.join("\n"), &[("prompt-missing", at.max(1), name)]);
    }
    assert_eq!(findings("").len(), 8);
    assert!(findings("").iter().all(|(rule, line, _)| (*rule, *line) == ("prompt-missing", 1)));
}

#[test]
fn what_is_empty_or_open_is_told_where_it_stands() {
    check(&GOOD.replace("Roles: none", "Roles:"), &[("prompt-empty", 3, "Roles")]);
    check(&GOOD.replace("Roles: none", "## Roles\n<!-- who? -->\n**Notes**"), &[]);
    check(&GOOD.replace("Roles: none", "## Roles\n<!-- who? -->\n"), &[("prompt-empty", 3, "Roles")]);
    check(&GOOD.replace("ask", "TBD"), &[("prompt-placeholder", 4, "Safety")]);
    check(&GOOD.replace("ask", "<who asks>"), &[("prompt-placeholder", 4, "Safety")]);
    check(
        &GOOD.replace("`A_B`", "\n- one\n- <to be said: two>\n- <To be said: three>"),
        &[("prompt-placeholder", 4, "Environment"), ("prompt-placeholder", 5, "Environment")],
    );
    check(&format!("{GOOD}## Task\n- <to be said: which>\n"), &[("prompt-placeholder", 10, "")]);
    check(&GOOD.replace("ls", "`sweep --site <site>`"), &[]);
}

#[test]
fn personas_are_known_by_their_names() {
    let with = |line: &str| GOOD.replace("Persona: Pilot", line);
    for known in [
        "You are the Harbour Master of this port.",
        "# Harbour master",
        "**Agent persona:** the pilot",
        "## Persona\n- **HARBOUR MASTER**",
        "Act as pilot.",
    ] {
        check(&with(known), &[]);
    }
    check(&with("Persona: Captain"), &[("prompt-unknown-persona", 1, "")]);
    check(&with("Persona:"), &[("prompt-unknown-persona", 1, "")]);
    check(&with("You are a copilot."), &[("prompt-unknown-persona", 1, "")]);
    check(&with("The pilot is informed."), &[("prompt-missing", 2, "Persona")]);
}

#[test]
fn safety_may_hold_the_three_lists() {
    let within = |lists: &str| {
        format!("# Pilot\n## Environment\nx\n## Required roles\n- Safety: none\n## Safety\n{lists}\n## Report\nx\n")
    };
    check(&within("- Safe commands: ls\n- **Forbidden** – rm\n- Approval: deploys"), &[]);
    check(&within("### Safe commands\n- ls\n### Do not\n- rm\n### Approval points\n- deploys"), &[]);
    check(
        &within("### Safe commands\n### Do not\n- rm\n### Approval points\n- deploys"),
        &[("prompt-empty", 7, "Safe commands")],
    );
    // What stands under the heading of another part belongs to that one.
    check(
        &within("- Safe commands: ls\n- Never: rm\n- Approval: x").replace("## Safety\n", "## Roles\n"),
        &[
            ("prompt-missing", 9, "Safety"),
            ("prompt-missing", 9, "Safe commands"),
            ("prompt-missing", 9, "Forbidden operations"),
            ("prompt-missing", 9, "Approval points"),
        ],
    );
}
