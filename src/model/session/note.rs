//! What is written into the log of a session while it goes on: notes and evidence, each one line with its time.

use chrono::NaiveDateTime;

use super::SessionLog;
use crate::doc::{Addition, DocId, Document};
use crate::model::task::edit::Refused;
use crate::op::{Change, Edit, Intent, Operation};

/// Under which heading a line goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Under<'a> {
    /// What was done: `Changes`, where the template has it.
    Work,
    /// What shows it: `Validation`, where the template has it.
    Evidence,
    /// Under this heading.
    Named(&'a str),
}

/// Adds a line to the log.
pub fn note(
    log: &SessionLog,
    doc: &Document,
    under: Under<'_>,
    text: &str,
    now: NaiveDateTime,
) -> Result<Operation, Refused> {
    let text = one_line(text, "the note")?;
    if text.is_empty() {
        return Err(Refused("the note is empty: say what is to be remembered".to_owned()));
    }
    added(log, doc, under, text, ("session note", format!("note in {}", log.name)), now)
}

/// Adds a line to the log that names a file, and says in the operator's words what it shows.
pub fn attach(
    log: &SessionLog,
    doc: &Document,
    path: &DocId,
    text: &str,
    now: NaiveDateTime,
) -> Result<Operation, Refused> {
    let path = one_line(path.as_str(), "the path")?;
    let text = one_line(text, "the note")?;
    let said = if text.is_empty() { format!("`{path}`") } else { format!("`{path}`: {text}") };
    let what = ("session attach", format!("attach {path} to {}", log.name));
    added(log, doc, Under::Evidence, &said, what, now)
}

/// What a line says that [`attach`] wrote, without its time: the file, and what it shows.
pub(super) fn attached(said: &str) -> Option<(DocId, &str)> {
    let (path, rest) = said.strip_prefix('`')?.split_once('`')?;
    let text = if rest.is_empty() { rest } else { rest.strip_prefix(": ")? };
    Some((DocId::new(path).ok()?, text))
}

/// Adds lines to the log that say what gates are at, each a sentence of [`crate::model::gate::act::cause`].
pub fn attach_gates(
    log: &SessionLog,
    doc: &Document,
    said: &[String],
    now: NaiveDateTime,
) -> Result<Operation, Refused> {
    let what = ("session attach", format!("attach {} to {}", count(said.len()), log.name));
    let mut lines = said.iter();
    let first = lines.next().ok_or_else(|| Refused("no gate was named: there is nothing to attach".to_owned()))?;
    let mut operation = added(log, doc, Under::Evidence, one_line(first, "the verdict")?, what, now)?;
    for line in lines {
        let more = added(log, doc, Under::Evidence, one_line(line, "the verdict")?, ("", String::new()), now)?;
        operation.edits.extend(more.edits);
    }
    Ok(operation)
}

fn count(gates: usize) -> String {
    if gates == 1 { "a gate".to_owned() } else { format!("{gates} gates") }
}

pub(super) fn added(
    log: &SessionLog,
    doc: &Document,
    under: Under<'_>,
    text: &str,
    (verb, summary): (&str, String),
    now: NaiveDateTime,
) -> Result<Operation, Refused> {
    let line = format!("- {} – {text}", now.format("%Y-%m-%d %H:%M"));
    let addition = Addition::Line { heading: heading(doc, under)?, level: 2, text: line };
    let edit = Edit { doc: log.doc.clone(), change: Change::Add { addition, gap: None } };
    Ok(Operation { intent: Intent { verb: verb.to_owned(), summary }, edits: vec![edit], undoes: None })
}

/// The log's heading that is meant: the same text, else one that begins so; where there is none, the text of the heading that
/// is added.
pub(super) fn heading(doc: &Document, under: Under<'_>) -> Result<String, Refused> {
    let (name, otherwise) = match under {
        Under::Work => ("Changes", "Notes"),
        Under::Evidence => ("Validation", "Evidence"),
        Under::Named(name) => {
            let name = one_line(name, "the heading")?.trim_start_matches('#').trim();
            if name.is_empty() {
                return Err(Refused("the heading is empty: name one of the log's, or a new one".to_owned()));
            }
            (name, name)
        }
    };
    let headings = doc.markdown().map_or(&[][..], |markdown| markdown.headings());
    let texts: Vec<String> = headings.iter().map(|heading| doc.text(&heading.text).into_owned()).collect();
    let begins = |text: &str, with: &str| text.to_lowercase().starts_with(&with.to_lowercase());
    let meant = |name: &str| {
        let same = texts.iter().find(|text| *text == name || text.to_lowercase() == name.to_lowercase());
        same.or_else(|| texts.iter().find(|text| begins(text, name))).cloned()
    };
    Ok(meant(name).or_else(|| meant(otherwise)).unwrap_or_else(|| otherwise.to_owned()))
}

pub(super) fn one_line<'t>(text: &'t str, what: &str) -> Result<&'t str, Refused> {
    match text.trim().chars().find(|c| c.is_control()) {
        None => Ok(text.trim()),
        Some(bad) => Err(Refused(format!("{what} must be one line without control characters: {bad:?} stands in it"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(text: &str) -> (SessionLog, Document) {
        let id = DocId::new("docs/agents/sessions/2026-01-02_session-0003.md").expect("a path");
        let doc = Document::parse(id, text.as_bytes().to_vec());
        (SessionLog::project(&doc), doc)
    }

    fn now() -> NaiveDateTime {
        NaiveDateTime::parse_from_str("2026-01-02 09:30", "%Y-%m-%d %H:%M").expect("a time")
    }

    #[track_caller]
    fn check(text: &str, under: Under<'_>, heading: &str) {
        let (log, doc) = log(text);
        let operation = note(&log, &doc, under, " seen ", now()).expect("a note");
        let Change::Add { addition: Addition::Line { heading: got, text, .. }, .. } = &operation.edits[0].change else {
            panic!("a line")
        };
        assert_eq!((got.as_str(), text.as_str()), (heading, "- 2026-01-02 09:30 – seen"));
    }

    #[test]
    fn a_note_goes_under_the_heading_that_is_meant() {
        let text = "# Log\n## Plan (3-6 bullets)\n## Changes\n## Validation\n";
        check(text, Under::Work, "Changes");
        check(text, Under::Evidence, "Validation");
        check(text, Under::Named("plan"), "Plan (3-6 bullets)");
        check(text, Under::Named("## Decisions"), "Decisions");
        check("# Log\n", Under::Work, "Notes");
        check("# Log\n## Evidence\n", Under::Evidence, "Evidence");
    }

    #[test]
    fn a_note_is_one_line() {
        let (log, doc) = log("# Log\n");
        for text in ["", " \n", "a\nb", "a\u{1b}[1m"] {
            assert!(note(&log, &doc, Under::Work, text, now()).is_err(), "{text:?}");
        }
        let path = DocId::new("Logs/a.json").expect("a path");
        let operation = attach(&log, &doc, &path, "40 ms", now()).expect("evidence");
        let Change::Add { addition: Addition::Line { text, .. }, .. } = &operation.edits[0].change else {
            panic!("a line")
        };
        assert_eq!(text, "- 2026-01-02 09:30 – `Logs/a.json`: 40 ms");
    }
}
