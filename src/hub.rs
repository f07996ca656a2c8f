//! The client of the GitHub API: one exchange after the other, within the server's limits, the token to one origin only.
//!
//! A read is repeated until it is an answer or patience ends; a write is sent once, and where its answer does not arrive the caller is
//! told so ([`HubError::Ambiguous`]) and has to look. Nothing here knows what issues mean.

mod answer;
pub mod api;
mod board;
mod clock;
mod error;
mod exchange;
pub mod gauge;
pub mod graph;
pub mod limit;
pub mod origin;
pub mod token;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use serde_json::Value;

pub use answer::{Answer, Fetched, Shape};
use clock::Clock;
pub use error::{HubError, Stop};
use gauge::Gauge;
use limit::Pace;
use origin::Base;
use token::Token;
pub use wire::Method;
use wire::Wire;

/// How often a read is tried.
const READS: u32 = 7;
/// Failures in a row after which nothing more is sent.
const BREAKER: u32 = 10;
/// Redirects that one read follows.
const HOPS: u32 = 3;

/// How to reach the API, and how long to bear with it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The REST interface.
    pub rest: Base,
    /// The GraphQL interface, the whole address.
    pub graphql: Base,
    /// Least time between two writes; also the unit of patience between attempts.
    pub write_interval: Duration,
    /// After this time nothing more is sent.
    pub max_time: Duration,
    /// Set from outside to end early.
    pub cancel: Arc<AtomicBool>,
    /// Read from outside to see what the client is at.
    pub gauge: Arc<Gauge>,
}

/// What was asked of the server so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests sent.
    pub requests: u64,
    /// Answers "not modified".
    pub not_modified: u64,
    /// Requests that were meant to change something.
    pub writes: u64,
    /// Points that GraphQL took, as the server said.
    pub graphql_points: u64,
    /// Requests that were sent again.
    pub retries: u64,
    /// Milliseconds spent waiting for limits.
    pub waited_ms: u64,
    /// Requests left in the hour, as the server said last.
    pub remaining: Option<u64>,
}

/// The client.
pub struct Hub {
    settings: Settings,
    token: Token,
    wire: Wire,
    clock: Clock,
    pace: Pace,
    counts: Counts,
    deadline: Instant,
    /// Nothing is sent before: to REST, to GraphQL.
    not_before: [Option<Instant>; 2],
    last_write: Option<Instant>,
    /// Failures in a row.
    failures: u32,
    /// Secondary limits in a row.
    bursts: u32,
    stopped: Option<Stop>,
}

impl Hub {
    /// A client. Sends nothing yet.
    pub fn new(settings: Settings, token: Token) -> Hub {
        Hub {
            wire: Wire::new(settings.rest.is_loopback() && settings.graphql.is_loopback()),
            clock: Clock::default(),
            pace: Pace::new(settings.write_interval),
            counts: Counts::default(),
            deadline: Instant::now() + settings.max_time,
            not_before: [None; 2],
            last_write: None,
            failures: 0,
            bursts: 0,
            stopped: None,
            settings,
            token,
        }
    }

    /// What was asked so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Why nothing more is sent, if so.
    pub fn stopped(&self) -> Option<Stop> {
        self.stopped
    }

    /// The server's time, seconds; the own one before the first answer.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Seconds by which the server's clock is ahead of the own one; none before the first answer.
    pub fn skew(&self) -> Option<i64> {
        self.clock.skew()
    }

    /// The interval between writes that is in force.
    pub fn interval(&self) -> Duration {
        self.pace.interval()
    }

    /// What is left of the time.
    pub fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Whether the token is limited to an owner's repositories.
    pub fn is_fine_grained(&self) -> bool {
        self.token.is_fine_grained()
    }

    /// The text without the token.
    pub fn redact(&self, text: &str) -> String {
        self.token.redact(text)
    }

    /// Reads `address`: a path below the base, or a full address that came from an [`Answer`].
    ///
    /// # Errors
    /// As [`HubError`] says; never ambiguous.
    pub fn read(&mut self, address: &str, etag: Option<&str>, shape: Shape, follow: bool) -> Result<Fetched, HubError> {
        let mut url = if address.starts_with('/') { self.settings.rest.join(address) } else { address.to_owned() };
        if self.settings.rest.same_origin(&url).is_none() {
            return Err(HubError::Moved { to: None });
        }
        let mut hops = 0;
        loop {
            match self.patiently(Method::Get, &url, None, etag, shape) {
                Err(HubError::Moved { to: Some(to) }) if follow && hops < HOPS => {
                    hops += 1;
                    url = to;
                }
                other => return other,
            }
        }
    }

    /// Asks the GraphQL interface something that changes nothing. Errors of parts are in the answer.
    ///
    /// # Errors
    /// As [`HubError`] says; never ambiguous.
    pub fn query(&mut self, query: &str, variables: &Value) -> Result<Value, HubError> {
        let body = serde_json::json!({"query": query, "variables": variables}).to_string();
        let url = self.settings.graphql.address();
        match self.patiently(Method::Post, &url, Some(&body), None, Shape::Object)? {
            Fetched::Fresh(answer) => self.graph(&answer),
            Fetched::NotModified => Err(HubError::Broken("the server says that a query is not modified".to_owned())),
        }
    }

    /// Asks the GraphQL interface to change something. Errors of parts are in the answer.
    ///
    /// # Errors
    /// As [`HubError`] says.
    pub fn mutate(&mut self, query: &str, variables: &Value) -> Result<Value, HubError> {
        let body = serde_json::json!({"query": query, "variables": variables}).to_string();
        let url = self.settings.graphql.address();
        let answer = self.once(Method::Post, &url, Some(&body), Shape::Object)?;
        self.graph(&answer)
    }

    /// Changes something. Sent once; sent again only where it is certain that nothing was done.
    ///
    /// # Errors
    /// As [`HubError`] says.
    pub fn write(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        shape: Shape,
    ) -> Result<Answer, HubError> {
        let url = self.settings.rest.join(path);
        let body = body.map(Value::to_string);
        self.once(method, &url, body.as_deref(), shape)
    }

    /// Waits as many paces; ends early when the time is used up.
    ///
    /// # Errors
    /// That it was stopped.
    pub fn rest(&mut self, paces: u32) -> Result<(), HubError> {
        self.sleep(self.pace.unit() * paces)
    }

    fn graph(&mut self, answer: &Answer) -> Result<Value, HubError> {
        let value: Value = serde_json::from_str(&answer.body).map_err(|error| HubError::Broken(error.to_string()))?;
        self.counts.graphql_points += value["data"]["rateLimit"]["cost"].as_u64().unwrap_or(0);
        if value["data"].is_null() {
            let message = value["errors"][0]["message"].as_str().unwrap_or("no data");
            return Err(HubError::Refused { status: answer.status, message: self.redact(message) });
        }
        Ok(value)
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hub({}, {:?})", self.settings.rest.address(), self.counts)
    }
}
