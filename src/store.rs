//! The only code that writes workspace files: load, commit, recover, watch, follow.

pub mod scan;
pub mod tail;
pub mod watch;
