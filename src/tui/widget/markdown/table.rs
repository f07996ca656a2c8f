//! Tables laid out to a width: as columns with wrapped cells, or as records where the columns would be too narrow.

use super::inline::Flow;
use super::{Ink, Page, Tone};
use crate::tui::widget::wrap;

/// Columns narrower than this are not worth reading.
const NARROWEST: usize = 7;
/// A column that needs no more than this gets what it needs before the others share the rest; a word up to this length
/// is kept whole.
const SMALL: usize = 12;

/// A column narrower than this is thin, and with more than [`TALL`] lines in a usual cell it is too thin.
const THIN: usize = 20;
const TALL: usize = 8;

/// A parsed table.
#[derive(Default)]
pub(super) struct Grid {
    pub header: Vec<Flow>,
    /// Document line and cells of each row.
    pub rows: Vec<(usize, Vec<Flow>)>,
    /// Document line of the header.
    pub line: usize,
}

impl Grid {
    /// Lays the table out. `prefix` is what stands before every line.
    pub fn lay(&self, page: &mut Page, prefix: &str, width: usize, ascii: bool) {
        let columns = self.rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0).max(self.header.len());
        if columns == 0 {
            return;
        }
        match self.columns(columns, width) {
            Some(widths) => self.as_columns(page, prefix, &widths, ascii),
            None => self.as_records(page, prefix, width, ascii),
        }
    }

    /// Widths of the columns, or none when they do not fit.
    fn columns(&self, columns: usize, width: usize) -> Option<Vec<usize>> {
        let room = width.checked_sub(3 * (columns - 1))?;
        let mut natural = vec![1; columns];
        let mut words = vec![1; columns];
        let mut bulk = vec![1; columns];
        let all = self.rows.iter().map(|(_, cells)| cells).chain([&self.header]);
        for cells in all {
            for (at, cell) in cells.iter().enumerate() {
                let (line, word) = cell.widths();
                natural[at] = natural[at].max(line);
                words[at] = words[at].max(word);
                bulk[at] += cell.text.len();
            }
        }
        if natural.iter().sum::<usize>() <= room {
            return Some(natural);
        }
        let mut widths = vec![0; columns];
        let mut left = room;
        let mut open: Vec<usize> = (0..columns).collect();
        // Small columns, and those that need less than an equal share, get what they need; this frees room for others.
        loop {
            let share = left / open.len().max(1);
            let fits = |at: &usize| natural[*at] <= share || (natural[*at] <= SMALL && share >= NARROWEST);
            let Some(slot) = open.iter().position(fits) else { break };
            let at = open.remove(slot);
            widths[at] = natural[at];
            left = left.checked_sub(natural[at])?;
        }
        // The rest in proportion to the root of what they hold: a column with a hundred times the text is ten times wider.
        let weights: Vec<f64> = open.iter().map(|&at| (bulk[at] as f64).sqrt()).collect();
        let total: f64 = weights.iter().sum();
        // A date should not be broken, where there is room.
        let roomy: Vec<usize> = open.iter().map(|&at| words[at].clamp(NARROWEST, SMALL)).collect();
        let tight = vec![NARROWEST; open.len()];
        let floors = if roomy.iter().sum::<usize>() <= left { roomy } else { tight };
        let spare = left.checked_sub(floors.iter().sum())?;
        for ((&at, weight), floor) in open.iter().zip(&weights).zip(&floors) {
            widths[at] = floor + (spare as f64 * weight / total) as usize;
        }
        // A column of a few words in many lines is harder to read than a record.
        let rows = self.rows.len().max(1);
        if open.iter().any(|&at| widths[at] < THIN && bulk[at] / rows > TALL * widths[at]) {
            return None;
        }
        let used: usize = widths.iter().sum();
        if let Some(&last) = open.last() {
            widths[last] += room.saturating_sub(used);
        }
        Some(widths)
    }

    fn as_columns(&self, page: &mut Page, prefix: &str, widths: &[usize], ascii: bool) {
        let (bar, rule, cross) = if ascii { (" | ", "-", "-+-") } else { (" │ ", "─", "─┼─") };
        self.row(page, prefix, self.line, &self.header, widths, bar);
        self.rule(page, prefix, self.line, widths, rule, cross);
        let tall = self.rows.iter().any(|(_, cells)| cells.iter().zip(widths).any(|(cell, &w)| cell.widths().0 > w));
        for (index, (line, cells)) in self.rows.iter().enumerate() {
            if tall && index > 0 {
                let (rule, cross) = if ascii { ("-", "-+-") } else { ("┈", "┈┼┈") };
                self.rule(page, prefix, *line, widths, rule, cross);
            }
            self.row(page, prefix, *line, cells, widths, bar);
        }
    }

    fn rule(&self, page: &mut Page, prefix: &str, line: usize, widths: &[usize], rule: &str, cross: &str) {
        let parts: Vec<String> = widths.iter().map(|&width| rule.repeat(width)).collect();
        page.begin(line);
        page.push(prefix, Ink::of(Tone::Frame), None);
        page.push(&parts.join(cross), Ink::of(Tone::Frame), None);
    }

    fn row(&self, page: &mut Page, prefix: &str, line: usize, cells: &[Flow], widths: &[usize], bar: &str) {
        let frame = Ink::of(Tone::Frame);
        let broken: Vec<_> = cells.iter().zip(widths).map(|(cell, &width)| cell.wrap(width)).collect();
        let height = broken.iter().map(Vec::len).max().unwrap_or(1);
        for row in 0..height {
            page.begin(line);
            page.push(prefix, frame, None);
            for (at, &width) in widths.iter().enumerate() {
                if at > 0 {
                    page.push(bar, frame, None);
                }
                let mut used = 0;
                if let Some(range) = broken.get(at).and_then(|lines| lines.get(row)) {
                    let cell = &cells[at];
                    used = wrap::width(&cell.text[range.clone()]);
                    cell.lay(range.clone(), page);
                }
                if at + 1 < widths.len() {
                    page.push(&" ".repeat(width.saturating_sub(used)), Ink::default(), None);
                }
            }
        }
    }

    fn as_records(&self, page: &mut Page, prefix: &str, width: usize, ascii: bool) {
        let frame = Ink::of(Tone::Frame);
        for (line, cells) in &self.rows {
            page.begin(*line);
            page.push(prefix, frame, None);
            page.push(&if ascii { "-" } else { "─" }.repeat(width), frame, None);
            for (at, cell) in cells.iter().enumerate() {
                if cell.is_empty() {
                    continue;
                }
                let name = self.header.get(at).map_or("", |header| header.text.as_str());
                let label = wrap::prefix(name, width.saturating_sub(2)).replace('\n', " ");
                let inline = wrap::width(&label) + 2 + cell.widths().0 <= width;
                page.begin(*line);
                page.push(prefix, frame, None);
                page.push(&label, Ink { bold: true, ..Ink::of(Tone::Label) }, None);
                page.push(if label.is_empty() { "" } else { ": " }, frame, None);
                if inline && !cell.text.contains('\n') {
                    cell.lay(0..cell.text.len(), page);
                    continue;
                }
                for range in cell.wrap(width.saturating_sub(2)) {
                    page.begin(*line);
                    page.push(prefix, frame, None);
                    page.push("  ", frame, None);
                    cell.lay(range, page);
                }
            }
        }
    }
}
