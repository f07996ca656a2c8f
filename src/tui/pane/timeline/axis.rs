//! The events on lanes and days, and the cursor among them.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};

use crate::model::timeline::TimelineEvent;
use crate::tui::widget::cursor::Cursor;

/// The lane of everything.
pub const ALL: &str = "All";
/// The lane of what belongs to no plan.
pub const NONE: &str = "-";

/// Lanes with their events by day.
#[derive(Debug, Default)]
pub struct Axis {
    /// Name and number of events of each lane; the first is [`ALL`].
    pub names: Vec<(String, usize)>,
    /// Indexes of the events of a lane on a day, newest first.
    cells: HashMap<(usize, NaiveDate), Vec<u32>>,
    /// Oldest and newest day.
    span: Option<(NaiveDate, NaiveDate)>,
    lanes: Cursor,
    day: NaiveDate,
    left: NaiveDate,
}

impl Axis {
    /// Puts the events of `shown` on their lanes. The cursor stays on its lane (by name) and day; at first it is on the
    /// newest day.
    pub fn arrange(&mut self, events: &[TimelineEvent], shown: &[u32]) {
        let lane = self.names.get(self.lanes.at()).map(|(name, _)| name.clone());
        let plan_of = |index: &u32| events[*index as usize].plan.as_deref().unwrap_or(NONE);
        let mut plans: Vec<&str> = shown.iter().map(plan_of).collect();
        plans.sort_unstable_by_key(|plan| (*plan == NONE, plan.len(), *plan));
        plans.dedup();
        if plans == [NONE] {
            // It would say again what the first lane says.
            plans.clear();
        }
        let slots: HashMap<&str, usize> = plans.iter().enumerate().map(|(at, plan)| (*plan, at + 1)).collect();
        let mut names: Vec<(String, usize)> = vec![(ALL.to_owned(), shown.len())];
        names.extend(plans.iter().map(|plan| ((*plan).to_owned(), 0)));
        self.cells.clear();
        for index in shown {
            let day = events[*index as usize].at.date;
            let slot = slots.get(plan_of(index)).copied();
            if let Some(slot) = slot {
                names[slot].1 += 1;
            }
            for lane in std::iter::once(0).chain(slot) {
                self.cells.entry((lane, day)).or_default().push(*index);
            }
        }
        let first_time = self.span.is_none();
        let dates = || shown.iter().map(|index| events[*index as usize].at.date);
        self.span = dates().min().zip(dates().max());
        if let (true, Some((_, newest))) = (first_time, self.span) {
            self.day = newest;
        }
        let at = lane.and_then(|lane| names.iter().position(|(name, _)| *name == lane)).unwrap_or(0);
        self.names = names;
        self.lanes.select(at, self.names.len(), u16::MAX);
    }

    /// Lane and day of the cursor.
    pub fn at(&self) -> (usize, NaiveDate) {
        (self.lanes.at(), self.day)
    }

    /// First visible lane and day.
    pub fn corner(&self) -> (usize, NaiveDate) {
        (self.lanes.top(), self.left)
    }

    /// Events of a lane on a day.
    pub fn events(&self, lane: usize, day: NaiveDate) -> &[u32] {
        self.cells.get(&(lane, day)).map_or(&[], Vec::as_slice)
    }

    /// Events under the cursor.
    pub fn under(&self) -> &[u32] {
        self.events(self.lanes.at(), self.day)
    }

    /// Moves between lanes.
    pub fn go_lane(&mut self, lane: usize, height: u16) {
        self.lanes.select(lane, self.names.len(), height);
    }

    /// Moves between lanes.
    pub fn step_lane(&mut self, by: i64, height: u16) {
        self.lanes.step(by, self.names.len(), height);
    }

    /// Moves between days, within the days that have events in any lane.
    pub fn step_day(&mut self, by: i64, days: u16) {
        let day = if by < 0 {
            self.day.checked_sub_days(Days::new(by.unsigned_abs()))
        } else {
            self.day.checked_add_days(Days::new(by.unsigned_abs()))
        };
        self.go_day(day.unwrap_or(self.day), days);
    }

    /// Goes to a day.
    pub fn go_day(&mut self, day: NaiveDate, days: u16) {
        let Some((oldest, newest)) = self.span else { return };
        self.day = day.clamp(oldest, newest);
        self.fit(days);
    }

    /// Goes to the first or last day.
    pub fn go_end(&mut self, last: bool, days: u16) {
        self.go_day(if last { NaiveDate::MAX } else { NaiveDate::MIN }, days);
    }

    /// Goes to the next day (or the previous one) on which the cursor's lane has events.
    pub fn next_busy(&mut self, forward: bool, days: u16) {
        let lane = self.lanes.at();
        let busy = self.cells.keys().filter(|(at, _)| *at == lane).map(|(_, day)| *day);
        let next =
            if forward { busy.filter(|day| *day > self.day).min() } else { busy.filter(|day| *day < self.day).max() };
        if let Some(day) = next {
            self.go_day(day, days);
        }
    }

    /// Keeps the lanes' cursor visible.
    pub fn fit_lanes(&mut self, height: u16) {
        self.lanes.fit(self.names.len(), height);
    }

    /// Keeps the day visible; where it left the screen it comes back with half a screen of days around it. As long as
    /// everything fits, nothing scrolls.
    pub fn fit(&mut self, days: u16) {
        let Some((oldest, newest)) = self.span else { return };
        let wide = i64::from(days.max(1));
        let after = |day: NaiveDate, by: i64| {
            let moved = if by < 0 {
                day.checked_sub_days(Days::new(by.unsigned_abs()))
            } else {
                day.checked_add_days(Days::new(by as u64))
            };
            moved.unwrap_or(day)
        };
        let offset = (self.day - self.left).num_days();
        if offset < 0 {
            self.left = after(self.day, -(wide / 2));
        } else if offset >= wide {
            self.left = after(self.day, -(wide - 1 - wide / 2));
        }
        // No blank days on the right while there are days on the left.
        self.left = self.left.min(after(newest, 1 - wide)).max(oldest);
        if (self.day - self.left).num_days() >= wide {
            self.left = after(self.day, 1 - wide);
        }
    }
}
