//! The parts of a prompt that people wrote: where a heading or a label names a part, and what stands under it. Headings, bold
//! labels, `Name:` and `Name – text` lines, list items, table rows and tags all name parts, in any case.

/// A line of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// How it is written.
    pub form: Form,
    /// What it names, if it may name something.
    pub label: Option<Label<'a>>,
    /// What it says besides its label, without marks of lists and quotes; empty for headings and what is not shown.
    pub text: &'a str,
}

/// A name at the start of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label<'a> {
    /// The whole line without marks of headings, lists and quotes.
    pub whole: &'a str,
    /// The name at its start, without marks; empty when what stands there is a sentence.
    pub name: &'a str,
    /// What follows it on its line.
    pub rest: &'a str,
}

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A heading of this level, 1 to 6.
    Heading(usize),
    /// Running text, code and what is not shown.
    Line,
    /// A list item or table row.
    Item,
}

/// Reads the lines of a prompt. Code has no labels unless it is plain text; comments say nothing.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let raw: Vec<&str> = text.lines().collect();
    let mut lines = Vec::with_capacity(raw.len());
    let mut fence: Option<(&str, bool)> = None;
    let mut comment_until = 0;
    // The line on which each comment ends, looked up from behind so that comments without end cost nothing.
    let mut ends = vec![None; raw.len()];
    let mut next = None;
    for at in (0..raw.len()).rev() {
        next = if raw[at].contains("-->") { Some(at) } else { next };
        ends[at] = next;
    }
    for (at, line) in raw.iter().enumerate() {
        let trimmed = line.trim();
        let silent = Line { form: Form::Line, label: None, text: "" };
        if at < comment_until {
            lines.push(silent);
        } else if let Some((mark, is_code)) = fence {
            if trimmed.starts_with(mark) && trimmed.trim_start_matches(&mark[..1]).is_empty() {
                fence = None;
                lines.push(silent);
            } else if is_code {
                lines.push(Line { form: Form::Line, label: None, text: trimmed });
            } else {
                lines.push(of_line(line, None));
            }
        } else if let (true, Some(end)) = (trimmed.starts_with("<!--"), ends[at]) {
            comment_until = end + 1;
            lines.push(silent);
        } else if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| trimmed.starts_with(mark)) {
            let info = trimmed.trim_start_matches(&mark[..1]).trim().to_ascii_lowercase();
            fence = Some((mark, !["", "text", "txt", "md", "markdown", "prompt", "plain"].contains(&info.as_str())));
            lines.push(silent);
        } else {
            lines.push(of_line(line, raw.get(at + 1).copied()));
        }
    }
    lines
}

fn of_line<'a>(line: &'a str, next: Option<&str>) -> Line<'a> {
    let trimmed = line.trim().trim_start_matches('>').trim();
    let level = trimmed.bytes().take_while(|byte| *byte == b'#').count();
    if (1..=6).contains(&level) && trimmed[level..].starts_with([' ', '\t']) {
        return heading(trimmed[level..].trim().trim_end_matches('#'), level);
    }
    let under = |mark: char| next.is_some_and(|next| next.trim().len() > 2 && next.trim().chars().all(|c| c == mark));
    if trimmed.starts_with(char::is_alphanumeric) && (under('=') || under('-')) {
        return heading(trimmed, if under('=') { 1 } else { 2 });
    }
    let (text, form) = match item(trimmed) {
        Some(text) => (text, Form::Item),
        None => (trimmed, Form::Line),
    };
    if let Some(cells) = text.strip_prefix('|') {
        let (name, rest) = cells.split_once('|').unwrap_or((cells, ""));
        return Line { form: Form::Item, label: label(cells, (bare(name), Some(rest))), text: cells };
    }
    let named = name_of(text);
    // Without anything behind it, what begins like a name is most often a sentence.
    let is_sentence = named.1.is_none() && (named.0.split_whitespace().count() > 3 || text.ends_with(['.', ',', ';']));
    Line { form, label: label(text, if is_sentence { ("", None) } else { named }), text }
}

fn heading(text: &str, level: usize) -> Line<'_> {
    // `1. Environment`, `Environment: staging`.
    let named = name_of(item(text).unwrap_or(text));
    Line { form: Form::Heading(level), label: label(text.trim(), named), text: "" }
}

fn label<'a>(whole: &'a str, (name, rest): (&'a str, Option<&'a str>)) -> Option<Label<'a>> {
    let name = if name.split_whitespace().nth(MOST_WORDS).is_none() { name } else { "" };
    (!whole.is_empty()).then_some(Label { whole, name, rest: rest.unwrap_or_default().trim() })
}

/// Longer names are sentences.
const MOST_WORDS: usize = 6;

/// The text behind the mark of a list item and its box.
fn item(text: &str) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = match text.chars().next()? {
        '-' | '*' | '+' | '•' => text.trim_start_matches(['-', '*', '+', '•']),
        _ if digits > 0 && text[digits..].starts_with(['.', ')']) => &text[digits + 1..],
        _ => return None,
    };
    // `**bold**` is no item, `- **bold**` is.
    if !rest.starts_with([' ', '\t']) {
        return None;
    }
    let rest = rest.trim_start();
    let boxed = ["[ ]", "[x]", "[X]"].iter().find_map(|mark| rest.strip_prefix(mark));
    Some(boxed.unwrap_or(rest).trim_start())
}

/// The name at the start of a text, and what follows it; none where nothing sets the name apart.
fn name_of(text: &str) -> (&str, Option<&str>) {
    for mark in ["**", "__"] {
        if let Some((name, rest)) = text.strip_prefix(mark).and_then(|inner| inner.split_once(mark)) {
            let between = |c: char| c.is_whitespace() || ":–—-".contains(c);
            return (bare(name), Some(rest.trim_start_matches(between)));
        }
    }
    if let Some(tag) = text.strip_prefix('<').and_then(|tag| tag.strip_suffix('>')) {
        return (bare(tag), Some(""));
    }
    let marks = [":", " – ", " — ", " - "];
    match marks.iter().filter_map(|mark| Some((text.find(mark)?, *mark))).min() {
        Some((at, mark)) => (bare(&text[..at]), Some(&text[at + mark.len()..])),
        None => (bare(text), None),
    }
}

/// A name without the marks around it.
fn bare(name: &str) -> &str {
    name.trim_matches(|c: char| !c.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_however_they_are_written() {
        let check = |line: &str, want: Option<(&str, Form, &str)>| {
            let Line { form, label, .. } = lines(line).remove(0);
            let got = label.filter(|label| !label.name.is_empty()).map(|label| (label.name, form, label.rest));
            assert_eq!(got, want, "{line}");
        };
        check("## Environment", Some(("Environment", Form::Heading(2), "")));
        check("# 2) ENVIRONMENT: staging #", Some(("ENVIRONMENT", Form::Heading(1), "staging")));
        check("**Environment:** staging", Some(("Environment", Form::Line, "staging")));
        check("> - [x] **Environment** – `A`", Some(("Environment", Form::Item, "`A`")));
        check("3. Input format: JSON", Some(("Input format", Form::Item, "JSON")));
        check("Roles - pilot", Some(("Roles", Form::Line, "pilot")));
        check("| **Safety** | ask |", Some(("Safety", Form::Item, "ask |")));
        check("<environment>", Some(("environment", Form::Line, "")));
        check("Environment\n=====", Some(("Environment", Form::Heading(1), "")));
        check("ENVIRONMENT", Some(("ENVIRONMENT", Form::Line, "")));
        check("Output file names and changes", None);
        check("Inputs matter.", None);
        check(
            "This is a sentence: it has more than six words before no colon",
            Some(("This is a sentence", Form::Line, "it has more than six words before no colon")),
        );
        check("This sentence has far too many words: six", None);
        assert!(lines("").is_empty());
        check("```", None);
    }

    #[test]
    fn code_and_comments_name_nothing() {
        let names = |text: &str| -> Vec<String> {
            lines(text).into_iter().filter_map(|line| line.label.map(|label| label.name.to_owned())).collect()
        };
        assert_eq!(names("```sh\n# Roles\n```\nInputs:"), ["Inputs"]);
        assert_eq!(names("```\nRoles:\n```\n~~~text\nInputs:\n~~~"), ["Roles", "Inputs"]);
        assert_eq!(names("<!-- Roles:\nInputs:\n-->\nSafety:"), ["Safety"]);
        assert_eq!(names("<!-- never closed\nRoles:"), ["never closed", "Roles"]);
        assert_eq!(lines("```sh\nls -l\n```")[1].text, "ls -l");
    }
}
