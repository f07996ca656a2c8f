//! Check boxes and lines of Markdown: a tick is one byte, a line that is added goes without a trace.

#![no_main]

use codex_tui::doc::{Addition, CellId};
use codex_tui_fuzz::{Input, addition_leaves_no_trace, read, set_changes_one_cell};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::of(data) else { return };
    let (document, cells) = read("a.md", input.document);
    let boxes: Vec<usize> = (0..cells.len()).filter(|at| matches!(cells[*at].0, CellId::Box(_))).collect();
    if let Some(at) = input.choose(boxes.len()) {
        let (cell, was) = &cells[boxes[at]];
        let other = if was.value == "true" { "false" } else { "true" };
        set_changes_one_cell(&document, &cells, boxes[at], other);
        set_changes_one_cell(&document, &cells, boxes[at], input.value);
        if let Ok(patch) = document.set(cell, other) {
            let [splice] = patch.splices() else { panic!("a tick is one place") };
            assert_eq!((splice.span.len(), splice.new.len()), (1, 1), "a tick is one byte");
        }
    }
    let Some(markdown) = document.markdown() else { panic!("a.md is Markdown") };
    let headings = markdown.headings();
    let heading = match input.choose(headings.len() + 1) {
        Some(at) if at < headings.len() => markdown.text(&headings[at].text).into_owned(),
        _ => "New".to_owned(),
    };
    let line = Addition::Line { heading, level: 2, text: input.value.to_owned() };
    addition_leaves_no_trace(&document, &line);
});
