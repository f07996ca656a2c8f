//! Lanes over days: one row a lane, one column a day, a symbol for how much happened. Draw-only.
//!
//! ```text
//!            2025-12        2026-01
//!            22     29      01  05
//! All    412 ··▪ ▮█▪·       ▪·
//! A       98 ·  ▪▮ ·        ·
//! ```

use chrono::{Datelike, Days, NaiveDate};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::tui::text;
use crate::tui::theme::Theme;

/// Columns of a lane's name and total.
pub const LABEL: u16 = 11;
/// Rows of the ruler.
pub const RULER: u16 = 2;

/// What is to be drawn.
pub struct Lanes<'a> {
    /// Name and total of each lane.
    pub names: &'a [(String, usize)],
    /// The first visible lane.
    pub top: usize,
    /// The first visible day.
    pub left: NaiveDate,
    /// Lane and day of the cursor.
    pub cursor: (usize, NaiveDate),
    /// How much happened in a lane on a day.
    pub count: &'a dyn Fn(usize, NaiveDate) -> usize,
    /// Style of the cell and the lane under the cursor.
    pub selected: Style,
}

/// Days that fit beside the labels.
pub fn days(width: u16) -> u16 {
    width.saturating_sub(LABEL).max(1)
}

/// Index of the density symbol for a count: none, 1, 2–3, 4–7, 8 and more.
pub fn density(count: usize) -> Option<usize> {
    match count {
        0 => None,
        1 => Some(0),
        2..=3 => Some(1),
        4..=7 => Some(2),
        8.. => Some(3),
    }
}

/// What the symbols mean.
pub fn legend(theme: &Theme) -> String {
    let [one, two, four, eight] = theme.symbols.density;
    format!("{one} 1  {two} 2-3  {four} 4-7  {eight} 8+")
}

impl Lanes<'_> {
    /// Paints ruler and lanes.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        self.draw_ruler(area, buf, theme);
        let label = LABEL.min(area.width);
        for row in 0..area.height.saturating_sub(RULER) {
            let lane = self.top + usize::from(row);
            let Some((name, total)) = self.names.get(lane) else { break };
            let y = area.y + RULER + row;
            let style = theme.lanes[lane % theme.lanes.len()];
            text::put(buf, area.x, y, label.min(5), name, theme.heading.patch(style));
            let total = format!("{total:>4}");
            text::put(buf, area.x + label.min(6), y, label.saturating_sub(7), &total, theme.quiet);
            if lane == self.cursor.0 {
                buf.set_style(Rect { y, height: 1, width: label.saturating_sub(1), ..area }, self.selected);
            }
            for (x, day) in self.columns(area) {
                if let Some(at) = density((self.count)(lane, day)) {
                    text::put(buf, x, y, 1, theme.symbols.density[at], style);
                }
                if (lane, day) == self.cursor {
                    buf.set_style(Rect::new(x, y, 1, 1), self.selected);
                }
            }
        }
    }

    /// Months above, days below: the first of a month, Mondays, and the day of the cursor.
    fn draw_ruler(&self, area: Rect, buf: &mut Buffer, theme: &Theme) {
        if area.height < RULER {
            return;
        }
        let mut month_end = area.x;
        let mut day_end = area.x;
        for (x, day) in self.columns(area) {
            let room = area.right() - x;
            if (x == area.x + LABEL || day.day() == 1) && x >= month_end && room >= 7 {
                text::put(buf, x, area.y, 7, &day.format("%Y-%m").to_string(), theme.quiet);
                month_end = x + 8;
            }
            if (day.day() == 1 || day.weekday().number_from_monday() == 1) && x >= day_end && room >= 2 {
                text::put(buf, x, area.y + 1, 2, &format!("{:02}", day.day()), theme.quiet);
                day_end = x + 3;
            }
        }
        // The cursor's day stands under the label, so that it never covers the ruler.
        let style = theme.accent.add_modifier(Modifier::BOLD);
        text::put(buf, area.x, area.y + 1, LABEL.min(area.width).saturating_sub(1), &self.cursor.1.to_string(), style);
        if let Some((x, _)) = self.columns(area).find(|(_, day)| *day == self.cursor.1) {
            buf.set_style(Rect::new(x, area.y + 1, 1, 1), style.add_modifier(Modifier::REVERSED));
        }
    }

    fn columns(&self, area: Rect) -> impl Iterator<Item = (u16, NaiveDate)> {
        let first = area.x.saturating_add(LABEL);
        let left = self.left;
        (first..area.right())
            .zip(0u64..)
            .filter_map(move |(x, offset)| Some((x, left.checked_add_days(Days::new(offset))?)))
    }
}
