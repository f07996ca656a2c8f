//! How fast documents are indexed and edited. `cargo bench --bench doc`; prints the best of several runs.

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use codex_tui::doc::cell::{FieldCell, TableCell};
use codex_tui::doc::{CellId, Csv, DocId, Document, Markdown};

fn main() {
    let csv = board_csv(100_000);
    let markdown = board_markdown(224_000);

    let index = report("csv: index 100,000 records", csv.len(), 7, || Csv::parse(csv.clone()));
    println!("{:>41} {:>9.2} MB of index", "", index.index_bytes() as f64 / 1e6);
    report("csv: first 100 records", csv.len(), 7, || Csv::parse_prefix(csv.clone(), 100));
    let id = || DocId::new("board.csv").expect("a good path");
    let document =
        report("csv: document with problems, UTF-8 check", csv.len(), 5, || Document::parse(id(), csv.clone()));
    let cell = CellId::Field(FieldCell {
        id_column: "ID".to_owned(),
        id: "ST-A-99999".to_owned(),
        column: "Column".to_owned(),
        occurrence: 0,
    });
    report("csv: find the last record", csv.len(), 7, || document.find(&cell).expect("it is there"));
    let patch = document.set(&cell, "Done").expect("it can be set");
    report("csv: apply and read back", csv.len(), 5, || {
        document.apply_checked(&patch, &[(&cell, "Done")]).expect("kept")
    });

    report("markdown: index the board", markdown.len(), 50, || Markdown::parse(markdown.clone()));
    let id = || DocId::new("board.md").expect("a good path");
    let document =
        report("markdown: document with problems", markdown.len(), 50, || Document::parse(id(), markdown.clone()));
    let cell = CellId::Table(TableCell {
        heading: "Current board".to_owned(),
        table: 0,
        key_column: None,
        row: "ST-A-0100".to_owned(),
        column: "Column".to_owned(),
        occurrence: 0,
    });
    let patch = report("markdown: set a cell (read back)", markdown.len(), 50, || {
        document.set(&cell, "Done | x").expect("set")
    });
    report("markdown: apply and read back", markdown.len(), 50, || {
        document.apply_checked(&patch, &[(&cell, "Done | x")]).expect("kept")
    });
}

/// Runs `work` some times, prints the best time and the throughput, returns the last result.
fn report<T>(what: &str, bytes: usize, runs: usize, mut work: impl FnMut() -> T) -> T {
    let mut best = Duration::MAX;
    let mut last = None;
    for _ in 0..runs {
        drop(last.take());
        let start = Instant::now();
        let result = black_box(work());
        best = best.min(start.elapsed());
        last = Some(result);
    }
    let seconds = best.as_secs_f64();
    println!("{what:<41} {:>9.3} ms {:>9.0} MB/s", seconds * 1e3, bytes as f64 / 1e6 / seconds);
    last.expect("at least one run")
}

/// A board of about 76 MB: every field quoted, long deliverables, CRLF.
fn board_csv(records: usize) -> Arc<Vec<u8>> {
    let mut text = String::from("\"ID\",\"Title\",\"Column\",\"OwnerRole\",\"Deliverable\",\"PlanLink\",\"Notes\"\r\n");
    let sentence = "Measured the warm run twice, compared with \"\"cold\"\" and wrote the report; ";
    for record in 0..records {
        let _ = write!(
            text,
            "\"ST-A-{record:05}\",\"Step {record} of a long plan\",\"Done - 2026-01-02\",\"Automation / Docs\",\"{}\",\"docs/plans/PlanA.md\",\"{}\"\r\n",
            sentence.repeat(5 + record % 3),
            sentence.repeat(2 + record % 2),
        );
    }
    Arc::new(text.into_bytes())
}

/// A board table with comment lines between its rows, and a long history below it.
fn board_markdown(bytes: usize) -> Arc<Vec<u8>> {
    let mut text = String::from(
        "# Board\n\n## Current board\n| ID | Title | Column | Owner | Deliverable | Links |\n|--|--|--|--|--|--|\n",
    );
    for row in 0..200 {
        let _ = writeln!(
            text,
            "| ST-A-{row:04} | Step {row} | In Progress | Docs | {} | `docs/plans/PlanA.md` |",
            "some words <br> - ".repeat(15)
        );
        if row % 5 == 0 {
            text.push_str("<!-- a landmark -->\n");
        }
    }
    text.push_str("\n## History\n");
    let mut entry = 0;
    while text.len() < bytes {
        entry += 1;
        let _ = writeln!(
            text,
            "- **Entry {entry}** - [Role] did what was planned and noted it here at some length\n  - [x] checked\n"
        );
    }
    Arc::new(text.into_bytes())
}
