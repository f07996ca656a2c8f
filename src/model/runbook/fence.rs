//! Code blocks: their command lines, with prompts and comments taken apart.

use super::shell::{Shell, is_command};
use crate::doc::{Document, Markdown, Span};

/// A code block that holds commands.
pub struct Block {
    /// The heading above.
    pub heading: String,
    /// By its language; unknown where it has none.
    pub shell: Shell,
    /// 1-based line of the fence.
    pub line: usize,
    /// Its commands.
    pub lines: Vec<Line>,
}

/// One command of a block.
pub struct Line {
    /// The command, without prompt; with line breaks where it cannot be taken apart.
    pub text: String,
    /// The comment above.
    pub notes: String,
    /// 1-based line.
    pub line: usize,
}

/// The blocks of a document that hold commands.
pub fn blocks(doc: &Document, markdown: &Markdown) -> Vec<Block> {
    markdown.fences().iter().filter_map(|span| block(doc, markdown, span)).collect()
}

fn block(doc: &Document, markdown: &Markdown, span: &Span) -> Option<Block> {
    let text = doc.text(span);
    let mut lines = text.lines().map(str::trim_end);
    let opening = lines.next()?.trim_start();
    let sign = opening.chars().next()?;
    let language = opening.trim_start_matches(sign).trim();
    let language = language.split([' ', '{', ',']).next().unwrap_or_default();
    let shell = if language.is_empty() { Some(Shell::Unknown) } else { Shell::of_language(language) }?;
    let first = doc.line_of(span.start);
    let is_fence = |line: &str| line.trim().len() >= 3 && line.trim().chars().all(|c| c == sign);
    let mut inside: Vec<(usize, &str)> = lines.enumerate().map(|(at, line)| (first + 1 + at, line)).collect();
    if inside.last().is_some_and(|(_, line)| is_fence(line)) {
        inside.pop();
    }
    let lines = commands(&inside, shell);
    // A block without language is prose or output, unless every line of it shows a shell.
    let unclear = |line: &Line| shell == Shell::Unknown && Shell::of(&line.text) == Shell::Unknown;
    if lines.is_empty() || lines.iter().any(unclear) {
        return None;
    }
    let heading = markdown.headings().iter().rfind(|heading| heading.start < span.start);
    let heading = heading.map_or_else(String::new, |heading| doc.text(&heading.text).into_owned());
    Some(Block { heading, shell, line: first, lines })
}

fn commands(inside: &[(usize, &str)], shell: Shell) -> Vec<Line> {
    let with_prompts = inside.iter().any(|(_, line)| prompt(line).is_some());
    let joined = |lines: &[(usize, &str)]| lines.iter().map(|(_, line)| *line).collect::<Vec<_>>().join("\n");
    if !with_prompts && is_script(&joined(inside)) {
        let Some((line, _)) = inside.iter().find(|(_, line)| !line.trim().is_empty()) else { return Vec::new() };
        return vec![Line { text: joined(inside).trim().to_owned(), notes: String::new(), line: *line }];
    }
    let mut found: Vec<Line> = Vec::new();
    let mut notes: Vec<&str> = Vec::new();
    let mut goes_on = false;
    for (line, text) in inside {
        let bare = match prompt(text) {
            Some(rest) => rest,
            // Between prompts stands output, and at times a comment.
            None if with_prompts && !goes_on && !text.trim_start().starts_with('#') => continue,
            None => text.trim(),
        };
        if bare.is_empty() || bare.starts_with('#') {
            let note = bare.trim_start_matches('#').trim();
            if note.is_empty() {
                notes.clear()
            } else {
                notes.push(note)
            }
            goes_on = false;
            continue;
        }
        let cut = match shell {
            Shell::PowerShell => bare.strip_suffix('`'),
            Shell::Bash => bare.strip_suffix('\\'),
            Shell::Unknown => bare.strip_suffix(['`', '\\']),
        };
        let part = cut.unwrap_or(bare).trim_end();
        match found.last_mut().filter(|_| goes_on) {
            Some(last) => last.text = format!("{} {part}", last.text),
            None => found.push(Line { text: part.to_owned(), notes: notes.join(" "), line: *line }),
        }
        notes.clear();
        goes_on = cut.is_some();
    }
    found.retain(|line| is_command(&line.text));
    found
}

/// The line behind `$ `, `> `, `PS> ` or `PS C:\x> `.
fn prompt(line: &str) -> Option<&str> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix("$ ").or(line.strip_prefix("> ")) {
        return Some(rest.trim());
    }
    let rest = line.strip_prefix("PS")?;
    let (folder, rest) = rest.split_once('>')?;
    (folder.is_empty() || folder.starts_with(' ')).then_some(rest.trim())
}

/// Whether the lines belong together: brackets or quotes that reach over lines, blocks, text for a program.
fn is_script(text: &str) -> bool {
    let keyword = |line: &str| {
        let first = line.trim_start().split([' ', '(']).next().unwrap_or_default().to_ascii_lowercase();
        ["if", "for", "foreach", "while", "until", "case", "function", "do", "try", "switch", "param"]
            .contains(&first.as_str())
    };
    let uneven = |line: &str| {
        let count = |c: char| line.matches(c).count();
        count('{') != count('}')
            || count('(') != count(')')
            || count('"') % 2 == 1
            || count('\'') % 2 == 1
            || line.trim_end().ends_with('|')
    };
    let lines = || text.lines().filter(|line| !line.trim_start().starts_with('#'));
    text.contains("<<")
        || text.contains("@'")
        || text.contains("@\"")
        || lines().any(|line| keyword(line) || uneven(line))
}
