//! The watches that are in place: one per directory, put where the folders are now.
//!
//! Limits: what the operating system does not let us watch is refused as a whole, so that polling takes over; a folder
//! that is absent, closed to us or outside the root is left out.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use super::folders::Folders;
use super::route::{Route, Routes, Sorter};
use crate::sys::{Identity, file};

/// Why watching is not possible.
#[derive(Debug)]
pub struct Refusal(pub String);

/// The watches that are in place; dropping them ends them.
pub struct Watches {
    watcher: RecommendedWatcher,
    places: HashMap<PathBuf, Identity>,
    /// Knows what the events of the places mean.
    sorter: Sorter,
    /// So many directories are watched at most.
    limit: usize,
}

/// The watches of one `sync` as they come about.
struct Build {
    /// The root without links; links must not lead out of it.
    real_root: PathBuf,
    routes: Routes,
    places: HashMap<PathBuf, Identity>,
    /// Under which path each directory is watched.
    paths: HashMap<Identity, PathBuf>,
    fresh: bool,
}

impl Watches {
    /// Starts the operating system's events for all folders.
    pub fn start(folders: &Folders, limit: usize, sorter: &Sorter) -> Result<Watches, Refusal> {
        let receiver = sorter.clone();
        let handler = move |event| receiver.sort(event);
        let watcher = notify::recommended_watcher(handler).map_err(|error| Refusal::of(&error))?;
        let mut watches = Watches { watcher, places: HashMap::new(), sorter: sorter.clone(), limit };
        watches.sync(folders, &BTreeSet::new())?;
        Ok(watches)
    }

    /// Puts the watches where the folders are now, from the root down: a parent is watched before its child is looked
    /// up, so a child that comes later causes an event. Watches at or below a suspect path are renewed even when the
    /// folder looks the same, since a removal drops the watch on whatever has taken the path meanwhile. Says whether
    /// anything that was not watched before is watched now.
    pub fn sync(&mut self, folders: &Folders, suspects: &BTreeSet<PathBuf>) -> Result<bool, Refusal> {
        let real_root = file::canonical(folders.root()).map_err(|error| root_gone(folders, &error))?;
        let mut build =
            Build { real_root, routes: Routes::new(), places: HashMap::new(), paths: HashMap::new(), fresh: false };
        let mut missing: Vec<&str> = Vec::new();
        for (&folder, steps) in &folders.steps() {
            if missing.iter().any(|gone| folder.strip_prefix(gone).is_some_and(|rest| rest.starts_with('/'))) {
                continue;
            }
            let route = Route {
                folders: folders.names().get(folder).cloned().into_iter().collect(),
                steps: steps.iter().map(OsString::from).collect(),
                links: HashMap::new(),
            };
            if !self.place(&mut build, folders.path(folder), route, suspects)? {
                missing.push(folder);
            }
        }
        if missing.contains(&"") {
            return Err(root_gone(folders, &std::io::ErrorKind::NotFound.into()));
        }
        for (link, target) in folders.links(&build.real_root, &missing) {
            let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else { continue };
            let links = HashMap::from([(name.to_owned(), BTreeSet::from([link]))]);
            let route = Route { links, ..Route::default() };
            self.place(&mut build, parent.to_owned(), route, suspects)?;
        }
        for path in self.places.keys() {
            if !build.places.contains_key(path) {
                // It may have gone with its folder.
                let _ = self.watcher.unwatch(path);
            }
        }
        self.places = build.places;
        self.sorter.replace(build.routes);
        Ok(build.fresh)
    }

    /// Watches one directory; false when it is not there (or not ours to watch).
    fn place(
        &mut self,
        build: &mut Build,
        path: PathBuf,
        route: Route,
        suspects: &BTreeSet<PathBuf>,
    ) -> Result<bool, Refusal> {
        let Ok(meta) = fs::metadata(&path) else { return Ok(false) };
        let inside = || file::canonical(&path).is_ok_and(|real| real.starts_with(&build.real_root));
        if !meta.is_dir() || !inside() {
            return Ok(false);
        }
        let identity = file::identity(&path, &meta);
        // The operating system knows one watch per directory, whatever path leads to it.
        let known = build.paths.entry(identity).or_insert_with(|| path.clone()).clone();
        // The route must be there before the first event.
        self.sorter.merge(known.clone(), &route);
        build.routes.entry(known.clone()).or_default().merge(&route);
        if build.places.contains_key(&known) {
            return Ok(true);
        }
        if build.places.len() == self.limit {
            return Err(Refusal::of(&notify::Error::new(notify::ErrorKind::MaxFilesWatch)));
        }
        let before = self.places.get(&known);
        let suspect = suspects.iter().any(|suspect| known.starts_with(suspect));
        if before != Some(&identity) || suspect {
            if before.is_some() {
                // It may have gone with its folder.
                let _ = self.watcher.unwatch(&known);
            }
            match self.watcher.watch(&known, RecursiveMode::NonRecursive) {
                Ok(()) => {}
                Err(error) if is_absence(&error) => {
                    build.routes.remove(&known);
                    build.paths.remove(&identity);
                    return Ok(false);
                }
                Err(error) => return Err(Refusal::of(&error)),
            }
            build.fresh |= before != Some(&identity);
        }
        build.places.insert(known, identity);
        Ok(true)
    }
}

impl Refusal {
    /// What the error means for the operator.
    pub fn of(error: &notify::Error) -> Refusal {
        Refusal(match &error.kind {
            notify::ErrorKind::MaxFilesWatch => {
                "the limit of watched folders is reached (fs.inotify.max_user_watches)".to_owned()
            }
            notify::ErrorKind::Io(error) if file::is_out_of_files(error) => {
                "no more watchers can be made (fs.inotify.max_user_instances, or open files)".to_owned()
            }
            notify::ErrorKind::Io(_)
            | notify::ErrorKind::Generic(_)
            | notify::ErrorKind::PathNotFound
            | notify::ErrorKind::WatchNotFound
            | notify::ErrorKind::InvalidConfig(_) => format!("watching failed ({error})"),
        })
    }
}

fn root_gone(folders: &Folders, error: &std::io::Error) -> Refusal {
    Refusal(format!("the workspace {} cannot be watched ({error})", folders.root().display()))
}

/// Whether the error only says that the folder is not there (any more) or closed to us: its parent will tell.
fn is_absence(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound | notify::ErrorKind::WatchNotFound => true,
        notify::ErrorKind::Io(error) => matches!(
            error.kind(),
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory | std::io::ErrorKind::PermissionDenied
        ),
        notify::ErrorKind::Generic(_) | notify::ErrorKind::InvalidConfig(_) | notify::ErrorKind::MaxFilesWatch => false,
    }
}
