//! What can happen to the cockpit; one closed enum, one queue.

use crate::workbench::Report;

/// What happened.
#[derive(Clone)]
pub enum Event {
    /// A key, a click, a paste, a new size.
    Input(crossterm::event::Event),
    /// The workbench said something.
    Report(Report),
    /// The editor gave the terminal back; a sentence when something went wrong.
    Returned(Option<String>),
    /// A text was copied, or not: which way it went, or why not, as the end or the whole of a sentence.
    Copied(Result<String, String>),
    /// A thread of ours died: the sentence of its panic.
    Broken(String),
}
