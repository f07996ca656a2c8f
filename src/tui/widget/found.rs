//! Marks what was searched for on rows that are already painted. Looks at the screen only, so the cost does not depend
//! on the document.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

pub use crate::model::query::text::{contains, hits};

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
