//! The dual-track pipeline: what its rules ask of issues, what its workflows record, and what can be read back from the records.
//! Pure.
//!
//! Telemetry is written strictly ([`telemetry`]).

pub mod activity;
pub mod book;
pub mod clean;
pub mod integrity;
pub mod issue;
pub mod label;
pub mod ledger;
pub mod plan;
pub mod rules;
pub mod settings;
pub mod supervise;
pub mod telemetry;
