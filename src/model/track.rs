//! The dual-track pipeline: what its rules ask of issues, what its workflows record, and what can be read back from the records.
//! Pure.
//!
//! Telemetry is written strictly ([`telemetry`]) and read tolerantly ([`read`]); [`merge`] makes one dashboard of it, and
//! [`status`] says what it means for people: how the tracks are, which components are silent, why an issue is as it is.

pub mod activity;
pub mod book;
pub mod clean;
pub mod explain;
pub mod integrity;
pub mod issue;
pub mod label;
pub mod ledger;
pub mod merge;
pub mod plan;
pub mod read;
pub mod rules;
pub mod settings;
pub mod status;
pub mod supervise;
pub mod telemetry;
