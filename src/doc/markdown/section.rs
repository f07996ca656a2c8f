//! Adding a line to a section and taking it out again.

use crate::doc::candidates::{nearest, shorten};
use crate::doc::line::{Line, Lines, breaks, occurrences, splits_crlf, text_start};
use crate::doc::{FindError, Patch, Span};

use super::{Markdown, Open, line};

/// A line for a section.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewLine<'a> {
    /// Text of the section's heading.
    pub heading: &'a str,
    /// Level of the heading when it has to be written.
    pub level: u8,
    /// The line without terminator.
    pub text: &'a str,
}

impl Markdown {
    /// What belongs to the first heading with this text, subsections included: from behind the heading's line to the next
    /// heading of the same or a higher level. `""` is also the place before the first heading.
    pub fn section(&self, heading: &str) -> Option<Span> {
        let index = self.headings.iter().position(|h| self.raw(&h.text) == heading.as_bytes());
        match index {
            Some(index) => {
                let level = self.headings[index].level;
                let next = self.headings[index + 1..].iter().find(|h| h.level <= level);
                Some(self.headings[index].body.start..next.map_or(self.bytes.len(), |h| h.start))
            }
            None if heading.is_empty() => {
                let end = self.headings.first().map_or(self.bytes.len(), |h| h.start);
                Some(text_start(&self.bytes)..end)
            }
            None => None,
        }
    }

    /// The patch that adds a line, and the offset of the line in the result. Not yet read back.
    pub(crate) fn add_line(&self, new: NewLine<'_>) -> Result<(Patch, usize), FindError> {
        let refuse =
            |why: &str| Err(FindError::Refused(format!("the line `{}` cannot be added: {why}", shorten(new.text))));
        if new.text.contains(['\r', '\n']) || new.heading.contains(['\r', '\n']) {
            return refuse("it has a line break; add one line at a time");
        }
        if new.text.trim_matches([' ', '\t']).is_empty() {
            return refuse("it is blank");
        }
        match self.section(new.heading) {
            Some(body) => self.add_to_section(body, new),
            None if !(1..=6).contains(&new.level) => refuse("the level of a new heading is 1 to 6"),
            None => self.add_section(new),
        }
    }

    fn add_to_section(&self, body: Span, new: NewLine<'_>) -> Result<(Patch, usize), FindError> {
        let bytes = &self.bytes[..];
        let in_body = Lines::from(bytes, body.start).take_while(|line| line.start < body.end);
        let neighbour = in_body.filter(|line| !line.is_blank(bytes)).last();
        if let (Some(open), Some(neighbour)) = (self.open, &neighbour)
            && (self.is_code(neighbour.start) || self.is_comment(neighbour.start))
            && self
                .fences
                .last()
                .into_iter()
                .chain(self.comments.last())
                .any(|span| span.end == bytes.len() && span.contains(&neighbour.start) && self.opens_at(open, span))
        {
            return Err(refuse_open(open));
        }
        let is_heading = neighbour.is_none();
        let before = neighbour
            .or_else(|| (body.start > text_start(bytes)).then(|| Line::around(bytes, self.before(body.start))));
        let Some(before) = before else {
            // Before the first heading, and nothing there yet.
            let end = self.line_end(body.start);
            let gap = if body.is_empty() && body.end < bytes.len() { end } else { "" };
            return Ok((
                Patch::one(body.start..body.start, format!("{}{end}{gap}", new.text).into_bytes()),
                body.start,
            ));
        };
        let end = self.line_end(before.next);
        let mut insert = String::new();
        if before.next == before.end {
            insert.push_str(end);
        }
        // A list item is no row, whatever bars it has.
        let is_item = self.items.iter().any(|item| before.content().contains(&item.text.start));
        let behind_table = !is_item
            && line::has_bar(bytes, &before.content())
            && !new.text.trim_start_matches([' ', '\t']).starts_with('|');
        if is_heading || behind_table {
            insert.push_str(end);
        }
        Ok(inserted(before.next, insert, new.text, end))
    }

    /// A new section at the end of the document.
    fn add_section(&self, new: NewLine<'_>) -> Result<(Patch, usize), FindError> {
        if let Some(open) = self.open {
            return Err(refuse_open(open));
        }
        let at = self.bytes.len();
        let end = self.line_end(at);
        let last = Line::around(&self.bytes, self.before(at));
        let mut insert = String::new();
        if at > text_start(&self.bytes) {
            if last.next == last.end {
                insert.push_str(end);
            }
            if !last.is_blank(&self.bytes) {
                insert.push_str(end);
            }
        }
        insert.push_str(&"#".repeat(usize::from(new.level)));
        insert.push(' ');
        insert.push_str(new.heading);
        insert.push_str(end);
        if !self.is_tight(new) {
            insert.push_str(end);
        }
        Ok(inserted(at, insert, new.text, end))
    }

    /// Whether it is an entry of a journal, in which the last entry has its first line directly below its heading.
    fn is_tight(&self, new: NewLine<'_>) -> bool {
        let is_day = |text: &[u8]| text.first().is_some_and(u8::is_ascii_digit);
        let last = self.headings.iter().rev().find(|heading| heading.level == new.level);
        let last = last.filter(|last| is_day(self.raw(&last.text)) && is_day(new.heading.as_bytes()));
        let first =
            last.filter(|last| last.body.start < last.body.end).map(|last| Line::around(&self.bytes, last.body.start));
        first.is_some_and(|first| !first.is_blank(&self.bytes))
    }

    /// An offset on the line that ends before `offset`, a line start or the end of the file.
    pub(super) fn before(&self, offset: usize) -> usize {
        match self.bytes[..offset] {
            [.., b'\r', b'\n'] => offset - 2,
            [.., b'\r' | b'\n'] => offset - 1,
            _ => offset,
        }
    }

    /// The terminator of the last line that ends at or before `offset`; of the first line after it where there is none.
    pub(super) fn line_end(&self, offset: usize) -> &'static str {
        let bytes = &self.bytes[..];
        let at = memchr::memrchr2(b'\r', b'\n', &bytes[..offset])
            .or_else(|| memchr::memchr2(b'\r', b'\n', &bytes[offset..]).map(|at| offset + at));
        match at {
            Some(at) if bytes[at] == b'\n' && at > 0 && bytes[at - 1] == b'\r' => "\r\n",
            Some(at) if bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n') => "\r\n",
            Some(at) if bytes[at] == b'\r' => "\r",
            Some(_) | None => "\n",
        }
    }

    fn opens_at(&self, open: Open, span: &Span) -> bool {
        let line = match open {
            Open::Fence { line } | Open::Comment { line } => line,
        };
        breaks(&self.bytes[..span.start]) + 1 == line
    }

    /// Whether the added line stands at `at` as what it is: part of the section, no code, a list item if it is written
    /// as one.
    pub(crate) fn reads_line(&self, at: usize, new: NewLine<'_>) -> bool {
        let in_section = self.section(new.heading).is_some_and(|body| body.contains(&at));
        let end = at + new.text.len();
        let as_item = line::list_item(new.text.as_bytes(), &(0..new.text.len())).is_none_or(|alone| {
            let from = self.items.partition_point(|item| item.text.start < at);
            self.items.get(from).is_some_and(|item| {
                item.text == (at + alone.text.start..at + alone.text.end)
                    && item.text.end <= end
                    && item.checked.is_some() == alone.checked.is_some()
            })
        });
        in_section && as_item && !self.is_code(at) && !self.is_comment(at)
    }

    /// The lines of the section that are exactly `text`, outside of code and comments.
    pub(crate) fn lines_like(&self, new: NewLine<'_>) -> Vec<Line> {
        let Some(body) = self.section(new.heading) else { return Vec::new() };
        Lines::from(&self.bytes, body.start)
            .take_while(|line| line.start < body.end)
            .filter(|line| self.raw(&line.content()) == new.text.as_bytes())
            .filter(|line| !self.is_code(line.start) && !self.is_comment(line.start))
            .collect()
    }

    /// What to remove so that the line is gone: exactly what was once inserted, if that still stands there once and
    /// nothing else depends on it, or the last such line of the section.
    pub(crate) fn take_line(&self, new: NewLine<'_>, was: Option<&str>) -> Result<Patch, FindError> {
        if let Some(span) = was.and_then(|was| self.verbatim(new.heading, was)) {
            return Ok(Patch::one(span, Vec::new()));
        }
        if let Some(line) = self.lines_like(new).last() {
            return Ok(Patch::one(line.start..line.next, Vec::new()));
        }
        let lines = self.section(new.heading).map(|body| {
            Lines::from(&self.bytes, body.start)
                .take_while(|line| line.start < body.end)
                .enumerate()
                .filter(|(_, line)| !line.is_blank(&self.bytes))
                .map(|(index, line)| {
                    (self.bytes[line.content()].to_vec(), breaks(&self.bytes[..body.start]) + index + 1)
                })
                .map(|(text, line)| (String::from_utf8_lossy(&text).into_owned().into(), line))
                .collect::<Vec<_>>()
        });
        Err(FindError::NoMatch(match lines {
            Some(lines) => format!(
                "the line `{}` is no longer under `{}`{}",
                shorten(new.text),
                new.heading,
                nearest(new.text, lines.into_iter())
            ),
            None => format!(
                "no heading `{}`{}",
                new.heading,
                nearest(new.heading, self.headings.iter().map(|h| (self.text(&h.text), h.line)))
            ),
        }))
    }

    /// Where the inserted bytes stand verbatim, once, as whole lines: in their section or, when they are not there any
    /// more, elsewhere.
    fn verbatim(&self, heading: &str, was: &str) -> Option<Span> {
        if was.is_empty() {
            return None;
        }
        let bytes = &self.bytes[..];
        let starts_line = |at: usize| at == text_start(bytes) || Line::around(bytes, at).start == at;
        let leading = Line::at(was.as_bytes(), 0);
        let leading = if leading.end == 0 { leading.next } else { 0 };
        let places = occurrences(bytes, was.as_bytes()).filter(|span| {
            let from_start = starts_line(span.start) || (leading > 0 && !splits_crlf(bytes, span.start));
            let to_end = span.end == bytes.len() || starts_line(span.end);
            let text = span.start + leading;
            from_start && to_end && !self.is_code(text) && !self.is_comment(text)
        });
        let section = self.section(heading).unwrap_or_default();
        let (inside, outside): (Vec<Span>, Vec<Span>) = places.partition(|span| section.contains(&(span.end - 1)));
        let mut span = match (&inside[..], &outside[..]) {
            ([only], _) | ([], [only]) => only.clone(),
            (_, _) => return None,
        };
        if !starts_line(span.start) && span.end < bytes.len() {
            // The line break in front now separates the line before from what was added behind: it stays.
            span.start += leading;
        }
        let has_heading = self.headings.iter().any(|h| span.contains(&h.start));
        let behind = Lines::from(bytes, span.end).find(|line| !line.is_blank(bytes));
        let orphans = behind.is_some_and(|line| self.headings.binary_search_by_key(&line.start, |h| h.start).is_err());
        (!(has_heading && orphans)).then_some(span)
    }
}

fn inserted(at: usize, mut before: String, text: &str, end: &str) -> (Patch, usize) {
    let offset = at + before.len();
    before.push_str(text);
    before.push_str(end);
    (Patch::one(at..at, before.into_bytes()), offset)
}

fn refuse_open(open: Open) -> FindError {
    FindError::Refused(match open {
        Open::Fence { line } => format!(
            "the code fence that opens at line {line} is never closed, so a line added at the end would be code: close the fence first"
        ),
        Open::Comment { line } => format!(
            "the comment that opens at line {line} is never closed, so a line added at the end would be hidden: add `-->` first"
        ),
    })
}
