//! `doctor`.

use serde_json::{Value, json};

use super::args::Doctor;
use super::output::{Failure, Output};
use crate::doc::Severity;
use crate::model::track::explain::counted;
use crate::tui::keymap::Keymap;
use crate::tui::pane;
use crate::workbench::Workbench;
use crate::workbench::configure::config_finding;
use crate::workbench::doctor::{Finding, Totals};
use crate::workbench::track::read::WORKFLOW;
use crate::workspace::config::{Config, Setting, Source, nearest};

/// Columns for the value of a setting; a longer one takes what it needs.
const VALUE: usize = 44;

pub fn run(verb: &Doctor, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    let mut findings = bench.doctor();
    findings.extend(bad_keys(bench));
    findings.extend(bad_views(bench));
    if verb.config {
        findings.retain(|finding| finding.rule == "config");
    } else {
        findings.extend(bench.damaged_elsewhere());
    }
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
            "config": config_json(bench),
            "findings": findings.iter().map(finding_json).collect::<Vec<_>>(),
            "totals": super::check::totals_json(totals, bench),
        })
    });
    out.text(&format!("{}", bench.view().root.display()));
    if !verb.config {
        for found in &recognised {
            let what = match found.docs.as_slice() {
                [] => "none".to_owned(),
                [one] => one.to_string(),
                [first, .., last] => format!("{} ({first} … {last})", found.docs.len()),
            };
            out.text(&format!("  {:<22} {what}", found.role.name()));
        }
        if let Some(tracks) = &tracks {
            out.text(&format!(
                "  {:<22} {} in {}",
                "pipeline telemetry",
                counted(tracks.files as u64, "file"),
                tracks.folder
            ));
        } else if bench.has_track_workflow() {
            out.text(&format!("  {:<22} none yet; the workflow {WORKFLOW} leaves it", "pipeline telemetry"));
        }
    }
    settings(verb.config, bench, out);
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

/// The configuration in force: all of it, or what is not as it comes.
fn settings(all: bool, bench: &Workbench, out: &mut Output) {
    out.text("");
    out.text("Configuration");
    for (source, is_there) in bench.configuration_files() {
        let file = source.file().unwrap_or_default();
        let absent = if is_there { "" } else { " (there is none)" };
        out.text(&format!("  {:<22} {file}{absent}", format!("{} file", source.name())));
    }
    let shown: Vec<&Setting> = bench.settings().iter().filter(|setting| all || is_changed(setting)).collect();
    if shown.is_empty() {
        out.text("  every setting is as it comes; `codex-tui doctor --config` lists them");
    }
    let columns = shown.iter().map(|setting| setting.key.chars().count()).max().unwrap_or(0).max(22);
    for setting in shown {
        // A list may stand on several lines.
        let value = setting.value.split_whitespace().collect::<Vec<_>>().join(" ");
        out.text(&format!("  {:<columns$} {value:<VALUE$}  {}", setting.key, setting.place));
    }
}

fn is_changed(setting: &Setting) -> bool {
    setting.place.source != Source::Default
}

fn config_json(bench: &Workbench) -> Value {
    let files = bench.configuration_files();
    let settings = bench.settings().iter().map(|setting| {
        let Setting { key, value, place } = setting;
        let file = place.source.file();
        let by = match &place.source {
            Source::Environment(name) | Source::Flag(name) => Some(*name),
            Source::Default | Source::User(_) | Source::Workspace => None,
        };
        json!({"key": key, "value": value, "source": place.source.name(), "file": file, "line": file.map(|_| place.line), "by": by})
    });
    json!({
        "files": files.iter().map(|(source, is_there)| json!({"source": source.name(), "file": source.file(), "exists": is_there})).collect::<Vec<_>>(),
        "settings": settings.collect::<Vec<_>>(),
    })
}

/// What is wrong under `[keys]`: the key table is the cockpit's.
fn bad_keys(bench: &Workbench) -> Vec<Finding> {
    let (_, bad) = Keymap::new(&bench.config().keys);
    let found = bad.iter().map(|bad| {
        // Of two actions that want one key, the file may name either.
        let written = |action: &str| bench.place_of_setting(&format!("keys.{action}"));
        let place = bad.actions().filter_map(written).find(|place| place.source.file().is_some());
        config_finding(Severity::Warning, place, &format!("[keys] {bad}"))
    });
    found.collect()
}

/// What is wrong with the saved views of other panes than the board: what their filters can ask is the cockpit's.
fn bad_views(bench: &Workbench) -> Vec<Finding> {
    let panes: Vec<_> = pane::all().iter().map(|pane| (pane.id().name().to_lowercase(), pane.fields())).collect();
    let names: Vec<&str> = panes.iter().map(|(name, _)| name.as_str()).collect();
    let others = panes.iter().filter(|(name, _)| name != Config::BOARD);
    let mut found: Vec<Finding> =
        others.flat_map(|(name, fields)| bench.view_findings(name, fields.unwrap_or_default())).collect();
    for view in bench.config().views.keys() {
        let Some((list, _)) = view.split_once('/').filter(|(list, _)| !names.contains(list)) else { continue };
        let key = format!("views.{view}");
        let message = format!("`{key}`: there is no pane {list:?}, so that nobody can choose it");
        let advice = match nearest(list, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", names.join(", ")),
        };
        found.push(config_finding(Severity::Warning, bench.place_of_setting(&key), &message).advise(advice));
    }
    found
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
