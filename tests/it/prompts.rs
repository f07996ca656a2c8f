//! Prompts: composed by a playbook they pass its checklist; what is taken out is found; other people's prompts are read as they
//! are written. Uses the playbooks of `../shared/corpus` where they are there.

use std::path::Path;

use codex_tui::doc::{DocId, Document};
use codex_tui::model::prompt::Playbook;
use codex_tui::model::prompt::compose::{Fact, Gate, Input, Task, Wanted, compose};
use codex_tui::model::prompt::lint::lint;

fn playbook(texts: &[&str]) -> Playbook {
    let doc = |(at, text): (usize, &&str)| {
        Document::parse(DocId::new(&format!("ai/ops/{at}.md")).expect("a path"), text.as_bytes().to_vec())
    };
    let docs: Vec<Document> = texts.iter().enumerate().map(doc).collect();
    Playbook::project(&docs)
}

/// The playbooks of the corpus: as one file, and as one file for each part.
fn corpus() -> Vec<(&'static str, Playbook)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let parts = ["agents", "prompt-engineering", "requirements", "tasks"];
    let split = parts.map(|name| format!("sre-toolbox-2025-09-20/docs/prompt-engineering/{name}.md"));
    let all = [vec!["sre-toolbox-2025-09-22/ai/ops/codex.md".to_owned()], split.to_vec()];
    let read = |paths: Vec<String>| {
        let texts: Option<Vec<String>> = paths.iter().map(|path| std::fs::read_to_string(root.join(path)).ok()).collect();
        let texts = texts?;
        Some(playbook(&texts.iter().map(String::as_str).collect::<Vec<_>>()))
    };
    let found: Vec<_> = ["one file", "four files"].into_iter().zip(all.map(read)).collect();
    if found.iter().any(|(_, book)| book.is_none()) {
        println!("skipped: no playbooks in the corpus");
    }
    found.into_iter().filter_map(|(name, book)| Some((name, book?))).collect()
}

#[test]
fn show() {
    for (name, book) in corpus() {
        println!("=== {name}: {:#?}", book);
        let wanted = Wanted { persona: book.personas.first(), ..Wanted::default() };
        let text = compose(&wanted, &book);
        println!("{text}");
        println!("{:#?}", lint("x", &text, &book));
    }
}
