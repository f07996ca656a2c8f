//! What an agent did, read from its own session file: JSON lines, of which each is one event.
//!
//! Two dialects are read: lines with an envelope (`{"timestamp", "type", "payload"}`) and the older ones that are the bare
//! item. Nothing of a line is trusted: what is not known is kept by its name, what is no JSON is kept as text, and a line
//! that was cut is read as far as it goes. Reading a line is in `agent/line.rs`, its parts in `agent/{call,close}.rs`; the
//! events of a file put together are a [`Trail`]; [`drift`] compares the agent's plan with the session's.

mod call;
mod close;
pub mod drift;
mod line;
mod trail;

use std::time::Duration;

use chrono::{DateTime, FixedOffset};

pub use line::{LONGEST, read};
pub use trail::{Changed, MOST, Trail};

/// What one line of the file says; one line may say several things, or nothing that anybody wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// When, as the line says; older files do not.
    pub at: Option<DateTime<FixedOffset>>,
    /// What.
    pub news: News,
}

/// News of the agent, as one line tells them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Something happened.
    Event(What),
    /// What became of a call: its id and the result, with what the line knows of the call itself.
    Result(Call),
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When; as in [`Piece::at`].
    pub at: Option<DateTime<FixedOffset>>,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Somebody said something.
    Message {
        /// Who.
        speaker: Speaker,
        /// In which of the two forms the file has it: every message may stand there twice.
        form: Form,
        /// The words, at most [`LONGEST`] bytes.
        text: String,
    },
    /// The plan is this from now on.
    Plan(Plan),
    /// A command, a patch, or another tool.
    Call(Call),
    /// Something went wrong.
    Error(String),
    /// A session began, or is gone on with.
    Meta {
        /// The folder in which the agent works; may be empty.
        cwd: String,
        /// The agent's version; may be empty.
        version: String,
    },
    /// A turn began, ended or was broken off, the history was shortened: in words.
    Mark(String),
    /// An event of a kind that is not known, so many times in a row.
    Unknown {
        /// Its kind, as the file calls it.
        kind: String,
        /// How often.
        times: usize,
    },
    /// A line that is no event: no JSON object, or one without a kind.
    Broken(String),
}

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The person.
    Operator,
    /// The agent.
    Agent,
    /// The agent to itself.
    Reasoning,
    /// The program around the agent: instructions, surroundings.
    Context,
}

/// The two forms in which a file has messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As the model was given or gave it.
    Item,
    /// As the program showed it.
    Shown,
}

/// The agent's plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Why it is so now; may be empty.
    pub explanation: String,
    /// The steps.
    pub steps: Vec<PlanStep>,
}

/// A step of the agent's plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanStep {
    /// What is to be done.
    pub text: String,
    /// How far it is.
    pub state: PlanState,
}

/// How far a step of the agent's plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanState {
    /// Not begun.
    Pending,
    /// Being done.
    InProgress,
    /// Done.
    Completed,
}

/// Something that the agent had done by a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The id that joins a call and its result; may be empty.
    pub id: String,
    /// Which kind of tool.
    pub tool: Tool,
    /// The command line, or name and arguments of the tool; empty where the line does not say.
    pub text: String,
    /// The files of a patch.
    pub files: Vec<String>,
    /// What came of it; none while it runs.
    pub result: Option<CallResult>,
}

/// Kinds of tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// A shell command.
    Command,
    /// A patch of files.
    Patch,
    /// Anything else.
    Other,
}

/// What came of a call. What the file does not say is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallResult {
    /// The exit code.
    pub exit: Option<i64>,
    /// Whether it worked, where there is no exit code.
    pub ok: Option<bool>,
    /// How long it took.
    pub took: Option<Duration>,
    /// The first lines of the output.
    pub first: Vec<String>,
    /// How many lines of the output are left out behind the first ones.
    pub left_out: usize,
    /// The last lines of the output.
    pub last: Vec<String>,
}

impl CallResult {
    /// Whether it worked; none when the file does not say.
    pub fn worked(&self) -> Option<bool> {
        self.exit.map(|code| code == 0).or(self.ok)
    }
}

impl Event {
    /// Whether it tells of something that went wrong.
    pub fn is_bad(&self) -> bool {
        match &self.what {
            What::Error(_) | What::Broken(_) => true,
            What::Call(call) => call.result.as_ref().and_then(CallResult::worked) == Some(false),
            What::Message { .. } | What::Plan(_) | What::Meta { .. } | What::Mark(_) | What::Unknown { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests;
