//! The client of the GitHub API: one exchange after the other, within the server's limits, the token to one origin only.
//!
//! A read is repeated until it is an answer or patience ends; a write is sent once, and where its answer does not arrive the caller is
//! told so ([`HubError::Ambiguous`]) and has to look. Nothing here knows what issues mean.

pub mod api;
mod clock;
pub mod graph;
pub mod limit;
pub mod origin;
pub mod token;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use serde_json::value::RawValue;

use clock::Clock;
use limit::{Pace, Signs, Verdict, backoff, judge};
use origin::Base;
use token::Token;
pub use wire::Method;
use wire::{Reply, Wire};

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

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status code, 200 to 299.
    pub status: u16,
    /// The body: JSON of the shape that was asked for, or empty.
    pub body: String,
    /// `ETag`.
    pub etag: Option<String>,
    /// The address of the next page: of the same origin.
    pub next: Option<String>,
    /// A next page of another origin, or one that is no address: not followed.
    pub strange_next: Option<String>,
    /// `X-OAuth-Scopes`.
    pub scopes: Option<String>,
    /// The server's time when the request went out and when the answer was made, seconds.
    pub during: (i64, i64),
}

/// What a read brought.
#[derive(Debug, Clone)]
pub enum Fetched {
    /// As it was when the `ETag` was given.
    NotModified,
    /// An answer.
    Fresh(Answer),
}

/// What the body must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// Anything, also nothing.
    Any,
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
    /// Nothing is sent before.
    not_before: Option<Instant>,
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
            not_before: None,
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

    /// Sends until there is an answer.
    fn patiently(
        &mut self,
        method: Method,
        url: &str,
        body: Option<&str>,
        etag: Option<&str>,
        shape: Shape,
    ) -> Result<Fetched, HubError> {
        let mut attempt = 0;
        loop {
            self.ready()?;
            self.counts.requests += 1;
            let sent = self.clock.now();
            let reply = self.wire.send(method, url, &self.token.header(), body, etag);
            let why = match reply {
                Ok(reply) => match self.sort(&reply)? {
                    Verdict::Taken if reply.status == 304 => {
                        self.counts.not_modified += 1;
                        return Ok(Fetched::NotModified);
                    }
                    Verdict::Taken => match self.answer(reply, shape, sent) {
                        Ok(answer) => {
                            self.failures = 0;
                            return Ok(Fetched::Fresh(answer));
                        }
                        Err(why) => why,
                    },
                    Verdict::Wait { .. } => {
                        self.counts.retries += 1;
                        continue;
                    }
                    Verdict::Moved => return Err(self.moved(&reply)),
                    Verdict::Refused => return Err(self.refused(&reply)),
                    Verdict::Failed => format!("the server answered {}", reply.status),
                },
                Err(failure) => failure.why,
            };
            self.failed()?;
            attempt += 1;
            if attempt >= READS {
                return Err(HubError::Broken(self.redact(&why)));
            }
            self.counts.retries += 1;
            self.sleep(backoff(attempt - 1, self.pace.unit(), self.clock.chance()))?;
        }
    }

    /// Sends a write once.
    fn once(&mut self, method: Method, url: &str, body: Option<&str>, shape: Shape) -> Result<Answer, HubError> {
        let mut attempt = 0;
        loop {
            self.ready()?;
            if let Some(last) = self.last_write {
                self.sleep(self.pace.interval().saturating_sub(last.elapsed()))?;
            }
            self.last_write = Some(Instant::now());
            self.counts.requests += 1;
            self.counts.writes += 1;
            let sent = self.clock.now();
            match self.wire.send(method, url, &self.token.header(), body, None) {
                Ok(reply) => match self.sort(&reply)? {
                    Verdict::Taken => {
                        let answer =
                            self.answer(reply, shape, sent).map_err(|why| HubError::Ambiguous { sent, why })?;
                        self.failures = 0;
                        self.pace.went_well();
                        return Ok(answer);
                    }
                    // A limit is said before anything is done.
                    Verdict::Wait { .. } => {
                        self.counts.retries += 1;
                        self.counts.writes -= 1;
                    }
                    Verdict::Moved => return Err(self.moved(&reply)),
                    Verdict::Refused => return Err(self.refused(&reply)),
                    Verdict::Failed => {
                        let why = format!("the server answered {}", reply.status);
                        self.failed()?;
                        return Err(HubError::Ambiguous { sent, why });
                    }
                },
                Err(failure) if failure.unsent => {
                    self.counts.writes -= 1;
                    self.failed()?;
                    attempt += 1;
                    if attempt >= READS {
                        return Err(HubError::Broken(self.redact(&failure.why)));
                    }
                    self.counts.retries += 1;
                    self.sleep(backoff(attempt - 1, self.pace.unit(), self.clock.chance()))?;
                }
                Err(failure) => {
                    self.failed()?;
                    return Err(HubError::Ambiguous { sent, why: self.redact(&failure.why) });
                }
            }
        }
    }

    /// Whether something may be sent now; waits out a limit.
    fn ready(&mut self) -> Result<(), HubError> {
        if let Some(until) = self.not_before.take() {
            self.sleep(until.saturating_duration_since(Instant::now()))?;
        }
        self.sleep(Duration::ZERO)
    }

    /// Takes in what every answer says, and waits out a limit that it speaks of.
    fn sort(&mut self, reply: &Reply) -> Result<Verdict, HubError> {
        self.clock.set(reply.date);
        self.counts.remaining = reply.remaining.or(self.counts.remaining);
        if reply.status == 401 {
            return Err(self.stop(Stop::Unauthorised));
        }
        let said = reply.body.get(..reply.body.len().min(2000)).unwrap_or_default().to_ascii_lowercase();
        let signs = Signs {
            status: reply.status,
            retry_after: reply.retry_after,
            remaining: reply.remaining,
            reset: reply.reset,
            says_limit: said.contains("rate limit") || said.contains("abuse detection"),
        };
        let verdict = judge(&signs, self.clock.now(), self.pace.unit(), self.bursts);
        if let Verdict::Wait { pause, secondary } = &verdict {
            if *secondary {
                self.bursts += 1;
                self.pace.slow_down();
            }
            self.failures += 1;
            if self.failures >= BREAKER {
                return Err(self.stop(Stop::Down));
            }
            self.sleep(*pause)?;
        } else {
            self.bursts = 0;
            if let (Verdict::Taken, Some(0), Some(reset)) = (&verdict, reply.remaining, reply.reset) {
                // The last request of the hour was this one.
                let seconds = u64::try_from(reset - self.clock.now()).unwrap_or(0) + 1;
                self.not_before = Some(Instant::now() + Duration::from_secs(seconds));
            }
        }
        Ok(verdict)
    }

    fn answer(&self, reply: Reply, shape: Shape, sent: i64) -> Result<Answer, String> {
        let body = reply.body;
        let first = body.trim_start().chars().next();
        let fits = match shape {
            Shape::Any => true,
            Shape::Object => first == Some('{'),
            Shape::Array => first == Some('['),
        };
        if !fits || (shape != Shape::Any && serde_json::from_str::<&RawValue>(&body).is_err()) {
            return Err(format!("the server answered {} with a body that is not what was asked for", reply.status));
        }
        let (next, strange_next) = match reply.link.as_deref().and_then(origin::next_link) {
            None => (None, None),
            Some(link) => match self.settings.rest.same_origin(link) {
                Some(next) => (Some(next), None),
                None => (None, Some(link.to_owned())),
            },
        };
        Ok(Answer {
            status: reply.status,
            body,
            etag: reply.etag,
            next,
            strange_next,
            scopes: reply.scopes,
            during: (sent, reply.date.unwrap_or_else(|| self.clock.now())),
        })
    }

    fn moved(&self, reply: &Reply) -> HubError {
        HubError::Moved { to: reply.location.as_deref().and_then(|to| self.settings.rest.same_origin(to)) }
    }

    fn refused(&mut self, reply: &Reply) -> HubError {
        self.failures = 0;
        let said: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        let message = said["message"].as_str().unwrap_or("no reason given");
        let message: String = self.redact(message).chars().take(300).collect();
        HubError::Refused { status: reply.status, message }
    }

    /// Counts a failure; too many in a row end it.
    fn failed(&mut self) -> Result<(), HubError> {
        self.failures += 1;
        if self.failures >= BREAKER { Err(self.stop(Stop::Down)) } else { Ok(()) }
    }

    fn stop(&mut self, stop: Stop) -> HubError {
        HubError::Stopped(*self.stopped.get_or_insert(stop))
    }

    /// Sleeps in pieces, so that a cancel is heard. A time that goes beyond what is left ends it at once.
    fn sleep(&mut self, time: Duration) -> Result<(), HubError> {
        if let Some(stop) = self.stopped {
            return Err(HubError::Stopped(stop));
        }
        let end = Instant::now() + time;
        if end > self.deadline {
            return Err(self.stop(Stop::OutOfTime));
        }
        let began = Instant::now();
        loop {
            if self.settings.cancel.load(Ordering::Relaxed) {
                return Err(self.stop(Stop::Cancelled));
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
        if time > self.pace.interval() {
            self.counts.waited_ms += u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        }
        Ok(())
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hub({}, {:?})", self.settings.rest.address(), self.counts)
    }
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
