//! The dual-track pipeline: what its workflows record, and what can be read back from the records. Pure.
//!
//! Telemetry is written strictly ([`telemetry`]) and read tolerantly ([`read`]); [`merge`] makes one dashboard of it.

pub mod merge;
pub mod read;
pub mod telemetry;
