//! The arguments of `session`.

use chrono::NaiveDate;
use clap::{Args as ClapArgs, Subcommand};

use super::DryRun;
use crate::model::autonomy::Level;

/// `session …`.
#[derive(Debug, Subcommand)]
pub enum Session {
    /// Start a session: a log from the template, and the task in work everywhere, in one operation.
    Start(StartArgs),
    /// Add a line with its time to the active log.
    Note {
        /// What is to be remembered.
        #[arg(value_name = "TEXT", allow_hyphen_values = true)]
        text: String,
        /// Under this heading of the log, or one that begins so; `Changes` when left out.
        #[arg(long, value_name = "HEADING")]
        heading: Option<String>,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Name a file of the workspace as evidence in the active log.
    Attach {
        /// The file, relative to the root.
        #[arg(value_name = "PATH", required_unless_present = "last", conflicts_with = "last")]
        path: Option<String>,
        /// The command that was run last: its output, and how it ended.
        #[arg(long, conflicts_with = "note")]
        last: bool,
        /// What it shows.
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        note: Option<String>,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Run a command of the runbook, or a line, and record it in the active log. Exit code 0 when the command's was, 1 when it
    /// ended otherwise.
    Run(RunArgs),
    /// Finish the active session: the plan's timeline, the task's rows, the log and its hand-off, in one operation. Exit code 1
    /// while something is open.
    Finish(FinishArgs),
    /// The hand-off of the active session: the one that its log has, else what is recorded so far.
    Summary,
    /// The active session: task, level, and what is still open.
    Status {
        /// One line, for a prompt or a status bar; what is open is counted without gates and doc-sync.
        #[arg(long, conflicts_with = "json")]
        line: bool,
    },
    /// All session logs, oldest first: date, number, task, status.
    List,
}

/// `session run`.
#[derive(Debug, ClapArgs)]
pub struct RunArgs {
    /// Its number as `runbook list` prints it, or a part of its task or line that no other command has.
    #[arg(value_name = "N|TEXT", conflicts_with = "line")]
    pub which: Option<String>,
    /// A placeholder's value; switches take yes or no.
    #[arg(long, value_name = "NAME=VALUE", value_parser = named_value, allow_hyphen_values = true, conflicts_with = "line")]
    pub set: Vec<(String, String)>,
    /// A command line instead of one of the runbook's.
    #[arg(long, value_name = "COMMAND", allow_hyphen_values = true)]
    pub line: Option<String>,
    /// Minutes after which it is ended, instead of those in codex-tui.toml.
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    /// Run it without asking, if it is still what this digest stands for; `--dry-run` prints it.
    #[arg(long, value_name = "DIGEST")]
    pub confirm: Option<String>,
    #[command(flatten)]
    pub dry: DryRun,
}

fn named_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it has to be NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// `session start`.
#[derive(Debug, ClapArgs)]
pub struct StartArgs {
    /// Task id.
    #[arg(value_name = "TASK")]
    pub task: String,
    /// Who works; the task's owner when left out.
    #[arg(long, value_name = "TEXT")]
    pub role: Option<String>,
    /// The autonomy level.
    #[arg(long, value_name = "LEVEL", default_value = Level::DEFAULT.name(), value_parser = Level::ALL.map(Level::name),
          ignore_case = true)]
    pub level: String,
    /// A bullet of the plan; 3 to 6 of them, which name the plan file and the gates.
    #[arg(long = "bullet", value_name = "TEXT", allow_hyphen_values = true)]
    pub bullets: Vec<String>,
    /// The day that the log is of; today when left out.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<NaiveDate>,
    /// Start although the task is done or blocked.
    #[arg(long)]
    pub anyway: bool,
    #[command(flatten)]
    pub dry: DryRun,
}

/// `session finish`.
#[derive(Debug, ClapArgs)]
pub struct FinishArgs {
    /// How the session ended: its task is done, is blocked, or goes on another time.
    #[arg(long, value_name = "OUTCOME", value_parser = ["done", "blocked", "open"], ignore_case = true)]
    pub outcome: String,
    /// What was done, in one line; of a blocked task, what blocks it.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub summary: String,
    /// What comes next.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub next: Option<String>,
    /// A number or file that shows it; the evidence of the log when left out.
    #[arg(long = "artifact", value_name = "TEXT", allow_hyphen_values = true)]
    pub artifacts: Vec<String>,
    /// What the log says of tests; the last recorded test run when left out.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub tests: Option<String>,
    /// What it says of the smoke run; the last other recorded command when left out.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub smoke: Option<String>,
    /// The day that is written; today when left out.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<NaiveDate>,
    /// Finish although something is open; the log lists it.
    #[arg(long)]
    pub anyway: bool,
    #[command(flatten)]
    pub dry: DryRun,
}
