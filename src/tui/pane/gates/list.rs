//! The list of clauses: a heading a plan, the plan with the worst verdict first, within a plan the worst clause first.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::model::gate::evaluate::{Judged, Totals, Verdict};
use crate::model::plan::Plan;
use crate::tui::pane::Cx;
use crate::tui::pane::detail::Tone;
use crate::tui::text;
use crate::tui::theme::Theme;

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// The heading of a plan, with its totals.
    Plan {
        /// What it says.
        text: String,
    },
    /// A clause, by its index.
    Clause(usize),
}

/// Headings and clauses that fit, in the order in which they show.
pub fn rows(judged: &[Judged], plans: &[Plan], fits: impl Fn(&Judged) -> bool) -> Vec<Row> {
    let mut groups: Vec<(Option<&String>, Vec<usize>)> = Vec::new();
    for (at, one) in judged.iter().enumerate().filter(|(_, one)| fits(one)) {
        let plan = one.clause.plan.as_ref();
        match groups.iter_mut().find(|(own, _)| *own == plan) {
            Some((_, clauses)) => clauses.push(at),
            None => groups.push((plan, vec![at])),
        }
    }
    for (_, clauses) in &mut groups {
        clauses.sort_by_key(|&at| judged[at].verdict);
    }
    groups.sort_by_key(|(_, clauses)| clauses.first().map(|&at| judged[at].verdict));
    let mut rows = Vec::new();
    for (plan, clauses) in groups {
        let of: Vec<Judged> = clauses.iter().map(|&at| judged[at].clone()).collect();
        let totals = Totals::of(&of);
        let counts: Vec<String> = Verdict::ALL
            .into_iter()
            .filter(|verdict| totals.count(*verdict) > 0)
            .map(|verdict| format!("{} {}", totals.count(verdict), verdict.name()))
            .collect();
        let title = plan.and_then(|letters| plans.iter().find(|plan| plan.letters == *letters));
        let title = title.map_or_else(String::new, |plan| format!(" {}", plan.title));
        let name = plan.map_or_else(|| "No plan".to_owned(), |letters| format!("Plan {letters}{title}"));
        rows.push(Row::Plan { text: format!("{name}  {}", counts.join(" · ")) });
        rows.extend(clauses.into_iter().map(Row::Clause));
    }
    rows
}

/// What a verdict means for its colour.
pub fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Fail | Verdict::Unreadable => Tone::Bad,
        Verdict::Missing | Verdict::Insufficient | Verdict::Stale | Verdict::Warn => Tone::Warn,
        Verdict::Manual => Tone::Quiet,
        Verdict::Pass => Tone::Good,
    }
}

/// The sign of a verdict; the word stands beside it.
fn sign(verdict: Verdict, theme: &Theme) -> &'static str {
    match verdict {
        Verdict::Fail => theme.symbols.no,
        Verdict::Unreadable => "#",
        Verdict::Missing | Verdict::Insufficient => theme.symbols.unknown,
        Verdict::Stale => "~",
        Verdict::Warn => "!",
        Verdict::Manual => "o",
        Verdict::Pass => theme.symbols.yes,
    }
}

/// Paints the visible rows.
pub fn draw(area: Rect, buf: &mut Buffer, cx: &Cx<'_>, judged: &[Judged], rows: &[Row], visible: Range<usize>) {
    let theme = cx.theme;
    let wide = area.width >= 70;
    for (y, row) in (area.top()..area.bottom()).zip(&rows[visible]) {
        match row {
            Row::Plan { text: heading } => {
                let heading = heading.replace(" · ", &format!(" {} ", theme.symbols.dot));
                text::put(buf, area.x, y, area.width, &heading, theme.heading);
            }
            Row::Clause(index) => {
                let one = &judged[*index];
                let (sign, style) = (sign(one.verdict, theme), tone(one.verdict).style(theme));
                let mut x = area.x;
                let mut put = |columns: u16, words: &str, style: Style| {
                    let room = area.right().saturating_sub(x).min(columns);
                    if room > 0 {
                        text::put(buf, x, y, room, words, style);
                    }
                    x = x.saturating_add(columns + 1);
                };
                put(1, sign, style);
                put(5, &one.clause.id, theme.accent);
                put(12, one.verdict.name(), style);
                let value = one.value.map_or_else(|| "-".to_owned(), |value| one.number(value));
                put(12, &value, theme.text);
                if wide {
                    put(12, &one.clause.limit(), theme.quiet);
                    put(6, &one.samples.to_string(), theme.quiet);
                }
                let clause = &one.clause;
                let words = if clause.threshold.is_some() && clause.comparator.is_some() {
                    let statistic = clause.statistic.map_or_else(String::new, |statistic| format!(" {statistic}"));
                    let pass = clause.pass.as_ref().map_or_else(String::new, |pass| format!(" {pass}"));
                    format!("{}{statistic}{pass}", clause.metric_name())
                } else {
                    clause.words()
                };
                put(u16::MAX - 1, &words, theme.text);
            }
        }
    }
}
