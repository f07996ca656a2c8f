//! Judges again whenever telemetry, the gates document or the configuration changes; sleeps in between.

use std::sync::mpsc;

use super::Subject;
use crate::store::watch::{WatchEvent, Watcher};
use crate::workbench::{Outcome, Workbench};
use crate::workspace::config::{FILE_NAME, WatchMode};

impl Workbench {
    /// Calls `look` at once and after every change that can change a verdict, until it says `false`. Ends with a sentence
    /// when files cannot be watched.
    pub fn watch_gates(&self, mut look: impl FnMut(&Subject) -> bool) -> Result<(), String> {
        let mut subject = self.gates();
        let (sender, events) = mpsc::channel();
        let gates = self.config().documents.gates.clone();
        let mut folders = subject.folders();
        folders.push(String::new());
        folders.extend(gates.iter().map(crate::workspace::Pattern::folder));
        let mode = match self.config().watch {
            WatchMode::Off => {
                return Err("[watch] mode is \"off\" in codex-tui.toml: there is nothing to wait for".to_owned());
            }
            mode @ (WatchMode::Auto | WatchMode::Poll) => mode,
        };
        // Watch first, then read: what changes in between is reported.
        let _watcher = Watcher::start(self.store().root(), folders, mode, move |event| {
            // The receiver goes when watching ends.
            let _ = sender.send(event);
        });
        let root = self.store().root().to_owned();
        if !look(&subject) {
            return Ok(());
        }
        while let Ok(event) = events.recv() {
            let mut again = false;
            let mut meaning = false;
            let mut take = |event: WatchEvent| match event {
                WatchEvent::Changed(docs) => {
                    meaning |= docs.iter().any(|doc| doc.as_str() == FILE_NAME || gates.iter().any(|g| g.matches(doc)));
                    again |= docs.iter().any(|doc| subject.concerns(doc));
                }
                WatchEvent::Rescan { .. } => (again, meaning) = (true, true),
                WatchEvent::Degraded { .. } | WatchEvent::Recovered => {}
            };
            take(event);
            while let Ok(more) = events.try_recv() {
                take(more);
            }
            if meaning && let Ok(mut bench) = Workbench::open(&root) {
                bench.load_all();
                subject = bench.gates();
            }
            if (again || meaning) && !look(&subject) {
                return Ok(());
            }
        }
        Err("files are no longer watched".to_owned())
    }

    /// Adds entries to the end of `codex-tui.toml`.
    ///
    /// # Errors
    /// What it comes to instead: the level forbids it, or the file cannot be written.
    pub fn append_to_config(&self, text: &str) -> Result<(), Outcome> {
        if let Some(outcome) = self.only_reads() {
            return Err(outcome);
        }
        self.store().append_to_config(text).map_err(|error| Outcome::Failed { message: error.to_string() })
    }
}
