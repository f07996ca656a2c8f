//! `Patch`: sorted, disjoint byte replacements in the original; apply and invert.

use super::Span;

/// One replacement: the bytes at `span` of the original become `new`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Splice {
    /// Bytes of the original that go (may be empty: an insertion).
    pub span: Span,
    /// Bytes that come.
    pub new: Vec<u8>,
}

/// Sorted, disjoint splices. Two insertions at one offset keep the order in which they were given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Patch {
    /// Sorted by start; none overlaps its neighbour.
    splices: Vec<Splice>,
}

/// Two splices of one patch want the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("two edits want the same bytes ({0}..{1})")]
pub struct Overlap(pub usize, pub usize);

impl Patch {
    /// The patch that changes nothing.
    pub fn empty() -> Patch {
        Patch::default()
    }

    /// A patch of one splice.
    pub fn one(span: Span, new: Vec<u8>) -> Patch {
        Patch { splices: vec![Splice { span, new }] }
    }

    /// Sorts the splices and refuses overlapping ones.
    pub fn new(mut splices: Vec<Splice>) -> Result<Patch, Overlap> {
        splices.sort_by_key(|s| (s.span.start, s.span.end));
        for pair in splices.windows(2) {
            if pair[0].span.end > pair[1].span.start {
                return Err(Overlap(pair[1].span.start, pair[0].span.end));
            }
        }
        Ok(Patch { splices })
    }

    /// All splices of several patches on the same original.
    pub fn join(patches: impl IntoIterator<Item = Patch>) -> Result<Patch, Overlap> {
        Patch::new(patches.into_iter().flat_map(|p| p.splices).collect())
    }

    /// The splices, sorted.
    pub fn splices(&self) -> &[Splice] {
        &self.splices
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.splices.is_empty()
    }

    /// The original with the splices applied. Spans must lie inside `original`.
    pub fn apply(&self, original: &[u8]) -> Vec<u8> {
        let grow: usize = self.splices.iter().map(|s| s.new.len()).sum();
        let mut out = Vec::with_capacity(original.len() + grow);
        let mut at = 0;
        for splice in &self.splices {
            out.extend_from_slice(&original[at..splice.span.start]);
            out.extend_from_slice(&splice.new);
            at = splice.span.end;
        }
        out.extend_from_slice(&original[at..]);
        out
    }

    /// The patch on the result of `apply(original)` that gives `original` back.
    pub fn invert(&self, original: &[u8]) -> Patch {
        let mut shift = 0isize;
        let splices = self
            .splices
            .iter()
            .map(|s| {
                let start = s.span.start.wrapping_add_signed(shift);
                shift += s.new.len() as isize - s.span.len() as isize;
                Splice { span: start..start + s.new.len(), new: original[s.span.clone()].to_vec() }
            })
            .collect();
        Patch { splices }
    }
}
