//! Adding a row to a table and taking it out again (edit-rules §2.3).

use std::collections::HashMap;

use crate::doc::candidates::{nearest, shorten};
use crate::doc::line::{Line, Lines, is_blank, splits_crlf};
use crate::doc::{FindError, Patch, Span};

use super::line::has_bar;
use super::{Bar, Markdown, Row, Table, canonical_cell, encode_cell};

/// A row for a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewRow<'a> {
    /// Text of the heading above the table.
    pub heading: &'a str,
    /// 0-based among the tables under headings of that text.
    pub table: usize,
    /// Decoded header of the table.
    pub header: &'a [String],
    /// Decoded values.
    pub cells: &'a [String],
    /// Decoded values of the row above which it goes; none for the end.
    pub above: Option<&'a [String]>,
}

/// Which outer bars a row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bars {
    opening: bool,
    closing: bool,
}

impl Bars {
    const BOTH: Bars = Bars { opening: true, closing: true };
}

impl Markdown {
    /// The patches that add a row behind the last one of its table, or above another one, and the offset of the row in the
    /// result: written like its neighbour, and with both outer bars, for a row that would not be one without them. Not yet
    /// read back.
    pub(crate) fn add_row(&self, new: NewRow<'_>) -> Result<Vec<(Patch, usize)>, FindError> {
        let table = &self.tables[self.locate_table(new.heading, new.table)?.0];
        self.check_row(table, new)?;
        if let Some(below) = self.row_below(table, new) {
            let line = Line::around(&self.bytes, below.span.start);
            let own = Bars { closing: below.bar == Bar::Closing, ..self.bars_of(table, &line) };
            let all = [own, Bars::BOTH].map(|bars| self.row_above(&line, bars, new.cells));
            return Ok(all.into());
        }
        let neighbour = match table.rows.last() {
            Some(row) => Line::around(&self.bytes, row.span.start),
            None => self.delimiter_of(table),
        };
        let own = self.bars_of(table, &neighbour);
        let mut all = vec![self.row_behind(&neighbour, own, new.cells)];
        if own != Bars::BOTH {
            all.push(self.row_behind(&neighbour, Bars::BOTH, new.cells));
        }
        Ok(all)
    }

    fn check_row(&self, table: &Table, new: NewRow<'_>) -> Result<(), FindError> {
        let refuse = |why: String| Err(FindError::Refused(why));
        if !table.header.iter().map(|span| self.cell(span)).eq(new.header.iter().map(String::as_str)) {
            let there: Vec<_> = table.header.iter().map(|span| self.cell(span)).collect();
            return refuse(format!(
                "the row is for the columns `{}`, but the header (line {}) is `{}`",
                shorten(&new.header.join(" | ")),
                table.line,
                shorten(&there.join(" | "))
            ));
        }
        if new.cells.len() != new.header.len() {
            return refuse(format!(
                "a row of {} cells does not fit a header of {} columns (line {}): give one value a column",
                new.cells.len(),
                new.header.len(),
                table.line
            ));
        }
        let mut blank = new.cells.iter().map(|cell| canonical_cell(cell).is_empty());
        if blank.clone().all(|blank| blank) {
            return refuse("a row of blank cells cannot be added: give it values".to_owned());
        }
        if blank.next() == Some(true) {
            let column = new.header.first().map_or("", String::as_str);
            return refuse(format!(
                "a row with a blank first cell cannot be added: `{}` names the row, so give it a value",
                shorten(column)
            ));
        }
        Ok(())
    }

    /// The line below a table's header.
    fn delimiter_of(&self, table: &Table) -> Line {
        let inside = table.header.first().map_or(0, |first| first.start);
        Line::at(&self.bytes, Line::around(&self.bytes, inside).next)
    }

    /// The outer bars of a table's row, or of its delimiter row. One cell without an outer bar would be no row.
    fn bars_of(&self, table: &Table, line: &Line) -> Bars {
        let text = &self.bytes[line.content()];
        let opening = text.iter().find(|b| !is_blank(**b)) == Some(&b'|');
        let closing = match table.rows.last() {
            Some(row) => row.bar == Bar::Closing,
            None => text.iter().rfind(|b| !is_blank(**b)) == Some(&b'|'),
        };
        let bars = Bars { opening, closing };
        let single = table.header.len() == 1 && !opening && !closing;
        if single || !has_bar(&self.bytes, &line.content()) { Bars::BOTH } else { bars }
    }

    /// The row of the table above which a new one goes.
    fn row_below<'t>(&self, table: &'t Table, new: NewRow<'_>) -> Option<&'t Row> {
        let wanted = canonical(new.above?);
        table.rows.iter().find(|row| self.is_row(row, &wanted))
    }

    /// A row directly above the row on a line, and above the comment lines that stand directly over that.
    fn row_above(&self, below: &Line, bars: Bars, cells: &[String]) -> (Patch, usize) {
        let (row, end) = self.row_like(below, bars, cells);
        let mut at = below.start;
        while at > 0 {
            let before = Line::around(&self.bytes, self.before(at));
            if !self.is_comment(before.start) {
                break;
            }
            at = before.start;
        }
        (Patch::one(at..at, format!("{row}{end}").into_bytes()), at)
    }

    /// A row, indented and ended as a line is.
    fn row_like(&self, line: &Line, bars: Bars, cells: &[String]) -> (String, &'static str) {
        let bytes = &self.bytes[..];
        let indent = bytes[line.content()].iter().take_while(|b| is_blank(**b)).count();
        let mut row = String::from_utf8_lossy(&bytes[line.start..line.start + indent]).into_owned();
        // Every text has blanks at its sides, so that a backslash at its end does not escape the bar.
        let cells: Vec<String> = cells.iter().map(|cell| encode_cell(&canonical_cell(cell))).collect();
        row.push_str(if bars.opening { "| " } else { "" });
        row.push_str(&cells.join(" | "));
        row.push_str(if bars.closing { " |" } else { "" });
        let end = match line.terminator(bytes) {
            b"\r\n" => "\r\n",
            b"\r" => "\r",
            b"\n" => "\n",
            _ => self.line_end(line.next),
        };
        (row, end)
    }

    /// A row directly behind a line, indented as that line is.
    fn row_behind(&self, before: &Line, bars: Bars, cells: &[String]) -> (Patch, usize) {
        let (row, end) = self.row_like(before, bars, cells);
        let lead = if before.next == before.end { end } else { "" };
        (Patch::one(before.next..before.next, format!("{lead}{row}{end}").into_bytes()), before.next + lead.len())
    }

    /// Whether the row that starts at `at` has exactly the values, and is the last one of its table or directly above the
    /// row above which it goes.
    pub(crate) fn reads_row(&self, at: usize, new: NewRow<'_>) -> bool {
        self.locate_table(new.heading, new.table).is_ok_and(|(_, table)| {
            let Some(index) = table.rows.iter().position(|row| row.span.start == at) else { return false };
            let is_placed = match (table.rows.get(index + 1), new.above) {
                (None, _) => true,
                (Some(next), Some(above)) => self.is_row(next, &canonical(above)),
                (Some(_), None) => false,
            };
            is_placed && self.is_row(&table.rows[index], &canonical(new.cells))
        })
    }

    /// How many rows of the table have exactly these cells.
    pub(crate) fn holds_row(&self, new: NewRow<'_>) -> usize {
        self.rows_like(new).len()
    }

    /// The lines of the table's rows that have exactly these cells, surplus ones included.
    fn rows_like(&self, new: NewRow<'_>) -> Vec<Line> {
        let Ok((_, table)) = self.locate_table(new.heading, new.table) else { return Vec::new() };
        let wanted = canonical(new.cells);
        let like = table.rows.iter().filter(|row| self.is_row(row, &wanted));
        like.map(|row| Line::around(&self.bytes, row.span.start)).collect()
    }

    fn is_row(&self, row: &Row, canonical: &[String]) -> bool {
        let same = |(span, wanted): (&Span, &String)| canonical_cell(&self.cell(span)) == *wanted;
        row.cells.len() == canonical.len() && row.cells.iter().zip(canonical).all(same)
    }

    /// What to remove so that the row is gone: exactly what was once inserted, if that still stands there once, or the
    /// last such row of the table.
    pub(crate) fn take_row(&self, new: NewRow<'_>, was: Option<&str>) -> Result<Patch, FindError> {
        let like = self.rows_like(new);
        if let Some(span) = was.and_then(|was| self.verbatim_row(&like, was)) {
            return Ok(Patch::one(span, Vec::new()));
        }
        if let Some(line) = like.last() {
            return Ok(Patch::one(line.start..line.next, Vec::new()));
        }
        let (_, table) = self.locate_table(new.heading, new.table)?;
        let key = new.cells.first().map_or("", String::as_str);
        let keys = table.rows.iter().filter_map(|row| Some((self.value(row, 0)?, row.line)));
        Err(FindError::NoMatch(format!(
            "the row `{}` is no longer in the table at line {} under `{}`{}",
            shorten(&new.cells.join(" | ")),
            table.line,
            new.heading,
            nearest(key, keys)
        )))
    }

    /// Where the inserted bytes stand verbatim, once, as one of these rows.
    fn verbatim_row(&self, like: &[Line], was: &str) -> Option<Span> {
        let bytes = &self.bytes[..];
        let leading = Line::at(was.as_bytes(), 0);
        let leading = if leading.end == 0 { leading.next } else { 0 };
        let mut places = like.iter().filter_map(|line| {
            let span = line.start.checked_sub(leading)?..line.next;
            (bytes[span.clone()] == *was.as_bytes() && !splits_crlf(bytes, span.start)).then_some(span)
        });
        let mut span = places.next()?;
        if places.next().is_some() {
            return None;
        }
        if leading > 0 && span.end < bytes.len() {
            // The line break in front now separates the row before from what was added behind: it stays.
            span.start += leading;
        }
        Some(span)
    }

    /// For a stretch of whole lines: the table whose rows they all are, blank and comment lines apart. None when one of
    /// them is something else, or when none is a row.
    pub(crate) fn rows_alone(&self, span: &Span) -> Option<usize> {
        let rows: HashMap<usize, usize> = self
            .tables
            .iter()
            .enumerate()
            .flat_map(|(index, table)| table.rows.iter().map(move |row| (row.span.start, index)))
            .filter(|(start, _)| span.contains(start))
            .collect();
        let counts = |line: &Line| !line.is_blank(&self.bytes) && !self.is_comment(line.start);
        let lines = Lines::from(&self.bytes, span.start).take_while(|line| line.start < span.end);
        let mut tables = lines.filter(counts).map(|line| rows.get(&line.start).copied());
        let first = tables.next()??;
        tables.all(|table| table == Some(first)).then_some(first)
    }
}

fn canonical(cells: &[String]) -> Vec<String> {
    cells.iter().map(|cell| canonical_cell(cell)).collect()
}
