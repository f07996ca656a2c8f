//! Finishing a session.

pub mod entry;
pub mod log;

use std::ops::Range;

use super::form::{content_end, line_end};
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

/// The end of the last line of a list item, its nested and wrapped lines included.
fn block_end(text: &str, offset: usize) -> usize {
    let mut end = content_end(text, offset);
    loop {
        let behind = &text[end..];
        let terminator = ["\r\n", "\n", "\r"].into_iter().find(|mark| behind.starts_with(mark)).unwrap_or_default();
        let next = end + terminator.len();
        let line = &text[next..content_end(text, next)];
        if terminator.is_empty() || line.trim().is_empty() || !line.starts_with([' ', '\t']) {
            return end;
        }
        end = content_end(text, next);
    }
}
