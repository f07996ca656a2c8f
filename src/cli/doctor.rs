//! `doctor`.

use serde_json::{Value, json};

use super::output::{Failure, Output};
use crate::workbench::Workbench;
use crate::workbench::doctor::{Finding, Totals};

pub fn run(bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    let mut findings = bench.doctor();
    findings.extend(bench.damaged_elsewhere());
    let totals = Totals::of(&findings);
    let recognised = bench.recognised();
    let tracks = bench.recognised_tracks(chrono::Utc::now());
    out.json(|| {
        let documents = recognised.iter().map(|found| (found.role.name().to_owned(), json!(found.docs)));
        json!({
            "schema": "codex-tui/check@1",
            "root": bench.view().root,
            "recognised": documents.collect::<serde_json::Map<_, _>>(),
            "tracks": tracks.as_ref().map(|tracks| json!({"folder": tracks.folder, "files": tracks.files})),
            "findings": findings.iter().map(finding_json).collect::<Vec<_>>(),
            "totals": super::check::totals_json(totals, bench),
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
    if let Some(tracks) = &tracks {
        out.text(&format!("  {:<22} {} files in {}", "pipeline telemetry", tracks.files, tracks.folder));
    }
    out.text("");
    for finding in &findings {
        out.text(&super::check::said(finding));
        if let Some(advice) = &finding.advice {
            out.text(&format!("    {advice}"));
        }
    }
    out.text(&super::check::summary(totals, bench));
    Ok(if totals.is_clean() { 0 } else { 1 })
}

/// Damaged places of the documents, for verbs that read them.
pub fn problems_json(bench: &Workbench) -> Vec<Value> {
    bench.damaged().iter().map(finding_json).collect()
}

/// A finding in the shape of `codex-tui/check@1`.
pub fn finding_json(finding: &Finding) -> Value {
    json!({
        "rule": finding.rule, "severity": finding.severity, "file": finding.file, "line": finding.line,
        "id": finding.id, "message": finding.message, "fix": finding.advice,
    })
}
