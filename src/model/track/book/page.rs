//! Pages of lists as they were read last: what a page that did not change need not be sent again for.

use serde::{Deserialize, Serialize};

/// Every page of the list of all issues is looked at once in this time, seconds.
pub const DAY: i64 = 86400;

/// A page of the list of all issues, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Its address.
    pub url: String,
    /// Its `ETag`; none if it has to be read again.
    pub etag: Option<String>,
    /// The address of the next one.
    pub next: Option<String>,
    /// The numbers of its issues, as ranges from a first to a last one.
    #[serde(default)]
    pub ranges: Vec<(u64, u64)>,
    /// How many there were.
    pub items: u64,
    /// How many had no number.
    pub nameless: u64,
    /// The server's time when it was looked at last.
    #[serde(default)]
    pub at: i64,
}

impl Page {
    /// Sets the numbers of its issues.
    pub fn hold(&mut self, mut numbers: Vec<u64>) {
        numbers.sort_unstable();
        self.ranges.clear();
        for number in numbers {
            match self.ranges.last_mut() {
                Some((_, last)) if number <= last.saturating_add(1) => *last = number,
                _ => self.ranges.push((number, number)),
            }
        }
    }

    /// Its `ETag`, if what is remembered of the page stands for it.
    pub fn condition(&self) -> Option<&str> {
        // The last page may have got a successor, which its `ETag` need not tell.
        let is_usable = self.next.is_some() && (!self.ranges.is_empty() || self.items == self.nameless);
        self.etag.as_deref().filter(|_| is_usable)
    }
}

/// Which pages are to be looked at now: those that were not for a day, and of the others, those of the longest ago first, the share
/// that the time since any was looked at has of a day.
pub fn due(pages: &[Page], now: i64) -> Vec<bool> {
    let last = pages.iter().map(|page| page.at).max().unwrap_or(now);
    let share = pages.len() as i64 * now.saturating_sub(last).clamp(0, DAY) / DAY;
    let mut order: Vec<usize> = (0..pages.len()).collect();
    order.sort_by_key(|at| pages[*at].at);
    let mut due = vec![false; pages.len()];
    for (place, at) in order.into_iter().enumerate() {
        // A page from the future tells that a clock was changed.
        let is_recent = (0..DAY).contains(&now.saturating_sub(pages[at].at));
        due[at] = !is_recent || (place as i64) < share;
    }
    due
}

/// The numbers on these pages as ranges, the smallest first.
pub fn covered(pages: &[Page]) -> Vec<(u64, u64)> {
    let mut ranges: Vec<(u64, u64)> = pages.iter().flat_map(|page| page.ranges.iter().copied()).collect();
    ranges.sort_unstable();
    ranges.dedup_by(|next, last| {
        let joins = next.0 <= last.1.saturating_add(1);
        if joins {
            last.1 = last.1.max(next.1);
        }
        joins
    });
    ranges
}

/// A page of a small list, with what is used of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListPage {
    /// Which list: `labels`, `milestones` or `variables`.
    pub list: String,
    /// Its address.
    pub url: String,
    /// Its `ETag`.
    pub etag: Option<String>,
    /// The address of the next one.
    pub next: Option<String>,
    /// How many entries it had.
    pub items: u64,
    /// How many the whole list has, where it says so.
    pub total: Option<u64>,
    /// Whether every entry could be understood.
    pub whole: bool,
    /// What is used of the entries: name or number, and title or value.
    pub rows: Vec<(String, String)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_ranges() {
        let mut page = Page::default();
        page.hold(vec![5, 1, 2, 3, 9, 2]);
        assert_eq!(page.ranges, [(1, 3), (5, 5), (9, 9)]);
        let other = Page { ranges: vec![(4, 4), (10, 20), (9, 12)], ..Page::default() };
        assert_eq!(covered(&[page, other]), [(1, 5), (9, 20)]);
        assert_eq!(covered(&[]), []);
    }

    #[test]
    fn a_sweep_is_spread_over_the_runs_of_a_day() {
        // However often it runs, every page is looked at within a day, and no run has more than its share once it began evenly.
        for (many, every) in [(101, 4 * 3600), (101, 300), (1, 3600), (7, 5 * 3600), (1001, 3600), (10, 2 * DAY)] {
            let mut pages = vec![Page::default(); many];
            assert_eq!(due(&pages, 10 * DAY), vec![true; many], "what was never looked at is due");
            let share = (many as i64 * every).div_euclid(DAY) + 1;
            let mut now = 10 * DAY;
            pages.iter_mut().for_each(|page| page.at = now);
            assert!(!due(&pages, now).contains(&true));
            let mut looked = 0;
            for _ in 0..(3 * DAY / every) {
                now += every;
                let is_due = due(&pages, now);
                let some = is_due.iter().filter(|due| **due).count() as i64;
                assert!(some <= share + many as i64 / 10 + 1, "{many} pages every {every} s: {some} at once");
                looked += some;
                for (page, _) in pages.iter_mut().zip(is_due).filter(|(_, due)| *due) {
                    page.at = now;
                }
                assert!(pages.iter().all(|page| now - page.at < DAY), "{many} pages every {every} s");
            }
            assert!(looked <= 4 * many as i64, "{looked} looks at {many} pages in three days");
        }
        // A break, and a clock that was put back.
        let mut pages = vec![Page { at: 5 * DAY, ..Page::default() }; 3];
        assert_eq!(due(&pages, 7 * DAY), [true; 3]);
        assert_eq!(due(&pages, 4 * DAY), [true; 3]);
        // Half a day after all were read half of them are due, the first ones.
        pages.push(pages[0].clone());
        assert_eq!(due(&pages, 5 * DAY + DAY / 2), [true, true, false, false]);
    }
}
