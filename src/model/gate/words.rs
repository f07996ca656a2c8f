//! Clauses and numbers in words, the same on the screen and in the verbs.

use super::evaluate::Judged;
use super::{Clause, Polarity};

impl Clause {
    /// What the clause asks for, as it was understood; its own words where no threshold was.
    pub fn asked(&self) -> String {
        let Some(threshold) = self.threshold.filter(|_| self.comparator.is_some()) else { return self.words() };
        let statistic = self.statistic.map_or_else(String::new, |statistic| format!(" {statistic}"));
        let unit = self.unit.as_ref().map_or_else(String::new, |unit| format!(" {unit}"));
        let alert = if self.polarity == Polarity::Alert { " (alert)" } else { "" };
        let filter = self.metric.filter.as_ref().map_or_else(String::new, |filter| format!(" = {}", filter.value));
        let qualifiers =
            if self.qualifiers.is_empty() { String::new() } else { format!(" [{}]", self.qualifiers.join(", ")) };
        let sign = self.comparator.map_or("", |comparator| comparator.sign());
        format!("{}{filter}{statistic} {sign} {threshold}{unit}{qualifiers}{alert}", self.metric_name())
    }

    /// The quote on one line.
    pub fn words(&self) -> String {
        self.quote.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// `<= 120 ms`; empty for a clause without threshold.
    pub fn limit(&self) -> String {
        match (self.comparator, self.threshold) {
            (Some(comparator), Some(threshold)) => {
                let unit = self.unit.as_ref().map_or_else(String::new, |unit| format!(" {unit}"));
                format!("{} {threshold}{unit}", comparator.sign())
            }
            (_, _) => String::new(),
        }
    }
}

impl Judged {
    /// A number of this clause with its unit, rounded to three decimals for people; comparisons use the unrounded one.
    pub fn number(&self, value: f64) -> String {
        let text = format!("{value:.3}");
        let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        let unit = self.field_unit.as_ref().or(self.clause.unit.as_ref());
        unit.map_or_else(|| text.to_owned(), |unit| format!("{text} {unit}"))
    }
}
