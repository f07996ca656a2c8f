//! The dual-track pipeline: what its workflows record, and what can be read back from the records. Pure.
//!
//! Telemetry is written strictly ([`telemetry`]) and read tolerantly ([`read`]); [`merge`] makes one dashboard of it, and
//! [`status`] says what it means for people: how the tracks are, which components are silent, why an issue is as it is.

pub mod explain;
pub mod merge;
pub mod read;
pub mod status;
pub mod telemetry;
