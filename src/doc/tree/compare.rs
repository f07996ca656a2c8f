//! Law 2 for values: what a patch sets, adds and removes, and the proof that it does nothing else.

use super::{NodeRef, Shape, Tree};
use crate::doc::readback::{Disturbed, Moves};
use crate::doc::{Patch, Span, yaml};

/// What a patch does to the values of a document.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Single values that it replaces, by their number in the old document.
    pub set: Vec<usize>,
    /// Elements and keys that come, by their number in the new document.
    pub added: Vec<usize>,
    /// Elements and keys that go, by their number in the old document.
    pub removed: Vec<usize>,
}

/// Compares two documents, the second of which is the first after the patch.
pub(crate) fn changes(old: &Tree, new: &Tree, patch: &Patch) -> Result<Changes, Disturbed> {
    let moves = Moves::new(patch);
    let mut changes = Changes::default();
    if new.closed().is_some() != old.closed().is_some() {
        return Err(Disturbed(1));
    }
    match (old.root(), new.root()) {
        (Some(was), Some(is)) => compare(was, is, &moves, &mut changes)?,
        (None, None) => {}
        (Some(_), None) | (None, Some(_)) => return Err(Disturbed(1)),
    }
    Ok(changes)
}

/// As deep as values may be nested.
fn compare(was: NodeRef<'_>, is: NodeRef<'_>, moves: &Moves<'_>, changes: &mut Changes) -> Result<(), Disturbed> {
    let disturbed = Disturbed(was.line());
    let (before, after) = (was.shape(), is.shape());
    if was.is_marked() != is.is_marked() {
        return Err(disturbed);
    }
    if before.is_scalar() && after.is_scalar() {
        if moves.touches(&was.span()) && before != Shape::Absent {
            changes.set.push(was.id());
            return if is.span().start == moves.start(was.span().start) { Ok(()) } else { Err(disturbed) };
        }
        let same = before == after && is.span() == moves.span(&was.span());
        // Nothing has no bytes of its own that could have moved.
        let nothing = before == Shape::Absent && after == Shape::Absent;
        return if same || nothing { Ok(()) } else { Err(disturbed) };
    }
    // A sequence without elements is `[]` or nothing; with elements it may be a block.
    let empty = |node: NodeRef<'_>| node.children().next().is_none();
    let becomes = (empty(was) && after.is_seq() && (before.is_seq() || before == Shape::Absent))
        || (empty(is) && before.is_seq() && (after.is_seq() || after == Shape::Absent));
    if before != after && !becomes {
        return Err(disturbed);
    }
    let mut now = is.children().peekable();
    for child in was.children() {
        if moves.removes_all(&child.entry()) {
            changes.removed.push(child.id());
            continue;
        }
        while let Some(added) = now.next_if(|new| moves.inserted(&new.entry()) && !stays(child, *new, moves)) {
            changes.added.push(added.id());
        }
        let new = now.next().filter(|new| stays(child, *new, moves)).ok_or(Disturbed(child.line()))?;
        compare(child, new, moves, changes)?;
    }
    for added in now {
        if !moves.inserted(&added.entry()) {
            return Err(Disturbed(was.line()));
        }
        changes.added.push(added.id());
    }
    Ok(())
}

/// Whether the new value stands where the old one stood, behind the same key.
fn stays(was: NodeRef<'_>, is: NodeRef<'_>, moves: &Moves<'_>) -> bool {
    match (was.key_span(), is.key_span()) {
        (Some(before), Some(after)) => !moves.touches(&before) && after == moves.span(&before),
        (None, None) => is.entry().start == moves.start(was.entry().start),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// Whether two values of two documents are the same: same kinds, same keys in the same order, same texts.
pub(crate) fn same(a: NodeRef<'_>, b: NodeRef<'_>) -> bool {
    if a.shape().is_scalar() || b.shape().is_scalar() {
        return a.shape().is_scalar() && b.shape().is_scalar() && kind(a) == kind(b) && a.text() == b.text();
    }
    a.shape().is_map() == b.shape().is_map()
        && a.children().count() == b.children().count()
        && a.children().zip(b.children()).all(|(a, b)| a.key() == b.key() && same(a, b))
}

/// Text in quotes and blocks is text; what stands there bare may be something else.
fn kind(node: NodeRef<'_>) -> u8 {
    match node.shape() {
        Shape::Single | Shape::Double | Shape::Block => 0,
        Shape::Plain => u8::from(!yaml::reads_as_text(&node.text().unwrap_or_default())),
        Shape::Literal => 2,
        Shape::Absent => 3,
        Shape::Alias => 4,
        Shape::BlockMap | Shape::BlockSeq | Shape::FlowMap | Shape::FlowSeq => 5,
    }
}

impl Moves<'_> {
    /// Whether `span` goes, whatever comes instead of it.
    fn removes_all(&self, span: &Span) -> bool {
        self.splices().iter().any(|s| {
            !span.is_empty() && s.span.start <= span.start && s.span.end >= span.end && {
                // One that only replaces text of the same place is no removal.
                s.span.start < span.start || s.span.end > span.end || s.new.is_empty()
            }
        })
    }
}
