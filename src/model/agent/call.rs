//! Calls of tools and what came of them.

use std::time::Duration;

use serde_json::Value;

use super::line::{clip, head, text_of};
use super::{Call, CallResult, Plan, PlanState, PlanStep, Tool, close};

/// Lines of an output that are kept at its start and at its end.
const FIRST: usize = 3;
const LAST: usize = 5;
/// Bytes of such a line.
const WIDE: usize = 400;
/// Steps of a plan that are kept.
const STEPS: usize = 100;
/// Files of a patch that are kept.
const FILES: usize = 200;

/// What a tool call asks for: a plan, or something to be done.
pub(super) enum Asked {
    Plan(Plan),
    Call(Call),
}

/// A call of the tool `name` with these arguments: an object, or JSON in a string, or plain text.
pub(super) fn asked(id: &str, name: &str, arguments: Option<&Value>) -> Asked {
    let inner = match arguments {
        Some(Value::String(text)) => close::parse(text).filter(Value::is_object),
        Some(Value::Object(_)) => arguments.cloned(),
        _ => None,
    };
    let raw = arguments.and_then(Value::as_str).unwrap_or_default();
    let field = |names: &[&str]| names.iter().find_map(|name| inner.as_ref()?.get(*name));
    if name == "update_plan"
        && let Some(plan) = inner.as_ref().and_then(plan)
    {
        return Asked::Plan(plan);
    }
    let call = |tool, text: String, files| Asked::Call(Call { id: id.to_owned(), tool, text, files, result: None });
    if let Some(line) = field(&["command", "cmd"]).and_then(command_line) {
        // A patch may be handed to the shell.
        return match line.contains("*** Begin Patch") {
            true => call(Tool::Patch, String::new(), files_of(&line)),
            false => call(Tool::Command, line, Vec::new()),
        };
    }
    let input = field(&["input", "patch"]).and_then(Value::as_str).unwrap_or(raw);
    if name == "apply_patch" || input.contains("*** Begin Patch") {
        return call(Tool::Patch, String::new(), files_of(input));
    }
    let said = match &inner {
        Some(value) => value.to_string(),
        None => raw.to_owned(),
    };
    call(Tool::Other, clip(format!("{name} {said}").trim()), Vec::new())
}

/// `{"explanation", "plan": [{"step", "status"}]}`.
pub(super) fn plan(value: &Value) -> Option<Plan> {
    let steps = value.get("plan")?.as_array()?;
    let step = |step: &Value| {
        let state = match step.get("status").and_then(Value::as_str) {
            Some("completed" | "done") => PlanState::Completed,
            Some("in_progress" | "inProgress") => PlanState::InProgress,
            _ => PlanState::Pending,
        };
        Some(PlanStep { text: clip(step.get("step")?.as_str()?), state })
    };
    Some(Plan {
        explanation: clip(value.get("explanation").and_then(Value::as_str).unwrap_or_default()),
        steps: steps.iter().take(STEPS).filter_map(step).collect(),
    })
}

/// A command line from a string or a list of words; of a shell that is given a script, the script.
pub(super) fn command_line(value: &Value) -> Option<String> {
    let words: Vec<&str> = match value {
        Value::String(line) => return Some(clip(line)),
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let shell = words.first().map(|word| word.rsplit(['/', '\\']).next().unwrap_or(word));
    let shell = shell.is_some_and(|name| {
        let name = name.strip_suffix(".exe").unwrap_or(name);
        ["sh", "bash", "zsh", "dash", "fish", "pwsh", "powershell", "cmd"].contains(&name)
    });
    let flag = words.len().checked_sub(2).and_then(|at| words.get(at)).copied().unwrap_or_default();
    let script = shell && words.len() > 2 && ["-c", "-lc", "-Command", "-command", "/c", "/C"].contains(&flag);
    if script {
        return words.last().map(|script| clip(script));
    }
    let quoted = |word: &&str| match word.is_empty() || word.contains(char::is_whitespace) {
        true => format!("'{word}'"),
        false => (*word).to_owned(),
    };
    (!words.is_empty()).then(|| clip(&words.iter().map(quoted).collect::<Vec<_>>().join(" ")))
}

/// The files that a patch names.
fn files_of(patch: &str) -> Vec<String> {
    let named = |line: &str| {
        let rest = line.trim_start().strip_prefix("*** ")?;
        let (what, path) = rest.split_once(": ")?;
        ["Add File", "Update File", "Delete File", "Move to"].contains(&what).then(|| clip(path))
    };
    patch.lines().filter_map(named).take(FILES).collect()
}

/// What an item of the model says that came of a call: text, text in JSON with figures beside it, or a list of texts.
pub(super) fn result_of_item(output: &Value) -> CallResult {
    let mut result = CallResult::default();
    if let Value::Object(object) = output {
        result.ok = object.get("success").and_then(Value::as_bool);
    }
    let text = text_of(output);
    let inner = close::parse(&text).filter(|inner| inner.get("output").is_some());
    if let Some(inner) = &inner {
        let figures = inner.get("metadata").unwrap_or(inner);
        result.exit = figures.get("exit_code").and_then(Value::as_i64);
        result.took = figures.get("duration_seconds").and_then(Value::as_f64).and_then(seconds);
        put_lines(&mut result, &text_of(&inner["output"]));
        return result;
    }
    // Newer agents write the figures above the output.
    let mut body = text.as_str();
    let mut rest = text.as_str();
    for _ in 0..8 {
        let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        let number = |text: &str| text.split_whitespace().next().map(str::to_owned);
        if let Some(code) = line.strip_prefix("Exit code:").or(line.strip_prefix("Process exited with code")) {
            result.exit = number(code).and_then(|code| code.parse().ok());
        } else if let Some(time) = line.strip_prefix("Wall time:").or(line.strip_prefix("Wall time")) {
            result.took = number(time).and_then(|time| time.parse().ok()).and_then(seconds);
        } else if line.trim_end() == "Output:" {
            body = behind;
            break;
        }
        rest = behind;
    }
    put_lines(&mut result, body);
    result
}

/// What the program shows at the end of a command.
pub(super) fn result_of_event(payload: &Value) -> CallResult {
    let mut result = CallResult {
        exit: payload.get("exit_code").and_then(Value::as_i64),
        ok: payload.get("success").and_then(Value::as_bool),
        took: payload.get("duration").and_then(duration),
        ..CallResult::default()
    };
    let texts =
        ["aggregated_output", "formatted_output", "stdout"].iter().filter_map(|name| payload.get(*name)?.as_str());
    let mut text = texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned();
    if let Some(stderr) = payload.get("stderr").and_then(Value::as_str).filter(|stderr| !text.contains(*stderr)) {
        text += stderr;
    }
    put_lines(&mut result, &text);
    result
}

/// `{"secs", "nanos"}`, or seconds.
fn duration(value: &Value) -> Option<Duration> {
    match value {
        Value::Object(parts) => {
            let nanos = parts.get("nanos").and_then(Value::as_u64).unwrap_or(0);
            Some(Duration::new(parts.get("secs")?.as_u64()?, u32::try_from(nanos).ok().filter(|n| *n < 1_000_000_000)?))
        }
        _ => value.as_f64().and_then(seconds),
    }
}

fn seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok()
}

fn put_lines(result: &mut CallResult, text: &str) {
    let wide = |line: &str| match line.len() > WIDE {
        true => format!("{}…", head(line, WIDE)),
        false => line.to_owned(),
    };
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let first = if lines.len() > FIRST + LAST { FIRST } else { lines.len() };
    let last = if lines.len() > FIRST + LAST { lines.len() - LAST } else { lines.len() };
    result.first = lines[..first].iter().map(|line| wide(line)).collect();
    result.last = lines[last..].iter().map(|line| wide(line)).collect();
    result.left_out = last - first;
}
