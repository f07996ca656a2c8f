//! Walks the blocks of a Markdown text and lays them out.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options as Flags, Parser, Tag, TagEnd};

use super::inline::{self, Flow};
use super::table::Grid;
use super::{Heading, Ink, Options, Page, TableBlock, Tone};
use crate::tui::widget::wrap;

/// Renders `text`; `tables` are sorted and disjoint, and take the place of the lines they span.
pub fn render(text: &str, tables: &[TableBlock<'_>], options: Options<'_>) -> Page {
    let mut page = Page::default();
    page.text.reserve(text.len() + text.len() / 2);
    let lines: Vec<usize> =
        std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
    let mut walk = Walk { page: &mut page, options, lines, containers: Vec::new(), flow: None, code: None, grid: None };
    let mut at = 0;
    for table in tables {
        let span = clamp(text, &table.span);
        if span.start < at {
            continue;
        }
        walk.text(text, at..span.start);
        walk.table(table);
        at = span.end;
    }
    walk.text(text, at..text.len());
    while page.lines.last().is_some_and(|line| line.start == page.text.len()) {
        page.lines.pop();
    }
    // A block may end behind the last line (a fence that is never closed).
    let last = text.lines().count().max(1);
    for line in &mut page.lines {
        line.source = line.source.clamp(1, last);
    }
    for link in &mut page.links {
        link.line = link.line.min(page.lines.len().saturating_sub(1));
    }
    page
}

/// The span, moved inside the text and to character boundaries.
fn clamp(text: &str, span: &Range<usize>) -> Range<usize> {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    let start = floor(span.start);
    start..floor(span.end).max(start)
}

struct Walk<'a, 'o> {
    page: &'a mut Page,
    options: Options<'o>,
    /// Byte offsets of the line starts.
    lines: Vec<usize>,
    containers: Vec<Container>,
    flow: Option<Flow>,
    code: Option<Code>,
    /// A table that only CommonMark sees (inside a quote).
    grid: Option<(Grid, Vec<Flow>)>,
}

/// Lines of a code block, or of raw HTML, that are shown as they are.
struct Code {
    text: String,
    line: usize,
    ink: Ink,
    bar: bool,
}

enum Container {
    Quote,
    /// Next number, none for bullets.
    List(Option<u64>),
    /// Marker that has not been written yet, and the columns under it.
    Item(Option<String>, usize),
}

impl Walk<'_, '_> {
    fn text(&mut self, text: &str, range: Range<usize>) {
        let flags = Flags::ENABLE_TABLES | Flags::ENABLE_TASKLISTS | Flags::ENABLE_STRIKETHROUGH;
        let base = range.start;
        for (event, span) in Parser::new_ext(&text[range], flags).into_offset_iter() {
            let line = self.lines.partition_point(|&start| start <= base + span.start);
            self.event(event, line);
        }
        self.flush(0);
        self.containers.clear();
    }

    fn table(&mut self, table: &TableBlock<'_>) {
        let Walk { page, options, .. } = self;
        let label = Ink { bold: true, ..Ink::of(Tone::Label) };
        let cells = |cells: &[std::borrow::Cow<'_, str>], ink, line, page: &mut Page| -> Vec<Flow> {
            cells.iter().map(|text| inline::cell(text, ink, line, page, options)).collect()
        };
        let header = cells(&table.header, label, table.line, page);
        let rows = table.rows.iter().map(|(line, row)| (*line, cells(row, Ink::default(), *line, page))).collect();
        Grid { header, rows, line: table.line }.lay(page, "", options.width, options.ascii);
        self.blank(table.rows.last().map_or(table.line, |(line, _)| *line));
    }

    fn event(&mut self, event: Event<'_>, line: usize) {
        if let Some(code) = &mut self.code {
            match &event {
                Event::Text(text) | Event::Html(text) => {
                    if code.text.is_empty() {
                        code.line = line;
                    }
                    code.text.push_str(text);
                    return;
                }
                Event::End(TagEnd::CodeBlock | TagEnd::HtmlBlock) => return self.lay_code(),
                _ => return,
            }
        }
        if let Some(flow) = &mut self.flow
            && flow.event(&event, line, self.page, &self.options)
        {
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag, line),
            Event::End(tag) => self.end(tag, line),
            Event::TaskListMarker(done) => self.loose_flow().push(if done { "[x] " } else { "[ ] " }, line),
            Event::Rule => {
                let rule = if self.options.ascii { "-" } else { "─" };
                self.begin(line);
                let room = self.room();
                self.page.push(&rule.repeat(room), Ink::of(Tone::Frame), None);
                self.blank(line);
            }
            // Text of a tight list item comes without a paragraph around it.
            Event::Text(_) | Event::Code(_) | Event::InlineHtml(_) | Event::SoftBreak | Event::HardBreak => {
                self.loose_flow();
                self.event(event, line);
            }
            Event::Html(_) | Event::FootnoteReference(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, line: usize) {
        match tag {
            Tag::Paragraph => self.flow = Some(Flow::new(self.base())),
            Tag::Heading { .. } => {
                self.flow = Some(Flow::new(Ink { bold: true, ..Ink::of(Tone::Heading) }));
            }
            Tag::BlockQuote(_) => {
                self.flush(line);
                self.containers.push(Container::Quote);
            }
            Tag::CodeBlock(kind) => {
                self.flush(line);
                let line = line + usize::from(matches!(kind, CodeBlockKind::Fenced(_)));
                self.code = Some(Code { text: String::new(), line, ink: Ink::of(Tone::Code), bar: true });
            }
            Tag::HtmlBlock => {
                self.flush(line);
                self.code = Some(Code { text: String::new(), line, ink: Ink::of(Tone::Frame), bar: false });
            }
            Tag::List(first) => {
                self.flush(line);
                self.containers.push(Container::List(first));
            }
            Tag::Item => {
                let bullet = if self.options.ascii { "- " } else { "• " };
                let marker = match self.containers.last_mut() {
                    Some(Container::List(Some(number))) => {
                        let marker = format!("{number}. ");
                        *number += 1;
                        marker
                    }
                    Some(Container::List(None) | Container::Quote | Container::Item(..)) | None => bullet.to_owned(),
                };
                let indent = wrap::width(&marker);
                self.containers.push(Container::Item(Some(marker), indent));
            }
            Tag::Table(_) => self.grid = Some((Grid { line, ..Grid::default() }, Vec::new())),
            Tag::TableCell => {
                let in_head = self.grid.as_ref().is_some_and(|(grid, _)| grid.header.is_empty());
                let head = Ink { bold: true, ..Ink::of(Tone::Label) };
                self.flow = Some(Flow::new(if in_head { head } else { Ink::default() }));
            }
            // Emphasis, strong, links in a tight item.
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. } => {
                self.loose_flow();
                self.event(Event::Start(tag), line);
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, line: usize) {
        match tag {
            TagEnd::Paragraph => {
                self.flush(line);
                self.blank(line);
            }
            TagEnd::Heading(level) => self.heading(level, line),
            TagEnd::BlockQuote(_) => {
                self.flush(line);
                self.containers.pop();
                self.blank(line);
            }
            TagEnd::List(_) => {
                self.containers.pop();
                if self.containers.is_empty() {
                    self.blank(line);
                }
            }
            TagEnd::Item => {
                self.flush(line);
                // An item without text still shows its marker.
                if matches!(self.containers.last(), Some(Container::Item(Some(_), _))) {
                    self.begin(line);
                }
                self.containers.pop();
            }
            TagEnd::TableCell => {
                if let (Some((_, cells)), Some(flow)) = (&mut self.grid, self.flow.take()) {
                    cells.push(flow);
                }
            }
            TagEnd::TableHead => {
                if let Some((grid, cells)) = &mut self.grid {
                    grid.header = std::mem::take(cells);
                }
            }
            TagEnd::TableRow => {
                if let Some((grid, cells)) = &mut self.grid {
                    grid.rows.push((line, std::mem::take(cells)));
                }
            }
            TagEnd::Table => {
                if let Some((grid, _)) = self.grid.take() {
                    let prefix = self.prefix();
                    grid.lay(self.page, &prefix, self.room(), self.options.ascii);
                    self.blank(line);
                }
            }
            _ => {}
        }
    }

    fn heading(&mut self, level: HeadingLevel, line: usize) {
        let text = self.flow.as_ref().map(|flow| flow.text.replace('\n', " ")).unwrap_or_default();
        let first = self.page.lines.len();
        self.flush(line);
        if self.page.lines.len() == first {
            self.begin(line);
        }
        self.page.headings.push(Heading { level: level as u8, text: text.clone(), line: first });
        let rule = match (level, self.options.ascii) {
            (HeadingLevel::H1, true) => "=",
            (HeadingLevel::H1, false) => "═",
            (HeadingLevel::H2, true) => "-",
            (HeadingLevel::H2, false) => "─",
            _ => "",
        };
        if !rule.is_empty() {
            self.begin(line);
            let room = self.room().min(wrap::width(&text).max(1));
            self.page.push(&rule.repeat(room), Ink::of(Tone::Frame), None);
        }
        if level > HeadingLevel::H2 || rule.is_empty() {
            return;
        }
        self.blank(line);
    }

    /// The flow of a tight list item, begun where there is none.
    fn loose_flow(&mut self) -> &mut Flow {
        let base = self.base();
        self.flow.get_or_insert_with(|| Flow::new(base))
    }

    fn base(&self) -> Ink {
        let quoted = self.containers.iter().any(|container| matches!(container, Container::Quote));
        Ink::of(if quoted { Tone::Quote } else { Tone::Plain })
    }

    /// Lays out the pending inline text, if any.
    fn flush(&mut self, line: usize) {
        let Some(flow) = self.flow.take() else { return };
        if flow.text.trim().is_empty() {
            return;
        }
        for range in flow.wrap(self.room()) {
            self.begin(flow.source(range.start, line));
            flow.lay(range, self.page);
        }
    }

    fn lay_code(&mut self) {
        let Some(code) = self.code.take() else { return };
        let bar = match (code.bar, self.options.ascii) {
            (false, _) => "",
            (true, true) => "| ",
            (true, false) => "│ ",
        };
        let text = if code.bar { code.text } else { without_comments(&code.text) };
        if !code.bar && text.trim().is_empty() {
            return;
        }
        let width = self.room().saturating_sub(wrap::width(bar)).max(1);
        let mut last = code.line;
        for (offset, raw) in text.trim_end_matches('\n').split('\n').enumerate() {
            last = code.line + offset;
            if !code.bar && raw.trim().is_empty() {
                continue;
            }
            let clean = (self.options.clean)(raw.trim_end_matches('\r'));
            for range in wrap::wrap(&clean, width) {
                self.begin(last);
                self.page.push(bar, Ink::of(Tone::Frame), None);
                self.page.push(&clean[range], code.ink, None);
            }
        }
        self.blank(last);
    }

    /// What stands before each line, the containers' columns.
    fn prefix(&self) -> String {
        let quote = if self.options.ascii { "> " } else { "▌ " };
        let mut prefix = String::new();
        for container in &self.containers {
            match container {
                Container::Quote => prefix.push_str(quote),
                Container::List(_) => {}
                Container::Item(_, indent) => prefix.extend(std::iter::repeat_n(' ', *indent)),
            }
        }
        // Deep nesting must leave room for text.
        let most = self.options.width / 2;
        wrap::prefix(&prefix, most).to_owned()
    }

    fn room(&self) -> usize {
        self.options.width.saturating_sub(wrap::width(&self.prefix())).max(1)
    }

    /// Begins a page line: prefix, and the marker of an item that has none yet.
    fn begin(&mut self, line: usize) {
        self.page.begin(line);
        let mut prefix = self.prefix();
        if let Some(Container::Item(marker, _)) = self.containers.last_mut()
            && let Some(marker) = marker.take()
        {
            let keep = wrap::width(&prefix).saturating_sub(wrap::width(&marker));
            prefix.truncate(wrap::prefix(&prefix, keep).len());
            prefix.push_str(&marker);
        }
        self.page.push(&prefix, Ink::of(Tone::Frame), None);
    }

    /// An empty line, unless there is one already.
    fn blank(&mut self, line: usize) {
        let tight = self.containers.iter().any(|container| matches!(container, Container::Item(..)));
        if tight || self.page.lines.last().is_none_or(|last| last.start == self.page.text.len()) {
            return;
        }
        self.page.begin(line);
    }
}

/// Raw HTML without its comments; their line ends stay, so that line numbers hold.
fn without_comments(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find("<!--") {
        out.push_str(&rest[..start]);
        let end = rest[start..].find("-->").map_or(rest.len(), |at| start + at + 3);
        out.extend(rest[start..end].chars().filter(|&c| c == '\n'));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}
