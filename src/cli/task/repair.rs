//! `task repair`: lists damaged rows with what is proposed for them, and mends one at a time.

use serde_json::{Value, json};

use super::write::{commit, doc_id};
use crate::cli::args::DryRun;
use crate::cli::output::{Failure, Output};
use crate::doc::Document;
use crate::model::task::CARRIERS;
use crate::model::task::edit::Refused;
use crate::model::task::repair::{self, Repair};
use crate::workbench::Workbench;

pub fn run(
    place: Option<&str>,
    values: &[String],
    dry: &DryRun,
    bench: &mut Workbench,
    out: &mut Output,
) -> Result<u8, Failure> {
    match place {
        Some(place) => mend(place, values, dry, bench, out),
        None => list(bench, out),
    }
}

fn list(bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let view = bench.view();
    let docs =
        CARRIERS.into_iter().flat_map(|role| view.workspace.with_role(role)).filter_map(|id| view.snapshot.get(id));
    let found = docs.flat_map(|doc| {
        repair::lines(doc).into_iter().map(move |line| (doc, line, repair::at(doc, line, bench.config())))
    });
    let found: Vec<(_, usize, Result<Repair, Refused>)> = found.collect();
    out.json(|| {
        let repairs = found.iter().map(|(doc, line, repair)| repair_json(doc, *line, repair));
        json!({"schema": "codex-tui/repairs@1", "root": view.root, "repairs": repairs.collect::<Vec<_>>()})
    });
    if found.is_empty() {
        out.text("no row of a task document is damaged");
    }
    for (doc, line, repair) in &found {
        let what = what(doc, *line);
        match repair {
            Ok(repair) => {
                out.text(&format!("{}:{}: {what}", repair.doc, repair.line));
                out.text(&format!("  proposal: {}", repair.note));
                for row in [Some(&repair.values), repair.second.as_ref()].into_iter().flatten() {
                    let cells = repair.header.iter().zip(row).map(|(name, value)| format!("{name}={value:?}"));
                    out.text(&format!("    {}", cells.collect::<Vec<_>>().join(" ")));
                }
            }
            Err(Refused(why)) => out.text(&format!("{}:{line}: {what}\n  no proposal: {why}", doc.id())),
        }
    }
    Ok(0)
}

/// What is wrong with the row at a line, in the words of `doctor`.
fn what(doc: &Document, line: usize) -> String {
    let rules = ["csv-glued-record", "csv-malformed-field", "csv-field-count", "md-ragged-row"];
    let next = repair::lines(doc).into_iter().find(|other| *other > line).unwrap_or(usize::MAX);
    let problem = doc.problems().iter().find(|p| rules.contains(&p.rule) && (line..next).contains(&p.line));
    problem.map_or_else(|| "the row does not fit its header".to_owned(), |problem| problem.message.clone())
}

fn repair_json(doc: &Document, line: usize, repair: &Result<Repair, Refused>) -> Value {
    let what = what(doc, line);
    match repair {
        Ok(repair) => json!({
            "file": repair.doc, "line": repair.line, "rule": repair.rule, "message": what, "proposal": repair.note,
            "certain": repair.certain, "shifted": repair.shifted, "header": repair.header, "values": repair.values,
            "second": repair.second,
        }),
        Err(Refused(why)) => {
            json!({"file": doc.id(), "line": line, "rule": null, "message": what, "proposal": null, "refused": why})
        }
    }
}

fn mend(place: &str, values: &[String], dry: &DryRun, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    let usage = || Failure::usage(format!("{place:?} names no place: give FILE:LINE, as `task repair` lists them"));
    let (file, line) = place.rsplit_once(':').ok_or_else(usage)?;
    let (doc, line) = (doc_id(file)?, line.parse::<usize>().map_err(|_| usage())?);
    let document = bench.open_document(&doc).map_err(|why| Failure::io(why).about(doc.as_str()))?;
    let refused = |Refused(why)| match document.locked().is_some() || repair::lines(&document).contains(&line) {
        true => Failure::document(why),
        false => Failure::usage(why),
    };
    let mut repair = repair::at(&document, line, bench.config()).map_err(|why| refused(why).about(doc.as_str()))?;
    for value in values {
        set(&mut repair, value)?;
    }
    if repair.shifted && values.is_empty() && !dry.dry_run {
        return Err(Failure::usage(format!(
            "{doc}:{line}: {}; nothing was changed; say with `--set COLUMN=VALUE` what stands where",
            repair.note
        )));
    }
    let operation = repair.operation().map_err(|Refused(why)| Failure::usage(why))?;
    if !out.is_json() && values.is_empty() {
        out.note(&format!("{doc}:{}: {}", repair.line, repair.note));
    }
    commit(operation, dry, bench, out)
}

/// Gives a column its value; `2:COLUMN=VALUE` means the second of two rows that stood on one line.
fn set(repair: &mut Repair, assignment: &str) -> Result<(), Failure> {
    let (text, row) = match (assignment.strip_prefix("2:"), &mut repair.second) {
        (Some(text), Some(second)) => (text, second),
        (Some(_), None) => return Err(Failure::usage(format!("{assignment:?}: there is no second row on that line"))),
        (None, _) => (assignment, &mut repair.values),
    };
    // A header may have `=` in it, so that the headers say where the name ends.
    let named = repair.header.iter().enumerate().find_map(|(column, name)| {
        let front = text.get(..name.len()).filter(|front| front.eq_ignore_ascii_case(name))?;
        Some((column, text[front.len()..].strip_prefix('=')?))
    });
    let Some((column, value)) = named else {
        return Err(Failure::usage(format!(
            "{assignment:?} sets no column: give COLUMN=VALUE; the columns are {}",
            repair.header.join(", ")
        )));
    };
    value.clone_into(&mut row[column]);
    Ok(())
}
