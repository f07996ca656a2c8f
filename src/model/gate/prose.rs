//! Sentences without a threshold that a machine could judge: what a person has to do, and what telemetry can say to it.

use super::code::{self, Code};
use super::token::{Token, What, covered};
use super::unit::Unit;
use super::{Clause, ClauseKind, Comparator, Days, Metric, Statistic};
use crate::doc::Span;

/// The clause that a sentence without threshold is, if it asks for something. The first sentence of a bullet always does; a
/// later one when it obliges (`must`, `document …`) or can be checked in part.
pub(super) fn sentence(seg: &[Token], first: bool, artifacts: &[String]) -> Option<Clause> {
    let span = (!seg.is_empty()).then(|| covered(seg))?;
    if let Some(clause) = partial(seg, span.clone(), artifacts) {
        return Some(clause);
    }
    let obliges = seg.iter().enumerate().any(|(at, token)| match token.word() {
        "must" | "shall" | "never" => token.depth == 0,
        "document" => token.depth == 0 && seg.get(at + 1).is_some_and(|next| !["is", "has"].contains(&next.word())),
        _ => false,
    });
    if !first && !obliges {
        return None;
    }
    let mut clause = Clause::at(span, ClauseKind::Manual, "");
    clause.metric.event = events(seg).into_iter().next();
    let numbers = seg.iter().filter(|token| matches!(token.what, What::Number { .. }) && token.depth == 0).count();
    clause.why = match &clause.metric.event {
        Some(event) => {
            format!("what `{event}` is compared with stands in no telemetry; a person has to look")
        }
        None if numbers > 0 => {
            "no event or field is named that the number could be measured by; a person has to judge".to_owned()
        }
        None => "nothing in it can be measured; a person has to judge".to_owned(),
    };
    Some(clause)
}

/// What can be checked in part of a part of a sentence.
pub(super) fn part(seg: &[Token]) -> Option<Clause> {
    let span = (!seg.is_empty()).then(|| covered(seg))?;
    partial(seg, span, &[])
}

/// A second thought behind a threshold: "… with `Other.Metric` covering all hosts". Never more than partial.
pub(super) fn second_thought(seg: &[Token], before: &Clause) -> Clause {
    let span = seg.first().map_or(before.span.end, |token| token.span.start)
        ..seg.last().map_or(before.span.end, |token| token.span.end);
    if let Some(clause) = partial(seg, span.clone(), &[]) {
        return clause;
    }
    let why = "a threshold is named in words only; telemetry shows the number, a person compares it";
    let mut clause = Clause::at(span.clone(), ClauseKind::Partial, why);
    let names = seg.iter().filter_map(|token| match &token.what {
        What::Code(text) => Some(code::read(text)),
        What::Word(_) | What::Number { .. } | What::Compare(_) | What::Lost | What::Tolerance | What::Open => None,
        What::Close | What::Comma | What::Semicolon | What::Stop | What::Other => None,
    });
    for name in names {
        match name {
            Code::Both(event, field) => {
                // `Event.Field`, or a field within a field of the event before.
                let inherited = before.metric.event.clone();
                clause.metric.candidates = vec![format!("{event}.{field}")];
                clause.metric.inherited = inherited.is_some();
                clause.metric.event = inherited.or(Some(event));
                clause.metric.field = Some(clause.metric.candidates[0].clone());
                clause.statistic = Some(Statistic::Value);
            }
            Code::Name(event) => clause.metric.event = Some(event),
            Code::Comparison(..) | Code::Artifact(_) | Code::Command(_) | Code::Row | Code::Other => {}
        }
    }
    clause.not_understood.push(span);
    clause
}

/// What telemetry or the tree can say in part.
fn partial(seg: &[Token], span: Span, artifacts: &[String]) -> Option<Clause> {
    let has = |words: &[&str]| seg.iter().any(|token| token.depth == 0 && words.contains(&token.word()));
    let codes: Vec<Code> = codes(seg, 0);
    let files: Vec<String> = all_files(seg);
    let files = if files.is_empty() && has(&["artifact", "report", "summary"]) { artifacts.to_vec() } else { files };
    let own_file = codes.iter().any(|code| matches!(code, Code::Artifact(_)));
    let event = events(seg).into_iter().next();
    let make = |why: &str| {
        let mut clause = Clause::at(span.clone(), ClauseKind::Partial, why);
        clause.metric = Metric { event: event.clone(), ..Metric::default() };
        clause.artifacts = files.clone();
        clause.not_understood.push(span.clone());
        Some(clause)
    };
    let aligns = seg.iter().any(|token| token.word().starts_with("align"));
    if let Some((age, of)) = age_of_file(seg).filter(|_| !files.is_empty()) {
        let mut clause = make("the age of the file can be told by its date; what it is measured from, a person knows")?;
        if !of {
            clause.kind = ClauseKind::Machine;
            "file and age are named".clone_into(&mut clause.why);
            clause.not_understood.clear();
        }
        clause.statistic = Some(Statistic::Age);
        clause.comparator = Some(Comparator::AtMost);
        (clause.threshold, clause.unit) = (Some(age.0), Some(age.1));
        return Some(clause);
    }
    if own_file
        && has(&["accompanies", "accompany", "include", "includes", "exist", "exists", "present", "attached", "attach"])
    {
        let mut clause = make("whether the file is there can be told, what it must show cannot")?;
        clause.statistic = Some(Statistic::Exists);
        clause.per_bundle = has(&["bundle", "bundles"]);
        return Some(clause);
    }
    if codes.contains(&Code::Row) && has(&["includes", "include", "contains"]) {
        return make("whether the rows are there can be told, whether they are complete only in part");
    }
    if event.is_some() && !aligns && has(&["matches", "match", "equals", "equal"]) {
        let mut clause = make("it is compared with a number that the text gives in words only; the count is shown")?;
        clause.statistic = statistic(seg).or(Some(Statistic::Count));
        clause.comparator = Some(Comparator::Equal);
        return Some(clause);
    }
    let trend =
        seg.iter().any(|token| ["decreas", "increas", "trend"].iter().any(|stem| token.word().starts_with(stem)));
    if let (true, Some(event)) = (trend, &event) {
        let mut clause = make("a trend is asked for without a baseline; the number of each day is shown")?;
        clause.statistic = statistic(seg).or(Some(Statistic::Count));
        clause.metric.candidates = code::candidates(event, None);
        return Some(clause);
    }
    if event.is_some() && !aligns && has(&["present", "recorded", "emitted"]) {
        let mut clause = make("whether the event occurs can be told; the rest of the sentence a person has to judge")?;
        clause.statistic = Some(Statistic::Count);
        clause.comparator = Some(Comparator::AtLeast);
        clause.threshold = Some(1.0);
        return Some(clause);
    }
    let command = codes.iter().any(|code| matches!(code, Code::Command(_)));
    let passes = has(&["must", "shall"]) && has(&["pass", "passes", "succeed", "succeeds"]);
    if command && passes {
        return make("a command decides it; its report can be looked at, not its exit code");
    }
    if has(&["threshold", "thresholds", "limits"]) && codes.iter().any(|code| matches!(code, Code::Other)) {
        return make("the thresholds are arguments of a command, they do not stand in the text");
    }
    None
}

/// The code spans outside of deeper parentheses.
fn codes(seg: &[Token], depth: u16) -> Vec<Code> {
    let code = |token: &Token| match &token.what {
        What::Code(text) if token.depth <= depth => Some(code::read(text)),
        What::Code(_) | What::Word(_) | What::Number { .. } | What::Compare(_) | What::Lost | What::Tolerance => None,
        What::Open | What::Close | What::Comma | What::Semicolon | What::Stop | What::Other => None,
    };
    seg.iter().filter_map(code).collect()
}

fn all_files(seg: &[Token]) -> Vec<String> {
    codes(seg, u16::MAX)
        .into_iter()
        .flat_map(|code| match code {
            Code::Artifact(file) => vec![file],
            Code::Command(files) => files,
            Code::Both(..) | Code::Name(_) | Code::Comparison(..) | Code::Row | Code::Other => Vec::new(),
        })
        .collect()
}

fn events(seg: &[Token]) -> Vec<String> {
    codes(seg, 0)
        .into_iter()
        .filter_map(|code| match code {
            Code::Name(event) | Code::Both(event, _) => Some(event),
            Code::Comparison(..) | Code::Artifact(_) | Code::Command(_) | Code::Row | Code::Other => None,
        })
        .collect()
}

fn statistic(seg: &[Token]) -> Option<Statistic> {
    seg.iter().find_map(|token| Statistic::named(token.word()).filter(|_| !token.word().ends_with("th")))
}

/// "within 24 hours of …" of a file, and whether the moment it is counted from is only described.
fn age_of_file(seg: &[Token]) -> Option<((f64, Unit), bool)> {
    let at = seg.iter().position(|token| token.word() == "within")?;
    let mut number = at + 1;
    while ["the", "last"].contains(&seg.get(number)?.word()) {
        number += 1;
    }
    let (value, unit, behind) = amount(seg, number)?;
    let of = seg.get(behind).is_some_and(|token| ["of", "after"].contains(&token.word()));
    Some(((value, unit), of))
}

/// A number with a unit of time.
fn amount(seg: &[Token], at: usize) -> Option<(f64, Unit, usize)> {
    let What::Number { value, ref unit, .. } = seg.get(at)?.what else { return None };
    let (unit, behind) = match unit {
        Some(unit) => (unit.clone(), at + 1),
        None => (Unit::parse(seg.get(at + 1)?.word())?, at + 2),
    };
    unit.convert(1.0, &Unit::Days).map(|_| (value, unit, behind))
}

/// "not older than 30 days" behind a threshold, in days.
pub(super) fn age(tail: &[Token]) -> Option<f64> {
    let at = tail.iter().position(|token| token.word() == "older")?;
    let (value, unit, _) = amount(tail, at + 2)?;
    unit.convert(value, &Unit::Days)
}

/// "on three nights in a row", "over the last 7 days", "over 14 days".
pub(super) fn days(tail: &[Token]) -> Option<Days> {
    const NUMBERS: [&str; 11] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let is_days = |token: &Token| ["day", "days", "night", "nights", "runs"].contains(&token.word());
    for (at, token) in tail.iter().enumerate() {
        let (count, behind) = match &token.what {
            What::Number { value, unit, .. } => (
                *value,
                if *unit == Some(Unit::Days) {
                    Some(at + 1)
                } else {
                    tail.get(at + 1).filter(|t| is_days(t)).map(|_| at + 2)
                },
            ),
            What::Word(word) => match NUMBERS.iter().position(|number| number == word) {
                Some(count) => (count as f64, tail.get(at + 1).filter(|t| is_days(t)).map(|_| at + 2)),
                None => continue,
            },
            What::Code(_) | What::Compare(_) | What::Lost | What::Tolerance | What::Open => continue,
            What::Close | What::Comma | What::Semicolon | What::Stop | What::Other => continue,
        };
        let older = at >= 2 && tail[at - 2].word() == "older";
        let Some(behind) = behind.filter(|_| (1.0..=366.0).contains(&count) && !older) else { continue };
        let row = tail.get(behind..behind + 3).is_some_and(|next| next.iter().map(Token::word).eq(["in", "a", "row"]))
            || tail.get(behind).is_some_and(|token| ["running", "consecutively"].contains(&token.word()));
        return Some(if row { Days::InRow(count as u32) } else { Days::Last(count as u32) });
    }
    None
}
