//! Tables of thresholds: a column says what is measured, one which number must hold, one perhaps what a miss means.

use super::scan::Scanner;
use super::token::{Token, What, tokens};
use super::{Clause, ClauseKind, GateSeverity, Metric, Statistic};
use crate::doc::Span;
use crate::doc::markdown::{Markdown, Table};

/// The columns that matter.
struct Columns {
    metric: usize,
    threshold: usize,
    severity: Option<usize>,
}

fn columns(markdown: &Markdown, table: &Table) -> Option<Columns> {
    let header: Vec<String> = table.header.iter().map(|span| markdown.cell(span).to_lowercase()).collect();
    let find = |words: &[&str]| header.iter().position(|cell| words.iter().any(|word| cell.contains(word)));
    let threshold = find(&["threshold", "target", "limit", "must be", "criterion", "criteria", "requirement"])?;
    let severity = find(&["gate type", "severity", "blocking", "type"]).filter(|column| *column != threshold);
    let metric =
        find(&["metric", "measure", "gate", "what"]).filter(|column| *column != threshold && Some(*column) != severity);
    Some(Columns { metric: metric.unwrap_or(0), threshold, severity })
}

/// What the rows of a table ask for. `required` is the event and the values of the list above the table, if there is one.
pub(super) fn clauses(
    markdown: &Markdown,
    table: &Table,
    text: &str,
    required: Option<(&str, &[String])>,
) -> Vec<Clause> {
    let Some(columns) = columns(markdown, table) else { return Vec::new() };
    let cell =
        |row: &crate::doc::markdown::Row, column: usize| row.cells.get(column).cloned().filter(|span| !span.is_empty());
    let rows = table.rows.iter().filter_map(|row| {
        let (metric, threshold) = (cell(row, columns.metric)?, cell(row, columns.threshold)?);
        let severity = columns.severity.and_then(|column| cell(row, column));
        let severity = severity.and_then(|span| GateSeverity::said(&markdown.cell(&span)));
        let mut clauses = row_clauses(text, metric, threshold, required);
        for clause in &mut clauses {
            clause.span = row.span.clone();
            clause.severity = severity.unwrap_or_default();
        }
        Some(clauses)
    });
    rows.flatten().collect()
}

fn row_clauses(text: &str, metric: Span, threshold: Span, required: Option<(&str, &[String])>) -> Vec<Clause> {
    let read = |span: &Span| tokens(text.get(span.clone()).unwrap_or(""), span.start);
    let (metric_tokens, threshold_tokens) = (read(&metric), read(&threshold));
    let span = metric.start..threshold.end;
    let words: Vec<String> =
        metric_tokens.iter().map(|token| token.word().to_owned()).filter(|word| !word.is_empty()).collect();
    let mut all: Vec<Token> = metric_tokens;
    let behind = all.len();
    all.extend(threshold_tokens);
    // A cell is no sentence: full stops end nothing.
    all.retain(|token| token.what != What::Stop);
    let mut scanner = Scanner { text, table: true, metric: None, artifacts: Vec::new(), clauses: Vec::new() };
    scanner.block(&all);
    let numbers = all[behind.min(all.len())..].iter().any(|token| matches!(token.what, What::Number { .. }));
    if scanner.clauses.is_empty() {
        let why = if numbers {
            "the table gives a number without a comparator; bind it to say what is meant"
        } else {
            "the table asks for something without a number; a person has to judge"
        };
        let mut clause = Clause::at(span, ClauseKind::Manual, why);
        clause.metric.words = words;
        return vec![clause];
    }
    for clause in &mut scanner.clauses {
        let coverage = words.iter().any(|word| word == "coverage");
        if let (true, Some((event, values)), None) =
            (coverage, required, clause.statistic.filter(|s| *s == Statistic::Distinct))
            && clause.metric.event.is_none()
        {
            clause.metric = Metric { event: Some(event.to_owned()), required: values.to_vec(), ..Metric::default() };
            clause.statistic = Some(Statistic::Coverage);
            "the share of the required values that occur".clone_into(&mut clause.why);
        }
        clause.per_bundle |= words.iter().any(|word| word == "bundle" || word == "bundles");
        if clause.metric.event.is_none() && clause.metric.field.is_none() {
            clause.metric.words = words.clone();
        }
    }
    scanner.clauses
}

#[cfg(test)]
mod tests {
    use crate::doc::{DocId, Document};
    use crate::model::gate::compile;
    use crate::workspace::Config;

    /// Found by the fuzz target `gate_clause`: where the threshold's column stands before the metric's, what follows a number
    /// in the metric ends before it begins.
    #[test]
    fn the_threshold_may_stand_before_the_metric() {
        // The bracket that nobody closes hides the threshold, so that it follows as what was not understood.
        for metric in ["errors > 0 (soon", "errors > 0 (over 7 nights", "`Poll.Ms` > 0 (once live", "`Poll.Ms` > 0"] {
            let text = format!("# Gates\n\n| Threshold | Metric |\n|---|---|\n| >= 2 | {metric} |\n");
            let document = Document::parse(DocId::new("gates.md").expect("a name"), text.clone().into_bytes());
            let list = compile(&document, &Config::default());
            assert!(!list.clauses.is_empty(), "{metric}");
            for clause in &list.clauses {
                let understood = clause.understood.iter().map(|(span, _)| span);
                for span in understood.chain(&clause.not_understood).chain([&clause.span]) {
                    assert!(text.get(span.clone()).is_some(), "{metric}: {clause:?}");
                }
            }
        }
    }
}
