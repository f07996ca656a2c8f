//! Documents: exact bytes plus an index of addressable cells with their byte spans.
//!
//! `parse` never fails and never alters a byte; what is damaged becomes a [`Problem`] and the rest of the document
//! works. A change is a [`Patch`] (byte splices on the original); nothing here reads or writes files.

mod candidates;
pub mod cell;
pub mod csv;
mod damage;
mod edit;
pub mod json;
mod line;
pub mod markdown;
pub mod patch;
mod readback;
pub mod snapshot;
pub mod tree;
pub mod yaml;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use tree::Notation;

pub use cell::{Addition, CellId, FindError, Found, Inserted, PathCell};
pub use csv::Csv;
pub use edit::create;
pub use markdown::Markdown;
pub use patch::{Patch, Splice};
pub use snapshot::Snapshot;
pub use tree::Tree;

/// Byte range in a document.
pub type Span = Range<usize>;

/// Names one document: its path relative to the workspace root, `/` separated, never leaving the root.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DocId(Arc<str>);

/// A path that cannot name a document: absolute, empty, or with `.`/`..`/empty components or NUL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path:?} does not name a document inside the workspace: {why}")]
pub struct BadPath {
    /// The path as given.
    pub path: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl DocId {
    /// Checks and normalises a relative path. Backslashes count as separators only when the path has no slash
    /// (documents written on Windows cite `docs\x.md`).
    pub fn new(path: &str) -> Result<DocId, BadPath> {
        let bad = |why| BadPath { path: path.to_owned(), why };
        let slashed = if path.contains('/') { path.to_owned() } else { path.replace('\\', "/") };
        let trimmed = slashed.strip_prefix("./").unwrap_or(&slashed);
        if trimmed.is_empty() {
            return Err(bad("it is empty"));
        }
        if trimmed.starts_with('/') || (trimmed.len() > 1 && trimmed.as_bytes()[1] == b':') {
            return Err(bad("it is absolute"));
        }
        if trimmed.contains('\0') {
            return Err(bad("it contains a NUL byte"));
        }
        for part in trimmed.split('/') {
            match part {
                "" => return Err(bad("it has an empty component")),
                "." | ".." => return Err(bad("it has a `.` or `..` component")),
                _ => {}
            }
        }
        Ok(DocId(trimmed.into()))
    }

    /// The path as text, for example `docs/CODEX_BACKLOG.md`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last component.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The last component without its extension.
    pub fn stem(&self) -> &str {
        let name = self.file_name();
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// The folder, `""` for a document in the root.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl fmt::Debug for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for DocId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for DocId {
    type Error = BadPath;
    fn try_from(path: String) -> Result<DocId, BadPath> {
        DocId::new(&path)
    }
}

impl From<DocId> for String {
    fn from(id: DocId) -> String {
        id.0.to_string()
    }
}

/// Hash of a document's content (xxh3, 128 bit): tells two contents apart, protects against accident, not malice.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rev(u128);

impl Rev {
    /// Hashes `bytes`.
    pub fn of(bytes: &[u8]) -> Rev {
        Rev(xxhash_rust::xxh3::xxh3_128(bytes))
    }
}

impl fmt::Debug for Rev {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Rev {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl std::str::FromStr for Rev {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Rev, Self::Err> {
        u128::from_str_radix(text, 16).map(Rev)
    }
}

impl Serialize for Rev {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rev {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Rev, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Which format a document is read as, by its file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `.md`, `.markdown`.
    Markdown,
    /// `.csv`.
    Csv,
    /// `.json`.
    Json,
    /// `.yaml`, `.yml`.
    Yaml,
    /// Anything else: shown, never edited.
    Text,
}

impl Kind {
    /// The kind that the file name says.
    pub fn of(id: &DocId) -> Kind {
        let ext = id.file_name().rsplit_once('.').map_or("", |(_, ext)| ext).to_ascii_lowercase();
        match ext.as_str() {
            "md" | "markdown" => Kind::Markdown,
            "csv" => Kind::Csv,
            "json" => Kind::Json,
            "yaml" | "yml" => Kind::Yaml,
            _ => Kind::Text,
        }
    }
}

/// How bad a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Content is lost or unreachable.
    Error,
    /// Something is read differently than it was probably meant.
    Warning,
    /// Worth knowing.
    Note,
}

/// A damaged or suspicious place of a document: what, where, why and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Stable rule name, for example `csv-glued-record`.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// 1-based line of the document.
    pub line: usize,
    /// What is wrong and why it matters.
    pub message: String,
    /// How to mend it.
    pub advice: String,
}

/// What a document's bytes mean.
#[derive(Debug)]
pub enum Body {
    /// Markdown.
    Markdown(Markdown),
    /// CSV.
    Csv(Csv),
    /// JSON.
    Json(Tree),
    /// YAML.
    Yaml(Tree),
    /// No addressable cells (other kinds, and logs of one JSON value a line).
    Opaque,
}

/// One file: its exact bytes and what can be addressed in them. Immutable; an edit makes a new document.
pub struct Document {
    id: DocId,
    bytes: Arc<Vec<u8>>,
    rev: OnceLock<Rev>,
    body: Body,
    problems: Vec<Problem>,
    /// Why nothing in it may be edited, if so.
    locked: Option<String>,
}

impl Document {
    /// Indexes `bytes` as the format that the name says. Never fails: what is damaged becomes a [`Problem`].
    pub fn parse(id: DocId, bytes: impl Into<Arc<Vec<u8>>>) -> Document {
        Document::parse_prefix(id, bytes, usize::MAX)
    }

    /// As [`Document::parse`], but of a CSV document only the first `max_records` records are indexed, so that a first
    /// screen can be shown early. Such a document refuses every edit.
    pub fn parse_prefix(id: DocId, bytes: impl Into<Arc<Vec<u8>>>, max_records: usize) -> Document {
        let bytes = bytes.into();
        let kind = Kind::of(&id);
        let too_large = kind != Kind::Text && bytes.len() > Csv::MAX_BYTES;
        let (body, mut problems) = match kind {
            Kind::Markdown if !too_large => {
                let markdown = Markdown::parse(bytes.clone());
                let problems = markdown.problems();
                (Body::Markdown(markdown), problems)
            }
            Kind::Csv if !too_large => {
                let csv = Csv::parse_prefix(bytes.clone(), max_records);
                let problems = csv.problems();
                (Body::Csv(csv), problems)
            }
            Kind::Json | Kind::Yaml if !too_large => {
                let json = kind == Kind::Json;
                let tree = Tree::parse(bytes.clone(), if json { Notation::Json } else { Notation::Yaml });
                let problems = tree.problems();
                (if json { Body::Json(tree) } else { Body::Yaml(tree) }, problems)
            }
            Kind::Markdown | Kind::Csv | Kind::Json | Kind::Yaml | Kind::Text => (Body::Opaque, Vec::new()),
        };
        let mut locked = match &body {
            Body::Json(tree) | Body::Yaml(tree) => tree.closed().map(str::to_owned),
            Body::Markdown(_) | Body::Csv(_) | Body::Opaque => None,
        };
        if too_large {
            problems.push(too_large_problem());
            locked = Some("it is larger than 4 GiB; split it".to_owned());
        }
        if let Body::Csv(csv) = &body
            && !csv.is_complete()
        {
            locked = Some("only its beginning has been read; wait for the rest".to_owned());
        } else if kind != Kind::Text
            && let Err(invalid) = std::str::from_utf8(&bytes)
        {
            let line = line::breaks(&bytes[..invalid.valid_up_to()]) + 1;
            locked = Some(format!("it is not valid UTF-8 (line {line}); convert it to UTF-8 first"));
            problems.insert(0, invalid_utf8_problem(line));
        }
        Document { id, bytes, rev: OnceLock::new(), body, problems, locked }
    }

    /// Its name.
    pub fn id(&self) -> &DocId {
        &self.id
    }

    /// The exact bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The exact bytes, shared.
    pub fn shared_bytes(&self) -> Arc<Vec<u8>> {
        self.bytes.clone()
    }

    /// Hash of the bytes; computed when first asked for.
    pub fn rev(&self) -> Rev {
        *self.rev.get_or_init(|| Rev::of(&self.bytes))
    }

    /// What the bytes mean.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The index, if it is a Markdown document.
    pub fn markdown(&self) -> Option<&Markdown> {
        match &self.body {
            Body::Markdown(markdown) => Some(markdown),
            Body::Csv(_) | Body::Json(_) | Body::Yaml(_) | Body::Opaque => None,
        }
    }

    /// The index, if it is a CSV document.
    pub fn csv(&self) -> Option<&Csv> {
        match &self.body {
            Body::Csv(csv) => Some(csv),
            Body::Markdown(_) | Body::Json(_) | Body::Yaml(_) | Body::Opaque => None,
        }
    }

    /// The index, if it is a JSON or YAML document.
    pub fn tree(&self) -> Option<&Tree> {
        match &self.body {
            Body::Json(tree) | Body::Yaml(tree) => Some(tree),
            Body::Markdown(_) | Body::Csv(_) | Body::Opaque => None,
        }
    }

    /// What is damaged or suspicious, by line.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Why nothing in it may be edited; `None` for a document that can be edited.
    pub fn locked(&self) -> Option<&str> {
        self.locked.as_deref()
    }

    /// The text of a span; bytes that are not UTF-8 show as U+FFFD.
    pub fn text(&self, span: &Span) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes[span.clone()])
    }

    /// The 1-based line on which `offset` lies.
    pub fn line_of(&self, offset: usize) -> usize {
        let start = line::Line::around(&self.bytes, offset).start;
        let (from, line) = match self.csv().and_then(|csv| csv.record_at(start).map(|index| csv.record(index))) {
            Some(record) => (record.span().start, record.line()),
            None => (0, 1),
        };
        line + line::breaks(&self.bytes[from.min(start)..start])
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("id", &self.id).field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

fn too_large_problem() -> Problem {
    Problem {
        rule: "too-large",
        severity: Severity::Error,
        line: 1,
        message: "the document is larger than 4 GiB and is not read".to_owned(),
        advice: "split it".to_owned(),
    }
}

fn invalid_utf8_problem(line: usize) -> Problem {
    Problem {
        rule: "invalid-utf8",
        severity: Severity::Error,
        line,
        message: "the document is not valid UTF-8: it is shown, but never edited".to_owned(),
        advice: "convert it to UTF-8".to_owned(),
    }
}
