//! The session's plan and the agent's, and where they drift apart.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::events;
use super::scroll::Tone;
use crate::model::agent::drift::{Drift, drift};
use crate::model::agent::{Plan, PlanState};
use crate::tui::text;
use crate::tui::theme::{Symbols, Theme};

/// Both plans as they stand.
#[derive(Debug, Default)]
pub struct Plans {
    /// The session whose bullets these are; empty when there is none.
    session: String,
    bullets: Vec<String>,
    plan: Option<Plan>,
    drift: Drift,
}

impl Plans {
    /// These are the plans now.
    pub fn set(&mut self, session: &str, bullets: Vec<String>, plan: Option<&Plan>) {
        if self.session == session && self.bullets == bullets && self.plan.as_ref() == plan {
            return;
        }
        // An agent that has said no plan has left none.
        self.drift = plan.filter(|_| !bullets.is_empty()).map_or_else(Drift::default, |plan| drift(&bullets, plan));
        *self =
            Plans { session: session.to_owned(), bullets, plan: plan.cloned(), drift: std::mem::take(&mut self.drift) };
    }

    /// How many rows all of it takes above the events.
    pub fn len(&self) -> usize {
        1 + self.bullets.len() + self.plan.as_ref().map_or(0, |plan| plan.steps.len())
    }

    /// In a few words, whether they agree.
    fn said(&self) -> (String, Tone) {
        let Some(plan) = self.plan.as_ref() else { return ("the agent has told no plan".to_owned(), Tone::Quiet) };
        let done = plan.steps.iter().filter(|step| step.state == PlanState::Completed).count();
        let how = format!("plan {done}/{}", plan.steps.len());
        if self.bullets.is_empty() {
            return (format!("{how}; the session log has none to compare"), Tone::Quiet);
        }
        if self.drift.is_none() {
            return (format!("{how}; no drift"), Tone::Good);
        }
        let count = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
        let alone = [count(self.drift.bullets.len(), "not taken up"), count(self.drift.steps.len(), "not planned")];
        (format!("{how}; drift: {}", alone.into_iter().flatten().collect::<Vec<_>>().join(", ")), Tone::Warn)
    }

    fn bullet(&self, at: usize, symbols: &Symbols) -> (String, Tone) {
        let alone = self.drift.bullets.contains(&at);
        let (sign, tone) = if alone { ("!", Tone::Warn) } else { (symbols.bullet, Tone::Text) };
        (format!("{sign} {}", self.bullets[at]), tone)
    }

    fn step(&self, at: usize, symbols: &Symbols) -> Option<(String, Tone)> {
        let step = self.plan.as_ref()?.steps.get(at)?;
        let (sign, tone) = events::state(step.state, symbols);
        let alone = self.drift.steps.contains(&at);
        Some((format!("{sign} {}{}", if alone { "! " } else { "" }, step.text), if alone { Tone::Warn } else { tone }))
    }

    /// All of it, for a column of its own.
    fn column(&self, symbols: &Symbols) -> Vec<(String, Tone)> {
        let steps = self.plan.as_ref().map_or(0, |plan| plan.steps.len());
        let mut rows = vec![self.said()];
        if !self.bullets.is_empty() {
            rows.push((format!("Plan of {}", self.session), Tone::Heading));
            rows.extend((0..self.bullets.len()).map(|at| self.bullet(at, symbols)));
        }
        if steps > 0 {
            rows.push(("Plan of the agent".to_owned(), Tone::Heading));
            rows.extend((0..steps).filter_map(|at| self.step(at, symbols)));
        }
        rows
    }

    /// What matters first, for a few rows: whether they agree, what is being done, what drifts, the rest.
    fn rows(&self, symbols: &Symbols) -> Vec<(String, Tone)> {
        let steps = self.plan.as_ref().map_or(&[][..], |plan| &plan.steps);
        let rank = |at: &usize| match (steps[*at].state, self.drift.steps.contains(at)) {
            (PlanState::InProgress, _) => 0,
            (_, true) => 1,
            (PlanState::Pending | PlanState::Completed, false) => 2,
        };
        let mut order: Vec<usize> = (0..steps.len()).collect();
        order.sort_by_key(rank);
        let mut rows = vec![self.said()];
        let (now, later): (Vec<usize>, Vec<usize>) = order.into_iter().partition(|at| rank(at) == 0);
        rows.extend(now.into_iter().filter_map(|at| self.step(at, symbols)));
        rows.extend(self.drift.bullets.iter().map(|&at| self.bullet(at, symbols)));
        rows.extend(later.into_iter().filter_map(|at| self.step(at, symbols)));
        let agreed = (0..self.bullets.len()).filter(|at| !self.drift.bullets.contains(at));
        rows.extend(agreed.map(|at| self.bullet(at, symbols)));
        rows
    }

    /// Paints them: beside the events wrapped, above them a row each.
    pub fn draw(&self, is_beside: bool, area: Rect, buf: &mut Buffer, theme: &Theme) {
        let rows = if is_beside { self.column(&theme.symbols) } else { self.rows(&theme.symbols) };
        let columns = usize::from(area.width);
        let mut y = area.y;
        for (row, tone) in rows {
            let lines = if is_beside { text::wrap(&row, columns) } else { vec![row] };
            for line in lines {
                if y >= area.bottom() {
                    return;
                }
                text::put(buf, area.x, y, area.width, &line, tone.style(theme));
                y += 1;
            }
        }
    }
}
