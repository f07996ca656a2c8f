//! The repair of a damaged row: what it would say under the columns of its table, proposed from what stands there, and the
//! operation that writes it. Pure, as every change is: the exact text that was seen is what the operation expects to find.

mod record;
mod table;

use super::edit::{Refused, operation};
use super::{split_state, state};
use crate::doc::{Body, DocId, Document};
use crate::op::{Change, Edit, Operation};
use crate::workspace::Config;
use crate::workspace::config::{ColumnNames, Field};

/// A damaged row or record, and how it could be mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The document.
    pub doc: DocId,
    /// 1-based line on which the row begins.
    pub line: usize,
    /// The rule that it breaks, as `doctor` names it.
    pub rule: &'static str,
    /// What is proposed, and what has to be looked at first: a sentence.
    pub note: String,
    /// Whether there is one right way to mend it, which the proposal is.
    pub certain: bool,
    /// Values seem to stand under the wrong columns: somebody has to put them where they belong before this is written.
    pub shifted: bool,
    /// The exact text that goes.
    pub expect: String,
    /// The columns.
    pub header: Vec<String>,
    /// What the row is going to say: one value a column. May be changed.
    pub values: Vec<String>,
    /// What the row hidden behind it is going to say, where two stand on one line. May be changed.
    pub second: Option<Vec<String>>,
    occurrence: usize,
    draft: Draft,
}

/// What of the old text is kept where the values are left as proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Draft {
    Record(record::Draft),
    Row(table::Draft),
}

/// What a format finds at a damaged place.
struct Proposal {
    line: usize,
    start: usize,
    rule: &'static str,
    note: String,
    certain: bool,
    expect: String,
    values: Vec<String>,
    second: Option<Vec<String>>,
    draft: Draft,
}

/// The lines on which damaged rows and records of a document begin.
pub fn lines(document: &Document) -> Vec<usize> {
    match document.body() {
        Body::Csv(csv) => record::damaged(csv),
        Body::Markdown(markdown) => table::damaged(markdown),
        Body::Json(_) | Body::Yaml(_) | Body::Opaque => Vec::new(),
    }
}

/// The repair of the damaged row that stands at a line.
pub fn at(document: &Document, line: usize, config: &Config) -> Result<Repair, Refused> {
    let place = format!("{}:{line}", document.id());
    if let Some(why) = document.locked() {
        return Err(Refused(format!("{place}: the document cannot be edited: {why}")));
    }
    let (header, found) = match document.body() {
        Body::Csv(csv) => {
            let header: Vec<String> = csv.header().into_iter().map(|name| name.into_owned()).collect();
            let found = record::propose(csv, line, header.len());
            (header, found)
        }
        Body::Markdown(markdown) => {
            let Some((table, row)) = table::row_at(markdown, line) else {
                return Err(Refused(format!("{place}: no row of a table stands there")));
            };
            let header: Vec<String> = table.header.iter().map(|span| markdown.cell(span).into_owned()).collect();
            let notes = ColumnNames::position(config.columns.of(Field::Notes), &header);
            let found = table::propose(markdown, row, header.len(), notes);
            (header, found)
        }
        Body::Json(_) | Body::Yaml(_) | Body::Opaque => {
            return Err(Refused(format!("{place}: only rows of Markdown tables and of CSV can be repaired")));
        }
    };
    let found = found.map_err(|why| Refused(format!("{place}: {why}")))?;
    let mut note = found.note;
    let shifted =
        [Some(&found.values), found.second.as_ref()].into_iter().flatten().find_map(|row| shift(row, &header, config));
    if let Some(shift) = &shifted {
        note = format!("{note}; {shift}");
    }
    let occurrence = document.wholes(&found.expect).iter().position(|at| *at == found.start);
    let occurrence =
        occurrence.ok_or_else(|| Refused(format!("{place}: the row is no line of its own; mend it in an editor")))?;
    let repair = Repair {
        doc: document.id().clone(),
        line: found.line,
        rule: found.rule,
        note,
        certain: found.certain && shifted.is_none(),
        shifted: shifted.is_some(),
        expect: found.expect,
        header,
        values: found.values,
        second: found.second,
        occurrence,
        draft: found.draft,
    };
    // What cannot be written is not proposed.
    repair.operation().map(|_| repair)
}

/// `the missing cell is`, `the 2 missing cells are`.
fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("the {one}") } else { format!("the {count} {many}") }
}

/// Why values seem to stand under the wrong columns: a state under another column, and none under its own.
fn shift(values: &[String], header: &[String], config: &Config) -> Option<String> {
    let states = &config.states;
    let is_state = |text: &str| {
        let word = states.canonical(state::bare_state(split_state(text).0));
        states.order.iter().any(|known| known == word)
    };
    let column = ColumnNames::position(config.columns.of(Field::State), header)?;
    if values.get(column).is_some_and(|own| is_state(own)) {
        return None;
    }
    let at = values.iter().position(|value| is_state(value))?;
    Some(format!(
        "{:?} stands under {:?} and {:?} under {:?}: the values seem shifted, so put each under its column first",
        values[at], header[at], values[column], header[column]
    ))
}

impl Repair {
    /// The text that is going to stand there.
    pub fn text(&self) -> Result<String, Refused> {
        let width = self.header.len();
        let rows = [Some(&self.values), self.second.as_ref()];
        if rows.into_iter().flatten().any(|row| row.len() != width) {
            return Err(self.refused(&format!("the row needs {width} values, one a column")));
        }
        let text = match &self.draft {
            Draft::Record(draft) => draft.text(&self.values, self.second.as_deref()),
            Draft::Row(draft) => draft.text(&self.values),
        };
        text.map_err(|why| self.refused(&why))
    }

    /// The operation that writes it.
    pub fn operation(&self) -> Result<Operation, Refused> {
        let write = self.text()?;
        let change = Change::Rewrite { expect: self.expect.clone(), write, occurrence: self.occurrence };
        let edit = Edit { doc: self.doc.clone(), change };
        Ok(operation("task repair", format!("repair {}:{}", self.doc, self.line), vec![edit]))
    }

    fn refused(&self, why: &str) -> Refused {
        Refused(format!("{}:{}: {why}", self.doc, self.line))
    }
}
