//! The pipeline's telemetry for both front ends: finding and reading it, merging it, publishing it.

pub mod merge;
pub mod page;
pub mod read;
