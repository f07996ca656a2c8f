//! What must be done to the world. Plain data: the app returns effects, the loop performs them, tests compare them.

use crate::doc::DocId;
use crate::workbench::{Order, Request};

/// One thing that the loop does for the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Have the workbench write; answered by exactly one `Report::Done`. Its ticket is its place among all writes that the
    /// app ever returned, counted from 1: the loop counts them when it orders them, the app when it returns them.
    Do(Request),
    /// Any other order to the workbench. Never `Order::Do`.
    Order(Order),
    /// Hand the terminal to the operator's editor, then read the documents again.
    Editor {
        /// The document.
        doc: DocId,
        /// 1-based line.
        line: usize,
    },
    /// Put this text on the operator's clipboard; answered by `Event::Copied`.
    Copy(String),
    /// Take clicks and the wheel, or leave them to the terminal.
    Mouse(bool),
    /// Stop the process until the shell continues it.
    Suspend,
    /// Leave.
    Quit,
}
