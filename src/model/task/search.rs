//! Looking for text in all rows of all tasks, as bytes of their documents: nothing is decoded, nothing copied.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{BLOCKING, Kind, TaskList};

/// Number of tasks from which a search is shared between threads.
const PARALLEL: usize = 20_000;

/// Bytes that boards are full of, the most frequent first. A search stops at each place of one byte of what it looks for:
/// the rarer that byte, the fewer stops.
const FREQUENT: &[u8] = b" etasirnolcdpmhufg-b.y/0123456789\"`v,w;k_xjqz";

impl TaskList {
    /// Indexes of the tasks in any of whose rows `needle` stands, as bytes of the document; without regard to ASCII case
    /// unless `needle` has an upper-case letter. Stops early, with what it has, when `cancel` is set.
    pub fn search(&self, needle: &str, cancel: &AtomicBool) -> Vec<u32> {
        let finder = Finder::new(needle);
        let has = |index: usize| self.task(index).rows().any(|row| finder.is_in(row.raw()));
        each_part(self.len(), cancel, |index| has(index).then_some(index as u32))
    }

    /// The tasks that name others as blocking them, with those ids. Only rows that have the words for it are decoded.
    pub(super) fn blocked(&self, cancel: &AtomicBool) -> Vec<(u32, Vec<String>)> {
        let finders = BLOCKING.map(Finder::new);
        each_part(self.len(), cancel, |index| {
            let task = self.task(index);
            // Quotes inside a malformed field may stand between the words, and go when it is decoded.
            let says = |raw: &[u8]| finders.iter().any(|finder| finder.is_in(raw));
            let ids = task
                .rows()
                .any(|row| says(row.raw()) || row.is_malformed() || row.kind() == Kind::Todo)
                .then(|| task.blocked_by())?;
            (!ids.is_empty()).then_some((index as u32, ids))
        })
    }
}

/// What `look` finds at the positions below `len`, in their order; stops early, with what it has, when `cancel` is set. A
/// board of 100,000 rows is some 70 MB to look through: all processors share it.
pub(super) fn each_part<T: Send>(len: usize, cancel: &AtomicBool, look: impl Fn(usize) -> Option<T> + Sync) -> Vec<T> {
    let part = |range: std::ops::Range<usize>| {
        let mut found = Vec::new();
        for at in range {
            if at % 1024 == 0 && cancel.load(Ordering::Relaxed) {
                break;
            }
            found.extend(look(at));
        }
        found
    };
    if len < PARALLEL {
        return part(0..len);
    }
    let parts = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    let step = len.div_ceil(parts);
    std::thread::scope(|scope| {
        let part = &part;
        let ranges = (0..parts).map(|at| at * step..((at + 1) * step).min(len));
        let running: Vec<_> = ranges.map(|range| scope.spawn(move || part(range))).collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    })
}

/// Byte search without regard to ASCII case, unless the needle has an upper-case letter.
struct Finder<'n> {
    needle: &'n [u8],
    /// Position of the needle's rarest byte.
    rarest: usize,
    exact: Option<memchr::memmem::Finder<'n>>,
}

impl<'n> Finder<'n> {
    fn new(needle: &'n str) -> Finder<'n> {
        let cased = !needle.bytes().any(|b| b.is_ascii_lowercase()) || needle.bytes().any(|b| b.is_ascii_uppercase());
        let bytes = needle.as_bytes();
        let rarity = |b: &u8| FREQUENT.iter().position(|frequent| frequent == b).unwrap_or(FREQUENT.len());
        let rarest = bytes.iter().enumerate().max_by_key(|(_, b)| rarity(b)).map_or(0, |(at, _)| at);
        Finder { needle: bytes, rarest, exact: cased.then(|| memchr::memmem::Finder::new(bytes)) }
    }

    fn is_in(&self, hay: &[u8]) -> bool {
        if let Some(exact) = &self.exact {
            return exact.find(hay).is_some();
        }
        let Some(&rare) = self.needle.get(self.rarest) else { return true };
        // The needle begins no earlier than the hay.
        let mut at = self.rarest;
        while let Some(hit) = hay.get(at..).and_then(|rest| memchr::memchr2(rare, rare.to_ascii_uppercase(), rest)) {
            let start = at + hit - self.rarest;
            if hay.get(start..start + self.needle.len()).is_some_and(|part| part.eq_ignore_ascii_case(self.needle)) {
                return true;
            }
            at += hit + 1;
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
    #[test]
    fn a_needle_is_found_wherever_its_rarest_byte_stands() {
        for (needle, hay, found) in [
            ("blocked by", "BLOCKED by X", true),
            ("blocked by", "ked by", false),
            ("blocked by", "it is bloked by, locked by, Blocked  by", false),
            ("kk", "akkk", true),
            ("k", "", false),
            ("ab", "b", false),
            ("waits for", "kwaits fo", false),
            ("a\u{e9}", "xA\u{e9}", true),
        ] {
            assert_eq!(Finder::new(needle).is_in(hay.as_bytes()), found, "{needle} in {hay}");
        }
    }
}
