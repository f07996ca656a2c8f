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
        #[arg(value_name = "PATH")]
        path: String,
        /// What it shows.
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        note: Option<String>,
        #[command(flatten)]
        dry: DryRun,
    },
    /// The active session: task, level, and what is still open on its checklist.
    Status {
        /// One line, for a prompt or a status bar.
        #[arg(long, conflicts_with = "json")]
        line: bool,
    },
    /// All session logs, oldest first: date, number, task, status.
    List,
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
