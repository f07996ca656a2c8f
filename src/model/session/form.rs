//! The text of a new session log: the workspace's own template with its header and plan filled in. What is not filled in
//! stays byte for byte, because the template's wording, blanks and line ends are the workspace's.

use std::ops::Range;

use crate::doc::{Addition, Document, Markdown};
use crate::model::autonomy::Level;
use crate::model::task::edit::Refused;
use crate::op::Change;

/// The keys that say the level, in lower case; the first one is written where a log has none.
pub(super) const LEVEL: [&str; 2] = ["autonomy level", "level"];
/// How the first of them is spelled.
pub(super) const LEVEL_LABEL: &str = "Autonomy level";

/// Heading of the plan in a log whose template has none.
pub(super) const PLAN: &str = "Plan (3-6 bullets)";

/// One `- **Key:** value` line of the header.
pub(in crate::model) struct Key<'a> {
    /// The names under which templates have it, in lower case; the first one is written where the template has none.
    pub names: &'a [&'a str],
    /// How it is spelled where it is written.
    pub label: &'a str,
    /// What it says; empty keeps what the template has.
    pub value: String,
}

/// The template's text with these keys and plan bullets. Without bullets the template's own stay.
pub(in crate::model) fn filled(template: &Document, keys: &[Key<'_>], bullets: &[String]) -> Option<String> {
    let markdown = template.markdown()?;
    let mut text = std::str::from_utf8(template.bytes()).ok()?.to_owned();
    let mut writes = header(&text, markdown, keys);
    if !bullets.is_empty() {
        writes.extend(plan(&text, markdown, bullets));
    }
    // Backwards, so that the places in front stay where they are.
    writes.sort_by_key(|(span, _)| (span.start, span.end));
    for (span, new) in writes.iter().rev() {
        text.replace_range(span.clone(), new);
    }
    Some(text)
}

/// The change that makes the header of a log say the level: its line, or a line behind the header's last one.
pub(super) fn level_line(doc: &Document, level: Level) -> Result<Change, Refused> {
    let unreadable = || Refused(format!("{}: the log cannot be read as Markdown in UTF-8; save it so", doc.id()));
    let markdown = doc.markdown().ok_or_else(unreadable)?;
    let text = std::str::from_utf8(doc.bytes()).map_err(|_| unreadable())?;
    let says = |key: &Range<usize>| LEVEL.contains(&doc.text(key).to_ascii_lowercase().trim_end_matches(':'));
    if let Some(bullet) = markdown.key_bullets().iter().find(|bullet| says(&bullet.key)) {
        let (start, end) = (line_start(text, bullet.key.start), content_end(text, bullet.key.start));
        let mut line = text[start..end].to_owned();
        let value = bullet.value.start - start..bullet.value.end - start;
        let blank = if line[..value.start].ends_with([' ', '\t']) { "" } else { " " };
        line.replace_range(value, &format!("{blank}{level}"));
        return Ok(rewritten(doc, &text[start..end], start, line));
    }
    let end = markdown.headings().iter().find(|heading| heading.level > 1).map_or(text.len(), |heading| heading.start);
    let last = markdown.key_bullets().iter().rfind(|bullet| bullet.key.start < end).map(|bullet| bullet.key.start);
    let title = markdown.headings().first().filter(|heading| heading.level == 1).map(|heading| heading.text.start);
    let behind = last.or(title).ok_or_else(|| {
        Refused(format!(
            "{}: the log has no header to say the level in; begin it with `- **{LEVEL_LABEL}:** {level}`",
            doc.id()
        ))
    })?;
    let (start, end) = (line_start(text, behind), content_end(text, behind));
    let gap = if last.is_none() { line_end(text, behind) } else { "" };
    let eol = line_end(text, behind);
    let write = format!("{}{eol}{gap}- **{LEVEL_LABEL}:** {level}", &text[start..end]);
    Ok(rewritten(doc, &text[start..end], start, write))
}

/// The change that makes the outcome of a log say this status; none when it says so already.
pub(super) fn status(doc: &Document, word: &str) -> Option<Change> {
    let (markdown, text) = (doc.markdown()?, std::str::from_utf8(doc.bytes()).ok()?);
    let says = |span: &Range<usize>| text[span.clone()].trim_start_matches("**").starts_with("Status:");
    let Some(item) = markdown.items().iter().rfind(|item| says(&item.text)) else {
        let addition = Addition::Line { heading: "Outcome".to_owned(), level: 2, text: format!("- Status: {word}") };
        return Some(Change::Add { addition, gap: None });
    };
    let (start, end) = (line_start(text, item.text.start), content_end(text, item.text.start));
    let colon = item.text.start + text[item.text.clone()].find(':')? + 1;
    let is_bold = text[item.text.start..].starts_with("**") && text[colon..].starts_with("**");
    let kept = if is_bold { colon + 2 } else { colon };
    let line = format!("{} {word}", &text[start..kept]);
    (line != text[start..end]).then(|| rewritten(doc, &text[start..end], start, line))
}

/// The change of the whole lines that begin at `start`.
pub(super) fn rewritten(doc: &Document, expect: &str, start: usize, write: String) -> Change {
    let occurrence = doc.wholes(expect).iter().filter(|at| **at < start).count();
    Change::Rewrite { expect: expect.to_owned(), write, occurrence }
}

type Write = (Range<usize>, String);

fn header(text: &str, markdown: &Markdown, keys: &[Key<'_>]) -> Vec<Write> {
    let end = markdown.headings().iter().find(|heading| heading.level > 1).map_or(text.len(), |heading| heading.start);
    let bullets = || markdown.key_bullets().iter().filter(|bullet| bullet.key.start < end);
    let mut writes = Vec::new();
    let mut absent = Vec::new();
    for key in keys.iter().filter(|key| !key.value.is_empty()) {
        let named = |name: &str| key.names.contains(&name.to_lowercase().as_str());
        match bullets().find(|bullet| named(&text[bullet.key.clone()])) {
            Some(bullet) => {
                let beside = text[..bullet.value.start].ends_with([' ', '\t']);
                let blank = if beside { "" } else { " " };
                writes.push((bullet.value.clone(), format!("{blank}{}", key.value)));
            }
            None => absent.push(format!("- **{}:** {}", key.label, key.value)),
        }
    }
    if absent.is_empty() {
        return writes;
    }
    let last = bullets().next_back().map(|bullet| bullet.key.start);
    let title = markdown.headings().first().filter(|heading| heading.level == 1);
    match (last, title) {
        (Some(last), _) => writes.push(behind(text, last, &absent)),
        (None, Some(title)) => {
            absent.insert(0, String::new());
            writes.push(behind(text, title.text.start, &absent));
        }
        (None, None) => {
            let start = text.len() - text.trim_start_matches('\u{feff}').len();
            let end = line_end(text, start);
            let lines = absent.iter().map(|line| format!("{line}{end}"));
            writes.push((start..start, format!("{}{end}", lines.collect::<String>())));
        }
    }
    writes
}

fn plan(text: &str, markdown: &Markdown, bullets: &[String]) -> Vec<Write> {
    let lines: Vec<String> = bullets.iter().map(|bullet| format!("- {bullet}")).collect();
    let says_plan = |span: &Range<usize>| text[span.clone()].to_lowercase().starts_with("plan");
    let Some(at) = markdown.headings().iter().position(|heading| says_plan(&heading.text)) else {
        let heading = ["".to_owned(), format!("## {PLAN}")];
        return vec![behind(text, text.len(), &[&heading[..], &lines].concat())];
    };
    let items = || markdown.items().iter().filter(|item| item.heading == Some(at) && item.indent == 0);
    let is_placeholder = |span: &Range<usize>| text[span.clone()].starts_with('<') && text[span.clone()].ends_with('>');
    let mut placeholders = items().filter(|item| is_placeholder(&item.text)).map(|item| item.text.start);
    let Some(first) = placeholders.next() else {
        let last = items().next_back().map_or(markdown.headings()[at].text.start, |item| item.text.start);
        return vec![behind(text, last, &lines)];
    };
    let start = line_start(text, first);
    let mut writes = vec![(start..content_end(text, first), lines.join(line_end(text, first)))];
    for other in placeholders {
        let end = content_end(text, other);
        let terminator =
            ["\r\n", "\n", "\r"].into_iter().find(|mark| text[end..].starts_with(mark)).unwrap_or_default();
        writes.push((line_start(text, other)..end + terminator.len(), String::new()));
    }
    writes
}

/// These lines behind the line on which `offset` lies.
fn behind(text: &str, offset: usize, lines: &[String]) -> Write {
    let end = line_end(text, offset);
    let at = content_end(text, offset);
    (at..at, lines.iter().map(|line| format!("{end}{line}")).collect())
}

pub(super) fn line_start(text: &str, offset: usize) -> usize {
    let bom = text.len() - text.trim_start_matches('\u{feff}').len();
    text[..offset].rfind(['\n', '\r']).map_or(bom, |at| at + 1)
}

pub(super) fn content_end(text: &str, offset: usize) -> usize {
    text[offset..].find(['\n', '\r']).map_or(text.len(), |at| offset + at)
}

/// How the line on which `offset` lies ends; where it does not, how the first line does.
pub(in crate::model) fn line_end(text: &str, offset: usize) -> &'static str {
    let ending = |text: &str| ["\r\n", "\n", "\r"].into_iter().find(|mark| text.starts_with(mark));
    ending(&text[content_end(text, offset)..]).or_else(|| ending(&text[content_end(text, 0)..])).unwrap_or("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::DocId;

    #[track_caller]
    fn check(template: &str, bullets: &[&str], want: &str) {
        let id = DocId::new("docs/Template.md").expect("a path");
        let keys = [
            Key { names: &["date"], label: "Date", value: "2026-01-02".into() },
            Key { names: &["role"], label: "Role", value: String::new() },
            Key { names: &["autonomy level", "level"], label: "Autonomy level", value: "L1".into() },
        ];
        let bullets: Vec<String> = bullets.iter().map(|text| (*text).to_owned()).collect();
        let filled = filled(&Document::parse(id, template.as_bytes().to_vec()), &keys, &bullets);
        assert_eq!(filled.as_deref(), Some(want));
    }

    #[test]
    fn the_template_keeps_its_bytes() {
        check(
            "\u{feff}# Log\r\n- **Date:** <day>  \r\n- **Role:** <who>\r\n\r\n## Plan\t\r\n- <a>\r\n- <b>\r\n- stop early\r\n",
            &["one", "two"],
            "\u{feff}# Log\r\n- **Date:** 2026-01-02  \r\n- **Role:** <who>\r\n- **Autonomy level:** L1\r\n\r\n## Plan\t\r\n- one\r\n- two\r\n- stop early\r\n",
        );
        check("# Log\n- **Date**:\n- **Level:** <L>", &[], "# Log\n- **Date**: 2026-01-02\n- **Level:** L1");
    }

    #[test]
    fn what_a_template_lacks_is_added() {
        check(
            "# Log\n\n## Plan\n\n## Date\n- **Date:** no\n",
            &["one"],
            "# Log\n\n- **Date:** 2026-01-02\n- **Autonomy level:** L1\n\n## Plan\n- one\n\n## Date\n- **Date:** no\n",
        );
        check("", &["one"], "- **Date:** 2026-01-02\n- **Autonomy level:** L1\n\n\n\n## Plan (3-6 bullets)\n- one");
    }
}
