//! When a word stands in a text: the one rule for filters, searches and what they highlight.

/// Whether `needle` stands in `text`: without regard to case unless the needle has an upper-case letter.
pub fn contains(text: &str, needle: &str) -> bool {
    match fold(needle) {
        Some(_) => needle.is_empty() || !hits(text, needle).is_empty(),
        None => text.contains(needle),
    }
}

/// Byte ranges of `needle` in `text`, by the rule of [`contains`]. Texts whose lower-case form has other byte lengths
/// are searched by ASCII case only.
pub fn hits(text: &str, needle: &str) -> Vec<(usize, usize)> {
    if needle.is_empty() {
        return Vec::new();
    }
    match fold(needle) {
        None => text.match_indices(needle).map(|(at, hit)| (at, at + hit.len())).collect(),
        Some(small) => {
            let lower = text.to_lowercase();
            let lower = if lower.len() == text.len() { lower } else { text.to_ascii_lowercase() };
            lower
                .match_indices(&small)
                .map(|(at, hit)| (at, at + hit.len()))
                .filter(|&(from, to)| text.is_char_boundary(from) && text.is_char_boundary(to))
                .collect()
        }
    }
}

/// The lower-case needle, none when case matters.
fn fold(needle: &str) -> Option<String> {
    (!needle.chars().any(char::is_uppercase)).then(|| needle.to_lowercase())
}

/// Letters and digits alone, in lower case: `inprogress` and `In Progress` are the same.
pub fn squeeze(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_matters_only_when_the_needle_says_so() {
        assert!(contains("Hello World", "world"));
        assert!(!contains("Hello world", "World"));
        assert!(contains("anything", ""));
        assert_eq!(hits("abAB", "ab"), [(0, 2), (2, 4)]);
        assert_eq!(hits("x", ""), []);
        assert_eq!(squeeze("In Progress (WIP)"), "inprogresswip");
    }
}
