//! What a client is at, for whoever watches it from another thread.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::Counts;

/// Shared between a client, which sets it, and those who read it.
#[derive(Debug, Default)]
pub struct Gauge(Mutex<Reading>);

/// What the client was at when it said so last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reading {
    /// What was asked of the server so far.
    pub counts: Counts,
    /// Nothing is sent before, because of a limit or a failure; none while requests follow each other at their usual pace.
    pub waits_until: Option<Instant>,
}

impl Gauge {
    /// What the client is at.
    pub fn read(&self) -> Reading {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, reading: Reading) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = reading;
    }
}
