//! Builds inverse operations.
