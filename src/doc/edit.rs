//! Reading a cell by its address, and turning new values into a patch that reads back.

mod place;
mod rewrite;
mod values;

use std::collections::HashSet;

use super::candidates::shorten;
use super::markdown::{NewLine, NewRow};
use super::tree::compare;
use super::{Addition, Body, CellId, Document, FindError, Found, Inserted, Patch, Splice, csv, markdown, readback};
use place::{Place, set_value};

/// The bytes of a document that does not exist yet, with `addition` in it.
pub fn create(addition: &Addition) -> Result<Vec<u8>, FindError> {
    match addition {
        Addition::Record { header, fields } => {
            header.iter().chain(fields).try_for_each(|value| check_characters(value))?;
            csv::create(header, fields)
        }
        Addition::Line { heading, .. } => Err(FindError::Refused(format!(
            "there is no document to add a line under `{}` to: create the document first",
            shorten(heading)
        ))),
        Addition::Row { heading, .. } => Err(FindError::Refused(format!(
            "there is no document with a table under `{}` to add a row to: create the document first",
            shorten(heading)
        ))),
        Addition::Item { .. } | Addition::Entry { .. } => {
            Err(FindError::Refused("there is no document to add a value to: create the document first".to_owned()))
        }
        Addition::Document { text } => Ok(text.clone().into_bytes()),
    }
}

impl Document {
    /// Finds a cell.
    pub fn find(&self, cell: &CellId) -> Result<Found, FindError> {
        Ok(self.found(self.locate(cell)?))
    }

    /// All addressable cells in document order. Cells that a short row lacks are there, empty.
    pub fn cells(&self) -> Box<dyn Iterator<Item = (CellId, Found)> + '_> {
        match &self.body {
            Body::Markdown(markdown) => {
                Box::new(markdown.cells().into_iter().map(|(cell, place)| (cell, markdown.found(place))))
            }
            Body::Csv(csv) => Box::new(csv.cells()),
            Body::Json(tree) | Body::Yaml(tree) => Box::new(tree.cells()),
            Body::Opaque => Box::new(std::iter::empty()),
        }
    }

    /// What reading `value` back from `cell` gives once it is written: line breaks and outer blanks may change in a table
    /// cell, nothing elsewhere.
    pub fn canonical(&self, cell: &CellId, value: &str) -> String {
        match (cell, self.locate(cell), &self.body) {
            (_, Ok(place), _) => self.canonical_at(place, value),
            (CellId::Table(_), Err(_), _) => markdown::canonical_cell(value),
            (CellId::Box(_) | CellId::Field(_) | CellId::Path(_), Err(_), _) => value.to_owned(),
        }
    }

    /// The patch that gives `cell` the value; empty when it has it already.
    pub fn set(&self, cell: &CellId, value: &str) -> Result<Patch, FindError> {
        self.set_all(&[(cell, value)])
    }

    /// The patch that gives several cells their values together.
    ///
    /// It is read back here already, because text in one cell can change what a whole line is. A CSV field is not: it is
    /// encoded so that it cannot disturb its neighbours.
    pub fn set_all(&self, edits: &[(&CellId, &str)]) -> Result<Patch, FindError> {
        let places = self.places(edits)?;
        for (place, value) in &places {
            if self.found(*place).value != *value {
                self.unlocked()?;
                if self.tree().is_none() {
                    check_characters(value)?;
                }
            }
        }
        let splices = match &self.body {
            Body::Markdown(markdown) => {
                let places: Vec<_> = places.iter().filter_map(|(p, v)| Some((p.markdown()?, *v))).collect();
                markdown.splices(&places)?
            }
            Body::Csv(csv) => {
                let places: Vec<_> = places.iter().filter_map(|(p, v)| Some((p.csv()?, *v))).collect();
                csv.splices(&places)?
            }
            Body::Json(tree) | Body::Yaml(tree) => {
                let places = places.iter().filter_map(|(place, value)| Some((place.value()?, *value)));
                places.map(|(id, value)| set_value(tree, id, value)).collect::<Result<Vec<_>, _>>()?.concat()
            }
            Body::Opaque => Vec::new(),
        };
        let patch = joined(splices)?;
        if !patch.is_empty() && self.csv().is_none() {
            self.read_back(&patch, &places)?;
        }
        Ok(patch)
    }

    /// The patch that adds a line, a row, a record, or a value.
    pub fn add(&self, addition: &Addition) -> Result<Patch, FindError> {
        self.unlocked()?;
        match (addition, &self.body) {
            (Addition::Line { heading, level, text }, Body::Markdown(markdown)) => {
                check_characters(heading)?;
                check_characters(text)?;
                let line = NewLine { heading, level: *level, text };
                let (patch, at) = markdown.add_line(line)?;
                let after = self.apply(&patch);
                let kept = after.markdown().is_some_and(|now| {
                    readback::markdown(markdown, now, &patch)
                        .is_ok_and(|touched| touched.iter().all(|t| t.span.is_empty()))
                        && now.reads_line(at, line)
                        && now.ends_like(markdown)
                });
                if kept {
                    Ok(patch)
                } else {
                    Err(not_kept(&format!("the line `{}`", shorten(text)), "what stands around it"))
                }
            }
            (Addition::Record { header, fields }, Body::Csv(csv)) => {
                header.iter().chain(fields).try_for_each(|value| check_characters(value))?;
                csv.add_record(header, fields)
            }
            (Addition::Row { heading, table, header, cells, above }, Body::Markdown(markdown)) => {
                header.iter().chain(cells).try_for_each(|value| check_characters(value))?;
                let row = NewRow { heading, table: *table, header, cells, above: above.as_deref() };
                let written = markdown.add_row(row)?.into_iter();
                let kept = written.map(|(patch, at)| (self.adds_row(&patch, at, row), patch)).find(|(kept, _)| *kept);
                kept.map(|(_, patch)| patch).ok_or_else(|| {
                    not_kept(&format!("the row `{}`", shorten(&cells.join(" | "))), "what stands around it")
                })
            }
            (Addition::Item { .. } | Addition::Entry { .. }, Body::Json(tree) | Body::Yaml(tree)) => {
                self.add_value(tree, addition)
            }
            (Addition::Document { .. }, _) => Err(FindError::Refused(format!(
                "{} is there already: a document is only created where none is",
                self.id
            ))),
            (_, Body::Markdown(_) | Body::Csv(_) | Body::Json(_) | Body::Yaml(_) | Body::Opaque) => {
                Err(self.wrong_kind_to_add(addition))
            }
        }
    }

    /// The patch that undoes an addition. `inserted` is what the addition once wrote, if known: when it still stands there
    /// verbatim exactly these bytes go, otherwise the last such line, row or record goes with its terminator. Of a created
    /// document all bytes go, if they are still those that it was created with.
    pub fn take_out(&self, addition: &Addition, inserted: Option<&Inserted>) -> Result<Patch, FindError> {
        self.unlocked()?;
        let verbatim = inserted.map(Inserted::text);
        match (addition, &self.body) {
            (Addition::Line { heading, level, text }, Body::Markdown(markdown)) => {
                let line = NewLine { heading, level: *level, text };
                let exact = markdown.take_line(line, verbatim)?;
                if self.removes_only(&exact) {
                    return Ok(exact);
                }
                let alone = markdown.take_line(line, None)?;
                if self.removes_only(&alone) {
                    return Ok(alone);
                }
                Err(not_kept(&format!("without the line `{}`, the document", shorten(text)), "the lines around it"))
            }
            (Addition::Record { fields, .. }, Body::Csv(csv)) => csv.take_record(fields, verbatim),
            (Addition::Row { heading, table, header, cells, above }, Body::Markdown(markdown)) => {
                let row = NewRow { heading, table: *table, header, cells, above: above.as_deref() };
                let exact = markdown.take_row(row, verbatim)?;
                if self.removes_only(&exact) {
                    return Ok(exact);
                }
                let alone = markdown.take_row(row, None)?;
                if self.removes_only(&alone) {
                    return Ok(alone);
                }
                let row = shorten(&cells.join(" | "));
                Err(not_kept(&format!("without the row `{row}`, the document"), "the lines around it"))
            }
            (Addition::Item { .. } | Addition::Entry { .. }, Body::Json(tree) | Body::Yaml(tree)) => {
                self.take_value(tree, addition, inserted)
            }
            (Addition::Document { text }, _) => {
                if self.bytes() == text.as_bytes() {
                    return Ok(Patch::one(0..text.len(), Vec::new()));
                }
                let why = format!("{} is no longer as it was created: somebody has changed it since", self.id);
                Err(FindError::NoMatch(why))
            }
            (_, Body::Markdown(_) | Body::Csv(_) | Body::Json(_) | Body::Yaml(_) | Body::Opaque) => {
                Err(self.wrong_kind_to_add(addition))
            }
        }
    }

    /// How many times the line, row, record or value is there.
    pub fn holds(&self, addition: &Addition) -> usize {
        match (addition, &self.body) {
            (Addition::Line { heading, level, text }, Body::Markdown(markdown)) => {
                markdown.lines_like(NewLine { heading, level: *level, text }).len()
            }
            (Addition::Record { fields, .. }, Body::Csv(csv)) => csv.holds(fields),
            (Addition::Row { heading, table, header, cells, above }, Body::Markdown(markdown)) => {
                markdown.holds_row(NewRow { heading, table: *table, header, cells, above: above.as_deref() })
            }
            (Addition::Item { .. } | Addition::Entry { .. }, Body::Json(tree) | Body::Yaml(tree)) => {
                self.holds_value(tree, addition)
            }
            (Addition::Document { text }, _) => usize::from(self.bytes() == text.as_bytes()),
            (_, Body::Markdown(_) | Body::Csv(_) | Body::Json(_) | Body::Yaml(_) | Body::Opaque) => 0,
        }
    }

    /// Whether the patch adds the row where it belongs in its table, and leaves all that stands around it as it is.
    fn adds_row(&self, patch: &Patch, at: usize, row: NewRow<'_>) -> bool {
        let after = self.apply(patch);
        let (Body::Markdown(old), Body::Markdown(new)) = (&self.body, &after.body) else { return false };
        readback::markdown(old, new, patch).is_ok_and(|touched| touched.iter().all(|t| t.span.is_empty()))
            && new.reads_row(at, row)
            && new.ends_like(old)
    }

    /// The document after the patch.
    pub fn apply(&self, patch: &Patch) -> Document {
        Document::parse(self.id.clone(), patch.apply(&self.bytes))
    }

    /// The document after the patch, provided that it reads back: each of `edits` has its value, every other cell still
    /// stands where it stood. Text that the patch adds beside them may bring new lines and records, nothing else.
    pub fn apply_checked(&self, patch: &Patch, edits: &[(&CellId, &str)]) -> Result<Document, FindError> {
        let places = self.places(edits)?;
        self.read_back(patch, &places)
    }

    fn read_back(&self, patch: &Patch, edits: &[(Place, &str)]) -> Result<Document, FindError> {
        let after = self.apply(patch);
        if after.locked.is_some() != self.locked.is_some() {
            return Err(not_kept("the document", "its encoding"));
        }
        let edited: HashSet<Place> = edits.iter().map(|(place, _)| *place).collect();
        let touched: Result<Vec<(Option<Place>, bool)>, readback::Disturbed> = match (&self.body, &after.body) {
            (Body::Markdown(old), Body::Markdown(new)) => readback::markdown(old, new, patch)
                .map(|all| all.into_iter().map(|t| (t.place.map(Place::Markdown), t.span.is_empty())).collect()),
            (Body::Csv(old), Body::Csv(new)) => readback::csv(old, new, patch)
                .map(|all| all.into_iter().map(|t| (t.place.map(Place::Csv), t.span.is_empty())).collect()),
            (Body::Json(old), Body::Json(new)) | (Body::Yaml(old), Body::Yaml(new)) => {
                compare::changes(old, new, patch)
                    .map(|all| all.set.into_iter().map(|id| (Some(Place::Value(id)), false)).collect())
            }
            (Body::Opaque, Body::Opaque) => Ok(Vec::new()),
            (Body::Markdown(_) | Body::Csv(_) | Body::Json(_) | Body::Yaml(_) | Body::Opaque, _) => {
                Err(readback::Disturbed(1))
            }
        };
        let touched = touched.map_err(|readback::Disturbed(line)| {
            not_kept("with this value, the document", &format!("what stands at line {line}"))
        })?;
        for (place, empty) in touched {
            let same = |place: &Place| after.value(*place) == self.value(*place);
            if !empty && !place.is_some_and(|place| edited.contains(&place) || same(&place)) {
                return Err(not_kept("with this value, the document", "a cell that was not to be edited"));
            }
        }
        for (place, value) in edits {
            let expected = self.canonical_at(*place, value);
            if after.value(*place).as_deref() != Some(&expected) {
                return Err(FindError::Refused(format!(
                    "the value `{}` would not read back from line {}: this place of the document cannot hold it",
                    shorten(value),
                    self.found(*place).line
                )));
            }
        }
        Ok(after)
    }

    /// Whether the document without the patch's spans has lost only what lay in them.
    fn removes_only(&self, patch: &Patch) -> bool {
        let after = self.apply(patch);
        let (Body::Markdown(old), Body::Markdown(new)) = (&self.body, &after.body) else { return false };
        readback::markdown(old, new, patch)
            .is_ok_and(|all| all.iter().all(|t| t.span.is_empty() || readback::removes(patch, &t.span)))
    }

    fn unlocked(&self) -> Result<(), FindError> {
        match &self.locked {
            None => Ok(()),
            Some(why) => Err(FindError::NotEditable(format!("{} cannot be edited: {why}", self.id))),
        }
    }

    fn wrong_kind_to_add(&self, addition: &Addition) -> FindError {
        let what = match addition {
            Addition::Line { .. } => "a line can only be added to a Markdown document",
            Addition::Row { .. } => "a table row can only be added to a Markdown document",
            Addition::Record { .. } => "a record can only be added to a CSV document",
            Addition::Item { .. } => "an element can only be added to a JSON or YAML document",
            Addition::Entry { .. } => "a key can only be added to a JSON or YAML document",
            Addition::Document { .. } => "a document cannot be added to a document",
        };
        FindError::NotEditable(format!("{}: {what}", self.id))
    }
}

fn joined(splices: Vec<Splice>) -> Result<Patch, FindError> {
    Patch::new(splices).map_err(|overlap| FindError::Refused(overlap.to_string()))
}

/// Control characters break terminals and tools; Markdown and CSV cannot escape them (edit-rules §0.4).
fn check_characters(value: &str) -> Result<(), FindError> {
    let bad = |c: char| (c < ' ' && !matches!(c, '\t' | '\n' | '\r')) || c == '\u{7f}';
    match value.chars().find(|c| bad(*c)) {
        None => Ok(()),
        Some(c) => Err(FindError::Refused(format!(
            "the value `{}` has the control character U+{:04X}, which Markdown and CSV cannot hold: remove it",
            shorten(&value.replace(bad, "\u{fffd}")),
            u32::from(c)
        ))),
    }
}

fn not_kept(what: &str, other: &str) -> FindError {
    FindError::Refused(format!("{what} would read differently: it would change {other}; nothing was changed"))
}

#[cfg(test)]
mod fuzzed;
#[cfg(test)]
mod rules;
