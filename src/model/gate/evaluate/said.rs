//! The sentence that explains a number.

use super::Judged;
use crate::model::gate::{Clause, Polarity, Statistic};

/// A number with at most six digits behind the point.
pub(super) fn shown(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// How the number came about, and what is asked for.
pub(super) fn said(clause: &Clause, statistic: Statistic, value: f64, stated: bool, out: &Judged) -> String {
    let unit = out.field_unit.as_ref().map_or_else(String::new, |unit| format!(" {unit}"));
    let metric = match (&clause.metric.event, &out.field) {
        (Some(event), Some(field)) => format!("{event}.{field}"),
        (_, _) => clause.metric_name(),
    };
    let metric = match &clause.metric.filter {
        Some(filter) => format!("{metric} with {} = {}", filter.fields[0], filter.value),
        None => metric,
    };
    let pass = clause.pass.as_ref().map_or_else(String::new, |pass| format!("{pass} "));
    let days = match out.window {
        Some((from, to)) if from == to => format!("on {from}"),
        Some((from, to)) => format!("from {from} to {to}"),
        None => String::new(),
    };
    let how = match statistic {
        Statistic::Average => "mean".to_owned(),
        Statistic::Percentile(rank) => {
            format!(
                "p{rank} (linear between the closest ranks, position {})",
                shown(rank / 100.0 * out.samples.saturating_sub(1) as f64)
            )
        }
        Statistic::Minimum => "smallest".to_owned(),
        Statistic::Maximum => "largest".to_owned(),
        Statistic::Count => "count".to_owned(),
        Statistic::Distinct => "number of different values, without regard to case,".to_owned(),
        Statistic::Sum => "sum".to_owned(),
        Statistic::Ratio => "ratio of the sums".to_owned(),
        Statistic::Coverage => "share of the required values".to_owned(),
        Statistic::Streak => "longest run of one site while others waited".to_owned(),
        Statistic::Value if out.samples > 1 => "worst value".to_owned(),
        Statistic::Value => "value".to_owned(),
        Statistic::Exists | Statistic::Age => String::new(),
    };
    let asked = match (clause.comparator, out.threshold) {
        (Some(comparator), Some(threshold)) => {
            let verb = if clause.polarity == Polarity::Alert { "the alert is for" } else { "asked for is" };
            format!("; {verb} {} {}{unit}", comparator.sign(), shown(threshold))
        }
        (_, _) => String::new(),
    };
    let rank = if stated { ", as a summary states it" } else { "" };
    let plural = if out.samples == 1 { "" } else { "s" };
    format!(
        "the {how} of {} {pass}sample{plural} of {metric} {days} is {}{unit}{rank}{asked}",
        out.samples,
        shown(value)
    )
}
