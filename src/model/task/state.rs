//! A state as boards write it: a word, often with a date or a remark behind it.

use chrono::NaiveDate;

/// `Done - 2025-12-22` is the word `Done` and a date; a text without a date at its end is all word.
pub fn split_state(text: &str) -> (&str, Option<NaiveDate>) {
    let text = text.trim();
    let Some(cut) = text.len().checked_sub(10).filter(|&cut| text.is_char_boundary(cut)) else { return (text, None) };
    match NaiveDate::parse_from_str(&text[cut..], "%Y-%m-%d") {
        Ok(date) => (text[..cut].trim_end_matches(|c: char| c.is_whitespace() || "-–—:".contains(c)), Some(date)),
        Err(_) => (text, None),
    }
}

/// `In Progress (WIP 1/2)` is `In Progress`.
pub(super) fn bare_state(word: &str) -> &str {
    match word.split_once(" (") {
        Some((bare, rest)) if rest.ends_with(')') && !bare.is_empty() => bare,
        Some(_) | None => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_with_dates_and_remarks() {
        let date = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
        assert_eq!(split_state("Done - 2025-12-22"), ("Done", date("2025-12-22")));
        assert_eq!(split_state("Done – 2025-12-22"), ("Done", date("2025-12-22")));
        assert_eq!(split_state("Done - 2025-13-22"), ("Done - 2025-13-22", None));
        assert_eq!(split_state("–"), ("–", None));
        assert_eq!(bare_state("In Progress (WIP 2/2)"), "In Progress");
    }
}
