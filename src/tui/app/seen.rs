//! What the operator looks at: where the cockpit opens, and which marks of what is new go.

use super::App;
use crate::tui::behind;
use crate::tui::pane::PaneId;
use crate::workbench::view;

impl App {
    /// A workspace without a board opens on the first pane that has something to show, unless the operator was quicker.
    pub(super) fn open_on_something(&mut self) {
        let ready = self.view.stage == view::Stage::Full && self.view.tracks.is_some();
        if self.touched || !ready {
            return;
        }
        self.touched = true;
        let first = [PaneId::Board, PaneId::Checklist, PaneId::Tracks].into_iter().chain(PaneId::ALL);
        // What was written once says nothing of what is there: where nothing else is, the board says how to begin.
        let mut first = first.filter(|&pane| pane != PaneId::History);
        if let Some(pane) = first.find(|&pane| !behind::is_empty(pane, &self.view)) {
            self.focus_on(pane);
        }
    }

    /// What the operator has selected is seen, once he has done something in its pane.
    pub(super) fn see_selected(&mut self) {
        let focus = self.stage.focus;
        if self.unread.lines(focus).is_empty() || !self.overlays.is_empty() {
            return;
        }
        let rows = self.pane(focus).selected_lines(&self.cx(focus));
        self.unread.see(focus, &rows);
        self.canvas.get_mut().touch(focus);
    }
}
