//! `prompt personas|compose|lint`.

use std::io::{IsTerminal, Read};
use std::path::Path;

use serde_json::{Value, json};

use super::args::{ComposeArgs, Prompt};
use super::output::{Failure, Output};
use crate::doc::DocId;
use crate::model::finding::{Finding, Totals};
use crate::model::prompt::lint::lint;
use crate::model::prompt::{Persona, Playbook, Point, save};
use crate::model::task::edit::Refused;
use crate::tui::clipboard::{through_program, through_terminal};
use crate::workbench::prompt::{Composed, NewPrompt};
use crate::workbench::{Request, Workbench};

/// Larger files are no prompts.
const MOST_BYTES: u64 = 16 << 20;

pub fn run(verb: &Prompt, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    match verb {
        Prompt::Personas => personas(bench, out),
        Prompt::Compose(args) => compose(args, bench, out),
        Prompt::Lint { file } => check(file, bench, out),
    }
}

fn personas(bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let book = playbook(bench)?;
    out.json(|| {
        let groups = book.library.iter().map(
            |group| json!({"name": group.name, "file": group.doc, "line": group.line, "tasks": points(&group.tasks)}),
        );
        json!({
            "schema": "codex-tui/personas@1",
            "root": bench.view().root,
            "playbook": book.docs,
            "personas": book.personas.iter().map(persona).collect::<Vec<_>>(),
            "principles": points(&book.principles),
            "patterns": points(&book.patterns),
            "checklist": points(&book.checklist),
            "library": groups.collect::<Vec<_>>(),
        })
    });
    for one in &book.personas {
        out.text(&format!("{}  {}", one.name, one.place()));
        let known = [("Scope", &one.scope), ("Entry points", &one.entrypoints), ("Guardrails", &one.guardrails)];
        let more = one.more.iter().map(|(label, text)| (label.as_str(), text));
        for (label, text) in known.into_iter().chain(more).filter(|(_, text)| !text.is_empty()) {
            out.text(&format!("  {label}: {text}"));
        }
    }
    list("Checklist", &book.checklist, out);
    list("Principles", &book.principles, out);
    list("Patterns", &book.patterns, out);
    for group in &book.library {
        list(&format!("Tasks: {}", group.name), &group.tasks, out);
    }
    Ok(0)
}

fn list(title: &str, list: &[Point], out: &mut Output) {
    if !list.is_empty() {
        out.text(&format!("\n{title}"));
    }
    for point in list {
        out.text(&format!("  {}  {}", point.said(), point.place()));
    }
}

fn persona(one: &Persona) -> Value {
    let more: serde_json::Map<String, Value> =
        one.more.iter().map(|(label, text)| (label.clone(), json!(text))).collect();
    json!({
        "name": one.name, "scope": one.scope, "entrypoints": one.entrypoints, "guardrails": one.guardrails, "more": more,
        "file": one.doc, "line": one.line,
    })
}

fn points(list: &[Point]) -> Vec<Value> {
    let point = |one: &Point| json!({"name": one.name, "text": one.text, "file": one.doc, "line": one.line});
    list.iter().map(point).collect()
}

fn compose(args: &ComposeArgs, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    if args.dry.dry_run && args.out.is_none() {
        return Err(Failure::usage("--dry-run goes with --out: without it nothing is written".to_owned()));
    }
    playbook(bench)?;
    let new = NewPrompt {
        persona: args.persona.clone(),
        task: args.task.clone(),
        gates: args.gate.clone(),
        inputs: args.input.clone(),
        outputs: args.output.clone(),
        environment: args.env.clone(),
        safe: args.safe.clone(),
        forbidden: args.forbid.clone(),
        approval: args.approval.clone(),
        said: args.say.clone(),
    };
    let name = args.out.as_deref().unwrap_or("-");
    let gates = bench.gates();
    let composed = bench.view().compose_prompt(&new, gates.list(), name).map_err(usage)?;
    for finding in &composed.findings {
        out.note(&super::check::said(finding));
    }
    if let Some(path) = &args.out {
        return write(path, &composed, args.dry.dry_run, bench, out);
    }
    if args.copy {
        return to_clipboard(&composed.text, bench, out);
    }
    out.json(|| {
        json!({
            "schema": "codex-tui/prompt@1",
            "root": bench.view().root,
            "persona": composed.persona, "task": composed.task, "gates": composed.gates,
            "text": composed.text,
            "findings": composed.findings.iter().map(super::doctor::finding_json).collect::<Vec<_>>(),
        })
    });
    out.text(composed.text.trim_end_matches('\n'));
    Ok(0)
}

/// Creates a document with the prompt.
fn write(path: &str, composed: &Composed, dry: bool, bench: &mut Workbench, out: &mut Output) -> Result<u8, Failure> {
    let given = Path::new(path);
    let inside = given.strip_prefix(&bench.view().root).unwrap_or(given);
    let doc = DocId::new(inside.to_str().unwrap_or(path)).map_err(|error| Failure::usage(error.to_string()))?;
    let request = Request::Commit(save(&doc, &composed.text));
    if dry {
        return super::history::dry_run(&request, bench, out);
    }
    super::report(bench.run(&request, &super::actor("cli")), out)
}

fn to_clipboard(text: &str, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    if !std::io::stdout().is_terminal() {
        return Err(Failure::usage("--copy needs a terminal on standard output; leave it out to print".to_owned()));
    }
    let words = &bench.config().ui.clipboard;
    let copied = if words.is_empty() { through_terminal(text) } else { through_program(words, text) };
    let way = copied.map_err(|why| Failure::usage(format!("{why}; use --out")))?;
    out.note(&format!("copied {way}"));
    Ok(0)
}

fn check(file: &Path, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let book = playbook(bench)?;
    if book.checklist.is_empty() {
        out.note("the playbook has no prompt checklist: only persona, lists and report are looked for");
    }
    let beside = bench.view().root.join(file);
    let text = read(if file.as_os_str() != "-" && !file.exists() && beside.exists() { &beside } else { file })?;
    let findings = lint(&file.to_string_lossy(), &text, book);
    let totals = Totals::of(&findings);
    out.json(|| {
        json!({
            "schema": "codex-tui/check@1",
            "root": bench.view().root,
            "groups": ["prompt"],
            "findings": findings.iter().map(super::doctor::finding_json).collect::<Vec<_>>(),
            "totals": { "error": totals.errors, "warning": totals.warnings, "note": totals.notes, "documents": 1 },
        })
    });
    print(&findings, out);
    Ok(u8::from(!findings.is_empty()))
}

fn print(findings: &[Finding], out: &mut Output) {
    for finding in findings {
        out.text(&super::check::said(finding));
        if let Some(advice) = &finding.advice {
            out.text(&format!("    {advice}"));
        }
    }
    match findings.len() {
        0 => out.text("nothing is missing"),
        1 => out.text("1 finding"),
        many => out.text(&format!("{many} findings")),
    }
}

/// The text of the prompt; what is not UTF-8 becomes replacement characters, which no rule looks at.
fn read(file: &Path) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|opened| opened.take(MOST_BYTES + 1).read_to_end(&mut bytes))
    };
    let failed = |why: String| Failure::io(format!("{}: {why}", file.display()));
    match read {
        Ok(read) if read as u64 > MOST_BYTES => {
            Err(failed(format!("larger than {} MiB is no prompt", MOST_BYTES >> 20)))
        }
        Ok(_) => Ok(String::from_utf8_lossy(&bytes).trim_start_matches('\u{feff}').to_owned()),
        Err(error) => Err(failed(error.to_string())),
    }
}

fn playbook(bench: &Workbench) -> Result<&Playbook, Failure> {
    bench.view().playbook().map_err(|Refused(why)| Failure::document(why))
}

fn usage(Refused(why): Refused) -> Failure {
    Failure::usage(why)
}
