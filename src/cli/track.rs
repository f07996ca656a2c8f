//! `track`: the dual-track pipeline.

mod status;

use std::path::Path;

use serde_json::json;

use super::args::{Args, Merge, Publish, Track, TrackFolder};
use super::output::{Failure, Output};
use crate::workbench::track::Telemetry;

pub fn run(verb: &Track, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    match verb {
        Track::Merge(verb) => merge(verb, args, out),
        Track::Status(verb) => status::run(verb, args, out),
        Track::Publish(verb) => publish(verb, args, out),
    }
}

/// The telemetry that a verb is about.
fn telemetry(folder: &TrackFolder, args: &Args) -> Result<Telemetry, Failure> {
    match &folder.out {
        Some(dir) => Ok(Telemetry::at(dir, folder.legacy)?),
        None => Ok(super::bare(args)?.telemetry(folder.legacy)),
    }
}

fn merge(verb: &Merge, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let mut telemetry = telemetry(&verb.folder, args)?;
    let merged = telemetry.merge(verb.now)?;
    let written = if verb.dry.dry_run { telemetry.preview(&merged)? } else { telemetry.write(&merged)? };
    out.json(|| {
        json!({
            "schema": "codex-tui/merge@1", "root": telemetry.root(), "dry_run": verb.dry.dry_run, "changed": written.changed,
            "unchanged": written.unchanged, "kept": merged.kept, "meta": merged.dashboard["meta"],
            "repos": merged.dashboard["repos"].as_object().map(|repos| repos.keys().collect::<Vec<_>>()),
        })
    });
    for path in &written.changed {
        out.text(&format!("{} {path}", if verb.dry.dry_run { "would write" } else { "wrote" }));
    }
    if written.changed.is_empty() {
        out.text("nothing is new");
    }
    for path in &merged.kept {
        out.note(&format!("{path} was made or changed by hand, and stays as it is"));
    }
    Ok(0)
}

fn publish(verb: &Publish, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let mut telemetry = telemetry(&verb.folder, args)?;
    let published = telemetry.publish(&verb.message).map_err(Failure::document)?;
    out.json(|| {
        json!({
            "schema": "codex-tui/publish@1", "root": telemetry.root(), "branch": published.branch, "commit": published.commit,
            "committed": published.committed, "pushed": published.pushed, "tries": published.tries, "why": published.why,
        })
    });
    let what = if published.committed { "committed" } else { "nothing new to commit" };
    match &published.why {
        None => out.text(&format!("{what}; {} is pushed at {}", published.branch, short(&published.commit))),
        Some(why) => out.note(&format!(
            "{what}; NOT pushed after {} tries: {why}; the commit stays in {}, the next run pushes it",
            published.tries,
            telemetry.root().display()
        )),
    }
    Ok(u8::from(verb.strict && !published.pushed))
}

fn short(commit: &str) -> &str {
    commit.get(..12).unwrap_or(commit)
}

/// A path as people write it, from the working folder.
fn shown(root: &Path) -> String {
    root.display().to_string()
}
