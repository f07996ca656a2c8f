//! One exchange over HTTP: the request out, the answer in, whole and bounded. Follows no redirect and repeats nothing.

use std::io;
use std::time::Duration;

use chrono::DateTime;
use ureq::http::{HeaderMap, Request, Response};
use ureq::{Agent, AsSendBody, Body};

/// The largest answer that is read, bytes, after unpacking.
const LIMIT: u64 = 64 << 20;

/// The longest that one exchange may take.
const LONGEST: Duration = Duration::from_secs(60);

/// Methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Adds, creates, asks GraphQL.
    Post,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

/// What came back.
#[derive(Debug, Default)]
pub struct Reply {
    pub status: u16,
    pub body: String,
    pub etag: Option<String>,
    pub link: Option<String>,
    pub location: Option<String>,
    pub scopes: Option<String>,
    pub date: Option<i64>,
    pub retry_after: Option<u64>,
    pub remaining: Option<u64>,
    pub reset: Option<i64>,
}

/// Nothing usable came back.
#[derive(Debug)]
pub struct Failure {
    /// What happened.
    pub why: String,
    /// Whether it is certain that the request did not reach the server.
    pub unsent: bool,
}

/// Connections.
pub struct Wire {
    agent: Agent,
}

impl Wire {
    /// `local`: the server is this machine, so no proxy stands between.
    pub fn new(local: bool) -> Wire {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("codex-tui/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(Duration::from_secs(10)));
        let config = if local { config.proxy(None) } else { config };
        Wire { agent: config.build().new_agent() }
    }

    fn run<B: AsSendBody>(&self, request: Request<B>, time: Option<Duration>) -> Result<Response<Body>, ureq::Error> {
        self.agent.run(self.agent.configure_request(request).timeout_global(time).build())
    }

    /// One exchange, which takes as long as that at most.
    pub fn send(
        &self,
        method: Method,
        url: &str,
        authorization: &str,
        body: Option<&str>,
        etag: Option<&str>,
        time: Duration,
    ) -> Result<Reply, Failure> {
        let time = Some(time.clamp(Duration::from_millis(100), LONGEST));
        let mut request = Request::builder()
            .method(method.name())
            .uri(url)
            .header("Authorization", authorization)
            .header("Accept", "application/vnd.github+json")
            .header("X-GitHub-Api-Version", "2022-11-28");
        if let Some(etag) = etag {
            request = request.header("If-None-Match", etag);
        }
        let answered = match body {
            Some(body) => request
                .header("Content-Type", "application/json")
                .body(body)
                .map_err(ureq::Error::from)
                .and_then(|request| self.run(request, time)),
            None => request.body(()).map_err(ureq::Error::from).and_then(|request| self.run(request, time)),
        };
        match answered {
            Ok(response) => read(response),
            Err(error) => Err(Failure { unsent: is_unsent(&error), why: error.to_string() }),
        }
    }
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// Whether no connection came about, so that nothing was sent.
fn is_unsent(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed | ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
            true
        }
        ureq::Error::Timeout(timeout) => matches!(timeout, ureq::Timeout::Connect | ureq::Timeout::Resolve),
        ureq::Error::Io(error) => error.kind() == io::ErrorKind::ConnectionRefused,
        _ => false,
    }
}

fn read(mut response: Response<Body>) -> Result<Reply, Failure> {
    let mut reply = Reply { status: response.status().as_u16(), ..Reply::default() };
    let headers = response.headers();
    let text = |name: &str| text_of(headers, name);
    reply.etag = text("etag");
    reply.link = text("link");
    reply.location = text("location");
    reply.scopes = text("x-oauth-scopes");
    reply.date = text("date").and_then(|date| DateTime::parse_from_rfc2822(&date).ok()).map(|date| date.timestamp());
    reply.retry_after = text("retry-after").and_then(|value| value.trim().parse().ok());
    reply.remaining = text("x-ratelimit-remaining").and_then(|value| value.trim().parse().ok());
    reply.reset = text("x-ratelimit-reset").and_then(|value| value.trim().parse().ok());
    let bytes = response
        .body_mut()
        .with_config()
        .limit(LIMIT)
        .read_to_vec()
        .map_err(|error| Failure { why: format!("the answer broke off: {error}"), unsent: false })?;
    reply.body =
        String::from_utf8(bytes).map_err(|_| Failure { why: "the answer is not UTF-8".to_owned(), unsent: false })?;
    Ok(reply)
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
