//! `track status`: what the last telemetry says, in words or as JSON.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{shown, telemetry};
use crate::cli::args::{Args, TrackStatus};
use crate::cli::output::{Failure, Output};
use crate::model::track::explain::{age, ago, explain};
use crate::model::track::status::{Repo, TrackState, total, word};
use crate::model::track::telemetry::{Freshness, Health, moment};

pub fn run(verb: &TrackStatus, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let mut telemetry = telemetry(&verb.folder, args)?;
    let now = verb.now.unwrap_or_else(Utc::now);
    let pipeline = telemetry.pipeline(now);
    if let Some(number) = verb.issue {
        return issue(&pipeline.home, number, out);
    }
    out.json(|| {
        let others = pipeline.others.iter().map(|(name, other)| (name.clone(), document(other, now)));
        let mut all = document(&pipeline.home, now);
        let head =
            [("schema", json!("codex-tui/track@1")), ("root", json!(telemetry.root())), ("now", json!(moment(now)))];
        let own = std::mem::take(&mut all).as_object().cloned().unwrap_or_default();
        let fields = head.into_iter().map(|(key, value)| (key.to_owned(), value)).chain(own);
        let fields = fields.chain([("repos".to_owned(), Value::Object(others.collect()))]);
        Value::Object(fields.collect())
    });
    let nothing = pipeline.home.as_of.is_none() && pipeline.others.is_empty() && pipeline.home.skipped.is_empty();
    if nothing && !out.is_json() {
        out.text(&format!("no telemetry of the pipeline in {}; `track run` writes it", shown(telemetry.root())));
    } else if !out.is_json() {
        out.text(&format!("Telemetry in {}", shown(telemetry.root())));
        words(pipeline.home.name.as_deref().unwrap_or("a repository that no record names"), &pipeline.home, now, out);
        for (name, other) in &pipeline.others {
            out.text("");
            words(name, other, now, out);
        }
    }
    let bad = |repo: &Repo| {
        let silent = repo.components.iter().any(|part| part.is_silent(now));
        silent || repo.tracks.iter().any(|state| state.health() != Health::Ok)
    };
    Ok(u8::from(verb.strict && (bad(&pipeline.home) || pipeline.others.values().any(bad))))
}

fn issue(repo: &Repo, number: u64, out: &mut Output) -> Result<u8, Failure> {
    let reasons = explain(repo, number);
    out.json(|| {
        let reasons: Vec<Value> = reasons
            .iter()
            .map(|reason| json!({"what": reason.what, "rule": reason.rule, "file": reason.file}))
            .collect();
        json!({"schema": "codex-tui/track-issue@1", "number": number, "reasons": reasons})
    });
    if reasons.is_empty() {
        out.text(&format!("the telemetry says nothing of #{number}"));
    }
    for reason in &reasons {
        out.text(&reason.what);
        out.text(&format!("  rule: {}", reason.rule));
        if let Some(file) = &reason.file {
            out.text(&format!("  from: {file}"));
        }
    }
    Ok(0)
}

fn words(name: &str, repo: &Repo, now: DateTime<Utc>, out: &mut Output) {
    match age(repo, now) {
        Some(hours) => out.text(&format!("{name}: the newest record is {} old", ago(hours))),
        None => out.text(&format!("{name}: no telemetry")),
    }
    for part in &repo.components {
        let age = part.age_hours(now).map_or_else(|| "never".to_owned(), ago);
        let silent = if part.is_silent(now) { "SILENT" } else { "" };
        let status = word(part.head.as_ref().and_then(|head| head.status));
        out.text(&format!("  {:<12}{status:<9}{age:<9}{silent:<8}{}", part.component.name(), part.summary));
        for note in part.errors.iter().chain(&part.warnings) {
            out.text(&format!("              {}: {}", note.code, note.message));
        }
    }
    for state in &repo.tracks {
        out.text(&format!("  {}", track(state)));
    }
    let list = |name: &str, numbers: Vec<u64>, out: &mut Output| {
        if !numbers.is_empty() {
            let shown: Vec<String> = numbers.iter().take(12).map(|number| format!("#{number}")).collect();
            let more = if numbers.len() > 12 { format!(" and {} more", numbers.len() - 12) } else { String::new() };
            out.text(&format!("  {name}: {}{more}", shown.join(" ")));
        }
    };
    list("deferred to the next run", repo.deferred.clone(), out);
    list("could not be repaired", repo.failed.iter().map(|issue| issue.number).collect(), out);
    list("on no track", repo.untracked.clone(), out);
    if let Some(noise) = &repo.noise {
        let (ours, others) = (noise.ours, noise.others_at_least);
        out.text(&format!(
            "  changes of issues since {}: {ours} by the pipeline, at least {others} by others",
            noise.since
        ));
    }
    for issue in &repo.malformed {
        let number = issue.number.map_or_else(|| "an issue without number".to_owned(), |number| format!("#{number}"));
        out.text(&format!("  malformed: {number}: {} ({})", issue.reason, issue.code));
    }
    for fault in &repo.skipped {
        out.note(&format!("{}: {}", fault.place(), fault.why));
    }
}

fn track(state: &TrackState) -> String {
    let count = |freshness| state.count(freshness);
    let ages = match state.issues.is_empty() {
        true => "no issues listed".to_owned(),
        false => format!(
            "{} active, {} stale, {} escalated",
            count(Freshness::Active),
            count(Freshness::Stale),
            count(Freshness::Escalation)
        ),
    };
    match &state.track {
        Some(track) => {
            let trend = match &track.trend {
                Some(trend) if trend.deteriorated => ", worse than before",
                Some(_) | None => "",
            };
            let health = health(track.health);
            format!("{}: {health}, {} open, {} problems{trend}; {ages}", state.name, track.open, total(track))
        }
        None => format!("{}: not judged, because the supervisor has said nothing; {ages}", state.name),
    }
}

fn health(health: Health) -> &'static str {
    match health {
        Health::Ok => "ok",
        Health::Degraded => "degraded",
        Health::Unknown => "unknown",
    }
}

fn document(repo: &Repo, now: DateTime<Utc>) -> Value {
    let components: Vec<Value> = repo.components.iter().map(|part| {
        let head = part.head.as_ref();
        json!({
            "component": part.component, "file": head.map(|head| &head.file), "run_id": head.map(|head| &head.run_id),
            "time": head.and_then(|head| head.time).map(moment), "status": head.and_then(|head| head.status),
            "age_hours": part.age_hours(now).map(|hours| (hours * 10.0).round() / 10.0),
            "cadence_hours": part.cadence_hours, "silent": part.is_silent(now), "complete": part.complete,
            "summary": part.summary, "api": part.api, "warnings": part.warnings, "errors": part.errors,
        })
    }).collect();
    let tracks: Vec<Value> = repo
        .tracks
        .iter()
        .map(|state| {
            let history: Vec<Value> =
                state.history.iter().map(|(time, total)| json!({"time": moment(*time), "problems": total})).collect();
            json!({
                "name": state.name, "health": health(state.health()), "supervisor": state.track, "issues": state.issues,
                "limits": state.limits, "history": history,
            })
        })
        .collect();
    let runs = repo.runs.iter().take(100).map(|head| {
        json!({"component": head.component, "file": head.file, "run_id": head.run_id, "time": head.time.map(moment), "status": head.status})
    });
    let skipped = repo.skipped.iter().map(|fault| json!({"file": fault.file, "line": fault.line, "why": fault.why}));
    json!({
        "repository": repo.name, "as_of": repo.as_of.map(moment), "components": components, "tracks": tracks,
        "untracked": repo.untracked, "integrity": {"scanned": repo.scanned, "malformed": repo.malformed},
        "deferred": repo.deferred, "failed": repo.failed, "corrections": repo.corrections,
        "noise": repo.noise,
        "runs": runs.collect::<Vec<_>>(), "runs_total": repo.runs.len(), "skipped": skipped.collect::<Vec<_>>(),
    })
}
