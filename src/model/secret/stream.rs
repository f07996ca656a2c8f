//! Masking a stream that comes in pieces: whole lines go out as they are complete; a line that never ends goes out in parts,
//! and what could be the beginning of a secret is held back. Memory is bounded.

use std::ops::Range;

use super::{MASKED, Secrets};

/// A line longer than this goes out in parts.
const LONGEST: usize = 64 << 10;
/// How much of it stays, because a secret may begin there.
const HELD: usize = 8 << 10;
/// What a secret is recognised by stands at most so far before it.
const CONTEXT: usize = 256;
/// A private key has fewer lines than this; behind them something else is told.
const KEY_LINES: usize = 200;

/// Masks the secrets in a stream of bytes.
#[derive(Debug)]
pub struct Masker {
    secrets: Secrets,
    /// What came and has not gone out.
    held: Vec<u8>,
    /// In a private key: how many of its lines may still come.
    key_lines: usize,
    /// In a secret that was longer than what is held: dropped up to the next blank.
    in_long: bool,
}

impl Masker {
    pub(super) fn new(secrets: Secrets) -> Masker {
        Masker { secrets, held: Vec::new(), key_lines: 0, in_long: false }
    }

    /// Takes the next piece and appends to `out` what can go out.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for piece in bytes.chunks(LONGEST) {
            self.held.extend_from_slice(piece);
            if let Some(end) = memchr::memrchr2(b'\n', b'\r', &self.held) {
                let rest = self.held.split_off(end + 1);
                let lines = std::mem::replace(&mut self.held, rest);
                self.lines(&lines, out);
            }
            if self.held.len() > LONGEST {
                self.part(out);
            }
        }
    }

    /// The stream has ended: everything goes out.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        let rest = std::mem::take(&mut self.held);
        self.lines(&rest, out);
        self.in_long = false;
        self.key_lines = 0;
    }

    /// How many bytes are held back.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// Whole lines.
    fn lines(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let text = self.behind_long(text);
        let is_key = |span: &Range<usize>| text[span.clone()].starts_with(b"-----BEGIN ");
        let mut spans = self.secrets.spans(text);
        if self.key_lines == 0 && !spans.iter().any(is_key) {
            return replace(text, &spans, out);
        }
        // A key is masked as a whole: from its first line up to the one that ends it.
        let mut start = 0;
        for line in text.split_inclusive(|byte| *byte == b'\n' || *byte == b'\r') {
            let end = start + line.len();
            let ends = memchr::memmem::find(line, b"-----END ").is_some();
            if self.key_lines > 0 {
                self.key_lines = if ends { 0 } else { self.key_lines - 1 };
            } else {
                let own: Vec<Range<usize>> =
                    take_until(&mut spans, end).into_iter().map(|s| s.start - start..s.end - start).collect();
                if own.iter().any(|span| line[span.clone()].starts_with(b"-----BEGIN ")) && !ends {
                    self.key_lines = KEY_LINES;
                }
                replace(line, &own, out);
            }
            take_until(&mut spans, end);
            start = end;
        }
    }

    /// The front of a line that has not ended.
    fn part(&mut self, out: &mut Vec<u8>) {
        let held = std::mem::take(&mut self.held);
        let text = self.behind_long(&held);
        if self.key_lines > 0 {
            self.held = text[text.len().saturating_sub(HELD)..].to_vec();
            return;
        }
        let mut spans = self.secrets.spans(text);
        let open = spans.pop_if(|span| span.end == text.len());
        let mut cut = text.len().saturating_sub(HELD);
        if let Some(open) = open {
            if text.len() - open.start > LONGEST / 2 {
                spans.push(open.clone());
                self.in_long = true;
                cut = text.len();
            } else {
                cut = cut.min(open.start.saturating_sub(CONTEXT));
            }
        }
        // Secrets on both sides of the cut are masked now: behind it they would stand without what tells of them.
        let mut masked = Vec::with_capacity(text.len());
        let (before, behind) = spans.split_at(spans.partition_point(|span| span.start < cut));
        let cut = before.last().map_or(cut, |last| cut.max(last.end));
        replace(&text[..cut], before, out);
        let behind: Vec<Range<usize>> = behind.iter().map(|span| span.start - cut..span.end - cut).collect();
        replace(&text[cut..], &behind, &mut masked);
        self.held = masked;
    }

    /// What stands behind a secret whose beginning went out masked.
    fn behind_long<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        if !self.in_long {
            return text;
        }
        let Some(at) = text.iter().position(u8::is_ascii_whitespace) else { return &[] };
        self.in_long = false;
        &text[at..]
    }
}

/// Takes the spans that begin before `end` off the front.
fn take_until(spans: &mut Vec<Range<usize>>, end: usize) -> Vec<Range<usize>> {
    let behind = spans.split_off(spans.partition_point(|span| span.start < end));
    std::mem::replace(spans, behind)
}

fn replace(text: &[u8], spans: &[Range<usize>], out: &mut Vec<u8>) {
    let mut at = 0;
    for span in spans {
        out.extend_from_slice(&text[at..span.start]);
        out.extend_from_slice(MASKED.as_bytes());
        at = span.end;
    }
    out.extend_from_slice(&text[at..]);
}
