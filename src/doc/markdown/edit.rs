//! Finding table cells and check boxes by address, and the splices that change them (edit-rules §2.3, §3).

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use crate::doc::candidates::{nearest, shorten};
use crate::doc::cell::{BoxCell, CellId, TableCell};
use crate::doc::line::{is_blank, trim};
use crate::doc::{FindError, Found, Span, Splice};

use super::{Bar, Item, Markdown, Row, Table, canonical_cell, encode_cell};

/// Where a cell stands in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// A table cell; the row may be too short to have it.
    Cell { table: usize, row: usize, column: usize },
    /// A check box, by its index among the items.
    Box { item: usize },
}

impl Markdown {
    /// Finds a table cell.
    pub(crate) fn locate_cell(&self, cell: &TableCell) -> Result<Place, FindError> {
        let (index, table) = self.locate_table(&cell.heading, cell.table)?;
        let headers = || table.header.iter().map(|span| (self.cell(span), table.line));
        let key = match &cell.key_column {
            None => 0,
            Some(name) => self.column(table, name).ok_or_else(|| {
                no_match(format!("the table at line {} has no column `{name}`{}", table.line, nearest(name, headers())))
            })?,
        };
        let is_row = |row: &Row| self.value(row, key).is_some_and(|value| value == cell.row);
        let row = nth(&table.rows, cell.occurrence, is_row).map_err(|there| {
            let keys = table.rows.iter().filter_map(|row| Some((self.value(row, key)?, row.line)));
            match there {
                0 => no_match(format!(
                    "no row `{}` in the table at line {} under `{}`{}",
                    shorten(&cell.row),
                    table.line,
                    cell.heading,
                    nearest(&cell.row, keys)
                )),
                _ => no_match(format!(
                    "occurrence {} of row `{}` is asked for, but the table at line {} has only {there}",
                    cell.occurrence,
                    shorten(&cell.row),
                    table.line
                )),
            }
        })?;
        let column = self.column(table, &cell.column).ok_or_else(|| {
            no_match(format!(
                "the table at line {} has no column `{}`{}",
                table.line,
                cell.column,
                nearest(&cell.column, headers())
            ))
        })?;
        Ok(Place::Cell { table: index, row, column })
    }

    /// Finds a table: the heading above it, and its number among the tables under headings of that text.
    pub(super) fn locate_table(&self, heading: &str, number: usize) -> Result<(usize, &Table), FindError> {
        let under = |table: &&Table| self.heading_bytes(table.heading) == heading.as_bytes();
        let tables = || self.tables.iter().filter(under).count();
        let found = self.tables.iter().enumerate().find(|(_, t)| t.ordinal == number && under(t));
        found.ok_or_else(|| {
            let there = tables();
            if there > 0 {
                let lines: Vec<String> = self.tables.iter().filter(under).take(5).map(|t| t.line.to_string()).collect();
                return no_match(format!(
                    "table {number} under `{heading}` is asked for, but there are only {there} (line {})",
                    lines.join(", ")
                ));
            }
            let with_tables = || self.tables.iter().map(|t| (self.heading_text(t.heading), t.line));
            let known = self.headings.iter().find(|h| self.raw(&h.text) == heading.as_bytes());
            match known {
                Some(known) => no_match(format!(
                    "no table under the heading `{heading}` (line {}){}",
                    known.line,
                    nearest(heading, with_tables())
                )),
                None => no_match(format!("no heading `{heading}`{}", nearest(heading, with_tables()))),
            }
        })
    }

    /// Finds a check box.
    pub(crate) fn locate_box(&self, cell: &BoxCell) -> Result<Place, FindError> {
        let under = |item: &Item| item.checked.is_some() && self.heading_bytes(item.heading) == cell.heading.as_bytes();
        let is_box = |item: &Item| under(item) && self.raw(&item.text) == cell.text.as_bytes();
        let item = nth(&self.items, cell.occurrence, is_box).map_err(|there| {
            if there > 0 {
                return no_match(format!(
                    "occurrence {} of the box `{}` under `{}` is asked for, but there are only {there}",
                    cell.occurrence,
                    shorten(&cell.text),
                    cell.heading
                ));
            }
            if self.boxes().any(under) {
                let texts = self.boxes().filter(|item| under(item)).map(|item| (self.text(&item.text), item.line));
                return no_match(format!(
                    "no box `{}` under `{}`{}",
                    shorten(&cell.text),
                    cell.heading,
                    nearest(&cell.text, texts)
                ));
            }
            let headings = self.boxes().map(|item| (self.heading_text(item.heading), item.line));
            no_match(format!("no box under a heading `{}`{}", cell.heading, nearest(&cell.heading, headings)))
        })?;
        Ok(Place::Box { item })
    }

    /// What stands at a place.
    pub(crate) fn found(&self, place: Place) -> Found {
        match place {
            Place::Cell { table, row, column } => {
                let row = &self.tables[table].rows[row];
                match row.cells.get(column) {
                    Some(span) => Found { value: self.cell(span).into_owned(), line: row.line, span: span.clone() },
                    None => {
                        let end = trim(&self.bytes, row.span.clone()).end;
                        Found { value: String::new(), line: row.line, span: end..end }
                    }
                }
            }
            Place::Box { item } => {
                let item = &self.items[item];
                let (checked, at) = item.checked.unwrap_or((false, item.text.start));
                Found { value: checked.to_string(), line: item.line, span: at..at + 1 }
            }
        }
    }

    /// Whether the index has this place.
    pub(crate) fn has(&self, place: Place) -> bool {
        match place {
            Place::Cell { table, row, .. } => self.tables.get(table).is_some_and(|table| row < table.rows.len()),
            Place::Box { item } => self.items.get(item).is_some_and(|item| item.checked.is_some()),
        }
    }

    /// What reading `value` back from `place` gives.
    pub(crate) fn canonical(&self, place: Place, value: &str) -> String {
        match place {
            // Confirming what stands there writes nothing, so it reads back as it was.
            Place::Cell { .. } if self.found(place).value == value => value.to_owned(),
            Place::Cell { .. } => canonical_cell(value),
            Place::Box { .. } => value.to_owned(),
        }
    }

    /// The splices that give the places their values; none for a value that stands there already.
    pub(crate) fn splices(&self, edits: &[(Place, &str)]) -> Result<Vec<Splice>, FindError> {
        let mut splices = Vec::new();
        let mut missing: BTreeMap<(usize, usize), BTreeMap<usize, String>> = BTreeMap::new();
        for (place, value) in edits {
            match *place {
                Place::Box { item } => splices.extend(self.set_box(&self.items[item], value)?),
                Place::Cell { table, row, column } => {
                    let canonical = self.canonical(*place, value);
                    match self.tables[table].rows[row].cells.get(column) {
                        Some(span) => splices.extend(self.set_cell(span, &canonical)),
                        None if canonical.is_empty() => {}
                        None => {
                            missing.entry((table, row)).or_default().insert(column, canonical);
                        }
                    }
                }
            }
        }
        for ((table, row), values) in missing {
            splices.push(self.append_cells(&self.tables[table].rows[row], &values));
        }
        Ok(splices)
    }

    fn set_box(&self, item: &Item, value: &str) -> Result<Option<Splice>, FindError> {
        let on = match value {
            "true" => true,
            "false" => false,
            other => {
                return Err(FindError::Refused(format!(
                    "a check box cannot hold `{}` (line {}): give `true` or `false`",
                    shorten(other),
                    item.line
                )));
            }
        };
        Ok(item
            .checked
            .filter(|(checked, _)| *checked != on)
            .map(|(_, at)| Splice { span: at..at + 1, new: vec![if on { b'x' } else { b' ' }] }))
    }

    fn set_cell(&self, span: &Span, canonical: &str) -> Option<Splice> {
        if self.cell(span) == canonical {
            return None;
        }
        let mut new = encode_cell(canonical).into_bytes();
        if span.is_empty() {
            // A blank cell: everything between its bars goes.
            let blanks = self.bytes[span.start..].iter().take_while(|b| is_blank(**b)).count();
            new.insert(0, b' ');
            new.push(b' ');
            return Some(Splice { span: span.start..span.start + blanks, new });
        }
        if new.last() == Some(&b'\\') && !self.bytes.get(span.end).is_some_and(|b| is_blank(*b)) {
            new.push(b' ');
        }
        Some(Splice { span: span.clone(), new })
    }

    /// Appends missing cells to a row: those between the last one and the last value are two blanks wide.
    fn append_cells(&self, row: &Row, values: &BTreeMap<usize, String>) -> Splice {
        let at = trim(&self.bytes, row.span.clone()).end;
        let mut new = match row.bar {
            Bar::Closing => Vec::new(),
            Bar::None => b" |".to_vec(),
        };
        let mut column = row.cells.len();
        for (target, canonical) in values {
            while column < *target {
                new.extend_from_slice(b"  |");
                column += 1;
            }
            new.push(b' ');
            new.extend_from_slice(encode_cell(canonical).as_bytes());
            new.extend_from_slice(b" |");
            column += 1;
        }
        Splice { span: at..at, new }
    }

    /// All addressable cells with their addresses, in document order.
    pub(crate) fn cells(&self) -> Vec<(CellId, Place)> {
        let mut cells = Vec::new();
        for (index, table) in self.tables.iter().enumerate() {
            self.table_cells(index, table, &mut cells);
        }
        let mut seen: HashMap<(&[u8], &[u8]), usize> = HashMap::new();
        for (item, of) in self.items.iter().enumerate().filter(|(_, item)| item.checked.is_some()) {
            let count = seen.entry((self.heading_bytes(of.heading), self.raw(&of.text))).or_default();
            let cell = BoxCell {
                heading: self.heading_text(of.heading).into_owned(),
                text: self.text(&of.text).into_owned(),
                occurrence: *count,
            };
            *count += 1;
            cells.push((CellId::Box(cell), Place::Box { item }));
        }
        cells.sort_by_key(|(_, place)| match *place {
            Place::Cell { table, row, .. } => self.tables[table].rows[row].line,
            Place::Box { item } => self.items[item].line,
        });
        cells
    }

    fn table_cells(&self, index: usize, table: &Table, cells: &mut Vec<(CellId, Place)>) {
        let heading = self.heading_text(table.heading);
        let mut known = HashSet::new();
        let columns: Vec<(usize, Cow<'_, str>)> = table
            .header
            .iter()
            .map(|span| self.cell(span))
            .enumerate()
            .filter(|(_, name)| known.insert(name.clone()))
            .collect();
        let mut seen: HashMap<Cow<'_, str>, usize> = HashMap::new();
        for (row, of) in table.rows.iter().enumerate() {
            let Some(key) = self.value(of, 0) else { continue };
            let count = seen.entry(key.clone()).or_default();
            let occurrence = *count;
            *count += 1;
            for (column, name) in &columns {
                let cell = TableCell {
                    heading: heading.clone().into_owned(),
                    table: table.ordinal,
                    key_column: columns.first().map(|(_, name)| name.clone().into_owned()),
                    row: key.clone().into_owned(),
                    column: name.clone().into_owned(),
                    occurrence,
                };
                cells.push((CellId::Table(cell), Place::Cell { table: index, row, column: *column }));
            }
        }
    }
}

/// Index of the `n`th element that fits, or how many fit.
fn nth<T>(all: &[T], n: usize, fits: impl Fn(&T) -> bool) -> Result<usize, usize> {
    let mut there = 0;
    for (index, each) in all.iter().enumerate() {
        if fits(each) {
            if there == n {
                return Ok(index);
            }
            there += 1;
        }
    }
    Err(there)
}

fn no_match(message: String) -> FindError {
    FindError::NoMatch(message)
}
