//! What an answer means for the next request: pure decisions about limits, retries and pace.

use std::time::Duration;

/// What a server answered, as far as it matters here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signs {
    /// Status code.
    pub status: u16,
    /// `Retry-After` in seconds.
    pub retry_after: Option<u64>,
    /// `x-ratelimit-remaining`.
    pub remaining: Option<u64>,
    /// `x-ratelimit-reset`, seconds of the server's clock.
    pub reset: Option<i64>,
    /// Whether the body speaks of a limit. Of a 2xx only where it says that nothing was done because of it.
    pub says_limit: bool,
}

/// What follows from an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is an answer to what was asked.
    Taken,
    /// A limit: nothing was done; wait this long, then ask again. `secondary`: go slower afterwards.
    Wait {
        /// How long nothing is sent.
        pause: Duration,
        /// Whether it is the limit on bursts, not on the hour.
        secondary: bool,
    },
    /// The server failed: whether something was done is not known.
    Failed,
    /// The server refuses, for good.
    Refused,
    /// It is elsewhere.
    Moved,
}

/// Reads an answer. `now` is the server's time, `pace` the unit of patience (the interval between writes), `seen` how many
/// secondary limits came in a row before this one.
pub fn judge(signs: &Signs, now: i64, pace: Duration, seen: u32) -> Verdict {
    match signs.status {
        200..=299 | 304 if !signs.says_limit => Verdict::Taken,
        300..=399 => Verdict::Moved,
        // GraphQL says 200 to a request that it turns away.
        200..=299 | 403 | 429 => {
            if let Some(seconds) = signs.retry_after {
                return Verdict::Wait { pause: pause(seconds), secondary: signs.remaining != Some(0) };
            }
            if signs.remaining == Some(0)
                && let Some(reset) = signs.reset
            {
                return Verdict::Wait { pause: until(reset, now), secondary: false };
            }
            if signs.status == 429 || signs.says_limit {
                return Verdict::Wait { pause: burst(pace, seen), secondary: true };
            }
            Verdict::Refused
        }
        500..=599 => Verdict::Failed,
        _ => Verdict::Refused,
    }
}

/// The pause after a limit that names none: a minute at the usual pace of one write a second, doubling.
pub fn burst(pace: Duration, seen: u32) -> Duration {
    pace * 60 * 2u32.pow(seen.min(5))
}

/// Whether a text of the server speaks of a limit.
pub fn speaks_of_limit(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["rate limit", "abuse detection", "submitted too quickly"].iter().any(|words| text.contains(words))
}

/// A pause as the server asks for it; nobody waits for more than a year.
fn pause(seconds: u64) -> Duration {
    Duration::from_secs(seconds.min(365 * 86400))
}

/// The pause until that moment of the server's clock, and a second more.
pub fn until(reset: i64, now: i64) -> Duration {
    pause(u64::try_from(reset.saturating_sub(now)).unwrap_or(0).saturating_add(1))
}

/// How long before the next attempt of a read: doubling from half a pace, at most sixteen paces, the upper half of it by chance.
pub fn backoff(attempt: u32, pace: Duration, chance: f64) -> Duration {
    let most = pace / 2 * 2u32.pow(attempt.min(5));
    most.mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

/// The interval between writes: doubles at a secondary limit, comes down again slowly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    base: Duration,
    now: Duration,
    good: u32,
}

/// The unit of patience where no interval was asked for.
const LEAST: Duration = Duration::from_millis(10);
/// Writes without a limit after which the interval comes down.
const GOOD: u32 = 20;

impl Pace {
    /// A pace that begins at, and never goes below, this interval.
    pub fn new(base: Duration) -> Pace {
        Pace { base, now: base, good: 0 }
    }

    /// The interval that was asked for: the unit of patience.
    pub fn unit(&self) -> Duration {
        self.base.max(LEAST)
    }

    /// The interval in force.
    pub fn interval(&self) -> Duration {
        self.now
    }

    /// A write went well.
    pub fn went_well(&mut self) {
        self.good += 1;
        if self.good >= GOOD && self.now > self.base {
            self.good = 0;
            self.now = (self.now - self.now / 10).max(self.base);
        }
    }

    /// The server said that it is too much.
    pub fn slow_down(&mut self) {
        self.good = 0;
        self.now = (self.now.max(LEAST) * 2).min(self.unit() * 60);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn limits_are_told_from_refusals() {
        let check = |signs: Signs, want: Verdict| assert_eq!(judge(&signs, 1000, SECOND, 1), want, "{signs:?}");
        let wait = |seconds, secondary| Verdict::Wait { pause: Duration::from_secs(seconds), secondary };
        let signs = |status| Signs { status, ..Signs::default() };
        check(signs(200), Verdict::Taken);
        check(signs(304), Verdict::Taken);
        check(signs(301), Verdict::Moved);
        check(signs(502), Verdict::Failed);
        check(signs(422), Verdict::Refused);
        check(signs(403), Verdict::Refused);
        check(Signs { retry_after: Some(7), ..signs(403) }, wait(7, true));
        check(Signs { retry_after: Some(7), remaining: Some(0), ..signs(429) }, wait(7, false));
        check(Signs { remaining: Some(0), reset: Some(1030), ..signs(403) }, wait(31, false));
        check(Signs { remaining: Some(0), reset: Some(900), ..signs(403) }, wait(1, false));
        check(Signs { says_limit: true, ..signs(403) }, wait(120, true));
        check(signs(429), wait(120, true));
        let year = wait(365 * 86400, false);
        check(Signs { remaining: Some(0), reset: Some(i64::MAX), ..signs(403) }, year.clone());
        check(Signs { remaining: Some(0), reset: Some(i64::MIN), ..signs(403) }, wait(1, false));
        check(Signs { remaining: Some(0), retry_after: Some(u64::MAX), ..signs(403) }, year);
        check(Signs { remaining: Some(9), reset: Some(1030), ..signs(403) }, Verdict::Refused);
    }

    #[test]
    fn the_pace_doubles_and_comes_down() {
        let mut pace = Pace::new(SECOND);
        pace.slow_down();
        pace.slow_down();
        assert_eq!(pace.interval(), SECOND * 4);
        for _ in 0..GOOD {
            pace.went_well();
        }
        assert_eq!(pace.interval(), Duration::from_millis(3600));
        for _ in 0..GOOD * 40 {
            pace.went_well();
        }
        assert_eq!(pace.interval(), SECOND);
        for _ in 0..20 {
            pace.slow_down();
        }
        assert_eq!(pace.interval(), SECOND * 60);
        assert_eq!(backoff(0, SECOND, 1.0), Duration::from_millis(500));
        assert_eq!(backoff(9, SECOND, 0.0), SECOND * 8);
    }
}
