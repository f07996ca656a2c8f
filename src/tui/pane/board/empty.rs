//! What is said where no task is shown.

use super::Board;
use crate::tui::behind;
use crate::tui::pane::{Cx, PaneId};
use crate::workbench::Stage;

impl Board {
    pub(super) fn why_empty(&self, cx: &Cx<'_>) -> &'static str {
        match (cx.view.stage, cx.view.tasks.is_empty()) {
            (Stage::Empty, _) => "Reading the boards",
            // The first that a newcomer sees: where to go from here.
            (Stage::Full, true) if self.id == PaneId::Board && behind::is_bare(cx.view) => {
                "No task board here, nor anything else that codex-tui knows.\n\nq leaves; then `codex-tui init` begins a \
                 workspace in this folder, `codex-tui demo` opens an invented one, `codex-tui doctor` says what was \
                 looked for."
            }
            (_, _) if self.id == PaneId::Backlog && self.query.is_empty() => {
                "No rows with an id here: docs/CODEX_BACKLOG.md"
            }
            (Stage::Board | Stage::Full, true) => {
                "No task board here: docs/taskboard/TaskBoard.csv, docs/*TaskBoard.md"
            }
            (_, false) if self.plan.is_some() => "No task of this plan fits; Esc clears the filter, p the plan",
            (Stage::Board | Stage::Full, false) => "No task fits the filter; Esc clears it",
        }
    }
}
