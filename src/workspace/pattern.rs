//! Path patterns of the configuration: `*` within a path component, `**` for any depth.

use crate::doc::DocId;

/// A pattern for root-relative paths, for example `docs/plans/Plan*.md` or `docs/**/*.md`. Case-sensitive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    parts: Vec<String>,
}

impl Pattern {
    /// Reads a pattern. Backslashes and a leading `./` are accepted; `..` matches nothing, as no document has it.
    pub fn new(text: &str) -> Pattern {
        let text = text.replace('\\', "/");
        let text = text.strip_prefix("./").unwrap_or(&text);
        Pattern { parts: text.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect() }
    }

    /// Whether the document's path matches.
    pub fn matches(&self, doc: &DocId) -> bool {
        let path: Vec<&str> = doc.as_str().split('/').collect();
        parts_match(&self.parts, &path)
    }

    /// The literal folder in front of the first wildcard: nothing outside it can match. `""` is the root.
    pub fn folder(&self) -> String {
        let folders = self.parts.len().saturating_sub(1);
        let literal: Vec<&str> =
            self.parts[..folders].iter().take_while(|p| !p.contains('*')).map(String::as_str).collect();
        literal.join("/")
    }

    /// Whether folders below [`Pattern::folder`] can match too.
    pub fn is_deep(&self) -> bool {
        let folders = self.parts.len().saturating_sub(1);
        self.parts[..folders].iter().any(|p| p.contains('*'))
    }

    /// The path itself when the pattern has no wildcard.
    pub fn literal(&self) -> Option<DocId> {
        let path = self.parts.join("/");
        if path.contains('*') { None } else { DocId::new(&path).ok() }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.parts.join("/"))
    }
}

fn parts_match(pattern: &[String], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (None, Some(_)) | (Some(_), None) => pattern.len() == 1 && pattern[0] == "**" && path.is_empty(),
        (Some((first, rest)), Some((name, below))) => {
            if first == "**" {
                parts_match(rest, path) || parts_match(pattern, below)
            } else {
                name_matches(first.as_bytes(), name.as_bytes()) && parts_match(rest, below)
            }
        }
    }
}

/// Greedy match with one point to come back to: linear for one `*`, never exponential.
fn name_matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&b'*') {
            back = Some((p, n));
            p += 1;
        } else if pattern.get(p) == Some(&name[n]) {
            p += 1;
            n += 1;
        } else if let Some((star, from)) = back {
            back = Some((star, from + 1));
            p = star + 1;
            n = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&b| b == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_match_within_and_across_components() {
        let check = |pattern: &str, path: &str, want: bool| {
            let doc = DocId::new(path).expect("a document path");
            assert_eq!(Pattern::new(pattern).matches(&doc), want, "{pattern} against {path}");
        };
        check("docs/plans/Plan*.md", "docs/plans/PlanB_Performance.md", true);
        check("docs/plans/Plan*.md", "docs/plans/old/PlanB.md", false);
        check("docs/*TaskBoard.md", "docs/StateTrace_TaskBoard.md", true);
        check("docs/*TaskBoard.md", "docs/TaskBoard.md.bak", false);
        check("docs/**/*.md", "docs/a.md", true);
        check("docs/**/*.md", "docs/a/b/c.md", true);
        check("docs/**/*.md", "README.md", false);
        check("*.md", "README.md", true);
        check("*.md", "docs/README.md", false);
        check("a*b*c", "aXbYbZc", true);
        check("a*b*c", "aXbYbZ", false);
    }

    #[test]
    fn folder_is_the_literal_front() {
        assert_eq!(Pattern::new("docs/plans/Plan*.md").folder(), "docs/plans");
        assert_eq!(Pattern::new("docs/**/*.md").folder(), "docs");
        assert_eq!(Pattern::new("*.md").folder(), "");
        assert!(Pattern::new("docs/**/*.md").is_deep());
        assert!(!Pattern::new("docs/plans/Plan*.md").is_deep());
    }
}
