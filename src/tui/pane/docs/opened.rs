//! A document on the screen: its page, the cursor in it, the focused link, the matches.

use std::sync::Arc;

use ratatui::layout::Rect;

use super::page;
use crate::doc::{DocId, Document};
use crate::tui::pane::Cx;
use crate::tui::widget::cursor::Cursor;
use crate::tui::widget::markdown::Page;

/// Columns left of the text: the mark of the cursor's line and a blank.
const GUTTER: u16 = 2;

/// A document on the screen.
pub struct Opened {
    /// Its content.
    pub document: Arc<Document>,
    /// Its lines.
    pub page: Page,
    /// Width, and cutting, that the page is for.
    rendered: Option<(u16, bool)>,
    /// The line under the cursor.
    pub cursor: Cursor,
    /// The link that `Enter` follows.
    pub link: Option<usize>,
    /// Page lines with the text that is searched for.
    pub hits: Vec<usize>,
}

impl Opened {
    /// The document, not rendered yet.
    pub fn new(document: Arc<Document>) -> Opened {
        Opened {
            document,
            page: Page::default(),
            rendered: None,
            cursor: Cursor::default(),
            link: None,
            hits: Vec::new(),
        }
    }

    /// Renders for the width of the area, unless that is done. Keeps the cursor on its document line.
    pub fn render(&mut self, cx: &Cx<'_>, cut: bool, find: &str) {
        let area = text_area(cx.area);
        if area.width == 0 || area.height == 0 {
            return;
        }
        if self.rendered != Some((area.width, cut)) {
            let source = self.rendered.map(|_| self.page.source(self.cursor.at()));
            let ascii = cx.theme.symbols.line == "-";
            self.page = page::render(&self.document, area.width, ascii, !cut);
            self.rendered = Some((area.width, cut));
            self.link = None;
            self.hits = page::hits(&self.page, &self.document, find);
            if let Some(source) = source {
                self.cursor.select(self.page.at_source(source), self.page.len(), area.height);
            }
        }
        self.cursor.fit(self.page.len(), area.height);
    }

    /// Puts the cursor on a page line, and that line near the top.
    pub fn go(&mut self, line: usize, cx: &Cx<'_>) {
        let height = cx.area.height;
        self.link = None;
        self.cursor.select(usize::MAX, self.page.len(), height);
        self.cursor.select(line.saturating_sub(usize::from(height / 4)), self.page.len(), height);
        self.cursor.select(line, self.page.len(), height);
    }

    /// The document line under the cursor.
    pub fn place(&self) -> (DocId, usize) {
        (self.document.id().clone(), self.page.source(self.cursor.at()))
    }

    /// To the next link (or the previous one), from the focused one or from the cursor's line.
    pub fn next_link(&mut self, forward: bool, cx: &Cx<'_>) {
        let links = self.page.links();
        let here = self.cursor.at();
        let next = match (self.link, forward) {
            (Some(at), true) => Some(at + 1).filter(|&at| at < links.len()),
            (Some(at), false) => at.checked_sub(1),
            (None, true) => links.iter().position(|link| link.line >= here),
            (None, false) => links.iter().rposition(|link| link.line <= here),
        };
        if let Some(at) = next {
            self.link = Some(at);
            self.cursor.select(self.page.links()[at].line, self.page.len(), cx.area.height);
        }
    }

    /// To the next line that matches (or the previous one), round the end.
    pub fn next_hit(&mut self, forward: bool, cx: &Cx<'_>) {
        let here = self.cursor.at();
        let next = if forward {
            self.hits.iter().find(|&&at| at > here).or(self.hits.first())
        } else {
            self.hits.iter().rev().find(|&&at| at < here).or(self.hits.last())
        };
        if let Some(&line) = next {
            self.link = None;
            self.cursor.select(line, self.page.len(), cx.area.height);
        }
    }

    /// Another content of the same document.
    pub fn take(&mut self, document: Arc<Document>) {
        let (width, cut) = self.rendered.unwrap_or_default();
        self.document = document;
        // A width that no area has: rendered again, with the cursor kept on its document line.
        self.rendered = self.rendered.map(|_| (width.wrapping_add(1), !cut));
    }
}

/// The part of the pane's area that holds text.
pub fn text_area(area: Rect) -> Rect {
    let gutter = GUTTER.min(area.width.saturating_sub(1));
    Rect { x: area.x + gutter, width: area.width - gutter, ..area }
}
