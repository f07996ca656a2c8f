//! YAML documents: reading one, and the bytes that values become (edit-rules §5).
//!
//! Reads what people and agents keep backlogs in: mappings, sequences, all kinds of text, in blocks and between brackets;
//! comments, anchors, tags and aliases stand where they stand. Complex keys (`? `), directives, several documents in one file
//! and what no reader agrees on are problems, and the document is then shown as far as it was read, and not edited.

mod blocks;
mod encode;
mod flow;
mod layout;
mod lines;
mod scan;
mod text;

pub use encode::{double_quoted, written};
pub(super) use encode::{reads_as_text, rewritten};
pub(super) use lines::{add_entry, add_item, take_entry, take_item, text_of};
pub(super) use scan::scan;
pub(super) use text::{decode_block, decode_inline};
