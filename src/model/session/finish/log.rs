//! What a session's end fills in in its log: the places that still have the template's words, and the lists that are meant
//! to grow. What people wrote stays.

use std::ops::Range;

use super::super::form::{content_end, line_start};
use super::super::open::is_placeholder;
use super::super::says_outcome;
use super::{block_end, rewrite};
use crate::doc::markdown::Item;
use crate::doc::{Addition, DocId, Document, Markdown};
use crate::model::task::edit::Refused;
use crate::op::{Change, Edit};

/// What the log is to say; a text that is empty is not filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filling {
    /// `Status:`.
    pub status: String,
    /// `Rationale:`.
    pub rationale: String,
    /// `Unit tests:`.
    pub tests: String,
    /// `Smoke run:`.
    pub smoke: String,
    /// `Follow-ups:`.
    pub follow_ups: String,
    /// `Files touched:`, one path each.
    pub files: Vec<String>,
}

/// The heading under which a log says how the session ended.
pub const OUTCOME: &str = "Outcome";

/// What fills the log in. Refused where the log says another status already.
pub fn fill(log: &Document, filling: &Filling) -> Result<Vec<Edit>, Refused> {
    let unread = || Refused(format!("{}: the log cannot be read as Markdown in UTF-8; save it so", log.id()));
    let markdown = log.markdown().ok_or_else(unread)?;
    let text = std::str::from_utf8(log.bytes()).map_err(|_| unread())?;
    let page = Page { markdown, text };
    let mut writes: Vec<(Range<usize>, Vec<String>)> = Vec::new();
    let mut absent = Vec::new();
    match page.labelled("status") {
        Some(item) => match page.value(item, &filling.status) {
            Value::Open(write) => writes.push(write),
            Value::Said(said) if same(said, &filling.status) => {}
            Value::Said(said) if goes_on(said) => writes.push(page.written(item, &filling.status, "")),
            Value::Said(said) => {
                return Err(Refused(format!(
                    "{}:{}: the log says {said:?} already, which is not {:?}; change that line, or finish with that outcome",
                    log.id(),
                    item.line,
                    filling.status
                )));
            }
        },
        None => absent.push(format!("- Status: {}", filling.status)),
    }
    for (label, value) in
        [("unit tests", &filling.tests), ("smoke run", &filling.smoke), ("follow-ups", &filling.follow_ups)]
    {
        let item = page.labelled(label).filter(|_| !value.is_empty());
        writes.extend(item.and_then(|item| page.first_placeholder(item, value)));
    }
    let why = page.labelled("rationale").and_then(|item| page.first_placeholder(item, &filling.rationale));
    match why {
        Some(write) => writes.push(write),
        None => absent.push(format!("- Summary: {}", filling.rationale)),
    }
    writes.extend(page.labelled("files touched").and_then(|item| page.files(item, &filling.files)));
    // From the end, so that equal lines further up keep their places.
    writes.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    let written = writes.into_iter().map(|(place, lines)| {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        rewrite(log, place, &lines)
    });
    let mut edits: Vec<Edit> = written.collect();
    edits.extend(absent.into_iter().map(|line| under_outcome(log, line)));
    Ok(edits)
}

/// A line under the heading that says how the session ended, or under a new one.
pub fn under_outcome(log: &Document, line: String) -> Edit {
    let headings = log.markdown().map_or(&[][..], Markdown::headings);
    let texts = headings.iter().map(|heading| log.text(&heading.text).into_owned());
    let heading = texts.into_iter().find(|text| says_outcome(text));
    line_under(log.id(), &heading.unwrap_or_else(|| OUTCOME.to_owned()), line)
}

/// A line under a heading, or under a new one with that text.
pub fn line_under(log: &DocId, heading: &str, text: String) -> Edit {
    let addition = Addition::Line { heading: heading.to_owned(), level: 2, text };
    Edit { doc: log.clone(), change: Change::Add { addition, gap: None } }
}

/// Whether what is said begins with that status: `Done (but for one step).` is `Done`.
fn same(said: &str, status: &str) -> bool {
    let (said, status) = (said.to_lowercase(), status.to_lowercase());
    said.strip_prefix(&status).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// Whether a status says no more than that the session goes on, which its end ends.
fn goes_on(said: &str) -> bool {
    let plain = said.trim_end_matches('.').trim().to_lowercase().replace('-', " ");
    ["in progress", "in work", "ongoing", "open", "wip", "active", "pending"].contains(&plain.as_str())
}

/// What stands behind a label.
enum Value<'a> {
    /// Nothing, or what the template has; and what fills it in.
    Open((Range<usize>, Vec<String>)),
    /// What people said.
    Said(&'a str),
}

struct Page<'a> {
    markdown: &'a Markdown,
    text: &'a str,
}

impl<'a> Page<'a> {
    fn items(&self) -> &'a [Item] {
        self.markdown.items()
    }

    /// The first item whose label begins so; not one of a hand-off or a record.
    fn labelled(&self, label: &str) -> Option<&'a Item> {
        self.items().iter().find(|item| {
            let text = self.text[item.text.clone()].trim_start_matches('*').to_lowercase();
            text.split_once(':').is_some_and(|(front, _)| front.starts_with(label) && front.len() < label.len() + 20)
        })
    }

    /// Where the value of a labelled item begins.
    fn value_start(&self, item: &Item) -> usize {
        let said = &self.text[item.text.clone()];
        let colon = said.find(':').map_or(said.len(), |at| at + 1);
        let stars = said[colon..].len() - said[colon..].trim_start_matches('*').len();
        item.text.start + colon + stars
    }

    fn value(&self, item: &Item, value: &str) -> Value<'a> {
        let start = self.value_start(item);
        let said = self.text[start..item.text.end].trim();
        if !(said.is_empty() || is_placeholder(said)) {
            return Value::Said(said);
        }
        let end = self.line(item).1;
        let tail = if said.is_empty() { "" } else { &self.text[item.text.end..end] };
        Value::Open(self.written(item, value, tail))
    }

    /// What puts a value behind a labelled item's label.
    fn written(&self, item: &Item, value: &str, tail: &str) -> (Range<usize>, Vec<String>) {
        let (line, end) = self.line(item);
        (line..end, vec![format!("{} {value}{tail}", &self.text[line..self.value_start(item)])])
    }

    /// Start and end of the item's line; the byte-order mark is no part of it.
    fn line(&self, item: &Item) -> (usize, usize) {
        let start = line_start(self.text, item.text.start);
        let mark = if self.text[start..].starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        (start + mark, content_end(self.text, item.text.start))
    }

    /// The items nested below one.
    fn below(&self, item: &Item) -> Vec<&'a Item> {
        let at = self.items().iter().position(|other| other.line == item.line).map_or(usize::MAX, |at| at + 1);
        let behind = self.items().get(at..).unwrap_or_default().iter();
        behind.take_while(|other| other.indent > item.indent && other.heading == item.heading).collect()
    }

    /// What replaces the first placeholder behind or below a label.
    fn first_placeholder(&self, item: &Item, value: &str) -> Option<(Range<usize>, Vec<String>)> {
        let below = self.below(item);
        if let Some(open) = below.iter().find(|item| is_placeholder(&self.text[item.text.clone()])) {
            let (line, end) = self.line(open);
            let write = format!("{}{value}{}", &self.text[line..open.text.start], &self.text[open.text.end..end]);
            return Some((line..end, vec![write]));
        }
        match self.value(item, value) {
            Value::Open(write) if below.is_empty() => Some(write),
            Value::Open(_) | Value::Said(_) => None,
        }
    }

    /// What puts paths into the list below a label: in place of its placeholders, else behind its entries. Paths that the
    /// list names already are left out.
    fn files(&self, item: &Item, files: &[String]) -> Option<(Range<usize>, Vec<String>)> {
        let below = self.below(item);
        let open = |item: &&&Item| is_placeholder(&self.text[item.text.clone()]);
        let inline = self.text[self.value_start(item)..item.text.end].trim();
        if !(inline.is_empty() || is_placeholder(inline)) {
            return None;
        }
        let named = |path: &String| below.iter().any(|item| names(&self.text[item.text.clone()], path));
        let new: Vec<&String> = files.iter().filter(|path| !named(path)).collect();
        let front = |item: &Item| &self.text[self.line(item).0..item.text.start];
        let entries = |item: &Item| new.iter().map(|path| format!("{}{path}", front(item))).collect::<Vec<_>>();
        if let (Some(first), Some(last)) = (below.iter().find(open), below.iter().rev().find(open)) {
            let (start, end) = (self.line(first).0, self.line(last).1);
            let kept = below.iter().filter(|item| (first.line..=last.line).contains(&item.line) && !open(item));
            let mut lines: Vec<String> =
                kept.map(|item| self.text[self.line(item).0..self.line(item).1].to_owned()).collect();
            lines.extend(entries(first));
            return (!lines.is_empty()).then_some((start..end, lines));
        }
        if new.is_empty() {
            return None;
        }
        if let Some(last) = below.iter().rfind(|entry| entry.indent == below[0].indent) {
            // What is nested in the last entry, or wrapped, belongs to it.
            let end = block_end(self.text, last.text.start);
            let start = line_start(self.text, end.saturating_sub(1));
            return Some((start..end, [vec![self.text[start..end].to_owned()], entries(last)].concat()));
        }
        let (start, end) = self.line(item);
        let label = self.text[start..self.value_start(item)].to_owned();
        let nested = |path: &&String| format!("{}  - {path}", " ".repeat(item.indent));
        Some((start..end, [vec![label], new.iter().map(nested).collect()].concat()))
    }
}

/// Whether an entry of the list is about this path.
fn names(entry: &str, path: &str) -> bool {
    let entry = entry.replace('\\', "/");
    entry.match_indices(path).any(|(at, _)| {
        let joins = |c: char| c.is_alphanumeric() || "/-_.".contains(c);
        let rest = entry[at + path.len()..].trim_end_matches(['.', ',', ';']);
        !entry[..at].ends_with(joins) && !rest.starts_with(joins)
    })
}

#[cfg(test)]
mod tests;
