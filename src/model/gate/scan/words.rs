//! Words that have a meaning in clauses: comparators, passes, small words that say nothing.

use super::super::Comparator;
use super::super::token::{Token, What};
use crate::doc::Span;

/// Words for telemetry's single measurements.
pub(super) const SAMPLES: [&str; 10] = [
    "sample",
    "samples",
    "measurement",
    "measurements",
    "observation",
    "observations",
    "datapoints",
    "records",
    "runs",
    "polls",
];

/// Whether the clause belongs to the part of the sentence that is being read.
pub(super) fn begins_in(span: &Span, seg: &[Token]) -> bool {
    seg.first().is_some_and(|token| span.start >= token.span.start)
}

pub(super) fn is_if(word: &str) -> bool {
    ["if", "when", "whenever", "on", "once"].contains(&word)
}

/// The pass that a word names.
pub(super) fn pass(word: &str) -> Option<&'static str> {
    match word {
        "cold" => Some("cold"),
        "warm" => Some("warm"),
        _ => None,
    }
}

/// The name of the field that a noun stands for: `sites` is `Site`.
pub(in crate::model::gate) fn field_of_noun(noun: &str) -> String {
    let one = noun
        .strip_suffix("ies")
        .map(|stem| format!("{stem}y"))
        .unwrap_or_else(|| noun.strip_suffix('s').unwrap_or(noun).to_owned());
    let mut chars = one.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Words that say nothing of what is measured.
pub(in crate::model::gate) fn is_small(word: &str) -> bool {
    const SMALL: [&str; 62] = [
        "a", "an", "the", "of", "in", "on", "at", "to", "for", "from", "with", "and", "or", "over", "by", "per", "is",
        "are", "be", "stay", "stays", "must", "shall", "should", "have", "has", "contain", "contains", "include",
        "includes", "show", "shows", "report", "reports", "passes", "pass", "meet", "meets", "meeting", "every",
        "each", "all", "its", "it", "this", "that", "minimum", "maximum", "than", "required", "summary", "as",
        "before", "prior", "we", "once", "when", "if", "keep", "keeps", "count", "within",
    ];
    SMALL.contains(&word)
}

/// A comparator in words in front of a number, and how many tokens it has.
pub(super) fn phrase(seg: &[Token], at: usize) -> Option<(usize, Comparator)> {
    const PHRASES: [(&[&str], Comparator); 30] = [
        (&["at", "least"], Comparator::AtLeast),
        (&["no", "less", "than"], Comparator::AtLeast),
        (&["not", "less", "than"], Comparator::AtLeast),
        (&["no", "fewer", "than"], Comparator::AtLeast),
        (&["not", "fewer", "than"], Comparator::AtLeast),
        (&["not", "below"], Comparator::AtLeast),
        (&["not", "under"], Comparator::AtLeast),
        (&["minimum"], Comparator::AtLeast),
        (&["at", "most"], Comparator::AtMost),
        (&["up", "to"], Comparator::AtMost),
        (&["no", "more", "than"], Comparator::AtMost),
        (&["not", "more", "than"], Comparator::AtMost),
        (&["no", "higher", "than"], Comparator::AtMost),
        (&["not", "exceed"], Comparator::AtMost),
        (&["not", "exceeding"], Comparator::AtMost),
        (&["never", "exceed"], Comparator::AtMost),
        (&["never", "exceeds"], Comparator::AtMost),
        (&["not", "above"], Comparator::AtMost),
        (&["not", "over"], Comparator::AtMost),
        (&["less", "than"], Comparator::Less),
        (&["fewer", "than"], Comparator::Less),
        (&["under"], Comparator::Less),
        (&["below"], Comparator::Less),
        (&["more", "than"], Comparator::Greater),
        (&["greater", "than"], Comparator::Greater),
        (&["above"], Comparator::Greater),
        (&["over"], Comparator::Greater),
        (&["exceeds"], Comparator::Greater),
        (&["exceed"], Comparator::Greater),
        (&["exactly"], Comparator::Equal),
    ];
    let (words, comparator) = PHRASES.iter().find(|(words, _)| {
        words.iter().enumerate().all(|(i, word)| seg.get(at + i).is_some_and(|token| token.word() == *word))
    })?;
    let mut number = at + words.len();
    while seg.get(number).is_some_and(|token| ["of", "a", "total"].contains(&token.word())) {
        number += 1;
    }
    let is_number = matches!(seg.get(number).map(|token| &token.what), Some(What::Number { .. }));
    is_number.then_some((words.len(), *comparator))
}
