//! The verbs that write tasks.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};

use super::DryRun;

/// `task …`, the part that writes. Every verb is one operation over all documents that carry the task.
#[derive(Debug, Subcommand)]
pub enum TaskWrite {
    /// Set a field: in every document that shares it, or the own field of one document.
    // What is made from the arguments has those of the required group first, whatever their order.
    #[command(override_usage = "codex-tui task set [OPTIONS] <ID> <FIELD> <VALUE|--value <TEXT>|--value-file <PATH>>")]
    Set(SetArgs),
    /// Move tasks to a state.
    Move {
        /// Task ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// The state: a column of the board.
        #[arg(long, value_name = "STATE")]
        to: String,
        /// Allow a word that is no state yet.
        #[arg(long)]
        new_state: bool,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Declare tasks done.
    Done {
        /// Task ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// What to add to their notes.
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        note: Option<String>,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Declare tasks blocked; the reason goes into their notes.
    Block {
        /// Task ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Why.
        #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
        reason: String,
        /// The task that blocks them.
        #[arg(long, value_name = "ID")]
        by: Option<String>,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Add a task to the boards, the backlog and its plan.
    Add {
        /// Letters of its plan; not needed for a task of a YAML backlog.
        #[arg(long, value_name = "PLAN", default_value = "", hide_default_value = true)]
        plan: String,
        #[command(flatten)]
        draft: Box<DraftArgs>,
    },
    /// Add a copy of a task under a new id, wherever the original stands.
    Clone {
        /// The task to copy.
        #[arg(value_name = "ID")]
        from: String,
        #[command(flatten)]
        draft: Box<DraftArgs>,
    },
    /// Take tasks out of every document that carries them.
    Delete {
        /// Task ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// The number of rows that go; needed for more than one task.
        #[arg(long, value_name = "ROWS")]
        confirm: Option<usize>,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Mend a damaged row; without a place, list the damaged rows of the task documents.
    Repair {
        /// `FILE:LINE`, the document relative to the root.
        #[arg(value_name = "FILE:LINE")]
        place: Option<String>,
        /// What a column of the mended row is to say, instead of what is proposed; may be given more than once.
        #[arg(long = "set", value_name = "COLUMN=VALUE", requires = "place", allow_hyphen_values = true)]
        values: Vec<String>,
        #[command(flatten)]
        dry: DryRun,
    },
}

/// `task set`.
#[derive(Debug, ClapArgs)]
pub struct SetArgs {
    /// Task id.
    pub id: String,
    /// `title`, `owner`, `state`, …, or the header of a column.
    pub field: String,
    #[command(flatten)]
    pub value: TextArgs,
    /// Only in this document.
    #[arg(long = "in", value_name = "FILE")]
    pub doc: Option<String>,
    /// Write only if every document says this now.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub expect: Option<String>,
    /// Add the value as further lines instead of replacing what stands there.
    #[arg(long)]
    pub append: bool,
    #[command(flatten)]
    pub dry: DryRun,
}

/// The new text of a field.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
pub struct TextArgs {
    /// The new text.
    #[arg(value_name = "VALUE")]
    pub text: Option<String>,
    /// The new text, which may begin with a hyphen.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub value: Option<String>,
    /// The new text as the content of a file; `-` is standard input.
    #[arg(long, value_name = "PATH")]
    pub value_file: Option<PathBuf>,
}

/// What a new task says, and where it goes.
#[derive(Debug, ClapArgs)]
pub struct DraftArgs {
    /// Its id; the next free one of its plan when left out.
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// What it is called.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub title: Option<String>,
    /// The state in which it begins; the first one when left out.
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,
    /// Allow a word that is no state yet.
    #[arg(long)]
    pub new_state: bool,
    /// Who does it.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub owner: Option<String>,
    /// What comes out of it.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub deliverable: Option<String>,
    /// What has to be there before it is begun.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub preconditions: Option<String>,
    /// When it counts as done.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub definition: Option<String>,
    /// How much it matters, where documents say so: high, P0.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub priority: Option<String>,
    /// The area of the YAML backlog; the first one when left out.
    #[arg(long, value_name = "AREA")]
    pub area: Option<String>,
    /// Anything else.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub notes: Option<String>,
    /// Add it to this document only; may be given more than once.
    #[arg(long, value_name = "FILE", conflicts_with = "not_in")]
    pub only: Vec<String>,
    /// Do not add it to this document; may be given more than once.
    #[arg(long, value_name = "FILE")]
    pub not_in: Vec<String>,
    #[command(flatten)]
    pub dry: DryRun,
}
