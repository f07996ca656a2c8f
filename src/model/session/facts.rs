//! What the log of a session records of it: commands, evidence, notes, gates, ticks. Only what stands there, each with its
//! line; nothing is concluded from it.

use chrono::NaiveDateTime;

use super::note;
use super::record::RunRecord;
use crate::doc::{DocId, Document, Markdown};
use crate::model::checklist::mark::LOG_SECTION as TICKS;
use crate::model::gate::act::LOG_SECTION as GATES;

/// The records of one log, each kind in the order of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Commands.
    pub runs: Vec<Ran>,
    /// Files that were attached as evidence.
    pub attached: Vec<Attached>,
    /// Other lines with their time.
    pub notes: Vec<Said>,
    /// What was said of gates.
    pub gates: Vec<Said>,
    /// Marks of checklist steps.
    pub ticks: Vec<Said>,
}

/// A command and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// 1-based line of the log.
    pub line: usize,
    /// The command.
    pub record: RunRecord,
}

/// An attached file and where that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// 1-based line of the log.
    pub line: usize,
    /// The file.
    pub path: DocId,
    /// What it shows, in the operator's words; may be empty.
    pub text: String,
}

/// A line of the log without its mark and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// 1-based line of the log.
    pub line: usize,
    /// What it says.
    pub text: String,
}

/// The heading under which a finished log has its hand-off.
pub const HANDOFF: &str = "Hand-off";

impl Facts {
    /// Reads a log.
    pub fn project(log: &Document) -> Facts {
        let mut facts = Facts::default();
        let Some(markdown) = log.markdown() else { return facts };
        for item in markdown.items() {
            let heading = markdown.heading_text(item.heading);
            let text = log.text(&item.text);
            if heading == HANDOFF || item.indent > 0 {
                continue;
            }
            facts.take(&heading, item.line, &text);
        }
        facts
    }

    fn take(&mut self, heading: &str, line: usize, text: &str) {
        let Some(said) = timed(text) else { return };
        let entry = || Said { line, text: said.to_owned() };
        if heading == TICKS {
            self.ticks.push(entry());
        } else if heading == GATES {
            self.gates.push(entry());
        } else if let Some(record) = RunRecord::read(&format!("- {text}")) {
            self.runs.push(Ran { line, record });
        } else if is_reset(said) {
            // What it settles is told by `overrides`.
        } else if let Some((path, text)) = note::attached(said) {
            self.attached.push(Attached { line, path, text: text.to_owned() });
        } else {
            self.notes.push(entry());
        }
    }

    /// Commands that ran tests, by their own words.
    pub fn tests(&self) -> impl DoubleEndedIterator<Item = &Ran> {
        self.runs.iter().filter(|ran| is_test(&ran.record))
    }

    /// All other commands.
    pub fn other_runs(&self) -> impl DoubleEndedIterator<Item = &Ran> {
        self.runs.iter().filter(|ran| !is_test(&ran.record))
    }
}

/// Whether a command runs tests: one of its words says so (`cargo test`, `Invoke-Pester`, `pytest`).
pub fn is_test(record: &RunRecord) -> bool {
    let words = record.line.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase);
    words.into_iter().any(|word| matches!(word.as_str(), "test" | "tests" | "pester" | "pytest" | "ctest" | "nextest"))
}

/// The lines of a finished log's hand-off, with the line of its heading; none while there is no such section, or nothing
/// in it.
pub fn saved_handoff(log: &Document) -> Option<(usize, Vec<String>)> {
    let heading = handoff_heading(log.markdown()?)?;
    let text = log.text(&heading.body);
    let lines: Vec<String> = text.trim_matches(['\r', '\n']).lines().map(|line| line.trim_end().to_owned()).collect();
    let is_empty = lines.iter().all(|line| line.is_empty());
    (!is_empty).then_some((heading.line, lines))
}

fn handoff_heading(markdown: &Markdown) -> Option<&crate::doc::markdown::Heading> {
    markdown.headings().iter().find(|heading| markdown.text(&heading.text) == HANDOFF)
}

/// What stands behind the time at the front of a record. Notes have `2026-01-02 10:14 – `,
/// gates a colon, ticks seconds and a blank.
fn timed(text: &str) -> Option<&str> {
    NaiveDateTime::parse_from_str(text.get(..16)?, "%Y-%m-%d %H:%M").ok()?;
    let rest = text[16..].trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
    Some(rest.trim_start_matches([' ', '–']))
}

/// `override `--x` reset: …`
fn is_reset(said: &str) -> bool {
    let named = said.strip_prefix("override `").and_then(|rest| rest.split_once('`'));
    named.is_some_and(|(_, rest)| rest.starts_with(" reset"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(text: &str) -> Facts {
        let id = DocId::new("docs/agents/sessions/2026-01-02_session-0003.md").expect("a path");
        Facts::project(&Document::parse(id, text.as_bytes().to_vec()))
    }

    const LOG: &str = "# Log\r\n- **Date:** 2026-01-02\r\n\r\n## Changes\r\n- 2026-01-02 10:00 – seen `Logs/a.json`\r\n  - 2026-01-02 \
        10:00 – nested\r\n- by hand\r\n## Validation\r\n- 2026-01-02 10:14 – ran `cargo test`: exit 0 in 3.2 s: \"ok\"\r\n- 2026-01-02 \
        10:20 – ran `sim --slots 4`: exit 1 in 1 s (L2, overrides `--slots`)\r\n- 2026-01-02 10:21 – `Logs/a.json`: 40 ms\r\n## \
        Gates\r\n- 2026-01-02 10:30: signed off B1 (x): y\r\n## Session checklist\r\n- 2026-01-02 10:31:05 ticked - A: one\r\n";

    #[test]
    fn a_log_says_what_was_done() {
        let facts = facts(LOG);
        let lines: Vec<(usize, &str)> = facts.runs.iter().map(|ran| (ran.line, ran.record.line.as_str())).collect();
        assert_eq!(lines, [(9, "cargo test"), (10, "sim --slots 4")]);
        assert_eq!((facts.tests().count(), facts.other_runs().count()), (1, 1));
        assert_eq!(facts.notes, [Said { line: 5, text: "seen `Logs/a.json`".into() }]);
        let path = DocId::new("Logs/a.json").expect("a path");
        assert_eq!(facts.attached, [Attached { line: 11, path, text: "40 ms".into() }]);
        assert_eq!(facts.gates, [Said { line: 13, text: "signed off B1 (x): y".into() }]);
        assert_eq!(facts.ticks, [Said { line: 15, text: "ticked - A: one".into() }]);
    }

    #[test]
    fn a_hand_off_is_saved_under_its_heading() {
        let saved = |text: &str| {
            let id = DocId::new("docs/a.md").expect("a path");
            saved_handoff(&Document::parse(id, text.as_bytes().to_vec()))
        };
        assert_eq!(saved("# Log\n## Hand-off\n\n"), None);
        assert_eq!(saved("# Log\n"), None);
        let lines = ["- **A**", "  - b"].map(str::to_owned).to_vec();
        assert_eq!(saved("# Log\r\n\r\n## Hand-off\r\n\r\n- **A**\r\n  - b\r\n\r\n## Later\r\n- c"), Some((3, lines)));
    }
}
