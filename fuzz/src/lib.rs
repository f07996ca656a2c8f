//! What the fuzz targets share: how an input is divided, and the properties of edits, judged by reading all of both documents.
//!
//! An input is `PLACE RS VALUE RS DOCUMENT`, RS being the byte 0x1E: the first two bytes of PLACE say which cell, VALUE what is
//! written. All parts are text, so that a seed can be read and made with an editor.

pub mod values;

use codex_tui::doc::cell::Found;
use codex_tui::doc::{Addition, CellId, DocId, Document, FindError, Inserted};

/// Separates the parts of an input.
pub const SEPARATOR: u8 = 0x1e;

/// An input, divided.
pub struct Input<'a> {
    place: usize,
    /// What is to be written.
    pub value: &'a str,
    /// The document.
    pub document: &'a [u8],
}

impl<'a> Input<'a> {
    /// Divides an input; none where it has too few parts, or a value that is not UTF-8.
    pub fn of(data: &'a [u8]) -> Option<Input<'a>> {
        let mut parts = data.splitn(3, |byte| *byte == SEPARATOR);
        let place = parts.next()?.iter().take(2).fold(0, |sum, byte| sum * 256 + usize::from(*byte));
        let value = std::str::from_utf8(parts.next()?).ok()?;
        Some(Input { place, value, document: parts.next()? })
    }

    /// Chooses one of `count`; none of none.
    pub fn choose(&self, count: usize) -> Option<usize> {
        self.place.checked_rem(count)
    }
}

/// Reads a document and holds it to what holds for any bytes: they stay as they are, each cell lies within them and is found
/// again by its address. Returns the cells.
pub fn read(name: &str, bytes: &[u8]) -> (Document, Vec<(CellId, Found)>) {
    let document = Document::parse(DocId::new(name).expect("a name"), bytes.to_vec());
    assert_eq!(document.bytes(), bytes);
    let cells: Vec<(CellId, Found)> = document.cells().collect();
    if document.locked().is_none() {
        for (cell, found) in cells.iter().take(50) {
            assert!(found.span.end <= bytes.len() && found.line >= 1, "{cell:?} lies outside");
            assert_eq!(document.find(cell).as_ref(), Ok(found), "{cell:?}");
        }
    }
    (document, cells)
}

/// Writes `value` into one cell: the value reads back, every other cell says what it said, no byte outside of the splice has
/// changed, and the inverse brings the first bytes back. In a document that is not to be edited nothing is
/// written. What is refused changes nothing and is no failure.
pub fn set_changes_one_cell(document: &Document, before: &[(CellId, Found)], at: usize, value: &str) {
    let (cell, was) = &before[at];
    if document.locked().is_some() {
        assert!(document.set(cell, value).is_ok_and(|patch| patch.is_empty()) || document.set(cell, value).is_err());
        return;
    }
    let patch = match document.set(cell, value) {
        Ok(patch) => patch,
        Err(FindError::Refused(_) | FindError::NotEditable(_)) => return,
        Err(FindError::NoMatch(why)) => panic!("{cell:?} is a cell of the document: {why}"),
    };
    let wanted = document.canonical(cell, value);
    assert_eq!(patch.is_empty(), was.value == wanted, "an edit is empty exactly when the cell has the value");
    let after = document.apply_checked(&patch, &[(cell, value)]).expect("an accepted edit reads back");
    let now: Vec<(CellId, Found)> = after.cells().collect();
    assert_eq!(now.len(), before.len());
    for (index, ((_, was), (_, is))) in before.iter().zip(&now).enumerate() {
        let expected = if index == at { &wanted } else { &was.value };
        assert_eq!(&is.value, expected, "cell {index} after an edit of cell {at}");
    }
    assert!(patch.splices().len() <= 1, "one cell is one place");
    for splice in patch.splices() {
        assert_eq!(&after.bytes()[..splice.span.start], &document.bytes()[..splice.span.start]);
        assert!(after.bytes().ends_with(&document.bytes()[splice.span.end..]));
    }
    assert_eq!(patch.invert(document.bytes()).apply(after.bytes()), document.bytes(), "the inverse is exact");
}

/// Adds something: it is there once more, every cell that was there still says what it said, and taking it out again leaves
/// no trace. What is refused is no failure.
pub fn addition_leaves_no_trace(document: &Document, addition: &Addition) {
    let Ok(patch) = document.add(addition) else { return };
    let after = document.apply_checked(&patch, &[]).expect("an addition disturbs nothing");
    assert_eq!(after.holds(addition), document.holds(addition) + 1, "{addition:?}");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("an editable document is text");
    let [splice] = patch.splices() else { panic!("an addition is made at one place") };
    let new = text(&splice.new);
    let old = text(&document.bytes()[splice.span.clone()]);
    let inserted = if old.is_empty() { Inserted::Text(new) } else { Inserted::Instead { text: new, back: old } };
    let out = after.take_out(addition, Some(&inserted)).expect("what was added can be taken out");
    let back = after.apply(&out);
    assert_eq!(back.holds(addition), document.holds(addition));
    if document.holds(addition) == 0 {
        assert_eq!(text(back.bytes()), text(document.bytes()));
    }
}
