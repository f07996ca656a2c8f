//! CSV: fields are what another reader reads, an edit changes one field, a record that is added goes without a trace.

#![no_main]

use codex_tui::doc::Addition;
use codex_tui_fuzz::{Input, addition_leaves_no_trace, read, set_changes_one_cell};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::of(data) else { return };
    let (document, cells) = read("a.csv", input.document);
    let Some(csv) = document.csv() else { panic!("a.csv is CSV") };
    if document.locked().is_some() {
        return;
    }
    let records = csv.header_record().into_iter().chain(csv.iter());
    let ours: Vec<Vec<String>> = records
        .map(|record| (0..record.len()).filter_map(|at| record.field(at).map(|field| field.into_owned())).collect())
        .collect();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(input.document);
    let theirs: Vec<Vec<String>> =
        reader.records().map(|record| record.expect("text").iter().map(str::to_owned).collect()).collect();
    assert_eq!(ours, theirs);

    if let Some(at) = input.choose(cells.len()) {
        set_changes_one_cell(&document, &cells, at, input.value);
    }
    let header: Vec<String> = csv.header().into_iter().map(String::from).collect();
    let values = input.value.split('\u{1f}').map(str::to_owned).chain(std::iter::repeat("new".to_owned()));
    let record = Addition::Record { fields: values.take(header.len()).collect(), header };
    addition_leaves_no_trace(&document, &record);
});
