//! Paints the list: mark, name, state, age and words of each row. No state is told by colour alone.

use std::ops::Range;

use chrono::{DateTime, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::rows::{JobState, Row, counts, freshness, health, issue_of, part_cells, trend_words};
use crate::model::track::status::{Repo, TrackState, total};
use crate::model::track::telemetry::{Freshness, Health, Status};
use crate::tui::pane::Cx;
use crate::tui::text;
use crate::tui::theme::Theme;

/// Columns of the bar of a job.
const BAR: usize = 12;

/// Paints the visible rows.
pub fn draw(
    area: Rect,
    buf: &mut Buffer,
    cx: &Cx<'_>,
    (repo, rows, now): (&Repo, &[Row], DateTime<Utc>),
    visible: Range<usize>,
) {
    for (y, row) in (area.top()..area.bottom()).zip(&rows[visible]) {
        let mut pen = Pen { x: area.x, y, right: area.right(), buf };
        paint(row, repo, now, &mut pen, cx.theme);
    }
}

/// Paints cell after cell on one line.
struct Pen<'a> {
    x: u16,
    y: u16,
    right: u16,
    buf: &'a mut Buffer,
}

impl Pen<'_> {
    fn put(&mut self, columns: u16, words: &str, style: Style) {
        let room = self.right.saturating_sub(self.x).min(columns);
        if room > 0 {
            text::put(self.buf, self.x, self.y, room, words, style);
        }
        self.x = self.x.saturating_add(columns).saturating_add(1);
    }

    fn rest(&mut self, words: &str, style: Style) {
        self.put(self.right.saturating_sub(self.x), words, style);
    }

    fn room(&self) -> u16 {
        self.right.saturating_sub(self.x)
    }
}

fn paint(row: &Row, repo: &Repo, now: DateTime<Utc>, pen: &mut Pen<'_>, theme: &Theme) {
    let symbols = &theme.symbols;
    match row {
        Row::Heading(text) => pen.rest(text, theme.heading),
        Row::Track(at) => {
            let Some(state) = repo.tracks.get(*at) else { return };
            let (name, style) = health(state.health());
            let mark = match state.health() {
                Health::Ok => symbols.yes,
                Health::Degraded => symbols.no,
                Health::Unknown => symbols.unknown,
            };
            pen.put(1, mark, style(theme));
            pen.put(9, state.name, theme.accent);
            let Some(track) = &state.track else {
                pen.rest("not judged: the supervisor has said nothing", theme.warn);
                return;
            };
            pen.put(8, name, style(theme));
            let worse = track.trend.as_ref().is_some_and(|trend| trend.deteriorated);
            let problems = total(track);
            pen.put(8, &format!("{} open", track.open), theme.text);
            pen.put(
                11,
                &text::counted(problems as usize, "problem"),
                if problems > 0 { theme.warn } else { theme.quiet },
            );
            pen.rest(if worse { "worse than before" } else { "" }, theme.bad);
        }
        Row::Ages(at) => {
            let Some(state) = repo.tracks.get(*at) else { return };
            pen.put(1, "", theme.text);
            if !state.issues.is_empty() {
                ages_bar(state, (pen.room() / 3).clamp(6, 24), pen, theme);
            }
            pen.rest(&counts(state), theme.quiet);
        }
        Row::Trend(at) => {
            let Some(state) = repo.tracks.get(*at) else { return };
            pen.put(1, "", theme.text);
            let most = usize::from((pen.room() / 3).clamp(6, 24));
            let bar = trend_bar(state, most, theme);
            pen.put(text::width(&bar) as u16, &bar, theme.accent);
            pen.rest(&trend_words(state), theme.quiet);
        }
        Row::Job { words, state, share } => {
            let (mark, style) = match state {
                JobState::AtWork => (symbols.bullet, theme.accent),
                JobState::Done => (symbols.yes, theme.good),
                JobState::Left => ("~", theme.warn),
                JobState::Failed => (symbols.no, theme.bad),
            };
            pen.put(1, mark, style);
            if let Some((done, all)) = share.filter(|_| pen.room() >= 44) {
                let full = done * BAR / all.max(1);
                let bar = symbols.full.repeat(full) + &symbols.empty.repeat(BAR - full);
                pen.put(BAR as u16, &bar, style);
            }
            pen.rest(words, style);
        }
        Row::Budget => {
            pen.put(1, "", theme.text);
            pen.put(11, "budget", theme.accent);
            pen.rest(&row.words(repo, now), theme.text);
        }
        Row::Part(at) => {
            let Some(part) = repo.components.get(*at) else { return };
            let (status, age, silent) = part_cells(part, now);
            let ended = part.head.as_ref().and_then(|head| head.status);
            let (mark, style) = match ended {
                _ if part.is_silent(now) => ("!", theme.bad),
                Some(Status::Ok) => (symbols.yes, theme.good),
                Some(Status::Warning | Status::Skipped) => ("~", theme.warn),
                Some(Status::Error | Status::Aborted) => (symbols.no, theme.bad),
                None => (symbols.unknown, theme.quiet),
            };
            pen.put(1, mark, style);
            pen.put(11, part.component.name(), theme.accent);
            pen.put(7, status, style);
            pen.put(8, &age, theme.text);
            if !silent.is_empty() {
                pen.put(6, silent, theme.bad);
            }
            pen.rest(&part.summary, theme.text);
        }
        Row::Issue(track, at, _) => {
            let (Some(state), Some(issue)) = (repo.tracks.get(*track), issue_of(repo, *track, *at)) else { return };
            let style = tone(issue.status, theme);
            pen.put(1, "", theme.text);
            pen.put(7, &format!("#{}", issue.number), theme.accent);
            let days = issue.age_days.map_or_else(|| "? d".to_owned(), |days| format!("{days} d"));
            pen.put(6, &format!("{days:>6}"), style);
            let width = if pen.room() >= 44 { 10 } else { 5 };
            let top = state.limits.escalation_days.unwrap_or(30).max(1);
            let full = issue.age_days.unwrap_or(0).clamp(0, top) as u64 * u64::from(width) / top as u64;
            let bar = symbols.full.repeat(full as usize) + &symbols.empty.repeat(usize::from(width) - full as usize);
            pen.put(width, &bar, style);
            pen.put(10, freshness(issue.status), style);
            pen.rest(issue.title.as_deref().unwrap_or_default(), theme.text);
        }
        Row::Malformed(_) | Row::Left(..) | Row::Changed(_) | Row::Other { .. } | Row::Run(_) | Row::Skipped(_) => {
            let style = match row {
                Row::Malformed(_) | Row::Skipped(_) => theme.bad,
                Row::Left(..) => theme.warn,
                _ => theme.text,
            };
            pen.put(1, "", theme.text);
            pen.rest(&row.words(repo, now), style);
        }
    }
}

/// The problems of a track by run, the newest on the right, at most so many runs.
pub fn trend_bar(state: &TrackState, most: usize, theme: &Theme) -> String {
    let runs = &state.history[state.history.len().saturating_sub(most)..];
    let top = runs.iter().map(|(_, total)| *total).max().unwrap_or(0).max(1);
    let steps = &theme.symbols.bars;
    let level = |total: u64| (total * (steps.len() as u64 - 1)).div_ceil(top) as usize;
    runs.iter().map(|(_, total)| steps[level(*total).min(steps.len() - 1)]).collect()
}

/// The ages of a track as one bar: each state has its own character, so that it can be read without colour.
fn ages_bar(state: &TrackState, width: u16, pen: &mut Pen<'_>, theme: &Theme) {
    let all = state.issues.len().max(1);
    let signs = match theme.symbols.full {
        "#" => ["=", "~", "#", "?"],
        _ => ["█", "▒", "#", "?"],
    };
    let states = [Freshness::Active, Freshness::Stale, Freshness::Escalation, Freshness::Unknown];
    let mut used = 0;
    let mut seen = 0;
    for (status, sign) in states.into_iter().zip(signs) {
        let count = state.count(status);
        seen += count;
        // By what was seen so far, so that the parts add up to the whole.
        let upto = (seen * usize::from(width)).div_ceil(all).min(usize::from(width));
        let columns = upto.saturating_sub(used).max(usize::from(count > 0 && used < usize::from(width)));
        if count > 0 && columns > 0 {
            let part = columns.min(usize::from(pen.room()));
            text::put(pen.buf, pen.x, pen.y, part as u16, &sign.repeat(part), tone(status, theme));
            pen.x += part as u16;
            used += columns;
        }
    }
    pen.x = pen.x.saturating_add(1);
}

fn tone(status: Freshness, theme: &Theme) -> Style {
    match status {
        Freshness::Active => theme.good,
        Freshness::Stale => theme.warn,
        Freshness::Escalation => theme.bad,
        Freshness::Unknown => theme.quiet,
    }
}
