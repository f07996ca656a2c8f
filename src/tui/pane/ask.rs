//! What a pane may ask the operator for, as plain data. The dialogs that ask know no task and no document: the pane
//! says what is shown and gets the answer back together with the [`About`] that it gave.

use super::PaneId;
use crate::doc::DocId;
use crate::model::checklist::StepId;

/// A question with a one-line answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// What the question is about, for [`super::Pane::answer`].
    pub about: About,
    /// Title of the dialog.
    pub title: String,
    /// Quiet lines above the input: what the question is about, in the document's words. May be empty.
    pub context: String,
    /// What the answer is for, one line.
    pub hint: String,
    /// Whether an empty answer is accepted.
    pub may_be_empty: bool,
}

/// What a question is about. It names things by id, never by position: the documents may change while it is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// The evidence note of this step.
    Evidence(StepId),
    /// Why this step does not apply.
    Reason(StepId),
    /// What was seen when this step failed.
    Seen(StepId),
    /// The text of one field of a task.
    Field {
        /// The task.
        id: String,
        /// The field, as the pane calls it.
        field: String,
    },
    /// The state that these tasks are to have.
    State(Vec<String>),
    /// Why these tasks are blocked.
    BlockReason(Vec<String>),
    /// What shows that these tasks are done.
    Finish(Vec<String>),
    /// A task that is not there yet.
    NewTask,
    /// A copy of this task.
    Clone(String),
    /// All fields of this task.
    Card(String),
    /// A row that has not as many cells as its table has columns.
    Repair {
        /// The document.
        doc: DocId,
        /// 1-based line.
        line: usize,
    },
    /// The session on this task, which is to be started.
    Session(String),
    /// The end of the session, on its way.
    Closing(Closing),
    /// A command on its way.
    Command(Asked),
    /// A job of the pipeline on its way.
    Job(JobAsked),
    /// A line for the active session's log.
    LogNote,
    /// The plan of the active session.
    SessionPlan,
    /// The level of the active session.
    SessionLevel,
    /// Which condition stops the session.
    StopCondition,
    /// Why the session stops; the condition by its name.
    Stop(String),
    /// The task that this gate blocks.
    GateBlock(String),
    /// What shows that this clause holds.
    GateEvidence(String),
    /// Which saved view is shown.
    View,
    /// Anything else that is chosen; the pane knows the word.
    Pick(String),
}

impl About {
    /// What one field of a form is about, where the form is open on something that stands in the documents.
    pub fn part(&self, key: &str) -> Option<About> {
        match self {
            About::Card(id) => Some(About::Field { id: id.clone(), field: key.to_owned() }),
            _ => None,
        }
    }

    /// What a form leads to when it is filled in.
    pub fn goal(&self) -> &'static str {
        match self {
            About::Command(_) => "the command",
            About::Closing(Closing::Land) => "the diff",
            About::Closing(_) => "the hand-off",
            _ => "the diff",
        }
    }

    /// The checklist step that the question is about, if it is about one.
    pub fn step(&self) -> Option<&StepId> {
        match self {
            About::Evidence(step) | About::Reason(step) | About::Seen(step) => Some(step),
            _ => None,
        }
    }
}

/// A step on the way to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Which one.
    Which,
    /// A line that is typed.
    Line,
    /// The values of the command with this number.
    Values(usize),
    /// Whether it is to run as it is shown.
    Run,
    /// Whether the one that runs is to be ended.
    End,
}

/// What is asked about a job of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobAsked {
    /// Whether it is to begin as it is shown.
    Begin,
    /// Whether the one at work is to be ended.
    End,
    /// Whether the cockpit is to be left although one is at work.
    Leave,
}

/// A step on the way to the end of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    /// What is open, or the end itself.
    Which,
    /// What the operator says at the end.
    Form,
    /// What was done and learned, where a journal keeps the work.
    Land,
    /// The hand-off, before all is written.
    Shown,
    /// What shows that the override with this name is put back.
    Reset(String),
    /// The hand-off, to be copied.
    HandOff,
}

/// One text to be edited; the answer comes to [`super::Pane::answer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditorSpec {
    /// Title of the dialog, for example `Title of HB-B-001`.
    pub title: String,
    /// Where the text stands, each as `path:line`.
    pub places: Vec<String>,
    /// The text as it stands.
    pub text: String,
    /// What should be known about it, one line; may be empty.
    pub hint: String,
    /// What is edited.
    pub about: About,
    /// Who asks.
    pub pane: PaneId,
}

/// Several fields to be filled in; the answer comes to [`super::Pane::filled`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormSpec {
    /// Title of the dialog.
    pub title: String,
    /// The fields from top to bottom.
    pub fields: Vec<FormField>,
    /// What is filled in.
    pub about: About,
    /// Who asks.
    pub pane: PaneId,
}

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormField {
    /// For the pane: comes back with the value.
    pub key: String,
    /// For the operator.
    pub label: String,
    /// What it holds, and how it is edited.
    pub value: FieldValue,
    /// What should be known about it, shown while it is edited; may be empty. Of a check: what stands beside its box.
    pub note: String,
}

/// What a field of a form holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldValue {
    /// One line, edited in place.
    Line(String),
    /// Several lines, edited in a text area inside the form.
    Text(String),
    /// One of these.
    Choice {
        /// What may be chosen.
        options: Vec<String>,
        /// The chosen one.
        at: usize,
    },
    /// Yes or no.
    Check(bool),
    /// Shown and not to be changed.
    Fixed(String),
}

impl FieldValue {
    /// The value as text: what is typed or chosen, `yes` or `no` for a check.
    pub fn text(&self) -> &str {
        match self {
            FieldValue::Line(text) | FieldValue::Text(text) | FieldValue::Fixed(text) => text,
            FieldValue::Choice { options, at } => options.get(*at).map_or("", String::as_str),
            FieldValue::Check(yes) => {
                if *yes {
                    "yes"
                } else {
                    "no"
                }
            }
        }
    }
}

/// One of several to be chosen; the key of the chosen one comes to [`super::Pane::answer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChooseSpec {
    /// Title of the dialog.
    pub title: String,
    /// What may be chosen.
    pub options: Vec<Choice>,
    /// Which one is selected first.
    pub at: usize,
    /// What is chosen.
    pub about: About,
    /// Who asks.
    pub pane: PaneId,
}

/// Something that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// For the pane: the answer.
    pub key: String,
    /// For the operator.
    pub label: String,
    /// More about it, on the right; may be empty.
    pub note: String,
}

/// Something to be confirmed exactly as it is shown; `answer` then comes to [`super::Pane::answer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmSpec {
    /// Title of the dialog.
    pub title: String,
    /// What is done, to the letter; may have several lines.
    pub what: String,
    /// What should be known about it: label and text.
    pub notes: Vec<(String, String)>,
    /// What `y` does, for example `runs it`.
    pub yes: String,
    /// For the pane: comes back.
    pub answer: String,
    /// What is confirmed.
    pub about: About,
    /// Who asks.
    pub pane: PaneId,
}

/// What stands in the documents now for something that is being edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Current {
    /// The pane cannot tell.
    Unknown,
    /// It is no longer there.
    Gone,
    /// This.
    Text(String),
}
