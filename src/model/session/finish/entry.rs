//! The entry that a session gets in the timeline of its plan: a row under the columns of the table that is there, else a
//! bullet like those that are there, else a section; where the newest entry stands.

use std::ops::Range;

use super::super::form::{content_end, line_start};
use super::{block_end, rewrite};
use crate::doc::markdown::{Item, Table};
use crate::doc::{Addition, DocId, Document, Markdown};
use crate::model::plan::{is_date_header, is_timeline};
use crate::model::task::edit::Refused;
use crate::model::timeline::Stamp;
use crate::op::{Change, Edit};

/// The section that a plan without a timeline gets.
const HEADING: &str = "Recent timeline";

/// What a timeline is to say of a session.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// When; the time is written where the newest entry has one.
    pub at: Stamp,
    /// The task.
    pub task: &'a str,
    /// What was done.
    pub summary: &'a str,
    /// Numbers and files that show it.
    pub artifacts: &'a [String],
    /// The session's log.
    pub log: &'a DocId,
}

/// What adds the entry to a plan.
pub fn add(plan: &Document, entry: Entry<'_>) -> Result<Edit, Refused> {
    let unread = || Refused(format!("{}: the plan cannot be read as Markdown in UTF-8; save it so", plan.id()));
    let markdown = plan.markdown().ok_or_else(unread)?;
    let text = std::str::from_utf8(plan.bytes()).map_err(|_| unread())?;
    let under = |heading: Option<usize>| is_timeline(&markdown.heading_text(heading));
    let dated = |table: &&Table| table.header.first().is_some_and(|first| is_date_header(&markdown.cell(first)));
    if let Some(table) = markdown.tables().iter().filter(|table| under(table.heading)).find(dated) {
        return Ok(Edit { doc: plan.id().clone(), change: row(markdown, table, entry) });
    }
    let bullets: Vec<&Item> = markdown.items().iter().filter(|item| item.indent == 0 && under(item.heading)).collect();
    let bullets: Vec<(&Item, Stamp)> =
        bullets.into_iter().filter_map(|item| Some((item, Stamp::read(&markdown.text(&item.text))?))).collect();
    match bullets[..] {
        [] => {
            let heading = markdown.headings().iter().map(|heading| markdown.text(&heading.text).into_owned());
            let heading = heading.into_iter().find(|heading| is_timeline(heading));
            let line = format!("- **{}:** {}", entry.at.date, sentence(entry));
            Ok(line_under(plan, heading.as_deref().unwrap_or(HEADING), line))
        }
        _ => Ok(bullet(plan, markdown, text, &bullets, entry)),
    }
}

fn row(markdown: &Markdown, table: &Table, entry: Entry<'_>) -> Change {
    let header: Vec<String> = table.header.iter().map(|span| markdown.cell(span).into_owned()).collect();
    let rows: Vec<(usize, Stamp)> = table
        .rows
        .iter()
        .enumerate()
        .filter_map(|(at, row)| Some((at, Stamp::read(&markdown.value(row, 0)?)?)))
        .collect();
    let stamps: Vec<Stamp> = rows.iter().map(|(_, stamp)| *stamp).collect();
    let newest = rows.iter().max_by_key(|(_, stamp)| *stamp).map(|(at, _)| &table.rows[*at]);
    let is_code = |column: usize| {
        newest.and_then(|row| markdown.value(row, column)).is_some_and(|cell| cell.trim_start().starts_with('`'))
    };
    let columns = Columns::of(&header);
    let mut cells = vec![String::new(); header.len()];
    let mut summary = entry.summary.to_owned();
    let mut said = |column: Option<usize>, text: String| match column {
        Some(column) => cells[column] = text,
        None => summary = format!("{}; {text}", summary.trim_end_matches('.')),
    };
    match (entry.artifacts, columns.artifacts) {
        ([], None) => {}
        ([], column) => said(column, "–".to_owned()),
        (all, column) => said(column, all.join("; ")),
    }
    let log = if columns.source.is_none_or(is_code) { format!("`{}`", entry.log) } else { entry.log.to_string() };
    said(columns.source, log);
    match columns.task {
        Some(column) => entry.task.clone_into(&mut cells[column]),
        None => summary = with_task(&summary, entry.task),
    }
    cells[0] = stamped(entry.at, &stamps);
    match columns.summary {
        Some(column) => cells[column] = summary,
        None => cells[0] = format!("{} {summary}", cells[0]),
    }
    let above = before(&stamps, entry.at).map(|at| {
        let cells = table.rows[rows[at].0].cells.iter();
        cells.map(|span| markdown.cell(span).into_owned()).collect()
    });
    let heading = markdown.heading_text(table.heading).into_owned();
    Change::Add { addition: Addition::Row { heading, table: table.ordinal, header, cells, above }, gap: None }
}

/// Which column says what.
struct Columns {
    summary: Option<usize>,
    artifacts: Option<usize>,
    source: Option<usize>,
    task: Option<usize>,
}

impl Columns {
    /// By the words of the header; the first column has the date.
    fn of(header: &[String]) -> Columns {
        let named = |words: &[&str]| {
            let says = |name: &String| words.iter().any(|word| name.to_lowercase().contains(word));
            header.iter().skip(1).position(says).map(|at| at + 1)
        };
        let is_task = |name: &String| matches!(name.to_lowercase().as_str(), "id" | "task" | "task id" | "card");
        let artifacts = named(&["metric", "artifact", "evidence"]);
        let source = named(&["source", "session", "log", "reference"]).filter(|at| Some(*at) != artifacts);
        let task = header.iter().position(is_task).filter(|at| *at > 0);
        let taken = [artifacts, source, task];
        let free = |at: &usize| !taken.contains(&Some(*at));
        let summary = named(&["summary", "event", "what", "change", "update", "milestone", "note"]).filter(free);
        Columns { summary: summary.or_else(|| (1..header.len()).find(free)), artifacts, source, task }
    }
}

fn bullet(plan: &Document, markdown: &Markdown, text: &str, bullets: &[(&Item, Stamp)], entry: Entry<'_>) -> Edit {
    let stamps: Vec<Stamp> = bullets.iter().map(|(_, stamp)| *stamp).collect();
    let Some((model, _)) = bullets.iter().max_by_key(|(_, stamp)| *stamp) else {
        return line_under(plan, HEADING, format!("- **{}:** {}", entry.at.date, sentence(entry)));
    };
    let at = stamped(entry.at, &stamps);
    let (front, sentence) = (&text[line_start(text, model.text.start)..model.text.start], sentence(entry));
    let said = &text[model.text.clone()];
    let line = match said.get(10..).map(str::trim_start) {
        _ if said.starts_with("**") => format!("{front}**{at}:** {sentence}"),
        Some(rest) if rest.starts_with('–') => format!("{front}{at} – {sentence}"),
        Some(rest) if rest.starts_with("- ") => format!("{front}{at} - {sentence}"),
        Some(_) | None => format!("{front}{at}: {sentence}"),
    };
    let line = line.trim_start_matches('\u{feff}').to_owned();
    if let Some(before) = before(&stamps, entry.at) {
        let place = with_comments(markdown, text, bullets[before].0);
        return rewrite(plan, place.clone(), &[&line, &text[place]]);
    }
    let Some((last, _)) = bullets.last() else { return line_under(plan, HEADING, line) };
    let heading = markdown.heading_text(last.heading).into_owned();
    let end = block_end(text, last.text.start);
    let ends_section = markdown
        .section(&heading)
        .is_some_and(|section| section.contains(&last.text.start) && text[end..section.end.max(end)].trim().is_empty());
    if ends_section {
        return line_under(plan, &heading, line);
    }
    let place = line_start(text, end.saturating_sub(1))..end;
    rewrite(plan, place.clone(), &[&text[place], &line])
}

/// The item's line and the comment lines directly over it, which belong to it.
fn with_comments(markdown: &Markdown, text: &str, item: &Item) -> Range<usize> {
    let mut start = line_start(text, item.text.start);
    let end = content_end(text, item.text.start);
    while start > 0 {
        let before = line_start(text, text[..start].trim_end_matches(['\r', '\n']).len());
        // A blank line ends what belongs together.
        let is_next = text[before..start].trim_end_matches(['\r', '\n']).len() + 2 >= start - before;
        if before == start || !is_next || !markdown.is_comment(before) {
            break;
        }
        start = before;
    }
    start..end
}

/// The index of the entry before which a new one stands, by the order of those that are there; none for the end.
fn before(entries: &[Stamp], new: Stamp) -> Option<usize> {
    let (first, last) = (entries.first()?, entries.last()?);
    let newest_first = if first.date == last.date { first > last } else { first.date > last.date };
    if !newest_first {
        return None;
    }
    // Days may stand newest first and the hours of a day in their order.
    let day = || entries.iter().filter(|entry| entry.date == new.date);
    let rises = day().next().zip(day().next_back()).is_some_and(|(first, last)| first < last);
    entries.iter().position(|entry| entry.date < new.date || (entry.date == new.date && !rises))
}

/// The date, with the time where the newest entry has one.
fn stamped(at: Stamp, entries: &[Stamp]) -> String {
    let has_time = entries.iter().max().is_some_and(|newest| newest.time.is_some());
    if has_time { at.to_string() } else { at.date.to_string() }
}

/// The entry as one sentence.
fn sentence(entry: Entry<'_>) -> String {
    let log = format!("`{}`", entry.log);
    let shown: Vec<&str> = entry.artifacts.iter().map(String::as_str).chain([log.as_str()]).collect();
    format!("{} – {}", with_task(entry.summary, entry.task).trim_end_matches('.'), shown.join("; "))
}

/// The summary, with the task where it does not name it.
fn with_task(summary: &str, task: &str) -> String {
    if task.is_empty() || summary.contains(task) {
        return summary.to_owned();
    }
    match summary.strip_suffix('.') {
        Some(bare) => format!("{bare} ({task})."),
        None => format!("{summary} ({task})"),
    }
}

fn line_under(plan: &Document, heading: &str, text: String) -> Edit {
    let addition = Addition::Line { heading: heading.to_owned(), level: 2, text };
    Edit { doc: plan.id().clone(), change: Change::Add { addition, gap: None } }
}

#[cfg(test)]
mod tests;
