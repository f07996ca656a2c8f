//! The state machine that finds records and fields. A field is quoted if its first byte is `"`; a quoted field with text
//! behind its closing quote goes on as an unquoted one, as other readers do it.

use super::{Csv, Malformed, Mark};

/// Records from which the size of the index is told.
const SAMPLE: usize = 1000;

/// Indexes up to `records` records more, from where the index ends.
pub(super) fn scan(csv: &mut Csv, records: usize) {
    let all = csv.bytes.clone();
    let bytes = &all[..all.len().min(Csv::MAX_BYTES)];
    let mut left = records;
    while csv.at < bytes.len() && left > 0 {
        let width = terminator(bytes, csv.at);
        if width > 0 {
            csv.at += width;
            csv.line += 1;
        } else {
            record(csv, bytes);
            left -= 1;
            if csv.marks.len() == SAMPLE {
                reserve(csv, bytes.len(), left);
            }
        }
    }
    // Empty lines at the end belong to what is read, so that a file of exactly this many records is complete.
    while csv.at < bytes.len() && terminator(bytes, csv.at) > 0 {
        csv.at += terminator(bytes, csv.at);
        csv.line += 1;
    }
    if csv.at >= bytes.len() {
        csv.at = all.len();
        csv.fields.shrink_to_fit();
        csv.marks.shrink_to_fit();
    }
}

/// Makes room for as many records as there will be if the rest is like the beginning: growing by doubling would copy a
/// large index several times and leave the copies' memory with the process.
fn reserve(csv: &mut Csv, len: usize, left: usize) {
    let more = (len.saturating_sub(csv.at) / (csv.at / SAMPLE).max(1)).min(left);
    // A little more, because the rest is never quite like the beginning.
    let more = more + more / 16;
    csv.marks.reserve_exact(more);
    csv.fields.reserve_exact(csv.fields.len() * more / SAMPLE);
}

/// Width of the line terminator at `at`; 0 when there is none.
fn terminator(bytes: &[u8], at: usize) -> usize {
    match bytes[at..] {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

/// Indexes the record at `csv.at` and goes behind its terminator.
fn record(csv: &mut Csv, bytes: &[u8]) {
    let first = csv.fields.len() as u32;
    let line = csv.line;
    let mut at = csv.at;
    loop {
        let index = csv.fields.len() as u32;
        csv.fields.push(at as u32);
        if bytes.get(at) == Some(&b'"') {
            let (behind, breaks, closed) = quoted(bytes, at + 1);
            at = behind;
            csv.line += breaks;
            if !closed {
                csv.malformed.push((index, Malformed::Unclosed));
            } else if bytes.get(at).is_some_and(|b| !matches!(b, b',' | b'\r' | b'\n')) {
                csv.malformed.push((index, Malformed::TextAfterQuote));
            }
        }
        if !matches!(bytes.get(at), Some(b',' | b'\r' | b'\n')) {
            at = memchr::memchr3(b',', b'\r', b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found);
        }
        if bytes.get(at) != Some(&b',') {
            break;
        }
        at += 1;
    }
    csv.marks.push(Mark { field: first, end: at as u32, line });
    let width = terminator(bytes, at);
    csv.line += u32::from(width > 0);
    csv.at = at + width;
}

/// Reads from behind an opening quote: the offset behind the closing one (or the end of the file), the line breaks
/// between them, and whether it is closed.
fn quoted(bytes: &[u8], mut at: usize) -> (usize, u32, bool) {
    let mut breaks = 0;
    while let Some(found) = memchr::memchr3(b'"', b'\r', b'\n', &bytes[at..]) {
        at += found + 1;
        match (bytes[at - 1], bytes.get(at)) {
            (b'"', Some(b'"')) => at += 1,
            (b'"', _) => return (at, breaks, true),
            // The line feed that follows is counted.
            (b'\r', Some(b'\n')) => {}
            _ => breaks += 1,
        }
    }
    (bytes.len(), breaks, false)
}
