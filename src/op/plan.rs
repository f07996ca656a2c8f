//! Checks an operation against documents and makes the new contents.
