//! Adding a record and taking it out again (edit-rules §4.8).

use std::sync::Arc;

use crate::doc::candidates::shorten;
use crate::doc::line::{Line, occurrences, splits_crlf, text_start};
use crate::doc::{FindError, Patch, Span};

use super::edit::written;
use super::{Csv, Malformed, RecordRef, Style};

/// The bytes of a new document with a header and one record.
pub(crate) fn create(header: &[String], fields: &[String]) -> Result<Vec<u8>, FindError> {
    check_width(header, fields)?;
    // A new file has no style to keep: the library writes it.
    let mut writer = ::csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let written = writer.write_record(header).and_then(|()| writer.write_record(fields));
    let bytes = match (written, writer.into_inner()) {
        (Ok(()), Ok(bytes)) => bytes,
        // Writing to memory does not fail; should it ever, nothing is made of it.
        (Err(_), _) | (_, Err(_)) => return Err(FindError::Refused("the record could not be encoded".to_owned())),
    };
    let csv = Csv::parse(Arc::new(bytes));
    let whole = csv.header_record().is_some_and(|record| equals(&record, header))
        && csv.records() == 1
        && equals(&csv.record(0), fields);
    if !whole {
        return Err(FindError::Refused(format!(
            "the header `{}` would not read back as given: a header cannot begin with a byte-order mark",
            shorten(&header.join(","))
        )));
    }
    Ok(csv.bytes.to_vec())
}

impl Csv {
    /// The patch that adds a record behind the last one, in its style.
    pub(crate) fn add_record(&self, header: &[String], fields: &[String]) -> Result<Patch, FindError> {
        check_width(header, fields)?;
        let Some(own) = self.header_record() else {
            let at = text_start(&self.bytes);
            let end = Line::at(&self.bytes, at).terminator(&self.bytes);
            let end = if end.is_empty() { b"\n" } else { end };
            let mut new = encode_record(header, Style::Bare);
            new.extend_from_slice(end);
            new.extend_from_slice(&encode_record(fields, Style::Bare));
            new.extend_from_slice(end);
            return Ok(Patch::one(at..at, new));
        };
        if !equals(&own, header) {
            return Err(FindError::Refused(format!(
                "the record is for the columns `{}`, but the header (line {}) is `{}`",
                shorten(&header.join(",")),
                own.line(),
                shorten(&self.header().join(","))
            )));
        }
        let last = RecordRef { csv: self, mark: self.marks.len() - 1 };
        if last.malformed(last.len() - 1) == Some(Malformed::Unclosed) {
            return Err(FindError::NotEditable(format!(
                "the last record (line {}) opens a quote that is never closed: a record added behind it would be swallowed; close the quote first",
                last.line()
            )));
        }
        let all_quoted =
            (0..last.len()).all(|column| last.raw(column).is_some_and(|raw| Style::of(raw) == Style::Quoted));
        let record = encode_record(fields, if all_quoted { Style::Quoted } else { Style::Bare });
        let end = last.terminator();
        let at = last.span().end + end.len();
        if !end.is_empty() {
            return Ok(Patch::one(at..at, [&record, end].concat()));
        }
        let end = self.boundary_before(last.span().start);
        Ok(Patch::one(at..at, [end, &record, end].concat()))
    }

    /// The terminator that ends right before a record; a line feed before the first one.
    fn boundary_before(&self, start: usize) -> &[u8] {
        match self.bytes[..start] {
            [.., b'\r', b'\n'] => b"\r\n",
            [.., b'\r'] => b"\r",
            _ => b"\n",
        }
    }

    /// How many records have exactly these fields.
    pub(crate) fn holds(&self, fields: &[String]) -> usize {
        self.iter().filter(|record| equals(record, fields)).count()
    }

    /// What to remove so that the record is gone: exactly what was once inserted, if that still stands there once, or
    /// the last such record.
    pub(crate) fn take_record(&self, fields: &[String], was: Option<&str>) -> Result<Patch, FindError> {
        if let Some(span) = was.and_then(|was| self.verbatim(fields, was)) {
            return Ok(Patch::one(span, Vec::new()));
        }
        if let Some(record) = self.iter().rfind(|record| equals(record, fields)) {
            let span = record.span();
            return Ok(Patch::one(span.start..span.end + record.terminator().len(), Vec::new()));
        }
        let text = fields.join(",");
        match self.iter().rfind(|record| reads(record, fields)) {
            Some(damaged) => Err(FindError::NotEditable(format!(
                "the record `{}` (line {}) has a malformed field, so where it ends is uncertain: mend it first",
                shorten(&text),
                damaged.line()
            ))),
            None => {
                Err(FindError::NoMatch(format!("the record `{}` is no longer there as it was added", shorten(&text))))
            }
        }
    }

    /// Where the inserted bytes stand verbatim, once, as one whole record.
    fn verbatim(&self, fields: &[String], was: &str) -> Option<Span> {
        if was.is_empty() {
            return None;
        }
        let leading = Line::at(was.as_bytes(), 0);
        let leading = if leading.end == 0 { leading.next } else { 0 };
        let is_record = |span: &Span| {
            // A created document's insertion has the header in front of its record.
            let with_header = self.marks.len() == 2
                && self.header_record().is_some_and(|header| header.span().start == span.start + leading);
            let record = match self.record_at(span.start + leading) {
                Some(index) => self.record(index),
                None if with_header => self.record(0),
                None => return false,
            };
            let end = record.span().end;
            (with_header || record.span().start == span.start + leading)
                && equals(&record, fields)
                && !splits_crlf(&self.bytes, span.start)
                && (span.end == end + record.terminator().len())
        };
        let mut places = occurrences(&self.bytes, was.as_bytes()).filter(is_record);
        let mut span = places.next()?;
        if places.next().is_some() {
            return None;
        }
        if leading > 0 && span.end < self.bytes.len() {
            // The line break in front now separates the record before from what was added behind: it stays.
            span.start += leading;
        }
        Some(span)
    }
}

fn check_width(header: &[String], fields: &[String]) -> Result<(), FindError> {
    if header.is_empty() || header.len() != fields.len() {
        return Err(FindError::Refused(format!(
            "a record of {} fields does not fit a header of {} columns: give one value a column",
            fields.len(),
            header.len()
        )));
    }
    Ok(())
}

fn encode_record(fields: &[String], style: Style) -> Vec<u8> {
    let fields: Vec<Vec<u8>> = fields.iter().map(|field| written(field, style, fields.len() == 1)).collect();
    fields.join(&b',')
}

/// Whether a record has exactly these values, none of them malformed.
fn equals(record: &RecordRef<'_>, fields: &[String]) -> bool {
    reads(record, fields) && (0..record.len()).all(|column| record.malformed(column).is_none())
}

/// Whether a record is read as exactly these values.
fn reads(record: &RecordRef<'_>, fields: &[String]) -> bool {
    record.len() == fields.len() && fields.iter().enumerate().all(|(column, value)| record.is(column, value))
}
