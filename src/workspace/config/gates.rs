//! `[gates]` and `[[gate]]`: where telemetry lies, and what clauses mean that do not say it well enough.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{OneOrMore, Pattern, names, patterns};

/// `[gates]`: where telemetry lies and how it is read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GateSources {
    /// Event files, one JSON object a line; which of the files are event files, their content says.
    pub events: Vec<Pattern>,
    /// Summaries, reports and recorded runs.
    pub artifacts: Vec<Pattern>,
    /// Bundles: copies of telemetry for a release, each in a folder of its own.
    pub bundles: Vec<Pattern>,
    /// Files that match one of the above and are no evidence.
    pub ignore: Vec<Pattern>,
    /// Days after which telemetry is no evidence any more; none for never.
    pub stale_after: Option<f64>,
    /// Fields that say to which pass a record belongs.
    pub pass_fields: Vec<String>,
    /// Fields that name the site.
    pub site_fields: Vec<String>,
    /// Fields that name the host.
    pub host_fields: Vec<String>,
}

/// `[[gate]]`: what one clause means.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Binding {
    /// 1-based line in the file.
    #[serde(skip)]
    pub file_line: usize,
    /// The clause's text as it stood when it was bound.
    pub quote: String,
    /// The event.
    pub event: Option<String>,
    /// The field.
    pub field: Option<String>,
    /// Only records in which these fields have these values.
    #[serde(rename = "where")]
    pub filter: BTreeMap<String, String>,
    /// `avg p50 p95 p99 min max count sum ratio value distinct`.
    pub statistic: Option<String>,
    /// `< <= > >= =`.
    pub comparator: Option<String>,
    /// The number.
    pub threshold: Option<f64>,
    /// Its unit.
    pub unit: Option<String>,
    /// Pattern of the files that count; the event files of `[gates]` when left out.
    pub source: Option<String>,
    /// The pass of which samples must be.
    pub pass: Option<String>,
    /// Fewer samples than this are no result.
    pub min_samples: Option<usize>,
    /// `blocking`, `warning` or `tracked`.
    pub severity: Option<String>,
    /// Days after which telemetry is no evidence for this clause.
    pub max_age: Option<f64>,
    /// `true` when only a person can judge it.
    pub manual: Option<bool>,
}

super::layered!(GatesFile {
    events: OneOrMore,
    artifacts: OneOrMore,
    bundles: OneOrMore,
    ignore: OneOrMore,
    stale_after: Age,
    pass_fields: OneOrMore,
    site_fields: OneOrMore,
    host_fields: OneOrMore,
});

/// A number of days, or "never".
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(try_from = "AgeText")]
pub(super) struct Age(Option<f64>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a number of days or \"never\"")]
enum AgeText {
    Days(f64),
    Word(String),
}

impl TryFrom<AgeText> for Age {
    type Error = String;
    fn try_from(age: AgeText) -> Result<Age, String> {
        match age {
            AgeText::Days(days) if days > 0.0 => Ok(Age(Some(days))),
            AgeText::Word(word) if word == "never" => Ok(Age(None)),
            AgeText::Days(_) | AgeText::Word(_) => {
                Err("stale_after is a number of days above 0, such as 14, or \"never\"".to_owned())
            }
        }
    }
}

impl GateSources {
    pub(super) fn of(file: GatesFile) -> GateSources {
        GateSources {
            events: patterns(file.events),
            artifacts: patterns(file.artifacts),
            bundles: patterns(file.bundles),
            ignore: patterns(file.ignore),
            stale_after: file.stale_after.and_then(|age| age.0),
            pass_fields: names(file.pass_fields),
            site_fields: names(file.site_fields),
            host_fields: names(file.host_fields),
        }
    }
}
