//! The verbs of `track` that ask a server: what is asked for, the guard, and what is said of the outcome.

use std::path::Path;

use serde_json::json;

use crate::cli::args::{Args, TrackApply, TrackAsk, TrackOnline};
use crate::cli::output::{Failure, Output, note};
use crate::model::track::explain::counted;
use crate::model::track::plan::{Plan, RepoPlan};
use crate::workbench::Workbench;
use crate::workbench::track::ask::{Wish, ask, load_plan, save_plan};
use crate::workbench::track::online::{Barred, Begun};
use crate::workbench::track::run::{self, Refused, Report, Step, Task};

pub fn run(verb: &TrackOnline, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let (task, wanted) = match verb {
        TrackOnline::Run(ask) => (Task::Run, ask),
        TrackOnline::Diagnose(ask) => (Task::Diagnose, ask),
        TrackOnline::SelfTest(ask) => (Task::Selftest, ask),
        TrackOnline::Clean(ask) => (Task::Clean, ask),
        TrackOnline::Sync(ask) => (Task::Sync, ask),
        TrackOnline::Supervise(ask) => (Task::Supervise, ask),
        TrackOnline::Activity(ask) => (Task::Activity, ask),
        TrackOnline::Integrity { ask, .. } => (Task::Integrity, ask),
        TrackOnline::Plan(plan) => (Task::Run, &plan.ask),
        TrackOnline::Apply(verb) => return apply(verb, args, out),
    };
    let mut wish = wish(wanted);
    wish.dry_run |= matches!(verb, TrackOnline::Plan(_));
    let mut bench = allowed(args, !wish.dry_run && task != Task::Integrity)?;
    let begun = Begun::now();
    wish.deep = matches!(verb, TrackOnline::Integrity { deep: true, .. });
    let ask = ask(&bench, wish).map_err(refused)?;
    let report = run::run(&ask, task, run::token(), &mut said).map_err(refused)?;
    record(&mut bench, &format!("track {}", task.name()), begun, &report, out);
    if let (TrackOnline::Plan(verb), Some(plan)) = (verb, &report.plan)
        && let Some(file) = &verb.plan
    {
        save_plan(file, plan)?;
        out.note(&format!("the plan is in {}", file.display()));
    }
    Ok(show(&report, wanted.strict, &ask.out, out))
}

fn apply(verb: &TrackApply, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let mut bench = allowed(args, !verb.ask.dry_run)?;
    let begun = Begun::now();
    let plan: Plan = load_plan(&verb.file).map_err(Failure::document)?;
    let mut wish = wish(&verb.ask);
    if wish.repos.is_empty() {
        wish.repos = plan.repos.iter().map(|repo| repo.repository.clone()).collect();
    }
    let ask = ask(&bench, wish).map_err(refused)?;
    let report = run::apply(&ask, &plan, run::token(), &mut said).map_err(refused)?;
    record(&mut bench, "track apply", begun, &report, out);
    Ok(show(&report, verb.ask.strict, &ask.out, out))
}

/// The workspace, where a server may be asked from it.
fn allowed(args: &Args, writes: bool) -> Result<Workbench, Failure> {
    let bench = crate::cli::opened(args)?;
    bench.may_ask_server(writes).map_err(|barred| match barred {
        Barred::Level { doc, why } => Failure::refused(why).about(doc.as_str()),
        Barred::Document(why) => Failure::document(why),
    })?;
    Ok(bench)
}

fn record(bench: &mut Workbench, action: &str, begun: Begun, report: &Report, out: &mut Output) {
    if let Some(why) = bench.record_pipeline(action, begun, report, &crate::cli::actor("cli")) {
        out.note(&why);
    }
}

fn wish(ask: &TrackAsk) -> Wish {
    Wish {
        repos: ask.repos.clone(),
        out: ask.out.clone(),
        run_id: ask.run_id.clone(),
        now: ask.now,
        dry_run: ask.dry_run,
        max_writes: ask.max_writes,
        max_seconds: ask.max_seconds,
        write_interval_ms: ask.write_interval_ms,
        deep: false,
    }
}

fn refused(refused: Refused) -> Failure {
    match refused {
        Refused::NoToken => Failure::refused(refused.to_string()),
        Refused::Store(error) => error.into(),
        Refused::Usage(why) => Failure::usage(why),
    }
}

/// Progress, on standard error.
fn said(step: Step) {
    match step {
        Step::Phase { repository, name } => note(&format!("{repository}: {name}")),
        Step::Forecast(forecast) => note(&format!(
            "{} to be changed by {}: {} min at this pace, {} % of the hour's requests",
            counted(forecast.issues as u64, "issue"),
            counted(forecast.writes as u64, "write"),
            forecast.seconds.div_ceil(60),
            forecast.percent_of_hour
        )),
        Step::Left { .. } => {}
        Step::Wrote { repository, number, changes } => note(&format!("{repository}#{number}: {}", changes.join(", "))),
    }
}

fn show(report: &Report, strict: bool, root: &Path, out: &mut Output) -> u8 {
    for problem in &report.problems {
        out.note(problem);
    }
    let counts = report.counts;
    out.json(|| match &report.plan {
        Some(plan) => {
            let mut document = serde_json::to_value(plan).unwrap_or_default();
            document["root"] = json!(root);
            document
        }
        None => json!({
            "schema": "codex-tui/track-run@1", "root": root,
            "records": report.records.iter().map(|(_, _, record)| record).collect::<Vec<_>>(),
            "integrity": report.integrity.iter().map(|(repository, found)| json!({
                "repository": repository, "scanned": found.scanned, "malformed": found.malformed,
            })).collect::<Vec<_>>(),
            "merged": report.merged, "problems": report.problems,
            "api": {
                "requests": counts.requests, "not_modified": counts.not_modified, "writes": counts.writes,
                "graphql_points": counts.graphql_points, "retries": counts.retries, "waited_ms": counts.waited_ms,
                "remaining": counts.remaining,
            },
        }),
    });
    if let Some(plan) = &report.plan {
        plan.repos.iter().for_each(|repo| show_plan(repo, out));
    } else {
        for (repository, component, record) in &report.records {
            out.text(&format!("{repository} {}: {}", component.name(), record["status"].as_str().unwrap_or("?")));
            for kind in ["errors", "warnings"] {
                for one in record[kind].as_array().into_iter().flatten() {
                    out.text(&format!("  {}", one["message"].as_str().unwrap_or_default()));
                }
            }
        }
        for (repository, found) in &report.integrity {
            out.text(&format!(
                "{repository}: {}, {}",
                counted(found.scanned, "issue"),
                counted(found.malformed.len() as u64, "finding")
            ));
            for one in &found.malformed {
                let number = one.number.map_or("?".to_owned(), |number| number.to_string());
                out.text(&format!("  #{number} {}: {}", one.code, one.reason));
            }
        }
        out.text(&format!("{}, {} of them writes", counted(counts.requests, "request"), counts.writes));
    }
    let failed = report.records.iter().any(|(_, _, record)| record["status"] == "error");
    let unsound = report.integrity.iter().any(|(_, found)| !crate::model::track::integrity::is_sound(found));
    u8::from(strict && (failed || unsound || !report.problems.is_empty()))
}

fn show_plan(repo: &RepoPlan, out: &mut Output) {
    let whole = if repo.complete { "" } else { " (not all issues were seen)" };
    out.text(&format!("{}: {}{whole}", repo.repository, counted(repo.issues.len() as u64, "issue")));
    if repo.selftest {
        out.text("  a self-test issue would be made");
    }
    for number in &repo.close {
        out.text(&format!("  #{number} would be closed: an old self-test"));
    }
    for path in &repo.prune {
        out.text(&format!("  {path} would be removed"));
    }
    for label in &repo.create_labels {
        out.text(&format!("  the label {label} would be made"));
    }
    for one in &repo.issues {
        let add = one.add.iter().map(|label| format!("+{label}"));
        let remove = one.remove.iter().map(|label| format!("-{label}"));
        let milestone = one.milestone.map(|number| format!("milestone #{number}"));
        let card = one.project.then(|| "card".to_owned());
        let all: Vec<String> = add.chain(remove).chain(milestone).chain(card).collect();
        out.text(&format!("  #{} {}: {}", one.number, one.title, all.join(", ")));
        for why in &one.why {
            out.text(&format!("      {why}"));
        }
    }
}
