//! Which files changed since a moment, asked of git. The repository is not trusted: nothing that its configuration, its
//! attributes or its hooks name is run, nothing is fetched, nothing is written, and what git takes and says is bounded.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::model::session::changed::{ChangedFile, How};

/// How long one call of git may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many bytes of its answer are read.
const LIMIT: u64 = 4 << 20;
/// How often it is looked at whether git has ended, once its answer is there.
const STEP: Duration = Duration::from_millis(5);

/// What git says of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The last commit before the moment, shortened; none when there is no earlier one.
    pub base: Option<String>,
    /// The files that differ from it, in the order of their paths, relative to the folder.
    pub files: Vec<ChangedFile>,
}

/// The files of a folder that differ from the last commit before `since` (RFC 3339, or a date): in the working tree, in the
/// index or in later commits. An error is a sentence: there is no git, no repository, or no answer.
pub fn changed(root: &Path, since: &str) -> Result<Told, String> {
    let git = Git::new(root)?;
    let none = "there is no git repository";
    let inside =
        git.ask(&["rev-parse", "--is-inside-work-tree"]).map_err(|why| match why.contains("not a git repo") {
            true => none.to_owned(),
            false => why,
        })?;
    if inside.trim_ascii() != b"true" {
        return Err(none.to_owned());
    }
    let before = format!("--before={since}");
    let found = git.ask(&["rev-list", "-1", "--abbrev-commit", &before, "HEAD", "--"]).unwrap_or_default();
    let base = Some(String::from_utf8_lossy(&found).trim().to_owned()).filter(|base| !base.is_empty());
    let mut files = BTreeMap::new();
    match &base {
        Some(base) => {
            let said = git.ask(&[DIFF, &[base, "--", "."]].concat())?;
            let mut parts = said.split(|byte| *byte == 0);
            while let (Some(status), Some(path)) = (parts.next(), parts.next()) {
                let how = match status.first() {
                    Some(b'A') => How::Added,
                    Some(b'D') => How::Deleted,
                    Some(_) | None => How::Changed,
                };
                files.insert(shown(path), how);
            }
        }
        None => files.extend(paths(&git.ask(&["ls-files", "-z", "--", "."])?).map(|path| (path, How::Added))),
    }
    let untracked = git.ask(&["ls-files", "-z", "--others", "--exclude-standard", "--", "."])?;
    files.extend(paths(&untracked).map(|path| (path, How::Added)));
    // The state folder of this program is none of the session's work.
    files.retain(|path, _| !path.starts_with(".codex-tui/"));
    let files = files.into_iter().map(|(path, how)| ChangedFile { path, how });
    Ok(Told { base, files: files.collect() })
}

/// The comparison: names alone, from this folder on, without anything that a repository can have run for it. Submodules have
/// configurations of their own.
const DIFF: &[&str] = &[
    "diff",
    "--name-status",
    "-z",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=all",
    "--relative",
];

fn paths(said: &[u8]) -> impl Iterator<Item = String> {
    said.split(|byte| *byte == 0).filter(|path| !path.is_empty()).map(shown)
}

fn shown(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

struct Git<'a> {
    root: &'a Path,
    /// Settings that win over those of the repository.
    settings: Vec<(String, String)>,
}

impl<'a> Git<'a> {
    /// Learns first which filters the repository names, so that all of them can be switched off.
    fn new(root: &'a Path) -> Result<Git<'a>, String> {
        let fixed = [
            ("core.fsmonitor", "false"),
            ("core.hooksPath", "/dev/null"),
            ("core.attributesFile", "/dev/null"),
            ("core.untrackedCache", "false"),
            ("core.askPass", ""),
            ("credential.helper", ""),
            ("diff.external", ""),
            ("diff.ignoreSubmodules", "all"),
            ("submodule.recurse", "false"),
            ("protocol.allow", "never"),
        ];
        let mut git = Git { root, settings: fixed.map(|(name, value)| (name.to_owned(), value.to_owned())).into() };
        let names = git.ask(&["config", "--list", "--name-only", "-z"])?;
        for name in paths(&names).filter(|name| name.starts_with("filter.")) {
            let Some((driver, _)) = name.rsplit_once('.') else { continue };
            for (key, value) in [("clean", ""), ("smudge", ""), ("process", ""), ("required", "false")] {
                git.settings.push((format!("{driver}.{key}"), value.to_owned()));
            }
        }
        Ok(git)
    }

    fn ask(&self, args: &[&str]) -> Result<Vec<u8>, String> {
        let mut command = Command::new("git");
        command.arg("--no-optional-locks").arg("--no-pager").arg("--literal-pathspecs").args(args);
        command.current_dir(self.root).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for name in redirections(std::env::vars_os().map(|(name, _)| name)) {
            command.env_remove(name);
        }
        command.env("GIT_CONFIG_COUNT", self.settings.len().to_string());
        for (at, (name, value)) in self.settings.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{at}"), name).env(format!("GIT_CONFIG_VALUE_{at}"), value);
        }
        for (name, value) in [
            ("GIT_ALLOW_PROTOCOL", "none"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_PAGER", "cat"),
            ("LC_ALL", "C"),
        ] {
            command.env(name, value);
        }
        answer(command.spawn().map_err(|error| format!("git could not be started: {error}"))?)
    }
}

/// The variables that would have git look at another repository, or run something.
fn redirections(names: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    names.filter(|name| name.to_string_lossy().starts_with("GIT_"))
}

/// What a git that was started says, within its bounds.
fn answer(mut child: Child) -> Result<Vec<u8>, String> {
    let deadline = Instant::now() + PATIENCE;
    let (send, receive) = std::sync::mpsc::channel();
    let pipes: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>),
        child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn Read + Send>),
    ];
    for (at, pipe) in pipes.into_iter().enumerate() {
        let send = send.clone();
        std::thread::spawn(move || {
            let mut said = Vec::new();
            let read = pipe.map_or(Ok(0), |pipe| pipe.take(LIMIT + 1).read_to_end(&mut said));
            // Whoever asked has given up by now if nobody takes it.
            let _ = send.send((at, read.map(|_| said)));
        });
    }
    let mut said: [Vec<u8>; 2] = Default::default();
    for _ in 0..said.len() {
        match receive.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok((at, Ok(bytes))) if bytes.len() as u64 <= LIMIT => said[at] = bytes,
            Ok((_, Ok(_))) => return Err(ended(child, "git says more than can be listed")),
            Ok((_, Err(error))) => return Err(ended(child, &format!("the answer of git could not be read: {error}"))),
            Err(_) => return Err(ended(child, "git took too long")),
        }
    }
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(STEP),
            Ok(None) | Err(_) => return Err(ended(child, "git took too long")),
        }
    };
    let [out, error] = said;
    if status.success() {
        return Ok(out);
    }
    let error = String::from_utf8_lossy(&error);
    let line = error.lines().find(|line| !line.trim().is_empty()).unwrap_or("it ended without a word");
    Err(format!("git: {}", line.trim_start_matches("fatal: ")))
}

/// Ends git, and says why.
fn ended(mut child: Child, why: &str) -> String {
    // It may have ended by itself meanwhile.
    let _ = child.kill();
    let _ = child.wait();
    why.to_owned()
}
