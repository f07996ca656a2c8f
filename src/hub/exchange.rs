//! Sending until there is an answer, or once; what every answer says about limits; when to give up.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::Value;
use serde_json::value::RawValue;

use super::gauge::Reading;
use super::limit::{Signs, Verdict, backoff, burst, judge, speaks_of_limit, until};
use super::wire::Reply;
use super::{Answer, BREAKER, Fetched, Hub, HubError, Method, READS, Shape, Stop, graph, origin};

impl Hub {
    /// Sends until there is an answer.
    pub(super) fn patiently(
        &mut self,
        method: Method,
        url: &str,
        body: Option<&str>,
        etag: Option<&str>,
        shape: Shape,
    ) -> Result<Fetched, HubError> {
        let mut attempt = 0;
        loop {
            self.ready(url)?;
            self.counts.requests += 1;
            let sent = self.clock.now();
            let reply = self.wire.send(method, url, &self.token.header(), body, etag, self.time_left());
            let why = match reply {
                Ok(reply) => match self.sort(&reply, url)? {
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
    pub(super) fn once(
        &mut self,
        method: Method,
        url: &str,
        body: Option<&str>,
        shape: Shape,
    ) -> Result<Answer, HubError> {
        let mut attempt = 0;
        loop {
            self.ready(url)?;
            if let Some(last) = self.last_write {
                self.sleep(self.pace.interval().saturating_sub(last.elapsed()))?;
            }
            self.last_write = Some(Instant::now());
            self.counts.requests += 1;
            self.counts.writes += 1;
            let sent = self.clock.now();
            match self.wire.send(method, url, &self.token.header(), body, None, self.time_left()) {
                Ok(reply) => match self.sort(&reply, url)? {
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

    /// Whether it is the GraphQL interface, which has limits of its own.
    fn is_graph(&self, url: &str) -> bool {
        url == self.settings.graphql.address()
    }

    /// Whether something may be sent now; waits out a limit.
    fn ready(&mut self, url: &str) -> Result<(), HubError> {
        let side = usize::from(self.is_graph(url));
        if let Some(until) = self.not_before[side].take() {
            self.sleep(until.saturating_duration_since(Instant::now()))?;
        }
        self.sleep(Duration::ZERO)
    }

    /// Takes in what every answer says, and waits out a limit that it speaks of.
    fn sort(&mut self, reply: &Reply, url: &str) -> Result<Verdict, HubError> {
        let is_graph = self.is_graph(url);
        self.clock.set(reply.date);
        if !is_graph {
            self.counts.remaining = reply.remaining.or(self.counts.remaining);
        }
        self.settings.gauge.set(Reading { counts: self.counts, waits_until: None });
        if reply.status == 401 {
            return Err(self.stop(Stop::Unauthorised));
        }
        let says_limit = match reply.status {
            // An issue may have the words in its title; what GraphQL says of itself stands in a place of its own.
            200..=299 => is_graph && graph::is_limited(&reply.body),
            _ => speaks_of_limit(&String::from_utf8_lossy(&reply.body.as_bytes()[..reply.body.len().min(2000)])),
        };
        let signs = Signs {
            status: reply.status,
            retry_after: reply.retry_after,
            remaining: reply.remaining,
            reset: reply.reset,
            says_limit,
        };
        let verdict = judge(&signs, self.clock.now(), self.pace.unit(), self.bursts);
        if let Verdict::Wait { pause, secondary } = &verdict {
            if *secondary {
                self.bursts += 1;
                self.pace.slow_down();
            }
            self.failed()?;
            self.sleep(*pause)?;
        } else {
            self.bursts = 0;
            if let (Verdict::Taken, Some(0), Some(reset)) = (&verdict, reply.remaining, reply.reset) {
                // The last request of the hour was this one.
                self.not_before[usize::from(is_graph)] = Some(Instant::now() + until(reset, self.clock.now()));
            }
        }
        Ok(verdict)
    }

    /// Waits as after a limit that names no time, and goes slower afterwards.
    ///
    /// # Errors
    /// That it was stopped.
    pub fn slow_down(&mut self) -> Result<(), HubError> {
        self.pace.slow_down();
        self.sleep(burst(self.pace.unit(), 0))
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
    pub(super) fn sleep(&mut self, time: Duration) -> Result<(), HubError> {
        if let Some(stop) = self.stopped {
            return Err(HubError::Stopped(stop));
        }
        let end = Instant::now() + time;
        if end > self.deadline {
            return Err(self.stop(Stop::OutOfTime));
        }
        let began = Instant::now();
        let is_pause = time > self.pace.interval();
        self.settings.gauge.set(Reading { counts: self.counts, waits_until: is_pause.then_some(end) });
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
        if is_pause {
            self.counts.waited_ms += u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.settings.gauge.set(Reading { counts: self.counts, waits_until: None });
        }
        Ok(())
    }
}
