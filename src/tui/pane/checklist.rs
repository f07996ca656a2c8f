//! Pane **Checklist**.
