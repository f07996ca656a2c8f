//! Log: follows a session log, or any other file, as it grows.
//!
//! ```text
//! ┌ Log · docs/agents/sessions/2026-01-02_session-0003.md · following ┐
//! │  - 2026-01-02 10:12 ran the pipeline                              │
//! │  [truncated: starts again]                                        │
//! │▸ - 2026-01-02 10:14 error: no telemetry                           │
//! │  - 2026-01-02 10:15 ticked "Compare gates"                        │
//! └───────────────────────────────────────────────────────────────────┘
//! ```
//! Follows the newest session log until another is chosen. Moving up pauses, `G` or `F` follows again; the cursor `▸`
//! shows while it is paused. Scrolled to the top it loads what stands before. Only visible lines are cleaned, cut and
//! wrapped; what the log says is shown, never obeyed.

mod held;
pub(super) mod session;

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use self::held::{Held, Line, Sound};
use super::{About, Clip, Context, Cx, FieldValue, Flow, Goto, Pane, PaneId};
use crate::doc::DocId;
use crate::tui::action::{Action, Move};
use crate::tui::effect::Effect;
use crate::tui::text;
use crate::tui::widget::{found, wrap};
use crate::workbench::{Order, Report};

/// Columns left of the text.
const GUTTER: u16 = 2;
/// A line longer than this is cut, with a mark.
const LONGEST: usize = 4096;
/// Columns by which cut lines are shifted.
const SHIFT: usize = 8;

/// The Log pane.
#[derive(Debug, Default)]
pub struct Log {
    doc: Option<DocId>,
    /// Whether the operator chose the document; else it is the newest session log, whichever that becomes.
    chosen: bool,
    held: Held,
    mode: Mode,
    /// The line under the cursor while paused.
    at: usize,
    /// Where the screen starts while paused.
    top: Start,
    layout: Layout,
    find: String,
}

/// Where the screen starts: a line, and how many of its rows are above the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Start {
    line: usize,
    skip: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mode {
    /// The end is on the screen.
    #[default]
    Following,
    /// The screen stays where it is.
    Paused,
}

/// How long lines are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Layout {
    #[default]
    Wrapped,
    /// Cut, and shifted by so many columns.
    Cut(usize),
}

impl Log {
    /// A log that follows the newest session log.
    pub fn new() -> Log {
        Log::default()
    }

    fn follow(&mut self, doc: Option<DocId>) -> Vec<Effect> {
        self.doc = doc.clone();
        self.held = Held::default();
        self.mode = Mode::Following;
        (self.at, self.top) = (0, Start::default());
        vec![Effect::Order(Order::Follow(doc))]
    }

    /// The text of a line as it is shown, and the rows it takes.
    fn lay(&self, at: usize, width: u16) -> (String, Vec<Range<usize>>) {
        let width = usize::from(width.max(1));
        let (raw, mark) = match self.held.get(at) {
            Some(Line::Text(raw)) => (raw.as_str(), false),
            Some(Line::Mark(why)) => (why.as_str(), true),
            None => ("", false),
        };
        let head = (0..=LONGEST.min(raw.len())).rev().find(|&at| raw.is_char_boundary(at)).unwrap_or(0);
        let mut clean = text::clean(&raw[..head]).into_owned();
        if head < raw.len() {
            clean.push_str(&format!(" [{} more bytes]", raw.len() - head));
        }
        if mark {
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

    fn rows(&self, at: usize, width: u16) -> usize {
        match self.layout {
            Layout::Wrapped => self.lay(at, width).1.len(),
            Layout::Cut(_) => 1,
        }
    }

    /// Where a screen of `height` rows starts that ends with the last row of the line `last`.
    fn start_for(&self, last: usize, width: u16, height: usize) -> Start {
        let mut used = 0;
        for line in (0..=last).rev() {
            used += self.rows(line, width);
            if used >= height {
                return Start { line, skip: used - height };
            }
        }
        Start::default()
    }

    fn last(&self) -> usize {
        self.held.len().saturating_sub(1)
    }

    fn text_area(area: Rect) -> Rect {
        let gutter = GUTTER.min(area.width.saturating_sub(1));
        Rect { x: area.x + gutter, width: area.width - gutter, ..area }
    }

    /// Keeps the cursor on the screen. A cursor that leaves it by a line brings half a screen of new lines with it:
    /// a scrolled screen is painted anew as a whole, so it should not happen at every key.
    fn reveal(&mut self, area: Rect) {
        let body = Log::text_area(area);
        let height = usize::from(body.height.max(1));
        self.at = self.at.min(self.last());
        // The start of a line that is taller than the screen goes before its end.
        let highest = Start { line: self.at, skip: 0 };
        let lowest = self.start_for(self.at, body.width, height).min(highest);
        if self.top < lowest || self.top > highest {
            self.top = self.start_for(self.at, body.width, height.div_ceil(2)).min(highest);
        }
        self.top = self.top.min(self.start_for(self.last(), body.width, height));
    }

    fn pause(&mut self, area: Rect) {
        if self.mode == Mode::Following {
            let body = Log::text_area(area);
            self.mode = Mode::Paused;
            self.at = self.last();
            self.top = self.start_for(self.at, body.width, usize::from(body.height.max(1)));
        }
    }

    fn go(&mut self, at: usize, cx: &Cx<'_>) {
        self.pause(cx.area);
        self.at = at;
        self.reveal(cx.area);
    }

    fn step(&mut self, lines: isize, cx: &Cx<'_>) -> Vec<Effect> {
        if lines > 0 && self.mode == Mode::Following {
            return Vec::new();
        }
        self.pause(cx.area);
        self.go(self.at.saturating_add_signed(lines), cx);
        if self.at == 0 && lines < 0 && self.held.ask_earlier() {
            return vec![Effect::Order(Order::Earlier)];
        }
        Vec::new()
    }

    fn act_move(&mut self, to: Move, cx: &Cx<'_>) -> Flow {
        let page = cx.area.height.max(1) as isize;
        let half = (page / 2).max(1);
        match to {
            Move::Up => Flow::Done(self.step(-1, cx)),
            Move::Down => Flow::Done(self.step(1, cx)),
            Move::PageUp => Flow::Done(self.step(-page, cx)),
            Move::PageDown => Flow::Done(self.step(page, cx)),
            Move::HalfUp => Flow::Done(self.step(-half, cx)),
            Move::HalfDown => Flow::Done(self.step(half, cx)),
            Move::First => Flow::Done(self.step(isize::MIN + 1, cx)),
            Move::Last => {
                self.mode = Mode::Following;
                Flow::done()
            }
            Move::Left | Move::Right => match &mut self.layout {
                Layout::Wrapped => Flow::Passed,
                Layout::Cut(shift) => {
                    *shift = if to == Move::Left { shift.saturating_sub(SHIFT) } else { *shift + SHIFT };
                    Flow::done()
                }
            },
        }
    }

    /// To the next line that fits, from the cursor on.
    fn search(&mut self, forward: bool, what: &str, fits: impl Fn(&str) -> bool, cx: &Cx<'_>) -> Flow {
        let from = if self.mode == Mode::Following { self.held.len() } else { self.at };
        let from = if forward { from + 1 } else { from };
        match self.held.find(from, forward, &fits) {
            Some(at) => {
                self.go(at, cx);
                Flow::done()
            }
            None if forward => Flow::Say(format!("No {what} below")),
            None => Flow::Say(format!("No {what} above")),
        }
    }

    /// The session log before or after the one shown.
    fn tab(&mut self, forward: bool, cx: &Cx<'_>) -> Flow {
        let sessions = &cx.view.sessions;
        let at = sessions.iter().position(|session| Some(&session.doc) == self.doc.as_ref());
        let to = match (at, forward) {
            (Some(at), true) => at + 1,
            (Some(at), false) if at > 0 => at - 1,
            (Some(_), false) => return Flow::Say("This is the oldest session log".to_owned()),
            (None, _) => sessions.len().saturating_sub(1),
        };
        match sessions.get(to) {
            Some(session) => {
                self.chosen = to + 1 < sessions.len();
                Flow::Done(self.follow(Some(session.doc.clone())))
            }
            None => Flow::Say("This is the newest session log".to_owned()),
        }
    }
}

impl Pane for Log {
    fn id(&self) -> PaneId {
        PaneId::Log
    }

    fn context(&self) -> Context {
        Context::Log
    }

    fn title(&self, _cx: &Cx<'_>) -> String {
        match (&self.doc, self.mode) {
            (Some(doc), Mode::Following) => format!("{doc} · following"),
            (Some(doc), Mode::Paused) => format!("{doc} · paused"),
            (None, _) => String::new(),
        }
    }

    fn refresh(&mut self, cx: &Cx<'_>) -> Vec<Effect> {
        let newest = cx.view.sessions.last().map(|session| &session.doc);
        if self.chosen || newest.is_none() || newest == self.doc.as_ref() {
            return Vec::new();
        }
        self.follow(newest.cloned())
    }

    fn fit(&mut self, cx: &Cx<'_>) {
        if self.mode == Mode::Paused {
            self.reveal(cx.area);
        }
    }

    fn listens_to(&self, report: &Report) -> bool {
        matches!(report, Report::Log(_))
    }

    fn hear(&mut self, report: &Report, cx: &Cx<'_>) -> Vec<Effect> {
        let Report::Log(update) = report else { return Vec::new() };
        if Some(&update.doc) != self.doc.as_ref() {
            return Vec::new();
        }
        let moved = self.held.take(&update.change, update.from_start);
        if self.mode == Mode::Paused {
            self.at = self.at.saturating_add_signed(moved);
            self.top.line = self.top.line.saturating_add_signed(moved);
            self.reveal(cx.area);
        }
        Vec::new()
    }

    fn act(&mut self, action: Action, cx: &Cx<'_>) -> Flow {
        let find = self.find.clone();
        // Only what the log knows is named; every other action goes outward.
        match action {
            Action::Move(to) => self.act_move(to, cx),
            Action::Follow => {
                match self.mode {
                    Mode::Following => self.pause(cx.area),
                    Mode::Paused => self.mode = Mode::Following,
                }
                Flow::done()
            }
            Action::Wrap => {
                self.layout = match self.layout {
                    Layout::Wrapped => Layout::Cut(0),
                    Layout::Cut(_) => Layout::Wrapped,
                };
                self.fit(cx);
                Flow::done()
            }
            Action::MatchNext if !find.is_empty() => {
                self.search(true, "match", |line| found::contains(line, &find), cx)
            }
            Action::MatchPrevious if !find.is_empty() => {
                self.search(false, "match", |line| found::contains(line, &find), cx)
            }
            Action::NextError | Action::NextWarning => {
                let (wanted, what) = match action {
                    Action::NextError => (Sound::Error, "error"),
                    _ => (Sound::Warning, "warning"),
                };
                // While following everything is above: the newest one is meant.
                let forward = self.mode == Mode::Paused;
                self.search(forward, what, |line| held::sound(line) == wanted, cx)
            }
            Action::LogNote => session::note(cx),
            Action::LogPlan => session::plan(cx),
            Action::Level => session::level(cx),
            Action::BlockTask => session::condition(cx),
            Action::TabPrevious => self.tab(false, cx),
            Action::TabNext => self.tab(true, cx),
            Action::Open => match self.place(cx) {
                Some((doc, line)) => Flow::Go(Goto::Document { doc, line }),
                None => Flow::done(),
            },
            Action::Back if self.mode == Mode::Paused => {
                self.mode = Mode::Following;
                Flow::done()
            }
            _ => Flow::Passed,
        }
    }

    fn answer(&mut self, about: &About, text: &str, cx: &Cx<'_>) -> Flow {
        session::answered(about, text, cx)
    }

    fn filled(&mut self, about: &About, values: &[(String, FieldValue)], cx: &Cx<'_>) -> Flow {
        session::filled(about, values, cx)
    }

    fn click(&mut self, _column: u16, row: u16, double: bool, cx: &Cx<'_>) -> Flow {
        self.pause(cx.area);
        let body = Log::text_area(cx.area);
        let mut left = usize::from(row.saturating_sub(body.y)) + self.top.skip;
        for at in self.top.line..self.held.len() {
            let rows = self.rows(at, body.width);
            if left < rows {
                self.at = at;
                break;
            }
            left -= rows;
        }
        if double { self.act(Action::Open, cx) } else { Flow::done() }
    }

    fn wheel(&mut self, lines: i32, cx: &Cx<'_>) -> Vec<Effect> {
        if lines > 0 && self.mode == Mode::Paused && self.at == self.last() {
            self.mode = Mode::Following;
            return Vec::new();
        }
        self.step(lines as isize, cx)
    }

    fn show(&mut self, goto: &Goto, cx: &Cx<'_>) -> Vec<Effect> {
        let Goto::Log(doc) = goto else { return Vec::new() };
        self.chosen = cx.view.sessions.last().is_none_or(|session| session.doc != *doc);
        if self.doc.as_ref() == Some(doc) {
            self.mode = Mode::Following;
            return Vec::new();
        }
        self.follow(Some(doc.clone()))
    }

    fn filter(&self) -> &str {
        &self.find
    }

    fn set_filter(&mut self, text: &str, cx: &Cx<'_>) {
        self.find = text.to_owned();
        if text.is_empty() {
            return;
        }
        let fits = |line: &str| found::contains(line, text);
        let from = if self.mode == Mode::Following { self.held.len() } else { self.at };
        let hit = self.held.find(from, true, fits).or_else(|| self.held.find(from, false, fits));
        if let Some(at) = hit {
            self.go(at, cx);
        }
    }

    fn place(&self, _cx: &Cx<'_>) -> Option<(DocId, usize)> {
        let at = if self.mode == Mode::Following { self.last() } else { self.at };
        Some((self.doc.clone()?, self.held.number(at).unwrap_or(1)))
    }

    fn clip(&self, what: Clip, _cx: &Cx<'_>) -> Option<String> {
        match what {
            Clip::Id => self.doc.as_ref().map(DocId::to_string),
            Clip::Row => {
                let at = if self.mode == Mode::Following { self.last() } else { self.at };
                match self.held.get(at)? {
                    Line::Text(text) | Line::Mark(text) => Some(text.clone()),
                }
            }
        }
    }

    fn draw(&self, buf: &mut Buffer, cx: &Cx<'_>) {
        let theme = cx.theme;
        let body = Log::text_area(cx.area);
        if self.held.len() == 0 {
            let say =
                if self.doc.is_some() { "The log is empty" } else { "No session log here: docs/agents/sessions/*.md" };
            text::put(buf, cx.area.x, cx.area.y, cx.area.width, say, theme.quiet);
            return;
        }
        let height = usize::from(body.height);
        let (top, at) = match self.mode {
            Mode::Following => (self.start_for(self.last(), body.width, height), self.last()),
            Mode::Paused => (self.top, self.at),
        };
        let mut y = body.y;
        let mut skip = top.skip;
        for index in top.line..self.held.len() {
            if y >= body.bottom() {
                break;
            }
            let style = match self.held.get(index) {
                Some(Line::Mark(_)) => theme.warn,
                Some(Line::Text(text)) => match held::sound(&text[..head(text)]) {
                    Sound::Plain => theme.text,
                    Sound::Warning => theme.warn,
                    Sound::Error => theme.bad,
                },
                None => theme.text,
            };
            if self.mode == Mode::Paused && index == at && body.x > cx.area.x {
                let mark = if cx.focused { theme.accent } else { theme.quiet };
                text::put(buf, cx.area.x, y, 1, theme.symbols.closed, mark);
            }
            let (clean, rows) = self.lay(index, body.width);
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

/// Bytes of a line that are looked at to judge it.
fn head(text: &str) -> usize {
    (0..=512.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
