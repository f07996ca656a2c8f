//! The command of the cockpit: one at a time, started and recorded on the workbench thread, which goes on with its work
//! while the command runs.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::super::command::{Finished, Prepared, RunState};
use super::{Message, Report, Thread};
use crate::workbench::Outcome;

/// How long the answer to a request that is under way is waited for when the cockpit closes.
const LAST_ANSWER: Duration = Duration::from_secs(20);

impl Thread {
    pub(super) fn run_command(&mut self, ticket: u64, prepared: &Prepared) {
        let refuse = |message| Report::Done { ticket, outcome: Outcome::Refused { message } };
        if self.command.is_some() {
            let running = self.bench.view().run.as_ref().map_or_else(String::new, |run| run.line.clone());
            let message = format!("`{running}` is still running; wait for it, or cancel it first; nothing was run");
            self.busy.fetch_sub(1, Ordering::SeqCst);
            return (self.report)(refuse(message));
        }
        match self.bench.begin(prepared, |_| {}) {
            Ok(running) => {
                self.command = Some((ticket, running.canceller()));
                self.bench.show_run(running.state());
                let inbox = self.inbox.clone();
                running.then(move |finished| {
                    // The thread has stopped without waiting for it, which it does only when it panics.
                    let _ = inbox.send(Message::Ran(Box::new(finished)));
                });
            }
            Err(why) => {
                self.busy.fetch_sub(1, Ordering::SeqCst);
                // The view shows what stands there now.
                self.report_view();
                (self.report)(refuse(why.to_string()));
            }
        }
    }

    pub(super) fn cancel_command(&mut self) {
        let Some((_, canceller)) = &self.command else { return };
        canceller.cancel();
        if let Some(run) = &self.bench.view().run {
            let cancelled = RunState { is_cancelled: true, ..(**run).clone() };
            self.bench.show_run(cancelled);
        }
    }

    /// Records the command that has ended.
    pub(super) fn ran(&mut self, finished: &Finished) {
        let Some((ticket, _)) = self.command.take() else { return };
        let outcome = self.bench.record_run(finished, &self.actor);
        if let Some(run) = &self.bench.view().run {
            let record = &finished.record;
            let end = Some((record.end.clone(), record.duration));
            self.bench.show_run(RunState { end, decisive: record.decisive.clone(), ..(**run).clone() });
        }
        // Files that it wrote are noticed as those of anybody else; its output may be followed.
        self.follow_on();
        self.report_view();
        (self.report)(Report::Done { ticket, outcome });
        self.busy.fetch_sub(1, Ordering::SeqCst);
    }

    /// The cockpit closes: a command that runs and the pipeline at work are ended and recorded. A server that does not answer is
    /// not waited for endlessly; the next run looks up what became of the request.
    pub(super) fn end_all(&mut self, messages: &mpsc::Receiver<Message>) {
        self.cancel_command();
        self.cancel_job();
        let last = Instant::now() + LAST_ANSWER;
        while self.command.is_some() || self.job.is_some() {
            let left =
                if self.command.is_some() { LAST_ANSWER } else { last.saturating_duration_since(Instant::now()) };
            let queued = self.queued.pop_front();
            match queued.or_else(|| messages.recv_timeout(left).ok()) {
                Some(Message::Ran(finished)) => self.ran(&finished),
                Some(Message::JobEnded(finished)) => self.job_ended(*finished),
                Some(_) => {}
                None if self.command.is_some() => {}
                None => return,
            }
        }
    }
}

impl super::Workbench {
    fn show_run(&mut self, run: RunState) {
        self.view.run = Some(Arc::new(run));
        self.view.generation += 1;
    }
}
