//! Pane **History**.
