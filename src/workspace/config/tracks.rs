//! `[tracks]`: where the telemetry of the dual-track pipeline lies.

use serde::Deserialize;

use super::{OneOrMore, names};
use crate::doc::DocId;

/// `[tracks]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tracks {
    /// Folders that may hold `telemetry/` and `dashboard/`, the first one that does counts; empty for the root.
    pub folders: Vec<String>,
    /// Repositories that the workflows go over, as `owner/name`; the first one is home.
    pub repos: Vec<String>,
    /// Whether an issue that has one track label keeps it, whatever its title says.
    pub keep_track: bool,
}

super::layered!(TracksFile { folders: OneOrMore, repos: OneOrMore, track_conflict: TrackConflict });

/// Who is right where an issue's label and title name different tracks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TrackConflict {
    Title,
    Keep,
}

impl Tracks {
    pub(super) fn of(file: TracksFile) -> Tracks {
        let folder = |name: &String| match name.trim_end_matches('/') {
            "." | "" => Some(String::new()),
            path => DocId::new(path).ok().map(|id| id.as_str().to_owned()),
        };
        Tracks {
            folders: names(file.folders).iter().filter_map(folder).collect(),
            repos: names(file.repos),
            keep_track: file.track_conflict == Some(TrackConflict::Keep),
        }
    }

    /// A path below one of the folders.
    pub fn path(folder: &str, rest: &str) -> String {
        if folder.is_empty() { rest.to_owned() } else { format!("{folder}/{rest}") }
    }
}
