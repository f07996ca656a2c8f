//! Telemetry for the cockpit: read on a thread of its own, which holds what it has read and sleeps until it is asked.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::read::{Pipeline, Place, Reader};
use crate::doc::DocId;
use crate::store::Store;
use crate::workbench::Workbench;
use crate::workspace::config::Tracks;

/// Where to look: a copy of what the workbench knows.
#[derive(Clone)]
pub struct Subject {
    store: Store,
    folders: Vec<String>,
}

/// Handle of the reading thread; dropping it ends the thread.
pub struct Scout {
    inbox: mpsc::Sender<Subject>,
}

/// Telemetry that keeps coming is looked at this often, at most.
const PAUSE: Duration = Duration::from_millis(100);
/// And for at most one part in this many of the time.
const SHARE: u32 = 5;

impl Subject {
    /// Whether a change of this file is news.
    pub fn concerns(&self, id: &DocId) -> bool {
        let is_json = id.file_name().ends_with(".json");
        is_json
            && self
                .folders
                .iter()
                .any(|folder| below(id.as_str(), folder).is_some_and(|rest| rest.starts_with("telemetry/")))
    }

    /// The folders of telemetry, for a watcher; those of other repositories as far as they are known.
    pub fn watched(&self, known: &Pipeline) -> Vec<String> {
        let path = |folder: &String| Tracks::path(folder, "telemetry");
        let others = known
            .others
            .keys()
            .map(|name| Tracks::path(&known.folder, &format!("telemetry/repos/{}", name.replacen('/', "__", 1))));
        self.folders
            .iter()
            .map(path)
            .chain(self.folders.iter().map(|folder| Tracks::path(folder, "telemetry/repos")))
            .chain(others)
            .collect()
    }

    /// The folder whose telemetry counts: the first that has some, else the first.
    pub fn folder(&self) -> String {
        let has =
            |folder: &&String| DocId::new(&Tracks::path(folder, "telemetry")).is_ok_and(|id| self.store.exists(&id));
        self.folders.iter().find(has).or(self.folders.first()).cloned().unwrap_or_default()
    }

    /// Reads what is new.
    pub fn read(&self, reader: &mut Reader, now: DateTime<Utc>) -> Pipeline {
        let folder = self.folder();
        let place = Place { folder: &folder, legacy: false };
        reader.pipeline(&self.store, place, now)
    }
}

fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

impl Workbench {
    /// Where the pipeline's telemetry is looked for.
    pub fn tracks(&self) -> Subject {
        Subject { store: self.store().clone(), folders: self.config().tracks.folders.clone() }
    }

    /// Shows what the telemetry says; false when it says what it said before.
    pub fn set_tracks(&mut self, pipeline: Arc<Pipeline>) -> bool {
        let is_new = self.view.tracks.as_ref() != Some(&pipeline);
        if is_new {
            self.view.tracks = Some(pipeline);
            self.view.generation += 1;
        }
        is_new
    }
}

impl Scout {
    /// Starts the thread; `tell` is called on it. None when the system gives no thread.
    pub fn start(tell: impl Fn(Arc<Pipeline>) + Send + 'static) -> Option<Scout> {
        let (inbox, subjects) = mpsc::channel::<Subject>();
        let run = move || {
            let mut reader = Reader::default();
            while let Ok(mut subject) = subjects.recv() {
                while let Ok(newer) = subjects.try_recv() {
                    subject = newer;
                }
                let begun = Instant::now();
                tell(Arc::new(subject.read(&mut reader, Utc::now())));
                // Changes that come meanwhile wait in the channel; a quiet workspace waits for nothing.
                std::thread::sleep(PAUSE.max(begun.elapsed() * SHARE).min(Duration::from_secs(2)));
            }
        };
        std::thread::Builder::new().name("tracks".to_owned()).spawn(run).ok().map(|_| Scout { inbox })
    }

    /// Has the telemetry looked at; what was asked for before and not begun is left out.
    pub fn look(&self, subject: Subject) {
        // A closed channel means that the thread has ended: there is nobody to look.
        let _ = self.inbox.send(subject);
    }
}
