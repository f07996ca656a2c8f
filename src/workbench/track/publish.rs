//! Publishing: one commit of `telemetry/` and `dashboard/`, pushed; when somebody else was faster, put on top of theirs and
//! merged again, so that the dashboard shows their records too.
//!
//! Git's own credentials are used. Nothing else that the checkout names runs: no hooks, monitors, pagers, editors, filters or merge
//! drivers; how a remote is reached (`core.sshCommand`, credential helpers) is the one thing that a push needs of it. What git
//! says passes [`without_secrets`], because an address may carry a token.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::sys::file;

/// How often a push is tried.
const TRIES: u32 = 5;

/// The folders that are published; nothing else is.
const FOLDERS: [&str; 2] = ["telemetry", "dashboard"];

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    /// Whether there was anything new to commit.
    pub committed: bool,
    /// Whether the remote has everything now.
    pub pushed: bool,
    /// The commit that the branch is at.
    pub commit: String,
    /// The branch.
    pub branch: String,
    /// Pushes that were tried.
    pub tries: u32,
    /// Why it was not pushed.
    pub why: Option<String>,
}

/// A checkout.
struct Git<'a> {
    dir: &'a Path,
    /// Whether the system knows who commits.
    has_identity: bool,
    /// Settings that take what the checkout would have git run out of its way.
    off: Vec<String>,
}

/// Commits and pushes. `merge_again` makes the dashboard anew after records of others came in. An error says what the checkout
/// lacks; nothing was committed then.
pub fn publish(
    dir: &Path,
    message: &str,
    mut merge_again: impl FnMut() -> Result<(), String>,
) -> Result<Published, String> {
    let mut git = Git { dir, has_identity: true, off: Vec::new() };
    let top = git.say(&["rev-parse", "--show-toplevel"]).map_err(|why| {
        format!(
            "{} is not a git checkout ({why}); check out the branch to publish, such as gh-pages, there",
            dir.display()
        )
    })?;
    let is_top = file::canonical(Path::new(&top)).ok() == file::canonical(dir).ok();
    if !is_top {
        return Err(format!(
            "{} is a folder inside the checkout {top}; publishing takes a checkout of its own",
            dir.display()
        ));
    }
    let branch = git
        .say(&["symbolic-ref", "--short", "HEAD"])
        .map_err(|_| format!("{} is on no branch; check out the branch to publish, such as gh-pages", dir.display()))?;
    let remote = git.say(&["config", &format!("branch.{branch}.remote")]).unwrap_or_else(|_| "origin".to_owned());
    git.off = drivers(&git.say(&["config", "--list", "--name-only"])?);
    // Asked for without one of ours, which would be the answer.
    git.has_identity = git.say(&["config", "user.email"]).is_ok();
    let mut published = Published { committed: git.commit(message)?, branch: branch.clone(), ..Published::default() };
    let target = format!("HEAD:refs/heads/{branch}");
    let mut behind = None;
    for attempt in 1..=TRIES {
        published.tries = attempt;
        match git.say(&["push", "--quiet", "--no-verify", &remote, &target]) {
            Ok(_) => {
                published.pushed = true;
                published.why = None;
                break;
            }
            Err(why) => published.why = Some(behind.map_or(why.clone(), |cause: String| format!("{why}; {cause}"))),
        }
        behind = None;
        if attempt < TRIES {
            std::thread::sleep(pause(attempt));
            behind = git.catch_up(&remote, &branch, message, &mut merge_again).err();
        }
    }
    published.commit = git.say(&["rev-parse", "HEAD"]).unwrap_or_default();
    Ok(published)
}

/// Settings that switch off the filters and merge drivers of these settings: a driver that fails leaves a conflict, and that is said.
fn drivers(names: &str) -> Vec<String> {
    let switched = names.lines().filter_map(|name| {
        let (driver, key) = name.rsplit_once('.')?;
        match key {
            "clean" | "smudge" | "process" if driver.starts_with("filter.") => {
                Some(vec![format!("{name}="), format!("{driver}.required=false")])
            }
            "driver" if driver.starts_with("merge.") => Some(vec![format!("{name}=false")]),
            _ => None,
        }
    });
    switched.flatten().collect()
}

/// Longer each time, and different for each process, so that two that met do not meet again.
fn pause(attempt: u32) -> Duration {
    let own = u64::from(std::process::id() % 100);
    Duration::from_millis((100 << attempt) + own * u64::from(attempt))
}

impl Git<'_> {
    /// Commits what is new in the published folders, and nothing else that may be staged. Whether there was anything.
    fn commit(&self, message: &str) -> Result<bool, String> {
        let listed = |folder: &&str| {
            self.dir.join(folder).exists() || self.say(&["ls-files", "--", folder]).is_ok_and(|files| !files.is_empty())
        };
        let folders: Vec<&str> = FOLDERS.into_iter().filter(listed).collect();
        if folders.is_empty() {
            return Ok(false);
        }
        self.say(&[&["add", "--all", "--"], folders.as_slice()].concat())?;
        let staged =
            self.say(&[&["diff", "--cached", "--name-only", "--no-ext-diff", "--"], folders.as_slice()].concat())?;
        if staged.is_empty() {
            return Ok(false);
        }
        self.say(&[&["commit", "--quiet", "--no-verify", "--message", message, "--"], folders.as_slice()].concat())?;
        Ok(true)
    }

    /// Takes what others pushed, puts our commit on top, and merges again. In a file that both changed ours wins for the moment:
    /// that is the dashboard, which is made anew at once.
    fn catch_up(
        &self,
        remote: &str,
        branch: &str,
        message: &str,
        merge_again: &mut impl FnMut() -> Result<(), String>,
    ) -> Result<(), String> {
        if let Err(why) = self.say(&["pull", "--quiet", "--rebase", "--strategy-option=theirs", remote, branch]) {
            // A rebase that stands half done would hold up everything after it; if there is none, there is nothing to end.
            let _ = self.say(&["rebase", "--abort"]);
            return Err(why);
        }
        merge_again()?;
        let ours: u64 = self.say(&["rev-list", "--count", "FETCH_HEAD..HEAD"])?.parse().unwrap_or(0);
        if self.commit(message)? && ours > 0 {
            // One commit a run: what merging again changed belongs to the one before.
            self.say(&["reset", "--quiet", "--soft", "FETCH_HEAD"])?;
            self.commit(message)?;
        }
        Ok(())
    }

    /// Runs git and gives what it says; else why not, without secrets.
    fn say(&self, args: &[&str]) -> Result<String, String> {
        let output = self.command(args).output().map_err(|error| format!("git cannot be run: {error}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        Err(told(args, &output))
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.arg("-C").arg(self.dir).arg("--literal-pathspecs").arg("--no-pager");
        let off = [
            "core.hooksPath=/dev/null",
            "core.fsmonitor=false",
            "core.askPass=",
            "commit.gpgSign=false",
            "push.gpgSign=false",
            "submodule.recurse=false",
            "protocol.ext.allow=never",
            "gc.auto=0",
        ];
        for setting in off {
            git.args(["-c", setting]);
        }
        for setting in &self.off {
            git.args(["-c", setting]);
        }
        if !self.has_identity {
            git.args(["-c", "user.name=codex-tui", "-c", "user.email=codex-tui@localhost"]);
        }
        // The folder says which checkout is meant, not the environment of whoever started this.
        for name in
            ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE", "GIT_COMMON_DIR"]
        {
            git.env_remove(name);
        }
        git.args(args).stdin(Stdio::null());
        git.env("GIT_TERMINAL_PROMPT", "0").env("GIT_EDITOR", "true").env("GIT_PAGER", "cat").env("LC_ALL", "C");
        // A server that says nothing for a minute is not waited for.
        git.env("GIT_HTTP_LOW_SPEED_LIMIT", "1000").env("GIT_HTTP_LOW_SPEED_TIME", "60");
        git
    }
}

fn told(args: &[&str], output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> =
        said.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("hint:")).take(3).collect();
    without_secrets(&format!("git {}: {}", args.first().unwrap_or(&""), lines.join("; ")))
}

/// The text with what stands between `://` and `@` in an address left out.
fn without_secrets(text: &str) -> String {
    let mut safe = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        safe.push_str(before);
        let host = after.find(|c: char| c == '/' || c.is_whitespace() || c == '\'' || c == '"').unwrap_or(after.len());
        rest = match after[..host].rfind('@') {
            Some(end) => {
                safe.push_str("***");
                &after[end..]
            }
            None => after,
        };
    }
    safe.push_str(rest);
    safe
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn addresses_lose_their_secrets() {
        let check = |text: &str, want: &str| assert_eq!(without_secrets(text), want);
        check("to https://x-access-token:ghp_abc@github.com/a/b failed", "to https://***@github.com/a/b failed");
        check("'https://u:p@h/x' and 'ssh://git@h/y'", "'https://***@h/x' and 'ssh://***@h/y'");
        check("https://host/a@b plain", "https://host/a@b plain");
        check("nothing", "nothing");
    }
}
