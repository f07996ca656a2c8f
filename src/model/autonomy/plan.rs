//! Reads the autonomy plan: its tables of levels are found by their cells, because every workspace names the columns anew.

use super::{Autonomy, Level, OptIn, Rule};
use crate::doc::markdown::{Row, Table};
use crate::doc::{Document, Markdown};
use crate::model::query::text::squeeze;

pub fn read(doc: &Document) -> Autonomy {
    let Some(markdown) = doc.markdown() else { return Autonomy::default() };
    let mut plan = Autonomy { doc: Some(doc.id().clone()), ..Autonomy::default() };
    for table in markdown.tables() {
        read_table(markdown, table, &mut plan.rules);
    }
    let mut start = 0;
    for (at, line) in doc.bytes().split(|byte| *byte == b'\n').enumerate() {
        let text = String::from_utf8_lossy(line);
        if !markdown.is_code(start) && !markdown.is_comment(start) {
            read_opt_ins(&text, at + 1, &mut plan.opt_ins);
            if plan.escalation_line.is_none() && speaks_of_escalation(&text) {
                plan.escalation_line = Some(at + 1);
            }
        }
        start += line.len() + 1;
    }
    plan
}

fn read_table(markdown: &Markdown, table: &Table, rules: &mut Vec<Rule>) {
    let header: Vec<String> = table.header.iter().map(|span| squeeze(&markdown.cell(span))).collect();
    let levels_in = |column: usize| {
        let named = header[column].contains("level");
        table.rows.iter().filter(|row| level_cell(&value(markdown, row, column), named).is_some()).count()
    };
    let Some(column) = (0..header.len()).find(|at| levels_in(*at) > usize::from(!header[*at].contains("level"))) else {
        return;
    };
    let find = |words: &[&str]| {
        (0..header.len()).find(|at| *at != column && words.iter().any(|word| header[*at].contains(word)))
    };
    let allowed = find(&["allow", "action", "permit", "may", "scope", "can"]);
    let requires = find(&["require", "condition", "extra", "safeguard", "evidence", "need"]);
    let taken = [Some(column), allowed, requires];
    let rest: Vec<usize> = (0..header.len()).filter(|at| !taken.contains(&Some(*at))).collect();
    let description = find(&["desc", "meaning", "mode", "name", "purpose"]).or(rest.first().copied());
    // A table with levels that says nothing of actions: what stands right of the level is what it allows.
    let allowed = allowed.or(rest.iter().copied().find(|at| Some(*at) != description)).or(description);
    for row in &table.rows {
        let cell = |column: Option<usize>| column.map_or_else(String::new, |at| value(markdown, row, at));
        let Some((level, title)) = level_cell(&value(markdown, row, column), header[column].contains("level")) else {
            continue;
        };
        rules.push(Rule {
            level,
            title,
            description: cell(description),
            allowed: cell(allowed),
            requires: cell(requires),
            line: row.line,
        });
    }
}

fn value(markdown: &Markdown, row: &Row, column: usize) -> String {
    markdown.value(row, column).map_or_else(String::new, |text| text.replace('\n', " "))
}

/// `L0 – Observe`, `**L1**`, `Level 2: Try`; a bare `3` only under a header that speaks of levels.
fn level_cell(cell: &str, headed: bool) -> Option<(Level, String)> {
    let plain: String = cell.chars().filter(|c| !"*`_".contains(*c)).collect();
    let plain = plain.trim();
    let lower = plain.to_ascii_lowercase();
    let front = ["level ", "level-", "level", "l-", "l"].into_iter().find(|front| lower.starts_with(front));
    let digits = match front {
        Some(front) => &plain[front.len()..],
        None if headed => plain,
        None => return None,
    };
    let at = digits.chars().next()?.to_digit(10)?;
    let level = Level::ALL.get(at as usize).copied()?;
    let rest = &digits[1..];
    if rest.starts_with(|c: char| c.is_alphanumeric() || c == '.') {
        return None;
    }
    Some((level, rest.trim_start_matches(|c: char| !c.is_alphanumeric()).to_owned()))
}

/// Code spans `NAME=1` are variables to set. One that begins with `_` is short for the name before it with another end.
fn read_opt_ins(line: &str, number: usize, found: &mut Vec<OptIn>) {
    let mut last: Option<String> = None;
    for span in code_spans(line) {
        let Some((name, value)) = span.split_once('=') else { continue };
        let name = name.trim().trim_start_matches("$env:");
        let named = name.len() > 3 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if !named || value.trim().is_empty() {
            continue;
        }
        let full = match (&last, name.starts_with('_')) {
            (Some(before), true) => {
                format!("{}{name}", before.rsplit_once('_').map_or(before.as_str(), |(front, _)| front))
            }
            (None, true) => continue,
            (_, false) => name.to_owned(),
        };
        last = Some(full.clone());
        if !found.iter().any(|known| known.name == full) {
            let value = value.trim().trim_matches(['"', '\'']).to_owned();
            found.push(OptIn { name: full, value, line: number });
        }
    }
}

/// A sentence about going up to another level; headings and rows of tables are none.
fn speaks_of_escalation(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let said =
        ["escalate", "going up", "raise the level", "raising the level"].iter().any(|words| lower.contains(words));
    let about_levels = lower.contains("level") || lower.contains("going up") || !Level::named_in(line).is_empty();
    said && about_levels && !line.starts_with('#') && !line.trim_start().starts_with('|')
}

/// The contents of a line's code spans, in order.
pub fn code_spans(text: &str) -> Vec<&str> {
    crate::model::cite::code_spans(text).into_iter().map(|span| text[span].trim()).collect()
}
