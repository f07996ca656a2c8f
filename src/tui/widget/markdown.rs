//! Markdown as a reading view: lines of styled text for one width, each knowing the document line it came from.
//!
//! ```text
//!  Release plan                    heading, underlined at the first two levels
//!  ════════════
//!  Ship it when the gates          paragraph, wrapped at blanks
//!  hold.
//!  • item                          list
//!    [x] done                      check box, as written
//!  │ code                          fenced or indented code
//!  ▌ quote
//!  Id     │ Title                  table, cells wrapped; as records where columns would be too narrow
//!  ───────┼─────────────
//!  D-1    │ Make the
//!         │ switch work
//! ```
//!
//! Renders once per width, then draws only the lines asked for. HTML comments are not shown. Tables come in from
//! outside as [`TableBlock`]s, because CommonMark ends a table at a comment or blank line and the documents here do not.

mod block;
mod inline;
mod plain;
mod table;

use std::borrow::Cow;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

pub use block::render;
pub use plain::plain;

/// What a piece of text is; the theme says how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ink {
    /// Its part in the text.
    pub tone: Tone,
    /// Strong emphasis.
    pub bold: bool,
    /// Emphasis.
    pub italic: bool,
    /// Struck out.
    pub strike: bool,
}

/// Part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Running text.
    #[default]
    Plain,
    /// A heading.
    Heading,
    /// Code, inline or block.
    Code,
    /// Something that can be followed.
    Link,
    /// Quoted text.
    Quote,
    /// Rules, bullets, borders.
    Frame,
    /// Table headers and field names.
    Label,
}

/// A table with its place in the text: whole lines, header to last row.
#[derive(Debug, Clone, Default)]
pub struct TableBlock<'a> {
    /// Bytes of the text that the table replaces: from the start of the header's line to the end of the last row's.
    pub span: Range<usize>,
    /// 1-based line of the header.
    pub line: usize,
    /// Decoded header cells.
    pub header: Vec<Cow<'a, str>>,
    /// Rows: 1-based line and decoded cells, `\n` for a line break.
    pub rows: Vec<(usize, Vec<Cow<'a, str>>)>,
}

/// How to render.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Cells of a line.
    pub width: usize,
    /// Only ASCII for frames and bullets.
    pub ascii: bool,
    /// Whether a code span names something that can be followed.
    pub cites: &'a dyn Fn(&str) -> bool,
    /// Makes text of the document safe to show.
    pub clean: &'a dyn Fn(&str) -> String,
}

/// Something that can be followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where to, as the document says.
    pub target: String,
    /// Index of the page line where it starts.
    pub line: usize,
}

/// A heading of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its text.
    pub text: String,
    /// Index of its page line.
    pub line: usize,
}

/// A rendered text. One string for all lines, so that a document of some hundred kilobytes costs a handful of
/// allocations.
#[derive(Debug, Default)]
pub struct Page {
    text: String,
    /// Sorted by end; the runs of a line are contiguous.
    runs: Vec<Run>,
    lines: Vec<Line>,
    links: Vec<Link>,
    headings: Vec<Heading>,
}

#[derive(Debug, Clone, Copy)]
struct Run {
    end: usize,
    ink: Ink,
    link: Option<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    /// Start in the page's text.
    start: usize,
    /// Index of the first run.
    run: usize,
    /// 1-based line of the document.
    source: usize,
}

impl Page {
    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// The text of a line, `""` past the end.
    pub fn line(&self, index: usize) -> &str {
        match self.lines.get(index) {
            Some(line) => &self.text[line.start..self.end_of(index)],
            None => "",
        }
    }

    /// The document line that a page line came from (1-based); that of the last line past the end.
    pub fn source(&self, index: usize) -> usize {
        self.lines.get(index).or(self.lines.last()).map_or(1, |line| line.source)
    }

    /// The first page line of the document line, or of the nearest one before it.
    pub fn at_source(&self, source: usize) -> usize {
        let mut best = 0;
        let mut best_source = 0;
        for (index, line) in self.lines.iter().enumerate() {
            if line.source <= source && line.source > best_source {
                (best, best_source) = (index, line.source);
            }
        }
        best
    }

    /// Everything that can be followed, in reading order.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The headings, in order.
    pub fn headings(&self) -> &[Heading] {
        &self.headings
    }

    /// Paints the lines from `top` on. `style` says how each ink looks; the link with the index `focus` is reversed.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, top: usize, focus: Option<usize>, style: impl Fn(Ink) -> Style) {
        for row in 0..area.height {
            let index = top + row as usize;
            let Some(line) = self.lines.get(index) else { return };
            let end = self.end_of(index);
            let mut at = line.start;
            let mut x = area.x;
            for run in &self.runs[line.run..] {
                if at >= end {
                    break;
                }
                let stop = run.end.min(end);
                let mut ink = style(run.ink);
                if run.link.is_some() && run.link.map(|link| link as usize) == focus {
                    ink = ink.add_modifier(ratatui::style::Modifier::REVERSED);
                }
                let room = (area.right() - x) as usize;
                x = buf.set_stringn(x, area.y + row, &self.text[at..stop], room, ink).0;
                at = stop;
            }
        }
    }

    fn end_of(&self, index: usize) -> usize {
        self.lines.get(index + 1).map_or(self.text.len(), |next| next.start)
    }

    /// Begins a line that came from that document line.
    fn begin(&mut self, source: usize) {
        self.lines.push(Line { start: self.text.len(), run: self.runs.len(), source });
    }

    /// Adds text to the line that was begun last.
    fn push(&mut self, text: &str, ink: Ink, link: Option<u32>) {
        if !text.is_empty() {
            self.text.push_str(text);
            self.runs.push(Run { end: self.text.len(), ink, link });
        }
    }

    /// Registers something to follow at the line that is begun next.
    fn link(&mut self, target: String) -> u32 {
        self.links.push(Link { target, line: usize::MAX });
        (self.links.len() - 1) as u32
    }

    /// Notes the place of a link when its first text is laid out.
    fn place(&mut self, link: Option<u32>) {
        let line = self.lines.len().saturating_sub(1);
        if let Some(link) = link.and_then(|link| self.links.get_mut(link as usize)) {
            link.line = link.line.min(line);
        }
    }
}

impl Ink {
    /// Plain ink of that tone.
    pub const fn of(tone: Tone) -> Ink {
        Ink { tone, bold: false, italic: false, strike: false }
    }
}

#[cfg(test)]
mod tests;
