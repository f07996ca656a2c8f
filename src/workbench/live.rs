//! The workbench on its own thread: takes orders, watches the files, reports views and outcomes. Sleeps until one comes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;

use super::{Outcome, Request, View};
use crate::doc::{DocId, Document};

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
    /// Read everything again.
    Reload,
    /// Read a document for display; answered by [`Report::Opened`].
    Open(DocId),
    /// Follow a log; answered by [`Report::Log`] at once and whenever it changes. `None` stops following.
    Follow(Option<DocId>),
    /// Load the window before the first held line of the followed log.
    Earlier,
    /// Say which of these cited paths exist in the workspace; answered by [`Report::Looked`].
    Look(Vec<String>),
    /// List the documents of the browser ([`View::library`]); answered by a view.
    Library,
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
    /// A document for display, or why it cannot be shown.
    Opened {
        /// Which.
        doc: DocId,
        /// The document, or a sentence.
        result: Result<Arc<Document>, String>,
    },
    /// News of the followed log.
    Log(LogUpdate),
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

/// Handle of the workbench thread; dropping it stops the thread.
pub struct Live {
    orders: mpsc::Sender<Order>,
}

impl Live {
    /// Starts the thread on the workspace at `root`. `report` is called on that thread, first with a view that holds the
    /// boards, then with the full view, then whenever something changes.
    pub fn start(root: &Path, report: impl Fn(Report) + Send + 'static) -> Live {
        let (orders, _inbox) = mpsc::channel();
        let _ = (root, report);
        Live { orders }
    }

    /// Sends an order. Orders after `Stop` are ignored.
    pub fn order(&self, order: Order) {
        // A closed channel means that the thread has stopped: nothing is left to do the order.
        let _ = self.orders.send(order);
    }
}
