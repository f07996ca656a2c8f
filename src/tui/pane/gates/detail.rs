//! The explanation of one clause: its words, how they were understood, the sentence about the number, the days, the worst
//! contributors, and where the records are.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::doc::DocId;
use crate::model::gate::act::signed;
use crate::model::gate::evaluate::{Judged, TrendPoint, Verdict};
use crate::model::gate::{Clause, GateList};
use crate::tui::action::Move;
use crate::tui::pane::Cx;
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::widget::cursor::Cursor;

/// The explanation, laid out for one width.
#[derive(Debug, Clone, Default)]
pub struct Detail {
    lines: Vec<Line>,
    cursor: Cursor,
    id: String,
}

#[derive(Debug, Clone)]
struct Line {
    text: String,
    tone: Tone,
    place: Option<(DocId, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Heading,
    Verdict(Verdict),
    Text,
    Quiet,
    Bad,
    Link,
}

/// Contributors and days that are named, at most.
const NAMED: usize = 8;

impl Detail {
    /// Lays a clause out. Keeps the cursor when it is the same one.
    pub fn lay(&mut self, one: &Judged, list: &GateList, cx: &Cx<'_>, area: Rect) {
        let columns = usize::from(area.width.max(12));
        let clause = &one.clause;
        let own = list.doc.clone().map(|doc| (doc, clause.line));
        let mut lines: Vec<Line> = Vec::new();
        let mut add = |tone: Tone, indent: usize, words: &str, place: &Option<(DocId, usize)>| {
            for line in text::wrap(words, columns.saturating_sub(indent).max(6)) {
                lines.push(Line { text: format!("{}{line}", " ".repeat(indent)), tone, place: place.clone() });
            }
        };
        add(Tone::Heading, 0, &format!("{}  {}", clause.id, clause.words()), &own);
        let said = if clause.severity.name() == "blocking" { "" } else { clause.severity.name() };
        add(Tone::Verdict(one.verdict), 0, format!("{}  {said}", one.verdict.name()).trim_end(), &own);
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
        understood(clause, list, &own, &mut add);
        if one.trend.len() > 1 {
            add(Tone::Text, 0, "", &None);
            trend(one, columns, cx.theme, &mut add);
        }
        if !one.breakdown.is_empty() {
            add(Tone::Text, 0, "", &None);
            add(Tone::Heading, 0, "Worst", &None);
            for share in one.breakdown.iter().take(NAMED) {
                let words =
                    format!("{} {}  {}  ({} samples)", share.by, share.name, one.number(share.value), share.samples);
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
        let same = self.id == clause.id;
        self.lines = lines;
        self.id.clone_from(&clause.id);
        if !same {
            self.cursor = Cursor::default();
        }
        self.cursor.fit(self.lines.len(), area.height);
    }

    /// Where the line under the cursor leads.
    pub fn place(&self) -> Option<(DocId, usize)> {
        self.lines.get(self.cursor.at())?.place.clone()
    }

    /// Moves the cursor.
    pub fn act(&mut self, to: Move, height: u16) {
        self.cursor.act(to, self.lines.len(), height);
    }

    /// Moves the cursor by lines.
    pub fn step(&mut self, lines: i64, height: u16) {
        self.cursor.step(lines, self.lines.len(), height);
    }

    /// Puts the cursor on the line at that row of the area.
    pub fn click(&mut self, row: usize, height: u16) {
        let to = (self.cursor.top() + row).min(self.lines.len().saturating_sub(1));
        self.cursor.select(to, self.lines.len(), height);
    }

    /// Paints the visible lines.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, cx: &Cx<'_>, focused: bool) {
        for (row, at) in self.cursor.visible(self.lines.len(), area.height).enumerate() {
            let (line, y) = (&self.lines[at], area.y + row as u16);
            let style: Style = match line.tone {
                Tone::Heading => cx.theme.heading,
                Tone::Verdict(verdict) => super::list::mark(verdict, cx.theme).1,
                Tone::Text => cx.theme.text,
                Tone::Quiet => cx.theme.quiet,
                Tone::Bad => cx.theme.bad,
                Tone::Link => cx.theme.link,
            };
            text::put(buf, area.x, y, area.width, &line.text, style);
            if focused && at == self.cursor.at() {
                buf.set_style(Rect { y, height: 1, ..area }, cx.theme.selected);
            }
        }
    }
}

type Place = Option<(DocId, usize)>;

/// How the clause was read, and what of it was not.
fn understood(clause: &Clause, list: &GateList, own: &Place, add: &mut impl FnMut(Tone, usize, &str, &Place)) {
    add(Tone::Text, 0, "", &None);
    let bound = if clause.bound { ", bound in codex-tui.toml" } else { "" };
    add(Tone::Heading, 0, &format!("Understood as {}{bound}", clause.kind.name()), own);
    add(Tone::Quiet, 2, &clause.why, own);
    if clause.threshold.is_some() {
        add(Tone::Text, 2, &clause.asked(), own);
    }
    let at = |span: &crate::doc::Span| {
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
fn trend(one: &Judged, columns: usize, theme: &Theme, add: &mut impl FnMut(Tone, usize, &str, &Place)) {
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
        let words = format!("{}  {}  ({} samples)  {held}", day.day, one.number(day.value), day.samples);
        add(tone, 2, words.trim_end(), &None);
    }
}
