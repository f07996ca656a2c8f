//! Marks what was searched for on rows that are already painted. Looks at the screen only, so the cost does not depend
//! on the document.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

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

/// Patches `style` over every place in `area` where one of `needles` stands on a row.
pub fn mark<S: AsRef<str>>(buf: &mut Buffer, area: Rect, needles: &[S], style: Style) {
    let area = area.intersection(*buf.area());
    if needles.iter().all(|needle| needle.as_ref().is_empty()) {
        return;
    }
    let mut text = String::new();
    let mut starts = Vec::new();
    for y in area.top()..area.bottom() {
        text.clear();
        starts.clear();
        for x in area.left()..area.right() {
            starts.push(text.len());
            text.push_str(buf[(x, y)].symbol());
        }
        for needle in needles {
            for (from, to) in hits(&text, needle.as_ref()) {
                for (x, &start) in (area.left()..).zip(&starts) {
                    if (from..to).contains(&start) {
                        buf[(x, y)].set_style(style);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Modifier;

    #[test]
    fn case_matters_only_when_the_needle_says_so() {
        assert!(contains("Hello World", "world"));
        assert!(!contains("Hello world", "World"));
        assert!(contains("anything", ""));
        assert_eq!(hits("abAB", "ab"), [(0, 2), (2, 4)]);
        assert_eq!(hits("x", ""), []);
    }

    #[test]
    fn marks_only_the_match() {
        let area = Rect::new(0, 0, 8, 1);
        let mut buf = Buffer::with_lines(["日 Match "]);
        mark(&mut buf, area, &["match"], Style::new().add_modifier(Modifier::UNDERLINED));
        let marked: String = (0..8)
            .filter(|&x| buf[(x, 0)].modifier.contains(Modifier::UNDERLINED))
            .map(|x| buf[(x, 0)].symbol().to_owned())
            .collect();
        assert_eq!(marked, "Match");
        mark(&mut buf, Rect::new(0, 0, 50, 50), &["z"], Style::new());
    }
}
