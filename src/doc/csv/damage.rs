//! What is wrong with a CSV document: records glued together, too few or too many fields, malformed fields.

use crate::doc::candidates::shorten;
use crate::doc::damage::{LineCounter, Problems, lost_characters};
use crate::doc::{Problem, Severity};

use super::{Csv, Malformed, RecordRef};

pub(super) fn problems(csv: &Csv) -> Vec<Problem> {
    let mut problems = Problems::default();
    let Some(header) = csv.header_record() else { return Vec::new() };
    columns(csv, &mut problems);
    let width = header.len();
    let mut counter = LineCounter::new(&csv.bytes, 0, 1);
    let mut malformed = csv.malformed.iter().map(|(field, _)| *field).peekable();
    for record in std::iter::once(header).chain(csv.iter()) {
        let end = csv.marks[record.mark].field + record.len() as u32;
        let mut glued = false;
        while let Some(field) = malformed.next_if(|field| *field < end) {
            let column = (field - csv.marks[record.mark].field) as usize;
            counter.skip_to(record.span().start, record.line());
            let line = counter.line(csv.fields[field as usize] as usize);
            glued |= malformed_field(&record, column, (line, width), &mut problems);
        }
        if record.len() != width && !glued {
            field_count(&record, width, &mut problems);
        }
    }
    lost_characters(&mut problems, "csv-lost-characters", &csv.bytes[..csv.at], |_| true);
    problems.finish()
}

fn columns(csv: &Csv, problems: &mut Problems) {
    let mut names = csv.header();
    names.sort_unstable();
    for pair in names.windows(2) {
        if pair[0] == pair[1] {
            let line = csv.header_record().map_or(1, |header| header.line());
            problems.add("csv-duplicate-column", Severity::Warning, line, || {
                (
                    format!("two columns are named `{}`: only the first can be addressed", pair[0]),
                    "rename one of them".to_owned(),
                )
            });
        }
    }
}

/// Reports a malformed field; returns whether it accounts for a wrong number of fields.
fn malformed_field(
    record: &RecordRef<'_>,
    column: usize,
    (line, width): (usize, usize),
    problems: &mut Problems,
) -> bool {
    let id = record.field(0).unwrap_or_default();
    match record.malformed(column) {
        None => false,
        Some(Malformed::Unclosed) => {
            problems.add("csv-malformed-field", Severity::Error, line, || {
                (
                    format!(
                        "field {} of `{}` opens a quote that is never closed: all lines below are swallowed by it",
                        column + 1,
                        shorten(&id)
                    ),
                    "close the quote where the field ends; double the quotes inside it".to_owned(),
                )
            });
            true
        }
        Some(Malformed::TextAfterQuote) if record.len() > width && column + 1 == width => {
            problems.add("csv-glued-record", Severity::Error, line, || {
                let hidden = shorten(&glued_text(record.raw(column).unwrap_or_default()));
                (
                    format!(
                        "the row `{}` has {} fields instead of {width}: the row `{hidden}` was appended to it without a line break, so `{hidden}` is hidden",
                        shorten(&id),
                        record.len(),
                    ),
                    format!("put a line break before `{hidden}`, behind the closing quote"),
                )
            });
            true
        }
        Some(Malformed::TextAfterQuote) => {
            problems.add("csv-malformed-field", Severity::Error, line, || {
                (
                    format!(
                        "field {} of `{}` has text behind its closing quote: readers disagree about its value",
                        column + 1,
                        shorten(&id)
                    ),
                    "double the quotes inside the field, or move the text in front of the closing quote".to_owned(),
                )
            });
            false
        }
    }
}

fn field_count(record: &RecordRef<'_>, width: usize, problems: &mut Problems) {
    let count = record.len();
    problems.add("csv-field-count", Severity::Warning, record.line(), || {
        let id = record.field(0).unwrap_or_default();
        let (what, advice) = if count < width {
            (
                "the missing ones read as empty, or values stand under the wrong header",
                "add the missing fields at their places",
            )
        } else {
            ("the surplus has no column", "quote the field that contains a comma, or remove the surplus")
        };
        (format!("row `{}` has {count} fields under {width} headers: {what}", shorten(&id)), advice.to_owned())
    });
}

/// What stands behind the closing quote.
fn glued_text(raw: &[u8]) -> String {
    let mut at = 1;
    while let Some(found) = memchr::memchr(b'"', &raw[at.min(raw.len())..]) {
        at += found + 1;
        if raw.get(at) != Some(&b'"') {
            break;
        }
        at += 1;
    }
    String::from_utf8_lossy(&raw[at.min(raw.len())..]).into_owned()
}
