//! `checklist show|tick|fail|untick|reset`.

use serde_json::{Value, json};

use super::args::{Checklist as ChecklistVerb, DryRun, StepArg};
use super::output::{Failure, Output};
use crate::model::checklist::{Checklist, Mark, Step};
use crate::model::task::edit::Refused;
use crate::workbench::{Outcome, Request, Workbench};
use crate::workspace::Role;

const NO_LIST: &str = "there is no checklist in this workspace; `doctor` says what was looked for";

pub fn run(verb: &ChecklistVerb, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    match verb {
        ChecklistVerb::Show { list } => show(list.as_deref(), bench, out),
        ChecklistVerb::Tick { step, evidence, na, dry } => {
            let mark = match na {
                Some(reason) => Mark::NotApplicable { reason: reason.clone() },
                None => Mark::Done { evidence: evidence.clone().unwrap_or_default() },
            };
            set(step, mark, dry, bench, out)
        }
        ChecklistVerb::Fail { step, note, dry } => set(step, Mark::Failed { seen: note.clone() }, dry, bench, out),
        ChecklistVerb::Untick { step, dry } => set(step, Mark::Open, dry, bench, out),
        ChecklistVerb::Reset { list, dry } => reset(list.as_deref(), dry, bench, out),
    }
}

fn show(wanted: Option<&str>, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let lists = lists(wanted, bench)?;
    out.json(|| {
        json!({
            "schema": "codex-tui/checklist@1",
            "root": bench.view().root,
            "session": bench.view().sessions.last().map(|log| &log.name),
            "lists": lists.iter().map(|list| list_json(list)).collect::<Vec<_>>(),
            "problems": super::doctor::problems_json(bench),
        })
    });
    if lists.is_empty() {
        out.note(NO_LIST);
    }
    for list in lists {
        let progress = list.progress();
        out.text(&format!("{} ({})  {}/{} done", list.title, list.doc, progress.done, progress.done + progress.open));
        for section in &list.sections {
            let progress = section.progress();
            out.text(&format!("  {}  {}/{}", section.title, progress.done, progress.done + progress.open));
            for step in &section.steps {
                let mark = match step.state {
                    crate::model::checklist::StepState::Open => "[ ]",
                    crate::model::checklist::StepState::Failed => "[!]",
                    crate::model::checklist::StepState::Done => "[x]",
                    crate::model::checklist::StepState::NotApplicable => "[-]",
                };
                let note = if step.evidence.is_empty() { String::new() } else { format!("  ({})", step.evidence) };
                out.text(&format!("  {:>3} {mark} {}{note}", step.index, step.id.text.replace('\n', " ")));
            }
        }
    }
    Ok(0)
}

fn list_json(list: &Checklist) -> Value {
    let step = |step: &Step| {
        json!({
            "index": step.index, "text": step.id.text, "line": step.line, "state": step.state.word(),
            "evidence": step.evidence, "at": step.at,
        })
    };
    let sections = list.sections.iter().map(|section| {
        json!({"title": section.title, "line": section.line, "steps": section.steps.iter().map(step).collect::<Vec<_>>()})
    });
    let progress = list.progress();
    json!({
        "file": list.doc, "title": list.title, "sections": sections.collect::<Vec<_>>(),
        "progress": {"done": progress.done, "open": progress.open, "na": progress.na},
    })
}

fn set(wanted: &StepArg, mark: Mark, dry: &DryRun, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    sees_all(bench)?;
    let step = find(wanted, bench)?.clone();
    super::carry_out(&Request::Mark { step: step.id, seen: step.state, mark }, &[], dry, bench, out)
}

/// Whether all documents could be read that a step belongs to: one that was not must not look like one that is not there.
fn sees_all(bench: &Workbench) -> Result<(), Failure> {
    match bench.blind_to(&[Role::Checklist, Role::Playbook, Role::SessionLog, Role::Ledger]) {
        Some(why) => Err(Failure::io(why)),
        None => Ok(()),
    }
}

/// Archives the list that is meant and opens its boxes.
fn reset(wanted: Option<&str>, dry: &DryRun, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    sees_all(bench)?;
    let list = match (lists(wanted, bench)?.as_slice(), wanted) {
        ([], _) => return Err(Failure::usage(NO_LIST.to_owned())),
        ([first, ..], None) | ([first], Some(_)) => first.doc.clone(),
        (many, Some(wanted)) => {
            let names: Vec<&str> = many.iter().map(|list| list.doc.as_str()).collect();
            return Err(Failure::usage(format!("{wanted:?} means several lists: {}; name one", names.join(", "))));
        }
    };
    match bench.reset_checklist(&list).map_err(|Refused(why)| Failure::usage(why))? {
        Some(operation) => super::carry_out(&Request::Commit(operation), &[], dry, bench, out),
        None => {
            let message = format!("nothing to do: no box of {list} is ticked");
            super::report(Outcome::Unchanged { message }, out)
        }
    }
}

/// Lists whose path has `wanted` in it; the whole path, when one list has it, wins.
fn lists<'a>(wanted: Option<&str>, bench: &'a Workbench) -> Result<Vec<&'a Checklist>, Failure> {
    let all = &bench.view().checklists;
    let Some(wanted) = wanted else { return Ok(all.iter().collect()) };
    let exact: Vec<&Checklist> = all.iter().filter(|list| list.doc.as_str() == wanted).collect();
    if !exact.is_empty() {
        return Ok(exact);
    }
    let part: Vec<&Checklist> = all.iter().filter(|list| list.doc.as_str().contains(wanted)).collect();
    if part.is_empty() {
        let names: Vec<&str> = all.iter().map(|list| list.doc.as_str()).collect();
        return Err(Failure::usage(format!(
            "no checklist has {wanted:?} in its path; there are: {}",
            names.join(", ")
        )));
    }
    Ok(part)
}

/// The one step that is meant: by index in the leading list, by its whole text, or by a part that only one step has.
fn find<'a>(wanted: &StepArg, bench: &'a Workbench) -> Result<&'a Step, Failure> {
    let lists = lists(wanted.list.as_deref(), bench)?;
    let Some(first) = lists.first() else {
        return Err(Failure::usage(NO_LIST.to_owned()));
    };
    let here = |step: &&Step| wanted.section.as_ref().is_none_or(|section| &step.id.section == section);
    if let Ok(index) = wanted.step.parse::<usize>() {
        return first.steps().filter(here).find(|step| step.index == index).ok_or_else(|| {
            let last = first.steps().count();
            Failure::usage(format!("{} has no step {index}; its steps are 1 to {last}", first.doc))
                .about(first.doc.as_str())
        });
    }
    // The leading list comes first: a text that stands there is meant there.
    for steps in
        [first.steps().filter(here).collect::<Vec<_>>(), lists.iter().flat_map(|l| l.steps()).filter(here).collect()]
    {
        let exact: Vec<&&Step> = steps.iter().filter(|step| step.id.text == wanted.step.trim()).collect();
        let part: Vec<&&Step> = steps.iter().filter(|step| step.id.text.contains(wanted.step.trim())).collect();
        match (exact.as_slice(), part.as_slice()) {
            ([one], _) | ([], [one]) => return Ok(one),
            ([], []) => {}
            (many, others) => {
                let many = if many.is_empty() { others } else { many };
                let named: Vec<String> = many
                    .iter()
                    .take(5)
                    .map(|s| format!("{}:{} step {} {:?}", s.id.doc, s.line, s.index, s.id.text))
                    .collect();
                return Err(Failure::usage(format!(
                    "{:?} means {} steps: {}; give the index, or --list and --section",
                    wanted.step,
                    many.len(),
                    named.join("; ")
                )));
            }
        }
    }
    Err(Failure::usage(format!("no step has {:?} in its text; `checklist show` lists them", wanted.step)))
}
