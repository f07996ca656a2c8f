//! The repair of a damaged row: the one right way is shown as a diff at once; where people have to decide, a form with the
//! columns of the table comes first.

use super::{About, Cx, FieldValue, Flow, FormField, FormSpec, PaneId};
use crate::doc::DocId;
use crate::model::task::repair::{self, Repair};
use crate::op::Operation;

/// Longer texts are edited in a text area.
const LINE: usize = 60;

/// Begins the repair of the row at that place; what is to be remembered until the form is filled in comes with it.
pub fn open(doc: &DocId, line: usize, pane: PaneId, cx: &Cx<'_>) -> (Flow, Option<Box<Repair>>) {
    let Some(document) = cx.view.snapshot.get(doc) else {
        return (Flow::Say(format!("{doc} is no longer there")), None);
    };
    let repair = match repair::at(document, line, &cx.view.config) {
        Ok(repair) => repair,
        Err(why) => return (Flow::Say(why.to_string()), None),
    };
    if repair.certain {
        return (written(repair.operation()), None);
    }
    let field = |row: usize, column: usize, value: &str| FormField {
        key: format!("{row}.{column}"),
        label: repair.header.get(column).cloned().unwrap_or_default(),
        value: if value.contains('\n') || value.chars().count() > LINE {
            FieldValue::Text(value.to_owned())
        } else {
            FieldValue::Line(value.to_owned())
        },
        note: if row == 0 { repair.note.clone() } else { "of the second row on this line".to_owned() },
    };
    let mut fields: Vec<FormField> = Vec::new();
    for (row, values) in std::iter::once(&repair.values).chain(&repair.second).enumerate() {
        fields.extend(values.iter().enumerate().map(|(column, value)| field(row, column, value)));
    }
    let title = format!("Repair {doc}:{line}");
    let about = About::Repair { doc: doc.clone(), line };
    let flow = Flow::Form(Box::new(FormSpec { title, fields, about, pane }));
    (flow, Some(Box::new(repair)))
}

/// The form was filled in.
pub fn filled(repair: &Repair, values: &[(String, FieldValue)]) -> Flow {
    let mut repair = repair.clone();
    for (key, value) in values {
        let place = key.split_once('.').and_then(|(row, column)| Some((row, column.parse::<usize>().ok()?)));
        let cell = match place {
            Some(("0", column)) => repair.values.get_mut(column),
            Some((_, column)) => repair.second.as_mut().and_then(|second| second.get_mut(column)),
            None => None,
        };
        if let Some(cell) = cell {
            value.text().clone_into(cell);
        }
    }
    // Somebody has looked at the values now.
    repair.shifted = false;
    written(repair.operation())
}

fn written(operation: Result<Operation, impl ToString>) -> Flow {
    match operation {
        Ok(operation) => Flow::Preview(Box::new(operation)),
        Err(why) => Flow::Say(why.to_string()),
    }
}
