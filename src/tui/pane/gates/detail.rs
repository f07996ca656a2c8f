//! The explanation of one clause: its words, how they were understood, the sentence about the number, the days, the worst
//! contributors, and where the records are.

use super::list;
use crate::doc::{DocId, Span};
use crate::model::gate::act::signed;
use crate::model::gate::evaluate::{Judged, TrendPoint, Verdict};
use crate::model::gate::{Clause, GateList};
use crate::tui::pane::Cx;
use crate::tui::pane::detail::{Said, Tone};
use crate::tui::text;
use crate::tui::theme::Theme;

/// Where a line leads.
pub type Place = Option<(DocId, usize)>;

/// Contributors and days that are named, at most.
const NAMED: usize = 8;

/// Everything there is to say of a clause, for so many columns.
pub fn said(one: &Judged, gates: &GateList, cx: &Cx<'_>, columns: u16) -> Vec<Said<Place>> {
    let clause = &one.clause;
    let own = gates.doc.clone().map(|doc| (doc, clause.line));
    let mut said = Vec::new();
    let mut add = |tone: Tone, indent: u16, words: &str, place: &Place| {
        said.push(Said { tone, indent, text: words.to_owned(), about: place.clone() });
    };
    add(Tone::Heading, 0, &format!("{}  {}", clause.id, clause.words()), &own);
    let severity = if clause.severity.name() == "blocking" { "" } else { clause.severity.name() };
    add(list::tone(one.verdict), 0, format!("{}  {severity}", one.verdict.name()).trim_end(), &own);
    if !one.reason.is_empty() {
        add(Tone::Text, 0, &one.reason, &own);
    }
    if let Some(distance) = one.distance {
        let side = if distance < 0.0 { "beyond" } else { "inside" };
        add(Tone::Quiet, 0, &format!("{} {side} the threshold", one.number(distance.abs())), &own);
    }
    match signed(clause, &cx.view.sign_offs) {
        Some(by) => add(Tone::Text, 0, &format!("signed off by {} on {}: {}", by.by, by.at, by.evidence), &own),
        None if one.verdict == Verdict::Manual => add(Tone::Quiet, 0, "nobody has signed it off; s does", &own),
        None => {}
    }
    understood(clause, gates, &own, &mut add);
    if one.trend.len() > 1 {
        add(Tone::Text, 0, "", &None);
        trend(one, usize::from(columns.max(12)), cx.theme, &mut add);
    }
    if !one.breakdown.is_empty() {
        add(Tone::Text, 0, "", &None);
        add(Tone::Heading, 0, "Worst", &None);
        for share in one.breakdown.iter().take(NAMED) {
            let samples = text::counted(share.samples, "sample");
            let words = format!("{} {}  {}  ({samples})", share.by, share.name, one.number(share.value));
            add(Tone::Text, 2, &words, &None);
        }
    }
    if !one.sources.is_empty() {
        add(Tone::Text, 0, "", &None);
        add(Tone::Heading, 0, "Records", &None);
        for source in &one.sources {
            let place = Some((source.file.clone(), source.lines.0.max(1) as usize));
            add(Tone::Link, 2, &format!("{}:{}-{}", source.file, source.lines.0, source.lines.1), &place);
        }
    }
    for artifact in clause.artifacts.iter().filter(|_| one.sources.is_empty()) {
        add(Tone::Quiet, 0, &format!("evidence would be {artifact}"), &None);
    }
    said
}

/// How the clause was read, and what of it was not.
fn understood(clause: &Clause, list: &GateList, own: &Place, add: &mut impl FnMut(Tone, u16, &str, &Place)) {
    add(Tone::Text, 0, "", &None);
    let bound = if clause.bound { ", bound in codex-tui.toml" } else { "" };
    add(Tone::Heading, 0, &format!("Understood as {}{bound}", clause.kind.name()), own);
    add(Tone::Quiet, 2, &clause.why, own);
    if clause.threshold.is_some() {
        add(Tone::Text, 2, &clause.asked(), own);
    }
    let at = |span: &Span| {
        let start = span.start.checked_sub(clause.span.start)?;
        clause.quote.get(start..start + span.len())
    };
    for words in clause.not_understood.iter().filter_map(at) {
        add(Tone::Bad, 2, &format!("not understood: {}", words.split_whitespace().collect::<Vec<_>>().join(" ")), own);
    }
    for finding in list.findings.iter().filter(|finding| finding.line == Some(clause.line)) {
        add(Tone::Bad, 2, &finding.message, own);
    }
}

/// A bar a day, scaled to the largest of numbers and threshold; then the last days in words.
fn trend(one: &Judged, columns: usize, theme: &Theme, add: &mut impl FnMut(Tone, u16, &str, &Place)) {
    let days: Vec<&TrendPoint> = one.trend.iter().rev().take(columns.saturating_sub(26).max(7)).rev().collect();
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return };
    let top = days.iter().map(|day| day.value).chain(one.threshold).fold(0.0_f64, |top, value| top.max(value.abs()));
    let bar = |value: f64| {
        let part = if top > 0.0 { (value.abs() / top * 7.0).round() } else { 0.0 };
        theme.symbols.bars[(part as usize).min(7)]
    };
    let bars: String = days.iter().map(|day| bar(day.value)).collect();
    add(
        Tone::Heading,
        0,
        &format!("By day  {bars}  {} to {}", first.day.format("%m-%d"), last.day.format("%m-%d")),
        &None,
    );
    for day in days.iter().rev().take(NAMED) {
        let held = match day.holds {
            Some(true) => "kept",
            Some(false) => "missed",
            None => "",
        };
        let tone = if day.holds == Some(false) { Tone::Bad } else { Tone::Text };
        let samples = text::counted(day.samples, "sample");
        let words = format!("{}  {}  ({samples})  {held}", day.day, one.number(day.value));
        add(tone, 2, words.trim_end(), &None);
    }
}
