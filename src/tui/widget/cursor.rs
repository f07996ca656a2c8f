//! A selected row in a list of any length, and the first row that is visible.

use std::ops::Range;

use crate::tui::action::Move;

/// Invariant after [`Cursor::fit`] on a screen: `top ≤ at < top + height`, and no blank rows below while rows are hidden above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor {
    at: usize,
    top: usize,
}

impl Cursor {
    /// The selected row; meaningless in an empty list.
    pub fn at(self) -> usize {
        self.at
    }

    /// The first visible row.
    pub fn top(self) -> usize {
        self.top
    }

    /// The visible rows.
    pub fn visible(self, len: usize, height: u16) -> Range<usize> {
        self.top.min(len)..len.min(self.top + usize::from(height))
    }

    /// Puts the cursor into the list and scrolls as little as needed.
    pub fn fit(&mut self, len: usize, height: u16) {
        self.at = self.at.min(len.saturating_sub(1));
        if height == 0 {
            // Not on screen: nothing has to be visible, and what will be is not known yet.
            return;
        }
        let height = usize::from(height);
        self.top = self.top.min(self.at).max((self.at + 1).saturating_sub(height)).min(len.saturating_sub(height));
    }

    /// Selects a row.
    pub fn select(&mut self, at: usize, len: usize, height: u16) {
        self.at = at;
        self.fit(len, height);
    }

    /// Selects the row by `lines` further down (or up). A single step over the edge brings half a screen of new rows:
    /// the terminal paints a scrolled screen anew as a whole, so that should not happen at every key.
    pub fn step(&mut self, lines: i64, len: usize, height: u16) {
        let at = i64::try_from(self.at).unwrap_or(i64::MAX).saturating_add(lines).max(0);
        let before = self.top;
        self.select(usize::try_from(at).unwrap_or(0), len, height);
        let leap = usize::from(height / 2).saturating_sub(1);
        if lines.abs() == 1 && self.top > before {
            self.top = (self.top + leap).min(len.saturating_sub(usize::from(height)));
        } else if lines.abs() == 1 && self.top < before {
            self.top = self.top.saturating_sub(leap);
        }
    }

    /// Moves; false for left and right, which mean nothing in a list.
    pub fn act(&mut self, to: Move, len: usize, height: u16) -> bool {
        let page = i64::from(height.max(1));
        match to {
            Move::Up => self.step(-1, len, height),
            Move::Down => self.step(1, len, height),
            Move::PageUp => self.step(-page, len, height),
            Move::PageDown => self.step(page, len, height),
            Move::HalfUp => self.step(-(page / 2).max(1), len, height),
            Move::HalfDown => self.step((page / 2).max(1), len, height),
            Move::First => self.select(0, len, height),
            Move::Last => self.select(usize::MAX, len, height),
            Move::Left | Move::Right => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrolls_as_little_as_needed() {
        let mut cursor = Cursor::default();
        for _ in 0..5 {
            assert!(cursor.act(Move::Down, 10, 4));
        }
        assert_eq!((cursor.at(), cursor.top()), (5, 2));
        cursor.act(Move::Up, 10, 4);
        assert_eq!((cursor.at(), cursor.top()), (4, 2));
        cursor.act(Move::Last, 10, 4);
        assert_eq!((cursor.at(), cursor.visible(10, 4)), (9, 6..10));
        cursor.fit(3, 4);
        assert_eq!((cursor.at(), cursor.visible(3, 4)), (2, 0..3));
        cursor.fit(0, 0);
        assert_eq!((cursor.at(), cursor.visible(0, 0)), (0, 0..0));
        assert!(!cursor.act(Move::Left, 3, 4));
    }
}
