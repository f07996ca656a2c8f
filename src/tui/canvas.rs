//! The panes as they were last painted. Most keys change one pane: the others are copied from here, which costs a tenth
//! of painting them. Header, footer and dialogs are painted anew with every frame, above this.
//!
//! A pane is painted again when it was touched (`App` has one way to change a pane, and that way says so here), and all
//! are when something changed that any of them may look at. In debug builds every frame is compared with a fresh one.

use chrono::NaiveDate;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::app::App;
use super::chrome;
use super::layout::{Layout, Stage};
use super::pane::PaneId;
use super::theme::Theme;

/// What was painted, and from what.
#[derive(Debug, Default)]
pub struct Canvas {
    /// The panes with their borders, on a blank screen.
    buf: Buffer,
    /// What all of them were painted from, besides their own state and the view; none before the first frame.
    from: Option<From>,
    /// By [`PaneId`]: the pane was painted after it was last touched. A new view touches every pane.
    painted: [bool; PaneId::ALL.len()],
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct From {
    area: Rect,
    layout: Layout,
    stage: Stage,
    theme: Theme,
    today: NaiveDate,
}

impl From {
    fn is_of(&self, app: &App, area: Rect) -> bool {
        self.area == area
            && self.stage == app.stage
            && self.today == app.today()
            && self.layout == app.layout
            && self.theme == app.theme
    }

    fn of(app: &App, area: Rect) -> From {
        let (layout, theme) = (app.layout.clone(), app.theme.clone());
        From { area, layout, stage: app.stage, theme, today: app.today() }
    }
}

impl Canvas {
    /// The pane may look different from now on.
    pub fn touch(&mut self, pane: PaneId) {
        self.painted[pane as usize] = false;
    }

    /// Brings the panes up to date and copies them to the screen, over whatever is there.
    pub fn show(&mut self, app: &App, screen: &mut Buffer) {
        let area = screen.area;
        if !self.from.as_ref().is_some_and(|from| from.is_of(app, area)) {
            self.from = Some(From::of(app, area));
            self.painted = Default::default();
            self.buf.resize(area);
            self.buf.reset();
        }
        for placed in &app.layout.panes {
            let painted = &mut self.painted[placed.pane as usize];
            if !std::mem::replace(painted, true) {
                clear(&mut self.buf, placed.outer);
                chrome::pane(app, placed, &mut self.buf);
            }
        }
        screen.content.clone_from_slice(&self.buf.content);
    }
}

/// Blanks the part of an area that is on the screen.
fn clear(buf: &mut Buffer, area: Rect) {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return;
    }
    for y in area.top()..area.bottom() {
        let start = buf.index_of(area.x, y);
        buf.content[start..start + usize::from(area.width)].fill(ratatui::buffer::Cell::EMPTY);
    }
}
