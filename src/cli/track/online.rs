//! The verbs of `track` that ask a server: what is asked for, the guard, and what is said of the outcome.

use std::path::Path;
use std::time::Instant;

use chrono::{Local, NaiveDateTime};
use serde_json::json;

use crate::cli::args::{Args, TrackApply, TrackAsk, TrackOnline};
use crate::cli::output::{Failure, Output, note};
use crate::model::autonomy::{Action, Doing};
use crate::model::session::netops::Happened;
use crate::model::track::plan::{Plan, RepoPlan};
use crate::workbench::track::ask::{Wish, ask, load_plan, save_plan};
use crate::workbench::track::run::{self, Refused, Report, Step, Task};
use crate::workbench::{Outcome, Workbench};

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
    let mut bench = allowed(args)?;
    let started = Started::now();
    let mut wish = wish(wanted);
    wish.dry_run |= matches!(verb, TrackOnline::Plan(_));
    wish.deep = matches!(verb, TrackOnline::Integrity { deep: true, .. });
    let ask = ask(&bench, wish).map_err(refused)?;
    let report = run::run(&ask, task, run::token(), &mut said).map_err(refused)?;
    started.record(&format!("track {}", task.name()), &report, &mut bench, out);
    if let (TrackOnline::Plan(verb), Some(plan)) = (verb, &report.plan)
        && let Some(file) = &verb.plan
    {
        save_plan(file, plan)?;
        out.note(&format!("the plan is in {}", file.display()));
    }
    Ok(show(&report, wanted.strict, &ask.out, out))
}

fn apply(verb: &TrackApply, args: &Args, out: &mut Output) -> Result<u8, Failure> {
    let mut bench = allowed(args)?;
    let started = Started::now();
    let plan: Plan = load_plan(&verb.file).map_err(Failure::document)?;
    let mut wish = wish(&verb.ask);
    if wish.repos.is_empty() {
        wish.repos = plan.repos.iter().map(|repo| repo.repository.clone()).collect();
    }
    let ask = ask(&bench, wish).map_err(refused)?;
    let report = run::apply(&ask, &plan, run::token(), &mut said).map_err(refused)?;
    started.record("track apply", &report, &mut bench, out);
    Ok(show(&report, verb.ask.strict, &ask.out, out))
}

/// The workspace, where its autonomy plan allows network access at the level in force; a folder without such a plan has no guard.
fn allowed(args: &Args) -> Result<Workbench, Failure> {
    let bench = crate::cli::opened(args)?;
    let view = bench.view();
    if let Some(doc) = &view.autonomy.doc {
        let refusal = view.guard().allows(view.level(), &Action::Kind(Doing::Network));
        refusal.map_err(|refusal| Failure::refused(refusal.to_string()).about(doc.as_str()))?;
        bench.can_record_network().map_err(|why| Failure::document(why.0))?;
    }
    Ok(bench)
}

/// When a run began, for the network log.
struct Started(NaiveDateTime, Instant);

impl Started {
    fn now() -> Started {
        Started(Local::now().naive_local(), Instant::now())
    }

    /// Where an autonomy plan guards the network, what was done there is recorded.
    fn record(self, action: &str, report: &Report, bench: &mut Workbench, out: &mut Output) {
        if bench.view().autonomy.doc.is_none() {
            return;
        }
        let counts = report.counts;
        let is_good =
            report.problems.is_empty() && report.records.iter().all(|(_, _, record)| record["status"] != "error");
        let mut repositories: Vec<&str> = report.records.iter().map(|(repository, _, _)| repository.as_str()).collect();
        repositories.dedup();
        let happened = Happened {
            at: self.0,
            action: action.to_owned(),
            command: format!("codex-tui {action} {}", repositories.join(" ")).trim_end().to_owned(),
            is_good,
            exit_code: None,
            duration: self.1.elapsed(),
            output: None,
            said: format!("{} requests, {} of them writes", counts.requests, counts.writes),
        };
        match bench.record_network(&happened, &crate::cli::actor("cli")) {
            Some(Outcome::Done { .. }) | None => {}
            Some(Outcome::Refused { message } | Outcome::Failed { message } | Outcome::Damaged { message }) => {
                out.note(&format!("not in the network log: {message}"));
            }
            Some(Outcome::Unchanged { .. } | Outcome::Conflict { .. } | Outcome::Forbidden { .. }) => {
                out.note("not in the network log: somebody else wrote it at the same moment; add it by hand");
            }
        }
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
            "{} issues to be changed by {} writes: {} min at this pace, {} % of the hour's requests",
            forecast.issues,
            forecast.writes,
            forecast.seconds.div_ceil(60),
            forecast.percent_of_hour
        )),
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
            out.text(&format!("{repository}: {} issues, {} findings", found.scanned, found.malformed.len()));
            for one in &found.malformed {
                let number = one.number.map_or("?".to_owned(), |number| number.to_string());
                out.text(&format!("  #{number} {}: {}", one.code, one.reason));
            }
        }
        out.text(&format!("{} requests, {} of them writes", counts.requests, counts.writes));
    }
    let failed = report.records.iter().any(|(_, _, record)| record["status"] == "error");
    let unsound = report.integrity.iter().any(|(_, found)| !crate::model::track::integrity::is_sound(found));
    u8::from(strict && (failed || unsound || !report.problems.is_empty()))
}

fn show_plan(repo: &RepoPlan, out: &mut Output) {
    let whole = if repo.complete { "" } else { " (not all issues were seen)" };
    out.text(&format!("{}: {} issues{whole}", repo.repository, repo.issues.len()));
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
