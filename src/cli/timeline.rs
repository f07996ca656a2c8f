//! `timeline`.

use serde_json::json;

use super::args::Timeline;
use super::output::{Failure, Output};
use crate::model::timeline::{EventKind, TimelineEvent};
use crate::workbench::Workbench;

pub fn run(verb: &Timeline, bench: &Workbench, out: &mut Output) -> Result<u8, Failure> {
    let timeline = &bench.view().timeline;
    let of_plan =
        |own: Option<&str>| verb.plan.as_ref().is_none_or(|plan| own.is_some_and(|own| own.eq_ignore_ascii_case(plan)));
    let events: Vec<&TimelineEvent> = timeline
        .events
        .iter()
        .filter(|event| of_plan(event.plan.as_deref()))
        .take(verb.limit.unwrap_or(usize::MAX))
        .collect();
    out.json(|| {
        let event = |e: &&TimelineEvent| {
            json!({"at": e.at.to_string(), "plan": e.plan.as_deref(), "kind": e.kind, "summary": e.summary(), "file": e.doc, "line": e.line})
        };
        json!({
            "schema": "codex-tui/timeline@1",
            "root": bench.view().root,
            "events": events.iter().map(event).collect::<Vec<_>>(),
            "undated": timeline.undated.iter().map(|(doc, line, text)| json!({"file": doc, "line": line, "text": text})).collect::<Vec<_>>(),
        })
    });
    if events.is_empty() {
        out.note(if timeline.events.is_empty() { "nothing here has a date" } else { "no event fits" });
    }
    for event in events {
        let kind = match event.kind {
            EventKind::Timeline => "timeline",
            EventKind::Session => "session",
            EventKind::Board => "board",
            EventKind::Journal => "journal",
        };
        let summary: String = event.summary().replace('\n', " ").chars().take(160).collect();
        out.text(&format!(
            "{:<16} {:<3} {kind:<8} {summary}  ({}:{})",
            event.at.to_string(),
            event.plan.as_deref().unwrap_or("-"),
            event.doc,
            event.line
        ));
    }
    if !timeline.undated.is_empty() {
        out.note(&format!(
            "{} timeline entries without a readable date are not listed; `doctor` names them",
            timeline.undated.len()
        ));
    }
    Ok(0)
}
