//! Lines that grow at their end, on a screen: following or paused, wrapped or cut, searched. Knows no file.
//!
//! Only visible lines are cleaned, cut and wrapped; what a line says is shown, never obeyed.

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::held::Sound;
use crate::doc::DocId;
use crate::tui::action::Move;
use crate::tui::pane::{Cx, Flow};
use crate::tui::text;
use crate::tui::theme::Theme;
use crate::tui::widget::{found, wrap};

/// Columns left of the text.
const GUTTER: u16 = 2;
/// A line longer than this is cut, with a mark.
const LONGEST: usize = 4096;
/// Columns by which cut lines are shifted.
const SHIFT: usize = 8;

/// Lines, oldest first.
pub trait Lines {
    /// How many.
    fn len(&self) -> usize;

    /// One line: its text as it stands, and how it looks. None behind the last.
    fn shown(&self, at: usize) -> Option<(&str, Tone)>;

    /// How bad a line sounds.
    fn sound(&self, at: usize) -> Sound;

    /// The 1-based number of a line in its document, where there is one and it is known.
    fn number(&self, at: usize) -> Option<usize> {
        let _ = at;
        None
    }
}

/// The nearest line behind `from` (or before it) that fits, without going round.
fn find(lines: &dyn Lines, from: usize, forward: bool, fits: impl Fn(usize, &str) -> bool) -> Option<usize> {
    let fits = |at: &usize| lines.shown(*at).is_some_and(|(text, _)| fits(*at, text));
    let len = lines.len();
    if forward { (from.min(len)..len).find(fits) } else { (0..from.min(len)).rev().find(fits) }
}

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As text.
    Text,
    /// Of the cockpit, in brackets.
    Mark,
    /// Less important.
    Quiet,
    /// A heading.
    Heading,
    /// What is going on.
    Accent,
    /// It is well.
    Good,
    /// A warning.
    Warn,
    /// An error.
    Bad,
}

impl Tone {
    /// The style for it.
    pub fn style(self, theme: &Theme) -> Style {
        match self {
            Tone::Text => theme.text,
            Tone::Quiet => theme.quiet,
            Tone::Heading => theme.heading,
            Tone::Accent => theme.accent,
            Tone::Good => theme.good,
            Tone::Warn | Tone::Mark => theme.warn,
            Tone::Bad => theme.bad,
        }
    }
}

/// The place on the screen, and how lines are shown.
#[derive(Debug, Default)]
pub struct Scroll {
    pub mode: Mode,
    /// The line under the cursor while paused.
    pub at: usize,
    /// Where the screen starts while paused.
    top: Start,
    pub layout: Layout,
    pub find: String,
}

/// Where the screen starts: a line, and how many of its rows are above the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Start {
    line: usize,
    skip: usize,
}

/// Whether the screen moves with the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// The end is on the screen.
    #[default]
    Following,
    /// The screen stays where it is.
    Paused,
}

/// How long lines are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    #[default]
    Wrapped,
    /// Cut, and shifted by so many columns.
    Cut(usize),
}

impl Scroll {
    /// Follows from now on, as at the start.
    pub fn restart(&mut self) {
        (self.mode, self.at, self.top) = (Mode::Following, 0, Start::default());
    }

    /// The line that is meant: under the cursor, or the last one.
    pub fn meant(&self, lines: &dyn Lines) -> usize {
        if self.mode == Mode::Following { last(lines) } else { self.at }
    }

    /// The held lines moved down by so many (negative: up).
    pub fn moved(&mut self, by: isize, lines: &dyn Lines, area: Rect) {
        if self.mode == Mode::Paused {
            self.at = self.at.saturating_add_signed(by);
            self.top.line = self.top.line.saturating_add_signed(by);
            self.reveal(lines, area);
        }
    }

    /// The text of a line as it is shown, and the rows it takes.
    fn lay(&self, lines: &dyn Lines, at: usize, width: u16) -> (String, Vec<Range<usize>>) {
        let width = usize::from(width.max(1));
        let (raw, tone) = lines.shown(at).unwrap_or(("", Tone::Text));
        let head = (0..=LONGEST.min(raw.len())).rev().find(|&at| raw.is_char_boundary(at)).unwrap_or(0);
        let mut clean = text::clean(&raw[..head]).into_owned();
        if head < raw.len() {
            clean.push_str(&format!(" [{} more bytes]", raw.len() - head));
        }
        if tone == Tone::Mark {
            clean = format!("[{clean}]");
        }
        let rows = match self.layout {
            Layout::Wrapped => wrap::wrap(&clean, width),
            Layout::Cut(shift) => {
                let start = wrap::prefix(&clean, shift).len();
                std::iter::once(start..clean.len()).collect()
            }
        };
        (clean, rows)
    }

    fn rows(&self, lines: &dyn Lines, at: usize, width: u16) -> usize {
        match self.layout {
            Layout::Wrapped => self.lay(lines, at, width).1.len(),
            Layout::Cut(_) => 1,
        }
    }

    /// Where a screen of `height` rows starts that ends with the last row of the line `last`.
    fn start_for(&self, lines: &dyn Lines, last: usize, width: u16, height: usize) -> Start {
        let mut used = 0;
        for line in (0..=last).rev() {
            used += self.rows(lines, line, width);
            if used >= height {
                return Start { line, skip: used - height };
            }
        }
        Start::default()
    }

    /// Keeps the cursor on the screen. A cursor that leaves it by a line brings half a screen of new lines with it:
    /// a scrolled screen is painted anew as a whole, so it should not happen at every key.
    fn reveal(&mut self, lines: &dyn Lines, area: Rect) {
        let body = text_area(area);
        let height = usize::from(body.height.max(1));
        self.at = self.at.min(last(lines));
        // The start of a line that is taller than the screen goes before its end.
        let highest = Start { line: self.at, skip: 0 };
        let lowest = self.start_for(lines, self.at, body.width, height).min(highest);
        if self.top < lowest || self.top > highest {
            self.top = self.start_for(lines, self.at, body.width, height.div_ceil(2)).min(highest);
        }
        self.top = self.top.min(self.start_for(lines, last(lines), body.width, height));
    }

    /// The area or the lines changed.
    pub fn fit(&mut self, lines: &dyn Lines, area: Rect) {
        if self.mode == Mode::Paused {
            self.reveal(lines, area);
        }
    }

    /// Stays where it is.
    pub fn pause(&mut self, lines: &dyn Lines, area: Rect) {
        if self.mode == Mode::Following {
            let body = text_area(area);
            self.mode = Mode::Paused;
            self.at = last(lines);
            self.top = self.start_for(lines, self.at, body.width, usize::from(body.height.max(1)));
        }
    }

    /// Pauses at a line.
    pub fn go(&mut self, at: usize, lines: &dyn Lines, area: Rect) {
        self.pause(lines, area);
        self.at = at;
        self.reveal(lines, area);
    }

    /// Moves the cursor by lines. Whether it was moved up to the first one.
    pub fn step(&mut self, by: isize, lines: &dyn Lines, area: Rect) -> bool {
        if by > 0 && self.mode == Mode::Following {
            return false;
        }
        self.pause(lines, area);
        self.go(self.at.saturating_add_signed(by), lines, area);
        self.at == 0 && by < 0
    }

    /// Moves as the operator asks. Whether that reached the first line; none when it means nothing here.
    pub fn act_move(&mut self, to: Move, lines: &dyn Lines, area: Rect) -> Option<bool> {
        let page = area.height.max(1) as isize;
        let half = (page / 2).max(1);
        let by = match to {
            Move::Up => -1,
            Move::Down => 1,
            Move::PageUp => -page,
            Move::PageDown => page,
            Move::HalfUp => -half,
            Move::HalfDown => half,
            Move::First => isize::MIN + 1,
            Move::Last => {
                self.mode = Mode::Following;
                return Some(false);
            }
            Move::Left | Move::Right => {
                let Layout::Cut(shift) = &mut self.layout else { return None };
                *shift = if to == Move::Left { shift.saturating_sub(SHIFT) } else { *shift + SHIFT };
                return Some(false);
            }
        };
        Some(self.step(by, lines, area))
    }

    /// Follows or pauses, whichever it does not.
    pub fn turn(&mut self, lines: &dyn Lines, area: Rect) {
        match self.mode {
            Mode::Following => self.pause(lines, area),
            Mode::Paused => self.mode = Mode::Following,
        }
    }

    /// Wraps or cuts, whichever it does not.
    pub fn wrap(&mut self, lines: &dyn Lines, area: Rect) {
        self.layout = match self.layout {
            Layout::Wrapped => Layout::Cut(0),
            Layout::Cut(_) => Layout::Wrapped,
        };
        self.fit(lines, area);
    }

    /// To the next line that fits, from the cursor on; `what` is said when there is none.
    fn search(
        &mut self,
        forward: bool,
        what: &str,
        fits: impl Fn(usize, &str) -> bool,
        lines: &dyn Lines,
        area: Rect,
    ) -> Flow {
        let from = if self.mode == Mode::Following { lines.len() } else { self.at };
        let from = if forward { from + 1 } else { from };
        match find(lines, from, forward, fits) {
            Some(at) => {
                self.go(at, lines, area);
                Flow::done()
            }
            None if forward => Flow::Say(format!("No {what} below")),
            None => Flow::Say(format!("No {what} above")),
        }
    }

    /// To the next match of what is searched.
    pub fn next_match(&mut self, forward: bool, lines: &dyn Lines, area: Rect) -> Flow {
        let find = self.find.clone();
        self.search(forward, "match", |_, line| found::contains(line, &find), lines, area)
    }

    /// To the next line that sounds so.
    pub fn next_sound(&mut self, wanted: Sound, what: &str, lines: &dyn Lines, area: Rect) -> Flow {
        // While following everything is above: the newest one is meant.
        let forward = self.mode == Mode::Paused;
        self.search(forward, what, |at, _| lines.sound(at) == wanted, lines, area)
    }

    /// Searches as it is typed.
    pub fn set_find(&mut self, text: &str, lines: &dyn Lines, area: Rect) {
        self.find = text.to_owned();
        if text.is_empty() {
            return;
        }
        let fits = |_: usize, line: &str| found::contains(line, text);
        let from = if self.mode == Mode::Following { lines.len() } else { self.at };
        if let Some(at) = find(lines, from, true, fits).or_else(|| find(lines, from, false, fits)) {
            self.go(at, lines, area);
        }
    }

    /// A click on a row of the screen.
    pub fn click(&mut self, row: u16, lines: &dyn Lines, area: Rect) {
        self.pause(lines, area);
        let body = text_area(area);
        let mut left = usize::from(row.saturating_sub(body.y)) + self.top.skip;
        for at in self.top.line..lines.len() {
            let rows = self.rows(lines, at, body.width);
            if left < rows {
                self.at = at;
                break;
            }
            left -= rows;
        }
    }

    /// The wheel. Whether it reached the first line.
    pub fn wheel(&mut self, by: i32, lines: &dyn Lines, area: Rect) -> bool {
        if by > 0 && self.mode == Mode::Paused && self.at == last(lines) {
            self.mode = Mode::Following;
            return false;
        }
        self.step(by as isize, lines, area)
    }

    /// Paints the visible lines; those that are new in `doc` carry a mark.
    pub fn draw(&self, lines: &dyn Lines, doc: Option<&DocId>, area: Rect, buf: &mut Buffer, cx: &Cx<'_>) {
        let theme = cx.theme;
        let body = text_area(area);
        let height = usize::from(body.height);
        let (top, at) = match self.mode {
            Mode::Following => (self.start_for(lines, last(lines), body.width, height), last(lines)),
            Mode::Paused => (self.top, self.at),
        };
        let mut y = body.y;
        let mut skip = top.skip;
        for index in top.line..lines.len() {
            if y >= body.bottom() {
                break;
            }
            let style = lines.shown(index).map_or(Tone::Text, |(_, tone)| tone).style(theme);
            if self.mode == Mode::Paused && index == at && body.x > area.x {
                let mark = if cx.focused { theme.accent } else { theme.quiet };
                text::put(buf, area.x, y, 1, theme.symbols.closed, mark);
            }
            if let Some((doc, number)) = doc.filter(|_| !cx.unread.is_empty()).zip(lines.number(index))
                && cx.unread.any(doc, number..number + 1)
                && body.x > area.x + 1
            {
                text::put(buf, area.x + 1, y, 1, theme.symbols.bullet, theme.accent);
            }
            let (clean, rows) = self.lay(lines, index, body.width);
            for range in rows.into_iter().skip(std::mem::take(&mut skip)) {
                if y >= body.bottom() {
                    break;
                }
                buf.set_stringn(body.x, y, &clean[range], usize::from(body.width), style);
                y += 1;
            }
        }
        found::mark(buf, body, &[&self.find], theme.found);
    }
}

fn last(lines: &dyn Lines) -> usize {
    lines.len().saturating_sub(1)
}

fn text_area(area: Rect) -> Rect {
    let gutter = GUTTER.min(area.width.saturating_sub(1));
    Rect { x: area.x + gutter, width: area.width - gutter, ..area }
}
