//! Text over several lines: without quotes, in quotes, and behind `|` or `>`.

use crate::doc::Span;
use crate::doc::line::{Line, Lines};
use crate::doc::tree::Fault;

use super::scan::Scanner;
use super::text::Header;

impl Scanner<'_> {
    /// Text without quotes; in a block its further lines are indented more than `indent`, between brackets there is none.
    pub(super) fn plain(&mut self, indent: Option<isize>) -> Result<Span, Fault> {
        let (start, flow) = (self.at, indent.is_none());
        let blank = |byte: Option<&u8>| byte.is_none_or(|b| b" \t\r\n".contains(b));
        let (first, second) = (self.peek(), self.bytes.get(start + 1));
        let closed = |byte: Option<&u8>| blank(byte) || (flow && byte.is_some_and(|b| b",[]{}".contains(b)));
        let begins = match first {
            Some(b'-' | b'?' | b':') => !closed(second),
            Some(byte) => !b",[]{}#&*!|>'\"%@`".contains(&byte),
            None => false,
        };
        if !begins {
            return Err(self.fault("a value begins with a sign that must stand in quotes"));
        }
        let mut end = start;
        loop {
            let mut stopped = false;
            // The end of the line is not looked for ahead: it may be far, and between brackets there are many texts on it.
            while let Some(byte) = self.peek().filter(|byte| !matches!(byte, b'\r' | b'\n')) {
                let colon = byte == b':' && closed(self.bytes.get(self.at + 1));
                if colon && !flow {
                    return Err(self.fault("a value has `: ` in it: put it in quotes"));
                }
                let comment = byte == b'#' && self.at > start && b" \t".contains(&self.bytes[self.at - 1]);
                if colon || comment || (flow && b",[]{}".contains(&byte)) {
                    stopped = true;
                    break;
                }
                self.at += 1;
                if !b" \t".contains(&byte) {
                    end = self.at;
                }
            }
            if stopped || !self.continues(indent) {
                self.at = end;
                return Ok(start..end);
            }
        }
    }

    /// Goes to the next line that is not blank, if the text goes on there.
    fn continues(&mut self, indent: Option<isize>) -> bool {
        let next = Line::around(self.bytes, self.at).next;
        let Some(line) = Lines::from(self.bytes, next).find(|line| !line.is_blank(self.bytes)) else { return false };
        let text = &self.bytes[line.content()];
        let spaces = text.iter().take_while(|b| **b == b' ').count();
        let blanks = text.iter().take_while(|b| b" \t".contains(b)).count();
        let here = std::mem::replace(&mut self.at, line.start);
        let goes_on = !self.is_end()
            && text[blanks] != b'#'
            && match indent {
                Some(indent) => spaces as isize > indent,
                None => !b",[]{}".contains(&text[blanks]),
            };
        self.at = if goes_on { line.start + blanks } else { here };
        goes_on
    }

    /// Text in single or double quotes.
    pub(super) fn quoted(&mut self) -> Result<Span, Fault> {
        let start = self.at;
        let quote = self.bytes[start];
        self.at += 1;
        loop {
            let rest = &self.bytes[self.at.min(self.bytes.len())..];
            let stop =
                rest.iter().position(|b| *b == quote || (*b == b'\\' && quote == b'"') || matches!(b, b'\r' | b'\n'));
            let Some(found) = stop else {
                self.at = start;
                return Err(self.fault("a quote is not closed"));
            };
            self.at += found;
            match rest[found] {
                b'\\' => {
                    let hex = |count: usize| {
                        let digits = rest.get(found + 2..found + 2 + count);
                        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)).then_some(count + 2)
                    };
                    let length = match rest.get(found + 1) {
                        Some(b'x') => hex(2),
                        Some(b'u') => hex(4),
                        Some(b'U') => hex(8),
                        Some(b'\r') if rest.get(found + 2) == Some(&b'\n') => Some(3),
                        Some(other) => b"0abt\tnvfre \"/\\N_LP\r\n".contains(other).then_some(2),
                        None => None,
                    };
                    let Some(length) = length else {
                        return Err(self.fault("a text in quotes has a backslash that escapes nothing"));
                    };
                    self.at += length;
                }
                b'\r' | b'\n' => {
                    self.at = Line::around(self.bytes, self.at).next;
                    if self.is_marker(b"---") || self.is_marker(b"...") {
                        return Err(self.fault("a quote is not closed before the end of the document"));
                    }
                }
                _ if quote == b'\'' && rest.get(found + 1) == Some(&b'\'') => self.at += 2,
                _ => {
                    self.at += 1;
                    return Ok(start..self.at);
                }
            }
        }
    }

    /// A block of lines behind `|` or `>`: from the sign to the end of the last line that counts.
    pub(super) fn block_text(&mut self, indent: isize) -> Result<Span, Fault> {
        let start = self.at;
        let line = Line::around(self.bytes, start);
        let Some(header) = Header::read(&self.bytes[start..line.end]) else {
            return Err(self.fault("something stands behind `|` or `>`"));
        };
        let body = &self.bytes[line.next..];
        let Some(width) = header.width(body, indent) else {
            return Err(self.fault("the first lines of a block are indented differently"));
        };
        let (mut end, mut after) = (line.end, line.next);
        for line in Lines::from(self.bytes, line.next) {
            let text = &self.bytes[line.content()];
            let spaces = text.iter().take_while(|b| **b == b' ').count();
            self.at = line.start;
            if spaces == text.len() && spaces <= width {
                // A blank line counts when text follows, or when all blank lines are kept.
                if header.keeps() {
                    end = line.next;
                }
            } else if spaces >= width && !(width == 0 && self.is_end()) {
                end = if header.strips() { line.end } else { line.next };
            } else {
                break;
            }
            after = line.next;
        }
        self.at = after.max(end);
        Ok(start..end)
    }
}
