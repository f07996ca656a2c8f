//! The only code that writes workspace files: load, commit, recover, watch, follow.
