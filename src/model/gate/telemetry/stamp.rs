//! Moments: in names of files (`2026-01-02`, `20260102-093000`) and in records.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime};

/// The last date in a name, with its time where one follows.
pub fn stamp_of_name(name: &str) -> Option<NaiveDateTime> {
    let bytes = name.as_bytes();
    let mut found = None;
    let mut at = 0;
    while at + 8 <= bytes.len() {
        let free = at == 0 || !bytes[at - 1].is_ascii_digit();
        match if free { date_at(&bytes[at..]) } else { None } {
            Some((date, len)) => {
                let time = time_at(&bytes[at + len..]).unwrap_or(NaiveTime::MIN);
                found = Some(date.and_time(time));
                at += len;
            }
            None => at += 1,
        }
    }
    found
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes.iter().all(u8::is_ascii_digit).then(|| bytes.iter().fold(0, |n, b| n * 10 + u32::from(b - b'0')))
}

fn date_at(bytes: &[u8]) -> Option<(NaiveDate, usize)> {
    let dashed = bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-';
    let (year, month, day, len) = if dashed {
        (number(&bytes[..4])?, number(&bytes[5..7])?, number(&bytes[8..10])?, 10)
    } else {
        (number(&bytes[..4])?, number(&bytes[4..6])?, number(&bytes[6..8])?, 8)
    };
    let ends = bytes.get(len).is_none_or(|next| !next.is_ascii_digit());
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    (ends && (1990..2200).contains(&date.year())).then_some((date, len))
}

fn time_at(bytes: &[u8]) -> Option<NaiveTime> {
    let [b'-' | b'_' | b'T', rest @ ..] = bytes else { return None };
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let seconds = if digits == 6 { number(&rest[4..6])? } else { 0 };
    if digits != 6 && digits != 4 {
        return None;
    }
    NaiveTime::from_hms_opt(number(&rest[..2])?, number(&rest[2..4])?, seconds)
}

/// A time stamp of a record: milliseconds since 1970, and its day (since 1970) where the record was made.
pub fn time_of(text: &str) -> Option<(i64, i32)> {
    let (utc, local) = match DateTime::parse_from_rfc3339(text) {
        Ok(time) => (time.timestamp_millis(), time.date_naive()),
        Err(_) => {
            let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f"]
                .iter()
                .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
            (naive.and_utc().timestamp_millis(), naive.date())
        }
    };
    Some((utc, local.num_days_from_ce() - 719_163))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_give_the_moment() {
        let stamp = |name: &str| stamp_of_name(name).map(|stamp| stamp.to_string());
        assert_eq!(stamp("2026-01-02.json").as_deref(), Some("2026-01-02 00:00:00"));
        assert_eq!(stamp("Wait-20260102-093015.json").as_deref(), Some("2026-01-02 09:30:15"));
        assert_eq!(stamp("Wait-2026-01-02-1.json").as_deref(), Some("2026-01-02 00:00:00"));
        assert_eq!(stamp("Wait-latest.json"), None);
        assert_eq!(stamp("12345678.json"), None);
        let (_, day) = time_of("2026-01-02T23:30:00.1234567-07:00").expect("a time");
        assert_eq!(day, time_of("2026-01-02T01:00:00Z").expect("a time").1);
    }
}
