//! Physical lines: they end at `\r\n`, `\n` or a lone `\r`, and each keeps its own terminator.
//!
//! U+2028, U+0085 and form feed do not end lines. Works on bytes; valid for text that is not UTF-8.

use super::Span;

/// One physical line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    /// First byte.
    pub start: usize,
    /// End of the content: where the terminator starts.
    pub end: usize,
    /// Start of the following line; equals `end` when the line has no terminator (end of the file).
    pub next: usize,
}

impl Line {
    /// The line that starts at `start`.
    pub fn at(bytes: &[u8], start: usize) -> Line {
        match memchr::memchr2(b'\n', b'\r', &bytes[start..]) {
            None => Line { start, end: bytes.len(), next: bytes.len() },
            Some(found) => {
                let end = start + found;
                let crlf = bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n');
                Line { start, end, next: end + 1 + usize::from(crlf) }
            }
        }
    }

    /// The line whose content or terminator holds `offset` (the last line for `offset == bytes.len()`).
    pub fn around(bytes: &[u8], offset: usize) -> Line {
        let mut before = offset.min(bytes.len());
        // Between the two bytes of a CRLF is still the line that the CRLF ends.
        if splits_crlf(bytes, before) {
            before -= 1;
        }
        let start = memchr::memrchr2(b'\n', b'\r', &bytes[..before]).map_or(0, |end| end + 1);
        Line::at(bytes, start)
    }

    /// The content's span.
    pub fn content(&self) -> Span {
        self.start..self.end
    }

    /// The terminator; empty at the end of a file without final newline.
    pub fn terminator<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        &bytes[self.end..self.next]
    }

    /// Whether there is nothing but spaces and tabs on it.
    pub fn is_blank(&self, bytes: &[u8]) -> bool {
        bytes[self.content()].iter().copied().all(is_blank)
    }
}

/// The lines of `bytes` from a line start on.
pub(crate) struct Lines<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Lines<'b> {
    /// The lines from `start`, which must be a line start. A final terminator does not begin another, empty line.
    pub fn from(bytes: &'b [u8], start: usize) -> Lines<'b> {
        Lines { bytes, at: start }
    }
}

impl Iterator for Lines<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let line = Line::at(self.bytes, self.at);
        self.at = line.next;
        Some(line)
    }
}

/// How many lines end in `bytes`.
pub(crate) fn breaks(bytes: &[u8]) -> usize {
    let mut count = 0;
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'\n', b'\r', &bytes[at..]) {
        at += found + 1;
        if bytes[at - 1] == b'\r' && bytes.get(at) == Some(&b'\n') {
            at += 1;
        }
        count += 1;
    }
    count
}

/// Whether `offset` lies between the two bytes of a CRLF.
pub(crate) fn splits_crlf(bytes: &[u8], offset: usize) -> bool {
    bytes.get(offset) == Some(&b'\n') && offset > 0 && bytes[offset - 1] == b'\r'
}

/// Where the text starts: behind a byte-order mark, if there is one.
pub(crate) fn text_start(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 }
}

/// A space or a tab: the only blanks that these formats trim.
pub(crate) fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// `span` without the blanks at both ends. Of a blank span its empty start is left.
pub(crate) fn trim(bytes: &[u8], span: Span) -> Span {
    let mut start = span.start;
    let mut end = span.end;
    while end > start && is_blank(bytes[end - 1]) {
        end -= 1;
    }
    if end == start {
        return span.start..span.start;
    }
    while is_blank(bytes[start]) {
        start += 1;
    }
    start..end
}

/// Where `text` stands in `bytes`, places that overlap included.
pub(crate) fn occurrences<'a>(bytes: &'a [u8], text: &'a [u8]) -> impl Iterator<Item = Span> + 'a {
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + memchr::memmem::find(bytes.get(from..)?, text)?;
        from = at + 1;
        Some(at..at + text.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end() {
        let bytes = b"a\r\nb\nc\rd\r\r\n\x0c\xc2\x85e";
        let texts: Vec<&[u8]> = Lines::from(bytes, 0).map(|l| &bytes[l.content()]).collect();
        assert_eq!(texts, [&b"a"[..], b"b", b"c", b"d", b"", b"\x0c\xc2\x85e"]);
        assert_eq!(breaks(bytes), 5);
    }

    #[test]
    fn the_line_around_an_offset() {
        let bytes = b"ab\r\ncd\n";
        for (offset, start) in [(0, 0), (2, 0), (3, 0), (4, 4), (6, 4), (7, 7)] {
            assert_eq!(Line::around(bytes, offset).start, start, "offset {offset}");
        }
    }

    #[test]
    fn trimming_keeps_the_start_of_blank_spans() {
        assert_eq!(trim(b"  a ", 0..4), 2..3);
        assert_eq!(trim(b"   ", 1..3), 1..1);
        assert_eq!(trim("\u{a0}a\u{a0}".as_bytes(), 0..5), 0..5);
    }
}
