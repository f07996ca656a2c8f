//! Follows the session file of an agent, wherever it lies: only what is new is read and parsed. Reads, and nothing else.
//!
//! A folder stands for the newest file below it, also for one that appears later. Limits: of a long file only the events
//! of the last [`WINDOW`] bytes are read, with who and where from its first line.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::Local;

use crate::model::agent::{self, News, Piece, What};
use crate::store::rollout;
use crate::store::tail::{Cut, Growth, Line, Tail};
use crate::store::watch::{WatchEvent, Watcher};
use crate::workspace::config::WatchMode;

/// How much of a file's end is read when it is opened, in bytes.
const WINDOW: usize = 2 * 1024 * 1024;
/// Longest line that is read as a whole, in bytes; of a longer one, what stands before.
const LONGEST: usize = 256 * 1024;

/// News of the agent's session file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentUpdate {
    /// The file, or what was asked for as long as there is none.
    pub path: PathBuf,
    /// What changed.
    pub change: AgentChange,
    /// Whether the file ends in the middle of a line: more of it will come, or its writer died.
    pub half: bool,
    /// Whether the events reach back to the start of the file.
    pub from_start: bool,
}

/// How the agent's session file changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentChange {
    /// Opened, truncated, replaced, or another file than before (the reason is a sentence, empty when opened): forget all
    /// events.
    Opened {
        /// Why.
        why: String,
        /// What its lines say, oldest first.
        pieces: Vec<Piece>,
    },
    /// New lines.
    Appended {
        /// What they say.
        pieces: Vec<Piece>,
    },
    /// There is nothing, or it cannot be read (now): a sentence.
    Unreadable {
        /// Why.
        why: String,
    },
    /// Nothing is followed any more.
    Stopped,
}

/// The folder in which agents keep their session files, by the environment.
pub fn usual() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = set("CODEX_HOME").or_else(|| Some(home()?.join(".codex")));
    home.map(|home| home.join("sessions"))
}

/// The home folder. A relative one would be another in every folder.
fn home() -> Option<PathBuf> {
    std::env::home_dir().filter(|home| home.is_absolute())
}

/// The path that is meant: `~` is the home folder, nothing is [`usual`].
fn meant(path: &Path) -> Option<PathBuf> {
    if path.as_os_str().is_empty() {
        return usual();
    }
    match path.strip_prefix("~") {
        Ok(rest) => Some(home()?.join(rest)),
        Err(_) => std::path::absolute(path).ok(),
    }
}

/// What the watcher has seen since the last look. Most events are about the file that is followed: only others are a reason
/// to search the folder for a newer one.
#[derive(Debug, Default)]
struct Hint {
    /// The name of the followed file.
    name: String,
    search: bool,
}

/// A session file, or a folder of them, that is being followed.
pub(super) struct Follower {
    /// What was asked for.
    target: PathBuf,
    watcher: Watcher,
    /// The target as the watcher knows it; empty when it is the watched root itself.
    prefix: String,
    hint: Arc<Mutex<Hint>>,
    tail: Option<Tail>,
    /// The reason that was reported last, while nothing could be read.
    refused: Option<String>,
}

impl Follower {
    /// Follows what lies at `path`; `notify` is called from another thread when it is time for [`Follower::look`]. The
    /// first look is the caller's.
    pub fn start(path: &Path, mode: WatchMode, notify: impl Fn() + Send + 'static) -> Result<Follower, AgentUpdate> {
        let Some(target) = meant(path) else {
            let why = "no home folder is known: say where the agent keeps its session files".to_owned();
            return Err(update(path, AgentChange::Unreadable { why }));
        };
        // What is not there yet may become a folder: it is watched from above, like a file.
        let (root, prefix) = match (target.is_dir(), target.parent(), target.file_name()) {
            (false, Some(parent), Some(name)) => (parent, name.to_string_lossy().into_owned()),
            _ => (target.as_path(), String::new()),
        };
        let hint = Arc::new(Mutex::new(Hint { name: String::new(), search: true }));
        let seen = hint.clone();
        let watcher = Watcher::start(root, vec![String::new()], mode, move |event| {
            let mut hint = seen.lock().unwrap_or_else(PoisonError::into_inner);
            hint.search |= match event {
                WatchEvent::Changed(docs) => docs.iter().any(|doc| doc.file_name() != hint.name),
                WatchEvent::Rescan { .. } | WatchEvent::Degraded { .. } | WatchEvent::Recovered => true,
            };
            drop(hint);
            notify();
        });
        Ok(Follower { watcher, prefix, hint, tail: None, refused: None, target: target.clone() })
    }

    /// Reads what is new; none when nothing is.
    pub fn look(&mut self) -> Option<AgentUpdate> {
        match self.file() {
            Ok(Some(file)) if self.tail.as_ref().is_none_or(|tail| tail.path() != file) => Some(self.open(&file)),
            Ok(Some(_)) => self.grew(),
            Ok(None) => self.refuse("there is no session file below it yet (*.jsonl)".to_owned()),
            // A file that is gone stays on the screen as it was.
            Err(error) => self.refuse(error.to_string()),
        }
    }

    /// The file to follow now.
    fn file(&mut self) -> io::Result<Option<PathBuf>> {
        if !self.target.is_dir() {
            return Ok(Some(self.target.clone()));
        }
        let search = std::mem::take(&mut self.hint.lock().unwrap_or_else(PoisonError::into_inner).search);
        if let Some(tail) = self.tail.as_ref().filter(|_| !search) {
            return Ok(Some(tail.path().to_owned()));
        }
        let found = rollout::newest(&self.target)?;
        let name = found.newest.as_deref().and_then(Path::file_name).unwrap_or_default();
        self.hint.lock().unwrap_or_else(PoisonError::into_inner).name = name.to_string_lossy().into_owned();
        let below = |folder: String| match (self.prefix.as_str(), folder.as_str()) {
            ("", _) => folder,
            (prefix, "") => prefix.to_owned(),
            (prefix, _) => format!("{prefix}/{folder}"),
        };
        self.watcher.watch_more(found.folders.into_iter().map(below).collect());
        Ok(found.newest)
    }

    fn open(&mut self, file: &Path) -> AgentUpdate {
        let why = match &self.tail {
            Some(_) => "a newer session file".to_owned(),
            None => String::new(),
        };
        match Tail::open_wide(file, WINDOW, LONGEST) {
            Ok(tail) => {
                self.tail = Some(tail);
                self.anew(why)
            }
            Err(error) => {
                self.tail = None;
                let said = error.to_string();
                self.refused = Some(said.clone());
                update(file, AgentChange::Unreadable { why: said })
            }
        }
    }

    fn grew(&mut self) -> Option<AgentUpdate> {
        let tail = self.tail.as_mut()?;
        let why = match tail.grew() {
            Ok(Growth::Nothing) => return None,
            Ok(Growth::Appended { lines, .. }) => {
                self.refused = None;
                let pieces = tail.last_lines(lines).filter(|line| line.complete).flat_map(pieces_of).collect();
                return Some(self.now(AgentChange::Appended { pieces }));
            }
            Ok(Growth::Jumped) => "much came at once; older events are skipped",
            Ok(Growth::Truncated) => "the file was truncated or rewritten",
            Ok(Growth::Replaced) => "the file was replaced",
            Err(error) => return self.refuse(error.to_string()),
        };
        Some(self.anew(why.to_owned()))
    }

    /// Everything that is held, after the file was opened anew.
    fn anew(&mut self, why: String) -> AgentUpdate {
        self.refused = None;
        let mut pieces = Vec::new();
        if let Some(tail) = &self.tail {
            if !tail.from_start() {
                // Who and where stands in the first line only; a line that cannot be read tells nothing.
                let head = tail.first_line(LONGEST).unwrap_or_default();
                let is_meta = |piece: &Piece| matches!(piece.news, News::Event(What::Meta { .. }));
                pieces.extend(agent::read(&head).into_iter().filter(is_meta).map(local));
            }
            pieces.extend(tail.lines().filter(|line| line.complete && line.cut != Cut::Front).flat_map(pieces_of));
        }
        self.now(AgentChange::Opened { why, pieces })
    }

    fn now(&self, change: AgentChange) -> AgentUpdate {
        let tail = self.tail.as_ref();
        AgentUpdate {
            half: tail.is_some_and(|tail| tail.lines().next_back().is_some_and(|line| !line.complete)),
            from_start: tail.is_none_or(Tail::from_start),
            ..update(tail.map_or(&self.target, |tail| tail.path()), change)
        }
    }

    fn refuse(&mut self, why: String) -> Option<AgentUpdate> {
        if self.refused.as_ref() == Some(&why) {
            return None;
        }
        self.refused = Some(why.clone());
        Some(self.now(AgentChange::Unreadable { why }))
    }
}

/// News without a file.
pub(super) fn update(path: &Path, change: AgentChange) -> AgentUpdate {
    AgentUpdate { path: path.to_owned(), change, half: false, from_start: true }
}

fn pieces_of(line: Line<'_>) -> Vec<Piece> {
    agent::read(&line.text).into_iter().map(local).collect()
}

/// The time as the clock on the wall showed it.
fn local(piece: Piece) -> Piece {
    Piece { at: piece.at.map(|at| at.with_timezone(&Local).fixed_offset()), ..piece }
}
