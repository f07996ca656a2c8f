//! Where cells stand in the index of a document, whatever its format; what stands there.

use std::collections::HashSet;

use crate::doc::tree::Notation;
use crate::doc::{Body, CellId, Document, FindError, Found, Splice, Tree, csv, json, markdown, yaml};

/// Where a cell stands in the index of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Markdown(markdown::Place),
    Csv(csv::Place),
    /// A value of JSON or YAML by its number.
    Value(usize),
}

impl Document {
    pub(super) fn places<'v>(&self, edits: &[(&CellId, &'v str)]) -> Result<Vec<(Place, &'v str)>, FindError> {
        let mut known = HashSet::new();
        let mut places = Vec::with_capacity(edits.len());
        for (cell, value) in edits {
            let place = self.locate(cell)?;
            if !known.insert(place) {
                let line = self.found(place).line;
                return Err(FindError::Refused(format!(
                    "two edits want the same cell (line {line}): make one of them"
                )));
            }
            places.push((place, *value));
        }
        Ok(places)
    }

    pub(super) fn locate(&self, cell: &CellId) -> Result<Place, FindError> {
        match (cell, &self.body) {
            (CellId::Table(cell), Body::Markdown(markdown)) => markdown.locate_cell(cell).map(Place::Markdown),
            (CellId::Box(cell), Body::Markdown(markdown)) => markdown.locate_box(cell).map(Place::Markdown),
            (CellId::Field(cell), Body::Csv(csv)) => csv.locate(cell).map(Place::Csv),
            (CellId::Path(path), Body::Json(tree) | Body::Yaml(tree)) => {
                tree.locate(path).map(|node| Place::Value(node.id()))
            }
            (CellId::Table(_) | CellId::Box(_) | CellId::Path(_), Body::Csv(_)) => Err(FindError::NoMatch(format!(
                "{} is a CSV document: a field's address has `id_column`, `id` and `column`",
                self.id
            ))),
            (CellId::Table(_) | CellId::Box(_) | CellId::Field(_), Body::Json(_)) => Err(FindError::NoMatch(format!(
                "{} is a JSON document: an address is a pointer such as \"/recent_updates/0/summary\"",
                self.id
            ))),
            (CellId::Table(_) | CellId::Box(_) | CellId::Field(_), Body::Yaml(_)) => Err(FindError::NoMatch(format!(
                "{} is a YAML document: an address is a list of keys such as [\"areas\",{{\"id\":\"login\"}},\"status\"]",
                self.id
            ))),
            (CellId::Field(_) | CellId::Path(_), Body::Markdown(_)) => Err(FindError::NoMatch(format!(
                "{} is a Markdown document: an address has `heading`, and `row` and `column` or `text`",
                self.id
            ))),
            (CellId::Table(_) | CellId::Box(_) | CellId::Field(_) | CellId::Path(_), Body::Opaque) => {
                Err(FindError::NotEditable(format!(
                    "{} has no addressable cells: only Markdown, CSV, JSON and YAML documents have",
                    self.id
                )))
            }
        }
    }

    /// What stands at a place of this document's index.
    pub(super) fn found(&self, place: Place) -> Found {
        self.found_in(place).unwrap_or(Found { value: String::new(), line: 1, span: 0..0 })
    }

    /// The value at a place, which may come from the index of an earlier version; `None` where there is no such place now.
    pub(super) fn value(&self, place: Place) -> Option<String> {
        let exists = match (place, &self.body) {
            (Place::Markdown(place), Body::Markdown(markdown)) => markdown.has(place),
            (Place::Csv(place), Body::Csv(csv)) => place.record < csv.records(),
            (Place::Value(id), Body::Json(tree) | Body::Yaml(tree)) => {
                id < tree.len() && tree.node(id).shape().is_scalar()
            }
            (Place::Markdown(_) | Place::Csv(_) | Place::Value(_), _) => false,
        };
        if exists { self.found_in(place).map(|found| found.value) } else { None }
    }

    fn found_in(&self, place: Place) -> Option<Found> {
        match (place, &self.body) {
            (Place::Markdown(place), Body::Markdown(markdown)) => Some(markdown.found(place)),
            (Place::Csv(place), Body::Csv(csv)) => Some(csv.found(place)),
            (Place::Value(id), Body::Json(tree) | Body::Yaml(tree)) => Some(tree.found(id)),
            (Place::Markdown(_) | Place::Csv(_) | Place::Value(_), _) => None,
        }
    }

    pub(super) fn canonical_at(&self, place: Place, value: &str) -> String {
        match (place, &self.body) {
            (Place::Markdown(place), Body::Markdown(markdown)) => markdown.canonical(place, value),
            (Place::Value(_), Body::Json(_)) => json::canonical(value),
            (Place::Markdown(_) | Place::Csv(_) | Place::Value(_), _) => value.to_owned(),
        }
    }
}

impl Place {
    pub(super) fn markdown(self) -> Option<markdown::Place> {
        match self {
            Place::Markdown(place) => Some(place),
            Place::Csv(_) | Place::Value(_) => None,
        }
    }

    pub(super) fn csv(self) -> Option<csv::Place> {
        match self {
            Place::Csv(place) => Some(place),
            Place::Markdown(_) | Place::Value(_) => None,
        }
    }

    pub(super) fn value(self) -> Option<usize> {
        match self {
            Place::Value(id) => Some(id),
            Place::Markdown(_) | Place::Csv(_) => None,
        }
    }
}

/// The splice that gives a value its text; none for one that stands there already.
pub(super) fn set_value(tree: &Tree, id: usize, value: &str) -> Result<Vec<Splice>, FindError> {
    let node = tree.node(id);
    let json = tree.notation() == Notation::Json;
    let value = if json { json::canonical(value) } else { value.to_owned() };
    if node.shape().is_scalar() && node.value() == value {
        return Ok(Vec::new());
    }
    if let Some(why) = node.read_only() {
        return Err(FindError::NotEditable(why));
    }
    let new = if json { json::token(&value) } else { yaml::rewritten(&node, &value) };
    Ok(vec![Splice { span: node.span(), new: new.into_bytes() }])
}
