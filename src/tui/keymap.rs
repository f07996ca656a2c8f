//! The one table of keys: footer, help, palette, README and the configuration's `[keys]` all come from it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::action::{Action, Move};
use super::pane::{Context, PaneId};
use crate::workspace::config::nearest;

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Stable name, for the configuration: `tick = "space"`.
    pub name: &'static str,
    /// What it does.
    pub action: Action,
    /// Where it applies.
    pub context: Context,
    /// Default keys, the one to show first.
    pub keys: &'static [&'static str],
    /// One or two words, for the footer.
    pub help: &'static str,
    /// A phrase, for help, palette and manual.
    pub title: &'static str,
    /// Place in the footer, 1 first; 0 is not shown there.
    pub footer: u8,
}

const fn row(
    name: &'static str,
    action: Action,
    context: Context,
    keys: &'static [&'static str],
    help: &'static str,
    title: &'static str,
    footer: u8,
) -> Row {
    Row { name, action, context, keys, help, title, footer }
}

use Action::Move as Go;
use Context::{Board, Checklist, Conflict, Docs, Everywhere, Gates, History, Log, Prompt, Sync, Timeline, Tracks};

/// The table. Within a context every key is unique; a pane's key goes before the same key of `Everywhere`.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    row("tick", Action::Tick, Checklist, &["space"], "tick", "Tick the step (or open it again) and go on to the next open one", 1),
    row("note", Action::TickWithNote, Checklist, &["a"], "tick + note", "Tick the step with an evidence note", 2),
    row("not-applicable", Action::NotApplicable, Checklist, &["x"], "n/a", "Declare the step not applicable, with a reason", 3),
    row("failed", Action::StepFailed, Checklist, &["F"], "failed", "Record that the step failed, with what was seen; it stays open", 0),
    row("step-actions", Action::StepActions, Checklist, &["m"], "do…", "Choose among the things that the step asks for", 0),
    row("next-open", Action::NextOpen, Checklist, &["."], "next open", "Go to the next open step", 0),
    row("cited-1", Action::Cited(1), Checklist, &["f1", "alt-1"], "cited", "Open the 1st document that the step cites", 0),
    row("cited-2", Action::Cited(2), Checklist, &["f2", "alt-2"], "cited", "Open the 2nd document that the step cites", 0),
    row("cited-3", Action::Cited(3), Checklist, &["f3", "alt-3"], "cited", "Open the 3rd document that the step cites", 0),
    row("cited-4", Action::Cited(4), Checklist, &["f4", "alt-4"], "cited", "Open the 4th document that the step cites", 0),
    row("cited-5", Action::Cited(5), Checklist, &["f5", "alt-5"], "cited", "Open the 5th document that the step cites", 0),
    row("edit", Action::EditField, Board, &["e"], "edit", "Edit a field, in every document that carries it", 1),
    row("edit-here", Action::EditCell, Board, &["ctrl-e"], "edit here", "Edit a field in one document alone", 0),
    row("card", Action::EditCard, Board, &["i"], "card", "Edit all fields of the task in one form", 0),
    row("add", Action::AddTask, Board, &["a"], "add", "Add a task", 3),
    row("clone", Action::CloneTask, Board, &["c"], "clone", "Add a task as a clone of this one", 0),
    row("delete", Action::DeleteTask, Board, &["d"], "delete", "Delete the task, or the marked ones", 0),
    row("move", Action::MoveTask, Board, &["m"], "move", "Move the task, or the marked ones, to a state", 2),
    row("move-left", Action::MoveLeft, Board, &["H"], "move left", "Move to the state on the left", 0),
    row("move-right", Action::MoveRight, Board, &["L"], "move right", "Move to the state on the right", 0),
    row("block", Action::BlockTask, Board, &["b"], "block", "Block the task, or the marked ones, with the reason", 0),
    row("finish", Action::FinishTask, Board, &["D"], "done", "Finish the task, or the marked ones, with a note", 0),
    row("start", Action::StartSession, Board, &["S"], "start", "Start a session on the task, or work on it: its log, and the task in work everywhere", 0),
    row("mark", Action::Mark, Board, &["space"], "mark", "Mark the task, to act on several at once", 0),
    row("next-task", Action::NextTask, Board, &["."], "next task", "Go to the task that should be worked on next, and say why", 0),
    row("mend", Action::Mend, Board, &["x"], "mend", "Repair a damaged row, or make the documents agree", 0),
    row("board-view", Action::SwitchView, Board, &["v"], "kanban/table", "Kanban or table", 7),
    row("sort", Action::Sort, Board, &["s"], "sort", "Sort the table by the next column", 0),
    row("board-plan", Action::Plan, Board, &["p"], "plan", "Only the next plan, then all again", 0),
    row("day-next", Go(Move::Right), Timeline, &["l", "right"], "next day", "To the next day", 0),
    row("day-previous", Go(Move::Left), Timeline, &["h", "left"], "day before", "To the previous day", 1),
    row("timeline-view", Action::SwitchView, Timeline, &["v"], "lanes/list", "Lanes or list only", 2),
    row("plan", Action::Plan, Timeline, &["p"], "plan", "Only the next plan, then all again", 3),
    row("follow", Action::Follow, Log, &["F"], "follow", "Follow the end of the log, or stay", 1),
    row("log-note", Action::LogNote, Log, &["a"], "note", "Write a line into the active session's log, or into the journal", 2),
    row("log-view", Action::SwitchView, Log, &["v"], "log/agent", "The log, or what the agent does", 4),
    row("follow-agent", Action::FollowAgent, Log, &["V"], "follow agent", "Say which agent's session file, or folder of them, is followed", 0),
    row("log-plan", Action::LogPlan, Log, &["p"], "plan", "Write the plan of the active session", 5),
    row("log-block", Action::BlockTask, Log, &["b"], "block", "Block the task in work: boards, backlog, plan and log say so and why", 0),
    row("log-wrap", Action::Wrap, Log, &["w"], "wrap", "Wrap long lines, or cut them", 7),
    row("next-error", Action::NextError, Log, &["e"], "error", "To the next error", 3),
    row("next-warning", Action::NextWarning, Log, &["W"], "warning", "To the next warning", 0),
    row("link-next", Action::LinkNext, Docs, &["l", "right"], "link", "To the next link", 2),
    row("link-previous", Action::LinkPrevious, Docs, &["h", "left"], "link", "To the previous link", 0),
    row("library", Action::Library, Docs, &["b"], "documents", "The list of documents", 3),
    row("follow-this", Action::Follow, Docs, &["F"], "follow", "Follow this file in the Log", 0),
    row("docs-wrap", Action::Wrap, Docs, &["w"], "wrap", "Wrap long lines, or cut them", 0),
    row("undo-this", Action::Undo, History, &["u"], "undo this", "Take back the chosen operation", 1),
    row("sync-mend", Action::Mend, Sync, &["x"], "mend", "Show what would make the documents agree, and write it", 1),
    row("sync-mark", Action::Mark, Sync, &["space"], "mark", "Mark the id, to mend several at once", 0),
    row("sync-view", Action::SwitchView, Sync, &["v"], "all/wrong", "All ids, or only those with findings", 2),
    row("to-task", Action::ToTask, Sync, &["t"], "task", "To the task on the board", 3),
    row("gate-block", Action::BlockTask, Gates, &["b"], "block", "Block a task because of this gate: board, backlog, plan and session log", 1),
    row("sign-off", Action::SignOff, Gates, &["s"], "sign off", "Sign off a clause that only a person can judge, with the evidence", 2),
    row("attach-gate", Action::AttachGate, Gates, &["a"], "attach", "Write what the gate is at into the active session's log", 0),
    row("judge", Action::JudgeAgain, Gates, &["R"], "judge again", "Read telemetry and judge again", 3),
    row("gates-plan", Action::Plan, Gates, &["p"], "plan", "Only the next plan (the active task's first), then all again", 7),
    row("choose", Action::Mark, Prompt, &["space"], "choose", "Choose the persona or task, or no longer", 1),
    row("fill-in", Action::FillIn, Prompt, &["i"], "fill in", "Fill in gates, inputs, outputs and lists", 2),
    row("save", Action::Save, Prompt, &["w"], "save", "Save the prompt as a new document", 3),
    row("copy-prompt", Action::CopyId, Prompt, &["y"], "copy", "Copy the prompt", 7),
    row("repository-next", Action::TabNext, Tracks, &["]"], "repository", "To the next repository, and around", 7),
    row("repository-previous", Action::TabPrevious, Tracks, &["["], "repository", "To the previous repository, and around", 0),
    row("tracks-plan", Action::PlanTracks, Tracks, &["P"], "plan", "Ask GitHub what a run would change, to be reviewed and applied; or show the plan that is there", 1),
    row("tracks-run", Action::RunTracks, Tracks, &["W"], "run", "Have the pipeline run: all workflows, once that is confirmed", 2),
    row("take-mine", Action::TakeMine, Conflict, &["m"], "write mine", "Write mine over theirs", 1),
    row("keep-theirs", Action::KeepTheirs, Conflict, &["t"], "keep theirs", "Keep theirs; nothing is written", 2),
    row("open", Action::Open, Everywhere, &["enter"], "open", "Open or unfold", 5),
    row("back", Action::Back, Everywhere, &["esc"], "back", "Back one level, or to the pane that led here; clears the filter first", 0),
    row("tab-previous", Action::TabPrevious, Everywhere, &["["], "previous", "Previous checklist, log or document of the pane", 0),
    row("tab-next", Action::TabNext, Everywhere, &["]"], "next", "Next checklist, log or document of the pane", 0),
    row("filter", Action::Filter, Everywhere, &["/"], "filter", "Filter as you type", 6),
    row("match-next", Action::MatchNext, Everywhere, &["n"], "next match", "To the next match", 0),
    row("match-previous", Action::MatchPrevious, Everywhere, &["N"], "previous match", "To the previous match", 0),
    row("editor", Action::Editor, Everywhere, &["o", "E"], "editor", "Open the document at this line in $VISUAL or $EDITOR", 7),
    row("undo", Action::Undo, Everywhere, &["u"], "undo", "Take back the newest operation", 9),
    row("redo", Action::Redo, Everywhere, &["ctrl-r"], "redo", "Take back the newest undo", 0),
    row("copy-id", Action::CopyId, Everywhere, &["y"], "copy id", "Copy the id of the selected thing", 0),
    row("copy-row", Action::CopyRow, Everywhere, &["Y"], "copy row", "Copy the selected row as Markdown", 0),
    row("zoom", Action::Zoom, Everywhere, &["z"], "zoom", "Give the pane the whole screen, or take it back", 10),
    row("focus-next", Action::FocusNext, Everywhere, &["tab"], "next pane", "Next pane", 8),
    row("focus-previous", Action::FocusPrevious, Everywhere, &["shift-tab"], "previous pane", "Previous pane", 0),
    row("checklist", Action::Focus(PaneId::Checklist), Everywhere, &["1"], "checklist", "To the Checklist pane", 0),
    row("board", Action::Focus(PaneId::Board), Everywhere, &["2"], "board", "To the Board pane", 0),
    row("timeline", Action::Focus(PaneId::Timeline), Everywhere, &["3"], "timeline", "To the Timeline pane", 0),
    row("gates", Action::Focus(PaneId::Gates), Everywhere, &["4"], "gates", "To the Gates pane", 0),
    row("log", Action::Focus(PaneId::Log), Everywhere, &["5"], "log", "To the Log pane", 0),
    row("backlog", Action::Focus(PaneId::Backlog), Everywhere, &["6"], "backlog", "To the Backlog pane", 0),
    row("sync", Action::Focus(PaneId::Sync), Everywhere, &["7"], "sync", "To the Sync pane", 0),
    row("docs", Action::Focus(PaneId::Docs), Everywhere, &["8"], "docs", "To the Docs pane", 0),
    row("history", Action::Focus(PaneId::History), Everywhere, &["9"], "history", "To the History pane", 0),
    row("tracks", Action::Focus(PaneId::Tracks), Everywhere, &["T"], "tracks", "To the Tracks pane", 0),
    row("level", Action::Level, Everywhere, &["A"], "level", "Change the autonomy level of the active session", 0),
    row("prompt", Action::Focus(PaneId::Prompt), Everywhere, &["0"], "prompt", "To the Prompt pane", 0),
    row("views", Action::Views, Everywhere, &["f"], "views", "Show one of the saved views", 0),
    row("up", Go(Move::Up), Everywhere, &["k", "up"], "up", "Up", 0),
    row("down", Go(Move::Down), Everywhere, &["j", "down"], "down", "Down", 0),
    row("left", Go(Move::Left), Everywhere, &["h", "left"], "left", "Left, or fold", 0),
    row("right", Go(Move::Right), Everywhere, &["l", "right"], "right", "Right, or unfold", 0),
    row("page-up", Go(Move::PageUp), Everywhere, &["pageup"], "page up", "A page up", 0),
    row("page-down", Go(Move::PageDown), Everywhere, &["pagedown"], "page down", "A page down", 0),
    row("half-up", Go(Move::HalfUp), Everywhere, &["ctrl-u"], "half up", "Half a page up", 0),
    row("half-down", Go(Move::HalfDown), Everywhere, &["ctrl-d"], "half down", "Half a page down", 0),
    row("first", Go(Move::First), Everywhere, &["g", "home"], "first", "To the first row", 0),
    row("last", Go(Move::Last), Everywhere, &["G", "end"], "last", "To the last row", 0),
    row("run", Action::RunCommand, Everywhere, &["X"], "run", "Run a command of the runbook; it is shown to the letter first", 0),
    row("end", Action::EndCommand, Everywhere, &["ctrl-x"], "end command", "End the command that runs, or the pipeline at work", 0),
    row("finish-session", Action::FinishSession, Everywhere, &["C"], "finish session", "Finish the session, or land the task in work: what is still open, then the end in every document", 0),
    row("hand-off", Action::HandOff, Everywhere, &["O"], "hand-off", "Show the hand-off of the session, and copy it", 0),
    row("mouse", Action::Mouse, Everywhere, &["M"], "mouse", "Take clicks and the wheel, or leave them to the terminal", 0),
    row("reload", Action::Reload, Everywhere, &["r"], "reload", "Read all documents again", 0),
    row("palette", Action::Palette, Everywhere, &[":", "ctrl-k"], "palette", "Choose an action by name", 12),
    row("notices", Action::Notices, Everywhere, &["!"], "notices", "Notices, damaged documents and the last message in full", 0),
    row("help", Action::Help, Everywhere, &["?"], "help", "Show the keys", 4),
    row("suspend", Action::Suspend, Everywhere, &["ctrl-z"], "suspend", "Suspend; `fg` brings the cockpit back", 0),
    row("quit", Action::Quit, Everywhere, &["q"], "quit", "Quit; asks when a draft is open or the pipeline is at work", 11),
    row("quit-now", Action::QuitNow, Everywhere, &["ctrl-c"], "quit", "Quit at once", 0),
];

/// One key with its modifiers. Shift is part of the character, not a modifier, for printable keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// Something under `[keys]` that cannot be done as it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// The text names no key.
    #[error(
        "`{action}`: {key:?} is no key; write for example \"x\", \"X\", \"space\", \"f5\", \"ctrl-x\", \"alt-x\", \"shift-tab\""
    )]
    Key {
        /// The action that was to have it.
        action: String,
        /// What is written.
        key: String,
    },
    /// The name is in no row.
    #[error("`{action}` is no action; {}", near.map_or("docs/KEYS.md of codex-tui names them all".to_owned(), |near| format!("did you mean `{near}`?")))]
    Action {
        /// What is written.
        action: String,
        /// The action that was most likely meant.
        near: Option<&'static str>,
    },
    /// Two actions of one context want the same key.
    #[error(
        "the key {key} is given to both `{winner}` and `{action}`; `{winner}` has it, give `{action}` another one, or [] for none"
    )]
    Twice {
        /// The key.
        key: String,
        /// The action that goes without.
        action: &'static str,
        /// The action that has it.
        winner: &'static str,
    },
    /// The way out cannot be taken away.
    #[error("`quit-now` needs a key, because it is the way out whatever is open; ctrl-c stays")]
    WayOut,
}

impl BadKey {
    /// The names under `[keys]` that it is about, first the one that goes without.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            BadKey::Key { action, .. } | BadKey::Action { action, .. } => (action.as_str(), None),
            BadKey::Twice { action, winner, .. } => (*action, Some(*winner)),
            BadKey::WayOut => ("quit-now", None),
        };
        std::iter::once(first).chain(second)
    }
}

const NAMED: &[(&str, KeyCode)] = &[
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
];

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Key {
        let mut modifiers = event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        let code = match event.code {
            KeyCode::BackTab => {
                modifiers.insert(KeyModifiers::SHIFT);
                KeyCode::Tab
            }
            KeyCode::Char(c) => {
                modifiers.remove(KeyModifiers::SHIFT);
                // Terminals report Ctrl with either case.
                KeyCode::Char(if modifiers.contains(KeyModifiers::CONTROL) { c.to_ascii_lowercase() } else { c })
            }
            code => code,
        };
        Key { code, modifiers }
    }
}

impl From<Key> for KeyEvent {
    fn from(key: Key) -> KeyEvent {
        KeyEvent::new(key.code, key.modifiers)
    }
}

/// A text that names no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoKey;

impl FromStr for Key {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Key, NoKey> {
        let bad = || NoKey;
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        loop {
            let (modifier, after) = if let Some(after) = rest.strip_prefix("ctrl-") {
                (KeyModifiers::CONTROL, after)
            } else if let Some(after) = rest.strip_prefix("alt-") {
                (KeyModifiers::ALT, after)
            } else if let Some(after) = rest.strip_prefix("shift-") {
                (KeyModifiers::SHIFT, after)
            } else {
                break;
            };
            modifiers.insert(modifier);
            rest = after;
        }
        let mut chars = rest.chars();
        let code = match (chars.next(), chars.next()) {
            (Some(c), None) => KeyCode::Char(c),
            (Some('f'), Some(_)) => KeyCode::F(rest[1..].parse().map_err(|_| bad())?),
            _ => NAMED.iter().find(|(name, _)| *name == rest).map(|&(_, code)| code).ok_or_else(bad)?,
        };
        Ok(Key::from(KeyEvent::new(code, modifiers)))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, name) in
            [(KeyModifiers::CONTROL, "ctrl-"), (KeyModifiers::ALT, "alt-"), (KeyModifiers::SHIFT, "shift-")]
        {
            if self.modifiers.contains(modifier) {
                f.write_str(name)?;
            }
        }
        match self.code {
            KeyCode::F(n) => write!(f, "f{n}"),
            code => match NAMED.iter().find(|(_, named)| *named == code) {
                Some((name, _)) => f.write_str(name),
                None => write!(f, "{code}"),
            },
        }
    }
}

/// The keys in force: the table with the operator's changes.
#[derive(Debug, Clone)]
pub struct Keymap {
    /// Keys of each row of the table.
    keys: Vec<Vec<Key>>,
}

impl Default for Keymap {
    fn default() -> Keymap {
        let keys = TABLE.iter().map(|row| row.keys.iter().filter_map(|key| key.parse().ok()).collect()).collect();
        Keymap { keys }
    }
}

impl Keymap {
    /// The table with these changes: action name → keys (an empty list takes its keys away). What cannot be done is left out
    /// and said; the rest counts. Where two actions of one context want a key, the changed one has it, else the first.
    pub fn new(changes: &BTreeMap<String, Vec<String>>) -> (Keymap, Vec<BadKey>) {
        let (mut keymap, mut bad) = (Keymap::default(), Vec::new());
        for (name, keys) in changes {
            let Some(at) = TABLE.iter().position(|row| row.name == name) else {
                let near = nearest(name, &TABLE.iter().map(|row| row.name).collect::<Vec<_>>());
                bad.push(BadKey::Action { action: name.clone(), near });
                continue;
            };
            let known = |key: &String| {
                let parsed = key.parse::<Key>();
                parsed.map_err(|NoKey| bad.push(BadKey::Key { action: name.clone(), key: key.clone() })).ok()
            };
            let parsed: Vec<Key> = keys.iter().filter_map(known).collect();
            if !parsed.is_empty() || keys.is_empty() {
                keymap.keys[at] = parsed;
            }
        }
        let mut order: Vec<usize> = (0..TABLE.len()).collect();
        order.sort_by_key(|&at| !changes.contains_key(TABLE[at].name));
        for (place, &at) in order.iter().enumerate() {
            let (action, context) = (TABLE[at].name, TABLE[at].context);
            for &earlier in order[..place].iter().filter(|&&other| TABLE[other].context == context) {
                let winner = TABLE[earlier].name;
                let (taken, own) = (keymap.keys[earlier].clone(), &mut keymap.keys[at]);
                let lost = own.extract_if(.., |key| taken.contains(key));
                bad.extend(lost.map(|key| BadKey::Twice { key: key.to_string(), action, winner }));
            }
        }
        let quits = |row: &Row| row.action == Action::QuitNow;
        if let Some(at) = TABLE.iter().position(quits).filter(|&at| keymap.keys[at].is_empty()) {
            let key = Keymap::default().keys[at].clone();
            for (_, keys) in TABLE.iter().zip(&mut keymap.keys).filter(|(row, _)| row.context == Everywhere) {
                keys.retain(|other| !key.contains(other));
            }
            keymap.keys[at] = key;
            bad.push(BadKey::WayOut);
        }
        (keymap, bad)
    }

    /// What a key means in a context: the context's own rows first, then `Everywhere`.
    pub fn action(&self, context: Context, key: Key) -> Option<Action> {
        self.own(context, key).or_else(|| self.own(Everywhere, key))
    }

    /// What a key means in a context, without `Everywhere`.
    pub fn own(&self, context: Context, key: Key) -> Option<Action> {
        let at = TABLE.iter().zip(&self.keys).position(|(row, keys)| row.context == context && keys.contains(&key))?;
        Some(TABLE[at].action)
    }

    /// All rows with their keys in force.
    pub fn rows(&self) -> impl Iterator<Item = (&'static Row, &[Key])> {
        TABLE.iter().zip(self.keys.iter().map(Vec::as_slice))
    }

    /// How a hint names what has to be pressed for an action in a context: its first key, or the palette's with its name where
    /// it has none.
    pub fn hint(&self, context: Context, action: Action) -> String {
        let of = |action: Action| {
            let fits = |context: Context| move |(row, _): &(&Row, _)| row.context == context && row.action == action;
            self.rows().find(fits(context)).or_else(|| self.rows().find(fits(Everywhere)))
        };
        let key = |keys: &[Key]| keys.first().map(ToString::to_string);
        match of(action) {
            Some((row, keys)) => key(keys).unwrap_or_else(|| {
                let palette = of(Action::Palette).and_then(|(_, keys)| key(keys)).unwrap_or_default();
                format!("{palette} {}", row.name)
            }),
            None => String::new(),
        }
    }

    /// The rows that the footer shows in a context, best first: key and word.
    pub fn footer(&self, context: Context) -> Vec<(Key, &'static str)> {
        let mut rows: Vec<_> = self
            .rows()
            .filter(|(row, _)| row.footer > 0 && (row.context == context || row.context == Everywhere))
            .filter_map(|(row, keys)| Some((row, *keys.first()?)))
            .collect();
        rows.sort_by_key(|(row, _)| (row.footer, row.context == Everywhere));
        let mut shown: Vec<(Key, &'static str)> = Vec::new();
        for (row, key) in rows {
            if shown.iter().all(|(other, _)| *other != key) {
                shown.push((key, row.help));
            }
        }
        shown
    }
}

/// The name of a context in help and manual.
pub fn heading(context: Context) -> &'static str {
    match context {
        Everywhere => "Everywhere",
        Checklist => "Checklist",
        Board => "Board, Backlog",
        Timeline => "Timeline",
        Log => "Log",
        Docs => "Docs",
        History => "History",
        Sync => "Sync",
        Gates => "Gates",
        Prompt => "Prompt",
        Tracks => "Tracks",
        Conflict => "Conflict dialog",
    }
}

/// The table as Markdown, for the README.
pub fn markdown() -> String {
    let mut out = String::from("| Where | Keys | What | Name |\n| --- | --- | --- | --- |\n");
    for row in TABLE {
        let keys: Vec<String> = row.keys.iter().map(|key| format!("`{key}`")).collect();
        out += &format!("| {} | {} | {} | `{}` |\n", heading(row.context), keys.join(" "), row.title, row.name);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_key_parses_and_is_unique_in_its_context() {
        for row in TABLE {
            for key in row.keys {
                assert_eq!(key.parse::<Key>().map(|key| key.to_string()).as_deref(), Ok(*key), "{}", row.name);
            }
        }
        assert_eq!(Keymap::new(&BTreeMap::new()).1, []);
    }

    #[test]
    fn keys_can_be_changed_and_taken_away() {
        let key = |text: &str| text.parse::<Key>().expect("a key");
        let changed = |changes: &[(&str, &[&str])]| {
            let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
            Keymap::new(&changes.iter().map(|(name, list)| ((*name).to_owned(), keys(list))).collect())
        };
        let (keymap, bad) = changed(&[("tick", &["ctrl-t"]), ("zoom", &[])]);
        assert_eq!(bad, []);
        assert_eq!(keymap.action(Checklist, key("ctrl-t")), Some(Action::Tick));
        assert_eq!(keymap.action(Checklist, key("space")), None);
        assert_eq!(keymap.action(Board, key("z")), None);
        // What the operator says goes before what is built in, wherever the two stand in the table.
        for (name, other, context) in [("tick", "note", Checklist), ("keep-theirs", "take-mine", Conflict)] {
            let taken = TABLE.iter().find(|row| row.name == other).expect("a row").keys[0];
            let (keymap, bad) = changed(&[(name, &[taken])]);
            let said: Vec<&str> = bad.iter().filter_map(|bad| bad.actions().next()).collect();
            assert_eq!(said, [other]);
            assert_eq!(
                keymap.own(context, key(taken)),
                TABLE.iter().find(|row| row.name == name).map(|row| row.action)
            );
        }
        let (keymap, bad) = changed(&[("tick", &["a"]), ("note", &["a", "b"])]);
        assert_eq!((bad.len(), keymap.own(Checklist, key("b"))), (1, Some(Action::TickWithNote)));
        // A mistake costs what it is about and nothing else.
        let (keymap, bad) = changed(&[("tock", &["b"]), ("tick", &["hyper-a", "t"]), ("note", &["hyper-b"])]);
        let said: Vec<String> = bad.iter().map(ToString::to_string).collect();
        assert!(said.len() == 3 && said.iter().any(|text| text.contains("did you mean `tick`?")), "{said:?}");
        assert_eq!(keymap.own(Checklist, key("t")), Some(Action::Tick));
        assert_eq!(keymap.own(Checklist, key("a")), Some(Action::TickWithNote));
        let (keymap, bad) = changed(&[("quit-now", &[]), ("reload", &["ctrl-c"])]);
        assert_eq!((bad, keymap.own(Everywhere, key("ctrl-c"))), (vec![BadKey::WayOut], Some(Action::QuitNow)));
    }
}
