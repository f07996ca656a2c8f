//! Damaged records of CSV documents.

use std::sync::Arc;

use super::Proposal;
use crate::doc::Csv;
use crate::doc::csv::{Malformed, RecordRef, encode_field};

/// The old text of a record, field by field with quotes, and what surrounds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    fields: Vec<String>,
    /// The break that goes between two records on one line, and the fields of the second.
    second: Option<(String, Vec<String>)>,
    /// What an unclosed quote has swallowed; begins with the line's end.
    rest: String,
}

/// The lines on which damaged records begin.
pub(super) fn damaged(csv: &Csv) -> Vec<usize> {
    let width = csv.header().len();
    csv.iter().filter(|record| is_damaged(record, width)).map(|record| record.line()).collect()
}

fn is_damaged(record: &RecordRef<'_>, width: usize) -> bool {
    record.len() != width || (0..record.len()).any(|column| record.malformed(column).is_some())
}

/// What is proposed for the record that stands at a line.
pub(super) fn propose(csv: &Csv, line: usize, width: usize) -> Result<Proposal, String> {
    let record = csv.iter().take_while(|record| record.line() <= line).last();
    let record = record.filter(|record| line <= last_line(csv, record)).ok_or("no record stands there")?;
    if !is_damaged(&record, width) {
        return Err("the record is not damaged".to_owned());
    }
    let found = (0..record.len()).filter_map(|column| Some((column, record.malformed(column)?)));
    // A quote that is never closed comes first: what it has swallowed is no value.
    let found = found.max_by_key(|(column, why)| (*why == Malformed::Unclosed, std::cmp::Reverse(*column)));
    match found {
        Some((column, Malformed::Unclosed)) => unclosed(csv, &record, column, width).ok_or_else(|| UNCLOSED.to_owned()),
        // The quote that ends such a field may be the one that begins another field, lines below.
        Some((column, _)) if raw(&record)[column].contains(['\r', '\n']) => {
            Ok(unclosed(csv, &record, column, width).unwrap_or_else(|| requoted(csv, &record, column, width)))
        }
        Some((column, Malformed::TextAfterQuote)) if column + 1 == width && record.len() > width => {
            glued(csv, &record, column, width)
        }
        None if record.len() == 2 * width - 1 && touching(&raw(&record)[width - 1]).is_some() => {
            glued(csv, &record, width - 1, width)
        }
        Some((column, Malformed::TextAfterQuote)) => Ok(requoted(csv, &record, column, width)),
        None if record.len() < width => {
            let counted = super::counted(width - record.len(), "missing field is", "missing fields are");
            let note = counted + " added at the end, empty";
            Ok(proposal(csv, &record, "csv-field-count", note, fitted(raw(&record), width)))
        }
        None => {
            let note = format!(
                "the {} fields from column {width} on become one: a comma that is not in quotes is the usual cause",
                record.len() - width + 1
            );
            Ok(proposal(csv, &record, "csv-field-count", note, fitted(raw(&record), width)))
        }
    }
}

const UNCLOSED: &str = "where the quote should close cannot be told; close it in an editor";

/// Text behind a closing quote: the field says what most readers make of it.
fn requoted(csv: &Csv, record: &RecordRef<'_>, column: usize, width: usize) -> Proposal {
    let note = format!(
        "field {} is read as most readers read it, with its quotes in order; see whether that was meant",
        column + 1
    );
    proposal(csv, record, "csv-malformed-field", note, fitted(raw(record), width))
}

fn proposal(
    csv: &Csv,
    record: &RecordRef<'_>,
    rule: &'static str,
    note: String,
    fit: (Vec<String>, Vec<String>),
) -> Proposal {
    let (fields, values) = fit;
    let draft = Draft { fields, second: None, rest: String::new() };
    Proposal {
        line: record.line(),
        start: record.span().start,
        rule,
        note,
        certain: false,
        expect: text(csv, record),
        values,
        second: None,
        draft: super::Draft::Record(draft),
    }
}

/// Where two quoted fields touch that are read as one, with a quote between them; and whether that is the only place.
fn touching(field: &str) -> Option<(usize, bool)> {
    let both = |at: &usize| value(&field[..*at]).is_some() && value(&field[*at..]).is_some();
    let mut places = field.match_indices("\"\"").map(|(at, _)| at + 1).filter(both).collect::<Vec<_>>();
    let last = places.pop().filter(|_| field.starts_with('"'))?;
    Some((last, places.is_empty()))
}

/// Two records on one line: the second begins behind the closing quote of the first one's last field.
fn glued(csv: &Csv, record: &RecordRef<'_>, column: usize, width: usize) -> Result<Proposal, String> {
    let raw = raw(record);
    let touching = touching(&raw[column]).filter(|_| record.malformed(column).is_none());
    let cut = touching.map(|(at, _)| at).or_else(|| closing_quote(&raw[column]));
    let cut = cut.ok_or("the quote that should close the last field cannot be told")?;
    let mut first = raw[..column].to_vec();
    first.push(raw[column][..cut].to_owned());
    let hidden = [&[raw[column][cut..].to_owned()], &raw[column + 1..]].concat().join(",");
    let second = read(&hidden).ok_or(
        "the second record on the line is damaged itself; put a line break in front of it in an editor, then repair it",
    )?;
    let whole = second.len() == width && touching.is_none_or(|(_, only)| only);
    let note = if second.len() == width {
        "a line break is put between the two records".to_owned()
    } else {
        format!(
            "a line break is put between the two records; the second has {} fields under {width} headers, which are filled up or joined at the end",
            second.len()
        )
    };
    let (second, values) = fitted(second, width);
    let line_end = line_end(csv, record);
    let (fields, own) = fitted(first, width);
    let mut found = proposal(csv, record, "csv-glued-record", note, (fields.clone(), own));
    found.certain = whole;
    if touching.is_some() {
        found.rule = "csv-field-count";
    }
    found.second = Some(values);
    found.draft = super::Draft::Record(Draft { fields, second: Some((line_end, second)), rest: String::new() });
    Ok(found)
}

/// A quote that is not closed where it should be, and has swallowed what stands below: closed at the end of its line, if all
/// records from there on fit the header then.
fn unclosed(csv: &Csv, record: &RecordRef<'_>, column: usize, width: usize) -> Option<Proposal> {
    let end = csv.iter().next_back()?.span().end;
    let expect = String::from_utf8_lossy(csv.raw(&(record.span().start..end))).into_owned();
    let swallowed = String::from_utf8_lossy(csv.raw(&(record.field_span(column)?.start..end))).into_owned();
    let line = swallowed.find(['\r', '\n']).unwrap_or(swallowed.len());
    let mut fields = raw(record)[..column].to_vec();
    fields.push(format!("{}\"", &swallowed[..line]));
    let values: Vec<String> = fields.iter().filter_map(|field| value(field)).collect();
    let draft = Draft { fields: fields.clone(), second: None, rest: swallowed[line..].to_owned() };
    if values.len() != width || draft.text(&values, None).is_err() {
        return None;
    }
    let note = "the quote is closed at the end of its line".to_owned();
    let found = proposal(csv, record, "csv-malformed-field", note, (fields, values));
    Some(Proposal { certain: true, expect, draft: super::Draft::Record(draft), ..found })
}

impl Draft {
    /// The text with these values: fields that say so already stay as they are. It has to read back.
    pub(super) fn text(&self, values: &[String], second: Option<&[String]>) -> Result<String, String> {
        let mut text = record_text(&self.fields, values);
        let mut wanted = vec![values];
        if let (Some((line_end, fields)), Some(values)) = (&self.second, second) {
            text.push_str(line_end);
            text.push_str(&record_text(fields, values));
            wanted.push(values);
        }
        text.push_str(&self.rest);
        let width = values.len();
        let csv = Csv::parse(Arc::new([header(width).as_bytes(), text.as_bytes()].concat()));
        let reads = wanted.iter().enumerate().all(|(at, values)| {
            at < csv.records() && values.iter().enumerate().all(|(column, value)| csv.record(at).is(column, value))
        });
        let counts = self.rest.is_empty() || csv.records() >= wanted.len();
        let alone = !self.rest.is_empty() || csv.records() == wanted.len();
        if reads && counts && alone && csv.iter().all(|record| !is_damaged(&record, width)) {
            Ok(text)
        } else {
            Err("with these values the record would not read back with one field a column".to_owned())
        }
    }
}

/// A header of as many columns, for reading a record on its own.
fn header(width: usize) -> String {
    vec!["h"; width].join(",") + "\n"
}

fn record_text(fields: &[String], values: &[String]) -> String {
    let quoted = |field: Option<&String>| field.is_some_and(|field| field.starts_with('"'));
    let one = |(at, wanted): (usize, &String)| match fields.get(at) {
        Some(field) if value(field).as_ref() == Some(wanted) => field.clone(),
        Some(field) => encode_field(wanted, quoted(Some(field))),
        None => encode_field(wanted, quoted(fields.last())),
    };
    // A record of one empty bare field would be no record.
    match values {
        [only] if only.is_empty() => "\"\"".to_owned(),
        _ => values.iter().enumerate().map(one).collect::<Vec<_>>().join(","),
    }
}

/// Fields made as many as there are columns, with their values: missing ones are empty, surplus ones belong to the last.
fn fitted(mut fields: Vec<String>, width: usize) -> (Vec<String>, Vec<String>) {
    let read = |field: &String| {
        let csv = Csv::parse(Arc::new([b"h\n", field.as_bytes()].concat()));
        if csv.records() == 0 { String::new() } else { csv.record(0).field(0).unwrap_or_default().into_owned() }
    };
    let mut values: Vec<String> = fields.iter().map(read).collect();
    if values.len() > width {
        let last = values.split_off(width.saturating_sub(1)).join(",");
        values.push(last);
        fields.truncate(width);
    }
    values.resize(width, String::new());
    (fields, values)
}

/// What a well-formed field says.
fn value(field: &str) -> Option<String> {
    if field.is_empty() {
        return Some(String::new());
    }
    let csv = Csv::parse(Arc::new([b"h\n", field.as_bytes()].concat()));
    let alone = csv.records() == 1 && csv.record(0).len() == 1 && csv.record(0).malformed(0).is_none();
    if alone { csv.record(0).field(0).map(|value| value.into_owned()) } else { None }
}

/// The fields of a text that is one record, with their quotes.
fn read(text: &str) -> Option<Vec<String>> {
    let csv = Csv::parse(Arc::new([b"h\n", text.as_bytes()].concat()));
    let alone = csv.records() == 1 && csv.record(0).span() == (2..2 + text.len());
    let sound = |record: &RecordRef<'_>| (0..record.len()).all(|column| record.malformed(column).is_none());
    if alone && sound(&csv.record(0)) { Some(raw(&csv.record(0))) } else { None }
}

fn raw(record: &RecordRef<'_>) -> Vec<String> {
    let fields = (0..record.len()).filter_map(|column| record.raw(column));
    fields.map(|raw| String::from_utf8_lossy(raw).into_owned()).collect()
}

fn text(csv: &Csv, record: &RecordRef<'_>) -> String {
    String::from_utf8_lossy(csv.raw(&record.span())).into_owned()
}

fn last_line(csv: &Csv, record: &RecordRef<'_>) -> usize {
    let text = text(csv, record).replace("\r\n", "\n").replace('\r', "\n");
    record.line() + text.matches('\n').count()
}

/// The line end that the document uses there.
fn line_end(csv: &Csv, record: &RecordRef<'_>) -> String {
    let own = record.terminator();
    let header = csv.header_record().map(|header| header.terminator()).unwrap_or_default();
    let chosen = [own, header].into_iter().find(|end| !end.is_empty()).unwrap_or(b"\n");
    String::from_utf8_lossy(chosen).into_owned()
}

/// The offset behind the quote that closes a quoted field.
fn closing_quote(field: &str) -> Option<usize> {
    let bytes = field.as_bytes();
    let mut at = 1;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == b'"')?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}
