//! The command line: one table of verbs; `--help` is made from it.

mod gates;
mod prompt;
mod session;
mod track;
mod tracks;
mod write;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use crate::workbench::demo::Layout;
use crate::workspace::config::Palette;

pub use gates::{Gates, GatesAsk, GatesVerb};
pub use prompt::{ComposeArgs, Prompt};
pub use session::{BlockArgs, FinishArgs, GrantArgs, RunArgs, Session, StartArgs};
pub use track::{Merge, Publish, Track, TrackFolder, TrackStatus};
pub use tracks::{TrackApply, TrackAsk, TrackOnline};
pub use write::{DraftArgs, SetArgs, TaskWrite, TextArgs};

/// Terminal cockpit over a repository's own documents. Without a verb it opens the cockpit.
#[derive(Debug, Parser)]
#[command(name = "codex-tui", version, about, after_help = EXIT_CODES)]
pub struct Args {
    /// Workspace: the top folder of the repository.
    #[arg(long, global = true, value_name = "DIR", default_value = ".", env = "CODEX_TUI_ROOT", display_order = LAST)]
    pub root: PathBuf,
    /// Print one JSON document on standard output.
    #[arg(long, global = true, display_order = LAST + 1)]
    pub json: bool,
    /// What the cockpit is opened with.
    #[command(flatten)]
    pub cockpit: Cockpit,
    /// What to do.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// The options that all verbs have stand behind those that a verb has of its own.
const LAST: usize = 900;

/// What the cockpit is opened with, be it by no verb or by `demo`.
#[derive(Debug, Clone, ClapArgs)]
pub struct Cockpit {
    /// Colours of the cockpit; CODEX_TUI_THEME says the same.
    #[arg(long, value_name = "THEME")]
    pub theme: Option<Palette>,
    /// Draw borders and marks in ASCII.
    #[arg(long)]
    pub ascii: bool,
    /// Leave clicks and the wheel to the terminal.
    #[arg(long)]
    pub no_mouse: bool,
    /// Follow an agent's session file, or the newest one below this folder, in the cockpit's Log. It is only read.
    #[arg(long, value_name = "PATH", env = "CODEX_TUI_AGENT")]
    pub agent: Option<PathBuf>,
}

impl Args {
    /// What stands behind `demo` counts as if it stood before it, and wins.
    #[must_use]
    pub fn of_demo(mut self) -> Args {
        if let Some(Verb::Demo(demo)) = &self.verb {
            let (outer, inner) = (&mut self.cockpit, demo.cockpit.clone());
            outer.theme = inner.theme.or(outer.theme);
            outer.ascii |= inner.ascii;
            outer.no_mouse |= inner.no_mouse;
            outer.agent = inner.agent.or(outer.agent.take());
        }
        self
    }
}

const EXIT_CODES: &str = "Exit codes: 0 done · 1 a check found problems · 2 usage · 3 conflict, nothing was changed · \
4 I/O or document error, nothing was changed · 5 refused by the autonomy level";

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Open the cockpit on the embedded demo workspace.
    Demo(Demo),
    /// Create the documents that a workspace begins with; what is there stays.
    Init(Init),
    /// Say what was recognised, which settings are in force, what is missing and what is malformed.
    Doctor(Doctor),
    /// Say where documents are damaged or contradict each other; mend what has one right fix.
    Check(super::check::Check),
    /// Tasks of boards, backlog and plans: list, show, set, move, add, delete.
    #[command(subcommand)]
    Task(Task),
    /// Checklists: show, tick, fail, untick, reset.
    #[command(subcommand)]
    Checklist(Checklist),
    /// Sessions: start, plan, note, attach, run, level, block, finish, summary, status, list.
    #[command(subcommand)]
    Session(Session),
    /// Work by the layout *toolbox*: start, note, block, land, status.
    #[command(subcommand)]
    Work(super::work::Work),
    /// Timeline rows, session logs and dated board moves, newest first.
    Timeline(Timeline),
    /// Gates: prose thresholds judged against telemetry.
    Gates(Gates),
    /// Commands of the runbook, with the autonomy level that each needs; `session run` runs one.
    #[command(subcommand)]
    Runbook(super::runbook::Verb),
    /// Prompts by the playbook: personas, compose, lint.
    #[command(subcommand)]
    Prompt(Prompt),
    /// The dual-track pipeline: telemetry merged, shown and published.
    #[command(subcommand)]
    Track(Track),
    /// Operations: what was written when, by whom, through which verb.
    History,
    /// Take back an operation.
    Undo(Which),
    /// Take back an undo.
    Redo(Which),
    /// Finish or take back an operation that a crash interrupted.
    Recover,
    /// Single cells of Markdown, CSV, YAML and JSON documents.
    #[command(subcommand)]
    Cell(Cell),
    /// The completion script of a shell.
    Completions(super::manual::Completions),
    /// The manual page of the program or of a verb.
    Man(super::manual::ManPage),
}

/// `demo`.
#[derive(Debug, ClapArgs)]
pub struct Demo {
    /// Folder to write the demo workspace into (must be empty or absent); a temporary one when left out.
    pub dir: Option<PathBuf>,
    /// Which kind of workspace.
    #[arg(long, value_name = "LAYOUT", default_value = "plans")]
    pub layout: Layout,
    /// Only write the workspace, do not open the cockpit.
    #[arg(long)]
    pub write_only: bool,
    /// What the cockpit is opened with.
    #[command(flatten)]
    pub cockpit: Cockpit,
}

/// `doctor`.
#[derive(Debug, ClapArgs)]
pub struct Doctor {
    /// Show the configuration only: every key with its value and where that comes from.
    #[arg(long)]
    pub config: bool,
}

/// `init`.
#[derive(Debug, ClapArgs)]
pub struct Init {
    /// Which kind of workspace; may be given more than once.
    #[arg(long = "layout", value_name = "LAYOUT", default_value = "plans")]
    pub layouts: Vec<Layout>,
    #[command(flatten)]
    pub dry: DryRun,
}

/// `task …`.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// All tasks, or those that fit a filter.
    List(TaskList),
    /// The most valuable task that nothing stands in the way of, and why.
    Next(super::next::NextArgs),
    /// One task with every field of every row.
    Show {
        /// Task id.
        id: String,
    },
    /// The verbs that write.
    #[command(flatten)]
    Write(TaskWrite),
}

/// `task list`.
#[derive(Debug, Default, ClapArgs)]
pub struct TaskList {
    /// Only tasks in this state.
    #[arg(long)]
    pub state: Option<String>,
    /// Only tasks of this plan.
    #[arg(long)]
    pub plan: Option<String>,
    /// In this order: board, id, state, date, title, owner, plan, priority or area; with - before it the other way round.
    #[arg(long, value_name = "KEY", allow_hyphen_values = true)]
    pub sort: Option<String>,
    /// A saved filter: a name under [views] in codex-tui.toml.
    #[arg(long, value_name = "NAME")]
    pub view: Option<String>,
    /// A filter: words that stand in the task's rows, field:value, -term; docs/FILTER.md of codex-tui has all of it.
    #[arg(value_name = "FILTER")]
    pub filter: Vec<String>,
}

/// `checklist …`.
#[derive(Debug, Subcommand)]
pub enum Checklist {
    /// All checklists with their steps.
    Show {
        /// Only this checklist: its path, or a part of it.
        #[arg(long, value_name = "FILE")]
        list: Option<String>,
    },
    /// Tick a step: box, session log and ledger in one operation.
    Tick {
        #[command(flatten)]
        step: StepArg,
        /// Evidence note.
        #[arg(long, value_name = "TEXT", conflicts_with = "na")]
        evidence: Option<String>,
        /// The step does not apply, for this reason.
        #[arg(long, value_name = "REASON")]
        na: Option<String>,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Record that a step failed: it stays open, with what was seen in session log and ledger.
    Fail {
        #[command(flatten)]
        step: StepArg,
        /// What was seen.
        #[arg(value_name = "NOTE")]
        note: String,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Open a step again: box, session log line and ledger row are taken back.
    Untick {
        #[command(flatten)]
        step: StepArg,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Make a list ready for the next session: what was ticked goes into the log of its session, then all boxes are opened.
    Reset {
        /// The checklist: its path, or a part of it; the session checklist when left out.
        #[arg(long, value_name = "FILE")]
        list: Option<String>,
        #[command(flatten)]
        dry: DryRun,
    },
}

/// Which step.
#[derive(Debug, ClapArgs)]
pub struct StepArg {
    /// The step: its index as `checklist show` prints it, its text, or a part of the text that only one step has.
    pub step: String,
    /// The checklist: its path, or a part of it; the session checklist when left out.
    #[arg(long, value_name = "FILE")]
    pub list: Option<String>,
    /// Only steps under this heading.
    #[arg(long, value_name = "HEADING")]
    pub section: Option<String>,
}

/// `--dry-run`.
#[derive(Debug, ClapArgs)]
pub struct DryRun {
    /// Print the diff and write nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `timeline`.
#[derive(Debug, ClapArgs)]
pub struct Timeline {
    /// Only events of this plan.
    #[arg(long)]
    pub plan: Option<String>,
    /// At most this many events.
    #[arg(long)]
    pub limit: Option<usize>,
}

/// `undo`, `redo`.
#[derive(Debug, ClapArgs)]
pub struct Which {
    /// Number of the operation; the newest that fits when left out.
    pub op: Option<u64>,
    #[command(flatten)]
    pub dry: DryRun,
}

/// `cell …`.
#[derive(Debug, Subcommand)]
pub enum Cell {
    /// All cells of a document with their addresses.
    List {
        /// Document, relative to the root.
        file: String,
    },
    /// One cell.
    Get {
        /// Document, relative to the root.
        file: String,
        /// Address, as JSON.
        #[arg(long, value_name = "ADDRESS")]
        at: String,
    },
    /// Write one cell: compare-and-swap, one operation.
    Set {
        /// Document, relative to the root.
        file: String,
        /// Address, as JSON.
        #[arg(long, value_name = "ADDRESS")]
        at: String,
        #[command(flatten)]
        value: Value,
        /// Write only if the cell holds this now.
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        expect: Option<String>,
        #[command(flatten)]
        dry: DryRun,
    },
}

/// The new value of a cell.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
pub struct Value {
    /// The value as text.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub value: Option<String>,
    /// The value as JSON: a string, or true and false for a check box.
    #[arg(long, value_name = "JSON", allow_hyphen_values = true)]
    pub value_json: Option<String>,
    /// The value as the content of a file; `-` is standard input.
    #[arg(long, value_name = "PATH")]
    pub value_file: Option<PathBuf>,
}

/// The same arguments with the negated terms of `task list` and `runbook list` spelled with `!`: a filter may begin with `-state:done`,
/// which would otherwise be taken for options. Options have one letter behind a single `-`, terms have more.
pub fn with_terms(args: Vec<OsString>) -> Vec<OsString> {
    let is_list = |two: &[OsString]| (two[0] == "task" || two[0] == "runbook") && two[1] == "list";
    let Some(task) = args.windows(2).position(is_list) else { return args };
    let takes_value =
        |arg: &OsString| ["--sort", "--state", "--plan", "--view", "--root"].iter().any(|name| arg == name);
    let end = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
    let mut spelled = args.clone();
    for at in task + 2..end {
        if let Some(term) = args[at].to_str().and_then(|arg| arg.strip_prefix('-'))
            && !term.starts_with('-')
            && term.chars().count() > 1
            && !takes_value(&args[at - 1])
        {
            spelled[at] = format!("!{term}").into();
        }
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negated_terms_are_no_options() {
        let check = |line: &str, want: &str| {
            let args = line.split(' ').map(OsString::from).collect();
            let got: Vec<String> = with_terms(args).iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
            assert_eq!(got.join(" "), want);
        };
        check("x task list -state:done a --json", "x task list !state:done a --json");
        check("x --root r task list --sort -date -h -plan:b", "x --root r task list --sort -date -h !plan:b");
        check("x task list -- -state:done", "x task list -- -state:done");
        check("x runbook list -level:l3", "x runbook list !level:l3");
        check("x cell list -state", "x cell list -state");
        let args =
            with_terms(["x", "task", "list", "-state:done", "queue", "--sort", "-date"].map(OsString::from).into());
        match Args::try_parse_from(args).expect("arguments").verb {
            Some(Verb::Task(Task::List(list))) => {
                assert_eq!(
                    (list.filter.join(" ").as_str(), list.sort.as_deref()),
                    ("!state:done queue", Some("-date"))
                );
            }
            other => panic!("{other:?}"),
        }
    }
}
