//! What is printed: words for people, one JSON document for programs; sanitised in both cases.

use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::op::Conflict;
use crate::sanitise;

/// Where the verbs print.
pub struct Output {
    json: bool,
    /// Set when the reader of standard output has gone: nothing more is printed, and that is no error.
    closed: bool,
}

/// Why a verb did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    kind: &'static str,
    code: u8,
    message: String,
    file: Option<String>,
    line: Option<usize>,
    hint: Option<&'static str>,
    /// Each conflicting cell.
    conflicts: Box<[Conflict]>,
}

impl Failure {
    fn new(kind: &'static str, code: u8, message: String) -> Failure {
        Failure { kind, code, message, file: None, line: None, hint: None, conflicts: Box::default() }
    }

    /// The request makes no sense: exit code 2.
    pub fn usage(message: String) -> Failure {
        Failure::new("usage", 2, message)
    }

    /// Somebody else changed the cell: exit code 3.
    pub fn conflict(conflicts: &[Conflict]) -> Failure {
        let said: Vec<String> = conflicts.iter().map(|c| c.to_string()).collect();
        let mut failure = Failure::new("conflict", 3, format!("conflict, nothing was changed: {}", said.join("; ")));
        if let Some(first) = conflicts.first() {
            failure.file = Some(first.doc.to_string());
            failure.line = first.line;
        }
        failure.hint = Some("look at what stands there now and decide again");
        failure.conflicts = conflicts.into();
        failure
    }

    /// The document cannot be edited there: exit code 4.
    pub fn document(message: String) -> Failure {
        Failure::new("document", 4, message)
    }

    /// I/O error: exit code 4.
    pub fn io(message: String) -> Failure {
        Failure::new("io", 4, message)
    }

    /// The autonomy level does not permit it: exit code 5.
    pub fn refused(message: String) -> Failure {
        Failure::new("refused", 5, message)
    }

    /// The same failure, about this document.
    pub fn about(mut self, file: &str) -> Failure {
        self.file = Some(file.to_owned());
        self
    }
}

impl Output {
    /// Prints JSON or words.
    pub fn new(json: bool) -> Output {
        Output { json, closed: false }
    }

    /// Whether JSON is wanted.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether the reader of standard output has gone.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Prints a document when JSON is wanted.
    pub fn json(&mut self, document: impl FnOnce() -> Value) {
        if self.json {
            let text = serde_json::to_string_pretty(&document()).unwrap_or_default();
            self.print(&sanitise::json(&text));
        }
    }

    /// Prints a document whatever is wanted: its form was chosen by an argument of its own.
    pub fn document(&mut self, document: &Value) {
        let text = serde_json::to_string_pretty(document).unwrap_or_default();
        self.print(&sanitise::json(&text));
    }

    /// Prints text (of one or more lines) when words are wanted.
    pub fn text(&mut self, text: &str) {
        if !self.json {
            let text = sanitise::lines(text).into_owned();
            self.print(&text);
        }
    }

    /// Prints what was made from this program's own words alone, as it is: scripts and pages for other programs.
    pub fn verbatim(&mut self, text: &str) {
        self.print(text.trim_end());
    }

    /// Says something on standard error.
    pub fn note(&mut self, text: &str) {
        note(text);
    }

    fn print(&mut self, text: &str) {
        if self.closed {
            return;
        }
        let mut stdout = io::stdout().lock();
        self.closed = writeln!(stdout, "{text}").and_then(|()| stdout.flush()).is_err();
    }

    /// The exit code of a verb that ended without failure.
    pub fn finish(&self, code: u8) -> ExitCode {
        ExitCode::from(code)
    }

    /// Reports a failure and gives its exit code.
    pub fn fail(&mut self, failure: &Failure) -> ExitCode {
        self.json(|| {
            let mut document = json!({
                "schema": "codex-tui/error@1", "kind": failure.kind, "message": failure.message, "file": failure.file,
                "line": failure.line, "hint": failure.hint,
            });
            if !failure.conflicts.is_empty() {
                document["conflicts"] = failure
                    .conflicts
                    .iter()
                    .map(|c| json!({"file": c.doc, "at": c.cell, "line": c.line, "base": c.base, "theirs": c.theirs, "mine": c.mine}))
                    .collect();
            }
            document
        });
        let hint = failure.hint.as_ref().map_or_else(String::new, |hint| format!("\n  {hint}"));
        self.note(&format!("{}{hint}", failure.message));
        ExitCode::from(failure.code)
    }
}

/// Says something on standard error.
pub fn note(text: &str) {
    // Standard error is closed: nobody reads notes.
    let _ = writeln!(io::stderr(), "codex-tui: {}", sanitise::lines(text));
}
