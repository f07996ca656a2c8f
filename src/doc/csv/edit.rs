//! Finding fields by address, and the splices that change them (edit-rules §4.4-4.6).

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::doc::candidates::{nearest, shorten};
use crate::doc::cell::{CellId, FieldCell};
use crate::doc::damage::LineCounter;
use crate::doc::{FindError, Found, Splice};

use super::{Csv, Malformed, RecordRef, Style, encode};

/// Where a field stands in the index; the record may be too short to have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// Index of the data record.
    pub record: usize,
    /// 0-based column.
    pub column: usize,
}

impl Csv {
    /// Finds a field.
    pub(crate) fn locate(&self, cell: &FieldCell) -> Result<Place, FindError> {
        let id = self.column_or_names(&cell.id_column)?;
        let mut there = 0;
        let mut record = None;
        for (index, each) in self.iter().enumerate() {
            if each.is(id, &cell.id) {
                if there == cell.occurrence {
                    record = Some(index);
                    break;
                }
                there += 1;
            }
        }
        let Some(record) = record else {
            let ids = self.iter().filter_map(|record| Some((record.field(id)?, record.line())));
            return Err(FindError::NoMatch(match there {
                0 => format!("no record with `{}` = `{}`{}", cell.id_column, shorten(&cell.id), nearest(&cell.id, ids)),
                _ => format!(
                    "occurrence {} of the record `{}` is asked for, but there are only {there}",
                    cell.occurrence,
                    shorten(&cell.id)
                ),
            }));
        };
        Ok(Place { record, column: self.column_or_names(&cell.column)? })
    }

    fn column_or_names(&self, name: &str) -> Result<usize, FindError> {
        self.column(name).ok_or_else(|| {
            let line = self.header_record().map_or(1, |header| header.line());
            let names = self.header().into_iter().map(|name| (name, line));
            FindError::NoMatch(format!("no column `{name}` in the header{}", nearest(name, names)))
        })
    }

    /// What stands at a place.
    pub(crate) fn found(&self, place: Place) -> Found {
        let record = self.record(place.record);
        let end = record.span().end;
        let span = record.field_span(place.column).unwrap_or(end..end);
        Found {
            value: record.field(place.column).unwrap_or_default().into_owned(),
            line: LineCounter::new(&self.bytes, record.span().start, record.line()).line(span.start),
            span,
        }
    }

    /// The splices that give the places their values; none for a value that stands there already.
    pub(crate) fn splices(&self, edits: &[(Place, &str)]) -> Result<Vec<Splice>, FindError> {
        let mut splices = Vec::new();
        let mut missing: BTreeMap<usize, BTreeMap<usize, &str>> = BTreeMap::new();
        for (place, value) in edits {
            let record = self.record(place.record);
            if let Some(why) = record.malformed(place.column) {
                return Err(not_editable(&record, place.column, why));
            }
            match record.field_span(place.column) {
                Some(_) if record.is(place.column, value) => {}
                Some(span) => {
                    let raw = &self.bytes[span.clone()];
                    let alone = record.len() == 1;
                    splices.push(Splice { span, new: written(value, Style::of(raw), alone) });
                }
                None if value.is_empty() => {}
                None => {
                    missing.entry(place.record).or_default().insert(place.column, *value);
                }
            }
        }
        for (record, values) in missing {
            splices.push(append_fields(&self.record(record), &values)?);
        }
        Ok(splices)
    }

    /// All addressable fields with their addresses and values, in document order. The first column names the records.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (CellId, Found)> {
        let mut known = HashSet::new();
        let columns: Vec<(usize, Cow<'_, str>)> =
            self.header().into_iter().enumerate().filter(|(_, name)| known.insert(name.clone())).collect();
        let id_column = columns.first().map(|(_, name)| name.clone().into_owned()).unwrap_or_default();
        let mut seen: HashMap<String, usize> = HashMap::new();
        self.iter().flat_map(move |record| {
            let id = record.field(0).unwrap_or_default().into_owned();
            let count = seen.entry(id.clone()).or_default();
            let occurrence = *count;
            *count += 1;
            let id_column = id_column.clone();
            let mut line = LineCounter::new(&self.bytes, record.span().start, record.line());
            columns
                .iter()
                .map(move |(column, name)| {
                    let cell = FieldCell {
                        id_column: id_column.clone(),
                        id: id.clone(),
                        column: name.clone().into_owned(),
                        occurrence,
                    };
                    let end = record.span().end;
                    let span = record.field_span(*column).unwrap_or(end..end);
                    let value = record.field(*column).unwrap_or_default().into_owned();
                    (CellId::Field(cell), Found { value, line: line.line(span.start), span })
                })
                .collect::<Vec<_>>()
        })
    }
}

/// A value as a field. A record that is one bare empty field would be an empty line, that is, no record at all; there
/// the value keeps its record by being quoted.
pub(super) fn written(value: &str, style: Style, alone: bool) -> Vec<u8> {
    encode(value, if alone && value.is_empty() { Style::Quoted } else { style })
}

fn append_fields(record: &RecordRef<'_>, values: &BTreeMap<usize, &str>) -> Result<Splice, FindError> {
    let last = record.len() - 1;
    if let Some(why) = record.malformed(last) {
        return Err(not_editable(record, last, why));
    }
    let style = Style::of(record.raw(last).unwrap_or_default());
    let mut new = Vec::new();
    let mut column = record.len();
    for (target, value) in values {
        while column <= *target {
            new.push(b',');
            new.extend_from_slice(&encode(if column == *target { value } else { "" }, style));
            column += 1;
        }
    }
    let at = record.span().end;
    Ok(Splice { span: at..at, new })
}

fn not_editable(record: &RecordRef<'_>, column: usize, why: Malformed) -> FindError {
    let line = record.field_line(column).unwrap_or(record.line());
    let id = record.field(0).unwrap_or_default();
    FindError::NotEditable(match why {
        Malformed::TextAfterQuote => format!(
            "field {} of `{}` (line {line}) has text behind its closing quote, so its value is uncertain: mend the line in an editor first",
            column + 1,
            shorten(&id)
        ),
        Malformed::Unclosed => format!(
            "field {} of `{}` (line {line}) opens a quote that is never closed and swallows the rest of the file: close it in an editor first",
            column + 1,
            shorten(&id)
        ),
    })
}
