//! What a key does while a filter is typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What becomes of the filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// It is this now; typing goes on.
    Text(String),
    /// It stays as it is; typing ends.
    Keep,
    /// It is empty; typing ends.
    Clear,
    /// The key is not for the filter: arrows and the like move the selection while the filter stays open.
    Elsewhere,
}

/// A key on top of what is typed so far.
pub fn typed(mut text: String, key: KeyEvent) -> Typed {
    match key.code {
        KeyCode::Char('u' | 'w') if key.modifiers.contains(KeyModifiers::CONTROL) => Typed::Text(String::new()),
        KeyCode::Char(c) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
            text.push(c);
            Typed::Text(text)
        }
        KeyCode::Backspace => text.pop().map_or(Typed::Clear, |_| Typed::Text(text)),
        KeyCode::Enter => Typed::Keep,
        KeyCode::Esc => Typed::Clear,
        _ => Typed::Elsewhere,
    }
}
