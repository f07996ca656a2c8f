//! The command of the cockpit: one at a time, started and recorded on the workbench thread, which goes on with its work
//! while the command runs.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;

use super::super::command::{Finished, Prepared, RunState};
use super::{Message, Report, Thread};
use crate::workbench::Outcome;

impl Thread {
    pub(super) fn run_command(&mut self, ticket: u64, prepared: &Prepared) {
        let refuse = |message| Report::Done { ticket, outcome: Outcome::Refused { message } };
        if self.command.is_some() {
            let running = self.bench.view().run.as_ref().map_or_else(String::new, |run| run.line.clone());
            let message = format!("`{running}` is still running; wait for it, or cancel it first; nothing was run");
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
                self.is_busy.store(false, Ordering::SeqCst);
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
        self.is_busy.store(false, Ordering::SeqCst);
    }

    /// The cockpit closes: a command that runs is ended and recorded.
    pub(super) fn end_command(&mut self, messages: &mpsc::Receiver<Message>) {
        self.cancel_command();
        while self.command.is_some() {
            let queued = self.queued.pop_front();
            match queued.or_else(|| messages.recv().ok()) {
                Some(Message::Ran(finished)) => self.ran(&finished),
                Some(_) => {}
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
