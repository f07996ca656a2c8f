//! The arguments of `session`.

use chrono::NaiveDate;
use clap::{Args as ClapArgs, Subcommand};

use super::DryRun;
use crate::model::autonomy::Level;
use crate::model::session::block::Because;

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
        #[arg(long, value_name = "HEADING", conflicts_with = "reset")]
        heading: Option<String>,
        /// The override of this name was reset, and the text says what shows it.
        #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
        reset: Option<String>,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Name a file of the workspace, or verdicts of gates, as evidence in the active log.
    Attach {
        /// The file, relative to the root.
        #[arg(value_name = "PATH", required_unless_present_any = ["last", "gates"], conflicts_with = "last")]
        path: Option<String>,
        /// The command that was run last: its output, and how it ended.
        #[arg(long, conflicts_with_all = ["note", "gates"])]
        last: bool,
        /// What it shows.
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true, conflicts_with = "gates")]
        note: Option<String>,
        /// A line for each of these gates, by id, letters of the plan or verdict; for all of them when none is named.
        #[arg(long, value_name = "GATE", num_args = 0.., conflicts_with = "path")]
        gates: Option<Vec<String>>,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Run a command of the runbook, or a line, and record it in the active log. Exit code 0 when the command's was, 1 when it
    /// ended otherwise.
    Run(RunArgs),
    /// Change the autonomy level of the active session.
    Level {
        /// The level.
        #[arg(value_name = "LEVEL", value_parser = Level::ALL.map(Level::name), ignore_case = true)]
        level: String,
        #[command(flatten)]
        grant: GrantArgs,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Write bullets into the plan of the active log; without any, show the plan and what it lacks.
    Plan {
        /// A bullet; a session's plan has 3 to 6 of them, which name the plan file and the gates.
        #[arg(long = "bullet", value_name = "TEXT", allow_hyphen_values = true)]
        bullets: Vec<String>,
        /// Instead of the bullets that are there.
        #[arg(long, requires = "bullets")]
        replace: bool,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Block the task: boards, backlog, plan and log say so and why, in one operation.
    Block(BlockArgs),
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
    /// A placeholder's value; switches take yes or no; may be given more than once.
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
    #[command(flatten)]
    pub grant: GrantArgs,
    /// A bullet of the plan; 3 to 6 of them, which name the plan file and the gates.
    #[arg(long = "bullet", value_name = "TEXT", allow_hyphen_values = true)]
    pub bullets: Vec<String>,
    /// The day that the log is of; today when left out.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<NaiveDate>,
    /// Start although the task is done or blocked.
    #[arg(long)]
    pub anyway: bool,
    /// Leave on the checklist what was ticked before, instead of archiving it in the log of its session.
    #[arg(long)]
    pub keep_ticks: bool,
    #[command(flatten)]
    pub dry: DryRun,
}

/// What going up above the default level takes.
#[derive(Debug, ClapArgs)]
pub struct GrantArgs {
    /// Why; above L1 it has to be said.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub reason: Option<String>,
    /// The plan, the task or the line (FILE:LINE) that says so; above L1 it has to be there.
    #[arg(long, value_name = "ENTRY")]
    pub entry: Option<String>,
    /// Confirm a level above L1; without it, a terminal asks.
    #[arg(long)]
    pub confirm: bool,
}

/// `session block`.
#[derive(Debug, ClapArgs)]
pub struct BlockArgs {
    /// What blocks it.
    #[arg(value_name = "REASON", allow_hyphen_values = true)]
    pub reason: String,
    /// The task; that of the session when left out.
    #[arg(long, value_name = "TASK")]
    pub task: Option<String>,
    /// Which condition stops the work. `schema` and `compiled` open a decision record as well.
    #[arg(long, value_name = "CONDITION", value_parser = Because::ALL.map(Because::name), default_value = Because::Other.name())]
    pub because: String,
    /// The gate, for `--because gate` or `telemetry`.
    #[arg(long, value_name = "GATE")]
    pub gate: Option<String>,
    /// A file of the workspace that shows it.
    #[arg(long, value_name = "PATH")]
    pub evidence: Option<String>,
    /// Title of the decision record, for `--because schema` or `compiled`.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub title: Option<String>,
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
    /// A number or file that shows it; may be given more than once; the evidence of the log when left out.
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
