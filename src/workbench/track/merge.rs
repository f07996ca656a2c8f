//! `dashboard.json` and the page that shows it, made from the telemetry of a folder.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::page::{self, Page};
use super::read::Shelves;
use crate::doc::DocId;
use crate::model::track::merge::dashboard;
use crate::model::track::telemetry::to_json;
use crate::store::{Store, StoreError};
use crate::workspace::config::Tracks;

/// Where the merged telemetry goes.
pub const DASHBOARD: &str = "dashboard/dashboard.json";

/// What a merge makes.
#[derive(Debug, Clone)]
pub struct Merged {
    /// The content of [`DASHBOARD`].
    pub dashboard: Value,
    /// Files, in the order in which they are written: whoever reads the dashboard finds it whole.
    files: Vec<(DocId, Vec<u8>)>,
    /// Files of the page that a person made or changed: they stay.
    pub kept: Vec<String>,
}

/// What a merge did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Files that are new or changed.
    pub changed: Vec<String>,
    /// Files that held the same bytes already.
    pub unchanged: Vec<String>,
}

/// Makes the files. Reads which of the page's files are there; writes nothing.
pub fn merge(store: &Store, folder: &str, shelves: &Shelves, now: Option<DateTime<Utc>>) -> Result<Merged, StoreError> {
    let dashboard = dashboard(&shelves.home, &shelves.others, now);
    let mut files = BTreeMap::new();
    let mut kept = Vec::new();
    for (path, bytes) in page::files() {
        let Ok(id) = DocId::new(&Tracks::path(folder, path)) else { continue };
        let there = store.load(&id)?;
        match page::whose(there.as_ref().map(|doc| doc.bytes())) {
            Page::Absent | Page::Ours => drop(files.insert(id, bytes)),
            Page::Theirs => kept.push(path.to_owned()),
        }
    }
    if let Ok(id) = DocId::new(&Tracks::path(folder, DASHBOARD)) {
        files.insert(id, to_json(&dashboard));
    }
    Ok(Merged { dashboard, files: files.into_iter().collect(), kept })
}

impl Merged {
    /// What writing would change.
    pub fn preview(&self, store: &Store) -> Result<Written, StoreError> {
        self.each(|id, bytes| Ok(store.load(id)?.is_none_or(|doc| doc.bytes() != bytes)))
    }

    /// Writes the files.
    pub fn write(&self, store: &Store) -> Result<Written, StoreError> {
        self.each(|id, bytes| store.put(id, bytes))
    }

    fn each(&self, mut changes: impl FnMut(&DocId, &[u8]) -> Result<bool, StoreError>) -> Result<Written, StoreError> {
        let mut written = Written::default();
        for (id, bytes) in &self.files {
            let list = if changes(id, bytes)? { &mut written.changed } else { &mut written.unchanged };
            list.push(id.to_string());
        }
        Ok(written)
    }
}
