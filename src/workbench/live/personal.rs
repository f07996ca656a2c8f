//! The operator's own configuration file, which lies outside of the workspace: a save of it counts at once.
//!
//! Limits: its folder has to be there, at the start or when all is read again, and the system has to announce changes:
//! nothing is polled. Of a link the file to which it leads is watched, not the link.

use std::ffi::OsStr;

use super::{Message, Thread};
use crate::store::watch::{WatchEvent, Watcher};
use crate::sys::file;
use crate::workspace::config::WatchMode;

impl Thread {
    /// Watches the folder of the user file, unless that is done already.
    pub(super) fn watch_personal(&mut self) {
        if self.personal.is_some() || self.bench.config().watch != WatchMode::Auto {
            return;
        }
        let Some(path) = self.bench.user_file().and_then(|path| std::path::absolute(path).ok()) else { return };
        let path = file::canonical(&path).unwrap_or(path);
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(OsStr::to_str)) else { return };
        if !folder.is_dir() {
            return;
        }
        let (inbox, name) = (self.inbox.clone(), name.to_owned());
        self.personal = Some(Watcher::start(folder, vec![String::new()], WatchMode::Auto, move |event| {
            let message = match event {
                // Whatever else lies in that folder is nobody's business.
                WatchEvent::Changed(docs) if docs.iter().all(|doc| doc.as_str() != name) => return,
                WatchEvent::Changed(_) | WatchEvent::Rescan { .. } | WatchEvent::Recovered => Message::Personal,
                WatchEvent::Degraded { .. } => Message::PersonalUnseen,
            };
            // The thread has stopped: nobody is left to be told.
            let _ = inbox.send(message);
        }));
    }
}
