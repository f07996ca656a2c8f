//! Law 2: after an edit, everything that was not meant to change still stands where it stood and means what it meant.
//!
//! The new document is parsed from its bytes; its index must be the old one with the spans moved by the patch. Bytes
//! outside the splices are the same by construction, so equal spans and roles are equal values.

use super::csv;
use super::line::{breaks, is_blank};
use super::markdown::{self, Markdown};
use super::{Csv, Patch, Span, Splice};

/// Something old that the patch touches.
#[derive(Debug, Clone)]
pub(super) struct Touched<P> {
    /// Its bytes in the old document.
    pub span: Span,
    /// Its place, if it is a cell.
    pub place: Option<P>,
}

/// The old document's first line that would mean something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Disturbed(pub usize);

/// How offsets move under a patch.
pub(super) struct Moves<'p> {
    splices: &'p [Splice],
    /// Sum of growth before each splice, and after the last.
    shifts: Vec<isize>,
}

impl<'p> Moves<'p> {
    pub(super) fn new(patch: &'p Patch) -> Moves<'p> {
        let mut shifts = vec![0isize];
        for splice in patch.splices() {
            let before = shifts.last().copied().unwrap_or(0);
            shifts.push(before + splice.new.len() as isize - splice.span.len() as isize);
        }
        Moves { splices: patch.splices(), shifts }
    }

    pub(super) fn splices(&self) -> &'p [Splice] {
        self.splices
    }

    /// Where something that starts at `offset` starts now.
    pub(super) fn start(&self, offset: usize) -> usize {
        let before = self.splices.partition_point(|s| s.span.end <= offset);
        offset.wrapping_add_signed(self.shifts[before])
    }

    /// Where something that ends at `offset` ends now: text inserted there comes behind it.
    fn end(&self, offset: usize) -> usize {
        let before = self.splices.partition_point(|s| s.span.start < offset && s.span.end <= offset);
        offset.wrapping_add_signed(self.shifts[before])
    }

    pub(super) fn span(&self, span: &Span) -> Span {
        if span.is_empty() {
            self.start(span.start)..self.start(span.start)
        } else {
            self.start(span.start)..self.end(span.end)
        }
    }

    /// Whether a splice changes bytes of `span`, or lies at an empty one.
    pub(super) fn touches(&self, span: &Span) -> bool {
        let from = self.splices.partition_point(|s| s.span.end < span.start);
        self.splices[from..]
            .iter()
            .take_while(|s| s.span.start <= span.end)
            .any(|s| span.is_empty() || (s.span.start < span.end && s.span.end > span.start))
    }

    /// Where the text of the first splice that touches `span` begins now.
    fn replaced_at(&self, span: &Span) -> usize {
        let index = self.splices.partition_point(|s| s.span.end < span.start);
        self.splices.get(index).map_or(span.start, |s| s.span.start).wrapping_add_signed(self.shifts[index])
    }

    /// Whether a splice changes or borders `span`.
    fn borders(&self, span: &Span) -> bool {
        let from = self.splices.partition_point(|s| s.span.end < span.start);
        self.splices.get(from).is_some_and(|s| s.span.start <= span.end)
    }

    /// Whether the splices remove all of `span`.
    fn removes(&self, span: &Span) -> bool {
        let from = self.splices.partition_point(|s| s.span.end < span.end);
        self.splices.get(from).is_some_and(|s| s.span.start <= span.start && s.new.is_empty() && !s.span.is_empty())
    }

    /// Whether `span` of the new document lies in inserted text. Text that begins with a line break leaves the line before it
    /// as it was: nothing of that line is inserted, an empty cell at its end neither.
    pub(super) fn inserted(&self, span: &Span) -> bool {
        let range = |index: usize| {
            let start = self.splices[index].span.start.wrapping_add_signed(self.shifts[index]);
            start..start + self.splices[index].new.len()
        };
        let mut index = {
            let (mut low, mut high) = (0, self.splices.len());
            while low < high {
                let middle = (low + high) / 2;
                if range(middle).start <= span.start { low = middle + 1 } else { high = middle }
            }
            low
        };
        while index > 0 {
            let candidate = range(index - 1);
            if span.end <= candidate.end {
                let begins_line = matches!(self.splices[index - 1].new.first(), Some(b'\n' | b'\r'));
                return !(begins_line && span.is_empty() && span.start == candidate.start);
            }
            if candidate.start < span.start && candidate.end < span.start {
                return false;
            }
            index -= 1;
        }
        false
    }
}

/// What an indexed span of a Markdown document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Heading(u8),
    Header { table: usize },
    Cell { table: usize, column: usize },
    Item { boxed: bool },
    Mark,
    Fence,
    Comment,
}

#[derive(Debug, Clone)]
struct Entry {
    span: Span,
    role: Role,
    /// Start of the heading it belongs to.
    heading: Option<usize>,
    line: usize,
    place: Option<markdown::Place>,
}

fn entries(document: &Markdown) -> Vec<Entry> {
    let start_of = |heading: Option<usize>| heading.map(|index| document.headings()[index].start);
    let mut all = Vec::new();
    let mut push =
        |span: &Span, role, heading, line, place| all.push(Entry { span: span.clone(), role, heading, line, place });
    for heading in document.headings() {
        push(&heading.text, Role::Heading(heading.level), None, heading.line, None);
    }
    for (index, table) in document.tables().iter().enumerate() {
        let heading = start_of(table.heading);
        for cell in &table.header {
            push(cell, Role::Header { table: index }, heading, table.line, None);
        }
        for (row, of) in table.rows.iter().enumerate() {
            for (column, cell) in of.cells.iter().enumerate() {
                let place = markdown::Place::Cell { table: index, row, column };
                push(cell, Role::Cell { table: index, column }, heading, of.line, Some(place));
            }
        }
    }
    for (index, item) in document.items().iter().enumerate() {
        let heading = start_of(item.heading);
        push(&item.text, Role::Item { boxed: item.checked.is_some() }, heading, item.line, None);
        if let Some((_, at)) = item.checked {
            push(&(at..at + 1), Role::Mark, heading, item.line, Some(markdown::Place::Box { item: index }));
        }
    }
    for (spans, role) in [(document.fences(), Role::Fence), (document.comments(), Role::Comment)] {
        for span in spans {
            // The last terminator may be missing at the end of the file and come with an insertion.
            let text = document.raw(span);
            let text = text.strip_suffix(b"\n").unwrap_or(text);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            push(&(span.start..span.start + text.len()), role, None, 0, None);
        }
    }
    all.sort_by_key(|entry| (entry.span.start, entry.span.end));
    all
}

/// Compares two Markdown documents; returns what the patch touches.
pub(super) fn markdown(
    old: &Markdown,
    new: &Markdown,
    patch: &Patch,
) -> Result<Vec<Touched<markdown::Place>>, Disturbed> {
    let moves = Moves::new(patch);
    let now = entries(new);
    let mut now = now.iter().peekable();
    let mut touched = Vec::new();
    for was in entries(old) {
        if moves.touches(&was.span) {
            // A cell that was cleared is the blanks that stood around its text: it begins before the splice.
            let at = moves.replaced_at(&was.span);
            while now.next_if(|is| moves.inserted(&is.span)).is_some() {}
            now.next_if(|is| {
                let cleared = is.span.is_empty() && is.span.start <= at && is.role == was.role;
                cleared && new.raw(&(is.span.start..at)).iter().copied().all(is_blank)
            });
            touched.push(Touched { span: was.span, place: was.place });
            continue;
        }
        let span = moves.span(&was.span);
        let heading = was.heading.map(|start| moves.start(start));
        loop {
            let Some(is) = now.next() else { return Err(Disturbed(was.line)) };
            if is.span == span && is.role == was.role && is.heading == heading {
                break;
            }
            if !moves.inserted(&is.span) {
                return Err(Disturbed(was.line));
            }
        }
    }
    match now.find(|is| !moves.inserted(&is.span)) {
        Some(is) => Err(Disturbed(is.line)),
        None => Ok(touched),
    }
}

/// Compares two CSV documents; returns what the patch touches.
pub(super) fn csv(old: &Csv, new: &Csv, patch: &Patch) -> Result<Vec<Touched<csv::Place>>, Disturbed> {
    let moves = Moves::new(patch);
    let mut now = new.header_record().into_iter().chain(new.iter()).peekable();
    let mut touched = Vec::new();
    for (index, was) in old.header_record().into_iter().chain(old.iter()).enumerate() {
        let span = was.span();
        if moves.removes(&span) {
            touched.push(Touched { span, place: None });
            continue;
        }
        // What is inserted right in front is a record of its own, or the text of an empty first field.
        let stays = |is: &csv::RecordRef<'_>| is.span().start == moves.start(span.start);
        let begins = |is: &csv::RecordRef<'_>| {
            let empty = was.raw(0).is_some_and(|first| first.is_empty());
            stays(is) || (is.span().start == moves.end(span.start) && empty)
        };
        while now.next_if(|is| !stays(is) && moves.inserted(&is.span())).is_some() {}
        let disturbed = Disturbed(was.line());
        let is = now.next().filter(begins).ok_or(disturbed)?;
        if !moves.borders(&span) {
            if is.span() != moves.span(&span) || is.len() != was.len() || !same_fields(&was, &is) {
                return Err(disturbed);
            }
            continue;
        }
        for column in 0..was.len().max(is.len()) {
            match (was.field_span(column), is.field_span(column)) {
                (Some(before), after) if moves.touches(&before) => {
                    // A header has no place: it is no cell.
                    let place = index.checked_sub(1).map(|record| csv::Place { record, column });
                    // Fields at the end of a record can go, with their commas.
                    if after.is_none() && !moves.removes(&before) {
                        return Err(disturbed);
                    }
                    touched.push(Touched { span: before, place });
                }
                (Some(before), Some(after)) if moves.span(&before) == after => {}
                (None, Some(after)) if moves.inserted(&after) => {}
                (_, _) => return Err(disturbed),
            }
        }
    }
    match now.find(|is| !moves.inserted(&is.span())) {
        Some(is) => Err(Disturbed(is.line())),
        None => Ok(touched),
    }
}

/// Where things outside of one replaced stretch of text stand afterwards.
struct Around {
    place: Span,
    grown: usize,
}

impl Around {
    /// Whether the stretch holds all of `span`.
    fn holds(&self, span: &Span) -> bool {
        self.place.start <= span.start && span.end <= self.place.end
    }

    fn offset(&self, offset: usize) -> Option<usize> {
        match offset {
            offset if offset <= self.place.start => Some(offset),
            offset if offset >= self.place.end => Some(offset - self.place.len() + self.grown),
            _ => None,
        }
    }

    /// None for what begins or ends inside of the stretch.
    fn span(&self, span: &Span) -> Option<Span> {
        Some(self.offset(span.start)?..self.offset(span.end)?)
    }
}

/// What an entry is and whom it belongs to, as addresses name it.
#[derive(Debug, PartialEq, Eq)]
struct Meaning<'d> {
    /// Tables are named by their number among those under headings of one text.
    role: Role,
    /// Level and text of the heading above.
    heading: Option<(u8, &'d [u8])>,
    /// The header of a cell's table, where it lies in the replaced text: elsewhere it is an entry of its own.
    header: Vec<&'d [u8]>,
}

fn meaning<'d>(document: &'d Markdown, entry: &Entry, replaced: &Span) -> Meaning<'d> {
    let ordinal = |table: usize| document.tables()[table].ordinal;
    let (role, table) = match entry.role {
        Role::Header { table } => (Role::Header { table: ordinal(table) }, None),
        Role::Cell { table, column } => (Role::Cell { table: ordinal(table), column }, Some(table)),
        role @ (Role::Heading(_) | Role::Item { .. } | Role::Mark | Role::Fence | Role::Comment) => (role, None),
    };
    let heading = entry.heading.and_then(|start| {
        let index = document.headings().binary_search_by_key(&start, |heading| heading.start).ok()?;
        let heading = &document.headings()[index];
        Some((heading.level, document.raw(&heading.text)))
    });
    let header = table.map(|table| &document.tables()[table].header[..]).unwrap_or_default();
    let header = header.iter().filter(|span| replaced.start <= span.start && span.end <= replaced.end);
    Meaning { role, heading, header: header.map(|span| document.raw(span)).collect() }
}

/// Compares two Markdown documents outside of the stretch `place` of the old one, which `grown` other bytes replace.
pub(super) fn markdown_outside(old: &Markdown, new: &Markdown, place: &Span, grown: usize) -> Result<(), Disturbed> {
    let around = Around { place: place.clone(), grown };
    let written = place.start..place.start + grown;
    let inside = |span: &Span| written.start <= span.start && span.end <= written.end;
    let now = entries(new);
    let mut now = now.iter().filter(|is| !inside(&is.span));
    for was in entries(old).iter().filter(|was| !around.holds(&was.span)) {
        let same = now.next().is_some_and(|is| {
            around.span(&was.span).as_ref() == Some(&is.span) && meaning(old, was, place) == meaning(new, is, &written)
        });
        if !same {
            return Err(Disturbed(line_of(old, &was.span)));
        }
    }
    now.next().map_or(Ok(()), |is| Err(Disturbed(line_of(new, &is.span))))
}

fn line_of(document: &Markdown, span: &Span) -> usize {
    breaks(document.raw(&(0..span.start))) + 1
}

/// Compares two CSV documents outside of the stretch `place` of the old one, which `grown` other bytes replace.
pub(super) fn csv_outside(old: &Csv, new: &Csv, place: &Span, grown: usize) -> Result<(), Disturbed> {
    let around = Around { place: place.clone(), grown };
    let written = place.start..place.start + grown;
    let inside = |span: &Span| written.start <= span.start && span.end <= written.end;
    let mut now = new.header_record().into_iter().chain(new.iter()).filter(|is| !inside(&is.span()));
    for was in old.header_record().into_iter().chain(old.iter()).filter(|was| !around.holds(&was.span())) {
        let same = now.next().is_some_and(|is| around.span(&was.span()) == Some(is.span()) && same_fields(&was, &is));
        if !same {
            return Err(Disturbed(was.line()));
        }
    }
    now.next().map_or(Ok(()), |is| Err(Disturbed(is.line())))
}

/// Whether two records of equal bytes are divided equally.
fn same_fields(was: &csv::RecordRef<'_>, is: &csv::RecordRef<'_>) -> bool {
    was.offsets().eq(is.offsets())
}

/// Whether the patch removes all of `span`.
pub(super) fn removes(patch: &Patch, span: &Span) -> bool {
    Moves::new(patch).removes(span)
}
