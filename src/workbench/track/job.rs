//! The pipeline at work for the cockpit: on threads of its own, watched while it works, ended from outside.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::online::{Begun, Job, Offer};
use super::run::{self, Ask, Refused, Report, Step, Task};
use crate::hub::Counts;
use crate::hub::gauge::Gauge;
use crate::hub::token::Token;
use crate::model::track::plan::Plan;
use crate::workbench::Workbench;

/// How often news are told, at most; also how soon an end is seen.
const BEAT: Duration = Duration::from_millis(100);

/// How far a job has come, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What is done.
    pub job: Job,
    /// The repository that it is at.
    pub repository: String,
    /// The workflow that it is at; empty before the first.
    pub phase: &'static str,
    /// Issues that the phase has to do with; 0 while that is not known.
    pub total: usize,
    /// Of these, issues that are still to come.
    pub left: usize,
    /// Issues that were changed, each change read back.
    pub changed: usize,
    /// Issues that could not be changed.
    pub failed: usize,
    /// Issues that are left for the next run.
    pub deferred: usize,
    /// What was changed last: repository, number, changes.
    pub last: Option<(String, u64, Vec<String>)>,
    /// What was asked of the server.
    pub counts: Counts,
    /// Whole seconds for which nothing is sent, because of a limit or a failure.
    pub waits: Option<u64>,
    /// Whole seconds since it was begun.
    pub seconds: u64,
    /// Whether it was told to end.
    pub is_cancelled: bool,
    /// What came of it; none while it works.
    pub end: Option<End>,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Nothing, and why.
    Nothing(String),
    /// A plan, with what should be known about it.
    Planned(Arc<Plan>, Vec<String>),
    /// It was done: sentences, each with whether it is bad news.
    Done(Vec<(bool, String)>),
}

/// A job that is done.
pub struct Finished {
    /// The last that is to be said of it.
    pub progress: Progress,
    /// What the engine says; none when it began nothing.
    pub report: Option<Report>,
    /// When it was begun.
    pub begun: Begun,
}

/// A job under way.
pub struct Running {
    cancel: Arc<AtomicBool>,
}

impl Running {
    /// Tells it to end: a request that is under way is waited for, nothing more is sent, and what is done is recorded.
    pub fn cancel(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

impl Progress {
    /// A job that has not come anywhere yet.
    pub fn new(job: Job) -> Progress {
        Progress {
            job,
            repository: String::new(),
            phase: "",
            total: 0,
            left: 0,
            changed: 0,
            failed: 0,
            deferred: 0,
            last: None,
            counts: Counts::default(),
            waits: None,
            seconds: 0,
            is_cancelled: false,
            end: None,
        }
    }

    /// `changed` are the issues that were changed so far: a card comes later than the rest of its issue, and alone.
    fn take(&mut self, step: Step, changed: &mut BTreeSet<(String, u64)>) {
        match step {
            Step::Phase { repository, name } => {
                (self.repository, self.phase) = (repository, name);
                (self.total, self.left) = (0, 0);
            }
            Step::Forecast(_) => {}
            Step::Left { repository, left, failed, deferred } => {
                if self.repository != repository || self.total == 0 {
                    self.total = left;
                }
                (self.repository, self.left, self.failed, self.deferred) = (repository, left, failed, deferred);
            }
            Step::Wrote { repository, number, changes } => {
                changed.insert((repository.clone(), number));
                self.changed = changed.len();
                self.last = Some((repository, number, changes));
            }
        }
    }

    /// The share of the phase that is done: issues done, and all.
    pub fn share(&self) -> Option<(usize, usize)> {
        (self.total > 0).then(|| (self.total.saturating_sub(self.left), self.total))
    }

    /// Adds a sentence of bad news to what came of it.
    pub fn note(&mut self, said: Option<String>) {
        match (&mut self.end, said) {
            (Some(End::Planned(_, notes)), Some(said)) => notes.push(said),
            (Some(End::Done(notes)), Some(said)) => notes.push((true, said)),
            (Some(End::Nothing(why)), Some(said)) => *why = format!("{why}; {said}"),
            (None, _) | (_, None) => {}
        }
    }

    fn ended(mut self, report: &Report, dry: bool) -> Progress {
        let list = |record: &Value, key: &str| record[key].as_array().map_or(0, Vec::len);
        let all = |key: &str| report.records.iter().map(|(_, _, record)| list(record, key)).sum();
        self.counts = report.counts;
        (self.waits, self.total, self.left) = (None, 0, 0);
        if !dry {
            (self.changed, self.failed, self.deferred) = (all("details"), all("failed"), all("deferred"));
        }
        self
    }
}

impl Workbench {
    /// Begins the job exactly as it was shown. `tell` gets news, `done` the end; both are called on another thread.
    ///
    /// # Errors
    /// Why nothing was begun: it cannot be done any more, or what it would do is not what was shown.
    pub fn begin_job(
        &self,
        shown: &Offer,
        tell: impl Fn(Progress) + Send + 'static,
        done: impl FnOnce(Finished) + Send + 'static,
    ) -> Result<Running, String> {
        let (now, ask, token) = self.ready(shown.job.clone())?;
        if now != *shown {
            return Err(
                "what would be asked is not what was shown any more; nothing was asked, look at it again".to_owned()
            );
        }
        let cancel = Arc::clone(&ask.api.cancel);
        let work = Work { job: now.job, ask, token };
        let started = thread::Builder::new().name("tracks run".to_owned()).spawn(move || done(work.watch(&tell)));
        started.map(|_| Running { cancel }).map_err(|error| format!("no thread for it: {error}; nothing was asked"))
    }
}

/// All that a job takes.
struct Work {
    job: Job,
    ask: Ask,
    token: Token,
}

impl Work {
    /// Has the engine work on another thread, and tells what is seen of it until it ends.
    fn watch(self, tell: &impl Fn(Progress)) -> Finished {
        let (begun, since) = (Begun::now(), Instant::now());
        let (cancel, gauge) = (Arc::clone(&self.ask.api.cancel), Arc::clone(&self.ask.api.gauge));
        let mut progress = Progress::new(self.job.clone());
        let (steps, heard) = mpsc::channel();
        let job = self.job.clone();
        let (mut changed, mut last) = (BTreeSet::new(), None::<Progress>);
        let outcome = thread::scope(|scope| {
            let engine = scope.spawn(move || self.work(&steps));
            loop {
                let ended = match heard.recv_timeout(BEAT) {
                    Ok(step) => {
                        progress.take(step, &mut changed);
                        // Steps may follow each other faster than anybody reads.
                        thread::sleep(BEAT / 2);
                        heard.try_iter().for_each(|step| progress.take(step, &mut changed));
                        false
                    }
                    Err(RecvTimeoutError::Timeout) => false,
                    Err(RecvTimeoutError::Disconnected) => true,
                };
                look(&mut progress, &gauge, &cancel, since);
                if last.as_ref() != Some(&progress) {
                    tell(progress.clone());
                    last = Some(progress.clone());
                }
                if ended {
                    return engine.join();
                }
            }
        });
        let dry = job == Job::Plan;
        match outcome {
            Ok(Ok(report)) => {
                progress = progress.ended(&report, dry);
                progress.end = Some(end(&report, dry, progress.is_cancelled));
                Finished { progress, report: Some(report), begun }
            }
            Ok(Err(refused)) => {
                progress.end = Some(End::Nothing(refused.to_string()));
                Finished { progress, report: None, begun }
            }
            Err(_) => {
                let why =
                    "a mistake of codex-tui ended it; what was sent is looked up by the next run; please report it";
                progress.end = Some(End::Nothing(why.to_owned()));
                Finished { progress, report: None, begun }
            }
        }
    }

    fn work(self, steps: &mpsc::Sender<Step>) -> Result<Report, Refused> {
        // Whoever listens stays until the channel closes.
        let mut tell = |step| drop(steps.send(step));
        match &self.job {
            Job::Plan | Job::Run => run::run(&self.ask, Task::Run, Some(self.token), &mut tell),
            Job::Apply(plan) => run::apply(&self.ask, plan, Some(self.token), &mut tell),
        }
    }
}

fn look(progress: &mut Progress, gauge: &Gauge, cancel: &AtomicBool, since: Instant) {
    let reading = gauge.read();
    progress.counts = reading.counts;
    let wait = reading.waits_until.map(|until| until.saturating_duration_since(Instant::now()).as_secs());
    // What is over within the second is no wait that anybody has to know of.
    progress.waits = wait.filter(|seconds| *seconds > 0);
    progress.seconds = since.elapsed().as_secs();
    progress.is_cancelled = cancel.load(Ordering::Relaxed);
}

/// What came of it, in sentences.
fn end(report: &Report, dry: bool, is_cancelled: bool) -> End {
    let notes = |record: &Value, key: &str| -> Vec<String> {
        let all = record[key].as_array().into_iter().flatten();
        all.filter_map(|note| note["message"].as_str().map(str::to_owned)).collect()
    };
    if dry {
        let plan = report.plan.clone().unwrap_or_default();
        if is_cancelled {
            return End::Nothing("it was cancelled; nothing was changed".to_owned());
        }
        let has_any = plan.repos.iter().any(|repo| !repo.issues.is_empty() || !repo.close.is_empty());
        if !report.problems.is_empty() && !has_any {
            return End::Nothing(report.problems.join("; "));
        }
        let mut said: Vec<String> = report.problems.clone();
        for (_, _, record) in &report.records {
            for note in notes(record, "warnings") {
                if !said.contains(&note) {
                    said.push(note);
                }
            }
        }
        return End::Planned(Arc::new(plan), said);
    }
    let mut said: Vec<(bool, String)> = report.problems.iter().map(|problem| (true, problem.clone())).collect();
    let mut add = |line: (bool, String)| {
        if !said.contains(&line) {
            said.push(line);
        }
    };
    for (repository, component, record) in &report.records {
        let status = record["status"].as_str().unwrap_or("unknown");
        add((matches!(status, "error" | "aborted"), format!("{repository} {}: {status}", component.name())));
        for (key, is_bad) in [("errors", true), ("warnings", false)] {
            notes(record, key).into_iter().for_each(|note| add((is_bad, note)));
        }
        for failed in record["failed"].as_array().into_iter().flatten() {
            let (number, why) = (failed["number"].as_u64().unwrap_or(0), failed["error"].as_str().unwrap_or_default());
            add((true, format!("#{number}: {why}")));
        }
    }
    End::Done(said)
}
