//! `gates`: judge, explain, bind, watch.

mod act;
mod bind;
mod json;
mod report;
mod watch;

use std::sync::atomic::AtomicBool;

use super::args::{Gates as Args, GatesVerb};
use super::output::{Failure, Output};
use crate::doc::Severity;
use crate::model::gate::evaluate::{Judged, Verdict, blocks};
use crate::workbench::Workbench;
use crate::workbench::gates::{GateReader, Gates, Question};

use super::args::GatesAsk;

pub fn run(args: &Args, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    match &args.verb {
        None => judge(args, bench, out),
        Some(GatesVerb::Explain { id, ask }) => explain(id, ask, bench, out),
        Some(GatesVerb::Bind { write, dry_run, plan }) => bind::run(*write, *dry_run, plan.as_deref(), bench, out),
        Some(GatesVerb::SignOff { id, evidence, dry }) => act::sign_off(id, evidence, dry, bench, out),
        Some(GatesVerb::Block { id, task, dry }) => act::block(id, task, dry, bench, out),
        Some(GatesVerb::Watch { ask }) => watch::run(ask, bench, out),
    }
}

fn question(ask: &GatesAsk) -> Question {
    Question { at: ask.at, source: ask.source.clone() }
}

/// Reads and judges once.
pub(super) fn judged(ask: &GatesAsk, bench: &Workbench) -> Result<Gates, Failure> {
    let subject = bench.gates();
    if subject.list().doc.is_none() && subject.list().clauses.is_empty() {
        let patterns: Vec<String> = bench.config().documents.gates.iter().map(ToString::to_string).collect();
        return Err(Failure::document(format!(
            "no gates document: nothing matches {}; add it, or name its path in codex-tui.toml under [documents]",
            patterns.join(", ")
        )));
    }
    let mut gates = GateReader::default()
        .judge(&subject, &question(ask), &|_| {}, &AtomicBool::new(false))
        .ok_or_else(|| Failure::io("reading was cancelled".to_owned()))?;
    if let Some(source) = &ask.source
        && !gates
            .telemetry
            .files
            .iter()
            .any(|file| file.id.as_str().contains(source.trim_start_matches("./").trim_end_matches('/')))
    {
        return Err(Failure::usage(format!(
            "--source {source}: there is no such telemetry file or folder in the workspace"
        )));
    }
    keep_plan(&mut gates, ask.plan.as_deref());
    Ok(gates)
}

fn keep_plan(gates: &mut Gates, plan: Option<&str>) {
    if let Some(plan) = plan {
        gates.judged.retain(|one| one.clause.plan.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(plan)));
    }
}

fn judge(args: &Args, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let gates = judged(&args.ask, bench)?;
    out.json(|| json::document(bench, &gates));
    if args.github {
        out.text(&report::github(&gates));
    } else if args.junit {
        out.text(&report::junit(&gates));
    } else {
        words(&gates, out);
    }
    Ok(u8::from(blocks(&gates.judged, args.allow_missing)))
}

fn words(gates: &Gates, out: &mut Output) {
    let mut plan = None;
    for one in &gates.judged {
        if plan != Some(&one.clause.plan) {
            plan = Some(&one.clause.plan);
            out.text(&one.clause.plan.as_ref().map_or_else(|| "No plan".to_owned(), |plan| format!("Plan {plan}")));
        }
        out.text(&line(one));
        if !matches!(one.verdict, Verdict::Pass | Verdict::Manual) {
            out.text(&format!("       {}", one.reason));
        }
    }
    let totals = gates.totals();
    let counts: Vec<String> = Verdict::ALL
        .into_iter()
        .rev()
        .filter(|verdict| totals.count(*verdict) > 0)
        .map(|verdict| format!("{} {}", totals.count(verdict), verdict.name()))
        .collect();
    let read = gates.telemetry.read;
    out.text(&format!(
        "{}  ({} files, {} records, {} skipped, {} bytes read)",
        counts.join(" · "),
        read.files,
        read.records,
        read.skipped,
        read.bytes
    ));
    say_findings(gates, out);
}

/// What is wrong with document, bindings and telemetry, on standard error.
fn say_findings(gates: &Gates, out: &mut Output) {
    const MOST: usize = 20;
    let findings: Vec<_> = gates.findings().into_iter().filter(|finding| finding.severity != Severity::Note).collect();
    for finding in findings.iter().take(MOST) {
        out.note(&format!("{}: {}", finding.place(), finding.message));
    }
    if findings.len() > MOST {
        out.note(&format!("and {} more; `gates --json` lists all", findings.len() - MOST));
    }
}

/// One clause in one line.
fn line(one: &Judged) -> String {
    let value = one.value.map_or_else(|| "–".to_owned(), |value| one.number(value));
    format!("  {:<6} {:<12} {value:>14}  {}", one.clause.id, one.verdict.name(), one.clause.asked())
}

fn explain(id: &str, ask: &GatesAsk, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let mut gates = judged(ask, bench)?;
    gates.judged.retain(|one| one.clause.id.eq_ignore_ascii_case(id));
    let Some(one) = gates.judged.first() else {
        return Err(Failure::usage(format!("{id}: there is no such clause; `codex-tui gates` lists them")));
    };
    out.json(|| json::document(bench, &gates));
    let clause = &one.clause;
    let file = gates.list.doc.as_ref().map_or("", |doc| doc.as_str());
    out.text(&format!("{}  {}  {file}:{}", clause.id, one.verdict.name(), clause.line));
    out.text(&format!("  {}", clause.quote));
    out.text(&format!("Understood ({}): {}", clause.kind.name(), clause.why));
    out.text(&format!("  {}", clause.asked()));
    for (_, what) in &clause.understood {
        out.text(&format!("  {what}"));
    }
    for text in json::texts(clause, &clause.not_understood) {
        out.text(&format!("  not understood: {text}"));
    }
    out.text(&format!("Result: {}", one.reason));
    for source in &one.sources {
        out.text(&format!("  {}:{}-{}", source.file, source.lines.0, source.lines.1));
    }
    for share in &one.breakdown {
        out.text(&format!(
            "  {} {:<20} {:>12}  {} samples",
            share.by,
            share.name,
            one.number(share.value),
            share.samples
        ));
    }
    if one.trend.len() > 1 {
        out.text("By day");
    }
    for point in one.trend.iter().filter(|_| one.trend.len() > 1) {
        let mark = match point.holds {
            Some(true) => "kept",
            Some(false) => "missed",
            None => "",
        };
        let plural = if point.samples == 1 { "" } else { "s" };
        out.text(&format!("  {} {:>14}  {} sample{plural}  {mark}", point.day, one.number(point.value), point.samples));
    }
    Ok(u8::from(blocks(&gates.judged, false)))
}
