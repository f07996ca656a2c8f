//! The arguments of `gates`.

use chrono::NaiveDate;
use clap::{Args as ClapArgs, Subcommand};

use super::DryRun;

/// `gates …`.
#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Gates {
    /// What else to do than judging.
    #[command(subcommand)]
    pub verb: Option<GatesVerb>,
    #[command(flatten)]
    pub ask: GatesAsk,
    /// Pass when a clause has no telemetry at all; everything else that cannot be judged still fails.
    #[arg(long)]
    pub allow_missing: bool,
    /// Print annotations for GitHub workflows.
    #[arg(long, conflicts_with_all = ["json", "junit"])]
    pub github: bool,
    /// Print a JUnit report.
    #[arg(long, conflicts_with = "json")]
    pub junit: bool,
}

/// Which clauses, as of when, by which evidence.
#[derive(Debug, Default, ClapArgs)]
pub struct GatesAsk {
    /// Only clauses of this plan.
    #[arg(long)]
    pub plan: Option<String>,
    /// As of the end of this day: later telemetry does not count.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub at: Option<NaiveDate>,
    /// Only this file, or the files of this folder, however old.
    #[arg(long, value_name = "PATH")]
    pub source: Option<String>,
}

/// The other verbs of `gates`.
#[derive(Debug, Subcommand)]
pub enum GatesVerb {
    /// How one clause was understood, how its number came about, day by day and by site and host.
    Explain {
        /// The clause, such as A1.
        id: String,
        #[command(flatten)]
        ask: GatesAsk,
    },
    /// Propose entries for codex-tui.toml that say what the clauses mean.
    Bind {
        /// Append them to codex-tui.toml: the complete ones as entries, the others as comments.
        #[arg(long)]
        write: bool,
        /// Print what would be written as a diff.
        #[arg(long, requires = "write")]
        dry_run: bool,
        /// Only clauses of this plan.
        #[arg(long)]
        plan: Option<String>,
    },
    /// Sign off a clause that only a person can judge: a row in the ledger, a line in the session log.
    SignOff {
        /// The clause, such as B4.
        id: String,
        /// What shows that it holds: a file, a measurement, who saw what.
        #[arg(long, value_name = "TEXT")]
        evidence: String,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Block a task because of a clause: boards, backlog, plan and session log say so, with value, threshold and evidence.
    Block {
        /// The clause, such as B2.
        id: String,
        /// The task.
        #[arg(long, value_name = "TASK")]
        task: String,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Print verdicts, then every change of one, until interrupted.
    Watch {
        #[command(flatten)]
        ask: GatesAsk,
    },
}
