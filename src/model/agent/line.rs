//! One line of an agent's session file.

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

use super::call::{self, Asked};
use super::{Call, Form, News, Piece, Speaker, Tool, What, close};

/// Bytes of a text that are kept; the rest is counted.
pub const LONGEST: usize = 16 * 1024;

/// Kinds that say nothing to an operator: figures, and what is told a second time by others.
const QUIET: &[&str] = &[
    "token_count",
    "turn_context",
    "ghost_snapshot",
    "agent_reasoning_section_break",
    "exec_command_output_delta",
    "patch_apply_begin",
    "turn_diff",
    "session_configured",
    "item_started",
    "item_completed",
    "thread_name_updated",
    "mcp_tool_call_begin",
    "web_search_begin",
];

/// What a line says. Any text is accepted; a line that was cut is read as far as it goes.
pub fn read(line: &str) -> Vec<Piece> {
    let line = line.trim_start_matches('\u{feff}').trim();
    if line.is_empty() {
        return Vec::new();
    }
    let Some(value) = close::parse(line).filter(Value::is_object) else {
        return vec![Piece { at: None, news: News::Event(What::Broken(clip(line))) }];
    };
    let at = time(&value);
    // Bare items are their own payload.
    let payload = ["payload", "item", "msg"].iter().find_map(|name| value.get(*name)).unwrap_or(&value);
    let outer = kind(&value);
    let news = match outer {
        "session_meta" => vec![meta(payload)],
        "compacted" => vec![News::Event(What::Mark("the history was shortened".to_owned()))],
        "" if value.get("record_type").is_some() => Vec::new(),
        "" if value.get("id").is_some() && value.get("timestamp").is_some() => vec![meta(&value)],
        "" if std::ptr::eq(payload, &value) => vec![News::Event(What::Broken(clip(line)))],
        _ => of_payload(payload, if kind(payload).is_empty() { outer } else { kind(payload) }, outer == "event_msg"),
    };
    news.into_iter().map(|news| Piece { at, news }).collect()
}

fn of_payload(payload: &Value, kind: &str, shown: bool) -> Vec<News> {
    let text = |name: &str| payload.get(name).map_or_else(String::new, |value| clip(&text_of(value)));
    let id = || payload.get("call_id").or_else(|| payload.get("id")).and_then(Value::as_str).unwrap_or_default();
    let form = if shown { Form::Shown } else { Form::Item };
    let says = |speaker, text: String| {
        let said = !text.trim().is_empty();
        said.then_some(News::Event(What::Message { speaker, form, text })).into_iter().collect::<Vec<_>>()
    };
    let asked = |id: &str, name: &str, arguments: Option<&Value>| match call::asked(id, name, arguments) {
        Asked::Plan(plan) => vec![News::Event(What::Plan(plan))],
        Asked::Call(call) => vec![News::Event(What::Call(call))],
    };
    let mark = |words: &str| vec![News::Event(What::Mark(words.to_owned()))];
    match kind {
        "message" => message(payload, form),
        "user_message" => says(speaker_of(Speaker::Operator, &text("message")), text("message")),
        "agent_message" if payload.get("message").is_some() => says(Speaker::Agent, text("message")),
        "agent_message" => says(Speaker::Agent, text("content")),
        "agent_reasoning" => says(Speaker::Reasoning, text("text")),
        "reasoning" => {
            let parts = payload.get("summary").and_then(Value::as_array).into_iter().flatten();
            parts.flat_map(|part| says(Speaker::Reasoning, clip(&text_of(part)))).collect()
        }
        "function_call" => asked(id(), &text("name"), payload.get("arguments")),
        "custom_tool_call" => asked(id(), &text("name"), payload.get("input")),
        "local_shell_call" => asked(id(), "shell", payload.get("action")),
        "web_search_call" => asked(id(), "web_search", payload.get("action")),
        "exec_command_begin" => asked(id(), "shell", Some(payload)),
        "plan_update" => call::plan(payload).map_or_else(Vec::new, |plan| vec![News::Event(What::Plan(plan))]),
        "function_call_output" | "custom_tool_call_output" | "local_shell_call_output" => {
            let output = payload.get("output").unwrap_or(&Value::Null);
            vec![News::Result(Call {
                id: id().to_owned(),
                tool: Tool::Other,
                text: String::new(),
                files: Vec::new(),
                result: Some(call::result_of_item(output)),
            })]
        }
        "exec_command_end" => vec![News::Result(Call {
            id: id().to_owned(),
            tool: Tool::Command,
            text: payload.get("command").and_then(call::command_line).unwrap_or_default(),
            files: Vec::new(),
            result: Some(call::result_of_event(payload)),
        })],
        "patch_apply_end" => {
            let changes = payload.get("changes").and_then(Value::as_object);
            vec![News::Result(Call {
                id: id().to_owned(),
                tool: Tool::Patch,
                text: String::new(),
                files: changes.map_or_else(Vec::new, |changes| changes.keys().take(200).map(|key| clip(key)).collect()),
                result: Some(call::result_of_event(payload)),
            })]
        }
        "error" | "stream_error" => vec![News::Event(What::Error(text("message")))],
        "warning" => mark(&format!("warning: {}", text("message"))),
        "task_started" | "turn_started" => mark("a turn began"),
        "task_complete" | "turn_complete" => mark("the turn ended"),
        "turn_aborted" => mark(format!("the turn was broken off: {}", text("reason")).trim_end_matches([':', ' '])),
        "context_compacted" => mark("the history was shortened"),
        quiet if QUIET.contains(&quiet) => Vec::new(),
        other => vec![unknown(other)],
    }
}

/// A message of the model's history: its role, and a list of texts.
fn message(payload: &Value, form: Form) -> Vec<News> {
    let text = clip(&payload.get("content").map_or_else(String::new, text_of));
    if text.trim().is_empty() {
        return Vec::new();
    }
    let speaker = match payload.get("role").and_then(Value::as_str) {
        Some("assistant") => Speaker::Agent,
        Some("user") => speaker_of(Speaker::Operator, &text),
        _ => Speaker::Context,
    };
    vec![News::Event(What::Message { speaker, form, text })]
}

/// Some of what is said in the operator's name is said by the program: instructions and surroundings, in tags.
fn speaker_of(speaker: Speaker, text: &str) -> Speaker {
    let text = text.trim_start();
    let tag = text.strip_prefix('<').and_then(|rest| rest.split_once('>')).map_or("", |(tag, _)| tag);
    let is_tag = !tag.is_empty() && tag.chars().all(|c| c.is_ascii_alphanumeric() || "_- ".contains(c));
    if is_tag || text.starts_with("# AGENTS.md instructions") { Speaker::Context } else { speaker }
}

fn meta(payload: &Value) -> News {
    let text = |name: &str| clip(payload.get(name).and_then(Value::as_str).unwrap_or_default());
    News::Event(What::Meta { cwd: text("cwd"), version: text("cli_version") })
}

fn unknown(kind: &str) -> News {
    let kind = kind.chars().take(60).collect();
    News::Event(What::Unknown { kind, times: 1 })
}

fn kind(value: &Value) -> &str {
    value.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn time(value: &Value) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(value.get("timestamp")?.as_str()?).ok()
}

/// The text in a value: a string, a list of parts with texts, or an object with one.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts: Vec<String> = parts.iter().map(text_of).filter(|text| !text.is_empty()).collect();
            texts.join("\n")
        }
        Value::Object(object) => {
            ["text", "output", "content"].iter().find_map(|name| object.get(*name)).map_or_else(String::new, text_of)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => String::new(),
    }
}

/// At most [`LONGEST`] bytes of a text, and how many were left out.
pub(super) fn clip(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let head = head(text, LONGEST);
    format!("{head} … {} more bytes", text.len() - head.len())
}

/// The start of a text, at most so many bytes.
pub(super) fn head(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..end]
}
