//! The matrix: a row an id, a column a kind of document.

use std::collections::BTreeSet;
use std::ops::Range;

use ratatui::buffer::Buffer;

use crate::doc::Severity;
use crate::model::finding::Finding;
use crate::model::sync::{Place, SyncRow};
use crate::tui::pane::Cx;
use crate::tui::pane::split::Areas;
use crate::tui::text;
use crate::tui::theme::Theme;

/// Headers of the columns: whole words, and letters for narrow screens.
const HEADERS: [(&str, &str); 6] = [("CSV", "C"), ("Brd", "B"), ("Bkl", "L"), ("Pln", "P"), ("Dlv", "D"), ("Log", "S")];

/// From this width on the columns have words.
const WORDS: u16 = 64;

/// The word for a severity.
pub(super) fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// The sign for a severity.
pub(super) fn mark(severity: Severity, theme: &Theme) -> &'static str {
    match severity {
        Severity::Error => theme.symbols.no,
        Severity::Warning => "!",
        Severity::Note => "~",
    }
}

/// A finding in a few words: what the rest of its sentence explains.
pub(super) fn brief(finding: &Finding) -> String {
    if let Some(field) = finding.field.filter(|_| !finding.values.is_empty() && finding.rule != "sync-two-tasks") {
        return format!("{} differs", field.replace('_', " "));
    }
    let end = finding.message.find([':', ';', '(']).unwrap_or(finding.message.len());
    let words = finding.message[..end].trim_end();
    // The id stands at the start of the line already.
    let own = finding.id.as_deref().and_then(|id| words.strip_prefix(id));
    own.map_or(words, str::trim_start).to_owned()
}

/// Paints header and visible rows. `row` gives the row at a position, its worst finding, and how many it has.
pub(super) fn draw<'r>(
    areas: &Areas,
    buf: &mut Buffer,
    cx: &Cx<'_>,
    (visible, marks): (Range<usize>, &BTreeSet<String>),
    row: impl Fn(usize) -> (SyncRow<'r>, Option<&'r Finding>, usize),
) {
    let (area, theme) = (areas.list, cx.theme);
    if area.height == 0 {
        return;
    }
    let wide = area.width >= WORDS;
    let id_width = visible.clone().map(|at| text::width(row(at).0.id())).max().unwrap_or(2).clamp(8, 16) as u16;
    let step = if wide { 4 } else { 2 };
    let start = area.x + id_width + 1;
    let put = |buf: &mut Buffer, x: u16, y: u16, wanted: u16, words: &str, style| {
        let room = area.right().saturating_sub(x).min(wanted);
        if room > 0 {
            text::put(buf, x, y, room, words, style);
        }
    };
    put(buf, area.x, area.y, id_width, "Id", theme.heading);
    for (at, (word, letter)) in HEADERS.iter().enumerate() {
        let header = if wide { word } else { letter };
        put(buf, start + at as u16 * step, area.y, step, header, theme.heading);
    }
    let message = start + HEADERS.len() as u16 * step + 1;
    put(buf, message, area.y, u16::MAX, "What is wrong", theme.heading);
    for (y, at) in (areas.rows.top()..areas.rows.bottom()).zip(visible) {
        let (found, worst, count) = row(at);
        put(buf, area.x, y, id_width, found.id(), theme.accent);
        if marks.contains(found.id()) {
            put(buf, start - 1, y, 1, theme.symbols.yes, theme.good);
        }
        for (column, place) in Place::ALL.into_iter().enumerate() {
            let x = start + column as u16 * step;
            match found.at(place).count() {
                0 => put(buf, x, y, step, "-", theme.quiet),
                1 => put(buf, x, y, step, theme.symbols.yes, theme.good),
                many => put(buf, x, y, step - 1, &many.min(if wide { 999 } else { 9 }).to_string(), theme.good),
            }
        }
        if let Some(finding) = worst {
            let style = match finding.severity {
                Severity::Error => theme.bad,
                Severity::Warning => theme.warn,
                Severity::Note => theme.quiet,
            };
            let more = if count > 1 { format!(" (+{})", count - 1) } else { String::new() };
            let sentence = format!("{} {}{more}", mark(finding.severity, theme), brief(finding));
            put(buf, message, y, u16::MAX, &sentence, style);
        }
    }
}
