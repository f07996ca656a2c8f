//! One issue as the REST interface gave it, read on its own: what is damaged costs a line in the integrity list, never its page.
//!
//! Only what the rules ask about is kept, because a repository may hold a hundred thousand of them.

use chrono::DateTime;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::label::{Label, Labels};
use super::telemetry::Malformed;

/// Characters of a title that are kept.
const TITLE: usize = 160;
/// An `updated_at` this much after now is wrong, seconds.
const FUTURE: i64 = 300;

/// What an issue's milestone field says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Milestone {
    /// None.
    #[default]
    None,
    /// The milestone of that number, whether it exists or not.
    Number(u64),
    /// Nothing that can be understood.
    Malformed,
}

/// One issue (or pull request, which the same list holds).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issue {
    /// Its number.
    pub number: u64,
    /// Its id in GraphQL; empty if the server did not say it.
    pub node: Box<str>,
    /// The beginning of its title: anybody's text.
    pub title: Box<str>,
    /// Whether the title contains "dashboard".
    pub names_dashboard: bool,
    /// Whether it is certainly open.
    pub open: bool,
    /// Whether it is a pull request.
    pub pull: bool,
    /// Those of its labels that matter here.
    pub labels: Labels,
    /// Whether all labels could be read.
    pub labels_known: bool,
    /// Its milestone.
    pub milestone: Milestone,
    /// When it was created, seconds since 1970.
    pub created: Option<i64>,
    /// When anybody, we too, changed it last.
    pub updated: Option<i64>,
}

/// What is wrong with an issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the codes are the documentation, docs/TRACKS_ENGINE.md lists them")]
pub enum Code {
    NumberMissing,
    Unreadable,
    StateMissing,
    LabelsMissing,
    LabelsMalformed,
    LabelMalformed,
    MilestoneMalformed,
    MilestoneDeleted,
    MilestoneNull,
    CreatedMissing,
    CreatedInvalid,
    UpdatedMissing,
    UpdatedInvalid,
    UpdatedFuture,
    Duplicate,
    Transferred,
    Gone,
    CliInvisible,
    ProjectMissing,
}

/// One finding of the scanner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The issue; none if it is the number that is missing.
    pub number: Option<u64>,
    /// What.
    pub code: Code,
    /// What, for people.
    pub reason: String,
}

impl Code {
    /// Every code, with the word for it in telemetry and the reason in plain words.
    const TABLE: [(Code, &'static str, &'static str); 19] = [
        (Code::NumberMissing, "number_missing", "missing number"),
        (Code::Unreadable, "unreadable", "is no object of the expected form"),
        (Code::StateMissing, "state_missing", "says neither open nor closed"),
        (Code::LabelsMissing, "labels_missing", "missing labels[]"),
        (Code::LabelsMalformed, "labels_malformed", "labels is no list"),
        (Code::LabelMalformed, "label_malformed", "a label has no name"),
        (Code::MilestoneMalformed, "milestone_malformed", "milestone is no milestone"),
        (Code::MilestoneDeleted, "milestone_deleted", "milestone does not exist any more"),
        (Code::MilestoneNull, "milestone_null", "has no milestone"),
        (Code::CreatedMissing, "created_at_missing", "missing created_at"),
        (Code::CreatedInvalid, "created_at_invalid", "created_at is no time"),
        (Code::UpdatedMissing, "updated_at_missing", "missing updated_at"),
        (Code::UpdatedInvalid, "updated_at_invalid", "updated_at is no time"),
        (Code::UpdatedFuture, "updated_at_future", "updated_at lies in the future"),
        (Code::Duplicate, "duplicate", "listed more than once with different content"),
        (Code::Transferred, "transferred", "was moved to another repository"),
        (Code::Gone, "gone", "was there before and is not there any more"),
        (Code::CliInvisible, "cli_invisible", "is not in the GraphQL list of issues"),
        (Code::ProjectMissing, "project_missing", "is not in the project"),
    ];

    /// The word in telemetry.
    pub fn word(self) -> &'static str {
        self.row().1
    }

    /// The code of that word.
    pub fn of_word(word: &str) -> Option<Code> {
        Code::TABLE.iter().find(|row| row.1 == word).map(|row| row.0)
    }

    fn row(self) -> &'static (Code, &'static str, &'static str) {
        // Every code has a row; a test holds that.
        Code::TABLE.iter().find(|row| row.0 == self).unwrap_or(&Code::TABLE[1])
    }

    /// Whether it is only worth knowing: repaired in the normal course, nothing is wrong with what the server said.
    pub fn is_info(self) -> bool {
        matches!(self, Code::MilestoneNull | Code::ProjectMissing)
    }

    /// Whether reading the issue on its own may tell more: the answer then counts instead.
    pub fn is_worth_a_look(self) -> bool {
        match self {
            Code::Unreadable
            | Code::StateMissing
            | Code::LabelsMissing
            | Code::LabelsMalformed
            | Code::LabelMalformed
            | Code::MilestoneMalformed
            | Code::CreatedMissing
            | Code::CreatedInvalid
            | Code::UpdatedMissing
            | Code::UpdatedInvalid
            | Code::Duplicate => true,
            Code::NumberMissing
            | Code::MilestoneDeleted
            | Code::MilestoneNull
            | Code::UpdatedFuture
            | Code::Transferred
            | Code::Gone
            | Code::CliInvisible
            | Code::ProjectMissing => false,
        }
    }
}

impl Flaw {
    /// A finding about an issue.
    pub fn new(number: Option<u64>, code: Code) -> Flaw {
        Flaw { number, code, reason: code.row().2.to_owned() }
    }

    /// As telemetry says it.
    pub fn record(&self) -> Malformed {
        Malformed { number: self.number, reason: self.reason.clone(), code: self.code.word().to_owned() }
    }
}

/// Fields as they stand; a missing one differs from null.
#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(default, borrow, deserialize_with = "present")]
    number: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    node_id: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    title: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    state: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    labels: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    milestone: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    created_at: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    updated_at: Option<&'a RawValue>,
    #[serde(default, borrow, deserialize_with = "present")]
    pull_request: Option<&'a RawValue>,
}

fn present<'de: 'a, 'a, D: Deserializer<'de>>(from: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

/// The value, if it is there, not null and of that type.
fn value<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

/// The parts of a list, each as it stands.
///
/// # Errors
/// When it is no list.
pub fn items(body: &str) -> Result<Vec<&RawValue>, String> {
    serde_json::from_str(body).map_err(|error| format!("no list: {error}"))
}

/// Reads one issue. `exempt` is the name of the label that exempts from repairs; `now` the server's time in seconds. The flaws are
/// in the order of [`Code`].
///
/// # Errors
/// The flaw, when it cannot even be said which issue it is.
pub fn parse(raw: &str, exempt: Option<&str>, now: i64) -> Result<(Issue, Vec<Flaw>), Flaw> {
    // A list would pass for the fields in their order.
    if !raw.trim_start().starts_with('{') {
        return Err(Flaw::new(None, Code::Unreadable));
    }
    let fields: Raw<'_> = serde_json::from_str(raw).map_err(|_| Flaw::new(salvaged(raw), Code::Unreadable))?;
    let number = match value::<u64>(fields.number) {
        Some(number) if number > 0 => number,
        Some(_) | None => return Err(Flaw::new(None, Code::NumberMissing)),
    };
    let mut found = Vec::new();
    let mut flaw = |code| found.push(Flaw::new(Some(number), code));
    let state: Option<String> = value(fields.state);
    if !matches!(state.as_deref(), Some("open" | "closed")) {
        flaw(Code::StateMissing);
    }
    let (labels, labels_known) = match labels(fields.labels, exempt) {
        Ok(labels) => (labels, true),
        Err((labels, code)) => {
            flaw(code);
            (labels, false)
        }
    };
    let milestone = milestone(fields.milestone);
    if milestone == Milestone::Malformed {
        flaw(Code::MilestoneMalformed);
    }
    let mut time = |raw: Option<&RawValue>, missing, invalid| match value::<String>(raw) {
        None if raw.is_none_or(|raw| raw.get() == "null") => {
            flaw(missing);
            None
        }
        None => {
            flaw(invalid);
            None
        }
        Some(text) => match DateTime::parse_from_rfc3339(&text) {
            Ok(at) => Some(at.timestamp()),
            Err(_) => {
                flaw(invalid);
                None
            }
        },
    };
    let created = time(fields.created_at, Code::CreatedMissing, Code::CreatedInvalid);
    let mut updated = time(fields.updated_at, Code::UpdatedMissing, Code::UpdatedInvalid);
    if updated.is_some_and(|updated| updated > now + FUTURE) {
        flaw(Code::UpdatedFuture);
        updated = None;
    }
    let title: String = value(fields.title).unwrap_or_default();
    let issue = Issue {
        number,
        node: value::<String>(fields.node_id).unwrap_or_default().into(),
        names_dashboard: title.to_ascii_lowercase().contains("dashboard"),
        title: title.chars().take(TITLE).collect::<String>().into(),
        open: state.as_deref() == Some("open"),
        pull: fields.pull_request.is_some_and(|raw| raw.get() != "null"),
        labels,
        labels_known,
        milestone,
        created,
        updated,
    };
    Ok((issue, found))
}

/// The number in something that is otherwise unreadable: a field that stands twice, for instance.
fn salvaged(raw: &str) -> Option<u64> {
    let value: serde_json::Value = serde_json::from_str(raw).ok()?;
    value.get("number")?.as_u64()
}

fn labels(raw: Option<&RawValue>, exempt: Option<&str>) -> Result<Labels, (Labels, Code)> {
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else { return Err((Labels::default(), Code::LabelsMissing)) };
    let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
        return Err((Labels::default(), Code::LabelsMalformed));
    };
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    let mut labels = Labels::default();
    let mut whole = true;
    for one in list {
        let named = serde_json::from_str::<Named>(one.get()).map(|named| named.name);
        match named.or_else(|_| serde_json::from_str::<String>(one.get())) {
            Ok(name) => labels.extend(Label::named(&name, exempt)),
            Err(_) => whole = false,
        }
    }
    if whole { Ok(labels) } else { Err((labels, Code::LabelMalformed)) }
}

fn milestone(raw: Option<&RawValue>) -> Milestone {
    #[derive(Deserialize)]
    struct Numbered {
        number: u64,
    }
    match raw {
        None => Milestone::Malformed,
        Some(raw) if raw.get() == "null" => Milestone::None,
        Some(raw) => serde_json::from_str::<Numbered>(raw.get())
            .map_or(Milestone::Malformed, |milestone| Milestone::Number(milestone.number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = r#"{"number":7,"node_id":"I_7","title":"The Dashboard flickers","state":"open",
        "labels":[{"name":"Codex"},{"name":"bug"},"codex-selftest"],"milestone":{"number":3,"title":"x"},
        "created_at":"2026-11-01T00:00:00Z","updated_at":"2026-11-02T00:00:00Z","body":"…"}"#;

    #[test]
    fn a_whole_issue_has_no_flaw() {
        let (issue, flaws) = parse(WHOLE, None, 1_800_000_000).expect("an issue");
        assert_eq!(flaws, []);
        assert_eq!((issue.number, issue.open, issue.pull, issue.names_dashboard), (7, true, false, true));
        assert_eq!(issue.labels, [Label::Codex, Label::Selftest].into_iter().collect());
        assert_eq!(issue.milestone, Milestone::Number(3));
        assert_eq!(issue.updated.zip(issue.created).map(|(to, from)| to - from), Some(86400));
    }

    #[test]
    fn every_damage_has_its_code() {
        let check = |from: &str, to: &str, want: &str| {
            let raw = WHOLE.replace(from, to);
            assert_ne!(raw, WHOLE, "{from}");
            let codes = match parse(&raw, None, 1_800_000_000) {
                Ok((issue, flaws)) => {
                    assert_eq!(issue.number, 7);
                    flaws.iter().map(|flaw| flaw.code.word()).collect::<Vec<_>>().join(" ")
                }
                Err(flaw) => flaw.code.word().to_owned(),
            };
            assert_eq!(codes, want, "{to}");
        };
        let labels = r#""labels":[{"name":"Codex"},{"name":"bug"},"codex-selftest"],"#;
        check("\"number\":7,", "", "number_missing");
        check("\"number\":7,", "\"number\":\"7\",", "number_missing");
        check("\"number\":7,", "\"number\":7,\"number\":7,", "unreadable");
        check(WHOLE, "[1]", "unreadable");
        check("\"open\"", "\"ajar\"", "state_missing");
        check(labels, "", "labels_missing");
        check(labels, "\"labels\":null,", "labels_missing");
        check(labels, "\"labels\":{},", "labels_malformed");
        check("{\"name\":\"bug\"}", "{\"nom\":\"bug\"}", "label_malformed");
        check("{\"name\":\"bug\"}", "null", "label_malformed");
        check(r#"{"number":3,"title":"x"}"#, "null", "");
        check(r#"{"number":3,"title":"x"}"#, "\"6\"", "milestone_malformed");
        check(r#""milestone":{"number":3,"title":"x"},"#, "", "milestone_malformed");
        check("\"created_at\":\"2026-11-01T00:00:00Z\",", "", "created_at_missing");
        check("2026-11-01T00:00:00Z", "soon", "created_at_invalid");
        check("\"2026-11-02T00:00:00Z\"", "null", "updated_at_missing");
        check("\"2026-11-02T00:00:00Z\"", "17", "updated_at_invalid");
        check("2026-11-02T00:00:00Z", "2036-11-02T00:00:00Z", "updated_at_future");
    }

    #[test]
    fn every_code_has_its_row() {
        for (code, word, _) in Code::TABLE {
            assert_eq!((code.word(), Code::of_word(word)), (word, Some(code)));
        }
    }
}
