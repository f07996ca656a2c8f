//! The names of the panes where they can be seen and clicked: on the tab bar where one pane is shown, on a border for those
//! that are behind where several are.
//!
//! ```text
//!  1 Checklist  2 Board  3 Timeline• 4 Gates  …      whole names where all of them fit
//! 1Check 2Board 3Time•4Gates 5Log 6Back 7 8 …        short ones; panes without anything to show lose theirs first
//! 1 2 Board 3•4 5 6 7 8 9 0 T                        the signs, and the name of the focused pane
//! ```
//! The mark behind a name says that others changed what is behind the pane since it was last shown.

use ratatui::buffer::Buffer;
use ratatui::layout::Position;

use super::App;
use crate::tui::behind;
use crate::tui::pane::PaneId;
use crate::tui::text;

/// A name on the screen.
struct Tab {
    pane: PaneId,
    at: Position,
    text: String,
}

/// How much of the names is shown, from much to little.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Size {
    Whole,
    Short,
    /// Short ones, and of other panes that have nothing to show the sign alone.
    Fewer,
    /// Signs alone, but for the focused pane.
    Signs,
}

impl Size {
    const ALL: [Size; 4] = [Size::Whole, Size::Short, Size::Fewer, Size::Signs];
}

/// All names that are shown, from left to right.
fn tabs(app: &App) -> Vec<Tab> {
    let bar = app.layout.tabs;
    if !bar.is_empty() {
        let mut texts = fitting(app, &PaneId::ALL, &Size::ALL, bar.width);
        // Narrower than the signs: what is on the left makes room for the focused one.
        let until = |texts: &[(PaneId, String)]| {
            let at = texts.iter().position(|(pane, _)| *pane == app.stage.focus).unwrap_or(0);
            columns(&texts[..=at.min(texts.len().saturating_sub(1))])
        };
        while texts.len() > 1 && until(&texts) > usize::from(bar.width) {
            texts.remove(0);
        }
        return placed(texts, bar.x, bar.y);
    }
    // Panes that share a place have no tab where several panes show: the border names those that are behind.
    let places = &app.layout.panes;
    let widest = || places.iter().max_by_key(|placed| placed.outer.width);
    let place = places.iter().find(|placed| placed.pane == app.stage.main).or_else(widest);
    let Some(place) = place.filter(|place| place.outer != place.inner) else { return Vec::new() };
    let behind = |pane: &PaneId| places.iter().all(|placed| placed.pane != *pane);
    let behind: Vec<PaneId> = PaneId::ALL.into_iter().filter(behind).collect();
    let inside = usize::from(place.outer.width.saturating_sub(3));
    let room = |used: usize| u16::try_from(inside.saturating_sub(used + 1)).unwrap_or(0);
    let fits = |room: u16| {
        let texts = fitting(app, &behind, &Size::ALL[1..], room);
        (columns(&texts) <= usize::from(room)).then_some(texts)
    };
    // On the right of the title; where that leaves no room, on the left of the lower border.
    if let Some(texts) = fits(room(text::width(&super::title(app, place)))) {
        let x = place.outer.right() - 1 - columns(&texts) as u16;
        return placed(texts, x, place.outer.y);
    }
    let texts = fits(room(super::FRESHNESS)).unwrap_or_default();
    placed(texts, place.outer.x + 2, place.outer.bottom() - 1)
}

/// The texts of these panes in the first size in which all of them fit, else in the last.
fn fitting(app: &App, panes: &[PaneId], sizes: &[Size], width: u16) -> Vec<(PaneId, String)> {
    let mut texts = Vec::new();
    for &size in sizes {
        texts = panes.iter().map(|&pane| (pane, tab_text(app, pane, size))).collect();
        if columns(&texts) <= usize::from(width) {
            break;
        }
    }
    texts
}

fn tab_text(app: &App, pane: PaneId, size: Size) -> String {
    let mark = if app.unread.on_tab(pane) { app.theme.symbols.bullet } else { " " };
    let (sign, name, short) = (pane.sign(), pane.name(), pane.short_name());
    match size {
        Size::Whole => format!(" {sign} {name}{mark}"),
        Size::Fewer if pane != app.stage.focus && behind::is_empty(pane, &app.view) => format!("{sign}{mark}"),
        Size::Short | Size::Fewer => format!("{sign}{short}{mark}"),
        Size::Signs if pane == app.stage.focus => format!("{sign} {name}{mark}"),
        Size::Signs => format!("{sign}{mark}"),
    }
}

fn columns(texts: &[(PaneId, String)]) -> usize {
    // The blank behind the last one is not needed.
    let blank = texts.last().is_some_and(|(_, text)| text.ends_with(' '));
    texts.iter().map(|(_, text)| text::width(text)).sum::<usize>() - usize::from(blank)
}

fn placed(mut texts: Vec<(PaneId, String)>, mut x: u16, y: u16) -> Vec<Tab> {
    if let Some((_, last)) = texts.last_mut() {
        last.truncate(last.trim_end().len());
    }
    let place = |(pane, text): (PaneId, String)| {
        let at = Position::new(x, y);
        x += text::width(&text) as u16;
        Tab { pane, at, text }
    };
    texts.into_iter().map(place).collect()
}

/// Paints the names.
pub fn draw(app: &App, buf: &mut Buffer) {
    let theme = &app.theme;
    let tabs = tabs(app);
    if let Some(first) = tabs.first().filter(|_| app.layout.tabs.is_empty()) {
        text::put(buf, first.at.x - 1, first.at.y, 1, " ", theme.text);
    }
    for tab in tabs {
        let style = if tab.pane == app.stage.focus {
            theme.selected
        } else if app.unread.on_tab(tab.pane) {
            theme.accent
        } else if behind::is_empty(tab.pane, &app.view) {
            theme.quiet
        } else {
            theme.text
        };
        text::put(buf, tab.at.x, tab.at.y, buf.area.right().saturating_sub(tab.at.x), &tab.text, style);
    }
}

/// The pane whose name is at this place of the screen.
pub fn at(app: &App, at: Position) -> Option<PaneId> {
    let hit = |tab: &Tab| tab.at.y == at.y && (tab.at.x..tab.at.x + text::width(&tab.text) as u16).contains(&at.x);
    tabs(app).iter().find(|tab| hit(tab)).map(|tab| tab.pane)
}
