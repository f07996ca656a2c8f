//! What the operator can mean. One closed enum; names, keys and help of each are one row of `keymap.rs`.

use super::pane::PaneId;

/// What the operator meant by a key, a click or a palette entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Leave; asks when a draft is open or the pipeline is at work.
    Quit,
    /// Leave at once, clean.
    QuitNow,
    /// Stop the process as the shell's job control does.
    Suspend,
    /// Focus the next pane.
    FocusNext,
    /// Focus the previous pane.
    FocusPrevious,
    /// Focus that pane.
    Focus(PaneId),
    /// Give the focused pane the whole screen, or take it back.
    Zoom,
    /// Show the keys.
    Help,
    /// Choose an action by name.
    Palette,
    /// Show standing notices, damaged documents and the last message in full.
    Notices,
    /// Take back the newest operation; in History the chosen one.
    Undo,
    /// Take back the newest undo.
    Redo,
    /// Run a command of the runbook, or one that is typed.
    RunCommand,
    /// End the command that runs, or the pipeline at work.
    EndCommand,
    /// Finish the session: what is open, then its end in every document.
    FinishSession,
    /// Show the session's hand-off, and copy it.
    HandOff,
    /// Take clicks and the wheel, or leave them to the terminal.
    Mouse,
    /// Read all documents again.
    Reload,

    /// Move the selection.
    Move(Move),
    /// Open or unfold the selected thing.
    Open,
    /// Back one level; clears the filter first.
    Back,
    /// Previous tab inside the pane: checklist, session log, visited document.
    TabPrevious,
    /// Next tab inside the pane.
    TabNext,

    /// Filter as you type.
    Filter,
    /// To the next match.
    MatchNext,
    /// To the previous match.
    MatchPrevious,
    /// Copy the id of the selected thing.
    CopyId,
    /// Copy the selected row as Markdown.
    CopyRow,
    /// Open the document at this place in the operator's editor.
    Editor,

    /// Checklist: tick, or open again; then on to the next open step.
    Tick,
    /// Checklist: tick with an evidence note.
    TickWithNote,
    /// Checklist: declare not applicable, with a reason.
    NotApplicable,
    /// Record that the step failed, with what was seen.
    StepFailed,
    /// Choose what the step asks for, when it asks for several things.
    StepActions,
    /// Checklist: to the next open step.
    NextOpen,

    /// Board, Timeline: the other way of showing the same rows (kanban or table, lanes or list).
    SwitchView,
    /// Board: sort by the next column.
    Sort,
    /// Board, Timeline: show the next plan only, then all again.
    Plan,

    /// Board: edit a field in every document that carries it.
    EditField,
    /// Board: edit a field in one document alone.
    EditCell,
    /// Board: edit all fields of the task in one form.
    EditCard,
    /// Board: add a task.
    AddTask,
    /// Board: add a task as a clone of the selected one.
    CloneTask,
    /// Board: delete tasks.
    DeleteTask,
    /// Board: move tasks to a state that is chosen.
    MoveTask,
    /// Board: move tasks to the state on the left.
    MoveLeft,
    /// Board: move tasks to the state on the right.
    MoveRight,
    /// Board: block tasks, with the reason.
    BlockTask,
    /// Board: finish tasks, with a note.
    FinishTask,
    /// Board: start a session on the task.
    StartSession,
    /// Board: mark the task, for what is then done with all marked ones.
    Mark,
    /// Board: select the task that should be worked on next, and say why.
    NextTask,
    /// Board: repair a damaged row, or make the documents agree. Sync: the same for a finding.
    Mend,
    /// Log: a line for the active session's log.
    LogNote,
    /// Say whose session file the agent's view follows.
    FollowAgent,
    /// Log: the plan in the active session's log.
    LogPlan,
    /// Change the autonomy level of the active session.
    Level,
    /// Gates: a line for the active session's log that says what the gate is at.
    AttachGate,
    /// Show one of the saved views.
    Views,
    /// Sync: to the task on the board.
    ToTask,

    /// Gates: sign off a clause that only a person can judge.
    SignOff,
    /// Gates: read telemetry and judge again.
    JudgeAgain,

    /// Prompt: fill in gates, inputs and lists.
    FillIn,
    /// Prompt: save it as a new document.
    Save,

    /// Tracks: ask GitHub what the pipeline would change, or show what it said last.
    PlanTracks,
    /// Tracks: have the pipeline run.
    RunTracks,

    /// Log: follow the end, or stay.
    Follow,
    /// Log, Docs: wrap long lines, or cut them.
    Wrap,
    /// Log: to the next error.
    NextError,
    /// Log: to the next warning.
    NextWarning,

    /// Docs: to the next link.
    LinkNext,
    /// Docs: to the previous link.
    LinkPrevious,
    /// Docs: the list of documents.
    Library,

    /// Checklist: open the n-th document that the step cites (counted from 1).
    Cited(u8),

    /// Conflict dialog: write mine over theirs.
    TakeMine,
    /// Conflict dialog: keep theirs.
    KeepTheirs,
}

/// Where to move the selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// One column (or level) to the left.
    Left,
    /// One column (or level) to the right.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// Half a page up.
    HalfUp,
    /// Half a page down.
    HalfDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
}
