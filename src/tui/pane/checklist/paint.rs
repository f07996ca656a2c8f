//! How the parts of a checklist look: boxes, bars, and the selected step in full.

use std::collections::BTreeMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::rows::Target;
use crate::model::checklist::{Checklist, Progress, Section, Step, StepState};
use crate::tui::action::{Action, Move};
use crate::tui::keymap::Keymap;
use crate::tui::pane::Context;
use crate::tui::text;
use crate::tui::theme::Theme;

/// Columns of a progress bar.
const BAR: u16 = 8;
/// Below this width the line above the step's text says less.
const NARROW: u16 = 41;
/// Columns of a state box with the blank behind it: `[x] `.
pub(super) const STATE: u16 = 4;

/// What is known about the selected step besides the step itself.
#[derive(Clone, Copy)]
pub(super) struct Asks<'a> {
    /// Which cited paths exist.
    pub there: &'a BTreeMap<String, bool>,
    /// What it asks for, in words, the best first.
    pub actions: &'a [String],
    /// The keys in force.
    pub keymap: &'a Keymap,
}

/// Paints the selected thing in full below its line.
pub(super) fn detail(list: &Checklist, selected: &Target, asks: Asks<'_>, area: Rect, buf: &mut Buffer, theme: &Theme) {
    if area.is_empty() {
        return;
    }
    let line = theme.symbols.line.repeat(usize::from(area.width));
    text::put(buf, area.x, area.y, area.width, &line, theme.border);
    let columns = usize::from(area.width);
    let (title, lines) = match selected {
        Target::Step(id) => match list.step(id) {
            Some(step) => {
                // The box says the state too: a narrow line has more need of the action.
                let title = match area.width < NARROW && !asks.actions.is_empty() {
                    true => format!(" step {} ", step.index),
                    false => format!(" step {}, {} ", step.index, word(step.state)),
                };
                (title, lines_of(step, asks, columns, theme))
            }
            None => return,
        },
        Target::Section(title) => {
            let Some(section) = list.sections.iter().find(|section| &section.title == title) else { return };
            let all = section.progress();
            let text = format!("{} done, {} open, {} not applicable", all.done, all.open, all.na);
            (format!(" {} ", section_title(section)), vec![(text, theme.text)])
        }
    };
    let used = text::put(buf, area.x + 1, area.y, area.width.saturating_sub(2), &title, theme.heading);
    let room = usize::from(area.height - 1);
    for (y, (line, style)) in (area.y + 1..area.bottom()).zip(&lines) {
        text::put(buf, area.x, y, area.width, line, *style);
    }
    let action = asks.actions.first().map_or_else(String::new, |action| {
        let key = asks.keymap.hint(Context::Checklist, Action::Open);
        format!(" {key}: {action} ")
    });
    let x = area.x + used + 2;
    let beside = usize::from(area.right().saturating_sub(x + 1));
    let mut wide = 0;
    if lines.len() > room {
        // As many words as stand beside the step's action.
        let (key, left) = (asks.keymap.hint(Context::Checklist, Action::Move(Move::Right)), lines.len() - room);
        let forms = [
            format!(" {key}: {} ", text::counted(left, "more line")),
            format!(" {key}: {left} more "),
            format!(" {key}: more"),
        ];
        let fits = |form: &&String| text::width(form) + text::width(&action) <= beside;
        let more = forms.iter().find(fits).unwrap_or(&forms[2]);
        wide = text::width(more).min(usize::from(area.width));
        text::put(buf, area.right() - wide as u16, area.y, wide as u16, more, theme.key);
    }
    if !action.is_empty() {
        text::put(buf, x, area.y, beside.saturating_sub(wide) as u16, &action, theme.key);
    }
}

fn lines_of(step: &Step, asks: Asks<'_>, columns: usize, theme: &Theme) -> Vec<(String, Style)> {
    let mut lines: Vec<(String, Style)> = Vec::new();
    let mut add = |text: &str, style: Style| {
        lines.extend(text::wrap(text, columns).into_iter().map(|line| (line, style)));
    };
    add(&step.id.text, theme.text);
    if !step.evidence.is_empty() || !step.at.is_empty() {
        let label = match step.state {
            StepState::NotApplicable => "Reason",
            StepState::Failed => "Seen",
            StepState::Open | StepState::Done => "Evidence",
        };
        let evidence = if step.evidence.is_empty() { "no note" } else { &step.evidence };
        add(&format!("{label}: {evidence} ({})", step.at), theme.accent);
    }
    if let [_, others @ ..] = asks.actions
        && !others.is_empty()
    {
        let key = asks.keymap.hint(Context::Checklist, Action::StepActions);
        add(&format!("{key}: {}", others.join(", ")), theme.key);
    }
    let there = asks.there;
    for (at, path) in step.cites.iter().enumerate() {
        let (mark, style) = match there.get(path) {
            Some(true) => (theme.symbols.yes, theme.good),
            Some(false) => (theme.symbols.no, theme.bad),
            None => (theme.symbols.unknown, theme.quiet),
        };
        let missing = if there.get(path) == Some(&false) { " (missing)" } else { "" };
        let cited = u8::try_from(at + 1).ok().filter(|nth| *nth <= 5);
        let hint = |nth| format!("{} ", asks.keymap.hint(Context::Checklist, Action::Cited(nth)));
        let key = cited.map_or_else(String::new, hint);
        add(&format!("{key}{mark} {path}{missing}"), style);
    }
    for (header, note) in step.notes.iter().filter(|(_, note)| !note.is_empty()) {
        add(&format!("{header}: {}", note.replace("<br>", "\n").replace("<br/>", "\n")), theme.text);
    }
    lines
}

/// Columns before a step's box.
pub(super) fn indent(step: &Step) -> u16 {
    2 + u16::try_from(step.indent).unwrap_or(0).min(12)
}

pub(super) fn section_title(section: &Section) -> &str {
    if section.title.is_empty() { "(before the first heading)" } else { &section.title }
}

pub(super) fn glyph(state: StepState) -> &'static str {
    match state {
        StepState::Open => "[ ]",
        StepState::Failed => "[!]",
        StepState::Done => "[x]",
        StepState::NotApplicable => "[-]",
    }
}

fn word(state: StepState) -> &'static str {
    match state {
        StepState::Open => "open",
        StepState::Failed => "failed",
        StepState::Done => "done",
        StepState::NotApplicable => "not applicable",
    }
}

pub(super) fn state_style(state: StepState, theme: &Theme) -> Style {
    match state {
        StepState::Open => theme.text,
        StepState::Failed => theme.bad,
        StepState::Done => theme.good,
        StepState::NotApplicable => theme.warn,
    }
}

/// Paints bar and figures at the right end of the line; returns the columns used.
pub(super) fn progress(progress: Progress, area: Rect, style: Style, theme: &Theme, buf: &mut Buffer) -> u16 {
    let total = progress.done + progress.open + progress.na;
    let settled = progress.done + progress.na;
    let figures = format!("{:>5}", format!("{settled}/{total}"));
    let bar = if area.width >= 36 { BAR } else { 0 };
    let used = (text::width(&figures) as u16 + bar + u16::from(bar > 0)).min(area.width);
    let mut x = area.right() - used;
    if bar > 0 {
        let full = (settled * usize::from(bar)).checked_div(total).unwrap_or(0);
        let text = theme.symbols.full.repeat(full) + &theme.symbols.empty.repeat(usize::from(bar) - full);
        let style = if progress.open == 0 { theme.good } else { style };
        x += text::put(buf, x, area.y, bar, &text, style) + 1;
    }
    text::put(buf, x, area.y, area.right().saturating_sub(x), &figures, style);
    used
}
