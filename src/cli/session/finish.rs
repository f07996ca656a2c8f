//! `session finish` and `session summary`.

use serde_json::{Value, json};

use crate::cli::args::FinishArgs;
use crate::cli::output::{Failure, Output};
use crate::model::session::finish::{Finish, NotFinished};
use crate::model::session::open::OpenItem;
use crate::model::task::CARRIERS;
use crate::model::task::edit::Conclusion;
use crate::workbench::{Outcome, Request, Workbench};
use crate::workspace::Role;

pub fn finish(args: &FinishArgs, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    let needed = [&CARRIERS[..], &[Role::SessionLog, Role::Checklist, Role::Ledger, Role::Gates]].concat();
    if let Some(why) = bench.blind_to(&needed) {
        return Err(Failure::io(why));
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let wanted = Finish {
        outcome: match args.outcome.to_lowercase().as_str() {
            "done" => Conclusion::Done,
            "blocked" => Conclusion::Blocked,
            _ => Conclusion::Open,
        },
        summary: args.summary.clone(),
        next: text(&args.next),
        artifacts: args.artifacts.clone(),
        tests: text(&args.tests),
        smoke: text(&args.smoke),
        day: args.date,
        anyway: args.anyway,
    };
    bench.compare_and_judge();
    let ending = match bench.finish(&wanted) {
        Ok(ending) => ending,
        Err(NotFinished::Refused(why)) => return Err(super::usage(why)),
        Err(NotFinished::Open(items)) => return Ok(still_open(&items, bench, out)),
    };
    let request = Request::Commit(ending.operation);
    if args.dry.dry_run {
        ending.warnings.iter().for_each(|warning| out.note(warning));
        return crate::cli::history::dry_run(&request, bench, out);
    }
    let mut outcome = bench.run(&request, &crate::cli::actor("cli"));
    let is_done = matches!(outcome, Outcome::Done { .. });
    if let Outcome::Done { notes, .. } = &mut outcome {
        notes.extend(ending.warnings);
    }
    let code = crate::cli::report(outcome, out)?;
    if is_done {
        out.text(&ending.handoff.text());
    }
    Ok(code)
}

/// Says what is open and how it is settled; nothing was written.
fn still_open(items: &[OpenItem], bench: &Workbench, out: &mut Output) -> u8 {
    out.json(|| {
        json!({
            "schema": "codex-tui/open@1", "root": bench.view().root,
            "session": bench.view().active_session().map(|log| &log.name), "items": items.iter().map(item_json).collect::<Vec<_>>(),
        })
    });
    out.text(&format!("not finished, nothing was changed; still open: {}", items.len()));
    show(items, out);
    out.text("settle that, or finish with `--anyway`: then the log lists it");
    1
}

/// One line for each open thing, and how it is settled.
pub fn show(items: &[OpenItem], out: &mut Output) {
    for item in items {
        let place = item.place();
        let place = if place.is_empty() { place } else { format!(" ({place})") };
        let verb = item.settle.verb.as_ref().map_or_else(String::new, |verb| format!("  → {verb}"));
        out.text(&format!("  {:<11} {}{place}{verb}", word(item), item.what.replace('\n', " ")));
    }
}

fn word(item: &OpenItem) -> String {
    serde_json::to_value(item.kind).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

pub fn item_json(item: &OpenItem) -> Value {
    json!({"kind": item.kind, "what": item.what, "file": item.doc, "line": item.line, "verb": item.settle.verb})
}

pub fn summary(bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let handoff = bench.handoff().map_err(super::usage)?;
    let view = bench.view();
    let is_finished = view.session_finished();
    let log = view.active_session();
    out.json(|| {
        json!({
            "schema": "codex-tui/summary@1", "root": view.root, "session": log.map(|log| &log.name),
            "log": log.map(|log| &log.doc), "finished": is_finished, "sections": handoff.sections, "text": handoff.text(),
            "problems": crate::cli::doctor::problems_json(bench),
        })
    });
    if !is_finished {
        let name = log.map_or("", |log| log.name.as_str());
        out.text(&format!("{name} is not finished; this is what is recorded so far."));
    }
    out.text(&handoff.text());
    Ok(0)
}
