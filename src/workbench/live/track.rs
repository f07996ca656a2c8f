//! The pipeline for the cockpit: one job at a time, on threads of its own; the workbench thread offers it, begins it, and records
//! what came of it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{Message, Report, Thread};
use crate::workbench::track::job::Finished;
use crate::workbench::track::online::{Job, Offer};

impl Thread {
    pub(super) fn offer_job(&self, job: Job) {
        let result = match &self.job {
            Some(_) => Err("the pipeline is at work already; wait for it, or end it first".to_owned()),
            None => self.bench.offer(job),
        };
        (self.report)(Report::Offered(result.map(Box::new)));
    }

    pub(super) fn begin_job(&mut self, offer: &Offer) {
        let begun = match &self.job {
            Some(_) => Err("the pipeline is at work already; nothing more was begun".to_owned()),
            None => {
                let (news, end) = (self.inbox.clone(), self.inbox.clone());
                // The thread has stopped, which it does without waiting only when it panics: nobody is left to be told.
                let tell = move |progress| drop(news.send(Message::Job(Arc::new(progress))));
                let done = move |finished| drop(end.send(Message::JobEnded(Box::new(finished))));
                self.bench.begin_job(offer, tell, done)
            }
        };
        match begun {
            Ok(running) => self.job = Some(running),
            Err(why) => {
                self.busy.fetch_sub(1, Ordering::SeqCst);
                (self.report)(Report::Offered(Err(why)));
            }
        }
    }

    pub(super) fn cancel_job(&self) {
        if let Some(job) = &self.job {
            job.cancel();
        }
    }

    /// Records the job that has ended, and has its telemetry shown.
    pub(super) fn job_ended(&mut self, finished: Finished) {
        self.job = None;
        let Finished { mut progress, report, begun } = finished;
        let said =
            report.and_then(|report| self.bench.record_pipeline(progress.job.name(), begun, &report, &self.actor));
        progress.note(said);
        self.report_view();
        self.look_at_tracks();
        (self.report)(Report::Job(Arc::new(progress)));
        self.busy.fetch_sub(1, Ordering::SeqCst);
    }
}
