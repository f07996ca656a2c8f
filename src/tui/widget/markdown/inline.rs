//! A run of inline text with its styles, before it is broken into lines.

use std::ops::Range;

use pulldown_cmark::{Event, Options as Flags, Parser, Tag, TagEnd};

use super::{Ink, Options, Page, Run, Tone};
use crate::tui::widget::wrap;

/// Inline text: `\n` is a hard break.
#[derive(Debug, Default)]
pub(super) struct Flow {
    pub text: String,
    runs: Vec<Run>,
    /// From this offset on the text comes from that document line.
    marks: Vec<(usize, usize)>,
    state: Ink,
    link: Option<u32>,
    /// Ink of text without markup.
    base: Ink,
}

impl Flow {
    pub fn new(base: Ink) -> Flow {
        Flow { base, state: base, ..Flow::default() }
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Adds text that comes from the document line `source`.
    pub fn push(&mut self, text: &str, source: usize) {
        self.push_as(text, self.state, self.link, source);
    }

    fn push_as(&mut self, text: &str, ink: Ink, link: Option<u32>, source: usize) {
        if text.is_empty() {
            return;
        }
        if self.marks.last().is_none_or(|&(_, last)| last != source) {
            self.marks.push((self.text.len(), source));
        }
        self.text.push_str(text);
        let end = self.text.len();
        match self.runs.last_mut() {
            Some(run) if run.ink == ink && run.link == link => run.end = end,
            Some(_) | None => self.runs.push(Run { end, ink, link }),
        }
    }

    /// Takes an inline event; false when it is none.
    pub fn event(&mut self, event: &Event<'_>, source: usize, page: &mut Page, options: &Options<'_>) -> bool {
        match event {
            Event::Text(text) => self.push(&(options.clean)(text), source),
            Event::Code(code) => {
                let ink = Ink { tone: Tone::Code, ..self.state };
                let (ink, link) = match self.link {
                    None if (options.cites)(code) => {
                        (Ink { tone: Tone::Link, ..ink }, Some(page.link(code.to_string())))
                    }
                    link => (ink, link),
                };
                self.push_as(&(options.clean)(code), ink, link, source);
            }
            Event::InlineHtml(html) => {
                if is_break(html) {
                    self.push("\n", source);
                } else if !html.starts_with("<!--") {
                    self.push_as(&(options.clean)(html), Ink::of(Tone::Frame), self.link, source);
                }
            }
            Event::SoftBreak => self.push(" ", source),
            Event::HardBreak => self.push("\n", source),
            Event::Start(Tag::Emphasis) => self.state.italic = true,
            Event::End(TagEnd::Emphasis) => self.state.italic = self.base.italic,
            Event::Start(Tag::Strong) => self.state.bold = true,
            Event::End(TagEnd::Strong) => self.state.bold = self.base.bold,
            Event::Start(Tag::Strikethrough) => self.state.strike = true,
            Event::End(TagEnd::Strikethrough) => self.state.strike = false,
            Event::Start(Tag::Link { dest_url, .. }) => {
                self.link = Some(page.link(dest_url.to_string()));
                self.state.tone = Tone::Link;
            }
            Event::Start(Tag::Image { dest_url, .. }) => {
                self.link = Some(page.link(dest_url.to_string()));
                self.state.tone = Tone::Link;
                self.push("[image] ", source);
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                self.link = None;
                self.state.tone = self.base.tone;
            }
            _ => return false,
        }
        true
    }

    /// The ranges of the lines at that width.
    pub fn wrap(&self, width: usize) -> Vec<Range<usize>> {
        wrap::wrap(&self.text, width)
    }

    /// The document line of the text at `offset`.
    pub fn source(&self, offset: usize, otherwise: usize) -> usize {
        let after = self.marks.partition_point(|&(start, _)| start <= offset);
        after.checked_sub(1).map_or(otherwise, |at| self.marks[at].1)
    }

    /// Adds the text of `range` to the page's current line.
    pub fn lay(&self, range: Range<usize>, page: &mut Page) {
        let mut at = range.start;
        let first = self.runs.partition_point(|run| run.end <= at);
        for run in &self.runs[first..] {
            if at >= range.end {
                break;
            }
            let stop = run.end.min(range.end);
            page.place(run.link);
            page.push(&self.text[at..stop], run.ink, run.link);
            at = stop;
        }
    }

    /// Widest line, and the widest word (both in cells).
    pub fn widths(&self) -> (usize, usize) {
        let lines = self.text.split('\n').map(wrap::width).max().unwrap_or(0);
        let words = self.text.split([' ', '\n']).map(wrap::width).max().unwrap_or(0);
        (lines, words)
    }
}

/// The inline text of a table cell: its lines, each with inline markup and perhaps a list marker.
pub(super) fn cell(text: &str, base: Ink, source: usize, page: &mut Page, options: &Options<'_>) -> Flow {
    let mut flow = Flow::new(base);
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            flow.push("\n", source);
        }
        let line = line.trim();
        if !line.contains(['*', '_', '`', '[', '<', '&', '\\', '~', '!']) {
            flow.push(&(options.clean)(line), source);
            continue;
        }
        // A cell holds inline text only: what would start a block is kept as it is, by parsing behind a word.
        let guarded = format!("x {line}");
        let mut first = true;
        for event in Parser::new_ext(&guarded, Flags::ENABLE_STRIKETHROUGH) {
            match event {
                Event::Text(text) if first => {
                    first = false;
                    flow.push(&(options.clean)(text.strip_prefix("x ").unwrap_or(&text)), source);
                }
                event => {
                    flow.event(&event, source, page, options);
                }
            }
        }
    }
    flow
}

/// `<br>`, `<br/>`, `<BR />`.
fn is_break(html: &str) -> bool {
    let inner = html.trim_start_matches('<').trim_end_matches(['>', '/', ' ']);
    inner.eq_ignore_ascii_case("br")
}
