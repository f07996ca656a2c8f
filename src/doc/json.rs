//! JSON documents: reading one strictly (RFC 8259), and the bytes that values become (edit-rules §6).
//!
//! A document that is not valid JSON as a whole is shown as far as it could be read, and not edited.

mod layout;
mod scan;
mod text;

pub(super) use layout::rendered;
pub(super) use scan::{LINES, scan};
pub(super) use text::{canonical, decode, token};
pub use text::{encode, shown, string_value, type_name};
