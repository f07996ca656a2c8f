//! Where a link leads.

use super::page;
use crate::doc::DocId;
use crate::tui::widget::markdown::Page;

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Out of the workspace, or nowhere: a sentence says so.
    Nowhere(String),
    /// One of these documents, the first that is there.
    Documents(Vec<DocId>, Aim),
    /// A heading of the same document.
    Here(Aim),
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aim {
    /// A 1-based line.
    Line(usize),
    /// The heading with this anchor.
    Anchor(String),
}

/// Reads a link target as it stands in the document `from`.
pub fn follow(target: &str, from: &DocId) -> Destination {
    let target = target.trim();
    if let Some(anchor) = target.strip_prefix('#') {
        return Destination::Here(Aim::Anchor(anchor.to_owned()));
    }
    let scheme = target.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme = scheme.len() > 1 && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-".contains(&b));
    if target.contains("://")
        || (is_scheme && scheme != "file" && !scheme.contains('.') && target.starts_with("mailto"))
    {
        return Destination::Nowhere(format!("{target} is outside the workspace"));
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let cited = page::cited(path);
    let (path, line) = match path.rsplit_once(':') {
        Some((path, line)) if line.parse::<usize>().is_ok() => (path, line.parse().ok()),
        Some(_) | None => (path, cited.as_ref().and_then(|(_, line)| *line)),
    };
    let aim = match (anchor, line) {
        (Some(anchor), _) if !anchor.is_empty() => Aim::Anchor(anchor.to_owned()),
        (_, line) => Aim::Line(line.unwrap_or(1)),
    };
    let path = unescape(path).replace('\\', "/");
    // Written as seen from the document, or (code spans mostly) from the root.
    let mut ids: Vec<DocId> = Vec::new();
    let cited = cited.map(|(path, _)| path);
    let paths = [Some(path.clone()), cited];
    for path in paths.iter().flatten() {
        for folder in [from.folder(), ""] {
            if let Some(id) = join(folder, path).filter(|id| !ids.contains(id)) {
                ids.push(id);
            }
        }
    }
    if ids.is_empty() {
        return Destination::Nowhere(format!("{target} is outside the workspace"));
    }
    Destination::Documents(ids, aim)
}

/// `path` seen from `folder`; none when it leaves the root.
fn join(folder: &str, path: &str) -> Option<DocId> {
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    DocId::new(&parts.join("/")).ok()
}

/// `%20` and its kin.
fn unescape(path: &str) -> String {
    let mut out = Vec::with_capacity(path.len());
    let bytes = path.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let hex = path.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| path.to_owned())
}

/// The page line that an aim means; none when there is no such heading.
pub fn resolve(aim: &Aim, page: &Page) -> Option<usize> {
    match aim {
        Aim::Line(1) => Some(0),
        Aim::Line(line) => Some(page.at_source(*line)),
        Aim::Anchor(anchor) => {
            let wanted = anchor.to_lowercase();
            let heading =
                page.headings().iter().find(|heading| slug(&heading.text) == wanted || heading.text == *anchor);
            heading.map(|heading| heading.line)
        }
    }
}

/// The anchor that Git hosts give a heading.
fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_inside_the_workspace() {
        let from = DocId::new("docs/plans/A.md").unwrap();
        let check = |target: &str, want: &[&str], aim: Aim| {
            let Destination::Documents(ids, got) = follow(target, &from) else { panic!("{target}") };
            assert_eq!(ids.iter().map(DocId::as_str).collect::<Vec<_>>(), want, "{target}");
            assert_eq!(got, aim, "{target}");
        };
        check("B.md", &["docs/plans/B.md", "B.md"], Aim::Line(1));
        check("../b%20c.md#top-x", &["docs/b c.md"], Aim::Anchor("top-x".into()));
        check("docs/x.md:12", &["docs/plans/docs/x.md", "docs/x.md"], Aim::Line(12));
        check(r"Tools\run.ps1", &["docs/plans/Tools/run.ps1", "Tools/run.ps1"], Aim::Line(1));
        assert_eq!(follow("#a", &from), Destination::Here(Aim::Anchor("a".into())));
        for outside in ["https://example.org/a.md", "../../../etc/passwd", "/etc/passwd", "mailto:a@b.c"] {
            assert!(matches!(follow(outside, &from), Destination::Nowhere(_)), "{outside}");
        }
        assert_eq!(slug("2. The Plan: now & here"), "2-the-plan-now--here");
    }
}
