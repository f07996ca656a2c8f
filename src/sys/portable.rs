//! Any other system: what the standard library and crates that run everywhere can do.

pub mod file;
pub mod process;
pub mod signal;
pub mod terminal;
