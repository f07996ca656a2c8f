//! Parameters that were run with values that are not the defaults, as the log says it, until they are reset.
//!
//! A line of a command names them: ``– ran `line` (L2, overrides `--slots`): exit 0``. A later line settles one:
//! ``– override `--slots` reset: evidence``. What stands in code spans is quoted and names nothing by itself.

use chrono::NaiveDateTime;

use super::SessionLog;
use super::note::one_line;
use crate::doc::{Addition, Document};
use crate::model::cite::code_spans;
use crate::model::task::edit::Refused;
use crate::op::{Change, Edit, Intent, Operation};

/// An override that was not reset yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The parameter, for example `--slots`.
    pub name: String,
    /// 1-based line of the newest command that ran with it.
    pub line: usize,
    /// Heading that this line stands under.
    pub heading: String,
}

/// The overrides of a log that no later line resets, in the order of their names.
pub fn overrides(doc: &Document) -> Vec<Override> {
    let Some(markdown) = doc.markdown() else { return Vec::new() };
    let mut lines: Vec<(String, Override)> = Vec::new();
    let mut resets: Vec<(String, Override)> = Vec::new();
    for item in markdown.items() {
        let text = doc.text(&item.text);
        let at = time(&text).to_owned();
        for (names, is_reset) in [(named(&text, "overrides "), false), (named(&text, "override "), true)] {
            for (name, rest) in names {
                let heading = markdown.heading_text(item.heading).into_owned();
                let one = (at.clone(), Override { name, line: item.line, heading });
                if !is_reset {
                    lines.push(one);
                } else if rest.starts_with(" reset") {
                    resets.push(one);
                }
            }
        }
    }
    // Under one heading lines stand in their order, whatever the clock said; elsewhere only the time tells.
    let settled = |(at, one): &(String, Override)| {
        resets.iter().filter(|(_, reset)| reset.name == one.name).any(|(later, reset)| {
            let is_below = reset.line > one.line;
            if reset.heading == one.heading { is_below } else { later > at || later == at && is_below }
        })
    };
    lines.retain(|line| !settled(line));
    lines.sort_by(|(_, a), (_, b)| (&a.name, b.line).cmp(&(&b.name, a.line)));
    lines.dedup_by(|(_, next), (_, kept)| next.name == kept.name);
    lines.into_iter().map(|(_, one)| one).collect()
}

/// Says in the log that an override was reset, below the line that names it.
pub fn reset(
    log: &SessionLog,
    doc: &Document,
    name: &str,
    evidence: &str,
    now: NaiveDateTime,
) -> Result<Operation, Refused> {
    let open = overrides(doc);
    let Some(one) = open.iter().find(|one| one.name == name) else {
        let names: Vec<&str> = open.iter().map(|one| one.name.as_str()).collect();
        let which = if names.is_empty() { "none is".to_owned() } else { format!("these are: {}", names.join(", ")) };
        return Err(Refused(format!("{}: no override {name:?} waits to be reset; {which}", log.doc)));
    };
    let evidence = one_line(evidence, "the evidence")?;
    if evidence.is_empty() {
        return Err(Refused(format!("what shows that {name} is at its default again? The text is empty")));
    }
    let text = format!("- {} – override `{name}` reset: {evidence}", now.format("%Y-%m-%d %H:%M"));
    let addition = Addition::Line { heading: one.heading.clone(), level: 2, text };
    let edits = vec![Edit { doc: log.doc.clone(), change: Change::Add { addition, gap: None } }];
    let summary = format!("override {name} reset in {}", log.name);
    Ok(Operation { intent: Intent { verb: "session note".to_owned(), summary }, edits, undoes: None })
}

/// The date and time with which a line begins; empty when it begins otherwise.
fn time(text: &str) -> &str {
    let front = text.get(..16).unwrap_or_default();
    let is_time = NaiveDateTime::parse_from_str(front, "%Y-%m-%d %H:%M").is_ok();
    if is_time { front } else { "" }
}

/// The code spans that stand directly behind this word, separated by commas, each with what comes behind it.
fn named<'t>(text: &'t str, word: &str) -> Vec<(String, &'t str)> {
    let spans = code_spans(text);
    let mut names = Vec::new();
    let mut goes_on = false;
    for (index, span) in spans.iter().enumerate() {
        // A span is what stands between the ticks.
        let opens = text[..span.start].trim_end_matches('`').len();
        let from = index.checked_sub(1).map_or(0, |at| after_ticks(text, spans[at].end));
        let between = &text[from.min(opens)..opens];
        goes_on = is_word_end(between, word) || (goes_on && between.trim() == ",");
        if goes_on {
            names.push((text[span.clone()].trim().to_owned(), &text[after_ticks(text, span.end)..]));
        }
    }
    names
}

/// Where the ticks end that close a code span.
fn after_ticks(text: &str, end: usize) -> usize {
    text.len() - text[end..].trim_start_matches('`').len()
}

/// Whether the text ends with the word, which is a word of its own.
fn is_word_end(text: &str, word: &str) -> bool {
    text.strip_suffix(word).is_some_and(|front| !front.ends_with(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::DocId;

    fn log(text: &str) -> (SessionLog, Document) {
        let id = DocId::new("docs/2026-01-02_session-0003.md").expect("a path");
        let doc = Document::parse(id, text.as_bytes().to_vec());
        (SessionLog::project(&doc), doc)
    }

    #[track_caller]
    fn check(text: &str, want: &[(&str, usize)]) {
        let (_, doc) = log(text);
        let found = overrides(&doc);
        let found: Vec<(&str, usize)> = found.iter().map(|one| (one.name.as_str(), one.line)).collect();
        assert_eq!(found, want, "{text}");
    }

    #[test]
    fn an_override_waits_until_a_later_line_resets_it() {
        const RAN: &str = "- 2026-01-02 10:14 – ran `sweep --slots 4` (L2, overrides `--slots`, `--depth`): exit 0\n";
        const RESET: &str = "- 2026-01-02 10:14 – override `--slots` reset: back at 2\n";
        check(RAN, &[("--depth", 1), ("--slots", 1)]);
        check(&format!("{RAN}{RESET}"), &[("--depth", 1)]);
        // Run again after the reset: it waits again; and a reset before the run settles nothing.
        check(&format!("{RAN}{RESET}{}", RAN.replace("10:14", "10:20")), &[("--depth", 3), ("--slots", 3)]);
        check(&format!("{RESET}{RAN}"), &[("--depth", 2), ("--slots", 2)]);
        // By time, where the headings are in another order.
        check(&format!("# A\n{}# B\n{RAN}", RESET.replace("10:14", "10:15")), &[("--depth", 4)]);
        // What is quoted names nothing.
        check("- 2026-01-02 10:14 – ran `echo overrides` and `--x` (L1): exit 0\n", &[]);
        check("- 2026-01-02 10:14 – ran `a` (L1): it overrides nothing, `--x`\n- no overrides\n", &[]);
    }

    #[test]
    fn a_reset_is_written_below_its_command() {
        let (log, doc) =
            log("## Changes\n- 2026-01-02 10:14 – ran `a` (L2, overrides `--slots`): exit 0\n## Outcome\n");
        let now = NaiveDateTime::parse_from_str("2026-01-02 11:00", "%Y-%m-%d %H:%M").expect("a time");
        let operation = reset(&log, &doc, "--slots", "is 2 again", now).expect("a reset");
        let Change::Add { addition: Addition::Line { heading, text, .. }, .. } = &operation.edits[0].change else {
            panic!("a line")
        };
        assert_eq!(
            (heading.as_str(), text.as_str()),
            ("Changes", "- 2026-01-02 11:00 – override `--slots` reset: is 2 again")
        );
        for (name, text) in [("--depth", "x"), ("--slots", " "), ("--slots", "a\nb")] {
            assert!(reset(&log, &doc, name, text, now).is_err(), "{name} {text:?}");
        }
    }
}
