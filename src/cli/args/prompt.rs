//! The arguments of `prompt`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::DryRun;

/// `prompt …`.
#[derive(Debug, Subcommand)]
pub enum Prompt {
    /// What the playbook says: personas, principles, checklist, task library.
    Personas,
    /// Compose a prompt by the playbook's checklist.
    Compose(Box<ComposeArgs>),
    /// Say which points of the playbook's checklist a prompt misses, and where.
    Lint {
        /// The prompt, also by its path from the root; `-` is standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// `prompt compose`.
#[derive(Debug, ClapArgs)]
pub struct ComposeArgs {
    /// Who acts: a persona of the playbook.
    #[arg(long, value_name = "NAME")]
    pub persona: Option<String>,
    /// What is to be done: a task id, or a part of a task of the playbook's library.
    #[arg(long, value_name = "ID")]
    pub task: Option<String>,
    /// A gate that decides whether it is done; may be given more than once. Those of the task's plan when left out.
    #[arg(long, value_name = "ID")]
    pub gate: Vec<String>,
    /// What is handed in, and in which format; `NAME?=FORMAT` is not required. May be given more than once, as all below.
    #[arg(long, value_name = "NAME=FORMAT", allow_hyphen_values = true)]
    pub input: Vec<String>,
    /// What has to come out.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub output: Vec<String>,
    /// An environment variable, or another assumption.
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub env: Vec<String>,
    /// A command that needs no question; those of the runbook up to level L1 when left out.
    #[arg(long, value_name = "CMD", allow_hyphen_values = true)]
    pub safe: Vec<String>,
    /// What must not be done.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub forbid: Vec<String>,
    /// What has to be approved first; the runbook's commands above level L1 when left out.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub approval: Vec<String>,
    /// More for a point of the playbook's checklist.
    #[arg(long, value_name = "POINT=TEXT", allow_hyphen_values = true)]
    pub say: Vec<String>,
    /// Save it as a new document of the workspace, in place of printing it.
    #[arg(long, value_name = "PATH", conflicts_with = "copy")]
    pub out: Option<String>,
    /// Put it on the clipboard of the terminal (OSC 52), in place of printing it.
    #[arg(long, conflicts_with = "json")]
    pub copy: bool,
    #[command(flatten)]
    pub dry: DryRun,
}
