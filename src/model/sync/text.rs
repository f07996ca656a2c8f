//! What titles have in common, and texts for messages.

use std::collections::BTreeSet;

use crate::model::task::lines;
pub(super) use crate::model::task::{people, plain};

/// Whether two titles share no significant word, so that they can hardly mean the same task. Words of up to three letters
/// tell nothing; a word counts as shared when the other one begins with it (`metric`, `metrics`).
pub(super) fn are_strangers(a: &str, b: &str) -> bool {
    let (a, b) = (significant(a), significant(b));
    let shared = |word: &String| b.iter().any(|other| other.starts_with(word.as_str()) || word.starts_with(other));
    !a.is_empty() && !b.is_empty() && !a.iter().any(shared)
}

fn significant(title: &str) -> BTreeSet<String> {
    let title = plain(title);
    let words = title.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 3).map(str::to_owned).collect()
}

/// A text for a message: on one line, and not longer than a line bears.
pub(super) fn short(text: &str) -> String {
    let flat = flat(text);
    match flat.char_indices().nth(60) {
        None => format!("\"{flat}\""),
        Some((end, _)) => format!("\"{}…\"", &flat[..end]),
    }
}

fn flat(text: &str) -> String {
    lines(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Two texts that differ, for a message: from shortly before the place where they part.
pub(super) fn short_pair(a: &str, b: &str) -> (String, String) {
    let (a, b) = (flat(a), flat(b));
    let common = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let skip = common.saturating_sub(20);
    if common < 40 || a.chars().count().max(b.chars().count()) <= 60 {
        return (short(&a), short(&b));
    }
    let from = |text: &str| {
        let rest: String = text.chars().skip(skip).collect();
        short(&format!("…{rest}"))
    };
    (from(&a), from(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_case_and_blanks_are_no_difference() {
        for (a, b) in [
            ("Fair **queue**", "fair  queue"),
            ("`Fair` queue", "Fair queue"),
            ("[Fair queue](docs/x.md)", "Fair queue"),
            ("Fair<br>queue", "Fair queue"),
        ] {
            assert_eq!(plain(a), plain(b));
        }
        assert_ne!(plain("Fair queue"), plain("Fair queues"));
    }

    #[test]
    fn strangers_share_no_word_that_tells_something() {
        assert!(are_strangers("Rack view wording", "Credential rotation"));
        assert!(!are_strangers("Print the rack labels", "Label racks by hand"));
        assert!(!are_strangers("Sweep metric", "Capture metrics"));
        assert!(!are_strangers("Fix it", "Credential rotation"), "a title that tells nothing is compared with nothing");
        assert!(!are_strangers("", "Credential rotation"));
    }

    #[test]
    fn owners() {
        assert_eq!(people("Ops/Store"), people("store + **Ops**"));
        assert_eq!(people("Ops / Store"), people("Ops and Store"));
        assert_ne!(people("Ops/Store"), people("Ops"));
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(short("a\nb"), "\"a b\"");
        assert_eq!(short(&"é".repeat(70)), format!("\"{}…\"", "é".repeat(60)));
        let long = "é".repeat(50);
        let (a, b) = short_pair(&format!("{long} one more word"), &format!("{long} two"));
        assert_eq!(a, format!("\"…{} one more word\"", "é".repeat(19)));
        assert_eq!(b, format!("\"…{} two\"", "é".repeat(19)));
        assert_eq!(short_pair("one", "two"), ("\"one\"".to_owned(), "\"two\"".to_owned()));
    }
}
