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
pub fn bare_state(word: &str) -> &str {
    match word.split_once(" (") {
        Some((bare, rest)) if rest.ends_with(')') && !bare.is_empty() => bare,
        Some(_) | None => word,
    }
}

/// Whether notes begin by saying that the task is done, and since when: `Done 2025-12-22: …` (`formats.md` §6, the backlog
/// has no column for the state).
pub fn done_in_notes(notes: &str, done: &str) -> Option<Option<NaiveDate>> {
    let rest = notes.trim_start().get(..done.len()).filter(|word| word.eq_ignore_ascii_case(done))?;
    let rest = &notes.trim_start()[rest.len()..];
    if rest.starts_with(char::is_alphanumeric) {
        return None;
    }
    let date = rest.trim_start_matches(|c: char| c.is_whitespace() || "-–—:(".contains(c)).get(..10);
    Some(date.and_then(|date| NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()))
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
        assert_eq!(done_in_notes("Done 2025-12-22: x", "Done"), Some(date("2025-12-22")));
        assert_eq!(done_in_notes("done.", "Done"), Some(None));
        assert_eq!(done_in_notes("Donets 2025-12-22", "Done"), None);
        assert_eq!(done_in_notes("é", "Done"), None);
    }
}
