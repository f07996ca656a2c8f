//! For tests of dialogs: keys by their names, and a screen to look at.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{Overlay, Reply};
use crate::tui::keymap::{Key, Keymap};
use crate::tui::theme::Theme;

/// Presses keys by their names; returns what the last one answers.
pub fn press(dialog: &mut Overlay, keys: &str) -> Reply {
    keys.split(' ').fold(Reply::Stay, |_, key| {
        let key: Key = key.parse().unwrap();
        dialog.key(KeyEvent::from(key), &Keymap::default(), Rect::new(0, 0, 80, 24))
    })
}

/// Types characters; nothing must come of them.
pub fn type_in(dialog: &mut Overlay, text: &str) {
    for c in text.chars() {
        let reply = dialog.key(KeyEvent::from(KeyCode::Char(c)), &Keymap::default(), Rect::new(0, 0, 80, 24));
        assert!(matches!(reply, Reply::Stay), "{c}: {reply:?}");
    }
}

/// The dialog on an empty screen, painted.
pub fn painted(dialog: &Overlay, width: u16, height: u16) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    dialog.draw(area, &mut buf, &Theme::default(), &Keymap::default());
    buf
}

/// The dialog on an empty screen, as text.
pub fn screen(dialog: &Overlay, width: u16, height: u16) -> String {
    let buf = painted(dialog, width, height);
    let row = |y| (0..width).map(|x| buf[(x, y)].symbol()).collect::<String>().trim_end().to_owned() + "\n";
    (0..height).map(row).collect()
}
