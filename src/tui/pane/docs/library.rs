//! The list of what can be read: the headings of the open document, the recognised documents, all others.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::doc::DocId;
use crate::model::query::{FieldKind, FieldName, Query};
use crate::tui::action::Move;
use crate::tui::pane::Cx;
use crate::tui::text;
use crate::tui::widget::cursor::Cursor;
use crate::tui::widget::found;
use crate::tui::widget::markdown::Heading;
use crate::workbench::View;

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A title between the parts.
    Label(&'static str),
    /// A heading of the open document.
    Heading {
        /// Page line.
        line: usize,
        /// 1 to 6.
        level: u8,
        /// Its text.
        text: String,
    },
    /// A document, and what it is.
    Document(DocId, &'static str),
}

/// What a filter can ask of the list.
pub const LIBRARY_FIELDS: &[FieldName] =
    &[FieldName { name: "folder", help: "folder of the document", kind: FieldKind::Text }];

impl Entry {
    fn fits(&self, query: &Query) -> bool {
        match self {
            Entry::Label(_) => query.is_empty(),
            Entry::Heading { text, .. } => query.fits(|_| Vec::new(), |word| found::contains(text, word)),
            Entry::Document(id, role) => {
                let folder = id.as_str().rsplit_once('/').map(|(folder, _)| Cow::Borrowed(folder));
                let has = |word: &str| found::contains(id.as_str(), word) || found::contains(role, word);
                query.fits(|_| folder.clone().into_iter().collect(), has)
            }
        }
    }
}

/// The list and its cursor.
#[derive(Debug, Default)]
pub struct Library {
    all: Vec<Entry>,
    /// Indexes into `all` that fit the filter.
    shown: Vec<usize>,
    filter: String,
    query: Query,
    cursor: Cursor,
}

impl Library {
    /// Lists documents and headings; the cursor is on the open document.
    pub fn new(view: &View, headings: &[Heading], current: Option<&DocId>) -> Library {
        let mut all = Vec::new();
        if !headings.is_empty() {
            all.push(Entry::Label("Headings"));
            all.extend(headings.iter().map(|heading| Entry::Heading {
                line: heading.line,
                level: heading.level,
                text: heading.text.clone(),
            }));
        }
        all.push(Entry::Label("Documents"));
        all.extend(view.workspace.iter().map(|(role, id)| Entry::Document(id.clone(), name(role))));
        let others: Vec<&DocId> = view.library.iter().filter(|id| view.workspace.role(id).is_none()).collect();
        if !others.is_empty() {
            all.push(Entry::Label("More documents"));
            all.extend(others.into_iter().map(|id| Entry::Document(id.clone(), "")));
        }
        let mut library = Library { all, ..Library::default() };
        library.filter("", u16::MAX);
        let at = library.shown.iter().position(|&at| match (&library.all[at], current) {
            (Entry::Document(id, _), Some(current)) => id == current,
            (Entry::Document(..), None) => true,
            (Entry::Label(_) | Entry::Heading { .. }, _) => false,
        });
        library.cursor.select(at.unwrap_or(0), library.shown.len(), u16::MAX);
        library
    }

    /// Filter and selection of an older list.
    pub fn keep(&mut self, old: &Library) {
        self.filter(&old.filter, u16::MAX);
        let at = old.selected().and_then(|entry| self.shown.iter().position(|&at| self.all[at] == *entry));
        self.cursor = old.cursor;
        if let Some(at) = at {
            self.cursor.select(at, self.shown.len(), u16::MAX);
        }
    }

    /// Keeps what fits the filter; labels go while there is one.
    pub fn filter(&mut self, filter: &str, height: u16) {
        self.filter = filter.to_owned();
        self.query = Query::parse(filter, LIBRARY_FIELDS);
        self.shown = (0..self.all.len()).filter(|&at| self.all[at].fits(&self.query)).collect();
        self.cursor.fit(self.shown.len(), height);
    }

    /// The filter, taken apart.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The entry under the cursor.
    pub fn selected(&self) -> Option<&Entry> {
        self.shown.get(self.cursor.at()).map(|&at| &self.all[at])
    }

    /// Keeps the cursor visible.
    pub fn fit(&mut self, height: u16) {
        self.cursor.fit(self.shown.len(), height);
    }

    /// Moves.
    pub fn act(&mut self, to: Move, height: u16) -> bool {
        self.cursor.act(to, self.shown.len(), height)
    }

    /// Moves by lines.
    pub fn step(&mut self, lines: i64, height: u16) {
        self.cursor.step(lines, self.shown.len(), height);
    }

    /// Puts the cursor on a visible row.
    pub fn click(&mut self, row: usize, height: u16) {
        self.cursor.select(self.cursor.top() + row, self.shown.len(), height);
    }

    /// Paints the visible rows.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, cx: &Cx<'_>) {
        let theme = cx.theme;
        if self.shown.is_empty() {
            text::put(
                buf,
                area.x,
                area.y,
                area.width,
                "No document or heading fits the filter; Esc clears it",
                theme.quiet,
            );
        }
        for (row, at) in self.cursor.visible(self.shown.len(), area.height).enumerate() {
            let y = area.y + row as u16;
            match &self.all[self.shown[at]] {
                Entry::Label(label) => drop(text::put(buf, area.x, y, area.width, label, theme.heading)),
                Entry::Heading { level, text, .. } => {
                    let indent = (u16::from(*level) * 2).min(area.width / 2);
                    text::put(buf, area.x + indent, y, area.width - indent, text, theme.text);
                }
                Entry::Document(id, role) => {
                    let indent = 2.min(area.width);
                    let room = area.width - indent;
                    let used = text::put(buf, area.x + indent, y, room, id.as_str(), theme.link);
                    let wanted = text::width(role) as u16;
                    if used + wanted + 2 <= room {
                        text::put(buf, area.right() - wanted, y, wanted, role, theme.quiet);
                    }
                }
            }
            if at == self.cursor.at() {
                let style = if cx.focused { theme.selected } else { theme.marked };
                buf.set_style(Rect { y, height: 1, ..area }, style);
            }
        }
    }
}

/// What a recognised document is.
fn name(role: crate::workspace::Role) -> &'static str {
    role.name()
}
