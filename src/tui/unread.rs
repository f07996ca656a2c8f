//! What changed since the operator looked: marks on the tabs of panes that were not shown, and on the rows of those that
//! are. Only what others wrote is marked. Nothing of this is kept beyond the run.
//!
//! Documents are compared with what they were in the view before, and of those only the ones that changed. A row carries
//! its mark by the lines of the document that it stands on, and the lines move with what is written above them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use super::behind;
use super::pane::PaneId;
use crate::doc::DocId;
use crate::workbench::View;
use crate::workbench::view::Stage;

/// A change of more lines than this is a new document: no single row of it is marked.
const MOST: usize = 2000;
/// Bytes that are compared at once.
const CHUNK: usize = 4096;

/// Lines of documents, 1-based.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines(BTreeMap<DocId, BTreeSet<usize>>);

impl Lines {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of these lines is among them.
    pub fn any(&self, doc: &DocId, lines: Range<usize>) -> bool {
        !self.0.is_empty() && self.0.get(doc).is_some_and(|set| set.range(lines).next().is_some())
    }

    fn see(&mut self, doc: &DocId, lines: Range<usize>) {
        if let Some(set) = self.0.get_mut(doc) {
            set.retain(|line| !lines.contains(line));
            if set.is_empty() {
                self.0.remove(doc);
            }
        }
    }
}

/// What was not seen yet, of each pane.
#[derive(Debug, Default)]
pub struct Unread {
    panes: [OfPane; PaneId::ALL.len()],
    /// Somebody else changed a document, and doc-sync has not answered since.
    compares: bool,
}

#[derive(Debug, Default)]
struct OfPane {
    /// Something behind the pane changed since it was last shown.
    tab: bool,
    lines: Lines,
}

impl Unread {
    /// Whether the pane's tab carries a mark.
    pub fn on_tab(&self, pane: PaneId) -> bool {
        self.panes[pane as usize].tab
    }

    /// The lines whose rows carry a mark in this pane.
    pub fn lines(&self, pane: PaneId) -> &Lines {
        &self.panes[pane as usize].lines
    }

    /// The pane is shown.
    pub fn show(&mut self, pane: PaneId) {
        self.panes[pane as usize].tab = false;
    }

    /// The operator has looked at this row.
    pub fn see(&mut self, pane: PaneId, rows: &[(DocId, Range<usize>)]) {
        for (doc, lines) in rows {
            self.panes[pane as usize].lines.see(doc, lines.clone());
        }
    }

    /// The operator has looked at the whole pane. Says whether there was a mark.
    pub fn see_all(&mut self, pane: PaneId) -> bool {
        !std::mem::take(&mut self.panes[pane as usize].lines.0).is_empty()
    }

    /// A new view takes the place of an old one.
    pub fn learn(&mut self, old: &View, new: &View) {
        // While a workspace is being read, everything is new to the operator.
        if old.stage != Stage::Full {
            return;
        }
        let mut behind: [Option<BTreeSet<DocId>>; PaneId::ALL.len()] = Default::default();
        for doc in new.snapshot.iter() {
            let before = old.snapshot.get(doc.id());
            if before.is_some_and(|before| Arc::ptr_eq(before, doc)) {
                continue;
            }
            let ours = new.last_writes.get(doc.id()).is_some_and(|last| last.ours);
            let change = Change::of(before.map_or(&[], |before| before.bytes()), doc.bytes());
            self.compares |= !ours;
            for pane in PaneId::ALL {
                let of = &mut self.panes[pane as usize];
                let shows =
                    behind[pane as usize].get_or_insert_with(|| behind::documents(pane, new).into_iter().collect());
                if shows.contains(doc.id()) {
                    of.tab |= !ours;
                    change.mark(&mut of.lines, doc.id(), ours);
                }
            }
        }
        let other = |pane| match pane {
            PaneId::Gates => !old.gates.judged.is_empty() && old.gates.totals() != new.gates.totals(),
            PaneId::Tracks => {
                old.tracks.as_ref().zip(new.tracks.as_ref()).is_some_and(|(old, new)| !Arc::ptr_eq(old, new))
            }
            PaneId::Sync => self.compares && old.sync.totals != new.sync.totals,
            _ => false,
        };
        for pane in
            [PaneId::Gates, PaneId::Tracks, PaneId::Sync].into_iter().filter(|&pane| other(pane)).collect::<Vec<_>>()
        {
            self.panes[pane as usize].tab = true;
        }
        if !Arc::ptr_eq(&old.sync, &new.sync) {
            self.compares = false;
        }
    }
}

/// How a document changed: lines that begin and end it are as they were, those between are new or moved.
struct Change {
    /// Lines at the front that stayed.
    front: usize,
    /// The lines between, before and now.
    was: usize,
    is: usize,
    /// What of the lines between was not there before, 1-based.
    new: BTreeSet<usize>,
    /// Where a line between stood before, for each that stands there still.
    moved: BTreeMap<usize, usize>,
}

impl Change {
    fn of(old: &[u8], new: &[u8]) -> Change {
        let front = line_start(new, same(old, new));
        let most = old.len().min(new.len()) - front;
        let same_end = same_backwards(&old[old.len() - most..], &new[new.len() - most..]);
        // Whole lines stay: where the end that is the same begins inside a line, it begins with the next.
        let at_line = |text: &[u8]| text.len() - same_end == front || text[text.len() - same_end - 1] == b'\n';
        let back = match at_line(old) && at_line(new) {
            true => same_end,
            false => memchr::memchr(b'\n', &new[new.len() - same_end..]).map_or(0, |end| same_end - end - 1),
        };
        let (was, is) = (&old[front..old.len() - back], &new[front..new.len() - back]);
        let lines = |text: &[u8]| -> usize {
            memchr::memchr_iter(b'\n', text).count() + usize::from(!text.is_empty() && !text.ends_with(b"\n"))
        };
        let before = lines(&new[..front]);
        let mut change =
            Change { front: before, was: lines(was), is: lines(is), new: BTreeSet::new(), moved: BTreeMap::new() };
        if change.is > MOST || change.was > MOST {
            return change;
        }
        let mut there: HashMap<u64, Vec<usize>> = HashMap::new();
        for (at, line) in was.split(|&byte| byte == b'\n').enumerate().take(change.was) {
            there.entry(hash(line)).or_default().push(before + at + 1);
        }
        for (at, line) in is.split(|&byte| byte == b'\n').enumerate().take(change.is) {
            match there.get_mut(&hash(line)).and_then(Vec::pop) {
                Some(was) => drop(change.moved.insert(was, before + at + 1)),
                None if line.iter().all(u8::is_ascii_whitespace) => {}
                None => drop(change.new.insert(before + at + 1)),
            }
        }
        change
    }

    /// Moves the marks with their lines, and adds those of the new lines unless they are ours.
    fn mark(&self, lines: &mut Lines, doc: &DocId, ours: bool) {
        let marked = lines.0.remove(doc).unwrap_or_default();
        let to = |line: usize| match line {
            line if line <= self.front => Some(line),
            line if line > self.front + self.was => Some(line - self.was + self.is),
            line => self.moved.get(&line).copied(),
        };
        let mut now: BTreeSet<usize> = marked.into_iter().filter_map(to).collect();
        if !ours {
            now.extend(&self.new);
        }
        if !now.is_empty() {
            lines.0.insert(doc.clone(), now);
        }
    }
}

/// How many bytes at the front are the same.
fn same(a: &[u8], b: &[u8]) -> usize {
    let chunks = a.chunks(CHUNK).zip(b.chunks(CHUNK)).take_while(|(a, b)| a == b).map(|(a, _)| a.len()).sum::<usize>();
    chunks + a[chunks..].iter().zip(&b[chunks..]).take_while(|(a, b)| a == b).count()
}

/// How many bytes at the end are the same.
fn same_backwards(a: &[u8], b: &[u8]) -> usize {
    let chunks =
        a.rchunks(CHUNK).zip(b.rchunks(CHUNK)).take_while(|(a, b)| a == b).map(|(a, _)| a.len()).sum::<usize>();
    let (a, b) = (&a[..a.len() - chunks], &b[..b.len() - chunks]);
    chunks + a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// Where the line begins that this byte is in.
fn line_start(text: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &text[..at]).map_or(0, |end| end + 1)
}

fn hash(line: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::tui::pane::stage::{id, view};
    use crate::workbench::LastWrite;

    const BOARD: &str = "docs/taskboard/TaskBoard.csv";
    const HEAD: &str = "Task ID,Title,Status\n";

    /// The view of a board with these rows, last written by us or by others.
    fn board(rows: &str, ours: bool) -> View {
        let text = format!("{HEAD}{rows}");
        let last_writes = Arc::new(BTreeMap::from([(id(BOARD), LastWrite { at: None, ours })]));
        View { last_writes, ..View::clone(&view(&[(BOARD, &text)], 1)) }
    }

    fn marked(unread: &Unread) -> Vec<usize> {
        unread.lines(PaneId::Board).0.get(&id(BOARD)).into_iter().flatten().copied().collect()
    }

    #[test]
    fn rows_that_others_changed_are_marked_and_the_marks_move_with_them() {
        let mut unread = Unread::default();
        let first = board("A-1,One,Ready\nA-2,Two,Ready\nA-3,Three,Ready\n", false);
        unread.learn(&View::default(), &first);
        assert_eq!(
            (marked(&unread), unread.on_tab(PaneId::Board)),
            (vec![], false),
            "what is there at first is not new"
        );
        let second = board("A-1,One,Ready\nA-2,Two,Done\nA-3,Three,Ready\n", false);
        unread.learn(&first, &second);
        assert_eq!((marked(&unread), unread.on_tab(PaneId::Board)), (vec![3], true));
        assert!(unread.on_tab(PaneId::Timeline) && !unread.on_tab(PaneId::Prompt));
        // Our own row above it, and one of ours changed: the mark goes where its row goes.
        let third = board("A-0,Zero,Ready\nA-1,One,Ready\nA-2,Two,Done\nA-3,Three,Done\n", true);
        unread.learn(&second, &third);
        assert_eq!(marked(&unread), [4]);
        unread.see(PaneId::Board, &[(id(BOARD), 4..5)]);
        assert_eq!(marked(&unread), [0; 0]);
        assert!(unread.lines(PaneId::Timeline).any(&id(BOARD), 4..5), "each pane has its own marks");
        unread.show(PaneId::Board);
        assert!(!unread.on_tab(PaneId::Board) && unread.on_tab(PaneId::Timeline));
        assert!(unread.see_all(PaneId::Timeline) && !unread.see_all(PaneId::Timeline));
    }

    #[test]
    fn what_is_ours_is_not_marked() {
        let mut unread = Unread::default();
        unread.learn(&board("A-1,One,Ready\n", false), &board("A-1,One,Done\nA-2,Two,Ready\n", true));
        assert_eq!((marked(&unread), unread.on_tab(PaneId::Board)), (vec![], false));
    }

    #[test]
    fn changes_are_found_line_by_line() {
        let new = |old: &str, new: &str| Change::of(old.as_bytes(), new.as_bytes()).new.into_iter().collect::<Vec<_>>();
        for (before, after, want) in [
            ("", "", vec![]),
            ("a\nb\n", "a\nb\n", vec![]),
            ("a\nb\n", "a\nb\nc\n", vec![3]),
            ("a\nb\n", "a\nb\nc", vec![3]),
            ("a\nb", "a\nbc", vec![2]),
            ("a\nb\nc\n", "a\nc\n", vec![]),
            ("b\n", "a\nb\n", vec![1]),
            ("xa\nb\n", "a\nb\n", vec![1]),
            ("a\na\n", "a\na\na\n", vec![]),
            ("a\nb\nc\nd\n", "d\nb\nc\na\n", vec![]),
            ("a\nb\nc\nd\n", "A\nb\nc\nD\n", vec![1, 4]),
            ("a\nb\n", "a\n\n\nb\n", vec![]),
        ] {
            if before == "a\na\n" {
                // Which of equal lines is the new one cannot be told; one of them is.
                assert_eq!(new(before, after).len(), 1);
            } else {
                assert_eq!(new(before, after), want, "{before:?} to {after:?}");
            }
        }
        let long: String = (0..3000).map(|at| format!("{at}\n")).collect();
        assert_eq!(new("", &long), [0; 0], "a new document is no list of changes");
        assert_eq!(new(&long, &long.replace("\n2500\n", "\nx\n")), [2501]);
    }
}
