//! What a code span in a clause is: a metric, a file, a command, or a comparison of its own.

use super::token::{self, What};
use super::unit::{Unit, camel};
use super::{Comparator, Statistic};

/// The meaning of a code span.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Code {
    /// `Event.Field`.
    Both(String, String),
    /// One name in camel case: an event, or a field where its name ends in a unit.
    Name(String),
    /// `MaxStreak <= 8`: name, statistic, comparator, number, unit.
    Comparison(String, Option<Statistic>, Comparator, f64, Option<Unit>),
    /// A file that holds evidence: `Logs/Reports/QueueSummary-<stamp>.json`.
    Artifact(String),
    /// A command, and the files of evidence among its arguments.
    Command(Vec<String>),
    /// `key=value` of a row.
    Row,
    /// Anything else: file extensions, switches, words.
    Other,
}

/// Reads the inside of a code span.
pub(super) fn read(code: &str) -> Code {
    let code = code.trim();
    if let Some(comparison) = comparison(code) {
        return comparison;
    }
    let words: Vec<&str> = code.split_whitespace().collect();
    let is_script = |word: &str| {
        [".ps1", ".sh", ".py", ".exe", ".cmd", ".bat", ".rb", ".js"]
            .iter()
            .any(|end| word.to_ascii_lowercase().ends_with(end))
    };
    if words.iter().any(|word| is_script(word)) || words.len() > 1 {
        let files = words.iter().skip(1).filter_map(|word| artifact(word)).collect();
        return Code::Command(files);
    }
    if let Some(file) = artifact(code) {
        return Code::Artifact(file);
    }
    if let Some((event, field)) = code.split_once('.')
        && is_name(event)
        && field.split('.').all(is_name)
    {
        return Code::Both(event.to_owned(), field.to_owned());
    }
    if is_name(code) {
        return Code::Name(code.to_owned());
    }
    if code.split_once('=').is_some_and(|(key, value)| is_name(key) && !value.is_empty()) {
        return Code::Row;
    }
    Code::Other
}

/// A name as programs write events and fields: capital first, letters and digits.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && text.chars().any(|c| c.is_ascii_lowercase())
}

/// Whether a lone name is a field: it ends in a unit, or begins as names of computed values do.
pub(super) fn is_field(name: &str) -> bool {
    let words = camel(name);
    Unit::of_field(name).is_some()
        || (words.len() > 1
            && words.first().is_some_and(|first| ["max", "min", "avg", "total", "mean"].contains(&first.as_str())))
        || words.last().is_some_and(|last| words.len() > 1 && ["count", "total"].contains(&last.as_str()))
}

/// A file of evidence, with `*` for what is in angle brackets and for `latest`, a copy of the newest.
fn artifact(text: &str) -> Option<String> {
    let text = text.trim_matches(['\'', '"', ',', ';']).replace('\\', "/");
    let lower = text.to_ascii_lowercase();
    let data = [".json", ".csv", ".ndjson", ".jsonl"].iter().any(|end| lower.ends_with(end) && lower.len() > end.len());
    if !data || text.starts_with('-') || text.contains(char::is_whitespace) {
        return None;
    }
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(open) = rest.find('<') {
        let close = open + rest[open..].find('>')?;
        out.push_str(&rest[..open]);
        out.push('*');
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    let (folder, name) = out.rsplit_once('/').map_or(("", out.as_str()), |(folder, name)| (folder, name));
    let name = name.replace("-latest", "-*");
    let name = if name.contains('*') || !has_stamp(&name) { name } else { stamp_to_star(&name) };
    Some(if folder.is_empty() { name } else { format!("{folder}/{name}") })
}

/// Whether a name holds eight digits or a date: one file of many.
fn has_stamp(name: &str) -> bool {
    name.as_bytes().windows(8).any(|eight| eight.iter().all(|b| b.is_ascii_digit() || *b == b'-') && eight[0] != b'-')
}

fn stamp_to_star(name: &str) -> String {
    let from = name.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
    let to = name.rfind(|c: char| c.is_ascii_digit()).map_or(name.len(), |at| at + 1);
    format!("{}*{}", &name[..from], &name[to..])
}

/// `Name <= 8`, `Event.Field p95 < 30 ms` within one code span.
fn comparison(code: &str) -> Option<Code> {
    let tokens = token::tokens(code, 0);
    let at = tokens.iter().position(|token| matches!(token.what, What::Compare(_)))?;
    let (What::Compare(comparator), What::Number { value, unit, .. }) = (&tokens[at].what, &tokens.get(at + 1)?.what)
    else {
        return None;
    };
    let before = code[..tokens[at].span.start].trim();
    let mut names = before.split_whitespace();
    let name = names.next().filter(|name| name.split('.').all(is_name))?;
    let statistic = match names.next() {
        Some(word) => Some(Statistic::named(word)?),
        None => None,
    };
    let unit = unit.clone().or_else(|| tokens.get(at + 2).and_then(|token| Unit::parse(token.word())));
    names.next().is_none().then(|| Code::Comparison(name.to_owned(), statistic, *comparator, *value, unit))
}

/// The name of the event that a file of evidence is made from: `QueueWait-*.json` may be about `QueueWait`.
pub(super) fn event_of_artifact(pattern: &str) -> Option<String> {
    let name = pattern.rsplit('/').next().unwrap_or(pattern);
    let stem: String = name.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
    is_name(&stem).then_some(stem)
}

/// Fields that an event without a named field may mean: the tail or head of the event's own name with a unit, then the usual names.
pub(super) fn candidates(event: &str, unit: Option<&Unit>) -> Vec<String> {
    let suffixes: &[&str] = match unit {
        Some(Unit::Percent | Unit::Ratio) => &["Percent", "Ratio", "Rate", ""],
        Some(Unit::Bytes(_)) => &["Bytes", "KB", "MB", ""],
        Some(Unit::Things(_)) => &["", "Count"],
        Some(Unit::Milliseconds | Unit::Seconds | Unit::Minutes | Unit::Hours | Unit::Days) => {
            &["Ms", "Seconds", "Minutes", "Hours"]
        }
        None => &["", "Ms", "Seconds", "Minutes", "Count"],
    };
    let words = words_of(event);
    let mut stems: Vec<String> = (1..=words.len()).map(|n| words[words.len() - n..].concat()).collect();
    stems.extend((1..words.len()).map(|n| words[..n].concat()));
    stems.extend(["Duration", "Elapsed", "Value"].map(str::to_owned));
    let mut out = Vec::new();
    for stem in stems {
        for suffix in suffixes {
            let name = format!("{stem}{suffix}");
            if !out.contains(&name) {
                out.push(name);
            }
        }
    }
    // A name that ends in its unit already.
    if Unit::of_field(event).is_some() {
        out.insert(0, event.to_owned());
    }
    out
}

/// The words of a name in camel case, with their capitals.
pub(super) fn words_of(name: &str) -> Vec<String> {
    let mut rest = name;
    camel(name)
        .iter()
        .map(|word| {
            let len: usize = rest.chars().take(word.chars().count()).map(char::len_utf8).sum();
            let (own, behind) = rest.split_at(len);
            rest = behind.trim_start_matches(|c: char| !c.is_alphanumeric());
            own.to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_spans_are_told_apart() {
        assert_eq!(read("SitePoll.DurationMs"), Code::Both("SitePoll".into(), "DurationMs".into()));
        assert_eq!(read("SitePoll"), Code::Name("SitePoll".into()));
        assert_eq!(
            read("LongestWait <= 8 s"),
            Code::Comparison("LongestWait".into(), None, Comparator::AtMost, 8.0, Some(Unit::Seconds))
        );
        assert_eq!(read("Logs\\Reports\\Wait-<date>.json"), Code::Artifact("Logs/Reports/Wait-*.json".into()));
        assert_eq!(read("Wait-latest-summary.json"), Code::Artifact("Wait-*-summary.json".into()));
        assert_eq!(
            read("Tools\\Check.ps1 -Report Logs/Wait-<date>.json -Max 8"),
            Code::Command(vec!["Logs/Wait-*.json".into()])
        );
        assert_eq!(read(".mdb"), Code::Other);
        assert_eq!(read("-Max 8"), Code::Command(vec![]));
        assert_eq!(read("Metric=Coverage"), Code::Row);
    }

    #[test]
    fn fields_follow_from_the_name_of_the_event() {
        let fields = candidates("StoreWriteLatency", Some(&Unit::Milliseconds));
        assert_eq!(fields[0], "LatencyMs");
        assert!(fields.contains(&"StoreWriteLatencyMs".to_owned()));
        assert_eq!(event_of_artifact("Logs/Reports/QueueWait-*.json").as_deref(), Some("QueueWait"));
    }
}
