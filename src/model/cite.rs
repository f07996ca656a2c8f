//! What a text cites: task ids, and paths of documents and artifacts (`formats.md` §4, §19: the usual reference is a
//! code span with a path, with `/` or `\`; some cells hold bare paths).

/// Task ids in `text` in order of appearance, each once: upper-case words joined by `-`, then two to eight digits
/// (`ST-B-001`, `HB-AF-012`).
pub fn task_ids(text: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')) {
        if is_task_id(word) && !ids.iter().any(|id| id == word) {
            ids.push(word.to_owned());
        }
    }
    ids
}

/// Whether the whole of `word` is a task id.
pub fn is_task_id(word: &str) -> bool {
    let Some((front, number)) = word.rsplit_once('-') else { return false };
    let Some((project, plan)) = front.rsplit_once('-') else { return false };
    let upper = |part: &str| !part.is_empty() && part.len() <= 6 && part.bytes().all(|b| b.is_ascii_uppercase());
    (2..=8).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()) && upper(project) && upper(plan)
}

/// Plan letters of a task id (`ST-AF-012` is of plan `AF`).
pub fn plan_of_id(id: &str) -> Option<&str> {
    if !is_task_id(id) {
        return None;
    }
    id.rsplit('-').nth(1)
}

/// Paths that `text` cites, in order, each once, as written but with `/` and without line number, fragment or
/// surrounding punctuation. A path has a folder and a file name with an extension, or ends in `/`; placeholders
/// (`<date>`), wildcards, URLs, and paths that leave the workspace are left out.
pub fn paths(text: &str) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    let bytes = text.as_bytes();
    let ends = |b: &u8| b.is_ascii_whitespace() || *b == 0x0b || b"`|;,()[]\"'!<>*".contains(b);
    let mut at = 0;
    // Boards hold tens of megabytes of text: only words with a slash are looked at.
    while let Some(hit) = memchr::memchr2(b'/', b'\\', &bytes[at..]).map(|hit| at + hit) {
        let start = bytes[at..hit].iter().rposition(ends).map_or(at, |before| at + before + 1);
        let end = bytes[hit..].iter().position(ends).map_or(bytes.len(), |behind| hit + behind);
        for raw in text[start..end].split(char::is_whitespace) {
            // A placeholder was cut at its `<` or `*`: what stands before is no path of its own.
            if let Some(path) = as_path(raw).filter(|path| !is_cut(text, raw) && !paths.contains(path)) {
                paths.push(path);
            }
        }
        at = end;
    }
    paths
}

/// The contents of the code spans in `text`, by the rule of Markdown: as many backticks close one as open it; those that
/// nothing closes are text.
pub fn code_spans(text: &str) -> Vec<std::ops::Range<usize>> {
    let runs = backtick_runs(text);
    let mut spans = Vec::new();
    let mut at = 0;
    while at < runs.len() {
        match (at + 1..runs.len()).find(|later| runs[*later].len() == runs[at].len()) {
            Some(later) => {
                spans.push(runs[at].end..runs[later].start);
                at = later + 1;
            }
            None => at += 1,
        }
    }
    spans
}

fn backtick_runs(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for (at, _) in text.match_indices('`') {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at + 1,
            Some(_) | None => runs.push(at..at + 1),
        }
    }
    runs
}

fn is_cut(text: &str, raw: &str) -> bool {
    let start = raw.as_ptr() as usize - text.as_ptr() as usize;
    let before = text[..start].chars().next_back();
    let after = text[start + raw.len()..].chars().next();
    matches!(before, Some('>' | '*')) || matches!(after, Some('<' | '*'))
}

fn as_path(raw: &str) -> Option<String> {
    let word = raw.trim_end_matches(['.', ':', '}']).trim_start_matches("./");
    let word = word.split('#').next().unwrap_or(word);
    let word = match word.rsplit_once(':') {
        Some((path, line)) if !line.is_empty() && line.bytes().all(|b| b.is_ascii_digit()) => path,
        Some(_) | None => word,
    };
    let path = word.replace('\\', "/");
    if path.contains(':') || path.contains("..") || path.starts_with('/') || path.contains("//") {
        return None;
    }
    let (folder, name) = path.rsplit_once('/')?;
    if folder.is_empty() || !folder.chars().all(|c| c.is_alphanumeric() || "/._-+@ ".contains(c)) {
        return None;
    }
    let named = match name.rsplit_once('.') {
        Some((stem, ext)) => {
            !stem.is_empty() && !ext.is_empty() && ext.len() <= 8 && ext.bytes().all(|b| b.is_ascii_alphanumeric())
        }
        None => name.is_empty() && folder.contains('/'),
    };
    named.then(|| path.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_lists_and_prose() {
        assert_eq!(task_ids("HB-A-007/HB-B-010 and HB-AF-001, HB-A-007."), ["HB-A-007", "HB-B-010", "HB-AF-001"]);
        assert!(task_ids("pre-HBI002, SHA-256, UTF-8, 2025-12-22, ISO-8859-1").is_empty());
        assert_eq!(plan_of_id("HB-AF-001"), Some("AF"));
    }

    #[test]
    fn code_spans_close_with_as_many_backticks_as_open_them() {
        let check = |text: &str, want: &[&str]| {
            let got: Vec<&str> = code_spans(text).into_iter().map(|span| &text[span]).collect();
            assert_eq!(got, want, "{text}");
        };
        check("run `a` or ``b`c`` then", &["a", "b`c"]);
        check("it`s one", &[]);
        check("``x` y", &[]);
    }

    #[test]
    fn paths_are_found_in_code_spans_and_bare() {
        let check = |text: &str, want: &[&str]| assert_eq!(paths(text), want, "{text}");
        check("see `docs/plans/PlanA_X.md`, then docs/a.md:12.", &["docs/plans/PlanA_X.md", "docs/a.md"]);
        check(r"`Tools\Run.ps1 -Path Logs/x.json`", &["Tools/Run.ps1", "Logs/x.json"]);
        check("`Logs/IngestionMetrics/<date>.json` and Logs/*.json", &[]);
        check("https://example.org/a/b.html or and/or 1/2 ../up/x.md", &[]);
        check("[gates](../telemetry/Gates.md) [ok](docs/x.md#top)", &["docs/x.md"]);
        check("Logs/Bundles/UI-1/ holds it", &["Logs/Bundles/UI-1"]);
    }
}
