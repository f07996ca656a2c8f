//! Event files: read in pieces as they grow, or in parts that are put together, they say what they say when read at once; and
//! records that a gate needs are those that another JSON reader reads.

#![no_main]

use std::sync::Arc;

use codex_tui::model::gate::telemetry::{EventFile, Needs, read_artifact};
use codex_tui_fuzz::Input;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const EVENT: &str = "SitePoll";
const NUMBER: &str = "DurationMs";
const WORD: &str = "Kind";

fuzz_target!(|data: &[u8]| {
    let Some(input) = Input::of(data) else { return };
    let bytes = input.document;
    let needs = Arc::new(needs());
    let whole = at_once(bytes, &needs);
    records_are_those_of_another_reader(bytes, &whole);

    // The file as it was a while ago, its last line unfinished, then as it is.
    let cut = input.choose(bytes.len() + 1).unwrap_or(0);
    let mut grown = EventFile::new(needs.clone());
    let taken = grown.feed(&bytes[..cut]);
    grown.rest(&bytes[taken..cut]);
    let more = grown.feed(&bytes[taken..]);
    grown.rest(&bytes[taken + more..]);
    assert_eq!(said(&grown), said(&whole), "grown from {cut}");

    // Two parts, divided at a line break, read apart.
    let middle = bytes[..cut].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if middle > 0 {
        let mut first = at_once(&bytes[..middle], &needs);
        let mark = b"\xef\xbb\xbf";
        // A byte-order mark belongs to the start of a file only.
        if !bytes[middle..].trim_ascii_start().starts_with(mark) {
            first.append(at_once(&bytes[middle..], &needs));
            assert_eq!(said(&first), said(&whole), "parts from {middle}");
        }
    }
    let _ = read_artifact(bytes, &needs);
});

fn needs() -> Needs {
    let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut needs =
        Needs { pass: names(&["PassLabel"]), site: names(&["Site"]), host: names(&["Host"]), ..Needs::default() };
    needs.events = vec![Default::default()];
    needs.events[0].event = EVENT.to_owned();
    needs.events[0].numbers = names(&[NUMBER]);
    needs.events[0].words = names(&[WORD]);
    needs
}

fn at_once(bytes: &[u8], needs: &Arc<Needs>) -> EventFile {
    let mut file = EventFile::new(needs.clone());
    let taken = file.feed(bytes);
    file.rest(&bytes[taken..]);
    file
}

/// All that a file says of the event.
fn said(file: &EventFile) -> (Vec<String>, [u64; 5], Vec<String>) {
    let column = file.column(EVENT, NUMBER).expect("a field that is needed");
    let rows = file.rows(EVENT).expect("an event that is needed");
    let row = |row: codex_tui::model::gate::telemetry::Row<'_>| {
        let number = rows.number(column, row.at);
        format!("{} {} {} {:?} {number:?} {:?}", row.line, row.time, row.day, row.group, file.word(EVENT, WORD, row.at))
    };
    let counts = [u64::from(file.lines), file.records, file.skipped, file.synthesized, file.taken];
    (file.each(EVENT).map(row).collect(), counts, file.faults.iter().map(|fault| format!("{fault:?}")).collect())
}

fn records_are_those_of_another_reader(bytes: &[u8], file: &EventFile) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // A key that is there twice is read one way here, another way there; so is a blank before a mark.
    let twice =
        |line: &str| [EVENT, "EventName", NUMBER, "Synthesized", "\\u"].iter().any(|key| line.matches(key).count() > 1);
    let mut expected = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let Ok(text) = std::str::from_utf8(line.trim_ascii()) else { continue };
        if twice(text) || text.contains('\u{feff}') {
            return;
        }
        let Ok(Value::Object(record)) = serde_json::from_str(text) else { continue };
        if record.get("EventName").and_then(Value::as_str) == Some(EVENT)
            && record.get("Synthesized") != Some(&Value::Bool(true))
        {
            expected.push(record.get(NUMBER).and_then(Value::as_f64));
        }
    }
    let column = file.column(EVENT, NUMBER).expect("a field that is needed");
    let rows = file.rows(EVENT).expect("an event that is needed");
    let found: Vec<Option<f64>> = (0..rows.len()).map(|at| rows.number(column, at)).collect();
    assert_eq!(found, expected);
}
