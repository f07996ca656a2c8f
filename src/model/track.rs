//! The dual-track pipeline: what its workflows record, and what can be read back from the records. Pure.
//!
//! Telemetry is written strictly ([`telemetry`]).

pub mod telemetry;
