//! `check`: what is wrong, as text, JSON, workflow annotations or SARIF; and the fixes.

use std::collections::BTreeMap;

use clap::Args as ClapArgs;
use serde_json::{Value, json};

use super::args::DryRun;
use super::output::{Failure, Output};
use crate::doc::Severity;
use crate::model::sync::{Clash, Place, Sync, SyncRow, mend};
use crate::op::Operation;
use crate::workbench::check::{Group, RULES};
use crate::workbench::doctor::{Finding, Totals};
use crate::workbench::{Outcome, Request, Workbench};

/// `check`.
#[derive(Debug, ClapArgs)]
pub struct Check {
    /// Only these groups, with a comma between them: documents, docsync.
    #[arg(long, value_name = "GROUP", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Only findings about this task; may be given more than once.
    #[arg(long, value_name = "ID")]
    pub id: Vec<String>,
    /// Only findings of this rule; may be given more than once.
    #[arg(long, value_name = "RULE")]
    pub rule: Vec<String>,
    /// Print annotations for a GitHub workflow.
    #[arg(long, conflicts_with_all = ["sarif", "matrix", "fix", "diff", "dry_run"])]
    pub github: bool,
    /// Print SARIF 2.1.0.
    #[arg(long, conflicts_with_all = ["matrix", "fix", "diff", "dry_run"])]
    pub sarif: bool,
    /// Print which id stands where: C CSV, B board, L backlog, P plan, D delivered, S session log.
    #[arg(long)]
    pub matrix: bool,
    /// Write the fixes of what is found, as one operation; those of notes only when --rule or --id choose them.
    #[arg(long)]
    pub fix: bool,
    /// Print each fix's diff under its finding.
    #[arg(long)]
    pub diff: bool,
    /// With --fix: print the diff and write nothing.
    #[arg(long, requires = "fix")]
    pub dry_run: bool,
}

pub fn run(verb: &Check, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    let groups = groups(&verb.only)?;
    if let Some(rule) = verb.rule.iter().find(|rule| RULES.iter().all(|(known, _)| known != rule)) {
        let known: Vec<&str> = RULES.iter().map(|(name, _)| *name).collect();
        return Err(Failure::usage(format!("there is no rule {rule:?}; the rules are {}", known.join(", "))));
    }
    if out.is_json() && (verb.github || verb.sarif) {
        return Err(Failure::usage("--json, --github and --sarif are three forms of the same; choose one".to_owned()));
    }
    let mut checked = bench.check(&groups);
    checked.findings.retain(|finding| {
        let is_id = |id: &String| finding.id.as_ref() == Some(id);
        (verb.id.is_empty() || verb.id.iter().any(is_id))
            && (verb.rule.is_empty() || verb.rule.iter().any(|rule| rule == finding.rule))
    });
    let findings = &checked.findings;
    if verb.fix {
        // What is only worth knowing is not rewritten unless it was chosen.
        let chosen = !verb.id.is_empty() || !verb.rule.is_empty();
        let mended = findings.iter().filter(|finding| chosen || finding.severity != Severity::Note);
        return fix(mend(mended), verb.dry_run, bench, out);
    }
    let totals = Totals::of(findings);
    if verb.github {
        findings.iter().for_each(|finding| out.text(&annotation(finding)));
    } else if verb.sarif {
        out.document(&sarif(findings));
    } else {
        let matrix = checked.sync.as_ref().filter(|_| verb.matrix || out.is_json());
        let rows = matrix.map(|sync| rows(sync, &verb.id));
        out.json(|| {
            let mut document = json!({
                "schema": "codex-tui/check@1",
                "root": bench.view().root,
                "groups": groups.iter().map(|group| group.name()).collect::<Vec<_>>(),
                "findings": findings.iter().map(|finding| finding_json(finding, verb.diff, bench)).collect::<Vec<_>>(),
                "totals": totals_json(totals, bench),
            });
            if let Some(rows) = &rows {
                document["matrix"] = rows.iter().map(|row| row.1.clone()).collect();
            }
            document
        });
        if !out.is_json() {
            print(findings, verb.diff, bench, out);
            for (line, _) in rows.iter().flatten() {
                out.text(line);
            }
        }
    }
    Ok(if totals.is_clean() { 0 } else { 1 })
}

fn groups(only: &[String]) -> Result<Vec<Group>, Failure> {
    if only.is_empty() {
        return Ok(Group::ALL.into());
    }
    let group = |name: &String| {
        Group::ALL.into_iter().find(|group| group.name() == name).ok_or_else(|| {
            let known = Group::ALL.map(Group::name).join(", ");
            Failure::usage(format!("there is no group {name:?}; the groups are {known}"))
        })
    };
    only.iter().map(group).collect()
}

/// Writes what can be mended.
fn fix(
    mended: Result<Option<Operation>, Clash>,
    dry_run: bool,
    bench: &mut Workbench,
    out: &mut Output,
) -> Result<u8, Failure> {
    let Some(operation) = mended.map_err(|clash| Failure::usage(clash.to_string()))? else {
        let message = "nothing to do: no error or warning has a fix that is certain; --rule and --id choose notes too";
        let message = message.to_owned();
        return super::report(Outcome::Unchanged { message }, out);
    };
    super::carry_out(&Request::Commit(operation), &[], &DryRun { dry_run }, bench, out)
}

fn print(findings: &[Finding], diff: bool, bench: &Workbench, out: &mut Output) {
    let mut file = None;
    for finding in findings {
        if file.is_some_and(|last| last != &finding.file) {
            out.text("");
        }
        file = Some(&finding.file);
        out.text(&said(finding));
        if let Some(advice) = &finding.advice {
            out.text(&format!("    {advice}"));
        }
        if let Some(text) = diff.then(|| fix_diff(finding, bench)).flatten() {
            out.text(text.trim_end_matches('\n'));
        }
    }
    if !findings.is_empty() {
        out.text("");
    }
    let fixable = || findings.iter().filter(|finding| finding.fix.is_some());
    let notes = fixable().filter(|finding| finding.severity == Severity::Note).count();
    let fixes = match (fixable().count() - notes, notes) {
        (0, 0) => String::new(),
        (count, 0) => format!("; --fix mends {count} of them"),
        (count, 1) => format!("; --fix mends {count} of them, and a note that --rule or --id choose"),
        (count, notes) => format!("; --fix mends {count} of them, and {notes} notes that --rule or --id choose"),
    };
    out.text(&format!("{}{fixes}", summary(Totals::of(findings), bench)));
}

/// A finding on one line.
pub fn said(finding: &Finding) -> String {
    let place = finding.place();
    let place = if place.is_empty() { place } else { format!("{place}: ") };
    format!("{place}{}: {} [{}]", word(finding.severity), finding.message, finding.rule)
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// How much was found.
pub fn summary(totals: Totals, bench: &Workbench) -> String {
    let count = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let found = [(totals.errors, "error"), (totals.warnings, "warning"), (totals.notes, "note")];
    let found = found.map(|(of, word)| count(of, word)).join(", ");
    // Telemetry is no document.
    match bench.view().snapshot.len() {
        0 => found,
        documents => format!("{found} in {}", count(documents, "document")),
    }
}

pub fn totals_json(totals: Totals, bench: &Workbench) -> Value {
    json!({
        "error": totals.errors, "warning": totals.warnings, "note": totals.notes,
        "documents": bench.view().snapshot.len(),
    })
}

/// The diff of a finding's fix, if it has one that can be made now.
fn fix_diff(finding: &Finding, bench: &Workbench) -> Option<String> {
    bench.preview(&Request::Commit(finding.fix.clone()?)).ok()
}

/// A finding in the shape of `codex-tui/check@1`.
fn finding_json(finding: &Finding, diff: bool, bench: &Workbench) -> Value {
    let mut shape = super::doctor::finding_json(finding);
    if finding.rule.starts_with("sync-") {
        shape["field"] = json!(finding.field);
        shape["values"] = json!(finding.values);
    }
    if diff {
        shape["diff"] = json!(fix_diff(finding, bench));
    }
    shape
}

/// The rows of the matrix, of these ids or all, as text and as JSON.
fn rows(sync: &Sync, ids: &[String]) -> Vec<(String, Value)> {
    let wanted = |id: &str| ids.is_empty() || ids.iter().any(|own| own == id);
    let rows: Vec<SyncRow<'_>> = sync.matrix.iter().filter(|row| wanted(row.id())).collect();
    let width = rows.iter().map(|row| row.id().len()).max().unwrap_or_default();
    let row = |row: SyncRow<'_>| {
        let mut shape = json!({"id": row.id(), "title": row.title(), "presence": row.presence()});
        for place in Place::ALL {
            let at = row.at(place).map(|(doc, line)| json!({"file": doc, "line": line}));
            shape[place.name()] = at.collect();
        }
        let text = format!("{}  {:width$}  {}", row.presence(), row.id(), row.title().replace('\n', " "));
        (text.trim_end().to_owned(), shape)
    };
    rows.into_iter().map(row).collect()
}

/// A finding as a command of a GitHub workflow.
fn annotation(finding: &Finding) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let text = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |value: &str| text(value).replace(':', "%3A").replace(',', "%2C");
    let file = finding.file.as_ref().map(|file| format!("file={},", property(file))).unwrap_or_default();
    let line = finding.line.map(|line| format!("line={line},")).unwrap_or_default();
    let title = match &finding.id {
        Some(id) => format!("{} {id}", finding.rule),
        None => finding.rule.to_owned(),
    };
    let advice = finding.advice.as_ref().map(|advice| format!("\n{advice}")).unwrap_or_default();
    format!("::{level} {file}{line}title={}::{}", property(&title), text(&format!("{}{advice}", finding.message)))
}

/// All findings as one SARIF 2.1.0 document.
fn sarif(findings: &[Finding]) -> Value {
    let mut rules: BTreeMap<&str, usize> = findings.iter().map(|finding| (finding.rule, 0)).collect();
    for (at, (_, index)) in rules.iter_mut().enumerate() {
        *index = at;
    }
    let about = |rule: &str| RULES.iter().find(|(name, _)| *name == rule).map_or(rule, |(_, about)| *about).to_owned();
    let results = findings.iter().map(|finding| {
        let locations: Vec<Value> = finding.file.iter().map(|file| location(file, finding.line)).collect();
        let advice = finding.advice.as_ref().map(|advice| format!(" Fix: {advice}.")).unwrap_or_default();
        json!({
            "ruleId": finding.rule, "ruleIndex": rules[finding.rule], "level": word(finding.severity),
            "message": {"text": format!("{}.{advice}", finding.message)},
            "locations": locations,
            "properties": {"id": finding.id},
        })
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "codex-tui",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.keys().map(|rule| {
                    json!({"id": rule, "shortDescription": {"text": about(rule)}})
                }).collect::<Vec<_>>(),
            }},
            "results": results.collect::<Vec<_>>(),
        }],
    })
}

fn location(file: &str, line: Option<usize>) -> Value {
    let mut place = json!({"artifactLocation": {"uri": uri(file), "uriBaseId": "%SRCROOT%"}});
    if let Some(line) = line {
        place["region"] = json!({"startLine": line.max(1)});
    }
    json!({"physicalLocation": place})
}

/// A relative path as a URI reference.
fn uri(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    path.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_are_escaped() {
        let finding = Finding::new("sync-title", Severity::Warning, "50%:\na, b".to_owned())
            .at("docs/a,b:c.md", 7)
            .about("HB-A-001")
            .advise("mend it");
        assert_eq!(
            annotation(&finding),
            "::warning file=docs/a%2Cb%3Ac.md,line=7,title=sync-title HB-A-001::50%25:%0Aa, b%0Amend it"
        );
        let bare = Finding::new("writing", Severity::Note, "x".to_owned());
        assert_eq!(annotation(&bare), "::notice title=writing::x");
    }

    #[test]
    fn sarif_has_what_its_schema_asks_for() {
        let finding = Finding::new("sync-title", Severity::Note, "differs".to_owned()).at("docs/a b.md", 7);
        let document = sarif(&[finding, Finding::new("config", Severity::Error, "x".to_owned())]);
        assert_eq!(document["version"], "2.1.0");
        let run = &document["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"][1]["id"], "sync-title");
        let result = &run["results"][0];
        assert_eq!(
            (&result["ruleId"], &result["ruleIndex"], &result["level"]),
            (&json!("sync-title"), &json!(1), &json!("note"))
        );
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(
            (&place["artifactLocation"]["uri"], &place["region"]["startLine"]),
            (&json!("docs/a%20b.md"), &json!(7))
        );
        assert_eq!(run["results"][1]["locations"], json!([]));
    }

    #[test]
    fn rules_are_sorted_and_named_once() {
        assert!(RULES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
