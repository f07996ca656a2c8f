//! An event of the agent as rows: time, a sign with a word, the text; what belongs to it below, indented.

use super::scroll::Tone;
use crate::model::agent::{Call, CallResult, Event, PlanState, Speaker, Tool, What};
use crate::tui::theme::Symbols;

/// Lines of a message that are shown.
const LINES: usize = 60;
/// Columns of a time with the blank behind it.
const INDENT: &str = "         ";

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The text, as the agent's file has it.
    pub text: String,
    /// How it looks.
    pub tone: Tone,
    /// Whether it is the head of something that went wrong.
    pub is_bad: bool,
}

/// The rows of an event, its head first.
pub fn rows(event: &Event, symbols: &Symbols) -> Vec<Row> {
    let (sign, word, tone, text, below) = match &event.what {
        What::Message { speaker, text, .. } => {
            let (sign, word, tone) = match speaker {
                Speaker::Operator => (">", "operator", Tone::Accent),
                Speaker::Agent => ("<", "agent", Tone::Text),
                Speaker::Reasoning => ("~", "thinks", Tone::Quiet),
                Speaker::Context => ("=", "context", Tone::Quiet),
            };
            // Instructions and surroundings are the same every time: their first line is enough.
            let most = if *speaker == Speaker::Context { 1 } else { LINES };
            let (first, more) = split(text, most);
            (sign, word, tone, first, more.into_iter().map(|line| (line, tone)).collect())
        }
        What::Plan(plan) => {
            let step = |step: &crate::model::agent::PlanStep| {
                let (sign, tone) = state(step.state, symbols);
                (format!("{sign} {}", step.text), tone)
            };
            ("*", "plan", Tone::Accent, plan.explanation.clone(), plan.steps.iter().map(step).collect())
        }
        What::Call(call) => {
            let (first, more) = split(&call.text, LINES);
            let (sign, word, text) = match call.tool {
                Tool::Command => ("$", "command", first),
                Tool::Patch => ("+", "patch", call.files.join(", ")),
                Tool::Other => ("@", "tool", first),
            };
            let mut below: Vec<(String, Tone)> = more.into_iter().map(|line| (line, Tone::Text)).collect();
            below.extend(ended(call));
            (sign, word, Tone::Text, text, below)
        }
        What::Error(text) => {
            let (first, more) = split(text, LINES);
            ("!", "error", Tone::Bad, first, more.into_iter().map(|line| (line, Tone::Bad)).collect())
        }
        What::Meta { cwd, version } => {
            let text = [("in", cwd), ("version", version)]
                .map(|(word, said)| if said.is_empty() { String::new() } else { format!("{word} {said}") });
            ("=", "session", Tone::Quiet, text.join(" ").trim().to_owned(), Vec::new())
        }
        What::Mark(text) => (symbols.dot, "note", Tone::Quiet, text.clone(), Vec::new()),
        What::Unknown { kind, times } => {
            let times = if *times > 1 { format!(", {times} times") } else { String::new() };
            ("?", "unknown", Tone::Quiet, format!("{kind}{times}"), Vec::new())
        }
        What::Broken(text) => ("?", "not an event", Tone::Warn, split(text, 1).0, Vec::new()),
    };
    let at = event.at.map_or_else(|| INDENT.to_owned(), |at| at.format("%H:%M:%S ").to_string());
    let colon = if text.is_empty() { "" } else { ": " };
    let is_bad = event.is_bad();
    let head =
        Row { text: format!("{at}{sign} {word}{colon}{text}"), tone: if is_bad { Tone::Bad } else { tone }, is_bad };
    let below = below.into_iter().map(|(text, tone)| Row { text: format!("{INDENT}  {text}"), tone, is_bad: false });
    std::iter::once(head).chain(below).collect()
}

/// Sign and look of a step's state.
pub fn state(state: PlanState, symbols: &Symbols) -> (&'static str, Tone) {
    match state {
        PlanState::Completed => (symbols.yes, Tone::Good),
        PlanState::InProgress => (symbols.closed, Tone::Accent),
        PlanState::Pending => (symbols.dot, Tone::Text),
    }
}

/// What came of a call.
fn ended(call: &Call) -> Vec<(String, Tone)> {
    let Some(result) = &call.result else { return vec![("running".to_owned(), Tone::Accent)] };
    let how = match (result.exit, result.ok) {
        (Some(code), _) => format!("exit {code}"),
        (None, Some(true)) => "done".to_owned(),
        (None, Some(false)) => "failed".to_owned(),
        (None, None) => "ended".to_owned(),
    };
    let took = result.took.map_or_else(String::new, |took| format!(" after {:.1} s", took.as_secs_f64()));
    let tone = match result.worked() {
        Some(true) => Tone::Good,
        Some(false) => Tone::Bad,
        None => Tone::Quiet,
    };
    let mut rows = vec![(format!("{how}{took}"), tone)];
    let CallResult { first, left_out, last, .. } = result;
    let quoted = |line: &String| (format!("| {line}"), Tone::Quiet);
    rows.extend(first.iter().map(quoted));
    if *left_out > 0 {
        rows.push((format!("| ({left_out} lines)"), Tone::Quiet));
    }
    rows.extend(last.iter().map(quoted));
    rows
}

/// The first line of a text, and the others, at most so many in all.
fn split(text: &str, most: usize) -> (String, Vec<String>) {
    let mut lines = text.trim().lines();
    let first = lines.next().unwrap_or_default().to_owned();
    let all: Vec<&str> = lines.collect();
    let shown = all.len().min(most - 1);
    let mut more: Vec<String> = all[..shown].iter().map(|line| (*line).to_owned()).collect();
    if shown < all.len() {
        let left = all.len() - shown;
        if most == 1 {
            return (format!("{first} ({left} more lines)"), more);
        }
        more.push(format!("({left} more lines)"));
    }
    (first, more)
}
