//! The server's clock, as far as its `Date` headers tell it, and chance for jitter.

use std::time::{SystemTime, UNIX_EPOCH};

/// Time by the server's `Date`.
#[derive(Debug, Default)]
pub struct Clock {
    skew: Option<i64>,
}

/// Seconds since 1970 by the own clock.
fn own() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

impl Clock {
    /// Takes in a `Date`.
    pub fn set(&mut self, date: Option<i64>) {
        self.skew = date.map(|date| date.saturating_sub(own())).or(self.skew);
    }

    /// The server's time, seconds; the own time before the first answer.
    pub fn now(&self) -> i64 {
        own() + self.skew.unwrap_or(0)
    }

    /// By how much the server is ahead, seconds.
    pub fn skew(&self) -> Option<i64> {
        self.skew
    }

    /// Some number between 0 and 1, good enough for jitter.
    pub fn chance(&self) -> f64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        f64::from(since.subsec_nanos() % 1000) / 1000.0
    }
}
