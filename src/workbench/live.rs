//! The workbench on its own thread: takes orders, watches the files, reports views and outcomes. Sleeps until one comes.

mod command;
mod follow;
mod order;
mod personal;
mod track;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::agent::Follower;
use super::command::{Canceller, Finished};
use super::gates::Subject;
use super::gates::beside::{Judge, News};
use super::sync::Running;
use super::track::beside::Scout;
use super::track::job::{self, Progress};
use super::track::read::Pipeline;
use super::{Look, Notice, Request, Workbench};
use crate::doc::{DocId, Severity};
use crate::model::sync::Sync;
use crate::store::Actor;
use crate::store::tail::Tail;
use crate::store::watch::{WatchEvent, Watcher};

pub use order::{LogChange, LogUpdate, Order, Report};

/// Handle of the workbench thread; dropping it stops the thread, and ends and records a command that runs and the
/// pipeline at work.
pub struct Live {
    inbox: mpsc::Sender<Message>,
    thread: Option<JoinHandle<()>>,
    /// Commands and jobs of the pipeline that run or are about to.
    busy: Arc<AtomicUsize>,
}

enum Message {
    Order(Order),
    Watch(WatchEvent),
    /// The documents were compared; none when that was cancelled.
    Synced(Option<Arc<Sync>>),
    /// Of the gates.
    Gates(News),
    /// The pipeline's telemetry was looked at.
    Tracks(Arc<Pipeline>),
    /// The command has ended.
    Ran(Box<Finished>),
    /// The pipeline is at work.
    Job(Arc<Progress>),
    /// The pipeline has done its work.
    JobEnded(Box<job::Finished>),
    /// The agent's session file may have changed.
    Agent,
    /// The user file may have changed.
    Personal,
    /// The system cannot tell when the user file changes.
    PersonalUnseen,
}

impl Live {
    /// Starts the thread on the workspace at `root`. `report` is called on that thread, first with a view that holds the
    /// boards, then with the full view, then whenever something changes.
    pub fn start(bench: Workbench, actor: Actor, report: impl Fn(Report) + Send + 'static) -> Live {
        let (inbox, messages) = mpsc::channel();
        let (own, busy) = (inbox.clone(), Arc::new(AtomicUsize::new(0)));
        let counted = Arc::clone(&busy);
        let thread = std::thread::Builder::new()
            .name("workbench".to_owned())
            .spawn(move || Thread::new(bench, actor, Box::new(report), own, counted).run(&messages));
        Live { inbox, thread: thread.ok(), busy }
    }

    /// Sends an order. Orders after `Stop` are ignored.
    pub fn order(&self, order: Order) {
        if matches!(order, Order::Run { .. } | Order::BeginJob(_)) {
            self.busy.fetch_add(1, Ordering::SeqCst);
        }
        // A closed channel means that the thread has stopped: nothing is left to do the order.
        let _ = self.inbox.send(Message::Order(order));
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.order(Order::Stop);
        if self.busy.load(Ordering::SeqCst) > 0
            && let Some(thread) = self.thread.take()
        {
            // It ends within seconds, and its record has to be written. A thread that panicked has nothing to write.
            let _ = thread.join();
        }
    }
}

struct Thread {
    bench: Workbench,
    actor: Actor,
    report: Box<dyn Fn(Report) + Send>,
    inbox: mpsc::Sender<Message>,
    watcher: Option<Watcher>,
    /// Of the folder of the user file.
    personal: Option<Watcher>,
    /// Why files are not watched as they should be.
    degraded: Option<String>,
    /// What was finished or taken back after a crash.
    recovered: Vec<String>,
    followed: Option<(DocId, Option<Tail>)>,
    /// When what follows from the followed log was worked out last.
    projected: Option<Instant>,
    agent: Option<Follower>,
    /// Whether a look at the agent's session file is ordered already.
    agent_due: Arc<AtomicBool>,
    /// The paths that somebody asked about, and whether they were there when it was said last.
    looked: BTreeMap<String, bool>,
    /// Files have come, gone or changed since the paths were looked at.
    stirred: bool,
    /// Generation of the view that was reported last.
    reported: Option<u64>,
    /// Messages that were taken out of the channel and have to wait their turn.
    queued: VecDeque<Message>,
    /// Documents to be looked at again.
    unsettled: BTreeMap<DocId, Unsettled>,
    /// The comparison under way, and the state of the documents that was compared last.
    syncing: Option<Running>,
    synced: Option<u64>,
    judge: Option<Judge>,
    /// What is judged.
    subject: Option<Subject>,
    scout: Option<Scout>,
    /// The command that runs: the ticket of its order, and what ends it.
    command: Option<(u64, Canceller)>,
    /// The pipeline at work.
    job: Option<job::Running>,
    busy: Arc<AtomicUsize>,
}

/// When a document is looked at again, and when for the last time: then it is taken as it is.
#[derive(Clone, Copy)]
struct Unsettled {
    look: Instant,
    last: Instant,
}

enum Next {
    Message(Message),
    Settle,
}

/// How long loading waits for the first frame.
const FIRST_FRAME: Duration = Duration::from_millis(20);
/// How long a document may look half-written before it is taken as it is.
const SETTLE: Duration = Duration::from_millis(500);
/// How often it is looked at meanwhile.
const SETTLE_STEP: Duration = Duration::from_millis(2);

impl Thread {
    fn new(
        bench: Workbench,
        actor: Actor,
        report: Box<dyn Fn(Report) + Send>,
        inbox: mpsc::Sender<Message>,
        busy: Arc<AtomicUsize>,
    ) -> Thread {
        Thread {
            bench,
            actor,
            report,
            inbox,
            watcher: None,
            personal: None,
            degraded: None,
            recovered: Vec::new(),
            followed: None,
            projected: None,
            agent: None,
            agent_due: Arc::default(),
            looked: BTreeMap::new(),
            stirred: false,
            reported: None,
            queued: VecDeque::new(),
            unsettled: BTreeMap::new(),
            syncing: None,
            synced: None,
            judge: None,
            subject: None,
            scout: None,
            command: None,
            job: None,
            busy,
        }
    }

    fn run(mut self, messages: &mpsc::Receiver<Message>) {
        self.bench.load_boards();
        self.report_view();
        // The first frame has the processors to itself; whoever paints nothing is not waited for long.
        match messages.recv_timeout(FIRST_FRAME) {
            Ok(Message::Order(Order::Painted)) | Err(mpsc::RecvTimeoutError::Timeout) => {}
            Ok(message) => self.queued.push_back(message),
            Err(mpsc::RecvTimeoutError::Disconnected) => return,
        }
        self.watch();
        self.watch_personal();
        if !self.bench.has_whole_boards() {
            self.bench.complete_boards();
            self.report_view();
        }
        self.recovered = self.bench.recover_at_start(&self.actor);
        self.bench.load_all();
        self.report_view();
        self.sync();
        self.judge_anew();
        self.look_at_tracks();
        while let Some(message) = self.next(messages) {
            match message {
                Next::Message(Message::Order(Order::Stop)) => break,
                Next::Message(Message::Order(order)) => self.obey(order),
                Next::Message(Message::Watch(event)) => self.seen(event, messages),
                Next::Message(Message::Synced(sync)) => self.synced(sync),
                Next::Message(Message::Gates(news)) => self.bench.set_gates(news),
                Next::Message(Message::Tracks(pipeline)) => self.show_tracks(pipeline),
                Next::Message(Message::Ran(finished)) => self.ran(&finished),
                Next::Message(Message::Job(progress)) => (self.report)(Report::Job(progress)),
                Next::Message(Message::JobEnded(finished)) => self.job_ended(*finished),
                Next::Message(Message::Agent) => self.look_at_agent(),
                Next::Message(Message::Personal) => self.bench.refresh_user_file(),
                Next::Message(Message::PersonalUnseen) => self.personal = None,
                Next::Settle => self.settle(),
            }
            self.report_view();
            if self.stirred {
                self.look_again();
            }
            self.sync();
            if self.subject.as_ref().is_some_and(|subject| !self.bench.is_subject(subject)) {
                self.judge_anew();
            }
        }
        if let Some(running) = &self.syncing {
            running.cancel();
        }
        self.end_all(messages);
    }

    /// Has the documents compared again if they changed. At most one comparison runs: one of an older state is told to
    /// stop, and its end starts the next.
    fn sync(&mut self) {
        let now = self.bench.facts;
        match &self.syncing {
            Some(running) if running.facts != now => running.cancel(),
            Some(_) => {}
            None if self.synced == Some(now) => {}
            None => {
                let inbox = self.inbox.clone();
                self.syncing = Some(self.bench.sync_beside(move |sync| {
                    // The thread has stopped: nobody is left to be told.
                    let _ = inbox.send(Message::Synced(sync));
                }));
            }
        }
    }

    /// Has the gates judged, by clauses that are compiled anew.
    fn judge_anew(&mut self) {
        let subject = self.bench.gates();
        if let Some(watcher) = &mut self.watcher {
            watcher.watch_more(subject.folders());
        }
        self.subject = Some(subject);
        self.judge();
    }

    fn judge(&mut self) {
        let Some(subject) = &self.subject else { return };
        if subject.list().clauses.is_empty() && self.judge.is_none() {
            return;
        }
        if self.judge.is_none() {
            let inbox = self.inbox.clone();
            self.judge = Judge::start(move |news| {
                // The thread has stopped: nobody is left to be told.
                let _ = inbox.send(Message::Gates(news));
            });
        }
        if let Some(judge) = &self.judge {
            judge.judge(subject.clone());
        }
    }

    /// Has the pipeline's telemetry looked at.
    fn look_at_tracks(&mut self) {
        if self.scout.is_none() {
            let inbox = self.inbox.clone();
            self.scout = Scout::start(move |pipeline| {
                // The thread has stopped: nobody is left to be told.
                let _ = inbox.send(Message::Tracks(pipeline));
            });
        }
        if let Some(scout) = &self.scout {
            scout.look(self.bench.tracks());
        }
    }

    fn show_tracks(&mut self, pipeline: Arc<Pipeline>) {
        if let Some(watcher) = &self.watcher {
            watcher.watch_more(self.bench.tracks().watched(&pipeline));
        }
        self.bench.set_tracks(pipeline);
    }

    fn synced(&mut self, sync: Option<Arc<Sync>>) {
        let Some(running) = self.syncing.take() else { return };
        if let Some(sync) = sync.filter(|_| !running.is_cancelled()) {
            self.synced = Some(running.facts);
            self.bench.set_sync(sync);
        }
    }

    /// Sleeps until there is something to do. Wakes up by itself only while a document is in the middle of a save.
    fn next(&mut self, messages: &mpsc::Receiver<Message>) -> Option<Next> {
        if let Some(message) = self.queued.pop_front() {
            return Some(Next::Message(message));
        }
        let Some(look) = self.unsettled.values().map(|unsettled| unsettled.look).min() else {
            return messages.recv().ok().map(Next::Message);
        };
        match messages.recv_timeout(look.saturating_duration_since(Instant::now())) {
            Ok(message) => Some(Next::Message(message)),
            Err(mpsc::RecvTimeoutError::Timeout) => Some(Next::Settle),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
        }
    }

    /// Looks again at documents that were in the middle of a save.
    fn settle(&mut self) {
        let now = Instant::now();
        let (last, rest): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut self.unsettled).into_iter().partition(|(_, unsettled)| unsettled.last <= now);
        if self.followed.as_ref().is_some_and(|(doc, _)| last.contains_key(doc)) {
            self.projected = Some(now);
        }
        self.bench.refresh(&last.into_keys().collect(), Look::Final);
        let (due, later): (BTreeMap<_, _>, BTreeMap<_, _>) =
            rest.into_iter().partition(|(_, unsettled)| unsettled.look <= now);
        let still = self.bench.refresh(&due.keys().cloned().collect(), Look::Early);
        self.unsettled = later;
        for (doc, unsettled) in due.into_iter().filter(|(doc, _)| still.contains(doc)) {
            self.unsettled.insert(doc, Unsettled { look: now + SETTLE_STEP, ..unsettled });
        }
    }

    /// Reads documents that may have changed. Half-written ones are looked at again in a moment.
    fn changed(&mut self, mut docs: BTreeSet<DocId>) {
        if self.bench.cited_moved(&docs) {
            self.synced = None;
            if let Some(running) = &self.syncing {
                running.cancel();
            }
        }
        if self.subject.as_ref().is_some_and(|subject| docs.iter().any(|doc| subject.concerns(doc))) {
            self.judge();
        }
        let tracks = self.bench.tracks();
        if docs.iter().any(|doc| tracks.concerns(doc)) {
            self.look_at_tracks();
        }
        let now = Instant::now();
        let last = now + SETTLE;
        let followed = self.followed.as_ref().map(|(doc, _)| doc.clone()).filter(|doc| docs.contains(doc));
        if let Some(doc) = followed {
            docs.remove(&doc);
            self.grown(doc, now);
        }
        self.stirred |= !docs.is_empty();
        for doc in self.bench.refresh(&docs, Look::Early) {
            self.unsettled.entry(doc).or_insert(Unsettled { look: now + SETTLE_STEP, last });
        }
    }

    /// Reads what the followed log has got. Its lines are on screen at once; what else follows from them is worked out
    /// right after that. Not when that was done a moment ago, nor of a large log, nor in the middle of a save: then it waits
    /// a while.
    fn grown(&mut self, doc: DocId, now: Instant) {
        let change = self.growth();
        let only_more = matches!(change, Some(LogChange::Appended { .. }));
        if let Some(change) = change {
            self.report_log(change);
        }
        let rested = self.projected.is_none_or(|at| now >= at + SETTLE);
        if let Some(bytes) = (only_more && rested).then(|| self.whole_log()).flatten() {
            self.projected = Some(now);
            self.bench.refresh_grown(&doc, bytes);
        } else {
            let last = now + SETTLE;
            self.unsettled.entry(doc).or_insert(Unsettled { look: last, last });
        }
    }

    /// Reports the view if it changed since it was reported last.
    fn report_view(&mut self) {
        let mut notices = self.bench.own_notices();
        let said = self.recovered.iter();
        notices.extend(said.map(|text| Notice { severity: Severity::Note, text: text.clone() }));
        notices.extend(self.degraded.iter().map(|text| Notice { severity: Severity::Warning, text: text.clone() }));
        self.bench.set_notices(notices);
        if self.reported != Some(self.bench.view().generation) {
            self.reported = Some(self.bench.view().generation);
            (self.report)(Report::View(Arc::new(self.bench.view().clone())));
        }
    }

    fn watch(&mut self) {
        let inbox = self.inbox.clone();
        let root = self.bench.view().root.clone();
        let mode = self.bench.config().watch;
        let folders = self.bench.folders();
        self.watcher = Some(Watcher::start(&root, folders, mode, move |event| {
            // The thread has stopped: nobody is left to be told.
            let _ = inbox.send(Message::Watch(event));
        }));
    }

    fn seen(&mut self, event: WatchEvent, messages: &mpsc::Receiver<Message>) {
        match event {
            WatchEvent::Changed(mut docs) => {
                // One save is several events: those that have come meanwhile are one look.
                while let Ok(message) = messages.try_recv() {
                    match message {
                        Message::Watch(WatchEvent::Changed(more)) => docs.extend(more),
                        other => {
                            self.queued.push_back(other);
                            break;
                        }
                    }
                }
                self.changed(docs);
            }
            WatchEvent::Rescan { .. } => self.reload(),
            WatchEvent::Degraded { notice } => {
                self.degraded = Some(notice);
                self.reload();
            }
            WatchEvent::Recovered => {
                self.degraded = None;
                self.reload();
            }
        }
    }

    /// Looks again at the paths that somebody asked about, and reports those that have come or gone.
    fn look_again(&mut self) {
        self.stirred = false;
        let moved = self.looked.iter().map(|(path, there)| (path, there, self.bench.exists(path)));
        let moved: BTreeMap<String, bool> =
            moved.filter(|(_, was, is)| *was != is).map(|(path, _, is)| (path.clone(), is)).collect();
        if !moved.is_empty() {
            self.looked.extend(moved.clone());
            (self.report)(Report::Looked(moved));
        }
    }

    fn reload(&mut self) {
        self.watch_personal();
        self.stirred = true;
        self.bench.load_all();
        self.judge_anew();
        self.look_at_tracks();
        if let Some(watcher) = &mut self.watcher {
            watcher.watch_more(self.bench.folders());
        }
        self.follow_on();
        self.look_at_agent();
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Do { ticket, request } => {
                let outcome = self.bench.run(&request, &self.actor);
                // The new state is on screen before the answer is.
                self.report_view();
                (self.report)(Report::Done { ticket, outcome });
            }
            Order::Preview { ticket, operation } => {
                let result = self.bench.preview(&Request::Commit(operation));
                (self.report)(Report::Previewed { ticket, result });
            }
            Order::Run { ticket, prepared } => self.run_command(ticket, &prepared),
            Order::CancelRun => self.cancel_command(),
            Order::OfferJob(job) => self.offer_job(job),
            Order::BeginJob(offer) => self.begin_job(&offer),
            Order::CancelJob => self.cancel_job(),
            Order::Finish { ticket, wanted } => {
                let result = self.bench.finish(&wanted).map(Box::new);
                (self.report)(Report::Finishing { ticket, result });
            }
            Order::Handoff { ticket } => {
                let result = self.bench.handoff();
                (self.report)(Report::Handoff { ticket, result });
            }
            Order::Reload => self.reload(),
            Order::Open(doc) => {
                let result = self.bench.open_document(&doc);
                (self.report)(Report::Opened { doc, result });
            }
            Order::Follow(doc) => self.follow(doc),
            Order::Earlier => self.earlier(),
            Order::Latest => self.latest(),
            Order::FollowAgent(path) => self.follow_agent(path.as_deref()),
            Order::Look(paths) => {
                let found = paths.into_iter().map(|path| (self.bench.exists(&path), path));
                let found: BTreeMap<String, bool> = found.map(|(there, path)| (path, there)).collect();
                self.looked.extend(found.clone());
                (self.report)(Report::Looked(found));
            }
            Order::Library => self.bench.list_library(),
            Order::Judge => self.judge_anew(),
            Order::StopJudging => {
                if let Some(judge) = &self.judge {
                    judge.stop();
                }
            }
            Order::Painted | Order::Stop => {}
        }
    }
}
