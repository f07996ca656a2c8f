//! Finishing a session.

pub mod entry;

use std::ops::Range;

use super::form::line_end;
use crate::doc::Document;
use crate::op::{Change, Edit};

/// What replaces whole lines of a document by others, which end as the first one does.
fn rewrite(doc: &Document, place: Range<usize>, lines: &[&str]) -> Edit {
    let text = String::from_utf8_lossy(doc.bytes());
    let expect = text[place.clone()].to_owned();
    let write = lines.join(line_end(&text, place.start));
    let occurrence = doc.wholes(&expect).iter().position(|start| *start == place.start).unwrap_or_default();
    Edit { doc: doc.id().clone(), change: Change::Rewrite { expect, write, occurrence } }
}
