//! Gates as JSON, `codex-tui/gates@1`.

use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value, json};

use crate::doc::Span;
use crate::model::gate::Clause;
use crate::model::gate::act::signed;
use crate::model::gate::evaluate::{Judged, Source, Verdict};
use crate::workbench::Workbench;
use crate::workbench::gates::Gates;

/// The document of `gates --json`.
pub fn document(bench: &Workbench, gates: &Gates) -> Value {
    let totals = gates.totals();
    let totals: Map<String, Value> = Verdict::ALL
        .into_iter()
        .rev()
        .map(|verdict| (verdict.name().to_owned(), json!(totals.count(verdict))))
        .collect();
    let read = gates.telemetry.read;
    let findings: Vec<Value> = gates
        .findings()
        .iter()
        .map(|finding| {
            json!({
                "rule": finding.rule, "severity": finding.severity, "file": finding.file, "line": finding.line,
                "id": finding.id, "message": finding.message, "fix": finding.advice,
            })
        })
        .collect();
    let file = gates.list.doc.as_ref();
    json!({
        "schema": "codex-tui/gates@1",
        "root": bench.view().root,
        "gates": gates.judged.iter().map(|one| {
            let mut shape = gate(one, file.map(|doc| doc.as_str()));
            shape["signed_off"] = signed(&one.clause, &bench.view().sign_offs).map_or(Value::Null, |by| {
                json!({"by": by.by, "at": by.at, "evidence": by.evidence, "session": by.session})
            });
            shape
        }).collect::<Vec<_>>(),
        "totals": totals,
        "read": {
            "files": read.files, "bytes": read.bytes, "records": read.records, "skipped": read.skipped,
            "files_read": read.files_read,
        },
        "problems": findings,
    })
}

fn gate(one: &Judged, file: Option<&str>) -> Value {
    let clause = &one.clause;
    json!({
        "id": clause.id, "plan": clause.plan, "quote": clause.quote, "file": file, "line": clause.line,
        "span": [clause.span.start, clause.span.end],
        "kind": clause.kind.name(),
        "event": clause.metric.event,
        "field": one.field,
        "where": clause.metric.filter.as_ref().map(|filter| json!({filter.fields[0].clone(): filter.value})),
        "statistic": clause.statistic.map(|statistic| statistic.to_string()),
        "comparator": clause.comparator.map(|comparator| comparator.sign()),
        "threshold": clause.threshold,
        "unit": clause.unit.as_ref().map(|unit| unit.to_string()),
        "field_unit": one.field_unit.as_ref().map(|unit| unit.to_string()),
        "threshold_in_field_unit": one.threshold,
        "polarity": match clause.polarity {
            crate::model::gate::Polarity::Good => "good",
            crate::model::gate::Polarity::Alert => "alert",
        },
        "qualifiers": clause.qualifiers,
        "min_samples": clause.min_samples,
        "artifacts": clause.artifacts,
        "severity": clause.severity.name(),
        "bound": clause.bound,
        "understood": clause.why,
        "read_as": clause.understood.iter().map(|(span, what)| json!({"span": [span.start, span.end], "as": what})).collect::<Vec<_>>(),
        "not_understood": texts(clause, &clause.not_understood),
        "value": one.value,
        "samples": one.samples,
        "distance": one.distance,
        "verdict": one.verdict,
        "reason": one.reason,
        "window": one.window.map(|(from, to)| json!({"from": from.to_string(), "to": to.to_string()})),
        "sources": one.sources.iter().map(source).collect::<Vec<_>>(),
        "trend": one.trend.iter().map(|point| json!({
            "day": point.day.to_string(), "value": point.value, "samples": point.samples, "holds": point.holds,
        })).collect::<Vec<_>>(),
        "breakdown": one.breakdown.iter().map(|share| json!({
            "by": share.by, "name": share.name, "value": share.value, "samples": share.samples,
        })).collect::<Vec<_>>(),
    })
}

fn source(source: &Source) -> Value {
    let time = |millis: i64| {
        DateTime::from_timestamp_millis(millis).map(|time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
    };
    json!({
        "file": source.file,
        "lines": format!("{}-{}", source.lines.0, source.lines.1),
        "from": source.times.and_then(|(from, _)| time(from)),
        "to": source.times.and_then(|(_, to)| time(to)),
    })
}

/// The parts of a clause that spans of the document name, as far as they lie in its quote.
pub fn texts(clause: &Clause, spans: &[Span]) -> Vec<String> {
    let part = |span: &Span| {
        let from = span.start.checked_sub(clause.span.start)?;
        clause.quote.get(from..span.end.checked_sub(clause.span.start)?).map(str::to_owned)
    };
    spans.iter().filter_map(part).collect()
}
