//! The cockpit: terminal in, terminal out. Knows the workbench and the types of the domain; no rule of the domain
//! lives here, and nothing here touches the file system.

pub mod action;
pub mod effect;
pub mod keymap;
pub mod pane;
pub mod text;
pub mod theme;
pub mod widget;
