//! Telemetry as it is found: every shape and every file name that the pipeline and its forerunners left behind.
//!
//! Tolerant, but not guessing: what cannot be read is a [`Fault`] with its line, never an empty record; what says no time is
//! undated and sorts before everything that does. A file is known by its first [`HEAD`] bytes, so that of thousands of files
//! only those are read whole that are asked for.

mod head;
mod mend;
mod name;

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::telemetry::{Component, Status};

pub use name::{Name, instant};

/// How many bytes of a file are looked at to know whose it is and of when.
pub const HEAD: usize = 8 << 10;

/// A file larger than this is not telemetry.
pub const MAX_BYTES: u64 = 32 << 20;

/// What is known of a file without reading it whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Path of the file, relative to the folder that holds `telemetry/`.
    pub file: String,
    /// Whose it is.
    pub component: Component,
    /// When the run ended, or began where only the name tells; none when nothing tells.
    pub time: Option<DateTime<Utc>>,
    /// The run; empty when nothing tells.
    pub run_id: String,
    /// How the run ended; none in files of older tools.
    pub status: Option<Status>,
}

/// A file, or a part of one that holds several records.
#[derive(Debug, Clone, PartialEq)]
pub struct Telemetry {
    /// Whose it is, and of when.
    pub head: Head,
    /// The record as an object: our own form as it stands, an older one with its quirks mended (an array is under `items`).
    pub record: Map<String, Value>,
}

/// Why a file, or a part of it, was not read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Path of the file.
    pub file: String,
    /// 1-based line, where there is one.
    pub line: Option<usize>,
    /// Why, and how to mend it.
    pub why: String,
}

/// What the first bytes of a file tell; the whole file when it is not longer than [`HEAD`].
pub fn read_head(file: &str, bytes: &[u8], is_whole: bool) -> Result<Head, Fault> {
    let fault = |line, why: String| Fault { file: file.to_owned(), line, why };
    let told = head::told(bytes, is_whole).map_err(|(line, why)| fault(Some(line), why))?;
    let name = Name::of(file);
    let said = told.component.as_deref().and_then(Component::of_alias);
    let Some(component) = said.or(name.component) else {
        return Err(fault(None, unknown(told.component.as_deref())));
    };
    let time = told.timestamp.as_deref().and_then(instant).or(name.time);
    let run_id = told.run_id.filter(|run| !run.is_empty()).or(name.run).unwrap_or_default();
    Ok(Head { file: file.to_owned(), component, time, run_id, status: told.status })
}

fn unknown(component: Option<&str>) -> String {
    match component {
        Some(word) => format!("{word:?} is none of the six components"),
        None => "neither a field `component` nor the file's name says whose it is".to_owned(),
    }
}

/// Reads a whole file: one record, or those of an array or object that holds one for each of several components.
pub fn read(file: &str, bytes: &[u8]) -> Result<Vec<Telemetry>, Fault> {
    let value: Value = serde_json::from_slice(text_of(bytes)).map_err(|error| Fault {
        file: file.to_owned(),
        line: Some(error.line().max(1)),
        why: head::why(&error),
    })?;
    let parts = mend::parts(value).unwrap_or_else(|value| vec![(None, value)]);
    let read: Vec<Telemetry> = parts.into_iter().filter_map(|(key, value)| one(file, key, value)).collect();
    match read.is_empty() {
        true => Err(Fault { file: file.to_owned(), line: None, why: unknown(None) }),
        false => Ok(read),
    }
}

fn one(file: &str, key: Option<Component>, value: Value) -> Option<Telemetry> {
    let text = |name: &str| match value.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let name = Name::of(file);
    let component = text("component").and_then(|word| Component::of_alias(&word)).or(key).or(name.component)?;
    let time = ["timestamp", "generated_at"].into_iter().find_map(|field| instant(&text(field)?)).or(name.time);
    let run_id = text("run_id").or(name.run).unwrap_or_default();
    let status = value.get("status").and_then(|word| serde_json::from_value(word.clone()).ok());
    let head = Head { file: file.to_owned(), component, time, run_id, status };
    Some(Telemetry { record: mend::mended(&head, value), head })
}

/// The bytes without a byte-order mark.
fn text_of(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

impl Head {
    /// Which of two files is the newer one: time, then the run's number, then the name. Equal only for the same file.
    pub fn age_order(&self, other: &Head) -> Ordering {
        let key = |head: &Head| (head.time, number(&head.run_id));
        key(self).cmp(&key(other)).then_with(|| self.file.cmp(&other.file))
    }
}

/// A run as a number, with the attempt behind it: `2079-2`. What is none sorts before all that are.
fn number(run: &str) -> Option<(u64, u64)> {
    let (run, attempt) = run.split_once('-').unwrap_or((run, "0"));
    Some((run.parse().ok()?, attempt.parse().ok()?))
}

impl Fault {
    /// `file:line`, as far as it has one.
    pub fn place(&self) -> String {
        self.line.map_or_else(|| self.file.clone(), |line| format!("{}:{line}", self.file))
    }
}

#[cfg(test)]
mod tests;
