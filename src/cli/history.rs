//! `history`, `undo`, `redo`, `recover`.

use serde_json::{Value, json};

use super::args::Which;
use super::output::{Failure, Output};
use crate::op::OpId;
use crate::workbench::{Operated, Request, Workbench};

pub fn list(bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let history = &bench.view().history;
    out.json(|| {
        json!({
            "schema": "codex-tui/history@1",
            "root": bench.view().root,
            "operations": history.iter().map(operated_json).collect::<Vec<_>>(),
            "problems": bench.history_problems(),
        })
    });
    if history.is_empty() {
        out.note("nothing was written through codex-tui yet");
    }
    for operated in history.iter().rev() {
        let mark = if operated.undone { " (undone)" } else { "" };
        out.text(&format!(
            "{:>4}  {}  {}  {}: {}{mark}",
            operated.op.0, operated.at, operated.actor, operated.verb, operated.intent
        ));
        for file in &operated.files {
            let edits = if file.edits.len() == 1 { "edit" } else { "edits" };
            out.text(&format!("        {} ({} {edits})", file.doc, file.edits.len()));
        }
    }
    for problem in bench.history_problems() {
        out.note(&problem);
    }
    Ok(0)
}

fn operated_json(operated: &Operated) -> Value {
    let files = operated.files.iter().map(|file| {
        let edits = file.edits.iter().map(|edit| json!({"at": edit.at, "old": edit.old, "new": edit.new}));
        json!({"file": file.doc, "edits": edits.collect::<Vec<_>>()})
    });
    json!({
        "op": operated.op, "at": operated.at, "actor": operated.actor, "via": operated.via,
        "verb": operated.verb, "intent": operated.intent,
        "undoes": operated.undoes, "undone": operated.undone, "files": files.collect::<Vec<_>>(),
    })
}

pub fn undo(which: &Which, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    run(Request::Undo(which.op.map(OpId)), which, bench, out)
}

pub fn redo(which: &Which, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    run(Request::Redo(which.op.map(OpId)), which, bench, out)
}

fn run(request: Request, which: &Which, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    super::carry_out(&request, &[], &which.dry, bench, out)
}

/// Prints the diff that a request would make.
pub fn dry_run(request: &Request, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    match bench.preview(request) {
        Ok(diff) => {
            out.json(|| json!({"schema": "codex-tui/diff@1", "root": bench.view().root, "diff": diff}));
            out.text(diff.trim_end_matches('\n'));
            Ok(0)
        }
        Err(outcome) => super::report(outcome, out),
    }
}

pub fn recover(bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let said = bench.recover(&super::actor("cli"))?;
    out.json(|| json!({"schema": "codex-tui/recovered@1", "root": bench.view().root, "recovered": said}));
    if said.is_empty() {
        out.text("nothing to recover");
    }
    for line in &said {
        out.text(line);
    }
    Ok(0)
}
