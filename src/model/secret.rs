//! Secrets in text: values of variables whose names say so, and shapes that give a secret away. What is found becomes
//! `[masked]`. Rather too much is masked than too little; what has no shape and no name is not recognised.

mod shape;
mod stream;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use aho_corasick::AhoCorasick;

pub use stream::Masker;

/// What stands in place of a secret.
pub const MASKED: &str = "[masked]";

/// A value shorter than this is no secret worth the name, and would be found everywhere.
const SHORTEST: usize = 6;

/// Knows the secrets of an environment, and what secrets look like.
#[derive(Clone)]
pub struct Secrets {
    values: Vec<String>,
    /// Finds where a secret may be: first the values, then the marks of [`shape::MARKS`].
    marks: Option<AhoCorasick>,
}

impl Secrets {
    /// The secrets of these variables, and the known shapes.
    pub fn new(environment: impl IntoIterator<Item = (String, String)>) -> Secrets {
        let named = environment.into_iter().filter(|(name, _)| is_secret_name(name));
        // A key of several lines is printed line by line.
        let lines = named.flat_map(|(_, value)| value.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>());
        let mut values: Vec<String> = lines.filter(|line| line.len() >= SHORTEST).collect();
        values.sort();
        values.dedup();
        let patterns = values.iter().map(String::as_str).chain(shape::MARKS.iter().map(|(mark, _)| *mark));
        // Patterns can only be refused for their number and size, which an environment does not reach; then the plain
        // comparison in `spans` finds the values still.
        let marks = AhoCorasick::builder().ascii_case_insensitive(true).build(patterns).ok();
        Secrets { values, marks }
    }

    /// The text with each secret replaced by `[masked]`.
    pub fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut masker = self.masker();
        let mut out = Vec::with_capacity(text.len());
        masker.push(text.as_bytes(), &mut out);
        masker.finish(&mut out);
        if out == text.as_bytes() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(String::from_utf8_lossy(&out).into_owned())
    }

    /// Masks a stream that comes in pieces.
    pub fn masker(&self) -> Masker {
        Masker::new(self.clone())
    }

    /// Where secrets stand in the text, in order and apart from each other.
    fn spans(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut spans: Vec<Range<usize>> = Vec::new();
        match &self.marks {
            Some(marks) => {
                for found in marks.find_overlapping_iter(text) {
                    let at = found.pattern().as_usize();
                    let span = match self.values.get(at) {
                        Some(value) => (text[found.range()] == *value.as_bytes()).then(|| found.range()),
                        None => shape::MARKS[at - self.values.len()].1.span(text, found.range()),
                    };
                    spans.extend(span);
                }
            }
            None => {
                for value in &self.values {
                    spans.extend(memchr::memmem::find_iter(text, value).map(|at| at..at + value.len()));
                }
            }
        }
        spans.sort_by_key(|span| (span.start, span.end));
        let mut apart: Vec<Range<usize>> = Vec::new();
        for span in spans {
            match apart.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                Some(_) | None => apart.push(span),
            }
        }
        apart
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} values)", self.values.len())
    }
}

/// Whether what has this name is a secret: `GITHUB_TOKEN`, `db-password`, `apiKey`.
pub fn is_secret_name(name: &str) -> bool {
    const ENDS: [&str; 12] = [
        "TOKEN",
        "TOKENS",
        "SECRET",
        "SECRETS",
        "PASSWORD",
        "PASSWORDS",
        "PASSWD",
        "PASSPHRASE",
        "CREDENTIAL",
        "CREDENTIALS",
        "APIKEY",
        "PRIVATEKEY",
    ];
    const KEYS: [&str; 9] =
        ["API", "ACCESS", "PRIVATE", "SECRET", "ENCRYPTION", "SIGNING", "ACCOUNT", "AUTH", "MASTER"];
    let upper = name.to_ascii_uppercase();
    let words: Vec<&str> = upper.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let is_pair = |pair: &[&str]| {
        (pair[1] == "KEY" || pair[1] == "KEYS") && KEYS.contains(&pair[0]) || pair == ["CONNECTION", "STRING"]
    };
    words.iter().any(|word| ENDS.iter().any(|end| word.ends_with(end)) || *word == "PAT" || *word == "PASS")
        || words.windows(2).any(is_pair)
        || words.len() > 1 && words.ends_with(&["PWD"])
}

#[cfg(test)]
mod tests;
