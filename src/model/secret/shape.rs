//! What secrets look like: the marks by which one may be there, and how far it reaches.

use std::ops::Range;

use super::{MASKED, is_secret_name};

/// How a secret goes on behind its mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The mark as it is spelled here begins it, at least so many characters of its own follow.
    Begins(&'static str, usize),
    /// As above, but only where a word begins, and with a digit in it: the mark is short.
    Word(&'static str, usize),
    /// The mark is part of a name, behind which `=`, `:` or, after a dash, a blank the secret stands.
    Named,
    /// A header: all that follows on its line, or up to the quote.
    Header,
    /// The word behind the mark.
    Next,
    /// A password in an address: between the mark and `@`.
    Address,
    /// A private key of several lines.
    Pem,
}

/// All marks; compared without case.
pub const MARKS: &[(&str, Shape)] = &[
    ("ghp_", Shape::Begins("ghp_", 20)),
    ("gho_", Shape::Begins("gho_", 20)),
    ("ghu_", Shape::Begins("ghu_", 20)),
    ("ghs_", Shape::Begins("ghs_", 20)),
    ("ghr_", Shape::Begins("ghr_", 20)),
    ("github_pat_", Shape::Begins("github_pat_", 20)),
    ("glpat-", Shape::Begins("glpat-", 20)),
    ("AKIA", Shape::Begins("AKIA", 16)),
    ("ASIA", Shape::Begins("ASIA", 16)),
    ("AIza", Shape::Begins("AIza", 30)),
    ("xoxa-", Shape::Begins("xoxa-", 10)),
    ("xoxb-", Shape::Begins("xoxb-", 10)),
    ("xoxe-", Shape::Begins("xoxe-", 10)),
    ("xoxo-", Shape::Begins("xoxo-", 10)),
    ("xoxp-", Shape::Begins("xoxp-", 10)),
    ("xoxr-", Shape::Begins("xoxr-", 10)),
    ("xoxs-", Shape::Begins("xoxs-", 10)),
    ("eyJ", Shape::Begins("eyJ", 0)),
    ("sk-", Shape::Word("sk-", 20)),
    ("npm_", Shape::Word("npm_", 30)),
    ("password", Shape::Named),
    ("passwd", Shape::Named),
    ("passphrase", Shape::Named),
    ("pwd", Shape::Named),
    ("secret", Shape::Named),
    ("token", Shape::Named),
    ("apikey", Shape::Named),
    ("privatekey", Shape::Named),
    ("credential", Shape::Named),
    ("_pat", Shape::Named),
    ("_pass", Shape::Named),
    ("_key", Shape::Named),
    ("-key", Shape::Named),
    ("_string", Shape::Named),
    ("authorization", Shape::Header),
    ("bearer ", Shape::Next),
    ("://", Shape::Address),
    ("-----BEGIN ", Shape::Pem),
];

impl Shape {
    /// Where the secret stands whose mark stands at `mark`; none when it is no secret after all.
    pub fn span(self, text: &[u8], mark: Range<usize>) -> Option<Range<usize>> {
        match self {
            Shape::Begins(spelled, least) => {
                let end = run(text, mark.end, is_token);
                let is_jwt = || {
                    let dots = text[mark.start..end].iter().filter(|byte| **byte == b'.').count();
                    end - mark.start >= 20 && dots >= 1
                };
                let enough = if spelled == "eyJ" { is_jwt() } else { end - mark.end >= least };
                (text[mark.clone()] == *spelled.as_bytes() && enough).then_some(mark.start..end)
            }
            Shape::Word(spelled, least) => {
                let end = run(text, mark.end, is_token);
                let begins = !text[..mark.start].ends_with_alphanumeric() || is_behind_colour(&text[..mark.start]);
                let fits = begins
                    && text[mark.clone()] == *spelled.as_bytes()
                    && end - mark.end >= least
                    && text[mark.end..end].iter().any(u8::is_ascii_digit);
                fits.then_some(mark.start..end)
            }
            Shape::Named => named(text, mark),
            Shape::Header => {
                let start = behind_sign(text, run(text, mark.end, |byte| byte == b'"' || byte == b'\''))?;
                let open = text.get(start).copied().filter(|byte| *byte == b'"' || *byte == b'\'');
                let start = start + usize::from(open.is_some());
                let end = run(text, start, |byte| !is_end(byte) && byte != b'"' && byte != b'\'');
                is_new(text, start..end)
            }
            Shape::Next => {
                let end = run(text, mark.end, |byte| is_token(byte) || b"~+/=".contains(&byte));
                let inner = &text[mark.end..end];
                let fits = inner.len() >= 16 || inner.len() >= 6 && inner.iter().any(u8::is_ascii_digit);
                fits.then_some(mark.end..end)
            }
            Shape::Address => {
                let end = run(text, mark.end, |byte| byte.is_ascii_graphic() && !b"/\"'<>`".contains(&byte));
                let at = mark.end + text[mark.end..end].iter().rposition(|byte| *byte == b'@')?;
                match text[mark.end..at].iter().position(|byte| *byte == b':') {
                    Some(colon) => is_new(text, mark.end + colon + 1..at),
                    // A name alone is no secret, a token in its place is.
                    None => (at - mark.end >= 16).then_some(mark.end..at),
                }
            }
            Shape::Pem => {
                let line = mark.start..run(text, mark.end, |byte| !is_end(byte));
                let begin = memchr::memmem::find(&text[line.clone()], b"PRIVATE KEY")?;
                let end = memchr::memmem::find(&text[line.start + begin..line.end], b"-----END ");
                // The rest of the block is left to the masker, which sees the lines that follow.
                let is_block = end.is_some() || text[line.start + begin..line.end].starts_with(b"PRIVATE KEY");
                is_block.then_some(line)
            }
        }
    }
}

/// The value of what has a name that says secret.
fn named(text: &[u8], mark: Range<usize>) -> Option<Range<usize>> {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte == b'.';
    let before = text[..mark.start].iter().rev().take(64).take_while(|byte| is_name(**byte)).count();
    let end = run(text, mark.end, is_name).min(mark.end + 64);
    let name = std::str::from_utf8(&text[mark.start - before..end]).ok()?;
    if !is_secret_name(name) {
        return None;
    }
    let behind = run(text, end, |byte| b"\\\"'])".contains(&byte));
    let start = match behind_sign(text, behind) {
        Some(start) => start,
        None if name.starts_with('-') => {
            let start = run(text, behind, |byte| byte == b' ' || byte == b'\t');
            let is_value = start > behind && text.get(start).is_some_and(|byte| *byte != b'-');
            is_value.then_some(start)?
        }
        None => return None,
    };
    // In JSON inside of JSON the quotes have backslashes.
    let start = start + usize::from(text[start.min(text.len())..].starts_with(b"\\\""));
    let open = text.get(start).copied().filter(|byte| b"\"'`".contains(byte));
    let value = match open {
        Some(quote) => {
            let mut end = start + 1;
            while let Some(byte) = text.get(end).filter(|byte| !is_end(**byte) && **byte != quote) {
                end += if *byte == b'\\' { 2 } else { 1 };
            }
            start + 1..end.min(text.len())
        }
        None => start..run(text, start, |byte| !byte.is_ascii_whitespace() && !b"\"'`<".contains(&byte)),
    };
    let inner = &text[value.clone()];
    let is_count =
        name.to_ascii_lowercase().ends_with("tokens") && inner.iter().all(|b| b.is_ascii_digit() || *b == b',');
    let says_nothing =
        [&b"null"[..], b"none", b"true", b"false", b"nil", b"undefined"].contains(&&inner.to_ascii_lowercase()[..]);
    if inner.is_empty() || is_count || says_nothing { None } else { is_new(text, value) }
}

/// Where the value begins behind `=`, `:`, `:=` or `=>`, with blanks around the sign.
fn behind_sign(text: &[u8], at: usize) -> Option<usize> {
    let blank = |byte: u8| byte == b' ' || byte == b'\t';
    let sign = run(text, at, blank);
    let end = run(text, sign, |byte| b"=:>".contains(&byte));
    (end > sign && end - sign <= 2 && text[sign] != b'>').then(|| run(text, end, blank))
}

/// The span, unless it is empty or masked already.
fn is_new(text: &[u8], span: Range<usize>) -> Option<Range<usize>> {
    (!span.is_empty() && !text[span.clone()].starts_with(MASKED.as_bytes())).then_some(span)
}

/// Where bytes of this kind end from `at` on.
fn run(text: &[u8], at: usize, is: impl Fn(u8) -> bool) -> usize {
    let at = at.min(text.len());
    text[at..].iter().position(|byte| !is(*byte)).map_or(text.len(), |len| at + len)
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte == b'.'
}

/// Whether the byte ends a line.
fn is_end(byte: u8) -> bool {
    byte == b'\n' || byte == b'\r'
}

/// Whether the text ends in a colour of a terminal, which ends in a letter.
fn is_behind_colour(text: &[u8]) -> bool {
    let Some(rest) = text.strip_suffix(b"m") else { return false };
    let digits = rest.iter().rev().take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    rest[..rest.len() - digits].ends_with(b"\x1b[")
}

trait Ends {
    fn ends_with_alphanumeric(&self) -> bool;
}

impl Ends for [u8] {
    fn ends_with_alphanumeric(&self) -> bool {
        self.last().is_some_and(u8::is_ascii_alphanumeric)
    }
}
