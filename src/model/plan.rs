//! Plan files: `docs/plans/Plan<letters>_<Name>.md` (`formats.md` §5).

use std::sync::Arc;

use super::timeline::{EventKind, Stamp, TimelineEvent, Told};
use crate::doc::markdown::{self, Table};
use crate::doc::{DocId, Document, Markdown};

/// A plan file.
#[derive(Clone)]
pub struct Plan {
    /// The file.
    pub doc: DocId,
    /// Plan letters from the file name, for example `AF`.
    pub letters: String,
    /// Title without the leading `Plan X` and separator.
    pub title: String,
    /// Rows and bullets of the timeline sections, in document order.
    pub events: Vec<TimelineEvent>,
    /// Timeline rows without a readable date: line and text.
    pub undated: Vec<(usize, String)>,
}

impl Plan {
    /// Reads a plan file. `columns` says which headers mean what.
    pub fn project(doc: &Document) -> Plan {
        let letters = letters_of(doc.id().stem());
        let mut plan = Plan {
            doc: doc.id().clone(),
            title: doc.id().stem().to_owned(),
            letters,
            events: Vec::new(),
            undated: Vec::new(),
        };
        let Some(markdown) = doc.markdown() else { return plan };
        if let Some(heading) = markdown.headings().first() {
            plan.title = bare_title(&doc.text(&heading.text), &plan.letters);
        }
        for table in markdown.tables() {
            let heading = heading_of(doc, markdown, table.heading);
            let header: Vec<String> = table
                .header
                .iter()
                .map(|span| markdown::decode_cell(&doc.bytes()[span.clone()]).into_owned())
                .collect();
            if is_timeline(&heading) && header.first().is_some_and(|first| is_date_header(first)) {
                plan.read_timeline(doc, table);
            }
        }
        for item in markdown.items() {
            if item.indent == 0 && is_timeline(&heading_of(doc, markdown, item.heading)) {
                let text = doc.text(&item.text);
                match Stamp::read(&text) {
                    Some(at) => plan.push_event(at, after_stamp(&text), item.line),
                    None => plan.undated.push((item.line, text.into_owned())),
                }
            }
        }
        plan.events.sort_by_key(|event| event.line);
        plan
    }

    fn read_timeline(&mut self, doc: &Document, table: &Table) {
        for row in &table.rows {
            let summary = cell_text(doc, row, 1).replace('\n', " ");
            match Stamp::read(&cell_text(doc, row, 0)) {
                Some(at) => self.push_event(at, summary, row.line),
                None => self.undated.push((row.line, format!("{} {summary}", cell_text(doc, row, 0)))),
            }
        }
    }

    fn push_event(&mut self, at: Stamp, summary: String, line: usize) {
        self.events.push(TimelineEvent {
            at,
            plan: Some(self.letters.as_str()).filter(|letters| !letters.is_empty()).map(Arc::from),
            kind: EventKind::Timeline,
            told: Told::Text(summary.into()),
            doc: self.doc.clone(),
            line,
        });
    }
}

/// Plan letters of a file stem: `PlanAF_Name` is of plan `AF`; empty when the stem has another form.
pub fn letters_of(stem: &str) -> String {
    let Some(rest) = stem.strip_prefix("Plan") else { return String::new() };
    let letters: String = rest.chars().take_while(char::is_ascii_uppercase).collect();
    let ended = rest[letters.len()..].starts_with(['_', '-', '.', ' ']) || rest.len() == letters.len();
    if ended { letters } else { String::new() }
}

/// The letters of the plans in the order in which the plan index lists them, each once: what its tables have in their first
/// column.
pub fn listed(index: &Document) -> Vec<String> {
    let mut listed: Vec<String> = Vec::new();
    let rows = index.markdown().into_iter().flat_map(Markdown::tables).flat_map(|table| &table.rows);
    for row in rows {
        let cell = cell_text(index, row, 0);
        let words = cell.trim_matches(|c: char| c.is_whitespace() || "*`_[".contains(c));
        let letters: String =
            words.trim_start_matches("Plan").trim_start().chars().take_while(char::is_ascii_alphanumeric).collect();
        let is_plan = (1..=3).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_uppercase());
        if is_plan && !listed.contains(&letters) {
            listed.push(letters);
        }
    }
    listed
}

fn heading_of(doc: &Document, markdown: &Markdown, heading: Option<usize>) -> String {
    let found = heading.and_then(|at| markdown.headings().get(at));
    found.map_or_else(String::new, |heading| doc.text(&heading.text).into_owned())
}

fn cell_text(doc: &Document, row: &markdown::Row, at: usize) -> String {
    row.cells.get(at).map_or_else(String::new, |span| markdown::decode_cell(&doc.bytes()[span.clone()]).into_owned())
}

/// Whether what stands under this heading is a timeline.
pub(super) fn is_timeline(heading: &str) -> bool {
    heading.to_ascii_lowercase().contains("timeline")
}

/// Whether the cells under this header are dates.
pub(super) fn is_date_header(header: &str) -> bool {
    header.to_ascii_lowercase().starts_with("date")
}

/// The text of a bullet behind its bold stamp: `**2025-12-22 18:50 MT:** text` gives `text`; without emphasis the
/// whole text.
fn after_stamp(text: &str) -> String {
    let rest = text.strip_prefix("**").and_then(|rest| rest.split_once("**")).map_or(text, |(_, rest)| rest);
    rest.trim_start_matches([':', ' ']).to_owned()
}

/// `Plan D – Feature Expansion`, `Plan AF: X`, `Plan D ??? X` without their front.
fn bare_title(heading: &str, letters: &str) -> String {
    let front = format!("Plan {letters}");
    let Some(rest) = heading.strip_prefix(&front).filter(|_| !letters.is_empty()) else { return heading.to_owned() };
    rest.trim_start_matches(|c: char| c.is_whitespace() || "-–—:?\u{fffd}".contains(c)).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_titles() {
        assert_eq!(letters_of("PlanAF_Accessibility"), "AF");
        assert_eq!(letters_of("PlanD_PortReorg_12Port"), "D");
        assert_eq!(letters_of("PlanIndex"), "");
        assert_eq!(bare_title("Plan D ??? Feature Expansion", "D"), "Feature Expansion");
        assert_eq!(bare_title("Plan A – Routing", "A"), "Routing");
        assert_eq!(bare_title("Plan D Addendum - X", "D"), "Addendum - X");
    }

    #[test]
    fn timeline_rows_behind_comments_and_bullets_count() {
        let text = "# Plan B - Speed\n\n## Active work\n| ID | Title | Owner | Status | Notes |\n|-|-|-|-|-|\n<!-- c -->\n| HB-B-001 | \
                    T | O | In flight | n |\n\n## Recent timeline (migrated)\n| Date (MT) | Summary | Source |\n|-|-|-|\n<!-- c \
                    -->\n| 2026-01-02 09:30 | one \\| two | x |\n\n| soon | three | x |\n\n- **2026-01-01 (telemetry):** four\n";
        let id = DocId::new("docs/plans/PlanB_Speed.md").expect("a path");
        let plan = Plan::project(&Document::parse(id, text.as_bytes().to_vec()));
        let summaries: Vec<String> = plan.events.iter().map(|event| event.summary().into_owned()).collect();
        assert_eq!(summaries, ["one | two", "four"]);
        assert_eq!(plan.undated.len(), 1);
    }
    #[test]
    fn the_index_lists_plans_in_its_order() {
        let text = "# Index\n\n| Plan | Focus |\n|--|--|\n| **C** | x |\n| Plan AF | y |\n| [A](PlanA_X.md) | z |\n| C | w |\n\n\
                    | Word | x |\n|--|--|\n| Status | all |\n| | |\n";
        let id = DocId::new("docs/plans/PlanIndex.md").expect("a path");
        assert_eq!(listed(&Document::parse(id, text.as_bytes().to_vec())), ["C", "AF", "A"]);
    }
}
