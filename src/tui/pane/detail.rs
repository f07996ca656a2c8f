//! The detail of a selected thing, in lines: what is said of it, wrapped to the width, and what each line is about.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Cx;
use crate::tui::text;
use crate::tui::theme::Theme;

/// How a sentence is meant, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// The name of what follows.
    Heading,
    /// A fact.
    Text,
    /// What explains a fact.
    Quiet,
    /// As it should be.
    Good,
    /// To be looked at.
    Warn,
    /// Not as it should be.
    Bad,
    /// Leads elsewhere.
    Link,
}

impl Tone {
    /// Its colour.
    pub fn style(self, theme: &Theme) -> Style {
        match self {
            Tone::Heading => theme.heading,
            Tone::Text => theme.text,
            Tone::Quiet => theme.quiet,
            Tone::Good => theme.good,
            Tone::Warn => theme.warn,
            Tone::Bad => theme.bad,
            Tone::Link => theme.link,
        }
    }
}

/// A sentence, with what it is about.
#[derive(Debug, Clone)]
pub struct Said<T> {
    /// How it is meant.
    pub tone: Tone,
    /// Columns that it is moved in by.
    pub indent: u16,
    /// The words; one empty text is one empty line.
    pub text: String,
    /// What its lines are about.
    pub about: T,
}

/// The lines of a detail.
#[derive(Debug, Clone)]
pub struct Detail<T> {
    lines: Vec<Said<T>>,
}

impl<T> Default for Detail<T> {
    fn default() -> Detail<T> {
        Detail { lines: Vec::new() }
    }
}

impl<T: Clone> Detail<T> {
    /// Wraps what is said to so many columns.
    pub fn lay(said: impl IntoIterator<Item = Said<T>>, columns: u16) -> Detail<T> {
        let mut lines = Vec::new();
        for said in said {
            let room = columns.max(12).saturating_sub(said.indent).max(6);
            let wrapped = text::wrap(&said.text, usize::from(room));
            lines.extend(wrapped.into_iter().map(|text| Said { text, about: said.about.clone(), ..said }));
        }
        Detail { lines }
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// What a line is about.
    pub fn about(&self, line: usize) -> Option<&T> {
        self.lines.get(line).map(|line| &line.about)
    }

    /// All lines as they stand on the screen.
    pub fn text(&self) -> String {
        let lines = self.lines.iter().map(|line| format!("{}{}", " ".repeat(usize::from(line.indent)), line.text));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Paints these lines from the top of the area on.
    pub fn draw(&self, area: Rect, buf: &mut Buffer, cx: &Cx<'_>, visible: Range<usize>) {
        for (y, line) in (area.top()..area.bottom()).zip(&self.lines[visible]) {
            let indent = line.indent.min(area.width);
            text::put(buf, area.x + indent, y, area.width - indent, &line.text, line.tone.style(cx.theme));
        }
    }
}
