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

/// Whether notes begin by saying that the task is done: since when, and what else they say. `Done 2025-12-22: …`, `Done.`
/// (`formats.md` §6, the backlog has no column for the state); not `Done when …`, which is a sentence about something else.
pub fn done_in_notes<'t>(notes: &'t str, done: &str) -> Option<(Option<NaiveDate>, &'t str)> {
    let text = notes.trim_start();
    text.get(..done.len()).filter(|word| word.eq_ignore_ascii_case(done))?;
    let rest = &text[done.len()..];
    if rest.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_') {
        return None;
    }
    let behind = rest.trim_start_matches(|c: char| c.is_whitespace() || "-–—:(".contains(c));
    if let Some(date) = behind.get(..10).and_then(|date| NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()) {
        let marks = |c: char| c == ' ' || c == '\t' || "):.;,-–—".contains(c);
        return Some((Some(date), behind[10..].trim_start_matches(marks).trim_start()));
    }
    let blank = rest.trim_start_matches([' ', '\t']);
    let marked =
        blank.is_empty() || blank.starts_with(|c: char| ".:;,!(-–—\r\n".contains(c)) || blank.starts_with("<br");
    let marks = |c: char| c == ' ' || c == '\t' || ".:;,!-–—".contains(c);
    marked.then(|| (None, blank.trim_start_matches(marks).trim_start()))
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
        for (notes, said) in [
            ("Done 2025-12-22: x", Some((date("2025-12-22"), "x"))),
            ("Done - 2025-12-22 - x", Some((date("2025-12-22"), "x"))),
            ("Done (2025-12-22): x", Some((date("2025-12-22"), "x"))),
            ("done.", Some((None, ""))),
            ("Done", Some((None, ""))),
            ("Done.\n- x", Some((None, "- x"))),
            ("Done – x", Some((None, "x"))),
            ("Donets 2025-12-22", None),
            ("Done when the gate holds", None),
            ("Done-list: x", None),
            ("é", None),
        ] {
            assert_eq!(done_in_notes(notes, "Done"), said, "{notes}");
        }
    }
}
