//! Draw-only parts that know no document, and the cursor of a list.

pub mod cursor;

pub mod found;
pub mod lanes;
pub mod markdown;
pub mod wrap;
