//! Path patterns of the configuration: `*` within a path component, `**` for any depth.

use crate::doc::DocId;

/// A set of document names: components separated by `/`, with `*` for any text within a component and `**` for any
/// number of components. As in a shell, wildcards do not match a leading dot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    /// No component is empty, `.` or `..`, and `**` is never the last; without any parts the pattern matches nothing.
    parts: Vec<Part>,
}

/// One component of a [`Pattern`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// This very name.
    Literal(String),
    /// A name with `*` in it.
    Glob(String),
    /// `**`.
    AnyDepth,
}

impl Pattern {
    /// Reads a pattern such as `docs/plans/Plan*.md` or `docs/**/*.md`. A pattern that would leave the root (absolute,
    /// or with `..`) matches nothing; `docs/**` means everything below `docs`.
    pub fn new(text: &str) -> Pattern {
        let relative = text.strip_prefix("./").unwrap_or(text);
        let mut parts = Vec::new();
        for part in relative.split('/') {
            match part {
                "" | "." | ".." => return Pattern { text: text.to_owned(), parts: Vec::new() },
                "**" => {
                    if parts.last() != Some(&Part::AnyDepth) {
                        parts.push(Part::AnyDepth);
                    }
                }
                part if part.contains('*') => parts.push(Part::Glob(part.to_owned())),
                part => parts.push(Part::Literal(part.to_owned())),
            }
        }
        if parts.last() == Some(&Part::AnyDepth) {
            parts.push(Part::Glob("*".to_owned()));
        }
        Pattern { text: text.to_owned(), parts }
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the pattern names this document.
    pub fn matches(&self, id: &DocId) -> bool {
        let names: Vec<&str> = id.as_str().split('/').collect();
        !self.parts.is_empty() && matches_parts(&self.parts, &names)
    }

    /// The folder that all matches lie in: the components before the first wildcard, without the file name; `""` for
    /// the root.
    pub fn folder(&self) -> String {
        let folders = self.parts.len().saturating_sub(1);
        let mut folder = String::new();
        for part in &self.parts[..folders] {
            let Part::Literal(name) = part else { break };
            if !folder.is_empty() {
                folder.push('/');
            }
            folder.push_str(name);
        }
        folder
    }

    /// The components; none when nothing can match.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The document that the pattern names, when it has no wildcard.
    pub fn literal(&self) -> Option<DocId> {
        let literal = !self.parts.is_empty() && self.parts.iter().all(|part| matches!(part, Part::Literal(_)));
        if literal { DocId::new(&self.text).ok() } else { None }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

fn matches_parts(parts: &[Part], names: &[&str]) -> bool {
    let Some((part, parts_left)) = parts.split_first() else { return names.is_empty() };
    match part {
        Part::AnyDepth => {
            let depths = names.iter().take_while(|name| !name.starts_with('.')).count();
            (0..=depths.min(names.len())).any(|skip| matches_parts(parts_left, &names[skip..]))
        }
        Part::Literal(literal) => {
            names.split_first().is_some_and(|(name, left)| name == literal && matches_parts(parts_left, left))
        }
        Part::Glob(glob) => {
            names.split_first().is_some_and(|(name, left)| glob_matches(glob, name) && matches_parts(parts_left, left))
        }
    }
}

/// Matches one component. Greedy from the left: between two stars the first place that fits is as good as any.
pub(crate) fn glob_matches(glob: &str, name: &str) -> bool {
    if name.starts_with('.') && !glob.starts_with('.') {
        return false;
    }
    let mut pieces = glob.split('*');
    let first = pieces.next().unwrap_or("");
    let Some(mut left) = name.strip_prefix(first) else { return false };
    let Some(last) = pieces.next_back() else { return left.is_empty() };
    for piece in pieces {
        let Some(at) = left.find(piece) else { return false };
        left = &left[at + piece.len()..];
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, path: &str, expect: bool) {
        let id = DocId::new(path).expect("a path");
        assert_eq!(Pattern::new(pattern).matches(&id), expect, "{pattern} on {path}");
    }

    #[test]
    fn patterns_match_by_component() {
        check("docs/plans/Plan*.md", "docs/plans/PlanA.md", true);
        check("docs/plans/Plan*.md", "docs/plans/old/PlanA.md", false);
        check("docs/*TaskBoard.md", "docs/StateTrace_TaskBoard.md", true);
        check("docs/**/*.md", "docs/x.md", true);
        check("docs/**/*.md", "docs/a/b/x.md", true);
        check("docs/**/*.md", "docs/.hidden/x.md", false);
        check("docs/**/*.md", "src/x.md", false);
        check("**/README.md", "README.md", true);
        check("**", "a/b.txt", true);
        check("*.md", "README.md", true);
        check("*.md", "docs/README.md", false);
        check("*.md", ".x.md", false);
        check(".*.md", ".x.md", true);
        check("a*b*c", "abc", true);
        check("a*b*c", "aXbYbZc", true);
        check("a*b*c", "acb", false);
        check("aa*aa", "aaa", false);
        check("../x.md", "x.md", false);
        check("/etc/passwd", "etc/passwd", false);
        check("", "x", false);
    }

    #[test]
    fn folder_is_the_literal_prefix() {
        for (pattern, folder) in [
            ("docs/plans/Plan*.md", "docs/plans"),
            ("docs/**/*.md", "docs"),
            ("*.md", ""),
            ("README.md", ""),
            ("a/*/c/x.md", "a"),
            ("a/b.md", "a"),
        ] {
            assert_eq!(Pattern::new(pattern).folder(), folder, "{pattern}");
        }
    }
}
