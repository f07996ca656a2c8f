//! What the cockpit wants from the workbench thread, and what that says.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::doc::{DocId, Document};
use crate::model::session::finish::{Ending, Finish, NotFinished};
use crate::model::session::handoff::Handoff;
use crate::model::task::edit::Refused;
use crate::op::Operation;
use crate::workbench::agent::AgentUpdate;
use crate::workbench::command::Prepared;
use crate::workbench::track::job::Progress;
use crate::workbench::track::online::{Job, Offer};
use crate::workbench::{Outcome, Request, View};

/// What the cockpit wants from the workbench thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Write something; answered by [`Report::Done`] with the same ticket.
    Do {
        /// Chosen by the caller, comes back with the answer.
        ticket: u64,
        /// What to write.
        request: Request,
    },
    /// Say what this operation would write; answered by [`Report::Previewed`] with the same ticket. Writes nothing.
    Preview {
        /// Chosen by the caller, comes back with the answer.
        ticket: u64,
        /// What would be written.
        operation: Operation,
    },
    /// Run what was shown; answered by [`Report::Done`] with the same ticket when it has ended and stands in the log, or
    /// refused at once. [`View::run`] shows it meanwhile; its output can be followed.
    Run {
        /// Chosen by the caller, comes back with the answer.
        ticket: u64,
        /// What was shown.
        prepared: Box<Prepared>,
    },
    /// End the command that runs.
    CancelRun,
    /// Say what this job of the pipeline would ask of whom, if it may be done now; answered by [`Report::Offered`]. Asks nobody.
    OfferJob(Job),
    /// Begin the job that was shown; [`Report::Job`] tells how far it has come, and at last what came of it. What stands in its
    /// way is told by [`Report::Offered`].
    BeginJob(Box<Offer>),
    /// End the job of the pipeline that is under way.
    CancelJob,
    /// Say what would finish the active session; answered by [`Report::Finishing`] with the same ticket. Writes nothing.
    Finish {
        /// Chosen by the caller, comes back with the answer.
        ticket: u64,
        /// What the operator says.
        wanted: Finish,
    },
    /// Say what the hand-off of the active session is; answered by [`Report::Handoff`] with the same ticket.
    Handoff {
        /// Chosen by the caller, comes back with the answer.
        ticket: u64,
    },
    /// Read everything again.
    Reload,
    /// Read a document for display; answered by [`Report::Opened`].
    Open(DocId),
    /// Follow a log; answered by [`Report::Log`] at once and whenever it changes. `None` stops following.
    Follow(Option<DocId>),
    /// Load the window before the first held line of the followed log.
    Earlier,
    /// Go back to the end of the followed log, where the newest lines were let go for earlier ones; answered by a reset then.
    Latest,
    /// Follow an agent's session file, or the newest one below a folder, also outside of the workspace; answered by
    /// [`Report::Agent`] at once and whenever it changes. `~` is the home folder, an empty path the folder in which agents
    /// usually keep them. `None` stops following.
    FollowAgent(Option<PathBuf>),
    /// Say which of these cited paths exist in the workspace: answered by [`Report::Looked`] at once, and again when one of
    /// them comes or goes.
    Look(Vec<String>),
    /// List the documents of the browser ([`View::library`]); answered by a view.
    Library,
    /// Judge the gates again.
    Judge,
    /// Stop reading telemetry.
    StopJudging,
    /// The first frame is on the screen: what it waited for must not be slowed down any more by reading the rest.
    Painted,
    /// Stop.
    Stop,
}

/// What the workbench thread says.
#[derive(Clone)]
pub enum Report {
    /// Something changed on screen: the new view.
    View(Arc<View>),
    /// A [`Order::Do`] was answered.
    Done {
        /// The ticket of the order.
        ticket: u64,
        /// What came of it.
        outcome: Outcome,
    },
    /// A [`Order::Preview`] was answered.
    Previewed {
        /// The ticket of the order.
        ticket: u64,
        /// The unified diff, or the outcome that writing would have when it would write nothing.
        result: Result<String, Outcome>,
    },
    /// A [`Order::Finish`] was answered.
    Finishing {
        /// The ticket of the order.
        ticket: u64,
        /// The operation to be previewed and done, with the hand-off; or what is open, or why it cannot be done.
        result: Result<Box<Ending>, NotFinished>,
    },
    /// A [`Order::Handoff`] was answered.
    Handoff {
        /// The ticket of the order.
        ticket: u64,
        /// The hand-off, saved or so far; or why there is none.
        result: Result<Handoff, Refused>,
    },
    /// An [`Order::OfferJob`] was answered, or an [`Order::BeginJob`] refused.
    Offered(Result<Box<Offer>, String>),
    /// How far the pipeline's job has come.
    Job(Arc<Progress>),
    /// A document for display, or why it cannot be shown.
    Opened {
        /// Which.
        doc: DocId,
        /// The document, or a sentence.
        result: Result<Arc<Document>, String>,
    },
    /// News of the followed log.
    Log(LogUpdate),
    /// News of the agent.
    Agent(AgentUpdate),
    /// Which cited paths exist: path as cited, and whether it is there.
    Looked(BTreeMap<String, bool>),
}

/// News of a followed log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogUpdate {
    /// The log.
    pub doc: DocId,
    /// What changed.
    pub change: LogChange,
    /// Size of the file in bytes.
    pub size: u64,
    /// Whether the held lines reach back to the start of the file.
    pub from_start: bool,
}

/// How a followed log changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogChange {
    /// Opened, truncated or replaced (the reason is a sentence, empty when opened): forget all held lines.
    Reset {
        /// Why.
        why: String,
        /// The lines now held, oldest first. The last one may lack its terminator yet.
        lines: Vec<String>,
    },
    /// New lines; `extends_last` when the first of them completes or extends the last held line (replace that one).
    Appended {
        /// Whether the first line replaces the last held one.
        extends_last: bool,
        /// The lines.
        lines: Vec<String>,
    },
    /// Earlier lines, to be put before the held ones.
    Earlier {
        /// The lines.
        lines: Vec<String>,
    },
    /// It cannot be read (now): a sentence.
    Unreadable {
        /// Why.
        why: String,
    },
}
