//! Reads a JSON document in one pass, without recursion.

use std::sync::Arc;

use super::text::number;
use crate::doc::Span;
use crate::doc::line::text_start;
use crate::doc::tree::{Fault, Growing, Notation, Shape, Slot, Tree};

/// Rule of the problem of a file that holds one JSON value a line.
pub(in crate::doc) const LINES: &str = "json-lines";

/// The index of `bytes`; never fails.
pub(in crate::doc) fn scan(bytes: Arc<Vec<u8>>) -> Tree {
    let mut scanner = Scanner { bytes: &bytes, at: text_start(&bytes), nodes: Growing::default() };
    let fault = scanner.document().err();
    let nodes = scanner.nodes;
    nodes.finish(bytes, Notation::Json, fault)
}

struct Scanner<'b> {
    bytes: &'b [u8],
    at: usize,
    nodes: Growing,
}

/// What may come next in an object or array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// A first member, or the end.
    FirstOrEnd,
    /// A member.
    Member,
    /// A comma or the end.
    CommaOrEnd,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), Fault> {
        self.blanks();
        if self.at >= self.bytes.len() {
            return Err(self.fault("there is nothing in it"));
        }
        let is_object = self.bytes[self.at] == b'{';
        self.values()?;
        let end = self.at;
        self.blanks();
        match self.bytes.get(self.at) {
            None => Ok(()),
            Some(b'{') if is_object && self.bytes[end..self.at].contains(&b'\n') => Err(Fault {
                at: self.at,
                rule: LINES,
                message: "the file holds one JSON value a line: a log, which is only read".to_owned(),
                advice: "programs append to it; it is not edited",
            }),
            Some(_) => Err(self.fault("something stands behind the end of the value")),
        }
    }

    /// The value at this place with all that is in it.
    fn values(&mut self) -> Result<(), Fault> {
        let Some(mut next) = self.value(Slot::root(self.at))? else { return Ok(()) };
        // Which value is open, and whether it is an object.
        let mut open: Vec<(usize, bool)> = vec![next];
        let mut expected = Next::FirstOrEnd;
        loop {
            self.blanks();
            let (parent, object) = next;
            let close = if object { b'}' } else { b']' };
            match (self.bytes.get(self.at), expected) {
                (Some(byte), Next::FirstOrEnd | Next::CommaOrEnd) if *byte == close => {
                    self.at += 1;
                    self.nodes.close(self.at);
                    open.pop();
                    match open.last() {
                        Some(outer) => next = *outer,
                        None => return Ok(()),
                    }
                    expected = Next::CommaOrEnd;
                }
                (Some(b','), Next::CommaOrEnd) => {
                    self.at += 1;
                    expected = Next::Member;
                }
                (Some(_), Next::FirstOrEnd | Next::Member) => {
                    let slot = if object { self.key(parent)? } else { Slot::element(parent, self.at) };
                    expected = Next::CommaOrEnd;
                    if let Some(inner) = self.value(slot)? {
                        open.push(inner);
                        next = inner;
                        expected = Next::FirstOrEnd;
                    }
                }
                (Some(_), Next::CommaOrEnd) => {
                    return Err(self.fault(if object {
                        "a comma or `}` is missing"
                    } else {
                        "a comma or `]` is missing"
                    }));
                }
                (None, _) => {
                    return Err(self.fault(if object { "an object is not closed" } else { "an array is not closed" }));
                }
            }
        }
    }

    /// A key and its colon.
    fn key(&mut self, parent: usize) -> Result<Slot, Fault> {
        if self.bytes.get(self.at) != Some(&b'"') {
            return Err(self.fault("a key in double quotes is expected"));
        }
        let key = self.string()?;
        self.blanks();
        if self.bytes.get(self.at) != Some(&b':') {
            return Err(self.fault("a colon is missing behind a key"));
        }
        self.at += 1;
        self.blanks();
        Ok(Slot::keyed(parent, &key))
    }

    /// One value; of an object or array only its beginning.
    fn value(&mut self, slot: Slot) -> Result<Option<(usize, bool)>, Fault> {
        let start = self.at;
        let rest = &self.bytes[start..];
        let literals: [&[u8]; 3] = [b"null", b"true", b"false"];
        match rest.first() {
            Some(b'{' | b'[') => {
                let object = rest[0] == b'{';
                let shape = if object { Shape::FlowMap } else { Shape::FlowSeq };
                let id = self.nodes.open(slot, shape, false, start)?;
                self.at += 1;
                return Ok(Some((id, object)));
            }
            Some(b'"') => {
                let span = self.string()?;
                self.nodes.scalar(slot, Shape::Double, false, &span)?;
            }
            _ => {
                let literal = literals.iter().find(|word| rest.starts_with(word)).map(|word| word.len());
                let Some(length) = literal.or_else(|| number(rest)) else {
                    return Err(self.fault("a value is expected"));
                };
                self.at += length;
                if self
                    .bytes
                    .get(self.at)
                    .is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+' | b'_'))
                {
                    self.at = start;
                    return Err(self.fault("a value is expected"));
                }
                self.nodes.scalar(slot, Shape::Literal, false, &(start..self.at))?;
            }
        }
        Ok(None)
    }

    fn string(&mut self) -> Result<Span, Fault> {
        let start = self.at;
        self.at += 1;
        loop {
            let rest = &self.bytes[self.at.min(self.bytes.len())..];
            let Some(found) = rest.iter().position(|&b| b == b'"' || b == b'\\' || b < b' ') else {
                self.at = start;
                return Err(self.fault("a string is not closed"));
            };
            self.at += found;
            match rest[found] {
                b'"' => {
                    self.at += 1;
                    return Ok(start..self.at);
                }
                b'\\' => {
                    let length = match rest.get(found + 1) {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 2,
                        Some(b'u')
                            if rest.len() >= found + 6
                                && rest[found + 2..found + 6].iter().all(u8::is_ascii_hexdigit) =>
                        {
                            6
                        }
                        _ => return Err(self.fault("a string has a backslash that escapes nothing")),
                    };
                    self.at += length;
                }
                _ => return Err(self.fault("a string has a line break or another control character in it")),
            }
        }
    }

    fn blanks(&mut self) {
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        self.at += rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).count();
    }

    fn fault(&self, message: &str) -> Fault {
        Fault {
            at: self.at,
            rule: "invalid-json",
            message: format!("it is not valid JSON: {message}"),
            advice: "mend it in an editor first; nothing in it is edited until then",
        }
    }
}
