//! The cockpit: terminal in, terminal out. Knows the workbench and the types of the domain; no rule of the domain
//! lives here, and nothing here touches the file system.

pub mod action;
pub mod effect;
pub mod keymap;
pub mod pane;
pub mod text;
pub mod theme;
pub mod widget;

/// How the cockpit is started. Placeholder until the event loop lands.
pub struct Options {
    /// Name of the theme.
    pub theme: Option<String>,
    /// ASCII only.
    pub ascii: bool,
    /// Who writes.
    pub actor: crate::store::Actor,
}

/// Runs the cockpit. Placeholder until the event loop lands.
pub fn run(_bench: crate::workbench::Workbench, _options: Options) -> Result<(), std::io::Error> {
    Ok(())
}
