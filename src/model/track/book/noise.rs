//! How much of what happens to the issues is ours: our writes that were read back, and moves of issues that were not ours. The second
//! is a least number: what somebody does twice between two runs shows as one move.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::page::DAY;

/// Days that are counted.
pub const DAYS: i64 = 100;

/// Counts by day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noise {
    /// The server's time from which on everything was counted; none before all issues were seen once.
    pub since: Option<i64>,
    /// Days since 1970, with our writes and the moves that were not ours.
    pub days: BTreeMap<i64, (u64, u64)>,
}

impl Noise {
    /// Counting begins, unless it did; days that are too old go.
    pub fn keep(&mut self, now: i64) {
        self.since.get_or_insert(now);
        self.days = self.days.split_off(&(now.div_euclid(DAY) - DAYS + 1));
    }

    /// A write of ours was read back.
    pub fn ours(&mut self, at: i64) {
        if self.since.is_some() {
            self.days.entry(at.div_euclid(DAY)).or_default().0 += 1;
        }
    }

    /// An issue moved, and not by us.
    pub fn others(&mut self, at: i64) {
        if self.since.is_some_and(|since| at >= since) {
            self.days.entry(at.div_euclid(DAY)).or_default().1 += 1;
        }
    }
}
