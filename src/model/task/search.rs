//! Looking for text in all rows of all tasks, as bytes of their documents: nothing is decoded, nothing copied.

use std::sync::atomic::{AtomicBool, Ordering};

use super::TaskList;

/// Number of tasks from which a search is shared between threads.
const PARALLEL: usize = 20_000;

impl TaskList {
    /// Indexes of the tasks in any of whose rows `needle` stands, as bytes of the document; without regard to ASCII case
    /// unless `needle` has an upper-case letter. Stops early, with what it has, when `cancel` is set.
    pub fn search(&self, needle: &str, cancel: &AtomicBool) -> Vec<u32> {
        let finder = Finder::new(needle);
        let part = |range: std::ops::Range<usize>| {
            let mut found = Vec::new();
            for index in range {
                if index % 1024 == 0 && cancel.load(Ordering::Relaxed) {
                    break;
                }
                if self.task(index).rows().any(|row| finder.is_in(row.raw())) {
                    found.push(index as u32);
                }
            }
            found
        };
        if self.len() < PARALLEL {
            return part(0..self.len());
        }
        // A board of 100,000 rows is some 70 MB to look through: all processors share it.
        let parts = std::thread::available_parallelism().map_or(1, usize::from).min(8);
        let step = self.len().div_ceil(parts);
        std::thread::scope(|scope| {
            let part = &part;
            let ranges = (0..parts).map(|at| at * step..((at + 1) * step).min(self.len()));
            let running: Vec<_> = ranges.map(|range| scope.spawn(move || part(range))).collect();
            running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
        })
    }
}

/// Byte search without regard to ASCII case, unless the needle has an upper-case letter.
struct Finder<'n> {
    needle: &'n [u8],
    exact: Option<memchr::memmem::Finder<'n>>,
}

impl<'n> Finder<'n> {
    fn new(needle: &'n str) -> Finder<'n> {
        let cased = !needle.bytes().any(|b| b.is_ascii_lowercase()) || needle.bytes().any(|b| b.is_ascii_uppercase());
        let bytes = needle.as_bytes();
        Finder { needle: bytes, exact: cased.then(|| memchr::memmem::Finder::new(bytes)) }
    }

    fn is_in(&self, hay: &[u8]) -> bool {
        if let Some(exact) = &self.exact {
            return exact.find(hay).is_some();
        }
        let Some((&first, rest)) = self.needle.split_first() else { return true };
        let mut at = 0;
        while let Some(hit) = memchr::memchr2(first, first.to_ascii_uppercase(), &hay[at..]) {
            let start = at + hit + 1;
            if hay.get(start..start + rest.len()).is_some_and(|window| window.eq_ignore_ascii_case(rest)) {
                return true;
            }
            at = start;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::doc::{DocId, Document};
    use crate::workspace::{Config, Role};

    #[test]
    fn a_large_board_is_searched_in_parts_and_in_order() {
        let mut csv = "ID,Title,Column\n".to_owned();
        for row in 0..PARALLEL + 7 {
            csv.push_str(&format!("HB-A-{row:06},{},Ready\n", if row % 5 == 0 { "Odd one" } else { "plain" }));
        }
        let id = DocId::new("docs/t.csv").expect("a path");
        let list = TaskList::from_documents(
            [(Role::TaskCsv, Arc::new(Document::parse(id, csv.into_bytes())))],
            &Config::default(),
        );
        let found = list.search("odd one", &AtomicBool::new(false));
        assert_eq!(found, (0..list.len() as u32).step_by(5).collect::<Vec<_>>());
    }
}
