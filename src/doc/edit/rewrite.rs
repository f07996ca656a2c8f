//! Replacing the exact text of whole lines or records: of damaged ones, and of lines that have no address of their own.

use memchr::memmem;

use crate::doc::candidates::{nearest, shorten};
use crate::doc::line::{Lines, splits_crlf, text_start};
use crate::doc::{Body, Document, FindError, Patch, Span, readback};

use super::{check_characters, not_kept};

/// What is asked of the new text beside that nothing outside of it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Demand {
    /// Rows of a table stay rows of it.
    Rows,
    /// It stood there before: nothing more.
    Nothing,
}

impl Document {
    /// The patch that replaces the exact text of one or more whole lines (Markdown) or records (CSV, also the header),
    /// without the terminator behind them; empty when `write` is that text. `occurrence` counts the places with it.
    ///
    /// What stands wholly before or behind the place keeps its meaning, and rows stay rows of their table; else the patch
    /// is refused.
    pub fn rewrite(&self, expect: &str, occurrence: usize, write: &str) -> Result<Patch, FindError> {
        self.replace_whole(expect, occurrence, write, Demand::Rows)
    }

    /// As [`Document::rewrite`], for a text that stood there before: it need not be better than what it replaces, so that
    /// every repair can be taken back.
    pub fn rewrite_back(&self, expect: &str, occurrence: usize, write: &str) -> Result<Patch, FindError> {
        self.replace_whole(expect, occurrence, write, Demand::Nothing)
    }

    /// Offsets at which `text` stands as whole lines or records, ascending.
    pub fn wholes(&self, text: &str) -> Vec<usize> {
        let mut places = Vec::new();
        if text.is_empty() {
            return places;
        }
        let finder = memmem::Finder::new(text);
        let mut from = 0;
        while let Some(found) = finder.find(&self.bytes[from..]) {
            let at = from + found;
            if self.is_whole(&(at..at + text.len())) {
                places.push(at);
            }
            from = at + 1;
        }
        places
    }

    fn replace_whole(&self, expect: &str, occurrence: usize, write: &str, demand: Demand) -> Result<Patch, FindError> {
        self.unlocked()?;
        if matches!(self.body, Body::Opaque) {
            let why = "only rows of Markdown tables and records of CSV documents can be rewritten";
            return Err(FindError::NotEditable(format!("{}: {why}", self.id)));
        }
        let blank = |text: &str| text.trim_matches([' ', '\t', '\r', '\n']).is_empty();
        if blank(expect) || blank(write) {
            return Err(FindError::Refused("a blank line cannot be rewritten, nor a row to a blank one".to_owned()));
        }
        let places = self.wholes(expect);
        let Some(&start) = places.get(occurrence) else { return Err(self.not_there(expect, occurrence, places.len())) };
        if expect == write {
            return Ok(Patch::empty());
        }
        check_characters(write)?;
        let place = start..start + expect.len();
        let patch = Patch::one(place.clone(), write.as_bytes().to_vec());
        self.check_rewrite(&place, &patch, write, demand).map(|()| patch)
    }

    fn check_rewrite(&self, place: &Span, patch: &Patch, write: &str, demand: Demand) -> Result<(), FindError> {
        let what = format!("with the text `{}`, the document", shorten(write));
        let after = self.apply(patch);
        let new = place.start..place.start + write.len();
        if after.locked.is_some() || !after.is_whole(&new) {
            return Err(not_kept(&what, "where the lines or records around it begin and end"));
        }
        let outside = match (&self.body, &after.body) {
            (Body::Markdown(old), Body::Markdown(now)) => readback::markdown_outside(old, now, place, write.len()),
            (Body::Csv(old), Body::Csv(now)) => readback::csv_outside(old, now, place, write.len()),
            (Body::Markdown(_) | Body::Csv(_) | Body::Opaque, _) => Err(readback::Disturbed(1)),
        };
        outside.map_err(|readback::Disturbed(line)| not_kept(&what, &format!("what stands at line {line}")))?;
        match (&self.body, &after.body, demand) {
            (Body::Markdown(old), Body::Markdown(now), Demand::Rows) => {
                let table = old.rows_alone(place);
                if table.is_some() && now.rows_alone(&new) != table {
                    return Err(FindError::Refused(format!(
                        "the text `{}` would not be a row of the table in which it is to stand (line {})",
                        shorten(write),
                        self.line_of(place.start)
                    )));
                }
                Ok(())
            }
            (Body::Markdown(_) | Body::Csv(_) | Body::Opaque, _, Demand::Rows | Demand::Nothing) => Ok(()),
        }
    }

    /// Whether `span` begins where a line or record begins and ends where one ends.
    fn is_whole(&self, span: &Span) -> bool {
        let bytes = self.bytes();
        let breaks = |at: usize| matches!(bytes.get(at), Some(b'\r' | b'\n')) && !splits_crlf(bytes, at);
        let starts = span.start == text_start(bytes)
            || (span.start > text_start(bytes)
                && matches!(bytes[span.start - 1], b'\r' | b'\n')
                && !splits_crlf(bytes, span.start));
        let ends = span.end == bytes.len() || breaks(span.end);
        starts && ends && self.csv().is_none_or(|csv| csv.is_between(span.start) && csv.is_between(span.end))
    }

    fn not_there(&self, text: &str, occurrence: usize, there: usize) -> FindError {
        if there > 0 {
            return FindError::NoMatch(format!(
                "occurrence {occurrence} of the text `{}` is asked for, but there are only {there}",
                shorten(text)
            ));
        }
        let nearest = match &self.body {
            Body::Csv(csv) => {
                let all = csv.header_record().into_iter().chain(csv.iter());
                nearest(text, all.map(|record| (self.text(&record.span()), record.line())))
            }
            Body::Markdown(_) | Body::Opaque => {
                let lines = Lines::from(&self.bytes, text_start(&self.bytes)).enumerate();
                let lines = lines.filter(|(_, line)| !line.is_blank(&self.bytes));
                nearest(text, lines.map(|(index, line)| (self.text(&line.content()), index + 1)))
            }
        };
        FindError::NoMatch(format!(
            "the text `{}` is no longer there as a whole line or record{nearest}",
            shorten(text)
        ))
    }
}
