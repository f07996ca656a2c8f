//! Reads a YAML document in one pass: blocks by their indentation, recursion only as deep as values may be nested.

use std::sync::Arc;

use crate::doc::Span;
use crate::doc::line::{Line, text_start};
use crate::doc::tree::{Fault, Growing, Notation, Shape, Slot, Tree};

/// The index of `bytes`; never fails.
pub(in crate::doc) fn scan(bytes: Arc<Vec<u8>>) -> Tree {
    let mut scanner = Scanner { bytes: &bytes, at: text_start(&bytes), nodes: Growing::default() };
    let fault = scanner.document().err();
    let nodes = scanner.nodes;
    nodes.finish(bytes, Notation::Yaml, fault)
}

pub(super) struct Scanner<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) at: usize,
    pub(super) nodes: Growing,
}

/// Where a value stands: what may begin there depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Context {
    /// On the line of its key, or behind an anchor: neither keys nor dashes.
    Inline,
    /// On the line of its dash.
    Compact,
    /// On a line of its own.
    Fresh,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), Fault> {
        self.check_characters()?;
        self.skip()?;
        if self.peek() == Some(b'%') {
            return Err(self.unsupported("a directive (`%`)"));
        }
        let mut context = Context::Fresh;
        if self.is_marker(b"---") {
            self.at += 3;
            if !self.skip()? {
                context = Context::Inline;
            }
        }
        if !self.is_end() {
            self.block(Slot::root(self.at), -1, context)?;
            self.end_line()?;
        }
        if self.is_marker(b"...") {
            self.at += 3;
            self.end_line()?;
        }
        match self.peek() {
            None => Ok(()),
            Some(_) if self.is_marker(b"---") => Err(self.unsupported("a second document (`---`)")),
            Some(_) => Err(self.fault("this line is indented in a way that belongs to nothing above it")),
        }
    }

    /// The value at this place, which is indented more than `indent`.
    fn block(&mut self, slot: Slot, indent: isize, context: Context) -> Result<(), Fault> {
        let (start, mut context, mut marked) = (self.at, context, false);
        let mut seen = Vec::new();
        while let Some(sign @ (b'&' | b'!')) = self.peek() {
            if seen.contains(&sign) {
                return Err(self.fault("a value has two anchors or two tags"));
            }
            seen.push(sign);
            marked = true;
            let length = self.bytes[self.at..].iter().take_while(|b| !b" \t\r\n".contains(b)).count();
            self.at += length;
            let end = self.at;
            if self.skip()? {
                if !self.belongs(slot, indent) {
                    self.nodes.scalar(slot, Shape::Absent, true, &(start..end))?;
                    return Ok(());
                }
                context = Context::Fresh;
            } else {
                context = Context::Inline;
            }
        }
        let start = self.at;
        match self.peek() {
            Some(b'-') if self.is_indicator() && context == Context::Inline => {
                Err(self.fault("a dash cannot stand on the line of a key"))
            }
            Some(b'-') if self.is_indicator() => self.sequence(slot, marked),
            Some(b'?') if self.is_indicator() => Err(self.unsupported("a key of several lines (`? `)")),
            Some(b'*') => {
                let span = self.alias()?;
                self.nodes.scalar(slot, Shape::Alias, marked, &span).map(drop)
            }
            Some(b'|' | b'>') => {
                let span = self.block_text(indent)?;
                self.nodes.scalar(slot, Shape::Block, marked, &span).map(drop)
            }
            Some(b'[' | b'{') => self.flow_value(slot, marked),
            Some(_) if context != Context::Inline && self.key_here()?.is_some() => self.mapping(slot, marked),
            Some(quote @ (b'"' | b'\'')) => {
                let span = self.quoted()?;
                let shape = if quote == b'"' { Shape::Double } else { Shape::Single };
                self.nodes.scalar(slot, shape, marked, &span).map(drop)
            }
            Some(_) => {
                let span = self.plain(Some(indent))?;
                self.nodes.scalar(slot, Shape::Plain, marked, &span).map(drop)
            }
            None => self.nodes.scalar(slot, Shape::Absent, marked, &(start..start)).map(drop),
        }
    }

    fn mapping(&mut self, slot: Slot, marked: bool) -> Result<(), Fault> {
        let column = self.column();
        let id = self.nodes.open(slot, Shape::BlockMap, marked, self.at)?;
        loop {
            let Some((key, colon)) = self.key_here()? else {
                return Err(self.fault("a key with a colon behind it is expected"));
            };
            self.at = colon;
            let slot = Slot::keyed(id, &key);
            if !self.skip()? {
                self.block(slot, column as isize, Context::Inline)?;
            } else if self.belongs(slot, column as isize) {
                self.block(slot, column as isize, Context::Fresh)?;
            } else {
                self.nodes.scalar(slot, Shape::Absent, false, &(colon..colon))?;
            }
            if !self.next_entry(column)? || (self.peek() == Some(b'-') && self.is_indicator()) {
                break;
            }
        }
        let end = self.nodes.last_end(id);
        self.nodes.close(end);
        Ok(())
    }

    fn sequence(&mut self, slot: Slot, marked: bool) -> Result<(), Fault> {
        let column = self.column();
        let id = self.nodes.open(slot, Shape::BlockSeq, marked, self.at)?;
        loop {
            let slot = Slot::element(id, self.at);
            self.at += 1;
            let dash = self.at;
            if !self.skip()? {
                self.block(slot, column as isize, Context::Compact)?;
            } else if !self.is_end() && self.column() > column {
                self.block(slot, column as isize, Context::Fresh)?;
            } else {
                self.nodes.scalar(slot, Shape::Absent, false, &(dash..dash))?;
            }
            let another = self.next_entry(column)? && self.peek() == Some(b'-') && self.is_indicator();
            if !another {
                break;
            }
        }
        let end = self.nodes.last_end(id);
        self.nodes.close(end);
        Ok(())
    }

    /// Goes behind a value; whether what stands there is in `column`.
    fn next_entry(&mut self, column: usize) -> Result<bool, Fault> {
        self.end_line()?;
        if self.is_end() {
            return Ok(false);
        }
        let here = self.column();
        if here > column {
            return Err(self.fault("this line is indented in a way that belongs to nothing above it"));
        }
        Ok(here == column)
    }

    /// Whether the content at this place, on a new line, is the value of `slot`: it is indented more than `indent`, or the
    /// dashes of a key's elements stand in the key's own column.
    fn belongs(&self, slot: Slot, indent: isize) -> bool {
        if self.is_end() {
            return false;
        }
        let column = self.column() as isize;
        let keyed = self.bytes.get(slot.entry()) != Some(&b'-') || indent < 0;
        column > indent || (column == indent && keyed && self.peek() == Some(b'-') && self.is_indicator())
    }

    /// A key on this line and where its colon ends, if there is one.
    fn key_here(&mut self) -> Result<Option<(Span, usize)>, Fault> {
        let start = self.at;
        let line = Line::around(self.bytes, start).end;
        let key = match self.peek() {
            Some(b'"' | b'\'') => {
                let found = self.quoted();
                self.at = start;
                match found {
                    Ok(span) if span.end <= line => span,
                    // It is no key; what is wrong with it shows when it is read as a value.
                    Ok(_) | Err(_) => return Ok(None),
                }
            }
            Some(b'-' | b'?' | b':') if self.is_indicator() => return Ok(None),
            Some(b'[' | b']' | b'{' | b'}' | b',' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'%' | b'@' | b'`')
            | None => {
                return Ok(None);
            }
            Some(_) => {
                let text = &self.bytes[start..line];
                let blank = |at: usize| text.get(at).is_none_or(|b| b" \t".contains(b));
                let stops = |at: &usize| match text[*at] {
                    b':' => blank(at + 1),
                    b'#' => *at > 0 && blank(at - 1),
                    _ => false,
                };
                let Some(end) = (0..text.len()).find(stops).filter(|end| text[*end] == b':') else { return Ok(None) };
                let length = text[..end].iter().rposition(|b| !b" \t".contains(b)).map_or(0, |last| last + 1);
                start..start + length
            }
        };
        let blanks = self.bytes[key.end..line].iter().take_while(|b| b" \t".contains(b)).count();
        let colon = key.end + blanks;
        let is_key = colon < line
            && self.bytes[colon] == b':'
            && self.bytes.get(colon + 1).is_none_or(|b| b" \t\r\n".contains(b));
        if is_key && key.len() > 1024 {
            return Err(self.fault("a key is longer than 1024 bytes"));
        }
        Ok(is_key.then_some((key, colon + 1)))
    }

    /// An alias, `*name`.
    pub(super) fn alias(&mut self) -> Result<Span, Fault> {
        let start = self.at;
        let name = |b: &&u8| !b" \t\r\n,[]{}".contains(*b);
        self.at += self.bytes[start..].iter().take_while(name).count();
        if self.at == start + 1 {
            return Err(self.fault("an alias has no name"));
        }
        Ok(start..self.at)
    }

    /// Goes over blanks, comments and line ends; whether a line ended, or began here.
    pub(super) fn skip(&mut self) -> Result<bool, Fault> {
        let mut tab = None;
        let mut fresh = self.is_line_start(self.at);
        loop {
            match self.peek() {
                Some(b' ') => self.at += 1,
                Some(b'\t') => {
                    tab = tab.or(fresh.then_some(self.at));
                    self.at += 1;
                }
                Some(b'#') if self.is_line_start(self.at) || b" \t".contains(&self.bytes[self.at - 1]) => {
                    self.at = Line::around(self.bytes, self.at).end;
                }
                Some(b'\r' | b'\n') => {
                    self.at = Line::around(self.bytes, self.at).next;
                    (fresh, tab) = (true, None);
                }
                Some(_) | None => break,
            }
        }
        match tab.filter(|_| self.peek().is_some()) {
            Some(at) => Err(Fault {
                at,
                rule: "yaml-tab",
                message: "it is not valid YAML: a tab stands in the indentation".to_owned(),
                advice: "indent with spaces; nothing in it is edited until then",
            }),
            None => Ok(fresh),
        }
    }

    /// Goes to the next content, which must be on another line.
    fn end_line(&mut self) -> Result<(), Fault> {
        // What is below a value may have gone there already.
        let start = Line::around(self.bytes, self.at).start.max(text_start(self.bytes));
        let there = self.bytes[start.min(self.at)..self.at].iter().all(|b| *b == b' ');
        if there || self.skip()? || self.peek().is_none() {
            return if there { self.skip().map(drop) } else { Ok(()) };
        }
        let message = match self.peek() {
            Some(b':') => "a colon stands behind a value: put a text that has one in quotes",
            _ => "something stands behind the end of a value",
        };
        Err(self.fault(message))
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Whether `at` is the beginning of a line.
    fn is_line_start(&self, at: usize) -> bool {
        at <= text_start(self.bytes) || matches!(self.bytes[at - 1], b'\r' | b'\n')
    }

    /// Whether the sign at this place stands alone.
    fn is_indicator(&self) -> bool {
        self.bytes.get(self.at + 1).is_none_or(|b| b" \t\r\n".contains(b))
    }

    pub(super) fn column(&self) -> usize {
        let start = Line::around(self.bytes, self.at).start.max(text_start(self.bytes));
        self.at.saturating_sub(start)
    }

    /// Whether `---` or `...` stands alone at the beginning of this line.
    pub(super) fn is_marker(&self, marker: &[u8]) -> bool {
        self.is_line_start(self.at)
            && self.bytes[self.at.min(self.bytes.len())..].starts_with(marker)
            && self.bytes.get(self.at + 3).is_none_or(|b| b" \t\r\n".contains(b))
    }

    /// Whether the document ends here.
    pub(super) fn is_end(&self) -> bool {
        self.at >= self.bytes.len() || self.is_marker(b"---") || self.is_marker(b"...")
    }

    fn check_characters(&mut self) -> Result<(), Fault> {
        let bad = |b: &u8| (*b < b' ' && !matches!(b, b'\t' | b'\r' | b'\n')) || *b == 0x7f;
        match self.bytes.iter().position(bad) {
            None => Ok(()),
            Some(at) => {
                self.at = at;
                Err(self.fault("a control character stands in it"))
            }
        }
    }

    pub(super) fn fault(&self, message: &str) -> Fault {
        Fault {
            at: self.at,
            rule: "invalid-yaml",
            message: format!("it is not valid YAML: {message}"),
            advice: "mend it in an editor first; nothing in it is edited until then",
        }
    }

    pub(super) fn unsupported(&self, what: &str) -> Fault {
        Fault {
            at: self.at,
            rule: "yaml-unsupported",
            message: format!("it holds {what}, which is not read here"),
            advice: "change it in an editor; nothing in it is edited here",
        }
    }
}
