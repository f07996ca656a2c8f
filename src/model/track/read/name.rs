//! What a file's name tells: component, moment, run.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::model::track::telemetry::Component;

/// What a file's name tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name {
    /// Whose it is; by the folder where the name itself does not say (`activity-telemetry/latest.json`).
    pub component: Option<Component>,
    /// The moment in it.
    pub time: Option<DateTime<Utc>>,
    /// The run: what follows the component, unless that is the moment.
    pub run: Option<String>,
}

impl Name {
    /// Reads a path.
    pub fn of(path: &str) -> Name {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = name.strip_suffix(".json").unwrap_or(name);
        let folder = folder.rsplit('/').next().unwrap_or_default();
        let Some((component, rest)) = begins(stem) else {
            // Only the folder says whose it is; the moment may stand behind any word.
            let component = Component::of_alias(folder.strip_suffix("-telemetry").unwrap_or(folder));
            let behind = stem.match_indices('-').find_map(|(at, _)| instant(&stem[at + 1..]));
            return Name { component, time: instant(stem).or(behind), run: None };
        };
        let component = Some(component);
        // A run of ours without a number begins with its moment: `20261121T024000Z-77`.
        let time = instant(rest).or_else(|| instant(rest.split_inclusive('Z').next()?));
        let run = (instant(rest).is_none() && rest.bytes().any(|b| b.is_ascii_digit())).then(|| rest.to_owned());
        Name { component, time, run }
    }
}

/// The component whose word a name begins with, and what stands behind the `-`.
fn begins(stem: &str) -> Option<(Component, &str)> {
    let all =
        Component::ALL.into_iter().flat_map(|component| component.aliases().iter().map(move |word| (component, *word)));
    let fits = all.filter_map(|(component, word)| {
        let rest = stem.strip_prefix(word)?;
        (rest.is_empty() || rest.starts_with('-')).then(|| (word.len(), component, rest.trim_start_matches('-')))
    });
    fits.max_by_key(|(len, ..)| *len).map(|(_, component, rest)| (component, rest))
}

/// A moment as tools write it: RFC 3339, and without dashes, without colons, or without both.
pub fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let forms = ["%Y%m%dT%H%M%SZ", "%Y-%m-%dT%H%M%SZ", "%Y%m%dT%H:%M:%SZ", "%Y-%m-%dT%H-%M-%SZ", "%Y-%m-%dT%H:%M:%S"];
    forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(|time| time.and_utc())
}
