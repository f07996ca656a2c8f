//! Cells and rows of Markdown tables: an edit changes one cell, a row that is added goes without a trace.

#![no_main]

use codex_tui::doc::{Addition, CellId};
use codex_tui_fuzz::{Input, addition_leaves_no_trace, read, set_changes_one_cell};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::of(data) else { return };
    let (document, cells) = read("a.md", input.document);
    let rows: Vec<usize> = (0..cells.len()).filter(|at| matches!(cells[*at].0, CellId::Table(_))).collect();
    if let Some(at) = input.choose(rows.len()) {
        set_changes_one_cell(&document, &cells, rows[at], input.value);
    }
    let Some(markdown) = document.markdown() else { panic!("a.md is Markdown") };
    let Some(at) = input.choose(markdown.tables().len()) else { return };
    let table = &markdown.tables()[at];
    let header: Vec<String> = table.header.iter().map(|span| markdown.cell(span).into_owned()).collect();
    let values = input.value.split('\u{1f}').map(str::to_owned).chain(std::iter::repeat("new".to_owned()));
    let row = Addition::Row {
        heading: markdown.heading_text(table.heading).into_owned(),
        table: table.ordinal,
        cells: values.take(header.len()).collect(),
        header,
        above: None,
    };
    addition_leaves_no_trace(&document, &row);
});
