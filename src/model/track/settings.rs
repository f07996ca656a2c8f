//! The pipeline's variables: their names, their meaning, and what is said about those that are missing or no numbers.

use super::telemetry::{Limits, Note, Thresholds};

/// Variables that a repository needs.
pub const REQUIRED: [&str; 7] = [
    MILESTONES[0],
    MILESTONES[1],
    MILESTONES[2],
    "CODEX_MAIN_STALE_DAYS",
    "CODEX_MAIN_ESCALATION_DAYS",
    "CODEX_DASHBOARD_STALE_DAYS",
    "CODEX_DASHBOARD_ESCALATION_DAYS",
];
/// The milestones of the main track, the dashboard track and the self-tests.
const MILESTONES: [&str; 3] = ["CODEX_MAIN_MILESTONE", "CODEX_DASHBOARD_MILESTONE", "CODEX_SELFTEST_MILESTONE"];
/// Every variable that is looked at.
pub const ALL: [&str; 17] = [
    MILESTONES[0],
    MILESTONES[1],
    MILESTONES[2],
    "CODEX_MAIN_STALE_DAYS",
    "CODEX_MAIN_ESCALATION_DAYS",
    "CODEX_MAIN_ESCALATE_DAYS",
    "CODEX_DASHBOARD_STALE_DAYS",
    "CODEX_DASHBOARD_ESCALATION_DAYS",
    "CODEX_DASHBOARD_ESCALATE_DAYS",
    "CODEX_SELFTEST_RETAIN",
    "CODEX_SELFTEST_MAX_AGE_DAYS",
    "CODEX_TELEMETRY_MAX_AGE_DAYS",
    "CODEX_PROJECT_ID",
    "CODEX_PROJECT_URL",
    "CODEX_PROJECT_NUMBER",
    "CODEX_EXEMPT_LABEL",
    "CODEX_TRACK_CONFLICT",
];

/// How many self-test issues stay, and for how long anything does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Newest self-test issues that stay open.
    pub retain: usize,
    /// Days after which the others are closed.
    pub issue_days: i64,
    /// Days after which telemetry is removed.
    pub telemetry_days: i64,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention { retain: 5, issue_days: 7, telemetry_days: 30 }
    }
}

/// Which project was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProjectRef {
    /// By its id.
    Id(String),
    /// By its owner and number, from an address.
    At {
        /// User or organisation.
        owner: String,
        /// Number.
        number: u64,
    },
    /// By its number; the owner is the repository's.
    Number(u64),
    /// Not at all: by the title of the specification.
    Title,
}

/// The title by which a project is found that no variable names.
pub const PROJECT_TITLE: &str = "Codex Dual-Track Development";

/// What the variables say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What the milestones' variables hold.
    pub milestones: [Option<String>; 3],
    /// Days after which issues count as old.
    pub thresholds: Thresholds,
    /// What stays for how long.
    pub retention: Retention,
    /// The project.
    pub project: ProjectRef,
    /// The label that exempts.
    pub exempt: Option<String>,
    /// Whether an issue that has one track label keeps it, whatever its title says.
    pub keep_track: bool,
    /// Required variables that are not set.
    pub missing: Vec<String>,
    /// What is wrong with them.
    pub warnings: Vec<Note>,
}

impl Settings {
    /// Reads the variables through `get`; blank ones count as unset.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Settings {
        let get = |name: &str| get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let mut warnings = Vec::new();
        let mut missing: Vec<String> = Vec::new();
        for name in MILESTONES {
            if get(name).is_none() {
                missing.push(name.to_owned());
            }
        }
        let mut limits = |track: &str| {
            let stale = format!("CODEX_{track}_STALE_DAYS");
            let names = [format!("CODEX_{track}_ESCALATION_DAYS"), format!("CODEX_{track}_ESCALATE_DAYS")];
            if get(&names[0]).is_none() && get(&names[1]).is_some() {
                let text = format!("{} is read for {}; rename it", names[1], names[0]);
                warnings.push(Note::new("threshold_alias", text));
            }
            let mut days = |name: &str, value: Option<String>| match value {
                None => {
                    missing.push(name.to_owned());
                    let text = format!("{name} is not set: issues of that track are not told apart by age");
                    warnings.push(Note::new("threshold_missing", text));
                    None
                }
                Some(value) => match value.parse::<i64>() {
                    Ok(days) if (0..=100_000).contains(&days) => Some(days),
                    Ok(_) | Err(_) => {
                        let text = format!("{name} is `{}`, which is no number of days", short(&value));
                        warnings.push(Note::new("threshold_invalid", text));
                        None
                    }
                },
            };
            Limits {
                stale_days: days(&stale, get(&stale)),
                escalation_days: days(&names[0], get(&names[0]).or_else(|| get(&names[1]))),
            }
        };
        let thresholds = Thresholds { main: limits("MAIN"), dashboard: limits("DASHBOARD") };
        let mut number = |name: &str, default: i64| match get(name).map(|value| (value.parse::<i64>(), value)) {
            None => default,
            Some((Ok(number), _)) if (0..=100_000).contains(&number) => number,
            Some((_, value)) => {
                let text = format!("{name} is `{}`, which is no number; {default} is used", short(&value));
                warnings.push(Note::new("retention_invalid", text));
                default
            }
        };
        let default = Retention::default();
        let retain = i64::try_from(default.retain).unwrap_or_default();
        let retention = Retention {
            retain: usize::try_from(number("CODEX_SELFTEST_RETAIN", retain)).unwrap_or(default.retain),
            issue_days: number("CODEX_SELFTEST_MAX_AGE_DAYS", default.issue_days),
            telemetry_days: number("CODEX_TELEMETRY_MAX_AGE_DAYS", default.telemetry_days),
        };
        let keep_track = get("CODEX_TRACK_CONFLICT").is_some_and(|value| value.eq_ignore_ascii_case("keep"));
        Settings {
            milestones: MILESTONES.map(get),
            thresholds,
            retention,
            project: project(get, &mut warnings),
            exempt: get("CODEX_EXEMPT_LABEL"),
            keep_track,
            missing,
            warnings,
        }
    }
}

fn project(get: impl Fn(&str) -> Option<String>, warnings: &mut Vec<Note>) -> ProjectRef {
    if let Some(id) = get("CODEX_PROJECT_ID") {
        return ProjectRef::Id(id);
    }
    if let Some(url) = get("CODEX_PROJECT_URL") {
        let parts: Vec<&str> = url.split('/').collect();
        let at = parts.windows(4).find_map(|four| match four {
            ["orgs" | "users", owner, "projects", number] => Some(((*owner).to_owned(), number.parse().ok()?)),
            _ => None,
        });
        match at {
            Some((owner, number)) => return ProjectRef::At { owner, number },
            None => {
                let text = "CODEX_PROJECT_URL is no address of a project (https://github.com/orgs/O/projects/7)";
                warnings.push(Note::new("project_url_invalid", text));
            }
        }
    }
    match get("CODEX_PROJECT_NUMBER").map(|value| value.parse()) {
        Some(Ok(number)) => ProjectRef::Number(number),
        Some(Err(_)) => {
            warnings.push(Note::new("project_number_invalid", "CODEX_PROJECT_NUMBER is no number"));
            ProjectRef::Title
        }
        None => ProjectRef::Title,
    }
}

fn short(value: &str) -> String {
    value.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_never_silently_zero() {
        let settings = Settings::read(|name| match name {
            "CODEX_MAIN_STALE_DAYS" => Some("7".to_owned()),
            "CODEX_MAIN_ESCALATE_DAYS" => Some(" 21 ".to_owned()),
            "CODEX_DASHBOARD_STALE_DAYS" => Some("soon".to_owned()),
            "CODEX_SELFTEST_RETAIN" => Some("-1".to_owned()),
            "CODEX_MAIN_MILESTONE" => Some(String::new()),
            "CODEX_PROJECT_URL" => Some("https://github.com/orgs/acme/projects/7/views/1".to_owned()),
            _ => None,
        });
        assert_eq!(settings.thresholds.main, Limits { stale_days: Some(7), escalation_days: Some(21) });
        assert_eq!(settings.thresholds.dashboard, Limits::default());
        assert_eq!(settings.retention, Retention::default());
        assert_eq!(settings.project, ProjectRef::At { owner: "acme".to_owned(), number: 7 });
        let codes: Vec<&str> = settings.warnings.iter().map(|note| note.code.as_str()).collect();
        assert_eq!(codes, ["threshold_alias", "threshold_invalid", "threshold_missing", "retention_invalid"]);
        assert_eq!(settings.missing.len(), 4);
    }
}
