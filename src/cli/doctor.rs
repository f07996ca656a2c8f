//! `doctor`.

use serde_json::{Value, json};

use super::output::{Failure, Output};
use crate::doc::Severity;
use crate::workbench::Workbench;
use crate::workbench::doctor::Finding;

pub fn run(bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    let mut findings = bench.doctor();
    findings.extend(bench.damaged_elsewhere());
    let count = |severity: Severity| findings.iter().filter(|f| f.severity == severity).count();
    let (errors, warnings, notes) = (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    let recognised = bench.recognised();
    out.json(|| {
        let documents = recognised.iter().map(|found| (found.role.name().to_owned(), json!(found.docs)));
        json!({
            "schema": "codex-tui/check@1",
            "root": bench.view().root,
            "recognised": documents.collect::<serde_json::Map<_, _>>(),
            "findings": findings.iter().map(finding_json).collect::<Vec<_>>(),
            "totals": {"error": errors, "warning": warnings, "note": notes, "documents": bench.view().snapshot.len()},
        })
    });
    out.text(&format!("{}", bench.view().root.display()));
    for found in &recognised {
        let what = match found.docs.as_slice() {
            [] => "none".to_owned(),
            [one] => one.to_string(),
            [first, .., last] => format!("{} ({first} … {last})", found.docs.len()),
        };
        out.text(&format!("  {:<22} {what}", found.role.name()));
    }
    out.text("");
    for finding in &findings {
        let place = match (&finding.file, finding.line) {
            (Some(file), Some(line)) => format!("{file}:{line}: "),
            (Some(file), None) => format!("{file}: "),
            (None, _) => String::new(),
        };
        let word = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        out.text(&format!("{word}: {place}{} [{}]", finding.message, finding.rule));
        if let Some(advice) = &finding.advice {
            out.text(&format!("    {advice}"));
        }
    }
    out.text(&format!(
        "{errors} errors, {warnings} warnings, {notes} notes in {} documents",
        bench.view().snapshot.len()
    ));
    Ok(if errors + warnings > 0 { 1 } else { 0 })
}

/// Damaged places of the documents, for verbs that read them.
pub fn problems_json(bench: &Workbench) -> Vec<Value> {
    bench.damaged().iter().map(finding_json).collect()
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "rule": finding.rule, "severity": finding.severity, "file": finding.file, "line": finding.line,
        "id": finding.id, "message": finding.message, "fix": finding.advice,
    })
}
