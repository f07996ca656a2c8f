//! Decision records: a new one, numbered after those that are there, from the workspace's own template or ours.

use chrono::NaiveDate;

use crate::doc::{DocId, Document};
use crate::model::session::form::{self, Key};
use crate::model::task::edit::Refused;
use crate::workspace::Pattern;

/// The template of a workspace that has none of its own.
const TEMPLATE: &str = include_str!("../../assets/adr-template.md");
/// Digits of the number where there are no records yet.
const DIGITS: usize = 4;
/// Characters of the file name behind the number, at most.
const SLUG: usize = 60;

/// A decision record that is to be opened.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What is to be decided, in a few words.
    pub title: &'a str,
    /// Why it has to be decided; one line.
    pub context: &'a str,
    /// The day.
    pub day: NaiveDate,
    /// The task that waits for it: id and title.
    pub task: &'a str,
    /// The log of the session that asks for it; empty without one.
    pub session: &'a str,
}

/// A new decision record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its path.
    pub doc: DocId,
    /// Its text.
    pub text: String,
}

/// Whether a document is a template and no record: its name says so.
pub fn is_template(doc: &DocId) -> bool {
    doc.stem().to_lowercase().contains("template")
}

/// The next record. `present` are the documents of records and their templates, `patterns` say where they lie.
pub fn open(wanted: Wanted<'_>, present: &[&Document], patterns: &[Pattern]) -> Result<Record, Refused> {
    let title = wanted.title.trim();
    for (text, what) in [(title, "the title"), (wanted.context.trim(), "the reason")] {
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(Refused(format!("{what} of the decision record must be one line, and not empty")));
        }
    }
    let numbered =
        || present.iter().filter(|doc| !is_template(doc.id())).filter_map(|doc| Some((doc.id(), number(doc.id())?)));
    let newest = numbered().max_by_key(|(_, (number, _))| *number);
    let (next, digits) = newest.map_or((1, DIGITS), |(_, (number, digits))| (number.saturating_add(1), digits));
    let folder = newest
        .map(|(id, _)| id.folder().to_owned())
        .or_else(|| patterns.first().map(Pattern::folder))
        .unwrap_or_default();
    let number = format!("{next:0digits$}");
    let name = format!("{number}-{}.md", slug(title));
    let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
    let doc = DocId::new(&path).map_err(|error| Refused(error.to_string()))?;
    let template = present.iter().find(|doc| is_template(doc.id()) && doc.markdown().is_some());
    let own = || DocId::new("adr-template.md").ok().map(|id| Document::parse(id, TEMPLATE.as_bytes().to_vec()));
    let text = match template {
        Some(template) => filled(template, &number, wanted),
        None => own().and_then(|template| filled(&template, &number, wanted)),
    };
    let place = || template.map_or_else(String::new, |doc| format!("{}: ", doc.id()));
    let text = text.ok_or_else(|| {
        Refused(format!("{}the template of decision records is not Markdown in UTF-8; save it so", place()))
    })?;
    Ok(Record { doc, text })
}

/// `0004-online-mode` has the number 4, in four digits.
fn number(id: &DocId) -> Option<(u32, usize)> {
    let stem = id.stem();
    let front = stem.trim_start_matches(|c: char| !c.is_ascii_digit());
    let digits = front.len() - front.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    Some((front[..digits].parse().ok()?, digits))
}

/// The title as part of a file name.
fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= SLUG {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "decision".to_owned() } else { slug.to_owned() }
}

/// The template with its title, header and context filled in; its other words stay.
fn filled(template: &Document, number: &str, wanted: Wanted<'_>) -> Option<String> {
    let keys = [
        Key { names: &["date"], label: "Date", value: wanted.day.to_string() },
        Key { names: &["task", "task board card"], label: "Task", value: wanted.task.to_owned() },
        Key { names: &["session", "session log"], label: "Session", value: wanted.session.to_owned() },
    ];
    let text = form::filled(template, &keys, &[])?;
    let doc = Document::parse(template.id().clone(), text.clone().into_bytes());
    let markdown = doc.markdown()?;
    let mut text = text;
    let context = markdown.headings().iter().find(|heading| doc.text(&heading.text).to_lowercase().contains("context"));
    // Backwards, so that the places in front stay where they are.
    if let Some(heading) = context {
        let body = text[heading.body.clone()].trim();
        if body.starts_with('<') && body.ends_with('>') && body.matches('<').count() == 1 {
            let start = heading.body.start + text[heading.body.clone()].find('<')?;
            text.replace_range(start..start + body.len(), wanted.context.trim());
        } else {
            let eol = form::line_end(&text, heading.start);
            text.insert_str(heading.body.start, &format!("{}{eol}", wanted.context.trim()));
        }
    }
    let title = format!("ADR {number}: {}", wanted.title.trim());
    match markdown.headings().first().filter(|heading| heading.level == 1) {
        Some(heading) => text.replace_range(heading.text.clone(), &title),
        None => {
            let start = text.len() - text.trim_start_matches('\u{feff}').len();
            let eol = form::line_end(&text, start);
            text.insert_str(start, &format!("# {title}{eol}{eol}"));
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(path: &str, text: &str) -> Document {
        Document::parse(DocId::new(path).expect("a path"), text.as_bytes().to_vec())
    }

    fn opened(present: &[(&str, &str)], title: &str) -> Result<Record, Refused> {
        let docs: Vec<Document> = present.iter().map(|(path, text)| document(path, text)).collect();
        let day = NaiveDate::from_ymd_opt(2026, 1, 2).expect("a date");
        let wanted =
            Wanted { title, context: "a column is missing", day, task: "XX-A-001 – Probe", session: "`docs/s.md`" };
        let patterns = [Pattern::new("docs/adr/*.md")];
        open(wanted, &docs.iter().collect::<Vec<_>>(), &patterns)
    }

    #[test]
    fn numbers_and_names_follow_what_is_there() {
        let check = |present: &[(&str, &str)], title: &str, want: &str| {
            assert_eq!(opened(present, title).expect("a record").doc.as_str(), want);
        };
        check(&[], "Add a column: \"Slot\"", "docs/adr/0001-add-a-column-slot.md");
        check(&[("docs/adr/0004-x.md", ""), ("docs/adr/0006-y.md", "")], "Ünï", "docs/adr/0007-n.md");
        check(&[("adr/ADR-12.md", ""), ("adr/template-99.md", "# T")], "x", "adr/13-x.md");
        check(&[], "…", "docs/adr/0001-decision.md");
        check(&[("docs/adr/4294967295-x.md", "")], "x", "docs/adr/4294967295-x.md");
    }

    #[test]
    fn our_template_is_filled_in() {
        let want = "# ADR 0001: Slots\n\n- **Date:** 2026-01-02\n- **Task:** XX-A-001 – Probe\n- **Session:** `docs/s.md`\n\n\
                    ## Status\nProposed\n\n## Context\na column is missing\n\n## Decision\n<what will be done, and what will not>\n\n\
                    ## Consequences\n<what follows from it, good and bad>\n";
        assert_eq!(opened(&[], "Slots").expect("a record").text, want);
    }

    #[test]
    fn the_template_of_the_workspace_keeps_its_words() {
        let own = "# ADR XXXX: Name\r\n\r\n## Status\r\nDraft\r\n\r\n## Context\r\nSay why.\r\n";
        let want = "# ADR 0001: Slots\r\n\r\n- **Date:** 2026-01-02\r\n- **Task:** XX-A-001 – Probe\r\n- **Session:** `docs/s.md`\r\n\r\n\
                    ## Status\r\nDraft\r\n\r\n## Context\r\na column is missing\r\nSay why.\r\n";
        assert_eq!(opened(&[("docs/adr/Template.md", own)], "Slots").expect("a record").text, want);
        for title in ["", " ", "a\nb"] {
            assert!(opened(&[], title).is_err(), "{title:?}");
        }
    }
}
