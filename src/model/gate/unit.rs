//! Units of thresholds and of fields, and the way from one to the other: a gate says `5 s`, the field is called `…Ms`.

use std::fmt;

/// What a number counts or measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// `ms`.
    Milliseconds,
    /// `s`.
    Seconds,
    /// `min`.
    Minutes,
    /// `h`.
    Hours,
    /// `days`.
    Days,
    /// `%`: 60 is sixty of a hundred.
    Percent,
    /// A part of one: 0.6 is sixty of a hundred.
    Ratio,
    /// Bytes, times 1, 1024, 1024², 1024³.
    Bytes(u8),
    /// Things that are counted, by their name: `hosts`, `events`.
    Things(String),
}

impl Unit {
    /// The unit that a word behind a number names; none for other words.
    pub fn parse(word: &str) -> Option<Unit> {
        Some(match word.to_ascii_lowercase().as_str() {
            "ms" | "msec" | "millisecond" | "milliseconds" => Unit::Milliseconds,
            "s" | "sec" | "secs" | "second" | "seconds" => Unit::Seconds,
            "min" | "mins" | "minute" | "minutes" => Unit::Minutes,
            "h" | "hr" | "hrs" | "hour" | "hours" => Unit::Hours,
            "d" | "day" | "days" => Unit::Days,
            "%" | "percent" | "pct" => Unit::Percent,
            "b" | "byte" | "bytes" => Unit::Bytes(0),
            "kb" | "kib" => Unit::Bytes(1),
            "mb" | "mib" => Unit::Bytes(2),
            "gb" | "gib" => Unit::Bytes(3),
            _ => return None,
        })
    }

    /// The unit as a binding writes it: a known word, else the name of what is counted.
    pub fn named(word: &str) -> Unit {
        match word.to_ascii_lowercase().as_str() {
            "ratio" => Unit::Ratio,
            _ => Unit::parse(word).unwrap_or_else(|| Unit::Things(word.to_owned())),
        }
    }

    /// The unit that the end of a field's name says: `LatencyMs`, `DurationSeconds`, `GainPercent`.
    pub fn of_field(name: &str) -> Option<Unit> {
        let last = camel(name.rsplit('.').next().unwrap_or(name)).pop()?;
        Some(match last.as_str() {
            "ms" | "milliseconds" | "millis" => Unit::Milliseconds,
            "seconds" | "secs" | "sec" => Unit::Seconds,
            "minutes" | "mins" => Unit::Minutes,
            "hours" => Unit::Hours,
            "days" => Unit::Days,
            "percent" | "pct" | "percentage" => Unit::Percent,
            "ratio" => Unit::Ratio,
            "bytes" => Unit::Bytes(0),
            "kb" => Unit::Bytes(1),
            "mb" => Unit::Bytes(2),
            _ => return None,
        })
    }

    /// `value` of this unit in `to`; none where one cannot become the other.
    pub fn convert(&self, value: f64, to: &Unit) -> Option<f64> {
        if self == to {
            return Some(value);
        }
        let ((kind, scale), (other, per)) = (self.scale()?, to.scale()?);
        (kind == other).then(|| value * scale / per)
    }

    /// Kind of quantity, and how many of its smallest unit this is.
    fn scale(&self) -> Option<(char, f64)> {
        Some(match self {
            Unit::Milliseconds => ('t', 1.0),
            Unit::Seconds => ('t', 1000.0),
            Unit::Minutes => ('t', 60_000.0),
            Unit::Hours => ('t', 3_600_000.0),
            Unit::Days => ('t', 86_400_000.0),
            Unit::Percent => ('r', 1.0),
            Unit::Ratio => ('r', 100.0),
            Unit::Bytes(power) => ('b', 1024f64.powi(i32::from(*power))),
            Unit::Things(_) => return None,
        })
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unit::Milliseconds => "ms",
            Unit::Seconds => "s",
            Unit::Minutes => "min",
            Unit::Hours => "h",
            Unit::Days => "days",
            Unit::Percent => "%",
            Unit::Ratio => "ratio",
            Unit::Bytes(0) => "bytes",
            Unit::Bytes(1) => "KB",
            Unit::Bytes(2) => "MB",
            Unit::Bytes(_) => "GB",
            Unit::Things(name) => name,
        })
    }
}

/// The words of a name in camel case, in small letters: `DockPollDelayMs` is dock, poll, delay, ms.
pub fn camel(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let chars: Vec<char> = name.chars().collect();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let begins = match before {
            None => true,
            Some(before) if !before.is_alphanumeric() => true,
            Some(before) => {
                c.is_uppercase()
                    && (!before.is_uppercase() || chars.get(at + 1).is_some_and(|next| next.is_lowercase()))
            }
        };
        if !c.is_alphanumeric() {
            continue;
        }
        let small = c.to_lowercase();
        match words.last_mut() {
            Some(word) if !begins => word.extend(small),
            Some(_) | None => words.push(small.collect()),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_become_each_other_where_they_measure_the_same() {
        assert_eq!(Unit::Seconds.convert(5.0, &Unit::Milliseconds), Some(5000.0));
        assert_eq!(Unit::Percent.convert(70.0, &Unit::Ratio), Some(0.7));
        assert_eq!(Unit::Seconds.convert(5.0, &Unit::Percent), None);
        assert_eq!(Unit::of_field("Stats.PollDelayMs"), Some(Unit::Milliseconds));
        assert_eq!(Unit::of_field("Rows"), None);
        assert_eq!(camel("DockPollDelayMs"), ["dock", "poll", "delay", "ms"]);
        assert_eq!(camel("HTTPServer2"), ["http", "server2"]);
    }
}
