//! Lists of values that have to occur: under a heading or sentence such as "Required LoginAction events", every item that
//! begins with a name in code is a clause; the list is also what a coverage is computed from.

use super::code::{self, Code};
use super::token::{Token, What};
use super::{Clause, ClauseKind, Comparator, Filter, GateSeverity, Metric, Statistic, Unit};

/// What the heading and the sentences above a list say of its items.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct List {
    /// The event in which the values occur.
    pub event: String,
    /// Whether an item that does not occur is a miss.
    pub severity: GateSeverity,
    /// Whether each bundle of telemetry must have them.
    pub per_bundle: bool,
}

/// Reads a heading or a sentence above a list: the event it names and whether it asks for all items. `inherited` is the
/// event of a list before in the same part of the document.
pub(super) fn heading(tokens: &[Token], text: &str, inherited: Option<&str>) -> Option<List> {
    let says = |words: &[&str]| tokens.iter().any(|token| words.contains(&token.word()));
    let optional = says(&["optional", "tracked"]);
    if !optional && !says(&["required", "must", "mandatory"]) {
        return None;
    }
    let named = tokens.iter().enumerate().find_map(|(at, token)| match &token.what {
        What::Code(inner) => match code::read(inner) {
            Code::Name(event) | Code::Both(event, _) => Some(event),
            Code::Comparison(..) | Code::Artifact(_) | Code::Command(_) | Code::Row | Code::Other => None,
        },
        What::Word(_) => {
            let name = text.get(token.span.clone()).unwrap_or("");
            let next = tokens.get(at + 1).map_or("", Token::word);
            let camel = code::is_name(name) && name.chars().skip(1).any(|c| c.is_ascii_uppercase());
            (camel && ["event", "events", "records"].contains(&next)).then(|| name.to_owned())
        }
        What::Number { .. } | What::Compare(_) | What::Lost | What::Tolerance | What::Open => None,
        What::Close | What::Comma | What::Semicolon | What::Stop | What::Other => None,
    });
    let severity = if optional { GateSeverity::Tracked } else { GateSeverity::Blocking };
    let per_bundle = says(&["bundle", "bundles"]);
    Some(List { event: named.or_else(|| inherited.map(str::to_owned))?, severity, per_bundle })
}

/// The clause of one item of such a list, and the value.
pub(super) fn item(tokens: &[Token], list: &List) -> Option<(Clause, String)> {
    let first = tokens.first()?;
    let What::Code(inner) = &first.what else { return None };
    let Code::Name(value) = code::read(inner) else { return None };
    let optional = tokens.iter().any(|token| token.word() == "optional");
    let end = tokens.last().map_or(first.span.end, |token| token.span.end);
    let mut clause =
        Clause::at(first.span.start..end, ClauseKind::Machine, "an item of a list of values that have to occur");
    clause.metric = filtered(&list.event, &value);
    clause.statistic = Some(Statistic::Count);
    clause.comparator = Some(Comparator::AtLeast);
    clause.threshold = Some(1.0);
    clause.unit = Some(Unit::Things("events".to_owned()));
    clause.severity = if optional { GateSeverity::Tracked } else { list.severity };
    clause.per_bundle = list.per_bundle;
    clause.understood.push((first.span.clone(), format!("`{}` with the value `{value}`", list.event)));
    Some((clause, value))
}

/// Records of an event with a value in the field that is named as the event's last word: `LoginAction` in `Action`.
fn filtered(event: &str, value: &str) -> Metric {
    Metric {
        event: Some(event.to_owned()),
        inherited: true,
        filter: Some(Filter { fields: fields(event), value: value.to_owned() }),
        ..Metric::default()
    }
}

/// The fields in which the kind of an event may stand.
pub(super) fn fields(event: &str) -> Vec<String> {
    let mut fields: Vec<String> = code::words_of(event).pop().into_iter().collect();
    for usual in [event, "Name", "Kind", "Type"] {
        if !fields.iter().any(|field| field == usual) {
            fields.push(usual.to_owned());
        }
    }
    fields
}
