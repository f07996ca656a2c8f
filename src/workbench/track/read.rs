//! Finds telemetry and reads what is needed of it: the first bytes of every file, the newest files whole. What was read is kept,
//! so that the next look reads only what is new.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::doc::DocId;
use crate::model::track::merge::{Shelf, repository_of};
use crate::model::track::read::{Fault, HEAD, Head, MAX_BYTES, Telemetry, read, read_head};
use crate::model::track::status::Repo;
use crate::model::track::telemetry::Component;
use crate::store::Store;
use crate::store::stream::FileState;
use crate::workspace::Pattern;
use crate::workspace::config::Tracks;

/// Recent runs of a component whose records are read for trend and changes.
const RECENT: usize = 30;

/// Where telemetry lies, below the folder that is looked at.
const PLACES: [&str; 2] = ["telemetry/*.json", "telemetry/repos/*/*.json"];

/// Where older tools left theirs; looked at only when asked to.
const LEGACY: [&str; 5] =
    ["telemetry/*/*.json", "activity/*.json", "*/latest.json", "codex-data.json", "project_items.json"];

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The folder that holds `telemetry/`, below the root of the store; empty for the root itself.
    pub folder: &'a str,
    /// Whether files of older tools count.
    pub legacy: bool,
}

/// All telemetry of one folder.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shelves {
    /// The repository whose telemetry lies in `telemetry/` itself.
    pub home: Shelf,
    /// The others, by `owner/name`.
    pub others: BTreeMap<String, Shelf>,
}

/// What is known of all repositories.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pipeline {
    /// The folder below the root of the workspace that holds `telemetry/`; empty for the root.
    pub folder: String,
    /// The home repository.
    pub home: Repo,
    /// The others, by `owner/name`.
    pub others: BTreeMap<String, Repo>,
    /// Whether the workflow that leaves telemetry is there, be it that it has left none yet.
    pub has_workflow: bool,
}

/// The workflow that `init --layout tracks` writes.
pub const WORKFLOW: &str = ".github/workflows/codex-tracks.yml";

/// What came of reading a file, and the state of the file then.
type Held<T> = (FileState, Result<T, Fault>);

/// Reads telemetry, and holds what it read.
#[derive(Default)]
pub struct Reader {
    heads: BTreeMap<DocId, Held<Vec<Head>>>,
    records: BTreeMap<DocId, Held<Arc<Vec<Telemetry>>>>,
    /// Files that were opened, for whoever wants to know what a look costs.
    pub opened: usize,
}

impl Reader {
    /// Looks at all telemetry of a folder; reads the newest record of each component.
    pub fn shelves(&mut self, store: &Store, place: Place<'_>, now: Option<DateTime<Utc>>) -> Shelves {
        let below = |rest: &str| Pattern::new(&Tracks::path(place.folder, rest));
        let legacy = LEGACY.iter().filter(|_| place.legacy);
        let patterns: Vec<Pattern> = PLACES.iter().chain(legacy).map(|pattern| below(pattern)).collect();
        let mut found: BTreeMap<Option<String>, (Vec<Head>, Vec<Fault>)> = BTreeMap::from([(None, Default::default())]);
        let scan = store.scan(&patterns);
        self.heads.retain(|id, _| scan.docs.binary_search(id).is_ok());
        self.records.retain(|id, _| scan.docs.binary_search(id).is_ok());
        for id in &scan.docs {
            let file = inside(id, place.folder);
            let Some(whose) = owner_of(file) else { continue };
            let (heads, faults) = found.entry(whose).or_default();
            match self.heads_of(store, id, file) {
                Ok(more) => heads.extend(more),
                Err(fault) => faults.push(fault),
            }
        }
        let home_faults =
            scan.failed.into_iter().chain(scan.notes).map(|why| Fault { file: String::new(), line: None, why });
        found.entry(None).or_default().1.extend(home_faults);
        let mut shelves = Shelves::default();
        for (whose, (heads, faults)) in found {
            let shelf = Shelf::fill(heads, faults, now, |file| self.load(store, place.folder, file));
            match whose {
                None => shelves.home = shelf,
                Some(name) => drop(shelves.others.insert(name, shelf)),
            }
        }
        shelves
    }

    /// Every file that cannot be read, whole and not only by its head. Holds nothing of them.
    pub fn faults(&mut self, store: &Store, place: Place<'_>) -> Vec<Fault> {
        let patterns: Vec<Pattern> =
            PLACES.iter().map(|rest| Pattern::new(&Tracks::path(place.folder, rest))).collect();
        let scan = store.scan(&patterns);
        let faults = scan.docs.iter().filter_map(|id| {
            let file = inside(id, place.folder);
            owner_of(file)?;
            self.parse(store, id, file).err()
        });
        faults.collect()
    }

    /// What the telemetry of a folder says of each repository.
    pub fn pipeline(&mut self, store: &Store, place: Place<'_>, now: DateTime<Utc>) -> Pipeline {
        let shelves = self.shelves(store, place, Some(now));
        let home = self.repo(store, place.folder, &shelves.home);
        let others = shelves.others.iter().map(|(name, shelf)| (name.clone(), self.repo(store, place.folder, shelf)));
        let has_workflow = DocId::new(WORKFLOW).is_ok_and(|id| store.exists(&id));
        Pipeline { folder: place.folder.to_owned(), home, others: others.collect(), has_workflow }
    }

    fn repo(&mut self, store: &Store, folder: &str, shelf: &Shelf) -> Repo {
        let recent = [Component::Supervisor, Component::Sync, Component::Cleaner]
            .into_iter()
            .flat_map(|component| shelf.heads.iter().filter(move |head| head.component == component).take(RECENT));
        // One that cannot be read is missing in the trend; the newest of each component was read already, or is named.
        let records: Vec<Arc<Vec<Telemetry>>> =
            recent.filter_map(|head| self.load(store, folder, &head.file).ok()).collect();
        Repo::of(shelf, records.iter().flat_map(|parts| parts.iter()))
    }

    /// The heads of a file, by its first bytes; files of older tools may hold several and are read whole.
    fn heads_of(&mut self, store: &Store, id: &DocId, file: &str) -> Result<Vec<Head>, Fault> {
        let state = store.state(id);
        if let Some((held, heads)) = self.heads.get(id)
            && state == Some(*held)
        {
            return heads.clone();
        }
        let is_plain =
            file.starts_with("telemetry/repos/") || file.matches('/').count() == 1 && file.starts_with("telemetry/");
        let heads = match is_plain {
            true => self.head(store, id, file).map(|head| vec![head]),
            false => self.load_doc(store, id, file).map(|parts| parts.iter().map(|part| part.head.clone()).collect()),
        };
        if let Some(state) = state {
            self.heads.insert(id.clone(), (state, heads.clone()));
        }
        heads
    }

    fn head(&mut self, store: &Store, id: &DocId, file: &str) -> Result<Head, Fault> {
        let (bytes, len) = self.bytes(store, id, file, HEAD as u64)?;
        read_head(file, &bytes, bytes.len() as u64 == len)
    }

    fn load(&mut self, store: &Store, folder: &str, file: &str) -> Result<Arc<Vec<Telemetry>>, Fault> {
        let path = if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
        let id = DocId::new(&path).map_err(|bad| Fault { file: file.to_owned(), line: None, why: bad.to_string() })?;
        self.load_doc(store, &id, file)
    }

    fn load_doc(&mut self, store: &Store, id: &DocId, file: &str) -> Result<Arc<Vec<Telemetry>>, Fault> {
        let state = store.state(id);
        if let Some((held, parts)) = self.records.get(id)
            && state == Some(*held)
        {
            return parts.clone();
        }
        let parts = self.parse(store, id, file).map(Arc::new);
        if let Some(state) = state {
            self.records.insert(id.clone(), (state, parts.clone()));
        }
        parts
    }

    fn parse(&mut self, store: &Store, id: &DocId, file: &str) -> Result<Vec<Telemetry>, Fault> {
        let (bytes, len) = self.bytes(store, id, file, MAX_BYTES)?;
        if len > MAX_BYTES {
            let why = format!("has {len} bytes; telemetry over 32 MiB is not read");
            return Err(Fault { file: file.to_owned(), line: None, why });
        }
        read(file, &bytes)
    }

    /// The first bytes of a file, and its length.
    fn bytes(&mut self, store: &Store, id: &DocId, file: &str, most: u64) -> Result<(Vec<u8>, u64), Fault> {
        let fault = |why: String| Fault { file: file.to_owned(), line: None, why };
        self.opened += 1;
        let stream = store.stream(id).map_err(|error| fault(error.to_string()))?;
        let stream = stream.ok_or_else(|| fault("went away while it was read".to_owned()))?;
        let len = stream.state().len;
        let mut bytes = vec![0; usize::try_from(len.min(most)).unwrap_or(0)];
        let read = stream.read_at(&mut bytes, 0).map_err(|error| fault(error.to_string()))?;
        bytes.truncate(read);
        Ok((bytes, len))
    }
}

/// The path as seen from the folder that is looked at.
fn inside<'a>(id: &'a DocId, folder: &str) -> &'a str {
    id.as_str().strip_prefix(folder).map_or(id.as_str(), |rest| rest.trim_start_matches('/'))
}

/// Whose file it is: none for the home repository; nobody's when it lies in a folder that names no repository, or among the
/// pipeline's own notes.
fn owner_of(file: &str) -> Option<Option<String>> {
    match file.strip_prefix("telemetry/repos/") {
        Some(rest) => rest.split_once('/').and_then(|(folder, _)| repository_of(folder)).map(Some),
        None if file.starts_with("telemetry/state/") => None,
        None => Some(None),
    }
}
