//! The plan in a session's log: its bullets, what they lack, and how they are written.

use std::ops::Range;

use super::{SessionLog, form};
use crate::doc::{Addition, Document, Markdown};
use crate::model::plan::Plan;
use crate::model::session::note::one_line;
use crate::model::task::edit::Refused;
use crate::op::{Change, Edit, Intent, Operation};

/// How many bullets a plan has.
pub(super) const BULLETS: std::ops::RangeInclusive<usize> = 3..=6;

/// What becomes of the bullets that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Present {
    /// They stay, and the new ones come behind them.
    Kept,
    /// They go.
    Replaced,
}

/// What a plan lacks, in sentences. `plan` is the plan of the task, `gates` are the ids of those that apply.
pub fn check(bullets: &[String], plan: Option<&Plan>, gates: &[&str]) -> Vec<String> {
    let mut warnings = Vec::new();
    if !BULLETS.contains(&bullets.len()) {
        let have = bullets.len();
        warnings.push(format!(
            "bullets in the plan: {have}; a session's plan has {} to {}",
            BULLETS.start(),
            BULLETS.end()
        ));
    }
    let says = |text: &str| bullets.iter().any(|bullet| bullet.to_lowercase().contains(&text.to_lowercase()));
    if let Some(plan) = plan
        && !says(plan.doc.file_name())
        && !says(plan.doc.stem())
        && !says(&format!("plan {}", plan.letters))
    {
        warnings.push(format!("no bullet names the plan: {}", plan.doc));
    }
    let is_word = |bullet: &String, gate: &str| bullet.split(|c: char| !c.is_alphanumeric()).any(|word| word == gate);
    if !says("gate") && !bullets.iter().any(|bullet| gates.iter().any(|gate| is_word(bullet, gate))) {
        let which =
            if gates.is_empty() { "none applies, and the plan should say so".to_owned() } else { gates.join(", ") };
        warnings.push(format!("no bullet names the gates: {which}"));
    }
    warnings
}

/// The bullets of the plan as they stand, without what the template asks for.
pub fn bullets(doc: &Document) -> Vec<String> {
    let Some(markdown) = doc.markdown() else { return Vec::new() };
    let said = items(doc, markdown).into_iter().filter(|item| !item.asks).map(|item| item.text);
    said.map(|span| doc.text(&span).into_owned()).collect()
}

/// Writes bullets into the plan: instead of the lines in which the template asks for them, and behind the others or instead
/// of them. None when they stand so already.
pub fn write(
    log: &SessionLog,
    doc: &Document,
    bullets: &[String],
    present: Present,
) -> Result<Option<Operation>, Refused> {
    let mut lines = Vec::new();
    for bullet in bullets {
        let bullet = one_line(bullet, "a bullet of the plan")?;
        if bullet.is_empty() {
            return Err(Refused("a bullet of the plan is empty: say in each what will be done".to_owned()));
        }
        lines.push(format!("- {bullet}"));
    }
    if lines.is_empty() {
        return Err(Refused("no bullet was given: say in 3 to 6 of them what will be done".to_owned()));
    }
    let unreadable = || Refused(format!("{}: the log cannot be read as Markdown in UTF-8; save it so", doc.id()));
    let markdown = doc.markdown().ok_or_else(unreadable)?;
    let text = std::str::from_utf8(doc.bytes()).map_err(|_| unreadable())?;
    if present == Present::Replaced && self::bullets(doc) == bullets.iter().map(|b| b.trim()).collect::<Vec<_>>() {
        return Ok(None);
    }
    let items = items(doc, markdown);
    let goes = |item: &&Item| item.asks || present == Present::Replaced;
    let going: Vec<&Item> = items.iter().filter(goes).collect();
    let changes = match (going.first(), going.last()) {
        (Some(first), Some(last)) => {
            let (start, end) = (first.lines.start, last.lines.end);
            let eol = form::line_end(text, start);
            let mut kept: Vec<&str> = Vec::new();
            let mut at = first.lines.end;
            for item in &going[1..] {
                kept.push(text[at..item.lines.start].trim_matches(['\r', '\n']));
                at = item.lines.end;
            }
            kept.retain(|between| !between.is_empty());
            if present == Present::Replaced
                && let Some(other) = kept.first()
            {
                let line = text[..start].matches('\n').count() + 1;
                return Err(Refused(format!(
                    "{}:{line}: between the plan's bullets stands {other:?}, which would go with them; edit the log instead",
                    log.doc
                )));
            }
            // What the operator wrote between the lines of the template stays, in front of the new bullets.
            let write = kept.iter().map(|line| (*line).to_owned()).chain(lines).collect::<Vec<_>>().join(eol);
            vec![form::rewritten(doc, &text[start..end], start, write)]
        }
        _ => {
            let at = plan_heading(doc, markdown);
            let heading =
                at.map_or_else(|| form::PLAN.to_owned(), |at| doc.text(&markdown.headings()[at].text).into_owned());
            let add = |text: String| Change::Add {
                addition: Addition::Line { heading: heading.clone(), level: 2, text },
                gap: None,
            };
            lines.into_iter().map(add).collect()
        }
    };
    let edits = changes.into_iter().map(|change| Edit { doc: log.doc.clone(), change }).collect();
    let intent = Intent { verb: "session plan".to_owned(), summary: format!("write the plan of {}", log.name) };
    Ok(Some(Operation { intent, edits, undoes: None }))
}

/// A bullet of the plan.
struct Item {
    /// Its text.
    text: Range<usize>,
    /// Its lines with those that belong to it, without the last line end.
    lines: Range<usize>,
    /// The template asks for it; nobody has written it.
    asks: bool,
}

fn plan_heading(doc: &Document, markdown: &Markdown) -> Option<usize> {
    markdown.headings().iter().position(|heading| doc.text(&heading.text).to_lowercase().starts_with("plan"))
}

fn items(doc: &Document, markdown: &Markdown) -> Vec<Item> {
    let (Some(at), Ok(text)) = (plan_heading(doc, markdown), std::str::from_utf8(doc.bytes())) else {
        return Vec::new();
    };
    let own = markdown.items().iter().filter(|item| item.heading == Some(at) && item.indent == 0);
    let item = |span: &Range<usize>| {
        let mut end = form::content_end(text, span.start);
        // Indented lines directly below belong to the bullet.
        loop {
            let rest = &text[end..];
            let eol = ["\r\n", "\n", "\r"].into_iter().find(|mark| rest.starts_with(mark)).map_or(0, str::len);
            let next = &rest[eol..];
            let line = &next[..next.find(['\n', '\r']).unwrap_or(next.len())];
            if eol == 0 || !line.starts_with([' ', '\t']) || line.trim().is_empty() {
                break;
            }
            end += eol + line.len();
        }
        let said = &text[span.clone()];
        Item {
            text: span.clone(),
            lines: form::line_start(text, span.start)..end,
            asks: said.starts_with('<') && said.ends_with('>'),
        }
    };
    own.map(|one| item(&one.text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::DocId;
    use crate::op::{Mode, plan};
    use std::sync::Arc;

    fn written(text: &str, new: &[&str], present: Present) -> Result<Option<String>, Refused> {
        let id = DocId::new("docs/2026-01-02_session-0003.md").expect("a path");
        let doc = Arc::new(Document::parse(id, text.as_bytes().to_vec()));
        let new: Vec<String> = new.iter().map(|text| (*text).to_owned()).collect();
        let Some(operation) = write(&SessionLog::project(&doc), &doc, &new, present)? else { return Ok(None) };
        let planned = plan(&operation, Mode::Fresh, |_| Some(Arc::clone(&doc)), |_| None).expect("a plan");
        let after = planned.files[0].after.as_ref().expect("a document");
        Ok(Some(String::from_utf8_lossy(after.bytes()).into_owned()))
    }

    #[track_caller]
    fn check(text: &str, new: &[&str], present: Present, want: &str) {
        assert_eq!(written(text, new, present), Ok(Some(want.to_owned())));
    }

    #[test]
    fn what_the_template_asks_for_goes_and_what_was_written_stays() {
        use Present::{Kept, Replaced};
        let log = "# L\r\n## Plan (3-6 bullets)\r\n- <a>\r\n  more\r\n- mine\r\n- <b>\r\n\r\n## Changes\r\n- <c>\r\n";
        check(
            log,
            &["one", "two"],
            Kept,
            "# L\r\n## Plan (3-6 bullets)\r\n- mine\r\n- one\r\n- two\r\n\r\n## Changes\r\n- <c>\r\n",
        );
        check(log, &["one"], Replaced, "# L\r\n## Plan (3-6 bullets)\r\n- one\r\n\r\n## Changes\r\n- <c>\r\n");
        check("## Plan\n- a\n\n## B\n", &["b", "c"], Kept, "## Plan\n- a\n- b\n- c\n\n## B\n");
        check("## Plan\n- a\n- b", &["c"], Replaced, "## Plan\n- c");
        check("# L\n", &["a"], Kept, "# L\n\n## Plan (3-6 bullets)\n\n- a\n");
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        use Present::{Kept, Replaced};
        for (text, new, present, why) in [
            ("## Plan\n- a\n", &[][..], Kept, "no bullet"),
            ("## Plan\n- a\n", &["x\ny"], Kept, "one line"),
            ("## Plan\n- a\n", &["x\u{1b}"], Kept, "one line"),
            ("## Plan\n- a\n", &[" "], Kept, "is empty"),
            ("## Plan\n- a\nwords\n- b\n", &["x"], Replaced, "\"words\""),
        ] {
            let refused = written(text, new, present).expect_err("refused").0;
            assert!(refused.contains(why), "{refused}");
        }
        assert_eq!(written("## Plan\n- a\n", &["a"], Replaced), Ok(None));
    }
}
