//! Event files: one JSON object a line. Lines of events that no clause needs are told by their first bytes and passed over.

use std::sync::Arc;

use memchr::{memchr, memmem};

use super::line::{self, Scalar};
use super::needs::Needs;
use super::rows::{NewRow, Row, Rows, Words};
use super::stamp::time_of;
use super::{Fault, MAX_PROBLEMS};

/// A line that is longer than this is passed over: it is no event.
pub const MAX_LINE: usize = 16 << 20;

/// How nearly every line of an event file begins.
const START: &[u8] = b"{\"EventName\":\"";

/// What is kept of one event file, or of the part of it that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct EventFile {
    needs: Arc<Needs>,
    tables: Vec<Rows>,
    pub(super) words: Words,
    /// Lines that were read.
    pub lines: u32,
    /// Records of any event.
    pub records: u64,
    /// Lines that are no records.
    pub skipped: u64,
    /// Records that say of themselves that they were made up; they prove nothing and are left out.
    pub synthesized: u64,
    /// The first damaged lines.
    pub faults: Vec<Fault>,
    /// Bytes that were taken: up to behind the last line break.
    pub taken: u64,
    /// What to go back to before the rest of a line without a line break is read again.
    pending: Option<Mark>,
}

#[derive(Debug, Clone, PartialEq)]
struct Mark {
    rows: Vec<usize>,
    lines: u32,
    records: u64,
    skipped: u64,
    synthesized: u64,
    faults: usize,
}

/// Room for one record, used again for the next.
#[derive(Default)]
struct Slots {
    numbers: Vec<f64>,
    words: Vec<u32>,
}

impl EventFile {
    /// Nothing read yet.
    pub fn new(needs: Arc<Needs>) -> EventFile {
        let tables = needs.events.iter().map(Rows::new).collect();
        EventFile {
            needs,
            tables,
            words: Words::default(),
            lines: 0,
            records: 0,
            skipped: 0,
            synthesized: 0,
            faults: Vec::new(),
            taken: 0,
            pending: None,
        }
    }

    /// Takes the whole lines of `bytes`, which follow what was taken before, and says how many bytes that were.
    pub fn feed(&mut self, bytes: &[u8]) -> usize {
        self.roll_back();
        let mut slots = Slots::default();
        let mut at = 0;
        while let Some(len) = memchr(b'\n', &bytes[at..]) {
            self.line(&bytes[at..at + len], &mut slots, false);
            at += len + 1;
        }
        self.taken += at as u64;
        at
    }

    /// Takes the end of the file behind the last line break: a record when it is whole, else a line that is still being
    /// written. It is read again with what follows.
    pub fn rest(&mut self, bytes: &[u8]) {
        self.roll_back();
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        self.pending = Some(Mark {
            rows: self.tables.iter().map(Rows::len).collect(),
            lines: self.lines,
            records: self.records,
            skipped: self.skipped,
            synthesized: self.synthesized,
            faults: self.faults.len(),
        });
        self.line(bytes, &mut Slots::default(), true);
    }

    /// Passes over a line that is too long to be an event, of `bytes` bytes with its line break.
    pub fn pass_over(&mut self, bytes: u64) {
        self.roll_back();
        self.lines += 1;
        self.fault("the line is longer than 16 MiB and is left out");
        self.taken += bytes;
    }

    fn roll_back(&mut self) {
        let Some(mark) = self.pending.take() else { return };
        for (table, len) in self.tables.iter_mut().zip(mark.rows) {
            table.truncate(len);
        }
        self.lines = mark.lines;
        self.records = mark.records;
        self.skipped = mark.skipped;
        self.synthesized = mark.synthesized;
        self.faults.truncate(mark.faults);
    }

    /// Adds the part of the same file that follows this one.
    pub fn append(&mut self, next: EventFile) {
        self.roll_back();
        self.pending = next.pending.map(|mark| Mark {
            rows: self.tables.iter().zip(mark.rows).map(|(own, more)| own.len() + more).collect(),
            lines: self.lines + mark.lines,
            records: self.records + mark.records,
            skipped: self.skipped + mark.skipped,
            synthesized: self.synthesized + mark.synthesized,
            faults: (self.faults.len() + mark.faults).min(MAX_PROBLEMS),
        });
        for (own, more) in self.tables.iter_mut().zip(next.tables) {
            own.append(more, self.lines, &mut self.words, &next.words);
        }
        for mut fault in next.faults {
            fault.line += self.lines;
            if self.faults.len() < MAX_PROBLEMS {
                self.faults.push(fault);
            }
        }
        self.lines += next.lines;
        self.records += next.records;
        self.skipped += next.skipped;
        self.synthesized += next.synthesized;
        self.taken += next.taken;
    }

    fn fault(&mut self, message: impl Into<String>) {
        self.skipped += 1;
        self.say(message);
    }

    fn say(&mut self, message: impl Into<String>) {
        if self.faults.len() < MAX_PROBLEMS {
            self.faults.push(Fault { line: self.lines, message: message.into(), note: false });
        }
    }

    fn line(&mut self, line: &[u8], slots: &mut Slots, last: bool) {
        self.lines += 1;
        let mut line = line.trim_ascii();
        if self.lines == 1 {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
        }
        if line.is_empty() {
            return;
        }
        if let Some(rest) = line.strip_prefix(START)
            && let Some(end) = memchr(b'"', &rest[..rest.len().min(256)])
            && !rest[..end].contains(&b'\\')
        {
            let found = self.needs.events.binary_search_by(|needs| needs.event.as_bytes().cmp(&rest[..end]));
            return match found {
                Ok(event) => self.record(line, event, slots, last),
                Err(_) if line.ends_with(b"}") => self.records += 1,
                Err(_) => self.broken(last),
            };
        }
        self.other(line, slots, last);
    }

    /// A line that does not begin as usual.
    fn other(&mut self, line: &[u8], slots: &mut Slots, last: bool) {
        if has_doubled_quotes(line) {
            return self
                .fault("the quotes are doubled, as in a cell of a CSV file; the line is no JSON and is left out");
        }
        if line.len() > MAX_LINE {
            return self.fault("the line is longer than 16 MiB and is left out");
        }
        let text = match std::str::from_utf8(line) {
            Ok(text) if line.starts_with(b"{") => text,
            Ok(_) => {
                return if last { self.broken(true) } else { self.fault("not a JSON object; the line is left out") };
            }
            Err(_) => return self.fault("not UTF-8; the line is left out"),
        };
        if memmem::find(line, b"EventName").is_none() {
            return if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
                self.fault("the record has no EventName; it is left out")
            } else {
                self.broken(last)
            };
        }
        match line::event_name(text) {
            Ok(Some(name)) => match self.needs.position(&name) {
                Some(event) => self.record(line, event, slots, last),
                None => self.records += 1,
            },
            Ok(None) => self.fault("the record has no EventName that is a string; it is left out"),
            Err(_) => self.broken(last),
        }
    }

    fn broken(&mut self, last: bool) {
        self.fault(if last {
            "the last line is not complete yet; it is left out until it is"
        } else {
            "the line is cut or is no JSON; it is left out"
        });
    }

    fn record(&mut self, line: &[u8], event: usize, slots: &mut Slots, last: bool) {
        let Ok(text) = std::str::from_utf8(line) else {
            return self.fault("not UTF-8; the line is left out");
        };
        let needs = Arc::clone(&self.needs);
        let own = &needs.events[event];
        let (pass, site, host) = (needs.pass.len(), needs.site.len(), needs.host.len());
        // Slots: 0 time, 1 made up, then words of groups, then own words, then numbers.
        let groups = 2 + pass + site + host;
        let wants = |key: &str| -> Option<usize> {
            let find = |names: &[String]| names.iter().position(|name| name == key);
            match key {
                "EventName" => None,
                "Timestamp" => Some(0),
                "Synthesized" => Some(1),
                _ => find(&own.numbers)
                    .map(|at| groups + own.words.len() + at)
                    .or_else(|| find(&needs.site).map(|at| 2 + pass + at))
                    .or_else(|| find(&needs.host).map(|at| 2 + pass + site + at))
                    .or_else(|| find(&needs.pass).map(|at| 2 + at))
                    .or_else(|| find(&own.words).map(|at| groups + at)),
            }
        };
        slots.numbers.clear();
        slots.numbers.resize(own.numbers.len(), f64::NAN);
        slots.words.clear();
        slots.words.resize(own.words.len(), 0);
        let mut time = (i64::MIN, i32::MIN);
        let mut made_up = false;
        let mut group: [(usize, u32); 3] = [(usize::MAX, 0); 3];
        let mut wrong: Option<usize> = None;
        let words = &mut self.words;
        let result = line::object(text, &wants, &mut |slot, value| match slot {
            0 => {
                if let Scalar::Text(text) = &value {
                    time = time_of(text).unwrap_or(time);
                }
            }
            1 => made_up = value == Scalar::Flag(true),
            slot if slot < groups => {
                let (kind, rank) = match slot - 2 {
                    at if at < pass => (2, at),
                    at if at < pass + site => (0, at - pass),
                    at => (1, at - pass - site),
                };
                let word = word_of(&value, words);
                if rank < group[kind].0 && word != 0 {
                    group[kind] = (rank, word);
                }
                // A field of a group may be asked for by itself as well.
                let name = match kind {
                    0 => &needs.site[rank],
                    1 => &needs.host[rank],
                    _ => &needs.pass[rank],
                };
                if let Some(at) = own.words.iter().position(|own| own == name) {
                    slots.words[at] = word;
                }
            }
            slot if slot < groups + own.words.len() => slots.words[slot - groups] = word_of(&value, words),
            slot => {
                let at = slot - groups - own.words.len();
                match value {
                    Scalar::Number(number) if number.is_finite() => slots.numbers[at] = number,
                    Scalar::Null => {}
                    Scalar::Number(_) | Scalar::Text(_) | Scalar::Flag(_) | Scalar::More => wrong = Some(at),
                }
            }
        });
        if result.is_err() {
            return self.broken(last);
        }
        self.records += 1;
        if made_up {
            self.synthesized += 1;
            return;
        }
        if let Some(at) = wrong {
            self.say(format!("{}.{} is no number here; the value is left out", own.event, own.numbers[at]));
        }
        let row = NewRow {
            line: self.lines,
            time,
            group: group.map(|(_, word)| word),
            numbers: &slots.numbers,
            words: &slots.words,
        };
        self.tables[event].push(&row, &mut self.words);
    }

    /// Puts a record that was read elsewhere (a recorded run).
    pub(super) fn put(&mut self, event: usize, row: &NewRow<'_>) {
        self.tables[event].push(row, &mut self.words);
    }

    /// How many records of each event there are, and whether the last line is still open: what tells two states of a file
    /// that only grows apart.
    pub fn extent(&self) -> (Vec<usize>, bool) {
        (self.tables.iter().map(Rows::len).collect(), self.pending.is_some())
    }

    /// The records of an event; none when the event was not needed.
    pub fn rows(&self, event: &str) -> Option<&Rows> {
        self.needs.position(event).map(|at| &self.tables[at])
    }

    /// Each record of an event.
    pub fn each<'a>(&'a self, event: &str) -> impl Iterator<Item = Row<'a>> {
        let rows = self.rows(event);
        (0..rows.map_or(0, Rows::len)).filter_map(move |at| rows.map(|rows| rows.row(at, &self.words)))
    }

    /// The word of a record in a field of its event; empty where it has none.
    pub fn word(&self, event: &str, field: &str, at: usize) -> &str {
        let Some(index) = self.needs.position(event) else { return "" };
        match self.needs.events[index].words.iter().position(|word| word == field) {
            Some(column) => self.words.word(self.tables[index].word_at(column, at)),
            None => "",
        }
    }

    /// The column of a field of an event.
    pub fn column(&self, event: &str, field: &str) -> Option<usize> {
        let index = self.needs.position(event)?;
        self.needs.events[index].numbers.iter().position(|name| name == field)
    }
}

/// Whether the quotes of an object are doubled, as in a cell of a CSV file. A key may be empty: a colon follows it then.
pub(super) fn has_doubled_quotes(text: &[u8]) -> bool {
    let rest = text.strip_prefix(b"{\"\"").map(<[u8]>::trim_ascii_start);
    rest.is_some_and(|rest| !rest.starts_with(b":"))
}

fn word_of(value: &Scalar<'_>, words: &mut Words) -> u32 {
    match value {
        Scalar::Text(text) => words.put(text),
        Scalar::Number(number) => words.put(&number.to_string()),
        Scalar::Flag(flag) => words.put(if *flag { "true" } else { "false" }),
        Scalar::Null | Scalar::More => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by the fuzz target `telemetry_line`.
    #[test]
    fn an_empty_key_is_no_doubled_quote() {
        assert!(has_doubled_quotes(b"{\"\"EventName\"\":1}"));
        assert!(!has_doubled_quotes(b"{\"\":1}"));
        assert!(!has_doubled_quotes(b"{\"\" :1}"));
    }
}
