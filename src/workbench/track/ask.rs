//! What is asked of the pipeline, completed from environment, configuration and git.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::run::{Ask, Refused, Variables, client, endpoints};
use crate::doc::DocId;
use crate::model::track::plan::Plan;
use crate::model::track::telemetry::to_json;
use crate::store::{Store, StoreError};
use crate::workbench::Workbench;

/// What is wished for: what was given on the command line, or the defaults.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Repositories.
    pub repos: Vec<String>,
    /// The folder for telemetry.
    pub out: Option<PathBuf>,
    /// The run.
    pub run_id: Option<String>,
    /// The moment from which ages count.
    pub now: Option<DateTime<Utc>>,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// Most writes.
    pub max_writes: u64,
    /// Most seconds.
    pub max_seconds: u64,
    /// Least milliseconds between writes.
    pub write_interval_ms: u64,
    /// Whether GraphQL's list is compared, too.
    pub deep: bool,
}

impl Default for Wish {
    fn default() -> Wish {
        Wish {
            repos: Vec::new(),
            out: None,
            run_id: None,
            now: None,
            dry_run: false,
            max_writes: MAX_WRITES,
            max_seconds: MAX_SECONDS,
            write_interval_ms: WRITE_INTERVAL_MS,
            deep: false,
        }
    }
}

/// Requests that change something, at most, where nothing else is asked for.
pub const MAX_WRITES: u64 = 900;
/// Seconds after which nothing more is sent, where nothing else is asked for.
pub const MAX_SECONDS: u64 = 1200;
/// Least milliseconds between writes, where nothing else is asked for.
pub const WRITE_INTERVAL_MS: u64 = 1000;
/// The longest interval that makes sense, milliseconds.
const HOUR: u64 = 3_600_000;
/// The longest run that makes sense, seconds.
const WEEK: u64 = 7 * 86400;

/// Completes what was given.
///
/// # Errors
/// When no repository or no usable address can be found.
pub fn ask(bench: &Workbench, wish: Wish) -> Result<Ask, Refused> {
    let variable = |name: &str| std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|v| !v.is_empty());
    let (rest, graphql) = endpoints(variable).map_err(Refused::Usage)?;
    let now = wish.now.unwrap_or_else(Utc::now);
    let attempt = variable("GITHUB_RUN_ATTEMPT").filter(|attempt| attempt != "1");
    let of_actions = variable("GITHUB_RUN_ID").map(|run| match attempt {
        Some(attempt) => format!("{run}-{attempt}"),
        None => run,
    });
    let own = || format!("{}-{}", now.format("%Y%m%dT%H%M%SZ"), std::process::id());
    let run_id = plain(&wish.run_id.or(of_actions).unwrap_or_else(own));
    let mut repos = wish.repos;
    if repos.is_empty() {
        repos.extend(variable("GITHUB_REPOSITORY"));
    }
    if repos.is_empty() {
        repos = bench.config().tracks.repos.clone();
    }
    if repos.is_empty() {
        repos.extend(remote(&bench.view().root));
    }
    let mut seen: Vec<String> = Vec::new();
    repos.retain(|name| {
        let folded = name.to_lowercase();
        let is_new = !seen.contains(&folded);
        seen.push(folded);
        is_new
    });
    let mut variables = Variables::of_environment();
    if bench.config().tracks.keep_track {
        variables.environment.entry("CODEX_TRACK_CONFLICT".to_owned()).or_insert_with(|| "keep".to_owned());
    }
    let interval = Duration::from_millis(wish.write_interval_ms.min(HOUR));
    let longest = Duration::from_secs(wish.max_seconds.min(WEEK));
    Ok(Ask {
        repos,
        out: wish.out.unwrap_or_else(|| bench.telemetry(false).root().to_owned()),
        run_id,
        run_number: variable("GITHUB_RUN_NUMBER"),
        now: wish.now,
        dry_run: wish.dry_run,
        max_writes: wish.max_writes,
        deep: wish.deep,
        api: client(rest, graphql, interval, longest),
        variables,
    })
}

/// A run id of the characters that every file system takes.
fn plain(run: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    run.chars().take(100).map(|c| if is_plain(c) { c } else { '-' }).collect()
}

/// The repository on GitHub that the remote `origin` of the workspace names.
fn remote(root: &Path) -> Option<String> {
    let store = Store::open(root).ok()?;
    let text = store.git_config()?;
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[remote \"origin\"]";
        } else if inside
            && let Some(url) = line.strip_prefix("url").and_then(|rest| rest.trim_start().strip_prefix('='))
        {
            return of_url(url.trim());
        }
    }
    None
}

/// `owner/name` in the address of a repository on GitHub.
fn of_url(url: &str) -> Option<String> {
    let (_, path) = url.split_once("github.com")?;
    let path = path.trim_start_matches([':', '/']).trim_end_matches('/').trim_end_matches(".git");
    let (owner, name) = path.split_once('/')?;
    (!name.contains('/') && !owner.is_empty() && !name.is_empty()).then(|| format!("{owner}/{name}"))
}

/// Saves a plan.
///
/// # Errors
/// When the file cannot be written.
pub fn save_plan(file: &Path, plan: &Plan) -> Result<(), StoreError> {
    let folder = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let store = Store::open_output(folder)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    match DocId::new(&name) {
        Ok(id) => store.put(&id, &to_json(plan)).map(drop),
        Err(_) => Err(store.no_file(file)),
    }
}

/// Reads a saved plan.
///
/// # Errors
/// Why it cannot be used.
pub fn load_plan(file: &Path) -> Result<Plan, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: it is no plan: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_found_in_addresses() {
        for (url, want) in [
            ("https://github.com/acme/widgets.git", Some("acme/widgets")),
            ("git@github.com:acme/widgets.git", Some("acme/widgets")),
            ("ssh://git@github.com/acme/widgets/", Some("acme/widgets")),
            ("https://gitlab.com/acme/widgets", None),
            ("https://github.com/acme", None),
        ] {
            assert_eq!(of_url(url).as_deref(), want, "{url}");
        }
        assert_eq!(plain("2026:11 ü"), "2026-11--");
    }
}
