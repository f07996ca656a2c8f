//! Linux and macOS. What only one of the two has is told apart where it is used.

pub mod file;
pub mod process;
pub mod signal;
pub mod terminal;
