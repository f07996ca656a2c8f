//! Why a request has no answer, and why nothing more is sent.

use std::fmt;

/// Why nothing more is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The token is not accepted.
    Unauthorised,
    /// The time is used up, or a limit lasts longer than what is left of it.
    OutOfTime,
    /// The server failed too often in a row.
    Down,
    /// Somebody asked to end.
    Cancelled,
}

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubError {
    /// The server refuses, for good. Nothing was done.
    Refused {
        /// Status code.
        status: u16,
        /// What the server said.
        message: String,
    },
    /// What was asked for is elsewhere: there if it is of the same origin; nothing was sent there.
    Moved {
        /// Where, if that is of the same origin.
        to: Option<String>,
    },
    /// A write was sent and no answer came: it may have been done. `sent` is the server's time at sending.
    Ambiguous {
        /// Server's time, seconds.
        sent: i64,
        /// What happened.
        why: String,
    },
    /// A read failed as often as it was tried.
    Broken(String),
    /// Nothing more is sent.
    Stopped(Stop),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stop::Unauthorised => "the server does not accept the token (401); renew it",
            Stop::OutOfTime => {
                "the time is used up, or a limit lasts longer than what is left of it; the next run goes on"
            }
            Stop::Down => "the server failed ten times in a row; the next run goes on",
            Stop::Cancelled => "it was cancelled; the next run goes on",
        })
    }
}

impl fmt::Display for HubError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HubError::Refused { status, message } => write!(f, "{status} {message}"),
            HubError::Moved { to: Some(to) } => write!(f, "it was moved to {to}"),
            HubError::Moved { to: None } => f.write_str("it leads to another origin, which gets no request"),
            HubError::Ambiguous { why, .. } => write!(f, "no answer to a write: {why}"),
            HubError::Broken(why) => write!(f, "no usable answer: {why}"),
            HubError::Stopped(stop) => stop.fmt(f),
        }
    }
}

impl std::error::Error for HubError {}
