//! What an address may have meant when it matches nothing: up to five candidates with their lines.

use std::borrow::Cow;

/// How many are named.
const NAMED: usize = 5;

/// The candidates most like `wanted`, as the end of a message: `; nearest: `a` (line 3), …`. Empty without candidates.
pub(super) fn nearest<'a>(wanted: &str, candidates: impl Iterator<Item = (Cow<'a, str>, usize)>) -> String {
    let mut best: Vec<(usize, Cow<'a, str>, usize)> = Vec::new();
    for (text, line) in candidates {
        let distance = distance(wanted, &text);
        if best.len() == NAMED && best.last().is_some_and(|(worst, ..)| *worst <= distance) {
            continue;
        }
        if best.iter().any(|(_, known, _)| *known == text) {
            continue;
        }
        let at = best.partition_point(|(known, ..)| *known <= distance);
        best.insert(at, (distance, text, line));
        best.truncate(NAMED);
    }
    if best.is_empty() {
        return String::new();
    }
    let named: Vec<String> = best.iter().map(|(_, text, line)| format!("`{}` (line {line})", shorten(text))).collect();
    format!("; nearest: {}", named.join(", "))
}

/// 0 for the same text in another case, then texts that hold each other, then by what they have in common at both ends.
fn distance(wanted: &str, text: &str) -> usize {
    if wanted.trim().eq_ignore_ascii_case(text.trim()) {
        return 0;
    }
    if wanted.len().min(text.len()) > 2 && (text.contains(wanted) || wanted.contains(text)) {
        return 1;
    }
    let same = |(a, b): &(u8, u8)| a.eq_ignore_ascii_case(b);
    let head = wanted.bytes().zip(text.bytes()).take_while(same).count();
    let tail = wanted.bytes().rev().zip(text.bytes().rev()).take_while(same).count();
    let longest = wanted.len().max(text.len());
    2 + longest - (head + tail).min(longest)
}

/// The first few characters of a text, on one line, for a message.
pub(super) fn shorten(text: &str) -> String {
    let flat = |text: &str| text.replace(['\r', '\n'], " ");
    match text.char_indices().nth(60) {
        None => flat(text),
        Some((end, _)) => format!("{}…", flat(&text[..end])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_first() {
        let all = ["ST-B-002", "X", "st-b-001", "ST-B-0011", "Q", "R", "S", "X"];
        let named = nearest("ST-B-001", all.iter().enumerate().map(|(i, t)| (Cow::Borrowed(*t), i + 1)));
        assert!(
            named.starts_with("; nearest: `st-b-001` (line 3), `ST-B-0011` (line 4), `ST-B-002` (line 1)"),
            "{named}"
        );
        assert_eq!(named.matches("line").count(), 5);
        assert_eq!(nearest("a", std::iter::empty()), "");
    }
}
