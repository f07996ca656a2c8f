//! Commands: made ready and shown, then run as a child, and recorded in the log of the session.
//!
//! Nothing runs that was not shown: what is shown has a digest, and right before the start everything is read and made ready
//! once more. Differs the digest, somebody changed a document meanwhile, and it is shown again.

mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDateTime;

use super::View;
use crate::doc::{DocId, Rev};
use crate::exec;
use crate::model::autonomy::{Action, Doing, Level, Need, Refusal};
use crate::model::runbook::fill::fill;
use crate::model::runbook::{Command, Shell};
use crate::model::secret::{Secrets, is_secret_name};
use crate::sys::file;
use crate::workspace::Commands;

pub use crate::exec::{KEEPER, keep};
pub use run::{Canceller, Finished, RunState, Running};

/// What is to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A command of the runbook.
    Listed {
        /// Its number ([`Command::number`]).
        number: usize,
        /// Values of its placeholders by name.
        values: BTreeMap<String, String>,
    },
    /// A line that the operator typed.
    Typed(String),
}

/// A command, ready to run: all that the operator is shown before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// What was asked for.
    pub wanted: Wanted,
    /// What it is for, in the runbook's words; empty for a typed line.
    pub task: String,
    /// `file:line` of the runbook; none for a typed line.
    pub place: Option<String>,
    /// The line exactly as the shell gets it, but for secrets, which are masked.
    pub line: String,
    /// The shell with its options; the line follows as one argument.
    pub shell: Vec<String>,
    /// The folder in which it runs: the root.
    pub folder: PathBuf,
    /// The level that it needs, why, and which line says so.
    pub need: Need,
    /// The session's level.
    pub level: Level,
    /// Parameters of the line that the runbook calls overrides.
    pub overrides: Vec<String>,
    /// After this time it is ended.
    pub limit: Duration,
    /// Names of variables that it does not get: secrets below [`Level::L3`], and what opts in to a higher level.
    pub without: Vec<String>,
    /// The log that will hold its record.
    pub log: DocId,
    /// The document for its output; with a number behind the name where there is one already.
    pub output: DocId,
    /// Stands for all of the above but the output's name: 8 hexadecimal digits.
    pub digest: String,
    /// The line with its secrets.
    secret_line: Unshown,
}

/// Text that no message and no report of a mistake prints.
#[derive(Clone, PartialEq, Eq)]
struct Unshown(String);

impl fmt::Debug for Unshown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Why a command is not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The session's level does not allow it.
    Level(Box<Refusal>),
    /// It cannot be run as it was asked for: a value that does not fit, no session, a document that was changed.
    Asked(String),
    /// Something is missing here: the shell, or a file that can be written.
    Here(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Why::Level(refusal) => refusal.fmt(f),
            Why::Asked(why) | Why::Here(why) => f.write_str(why),
        }
    }
}

impl View {
    /// Makes a command ready; `limit` instead of the configured time limit. Runs and writes nothing.
    pub fn prepare(&self, wanted: Wanted, limit: Option<Duration>, now: NaiveDateTime) -> Result<Prepared, Why> {
        let config = &self.config.commands;
        let Some(log) = self.active_session() else {
            let why =
                "there is no session, and a command has to be recorded in its log; `session start TASK` begins one";
            return Err(Why::Asked(why.to_owned()));
        };
        let level = self.level();
        // Whatever the command only reads: its record is written.
        self.guard().allows(level, &Action::Kind(Doing::RunCommand)).map_err(|why| Why::Level(Box::new(why)))?;
        let secrets = Secrets::new(environment());
        let filled = self.filled(&wanted)?;
        let line = secrets.mask(&filled.text).into_owned();
        let action = Action::Command { line: line.clone(), need: filled.need.clone() };
        self.guard().allows(level, &action).map_err(|why| Why::Level(Box::new(why)))?;
        let output = output_of(config, &log.name, now)?;
        let mut prepared = Prepared {
            wanted,
            task: filled.command.map_or_else(String::new, |one| one.task.clone()),
            place: filled.command.map(|one| format!("{}:{}", one.doc, one.line)),
            overrides: self.runbook.overrides_in(&filled.text).iter().map(|over| over.name.clone()).collect(),
            shell: self.shell(filled.shell)?,
            folder: self.root.clone(),
            need: filled.need,
            level,
            limit: limit.unwrap_or(Duration::from_secs(config.time_limit_minutes.saturating_mul(60))),
            without: self.without(level),
            log: log.doc.clone(),
            output,
            digest: String::new(),
            line,
            secret_line: Unshown(filled.text),
        };
        prepared.digest = prepared.digested();
        Ok(prepared)
    }

    fn filled(&self, wanted: &Wanted) -> Result<Filled<'_>, Why> {
        let filled = match wanted {
            Wanted::Listed { number, values } => {
                let command = self.runbook.commands.iter().find(|one| one.number == *number).ok_or_else(|| {
                    Why::Asked(format!("there is no command {number} in the runbook; `runbook list` has all of them"))
                })?;
                let line = fill(command, values).map_err(|why| Why::Asked(why.to_string()))?;
                let need = self.runbook.need_filled(command, &line, &self.autonomy);
                Filled { command: Some(command), need, text: line.text, shell: line.shell }
            }
            Wanted::Typed(text) => {
                let text = text.trim();
                let need = self.runbook.need_typed(text, &self.autonomy);
                Filled { command: None, need, text: text.to_owned(), shell: Shell::of(text) }
            }
        };
        let text = &filled.text;
        if text.is_empty() || text.starts_with('-') || text.contains('\0') {
            return Err(Why::Asked(format!("{text:?} is no command line: it has to begin with a program")));
        }
        Ok(filled)
    }

    /// The shell for such lines, with its options.
    fn shell(&self, kind: Shell) -> Result<Vec<String>, Why> {
        let config = &self.config.commands;
        let (key, list) = match kind {
            Shell::PowerShell => ("powershell", &config.powershell),
            Shell::Bash | Shell::Unknown => ("shell", &config.shell),
        };
        if let Some(problem) = Commands::problem(list) {
            return Err(Why::Asked(format!("codex-tui.toml: [commands] {key}: {problem}; nothing was run")));
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        // A shell inside of the workspace is a document: anybody who writes documents could have written it.
        let is_ours = |program: &PathBuf| file::canonical(program).is_ok_and(|real| real.starts_with(&self.root));
        let there = |name: &str| exec::find(name, &path).filter(|program| !is_ours(program));
        let (program, options) = list.split_first().ok_or_else(|| Why::Here(format!("[commands] {key} is empty")))?;
        let otherwise = || there("sh").filter(|_| program == "bash");
        if let Some(found) = there(program).or_else(otherwise) {
            let found = found.to_string_lossy().into_owned();
            return Ok([&[found][..], options].concat());
        }
        let folders = std::env::split_paths(&path).map(|dir| dir.display().to_string()).filter(|dir| !dir.is_empty());
        let mut folders: Vec<String> = folders.collect();
        let mut seen = BTreeSet::new();
        folders.retain(|folder| seen.insert(folder.clone()));
        let looked =
            if folders.is_empty() { "PATH is empty".to_owned() } else { format!("looked in {}", folders.join(", ")) };
        let (what, mend) = match kind {
            Shell::PowerShell => ("the command is for PowerShell", "install PowerShell 7"),
            Shell::Bash | Shell::Unknown => ("the command is for a shell", "install it"),
        };
        Err(Why::Here(format!(
            "{what}, but there is no `{program}` here ({looked}); {mend}, or name the shell in codex-tui.toml under [commands] \
             {key}; nothing was run"
        )))
    }

    /// Names of the variables that a command at that level does not get.
    fn without(&self, level: Level) -> Vec<String> {
        if level >= Level::L3 {
            return Vec::new();
        }
        let opts_in = |name: &str| self.autonomy.opt_ins.iter().any(|one| one.name == name);
        let names = environment().map(|(name, _)| name);
        let mut names: Vec<String> = names.filter(|name| is_secret_name(name) || opts_in(name)).collect();
        names.sort();
        names
    }
}

/// A line, and what is known of it.
struct Filled<'a> {
    command: Option<&'a Command>,
    text: String,
    shell: Shell,
    need: Need,
}

impl Prepared {
    /// What the shell gets, with the shell in front.
    fn argv(&self) -> Vec<OsString> {
        self.shell.iter().chain([&self.secret_line.0]).map(OsString::from).collect()
    }

    fn digested(&self) -> String {
        let said = (&self.secret_line.0, &self.shell, &self.folder, &self.need, self.level, &self.overrides);
        let more = (&self.task, &self.place, self.limit, &self.without, &self.log);
        let hash = Rev::of(format!("{said:?} {more:?}").as_bytes()).to_string();
        hash.chars().take(8).collect()
    }
}

/// The environment, as far as it is text.
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
}

/// Where the output goes: a folder for the session, a file named by the time of day.
fn output_of(config: &Commands, session: &str, now: NaiveDateTime) -> Result<DocId, Why> {
    let folder = &config.output;
    let hidden = folder.split('/').any(|part| part.starts_with('.'));
    let path = DocId::new(&format!("{folder}/{session}/{}.log", now.format("%H%M%S")));
    path.ok().filter(|_| !hidden && !folder.is_empty()).ok_or_else(|| {
        Why::Asked(format!(
            "codex-tui.toml: [commands] output: {folder:?} is no folder of the workspace that is in sight"
        ))
    })
}
