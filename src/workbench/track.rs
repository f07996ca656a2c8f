//! The pipeline's telemetry for both front ends: finding and reading it, merging it, publishing it.

pub mod ask;
pub mod beside;
mod doctor;
pub mod job;
pub mod merge;
pub mod online;
pub mod page;
pub mod publish;
pub mod read;
pub mod run;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::Workbench;
use crate::doc::DocId;
use crate::model::track::read::Fault;
use crate::store::{Store, StoreError};
use crate::workspace::config::Tracks;
use merge::{Merged, Written};
use publish::Published;
use read::{Pipeline, Place, Reader};

/// The telemetry of one folder.
pub struct Telemetry {
    store: Store,
    folder: String,
    legacy: bool,
    reader: Reader,
    root: PathBuf,
}

impl Telemetry {
    /// The telemetry of a folder that holds `telemetry/`, or is to hold `dashboard/`.
    pub fn at(dir: &Path, legacy: bool) -> Result<Telemetry, StoreError> {
        Ok(Telemetry::of(Store::open(dir)?, String::new(), legacy))
    }

    fn of(store: Store, folder: String, legacy: bool) -> Telemetry {
        let root = if folder.is_empty() { store.root().to_owned() } else { store.root().join(&folder) };
        Telemetry { store, folder, legacy, reader: Reader::default(), root }
    }

    /// The folder, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Files that were opened so far: what looking costs.
    pub fn opened(&self) -> usize {
        self.reader.opened
    }

    /// Every file that cannot be read; reads all of them whole.
    pub fn faults(&mut self) -> Vec<Fault> {
        self.reader.faults(&self.store, Place { folder: &self.folder, legacy: false })
    }

    /// The folder below the root of the workspace; empty for the root.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// What the last telemetry says.
    pub fn pipeline(&mut self, now: DateTime<Utc>) -> Pipeline {
        let place = Place { folder: &self.folder, legacy: self.legacy };
        self.reader.pipeline(&self.store, place, now)
    }

    /// Makes the dashboard; writes nothing.
    pub fn merge(&mut self, now: Option<DateTime<Utc>>) -> Result<Merged, StoreError> {
        let place = Place { folder: &self.folder, legacy: self.legacy };
        let shelves = self.reader.shelves(&self.store, place, now);
        merge::merge(&self.store, &self.folder, &shelves, now)
    }

    /// What writing would change.
    pub fn preview(&self, merged: &Merged) -> Result<Written, StoreError> {
        merged.preview(&self.store)
    }

    /// Writes the dashboard and its page.
    pub fn write(&self, merged: &Merged) -> Result<Written, StoreError> {
        merged.write(&self.store)
    }

    /// Commits telemetry and dashboard, and pushes them. What only a run needs while it lasts is left out.
    pub fn publish(&mut self, message: &str) -> Result<Published, String> {
        let root = self.root.clone();
        self.tidy().map_err(|error| error.to_string())?;
        publish::publish(&root, message, || {
            let merged = self.merge(None).map_err(|error| error.to_string())?;
            self.write(&merged).map(drop).map_err(|error| error.to_string())
        })
    }
}

impl Telemetry {
    /// Removes what runs that are over left in the state: the lock, and journals that are part of the state already. The journal of
    /// a run that was interrupted stays, so that the next run takes it up, on whatever machine.
    fn tidy(&self) -> Result<(), StoreError> {
        let id = |path: &str| DocId::new(&Tracks::path(&self.folder, path));
        let (Ok(state), Ok(lock)) = (id("telemetry/state"), id(run::LOCK)) else { return Ok(()) };
        if !self.store.exists(&state) {
            return Ok(());
        }
        // Held until the end: no run is under way; dropping it removes the file.
        let _lock = self.store.lock_output(&lock)?;
        run::discard_dead_journals(&self.store, &state)
    }
}

impl Workbench {
    /// The telemetry of the workspace: in the first of the configured folders that has some, else in the first of them.
    pub fn telemetry(&self, legacy: bool) -> Telemetry {
        let folder = self.tracks().folder();
        Telemetry::of(self.store().clone(), folder, legacy)
    }
}
