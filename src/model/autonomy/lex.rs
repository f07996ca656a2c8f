//! Takes a command line apart far enough to see which programs it runs. Not a shell: where a shell would need to know more
//! than the text, the words keep the characters that make it unclear, and the rules take the higher level.

/// One program with its arguments. Quotes are gone; case is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Segment {
    /// The words, the program first.
    pub words: Vec<String>,
    /// Whether output goes to a file.
    pub redirected: bool,
}

/// The programs of a line, those in pipes, lists, groups and substitutions included. Text in quotes is also read as a line
/// of its own where it is handed to a shell; that is up to the rules. With escaped or typographic quotes, or quotes beside a
/// comment, shells differ in what is quoted: then the line is also read as if nothing were.
pub fn segments(line: &str) -> Vec<Segment> {
    let mut all = read(line, true);
    let escaped = ["\\'", "\\\"", "`'", "`\""].iter().any(|sign| line.contains(sign));
    let typographic = line.contains(['‘', '’', '‚', '‛', '“', '”', '„']);
    if escaped || typographic || (line.contains('#') && line.contains(['\'', '"'])) {
        all.extend(read(line, false));
    }
    all
}

/// One reading of a line; `quotes`: whether they keep text together.
fn read(line: &str, quotes: bool) -> Vec<Segment> {
    let mut all = Vec::new();
    let mut now = Segment::default();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = line.chars().peekable();
    let push_word = |now: &mut Segment, word: &mut Option<String>| now.words.extend(word.take());
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            // Double quotes hide no substitution from the shell.
            (Some('"'), '$') if chars.peek() == Some(&'(') => {
                chars.next();
                word.get_or_insert_default().push('$');
                push_word(&mut now, &mut word);
                all.push(std::mem::take(&mut now));
                quote = None;
            }
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                word.get_or_insert_default();
                quote = quotes.then_some(c);
            }
            (None, '>') => {
                // `2>&1` joins streams, everything else writes a file.
                now.redirected |= chars.peek() != Some(&'&');
                if chars.peek() == Some(&'&') {
                    chars.next();
                }
                push_word(&mut now, &mut word);
            }
            (None, ';' | '|' | '&' | '\n' | '\r' | '(' | ')' | '{' | '}' | '`') => {
                push_word(&mut now, &mut word);
                all.push(std::mem::take(&mut now));
            }
            (None, c) if c.is_whitespace() => push_word(&mut now, &mut word),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    push_word(&mut now, &mut word);
    all.push(now);
    all.retain(|segment| !segment.words.is_empty());
    all
}

/// The names that a word may mean as a program, in lower case: its last part as a path, and the word with the escape signs of
/// the shells taken out, because `c\url` and `cu^rl` run curl.
pub fn program_names(word: &str) -> Vec<String> {
    let lower = word.to_ascii_lowercase();
    let plain: String = lower.chars().filter(|c| !"\\^`".contains(*c)).collect();
    let mut names: Vec<String> = Vec::new();
    for path in [lower.as_str(), plain.as_str()] {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let bare = [".exe", ".cmd", ".bat", ".com"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
        if !bare.is_empty() && !names.iter().any(|known| known == bare) {
            names.push(bare.to_owned());
        }
    }
    names
}
