//! What a composed prompt says.

use super::*;
use crate::doc::{DocId, Document};
use crate::model::autonomy::{Autonomy, Level};
use crate::model::prompt::wanted::{Commands, Gate, Input};
use crate::model::runbook::Runbook;

fn document(path: &str, text: &str) -> Document {
    Document::parse(DocId::new(path).expect("a path"), text.as_bytes().to_vec())
}

#[test]
fn every_fact_stands_with_its_place() {
    let book = Playbook::project([&document(
        "ai/ops/codex.md",
        "## Principles\n1. **Close the loop** – summarise\n## Patterns\n- Name `PORT_URL`\n## Who\n| Persona | Scope | Guardrails |\n|---|---|---|\n\
         | **Pilot** | ships | ask |\n## Prompt checklist\n- **Environment** – name it\n- **Inputs** – identifiers (ship, berth)\n- **Outputs** – how\n\
         - **Budget** – how much\n",
    )]);
    let fact = |text: &str| Fact { text: text.to_owned(), place: "docs/T.csv:2".to_owned() };
    let wanted = Wanted {
        persona: book.personas.first(),
        task: Some(Task {
            id: "HB-A-001".to_owned(),
            title: "Moor\nit".to_owned(),
            place: "docs/T.csv:2".to_owned(),
            notes: vec![fact("soon")],
            acceptance: vec![fact("moored")],
            blockers: vec![fact("HB-A-002")],
        }),
        gates: vec![Gate { id: "A1".to_owned(), quote: "≤ 3 m".to_owned(), place: "docs/G.md:4".to_owned() }],
        environment: vec!["BERTH_ID".to_owned(), "calm sea".to_owned()],
        safe: vec!["`ls`".to_owned()],
        said: vec![("budget".to_owned(), "two hours".to_owned())],
        ..Wanted::default()
    };
    let want = "# Prompt: Pilot – HB-A-001 Moor it

Behind each fact stands where it is said, as `path:line`.

## Persona

- Persona: Pilot (`ai/ops/codex.md:8`)
- Scope: ships (`ai/ops/codex.md:8`)
- Guardrails: ask (`ai/ops/codex.md:8`)

## Task

- Task to be done: HB-A-001 Moor it (`docs/T.csv:2`)
- Task notes: soon (`docs/T.csv:2`)
- Task done when: moored (`docs/T.csv:2`)
- Task blocked by: HB-A-002 (`docs/T.csv:2`)

## Environment

- The playbook asks: name it (`ai/ops/codex.md:10`)
- Given: `BERTH_ID` (operator)
- Given: calm sea (operator)
- Variable: `PORT_URL` (`ai/ops/codex.md:4`)

## Inputs

- The playbook asks: identifiers (ship, berth) (`ai/ops/codex.md:11`)
- The playbook names: ship, berth (`ai/ops/codex.md:11`)

## Outputs

- The playbook asks: how (`ai/ops/codex.md:12`)
- Done when: moored (`docs/T.csv:2`)
- Gate A1: ≤ 3 m (`docs/G.md:4`)

## Budget

- The playbook asks: how much (`ai/ops/codex.md:13`)
- Said: two hours (operator)

## Safe commands

- Run: `ls` (operator)

## Forbidden operations

- Whatever breaks the guardrails: ask (`ai/ops/codex.md:8`)

## Approval points

- <to be said: what has to be approved first, and by whom>

## Close the loop

- Principle: Close the loop – summarise (`ai/ops/codex.md:2`)
";
    assert_eq!(compose(&wanted, &book), want);
    assert_eq!(compose(&wanted, &book), compose(&wanted, &book));
}

#[test]
fn commands_are_sorted_by_the_level_that_they_need() {
    let runbook =
        document("docs/R.md", "| Task | Command |\n|---|---|\n| a | `cargo test` |\n| b | `rm -rf build` |\n");
    let runbook = Runbook::project([&runbook]);
    let plan = document(
        "docs/A.md",
        "| Level | Allowed |\n|---|---|\n| L0 | reading |\n| L1 | tests |\n| L2 | data |\n| L3 | network |\n",
    );
    let texts = |facts: &[Fact]| facts.iter().map(|fact| format!("{} {}", fact.text, fact.place)).collect::<Vec<_>>();
    let at = |level: Level| Commands::by_level(&runbook, &Autonomy::project(&plan), level);
    assert_eq!(texts(&at(Level::L1).safe), ["`cargo test` docs/R.md:3"]);
    assert_eq!(texts(&at(Level::L3).safe), ["`cargo test` docs/R.md:3"]);
    assert!(at(Level::L0).safe.is_empty());
    let asked = texts(&at(Level::L1).approval);
    assert!(asked.len() == 1 && asked[0].starts_with("`rm -rf build` needs L2: "), "{asked:?}");
    let forbidden = texts(&at(Level::L1).forbidden);
    assert_eq!(forbidden, ["What needs L2 or L3: the operator alone raises the level docs/A.md:4"]);
    assert!(at(Level::L3).forbidden.is_empty());
    assert_eq!(Commands::by_level(&runbook, &Autonomy::default(), Level::L1), Commands::default());
}

#[test]
fn texts_are_taken_apart() {
    let input = |text: &str| Input::parse(text).map(|one| (one.name, one.format, one.required));
    assert_eq!(input(" slug = a-z "), Some(("slug".to_owned(), "a-z".to_owned(), true)));
    assert_eq!(input("job?=number=id"), Some(("job".to_owned(), "number=id".to_owned(), false)));
    assert!(["slug", "=x", "?=x", "slug= "].iter().all(|text| Input::parse(text).is_none()));
    assert_eq!(enumerations("a (b, c) d (e) f (g, h"), ["b, c"]);
    assert_eq!(code("a `b` c"), "`` a `b` c ``");
    assert!(is_variable("A_B") && !is_variable("_A_B") && !is_variable("AB") && !is_variable("A_b"));
}
