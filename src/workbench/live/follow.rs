//! Following a log, or an agent's session file, as it grows.

use std::path::Path;
use std::sync::atomic::Ordering;

use super::{LogChange, LogUpdate, Message, Report, Thread};
use crate::doc::DocId;
use crate::store::tail::{Cut, Growth, Line, Paged, Tail, WINDOW};
use crate::workbench::agent::{self, AgentChange, Follower};

impl Thread {
    pub(super) fn follow(&mut self, doc: Option<DocId>) {
        self.followed = None;
        let Some(doc) = doc else { return };
        let folder = doc.folder().to_owned();
        if let Some(watcher) = &mut self.watcher {
            watcher.watch_more(vec![folder]);
        }
        let change = match self.bench.store().tail(&doc) {
            Ok(tail) => {
                let lines = held_lines(&tail);
                self.followed = Some((doc.clone(), Some(tail)));
                LogChange::Reset { why: String::new(), lines }
            }
            Err(error) => {
                self.followed = Some((doc.clone(), None));
                LogChange::Unreadable { why: error.to_string() }
            }
        };
        self.report_log(change);
    }

    /// Reads what the followed log has got since, and reports it.
    pub(super) fn follow_on(&mut self) {
        if let Some(change) = self.growth() {
            self.report_log(change);
        }
    }

    /// Reads what the followed log has got since. None when that is nothing, or when it was reported already.
    pub(super) fn growth(&mut self) -> Option<LogChange> {
        let (doc, tail) = self.followed.as_mut()?;
        let Some(tail) = tail else {
            let doc = doc.clone();
            self.follow(Some(doc));
            return None;
        };
        Some(match tail.grew() {
            Ok(Growth::Nothing) => return None,
            Ok(Growth::Appended { lines, extends_last }) => {
                LogChange::Appended { extends_last, lines: tail.last_lines(lines).map(log_line).collect() }
            }
            Ok(Growth::Jumped) => LogChange::Reset {
                why: "much came at once; older lines are skipped".to_owned(),
                lines: held_lines(tail),
            },
            Ok(Growth::Truncated) => {
                LogChange::Reset { why: "the file was truncated or rewritten".to_owned(), lines: held_lines(tail) }
            }
            Ok(Growth::Replaced) => {
                LogChange::Reset { why: "the file was replaced".to_owned(), lines: held_lines(tail) }
            }
            Err(error) => LogChange::Unreadable { why: error.to_string() },
        })
    }

    /// All of the followed log as it was when it was read last; none when it is large, or has shrunk since.
    pub(super) fn whole_log(&self) -> Option<Vec<u8>> {
        let (_, tail) = self.followed.as_ref()?;
        // A tail that cannot be read is read by its name, and what is wrong is said there.
        tail.as_ref()?.whole(WINDOW as u64).ok().flatten()
    }

    pub(super) fn earlier(&mut self) {
        let Some((_, Some(tail))) = &mut self.followed else { return };
        let change = match tail.load_before() {
            Ok(Paged::Edge) => return,
            Ok(Paged::Lines(count)) => LogChange::Earlier { lines: tail.lines().take(count).map(log_line).collect() },
            Err(error) => LogChange::Unreadable { why: error.to_string() },
        };
        self.report_log(change);
    }

    pub(super) fn latest(&mut self) {
        let Some((_, Some(tail))) = &mut self.followed else { return };
        if tail.is_at_end() {
            return;
        }
        let change = match tail.to_end() {
            Ok(()) => LogChange::Reset { why: String::new(), lines: held_lines(tail) },
            Err(error) => LogChange::Unreadable { why: error.to_string() },
        };
        self.report_log(change);
    }

    pub(super) fn follow_agent(&mut self, path: Option<&Path>) {
        self.agent = None;
        let Some(path) = path else {
            (self.report)(Report::Agent(agent::update(Path::new(""), AgentChange::Stopped)));
            return;
        };
        let (inbox, due) = (self.inbox.clone(), self.agent_due.clone());
        let notify = move || {
            // Many events are one look.
            if !due.swap(true, Ordering::SeqCst) {
                // The thread has stopped: nobody is left to be told.
                let _ = inbox.send(Message::Agent);
            }
        };
        match Follower::start(path, self.bench.config().watch, notify) {
            Ok(follower) => self.agent = Some(follower),
            Err(update) => (self.report)(Report::Agent(update)),
        }
        self.look_at_agent();
    }

    pub(super) fn look_at_agent(&mut self) {
        // What comes from here on is a reason for another look.
        self.agent_due.store(false, Ordering::SeqCst);
        if let Some(update) = self.agent.as_mut().and_then(Follower::look) {
            (self.report)(Report::Agent(update));
        }
    }

    pub(super) fn report_log(&self, change: LogChange) {
        let Some((doc, tail)) = &self.followed else { return };
        let (size, from_start) = tail.as_ref().map_or((0, true), |tail| (tail.size(), tail.from_start()));
        (self.report)(Report::Log(LogUpdate { doc: doc.clone(), change, size, from_start }));
    }
}

fn held_lines(tail: &Tail) -> Vec<String> {
    tail.lines().map(log_line).collect()
}

/// The text of a line, with a word where the view leaves something out.
fn log_line(line: Line<'_>) -> String {
    match line.cut {
        Cut::Whole => line.text.into_owned(),
        Cut::End(left_out) => format!("{} … {left_out} more bytes", line.text),
        Cut::Front => format!("… {}", line.text),
    }
}
