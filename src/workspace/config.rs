//! codex-tui.toml
