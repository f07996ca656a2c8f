//! Files that are no event files: summaries, recorded runs with pass labels, and what only looks like telemetry.

use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Map, Value};

use super::events::{EventFile, has_doubled_quotes};
use super::needs::Needs;
use super::rows::NewRow;
use super::stamp::time_of;
use super::{Fault, MAX_PROBLEMS};

/// What a file says.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// An event file.
    Events(EventFile),
    /// A recorded run: its records name a pass, not an event.
    Runs(EventFile),
    /// A summary: objects, and the numbers in them by their path.
    Summary {
        /// The objects, one where the file is a bare object.
        records: Vec<Map<String, Value>>,
        /// The numbers.
        stated: Vec<Stated>,
    },
    /// A roll-up table.
    RollUp(Vec<Stated>),
    /// Nothing that could be used.
    Nothing,
}

/// A number that a summary states.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// Keys from the outside in, with dots.
    pub path: String,
    /// The number.
    pub value: f64,
    /// 1-based line.
    pub line: u32,
    /// The day it is about, where the file has several.
    pub day: Option<NaiveDate>,
}

/// How deep numbers are looked for.
const DEPTH: usize = 6;

/// Reads a file that is one JSON document. Says also when it was made, where its content does.
pub fn read_artifact(bytes: &[u8], needs: &Arc<Needs>) -> (Content, Vec<Fault>, Option<NaiveDateTime>) {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let nothing = |line: u32, note: bool, message: &str| {
        (Content::Nothing, vec![Fault { line, message: message.to_owned(), note }], None)
    };
    let trimmed = text.trim_ascii();
    match trimmed.first() {
        None => nothing(1, false, "the file is empty"),
        Some(b'{' | b'[') if has_doubled_quotes(trimmed) => {
            nothing(1, false, "the quotes are doubled, as in a cell of a CSV file; nothing in it can be read")
        }
        Some(b'[') => array(trimmed, needs),
        Some(b'{') => match serde_json::from_slice::<Map<String, Value>>(trimmed) {
            Ok(object) if is_screen(&object) => nothing(
                1,
                true,
                "a serialised screen layout, no data; the tool that wrote it formatted its table first",
            ),
            Ok(object) => {
                let stamp = stamp_in(&object);
                (summary(vec![object]), Vec::new(), stamp)
            }
            Err(error) => nothing(u32::try_from(error.line()).unwrap_or(1), false, &format!("no JSON: {error}")),
        },
        Some(_) => nothing(1, false, "neither a JSON object nor an array"),
    }
}

fn summary(records: Vec<Map<String, Value>>) -> Content {
    let mut stated = Vec::new();
    if let [object] = &records[..] {
        numbers("", &Value::Object(object.clone()), DEPTH, &mut stated);
    }
    Content::Summary { records, stated }
}

fn array(text: &[u8], needs: &Arc<Needs>) -> (Content, Vec<Fault>, Option<NaiveDateTime>) {
    let mut faults = Vec::new();
    let mut records: Vec<(u32, Map<String, Value>)> = Vec::new();
    let (pieces, whole) = objects(text);
    for (line, piece) in pieces {
        match serde_json::from_slice::<Map<String, Value>>(piece) {
            Ok(object) => records.push((line, object)),
            Err(error) if faults.len() < MAX_PROBLEMS => {
                faults.push(Fault { line, message: format!("a record of the array is no JSON: {error}"), note: false });
            }
            Err(_) => {}
        }
    }
    if !whole {
        let line = 1 + memchr::memchr_iter(b'\n', text).count() as u32;
        faults.push(Fault { line, message: "the array is cut: its end is missing".to_owned(), note: false });
    }
    let Some((first_line, first)) = records.first() else { return (Content::Nothing, faults, None) };
    let stamp = records.iter().filter_map(|(_, record)| stamp_in(record)).max();
    let first_line = *first_line;
    let left_out = |faults: Vec<Fault>, message: &str, note: bool| {
        let mut all = vec![Fault { line: first_line, message: message.to_owned(), note }];
        all.extend(faults);
        (Content::Nothing, all, stamp)
    };
    if is_screen(first) {
        return left_out(
            faults,
            "a serialised screen layout, no data; the tool that wrote it formatted its table first",
            true,
        );
    }
    if first.contains_key("EventName") {
        return left_out(
            faults,
            "one JSON array where an event file has one object a line; its events are not counted",
            false,
        );
    }
    if needs.pass.iter().any(|field| first.contains_key(field)) {
        return (Content::Runs(runs(&records, needs)), faults, stamp);
    }
    (summary(records.into_iter().map(|(_, record)| record).collect()), faults, stamp)
}

/// The objects of an array with their lines, and whether the array is closed.
fn objects(text: &[u8]) -> (Vec<(u32, &[u8])>, bool) {
    let (mut out, mut depth, mut start, mut line, mut start_line) = (Vec::new(), 0usize, 0, 1u32, 1u32);
    let (mut string, mut escaped) = (false, false);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'\n' => line += 1,
            _ if escaped => escaped = false,
            b'\\' if string => escaped = true,
            b'"' => string = !string,
            _ if string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth == 2 {
                    (start, start_line) = (at, line);
                }
            }
            b'}' | b']' => {
                if depth == 2 {
                    out.push((start_line, &text[start..=at]));
                }
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return (out, true);
                }
            }
            _ => {}
        }
    }
    (out, false)
}

/// The records of a run: a record counts for the event that its label names, and its field `StoreWriteLatencyMs` counts as
/// `LatencyMs` of `StoreWrite`.
fn runs(records: &[(u32, Map<String, Value>)], needs: &Arc<Needs>) -> EventFile {
    let mut file = EventFile::new(Arc::clone(needs));
    for (line, record) in records {
        file.records += 1;
        let text = |fields: &[String]| {
            let mut values = fields.iter().filter_map(|field| record.get(field).and_then(Value::as_str));
            values.find(|value| !value.is_empty()).unwrap_or("").to_owned()
        };
        let label = text(&needs.pass);
        let time = record.get("Timestamp").and_then(Value::as_str).and_then(time_of).unwrap_or((i64::MIN, i32::MIN));
        let group = [text(&needs.site), text(&needs.host), label.clone()].map(|word| file.words.put(&word));
        for (at, own) in needs.events.iter().enumerate() {
            let named = own.event == label;
            let value = |field: &String| {
                let path = if named || field.starts_with(own.event.as_str()) {
                    field.clone()
                } else {
                    format!("{}{field}", own.event)
                };
                nested(record, &path).and_then(Value::as_f64).filter(|number| number.is_finite()).unwrap_or(f64::NAN)
            };
            let numbers: Vec<f64> = own.numbers.iter().map(value).collect();
            if named || numbers.iter().any(|number| !number.is_nan()) {
                let words: Vec<u32> = own
                    .words
                    .iter()
                    .map(|field| record.get(field).and_then(Value::as_str).map_or(0, |word| file.words.put(word)))
                    .collect();
                file.put(at, &NewRow { line: *line, time, group, numbers: &numbers, words: &words });
            }
        }
    }
    file
}

/// A value by its path.
pub(in crate::model::gate) fn nested<'a>(record: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    if let Some(value) = record.get(path) {
        return Some(value);
    }
    let (first, rest) = path.split_once('.')?;
    nested(record.get(first)?.as_object()?, rest)
}

fn numbers(path: &str, value: &Value, depth: usize, out: &mut Vec<Stated>) {
    match value {
        Value::Number(number) => {
            if let Some(value) = number.as_f64().filter(|value| value.is_finite()) {
                out.push(Stated { path: path.to_owned(), value, line: 1, day: None });
            }
        }
        Value::Object(object) if depth > 0 => {
            for (key, value) in object {
                let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                numbers(&inner, value, depth - 1, out);
            }
        }
        Value::Object(_) | Value::Array(_) | Value::String(_) | Value::Bool(_) | Value::Null => {}
    }
}

/// When a summary was made, by its own words.
fn stamp_in(object: &Map<String, Value>) -> Option<NaiveDateTime> {
    let text =
        ["GeneratedAtUtc", "GeneratedAt", "CachedAt", "Timestamp"].iter().find_map(|key| object.get(*key)?.as_str())?;
    let (millis, _) = time_of(text)?;
    chrono::DateTime::from_timestamp_millis(millis).map(|time| time.naive_utc())
}

/// Whether an object is formatting of a screen: `ClassId` with a hash in its name, at the first or second level.
fn is_screen(object: &Map<String, Value>) -> bool {
    let class = |object: &Map<String, Value>| object.keys().any(|key| key.starts_with("ClassId") && key.len() > 20);
    class(object) || object.values().filter_map(Value::as_object).any(class)
}
