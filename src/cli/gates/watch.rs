//! `gates watch`: verdicts, and every change of one. Sleeps until files change.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use super::super::args::GatesAsk;
use super::super::output::{Failure, Output};
use super::{json, keep_plan, line, question, words};
use crate::model::gate::evaluate::Verdict;
use crate::workbench::Workbench;
use crate::workbench::gates::{GateReader, Gates};

pub fn run(ask: &GatesAsk, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let mut reader = GateReader::default();
    let mut before: Option<BTreeMap<String, (Verdict, Option<f64>)>> = None;
    let said = bench.watch_gates(|subject| {
        let judged = reader.judge(subject, &question(ask), &|_| {}, &AtomicBool::new(false));
        let Some(mut gates) = judged else { return true };
        keep_plan(&mut gates, ask.plan.as_deref());
        let now: BTreeMap<String, (Verdict, Option<f64>)> =
            gates.judged.iter().map(|one| (one.clause.id.clone(), (one.verdict, one.value))).collect();
        match &before {
            None => say_all(&gates, bench, out),
            Some(before) => say_changes(&mut gates, before, bench, out),
        }
        before = Some(now);
        !out.is_closed()
    });
    said.map(|()| 0).map_err(Failure::io)
}

fn say_all(gates: &Gates, bench: &Workbench, out: &mut Output) {
    if out.is_json() {
        out.json(|| json::document(bench, gates));
    } else {
        words(gates, out);
    }
}

fn say_changes(
    gates: &mut Gates,
    before: &BTreeMap<String, (Verdict, Option<f64>)>,
    bench: &Workbench,
    out: &mut Output,
) {
    gates.judged.retain(|one| before.get(&one.clause.id) != Some(&(one.verdict, one.value)));
    if gates.judged.is_empty() {
        return;
    }
    if out.is_json() {
        out.json(|| json::document(bench, gates));
        return;
    }
    for one in &gates.judged {
        let was = before.get(&one.clause.id).map_or("new", |(verdict, _)| verdict.name());
        out.text(&format!("{}  (was {was}; {} bytes read)", line(one), gates.telemetry.read.bytes));
    }
}
