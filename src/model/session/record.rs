//! A command as it stands in the session's log: one line, written so that it can be read again.

mod decisive;

use std::fmt::Write;
use std::time::Duration;

use chrono::NaiveDateTime;

use super::SessionLog;
use super::note::{self, Under};
use crate::doc::{DocId, Document};
use crate::model::autonomy::Level;
use crate::model::task::edit::Refused;
use crate::op::Operation;

pub use decisive::Decisive;

/// One command that was run, or that could not be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// When it was begun; the line holds the minute.
    pub at: NaiveDateTime,
    /// The command line, secrets masked. What a line cannot hold (line breaks) is written as a sign for it.
    pub line: String,
    /// How it ended.
    pub end: End,
    /// How long it ran; the line holds tenths of a second.
    pub duration: Duration,
    /// The document that its output was written to; none when it was not started.
    pub output: Option<DocId>,
    /// Lines of the output that tell how it went.
    pub decisive: Vec<String>,
    /// The level that it needed; never below [`Level::L1`], because a command leaves a record.
    pub level: Level,
    /// Parameters that the runbook calls overrides, for example `--slots`.
    pub overrides: Vec<String>,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// By itself, with this exit code.
    Exit(i32),
    /// The operator cancelled it.
    Cancelled,
    /// It ran longer than it was given.
    TimeLimit,
    /// A signal from elsewhere ended it.
    Signal(i32),
    /// It never ran: why.
    NotStarted(String),
    /// It ran, but how it ended was not learned: why.
    Lost(String),
}

impl End {
    /// Whether it ended by itself with exit code 0.
    pub fn is_good(&self) -> bool {
        *self == End::Exit(0)
    }

    /// How it ended and after how long, as part of a sentence.
    pub fn said(&self, duration: Duration) -> String {
        let took = seconds(duration);
        match self {
            End::Exit(code) => format!("exit {code} in {took}"),
            End::Cancelled => format!("cancelled after {took}"),
            End::TimeLimit => format!("stopped by its time limit after {took}"),
            End::Signal(signal) => format!("killed by signal {signal} after {took}"),
            End::NotStarted(why) => format!("not started: {}", quoted(why)),
            End::Lost(why) => format!("lost after {took}: {}", quoted(why)),
        }
    }
}

impl RunRecord {
    /// The line of the log, without a line end.
    pub fn to_line(&self) -> String {
        format!("- {} – {}", self.at.format(TIME), self.text())
    }

    fn text(&self) -> String {
        let mut text = format!("ran {}: {}", code_span(&self.line), self.end.said(self.duration));
        if let Some(output) = &self.output {
            let _ = write!(text, ", output {}", code_span(output.as_str()));
        }
        for (at, line) in self.decisive.iter().enumerate() {
            let _ = write!(text, "{} {}", if at == 0 { ":" } else { ";" }, quoted(line));
        }
        if self.level > Level::L1 || !self.overrides.is_empty() {
            let _ = write!(text, " ({}", self.level.max(Level::L1));
            for (at, name) in self.overrides.iter().enumerate() {
                let _ = write!(text, ", {}{}", if at == 0 { "overrides " } else { "" }, code_span(name));
            }
            text.push(')');
        }
        text
    }

    /// Reads a line of a log; none when it is no record of a command.
    pub fn read(line: &str) -> Option<RunRecord> {
        let rest = line.trim_end().strip_prefix("- ")?;
        let (time, rest) = rest.split_once(" – ")?;
        let at = NaiveDateTime::parse_from_str(time, TIME).ok()?;
        let mut rest = rest.strip_prefix("ran ")?;
        let command = take_span(&mut rest)?;
        let (end, duration) = take_end(take(&mut rest, ": ")?)?;
        rest = end.1;
        let output = match take(&mut rest, ", output ") {
            Some(mut behind) => {
                let path = take_span(&mut behind)?;
                rest = behind;
                Some(DocId::new(&path).ok()?)
            }
            None => None,
        };
        let mut lines = Vec::new();
        while let Some(mut behind) = take(&mut rest, if lines.is_empty() { ": " } else { "; " }) {
            lines.push(take_quoted(&mut behind)?);
            rest = behind;
        }
        let (mut level, mut overrides) = (Level::L1, Vec::new());
        if let Some(inner) = rest.strip_prefix(" (") {
            rest = inner.get(2..)?;
            level = *Level::named_in(inner.get(..2)?).first()?;
            while let Some(mut behind) = take(&mut rest, if overrides.is_empty() { ", overrides " } else { ", " }) {
                overrides.push(take_span(&mut behind)?);
                rest = behind;
            }
            rest = rest.strip_prefix(')')?;
        }
        let record = RunRecord { at, line: command, end: end.0, duration, output, decisive: lines, level, overrides };
        rest.is_empty().then_some(record)
    }

    /// All commands that a log records, in its order.
    pub fn all(log: &Document) -> Vec<RunRecord> {
        log.bytes()
            .split(|byte| *byte == b'\n')
            .filter_map(|line| RunRecord::read(std::str::from_utf8(line).ok()?))
            .collect()
    }

    /// What adds the record to the log of its session.
    pub fn added(&self, log: &SessionLog, doc: &Document) -> Result<Operation, Refused> {
        let what = ("session run", format!("ran {}", plain(&self.line)));
        note::added(log, doc, Under::Evidence, &self.text(), what, self.at)
    }

    /// What adds the record to the log once more, as evidence: the output and how the command ended.
    pub fn attached(&self, log: &SessionLog, doc: &Document, now: NaiveDateTime) -> Result<Operation, Refused> {
        let Some(output) = &self.output else {
            return Err(Refused(format!("{} was not started: there is no output to attach", code_span(&self.line))));
        };
        let decisive = self.decisive.iter().map(|line| format!("; {}", quoted(line))).collect::<String>();
        let end = self.end.said(self.duration);
        let text = format!("{}: output of {}, {end}{decisive}", code_span(output.as_str()), code_span(&self.line));
        let what = ("session attach", format!("attach {output} to {}", log.name));
        note::added(log, doc, Under::Evidence, &text, what, now)
    }
}

const TIME: &str = "%Y-%m-%d %H:%M";

/// `3.2 s`; whole seconds without a fraction.
fn seconds(duration: Duration) -> String {
    let tenths = duration.as_millis() / 100;
    match tenths % 10 {
        0 => format!("{} s", tenths / 10),
        rest => format!("{}.{rest} s", tenths / 10),
    }
}

/// The text on one line, with a sign for each control character.
fn plain(text: &str) -> String {
    let sign = |c: char| match c {
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
        '\u{7f}'..='\u{9f}' => '\u{fffd}',
        c => c,
    };
    text.trim_matches('\n').chars().map(sign).collect()
}

/// A code span, with a fence that the text does not hold.
fn code_span(text: &str) -> String {
    let text = plain(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    match longest {
        0 => format!("`{text}`"),
        _ => {
            let fence = "`".repeat(longest + 1);
            format!("{fence} {text} {fence}")
        }
    }
}

/// Text in quotes; signs that would end it, or begin something in Markdown, have a backslash before them.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in plain(text).chars() {
        if matches!(c, '"' | '\\' | '`' | '<') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// What stands behind `front`, if the text begins so.
fn take<'a>(rest: &mut &'a str, front: &str) -> Option<&'a str> {
    rest.strip_prefix(front)
}

/// Takes a code span off the front.
fn take_span(rest: &mut &str) -> Option<String> {
    let fence = rest.len() - rest.trim_start_matches('`').len();
    let body = &rest[fence..];
    let mut at = 0;
    if fence == 0 {
        return None;
    }
    loop {
        let start = at + body[at..].find('`')?;
        let end = body.len() - body[start..].trim_start_matches('`').len();
        if end - start == fence {
            let text = &body[..start];
            *rest = &body[end..];
            let inner = text.strip_prefix(' ').and_then(|text| text.strip_suffix(' '));
            return Some(inner.filter(|_| fence > 1).unwrap_or(text).to_owned());
        }
        at = end;
    }
}

/// Takes text in quotes off the front.
fn take_quoted(rest: &mut &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = rest.strip_prefix('"')?.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                *rest = &rest[at + 2..];
                return Some(out);
            }
            '\\' => out.push(chars.next()?.1),
            c => out.push(c),
        }
    }
    None
}

/// How it ended with what stands behind that, and after how long.
fn take_end(text: &str) -> Option<((End, &str), Duration)> {
    if let Some(mut rest) = text.strip_prefix("not started: ") {
        let why = take_quoted(&mut rest)?;
        return Some(((End::NotStarted(why), rest), Duration::ZERO));
    }
    let numbered = |front: &str, behind: &str| {
        let (number, rest) = text.strip_prefix(front)?.split_once(behind)?;
        Some((number.parse::<i32>().ok()?, rest))
    };
    let (end, rest) = if let Some((code, rest)) = numbered("exit ", " in ") {
        (End::Exit(code), rest)
    } else if let Some((signal, rest)) = numbered("killed by signal ", " after ") {
        (End::Signal(signal), rest)
    } else if let Some(rest) = text.strip_prefix("cancelled after ") {
        (End::Cancelled, rest)
    } else if let Some(rest) = text.strip_prefix("stopped by its time limit after ") {
        (End::TimeLimit, rest)
    } else {
        (End::Lost(String::new()), text.strip_prefix("lost after ")?)
    };
    let (took, mut rest) = rest.split_once(" s")?;
    let (whole, tenth) = took.split_once('.').unwrap_or((took, "0"));
    let tenth = tenth.parse::<u64>().ok().filter(|tenth| *tenth < 10)?;
    let duration = Duration::from_millis(whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(100 * tenth)?);
    let end = match end {
        End::Lost(_) => {
            rest = rest.strip_prefix(": ")?;
            End::Lost(take_quoted(&mut rest)?)
        }
        end => end,
    };
    Some(((end, rest), duration))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record() -> RunRecord {
        RunRecord {
            at: NaiveDateTime::parse_from_str("2026-01-02 10:14", TIME).expect("a time"),
            line: "pwsh Tools/Test.ps1 --slots 4".to_owned(),
            end: End::Exit(0),
            duration: Duration::from_millis(3_210),
            output: DocId::new("Logs/Commands/2026-01-02_session-0003/101403.log").ok(),
            decisive: vec!["Tests Passed: 246, Failed: 0".to_owned(), "said \"so\" <!-- ".to_owned()],
            level: Level::L1,
            overrides: Vec::new(),
        }
    }

    #[test]
    fn the_line_of_a_command() {
        let good = record();
        let output = "output `Logs/Commands/2026-01-02_session-0003/101403.log`";
        let line = format!(
            "- 2026-01-02 10:14 – ran `pwsh Tools/Test.ps1 --slots 4`: exit 0 in 3.2 s, {output}: \"Tests Passed: 246, \
             Failed: 0\"; \"said \\\"so\\\" \\<!-- \""
        );
        assert_eq!(good.to_line(), line);
        let ends = [
            (End::Cancelled, "cancelled after 3.2 s"),
            (End::TimeLimit, "stopped by its time limit after 3.2 s"),
            (End::Signal(9), "killed by signal 9 after 3.2 s"),
            (End::Exit(-1), "exit -1 in 3.2 s"),
            (End::NotStarted("no `pwsh` here".into()), "not started: \"no \\`pwsh\\` here\""),
            (End::Lost("its keeper was killed".into()), "lost after 3.2 s: \"its keeper was killed\""),
        ];
        for (end, said) in ends {
            let over = vec!["--slots".to_owned(), "--x".to_owned()];
            let other = RunRecord { end, decisive: Vec::new(), level: Level::L2, overrides: over, ..record() };
            let line = format!(
                "- 2026-01-02 10:14 – ran `pwsh Tools/Test.ps1 --slots 4`: {said}, {output} (L2, overrides `--slots`, `--x`)"
            );
            assert_eq!(other.to_line(), line);
        }
        let ticks = RunRecord { line: "echo `date`\nls".to_owned(), ..record() };
        assert!(
            ticks.to_line().starts_with("- 2026-01-02 10:14 – ran `` echo `date`␊ls ``: exit 0"),
            "{}",
            ticks.to_line()
        );
    }

    #[test]
    fn other_lines_are_no_records() {
        for line in [
            "",
            "- 2026-01-02 10:14 – ran out of time",
            "- 2026-01-02 10:14 – `Logs/a.json`: 40 ms",
            "- 2026-01-02 10:14 – ran `x`: exit zero in 3 s",
            "- 2026-01-02 10:14 – ran `x`: exit 0 in 3 s, and more",
            "- 2026-01-02 10:14 – ran `x`: exit 0 in 99999999999999999999 s",
            "- 2026-01-02 10:14 – ran `x: exit 0 in 3 s",
            "- yesterday – ran `x`: exit 0 in 3 s",
        ] {
            assert_eq!(RunRecord::read(line), None, "{line}");
        }
    }

    fn end() -> impl Strategy<Value = End> {
        prop_oneof![
            any::<i32>().prop_map(End::Exit),
            Just(End::Cancelled),
            Just(End::TimeLimit),
            (1..65).prop_map(End::Signal),
            "[^\\p{Cc}]{0,20}".prop_map(End::NotStarted),
            "[^\\p{Cc}]{0,20}".prop_map(End::Lost),
        ]
    }

    proptest! {
        #[test]
        fn written_is_read(
            end in end(),
            line in "[^\\p{Cc}]{1,30}",
            tenths in 0u64..100_000,
            output in proptest::option::of("[a-z`(: ]{1,9}"),
            decisive in proptest::collection::vec("[^\\p{Cc}]{0,20}", 0..4),
            level in 1usize..4,
            overrides in proptest::collection::vec("--[a-z`]{1,5}", 0..3),
        ) {
            let output = output.and_then(|path| DocId::new(&path).ok());
            let duration = if matches!(end, End::NotStarted(_)) { 0 } else { tenths };
            let record = RunRecord {
                end, line, output, decisive, overrides, level: Level::ALL[level],
                duration: Duration::from_millis(100 * duration), ..record()
            };
            prop_assert_eq!(RunRecord::read(&record.to_line()), Some(record.clone()), "{}", record.to_line());
        }

        #[test]
        fn any_line_is_read_without_harm(line in "(- 2026-01-02 10:14 – ran `)?.{0,60}") {
            let _ = RunRecord::read(&line);
        }
    }
}
