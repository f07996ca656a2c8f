//! Adding to and taking from what stands between brackets, in JSON and YAML: commas and blanks like those that are there.

use super::{NodeRef, Tree};
use crate::doc::cell::End;
use crate::doc::line::{Line, is_blank, text_start};
use crate::doc::{FindError, Patch, Span};

/// Where something is to be added.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Spot<'t> {
    /// Between empty brackets.
    Only(NodeRef<'t>),
    /// In front of the first one.
    Before(NodeRef<'t>),
    /// Behind one.
    Behind(NodeRef<'t>),
}

impl<'t> Spot<'t> {
    /// The end of a sequence or mapping.
    pub fn of(parent: NodeRef<'t>, end: End) -> Spot<'t> {
        match (parent.children().next(), parent.children().last(), end) {
            (Some(first), _, End::Start) => Spot::Before(first),
            (_, Some(last), End::End) => Spot::Behind(last),
            (None, ..) | (_, None, _) => Spot::Only(parent),
        }
    }
}

/// How the elements of brackets stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manner {
    /// The indentation of an element on a line of its own; none when they share lines.
    pub indent: Option<String>,
    /// What a line ends with.
    pub line_end: &'static str,
    /// The indentation of the line on which the brackets open.
    pub outer: String,
    /// What one level more is indented.
    pub unit: String,
}

impl Tree {
    /// How the elements at a spot stand, or would stand.
    pub(crate) fn manner(&self, spot: Spot<'_>) -> Manner {
        let (parent, sibling) = match spot {
            Spot::Only(parent) => (parent, None),
            Spot::Before(child) | Spot::Behind(child) => (child.parent().unwrap_or(child), Some(child)),
        };
        let outer = self.indentation(parent.span().start);
        let line_end = self.line_end(parent.span().start);
        match sibling {
            Some(child) => {
                let own = self.indentation(child.entry().start);
                let alone = self.begins_line(child.entry().start);
                let inner = child.children().next().filter(|inner| self.begins_line(inner.entry().start));
                let inner = inner.map(|inner| self.indentation(inner.entry().start));
                let unit = match inner {
                    Some(inner) => inner.strip_prefix(&*own).map(str::to_owned),
                    None => own.strip_prefix(&*outer).map(str::to_owned),
                };
                let unit = unit.filter(|unit| !unit.is_empty()).unwrap_or_else(|| self.unit());
                Manner { indent: alone.then_some(own), line_end, outer, unit }
            }
            None => {
                let unit = self.unit();
                // A document of one line stays one, but for brackets that are all of it.
                let lines = parent.parent().is_none() || self.is_spread();
                let indent = lines.then(|| format!("{outer}{unit}"));
                Manner { indent, line_end, outer, unit }
            }
        }
    }

    /// The patch that writes `text` at a spot; it must be laid out for that manner.
    pub(crate) fn add_between(&self, spot: Spot<'_>, manner: &Manner, text: &str) -> Patch {
        let gap = match &manner.indent {
            Some(indent) => format!("{}{indent}", manner.line_end),
            None => String::new(),
        };
        match spot {
            Spot::Only(parent) => {
                let at = parent.span().start + 1;
                let inside = &self.bytes[at..parent.span().end - 1];
                let closing = match &manner.indent {
                    Some(_) if !inside.iter().any(|b| matches!(b, b'\r' | b'\n')) => {
                        format!("{}{}", manner.line_end, manner.outer)
                    }
                    Some(_) | None => String::new(),
                };
                Patch::one(at..at, format!("{gap}{text}{closing}").into_bytes())
            }
            Spot::Before(first) => {
                let at = first.entry().start;
                let gap = if manner.indent.is_some() { gap } else { self.blank_behind_comma(first) };
                Patch::one(at..at, format!("{text},{gap}").into_bytes())
            }
            Spot::Behind(child) => {
                let at = child.span().end;
                let gap = if manner.indent.is_some() { gap } else { self.blank_behind_comma(child) };
                Patch::one(at..at, format!(",{gap}{text}").into_bytes())
            }
        }
    }

    /// The patch that takes an element or key out of its brackets, with one comma.
    pub(crate) fn take_between(&self, child: NodeRef<'_>) -> Result<Patch, FindError> {
        let Some(parent) = child.parent() else {
            return Err(FindError::Refused("the value is the whole document and cannot be taken out".to_owned()));
        };
        let siblings: Vec<NodeRef<'_>> = parent.children().skip(child.index().saturating_sub(1)).take(3).collect();
        let before = siblings.iter().find(|other| other.index() + 1 == child.index());
        let behind = siblings.iter().find(|other| other.index() == child.index() + 1);
        let span = match (before, behind) {
            (_, Some(behind)) => child.entry().start..behind.entry().start,
            (Some(before), None) => before.span().end..child.span().end,
            (None, None) => parent.span().start + 1..parent.span().end - 1,
        };
        let beside = |span: Span| self.bytes[span].contains(&b'#');
        if beside(span.start.min(child.entry().start)..child.entry().start) || beside(child.span().end..span.end) {
            return Err(FindError::NotEditable(format!(
                "a comment stands beside the value at line {}, and would go with it: take it out in an editor",
                child.line()
            )));
        }
        Ok(Patch::one(span, Vec::new()))
    }

    /// What stands between a comma and the next value around here.
    fn blank_behind_comma(&self, child: NodeRef<'_>) -> String {
        let parent = child.parent().unwrap_or(child);
        let mut pair = parent.children().take(2);
        let blanks = match (pair.next(), pair.next()) {
            (Some(first), Some(second)) => {
                let between = &self.bytes[first.span().end..second.entry().start];
                between.iter().rev().take_while(|b| is_blank(**b)).count()
            }
            (Some(_) | None, _) => usize::from(!self.is_dense()),
        };
        " ".repeat(blanks.min(1))
    }

    /// Whether the document has no blanks behind colons: then it has none behind commas either.
    fn is_dense(&self) -> bool {
        let keyed = (0..self.len().min(1000)).map(|id| self.node(id)).find(|node| node.key_span().is_some());
        keyed.is_some_and(|node| node.key_span().is_some_and(|key| node.span().start == key.end + 1))
    }

    /// What stands between a key and its value around here, the colon included.
    pub(crate) fn colon(&self, near: NodeRef<'_>) -> String {
        let all = (near.id()..self.len().min(near.id() + 1000)).chain(0..self.len().min(1000));
        let keyed = all.map(|id| self.node(id)).find_map(|node| Some(node.key_span()?.end..node.span().start));
        let text = keyed.map(|span| String::from_utf8_lossy(&self.bytes[span]).into_owned());
        text.filter(|text| text.trim() == ":" && !text.contains(['\r', '\n'])).unwrap_or_else(|| ": ".to_owned())
    }

    /// What one level is indented in this document; two blanks where nothing tells.
    fn unit(&self) -> String {
        let mut inner =
            (1..self.len().min(1000)).map(|id| self.node(id)).filter(|node| self.begins_line(node.entry().start));
        let unit = inner.find_map(|node| {
            let parent = node.parent()?;
            let own = self.indentation(node.entry().start);
            own.strip_prefix(&*self.indentation(parent.span().start)).map(str::to_owned)
        });
        unit.filter(|unit| !unit.is_empty()).unwrap_or_else(|| "  ".to_owned())
    }

    /// Whether values stand on lines of their own.
    fn is_spread(&self) -> bool {
        self.root()
            .is_some_and(|root| root.children().next().is_some_and(|first| self.begins_line(first.entry().start)))
    }

    /// The blanks at the beginning of the line on which `at` stands.
    pub(crate) fn indentation(&self, at: usize) -> String {
        let start =
            memchr::memrchr2(b'\r', b'\n', &self.bytes[..at]).map_or(text_start(&self.bytes).min(at), |end| end + 1);
        let blanks = self.bytes[start..at].iter().take_while(|b| is_blank(**b)).count();
        String::from_utf8_lossy(&self.bytes[start..start + blanks]).into_owned()
    }

    /// Whether only blanks stand in front of `at` on its line.
    pub(crate) fn begins_line(&self, at: usize) -> bool {
        let blanks = self.bytes[..at].iter().rev().take_while(|b| is_blank(**b)).count();
        let start = at - blanks;
        start <= text_start(&self.bytes) || matches!(self.bytes[start - 1], b'\r' | b'\n')
    }

    /// What the line of `at` ends with, or else the line before it, or a line feed.
    pub(crate) fn line_end(&self, at: usize) -> &'static str {
        let line = Line::around(&self.bytes, at);
        let before = || Line::around(&self.bytes, line.start.saturating_sub(1));
        for line in [Some(line), (line.start > 0).then(before)].into_iter().flatten() {
            match line.terminator(&self.bytes) {
                b"\r\n" => return "\r\n",
                b"\r" => return "\r",
                b"\n" => return "\n",
                _ => {}
            }
        }
        "\n"
    }
}
