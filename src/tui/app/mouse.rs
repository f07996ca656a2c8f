//! What the mouse does: clicks in dialogs, on the keys of the footer, on tabs and in panes, the wheel, and what is dragged.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::App;
use crate::tui::chrome;
use crate::tui::effect::Effect;

/// Lines that one notch of the wheel scrolls.
const WHEEL: i32 = 3;

impl App {
    /// A button was pressed or let go, or the wheel was turned.
    pub(super) fn mouse(&mut self, mouse: MouseEvent) -> Vec<Effect> {
        let wheel = match mouse.kind {
            MouseEventKind::ScrollDown => WHEEL,
            MouseEventKind::ScrollUp => -WHEEL,
            MouseEventKind::Down(MouseButton::Left) => 0,
            MouseEventKind::Up(MouseButton::Left) => return self.released(mouse.column, mouse.row),
            _ => return Vec::new(),
        };
        let (column, row) = (mouse.column, mouse.row);
        let at = Position::new(column, row);
        let double = wheel == 0 && self.clicked.replace((column, row)) == Some((column, row));
        if let Some(key) = chrome::key_at(self, at).filter(|_| wheel == 0) {
            return self.key(key.into());
        }
        let area = self.dialog_area();
        if let Some(top) = self.overlays.last_mut() {
            if wheel != 0 {
                top.wheel(wheel, &self.keymap, area);
                return Vec::new();
            }
            let reply = top.click((column, row), double, &self.keymap, area);
            return self.reply(reply);
        }
        let under = self.layout.panes.iter().find(|placed| placed.outer.contains(at)).copied();
        if wheel != 0 {
            return under.map_or_else(Vec::new, |placed| self.with(placed.pane, |pane, cx| pane.wheel(wheel, cx)));
        }
        self.messages.status = None;
        if let Some(pane) = chrome::tab_at(self, at) {
            self.focus_on(pane);
            return Vec::new();
        }
        let Some(placed) = under else { return Vec::new() };
        if self.stage.focus != placed.pane {
            self.focus_on(placed.pane);
            self.arrange();
        }
        if !placed.inner.contains(at) {
            return Vec::new();
        }
        self.pressed = Some((placed.pane, at));
        let flow = self.with(placed.pane, |pane, cx| pane.click(column, row, double, cx));
        self.flow(placed.pane, flow, None)
    }

    /// The mouse button was let go: elsewhere in the same pane than where it was pressed, it dragged something.
    fn released(&mut self, column: u16, row: u16) -> Vec<Effect> {
        let to = Position::new(column, row);
        let Some((pane, from)) = self.pressed.take().filter(|_| self.overlays.is_empty()) else { return Vec::new() };
        let inside = self.layout.panes.iter().any(|placed| placed.pane == pane && placed.inner.contains(to));
        if from == to || !inside {
            return Vec::new();
        }
        let flow = self.with(pane, |pane, cx| pane.drag(from, to, cx));
        self.flow(pane, flow, None)
    }
}
