//! What the client gives back.

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
