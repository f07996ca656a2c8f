//! Judging beside the rest, for the cockpit: one thread that holds what it has read, sleeps until it is asked, and looks
//! again only as often as the looking costs little beside it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{GateReader, Gates, Progress, Question, Subject};

/// What the judge has to say.
pub enum News {
    /// Reading takes a while: how far it has come.
    Reading(Progress),
    /// The verdicts.
    Judged(Arc<Gates>),
    /// Reading was stopped by the operator; what was read is kept.
    Stopped,
}

/// Handle of the judging thread; dropping it stops the thread.
pub struct Judge {
    inbox: mpsc::Sender<Subject>,
    cancel: Arc<AtomicBool>,
}

/// Reading that takes longer than this says how far it has come, so often.
const SHOWN_AFTER: Duration = Duration::from_millis(150);
/// Telemetry that keeps growing is looked at this often, at most.
const PAUSE: Duration = Duration::from_millis(100);
/// And for at most one part in this many of the time.
const SHARE: u32 = 5;

impl Judge {
    /// Starts the thread; `tell` is called on it. None when the system gives no thread.
    pub fn start(tell: impl Fn(News) + Send + Sync + 'static) -> Option<Judge> {
        let (inbox, subjects) = mpsc::channel();
        let cancel = Arc::new(AtomicBool::new(false));
        let cancelled = Arc::clone(&cancel);
        let run = move || judge(&subjects, &cancelled, &tell);
        let thread = std::thread::Builder::new().name("gates".to_owned()).spawn(run);
        thread.ok().map(|_| Judge { inbox, cancel })
    }

    /// Has this judged; what was asked for before and not begun is left out.
    pub fn judge(&self, subject: Subject) {
        // A closed channel means that the thread has ended: there is nobody to judge.
        let _ = self.inbox.send(subject);
    }

    /// Stops reading.
    pub fn stop(&self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        self.stop();
    }
}

fn judge(subjects: &mpsc::Receiver<Subject>, cancel: &AtomicBool, tell: &(dyn Fn(News) + Sync)) {
    let mut reader = GateReader::default();
    while let Ok(mut subject) = subjects.recv() {
        while let Ok(newer) = subjects.try_recv() {
            subject = newer;
        }
        let begun = Instant::now();
        let shown = Mutex::new(begun);
        let progress = |progress: Progress| {
            let mut last = shown.lock().unwrap_or_else(PoisonError::into_inner);
            if last.elapsed() >= SHOWN_AFTER {
                *last = Instant::now();
                tell(News::Reading(progress));
            }
        };
        match reader.judge(&subject, &Question::default(), &progress, cancel) {
            Some(gates) => tell(News::Judged(Arc::new(gates))),
            None => tell(News::Stopped),
        }
        cancel.store(false, Ordering::Relaxed);
        let cost = begun.elapsed() * SHARE;
        // Changes that come meanwhile wait in the channel; a quiet workspace waits for nothing.
        std::thread::sleep(PAUSE.max(cost).min(Duration::from_secs(2)));
    }
}
