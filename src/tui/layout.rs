//! Which pane is where, from the size of the terminal and the focus alone.
//!
//! ```text
//! ≥150 columns          120–149               100–119               60–99          below 60×15
//! ┌─header──────────┐   ┌─header─────────┐   ┌─header────────┐   ┌─header────┐   header
//! │check│   board   │   │check│  board   │   │check│  board  │   │ tabs      │   tabs
//! │list ├─────┬─────┤   │list ├──────────┤   │list │         │   │ one pane  │   one pane,
//! │     │lanes│ log │   │     │   log    │   │     │         │   │           │   no border
//! └─footer──────────┘   └─footer─────────┘   └─footer────────┘   └─footer────┘   footer
//! ```
//! A workspace without a checklist, or without a log and a timeline, gives their place to the others.

use ratatui::layout::Rect;

use super::pane::PaneId;

/// What the layout depends on besides the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stage {
    /// The pane with the focus.
    pub focus: PaneId,
    /// The pane last focused among those that share the large area.
    pub main: PaneId,
    /// The pane last focused among those that share the lower area.
    pub lower: PaneId,
    /// Whether the focused pane takes the whole screen.
    pub zoomed: bool,
    /// Lines of the footer.
    pub footer: u16,
    /// Whether a banner is shown.
    pub banner: bool,
    /// Whether there is a checklist: one that is not there gets no room beside the others.
    pub has_side: bool,
    /// Whether there is anything on the timeline or in a log.
    pub has_lower: bool,
}

/// From this height on, one line is spent on the tab bar.
const TAB_BAR: u16 = 10;

/// A pane on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Which.
    pub pane: PaneId,
    /// With border.
    pub outer: Rect,
    /// Inside the border.
    pub inner: Rect,
}

/// The parts of the screen. Parts without room are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The header line.
    pub header: Rect,
    /// The tab bar, where only one pane is shown.
    pub tabs: Rect,
    /// The banner of a failed save.
    pub banner: Rect,
    /// The visible panes.
    pub panes: Vec<Placed>,
    /// The footer.
    pub footer: Rect,
}

impl Stage {
    /// Notes that a pane has the focus now.
    pub fn focus(&mut self, pane: PaneId) {
        self.focus = pane;
        match pane {
            PaneId::Board
            | PaneId::Gates
            | PaneId::Docs
            | PaneId::History
            | PaneId::Backlog
            | PaneId::Sync
            | PaneId::Prompt
            | PaneId::Tracks => self.main = pane,
            PaneId::Timeline | PaneId::Log => self.lower = pane,
            PaneId::Checklist => {}
        }
    }
}

/// Lays the screen out.
pub fn lay_out(area: Rect, stage: &Stage) -> Layout {
    let mut rest = area;
    let header = take_top(&mut rest, 1);
    let footer = take_bottom(&mut rest, if area.height < 4 { 0 } else { stage.footer });
    let small = area.width < 60 || area.height < 15;
    let single = small || area.width < 100;
    let tabs = if single && area.height >= TAB_BAR { take_top(&mut rest, 1) } else { Rect::ZERO };
    let banner = if stage.banner { take_top(&mut rest, 1) } else { Rect::ZERO };
    let panes = if small {
        vec![Placed { pane: stage.focus, outer: rest, inner: rest }]
    } else if single || stage.zoomed {
        vec![bordered(stage.focus, rest)]
    } else {
        several(rest, stage)
    };
    Layout { header, tabs, banner, panes, footer }
}

fn several(rest: Rect, stage: &Stage) -> Vec<Placed> {
    let side = match rest.width {
        0..=119 => rest.width * 40 / 100,
        120..=149 => rest.width * 36 / 100,
        _ => (rest.width * 28 / 100).clamp(44, 58),
    };
    let has_side = stage.has_side || stage.focus == PaneId::Checklist;
    let side = if has_side { side } else { 0 };
    let left = Rect { width: side, ..rest };
    let right = Rect { x: rest.x + side, width: rest.width - side, ..rest };
    let mut panes = Vec::new();
    if has_side {
        panes.push(bordered(PaneId::Checklist, left));
    }
    // Where only one pane has room beside the checklist, it is the one that was focused last.
    let on_lower = matches!(stage.focus, PaneId::Timeline | PaneId::Log);
    let lower_fits = rest.height >= 22 && rest.width >= 120 && (stage.has_lower || on_lower);
    if !lower_fits {
        let other = if on_lower { stage.lower } else { stage.main };
        panes.push(bordered(other, right));
        return panes;
    }
    let high = right.height * 60 / 100;
    let top = Rect { height: high, ..right };
    let below = Rect { y: right.y + high, height: right.height - high, ..right };
    panes.push(bordered(stage.main, top));
    if rest.width < 150 {
        panes.push(bordered(stage.lower, below));
    } else {
        let half = below.width / 2;
        panes.push(bordered(PaneId::Timeline, Rect { width: half, ..below }));
        panes.push(bordered(PaneId::Log, Rect { x: below.x + half, width: below.width - half, ..below }));
    }
    panes
}

fn bordered(pane: PaneId, outer: Rect) -> Placed {
    let inner = Rect {
        x: outer.x + 1.min(outer.width),
        y: outer.y + 1.min(outer.height),
        width: outer.width.saturating_sub(2),
        height: outer.height.saturating_sub(2),
    };
    Placed { pane, outer, inner }
}

fn take_top(rest: &mut Rect, lines: u16) -> Rect {
    let lines = lines.min(rest.height);
    let taken = Rect { height: lines, ..*rest };
    rest.y += lines;
    rest.height -= lines;
    taken
}

fn take_bottom(rest: &mut Rect, lines: u16) -> Rect {
    let lines = lines.min(rest.height);
    rest.height -= lines;
    Rect { y: rest.y + rest.height, height: lines, ..*rest }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_are_inside_and_apart_at_every_size() {
        for focus in PaneId::ALL {
            for zoomed in [false, true] {
                for width in 1..=210 {
                    for height in 1..=62 {
                        let mut stage = Stage {
                            has_side: width % 3 > 0,
                            has_lower: height % 3 > 0,
                            focus,
                            main: PaneId::Board,
                            lower: PaneId::Log,
                            zoomed,
                            footer: 1 + (width % 2),
                            banner: height % 2 == 0,
                        };
                        stage.focus(focus);
                        let area = Rect::new(0, 0, width, height);
                        let layout = lay_out(area, &stage);
                        assert!(layout.panes.iter().any(|placed| placed.pane == focus), "{focus:?} at {area}");
                        let mut cells = 0;
                        for part in layout.panes.iter().map(|placed| placed.outer).chain([
                            layout.header,
                            layout.footer,
                            layout.tabs,
                            layout.banner,
                        ]) {
                            assert!(part.is_empty() || area.union(part) == area, "{part} in {area}");
                            cells += part.area();
                        }
                        assert_eq!(cells, area.area(), "{layout:?}");
                    }
                }
            }
        }
    }
}
