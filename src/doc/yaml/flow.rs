//! Values between brackets.

use crate::doc::tree::{Fault, Shape, Slot};

use super::scan::Scanner;

impl Scanner<'_> {
    /// A mapping in `{}` or a sequence in `[]`, with all that is in it.
    pub(super) fn flow_value(&mut self, slot: Slot, marked: bool) -> Result<(), Fault> {
        let map = self.peek() == Some(b'{');
        let (shape, close) = if map { (Shape::FlowMap, b'}') } else { (Shape::FlowSeq, b']') };
        let id = self.nodes.open(slot, shape, marked, self.at)?;
        self.at += 1;
        loop {
            self.between()?;
            if self.peek() == Some(close) {
                break;
            }
            if map {
                self.flow_entry(id)?
            } else {
                self.flow_element(id)?
            }
            self.between()?;
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(byte) if byte == close => {}
                Some(_) => return Err(self.fault("a comma or a closing bracket is missing")),
                None => return Err(self.fault("a bracket is not closed")),
            }
        }
        self.at += 1;
        self.nodes.close(self.at);
        Ok(())
    }

    fn flow_entry(&mut self, id: usize) -> Result<(), Fault> {
        let start = self.at;
        let key = match self.peek() {
            Some(b'"' | b'\'') => self.quoted()?,
            Some(b'&' | b'*' | b'!' | b'?' | b'[' | b'{') => {
                return Err(self.unsupported("a key with an anchor, a tag or brackets of its own"));
            }
            _ => self.plain(None)?,
        };
        if self.bytes[key.clone()].iter().any(|b| matches!(b, b'\r' | b'\n')) {
            self.at = start;
            return Err(self.fault("a key runs over several lines"));
        }
        let slot = Slot::keyed(id, &key);
        let end = self.at;
        self.between()?;
        if self.peek() != Some(b':') {
            return self.nodes.scalar(slot, Shape::Absent, false, &(end..end)).map(drop);
        }
        self.at += 1;
        let end = self.at;
        self.between()?;
        match self.peek() {
            Some(b',' | b'}') => self.nodes.scalar(slot, Shape::Absent, false, &(end..end)).map(drop),
            _ => self.flow_node(slot),
        }
    }

    fn flow_element(&mut self, id: usize) -> Result<(), Fault> {
        let start = self.at;
        self.flow_node(Slot::element(id, start))?;
        self.between()?;
        if self.peek() == Some(b':') {
            self.at = start;
            return Err(self.unsupported("a single pair in `[]`"));
        }
        Ok(())
    }

    fn flow_node(&mut self, slot: Slot) -> Result<(), Fault> {
        let mut marked = false;
        while let Some(b'&' | b'!') = self.peek() {
            marked = true;
            let start = self.at;
            self.at += self.bytes[start..].iter().take_while(|b| !b" \t\r\n,[]{}".contains(b)).count();
            let end = self.at;
            self.between()?;
            if let Some(b',' | b']' | b'}') = self.peek() {
                return self.nodes.scalar(slot, Shape::Absent, true, &(start..end)).map(drop);
            }
        }
        match self.peek() {
            Some(b'[' | b'{') => self.flow_value(slot, marked),
            Some(b'*') => {
                let span = self.alias()?;
                self.nodes.scalar(slot, Shape::Alias, marked, &span).map(drop)
            }
            Some(quote @ (b'"' | b'\'')) => {
                let span = self.quoted()?;
                let shape = if quote == b'"' { Shape::Double } else { Shape::Single };
                self.nodes.scalar(slot, shape, marked, &span).map(drop)
            }
            _ => {
                let span = self.plain(None)?;
                self.nodes.scalar(slot, Shape::Plain, marked, &span).map(drop)
            }
        }
    }

    /// Goes to the next sign between brackets.
    fn between(&mut self) -> Result<(), Fault> {
        self.skip()?;
        if self.is_end() {
            return Err(self.fault("a bracket is not closed"));
        }
        Ok(())
    }
}
