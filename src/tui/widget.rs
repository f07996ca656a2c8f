//! Draw-only parts that know no document, and the cursor of a list.

pub mod cursor;
