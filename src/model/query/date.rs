//! Days as a filter names them: a day, a month, a year, everything before or after one, from one to another.

use chrono::{Days, Months, NaiveDate};

/// Days from the first to the last, both included; an open end has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

/// A text that names no days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoDate;

impl Span {
    /// Reads `2025`, `2025-12`, `2025-12-24`, `>…`, `>=…`, `<…`, `<=…`, `…..…` (either end may be left out). None while
    /// nothing but the sign is there.
    pub fn read(text: &str) -> Result<Option<Span>, NoDate> {
        if let Some((from, to)) = text.split_once("..") {
            if from.is_empty() && to.is_empty() {
                return Ok(None);
            }
            let end = |text: &str| if text.is_empty() { Ok(None) } else { period(text).map(Some) };
            return Ok(Some(Span { from: end(from)?.map(|(first, _)| first), to: end(to)?.map(|(_, last)| last) }));
        }
        let signs = [">=", "<=", ">", "<"];
        let sign = signs.into_iter().find(|sign| text.starts_with(sign)).unwrap_or_default();
        let rest = &text[sign.len()..];
        if rest.is_empty() {
            return Ok(None);
        }
        let (first, last) = period(rest)?;
        let (from, to) = match sign {
            ">=" => (Some(first), None),
            "<=" => (None, Some(last)),
            // The day after a month is the first of the next one.
            ">" => (Some(last.checked_add_days(Days::new(1)).ok_or(NoDate)?), None),
            "<" => (None, Some(first.checked_sub_days(Days::new(1)).ok_or(NoDate)?)),
            _ => (Some(first), Some(last)),
        };
        Ok(Some(Span { from, to }))
    }

    /// Whether the day at the start of `text` (`2025-12-24`, `2025-12-24 10:11`) is one of these.
    pub fn has(self, text: &str) -> bool {
        let Some(Ok((day, _))) = text.trim_start().get(..10).map(period) else { return false };
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// First and last day of a year, a month or a day; figures have to be complete, so that `2025-1` is no January.
fn period(text: &str) -> Result<(NaiveDate, NaiveDate), NoDate> {
    let figures = |part: &str, digits: usize| {
        let fits = part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
        if fits { part.parse::<u32>().map_err(|_| NoDate) } else { Err(NoDate) }
    };
    let mut parts = text.split('-');
    let year = i32::try_from(figures(parts.next().unwrap_or_default(), 4)?).map_err(|_| NoDate)?;
    let month = parts.next().map(|part| figures(part, 2)).transpose()?;
    let day = parts.next().map(|part| figures(part, 2)).transpose()?;
    if parts.next().is_some() {
        return Err(NoDate);
    }
    let first = NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1)).ok_or(NoDate)?;
    let months = match (month, day) {
        (_, Some(_)) => return Ok((first, first)),
        (Some(_), None) => 1,
        (None, None) => 12,
    };
    let next = first.checked_add_months(Months::new(months)).ok_or(NoDate)?;
    Ok((first, next.checked_sub_days(Days::new(1)).ok_or(NoDate)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_months_years_and_ranges() {
        let days = ["2025-11-30", "2025-12-01", "2025-12-31 10:11", "2026-01-01"];
        let check = |text: &str, want: &str| {
            let got = match Span::read(text) {
                Ok(Some(span)) => days.map(|day| if span.has(day) { 'x' } else { '-' }).iter().collect(),
                Ok(None) => "unfinished".to_owned(),
                Err(NoDate) => "no date".to_owned(),
            };
            assert_eq!(got, want, "{text}");
        };
        check("2025-12", "-xx-");
        check("2025", "xxx-");
        check("2025-12-01", "-x--");
        check(">2025-12-01", "--xx");
        check(">=2025-12-01", "-xxx");
        check(">2025-12", "---x");
        check("<2025-12", "x---");
        check("<=2025-12", "xxx-");
        check("2025-12-02..2026", "--xx");
        check("..2025-12-01", "xx--");
        check("2025-12-31..", "--xx");
        check(">=", "unfinished");
        check("..", "unfinished");
        for bad in ["2025-1", "2025-13", "2025-02-30", "25", "soon", "2025-12-01-01", "2025-", "1..x", "日本", ">é"]
        {
            check(bad, "no date");
        }
        assert!(!Span::read("2025").expect("a year").expect("a year").has("日本語日本語"));
    }
}
